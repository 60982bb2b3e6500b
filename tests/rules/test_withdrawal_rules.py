"""The decision on entries whose files are gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dateline.rules.guards import NOTHING, Approval
from dateline.rules.withdrawals import LatestRun, Missing, Withdrawals, gone_code, withdrawals

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
GRACE = timedelta(minutes=10)


def gone(name: str, *, days: int = 1, minutes: float = 3) -> Missing:
    """Return an entry published some days before, whose file went some minutes before."""
    return Missing(
        id=name,
        path=f"{name}.toml",
        published=NOW - timedelta(days=days),
        since=NOW - timedelta(minutes=minutes),
    )


def decided(
    *missing: Missing, grace: timedelta = GRACE, approval: Approval = NOTHING
) -> Withdrawals:
    """Decide among a hundred entries."""
    return withdrawals(
        missing, lambda: 100, grace=grace, approval=approval, folder="entries/", now=NOW
    )


def test_a_notice_begins_when_its_file_went() -> None:
    """An alarm about it counts from then."""
    found = decided(gone("new"), gone("old", days=60, minutes=7))

    assert [(problem.code, since) for problem, since in found.notices] == [
        ("file-gone", NOW - timedelta(minutes=3)),
        ("old-gone", NOW - timedelta(minutes=7)),
    ]


def test_every_missing_file_is_listed_whatever_becomes_of_its_entry() -> None:
    """Both of single files and of too many at once."""
    few = (gone("new"), gone("due", minutes=10), gone("old", days=60))
    many = tuple(gone(f"{number}") for number in range(21))

    assert decided(*few).missing == ("new.toml", "due.toml", "old.toml")
    assert decided(*few).paths == ("due.toml",)
    assert decided(*many).missing == tuple(f"{number}.toml" for number in range(21))
    assert decided(*many).paths == ()


def test_the_shortest_grace_is_a_minute_in_words() -> None:
    """A notice never says that an entry is withdrawn after 0 minutes."""
    found = decided(gone("new", minutes=0), grace=timedelta(seconds=20))

    assert [problem.wanted for problem, _ in found.notices] == [1]
    assert [problem.wanted for problem, _ in decided(gone("new")).notices] == [10]


def test_an_entry_that_staff_name_goes_at_once_whatever_else_is_gone() -> None:
    """The answer for one is no answer for the others, which are too many."""
    few = decided(gone("new"), gone("old"), approval=Approval(code=gone_code("new")))
    many = [gone(f"{number}") for number in range(22)]
    one = Approval(code=gone_code("7"))
    found = decided(*many, approval=one)
    stays = decided(*many, approval=replace(one, keep=True))

    assert (few.ids, few.missing) == (("new",), ("new.toml", "old.toml"))
    assert (found.ids, found.paths) == (("7",), ("7.toml",))
    assert (stays.ids, stays.kept) == ((), ("7",))
    assert [problem.code for problem in found.guarded] == ["many-gone"]


def test_a_run_is_noted_once_an_hour_and_never_goes_back() -> None:
    """A run that changes nothing else writes nothing."""
    first = LatestRun().then(NOW)

    assert first == LatestRun(moment=NOW)
    assert first.then(NOW + timedelta(minutes=59)) == first
    assert first.then(NOW - timedelta(days=400)) == first
    assert first.then(NOW + timedelta(hours=1)) == LatestRun(moment=NOW + timedelta(hours=1))


def test_a_clock_that_leaps_ahead_counts_after_a_day() -> None:
    """One that was wrong by a year is set right before; a pause of a year is none."""
    year, day = timedelta(days=365), timedelta(days=1)
    leapt = LatestRun(moment=NOW).then(NOW + year)

    assert leapt == LatestRun(moment=NOW, leapt=NOW + year)
    assert leapt.then(NOW + day) == LatestRun(moment=NOW + day)
    assert leapt.then(NOW + year + day / 2) == leapt
    assert leapt.then(NOW + year + day) == LatestRun(moment=NOW + year + day)
    assert leapt.then(NOW + 2 * year) == LatestRun(moment=NOW + year, leapt=NOW + 2 * year)
