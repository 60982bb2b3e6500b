"""The ledger summarises its state for staff in a few rows."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from dateline import publish
from dateline.ledger import Ledger
from dateline.ledger.queries.overview import OF_ENTRIES, OF_FILES
from support.publication import Newsroom, entry_file


def ledger(newsroom: Newsroom) -> Ledger:
    """Open the ledger of a newsroom."""
    return Ledger(publish.ledger_url(newsroom.config))


@pytest.mark.long
def test_counts_match_the_lists(newsroom: Newsroom) -> None:
    """This holds in every state, for entries in two states, and for entries just expired."""
    for number in range(9):
        expires = {"expires": '"2026-11-25T12:00:00Z"'} if number < 4 else {}
        newsroom.drop(f"{number}.toml", entry_file(f"News {number}", **expires))
    newsroom.drop("draft.toml", entry_file("Draft", draft="true"))
    newsroom.drop("held.toml", entry_file("Held").replace("2026-11-24", '"30 February"'))
    newsroom.build()
    for number in (3, 4):
        text = entry_file(
            f"News {number}",
            status='"retracted"',
            retraction='"Wrong."',
            expires='"2026-11-25T12:00:00Z"',
        )
        newsroom.drop(f"{number}.toml", text)
    newsroom.drop("8.toml", entry_file("News 8", correction='"It was 60."'))
    (newsroom.folder / "entries/7.toml").unlink()
    newsroom.build()
    newsroom.build(after=timedelta(hours=3))

    with ledger(newsroom) as open_:
        overview, now = open_.overview, newsroom.now
        counts = overview.counts(now)
        listed = Counter(
            {state: len(overview.entries(state, now, page=1, size=99)) for state in OF_ENTRIES}
        )
        listed |= Counter({s: len(overview.files(s, page=1, size=99)) for s in OF_FILES})

    assert counts == {**dict.fromkeys((*OF_ENTRIES, *OF_FILES), 0), **listed}
    assert counts == {
        "live": 3,
        "corrected": 1,
        "retracted": 2,
        "expired": 5,
        "withdrawn": 1,
        "held": 1,
        "cooling": 0,
        "scheduled": 0,
        "draft": 1,
    }


def test_the_next_entry_to_appear_is_listed_first(newsroom: Newsroom) -> None:
    """The order is independent of file names; a cooling entry is in a list of its own."""
    newsroom.drop("a.toml", entry_file("Later", date="2026-12-03"))
    newsroom.drop("b.toml", entry_file("Sooner", date="2026-12-02", summary='"cooling"'))
    newsroom.build()

    with ledger(newsroom) as open_:
        assert list(open_.overview.files("scheduled", page=1, size=9)) == ["b.toml", "a.toml"]
        assert list(open_.overview.files("scheduled", page=2, size=1)) == ["a.toml"]
        assert open_.overview.files("cooling", page=1, size=9) == {}


@pytest.mark.long
def test_a_silent_change_is_listed(newsroom: Newsroom) -> None:
    """Readers get no update, but staff see each later version, the latest first."""
    newsroom.now = datetime.now(UTC)
    newsroom.drop("a.toml", entry_file("News", date="2026-11-20"))
    newsroom.build()
    since = newsroom.now + timedelta(seconds=1)
    newsroom.drop("a.toml", entry_file("News", date="2026-11-20", summary='"One."'))
    newsroom.build()
    newsroom.drop("a.toml", entry_file("News", date="2026-11-20", summary='"Two."'))
    newsroom.build()

    with ledger(newsroom) as open_:
        found = open_.overview.changes(since - timedelta(minutes=10), 9)
        late = open_.overview.changes(since - timedelta(minutes=10), 1)

    assert [one.after.summary for one in found if one.after] == ["Two.", "One.", ""]
    assert [one.before and one.before.summary for one in found] == ["One.", "", None]
    assert [one.after.summary for one in late if one.after] == ["Two."]


def test_entries_are_counted_between_moments(newsroom: Newsroom) -> None:
    """The first moment is included, and the second is not."""
    for day in (20, 21, 22):
        newsroom.drop(f"{day}.toml", entry_file(f"News {day}", date=f"2026-11-{day}"))
    newsroom.build()
    days = [datetime(2026, 11, day, tzinfo=UTC) for day in (20, 21, 23)]

    with ledger(newsroom) as open_:
        assert open_.overview.published_between(days) == [1, 2]
