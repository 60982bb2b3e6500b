"""Which coded forms does a document have? The one door to brotli, deflate (libdeflate), zstandard.

They are made once, before a document goes live, and lie beside it under nginx's and Caddy's
endings; nothing is recompressed after that (RFC 9110, section 8.4).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

import brotli  # type: ignore[import-untyped]  # it carries no types
import deflate
import zstandard

from dateline.model import Document, Role

ENDINGS: Mapping[str, str] = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
COMMONEST = ("gzip", "br", "zstd")  # that clients read
_MOST = 64_000_000  # bytes
_WINDOW = 1 << 23  # RFC 9659: what a client has to be able to keep
_PIECE = 256  # bytes, which unpack to 8 MB at most
PACKED_FROM = 1000  # bytes of a page that is packed when it is asked for
_TEXT = re.compile(r"text/|application/(?:\w+\+)?(?:xml|json)\b")
# The same in another length: with a checksum (RFC 8878, section 3.1.1).
OTHERWISE: Mapping[str, Callable[[bytes], bytes]] = {
    "zstd": lambda data: zstandard.ZstdCompressor(level=3, write_checksum=True).compress(data)
}


class _Placed(Protocol):
    @property
    def path(self) -> str: ...
    @property
    def role(self) -> int: ...


def sizes(codings: str) -> dict[str, int]:
    """Return the size of each coded form by its content coding.

    >>> sizes("br=1024 gzip=1100")
    {'br': 1024, 'gzip': 1100}
    """
    pairs = (form.split("=") for form in codings.split())
    return {coding: int(size) for coding, size in pairs}


def is_coded(document: Document) -> bool:
    """Return whether coded forms lie beside a document: texts that many ask for, repeatedly.

    The pages of entries and archives have none: there are more of them than of all others, and
    each is packed when it is asked for. Nor has `robots.txt`, which is a few lines.
    """
    is_small = is_page_of_entries(document) or document.path == "robots.txt"
    return not is_small and bool(_TEXT.match(document.media_type))


def is_page_of_entries(document: _Placed) -> bool:
    """Return whether a document is an entry's page, or one of a list's older pages."""
    return document.role == Role.PAGE and "/" in document.path


def gzipped(data: bytes) -> bytes:
    """Return data as a gzip file, the same bytes for the same data."""
    return bytes(deflate.gzip_compress(data, 6))


_MAKE: Mapping[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=5),
    "zstd": partial(zstandard.compress, level=3),
    "gzip": gzipped,
}


def makers(document: Document) -> Mapping[str, Callable[[bytes], bytes]]:
    """Give what makes each coded form of a document, by content coding.

    None of the libraries holds Python's lock meanwhile: threads can do it.
    """
    return _MAKE if is_coded(document) else {}


def decoded(coding: str, data: bytes, most: int = _MOST) -> bytes:
    """Return what is behind a content coding, at most `most` bytes of it.

    Raises `ValueError` where the data is not in that coding, is cut off, or would be longer; what
    is longer is not unpacked beyond that.
    """
    if not coding:
        return data
    try:
        unpacked = _UNPACK[coding](data, most)
    except KeyError:
        raise ValueError(f"{coding} was not asked for") from None
    except (EOFError, zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise ValueError(f"it is not {coding}") from error
    if len(unpacked) > most:
        raise ValueError(f"it unpacks to more than {most} bytes")
    return unpacked


def _gunzip(data: bytes, most: int) -> bytes:
    """Unpack the members of a gzip file (RFC 1952, section 2.2), one byte more than `most`."""
    unpacked = bytearray()
    while data:
        member = zlib.decompressobj(wbits=31)
        unpacked += member.decompress(data, most + 1 - len(unpacked))
        if len(unpacked) > most:
            break
        if not member.eof:
            raise EOFError
        data = member.unused_data.lstrip(b"\0")
    return bytes(unpacked)


def _unbrotli(data: bytes, most: int) -> bytes:
    unpacking = brotli.Decompressor()
    unpacked = bytearray(unpacking.process(data, output_buffer_limit=most + 1))
    if len(unpacked) <= most and not unpacking.is_finished():
        raise EOFError
    return bytes(unpacked)


def _unzstd(data: bytes, most: int) -> bytes:
    """Unpack a frame piece by piece: a block of four bytes may have 128 kB."""
    unpacking = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
    unpacked = bytearray()
    for start in range(0, len(data), _PIECE):
        unpacked += unpacking.decompress(data[start : start + _PIECE])
        if unpacking.eof or len(unpacked) > most:
            break
    else:
        raise EOFError
    return bytes(unpacked)


_UNPACK: Mapping[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "br": _unbrotli,
    "zstd": _unzstd,
}
