"""Killed at any instruction, refused by the machine anywhere: the next run finishes the job.

A thousand kills, and every system call that fails, are in `tests/outside/test_harm.py`.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from support.crashing import ACTS, Nursery, Step, harmed, nursery, steps, workplace

KILLS = 3  # in each step
SPREAD = 0.618  # of the golden ratio: however many there are, they fall far from each other
# Where the folder is there, the file is not, and where an empty folder stays till the next run.
HARMLESS = {"os.link", "os.mkdir", "os.remove", "os.rmdir"}
SIZES = (0, 1_000, 10_000, 60_000)  # bytes


@pytest.fixture(scope="module")
def publisher() -> Iterator[Nursery]:
    """Give a process that publishes in copies of itself."""
    with nursery() as process:
        yield process


@pytest.fixture(scope="module")
def day(publisher: Nursery) -> Iterator[dict[str, Step]]:
    """Give what happens to a newsroom, step by step."""
    with workplace() as folder:
        yield {step.name: step for step in steps(publisher, folder)}


@pytest.fixture(scope="module")
def lengths(publisher: Nursery, day: dict[str, Step]) -> dict[str, int]:
    """Give in how many instructions each step is done."""
    return {name: harmed(step, publisher, "instruction", 0)["trail"] for name, step in day.items()}


@pytest.mark.parametrize("kill", range(KILLS))
@pytest.mark.parametrize("name", ACTS)
def test_a_kill_leaves_whole_documents_and_is_made_good(
    name: str, kill: int, day: dict[str, Step], lengths: dict[str, int], publisher: Nursery
) -> None:
    """Each document is the old one or the new one, is served, and the next run finishes."""
    place = ([*ACTS].index(name) * KILLS + kill + 1) * SPREAD % 1

    said = harmed(day[name], publisher, "instruction", 1 + int(lengths[name] * place))

    assert said["status"] == -signal.SIGKILL


@pytest.mark.parametrize("name", ACTS)
def test_what_the_machine_refuses_is_told_and_made_good(
    name: str, day: dict[str, Step], publisher: Nursery
) -> None:
    """The first and the last of each kind of call fail: opening, renaming, the wait for disk."""
    trail = harmed(day[name], publisher, "refusal", 0)["trail"]
    kinds = [line.split()[0] for line in trail]
    first = {kind: kinds.index(kind) for kind in kinds}
    last = {kind: number for number, kind in enumerate(kinds)}

    for number in sorted({*first.values(), *last.values()}):
        said = harmed(day[name], publisher, "refusal", number + 1)
        assert said["error"] or said["remarks"] or kinds[number] in HARMLESS, trail[number]


@pytest.mark.parametrize("name", ACTS)
def test_no_file_may_grow_and_it_is_made_good(
    name: str, day: dict[str, Step], publisher: Nursery
) -> None:
    """The system stops files at some size: documents, the manifest, or SQLite's own."""
    said = [harmed(day[name], publisher, "size", size)["error"] for size in SIZES]

    assert all(said[:2])
