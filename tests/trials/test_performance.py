"""What trials notice of slow answers, lost requests and growing processes."""

from __future__ import annotations

import pytest

from trials.judge import Since
from trials.machine import Use
from trials.performance import Life, faults_of


def test_a_lost_request_is_noticed_and_one_of_before_is_not() -> None:
    """So are a 503 and a slow answer."""
    since = Since(begun=0)
    assert faults_of(since, 1) == []

    since.take("/before", -1, 0)
    assert faults_of(since, 1) == []
    since.take("/a", 1, 0)
    since.take("/b", 1, 503)
    since.slowest = 4

    assert faults_of(since, 2) == ["['/a'] had no answer", "['/b'] were answered with 503"]
    assert faults_of(since, 1)[2:] == ["an answer took 4.0 s"]


@pytest.mark.parametrize(
    ("memory", "descriptors", "faults"),
    [(100, 30, 0), (250, 30, 1), (100, 60, 1), (700, 60, 3)],
)
def test_growth_within_one_life_is_noticed(memory: int, descriptors: int, faults: int) -> None:
    """In memory and in descriptors."""
    first = Use(process=1, memory=90 * 2**20, descriptors=20)
    life = Life(name="web", first=first, memory=first.memory, descriptors=20)

    after = life.taken(Use(process=1, memory=memory * 2**20, descriptors=descriptors))

    assert life.faults() == []
    assert len(after.faults()) == faults
