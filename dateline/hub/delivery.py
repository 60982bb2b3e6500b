"""The delivery of new editions to subscribers (WebSub, section 7).

Who is behind is in the ledger, and what is sent in `feeds/`: a process that is killed sends again
what it had not recorded. A delivery begins with the edition that is live at that moment, so the
newest one replaces those before it. All deliveries are sent from one thread; the ledger is read
and written in two others.
"""

from __future__ import annotations

import asyncio
import logging
import random
import resource
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from dateline.errors import DatelineError, LeadershipError, LedgerAwayError, LedgerError
from dateline.hub.content import READ_AGAIN, LiveFeeds, Payload
from dateline.hub.outcomes import Outcome, Outcomes, given_up, outcome, store
from dateline.hub.places import Places
from dateline.hub.sending import LIMIT, Answer, MayReach, Sender, signature
from dateline.hub.turns import FIRST, Turns
from dateline.ledger import Ledger
from dateline.ledger.queries.notices.subscriptions import Subscription

_TICK = 0.01  # seconds in which deliveries end, before others begin together
_EVERY = 0.1  # seconds between two looks at the manifest
_STORED_EVERY = 0.25  # seconds
_AGAIN = 2.0  # seconds after the ledger could not be used
_LAST = 3.0  # seconds for what is on its way when the hub stops
_JITTER = 1.25  # times as long a pause is at most
_LATEST = 24 * 3600.0  # seconds: a longer pause came from another clock
_log = logging.getLogger(__name__)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionSettings:
    """What deliveries need of the configuration.

    `ledger` is an SQLAlchemy URL, `url` that of the publication, `hub` that of its own hub,
    `algorithm` one of those of section 8.1; `limit` is in seconds.
    """

    feeds: Path
    state: Path
    ledger: str
    url: str
    hub: str
    algorithm: str
    may_reach: MayReach
    limit: float = LIMIT


class Distributor:
    """Delivers while a thread of its own is in `run`; `clock` returns the present moment.

    `lost` is the reason why this process may not send any more, if another node leads the cluster.
    """

    def __init__(self, settings: DistributionSettings, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._clock = clock
        self._feeds = LiveFeeds(settings.feeds)
        self._turns = Turns()
        self._outcomes = Outcomes()
        self._places = Places(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        self._tasks: dict[bytes, asyncio.Task[None]] = {}
        self._must_scan = True
        self._is_over = False
        self.lost: LeadershipError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="hub-reader")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="hub-writer")

    def run(self) -> None:
        """Deliver until `stop`."""
        try:
            asyncio.run(self._run())
        finally:
            self._loop = None
            self._reader.shutdown()
            self._writer.shutdown()

    def wake(self) -> None:
        """Read again who is behind: somebody has subscribed, or a change is in place."""
        self._call(self._rescan)

    def stop(self) -> None:
        """End `run` within a few seconds; what is still on its way then is sent again later."""
        self._is_over = True
        self._call(lambda: None)

    def _call(self, function: Callable[[], None]) -> None:
        """Call a function in the thread that delivers, which it wakes."""

        def call() -> None:
            function()
            self._woken.set()

        if loop := self._loop:
            with suppress(RuntimeError):  # it is just ending
                loop.call_soon_threadsafe(call)

    def _rescan(self) -> None:
        self._must_scan = True

    # ---- The loop

    async def _run(self) -> None:
        self._woken = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        storing = asyncio.create_task(self._store_always())
        may_reach, limit, kept = self._settings.may_reach, self._settings.limit, self._places.kept
        async with Sender(may_reach, limit=limit, kept=kept) as self._sender:
            while not self._is_over:
                await self._guarded(self._step)
            if self._tasks:
                await asyncio.wait([*self._tasks.values()], timeout=_LAST)
            for task in self._tasks.values():
                task.cancel()
        storing.cancel()
        await self._guarded(self._store)

    async def _guarded(self, step: Callable[[], Awaitable[None]]) -> None:
        """Take a step; after an error it is taken again, a little later."""
        try:
            await step()
        except LeadershipError as error:
            self.lost = error
        except LedgerAwayError:
            _log.debug("Deliveries wait for the ledger.", exc_info=True)
        except DatelineError as error:
            _log.error("%s", error)
        except Exception:  # noqa: BLE001 - a fault of ours must not end publishing
            _log.exception("Subscribers could not be sent a change, for an unknown reason.")
        else:
            return
        if not self._is_over:
            await asyncio.sleep(_AGAIN)

    async def _step(self) -> None:
        """Begin all deliveries that can begin now, and wait for what happens next."""
        if self._feeds.has_changed() or self._must_scan:
            await self._scan()
        chosen = [*self._choose(ill=False), *self._choose(ill=True)]
        if chosen:
            await self._begin(chosen)
        self._woken.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(_TICK if chosen or self._places.is_busy else _EVERY):
                await self._woken.wait()

    # ---- Who is behind

    async def _scan(self) -> None:
        """Replace what waits here by all deliveries that the ledger knows of."""
        self._must_scan = False
        now = self._now()
        try:
            paths = await self._read(lambda ledger: ledger.subscriptions.paths(now))
            listed = {path: self._feeds.changed(path) for path in paths}
            editions = {path: changed for path, changed in listed.items() if changed is not None}
            found = [await self._read(partial(_waiting, *one, now)) for one in editions.items()]
        except BaseException:
            self._must_scan = True
            raise
        self._turns.clear()
        for (path, edition), waiting in zip(editions.items(), found, strict=True):
            self._feeds.live(path)  # when it changes, the digests of its entries are known
            self._wait(edition, waiting)

    def _wait(self, edition: int, found: _Waiting) -> None:
        """Add the deliveries to those who are behind, but for what is on its way."""
        self._turns.doubt(found.silent)
        for host, digests in found.at_once.items():
            self._turns.add(host, [one for one in digests if self._is_as_stored(one)])
            for one in digests:
                if ended := self._outcomes.of(one):
                    self._wait_after(ended, host, one, edition)
        for host, digest, due, is_silent in found.later:
            if ended := self._outcomes.of(digest):
                self._wait_after(ended, host, digest, edition)
            elif digest not in self._tasks:
                self._postpone(host, digest, due, is_silent=is_silent)

    def _is_as_stored(self, digest: bytes) -> bool:
        return digest not in self._tasks and not self._outcomes.of(digest)

    def _wait_after(self, ended: Outcome, host: str, digest: bytes, edition: int) -> None:
        """Add what follows from an outcome, which the ledger may not have yet."""
        if ended.is_over or digest in self._tasks:
            return
        if ended.failure and ended.failure.due > 0:
            is_silent = not ended.failure.answer
            self._postpone(host, digest, ended.failure.due, is_silent=is_silent)
        elif ended.edition < edition:
            self._turns.add(host, [digest])

    def _postpone(self, host: str, digest: bytes, due: int, *, is_silent: bool) -> None:
        pause = min(max(0.0, due - self._clock().timestamp()), _LATEST)
        self._turns.postpone(host, digest, self._time() + pause, is_silent=is_silent)

    # ---- One delivery

    def _choose(self, *, ill: bool) -> Iterator[tuple[str, bytes]]:
        """Yield the host and the digest of each delivery that can begin now."""
        now = self._time()
        for _ in range(self._places.room(now, ill=ill)):
            if (chosen := self._turns.next(now, ill=ill)) is None:
                return
            yield chosen

    async def _begin(self, chosen: list[tuple[str, bytes]]) -> None:
        """Begin deliveries: their rows are read now, with what changed while they waited."""
        digests = [digest.hex() for _, digest in chosen]
        now = self._now()
        try:
            rows = await self._read(partial(_rows, digests, now))
        except BaseException:
            for host, digest in chosen:
                self._turns.dropped(host)
                self._turns.add(host, [digest])
            raise
        for host, digest in chosen:
            row = rows.get(digest.hex())
            if row is None or digest in self._tasks:
                self._turns.dropped(host)
                continue
            try:
                self._send(row, digest)
            except Exception:  # noqa: BLE001 - a fault of ours must not end other deliveries
                _log.exception("A subscriber could not be sent a change, for an unknown reason.")
                self._turns.dropped(host)
                self._turns.postpone(host, digest, self._time() + FIRST, is_silent=False)

    def _send(self, row: Subscription, digest: bytes) -> None:
        """Send a subscriber what is live, unless it has that.

        The first edition after it was confirmed is whole: nobody knows what it read before.
        """
        accepted = self._accepted(row, digest)
        is_known = accepted is not None and accepted > row.confirmed
        payload = self._feeds.payload(row.path, accepted if is_known else None)
        if payload is None:
            self._turns.dropped(row.host)
            self._turns.postpone(row.host, digest, self._time() + READ_AGAIN, is_silent=False)
        elif accepted is not None and accepted >= payload.edition:
            self._turns.dropped(row.host)
        else:
            self._tasks[digest] = asyncio.create_task(self._deliver(row, payload))

    def _accepted(self, row: Subscription, digest: bytes) -> int | None:
        """Return the edition that a subscriber accepted last; None if it has failed since."""
        ended = self._outcomes.of(digest)
        if ended is None:
            return None if row.tries else row.edition
        return None if ended.failure else ended.edition

    async def _deliver(self, row: Subscription, payload: Payload) -> None:
        place = self._places.take(self._time(), ill=self._turns.is_ill(row.host))
        try:
            answer = await self._sender.post(row.callback, self._fields(row, payload), payload.body)
        except Exception:  # noqa: BLE001 - a fault of ours must not end other deliveries
            _log.exception("A subscriber could not be sent a change, for an unknown reason.")
            answer = Answer(0)
        finally:
            self._places.leave(place)
        pace = random.uniform(1, _JITTER)  # noqa: S311 - no secret
        self._end(row, answer, pace)
        try:
            self._record(row, payload.edition, answer, pace)
        except Exception:  # noqa: BLE001 - as above
            _log.exception("A delivery could not be recorded, for an unknown reason.")
            digest, due = bytes.fromhex(row.digest), self._time() + FIRST
            self._turns.postpone(row.host, digest, due, is_silent=False)

    def _fields(self, row: Subscription, payload: Payload) -> dict[str, str]:
        own = self._settings
        links = f'<{own.hub}>; rel="hub", <{own.url}{row.path}>; rel="self"'
        fields = {"Content-Type": payload.media_type, "Link": links}
        if row.secret:
            fields["X-Hub-Signature"] = signature(row.secret, payload.body, own.algorithm)
        return fields

    def _end(self, row: Subscription, answer: Answer, pace: float) -> None:
        """Make room for the next delivery to the host, whatever follows from an answer."""
        del self._tasks[bytes.fromhex(row.digest)]
        if answer.status:
            self._turns.answered(row.host, is_success=answer.is_success)
        else:
            self._turns.unanswered(row.host, self._time(), pace)

    def _record(self, row: Subscription, edition: int, answer: Answer, pace: float) -> None:
        """Record an answer, and let what follows from it wait."""
        ended = outcome(row, edition, answer, self._clock(), pace)
        self._outcomes.add(ended)
        changed = self._feeds.changed(row.path) or 0
        self._wait_after(ended, row.host, bytes.fromhex(row.digest), changed)

    # ---- The ledger

    async def _read(self, ask: Callable[[Ledger], _T]) -> _T:
        """Ask the ledger in the thread that reads. Raises `LedgerError`."""

        def read() -> _T:
            with Ledger(self._settings.ledger) as ledger:
                ledger.confirm()
                return ask(ledger)

        return await asyncio.get_running_loop().run_in_executor(self._reader, read)

    async def _store_always(self) -> None:
        while True:
            await asyncio.sleep(_STORED_EVERY)
            await self._guarded(self._store)

    async def _store(self) -> None:
        """Record what became of deliveries."""
        if not self._outcomes:
            return
        work = partial(store, self._settings.ledger, self._settings.state, self._outcomes.take())
        try:
            await asyncio.get_running_loop().run_in_executor(self._writer, work)
        except LedgerError:
            self._outcomes.put_back()
            _log.debug("The hub tries again to record deliveries.", exc_info=True)
        except BaseException:
            self._outcomes.put_back()
            raise
        else:
            self._outcomes.stored()

    def _time(self) -> float:
        return asyncio.get_running_loop().time()

    def _now(self) -> int:
        return int(self._clock().timestamp())


@dataclass(slots=True)
class _Waiting:
    """Who is behind: by host, those who are due at once, and those who are due later.

    `silent` are the hosts that did not answer the last time.
    """

    at_once: dict[str, list[bytes]]
    later: list[tuple[str, bytes, int, bool]]
    silent: set[str]


def _waiting(path: str, edition: int, now: int, ledger: Ledger) -> _Waiting:
    """Return who is behind, in some eighty bytes for each: there may be a million."""
    found = _Waiting(defaultdict(list), [], set())
    for one in ledger.subscriptions.behind(path, edition, now):
        if one.due == given_up(edition):
            continue
        digest, is_silent = bytes.fromhex(one.digest), bool(one.tries) and not one.answer
        if is_silent:
            found.silent.add(one.host)
        if one.due > now:
            found.later.append((one.host, digest, one.due, is_silent))
        else:
            found.at_once[one.host].append(digest)
    return found


def _rows(digests: list[str], now: int, ledger: Ledger) -> dict[str, Subscription]:
    return {row.digest: row for row in ledger.subscriptions.some(digests, now)}
