"""Lines that staff can type in place of a wrong one."""

from __future__ import annotations

import re

from dateline.entries.fields import DATES, FILES, LISTS
from dateline.entries.parse.statements import DOUBLE, SINGLE
from dateline.messages import shown
from dateline.text.expressions import regex

OTHER_QUOTES = "«»‹›「」『』《》〈〉"
QUOTES = DOUBLE + SINGLE
LONG = 200  # characters of a line to type
_ON_A_COMPUTER = regex(
    r"^(?:[A-Za-z]:[\\/]|\\\\|//|file:|~/|/(?:Users|home|Volumes|mnt|media|tmp)/)", re.IGNORECASE
)


def is_on_a_computer(place: str) -> bool:
    """Return whether a file's place is one that only its own computer knows."""
    return bool(_ON_A_COMPUTER.match(place))


def own_place(field: str, place: str) -> tuple[str, str]:
    """Return the code for a place on someone's computer, and the line to type instead."""
    name = re.split(r"[\\/]", place.rstrip("\\/"))[-1]
    if field == "link":
        return "link-own-computer", suggested_line("attachments", name)
    return "own-computer", suggested_line(field, name)


def suggested_line(field: str, value: str) -> str:
    """Return the line to type instead, for a value with wrong quotes or brackets."""
    text = value.strip(f" \t,;=:>{QUOTES}{OTHER_QUOTES}")
    if field == "body":
        return 'body = """ … """'
    if field == "draft":
        return "draft = true"
    if field in FILES and "{" in value:
        keys = (f"{key.name} = {key.example}" for key in FILES[field] if key.name != "language")
        return f"{field} = [{{{', '.join(keys)}}}]"
    if field in LISTS:
        parts = re.split(rf"[,;，、；،؛]|[{DOUBLE}]\s+[{DOUBLE}]", value.strip(" \n[]［］(){}"))
        names = (part.strip(f" \t\n{QUOTES}{OTHER_QUOTES}[]") for part in parts)
        quoted = ", ".join(f'"{name}"' for name in names if name)
        return f"{field} = [{shown(quoted, LONG)}]"
    if field in DATES and re.fullmatch(r"\d{4}-\d\d-\d\d.*", text):
        return f"{field} = {shown(text)}"
    return f'{field} = "{shown(_within(value), LONG)}"'


def example(field: str) -> str:
    """Return a line to type for a field without a value."""
    if field in DATES:
        return f"{field} = 2008-10-20"
    return suggested_line(field, "" if field == "body" else "…")


def _within(value: str) -> str:
    """Return the words of a value without the quotes around; those inside become curly."""
    bare = value.strip(" \t,;=:>")
    text = bare.strip(f"{QUOTES}{OTHER_QUOTES}")
    before, after = bare.partition(text)[::2] if text else ("", "")
    if len(after) > 1 >= len(before):  # a quotation at the end: `"He said "no""`
        text += after[:-1]
    elif len(before) > 1 >= len(after):
        text = before[1:] + text
    return re.sub(r'(?<!\w)"([^"]*)"(?!\w)', r"“\1”", text).replace('"', "")
