"""What of a text is an element of HTML: names between angle brackets are none."""

from __future__ import annotations

import re

from dateline.entries.pasted.hints import CODE
from dateline.text.expressions import regex

# Its words, if it has no attributes but names: `<Mark Resources Inc>`.
_NO_TAG = regex(
    r"</?(?P<name>[A-Za-z][^\s/<>]{0,40})"
    r"(?P<names>(?=(?:\s[\w.,&'’-]{1,40}){2,9}>)"
    r"(?=[^<>]*\s(?:[A-Z][a-z]|(?:and|or|is|und|oder|et|ou|y|и|или)[\s>])))?"
)
# Every element of HTML, of today and of before (WHATWG HTML, 4 and 16.2), and of drawings.
_ELEMENTS = frozenset({
    "a", "abbr", "acronym", "address", "applet", "area", "article", "aside", "audio", "b", "base",
    "basefont", "bdi", "bdo", "bgsound", "big", "blink", "blockquote", "body", "br", "button",
    "canvas", "caption", "center", "cite", "code", "col", "colgroup", "data", "datalist", "dd",
    "del", "details", "dfn", "dialog", "dir", "div", "dl", "dt", "em", "embed", "fieldset",
    "figcaption", "figure", "font", "footer", "form", "frame", "frameset", "h1", "h2", "h3", "h4",
    "h5", "h6", "head", "header", "hgroup", "hr", "html", "i", "iframe", "image", "img", "input",
    "ins", "isindex", "kbd", "keygen", "label", "legend", "li", "link", "listing", "main", "map",
    "mark", "marquee", "math", "menu", "menuitem", "meta", "meter", "multicol", "nav", "nextid",
    "nobr", "noembed", "noframes", "noscript", "object", "ol", "optgroup", "option", "output", "p",
    "param", "picture", "plaintext", "pre", "progress", "q", "rb", "rbc", "rp", "rt", "rtc", "ruby",
    "s", "samp", "script", "search", "section", "select", "selectedcontent", "shadow", "slot",
    "small", "source", "spacer", "span", "strike", "strong", "style", "sub", "summary", "sup",
    "svg", "table", "tbody", "td", "template", "textarea", "tfoot", "th", "thead", "time", "title",
    "tr", "track", "tt", "u", "ul", "var", "video", "wbr", "xml", "xmp",
})  # fmt: skip
# Elements of programs for sites, such as `<drupal-media data-entity-type="media">`.
_CUSTOM = regex(
    r"</(?P<closed>[a-z][a-z0-9]*(?:-[a-z0-9]+)+)\s*>"
    r"|<(?P<opened>[a-z][a-z0-9]*(?:-[a-z0-9]+)+)\s[^<>=]*=",
    re.IGNORECASE,
)
# Elements that are left out with all that is in them, down to the end of a text.
_RAW = regex(
    rf"(?P<code>{CODE})|(?<!\\)<(?P<name>iframe|math|noscript|object|script|style|svg|textarea|title)"
    r"\b(?P<attributes>[^<>]*)>",
    re.IGNORECASE | re.MULTILINE,
)
_TAG = regex(r"<[A-Za-z][^<>]*>")
_CURLY = regex(r"=[“”]([^<>“”\"]*)[“”]")
_NO_PROGRAMS = frozenset({"iframe", "object", "textarea"})


def without_names(whole: str) -> str:
    """Return HTML in which what is no element is words: `<the pier>`."""
    custom = {(one["closed"] or one["opened"]).lower() for one in _CUSTOM.finditer(whole)}

    def text_or_tag(found: re.Match[str]) -> str:
        name = found["name"].lower()
        is_tag = (name in _ELEMENTS and found["names"] is None) or ":" in name or name in custom
        return found[0] if is_tag else f"&lt;{found[0][1:]}"

    return _NO_TAG.sub(text_or_tag, whole)


def without_open(text: str) -> str:
    """Return a Markdown text without tags that would leave out all below: `<iframe … />`.

    For a browser, such an element ends where its name stands again, or nowhere. Curly quotes
    around a value, as word processors make them, are straight.
    """
    if "<" not in text:
        return text
    if "=“" in text or "=”" in text:
        text = _TAG.sub(lambda tag: _CURLY.sub(r'="\1"', tag[0]), text)
    low = text.lower()
    last = {name: low.rfind(f"</{name}") for name in _NO_PROGRAMS}

    def kept(found: re.Match[str]) -> str:
        name = (found["name"] or "").lower()
        is_open = name in _NO_PROGRAMS and last[name] < found.start()
        is_empty = bool(name) and found["attributes"].endswith("/")
        return "" if is_open or is_empty else found[0]

    return _RAW.sub(kept, text)
