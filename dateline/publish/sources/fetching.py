"""What a source of entries can do: find what has changed, and return the bytes."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from dateline.entries.filenames import is_skipped

MOST_BYTES = 50_000_000
"""Size of the largest file that is fetched: no picture or attachment may be larger."""
VERSION = "version"
"""Name of the file with the version of the source that is in the folder."""
_LONGEST = 3000  # bytes of a path
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceItem:
    """One file of a source: its path below the entries folder, and its version there.

    The bytes of one that `is_link` are the path that it leads to.
    """

    path: str
    version: str
    is_link: bool = False


class RemoteSource(Protocol):
    """A source of entries. Every method raises `SourceError`.

    It `has_record` of what is in the folder, unless that is lost.
    """

    @property
    def has_record(self) -> bool:
        """True if changes are those since the folder was followed last; else all files are new."""

    def fetch(self) -> bool:
        """Ask the source; return whether anything is to be written into the folder."""

    def changes(self, *, from_nothing: bool) -> tuple[Sequence[str], Sequence[SourceItem]]:
        """Return the paths that are gone, and the files that are new or changed."""

    def items(self, paths: Collection[str] | None) -> Sequence[SourceItem]:
        """Return the files that are in the folder by the record, all or those with these paths."""

    def contents(self, items: Sequence[SourceItem]) -> Iterator[tuple[SourceItem, bytes]]:
        """Yield files with their bytes, without those that are too large."""

    def done(self) -> None:
        """Record that the folder is as the source was when it was asked."""

    def discard_damaged(self) -> bool:
        """Delete a local copy of the source whose damage was the reason of an error.

        Return whether there was one: then the source can be asked again.
        """


def is_wanted(path: str) -> bool:
    """Return whether a path can be that of a file below the entries folder.

    Hidden files, which a scan would skip, are left out, and what would lead out of the folder.
    """
    parts = path.split("/")
    is_safe = all(part not in {"", ".", ".."} and "\0" not in part for part in parts)
    return is_safe and len(path) < _LONGEST and not any(map(is_skipped, parts))


def note_too_large(path: str, size: int) -> None:
    """Log that a file is left out."""
    _log.warning("%s of the source has %d bytes, and is left out.", path, size)
