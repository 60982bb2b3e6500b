"""Characters that feeds keep, and characters that are removed from them."""

from __future__ import annotations

import sys
import unicodedata
from itertools import chain
from pathlib import Path
from time import process_time
from typing import Literal

import pytest

import dateline
from dateline.text.characters import clean_text, normalised, sifted, straight


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


FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")


@pytest.mark.long
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "marks", ["\u0315\u0300", "\uff9e\u0300", "\u0f73\u0300", "\u0344\u0315", "а\u0315\u0300"]
)
def test_a_row_of_marks_takes_time_in_proportion_to_its_length(
    form: Literal["NFC", "NFD", "NFKC", "NFKD"], marks: str
) -> None:
    """Else one form with a megabyte of them keeps the newsroom busy for an hour."""
    begun = process_time()

    found = normalised(form, marks * 200_000)

    assert process_time() - begun < 5
    assert normalised(form, found) == found


@pytest.mark.long
@pytest.mark.parametrize("form", FORMS)
def test_a_text_of_any_language_has_the_normal_form_of_unicode(
    form: Literal["NFC", "NFD", "NFKC", "NFKD"],
) -> None:
    """Each character, and up to thirty marks on it, is as `unicodedata` has it."""
    every = map(chr, chain(range(0xD800), range(0xE000, sys.maxunicode + 1)))
    text = " ".join(every)
    marked = "e" + "\u0315\u0300\u0323" * 10

    assert normalised(form, text) == unicodedata.normalize(form, text)
    assert normalised(form, marked) == unicodedata.normalize(form, marked)


def test_nothing_else_brings_text_into_a_normal_form() -> None:
    """`unicodedata.normalize` takes long on a row of marks."""
    files = Path(dateline.__file__).parent.rglob("*.py")

    found = {path.name for path in files if "unicodedata.normalize(" in path.read_text("utf-8")}

    assert found == {"characters.py"}
