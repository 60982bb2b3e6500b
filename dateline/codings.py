"""Which coded forms does a document have? The one door to brotli and zstandard.

They are made once, before a document goes live, and lie beside it under nginx's and Caddy's
endings; nothing is recompressed after that (RFC 9110, section 8.4).
"""

from __future__ import annotations

import gzip
import os
import re
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial

import brotli  # type: ignore[import-untyped]  # it carries no types
import zstandard

from dateline.model import Document, Role

ENDINGS: Mapping[str, str] = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
_TEXT = re.compile(r"text/|application/(?:\w+\+)?(?:xml|json)\b")
_MAKE: Mapping[str, Callable[[bytes], bytes]] = {
    "br": partial(brotli.compress, quality=5),
    "zstd": partial(zstandard.compress, level=3),
    "gzip": partial(gzip.compress, compresslevel=6, mtime=0),
}


def is_coded(document: Document) -> bool:
    """Say whether a document has coded forms: texts that many ask for, again and again.

    The pages of entries have none: there are as many as entries, and each is small. Nor has
    `robots.txt`, which is a few lines.
    """
    is_entry = document.role == Role.PAGE and "/" in document.path
    is_small = is_entry or document.path == "robots.txt"
    return not is_small and bool(_TEXT.match(document.media_type))


def coding(document: Document) -> Callable[[], dict[str, bytes]]:
    """Begin to make the coded forms of a document; what this gives waits for them.

    It gives those that are smaller than the document, by content coding. They are made by
    threads, for none of the libraries holds Python's lock meanwhile.
    """
    if not is_coded(document):
        return dict
    data = document.data
    begun = {name: _threads().submit(make, data) for name, make in _MAKE.items()}

    def forms() -> dict[str, bytes]:
        made = {name: one.result() for name, one in begun.items()}
        return {name: form for name, form in made.items() if len(form) < len(data)}

    return forms


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="codings")


if hasattr(os, "register_at_fork"):  # a process that was forked has none of these threads
    os.register_at_fork(after_in_child=_threads.cache_clear)


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
