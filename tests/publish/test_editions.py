"""Machines that follow a store have what the publisher has, whatever ends when."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain, repeat
from pathlib import Path
from threading import Event, Thread
from time import time
from typing import Any

import pytest

from dateline import config as configuration
from dateline import publish
from dateline.config import Config, StoreSettings
from dateline.documents import manifest
from dateline.documents.editions import (
    EditionReader,
    EditionRows,
    Replica,
    StoredEdition,
    StoreHead,
    packs,
    read_head,
    replica,
    writer,
)
from dateline.documents.editions.edition import digest_of, is_publishable, object_key, part_of
from dateline.documents.editions.merging import merged
from dateline.documents.editions.placing import FilePlacer
from dateline.documents.editions.replica import keep_mark, kept_mark
from dateline.documents.editions.sweep import HOUR, sweep
from dateline.documents.manifest import DocumentListing, Head
from dateline.documents.objects import ObjectVersion, StoredObject
from dateline.documents.objects.folder import FolderStore
from dateline.documents.search import INDEX, SearchIndex, SearchReader, report_damage, update
from dateline.errors import (
    DatelineError,
    EditionError,
    PostponedError,
    StoreAwayError,
    StoreError,
)
from dateline.ledger import Ledger, exclusive, session
from dateline.ledger.cluster import leadership
from dateline.model import Role, Story
from dateline.publish import produce
from dateline.publish.produce import editions
from dateline.publish.produce.editions import catch_up, sweep_store
from dateline.rules import story_json
from dateline.serve.app import create_app
from dateline.serve.cache import DocumentCache, following
from dateline.serve.cache.following import Following
from dateline.system import heartbeat
from dateline.system.condition import Code
from dateline.system.heartbeat import PublisherCheck
from dateline.text.search_terms import of_query
from support.often import one_of_each
from support.publication import CONFIG, Newsroom, entry_file, lose_all, photo
from support.serving import PATIENCE, until

pytestmark = pytest.mark.long

FORMS = {"a.html": {"gzip": "1" * 64}}
SEARCH = "\n[search]\nenabled = true\n"


@dataclass
class Cluster:
    """A publisher, its store, and the folders of machines that follow."""

    room: Newsroom
    store: FolderStore

    @property
    def head(self) -> StoreHead:
        """The head of the store."""
        found = read_head(self.store)
        assert found is not None
        return found

    def follow(self, name: str) -> Path:
        """Bring the folder of a machine to the latest edition, and fill it."""
        folder = self.room.folder.parent / name
        replica = Replica(self.store, folder, has_search=True)
        replica.follow(self.head)
        while replica.fill(self.head):
            pass
        return folder

    def publish(self, name: str, text: str = "") -> None:
        """Publish an entry."""
        self.room.drop(name, text or entry_file(f"News of {name}"))
        self.room.build()


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    """Return a publication with a store and one entry, published."""
    share = tmp_path / "share"
    folder = tmp_path / "leader"
    folder.mkdir()
    text = f'{CONFIG}{SEARCH}\n[store]\nurl = "{share.as_uri()}"\n'
    (folder / "config.toml").write_text(text, encoding="utf-8")
    found = Cluster(Newsroom(folder), FolderStore(share))
    found.publish("harbour.toml")
    return found


def files(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return the bytes and the time of each public file, in all its forms."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), int(path.stat().st_mtime))
        for path in folder.rglob("*")
        if path.is_file() and not path.relative_to(folder).parts[0].startswith(".")
    }


def listing(path: str) -> DocumentListing:
    """Return the row of a document at a path."""
    return DocumentListing(
        path=path,
        media_type="text/html",
        role=Role.PAGE,
        changed=1,
        size=1,
        digest="0" * 64,
        links="",
        max_age=300,
        expires=None,
    )


def rows(folder: Path) -> list[object]:
    """Return all rows of the manifest of a folder, and its head."""
    tables = (manifest.documents, manifest.entries, manifest.members, manifest.former)
    return [manifest.read_head(folder), *([*read(folder)] for read in tables)]


def assert_same(cluster: Cluster, folder: Path) -> None:
    """Assert that a folder has exactly what the publisher's has."""
    leader = cluster.room.folder / "feeds"
    assert files(folder) == files(leader)
    assert rows(folder) == rows(leader)
    assert manifest.status(folder).is_whole


def back_up(*paths: Path) -> None:
    """Keep a copy of each folder beside it."""
    for path in paths:
        shutil.copytree(path, path.with_name(f"{path.name}-backup"))


def restore(*paths: Path) -> None:
    """Put the copy of each folder in its place."""
    for path in paths:
        shutil.rmtree(path)
        path.with_name(f"{path.name}-backup").rename(path)


def hits(folder: Path, query: str) -> int:
    """Return how many entries a search in a folder finds."""
    reader = SearchReader(folder)
    try:
        return reader.find(of_query(query), {}, limit=20).count
    finally:
        reader.close()


def test_a_new_folder_gets_everything(cluster: Cluster) -> None:
    """Files in all forms with their times, every row of the manifest, and the search index."""
    folder = cluster.follow("a")

    assert_same(cluster, folder)
    assert hits(folder, "harbour") == 1


def test_the_edition_of_a_rebuild_has_every_row(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where rows of the manifest are written while many documents are rendered."""
    monkeypatch.setattr(produce, "_ALONE", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)  # no other process need start
    cluster.room.now += timedelta(minutes=1)
    now, clock = cluster.room.now, datetime.now(UTC) + timedelta(seconds=2)
    publish.build(cluster.room.config, publish.RunRequest(now=now, clock=clock, rebuild=True))

    assert cluster.head.whole == cluster.head.latest
    folder = cluster.follow("a")
    assert_same(cluster, folder)
    assert hits(folder, "harbour") == 1


def test_an_empty_folder_reads_each_part_of_an_edition_once(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A heartbeat comes before each, however many there are, and a long one before the disk's."""
    monkeypatch.setattr(writer, "_PART", 1)
    cluster.room.now += timedelta(minutes=1)
    now, clock = cluster.room.now, datetime.now(UTC) + timedelta(seconds=2)
    publish.build(cluster.room.config, publish.RunRequest(now=now, clock=clock, rebuild=True))
    edition = EditionReader(cluster.store).edition(cluster.head.whole)
    parts = {object_key(one) for some in edition.parts.values() for one in some}
    beats: list[int] = []
    monkeypatch.setattr(heartbeat, "beat", lambda within=0: beats.append(within))
    noting = NotingStore(cluster.room.folder.parent / "share", beats)

    Replica(noting, tmp_path / "a").follow(cluster.head)

    read = {key: before for key, before in noting.log if key in parts}
    assert len(parts) > 4
    assert sorted(key for key, _ in noting.log if key in parts) == sorted(parts)
    assert len({*read.values()}) == len(parts)
    assert heartbeat.LONG in beats


class NotingStore(FolderStore):
    """A store that notes each key that is read, with the number of heartbeats before."""

    def __init__(self, folder: Path, beats: Sequence[int]) -> None:
        super().__init__(folder)
        self.log: list[tuple[str, int]] = []
        self._beats = beats

    def read(self, key: str) -> tuple[bytes, ObjectVersion] | None:
        """Return the bytes of an object."""
        self.log.append((key, len(self._beats)))
        return super().read(key)


@pytest.fixture
def packed(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """Return a publication of 21 entries, whose pages are packed from two on."""
    monkeypatch.setattr(packs, "_FEWEST", 2)
    for number in range(20):
        cluster.room.drop(f"{number}.toml", entry_file(f"News {number}", body=f'"Body {number}."'))
    rebuild(cluster)
    return cluster


def rebuild(cluster: Cluster) -> None:
    """Publish everything again, which stores a whole edition."""
    cluster.room.now += timedelta(minutes=1)
    now, clock = cluster.room.now, datetime.now(UTC) + timedelta(seconds=2)
    publish.build(cluster.room.config, publish.RunRequest(now=now, clock=clock, rebuild=True))


def keys_read(cluster: Cluster, name: str) -> list[str]:
    """Bring a new folder to the latest edition; return the keys of what it read."""
    noting = NotingStore(Path(cluster.store.name), [])
    replica = Replica(noting, cluster.room.folder.parent / name, has_search=True)
    replica.follow(cluster.head)
    while replica.fill(cluster.head):
        pass
    assert_same(cluster, cluster.room.folder.parent / name)
    return [key for key, _ in noting.log]


def pages(cluster: Cluster) -> set[str]:
    """Return the keys of the objects of entries' pages."""
    documents = manifest.documents(cluster.room.folder / "feeds")
    return {object_key(one.digest) for one in documents if "/news-" in one.path}


def pack_files(cluster: Cluster) -> list[Path]:
    """Return the files of the packs in the store."""
    return [*(Path(cluster.store.name) / "objects").glob("pack-*")]


def test_an_empty_folder_gets_pages_in_packs(packed: Cluster) -> None:
    """One object has all of them, and plain forms are made of compressed ones."""
    read = keys_read(packed, "a")

    assert len(pages(packed)) == 21
    assert not pages(packed) & {*read}
    assert len([key for key in read if "pack-" in key]) == len(pack_files(packed)) == 1
    coded = [one for one in manifest.documents(packed.room.folder / "feeds") if one.codings]
    assert len(coded) > 5
    assert not {object_key(one.digest) for one in coded} & {*read}


def test_news_after_a_whole_edition_leaves_its_packs_in_use(
    packed: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is read once, by a folder that is filled a few documents at a time."""
    monkeypatch.setattr(writer, "_PART", 4)
    monkeypatch.setattr(replica, "_PART", 3)
    monkeypatch.setattr(packs, "_FEWEST", 1)
    rebuild(packed)
    before = pages(packed)
    packed.publish("0.toml", entry_file("News 0", correction='"A typing error."'))
    packed.publish("later.toml")

    read = keys_read(packed, "a")

    found = [key for key in read if "pack-" in key]
    assert len(found) == len({*found}) > 2
    assert not before & {*read}


def test_an_old_entry_that_goes_changes_few_packs(
    packed: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts end at paths, not after a number of documents: those that come later stay."""
    monkeypatch.setattr(writer, "_PART", 4)
    rebuild(packed)
    before = {one.name for one in pack_files(packed)}
    first = min(one.slug for one in manifest.entries(packed.room.folder / "feeds"))
    taken = next(
        one.id for one in manifest.entries(packed.room.folder / "feeds") if one.slug == first
    )
    now = packed.room.now + timedelta(minutes=1)

    publish.build(packed.room.config, publish.RunRequest(now=now, clock=now, takedown=taken))

    after = {one.name for one in pack_files(packed)}
    assert len(before) > 2
    assert len(after & before) > len(before) / 2
    assert_same(packed, packed.follow("a"))


@pytest.mark.parametrize(
    "text",
    [b"", b"[" * 10**6, b"[1, 2]\nab", b"{}\n", b"[true]\na", b"[-1, 2]\na", b"1" * 200_000],
    ids=["empty", "nested", "cut off", "table", "truth", "negative", "long"],
)
def test_pages_of_a_damaged_pack_come_one_by_one(packed: Cluster, text: bytes) -> None:
    """The folder is the same."""
    [pack] = pack_files(packed)
    pack.write_bytes(gzip.compress(text))

    assert pages(packed) <= {*keys_read(packed, "a")}


def test_pages_of_a_lost_pack_come_one_by_one(packed: Cluster) -> None:
    """So do those of one that is no gzip file, and of one that the store does not send."""
    [pack] = pack_files(packed)
    pack.write_bytes(b"something else")
    assert pages(packed) <= {*keys_read(packed, "a")}
    pack.unlink()
    assert pages(packed) <= {*keys_read(packed, "b")}
    pack.mkdir()
    assert pages(packed) <= {*keys_read(packed, "c")}


def test_a_page_that_was_damaged_when_it_was_packed_comes_from_its_object(
    packed: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pack has only what its documents should have."""
    monkeypatch.setattr(editions, "_MOST", 0)
    monkeypatch.setattr(writer, "_MANY", 1)
    first = next(one for one in manifest.documents(packed.room.folder / "feeds") if _is_page(one))
    path = packed.room.folder / "feeds" / first.path
    sound, stat = path.read_bytes(), path.stat()
    [before] = pack_files(packed)
    packed.room.drop("later.toml", entry_file("Later"))
    packed.room.build(serving=True)
    path.write_bytes(sound[:-1] + b"!")
    now = packed.room.now + timedelta(minutes=1)

    publish.build(packed.room.config, publish.RunRequest(now=now, clock=now, changed_files=()))

    [made] = {*pack_files(packed)} - {before}
    there = packs.pages_of(made.read_bytes())
    assert first.digest not in there
    assert len(there) == len(packs.pages_of(before.read_bytes()))  # with the later one
    path.write_bytes(sound)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert object_key(first.digest) in keys_read(packed, "a")


def _is_page(listing: DocumentListing) -> bool:
    return "/news-" in listing.path


def test_an_edition_whose_pack_the_store_does_not_take_has_none(
    packed: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that is too large for a slow line; news goes out all the same."""
    created = FolderStore.create

    def create(store: FolderStore, key: str, *args: Any) -> ObjectVersion | None:
        if "pack-" in key:
            raise StoreAwayError(key)
        return created(store, key, *args)

    for pack in pack_files(packed):
        pack.unlink()
    monkeypatch.setattr(FolderStore, "create", create)

    rebuild(packed)

    assert pack_files(packed) == []
    assert pages(packed) <= {*keys_read(packed, "a")}


def test_a_coded_form_of_something_else_makes_no_document(cluster: Cluster, tmp_path: Path) -> None:
    """The plain form is then fetched itself, and the coded one is left out."""
    feeds, other = cluster.room.folder / "feeds", gzip.compress(b"something else")
    listing = next(one for one in manifest.documents(feeds) if one.path == "news.rss")
    assert "gzip" in listing.sizes
    cluster.store.create(object_key(digest_of(other)), other)
    forms = {"news.rss": {"gzip": digest_of(other)}}
    (tmp_path / "a").mkdir()

    placer = FilePlacer(EditionReader(cluster.store), tmp_path / "a")
    placer.place([EditionRows(documents=[listing], forms=forms)])

    assert (tmp_path / "a/news.rss").read_bytes() == (feeds / "news.rss").read_bytes()
    assert not (tmp_path / "a/news.rss.gz").exists()


def test_a_pack_that_the_store_has_is_not_made_again(
    packed: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even its pages are read."""
    monkeypatch.setattr(editions, "_MOST", 0)
    monkeypatch.setattr(writer, "_MANY", 1)
    before, made = packed.head.whole, list[object]()
    monkeypatch.setattr(writer, "pack_of", made.append)
    packed.room.drop("draft.toml", entry_file("Draft", draft="true"))
    now = packed.room.now + timedelta(minutes=1)

    publish.build(packed.room.config, publish.RunRequest(now=now, clock=now, changed_files=()))

    assert packed.head.whole != before
    assert made == []
    assert not pages(packed) & {*keys_read(packed, "a")}


def test_a_takedown_leaves_nothing_in_packs(packed: Cluster) -> None:
    """The pack that had the page is made again without it."""
    share = Path(packed.store.name)
    assert any(b"Body 3." in data for data in plain(share))
    entries = manifest.entries(packed.room.folder / "feeds")
    taken = next(one.id for one in entries if "Body 3." in one.story)
    (packed.room.folder / "entries/3.toml").unlink()
    now = packed.room.now + timedelta(minutes=1)

    publish.build(packed.room.config, publish.RunRequest(now=now, clock=now, takedown=taken))

    assert len(pack_files(packed)) == 1
    assert not any(b"Body 3." in data for data in plain(share))
    assert_same(packed, packed.follow("a"))


def test_an_edition_of_many_rows_is_followed_completely(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that it has in parts are in the manifest and in the search index."""
    folder = cluster.follow("a")
    monkeypatch.setattr(writer, "_INLINE", 0)
    cluster.publish("second.toml", entry_file("Zebra"))

    assert_same(cluster, cluster.follow("a"))
    assert hits(folder, "zebra") == 1


def test_a_store_that_was_left_out_for_a_while_gets_a_whole_edition(cluster: Cluster) -> None:
    """Machines that follow have what was published meanwhile, and what is published next."""
    folder = cluster.follow("a")
    path = cluster.room.folder / "config.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.partition("\n[store]")[0], encoding="utf-8")
    cluster.publish("second.toml")
    path.write_text(text, encoding="utf-8")
    cluster.publish("third.toml")

    assert_same(cluster, cluster.follow("a"))
    assert hits(folder, "second") == 1


def test_a_form_of_an_earlier_edition_is_not_one_of_a_later() -> None:
    """Where a later one has a document without a coded form, the older bytes are not sent."""
    head = Head(generation=2, founded=1, documents={})
    old, new = (EditionRows(documents=[listing("a.html")], forms=forms) for forms in (FORMS, {}))
    both = [StoredEdition(epoch=0, moment=1, head=head, rows=rows) for rows in (old, new)]

    assert merged(both[:1], None).forms == FORMS
    assert merged(both, None).forms == {}


def test_a_machine_that_was_killed_still_removes_what_is_gone(cluster: Cluster) -> None:
    """It had the new manifest, but had neither removed the file nor noted the edition."""
    cluster.publish("second.toml")
    folder = cluster.follow("a")
    mark = (folder / ".edition.json").read_bytes()
    page = next(path for path in folder.rglob("*.html") if "harbour" in path.name)
    text = page.read_bytes()
    (cluster.room.folder / "entries/harbour.toml").unlink()
    cluster.room.build()
    cluster.room.build(after=timedelta(minutes=20))
    cluster.follow("a")
    assert not page.exists()
    page.write_bytes(text)
    (folder / ".edition.json").write_bytes(mark)

    assert_same(cluster, cluster.follow("a"))
    assert hits(folder, "harbour") == 0


@pytest.mark.parametrize("many", [1, 500])
def test_an_object_that_was_cut_off_is_written_again(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """Whether the list of all objects is read first, or none."""
    monkeypatch.setattr(writer, "_MANY", many)
    share = cluster.room.folder.parent / "share"
    (share / "head.json").unlink()
    for path in (share / "objects").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-1])
    cluster.publish("second.toml")

    assert_same(cluster, cluster.follow("a"))


def test_a_whole_edition_reads_no_page_that_the_store_has(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It costs no more than the list of all objects, and the compressed forms."""
    monkeypatch.setattr(editions, "_MOST", 0)
    monkeypatch.setattr(writer, "_MANY", 1)
    cluster.publish("second.toml")
    before, read, read_bytes = cluster.head.whole, list[Path](), Path.read_bytes

    def noted(path: Path) -> bytes:
        read.append(path)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", noted)
    now = cluster.room.now + timedelta(minutes=1)
    publish.build(cluster.room.config, publish.RunRequest(now=now, clock=now, changed_files=()))
    monkeypatch.undo()

    plain = {path.name for path in read if path.suffix in {".html", ".rss", ".json"}}
    assert cluster.head.whole != before
    assert [name for name in plain if not name.startswith(".")] == []
    assert_same(cluster, cluster.follow("a"))


def test_a_whole_edition_waits_for_a_quiet_run_and_gives_way_to_news(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside many entries it takes long, and is begun again."""
    asked = 0

    def give_way() -> None:
        nonlocal asked
        asked += 1
        if asked > compared:
            raise PostponedError

    compared = 10**9
    cluster.room.build(serving=True)
    cluster.room.build(serving=True, give_way=give_way)
    compared, asked = asked, 0
    monkeypatch.setattr(editions, "_MOST", 0)
    before = cluster.head.whole
    cluster.room.drop("second.toml", entry_file("Second"))
    cluster.room.build(serving=True)
    with pytest.raises(PostponedError):
        cluster.room.build(serving=True, give_way=give_way)
    assert cluster.head.whole == before

    cluster.room.build(serving=True)

    assert cluster.head.whole != before
    assert_same(cluster, cluster.follow("a"))


def test_a_damaged_form_of_a_document_is_in_no_edition(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Machines that follow get the document without it, until a run repairs it."""
    monkeypatch.setattr(editions, "_MOST", 0)
    path = cluster.room.folder / "feeds/news.rss.gz"
    path.write_bytes(path.read_bytes()[:-9] + bytes(9))
    now = cluster.room.now + timedelta(minutes=1)
    publish.build(cluster.room.config, publish.RunRequest(now=now, clock=now, changed_files=()))
    assert cluster.head.whole != cluster.head.latest

    folder = cluster.follow("a")

    assert (folder / "news.rss").exists()
    assert not (folder / "news.rss.gz").exists()


def test_each_edition_leads_to_the_next(cluster: Cluster) -> None:
    """New, corrected, withdrawn and expired entries are followed, one at a time or together."""
    one = cluster.follow("a")
    cluster.follow("b")
    cluster.publish("second.toml", entry_file("Zebra", expires="2026-11-25T12:00:00Z"))
    assert_same(cluster, cluster.follow("a"))
    assert hits(one, "zebra") == 1
    cluster.room.drop("image.jpg", photo())
    cluster.publish("second.toml", entry_file("Okapi", image='"image.jpg"', image_alt='"Okapi"'))
    assert_same(cluster, cluster.follow("a"))
    (cluster.room.folder / "entries/harbour.toml").unlink()
    cluster.room.build()
    cluster.room.build(after=timedelta(minutes=20))

    assert_same(cluster, cluster.follow("a"))
    assert_same(cluster, cluster.follow("b"))
    assert [hits(one, word) for word in ("zebra", "okapi", "harbour")] == [0, 1, 0]
    assert hits(cluster.follow("b"), "okapi") == 1


class Failing(FolderStore):
    """A store that fails when it is read for the `left`-th time."""

    left = 0

    def read(self, key: str) -> tuple[bytes, ObjectVersion] | None:
        """Read an object, unless the store has gone away."""
        self.left -= 1
        if self.left == 0:
            raise StoreError("The store has gone away.")
        return super().read(key)


def test_a_machine_that_is_cut_off_has_one_edition_or_the_next(cluster: Cluster) -> None:
    """Whichever request fails, its readers have all of one; the next attempt ends well."""
    folder = cluster.follow("a")
    before = rows(folder), files(folder)
    cluster.publish("second.toml")
    store = Failing(Path(cluster.store.name))
    failed = 0

    for at in range(1, 200):
        store.left = at
        try:
            Replica(store, folder, has_search=True).follow(cluster.head)
            break
        except StoreError:
            failed += 1
            assert (rows(folder), files(folder)) == before

    assert failed > 10
    assert_same(cluster, folder)


@pytest.mark.parametrize("beyond", [0, 1])
def test_an_empty_folder_that_is_cut_off_begins_again(cluster: Cluster, beyond: int) -> None:
    """Also while documents are still missing, and when the next edition is there by then."""
    folder = cluster.room.folder.parent / "a"
    store = Failing(Path(cluster.store.name))
    for at in range(1, 60, 7):
        store.left = at
        replica = Replica(store, folder, has_search=True)
        with suppress(StoreError):
            replica.follow(cluster.head)
            replica.fill(cluster.head)
    for number in range(beyond):
        cluster.publish(f"more-{number}.toml")

    assert_same(cluster, cluster.follow("a"))


@pytest.mark.parametrize("damage", [b"", b"?"], ids=["cut off", "other bytes"])
def test_a_document_that_the_store_has_damaged_holds_up_no_other(
    cluster: Cluster, damage: bytes
) -> None:
    """An empty folder gets all others; readers of this one are refused."""
    page = next(one for one in manifest.documents(cluster.room.folder / "feeds") if "/" in one.path)
    (Path(cluster.store.name) / object_key(page.digest)).write_bytes(damage)

    folder = cluster.follow("a")

    assert files(cluster.room.folder / "feeds").keys() - files(folder).keys() == {page.path}


def test_an_empty_folder_keeps_what_it_has_when_the_store_fails(cluster: Cluster) -> None:
    """The next attempt goes on from there, and nothing is left of the one that failed."""
    for number in range(3):
        cluster.room.drop(f"more-{number}.toml", entry_file(f"More {number}"))
    cluster.room.build(rebuild=True)
    folder = cluster.room.folder.parent / "a"
    store = Failing(Path(cluster.store.name))
    replica = Replica(store, folder)
    replica.follow(cluster.head)
    before = {*files(folder)}
    store.left = 3

    with pytest.raises(StoreError):
        replica.fill(cluster.head)

    assert {*files(folder)} > before
    while replica.fill(cluster.head):
        pass
    assert_same(cluster, folder)
    assert not (folder / ".new").exists()


def test_what_readers_subscribe_to_comes_first(cluster: Cluster) -> None:
    """Feeds and front page are there while pages of entries are not, and an edition may follow."""
    folder = cluster.room.folder.parent / "a"
    replica = Replica(cluster.store, folder, has_search=True)
    replica.follow(cluster.head)

    there = {*files(folder)}
    assert {"news.rss", "news.json", "index.html"} <= there
    assert not any("2026" in one for one in there)
    cache = DocumentCache(folder)
    assert cache.get("news.rss")
    with pytest.raises(OSError, match="No such file"):
        cache.get(next(one for one in cluster.room.feeds() if one.startswith("2026/")))
    cluster.publish("second.toml")
    assert replica.follow(cluster.head)
    while replica.fill(cluster.head):
        pass
    assert_same(cluster, folder)


def filled(cluster: Cluster, name: str) -> Replica:
    """Return what follows in a folder that has all documents, and no search index yet."""
    folder = cluster.room.folder.parent / name
    found = Replica(cluster.store, folder, has_search=True)
    found.follow(cluster.head)
    while found.is_filling:
        assert found.fill(cluster.head)
    assert_same(cluster, folder)
    with pytest.raises(sqlite3.OperationalError):
        hits(folder, "news")
    return found


def indexed(cluster: Cluster, building: Replica) -> None:
    """Build a search index to its end."""
    while building.fill(cluster.head):
        pass
    assert not building.is_behind


@pytest.mark.parametrize("steps", [0, 2, 6])
def test_news_need_not_wait_for_the_search_index_of_an_empty_folder(
    packed: Cluster, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """The index is made last, in steps, and follows what is new, changed or withdrawn meanwhile."""
    monkeypatch.setattr(update, "_PART", 3)
    building = filled(packed, "a")
    folder = packed.room.folder.parent / "a"
    for _ in range(steps):
        building.fill(packed.head)

    for number in range(19):
        if number % 2:
            (packed.room.folder / f"entries/{number}.toml").unlink()
            packed.room.build(after=timedelta(minutes=20))
            packed.room.build(after=timedelta(minutes=20))
        else:
            body = f'"Body {number}."'
            packed.publish(f"{number}.toml", entry_file(f"Okapi {number}", body=body))
        assert building.follow(packed.head)
    packed.publish("zebra.toml", entry_file("Zebra"))
    assert building.follow(packed.head)
    assert_same(packed, folder)
    with pytest.raises(sqlite3.OperationalError):
        hits(folder, "zebra")
    indexed(packed, building)

    words = ("okapi", "zebra", "harbour", "body", "news")
    assert [hits(folder, word) for word in words] == [10, 1, 1, 11, 2]
    packed.publish("second.toml", entry_file("Quagga"))
    building.follow(packed.head)
    assert hits(folder, "quagga") == 1


def test_a_machine_that_ends_before_its_search_index_has_all_documents(packed: Cluster) -> None:
    """It makes the index when it is back, and reads nothing else again."""
    filled(packed, "a")
    folder = packed.room.folder.parent / "b"
    shutil.copytree(folder.parent / "a", folder)
    noting = NotingStore(Path(packed.store.name), [])
    back = Replica(noting, folder, has_search=True)

    assert not back.follow(packed.head)
    indexed(packed, back)

    assert hits(folder, "news") == 21
    assert noting.log == []


@pytest.mark.parametrize("must_renew", [False, True])
def test_an_index_that_is_built_beside_another_change_begins_again(
    packed: Cluster, monkeypatch: pytest.MonkeyPatch, *, must_renew: bool
) -> None:
    """Of another process, or one that writes the manifest as a whole."""
    monkeypatch.setattr(update, "_PART", 3)
    building = filled(packed, "a")
    folder = packed.room.folder.parent / "a"
    for _ in range(4):
        building.fill(packed.head)
    packed.publish("0.toml", entry_file("Okapi", body='"Body 0."'))
    if must_renew:
        building.follow(packed.head, must_renew=True)
    else:
        Replica(packed.store, folder).follow(packed.head)
        assert not building.follow(packed.head)

    indexed(packed, building)

    assert_same(packed, folder)
    assert [hits(folder, word) for word in ("okapi", "news")] == [1, 20]


def test_a_search_that_finds_no_index_yet_reports_no_damage(packed: Cluster) -> None:
    """The next edition does not make again what has just been made."""
    building = filled(packed, "a")
    folder = packed.room.folder.parent / "a"
    building.fill(packed.head)
    report_damage(folder)
    indexed(packed, building)
    packed.publish("second.toml", entry_file("Zebra"))

    building.follow(packed.head)

    assert not building.is_behind
    assert [hits(folder, word) for word in ("zebra", "news")] == [1, 21]


@pytest.mark.parametrize("makes", [Path.mkdir, lambda path: path.write_bytes(b"no index" * 200)])
def test_what_is_in_the_place_of_the_search_index_keeps_no_documents_back(
    cluster: Cluster, makes: Callable[[Path], object]
) -> None:
    """A file that is damaged is replaced; with a folder there is no index, and all documents."""
    folder = cluster.room.folder.parent / "a"
    folder.mkdir()
    makes(folder / INDEX)

    cluster.follow("a")

    assert_same(cluster, folder)
    if (folder / INDEX).is_file():
        assert hits(folder, "harbour") == 1


def test_a_long_heartbeat_comes_before_the_first_and_the_last_step_of_an_index(
    packed: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk may need long to take an old index away, and to take the new one in."""
    building = filled(packed, "a")
    beats: list[int] = []
    monkeypatch.setattr(heartbeat, "beat", lambda within=0: beats.append(within))

    indexed(packed, building)

    assert [one for one in beats if one] == [heartbeat.LONG] * 2
    assert beats[-1] == 0


@pytest.mark.parametrize("error", [sqlite3.DatabaseError, StoreError])
def test_an_index_that_cannot_be_built_is_tried_again(
    packed: Cluster, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """With the next check; documents are followed before, and no search gets half of the index."""
    monkeypatch.setattr(update, "_PART", 3)
    building = filled(packed, "a")
    folder = packed.room.folder.parent / "a"
    for _ in range(4):
        assert building.fill(packed.head)
    with monkeypatch.context() as failing:
        failing.setattr(SearchIndex, "add", partial(refused, error))
        assert not building.fill(packed.head)
    packed.publish("second.toml", entry_file("Zebra"))
    assert building.follow(packed.head)

    assert not building.is_behind
    assert_same(packed, folder)
    with pytest.raises(sqlite3.OperationalError):
        hits(folder, "news")
    building.restore(packed.head)
    indexed(packed, building)
    assert [hits(folder, word) for word in ("zebra", "news")] == [1, 21]


def refused(error: type[Exception], *_: object) -> None:
    """Fail with an error."""
    raise error("it is damaged")


def test_a_new_leader_publishes_before_it_builds_a_search_index(packed: Cluster) -> None:
    """What it takes over of the store is documents alone; its first run makes the index."""
    folder = packed.room.folder / "feeds"
    shutil.rmtree(folder)
    config = packed.room.config
    assert config.store
    with exclusive(config.state), Ledger(publish.ledger_url(config)) as ledger:
        catch_up(config, config.store, ledger)

    assert (folder / "news.rss").exists()
    with pytest.raises(sqlite3.OperationalError):
        hits(folder, "news")
    packed.publish("second.toml", entry_file("Zebra"))
    assert [hits(folder, word) for word in ("zebra", "news")] == [1, 21]


def test_a_machine_never_goes_back(cluster: Cluster) -> None:
    """A head that is older than the folder changes nothing."""
    old = cluster.head
    cluster.publish("second.toml")
    folder = cluster.follow("a")

    assert not Replica(cluster.store, folder).follow(old)
    assert not Replica(cluster.store, cluster.room.folder / "feeds").follow(old)
    assert_same(cluster, folder)


def test_a_store_that_is_away_keeps_the_news_back(cluster: Cluster) -> None:
    """The run fails, readers have what they had, and the next run publishes it everywhere."""
    feeds = cluster.room.folder / "feeds"
    before = files(feeds), rows(feeds)
    share = Path(cluster.store.name)
    share.rename(share.with_name("away"))
    share.write_text("no folder")

    with pytest.raises(StoreError):
        cluster.publish("second.toml")

    assert (files(feeds), rows(feeds)) == before
    share.unlink()
    share.with_name("away").rename(share)
    cluster.room.build()
    assert "News of second.toml" in [one["title"] for one in cluster.room.items()]
    assert_same(cluster, cluster.follow("a"))


def test_a_publisher_that_lost_its_folder_takes_it_from_the_store(cluster: Cluster) -> None:
    """Documents keep their validators, and nothing is rendered again."""
    feeds = cluster.room.folder / "feeds"
    before = files(feeds)
    shutil.rmtree(feeds)

    assert cluster.room.build().documents == ()

    assert files(feeds) == before
    cluster.publish("second.toml")
    assert_same(cluster, cluster.follow("a"))


def test_an_emptied_store_gets_a_whole_edition(cluster: Cluster) -> None:
    """A machine that followed before goes on, and a new one can begin."""
    cluster.follow("a")
    cluster.store.delete([one.key for one in cluster.store.objects()])
    cluster.publish("second.toml")

    assert_same(cluster, cluster.follow("a"))
    assert_same(cluster, cluster.follow("b"))


def test_a_node_that_takes_over_fills_an_emptied_store(cluster: Cluster) -> None:
    """Its folder is behind the ledger, and the edition that would bring it on is gone."""
    (cluster.room.folder / "feeds/.edition.json").unlink()
    cluster.store.delete([one.key for one in cluster.store.objects()])

    cluster.publish("second.toml")

    assert_same(cluster, cluster.follow("a"))


def test_a_store_without_a_head_gets_one_with_the_next_check(cluster: Cluster) -> None:
    """Somebody has deleted it, or all: a new machine can begin before there is other news."""
    cluster.store.delete([one.key for one in cluster.store.objects()])

    cluster.room.build()

    assert_same(cluster, cluster.follow("a"))


@pytest.mark.parametrize("is_there", [True, False])
def test_a_share_that_is_not_mounted_keeps_the_news_back(
    cluster: Cluster,
    is_there: bool,  # noqa: FBT001 - a case
) -> None:
    """Nothing is written in its place; a store that was deleted on purpose is filled again."""
    folder = cluster.follow("a")
    share = Path(cluster.store.name)
    mounted = share.rename(share.with_name("mounted"))
    if is_there:
        share.mkdir()

    with pytest.raises(StoreAwayError, match="Mount the share"):
        cluster.publish("second.toml")

    assert [*share.glob("*")] == []
    with pytest.raises(StoreAwayError):
        publish.note_looked(cluster.room.config, cluster.room.now, cluster.room.now)
    shutil.rmtree(share, ignore_errors=True)
    mounted.rename(share)
    cluster.room.build()
    assert_same(cluster, cluster.follow(folder.name))

    shutil.rmtree(share)
    (share / "objects").mkdir(parents=True)
    cluster.publish("third.toml")
    assert_same(cluster, cluster.follow(folder.name))
    assert_same(cluster, cluster.follow("b"))


@pytest.mark.parametrize("with_news", [True, False])
def test_an_older_copy_of_a_store_gets_a_whole_edition(
    cluster: Cluster, *, with_news: bool
) -> None:
    """An edition that others lead back to is not in it, so nobody could follow them."""
    cluster.follow("a")
    share = Path(cluster.store.name)
    shutil.copytree(share, share.with_name("copy"))
    cluster.publish("second.toml")
    shutil.rmtree(share)
    share.with_name("copy").rename(share)
    if with_news:
        cluster.room.drop("third.toml", entry_file("News of third.toml"))
    cluster.room.build()

    assert_same(cluster, cluster.follow("a"))
    assert_same(cluster, cluster.follow("b"))


def test_a_publication_moves_to_another_store_and_back(cluster: Cluster) -> None:
    """Each has all at once, and what machines have of one leads on in the other."""
    cluster.follow("a")
    path, other = cluster.room.folder / "config.toml", cluster.room.folder.parent / "other"
    text = path.read_text(encoding="utf-8")
    first = cluster.store
    path.write_text(text.replace(Path(first.name).as_uri(), other.as_uri()), encoding="utf-8")
    cluster.room.build()
    cluster.store = FolderStore(other)
    assert_same(cluster, cluster.follow("a"))
    cluster.publish("second.toml")
    path.write_text(text, encoding="utf-8")
    cluster.room.build()
    cluster.store = first

    assert_same(cluster, cluster.follow("a"))
    assert_same(cluster, cluster.follow("b"))


@pytest.mark.parametrize("is_folder_there", [True, False])
def test_an_older_store_and_folder_go_on_from_the_ledger(
    cluster: Cluster, *, is_folder_there: bool
) -> None:
    """The ledger is on another machine: the edition that it committed last is nowhere any more."""
    cluster.follow("a")
    feeds, share = cluster.room.folder / "feeds", Path(cluster.store.name)
    back_up(feeds, share)
    cluster.publish("second.toml")
    before = cluster.room.items()
    restore(feeds, share)
    if not is_folder_there:
        shutil.rmtree(feeds)

    cluster.room.build()

    assert cluster.room.items() == before
    assert_same(cluster, cluster.follow("a"))
    assert_same(cluster, cluster.follow("b"))


def test_a_machine_follows_a_publisher_that_was_restored_with_its_store(cluster: Cluster) -> None:
    """All is from one backup, and what this machine had since then is not published any more.

    It has nothing of an edition with the same number that was published before the backup came.
    """
    room, share = cluster.room, Path(cluster.store.name)
    back_up(room.folder, share)
    for name in ("second.toml", "third.toml"):
        cluster.publish(name)
        cluster.follow(name[0])
    restore(room.folder, share)
    before = cluster.follow("t")
    assert "third" in (before / "news.json").read_text("utf-8")

    cluster.publish("fourth.toml")

    for name in ("s", "t", "new"):
        assert_same(cluster, cluster.follow(name))


@pytest.mark.parametrize("is_ledger_lost", [False, True])
def test_a_table_is_not_replaced_by_an_older_store(
    cluster: Cluster, *, is_ledger_lost: bool
) -> None:
    """All else is from yesterday: it alone knows what was published and taken down since."""
    feeds, share = cluster.room.folder / "feeds", Path(cluster.store.name)
    state = cluster.room.folder / "state"
    cluster.publish("secret.toml")
    back_up(feeds, share, state)
    secret = next(one["id"] for one in cluster.room.items() if "secret" in one["title"])
    cluster.publish("second.toml")
    cluster.room.build(takedown=secret)
    before, table = cluster.room.items(), (feeds / manifest.TABLE).read_bytes()
    restore(feeds, share, state)
    (feeds / manifest.TABLE).write_bytes(table)
    if is_ledger_lost:
        shutil.rmtree(state)

    cluster.room.build()

    assert cluster.room.items() == before
    assert_same(cluster, cluster.follow("new"))


@pytest.mark.parametrize("is_table_newer", [False, True])
@pytest.mark.parametrize("is_ledger_lost", [False, True])
def test_what_a_store_has_is_taken_where_the_manifest_is_of_two_days(
    cluster: Cluster, *, is_ledger_lost: bool, is_table_newer: bool
) -> None:
    """The table is newer than the store, or older, and without a head; the rest is the oldest."""
    feeds, share = cluster.room.folder / "feeds", Path(cluster.store.name)
    state = cluster.room.folder / "state"
    back_up(feeds, state)
    cluster.publish("second.toml")
    back_up(share)
    if is_table_newer:
        cluster.publish("third.toml")
    before, table = cluster.room.items(), (feeds / manifest.TABLE).read_bytes()
    restore(feeds, state, share)
    if is_table_newer:
        (feeds / manifest.TABLE).write_bytes(table)
        (feeds / ".edition.json").unlink()
    else:
        (feeds / manifest.HEAD).unlink()
    if is_ledger_lost:
        shutil.rmtree(state)

    cluster.room.build()

    assert cluster.room.items() == before
    assert_same(cluster, cluster.follow("new"))


@pytest.mark.parametrize("is_store_old", [False, True])
def test_a_ledger_of_yesterday_makes_generations_rise(
    cluster: Cluster, *, is_store_old: bool
) -> None:
    """Machines that follow get what it publishes, although they had later editions."""
    state, share = cluster.room.folder / "state", Path(cluster.store.name)
    old = [state, share] if is_store_old else [state]
    back_up(*old)
    for name in ("second.toml", "third.toml"):
        cluster.publish(name)
    generation = cluster.head.latest.generation
    cluster.follow("a")
    restore(*old)
    (cluster.room.folder / "entries/third.toml").unlink()

    cluster.publish("fourth.toml")

    assert cluster.head.latest.generation > generation
    assert_same(cluster, cluster.follow("a"))
    assert_same(cluster, cluster.follow("b"))


def forget_store(folder: Path) -> None:
    """Make a publication one of before it had a store."""
    with Ledger(f"sqlite:///{folder}/state/ledger.sqlite") as ledger:
        ledger.state.edition = ""
        ledger.commit()
    (folder / "feeds/.edition.json").unlink()


def rename_store(folder: Path) -> None:
    """Make a publication one whose store was at another address."""
    with Ledger(f"sqlite:///{folder}/state/ledger.sqlite") as ledger:
        ledger.state.edition = ledger.state.edition.replace("/share", "/former")
        ledger.commit()


def lose_state(folder: Path) -> None:
    """Make a publication one of which only the documents were restored."""
    shutil.rmtree(folder / "state")


def lose_feeds(folder: Path) -> None:
    """Make a publication one of which only the ledger was restored, without an edition."""
    forget_store(folder)
    shutil.rmtree(folder / "feeds")


@pytest.mark.parametrize("has_news", one_of_each([True, False]))
@pytest.mark.parametrize(
    "alter", [lambda _: None, forget_store, rename_store, lose_state, lose_feeds]
)
def test_a_restored_backup_takes_later_editions_from_the_store(
    cluster: Cluster, alter: Callable[[Path], None], *, has_news: bool
) -> None:
    """News since keeps its id, and what was taken down since is nowhere.

    So it is where the backup is from before there was a store, and where it lacks the ledger.
    """
    room = cluster.room
    cluster.publish("secret.toml", entry_file("Qwxyz at the quay"))
    shutil.copytree(room.folder, room.folder.with_name("backup"))
    alter(room.folder.with_name("backup"))
    cluster.publish("second.toml")
    taken = next(one["id"] for one in room.items() if "Qwxyz" in one["title"])
    (room.folder / "entries/secret.toml").unlink()
    room.build(takedown=taken)
    cluster.follow("a")
    before = {one["id"] for one in room.items()}
    shutil.rmtree(room.folder)
    room.folder.with_name("backup").rename(room.folder)
    if has_news:
        room.drop("third.toml", entry_file("Ferries", body='"""\nThey wait for the wind.\n"""'))

    assert "taken-down" in [one.code for one in room.build().problems]
    after = {one["id"] for one in room.items()}
    assert (before <= after, len(after - before)) == (True, has_news)
    assert not any(b"qwxyz" in data.lower() for data in plain(Path(cluster.store.name)))
    assert_same(cluster, cluster.follow("a"))
    assert_same(cluster, cluster.follow("b"))


def test_a_restored_backup_replaces_no_later_edition(cluster: Cluster) -> None:
    """One that checks a single file first, as an answer of staff does, waits for a whole check."""
    room = cluster.room
    shutil.copytree(room.folder, room.folder.with_name("backup"))
    cluster.publish("second.toml")
    latest = cluster.head.latest
    shutil.copytree(room.folder / "entries", room.folder.with_name("entries"))
    shutil.rmtree(room.folder)
    room.folder.with_name("backup").rename(room.folder)
    shutil.rmtree(room.folder / "entries")
    room.folder.with_name("entries").rename(room.folder / "entries")
    room.drop("third.toml", entry_file("Ferries", body='"""\nThey wait for the wind.\n"""'))

    with pytest.raises(StoreError, match="has later editions"):
        room.build(changed_files=["third.toml"])
    assert cluster.head.latest == latest
    room.build()
    assert len(room.items()) == 3
    assert_same(cluster, cluster.follow("a"))


@contextmanager
def epochs(cluster: Cluster) -> Iterator[Config]:
    """Yield the configuration of a node in whose cluster two epochs begin: its own is the first."""
    url = publish.ledger_url(cluster.room.config)
    begin_epoch(url)
    session.fence(url, leadership.Fence(1, "web1"))
    try:
        yield replace(cluster.room.config, ledger=url)
    finally:
        session.fence(url, None)


def begin_epoch(url: str) -> None:
    """Begin an epoch of any node."""
    with leadership.present(url) as connection:
        leadership.create(connection)
        leadership.claim(connection, "web1", 0)
        connection.commit()


def test_a_database_that_was_replaced_goes_on_in_the_store(cluster: Cluster) -> None:
    """Its epochs begin again, so the one that is in force counts, and no later one in the store."""
    head = Path(cluster.store.name) / "head.json"
    record = json.loads(head.read_bytes())
    head.write_text(json.dumps(record | {"epoch": 7}), encoding="utf-8")
    looked = datetime.now(UTC)
    with epochs(cluster) as config:
        cluster.publish("second.toml")
        publish.note_looked(config, looked, looked)
        assert (cluster.head.epoch, cluster.head.looked) == (7, int(looked.timestamp()))
        begin_epoch(config.ledger)
        publish.note_looked(config, looked + timedelta(minutes=1), looked)
        with pytest.raises(StoreError, match="another publisher"):
            cluster.publish("third.toml")

    assert cluster.head.looked == int(looked.timestamp())
    assert_same(cluster, cluster.follow("a"))


def test_a_sweep_ends_when_another_node_leads(cluster: Cluster) -> None:
    """That one may need what no edition has named so far."""
    cluster.store.create("objects/left-by-a-killed-run", b"1")
    set_store_clock(cluster, time() - HOUR - 60)
    now = datetime.now(UTC)
    with epochs(cluster) as config:
        publish.note_looked(config, now, now)
        begin_epoch(config.ledger)
        with pytest.raises(StoreError, match="another publisher"):
            sweep_store(config, config.ledger, now)

    assert cluster.store.read("objects/left-by-a-killed-run")


def test_a_store_of_another_publication_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    """Nothing is written there, and nobody who follows takes its documents."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "config.toml").write_text(
        (cluster.room.folder / "config.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    room = Newsroom(other, now=cluster.room.now + timedelta(hours=1))
    room.drop("harbour.toml")
    before = [*cluster.store.objects()]

    with pytest.raises(StoreError, match="another publication"):
        room.build()

    assert [*cluster.store.objects("head")] == [one for one in before if one.key == "head.json"]
    assert not (other / "feeds/news.rss").exists()


@pytest.mark.parametrize("left", [(), ("state/.published",)])
def test_a_lost_publication_comes_back_from_its_store(
    cluster: Cluster, left: tuple[str, ...]
) -> None:
    """The message says how, and nobody gets news twice."""
    room, before = cluster.room, cluster.room.items()
    advice = r"serve --only follow, stop it once the documents are here, and type .* build"
    lose_all(room, *left)
    with pytest.raises(DatelineError, match=advice):
        room.build()

    # What these two commands do.
    cluster.follow(f"{room.folder.name}/feeds")
    report = room.build()

    assert (report.published, room.items()) == ((), before)
    cluster.publish("next.toml")
    assert {one["id"] for one in room.items()} > {one["id"] for one in before}


def test_damage_in_the_store_reaches_no_reader(cluster: Cluster) -> None:
    """Bytes with another digest are refused, be they a document's or an edition's."""
    folder = cluster.follow("a")
    before = files(folder), rows(folder)
    head = cluster.head
    cluster.publish("second.toml")
    share = Path(cluster.store.name)
    edition = share / cluster.head.latest.key
    sound = edition.read_bytes()
    edition.write_bytes(sound[:-1] + b"?")

    with pytest.raises(StoreError, match="is not what a publisher wrote"):
        Replica(cluster.store, folder).follow(cluster.head)

    assert (files(folder), rows(folder)) == before
    assert head.latest.generation + 1 == cluster.head.latest.generation


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 9}', '{"format": 1}', "\udc00"])
def test_a_head_of_something_else_is_refused(tmp_path: Path, text: str) -> None:
    """Whatever it is, it is an error of the store, with a sentence."""
    (tmp_path / "head.json").write_text(text, encoding="utf-8", errors="surrogatepass")

    with pytest.raises(StoreError, match=r"head\.json is"):
        read_head(FolderStore(tmp_path))


def test_an_old_table_answers_for_no_new_document(cluster: Cluster) -> None:
    """A folder that was not filled yet, and then follows a later edition, refuses until it can."""
    folder = cluster.room.folder.parent / "a"
    Replica(cluster.store, folder).follow(cluster.head)  # and fills nothing
    before = {*cluster.room.feeds()}
    cluster.publish("second.toml")
    new = min(one for one in cluster.room.feeds() if one not in before)
    store = Failing(Path(cluster.store.name))
    for at in range(1, 40):
        store.left = at
        with suppress(StoreError):
            Replica(store, folder).follow(cluster.head)
        head = manifest.read_head(folder)
        if head and head.generation == cluster.head.latest.generation:
            break

    with pytest.raises(sqlite3.Error):
        DocumentCache(folder).get(new)


@pytest.mark.parametrize("name", ["looked", "late", "moment"])
def test_a_moment_beyond_all_calendars_is_refused(cluster: Cluster, name: str) -> None:
    """In the head of a store, which whoever writes there can change."""
    path = Path(cluster.store.name) / "head.json"
    record = json.loads(path.read_bytes())
    path.write_text(json.dumps({**record, name: 1 << 50}), encoding="utf-8")

    with pytest.raises(EditionError, match=r"head\.json is not what a publisher wrote"):
        read_head(cluster.store)


@pytest.mark.parametrize(("role", "changed"), [(Role.PAGE, 1 << 50), (9, 1)])
def test_rows_that_no_publisher_writes_are_refused(tmp_path: Path, role: int, changed: int) -> None:
    """A moment that no file can have, and a role that is none."""
    row = replace(listing("a.html"), role=role, changed=changed)
    store = FolderStore(tmp_path)
    data = part_of(EditionRows(documents=[row]))
    store.create(object_key(digest_of(data)), data)

    with pytest.raises(EditionError, match="is not what a publisher wrote"):
        EditionReader(store).part(digest_of(data))


def test_documents_are_listed_while_folders_vanish(tmp_path: Path) -> None:
    """A worker lists what is there while another process fills the folder."""
    (tmp_path / "a.html").write_bytes(b"1")
    is_over = Event()

    def change() -> None:
        while not is_over.is_set():
            folder = tmp_path / ".new" / "1"
            folder.mkdir(parents=True)
            folder.rmdir()
            folder.parent.rmdir()

    changing = Thread(target=change)
    changing.start()
    try:
        found = [[one.path for one in manifest.documents_on_disk(tmp_path)] for _ in range(300)]
    finally:
        is_over.set()
        changing.join()

    assert found == [["a.html"]] * 300


def test_a_machine_that_reads_a_large_edition_is_no_hung_one(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It gives a sign of life with each part, and with each edition."""
    beats: list[int] = []
    monkeypatch.setattr(heartbeat, "beat", lambda within=0: beats.append(within))
    reader = EditionReader(cluster.store)
    whole = reader.edition(cluster.head.whole)

    reader.completed(whole)

    assert len(beats) == 1 + sum(map(len, whole.parts.values())) > 1


def test_a_path_that_leads_out_is_refused() -> None:
    """Nobody who can write to a store writes elsewhere on machines that follow."""
    paths = ["../x", "/etc/x", ".manifest.json", "a/.new/x", "a/../../x", "", "a\\..\\.."]

    assert [path for path in paths if is_publishable(path)] == ["a\\..\\.."]


def test_a_path_that_can_be_no_name_is_refused() -> None:
    """The system would refuse it while a machine follows, again and again."""
    refused = [f"{'a' * 251}.html", f"a/{'é' * 128}", "a/" * 2000 + "a", "a\0b", "a\ud800"]

    assert not [path for path in refused if is_publishable(path)]
    assert is_publishable(f"{'a' * 200}/{'é' * 127}")


@pytest.mark.parametrize("seconds", [0, 60])
def test_a_takedown_leaves_nothing_in_the_store(cluster: Cluster, seconds: int) -> None:
    """Neither the text, in any object or edition, nor what machines that follow have.

    Also in the second of another change, for which documents wait till the next.
    """
    for name in ("a", "b"):
        cluster.follow(name)
    cluster.publish("secret.toml", entry_file("Qwxyz", body='"""\nQwxyz qwxyz.\n"""'))
    cluster.publish("third.toml")
    folder = cluster.follow("a")
    assert any(b"Qwxyz" in data for data in plain(Path(cluster.store.name)))
    path = cluster.room.folder / "entries/secret.toml"
    entry = next(one for one in manifest.entries(folder) if "Qwxyz" in one.story)
    path.unlink()
    left = Path(cluster.store.name, ".dateline-0123456789abcdef.new")
    left.write_bytes(b"Qwxyz")  # of a publisher that was killed while it uploaded
    cluster.room.build(after=timedelta(seconds=seconds), takedown=entry.id)
    if not seconds:
        cluster.room.build(after=timedelta(seconds=1))

    assert [data for data in plain(Path(cluster.store.name)) if b"qwxyz" in data.lower()] == []
    for name in ("a", "b", "c"):
        assert_same(cluster, cluster.follow(name))
        assert [data for data in plain(folder) if b"qwxyz" in data.lower()] == []


@pytest.mark.parametrize("leads", [False, True], ids=["follows", "leads again"])
def test_a_takedown_reaches_the_renditions_of_a_node_that_led(
    cluster: Cluster, *, leads: bool
) -> None:
    """It made them itself while it led, and keeps them in its state."""
    cluster.room.drop("image.jpg", photo())
    image = {"image": '"image.jpg"', "image_alt": '"Okapi"'}
    cluster.publish("second.toml", entry_file("Okapi", **image))
    folder = cluster.follow("a")
    node = replace(cluster.room.config, feeds_folder=folder, state=folder.with_name("state"))
    shutil.copytree(cluster.room.config.renditions, node.renditions)
    entries = manifest.entries(cluster.room.folder / "feeds")
    taken = next(one.id for one in entries if "Okapi" in one.story)
    (cluster.room.folder / "entries/second.toml").unlink()
    now = cluster.room.now = cluster.room.now + timedelta(minutes=1)
    assert [*node.renditions.iterdir()]
    publish.build(cluster.room.config, publish.RunRequest(now=now, clock=now, takedown=taken))

    if leads:
        assert node.store
        with Ledger(publish.ledger_url(cluster.room.config)) as ledger:
            catch_up(node, node.store, ledger)
    else:
        Replica(cluster.store, folder, renditions=node.renditions).follow(cluster.head)

    assert [*node.renditions.iterdir()] == []


def test_a_takedown_reaches_a_folder_that_is_being_filled(cluster: Cluster) -> None:
    """The page is gone at once: it does not stay until all other documents are there."""
    folder = cluster.room.folder.parent / "a"
    replica = Replica(cluster.store, folder)
    replica.follow(cluster.head)
    taken = next(iter(manifest.entries(folder)))
    page = folder / f"{taken.slug}.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_bytes((cluster.room.folder / "feeds" / f"{taken.slug}.html").read_bytes())
    (cluster.room.folder / "entries/harbour.toml").unlink()
    now = cluster.room.now = cluster.room.now + timedelta(minutes=1)
    publish.build(cluster.room.config, publish.RunRequest(now=now, clock=now, takedown=taken.id))

    replica.follow(cluster.head)

    assert replica.is_filling
    assert not page.exists()


def test_a_takedown_that_failed_is_finished_by_the_next_run(cluster: Cluster) -> None:
    """Also where the ledger has committed it: then nothing of the entry stays in the store."""
    cluster.publish("secret.toml", entry_file("Qwxyz", body='"""\nQwxyz qwxyz.\n"""'))
    entries = manifest.entries(cluster.room.folder / "feeds")
    taken = next(one.id for one in entries if "Qwxyz" in one.story)
    (cluster.room.folder / "entries/secret.toml").unlink()
    now = cluster.room.now = cluster.room.now + timedelta(minutes=1)
    share = Path(cluster.store.name)
    lock = next(share.glob(".*lock"))
    lock.unlink()
    lock.mkdir()  # nothing in the store can be replaced or deleted
    request = publish.RunRequest(now=now, clock=now, takedown=taken)
    with pytest.raises(StoreError, match="is a folder"):
        publish.build(cluster.room.config, request)
    lock.rmdir()

    cluster.room.build()

    assert not any(b"qwxyz" in data.lower() for data in plain(share))
    assert_same(cluster, cluster.follow("a"))


def test_a_recovered_ledger_leaves_nothing_older_in_the_store(cluster: Cluster) -> None:
    """With the ledger it was lost whether a takedown had been finished there."""
    cluster.store.create("objects/of-a-takedown", b"Qwxyz")
    (cluster.room.folder / "state/ledger.sqlite").unlink()

    cluster.room.build()

    assert not any(b"Qwxyz" in data for data in plain(Path(cluster.store.name)))
    assert_same(cluster, cluster.follow("a"))


def plain(folder: Path) -> Iterator[bytes]:
    """Yield the bytes of all files, unpacked."""
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            yield gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data


def test_a_sweep_deletes_what_no_edition_needs(cluster: Cluster) -> None:
    """What the whole edition and those after it name stays, and all of the last hour."""
    cluster.publish("second.toml")
    cluster.store.create("objects/left-by-a-killed-run", b"1")
    now = time()

    assert sweep(cluster.store, lambda: nullcontext(cluster.head), now=now).deleted == 0
    set_store_clock(cluster, now - HOUR - 60)
    assert sweep(cluster.store, lambda: nullcontext(cluster.head), now=now).deleted == 0
    publish.note_looked(cluster.room.config, datetime.now(UTC), datetime.now(UTC))
    assert sweep(cluster.store, lambda: nullcontext(cluster.head), now=now).deleted == 1
    assert_same(cluster, cluster.follow("a"))


def test_a_sweep_keeps_what_a_run_names_meanwhile(cluster: Cluster) -> None:
    """Another run published after the sweep began; the object was there before, and old."""
    before = cluster.head
    cluster.publish("second.toml")
    cluster.store.create("objects/left-by-a-killed-run", b"1")
    set_store_clock(cluster, time() - HOUR - 60)
    publish.note_looked(cluster.room.config, datetime.now(UTC), datetime.now(UTC))
    heads = chain([before], repeat(cluster.head))

    assert sweep(cluster.store, lambda: nullcontext(next(heads)), now=time()).deleted == 1
    assert_same(cluster, cluster.follow("a"))


def test_a_run_need_not_wait_until_a_sweep_has_listed_the_store(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among many objects that takes a minute."""
    config, waited = cluster.room.config, list[str]()
    cluster.store.create("objects/left-by-a-killed-run", b"1")
    set_store_clock(cluster, time() - HOUR - 60)
    publish.note_looked(config, datetime.now(UTC), datetime.now(UTC))
    listed = FolderStore.objects

    def objects(store: FolderStore, prefix: str = "") -> Iterator[StoredObject]:
        for one in listed(store, prefix):
            with exclusive(config.state, patience=0):
                waited.append(prefix)
            yield one

    monkeypatch.setattr(FolderStore, "objects", objects)

    found = sweep_store(config, publish.ledger_url(config), datetime.now(UTC))

    assert found.deleted == 1
    assert len(waited) > found.kept


def test_a_sweep_leaves_a_whole_edition_that_the_head_does_not_name_yet(cluster: Cluster) -> None:
    """The store was away for a moment after the ledger had committed it."""
    shown = cluster.head
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(editions, "_MOST", 0)
        patch.setattr(editions.EditionStep, "show", lambda _step: None)
        cluster.room.build()
    assert cluster.head == shown
    set_store_clock(cluster, time() - HOUR - 60)
    publish.note_looked(cluster.room.config, datetime.now(UTC), datetime.now(UTC))

    sweep_store(cluster.room.config, publish.ledger_url(cluster.room.config), datetime.now(UTC))

    assert cluster.head.whole != shown.whole
    cluster.publish("second.toml")
    assert_same(cluster, cluster.follow("a"))


def set_store_clock(cluster: Cluster, moment: float) -> None:
    """Give all in the store the time of a moment, as a server would whose clock is behind."""
    for path in Path(cluster.store.name).rglob("*"):
        os.utime(path, (moment, moment))


def follower(cluster: Cluster, name: str) -> Config:
    """Return the configuration of a machine that follows the same store."""
    folder = cluster.room.folder.parent / name
    folder.mkdir()
    text = (cluster.room.folder / "config.toml").read_text(encoding="utf-8")
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return configuration.load(folder / "config.toml")


def test_a_machine_that_follows_reports_what_it_knows(cluster: Cluster) -> None:
    """It needs no ledger: its health is the publisher's, and what is not there yet is refused."""
    config = follower(cluster, "web1")
    client = create_app(config).test_client()
    assert client.get("/nowhere").status_code == 503
    assert client.get("/news.rss").headers["Retry-After"] == "1"
    following = Following(config, lambda: exclusive(config.state))
    looked = datetime.now(UTC)
    publish.note_looked(cluster.room.config, looked, looked + timedelta(minutes=3))

    while not following.step():
        pass

    assert_same(cluster, config.feeds_folder)
    assert until(lambda: client.get("/nowhere").status_code == 404, PATIENCE)
    assert client.get("/health").get_json()["status"] == "ok"
    assert not (config.state / "ledger.sqlite").exists()
    cluster.publish("second.toml")
    following.step()
    assert_same(cluster, config.feeds_folder)
    publish.note_looked(cluster.room.config, looked - timedelta(hours=1), looked)
    following.step()
    assert client.get("/health").get_json()["status"] == "late"


@pytest.mark.parametrize("ahead", [timedelta(hours=3), -timedelta(hours=3)])
def test_a_machine_whose_clock_is_off_knows_whether_checks_come(
    cluster: Cluster, ahead: timedelta
) -> None:
    """It judges them by how long after their moment they come, and misses those that do not."""
    config = follower(cluster, "web1")
    client = create_app(config).test_client()
    following = Following(config, lambda: exclusive(config.state))
    for seconds in range(3):
        looked = datetime.now(UTC) - ahead + timedelta(seconds=seconds)
        publish.note_looked(cluster.room.config, looked, looked + timedelta(minutes=3))
        while not following.step():
            pass
    assert client.get("/health").get_json()["status"] == "ok"

    publish.note_looked(cluster.room.config, looked, looked - timedelta(minutes=1))
    following.step()

    assert client.get("/health").get_json()["status"] == "late"


def test_a_validator_of_one_machine_holds_on_all(cluster: Cluster) -> None:
    """A reader who comes to another one gets a 304, in each content coding."""
    config = follower(cluster, "web1")
    following = Following(config, lambda: exclusive(config.state))
    while not following.step():
        pass
    clients = [create_app(one).test_client() for one in (cluster.room.config, config)]
    for coding in ("identity", "gzip", "br"):
        for path in ("/news.rss", "/news.json", "/index.html", "/harbour.html"):
            first = clients[0].get(path, headers={"Accept-Encoding": coding})
            known = {"Accept-Encoding": coding, "If-None-Match": first.headers.get("ETag", "-")}
            again = clients[1].get(path, headers=known)
            assert (path, again.status_code) == (path, 304 if first.status_code == 200 else 404)


def test_a_damaged_manifest_of_a_machine_that_follows_is_written_again(cluster: Cluster) -> None:
    """A worker reports it, and all rows come from the store."""
    config = follower(cluster, "web1")
    following = Following(config, lambda: exclusive(config.state))
    while not following.step():
        pass
    table = config.feeds_folder / manifest.TABLE
    table.write_bytes(table.read_bytes()[:3000] + bytes(3000))
    manifest.report_damage(config.feeds_folder, "news.rss")

    following.step()

    assert_same(cluster, config.feeds_folder)


def test_a_machine_that_follows_finds_damage_in_its_manifest(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A share of the rows is read now and then; while the store is away, it is remembered."""
    monkeypatch.setattr(following, "_VERIFIED_EVERY", 0)
    config = follower(cluster, "web1")
    machine = Following(config, lambda: exclusive(config.state))
    while not machine.step():
        pass
    with closing(sqlite3.connect(config.feeds_folder / manifest.TABLE)) as tables, tables:
        assert tables.execute("UPDATE member SET checksum = 1").rowcount
    edition = Path(cluster.store.name) / cluster.head.whole.key
    edition.rename(edition.with_name("away"))
    steps = [machine.step() for _ in range(9)]
    edition.with_name("away").rename(edition)

    machine.step()

    assert 1.0 in steps
    assert_same(cluster, config.feeds_folder)
    assert manifest.damage(config.feeds_folder) == ""


def test_a_page_is_late_while_only_the_first_documents_are_there(cluster: Cluster) -> None:
    """Their head names no table yet; it comes with all others."""
    config = follower(cluster, "web1")
    following = Following(config, lambda: exclusive(config.state))
    while not following.step():
        pass
    mark, _ = kept_mark(config.feeds_folder)
    assert mark
    keep_mark(config.feeds_folder, mark, 0, is_filling=True)
    (config.feeds_folder / manifest.TABLE).unlink()
    cache = DocumentCache(config.feeds_folder, may_be_late=True)

    with pytest.raises(sqlite3.OperationalError) as lacking:
        cache.get("harbour.html")

    assert cache.is_late(lacking.value)


@pytest.mark.parametrize("table", [None, b"", b"no table" * 1000])
def test_who_monitors_a_machine_is_answered_whatever_it_lacks(
    cluster: Cluster, table: bytes | None
) -> None:
    """Readers of what is not there yet are refused meanwhile."""
    config = follower(cluster, "web1")
    following = Following(config, lambda: exclusive(config.state))
    while not following.step():
        pass
    (config.feeds_folder / manifest.TABLE).unlink()
    if table is not None:
        (config.feeds_folder / manifest.TABLE).write_bytes(table)
    client = create_app(config).test_client()

    assert client.get("/harbour.html").status_code == 503
    assert client.get("/health/live").status_code == 200
    assert client.get("/health").is_json
    assert client.get("/news.rss").status_code == 200


def test_a_damaged_row_is_refused_on_a_machine_that_follows(cluster: Cluster) -> None:
    """It is reported, and the manifest is read again from the store."""
    config = follower(cluster, "web1")
    following = Following(config, lambda: exclusive(config.state))
    while not following.step():
        pass
    page = next(one for one in cluster.room.feeds() if one.startswith("2026/"))
    with closing(sqlite3.connect(config.feeds_folder / manifest.TABLE)) as tables, tables:
        tables.execute("UPDATE document SET checksum = 1 WHERE path = ?", (page,))
        tables.execute("UPDATE document_copy SET checksum = 1 WHERE path = ?", (page,))
    client = create_app(config).test_client()

    assert client.get(f"/{page}").status_code == 503
    while not following.step():
        pass
    assert client.get(f"/{page}").status_code == 200
    assert_same(cluster, config.feeds_folder)


def test_a_machine_that_follows_restores_what_its_disk_has_lost(cluster: Cluster) -> None:
    """In every form; until then a worker does not take it for a document that is on its way."""
    config = follower(cluster, "web1")
    following = Following(config, lambda: exclusive(config.state))
    while not following.step():
        pass
    page = next(one for one in cluster.room.feeds() if one.startswith("2026/"))
    for path in (config.feeds_folder / page).parent.glob("*"):
        path.unlink()
    cache = DocumentCache(config.feeds_folder, may_be_late=True)
    with pytest.raises(FileNotFoundError) as lost:
        cache.get(page)
    assert not cache.is_late(lost.value)

    again = Following(config, lambda: exclusive(config.state))
    again.step()

    assert_same(cluster, config.feeds_folder)


@pytest.mark.parametrize("name", ["news.rss", "news.rss.gz"])
def test_a_machine_that_follows_restores_what_its_disk_has_changed(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Also where times and sizes are as they were: bytes are compared, a share at a time."""
    monkeypatch.setattr(replica, "_BYTES", 1)
    folder = cluster.follow("a")
    again = Replica(cluster.store, folder)
    path = folder / name
    stat, data = path.stat(), bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    for _ in cluster.room.feeds():
        again.restore(cluster.head)

    assert_same(cluster, folder)


def test_a_store_that_is_away_is_a_condition(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged once, readers keep what they have, and the next attempt follows soon."""
    config = follower(cluster, "web1")
    following = Following(config, lambda: exclusive(config.state))
    while not following.step():
        pass
    head = Path(cluster.store.name) / "head.json"
    sound = head.read_bytes()
    head.write_bytes(b"?")

    assert [following.step() for _ in range(3)] == [1.0] * 3

    assert len(caplog.records) == 1
    assert_same(cluster, config.feeds_folder)
    head.write_bytes(sound)
    assert following.step() < 1

    share = head.parent.rename(head.parent.with_name("mounted"))
    assert following.step() == 1
    assert "Mount the share" in caplog.records[-1].message
    share.rename(head.parent)
    assert following.step() < 1


def test_a_store_without_an_edition_is_logged_once(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    """After some seconds: its address may have a typing error, or nothing was published yet."""
    config = follower(cluster, "web1")
    store = StoreSettings(url=(config.path.parent / "nwes").as_uri())
    elsewhere = replace(config, store=store)
    following = Following(elsewhere, lambda: exclusive(config.state))

    following.step()
    assert caplog.messages == []
    for _ in range(100):
        following.step()

    assert [store.url in message for message in caplog.messages] == [True]


def test_a_story_that_is_none_keeps_no_documents_back(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search lacks the entry, which is a condition; the next edition may have it again."""
    config = follower(cluster, "web1")
    following = Following(config, lambda: exclusive(config.state))
    while not following.step():
        pass
    reported: list[PublisherCheck] = []
    monkeypatch.setattr(heartbeat, "report", reported.append)
    cluster.publish("second.toml", entry_file("Zebra"))
    edition = EditionReader(cluster.store).edition(cluster.head.latest)
    entries = [replace(one, story='{"title": 1}') for one in edition.rows.entries]
    mark, data = replace(edition, rows=replace(edition.rows, entries=entries)).packed()
    cluster.store.create(mark.key, data)
    head = replace(cluster.head, recent=(mark, *cluster.head.recent[1:]))
    (Path(cluster.store.name) / "head.json").write_text(head.as_json(), encoding="utf-8")
    following.step()

    assert files(config.feeds_folder) == files(cluster.room.folder / "feeds")
    assert hits(config.feeds_folder, "zebra") == 0
    cluster.publish("second.toml", entry_file("Zebra", summary='"Stripes"'))
    while not following.step():
        pass
    assert hits(config.feeds_folder, "zebra") == 1
    assert [[one.code for one in check.conditions] for check in reported] == [[Code.SEARCH], []]


def test_a_later_release_finds_the_stories_that_an_earlier_one_could_not_read(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index of a machine that follows is made again, with the next edition."""
    folder = cluster.follow("a")
    cluster.publish("second.toml", entry_file("Zebra"))
    read = story_json.load

    def read_less(text: str) -> Story:
        if "Zebra" in text:
            raise KeyError("of a later release")
        return read(text)

    with monkeypatch.context() as earlier:
        earlier.setattr(story_json, "load", read_less)
        cluster.follow("a")
    assert hits(folder, "zebra") == 0
    cluster.publish("third.toml")

    cluster.follow("a")

    assert hits(folder, "zebra") == 1


def test_only_the_machine_that_publishes_sweeps(cluster: Cluster) -> None:
    """A machine that follows is refused, and its folder gets no ledger."""
    config = follower(cluster, "web1")

    with pytest.raises(DatelineError, match="Another machine publishes"):
        sweep_store(config, publish.ledger_url(config), datetime.now(UTC))

    assert not (config.state / "ledger.sqlite").exists()
    own = cluster.room.config
    assert sweep_store(own, publish.ledger_url(own), datetime.now(UTC)).kept > 10
