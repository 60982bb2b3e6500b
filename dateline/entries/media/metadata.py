"""Removal of all parts of a picture file that draw nothing.

Each container is cut by its own rules and no pixel is coded again. Only the listed parts stay,
among them the colour profile; EXIF, GPS, XMP, comments and thumbnails go, and so does what follows
the picture's end: cropped-away parts survive there (CVE-2023-21036).

Each function raises `ValueError` for a file that its format's rules do not fit, and
`TooManyPartsError` for one of very many tiny parts: programs write large ones, and reading takes
some microseconds for each part, here and in Pillow.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from dateline.text.expressions import regex

_JPEG_DRAWING = {*range(0xC0, 0xD0), 0xDA, 0xDB, 0xDC, 0xDD}
_JPEG_START_OF_SCAN, _JPEG_END = 0xDA, 0xD9
_JPEG_FILL = (b"\xff", b"\0")
# Inside a scan 0xFF is followed by 0x00, by a restart marker or by another 0xFF.
_JPEG_SCAN_END = regex(rb"\xff[^\x00\xd0-\xd7\xff]")
_PNG_DRAWING = set(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs acTL fcTL fdAT".split()
)
_GIF_APPLICATIONS = {b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"}
_JPEG_2000_SAYING = {b"uinf", b"uuid", b"xml "}  # EXIF, IPTC and XMP are in the last two
_WEBP_DRAWING = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP", b"ANIM", b"ANMF"}
_WEBP_FRAME_DRAWING = {b"VP8 ", b"VP8L", b"ALPH"}
_WEBP_EXIF_AND_XMP = 0x0C
_MOST_TINY = 20_000  # parts of a file; of a GIF, frames, extensions and blocks each
_TINY, _TINY_BLOCK = 1000, 200  # bytes; the blocks of a GIF have 255 at most


class TooManyPartsError(ValueError):
    """A file has more tiny parts than programs write."""


class _JpegSegment(NamedTuple):
    """Where the body of a segment starts, its scan, if it has one, and where that ends."""

    marker: int
    start: int
    scan: int
    end: int


class _TinyParts:
    """The count of the tiny parts of a file so far."""

    def __init__(self) -> None:
        self._left = _MOST_TINY

    def add(self, length: int, tiny: int = _TINY) -> None:
        """Count a part of so many bytes, if it is `tiny`. Raises `TooManyPartsError`."""
        if length < tiny:
            self._left -= 1
            if self._left < 0:
                raise TooManyPartsError


def jpeg(data: bytes) -> bytes:
    """Strip a JPEG file (ITU-T T.81, annex B; JFIF 1.02)."""
    return b"".join(_jpeg_kept_parts(data))


def png(data: bytes) -> bytes:
    """Strip a PNG file (PNG third edition, section 5)."""
    return b"".join(_png_kept_parts(data))


def gif(data: bytes) -> bytes:
    """Strip a GIF file (GIF89a, appendix A); its frames and their timing stay."""
    return b"".join(_gif_kept_parts(data))


def webp(data: bytes) -> bytes:
    """Strip a WebP file (RFC 9649, section 2.7)."""
    kept = b"WEBP" + b"".join(_webp_kept_parts(data))
    return b"RIFF" + len(kept).to_bytes(4, "little") + kept


def jpeg_2000(data: bytes) -> bytes:
    """Strip a JPEG 2000 file (ITU-T T.800, annex I); a bare code stream has no boxes."""
    return data if data.startswith(b"\xff\x4f") else b"".join(_jpeg_2000_kept_parts(data))


STRIP: Mapping[str, Callable[[bytes], bytes]] = {"jpg": jpeg, "png": png, "gif": gif, "webp": webp}
"""The function for each kind of picture, by its extension."""


def check_parts(data: bytes) -> None:
    """Raise `TooManyPartsError` for a picture of very many tiny parts, before it is opened.

    A damaged one is accepted: up to the damage its parts are few.
    """
    for start, kept_parts in _STARTS.items():
        if data.startswith(start):
            try:
                deque(kept_parts(data), maxlen=0)
            except TooManyPartsError:
                raise
            except ValueError:
                pass


def without_trailer(data: bytes) -> bytes:
    """Return a JPEG file up to its end: phones put videos behind it. Others stay as they are."""
    if data.startswith(b"\xff\xd8"):
        with suppress(ValueError):
            for segment in _jpeg_segments(data):
                if segment.marker == _JPEG_END:
                    return data[: segment.end]
    return data


def _jpeg_kept_parts(data: bytes) -> Iterator[bytes]:
    yield _part(data, 0, 2)
    for segment in _jpeg_segments(data):
        body = _jpeg_kept(segment.marker, data[segment.start : segment.scan])
        if body:
            yield bytes((0xFF, segment.marker)) + (len(body) + 2).to_bytes(2) + body
        yield data[segment.scan : segment.end]
    yield b"\xff\xd9"


def _jpeg_segments(data: bytes) -> Iterator[_JpegSegment]:
    """Yield the segments of a JPEG file up to its end, with their scans."""
    at, tiny = 2, _TinyParts()
    while at < len(data):
        marker, at = _marker(data, at, tiny)
        if marker == _JPEG_END:
            yield _JpegSegment(marker, at, at, at)
            break
        length = max(2, int.from_bytes(_part(data, at, 2)))  # Pillow goes on after a smaller one
        tiny.add(length)
        start, scan = at + 2, at + length
        _part(data, start, length - 2)
        at = scan
        if marker == _JPEG_START_OF_SCAN:
            found = _JPEG_SCAN_END.search(data, scan)
            at = found.start() if found else len(data)
        yield _JpegSegment(marker, start, scan, at)


def _png_kept_parts(data: bytes) -> Iterator[bytes]:
    yield _part(data, 0, 8)
    at, kind, tiny = 8, b"", _TinyParts()
    while kind != b"IEND":
        length = int.from_bytes(_part(data, at, 4))
        tiny.add(length)
        chunk = _part(data, at, length + 12)
        kind = chunk[4:8]
        at += len(chunk)
        if kind in _PNG_DRAWING:
            yield chunk


def _gif_kept_parts(data: bytes) -> Iterator[bytes]:
    at = 13 + _gif_table(_part(data, 0, 13)[10])
    yield _part(data, 0, at)
    frames, extensions, tiny = _TinyParts(), _TinyParts(), _TinyParts()
    while (kind := _part(data, at, 1)) != b";":
        if kind == b"!":
            extensions.add(1)
            end = _gif_blocks_end(data, at + 2, tiny)
            if data[at + 1] == 0xF9 or data[at + 3 : at + 14] in _GIF_APPLICATIONS:
                yield data[at:end]
        elif kind == b",":
            frames.add(1)
            end = _gif_blocks_end(data, at + 11 + _gif_table(_part(data, at, 10)[9]), tiny)
            yield data[at:end]
        else:
            raise ValueError(f"no GIF block starts with {kind!r}")
        at = end
    yield b";"


def _webp_kept_parts(data: bytes) -> Iterator[bytes]:
    size = int.from_bytes(_part(data, 4, 4), "little")
    return _webp_kept(_part(data, 12, size - 4), _WEBP_DRAWING, _TinyParts())


def _jpeg_2000_kept_parts(data: bytes) -> Iterator[bytes]:
    at, tiny = 0, _TinyParts()
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        size = int.from_bytes(data[at + 8 : at + 16]) if size == 1 else size or len(data) - at
        tiny.add(size)
        if kind not in _JPEG_2000_SAYING:
            yield data[at : at + max(size, 8)]
        at += max(size, 8)


_STARTS = {
    b"\xff\xd8": _jpeg_kept_parts,
    b"\x89PNG": _png_kept_parts,
    b"GIF8": _gif_kept_parts,
    b"RIFF": _webp_kept_parts,
}


def _part(data: bytes, start: int, length: int) -> bytes:
    part = data[start : start + length]
    if length < 0 or len(part) < length:
        raise ValueError("the file ends in the middle")
    return part


def _marker(data: bytes, at: int, tiny: _TinyParts) -> tuple[int, int]:
    """Return the marker at `at`, and where its segment goes on.

    Fill bytes are passed over, and so are zeros between segments, as decoders do.
    """
    begin = at
    while _part(data, at, 1) in _JPEG_FILL:
        tiny.add(1)
        at += 1
    if at == begin or data[at - 1] != 0xFF:
        raise ValueError("no JPEG marker where one must stand")
    return data[at], at + 1


def _jpeg_kept(marker: int, body: bytes) -> bytes:
    if marker == 0xE0 and body.startswith(b"JFIF\0"):
        return _part(body, 0, 12) + b"\0\0"  # without its thumbnail
    if marker == 0xE2:
        return body if body.startswith(b"ICC_PROFILE\0") else b""
    if marker == 0xEE:
        return body if body.startswith(b"Adobe") else b""
    return body if marker in _JPEG_DRAWING else b""


def _gif_table(flags: int) -> int:
    """Return the length in bytes of the colour table that `flags` announce."""
    return 3 * 2 ** (flags % 8 + 1) if flags >= 0x80 else 0


def _gif_blocks_end(data: bytes, at: int, tiny: _TinyParts) -> int:
    before = _TINY_BLOCK
    while (length := _part(data, at, 1)[0]) > 0:
        tiny.add(before, _TINY_BLOCK)  # the last one of a frame may have any length
        before = length
        at += 1 + length
    return at + 1


def _webp_kept(data: bytes, drawing: Collection[bytes], tiny: _TinyParts) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        kind = data[at : at + 4]
        size = int.from_bytes(_part(data, at + 4, 4), "little")
        tiny.add(size)
        body = _part(data, at + 8, size)
        at += 8 + size + size % 2
        if kind not in drawing:
            continue
        if kind == b"VP8X":
            body = bytes((_part(body, 0, 1)[0] & ~_WEBP_EXIF_AND_XMP,)) + body[1:]
        elif kind == b"ANMF":
            parts = _webp_kept(body[16:], _WEBP_FRAME_DRAWING, tiny)
            body = _part(body, 0, 16) + b"".join(parts)
        yield kind + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)
