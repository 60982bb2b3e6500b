"""How does what was published get onto the wire?

Documents are answered before Flask's routing: the path is a key, validators are compared,
bytes are sent. Flask has what is left: the page that says what went wrong. Nothing here
renders a feed, queries the ledger, or writes.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response

from dateline import answer as answers
from dateline import config as configuration
from dateline.answer import METHODS, NOT_KEPT
from dateline.config import Config
from dateline.shelf import Answer, Shelf

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

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
        404, lambda _: Response(_page(shelf, "404.html"), 404, NOT_KEPT, mimetype="text/html")
    )
    app.wsgi_app = Wire(app.wsgi_app, shelf)  # type: ignore[method-assign]  # Flask's documented way
    return app


class Wire:
    """Answers what is on the shelf; hands everything else on to `rest`."""

    def __init__(self, rest: WSGIApplication, shelf: Shelf) -> None:
        self._rest = rest
        self._shelf = shelf

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        answer = self._refused(environ) or self._found(environ)
        if answer is None:
            return self._rest(environ, start_response)
        start_response(answer.status, list(answer.fields))
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.data]

    def _refused(self, environ: WSGIEnvironment) -> Answer | None:
        """Answer what is the same whatever is asked for."""
        host = environ.get("HTTP_HOST")
        if not _is_one_host(host, environ):
            return answers.refusal("400 Bad Request")
        if address := self._shelf.moved(host or ""):
            return answers.moved_site(environ, address)
        return answers.PREFLIGHT if environ["REQUEST_METHOD"] == "OPTIONS" else None

    def _found(self, environ: WSGIEnvironment) -> Answer | None:
        """Answer what was promised, now or once."""
        path = environ.get("PATH_INFO", "").removeprefix("/") or "index.html"
        try:
            copy = self._shelf.get(path)
            former = self._shelf.former(path) if copy is None else None
        except (OSError, sqlite3.Error) as error:
            _log.warning("%r was published and cannot be read: %s", path, error)
            return answers.refusal("503 Service Unavailable", ("Retry-After", "1"))
        if copy is not None:
            if environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
                return answers.document(environ, copy)
            return answers.refusal("405 Method Not Allowed", ("Allow", METHODS))
        if former is None:
            return None
        if former:
            return answers.moved(environ, former)
        return answers.page("410 Gone", _page(self._shelf, "410.html"))


def _page(shelf: Shelf, path: str) -> bytes:
    """Give the page that says what is not there, once there is one."""
    try:
        copy = shelf.get(path)
    except (OSError, sqlite3.Error):
        copy = None
    return copy.data if copy else f"{path.partition('.')[0]}\n".encode()


def _is_one_host(host: str | None, environ: WSGIEnvironment) -> bool:
    """Say whether a request names one machine (RFC 9112, section 3.2); which, is no matter."""
    # Granian calls HTTP/1.0 "HTTP/1".
    return "," not in host if host else environ["SERVER_PROTOCOL"] in {"HTTP/1", "HTTP/1.0"}
