"""The blocks of a pasted text: paragraphs, lists, code and HTML, each written as Markdown."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from dateline.entries.pasted import office, prose
from dateline.entries.pasted.hints import BARE_NUMBER
from dateline.entries.pasted.marks import SPACES, Mark, are_bullets, in_sequence, mark_of, width
from dateline.text.expressions import regex

ReportReading = Callable[[str, str], None]
"""Takes the code of a reading other than what is written, and the text that it is about."""

_BLANK = regex(r"[\s\u200b\u2060\ufeff]*")
_FENCES = ("```", "~~~")
_FENCE = regex(r" {0,3}(?P<fence>`{3,}|~{3,})")
_HTML = regex(
    r" {0,3}<(?:!--|[?]|![A-Za-z\[]|/?(?:address|article|aside|blockquote|body|caption|center|col"
    r"|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|head"
    r"|header|hr|html|iframe|legend|li|link|main|menu|nav|ol|option|p|pre|script|section|style"
    r"|summary|table|tbody|td|textarea|tfoot|th|thead|title|tr|ul)(?=[\s/>]|$))",
    re.IGNORECASE,
)
_NUMBER_IN_ITEM = regex(r"(\d{1,9})([.)])(?=\s|$)")
_STEP = 4  # columns that a list is set in below another


def as_markdown(text: str, report: ReportReading) -> str:
    """Return a text that may be pasted as the Markdown that it means, as `read` does."""
    text = text.replace("\u00ad\n", "").replace("\u00ad", "")
    if "<" in text:
        text = office.plain(text, report)
    return _Text(text=text, report=report).read()


@dataclass(slots=True)
class _Block:
    """Lines of one paragraph, or what is kept as it stands.

    `number` is how many lines stand before, `start` how many lines of paragraphs; `items` are the
    places of those lines that begin an item.
    """

    lines: list[str]
    number: int = 0
    is_kept: bool = False
    start: int = 0
    marks: list[Mark | None] = field(default_factory=list)
    items: set[int] = field(default_factory=set)


def _blocks(text: str) -> Iterator[_Block]:
    """Cut a text at blank lines; code and HTML are kept."""
    fence, in_html, current = "", False, _Block(lines=[])
    for number, line in enumerate(text.split("\n")):
        is_blank = not line or bool(_BLANK.fullmatch(line))
        opens = (
            None if fence or in_html or line.lstrip(" ")[:3] not in _FENCES else _FENCE.match(line)
        )
        if fence:
            keeps, fence = True, "" if line.strip().startswith(fence) else fence
        elif opens:
            keeps, fence = True, opens["fence"]
        else:
            in_html = not is_blank and (in_html or ("<" in line[:4] and bool(_HTML.match(line))))
            keeps = in_html or is_blank
        if current.lines and current.is_kept != keeps:
            yield current
            current = _Block(lines=[], number=number)
        current.is_kept = keeps
        current.lines.append("" if is_blank and not fence else line)
    yield current


@dataclass(slots=True)
class _Text:
    """One body on its way to Markdown; `levels` are the lists that are open, outermost first."""

    text: str
    report: ReportReading
    out: list[str] = field(default_factory=list)
    levels: list[tuple[int, str]] = field(default_factory=list)
    after_list: bool = False
    hyphens: prose.Hyphens = field(init=False)
    _items: frozenset[int] | None = None

    def __post_init__(self) -> None:
        self.hyphens = prose.Hyphens(self.text, self.report)

    def read(self) -> str:
        blocks = list(_blocks(self.text))
        marks: list[Mark | None] = []
        for block in blocks:
            block.start = len(marks)
            if not block.is_kept:
                block.marks = [mark_of(line) for line in block.lines]
                if any(block.marks):
                    block.items = are_bullets(block.marks, block.lines)
                marks += block.marks
        starts = [block.start for block in blocks]
        for place in in_sequence(enumerate(marks)):
            block = blocks[bisect_right(starts, place) - 1]
            block.items.add(place - block.start)
        for block in blocks:
            self._write(block)
        return "\n".join(self.out)

    def _write(self, block: _Block) -> None:
        if block.is_kept:
            self.out += block.lines
            if any(block.lines):
                self.levels, self.after_list = [], False
            return
        if not all(self._is_native(block, place) for place in block.items):
            self._list(block)
            return
        self.levels = []
        if block.items or (self.after_list and block.lines[0][:2].isspace()):
            self.out += block.lines
            self.after_list = True
            return
        self.after_list = bool(re.match(r" {0,3}[-*+]\s", block.lines[0]))
        self._paragraph(block.lines)

    def _is_native(self, block: _Block, place: int) -> bool:
        """Return whether a mark makes a list in Markdown as it stands."""
        mark = block.marks[place]
        if mark is None or not mark.native or mark.indent < _STEP:
            return mark is None or mark.native
        if self._items is None:
            from dateline.entries.normalise.markdown import lines_of_items  # noqa: PLC0415 - rare

            self._items = lines_of_items(self.text)
        return block.number + place in self._items

    def _paragraph(self, lines: Sequence[str]) -> None:
        """Write the lines of a paragraph without a mark of a list."""
        if rows := prose.table(lines):
            self.report("body-table-read", lines[0].strip())
            self.out += rows
            return
        is_set_in = lines[0].startswith("    ") or any(map(prose.is_set_in, lines))
        if is_set_in and prose.is_prose(lines):
            self.report("body-indent-read", lines[0].strip())
            for number, part in enumerate(prose.indented(lines)):
                self.out += [""] * (number > 0)
                self._plain(part)
            return
        self._plain(lines)

    def _plain(self, lines: Sequence[str]) -> None:
        part: list[str] = []
        for line in lines:
            if len(lines) > 1 and prose.divides(line, part):
                if part:
                    self._undivided(part)
                    self.out.append("")
                self.out += ["---", ""]
                part = []
            else:
                part.append(line)
        if part:
            self._undivided(part)

    def _undivided(self, lines: Sequence[str]) -> None:
        if lines[0].startswith(("    ", "\t")):  # code
            self.out += lines
            return
        if lines[0].startswith(">") and _is_counted(lines):
            self.out += lines
            return
        if len(lines) > 1 and all(map(BARE_NUMBER.match, lines)):
            self._numbered(lines)
            return
        lines = [BARE_NUMBER.sub(r"\1\\\2", lines[0]), *lines[1:]]
        if prose.are_signed(lines):
            self.report("body-breaks-read", lines[0].strip())
            self.out += prose.broken([f"\\{line}" for line in lines])
        elif len(lines) == 1 or prose.is_markdown(lines):
            self.out += lines
        elif prose.are_paragraphs(lines):
            self.report("body-paragraphs-read", lines[0].strip())
            self.out += "\n\n".join(lines).split("\n")
        elif not prose.are_spoken(lines) and prose.are_lines(lines):
            self.report("body-breaks-read", lines[0].strip())
            self.out += prose.broken(lines)
        elif broken := prose.broken_at_starts(lines):
            self.report("body-breaks-read", lines[0].strip())
            self.out += self.hyphens.joined(broken)
        else:
            self.out += self.hyphens.joined(lines)

    def _numbered(self, lines: Sequence[str]) -> None:
        """Write lines that begin with numbers which do not follow each other, such as days."""
        if all(line.startswith("1.") for line in lines):  # Markdown counts them
            self.out += lines
            self.after_list = True
            return
        lines = [BARE_NUMBER.sub(r"\1\\\2", line) for line in lines]
        if lines[0].lstrip(SPACES)[:1].isdigit():
            self.report("body-breaks-read", lines[0].strip())
            lines = prose.broken(lines)
        self.out += lines

    # ---- Lists

    def _list(self, block: _Block) -> None:
        first = min(block.items)
        if self.after_list and not self.levels and not first:
            self.out += ["<!-- -->", ""]  # another list than the one before (CommonMark, 5.3)
        self.report("body-list-read", block.lines[first].strip())
        widest = max(50, *map(width, block.lines))
        if first:
            self._paragraph(block.lines[:first])
            self.out.append("")
            self.levels = []
        at = first
        while at < len(block.lines):
            mark, item = block.marks[at], [block.lines[at]]
            at += 1
            while at < len(block.lines) and at not in block.items:
                if not _goes_on(item, block.lines[at], widest):
                    break
                item.append(block.lines[at])
                at += 1
            if mark:
                self._item(mark, [mark.text, *item[1:]])
            if at < len(block.lines) and at not in block.items:
                rest = next((n for n in range(at, len(block.lines)) if n in block.items), None)
                self.out.append("")
                self.levels = []
                self._paragraph(block.lines[at:rest])
                self.out.append("")
                at = len(block.lines) if rest is None else rest
        self.after_list = True

    def _item(self, mark: Mark, lines: Sequence[str]) -> None:
        indent = " " * (_STEP * self._level(mark))
        if mark.kind == "number":
            sign = f"{mark.orders[0]}. "
        else:
            gap = "" if mark.label.endswith(("、", "）")) else " "
            sign = f"- {mark.label}{gap}" if mark.label else "- "
        first, *rest = self.hyphens.joined([line.strip(SPACES) for line in lines])
        self.out.append(f"{indent}{sign}{_NUMBER_IN_ITEM.sub(self._escaped, first, count=1)}")
        self.out += [
            f"{indent}    {line.lstrip(SPACES)}" for line in "\n".join(rest).split("\n") if line
        ]

    def _escaped(self, found: re.Match[str]) -> str:
        return found[0] if found.start() else f"{found[1]}\\{found[2]}"

    def _level(self, mark: Mark) -> int:
        """Return how deep an item is: below another bullet, or set in further."""
        while self.levels and mark.indent < self.levels[-1][0]:
            self.levels.pop()
        signs = [sign for _, sign in self.levels]
        if mark.sign in signs and (mark.indent, mark.sign) in self.levels:
            del self.levels[self.levels.index((mark.indent, mark.sign)) + 1 :]
        elif len(self.levels) < 5:  # noqa: PLR2004 - deeper lists are none
            self.levels.append((mark.indent, mark.sign))
        return max(0, len(self.levels) - 1)


def _is_counted(lines: Sequence[str]) -> bool:
    """Return whether the lines of a quotation that begin with numbers count from 1."""
    found = [found[1].strip("> \t") for found in map(BARE_NUMBER.match, lines) if found]
    return len(found) > 1 and found == [str(number) for number in range(1, len(found) + 1)]


def _goes_on(item: Sequence[str], line: str, widest: int) -> bool:
    """Return whether a line continues an item's text, and is no paragraph of its own.

    In Chinese, each paragraph of a text may be set in, items and others.
    """
    bare = line.lstrip(SPACES)
    if line.startswith("\u3000") and item[0].startswith("\u3000"):
        return False
    if bare[:1].islower() or len(bare) < len(line):
        return True
    return width(item[-1]) + 1 + width(prose.first_word(line)) > 0.85 * widest
