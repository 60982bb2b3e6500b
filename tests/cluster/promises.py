"""What readers of a cluster are promised, and each answer that breaks it."""

from __future__ import annotations

import hashlib
import json
import threading
import xml.etree.ElementTree as ET
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from time import monotonic, time
from typing import TypeVar

_WINDOW = 50  # entries of a feed
_REMEMBERED = 500  # validators
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_ATOM = "{http://www.w3.org/2005/Atom}"
_PAGE = f"{_ATOM}link[@rel='alternate']"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer of a node: validators are empty where it has none."""

    status: int
    tag: str
    changed: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An entry as a feed shows it, in any format."""

    title: str
    id: str
    address: str
    published: datetime
    changed: datetime


@dataclass(slots=True, kw_only=True)
class Promises:
    """Compares every answer with those before, of all nodes, and with what staff did.

    `known` are the titles that were dropped, `due` the moments (`time`) of those under embargo,
    `withdrawn` the titles that were taken back. `first_seen` has the moment (`monotonic`) at which
    each node first showed each title, and `faults` are the promises that were broken.
    """

    known: set[str] = field(default_factory=set)
    due: dict[str, float] = field(default_factory=dict)
    withdrawn: set[str] = field(default_factory=set)
    first_seen: dict[tuple[str, str], float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    _digests: OrderedDict[tuple[str, str], str] = field(default_factory=OrderedDict)
    _items: OrderedDict[str, Mapping[str, Item]] = field(default_factory=OrderedDict)
    _first: dict[str, Item] = field(default_factory=dict)
    _changed: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _shown: dict[str, Mapping[str, Item]] = field(default_factory=dict)
    _gone: set[tuple[str, str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, node: str, path: str, known: str, answer: Answer) -> None:
        """Judge an answer to a request with the validator `known`, or none."""
        with self._lock:
            if answer.status == 200:
                self._take_document(node, path, answer)
            elif answer.status == 304:
                if path == "news.json" and known in self._items:
                    self._show(node, self._items[known])
            elif answer.status != 503:
                self._break(node, f"answers {answer.status} for {path}")

    def forget(self, title: str) -> None:
        """Forget a title that was withdrawn, on all nodes."""
        with self._lock:
            self.due.pop(title, None)
            for one in [key for key in self.first_seen if key[1] == title]:
                del self.first_seen[one]

    def address(self, title: str) -> str:
        """Return the address of the page of an entry that was shown."""
        return self._first[title].address

    def shows(self, node: str) -> frozenset[str]:
        """Return the titles that a node showed last."""
        with self._lock:
            return frozenset(self._shown.get(node, {}))

    def _break(self, node: str, sentence: str) -> None:
        self.faults.append(f"{node}: {sentence}")

    def _take_document(self, node: str, path: str, answer: Answer) -> None:
        digest = hashlib.sha256(answer.data).hexdigest()
        if _remembered(self._digests, (path, answer.tag), digest) != digest:
            self._break(node, f"{path} has other bytes under {answer.tag}")
        changed = parsedate_to_datetime(answer.changed)
        if changed < self._changed.get((node, path), changed):
            self._break(node, f"Last-Modified of {path} goes back to {answer.changed}")
        self._changed[node, path] = changed
        listed = list(_READ[path.rpartition(".")[2]](answer.data))
        items = {one.title: one for one in listed}
        if len(items) != len(listed):
            self._break(node, f"{path} has an entry twice")
        for one in listed:
            self._compare(node, path, one)
        if path == "news.json":
            _remembered(self._items, answer.tag, items)
            self._show(node, items)

    def _compare(self, node: str, path: str, item: Item) -> None:
        """Compare an entry with how it was first shown, by any node in any format."""
        first = self._first.setdefault(item.title, item)
        if item.title not in self.known:
            self._break(node, f"{path} has {item.title}, which nobody wrote")
        if item != first:
            self._break(node, f"{path} has another id or date of {item.title}: {item}")

    def _show(self, node: str, items: Mapping[str, Item]) -> None:
        """Note what a node shows: nothing early, nothing lost, nothing again."""
        before = self._shown.get(node, {})
        self._shown[node] = items
        for title in items.keys() - before.keys():
            if (node, title) not in self.first_seen:
                self.first_seen[node, title] = monotonic()
                if (early := self.due.get(title, 0) - time()) > 0:
                    self._break(node, f"shows {title} {early:.3f} s before its embargo ends")
            if (node, title) in self._gone:
                self._break(node, f"shows {title} again, which was withdrawn")
        oldest = min((one.published for one in items.values()), default=None)
        for title in before.keys() - items.keys():
            if title in self.withdrawn:
                self._gone.add((node, title))
            elif len(items) < _WINDOW or oldest is None or before[title].published > oldest:
                self._break(node, f"goes back, without {title}")


def _remembered(memory: OrderedDict[_Key, _Value], key: _Key, value: _Value) -> _Value:
    """Return what is remembered under a key, which is `value` from now on if nothing is."""
    found = memory.setdefault(key, value)
    while len(memory) > _REMEMBERED:
        memory.popitem(last=False)
    return found


# ---- Formats


def _of_json(data: bytes) -> Iterator[Item]:
    for one in json.loads(data)["items"]:
        yield Item(
            title=one["title"],
            id=one["id"],
            address=one["url"],
            published=datetime.fromisoformat(one["date_published"]),
            changed=datetime.fromisoformat(one["date_modified"]),
        )


def _of_atom(data: bytes) -> Iterator[Item]:
    for one in ET.fromstring(data).iter(f"{_ATOM}entry"):  # noqa: S314 - our own
        yield Item(
            title=one.findtext(f"{_ATOM}title", ""),
            id=one.findtext(f"{_ATOM}id", ""),
            address="".join(one.attrib["href"] for one in one.findall(_PAGE)),
            published=datetime.fromisoformat(one.findtext(f"{_ATOM}published", "")),
            changed=datetime.fromisoformat(one.findtext(f"{_ATOM}updated", "")),
        )


def _of_rss(data: bytes) -> Iterator[Item]:
    for one in ET.fromstring(data).iter("item"):  # noqa: S314 - our own
        yield Item(
            title=one.findtext("title", ""),
            id=one.findtext("guid", ""),
            address=one.findtext("link", ""),
            published=parsedate_to_datetime(one.findtext("pubDate", "")),
            changed=datetime.fromisoformat(one.findtext(f"{_ATOM}updated", "")),
        )


_READ = {"json": _of_json, "atom": _of_atom, "rss": _of_rss}
