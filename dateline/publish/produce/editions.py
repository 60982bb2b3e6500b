"""The step of a run that stores its edition, for the machines that follow.

Objects and edition are uploaded before the ledger's commit, which names the edition; the head of
the store follows. What was committed and not shown is shown by the next run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from time import sleep

from dateline.config import Config, StoreSettings
from dateline.documents import manifest
from dateline.documents.editions import (
    EditionMark,
    EditionReader,
    EditionWriter,
    Replica,
    StoreHead,
    read_head,
)
from dateline.documents.editions.replica import keep_mark, kept_mark
from dateline.documents.editions.store_head import (
    RECENT,
    head_of_json,
    note_check,
    overtaken,
    require_same,
    write_head,
)
from dateline.documents.editions.sweep import SweepResult, sweep
from dateline.documents.manifest import Head, ManifestChange
from dateline.documents.objects import ObjectStore
from dateline.documents.objects.check import verify
from dateline.documents.objects.opening import open_store
from dateline.documents.store import StagedFile, staged_path
from dateline.errors import DatelineError, EditionError, StoreError
from dateline.ledger import Ledger, exclusive
from dateline.ledger.engine import exists
from dateline.ledger.rows import seconds
from dateline.ledger.session import epoch_of, holder_of
from dateline.messages import program

_MOST = 500  # editions after a whole one
_SHARE = 2  # of the rows of a whole one, in all editions after it
_FEWEST = 2000  # rows in them
_TURN = 0.1  # seconds in which a run that waits for the ledger begins


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionState:
    """What the ledger knows of a store: its name, its head, and three numbers.

    `whole` is the number of rows of the latest whole edition, `rows` and `count` are the numbers
    of rows and of editions after it.
    """

    store: str
    head: StoreHead
    whole: int
    rows: int
    count: int

    def as_json(self) -> str:
        """Return the state as the ledger has it."""
        numbers = {"whole": self.whole, "rows": self.rows, "count": self.count}
        return json.dumps({"store": self.store, "head": self.head.as_json(), **numbers})


def state_of(text: str) -> EditionState | None:
    """Return the state in a text of the ledger, None where no edition was stored."""
    if not text:
        return None
    record = json.loads(text)
    head = head_of_json(record.pop("head"), "The ledger")
    return EditionState(head=head, **record)


@cache
def opened(settings: StoreSettings) -> ObjectStore:
    """Return the store at an address, with its open connections."""
    return open_store(settings.url, settings.endpoint, os.environ, is_patient=False)


class EditionStep:
    """The edition of one run. Raises `StoreError`: the run then fails, and nothing is live."""

    def __init__(
        self,
        settings: StoreSettings,
        folder: Path,
        ledger: Ledger,
        *,
        now: datetime,
    ) -> None:
        self._folder = folder
        self._ledger = ledger
        self._now = now
        self._epoch = epoch_of(ledger.url)
        self._store = opened(settings)
        known = state_of(ledger.state.edition)
        self._was_here = known is not None and known.store == self._store.name
        self._known = known if known and self._leads_on(known) else None

    def _leads_on(self, known: EditionState) -> bool:
        """Return whether an edition is in this store, and has all that was published until now."""
        is_latest = known.head.latest.generation == self._ledger.state.generation
        return is_latest and known.store == self._store.name

    def check(self) -> None:
        """Have a whole edition stored if the head of the store is gone, or is an older one.

        So it is after a deletion, or where an old copy of the store was brought back.
        """
        with suppress(StoreError):  # a run that changes nothing needs no store
            if not self._is_known(self._found()):
                self._known = None

    def _found(self) -> StoreHead | None:
        """Return the head of the store. Raises `StoreAwayError` if its place is not there."""
        found = read_head(self._store)
        if found is None and self._was_here:
            self._store.require_place()
        return found

    def _is_known(self, found: StoreHead | None) -> bool:
        """Return whether machines that follow a head of the store can read what comes next."""
        known = self._known.head.latest if self._known else None
        return found is not None and (known is None or found.latest.generation >= known.generation)

    @property
    def must_be_whole(self) -> bool:
        """True if the store has no edition of this ledger's that leads on to the next."""
        return self._known is None

    @property
    def is_whole_due(self) -> bool:
        """True if a new machine would have to read much beside the latest whole edition."""
        own = self._known
        return own is not None and (
            own.count >= _MOST or own.rows > max(_FEWEST, own.whole // _SHARE)
        )

    def next_generation(self) -> int:
        """Return the generation that the next edition follows, once the store is verified."""
        generation, found = self._ledger.state.generation, self._found()
        if not self._is_known(found):
            self._known = None
        if self._known is None:
            verify(self._store)
        if found is None:
            return generation
        require_same(self._store, found, seconds(self._ledger.state.founded))
        if not _leads(self._ledger.url, found.epoch):
            raise overtaken(self._store)
        self._epoch = max(self._epoch, found.epoch)
        if found.latest.generation > generation:  # the ledger is an older one
            self._require_followed(found)
            self._known = None
        return max(generation, found.latest.generation)

    def _require_followed(self, found: StoreHead) -> None:
        """Raise `StoreError` if the folder has not followed later editions: see `catch_up`."""
        own = manifest.latest_generation(self._folder, manifest.status(self._folder))
        if own < found.latest.generation:
            raise StoreError(
                f"{self._store.name} has later editions than this machine. The next check of all "
                f"files takes them from there, as does {program.name()} build."
            )

    def upload(
        self, head: Head, change: ManifestChange, files: Sequence[StagedFile], *, is_whole: bool
    ) -> None:
        """Upload an edition with its documents, and note it in the ledger."""
        known = self._known.head if self._known else None
        before = known.recent if known else ()
        mark, count = self._write(head, change, files, is_whole=is_whole, before=before)
        found = StoreHead(
            founded=head.founded,
            epoch=self._epoch,
            recent=(mark, *before)[:RECENT],
            whole=known.whole if known and not is_whole else mark,
            moment=seconds(self._now),
        )
        if is_whole or self._known is None:
            self._remember(found, whole=count)
        else:
            own = self._known
            self._remember(found, whole=own.whole, rows=own.rows + count, count=own.count + 1)

    def keep_whole(self, head: Head, change: ManifestChange, *, is_only: bool) -> None:
        """Upload a whole edition of what is live, and note it in the ledger.

        If it `is_only`, no other is named any more: the others have what was taken down.
        """
        if self._known is None:
            return
        own = self._known.head
        mark, count = self._write(head, change, (), is_whole=True, before=())
        recent = (mark,) if is_only else own.recent
        self._remember(replace(own, whole=mark, recent=recent), whole=count)

    def show(self) -> None:
        """Make the head of the store lead to what was committed."""
        if self._known:
            write_head(self._store, self._known.head)

    def note(self) -> None:
        """Note which edition the folder has."""
        if self._known:
            keep_mark(self._folder, self._known.head.latest, self._known.head.moment)

    def forget_others(self) -> None:
        """Delete all that the latest editions do not need: what was taken down is among it."""
        if self._known:
            sweep(self._store, partial(self._confirmed, self._known.head), is_all=True)
            self._store.delete_unfinished()

    @contextmanager
    def _confirmed(self, head: StoreHead) -> Iterator[StoreHead]:
        """Yield a head while the caller has locked the ledger, unless another node leads."""
        _confirm(self._store, self._ledger.url)
        yield head

    def _write(
        self,
        head: Head,
        change: ManifestChange,
        files: Sequence[StagedFile],
        *,
        is_whole: bool,
        before: Sequence[EditionMark],
    ) -> tuple[EditionMark, int]:
        writer = EditionWriter(self._store, self._folder, self._staged(files))
        return writer.write(
            head,
            change,
            epoch=self._epoch,
            moment=seconds(self._now),
            is_whole=is_whole,
            before=before,
        )

    def _staged(self, files: Sequence[StagedFile]) -> Mapping[str, Path]:
        """Return the places of files that are not in theirs yet, by their names."""
        return {
            name: staged_path(self._folder, temporary)
            for one in files
            for temporary, name in one.files
        }

    def _remember(self, head: StoreHead, *, whole: int, rows: int = 0, count: int = 0) -> None:
        name = self._store.name
        self._known = EditionState(store=name, head=head, whole=whole, rows=rows, count=count)
        self._ledger.state.edition = self._known.as_json()


def catch_up(
    config: Config, settings: StoreSettings, ledger: Ledger, *, is_full: bool = True
) -> None:
    """Bring the store's head and the folder to the edition that the ledger committed last.

    A run that was killed after its commit may have left both behind, and another machine may have
    published. Where the store has later editions, ledger and folder are a backup: the folder
    follows them, and then the ledger follows the folder. A run that `is_full` asks for these.
    Raises `StoreError`.
    """
    known, store = state_of(ledger.state.edition), opened(settings)
    if known is not None and known.store != store.name:
        known = None
    mark, is_filling = kept_mark(config.feeds_folder)
    is_there = known is None or (mark == known.head.latest and not is_filling)
    if is_there and not is_full:
        return
    try:
        found = read_head(store)
    except StoreError:
        if is_there:  # a run that changes nothing needs no store
            return
        raise
    if found is None:
        return
    if _is_later(found, known, config, ledger):
        _follow(config, store, found)
    elif known and not is_there and found.latest.generation <= known.head.latest.generation:
        try:
            EditionReader(store).edition(known.head.latest)
            write_head(store, known.head)
            _follow(config, store, known.head)
        except EditionError:  # an old copy of the store: it gets all that the ledger has
            ledger.state.edition = ""


def _is_later(found: StoreHead, known: EditionState | None, config: Config, ledger: Ledger) -> bool:
    """Return whether a head is of this publication, and of later editions than the ledger.

    A ledger that knows no edition of the store may be from before that, or be lost.
    """
    generation = known.head.latest.generation if known else ledger.state.generation
    is_later = found.latest.generation > generation
    return is_later and found.founded == _founded(config, ledger)


def _founded(config: Config, ledger: Ledger) -> int | None:
    """Return when the publication began, by the ledger or, if that is lost, by the manifest."""
    if ledger.state.is_founded:
        return seconds(ledger.state.founded)
    folder = config.feeds_folder
    head = manifest.status(folder).head or manifest.head_in_table(folder)
    return head.founded if isinstance(head, Head) else None


def _follow(config: Config, store: ObjectStore, head: StoreHead) -> None:
    """Bring the folder to the latest edition of a head. Raises `StoreError`."""
    replica = Replica(
        store, config.feeds_folder, has_search=config.has_search, renditions=config.renditions
    )
    replica.follow(head)
    while replica.is_filling:  # the run that follows sees to the search index
        replica.fill(head)


def sweep_store(config: Config, ledger_url: str, now: datetime) -> SweepResult:
    """Delete what no edition in the store needs any more, on the machine that publishes.

    Raises `DatelineError` where there is nothing to sweep, or another machine publishes.
    """
    if config.store is None:
        raise DatelineError("There is no store: write its url under [store] in config.toml.")
    store = opened(config.store)

    @contextmanager
    def locked() -> Iterator[StoreHead]:
        with exclusive(config.state):
            found = read_head(store)
            if found is None:
                raise DatelineError(
                    f"{store.name} has no edition yet. Type {program.name()} build."
                )
            own = _own_head(ledger_url)
            if own is None or own.latest != found.latest:
                raise DatelineError("Another machine publishes into this store: type this there.")
            _confirm(store, ledger_url)
            if own.whole != found.whole:  # which the store could not be told in time
                write_head(store, own)
            yield own
        sleep(_TURN)

    return sweep(store, locked, now=now.timestamp())


def _own_head(ledger_url: str) -> StoreHead | None:
    """Return the head that the ledger at a URL has committed, None where there is none."""
    if not exists(ledger_url):
        return None
    with Ledger(ledger_url) as ledger:
        known = state_of(ledger.state.edition)
    return known.head if known else None


def note_looked(config: Config, looked: datetime, late: datetime) -> None:
    """Note a check of the publisher in the store. Raises `StoreError`."""
    if config.store:
        leads = partial(_leads, config.ledger)
        note_check(opened(config.store), seconds(looked), seconds(late), leads=leads)


def _leads(url: str, epoch: int) -> bool:
    """Return whether this process may write to a store that has the work of an epoch.

    A later epoch than its own is of its successor, or of a database that this one has replaced.
    """
    return epoch <= epoch_of(url) or _is_in_force(url)


def _is_in_force(url: str) -> bool:
    """Return whether no other node of the cluster has begun an epoch; without one, none can."""
    own = epoch_of(url)
    if own == 0:
        return True
    from dateline.ledger.cluster import leadership  # noqa: PLC0415 - few have a cluster

    return leadership.is_in_force(url, own, holder_of(url))


def _confirm(store: ObjectStore, url: str) -> None:
    """Raise `OvertakenError` if another node may need what no edition names yet."""
    if not _is_in_force(url):
        raise overtaken(store)
