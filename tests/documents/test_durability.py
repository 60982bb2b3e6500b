"""Documents are on disk before anything names them, and go live in the order of their roles.

A killed process loses nothing that the system holds in memory, but a power cut does. So these
tests check the recorded system calls.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from dateline import publish
from dateline.cli import decisions
from dateline.documents import manifest
from dateline.documents.compression import ENDINGS
from dateline.documents.manifest.head import HEAD, PREVIOUS
from dateline.documents.store import StagedFile, Store
from dateline.errors import StoreError
from dateline.ledger import Ledger
from dateline.ledger.session import open_session
from dateline.model import Document, Role
from dateline.publish import history
from dateline.publish.notify import problem_files
from dateline.publish.sources.folder import SourceFolder
from dateline.system.writing import sync_file_system, temporary_name
from support.crashing import CONFIG, DOWN, Nursery, nursery, workplace
from support.publication import NOW, Newsroom, entry_file, picture

MOMENT = 1_700_000_000
TEXT = b"text " * 400
Call = tuple[str, str]  # its name, and a path below the newsroom's folder


@pytest.fixture(scope="module")
def publisher() -> Iterator[Nursery]:
    """Return a process that publishes in copies of itself, and records its calls."""
    with nursery() as process:
        yield process


@pytest.fixture(scope="module")
def days(publisher: Nursery) -> Iterator[tuple[Path, Sequence[Sequence[Call]]]]:
    """Return a newsroom's folder after four runs, and the calls of each of them."""
    with workplace() as folder:
        room = Newsroom(folder, now=NOW)
        (folder / "entries").mkdir()
        (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
        for day in range(10, 16):
            room.drop(f"{day}.toml", entry_file(f"Day {day}", f"2026-11-{day}"))
        for name in ("a", "b"):
            room.drop(f"{name}.png", picture("red" if name == "a" else "navy"))
        shown = {"image": '"a.png"', "image_alt": '"Red"', "id": f'"{DOWN}"'}
        room.drop("down.toml", entry_file("Secret", "2026-11-11", **shown))
        runs = [_calls(publisher, room)]
        room.drop("new.toml", entry_file("New", image='"b.png"', image_alt='"Blue"'))
        runs.append(_calls(publisher, room))
        room.drop("12.toml", entry_file("Day 12", "2026-11-12", correction='"The twelfth."'))
        runs.append(_calls(publisher, room))
        (folder / "entries/down.toml").unlink()
        runs.append(_calls(publisher, room, DOWN))
        yield folder, runs


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of files and folders that are synced from now on."""
    names: list[str] = []
    really = os.fsync

    def note(descriptor: int) -> None:
        names.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        really(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    return names


def _calls(publisher: Nursery, room: Newsroom, takedown: str = "") -> list[Call]:
    """Publish a minute later, and return the calls that write, in their order."""
    room.now += timedelta(minutes=1)
    result = publisher.run(room.folder, room.now, takedown=takedown, way="refusal", at=0)
    assert (result["error"], result["trace"]) == ("", "")
    found = [line.partition(" ") for line in result["trail"]]
    return [(name, os.path.relpath(path, room.folder) if path else "") for name, _, path in found]


def _document(path: str) -> str:
    """Return the path of the document whose plain or coded form this is; empty for other files."""
    inner = path.removeprefix("feeds/")
    if inner == path or inner.startswith("."):
        return ""
    for ending in ENDINGS.values():
        inner = inner.removesuffix(ending)
    return inner


def test_documents_go_live_in_the_order_of_their_roles(
    days: tuple[Path, Sequence[Sequence[Call]]],
) -> None:
    """Pictures, pages, archives, subscription documents, lists, and the manifest last."""
    folder, runs = days
    roles = {one.path: int(one.role) for one in manifest.documents(folder / "feeds")}
    for run in runs:
        renamed = [path for name, path in run if name == "os.rename" and "state/" not in path]
        shown = [_document(path) for path in renamed if _document(path)]
        # A document that was taken down was a picture or a page.
        order = [roles.get(path, 1 if path.startswith("media/") else 2) for path in shown]

        assert order == sorted(order), shown
        assert len({*order}) >= 3
        assert renamed[-1] == f"feeds/{HEAD}"
    assert {*roles.values()} == {*map(int, Role)}


def test_no_coded_form_is_older_than_the_plain_one(
    days: tuple[Path, Sequence[Sequence[Call]]],
) -> None:
    """Caddy sends its bytes with the moment of the plain one."""
    for run in days[1]:
        renamed = [path for name, path in run if name == "os.rename"]
        plain = {path for path in renamed if f"feeds/{_document(path)}" == path}
        coded = [path for path in renamed if _document(path) and path not in plain]

        assert coded
        for path in coded:
            assert renamed.index(path) < renamed.index(f"feeds/{_document(path)}"), path


def test_no_document_goes_live_before_it_is_on_disk(
    days: tuple[Path, Sequence[Sequence[Call]]],
) -> None:
    """The disk is synced between the last write and the first rename."""
    for run in days[1]:
        is_waiting, shown = False, 0
        for name, path in run:
            if name == "syncfs":
                is_waiting = False
            elif path.startswith("feeds/.new/") and name in {"open", "os.utime"}:
                is_waiting = True
            elif name == "os.rename" and _document(path):
                assert not is_waiting, path
                shown += 1
        assert shown


def test_the_manifest_is_on_disk_before_it_goes_live(
    days: tuple[Path, Sequence[Sequence[Call]]],
) -> None:
    """The previous head has its other name by then."""
    for number, run in enumerate(days[1]):
        calls = [
            (name, path)
            for name, path in run
            if path.startswith(f"feeds/{HEAD}") or path == f"feeds/{PREVIOUS}"
        ]
        kept = [("os.rename", f"feeds/{PREVIOUS}")] if number else []
        assert calls == [
            *kept,
            ("os.remove", f"feeds/{HEAD}.new"),  # of a process that was killed
            ("open", f"feeds/{HEAD}.new"),
            ("fsync", f"feeds/{HEAD}.new"),
            ("os.rename", f"feeds/{HEAD}"),
        ]


def test_all_names_are_on_disk_before_the_manifest_leads_there(
    days: tuple[Path, Sequence[Sequence[Call]]],
) -> None:
    """The disk is synced after the last document got its name, and the manifest's name is last."""
    for run in days[1]:
        shown = [at for at, (name, path) in enumerate(run) if name == "os.rename"]
        *_, last = (at for at in shown if _document(run[at][1]))
        published = run.index(("os.rename", f"feeds/{HEAD}"))

        assert ("syncfs", "") in run[last:published]
        assert ("fsync", "feeds") in run[published:]


def test_no_row_is_written_before_all_names_are_on_disk(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that cannot be synced leaves the manifest as it is."""
    newsroom.drop("a.toml")
    newsroom.build()
    feeds = newsroom.folder / "feeds"
    before = [(feeds / name).read_bytes() for name in (manifest.TABLE, HEAD)]
    head, change = manifest.read_head(feeds), manifest.ManifestChange(documents=[])
    assert head
    really = os.open
    monkeypatch.setattr(os, "open", lambda path, *_: really(path, os.O_PATH))

    with pytest.raises(StoreError, match="descriptor"):
        manifest.write(feeds, head, change)
    assert [(feeds / name).read_bytes() for name in (manifest.TABLE, HEAD)] == before


def test_removals_are_synced_to_disk(days: tuple[Path, Sequence[Sequence[Call]]]) -> None:
    """The disk is synced after the last document was removed."""
    folder, runs = days
    removed = [
        number
        for number, (name, path) in enumerate(runs[-1])
        if name == "os.remove" and _document(path).startswith("media/")
    ]

    assert removed
    assert ("syncfs", "") in runs[-1][removed[-1] :]
    assert len([*(folder / "feeds/media").iterdir()]) == 1


def test_the_previous_head_is_on_disk_where_links_are_not_supported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, synced: list[str]
) -> None:
    """The copy is synced, like the new head, and so are their names."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "not permitted")

    head = manifest.Head(
        generation=1, founded=1, documents={}, former_hosts={}, explained={}, embargo=None
    )
    manifest.head.write_head(tmp_path, head)
    before = (tmp_path / HEAD).read_bytes()
    monkeypatch.setattr(os, "link", refuse)
    synced.clear()
    manifest.head.write_head(tmp_path, head)

    folder = tmp_path.name
    assert synced == [f"{PREVIOUS}.new", folder, f"{HEAD}.new", folder]
    assert (tmp_path / PREVIOUS).read_bytes() == before


def test_a_failed_sync_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error of the system is raised, and no document goes live."""
    store = Store(tmp_path)
    staged = store.write(_text("a.txt", b"new"), MOMENT)()
    really = os.open
    # syncfs(2) refuses such a descriptor with EBADF.
    monkeypatch.setattr(os, "open", lambda path, *_: really(path, os.O_PATH))

    with pytest.raises(OSError, match="descriptor"):
        sync_file_system(tmp_path)
    with pytest.raises(StoreError, match="descriptor"):
        store.show([staged])
    assert not (tmp_path / "a.txt").exists()


def test_a_run_that_writes_no_document_syncs_none(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the names, although documents have changed: twice within a second, so they wait."""
    newsroom.drop("a.toml")
    newsroom.build()
    synced: list[Path] = []
    monkeypatch.setattr("dateline.documents.store.sync_file_system", synced.append)
    newsroom.drop("a.toml", entry_file("Other"))
    report = newsroom.build(after=timedelta())

    assert (report.documents, synced) == ((), [newsroom.folder / "feeds"])


def test_a_restored_file_is_synced_to_disk(newsroom: Newsroom, synced: list[str]) -> None:
    """It takes the place of a file of staff, which a power cut would leave empty."""
    path = newsroom.drop("a.toml")
    newsroom.build()
    newsroom.drop("a.toml", entry_file("Other"))
    newsroom.build()
    synced.clear()
    history.restore(newsroom.config, "a.toml", 1, now=newsroom.now)

    temporary, folder = synced
    assert temporary.startswith(".dateline-")
    assert folder == "entries"
    assert path.read_text("utf-8") == entry_file()


def test_the_configuration_of_a_moved_site_is_synced_to_disk(
    newsroom: Newsroom, synced: list[str]
) -> None:
    """Dateline writes it, and nothing else has its lines."""
    path = newsroom.folder / "config.toml"
    newsroom.drop("a.toml")
    newsroom.build()
    synced.clear()
    words = ["--config", str(path), "--to", "https://news.example.org/", "--yes"]
    done = CliRunner().invoke(decisions.move, words)

    assert done.exit_code == 0, done.output
    assert synced[:2] == [temporary_name(path, f".{os.getpid()}").name, newsroom.folder.name]


def test_a_source_is_on_disk_before_it_counts_as_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New, replaced and removed files alike: a disk that cannot be synced is an error."""
    folder = SourceFolder(tmp_path / "entries", is_new=True)
    really = os.open
    monkeypatch.setattr(os, "open", lambda path, *_: really(path, os.O_PATH))

    with pytest.raises(OSError, match="descriptor"):
        folder.sync()


@pytest.mark.parametrize("left", [b"", bytes(190)])
def test_a_note_that_a_power_cut_left_empty_is_written_again(
    newsroom: Newsroom, left: bytes
) -> None:
    """And removed once the problem is fixed; nobody else writes such a file."""
    newsroom.drop("a.toml", entry_file(body='""'))
    newsroom.build()
    note = newsroom.folder / f"entries/a.toml{problem_files.ENDING}"
    text = note.read_bytes()
    note.write_bytes(left)
    newsroom.build()
    again = note.read_bytes()
    note.write_bytes(left)
    newsroom.drop("a.toml")
    newsroom.build()

    assert again == text
    assert not note.exists()


def test_the_ledger_is_synced_to_disk(tmp_path: Path) -> None:
    """A commit is on disk, and deleted rows are overwritten."""
    with closing(open_session(f"sqlite:///{tmp_path / 'ledger.sqlite'}")) as session:
        names = ("synchronous", "journal_mode", "secure_delete", "foreign_keys")
        found = [session.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert found == [2, "wal", 1, 1]  # 2 is FULL


def test_the_manifests_table_is_synced_to_disk(tmp_path: Path) -> None:
    """Rows of what is taken down are overwritten."""
    sqlite3.connect(tmp_path / "table.sqlite").close()
    with closing(manifest.table.open_table(tmp_path / "table.sqlite", "rwc")) as table:
        names = ("synchronous", "journal_mode", "secure_delete")
        found = [table.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert found == [2, "delete", 1]


def test_the_ledger_has_documents_before_they_go_live(newsroom: Newsroom) -> None:
    """A run that fails at its first document has recorded all of them."""
    newsroom.drop("a.toml")
    newsroom.build()
    newsroom.drop("b.toml", entry_file("Other"))
    page = newsroom.folder / "feeds/news.rss"
    page.unlink()
    page.mkdir()
    (page / "in the way").touch()
    with pytest.raises(StoreError):
        newsroom.build()
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        unfinished, slugs = ledger.documents.unfinished(), ledger.entries.slugs()

    assert {"news.rss", "news.atom", "index.html"} <= unfinished
    assert len(slugs) == 2


def test_no_stale_coded_form_stays_beside_a_document(tmp_path: Path) -> None:
    """A document that compression does not shrink has no coded form on disk."""
    feeds = tmp_path / "feeds"
    store = Store(feeds)
    repeated = Random(1).randbytes(30_000).hex().encode() * 3  # noqa: S311 - repeatable
    store.show([store.write(_text("a.txt", repeated), MOMENT)()])
    forms = sorted(path.name for path in feeds.iterdir())
    store.show([store.write(_text("a.txt", b"x"), MOMENT + 1)()])

    assert forms == ["a.txt", "a.txt.br", "a.txt.gz", "a.txt.zst"]
    assert [path.name for path in feeds.iterdir()] == ["a.txt"]


def test_all_forms_of_a_document_have_its_modification_time(tmp_path: Path) -> None:
    """A server that serves `.gz` beside a document serves the same version."""
    store = Store(tmp_path)
    store.show([store.write(_text("a.txt", TEXT), MOMENT)()])
    store.show([store.write(_text("a.txt", TEXT + TEXT), MOMENT + 7)()])

    assert {int(path.stat().st_mtime) for path in tmp_path.iterdir()} == {MOMENT + 7}


def test_a_removed_document_leaves_no_coded_form(tmp_path: Path) -> None:
    """Taking down removes every form."""
    store = Store(tmp_path)
    store.show([store.write(_text("a.txt", TEXT), MOMENT)()])
    store.remove(["a.txt"])

    assert [*tmp_path.iterdir()] == []


def test_staged_files_go_live_in_the_order_of_their_roles(tmp_path: Path) -> None:
    """If a feed cannot be replaced, the page before it is live already."""
    store = Store(tmp_path)
    (tmp_path / "b.txt/in the way").mkdir(parents=True)
    documents = [_text("b.txt", b"b", Role.SUBSCRIPTION), _text("a.txt", b"a", Role.PAGE)]
    staged: list[StagedFile] = [store.write(one, MOMENT)() for one in documents]
    with pytest.raises(StoreError):
        store.show(staged)

    assert (tmp_path / "a.txt").read_bytes() == b"a"


def _text(path: str, data: bytes, role: Role = Role.SUBSCRIPTION) -> Document:
    return Document(path=path, role=role, media_type="text/plain", data=data)


@pytest.mark.long
def test_a_run_returns_the_space_of_the_log(newsroom: Newsroom) -> None:
    """The ledger's write-ahead log is emptied, although a reader keeps it in being."""
    for number in range(20):
        newsroom.drop(f"{number}.toml", entry_file(f"N {number}"))
    newsroom.build()
    ledger = newsroom.folder / "state/ledger.sqlite"
    with closing(sqlite3.connect(ledger)) as reader:
        reader.execute("SELECT count(*) FROM entry").fetchone()
        log = ledger.with_name("ledger.sqlite-wal")
        newsroom.drop("new.toml", entry_file("New"))
        newsroom.build()
        after_an_entry = log.stat().st_size
        config = newsroom.folder / "config.toml"
        config.write_text(config.read_text("utf-8").replace("Everything", "All"), "utf-8")
        newsroom.build()
        after_all = log.stat().st_size

    assert (after_an_entry, after_all) == (0, 0)
