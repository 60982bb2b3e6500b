"""Who may come in, and which address lets a colleague see one preview?

A visitor shows the token once and has a cookie from then on. Nothing is remembered here: what
is given out is signed with a secret that comes from the token, or, without one, of this process.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

STAYS = timedelta(days=7)  # without showing the token again
_SHOWN = timedelta(days=2)  # for so long, and up to an hour more, a preview can be seen
_HOUR = 3600
_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Access:
    """What opens the newsroom whose token this is; without one, being on this machine does."""

    def __init__(self, token: str, host: str) -> None:
        self._token = token.encode()
        self._host = host
        self._secret = hashlib.sha256(self._token).digest() if token else secrets.token_bytes(32)

    def is_token(self, given: str) -> bool:
        """Say whether this is the token, in a time that tells nothing."""
        return bool(self._token) and hmac.compare_digest(
            given.encode(errors="replace"), self._token
        )

    def cookie(self, now: datetime) -> str:
        """Give the cookie of somebody who showed the token."""
        return self._signed("in", f"{_seconds(now + STAYS):x}")

    def admits(self, cookie: str, host: str, now: datetime) -> bool:
        """Say whether a request comes from staff; `host` is its `Host` field.

        Without a token it must name this machine: any site could let its own name lead here.
        """
        if not self._token:
            return _name_of(host) in {*_OWN_NAMES, self._host}
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
        return (
            text
            if hmac.compare_digest(mac.encode(errors="replace"), self._mac(use, text).encode())
            else None
        )

    def _mac(self, use: str, text: str) -> str:
        digest = hmac.digest(self._secret, f"{use} {text}".encode(), "sha256")
        return urlsafe_b64encode(digest[:24]).decode()


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
