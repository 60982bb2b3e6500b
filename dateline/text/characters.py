"""Characters that a text may hold, so that no feed breaks."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from dateline.text.expressions import regex

# All characters except those surely kept: one comparison for each, unlike a list of removed ones.
_SUSPECT = regex("[^\t\n\r\x20-\x7e\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd]+")
# The line and page breaks of word processors, and Unicode's own.
SPACES = str.maketrans(dict.fromkeys("\x0b\x0c\x85\u2028\u2029", " "))
_BASIC_PLANE = "\uffff"
# More marks on one letter than any language has (Unicode UAX #15, "Stream-Safe Text Format").
_MOST_MARKS = 30
_MARKS = regex(rf"[^\w\x00-\x7f]{{{_MOST_MARKS + 1},}}")
_JOINER = "\u034f"


# Marks that show letters in another order than they stand in (Unicode UAX #9, "Bidi_Control"),
# all but those that are as strong as a letter and turn nothing round: U+061C, U+200E, U+200F.
TURNS_TEXT = regex("[\u202a-\u202e\u2066-\u2069]")
# Of these, the two that turn round the letters of a word; no language needs them.
OVERRIDES = regex("[\u202d\u202e]")

# Characters without width that change no word: soft hyphen, marks of direction, zero-width space,
# word joiner, BOM. Joiners (U+200C, U+200D) are not among them: they shape letters and emoji.
UNSEEN = "\u00ad\u061c\u200b\u200e\u200f\u2060\ufeff"
_WITHOUT_UNSEEN = str.maketrans(dict.fromkeys(UNSEEN))
_AS_TYPED = str.maketrans({
    **dict.fromkeys("\u2018\u2019\u02bc\u05f3\uff07\u00b4", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212\u05be", "-"),
})  # fmt: skip


def straight(text: str) -> str:
    """Return `text` without characters that turn text round."""
    return text if text.isascii() else TURNS_TEXT.sub("", text)


def normalised(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """Return a text in a normal form of Unicode, in time in proportion to its length.

    `unicodedata` alone takes the square of the number of marks that stand in a row. A character
    that nobody sees divides such a row.
    """
    if text.isascii():
        return text
    if form.startswith("NFK"):  # marks of half width count as letters until then
        text = text.replace("\uff9e", "\u3099").replace("\uff9f", "\u309a")
    return unicodedata.normalize(form, _MARKS.sub(_divided, text))


def _divided(found: re.Match[str]) -> str:
    parts, marks = [], 0
    for one in found[0]:
        own = unicodedata.normalize("NFKD", one)
        more = len(own) if unicodedata.combining(own[0]) else 0
        if marks + more > _MOST_MARKS:
            parts.append(_JOINER)
            marks = 0
        marks = marks + more if more else 0
        parts.append(one)
    return "".join(parts)


def clean_text(text: str) -> str:
    """Return `text` in NFC, without the characters that `sifted` takes out."""
    if text.replace("\n", "").isprintable():  # most are, and lose nothing
        return normalised("NFC", text)
    return normalised("NFC", sifted(text))


def on_one_line(text: str) -> str:
    """Return `text`, clean_text, on one line with single spaces."""
    return " ".join(clean_text(text.translate(SPACES)).split())


def seen(text: str) -> str:
    """Return `text` on one line, without characters that nobody sees."""
    return on_one_line(text.translate(_WITHOUT_UNSEEN))


@lru_cache(maxsize=4096)  # a publication has few names, over and over
def comparable(name: str) -> str:
    """Return a name in the form in which feeds compare names.

    Case, characters that nobody sees, and typographic apostrophes and hyphens make no difference.

    >>> comparable("Children\u2019s rights") == comparable("CHILDREN'S RIGHTS\u200b")
    True
    """
    return as_typed(name).casefold()


def as_typed(name: str) -> str:
    """Return what is seen of a name, with the apostrophes and hyphens of keyboards."""
    return seen(name).translate(_AS_TYPED)


def sifted(text: str) -> str:
    """Return `text` without characters that XML 1.0 (section 2.2) or readers refuse.

    These are control characters, halves of surrogate pairs and noncharacters. Markup is
    not brought into NFC: that would join a `>` and the combining letter after it.
    """
    return _SUSPECT.sub(_sifted, text)


def _sifted(found: re.Match[str]) -> str:
    """Keep what lies beyond the basic plane, but for the last two of each plane."""
    return "".join(c for c in found[0] if c > _BASIC_PLANE and ord(c) & 0xFFFE != 0xFFFE)  # noqa: PLR2004
