"""The checks of the newsroom: tokens, keys, the word of forms, and its own address.

A visitor shows a token or a password once and has a cookie from then on (`sessions`). What is
given out is signed (`signatures`). Wrong tokens and passwords are limited (`limit`), and what a
person may do depends on the role (`people`). `gate` asks all of them for each request.
"""

from __future__ import annotations

import hmac
import logging
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import gethostname
from urllib.parse import urlsplit

from dateline.config import NewsroomSettings
from dateline.newsroom.access.people import HOUSE, People, Person, fingerprint, folded
from dateline.newsroom.access.sessions import Sessions, SignedIn
from dateline.newsroom.access.signatures import (
    Signatures,
    is_before,
    is_same,
    packed,
    unpacked,
)

_log = logging.getLogger(__name__)
_SHOWN = timedelta(days=2)  # for so long, and up to an hour more, a preview can be seen
_HOUR = 3600
_COOKIE = "dateline"
_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to


class Access:
    """The checks of a newsroom with these settings; without a token, this machine is let in."""

    def __init__(self, own: NewsroomSettings, secret: bytes, sessions: Sessions) -> None:
        self._own = own
        self._token = own.token.encode()
        self._sessions = sessions
        self.people = People(own.people)
        # A session is signed with what concerns its person: others stay signed in.
        mixed = repr(replace(own, people=())).encode()
        self._signatures = Signatures(hmac.digest(secret, mixed, "sha256"))
        self._trusted = [ip_network(network) for network in own.trusted]
        self._has_reported = False
        self._feed = hmac.digest(secret, b"feed " + self._token, "sha256")

    # ---- Who it is

    def owner(self, token: str) -> Person | None:
        """Return the person of a token; the token of the house is an editor's."""
        if self._token and is_same(token, own=self._token):
            return HOUSE
        return self.people.with_token(token)

    def claimed(self, name: str) -> tuple[Person | None, str]:
        """Return the person of a name, with the hash to compare a password with.

        For a name without one it is the hash of another person, so that it takes as long.
        """
        own = self.people.settings(name)
        if own and own.password:
            return Person(own.name, own.role), own.password
        others = self.people.with_passwords()
        number = hmac.digest(self._feed, folded(name).encode(errors="replace"), "sha256")[0]
        return None, others[number % len(others)].password if others else ""

    @property
    def header(self) -> str:
        """The field in which a trusted server names the person; or empty."""
        return self._own.header

    def is_trusted(self, address: str) -> bool:
        """Return whether a connection from this address may name a person in the field."""
        ip = _ip(address)
        return ip is not None and any(ip in network for network in self._trusted)

    def is_proxy(self, address: str) -> bool:
        """Return whether a connection from this address may name its client in a header field.

        It comes from a proxy on this machine, which connects to where the newsroom listens, or from
        a trusted one. Anybody else could name a new client for each wrong token.
        """
        ip = _ip(address)
        is_here = ip is not None and (ip.is_loopback or ip == _ip(self._own.host))
        return is_here or self.is_trusted(address)

    def report_untrusted(self, address: str) -> None:
        """Report, once, that the field comes from elsewhere, where it is ignored."""
        if not self._has_reported:
            self._has_reported = True
            _log.warning(
                "The newsroom: %s sends the header field %s, and is not one of [newsroom] trusted. "
                "The field is ignored.",
                address,
                self.header,
            )

    def cookie(self, person: Person, now: datetime) -> str:
        """Return the cookie of somebody who has signed in."""
        return self._sessions.cookie(person, self.people, self._signatures, now)

    def session(self, cookie: str, now: datetime) -> SignedIn | None:
        """Return the session of a cookie that is valid."""
        return self._sessions.read(cookie, self.people, self._signatures, now)

    def end(self, session: SignedIn, now: datetime) -> None:
        """End a session for good. Raises `DatelineError` if a restart would begin it again."""
        self._sessions.end(session, now)

    @property
    def is_open(self) -> bool:
        """True if everybody on this machine is let in."""
        return self._own.without_token

    @property
    def cookie_name(self) -> str:
        """The name of the cookie; by TLS, one that no neighbouring site can set."""
        return f"__Host-{_COOKIE}" if self.is_secure else _COOKIE

    # ---- Where it is

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
        if not own.url and own.needs_sign_in:
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

    # ---- Keys and words

    def feed_key(self, person: Person = HOUSE) -> str:
        """Return the key that reads the feed of problems, and does nothing else.

        Each person has another: it ends with the person's table.
        """
        own = self.people.settings(person.name)
        if own is None:
            return urlsafe_b64encode(self._feed[:24]).decode()
        return Signatures(self._feed).signed(fingerprint(own), packed(own.name))

    def feed_reader(self, given: str) -> Person | None:
        """Return the person whose key of the feed this is, in a time that depends on neither.

        The house has one only where it has a token, or where nobody needs one: where all are
        people, nobody's removal would end it.
        """
        name = unpacked(given.rpartition(".")[0])
        house = HOUSE if self._token or self.is_open else None
        person = self.people.named(name) if name else house
        is_key = person is not None and is_same(given, own=self.feed_key(person).encode())
        return person if is_key else None

    def form_word(self, person: Person = HOUSE) -> str:
        """Return the word that every form of somebody's pages has."""
        return self._signatures.signed("form", packed(person.name))

    def is_form_word(self, given: str, person: Person = HOUSE) -> bool:
        """Return whether a form has that word."""
        return self._signatures.read("form", given) == packed(person.name)

    def preview(self, path: str, now: datetime) -> str:
        """Return the part of an address at which the preview of a file can be seen for a while.

        It is the same for an hour, so that a page with it stays the same.
        """
        until = (int((now + _SHOWN).timestamp()) // _HOUR + 1) * _HOUR
        return self._signatures.signed("preview", f"{packed(path)}.{until:x}")

    def previewed(self, key: str, now: datetime) -> tuple[str, datetime] | None:
        """Return the file that such a part is for, and until when; None where it is not valid."""
        name, _, until = (self._signatures.read("preview", key) or "").partition(".")
        if not until or not is_before(now, until):
            return None
        path = unpacked(name)
        return None if path is None else (path, datetime.fromtimestamp(int(until, 16), UTC))


def _is_ip(name: str) -> bool:
    try:
        return bool(ip_address(name))
    except ValueError:
        return False


def _ip(address: str) -> IPv4Address | IPv6Address | None:
    """Return an address without its zone, in the form of its own version; None for a name."""
    name = address.partition("%")[0]
    if not _is_ip(name):
        return None
    ip = ip_address(name)
    return (ip.ipv4_mapped if isinstance(ip, IPv6Address) else None) or ip


def _name_of(host: str) -> str:
    """Return the name of the machine in a `Host` field, without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
