"""The side of a web worker: it passes a search on, or refuses it."""

from __future__ import annotations

import json
import socket
from threading import BoundedSemaphore
from time import monotonic
from typing import TYPE_CHECKING

from dateline.serve.cache import DocumentResponse
from dateline.serve.responses import METHODS, PREFLIGHT, refusal
from dateline.text.urls import SEARCH

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SOCKET = "DATELINE_SEARCH"  # the variable with the path of the process's socket
_PATHS = frozenset({SEARCH, "search.atom"})
AT_ONCE = 2  # searches that one worker waits for
WITHIN = 0.5  # seconds
_PART = 65536  # bytes
_LONGEST = 2048  # characters of a query: more than any that is answered
BUSY = refusal("503 Service Unavailable", ("Retry-After", "1"))
# The fields of a request on which the response depends.
_FIELDS = ("HTTP_ACCEPT_LANGUAGE", "HTTP_IF_NONE_MATCH")


class SearchClient:
    """Passes requests on to the process that answers at the socket `address`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._free = BoundedSemaphore(AT_ONCE)

    def answer(self, environ: WSGIEnvironment) -> DocumentResponse | None:
        """Return the response to a search, None to any other request."""
        path = environ.get("PATH_INFO", "").removeprefix("/")
        if path not in _PATHS:
            return None
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return PREFLIGHT
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return refusal("405 Method Not Allowed", ("Allow", METHODS))
        if len(environ.get("QUERY_STRING", "")) > _LONGEST:
            return refusal("414 URI Too Long")
        return self._passed_on(environ, path)

    def _passed_on(self, environ: WSGIEnvironment, path: str) -> DocumentResponse:
        if not self._free.acquire(blocking=False):
            return BUSY
        try:
            return self._ask(environ, path)
        except (OSError, ValueError, KeyError):  # it is late, restarting, or not there
            return BUSY
        finally:
            self._free.release()

    def _ask(self, environ: WSGIEnvironment, path: str) -> DocumentResponse:
        until = monotonic() + WITHIN
        request = {name: environ.get(name, "") for name in ("QUERY_STRING", *_FIELDS)}
        line = json.dumps({**request, "path": path, "until": until})
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(WITHIN)
            connection.connect(self._address)
            connection.sendall(f"{line}\n".encode())
            head, _, data = _received(connection, until).partition(b"\n")
        found = json.loads(head)
        fields = tuple((name, value) for name, value in found["fields"])
        if len(data) != found["length"]:
            raise ValueError("The answer is cut off.")
        return DocumentResponse(found["status"], fields, data)


def _received(connection: socket.socket, until: float) -> bytes:
    parts: list[bytes] = []
    while True:
        connection.settimeout(max(until - monotonic(), 0.0001))
        part = connection.recv(_PART)
        if not part:
            return b"".join(parts)
        parts.append(part)
