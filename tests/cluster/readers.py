"""Readers of a cluster, who take the validators of one node to the others, and believe nothing."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import cycle
from time import sleep
from typing import Self

from cluster.network import Machine
from cluster.nodes import PORT, Node
from cluster.promises import Answer, Promises

_LIMIT = 5.0  # seconds for an answer
_PAUSE = 0.05
_PATHS = ("news.json", "news.json", "news.atom", "news.json", "news.json", "news.rss")


@dataclass(slots=True, kw_only=True)
class Reader:
    """Asks all nodes for their feeds, with the validator that it got last, from any of them.

    Each answer is judged by the `promises`. `silences` are the requests that nobody answered, by
    node.
    """

    place: Machine
    nodes: Sequence[Node]
    promises: Promises = field(default_factory=Promises)
    silences: dict[str, int] = field(default_factory=dict)
    answers: int = 0
    _last: dict[str, str] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Begin to read."""
        self._threads += [threading.Thread(target=self._read, args=(one,)) for one in self.nodes]
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._over.set()
        for one in self._threads:
            one.join()

    @property
    def faults(self) -> list[str]:
        """Return the promises that were broken."""
        return self.promises.faults

    def _read(self, node: Node) -> None:
        self.place.enter()
        for path in cycle(_PATHS):
            if self._over.is_set():
                return
            self._ask(node, path)
            sleep(_PAUSE)

    def _ask(self, node: Node, path: str) -> None:
        known = self._last.get(path, "")
        try:
            answer = get(node, path, {"If-None-Match": known} if known else {})
        except (OSError, http.client.HTTPException):
            self.silences[node.name] = self.silences.get(node.name, 0) + 1
            return
        self.answers += 1
        if answer.status == 200:
            self._last[path] = answer.tag
        self.promises.take(node.name, path, known, answer)

    def delays(self, title: str, since: float) -> dict[str, float]:
        """Return after how many seconds each node showed an entry, if it did."""
        return {
            name: moment - since
            for (name, shown), moment in self.promises.first_seen.copy().items()
            if shown == title
        }


def get(node: Node, path: str, fields: dict[str, str]) -> Answer:
    """Ask a node for a document. The thread must be in a namespace that reaches it."""
    address = node.machine.address
    with closing(http.client.HTTPConnection(address, PORT, timeout=_LIMIT)) as connection:
        connection.request("GET", f"/{path}", headers=fields)
        answer = connection.getresponse()
        return Answer(
            status=answer.status,
            tag=answer.getheader("ETag", ""),
            changed=answer.getheader("Last-Modified", ""),
            data=answer.read(),
        )
