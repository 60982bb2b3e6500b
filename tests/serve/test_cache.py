"""The cache follows the manifest, whatever happens in the folder."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from time import process_time, sleep, time
from typing import BinaryIO

import brotli  # type: ignore[import-untyped]  # it carries no types
import pytest
import zstandard

from dateline.documents import manifest
from dateline.documents.compression import ENDINGS
from dateline.documents.manifest import HEAD, PREVIOUS, TABLE, DocumentListing, Head
from dateline.documents.store import Store
from dateline.model import Document, Role
from dateline.serve import cache as caching
from dateline.serve import responses
from dateline.serve.cache import STRICT, CachedDocument, DocumentCache, documents
from dateline.serve.cache.error_pages import ErrorPage
from dateline.serve.responses import document, page
from dateline.system.decompression import decoded
from support.flips import cut, flip
from support.serving import PATIENCE, until

START = 1_700_000_000
ENCODERS = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstandard.compress}


def listing(path: str = "news.rss", *, changed: int = START, data: bytes = b"") -> DocumentListing:
    """Return a document's row of the manifest."""
    return DocumentListing(
        path=path,
        media_type="text/plain",
        role=Role.SUBSCRIPTION if path.startswith("news") else Role.PAGE,
        changed=changed,
        size=len(data),
        digest=hashlib.sha256(data).hexdigest(),
        links="",
        max_age=300,
        expires=None,
    )


def put(folder: Path, path: str, changed: int, data: bytes) -> DocumentListing:
    """Write a document as publishing does, before the manifest names it."""
    one = listing(path, changed=changed, data=data)
    document = Document(path=path, role=Role(one.role), media_type="text/plain", data=data)
    store = Store(folder)
    store.show([store.write(document, changed)()])
    return one


def promise(
    folder: Path,
    generation: int,
    *listings: DocumentListing,
    gone: Sequence[str] = (),
    rebuild: bool = False,
) -> None:
    """Write the manifest; documents not named stay, except removed ones."""
    held = {one.path: one for one in listings if one.role == Role.SUBSCRIPTION}
    head = Head(generation=generation, founded=START, documents=held)
    change = manifest.ManifestChange(documents=listings, gone=gone)
    is_new = not (folder / manifest.TABLE).exists()
    manifest.write(folder, head, change, rebuild=rebuild or is_new)


def publish(
    folder: Path, version: int, *paths: str, gone: Sequence[str] = (), rebuild: bool = False
) -> None:
    """Publish documents whose bytes and time identify their version."""
    listings = [put(folder, path, START + version, text(version)) for path in paths]
    Store(folder).remove(gone)
    promise(folder, version, *listings, gone=gone, rebuild=rebuild)


def text(version: int) -> bytes:
    """Return the bytes of a version; all have the same length."""
    return f"version {version:05}".encode() * 1000


def version_of(copy: CachedDocument | None) -> int:
    """Return the version of a document whose bytes and validators agree."""
    assert copy is not None
    version = int(copy.data[8:13])
    assert copy.data == text(version)
    assert copy.listing.etag == f'"{START + version:x}-{len(copy.data):x}"'
    return version


def is_there(shelf: DocumentCache, path: str) -> bool:
    """Return whether a document is there; before the first manifest, that is not known."""
    with suppress(FileNotFoundError):
        return shelf.get(path) is not None
    return False


def shows(shelf: DocumentCache, version: int, path: str = "news.rss") -> bool:
    """Wait until a version is served."""
    return until(lambda: version_of(shelf.get(path)) == version, seconds=5)


def test_without_a_publication_there_is_no_document(tmp_path: Path) -> None:
    """It has not arrived yet, which is no statement that there is none; no folder is created."""
    shelf = DocumentCache(tmp_path / "feeds")

    with pytest.raises(FileNotFoundError):
        shelf.get("news.rss")
    assert not (tmp_path / "feeds").exists()


def test_a_new_manifest_is_followed(tmp_path: Path) -> None:
    """For documents in memory and those in the table, without a restart."""
    shelf = DocumentCache(tmp_path)
    shelf.recent()

    for version in (1, 2):
        publish(tmp_path, version, "news.rss", "page.html")

        assert until(lambda: is_there(shelf, "news.rss"), seconds=5)
        assert shows(shelf, version)
        assert shows(shelf, version, "page.html")


@pytest.mark.parametrize(
    "path",
    [
        *["", ".", "..", "/", "unpromised.txt", ".manifest.json", "../x", "a\0b", "caf\xe9"],
        *["\udcff", "a" * 100_000, "NEWS.RSS", "news.rss/", "//news.rss", "%", "' OR 1=1 --"],
    ],
    ids=lambda path: ascii(path[:20]),
)
def test_a_file_outside_the_manifest_is_not_served(tmp_path: Path, path: str) -> None:
    """Its name does not matter."""
    publish(tmp_path, 1, "news.rss")
    (tmp_path / "unpromised.txt").write_text("secret", encoding="utf-8")

    assert DocumentCache(tmp_path).get(path) is None


def test_reading_does_not_change_the_folder(tmp_path: Path) -> None:
    """No file is created, so a worker may be another user, and the folder read-only."""
    publish(tmp_path, 1, "news.rss", "page.html")
    before = sorted(tmp_path.rglob("*"))
    shelf = DocumentCache(tmp_path)

    found = [shelf.get(path) for path in ("news.rss", "page.html", "nothing")]

    assert [copy is not None for copy in found] == [True, True, False]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_document_newer_than_its_manifest_has_its_own_validators(
    tmp_path: Path,
) -> None:
    """A worker that starts or checks between the two renames sends new bytes as new."""
    publish(tmp_path, 1, "news.rss", "page.html")
    put(tmp_path, "news.rss", START + 2, text(2))
    put(tmp_path, "page.html", START + 2, text(2))
    shelf = DocumentCache(tmp_path)

    assert version_of(shelf.get("news.rss")) == 2
    assert version_of(shelf.get("page.html")) == 2


@pytest.mark.long
def test_bytes_and_validators_agree_during_publication(tmp_path: Path) -> None:
    """At any moment; and no reader sees an older version again."""
    publish(tmp_path, 1, "news.rss", "news.atom", "page.html")
    shelf = DocumentCache(tmp_path)
    faults: list[str] = []

    with readers(shelf, ["news.rss", "news.atom", "page.html"], faults):
        for version in range(2, 40):
            publish(tmp_path, version, "news.rss", "news.atom", "page.html")

    assert faults == []
    assert shows(shelf, 39)


@contextmanager
def readers(shelf: DocumentCache, paths: list[str], faults: list[str]) -> Iterator[None]:
    """Read all the time, with one thread for each path."""
    stop = Event()

    def read(path: str) -> None:
        last = 0
        try:
            while not stop.is_set():
                version = version_of(shelf.get(path))
                assert version >= last
                last = version
                sleep(0.0005)
        except Exception as error:  # noqa: BLE001 - a thread's fault is the test's
            faults.append(repr(error))

    threads = [Thread(target=read, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_changed_metadata_of_equal_bytes_is_followed(tmp_path: Path) -> None:
    """The time of the next change, for example."""
    one = put(tmp_path, "news.rss", START, b"same")
    promise(tmp_path, 1, one)
    shelf = DocumentCache(tmp_path)
    shelf.get("news.rss")

    promise(tmp_path, 2, replace(one, expires=START + 60))

    assert until(
        lambda: (
            (copy := shelf.get("news.rss")) is not None
            and copy.listing.expires == START + 60
            and copy.data == b"same"
        ),
        seconds=5,
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / HEAD).unlink(),
        lambda folder: (folder / HEAD).write_bytes(b""),
        lambda folder: (folder / HEAD).write_bytes(b'{"generation": 2, "docu'),
        lambda folder: (folder / HEAD).write_bytes(b'{"generation": 2}'),
        lambda folder: (folder / HEAD).write_bytes(b'{"documents": {"news.rss": {"colour": 1}}}'),
        lambda folder: folder.rename(folder.with_name("elsewhere")),
        lambda folder: folder.rename(folder.with_name("elsewhere")).with_name("feeds").touch(),
    ],
    ids=["no", "empty", "torn", "older", "newer", "moved", "a file in its place"],
)
def test_documents_in_memory_survive_damage_of_the_folder(
    tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    """Readers get the last good version."""
    folder = tmp_path / "feeds"
    publish(folder, 1, "news.rss")
    shelf = DocumentCache(folder)
    assert shows(shelf, 1)

    spoil(folder)

    assert not until(lambda: version_of(shelf.get("news.rss")) != 1, seconds=0.2)


def test_an_unreadable_document_does_not_affect_the_others(tmp_path: Path) -> None:
    """Its last version is served until it is readable again."""
    publish(tmp_path, 1, "news.rss", "news.atom")
    shelf = DocumentCache(tmp_path)
    assert shows(shelf, 1)
    new = [listing(path, changed=START + 2, data=text(2)) for path in ("news.rss", "news.atom")]
    put(tmp_path, "news.rss", START + 2, text(2))
    (tmp_path / "news.atom").unlink()

    promise(tmp_path, 2, *new)

    assert shows(shelf, 2, "news.rss")
    assert version_of(shelf.get("news.atom")) == 1
    put(tmp_path, "news.atom", START + 2, text(2))
    assert shows(shelf, 2, "news.atom")


def test_a_missing_document_of_the_manifest_is_an_error(tmp_path: Path) -> None:
    """It is not treated as unknown; the others are served."""
    promise(tmp_path, 1, listing("news.rss"), put(tmp_path, "news.atom", START + 1, text(1)))
    shelf = DocumentCache(tmp_path)

    with pytest.raises(FileNotFoundError):
        shelf.get("news.rss")
    assert version_of(shelf.get("news.atom")) == 1


def test_a_folder_copied_with_its_head_first_is_served(tmp_path: Path) -> None:
    """As by rsync, in order of names, to a machine that only serves."""
    source, copied = tmp_path / "source", tmp_path / "copied"
    publish(source, 1, "news.rss")
    shutil.copytree(source, copied)
    shelf = DocumentCache(copied)
    assert shows(shelf, 1)
    publish(source, 2, "news.rss")

    shutil.copy2(source / HEAD, copied / HEAD)
    assert not until(lambda: version_of(shelf.get("news.rss")) != 1, seconds=0.2)
    shutil.copy2(source / "news.rss", copied / "new")
    os.replace(copied / "new", copied / "news.rss")  # noqa: PTH105 - as rsync does

    assert shows(shelf, 2)


def test_documents_in_memory_need_only_the_head(tmp_path: Path) -> None:
    """No table is queried for a feed."""
    publish(tmp_path, 1, "news.rss")
    (tmp_path / ".manifest.sqlite").unlink()

    assert version_of(DocumentCache(tmp_path).get("news.rss")) == 1
    assert json.loads((tmp_path / HEAD).read_bytes())["generation"] == 1


BROKEN = [b"", b"[]", b"{}", b'{"format": 6}', b'{"format": 7}', b"\xff", b'{"digest": "', b"null"]


@pytest.mark.parametrize("data", BROKEN)
def test_a_damaged_head_changes_nothing_for_a_running_worker(tmp_path: Path, data: bytes) -> None:
    """The last good one stays in memory until the next good one."""
    publish(tmp_path, 1, "news.rss", "page.html")
    shelf = DocumentCache(tmp_path)
    assert version_of(shelf.get("news.rss")) == 1
    (tmp_path / HEAD).write_bytes(data)
    sleep(0.2)

    assert version_of(shelf.get("news.rss")) == 1
    assert version_of(shelf.get("page.html")) == 1
    publish(tmp_path, 2, "news.rss", "page.html")
    assert shows(shelf, 2)


@pytest.mark.parametrize("is_previous_there", [True, False])
@pytest.mark.parametrize("data", [*BROKEN, None])
def test_a_new_worker_uses_the_previous_head_or_the_table(
    tmp_path: Path, data: bytes | None, *, is_previous_there: bool
) -> None:
    """If the head is damaged or missing."""
    for version in (1, 2):
        publish(tmp_path, version, "news.rss", "page.html")
    (tmp_path / HEAD).unlink()
    if data is not None:
        (tmp_path / HEAD).write_bytes(data)
    if not is_previous_there:
        (tmp_path / PREVIOUS).unlink()
    shelf = DocumentCache(tmp_path)

    assert version_of(shelf.get("news.rss")) == 2
    assert version_of(shelf.get("page.html")) == 2
    assert shelf.get("other.html") is None
    publish(tmp_path, 3, "news.rss")
    assert shows(shelf, 3)


def test_a_worker_without_a_manifest_serves_the_files(tmp_path: Path) -> None:
    """All of them are public."""
    publish(tmp_path, 1, "news.rss", "page.html")
    (tmp_path / HEAD).write_bytes(b"[]")
    (tmp_path / TABLE).write_bytes(b"")

    shelf = DocumentCache(tmp_path)
    assert version_of(shelf.get("news.rss")) == 1
    copy = shelf.get("page.html")
    assert copy
    assert (version_of(copy), copy.listing.media_type) == (1, "text/html; charset=utf-8")
    for path in (HEAD, TABLE, "other.html", "news.rss.gz"):
        with pytest.raises(FileNotFoundError):
            shelf.get(path)
    for name in (TABLE, HEAD):
        (tmp_path / name).unlink()
    publish(tmp_path, 2, "news.rss")
    assert until(lambda: shelf.get("page.html") is None, seconds=5)
    assert version_of(shelf.get("news.rss")) == 2


def test_a_worker_with_only_a_damaged_head_denies_no_document(tmp_path: Path) -> None:
    """A document that existed is not treated as unknown."""
    (tmp_path / HEAD).write_bytes(b"[]")

    with pytest.raises(manifest.Damaged):
        DocumentCache(tmp_path).get("news.rss")


@pytest.mark.parametrize("harm", [cut, flip])
def test_truncated_or_changed_documents_are_not_served(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    """They are refused until the next publication; feeds in memory are served."""
    shelf = DocumentCache(tmp_path)
    publish(tmp_path, 1, "news.rss", "page.html")
    assert shows(shelf, 1)
    for name in ("news.rss", "page.html"):
        harm(tmp_path / name)

    for one, name in ((shelf, "page.html"), (DocumentCache(tmp_path), "news.rss")):
        with pytest.raises(OSError, match="cut off or changed"):
            one.get(name)
    assert version_of(shelf.get("news.rss")) == 1

    publish(tmp_path, 2, "news.rss", "page.html")
    assert shows(shelf, 2)
    assert shows(shelf, 2, "page.html")


@pytest.mark.parametrize("path", ["news.rss", "page.html"])
@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_changed_coded_form_is_not_sent(tmp_path: Path, path: str, coding: str) -> None:
    """The plain form is, with its own validator, until the next version."""
    shelf = DocumentCache(tmp_path)
    for version in (1, 2):
        one = put(tmp_path, path, START + version, text(version))
        coded = tmp_path / f"{path}{ENDINGS[coding]}"
        coded.write_bytes(ENCODERS[coding](text(version)))
        os.utime(coded, (START + version, START + version))
        size = coded.stat().st_size
        if version == 1:
            flip(coded)
        promise(tmp_path, version, replace(one, codings=f"{coding}={size}"))
        assert shows(shelf, version, path)

        copy = shelf.get(path)
        assert copy
        form = copy.form(coding)
        assert form.whole.coding == ("" if version == 1 else coding)
        assert decoded(form.whole.coding, form.data) == text(version)


@pytest.mark.long
def test_a_coded_form_is_compared_once_for_any_number_of_fields(tmp_path: Path) -> None:
    """Else a few small requests a second, each with another field, would keep a worker busy."""
    data = "".join(
        hashlib.sha256(bytes([n % 251, n % 256])).hexdigest() for n in range(30_000)
    ).encode()
    one = put(tmp_path, "news.atom", START, data)
    coded = tmp_path / f"news.atom{ENDINGS['gzip']}"
    coded.write_bytes(ENCODERS["gzip"](data))
    os.utime(coded, (START, START))
    promise(tmp_path, 1, replace(one, codings=f"gzip={coded.stat().st_size}"))
    copy = DocumentCache(tmp_path).get("news.atom")
    assert copy

    start = process_time()
    first = copy.form("gzip")
    between = process_time()
    others = [copy.form(f"gzip, x{number}") for number in range(500)]
    took = process_time() - between

    assert first.whole.coding == "gzip"
    assert all(one is first for one in others)
    assert took < 20 * (between - start)


def test_a_copy_of_the_folder_without_its_times_is_served(tmp_path: Path) -> None:
    """Files of a mirror are complete, though newer."""
    publish(tmp_path, 1, "news.rss", "page.html")
    for name in ("news.rss", "page.html"):
        os.utime(tmp_path / name)
    shelf = DocumentCache(tmp_path)

    assert [shelf.get(name).data for name in ("news.rss", "page.html")] == [text(1), text(1)]  # type: ignore[union-attr]


def test_the_policy_of_pages_is_strict() -> None:
    """No remote content, forms to other sites, frames, or other base address."""
    name, policy = STRICT
    parts = (part.strip().partition(" ") for part in policy.split(";"))

    assert name == "Content-Security-Policy"
    assert {name: value for name, _, value in parts} == {
        "default-src": "'none'",
        "script-src": "'self'",
        "connect-src": "'self'",
        "style-src": "'self'",
        "font-src": "'self'",
        "img-src": "'self' data:",
        "media-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize("is_embargo", [False, True])
@pytest.mark.parametrize("left", [-100, -1, 0, 100, 299, 300, 10**6])
def test_no_lifetime_is_negative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int, *, is_embargo: bool
) -> None:
    """If the publisher is late, documents have lifetime 0."""
    now = int(time())
    monkeypatch.setattr(responses, "time", lambda: now)
    ends = now + left
    expires = None if is_embargo else ends
    promise(tmp_path, 1, replace(put(tmp_path, "news.rss", START, text(1)), expires=expires))
    copy = DocumentCache(tmp_path).get("news.rss")
    assert copy
    answer = document({"REQUEST_METHOD": "GET"}, copy, ends if is_embargo else None)
    said = dict(answer.fields)["Cache-Control"]
    found = int(said.removeprefix("max-age=").partition(",")[0])

    assert max(0, min(left - 3, 298)) <= found <= max(0, min(left, 300))
    assert not (answer.lasts and left <= 0)


@pytest.mark.parametrize("role", Role)
def test_all_but_media_are_fresh_until_the_next_embargo(tmp_path: Path, role: Role) -> None:
    """Feeds of topics and archives, too: no cache keeps an entry from its readers there."""
    promise(tmp_path, 1, replace(put(tmp_path, "topics/ports.rss", START, text(1)), role=role))
    copy = DocumentCache(tmp_path).get("topics/ports.rss")
    assert copy

    answer = document({"REQUEST_METHOD": "GET"}, copy, int(time()) + 100)

    is_stale = "stale-while-revalidate" in dict(answer.fields)["Cache-Control"]
    assert is_stale == (role == Role.MEDIA)


def test_error_pages_have_the_policy_and_are_not_cached() -> None:
    """Like every page."""
    answer = page("410 Gone", ErrorPage(b"<!doctype html>"), STRICT)

    assert STRICT in answer.fields
    assert ("Cache-Control", "no-store") in answer.fields


@pytest.mark.parametrize(
    ("dest", "status"), [("document", "303"), ("empty", "200"), ("iframe", "200"), (None, "200")]
)
def test_only_a_browser_that_opens_a_feed_is_redirected(
    tmp_path: Path, dest: str | None, status: str
) -> None:
    """A script that requests it gets the feed."""
    publish(tmp_path, 1, "news.rss")
    copy = DocumentCache(tmp_path).get("news.rss")
    assert copy
    asked = {"REQUEST_METHOD": "GET"} | ({"HTTP_SEC_FETCH_DEST": dest} if dest else {})

    assert document(asked, copy, None).status.startswith(status)


def test_a_running_worker_never_returns_to_an_older_head(tmp_path: Path) -> None:
    """Its next embargo is newer than that in the previous head."""
    publish(tmp_path, 1, "news.rss")
    one = put(tmp_path, "news.rss", START + 2, text(2))
    head = Head(generation=2, founded=START, documents={"news.rss": one}, embargo=START + 9)
    manifest.write(tmp_path, head, manifest.ManifestChange(documents=[one]))
    shelf = DocumentCache(tmp_path)
    shelf.get("news.rss")
    (tmp_path / HEAD).write_bytes(b"{}")
    sleep(0.2)
    shelf.get("news.rss")

    assert shelf.embargo == START + 9


@pytest.mark.parametrize("publications", [1, 2])
@pytest.mark.parametrize("data", [*BROKEN, None])
def test_an_idle_worker_with_a_damaged_head_serves_nothing_older(
    tmp_path: Path, data: bytes | None, publications: int
) -> None:
    """It has an old edition in memory, and the table has the newest."""
    publish(tmp_path, 1, "news.rss", "news.atom", "news.json", "page.html")
    cache = DocumentCache(tmp_path)
    assert version_of(cache.get("news.rss")) == 1
    last = _publish_unseen(tmp_path, publications)
    _harm_head(tmp_path, data)

    assert version_of(cache.get("news.rss")) == last
    assert version_of(cache.get("page.html")) == last
    assert version_of(cache.get("news.atom")) == 2  # published first, and not changed since
    assert cache.get("news.json") is None
    assert version_of(cache.get("more.rss")) == last
    publish(tmp_path, 9, "news.rss")
    assert shows(cache, 9)


@pytest.mark.parametrize("publications", [1, 2])
@pytest.mark.parametrize("is_previous_there", [True, False])
@pytest.mark.parametrize("data", [b"[]", None])
def test_without_a_table_an_idle_worker_serves_the_files(
    tmp_path: Path, data: bytes | None, publications: int, *, is_previous_there: bool
) -> None:
    """Documents that cannot be checked are refused."""
    publish(tmp_path, 1, "news.rss", "news.atom", "news.json", "page.html")
    cache = DocumentCache(tmp_path)
    assert version_of(cache.get("news.rss")) == 1
    last = _publish_unseen(tmp_path, publications)
    if not is_previous_there:
        (tmp_path / PREVIOUS).write_bytes(b"[]")
    (tmp_path / TABLE).write_bytes(b"no table")
    _harm_head(tmp_path, data)

    is_away = data is None and not is_previous_there
    assert version_of(cache.get("news.rss")) == (1 if is_away else last)
    assert version_of(cache.get("news.atom")) == (1 if is_away else 2)
    for path in ("page.html", *(() if is_away else ("news.json",))):
        with pytest.raises(sqlite3.DatabaseError):
            cache.get(path)
    publish(tmp_path, 9, "news.rss", rebuild=True)
    assert shows(cache, 9)


def _publish_unseen(folder: Path, publications: int) -> int:
    """Publish without a check of the cache in between; return the last version.

    `news.json` is removed, `news.atom` is in the first one only, and `more.rss` is new in the last.
    """
    last = 1 + publications
    for version in range(2, last + 1):
        paths = ["news.rss", "page.html", *(["news.atom"] if version == 2 else [])]
        paths += ["more.rss"] if version == last else []
        publish(folder, version, *paths, gone=["news.json"])
    sleep(0.1)
    return last


def _harm_head(folder: Path, data: bytes | None) -> None:
    if data is None:
        (folder / HEAD).unlink()
    else:
        (folder / HEAD).write_bytes(data)


def test_an_idle_worker_checks_before_a_second_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that arrives while the first one loads the new edition waits for it."""
    publish(tmp_path, 1, "news.rss", "news.atom")
    cache = DocumentCache(tmp_path)
    assert version_of(cache.get("news.rss")) == 1
    publish(tmp_path, 2, "news.rss", "news.atom")
    is_read = Event()

    def opened_slowly(path: Path) -> BinaryIO:
        assert is_read.wait(10)
        return path.open("rb")

    monkeypatch.setattr(documents, "open_regular", opened_slowly)
    monkeypatch.setattr(caching, "_IDLE", PATIENCE)
    cache._next_check -= 2 * PATIENCE  # noqa: SLF001 - as if nobody had asked for long

    found: list[int] = []
    threads = [Thread(target=lambda: found.append(version_of(cache.get("news.rss")))) for _ in "ab"]
    for thread in threads:
        thread.start()
        sleep(0.1)
    assert found == []
    is_read.set()
    for thread in threads:
        thread.join()

    assert found == [2, 2]
