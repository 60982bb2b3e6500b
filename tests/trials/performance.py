"""What answers may take while nothing disturbs the machine, and what processes may use.

Bounds of time grow with the load of the machine, which other programs use, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trials.judge import Since
from trials.machine import Use, slowness, use_of

if TYPE_CHECKING:
    from trials.trial import Trial

_SLOWEST = 3.0  # seconds for an answer, on a machine that does nothing else
_MOST_MEMORY = 600 * 2**20
_MEMORY_GROWS = 120 * 2**20  # at most, within one life of a process
_DESCRIPTORS_GROW = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What one process has used: when it was first measured, and at most."""

    name: str
    first: Use
    memory: int
    descriptors: int

    def taken(self, use: Use) -> Life:
        """Return the same life after another measurement."""
        return Life(
            name=self.name,
            first=self.first,
            memory=max(self.memory, use.memory),
            descriptors=max(self.descriptors, use.descriptors),
        )

    def faults(self) -> list[str]:
        """Return what it uses too much of."""
        found = []
        if self.descriptors > self.first.descriptors + _DESCRIPTORS_GROW:
            found.append(f"had {self.first.descriptors} descriptors and has {self.descriptors}")
        if self.memory > self.first.memory + _MEMORY_GROWS:
            first, most = self.first.memory / 2**20, self.memory / 2**20
            found.append(f"used {first:.0f} MB and uses {most:.0f} MB")
        if self.memory > _MOST_MEMORY:
            found.append(f"has used {self.memory / 2**20:.0f} MB")
        return [f"{self.name} {one}" for one in found]


def check(trial: Trial) -> None:
    """Check the answers since it last settled, and what all processes use."""
    since = trial.judge.forget_times()
    # The search begins with the first entry, and refuses what takes too long on a busy machine.
    since.unavailable = [one for one in since.unavailable if not one.startswith("/search")]
    if not (trial.may_repeat or trial.is_reloaded):
        for sentence in faults_of(since, slowness()):
            trial.broken(f"nothing disturbed the machine, and {sentence}")
    trial.is_reloaded = False
    for name, number in trial.machine.all_processes():
        use = use_of(number)
        if use is None:
            continue
        new = Life(name=name, first=use, memory=use.memory, descriptors=use.descriptors)
        trial.lives[number] = trial.lives.get(number, new).taken(use)
        for sentence in trial.lives[number].faults():
            trial.broken(sentence)


def faults_of(since: Since, slower: float) -> list[str]:
    """Return what answers may not be on a machine that is so many times slower than alone."""
    found = []
    if since.lost:
        found.append(f"{since.lost[:3]} had no answer")
    if since.unavailable:
        found.append(f"{since.unavailable[:3]} were answered with 503")
    if since.slowest > _SLOWEST * slower:
        found.append(f"an answer took {since.slowest:.1f} s")
    return found


def most_memory(trial: Trial) -> dict[str, int]:
    """Return the most memory that any process of each name has used."""
    found: dict[str, int] = {}
    for life in trial.lives.values():
        found[life.name] = max(found.get(life.name, 0), life.memory)
    return found
