"""Signatures of what the newsroom gives out, and the secret that they are made with.

The secret is random, and the ledger keeps it: it outlives restarts, and all machines that share a
ledger have the same. Mixed with the settings of the newsroom, it lets nobody try tokens on an
address that was passed on, and a new token ends everything that was signed before.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from datetime import datetime

from dateline.config import Config
from dateline.errors import LedgerError
from dateline.ledger import Ledger, exclusive
from dateline.publish.recovery import ledger_exists, ledger_url

_SECRET_SIZE = 32
_MAC_SIZE = 24


class Signatures:
    """Signs texts, each for one use, with one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def signed(self, use: str, text: str) -> str:
        """Return a text with its signature behind a dot."""
        return f"{text}.{self._mac(use, text)}"

    def read(self, use: str, signed: str) -> str | None:
        """Return the text that was signed for this use, or None."""
        text, _, mac = signed.rpartition(".")
        return text if is_same(mac, own=self._mac(use, text).encode()) else None

    def _mac(self, use: str, text: str) -> str:
        digest = hmac.digest(self._secret, f"{use} {text}".encode(), "sha256")
        return urlsafe_b64encode(digest[:_MAC_SIZE]).decode()


def is_same(given: str, *, own: bytes) -> bool:
    """Return whether a text is this one, in a time that depends on neither."""
    return hmac.compare_digest(
        hashlib.sha256(given.encode(errors="replace")).digest(), hashlib.sha256(own).digest()
    )


def packed(text: str) -> str:
    """Return a text in letters, digits, `-` and `_`."""
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unpacked(packed_text: str) -> str | None:
    """Return the text that was packed, or None."""
    try:
        return urlsafe_b64decode(packed_text + "=" * (-len(packed_text) % 4)).decode()
    except ValueError:
        return None


def is_before(now: datetime, until: str) -> bool:
    """Return whether a moment is before another, which is a hexadecimal number of seconds."""
    return int(now.timestamp()) < int(until, 16)


def known_secret(config: Config) -> bytes:
    """Return the ledger's secret, or a new one. The ledger is neither created nor repaired."""
    with suppress(LedgerError):
        if config.newsroom.is_on and ledger_exists(config):
            with Ledger(ledger_url(config)) as ledger:
                return _secret_of(ledger) or secrets.token_bytes(_SECRET_SIZE)
    return secrets.token_bytes(_SECRET_SIZE)


def kept_secret(config: Config, own: bytes) -> bytes:
    """Return the secret that the ledger keeps from now on: its own, or the one given.

    Raises `LedgerError`.
    """
    with exclusive(config.state), Ledger(ledger_url(config)) as ledger:
        known = _secret_of(ledger)
        if not known:
            ledger.state.newsroom_secret = own
            ledger.commit()
        return known or own


def _secret_of(ledger: Ledger) -> bytes:
    known = ledger.state.newsroom_secret
    return known if len(known) == _SECRET_SIZE else b""
