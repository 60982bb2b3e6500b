"""Entries from a git repository or a bucket, in a folder of `state/` that follows it.

The folder is written under the lock of the ledger, which every run holds: no run sees half a
commit. If the source cannot be reached, what was fetched last goes on being published.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from dateline.config import Config
from dateline.errors import DatelineError, IntakeError, SourceError
from dateline.ledger import Ledger, exclusive
from dateline.ledger.session import epoch_of
from dateline.messages import program
from dateline.publish.sources import written
from dateline.publish.sources.fetching import VERSION, RemoteSource, SourceItem
from dateline.publish.sources.folder import SourceFolder
from dateline.publish.sources.written import Files, WrittenFile
from dateline.system.condition import Code, Condition, of_error

__all__ = ["SourceFollower", "author", "finish", "require_fetched", "verify"]

_AT_A_TIME = 256  # files
_SHOWN = 5  # names in the log
_log = logging.getLogger(__name__)


class SourceFollower:
    """Follows the source of a publication; `condition` says why it cannot, at present."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._environment = environment
        self.condition: Condition | None = None

    def update(self, config: Config) -> frozenset[str]:
        """Bring the folder up to date, and return the paths that changed.

        A source that cannot be reached is logged once, and is a condition until it can.
        """
        if config.source is None:
            self.condition = None
            return frozenset()
        try:
            changed = _update(config, self._environment)
            if not _is_reached(config):
                _reached(config).write_text(_epoch(config), "ascii")
        except DatelineError as error:
            found = Condition(code=Code.SOURCE, about=config.source.url, detail=str(error))
            if found != self.condition:
                _log.error("%s", found.message())
            self.condition = found
            return frozenset()
        self.condition = None
        return changed

    def conditions_of(self, error: Exception, config: Config) -> tuple[Condition, ...]:
        """Return the conditions that the error of a run stands for.

        If nothing was ever fetched, it is that the source cannot be reached, and why.
        """
        found = of_error(error)
        is_unfetched = found.code is Code.ENTRIES_GONE and not _may_be_folder(config.entries)
        if self.condition is None or not is_unfetched:
            return (found,)
        # In a cluster another node may have fetched it, and this condition lets it publish.
        return (self.condition, found) if config.cluster else (self.condition,)


def _may_be_folder(path: Path) -> bool:
    """Return whether there is a folder at a path, as far as a failing disk or a lost share says."""
    try:
        return path.is_dir()
    except OSError:
        return True


def verify(config: Config, ledger: Ledger) -> None:
    """Record which version of the source a run publishes, and refuse one that may be older.

    Another node of a cluster may have published a newer one, before this node took over. Raises
    `IntakeError` until the source has been reached here.
    """
    if config.source is None:
        return
    version = f"{config.source.key} {_version(config)}"
    is_other = ledger.state.source not in {"", version}
    if config.cluster and is_other and not _is_reached(config):
        raise IntakeError(
            f"{config.source.url} has not been reached since another node published from it. "
            "Nothing was published."
        )
    ledger.state.source = version


def finish(config: Config, *, is_full: bool) -> bool:
    """Make the folder what the source said last, under the lock of the ledger.

    A commit of which a killed process wrote a part is finished; objects of a bucket are whole
    each by itself. Before a run that checks all files, those that were lost, changed or added
    there are as in the source again. Return whether the folder is whole. If not,
    `SourceFollower` tries again, and reports the reason.
    """
    if config.source is None:
        return True
    is_unfinished = _unfinished(config).exists()
    try:
        if is_unfinished and config.source.is_git:
            _apply(config, _opened(config, os.environ))
        if (is_full or is_unfinished) and config.entries.is_dir():
            _restore(config, lambda: _opened(config, os.environ))
    except SourceError:
        return False
    return True


def require_fetched(config: Config) -> None:
    """Raise `IntakeError` where entries come from a source that was never fetched as a whole."""
    if config.source and not _may_be_folder(config.entries):
        raise IntakeError(
            f"No entries have been fetched from {config.source.url} yet. Nothing was published. "
            f"A running serve fetches them; without one, type {program.name()} build."
        )


def author(config: Config, path: str) -> str:
    """Return who changed a file last, or an empty text where the source does not say."""
    is_git = config.source is not None and config.source.is_git
    if not is_git:
        return ""
    from dateline.publish.sources.git import author_of  # noqa: PLC0415

    return author_of(config.entries.parent, path)


def _update(config: Config, environment: Mapping[str, str]) -> frozenset[str]:
    with exclusive(config.entries.parent):
        source = _opened(config, environment)
        try:
            return _followed(config, source)
        except SourceError as error:
            if not source.discard_damaged():
                raise
            _log.warning(
                "The copy of the source in state/ was damaged, and is made again: %s.", error
            )
        return _followed(config, source)


def _followed(config: Config, source: RemoteSource) -> frozenset[str]:
    is_unfinished = _unfinished(config).exists()
    is_new = source.fetch() or not config.entries.is_dir()
    if not is_new and not is_unfinished:
        return frozenset()
    with exclusive(config.state):
        changed = _apply(config, source) if is_new else frozenset()
        return changed | _restore(config, lambda: source) if is_unfinished else changed


def _apply(config: Config, source: RemoteSource) -> frozenset[str]:
    """Write what has changed: all deletions first, then files, at last that it is done.

    The first time a folder beside is filled, and gets its name when it is whole: without a folder
    nothing is published, while from half of one entries would be withdrawn.
    """
    is_first = not config.entries.is_dir()
    place = config.entries.with_name("filling") if is_first else config.entries
    try:
        folder = SourceFolder(place, is_new=is_first)
        is_known = source.has_record
        gone, new = source.changes(from_nothing=is_first)
        if not is_known:
            gone = folder.others({item.path for item in new})
        before = _version(config)
        _unfinished(config).touch()
        folder.remove(gone)
        files: dict[str, WrittenFile | None] = dict.fromkeys(gone)
        try:
            _write(source, new, folder.write, files)
        except SourceError:
            written.update(place.parent, (before, before), files)  # an object is whole by itself
            raise
        folder.sync()
        source.done()
        _note(config, before, files, is_all=is_first or not is_known)
        if is_first:
            config.entries.unlink(missing_ok=True)  # a file, or a link that leads nowhere
            place.rename(config.entries)
            _remove_others(config.entries.parent)
        _unfinished(config).unlink()
    except OSError as error:
        raise SourceError(f"{place} cannot be written: {error.strerror}") from error
    return frozenset([*gone, *(item.path for item in new)])


def _restore(config: Config, opened: Callable[[], RemoteSource]) -> frozenset[str]:
    """Write again what is not as it was written, in the order of `_apply`.

    Without a note of what was written, each file is compared with its bytes in the source. A file
    that is not in the note is only removed if it is not in the source: a note can be damaged.
    """
    place, gone = config.entries.parent, set[str]()
    files: dict[str, WrittenFile | None] = {}
    note = written.load(place, _version(config))
    try:
        found = written.compare(config.entries, note or {})
        if note is not None and not found.wrong and not found.extra:
            if found.right != note:  # other times alone, as of a folder that was copied
                written.save(place, _version(config), found.right)
            _unfinished(config).unlink(missing_ok=True)
            return frozenset()
        _unfinished(config).touch()
        source, folder = opened(), SourceFolder(config.entries, is_new=False)
        items = source.items(None if note is None else found.wrong | found.extra)
        gone = {*found.listed} - {*found.right} - {item.path for item in items}
        folder.remove(sorted(gone))
        _write(source, items, folder.restore, files)
        folder.remove(item.path for item in items if item.path not in files)
        folder.sync()
        _note(config, "", {**found.right, **files}, is_all=True)
        _unfinished(config).unlink()
    except OSError as error:
        raise SourceError(f"{config.entries} cannot be restored: {error.strerror}") from error
    changed = {path for path, one in files.items() if one and one.stamp != found.listed.get(path)}
    if changed or gone:
        shown = ", ".join(sorted(changed | gone)[:_SHOWN])
        _log.warning(
            "The copy of the source in state/ was damaged. Files that are as in the source again: "
            "%d (%s).",
            len(changed | gone),
            shown,
        )
    return frozenset(changed | gone)


def _write(
    source: RemoteSource,
    items: Sequence[SourceItem],
    write: Callable[[SourceItem, bytes], WrittenFile | None],
    files: dict[str, WrittenFile | None],
) -> None:
    """Write files, and note each in `files`: None for one that cannot be written here."""
    for start in range(0, len(items), _AT_A_TIME):
        for item, data in source.contents(items[start : start + _AT_A_TIME]):
            files[item.path] = write(item, data)


def _note(config: Config, before: str, files: Files, *, is_all: bool) -> None:
    """Note what was written and removed since the version before, or all that is there."""
    place, version = config.entries.parent, _version(config)
    if is_all:
        written.save(place, version, {path: one for path, one in files.items() if one})
    else:
        written.update(place, (before, version), files)


def _remove_others(own: Path) -> None:
    """Remove what followed another source before."""
    for other in own.parent.iterdir():
        if other != own and other.is_dir():
            shutil.rmtree(other)


def _opened(config: Config, environment: Mapping[str, str]) -> RemoteSource:
    source, place = config.source, config.entries.parent
    assert source is not None  # noqa: S101 - the callers know
    if source.is_git:
        from dateline.publish.sources.git import GitSource  # noqa: PLC0415 - most have no source

        return GitSource(source, place, environment)
    from dateline.publish.sources.bucket import BucketSource  # noqa: PLC0415

    return BucketSource(source, place, environment)


def _is_reached(config: Config) -> bool:
    """Return whether this node has reached the source since it leads."""
    try:
        return _reached(config).read_text("ascii") == _epoch(config)
    except (OSError, UnicodeDecodeError):
        return False


def _reached(config: Config) -> Path:
    """Return the file with the epoch in which the source was reached."""
    return config.entries.parent / "reached"


def _epoch(config: Config) -> str:
    return str(epoch_of(config.ledger))


def _version(config: Config) -> str:
    """Return the version of the source that is in the folder."""
    try:
        return (config.entries.parent / VERSION).read_text("ascii")
    except (FileNotFoundError, UnicodeDecodeError):  # damaged: the next commit writes it again
        return ""


def _unfinished(config: Config) -> Path:
    return config.entries.parent / "unfinished"
