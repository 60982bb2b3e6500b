"""A day of a newsroom step by step, and what an interrupted run may leave behind.

An undisturbed step ends in one of two states: with the results of its own moment or, if the run
achieved nothing, with those of the next run. An interrupted step must end in one of the two as
well.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dateline.documents import manifest
from dateline.documents.compression import ENDINGS
from dateline.serve.cache import DocumentCache
from support.packed import with_texts
from support.paths import ROOT, TESTS
from support.publication import NOW, PUBLICATION, Newsroom, entry_file, picture

MEMORY = Path("/dev/shm")  # noqa: S108 - a disk would be most of the time
CONFIG = f"""{PUBLICATION}\
entries = 2
days = 0

[[feed]]
name = "errata"
title = "Errata"
description = "What was wrong"
kinds = ["correction"]
formats = ["atom"]
"""
SECRET = b"qwxyz"  # is taken down
DOWN = "https://example.org/down"
LATER = timedelta(seconds=7)
# These depend on the folder: times of files, number and moment of runs.
_OWN = (
    "'checked'",
    'INSERT INTO "file"',
    'INSERT INTO "folder"',
    'INSERT INTO "note',
    "'generation'",
    "'moment'",
)

Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """Complete state of a newsroom: files with bytes and whole seconds, manifest and ledger."""

    feeds: Mapping[str, tuple[bytes, int]]
    told: frozenset[str]
    remembered: frozenset[str]
    beside: Mapping[str, bytes]
    names: frozenset[str]

    def differences(self, other: State) -> list[str]:
        """Describe how two states differ."""
        paths = {*self.feeds, *other.feeds}
        found = [path for path in paths if self.feeds.get(path) != other.feeds.get(path)]
        found += [f"beside {path}" for path in {*self.beside.items() ^ other.beside.items()}]
        for one, two in (
            (self.told, other.told),
            (self.remembered, other.remembered),
            (self.names, other.names),
        ):
            found += [f"{'-' if line in one else '+'}{line:.300}" for line in one ^ two]
        return sorted(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A change by staff in the folder `before`, which a run publishes at `now`."""

    name: str
    before: Path
    now: datetime
    takedown: str
    old: State
    ends: tuple[State, State]


@dataclass(slots=True)
class Nursery:
    """A process that publishes in copies of itself (`killed.py`)."""

    process: subprocess.Popen[str]

    def run(
        self, folder: Path, *moments: datetime, takedown: str = "", way: str = "", at: float = 0
    ) -> Said:
        """Build at each of the moments, with the interruption that `way` and `at` describe."""
        job = {
            "folder": str(folder),
            "moments": [moment.isoformat() for moment in moments],
            "takedown": takedown,
            "way": way,
            "at": at,
        }
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{json.dumps(job)}\n")
        self.process.stdin.flush()
        said: Said = json.loads(self.process.stdout.readline())
        return said


@contextmanager
def nursery(preloaded: Path | None = None) -> Iterator[Nursery]:
    """Start the process, optionally with a shared library loaded before all others."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{TESTS}"}
    if preloaded:
        environment["LD_PRELOAD"] = str(preloaded)
    with subprocess.Popen(
        [sys.executable, TESTS / "support/killed.py"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Nursery(process)


@contextmanager
def workplace() -> Iterator[Path]:
    """Return a folder in memory, where syncing is fast, if there is one."""
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)


# ---- The steps


def steps(nursery: Nursery, folder: Path) -> Iterator[Step]:
    """Yield each step of the day, each one from the completed step before."""
    room = Newsroom(folder / "room", now=NOW)
    (room.folder / "entries").mkdir(parents=True)
    for name, act in ACTS.items():
        takedown = act(room, nursery) or ""
        before = _copy(room.folder, folder / f"{name}-before")
        room.now += timedelta(minutes=2)
        later = _copy(before, folder / f"{name}-later")
        old = state(before)
        _undisturbed(nursery.run(later, room.now + LATER))
        _undisturbed(nursery.run(room.folder, room.now, takedown=takedown))
        ends = (state(room.folder), state(later))
        yield Step(name=name, before=before, now=room.now, takedown=takedown, old=old, ends=ends)


def begin(room: Newsroom, _: object = None) -> None:
    """Import news for more than two archives, one of them with a picture, and one that is held."""
    (room.folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    for day in range(10, 15):
        room.drop(f"{day}.toml", entry_file(f"Day {day}", f"2026-11-{day}"))
    room.drop("down.png", picture("red"))
    text = f'"""\n{SECRET.decode()}\n"""'
    shown = {"image": '"down.png"', "image_alt": '"Red"', "id": f'"{DOWN}"'}
    room.drop("down.toml", entry_file("Secret", "2026-11-11", body=text, **shown))
    room.drop("held.toml", entry_file(body='""'))


def add(room: Newsroom, _: object = None) -> None:
    """Add today's news with a picture, and correct the held file."""
    room.drop("new.png", picture("navy"))
    room.drop("new.toml", entry_file("New", "2026-11-25", image='"new.png"', image_alt='"Blue"'))
    room.drop("held.toml", entry_file("Mended", "2026-11-25"))
    room.drop("again.toml", entry_file("Held", body='""'))


def correct(room: Newsroom, _: object = None) -> None:
    """Correct an entry that is in an archive."""
    right = entry_file("Day 12, after all", "2026-11-12", correction='"It was the twelfth."')
    room.drop("12.toml", right)


def _withdraw(room: Newsroom, nursery: Nursery) -> None:
    """Delete an entry of an archive and the newest with its picture; the grace time has ended."""
    (room.folder / "entries/10.toml").unlink()
    (room.folder / "entries/new.toml").unlink()
    _undisturbed(nursery.run(room.folder, room.now + LATER))
    room.now += timedelta(minutes=11)


def take_down(room: Newsroom, _: object = None) -> str:
    """Take down an entry that is in an archive."""
    (room.folder / "entries/down.toml").unlink()
    return DOWN


def configure(room: Newsroom, _: object = None) -> None:
    """Change all of the configuration."""
    text = CONFIG.replace("Example news", "Other news").replace('formats = ["atom"]', "")
    moved = f'{text}\n[moved]\n"old.html" = "index.html"\n'
    (room.folder / "config.toml").write_text(moved, encoding="utf-8")


ACTS: Mapping[str, Callable[[Newsroom, Nursery], str | None]] = {
    "begin": begin,
    "add": add,
    "correct": correct,
    "withdraw": _withdraw,
    "take down": take_down,
    "configure": configure,
}


def every_second(name: str, places: Sequence[int]) -> Sequence[int]:
    """Return every second of some places of an act; the act after it takes the others."""
    return places[[*ACTS].index(name) % 2 :: 2]


def _copy(room: Path, folder: Path) -> Path:
    shutil.copytree(room, folder)
    return folder


def _undisturbed(said: Said) -> None:
    assert (said["status"], said["error"], said["trace"], said["remarks"]) == (0, "", "", [])


# ---- Reading the state


def state(room: Path) -> State:
    """Read the complete state."""
    feeds, entries = room / "feeds", room / "entries"
    return State(
        feeds={
            path.relative_to(feeds).as_posix(): (path.read_bytes(), int(path.stat().st_mtime))
            for path in feeds.rglob("[!.]*")
            if path.is_file() and not path.is_relative_to(feeds / ".new")
        },
        told=_rows(feeds / ".manifest.sqlite"),
        remembered=_rows(room / "state/ledger.sqlite"),
        beside={
            path.relative_to(entries).as_posix(): path.read_bytes()
            for path in entries.rglob("*")
            if path.is_file()
        },
        names=frozenset(
            path.relative_to(room).as_posix()
            for folder in (feeds, room / "state")
            for path in folder.rglob("*")
            # Whether a head existed before depends on the number of runs.
            if path.name != manifest.PREVIOUS
        ),
    )


def _rows(path: Path) -> frozenset[str]:
    if not path.exists():
        return frozenset()
    with closing(sqlite3.connect(path)) as tables:
        lines = tables.iterdump()
        return frozenset(line for line in lines if not any(own in line for own in _OWN))


# ---- What must be true


def harmed(step: Step, nursery: Nursery, way: str, at: float) -> Said:
    """Interrupt the run of a step; all documents are whole, and the next run completes it."""
    with workplace() as folder:
        room = _copy(step.before, folder / "room")
        said = nursery.run(room, step.now, takedown=step.takedown, way=way, at=at)
        try:
            _check_words(said)
            check_whole(step, room)
            _check_finished(step, room, nursery)
        except Exception as error:
            error.add_note(f"{step.name}: {way} at {at}; {said.get('error')}")
            raise
        return said


def _check_finished(step: Step, room: Path, nursery: Nursery) -> None:
    """Check that the next run leads to one of the two ends, and the one after changes nothing."""
    again = nursery.run(room, step.now + LATER, step.now + LATER + timedelta(minutes=1))
    _undisturbed(again)
    found = state(room)
    assert found in step.ends, min((found.differences(end) for end in step.ends), key=len)
    assert again["documents"][1] == []
    if step.takedown and found == step.ends[0]:
        assert holding(SECRET, room / "feeds", room / "state") == []


def _check_words(said: Said) -> None:
    """Check that an error is reported in one plain line, without text of an entry."""
    if said["status"]:
        return
    assert said["trace"] == ""
    for words in filter(None, [said["error"], *said["remarks"]]):
        assert "\n" not in words
        assert SECRET.decode() not in words


def check_whole(step: Step, room: Path) -> None:
    """Check that each document is the old or the new one, with its time."""
    feeds, end = room / "feeds", step.ends[0]
    on_disk = {
        path.relative_to(feeds).as_posix(): (path.read_bytes(), int(path.stat().st_mtime))
        for path in feeds.rglob("[!.]*")
        if path.is_file() and not path.is_relative_to(feeds / ".new")
    }
    for path, found in on_disk.items():
        assert found in (step.old.feeds.get(path), end.feeds.get(path)), path
    gone = step.old.feeds.keys() - end.feeds.keys()
    assert step.old.feeds.keys() - on_disk.keys() <= gone
    _check_served(step, feeds)
    if manifest.read_head(feeds):
        assert {one.path for one in manifest.documents(feeds)} - gone <= on_disk.keys()


def _check_served(step: Step, feeds: Path) -> None:
    """Check that a web worker that starts now has every document that was published before."""
    shelf = DocumentCache(feeds)
    known = {*step.old.feeds.values(), *step.ends[0].feeds.values()}
    for path in step.old.feeds.keys() & step.ends[0].feeds.keys():
        if path.endswith(tuple(ENDINGS.values())):
            continue
        copy = shelf.get(path)
        assert copy, path
        for coding, form in copy.forms.items():
            data = form.data if coding else copy.data
            assert (data, copy.listing.changed) in known
            assert form.etag == manifest.etag(copy.listing.changed, len(data))


def holding(secret: bytes, *folders: Path) -> Sequence[str]:
    """Return the names of the files below these folders in which a secret is."""
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if secret in with_texts(path)]
