"""What becomes of a story is a table: story, memory and now in, entry out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dateline.model import Precision, Publication, Span, Story
from dateline.rules import story_json
from dateline.rules.decide import Decision, decide
from dateline.rules.identify import LedgerSnapshot, PublishedEntry
from dateline.text.urls import fingerprint

ZONE = ZoneInfo("Europe/Vienna")
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 25)
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
NOTHING = LedgerSnapshot(by_path={}, copied={}, ids={})
SETTLED = replace(NOTHING, newest=NOW - timedelta(days=1), sequence=7)


def story(when: date | datetime = TODAY, *, path: str = "a.toml", **changes: object) -> Story:
    """Give a small story."""
    precision: Precision = "second" if isinstance(when, datetime) else "day"
    fields = {"title": "Report", "html": "<p>Text</p>", "summary": "", "language": "en"}
    span = Span(start=when, end=when, precision=precision)
    return Story(path=path, date=span, **(fields | changes))  # type: ignore[arg-type]  # a table


def known(of: Story, **changes: object) -> PublishedEntry:
    """Give what the ledger remembers of a story that was published two days ago."""
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
    """Decide with this publication."""
    return decide(stories, memory, publication=PUBLICATION, now=now)


def moment(text: str) -> datetime:
    """Read a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "newest", "expected"),
    [
        # A bare date of today: now, or just after the newest.
        (TODAY, "2026-11-24T10:00:00", "2026-11-25T10:00:00"),
        (TODAY, "2026-11-25T10:00:00", "2026-11-25T10:00:01"),
        # A stated time, later than the newest, stands.
        (moment("2026-11-25T08:30:00"), "2026-11-24T10:00:00", "2026-11-25T08:30:00"),
        # News of last Friday, dropped after something newer: just after the newest.
        (date(2026, 11, 20), "2026-11-24T10:00:00", "2026-11-24T10:00:01"),
        # News of yesterday, newer than the newest: noon in the site's zone.
        (date(2026, 11, 24), "2026-11-20T10:00:00", "2026-11-24T11:00:00"),
        # More than seven days old: the stated time, or noon.
        (date(2008, 10, 20), "2026-11-24T10:00:00", "2008-10-20T10:00:00"),
        (moment("2008-10-20T15:00:00"), "2026-11-24T10:00:00", "2008-10-20T15:00:00"),
    ],
)
def test_published_is_dealt_once(when: date | datetime, newest: str, expected: str) -> None:
    """The moment of publication is the stated one, or the first free one after the newest."""
    decision = ruling(story(when), memory=replace(SETTLED, newest=moment(newest)))

    assert [entry.published for entry in decision.entries] == [moment(expected)]


def test_a_first_import_gets_noon_and_a_second_for_each_entry() -> None:
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


def test_a_burst_is_dealt_backwards_from_now() -> None:
    """Nothing is dated ahead where there is room before."""
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
    """An embargoed story is no entry before its moment."""
    decision = ruling(story(when))

    assert (decision.entries, decision.scheduled) == ((), {"a.toml": moment(due)})


def test_an_embargo_ends_to_the_second() -> None:
    """At its moment the story is published, with that moment."""
    due = moment("2026-11-25T10:00:00")

    assert [entry.published for entry in ruling(story(due), now=due).entries] == [due]


def test_a_draft_is_no_entry() -> None:
    """A draft is told of, and nothing else."""
    decision = ruling(story(draft=True))

    assert (decision.entries, decision.drafts) == ((), ("a.toml",))


def test_a_new_entry_gets_its_identity() -> None:
    """Id, sequence and slug are new; `updated` is `published`."""
    (entry,) = ruling(story(title="Toolkit: éditions")).entries

    assert (entry.sequence, entry.slug) == (8, "2026/11/toolkit-editions")
    assert entry.id.startswith("tag:example.org,2008:")
    assert entry.updated == entry.published


def test_a_slug_is_never_given_twice() -> None:
    """The second entry of one title and month gets a number."""
    memory = replace(SETTLED, slugs=frozenset({"2026/11/report"}))

    assert [entry.slug for entry in ruling(story(), memory=memory).entries] == ["2026/11/report-2"]


def test_entries_of_one_run_have_slugs_of_their_own() -> None:
    """Also where both would take the one that is free."""
    both = [story(path=f"{name}.toml", html=f"<p>{name}</p>") for name in "ab"]

    assert [entry.slug for entry in ruling(*both).entries] == ["2026/11/report", "2026/11/report-2"]


def test_the_address_of_what_was_taken_down_is_never_given_again() -> None:
    """Only its digest is known."""
    memory = replace(SETTLED, slugs=frozenset({fingerprint("2026/11/report.html")}))

    assert [entry.slug for entry in ruling(story(), memory=memory).entries] == ["2026/11/report-2"]


def test_ids_do_not_repeat_when_files_do() -> None:
    """The sequence makes an id the only one."""
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
    """Identity stays whatever is edited; `updated` follows correction, retraction, updated."""
    memory = replace(SETTLED, by_path={"a.toml": known(EARLIER)})
    (entry,) = ruling(replace(EARLIER, **changes), memory=memory).entries  # type: ignore[arg-type]

    before = known(EARLIER)
    assert (entry.id, entry.sequence, entry.slug) == (before.id, before.sequence, before.slug)
    assert entry.published == before.published
    assert (entry.updated > before.updated) == moved


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
def test_a_live_entry_is_not_taken_back_by_the_way(changes: dict[str, object], code: str) -> None:
    """Staff are asked; nothing changes."""
    memory = replace(SETTLED, by_path={"a.toml": known(EARLIER)})
    decision = ruling(replace(EARLIER, **changes), memory=memory)  # type: ignore[arg-type]

    assert ([problem.code for problem in decision.problems], decision.entries) == ([code], ())


def test_a_live_entry_from_the_future_tells_of_the_clock() -> None:
    """Staff changed nothing, and are given no advice on the file."""
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
    """The same content, or the same title and date, under a new name keeps its identity."""
    decision = ruling(new, memory=replace(SETTLED, missing=(GONE,)))

    assert [(e.id, e.published) for e in decision.entries] == [(GONE.id, GONE.published)]


def test_two_files_that_could_be_the_missing_one_are_held() -> None:
    """Nothing is guessed."""
    stories = [replace(EARLIER, path=path) for path in ("x.toml", "y.toml")]
    decision = ruling(*stories, memory=replace(SETTLED, missing=(GONE,)))

    codes = [problem.code for problem in decision.problems]
    assert (codes, decision.entries) == (["rename-unclear", "rename-unclear"], ())


@pytest.mark.parametrize("names", [("a (1).toml", "a.toml"), ("a.toml", "b copy.toml")])
def test_a_second_copy_is_held(names: tuple[str, str]) -> None:
    """Of two new files that say the same, the one with the shorter name is published."""
    decision = ruling(*(replace(EARLIER, path=name) for name in names))

    assert [entry.story.path for entry in decision.entries] == ["a.toml"]
    assert [problem.code for problem in decision.problems] == ["copy"]


def test_a_copy_of_a_live_entry_is_held() -> None:
    """The file that is live keeps its entry."""
    copied = {story_json.content_digest(EARLIER): "live.toml"}
    decision = ruling(EARLIER, memory=replace(SETTLED, copied=copied))

    assert [(p.code, p.found) for p in decision.problems] == [("copy", "live.toml")]


def test_an_id_carried_over_is_kept() -> None:
    """Readers of the old feed know it."""
    (entry,) = ruling(story(id="https://old.example.org/?p=7")).entries

    assert entry.id == "https://old.example.org/?p=7"


def test_corrections_of_one_run_are_told_at_distinct_moments() -> None:
    """Each is dealt its own second, never at or before the last; new entries keep theirs."""
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


def test_an_id_has_one_owner() -> None:
    """The first file with an id keeps it, in one run and later."""
    first, second = story(id="urn:x:1"), story(id="urn:x:1", path="b.toml", title="Other")

    assert [p.code for p in ruling(first, second).problems] == ["id-taken"]
    later = ruling(second, memory=replace(SETTLED, ids={"urn:x:1": "a.toml"}))
    assert [p.found for p in later.problems] == ["a.toml"]


def test_a_burst_is_never_dated_far_ahead() -> None:
    """Where there is no room after the newest entry, the oldest keep the time that staff wrote."""
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
def test_a_clock_that_is_put_back_never_makes_updated_fall(
    ahead: timedelta, changes: dict[str, object]
) -> None:
    """Readers take what is not newer for known: a correction rises above what was told."""
    before = known(EARLIER, updated=NOW + ahead)
    memory = replace(SETTLED, by_path={EARLIER.path: before})

    (entry,) = ruling(replace(EARLIER, **changes), memory=memory).changed  # type: ignore[arg-type]  # a table

    expected = before.updated + timedelta(seconds="updated" not in changes)
    assert entry.updated == expected


@pytest.mark.parametrize("is_live", [False, True])
def test_updated_is_never_ahead_of_the_clock(*, is_live: bool) -> None:
    """A moment to come, in the file of something new or of something live, is now."""
    said = replace(EARLIER, updated=NOW + timedelta(days=3))
    memory = replace(SETTLED, by_path={EARLIER.path: known(EARLIER)}) if is_live else SETTLED

    (entry,) = ruling(said, memory=memory).entries

    assert entry.updated == NOW


def test_the_shipped_times_are_those_promised() -> None:
    """A week is late for aggregators; ten minutes ahead are a mistake."""
    for age, is_late in ((timedelta(days=7), False), (timedelta(days=7, seconds=1), True)):
        (entry,) = ruling(story(NOW - age)).entries

        assert (entry.published == NOW - age) == is_late
