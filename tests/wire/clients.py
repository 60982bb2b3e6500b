"""Clients that keep their connections, ask for everything in each way, and check each answer."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import cycle
from select import select
from time import monotonic
from typing import Self

from support.serving import PATIENCE
from wire.model import Exchange, Model

PATHS = (
    "news.json",
    "news.rss",
    "news.atom",
    "index.html",
    "news.json",
    "feeds.opml",
    "style.css",
    "sitemap.xml",
)
_CODINGS = ("", "gzip", "br", "zstd", "gzip, br, zstd")
_MOST, _OTHERS = 6, 2  # clients of a server
_PAUSE = 0.02  # seconds
_LONGEST = 0.5  # seconds between two requests of a kept connection


@dataclass(slots=True, kw_only=True)
class Client:
    """Asks a server for documents over one connection, as long as that is kept.

    `lost` are requests on a kept connection that got no answer, `refused` the attempts to connect
    that failed, `closed` the connections that the server ended in order.
    """

    server: str
    port: int
    model: Model
    lost: list[str] = field(default_factory=list)
    refused: int = 0
    closed: int = 0
    _known: dict[tuple[str, str], str] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Begin to ask."""
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._over.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        requests = cycle([(path, coding) for coding in _CODINGS for path in PATHS])
        while not self._over.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            with closing(connection):
                try:
                    connection.connect()
                except OSError:
                    self.refused += 1
                    self._over.wait(_PAUSE)
                    continue
                self._keep(connection, requests)

    def _keep(
        self, connection: http.client.HTTPConnection, requests: Iterator[tuple[str, str]]
    ) -> None:
        """Send requests until the connection ends."""
        last, is_first = monotonic(), True
        while not self._over.wait(_PAUSE):
            if monotonic() - last > _LONGEST and _is_closed(connection):
                self.closed += 1  # this client was not busy: its machine is
                return
            path, coding = next(requests)
            try:
                is_last = self._ask(connection, path, coding, is_first=is_first)
                is_first = False
            except (OSError, http.client.HTTPException) as error:
                self.lost.append(
                    f"{self.server}: {path} after {monotonic() - last:.2f} s: {error!r}"
                )
                return
            last = monotonic()
            if is_last:
                self.closed += 1
                return

    def _ask(
        self, connection: http.client.HTTPConnection, path: str, coding: str, *, is_first: bool
    ) -> bool:
        """Send a request, and let the answer be judged; return whether it is the last."""
        known = self._known.get((path, coding), "")
        fields = {"Accept-Encoding": coding or "identity"}
        fields |= {"If-None-Match": known} if known else {}
        began = monotonic()
        connection.request("GET", f"/{path}", headers=fields)
        answer = connection.getresponse()
        exchange = Exchange(
            server=self.server,
            path=path,
            known=known,
            began=began,
            data=answer.read(),
            ended=monotonic(),
            status=answer.status,
            fields={name.lower(): value for name, value in answer.getheaders()},
            is_first=is_first,
            is_last=answer.will_close,
        )
        if self.model.is_refusal(exchange):
            return True
        self.model.take(exchange)
        # Each second time the whole document is asked for, so that its bytes are compared.
        self._known[path, coding] = "" if known else exchange.tag
        return answer.will_close


def _is_closed(connection: http.client.HTTPConnection) -> bool:
    return connection.sock is None or bool(select([connection.sock], [], [], 0)[0])


def clients(ports: Mapping[str, int], model: Model) -> Sequence[Client]:
    """Return some clients of each server, most of the first, which is restarted."""
    return [
        Client(server=f"{name} {number}", port=port, model=model)
        for place, (name, port) in enumerate(ports.items())
        for number in range(1, _OTHERS + 1 if place else _MOST + 1)
    ]
