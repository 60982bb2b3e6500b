"""Alarms about files that are held for long, and their end.

For each channel (`webhook`, `mail`) the ledger records what was reported, how often it failed, and
when it is tried again. Nothing here delays publishing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from dateline.config import Config
from dateline.errors import DatelineError, FetchError, Problem, State
from dateline.ledger import Ledger, exclusive
from dateline.messages import around, shown
from dateline.serve.monitoring import notification
from dateline.serve.monitoring.mail import TAKING
from dateline.serve.monitoring.notification import Ending, Notification
from dateline.system import http, start_thread

_PAUSES = (60, 3600)  # seconds: the first after a failure, and the longest
_SENDING = 2 * (http.LIMIT + http.LIMIT + TAKING)  # seconds: then all has succeeded or failed
_LOOK = timedelta(seconds=30)  # until a run looks what became of a message
_LISTED = 50  # files in a message: chats refuse one that is too large
_NAME = 300  # characters of a file's name
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFile:
    """A file held since a moment, its problems, and the channels that reported it."""

    path: str
    since: datetime
    problems: tuple[Problem, ...]
    reported: frozenset[str]


class AlarmSender:
    """Sends alarms about held files, in a thread of its own, from the ledger at `url`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._thread: threading.Thread | None = None
        self._ending = Ending()

    def ring(self, config: Config, now: datetime) -> None:
        """Begin to send all alarms that are due, unless that goes on already."""
        if config.alarm.channels and not (self._thread and self._thread.is_alive()):
            self._thread = start_thread(self._run, config, now)

    def wait(self) -> None:
        """Wait until all alarms are sent, or have failed."""
        if self._thread:
            self._thread.join(_SENDING)

    def close(self) -> None:
        """Begin no other message, and wait until the one that is being sent is recorded."""
        self._ending.wait()

    def _run(self, config: Config, now: datetime) -> None:
        try:
            for channel in config.alarm.channels:
                with self._ending.sending():
                    if not self._ending.has_begun:
                        self._send(config, channel, now)
        except DatelineError as error:
            _log.error("%s", error)
        except Exception:  # noqa: BLE001 - a fault of ours must not end publishing
            _log.exception("The alarm failed, for a reason that Dateline does not know.")

    def _send(self, config: Config, channel: str, now: datetime) -> None:
        with Ledger(self._url) as ledger:
            failures, again = _failures(ledger, channel, now)
            due = [held for held in _due(config, ledger, now) if channel not in held.reported]
            over = _over(ledger, channel, now)
            ledger.confirm()
        if again or not (due or over):
            return
        reason, ended = "", list[str]()
        begun, unconfirmed = list[HeldFile](), list[HeldFile]()
        try:
            if over:
                notification.send(config, channel, _end(config, over, now), now)
                ended = over
            if due:
                notification.send(config, channel, _beginning(config, due), now)
                begun = due
        except FetchError as error:
            reason = str(error)
            unconfirmed = due if error.may_have_arrived and ended == over else []
        with exclusive(config.state), Ledger(self._url) as ledger:
            if reason:
                _set_failures(ledger, channel, failures + 1, now)
            else:
                _set_failures(ledger, channel, 0, now)
            _mark(ledger, channel, begun, ended, unconfirmed)
            ledger.commit()
        if reason and not failures:
            _log.warning("The alarm was not sent, and is tried again later: %s.", reason)


def next_due(config: Config, ledger: Ledger, now: datetime) -> datetime | None:
    """Return the next moment at which an alarm is to be sent, or sent again."""
    if not config.alarm.channels:
        return None
    first = ledger.files.next_held(now - config.alarm.after)
    moments = [first + config.alarm.after] if first else []
    due = _due(config, ledger, now)
    for channel in config.alarm.channels:
        is_due = any(channel not in held.reported for held in due)
        if is_due or _over(ledger, channel, now):
            _, again = _failures(ledger, channel, now)
            moments.append(again or now + _LOOK)
    return min(moments, default=None)


# ---- State in the ledger


def _due(config: Config, ledger: Ledger, now: datetime) -> list[HeldFile]:
    """Return the files held for long, the longest first, after those that a guard holds."""
    files = ledger.files.held(now - config.alarm.after).items()
    held = [
        HeldFile(
            path=path,
            since=record.held or now,
            problems=tuple(p for p in record.problems if p.state in {State.HOLD, State.WAIT}),
            reported=record.alarmed,
        )
        for path, record in files
    ]
    return [_in_newsroom_language(config, one) for one in held]


def _in_newsroom_language(config: Config, held: HeldFile) -> HeldFile:
    """Return the file with its problems in the newsroom's language."""
    language = config.newsroom.language
    return replace(held, problems=tuple(replace(one, language=language) for one in held.problems))


def _over(ledger: Ledger, channel: str, now: datetime) -> list[str]:
    """Return the files that a channel reported as held, or perhaps did, and that no longer are."""
    state = ledger.state.alarm(channel)
    held = ledger.files.held(now) if state.reported or state.unconfirmed else {}
    over = [one for one in state.reported if one not in held or channel not in held[one].alarmed]
    over += [one for one in state.unconfirmed if one not in held]
    return [*dict.fromkeys(over)]


def _mark(
    ledger: Ledger,
    channel: str,
    begun: Sequence[HeldFile],
    over: Sequence[str],
    unconfirmed: Sequence[HeldFile],
) -> None:
    """Record what was reported, or sent without an answer; files held only since then were not."""
    paths = {held.path for held in begun}
    files = ledger.files.held(max(held.since for held in begun)) if begun else {}
    same = {path: record for path, record in files.items() if path in paths}
    ledger.files.set({p: replace(r, alarmed=r.alarmed | {channel}) for p, r in same.items()})
    state = ledger.state.alarm(channel)
    left = dict.fromkeys([*state.reported, *paths])
    for path in {*over} - paths:
        left.pop(path, None)  # the ledger may have been lost while this was sent
    unanswered = [path for path in state.unconfirmed if path not in paths | {*over}]
    unanswered += [held.path for held in unconfirmed]
    state = replace(state, reported=tuple(left), unconfirmed=tuple(dict.fromkeys(unanswered)))
    ledger.state.set_alarm(channel, state)


def _failures(ledger: Ledger, channel: str, now: datetime) -> tuple[int, datetime | None]:
    """Return how often a channel has failed since its last success, and when to try again.

    None means now: a delay longer than the longest pause was measured by another clock.
    """
    state = ledger.state.alarm(channel)
    waits = state.retry and now < state.retry <= now + timedelta(seconds=_PAUSES[1])
    return state.failures, state.retry if waits else None


def _set_failures(ledger: Ledger, channel: str, count: int, now: datetime) -> None:
    first, longest = _PAUSES
    pause = timedelta(seconds=min(first * 2 ** min(count - 1, 10), longest))
    state = ledger.state.alarm(channel)
    retry = now + pause if count else None
    ledger.state.set_alarm(channel, replace(state, failures=count, retry=retry))


# ---- Text


def _beginning(config: Config, held: Sequence[HeldFile]) -> Notification:
    zone = config.publication.zone
    return Notification(
        subject=_subject(config, [one.path for one in held], "alarm-subject"),
        text=_listed(config, held),
        data={
            "held": [
                {
                    "file": one.path,
                    "since": one.since.astimezone(zone).isoformat(),
                    "messages": [problem.message for problem in one.problems],
                }
                for one in held[:_LISTED]
            ]
        },
    )


def _end(config: Config, paths: Sequence[str], now: datetime) -> Notification:
    say = partial(around, language=config.newsroom.language)
    moment = f"{now.astimezone(config.publication.zone):%Y-%m-%d %H:%M}"
    lines = [say("alarm-file-over", path=_name(path), moment=moment) for path in paths[:_LISTED]]
    if len(paths) > _LISTED:
        lines.append(say("alarm-more", count=len(paths) - _LISTED))
    return Notification(
        subject=_subject(config, paths, "alarm-over"),
        text="\n".join([*lines, ""]),
        is_over=True,
        data={"held": [{"file": path, "since": None, "messages": []} for path in paths[:_LISTED]]},
    )


def _name(path: str) -> str:
    """Return the name of a file in one line, of any characters."""
    return shown(path, _NAME)


def _subject(config: Config, paths: Sequence[str], code: str) -> str:
    say = partial(around, language=config.newsroom.language)
    what = _name(paths[0]) if len(paths) == 1 else say("alarm-files", count=len(paths))
    return say(code, title=config.publication.title, what=what)


def _listed(config: Config, held: Sequence[HeldFile]) -> str:
    say = partial(around, language=config.newsroom.language)
    lines = []
    for one in held[:_LISTED]:
        since = one.since.astimezone(config.publication.zone)
        lines.append(say("alarm-since", path=_name(one.path), since=f"{since:%Y-%m-%d %H:%M}"))
        lines += [f"    {problem.message}" for problem in one.problems]
        lines.append("")
    if len(held) > _LISTED:
        lines.append(say("alarm-more", count=len(held) - _LISTED))
    return "\n".join(lines)
