"""Fetches an address whose name leads elsewhere at each question, and prints what came of it.

Run in a network and a mount of its own, where `/etc/resolv.conf` may name this program as the
resolver: it answers the first question for a name with a public address, and all others with that
of this machine, on which a server listens.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from dateline.errors import FetchError
from dateline.system import http

PUBLIC, OWN = "93.184.215.14", "127.0.0.1"
_A = 1  # RFC 1035, section 3.2.2
heard: list[str] = []
questions: list[str] = []


class Secret(BaseHTTPRequestHandler):
    """The server that nobody outside may reach."""

    def do_GET(self) -> None:
        """Note a request, and answer it."""
        heard.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"SECRET")

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


def resolve(resolver: socket.socket) -> None:
    """Answer questions for names (RFC 1035, section 4): once as public, then as this machine."""
    while True:
        question, client = resolver.recvfrom(512)
        end = question.index(b"\0", 12) + 5
        kind = int.from_bytes(question[end - 4 : end - 2], "big")
        name = question[12 : end - 5].decode("latin-1")
        answer = b""
        if kind == _A:
            address = OWN if name in questions or "inside" in name else PUBLIC
            questions.append(name)
            answer = b"\xc0\x0c\0\x01\0\x01\0\0\0\0\0\x04" + socket.inet_aton(address)
        head = question[:2] + b"\x81\x80\0\x01" + (b"\0\x01" if answer else b"\0\0") + b"\0" * 4
        resolver.sendto(head + question[12:end] + answer, client)


def main() -> None:
    """Fetch each address of the command line, with those allowed that follow `--private`."""
    allowed = frozenset(sys.argv[sys.argv.index("--private") + 1 :])
    resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    resolver.bind((OWN, 53))
    threading.Thread(target=resolve, args=(resolver,), daemon=True).start()
    server = ThreadingHTTPServer((OWN, 80), Secret)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    results = []
    for address in sys.argv[1 : sys.argv.index("--private")]:
        try:
            results.append(http.get(address, private=allowed, limit=3).data.decode())
        except FetchError as error:
            results.append(str(error))
    sys.stdout.write(json.dumps({"results": results, "heard": heard, "asked": len(questions)}))


if __name__ == "__main__":
    main()
