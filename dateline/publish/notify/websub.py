"""Notices to hubs that feeds have changed (WebSub, section 6).

A notice is in the ledger's outbox from the commit of the change on; it is sent when the new bytes
are live, and sent again until the hub accepts it. Nothing here delays publishing.
"""

from __future__ import annotations

import hashlib
import logging
import random
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from time import sleep
from urllib.parse import urlencode, urlsplit

from dateline.config import Config
from dateline.errors import DatelineError, FetchError, LedgerAwayError, Problem
from dateline.hub.client import wake
from dateline.ledger import Ledger, exclusive
from dateline.ledger.queries.notices.outbox import LATEST, HubNotice
from dateline.ledger.rows import seconds
from dateline.model import Publication
from dateline.system import http, start_thread
from dateline.system.addresses import may_be_public
from dateline.system.condition import Code, Condition

_LIMIT = 30.0  # seconds for a hub to answer
_FOLLOWING = 3.0  # seconds: machines that follow have what is new, and caches have dropped the old
# Seconds: web workers check for what is new every 0.05 s, and a hub that asks sooner gets the old.
_TAKING_UP = 0.2
_LATE = 10.0  # seconds for which a node of a cluster that is still behind is waited for
_SHORT = _FOLLOWING + 5.0  # seconds that a command waits for hubs
_AT_ONCE = 4  # addresses sent to one hub at the same time
_PAUSES = (60, 6 * 3600)  # seconds: the first after a failure, and the longest
_JITTER = 1.25  # times as long at most: publishers do not all return to a hub at one moment
_PATIENCE = timedelta(days=3)  # then a hub is given up, until the next change
_AGAIN = frozenset({408, 429})  # RFC 9110, 15.5.9; RFC 6585, section 4
_FORM = "application/x-www-form-urlencoded"
_log = logging.getLogger(__name__)


class HubNotifier:
    """Notifies hubs, each in a thread of its own, from the outbox of the ledger at `url`.

    `clock` returns the moment at which a response came.
    """

    def __init__(self, url: str, clock: Callable[[], datetime]) -> None:
        self._url = url
        self._clock = clock
        self._asked: dict[str, Config] = {}
        self._busy: set[str] = set()
        self._idle = threading.Condition()

    def tell(self, config: Config) -> None:
        """Begin to send all notices that are due; a busy thread checks once more when it ends.

        The publication's own hub looks for what is live since.
        """
        if config.hub:
            wake(config.state)
        for hub in config.outside_hubs:
            with self._idle:
                self._asked[hub] = config
                if hub in self._busy:
                    continue
                start_thread(self._run, hub)
                self._busy.add(hub)

    def wait(self, limit: float) -> None:
        """Wait until every hub is notified or has failed, for `limit` seconds at most."""
        with self._idle:
            self._idle.wait_for(lambda: not self._busy, limit)

    def _run(self, hub: str) -> None:
        while config := self._next(hub):
            try:
                self._notify(config, hub)
            except LedgerAwayError:
                _log.debug("The next run sends the notices.", exc_info=True)
            except DatelineError as error:
                _log.error("%s", error)
            except Exception:  # noqa: BLE001 - a fault of ours must not end publishing
                _log.exception(
                    "A hub could not be notified, for a reason that Dateline does not know."
                )

    def _next(self, hub: str) -> Config | None:
        with self._idle:
            config = self._asked.pop(hub, None)
            if config is None:
                self._busy.remove(hub)
                self._idle.notify_all()
            return config

    def _notify(self, config: Config, hub: str) -> None:
        """Send one hub all notices that are due; if it is down, the rest waits too."""
        own = config.state / "hubs" / hashlib.sha256(hub.encode()).hexdigest()[:16]
        with exclusive(own), Ledger(self._url) as ledger:
            failed: set[str] = set()
            begun: dict[str, tuple[HubNotice, float]] = {}
            pause = _FOLLOWING if config.store or config.cdns else _TAKING_UP
            while due := self._ready(ledger, hub, begun, pause):
                if config.cluster:
                    from dateline.ledger.cluster import status  # noqa: PLC0415 - few have one

                    status.wait_for_nodes(self._url, _LATE)
                    ledger.commit()  # refused if another node leads now
                some, left = due[:_AT_ONCE], due[_AT_ONCE:]
                for one in some:
                    del begun[one.path]
                forms = [_form(config.publication, notice) for notice in some]
                failures = http.post_each(hub, forms, media_type=_FORM, limit=_LIMIT)
                outcome = list(zip(some, failures, strict=True))
                failed |= {notice.path for notice, failure in outcome if failure}
                if not self._settle(config, ledger, outcome, left, failed):
                    return

    def _ready(
        self, ledger: Ledger, hub: str, begun: dict[str, tuple[HubNotice, float]], pause: float
    ) -> list[HubNotice]:
        """Return the notices that were due for as long as others may need to have the documents.

        A hub asks web workers, any of the machines that follow, or a cache in front. `begun` has
        what waits here, by its document, and for how many seconds. One that changes again meanwhile
        is announced as it was, and later once more: it may change all the time.
        """
        while due := self._due(ledger, hub):
            waits = [begun.setdefault(one.path, (one, 0.0)) for one in due]
            if ready := [one for one, waited in waits if waited >= pause]:
                return ready
            left = pause - max(waited for _, waited in waits)
            sleep(left)
            begun |= {path: (one, waited + left) for path, (one, waited) in begun.items()}
        return []

    def _due(self, ledger: Ledger, hub: str) -> list[HubNotice]:
        """Return the notices to send to a hub now."""
        now = seconds(self._clock())
        due = [one for one in ledger.outbox.waiting([hub]) if one.is_due(now)]
        ledger.commit()
        return due

    def _settle(
        self,
        config: Config,
        ledger: Ledger,
        outcome: Sequence[tuple[HubNotice, FetchError | None]],
        left: Sequence[HubNotice],
        failed_now: Collection[str],
    ) -> bool:
        """Record the outcome, and return whether the hub can get the notices that are `left`.

        A hub that accepted one is up again: those that it did not accept before are due, except
        the ones that `failed_now`, which would be sent again without a pause.
        """
        now = self._clock()
        accepted = [notice for notice, failure in outcome if not failure]
        failed = [(notice, failure) for notice, failure in outcome if failure]
        pace = random.uniform(1, _JITTER)  # noqa: S311 - no secret
        after = [after_failure(notice, failure, now, pace) for notice, failure in failed]
        quiet = max((notice.quiet or 0 for notice in after), default=0)
        is_there = bool(accepted) or any(_is_refusal(failure.status) for _, failure in failed)
        goes_on = is_there and not quiet
        if not goes_on:
            after += [after_failure(notice, failed[-1][1], now, pace) for notice in left]
        hub = outcome[0][0].hub
        with exclusive(config.state):
            ledger.outbox.accepted(accepted)
            if accepted:
                ledger.outbox.wake(hub, failed_now)
            ledger.outbox.set(after)
            ledger.outbox.hush(hub, quiet)
            ledger.commit()
        if failed and not failed[0][0].tries:
            _log.warning("A hub could not be notified of changes: %s.", failed[0][1])
        return goes_on


def at_once(config: Config, url: str, clock: Callable[[], datetime]) -> tuple[str, ...]:
    """Notify hubs of a command's run, for a short time; return what is left to the next run."""
    notifier = HubNotifier(url, clock)
    notifier.tell(config)
    notifier.wait(_SHORT)
    with Ledger(url) as ledger:
        left = Counter(notice.hub for notice in ledger.outbox.waiting(config.outside_hubs))
    return tuple(
        f"{hub} has still to be notified of {count} address{'es' if count > 1 else ''}: "
        "the next run does it, or serve."
        for hub, count in left.items()
    )


def next_due(config: Config, ledger: Ledger, now: datetime) -> datetime | None:
    """Return the next moment at which a notice is to be sent, or sent again."""
    moment = seconds(now)
    soon = moment + int(_LIMIT) + 1  # a notice that is being sent has succeeded or failed by then
    waiting = ledger.outbox.waiting(config.outside_hubs)
    moments = [soon if one.is_due(moment) else one.due for one in waiting if one.due is not None]
    return datetime.fromtimestamp(min(moments), UTC) if moments else None


def problems(config: Config, ledger: Ledger) -> Iterator[tuple[Problem, datetime]]:
    """Yield a problem for each hub that was given up, and since when."""
    lost: dict[str, HubNotice] = {}
    for notice in ledger.outbox.lost(config.outside_hubs):
        lost.setdefault(notice.hub, notice)
    for hub, notice in lost.items():
        problem = partial(Problem, file=f"{config.entries.name}/", found=hub)
        if _is_refusal(notice.answer):
            found = problem(code="hub-refuses", wanted=str(notice.answer))
        else:
            found = problem(code="hub-silent", wanted=_PATIENCE.days)
        found = replace(found, language=config.newsroom.language)
        yield found, datetime.fromtimestamp(notice.lost or 0, UTC)


def wrong_settings(config: Config) -> Iterator[Problem]:
    """Yield a problem if the publication's own hub is where none of its subscribers can be."""
    host = urlsplit(config.publication.url).hostname or ""
    if config.hub and not config.hub.allow and not may_be_public(host):
        hub = config.publication.hubs[0]
        yield Problem(code="hub-private", file=f"{config.entries.name}/", found=hub)


def conditions(config: Config, ledger: Ledger) -> Iterator[Condition]:
    """Yield each hub that does not accept notices, at present or for good."""
    hubs = config.outside_hubs
    failing = [one for one in ledger.outbox.waiting(hubs) if one.tries]
    refused = {one.hub: one for one in (*failing, *ledger.outbox.lost(hubs))}
    for hub, notice in refused.items():
        answer = f"HTTP {notice.answer}" if notice.answer else "no answer"
        yield Condition(code=Code.HUB, about=hub, detail=answer)


def after_failure(notice: HubNotice, failure: FetchError, now: datetime, pace: float) -> HubNotice:
    """Return a notice that a hub did not accept, with its next attempt, at `now`.

    Notices that fail together are sent again together: each pause is `pace` times as long. The
    moment at which an earlier one was given up stays, if it was for the same reason.
    """
    moment = seconds(now)
    since = notice.since or moment
    is_refused = _is_refusal(failure.status)
    lost = notice.lost if is_refused == _is_refusal(notice.answer) else None
    failed = replace(notice, tries=notice.tries + 1, since=since, answer=failure.status, lost=lost)
    if is_refused or moment - since >= _PATIENCE.total_seconds():
        return replace(failed, due=None, lost=lost or moment)
    asked = http.seconds_after(failure.retry_after, now)
    quiet = moment + min(asked, LATEST) if asked else None
    first, longest = _PAUSES
    pause = int(min(first * 2 ** min(notice.tries, 16), longest) * pace)
    return replace(failed, due=max(moment + pause, quiet or 0), quiet=quiet)


def _is_refusal(status: int) -> bool:
    """Return whether another attempt would fail: it would be the same request."""
    return 300 <= status < 500 and status not in _AGAIN  # noqa: PLR2004 - RFC 9110, section 15


def _form(publication: Publication, notice: HubNotice) -> bytes:
    """Return the form to post: hubs read the address under one of two names."""
    address = f"{publication.url}{notice.path}"
    fields = {"hub.mode": "publish", "hub.url": address, "hub.topic": address}
    return urlencode(fields).encode("ascii")
