"""Time and memory grow with the length of an input alone: `data/attacks/costs.toml`.

More pairs of pieces for each door: `PAIRS=1000 pytest tests/publication/test_costs.py`.
"""

from __future__ import annotations

import os
import tomllib
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from fuzz.inputs import DOORS as ALL
from fuzz.inputs import Door, door
from support.paths import DATA
from support.processor import is_linear, seconds

pytestmark = pytest.mark.long

TABLE: dict[str, Any] = tomllib.loads((DATA / "attacks/costs.toml").read_text("utf-8"))
DOORS: dict[str, dict[str, Any]] = {one["name"]: one for one in TABLE["door"]}
CASES = [
    pytest.param(name, part, marks=pytest.mark.release if number else ())
    for name, one in DOORS.items()
    if not one.get("pairs")
    for number, part in enumerate(one["parts"])
]
PAIRS = int(os.environ.get("PAIRS", "25"))  # of each door
SEED = 20261129  # the same pairs each time
TIMES = 4  # how much longer the longer input is: quadratic cost would take 16 times as long
RATIO = 10
NOTHING = 0.1  # seconds, below which a measurement is noise
FEW_BYTES = 3_000_000  # of memory, which any request may take

Feed = Callable[[bytes], object]


def feed_of(found: Door) -> Feed:
    """Return what takes an input of a door, without checks of what comes of it if it has such."""
    feed: Feed = getattr(found, "fed", found.tried)
    return feed


def is_cheap(feed: Feed, few: bytes, many: bytes) -> bool:
    """Return whether the longer input takes at most about as many times as long as it is long."""
    return is_linear(partial(seconds, feed), few, many, most=RATIO, brief=NOTHING)


def is_small(feed: Feed, data: bytes, each: int) -> bool:
    """Return whether an input takes at most so much memory for each byte, beside a little."""
    tracemalloc.start()
    try:
        feed(data)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return most < FEW_BYTES + each * len(data)


def filled(part: str, *pieces: bytes, size: int) -> bytes:
    """Return a part of an input in which pieces are repeated together, up to a size."""
    text = b"".join(pieces)
    return part.encode("latin-1").replace(b"PART", text * (size // len(text)))


def filled_in_turn(part: str, *pieces: bytes, size: int) -> bytes:
    """Return a part of an input in which each piece is repeated before the next."""
    each = size // len(pieces)
    text = b"".join(piece * (each // len(piece)) for piece in pieces)
    return part.encode("latin-1").replace(b"PART", text)


@pytest.mark.parametrize(("name", "part"), CASES)
def test_cost_grows_with_the_length_alone(name: str, part: str) -> None:
    """This holds whatever is repeated."""
    feed, length = feed_of(door(name)), DOORS[name]["length"]
    feed(filled(part, b"a", size=1))
    for piece in TABLE["pieces"]:
        few, many = (
            filled(part, piece.encode("latin-1"), size=size) for size in (length, TIMES * length)
        )
        assert is_cheap(feed, few, many), piece
        assert is_small(feed, few, DOORS[name]["memory"]), piece


@pytest.mark.release
@pytest.mark.parametrize("name", DOORS)
def test_cost_of_two_pieces_grows_with_the_length_alone(name: str) -> None:
    """This holds whether they are repeated together, or one after the other."""
    found, own = door(name), DOORS[name]
    feed, length = feed_of(found), own["length"]
    pieces = st.sampled_from([*(one.encode("latin-1") for one in TABLE["pieces"]), *found.WORDS])
    for part in own["parts"]:
        feed(filled(part, b"a", size=1))

    @seed(SEED)
    @settings(
        max_examples=PAIRS,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )
    @given(st.sampled_from(own["parts"]), pieces, pieces, st.sampled_from([filled, filled_in_turn]))
    def check(part: str, first: bytes, second: bytes, fill: Callable[..., bytes]) -> None:
        few, many = (fill(part, first, second, size=size) for size in (length, TIMES * length))
        assert is_cheap(feed, few, many)
        assert is_small(feed, few, own["memory"])

    check()


def test_every_door_has_its_bounds() -> None:
    """A door that is added has to be in the table."""
    assert {*DOORS} == {*ALL}


def quadratic(data: bytes) -> None:
    """Count each byte for every tenth one."""
    sum(data.count(b"b") for _ in range(len(data) // 10))


def test_what_is_not_linear_is_noticed() -> None:
    """Else the tests above could not fail."""
    assert not is_cheap(quadratic, b"a" * 10_000, b"a" * 80_000)


def test_what_takes_much_memory_is_noticed() -> None:
    """It counts also if nothing is kept of it."""
    data = bytes(20_000)

    assert is_small(lambda data: data * 240, data, 100)
    assert not is_small(lambda data: data * 260, data, 100)
