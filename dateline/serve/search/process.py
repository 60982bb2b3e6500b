"""The process that answers searches, one after the other, at a socket for web workers.

It reads the configuration again when one of its files has changed. A search whose worker no
longer waits for it costs nothing.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from dateline.config import Config
from dateline.config.theme import Stamp, stamps
from dateline.errors import DatelineError, TemplateError
from dateline.render.pages.trial import trial
from dateline.serve import last_valid, taken_up
from dateline.serve.cache import DocumentResponse
from dateline.serve.search.answers import SearchAnswers
from dateline.serve.search.client import SOCKET
from dateline.system.supervisor import end_with_parent

_NICE = 5  # documents come first
_WAITING = 16  # searches, of all workers
_CHECKS_EVERY = 1.0  # seconds
_PATIENCE = 0.05  # seconds for a worker to send its request, and to take the response
_LONGEST = 65536  # bytes of a request
_REFUSED = "%s\nSearches go on with the configuration from before."
_log = logging.getLogger(__name__)


class SearchProcess:
    """Answers at a socket, by the configuration at `path`.

    Pages have Dateline's own look until the theme of the configuration can be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._answers = SearchAnswers(last_valid(path, with_theme=False))
        self._files: Sequence[Path] = ()
        self._stamps: Sequence[Stamp] = ()
        self._error = ""
        self._next_check = monotonic() + _CHECKS_EVERY
        self._take_up()

    def run(self, address: str) -> None:
        """Answer one request after the other until the process ends."""
        Path(address).unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            door.bind(address)
            door.listen(_WAITING)
            while True:
                try:
                    connection, _ = door.accept()
                except OSError:  # no descriptor is free, or the worker has gone
                    sleep(_PATIENCE)
                    continue
                with connection, suppress(OSError, ValueError, KeyError):
                    connection.settimeout(_PATIENCE)
                    self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        request = json.loads(_line(connection))
        if monotonic() >= request["until"]:
            return
        answer = self.answer(request)
        about = {"status": answer.status, "fields": answer.fields, "length": len(answer.data)}
        head = json.dumps(about)
        connection.sendall(head.encode() + b"\n" + answer.data)

    def answer(self, request: dict[str, Any]) -> DocumentResponse:
        """Return the response to a request as `dateline.serve.search.client` sends it."""
        if monotonic() >= self._next_check:
            self._next_check = monotonic() + _CHECKS_EVERY
            self._follow()
        return self._answers.answer(
            request["path"],
            request["QUERY_STRING"],
            request["HTTP_ACCEPT_LANGUAGE"],
            request["HTTP_IF_NONE_MATCH"],
        )

    def _follow(self) -> None:
        """Take up a changed configuration; one that is invalid changes nothing."""
        # The cause of an error may be in a file that the last configuration read does not name.
        if stamps(self._files) != self._stamps or self._error:
            self._take_up()

    def _take_up(self) -> None:
        try:
            config = taken_up(self._path)
        except DatelineError as error:
            if str(error) != self._error:
                _log.warning(_REFUSED, error)
            self._error = str(error)
            return
        self._files, self._stamps, self._error = config.files, config.stamps, ""
        try:
            answers = _tried(config)
        except TemplateError as error:
            _log.warning(_REFUSED, error)
            return
        self._answers.close()
        self._answers = answers


def _tried(config: Config) -> SearchAnswers:
    """Return the answers by a configuration, ready; raises `TemplateError` if its theme fails."""
    trial(config.publication, config.feeds)
    answers = SearchAnswers(config)
    answers.warm_up()
    return answers


def _line(connection: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"\n") and len(data) < _LONGEST:
        part = connection.recv(_LONGEST)
        if not part:
            break
        data += part
    return data


def main() -> None:
    """Answer searches for the publication that the environment names, until the parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    os.nice(_NICE)
    try:
        process = SearchProcess(Path(os.environ.get("DATELINE_CONFIG", "config.toml")))
    except DatelineError as error:
        sys.exit(str(error))
    process.run(os.environ[SOCKET])


if __name__ == "__main__":
    main()
