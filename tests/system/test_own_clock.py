"""One clock rules a process: its machine's, or another that it was told to follow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from dateline.cli.build import build
from dateline.errors import DatelineError
from dateline.system import clock
from support.publication import Newsroom, entry_file

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


@pytest.mark.parametrize("text", ["abc", "99999999999999", "221845392000", "-1", "1.5", "٣", " "])
def test_a_moment_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has an example."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
    with pytest.raises(DatelineError, match=r"SOURCE_DATE_EPOCH is .*like \d+"):
        clock.this_moment()


@pytest.mark.long
@pytest.mark.parametrize("text", ["0", "221845391999"])
def test_the_first_and_the_last_moment_can_be_built(
    text: str, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is some years ahead of it is still a date; the entry may be held for its date."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", text)
    newsroom.drop("a.toml", entry_file(date=f"{clock.this_moment():%Y-%m-%d}"))
    command = ["--config", str(newsroom.folder / "config.toml")]

    assert CliRunner().invoke(build, command, catch_exceptions=False).exit_code < 2
