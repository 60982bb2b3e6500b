"""The process that publishes keeps its ledger in SQLite open, and nobody else notices."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Timer

import pytest
import sqlalchemy as sa

from dateline.ledger import Ledger, engine
from dateline.ledger.session import open_session
from support.ledgers import kept_open
from support.users import as_other_user


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """Yield the file of a ledger of generation 1, to which a connection is kept."""
    found = tmp_path / "ledger.sqlite"
    with kept_open(_url(found)):
        _write(found, 1)
        yield found


@pytest.fixture
def connected(path: Path) -> list[object]:
    """Return the connections that are opened from now on."""
    found: list[object] = []
    sa.event.listen(engine.engine_at(_url(path)), "connect", lambda one, _: found.append(one))
    return found


def _url(path: Path) -> str:
    return f"sqlite:///{path}"


def _write(path: Path, generation: int) -> None:
    with Ledger(_url(path)) as ledger:
        ledger.state.generation = generation
        ledger.commit()


def _generation(path: Path) -> int:
    with Ledger(_url(path)) as ledger:
        return ledger.state.generation


def _read(path: Path) -> tuple[str, str]:
    """Return the generation in a file and what SQLite's own check of it says."""
    with closing(sqlite3.connect(path)) as tables:
        ((check,),) = tables.execute("PRAGMA integrity_check")
        ((value,),) = tables.execute("SELECT value FROM fact WHERE name = 'generation'")
    return value, check


def test_each_session_has_the_connection_of_the_last(path: Path, connected: list[object]) -> None:
    """One that begins while it is in use has another, and one of the two stays."""
    assert _generation(path) == 1
    with Ledger(_url(path)):
        assert connected == []
        assert _generation(path) == 1
    assert len(connected) == 1
    pool = engine.engine_at(_url(path)).pool
    assert (pool.checkedin(), pool.checkedout()) == (1, 0)  # type: ignore[attr-defined]


def test_between_two_sessions_the_file_is_whole_and_free(path: Path) -> None:
    """A copy of it has everything, and others may write, or vacuum it."""
    _write(path, 2)

    assert path.with_name(f"{path.name}-wal").stat().st_size == 0
    shutil.copyfile(path, copied := path.with_name("copied.sqlite"))
    assert _read(copied) == ("2", "ok")
    with closing(sqlite3.connect(path, timeout=0)) as other:
        other.execute("VACUUM")
        ((is_busy, *_),) = other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert not is_busy
    assert _generation(path) == 2


def test_what_is_purged_leaves_the_log_once_others_have_read(path: Path) -> None:
    """A session that purges waits at its end for those who read the deleted text."""
    log = path.with_name(f"{path.name}-wal")
    with closing(open_session(_url(path))) as session:
        session.connection.exec_driver_sql("INSERT INTO fact VALUES ('secret', 'Zzqxtitle')")
        session.commit()
        with closing(sqlite3.connect(path, check_same_thread=False)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM fact").fetchall()
            session.connection.exec_driver_sql("DELETE FROM fact WHERE name = 'secret'")
            session.purge_on_close()
            session.commit()
            before = log.read_bytes()
            (reading := Timer(0.2, reader.rollback)).start()

            session.close()
            left = path.read_bytes() + log.read_bytes()
            reading.join()

    assert b"Zzqxtitle" in before
    assert b"Zzqxtitle" not in left


def _move(old: Path, path: Path) -> None:
    old.replace(path)


def _copy(old: Path, path: Path) -> None:
    shutil.copy2(old, path)


@pytest.mark.parametrize("restore", [_move, _copy])
def test_a_file_that_is_restored_is_opened_again(
    path: Path, restore: Callable[[Path, Path], object]
) -> None:
    """Neither pages in memory nor the log of the other file are mixed with it."""
    shutil.copyfile(path, old := path.with_name("old.sqlite"))
    os.utime(old, (0, 0))
    _write(path, 2)
    restore(old, path)

    assert _generation(path) == 1
    _write(path, 7)
    assert _read(path) == ("7", "ok")


def test_a_file_that_is_deleted_is_not_written_to(path: Path) -> None:
    """The next session begins an empty ledger under its name."""
    path.unlink()

    assert _generation(path) == 0
    _write(path, 7)
    assert _read(path) == ("7", "ok")


def test_what_another_process_writes_is_read(
    path: Path, connected: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It leaves the file whole, too, although it is not the last that has it open."""
    monkeypatch.setattr(engine, "_pool_of_files", engine._CLOSED)  # noqa: SLF001 - as in others
    with Ledger(f"sqlite:///{path.parent}/./{path.name}") as ledger:
        ledger.state.generation = 5
        ledger.commit()

    shutil.copyfile(path, copied := path.with_name("copied.sqlite"))
    assert _read(copied) == ("5", "ok")
    assert _generation(path) == 5
    assert len(connected) == 1


def test_a_reader_in_another_process_is_not_waited_for(path: Path, connected: list[object]) -> None:
    """The log stays until it has read, and the connection is not kept."""
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM fact").fetchall()
        _write(path, 2)
        assert _generation(path) == 2
    _write(path, 3)

    assert _read(path) == ("3", "ok")
    assert len(connected) >= 1


def test_a_replaced_file_is_let_go_before_the_next_session(path: Path) -> None:
    """SQLite in other processes would take the log of the old file for that of the new one."""
    pool = engine.engine_at(_url(path)).pool
    engine.close_replaced()
    assert pool.checkedin() == 1  # type: ignore[attr-defined]
    shutil.copyfile(path, old := path.with_name("old.sqlite"))
    old.replace(path)

    engine.close_replaced()

    assert pool.checkedin() == 0  # type: ignore[attr-defined]


def test_a_session_that_fails_keeps_nothing(path: Path, connected: list[object]) -> None:
    """What made it fail may be in memory alone."""
    with pytest.raises(ZeroDivisionError), Ledger(_url(path)):
        1 / 0  # noqa: B018

    assert _generation(path) == 1
    assert len(connected) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_connection_that_is_read_only_is_not_kept() -> None:
    """SQLite opens a file in that way where a full disk refuses another; later there is room."""
    with TemporaryDirectory() as name, kept_open(_url(path := Path(name) / "ledger.sqlite")):
        path.parent.chmod(0o755)
        _write(path, 1)
        with closing(sqlite3.connect(path)) as reader:
            reader.execute("SELECT count(*) FROM fact").fetchall()
            engine.engine_at(_url(path)).dispose()  # the log stays for the reader
            with as_other_user():
                assert _generation(path) == 1

        _write(path, 2)

        assert _generation(path) == 2
