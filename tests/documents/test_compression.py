"""Archives are compressed quickly; compressed data is decompressed up to a limit."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import process_time

import brotli  # type: ignore[import-untyped]  # it carries no types
import pytest
import zstandard

from dateline.documents.compression import gzipped, makers
from dateline.model import Document, Role
from dateline.system.decompression import decoded

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "br": partial(brotli.compress, quality=1),
    "zstd": zstandard.ZstdCompressor(write_content_size=True).compress,
}
NEWS = b"News of Lebanon, " * 999


@pytest.mark.parametrize("coding", PACKED)
@pytest.mark.parametrize("data", [b"", b"x", NEWS])
def test_decompression_restores_the_data(coding: str, data: bytes) -> None:
    """The limit may be exactly the length of the data."""
    assert decoded(coding, PACKED[coding](data), max(1, len(data))) == data


@pytest.mark.parametrize("coding", PACKED)
def test_data_above_the_limit_is_refused_before_it_is_decompressed(coding: str) -> None:
    """A declared length above the limit is refused too."""
    bomb = PACKED[coding](bytes(60_000_000))
    tracemalloc.start()

    with pytest.raises(ValueError, match="more than 1000000 bytes"):
        decoded(coding, bomb, 1_000_000)

    assert tracemalloc.get_traced_memory()[1] < 40_000_000
    tracemalloc.stop()


def test_the_limit_covers_all_members() -> None:
    """A gzip file may have any number of members."""
    bomb = gzip.compress(bytes(900_000)) * 20

    assert len(decoded("gzip", gzip.compress(NEWS) * 3)) == 3 * len(NEWS)
    with pytest.raises(ValueError, match="more than 1000000 bytes"):
        decoded("gzip", bomb, 1_000_000)


def test_very_many_members_are_refused() -> None:
    """What is behind each of them is copied: the cost would be the square of their number."""
    empty = gzip.compress(b"")
    began = process_time()

    assert decoded("gzip", gzip.compress(NEWS) * 100) == NEWS * 100
    with pytest.raises(ValueError, match="it has more than 100 parts"):
        decoded("gzip", empty * 100_000)
    assert process_time() - began < 2


@pytest.mark.parametrize("coding", PACKED)
def test_truncated_or_different_data_is_refused(coding: str) -> None:
    """Data may be cut at any byte."""
    packed = PACKED[coding](NEWS)

    for data in (packed[:-1], packed[: len(packed) // 2], packed[:4], b"no such coding"):
        with pytest.raises(ValueError, match=f"it is not {coding}"):
            decoded(coding, data)


def test_an_unexpected_coding_is_refused() -> None:
    """The error names the coding."""
    with pytest.raises(ValueError, match="deflate was not asked for"):
        decoded("deflate", zlib.compress(NEWS))


def test_an_archive_is_compressed_at_a_lower_level() -> None:
    """Its form is a few percent larger than that of a subscription document with the same text."""
    data = (Path(__file__).parents[2] / "docs/architecture.md").read_bytes()
    archive = Document(
        path="archive/news/1.rss", role=Role.ARCHIVE, media_type="application/rss+xml", data=data
    )

    made = {coding: make(data) for coding, make in makers(archive, PACKED).items()}

    assert {coding: decoded(coding, form, len(data)) for coding, form in made.items()} == {
        "gzip": data
    }
    assert len(gzipped(data)) < len(made["gzip"]) < 1.06 * len(gzipped(data))
