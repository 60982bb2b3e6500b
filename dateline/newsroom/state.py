"""The state of the newsroom: the outcome of the last run, and the runs that staff ask for.

Requests, each in a thread of its own, and the main thread of the process call it. The outcome of
the last run, of whichever process, is in a file that is read again when it has changed.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, TypeVar

from dateline import publish
from dateline.config import Config
from dateline.entries.scan import MAX_SIZE
from dateline.errors import DatelineError, LedgerError, NotAskedError
from dateline.ledger import Ledger, exclusive
from dateline.model import Report
from dateline.model.acts import Act, ActRecord
from dateline.newsroom.access import Access
from dateline.newsroom.access.limit import LoginLimit
from dateline.newsroom.access.sessions import Sessions
from dateline.newsroom.access.signatures import kept_secret, known_secret
from dateline.newsroom.board.charts import READ_RANGES
from dateline.newsroom.board.figures import PageReaders, Readers
from dateline.newsroom.preview import Preview, preview
from dateline.newsroom.preview.source import NEVER
from dateline.newsroom.problems import ProblemFeed
from dateline.newsroom.saving.made import MadeFiles
from dateline.publish import settle
from dateline.publish.assess.status import stop
from dateline.publish.notify import last_run
from dateline.publish.notify.last_run import FileVersion, RunOutcome
from dateline.rules.guards import Approval
from dateline.system import safe_files

Clock = Callable[[], datetime]
Say = Callable[[Report, Config], None]
_FRESH = timedelta(seconds=3)  # a page asks for its pictures in that time
_PREVIEWS = 8
_UPLOADS = 4  # at once
_CHECKS = 6  # at once, of what is being written
_REMEMBERED = 64  # pages
_LATELY, _ACTS = timedelta(hours=1), 200  # in which a second click, or a colleague's, is known
T = TypeVar("T")


def unsaid(_report: Report, _config: Config) -> None:
    """Report nothing of a run."""


class Newsroom:
    """The newsroom of one publication; it calls `say` with the report of each run that it did."""

    def __init__(self, config: Config, clock: Clock, say: Say = unsaid) -> None:
        self._secret, self._is_kept = known_secret(config), False
        self.clock = clock
        self.limit = LoginLimit()
        self._sessions = Sessions(config.state)
        self.access = Access(config.newsroom, self._secret, self._sessions)
        self._count(config)
        self.feed = ProblemFeed(config)
        self._config = config
        self._say = say
        self._last_run: RunOutcome | None = None
        self._seen: FileVersion | None = None
        self.checks = threading.BoundedSemaphore(_CHECKS)  # each waits for a run that has begun
        self.uploads = threading.BoundedSemaphore(_UPLOADS)  # each is in memory
        self.made = MadeFiles()
        self._trials: dict[str, tuple[str, bytes]] = {}
        self._previews: dict[str, tuple[datetime, Preview | None]] = {}
        self._made: dict[object, tuple[object, Any]] = {}
        self._runs = 0
        self._lock = threading.Lock()
        self._reading = threading.RLock()
        self._making = threading.Lock()

    @property
    def config(self) -> Config:
        """Return the newest valid configuration."""
        return self._config

    @property
    def language(self) -> str:
        """Return the language of the pages."""
        return self._config.newsroom.language

    def follow(self, config: Config) -> None:
        """Take up a configuration; sessions end where `[newsroom]` says so."""
        if config == self._config:
            return
        with self._reading:
            before, self._config = self._config, config
            if config.newsroom != before.newsroom:
                self.access = Access(config.newsroom, self._secret, self._sessions)
            self._count(config)
            self.feed.follow(config)
            self._show(self._last_run)

    def _count(self, config: Config) -> None:
        """Begin to count readers anew."""
        self.readers = Readers(config)
        self.page_readers = {days: PageReaders(config, days) for days in READ_RANGES}

    def show(self, report: Report, now: datetime, config: Config | None = None) -> None:
        """Show the report of a run, and its configuration, until another run leaves its own."""
        self.follow(config or self._config)
        with self._reading:
            self._seen = last_run.version(self._config)
            self._show(RunOutcome(report=report, moment=now))
        self.keep_secret()

    @property
    def last_run(self) -> RunOutcome | None:
        """Return the outcome of the last run; None before the first."""
        self.refresh()
        return self._last_run

    def refresh(self) -> None:
        """Take up the outcome of a newer run, if there was one."""
        with self._reading:
            found = last_run.version(self._config)  # before it is read: it may be replaced
            if found != self._seen:
                self._seen = found
                self._show(last_run.load(self._config))

    def _show(self, outcome: RunOutcome | None) -> None:
        self._last_run = outcome
        self._runs += 1
        if outcome:
            self.feed.show(outcome.report, outcome.moment)

    def keep_secret(self) -> None:
        """Keep the secret in the ledger, once a run went well; the ledger may have another one.

        It waits for a run that has begun, which no page does.
        """
        if self._is_kept or self.last_run is None or not self._config.newsroom.is_on:
            return
        self._is_kept = known_secret(self._config) == self._secret
        if self._is_kept:
            return
        with suppress(LedgerError):
            kept = kept_secret(self._config, self._secret)
            self._is_kept = True
            if kept != self._secret:
                self._secret = kept
                self.access = Access(self._config.newsroom, kept, self._sessions)

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
            self.refresh()
            since = (self._runs, int(self.clock().timestamp()) // 60)
            before, made = self._made.pop(name, (None, None))
            value: T = made if before == since else make()
            self._made[name] = (since, value)
            for old in list(self._made)[:-_REMEMBERED]:
                del self._made[old]
        return value

    def is_hidden(self, path: str) -> bool:
        """Return whether a file is not to be shown, as its entry was taken down.

        The same goes for a picture or document that no other entry uses.
        """
        with self.ledger() as ledger:
            users = ledger.files.users([path])
            records = ledger.files.find([path, *users])
        lost = {
            name
            for name, record in records.items()
            if any(problem.code in NEVER for problem in record.problems)
        }
        return path in lost or (bool(users) and lost.issuperset(users))

    def preview(self, path: str) -> Preview | None:
        """Return the preview of a file, or of a trial; it may be a few seconds old.

        A trial is decided again, too: its entry may have been taken down since.
        """
        now = self.clock()
        with self._lock:
            made, found = self._previews.get(path, (None, None))
            name, unsaved = self._trials.get(path, (path, None))
        if made is None or not timedelta() <= now - made < _FRESH:
            with self.ledger() as ledger:
                found = preview(name, self.config, ledger, now, unsaved=unsaved)
            self._keep(self._previews, path, (now, found))
        return found

    def trial(self, path: str, data: bytes) -> str:
        """Preview a file as if it had these bytes; return the name for `preview`, or nothing.

        The last few trials are known, and no file is called like one.
        """
        now = self.clock()
        with self.ledger() as ledger:
            found = preview(path, self.config, ledger, now, unsaved=data)
        if found is None or found.new is None:
            return ""
        name = f"{path}/{hashlib.sha256(data).hexdigest()[:24]}"
        self._keep(self._trials, name, (path, data))
        self._keep(self._previews, name, (now, found))
        return name

    def _keep(self, kept: dict[str, T], name: str, one: T) -> None:
        """Keep what belongs to a name, beside the last few others."""
        with self._lock:
            kept.pop(name, None)
            kept[name] = one
            for old in list(kept)[:-_PREVIEWS]:
                del kept[old]

    def answer(self, answer: Approval) -> bool:
        """Allow what waits for a code, or keep what it concerns; return whether anything waits.

        Raises `DatelineError`.
        """
        last = self.last_run
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
        config = self._config
        try:
            report = settle.settle(config, answer)[1]
        except NotAskedError:  # it was answered, or its file was changed, since the last run
            return False
        self._say(report, config)
        return True

    def lately(self) -> list[ActRecord]:
        """Return the latest acts of the last hour, the newest first."""
        since = self.clock() - _LATELY
        with self.ledger() as ledger:
            return [one for one in ledger.acts.latest(_ACTS) if one.moment > since]

    def stop(self, path: str, person: str = "") -> bool:
        """Stop the file that is about to appear; return whether it was. Raises `DatelineError`."""
        config, now = self._config, self.clock()
        report = stop_cooling(config, path, now, now, person)
        if report:
            self._say(report, config)
        return report is not None

    def withdraw(self, path: str, seen: str, person: str) -> Report | None:
        """Withdraw a file's entry, as `settle.withdraw` does. Raises `DatelineError`."""
        config = self._config
        report = settle.withdraw(config, path, seen, person=person, now=self.clock())
        if report:
            self._say(report, config)
        return report

    def ask_withdrawal(self, path: str, reason: str, person: str) -> bool:
        """Ask an editor to withdraw a file's entry; return whether there is one."""
        config = self._config
        report = settle.ask_withdrawal(config, path, reason, person=person, now=self.clock())
        return self._said(report, config)

    def decline_withdrawal(self, path: str, person: str) -> bool:
        """Decline to withdraw a file's entry; return whether anybody asked."""
        config = self._config
        report = settle.decline_withdrawal(config, path, person=person, now=self.clock())
        return self._said(report, config)

    def _said(self, report: Report | None, config: Config) -> bool:
        if report:
            self._say(report, config)
        return report is not None

    def take_down(self, id_: str, person: str, files: Mapping[str, str]) -> None:
        """Take an entry down, with files as `settle.take_down` does. Raises `DatelineError`."""
        config, now = self._config, self.clock()
        request = publish.RunRequest(now=now, clock=now)
        report = settle.take_down(config, id_, request, person=person, files=files)
        self.made.forget()
        with self._lock, self._making:  # they may have its text
            self._trials.clear()
            self._previews.clear()
            self._made.clear()
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
