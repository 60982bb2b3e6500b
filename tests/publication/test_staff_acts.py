"""Whatever staff do to files between two runs, news stays once, and messages can be followed.

`test_history.py` has a model of each outcome, and so of acts alone whose outcome is clear; here
staff do anything, several things at once, and the promises alone are checked. A sequence that
breaks one is printed as short as possible.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import mkdtemp

import pytest

from dateline.rules.guards import NOTHING, Approval
from support.crashing import MEMORY
from support.publication import PUBLICATION, Newsroom
from support.staff_acts import Desk, act
from support.staff_answers import follow
from support.staff_watch import GRACE, BrokenPromiseError, Watch

EXAMPLES = int(os.environ.get("EXAMPLES", "0"))
FIRST = int(os.environ.get("FIRST", "0"))
NUMBERS = (
    range(FIRST, FIRST + EXAMPLES)
    if EXAMPLES
    else [
        *range(2),
        *(pytest.param(number, marks=pytest.mark.long) for number in range(2, 5)),
        *(pytest.param(number, marks=pytest.mark.release) for number in range(5, 15)),
    ]
)
_ACTS = 25
_MOST_ANSWERS = 40
_WAITS = [timedelta(minutes=minutes) for minutes in (1, 1, 1, 5, 11, 11, 60, 1500)]


@dataclass(frozen=True, slots=True)
class Step:
    """One act, answer, or run; it is made from its own number."""

    kind: str
    number: int


def sequence(number: int) -> list[Step]:
    """Return a random sequence of steps; several acts may be between two runs."""
    random = Random(f"sequence {number}")  # noqa: S311
    steps = [Step("act", random.randrange(10**6)) for _ in range(5)]
    steps.append(Step("run", 0))
    for _ in range(_ACTS):
        steps.append(Step("act", random.randrange(10**6)))
        if random.random() < 0.65:
            steps.append(Step("run", random.randrange(10**6)))
        if random.random() < 0.3:
            steps.append(Step("answer", random.randrange(10**6)))
    return steps


def play(steps: Sequence[Step]) -> tuple[BrokenPromiseError | None, list[str]]:
    """Return the promise that some steps break, if any, and what was done."""
    folder = Path(mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
    said: list[str] = []
    try:
        _play(steps, folder, said)
    except BrokenPromiseError as error:
        return error, said
    finally:
        shutil.rmtree(folder)
    return None, said


def _play(steps: Sequence[Step], folder: Path, said: list[str]) -> None:
    (folder / "entries").mkdir()
    (folder / "config.toml").write_text(f"{PUBLICATION}entries = 500\ndays = 0\n")
    watch = Watch(desk=Desk(newsroom=Newsroom(folder)))
    for step in steps:
        random = Random(step.number)  # noqa: S311
        if step.kind == "act":
            said.append(act(watch.desk, random))
        elif step.kind == "run":
            _run(watch, said, random.choice(_WAITS))
        elif watch.desk.newsroom.log:
            _run(watch, said)
            _answer(watch, said, random)
    said.append("now everything is answered")
    _run(watch, said)
    random = Random(len(steps))  # noqa: S311
    for _ in range(_MOST_ANSWERS):
        if not _answer(watch, said, random):
            break
    for _ in range(2):
        _run(watch, said, 2 * GRACE)
    _answer(watch, said, random)
    watch.check_end(watch.desk.newsroom.log[-1])


def _run(
    watch: Watch,
    said: list[str],
    after: timedelta = timedelta(minutes=1),
    approval: Approval = NOTHING,
) -> None:
    said.append(f"run after {after}")
    try:
        report = watch.desk.newsroom.build(after=after, approval=approval)
    except Exception as error:
        raise BrokenPromiseError("crash", repr(error)) from error
    said.extend(f"    {one.code}: {one.file}" for one in report.problems)
    watch.check(report)


def _answer(watch: Watch, said: list[str], random: Random) -> bool:
    """Follow a message if there is one, and run again."""
    done, approval = follow(watch, watch.desk.newsroom.log[-1], random)
    if done:
        said.append(f"answer {done}")
        _run(watch, said, approval=approval)
    return bool(done)


def shortest(steps: Sequence[Step], kind: str) -> list[Step]:
    """Return fewer steps that break the same promise, of which none can be left out."""
    steps = [*steps]
    size = len(steps) // 2
    while size:
        for start in range(len(steps) - size, -1, -size):
            fewer = steps[:start] + steps[start + size :]
            error, _ = play(fewer)
            if error and error.kind == kind:
                steps = fewer
        size //= 2
    return steps


@pytest.mark.long
@pytest.mark.parametrize("number", NUMBERS)
def test_whatever_staff_do_no_promise_is_broken(number: int) -> None:
    """News is never twice, lost, or under another id, and each message can be followed."""
    steps = sequence(number)
    error, _ = play(steps)
    if error:
        error, said = play(shortest(steps, error.kind))
        pytest.fail("\n".join([f"sequence {number}", *said, str(error)]))
