"""Checks what readers must never see, and what they must always find.

It inspects everything that a run left, and remembers the state before.
"""

from __future__ import annotations

import gzip
import html
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]  # it carries no types
import zstandard

from dateline.documents import manifest
from dateline.documents.compression import ENDINGS
from dateline.model import Report
from support.chronicle import Chronicle, Piece, Settled, stated
from support.following import FORMATS, Paper, Subscriber, archives, merged
from support.packed import with_texts

FEEDS = ("news", "lebanon", "errata")
MARK = re.compile(rb"zq[a-z]+\d+w\d+z")
TOLD = timedelta(days=30)
DECODERS = {"gz": gzip.decompress, "br": brotli.decompress, "zst": zstandard.decompress}

Row = dict[str, Any]
Files = dict[str, tuple[bytes, int]]
Walks = dict[tuple[str, str], dict[str, Paper]]


@dataclass(slots=True, kw_only=True)
class Onlooker:
    """Observes all files in the `folder` of a newsroom, and knows the true state.

    `before` are the public files after the last run, `facts` the constant values of an entry,
    `members` the places in feeds by feed and number, `moments` when each news was updated.
    """

    folder: Path
    model: Chronicle
    now: datetime
    url: str = ""
    before: Files = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    members: dict[tuple[str, int], Any] = field(default_factory=dict)
    moments: dict[int, int] = field(default_factory=dict)
    subscribers: dict[str, Subscriber] = field(default_factory=dict)

    @property
    def feeds(self) -> Path:
        """Return the folder of public files."""
        return self.folder / "feeds"

    def check(self, settled: Settled, report: Report, *, now: datetime, url: str) -> None:
        """Check all invariants, after a run at `now` for the site at `url`."""
        self.now, self.url = now, url
        rows = table(self.feeds, "entry")
        self.check_identities(rows)
        self.check_moments(settled, rows)
        self.check_leaks()
        self.check_validators()
        self.check_members()
        papers = {
            (name, form): dict(archives(self.feeds, name, form, self.url))
            for name in FEEDS
            for form in FORMATS
        }
        self.check_formats(papers)
        self.check_walks(papers, rows)
        self.check_subscribers(papers)
        self.check_pictures(rows)
        self.check_directory()
        self.check_files(report)
        self.check_guards(settled, report)

    def check_identities(self, rows: list[Row]) -> None:
        """Check that no id, sequence number, address or moment changes, or is used twice."""
        for row in rows:
            said = marks(row["story"].encode())
            numbers = {int(re.findall(r"\d+", mark)[0]) for mark in said}
            assert len(numbers) <= 1, f"{row['id']} was {numbers}"
            for number in numbers:
                piece = self.model.pieces[number]
                assert piece.id in {"", row["id"]}, f"news {number} was published twice"
                piece.id = row["id"]
                piece.published = datetime.fromtimestamp(row["published"], UTC)
            fixed = (row["sequence"], row["published"], "" if row["purged"] else row["slug"])
            before = self.facts.setdefault(row["id"], fixed)
            assert before[:2] == fixed[:2]
            assert fixed[2] in {before[2], ""}
        assert self.facts.keys() == {row["id"] for row in rows}
        assert len({row["sequence"] for row in rows}) == len(rows)
        assert len({row["published"] for row in rows}) == len(rows)
        ids = [piece.id for piece in self.model.pieces.values() if piece.id]
        assert len({*ids}) == len(ids), "one id for two pieces of news"

    def check_moments(self, settled: Settled, rows: list[Row]) -> None:
        """Check that `updated` moves exactly when staff ask for it."""
        told = {row["id"]: row for row in rows}
        for piece in self.model.pieces.values():
            if not piece.accepted or piece.is_purged:
                continue
            row = told[piece.id]
            before = self.moments.setdefault(piece.number, row["updated"])
            now = int(self.now.timestamp()) - 1  # if something waited for the next second
            assert before <= row["updated"]
            assert row["updated"] >= row["published"]
            assert before == row["updated"] or piece.number in settled.may_move
            assert before < row["updated"] or before == now or piece.number not in settled.must_move
            self.moments[piece.number] = row["updated"]

    def check_leaks(self) -> None:
        """Check that no public file contains unpublished or removed text."""
        everywhere = marks(all_bytes(self.feeds))
        once = {mark for piece in self.model.pieces.values() for mark in piece.said}
        assert everywhere <= once, f"seen too early: {everywhere - once}"
        now = set[str]()
        for piece in self.model.live():
            assert piece.accepted
            now |= {mark for mark in piece.said if mark[2] in "ct"} | piece.accepted.said()
        shown = marks(b"".join(data for data, _ in public(self.feeds).values()))
        assert shown <= now, f"still shown: {shown - now}"
        assert b"zqname" not in all_bytes(self.feeds)
        self.check_purged(everywhere)

    def check_purged(self, everywhere: set[str]) -> None:
        """Check that nothing of a taken down entry is stored, except in a broken file."""
        purged = {piece.number for piece in self.model.pieces.values() if piece.is_purged}
        if purged:
            broken = [text.toml() for text in self.model.disk.values() if text.is_broken]
            quoted = marks("".join(broken).encode())
            found = everywhere | (marks(all_bytes(self.folder / "state")) - quoted)
            kept = {mark for mark in found if int(re.findall(r"\d+", mark)[0]) in purged}
            assert not kept, f"{kept} is kept"

    def check_validators(self) -> None:
        """Check that the time of a file rises when its bytes change, and stays otherwise."""
        after = public(self.feeds)
        for path in self.before.keys() & after.keys():
            (old, then), (new, now) = self.before[path], after[path]
            assert (old == new) == (then == now), f"{path} changed from {then} to {now}"
            assert then <= now
        self.before = after
        listed = {row["path"]: row for row in table(self.feeds, "document")}
        assert listed.keys() == after.keys()
        for path, (data, changed_at) in after.items():
            assert (len(data), changed_at) == (listed[path]["size"], listed[path]["changed"])
        self.check_codings(after)

    def check_codings(self, documents: Files) -> None:
        """Check that compressed forms have the content and the time of their documents."""
        found = everything(self.feeds)
        for path in found.keys() - documents.keys():
            if path.startswith("."):
                continue
            data, changed_at = found[path]
            plain, ending = path.rpartition(".")[::2]
            assert documents[plain] == (DECODERS[ending](data), changed_at // 10**9)

    def check_members(self) -> None:
        """Check that an entry keeps its number and archive in a feed, and no place is reused."""
        for row in table(self.feeds, "member"):
            key = (row["feed"], row["number"])
            entry, archive = self.members.get(key, (row["entry"], row["archive"]))
            assert row["entry"] in {entry, None}
            assert row["archive"] == archive or archive is None
            self.members[key] = (row["entry"], row["archive"])

    def check_formats(self, papers: Walks) -> None:
        """Check that all formats have the same ids in one order, and tombstones of removed ones."""
        live = {piece.id for piece in self.model.live()}
        for name in FEEDS:
            walks = [papers[name, form] for form in FORMATS]
            for some in zip(*(walk.values() for walk in walks), strict=True):
                assert some[0].ids == some[1].ids == some[2].ids
                assert len({*some[0].ids}) == len(some[0].ids)
                assert not live & some[0].tombstones, "a tombstone of what is live"
            archived = [id_ for paper in [*walks[0].values()][1:] for id_ in paper.ids]
            assert len({*archived}) == len(archived), "in two archives"

    def check_walks(self, papers: Walks, rows: list[Row]) -> None:
        """Check that a walk finds each live, unexpired entry once, in its current form."""
        seen = [piece for piece in self.model.live() if self._is_shown(piece)]
        expected = {
            "news": {piece.id for piece in seen},
            "lebanon": {piece.id for piece in seen if piece.number in self.model.enrolled},
            "errata": {*self._errata({piece.id for piece in seen}, rows)},
        }
        for (name, form), walk in papers.items():
            found = merged([*walk.values()])
            assert found.keys() == expected[name], f"{name}.{form}"
            last = max(int(n) for p in walk for n in re.findall(r"\d+", p) or ["0"])
            assert len(walk) == last + 1
        for piece in seen:
            assert piece.accepted
            for form in FORMATS:
                for paper in papers["news", form].values():
                    for item in paper.items:
                        if item.id == piece.id:
                            assert piece.accepted.body_mark() in item.text

    def _is_shown(self, piece: Piece) -> bool:
        assert piece.accepted
        if not piece.accepted.expires:
            return True
        if datetime.fromisoformat(piece.accepted.expires) > self.now:
            return True
        (row,) = (r for r in table(self.feeds, "entry") if r["id"] == piece.id)
        return bool(row["retracted"]) and row["retracted"] > (self.now - TOLD).timestamp()

    def _errata(self, seen: set[str], rows: list[Row]) -> Iterator[str]:
        for row in rows:
            if row["id"] in seen:
                for number, _ in enumerate(json.loads(row["corrections"]), start=1):
                    yield f"{row['id']}/correction/{number}"
                if row["retracted"]:
                    yield f"{row['id']}/retraction"

    def check_subscribers(self, papers: Walks) -> None:
        """Check that no subscriber gets one piece of news under two ids."""
        owners = {piece.id: piece.number for piece in self.model.pieces.values()}
        for (name, form), walk in papers.items():
            path = f"{name}.{form}"
            subscriber = self.subscribers.setdefault(path, Subscriber())
            for id_ in subscriber.poll(walk[path]):
                assert name == "errata" or id_ in owners, f"{id_} is of no news"

    def check_pictures(self, rows: list[Row]) -> None:
        """Check that the pictures are those of live entries that are not retracted."""
        shown = set()
        live = {piece.id for piece in self.model.live()}
        for row in rows:
            image = json.loads(row["story"])["image"] if row["story"] else None
            if row["id"] in live and image:
                shown.add(image["path"])
        there = {path for path in self.before if path.startswith("media/")}
        assert there == shown

    def check_directory(self) -> None:
        """Check that sitemaps list each entry's page once, and the calendar each event."""
        parts = [d for path, (d, _) in self.before.items() if re.match(r"sitemap-\d", path)]
        found = re.findall(r"<loc>(.*/.*/.*\.html)</loc>", b"".join(parts).decode())
        listing = "archive/"  # pages of older entries, which are reached by links
        pages = {path for path in self.before if path.endswith(".html") and "/" in path}
        pages = {path for path in pages if not path.startswith(listing) and "/index." not in path}
        for path in self.before:
            if path.startswith(listing) and path.endswith(".json"):
                self._check_older(path)
        assert sorted(found) == sorted(f"{self.url}{path}" for path in pages)
        if self.now > datetime(2027, 12, 24, tzinfo=UTC):
            return  # events that ended a year ago
        events = self.before["news.ics"][0].split(b"BEGIN:VEVENT")[1:]
        held = b"".join(event for event in events if b"STATUS:CONFIRMED" in event)
        texts = [piece.accepted for piece in self.model.live() if self._is_shown(piece)]
        about = [t.said() for t in texts if t and t.is_about_lebanon and not t.retraction]
        expected = {mark for said in about for mark in said if mark[2] == "t"}
        assert marks(b"".join(re.findall(rb"SUMMARY\S+", held))) == expected

    def _check_older(self, path: str) -> None:
        """Check that the page of an archive links to the pages of its entries, in their order."""
        items = json.loads(self.before[path][0])["items"]
        page = self.before[path.replace(".json", ".html")][0].decode()
        titles = re.findall(r'<a class="p-name u-url" href="[^"]*">(.*)</a>', page)
        titles = [re.sub("<[^>]*>", "", title) for title in titles]
        assert titles == [html.escape(item["title"], quote=False) for item in items]

    def check_files(self, report: Report) -> None:
        """Check that no live and unchanged file is reported as held."""
        for piece in self.model.live():
            text = piece.accepted
            # If the clock was set back, a date may be in the future again.
            if text and text == self.model.disk.get(piece.owner):
                is_ahead = stated(text.date, self.now) > self.now
                assert is_ahead or report.states.get(piece.owner, "live") == "live"

    def check_guards(self, settled: Settled, report: Report) -> None:
        """Check that guards hold changes exactly where the model expects it."""
        codes = {problem.code for problem in report.problems}
        assert ("many-gone" in codes) == settled.is_guarded
        held = {p.found for p in report.problems if p.code == "feed-emptied"}
        assert held == ({"lebanon"} if self.model.is_held else set())


def marks(data: bytes) -> set[str]:
    """Return the marks in some bytes."""
    return {found.decode() for found in MARK.findall(data)}


def all_bytes(folder: Path) -> bytes:
    """Return the bytes and names of all files below a folder."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return b"\n".join(os.fsencode(path) + with_texts(path) for path in found)


def everything(folder: Path) -> Files:
    """Return every file below a folder, hidden ones included, with its time of change."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def public(folder: Path) -> Files:
    """Return every public file, with its time of change in seconds."""
    return {
        path: (data, changed_at // 10**9)
        for path, (data, changed_at) in everything(folder).items()
        if not path.startswith(".") and Path(path).suffix not in ENDINGS.values()
    }


def difference(before: Files, after: Files) -> dict[str, tuple[int, int]]:
    """Return the files that differ, with their times of change."""
    return {
        path: (before.get(path, (b"", 0))[1], after.get(path, (b"", 0))[1])
        for path in before.keys() | after.keys()
        if before.get(path) != after.get(path)
    }


def table(feeds: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of a table of the manifest; those of entries with their stories."""
    rows: Iterable[Any] = _TABLES[name](feeds)
    return [{one.name: getattr(row, one.name) for one in fields(row)} for row in rows]


_TABLES: dict[str, Callable[[Path], Iterable[Any]]] = {
    "document": manifest.documents,
    "entry": manifest.entries,
    "member": manifest.members,
}
