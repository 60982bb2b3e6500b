"""Texts that manifest and ledger keep compressed, for tests that search for what must be gone."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from dateline.documents.compression import unpacked

_FRAME = re.compile(rb"\x28\xb5\x2f\xfd")  # the beginning of a frame (RFC 8878, section 3.1.1)


def with_texts(path: Path) -> bytes:
    """Return the bytes of a file, and each compressed text in it, free pages included."""
    data = path.read_bytes()
    texts = [data]
    for frame in _FRAME.finditer(data):
        with suppress(ValueError):
            texts.append(unpacked(data[frame.start() :]).encode("utf-8", "surrogatepass"))
    return b"\n".join(texts)
