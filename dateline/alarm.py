"""Who is to be told that something is held for long, and were they?

For each way of telling (`webhook`, `mail`) the ledger remembers what it
told of, how often it failed, and when it is tried again. Nothing here delays publishing.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import partial

from dateline import fetch
from dateline.config import Config
from dateline.errors import DatelineError, FetchError, Problem, State
from dateline.ledger import Ledger, exclusive
from dateline.ledger.rows import moment_at, seconds
from dateline.messages import around

_PAUSES = (60, 3600)  # seconds: the first after a failure, and the longest
_SENDING = timedelta(seconds=3 * fetch.LIMIT)  # after that it has gone well or not
_LISTED = 50
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is held since a moment, why, and in which ways that was told."""

    path: str
    since: datetime
    problems: tuple[Problem, ...]
    told: frozenset[str]


class Bell:
    """Tells of what is held, in a thread of its own, for the ledger at `url`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._thread: threading.Thread | None = None

    def ring(self, config: Config, now: datetime) -> None:
        """Begin to tell of all that is due, unless that goes on already."""
        if config.alarm.channels and not (self._thread and self._thread.is_alive()):
            self._thread = threading.Thread(target=self._ring, args=(config, now), daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Wait until all is told, or has failed."""
        if self._thread:
            self._thread.join(_SENDING.total_seconds())

    def _ring(self, config: Config, now: datetime) -> None:
        try:
            for channel in config.alarm.channels:
                self._tell(config, channel, now)
        except DatelineError as error:
            _log.error("%s", error)
        except Exception:  # noqa: BLE001 - a fault of ours must not end publishing
            _log.exception("The alarm failed, for a reason that Dateline does not know.")

    def _tell(self, config: Config, channel: str, now: datetime) -> None:
        with Ledger(self._url) as ledger:
            failures, again = _failures(ledger, channel, now)
            due = [held for held in _due(config, ledger, now) if channel not in held.told]
        if not due or again:
            return
        reason = ""
        try:
            _SENDERS[channel](config, due, now)
        except FetchError as error:
            reason = str(error)
        with exclusive(config.state), Ledger(self._url) as ledger:
            if reason:
                _set_failures(ledger, channel, failures + 1, now)
            else:
                _set_failures(ledger, channel, 0, now)
                _mark(ledger, channel, due)
            ledger.commit()
        if reason and not failures:
            _log.warning("The alarm was not sent, and is tried again later: %s.", reason)


def next_due(config: Config, ledger: Ledger, now: datetime) -> datetime | None:
    """Give the next moment at which something is to be told, or told again."""
    if not config.alarm.channels:
        return None
    first = ledger.files.next_held(now - config.alarm.after)
    moments = [first + config.alarm.after] if first else []
    due = _due(config, ledger, now)
    for channel in config.alarm.channels:
        if any(channel not in held.told for held in due):
            _, again = _failures(ledger, channel, now)
            moments.append(again or now + _SENDING)
    return min(moments, default=None)


# ---- What the ledger remembers


def _due(config: Config, ledger: Ledger, now: datetime) -> list[Held]:
    """Give what is held for long, the longest first, and before it what a guard holds."""
    files = ledger.files.held(now - config.alarm.after).items()
    held = [
        Held(
            path=path,
            since=record.held or now,
            problems=tuple(p for p in record.problems if p.state in {State.HOLD, State.WAIT}),
            told=record.told,
        )
        for path, record in files
    ]
    return [_said(config, one) for one in held]


def _said(config: Config, held: Held) -> Held:
    """Let its problems speak the newsroom's language, which the ledger does not know."""
    language = config.newsroom.language
    return replace(held, problems=tuple(replace(one, language=language) for one in held.problems))


def _mark(ledger: Ledger, channel: str, told: Sequence[Held]) -> None:
    """Remember that this was told; what began to be held meanwhile was not."""
    paths = {held.path for held in told}
    files = ledger.files.held(max(held.since for held in told))
    same = {path: record for path, record in files.items() if path in paths}
    ledger.files.set({p: replace(r, told=r.told | {channel}) for p, r in same.items()})


def _failures(ledger: Ledger, channel: str, now: datetime) -> tuple[int, datetime | None]:
    """Give how often a way has failed since it last went well, and when it is tried again.

    None is now; what is put off for longer than the longest pause saw another clock.
    """
    count, _, moment = ledger.fact(f"alarm-{channel}").partition(" ")
    again = moment_at(int(moment)) if moment else None
    waits = again and now < again <= now + timedelta(seconds=_PAUSES[1])
    return int(count or 0), again if waits else None


def _set_failures(ledger: Ledger, channel: str, count: int, now: datetime) -> None:
    first, longest = _PAUSES
    pause = min(first * 2 ** min(count - 1, 10), longest) if count else 0
    value = f"{count} {seconds(now) + pause}" if count else ""
    if value != ledger.fact(f"alarm-{channel}"):
        ledger.set_fact(f"alarm-{channel}", value)


# ---- What is said


def _post(config: Config, held: Sequence[Held], now: datetime) -> None:
    publication = config.publication
    told = {
        "text": f"{_subject(config, held)}\n\n{_listed(config, held)}",
        "publication": publication.title,
        "moment": now.astimezone(publication.zone).isoformat(timespec="seconds"),
        "held": [
            {
                "file": one.path,
                "since": one.since.astimezone(publication.zone).isoformat(),
                "messages": [problem.message for problem in one.problems],
            }
            for one in held
        ],
    }
    data = json.dumps(told, ensure_ascii=False).encode()
    fetch.post(config.alarm.webhook, data, media_type="application/json")


def _mail(config: Config, held: Sequence[Held], now: datetime) -> None:
    message = EmailMessage()
    message["Subject"] = _subject(config, held)
    message["From"] = config.alarm.mail_from
    message["To"] = ", ".join(config.alarm.mail_to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = make_msgid(domain=config.alarm.mail_from.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday note answers it
    message.set_content(_listed(config, held))
    for address in fetch.send(message, config.alarm.smtp):
        _log.warning("The mail server refuses the alarm for %s.", address)


_SENDERS: Mapping[str, Callable[[Config, Sequence[Held], datetime], None]] = {
    "webhook": _post,
    "mail": _mail,
}


def _subject(config: Config, held: Sequence[Held]) -> str:
    say = partial(around, language=config.newsroom.language)
    what = held[0].path if len(held) == 1 else say("alarm-files", count=len(held))
    return say("alarm-subject", title=config.publication.title, what=what)


def _listed(config: Config, held: Sequence[Held]) -> str:
    say = partial(around, language=config.newsroom.language)
    lines = []
    for one in held[:_LISTED]:
        since = one.since.astimezone(config.publication.zone)
        lines.append(say("alarm-since", path=one.path, since=f"{since:%Y-%m-%d %H:%M}"))
        lines += [f"    {problem.message}" for problem in one.problems]
        lines.append("")
    if len(held) > _LISTED:
        lines.append(say("alarm-more", count=len(held) - _LISTED))
    return "\n".join(lines)
