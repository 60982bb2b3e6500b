"""Chooses what a disk loses: each operation alone, whole kinds at once, and by chance.

A `Crash` is written as `POINT:LOSSES`, such as `213:5,17s`: the power went after 213 operations,
of which the sixth was lost and the second half of the eighteenth.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from power.disk import CONTENT, SYNCS, Disk, Kind, Loss, after, kept_from
from power.recording import Recording

_LETTERS = {Loss.WHOLE: "", Loss.SECOND_HALF: "s", Loss.FIRST_HALF: "f", Loss.ZEROS: "z"}
_LOSSES = {letter: loss for loss, letter in _LETTERS.items()}
_TORN = (Loss.WHOLE, Loss.SECOND_HALF, Loss.FIRST_HALF, Loss.ZEROS)
# No reader and no run takes anything from here: what is lost in it alone makes no other state.
_SCRATCH = ("feeds/.new/",)
_SHOWN = 12  # losses in a description


@dataclass(frozen=True, slots=True)
class Crash:
    """The power goes after `point` operations, and these are lost."""

    point: int
    losses: Mapping[int, Loss] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the text that `read` reads."""
        lost = ",".join(f"{at}{_LETTERS[loss]}" for at, loss in sorted(self.losses.items()))
        return f"{self.point}:{lost}"

    @classmethod
    def read(cls, text: str) -> Crash:
        """Read what `str` wrote."""
        point, _, rest = text.partition(":")
        found = re.findall(r"(\d+)([sfz]?)", rest)
        return cls(int(point), {int(at): _LOSSES[letter] for at, letter in found})

    def disk(self, recording: Recording) -> Disk:
        """Return what is on the disk."""
        return after(recording.before, recording.operations, self.point, self.losses)

    def description(self, recording: Recording) -> str:
        """Return in words which operations were lost."""
        operations = recording.operations
        last = operations[self.point - 1] if self.point else "nothing"
        lines = [f"{self}: power lost after {self.point} of {len(operations)} calls ({last})"]
        lost = sorted(self.losses.items())
        lines += [f"  {at} {loss}: {operations[at]}" for at, loss in lost[:_SHOWN]]
        more = len(lost) - _SHOWN
        return "\n".join([*lines, *([f"  and {more} more"] if more > 0 else [])])


class Crashes:
    """The crashes of a recording: first the chosen ones in an order by `seed`, then any."""

    def __init__(self, recording: Recording, seed: str) -> None:
        self._recording = recording
        self._chance = Random(seed)  # noqa: S311 - to be the same again
        self._kept = kept_from(recording.operations)
        self._seen: set[bytes] = set()

    def __iter__(self) -> Iterator[Crash]:
        """Yield two chosen crashes and one by chance in turn, without end; no state twice."""
        chosen = [*self.chosen()]
        self._chance.shuffle(chosen)
        yield from self._new(crash for one in chosen for crash in self._with_chance(one))
        while True:
            yield self._any()

    def _with_chance(self, one: Crash) -> Iterator[Crash]:
        yield one
        if self._chance.random() < 1 / 2:
            yield self._any()

    def _new(self, crashes: Iterable[Crash]) -> Iterator[Crash]:
        for crash in crashes:
            print_ = crash.disk(self._recording).fingerprint(_SCRATCH)
            if print_ not in self._seen:
                self._seen.add(print_)
                yield crash

    def pending(self, point: int) -> list[int]:
        """Return the operations before a point that a loss of power there can still reach."""
        operations, kept = self._recording.operations, self._kept
        return [n for n in range(point) if kept[n] > point and operations[n].kind not in SYNCS]

    def chosen(self) -> Iterator[Crash]:
        """Yield each loss of one operation, and of all or all but one, as late as it can be.

        Then at each sync, and at the end: nothing, all, all names and all contents are lost.
        """
        operations = self._recording.operations
        end = len(operations)
        for at, one in enumerate(operations):
            if one.kind in SYNCS:
                yield from self._at(at)
                continue
            last = min(self._kept[at] - 1, end)
            yield Crash(at + 1)
            yield from (Crash(last, {at: loss}) for loss in self._ways(at))
            others = [other for other in self.pending(last) if other != at]
            yield Crash(last, dict.fromkeys(others, Loss.WHOLE))
        yield from self._at(end)

    def _at(self, point: int) -> Iterator[Crash]:
        lost = self.pending(point)
        contents = [at for at in lost if self._recording.operations[at].kind in CONTENT]
        names = [at for at in lost if at not in contents]
        yield Crash(point)
        for some in (lost, names, contents):
            yield Crash(point, dict.fromkeys(some, Loss.WHOLE))
        yield Crash(point, {at: self._ways(at)[-1] for at in contents})

    def _ways(self, at: int) -> tuple[Loss, ...]:
        is_write = self._recording.operations[at].kind is Kind.WRITE
        return _TORN if is_write else (Loss.WHOLE,)

    def _any(self) -> Crash:
        """Return a crash at any point, with any losses."""
        point = self._chance.randint(0, len(self._recording.operations))
        share = self._chance.choice([0.05, 0.3, 0.7, 0.95])
        lost = [at for at in self.pending(point) if self._chance.random() < share]
        return Crash(point, {at: self._chance.choice(self._ways(at)) for at in lost})
