"""Single bits that are flipped, as a failing disk does it."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence

FLIPS = int(os.environ.get("DATELINE_FLIPS", "60"))


def flipped(data: bytes, bit: int) -> bytes:
    """Return the bytes with one bit flipped."""
    place, number = divmod(bit, 8)
    return data[:place] + bytes([data[place] ^ 1 << number]) + data[place + 1 :]


def some_bits(data: bytes, seed: int = 0) -> Sequence[int]:
    """Return the numbers of some bits: `DATELINE_FLIPS` of them, by default 60.

    Half are of the first page, where a database says what it is.
    """
    dice = random.Random(seed)  # noqa: S311 - the same bits each time
    ends = (8 * len(data), 8 * min(len(data), 4096))
    return [dice.randrange(ends[number % 2]) for number in range(FLIPS)]
