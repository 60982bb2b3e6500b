"""Anything but a file in the place of a document gives way to it, or is refused at once."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dateline.documents.editions.replica import kept_mark
from dateline.documents.manifest.head import PREVIOUS
from dateline.errors import StoreError
from dateline.serve import health
from dateline.serve.cache import DocumentCache
from dateline.serve.monitoring import incidents
from support.local_sockets import bind_socket
from support.publication import Newsroom, entry_file

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes")


@pytest.fixture(autouse=True)
def no_run_hangs() -> Iterator[None]:
    """End a test that waits for the other end of a pipe."""
    signal.alarm(30)
    yield
    signal.alarm(0)


@pytest.fixture
def published(newsroom: Newsroom) -> Newsroom:
    """Return a publication with one entry."""
    newsroom.drop("a.toml")
    newsroom.build()
    newsroom.build()
    return newsroom


@pytest.mark.long
@pytest.mark.parametrize("make", [os.mkfifo, bind_socket])
@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        "news.rss",
        "news.rss.gz",
        "sitemap.xml",
        ".manifest.json",
        ".manifest.sqlite",
        PREVIOUS,
    ],
)
def test_a_pipe_in_the_place_of_a_document_gives_way_to_it(
    published: Newsroom, name: str, make: Callable[[Path], None]
) -> None:
    """The next run that writes the document replaces the pipe."""
    place = published.folder / "feeds" / name
    place.unlink(missing_ok=True)
    make(place)
    published.drop("b.toml", entry_file("Other news", body='"Other."'))

    published.build()
    published.build(rebuild=True)

    assert place.is_file()
    assert {one["title"] for one in published.items()} == {"Report on Lebanon", "Other news"}


def test_a_pipe_in_the_place_of_a_document_keeps_no_reader_waiting(published: Newsroom) -> None:
    """Web workers answer at once that the document cannot be read."""
    place = published.folder / "feeds/index.html"
    place.unlink()
    os.mkfifo(place)

    with pytest.raises(OSError, match="is no plain file"):
        DocumentCache(published.folder / "feeds").get("index.html")


def test_a_pipe_in_the_place_of_the_last_check_keeps_nobody_waiting(published: Newsroom) -> None:
    """There is no last check, no open incident and no edition then; the next ones replace it."""
    feeds = published.folder / "feeds"
    for name in (".looked.json", ".incidents.json", ".edition.json"):
        os.mkfifo(feeds / name)

    assert health.last_run(feeds) is None
    assert incidents.published(feeds) == []
    assert kept_mark(feeds) == (None, False)
    health.record(feeds, published.now, published.now)
    assert health.last_run(feeds) is not None


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["index.html", "news.rss", "news.rss.gz", ".manifest.json", ".manifest.sqlite"]
)
def test_a_folder_in_the_place_of_a_document_is_refused(published: Newsroom, name: str) -> None:
    """It may hold files of somebody's, so it is not deleted."""
    place = published.folder / "feeds" / name
    place.unlink()
    place.mkdir()
    (place / "minutes.txt").write_bytes(b"ours")
    published.drop("b.toml", entry_file("Other news", body='"Other."'))

    for _ in range(2):
        with pytest.raises(StoreError) as refused:
            published.build()
        assert str(refused.value) == (
            f"{place} is a folder. Move it elsewhere: a file has to be in its place."
        )

    shutil.move(place, published.folder / "elsewhere")
    published.build()
    assert len(published.items()) == 2


def test_a_file_in_the_place_of_a_folder_is_refused(published: Newsroom) -> None:
    """The message names it; the folder for temporary files replaces it."""
    place = published.folder / "feeds/2026"
    shutil.rmtree(place)
    os.mkfifo(place)
    os.mkfifo(published.folder / "feeds/.new")
    published.drop("b.toml", entry_file("Other news", body='"Other."'))

    with pytest.raises(StoreError) as refused:
        published.build()

    assert str(refused.value) == (
        f"{place} is not a folder. Move it elsewhere: a folder has to be in its place."
    )
