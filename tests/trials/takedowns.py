"""What may be left of an entry that was taken down: lines of the access log, and nothing else.

Texts of the ledger and of the manifest are frames of Zstandard, also on free pages; documents have
coded forms beside them. All of them are read as they lie on the disk. A damaged ledger, which is
kept for people (`ledger.damaged*`), is left out.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zlib import error as deflate_error

import brotli  # type: ignore[import-untyped]  # it carries no types
import zstandard

from dateline.documents.compression import unpacked
from trials.judge import decoded
from trials.texts import MARK

if TYPE_CHECKING:
    from trials.trial import Trial

_FRAME = re.compile(rb"\x28\xb5\x2f\xfd")  # the beginning of a frame (RFC 8878, section 3.1.1)
_CODINGS = {".gz": "gzip", ".br": "br", ".zst": "zstd"}
_LEFT_OUT = "ledger.damaged"
_TABLES = "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
_VOCABULARY = 'CREATE VIRTUAL TABLE temp."vocabulary_of_{0}" USING fts5vocab(main, "{0}", row)'
_BAD = (OSError, EOFError, ValueError, deflate_error, brotli.error, zstandard.ZstdError)


def check(trial: Trial) -> None:
    """Check that nothing of an entry that was taken down lies in any file, and forbid it."""
    purged = trial.model.purged
    if not purged:
        return
    room = trial.machine.room
    pictures = {
        digest
        for digest, number in trial.model.pictures.items()
        if trial.model.pieces[number].is_purged
    }
    for folder in ("feeds", "state"):
        for path in sorted((room / folder).rglob("*")):
            is_log = path.is_relative_to(room / "state/log")
            if is_log or path.name.startswith(_LEFT_OUT) or not path.is_file():
                continue
            if found := marks(path) & purged:
                trial.broken(f"{path.relative_to(room)} still has {sorted(found)}")
            if _digest(path) in pictures:
                trial.broken(f"{path.relative_to(room)} still is the picture of purged news")
    trial.model.close_purged()


def _digest(path: Path) -> str:
    with suppress(OSError):
        return sha256(path.read_bytes()).hexdigest()
    return ""


def marks(path: Path) -> set[str]:
    """Return all marks in the name and the bytes of a file, whatever they are packed in."""
    try:
        data = path.read_bytes()
    except OSError:  # it was replaced meanwhile
        return set()
    texts = [path.name.encode(), data]
    if coding := _CODINGS.get(path.suffix):
        with suppress(*_BAD):
            texts.append(decoded(coding, data))
    texts += _frames(data)
    if data.startswith(b"SQLite format 3\0"):
        texts += _values(path)
    return {one[0] for text in texts for one in MARK.finditer(text.decode("latin-1"))}


def _frames(data: bytes) -> Iterator[bytes]:
    """Yield each compressed text, also those of free pages."""
    for frame in _FRAME.finditer(data):
        with suppress(*_BAD):
            yield unpacked(data[frame.start() :]).encode("utf-8", "surrogatepass")


def _values(path: Path) -> Iterator[bytes]:
    """Yield the values of all rows of a database: long ones lie on several pages of its file.

    A copy is read, so that no process of the trial notices it. Words of a search index share their
    beginnings with those before, so they are read from its vocabulary.
    """
    with TemporaryDirectory() as folder, suppress(OSError, sqlite3.Error):
        copy = Path(folder, path.name)
        for ending in ("", "-wal"):
            with suppress(FileNotFoundError):
                copy.with_name(f"{path.name}{ending}").write_bytes(
                    path.with_name(f"{path.name}{ending}").read_bytes()
                )
        with closing(sqlite3.connect(copy)) as database:
            for name, statement in database.execute(_TABLES).fetchall():
                yield from _rows(database, name)
                if "fts5" in statement.casefold():
                    database.execute(_VOCABULARY.format(name))
                    yield from _rows(database, f"vocabulary_of_{name}")


def _rows(database: sqlite3.Connection, name: str) -> Iterator[bytes]:
    """Yield the values of a table, and the texts that are packed in them."""
    with suppress(sqlite3.Error):  # tables of an index need not be readable
        for row in database.execute(f'SELECT * FROM "{name}"'):  # noqa: S608 - it is Dateline's
            for value in row:
                data = value if isinstance(value, bytes) else str(value).encode()
                yield data
                yield from _frames(data)
