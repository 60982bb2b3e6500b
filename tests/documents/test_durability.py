"""Documents are on disk before anything names them, and go live in the order of their roles.

A kill leaves what the system has in memory, and a cut of the power does not: what was waited for
is seen in the calls themselves.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from dateline import publish
from dateline.documents import manifest
from dateline.documents.compression import ENDINGS
from dateline.documents.manifest.head import HEAD, PREVIOUS
from dateline.documents.store import StagedFile, Store, sync
from dateline.errors import StoreError
from dateline.ledger import Ledger
from dateline.ledger.session import open_session
from dateline.model import Document, Role
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


def _calls(publisher: Nursery, room: Newsroom, takedown: str = "") -> list[Call]:
    """Publish a minute later; give the calls that write, in their order."""
    room.now += timedelta(minutes=1)
    said = publisher.run(room.folder, room.now, takedown=takedown, way="refusal", at=0)
    assert (said["error"], said["trace"]) == ("", "")
    found = [line.partition(" ") for line in said["trail"]]
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
    """Pictures, pages, archives, subscription documents, lists of all, and the manifest last."""
    folder, runs = days
    roles = {one.path: int(one.role) for one in manifest.documents(folder / "feeds")}
    for run in runs:
        renamed = [path for name, path in run if name == "os.rename"]
        shown = [_document(path) for path in renamed if _document(path)]
        # What is taken down was a picture or a page.
        order = [roles.get(path, 1 if path.startswith("media/") else 2) for path in shown]

        assert order == sorted(order), shown
        assert len({*order}) >= 3
        assert renamed[-1] == f"feeds/{HEAD}"
    assert {*roles.values()} == {*map(int, Role)}


def test_nothing_is_seen_before_it_is_on_disk(
    days: tuple[Path, Sequence[Sequence[Call]]],
) -> None:
    """Between the writing of any document and the first rename is a wait for the disk."""
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


def test_the_manifest_is_on_disk_before_it_is_seen(
    days: tuple[Path, Sequence[Sequence[Call]]],
) -> None:
    """The head of the run before has its other name by then."""
    for number, run in enumerate(days[1]):
        calls = [
            (name, re.sub(r"\.\d+\.new$", ".new", path))
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


def test_what_is_gone_is_gone_on_disk(days: tuple[Path, Sequence[Sequence[Call]]]) -> None:
    """After the last document was removed, the disk is waited for."""
    folder, runs = days
    removed = [
        number
        for number, (name, path) in enumerate(runs[-1])
        if name == "os.remove" and _document(path).startswith("media/")
    ]

    assert removed
    assert ("syncfs", "") in runs[-1][removed[-1] :]
    assert len([*(folder / "feeds/media").iterdir()]) == 1


def test_the_head_from_before_is_on_disk_where_there_are_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy is waited for, as the new head is."""
    synced: list[str] = []
    really = os.fsync

    def note(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        really(descriptor)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "not permitted")

    head = manifest.Head(
        generation=1, founded=1, documents={}, former_hosts={}, explained={}, embargo=None
    )
    manifest.head.write_head(tmp_path, head)
    before = (tmp_path / HEAD).read_bytes()
    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(os, "fsync", note)
    manifest.head.write_head(tmp_path, head)

    pid = os.getpid()
    assert synced == [f"{PREVIOUS}.{pid}.new", f"{HEAD}.{pid}.new"]
    assert (tmp_path / PREVIOUS).read_bytes() == before


def test_a_disk_that_fails_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system says of a wait that went wrong stops the run, and nothing is shown."""
    store = Store(tmp_path)
    sheet = store.write(_text("a.txt", b"new"), MOMENT)()
    really = os.open
    # The system itself refuses to wait for what was opened so (syncfs(2), EBADF).
    monkeypatch.setattr(os, "open", lambda path, *_: really(path, os.O_PATH))

    with pytest.raises(OSError, match="descriptor"):
        sync(tmp_path)
    with pytest.raises(StoreError, match="descriptor"):
        store.show([sheet])
    assert not (tmp_path / "a.txt").exists()


def test_the_ledger_waits_for_the_disk(tmp_path: Path) -> None:
    """A commit is on disk when it is said to be, and what is deleted is overwritten."""
    with closing(open_session(f"sqlite:///{tmp_path / 'ledger.sqlite'}")) as session:
        names = ("synchronous", "journal_mode", "secure_delete", "foreign_keys")
        found = [session.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert found == [2, "wal", 1, 1]  # 2 is FULL


def test_the_manifests_table_waits_for_the_disk(tmp_path: Path) -> None:
    """As the ledger does, and overwrites what is taken down."""
    sqlite3.connect(tmp_path / "table.sqlite").close()
    with closing(manifest.table.open_table(tmp_path / "table.sqlite", "rwc")) as table:
        names = ("synchronous", "journal_mode", "secure_delete")
        found = [table.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert found == [2, "delete", 1]


def test_the_ledger_has_what_is_about_to_be_seen(newsroom: Newsroom) -> None:
    """A run that is stopped at its first document has told the ledger of all of them."""
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


def test_no_stale_form_stays_beside_a_document(tmp_path: Path) -> None:
    """What has no coded form any more, since it would be no smaller, has none on disk."""
    feeds = tmp_path / "feeds"
    store = Store(feeds)
    store.show([store.write(_text("a.txt", TEXT), MOMENT)()])
    forms = sorted(path.name for path in feeds.iterdir())
    store.show([store.write(_text("a.txt", b"x"), MOMENT + 1)()])

    assert forms == ["a.txt", "a.txt.br", "a.txt.gz", "a.txt.zst"]
    assert [path.name for path in feeds.iterdir()] == ["a.txt"]


def test_forms_come_after_the_stale_ones_are_gone_and_have_one_moment(tmp_path: Path) -> None:
    """A server that looks for `.gz` beside a document finds that of the same version."""
    store = Store(tmp_path)
    store.show([store.write(_text("a.txt", TEXT), MOMENT)()])
    store.show([store.write(_text("a.txt", TEXT + TEXT), MOMENT + 7)()])

    assert {int(path.stat().st_mtime) for path in tmp_path.iterdir()} == {MOMENT + 7}


def test_a_document_that_is_removed_leaves_no_form(tmp_path: Path) -> None:
    """What is taken down is gone in every coding."""
    store = Store(tmp_path)
    store.show([store.write(_text("a.txt", TEXT), MOMENT)()])
    store.remove(["a.txt"])

    assert [*tmp_path.iterdir()] == []


def test_sheets_are_shown_in_the_order_of_their_roles_however_they_come(tmp_path: Path) -> None:
    """A feed that cannot be put in place is after the page, which is there by then."""
    store = Store(tmp_path)
    (tmp_path / "b.txt/in the way").mkdir(parents=True)
    documents = [_text("b.txt", b"b", Role.SUBSCRIPTION), _text("a.txt", b"a", Role.PAGE)]
    sheets: list[StagedFile] = [store.write(one, MOMENT)() for one in documents]
    with pytest.raises(StoreError):
        store.show(sheets)

    assert (tmp_path / "a.txt").read_bytes() == b"a"


def _text(path: str, data: bytes, role: Role = Role.SUBSCRIPTION) -> Document:
    return Document(path=path, role=role, media_type="text/plain", data=data)
