"""Packs, each of which has the pages of a part of an edition in one object.

A folder that lacks many of them reads the pack in place of their objects, which are there, too: if
it is missing, incomplete or damaged, these are read. It is a gzip file with the sizes of its
documents as JSON in a line, then their bytes. It is named by their digests, so that a publisher
need not read pages to know that the store has them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise

from dateline.documents.compression import gzipped
from dateline.documents.manifest import DocumentListing
from dateline.model import is_media
from dateline.system.decompression import decoded

_PACKS = "objects/pack-"
_FEWEST = 50  # documents that are worth a pack
_MOST = 32_000_000  # bytes of all documents in a pack
_LONGEST = 100_000  # bytes of the line with the sizes


def pack_key(name: str) -> str:
    """Return the key of a pack in the store."""
    return f"{_PACKS}{name}"


def packed_together(listings: Iterable[DocumentListing]) -> Sequence[DocumentListing]:
    """Return the documents that belong in the pack of these: none if they are too few.

    They are those with no coded form, without media, up to a number of bytes in all.
    """
    pages = [one for one in listings if not one.codings and not is_media(one.path)]
    ends = accumulate(one.size for one in pages)
    fitting = [one for one, end in zip(pages, ends, strict=True) if end <= _MOST]
    return fitting if len(fitting) >= _FEWEST else ()


def pack_name(listings: Iterable[DocumentListing]) -> str:
    """Return the name of the pack of documents: the SHA-256 of their digests."""
    return hashlib.sha256("\n".join(one.digest for one in listings).encode()).hexdigest()


def pack_of(pages: Sequence[bytes]) -> bytes:
    """Return a pack of documents."""
    sizes = json.dumps([*map(len, pages)]).encode()
    return gzipped(b"\n".join((sizes, b"".join(pages))))


def pages_of(data: bytes) -> dict[str, bytes]:
    """Return the documents in a pack by their digests. Raises `ValueError` if it is damaged."""
    line, _, rest = decoded("gzip", data).partition(b"\n")
    sizes = json.loads(line) if len(line) <= _LONGEST else None
    if not isinstance(sizes, list) or not all(type(one) is int and one >= 0 for one in sizes):
        raise ValueError("it has no sizes")
    ends = [*accumulate(sizes, initial=0)]
    if ends[-1] != len(rest):
        raise ValueError("it is cut off")
    pages = (rest[start:end] for start, end in pairwise(ends))
    return {hashlib.sha256(page).hexdigest(): page for page in pages}
