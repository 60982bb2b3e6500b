"""The file in `feeds/` by which a web worker reports a damaged manifest to the publisher.

It has the path of the first request that could not be answered. The publisher removes it, looks
up that path, and writes a damaged manifest again at once. A worker that may not write in `feeds/`
reports nothing; then a check on schedule finds the damage. Only a file is a report: a folder, a
link or a pipe of its name stays, and keeps nothing from being published.
"""

from __future__ import annotations

import sqlite3
import stat
from contextlib import suppress
from pathlib import Path

from dateline.documents.manifest.lookup import ManifestReader
from dateline.documents.manifest.row_format import is_refusal
from dateline.errors import StoreError

REPORT = ".manifest.damaged"


def report_damage(folder: Path, path: str) -> None:
    """Report that the manifest in `folder` has no certain answer for `path`."""
    with suppress(OSError), (folder / REPORT).open("xb") as file:
        file.write(path.encode("utf-8", "surrogateescape"))


def is_reported(folder: Path) -> bool:
    """Return whether there is a report."""
    try:
        return stat.S_ISREG((folder / REPORT).lstat().st_mode)
    except OSError:
        return False


def take_report(folder: Path) -> str | None:
    """Remove the report and return its path, None if there is none. Raises `StoreError`."""
    report = folder / REPORT
    if not is_reported(folder):
        return None
    try:
        data = report.read_bytes()
        report.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StoreError(f"{report} cannot be removed: {error.strerror}.") from error
    return data.decode("utf-8", "surrogateescape")


def is_in_doubt(folder: Path, path: str) -> bool:
    """Return whether damage leaves in doubt what is, or was, published at `path`."""
    reader = ManifestReader(folder)
    try:
        reader.find(path)
        reader.former(path)
    except sqlite3.Error as error:
        return not is_refusal(error)
    return False
