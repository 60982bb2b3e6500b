"""Feeds select entries by category, and misspelt categories are reported."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from time import process_time

import feedparser
import pytest

from dateline.rules.selection import misspelt
from support.publication import CONFIG, Newsroom, entry_file

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


@pytest.mark.parametrize("category", ["Leba\u00adnon", "Lebanon\u200b"])
def test_a_category_that_looks_like_another_is_one_where_a_feed_takes_both(category: str) -> None:
    """Without such a feed each has a page, and nobody sees why."""
    assert misspelt([category], KNOWN) == {category: "Lebanon"}
    assert misspelt([category], KNOWN, ["lebanon"]) == {}


def test_categories_of_the_same_letters_are_compared_quickly() -> None:
    """A file may have a hundred new ones, and thousands are known."""
    letters = "abcdefghij" * 20
    known = {f"{letters[n:]}{letters[:n]}{'x' * (n // 10)}": "x" for n in range(2000)}
    begun = process_time()

    assert misspelt([f"{letters[n:]}q{letters[:n]}z" for n in range(100)], known) == {}
    assert process_time() - begun < 30  # by their longest common parts they take many minutes


@pytest.mark.long
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


LEBANON = [
    "Lebanon",
    'Lebanon", "Lebanon\u200b',
    "LEBANON\u200b",
    "\u200eLebanon",
    "Leba\u00adnon",
    "\ufeffLebanon\u2060",
]
NAMES = [
    "Children's desk",
    "Children\u2019s desk",
    "children\u02bcs desk\u061c",
    "Children\u2018s\u00a0desk",
]


def signed(newsroom: Newsroom) -> Newsroom:
    """Give a newsroom a feed of one author, and an entry of each spelling of topic and author."""
    path = newsroom.folder / "config.toml"
    path.write_text(f'{CONFIG}\n[[feed]]\nname = "desk"\nauthors = ["Children\'s desk"]\n')
    for number, topic in enumerate(LEBANON):
        newsroom.drop(f"t{number}.toml", entry_file(f"T{number}", categories=f'["{topic}"]'))
    for number, name in enumerate(NAMES):
        newsroom.drop(f"a{number}.toml", entry_file(f"A{number}", authors=f'["{name}"]'))
    return newsroom


def listed(newsroom: Newsroom, *paths: str) -> dict[str, set[str]]:
    """Return the titles in feeds: those of a topic and of an author."""
    found = {}
    for path in paths or ALL:
        feed = feedparser.parse(newsroom.folder.joinpath("feeds", path).read_bytes())
        found[path] = {entry.title for entry in feed.entries}
    return found


ALL = {
    "lebanon.atom": {f"T{number}" for number in range(len(LEBANON))},
    "desk.atom": {f"A{number}" for number in range(len(NAMES))},
}


def test_a_feed_takes_names_that_look_the_same(newsroom: Newsroom) -> None:
    """Characters that nobody sees and typographic apostrophes make no other topic or author."""
    report = signed(newsroom).build()

    assert listed(newsroom) == ALL
    assert [one.file for one in report.problems] == ["t2.toml"]  # its capitals are others
    assert not [*newsroom.folder.glob("feeds/topics/lebanon*")]
    assert {one["title"] for one in newsroom.items()} == set().union(*ALL.values())


@pytest.mark.long
def test_what_a_feed_takes_is_the_same_after_an_upgrade(newsroom: Newsroom) -> None:
    """As in a rebuild, and for a ledger that was lost; earlier releases recorded one form."""
    signed(newsroom).build()
    ledger = newsroom.folder / "state/ledger.sqlite"
    with closing(sqlite3.connect(ledger)) as database:
        database.create_function("plain", 1, str.casefold)
        database.execute(
            "DELETE FROM topic WHERE facet IN ('category', 'author') AND value != plain(name)"
        )
        left = {"lebanon", "children's desk"}
        database.execute(
            "DELETE FROM member WHERE feed IN ('lebanon', 'desk') AND entry NOT IN"
            " (SELECT entry FROM topic WHERE value IN (?, ?))",
            sorted(left),
        )
        database.commit()

    newsroom.build(rebuild=True)
    assert listed(newsroom) == ALL
    before = newsroom.feeds()
    newsroom.build(rebuild=True)
    assert newsroom.feeds() == before

    ledger.unlink()
    newsroom.build()
    assert listed(newsroom) == ALL


def test_a_spelling_that_is_meant_is_named_as_it_is_seen(newsroom: Newsroom) -> None:
    """A message never asks whether a name is meant that looks like the one in the file."""
    newsroom.drop(
        "a.toml", entry_file("One", categories='["Nile\u200b Basin", "Droit d\u2019asile"]')
    )
    newsroom.build()
    newsroom.drop("b.toml", entry_file("Two", categories='["Nile Basin", "Droit d\'asile"]'))
    newsroom.drop("c.toml", entry_file("Three", categories='["Nile Bassin"]'))
    problems = newsroom.build().problems

    assert [(one.file, one.found, one.wanted) for one in problems] == [
        ("c.toml", "Nile Bassin", "Nile Basin")
    ]
