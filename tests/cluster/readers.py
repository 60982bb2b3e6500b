"""Readers of a cluster, who take the validators of one node to the others, and believe nothing."""

from __future__ import annotations

import hashlib
import http.client
import json
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import cycle
from time import monotonic, sleep
from typing import Self

from cluster.network import Machine
from cluster.nodes import PORT, Node

_LIMIT = 5.0  # seconds for an answer
_PAUSE = 0.05
_WINDOW = 50  # entries of a feed
_PATHS = ("news.json", "news.json", "news.atom", "news.json", "news.json", "news.rss")


@dataclass(slots=True, kw_only=True)
class Reader:
    """Asks all nodes for their feeds, with the validator that it got last, from any of them.

    `first_seen` has the moment (`monotonic`) at which each node first showed each title. `faults`
    are the promises that were broken, and `silences` the requests that nobody answered, by node.
    """

    place: Machine
    nodes: Sequence[Node]
    first_seen: dict[tuple[str, str], float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    silences: dict[str, int] = field(default_factory=dict)
    answers: int = 0
    _bytes: dict[tuple[str, str], str] = field(default_factory=dict)
    _ids: dict[str, str] = field(default_factory=dict)
    _shown: dict[str, frozenset[str]] = field(default_factory=dict)
    _titles: dict[str, frozenset[str]] = field(default_factory=dict)
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

    def _read(self, node: Node) -> None:
        self.place.enter()
        for path in cycle(_PATHS):
            if self._over.is_set():
                return
            self._ask(node, path)
            sleep(_PAUSE)

    def _ask(self, node: Node, path: str) -> None:
        known = self._last.get(path)
        fields = {"If-None-Match": known} if known else {}
        try:
            status, tag, data = get(node, path, fields)
        except (OSError, http.client.HTTPException):
            self.silences[node.name] = self.silences.get(node.name, 0) + 1
            return
        self.answers += 1
        if status == 200:
            self._take(node, path, tag, data)
        elif status == 304 and known in self._titles:
            self._show(node, self._titles[known])
        elif status not in {304, 503}:
            self.faults.append(f"{node.name} answers {status} for {path}")

    def _take(self, node: Node, path: str, tag: str, data: bytes) -> None:
        """Judge a document, and remember it."""
        digest = hashlib.sha256(data).hexdigest()
        if self._bytes.setdefault((path, tag), digest) != digest:
            self.faults.append(f"{node.name}: {path} has other bytes under {tag}")
        self._last[path] = tag
        if path != "news.json":
            return
        items = json.loads(data)["items"]
        titles = frozenset(one["title"] for one in items)
        self._titles[tag] = titles
        if len(titles) != len(items):
            self.faults.append(f"{node.name}: an entry is there twice")
        for one in items:
            if self._ids.setdefault(one["title"], one["id"]) != one["id"]:
                self.faults.append(f"{node.name}: another id of {one['title']}")
        self._show(node, titles)

    def _show(self, node: Node, titles: frozenset[str]) -> None:
        """Note what a node shows; it never shows less than before."""
        before = self._shown.get(node.name, frozenset())
        for title in titles - before:
            self.first_seen.setdefault((node.name, title), monotonic())
        if len(titles) < _WINDOW and before - titles:
            self.faults.append(f"{node.name}: went back, without {min(before - titles)}")
        self._shown[node.name] = titles

    def delays(self, title: str, since: float) -> dict[str, float]:
        """Return after how many seconds each node showed an entry, if it did."""
        return {
            name: moment - since
            for (name, shown), moment in self.first_seen.copy().items()
            if shown == title
        }


def get(node: Node, path: str, fields: dict[str, str]) -> tuple[int, str, bytes]:
    """Ask a node for a document; return the status, the validator and the bytes.

    The thread must be in a namespace that reaches it.
    """
    address = node.machine.address
    with closing(http.client.HTTPConnection(address, PORT, timeout=_LIMIT)) as connection:
        connection.request("GET", f"/{path}", headers=fields)
        answer = connection.getresponse()
        return answer.status, answer.getheader("ETag", ""), answer.read()
