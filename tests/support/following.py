"""Feeds as a subscriber sees them: documents read by strict parsers, and walks of archives."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

FORMATS = ("atom", "rss", "json")
_ATOM = "{http://www.w3.org/2005/Atom}"
_TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One item of a document. `updated` is that of Atom, and `text` everything in the item."""

    id: str
    updated: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One document of a feed; `before` is the path of the archive before it, or empty."""

    items: tuple[Seen, ...]
    tombstones: frozenset[str]
    before: str

    @property
    def ids(self) -> list[str]:
        """Return the ids in the order of the document."""
        return [item.id for item in self.items]


@dataclass(slots=True)
class Subscriber:
    """A reader that polls one document, and remembers every id."""

    known: set[str] = field(default_factory=set)

    def poll(self, paper: Paper) -> list[str]:
        """Return the ids that are new to this subscriber."""
        new = [id_ for id_ in paper.ids if id_ not in self.known]
        self.known |= {*new}
        return new


def read(data: bytes, form: str, url: str) -> Paper:
    """Read a document in one of the three formats; `url` is the site's address."""
    return _json(data, url) if form == "json" else _xml(data, form, url)


def archives(feeds: Path, name: str, form: str, url: str) -> Iterator[tuple[str, Paper]]:
    """Walk from the subscription document to the oldest archive; yield paths and documents."""
    path, walked = f"{name}.{form}", set[str]()
    while path:
        assert path not in walked, f"{path} leads back to itself"
        walked.add(path)
        paper = read((feeds / path).read_bytes(), form, url)
        yield path, paper
        path = paper.before


def merged(papers: Sequence[Paper]) -> Mapping[str, Seen]:
    """Merge the documents of a walk by id, the newest first; a tombstone removes its id."""
    found: dict[str, Seen] = {}
    gone = {id_ for paper in papers for id_ in paper.tombstones}
    for item in (item for paper in papers for item in paper.items):
        if item.id not in found or item.updated > found[item.id].updated:
            found[item.id] = item
    return {id_: item for id_, item in found.items() if id_ not in gone}


def _json(data: bytes, url: str) -> Paper:
    feed = json.loads(data)
    return Paper(
        items=tuple(
            Seen(id=item["id"], updated=item["date_modified"], text=json.dumps(item))
            for item in feed["items"]
        ),
        tombstones=frozenset(),
        before=_path(feed.get("next_url", ""), url),
    )


def _xml(data: bytes, form: str, url: str) -> Paper:
    root = etree.fromstring(data)
    feed = root if form == "atom" else root.find("channel")
    links = {link.attrib["rel"]: link.attrib["href"] for link in feed.findall(f"{_ATOM}link")}
    return Paper(
        items=tuple(
            Seen(
                id=item.findtext(f"{_ATOM}id" if form == "atom" else "guid"),
                updated=item.findtext(f"{_ATOM}updated"),
                text=etree.tostring(item, encoding="unicode"),
            )
            for item in feed.findall(f"{_ATOM}entry" if form == "atom" else "item")
        ),
        tombstones=frozenset(stone.attrib["ref"] for stone in root.iter(_TOMBSTONE)),
        before=_path(links.get("prev-archive", ""), url),
    )


def _path(address: str, url: str) -> str:
    assert address.startswith(url) or not address, f"{address} is at another site than {url}"
    return address.removeprefix(url)
