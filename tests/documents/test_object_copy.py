"""A copy in an object store has what is published, and touches nothing else there."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from dateline.documents.manifest import DocumentListing
from dateline.documents.object_copy import OBJECT_RECORD, ObjectCopy
from dateline.documents.objects import NO_FIELDS, REDIRECT, ObjectVersion
from dateline.documents.objects.folder import FolderStore
from dateline.documents.static_copy import CopyResult
from dateline.errors import DatelineError, StoreError
from dateline.model import Role

START = 1_700_000_000
TARGET = "https://news.example.org/news.rss"


class Watched(FolderStore):
    """A store that notes writes and deletions, and fails from the one on that `fails` counts."""

    fails = 0

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.log: list[str] = []
        self.fields: dict[str, Mapping[str, str]] = {}

    def create(
        self, key: str, data: bytes, fields: Mapping[str, str] = NO_FIELDS
    ) -> ObjectVersion | None:
        """Note and create."""
        self._note(key, fields)
        return super().create(key, data, fields)

    def replace(
        self, key: str, data: bytes, seen: ObjectVersion, fields: Mapping[str, str] = NO_FIELDS
    ) -> ObjectVersion | None:
        """Note and replace."""
        self._note(key, fields)
        return super().replace(key, data, seen, fields)

    def delete(self, keys: Sequence[str]) -> None:
        """Note and delete."""
        for key in keys:
            self._note(key, NO_FIELDS, "-")
        super().delete(keys)

    def _note(self, key: str, fields: Mapping[str, str], sign: str = "") -> None:
        if key.startswith(".dateline-check"):
            return
        self.log.append(f"{sign}{key}")
        self.fields[key] = fields
        if self.fails and len(self.log) >= self.fails:
            raise StoreError("the line was cut")


class Bucket:
    """Documents in a folder, and the store that they are copied to."""

    def __init__(self, folder: Path) -> None:
        self.source = folder / "feeds"
        self.store = Watched(folder / "bucket")
        self.listings: dict[str, DocumentListing] = {}
        self.redirects = {"old.rss": TARGET}
        self.age = 300
        self.is_packed = False

    def publish(self, path: str, data: bytes = b"1", role: Role = Role.PAGE) -> None:
        """Write a document, and list it."""
        file = self.source / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        self.listings[path] = DocumentListing(
            path=path,
            media_type="text/plain",
            role=role,
            changed=START,
            size=len(data),
            digest=hashlib.sha256(data).hexdigest(),
            links="",
            max_age=300,
            expires=None,
            codings="gzip=1" if role == Role.SUBSCRIPTION else "",
        )

    def copy(self, *, is_trial: bool = False) -> CopyResult:
        """Update the copy; the log has the writes of this time alone."""
        self.store.log.clear()

        def fields(listing: DocumentListing) -> Mapping[str, str]:
            return {"Content-Type": listing.media_type, "Cache-Control": f"max-age={self.age}"}

        copy = ObjectCopy(self.store, self.source, fields, is_packed=self.is_packed)
        return copy.update(self.listings.values(), self.redirects, is_trial=is_trial)

    @property
    def written(self) -> list[str]:
        """The objects that the last copy wrote or deleted, without the record."""
        return [one for one in self.store.log if one != OBJECT_RECORD]

    def role(self, path: str) -> Role:
        """Return the role of a document."""
        return Role(self.listings[path].role)

    def data(self, key: str) -> bytes:
        """Return the bytes of an object."""
        found = self.store.read(key)
        return found[0] if found else b""


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    """Return a publication with a picture, a page, an archive and a feed."""
    made = Bucket(tmp_path)
    made.publish("media/a.webp", b"picture", Role.MEDIA)
    made.publish("2026/a.html", b"page")
    made.publish("archive/news-1.rss", b"archive", Role.ARCHIVE)
    made.publish("news.rss", b"feed", Role.SUBSCRIPTION)
    return made


def test_every_document_is_written_with_its_fields(bucket: Bucket) -> None:
    """And each former address as a page that leads on, with the field that redirects."""
    found = bucket.copy()

    assert {*found.copied} == {*bucket.listings, "old.rss"}
    assert {path: bucket.data(path) for path in bucket.listings} == {
        path: (bucket.source / path).read_bytes() for path in bucket.listings
    }
    assert bucket.store.fields["news.rss"] == {
        "Content-Type": "text/plain",
        "Cache-Control": "max-age=300",
    }
    assert bucket.store.fields["old.rss"][REDIRECT] == TARGET
    assert f'url={TARGET}"'.encode() in bucket.data("old.rss")


def test_a_second_run_writes_nothing(bucket: Bucket) -> None:
    """Not even the record, nor an object to test the store."""
    bucket.copy()

    found = bucket.copy()

    assert bucket.store.log == []
    assert (found.copied, found.deleted, found.unchanged) == ((), (), 5)


def test_only_what_has_changed_is_written(bucket: Bucket) -> None:
    """A document, a target of a redirect, or a field of all documents."""
    bucket.copy()
    bucket.publish("news.rss", b"feed 2", Role.SUBSCRIPTION)
    bucket.redirects["old.rss"] = "https://news.example.org/other.rss"

    assert bucket.copy().copied == ("news.rss", "old.rss")
    bucket.age = 60
    assert {*bucket.copy().copied} == {*bucket.listings}
    assert bucket.data("news.rss") == b"feed 2"


def test_new_documents_come_before_the_lists_that_lead_to_them(bucket: Bucket) -> None:
    """What is gone is deleted last, after the record named all that is written."""
    bucket.publish("index.html", b"list")
    bucket.copy()
    bucket.publish("index.html", b"list 2")
    bucket.publish("news.rss", b"feed 2", Role.SUBSCRIPTION)
    bucket.publish("topics/z.html", b"new page")
    bucket.publish("media/z.webp", b"new picture", Role.MEDIA)
    del bucket.listings["2026/a.html"]

    bucket.copy()

    assert bucket.written == [
        "media/z.webp",
        "topics/z.html",
        "index.html",
        "news.rss",
        "-2026/a.html",
    ]
    assert bucket.store.log[0] == bucket.store.log[-3] == bucket.store.log[-1] == OBJECT_RECORD


def test_a_trial_writes_nothing(bucket: Bucket) -> None:
    """It returns what a run would do, before the first one and later."""
    assert {*bucket.copy(is_trial=True).copied} == {*bucket.listings, "old.rss"}
    assert [*bucket.store.objects()] == []
    bucket.copy()
    bucket.publish("news.rss", b"feed 2", Role.SUBSCRIPTION)
    del bucket.listings["2026/a.html"]

    found = bucket.copy(is_trial=True)

    assert bucket.store.log == []
    assert (found.copied, found.deleted, found.unchanged) == (("news.rss",), ("2026/a.html",), 3)


@pytest.mark.parametrize("number", range(1, 8))
def test_a_run_that_was_cut_off_is_finished_by_the_next(bucket: Bucket, number: int) -> None:
    """Wherever it ended: no document leads to one that is not there, and nothing stays behind."""
    bucket.copy()
    bucket.publish("news.rss", b"feed 2", Role.SUBSCRIPTION)
    bucket.publish("2026/b.html", b"new page")
    bucket.publish("2026/c.html", b"new page")
    del bucket.listings["2026/a.html"]
    bucket.store.fails = number

    with pytest.raises(StoreError, match="the line was cut"):
        bucket.copy()

    if bucket.data("news.rss") == b"feed 2":
        assert bucket.data("2026/b.html") == bucket.data("2026/c.html") == b"new page"
    bucket.store.fails = 0
    bucket.copy()
    assert {one.key for one in bucket.store.objects()} == {
        *bucket.listings,
        "old.rss",
        OBJECT_RECORD,
    }
    assert bucket.copy().unchanged == len(bucket.listings) + 1
    assert bucket.data("news.rss") == b"feed 2"


def test_an_object_that_was_changed_or_deleted_by_hand_is_written_again(bucket: Bucket) -> None:
    """The list of the store shows both."""
    bucket.copy()
    found = bucket.store.read("news.rss")
    assert found is not None
    bucket.store.replace("news.rss", b"?", found[1])
    bucket.store.delete(["2026/a.html"])

    assert bucket.copy().copied == ("2026/a.html", "news.rss")
    assert bucket.data("news.rss") == b"feed"


def test_a_damaged_document_is_not_written(bucket: Bucket) -> None:
    """The earlier copy stays, all others are written, and the damaged ones are named."""
    bucket.copy()
    bucket.publish("news.rss", b"feed 2", Role.SUBSCRIPTION)
    bucket.publish("2026/b.html", b"new page")
    bucket.publish("2026/c.html", b"new page")
    (bucket.source / "news.rss").write_bytes(b"?")
    (bucket.source / "2026/b.html").unlink()

    found = bucket.copy()

    assert found.copied == ("2026/c.html",)
    assert {*found.damaged} == {"news.rss", "2026/b.html"}
    assert bucket.data("news.rss") == b"feed"


def test_objects_of_others_stay(bucket: Bucket) -> None:
    """A store with some is refused at first; later they are neither replaced nor deleted."""
    bucket.store.create("thesis.tex", b"own")
    with pytest.raises(DatelineError, match=r"did not write \(thesis\.tex\): name an empty bucket"):
        bucket.copy()
    assert bucket.written == []
    bucket.store.delete(["thesis.tex"])
    bucket.copy()
    bucket.store.create("CNAME", b"own")
    bucket.store.create("2027/a.html", b"own")
    bucket.copy()
    bucket.publish("2027/a.html")

    with pytest.raises(DatelineError, match=r"2027/a\.html in .* was not written by deploy"):
        bucket.copy()

    assert (bucket.data("CNAME"), bucket.data("2027/a.html")) == (b"own", b"own")


@pytest.mark.parametrize(
    "record", [b"", b"{}", gzip.compress(b"[]", mtime=0), gzip.compress(b'{"a": 1}', mtime=0)]
)
def test_a_damaged_record_is_refused(bucket: Bucket, record: bytes) -> None:
    """Nothing is written or deleted."""
    bucket.store.create(OBJECT_RECORD, record)
    bucket.store.create("news.rss", b"own")

    with pytest.raises(DatelineError, match="is damaged, so deploy cannot know"):
        bucket.copy()

    assert bucket.data("news.rss") == b"own"


def test_of_two_runs_at_once_the_later_one_stops(bucket: Bucket) -> None:
    """It replaces nothing that the other has written since, and the next run goes on."""
    bucket.copy()
    bucket.publish("news.rss", b"feed 2", Role.SUBSCRIPTION)
    other = Bucket(bucket.source.parent)
    other.listings = dict(bucket.listings)
    other.source = bucket.source.parent / "later"
    for path in [*other.listings]:
        other.publish(path, (bucket.source / path).read_bytes(), bucket.role(path))

    class Meanwhile(Watched):
        def replace(
            self, key: str, data: bytes, seen: ObjectVersion, fields: Mapping[str, str] = NO_FIELDS
        ) -> ObjectVersion | None:
            if key == "news.rss":
                other.publish("news.rss", b"feed 3", Role.SUBSCRIPTION)
                other.copy()
            return super().replace(key, data, seen, fields)

    bucket.store = Meanwhile(Path(bucket.store.name))

    with pytest.raises(StoreError, match=r"another deploy has written there meanwhile"):
        bucket.copy()

    assert bucket.data("news.rss") == b"feed 3"
    assert other.copy().copied == ()


def test_a_lost_answer_is_no_failure(bucket: Bucket) -> None:
    """A request that was sent again finds the object that the first one wrote."""

    class Repeating(Watched):
        def create(
            self, key: str, data: bytes, fields: Mapping[str, str] = NO_FIELDS
        ) -> ObjectVersion | None:
            version = super().create(key, data, fields)
            return None if key == "news.rss" else version

    bucket.store = Repeating(Path(bucket.store.name))

    assert "news.rss" in bucket.copy().copied
    assert bucket.copy().copied == ()


def test_texts_are_stored_in_gzip_if_asked(bucket: Bucket) -> None:
    """Pictures are not, nor what has no coded form."""
    bucket.is_packed = True

    bucket.copy()

    assert gzip.decompress(bucket.data("news.rss")) == b"feed"
    assert bucket.store.fields["news.rss"]["Content-Encoding"] == "gzip"
    assert bucket.data("media/a.webp") == b"picture"
    assert "Content-Encoding" not in bucket.store.fields["media/a.webp"]


def test_the_record_names_only_what_is_public(bucket: Bucket) -> None:
    """Paths of documents, with hashes and versions."""
    bucket.copy()
    del bucket.listings["2026/a.html"]
    bucket.copy()

    record = json.loads(gzip.decompress(bucket.data(OBJECT_RECORD)))

    assert sorted(record["objects"]) == sorted([*bucket.listings, "old.rss"])
    assert record["store"] == bucket.store.name
