"""Conversion of HTML to Markdown, and links in Markdown: the one door to markdownify."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from markdownify import ATX, BACKSLASH, MarkdownConverter

from dateline.entries.normalise import markdown
from dateline.entries.pasted.prose import is_wide
from dateline.text.expressions import regex
from dateline.text.urls import joined

_NOWHERE = "https://nowhere.invalid/"
_ADDRESS = regex(r' (?:src|href)="([^"]*)"')
_PICTURE = regex(r'<img\b[^<>]*? src="(?P<address>[^"]*)"[^<>]*>')
# Each part is possessive or ends where the next may begin, so matching takes linear time.
_IN_MARKDOWN = regex(
    r"""!\[[^\[\]]*+(?:\[[^\[\]]*+\][^\[\]]*+)*+\]"""
    r"""\(\s*+<?(?P<address>(?:[^()\s<>]|\([^()\s<>]*+\))++)>?"""
    r"""(?:\s++(?:"[^"]*+"|'[^']*+'|\([^()]*+\)))?\s*+\)"""
    r"""|(?P<tag><img\b[^<>]*+>)"""
)
_SOURCE = regex(r"""\ssrc=["']([^"'<>]+)["']""")
_TARGET = regex(
    r"(?P<start>(?<!\\)\]\(\s*+<?|^ {0,3}\[(?!\^)[^\[\]\n]++\]:[ \t]*+<?)"
    r"(?P<address>(?:[^()\s<>]|\([^()\s<>]*+\))++)",
    re.MULTILINE,
)
_TAG = regex(r"<(?:a|img)\b[^<>]*+>", re.IGNORECASE)
_IN_TAG = regex(r"""(?P<start>\b(?:href|src)\s*=\s*["'])(?P<address>[^"'<>]+)""", re.IGNORECASE)
_ABSOLUTE = regex(r"[A-Za-z][A-Za-z0-9+.-]*:|#|www\.", re.IGNORECASE)
_FENCE = regex(r"^( {0,3}(?:```|~~~))", re.MULTILINE)
# What would start a list, a heading, ... at the start of a line (CommonMark, sections 4 and 5).
_BEGINS = regex(r"^([^\S\n]*+)(?:(\d{1,9})(?=[.)](?:\s|$))|(?=[-+#>=~|:]))", re.MULTILINE)
_OUTER_UNDERSCORE = regex(r"(?<!\w)_|_(?!\w)")
_REFERENCE = regex(r"&(?=#?\w+;)|<(?=[A-Za-z/!?])")
_BREAKS = regex(r"((?:<br>\s*+)++)(</(?:p|li|td|th|h\d|dd|blockquote)>)?")
# Beautiful Soup looks at each that is not closed like this for every end of an element.
_EMPTY = regex(r'<(?:br|hr|img)(?: [a-z]+="[^"]*+")*+(?=>)')
# Blanks at the start and at the end of elements whose text markdownify strips.
_STRIPPED = "(?:a|b|del|em|i|s|strong|sub|sup)"
_FIRST_BLANKS = regex(rf'((?:<{_STRIPPED}(?: [a-z]+="[^"]*+")*+>)++)((?:&nbsp;|\s)++)')
_LAST_BLANKS = regex(rf"(?<!&nbsp;)(?<!\s)((?:&nbsp;|\s)++)((?:</{_STRIPPED}>)++)")
_BELOW_LIST = regex(rf"</[ou]l>(?=\s*+(?:[^<\s]|<{_STRIPPED}[ >]))")
_NEIGHBOURS = regex(r"</(b|strong|em|i)>(\s*)<\1>")
# Text as it is, a tag, or blanks of which one would do.
_BLANKS = regex(
    r"""(?P<pre><pre\b.*?(?:</pre>|\Z))|(?P<tag><[^<>"]*+(?:"[^"]*+"[^<>"]*+)*+>)"""
    r"""|[ \t]*+\n[ \t\n]*+|[ \t]{2,}+""",
    re.DOTALL,
)
_BLANK_LINE = regex(r"\n[ \t]*(?=\n)")
_LINE = regex(r"^.+", re.MULTILINE)
_COUNT = regex(r"[0-9]{1,9}")  # more digits than that begin no list (CommonMark, section 5.2)
_TABLE = regex(r"<(?P<slash>/?)table\b")
_COLSPAN = regex(r' colspan="([0-9]+)"')
_WIDEST = 1000  # columns (WHATWG HTML, section 4.9.11)
_FEW_COLUMNS = 100
_VERBATIM = frozenset({"pre", "code", "kbd", "samp"})


class _Converter(MarkdownConverter):
    """Converter that escapes no more than CommonMark requires: staff edit these texts."""

    def process_text(self, el: Any, parent_tags: set[str] | None = None) -> str:
        # The stubs of markdownify lack this method.
        text: str = super().process_text(el, parent_tags)  # type: ignore[misc]
        if not text or _VERBATIM & (parent_tags or set()):
            return text
        if getattr(el.previous_sibling, "name", "br") == "br":  # the first of its block, or line
            text = _BEGINS.sub(lambda found: f"{found[1]}{found[2] or ''}\\", text)
        if text.endswith("!") and getattr(el.next_sibling, "name", "") == "a":
            text = f"{text[:-1]}\\!"
        return text

    def escape(self, text: str, parent_tags: set[str]) -> str:
        text = re.sub(r"[\\`*\[\]]", r"\\\g<0>", text)
        text = _OUTER_UNDERSCORE.sub(r"\\_", text).replace("~", r"\~")
        if {"td", "th"} & parent_tags:
            text = text.replace("|", r"\|")
        return _REFERENCE.sub(r"\\\g<0>", text)

    def convert_li(self, el: Any, text: str, parent_tags: set[str]) -> str:
        # Of an ordered list, markdownify counts all items before each.
        if el.parent is None or el.parent.name != "ol":
            item: str = super().convert_li(el, text, parent_tags)  # type: ignore[misc]
            return item
        number = _number(el, "value") or _start(el.parent)
        el.parent["start"] = str(number + 1)
        marker = f"{number}. "
        lines = _LINE.sub(lambda line: f"{' ' * len(marker)}{line[0]}", text.strip())
        return f"{marker}{lines[len(marker) :]}\n" if lines else "\n"

    def convert_td(self, el: Any, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        words = text.strip().replace("\n", " ")
        return f" {words}{' |' * _columns(el)}"

    convert_th = convert_td

    def convert_tr(self, el: Any, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        # For each row, markdownify looks through the whole table.
        row = f"|{text}\n"
        if not _is_first(el):
            return row
        cells = el.find_all(["td", "th"], recursive=False)
        width = sum(map(_columns, cells))
        rule = f"| {' | '.join(['---'] * width)} |\n"
        is_alone = el.parent.name == "thead" and el.find_next_sibling() is None
        if is_alone or all(cell.name == "th" for cell in cells):
            return row + rule
        return f"| {' | '.join([''] * width)} |\n{rule}{row}"

    def convert_pre(self, el: Any, text: str, parent_tags: set[str]) -> str:
        # Markdownify looks for the end of the text at each blank.
        return str(super().convert_pre(el, _without_outer_lines(text), parent_tags))  # type: ignore[misc]

    def convert_q(self, el: Any, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - its names
        return f"<q>{text}</q>"


_CONVERTER = _Converter(
    bullets="-", heading_style=ATX, newline_style=BACKSLASH, sub_symbol="<sub>", sup_symbol="<sup>",
    strip_pre=None,
)  # fmt: skip


def from_html(fragment: str, names: Mapping[str, str]) -> str:
    """Return a cleaned fragment (`markdown.cleaned`) as equivalent Markdown.

    If Markdown cannot express it, the result is the HTML itself, which a body may contain.
    `names` maps addresses of pictures to their names beside the entry.
    """

    def renamed(tag: re.Match[str]) -> str:
        name = names.get(html.unescape(tag["address"]))
        return tag[0].replace(tag["address"], _NOWHERE + quote(name)) if name else tag[0]

    fragment = _PICTURE.sub(renamed, fragment)
    plain = _BREAKS.sub(lambda run: run[2] or run[1], fragment)
    plain = _LAST_BLANKS.sub(r"\2\1", _FIRST_BLANKS.sub(r"\2\1", _with_single_blanks(plain)))
    plain = _BELOW_LIST.sub(r"\g<0><p>", _NEIGHBOURS.sub(r"\2", plain))
    plain = _EMPTY.sub(r"\g<0>/", plain)
    text = tidied(str(_CONVERTER.convert(plain))) if _has_plain_tables(plain) else ""
    if not _is_equivalent(text, fragment):
        # A blank line would end an HTML block.
        text = f"<div>\n{_BLANK_LINE.sub('&#10;', fragment)}\n</div>"
    return text.replace(_NOWHERE, "")


def _with_single_blanks(fragment: str) -> str:
    """Return a fragment with one space for each run of blanks that HTML shows as one.

    Lines of HTML are none for readers, and a text in Chinese has no space between them. At each
    blank of a run, markdownify looks for a line break at its end.
    """

    def single(found: re.Match[str]) -> str:
        if found["pre"] or found["tag"]:
            return found[0]
        start, end = found.span()
        around = fragment[start - 1 : start] or " ", fragment[end : end + 1] or " "
        is_none = fragment.endswith("<br>", 0, start) or all(map(is_wide, around))
        return "" if is_none and "\n" in found[0] else " "

    return _BLANKS.sub(single, fragment)


def _without_outer_lines(text: str) -> str:
    """Return the text of a <pre> without blank lines before it, and blanks after it."""
    start = len(text) - len(text.lstrip(" \n"))
    return text[text.rfind("\n", 0, start) + 1 :].rstrip(" \n")


def _has_plain_tables(fragment: str) -> bool:
    """Return whether Markdown can have the tables of a fragment: none in another, none too wide.

    Each column that a cell spans takes some bytes, and in another table again for each level.
    """
    if "<table" not in fragment:
        return True
    level = 0
    for tag in _TABLE.finditer(fragment):
        level += -1 if tag["slash"] else 1
        if level > 1:
            return False
    return sum(map(_bounded, _COLSPAN.findall(fragment))) <= _FEW_COLUMNS + len(fragment)


def _is_first(row: Any) -> bool:
    """Return whether a row is the first of its table."""
    if row.find_previous_sibling("tr") is not None:
        return False
    before = row.parent.find_previous_sibling(name=True) if row.parent.name != "table" else None
    while before is not None and before.find("tr") is None:
        before = before.find_previous_sibling(name=True)
    return before is None


def _columns(cell: Any) -> int:
    """Return how many columns a cell spans."""
    return _bounded(cell.get("colspan", ""))


def _bounded(span: str) -> int:
    return max(1, min(_WIDEST, int(span))) if _COUNT.fullmatch(span) else 1


def _start(ordered_list: Any) -> int:
    """Return the number of the first item, or 1."""
    return _number(ordered_list, "start") or 1


def _number(element: Any, attribute: str) -> int:
    written = element.get(attribute, "")
    return int(written) if _COUNT.fullmatch(written) else 0


def _is_equivalent(text: str, fragment: str) -> bool:
    """Return whether a text renders to the same words, links and pictures as a fragment."""
    both = (shown(text), fragment)
    words = ["".join(markdown.to_text(each).split()) for each in both]
    links = [set(_ADDRESS.findall(each)) for each in both]
    return words[0] == words[1] and links[0] == links[1]


def pictures_in_html(fragment: str) -> list[str]:
    """Return the addresses of the pictures in a cleaned fragment, each once."""
    return list(dict.fromkeys(html.unescape(found) for found in _PICTURE.findall(fragment)))


def pictures_in_markdown(text: str) -> list[str]:
    """Return the addresses of the pictures in a Markdown text, each once."""
    found = map(_address_of, _IN_MARKDOWN.finditer(text))
    return list(dict.fromkeys(filter(None, found)))


def renamed_in_markdown(text: str, name_of: Callable[[str], str]) -> str:
    """Return a Markdown text with its pictures' addresses replaced by `name_of`."""

    def renamed(found: re.Match[str]) -> str:
        address = _address_of(found)
        return found[0].replace(address, name_of(address)) if address else found[0]

    return _IN_MARKDOWN.sub(renamed, text)


def _address_of(picture: re.Match[str]) -> str:
    """Return the address of a picture; empty if its tag has none."""
    if picture["address"]:
        return picture["address"]
    source = _SOURCE.search(picture["tag"])
    return source[1] if source else ""


def absolute_in_markdown(text: str, base: str) -> str:
    """Return a Markdown text with absolute links; code stays as it is."""

    def absolute(found: re.Match[str]) -> str:
        address = found["address"]
        if _ABSOLUTE.match(address):
            return found[0]
        return f"{found['start']}{joined(base, address)}"

    def tagged(tag: re.Match[str]) -> str:
        return _IN_TAG.sub(absolute, tag[0])

    return outside_code(text, lambda part: _TAG.sub(tagged, _TARGET.sub(absolute, part)))


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Return a Markdown text with `change` applied to all but fenced code."""
    parts = _FENCE.split(text)  # text, fence, code, fence, text, ...
    return "".join(part if number % 4 else change(part) for number, part in enumerate(parts))


def tidied(text: str) -> str:
    """Return a Markdown text without superfluous blank lines and trailing spaces."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def shown(text: str) -> str:
    """Return the HTML of a Markdown text as published, with placeholder addresses."""
    return markdown.to_html(
        text,
        base=_NOWHERE,
        beside=lambda name: _NOWHERE + quote(name),
        bare_addresses=False,
    )
