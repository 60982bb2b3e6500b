"""The state of the newsroom: the outcome of the last run, and the runs that staff ask for.

The publisher's thread calls `show`; all else is called by requests, each in a thread of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from dateline import publish
from dateline.config import Config
from dateline.entries.scan import MAX_SIZE
from dateline.errors import DatelineError, LedgerError
from dateline.ledger import Ledger, exclusive
from dateline.model import Report
from dateline.model.acts import Act
from dateline.newsroom.access import Access
from dateline.newsroom.access.limit import LoginLimit
from dateline.newsroom.access.sessions import Sessions
from dateline.newsroom.access.signatures import kept_secret, known_secret
from dateline.newsroom.figures import Readers
from dateline.newsroom.preview import Preview, preview
from dateline.newsroom.problems import ProblemFeed
from dateline.publish import settle
from dateline.publish.assess.status import stop
from dateline.rules.guards import Approval
from dateline.system import safe_files

Clock = Callable[[], datetime]
Say = Callable[[Report, Config], None]
_FRESH = timedelta(seconds=3)  # a page asks for its pictures in that time
_PREVIEWS = 8
_REMEMBERED = 64  # pages
T = TypeVar("T")


def unsaid(_report: Report, _config: Config) -> None:
    """Report nothing of a run."""


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """The report of a run, its moment, and its configuration."""

    report: Report
    moment: datetime
    config: Config


class Newsroom:
    """The newsroom of one publication; it calls `say` with the report of each run that it did."""

    def __init__(self, config: Config, clock: Clock, say: Say = unsaid) -> None:
        own = config.newsroom
        self._own, self._secret, self._is_kept = own, known_secret(config), False
        self.clock = clock
        self.language = own.language
        self.limit = LoginLimit()
        self._sessions = Sessions(config.state)
        self.access = Access(own, self._secret, self._sessions)
        self.readers = Readers(config)
        self.feed = ProblemFeed(config.publication, config.entries, own.language)
        # Held by a run until its outcome is shown: else an older one may be shown last.
        self.turn = threading.Lock()
        self._config = config
        self._say = say
        self._last_run: RunOutcome | None = None
        self._previews: dict[str, tuple[datetime, Preview | None]] = {}
        self._made: dict[object, tuple[object, Any]] = {}
        self._runs = 0
        self._lock = threading.Lock()
        self._making = threading.Lock()

    def show(self, report: Report, now: datetime, config: Config | None = None) -> None:
        """Take the report of a run, and its configuration."""
        self._keep_secret()
        self._last_run = RunOutcome(report, now, config or self._config)
        self._runs += 1
        self.feed.show(report, now)

    def _keep_secret(self) -> None:
        """Keep the secret in the ledger, once a run went well; the ledger may have another one."""
        if self._is_kept or not self._own.is_on:
            return
        with suppress(LedgerError):
            kept = kept_secret(self._config, self._secret)
            self._is_kept = True
            if kept != self._secret:
                self._secret = kept
                self.access = Access(self._own, kept, self._sessions)

    @property
    def last_run(self) -> RunOutcome | None:
        """Return the outcome of the last run; None before the first."""
        return self._last_run

    @property
    def config(self) -> Config:
        """Return the configuration of the last run."""
        return self._last_run.config if self._last_run else self._config

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Open the ledger for reading, while others may write to it."""
        with Ledger(publish.ledger_url(self.config)) as ledger:
            yield ledger

    def once(self, name: object, make: Callable[[], T]) -> T:
        """Return what `make` returned since the last run and in this minute, or make it now.

        One at a time is made, so that publishing has the processor, too.
        """
        with self._making:
            since = (self._runs, int(self.clock().timestamp()) // 60)
            before, made = self._made.pop(name, (None, None))
            value: T = made if before == since else make()
            self._made[name] = (since, value)
            for old in list(self._made)[:-_REMEMBERED]:
                del self._made[old]
        return value

    def preview(self, path: str) -> Preview | None:
        """Return the preview of a file, which may be a few seconds old."""
        now = self.clock()
        with self._lock:
            made, found = self._previews.get(path, (None, None))
        if made is None or not timedelta() <= now - made < _FRESH:
            with self.ledger() as ledger:
                found = preview(path, self.config, ledger, now)
            with self._lock:
                self._previews[path] = (now, found)
                for old in list(self._previews)[:-_PREVIEWS]:
                    del self._previews[old]
        return found

    def answer(self, answer: Approval) -> bool:
        """Allow what waits for a code, or keep what it concerns; return whether anything waits.

        Raises `DatelineError`.
        """
        last = self._last_run
        waiting = (
            {
                one.wanted
                for one in last.report.problems
                if one.code in (settle.KEPT if answer.keep else settle.ASKED)
            }
            if last
            else ()
        )
        if answer.code not in waiting:
            return False
        with self.turn:
            self._take(settle.settle(self.config, answer)[1])
        return True

    def stop(self, path: str, person: str = "") -> bool:
        """Stop the file that is about to appear; return whether it was. Raises `DatelineError`."""
        now = self.clock()
        with self.turn:
            report = stop_cooling(self.config, path, now, now, person)
            if report:
                self._take(report)
        return report is not None

    def _take(self, report: Report) -> None:
        """Show and report a run that was asked for here; the publisher's own comes later."""
        config = self.config
        self.show(report, self.clock(), config)
        self._say(report, config)


def stop_cooling(
    config: Config, path: str, now: datetime, clock: datetime, person: str = ""
) -> Report | None:
    """Hold the file called `path`, which is about to appear, until somebody changes it.

    That `person` stopped it is recorded. Returns the report of the run in which that is done, or
    None where the file does not wait. Raises `DatelineError`.
    """
    with exclusive(config.state), Ledger(publish.ledger_url(config)) as ledger:
        record = ledger.files.find([path]).get(path)
        if record is None or all(problem.code != "cooling" for problem in record.problems):
            return None
        try:
            data, _ = safe_files.read(str(config.entries), path, MAX_SIZE + 1)
        except OSError as error:
            raise DatelineError(f"{path}: {error.strerror}") from error
        stop(ledger, data)
        ledger.acts.record(moment=now, person=person, act=Act.STOPPED, path=path)
        ledger.commit()
    return publish.build(config, publish.RunRequest(now=now, clock=clock, changed_files=[path]))
