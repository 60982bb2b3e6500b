"""Alarms: each begins once and ends once, by webhook and by mail.

Exceptions are where nobody can know: what an ended process or a lost file had sent, and what a
receiver got that lied.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from trials.machine import slowness

if TYPE_CHECKING:
    from trials.trial import Trial

# Obstacles that follow one another while no news goes out are one alarm, which begins with the
# first and ends with the last.
OBSTACLES = frozenset(
    {
        "check-late", "disk-full", "entries-gone", "folder-not-writable", "ledger-away",
        "ledger-damaged", "manifest-damaged", "not-served", "publisher-crashing",
        "publisher-hung", "run-failed",
    }
)  # fmt: skip
_NO_NEWS = "no news goes out"
_AFTER = 40.0  # seconds, which is longer than the configuration says
_IS_NOTICED = 4.0  # seconds until the publisher and the supervisor have noticed
_PAUSE = 0.2  # seconds
_LONGEST_PAUSE = 3700.0  # seconds until a channel that failed is tried again, at most


@dataclass(slots=True, kw_only=True)
class Alarms:
    """What the receivers were sent about each condition and each file that is held.

    A name is `is_open` after its beginning, and not after its end; None where that is unknown.
    `lasts` says the same as far as the last message tells. Nobody knows what messages were about
    that a receiver dropped, so a name that is new may be open as well, once there were any.
    """

    is_open: dict[str, bool | None] = field(default_factory=dict)
    is_new_open: bool | None = False
    lasts: dict[str, bool] = field(default_factory=dict)
    _read: int = 0
    _checked: int = 0

    def take(self, messages: Sequence[str], *, is_excused: bool) -> list[str]:
        """Note the webhook's messages; return what came twice, unless that `is_excused`."""
        faults = []
        for name, is_over in named(messages[self._read :]):
            key = _NO_NEWS if is_obstacle(name) else name
            before = self.is_open.get(key, self.is_new_open)
            is_again = before is (not is_over)
            if is_again and key != _NO_NEWS and not is_excused:
                faults.append(f"the alarm {name} {'ended' if is_over else 'began'} twice")
            self.is_open[key] = self.lasts[key] = not is_over
        self._read = len(messages)
        if is_excused:
            self.is_open, self.is_new_open = dict.fromkeys(self.is_open), None
        return faults

    def lose_files(self, messages: Sequence[str]) -> None:
        """Note that the ledger may be lost, which alone knows of alarms about files.

        A file that is still held begins another; the end of one that is not is never sent.
        """
        self.take(messages, is_excused=True)
        self.lasts = {name: one for name, one in self.lasts.items() if not name.startswith("file ")}

    def lose_all(self, messages: Sequence[str]) -> None:
        """Note that nobody may know any more which alarms have begun.

        The supervisor knows it until it ends, and its next one by `state/incidents.json`.
        """
        self.take(messages, is_excused=True)
        self.lasts.clear()

    def without_mail(self, messages: Sequence[str], mails: Sequence[str]) -> list[str]:
        """Return the lines of new messages of the webhook that no mail has.

        An end is mailed only if its beginning was: the mail server may have refused that, and all
        was well before the next attempt.
        """
        mailed = {_plain(line) for mail in mails for line in _lines_of_mail(mail)}
        new, begun = list[str](), set[str]()
        for number, message in enumerate(messages):
            found = [
                (_NO_NEWS if is_obstacle(one) else one, over) for one, over in named([message])
            ]
            ended = {name for name, is_over in found if is_over}
            if all(_plain(line) in mailed for line in _lines(message)):
                begun |= {name for name, is_over in found if not is_over}
            if number >= self._checked and ended <= begun:
                new += _lines(message)
        return [line for line in new if _plain(line) not in mailed]

    def close_mail(self, messages: Sequence[str]) -> None:
        """Note that all messages of the webhook were compared with mails, or cannot be."""
        self._checked = len(messages)


def named(messages: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield what each alarm is about that the webhook accepted, and whether it is over."""
    for message in messages:
        values: Mapping[str, Any] = json.loads(message)
        for one in values["conditions"]:
            yield f"{one['condition']} {one['about']}".strip(), values["over"]
        for held in values["held"]:
            yield f"file {held['file']}", values["over"]


def is_obstacle(name: str) -> bool:
    """Return whether a condition of this name keeps all news back."""
    return name.partition(" ")[0] in OBSTACLES


def _lines(message: str) -> list[str]:
    """Return the lines of a message after its subject, which counts what is in it."""
    _, _, text = json.loads(message)["text"].partition("\n")
    return [line for line in text.splitlines() if line.strip()]


def _lines_of_mail(mail: str) -> list[str]:
    parsed = email.message_from_string(mail, policy=email.policy.default)
    assert isinstance(parsed, email.message.EmailMessage)
    return str(parsed.get_content()).splitlines()


def _plain(line: str) -> str:
    """Return the letters of a line: markup is replaced in messages to chats.

    The day that a message tells staff to type is left out, as it is the day of sending.
    """
    return re.sub(r"\bdate = \d{4}-\d\d-\d\d|\W|_", "", line)


# ---- In a trial


def unmet(trial: Trial) -> list[str]:
    """Return the alarms of the webhook that were not mailed, once both can be relied on."""
    if not is_certain(trial, {"webhook", "mail"}):
        return []
    received = trial.receivers
    left = trial.alarms.without_mail(received.webhook.messages, received.mail.messages)
    return [f"the mail lacks an alarm: {line}" for line in left[:3]]


def check(trial: Trial) -> None:
    """Check that alarms began and ended once since the last time."""
    messages = trial.receivers.webhook.messages
    is_excused = trial.may_repeat_alarms or not is_certain(trial, {"webhook"})
    for sentence in trial.alarms.take(messages, is_excused=is_excused):
        trial.broken(sentence)
    trial.alarms.close_mail(messages)
    trial.may_repeat_alarms = False


def lasting(trial: Trial) -> list[str]:
    """Return the alarms whose end was not sent; files that are held may be so for ever."""
    check(trial)
    may_last = {
        "file": True,
        "hub-refuses": bool(trial.hub_owed),  # it is asked again with the next change
        "documents-lost": bool(trial.lost_pictures),
        "clock-off": trial.model.is_behind(trial.now),
    }
    published = {f"file {one.path}" for one in trial.model.live() if one.text == one.shown}
    open_ = [name for name, lasts in trial.alarms.lasts.items() if lasts]
    left = [one for one in open_ if one in published or not may_last.get(one.split()[0])]
    if left:
        trial.pass_time(60)
    return [f"the alarm {name} has no end" for name in left]


def require(trial: Trial) -> None:
    """Require an alarm while no news can go out: once it has lasted as long as configured."""
    before = len(trial.receivers.webhook.messages)
    ends = monotonic() + trial.patience * slowness()
    trial.readers.rest(_IS_NOTICED)
    trial.pass_time(_AFTER)
    while not _begun(trial, before):
        if monotonic() > ends:
            trial.broken(f"no alarm although no news could go out for {_AFTER} s")
            return
        trial.readers.rest(_PAUSE)


def _begun(trial: Trial, since: int) -> list[str]:
    """Return the obstacles that messages of the webhook were about, from a number on."""
    found = named(trial.receivers.webhook.messages[since:])
    return [name for name, is_over in found if is_obstacle(name) and not is_over]


def is_certain(trial: Trial, channels: Collection[str] = ("webhook", "mail")) -> bool:
    """Return whether no message of these channels is late, lost, or sent again."""
    is_late = any(
        trial.now < moment + _LONGEST_PAUSE
        for name, moment in trial.lied_at.items()
        if name in channels
    )
    return not (is_late or trial.may_repeat_alarms or trial.liars.intersection(channels))
