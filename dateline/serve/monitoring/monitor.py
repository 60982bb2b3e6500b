"""The monitor of a publication: which conditions hold, since when, and who is notified.

`serve` has one `Monitor` in the supervisor, which outlives a publisher that hangs or crashes
and needs neither it nor the ledger. A `build` without `serve` does the same once, at its end.
Everything that waits for other machines is done in a thread of its own.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from urllib.parse import urlsplit

from dateline.config import Config
from dateline.config.watcher import ConfigWatcher
from dateline.errors import FetchError
from dateline.messages import around
from dateline.serve import health
from dateline.serve.monitoring import incidents as incident
from dateline.serve.monitoring import notification
from dateline.serve.monitoring.incidents import Incident
from dateline.serve.monitoring.notification import Ending, Notification
from dateline.system.clock import CLOCK_OFF
from dateline.system.condition import Code, Condition
from dateline.system.heartbeat import PublisherCheck

_EVERY = 1.0  # seconds between two steps of the thread
_PROBES_EVERY = 10.0  # seconds between two requests to the workers
_ANSWERS_WITHIN = 2.0  # seconds
_SETTLES_AFTER = 60.0  # seconds after the start in which a first check may take its time
_PAUSES = (60, 3600)  # seconds: the first after a message that failed, and the longest
_log = logging.getLogger(__name__)

Clock = Callable[[], datetime]


class Notifier:
    """Sends what is due of incidents, by each channel, and again later what failed.

    Unless it `may_send`, which is asked before each message, only the end is sent of what was
    this node's own, and was sent by it. The beginning of one that is not `is_seen` waits.
    """

    def __init__(
        self,
        may_send: Callable[[], bool] = lambda: True,
        is_seen: Callable[[Condition], bool] = lambda _: True,
    ) -> None:
        self._may_send = may_send
        self._is_seen = is_seen
        self._failures: dict[str, tuple[int, datetime]] = {}

    def send(
        self, config: Config, incidents: Sequence[Incident], now: datetime
    ) -> Iterator[tuple[Incident, ...]]:
        """Send all that is due; yield the incidents with what was sent, after each message.

        The caller records them before it goes on.
        """
        found = tuple(incidents)
        for channel in config.alarm.channels:
            if not self._waits(channel, now):
                for sent in self._by(config, channel, found, now):
                    found = sent
                    yield sent

    def _by(
        self, config: Config, channel: str, incidents: tuple[Incident, ...], now: datetime
    ) -> Iterator[tuple[Incident, ...]]:
        for over in (True, False):
            due = [
                one
                for one in incidents
                if one.wants(channel, after=config.alarm.after, now=now)
                and (one.closed is not None) == over
                and (over or self._is_seen(one.condition))
            ]
            if due and not self._may_send():
                due = [one for one in due if over and one.condition.code.is_of_node]
            if not due:
                continue
            try:
                notification.send(config, channel, _message(config, due, over=over), now)
            except FetchError as error:
                self._note_failure(channel, error, now)
                if error.may_have_arrived and not over:
                    yield tuple(
                        one.sent_without_answer(channel) if one in due else one for one in incidents
                    )
                return
            self._failures.pop(channel, None)
            incidents = tuple(
                one.sent(channel, over=over) if one in due else one for one in incidents
            )
            yield incidents

    def _waits(self, channel: str, now: datetime) -> bool:
        """Return whether a channel is put off; a longer pause than any is from another clock."""
        _, again = self._failures.get(channel, (0, now))
        return now < again <= now + timedelta(seconds=_PAUSES[1])

    def _note_failure(self, channel: str, error: FetchError, now: datetime) -> None:
        first, longest = _PAUSES
        count, _ = self._failures.get(channel, (0, now))
        pause = min(first * 2 ** min(count, 10), longest)
        self._failures[channel] = (count + 1, now + timedelta(seconds=pause))
        if not count:
            _log.warning("The alarm was not sent, and is tried again later: %s.", error)


def _message(config: Config, due: Sequence[Incident], *, over: bool) -> Notification:
    say = partial(around, language=config.newsroom.language)
    title, zone = config.publication.title, config.publication.zone
    code = "alarm-condition-over" if over else "alarm-condition"
    lines = []
    for one in due:
        moment = (one.closed or one.opened).astimezone(zone)
        text = one.condition.message(config.newsroom.language)
        lines += [say(code, text=text, moment=f"{moment:%Y-%m-%d %H:%M}"), ""]
    return Notification(
        subject=say("alarm-well" if over else "alarm-trouble", title=title),
        text="\n".join(lines),
        is_over=over,
        data={
            "conditions": [
                {
                    "condition": one.condition.code,
                    "about": one.condition.about,
                    "since": one.opened.astimezone(zone).isoformat(),
                    "message": one.condition.message(config.newsroom.language),
                }
                for one in due
            ]
        },
    )


class Monitor:
    """Monitors a publication that is served, from a thread of the supervisor.

    It sends alarms by the newest settings of the file, as the publisher does about files. A node
    of a cluster sends alarms only while it `may_send`: the one that leads does. Once the node
    `is_ending`, so are its workers, and their silence is none of readers' troubles.
    """

    def __init__(
        self,
        config: Config,
        clock: Clock,
        may_send: Callable[[], bool] = lambda: True,
        is_ending: Callable[[], bool] = lambda: False,
    ) -> None:
        self.config = config
        self._newest = ConfigWatcher(config, is_logged=False, with_theme=False)
        self._clock = clock
        self._lock = threading.Lock()
        self._heard: PublisherCheck | None = None
        self._own: dict[Code, Condition | None] = {Code.HUNG: None, Code.CRASHING: None}
        self._is_well = False  # since the last heartbeat
        self._begun = monotonic()
        self._probed = float("-inf")
        self.is_web = True  # this process has web workers
        self._incidents = incident.load(config.state)
        self._is_written = False
        self._may_send = may_send
        self._is_ending = is_ending
        self._seen: set[tuple[str, str]] = set()  # the conditions that this process has found
        self._notifier = Notifier(may_send, lambda one: one.key in self._seen)
        self._was_refused = False
        self._over = threading.Event()
        self._ending = Ending()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread, after a moment in which what is being sent is recorded."""
        self._over.set()
        self._ending.wait()

    def hear(self, check: PublisherCheck) -> None:
        """Take the result of a check by the publisher, which so neither hangs nor crashes."""
        with self._lock:
            self._heard = check
            self._own |= {Code.HUNG: None, Code.CRASHING: None}
            stops = any(one.code.stops_news for one in check.conditions)
            self._is_well = check.is_good and not stops

    def note(self, condition: Condition) -> None:
        """Take a condition of the publisher that the supervisor found."""
        with self._lock:
            self._own[condition.code] = condition
            self._is_well = False

    def rest(self) -> None:
        """Forget what the publisher reported: this node does not publish any more."""
        with self._lock:
            self._heard = PublisherCheck(is_good=True)
            self._own |= {Code.HUNG: None, Code.CRASHING: None}
            self._is_well = False

    def note_node(self, ahead: float, away: str) -> None:
        """Take how a node stands with the database of its cluster.

        `ahead` is by how many seconds its clock is ahead of the database's, `away` the reason why
        that cannot be reached, or empty.
        """
        is_off = abs(ahead) > CLOCK_OFF
        clock = Condition(code=Code.NODE_CLOCK, detail=f"{ahead:+.0f} s") if is_off else None
        ledger = Condition(code=Code.LEDGER_AWAY, detail=away) if away else None
        with self._lock:
            self._own |= {Code.NODE_CLOCK: clock, Code.LEDGER_AWAY: ledger}

    def _run(self) -> None:
        while not self._over.wait(_EVERY):
            try:
                self._step()
            except Exception:  # noqa: BLE001 - a fault of ours must not end the watch
                _log.exception("The watch failed, for a reason that Dateline does not know.")

    def _step(self) -> None:
        newest, now = self._newest.read(), self._clock()
        config = replace(self.config, alarm=newest.alarm)
        self._probe(config)
        self._judge_lateness(config, now)
        with self._lock:
            own, heard, is_well = dict(self._own), self._heard, self._is_well
            self._is_well = False
        conditions = [one for one in own.values() if one]
        conditions += heard.conditions if heard else ()
        self._seen |= {one.key for one in conditions}
        self._take(
            incident.observe(
                self._incidents,
                conditions,
                now=now,
                channels=config.alarm.channels,
                is_known=partial(_is_known, own, heard),
            )
        )
        with self._ending.sending():
            self._send(newest, now)
        if is_well and config.alarm.heartbeat and self._may_send():
            self._beat(config)

    def _send(self, newest: Config, now: datetime) -> None:
        """Send all that is due, a message at a time, until the end."""
        messages = self._notifier.send(newest, self._incidents, now)
        while not self._ending.has_begun and (sent := next(messages, None)) is not None:
            self._take(sent)

    def _take(self, incidents: tuple[Incident, ...]) -> None:
        """Remember incidents, and write them where they changed or could not be written."""
        if incidents == self._incidents and self._is_written:
            return
        self._incidents = incidents
        self._is_written = _written(self.config, incidents, keeps_room=True)

    def _probe(self, config: Config) -> None:
        """Check now and then that the workers answer."""
        if not self.is_web or monotonic() - self._probed < _PROBES_EVERY:
            return
        self._probed = monotonic()
        found = None if is_answered(config, "/health/live") else Condition(code=Code.NOT_SERVED)
        if self._is_ending():
            return
        if found is None or monotonic() - self._begun > _SETTLES_AFTER:
            with self._lock:
                self._own[Code.NOT_SERVED] = found

    def _judge_lateness(self, config: Config, now: datetime) -> None:
        """Check for missed checks for which no cause was reported."""
        if monotonic() - self._begun < _SETTLES_AFTER:
            return
        last = health.last_run(config.feeds_folder)
        is_late = last is None or last.status(now.timestamp()) != "ok"
        with self._lock:
            reported = [*self._own.values(), *(self._heard.conditions if self._heard else ())]
            is_explained = any(
                one.code.stops_news for one in reported if one and one.code is not Code.LATE
            )
            is_new = is_late and not is_explained
            self._own[Code.LATE] = Condition(code=Code.LATE) if is_new else None

    def _beat(self, config: Config) -> None:
        try:
            notification.heartbeat(config)
        except FetchError as error:
            if not self._was_refused:
                _log.warning("The heartbeat was not sent: %s.", error)
            self._was_refused = True
        else:
            self._was_refused = False


def _is_known(own: Mapping[Code, object], heard: PublisherCheck | None, code: Code) -> bool:
    """Return whether it is known if a condition of this kind holds."""
    if code in {Code.HUNG, Code.CRASHING}:
        return heard is not None  # at the start nobody can say that it is over
    return code in own if code.is_found_by_supervisor else knows(heard, code)


def knows(heard: PublisherCheck | None, code: Code) -> bool:
    """Return whether a check shows if a condition of this kind holds.

    A failed one shows its cause, and nothing of hubs, clocks and documents.
    """
    if heard is None or code in heard.unknown:
        return False
    return heard.is_good or code.stops_news


def _written(config: Config, incidents: Sequence[Incident], *, keeps_room: bool = False) -> bool:
    kept = incident.save(config.state, incidents, keeps_room=keeps_room)
    return incident.publish(config.feeds_folder, incidents, keeps_room=keeps_room) and kept


def once(config: Config, check: PublisherCheck, clock: Clock) -> None:
    """Do once for a `build` by itself what a `Monitor` does for `serve`."""
    now = clock()
    incidents = incident.observe(
        incident.load(config.state),
        check.conditions,
        now=now,
        channels=config.alarm.channels,
        is_known=partial(knows, check),
    )
    _written(config, incidents)
    sent = incidents
    for sent in Notifier().send(config, incidents, now):
        _written(config, sent)
    _written(config, tuple(one for one in sent if not one.is_settled(config.alarm.channels)))
    is_well = check.is_good and not any(one.code.stops_news for one in check.conditions)
    if is_well and config.alarm.heartbeat:
        try:
            notification.heartbeat(config)
        except FetchError as error:
            _log.warning("The heartbeat was not sent: %s.", error)


def is_answered(config: Config, path: str, wanted: Iterable[int] = (200,)) -> bool:
    """Return whether the workers answer at this path, with one of these statuses."""
    from http.client import HTTPConnection, HTTPException  # noqa: PLC0415 - a build asks nobody

    with closing(HTTPConnection(config.host, config.port, timeout=_ANSWERS_WITHIN)) as connection:
        try:
            host = urlsplit(config.publication.url).netloc
            connection.request("HEAD", path, headers={"Host": host, "User-Agent": "Dateline"})
            return connection.getresponse().status in {*wanted}
        except (OSError, HTTPException):
            return False
