"""HTML fragments: notes, headings, paragraphs and bare addresses.

Each function takes well-formed HTML as `markdown` writes it; its time grows with the length alone.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from dateline.text.expressions import regex

# ---- Notes and headings

# Nine digits are more than any text has notes: markup of others may look like this, too.
_CALL = regex(r'<sup class="footnote-reference"><a href="#[^"]*">([0-9]{1,9})</a></sup>')
_NOTE = regex(
    r'<div class="footnote-definition" id="[^"]*">'
    r'<sup class="footnote-definition-label">([0-9]{1,9})</sup>\n'
)
_NOTE_ENDS = regex(r"\n</div>\n?")
_HEADING = regex(r"<(/?)h([1-5])\b")


def numbered(whole: str) -> str:
    """Return the HTML of Markdown with its footnotes as a numbered list at the end.

    No note has an id: a page or a reader shows many entries side by side, and most readers remove
    ids and leave dead links.
    """
    if '<sup class="footnote-' not in whole:
        return whole
    words, notes = _without_notes(whole)
    text = _CALL.sub(r"<sup>[\1]</sup>", words)
    items = [_CALL.sub(r"<sup>[\1]</sup>", "\n".join(notes[number])) for number in sorted(notes)]
    listed = "\n".join(f"<li>{item}</li>" for item in items)
    return f"{text}<hr>\n<ol>\n{listed}\n</ol>\n" if items else text


def _without_notes(whole: str) -> tuple[str, dict[int, list[str]]]:
    """Return the HTML outside the notes, and the notes by their numbers."""
    words: list[str] = []
    notes: dict[int, list[str]] = {}
    done = 0
    while (begun := _NOTE.search(whole, done)) and (ends := _NOTE_ENDS.search(whole, begun.end())):
        words.append(whole[done : begun.start()])
        notes.setdefault(int(begun[1]), []).append(whole[begun.end() : ends.start()])
        done = ends.end()
    return "".join((*words, whole[done:])), notes


def below_a_title(whole: str) -> str:
    """Return HTML in which no heading is as high as the title above it."""
    if "<h1" not in whole:
        return whole
    return _HEADING.sub(lambda tag: f"<{tag[1]}h{int(tag[2]) + 1}", whole)


def headless(whole: str) -> str:
    """Return HTML in which no table has a head without words."""
    return _EMPTY_HEAD.sub("", whole) if "<thead><tr><th></th>" in whole else whole


_EMPTY_HEAD = regex(r"<thead><tr>(?:<th></th>)+</tr></thead>")

# ---- Lists

_LIST_IN_LIST = regex(r"(?:</li>|</?[ou]l\b[^<>]*>)\s*<[ou]l\b")
_OF_LIST = regex(r"<(?P<slash>/?)(?P<name>[ou]l|li)\b[^<>]*>|[^<]+|<[^<>]*>")


@dataclass(slots=True)
class _Open:
    """An open list or item: where its tag stands, and the end of an item that follows its own.

    `items` of a list are counted; `alone` is where the tag of one stands that only holds a list.
    """

    name: str
    at: int
    after: str = ""
    items: int = 0
    alone: int = 0


def nested(safe: str) -> str:
    """Return cleaned HTML in which a list that stands right in another is part of an item.

    So Google Docs, LibreOffice and OneNote put lists into each other (HTML, 4.4.5: a list has only
    items). A list that only holds another one is that one.

    >>> nested("<ul><li>a</li><ul><li>b</li></ul></ul>"), nested("<ul><ul><li>a</li></ul></ul>")
    ('<ul><li>a<ul><li>b</li></ul></li></ul>', '<ul><li>a</li></ul>')
    """
    if not _LIST_IN_LIST.search(safe):
        return safe
    out: list[str] = []
    begun: list[_Open] = []
    for token in _OF_LIST.finditer(safe):
        name = token["name"]
        if name is None:
            out.append(token[0])
        elif token["slash"]:
            _end(token[0], out, begun)
        else:
            one, holder = _Open(name, len(out)), begun[-1] if begun else None
            if holder and holder.name != "li" and name != "li":
                _make_part(one, holder, out)
            elif holder:
                holder.items += 1
            out.append(token[0])
            begun.append(one)
    return "".join(out)


def _make_part(one: _Open, holder: _Open, out: list[str]) -> None:
    """Make a list part of the last item of the list that holds it, or of an item of its own."""
    if _ends_item(out):
        out[-1] = out[-1].removesuffix("</li>")
    else:
        holder.items, holder.alone = holder.items + 1, len(out)
        out.append("<li>")
    one.at, one.after = len(out), "</li>"


def _ends_item(out: list[str]) -> bool:
    """Remove blanks at the end; return whether an item ends before them."""
    while out and out[-1].isspace():
        out.pop()
    return bool(out) and out[-1].endswith("</li>")


def _end(tag: str, out: list[str], begun: list[_Open]) -> None:
    """End a list or an item; a list that only holds another one is left out."""
    one = begun.pop() if begun else _Open("", 0)
    if one.alone and one.items == 1 and _ends_item(out):
        out[one.at] = out[one.alone] = ""
        out[-1] = out[-1].removesuffix("</li>") + one.after
    else:
        out.append(tag + one.after)


# ---- Paragraphs

_TOKEN = regex(r'<(?P<slash>/?)(?P<name>[a-z][a-z0-9]*)(?P<attributes>(?: [a-z]+="[^"]*")*)>|[^<]+')
_PHRASES = frozenset(
    {
        "a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "del", "dfn", "em", "i", "img",
        "ins", "kbd", "mark", "q", "s", "samp", "small", "strong", "sub", "sup", "u", "var",
    }
)  # fmt: skip
# Elements that hold words as they are, and paragraphs where there are several.
_EITHER = frozenset({"dd", "figcaption", "figure", "li", "td", "th"})
_NEITHER = frozenset({"div", "p"})
_PARTED = regex(r"<br>(?:\s|&nbsp;|<br>)*<br>")
_EMPTY = ("<br>", "&nbsp;", " ", "\n", "\t")
_SHOWS = regex(r"<img|(?:^|>)(?:\s|&nbsp;)*(?!&nbsp;)[^<>\s]")


def paragraphs(safe: str) -> str:
    """Return cleaned HTML with `<div>` as valid HTML without, in which all words stay apart.

    What stood in a block of its own is a paragraph, or part of the element that held it. Marks
    around blocks are put inside each of them, paragraphs without words go.

    >>> paragraphs("<div>a</div><b><p>b</p></b>")
    '<p>a</p><p><b>b</b></p>'
    """
    flow = _Flow()
    for token in _TOKEN.finditer(safe):
        name = token["name"]
        if name is None:
            flow.text(token[0])
        elif name in _PHRASES:
            flow.phrase(name, token[0], closes=bool(token["slash"]))
        elif token["slash"]:
            flow.close(name)
        else:
            flow.open(name, token[0])
    flow.flush()
    return "".join(flow.out)


@dataclass(slots=True)
class _Flow:
    """The HTML so far, the open blocks and marks, and the words since the last block."""

    out: list[str] = field(default_factory=list)
    blocks: list[tuple[str, str]] = field(default_factory=list)
    marks: list[tuple[str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def text(self, text: str) -> None:
        """Take words; between blocks, spaces stay as they are."""
        if self.words or not text.isspace() or self._is_plain():
            self._begin()
            self.words.append(text)
        else:
            self.out.append(text)

    def phrase(self, name: str, tag: str, *, closes: bool) -> None:
        """Take a mark, a picture or the end of a line."""
        if name in {"br", "img"}:
            self._begin()
            self.words.append(tag)
            return
        if self.words:
            self.words.append(tag)
        if not closes:
            self.marks.append((name, tag))
        elif self.marks:
            self.marks.pop()

    def open(self, name: str, tag: str) -> None:
        """Begin a block."""
        self.flush()
        if name == "hr":
            self.out.append(tag)
            return
        self.blocks.append((name, tag))
        if name not in _NEITHER:
            self.out.append(tag)

    def close(self, name: str) -> None:
        """End a block."""
        self.flush()
        if self.blocks:
            self.blocks.pop()
        if name not in _NEITHER:
            self.out.append(f"</{name}>")

    def flush(self) -> None:
        """Write the words since the last block."""
        if not self.words:
            return
        holder = self.blocks[-1][0] if self.blocks else ""
        words = "".join((*self.words, *(f"</{name}>" for name, _ in reversed(self.marks))))
        self.words = []
        tag = self._paragraph()
        if not tag:
            self.out.append(words)
            return
        parts = _PARTED.split(words) if holder != "p" and not self.marks else [words]
        bare = (part[slice(*_within(part))] for part in parts)
        self.out += [f"{tag}{part}</p>" for part in bare if _SHOWS.search(part)]

    def _begin(self) -> None:
        if not self.words:
            self.words = [tag for _, tag in self.marks]

    def _is_plain(self) -> bool:
        return any(name == "pre" for name, _ in self.blocks)

    def _paragraph(self) -> str:
        """Return the tag that the words need around them, or an empty text."""
        name, tag = self.blocks[-1] if self.blocks else ("", "")
        if name == "p":
            return tag
        holder = next((name for name, _ in reversed(self.blocks) if name != "div"), "")
        if holder in {"", "blockquote"} or (holder in _EITHER and name == "div"):
            return f"<p{tag.removeprefix('<div').removesuffix('>')}>" if name == "div" else "<p>"
        return ""


def _within(words: str) -> tuple[int, int]:
    """Return where words begin and end, without ends of lines and spaces around them."""
    start, end = 0, len(words)
    while blank := next((one for one in _EMPTY if words.startswith(one, start, end)), ""):
        start += len(blank)
    while sign := next((one for one in _EMPTY if words.endswith(one, start, end)), ""):
        end -= len(sign)
    return start, end


# ---- Bare addresses

_ADDRESS = (
    r"(?:(?<=&nbsp;)|(?<![A-Za-z0-9@._~/=&;+%-]))"
    r"(?:(?P<web>(?:https?://|www\.)(?:[^\s<>&\"'`{}|\\^\u2000-\u206f\u2e80-\U0001ffff"
    r"،؛؟«»“”‘’„…\u00a0]|&amp;|'(?=\w))++)"
    # What stands behind the apostrophe of sean.o'brien@… is none; behind l'… in French it is.
    r"|(?P<mail>(?<!(?-i:[A-Z])['’])(?<![A-Za-z0-9._%+-](?-i:[a-z])['’])(?<!\bo['’])"
    r"[A-Za-z0-9_][A-Za-z0-9._%+-]{0,63}+@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}"
    r"(?![A-Za-z0-9@-])))"
)
_MAY_LINK = regex(r"://|www\.|@", re.IGNORECASE)
_IS_BARE = regex(
    r'(?<!href="https)(?<!href="http)(?<!src="https)(?<!src="http)://|(?<!/)www\.|@', re.IGNORECASE
)
_OF_LINKS = ('href="https://', 'href="http://', 'src="https://', 'src="http://')
_OUTSIDE = regex(r'<(?P<slash>/?)(?P<name>[a-z][a-z0-9]*)(?:[^<>"]|"[^"]*")*>|[^<]+', re.IGNORECASE)
_SILENT = frozenset({"a", "code", "kbd", "pre", "samp"})
_STOPS = ".,;:!?*~'"
_AMPERSAND = "&amp;"
_HOST = regex(r"(?:https?://)?[^\s/?#]*[\w-]\.[^\W\d_]{2,}", re.IGNORECASE)


def linked(whole: str, address_of: Callable[[str], str | None]) -> str:
    """Return HTML in which bare web and mail addresses are links.

    `address_of` gives the address of a link, or None where it is none. The stops and brackets
    of the sentence around are no part of it, in any script.

    >>> linked("<p>See (www.example.org).</p>", lambda text: text)
    '<p>See (<a href="https://www.example.org">www.example.org</a>).</p>'
    """
    if not (_may_be_bare(whole) and _IS_BARE.search(whole)):
        return whole  # as most are: all addresses are links already
    depth = 0

    def shown(token: re.Match[str]) -> str:
        nonlocal depth
        name = token["name"]
        if name is None:
            if depth or not _MAY_LINK.search(token[0]):
                return token[0]
            return re.sub(
                _ADDRESS, lambda one: _link(one, address_of), token[0], flags=re.IGNORECASE
            )
        if name in _SILENT:
            depth += -1 if token["slash"] else 1
        return token[0]

    return _OUTSIDE.sub(shown, whole)


def _may_be_bare(whole: str) -> bool:
    """Return whether `_IS_BARE` may find anything, which takes it long in a text without."""
    return (
        "@" in whole
        or "www." in whole.lower()
        or whole.count("://") != sum(map(whole.count, _OF_LINKS))
    )


def _link(found: re.Match[str], address_of: Callable[[str], str | None]) -> str:
    if found["mail"]:
        return f'<a href="mailto:{found[0]}">{found[0]}</a>'
    words = _trimmed(found[0])
    plain = html.unescape(words)
    full = plain if "://" in plain[:8] else f"https://{plain}"
    address = address_of(full) if _HOST.match(plain) else None
    if not address:
        return found[0]
    return f'<a href="{html.escape(address)}">{words}</a>{found[0][len(words) :]}'


def _trimmed(words: str) -> str:
    """Return an address without the stops and closing brackets of the sentence around it."""
    opened = {")": words.count("(") - words.count(")"), "]": words.count("[") - words.count("]")}
    end = len(words)
    while end:
        last = words[end - 1]
        if words.endswith(_AMPERSAND, 0, end):
            end -= len(_AMPERSAND)
        elif last in _STOPS:
            end -= 1
        elif opened.get(last, 0) < 0:
            opened[last] += 1
            end -= 1
        else:
            break
    return words[:end]
