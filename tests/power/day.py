"""A day of a newsroom, of which each command is recorded; and what it would have been without.

Each step has a folder, from which `Recorded.of` reads it again: `before`, `end`, which is `before`
after the commands of the step, `later`, which is `before` after those that staff go on with, and
`log`, what strace wrote of the commands.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import sleep

from dateline.entries.scan import holds_still_after
from power.disk import Disk
from power.recording import Recording, record
from support import crashing
from support.commands import PUBLISHER, publisher
from support.crashing import DOWN, LATER, Step, state
from support.paths import ROOT, TESTS
from support.publication import NOW, Newsroom, entry_file
from support.releases import unpack
from support.staff import WORD

Command = Sequence[str]
EMBARGOED = "EMBARGOED"
BUILD: Command = ("build",)
COPY = "public"
_ROOM = "room"
_SAVING = "power.saving"
_VARIABLES = {"PYTHONPATH": f"{ROOT}{os.pathsep}{TESTS}"}
_OLD_FEED = """\
<feed xmlns="http://www.w3.org/2005/Atom"><title>Old</title><id>tag:old.example,2020:feed</id>
<updated>2026-10-02T00:00:00Z</updated>{entries}</feed>
"""
_OLD_ENTRY = """\
<entry><id>tag:old.example,2020:{n}</id><title>Old news {n}</title>
<updated>2026-10-0{n}T08:00:00Z</updated><published>2026-10-0{n}T08:00:00Z</published>
<link href="http://old.example/{n}"/><content type="html">Text {n}</content></entry>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What staff change, the commands of a step, and those that go on where power was lost.

    Some happen so many `minutes` after a run that has noticed the change `first`.
    """

    change: Callable[[Newsroom], object]
    commands: Sequence[Command] = (BUILD,)
    again: Sequence[Command] = (BUILD,)
    minutes: int = 2
    first: Sequence[Command] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A step of the day and its recording; `again` is what staff type to go on after it."""

    step: Step
    recording: Recording
    again: Sequence[Command]

    @classmethod
    def of(cls, folder: Path, name: str) -> Recorded:
        """Read a step from its folder."""
        place, act = folder / name, STEPS[name]
        before = Disk.of(place / "before")
        room, moment = (place / "recorded").read_text("utf-8").split("\n")
        step = Step(
            name=name,
            before=place / "before",
            now=datetime.fromisoformat(moment),
            takedown=DOWN if "takedown" in act.commands[0] else "",
            old=state(place / "before"),
            ends=(state(place / "end"), state(place / "later")),
        )
        recording = Recording.of(place / "log", Path(room), before)
        return cls(step=step, recording=recording, again=act.again)


def run(folder: Path, moment: datetime, *commands: Command, may_be_done: bool = False) -> None:
    """Run commands at a moment; each ends with 0, or with 1 if something is held.

    One that `may_be_done` already may be refused, except a build.
    """
    for words in commands:
        settle(folder)
        done = _started(words, folder, f"{moment.timestamp():.0f}")
        codes = {0, 1, 2} if may_be_done and words != BUILD else {0, 1}
        assert done.returncode in codes, f"{words}: {done.stderr}{done.stdout}"
        assert "Traceback" not in done.stderr, done.stderr


def _started(words: Command, folder: Path, moment: str) -> subprocess.CompletedProcess[str]:
    if words[0] != _SAVING:
        return publisher(*words, cwd=folder, SOURCE_DATE_EPOCH=moment)
    variables = {**os.environ, **_VARIABLES, "SOURCE_DATE_EPOCH": moment}
    return subprocess.run(
        _whole(words), cwd=folder, env=variables, capture_output=True, text=True, check=False
    )


def _whole(words: Command) -> list[str]:
    """Return a command with its program."""
    program = ["-m", *words] if words[0] == _SAVING else [str(PUBLISHER), *words]
    return [sys.executable, *program]


def settle(folder: Path) -> None:
    """Wait until files that were written just now count as complete."""
    sleep(2 * holds_still_after(folder / "entries").total_seconds())


def days(folder: Path, only: Collection[str] = ()) -> Iterator[str]:
    """Record each step of the day, or `only` some, in `folder`, and yield its name.

    Each step begins where the one before ended; the last ones have a folder of their own.
    """
    wanted = {*(only or STEPS)}
    left = wanted & DAY.keys()
    room = Newsroom(folder / _ROOM, now=NOW)
    (room.folder / "entries").mkdir(parents=True)
    for name, act in DAY.items():
        if not left:
            break
        _do(room, act, folder / name if name in left else None)
        if name in left:
            yield name
        left.discard(name)
    for name, begin in ALONE.items():
        if name in wanted:
            _do(begin(folder / f"{name} {_ROOM}"), STEPS[name], folder / name)
            yield name


def _do(room: Newsroom, act: Act, place: Path | None) -> None:
    """Do a step, and record it in `place`, if there is one."""
    act.change(room)
    run(room.folder, room.now + LATER, *act.first)
    room.now += timedelta(minutes=act.minutes)
    if place is None:
        run(room.folder, room.now, *act.commands)
        return
    for name in ("before", "later"):
        shutil.copytree(room.folder, place / name)
    run(place / "later", room.now + LATER, *act.again)
    (place / "recorded").write_text(f"{room.folder}\n{room.now.isoformat()}", encoding="utf-8")
    record(
        room.folder,
        [_whole(words) for words in act.commands],
        log=place / "log",
        pause=lambda: settle(room.folder),
        SOURCE_DATE_EPOCH=f"{room.now.timestamp():.0f}",
        **_VARIABLES,
    )
    shutil.copytree(room.folder, place / "end")


# ---- What staff do


def _begin(room: Newsroom) -> None:
    crashing.begin(room)
    text = f'"""\n{EMBARGOED}\n"""'
    room.drop("later.toml", entry_file("Later", "2026-12-24", body=text))


def _rename(room: Newsroom) -> None:
    (room.folder / "entries/11.toml").rename(room.folder / "entries/eleven.toml")


def _retitle(room: Newsroom) -> None:
    room.drop("13.toml", entry_file("Day thirteen", "2026-11-13"))


def _fill(room: Newsroom) -> None:
    for number in range(5):
        room.drop(f"more-{number}.toml", entry_file(f"More {number}", "2026-11-25"))


def _withdraw(room: Newsroom) -> None:
    (room.folder / "entries/10.toml").unlink()
    (room.folder / "entries/new.toml").unlink()


def _bring_feed(room: Newsroom) -> None:
    entries = "".join(_OLD_ENTRY.format(n=n) for n in range(1, 6))
    (room.folder / "old.xml").write_text(_OLD_FEED.format(entries=entries), encoding="utf-8")


def _change_nothing(_: Newsroom) -> None:
    """Leave the files as they are."""


def _deployed(folder: Path) -> Newsroom:
    """Return a publication of which there is a copy, and news that is not in it."""
    room = Newsroom(folder, now=NOW)
    (folder / "entries").mkdir(parents=True)
    (folder / "config.toml").write_text(crashing.CONFIG, encoding="utf-8")
    for day in range(10, 15):
        room.drop(f"{day}.toml", entry_file(f"Day {day}", f"2026-11-{day}"))
    run(folder, room.now, BUILD, _DEPLOY)
    crashing.correct(room)
    return room


def _approving(folder: Path) -> Newsroom:
    """Return a publication in which what writers save waits for an editor."""
    room = Newsroom(folder, now=NOW)
    (folder / "entries").mkdir(parents=True)
    text = f'{crashing.CONFIG}\n[newsroom]\ntoken = "{WORD}"\napproval = true\n'
    (folder / "config.toml").write_text(text, encoding="utf-8")
    room.drop("a.toml", entry_file("First", "2026-11-20"))
    run(folder, room.now, BUILD)
    return room


def _saved(folder: Path) -> Newsroom:
    """Return one in which something waits."""
    room = _approving(folder)
    run(folder, room.now, (_SAVING, "save", "new.toml", "Text"), BUILD)
    return room


_DEPLOY: Command = ("deploy", COPY)
_SAVE: Command = (_SAVING, "save", "new.toml", EMBARGOED)
_APPROVE: Command = (_SAVING, "approve", "new.toml")
_IMPORT: Command = ("import", "old.xml", "--yes", "--folder", "old")
_RESTORE: Command = ("restore", "13.toml", "1")
_MOVE: Command = ("move", "--to", "https://news.example.org/", "--yes")
DAY = {
    "begin": Act(change=_begin),
    "add": Act(change=crashing.add),
    "correct": Act(change=crashing.correct),
    "retitle": Act(change=_retitle),
    "rename": Act(change=_rename),
    "fill an archive": Act(change=_fill),
    "withdraw": Act(change=_withdraw, first=(BUILD,), minutes=12),
    "take down": Act(change=crashing.take_down, commands=(("takedown", "--yes", DOWN),)),
    "restore": Act(change=_change_nothing, commands=(_RESTORE, BUILD), again=(_RESTORE, BUILD)),
    "import": Act(change=_bring_feed, commands=(_IMPORT, BUILD), again=(_IMPORT, BUILD)),
    "rebuild": Act(change=_change_nothing, commands=(("build", "--all"),)),
    "configure": Act(change=crashing.configure),
    "move": Act(change=_change_nothing, commands=(_MOVE, BUILD), again=(_MOVE, BUILD)),
}
# Steps that begin with a publication of their own.
ALONE: Mapping[str, Callable[[Path], Newsroom]] = {
    "migrate": lambda folder: unpack("0.1.0", folder).room,
    "deploy": _deployed,
    "save": _approving,
    "approve": _saved,
}
STEPS = {
    **DAY,
    "migrate": Act(change=_change_nothing),
    "deploy": Act(change=_change_nothing, commands=(BUILD, _DEPLOY), again=(BUILD, _DEPLOY)),
    "save": Act(change=_change_nothing, commands=(_SAVE, BUILD), again=(_SAVE, BUILD)),
    "approve": Act(change=_change_nothing, commands=(_APPROVE,), again=(_APPROVE, BUILD)),
}
