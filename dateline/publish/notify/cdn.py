"""Purges of the caches in front of the site, by the tags of the documents that have changed.

A purge is in the ledger's outbox from the commit of the change on; it is sent when the new bytes
are live, and once more a few seconds later: a cache that was just fetching the old bytes would
keep them. Nothing here delays publishing.
"""

from __future__ import annotations

import hashlib
import logging
import os
import random
import signal
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dateline.config import Config
from dateline.errors import DatelineError, FetchError
from dateline.ledger import Ledger, exclusive
from dateline.ledger.queries.notices.outbox import LATEST, Purge
from dateline.ledger.rows import seconds
from dateline.model import Cdn
from dateline.model.media import is_media
from dateline.system import http, start_thread
from dateline.system.condition import Code, Condition
from dateline.text.urls import EVERYTHING

TOKEN = "DATELINE_CDN_TOKEN"  # noqa: S105 - the name of a variable
AGAIN = 5  # seconds after a purge was accepted
_FOLLOWING = 2.0  # seconds that the nodes of a cluster have to follow, at most
_LIMIT = 30.0  # seconds for a cache to answer
_SHORT = 10.0  # seconds that a command waits for the first answer of caches
_MOST = 100  # tags in one request
_LONGEST = 6000  # characters of them: Varnish takes 8 KiB for a field
_BURST = 25  # requests to one cache that may follow each other, then one each second
_SOON = timedelta(seconds=10)  # within which a thread waits for the second purge
_PAUSES = (10, 3600)  # seconds: the first after a failure, and the longest
_JITTER = 1.25  # times as long at most
_PATIENCE = timedelta(days=2)  # then all copies have expired: see `serve.cache.lifetime`
_OF_MEDIA = timedelta(days=366)  # the same of pictures and attachments
_log = logging.getLogger(__name__)


class CdnPurger:
    """Purges caches, each in a thread of its own, from the outbox of the ledger at `url`.

    `clock` returns the moment at which an answer came.
    """

    def __init__(self, url: str, clock: Callable[[], datetime]) -> None:
        self._url = url
        self._clock = clock
        self._asked: dict[str, Config] = {}
        self._running: set[str] = set()
        self._sending: set[str] = set()
        self._sent: dict[str, deque[datetime]] = defaultdict(lambda: deque(maxlen=_BURST))
        self._changed = threading.Condition()

    def tell(self, config: Config) -> None:
        """Begin to send all purges that are due; a thread that waits goes on at once."""
        for one in config.cdns:
            with self._changed:
                self._asked[one.name] = config
                self._sending.add(one.name)
                self._changed.notify_all()
                if one.name in self._running:
                    continue
                start_thread(self._run, one.name)
                self._running.add(one.name)

    def wait(self, limit: float, *, is_whole: bool) -> None:
        """Wait until every cache has answered, or has failed, for `limit` seconds at most.

        With `is_whole` that is the second answer.
        """
        busy = self._running if is_whole else self._sending
        with self._changed:
            self._changed.wait_for(lambda: not busy, limit)

    def _run(self, name: str) -> None:
        while config := self._next(name):
            pause = None
            try:
                pause = self._send(config, name)
            except DatelineError as error:
                _log.error("%s", error)
            except Exception:  # noqa: BLE001 - a fault of ours must not end publishing
                _log.exception("A cache could not be purged, for a reason that is not known.")
            self._rest(name, config, pause)

    def _next(self, name: str) -> Config | None:
        with self._changed:
            config = self._asked.pop(name, None)
            if config is None:
                self._running.remove(name)
                self._changed.notify_all()
            return config

    def _rest(self, name: str, config: Config, pause: float | None) -> None:
        """Wait for the second purge, unless others are asked for; a later one is for a run."""
        with self._changed:
            if name in self._asked:
                return
            self._sending.discard(name)
            self._changed.notify_all()
            if pause is not None:
                self._changed.wait_for(lambda: name in self._asked, pause)
                self._asked.setdefault(name, config)

    def _send(self, config: Config, name: str) -> float | None:
        """Send a cache all purges that are due; return in how many seconds the next is, if soon."""
        own = next((one for one in config.cdns if one.name == name), None)
        if own is None:
            return None
        lock = config.state / "caches" / hashlib.sha256(name.encode()).hexdigest()[:16]
        with exclusive(lock), Ledger(self._url) as ledger:
            arrived = 0
            while due := self._due(ledger, name):
                newest = max((one.changed for one in due if one.is_new), default=0)
                if config.cluster and newest > arrived:
                    from dateline.ledger.cluster import status  # noqa: PLC0415 - few have one

                    status.wait_for_nodes(self._url, _FOLLOWING)
                    arrived = newest
                batch = _batch(due)
                self._hold_back(name)
                failure = _failure(own, [one.tag for one in batch], config.path.parent)
                self._settle(config, ledger, batch, failure)
                if failure:
                    break
            now = self._clock()
            left = [one.due for one in ledger.purges.waiting([name]) if one.due is not None]
        soon = [due for due in left if due <= seconds(now + _SOON)]
        return max(0.05, min(soon) - now.timestamp()) if soon else None

    def _due(self, ledger: Ledger, name: str) -> list[Purge]:
        now = seconds(self._clock())
        due = [one for one in ledger.purges.waiting([name]) if one.is_due(now)]
        ledger.commit()
        return due

    def _hold_back(self, name: str) -> None:
        """Wait until another request is within the limit of a cache.

        One that was sent later than now was sent before the clock was set back.
        """
        sent, second = self._sent[name], threading.Event()
        limit = timedelta(seconds=_BURST)
        while len(sent) == _BURST and timedelta() <= self._clock() - sent[0] < limit:
            second.wait(1)
        sent.append(self._clock())

    def _settle(
        self, config: Config, ledger: Ledger, batch: Sequence[Purge], failure: FetchError | None
    ) -> None:
        """Record the answer to a batch; after a failure, all that is due waits as long."""
        now = self._clock()
        with exclusive(config.state):
            if failure is None:
                ledger.purges.accepted(batch, seconds(now), seconds(now) + AGAIN)
            else:
                due = [p for p in ledger.purges.waiting([batch[0].cache]) if p.due is not None]
                late = [p for p in due if _is_too_late(p, now)]
                ledger.purges.delete(late)
                pace = random.uniform(1, _JITTER)  # noqa: S311 - no secret
                ledger.purges.set([after_failure(p, failure, now, pace) for p in due])
            ledger.commit()
        if failure and not batch[0].tries:
            _log.warning("The cache %s was not purged: %s.", batch[0].cache, failure)


def _batch(due: Sequence[Purge]) -> Sequence[Purge]:
    """Return as many purges as fit into one request."""
    length = 0
    for number, one in enumerate(due[:_MOST]):
        length += len(one.tag) + 1
        if length > _LONGEST and number:
            return due[:number]
    return due[:_MOST]


def after_failure(purge: Purge, failure: FetchError, now: datetime, pace: float = 1) -> Purge:
    """Return a purge to be sent again, after a pause that doubles each time."""
    moment = seconds(now)
    asked = min(http.seconds_after(failure.retry_after, now), LATEST)
    quiet = moment + asked if asked else None
    first, longest = _PAUSES
    pause = int(min(first * 2 ** min(purge.tries, 16), longest) * pace)
    return replace(
        purge,
        tries=purge.tries + 1,
        since=purge.since or moment,
        answer=failure.status,
        due=max(moment + pause, quiet or 0),
        quiet=quiet,
    )


def _is_too_late(purge: Purge, now: datetime) -> bool:
    """Return whether all copies have expired that a purge is about.

    That of everything may be about pictures, which were too many to name.
    """
    is_of_media = purge.tag == EVERYTHING or is_media(purge.tag)
    patience = _OF_MEDIA if is_of_media else _PATIENCE
    return seconds(now) - (purge.since or seconds(now)) >= patience.total_seconds()


def at_once(
    config: Config, url: str, clock: Callable[[], datetime], *, is_takedown: bool
) -> tuple[str, ...]:
    """Purge caches after a command's run; return what is left, or that a takedown is complete.

    Of a takedown, both purges are waited for.
    """
    if not config.cdns:
        return ()
    purger = CdnPurger(url, clock)
    purger.tell(config)
    purger.wait(_SHORT + AGAIN * is_takedown, is_whole=is_takedown)
    return tuple(_outcome(config, url, is_takedown=is_takedown))


def _outcome(config: Config, url: str, *, is_takedown: bool) -> Iterator[str]:
    for one in config.cdns:
        with Ledger(url) as ledger:
            waiting = ledger.purges.waiting([one.name])
        left = len([purge for purge in waiting if purge.confirmed is None])
        if left:
            yield (
                f"{one.name} has still to drop {left} {'tags' if left > 1 else 'tag'}, and may "
                "show old pages until then: the next run tells it again, or serve."
            )
        elif is_takedown:
            yield f"{one.name} has dropped its copies."


def next_due(config: Config, ledger: Ledger, now: datetime) -> datetime | None:
    """Return the next moment at which a purge is to be sent again, unless a thread does it."""
    if not config.cdns:
        return None
    soon = seconds(now) + int(_LIMIT) + 1  # what is being sent has succeeded or failed by then
    waiting = ledger.purges.waiting([one.name for one in config.cdns])
    moments = [max(soon, one.due or 0) for one in waiting]
    return datetime.fromtimestamp(min(moments), UTC) if moments else None


def conditions(config: Config, ledger: Ledger) -> Iterator[Condition]:
    """Yield each cache that does not accept purges at present."""
    if not config.cdns:
        return
    waiting = ledger.purges.waiting([one.name for one in config.cdns])
    failing = {one.cache: one for one in waiting if one.tries}
    for name, one in failing.items():
        answer = f"HTTP {one.answer}" if one.answer else "no answer"
        detail = f"code {one.answer}" if one.answer and name.startswith("command ") else answer
        yield Condition(code=Code.CDN, about=name, detail=detail)


# ---- The kinds of caches


def _failure(cdn: Cdn, tags: Sequence[str], folder: Path) -> FetchError | None:
    """Purge a cache of what has these tags; return its failure, or None."""
    try:
        if cdn.kind == "fastly":
            _purge_fastly(cdn, tags)
        elif cdn.kind == "varnish":
            _request(cdn.url, "PURGE", {"xkey-purge": " ".join(tags)})
        else:
            _run_command(cdn, tags, folder)
    except FetchError as error:
        return error
    return None


def _purge_fastly(cdn: Cdn, tags: Sequence[str]) -> None:
    """Purge by surrogate keys (https://www.fastly.com/documentation/reference/api/purging/)."""
    fields = {"Fastly-Key": _token(cdn), "Surrogate-Key": " ".join(tags)}
    _request(f"{cdn.url}service/{cdn.service}/purge", "POST", fields)


def _request(address: str, method: str, fields: dict[str, str]) -> None:
    sent = {**http.OWN, "Content-Length": "0", **fields}
    reply = http.ask(address, sent, method=method, limit=_LIMIT)
    if not 200 <= reply.status < 300:  # noqa: PLR2004 - success (RFC 9110, section 15.3)
        raise FetchError(
            f"{http.host_of(address)} answered with {reply.status}",
            status=reply.status,
            retry_after=reply.fields.get("retry-after", ""),
        )


def _run_command(cdn: Cdn, tags: Sequence[str], folder: Path) -> None:
    """Run a program that reads the tags, one a line."""
    import subprocess  # noqa: PLC0415 - few have such a cache

    text = "".join(f"{tag}\n" for tag in tags)
    variables = dict(os.environ)
    if cdn.token_file:
        variables[TOKEN] = _token(cdn)
    try:
        with subprocess.Popen(  # noqa: S603 - staff name it in the configuration
            cdn.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=variables,
            start_new_session=True,
        ) as done:
            try:
                done.communicate(text.encode(), _LIMIT)
            except BaseException:
                with suppress(ProcessLookupError):
                    os.killpg(done.pid, signal.SIGKILL)  # with the programs that it has started
                raise
    except subprocess.TimeoutExpired:
        raise FetchError(f"{cdn.command[0]} did not end within {_LIMIT:.0f} seconds") from None
    except OSError as error:
        raise FetchError(f"{cdn.command[0]} cannot be run: {error.strerror}") from error
    if done.returncode:
        raise FetchError(
            f"{cdn.command[0]} ended with {done.returncode}", status=abs(done.returncode)
        )


def _token(cdn: Cdn) -> str:
    """Return the token of a cache, from its file or from the environment."""
    try:
        file = cdn.token_file
        token = file.read_text("utf-8").strip() if file else os.environ.get(TOKEN, "")
    except (OSError, UnicodeDecodeError):
        token = ""
    if not token or not token.isascii() or not token.isprintable():
        where = f"in {cdn.token_file}" if cdn.token_file else f"in {TOKEN}"
        raise FetchError(f"there is no token {where}", status=401)
    return token
