"""Questions to subscribers, who agree to what was asked in their name (WebSub, section 5.3).

Strangers name the addresses that are asked. So there are few questions at a time, and fewer to one
host; a host that refuses is asked ever more slowly, and no answer is read beyond a small size. All
names below a domain count as one host: its owner can make up any number of them.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from enum import Enum
from urllib.parse import urlencode

from dateline.errors import FetchError
from dateline.hub.lookups import Lookups
from dateline.ledger.queries.notices.requests import Mode, SubscriptionRequest
from dateline.model import HubSettings
from dateline.system import http
from dateline.system.addresses import site_of

AT_ONCE = 100  # questions
AT_ONCE_TO_HOST = 4
AT_ONCE_TO_SITE = 16  # all hosts of a domain
_LIMIT = 10.0  # seconds for an answer
_LARGEST = 4096  # bytes of an answer: a challenge has fewer than a hundred
_PAUSES = (5, 30, 120, 600)  # seconds between two attempts, where nobody answers
_QUIET = (
    0.25,
    4.0,
)  # seconds in which a host that refused is asked nothing: the first, the longest
_REASON = "There is no feed at this address."


class Consent(Enum):
    """What became of a question."""

    AGREED = "agreed"
    REFUSED = "refused"
    SILENT = "silent"


async def ask(
    request: SubscriptionRequest, url: str, settings: HubSettings, lookups: Lookups
) -> Consent:
    """Ask the subscriber of a request, and return what it says.

    It agrees by repeating the challenge. A denial is only reported to it: any answer will do.
    """
    try:
        reply = await http.ask_stranger(
            question(request, url),
            allowed=settings.allow,
            find=lookups.find,
            limit=_LIMIT,
            most=_LARGEST,
        )
        status, data = reply.status, reply.data
    except FetchError as error:
        if not error.status:
            return Consent.REFUSED if error.private else Consent.SILENT
        status, data = error.status, b""  # no answer that is too long repeats the challenge
    is_good = 200 <= status < 300  # noqa: PLR2004 - RFC 9110, section 15.3
    has_repeated = data.strip() == request.challenge.encode()
    is_agreed = request.mode == Mode.DENIED or (is_good and has_repeated)
    return Consent.AGREED if is_agreed else Consent.REFUSED


def question(request: SubscriptionRequest, url: str) -> str:
    """Return the callback with the fields of a question behind its own query (section 5.1)."""
    fields = {"hub.mode": request.mode, "hub.topic": f"{url}{request.path}"}
    if request.mode == Mode.DENIED:
        fields["hub.reason"] = _REASON
    else:
        fields["hub.challenge"] = request.challenge
    if request.mode == Mode.SUBSCRIBE:
        fields["hub.lease_seconds"] = str(request.lease)
    before = request.callback
    joint = "" if before.endswith(("?", "&")) else "&" if "?" in before else "?"
    return f"{before}{joint}{urlencode(fields)}"


class Verifier:
    """Asks the subscribers of all requests that wait, in the event loop that it is made in.

    `put` asks one; `done` is called with what each says. If that is `SILENT`, the request comes
    with its next attempt; after the last one it is refused.
    """

    def __init__(
        self,
        put: Callable[[SubscriptionRequest], Awaitable[Consent]],
        done: Callable[[SubscriptionRequest, Consent], None],
        now: Callable[[], int],
    ) -> None:
        self._put, self._done, self._now = put, done, now
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[str, SubscriptionRequest] = {}
        self._by_host: Counter[str] = Counter()
        self._by_site: Counter[str] = Counter()
        self._ready: dict[str, dict[str, deque[SubscriptionRequest]]] = {}  # by site and host
        self._queued: set[str] = set()  # the digests of those that are ready
        self._order: deque[str] = deque()  # the sites that may be asked now
        self._running: Counter[str] = Counter()  # by host
        self._running_of_site: Counter[str] = Counter()
        self._refusals: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def count(self) -> int:
        """The number of requests that wait."""
        return len(self._waiting)

    def count_near(self, host: str) -> tuple[int, int]:
        """Return how many requests wait of callbacks on a host, and on all of its domain."""
        return self._by_host[host], self._by_site[site_of(host)]

    def add(self, requests: Iterable[SubscriptionRequest]) -> None:
        """Ask the subscribers of requests when they are due; of a digest, the newest counts."""
        for request in requests:
            if request.digest not in self._waiting:
                self._by_host[request.host] += 1
                self._by_site[site_of(request.host)] += 1
            self._waiting[request.digest] = request
            if request.digest not in self._queued:  # else it has the turn of an earlier one
                self._loop.call_later(max(0, request.due - self._now()), self._make_ready, request)

    def _make_ready(self, request: SubscriptionRequest) -> None:
        if self._waiting.get(request.digest) is not request:
            return  # another has replaced it
        self._queued.add(request.digest)
        site = site_of(request.host)
        self._ready.setdefault(site, {}).setdefault(request.host, deque()).append(request)
        self._offer(site)

    def _offer(self, site: str) -> None:
        """Ask a site, as soon as it is its turn."""
        self._order.append(site)
        self._start()

    def _start(self) -> None:
        while self._order and len(self._tasks) < AT_ONCE:
            site = self._order.popleft()
            request = self._next_of(site)
            if request is None:
                continue  # whatever ends there offers it again
            self._running[request.host] += 1
            self._running_of_site[site] += 1
            task = self._loop.create_task(self._ask(request))
            self._tasks.add(task)
            task.add_done_callback(self._end)
            self._order.append(site)

    def _next_of(self, site: str) -> SubscriptionRequest | None:
        """Return the next request of a site, whose hosts take turns; None if it has to wait."""
        ready = self._ready.get(site, {})
        if self._running_of_site[site] >= AT_ONCE_TO_SITE:
            return None
        host = next((one for one in ready if self._running[one] < AT_ONCE_TO_HOST), None)
        if host is None:
            return None
        queue = ready.pop(host)
        request = queue.popleft()
        self._queued.discard(request.digest)
        if queue:
            ready[host] = queue  # behind the others
        if not ready:
            del self._ready[site]
        return self._waiting.get(request.digest, request)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._start()

    async def _ask(self, request: SubscriptionRequest) -> None:
        consent = Consent.SILENT
        try:
            consent = await self._put(request)
        finally:
            self._settle(request, consent)

    def _settle(self, request: SubscriptionRequest, consent: Consent) -> None:
        host, site = request.host, site_of(request.host)
        is_newest = self._waiting.get(request.digest) is request
        if is_newest:
            del self._waiting[request.digest]
            self._by_host -= Counter([host])
            self._by_site -= Counter([site])
        if consent is Consent.SILENT and request.tries == len(_PAUSES):
            consent = Consent.REFUSED
        elif consent is Consent.SILENT:
            due = self._now() + _PAUSES[request.tries]
            request = replace(request, due=due, tries=request.tries + 1)
            if is_newest:
                self.add([request])
        self._done(request, consent)
        self._loop.call_later(self._pause(host, consent), self._free, host)

    def _free(self, host: str) -> None:
        self._running -= Counter([host])
        self._running_of_site -= Counter([site_of(host)])
        self._offer(site_of(host))

    def _pause(self, host: str, consent: Consent) -> float:
        """Return for how long a host that has refused keeps one of its places taken."""
        if consent is Consent.AGREED:
            self._refusals.pop(host, None)
            return 0.0
        if len(self._refusals) > AT_ONCE**2:
            self._refusals.clear()
        first, longest = _QUIET
        self._refusals[host] += 1
        return min(first * 2.0 ** min(self._refusals[host] - 1, 16), longest)
