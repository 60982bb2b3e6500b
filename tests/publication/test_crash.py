"""After a kill at any instruction or any failed system call, the next run completes the work.

Hundreds of kills, and a failure of every kind of system call, are in `tests/outside/test_kills.py`.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from support.crashing import ACTS, Nursery, Step, every_second, harmed, nursery, steps, workplace
from support.often import one_of_each

pytestmark = pytest.mark.long

KILLS = 3  # in each step
SPREAD = 0.618  # Multiples of the golden ratio are far from each other, however many there are.
# Where the folder exists and the file does not, and where an empty folder stays until the next run.
HARMLESS = {"os.link", "os.mkdir", "os.remove", "os.rmdir"}
# The steps that are tried in a quick run too: nothing there, a change, a deletion.
QUICK = {"begin", "correct", "take down"}
NAMES = [pytest.param(name, marks=() if name in QUICK else pytest.mark.long) for name in ACTS]
# A limit fails what writes; a failure of each of some forty calls is for long runs alone.
SIZES = (0, 1_000, 10_000, 60_000)  # bytes


@pytest.fixture(scope="module")
def publisher() -> Iterator[Nursery]:
    """Return a process that publishes in copies of itself."""
    with nursery() as process:
        yield process


@pytest.fixture(scope="module")
def day(publisher: Nursery) -> Iterator[dict[str, Step]]:
    """Return what happens to a newsroom, step by step."""
    with workplace() as folder:
        yield {step.name: step for step in steps(publisher, folder)}


@pytest.fixture(scope="module")
def length(publisher: Nursery, day: dict[str, Step]) -> Callable[[str], int]:
    """Return a function that counts the instructions of a step, once."""

    @cache
    def count(name: str) -> int:
        return int(harmed(day[name], publisher, "instruction", 0)["trail"])

    return count


@pytest.mark.parametrize(
    "kill", [0, *(pytest.param(kill, marks=pytest.mark.long) for kill in range(1, KILLS))]
)
@pytest.mark.parametrize("name", NAMES)
def test_a_kill_leaves_whole_documents_and_is_repaired(
    name: str, kill: int, day: dict[str, Step], length: Callable[[str], int], publisher: Nursery
) -> None:
    """Each document is the old or the new one, is served, and the next run completes the work."""
    place = ([*ACTS].index(name) * KILLS + kill + 1) * SPREAD % 1

    said = harmed(day[name], publisher, "instruction", 1 + int(length(name) * place))

    assert said["status"] == -signal.SIGKILL


def is_harmless(call: str) -> bool:
    """Return whether nothing is lost if a call fails: the time of a lock is shown, no more."""
    kind = call.split(maxsplit=1)[0]
    return kind in HARMLESS or (kind == "os.utime" and call.endswith("/.lock"))


@pytest.mark.parametrize("name", ACTS)
def test_a_failed_system_call_is_reported_and_repaired(
    name: str, day: dict[str, Step], publisher: Nursery
) -> None:
    """Calls of each kind fail: opening, renaming, syncing to disk.

    Of the first and the last of each kind, a step takes every second one, in turn with the next.
    """
    trail = harmed(day[name], publisher, "refusal", 0)["trail"]
    kinds = [line.split()[0] for line in trail]
    first = {kind: kinds.index(kind) for kind in kinds}
    last = {kind: number for number, kind in enumerate(kinds)}

    for number in every_second(name, sorted({*first.values(), *last.values()})):
        said = harmed(day[name], publisher, "refusal", number + 1)
        assert said["error"] or said["remarks"] or is_harmless(trail[number]), trail[number]


@pytest.mark.parametrize("name", one_of_each(ACTS))
def test_a_file_size_limit_is_reported_and_repaired(
    name: str, day: dict[str, Step], publisher: Nursery
) -> None:
    """The limit stops documents, the manifest or the database."""
    said = [harmed(day[name], publisher, "size", size)["error"] for size in SIZES]

    assert all(said[:2])
