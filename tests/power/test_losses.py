"""The chosen losses find each way to write a file that does not survive a loss of power."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import pytest

from bench.results import Results
from power import report
from power.disk import ROOT_FOLDER, Disk, Kind, Loss, Operation
from power.losses import Crash, Crashes
from power.recording import Recording

OLD, NEW = b"old" * 500, b"new" * 500
PLACED, MADE = 1, 2  # inodes
CREATE = Operation(kind=Kind.CREATE, path="b", inode=MADE, parent=ROOT_FOLDER)
WRITE = Operation(kind=Kind.WRITE, path="b", inode=MADE, data=NEW)
SYNC = Operation(kind=Kind.SYNC, path="b", inode=MADE)
RENAME = Operation(
    kind=Kind.RENAME, path="a", inode=MADE, parent=ROOT_FOLDER, source=(ROOT_FOLDER, "b")
)
SYNC_FOLDER = Operation(kind=Kind.SYNC, path="", inode=ROOT_FOLDER)
CAREFUL = (CREATE, WRITE, SYNC, RENAME, SYNC_FOLDER)
IN_PLACE = Operation(kind=Kind.WRITE, path="a", inode=PLACED, data=NEW)
REMOVE = Operation(kind=Kind.REMOVE, path="a", parent=ROOT_FOLDER)
# How a file is not replaced.
CARELESS = {
    "no sync": (CREATE, WRITE, RENAME, SYNC_FOLDER),
    "sync too late": (CREATE, WRITE, RENAME, SYNC, SYNC_FOLDER),
    "no sync of the name": (CREATE, WRITE, SYNC, RENAME),
    "written over": (IN_PLACE, Operation(kind=Kind.SYNC, path="a", inode=PLACED)),
    "removed first": (CREATE, WRITE, SYNC, REMOVE, RENAME, SYNC_FOLDER),
}


def recording(*operations: Operation) -> Recording:
    """Return a recording on a disk with one file, `a`."""
    before = Disk(files={PLACED: OLD}, folders={ROOT_FOLDER: {"a": PLACED}}, last=PLACED)
    return Recording(before, operations)


def broken(calls: tuple[Operation, ...]) -> list[str]:
    """Return the losses after which the file is neither old nor new, or not new at the end."""
    recorded = recording(*calls)
    found = []
    for crash in Crashes(recorded, "1").chosen():
        data = crash.disk(recorded).contents().get("a")
        allowed = {NEW} if crash.point == len(calls) else {OLD, NEW}
        found += [str(crash)] if data not in allowed else []
    return found


def test_a_file_that_is_synced_and_renamed_survives() -> None:
    """It is the old or the new one, and at the end the new one."""
    assert broken(CAREFUL) == []


@pytest.mark.parametrize("way", CARELESS)
def test_a_careless_write_is_found(way: str) -> None:
    """A chosen loss breaks it; no chance is needed."""
    assert broken(CARELESS[way]) != []


def test_losses_are_the_same_again_for_a_seed() -> None:
    """And others for another one; no state is tried twice among the chosen ones."""
    recorded = recording(*CARELESS["no sync"], *CAREFUL)
    one, same, other = (
        [str(crash) for crash in islice(Crashes(recorded, seed), 30)] for seed in ("1", "1", "2")
    )

    assert one == same != other
    chosen = {crash.disk(recorded).fingerprint() for crash in Crashes(recorded, "1").chosen()}
    tried = {Crash.read(text).disk(recorded).fingerprint() for text in one}
    assert chosen <= tried


def test_the_figures_of_all_runs_add_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By step, with the seeds of each run."""
    for seed in (1, 2):
        results = Results("power", {}, tmp_path)
        for step in ("begin", "add"):
            results.add(step=step, seed=seed, calls=400 + seed, states=50, broken=seed - 1)

    report.main(["--results", str(tmp_path)])

    text = capsys.readouterr().out
    assert "| begin | 402 | 100 | 1 |" in text
    assert "| all | | 200 | 2 |" in text
    assert re.search(r"seed (1, )?2: ", text)


def test_what_is_synced_is_never_lost() -> None:
    """Also by chance."""
    recorded = recording(*CAREFUL, *CARELESS["no sync"])

    for crash in islice(Crashes(recorded, "3"), 200):
        kept = {1} if crash.point > 2 else set()
        kept |= {0, 3} if crash.point > 4 else set()
        assert kept.isdisjoint(crash.losses)


def test_a_loss_is_read_as_it_is_written() -> None:
    """In one line, for a message."""
    crash = Crash(9, {3: Loss.WHOLE, 5: Loss.SECOND_HALF, 7: Loss.FIRST_HALF, 8: Loss.ZEROS})

    assert str(crash) == "9:3,5s,7f,8z"
    assert Crash.read("9:3,5s,7f,8z") == crash
    assert "5 second half lost: write b (1500 bytes at 0)" in Crash(
        6, {5: Loss.SECOND_HALF}
    ).description(recording(CREATE, WRITE, SYNC, RENAME, SYNC, WRITE))
