"""How does what was published get onto the wire?

Documents are answered before Flask's routing: the path is a key, validators are compared,
bytes are sent. Flask has what is left: the page that says what went wrong, whether the
publisher is at work, and figures. Nothing here renders a feed or queries the ledger; all that
is ever written is the access log.
"""

from __future__ import annotations

import logging
import os
import re
import sqlite3
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, abort, jsonify, request
from werkzeug.exceptions import HTTPException

from dateline import config as configuration
from dateline.config import Config
from dateline.serve import health
from dateline.serve import responses as answers
from dateline.serve.access_log import METRICS, AccessLog
from dateline.serve.cache import POLICY, DocumentCache, DocumentResponse, Question, Recent
from dateline.serve.monitoring import incidents
from dateline.serve.responses import KNOWN, METHODS, NOT_KEPT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
_QUESTIONS = 4096  # that are remembered
_SHORT = 1000  # signs of one
_ROUTES = frozenset({"/health", "/health/live", "/metrics"})
# RFC 3986, sections 3.2.2 and 3.2.3, without the comma; as `_is_one_host` wants it.
_HOST = re.compile(
    r"(?:\[[0-9a-f:.]+\]|(?:[\w.~!$&'()*+;=-]|%[0-9a-f]{2})+)(?::\d*)?", re.ASCII | re.IGNORECASE
)
_LONGEST_HOST = 300  # a name has at most 253 signs (RFC 1035, section 2.3.4), and a port
_log = logging.getLogger(__name__)


def create_app(config: Config | None = None) -> Flask:
    """Make the application that serves what was published.

    Without `config` it is read from the file that `DATELINE_CONFIG` names, or `config.toml`.
    Nothing is started, opened or written; the access log begins with the first answer.
    """
    if config is None:
        path = Path(os.environ.get("DATELINE_CONFIG", "config.toml"))
        config = configuration.load(path, looks=False)
    app = Flask("dateline", static_folder=None, template_folder=None)
    shelf = DocumentCache(config.feeds_folder)
    app.register_error_handler(
        404,
        lambda _: Response(
            _page(shelf, "404.html"), 404, (*NOT_KEPT, POLICY), mimetype="text/html"
        ),
    )
    app.register_error_handler(HTTPException, _refusal)
    _add_routes(app, config, shelf)
    log = AccessLog(config.log, config.log_days) if config.log_days else None
    wire: WSGIApplication = Wire(app.wsgi_app, shelf, log)
    if prefix := config.publication.path.removesuffix("/"):
        wire = _below(prefix, wire)
    app.wsgi_app = wire  # type: ignore[method-assign, assignment]  # Flask's documented way
    return app


def _below(prefix: str, wire: WSGIApplication) -> WSGIApplication:
    """Answer below the path that the publication's address has, too.

    A front takes the path away; figures have one name alone, which fronts keep from the world.
    """

    def answered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == prefix:
            answer = answers.moved(environ, f"{prefix.removeprefix('/')}/")
            start_response(answer.status, list(answer.fields))
            return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.data]
        if path.startswith(f"{prefix}/") and path != f"{prefix}/metrics":
            environ["PATH_INFO"] = path.removeprefix(prefix)
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
        return wire(environ, start_response)

    return answered


class Wire:
    """Answers what is on the shelf; hands everything else on to `rest`; counts in `log`."""

    def __init__(
        self, rest: WSGIApplication, shelf: DocumentCache, log: AccessLog | None = None
    ) -> None:
        self._rest = rest
        self._shelf = shelf
        self._log = log

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; a plain one that was just answered costs one look-up."""
        recent, question, get = self._shelf.recent(), None, environ.get
        if environ["REQUEST_METHOD"] == "GET" and not (
            "HTTP_RANGE" in environ
            or "HTTP_IF_MATCH" in environ
            or "HTTP_IF_UNMODIFIED_SINCE" in environ
            or "HTTP_SEC_FETCH_DEST" in environ
        ):
            # All that is left on which an answer hangs, and who asks, for the log.
            question = (
                get("PATH_INFO"),
                get("HTTP_HOST"),
                get("SERVER_PROTOCOL"),
                get("HTTP_ACCEPT_ENCODING"),
                get("HTTP_IF_NONE_MATCH"),
                get("HTTP_IF_MODIFIED_SINCE"),
                get("HTTP_USER_AGENT"),
            )
            known = recent.get(question)
            if known is not None:
                answer, counter = known
                next(counter)
                start_response(answer.status, list(answer.fields))
                return [answer.data]
        return self._answered(environ, start_response, question, recent)

    def _answered(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        question: Question | None,
        recent: Recent,
    ) -> Iterable[bytes]:
        """Answer one request, and remember what was said."""
        method, host = environ["REQUEST_METHOD"], environ.get("HTTP_HOST", "")
        answer = _refused(method, host, environ["SERVER_PROTOCOL"])
        if answer is None:
            answer = self._found(environ, method, host)
        if answer is None:
            return self._rest(environ, self._counting(environ, start_response))
        start_response(answer.status, list(answer.fields))
        data = b"" if method == "HEAD" else answer.data
        if self._log is not None:
            agent, path = environ.get("HTTP_USER_AGENT", ""), environ.get("PATH_INFO", "")
            counter = self._log[method, path, answer.status, answer.coding, len(data), agent]
            next(counter)
            if answer.lasts and len(recent) < _QUESTIONS and _is_short(question):
                recent[question] = answer, counter
        return [data]

    def _counting(self, environ: WSGIEnvironment, start_response: StartResponse) -> StartResponse:
        """Count what others answer as well, but not who looks after the server."""
        log, path = self._log, environ.get("PATH_INFO", "")
        if log is None or path in _ROUTES:
            return start_response

        def start(status: str, fields: list[tuple[str, str]], *rest: Any) -> Callable[..., object]:
            method, agent = environ["REQUEST_METHOD"], environ.get("HTTP_USER_AGENT", "")
            size = "0" if method == "HEAD" else dict(fields).get("Content-Length", "0")
            next(log[method, path, status, "", int(size), agent])
            return start_response(status, fields, *rest)

        return start

    def _found(self, environ: WSGIEnvironment, method: str, host: str) -> DocumentResponse | None:
        """Answer what was promised, now or once, here or where the site was before."""
        path = environ.get("PATH_INFO", "").removeprefix("/") or "index.html"
        try:
            copy = self._shelf.get(path)
            former = self._shelf.former(path) if copy is None else None
        except (OSError, sqlite3.Error) as error:
            _log.warning("%r was published and cannot be read: %s", path, error)
            return answers.refusal("503 Service Unavailable", ("Retry-After", "1"))
        if self._shelf.former_hosts and (address := self._shelf.former_site(host)):
            return answers.moved_site(environ, address)
        if copy is not None and method in {"GET", "HEAD"}:
            return answers.document(environ, copy, self._shelf.embargo, self._shelf.explained)
        if method == "OPTIONS":
            return answers.PREFLIGHT
        if copy is not None:
            return answers.refusal("405 Method Not Allowed", ("Allow", METHODS))
        return None if former is None else self._of_old(environ, former)

    def _of_old(self, environ: WSGIEnvironment, target: str) -> DocumentResponse:
        """Say where something went that was promised once, or that it is gone."""
        if target:
            return answers.moved(environ, target)
        return answers.page("410 Gone", _page(self._shelf, "410.html"))


def _add_routes(app: Flask, config: Config, shelf: DocumentCache) -> None:
    """Add what those ask for who look after the server."""

    @app.before_request
    def by_name() -> None:
        # To Flask `//metrics` is the same, but not to a front that keeps it from the world.
        if request.environ.get("PATH_INFO") not in _ROUTES:
            abort(404)

    @app.get("/health")
    def publisher() -> Response:
        look = health.last_look(config.feeds_folder)
        said = look.as_json(time()) if look else {"status": "late", "looked": None}
        if said["status"] == "ok" and not _has_news(shelf):
            said["status"] = "empty"
        response = jsonify({**said, "conditions": incidents.published(config.feeds_folder)})
        response.status_code = 200 if said["status"] == "ok" else 503
        response.headers.extend(NOT_KEPT)
        return response

    @app.get("/health/live")
    def worker() -> Response:
        response = jsonify({"status": "ok"})
        response.headers.extend(NOT_KEPT)
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        if not config.metrics:
            abort(404)
        try:
            text = (config.log / METRICS).read_bytes()
        except FileNotFoundError:
            abort(503)
        return Response(text, 200, NOT_KEPT, content_type=_PROMETHEUS)


def _has_news(shelf: DocumentCache) -> bool:
    """Return whether there is anything for readers: the front page is there when anything is."""
    try:
        return shelf.get("index.html") is not None
    except (OSError, sqlite3.Error):
        return False


def _refusal(error: Exception) -> Response:
    """Refuse as the wire does: in plain text that nobody keeps."""
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these
    is_method = error.code == HTTPStatus.METHOD_NOT_ALLOWED
    fields = (*NOT_KEPT, *([("Allow", METHODS)] if is_method else []))
    said = f"{error.code} {error.name}\n"
    return Response(said, error.code, fields, content_type="text/plain; charset=utf-8")


def _page(shelf: DocumentCache, path: str) -> bytes:
    """Give the page that says what is not there, once there is one."""
    try:
        copy = shelf.get(path)
    except (OSError, sqlite3.Error):
        copy = None
    return copy.data if copy else f"{path.partition('.')[0]}\n".encode()


def _is_short(question: Question | None) -> bool:
    """Say whether what was asked can be remembered: a few long fields would fill the memory."""
    return question is not None and sum(len(field or "") for field in question) < _SHORT


def _refused(method: str, host: str, protocol: str) -> DocumentResponse | None:
    """Refuse what no document could be an answer to.

    A request names one machine (RFC 9112, section 3.2), whichever; servers join two `Host`
    fields by a comma. HTTP/1.0, which granian calls `HTTP/1`, need not name one.
    """
    if not (_is_one_host(host) if host else protocol in {"HTTP/1", "HTTP/1.0"}):
        return answers.refusal("400 Bad Request")
    return None if method in KNOWN else answers.refusal("501 Not Implemented")


def _is_one_host(host: str) -> bool:
    return len(host) <= _LONGEST_HOST and _looks_like_one(host)


@lru_cache(maxsize=256)
def _looks_like_one(host: str) -> bool:
    return _HOST.fullmatch(host) is not None
