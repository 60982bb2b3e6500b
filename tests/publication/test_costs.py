"""Time and memory grow with the length of an input alone: `data/attacks/costs.toml`."""

from __future__ import annotations

import tomllib
import tracemalloc
from collections.abc import Sequence
from time import process_time
from typing import Any

import pytest

from fuzz.inputs import Door, door
from support.paths import DATA

pytestmark = pytest.mark.long

TABLE: dict[str, Any] = tomllib.loads((DATA / "attacks/costs.toml").read_text("utf-8"))
CASES = [(one["name"], one["length"], part) for one in TABLE["door"] for part in one["parts"]]
TIMES = 4  # how much longer the longer input is: quadratic cost would take 16 times as long
RATIO = 10
NOTHING = 0.1  # seconds, below which a measurement is noise
TRIES = 4  # the machine may be busy
FEW_BYTES = 3_000_000  # of memory, which any request may take
A_BYTE = 250  # bytes of memory for each byte of the input: Python splits a path at each `%`


def seconds(found: Door, data: bytes) -> float:
    """Return the processor time for an input."""
    begun = process_time()
    found.tried(data)
    return process_time() - begun


def is_linear(found: Door, few: bytes, many: bytes) -> bool:
    """Return whether the longer input takes at most about as many times as long as it is long."""
    if seconds(found, many) < NOTHING:
        return True
    short = min(seconds(found, few) for _ in range(3))
    return any(seconds(found, many) < RATIO * max(short, 0.005) for _ in range(TRIES))


@pytest.mark.parametrize(("name", "length", "part"), CASES)
def test_cost_grows_with_the_length_alone(name: str, length: int, part: str) -> None:
    """This holds whatever is repeated."""
    found = door(name)
    found.tried(part.replace("PART", "a").encode("latin-1"))
    for piece in TABLE["pieces"]:
        few, many = (
            part.replace("PART", piece * (size // len(piece))).encode("latin-1")
            for size in (length, TIMES * length)
        )
        assert is_linear(found, few, many), piece
        tracemalloc.start()
        found.tried(many)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < FEW_BYTES + A_BYTE * len(many), piece


def test_what_is_not_linear_is_noticed() -> None:
    """Else the tests above could not fail."""

    class Quadratic:
        """A door whose time is the square of the length."""

        WORDS: Sequence[bytes] = ()

        def seeds(self) -> Any:
            """Yield nothing."""
            return iter(())

        def tried(self, data: bytes) -> None:
            """Count each byte for each byte."""
            sum(data.count(b"b") for _ in range(len(data) // 4))

    assert not is_linear(Quadratic(), b"a" * 30_000, b"a" * 120_000)
