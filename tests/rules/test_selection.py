"""By what feeds select, and which categories are slips."""

from __future__ import annotations

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
        ("Human Trafficking", "human trafficking"),
        ("Albania", None),
        ("UN", None),
        ("Lebanon 2", None),
        ("migrants", None),
    ],
)
def test_a_slip_is_a_letter_or_capitals(category: str, meant: str | None) -> None:
    """Other words, short ones, and those with numbers are meant as they are."""
    assert misspelt([category], KNOWN) == ({category: meant} if meant else {})


def test_a_category_that_nearly_is_another_is_asked_about_once(newsroom: Newsroom) -> None:
    """Feeds' categories and those of entries are known; the entry is published all the same."""
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
