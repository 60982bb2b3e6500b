"""Servers that Dateline sends to: a hub, a webhook and a mail server, which may lie.

They keep what they accepted, and answer as the script says: properly, with an error, with a
redirect, never, or by closing the connection early.
"""

from __future__ import annotations

import socketserver
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from urllib.parse import parse_qs, urlsplit

from trials.judge import ask

WAYS = ("accept", "accept and drop", "error", "refuse", "busy", "redirect", "hang", "close")
_STATUS = {"accept": 202, "error": 500, "refuse": 404, "busy": 429, "redirect": 302}
_FETCHES = 200  # at most, of a document that it does not get
_PAUSE = 0.5  # seconds between two
_HANGS = 200  # times 50 ms at most


@dataclass(slots=True, kw_only=True)
class Accepted:
    """What one receiver accepted, in order, and how it answers now (`way`)."""

    way: str = "accept"
    lies: int = 0
    messages: list[str] = field(default_factory=list)

    def behave(self, way: str) -> None:
        """Answer like this from now on."""
        self.way = way


@dataclass(slots=True, kw_only=True)
class Receivers:
    """All receivers; `pings` count the notices of each document that the hub accepted.

    `fetched` has the digest of each document as the hub read it after the last notice.
    """

    hub: Accepted = field(default_factory=Accepted)
    webhook: Accepted = field(default_factory=Accepted)
    mail: Accepted = field(default_factory=Accepted)
    pings: Counter[str] = field(default_factory=Counter)
    fetched: dict[str, str] = field(default_factory=dict)
    http_port: int = 0
    mail_port: int = 0

    def named(self, name: str) -> Accepted:
        """Return the receiver `hub`, `webhook` or `mail`."""
        found: Accepted = getattr(self, name)
        return found

    def take(self, path: str, body: bytes) -> None:
        """Keep a message."""
        if path.startswith("/hub"):
            address = parse_qs(body.decode())["hub.url"][0]
            self.pings[urlsplit(address).path.removeprefix("/")] += 1
            self.hub.messages.append(body.decode())
        elif path.startswith("/webhook"):
            self.webhook.messages.append(body.decode())

    def fetch(self, address: str) -> None:
        """Read a document as a hub does that was notified of it: once more if it gets none."""
        parts = urlsplit(address)
        for _ in range(_FETCHES):
            with suppress(OSError, HTTPException):
                answer = ask(parts.port or 80, parts.path)
                if answer.status == 200:
                    digest = sha256(answer.data).hexdigest()
                    self.fetched[parts.path.removeprefix("/")] = digest
                    return
            sleep(_PAUSE)


@contextmanager
def receiving() -> Iterator[Receivers]:
    """Run all receivers."""
    found = Receivers()
    with (
        _Http(("127.0.0.1", 0), _HttpHandler) as http,
        _Mail(("127.0.0.1", 0), _MailHandler) as mail,
    ):
        http.found = mail.found = found
        found.http_port, found.mail_port = http.server_address[1], mail.server_address[1]
        threads = [threading.Thread(target=one.serve_forever, args=(0.05,)) for one in (http, mail)]
        for one in threads:
            one.start()
        try:
            yield found
        finally:
            http.shutdown()
            mail.shutdown()
            for one in threads:
                one.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    found: Receivers


class _Mail(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    found: Receivers


class _HttpHandler(BaseHTTPRequestHandler):
    timeout = 10
    server: _Http

    def do_POST(self) -> None:
        """Take a message, and answer as the script says."""
        found = self.server.found
        receiver = found.hub if self.path.startswith("/hub") else found.webhook
        way = receiver.way
        receiver.lies += int(way != "accept")
        self.close_connection = True
        if way == "close":
            return
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:  # its sender was killed
            return
        if way == "hang":
            _wait(lambda: receiver.way == "hang")
        if way == "accept":
            found.take(self.path, body)
        if way in _STATUS:
            self._answer(_STATUS[way])
        if way == "accept" and receiver is found.hub:
            found.fetch(parse_qs(body.decode())["hub.url"][0])

    def _answer(self, status: int) -> None:
        self.send_response(status)
        if status == 302:
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        if status == 429:
            self.send_header("Retry-After", "7")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


class _MailHandler(socketserver.StreamRequestHandler):
    timeout = 10
    server: _Mail

    def handle(self) -> None:
        """Take mail (RFC 5321), as the script says."""
        receiver = self.server.found.mail
        way = receiver.way
        receiver.lies += int(way != "accept")
        if way == "hang":
            _wait(lambda: receiver.way == "hang")
        if way not in {"accept", "refuse", "error", "busy"}:
            return
        self._say("220 mail.example.org")
        while (line := self.rfile.readline().decode().strip()) and self._obey(line.upper(), way):
            pass

    def _obey(self, line: str, way: str) -> bool:
        if line.startswith("DATA"):
            self._say("354 go on")
            data = b"".join(iter(self.rfile.readline, b".\r\n"))
            if way == "accept":
                self.server.found.mail.messages.append(data.decode(errors="replace"))
        is_refused = line.startswith("RCPT") and way != "accept"
        refusal = "550 no" if way == "refuse" else "451 later"
        self._say(refusal if is_refused else "250 yes")
        return not line.startswith("QUIT")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


def _wait(goes_on: Callable[[], bool]) -> None:
    for _ in range(_HANGS):
        if not goes_on():
            return
        sleep(0.05)
