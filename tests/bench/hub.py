"""Measures how soon the subscribers of the hub have a new edition, after the last rename.

All subscribe to one feed, with a secret each, and are processes on this machine: both sides share
its processors. The new entry alone has 25 kB, and is all that is sent. A round is over when every
subscriber on a host that works has it, signed and whole.

- alone: all hosts work.
- dead: a tenth of the hosts refuse, say nothing, answer a byte at a time, or never accept.
- killed: the hub is killed (-9) again and again, and started, until all have the edition;
  `lost` had not got it, `twice` got it more than once.
- publishing: the time of a run that publishes another entry, without a delivery and during one.
    python -m bench.hub --subscribers 1000 --rounds 10
    python -m bench.hub --subscribers 100000 --rounds 3
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from zlib import crc32

from bench.newsroom import PUBLISHER
from bench.receivers import Receivers, secret_of
from bench.results import RESULTS, Results
from bench.work import write
from dateline import publish
from dateline.documents import manifest
from dateline.hub.content import LiveFeeds
from dateline.ledger import Ledger
from dateline.ledger.queries.notices.requests import subscription_digest
from dateline.ledger.session import open_session
from dateline.ledger.tables import subscription
from support.publication import PUBLICATION, Newsroom, entry_file

FEED = "news.rss"
_HOSTS = 1000
_SIZE = 25_000  # bytes of what is sent
_DEAD = 10  # the share of hosts that are out of order: one in so many
_PATIENCE = 900.0  # seconds
_KILLED_AFTER = (0.05, 1.0)  # seconds of deliveries
_RUNS = {
    "quiet": "a run that publishes another entry",
    "busy": "the same during a delivery",
}
_LAST = 2**40  # the end of all leases
_CONFIG = f"""{PUBLICATION}
[hub]
enabled = true
separate = true
allow = ["127.0.0.0/8"]
"""


class _Bench:
    """A publication with a hub, and the subscribers of its feed."""

    def __init__(self, folder: Path, receivers: Receivers) -> None:
        self.room = Newsroom(folder)
        self.receivers = receivers
        self._numbers = count()
        self._before: int | None = None
        write(folder / "config.toml", _CONFIG)
        self.live = LiveFeeds(self.room.config.feeds_folder)
        self.publish(_SIZE)
        self._subscribe()

    def publish(self, size: int) -> float:
        """Publish an entry that makes so many bytes; return the seconds that the run took."""
        self._before = self._edition()
        number = next(self._numbers)
        text = " ".join(f"word{(number * 7919 + n) % 4999:04}" for n in range(size // 9))
        self.room.drop(f"{number}.toml", entry_file(f"Report {number}", body=f'"{text}"'))
        began = monotonic()
        self.room.build()
        return monotonic() - began

    @contextmanager
    def hub(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run the hub as a process of its own."""
        command = [sys.executable, str(PUBLISHER), "hub", "--config"]
        with subprocess.Popen([*command, str(self.room.folder / "config.toml")]) as process:
            try:
                yield process
            finally:
                process.kill()

    def is_recorded(self) -> bool:
        """Return whether the ledger knows that all have the edition, on hosts that work."""
        receivers = self.receivers
        dead = sum(map(receivers.is_dead, range(receivers.count)))
        with Ledger(publish.ledger_url(self.room.config)) as ledger:
            return ledger.subscriptions.figures(0).behind == dead

    def has_all(self) -> bool:
        """Return whether each subscriber on a host that works was sent the edition."""
        receivers = self.receivers
        return all(
            receivers.counts[number] or receivers.is_dead(number)
            for number in range(receivers.count)
        )

    def has_more(self, sent: int) -> bool:
        """Return whether more was sent than that, or nothing is left."""
        return sum(self.receivers.counts) > sent or self.has_all()

    def delays(self) -> list[float]:
        """Return for how many seconds each waited, the shortest first."""
        head = self.room.config.feeds_folder / manifest.HEAD
        renamed = head.stat().st_ctime_ns / 1e9
        return sorted(one - renamed for one in self.receivers.times if one)

    def faults(self) -> dict[str, float]:
        """Return how many lack the edition, got it again, or something else than it."""
        receivers = self.receivers
        working = [n for n in range(receivers.count) if not receivers.is_dead(n)]
        known = [*self._digests()]
        sums = {crc32(body) for body in known}
        return {
            "lost": sum(not receivers.counts[n] for n in working),
            "twice": sum(receivers.counts[n] > 1 for n in working),
            "wrong": sum(receivers.wrong)
            + sum(receivers.sums[n] not in sums for n in working if receivers.counts[n]),
        }

    def _digests(self) -> Iterator[bytes]:
        """Yield what may be sent: the edition, or what is new in it since the one before."""
        self._edition()
        for accepted in (None, self._before):
            if payload := self.live.payload(FEED, accepted):
                yield payload.body

    def _edition(self) -> int | None:
        """Return the live edition of the feed, which is read."""
        self.live.has_changed()
        edition = self.live.live(FEED)
        return edition.changed if edition else None

    def _subscribe(self) -> None:
        """Store the subscriptions, as they are once subscribers have agreed."""
        receivers, url = self.receivers, publish.ledger_url(self.room.config)
        values = {"path": FEED, "confirmed": 1, "expires": _LAST, "due": 0, "tries": 0}
        edition = self._edition()
        rows = [
            {
                "digest": subscription_digest(receivers.url(number), FEED),
                "callback": receivers.url(number),
                "host": receivers.host(number),
                "secret": secret_of(number),
                "edition": edition,
                "since": None,
                "answer": 0,
                **values,
            }
            for number in range(receivers.count)
        ]
        session = open_session(url)
        session.insert(subscription, rows)
        session.commit()
        session.close()


def _wait(holds: Callable[[], bool]) -> None:
    end = monotonic() + _PATIENCE
    while not holds():
        if monotonic() > end:
            raise SystemExit("It takes too long.")
        sleep(0.1)


def _of(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _deliver(bench: _Bench, results: Results, what: str, rounds: int) -> None:
    """Measure some deliveries, and what a run takes meanwhile."""
    quiet = [bench.publish(9) for _ in range(3)]
    with bench.hub() as process:
        _wait(bench.is_recorded)
        for _ in range(rounds):
            bench.receivers.begin()
            used = _used(process.pid)
            bench.publish(_SIZE)
            _wait(bench.has_all)
            delays = bench.delays()
            _wait(bench.is_recorded)
            cost = (_used(process.pid) - used) / len(delays)
            _add(results, bench, what, delays, cost=1e6 * cost, memory=_memory(process.pid))
        if what == "alone":
            bench.publish(_SIZE)
            busy = [bench.publish(9) for _ in range(3)]
            for name, times in (("quiet", quiet), ("busy", busy)):
                for seconds in times:
                    results.add(what=_RUNS[name], seconds=seconds, **_size(bench))
            _wait(bench.is_recorded)


def _kill(bench: _Bench, results: Results, rounds: int) -> None:
    """Kill the hub again and again during a delivery, and see what was lost."""
    chance = random.Random(1)  # noqa: S311 - repeatable
    for _ in range(rounds):
        bench.receivers.begin()
        bench.publish(_SIZE)
        kills = 0
        while not bench.has_all():
            sent = sum(bench.receivers.counts)
            with bench.hub() as process:
                _wait(partial(bench.has_more, sent))
                sleep(chance.uniform(*_KILLED_AFTER))
                process.kill()
            kills += 1
        with bench.hub():
            _wait(bench.is_recorded)
        _add(results, bench, "killed", bench.delays(), kills=kills)


def _add(
    results: Results, bench: _Bench, what: str, delays: Sequence[float], **figures: float
) -> None:
    results.add(
        what=what,
        **_size(bench),
        seconds=_of(delays, 0.5),
        p99=_of(delays, 0.99),
        last=delays[-1],
        **bench.faults(),
        **figures,
    )


def _size(bench: _Bench) -> dict[str, float]:
    return {"subscribers": bench.receivers.count, "hosts": bench.receivers.hosts}


def _used(process: int) -> float:
    """Return the seconds of processor time that a process has used (proc(5))."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _memory(process: int) -> float:
    """Return the most megabytes that a process has had in memory."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def main(words: Sequence[str] | None = None) -> None:
    """Measure, and store the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--subscribers", type=int, nargs="+", default=[1000, 100_000])
    options.add_argument("--hosts", type=int, default=_HOSTS)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", nargs="*", default=["alone", "dead", "killed"])
    options.add_argument("--results", type=Path, default=RESULTS)
    chosen = options.parse_args(words)
    results = Results("hub", {}, chosen.results)
    for number in chosen.subscribers:
        for what in chosen.only:
            dead = chosen.hosts // _DEAD if what == "dead" else 0
            receivers = Receivers(number, chosen.hosts, dead)
            with TemporaryDirectory() as name, receivers.running():
                bench = _Bench(Path(name), receivers)
                if what == "killed":
                    _kill(bench, results, chosen.rounds)
                else:
                    _deliver(bench, results, what, chosen.rounds)


if __name__ == "__main__":
    main()
