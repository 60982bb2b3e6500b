"""The manifest holds what serving, and recovery of a lost ledger, need."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from threading import Timer

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dateline.documents import manifest
from dateline.documents.manifest import (
    PREVIOUS,
    DocumentListing,
    EntryListing,
    FormerListing,
    Head,
    ManifestChange,
    ManifestFault,
    ManifestReader,
    MemberListing,
)
from dateline.documents.manifest.head import head_of_bytes
from dateline.errors import StoreError
from dateline.model import Role
from dateline.text.urls import fingerprint
from support.flips import flipped, some_bits
from support.packed import with_texts
from support.releases import unpack

FEED = DocumentListing(
    path="news.rss",
    media_type="application/rss+xml; charset=utf-8",
    role=Role.SUBSCRIPTION,
    changed=0x65A0_0000,
    size=0x2C,
    digest="0" * 64,
    links="<https://news.example.org/news.rss>; rel=self",
    max_age=300,
    expires=None,
)
ENTRY = EntryListing(
    id="tag:example.org,2008:a",
    sequence=1,
    slug="2008/10/a",
    path="1" * 64,
    content="2" * 64,
    headline="3" * 64,
    published=1_224_500_000,
    updated=1_224_500_000,
    retracted=None,
    kept=False,
    withdrawn=None,
    purged=False,
    expires=None,
    corrections="[]",
    story="{}",
)


def test_the_manifest_makes_a_round_trip(tmp_path: Path) -> None:
    """Head, documents and entries are read as they were written."""
    head = Head(generation=3, founded=5, documents={"news.rss": FEED})
    member = MemberListing(feed="news", number=1, entry=ENTRY.id, part=0, published=5, archive=None)
    gone = FormerListing(digest=fingerprint("old.rss"), target="news.rss")
    change = ManifestChange(documents=[FEED], entries=[ENTRY], members=[member], former=[gone])
    manifest.write(tmp_path, head, change, rebuild=True)

    assert manifest.read_head(tmp_path) == head
    assert list(manifest.documents(tmp_path)) == [FEED]
    assert list(manifest.entries(tmp_path)) == [ENTRY]
    assert list(manifest.members(tmp_path)) == [member]
    assert list(manifest.former(tmp_path)) == [gone]
    assert ManifestReader(tmp_path).former("old.rss") == "news.rss"
    assert ManifestReader(tmp_path).former("other.rss") is None
    assert ManifestReader(tmp_path).find("news.rss") == FEED
    assert ManifestReader(tmp_path).find("other.rss") is None


def test_a_table_is_begun_before_its_documents_are_known(tmp_path: Path) -> None:
    """Readers see none of it until it is complete; then all rows are there, and are counted."""
    member = MemberListing(feed="news", number=1, entry=ENTRY.id, part=0, published=5, archive=None)
    before = Head(generation=1, founded=5, documents={})
    manifest.write(tmp_path, before, ManifestChange(documents=[]), rebuild=True)
    manifest.begin(tmp_path, ManifestChange(documents=[], entries=[ENTRY], members=[member]))

    assert list(manifest.entries(tmp_path)) == []

    head = Head(generation=2, founded=5, documents={"news.rss": FEED})
    change = ManifestChange(documents=[FEED])
    manifest.write(tmp_path, head, change, rebuild=True, is_begun=True)

    found = manifest.open_head(tmp_path)
    assert isinstance(found, Head)
    assert replace(found, table="") == head
    assert manifest.table_fault(tmp_path, found) is None
    assert list(manifest.documents(tmp_path)) == [FEED]
    assert list(manifest.entries(tmp_path)) == [ENTRY]
    assert list(manifest.members(tmp_path)) == [member]
    assert not manifest.damage(tmp_path)


def test_documents_are_added_to_a_table_that_was_begun(tmp_path: Path) -> None:
    """The head alone is left then; all rows are counted once."""
    manifest.begin(tmp_path, ManifestChange(documents=[], entries=[ENTRY]))

    manifest.extend(tmp_path, ManifestChange(documents=[FEED]))

    head = Head(generation=2, founded=5, documents={"news.rss": FEED})
    manifest.write(tmp_path, head, ManifestChange(documents=[]), rebuild=True, is_begun=True)
    found = manifest.open_head(tmp_path)
    assert isinstance(found, Head)
    assert manifest.table_fault(tmp_path, found) is None
    assert list(manifest.documents(tmp_path)) == [FEED]
    assert list(manifest.entries(tmp_path)) == [ENTRY]


def test_a_damaged_beginning_of_a_table_is_not_completed(tmp_path: Path) -> None:
    """The publisher then writes it as a whole."""
    head = Head(generation=1, founded=5, documents={})
    manifest.begin(tmp_path, ManifestChange(documents=[], entries=[ENTRY]))
    (tmp_path / ".new/manifest.sqlite").write_bytes(b"no database")

    for _ in range(2):
        with pytest.raises(manifest.Damaged):
            manifest.extend(tmp_path, ManifestChange(documents=[FEED]))
        with pytest.raises(manifest.Damaged):
            manifest.write(
                tmp_path, head, ManifestChange(documents=[]), rebuild=True, is_begun=True
            )
        (tmp_path / ".new/manifest.sqlite").unlink(missing_ok=True)
    manifest.write(tmp_path, head, ManifestChange(documents=[], entries=[ENTRY]), rebuild=True)

    assert list(manifest.entries(tmp_path)) == [ENTRY]


def test_etags_equal_those_of_nginx() -> None:
    """An ETag has modification time and length, in hexadecimal."""
    assert FEED.etag == '"65a00000-2c"'


def test_there_is_no_head_before_the_first_run(tmp_path: Path) -> None:
    """A folder without a manifest has published nothing; a truncated head counts as none."""
    assert manifest.read_head(tmp_path) is None
    (tmp_path / manifest.HEAD).write_bytes(b'{"gener')
    assert manifest.read_head(tmp_path) is None


def test_the_table_of_an_earlier_release_is_read_and_written_again(tmp_path: Path) -> None:
    """It has texts and digests as they are, stories by id and members with ids."""
    feeds = unpack("0.1.0", tmp_path / "room").room.folder / "feeds"
    head = manifest.read_head(feeds)
    kinds = (manifest.documents, manifest.entries, manifest.members, manifest.former)
    rows = [kind(feeds) for kind in kinds]
    documents, entries, members, former = ([*one] for one in rows)

    assert head is not None
    assert manifest.table_fault(feeds, head) is ManifestFault.OLDER
    assert manifest.damage(feeds) == ".manifest.sqlite is of an older format"
    assert [one.lost for one in rows] == [0] * 4
    assert all(one.story or one.purged for one in entries)
    assert {one.entry for one in members} - {None} <= {one.id for one in entries}
    reader = ManifestReader(feeds)
    assert [reader.find(one.path) for one in documents] == documents
    assert reader.entries([one.id for one in entries]) == entries
    assert reader.head_note().generation == head.generation

    change = ManifestChange(documents=documents, entries=entries, members=members, former=former)
    manifest.write(tmp_path, head, change, rebuild=True)
    assert [[*kind(tmp_path)] for kind in kinds] == [documents, entries, members, former]
    assert manifest.damage(tmp_path) == ""


def test_texts_and_digests_take_less_space_in_the_table(tmp_path: Path) -> None:
    """A story is compressed, and a text that is taken down leaves nothing in the file."""
    text = json.dumps({"html": "<p>The harbour opens, with speeches. </p>" * 100})
    entries = [
        replace(ENTRY, id=f"tag:example.org,2008:{n}", sequence=n, story=text) for n in range(100)
    ]
    head = Head(generation=1, founded=0, documents={})
    manifest.write(tmp_path, head, ManifestChange(documents=[], entries=entries), rebuild=True)
    table = tmp_path / ".manifest.sqlite"

    assert table.stat().st_size < 100 * len(text) / 4
    assert b"with speeches" in with_texts(table)
    purged = [replace(one, story="", purged=True) for one in entries]
    manifest.write(tmp_path, head, ManifestChange(documents=[], entries=purged))
    assert b"with speeches" not in with_texts(table)


def test_a_member_whose_entry_is_lost_is_lost_as_well(tmp_path: Path) -> None:
    """Members have the sequence of their entry in place of its id."""
    manifest.write(tmp_path, Head(generation=1, founded=0, documents={}), many(), rebuild=True)
    with closing(sqlite3.connect(tmp_path / ".manifest.sqlite")) as tables, tables:
        tables.execute("DELETE FROM entry WHERE sequence = 7")
        tables.execute("DELETE FROM entry_copy WHERE sequence = 7")
    rows = manifest.members(tmp_path)

    assert [one.entry for one in rows] == [f"tag:example.org,2008:{n}" for n in range(40) if n != 7]
    assert rows.lost == 1


def test_every_file_of_the_manifest_is_hidden(tmp_path: Path) -> None:
    """Web servers do not serve names that begin with a dot."""
    manifest.write(
        tmp_path,
        Head(generation=1, founded=0, documents={}),
        ManifestChange(documents=[FEED]),
        rebuild=True,
    )

    assert all(path.name.startswith(".") for path in tmp_path.iterdir())


def many(number: int = 40) -> ManifestChange:
    """Return rows that fill more than a page of each kind."""
    return ManifestChange(
        documents=[replace(FEED, path=f"{n}.rss", size=n) for n in range(number)],
        entries=[
            replace(ENTRY, id=f"tag:example.org,2008:{n}", sequence=n, slug=f"2008/10/{n}")
            for n in range(number)
        ],
        members=[
            MemberListing(
                feed="news",
                number=n,
                entry=f"tag:example.org,2008:{n}",
                part=0,
                published=n,
                archive=None,
            )
            for n in range(number)
        ],
        former=[
            FormerListing(digest=fingerprint(f"old-{n}.rss"), target=f"{n}.rss")
            for n in range(number)
        ],
    )


@pytest.mark.long
def test_every_flipped_bit_of_a_head_is_noticed(tmp_path: Path) -> None:
    """The checksum covers everything that is read."""
    manifest.write(
        tmp_path, Head(generation=1, founded=0, documents={"news.rss": FEED}), many(1), rebuild=True
    )
    data = (tmp_path / manifest.HEAD).read_bytes()

    found = [head_of_bytes(flipped(data, bit)) for bit in range(8 * len(data))]

    assert found == [ManifestFault.DAMAGED] * len(found)


@pytest.mark.long
@given(st.binary() | st.from_regex(rb'\{"format": [67](, "\w+": ([0-9]|\[\]|\{\}|null))*\}'))
@example(b"[]")
@example(b'{"format": 6}')
@example(b'{"format": 7}')
@example(b"[" * 100_000)
@example(b'{"format": 6, "documents": {"a": {"path": 1}}}')
def test_any_bytes_are_a_head_or_a_fault(data: bytes) -> None:
    """Nothing else is raised."""
    assert isinstance(head_of_bytes(data), ManifestFault)


def test_the_head_of_another_release_does_not_count_as_damaged() -> None:
    """Older and newer releases may write another format."""
    rest = b'"format": 8, "documents": []}'
    digest = hashlib.sha256(rest).hexdigest().encode()

    assert head_of_bytes(b'{"digest": "%s", ' % digest + rest) is ManifestFault.FOREIGN
    assert head_of_bytes(b'{"format": 5, "documents": []}') is ManifestFault.FOREIGN


def test_a_head_that_contradicts_itself_is_damaged(tmp_path: Path) -> None:
    """Heads of format 6 have no checksum, but each document is listed under its own path."""
    manifest.write(
        tmp_path, Head(generation=1, founded=0, documents={"news.rss": FEED}), many(1), rebuild=True
    )
    record = json.loads((tmp_path / manifest.HEAD).read_bytes()) | {"format": 6}
    del record["digest"]
    swapped = record | {"documents": {"other.rss": record["documents"]["news.rss"]}}

    assert isinstance(head_of_bytes(json.dumps(record).encode()), Head)
    assert head_of_bytes(json.dumps(swapped).encode()) is ManifestFault.DAMAGED


def test_the_head_of_the_previous_run_is_kept(tmp_path: Path) -> None:
    """A damaged head does not replace it."""
    for generation in (1, 2):
        head = Head(generation=generation, founded=0, documents={})
        manifest.write(tmp_path, head, ManifestChange(documents=[FEED]), rebuild=True)
    (tmp_path / manifest.HEAD).write_bytes(b"{}")
    manifest.write(
        tmp_path, Head(generation=3, founded=0, documents={}), ManifestChange(documents=[FEED])
    )

    before, now = (manifest.open_head(tmp_path, name) for name in (PREVIOUS, manifest.HEAD))

    assert isinstance(before, Head)
    assert isinstance(now, Head)
    assert (before.generation, now.generation) == (1, 3)


def test_a_damaged_previous_head_is_replaced(tmp_path: Path) -> None:
    """The current one takes its place; an intact one stays, and none is made."""
    head = Head(generation=1, founded=0, documents={})
    manifest.write(tmp_path, head, ManifestChange(documents=[FEED]), rebuild=True)
    manifest.mend_previous(tmp_path)
    assert manifest.open_head(tmp_path, PREVIOUS) is ManifestFault.MISSING

    manifest.write(tmp_path, replace(head, generation=2), ManifestChange(documents=[FEED]))
    manifest.mend_previous(tmp_path)
    assert _generation(tmp_path, PREVIOUS) == 1

    previous = tmp_path / PREVIOUS
    previous.write_bytes(flipped(previous.read_bytes(), 99))
    manifest.mend_previous(tmp_path)
    assert _generation(tmp_path, PREVIOUS) == _generation(tmp_path, manifest.HEAD) == 2


def _generation(folder: Path, name: str) -> int:
    head = manifest.open_head(folder, name)
    assert isinstance(head, Head)
    return head.generation


@pytest.mark.long
def test_a_flipped_bit_of_the_table_gives_no_wrong_answer(tmp_path: Path) -> None:
    """A document is found as it is or counts as unknown, and so does one that never existed."""
    change = many()
    manifest.write(tmp_path, Head(generation=1, founded=0, documents={}), change, rebuild=True)
    table = tmp_path / ".manifest.sqlite"
    data = table.read_bytes()
    for bit in some_bits(data):
        table.write_bytes(flipped(data, bit))
        reader = ManifestReader(tmp_path)
        for one in (*change.documents, replace(FEED, path="never.rss")):
            expected = None if one.path == "never.rss" else one
            with suppress(sqlite3.Error):
                assert reader.find(one.path) == expected, bit
        for one in change.documents:
            with suppress(sqlite3.Error):
                assert reader.former(f"old-{one.path}") == one.path, bit


@pytest.mark.long
def test_a_flipped_bit_of_the_table_is_noticed_and_loses_no_row(tmp_path: Path) -> None:
    """Each row is stored twice; rows are lost only if the whole table is unreadable."""
    change = many()
    manifest.write(tmp_path, Head(generation=1, founded=0, documents={}), change, rebuild=True)
    table = tmp_path / ".manifest.sqlite"
    data = table.read_bytes()
    head = manifest.read_head(tmp_path)
    for bit in some_bits(data):
        table.write_bytes(flipped(data, bit))
        table.with_name(f"{table.name}-journal").unlink(missing_ok=True)
        is_noticed = manifest.table_fault(tmp_path, head) or manifest.damage(tmp_path)
        for rows, expected in (
            (manifest.documents(tmp_path), change.documents),
            (manifest.entries(tmp_path), change.entries),
            (manifest.members(tmp_path), change.members),
            (manifest.former(tmp_path), change.former),
        ):
            with suppress(StoreError):
                found = {
                    row if isinstance(row, DocumentListing) else str(row)[:200] for row in rows
                }
                wanted = {
                    row if isinstance(row, DocumentListing) else str(row)[:200] for row in expected
                }
                assert found <= wanted, bit
                assert found == wanted or is_noticed, bit


@pytest.mark.parametrize("length", [0, 1, 100, 4096, 8192, -1])
def test_a_truncated_table_is_noticed(tmp_path: Path, length: int) -> None:
    """This holds even if no row seems to be missing."""
    manifest.write(tmp_path, Head(generation=1, founded=0, documents={}), many(), rebuild=True)
    head = manifest.read_head(tmp_path)
    assert manifest.table_fault(tmp_path, head) is None
    table = tmp_path / ".manifest.sqlite"
    table.write_bytes(table.read_bytes()[:length])

    assert manifest.table_fault(tmp_path, head)


def test_a_full_check_notices_deleted_rows(tmp_path: Path) -> None:
    """A deleted row leaves no other trace."""
    manifest.write(tmp_path, Head(generation=1, founded=0, documents={}), many(), rebuild=True)
    assert manifest.damage(tmp_path) == ""
    with closing(sqlite3.connect(tmp_path / ".manifest.sqlite")) as tables, tables:
        tables.execute("DELETE FROM member WHERE number > 10")

    assert manifest.damage(tmp_path) == ".manifest.sqlite has 11 of 40 rows: member"


def test_a_row_whose_original_is_damaged_is_read_once_from_the_copy(tmp_path: Path) -> None:
    """The copy repeats all the others as well."""
    change = many()
    manifest.write(tmp_path, Head(generation=1, founded=0, documents={}), change, rebuild=True)
    with closing(sqlite3.connect(tmp_path / ".manifest.sqlite")) as tables, tables:
        tables.execute("UPDATE document SET checksum = 1 WHERE path = '7.rss'")

    found = sorted(one.size for one in manifest.documents(tmp_path))

    assert found == list(range(40))


@pytest.mark.parametrize("tables", [[], ["{}"], ["{}", "{}_copy"]], ids=["none", "one", "both"])
def test_rows_are_read_some_at_a_time(tmp_path: Path, tables: list[str]) -> None:
    """Of rows that are damaged the copies are read; those that are damaged, too, are left out."""
    change = many()
    manifest.write(tmp_path, Head(generation=1, founded=0, documents={}), change, rebuild=True)
    damaged = {"document": "path LIKE '%7.rss'", "entry": "sequence % 10 = 7"}
    with closing(sqlite3.connect(tmp_path / ".manifest.sqlite")) as there, there:
        for table in tables:
            for kind, where in damaged.items():
                name = table.format(kind)
                there.execute(f"UPDATE {name} SET checksum = 1 WHERE {where}")  # noqa: S608

    sizes, sequences, path, id_ = [], [], "", ""
    while documents := manifest.documents_after(tmp_path, path, 6):
        sizes += [one.size for one in documents]
        path = documents[-1].path
    while entries := manifest.entries_after(tmp_path, id_, 6):
        assert all(one.story == ENTRY.story for one in entries)
        sequences += [one.sequence for one in entries]
        id_ = entries[-1].id

    left = [n for n in range(40) if len(tables) < 2 or n % 10 != 7]
    assert sorted(sizes) == sorted(sequences) == left


def test_rows_are_counted_without_their_copies(tmp_path: Path) -> None:
    """A document that was deleted counts as one, and the table stays intact."""
    head = Head(generation=1, founded=0, documents={})
    manifest.write(tmp_path, head, many(), rebuild=True)
    manifest.write(
        tmp_path, replace(head, generation=2), ManifestChange(documents=[], gone=["7.rss"])
    )

    assert len([*manifest.documents(tmp_path)]) == 39
    assert manifest.damage(tmp_path) == ""


def test_an_address_that_is_used_again_is_no_former_one(tmp_path: Path) -> None:
    """Otherwise it would redirect to its successor or answer 410 once its document is gone."""
    head = Head(generation=1, founded=0, documents={})
    manifest.write(tmp_path, head, many(), rebuild=True)
    assert ManifestReader(tmp_path).former("old-7.rss") == "7.rss"
    again = ManifestChange(documents=[replace(FEED, path="old-7.rss")])

    manifest.write(tmp_path, replace(head, generation=2), again)

    assert ManifestReader(tmp_path).former("old-7.rss") is None
    assert ManifestReader(tmp_path).former("old-8.rss") == "8.rss"


def test_published_entries_are_counted_without_withdrawn_ones(tmp_path: Path) -> None:
    """Entries that were taken down are not counted either."""
    entries = [
        replace(ENTRY, id="live"),
        replace(ENTRY, id="withdrawn", withdrawn=1_224_600_000),
        replace(ENTRY, id="purged", purged=True, story=""),
    ]
    head = Head(generation=1, founded=0, documents={})
    manifest.write(tmp_path, head, ManifestChange(documents=[FEED], entries=entries), rebuild=True)

    assert ManifestReader(tmp_path).count_entries() == 1


def shares(folder: Path) -> Iterator[bool]:
    """Check all rows in shares, and yield whether each share is damaged."""
    begin, is_damaged = manifest.check_share(folder, "")
    yield is_damaged
    while begin and begin != "[0]":
        begin, is_damaged = manifest.check_share(folder, begin)
        yield is_damaged


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an intact manifest of several shares."""
    folder = tmp_path_factory.mktemp("long")
    manifest.write(folder, Head(generation=1, founded=0, documents={}), many(2000), rebuild=True)
    assert len(found := [*shares(folder)]) > 1
    assert not any(found)
    return folder


@pytest.mark.long
@pytest.mark.parametrize("table", ["document", "entry_copy", "story", "member", "former_copy"])
@pytest.mark.parametrize(
    "damage", ["DELETE FROM {} WHERE checksum % 7 = 3", "UPDATE {} SET checksum = 1"]
)
def test_all_rows_are_checked_in_shares(
    long: Path, tmp_path: Path, table: str, damage: str
) -> None:
    """A damaged or missing row is found in the share to which it belongs."""
    shutil.copytree(long, tmp_path, dirs_exist_ok=True)
    with closing(sqlite3.connect(tmp_path / ".manifest.sqlite")) as tables, tables:
        assert tables.execute(damage.format(table)).rowcount

    is_found = any(shares(tmp_path))
    # Stories are stored once; a full check counts them.
    assert is_found or (table == "story" and manifest.damage(tmp_path))


@pytest.mark.long
def test_documents_are_looked_up_while_a_large_change_waits_for_the_disk(tmp_path: Path) -> None:
    """Readers use the table as it was until the names of all documents are on disk."""
    head = Head(generation=1, founded=0, documents={})
    manifest.write(tmp_path, head, ManifestChange(documents=[FEED], entries=[ENTRY]), rebuild=True)
    text = Random(1).randbytes(40_000).hex()  # noqa: S311 - repeatable
    entries = [replace(ENTRY, id=f"{n}", sequence=n, story=f"{n} {text}") for n in range(2, 300)]
    found: list[DocumentListing | None] = []
    manifest.write(
        tmp_path,
        replace(head, generation=2),
        ManifestChange(documents=[], entries=entries),
        wait_for_names=lambda: found.append(ManifestReader(tmp_path).find(FEED.path)),
    )

    assert found == [FEED]
    assert len([*manifest.entries(tmp_path)]) == 299


@pytest.mark.parametrize("lost", [[manifest.TABLE], [manifest.TABLE, manifest.HEAD]])
def test_a_change_never_creates_a_table(lost: list[str], tmp_path: Path) -> None:
    """A new table would look complete after a loss, with a few rows in it."""
    manifest.write(tmp_path, Head(generation=1, founded=0, documents={}), many(), rebuild=True)
    for name in lost:
        (tmp_path / name).unlink()

    with pytest.raises(manifest.Damaged):
        manifest.write(tmp_path, Head(generation=2, founded=0, documents={}), many(1))
    assert not (tmp_path / ".manifest.sqlite").exists()


def die_during_a_change(folder: Path) -> None:
    """Start a process that dies while it deletes every document from the table."""
    script = (
        "import os, sqlite3, sys; tables = sqlite3.connect(sys.argv[1]);"
        "tables.execute('PRAGMA cache_size = 1'); tables.execute('DELETE FROM document');"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", script, folder / ".manifest.sqlite"], check=False)
    assert (folder / ".manifest.sqlite-journal").exists()


def test_a_reader_rolls_back_the_change_of_a_killed_publisher(tmp_path: Path) -> None:
    """Web workers go on serving, with or without a publisher."""
    change = many(1000)
    manifest.write(tmp_path, Head(generation=1, founded=0, documents={}), change, rebuild=True)
    die_during_a_change(tmp_path)

    assert ManifestReader(tmp_path).find("7.rss") == [*change.documents][7]


def test_a_reader_waits_for_a_slow_disk(tmp_path: Path) -> None:
    """Publishing locks the tables until they are on disk, which may take seconds."""
    manifest.write(
        tmp_path,
        Head(generation=1, founded=0, documents={}),
        ManifestChange(documents=[FEED]),
        rebuild=True,
    )
    tables = sqlite3.connect(tmp_path / ".manifest.sqlite", check_same_thread=False)
    with closing(tables):
        tables.execute("BEGIN EXCLUSIVE")
        ending = Timer(2, tables.rollback)
        ending.start()

        found = ManifestReader(tmp_path).find("news.rss")
        ending.join()

    assert found == FEED


def test_the_journal_of_a_killed_publisher_does_not_change_new_tables(tmp_path: Path) -> None:
    """The journal belongs to the old tables."""
    many = [replace(FEED, path=f"{number}.rss") for number in range(1000)]
    head = Head(generation=1, founded=0, documents={})
    manifest.write(tmp_path, head, ManifestChange(documents=many), rebuild=True)
    die_during_a_change(tmp_path)

    manifest.write(
        tmp_path, replace(head, generation=2), ManifestChange(documents=[FEED]), rebuild=True
    )

    assert list(manifest.documents(tmp_path)) == [FEED]
    with closing(sqlite3.connect(tmp_path / ".manifest.sqlite")) as tables:
        assert tables.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("look", [manifest.status, manifest.head_in_table])
def test_a_folder_that_cannot_be_looked_at_is_an_error_of_the_machine(
    look: Callable[[Path], object], tmp_path: Path
) -> None:
    """It tells nothing of the manifest, which is neither missing nor damaged."""
    with pytest.raises(StoreError, match="cannot be read"):
        look(tmp_path / ("a" * 300))
