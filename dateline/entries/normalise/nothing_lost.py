"""Markdown in which no words are lost that CommonMark would take for signs.

Such are cells beyond the head of a table, an address that nothing refers to, a heading without
words (`# # #` ends a press release), stars between digits (`3*4*5`), and signs that begin a line of
prose: "> 5 percent" is no quotation there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from dateline.text.expressions import regex

_MAY_LOSE = regex(
    r"^ {0,3}(?:#[# \t]*$|\[(?!\^)[^\[\]\n]+\]:)|^[ \t]*(?:\|[ \t]*)?:?-+:?[ \t]*\|"
    r"|\d\*\d|^ {0,3}(?:> ?\d|\+ \d|1[.)] +[A-Z])",
    re.MULTILINE,
)
_FENCE = regex(r" {0,3}(?P<fence>`{3,}|~{3,})")
_HTML = regex(r" {0,3}</?[A-Za-z!?]")
_NO_HEADING = regex(r"( {0,3})(?=#[# \t]*$)")
_DEFINITION = regex(r"( {0,3})\[(?P<label>(?!\^)[^\[\]\n]{1,200})\]:")
# How comments are written in Markdown, which has none. Below a paragraph they would be text.
_COMMENT = regex(r" {0,3}\[(?://|comment)\]:[ \t]*(?:#|<>).*", re.IGNORECASE)
_LABEL = regex(r"\[([^\[\]\n]{1,200})\]")
_RULE = regex(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_BAR = regex(r"(?<!\\)\|")
# Amid prose that is wrapped: "more than", a telephone number, a date in German.
_SIGN = regex(
    r"( {0,3}(?:(?=> ?\d|\+ \d)"
    r"|1(?=[.)] +(?:J[aä]n|Feb|März|Apr|Mai|Ju[nl]i|Aug|Sep|Okt|Nov|Dez))))"
)
_RUNS_ON = regex(r"(?! {0,3}(?:[>+*#|-]|\d+[.)])).*[^\W_][,)]?[ \t]*")
_TIMES = regex(r"(?<=\d)\*(?=\d)")


def with_all_words(text: str) -> str:
    r"""Return a Markdown text of which readers see all words.

    >>> with_all_words("3*4*5 cm\n\n###")
    '3\\*4\\*5 cm\n\n\\###'
    """
    if not _MAY_LOSE.search(text):
        return text
    labels = Counter(_plain(label) for label in _LABEL.findall(text))
    lines = text.split("\n")
    defined = Counter(
        _plain(found["label"]) for line in lines if (found := _DEFINITION.match(line))
    )
    unused = {label for label, times in defined.items() if labels[label] <= times}
    for start, end in list(chunks(lines)):
        _widen(lines, start, end)
        for at in range(start, end):
            lines[at] = "" if _COMMENT.fullmatch(lines[at]) else _kept(lines[at], unused)
            if at > start and _SIGN.match(lines[at]) and _RUNS_ON.fullmatch(lines[at - 1]):
                lines[at] = _SIGN.sub(r"\1\\", lines[at], count=1)
    return "\n".join(lines)


def chunks(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Yield where lines between blank ones begin and end, without HTML and fenced code."""
    fence, start, is_html = "", -1, False
    for at, line in enumerate([*lines, ""]):
        opens = _FENCE.match(line)
        is_end = not line.strip() or bool(fence or opens) or (not is_html and _HTML.match(line))
        if start >= 0 and is_end:
            yield start, at
            start = -1
        if fence:
            fence = "" if line.strip().startswith(fence) else fence
        elif opens:
            fence = opens["fence"]
        elif not line.strip():
            is_html = False
        elif _HTML.match(line):
            is_html = True
        elif start < 0 and not is_html:
            start = at


def _kept(line: str, unused: set[str]) -> str:
    if _NO_HEADING.match(line):
        return _NO_HEADING.sub(r"\1\\", line, count=1)
    found = _DEFINITION.match(line)
    if found and _plain(found["label"]) in unused:
        line = f"{found[1]}\\{line[len(found[1]) :]}"
    return line if "`" in line or "<" in line else _TIMES.sub(r"\\*", line)


def _widen(lines: list[str], start: int, end: int) -> None:
    """Widen the table in some lines to the cells with words of its longest row."""
    for at in range(start + 1, end):
        if "|" in lines[at] and _RULE.fullmatch(lines[at]):
            width = _columns(lines[at])
            more = max(map(_with_words, lines[at + 1 : end]), default=0) - width
            if more > 0 and _columns(lines[at - 1]) == width:
                lines[at - 1] = _ended(lines[at - 1]) + " |" * more
                lines[at] = _ended(lines[at]) + "---|" * more
            return


def _columns(row: str) -> int:
    """Return how many cells a row has."""
    return len(_BAR.findall(_ended(row).removeprefix("|")))


def _with_words(row: str) -> int:
    """Return how many cells a row has up to the last with words."""
    return _columns(row.rstrip(" \t|"))


def _ended(row: str) -> str:
    bare = row.strip()
    return bare if bare.endswith("|") and not bare.endswith("\\|") else f"{bare} |"


def _plain(label: str) -> str:
    return " ".join(label.split()).casefold()
