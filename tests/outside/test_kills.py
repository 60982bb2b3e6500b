"""Many kills, and every kind of system call of publishing that fails, in turn."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from support.crashing import ACTS, Nursery, Step, every_second, harmed, nursery, steps, workplace

pytestmark = pytest.mark.outside

SOURCE = Path(__file__).parent / "failing.c"
# Kills in each step, by kind: at an instruction, after some microseconds, before a system call,
# and during or after one. A kill leaves what the calls before it have done, so the first two only
# sample calls that the library does not see.
_KILLS = int(os.environ.get("DATELINE_KILLS", "4"))
KILLS = {"instruction": _KILLS, "delay": _KILLS, "kill": 2 * _KILLS, "tear": 2 * _KILLS}
# Of each kind of system call so many fail in each step; with 0, one of every second kind.
CALLS = int(os.environ.get("DATELINE_CALLS", "0"))
NEEDS_SPACE = "!"  # a call's mark in the trail of failing.c


@pytest.fixture(scope="module")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    """Yield a process that publishes in copies of itself, and makes system calls fail."""
    shim = tmp_path_factory.mktemp("harm") / "failing.so"
    compiler = ["cc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([*compiler, "-o", shim, SOURCE, "-ldl"], check=True)
    with nursery(shim) as process:
        yield process


@pytest.fixture(scope="module")
def day(publisher: Nursery) -> Iterator[dict[str, Step]]:
    """Return the steps of a newsroom's day."""
    with workplace() as folder:
        yield {step.name: step for step in steps(publisher, folder)}


@pytest.mark.parametrize(
    ("name", "way"),
    [
        pytest.param(name, way, marks=pytest.mark.release if (number + place) % 2 else ())
        for number, name in enumerate(ACTS)
        for place, way in enumerate(KILLS)
    ],
)
def test_kills_are_recovered_from(
    name: str, way: str, day: dict[str, Step], publisher: Nursery
) -> None:
    """Each document is the old or the new one, is served, and the next run finishes."""
    chance = Random(f"{name} {way}")  # noqa: S311 - to be the same again
    count = _length(day[name], publisher, way)

    for _ in range(KILLS[way]):
        at = chance.uniform(0, count) if way == "delay" else chance.randint(1, int(count))
        said = harmed(day[name], publisher, way, at)
        assert way == "delay" or said["status"] == -signal.SIGKILL


def _length(step: Step, publisher: Nursery, way: str) -> float:
    """Return the length of a step: in seconds, instructions, or system calls."""
    said = harmed(step, publisher, "instruction" if way == "instruction" else "count", 0)
    lengths = {"delay": said["seconds"], "instruction": said["trail"]}
    return lengths.get(way) or len(said["trail"])


@pytest.mark.parametrize(
    ("name", "way"),
    [
        pytest.param(name, way, marks=pytest.mark.release if (number + place) % 2 else ())
        for number, name in enumerate(ACTS)
        for place, way in enumerate(("fail", "full"))
    ],
)
def test_each_system_call_may_fail(
    name: str, way: str, day: dict[str, Step], publisher: Nursery
) -> None:
    """The error is one line, no document is damaged, and the next run finishes.

    Of calls with the same name for the same kind of file, the first or the last fails, in turn;
    with `DATELINE_CALLS=2` both, and with more others between them. From a call that needs space
    on, all that need space fail too: the disk is full. Steps have most kinds of calls in common:
    each step takes the kinds that the step before leaves out.
    """
    trail = harmed(day[name], publisher, "count", 0)["trail"]
    places = _each_kind(trail, needs_space=way == "full")

    for at in places if CALLS else every_second(name, places):
        harmed(day[name], publisher, way, at)


def _each_kind(trail: list[str], *, needs_space: bool) -> list[int]:
    kinds = defaultdict(list)
    for number, line in enumerate(trail, start=1):
        call, path = line.split(" ", 1)
        if call.endswith(NEEDS_SPACE) or not needs_space:
            kinds[call, _kind_of(path)].append(number)
    turns = enumerate(kinds.values())
    return sorted({place for turn, places in turns for place in _spread(places, turn)})


def _spread(places: list[int], turn: int) -> set[int]:
    """Return the first and the last place, and others at equal distances, `CALLS` in all."""
    if CALLS < 2:
        return {places[-(turn % 2)]}
    return {places[n * (len(places) - 1) // (CALLS - 1)] for n in range(CALLS)}


def _kind_of(path: str) -> str:
    """Return the kind of a file; documents differ in their coding alone, as they do for a run."""
    document = re.search(r"/feeds/(?!\.)(?:.*/)?[^/.]+\.[a-z]+(\.[a-z]+)?$", path)
    return f"document{document[1] or ''}" if document else re.sub(r"\d+", "0", path)
