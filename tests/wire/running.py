"""A run: load, checking clients, news, reloads and restarts, for as long as asked."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

from wire.clients import Client, clients
from wire.load import Load, Loaded
from wire.model import OWN, Model
from wire.servers import Servers, servers
from wire.use import Usage

_LONG = 1800.0  # seconds
_WAIT = 60.0  # seconds for the last news to be everywhere
_IN_FEED = 50  # news of a feed (`wire.servers`)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long a run takes, in seconds, and how often what happens.

    `rate` is of requests a second of all servers together. A segment is one run of wrk against
    each; `reload_every` and `restart_every` are in segments, at whose middle it happens.
    """

    seconds: float
    rate: int = 10_000
    connections: int = 32
    segment: int = 30
    drop_every: float = 10.0
    reload_every: int = 5
    restart_every: int = 15

    @classmethod
    def of(cls, seconds: float, *, rate: int, connections: int) -> Plan:
        """Return a plan with eight reloads and two restarts, in few minutes with fewer.

        Between them memory has time to show whether it grows.
        """
        parts = int(seconds / cls.segment)
        return cls(
            seconds=seconds,
            rate=rate,
            connections=connections,
            reload_every=max(cls.reload_every, parts // 8),
            restart_every=max(cls.restart_every, parts // 2),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """What wrk reports of each server in a part of the run, and what happened in it."""

    event: str
    loads: dict[str, Loaded]


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of a run."""

    seconds: float = 0.0
    segments: list[Segment] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    answers: int = 0
    reloads: int = 0
    restarts: int = 0
    news: int = 0

    @property
    def requests(self) -> int:
        """Return the number of all requests that were answered."""
        loads = [load for one in self.segments for load in one.loads.values()]
        return self.answers + sum(load.requests for load in loads)

    @property
    def broken(self) -> list[str]:
        """Return all that went wrong, in words; a short run shows no slope of memory."""
        growing = self.usage.growing() if self.seconds > _LONG else []
        return [*self.faults, *self.lost, *_wrong_loads(self.segments), *growing]


def is_away(name: str, segment: Segment) -> bool:
    """Return whether a server ends in a segment: then wrk's errors are connections not taken.

    The checking clients tell those from requests that are lost.
    """
    return name == OWN and segment.event == "restart"


def _wrong_loads(segments: Sequence[Segment]) -> Iterator[str]:
    for one in segments:
        for name, load in one.loads.items():
            if is_away(name, one):
                continue
            if load.unread or load.timed_out:
                yield f"{name}: {load.unread} requests lost, {load.timed_out} late ({one.event})"
            if load.refused or load.others:
                yield f"{name}: {load.refused} refused, {load.others} failed ({one.event})"


class Run:
    """A run in a folder; `outcome` grows while it goes on."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self._plan = plan
        self._folder = folder
        self._model = Model(feeds=folder / "feeds")
        self.outcome = Outcome()
        self._began = monotonic()

    def __iter__(self) -> Iterator[Segment]:
        """Do it, and yield each segment when it has ended."""
        with servers(self._folder, self._model) as it, ExitStack() as stack:
            asking = [stack.enter_context(one) for one in clients(it.ports, self._model)]
            self._began = monotonic()
            number = 0
            while monotonic() - self._began < self._plan.seconds:
                number += 1
                segment = self._segment(it, number)
                self.outcome.segments.append(segment)
                self._note(it, asking)
                yield segment
            self._require_news(it, asking)
            stack.close()
            self._note(it, asking)

    def _segment(self, it: Servers, number: int) -> Segment:
        plan, event = self._plan, ""
        each = [(name, port, self._share(name)) for name, port in it.ports.items()]
        loads = {
            name: Load(port, rate, plan.connections, plan.segment, self._folder)
            for name, port, rate in each
        }
        try:
            end = monotonic() + plan.segment
            self._publish(it, monotonic() + plan.segment / 2)
            if number % plan.restart_every == 0:
                event = "restart"
                with self._model.restarting():
                    it.restart()
            elif number % plan.reload_every == 0:
                event = "reload"
                it.reload()
            self._publish(it, end)
            return Segment(event=event, loads={name: load.end() for name, load in loads.items()})
        finally:
            for load in loads.values():
                load.stop()
            it.truncate_logs()

    def _share(self, name: str) -> int:
        """Return how many requests a second a server gets: Caddy, the slowest, half as many."""
        return round(self._plan.rate * (0.2 if name == "Caddy" else 0.4))

    def _publish(self, it: Servers, end: float) -> None:
        """Drop news until a moment; each third is under embargo, each fourth is edited later."""
        pause = self._plan.drop_every
        while (left := end - monotonic()) > 0:
            self.outcome.usage.note(monotonic() - self._began, it.processes())
            if left > pause / 2:
                number = len(it.dropped)
                it.drop(self._model, embargo=math.ceil(pause / 2) + 2 if number % 3 == 2 else 0)
                if number % 4 == 3:
                    it.edit([*it.dropped][number - 3 - (number - 3) % 3])
            sleep(min(pause, max(0.0, end - monotonic())))

    def _require_news(self, it: Servers, asking: Sequence[Client]) -> None:
        """Wait until each client has seen the last news; news that nobody saw is a fault.

        With the last comes what was under embargo: after few news, all can be waited for.
        """
        names = [one.server for one in asking]
        last = it.drop(self._model)
        wanted = [*it.dropped] if len(it.dropped) < _IN_FEED else [last]
        end = monotonic() + _WAIT
        while monotonic() < end and not all((n, t) in self._seen for n in names for t in wanted):
            sleep(0.1)
        for title in wanted:
            if lacking := [name for name in names if (name, title) not in self._seen]:
                self.outcome.faults.append(f"{', '.join(lacking)}: {title} was never shown")

    @property
    def _seen(self) -> dict[tuple[str, str], float]:
        return self._model.promises.first_seen

    def _note(self, it: Servers, asking: Sequence[Client]) -> None:
        outcome = self.outcome
        outcome.seconds = monotonic() - self._began
        outcome.faults = [*dict.fromkeys([*outcome.faults, *self._model.faults])]
        outcome.lost = [line for one in asking for line in one.lost]
        outcome.answers = self._model.answers
        outcome.delays = [
            moment - it.dropped[title]
            for (_, title), moment in self._seen.copy().items()
            if title in it.dropped
        ]
        outcome.reloads, outcome.restarts = it.reloads, it.restarts
        outcome.news = len(it.dropped)
