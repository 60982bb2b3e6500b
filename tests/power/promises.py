"""What must be true after a loss of power, whatever the disk has lost."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from power.day import BUILD, COPY, EMBARGOED, Recorded, run
from power.disk import Disk
from power.losses import Crash
from power.recording import Recording
from support.crashing import LATER, SECRET, State, check_whole, holding, state, workplace

# Files that each process writes for itself, or about its own checks; no promise rests on them.
_OWN = (".new", ".lock", "incidents.json", ".looked.json")
_TYPED = 'INSERT INTO "act"'


def check(recorded: Recorded, crash: Crash) -> None:
    """Put a disk in a folder as the power left it, go on from there, and check each promise."""
    with workplace() as place:
        room = place / "room"
        room.mkdir()
        crash.disk(recorded.recording).write(room)
        is_done = crash.point == len(recorded.recording.operations)
        try:
            _check_at_once(recorded, crash, room, is_done=is_done)
            _check_finished(recorded, room, is_done=is_done)
        except Exception as error:
            error.add_note(f"{recorded.step.name} {crash.description(recorded.recording)}")
            raise


def _check_at_once(recorded: Recorded, crash: Crash, room: Path, *, is_done: bool) -> None:
    """Check what readers have before anything is started, or web workers alone."""
    step, feeds = recorded.step, room / "feeds"
    if feeds.exists():
        check_whole(step, room)
    elif step.old.feeds:
        raise AssertionError("feeds/ is lost")
    assert holding(EMBARGOED.encode(), feeds) == []
    _check_files(recorded.recording, crash, room)
    _check_copy(recorded, room, is_done=is_done)
    if not is_done:
        return
    found, wanted = state(room), step.ends[0]
    assert found.feeds == wanted.feeds, found.differences(wanted)
    if step.takedown:
        assert holding(SECRET, room / "feeds", room / "state") == []


def _check_files(recording: Recording, crash: Crash, room: Path) -> None:
    """Check that files which a command has saved, or left alone, are as they were when it ended."""
    ended = max((end for end in recording.ends if end <= crash.point), default=0)
    then, now = (_files(Crash(point).disk(recording)) for point in (ended, crash.point))
    found = _files(Disk.of(room))
    for path, data in then.items():
        assert found.get(path) in {data, now.get(path)}, f"{path} is lost or damaged"


def _check_copy(recorded: Recorded, room: Path, *, is_done: bool) -> None:
    """Check that each file of a copy is the old or a new one, and all are new when it is done."""
    place = recorded.step.before.parent
    old, *ends = (_copied(Disk.of(place / name)) for name in ("before", "end", "later"))
    found = _copied(Disk.of(room))
    for path in old.keys() | found.keys():
        known = {one.get(path) for one in (old, *ends)}
        assert found.get(path) in known, f"{path} of the copy is damaged"
    assert found in ends or not is_done


def _copied(disk: Disk) -> dict[str, bytes]:
    found = disk.contents()
    return {path: data for path, data in found.items() if re.match(rf"{COPY}/(?!\.|.*/\.)", path)}


def _files(disk: Disk) -> dict[str, bytes]:
    """Return the files of staff: notes and the schema are made again."""
    return {
        path: data
        for path, data in disk.contents().items()
        if re.fullmatch(r"entries/(.*/)?[^./]+\.\w+|config\.toml", path)
        and not path.endswith("schema.json")
    }


def _check_finished(recorded: Recorded, room: Path, *, is_done: bool) -> None:
    """Check that what staff type next leads to one of the two ends, and once more to no change."""
    step = recorded.step
    again = [BUILD] if is_done else recorded.again
    run(room, step.now + LATER, *again, may_be_done=True)
    found = state(room)
    ends = [step.ends[0]] if is_done else [*step.ends]
    differences = min((_differences(found, end) for end in ends), key=len)
    assert differences == [], differences
    run(room, step.now + LATER + timedelta(minutes=1), BUILD)
    _check_copy(recorded, room, is_done=True)
    changed = _differences(state(room), found)
    assert changed == [], changed
    assert holding(EMBARGOED.encode(), room / "feeds") == []
    if step.takedown and _differences(found, step.ends[0]) == []:
        assert holding(SECRET, room / "feeds", room / "state") == []


def _differences(one: State, other: State) -> list[str]:
    return [line for line in one.differences(other) if not _is_own(line)]


def _is_own(line: str) -> bool:
    """Return whether a difference is no loss.

    What was typed twice is recorded twice, and a file that was to be renamed stays, hidden.
    """
    is_temporary = re.match(r"beside \('(?:[^']*/)?\.[^'/]*\.new'", line) is not None
    is_listed = line[:1] in "+-" and (line.endswith(_OWN) or line[1:].startswith(_TYPED))
    return is_temporary or is_listed
