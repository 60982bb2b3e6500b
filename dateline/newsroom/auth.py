"""Who may come in: the token, cookies, signed addresses, and the limit on wrong tokens.

A visitor shows the token once and has a cookie from then on. What is given out is signed with a
random secret, mixed with all of `[newsroom]`: nobody can try tokens on an address that was passed
on, and a new token, or another setting, ends all of them. The ledger keeps the secret, so it
outlives restarts, and all machines that share a ledger have the same.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from socket import gethostname
from urllib.parse import urlsplit

from dateline.config import Config, NewsroomSettings
from dateline.errors import LedgerError
from dateline.ledger import Ledger, exclusive
from dateline.publish.recovery import ledger_path, ledger_url

STAYS = timedelta(days=7)  # without showing the token again
_SHOWN = timedelta(days=2)  # for so long, and up to an hour more, a preview can be seen
_HOUR = 3600
_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to
_SECRET_SIZE = 32
_FREE = 10  # wrong tokens of an address, before it waits
_FREE_ALL = 100
_LONGEST = timedelta(minutes=15)
_LONGEST_ALL = timedelta(minutes=1)
_FORGOTTEN = timedelta(hours=1)  # after the last one
_REMEMBERED = 1000  # addresses
_EVERYBODY = "everybody"


class Access:
    """The checks of a newsroom with these settings; without a token, this machine is let in."""

    def __init__(self, own: NewsroomSettings, secret: bytes) -> None:
        self._own = own
        self._token = own.token.encode()
        self._secret = hmac.digest(secret, repr(own).encode(), "sha256")
        self._feed = hmac.digest(secret, b"feed " + self._token, "sha256")

    def is_token(self, given: str) -> bool:
        """Return whether this is the token, in a time that depends on neither."""
        return bool(self._token) and _is_same(given, own=self._token)

    def feed_key(self) -> str:
        """Return the key that reads the feed of problems, and does nothing else."""
        return urlsafe_b64encode(self._feed[:24]).decode()

    def is_feed_key(self, given: str) -> bool:
        """Return whether this is the feed's key, in a time that depends on neither."""
        return _is_same(given, own=self.feed_key().encode())

    @property
    def is_secure(self) -> bool:
        """True where staff connect by TLS."""
        return self._own.url.startswith("https://")

    def is_called(self, host: str) -> bool:
        """Return whether a request with this `Host` field may be answered.

        With a `url` it is that one, or where the newsroom listens. Without a token it must name
        this machine: any site could have its own name resolve to it.
        """
        name, own = _name_of(host), self._own
        if not own.url and self._token:
            return True
        listening = {*_OWN_NAMES, own.host}
        is_listening = name in listening or (own.host in _EVERYWHERE and _is_ip(name))
        return is_listening or (bool(own.url) and name == urlsplit(own.url).hostname)

    def address(self, host: str) -> str:
        """Return where colleagues reach this newsroom; the `Host` field may be anything."""
        own = self._own
        if own.url:
            return own.url
        name = own.host
        if name in _EVERYWHERE:
            asked = _name_of(host)
            name = asked if _is_ip(asked) else gethostname()
        return f"http://[{name}]:{own.port}" if ":" in name else f"http://{name}:{own.port}"

    def cookie(self, now: datetime) -> str:
        """Return the cookie for somebody who showed the token."""
        return self._signed("in", f"{_seconds(now + STAYS):x}")

    def admits(self, cookie: str, now: datetime) -> bool:
        """Return whether a request, whose `Host` is checked already, comes from staff."""
        if not self._token:
            return True
        until = self._read("in", cookie)
        return until is not None and _is_before(now, until)

    def form_word(self) -> str:
        """Return the word that every form of ours has."""
        return self._signed("form", "")

    def is_form_word(self, given: str) -> bool:
        """Return whether a form has that word."""
        return self._read("form", given) is not None

    def preview(self, path: str, now: datetime) -> str:
        """Return the part of an address at which the preview of a file can be seen for a while.

        It is the same for an hour, so that a page with it stays the same.
        """
        until = (_seconds(now + _SHOWN) // _HOUR + 1) * _HOUR
        name = urlsafe_b64encode(path.encode()).decode().rstrip("=")
        return self._signed("preview", f"{name}.{until:x}")

    def previewed(self, key: str, now: datetime) -> tuple[str, datetime] | None:
        """Return the file that such a part is for, and until when; None where it is not valid."""
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
        """Return the text that was signed for this use, or None."""
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
    """Return the name of the machine in a `Host` field, without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


# ---- The newsroom's secret for signatures


def known_secret(config: Config) -> bytes:
    """Return the ledger's secret, or a new one. The ledger is neither created nor repaired."""
    if config.newsroom.is_on and ledger_path(config).exists():
        try:
            with Ledger(ledger_url(config)) as ledger:
                return _secret_of(ledger) or secrets.token_bytes(_SECRET_SIZE)
        except LedgerError:
            pass
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


# ---- The limit on wrong tokens


@dataclass(slots=True)
class _Tries:
    """The wrong tokens of an address; `seen` are digests of the last ones."""

    count: int = 0
    last: datetime | None = None
    seen: list[bytes] = field(default_factory=list)


class LoginLimit:
    """Counts wrong tokens: after a few, an address waits for longer and longer.

    They are counted for each address and for all together. Those who have a cookie never meet the
    limit, and an address that once sent the right token may try while others are made to wait.
    """

    def __init__(self) -> None:
        self._tries: dict[Hashable, _Tries] = {}
        self._good: dict[str, None] = {}
        self._lock = threading.Lock()

    def waits(self, address: str, now: datetime) -> bool:
        """Return whether a token from this address is refused unseen now."""
        place = _network(address)
        with self._lock:
            all_wait = place not in self._good and self._pause(
                _EVERYBODY, _FREE_ALL, _LONGEST_ALL, now
            )
            return all_wait or self._pause(place, _FREE, _LONGEST, now)

    def wrong(self, address: str, token: str, now: datetime) -> bool:
        """Count a wrong token, the same one once; return whether that begins a pause.

        An old bookmark or a feed reader shows the same one again and again.
        """
        place, digest = _network(address), hashlib.sha256(token.encode(errors="replace")).digest()
        with self._lock:
            own = self._of(place, now)
            if digest in own.seen:
                return False
            own.seen = [*own.seen[1 - _FREE :], digest]
            for tries in (own, self._of(_EVERYBODY, now)):
                tries.count, tries.last = tries.count + 1, now
            return own.count == _FREE or self._tries[_EVERYBODY].count == _FREE_ALL

    def right(self, address: str) -> None:
        """Remember that the right token came from this address, and forget its wrong ones."""
        place = _network(address)
        with self._lock:
            self._tries.pop(place, None)
            self._good[place] = None
            _forget(self._good)

    def _of(self, place: str, now: datetime) -> _Tries:
        tries = self._tries.pop(place, _Tries())
        if tries.last and not timedelta() <= now - tries.last < _FORGOTTEN:
            tries = _Tries()
        self._tries[place] = tries
        _forget(self._tries)
        return tries

    def _pause(self, place: str, free: int, longest: timedelta, now: datetime) -> bool:
        tries = self._tries.get(place, _Tries())
        if tries.last is None or tries.count < free:
            return False
        pause = min(timedelta(seconds=2 ** min(tries.count - free, 12)), longest)
        return timedelta() <= now - tries.last < pause


def _forget(some: dict[str, None] | dict[Hashable, _Tries]) -> None:
    """Keep the last ones; the count of all together is among them, for each adds to it."""
    while len(some) > _REMEMBERED:
        del some[next(iter(some))]  # type: ignore[arg-type]  # a key of this very dict


def _network(address: str) -> str:
    """Return the range of one person: an IPv4 address, or an IPv6 network (RFC 6177)."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if ip.version == 6:  # noqa: PLR2004
        return str(ip.ipv4_mapped or ip_network(f"{ip}/64", strict=False))
    return str(ip)
