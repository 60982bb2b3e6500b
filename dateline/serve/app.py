"""The WSGI application that serves published documents.

Documents are answered before Flask's routing: the path is a key, validators are compared, bytes
are sent. Flask answers the rest: error pages, `/health` and `/metrics`. Nothing here renders a
feed or queries the ledger; only the access log is written.
"""

from __future__ import annotations

import logging
import os
import re
import sqlite3
from collections.abc import Callable, Iterable
from datetime import UTC
from functools import lru_cache
from http import HTTPStatus
from time import time
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, abort, jsonify, request
from werkzeug.exceptions import HTTPException

from dateline.config import Config
from dateline.hub.client import HubClient
from dateline.model import MEDIA_FOLDER
from dateline.rules.taxonomy import FOLDERS, is_term_feed
from dateline.serve import configured, health, responses
from dateline.serve.access_log import METRICS, AccessLog
from dateline.serve.cache import (
    CachedDocument,
    DocumentCache,
    DocumentResponse,
    Field,
    Recent,
    RequestKey,
    policy_of,
)
from dateline.serve.cache.error_pages import ErrorPages
from dateline.serve.monitoring import incidents
from dateline.serve.responses import KNOWN, METHODS, NOT_KEPT
from dateline.serve.search.client import SOCKET, SearchClient
from dateline.serve.workers.half_sent import cut_off
from dateline.text.expressions import regex
from dateline.text.urls import HUB, SEARCH

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
_KEYS = 4096  # of requests whose responses are remembered
_SHORT = 1000  # characters of one
_ROUTES = frozenset({"/health", "/health/live", "/metrics"})
# RFC 3986, sections 3.2.2 and 3.2.3, without the comma: see `_refused`.
_HOST = regex(
    r"(?:\[[0-9a-f:.]+\]|(?:[\w.~!$&'()*+;=-]|%[0-9a-f]{2})+)(?::\d*)?", re.ASCII | re.IGNORECASE
)
# The folders of documents; the path of the publication's address may begin like one.
_FOLDER = regex(rf"/(?:archive/|{MEDIA_FOLDER}|{'/|'.join(FOLDERS.values())}/|\d{{4}}/)")
_LONGEST_HOST = 300  # a name has at most 253 characters (RFC 1035, section 2.3.4), and a port
_log = logging.getLogger(__name__)


def create_app(config: Config | None = None) -> Flask:
    """Return the application that serves what was published.

    Without `config` it is read from the file that `DATELINE_CONFIG` names, or `config.toml`.
    Nothing is started, opened or written; the access log begins with the first response.
    """
    config = config or configured()
    app = Flask("dateline", static_folder=None, template_folder=None)
    policy, packs = policy_of(config.publication), "gzip" in config.codings
    cache = DocumentCache(
        config.feeds_folder,
        policy,
        packs=packs,
        is_tagged=bool(config.cdns),
        may_be_late=config.store is not None,
    )
    pages = ErrorPages(cache, config.publication.zone)
    app.register_error_handler(404, lambda _: _not_found(pages, cache.policy))
    app.register_error_handler(HTTPException, _refusal)
    _add_routes(app, config, cache)
    log = AccessLog(config.log, config.log_days) if config.log_days else None
    search = SearchClient(os.environ.get(SOCKET, "")) if config.has_search else None
    hub = HubClient(config.state, config.hub.nodes, cut_off=cut_off) if config.hub else None
    wsgi_app: WSGIApplication = DocumentMiddleware(
        app.wsgi_app,
        cache,
        log,
        pages,
        search=search,
        hub=hub,
        has_term_feeds=config.publication.has_term_feeds,
    )
    if prefix := config.publication.path.removesuffix("/"):
        wsgi_app = _below(prefix, wsgi_app, cache)
    app.wsgi_app = wsgi_app  # type: ignore[method-assign, assignment]  # Flask's documented way
    return app


def _below(prefix: str, application: WSGIApplication, cache: DocumentCache) -> WSGIApplication:
    """Serve an application below the path of the publication's address, too.

    A reverse proxy may strip that path; metrics have only one address, which proxies block. Where
    the path is also that of a folder, like `/media/`, a stripped one may begin in the same way.
    """
    address = prefix.removeprefix("/")
    is_folder = _FOLDER.match(f"{prefix}/") is not None
    prefix = unquote_to_bytes(prefix).decode("latin-1")  # as PATH_INFO is (PEP 3333)

    def answered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == prefix:
            answer = responses.moved(environ, f"{address}/")
            start_response(answer.status, list(answer.fields))
            return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.data]
        if path.startswith(f"{prefix}/") and path != f"{prefix}/metrics":
            below = path.removeprefix(prefix)
            if not is_folder or _is_known(cache, below) or not _is_known(cache, path):
                environ["PATH_INFO"] = below
                environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
        return application(environ, start_response)

    return answered


def _is_known(cache: DocumentCache, path: str) -> bool:
    """Return whether a document is or was at a path, or that cannot be read."""
    try:
        return any(one is not None for one in _sought(cache, _document_path(path)))
    except (OSError, sqlite3.Error):
        return True


def _document_path(path: str) -> str:
    """Return the path of the document that is asked for; that of a folder is its index."""
    asked = path.removeprefix("/")
    return f"{asked}index.html" if asked[-1:] in {"", "/"} else asked


def _sought(cache: DocumentCache, path: str) -> tuple[CachedDocument | None, str | None]:
    """Return the document at a path, and otherwise where a former one went.

    Raises `OSError` or `sqlite3.Error` where that cannot be read.
    """
    if (copy := cache.get(path)) is not None:
        return copy, None
    former = cache.former(path)
    if former is None and path.endswith("/index.html"):
        # A folder of a site before this one; a proxy asks for its index.
        former = cache.former(path.removesuffix("index.html"))
    return None, former


class DocumentMiddleware:
    """Answers from the cache, passes everything else on to `rest`, and counts in `log`."""

    def __init__(
        self,
        rest: WSGIApplication,
        cache: DocumentCache,
        log: AccessLog | None = None,
        pages: ErrorPages | None = None,
        *,
        search: SearchClient | None = None,
        hub: HubClient | None = None,
        has_term_feeds: bool = False,
    ) -> None:
        self._rest = rest
        self._cache = cache
        self._pages = pages or ErrorPages(cache, UTC)
        self._log = log
        self._search = search
        self._hub = hub
        self._has_term_feeds = has_term_feeds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; a plain one that was just answered costs one look-up."""
        recent, key, get = self._cache.recent(), None, environ.get
        if environ["REQUEST_METHOD"] == "GET" and not (
            "HTTP_RANGE" in environ
            or "HTTP_IF_MATCH" in environ
            or "HTTP_IF_UNMODIFIED_SINCE" in environ
            or "HTTP_SEC_FETCH_DEST" in environ
        ):
            # All that is left on which a response depends, and the client, for the log.
            key = (
                get("PATH_INFO"),
                get("HTTP_HOST"),
                get("SERVER_PROTOCOL"),
                get("HTTP_ACCEPT_ENCODING"),
                get("HTTP_IF_NONE_MATCH"),
                get("HTTP_IF_MODIFIED_SINCE"),
                get("HTTP_USER_AGENT"),
            )
            known = recent.get(key)
            if known is not None:
                answer, counter = known
                next(counter)
                start_response(answer.status, list(answer.fields))
                return [answer.data]
        return self._answered(environ, start_response, key, recent)

    def _answered(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        key: RequestKey | None,
        recent: Recent,
    ) -> Iterable[bytes]:
        """Answer one request, and remember the response."""
        method, host = environ["REQUEST_METHOD"], environ.get("HTTP_HOST", "")
        answer = _refused(method, host, environ["SERVER_PROTOCOL"])
        if answer is None and self._search is not None:
            answer = self._searched(self._search, environ)
        if answer is None and self._hub is not None and environ.get("PATH_INFO") == f"/{HUB}":
            answer = responses.sentence(*self._hub.answer(environ))
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
            if answer.lasts and len(recent) < _KEYS and _is_short(key):
                recent[key] = answer, counter
        return [data]

    def _searched(self, search: SearchClient, environ: WSGIEnvironment) -> DocumentResponse | None:
        """Answer a search; a person to whom it is refused gets a page."""
        answer = search.answer(environ)
        path = environ.get("PATH_INFO", "").removeprefix("/")
        if answer is None or not answer.status.startswith("503 ") or path != SEARCH:
            return answer
        found = self._pages.find(503, path, environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        later = [field for field in answer.fields if field[0] == "Retry-After"]
        return responses.page(answer.status, found, self._cache.policy, *later)

    def _counting(self, environ: WSGIEnvironment, start_response: StartResponse) -> StartResponse:
        """Count the responses of others as well, except to those who monitor the server."""
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
        """Answer for a published or former document, here or at a former address of the site."""
        path = _document_path(environ.get("PATH_INFO", ""))
        try:
            copy, former = _sought(self._cache, path)
        except (OSError, sqlite3.Error) as error:
            # Whoever monitors the server has to learn of it.
            is_monitor = environ.get("PATH_INFO") in _ROUTES
            return None if is_monitor else self._unreadable(path, error)
        if method == "OPTIONS":  # also at a former site: no browser follows a redirect then
            return responses.PREFLIGHT
        above, below = environ.get("SCRIPT_NAME", ""), environ.get("PATH_INFO", "")
        if (moved := self._cache.former_site(host, below, above)) is not None:
            return responses.moved_site(environ, *moved)
        if copy is not None and method in {"GET", "HEAD"}:
            return self._document(environ, path, copy)
        if copy is not None:
            return responses.refusal("405 Method Not Allowed", ("Allow", METHODS))
        return None if former is None else self._of_old(environ, path, former)

    def _document(
        self, environ: WSGIEnvironment, path: str, copy: CachedDocument
    ) -> DocumentResponse:
        try:
            return responses.document(environ, copy, self._cache.embargo, self._cache.explained)
        except OSError as error:
            return self._unreadable(path, error)

    def _unreadable(self, path: str, error: Exception) -> DocumentResponse:
        if not self._cache.is_late(error):
            _log.warning("%r was published and cannot be read: %s", path, error)
        self._cache.report(path, error)
        return responses.refusal("503 Service Unavailable", ("Retry-After", "1"))

    def _of_old(
        self, environ: WSGIEnvironment, former: str, target: str
    ) -> DocumentResponse | None:
        """Redirect to where a former document went, or answer that it is gone.

        None for the feed of a term: it returns with the next entry of that, and a program that is
        told that it is gone would not ask again.
        """
        if target:
            return responses.moved(environ, target, *self._cache.tags(former))
        if self._has_term_feeds and is_term_feed(former):
            return None
        path = environ.get("PATH_INFO", "").removeprefix("/")
        found = self._pages.find(410, path, environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        return responses.page("410 Gone", found, self._cache.policy)


def _add_routes(app: Flask, config: Config, cache: DocumentCache) -> None:
    """Add the addresses for those who monitor the server."""

    @app.before_request
    def by_name() -> None:
        # `//metrics` is the same to Flask, but not to a proxy that blocks it.
        if request.environ.get("PATH_INFO") not in _ROUTES:
            abort(404)

    @app.get("/health")
    def publisher() -> Response:
        last = health.last_run(config.feeds_folder)
        values = last.as_json(time()) if last else {"status": "late", "looked": None}
        if values["status"] == "ok" and not _has_news(cache):
            values["status"] = "empty"
        response = jsonify({**values, "conditions": incidents.published(config.feeds_folder)})
        response.status_code = 200 if values["status"] == "ok" else 503
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
        except OSError:
            abort(503)
        return Response(text, 200, NOT_KEPT, content_type=_PROMETHEUS)


def _has_news(cache: DocumentCache) -> bool:
    """Return whether there is anything for readers: the front page is there when anything is."""
    try:
        return cache.get("index.html") is not None
    except (OSError, sqlite3.Error):
        return False


def _refusal(error: Exception) -> Response:
    """Return an error as the middleware does: in plain text that nobody caches."""
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these
    is_method = error.code == HTTPStatus.METHOD_NOT_ALLOWED
    fields = (*NOT_KEPT, *([("Allow", METHODS)] if is_method else []))
    text = f"{error.code} {error.name}\n"
    return Response(text, error.code, fields, content_type="text/plain; charset=utf-8")


def _not_found(pages: ErrorPages, policy: Field) -> Response:
    """Return the page for an address at which there is nothing, in the language of its reader."""
    path = request.environ.get("PATH_INFO", "").removeprefix("/")
    wanted = request.environ.get("HTTP_ACCEPT_LANGUAGE", "")
    answer = responses.page("404 Not Found", pages.find(404, path, wanted), policy)
    return Response(answer.data, answer.status, [*answer.fields])


def _is_short(key: RequestKey | None) -> bool:
    """Return whether a request can be remembered: a few long fields would fill the memory."""
    return key is not None and sum(len(field or "") for field in key) < _SHORT


def _refused(method: str, host: str, protocol: str) -> DocumentResponse | None:
    """Return the refusal of a malformed request, or None for any other.

    A request names one machine (RFC 9112, section 3.2), of any name; servers join two `Host`
    fields by a comma. HTTP/1.0, which granian calls `HTTP/1`, need not name one.
    """
    if not (_is_one_host(host) if host else protocol in {"HTTP/1", "HTTP/1.0"}):
        return responses.refusal("400 Bad Request")
    return None if method in KNOWN else responses.refusal("501 Not Implemented")


def _is_one_host(host: str) -> bool:
    return len(host) <= _LONGEST_HOST and _looks_like_one(host)


@lru_cache(maxsize=256)
def _looks_like_one(host: str) -> bool:
    return _HOST.fullmatch(host) is not None
