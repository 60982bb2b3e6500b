"""One clock rules a process: its machine's, or another that it was told to follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dateline.system import clock

NEAR = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def own_again() -> Iterator[None]:
    """Let the machine's clock rule after each test."""
    yield
    clock.follow(None)


def test_the_clock_of_the_machine_rules_by_default() -> None:
    """Its moments are the same by both."""
    moment = datetime(2026, 11, 28, tzinfo=UTC)

    assert abs(clock.now() - datetime.now(UTC)) < NEAR
    assert clock.by_own(moment) == moment


def test_another_clock_goes_on_from_where_it_was() -> None:
    """A moment of it comes earlier by the clock of a machine that is behind."""
    ahead = timedelta(minutes=1)

    clock.follow((datetime.now(UTC) + ahead).timestamp())

    assert abs(clock.now() - datetime.now(UTC) - ahead) < NEAR
    assert abs(clock.this_moment() - clock.now()) < NEAR
    assert abs(clock.by_own(clock.now() + ahead) - datetime.now(UTC) - ahead) < NEAR


def test_a_repeatable_build_has_its_own_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """`SOURCE_DATE_EPOCH` overrules every clock."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764000000")

    clock.follow(0.0)

    assert clock.this_moment() == datetime.fromtimestamp(1764000000, UTC)
