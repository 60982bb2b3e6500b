"""Who may come in, and which address lets a colleague see one preview?

A visitor shows the token once and has a cookie from then on. What is given out is signed with a
random secret that the ledger keeps, mixed with all of `[newsroom]`: nobody can try tokens on an
address that was passed on, and a new token, or another setting, ends all of them.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from socket import gethostname
from urllib.parse import urlsplit

from dateline.config import NewsroomSettings

STAYS = timedelta(days=7)  # without showing the token again
_SHOWN = timedelta(days=2)  # for so long, and up to an hour more, a preview can be seen
_HOUR = 3600
_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to


class Access:
    """What opens a newsroom with these settings; without a token, being on this machine does."""

    def __init__(self, own: NewsroomSettings, secret: bytes) -> None:
        self._own = own
        self._token = own.token.encode()
        self._secret = hmac.digest(secret, repr(own).encode(), "sha256")
        self._feed = hmac.digest(secret, b"feed " + self._token, "sha256")

    def is_token(self, given: str) -> bool:
        """Say whether this is the token, in a time that tells nothing."""
        return bool(self._token) and _is_same(given, own=self._token)

    def feed_key(self) -> str:
        """Return what reads the feed of problems, and does nothing else."""
        return urlsafe_b64encode(self._feed[:24]).decode()

    def is_feed_key(self, given: str) -> bool:
        """Say whether this is the feed's key, in a time that tells nothing."""
        return _is_same(given, own=self.feed_key().encode())

    @property
    def is_secure(self) -> bool:
        """True where staff come by TLS."""
        return self._own.url.startswith("https://")

    def is_called(self, host: str) -> bool:
        """Say whether a newsroom may be asked for by this `Host` field.

        With a `url` it is that one, or where it listens. Without a token it must name this
        machine: any site could let its own name lead here.
        """
        name, own = _name_of(host), self._own
        if not own.url and self._token:
            return True
        listening = {*_OWN_NAMES, own.host}
        is_listening = name in listening or (own.host in _EVERYWHERE and _is_ip(name))
        return is_listening or (bool(own.url) and name == urlsplit(own.url).hostname)

    def address(self, host: str) -> str:
        """Return where colleagues reach this newsroom, whose `Host` field may say anything."""
        own = self._own
        if own.url:
            return own.url
        name = own.host
        if name in _EVERYWHERE:
            asked = _name_of(host)
            name = asked if _is_ip(asked) else gethostname()
        return f"http://[{name}]:{own.port}" if ":" in name else f"http://{name}:{own.port}"

    def cookie(self, now: datetime) -> str:
        """Give the cookie of somebody who showed the token."""
        return self._signed("in", f"{_seconds(now + STAYS):x}")

    def admits(self, cookie: str, now: datetime) -> bool:
        """Say whether a request, whose `Host` was looked at, comes from staff."""
        if not self._token:
            return True
        until = self._read("in", cookie)
        return until is not None and _is_before(now, until)

    def form_word(self) -> str:
        """Give the word without which a form is not ours."""
        return self._signed("form", "")

    def is_form_word(self, given: str) -> bool:
        """Say whether a form has that word."""
        return self._read("form", given) is not None

    def preview(self, path: str, now: datetime) -> str:
        """Give the part of an address at which the preview of a file can be seen for a while.

        It is the same for an hour, so that a page with it stays the same.
        """
        until = (_seconds(now + _SHOWN) // _HOUR + 1) * _HOUR
        name = urlsafe_b64encode(path.encode()).decode().rstrip("=")
        return self._signed("preview", f"{name}.{until:x}")

    def previewed(self, key: str, now: datetime) -> tuple[str, datetime] | None:
        """Give the file that such a part is for, and until when; None where it is not valid."""
        name, _, until = (self._read("preview", key) or "").partition(".")
        if not until or not _is_before(now, until):
            return None
        try:
            path = urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
        except (Error, UnicodeDecodeError):
            return None
        return path, datetime.fromtimestamp(int(until, 16), UTC)

    def _signed(self, use: str, text: str) -> str:
        return f"{text}.{self._mac(use, text)}"

    def _read(self, use: str, signed: str) -> str | None:
        """Give the text that was signed for this use, or None."""
        text, _, mac = signed.rpartition(".")
        return text if _is_same(mac, own=self._mac(use, text).encode()) else None

    def _mac(self, use: str, text: str) -> str:
        digest = hmac.digest(self._secret, f"{use} {text}".encode(), "sha256")
        return urlsafe_b64encode(digest[:24]).decode()


def _is_same(given: str, *, own: bytes) -> bool:
    return hmac.compare_digest(
        hashlib.sha256(given.encode(errors="replace")).digest(), hashlib.sha256(own).digest()
    )


def _is_ip(name: str) -> bool:
    try:
        return bool(ip_address(name))
    except ValueError:
        return False


def _is_before(now: datetime, until: str) -> bool:
    return _seconds(now) < int(until, 16)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _name_of(host: str) -> str:
    """Give the name of the machine in a `Host` field, without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
