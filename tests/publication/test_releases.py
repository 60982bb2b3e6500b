"""This release opens what an earlier release wrote, and readers notice nothing."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from subprocess import run
from typing import Any

import click
import pytest
from click.testing import CliRunner

import dateline
from dateline import config as configuration
from dateline.cli import ledger as bookkeeping
from dateline.cli import main
from support.paths import ROOT
from support.publication import Newsroom
from support.releases import ENTRY_COLUMNS, FOLDER, MEMBER_QUERY, RELEASES, Written, unpack
from trials import earlier

Documents = dict[str, tuple[bytes, int]]


# Of the others a quick run opens the publication as it is, and no damaged one.
EACH = [
    *(pytest.param(name, marks=pytest.mark.long) for name in RELEASES[:-1]),
    pytest.param(RELEASES[-1]),
]


@pytest.fixture(params=EACH)
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Written:
    """Return what each release wrote."""
    return unpack(request.param, tmp_path)


def unchanged(room: Newsroom) -> None:
    """Keep the publication unchanged."""


def without_state(room: Newsroom) -> None:
    """Delete the ledger."""
    shutil.rmtree(room.folder / "state")


def without_feeds(room: Newsroom) -> None:
    """Delete all documents."""
    shutil.rmtree(room.folder / "feeds")


def from_export(room: Newsroom) -> None:
    """Delete the ledger, and import it from the release's export."""
    without_state(room)
    words = ["--config", str(room.folder / "config.toml"), str(room.folder / "ledger.jsonl")]
    result = CliRunner().invoke(bookkeeping.import_, words, catch_exceptions=False)
    assert result.exit_code == 0, result.output


def rows(room: Newsroom, query: str) -> list[tuple[Any, ...]]:
    """Query the ledger."""
    with closing(sqlite3.connect(room.folder / "state/ledger.sqlite")) as ledger:
        return ledger.execute(query).fetchall()


def noticed(before: Documents, after: Documents) -> list[str]:
    """Return the documents that are gone, or whose time changed although their bytes did not.

    A document that this release renders differently has a newer time.
    """
    return [
        path
        for path, (data, changed) in before.items()
        if path not in after
        or (after[path][1] != changed if after[path][0] == data else after[path][1] <= changed)
    ]


def test_what_each_release_writes_is_kept() -> None:
    """The current version and every one that the changelog names has an archive."""
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    released = re.findall(r"^## \[?(\d[\w.]*)", changelog, re.MULTILINE)

    assert {*released, dateline.__version__} - {*RELEASES} == set()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.config.toml")), ids=lambda path: path.name)
def test_every_key_of_an_earlier_release_is_accepted(path: Path) -> None:
    """A `config.toml` with all of them loads."""
    config = configuration.load(path, with_theme=False)

    assert (config.publication.home, config.port) == ("https://news.example.org/about", 8000)
    assert [feed.name for feed in config.feeds[:2]] == ["news", "corrections"]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.commands.txt")), ids=lambda path: path.name)
def test_every_command_line_of_an_earlier_release_is_accepted(path: Path) -> None:
    """Commands and options are never renamed or removed."""
    lines = path.read_text("utf-8").splitlines()

    assert [line for line in lines if not is_accepted(line.split())] == []


def is_accepted(words: list[str]) -> bool:
    """Return whether there is a command of these names, and the option after them, if any."""
    command: click.Command | None = main
    while words and not words[0].startswith("-"):
        if not isinstance(command, click.Group):
            return False
        command = command.get_command(click.Context(command), words.pop(0))
    options = {name for one in command.params for name in one.opts} if command else set()
    return command is not None and options.issuperset(words)


LONG = pytest.mark.long
WAYS = [
    *(pytest.param(name, unchanged) for name in RELEASES),
    *(
        pytest.param(*one.values, way, marks=one.marks if way is without_state else LONG)
        for one in EACH
        for way in (without_state, without_feeds, from_export)
    ),
]


@pytest.mark.long
@pytest.mark.parametrize(("written", "way"), WAYS, indirect=["written"])
def test_readers_do_not_notice_another_release(
    written: Written, way: Callable[[Newsroom], None]
) -> None:
    """Ids, addresses, moments, archives and validators stay, and nothing is announced again."""
    room = written.room
    before, items = room.feeds(), room.items()
    way(room)
    report = room.build()

    assert report.published == ()
    names = ENTRY_COLUMNS.split(", ")
    assert rows(room, f"SELECT {ENTRY_COLUMNS} FROM entry ORDER BY sequence") == [  # noqa: S608
        tuple(one[name] for name in names) for one in written.entries
    ]
    assert rows(room, MEMBER_QUERY) == [*written.members]
    assert noticed(before, room.feeds()) == []
    told = ("id", "url", "date_published", "date_modified")
    assert [[one[name] for name in told] for one in room.items()] == [
        [one[name] for name in told] for one in items
    ]


@pytest.mark.long
def test_publishing_continues_after_a_lost_ledger(written: Written) -> None:
    """A changed file is the same entry, and a new file is a new one."""
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


@pytest.mark.long
def test_entries_are_recovered_from_the_documents_alone(written: Written) -> None:
    """Without ledger and manifest, ids, addresses and moments stay."""
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


@pytest.mark.long
def test_a_renamed_file_is_recognised_by_its_digest(written: Written) -> None:
    """Two files with the same title and date are told apart by the digests of that release."""
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


@pytest.mark.long
@pytest.mark.skipif(not earlier.is_known(), reason="the repository has no earlier release")
def test_the_earlier_release_can_come_back(tmp_path: Path) -> None:
    """It finds ids, addresses and moments in `feeds/`, by the commands of the manual."""
    room = unpack("0.1.0", tmp_path / "news").room
    room.drop("new.toml")
    room.build()
    items = room.items()
    manual = (ROOT / "docs/operating.md").read_text("utf-8").splitlines()
    at = next(at for at, line in enumerate(manual) if line.strip().startswith("mv state "))
    commands = "\n".join([*manual[at : at + 2], f"{sys.executable} -m dateline build"])

    now = str(int((room.now + timedelta(minutes=1)).timestamp()))
    more = {"PYTHONPATH": str(earlier.code()), "SOURCE_DATE_EPOCH": now}
    done = run(["sh", "-ec", commands], cwd=room.folder, env=os.environ | more, check=False)

    assert done.returncode in {0, 1}  # a file is held
    told = ("id", "url", "date_published", "date_modified")
    assert [[one[name] for name in told] for one in room.items()] == [
        [one[name] for name in told] for one in items
    ]
