"""Compressed data is decompressed up to the limit, and no further."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]  # it carries no types
import pytest
import zstandard

from dateline.system.decompression import decoded

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor(write_content_size=True).compress,
}
NEWS = b"News of Lebanon, " * 999


@pytest.mark.parametrize("coding", PACKED)
@pytest.mark.parametrize("data", [b"", b"x", NEWS])
def test_what_was_packed_comes_back(coding: str, data: bytes) -> None:
    """Up to its last byte, where just that many are allowed."""
    assert decoded(coding, PACKED[coding](data), max(1, len(data))) == data


@pytest.mark.parametrize("coding", PACKED)
def test_what_unpacks_to_much_is_refused_before_it_does(coding: str) -> None:
    """Also where it says beforehand how long it will be."""
    bomb = PACKED[coding](bytes(200_000_000))
    tracemalloc.start()

    with pytest.raises(ValueError, match="more than 1000000 bytes"):
        decoded(coding, bomb, 1_000_000)

    assert tracemalloc.get_traced_memory()[1] < 40_000_000
    tracemalloc.stop()


def test_many_members_are_counted_together() -> None:
    """A gzip file is as many as it likes."""
    bomb = gzip.compress(bytes(900_000)) * 20

    assert len(decoded("gzip", gzip.compress(NEWS) * 3)) == 3 * len(NEWS)
    with pytest.raises(ValueError, match="more than 1000000 bytes"):
        decoded("gzip", bomb, 1_000_000)


@pytest.mark.parametrize("coding", PACKED)
def test_what_is_cut_off_or_is_another_form_is_refused(coding: str) -> None:
    """Wherever it is cut."""
    packed = PACKED[coding](NEWS)

    for data in (packed[:-1], packed[: len(packed) // 2], packed[:4], b"no such coding"):
        with pytest.raises(ValueError, match=f"it is not {coding}"):
            decoded(coding, data)


def test_a_coding_that_was_not_asked_for_is_refused() -> None:
    """Its name is said."""
    with pytest.raises(ValueError, match="deflate was not asked for"):
        decoded("deflate", zlib.compress(NEWS))
