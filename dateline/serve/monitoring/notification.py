"""Messages to the recipients in `[alarm]`: by webhook, by mail, and the heartbeat."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from dateline.config import Config
from dateline.errors import FetchError
from dateline.serve.monitoring.mail import send as send_mail
from dateline.system import http
from dateline.text.expressions import regex

_ENDING = 3.0  # seconds that a process waits at its end: its supervisor kills it after five
_JOINER = "\u2060"  # has no width, and is no end of a word
_LIKE = str.maketrans("<>*`~|[]", "‹›∗ˋ∼∣［］")
# What a mention, a name of a channel, an emoji, an entity or an address begins with, and what
# begins a heading, a list or a quotation; `_` marks up at the end of a word alone.
_BEGINS = regex(
    r"@(?=\w)|&(?=[\w#])|#(?=\w)|(?<!\w)_|_(?!\w)|:(?=[^\s\d])|(?<!\w):(?=\d+:)|(?<=www)\.|"
    r"(?m:^(?=[ \t]*(?:[-+=#]|\d+[.)])))",
    re.IGNORECASE,
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A message: `subject` and `text` for people, `data` for programs.

    It is sent when something begins, and once more when it `is_over`.
    """

    subject: str
    text: str
    is_over: bool = False
    data: Mapping[str, object] = field(default_factory=dict)


class Ending:
    """Lets a process that sends messages end only when what it has sent is recorded.

    The next process would send it again. Messages are sent, and recorded, within `sending`; none
    may begin once the end `has_begun`.
    """

    def __init__(self) -> None:
        self.has_begun = False
        self._lock = threading.Lock()

    @contextmanager
    def sending(self) -> Iterator[None]:
        """Keep the process from ending for a moment; begin nothing after its end."""
        with self._lock:
            yield

    def wait(self) -> None:
        """Begin nothing more, and wait a moment until what was sent is recorded."""
        self.has_begun = True
        self._lock.acquire(timeout=_ENDING)


def send(config: Config, channel: str, message: Notification, now: datetime) -> None:
    """Send a message by `webhook` or `mail`. Raises `FetchError`."""
    _SENDERS[channel](config, message, now)


def heartbeat(config: Config) -> None:
    """Request the heartbeat's address, to report that all is well. Raises `FetchError`."""
    reply = http.ask(config.alarm.heartbeat, http.OWN)
    if not 200 <= reply.status < 300:  # noqa: PLR2004 - RFC 9110, section 15.3
        raise FetchError(f"the heartbeat's address answered with {reply.status}")


def as_plain(text: str) -> str:
    """Return a text of which no chat makes a link, a mention or a format.

    Slack, Mattermost and Teams escape in ways that exclude each other, so characters of markup
    are replaced by similar ones, and what begins a mention is separated from what follows.

    >>> as_plain("<!channel> *x*").replace(_JOINER, "")
    '‹!channel› ∗x∗'
    """
    return _BEGINS.sub(lambda found: f"{_JOINER}{found[0]}{_JOINER}", text.translate(_LIKE))


def _post(config: Config, message: Notification, now: datetime) -> None:
    publication = config.publication
    values = {
        "text": as_plain(f"{message.subject}\n\n{message.text}"),
        "mrkdwn": False,  # Slack's own words for the same
        "parse": "none",
        "link_names": False,
        "publication": publication.title,
        "moment": now.astimezone(publication.zone).isoformat(timespec="seconds"),
        "over": message.is_over,
        "held": [],
        "conditions": [],
        **message.data,
    }
    data = json.dumps(values, ensure_ascii=False).encode()
    http.post(config.alarm.webhook, data, media_type="application/json")


def _mail(config: Config, message: Notification, now: datetime) -> None:
    mail = EmailMessage()
    mail["Subject"] = message.subject
    mail["From"] = config.alarm.mail_from
    mail["To"] = ", ".join(config.alarm.mail_to)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = make_msgid(domain=config.alarm.mail_from.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday note answers it
    mail.set_content(message.text)
    for address in send_mail(mail, config.alarm.smtp):
        _log.warning("The mail server refuses the alarm for %s.", address)


_SENDERS: Mapping[str, Callable[[Config, Notification, datetime], None]] = {
    "webhook": _post,
    "mail": _mail,
}
