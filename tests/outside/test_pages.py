"""Do the pages look right in a real browser, on a telephone and on a desk?

The pictures stay in `.cache/outside/pages/`, for people to look at.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from PIL import Image
from samples import (
    sample_edition,
    sample_entry,
    sample_entry_in_arabic,
    sample_entry_plain,
    sample_feed,
    sample_publication,
)

from dateline.model import Document, Entry
from dateline.render.pages import Pages

pytestmark = pytest.mark.outside

TELEPHONE, DESK = 390, 1280
SCRIPT = Path(__file__).parent / "screenshot.mjs"
PICTURES = Path(__file__).parents[2] / ".cache/outside/pages"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a site with the pages of the sample publication."""
    folder = tmp_path_factory.mktemp("site")
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder))
    )
    url = f"http://127.0.0.1:{server.server_port}/"
    for document in documents(url):
        path = folder / document.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(document.data)
    Image.new("RGB", (800, 533), "steelblue").save(folder / "picture.png")
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield url
    server.shutdown()
    thread.join()
    server.server_close()


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
    PICTURES.mkdir(parents=True, exist_ok=True)
    name = path.removesuffix(".html").replace("/", "-") or "index"
    picture = PICTURES / f"{name}-{width}.png"

    seen = screenshot(f"{site}{path}", picture, width)

    assert {"status": 200, "width": width, "complaints": []} == seen
    assert width == Image.open(picture).width


def screenshot(url: str, picture: Path, width: int) -> dict[str, object]:
    """Take a picture of a page in Chromium, and say what Chromium says of it."""
    try:
        done = subprocess.run(
            ["node", SCRIPT, url, picture, str(width)],
            stdout=subprocess.PIPE,
            timeout=120,
            check=True,
        )
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        pytest.fail(f"no picture could be taken; tests/outside/install brings Chromium: {error}")
    seen: dict[str, object] = json.loads(done.stdout)
    return seen


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
