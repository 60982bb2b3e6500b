"""The state of a publication as single values: what the ledger remembers once, not per row.

Each is typed here, and stored as a text under its name in a table that nothing else uses: `fact`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from dateline.ledger.rows import moment_at, seconds
from dateline.ledger.session import Session
from dateline.ledger.tables import REWRITE_LEFT, fact
from dateline.model.acts import WithdrawalRequest
from dateline.rules.withdrawals import LatestRun

_ALL = sa.select(fact.c.name, fact.c.value)
_WRITER = "writer"
_OWN = (_WRITER, REWRITE_LEFT)  # belong to a database, and do not move to another
_MOST_STOPPED = 500  # digests
# Damage to one of these stops a run, so a check of the ledger reads them.
_NUMBERS = frozenset({"embargo", "founded", "generation", "moment", "retired", "sitemaps"})


class Fingerprint(StrEnum):
    """A digest of all in the configuration and the release that a kind of result depends on."""

    DOCUMENTS = "fingerprint"
    FILES = "judged"
    PAGES = "paged"
    CODINGS = "coded"


class Cursor(StrEnum):
    """A check that goes through everything in shares, one share per run."""

    MANIFEST = "checked"
    SIZES = "scrubbed"
    DIGESTS = "scrubbed-digests"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmState:
    """How alarms stand with one channel: `failures` since a success, the next `retry`.

    Files whose alarm was sent, and no end yet, are `reported`, or `unconfirmed` without an answer.
    """

    failures: int = 0
    retry: datetime | None = None
    reported: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()


class _Value:
    """A value of a publication, as a text under a name."""

    def __init__(self, name: str) -> None:
        self._name = name


class _Flag(_Value):
    """A yes or no."""

    def __get__(self, state: PublicationState, _: type[PublicationState]) -> bool:
        return bool(state._get(self._name))  # noqa: SLF001 - a part of its class

    def __set__(self, state: PublicationState, value: bool) -> None:  # noqa: FBT001 - as Python calls it
        state._set(self._name, "1" if value else "")  # noqa: SLF001 - a part of its class


class _Text(_Value):
    """A text; empty if it was never set."""

    def __get__(self, state: PublicationState, _: type[PublicationState]) -> str:
        return state._get(self._name)  # noqa: SLF001 - a part of its class

    def __set__(self, state: PublicationState, value: str) -> None:
        state._set(self._name, value)  # noqa: SLF001 - a part of its class


class _Texts(_Value):
    """Several texts, sorted, with a sign `between` them."""

    def __init__(self, name: str, between: str) -> None:
        super().__init__(name)
        self._between = between

    def __get__(self, state: PublicationState, _: type[PublicationState]) -> tuple[str, ...]:
        return tuple(filter(None, state._get(self._name).split(self._between)))  # noqa: SLF001 - a part of its class

    def __set__(self, state: PublicationState, value: Iterable[str]) -> None:
        state._set(self._name, self._between.join(sorted({*value})))  # noqa: SLF001 - a part of its class


class _Moment(_Value):
    """A moment, to the second; None if it was never set."""

    def __get__(self, state: PublicationState, _: type[PublicationState]) -> datetime | None:
        return _moment(state._get(self._name))  # noqa: SLF001 - a part of its class

    def __set__(self, state: PublicationState, value: datetime) -> None:
        state._set(self._name, str(seconds(value)))  # noqa: SLF001 - a part of its class


class PublicationState:
    """The single values of a publication, written at the next commit of the ledger."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._changed: set[str] = set()
        self._stored: set[str] = set()

    # ---- The publication

    @property
    def is_founded(self) -> bool:
        """True once the first run has begun."""
        return bool(self._get("founded"))

    @property
    def founded(self) -> datetime:
        """The moment of the first run. Raises `ValueError` before that."""
        return datetime.fromtimestamp(int(self._get("founded")), UTC)

    @founded.setter
    def founded(self, moment: datetime) -> None:
        self._set("founded", str(seconds(moment)))

    url = _Text("url")
    """The address of the site at the last run, or an empty text."""

    tag = _Text("tag")
    """The tag that the ids of all feeds begin with, or an empty text."""

    @property
    def readings(self) -> tuple[str, ...]:
        """How files were read, as `dateline.rules.identity.readings` does; the last is of now."""
        return tuple(self._get("readings").splitlines())

    def note_readings(self, lines: Sequence[str]) -> None:
        """Record how files were read; in the way of the last line from now on."""
        others = [one for one in self.readings if one not in lines]
        self._set("readings", "\n".join([*others, *lines]))

    @property
    def taken_down(self) -> frozenset[str]:
        """The digests of ids and titles of what was taken down, and of files with these titles."""
        return frozenset(self._get("taken-down").splitlines())

    def note_taken_down(self, digests: Iterable[str]) -> None:
        """Record more such digests: what has one of these titles is not published again."""
        self._set("taken-down", "\n".join(sorted(self.taken_down.union(digests))))

    @property
    def newsroom_secret(self) -> bytes:
        """The secret that the newsroom signs with; empty where there is none that can be read."""
        try:
            return bytes.fromhex(self._get("newsroom-secret"))
        except ValueError:
            return b""

    @newsroom_secret.setter
    def newsroom_secret(self, secret: bytes) -> None:
        self._set("newsroom-secret", secret.hex())

    @property
    def writer(self) -> Mapping[str, str]:
        """The machine and folder that may write to a database, or empty."""
        found: dict[str, str] = json.loads(self._get(_WRITER) or "{}")
        return found

    @writer.setter
    def writer(self, writer: Mapping[str, str]) -> None:
        self._set(_WRITER, json.dumps(writer, ensure_ascii=False, sort_keys=True))

    # ---- What was published

    @property
    def generation(self) -> int:
        """The generation of the manifest that belongs to this ledger; 0 before the first."""
        return int(self._get("generation") or 0)

    @generation.setter
    def generation(self, generation: int) -> None:
        self._set("generation", str(generation))

    edition = _Text("edition")
    """The latest edition in an object store, as `publish.produce.editions` writes it."""

    is_takedown_left = _Flag("takedown-left")
    """True from a takedown until nothing in the object store has the entry any more."""

    rewrite_due = _Moment(REWRITE_LEFT)
    """When a server is to write its tables again after a takedown; None if nothing is left."""

    is_going_live = _Flag("going-live")
    """True from the commit of a change until all of it is in place, manifest included."""

    last_change = _Moment("moment")
    """The moment of the last run that changed documents."""

    @property
    def latest_run(self) -> LatestRun:
        """The moment of the last run."""
        return LatestRun(*map(_moment, self._get("last-run").split()))

    @latest_run.setter
    def latest_run(self, last: LatestRun) -> None:
        self._set("last-run", " ".join(f"{seconds(moment)}" for moment in last if moment))

    @property
    def retired(self) -> int:
        """The latest change of a document that is gone, in seconds since 1970; 0 before any."""
        return int(self._get("retired") or 0)

    def note_retired(self, changed: int) -> None:
        """Record that a document is gone that changed at this moment."""
        self._set("retired", str(max(changed, self.retired)))

    @property
    def embargo(self) -> datetime | None:
        """The moment at which the next embargo ends, beyond which no document is fresh."""
        return _moment(self._get("embargo"))

    def set_embargo(self, moment: datetime | None) -> bool:
        """Set when the next embargo ends; return whether that is another moment than before."""
        return self._set("embargo", str(seconds(moment)) if moment else "")

    @property
    def sitemap_changes(self) -> dict[int, int]:
        """The change of each sitemap by its number, in seconds since 1970.

        The numbers are 1 and up, without gaps: each sitemap has an entry, or had one.
        """
        return dict(enumerate(map(int, self._get("sitemaps").split()), start=1))

    @sitemap_changes.setter
    def sitemap_changes(self, changes: Mapping[int, int]) -> None:
        self._set("sitemaps", " ".join(f"{changes[number]}" for number in sorted(changes)))

    held_feeds = _Texts("emptied", " ")
    """The names of the feeds that would lose their last members, and keep them for now."""

    has_translations = _Flag("translations")
    """True once any entry has named another that it translates."""

    has_term_feeds = _Flag("term-feeds")
    """True while categories, places and authors have feeds."""

    # ---- Files

    stopped_digests = _Texts("stopped", " ")
    """The digests of the files that staff stopped before they were published."""

    def add_stopped(self, digest: str) -> None:
        """Add the digest of a file that staff stopped; of very many, the oldest is dropped."""
        others = [one for one in self.stopped_digests if one != digest]
        self._set("stopped", " ".join([*others[1 - _MOST_STOPPED :], digest]))

    unrecognised_digests = _Texts("unrecognised", " ")
    """The digests of files that may have been published before the ledger was lost."""

    def add_unrecognised(self, digests: Iterable[str]) -> None:
        """Add the digests of files that may have been published before the ledger was lost."""
        self.unrecognised_digests = {*self.unrecognised_digests, *digests}

    @property
    def withdrawal_requests(self) -> tuple[WithdrawalRequest, ...]:
        """The withdrawals that writers ask for, the oldest first."""
        rows = json.loads(self._get("withdrawals-asked") or "[]")
        return tuple(WithdrawalRequest(**row) for row in rows)

    @withdrawal_requests.setter
    def withdrawal_requests(self, requests: Sequence[WithdrawalRequest]) -> None:
        rows = [asdict(one) for one in requests]
        self._set("withdrawals-asked", json.dumps(rows, ensure_ascii=False) if rows else "")

    def settle_withdrawal(self, entry_id: str) -> bool:
        """Forget that the withdrawal of an entry is asked for; return whether it was."""
        before = self.withdrawal_requests
        self.withdrawal_requests = [one for one in before if one.entry_id != entry_id]
        return len(self.withdrawal_requests) < len(before)

    has_lost_approvals = _Flag("approvals-lost")
    """True from the loss of a ledger until all files were read: nobody knows what waited."""

    copies = _Text("copies")
    """The digests of copies, as JSON, with the files that they copied (`assess.held_copies`)."""

    copies_gone = _Text("copies-gone")
    """The files whose copies went while they were held, as JSON, with the moments."""

    waiting = _Text("waiting")
    """The files that wait for their moments, as JSON, with digests of what they say."""

    overwritten = _Texts("overwritten", "\n")
    """The ids of entries whose files had other news when they went, each with a tab and a code."""

    is_file_ahead = _Flag("file-ahead")
    """True while there is a file whose time is well ahead of the clock."""

    source = _Text("source")
    """The version of the source of entries that the last run published, or an empty text."""

    # ---- Alarms, fingerprints and checks

    proof_begun = _Moment("proof-begun")
    """The moment from which on it is noted when entries reached readers."""

    codings_seen = _Texts("codings-seen", " ")
    """The content codings that came through the public address."""

    def alarm(self, channel: str) -> AlarmState:
        """Return how alarms stand with a channel."""
        failures, _, retry = self._get(f"alarm-{channel}").partition(" ")
        return AlarmState(
            failures=int(failures or 0),
            retry=_moment(retry),
            reported=tuple(json.loads(self._get(f"alarm-{channel}-told") or "[]")),
            unconfirmed=tuple(json.loads(self._get(f"alarm-{channel}-unconfirmed") or "[]")),
        )

    def set_alarm(self, channel: str, state: AlarmState) -> None:
        """Set how alarms stand with a channel."""
        retry = f"{state.failures} {seconds(state.retry)}" if state.retry else ""
        unconfirmed = json.dumps(state.unconfirmed) if state.unconfirmed else ""
        values = {f"alarm-{channel}": retry, f"alarm-{channel}-unconfirmed": unconfirmed}
        for name, value in values.items():
            if value != self._get(name):
                self._set(name, value)
        self._set(f"alarm-{channel}-told", json.dumps(state.reported) if state.reported else "")

    def fingerprint(self, kind: Fingerprint) -> str:
        """Return what the last completed run depended on, or an empty text."""
        return self._get(kind)

    def set_fingerprint(self, kind: Fingerprint, digest: str) -> None:
        """Set what this run depends on; an empty text lets the next one compare all."""
        self._set(kind, digest)

    def cursor(self, check: Cursor) -> str:
        """Return the place at which a check goes on; an empty text is the beginning."""
        return self._get(check)

    def set_cursor(self, check: Cursor, place: str) -> None:
        """Set the place at which a check goes on."""
        self._set(check, place)

    # ---- Storage

    def save(self) -> None:
        """Write the values that changed, as a part of the ledger's commit."""
        rows = [{"name": name, "value": self._values[name]} for name in sorted(self._changed)]
        self._session.replace(fact, fact.c.name, rows, self._stored)
        self._stored |= self._changed
        self._changed.clear()

    @cached_property
    def _values(self) -> dict[str, str]:
        """All values by name: those found when first asked, then those set since."""
        values = {row.name: row.value for row in self._session.execute(_ALL)}
        self._stored |= values.keys()
        return values

    def _get(self, name: str) -> str:
        return self._values.get(name, "")

    def _set(self, name: str, value: str) -> bool:
        """Set a value; return whether it is another than before."""
        if self._values.get(name) == value:
            return False
        is_new = self._get(name) != value
        self._values[name] = value
        self._changed.add(name)
        return is_new


def of_publication(rows: sa.Select[Any]) -> sa.Select[Any]:
    """Return a query for single values without those that only this database has."""
    return rows.where(fact.c.name.not_in(_OWN)) if fact in rows.get_final_froms() else rows


def faults(query: Callable[[str], Iterable[Sequence[str]]]) -> Iterator[str]:
    """Yield what is wrong with the values that must be numbers; `query` executes SQL."""
    for name, value in query(str(_ALL.compile())):
        if name in _NUMBERS and not all(map(str.isdecimal, value.split())):
            yield f"fact {name} is not what it should be"


def _moment(text: str) -> datetime | None:
    return moment_at(int(text)) if text else None
