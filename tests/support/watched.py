"""Clients that request everything from a server, repeatedly, while its manifest is damaged."""

from __future__ import annotations

import http.client
import logging
import os
import signal
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from dateline.documents import manifest
from dateline.errors import StoreError
from support.process_tree import children, words
from support.serving import PATIENCE, Served, until

_PAUSE = 0.1  # seconds between two rounds
_LONG = 60.0  # seconds in which a run ends
_RUNS = 60  # in which a damaged row is found: each reads a share of the rows
_REFUSED = 503
_PLAIN, _GZIP, _AGAIN = _WAYS = range(3)  # the last with the validator
_LONG_EVERY = 10  # flips
_LOGS_EVERY = 50  # flips
_log = logging.getLogger(__name__)
# Allowed differences: a worker that ends closes its connections, and a worker that started with
# the head of the run before has an earlier end of freshness.
_OF_THE_MOMENT = frozenset({"date", "connection", "cache-control"})

Answer = tuple[int, bytes, tuple[tuple[str, str], ...]]


@dataclass
class Watch:
    """Requests `paths` in rounds, each of them plainly, in gzip, and with its validator.

    The answers of the first three rounds are `right`. Later answers equal them in bytes and fields,
    or are refused with 503, or count as `wrong`; a request for gzip may get the plain form, from a
    worker that started with the head of the run before. The longest absence of a path is from its
    last right answer before a refusal to its first right one afterwards.
    """

    port: int
    paths: Sequence[str]
    right: dict[tuple[str, int], Answer] = field(default_factory=dict)
    answered: int = 0
    refused: int = 0
    lost: int = 0  # connections: requests without an answer, which are repeated
    wrong: list[str] = field(default_factory=list)
    absence: float = 0.0
    slowest: float = 0.0  # seconds of a round
    rounds: int = 0
    clean: int = 0  # rounds since the last refusal
    is_over: threading.Event = field(default_factory=threading.Event)
    _seen: dict[str, float] = field(default_factory=dict)
    _away: dict[str, float] = field(default_factory=dict)
    _back: dict[str, float] = field(default_factory=dict)
    _connection: http.client.HTTPConnection | None = None

    def learn(self) -> None:
        """Take the current answers as right."""
        for way in _WAYS:
            for path in self.paths:
                self.right[path, way] = self._ask(path, way)
            self._close()

    def watch(self) -> None:
        """Send requests until it is stopped."""
        while not self.is_over.wait(_PAUSE):
            begun, refused = monotonic(), self.refused
            for path in self.paths:
                self._note(path, self.rounds % len(_WAYS))
            self._close()
            self.slowest = max(self.slowest, monotonic() - begun + _PAUSE)
            self.clean = self.clean + 1 if self.refused == refused else 0
            self.rounds += 1

    def begin(self) -> None:
        """Measure absences from now on; all until the next call count as one."""
        self._away.clear()
        self._back.clear()
        self.absence = 0.0

    def is_right_again(self, after: int) -> bool:
        """Return whether three rounds that began after number `after` were right."""
        return self.rounds > after + len(_WAYS) and self.clean >= len(_WAYS)

    def _note(self, path: str, way: int) -> None:
        try:
            found = self._ask(path, way)
        except (OSError, http.client.HTTPException) as error:
            found = (_REFUSED, repr(error).encode(), ())
        self.answered += 1
        if found in (self.right[path, way], self.right[path, _PLAIN if way == _GZIP else way]):
            self._note_right(path)
        elif found[0] == _REFUSED:
            self.refused += 1
            self._away.setdefault(path, self._seen.get(path, monotonic()))
            self._back.pop(path, None)
        else:
            self.wrong.append(f"{path}: {found[0]} {found[1][:200]!r} {found[2]}")

    def _note_right(self, path: str) -> None:
        now = self._seen[path] = monotonic()
        if path in self._away and path not in self._back:
            self._back[path] = now
            self.absence = max(self.absence, now - self._away[path])

    def _ask(self, path: str, way: int) -> Answer:
        """Send a request; repeat it once on another connection if the first had been closed."""
        try:
            return self._answer(path, way)
        except (OSError, http.client.HTTPException):
            self.lost += 1
            self._close()
            return self._answer(path, way)

    def _answer(self, path: str, way: int) -> Answer:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        self._connection.request("GET", f"/{path}", headers=self._fields(path, way))
        got = self._connection.getresponse()
        data = got.read()
        rest = sorted((name.lower(), value) for name, value in got.getheaders())
        if got.will_close:
            self._close()
        return got.status, data, tuple(one for one in rest if one[0] not in _OF_THE_MOMENT)

    def _fields(self, path: str, way: int) -> dict[str, str]:
        if way == _GZIP:
            return {"Accept-Encoding": "gzip"}
        tag = dict(self.right[path, _PLAIN][2]).get("etag") if way == _AGAIN else None
        return {"If-None-Match": tag} if tag else {}

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


@contextmanager
def watching(port: int, paths: Sequence[str]) -> Iterator[Watch]:
    """Request these paths all the time; the first answers count as right."""
    watch = Watch(port, paths)
    watch.learn()
    thread = threading.Thread(target=watch.watch)
    thread.start()
    try:
        yield watch
    finally:
        watch.is_over.set()
        thread.join(PATIENCE)


@dataclass
class Flipping:
    """Flips bits of one file of the manifest in `folder`, while everything is requested.

    Every second flip keeps the time of the file, as a failing disk does. `interval` is that of
    the schedule, in seconds.
    """

    served: Served
    folder: Path
    name: str
    interval: float
    watch: Watch = field(init=False)
    flips: int = 0
    absences: list[float] = field(default_factory=list)  # the longest of each repaired flip
    unrepaired: list[int] = field(default_factory=list)
    new_ids: set[str] = field(default_factory=set)

    def run(self, bits: Sequence[int], paths: Sequence[str]) -> None:
        """Flip all these bits, one after the other, each when the publisher is idle."""
        self._await_run()
        self._await_run()
        with watching(self.served.port, paths) as self.watch:
            for bit in bits:
                self._try(bit)
                if self.flips % _LOGS_EVERY == 0:
                    _log.info("%s", self.figures())

    def figures(self) -> str:
        """Return the results, and the longest absence in intervals."""
        watch = self.watch
        return (
            f"{self.name}: {self.flips} flips, {watch.answered} answers, {len(watch.wrong)} wrong, "
            f"{len(self.new_ids)} new ids, {watch.refused} refused, {watch.lost} sent again, "
            f"{sum(map(bool, self.absences))} flips after which an address was away, for "
            f"{max(self.absences, default=0.0) / self.interval:.2f} intervals at most, measured by "
            f"rounds of {watch.slowest:.2f} s at most."
        )

    def _try(self, bit: int) -> None:
        """Flip a bit, and request everything in every way.

        If an address is then absent, wait until the publisher has written the manifest again and
        all answers are right; else flip the bit back. After every tenth flip new workers take over,
        which start with the damage; the publisher must repair that, too.
        """
        is_long, known = self.flips % _LONG_EVERY == 0, self._ids()
        with (self.folder / "feeds" / self.name).open("r+b") as file:
            self.watch.begin()
            refused, rounds = self.watch.refused, self.watch.rounds
            self._flip(file.fileno(), bit)
            if is_long:
                self._replace_workers()
            assert until(lambda: self.watch.rounds > rounds + len(_WAYS))
            if is_long or self.watch.refused > refused:
                self._await_repair(bit)
            else:
                self._flip(file.fileno(), bit)  # of the same file, even if it has been renamed
        self.flips += 1
        self.new_ids |= self._ids() - known

    def _await_repair(self, bit: int) -> None:
        for _ in range(_RUNS):
            self._await_run()
            if self._is_whole():
                break
        rounds = self.watch.rounds
        if not (self._is_whole() and until(lambda: self.watch.is_right_again(rounds))):
            self.unrepaired.append(bit)
        self.absences.append(self.watch.absence)

    def _await_run(self) -> None:
        """Wait until a run of the publisher has ended."""
        before = self._looked()
        assert until(lambda: self._looked() != before, _LONG), self.served.printed()

    def _looked(self) -> int:
        try:
            return (self.folder / "feeds/.looked.json").stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def _flip(self, file: int, bit: int) -> None:
        stat = os.fstat(file)
        place, number = divmod(bit % (8 * stat.st_size), 8)
        os.pwrite(file, bytes([os.pread(file, 1, place)[0] ^ 1 << number]), place)
        if self.flips % 2:
            os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def _replace_workers(self) -> None:
        """Ask granian for new workers."""
        for child in children(self.served.process.pid):
            if b"processes:worker_app" in words(child):
                os.kill(child, signal.SIGHUP)

    def _is_whole(self) -> bool:
        feeds = self.folder / "feeds"
        try:
            return manifest.status(feeds).is_whole and not manifest.damage(feeds)
        except StoreError:  # the publisher is writing
            return False

    def _ids(self) -> set[str]:
        address = f"{(self.folder / 'state/ledger.sqlite').as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=PATIENCE)) as ledger:
            return {id_ for (id_,) in ledger.execute("SELECT id FROM entry")}
