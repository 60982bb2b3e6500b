"""The search index follows what is published, and has nothing else."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dateline import publish
from dateline.documents.search import INDEX, SearchReader, report_damage
from dateline.text.search_terms import of_query
from support.publication import CONFIG, Newsroom, entry_file

ON = "\n[search]\nenabled = true\n"
GRACE = timedelta(minutes=15)


@pytest.fixture
def searched(tmp_path: Path) -> Newsroom:
    """Return a publication with a search, and one entry."""
    (tmp_path / "config.toml").write_text(CONFIG + ON, encoding="utf-8")
    room = Newsroom(tmp_path)
    room.drop("harbour.toml", entry_file("Harbour opens", categories='["Lebanon"]'))
    for number in range(3):
        room.drop(f"other-{number}.toml", entry_file(f"Something else {number}"))
    room.build()
    return room


def found(room: Newsroom, query: str, **facets: list[str]) -> int:
    """Return how many entries a query finds."""
    reader = SearchReader(room.folder / "feeds")
    try:
        return reader.find(of_query(query), facets, limit=20).count
    finally:
        reader.close()


def on_disk(room: Newsroom) -> bytes:
    """Return all bytes of the index and of its log."""
    return b"".join(path.read_bytes() for path in (room.folder / "feeds").glob(f"{INDEX}*"))


def test_an_entry_is_found_by_its_words_and_facets(searched: Newsroom) -> None:
    """Title, text, category and place lead to it, within its year, language and topic."""
    fields = {"place": '"Nairobi"', "language": '"fr"', "body": '"""\nLe *procès* a lieu.\n"""'}
    searched.drop("trial.toml", entry_file("Un événement", "2025-03-01", **fields))
    searched.build()

    assert [found(searched, word) for word in ("evenement", "proces", "nairobi", "harbour")] == [
        1
    ] * 4
    assert found(searched, "", language=["fr"]) == 1
    assert found(searched, "", language=["fr", "en"], year=["2025"]) == 1
    assert found(searched, "", category=["lebanon"]) == 1
    assert found(searched, "proces", year=["2026"]) == 0


@pytest.mark.parametrize(
    ("title", "fields"),
    [
        ("Zebra", {"date": "2026-12-24T10:00:00Z"}),
        ("Zebra", {"draft": "true"}),
        ("Zebra", {"expires": '"no day at all"'}),
        ("Zebra", {"expires": "2026-11-25T08:00:00Z"}),
    ],
    ids=["embargoed", "draft", "held", "expired"],
)
def test_what_is_not_public_is_not_in_the_index(
    searched: Newsroom, title: str, fields: dict[str, str]
) -> None:
    """No byte of the index is of an entry that readers may not see, or not any more."""
    searched.drop("zebra.toml", entry_file(title, **fields))
    searched.build()

    assert b"zebra" not in on_disk(searched)
    assert b"harbour" in on_disk(searched)


def test_an_entry_that_expires_leaves_the_index(searched: Newsroom) -> None:
    """It does at the first run after that moment, although its file stays the same."""
    searched.drop("zebra.toml", entry_file("Zebra", expires="2026-11-25T12:00:00Z"))
    searched.build()
    assert found(searched, "zebra") == 1

    searched.build(after=timedelta(hours=3))

    assert b"zebra" not in on_disk(searched)


def test_a_changed_entry_is_found_by_its_new_words(searched: Newsroom) -> None:
    """Its former words are nowhere in the index."""
    searched.drop("harbour.toml", entry_file("Harbour shuts", categories='["Lebanon"]'))
    searched.build()

    assert (found(searched, "shuts"), found(searched, "opens")) == (1, 0)
    assert b"opens" not in on_disk(searched)


@pytest.mark.long
def test_a_withdrawn_entry_leaves_the_index_and_comes_back(searched: Newsroom) -> None:
    """A deleted file takes its words out of the index, and its return brings them back."""
    path = searched.folder / "entries/harbour.toml"
    kept = path.read_bytes()
    path.unlink()
    searched.build()
    searched.build(after=GRACE)
    assert b"harbour" not in on_disk(searched)

    searched.drop("harbour.toml", kept)
    searched.build()

    assert found(searched, "harbour") == 1


@pytest.mark.long
def test_a_takedown_leaves_no_word(searched: Newsroom) -> None:
    """No byte of the index, its log included, is of an entry that was taken down."""
    id_ = next(one["id"] for one in searched.items() if one["title"] == "Harbour opens")
    (searched.folder / "entries/harbour.toml").unlink()

    now = searched.now + timedelta(minutes=1)
    publish.build(
        searched.config, publish.RunRequest(now=now, clock=datetime.now(UTC), takedown=id_)
    )

    assert b"harbour" not in on_disk(searched)
    assert found(searched, "something") == 3


@pytest.mark.long
def test_a_retracted_entry_is_found_by_its_title_alone(searched: Newsroom) -> None:
    """Its text is no longer claimed, so no word of it leads there."""
    text = entry_file("Harbour opens", categories='["Lebanon"]', body='"A giraffe."')
    searched.drop("harbour.toml", text)
    searched.build()
    assert found(searched, "giraffe") == 1

    searched.drop("harbour.toml", f'status = "retracted"\nretraction = "It was a camel."\n{text}')
    searched.build()

    assert (found(searched, "giraffe"), found(searched, "camel"), found(searched, "harbour")) == (
        0,
        0,
        1,
    )
    assert b"giraffe" not in on_disk(searched)


@pytest.mark.long
def test_an_index_of_an_earlier_run_is_made_again(searched: Newsroom) -> None:
    """A copy from before the last run, as a crash or a backup leaves, is repaired in the next."""
    path = searched.folder / "feeds" / INDEX
    before = path.read_bytes()
    searched.drop("new.toml", entry_file("Bridge opens"))
    searched.build()
    path.write_bytes(before)
    assert found(searched, "bridge") == 0

    searched.build()

    assert found(searched, "bridge") == 1


@pytest.mark.parametrize("damage", ["gone", "no database", "a page"])
def test_a_damaged_index_is_made_again(searched: Newsroom, damage: str) -> None:
    """The next run does that, when it is missing, unreadable, or reported by a search."""
    path = searched.folder / "feeds" / INDEX
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "no database":
        path.write_bytes(b"x" * len(data))
    else:
        path.write_bytes(data[:8192] + b"x" * 8192 + data[16384:])
        report_damage(searched.folder / "feeds")

    searched.build()

    assert found(searched, "harbour") == 1
    assert not [*(searched.folder / "feeds").glob(".search.damaged")]


def test_damage_that_no_search_met_is_found_within_a_day(searched: Newsroom) -> None:
    """A check of the whole index, once a day, finds it."""
    path = searched.folder / "feeds" / INDEX
    data = bytearray(path.read_bytes())
    place = data.index(b"harbour")
    data[place - 20 : place + 200] = b"\xff" * 220
    path.write_bytes(data)

    searched.build(after=timedelta(days=1, minutes=1))

    assert found(searched, "harbour") == 1


@pytest.mark.long
def test_without_a_search_there_is_no_index(searched: Newsroom) -> None:
    """It goes when search is switched off, and is made when it is switched on."""
    config = searched.folder / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")
    searched.build()
    assert not [*(searched.folder / "feeds").glob(f"{INDEX}*")]

    config.write_text(CONFIG + ON, encoding="utf-8")
    searched.build()

    assert found(searched, "harbour") == 1


@pytest.mark.long
def test_without_a_search_no_page_says_that_it_is_busy(searched: Newsroom) -> None:
    """The pages are there with the search, and go with it."""
    assert "503.html" in searched.feeds()

    (searched.folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    searched.build()

    assert not [path for path in searched.feeds() if path.startswith("503")]


def test_an_index_that_cannot_be_written_keeps_no_news_back(searched: Newsroom) -> None:
    """The entry is published, and found once the index can be written again."""
    path = searched.folder / "feeds" / INDEX
    path.unlink()
    path.mkdir()
    searched.drop("new.toml", entry_file("Bridge opens"))
    searched.build()
    assert "Bridge opens" in [one["title"] for one in searched.items()]

    shutil.rmtree(path)
    searched.build()

    assert found(searched, "bridge") == 1
