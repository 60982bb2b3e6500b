"""Flipped bits, as a failing disk produces them."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from pathlib import Path

FLIPS = int(os.environ.get("DATELINE_FLIPS", "60"))
FLIPS_WHILE_SERVING = int(os.environ.get("DATELINE_FLIPS", "5"))  # each takes a second or more


def flipped(data: bytes, bit: int) -> bytes:
    """Return the bytes with one bit flipped."""
    place, number = divmod(bit, 8)
    return data[:place] + bytes([data[place] ^ 1 << number]) + data[place + 1 :]


def some_bits(data: bytes, seed: int = 0) -> Sequence[int]:
    """Return the numbers of some bits: `DATELINE_FLIPS` of them, by default 60.

    Half are of the first page, which identifies the file as a database.
    """
    dice = random.Random(seed)  # noqa: S311 - the same bits each time
    ends = (8 * len(data), 8 * min(len(data), 4096))
    return [dice.randrange(ends[number % 2]) for number in range(FLIPS)]


def cut(path: Path) -> None:
    """Remove the end of a file."""
    path.write_bytes(path.read_bytes()[:-9])


def flip(path: Path) -> None:
    """Change one bit of a file, and keep its size and time, as a failing disk does."""
    stat, data = path.stat(), bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
