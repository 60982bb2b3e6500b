"""Which characters come through, and which are taken out?"""

from __future__ import annotations

import pytest

from dateline.text.characters import clean_text, sifted, straight


@pytest.mark.parametrize(
    "refused",
    ["\0", "\x0b", "\x1f", "\x7f", "\x85", "\ud800", "\ufdd0", "\ufffe", "\uffff", "\U0010ffff"],
)
def test_what_breaks_feeds_is_taken_out(refused: str) -> None:
    """Control characters, halves of pairs and noncharacters leave no gap."""
    assert sifted(f"a{refused}b") == clean_text(f"a{refused}b") == "ab"


@pytest.mark.parametrize("kept", ["\t", "\n", "\r", "\xa0", "\u200f", "\ufffd", "\U0001f6a2"])
def test_what_feeds_can_hold_stays(kept: str) -> None:
    """Spaces, marks of direction, letters beyond the first plane."""
    assert sifted(kept) == clean_text(kept) == kept


def test_what_turns_text_round_can_be_taken_out() -> None:
    """Marks that only say of a space or a stop which way it goes stay."""
    assert straight("a\u202ab\u202e\u2066c\u2069\u200f") == "abc\u200f"


def test_a_tidy_text_is_in_nfc() -> None:
    """A letter and its accent are one, also where something stood between them."""
    assert clean_text("e\N{COMBINING ACUTE ACCENT}") == "é"
    assert clean_text("e\ufdd0\N{COMBINING ACUTE ACCENT}") == "é"


def test_markup_is_not_composed() -> None:
    """A combining letter at the start of a paragraph does not swallow the tag's end."""
    text = "<p>\N{COMBINING LONG SOLIDUS OVERLAY}</p>"

    assert sifted(text) == text
