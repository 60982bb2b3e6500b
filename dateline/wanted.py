"""What would staff type instead?"""

from __future__ import annotations

import re

from dateline.fields import DATES, LISTS
from dateline.messages import shown
from dateline.statements import DOUBLE, SINGLE

OTHER_QUOTES = "«»‹›「」『』《》〈〉"
QUOTES = DOUBLE + SINGLE
LONG = 200  # characters of a line to type
_ON_A_COMPUTER = re.compile(
    r"^(?:[A-Za-z]:[\\/]|\\\\|//|file:|~/|/(?:Users|home|Volumes|mnt|media|tmp)/)", re.IGNORECASE
)


def is_on_a_computer(place: str) -> bool:
    """Say whether a file's place is one that only its own computer knows."""
    return bool(_ON_A_COMPUTER.match(place))


def own_place(field: str, place: str) -> tuple[str, str]:
    """Give the code for a place on someone's computer, and the line to type instead of it."""
    name = re.split(r"[\\/]", place.rstrip("\\/"))[-1]
    if field == "link":
        return "link-own-computer", typed("attachments", name)
    return "own-computer", typed(field, name)


def typed(field: str, value: str) -> str:
    """Give the line to type instead, for a value whose quotes or brackets are not right."""
    text = value.strip(f" \t,;=:>{QUOTES}{OTHER_QUOTES}")
    if field == "body":
        return 'body = """ … """'
    if field == "draft":
        return "draft = true"
    if field in LISTS:
        parts = re.split(rf"[,;，、；]|[{DOUBLE}]\s+[{DOUBLE}]", value.strip(" []［］(){}"))
        names = (part.strip(f" \t{QUOTES}{OTHER_QUOTES}[]") for part in parts)
        quoted = ", ".join(f'"{name}"' for name in names if name)
        return f"{field} = [{shown(quoted, LONG)}]"
    if field in DATES and re.fullmatch(r"\d{4}-\d\d-\d\d.*", text):
        return f"{field} = {shown(text)}"
    inner = re.sub(r'(?<!\w)"([^"]*)"(?!\w)', r"“\1”", text).replace('"', "")
    return f'{field} = "{shown(inner, LONG)}"'
