"""Which coded forms does a document have? The one door to brotli, deflate (libdeflate), zstandard.

They are made once, before a document goes live, and lie beside it under nginx's and Caddy's
endings; nothing is recompressed after that (RFC 9110, section 8.4).
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Mapping
from functools import partial

import brotli  # type: ignore[import-untyped]  # it carries no types
import deflate
import zstandard

from dateline.model import Document, Role

ENDINGS: Mapping[str, str] = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
COMMONEST = ("gzip", "br", "zstd")  # that clients read
_TEXT = re.compile(r"text/|application/(?:\w+\+)?(?:xml|json)\b")
_MAKE: Mapping[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=5),
    "zstd": partial(zstandard.compress, level=3),
    "gzip": lambda data: bytes(deflate.gzip_compress(data, 6)),
}

# The same in another length: with a checksum (RFC 8878, section 3.1.1).
OTHERWISE: Mapping[str, Callable[[bytes], bytes]] = {
    "zstd": lambda data: zstandard.ZstdCompressor(level=3, write_checksum=True).compress(data)
}


def is_coded(document: Document) -> bool:
    """Say whether a document has coded forms: texts that many ask for, again and again.

    The pages of entries have none: there are as many as entries, and each is small. Nor has
    `robots.txt`, which is a few lines.
    """
    is_entry = document.role == Role.PAGE and "/" in document.path
    is_small = is_entry or document.path == "robots.txt"
    return not is_small and bool(_TEXT.match(document.media_type))


def makers(document: Document) -> Mapping[str, Callable[[bytes], bytes]]:
    """Give what makes each coded form of a document, by content coding.

    None of the libraries holds Python's lock meanwhile: threads can do it.
    """
    return _MAKE if is_coded(document) else {}


def decoded(coding: str, data: bytes) -> bytes:
    """Give what is behind a content coding; raises `ValueError` where it is not in it."""
    try:
        if coding == "gzip":
            return gzip.decompress(data)
        if coding == "br":
            return bytes(brotli.decompress(data))
        if coding == "zstd":
            return zstandard.ZstdDecompressor().decompress(data, max_output_size=64_000_000)
    except (OSError, EOFError, zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise ValueError(f"it is not {coding}") from error
    if coding:
        raise ValueError(f"{coding} was not asked for")
    return data
