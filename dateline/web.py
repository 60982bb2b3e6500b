"""How does what was published get onto the wire?

Documents are answered before Flask's routing: the path is a key, validators are compared,
bytes are sent (RFC 9110, RFC 9111). Flask has what is left: the pages that say what went
wrong. Nothing here renders a feed, queries the ledger, or writes.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from time import time
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from flask import Flask, Response
from werkzeug.http import parse_date, parse_etags

from dateline import config as configuration
from dateline.config import Config
from dateline.model import Role
from dateline.shelf import Copy, Shelf

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_METHODS = "GET, HEAD, OPTIONS"
_OK = "200 OK"
_IMMUTABLE = 365 * 24 * 3600


def create_app(config: Config | None = None) -> Flask:
    """Make the application that serves what was published.

    Without `config` it is read from the file that `DATELINE_CONFIG` names, or `config.toml`.
    Nothing is started, opened or written.
    """
    if config is None:
        config = configuration.load(Path(os.environ.get("DATELINE_CONFIG", "config.toml")))
    app = Flask("dateline", static_folder=None, template_folder=None)
    app.register_error_handler(404, _not_found)
    app.wsgi_app = Wire(app.wsgi_app, Shelf(config.feeds_folder))  # type: ignore[method-assign]  # Flask's documented way
    return app


class Wire:
    """Answers what is on the shelf; hands everything else on to `rest`."""

    def __init__(self, rest: WSGIApplication, shelf: Shelf) -> None:
        self._rest = rest
        self._shelf = shelf

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ.get("PATH_INFO", "").removeprefix("/") or "index.html"
        try:
            copy = self._shelf.get(path)
        except (OSError, sqlite3.Error):
            return _answer(start_response, "503 Service Unavailable", [("Retry-After", "1")])
        if copy is None:
            return self._rest(environ, start_response)
        method = environ["REQUEST_METHOD"]
        if method == "OPTIONS":
            return _answer(start_response, "204 No Content", _preflight())
        if method not in {"GET", "HEAD"}:
            return _answer(start_response, "405 Method Not Allowed", [("Allow", _METHODS)])
        status, fields = _status(environ, copy)
        data = copy.data if status == _OK and method == "GET" else b""
        return _answer(start_response, status, fields, data)


def _status(environ: WSGIEnvironment, copy: Copy) -> tuple[str, list[tuple[str, str]]]:
    """Say how a GET or HEAD of what is on the shelf is answered."""
    if _is_navigation(environ, copy):
        page = urljoin(environ.get("SCRIPT_NAME", "") + "/", "subscribe.html")
        return "303 See Other", [("Location", page), ("Cache-Control", "no-store")]
    fields = _fields(copy, time())
    if _is_fresh(environ, copy):
        return "304 Not Modified", fields
    content = [
        ("Content-Type", copy.listing.media_type),
        ("Content-Length", str(len(copy.data))),
    ]
    return _OK, [*fields, *content]


def _answer(
    start_response: StartResponse, status: str, fields: list[tuple[str, str]], data: bytes = b""
) -> list[bytes]:
    has_length = any(name == "Content-Length" for name, _ in fields)
    if not has_length and status[:3] not in {"204", "304"}:
        fields.append(("Content-Length", str(len(data))))
    start_response(status, fields)
    return [data]


def _fields(copy: Copy, now: float) -> list[tuple[str, str]]:
    """Give the fields that a 200 and a 304 share (RFC 9110, section 15.4.5)."""
    listing = copy.listing
    left = listing.max_age
    if listing.expires is not None:
        left = max(0, min(left, listing.expires - int(now)))
    immutable = ", immutable" if listing.max_age >= _IMMUTABLE else ""
    fields = [
        ("ETag", listing.etag),
        ("Last-Modified", copy.last_modified),
        ("Cache-Control", f"public, max-age={left}{immutable}"),
        ("Vary", "Accept-Encoding"),
        ("Access-Control-Allow-Origin", "*"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return [*fields, ("Link", listing.links)] if listing.links else fields


def _is_fresh(environ: WSGIEnvironment, copy: Copy) -> bool:
    """Say whether the client has these bytes (RFC 9110, section 13.2.2, steps 3 and 4)."""
    if "HTTP_IF_NONE_MATCH" in environ:
        return parse_etags(environ["HTTP_IF_NONE_MATCH"]).contains_weak(
            copy.listing.etag.strip('"')
        )
    since = parse_date(environ.get("HTTP_IF_MODIFIED_SINCE"))
    return since is not None and copy.listing.changed <= since.timestamp()


def _is_navigation(environ: WSGIEnvironment, copy: Copy) -> bool:
    """Say whether a browser is about to show a feed to a person."""
    is_feed = copy.listing.role in {Role.SUBSCRIPTION, Role.ARCHIVE}
    return is_feed and environ.get("HTTP_SEC_FETCH_DEST") == "document"


def _preflight() -> list[tuple[str, str]]:
    return [
        ("Allow", _METHODS),
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Methods", _METHODS),
        ("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since"),
        ("Access-Control-Max-Age", "86400"),
    ]


def _not_found(_: Exception) -> Response:
    return Response(
        "There is nothing at this address.\n",
        status=404,
        mimetype="text/plain",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )
