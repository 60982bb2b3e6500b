"""Values of one run: what it is asked to do, and what it works with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from dateline.config import Config
from dateline.documents import Progress, silent
from dateline.errors import Problem
from dateline.ledger import Ledger
from dateline.ledger.queries.relations.neighbours import NeighbourQueries
from dateline.model import Story
from dateline.model.acts import ActRecord
from dateline.publish.produce import Producer
from dateline.publish.produce.processes import Processes
from dateline.publish.produce.workers import Seed, Workers
from dateline.rules.guards import NOTHING, Approval

if TYPE_CHECKING:  # it imports what decodes pictures
    from dateline.entries.media.picture_store import Workshop


GiveWay = Callable[[], None]


def go_on() -> None:
    """Do nothing: nothing comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What one run is asked to do, and when.

    `now` is the time that readers see, `clock` the machine's, by which files are judged to hold
    still; they differ in a repeatable build, and in a cluster. `approval` answers a guard,
    `takedown` is the id of an entry to remove everywhere; `acts` of staff are recorded with the
    run. `changed_files` are the only files to check, by their paths under `entries/`; None means
    all. `files` are the files that `check` reports on; none means all; in a trial `unsaved` has the
    bytes of files that are not under `entries/`, or not in this form, and are checked as if they
    were. With `rebuild` every file is read and every document compared again. While `serving` there
    is time to wait for a date that may be a slip, and for the `workshop`, which makes the
    renditions of large pictures meanwhile. `processes` were forked for this run. `progress` is
    called with the number of finished parts. The files at `faulty` paths are held for a fault of
    Dateline. `give_way` is called now and then while all files are
    compared, and while a whole edition is stored, and ends the run by `PostponedError` if news is
    to come first.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
    >>> RunRequest(now=noon, clock=noon, changed_files=["report.toml"]).is_full
    False
    """

    now: datetime
    clock: datetime
    approval: Approval = NOTHING
    takedown: str = ""
    acts: Sequence[ActRecord] = ()
    changed_files: Collection[str] | None = None
    files: Collection[str] = ()
    unsaved: Mapping[str, bytes] = field(default_factory=dict)
    rebuild: bool = False
    serving: bool = False
    workshop: Workshop | None = None
    processes: Processes[Seed] | None = None
    progress: Progress = silent
    faulty: Collection[str] = ()
    give_way: GiveWay = go_on

    @property
    def is_full(self) -> bool:
        """True if any file may have changed."""
        return self.changed_files is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: its request, the configuration in force, and what it works with.

    `neighbours` notes the pages that lead to what changes. With `reread` every file is read again,
    with `rebuild` every document is compared. A run that `is_trial` writes nothing. `held` are the
    changes of the configuration that a guard holds, `taken` the versions of the entry that this run
    takes down, `remarks` what the recovery of the ledger reports.
    """

    request: RunRequest
    config: Config
    ledger: Ledger
    neighbours: NeighbourQueries
    producer: Producer
    workers: Workers
    reread: bool
    rebuild: bool
    is_trial: bool = False
    held: tuple[Problem, ...] = ()
    taken: tuple[Story, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def now(self) -> datetime:
        """Return the time that readers see."""
        return self.request.now

    @property
    def approval(self) -> Approval:
        """Return the answer of staff to a guard."""
        return self.request.approval

    @property
    def folder_name(self) -> str:
        """Return how problems name the entries folder as a whole."""
        return f"{self.config.entries.name}/"
