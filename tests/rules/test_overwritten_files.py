"""Other news written into a published file never replaces its entry, and is not lost."""

from __future__ import annotations

import shutil
from datetime import timedelta
from time import sleep

import pytest
from click.testing import CliRunner

from dateline.cli import main
from dateline.ledger import Ledger
from dateline.publish import ledger_url
from dateline.rules.guards import Approval
from rules.test_combinations import ids, publish_others, reported, run
from rules.test_moves import ONE, TWO, report, settled, text
from rules.test_several_changes import MISTAKE, REWRITTEN, published
from support.publication import Newsroom, entry_file

GRACE = timedelta(minutes=10)
OLD = "Report on Lebanon"
BODY = '"""\nStudents under 26 can hand in essays on corruption in sport until March.\n"""'


def other_news(date: str = "2026-11-24", **fields: str) -> str:
    """Return a file that has nothing in common with the first."""
    return entry_file("Essay prize opens", date, body=BODY, **fields)


def written_over(newsroom: Newsroom, text: str) -> str:
    """Publish a file among others, overwrite it, and return the approval code."""
    publish_others(newsroom)
    newsroom.drop("a.toml")
    newsroom.build()
    newsroom.drop("a.toml", text)
    newsroom.build()
    return next((str(p.wanted) for p in newsroom.log[-1].problems if p.code == "other-news"), "")


@pytest.mark.parametrize("date", ["2026-11-24", "2026-11-25", "2026-12-24", "2025-11-24"])
def test_other_news_in_a_published_file_is_held_whatever_its_date(
    newsroom: Newsroom, date: str
) -> None:
    """Readers keep the published entry, and the note explains both possible answers."""
    publish_others(newsroom)
    newsroom.drop("a.toml")
    newsroom.build()
    before = newsroom.feeds()
    newsroom.drop("a.toml", other_news(date))

    newsroom.build()

    assert newsroom.codes() == ["other-news", "change-not-out"]
    assert newsroom.feeds() == before
    code = newsroom.log[-1].problems[0].wanted
    note = (newsroom.folder / "entries/a.toml.problem.txt").read_text(encoding="utf-8-sig")
    said = [OLD, "give the file another name", f"allow {code}", "a correction", f"keep {code}"]
    assert [words for words in said if words not in note] == []


@pytest.mark.parametrize(
    "text",
    [
        entry_file("Hardly any victims are found"),
        entry_file("Rapport sur le Liban", body='"Texte du rapport."', language='"fr"'),
        entry_file("A report on Lebanon", body='"The text of the report, and of its annexes."'),
        other_news(correction='"Another text stood here."'),
    ],
    ids=["a new headline", "translated", "rewritten", "a correction"],
)
def test_the_same_news_in_other_words_is_published(newsroom: Newsroom, text: str) -> None:
    """It keeps its id and address, and nothing is reported."""
    assert written_over(newsroom, text) == ""
    assert newsroom.log[-1].changed == ("a.toml",)


@pytest.mark.long
@pytest.mark.parametrize("is_renamed", [False, True])
def test_an_id_in_the_file_marks_it_as_the_same_entry(
    newsroom: Newsroom, *, is_renamed: bool
) -> None:
    """Whatever its title and text are; if its date is another, too, staff are asked."""
    path = newsroom.drop("a.toml", entry_file(id='"urn:x:1"'))
    newsroom.build()
    newsroom.drop("a.toml", other_news(id='"urn:x:1"'))
    newsroom.build()
    assert (reported(newsroom), ids(newsroom)) == ([], {"Essay prize opens": "urn:x:1"})
    if is_renamed:
        path = path.rename(path.with_name("b.toml"))
    newsroom.drop(path.name, entry_file("Ferry", "2026-11-25", id='"urn:x:1"'))

    newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert ids(newsroom) == {"Essay prize opens": "urn:x:1"}
    code = next(str(p.wanted) for p in newsroom.log[-1].problems if p.code == "other-news-id")
    run(newsroom, answer=Approval(code=code))
    newsroom.build()
    assert (reported(newsroom), ids(newsroom)) == ([], {"Ferry": "urn:x:1"})


@pytest.mark.long
@pytest.mark.parametrize("is_saved_first", [True, False])
def test_other_news_in_an_imported_file_gets_an_entry_of_its_own(
    newsroom: Newsroom, *, is_saved_first: bool
) -> None:
    """Once its id line is taken out and the file has another name; the old entry stays."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file(id='"urn:x:1"'))
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("a.toml", other_news("2026-11-25", id='"urn:x:1"'))
    newsroom.build()
    assert ("a.toml", "other-news-id") in reported(newsroom)
    if is_saved_first:
        newsroom.drop("b.toml", other_news("2026-11-25"))
        newsroom.build()
    path.unlink()
    newsroom.drop("b.toml", other_news("2026-11-25"))

    newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert reported(newsroom) == []
    assert before.items() <= ids(newsroom).items()
    assert ids(newsroom).keys() - before.keys() == {"Essay prize opens"}


@pytest.mark.long
@pytest.mark.parametrize("is_allowed", [False, True])
def test_an_entry_whose_file_is_back_after_other_news_had_its_name_stays(
    newsroom: Newsroom, *, is_allowed: bool
) -> None:
    """Whether the other news had an entry before, or got one by the answer of staff."""
    publish_others(newsroom)
    newsroom.drop("a.toml")
    path = newsroom.folder / "entries/a.toml"
    if is_allowed:
        newsroom.build()
        newsroom.drop("a.toml", other_news())
        newsroom.build()
        code = next(str(p.wanted) for p in newsroom.log[-1].problems if p.code == "other-news")
        run(newsroom, answer=Approval(code=code))
    else:
        newsroom.drop("b.toml", other_news())
        newsroom.build()
        path.with_name("b.toml").rename(path)
        newsroom.build()
    path.rename(path.with_name("b.toml"))
    newsroom.drop("a.toml")
    before = ids(newsroom)
    assert len(before) == 5

    newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert (reported(newsroom), ids(newsroom)) == ([], before)
    path.unlink()
    newsroom.build()
    assert reported(newsroom) == [("a.toml", "file-gone")]


@pytest.mark.long
def test_an_overwritten_file_that_is_renamed_is_a_new_entry(newsroom: Newsroom) -> None:
    """The entry of the old name stays unchanged, also after the ledger is lost."""
    written_over(newsroom, other_news())
    before = ids(newsroom)
    path = newsroom.folder / "entries/a.toml"
    path.rename(path.with_name("b.toml"))

    report = newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert report.published == ("b.toml",)
    assert reported(newsroom) == []
    assert before.items() <= ids(newsroom).items()
    assert ids(newsroom).keys() - before.keys() == {"Essay prize opens"}
    after = newsroom.feeds()
    shutil.rmtree(newsroom.folder / "state")
    newsroom.build(after=2 * GRACE)
    newsroom.build(after=2 * GRACE)
    assert newsroom.feeds() == after


@pytest.mark.long
def test_the_old_text_can_come_back_under_its_name(newsroom: Newsroom) -> None:
    """It is the same entry again, and is withdrawn with its file as usual."""
    written_over(newsroom, other_news())
    before = ids(newsroom)
    path = newsroom.folder / "entries/a.toml"
    path.rename(path.with_name("b.toml"))
    newsroom.build()
    newsroom.drop("a.toml")

    newsroom.build()

    assert before.items() <= ids(newsroom).items()
    path.unlink()
    newsroom.build()
    assert reported(newsroom) == [("a.toml", "file-gone")]


@pytest.mark.long
@pytest.mark.parametrize("fields", [{}, {"draft": "true"}, {"date": "2026-12-24"}])
def test_staff_can_declare_it_other_news(newsroom: Newsroom, fields: dict[str, str]) -> None:
    """It becomes a new entry at its moment, and the old one stays without a file."""
    code = written_over(newsroom, other_news(**fields))
    before = ids(newsroom)

    run(newsroom, answer=Approval(code=code))
    newsroom.build(after=2 * GRACE)

    assert before.items() <= ids(newsroom).items()
    assert len(ids(newsroom)) == 5 - bool(fields)
    assert {code for _, code in reported(newsroom)} <= {"draft", "scheduled"}
    newsroom.drop("a.toml", other_news())
    newsroom.build()
    assert ids(newsroom).keys() - before.keys() == {"Essay prize opens"}


@pytest.mark.long
def test_staff_can_declare_it_the_same_entry(newsroom: Newsroom) -> None:
    """It keeps its id, and later edits need no approval."""
    code = written_over(newsroom, other_news())
    before = ids(newsroom)

    run(newsroom, answer=Approval(code=code, keep=True))

    assert ids(newsroom)["Essay prize opens"] == before[OLD]
    assert ids(newsroom).keys() ^ before.keys() == {"Essay prize opens", OLD}
    newsroom.drop("a.toml", other_news().replace("sport", "football"))
    newsroom.build()
    assert reported(newsroom) == []


def test_an_approval_covers_one_text_only(newsroom: Newsroom) -> None:
    """If the text changes afterwards, a new approval is needed."""
    code = written_over(newsroom, other_news())
    newsroom.drop("a.toml", other_news().replace("March", "April"))

    run(newsroom, answer=Approval(code=code))

    assert newsroom.codes() == ["other-news", "change-not-out"]


@pytest.mark.long
@pytest.mark.parametrize("word", ["allow", "keep"])
def test_allow_and_keep_accept_the_code(newsroom: Newsroom, word: str) -> None:
    """These are the two commands that the note names."""
    code = written_over(newsroom, other_news())
    sleep(0.4)  # until the file has settled

    done = CliRunner().invoke(
        main, [word, "--config", str(newsroom.folder / "config.toml"), code], catch_exceptions=False
    )

    assert done.exit_code == 0, done.output
    assert (OLD in ids(newsroom), "Essay prize opens" in ids(newsroom)) == (word == "allow", True)


def test_restoring_the_old_text_resolves_the_problem(newsroom: Newsroom) -> None:
    """Nothing is lost, and nothing is reported any more."""
    written_over(newsroom, other_news())
    before = newsroom.feeds()
    newsroom.drop("a.toml")

    newsroom.build()

    assert reported(newsroom) == []
    assert newsroom.feeds() == before


@pytest.mark.long
def test_a_deleted_file_that_had_other_news_is_asked_about(newsroom: Newsroom) -> None:
    """The entry published from it before stays until staff answer."""
    written_over(newsroom, other_news())
    path = newsroom.folder / "entries/a.toml"
    before = newsroom.feeds()
    path.unlink()

    newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert (newsroom.feeds(), reported(newsroom)) == (before, [("a.toml", "old-gone")])
    code = str(newsroom.log[-1].problems[0].wanted)
    run(newsroom, answer=Approval(code=code))
    assert (OLD in ids(newsroom), reported(newsroom)) == (False, [])


@pytest.mark.long
@pytest.mark.parametrize("is_saved_first", [True, False])
def test_nothing_is_asked_once_the_other_news_is_out_under_another_name(
    newsroom: Newsroom, *, is_saved_first: bool
) -> None:
    """Staff do what they were told, in two steps."""
    written_over(newsroom, other_news())
    for is_saved in (is_saved_first, not is_saved_first):
        if is_saved:
            newsroom.drop("b.toml", other_news())
        else:
            (newsroom.folder / "entries/a.toml").unlink()
        newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert reported(newsroom) == []
    assert ids(newsroom).keys() >= {OLD, "Essay prize opens"}


def unrelated(newsroom: Newsroom) -> None:
    """Write a file of news that has nothing to do with the others."""
    newsroom.drop("z.toml", entry_file("Choirs sing", body='"Linz has a cathedral with organs."'))


def asked(newsroom: Newsroom) -> str:
    """Return the code of the question about a file that is gone, or an empty text."""
    return next((str(p.wanted) for p in newsroom.log[-1].problems if p.code == "old-gone"), "")


@pytest.mark.long
@pytest.mark.parametrize(
    "corrected",
    [
        other_news().replace("March", "April"),
        other_news().replace("Essay prize", "A prize for essays"),
        other_news("2026-11-25").replace("March", "April"),
    ],
    ids=["text", "title", "date"],
)
def test_a_file_that_is_asked_about_does_not_take_corrected_news_from_its_file(
    newsroom: Newsroom, corrected: str
) -> None:
    """Staff saved the other news under another name, and left the file as it is."""
    written_over(newsroom, other_news())
    newsroom.drop("b.toml", other_news())
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("b.toml", corrected)

    run = newsroom.build()

    assert run.changed == ("b.toml",)
    assert settled(newsroom) == [("a.toml", "change-not-out"), ("a.toml", "other-news")]
    assert {*ids(newsroom).values()} == {*before.values()}
    (newsroom.folder / "entries/a.toml").unlink()
    assert settled(newsroom) == [("a.toml", "old-gone")]
    assert {*ids(newsroom).values()} == {*before.values()}


@pytest.mark.long
@pytest.mark.parametrize("is_exchanged", [True, False])
def test_a_file_that_is_asked_about_takes_news_whose_file_has_other_news_later(
    newsroom: Newsroom, *, is_exchanged: bool
) -> None:
    """Two files exchange their news in two runs, or another entry has the place."""
    publish_others(newsroom)
    newsroom.drop("a.toml")
    newsroom.drop("b.toml", other_news())
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("a.toml", other_news())
    newsroom.build()
    assert ("a.toml", "other-news") in reported(newsroom)
    newsroom.drop("b.toml" if is_exchanged else "c.toml", entry_file())
    if not is_exchanged:
        newsroom.drop("b.toml", text("Crane falls", TWO))

    assert settled(newsroom) == []
    assert before.items() <= ids(newsroom).items()


@pytest.mark.long
@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("is_apart", [True, False])
def test_unrelated_news_does_not_end_the_question(
    newsroom: Newsroom, *, is_apart: bool, is_first: bool
) -> None:
    """It comes before the file is deleted or after it, or in the same run."""
    written_over(newsroom, other_news())
    for is_new in (is_first, not is_first):
        if is_new:
            unrelated(newsroom)
        else:
            (newsroom.folder / "entries/a.toml").unlink()
        if is_apart:
            newsroom.build()
    newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert reported(newsroom) == [("a.toml", "old-gone")]
    assert ids(newsroom).keys() >= {OLD, "Choirs sing"}


@pytest.mark.long
@pytest.mark.parametrize("keep", [True, False])
def test_staff_may_answer_in_the_run_of_unrelated_news(newsroom: Newsroom, *, keep: bool) -> None:
    """The answer says what becomes of the entry."""
    written_over(newsroom, other_news())
    (newsroom.folder / "entries/a.toml").unlink()
    newsroom.build()
    code = asked(newsroom)
    unrelated(newsroom)

    newsroom.build(approval=Approval(code=code, keep=keep))
    newsroom.build(after=2 * GRACE)

    assert (reported(newsroom), OLD in ids(newsroom)) == ([], keep)
    assert "Choirs sing" in ids(newsroom)


@pytest.mark.long
@pytest.mark.parametrize("date", ["2026-11-24", "2026-12-24"])
@pytest.mark.parametrize("steps", [("new", "gone"), ("gone", "new"), ("both",)])
def test_the_question_ends_with_the_other_news_beside_unrelated_news(
    newsroom: Newsroom, steps: tuple[str, ...], date: str
) -> None:
    """It is out under another name, or waits there."""
    other = other_news(date)
    written_over(newsroom, other)
    for step in steps:
        if step != "new":
            (newsroom.folder / "entries/a.toml").unlink()
        if step != "gone":
            newsroom.drop("elsewhere/b.toml", other)
            unrelated(newsroom)
        newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert asked(newsroom) == ""
    assert OLD in ids(newsroom)
    assert ("Essay prize opens" in ids(newsroom)) == (date == "2026-11-24")


@pytest.mark.long
def test_each_question_ends_with_its_own_news(newsroom: Newsroom) -> None:
    """Two files had other news, and one of these is out."""
    newsroom.drop("b.toml", text("Harbour opens", ONE))
    written_over(newsroom, other_news())
    newsroom.drop("b.toml", text("Crane falls", TWO))
    newsroom.build()
    for name in ("a.toml", "b.toml"):
        (newsroom.folder / "entries" / name).unlink()
    newsroom.build()
    before = reported(newsroom)
    newsroom.drop("c.toml", text("Crane falls", TWO))

    newsroom.build()

    assert before == [("a.toml", "old-gone"), ("b.toml", "old-gone")]
    assert reported(newsroom) == [("a.toml", "old-gone")]
    assert ids(newsroom).keys() >= {OLD, "Harbour opens", "Crane falls"}


@pytest.mark.long
def test_a_question_of_the_release_before_stays_until_it_is_answered(newsroom: Newsroom) -> None:
    """That release did not record which text the file had."""
    written_over(newsroom, other_news())
    (newsroom.folder / "entries/a.toml").unlink()
    newsroom.build()
    with Ledger(ledger_url(newsroom.config)) as ledger:
        ledger.state.overwritten = [ids(newsroom)[OLD]]
        ledger.commit()
    newsroom.drop("b.toml", other_news())
    newsroom.build()

    assert reported(newsroom) == [("a.toml", "old-gone")]
    newsroom.build(approval=Approval(code=asked(newsroom), keep=True))
    assert (reported(newsroom), OLD in ids(newsroom)) == ([], True)


@pytest.mark.long
def test_a_question_about_a_file_with_the_id_of_its_entry_stays_beside_unrelated_news(
    newsroom: Newsroom,
) -> None:
    """It ends where the other news has that id under another name: staff are asked there."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file(id='"urn:x:1"'))
    newsroom.build()
    other = other_news("2026-11-25", id='"urn:x:1"')
    newsroom.drop("a.toml", other)
    newsroom.build()
    path.unlink()
    newsroom.build()
    unrelated(newsroom)
    newsroom.build()
    before = reported(newsroom)
    newsroom.drop("b.toml", other)
    newsroom.build()

    assert before == [("a.toml", "old-gone")]
    assert reported(newsroom)[0] == ("b.toml", "other-news-id")
    assert (asked(newsroom), ids(newsroom)[OLD]) == ("", "urn:x:1")


@pytest.mark.long
@pytest.mark.parametrize("is_lost", [True, False])
def test_an_entry_stays_if_the_state_is_lost_while_staff_are_asked(
    newsroom: Newsroom, *, is_lost: bool
) -> None:
    """Nobody is asked any more after that; it may have been restored from last night."""
    newsroom.drop("a.toml")
    newsroom.build()
    state = newsroom.folder / "state"
    shutil.copytree(state, newsroom.folder / "backup")
    newsroom.drop("a.toml", other_news())
    newsroom.build()
    (newsroom.folder / "entries/a.toml").unlink()
    newsroom.build()
    assert reported(newsroom) == [("a.toml", "old-gone")]

    shutil.rmtree(state)
    if not is_lost:
        shutil.copytree(newsroom.folder / "backup", state)
    newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert OLD in ids(newsroom)


def test_a_moved_file_leaves_its_name_to_other_news_of_the_same_day(newsroom: Newsroom) -> None:
    """Within one run, the moved file keeps its entry and the other is new."""
    publish_others(newsroom)
    newsroom.drop("a.toml")
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("b.toml", entry_file(summary='"Edited, too."'))
    newsroom.drop("a.toml", other_news())

    newsroom.build()

    assert reported(newsroom) == []
    assert before.items() <= ids(newsroom).items()
    assert ids(newsroom).keys() - before.keys() == {"Essay prize opens"}


@pytest.mark.long
def test_the_name_of_a_withdrawn_entry_is_free_for_other_news_of_its_day(
    newsroom: Newsroom,
) -> None:
    """The other text does not bring the old entry back."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml")
    newsroom.build()
    before = ids(newsroom)
    path.unlink()
    newsroom.build()
    newsroom.build(after=GRACE)
    newsroom.drop("a.toml", other_news())

    newsroom.build()

    assert reported(newsroom) == []
    assert before[OLD] not in ids(newsroom).values()
    assert "Essay prize opens" in ids(newsroom)


@pytest.mark.long
@pytest.mark.parametrize("is_exchanged", [True, False])
def test_the_report_that_takes_the_place_of_a_redated_one_does_not_take_its_entry(
    newsroom: Newsroom, *, is_exchanged: bool
) -> None:
    """The redated one was moved, to a new name or to that of other news."""
    before = published(newsroom, a=report(11, 680), b=text("Crane falls", TWO))
    newsroom.drop("a.toml", report(23, 362))
    moved = report(11, 680, date="2026-11-05")
    newsroom.drop("b.toml" if is_exchanged else "c.toml", moved)
    if is_exchanged:
        newsroom.drop("c.toml", text("Crane falls", TWO))

    found = dict(settled(newsroom))
    assert found.pop("a.toml") == "other-news"
    assert ids(newsroom) == before
    (problem,) = (p for p in newsroom.log[-1].problems if p.code == "other-news")
    newsroom.build(approval=Approval(code=str(problem.wanted)))
    id_ = before["Situation report 11"]
    newsroom.drop(
        "b.toml" if is_exchanged else "c.toml", report(11, 680, date="2026-11-05", id=f'"{id_}"')
    )
    assert settled(newsroom) == []
    assert before.items() <= ids(newsroom).items()
    assert ids(newsroom).keys() - before.keys() == {"Situation report 23"}


@pytest.mark.long
def test_a_correction_that_another_entry_has_does_not_make_its_news_that_of_a_file(
    newsroom: Newsroom,
) -> None:
    """It moved over a file whose own news got a mistake and another name."""
    corrected = {"correction": '"It is a crane."'}
    before = published(
        newsroom,
        a=text("Harbour opens", ONE, date="2026-11-20"),
        b=text("Crane falls", TWO, **corrected),
    )
    newsroom.drop("b.toml", text("Linz welcomes choirs", REWRITTEN))
    newsroom.drop("c.toml", text("Crane falls at noon", TWO, **corrected))
    newsroom.build()
    newsroom.drop("d.toml", text("Harbour opens", ONE, date="2026-11-20").replace(*MISTAKE))
    (newsroom.folder / "entries/c.toml").rename(newsroom.folder / "entries/a.toml")

    settled(newsroom)

    assert ids(newsroom) == before


def test_a_copy_of_corrected_news_over_another_file_is_asked_about(newsroom: Newsroom) -> None:
    """Its correction is that of the live original."""
    corrected = text("Crane falls", TWO, date="2026-11-20", correction='"It is a crane."')
    before = published(newsroom, a=text("Harbour opens", ONE), b=corrected)
    newsroom.drop("a.toml", corrected)

    assert ("a.toml", "other-news") in settled(newsroom)
    assert ids(newsroom) == before


@pytest.mark.parametrize("added", ["", " It rains."])
def test_a_report_that_is_copied_over_another_one_is_asked_about(
    newsroom: Newsroom, added: str
) -> None:
    """Although they are much alike, and of one day: its readers would have it twice."""
    before = published(newsroom, a=report(12, 66), b=report(13, 71))
    newsroom.drop("a.toml", report(13, 71).replace("before.", f"before.{added}"))

    assert ("a.toml", "other-news") in settled(newsroom)
    assert ids(newsroom) == before


def test_news_moves_from_a_file_that_has_other_news_with_a_mistake_and_some_of_its_words(
    newsroom: Newsroom,
) -> None:
    """All that it says is in another file: it is no copy."""
    before = published(newsroom, a=text("Harbour opens", ONE), b=text("Crane falls", TWO))
    newsroom.drop("c.toml", text("Crane falls", TWO))
    shared = f"{ONE} Divers recovered nobody, and engineers were hurt."
    newsroom.drop("b.toml", text("Harbour opens", shared).replace(*MISTAKE))
    (newsroom.folder / "entries/a.toml").unlink()

    settled(newsroom)

    assert ids(newsroom) == before
    assert [path for path, _ in reported(newsroom)] == ["b.toml"]


def test_the_corrected_version_of_other_news_is_asked_about(newsroom: Newsroom) -> None:
    """A correction says that it is the same entry only if something else of it is the same."""
    before = published(newsroom, a=text("Harbour opens", ONE), b=text("Crane falls", TWO))
    fields = {"date": "2026-11-21", "correction": '"It fell on Sunday."'}
    newsroom.drop("a.toml", text("A crane falls", f"{TWO} It rains.", **fields))

    assert settled(newsroom) == [("a.toml", "change-not-out"), ("a.toml", "other-news")]
    assert ids(newsroom) == before


@pytest.mark.long
@pytest.mark.parametrize("is_renamed", [True, False])
def test_staff_do_what_they_were_told_after_the_loss_of_the_ledger(
    newsroom: Newsroom, *, is_renamed: bool
) -> None:
    """An entry that was recovered knows the digest of its file's name alone."""
    written_over(newsroom, other_news())
    before = ids(newsroom)
    shutil.rmtree(newsroom.folder / "state")
    newsroom.build()
    file = newsroom.folder / "entries/a.toml"
    file.rename(file.with_name("essay.toml")) if is_renamed else file.unlink()

    newsroom.build()

    assert newsroom.log[-1].published == (("essay.toml",) if is_renamed else ())
    assert set(before) <= set(ids(newsroom))
