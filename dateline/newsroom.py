"""What may staff alone read, while the publisher runs?

A small application in the publisher's own process, at an address of its own: never in a web
worker, never in `feeds/`. Without the token of `config.toml` there is nothing to be found.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

from flask import Flask, Response, abort, request
from werkzeug.serving import WSGIRequestHandler, make_server

from dateline.config import Config
from dateline.errors import Problem, State
from dateline.letters import sifted
from dateline.messages import around
from dateline.model import Publication, Report
from dateline.notes import TOO_LONG, quoted

_ATOM = "http://www.w3.org/2005/Atom"
_log = logging.getLogger(__name__)


class Newsroom:
    """What is wrong now, as a feed; `show` it after each run, serve it by `application`."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._entries: list[bytes] = []
        self._feed = b""

    def show(self, report: Report, now: datetime) -> None:
        """Let the feed have the problems of this report; it is untouched where none changed."""
        publication, folder = self._config.publication, self._config.entries
        entries = [
            _entry(publication, folder, found, since) for found, since in _current(report, now)
        ]
        said = [tostring(entry) for entry in entries]
        if said != self._entries or not self._feed:
            self._entries = said
            self._feed = _feed(publication, entries, now, self._config.newsroom.language)

    def application(self) -> Flask:
        """Make the application that serves it; it answers 503 until a run is done."""
        app = Flask(__name__, static_folder=None)

        @app.get("/problems.atom")
        def problems() -> Response:
            given = request.args.get("token", "").encode()
            if not hmac.compare_digest(given, self._config.newsroom.token.encode()):
                abort(404)
            if not self._feed:
                abort(503)
            return Response(self._feed, content_type="application/atom+xml; charset=utf-8")

        @app.after_request
        def private(response: Response) -> Response:
            response.headers["Cache-Control"] = "no-store"
            response.headers["X-Robots-Tag"] = "noindex"
            return response

        return app


@contextmanager
def serving(config: Config) -> Iterator[Newsroom]:
    """Serve a newsroom, where the configuration asks for one; publishing goes on without it."""
    newsroom = Newsroom(config)
    if not config.newsroom.token:
        yield newsroom
        return
    place = (config.newsroom.host, config.newsroom.port)
    try:
        family = socket.getaddrinfo(*place, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server(place, family=family)
    except OSError as error:
        _log.warning(
            "The newsroom cannot be had at %s:%d (%s): name another port under [newsroom].",
            *place,
            str(error.strerror).partition(" (")[0],
        )
        yield newsroom
        return
    with closing(listening):
        # With a socket of ours werkzeug does not end the whole process where a port is taken.
        server = make_server(
            *place,
            newsroom.application(),
            threaded=True,
            request_handler=_Handler,
            fd=listening.fileno(),
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield newsroom
        finally:
            server.shutdown()
            server.server_close()


class _Handler(WSGIRequestHandler):
    """Says nothing, for addresses have the token in them, and waits for nobody for long."""

    timeout = 10
    server_version = "Dateline"
    sys_version = ""

    def log(self, kind: str, message: str, *args: object) -> None:
        """Write no log."""


# ---- The feed


def _current(report: Report, now: datetime) -> Iterator[tuple[list[Problem], datetime]]:
    """Give what is wrong now, newest first: the problems of one code with one file, since when."""
    told = [problem for problem in report.problems if _is_told(problem, report, now)]
    groups = groupby(sorted(told, key=_name), key=_name)
    found = [(list(group), report.since.get(name, now)) for name, group in groups]
    return iter(sorted(found, key=lambda one: one[1], reverse=True))


def _name(problem: Problem) -> tuple[str, str]:
    return problem.file, problem.code


def _is_told(problem: Problem, report: Report, now: datetime) -> bool:
    if problem.state is State.WAIT:
        return now - report.since.get(_name(problem), now) >= TOO_LONG
    return problem.state in {State.HOLD, State.WARN}


def _feed(
    publication: Publication, entries: Sequence[Element], now: datetime, language: str
) -> bytes:
    """Give a feed (RFC 4287) without links: its address is nobody's business but the reader's."""
    feed = Element("feed", {"xmlns": _ATOM, "xml:lang": language})
    _child(feed, "id", f"tag:{publication.tag}:problems")
    _child(feed, "title", around("feed-title", language, title=publication.title))
    _child(feed, "updated", _stamp(now))
    _child(SubElement(feed, "author"), "name", publication.author)
    feed.extend(entries)
    return bytes(tostring(feed, encoding="utf-8", xml_declaration=True))


def _entry(
    publication: Publication, folder: Path, found: Sequence[Problem], since: datetime
) -> Element:
    first = found[0]
    digest = hashlib.sha256("\0".join(_name(first)).encode()).hexdigest()
    entry = Element("entry")
    _child(entry, "id", f"tag:{publication.tag}:problems/{digest}")
    _child(entry, "title", f"{first.file}: {around(f'feed-{first.state}', first.language)}")
    _child(entry, "updated", _stamp(since))
    _child(entry, "content", "".join(_html(folder, one) for one in found)).set("type", "html")
    return entry


def _html(folder: Path, problem: Problem) -> str:
    line = quoted(folder, problem)
    return f"<p>{escape(problem.message)}</p>" + (f"<pre>{escape(line)}</pre>" if line else "")


def _child(parent: Element, name: str, text: str) -> Element:
    child = SubElement(parent, name)
    child.text = sifted(text)
    return child


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
