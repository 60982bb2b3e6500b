"""Patterns: a document is rendered once with marks as its texts, others put theirs there.

Noncharacters enclose a mark: they are valid in XML and HTML, and texts hold none
(`dateline.text.characters.clean_text`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Generic, TypeVar

from dateline.model import Span
from dateline.system.memo import get_or_create
from dateline.text.expressions import regex

_Shape = TypeVar("_Shape", bound=Hashable)

# The moments and days of a stand-in, which its document has nowhere else.
PUBLISHED = datetime(2222, 2, 2, 2, 2, 2, tzinfo=UTC)
UPDATED = datetime(2333, 3, 3, 3, 3, 3, tzinfo=UTC)
DAYS = tuple(
    Span(start=date(2222, 2, day), end=date(2222, 2, day), precision="day") for day in range(10, 20)
)
_OPEN, _CLOSE = "\ufde0", "\ufde1"
_MARK = regex(f"{_OPEN}([^{_CLOSE}]+){_CLOSE}")
# As Jinja writes them, which would make an object of each text.
_REFERENCES = {"&": "&amp;", ">": "&gt;", "<": "&lt;", "'": "&#39;", '"': "&#34;"}
_IN_JSON = regex(r"\\ufde0([^\\]+)\\ufde1")


@dataclass(frozen=True, slots=True)
class Pattern:
    """The pieces of a document between its texts, and the name of each text.

    >>> pattern = Pattern.of(f'<a href="{mark("link")}">{mark("title")}</a>', {})
    >>> pattern.filled({"link": "b.html", "title": "B"})
    '<a href="b.html">B</a>'
    """

    pieces: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, text: str, known: Mapping[str, str], *, is_xml: bool = False) -> Pattern:
        """Return the pattern of a stand-in; `known` are names of what stands there without marks.

        The name of a text in JSON begins with `$`, in XML that of a text in an attribute with `=`.
        """
        for name, part in known.items():
            text = text.replace(part, mark(name))
        if is_xml:
            text = text.replace(f'="{_OPEN}', f'="{_OPEN}=')
        text = _IN_JSON.sub(f"{_OPEN}$\\1{_CLOSE}", text)
        parts = _MARK.split(text)
        return cls((*parts[::2],), (*parts[1::2],))

    def filled(self, texts: Mapping[str, str]) -> str:
        """Return the document that has these escaped texts."""
        out = [""] * (len(self.pieces) + len(self.names))
        out[::2] = self.pieces
        out[1::2] = [texts[name] for name in self.names]
        return "".join(out)


class Patterns(Generic[_Shape]):
    """The patterns of the shapes that were used last.

    One is made for a shape that comes a second time: of a single one it would cost more than it
    saves.
    """

    def __init__(self) -> None:
        self._known = OrderedDict[_Shape, Pattern | None]()

    def find(self, shape: _Shape, make: Callable[[], Pattern]) -> Pattern | None:
        """Return the pattern of a shape, or None if the shape is new."""
        if shape not in self._known:
            return get_or_create(self._known, shape, lambda: None)
        found = get_or_create(self._known, shape, make)
        if found is None:
            found = self._known[shape] = make()
        return found


def escaped(text: str) -> str:
    """Return a text as Jinja escapes it.

    >>> escaped('"A" & <b>')
    '&#34;A&#34; &amp; &lt;b&gt;'
    """
    for character, reference in _REFERENCES.items():
        if character in text:
            text = text.replace(character, reference)
    return text


def mark(name: str) -> str:
    """Return the text of a stand-in that has this name."""
    return f"{_OPEN}{name}{_CLOSE}"
