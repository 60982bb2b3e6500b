"""Entries from a git repository or a bucket, in a folder of `state/` that follows it.

The folder is written under the lock of the ledger, which every run holds: no run sees half a
commit. If the source cannot be reached, what was fetched last goes on being published.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from dateline.config import Config
from dateline.errors import DatelineError, IntakeError, SourceError
from dateline.ledger import Ledger, exclusive
from dateline.ledger.session import epoch_of
from dateline.messages import program
from dateline.publish.sources.fetching import VERSION, RemoteSource
from dateline.publish.sources.folder import SourceFolder
from dateline.system.condition import Code, Condition

__all__ = ["SourceFollower", "author", "finish", "require_fetched", "verify"]

_AT_A_TIME = 256  # files
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


def finish(config: Config) -> bool:
    """Finish a commit of which a killed process wrote a part, under the lock of the ledger.

    Return whether the folder is whole. If not, `SourceFollower` reports the reason. Objects of a
    bucket are whole each by itself.
    """
    if config.source and config.source.is_git and _unfinished(config).exists():
        try:
            _apply(config, _opened(config, os.environ))
        except SourceError:
            return False
    return True


def require_fetched(config: Config) -> None:
    """Raise `IntakeError` where entries come from a source that was never fetched as a whole."""
    if config.source and not config.entries.exists():
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
    if not source.fetch() and config.entries.exists():
        return frozenset()
    with exclusive(config.state):
        return _apply(config, source)


def _apply(config: Config, source: RemoteSource) -> frozenset[str]:
    """Write what has changed: all deletions first, then files, at last that it is done.

    The first time a folder beside is filled, and gets its name when it is whole: without a folder
    nothing is published, while from half of one entries would be withdrawn.
    """
    is_first = not config.entries.exists()
    place = config.entries.with_name("filling") if is_first else config.entries
    try:
        folder = SourceFolder(place, is_new=is_first)
        is_known = source.has_record
        gone, new = source.changes(from_nothing=is_first)
        if not is_known:
            gone = folder.others({item.path for item in new})
        _unfinished(config).touch()
        folder.remove(gone)
        for start in range(0, len(new), _AT_A_TIME):
            for item, data in source.contents(new[start : start + _AT_A_TIME]):
                folder.write(item, data)
        folder.sync()
        source.done()
        if is_first:
            place.rename(config.entries)
            _remove_others(config.entries.parent)
        _unfinished(config).unlink()
    except OSError as error:
        raise SourceError(f"{place} cannot be written: {error.strerror}") from error
    return frozenset([*gone, *(item.path for item in new)])


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
