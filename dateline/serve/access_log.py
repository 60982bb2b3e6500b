"""The access log: counts of responses, without anything that identifies a reader.

Responses are counted in memory, and once a minute written as JSON lines, one for each kind of
response, to a file a day. No line has a client's address, a query or a mail address.
A response costs one look-up in a dictionary; a thread of its own writes.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from time import time

from dateline.serve.responses import KNOWN
from dateline.system import start_thread
from dateline.text.expressions import regex

# The method, the path, the status, the coding, the bytes sent, and the User-Agent.
Kind = tuple[str, str, str, str, int, str]

METRICS = "metrics.prom"  # the file beside the log that `/metrics` sends (`readership.metrics`)
_EVERY = 60.0  # seconds
_UNDER_WAY = 2.0  # seconds in which a counter that was found is still used (`cache.REMEMBERS`: 1)
_KINDS = 5000  # a minute; of more than that only status and method are logged
# Bytes of a day's file, of all workers; beyond them only status and method are logged, too. Each
# worker could add 18 GB a day otherwise: its kinds, each with names that clients make up.
_MOST = 500_000_000
_LONGEST = 200  # characters of a path or an agent
_WORD = regex(r"[^\s<>()\[\],;:\"'/]+")
_AT = regex(r"@|%(?:25)*40")  # as it is, or as an address on the web writes it
_log = logging.getLogger(__name__)


class AccessLog(dict[Kind, "count[int]"]):
    """The log in `folder`, whose files are kept for so many `days` after their own.

    `next(log[kind])` counts one response, safely among threads, and writes nothing.
    """

    def __init__(self, folder: Path, days: int) -> None:
        super().__init__()
        self._folder = folder
        self._days = days
        self._writer: threading.Thread | None = None
        self._beginning = threading.Lock()
        self._tidied: date | None = None
        self._reported = ""

    def __missing__(self, kind: Kind) -> count[int]:
        if self._writer is None:
            self._begin()
        method, path, status, coding, size, agent = kind
        short = (method[:_LONGEST], path[:_LONGEST], status, coding, size, agent[:_LONGEST])
        if len(self) >= _KINDS:
            short = _brief(method, status)
        return self.setdefault(short, count())

    def _begin(self) -> None:
        """Start to write: with the first response, which no process sends before it is a worker."""
        with self._beginning:
            if self._writer is None:
                # Started from a server's thread, which is a daemon, it would be one, too.
                self._writer = start_thread(self._write_on, is_daemon=False)

    def _write_on(self) -> None:
        """Write once a minute, and at the end of the process, which waits for that."""
        process = threading.main_thread()
        while process.is_alive():
            self._write_next(process)
        self._write_next(process)  # it may have ended while responses were under way

    def _write_next(self, process: threading.Thread) -> None:
        began = time()
        process.join(_EVERY - began % _EVERY)
        counted = {kind: self.pop(kind) for kind in list(self)}
        process.join(_UNDER_WAY)
        if counted:
            self._write(datetime.fromtimestamp(int(began), UTC), counted)

    def _write(self, moment: datetime, counted: Mapping[Kind, count[int]]) -> None:
        numbers: Mapping[Kind, int] = {kind: next(one) for kind, one in counted.items()}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            # Several workers append to one file, each at once: no line is torn.
            with (self._folder / f"access-{moment:%Y-%m-%d}.jsonl").open("ab", buffering=0) as file:
                if file.tell() > _MOST:
                    numbers = _merged(numbers)
                file.write("".join(_lines(moment, numbers)).encode())
            if self._tidied != moment.date():
                self._tidied = moment.date()
                self._tidy(moment.date() - timedelta(days=self._days))
            self._reported = ""
        except OSError as error:
            if self._reported != str(error):
                self._reported = str(error)
                _log.warning("Who reads cannot be logged: %s", error)

    def _tidy(self, oldest: date) -> None:
        for file in self._folder.glob("access-????-??-??.jsonl"):
            if file.stem < f"access-{oldest}":
                file.unlink(missing_ok=True)


def _brief(method: str, status: str) -> Kind:
    """Return the kind of which nothing is logged that a client can make up."""
    return (method if method in KNOWN else "", "", status, "", 0, "")


def _merged(numbers: Mapping[Kind, int]) -> Counter[Kind]:
    merged: Counter[Kind] = Counter()
    for (method, _, status, *_), number in numbers.items():
        merged[_brief(method, status)] += number
    return merged


def _lines(moment: datetime, numbers: Mapping[Kind, int]) -> Iterator[str]:
    for (method, path, status, coding, size, agent), number in sorted(numbers.items()):
        line = {
            "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            "method": method,
            "path": without_mail(_text(path).partition("?")[0]),
            "status": int(status[:3]),
            "bytes": size,
            "agent": without_mail(_text(agent)),
            "coding": coding,
            "count": number,
        }
        yield f"{json.dumps(line)}\n"


def without_mail(text: str) -> str:
    """Return a text with `(mail)` in place of each word that has an at sign.

    >>> without_mail("Reader (desk@example.org)")
    'Reader ((mail))'
    """
    return _WORD.sub(lambda word: "(mail)" if _AT.search(word[0]) else word[0], text)


def _text(wire: str) -> str:
    """Return the text that WSGI passes on as if it were Latin-1 (PEP 3333)."""
    return wire.encode("latin-1", "replace").decode("utf-8", "replace")
