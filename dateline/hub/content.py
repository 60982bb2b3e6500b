"""What subscribers are sent: the live edition of a feed, or only what is new to them in it.

A hub "MAY reduce the payload to a diff between two consecutive versions if its format allows it"
(WebSub, section 7): a feed of the same format with the same head, and of its entries those that
are new or changed since the edition that the subscriber accepted last. Only live bytes are ever
sent: those that `feeds/` has at that moment, and that the manifest lists.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from xml.parsers import expat

from dateline.documents import manifest
from dateline.documents.manifest import DocumentListing
from dateline.documents.static_copy import whole_bytes
from dateline.model import Role
from dateline.system.writing import file_stamp

READ_AGAIN = 1.0  # seconds until a file that is not what the manifest lists is read again
_KEPT = 8  # editions of each feed of which the digests of the entries are kept
_DIGEST = 16  # bytes
_LAST_LINES = 3  # of a JSON Feed: its last entry, its end, and nothing
_NO_ENTRIES: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The bytes of a feed, taken apart: `before` all entries, each entry, and `after` them."""

    before: bytes
    entries: tuple[bytes, ...]
    separator: bytes
    after: bytes

    def joined(self, entries: tuple[bytes, ...]) -> bytes:
        """Return the feed with these entries alone."""
        return self.before + self.separator.join(entries) + self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveEdition:
    """The live edition of a feed, known by the moment of its change, with its bytes.

    `form` is the name of its format; `digests` are those of its entries, where it allows that some
    are left out.
    """

    changed: int
    media_type: str
    body: bytes
    form: str
    digests: tuple[bytes, ...]
    stamp: tuple[int, int]

    def since(self, known: frozenset[bytes]) -> bytes:
        """Return the feed without the entries whose digests are `known`, or all of it.

        It is whole where that leaves nothing out, or nothing in.
        """
        left = sum(digest not in known for digest in self.digests)
        parts = parts_of(self.body, self.form) if 0 < left < len(self.digests) else None
        if parts is None:
            return self.body
        own = zip(parts.entries, self.digests, strict=True)
        return parts.joined(tuple(entry for entry, digest in own if digest not in known))


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What is sent of an edition."""

    edition: int
    media_type: str
    body: bytes


class LiveFeeds:
    """The live editions of the feeds in a folder, read as they change."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._head = folder / manifest.HEAD
        self._stamp: tuple[int, int] | None = None
        self._listed: Mapping[str, DocumentListing] = {}
        self._editions: dict[str, LiveEdition] = {}
        self._digests: dict[str, dict[int, frozenset[bytes]]] = {}
        self._payloads: dict[tuple[str, int | None], Payload] = {}
        self._wrong: dict[str, tuple[int, tuple[int, int], float]] = {}  # files, and until when

    def has_changed(self) -> bool:
        """Read the manifest if it is another than before, and return whether it is."""
        stamp = file_stamp(self._head)
        if stamp is None or stamp == self._stamp:
            return False
        head = manifest.read_head(self._head.parent)
        if head is None:  # damaged: the publisher writes it again
            return False
        self._stamp = stamp
        feeds = (one for one in head.documents.values() if one.role == Role.SUBSCRIPTION)
        self._listed = {one.path: one for one in feeds}
        for path in self._editions.keys() - self._listed.keys():
            del self._editions[path], self._digests[path]
            self._payloads = {key: one for key, one in self._payloads.items() if key[0] != path}
        return True

    def changed(self, path: str) -> int | None:
        """Return the moment of the change of a feed that the manifest lists, or None."""
        listing = self._listed.get(path)
        return listing.changed if listing else None

    def live(self, path: str) -> LiveEdition | None:
        """Return the edition of a feed that is live now.

        None if there is none, or if a run is just putting another into place.
        """
        listing, known = self._listed.get(path), self._editions.get(path)
        if listing is None:
            return None
        stamp = file_stamp(f"{self._folder}/{path}")
        if known and known.changed == listing.changed and known.stamp == stamp:
            return known
        if stamp is None or self._is_wrong(listing, stamp):
            return None
        return self._read(listing, stamp)

    def _is_wrong(self, listing: DocumentListing, stamp: tuple[int, int]) -> bool:
        """Return whether a file was just found to be another than the manifest lists."""
        *found, until = self._wrong.get(listing.path, (0, (0, 0), 0.0))
        return found == [listing.changed, stamp] and monotonic() < until

    def payload(self, path: str, accepted: int | None) -> Payload | None:
        """Return what to send to a subscriber whose last edition is `accepted`.

        Without one, or with one too long ago, that is all of the live edition; None as for `live`.
        """
        edition = self.live(path)
        if edition is None:
            return None
        known = self._digests[path].get(accepted or 0, _NO_ENTRIES)
        key = (path, accepted if known else None)
        payload = self._payloads.get(key)
        if payload is None or payload.edition != edition.changed:
            self._payloads[key] = payload = Payload(
                edition=edition.changed, media_type=edition.media_type, body=edition.since(known)
            )
        return payload

    def _read(self, listing: DocumentListing, stamp: tuple[int, int]) -> LiveEdition | None:
        try:
            body = whole_bytes(self._head.parent, listing)
        except OSError:
            return None
        if body is None:
            self._wrong[listing.path] = listing.changed, stamp, monotonic() + READ_AGAIN
            return None
        form = listing.path.rpartition(".")[2]
        parts = parts_of(body, form)
        entries = parts.entries if parts else ()
        edition = LiveEdition(
            changed=listing.changed,
            media_type=listing.media_type,
            body=body,
            form=form,
            digests=tuple(map(_digest, entries)),
            stamp=stamp,
        )
        self._editions[listing.path] = edition
        for key in [key for key in self._payloads if key[0] == listing.path]:
            del self._payloads[key]
        kept = self._digests.setdefault(listing.path, {})
        kept[edition.changed] = frozenset(edition.digests)
        for old in sorted(kept)[:-_KEPT]:
            del kept[old]
        return edition


def parts_of(body: bytes, form: str) -> Parts | None:
    """Return a feed that was taken apart, or None if its format `form` does not allow that."""
    take_apart = _FORMATS.get(form)
    parts = take_apart(body) if take_apart else None
    return parts if parts and parts.joined(parts.entries) == body else None


def _lines(body: bytes) -> Parts | None:
    """Take a JSON Feed apart, which has an entry a line: no string has a line break."""
    before, *lines = body.split(b"\n")
    if len(lines) < _LAST_LINES or not lines[0]:
        return None
    entries = tuple(line.removesuffix(b",") for line in lines[: -_LAST_LINES + 1])
    after = b"\n".join((b"", *lines[-_LAST_LINES + 1 :]))
    return Parts(before=before + b"\n", entries=entries, separator=b",\n", after=after)


def _elements(depth: int, name: str) -> Callable[[bytes], Parts | None]:
    """Return what takes XML apart whose entries are elements of this name at this depth."""

    def take_apart(body: bytes) -> Parts | None:
        spans = _spans(body, depth, name)
        if not spans:
            return None
        (first, end), *others = spans
        separator = body[end : others[0][0]] if others else b""
        if separator.strip():
            return None
        return Parts(
            before=body[:first],
            entries=tuple(body[start:stop] for start, stop in spans),
            separator=separator,
            after=body[spans[-1][1] :],
        )

    return take_apart


def _spans(body: bytes, depth: int, name: str) -> list[tuple[int, int]]:
    """Return where each element of this name at this depth begins, and ends."""
    parser = expat.ParserCreate()
    spans: list[tuple[int, int]] = []
    open_elements = begun = 0

    def start(found: str, _: dict[str, str]) -> None:
        nonlocal open_elements, begun
        if open_elements == depth and found == name:
            begun = parser.CurrentByteIndex
        open_elements += 1

    def end(found: str) -> None:
        nonlocal open_elements
        open_elements -= 1
        if open_elements == depth and found == name:
            at = parser.CurrentByteIndex
            has_end = body.startswith(f"</{name}".encode(), at)  # <item/> has none
            spans.append((begun, body.index(b">", at) + 1 if has_end else at))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(body, True)  # noqa: FBT003 - its only argument
    except expat.ExpatError:
        return []
    return spans


_FORMATS: Mapping[str, Callable[[bytes], Parts | None]] = {
    "rss": _elements(2, "item"),
    "atom": _elements(1, "entry"),
    "json": _lines,
}


def _digest(entry: bytes) -> bytes:
    return hashlib.blake2b(entry, digest_size=_DIGEST).digest()
