"""Guards hold changes that are probably mistakes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dateline.rules.guards import code_of, too_many_gone, updated_at_once
from dateline.rules.withdrawals import Missing
from support.publication import Newsroom, entry_file
from support.samples import UPDATED, sample_entry


@pytest.mark.parametrize(
    ("gone", "live", "held"),
    [
        (0, 0, False),
        (0, 9, False),
        (1, 1, True),
        (2, 2, True),
        (1, 2, False),
        (5, 6, False),
        (6, 29, True),
        (6, 30, False),
        (6, 31, False),
        (7, 34, True),
        (200, 1001, False),
        (201, 1001, True),
    ],
)
def test_more_than_a_few_and_a_fifth_are_too_many(gone: int, live: int, held: bool) -> None:  # noqa: FBT001 - a table
    """A few files may disappear; a whole folder may not."""
    assert too_many_gone(gone, live) == held


def test_an_emptied_folder_is_reported_in_one_message(newsroom: Newsroom) -> None:
    """Nothing is withdrawn; the message says what to do, and disappears when the files are back."""
    paths = [newsroom.drop(f"{n}.toml", entry_file(f"Number {n}")) for n in range(8)]
    newsroom.build()
    before = newsroom.feeds()
    kept = {path: path.read_bytes() for path in paths}
    for path in paths:
        path.unlink()

    report = newsroom.build()

    assert newsroom.feeds() == before
    assert newsroom.codes() == ["many-gone"]
    assert report.states == {"entries/": "hold"}
    assert "8 of 8" in report.problems[0].message

    for path, data in kept.items():
        path.write_bytes(data)

    assert newsroom.build().problems == ()
    assert newsroom.feeds() == before


def test_an_approval_code_is_independent_of_the_order_of_its_parts() -> None:
    """The same change always has the same code, and other changes have other codes."""
    code = code_of("many-gone", ["a", "b", "c"])

    assert code == code_of("many-gone", ["c", "a", "b"]) == "many-gone-ea7fb0"
    assert code not in {code_of("many-gone", ["a", "b"]), code_of("gone", ["a", "b", "c"])}


@pytest.mark.parametrize(("moved", "live", "held"), [(5, 5, 0), (6, 29, 6), (6, 30, 0), (7, 34, 7)])
def test_too_many_simultaneous_updates_are_held(moved: int, live: int, held: int) -> None:
    """More than five and a fifth are; entries with a reason or no new `updated` do not count."""
    before = {f"{n}": sample_entry(id=f"{n}") for n in range(moved)}
    later = UPDATED + timedelta(days=1)
    entries = [replace(one, updated=later) for one in before.values()]
    corrected = [replace(one, corrections=()) for one in entries]
    retracted = [replace(one, retracted=later) for one in entries]

    assert len(updated_at_once(entries, before, lambda: live)) == held
    assert updated_at_once(corrected, before, lambda: live) == ()
    assert updated_at_once(retracted, before, lambda: live) == ()
    assert updated_at_once([*before.values()], before, lambda: live) == ()


@pytest.mark.parametrize(("days", "is_old"), [(30, False), (30.001, True), (31, True)])
def test_an_entry_is_old_after_thirty_days(days: float, *, is_old: bool) -> None:
    """The age is counted from its publication until its file disappeared."""
    gone = UPDATED + timedelta(days=days)

    assert Missing(id="a", path="a.toml", published=UPDATED, since=gone).is_old == is_old
