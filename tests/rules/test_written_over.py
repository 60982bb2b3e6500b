"""Other news in a file that was published takes the place of nothing, and is not lost either."""

from __future__ import annotations

import shutil
from datetime import timedelta
from time import sleep

import pytest
from click.testing import CliRunner

from dateline.cli import main
from dateline.rules.guards import Approval
from rules.test_combinations import ask, ids, told, with_others
from support.publication import Newsroom, entry_file

GRACE = timedelta(minutes=10)
OLD = "Report on Lebanon"
BODY = '"""\nStudents under 26 can hand in essays on corruption in sport until March.\n"""'


def other(date: str = "2026-11-24", **fields: str) -> str:
    """Give a file that has nothing in common with the first."""
    return entry_file("Essay prize opens", date, body=BODY, **fields)


def written_over(newsroom: Newsroom, text: str) -> str:
    """Publish a file beside others, write over it, and give the code that is asked about."""
    with_others(newsroom)
    newsroom.drop("a.toml")
    newsroom.build()
    newsroom.drop("a.toml", text)
    newsroom.build()
    return next((str(p.wanted) for p in newsroom.log[-1].problems if p.code == "other-news"), "")


@pytest.mark.parametrize("date", ["2026-11-24", "2026-11-25", "2026-12-24", "2025-11-24"])
def test_other_news_in_a_file_is_held_whatever_its_date(newsroom: Newsroom, date: str) -> None:
    """Readers keep what they have, and the note names what each case takes."""
    with_others(newsroom)
    newsroom.drop("a.toml")
    newsroom.build()
    before = newsroom.feeds()
    newsroom.drop("a.toml", other(date))

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
        other(correction='"Another text stood here."'),
    ],
    ids=["a new headline", "translated", "written anew", "a correction"],
)
def test_the_same_news_in_other_words_goes_out(newsroom: Newsroom, text: str) -> None:
    """Under its id and its address, and nothing is said."""
    assert written_over(newsroom, text) == ""
    assert newsroom.log[-1].changed == ("a.toml",)


def test_the_id_in_the_file_says_that_it_is_the_same(newsroom: Newsroom) -> None:
    """An import brings what changed elsewhere under the same id."""
    newsroom.drop("a.toml", entry_file(id='"urn:x:1"'))
    newsroom.build()
    newsroom.drop("a.toml", other("2026-11-25", id='"urn:x:1"'))

    newsroom.build()

    assert told(newsroom) == []
    assert ids(newsroom) == {"Essay prize opens": "urn:x:1"}


def test_a_file_written_over_that_gets_another_name_is_new(newsroom: Newsroom) -> None:
    """The entry that its name stood for stays as it is, also when the ledger is lost."""
    written_over(newsroom, other())
    before = ids(newsroom)
    path = newsroom.folder / "entries/a.toml"
    path.rename(path.with_name("b.toml"))

    report = newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert report.published == ("b.toml",)
    assert told(newsroom) == []
    assert before.items() <= ids(newsroom).items()
    assert ids(newsroom).keys() - before.keys() == {"Essay prize opens"}
    after = newsroom.feeds()
    shutil.rmtree(newsroom.folder / "state")
    newsroom.build(after=2 * GRACE)
    newsroom.build(after=2 * GRACE)
    assert newsroom.feeds() == after


def test_the_old_text_may_come_back_under_its_name(newsroom: Newsroom) -> None:
    """It is the same entry then, which is withdrawn with its file as ever."""
    written_over(newsroom, other())
    before = ids(newsroom)
    path = newsroom.folder / "entries/a.toml"
    path.rename(path.with_name("b.toml"))
    newsroom.build()
    newsroom.drop("a.toml")

    newsroom.build()

    assert before.items() <= ids(newsroom).items()
    path.unlink()
    newsroom.build()
    assert told(newsroom) == [("a.toml", "file-gone")]


@pytest.mark.parametrize("fields", [{}, {"draft": "true"}, {"date": "2026-12-24"}])
def test_staff_say_that_it_is_other_news(newsroom: Newsroom, fields: dict[str, str]) -> None:
    """It is a new entry when its moment comes, and the old one stays without a file."""
    code = written_over(newsroom, other(**fields))
    before = ids(newsroom)

    ask(newsroom, answer=Approval(code=code))
    newsroom.build(after=2 * GRACE)

    assert before.items() <= ids(newsroom).items()
    assert len(ids(newsroom)) == 5 - bool(fields)
    assert {code for _, code in told(newsroom)} <= {"draft", "scheduled"}
    newsroom.drop("a.toml", other())
    newsroom.build()
    assert ids(newsroom).keys() - before.keys() == {"Essay prize opens"}


def test_staff_say_that_it_is_the_same_entry(newsroom: Newsroom) -> None:
    """It goes on under its id, and what is edited later is asked about no more."""
    code = written_over(newsroom, other())
    before = ids(newsroom)

    ask(newsroom, answer=Approval(code=code, keep=True))

    assert ids(newsroom)["Essay prize opens"] == before[OLD]
    assert ids(newsroom).keys() ^ before.keys() == {"Essay prize opens", OLD}
    newsroom.drop("a.toml", other().replace("sport", "football"))
    newsroom.build()
    assert told(newsroom) == []


def test_an_answer_is_to_one_text(newsroom: Newsroom) -> None:
    """What was changed since is asked about again."""
    code = written_over(newsroom, other())
    newsroom.drop("a.toml", other().replace("March", "April"))

    ask(newsroom, answer=Approval(code=code))

    assert newsroom.codes() == ["other-news", "change-not-out"]


@pytest.mark.parametrize("word", ["allow", "keep"])
def test_the_commands_take_the_code(newsroom: Newsroom, word: str) -> None:
    """Both, as the note says."""
    code = written_over(newsroom, other())
    sleep(0.4)  # until the file holds still

    done = CliRunner().invoke(
        main, [word, "--config", str(newsroom.folder / "config.toml"), code], catch_exceptions=False
    )

    assert done.exit_code == 0, done.output
    assert (OLD in ids(newsroom), "Essay prize opens" in ids(newsroom)) == (word == "allow", True)


def test_the_old_text_put_back_settles_it(newsroom: Newsroom) -> None:
    """Nothing was lost, and nothing is said any more."""
    written_over(newsroom, other())
    before = newsroom.feeds()
    newsroom.drop("a.toml")

    newsroom.build()

    assert told(newsroom) == []
    assert newsroom.feeds() == before


def test_a_deleted_file_takes_only_what_it_said_with_it(newsroom: Newsroom) -> None:
    """What was published from it before stays."""
    written_over(newsroom, other())
    before = newsroom.feeds()
    (newsroom.folder / "entries/a.toml").unlink()

    newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert newsroom.feeds() == before


def test_a_file_moved_on_leaves_its_name_to_other_news_of_its_day(newsroom: Newsroom) -> None:
    """Within one look: the one goes on, the other is new."""
    with_others(newsroom)
    newsroom.drop("a.toml")
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("b.toml", entry_file(summary='"Edited, too."'))
    newsroom.drop("a.toml", other())

    newsroom.build()

    assert told(newsroom) == []
    assert before.items() <= ids(newsroom).items()
    assert ids(newsroom).keys() - before.keys() == {"Essay prize opens"}


def test_the_name_of_what_was_withdrawn_is_free_for_other_news_of_its_day(
    newsroom: Newsroom,
) -> None:
    """It does not bring the old entry back with another text."""
    with_others(newsroom)
    path = newsroom.drop("a.toml")
    newsroom.build()
    before = ids(newsroom)
    path.unlink()
    newsroom.build()
    newsroom.build(after=GRACE)
    newsroom.drop("a.toml", other())

    newsroom.build()

    assert told(newsroom) == []
    assert before[OLD] not in ids(newsroom).values()
    assert "Essay prize opens" in ids(newsroom)
