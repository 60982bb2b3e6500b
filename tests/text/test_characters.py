"""Characters that feeds keep, and characters that are removed from them."""

from __future__ import annotations

import pytest

from dateline.text.characters import clean_text, sifted, straight


@pytest.mark.parametrize(
    "refused",
    ["\0", "\x0b", "\x1f", "\x7f", "\x85", "\ud800", "\ufdd0", "\ufffe", "\uffff", "\U0010ffff"],
)
def test_characters_that_break_feeds_are_removed(refused: str) -> None:
    """Control characters, lone surrogates and noncharacters leave no gap."""
    assert sifted(f"a{refused}b") == clean_text(f"a{refused}b") == "ab"


@pytest.mark.parametrize("kept", ["\t", "\n", "\r", "\xa0", "\u200f", "\ufffd", "\U0001f6a2"])
def test_characters_that_feeds_allow_stay(kept: str) -> None:
    """Spaces, direction marks, and letters beyond the first plane."""
    assert sifted(kept) == clean_text(kept) == kept


def test_characters_that_reorder_text_can_be_removed() -> None:
    """Marks that only give the direction of a space or a full stop stay."""
    assert straight("a\u202ab\u202e\u2066c\u2069\u200f") == "abc\u200f"


def test_a_tidy_text_is_in_nfc() -> None:
    """A letter and its accent are composed, even if a removed character was between them."""
    assert clean_text("e\N{COMBINING ACUTE ACCENT}") == "é"
    assert clean_text("e\ufdd0\N{COMBINING ACUTE ACCENT}") == "é"


def test_markup_is_not_composed() -> None:
    """A combining letter at the start of a paragraph does not combine with the tag's end."""
    text = "<p>\N{COMBINING LONG SOLIDUS OVERLAY}</p>"

    assert sifted(text) == text
