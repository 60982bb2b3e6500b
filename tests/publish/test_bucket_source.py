"""Entries come from a bucket: each object is a file, and is published as soon as it is seen."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dateline import publish
from dateline.documents.objects import ObjectVersion, StoredObject
from dateline.documents.objects.folder import FolderStore
from dateline.errors import StoreError
from dateline.model import Report
from dateline.publish import sources
from dateline.publish.sources import bucket
from support.publication import CONFIG, Newsroom, entry_file, picture


class Desk:
    """A newsroom that follows a store of objects, which is a folder here."""

    def __init__(self, newsroom: Newsroom, objects: Path) -> None:
        self.newsroom = newsroom
        self.objects = objects
        self.source = sources.SourceFollower({})

    def put(self, key: str, data: str | bytes) -> None:
        """Write an object."""
        path = self.objects / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)

    def update(self) -> set[str]:
        """Ask the store; return what changed."""
        return {*self.source.update(self.newsroom.config)}

    def build(self) -> Report:
        """Ask the store, and publish at this very moment."""
        self.update()
        self.newsroom.now += timedelta(minutes=1)
        request = publish.RunRequest(now=self.newsroom.now, clock=datetime.now(UTC))
        return publish.build(self.newsroom.config, request)

    def files(self) -> set[str]:
        """Return the paths of the files that follow."""
        root = self.newsroom.config.entries
        return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def desk(newsroom: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Return a newsroom that follows a store with one entry."""
    objects = tmp_path / "objects"
    text = f'{CONFIG}\n[source]\nurl = "s3://newsroom/entries"\n'
    (newsroom.folder / "config.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(bucket, "open_store", lambda *_: FolderStore(objects))
    found = Desk(newsroom, objects)
    found.put("old.toml", entry_file("Old"))
    return found


def test_an_object_is_published_at_once(desk: Desk) -> None:
    """Objects that did not change are not fetched again."""
    first = desk.build()
    desk.put("2026/a.toml", entry_file(image='"pier.png"', image_alt='"A pier"'))
    desk.put("2026/pier.png", picture())
    before = (desk.newsroom.config.entries / "old.toml").stat()
    changed = desk.update()
    second = desk.build()

    assert first.published == ("old.toml",)
    assert changed == {"2026/a.toml", "2026/pier.png"}
    assert (second.published, second.problems) == (("2026/a.toml",), ())
    assert (desk.newsroom.config.entries / "old.toml").stat() == before
    assert desk.update() == set()


def test_a_changed_object_replaces_the_file_and_a_deleted_one_removes_it(desk: Desk) -> None:
    """Guards and the time of grace are those of a folder."""
    desk.put("a/b.toml", entry_file())
    desk.build()
    desk.put("old.toml", entry_file("Old", summary='"New"'))
    (desk.objects / "a/b.toml").unlink()
    report = desk.build()

    assert report.changed == ("old.toml",)
    assert {*report.missing} == {"a/b.toml"}
    assert desk.files() == {"old.toml"}


@pytest.mark.parametrize("data", [None, b"?"])
def test_a_file_is_gone_although_the_record_is_lost(desk: Desk, data: bytes | None) -> None:
    """Of the objects that are in the folder: a file that nobody knows of would stay for ever."""
    desk.put("2026/b.toml", entry_file("B"))
    desk.build()
    record = desk.newsroom.config.entries.parent / "objects.json"
    record.unlink()
    if data:
        record.write_bytes(data)
    (desk.objects / "2026/b.toml").unlink()

    assert desk.update() == {"2026/b.toml", "old.toml"}
    assert desk.files() == {"old.toml"}
    assert desk.update() == set()


def test_a_process_that_is_killed_does_not_hide_that_the_record_was_lost(desk: Desk) -> None:
    """It ends before it has removed the files that nobody knows of; the next one removes them."""
    desk.put("2026/b.toml", entry_file("B"))
    desk.build()
    config = desk.newsroom.config
    (config.entries.parent / "objects.json").unlink()
    (desk.objects / "2026/b.toml").unlink()
    assert config.source
    killed = bucket.BucketSource(config.source, config.entries.parent, {})
    killed.fetch()
    killed.changes(from_nothing=False)

    desk.update()

    assert desk.files() == {"old.toml"}


def test_what_is_no_entry_is_not_fetched(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Hidden objects are passed over; one that is too large is named in the log, once."""
    monkeypatch.setattr(bucket, "MOST_BYTES", 2000)
    desk.put(".git/config", "x")
    desk.put("film.mp4", b"x" * 2001)
    desk.update()
    desk.update()

    assert desk.files() == {"old.toml"}
    assert [record.message for record in caplog.records] == [
        "film.mp4 of the source has 2001 bytes, and is left out."
    ]


def test_a_store_that_is_away_withdraws_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What was fetched stays, and there is a condition until it answers."""
    desk.build()

    class Away(FolderStore):
        def objects(self, prefix: str = "") -> Iterator[object]:  # type: ignore[override]  # noqa: ARG002
            raise StoreError("s3://newsroom/entries: it cannot be reached.")

    with monkeypatch.context() as away:
        away.setattr(bucket, "open_store", lambda *_: Away(desk.objects))
        desk.update()
        report = desk.build()
    condition = desk.source.condition
    desk.update()

    assert condition is not None
    assert condition.detail == "s3://newsroom/entries: it cannot be reached"
    assert (report.missing, report.problems) == ((), ())
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert desk.source.condition is None


class Interrupted(FolderStore):
    """A store that calls `before` with the key of each object that is read."""

    def __init__(self, folder: Path, before: Callable[[str], None]) -> None:
        super().__init__(folder)
        self._before = before

    def read(self, key: str) -> tuple[bytes, ObjectVersion] | None:
        """Return an object, unless `before` raises."""
        self._before(key)
        return super().read(key)


def test_an_object_that_is_deleted_before_all_are_read_is_gone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was written here, while another could not be read."""
    desk.build()
    for name in ("a.toml", "b.toml", "old.toml"):
        desk.put(name, entry_file(name))

    def fail(key: str) -> None:
        if key == "b.toml":
            raise StoreError("s3://newsroom/entries: it did not answer in time.")

    with monkeypatch.context() as away:
        away.setattr(bucket, "open_store", lambda *_: Interrupted(desk.objects, fail))
        desk.update()
    written = desk.files()
    (desk.objects / "a.toml").unlink()
    changed = desk.update()

    assert written == {"a.toml", "old.toml"}
    assert changed == {"a.toml", "b.toml", "old.toml"}
    assert desk.files() == {"b.toml", "old.toml"}
    assert desk.update() == set()


def test_an_object_that_is_deleted_before_it_is_read_is_gone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its older version was there when the store was asked."""
    desk.build()
    desk.put("old.toml", entry_file("Older"))

    def delete(key: str) -> None:
        (desk.objects / key).unlink()

    with monkeypatch.context() as deleting:
        deleting.setattr(bucket, "open_store", lambda *_: Interrupted(desk.objects, delete))
        desk.update()
    desk.update()

    assert desk.files() == set()
    assert desk.update() == set()


def _damage(entries: Path) -> None:
    (entries / "a.toml").unlink()
    (entries / "b.toml").write_text(entry_file("B", summary='"Other"'), "utf-8")
    (entries / "c.toml").write_text(entry_file("C"), "utf-8")


@pytest.mark.parametrize("has_note", [True, False])
def test_damage_in_the_folder_is_undone_before_anything_is_published(
    desk: Desk, *, has_note: bool
) -> None:
    """Objects whose files are right are left alone."""
    for name in ("a.toml", "b.toml"):
        desk.put(name, entry_file(name))
    desk.build()
    entries = desk.newsroom.config.entries
    before = (entries / "old.toml").stat()
    _damage(entries)
    if not has_note:
        (entries.parent / "written.sqlite").unlink()
    reports = [desk.build(), desk.build()]

    assert [(one.published, one.changed, one.missing) for one in reports] == [((), (), ())] * 2
    assert {name: (entries / name).read_bytes() for name in desk.files()} == {
        name: (desk.objects / name).read_bytes() for name in ("a.toml", "b.toml", "old.toml")
    }
    assert (entries / "old.toml").stat().st_ctime_ns == before.st_ctime_ns
    assert desk.update() == set()


def test_damage_while_the_store_is_away_withdraws_and_publishes_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file is checked until the store answers."""
    for name in ("a.toml", "b.toml"):
        desk.put(name, entry_file(name))
    desk.build()
    _damage(desk.newsroom.config.entries)

    def refuse(*_: object) -> FolderStore:
        raise StoreError("s3://newsroom/entries: it cannot be reached.")

    with monkeypatch.context() as away:
        away.setattr(bucket, "open_store", refuse)
        first = desk.build()
    changed = desk.update()
    second = desk.build()

    assert (first.published, first.changed, first.missing) == ((), (), ())
    assert changed == {"a.toml", "b.toml", "c.toml"}
    assert (second.published, second.changed, second.missing) == ((), (), ())
    assert desk.files() == {"a.toml", "b.toml", "old.toml"}


@pytest.mark.parametrize("has_note", [True, False])
def test_a_lost_record_beside_a_lost_file_withdraws_nothing(desk: Desk, *, has_note: bool) -> None:
    """The record alone says which objects the folder should have."""
    desk.put("a.toml", entry_file())
    desk.build()
    place = desk.newsroom.config.entries.parent
    (place / "objects.json").unlink()
    (place / "entries/a.toml").unlink()
    if not has_note:
        (place / "written.sqlite").unlink()
    request = publish.RunRequest(now=desk.newsroom.now, clock=datetime.now(UTC))
    first = publish.build(desk.newsroom.config, request)
    second = desk.build()

    assert (first.missing, second.missing) == ((), ())
    assert desk.files() == {"a.toml", "old.toml"}


def test_an_object_that_is_too_large_is_not_restored(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record knows it, but the folder never had it."""
    monkeypatch.setattr(bucket, "MOST_BYTES", 2000)
    desk.put("film.mp4", b"x" * 2001)
    desk.build()
    (desk.newsroom.config.entries.parent / "written.sqlite").unlink()
    desk.build()

    assert desk.files() == {"old.toml"}


class AnyKeys:
    """A store that allows keys that no file can have."""

    def __init__(self, objects: dict[str, str]) -> None:
        self.held = objects

    def objects(self) -> Iterator[StoredObject]:
        """Yield all objects."""
        for key, text in sorted(self.held.items()):
            version = ObjectVersion(etag=str(hash(text)))
            yield StoredObject(key=key, size=len(text), version=version, changed=0.0)

    def read(self, key: str) -> tuple[bytes, ObjectVersion]:
        """Return the bytes and the version of an object."""
        return self.held[key].encode(), ObjectVersion(etag=str(hash(self.held[key])))


def test_a_key_that_is_too_long_here_stops_no_other_news(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it when the object is deleted."""
    store = AnyKeys({f"{'n' * 300}.toml": entry_file("Long"), "old.toml": entry_file("Old")})
    monkeypatch.setattr(bucket, "open_store", lambda *_: store)
    desk.build()
    store.held = {"new.toml": entry_file("New"), "old.toml": entry_file("Old")}
    desk.build()

    assert desk.source.condition is None
    assert desk.files() == {"new.toml", "old.toml"}


@pytest.mark.long
def test_an_object_with_the_name_of_a_folder_is_left_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Each check would put one in the place of the other; it comes once the folder is gone."""
    store = AnyKeys({"a.toml": entry_file("File"), "a.toml/b/c.toml": entry_file("C")})
    monkeypatch.setattr(bucket, "open_store", lambda *_: store)
    found = []
    for _ in range(3):
        desk.build()
        found.append(desk.files())
    named = caplog.text.count("a.toml of the source is the name of a folder")
    assert found == [{"a.toml/b/c.toml"}] * 3
    assert named == 1

    del store.held["a.toml/b/c.toml"]
    desk.build()
    assert desk.files() == {"a.toml"}
    assert "damaged" not in caplog.text


def test_an_object_that_stands_for_a_folder_is_left_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Consoles of stores make one; its key has a slash at its end, so it cannot be read."""
    keys = {"2026": "", "2026/a.toml": entry_file("A"), "2027": "", "2027/old": "", "b.toml": ""}
    monkeypatch.setattr(bucket, "open_store", lambda *_: AnyKeys(keys))
    desk.build()

    assert desk.files() == {"2026/a.toml", "b.toml"}
    assert desk.update() == set()
    assert caplog.text == ""
