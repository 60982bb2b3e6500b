"""Which coded forms does a document have? The one door to brotli and zstandard.

They are made once, before a document goes live, and lie beside it under nginx's and Caddy's
endings; nothing is recompressed after that (RFC 9110, section 8.4).
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Mapping

import brotli  # type: ignore[import-untyped]  # it carries no types
import zstandard

from dateline.model import Document, Role

ENDINGS: Mapping[str, str] = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
_TEXT = re.compile(r"text/|application/(?:\w+\+)?(?:xml|json)\b")
_GZIP, _BROTLI, _ZSTD = 6, 5, 3


def is_coded(document: Document) -> bool:
    """Say whether a document has coded forms: texts that many ask for, again and again.

    The pages of entries have none: there are as many as entries, and each is small. Nor has
    `robots.txt`, which is a few lines.
    """
    is_entry = document.role == Role.PAGE and "/" in document.path
    is_small = is_entry or document.path == "robots.txt"
    return not is_small and bool(_TEXT.match(document.media_type))


def coded(document: Document) -> dict[str, bytes]:
    """Give the coded forms of a document that are smaller than it is, by content coding."""
    if not is_coded(document):
        return {}
    data = document.data
    forms = {
        "br": brotli.compress(data, quality=_BROTLI),
        "zstd": zstandard.compress(data, _ZSTD),
        "gzip": gzip.compress(data, _GZIP, mtime=0),
    }
    return {coding: form for coding, form in forms.items() if len(form) < len(data)}


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
