"""The way to the hub from other processes: a socket in the state, or another node.

Web workers pass requests on and write nothing, and runs wake the hub. This imports neither the
ledger nor a library.
"""

from __future__ import annotations

import errno
import json
import os
import socket
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import BoundedSemaphore, Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from dateline.text.urls import HUB

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_AT_ONCE = 4  # requests that one worker waits for
THREADS = _AT_ONCE + 1  # one more makes room
WITHIN = 8.0  # seconds: a run may be recording what it published
LARGEST = 8192  # bytes of a request
_ARRIVES = 3.0  # seconds for one to arrive
_LATE = 0.5  # seconds, after which it makes room for others
_LEAVES = 0.25  # seconds until a client that was cut off has left its place
_TRIES = 3
_WAKE = 0.25  # seconds
_CONNECTED = 1.0  # seconds to connect to another node, which may be away
_PASSED_ON = "Dateline-Passed-On"  # the field of a request that another node has passed on
_PART = 65536  # bytes
_LONGEST = 100  # bytes of the path of a socket (unix(7))
_WAIT = (("Retry-After", "5"),)
_METHODS = "OPTIONS, POST"
_Answer = tuple[str, tuple[tuple[str, str], ...], str]
_AWAY: _Answer = ("503 Service Unavailable", _WAIT, "The hub takes no requests at present.")
_OPTIONS: _Answer = ("204 No Content", (("Allow", _METHODS),), "")
_WRONG: _Answer = (
    "405 Method Not Allowed",
    (("Allow", _METHODS),),
    "This is a WebSub hub (https://www.w3.org/TR/websub/): send it a form by POST to subscribe.",
)
_NO_LENGTH: _Answer = ("411 Length Required", (), "Send the request with its Content-Length.")
_TOO_LARGE: _Answer = (
    "413 Content Too Large",
    (),
    f"A request to the hub has {LARGEST} bytes at most.",
)


def socket_path(state: Path) -> Path:
    """Return the path of the hub's socket in the folder `state`."""
    return state / "hub" / "socket"


@contextmanager
def short_address(path: Path) -> Iterator[str]:
    """Yield an address of a socket that is short enough for the system.

    One in a folder with a long path is reached by a descriptor of that folder, on Linux.
    """
    if len(os.fsencode(path)) <= _LONGEST:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


class HubClient:
    """Passes requests for the hub on to the process that it runs in.

    If none on this machine answers, they are passed on to the `nodes`, which are addresses.
    Where all places are taken, some by requests that are late to arrive, those of the IP address
    that has most of them make room: `cut_off` closes so many connections of an address.
    """

    def __init__(
        self,
        state: Path,
        nodes: Sequence[str] = (),
        *,
        cut_off: Callable[[str, int], None] = lambda *_: None,
    ) -> None:
        self._path = socket_path(state)
        self._nodes = (*nodes,)
        self._cut_off = cut_off
        self._free = BoundedSemaphore(_AT_ONCE)
        self._arriving: dict[object, tuple[str, float]] = {}  # addresses, and since when
        self._lock, self._making_room = Lock(), Lock()

    def answer(self, environ: WSGIEnvironment) -> _Answer:
        """Return the status, the fields and the text of the answer to a request for the hub."""
        if refused := _refused(environ):
            return refused
        if not self._has_place():
            return _AWAY
        try:
            return self._passed_on(environ, self._body(environ))
        except (OSError, ValueError):  # the client is gone
            return _AWAY
        finally:
            self._free.release()

    def _has_place(self) -> bool:
        """Return whether a place could be taken, after cutting off a client if need be."""
        if self._free.acquire(blocking=False):
            return True
        if not self._making_room.acquire(blocking=False):
            return False
        try:
            for _ in range(_TRIES):
                for address, number in self._late().most_common(1):
                    self._cut_off(address, number)
                    if self._free.acquire(timeout=_LEAVES):
                        return True
            return False
        finally:
            self._making_room.release()

    def _late(self) -> Counter[str]:
        """Return how many requests of each address should have arrived by now."""
        with self._lock:
            begun = [*self._arriving.values()]
        return Counter(address for address, since in begun if monotonic() - since > _LATE)

    def _body(self, environ: WSGIEnvironment) -> bytes:
        """Return the body of a request. Raises `OSError` if it does not arrive in time."""
        address, length = environ.get("REMOTE_ADDR", ""), int(environ["CONTENT_LENGTH"])
        has_arrived = Event()
        Thread(target=self._limit, args=(address, has_arrived), daemon=True).start()
        key = object()
        with self._lock:
            self._arriving[key] = (address, monotonic())
        try:
            body: bytes = environ["wsgi.input"].read(length)
        finally:
            has_arrived.set()
            with self._lock:
                del self._arriving[key]
        if len(body) < length:
            raise ConnectionError("The request is not whole.")
        return body

    def _limit(self, address: str, has_arrived: Event) -> None:
        """Cut off a client whose request takes too long to arrive."""
        # Once more for a moment: after a pause of the machine, it may be there.
        while not (has_arrived.wait(_ARRIVES) or has_arrived.wait(_LEAVES)):
            self._cut_off(address, 1)

    def _passed_on(self, environ: WSGIEnvironment, body: bytes) -> _Answer:
        media_type = environ.get("CONTENT_TYPE", "")
        request = {"type": media_type, "body": b64encode(body).decode("ascii")}
        try:
            found = _ask(self._path, request, WITHIN)
            fields = tuple((str(name), str(value)) for name, value in found["fields"])
            return str(found["status"]), fields, str(found["text"])
        except (OSError, ValueError, KeyError):  # it is late, restarting, or not there
            is_first = f"HTTP_{_PASSED_ON.upper().replace('-', '_')}" not in environ
            return self._of_nodes(media_type, body) if is_first else _AWAY

    def _of_nodes(self, media_type: str, body: bytes) -> _Answer:
        """Pass a request on to the nodes until one takes it, beginning with the last that did."""
        until = monotonic() + WITHIN
        for node in self._nodes:
            others = tuple(one for one in self._nodes if one != node)
            try:
                found = _post(node, media_type, body)
            except (OSError, ValueError):
                self._nodes = (*others, node)
            else:
                if found != _AWAY:
                    self._nodes = (node, *others)
                    return found
            if monotonic() > until:
                break
        return _AWAY


def _refused(environ: WSGIEnvironment) -> _Answer | None:
    """Return the answer to a request that is not passed on, or None."""
    method, length = environ["REQUEST_METHOD"], environ.get("CONTENT_LENGTH") or ""
    if method != "POST":
        return _OPTIONS if method == "OPTIONS" else _WRONG
    if not (length.isascii() and length.isdecimal()):
        return _NO_LENGTH
    is_large = len(length) > len(str(LARGEST)) or int(length) > LARGEST
    return _TOO_LARGE if is_large else None


def _post(node: str, media_type: str, body: bytes) -> _Answer:
    """Send a form to the hub of a node, and return the answer. Raises `OSError`."""
    from http.client import HTTPConnection, HTTPException, HTTPSConnection  # noqa: PLC0415 - clusters

    parts = urlsplit(node)
    connect = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    with closing(connect(parts.netloc, timeout=_CONNECTED)) as connection:
        try:
            connection.connect()
            connection.sock.settimeout(WITHIN)
            fields = {"Content-Type": media_type, _PASSED_ON: "1"}
            connection.request("POST", f"{parts.path.removesuffix('/')}/{HUB}", body, fields)
            answer = connection.getresponse()
            text = answer.read(_PART).decode().removesuffix("\n")
        except HTTPException as error:
            raise ConnectionError(f"{node} gave no answer") from error
        again = answer.getheader("Retry-After")
        own = (("Retry-After", again),) if again else ()
        return f"{answer.status} {answer.reason}", own, text


def wake(state: Path) -> None:
    """Have the hub look for editions that are live since; if none runs, it will at its start."""
    with suppress(OSError, ValueError):
        _ask(socket_path(state), {"wake": True}, _WAKE)


def is_running(state: Path) -> bool:
    """Return whether a process of this machine is the hub, however busy it is."""
    try:
        with (
            short_address(socket_path(state)) as address,
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection,
        ):
            connection.settimeout(_CONNECTED)
            connection.connect(address)
    except (BlockingIOError, TimeoutError):  # others wait for it
        return True
    except OSError as error:  # with too many open files, nobody knows
        return error.errno in {errno.EMFILE, errno.ENFILE}
    return True


def _ask(path: Path, request: dict[str, Any], within: float) -> dict[str, Any]:
    """Send a request to the hub, and return its answer within so many seconds."""
    until = monotonic() + within
    with (
        short_address(path) as address,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection,
    ):
        connection.settimeout(within)
        connection.connect(address)
        connection.sendall(json.dumps(request).encode() + b"\n")
        parts: list[bytes] = []
        while part := connection.recv(_PART):
            parts.append(part)
            connection.settimeout(max(until - monotonic(), 0.001))
    found: dict[str, Any] = json.loads(b"".join(parts))
    return found
