"""How does what was published get onto the wire?

Documents are answered before Flask's routing: the path is a key, validators are compared,
bytes are sent (RFC 9110, RFC 9111). Flask has what is left: the page that says what went
wrong. Nothing here renders a feed, queries the ledger, or writes.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Flask, Response
from werkzeug.http import parse_date, parse_etags

from dateline import config as configuration
from dateline.config import Config
from dateline.model import Role
from dateline.shelf import Copy, Shelf

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_METHODS = "GET, HEAD, OPTIONS"
_IMMUTABLE = 365 * 24 * 3600
_EVERY_ANSWER = (
    ("Access-Control-Allow-Origin", "*"),
    ("X-Content-Type-Options", "nosniff"),
)
_NOT_KEPT = (*_EVERY_ANSWER, ("Cache-Control", "no-store"))
_KEPT = (*_EVERY_ANSWER, ("Cache-Control", "public, max-age=86400"))
_log = logging.getLogger(__name__)


def create_app(config: Config | None = None) -> Flask:
    """Make the application that serves what was published.

    Without `config` it is read from the file that `DATELINE_CONFIG` names, or `config.toml`.
    Nothing is started, opened or written.
    """
    if config is None:
        config = configuration.load(Path(os.environ.get("DATELINE_CONFIG", "config.toml")))
    app = Flask("dateline", static_folder=None, template_folder=None)
    shelf = Shelf(config.feeds_folder)
    app.register_error_handler(
        404, lambda _: Response(_page(shelf, "404.html"), 404, _NOT_KEPT, mimetype="text/html")
    )
    app.wsgi_app = Wire(app.wsgi_app, shelf)  # type: ignore[method-assign]  # Flask's documented way
    return app


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back; of a HEAD, all but `data`."""

    status: str
    fields: tuple[tuple[str, str], ...]
    data: bytes = b""


class Wire:
    """Answers what is on the shelf; hands everything else on to `rest`."""

    def __init__(self, rest: WSGIApplication, shelf: Shelf) -> None:
        self._rest = rest
        self._shelf = shelf

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        answer = self._answer(environ)
        if answer is None:
            return self._rest(environ, start_response)
        start_response(answer.status, list(answer.fields))
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.data]

    def _answer(self, environ: WSGIEnvironment) -> Answer | None:
        method = environ["REQUEST_METHOD"]
        if method == "OPTIONS":
            return _PREFLIGHT
        path = environ.get("PATH_INFO", "").removeprefix("/") or "index.html"
        if address := self._shelf.moved(environ.get("HTTP_HOST", "")):
            return _elsewhere(environ, address)
        try:
            copy = self._shelf.get(path)
            former = self._shelf.former(path) if copy is None else None
        except (OSError, sqlite3.Error) as error:
            _log.warning("%r was published and cannot be read: %s", path, error)
            return _refusal("503 Service Unavailable", ("Retry-After", "1"))
        if copy is None:
            return None if former is None else self._former(path, former)
        if method not in {"GET", "HEAD"}:
            return _refusal("405 Method Not Allowed", ("Allow", _METHODS))
        return _document(environ, copy)

    def _former(self, path: str, target: str) -> Answer:
        """Answer for what is not here any more (RFC 9110, sections 15.4.2 and 15.5.11)."""
        if target:
            up = "" if "://" in target else "../" * path.count("/")
            return _refusal("301 Moved Permanently", ("Location", f"{up}{target}"), _KEPT)
        page = _page(self._shelf, "410.html")
        content = (
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(page))),
        )
        return Answer("410 Gone", (*_NOT_KEPT, *content), page)


def _page(shelf: Shelf, path: str) -> bytes:
    """Give the page that says what is not there, once there is one."""
    try:
        copy = shelf.get(path)
    except (OSError, sqlite3.Error):
        copy = None
    return copy.data if copy else f"{path.partition('.')[0]}\n".encode()


def _elsewhere(environ: WSGIEnvironment, address: str) -> Answer:
    """Lead to the same place at the address that the site has now."""
    path = quote(environ.get("PATH_INFO", "").encode("latin-1").lstrip(b"/"), safe="/~")
    query = f"?{found}" if (found := environ.get("QUERY_STRING", "")) else ""
    location = f"{address}{path}{query}".replace("\r", "").replace("\n", "")
    return _refusal("301 Moved Permanently", ("Location", location), _KEPT)


def _document(environ: WSGIEnvironment, copy: Copy) -> Answer:
    """Answer a GET or HEAD of what is on the shelf."""
    if _is_navigation(environ, copy):
        return _refusal("303 See Other", ("Location", _explanation(copy)))
    fields = _fields(copy, time())
    if _is_fresh(environ, copy):
        return Answer("304 Not Modified", fields)
    content = (
        ("Content-Type", copy.listing.media_type),
        ("Content-Length", str(len(copy.data))),
    )
    return Answer("200 OK", (*fields, *content), copy.data)


def _fields(copy: Copy, now: float) -> tuple[tuple[str, str], ...]:
    """Give the fields that a 200 and a 304 share (RFC 9110, section 15.4.5)."""
    listing = copy.listing
    left = listing.max_age
    if listing.expires is not None:
        left = max(0, min(left, listing.expires - int(now)))
    immutable = ", immutable" if listing.max_age >= _IMMUTABLE else ""
    fields = (
        ("ETag", listing.etag),
        ("Last-Modified", copy.last_modified),
        ("Cache-Control", f"public, max-age={left}{immutable}"),
        ("Vary", "Accept-Encoding"),
        ("Access-Control-Expose-Headers", "ETag, Link"),
        *_EVERY_ANSWER,
    )
    return (*fields, ("Link", listing.links)) if listing.links else fields


def _is_fresh(environ: WSGIEnvironment, copy: Copy) -> bool:
    """Say whether the client has these bytes (RFC 9110, section 13.2.2, steps 3 and 4)."""
    if "HTTP_IF_NONE_MATCH" in environ:
        return parse_etags(environ["HTTP_IF_NONE_MATCH"]).contains_weak(
            copy.listing.etag.strip('"')
        )
    try:
        since = parse_date(environ.get("HTTP_IF_MODIFIED_SINCE"))
    except OverflowError:  # werkzeug 3.1 lets it through, for a zone of many digits
        return False
    return since is not None and copy.listing.changed <= since.timestamp()


def _is_navigation(environ: WSGIEnvironment, copy: Copy) -> bool:
    """Say whether a browser is about to show a feed to a person."""
    is_feed = copy.listing.role in {Role.SUBSCRIPTION, Role.ARCHIVE}
    return is_feed and environ.get("HTTP_SEC_FETCH_DEST") == "document"


def _explanation(copy: Copy) -> str:
    """Give the page that explains and subscribes, from where the feed is.

    Relative, so that it holds under any prefix at which this is mounted or proxied.
    """
    path = copy.listing.path
    place = f"#{path.rpartition('.')[0]}" if copy.listing.role == Role.SUBSCRIPTION else ""
    return f"{'../' * path.count('/')}subscribe.html{place}"


def _refusal(
    status: str, field: tuple[str, str], others: tuple[tuple[str, str], ...] = _NOT_KEPT
) -> Answer:
    """Give an answer that is not the document, and that nobody keeps unless `others` say so."""
    data = f"{status}\n".encode()
    content = (
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(data))),
    )
    return Answer(status, (*others, *content, field), data)


_PREFLIGHT = Answer(
    "204 No Content",
    (
        ("Allow", _METHODS),
        ("Access-Control-Allow-Methods", _METHODS),
        # Not every browser knows the star.
        ("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since, A-IM, *"),
        ("Access-Control-Max-Age", "86400"),
        *_EVERY_ANSWER,
    ),
)
