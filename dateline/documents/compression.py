"""The compressed forms of a document (content codings: RFC 9110, section 8.4).

They are made once, before a document goes live, and lie beside it with the extensions that nginx
and Caddy use.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from functools import cached_property, partial
from typing import Protocol

import brotli  # type: ignore[import-untyped]  # it carries no types
import deflate
import zstandard

from dateline.model import Role, is_calendar_of_event
from dateline.text.expressions import regex

ENDINGS: Mapping[str, str] = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
COMMONEST = ("gzip", "br", "zstd")  # the most widely accepted coding first
PACKED_FROM = 1000  # bytes of a page that is compressed when it is requested
# Texts that many rows of the manifest and of the ledger begin or end with. Part of their format:
# rows that were written with another are not readable.
_COMMON = rb"""
<https://www.example.org/archive/news/2.rss>; rel="prev-archive",
<https://www.example.org/archive/news/4.rss>; rel="next-archive",
<https://www.example.org/archive/news/3.atom>; type="application/atom+xml"; rel="alternate",
<https://www.example.org/archive/news/3.json>; type="application/feed+json"; rel="alternate",
<https://www.example.org/archive/news/3.rss>; type="application/rss+xml"; rel="alternate",
<https://www.example.org/news.rss>; rel="current", rel="self",
 "image": {"alt": "", "credit": "", "height": 900, "length": 100000, "media_type": "image/jpeg",
 "path": "media/", "renditions": [{"path": "", "title": "", "url": null, "width": 1600}],
<ul>\n<li></li>\n<li></li>\n</ul>\n<h2></h2>\n<a href=\"https://www.<strong></strong>
{"attachments": [], "authors": [], "categories": [""], "correction": "",
 "date": {"end": "2026-11-27", "precision": "day", "start": "2026-11-27"},
 "draft": false, "editor": "", "event": null, "expires": null, "html": "<p></p>\n<p></p>",
 "id": null, "image": null, "kind": "news", "language": "en", "link": null, "path": "", "place": "",
 "retraction": "", "summary": "", "title": "", "translation_of": "", "updated": null}
"""
_LIKE = zstandard.ZstdCompressionDict(
    _COMMON.replace(b"\n", b""), dict_type=zstandard.DICT_TYPE_RAWCONTENT
)
_LEAST_SHARE, _LEAST_BYTES = 0.1, 200  # that a form saves over gzip, else it is not kept
_TEXT = regex(r"text/|application/(?:\w+\+)?(?:xml|json)\b")
# The same coding with another length: with a checksum (RFC 8878, section 3.1.1).
OTHERWISE: Mapping[str, Callable[[bytes], bytes]] = {
    "zstd": lambda data: zstandard.ZstdCompressor(level=3, write_checksum=True).compress(data)
}


class _Placed(Protocol):
    @property
    def path(self) -> str: ...
    @property
    def role(self) -> int: ...


class _Typed(_Placed, Protocol):
    @property
    def media_type(self) -> str: ...


def sizes(codings: str) -> dict[str, int]:
    """Return the size of each coded form by its content coding.

    >>> sizes("br=1024 gzip=1100")
    {'br': 1024, 'gzip': 1100}
    """
    pairs = (form.split("=") for form in codings.split())
    return {coding: int(size) for coding, size in pairs}


def is_coded(document: _Typed) -> bool:
    """Return whether coded forms lie beside a document: texts that are often requested.

    The pages of entries and archives have none: there are more of them than of all others, and
    they are compressed on request. Nor have the calendars of single events and `robots.txt`, which
    are a few lines.
    """
    is_small = is_calendar_of_event(document.path) or document.path == "robots.txt"
    is_plain = is_small or is_page_of_entries(document)
    return not is_plain and bool(_TEXT.match(document.media_type))


def is_page_of_entries(document: _Placed) -> bool:
    """Return whether a document is an entry's page, or one of a list's older pages."""
    is_page = document.role == Role.PAGE and document.path.endswith(".html")
    return is_page and "/" in document.path


def gzipped(data: bytes) -> bytes:
    """Return data as a gzip file, the same bytes for the same data."""
    return bytes(deflate.gzip_compress(data, 6))


class _Packer(threading.local):
    """Compression of single values: no thread may use another's."""

    @cached_property
    def pack(self) -> Callable[[bytes], bytes]:
        return zstandard.ZstdCompressor(level=3, dict_data=_LIKE, write_checksum=True).compress

    @cached_property
    def unpack(self) -> Callable[[bytes], bytes]:
        return zstandard.ZstdDecompressor(dict_data=_LIKE).decompress


_PACKER = _Packer()


def packed(text: str) -> bytes:
    """Return a text of the manifest or the ledger as one frame of Zstandard."""
    return packed_bytes(text.encode("utf-8", "surrogatepass"))


def unpacked(data: bytes) -> str:
    """Return the text that `packed` was given. Raises `ValueError`."""
    return unpacked_bytes(data).decode("utf-8", "surrogatepass")


def packed_bytes(data: bytes) -> bytes:
    """Return a file in the ledger as one frame of Zstandard, with a checksum."""
    return _PACKER.pack(data)


def unpacked_bytes(data: bytes) -> bytes:
    """Return the bytes that `packed_bytes` was given. Raises `ValueError`."""
    try:
        return _PACKER.unpack(data)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from error


def _gzipped_archive(data: bytes) -> bytes:
    """Return the same as `gzipped` in half the time, about 3 % larger."""
    return bytes(deflate.gzip_compress(data, 3))


_MAKE: Mapping[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=5),
    "zstd": partial(zstandard.compress, level=3),
    "gzip": gzipped,
}


def codings_of(document: _Typed, codings: Collection[str]) -> tuple[str, ...]:
    """Return those of the configured `codings` that a document may have.

    Archives have gzip alone, which all their readers accept: there are far more of them than of
    the documents that are requested again and again.
    """
    if not is_coded(document):
        return ()
    is_archive = document.role == Role.ARCHIVE
    return tuple(one for one in _MAKE if one in codings and (one == "gzip" or not is_archive))


def makers(document: _Typed, codings: Collection[str]) -> Mapping[str, Callable[[bytes], bytes]]:
    """Return the functions that make the coded forms of a document, by content coding.

    The libraries release Python's lock, so that they run in threads.
    """
    made = {coding: _MAKE[coding] for coding in codings_of(document, codings)}
    return {"gzip": _gzipped_archive} if made and document.role == Role.ARCHIVE else made


def is_worthwhile(coding: str, size: int, plain: int, gzip: int | None) -> bool:
    """Return whether a coded form saves enough over the `plain` form, and over `gzip`'s.

    >>> is_worthwhile("br", 9000, 40_000, gzip=10_000), is_worthwhile("br", 9100, 40_000, 10_000)
    (True, False)
    """
    if coding == "gzip" or gzip is None:
        return size < plain
    return gzip - size >= max(_LEAST_BYTES, _LEAST_SHARE * gzip) and size < plain
