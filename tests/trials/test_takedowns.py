"""The search for what may be left of an entry that was taken down."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import brotli  # type: ignore[import-untyped]  # it carries no types
import zstandard

from dateline.documents.compression import packed
from trials.takedowns import marks


def test_marks_are_found_in_whatever_packs_them(tmp_path: Path) -> None:
    """Names, coded forms, frames of Zstandard, free pages and rows that fill several pages."""
    (tmp_path / "zqt1w1z.html.gz").write_bytes(gzip.compress(b"zqb1w1z"))
    (tmp_path / "a.json.zst").write_bytes(zstandard.compress(b"zqb2w1z"))
    (tmp_path / "a.json.br").write_bytes(brotli.compress(b"zqb3w1z"))
    noise = Random(0).randbytes(9000).hex()  # noqa: S311 - no secret
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as database:
        database.execute("CREATE TABLE some (text BLOB)")
        for text in ("zqb4w1z", f"{noise} zqb5w1z"):
            database.execute("INSERT INTO some VALUES (?)", [packed(text)])
        database.execute("CREATE VIRTUAL TABLE words USING fts5(word, content='')")
        database.execute("INSERT INTO words VALUES ('zqb6w1z zqb6w2z')")
        database.commit()

    found = {path.suffix: marks(path) for path in tmp_path.iterdir()}
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as database:
        database.execute("PRAGMA secure_delete = 0")
        database.execute("DELETE FROM some")
        database.commit()

    assert found == {
        ".gz": {"zqt1w1z", "zqb1w1z"},
        ".zst": {"zqb2w1z"},
        ".br": {"zqb3w1z"},
        ".sqlite": {"zqb4w1z", "zqb5w1z", "zqb6w1z", "zqb6w2z"},
    }
    assert "zqb4w1z" in marks(tmp_path / "a.sqlite")
