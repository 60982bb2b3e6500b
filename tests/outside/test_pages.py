"""Do the pages look right in a real browser, on a telephone and on a desk?

The pictures stay in `.cache/outside/pages/`, for people to look at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image
from programs import BROUGHT, output
from receiving import answering
from samples import (
    sample_edition,
    sample_entry,
    sample_entry_in_arabic,
    sample_entry_plain,
    sample_feed,
    sample_publication,
)
from shipped import publish

from dateline.model import Document, Entry
from dateline.render.pages import Pages

pytestmark = pytest.mark.outside

TELEPHONE, DESK = 390, 1280
SCRIPT = Path(__file__).parent / "screenshot.mjs"
PICTURES = BROUGHT / "pages"
SHIPPED_PAGES = (
    "2008/10/unodc-released-report-on-trafficking-in-lebanon.html",
    "2008/10/mktb-l-mm-lmthdh-lm-ny-blmkhdrt-wljrymh-ysdr-tqryr-n-ltjr-bl.html",
)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a site with the pages of a publication that uses every field."""
    folder = tmp_path_factory.mktemp("site")
    with served(folder) as url:
        for document in documents(url):
            path = folder / document.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(document.data)
        Image.new("RGB", (800, 533), "steelblue").save(folder / "picture.png")
        yield url


@pytest.fixture(scope="session")
def shipped_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a site with what this repository publishes."""
    folder = tmp_path_factory.mktemp("shipped-site")
    with served(folder / "feeds") as url:
        publish(folder, url)
        yield url


@pytest.mark.parametrize("width", [TELEPHONE, DESK])
@pytest.mark.parametrize(
    "path",
    [
        "",
        "subscribe.html",
        *(f"{entry.slug}.html" for entry in (sample_entry(), sample_entry_in_arabic())),
    ],
)
def test_a_page_fits_its_window(site: str, path: str, width: int) -> None:
    """Nothing must be scrolled sideways, and the browser complains of nothing."""
    seen, drawn = screenshot(f"{site}{path}", f"sample-{path}", width)

    assert {"status": 200, "width": width, "complaints": []} == seen
    assert width == drawn


@pytest.mark.parametrize("width", [TELEPHONE, DESK])
@pytest.mark.parametrize("path", ["", "subscribe.html", "news-ar.html", *SHIPPED_PAGES])
def test_a_shipped_page_fits_its_window(shipped_site: str, path: str, width: int) -> None:
    """It is so with the real publication, in both directions of writing."""
    seen, drawn = screenshot(f"{shipped_site}{path}", f"shipped-{path}", width)

    assert {"status": 200, "width": width, "complaints": []} == seen
    assert width == drawn


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder's files, and give the address."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    with answering(server):
        yield f"http://127.0.0.1:{server.server_port}/"


def screenshot(url: str, name: str, width: int) -> tuple[dict[str, object], int]:
    """Take a picture of a page in Chromium; give what Chromium says, and its width in pixels."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    file = name.removesuffix(".html").removesuffix("-").replace("/", "-")
    picture = PICTURES / f"{file}-{width}.png"
    seen: dict[str, object] = json.loads(output(["node", SCRIPT, url, picture, str(width)]))
    with Image.open(picture) as drawn:
        return seen, drawn.width


def documents(url: str) -> Iterator[Document]:
    """Give the pages of a publication at `url`; all that they show is there, too."""
    publication = sample_publication(url=url, icon=f"{url}picture.png", logo=f"{url}picture.png")
    entries = tuple(
        with_picture(entry, f"{url}picture.png")
        for entry in (sample_entry_in_arabic(), sample_entry_plain(), sample_entry())
    )
    feed = sample_feed()
    pages = Pages(publication, [feed])
    yield from pages.fixed()
    yield from map(pages.entry, entries)
    yield pages.feed(sample_edition(*entries, feed=feed))


def with_picture(entry: Entry, url: str) -> Entry:
    """Give `entry` with its picture, if it has one, at `url`."""
    image = entry.story.image and replace(entry.story.image, url=url)
    return replace(entry, story=replace(entry.story, image=image))
