"""A publication as a library has it: `dateline.open()` returns a `Site` (docs/library.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

from dateline import config as configuration
from dateline.config import Config
from dateline.entries import scan
from dateline.entries.lazy_scan import scan_some
from dateline.entries.reader import EntryReader
from dateline.errors import EntryError, IntakeError
from dateline.model import Entry, Report, Story
from dateline.publish import history, settle
from dateline.publish.assess.batches import knowing_entries
from dateline.publish.history import VersionChange
from dateline.publish.recovery import readable_ledger
from dateline.system.clock import this_moment

_SETTLED = 2**63  # nanoseconds since 1970: later than any file


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A publication, with its configuration as it was when the site was opened.

    Every method waits for a run that another process has begun. All values are frozen.
    """

    config: Config

    def build(self) -> Report:
        """Publish what is new, changed or due, once; held files are in the report.

        Raises `LedgerError`, `StoreError` or another `DatelineError`; the next build then finishes
        this one.
        """
        return settle.until_settled(self.config, settle.request_now())

    def check(self, *files: str) -> Report:
        """Return what `build` would report, and write nothing.

        With `files`, paths below the entries folder, on these alone, and on what will happen to
        them. Raises `DatelineError`, and `IntakeError` where there is no such file.
        """
        report = settle.check_settled(self.config, files)
        known = {*report.states, *report.missing, *(one.file for one in report.problems)}
        for file in files:
            if file not in known:
                raise _no_file(file, self.config)
        return report

    def entries(self) -> tuple[Entry, ...]:
        """Return all live entries in the order in which they were first published.

        Raises `LedgerError`.
        """
        with readable_ledger(self.config) as ledger:
            return tuple(ledger.entries.live())

    def history(self, entry: str) -> tuple[VersionChange, ...]:
        """Return the published versions of an entry, the oldest first.

        `entry` is the path of its file below the entries folder, the address of its page, or its
        id. Raises `LedgerError` where no such entry was published.
        """
        return tuple(history.history(self.config, entry))

    def read(self, file: str) -> Story:
        """Return what a file below the entries folder means, published or not.

        Raises `EntryError`, with the problems, where it cannot be published as it stands, and
        `IntakeError` where there is no such file.
        """
        entries = self.config.entries
        found = scan_some(entries, [file]) or scan.scan_all(entries)
        if file not in found.files:
            raise _no_file(file, self.config)
        now = this_moment()
        with readable_ledger(self.config) as ledger:
            reader = EntryReader(
                folder=entries,
                scan=found,
                publication=self.config.publication,
                now=now,
                clock=max(int(now.timestamp()) * 10**9, found.files[file].changed),
                settled=_SETTLED,
                page_of=ledger.translations.namings.page_of(self.config.publication.url),
            )
            result = knowing_entries(reader, [file], ledger).read(file)
        if result.story is None:
            language = self.config.newsroom.language
            raise EntryError(*(replace(one, language=language) for one in result.problems))
        return result.story


def open_site(path: str | PathLike[str]) -> Site:
    """Return the publication of a `config.toml`, or of the folder that it is in.

    Raises `ConfigError` with every fault.
    """
    place = Path(path)
    return Site(config=configuration.load(place / "config.toml" if place.is_dir() else place))


def _no_file(file: str, config: Config) -> IntakeError:
    return IntakeError(f"There is no entry file {file} in {config.entries}.")
