"""The server of the staff's pages: where it listens, and how long a connection may take.

Werkzeug's server runs in a process of its own, on a socket of ours. Each connection has a thread,
and there are `LIMIT` of them. Where one more comes, the oldest of those that have not sent a whole
request, or do not read their answer, is closed, of the address that has most of these: half a
request, or a connection that is kept open without one, keeps nobody else out. The new one begins
once the thread of the old one has ended, or is closed too.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from functools import partial
from io import BufferedIOBase
from time import monotonic
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from dateline.config import Config
from dateline.newsroom.app import create_app
from dateline.newsroom.state import Clock, Newsroom, Say, unsaid
from dateline.serve.monitoring.request_head import BoundedHead
from dateline.system import heartbeat
from dateline.system.ports import resolved

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LIMIT = 32
HEADER_SECONDS = 10  # from the start of a connection, or the last answer, to the end of a header
ANSWER_SECONDS = 60  # with the body that was sent, and until the answer is taken
ENDING_SECONDS = 1.0  # until the thread of a connection that was closed has ended
LINGER_SECONDS = 5  # until more arrives of a body that was refused
_LINGER_BYTES = 2_000_000_000  # of such a body, at most
_CHECKS_EVERY = 0.5  # seconds
_RETRY = 10.0  # seconds: until a port that was in use is tried again
_PART = 65_536
_log = logging.getLogger(__name__)


def run(room: Newsroom, read: Callable[[], Config], stop: threading.Event) -> None:
    """Serve a newsroom until `stop` is set, where the configuration that `read` returns says."""
    fault = ""
    while not stop.is_set():
        with ExitStack() as stack:
            before, fault = fault, _enter(stack, room)
            if fault and fault != before:
                _log.warning("%s", fault)
            _attend(room, read, stop, monotonic() + _RETRY if fault else None)


@contextmanager
def serving(config: Config, clock: Clock, say: Say = unsaid) -> Iterator[Newsroom]:
    """Serve a newsroom of this configuration in a thread, as far as its port can be had."""
    room = Newsroom(config, clock, say)
    with ExitStack() as stack:
        if fault := _enter(stack, room):
            _log.warning("%s", fault)
        yield room


def _enter(stack: ExitStack, room: Newsroom) -> str:
    """Listen, if the configuration asks for it; return the reason if that is impossible."""
    own = room.config.newsroom
    try:
        if own.is_on:
            stack.enter_context(_listening(room))
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]
        return (
            f"The newsroom cannot be had at {own.host}:{own.port} ({reason}): name another port "
            "under [newsroom]."
        )
    return ""


@contextmanager
def _listening(room: Newsroom) -> Iterator[None]:
    """Answer requests in threads. Raises `OSError` where the port cannot be had."""
    place = (room.config.newsroom.host, room.config.newsroom.port)
    family, _ = resolved(*place)
    with closing(socket.create_server(place, family=family)) as listening:
        # With a socket of ours werkzeug does not end the whole process where a port is taken.
        server = BoundedServer(*place, create_app(room), fd=listening.fileno())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()


def _attend(
    room: Newsroom, read: Callable[[], Config], stop: threading.Event, until: float | None
) -> None:
    """Follow runs and the configuration until the newsroom is to listen elsewhere, or `until`."""
    own = room.config.newsroom
    while not stop.wait(_CHECKS_EVERY) and (until is None or monotonic() < until):
        heartbeat.beat()
        room.follow(read())
        room.refresh()
        room.keep_secret()
        new = room.config.newsroom
        if (new.is_on, new.host, new.port) != (own.is_on, own.host, own.port):
            return


# ---- Connections


@dataclass(slots=True)
class _Connection:
    """A connection: since when it is in its phase, and whether a request is being answered.

    One that `is_waiting` for the rest of a body, or until a part of the answer is taken, has the
    time of an answer, yet may be closed for another connection. One that `is_cut` is closed, but
    its thread has not ended.
    """

    socket: socket.socket
    address: str
    since: float
    is_answering: bool = False
    is_waiting: bool = False
    is_cut: bool = False

    @property
    def is_whole(self) -> bool:
        """True while the answer to a request that has arrived is being made."""
        return self.is_answering and not self.is_waiting

    def is_over(self, now: float) -> bool:
        """Return whether its time is up."""
        return now - self.since > (ANSWER_SECONDS if self.is_answering else HEADER_SECONDS)

    def cut(self) -> None:
        """End it; the thread that reads it sees its end, and closes it."""
        self.is_cut = True
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)


class BoundedServer(ThreadedWSGIServer):
    """Serves an application on a socket that listens."""

    def __init__(self, host: str, port: int, app: WSGIApplication, *, fd: int) -> None:
        super().__init__(host, port, app, _Handler, fd=fd)
        self._open: dict[int, _Connection] = {}
        self._lock = threading.Condition()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection in a thread, or close it where all threads are answering."""
        if not self._has_room():
            self.shutdown_request(request)
            return
        with self._lock:
            self._open[id(request)] = _Connection(request, str(client_address[0]), monotonic())
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection, at the end of its thread."""
        with self._lock:
            self._open.pop(id(request), None)
            self._lock.notify_all()
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Close connections whose time is up; called at least twice a second."""
        super().service_actions()
        now = monotonic()
        with self._lock:
            for one in self._open.values():
                if one.is_over(now):
                    one.cut()

    def begin(self, request: socket.socket, *, is_answering: bool) -> None:
        """Note that a request is being answered now, or the next one waited for."""
        with self._lock:
            if one := self._open.get(id(request)):
                one.since, one.is_answering = monotonic(), is_answering

    @contextmanager
    def waiting(self, request: socket.socket) -> Iterator[None]:
        """Note that the client is waited for: more of the body, or until it reads the answer."""
        with self._lock:
            one = self._open.get(id(request))
        if one:
            one.is_waiting = True
        try:
            yield
        finally:
            if one:
                one.is_waiting = False

    def _has_room(self) -> bool:
        """Return whether one more can be answered, after closing another if need be."""
        with self._lock:
            if len(self._open) < LIMIT:
                return True
            idle = [one for one in self._open.values() if not one.is_whole and not one.is_cut]
            if idle:
                ((most, _),) = Counter(one.address for one in idle).most_common(1)
                min((one for one in idle if one.address == most), key=lambda one: one.since).cut()
            return self._lock.wait_for(
                lambda: len(self._open) < LIMIT, ENDING_SECONDS if idle else 0
            )


class _Body(BufferedIOBase):
    """The body of a request, a part at a time, so that what is only thrown away costs no memory.

    `asking` is where a client that waits for it (RFC 9110, section 10.1.1) is asked for the body;
    each part is waited for within `waiting`.
    """

    def __init__(
        self,
        body: BufferedIOBase,
        asking: BufferedIOBase | None,
        waiting: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._body = body
        self._asking = asking
        self._waiting = waiting
        self._taken = 0
        self._is_lost = False

    def left(self, fields: Message) -> int:
        """Return how many bytes are still to come, at most; none that were not asked for."""
        if self._asking:
            return 0
        if "Transfer-Encoding" in fields:
            return _LINGER_BYTES
        length = fields.get("Content-Length", "")
        return min(int(length[:20]) if length.isdecimal() else 0, _LINGER_BYTES) - self._taken

    def readable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Return what has arrived, `_PART` bytes at most; nothing at the end.

        Raises `OSError` once if the client is too slow or gone; after the answer, werkzeug reads
        what is left, and would log another error as a fault.
        """
        if self._is_lost:
            return b""
        if self._asking:
            self._asking.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._asking.flush()
            self._asking = None
        wanted = _PART if size is None or size < 0 else min(size, _PART)
        self._is_lost = True
        with self._waiting():
            data = self._body.read1(wanted)
        self._is_lost = False
        self._taken += len(data)
        return data

    def close(self) -> None:
        """Close the connection's side of it, too."""
        self._body.close()
        super().close()


class _Answer(BufferedIOBase):
    """The way back to the client, each part of which is taken within `waiting`."""

    def __init__(
        self, out: BufferedIOBase, waiting: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._out = out
        self._waiting = waiting

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: Any, /) -> int:
        """Send all of this."""
        with self._waiting():
            return self._out.write(data)


class _Handler(BoundedHead, WSGIRequestHandler):
    """Answers the requests of a connection; logs nothing, as addresses have the token in them."""

    timeout = HEADER_SECONDS
    server: BoundedServer

    def setup(self) -> None:
        """Begin with a connection."""
        super().setup()
        self.wfile = _Answer(self.wfile, partial(self.server.waiting, self.connection))

    def run_wsgi(self) -> None:
        """Answer a request whose header is whole.

        Werkzeug would ask for the body of any request that announces one; it is asked for once
        the application reads it, so a file that is refused by its header is not sent.
        """
        is_announced = self.headers.get("Expect", "").strip().lower() == "100-continue"
        del self.headers["Expect"]
        waiting = partial(self.server.waiting, self.connection)
        self.rfile = body = _Body(self.rfile, self.wfile if is_announced else None, waiting)
        self.server.begin(self.connection, is_answering=True)
        super().run_wsgi()
        self._linger(body)
        self.server.begin(self.connection, is_answering=False)

    def _linger(self, body: _Body) -> None:
        """Throw away the rest of a body that was refused, so that its sender reads the answer.

        Closing a connection while bytes arrive resets it, and the answer is lost (RFC 9112,
        section 9.6): a server in front would answer 502 in its place.
        """
        left = body.left(self.headers)
        if left <= 0:
            return
        with suppress(OSError):  # its time is up, or the client has gone
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(LINGER_SECONDS)
            while left > 0 and (data := body.read()):
                left -= len(data)

    def handle_expect_100(self) -> bool:
        """Ask for no body yet."""
        return True

    def send_header(self, keyword: str, value: str) -> None:
        """Send a header field, except the name of the program."""
        if keyword.lower() != "server":
            super().send_header(keyword, value)

    def handle(self) -> None:
        """Answer a request; one for an invalid address, like `http://[/`, is dropped."""
        with suppress(ValueError, OSError):
            super().handle()

    def send_error(self, *_: object, **__: object) -> None:
        """Close the connection without a response, which would name the program."""
        self.close_connection = True

    def log(self, kind: str, message: str, *args: object) -> None:
        """Log nothing."""
