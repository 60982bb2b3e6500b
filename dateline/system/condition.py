"""Conditions under which news does not go out, or is wrong for readers.

A condition is what holds now; how long it has held is an incident (`serve.monitoring`). The
publisher reports the conditions of each check to the supervisor, which sends the alarms.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from dateline.errors import IntakeError, LedgerError, RecoveryError
from dateline.messages import around, shown

_DETAIL = 300  # characters of a reason
_NO_SPACE = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_NO_RIGHT = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_READ_ONLY = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN})
_PRIMARY = 0xFF  # of SQLite's result code; the rest says more


class Code(StrEnum):
    """The kinds of conditions; the values are part of what programs read, and never change."""

    HUNG = "publisher-hung"
    CRASHING = "publisher-crashing"
    LATE = "check-late"
    FAILED = "run-failed"
    DISK_FULL = "disk-full"
    NOT_WRITABLE = "folder-not-writable"
    ENTRIES_GONE = "entries-gone"
    LEDGER = "ledger-damaged"
    MANIFEST = "manifest-damaged"
    DOCUMENTS = "documents-lost"
    HUB = "hub-refuses"
    CLOCK = "clock-off"
    NOT_SERVED = "not-served"
    HELD = "files-held"

    @property
    def stops_news(self) -> bool:
        """True where no news goes out, or no reader gets it."""
        return self in _STOP_NEWS

    @property
    def is_found_by_supervisor(self) -> bool:
        """True where the supervisor itself sees it, without a report of the publisher's."""
        return self in _OF_SUPERVISOR


_OF_SUPERVISOR = frozenset({Code.HUNG, Code.CRASHING, Code.LATE, Code.NOT_SERVED})
_STOP_NEWS = frozenset(
    {
        *_OF_SUPERVISOR,
        Code.FAILED,
        Code.DISK_FULL,
        Code.NOT_WRITABLE,
        Code.ENTRIES_GONE,
        Code.LEDGER,
        Code.MANIFEST,
    }
)


# Any other damage of the ledger is made good in the run that finds it.
_OF_KIND: dict[type[BaseException], Code] = {
    IntakeError: Code.ENTRIES_GONE,
    RecoveryError: Code.LEDGER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition: its kind, what it is `about` (a hub, a folder) and a reason in `detail`.

    Two of one kind about the same are the same condition, whatever the detail.

    >>> Condition(code=Code.DISK_FULL, detail="/srv/news/feeds: No space left on device").message()
    'The disk is full, and no news goes out: /srv/news/feeds: No space left on device. Make room.'
    """

    code: Code
    about: str = ""
    detail: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same condition as another."""
        return self.code, self.about

    def message(self, language: str = "en") -> str:
        """Return what it is and what to do, in plain words."""
        detail = shown(self.detail, _DETAIL).rstrip(".")
        return around(f"alarm-{self.code}", language, about=self.about, detail=detail)


def of_error(error: BaseException) -> Condition:
    """Return the condition that made a run fail."""
    chain = list(_chain(error))
    detail = str(error) or type(error).__name__
    return Condition(code=next(filter(None, map(_code, chain)), _by_type(chain)), detail=detail)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _code(error: BaseException) -> Code | None:
    """Return what the operating system or SQLite says by number."""
    if found := _OF_KIND.get(type(error)):
        return found
    if isinstance(error, OSError):
        if error.errno in _NO_SPACE:
            return Code.DISK_FULL
        return Code.NOT_WRITABLE if error.errno in _NO_RIGHT else None
    if not isinstance(error, sqlite3.Error):
        return None
    number = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if number == sqlite3.SQLITE_FULL:
        return Code.DISK_FULL
    return Code.NOT_WRITABLE if number in _READ_ONLY else None


def _by_type(chain: list[BaseException]) -> Code:
    """Return which database is damaged, if one is: all others but the ledger are the manifest."""
    numbers = {getattr(one, "sqlite_errorcode", 0) & _PRIMARY for one in chain}
    if numbers.isdisjoint(_DAMAGED):
        return Code.FAILED
    is_ledger = any(isinstance(one, LedgerError) for one in chain)
    return Code.LEDGER if is_ledger else Code.MANIFEST
