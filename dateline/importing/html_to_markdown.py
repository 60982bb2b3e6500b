"""Which Markdown says what a piece of HTML says? The one door to markdownify."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from markdownify import ATX, BACKSLASH, MarkdownConverter

from dateline.entries.normalise import markdown
from dateline.importing.fetch import joined

_NOWHERE = "https://nowhere.invalid/"
_ADDRESS = re.compile(r' (?:src|href)="([^"]*)"')
_PICTURE = re.compile(r'<img\b[^<>]*? src="(?P<address>[^"]*)"[^<>]*>')
# Each part ends where the next may begin, or is possessive: a long text is looked through once.
_IN_MARKDOWN = re.compile(
    r"""!\[[^\[\]]*+(?:\[[^\[\]]*+\][^\[\]]*+)*+\]"""
    r"""\(\s*+<?(?P<address>(?:[^()\s<>]|\([^()\s<>]*+\))++)>?"""
    r"""(?:\s++(?:"[^"]*+"|'[^']*+'|\([^()]*+\)))?\s*+\)"""
    r"""|(?P<tag><img\b[^<>]*+>)"""
)
_SOURCE = re.compile(r"""\ssrc=["']([^"'<>]+)["']""")
_TARGET = re.compile(
    r"(?P<start>(?<!\\)\]\(\s*+<?|^ {0,3}\[[^\[\]\n]++\]:[ \t]*+<?)"
    r"(?P<address>(?:[^()\s<>]|\([^()\s<>]*+\))++)",
    re.MULTILINE,
)
_TAG = re.compile(r"<(?:a|img)\b[^<>]*+>", re.IGNORECASE)
_IN_TAG = re.compile(
    r"""(?P<start>\b(?:href|src)\s*=\s*["'])(?P<address>[^"'<>]+)""", re.IGNORECASE
)
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|#|www\.", re.IGNORECASE)
_FENCE = re.compile(r"^( {0,3}(?:```|~~~))", re.MULTILINE)
# What would begin something else where a line begins with it (CommonMark, section 4 and 5).
_BEGINS = re.compile(r"^(\s*)(?:(\d{1,9})(?=[.)](?:\s|$))|(?=[-+#>=~|:]))", re.MULTILINE)
_OUTER_UNDERSCORE = re.compile(r"(?<!\w)_|_(?!\w)")
_REFERENCE = re.compile(r"&(?=#?\w+;)|<(?=[A-Za-z/!?])")
_BREAKS = re.compile(r"((?:<br>\s*+)++)(</(?:p|li|td|th|h\d|dd|blockquote)>)?")
_NEIGHBOURS = re.compile(r"</(b|strong|em|i)>(\s*)<\1>")
_BLANK_LINE = re.compile(r"\n[ \t]*(?=\n)")
_PARSED = frozenset({"pre", "code", "kbd", "samp"})


class _Converter(MarkdownConverter):
    """Escapes no more than CommonMark needs: staff go on with these texts."""

    def process_text(self, el: Any, parent_tags: set[str] | None = None) -> str:
        # Its types leave this method out.
        text: str = super().process_text(el, parent_tags)  # type: ignore[misc]
        if not text or _PARSED & (parent_tags or set()):
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

    def convert_q(self, el: Any, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - its names
        return f"<q>{text}</q>"


_CONVERTER = _Converter(
    bullets="-", heading_style=ATX, newline_style=BACKSLASH, sub_symbol="<sub>", sup_symbol="<sup>"
)


def from_html(fragment: str, names: Mapping[str, str]) -> str:
    """Give a cleaned fragment (`markup.cleaned`) as Markdown that says the same.

    Where Markdown cannot, the HTML itself is given, which a body may hold. `names` has what a
    picture's address is called beside the entry.
    """

    def renamed(tag: re.Match[str]) -> str:
        name = names.get(html.unescape(tag["address"]))
        return tag[0].replace(tag["address"], _NOWHERE + quote(name)) if name else tag[0]

    fragment = _PICTURE.sub(renamed, fragment)
    plain = _BREAKS.sub(lambda run: run[2] or run[1], fragment)
    plain = _NEIGHBOURS.sub(r"\2", plain)
    text = tidied(str(_CONVERTER.convert(plain)))
    if not _says(text, fragment):
        # A blank line would end what Markdown takes for HTML.
        text = f"<div>\n{re.sub(_BLANK_LINE, '&#10;', fragment)}\n</div>"
    return text.replace(_NOWHERE, "")


def _says(text: str, fragment: str) -> bool:
    """Say whether a text gives all the words, links and pictures of a fragment, and no others."""
    both = (shown(text), fragment)
    words = ["".join(markdown.to_text(each).split()) for each in both]
    links = [set(_ADDRESS.findall(each)) for each in both]
    return words[0] == words[1] and links[0] == links[1]


def pictures_in_html(fragment: str) -> list[str]:
    """Give the addresses of the pictures of a cleaned fragment, each once."""
    return list(dict.fromkeys(html.unescape(found) for found in _PICTURE.findall(fragment)))


def pictures_in_markdown(text: str) -> list[str]:
    """Give what a Markdown text names as pictures, each once."""
    found = map(_named, _IN_MARKDOWN.finditer(text))
    return list(dict.fromkeys(filter(None, found)))


def renamed_in_markdown(text: str, name_of: Callable[[str], str]) -> str:
    """Give a Markdown text with its pictures' addresses as `name_of` says."""

    def renamed(found: re.Match[str]) -> str:
        address = _named(found)
        return found[0].replace(address, name_of(address)) if address else found[0]

    return _IN_MARKDOWN.sub(renamed, text)


def _named(picture: re.Match[str]) -> str:
    """Give the address of a picture; nothing where its tag has none."""
    if picture["address"]:
        return picture["address"]
    source = _SOURCE.search(picture["tag"])
    return source[1] if source else ""


def absolute_in_markdown(text: str, base: str) -> str:
    """Give a Markdown text in which relative links are absolute; code stays as it is."""

    def absolute(found: re.Match[str]) -> str:
        address = found["address"]
        if _ABSOLUTE.match(address):
            return found[0]
        return f"{found['start']}{joined(base, address)}"

    def tagged(tag: re.Match[str]) -> str:
        return _IN_TAG.sub(absolute, tag[0])

    return outside_code(text, lambda part: _TAG.sub(tagged, _TARGET.sub(absolute, part)))


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """Give a Markdown text, changed but for what stands between fences."""
    parts = _FENCE.split(text)  # text, fence, code, fence, text, ...
    return "".join(part if number % 4 else change(part) for number, part in enumerate(parts))


def tidied(text: str) -> str:
    """Give a Markdown text without needless blank lines, as staff write it."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def shown(text: str) -> str:
    """Give the HTML that readers get of a Markdown text; where its links lead does not matter."""
    return markdown.to_html(
        text,
        base=_NOWHERE,
        beside=lambda name: _NOWHERE + quote(name),
        bare_addresses=False,
    )
