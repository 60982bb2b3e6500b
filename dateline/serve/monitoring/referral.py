"""The newsroom's address on a node that follows: it names the node that leads.

The answer is 503, by which a server in front knows that it has to try another node.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import monotonic

from dateline.config import Config
from dateline.messages import around
from dateline.serve.monitoring.request_head import BoundedHead
from dateline.system.ports import resolved

_SECONDS = 1.0  # for a request to arrive, and for the name of the leader to be known
_CHECKS_EVERY = 0.1  # seconds, whether it is over
_AGAIN = "2"  # seconds after which to try again
_log = logging.getLogger(__name__)


@contextmanager
def referring(config: Config, leader: Callable[[], str]) -> Iterator[None]:
    """Answer in a thread where a node of a cluster would have its newsroom, if that is on.

    `leader` returns the name of the node that leads, or an empty text. Where the port cannot be
    had, nobody is answered.
    """
    own = config.newsroom
    if config.cluster is None or not own.is_on:
        yield
        return
    try:
        server = _Referral((own.host, own.port), own.language, leader)
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]
        _log.warning("Staff get no answer at %s:%d: %s.", own.host, own.port, reason)
        yield
        return
    threading.Thread(target=server.serve_forever, args=(_CHECKS_EVERY,), daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


class _Referral(HTTPServer):
    """A server of one connection at a time, which is enough for a sentence."""

    def __init__(self, place: tuple[str, int], language: str, leader: Callable[[], str]) -> None:
        super().__init__(place, _Handler, bind_and_activate=False)
        self.socket.close()
        family, _ = resolved(*place)
        self.socket = socket.create_server(place, family=family)
        self._language = language
        self._leader = leader
        self._known: tuple[float, str] = (0.0, "")

    def sentence(self) -> str:
        """Return what staff read."""
        until, name = self._known
        if monotonic() >= until:
            name = self._leader()
            self._known = (monotonic() + _SECONDS, name)
        code = "newsroom-elsewhere" if name else "newsroom-nowhere"
        return around(code, self._language, node=name)


class _Handler(BoundedHead, BaseHTTPRequestHandler):
    """Answers every request alike, and closes the connection."""

    timeout = _SECONDS
    server: _Referral

    def do_GET(self) -> None:
        """Answer with the sentence."""
        text = f"{self.server.sentence()}\n".encode()
        self.send_response(503)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Retry-After", _AGAIN)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_GET  # noqa: N815 - as `http.server` calls them

    def version_string(self) -> str:
        """Return the name of this server, as others see it."""
        return "Dateline"

    def log_message(self, *_: object) -> None:
        """Log nothing: the address with which staff sign in has the token in it."""
