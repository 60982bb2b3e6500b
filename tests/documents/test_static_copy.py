"""A static copy has what is published, and touches nothing else in its folder."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from dateline.documents.manifest import DocumentListing
from dateline.documents.static_copy import RECORD, CopyResult, StaticCopy
from dateline.errors import DatelineError, StoreError
from dateline.model import Role

START = 1_700_000_000


class Site:
    """Documents in a folder, and the folder that they are copied to."""

    def __init__(self, folder: Path) -> None:
        self.source, self.folder = folder / "feeds", folder / "public"
        self.listings: dict[str, DocumentListing] = {}

    def publish(self, path: str, data: bytes = b"1", changed: int = START) -> None:
        """Write a document, and list it."""
        file = self.source / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        role = Role.MEDIA if path.startswith("media/") else Role.PAGE
        if path.endswith(".rss"):
            role = Role.ARCHIVE if path.startswith("archive/") else Role.SUBSCRIPTION
        self.listings[path] = DocumentListing(
            path=path,
            media_type="text/plain",
            role=role,
            changed=changed,
            size=len(data),
            digest=hashlib.sha256(data).hexdigest(),
            links="",
            max_age=300,
            expires=None,
        )

    def copy(self, **own: bytes) -> CopyResult:
        """Update the copy."""
        copy = StaticCopy(self.folder, self.source)
        return copy.update(self.listings.values(), own)

    def files(self) -> Sequence[str]:
        """Return the files of the copy, without the record."""
        files = (one for one in self.folder.rglob("*") if one.is_file() and one.name != RECORD)
        return sorted(str(one.relative_to(self.folder)) for one in files)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Return a site with a document of each kind."""
    site = Site(tmp_path)
    for path in ("news.rss", "archive/news/1.rss", "2026/a.html", "media/a.png"):
        site.publish(path)
    return site


def test_no_document_is_copied_before_those_that_it_leads_to(site: Site) -> None:
    """The order is media, pages, archives, subscription documents, and files for the host."""
    found = site.copy(_headers=b"x")

    assert found.copied == (
        "media/a.png", "2026/a.html", "archive/news/1.rss", "news.rss", "_headers",
    )  # fmt: skip
    assert site.files() == sorted(found.copied)
    assert (site.folder / "news.rss").stat().st_mtime == START


def test_a_second_run_copies_nothing(site: Site) -> None:
    """Every file, the record too, is the same file with the same times."""
    site.copy(_headers=b"x")
    before = {one: one.stat() for one in site.folder.rglob("*")}

    found = site.copy(_headers=b"x")

    after = {one: one.stat() for one in site.folder.rglob("*")}
    assert found == CopyResult(copied=(), deleted=(), unchanged=5, damaged=())
    assert {one: (at.st_ino, at.st_mtime_ns) for one, at in after.items()} == {
        one: (at.st_ino, at.st_mtime_ns) for one, at in before.items()
    }


def test_only_what_has_changed_is_copied_and_what_is_gone_is_deleted(site: Site) -> None:
    """A folder that is then empty goes, too."""
    site.copy(_headers=b"x")
    site.publish("news.rss", b"2", START + 1)
    del site.listings["media/a.png"]

    found = site.copy(_headers=b"y")

    assert found.copied == ("news.rss", "_headers")
    assert (found.deleted, found.unchanged) == (("media/a.png",), 2)
    assert (site.folder / "news.rss").read_bytes() == b"2"
    assert not (site.folder / "media").exists()


def test_a_copy_that_was_changed_by_hand_is_copied_again(site: Site) -> None:
    """Its moment of change differs; a link in its place is replaced, not followed."""
    site.copy()
    (site.folder / "news.rss").write_bytes(b"0")
    other = site.folder.parent / "other"
    other.write_bytes(b"1")
    (site.folder / "2026/a.html").unlink()
    (site.folder / "2026/a.html").symlink_to(other)

    assert site.copy().copied == ("2026/a.html", "news.rss")
    assert other.read_bytes() == b"1"
    assert not (site.folder / "2026/a.html").is_symlink()


def test_a_damaged_document_is_not_copied(site: Site) -> None:
    """The earlier copy stays, all others are copied, and the damaged ones are named."""
    site.copy()
    site.publish("news.rss", b"2", START + 1)
    site.publish("2026/a.html", b"2", START + 1)
    site.publish("2026/b.html", b"2", START + 1)
    (site.source / "news.rss").write_bytes(b"0")
    (site.source / "2026/a.html").unlink()

    found = site.copy()

    assert found.copied == ("2026/b.html",)
    assert found.damaged == ("2026/a.html", "news.rss")
    assert (site.folder / "news.rss").read_bytes() == b"1"


def test_a_folder_with_other_files_is_refused(site: Site) -> None:
    """One sentence says what to type; nothing is written. The `.git` of a clone may be there."""
    (site.folder / ".git").mkdir(parents=True)
    (site.folder / "thesis.tex").write_bytes(b"x")

    with pytest.raises(DatelineError) as refused:
        site.copy()

    assert str(refused.value) == (
        f"{site.folder} holds files that deploy did not write (thesis.tex): name an empty folder, "
        f"as in: dateline deploy {site.folder}-2"
    )
    assert site.files() == ["thesis.tex"]
    (site.folder / "thesis.tex").unlink()
    assert len(site.copy().copied) == 4


def test_files_that_others_add_later_stay(site: Site) -> None:
    """They are neither deleted nor replaced: a document in their place is refused."""
    site.copy()
    (site.folder / "CNAME").write_bytes(b"x")
    (site.folder / "2027").mkdir()
    (site.folder / "2027/a.html").write_bytes(b"own")
    del site.listings["2026/a.html"]
    site.copy()
    site.publish("2027/a.html")

    with pytest.raises(DatelineError, match=r"2027/a\.html was not written by deploy: move it"):
        site.copy()

    assert (site.folder / "2027/a.html").read_bytes() == b"own"
    assert (site.folder / "CNAME").exists()


def test_nothing_is_written_or_deleted_through_a_link(site: Site, tmp_path: Path) -> None:
    """A folder that was replaced by a link leads elsewhere, and is refused."""
    site.copy()
    elsewhere = tmp_path / "elsewhere"
    (site.folder / "2026").rename(elsewhere)
    (site.folder / "2026").symlink_to(elsewhere)
    del site.listings["2026/a.html"]

    with pytest.raises(DatelineError, match="was not written by deploy"):
        site.copy()

    assert (elsewhere / "a.html").exists()


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"[]",
        b"[" * 200_000,
        b'{"files": ["../news.rss"]}',
        b'{"files": ["/etc/x"]}',
        b'{"files": [""]}',
        b'{"files": ["."]}',
        b'{"files": [".git/config"]}',
        b'{"files": "abc"}',
    ],
)
def test_a_damaged_record_is_refused(site: Site, record: bytes) -> None:
    """No path in it leads out of the folder."""
    site.copy()
    (site.folder / RECORD).write_bytes(record)

    with pytest.raises(DatelineError, match=r"is damaged.*: name an empty folder, as in: "):
        site.copy()


def test_a_run_that_was_killed_leaves_no_file_that_is_not_its_own(site: Site) -> None:
    """The record names files before they are written; the next run goes on."""
    site.copy()
    site.publish("2026/b.html")
    (site.source / "2026/b.html").unlink()
    (site.source / "2026/b.html").mkdir()  # cannot be read

    with pytest.raises(StoreError, match=r"2026/b\.html is a folder"):
        site.copy()
    recorded = json.loads((site.folder / RECORD).read_bytes())["files"]
    (site.source / "2026/b.html").rmdir()
    site.publish("2026/b.html")

    assert "2026/b.html" in recorded
    assert site.copy().copied == ("2026/b.html",)


def test_what_a_killed_run_was_about_to_place_is_removed(site: Site) -> None:
    """It is in a folder that hosts do not publish, and that no document can have."""
    site.copy()
    (site.folder / ".dateline-deploy.new").mkdir()
    (site.folder / ".dateline-deploy.new/0").write_bytes(b"half")
    site.publish("2026/b.html")

    assert site.copy().copied == ("2026/b.html",)
    assert not (site.folder / ".dateline-deploy.new").exists()


def test_no_document_is_placed_before_it_is_on_disk(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a disk that cannot be synced, the copy stays as it is."""
    site.copy()
    before = site.files()
    site.publish("2026/b.html")
    really = os.open

    def opened(path: str, flags: int, *rest: int) -> int:
        """Open a folder that is to be synced so that it cannot be."""
        return really(path, os.O_PATH if flags == os.O_RDONLY else flags, *rest)

    monkeypatch.setattr(os, "open", opened)

    with pytest.raises(StoreError, match="descriptor"):
        site.copy()
    assert site.files() == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes among its files")
def test_a_pipe_or_link_in_the_place_of_an_own_file_is_replaced(site: Site) -> None:
    """Neither keeps the run waiting, nor leads it to another file."""
    site.copy(_headers=b"x", _redirects=b"y")
    (site.folder / "_headers").unlink()
    os.mkfifo(site.folder / "_headers")
    (site.source / "y").write_bytes(b"y")
    (site.folder / "_redirects").unlink()
    (site.folder / "_redirects").symlink_to(site.source / "y")

    assert site.copy(_headers=b"x", _redirects=b"y").copied == ("_headers", "_redirects")
    assert not (site.folder / "_redirects").is_symlink()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes among its files")
def test_a_pipe_in_the_place_of_the_record_is_refused(site: Site) -> None:
    """It keeps no run waiting."""
    site.copy()
    (site.folder / RECORD).unlink()
    os.mkfifo(site.folder / RECORD)

    with pytest.raises(DatelineError, match="is damaged"):
        site.copy()


def test_a_folder_in_the_place_of_a_document_is_named(site: Site) -> None:
    """The error names it, and no temporary file."""
    site.copy()
    (site.folder / "news.rss").unlink()
    (site.folder / "news.rss").mkdir()

    with pytest.raises(StoreError, match=r"public/news\.rss is a folder"):
        site.copy()
