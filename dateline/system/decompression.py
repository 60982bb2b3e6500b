"""Decompression of HTTP content codings, within a limit (RFC 9110, section 8.4)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

import brotli  # type: ignore[import-untyped]  # it carries no types
import zstandard

_MOST = 64_000_000  # bytes
_WINDOW = 1 << 23  # RFC 9659: the window that a client must support
_PIECE = 256  # bytes, which decompress to 8 MB at most
_MEMBERS = 100  # of a gzip file: zlib copies what is behind each, so a million would take an hour


def decoded(coding: str, data: bytes, most: int = _MOST) -> bytes:
    """Return data without its content coding, of at most `most` bytes.

    Raises `ValueError` where the data is not in that coding, is cut off, or would be longer; it
    is never decompressed beyond that length.
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
    """Decompress all members of a gzip file (RFC 1952, section 2.2), up to `most` + 1 bytes."""
    unpacked, members = bytearray(), 0
    while data:
        members += 1
        if members > _MEMBERS:
            raise ValueError(f"it has more than {_MEMBERS} parts, each compressed by itself")
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
    """Decompress a frame piece by piece: a block of four bytes may hold 128 kB."""
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
