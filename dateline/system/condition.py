"""Conditions under which news does not go out, or readers get wrong documents.

A condition is the state now; its duration is an incident (`serve.monitoring`). The publisher
reports the conditions that each check finds to the supervisor, which sends the alarms.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from dateline.errors import IntakeError, LedgerAwayError, LedgerError, RecoveryError, StoreAwayError
from dateline.messages import around, shown

_DETAIL = 300  # characters of a reason
_NO_SPACE = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_NO_RIGHT = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_READ_ONLY = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN})
_PRIMARY = 0xFF  # the primary part of SQLite's extended result codes


class Code(StrEnum):
    """Kinds of conditions; programs read their values, which never change."""

    HUNG = "publisher-hung"
    CRASHING = "publisher-crashing"
    LATE = "check-late"
    FAILED = "run-failed"
    DISK_FULL = "disk-full"
    NOT_WRITABLE = "folder-not-writable"
    ENTRIES_GONE = "entries-gone"
    SOURCE = "source-unreachable"
    LEDGER = "ledger-damaged"
    LEDGER_AWAY = "ledger-away"
    STORE_AWAY = "store-away"
    MANIFEST = "manifest-damaged"
    DOCUMENTS = "documents-lost"
    SEARCH = "search-incomplete"
    HUB = "hub-refuses"
    OWN_HUB = "hub-stopped"
    CDN = "cdn-refuses"
    CLOCK = "clock-off"
    NODE_CLOCK = "node-clock-off"
    NOT_SERVED = "not-served"
    UNREACHABLE = "address-unreachable"
    CERTIFICATE = "certificate-invalid"
    CERTIFICATE_ENDS = "certificate-ending"
    BLOCKED = "readers-blocked"
    READER_ERROR = "readers-get-errors"
    REDIRECTED = "address-redirects"
    MEDIA_TYPE = "media-type-wrong"
    ALTERED = "copy-altered"
    STALE = "copy-stale"
    FALSE_304 = "false-not-modified"
    CODING = "coding-missing"
    HELD = "files-held"

    @property
    def stops_news(self) -> bool:
        """True if no news goes out, or no reader gets it."""
        return self in _STOP_NEWS

    @property
    def is_found_by_supervisor(self) -> bool:
        """True if the supervisor finds it by itself, without a report of the publisher's."""
        return self in _OF_SUPERVISOR

    @property
    def is_of_delivery(self) -> bool:
        """True if readers at the public address found it, which was repeated before it counts."""
        return self in DELIVERY

    @property
    def keeps_from_leading(self) -> bool:
        """True if another node of the cluster may publish where this one cannot."""
        return self in _KEEPS_FROM_LEADING

    @property
    def lets_others_try(self) -> bool:
        """True if another node may publish, and this one cannot know when it could again."""
        return self in _LET_OTHERS_TRY

    @property
    def is_of_node(self) -> bool:
        """True if only the node that reports it knows when it is over, whichever node leads."""
        return self in _OF_NODE


# What readers find at the public address, the gravest first.
DELIVERY = (
    Code.CERTIFICATE,
    Code.UNREACHABLE,
    Code.BLOCKED,
    Code.READER_ERROR,
    Code.REDIRECTED,
    Code.MEDIA_TYPE,
    Code.ALTERED,
    Code.STALE,
    Code.FALSE_304,
    Code.CODING,
    Code.CERTIFICATE_ENDS,
)
_NODE_IS_SILENT = frozenset({Code.HUNG, Code.CRASHING, Code.LATE, Code.NOT_SERVED})
_OF_SUPERVISOR = _NODE_IS_SILENT | {Code.NODE_CLOCK}
_KEEPS_FROM_LEADING = frozenset({Code.STORE_AWAY, Code.DISK_FULL, Code.NOT_WRITABLE})
_LET_OTHERS_TRY = frozenset({Code.ENTRIES_GONE, Code.HUNG, Code.CRASHING})
_OF_NODE = _OF_SUPERVISOR | _KEEPS_FROM_LEADING | {Code.LEDGER_AWAY}
_STOP_NEWS = frozenset(
    {
        *_NODE_IS_SILENT,
        Code.FAILED,
        Code.DISK_FULL,
        Code.NOT_WRITABLE,
        Code.ENTRIES_GONE,
        Code.SOURCE,
        Code.LEDGER,
        Code.LEDGER_AWAY,
        Code.STORE_AWAY,
        Code.MANIFEST,
    }
)


# Any other damage of the ledger is repaired in the run that finds it.
_OF_KIND: dict[type[BaseException], Code] = {
    IntakeError: Code.ENTRIES_GONE,
    LedgerAwayError: Code.LEDGER_AWAY,
    StoreAwayError: Code.STORE_AWAY,
    RecoveryError: Code.LEDGER,
}

# Of PostgreSQL (its manual, appendix A): a full disk, a read-only transaction, no right.
_OF_STATE = {"53100": Code.DISK_FULL, "25006": Code.NOT_WRITABLE, "42501": Code.NOT_WRITABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition: its kind, its subject in `about` (a hub, a folder), its reason in `detail`.

    Two conditions of one kind and subject are the same, whatever the detail.

    >>> Condition(code=Code.DISK_FULL, detail="/srv/news/feeds: No space left on device").message()
    'The disk is full, and no news goes out: /srv/news/feeds: No space left on device. Make room.'
    """

    code: Code
    about: str = ""
    detail: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Identity of the condition: its kind and its subject."""
        return self.code, self.about

    def message(self, language: str = "en") -> str:
        """Return the sentence for staff: the condition, and what to do about it."""
        detail = shown(self.detail, _DETAIL).rstrip(".")
        return around(f"alarm-{self.code}", language, about=self.about, detail=detail)


def of_error(error: BaseException) -> Condition:
    """Return the condition that an error of a run stands for."""
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
    """Return the condition for an error's type, or for its number in the system or a database."""
    if found := _OF_KIND.get(type(error)):
        return found
    if isinstance(error, OSError):
        if error.errno in _NO_SPACE:
            return Code.DISK_FULL
        return Code.NOT_WRITABLE if error.errno in _NO_RIGHT else None
    if not isinstance(error, sqlite3.Error):
        return _OF_STATE.get(str(getattr(error, "sqlstate", "")))
    extended = getattr(error, "sqlite_errorcode", 0)
    number = extended & _PRIMARY
    # Where the disk is full before a database is opened, its index of the log in shared memory
    # cannot grow: "usually" the reason of SQLITE_IOERR_SHMSIZE (https://sqlite.org/rescode.html).
    if number == sqlite3.SQLITE_FULL or extended == sqlite3.SQLITE_IOERR_SHMSIZE:
        return Code.DISK_FULL
    return Code.NOT_WRITABLE if number in _READ_ONLY else None


def _by_type(chain: list[BaseException]) -> Code:
    """Return the code of the damaged database, if one is: the ledger, or else the manifest."""
    numbers = {getattr(one, "sqlite_errorcode", 0) & _PRIMARY for one in chain}
    if numbers.isdisjoint(_DAMAGED):
        return Code.FAILED
    is_ledger = any(isinstance(one, LedgerError) for one in chain)
    return Code.LEDGER if is_ledger else Code.MANIFEST
