"""Lines of a paragraph: prose wrapped at a column, or lines that stand each for itself.

Wrapped prose fills its lines: the first word of the next line would not have fitted. A line that
ends before, in a paragraph of short lines that begin like names, figures or labels, was ended on
purpose: an address, a programme, a verse.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from dateline.entries.pasted.marks import SPACES, width
from dateline.text.characters import normalised
from dateline.text.expressions import regex

_SHORT = 64  # columns; a line of an address has no more
_WRAPPED_AT_LEAST = 35  # columns at which mail programs, PDF files and people wrap
_LONG = 120  # columns, more than any text is wrapped at
_SENTENCE = regex(r"[.!?。！？؟…]['\"”’»)\]）」』*_]*$")
_TWO_SENTENCES = regex(r"[^\W\d_]{2}[.!?؟][\"”’»)]*\s+[\"“‘«(¿¡]*[^\W_]|[。！？].*[。！？]")
# Words after which no line of an address ends, in the languages that have such words.
_HANGS = regex(
    r"(?:[-‐\u00ad]|(?:^|\s)(?:an?|and|as|at|by|for|from|in|is|of|on|or|that|the|to|was|were|with"
    r"|au|aux|ce|dans|de|des|du|en|est|et|la|le|les|ou|par|pour|que|qui|sur|un|une"
    r"|al|con|del|el|las|los|por|se|su|una?|y|и|в|во|на|с|со|по|от|до|из|для|о|об|не|что"
    r"|в|der|die|das|und|von|في|من|على|إلى|عن|أن|و))$",
    re.IGNORECASE,
)
_LABEL = regex(
    r"\S+@\S+|https?:|www\.|[^\W\d_]{1,12}\.?\s?[:：]|c/o\b|p\. ?o\.|(?:tel|fax|t[ée]l)\b"
    r"|(?:ул|пр|просп|пер|пл|наб|д|г|тел|факс|эл)\.|(?:rue|avenue|av\.|bd|place|calle|c/|plaza)\b",
    re.IGNORECASE,
)
_LABELLED = regex(
    rf"[{SPACES}]*(?:\*\*)?[^\W\d_][\w’'./ -]{{0,24}}[ \u00a0\u202f]?"
    rf"(?:\*\*[:：]|[:：]\*\*|[:：](?![:/]))[{SPACES}]*\S"
    # The day, the month or the year of a chronicle.
    rf"|[{SPACES}]*(?:\d{{1,2}}\.? )?(?:[^\W\d_]{{3,12}}\.? (?:\d{{1,2}},? )?)?(?:1[89]|20)\d\d"
    rf"(?: ?[:：]| [–—-])[{SPACES}]+\S"
)
# A time, as of a programme, or an article of a Chinese law.
_CLOCK = regex(
    rf"\d{{1,2}}[.:hч]\d\d(?!\d|[.,]\d)|第[〇零一二三四五六七八九十百\d]{{1,5}}条[{SPACES}]"
)
# A number that counts lines, as of a paragraph of a law or of a footnote, and what is before it.
_COUNTED = regex(
    rf"(?P<label>(?:[^\w\s]|[^\W\d_]{{1,12}}\.?)?[{SPACES}]{{0,2}}(?:\d{{1,3}}\.)*)"
    rf"(?P<number>\d{{1,3}}|[¹²³⁴-⁹])(?:[.):：]*[{SPACES}]|条)"
)
_SIGNED = regex(r"[+-] ?\d")
_FIGURE = regex(r"\d|@|www\.|https?:|[:：](?:\s|$)")
_COMMA = (",", "،", "，", "、", ";", "؛", "；")
_EM_DASH = ("—", "―")
# What begins a line in Markdown, and what ends one there.
_MARKDOWN = regex(
    r" {0,3}(?::?-+:?\s*\||[-*+](?:\s|$)|#{1,6}(?:\s|$)|>|\||\[[^\]\n]*\]:|=+\s*$|-{2,}\s*$|[*_]{3}"
    r"|\d{1,9}[.)](?:\s|$))|.*(?:\\|  )$"
)
_HYPHENS = regex(r"-{2,}\s*")
_DIVIDED = regex(r"[^\W\d_]{2,}[-‐]$")
_ENDS_OPEN = regex("(?!\\s)[-‐\u1100-\uffff]\\s*$")  # quick to find: no line needs more
_FIRST = regex(r"[^\W\d_]+")
_WORD = regex(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_AND = frozenset(
    {
        "and", "or", "to", "et", "ou", "y", "o", "u", "e", "und", "oder", "и", "или", "أو", "و",
    }
)  # fmt: skip
# What a hyphen joins for good: after it in French and Russian, before it in English.
_JOINED_AFTER = frozenset(
    {
        "il", "elle", "ils", "elles", "on", "je", "tu", "nous", "vous", "ce", "la", "le", "les",
        "y", "en", "moi", "toi", "là", "ci", "même", "mêmes", "то", "либо", "нибудь", "таки",
    }
)  # fmt: skip
_JOINED_BEFORE = frozenset(
    {
        "self", "non", "ex", "vice", "well", "anti", "co", "semi", "по", "кое", "из", "экс",
        "вице",
    }
)  # fmt: skip
_STRIPPED = SPACES + "*_[(“\"‘'«„¿¡（「『《"


def is_markdown(lines: Sequence[str]) -> bool:
    """Return whether any line begins or ends with a mark of Markdown, or within code."""
    return any(_MARKDOWN.match(line) or line.count("`") % 2 for line in lines)


def divides(line: str, above: Sequence[str]) -> bool:
    """Return whether a line of hyphens divides a text, and makes no heading of what is above.

    That is the one above who wrote a mail (RFC 3676, 4.3), or a short one below whole sentences.
    """
    if not _HYPHENS.fullmatch(line):
        return False
    if not above:
        return True
    before = above[-1].rstrip()
    is_short = 2 * len(line.strip()) < width(before)
    is_below_sentences = is_short and (len(above) > 1 or before.endswith((".", "。")))
    return is_below_sentences or line[2:] in {" ", "\u00a0"}


def are_paragraphs(lines: Sequence[str]) -> bool:
    """Return whether each line is a paragraph, as word processors write text.

    Text is not wrapped at such a width, and in Chinese not at the end of each sentence; one
    sentence a line is one sentence a line. Where a sentence or a link goes on in the next line,
    the lines are those of one paragraph.
    """
    if len(lines) == 1 or not any(
        len(line) > _SHORT / 2
        and width(line) > (_SHORT if is_wide(line.rstrip()[-1:] or " ") else _LONG)
        and _TWO_SENTENCES.search(line)
        for line in lines
    ):
        return False
    if any(_goes_on(line, after) for line, after in pairwise(lines)):
        return False
    return all(_SENTENCE.search(line) or width(line) < _SHORT for line in map(str.rstrip, lines))


def _goes_on(line: str, after: str) -> bool:
    """Return whether a line ends within a bracket, or within a sentence that the next has."""
    ended = line.rstrip()
    if _SENTENCE.search(ended):
        return False
    is_inside = sum(map(line.count, "[(（")) > sum(map(line.count, "])）"))
    is_heading = ended.endswith("**")
    return is_inside or (_runs_on(after) and not is_heading)


def are_lines(lines: Sequence[str]) -> bool:
    """Return whether the lines stand each for itself: an address, a programme, a verse."""
    if len(lines) == 1 or max(map(len, lines)) > _SHORT:
        return False
    ended = map(str.rstrip, lines[:-1])
    if any(map(_runs_on, lines[1:])) or any(_is_sentence(e) or _HANGS.search(e) for e in ended):
        return False
    if _is_wrapped([width(line) for line in lines], lines):
        return False
    if any(_FIGURE.search(line) for line in lines):
        return True
    is_caseless = not any(_first_character(line).isupper() for line in lines)
    if is_caseless and any(line.rstrip().endswith(_COMMA) for line in lines):
        return False
    return len(lines) > 2  # noqa: PLR2004 - two lines without a figure may be any text


def _is_wrapped(widths: Sequence[int], lines: Sequence[str]) -> bool:
    """Return whether no line has room for the first word of the next, or one is too long."""
    widest = max(widths)
    fits = (
        room + 1 + width(first_word(after)) <= 0.9 * widest
        for room, after in zip(widths, lines[1:], strict=False)
    )
    return widest > _SHORT or (widest >= _WRAPPED_AT_LEAST and not any(fits))


def are_signed(lines: Sequence[str]) -> bool:
    """Return whether these are figures with signs, of both kinds, and no items of a list."""
    signs = {line[0] for line in lines if _SIGNED.match(line)}
    return {"+", "-"} <= signs and all(map(_SIGNED.match, lines))


def are_spoken(lines: Sequence[str]) -> bool:
    """Return whether these are lines of a dialogue, or a list, with dashes."""
    return sum(_is_spoken(lines, at) for at in range(len(lines))) > 1


def _is_spoken(lines: Sequence[str], at: int) -> bool:
    """Return whether a line begins with a dash; with a short one, after the end of a sentence."""
    line = lines[at].lstrip(SPACES)
    if line.startswith("– "):
        return at > 0 and bool(_SENTENCE.search(lines[at - 1].rstrip()))
    return line.startswith(_EM_DASH)


def broken(lines: Sequence[str]) -> list[str]:
    """Return lines that end where they end."""
    return [f"{line.rstrip()}\\" for line in lines[:-1]] + [lines[-1]]


def broken_at_starts(lines: Sequence[str]) -> list[str] | None:
    """Return lines of which those with labels, as "When:", are lines for readers as well.

    So are those with times, as of a programme, those that count, as "§ 1" and "§ 2", and those of
    a dialogue. None where there are no two such lines.
    """
    widest = max(map(width, lines))
    had_room = [
        width(line) + 1 + width(first_word(after)) <= 0.9 * widest
        for line, after in pairwise(lines)
    ]
    labelled = [bool(_LABELLED.match(line)) for line in lines]
    for at, line in enumerate(lines):
        begins = at == 0 or had_room[at - 1] or labelled[at - 1]
        labelled[at] |= begins and bool(_CLOCK.match(line))
        if at and _counts(lines[at - 1], line) and (not line[0].isdigit() or at == 1 or begins):
            labelled[at - 1] = labelled[at] = True
    spoken = [_is_spoken(lines, at) for at in range(len(lines))]
    is_labelled = any(one and other for one, other in pairwise(labelled))
    is_spoken = are_spoken(lines)
    if not (is_labelled or is_spoken):
        return None
    found = [lines[0]]
    for at, line in enumerate(lines[1:]):
        is_end = is_labelled and (labelled[at + 1] or (labelled[at] and had_room[at]))
        if is_end or (is_spoken and spoken[at + 1]):
            found[-1] = f"{found[-1].rstrip()}\\"
        found.append(line)
    return found


def _counts(line: str, after: str) -> bool:
    """Return whether a line begins with the number after that of the line before."""
    first, second = _COUNTED.match(line), _COUNTED.match(after)
    if not first or not second or first["label"] != second["label"]:
        return False
    numbers = [normalised("NFKC", one["number"]) for one in (first, second)]
    return int(numbers[1]) == int(numbers[0]) + 1


class Hyphens:
    """Joins words that were divided at the ends of lines; `text` is where else they may stand."""

    def __init__(self, text: str, report: Callable[[str, str], None]) -> None:
        self._text = text
        self._report = report
        self._words: set[str] | None = None

    def joined(self, lines: Sequence[str]) -> list[str]:
        """Return prose without divided words, and without gaps between letters of East Asia."""
        if not any(map(_ENDS_OPEN.search, lines)):
            return [*lines]
        parts = [lines[0]]
        for before, line in pairwise(lines):
            end, start = before.rstrip(SPACES), line.lstrip(SPACES)
            if _DIVIDED.search(end[-60:]) and start[:1].islower():
                ended, gap = self._join(end, start)
            elif _DIVIDED.search(end[-60:]) and start[:1].isupper():
                ended, gap = 0, ""  # Nord-Süd
            elif end and start and is_wide(end[-1]) and is_wide(start[0]):
                ended, gap = 0, ""
            else:
                parts += ["\n", line]
                continue
            parts[-1] = parts[-1].rstrip(SPACES)
            parts[-1] = parts[-1][: len(parts[-1]) - ended]
            parts += [gap, start]
        return "".join(parts).split("\n")

    def _join(self, before: str, after: str) -> tuple[int, str]:
        """Return how many letters of the first line go, and what stands before the second."""
        if "://" in before[-300:].rsplit(maxsplit=1)[-1]:
            return 0, ""
        words = _WORD.findall(before[-60:])
        start = words[-1] if words else ""
        end = (_FIRST.match(after) or [""])[0]
        if end.lower() in _AND:
            return 0, "\n"
        whole, hyphened = f"{start}{end}".lower(), f"{start}-{end}".lower()
        if whole in self._known():
            self._report("body-hyphens-read", f"{start}-\n{end}")
            return 1, ""
        is_hyphened = end.lower() in _JOINED_AFTER or start.lower() in _JOINED_BEFORE
        if is_hyphened or hyphened in self._known():
            return 0, ""
        self._report("body-hyphen", f"{start}-\n{end}")
        return 1, ""

    def _known(self) -> set[str]:
        if self._words is None:
            self._words = {word.lower() for word in _WORD.findall(self._text)}
        return self._words


def table(lines: Sequence[str]) -> list[str] | None:
    """Return rows with tabs between their cells as a table; None where they are no rows."""
    rows = [line.strip(" ").split("\t") for line in lines]
    widest = len(rows[0])
    if len(rows) == 1 or any(not 1 < len(row) <= widest for row in rows):
        return None
    rows = [row + [""] * (widest - len(row)) for row in rows]  # editors cut empty cells at the end
    if not any(row[0].strip() for row in rows):
        return None
    return ["|" + " |" * len(rows[0]), "|" + "-|" * len(rows[0]), *map(_row, rows)]


def _row(cells: Sequence[str]) -> str:
    written = (cell.strip(SPACES).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(written)} |"


def is_set_in(line: str) -> bool:
    """Return whether a line is set in, as the first of a typed or a Chinese paragraph."""
    return line.startswith(("\t", "\u3000"))


def indented(lines: Sequence[str]) -> Iterator[list[str]]:
    """Cut a paragraph before each line that is set in, as the first line of one is."""
    current: list[str] = []
    for line in lines:
        if is_set_in(line) and current:
            yield current
            current = []
        current.append(line.lstrip(SPACES))
    yield current


def is_prose(lines: Sequence[str]) -> bool:
    """Return whether text that is set in is words, and no program's text."""
    text = " ".join(lines)
    letters = sum(map(str.isalpha, text))
    has_words = len(_WORD.findall(text)) > 2 or (letters > 5 and not text.isascii())  # noqa: PLR2004
    return has_words and not _CODE.search(text) and letters * 2 > len(text.strip())


_CODE = regex(r"[{}<>=;\\|$`]|\(\)|^\s*(?:#|//|--)")


def _runs_on(line: str) -> bool:
    """Return whether a line goes on with the sentence of the one before."""
    first = _first_character(line)
    if first.islower():
        return not _LABEL.match(line.strip(_STRIPPED))
    return first in ",.;:!?)]،؛，。；）" if first else False


def _is_sentence(line: str) -> bool:
    is_long = line.count(" ") > 2 or width(line) >= 30  # noqa: PLR2004 - no "Ltd." or "St. Pölten"
    return is_long and bool(_SENTENCE.search(line))


def _first_character(line: str) -> str:
    return line.lstrip(_STRIPPED)[:1]


def first_word(line: str) -> str:
    """Return what of a line would have to fit on the one before: in Chinese, a character."""
    bare = line.lstrip(SPACES)
    return bare[:1] if bare and is_wide(bare[0]) else bare.split(" ", 1)[0]


def is_wide(character: str) -> bool:
    """Return whether a character is of a script without spaces: Chinese or Japanese."""
    is_korean = "\uac00" <= character <= "\ud7af"
    return unicodedata.east_asian_width(character) in "WF" and not is_korean
