"""A small hub, which records notifications and answers as its test configures it.

Usage: hub.py FOLDER FEEDS; it writes its port, and a line of JSON for each POST, into FOLDER. Its
answer is in the file `answer` there: a status, optionally with a Retry-After, or `hang`. A second
line has the beginning of a path and, after a blank, the answer for such paths.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep, time
from urllib.parse import parse_qsl, urlsplit


def serve(folder: Path, feeds: Path) -> None:
    """Run the hub."""

    def write(fields: dict[str, str], moment: float) -> None:
        document = feeds / urlsplit(fields["hub.url"]).path.removeprefix("/")
        digest = sha256(document.read_bytes()).hexdigest()
        line = json.dumps({"fields": fields, "moment": moment, "digest": digest})
        with (folder / "told").open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            moment = time()
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = dict(parse_qsl(body))
            write({**fields, "hub.path": self.path}, moment)
            path = urlsplit(fields["hub.url"]).path.removeprefix("/")
            while (words := answer(path))[0] == "hang":
                sleep(0.02)
            self.send_response(int(words[0]))
            for value in words[1:]:
                self.send_header("Retry-After", value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    def answer(path: str) -> list[str]:
        first, *others = (folder / "answer").read_text(encoding="ascii").splitlines()
        for other in others:
            beginning, _, words = other.partition(" ")
            if path.startswith(beginning):
                return words.split(maxsplit=1)
        return first.split(maxsplit=1)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    temporary = folder / "port.new"
    temporary.write_text(str(server.server_address[1]), encoding="ascii")
    temporary.replace(folder / "port")
    server.serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]))
