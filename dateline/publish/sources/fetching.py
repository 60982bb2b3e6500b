"""What a source of entries can do: find what has changed, and return the bytes."""

from __future__ import annotations

import logging
import os
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from dateline.entries.filenames import is_skipped
from dateline.errors import SourceError

MOST_BYTES = 50_000_000
"""Size of the largest file that is fetched: no picture or attachment may be larger."""
VERSION = "version"
"""Name of the file with the version of the source that is in the folder."""
MOST_LISTED = 6_000_000
"""Number of parts that the list of a tree, or of what differs between two, may have."""
_BLOCK = 65_536  # bytes
_LENGTH = 100  # bytes of a part, as an average
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


def listed(command: Sequence[str], environment: Mapping[str, str], most: int = 0) -> Iterator[str]:
    """Run git, and yield what it writes with a NUL behind each part.

    Raises `SourceError` for more than `most` parts (by default `MOST_LISTED`) or very long ones,
    and `CalledProcessError` where git fails.
    """
    most = most or MOST_LISTED
    with subprocess.Popen(  # noqa: S603 - the arguments are ours
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        assert process.stdout  # noqa: S101 - it is a pipe, whose end ends git
        rest, number, length = b"", 0, 0
        while data := process.stdout.read(_BLOCK):
            *parts, rest = (rest + data).split(b"\0")
            number, length = number + len(parts), length + len(data)
            if number > most or length > _LENGTH * max(most, _BLOCK):
                raise SourceError("it has a commit with far too many files")
            yield from map(os.fsdecode, parts)
        if rest:
            yield os.fsdecode(rest)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, "git")
