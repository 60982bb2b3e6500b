"""Markdown as safe HTML, in which nothing harms or misleads a reader.

CommonMark with tables and strikethrough. The HTML is a valid fragment (WHATWG HTML,
section 13) of harmless elements with absolute addresses.
"""

from __future__ import annotations

import html.entities
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import partial
from urllib.parse import unquote, urlsplit

import nh3
import pyromark

from dateline.entries.filenames import is_entry
from dateline.entries.normalise import bounded, elements, html_fragments
from dateline.entries.normalise.links import names_a_file, with_masked_signs, without_masks
from dateline.system.memo import MANY, memoised
from dateline.text.characters import straight
from dateline.text.expressions import regex
from dateline.text.urls import web_address

_MARKDOWN = pyromark.Markdown(
    options=pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_FOOTNOTES
)
# Bold words that begin or end with a sign: beside a letter, as in Chinese, CommonMark 0.31.2, 6.2
# takes their stars for text. A noncharacter, which no text holds, is none of its signs.
_BOLD = regex(
    r"\*\*(?=[^\s*_\])},.;:!?”’»。，、；：！？）」』】》])([^*\n]*[^*\s_(\[“‘«（「『【《])\*\*"
)
_LETTER = "\U0001ffff"
_TAGS = {
    "a", "abbr", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "dd", "del",
    "dfn", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i",
    "img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "strong",
    "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var",
}  # fmt: skip
_DROPPED_WITH_TEXT = {
    "embed", "iframe", "math", "noscript", "object", "script", "style", "svg", "textarea", "title",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"lang", "dir"},
    "a": {"href", "title"},
    "abbr": {"title"},
    "img": {"src", "alt", "title"},
    "li": {"value"},
    "ol": {"reversed", "start", "type"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_LOOKS_LIKE_MARKUP = regex(r"</?[A-Za-z][^<>]*>|<!--|&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z]+\d*);")
_ELEMENT = regex(
    r"<(?:!--|/?(?:a|abbr|article|b|big|blockquote|body|br|center|cite|code|dd|del|div|dl|dt|em"
    r"|figure|font|h[1-6]|head|hr|html|i|iframe|img|ins|li|mark|o:p|ol|p|pre|q|s|script|section|small"
    r"|span|strike|strong|style|sub|sup|t[dhrt]|table|tbody|thead|u|ul|video)(?=[\s/>]))",
    re.IGNORECASE,
)
_BLOCK = regex(
    r"<(/?)(?:address|article|aside|body|center|details|dialog|dir|fieldset|footer|form|header"
    r"|hgroup|html|legend|listing|main|menu|nav|optgroup|option|search|section|summary|xmp)(?=[\s/>])",
    re.IGNORECASE,
)
# Printable, and yet invisible: fillers of Korean, and the blank of Braille.
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_SUMMARY_LENGTH = 280
_BEGINNING = 3 * _SUMMARY_LENGTH  # of HTML, whose first paragraphs mostly have as many words
_SENTENCES = regex(r"(.{80,}(?:[.!?؟](?=\s)|[。！？][”’」』]?))", re.DOTALL)
# Up to a space, or a character of a script that is written without spaces (Chinese, Thai, …).
_WHOLE_WORDS = regex(
    r".*[\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff\uff01-\uff65]",
    re.DOTALL,
)


def to_html(
    text: str,
    *,
    base: str,
    beside: Callable[[str], str | None],
    bare_addresses: bool = True,
    lost: Callable[[str, str], None] | None = None,
) -> str:
    """Return Markdown `text` as safe HTML, below a page's own `<h1>`.

    A relative address first names a file beside the entry: `beside` returns its public address, an
    empty text where it leads nowhere, or None where it is relative to `base`. A dead link keeps
    only its words; `lost` takes the tag and the address of one that is no web address. With
    `bare_addresses` an address in the text is a link. Footnotes are a list at the end.
    """
    text = with_masked_signs(text)
    text = _BOLD.sub(lambda words: f"**{_LETTER}{words[1]}{_LETTER}**", text)
    whole = without_masks(_MARKDOWN.html(text).replace(_LETTER, ""))
    whole = html_fragments.headless(html_fragments.numbered(whole))
    safe = _safe(whole, base, beside, is_mixed="<" in text)
    if lost and _count_addresses(safe) < _count_addresses(whole):  # seldom, and dear to look for
        for tag in _FROM_FAR.finditer(whole):
            address = html.unescape(tag["address"])
            if _address(address, base, lambda _: "") is None:
                lost(tag["name"].lower(), address)
    return (
        html_fragments.linked(safe, partial(web_address, fragment=True)) if bare_addresses else safe
    )


def _count_addresses(whole: str) -> int:
    return sum(map(whole.lower().count, ("href=", "src=")))


def lines_of_items(text: str) -> frozenset[int]:
    """Return the numbers of the lines of Markdown at which items of lists begin, from 0."""
    data, found = text.encode(), [0]
    at = 0
    for event, place in _MARKDOWN.events_with_range(text):
        if event == {"Start": "Item"}:
            found.append(found[-1] + data.count(b"\n", at, place["start"]))
            at = place["start"]
    return frozenset(found[1:])


def cleaned(whole: str, *, base: str) -> str:
    """Return HTML from outside as `to_html` does; its addresses are relative to `base`."""
    return _safe(whole, base, lambda _: None, is_mixed=True)


def _safe(whole: str, base: str, beside: Callable[[str], str | None], *, is_mixed: bool) -> str:
    safe = bounded.cleaned(whole, clean, is_mixed=is_mixed)
    return _SAYS_MORE.sub(lambda tag: _followed(tag, base, beside), safe).strip()


def clean(written: str, *, is_mixed: bool) -> str:
    """Return harmless HTML, its addresses as they are. Raises `MarkupError` for far more of it."""
    whole, is_long = written, len(written) > _LONG
    if is_long:
        whole = _masked(whole, is_mixed=is_mixed)
    if is_mixed:
        # A block that is not allowed ends the text before it, and is then removed.
        whole = _BLOCK.sub(r"<\1div", elements.without_names(whole))
        whole = bounded.checked(_BLOCKS_LEFT.clean(_levelled(whole)), written)
        whole = bounded.checked(html_fragments.paragraphs(whole), written)
    safe = html_fragments.below_a_title(_CLEANER.clean(_levelled(whole)))
    safe = html_fragments.nested(_unmasked(safe) if is_long else safe)
    return bounded.checked(safe, written)


def has_text(whole: str) -> bool:
    """Return whether an HTML fragment has words, or characters that can be seen."""
    if _WORDS.search(whole):  # what nearly every text has, and quick to find
        return True
    return any(map(is_seen, to_text(whole)))


def is_seen(character: str) -> bool:
    """Return whether a reader sees this character by itself: no space, accent or filler."""
    return unicodedata.category(character)[0] in "LNPS" and character not in _BLANKS


def markup_in(text: str, *, any_name: bool) -> str:
    """Return the first piece of HTML in a plain text, or an empty text.

    `<the pier>` is one only with `any_name`, and `Q&A;` never.
    """
    if "<" not in text and "&" not in text:
        return ""
    return next(
        (
            found
            for found in _LOOKS_LIKE_MARKUP.findall(text)
            if _is_markup(found, any_name=any_name)
        ),
        "",
    )


def to_text(whole: str) -> str:
    """Return the words of an HTML fragment on one line, without its markup."""
    spaced = re.sub(r"<(?:/(?:p|h\d|li|tr|td|th|dt|dd|pre|blockquote)|br|hr)>", r"\g<0> ", whole)
    if len(spaced) > _LONG:
        bare = _unmasked(_STRIP.clean(_masked(_levelled(spaced), is_mixed=True)))
    else:
        bare = _STRIP.clean(_levelled(spaced))
    return " ".join(html.unescape(bare).split())


@memoised(len, most=MANY)
def summary_of(whole: str) -> str:
    """Return the first sentences of a safe fragment: at most 280 characters, whole words.

    A table has none; its cells count only if there is nothing else.
    """
    if "<table" in whole:
        sentences_alone = _TABLE.sub(" ", whole)
        whole = sentences_alone if _words(sentences_alone) else whole
    end = whole.find("</p>", _BEGINNING)
    text = straight(_words(whole[:end])) if end > 0 else ""
    if len(text) <= _SUMMARY_LENGTH:  # few words, with many addresses
        text = straight(to_text(whole))
    if len(text) <= _SUMMARY_LENGTH:
        return text
    cut = text[: _SUMMARY_LENGTH - 1]
    if sentences := _SENTENCES.match(cut):
        return sentences[1]
    words = _WHOLE_WORDS.match(cut)
    return f"{words[0].rstrip() if words else cut}…"


def _words(safe: str) -> str:
    """Return the same as `to_text`, in half of the time, of HTML that `_safe` made."""
    bare = _TAG.sub(lambda tag: " " if tag["ends"] else "", safe)
    return to_text(safe) if "<" in bare else " ".join(html.unescape(bare).split())


def notes_missing(whole: str) -> list[str]:
    """Return the footnote marks in HTML that stand for no note, each once."""
    return list(dict.fromkeys(_NO_NOTE.findall(_CODE.sub("", whole))))


def links_of(whole: str) -> list[str]:
    """Return the addresses of a fragment's links to the web, each once."""
    return list(dict.fromkeys(map(html.unescape, _LINK.findall(whole))))


def _is_markup(found: str, *, any_name: bool) -> bool:
    if found[0] == "<":
        return any_name or bool(_ELEMENT.match(found))
    return found[1] == "#" or found[1:] in html.entities.html5


def _masked(whole: str, *, is_mixed: bool) -> str:
    """Return HTML with noncharacters, which no text holds, for what the cleaner is slow at.

    When it writes a text, each `&` and each of U+00A0 to U+00BF costs a search of all the rest
    (html5ever 0.3x, `write_escaped`), so the time grows with their square.
    """
    if is_mixed and "&" in whole:
        whole = _REFERENCE.sub(lambda found: _MASKS.get(html.unescape(found[0]), found[0]), whole)
        return _UNSAFE.sub(lambda found: _MASKS[found[0]], whole)
    whole = whole.replace("&amp;", _MASKS["&"])
    return _SLOW.sub(lambda found: _MASKS[found[0]], whole)


def _unmasked(safe: str) -> str:
    return _MASK.sub(lambda found: _MEANT[found[0]], safe)


def _levelled(whole: str) -> str:
    """Remove the tags below `_DEEPEST` levels: the cleaner's time grows with their square."""
    if whole.count("<") <= _DEEPEST:  # as nearly every text has
        return whole
    opened: Counter[str] = Counter()
    level = 0

    def kept(tag: re.Match[str]) -> str:
        nonlocal level
        if not tag["end"]:
            return tag[0]
        name, closes = tag["name"].lower(), bool(tag["slash"])
        if closes and not opened[name]:
            return ""
        step = -1 if closes else 1
        opened[name] += step
        level += step
        return tag[0] if level + closes <= _DEEPEST else ""

    return _NESTING.sub(kept, whole)


def _followed(tag: re.Match[str], base: str, beside: Callable[[str], str | None]) -> str:
    """Return a tag with absolute addresses, and without an attribute that would mislead.

    A dead link keeps its words; a picture without an address is dropped.
    """
    attributes = []
    for name, value in _ATTRIBUTE.findall(tag["attributes"]):
        if name in _ADDRESSES:
            address = _address(html.unescape(value), base, beside)
            is_contact = name == "src" and (address or "").lower().startswith(_CONTACTS)
            if address is not None and not is_contact:
                attributes.append(f' {name}="{html.escape(address)}"')
        elif name not in _CHECKED or _CHECKED[name].fullmatch(value):
            attributes.append(f' {name}="{value}"')
    if tag["name"] == "img" and not any(one.startswith(" src=") for one in attributes):
        return ""
    return f"<{tag['name']}{''.join(attributes)}>"


# One for all texts: to make a cleaner costs more than to use it.
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    clean_content_tags=_DROPPED_WITH_TEXT,
    link_rel=None,
)
_BLOCKS_LEFT = nh3.Cleaner(
    tags=_TAGS | {"div"},
    attributes=_ATTRIBUTES,
    clean_content_tags=_DROPPED_WITH_TEXT,
    link_rel=None,
)
_STRIP = nh3.Cleaner(tags=set(), attributes={}, link_rel=None)
# Tags with attributes, and a picture without any, as the cleaner writes them: lower case, each
# value in double quotes, none of these inside it.
_SAYS_MORE = regex(r'<(?P<name>[a-z][a-z0-9]*+)(?P<attributes>(?: [a-z]++="[^"]*+")++|(?<=<img))>')
_ATTRIBUTE = regex(r' ([a-z]+)="([^"]*)"')
_TABLE = regex(r"<table\b.*?</table>", re.DOTALL)
_TAG = regex(
    r"<(?:(?P<ends>/(?:p|h\d|li|tr|td|th|dt|dd|pre|blockquote)|br|hr)"
    r'|/?[a-z][a-z0-9]*(?: [a-z]+="[^"]*")*)>'
)
_ADDRESSES = frozenset({"href", "src"})
_CONTACTS = ("mailto:", "tel:")  # links alone: a picture would start a program
# A link or a picture with an address that names its scheme, or a host alone.
_FROM_FAR = regex(
    r"""<(?P<name>a|img)\b[^<>]*?\s(?:href|src)=["']\s*"""
    r"""(?P<address>(?:https?:|mailto:|tel:|//|www\.)[^"'<>]*)""",
    re.IGNORECASE,
)
_NO_NOTE = regex(r"\[\^[^\s\[\]<>]{1,40}\]")
_CODE = regex(r"<code>[^<]*</code>")
_LINK = regex(r'<a href="(https?://[^"]*)"')
_CHECKED = {
    "lang": regex(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*"),
    "dir": regex("ltr|rtl|auto"),
}
_LONG = 20_000  # characters, below which nothing that is done to a text takes long
_SLOW = regex("[\u00a0-\u00bf]")
_UNSAFE = regex("[\u00a0-\u00bf]|&(?![#A-Za-z])")
_REFERENCE = regex(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8}\d{0,2});")
_MASKS = {chr(0xA0 + place): chr(0xFDD0 + place) for place in range(32)} | {"&": "\U0001fffe"}
_MEANT = {mask: character for character, mask in _MASKS.items()} | {
    _MASKS["&"]: "&amp;",
    _MASKS["\u00a0"]: "&nbsp;",
}
_MASK = regex("[\ufdd0-\ufdef\U0001fffe]")
# An address that lacks its https://, not a file in a folder.
_SITE = regex(r"www\.|(?:[\w-]+\.)+[a-z]{2,24}/", re.IGNORECASE)
_MAIL = regex(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_DEEPEST = 100
# Except empty elements, and those that the next of their kind closes. What has no end matches
# too: each start within it would be searched for an end again.
_NESTING = regex(
    r"<(?P<slash>/?)(?!(?:br|dd|dt|hr|img|li|p|td|th|tr|wbr)\b)(?P<name>[A-Za-z][^\s/>]*+)[^<>]*+"
    r"(?P<end>>?)",
    re.IGNORECASE,
)
_WORDS = regex(r">[^<>&]*\w\w[^<>]*<")


def _address(value: str, base: str, beside: Callable[[str], str | None]) -> str | None:
    value = value.strip()
    if value.startswith(("https://", "http://")):
        return web_address(value, fragment=True)
    try:
        scheme = urlsplit(value).scheme.lower()
    except ValueError:
        return None
    meant = _meant(value, scheme)
    if meant.startswith(("https://", "http://")):
        return web_address(meant, fragment=True)
    if meant:
        is_plain = meant.isascii() and meant.isprintable() and " " not in meant
        return meant if is_plain else None
    name, place = _name_and_place(value)
    is_near = name and not scheme and not value.startswith("//")
    if is_near and (public := beside(name)) is not None:
        return f"{public}{place}" if public else None
    return None if value.startswith("#") else web_address(value, base, fragment=True)


def _meant(value: str, scheme: str) -> str:
    """Return the address of a site, mailbox or telephone, with all of its beginning, or nothing."""
    if scheme in {"http", "https"}:
        return f"{scheme}://{value.partition(':')[2].lstrip('/')}"
    if scheme:
        return value if scheme in {"mailto", "tel"} else ""
    if _MAIL.fullmatch(value) and not names_a_file(value):
        return f"mailto:{value}"
    return f"https://{value}" if _SITE.match(value) else ""


def _name_and_place(value: str) -> tuple[str, str]:
    """Cut a relative address at its `#`, unless that is part of the name of a file.

    >>> _name_and_place("report.pdf#page=2"), _name_and_place("pier#2.jpg")
    (('report.pdf', '#page=2'), ('pier#2.jpg', ''))
    """
    name, sign, place = value.partition("#")
    known = (unquote(name.partition("?")[0]), unquote(value)) if sign else ()
    is_file = [names_a_file(one) or is_entry(one) for one in known]
    return (value, "") if is_file == [False, True] else (name, sign + place)


if __name__ == "__main__":
    bounded.run(clean)
