"""A file is matched with the entry that was published from it, under whatever name it has now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from time import process_time

import pytest

from dateline.model import Story
from dateline.rules.guards import NOTHING, Approval
from dateline.rules.identity.identify import identify
from dateline.rules.identity.published import LedgerSnapshot, PublishedEntry
from rules.test_decide import SETTLED, known, story
from support.publication import Newsroom, entry_file

REPORT = story(
    date(2026, 11, 23),
    title="Report on Lebanon",
    html="<p>Many people lost their homes in the floods of last year.</p>",
)
PRIZE = story(
    date(2026, 11, 22),
    title="Essay prize opens",
    html="<p>Students under 26 can hand in essays on corruption in sport until March.</p>",
)
FIGURES = story(
    date(2026, 11, 24),
    title="Ministry answers our questions",
    html="<p>Twelve pages of statistics about prisons arrived on Monday.</p>",
)


def at(path: str, of: Story, **changes: object) -> Story:
    """Return a story in the file with this path."""
    return replace(of, path=path, **changes)  # type: ignore[arg-type]  # a table


def snapshot(*entries: PublishedEntry) -> LedgerSnapshot:
    """Return a ledger with these entries, some of whose files may be missing."""
    missing = [one for one in entries if one.is_missing]
    return replace(
        SETTLED,
        by_path={one.path: one for one in entries},
        missing=missing,
        vanished=missing,
    )


def matches(
    stories: Sequence[Story], memory: LedgerSnapshot, approval: Approval = NOTHING
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the ids of the entries by path, "new" for a new one, and the codes of problems."""
    found, problems, _ = identify(stories, memory, approval)
    entries = {one.path: entry.id if entry else "new" for one, entry in found}
    assert len(entries) == len(found)
    return entries, {problem.file: problem.code for problem in problems}


LIVE = snapshot(known(at("1.toml", REPORT), id="report"), known(at("2.toml", PRIZE), id="prize"))
GONE = snapshot(known(at("gone.toml", REPORT), id="report", is_missing=True))


def test_renumbered_files_keep_their_entries() -> None:
    """Only the file that was inserted is a new entry."""
    stories = [at("1.toml", FIGURES), at("2.toml", REPORT), at("3.toml", PRIZE)]

    assert matches(stories, LIVE) == ({"1.toml": "new", "2.toml": "report", "3.toml": "prize"}, {})


@pytest.mark.parametrize("second", [PRIZE, replace(REPORT, title="Report on Libya")])
def test_a_renumbered_file_may_be_edited_as_well(second: Story) -> None:
    """Its title and its date identify it, although a file, perhaps much like it, has its name."""
    memory = snapshot(
        known(at("1.toml", REPORT), id="report"), known(at("2.toml", second), id="second")
    )
    edited = at("3.toml", second, html="<p>Students under 27 can take part.</p>")
    stories = [at("1.toml", FIGURES), at("2.toml", REPORT), edited]

    assert matches(stories, memory) == (
        {"1.toml": "new", "2.toml": "report", "3.toml": "second"},
        {},
    )


def test_one_of_two_renumbered_copies_keeps_the_entry() -> None:
    """The other is held as a copy."""
    stories = [at("1.toml", FIGURES), at("2.toml", REPORT), at("3.toml", REPORT)]

    assert matches(stories, LIVE) == (
        {"1.toml": "new", "2.toml": "report"},
        {"3.toml": "copy"},
    )


def test_a_new_file_with_the_title_of_a_renumbered_one_is_another_entry(newsroom: Newsroom) -> None:
    """Two files never count as the same entry, which the ledger would refuse."""
    text = entry_file(REPORT.title, body=f'"{REPORT.html}"')
    newsroom.drop("1.toml", text)
    newsroom.drop("2.toml", entry_file(PRIZE.title, body=f'"{PRIZE.html}"'))
    newsroom.build()
    before = [item["id"] for item in newsroom.items() if item["title"] == REPORT.title]
    newsroom.drop("1.toml", entry_file(FIGURES.title, "2026-11-25", body=f'"{FIGURES.html}"'))
    newsroom.drop("2.toml", text)
    newsroom.drop("3.toml", entry_file(REPORT.title, body='"A crane fell into the water."'))

    newsroom.build()

    reports = [item["id"] for item in newsroom.items() if item["title"] == REPORT.title]
    assert len(reports) == 2
    assert {*before} < {*reports}
    assert newsroom.codes() == ["news-displaced", "file-gone"]


def test_a_file_that_is_back_keeps_its_entry_although_a_copy_came_with_it() -> None:
    """The copy is held."""
    stories = [at("gone.toml", REPORT), at("a.toml", REPORT)]

    assert matches(stories, GONE) == ({"gone.toml": "report"}, {"a.toml": "copy"})


def test_a_published_file_is_the_original_however_long_its_name_is() -> None:
    """A copy with a shorter name is held."""
    memory = snapshot(known(at("a-long-name.toml", REPORT), id="report"))
    stories = [at("a.toml", REPORT), at("a-long-name.toml", REPORT)]

    assert matches(stories, memory) == ({"a-long-name.toml": "report"}, {"a.toml": "copy"})


def test_a_renamed_file_and_other_news_with_its_title_need_no_approval() -> None:
    """The entry is no longer missing once its renamed file was found."""
    namesake = at("b.toml", FIGURES, title=REPORT.title)

    assert matches([at("a.toml", REPORT), namesake], GONE) == (
        {"a.toml": "report", "b.toml": "new"},
        {},
    )


def test_a_new_file_with_the_id_of_a_missing_entry_is_that_entry_whatever_it_says() -> None:
    """Two such files, one of them a copy, are held; a file of another entry keeps its own."""
    named = at("a.toml", FIGURES, id="report", date=REPORT.date)
    memory = replace(GONE, ids={"report": "gone.toml"})
    held = {"a.toml": "rename-unclear", "b.toml": "rename-unclear"}

    assert matches([named], memory) == ({"a.toml": "report"}, {})
    assert matches([named, replace(named, path="b.toml")], memory) == ({}, held)

    other = snapshot(*GONE.missing, known(at("2.toml", PRIZE), id="prize"))
    stories = [at("2.toml", PRIZE, id="report", title="Prize opens")]
    assert matches(stories, replace(other, ids=memory.ids)) == ({}, {"2.toml": "id-changed"})


def test_an_approval_of_a_new_file_is_for_that_file_alone() -> None:
    """Another one with the title of the missing entry needs its own."""
    stories = [at(path, FIGURES, title=REPORT.title, html=path) for path in ("a.toml", "b.toml")]
    _, problems, _ = identify(stories, GONE)
    code = str(problems[0].wanted)

    entries, held = matches(stories, GONE, Approval(code=code))

    assert (entries, held) == ({problems[0].file: "new"}, {problems[1].file: "renamed-edited"})


def test_one_approval_is_enough_for_all_entries_that_a_file_resembles() -> None:
    """All of them are undecided until then."""
    memory = snapshot(
        *(known(at(f"{id_}.toml", REPORT), id=id_, is_missing=True) for id_ in ("one", "two"))
    )
    stories = [at("a.toml", FIGURES, title=REPORT.title)]

    _, problems, undecided = identify(stories, memory)
    approval = Approval(code=str(problems[0].wanted))

    assert ([one.found for one in problems], undecided) == (["one.toml"], {"one", "two"})
    assert matches(stories, memory, approval) == ({"a.toml": "new"}, {})


def test_an_approved_id_needs_no_answer_about_a_vanished_entry() -> None:
    """A run has one answer, so two questions about one file could never be answered."""
    other = at("gone.toml", FIGURES, title=REPORT.title)
    memory = snapshot(
        known(at("a.toml", REPORT), id="report"), known(other, id="other", is_missing=True)
    )
    stories = [at("a.toml", REPORT, id="urn:x:1")]

    _, problems, _ = identify(stories, memory)
    approval = Approval(code=str(problems[0].wanted))

    assert [one.code for one in problems] == ["id-changed"]
    assert matches(stories, memory, approval) == ({"a.toml": "new"}, {})


def test_exchanged_ids_are_two_changes() -> None:
    """An approval lets one of them pass, and not its way back."""
    memory = snapshot(known(at("a.toml", REPORT), id="x"), known(at("b.toml", PRIZE), id="y"))
    stories = [at("a.toml", REPORT, id="y"), at("b.toml", PRIZE, id="x")]

    _, problems, _ = identify(stories, memory)

    assert [one.code for one in problems] == ["id-changed", "id-changed"]
    assert problems[0].wanted != problems[1].wanted


def test_the_text_of_a_new_file_is_compared_with_some_vanished_entries_of_its_day() -> None:
    """So many files that vanish at once do not delay publishing; those of other days are free."""
    text = "<p>The museum counted whales near pier seven from Sunday to Monday night.</p>"
    new = at("new.toml", FIGURES, html=text.replace("seven", "eight"))
    like = known(at("like.toml", FIGURES, title="Whales", html=text), id="like", is_missing=True)
    others = [
        known(
            at(f"{number}.toml", FIGURES, title=f"Other {number}"),
            id=f"other-{number}",
            is_missing=True,
        )
        for number in range(20)
    ]
    of_other_days = [
        replace(one, id=f"day-{one.id}", story=replace(one.story, date=REPORT.date))
        for one in others
        if one.story
    ]

    within = replace(SETTLED, vanished=[*of_other_days, *others[1:], like])
    beyond = replace(SETTLED, vanished=[*others, like])

    assert matches([new], within) == ({}, {"new.toml": "renamed-edited"})
    assert matches([new], beyond) == ({"new.toml": "new"}, {})


@pytest.mark.parametrize("keep", [False, True])
def test_an_approval_of_other_news_is_for_one_text(*, keep: bool) -> None:
    """A text that has changed since the answer is held again."""
    _, problems, _ = identify([at("1.toml", PRIZE)], LIVE)
    approval = Approval(code=str(problems[0].wanted), keep=keep)

    assert matches([at("1.toml", FIGURES)], LIVE, approval) == ({}, {"1.toml": "other-news"})


def test_a_correction_shows_that_new_title_and_date_are_of_the_same_entry() -> None:
    """Without one, the file counts as other news."""
    corrected = at("1.toml", FIGURES, correction=("The report was about prisons.",))

    assert matches([corrected], LIVE) == ({"1.toml": "report"}, {})
    assert matches([at("1.toml", FIGURES)], LIVE) == ({}, {"1.toml": "other-news"})


def test_a_small_file_is_compared_with_long_entries_that_are_gone_at_once() -> None:
    """After a hang each file is decided on alone, and news would wait for minutes."""
    html = "".join(
        f"<p>{number} people came to the harbour of Graz</p>" for number in range(20_000)
    )
    gone = [
        known(
            at(f"{number}.toml", REPORT, title=f"Harbour {number}", html=f"{html}{number}"),
            id=f"tag:example.org,2008:{number}",
            is_missing=True,
        )
        for number in range(10)
    ]
    begun = process_time()

    for number in range(100):
        found, _ = matches([at("new.toml", FIGURES, title=f"Figures {number}")], snapshot(*gone))
        assert found == {"new.toml": "new"}

    assert process_time() - begun < 5
