"""The register of the hub: the one writer of requests and subscriptions.

All that waits is written in one transaction, while no run is at work on the ledger. What cannot be
written is tried again: nothing of it is lost, since a request is answered after its commit.
"""

from __future__ import annotations

import logging
import math
import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from time import monotonic

from dateline.errors import LeadershipError, LedgerError
from dateline.hub.request import HubAnswer
from dateline.hub.verify import Consent
from dateline.ledger import Ledger, exclusive
from dateline.ledger.engine import is_file
from dateline.ledger.queries.notices.requests import Mode, SubscriptionRequest
from dateline.model import HubSettings

ACCEPTED = HubAnswer(status="202 Accepted", text="The subscriber is asked next.")
LATER = HubAnswer(
    status="503 Service Unavailable",
    text="The hub takes no requests at present.",
    fields=(("Retry-After", "30"),),
)
FULL = HubAnswer(
    status="503 Service Unavailable",
    text="The hub has no room for another subscription.",
    fields=(("Retry-After", "3600"),),
)
_PATIENCE = 5.0  # seconds for which a run is waited for at a time
_AGAIN = 0.5  # seconds after a failure
_ANSWERED_WITHIN = 7.0  # seconds: then the web worker has given up
_CARE_EVERY = 60.0  # seconds: how often leases that have ended are removed
_SURE = 3600.0  # seconds for which a lease is over before it is removed: clocks are set back
_AT_A_TIME = 500  # subscriptions that are denied
_log = logging.getLogger(__name__)

_Asked = tuple[SubscriptionRequest, HubSettings, float, bool, "Future[HubAnswer]"]


class Register:
    """Writes what requests ask and subscribers answer, in a thread (`run`).

    `accepted` is called with the requests that are in the ledger, and whose subscribers are to be
    asked, `subscribed` after somebody has subscribed or renewed; `clock` returns the moment, in
    seconds since 1970.
    """

    def __init__(
        self,
        url: str,
        state: Path,
        clock: Callable[[], int],
        accepted: Callable[[Sequence[SubscriptionRequest]], None],
        subscribed: Callable[[], None],
    ) -> None:
        self._url, self._state, self._clock = url, state, clock
        self._accepted, self._subscribed = accepted, subscribed
        self._wake = threading.Condition()
        self._asked: list[_Asked] = []
        self._settled: list[tuple[SubscriptionRequest, Consent]] = []
        self._moments: deque[tuple[float, int]] = deque()  # what the clock showed, and since when
        self._next_care = 0.0
        self._is_loaded = self._is_over = False
        self._total = 0  # as it was when it was counted last, and what was added since
        self.lost: LeadershipError | None = None

    def ask(
        self, request: SubscriptionRequest, settings: HubSettings, *, is_busy: bool = False
    ) -> Future[HubAnswer]:
        """Store a request; the answer comes when it is committed.

        Where the hub `is_busy`, strangers are refused, and only who is subscribed is not.
        """
        answer: Future[HubAnswer] = Future()
        with self._wake:
            until = monotonic() + _ANSWERED_WITHIN
            self._asked.append((request, settings, until, is_busy, answer))
            self._wake.notify()
        return answer

    def settle(self, request: SubscriptionRequest, consent: Consent) -> None:
        """Store what a subscriber has answered."""
        with self._wake:
            self._settled.append((request, consent))
            self._wake.notify()

    def care(self) -> None:
        """Remove subscriptions that have ended: their leases, or the feeds that they are to."""
        with self._wake:
            self._next_care = 0.0
            self._wake.notify()

    def stop(self) -> None:
        """End `run` when what waits is written."""
        with self._wake:
            self._is_over = True
            self._wake.notify()

    def run(self) -> None:
        """Write what waits, until `stop` is called."""
        while self._wait():
            try:
                self._write()
            except LeadershipError as error:
                self.lost = error
                break
            except LedgerError:
                _log.debug("The hub tries again to write.", exc_info=True)
                self._pause()
            except Exception:  # noqa: BLE001 - a fault of ours must not end the hub
                _log.exception("The hub could not write, for a reason that Dateline does not know.")
                self._pause()
        self._refuse(self._take_asked())

    def _wait(self) -> bool:
        """Wait for something to write; return False when all is written, and `stop` was called."""
        with self._wake:
            while not (self._is_over or self._asked or self._settled or self._is_care_due):
                self._wake.wait(max(0.0, self._next_care - monotonic()))
            return not self._is_over or bool(self._asked or self._settled)

    @property
    def _is_care_due(self) -> bool:
        return monotonic() >= self._next_care

    def _pause(self) -> None:
        """Wait before the next attempt, and refuse requests whose web workers have given up."""
        with self._wake:
            self._wake.wait_for(lambda: self._is_over, _AGAIN)
            until = math.inf if self._is_over else monotonic()
            refused = [one for one in self._asked if one[2] <= until]
            self._asked = [one for one in self._asked if one[2] > until]
            if self._is_over:  # the next start asks their subscribers once more
                self._settled.clear()
        self._refuse(refused)

    def _refuse(self, asked: Sequence[_Asked]) -> None:
        for *_, answer in asked:
            _resolve(answer, LATER)

    def _take_asked(self) -> list[_Asked]:
        with self._wake:
            asked, self._asked = self._asked, []
        return asked

    def _write(self) -> None:
        """Write all that waits now; what fails stays where it is."""
        with alone(self._url, self._state), Ledger(self._url) as ledger:
            with self._wake:
                asked, settled = [*self._asked], [*self._settled]
                is_care_due = self._is_care_due
            begun = [] if self._is_loaded else ledger.requests.waiting()
            denied = self._clean(ledger) if is_care_due else []
            answers = [
                self._store(ledger, request, own, is_busy=is_busy)
                for request, own, _, is_busy, _ in asked
            ]
            for request, consent in settled:
                self._record(ledger, request, consent)
            ledger.commit()
        self._is_loaded = True
        with self._wake:
            if is_care_due:
                self._next_care = monotonic() + _CARE_EVERY
            del self._asked[: len(asked)], self._settled[: len(settled)]
        stored = [found for found, _ in answers if found]
        self._accepted([*begun, *stored, *denied])
        if any(consent is Consent.AGREED for _, consent in settled):
            self._subscribed()
        for (*_, future), (_, answer) in zip(asked, answers, strict=True):
            _resolve(future, answer)

    def _store(
        self,
        ledger: Ledger,
        request: SubscriptionRequest,
        settings: HubSettings,
        *,
        is_busy: bool,
    ) -> tuple[SubscriptionRequest | None, HubAnswer]:
        """Store a request, and return it as it is stored, with the answer."""
        if is_busy and not ledger.requests.subscribed([request.digest]):
            return None, LATER
        edition = ledger.requests.edition(request.path)
        if request.mode == Mode.SUBSCRIBE:
            if edition is None:
                request = replace(request, mode=Mode.DENIED)
            elif self._is_full(ledger, request, settings):
                return None, FULL
        request = replace(request, edition=edition or 0)
        ledger.requests.ask([request])
        return request, ACCEPTED

    def _is_full(self, ledger: Ledger, request: SubscriptionRequest, settings: HubSettings) -> bool:
        """Return whether there is no room for one more; who is subscribed can renew."""
        if ledger.requests.subscribed([request.digest]):
            return False
        own = ledger.subscriptions.count_of(request.host, self._clock())
        return self._total >= settings.most or own >= settings.most_per_host

    def _record(self, ledger: Ledger, request: SubscriptionRequest, consent: Consent) -> None:
        now = self._clock()
        if consent is Consent.SILENT:
            ledger.requests.postpone(request)
        elif consent is Consent.AGREED and request.mode != Mode.DENIED:
            was_there = bool(ledger.requests.subscribed([request.digest]))
            if ledger.requests.confirm(request, now):
                self._total += (request.mode == Mode.SUBSCRIBE) - was_there
        else:
            ledger.requests.drop(request)

    def _clean(self, ledger: Ledger) -> list[SubscriptionRequest]:
        """Remove the subscriptions that have ended; return the requests that say so."""
        now = self._clock()
        ledger.subscriptions.expire(self._earliest(now))
        denied: list[SubscriptionRequest] = []
        while some := ledger.requests.deny_lost(secrets.token_urlsafe(), now, _AT_A_TIME):
            denied += some
        self._total = ledger.subscriptions.figures(now).subscriptions
        return denied

    def _earliest(self, now: int) -> int:
        """Return the earliest moment that the clock has shown in an hour; 0 in the first one.

        A clock may be ahead, by years, until it is set right.
        """
        present, shown = monotonic(), self._moments
        shown.append((present, now))
        while len(shown) > 1 and present - shown[1][0] >= _SURE:
            shown.popleft()
        is_sure = present - shown[0][0] >= _SURE
        return min(moment for _, moment in shown) if is_sure else 0


@contextmanager
def alone(url: str, state: Path) -> Iterator[None]:
    """Hold the lock of the ledger if it is a file; a database has locks of its own.

    Raises `LedgerError` if a run has it for longer than a few seconds.
    """
    lock: AbstractContextManager[None] = nullcontext()
    if is_file(url):
        lock = exclusive(state, patience=_PATIENCE)
    with lock:
        yield


def _resolve(future: Future[HubAnswer], answer: HubAnswer) -> None:
    """Answer a request, unless nobody waits for it any more."""
    if future.set_running_or_notify_cancel():
        future.set_result(answer)
