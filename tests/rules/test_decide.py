"""Decisions about stories, as tables: story, ledger snapshot and time in, entry out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dateline.model import Correction, Precision, Publication, Span, Story
from dateline.rules import story_json
from dateline.rules.decide import Decision, decide
from dateline.rules.identity.published import LedgerSnapshot, PublishedEntry
from dateline.text.urls import fingerprint

ZONE = ZoneInfo("Europe/Vienna")
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 25)
HOUR = timedelta(hours=1)
PUBLICATION = Publication(
    title="News",
    description="",
    url="https://news.example.org/",
    home="https://example.org/",
    language="en",
    tag="example.org,2008",
    author="Example",
    email="",
    zone=ZONE,
)
NOTHING = LedgerSnapshot(by_path={}, ids={})
SETTLED = replace(NOTHING, newest=NOW - timedelta(days=1), sequence=7)


def story(when: date | datetime = TODAY, *, path: str = "a.toml", **changes: object) -> Story:
    """Return a small story."""
    precision: Precision = "second" if isinstance(when, datetime) else "day"
    fields = {"title": "Report", "html": "<p>Text</p>", "summary": "", "language": "en"}
    span = Span(start=when, end=when, precision=precision)
    return Story(path=path, date=span, **(fields | changes))  # type: ignore[arg-type]  # a table


def known(of: Story, **changes: object) -> PublishedEntry:
    """Return the ledger's record of a story that was published two days ago."""
    published = NOW - timedelta(days=2)
    remembered = PublishedEntry(
        id="tag:example.org,2008:known",
        sequence=3,
        slug="2026/11/report",
        published=published,
        updated=published,
        path=of.path,
        content=story_json.content_digest(of),
        headline=story_json.headline_digest(of),
        story=of,
    )
    return replace(remembered, **changes)  # type: ignore[arg-type]  # a table


def ruling(*stories: Story, memory: LedgerSnapshot = SETTLED, now: datetime = NOW) -> Decision:
    """Decide on these stories in this publication."""
    return decide(stories, memory, publication=PUBLICATION, now=now)


def moment(text: str) -> datetime:
    """Parse a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "newest", "expected"),
    [
        # A bare date of today: now, or just after the newest entry.
        (TODAY, "2026-11-24T10:00:00", "2026-11-25T10:00:00"),
        (TODAY, "2026-11-25T10:00:00", "2026-11-25T10:00:01"),
        # A stated time later than the newest entry is used as it is.
        (moment("2026-11-25T08:30:00"), "2026-11-24T10:00:00", "2026-11-25T08:30:00"),
        # News of last Friday, dropped after something newer: just after the newest entry.
        (date(2026, 11, 20), "2026-11-24T10:00:00", "2026-11-24T10:00:01"),
        # News of yesterday, newer than the newest entry: noon in the site's zone.
        (date(2026, 11, 24), "2026-11-20T10:00:00", "2026-11-24T11:00:00"),
        # More than seven days old: the stated time, or noon.
        (date(2008, 10, 20), "2026-11-24T10:00:00", "2008-10-20T10:00:00"),
        (moment("2008-10-20T15:00:00"), "2026-11-24T10:00:00", "2008-10-20T15:00:00"),
    ],
)
def test_published_is_the_stated_moment_or_the_first_free_one(
    when: date | datetime, newest: str, expected: str
) -> None:
    """The moment of publication is the stated one, or the first free one after the newest entry."""
    decision = ruling(story(when), memory=replace(SETTLED, newest=moment(newest)))

    assert [entry.published for entry in decision.entries] == [moment(expected)]


def test_a_first_import_uses_noon_and_distinct_seconds() -> None:
    """Entries of one day keep the order of their files."""
    day = date(2026, 11, 24)
    decision = ruling(story(day, path="b.toml", title="B"), story(day), memory=NOTHING)

    expected = [("a.toml", "2026-11-24T11:00:00", 1), ("b.toml", "2026-11-24T11:00:01", 2)]
    assert expected == [
        (entry.story.path, entry.published.strftime("%Y-%m-%dT%H:%M:%S"), entry.sequence)
        for entry in decision.entries
    ]


def test_an_old_entry_takes_a_moment_that_is_free() -> None:
    """Two entries never share a moment."""
    taken = moment("2008-10-20T10:00:00")
    decision = ruling(
        story(date(2008, 10, 20)), memory=replace(SETTLED, moments=frozenset({taken}))
    )

    assert [e.published for e in decision.entries] == [taken + timedelta(seconds=1)]


def test_a_burst_gets_moments_back_from_now() -> None:
    """No moment is in the future while there are free ones in the past."""
    burst = [story(path=f"{n}.toml", title=f"News {n}") for n in range(3)]

    dealt = [entry.published - NOW for entry in ruling(*burst).entries]

    assert dealt == [timedelta(seconds=-2), timedelta(seconds=-1), timedelta()]


@pytest.mark.parametrize(
    ("when", "due"),
    [
        (date(2026, 11, 26), "2026-11-25T23:00:00"),  # 00:00 in Vienna
        (moment("2026-11-25T10:00:01"), "2026-11-25T10:00:01"),
    ],
)
def test_a_future_date_is_an_embargo(when: date | datetime, due: str) -> None:
    """An embargoed story becomes an entry only at its moment."""
    decision = ruling(story(when))

    assert (decision.entries, decision.scheduled) == ((), {"a.toml": moment(due)})


def test_an_embargo_ends_to_the_second() -> None:
    """The story is published at its moment, with that moment."""
    due = moment("2026-11-25T10:00:00")

    assert [entry.published for entry in ruling(story(due), now=due).entries] == [due]


def test_a_draft_is_not_published() -> None:
    """A draft is only reported."""
    decision = ruling(story(draft=True))

    assert (decision.entries, decision.drafts) == ((), ("a.toml",))


def test_a_new_entry_gets_its_identity() -> None:
    """Its id, sequence number and slug are new; `updated` equals `published`."""
    (entry,) = ruling(story(title="Toolkit: éditions")).entries

    assert (entry.sequence, entry.slug) == (8, "2026/11/toolkit-editions")
    assert entry.id.startswith("tag:example.org,2008:")
    assert entry.updated == entry.published


def test_a_slug_is_never_used_twice() -> None:
    """The second entry with the same title and month gets a number."""
    memory = replace(SETTLED, slugs=frozenset({"2026/11/report"}))

    assert [entry.slug for entry in ruling(story(), memory=memory).entries] == ["2026/11/report-2"]


def test_entries_of_one_run_have_distinct_slugs() -> None:
    """This holds even if both could use the same free slug."""
    both = [story(path=f"{name}.toml", html=f"<p>{name}</p>") for name in "ab"]

    assert [entry.slug for entry in ruling(*both).entries] == ["2026/11/report", "2026/11/report-2"]


def test_the_address_of_a_taken_down_entry_is_never_reused() -> None:
    """The digest of the address is all that is remembered."""
    memory = replace(SETTLED, slugs=frozenset({fingerprint("2026/11/report.html")}))

    assert [entry.slug for entry in ruling(story(), memory=memory).entries] == ["2026/11/report-2"]


def test_ids_stay_unique_when_file_names_repeat() -> None:
    """The sequence number makes each id unique."""
    first = ruling(story()).entries[0]
    second = ruling(story(), memory=replace(SETTLED, sequence=8)).entries[0]

    assert first.id != second.id


EARLIER = story(date(2026, 11, 23))


@pytest.mark.parametrize(
    ("changes", "moved"),
    [
        ({}, False),
        ({"title": "Report on Lebanon"}, False),
        ({"html": "<p>Typo mended</p>"}, False),
        ({"categories": ("Lebanon",)}, False),
        ({"correction": ("60, not 600.",)}, True),
        ({"retraction": "It was wrong."}, True),
        ({"updated": NOW - timedelta(hours=1)}, True),
        ({"updated": NOW - timedelta(days=30)}, False),
    ],
)
def test_updated_moves_only_where_readers_should_notice(
    changes: dict[str, object], *, moved: bool
) -> None:
    """Identity survives every edit; `updated` follows correction, retraction and `updated`."""
    memory = replace(SETTLED, by_path={"a.toml": known(EARLIER)})
    (entry,) = ruling(replace(EARLIER, **changes), memory=memory).entries  # type: ignore[arg-type]

    before = known(EARLIER)
    assert (entry.id, entry.sequence, entry.slug) == (before.id, before.sequence, before.slug)
    assert entry.published == before.published
    assert (entry.updated > before.updated) == moved


def test_a_change_of_this_afternoon_moves_updated_once() -> None:
    """A bare day is its noon, before which nothing was published; it is no rule for later runs."""
    told = story()
    of_now = known(told, published=NOW + 2 * HOUR, updated=NOW + 2 * HOUR)
    noon = datetime(2026, 11, 25, 12, tzinfo=ZONE)
    with_day, without = replace(told, updated=noon), replace(told, html="<p>Typo mended</p>")
    later = NOW + 4 * HOUR

    def updated(new: Story, before: PublishedEntry, now: datetime) -> datetime:
        memory = replace(SETTLED, by_path={"a.toml": before})
        return decide([new], memory, publication=PUBLICATION, now=now).entries[0].updated

    again = replace(of_now, updated=later, story=with_day)
    assert updated(with_day, of_now, later) == later
    assert updated(with_day, again, later + HOUR) == later
    assert updated(replace(without, updated=noon), again, later + HOUR) == later
    assert updated(with_day, replace(again, story=None), later + HOUR) == later
    assert updated(with_day, of_now, later + 24 * HOUR) == of_now.updated
    assert updated(replace(told, updated=noon - HOUR), of_now, later) == of_now.updated


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"draft": True}, "draft-live"),
        (
            {"date": Span(start=date(2027, 1, 1), end=date(2027, 1, 1), precision="day")},
            "date-ahead-live",
        ),
        ({"id": "urn:x:other"}, "id-changed"),
    ],
)
def test_edits_that_would_unpublish_a_live_entry_are_held(
    changes: dict[str, object], code: str
) -> None:
    """Drafts, future dates and other ids are reported, and the entry does not change."""
    memory = replace(SETTLED, by_path={"a.toml": known(EARLIER)})
    decision = ruling(replace(EARLIER, **changes), memory=memory)  # type: ignore[arg-type]

    assert ([problem.code for problem in decision.problems], decision.entries) == ([code], ())


def test_a_live_entry_keeps_its_date_where_a_time_zone_begins_it_later() -> None:
    """Another zone in config.toml is no reason to ask for the old date, which is in the file."""
    tomorrow = NOW.date() + timedelta(days=1)
    story = replace(EARLIER, date=Span(start=tomorrow, end=tomorrow, precision="day"))
    memory = replace(SETTLED, by_path={"a.toml": known(story)})
    decision = ruling(replace(story, html="<p>Edited.</p>"), memory=memory)

    assert decision.problems == ()
    assert [entry.story.html for entry in decision.entries] == ["<p>Edited.</p>"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"date": NOW - HOUR}, {"date": NOW + 5 * HOUR}),
        ({"updated": NOW - 30 * HOUR}, {"updated": NOW - 24 * HOUR}),
    ],
)
def test_the_words_of_an_unchanged_file_are_no_other_date(
    before: dict[str, datetime], after: dict[str, datetime]
) -> None:
    """Another time zone in config.toml holds nothing, and does not show entries as updated."""
    entry = known(dated(before))
    memory = replace(SETTLED, by_path={"a.toml": entry})
    same = decide([dated(after)], memory, publication=PUBLICATION, now=NOW, unchanged=["a.toml"])
    other = ruling(dated(after), memory=memory)

    assert ([one.updated for one in same.entries], same.problems) == ([entry.updated], ())
    assert [one.updated for one in other.entries] != [entry.updated]


def dated(fields: dict[str, Any]) -> Story:
    """Return a story with these moments."""
    rest = {name: moment for name, moment in fields.items() if name != "date"}
    return story(fields.get("date", date(2026, 11, 20)), **rest)


def test_a_live_entry_with_a_future_moment_is_reported_as_a_clock_fault() -> None:
    """The report gives no advice on the file, which staff did not change."""
    behind = Span(start=NOW.date() + timedelta(days=1), end=NOW.date(), precision="day")
    story = replace(EARLIER, date=behind)
    published = replace(known(story), published=NOW + timedelta(hours=20))
    decision = ruling(story, memory=replace(SETTLED, by_path={"a.toml": published}))

    (problem,) = decision.problems
    assert (problem.code, decision.entries) == ("clock-behind-live", ())
    assert "old date" not in problem.message


GONE = known(replace(EARLIER, path="gone.toml"))


@pytest.mark.parametrize(
    "new",
    [
        replace(EARLIER, path="new.toml"),
        replace(EARLIER, path="sub/new.toml", html="<p>Edited, too</p>"),
    ],
)
def test_a_renamed_file_is_the_same_entry(new: Story) -> None:
    """A new file name with the same content, or the same title and date, keeps the identity."""
    decision = ruling(new, memory=replace(SETTLED, missing=(GONE,)))

    assert [(e.id, e.published) for e in decision.entries] == [(GONE.id, GONE.published)]


def test_two_candidates_for_a_missing_file_are_held() -> None:
    """No guess is made between them."""
    stories = [replace(EARLIER, path=path) for path in ("x.toml", "y.toml")]
    decision = ruling(*stories, memory=replace(SETTLED, missing=(GONE,)))

    codes = [problem.code for problem in decision.problems]
    assert (codes, decision.entries) == (["rename-unclear", "rename-unclear"], ())


@pytest.mark.parametrize("names", [("a (1).toml", "a.toml"), ("a.toml", "b copy.toml")])
def test_a_second_copy_is_held(names: tuple[str, str]) -> None:
    """Of two new files with the same content, the one with the shorter name is published."""
    decision = ruling(*(replace(EARLIER, path=name) for name in names))

    assert [entry.story.path for entry in decision.entries] == ["a.toml"]
    assert [problem.code for problem in decision.problems] == ["copy"]


def test_a_copy_of_a_live_entry_is_held() -> None:
    """The live file keeps its entry."""
    live = known(replace(EARLIER, path="live.toml"))
    decision = ruling(EARLIER, memory=replace(SETTLED, alike=[live]))

    assert [(p.code, p.found) for p in decision.problems] == [("copy", "live.toml")]


def test_an_imported_id_is_kept() -> None:
    """Readers know the entry by it from the old feed."""
    (entry,) = ruling(story(id="https://old.example.org/?p=7")).entries

    assert entry.id == "https://old.example.org/?p=7"


def test_corrections_of_one_run_have_distinct_moments() -> None:
    """Each gets its own second after the last one; new entries keep theirs."""
    stories = [replace(EARLIER, path=f"{name}.toml", correction=("A",)) for name in "abc"]
    remembered = [
        replace(known(told), id=told.path, updated=NOW - timedelta(seconds=age))
        for told, age in zip(stories, (100, 100, 1), strict=True)
    ]
    memory = replace(SETTLED, by_path={found.id: found for found in remembered})

    decision = ruling(*stories, story(path="new.toml", title="New"), memory=memory)

    assert [(NOW - entry.updated).seconds for entry in decision.changed] == [1, 2, 0]
    assert [entry.corrections[-1].moment for entry in decision.changed] == [
        entry.updated for entry in decision.changed
    ]
    assert [entry.updated for entry in decision.arrived] == [NOW]


def test_what_readers_of_corrections_get_from_one_run_has_distinct_moments() -> None:
    """Of several corrections the last in the file is the newest, and a retraction is newer."""
    told = story(path="old.toml", correction=("A",))
    before = known(told, id="old", updated=NOW - timedelta(seconds=100))
    first = Correction(moment=NOW - timedelta(seconds=100), text="A")
    texts = [("A", "B", "C"), ("A", "D"), ("A", "E", "F")]
    stories = [
        replace(told, path=f"{texts.index(one)}.toml", correction=one, retraction=retraction)
        for one, retraction in zip(texts, ("", "Wrong.", ""), strict=True)
    ]
    remembered = {one.path: replace(before, id=one.path, corrections=(first,)) for one in stories}

    changed = ruling(*stories, memory=replace(SETTLED, by_path=remembered)).changed

    ages = [
        [(NOW - one.moment).seconds for one in entry.corrections]
        + ([(NOW - entry.retracted).seconds] if entry.retracted else [])
        for entry in changed
    ]
    assert ages == [[100, 1, 0], [100, 3, 2], [100, 5, 4]]
    assert [(NOW - entry.updated).seconds for entry in changed] == [0, 2, 4]


def test_an_id_has_one_owner() -> None:
    """The first file with an id keeps it, in the same run and later."""
    first, second = story(id="urn:x:1"), story(id="urn:x:1", path="b.toml", title="Other")

    assert [p.code for p in ruling(first, second).problems] == ["id-taken"]
    later = ruling(second, memory=replace(SETTLED, ids={"urn:x:1": "a.toml"}))
    assert [p.found for p in later.problems] == ["a.toml"]


def test_a_burst_is_never_dated_far_into_the_future() -> None:
    """If no moment is free after the newest entry, the oldest keep their stated time."""
    memory = replace(SETTLED, newest=NOW - timedelta(seconds=10))
    day = NOW.date() - timedelta(days=2)
    burst = [
        replace(
            EARLIER,
            path=f"{n:04}.toml",
            title=f"Number {n}",
            date=Span(start=day, end=day, precision="day"),
        )
        for n in range(700)
    ]

    moments = sorted(entry.published for entry in ruling(*burst, memory=memory).arrived)

    assert len({*moments}) == 700
    assert NOW + timedelta(minutes=8) < moments[-1] <= NOW + timedelta(minutes=9)
    assert sum(moment < NOW - timedelta(days=1) for moment in moments) == 150


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(days=400)])
@pytest.mark.parametrize(
    "changes", [{"correction": ("60.",)}, {"retraction": "Wrong."}, {"updated": NOW}]
)
def test_updated_never_falls_when_the_clock_is_set_back(
    ahead: timedelta, changes: dict[str, object]
) -> None:
    """A correction is newer than the last `updated`, since readers ignore anything older."""
    before = known(EARLIER, updated=NOW + ahead)
    memory = replace(SETTLED, by_path={EARLIER.path: before})

    (entry,) = ruling(replace(EARLIER, **changes), memory=memory).changed  # type: ignore[arg-type]  # a table

    expected = before.updated + timedelta(seconds="updated" not in changes)
    assert entry.updated == expected


@pytest.mark.parametrize("is_live", [False, True])
def test_updated_is_never_in_the_future(*, is_live: bool) -> None:
    """A future moment in the file becomes now, for new and for live entries."""
    said = replace(EARLIER, updated=NOW + timedelta(days=3))
    memory = replace(SETTLED, by_path={EARLIER.path: known(EARLIER)}) if is_live else SETTLED

    (entry,) = ruling(said, memory=memory).entries

    assert entry.updated == NOW


def test_the_shipped_limits_match_the_documentation() -> None:
    """Old news begins after seven days, and ten minutes ahead counts as a clock error."""
    for age, is_late in ((timedelta(days=7), False), (timedelta(days=7, seconds=1), True)):
        (entry,) = ruling(story(NOW - age)).entries

        assert (entry.published == NOW - age) == is_late
