"""The address of a preview: pages as readers will get them, with their pictures and style.

All of it lies below the same address: pictures that are not published yet are nowhere else.
"""

from __future__ import annotations

import re
from importlib import resources

from flask import Response, abort, render_template
from werkzeug.wrappers import Response as AnyResponse

from dateline.config import Config
from dateline.documents import manifest
from dateline.documents.static_copy import whole_bytes
from dateline.model import Allowed, Entry
from dateline.newsroom.preview import Preview, page
from dateline.newsroom.state import Newsroom
from dateline.render.entry_html import full_text
from dateline.render.pages.body import at_home
from dateline.text.language import direction
from dateline.text.localise import moment

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "font-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
_READER = "reader.css"


def document(room: Newsroom, key: str, name: str) -> AnyResponse:
    """Return a page of the preview (`new-page`, `live-reader`, …) or a file that it shows."""
    if room.last_run is None:
        return Response(status=503)
    path, _ = room.access.previewed(key, room.clock()) or abort(404)
    found = room.preview(path) or abort(404)
    response = _page(room, found, key, name) or _file(room.config, found, name)
    response.headers["Content-Security-Policy"] = _policy(room.config.publication.allowed)
    return response


def _policy(allowed: Allowed) -> str:
    """Return what a preview may load: also the frames of a page, and no script."""
    return f"{_POLICY}; frame-src {' '.join(allowed.frames)}" if allowed.frames else _POLICY


def _page(room: Newsroom, found: Preview, key: str, name: str) -> AnyResponse | None:
    entries = {"new": found.new, "live": found.live}
    which, _, form = name.partition("-")
    entry = entries.get(which)
    if entry is None or form not in {"page", "reader"}:
        return None
    others = found.translations.get(which, ())
    text = page(entry, room.config, others) if form == "page" else _in_reader(entry, room.config)
    return Response(_leading_out(_at_home(text, room.config.publication.url, f"/shown/{key}/")))


def _in_reader(entry: Entry, config: Config) -> bytes:
    """Return an entry as a feed reader shows it: its text, without the site's style.

    Pictures of other sites are links: their servers would learn who reads it before it is out.
    """
    story, url = entry.story, config.publication.url
    return render_template(
        "reader.html",
        entry=entry,
        story=story,
        date=moment(entry.published, story.language, config.publication.zone),
        text=at_home(full_text(entry), url, url),
        direction=direction(story.language),
    ).encode()


def _at_home(text: bytes, url: str, base: str) -> bytes:
    """Rewrite the page's pictures, icons and style to lie below the preview's address."""
    for before, after in (
        ('rel="stylesheet" href="', ""),
        ('icon" href="', ""),
        ('src="', ""),
        ('href="', "media/"),
    ):
        text = text.replace(f"{before}{url}{after}".encode(), f"{before}{base}{after}".encode())
    return text


def _leading_out(text: bytes) -> bytes:
    """Make links open in a new window: no other site may be shown in the preview.

    Links within the page stay in it.
    """
    text = text.replace(b'href="#', b'target="_self" href="#')
    return re.sub(rb"<head\b[^>]*>", rb'\g<0>\n<base target="_blank">', text, count=1)


def _file(config: Config, found: Preview, name: str) -> AnyResponse:
    """Return a file that the page shows: of the entry itself, or published already."""
    if name == _READER:
        style = resources.files("dateline.newsroom").joinpath("static", _READER).read_bytes()
        return Response(style, content_type="text/css; charset=utf-8")
    if name in found.documents:
        own = found.documents[name]
        return Response(own.data, content_type=own.media_type)
    listing = manifest.ManifestReader(config.feeds_folder).find(name)
    if listing is None or listing.media_type.startswith("text/html"):
        abort(404)
    try:
        data = whole_bytes(config.feeds_folder, listing)
    except OSError:
        data = None
    if data is None:  # it was withdrawn a moment ago, or is damaged
        abort(404)
    return Response(data, content_type=listing.media_type)
