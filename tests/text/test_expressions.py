"""Regular expressions at the head of a module are compiled when they are first used."""

from __future__ import annotations

import re

import pytest

from dateline.text.expressions import regex


def test_a_pattern_is_the_one_that_re_compiles() -> None:
    """Its methods and attributes, its flags, and patterns of bytes are the same."""
    words, of_bytes = regex(r"(?P<word>[a-z]+)", re.IGNORECASE), regex(rb"[0-9]+")

    assert [one["word"] for one in words.finditer("Harbour opens")] == ["Harbour", "opens"]
    assert words.sub("-", "1 May") == "1 -"
    assert words.subn("-", "1 May") == ("1 -", 1)
    assert words.split("1May2") == ["1", "May", "2"]
    assert (words.pattern, words.groups, of_bytes.findall(b"1 - 3")) == (
        r"(?P<word>[a-z]+)",
        1,
        [b"1", b"3"],
    )


def test_a_pattern_is_compiled_when_it_is_used() -> None:
    """A faulty one is found only then."""
    faulty = regex("(")

    with pytest.raises(re.error, match="unterminated subpattern"):
        faulty.search("")
