"""A ledger is exported as text and imported unchanged, or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from dateline import __version__
from dateline.cli import ledger
from dateline.errors import DatelineError, LedgerError, StoreError
from dateline.ledger import exclusive
from dateline.ledger.dump import export, import_, is_empty
from dateline.ledger.dump.loading import bare_tables
from dateline.ledger.migrations import HEAD
from dateline.ledger.session import Session, open_session
from dateline.ledger.tables import metadata
from support.flips import flipped, some_bits
from support.publication import CONFIG, Newsroom, entry_file, picture

Line = dict[str, Any]
Change = Callable[[list[Line]], None]
OLD_EXPORT = '{"release":"0.1.0","revision":"0005"}\n'
# By code point; a dictionary has "a" before "B", and UTF-16 the ship before "ﬀ".
NAMES = ["", "B", "a", "b", "é", "ﬀ", "🚢"]
SOME_LINES = pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.long)])


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return a newsroom that published in two languages, corrected an entry, and holds a file."""
    room = Newsroom(tmp_path_factory.mktemp("original"))
    (room.folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    room.drop("photo.png", picture())
    room.drop(
        "a.toml",
        entry_file("Reprot", categories='["Lebanon"]', image='"photo.png"', image_alt='"Blue"'),
    )
    room.drop("ب/خبر.toml", entry_file("تقرير عن لبنان", language='"ar"'))
    room.build()
    room.drop("a.toml", entry_file("Report", correction='"It said Reprot."'))
    room.drop("held.toml", entry_file(body='""'))
    room.drop("later.toml", entry_file("EMBARGOED", "2026-12-24"))
    room.build()
    return room


@pytest.fixture
def published(original: Newsroom, newsroom: Newsroom) -> Newsroom:
    """Return a copy of that newsroom."""
    return newsroom.begin_as(original)


@contextmanager
def opened(folder: Path) -> Iterator[Session]:
    """Open the ledger in a folder, or create one."""
    folder.mkdir(exist_ok=True)
    with closing(open_session(f"sqlite:///{folder}/ledger.sqlite")) as session:
        yield session


def text_of(folder: Path) -> str:
    """Return the text of the ledger in a folder."""
    with opened(folder) as session:
        return "".join(export(session))


def lines_of(text: str) -> list[str]:
    """Split a text into its lines."""
    return text.splitlines(keepends=True)


def refusal(text: str, folder: Path) -> str:
    """Return the reason why a text is refused; nothing of it may be kept."""
    with pytest.raises(LedgerError) as refused, opened(folder) as session:
        import_(session, lines_of(text))
    with opened(folder) as session:
        assert is_empty(session)
    return str(refused.value)


def run(newsroom: Newsroom, *words: str | Path) -> Result:
    """Run `ledger` with these arguments; a refusal is raised."""
    config = str(newsroom.folder / "config.toml")
    typed = [str(words[0]), "--config", config, *map(str, words[1:])]
    return CliRunner().invoke(ledger.ledger, typed, catch_exceptions=False)


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return the bytes and the time of every file in a folder, hidden ones included."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# ---- Export and import


@pytest.mark.long
def test_a_ledger_comes_back_unchanged(published: Newsroom, tmp_path: Path) -> None:
    """The text of the imported copy equals the text of the original."""
    text = text_of(published.config.state)

    with opened(tmp_path / "copy") as session:
        rows = import_(session, lines_of(text)).rows
        session.commit()

    assert rows == len(lines_of(text)) - 2
    assert text_of(tmp_path / "copy") == text


@pytest.mark.long
def test_an_import_leaves_the_tables_as_it_found_them(published: Newsroom, tmp_path: Path) -> None:
    """Indexes, off while the rows come, are made from all of them at the end."""
    schema = "SELECT name, sql FROM sqlite_master ORDER BY name"
    text = text_of(published.config.state)

    with opened(tmp_path / "copy") as session:
        before = session.connection.exec_driver_sql(schema).all()
        with bare_tables(session):
            during = session.connection.exec_driver_sql(schema).all()
        session.connection.rollback()
        import_(session, lines_of(text))
        session.commit()
        after = session.connection.exec_driver_sql(schema).all()

    assert "ix_entry_published" in {name for name, _ in before}
    assert "ix_entry_published" not in {name for name, _ in during}
    assert after == before


def test_an_import_takes_effect_when_it_is_committed(published: Newsroom, tmp_path: Path) -> None:
    """Until then, other connections see nothing of it."""
    text = text_of(published.config.state)

    with opened(tmp_path / "copy") as session:
        import_(session, lines_of(text))

    with opened(tmp_path / "copy") as session:
        assert is_empty(session)


def test_the_text_names_its_release_and_its_number_of_rows(published: Newsroom) -> None:
    """Each row is a line between them, with tables in the order of their foreign keys."""
    first, *rows, last = map(json.loads, lines_of(text_of(published.config.state)))

    assert first == {"digest": "sha256", "release": __version__, "revision": HEAD}
    assert last["rows"] == len(rows)
    text = "".join(lines_of(text_of(published.config.state))[:-1])
    assert last["sha256"] == hashlib.sha256(text.encode()).hexdigest()
    tables = [table.name for table in metadata.sorted_tables]
    named = [tables.index(row["table"]) for row in rows]
    assert named == sorted(named)
    assert all(list(row["row"]) == sorted(row["row"]) for row in rows)
    assert {"entry", "version", "correction", "file", "fact"} <= {row["table"] for row in rows}


def test_rows_are_in_the_order_of_their_keys(tmp_path: Path) -> None:
    """The order is by code point, and independent of the order of insertion."""
    rows = [{"table": "fact", "row": {"name": name, "value": ""}} for name in NAMES]
    head = json.dumps({"release": __version__, "revision": HEAD})
    mixed = [json.dumps(row) for row in sorted(rows, key=lambda row: hash(str(row)))]

    with opened(tmp_path / "facts") as session:
        import_(session, [head, *mixed, json.dumps({"rows": len(rows)})])
        session.commit()

    assert [json.loads(line) for line in lines_of(text_of(tmp_path / "facts"))[1:-1]] == rows


def test_every_table_can_be_exported() -> None:
    """Each has a key that orders its rows, JSON values only, and no row numbers of SQLite."""
    kinds = {
        column: column.type.python_type
        for table in metadata.sorted_tables
        for column in table.columns
    }

    assert [table.name for table in metadata.sorted_tables if not list(table.primary_key)] == []
    assert [t.name for t in metadata.sorted_tables if t.autoincrement_column is not None] == []
    assert {str(c) for c, kind in kinds.items() if kind not in (bool, bytes, int, str)} == set()


def test_publishing_continues_from_an_imported_ledger(published: Newsroom) -> None:
    """No public file changes its bytes or time, and nothing is announced again."""
    feeds, state = published.config.feeds_folder, published.config.state
    before = everything(feeds)
    run(published, "export", published.folder / "ledger.jsonl")
    shutil.rmtree(state)

    said = run(published, "import", published.folder / "ledger.jsonl").output
    report = published.build()

    rows = len((published.folder / "ledger.jsonl").read_bytes().splitlines()) - 2
    assert said == f"{rows} rows are in the ledger.\n"
    assert (report.published, report.changed, report.documents) == ((), (), ())
    assert everything(feeds) == before


# ---- Refusals


def test_a_ledger_with_content_cannot_be_imported_into(published: Newsroom) -> None:
    """It stays unchanged."""
    state = published.config.state
    text = text_of(state)

    with pytest.raises(LedgerError, match=r"is not empty\. Move it away"), opened(state) as session:
        import_(session, lines_of(text))

    assert text_of(state) == text


@pytest.mark.long
@SOME_LINES
def test_a_truncated_text_is_refused(published: Newsroom, tmp_path: Path, step: int) -> None:
    """This holds for a cut within a line and between two lines."""
    text = text_of(published.config.state)
    ends = [len("".join(lines_of(text)[:number])) for number in range(0, len(lines_of(text)), step)]
    cuts = {end + shift for end in ends for shift in (0, 1, 30) if end + shift < len(text) - 1}

    said = {refusal(text[:cut], tmp_path / "copy") for cut in cuts}

    assert [sentence for sentence in said if "cut off" not in sentence] == [
        "This is no ledger's text: its first line does not say who wrote it."
    ]


@pytest.mark.long
@SOME_LINES
def test_a_text_with_a_missing_line_is_refused(
    published: Newsroom, tmp_path: Path, step: int
) -> None:
    """This holds for every line."""
    lines = lines_of(text_of(published.config.state))

    for number in range(0, len(lines), step):
        assert refusal("".join([*lines[:number], *lines[number + 1 :]]), tmp_path / "copy")


def changed(lines: list[Line], table: str) -> Line:
    """Return the first row of a table, for a test to change."""
    row: Line = next(line["row"] for line in lines if line.get("table") == table)
    return row


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda lines: lines[0].update(revision="0999", release="9.9.0"),
            f"The text has revision 0999 of the ledger, this release {HEAD}. Import it with 9.9.0,",
        ),
        (
            lambda lines: lines[0].update(revision="0004"),
            "from before its first release (0004). Import a later one,",
        ),
        (lambda lines: lines[1].update(table="diary"), "Line 2: the ledger has no table diary."),
        (
            lambda lines: lines[1].update(table=["fact"]),
            "Line 2: the ledger has no table ['fact'].",
        ),
        (
            lambda lines: changed(lines, "fact").update(colour="red"),
            "the table fact has no column colour.",
        ),
        (
            lambda lines: changed(lines, "fact").pop("value"),
            "the table fact needs the column value.",
        ),
        (
            lambda lines: changed(lines, "entry").update(published="2026"),
            'entry.published cannot be "2026".',
        ),
        (
            lambda lines: changed(lines, "entry").update(published=True),
            "entry.published cannot be true.",
        ),
        (
            lambda lines: changed(lines, "entry").update(slug=None),
            "entry.slug cannot be null.",
        ),
        (
            lambda lines: changed(lines, "version").update(data="not Base64"),
            'version.data cannot be "not Base64".',
        ),
        (
            lambda lines: changed(lines, "version").update(data=7),
            "version.data cannot be 7.",
        ),
        (
            lambda lines: changed(lines, "entry").update(published=2**70),
            "does not fit: Python int too large",
        ),
        (
            lambda lines: changed(lines, "fact").update(value="\udc80"),
            "does not fit: 'utf-8' codec can't encode",
        ),
        (
            lambda lines: changed(lines, "version").update(entry="nobody"),
            "does not fit: FOREIGN KEY constraint failed.",
        ),
        (
            lambda lines: lines.insert(1, lines[1]),
            "does not fit: UNIQUE constraint failed",
        ),
        (lambda lines: lines.append(lines[1]), "stands after the end of the ledger"),
        (lambda lines: lines[-1].update(rows=1), "The text should have 1 rows and has "),
        (lambda lines: lines[2].pop("row"), "Line 3 is no row of a ledger"),
        (lambda lines: lines[2].update(row=[]), "Line 3 is no row of a ledger"),
    ],
)
def test_a_changed_text_is_refused(
    change: Change, sentence: str, published: Newsroom, tmp_path: Path
) -> None:
    """Where no digest detects it first, one sentence names the line or the conflict."""
    lines = [json.loads(line) for line in lines_of(text_of(published.config.state))]
    del lines[0]["digest"]

    change(lines)

    assert sentence in refusal("\n".join(map(json.dumps, lines)), tmp_path / "copy")


def test_a_changed_value_is_refused(published: Newsroom, tmp_path: Path) -> None:
    """This covers ids, dates and addresses, whose new values would be valid as well."""
    text = text_of(published.config.state)
    words = ["tag:example.org,2008:", '"published":1', '"slug":"2026/11/', "Report", '"rows":']

    for word in words:
        place = text.index(word) + len(word)
        other = "7" if text[place] != "7" else "8"
        assert refusal(text[:place] + other + text[place + 1 :], tmp_path / "copy"), word


@pytest.mark.long
def test_a_flipped_bit_of_the_text_is_refused(published: Newsroom, tmp_path: Path) -> None:
    """No part of it is kept; extra spaces at the end of a line are accepted."""
    data = text_of(published.config.state).encode()
    for bit in some_bits(data):
        if data[bit // 8] != ord("\n"):
            text = flipped(data, bit).decode(errors="surrogateescape")
            assert refusal(text, tmp_path / "copy"), bit


def test_a_text_with_other_line_ends_is_accepted(published: Newsroom, tmp_path: Path) -> None:
    """Some programs convert line ends when they copy a text."""
    text = text_of(published.config.state)

    with opened(tmp_path / "copy") as session:
        import_(session, lines_of(text.replace("\n", "\r\n")))
        session.commit()

    assert text_of(tmp_path / "copy") == text


@pytest.mark.parametrize("text", ["title", "[]", "[" * 100_000, "7", "{}\n", "\N{BOM}{}"])
def test_a_file_that_is_not_an_exported_ledger_is_refused(text: str, tmp_path: Path) -> None:
    """The refusal names its first line."""
    said = refusal(text, tmp_path / "copy")

    assert said.startswith(("Line 1 is none of a ledger", "This is no ledger's text"))


def test_an_unreadable_ledger_is_reported(published: Newsroom) -> None:
    """The database's error is reported in one sentence."""
    with opened(published.config.state) as session:
        session.execute(sa.text("DROP TABLE fact"))

        with pytest.raises(LedgerError, match=r"cannot be read: no such table: fact\.$"):
            list(export(session))


# ---- Commands


def test_the_ledger_is_exported_to_a_file_or_to_standard_output(published: Newsroom) -> None:
    """Both get the same bytes, and an older file is replaced."""
    file = published.folder / "ledger.jsonl"
    file.write_text(OLD_EXPORT, encoding="utf-8")

    printed = run(published, "export").stdout_bytes
    run(published, "export", file)

    assert run(published, "export", "-").stdout_bytes == printed
    assert not Path("-").exists()
    assert file.read_bytes() == printed == text_of(published.config.state).encode()
    assert list(published.folder.glob(".*")) == []


def test_a_file_that_cannot_be_written_is_reported(published: Newsroom) -> None:
    """The existing content stays."""
    with pytest.raises(StoreError, match=r"none/ledger\.jsonl: No such file or directory"):
        run(published, "export", published.folder / "none/ledger.jsonl")


def test_a_failed_export_keeps_the_old_file(published: Newsroom) -> None:
    """No partly written file is left beside it."""
    file = published.folder / "ledger.jsonl"
    file.write_text(OLD_EXPORT, encoding="utf-8")
    with opened(published.config.state) as session:
        session.execute(sa.text("DROP TABLE fact"))
        session.commit()

    with pytest.raises(LedgerError):
        run(published, "export", file)

    assert file.read_text(encoding="utf-8") == OLD_EXPORT
    assert list(published.folder.glob(".*")) == []


def test_the_ledger_is_never_exported_into_the_public_folder(published: Newsroom) -> None:
    """It contains more than readers may see."""
    with pytest.raises(StoreError, match="would be public"):
        run(published, "export", published.config.feeds_folder / "ledger.jsonl")


def test_an_export_never_replaces_a_device(published: Newsroom) -> None:
    """A pipe stays a pipe."""
    pipe = published.folder / "pipe"
    os.mkfifo(pipe)

    with pytest.raises(StoreError, match="is no file"):
        run(published, "export", pipe)

    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize(
    "name", ["config.toml", "entries/a.toml", "state/ledger.sqlite", "list.json"]
)
def test_an_export_replaces_no_other_file(name: str, published: Newsroom) -> None:
    """A slip of typing destroys neither the configuration, nor an entry, nor the ledger."""
    file = published.folder / name
    if not file.exists():
        file.write_text("[1, 2]", encoding="utf-8")
    before = file.read_bytes()

    with pytest.raises(StoreError, match="is not an export of a ledger"):
        run(published, "export", file)

    assert file.read_bytes() == before


def test_an_empty_ledger_does_not_overwrite_an_export(published: Newsroom) -> None:
    """A lost ledger is restored from the export."""
    file = published.folder / "ledger.jsonl"
    run(published, "export", file)
    text = file.read_bytes()
    shutil.rmtree(published.config.state)

    with pytest.raises(LedgerError, match="is empty"):
        run(published, "export", file)

    assert file.read_bytes() == text


def test_bytes_that_are_not_text_are_refused(published: Newsroom) -> None:
    """A damaged file is reported like a truncated one."""
    file = published.folder / "ledger.jsonl"
    run(published, "export", file)
    file.write_bytes(file.read_bytes().replace(b"Report", b"R\xe9port"))
    shutil.rmtree(published.config.state)

    with pytest.raises(DatelineError, match="was changed"):
        run(published, "import", file)

    with opened(published.config.state) as session:
        assert is_empty(session)


def test_an_export_waits_for_a_run(published: Newsroom) -> None:
    """It never contains a state between two commits of the run."""
    file = published.folder / "ledger.jsonl"
    export_it = Thread(target=run, args=(published, "export", file))

    with exclusive(published.config.state):
        export_it.start()
        export_it.join(0.5)
        is_waiting = export_it.is_alive() and not file.exists()
    export_it.join()

    assert is_waiting
    assert file.exists()
