"""Subscribers of the hub: callbacks at which questions are answered and deliveries are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from time import monotonic
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request to a callback: the path, the query's or form's fields, and when it came."""

    method: str
    path: str
    query: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]
    data: bytes
    moment: float

    @property
    def mode(self) -> str:
        """The mode of a question; a delivery has none."""
        return self.fields.get("hub.mode", "") if self.method == "GET" else ""


Answer = tuple[int, bytes]


def agree(one: Received) -> Answer:
    """Repeat the challenge, and accept deliveries."""
    return 200, one.fields.get("hub.challenge", "").encode()


@dataclass(slots=True)
class Subscriber:
    """A server with any number of callbacks; `answer` says what it answers."""

    port: int
    address: str = "127.0.0.1"
    answer: Callable[[Received], Answer] = agree
    received: list[Received] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def url(self, path: str = "callback") -> str:
        """Return the address of a callback."""
        return f"http://{self.address}:{self.port}/{path}"

    def note(self, one: Received) -> Answer:
        """Keep a request, and return the answer to it."""
        with self.lock:
            self.received.append(one)
        return self.answer(one)

    def questions(self, mode: str = "subscribe", path: str = "") -> list[Received]:
        """Return the questions that came so far."""
        with self.lock:
            return [
                one for one in self.received if one.mode == mode and one.path.startswith(f"/{path}")
            ]

    def deliveries(self, path: str = "") -> list[Received]:
        """Return the deliveries that came so far."""
        with self.lock:
            return [
                one
                for one in self.received
                if one.method == "POST" and one.path.startswith(f"/{path}")
            ]


@contextmanager
def subscriber(
    answer: Callable[[Received], Answer] = agree, address: str = "127.0.0.1", port: int = 0
) -> Iterator[Subscriber]:
    """Run a subscriber's server."""

    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            parts = urlsplit(self.path)
            status, data = own.note(
                Received(
                    method=self.command,
                    path=parts.path,
                    query=parts.query,
                    fields=dict(parse_qsl(parts.query, keep_blank_values=True)),
                    headers={name.lower(): value for name, value in self.headers.items()},
                    data=self.rfile.read(int(self.headers.get("Content-Length") or 0)),
                    moment=monotonic(),
                )
            )
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            self._take()

        def do_POST(self) -> None:
            self._take()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((address, port), Handler)
    server.daemon_threads = True
    own = Subscriber(port=server.server_address[1], address=address, answer=answer)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield own
    finally:
        server.shutdown()
        server.server_close()


def form(topic: str, callback: str, mode: str = "subscribe", **more: str) -> dict[str, str]:
    """Return the form of a request; `secret` is the field `hub.secret`, and so on."""
    fields = {"hub.mode": mode, "hub.topic": topic, "hub.callback": callback}
    return fields | {f"hub.{name}": value for name, value in more.items()}
