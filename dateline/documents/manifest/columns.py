"""The columns of the manifest's table that are stored in a form that takes less space.

A form takes what it cannot shorten as it is. So a value that was stored before there were forms is
read as well: it is text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dateline.documents.compression import packed, unpacked
from dateline.text.expressions import regex

_DIGEST = regex(r"[0-9a-f]{64}")
# Stored are the places in this list: it may grow at its end alone.
_MEDIA_TYPES = (
    "text/html; charset=utf-8",
    "application/rss+xml; charset=utf-8",
    "application/atom+xml; charset=utf-8",
    "application/feed+json; charset=utf-8",
    "application/xml; charset=utf-8",
    "text/calendar; charset=utf-8; method=PUBLISH",
    "image/jpeg",
    "image/png",
    "image/webp",
    "application/pdf",
)
_NUMBERS = {name: number for number, name in enumerate(_MEDIA_TYPES)}


@dataclass(frozen=True, slots=True)
class StoredForm:
    """How the values of a column are stored, and read."""

    stored: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _bytes_of(digest: str) -> bytes | str:
    return bytes.fromhex(digest) if _DIGEST.fullmatch(digest) else digest


def _hex_of(stored: bytes | str) -> str:
    return stored.hex() if isinstance(stored, bytes) else stored


def _packed(text: str) -> bytes | str:
    return packed(text) if text else text


def _unpacked(stored: bytes | str) -> str:
    return unpacked(stored) if isinstance(stored, bytes) else stored


def _number_of(media_type: str) -> int | str:
    return _NUMBERS.get(media_type, media_type)


def _media_type_of(stored: int | str) -> str:
    return _MEDIA_TYPES[stored] if isinstance(stored, int) else stored


DIGEST = StoredForm(_bytes_of, _hex_of)  # of 64 hexadecimal digits, as 32 bytes
PACKED_TEXT = StoredForm(_packed, _unpacked)
MEDIA_TYPE = StoredForm(_number_of, _media_type_of)
NUMBER = StoredForm(int, int)  # of an enumeration
BOOLEAN = StoredForm(int, bool)  # SQLite has none
