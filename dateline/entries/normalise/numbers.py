"""Numbers of list items, which readers see as they are written.

Markdown counts items itself: 1, 2, 2, 4 becomes 1, 2, 3, 4. That is wrong where a rank is shared or
a number left out, and where a line of an item begins with a day, as "24. Dezember" in German.
"""

from __future__ import annotations

from dataclasses import dataclass

from dateline.entries.normalise.nothing_lost import chunks
from dateline.text.expressions import regex

_NUMBERED = regex(r"^[ \t]*\d{1,9}[.)](?=[ \t])")
_ITEM = regex(r" *(?:(?P<number>\d{1,9})(?P<sign>[.)])|(?P<bullet>[*+-]))(?: +|$)")
_DEEPEST = 3  # spaces before a mark; with more, it is none (CommonMark 0.31.2, 5.2)
_BREAK = "<!-- -->"  # between two lists (CommonMark 0.31.2, 5.3)


@dataclass(slots=True)
class _Item:
    """The mark of an item; `content` is where its text begins, `later` the next number there."""

    indent: int
    content: int
    sign: str
    number: int
    later: int = 0
    is_lazy: bool = False


def as_written(text: str) -> str:
    r"""Return a Markdown text whose items have the numbers that are written.

    Items that all have the same number are counted, as in Markdown.

    >>> as_written("1. Gold\n2. Silver\n2. Silver")
    '1. Gold\n2. Silver\n<!-- -->\n\n2. Silver'
    """
    lines = text.split("\n")
    if sum(bool(_NUMBERED.match(line)) for line in lines) < 2:  # noqa: PLR2004 - as in most
        return text
    open_items: list[_Item] = []
    last = 0
    for start, end in list(chunks(lines)):
        if any(line.strip() for line in lines[last:start]):
            open_items = []
        last = end
        for at, item in enumerate(_items(lines[start:end]), start):
            if item is not None:
                lines[at] = _placed(lines[at], item, open_items, is_first=at == start)
            elif at == start:
                indent = len(lines[at]) - len(lines[at].lstrip(" "))
                open_items = [one for one in open_items if one.content <= indent]
    return "\n".join(lines)


def _items(lines: list[str]) -> list[_Item | None]:
    """Return the marks of some lines, each with the next number in the same place."""
    items = [_item(line.expandtabs(4)) for line in lines]
    later: dict[tuple[int, str], int] = {}
    numbers: dict[tuple[int, str], set[int]] = {}
    for item in reversed(items):
        if item is not None:
            place = (item.indent, item.sign)
            item.later, later[place] = later.get(place, 0), item.number
            numbers.setdefault(place, set()).add(item.number)
    for item in items:
        if item is not None:
            item.is_lazy = numbers[item.indent, item.sign] == {1}
    return items


def _item(line: str) -> _Item | None:
    found = _ITEM.match(line)
    if not found:
        return None
    return _Item(
        indent=len(line) - len(line.lstrip(" ")),
        content=found.end(),
        sign=found["sign"] or found["bullet"],
        number=int(found["number"] or 0),
    )


def _placed(line: str, item: _Item, open_items: list[_Item], *, is_first: bool) -> str:
    """Return the line of an item after another in its list, which begins anew where it must."""
    before = None
    while open_items and item.indent < open_items[-1].content:
        before = open_items.pop()
    base = open_items[-1].content if open_items else 0
    is_amid_prose = not is_first and before is None and item.number > 1
    if item.indent - base > _DEEPEST or is_amid_prose:
        return line
    open_items.append(item)
    if before is None or before.sign != item.sign or item.is_lazy:
        return line
    expected = before.number + 1
    if item.number == expected or not item.number + before.number:
        return line
    if item.number > expected == item.later and not is_first:
        open_items[-1] = before
        return line.replace(item.sign, f"\\{item.sign}", 1)
    return f"{' ' * base}{_BREAK}\n\n{line}"
