"""Servers on real sockets that receive what Dateline sends to others."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep


@dataclass
class Received:
    """Requests that a server received.

    `posts` has the sender's address, the path and the data of each POST. `status` is the answer,
    sent after `pause` seconds: with 0, none is sent, and the connection ends. `refuses` are
    recipients whose mail is refused.
    """

    port: int
    data: list[bytes] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    posts: list[tuple[str, str, bytes]] = field(default_factory=list)
    status: int = 200
    pause: float = 0
    pause_at_end: float = 0
    refuses: frozenset[str] = frozenset()
    is_over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def answering(server: socketserver.BaseServer) -> Iterator[None]:
    """Run a server in a thread of its own."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def webhook(host: str = "127.0.0.1", port: int = 0) -> Iterator[Received]:
    """Run a server that accepts POST and GET, at a free port unless one is given."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            received.paths.append(self.path)
            sleep(received.pause)
            self.send_response(received.status)
            self.end_headers()

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            received.data.append(data)
            received.paths.append(self.path)
            received.posts.append((self.client_address[0], self.path, data))
            sleep(received.pause)
            if not received.status:
                return
            self.send_response(received.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((host, port), Handler) as server:
        received = Received(server.server_address[1])
        with answering(server):
            yield received


@contextmanager
def mailbox() -> Iterator[Received]:
    """Run a mail server (RFC 5321) that accepts messages and keeps them."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.answer("220 mail.example.org")
            while line := self.rfile.readline().decode().strip():
                self.obey(line)

        def obey(self, line: str) -> None:
            words = line.partition(" ")
            if words[0].upper() == "DATA":
                self.answer("354 go on")
                received.data.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                sleep(received.pause)
                if not received.status:
                    self.request.shutdown(socket.SHUT_RDWR)
            if words[0].upper() == "QUIT":
                sleep(received.pause_at_end)
            is_refused = any(f"<{address}>" in line for address in received.refuses)
            self.answer("550 not here" if is_refused else "250 well")

        def answer(self, line: str) -> None:
            with suppress(OSError):  # it was given up
                self.wfile.write(f"{line}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        received = Received(server.server_address[1])
        with answering(server):
            yield received


@contextmanager
def silent(host: str, port: int) -> Iterator[None]:
    """Keep an address of Linux from answering: its queue is full."""
    with ExitStack() as stack:
        kept = stack.enter_context(socket.socket())
        kept.bind((host, port))
        kept.listen(0)
        for _ in range(3):  # more than its queue takes
            one = stack.enter_context(socket.socket())
            one.settimeout(0)
            one.connect_ex(kept.getsockname())
        yield


@contextmanager
def drip(start: bytes, seconds: float) -> Iterator[Received]:
    """Send each client one byte after another for this many seconds, never a whole answer.

    It stops early once it `is_over`.
    """

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            received.data.append(b"")
            self.request.sendall(start)
            for _ in range(int(seconds * 20)):
                if received.is_over.wait(0.05):
                    return
                try:
                    self.request.sendall(b"x")
                except OSError:
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        received = Received(server.server_address[1])
        with answering(server):
            yield received
