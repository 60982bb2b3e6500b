"""Feeds select entries by category, and misspelt categories are reported."""

from __future__ import annotations

from time import process_time

import pytest

from dateline.rules.selection import misspelt
from support.publication import Newsroom, entry_file

KNOWN = {"lebanon": "Lebanon", "human trafficking": "human trafficking", "eu": "EU"}


@pytest.mark.parametrize(
    ("category", "meant"),
    [
        ("Lebanon", None),
        ("lebanon", "Lebanon"),
        ("Lebannon", "Lebanon"),
        ("Lebano", "Lebanon"),
        ("Lepanon", "Lebanon"),
        ("Lebnaon", "Lebanon"),
        ("Lebanonoon", None),
        ("Human Trafficking", "human trafficking"),
        ("Albania", None),
        ("UN", None),
        ("Lebanon 2", None),
        ("migrants", None),
    ],
)
def test_a_misspelt_category_differs_by_a_letter_or_by_capitals(
    category: str, meant: str | None
) -> None:
    """Different words, short words and words with numbers are left as they are."""
    assert misspelt([category], KNOWN) == ({category: meant} if meant else {})


def test_categories_of_the_same_letters_are_compared_quickly() -> None:
    """A file may have a hundred new ones, and thousands are known."""
    letters = "abcdefghij" * 20
    known = {f"{letters[n:]}{letters[:n]}{'x' * (n // 10)}": "x" for n in range(2000)}
    begun = process_time()

    assert misspelt([f"{letters[n:]}q{letters[:n]}z" for n in range(100)], known) == {}
    assert process_time() - begun < 30  # by their longest common parts they take many minutes


def test_a_category_similar_to_a_known_one_is_reported_once(newsroom: Newsroom) -> None:
    """Categories of feeds and of entries are known; the entry is published all the same."""
    newsroom.drop("a.toml", entry_file("One", categories='["Lebannon", "prevention"]'))
    newsroom.build()
    newsroom.drop("b.toml", entry_file("Two", categories='["Prevention", "India"]'))
    newsroom.build()

    said = [(p.file, p.line, p.found, p.wanted) for p in newsroom.log[-1].problems]

    assert said == [
        ("a.toml", 3, "Lebannon", "Lebanon"),
        ("b.toml", 3, "Prevention", "prevention"),
    ]
    assert {problem.state for problem in newsroom.log[-1].problems} == {"warn"}
    assert [item["title"] for item in newsroom.items()] == ["Two", "One"]
