"""Sessions: the cookies of those who have signed in, and the sessions that were ended.

A cookie has the name, the number of the session and its end, and is signed with all that the
configuration has about the person: a changed password or role, or a removed person, ends the
sessions of this person alone. Those who sign out are noted in a file in `state/`, with a key that
is part of every signature: without the file no session is valid.
"""

from __future__ import annotations

import json
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from dateline.errors import DatelineError
from dateline.newsroom.access.people import HOUSE, People, Person, fingerprint
from dateline.newsroom.access.signatures import Signatures, is_before, packed, unpacked
from dateline.system.writing import make_private_folder, replace_file

STAYS = timedelta(days=7)  # without signing in again
FILE = "newsroom-sessions.json"
_KEY_SIZE = 16
_MOST = 10_000  # sessions that were ended before their time


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session: its person, its number, and its end in hexadecimal seconds."""

    person: Person
    number: str
    until: str


class Sessions:
    """The sessions of a newsroom, whose file is in this folder."""

    def __init__(self, state: Path) -> None:
        self._path = state / FILE
        self._lock = threading.Lock()
        self._key, self._ended, self._is_kept = "", dict[str, str](), False
        self._load()

    def cookie(self, person: Person, people: People, signatures: Signatures, now: datetime) -> str:
        """Return the cookie of a session that begins now."""
        until = int((now + STAYS).timestamp())
        with self._lock, suppress(OSError):  # without a file it ends with this process
            if not self._is_kept:
                self._keep()
        text = f"{packed(person.name)}.{secrets.token_hex(_KEY_SIZE)}.{until:x}"
        return signatures.signed(self._use(person.name, people), text)

    def read(
        self, cookie: str, people: People, signatures: Signatures, now: datetime
    ) -> SignedIn | None:
        """Return the session of a cookie that is valid."""
        name = unpacked(cookie.partition(".")[0])
        person = None if name is None else people.named(name) if name else HOUSE
        text = signatures.read(self._use(name or "", people), cookie)
        if person is None or text is None:
            return None
        _, number, until = text.split(".")
        if not is_before(now, until) or number in self._ended:
            return None
        return SignedIn(person=person, number=number, until=until)

    def end(self, session: SignedIn, now: datetime) -> None:
        """End a session for good. Raises `DatelineError` if a restart would begin it again."""
        with self._lock:
            self._ended[session.number] = session.until
            self._ended = {one: end for one, end in self._ended.items() if is_before(now, end)}
            if len(self._ended) > _MOST:
                self._key, self._ended = secrets.token_hex(_KEY_SIZE), {}
            try:
                self._keep()
            except OSError as error:
                raise DatelineError(f"{self._path}: {error.strerror}") from error

    def _use(self, name: str, people: People) -> str:
        own = people.settings(name) if name else None
        return f"in {self._key} {fingerprint(own) if own else ''}"

    def _load(self) -> None:
        """Read the file; one that is missing or damaged ends all sessions."""
        self._key = secrets.token_hex(_KEY_SIZE)
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            found = json.loads(self._path.read_text(encoding="utf-8"))
            ended = {str(number): f"{int(end, 16):x}" for number, end in found["ended"].items()}
            if len(bytes.fromhex(found["key"])) == _KEY_SIZE:
                self._key, self._ended, self._is_kept = found["key"], ended, True

    def _keep(self) -> None:
        make_private_folder(self._path.parent)
        data = json.dumps({"key": self._key, "ended": self._ended})
        replace_file(self._path, data.encode(), mode=0o600, is_synced=True, has_one_writer=True)
        self._is_kept = True
