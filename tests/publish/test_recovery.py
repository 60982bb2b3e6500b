"""Published entries are recovered from any intact copy, and never get a new identity silently."""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner, Result
from werkzeug.test import Client

from dateline import publish
from dateline.cli import ledger as bookkeeping
from dateline.documents import manifest
from dateline.documents.manifest import HEAD, PREVIOUS, TABLE
from dateline.documents.store import Store
from dateline.errors import LedgerError, RecoveryError, StoreError
from dateline.ledger import Ledger
from dateline.ledger.integrity import damage
from dateline.ledger.rows import path_digest
from dateline.model import Report
from dateline.publish import settle
from dateline.publish.recovery import inspection, published
from dateline.serve.app import create_app
from dateline.system.safe_files import regular_bytes
from support.flips import FLIPS, FLIPS_WHILE_SERVING, flipped, some_bits
from support.ledgers import opened
from support.publication import Newsroom, entry_file, picture
from support.releases import RELEASES, Written, unpack
from support.serving import PUBLISHER, serve, until
from support.watched import Flipping

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_log = logging.getLogger(__name__)
BROKEN = [b"", b"[]", b"{}", b'{"format": 6}', b"\xff", b"null"]


@pytest.fixture(scope="module")
def renewed(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """Return a publication with archives, corrections, a retraction, a withdrawal, a takedown."""
    found = unpack(RELEASES[-1], tmp_path_factory.mktemp("renewed"))
    clock = datetime.now(UTC) + timedelta(seconds=2)
    publish.build(
        found.room.config, publish.RunRequest(now=found.room.now, clock=clock, rebuild=True)
    )
    return found


@pytest.fixture
def written(renewed: Written, tmp_path: Path) -> Written:
    """Return a copy of that publication."""
    shutil.copytree(renewed.room.folder, tmp_path / "copy")
    return replace(renewed, room=Newsroom(tmp_path / "copy", renewed.room.now))


def is_whole(room: Newsroom) -> bool:
    """Return whether every part of the manifest is intact."""
    feeds = room.folder / "feeds"
    return manifest.status(feeds).is_whole and not manifest.damage(feeds)


def break_head(room: Newsroom, data: bytes) -> None:
    """Replace the head of the manifest by other bytes."""
    (room.folder / "feeds" / HEAD).write_bytes(data)


@pytest.mark.long
@pytest.mark.parametrize("data", BROKEN)
def test_a_damaged_head_is_written_again_without_other_changes(
    written: Written, data: bytes
) -> None:
    """The next run repairs it, whatever its purpose; documents and readers are not affected."""
    room = written.room
    before, head = room.feeds(), manifest.read_head(room.folder / "feeds")
    break_head(room, data)
    report = room.build()

    assert report.documents == ()
    assert [HEAD in remark for remark in report.remarks] == [True]
    assert manifest.read_head(room.folder / "feeds") == head
    assert (room.feeds(), is_whole(room)) == (before, True)
    assert room.build().remarks == ()


@pytest.mark.long
@pytest.mark.parametrize("data", [None, b"", b"SQLite format 3\0", b"something else" * 1000])
def test_a_lost_table_is_written_again_completely(written: Written, data: bytes | None) -> None:
    """It never contains only the few rows of the next change."""
    room = written.room
    rows = [*manifest.documents(room.folder / "feeds")]
    table = room.folder / "feeds" / TABLE
    table.unlink() if data is None else table.write_bytes(data)
    report = room.build()

    assert report.documents == ()
    assert [TABLE in remark for remark in report.remarks] == [True]
    assert [*manifest.documents(room.folder / "feeds")] == rows
    assert is_whole(room)
    table.unlink()
    room.drop("next.toml", entry_file("Next"))
    assert room.build().published == ("next.toml",)
    assert {one.path for one in rows} < {one.path for one in manifest.documents(table.parent)}
    assert is_whole(room)


@pytest.mark.long
def test_a_table_damaged_in_a_later_page_delays_no_news(written: Written) -> None:
    """The damage is found when rows are written, and the whole table is written again."""
    room = written.room
    table = room.folder / "feeds" / TABLE
    with closing(sqlite3.connect(table)) as tables:
        pages = [page for (page,) in tables.execute("SELECT rootpage FROM sqlite_schema")]
    data = bytearray(table.read_bytes())
    for page in pages:  # the first page is unchanged, and so is the size
        data[4096 * page - 2000 : 4096 * page] = bytes(2000)
    table.write_bytes(data)
    room.drop("next.toml", entry_file("Next"))

    assert room.build().published == ("next.toml",)
    assert is_whole(room)


@pytest.mark.long
def test_a_lost_row_is_restored_after_several_checks(written: Written) -> None:
    """Each check reads a part of the tables; in this test, one table."""
    room = written.room
    with closing(sqlite3.connect(room.folder / "feeds" / TABLE)) as tables, tables:
        tables.execute("DELETE FROM member_copy WHERE number = 2")
    reports = [room.build(after=timedelta()) for _ in range(9)]

    assert [TABLE in remark for report in reports for remark in report.remarks] == [True]
    assert is_whole(room)


@pytest.mark.parametrize("name", [HEAD, TABLE])
@pytest.mark.long
def test_a_flipped_bit_of_the_manifest_is_repaired_by_the_next_run(
    written: Written, name: str
) -> None:
    """No document changes, and nothing is announced."""
    room = written.room
    before = room.feeds()
    path = room.folder / "feeds" / name
    for bit in some_bits(path.read_bytes())[: FLIPS // 3]:
        data = path.read_bytes()
        path.write_bytes(flipped(data, bit % (8 * len(data))))
        report = room.build(after=timedelta())

        assert (report.published, report.changed, report.documents) == ((), (), ()), bit
        assert manifest.status(path.parent).is_whole
    assert room.feeds() == before


# ---- A lost ledger


def lose(room: Newsroom, *names: str) -> None:
    """Delete files and folders of a publication."""
    for name in names:
        for path in room.folder.glob(name):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def identities(room: Newsroom) -> set[tuple[Any, ...]]:
    """Return the constant values of live entries, and when they were last updated."""
    query = "SELECT id, slug, published, updated FROM entry WHERE withdrawn IS NULL AND NOT purged"
    with closing(sqlite3.connect(room.folder / "state/ledger.sqlite")) as ledger:
        return {*ledger.execute(query)}


def shown(room: Newsroom) -> dict[str, list[tuple[Any, ...]]]:
    """Return ids, addresses and moments in each JSON Feed, archives included."""
    told = ("id", "url", "date_published", "date_modified")
    return {
        path.relative_to(room.folder).as_posix(): [
            tuple(one[name] for name in told) for one in json.loads(path.read_bytes())["items"]
        ]
        for path in sorted((room.folder / "feeds").rglob("*.json"))
        if not path.name.startswith(".")
    }


def texts(room: Newsroom) -> dict[str, bytes]:
    """Return the bytes of all documents except the RSS feed, which cannot list removed entries."""
    return {path: data for path, (data, _) in room.feeds().items() if path != "archive/all/3.rss"}


@pytest.mark.long
def test_one_table_is_enough(written: Written) -> None:
    """Both the ledger and the head are lost."""
    room = written.room
    before, known, documents = identities(room), shown(room), room.feeds()
    lose(room, "state", f"feeds/{HEAD}", f"feeds/{PREVIOUS}")
    report = room.build()

    assert (report.published, report.changed) == ((), ())
    assert (identities(room), shown(room), room.feeds()) == (before, known, documents)
    assert TABLE in report.remarks[0]
    assert is_whole(room)


@pytest.mark.long
def test_the_documents_are_enough(written: Written) -> None:
    """Everything else is lost; nothing is announced again, and withdrawn entries stay withdrawn."""
    room = written.room
    before, known, documents = identities(room), shown(room), texts(room)
    lose(room, "state", "feeds/.*")
    report = room.build()

    assert report.published == ()
    assert (identities(room), shown(room)) == (before, known)
    assert report.remarks[0].endswith("come from the pages and feeds in feeds/.")
    assert texts(room) == documents
    assert is_whole(room)
    assert room.build().remarks == ()
    room.drop("2026/06-report.toml", entry_file("Report 6", "2026-11-06", correction='"Seven."'))
    room.drop("next.toml", entry_file("Next"))
    assert (room.build().published, room.log[-1].changed) == (
        ("next.toml",),
        ("2026/06-report.toml",),
    )
    assert {one[:3] for one in identities(room)} > {one[:3] for one in before}


@pytest.mark.long
def test_a_taken_down_entry_is_not_published_again(written: Written) -> None:
    """Its file still exists, and the remaining documents do not mention it."""
    room = written.room
    path = room.drop(
        "victim.toml",
        entry_file("Taken down soon", "2026-11-25", body='"""\nTaken down.\n"""'),
    )
    os.utime(path, (1_795_600_000, 1_795_600_000))
    lose(room, "state", "feeds/.*")
    room.build()

    assert "unrecognised" in room.codes()
    assert not any(b"Taken down soon" in data for data, _ in room.feeds().values())
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert room.build().published == ("victim.toml",)


@pytest.mark.long
@pytest.mark.parametrize("also", [(), (HEAD, PREVIOUS)])
def test_a_file_that_is_held_since_a_loss_stays_held_after_another(
    newsroom: Newsroom, also: tuple[str, ...]
) -> None:
    """The manifest has the digest of the file, in its head and in its table."""
    newsroom.drop("a.toml", entry_file("Published"))
    newsroom.build()
    lose(newsroom, "state", "feeds/.*")
    newsroom.drop("b.toml", entry_file("Unknown"))
    newsroom.build()
    assert newsroom.codes() == ["unrecognised"]

    lose(newsroom, "state", *(f"feeds/{name}" for name in also))
    assert (newsroom.build().published, newsroom.codes()) == ((), ["unrecognised"])

    newsroom.drop("b.toml", entry_file("Known"))
    assert newsroom.build().published == ("b.toml",)


@pytest.mark.long
def test_a_withdrawn_entry_of_which_documents_have_the_id_alone_comes_back_as_new(
    newsroom: Newsroom,
) -> None:
    """If its file states that id, it is held: it may have been taken down."""
    newsroom.drop("kept.toml", entry_file("Kept"))
    files = {"a.toml": entry_file("One"), "b.toml": entry_file("Two", id='"urn:example:two"')}
    paths = [newsroom.drop(name, text) for name, text in files.items()]
    newsroom.build()
    before = {item["title"]: item["id"] for item in newsroom.items()}
    for path in paths:
        path.unlink()
    newsroom.build()
    newsroom.build(after=timedelta(minutes=11))
    lose(newsroom, "state", "feeds/.*")
    newsroom.build()
    for name, text in files.items():
        newsroom.drop(name, text)
    newsroom.build()

    found = {item["title"]: item["id"] for item in newsroom.items()}
    assert found.keys() == {"Kept", "One"}
    assert found["Kept"] == before["Kept"]
    assert found["One"] != before["One"]
    assert newsroom.codes() == ["id-taken"]


@pytest.mark.long
def test_an_entry_recovered_from_documents_can_be_taken_down_with_its_pictures(
    newsroom: Newsroom,
) -> None:
    """Its file was deleted; the attached picture and the one in the text are removed as well."""
    for name, colour in (("a.png", "navy"), ("b.png", "red")):
        newsroom.drop(name, picture(colour))
    body = '"""\nText.\n\n![Red](b.png)\n"""'
    newsroom.drop(
        "old.toml", entry_file("Old", "2008-10-20", image='"a.png"', image_alt='"Blue"', body=body)
    )
    newsroom.drop("other.toml")
    newsroom.build()
    before = newsroom.feeds()
    lose(newsroom, "entries/old.toml", "entries/*.png", "state", "feeds/.*")
    report = newsroom.build()
    page = "2008/10/old.html"
    assert (report.published, newsroom.feeds()[page][0]) == ((), before[page][0])
    assert len([path for path in newsroom.feeds() if path.startswith("media/")]) == 2

    [id_] = [one["id"] for one in newsroom.items() if one["title"] == "Old"]
    clock = datetime.now(UTC) + timedelta(seconds=2)
    now = newsroom.now + timedelta(minutes=1)
    publish.build(newsroom.config, publish.RunRequest(now=now, clock=clock, takedown=id_))

    assert [path for path in newsroom.feeds() if path.startswith(("media/", "2008"))] == []


FILES = ["state/ledger.sqlite", *(f"feeds/{name}" for name in (HEAD, PREVIOUS, TABLE))]


# A quick run loses the ledger, alone and with the table.
QUICK = {(FILES[0],), (FILES[0], FILES[-1])}
LOSSES = [
    pytest.param(names, marks=() if names in QUICK else pytest.mark.long, id=str(names))
    for count in (1, 2)
    for names in combinations(FILES, count)
]


@pytest.mark.long
@pytest.mark.parametrize("names", LOSSES)
def test_ids_survive_any_loss(written: Written, names: tuple[str, ...]) -> None:
    """This covers each file alone, and any two of them."""
    room = written.room
    before, known, documents = identities(room), shown(room), texts(room)
    lose(room, *names)
    report = room.build()

    assert (report.published, report.changed) == ((), ())
    assert (identities(room), shown(room)) == (before, known)
    assert texts(room) == documents
    assert is_whole(room)


@pytest.mark.parametrize("name", [HEAD, TABLE])
@pytest.mark.long
def test_a_flipped_bit_and_a_lost_ledger_give_no_new_id(written: Written, name: str) -> None:
    """Damaged values are recovered from other copies."""
    room = written.room
    before = identities(room)
    path = room.folder / "feeds" / name
    whole = path.read_bytes()
    for bit in some_bits(whole, seed=1)[: FLIPS // 2]:
        path.write_bytes(flipped(whole, bit))
        lose(room, "state/*")
        assert [*inspection.recover(room.config, room.now, accepts_loss=False)]

        assert identities(room) == before, bit


# ---- A damaged ledger


def test_an_inspection_names_what_is_lost(newsroom: Newsroom) -> None:
    """`ledger check` says how many documents differ, and which; before, that all are sound."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    sound = [*inspection.inspect(newsroom.config, newsroom.now)]
    (newsroom.folder / "feeds/news.rss").unlink()

    bad = [
        one.text for one in inspection.inspect(newsroom.config, newsroom.now) if not one.is_sound
    ]

    assert all(one.is_sound for one in sound)
    assert "All entries agree with the manifest." in [one.text for one in sound]
    lost = "Documents that are missing from feeds/, or not as they were published"
    assert bad == [f"{lost} (1): news.rss."]


@pytest.mark.long
@pytest.mark.parametrize(
    ("lost", "said"),
    [
        (["feeds/*", "state/ledger*"], "missing; the next run will say: Nothing was published, be"),
        (["feeds/.*", "state/ledger*"], "The ledger is missing; the next run fills a new one from"),
        (["feeds/.manifest*"], "The documents in feeds/ cannot be checked: feeds/.manifest.sqlite"),
        (["feeds/*", "state/*"], "; the next run fills a new one."),
    ],
)
def test_an_inspection_promises_what_the_next_run_does(
    newsroom: Newsroom, lost: list[str], said: str
) -> None:
    """Documents that no manifest lists are not called sound."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    for path in [path for name in lost for path in newsroom.folder.glob(name)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    found = [*inspection.inspect(newsroom.config, newsroom.now)]

    assert any(said in one.text for one in found), found
    assert not any("All documents" in one.text for one in found)
    if "will say" in said:
        with pytest.raises(RecoveryError) as raised:
            newsroom.build()
        assert str(raised.value) in found[0].text
    else:
        newsroom.build()


@pytest.mark.long
def test_a_flipped_bit_of_the_ledger_stops_nothing(written: Written) -> None:
    """A damaged ledger is moved aside, and a new one is restored."""
    room = written.room
    known = shown(room)
    path = room.folder / "state/ledger.sqlite"
    whole = path.read_bytes()
    for bit in some_bits(whole)[: FLIPS // 10]:
        path.write_bytes(flipped(whole, bit))
        try:
            report = room.build(after=timedelta())
        except LedgerError as error:
            assert "ledger recover" in str(error), bit  # noqa: PT017 - of some only
        else:
            assert report.published == (), bit
        assert shown(room) == known, bit
        lose(room, "state/ledger*")
        path.write_bytes(whole)


@pytest.mark.parametrize(
    "data", [b"something else" * 1000, pytest.param(None, marks=pytest.mark.long)]
)
def test_a_damaged_ledger_is_moved_aside(written: Written, data: bytes | None) -> None:
    """It is kept, and the report names its place; later runs are as usual."""
    room = written.room
    before = identities(room)
    path = room.folder / "state/ledger.sqlite"
    damaged = data if data is not None else path.read_bytes()[: 4096 * 10]
    path.write_bytes(damaged)
    room.drop("next.toml", entry_file("Next"))
    report = room.build()

    [aside] = room.folder.glob("state/ledger.damaged-*.sqlite")
    assert aside.read_bytes() == damaged
    assert aside.name in report.remarks[0]
    assert report.published == ("next.toml",)
    assert identities(room) > before
    assert room.build().remarks == ()


@pytest.mark.long
def test_a_takedown_names_each_ledger_that_was_moved_aside(written: Written) -> None:
    """Staff must know where the text still is."""
    room = written.room
    (room.folder / "state/ledger.sqlite").write_bytes(b"something else" * 1000)
    room.build()
    [aside] = room.folder.glob("state/ledger.damaged-*.sqlite")
    (remark,) = taken_down(room, room.items()[0]["id"]).remarks
    assert f"state/{aside.name} was moved aside" in remark
    aside.unlink()
    assert taken_down(room, room.items()[0]["id"]).remarks == ()


@pytest.mark.long
def test_an_entry_is_taken_down_although_the_ledger_is_damaged(written: Written) -> None:
    """The run recovers the ledger first."""
    room = written.room
    id_ = room.items()[0]["id"]
    (room.folder / "state/ledger.sqlite").write_bytes(b"something else" * 1000)

    report = taken_down(room, id_)

    assert any("was moved aside" in one for one in report.remarks)
    assert id_ not in {item["id"] for item in room.items()}


@pytest.mark.long
def test_an_entry_is_taken_down_although_its_text_in_the_ledger_is_damaged(
    written: Written,
) -> None:
    """The page that it had is known by its name alone."""
    room = written.room
    id_ = room.items()[0]["id"]
    with opened(room.folder / "state/ledger.sqlite") as ledger:
        damaged = "UPDATE version SET story = x'00' WHERE entry = ?"
        assert ledger.execute(damaged, [id_]).rowcount

    taken_down(room, id_)

    assert id_ not in {item["id"] for item in room.items()}


def taken_down(room: Newsroom, id_: str) -> Report:
    """Take an entry down as the command does."""
    room.now += timedelta(minutes=1)
    clock = room.now + timedelta(days=9999)
    return settle.take_down(room.config, id_, publish.RunRequest(now=room.now, clock=clock))


@pytest.mark.parametrize(
    "change",
    [
        """UPDATE file SET problems = replace(problems, '"file"', '"fi|e"')""",
        "UPDATE file SET beside = '{'",
        "UPDATE fact SET value = 'x' WHERE name = 'generation'",
        "UPDATE fact SET value = '12 x' WHERE name = 'sitemaps'",
        "UPDATE version SET story = substr(story, 2)",
        "UPDATE version SET story = packed(substr(unpacked(story), 2))",
        "UPDATE version SET data = substr(data, 1, length(data) - 2)",
        "UPDATE version SET data = x'01'",
        "UPDATE entry SET published = 'soon'",
        "DELETE FROM entry WHERE sequence = 3",
    ],
)
def test_a_damaged_value_of_the_ledger_is_found(written: Written, change: str) -> None:
    """All values are read, since a damaged one could stop every run in an unclear way."""
    path = written.room.folder / "state/ledger.sqlite"
    assert damage(path) == ""
    with opened(path) as ledger:
        assert ledger.execute(change).rowcount
    found = damage(path)

    assert found
    assert "\n" not in found


@pytest.mark.long
def test_a_damaged_schema_is_a_damaged_ledger(written: Written) -> None:
    """Also where SQLite's message about it, which quotes it, is no text any more."""
    path = written.room.folder / "state/ledger.sqlite"
    with closing(sqlite3.connect(path)) as ledger:
        ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = path.read_bytes()
    place = data.index(b"CREATE TABLE outbox")
    path.write_bytes(flipped(data, 8 * (place + 9) + 7))
    known = shown(written.room)

    with pytest.raises(LedgerError, match="its schema is damaged"):
        Ledger(publish.ledger_url(written.room.config))
    written.room.build()

    assert "is now ledger.damaged" in written.room.log[-1].remarks[0]
    assert shown(written.room) == known


def test_a_disk_that_does_not_find_the_ledger_tells_nothing_of_damage(tmp_path: Path) -> None:
    """The error of the run is reported then: a lost share has one for each look at a file."""
    too_long = tmp_path / ("a" * 300)
    with pytest.raises(OSError, match="too long"):
        too_long.exists()

    assert damage(too_long) == ""


@pytest.mark.parametrize(
    "change",
    [
        """UPDATE version SET story = packed(json_set(unpacked(story), '$.later', 'a'))""",
        """UPDATE file SET problems = '[{"code": "later", "file": "a.toml", "since": null}]'""",
    ],
)
def test_what_a_later_release_wrote_is_no_damage(written: Written, change: str) -> None:
    """A field or a message that this release does not know is passed over."""
    room = written.room
    path = room.folder / "state/ledger.sqlite"
    before = identities(room)
    with opened(path) as ledger:
        assert ledger.execute(change).rowcount
    room.drop("next.toml", entry_file("Next"))
    report = room.build()

    assert damage(path) == ""
    assert report.remarks == ()
    assert report.published == ("next.toml",)
    assert identities(room) > before


# ---- Nothing is intact


@pytest.mark.long
def test_without_any_intact_copy_no_entry_gets_another_id(written: Written) -> None:
    """The run says what to type, published documents stay, and staff may accept the loss."""
    room = written.room
    lose(room, "state", "feeds/.*")
    for path in (room.folder / "feeds").rglob("*.*"):
        if path.suffix in {".html", ".rss", ".atom", ".json"}:
            path.write_bytes(b"damaged")
    before = room.feeds()
    with pytest.raises(RecoveryError, match="ledger recover --accept-loss"):
        room.build()
    assert room.feeds() == before
    assert command(room, "recover").exit_code == 1

    assert command(room, "recover", "--accept-loss").exit_code == 0
    assert room.build().published


def command(room: Newsroom, *words: str) -> Result:
    """Run a command about the ledger."""
    config = ["--config", str(room.folder / "config.toml")]
    return CliRunner().invoke(bookkeeping.ledger, [words[0], *config, *words[1:]])


def test_a_check_lists_all_damage(written: Written) -> None:
    """It covers the ledger, the manifest's files and all documents, and changes nothing."""
    room = written.room
    sound = command(room, "check")
    assert (sound.exit_code, sound.output.count("BAD")) == (0, 0), sound.output

    (room.folder / "feeds/news.rss").write_bytes(b"cut")
    (room.folder / "feeds" / TABLE).write_bytes((room.folder / "feeds" / TABLE).read_bytes() + b"0")
    path = room.folder / "state/ledger.sqlite"
    path.write_bytes(path.read_bytes()[:8192])
    before = path.read_bytes()
    found = command(room, "check")

    assert found.exit_code == 1
    assert "malformed" in found.output
    assert f"BAD  feeds/{TABLE} is of another run" in found.output
    assert "news.rss" in found.output
    assert path.read_bytes() == before


@pytest.mark.parametrize("is_older", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_damaged_index_of_files_gives_no_new_id(written: Written, is_older: bool) -> None:  # noqa: FBT001 - a case
    """A changed file stays the same entry, whether or not the index finds it."""
    room, name = written.room, "2026/01-report.toml"
    path = room.folder / "state/ledger.sqlite"
    harmed = with_harmed_index(path, "ix_entry_path_digest", path_digest(name))
    if is_older:  # than what is published
        room.drop("next.toml", entry_file("Next"))
        assert room.build().published == ("next.toml",)
    before = identities(room)
    path.write_bytes(harmed)
    text = (room.folder / "entries" / name).read_text("utf-8")
    room.drop(name, text.replace('"""\n', '"""\nMore. ', 1))

    report = room.build()

    assert (report.published, report.changed) == ((), (name,))
    assert identities(room) == before
    assert [one for one in report.remarks if "missing from index" in one]


@pytest.mark.parametrize(
    ("index", "is_full"),
    [
        ("sqlite_autoindex_file_1", True),
        pytest.param("ix_entry_path_digest", False, marks=pytest.mark.long),
        pytest.param("sqlite_autoindex_file_1", False, marks=pytest.mark.long),
        pytest.param("ix_entry_path_digest", True, marks=pytest.mark.long),
    ],
)
def test_a_renamed_file_that_a_damaged_index_does_not_find_gets_no_new_id(
    written: Written,
    index: str,
    is_full: bool,  # noqa: FBT001 - a case
) -> None:
    """It is changed as well, and only its title and date say which entry it is."""
    room, name, other = written.room, "2026/01-report.toml", "2026/01-another.toml"
    path = room.folder / "state/ledger.sqlite"
    key = name if index.endswith("file_1") else path_digest(name)
    path.write_bytes(with_harmed_index(path, index, key))
    before = identities(room)
    file = room.folder / "entries" / name
    room.drop(other, file.read_text("utf-8").replace('"""\n', '"""\nMore. ', 1))
    file.unlink()
    request = publish.RunRequest(
        now=room.now + timedelta(minutes=1),
        clock=datetime.now(UTC) + timedelta(seconds=2),
        changed_files=None if is_full else (name, other),
    )

    report = publish.build(room.config, request)

    assert report.published == ()
    assert identities(room) == before
    assert [one for one in report.remarks if "ledger was damaged" in one]


def with_harmed_index(path: Path, index: str, key: str) -> bytes:
    """Return a ledger with a flipped bit in a key in the first page of an index."""
    with closing(sqlite3.connect(path)) as ledger:
        query = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        (root,) = ledger.execute(query, [index]).fetchone()
    data, text = path.read_bytes(), key.encode()
    page = data[4096 * (root - 1) : 4096 * root]
    assert page.count(text) == 1
    return data.replace(page, page.replace(text, flipped(text, 8 * len(text) - 8)))


@pytest.mark.long
def test_a_ledger_that_cannot_be_opened_does_not_count_as_damaged(written: Written) -> None:
    """If it is locked or unreadable it may be intact; it stays where it is."""
    path = written.room.folder / "state/ledger.sqlite"
    whole = path.read_bytes()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        found = command(written.room, "recover")

    assert found.exit_code == 1
    assert isinstance(found.exception, LedgerError)
    assert path.read_bytes() == whole


def test_a_ledger_with_a_damaged_revision_needs_a_manual_recovery(written: Written) -> None:
    """Another release may have written it; the run says what to type."""
    path = written.room.folder / "state/ledger.sqlite"
    for revision in ("0004", "0105"):
        before = identities(written.room)
        with closing(sqlite3.connect(path)) as ledger, ledger:
            ledger.execute("UPDATE alembic_version SET version_num = ?", [revision])
        with pytest.raises(LedgerError, match="ledger recover"):
            written.room.build()
        assert command(written.room, "recover").exit_code == 0

        assert identities(written.room) == before


def test_a_manual_recovery_equals_an_automatic_one(written: Written) -> None:
    """It reports what it did; if everything is intact, it does nothing."""
    room = written.room
    before = identities(room)
    assert "Nothing was done" in command(room, "recover").output
    (room.folder / "state/ledger.sqlite").write_bytes(b"nothing that could be read")

    said = command(room, "recover").output

    assert f"come from feeds/{TABLE}" in said
    assert identities(room) == before
    assert command(room, "check").exit_code == 0


# ---- Responses


def answer(app: WSGIApplication, path: str) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Request a document."""
    got = Client(app).get(f"/{path}", headers={"Host": "127.0.0.1:8000"})
    return got.status_code, got.data, sorted(got.headers.items())


@pytest.mark.parametrize("name", [HEAD, TABLE])
@pytest.mark.long
def test_a_flipped_bit_of_the_manifest_makes_no_response_wrong(written: Written, name: str) -> None:
    """Responses of running and starting workers stay the same, or are 503 until it is repaired."""
    config = replace(written.room.config, log_days=0)
    path = config.feeds_folder / name
    whole = path.read_bytes()
    running = create_app(config).wsgi_app
    paths = ["", "news.rss", "2026/11/report-2.html", "archive/news/1.atom", "never.html"]
    paths += ["2026/11/withdrawn-soon.html", "2008/10/an-old-report.html"]
    good = {one: answer(running, one) for one in paths}
    for bit in some_bits(whole, seed=2):
        path.write_bytes(flipped(whole, bit))
        for app in (running, create_app(config).wsgi_app):
            for one in paths:
                found = answer(app, one)
                assert found == good[one] or found[0] == 503, (bit, one)


def test_damage_found_by_a_request_is_repaired_by_the_next_run(written: Written) -> None:
    """This covers all kinds of damage; here only this request reads the damaged page."""
    room = written.room
    app = create_app(replace(room.config, log_days=0)).wsgi_app
    assert answer(app, "never.html")[0] == 404
    break_a_page(room.folder / "feeds" / TABLE, lambda: answer(app, "never.html")[0] == 503)
    assert answer(app, "news.rss")[0] == 200
    now = room.now + timedelta(minutes=1)
    request = publish.RunRequest(now=now, clock=datetime.now(UTC), changed_files=())

    first, second = publish.build(room.config, request), publish.build(room.config, request)

    assert [TABLE in remark for remark in first.remarks] == [True]
    assert (second.remarks, answer(app, "never.html")[0]) == ((), 404)
    assert is_whole(room)


def break_a_page(table: Path, is_broken: Callable[[], bool]) -> None:
    """Break the first page of a table whose damage no quick check finds."""
    whole = table.read_bytes()
    for place in range(4096, len(whole), 4096):
        table.write_bytes(whole[:place] + b"\xff" + whole[place + 1 :])
        if manifest.status(table.parent).is_whole and is_broken():
            return
    raise AssertionError("a quick check finds all damage")


def test_an_error_of_the_system_is_not_reported_as_damage(written: Written) -> None:
    """A file that another process has locked, or that cannot be opened, is not damaged."""
    room = written.room
    app = create_app(replace(room.config, log_days=0)).wsgi_app
    assert answer(app, "2026/11/report-2.html")[0] == 200
    table = room.folder / "feeds" / TABLE
    table.rename(table.with_name("elsewhere"))
    table.mkdir()

    assert answer(app, "2026/11/report-2.html")[0] == 503
    assert not manifest.is_reported(table.parent)
    with pytest.raises(StoreError, match=r"is a folder\. Move it elsewhere"):
        room.build()


@pytest.mark.long
def test_a_page_lost_to_damage_is_back_at_once(written: Written) -> None:
    """It does not wait for the schedule, whose next moment is far away."""
    folder, page = written.room.folder, "2026/11/report-2.html"
    with (folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write('\n[schedule]\ncron = "0 0 29 2 *"\n')
    with serve(folder) as served:
        assert until((folder / "feeds/.looked.json").exists)
        assert until(lambda: served.get(page).status_code == 200)
        table = folder / "feeds" / TABLE
        for _ in range(3):
            damaged = b"something else" + table.read_bytes()[14:]
            table.write_bytes(damaged)
            statuses = set[int]()

            def is_back(damaged: bytes = damaged, statuses: set[int] = statuses) -> bool:
                statuses.add(status := served.get(page).status_code)
                return status == 200 and table.read_bytes() != damaged

            assert until(is_back), served.printed()
            assert statuses <= {200, 503}


@pytest.mark.parametrize(
    ("name", "workers"), [pytest.param(HEAD, 2, marks=pytest.mark.release), (TABLE, 2)]
)
@pytest.mark.long
def test_a_bit_flipped_while_serve_runs_makes_no_response_wrong(
    written: Written, name: str, workers: int
) -> None:
    """No entry gets a new id, and no address is absent for longer than the interval."""
    folder, interval = written.room.folder, 5  # seconds: a busy machine needs one for a run
    settings = f"[schedule]\ninterval = {interval}\n[serve]\nworkers = {workers}\n"
    with (folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f"\n{settings}")
    paths = ["", *(one.path for one in manifest.documents(folder / "feeds"))]
    paths += ["2026/11/withdrawn-soon.html", "never.html"]
    bits = some_bits((folder / "feeds" / name).read_bytes(), seed=3)
    with serve(folder) as served:
        flipping = Flipping(served, folder, name, interval)
        flipping.run(bits[:FLIPS_WHILE_SERVING], paths)
    _log.info("%s", flipping.figures())

    watch = flipping.watch
    assert (watch.wrong, flipping.new_ids, flipping.unrepaired) == ([], set(), [])
    assert max(flipping.absences) <= interval


@pytest.mark.long
def test_serve_continues_with_a_damaged_ledger_and_manifest(written: Written) -> None:
    """News is published, readers notice nothing, and the damage is reported."""
    room = written.room
    with serve(room.folder) as served:
        before = served.get("2026/11/report-2.html")
        ledger = room.folder / "state/ledger.sqlite"
        assert until((room.folder / "feeds/.looked.json").exists)
        os.truncate(ledger, 20_000)  # at once: an empty ledger would be a lost one
        (room.folder / "feeds" / HEAD).write_bytes(b"[]")
        room.drop("next.toml", entry_file("Next news"))

        assert until(lambda: "Next news" in served.get("news.json").text, 40), served.printed()
        after = served.get("2026/11/report-2.html")
        assert (after.status_code, after.text) == (200, before.text)
        assert "ledger.damaged-" in served.printed()
        assert manifest.read_head(room.folder / "feeds")


@pytest.mark.long
def test_serve_keeps_serving_without_any_intact_copy(written: Written) -> None:
    """The publisher says what to type; `build` alone exits with 2.

    Without a manifest nobody knows what was published: what is not there may be missing.
    """
    room = written.room
    lose(room, "state", "feeds/.*")
    (room.folder / "feeds/2026/11/stray.html").write_bytes(b"damaged")
    command = [
        sys.executable,
        str(PUBLISHER),
        "build",
        "--config",
        str(room.folder / "config.toml"),
    ]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (built.returncode, "ledger recover --accept-loss" in built.stderr) == (2, True)

    with serve(room.folder) as served:
        assert until(lambda: "ledger recover --accept-loss" in served.printed()), served.printed()
        assert [served.get(path).status_code for path in ("", "news.rss", "never.html")] == [
            *(200, 200, 503)
        ]


def fail(*_: object, **__: object) -> None:
    """Fail as a full disk does."""
    raise StoreError("full")


@pytest.mark.long
@pytest.mark.parametrize("step", ["_move", "begin_names", "remove"])
def test_a_run_that_ended_after_its_commit_is_finished_alone(newsroom: Newsroom, step: str) -> None:
    """A disk that is nearly full, as it may have been, has no room for all documents at once."""
    for number in range(5):
        newsroom.drop(f"{number}.toml", entry_file(f"N {number}", f"2026-11-{10 + number}"))
    newsroom.build()
    newsroom.drop("new.toml", entry_file("New"))
    with patch.object(Store, step, fail), pytest.raises(StoreError):
        newsroom.build()

    with patch.object(Store, "write", autospec=True, side_effect=Store.write) as written:
        newsroom.build()

    paths = {call.args[1].path for call in written.call_args_list}
    assert "2026/11/n-0.html" not in paths
    assert manifest.status(newsroom.config.feeds_folder).is_whole
    assert "New" in [item["title"] for item in newsroom.items()]
    before = newsroom.feeds()
    newsroom.build(rebuild=True)
    assert newsroom.feeds() == before


@pytest.mark.long
def test_a_document_that_is_not_read_ends_a_recovery_with_one_sentence(newsroom: Newsroom) -> None:
    """A disk fails; the next run begins again."""
    newsroom.drop("a.toml", entry_file("First"))
    newsroom.build()
    shutil.rmtree(newsroom.folder / "state")
    for path in (newsroom.folder / "feeds").glob(".manifest*"):
        path.unlink()

    def failing(path: Path) -> bytes:
        if path.name == "style.css":
            raise OSError(errno.EIO, "Input/output error", str(path))
        return regular_bytes(path)

    with (
        patch.object(published, "regular_bytes", failing),
        pytest.raises(StoreError, match=r"style\.css was published and cannot be read"),
    ):
        newsroom.build()

    newsroom.build()
    assert [item["title"] for item in newsroom.items()] == ["First"]
