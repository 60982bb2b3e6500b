"""What an earlier release wrote is opened by this one, and no reader notices."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dateline.cli import ledger as bookkeeping
from support.publication import Newsroom
from support.releases import RELEASES, Written, unpack

Documents = dict[str, tuple[bytes, int]]


@pytest.fixture(params=RELEASES)
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Written:
    """Give what each release wrote."""
    return unpack(request.param, tmp_path)


def as_it_is(room: Newsroom) -> None:
    """Open the publication as it was left."""


def without_state(room: Newsroom) -> None:
    """Lose the ledger."""
    shutil.rmtree(room.folder / "state")


def without_feeds(room: Newsroom) -> None:
    """Lose all documents."""
    shutil.rmtree(room.folder / "feeds")


def from_export(room: Newsroom) -> None:
    """Lose the ledger, and bring it back from the text that the release exported."""
    without_state(room)
    words = ["--config", str(room.folder / "config.toml"), str(room.folder / "ledger.jsonl")]
    result = CliRunner().invoke(bookkeeping.import_, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output


def rows(room: Newsroom, query: str) -> list[tuple[Any, ...]]:
    """Ask the ledger."""
    with closing(sqlite3.connect(room.folder / "state/ledger.sqlite")) as ledger:
        return ledger.execute(query).fetchall()


def noticed(before: Documents, after: Documents) -> list[str]:
    """Give the documents that are gone, or have another moment although their bytes are the same.

    A document that this release writes differently is newer than the one before.
    """
    return [
        path
        for path, (data, changed) in before.items()
        if path not in after
        or (after[path][1] != changed if after[path][0] == data else after[path][1] <= changed)
    ]


WAYS = [as_it_is, without_state, without_feeds, from_export]


@pytest.mark.parametrize("way", WAYS)
def test_no_reader_notices_another_release(
    written: Written, way: Callable[[Newsroom], None]
) -> None:
    """Ids, addresses, moments, archives and validators stay, and nothing is announced again."""
    room = written.room
    before, items = room.feeds(), room.items()
    way(room)
    report = room.build()

    assert report.published == ()
    names = [
        "id",
        "sequence",
        "slug",
        "published",
        "updated",
        "retracted",
        "withdrawn",
        "purged",
        "kept",
    ]
    assert rows(room, f"SELECT {', '.join(names)} FROM entry ORDER BY sequence") == [  # noqa: S608
        tuple(one[name] for name in names) for one in written.entries
    ]
    query = "SELECT feed, number, entry, part, archive FROM member ORDER BY feed, number"
    assert rows(room, query) == [*written.members]
    assert noticed(before, room.feeds()) == []
    told = ("id", "url", "date_published", "date_modified")
    assert [[one[name] for name in told] for one in room.items()] == [
        [one[name] for name in told] for one in items
    ]


def test_staff_go_on_where_they_were(written: Written) -> None:
    """After a lost ledger, a changed file is the same entry, and a new one is new."""
    room = written.room
    without_state(room)
    before = {one["path"]: one for one in written.entries}
    path = "2026/06-report.toml"
    text = (room.folder / "entries" / path).read_text(encoding="utf-8")
    room.drop(path, text.replace("Report 6", "Report 6, edited"))
    room.drop("new.toml")
    report = room.build()

    assert (report.published, report.changed) == (("new.toml",), (path,))
    [row] = rows(room, f"SELECT id, slug, published FROM entry WHERE path = '{path}'")  # noqa: S608
    assert row == (before[path]["id"], before[path]["slug"], before[path]["published"])


def test_its_documents_alone_tell_who_is_who(written: Written) -> None:
    """Neither its ledger nor its manifest is left: ids, addresses and moments stay."""
    room = written.room
    items = room.items()
    without_state(room)
    for path in (room.folder / "feeds").glob(".*"):
        path.unlink()
    report = room.build()

    assert (report.published, report.changed) == ((), ())
    names = ("id", "slug", "published", "updated", "retracted")
    query = f"SELECT {', '.join(names)} FROM entry WHERE withdrawn IS NULL ORDER BY slug"  # noqa: S608
    live = sorted(written.live, key=lambda one: str(one["slug"]))
    assert rows(room, query) == [tuple(one[name] for name in names) for one in live]
    told = ("id", "url", "date_published", "date_modified")
    assert [[one[name] for name in told] for one in room.items()] == [
        [one[name] for name in told] for one in items
    ]


def test_a_file_is_known_by_what_it_says(written: Written) -> None:
    """Its digest is the one of that release: of two with one title and day, each is renamed."""
    room = written.room
    before = {one["id"]: one["path"] for one in written.live}
    for name in ("a", "b"):
        (room.folder / f"entries/twin/{name}.toml").rename(
            room.folder / f"entries/{name}-other.toml"
        )
    report = room.build()

    assert (report.published, report.changed, room.codes().count("rename-unclear")) == ((), (), 0)
    after = dict(rows(room, "SELECT id, path FROM entry WHERE withdrawn IS NULL AND NOT purged"))
    moved = {"twin/a.toml": "a-other.toml", "twin/b.toml": "b-other.toml"}
    assert after == {id_: moved.get(path, path) for id_, path in before.items()}
