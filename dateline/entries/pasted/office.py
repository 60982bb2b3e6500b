"""HTML of word processors and mail programs, as plain HTML that Markdown leaves alone.

By the forms that Word, Outlook, Google Docs and LibreOffice put on the clipboard: comments with
conditions, `mso-list` paragraphs, style sheets, marks that are only styles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dateline.entries.pasted.hints import CODE
from dateline.entries.pasted.marks import mark_of
from dateline.text.expressions import regex

_IS_OFFICE = regex(
    r"class=[\"']?(?:Mso|western)|mso-|<o:p|<!\[(?:if|endif)|<!--\[if|docs-internal-guid"
    r"|<!--(?:Start|End)Fragment|<meta\s|<(?:xml|style|w:|v:|st1:)|font-weight\s*:"
    r"|<span\b[^<>]*(?:vertical-align\s*:\s*su[bp]|line-through)|<strike",
    re.IGNORECASE,
)
_IS_WHOLE = regex(
    r"\s*<(?:!doctype|html|head|body|meta|div|p|table|ul|ol|h[1-6]|b|span|section|article|font"
    r"|center|blockquote)\b[\s\S]*>\s*",
    re.IGNORECASE,
)
_CONDITION = regex(r"<!\[(?:if|endif)[^\]<>]*\]>", re.IGNORECASE)
_BLANK_LINES = regex(r"\n(?:[^\S\n]*\n)+")
_MARK_UP = regex(
    r"<(?P<slash>/?)(?P<name>span|b|strong|i|em|strike)\b(?P<attributes>[^<>]*)>", re.IGNORECASE
)
_PARAGRAPH = regex(r"<(?P<slash>/?)p\b(?P<attributes>[^<>]*)>", re.IGNORECASE)
# Not `mso-bidi-font-weight`, by which Word says how words of right-to-left scripts would look.
_BOLD = regex(r"(?<![\w-])font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_NORMAL = regex(r"(?<![\w-])font-weight\s*:\s*(?:normal|[1-4]00)", re.IGNORECASE)
_ITALIC = regex(r"(?<![\w-])font-style\s*:\s*italic", re.IGNORECASE)
_STRUCK = regex(r"(?<![\w-])text-decoration[\w-]*\s*:[^;\"']*\bline-through", re.IGNORECASE)
_RAISED = regex(r"(?<![\w-])vertical-align\s*:\s*(?P<name>sup|sub)", re.IGNORECASE)
_MAY_BE_STYLED = regex(r"font-weight|font-style|line-through|vertical-align|<strike", re.IGNORECASE)
_LIST = regex(r"mso-list\s*:\s*(?!none|ignore)|class=[\"']?MsoListParagraph", re.IGNORECASE)
_LEVEL = regex(r"\blevel([1-9])", re.IGNORECASE)
# The condition stands beside the tag: two runs of one class would take quadratic time.
_IGNORED = regex(r"<span\b(?=[^<>]*mso-list\s*:\s*ignore)[^<>]*>", re.IGNORECASE)
_SPAN = regex(r"<(?P<slash>/?)span\b[^<>]*>", re.IGNORECASE)
_TAG = regex(r"<[^<>]*>")
# The number of a remark in the margin, which leads to it.
_REMARK = regex(r"<a\b(?=[^<>]*(?:msocom|#cmnt\d))[^<>]*>[^<]*</a>", re.IGNORECASE)
# What programs do not show as text: remarks and hidden text of Word, hidden rows and columns of
# Excel, the line of a mail that only lists of mails show, and comments of Google Docs.
_MAY_HIDE = regex(
    rf"(?P<code>{CODE})"
    r"|<(?P<slash>/?)(?P<name>[a-z][a-z0-9:]*)\b(?P<attributes>[^<>]*)>",
    re.IGNORECASE | re.MULTILINE,
)
_HIDES = regex(
    r"mso-hide\s*:\s*all|mso-element\s*:\s*comment-list|(?<![\w-])display\s*:\s*none"
    r"|(?<![\w-])visibility\s*:\s*hidden|(?<![\w-])max-height\s*:\s*0(?![.\d])"
    r"|TrackChange\w*Delet",
    re.IGNORECASE,
)
_SAYS_HOW = regex(r"(?:style|class)\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+)", re.IGNORECASE)
_IS_HIDDEN = regex(r"(?<![\w-])hidden(?![\w-])", re.IGNORECASE)
_OF_PROGRAMS = regex(r"mso-|TrackChange", re.IGNORECASE)
_WORDS = regex(r"[^\n]*\w[^\n]*")
# Text that a page shows when readers ask for it.
_UNFOLDS = regex(
    r"\btabpanel\b|until-found|\brole=[\"']?region\b|accordion|collaps|toggle"
    r"|\btab-(?:content|pane)\b|carousel",
    re.IGNORECASE,
)
_QUOTED = regex(r"\"[^\"]*\"|'[^']*'")
_COMMENT = regex(r"\s*<p\b[^<>]*>\s*<a\b[^<>]*#cmnt_ref\d", re.IGNORECASE)
_MAY_BE_HIDDEN = regex(rf"{_HIDES.pattern}|\shidden\b|#cmnt|msocom", re.IGNORECASE)
_VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_LEAD = regex(r"(?:<[^<>]*>|\s|&nbsp;|\u00a0)*+(?P<mark>[^\s<>&]{1,6}?)(?:&nbsp;|[\s\u00a0]){2,}")
_LEFT_OUT = (("<!--", "-->"), ("<style", "</style>"), ("<xml", "</xml>"))
# Where Word has text that was deleted while changes were tracked, others show what was corrected.
_IS_OF_WORD = regex(r"class=[\"']?Mso|mso-|<o:p", re.IGNORECASE)
_DELETED = ("<del", "</del>")
_SYMBOLS = frozenset("·o§•▪-–ØüqvØ")


def plain(text: str, report: Callable[[str, str], None]) -> str:
    """Return a body in which HTML of a word processor is plain HTML; other texts as they are."""
    if _MAY_BE_HIDDEN.search(text):
        text = _without_hidden(text, report)
    is_office = bool(_IS_OFFICE.search(text))
    is_whole = bool(_IS_WHOLE.fullmatch(text))
    if not is_office and not (is_whole and _BLANK_LINES.search(text)):
        return text
    if is_office:
        report("body-office-read", text.lstrip().split("\n", 1)[0])
        text = _cleaned(text)
    if is_whole:  # a blank line would end what Markdown takes for HTML
        text = "<div>\n" + _BLANK_LINES.sub("\n", text.strip()) + "\n</div>"
    return text


def _cleaned(text: str) -> str:
    for start, end in (*_LEFT_OUT, *([_DELETED] if _IS_OF_WORD.search(text) else [])):
        text = without(text, start, end)
    text = _CONDITION.sub("", text)
    if _MAY_BE_STYLED.search(text):
        text = _styled(text)
    if _LIST.search(text):
        text = "".join(_listed(text))
    return text


def without(text: str, start: str, end: str) -> str:
    """Return a text without what stands from `start` to `end`; what is not ended stays."""
    low, kept, at = text.lower(), [], 0
    if len(low) != len(text):  # a letter with a lower case of two letters: positions differ
        low = text
    while (begin := low.find(start, at)) >= 0 and (stop := low.find(end, begin)) >= 0:
        kept.append(text[at:begin])
        at = stop + len(end)
    kept.append(text[at:])
    return "".join(kept)


def _without_hidden(text: str, report: Callable[[str, str], None]) -> str:
    """Return a text without what its HTML hides; code that is shown stays."""
    hidden: list[str] = []
    shown = "".join(_shown(_REMARK.sub("", text), hidden))
    words = next((found[0] for one in hidden if (found := _WORDS.search(_TAG.sub("\n", one)))), "")
    if words:
        report("body-hidden", words)
    elif shown != text:
        report("body-office-read", text.lstrip().split("\n", 1)[0])
    return shown


def _shown(text: str, left_out: list[str]) -> Iterator[str]:
    """Yield HTML without the elements that are hidden; one that is never closed stays.

    What they contain is `left_out`, but for what word processors hide from all readers.
    """
    begun: dict[str, list[int]] = {}  # where elements begin that have not ended, by name
    ends: dict[int, tuple[int, int]] = {}  # of what an element contains, and of itself
    hidden = list[re.Match[str]]()
    for tag in _MAY_HIDE.finditer(text):
        if tag["code"]:
            continue
        name, is_end = tag["name"].lower(), bool(tag["slash"])
        starts = begun.setdefault(name, [])
        if starts and (is_end or name == "p"):  # a paragraph ends the one before
            ends[starts.pop()] = tag.start(), tag.end() if is_end else tag.start()
        if not is_end:
            starts.append(tag.start())
            hidden += [tag] if _is_hidden(tag) else []
    at = 0
    for tag in hidden:
        if tag.start() >= at and tag.start() in ends:
            within, end = ends[tag.start()]
            yield text[at : tag.start()]
            if not _OF_PROGRAMS.search(tag["attributes"]) and _is_styled(tag):
                left_out.append(text[tag.end() : within])
            at = end
    yield text[at:]


def _is_hidden(tag: re.Match[str]) -> bool:
    name, attributes = tag["name"].lower(), tag["attributes"]
    if name in _VOID or _UNFOLDS.search(attributes):
        return False
    is_comment = name == "div" and _COMMENT.match(tag.string, tag.end())
    return bool(is_comment) or _is_styled(tag)


def _is_styled(tag: re.Match[str]) -> bool:
    """Return whether the style or an attribute of a tag hides it."""
    attributes = tag["attributes"]
    is_hidden = _IS_HIDDEN.search(_QUOTED.sub("", attributes))
    return bool(is_hidden) or any(map(_HIDES.search, _SAYS_HOW.findall(attributes)))


def _styled(text: str) -> str:
    """Return HTML in which what is bold, struck, raised, … by its style is so by its element."""
    opened: dict[str, list[str]] = {}

    def marked(tag: re.Match[str]) -> str:
        name = tag["name"].lower()
        if tag["slash"]:
            ends = opened.get(name)
            return ends.pop() if ends else tag[0]
        style = tag["attributes"]
        start, end = _elements(name, style)
        opened.setdefault(name, []).append(end)
        return start

    return _MARK_UP.sub(marked, text)


def _elements(name: str, style: str) -> tuple[str, str]:
    if name in {"b", "strong"} and _NORMAL.search(style):  # Google Docs, around all of it
        return "", ""
    if name == "span" and "mso-list" in style:
        return f"<span{style}>", "</span>"
    names = [] if name == "span" else ["s" if name == "strike" else name]
    if name == "span":
        by_style = (("b", _BOLD), ("i", _ITALIC), ("s", _STRUCK))
        names += [element for element, says in by_style if says.search(style)]
        if raised := _RAISED.search(style):  # 10 to the sixth is not 106
            names.append(raised["name"].lower())
    return "".join(f"<{one}>" for one in names), "".join(f"</{one}>" for one in names[::-1])


# ---- Lists


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    level: int
    html: str
    number: int | None


def _listed(text: str) -> Iterator[str]:
    """Return HTML in which paragraphs that Word shows as items of a list are items."""
    at, items = 0, list[_Item]()
    opened: re.Match[str] | None = None
    for tag in _PARAGRAPH.finditer(text):
        if not tag["slash"]:
            opened = tag
            continue
        if opened is None:
            continue
        item = _item(opened["attributes"], text[opened.end() : tag.start()])
        between = text[at : opened.start()]
        if item is None or between.strip():
            yield from _nested(items)
            items = []
        if item is None:
            yield text[at : tag.end()]
        else:
            yield between
            items.append(item)
        at, opened = tag.end(), None
    yield from _nested(items)
    yield text[at:]


def _item(attributes: str, content: str) -> _Item | None:
    if not _LIST.search(attributes):
        return None
    level = _LEVEL.search(attributes)
    found = _IGNORED.search(content)
    if found:
        end = _end_of_span(content, found.end())
        mark, rest = _TAG.sub("", content[found.end() : end]), content[end:]
    elif lead := _LEAD.match(content):
        mark, rest = lead["mark"], content[lead.end() :]
    else:
        return None
    mark = mark.replace("&nbsp;", " ").strip()
    read = mark_of(f"{mark} x") if mark not in _SYMBOLS else None
    is_number = read is not None and read.kind == "number"
    is_label = not is_number and (len(mark) > 1 or mark.isdigit()) and any(map(str.isalnum, mark))
    return _Item(
        level=int(level[1]) if level else 1,
        html=f"{mark} {rest.strip()}" if is_label else rest.strip(),
        number=read.orders[0] if read is not None and is_number else None,
    )


def _end_of_span(content: str, at: int) -> int:
    depth = 1
    for tag in _SPAN.finditer(content, at):
        depth += -1 if tag["slash"] else 1
        if not depth:
            return tag.end()
    return at


@dataclass(slots=True, kw_only=True)
class _List:
    """A list that is open, and the number that its next item should have, if any."""

    name: str
    level: int
    expected: int | None = None


def _nested(items: Sequence[_Item]) -> Iterator[str]:
    """Return items as lists within lists; a level without items of its own is none."""
    opened: list[_List] = []
    for item in items:
        name = "ul" if item.number is None else "ol"
        while opened and opened[-1].level > item.level:
            yield f"</li></{opened.pop().name}>"
        last = opened[-1] if opened and opened[-1].level == item.level else None
        if last and last.name == name and item.number in {None, last.expected}:
            yield "</li>"
        else:
            if last:
                yield f"</li></{opened.pop().name}>"
            start = f' start="{item.number}"' if item.number not in {None, 1} else ""
            opened.append(_List(name=name, level=item.level))
            yield f"<{name}{start}>"
        opened[-1].expected = None if item.number is None else item.number + 1
        yield f"<li>{item.html}"
    while opened:
        yield f"</li></{opened.pop().name}>"
