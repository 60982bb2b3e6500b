"""Markup in texts: whatever Markdown or HTML is sent, a page that has it harms nobody.

The first byte chooses: Markdown of an entry, HTML of an import, or HTML of a clipboard.
"""

from __future__ import annotations

from collections.abc import Iterator

from dateline.entries.normalise import markdown
from dateline.errors import MarkupError
from dateline.newsroom.write.pasting import markdown_of
from dateline.text.characters import sifted
from fuzz.inputs import pieces
from publication.test_linear import ATOMS
from support.attacks import attacks
from support.harmless import harms
from support.paths import DATA

BASE = "https://news.example.org/2008/"
FILES = {"photo.jpg": "https://news.example.org/media/1-photo.jpg"}
WORDS = pieces("markup", *ATOMS)


def seeds() -> Iterator[bytes]:
    """Yield the published attacks in each of the three ways, and texts of word processors."""
    for attack in attacks("markup"):
        for way in range(3):
            yield bytes([way]) + str(attack["html"]).encode()
    for path in sorted((DATA / "pasted").rglob("*.html")):
        yield b"\2" + path.read_bytes()[:20_000]


def tried(data: bytes) -> None:
    """Make HTML of it, and look at it as a browser does."""
    safe, summary = fed(data)
    assert harms(safe) == [], safe
    if data[:1] and data[0] % 3 == 1:
        again = markdown.cleaned(safe, base=BASE)
        assert harms(again) == [], again
    assert harms(summary.replace("&", "&amp;").replace("<", "&lt;")) == []


def fed(data: bytes) -> tuple[str, str]:
    """Make HTML of a text, and a summary; both are empty where that is refused."""
    way, text = data[0] % 3 if data else 0, sifted(data[1:].decode("utf-8", "replace"))
    try:
        safe = made(text, way)
    except MarkupError:
        return "", ""
    return safe, markdown.summary_of(safe)


def made(text: str, way: int) -> str:
    """Make HTML of a text: an entry, an import, or a clipboard."""
    if way == 1:
        return markdown.cleaned(text, base=BASE)
    text = markdown_of(text) if way == 2 else text
    return markdown.to_html(text, base=BASE, beside=FILES.get)
