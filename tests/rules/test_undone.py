"""Staff are told where a live entry takes the place of its last issue, or a retraction ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dateline.rules.guards import Approval
from rules.test_combinations import ids, reported
from support.publication import Newsroom, entry_file

TITLE = "Figures of the week"
DAY = timedelta(days=1)
FIRST = '"""\nIn Accra 12 persons were arrested, and 340 containers were searched.\n"""'
SECOND = '"""\nIn Accra 31 persons were arrested, and 288 containers were searched.\n"""'
LONG = (
    '"""\nPolice officers in Accra arrested twelve persons on Monday. Customs laboratories opened '
    'forty containers, and prosecutors presented seized documents of several banks in Nairobi.\n"""'
)
OTHER = (
    '"""\nStudents under 26 can hand in essays on corruption in sport until March. Teachers of '
    'schools and stadium managers choose the winners, who visit a football seminar in Geneva.\n"""'
)


def issue(date: str = "2026-11-24", body: str = SECOND, title: str = TITLE, **fields: str) -> str:
    """Return the file of an issue."""
    return entry_file(title, date, body=body, **fields)


def written_over(newsroom: Newsroom, text: str, **first: str) -> None:
    """Publish an issue, and a week later another in its file."""
    newsroom.drop("weekly.toml", issue("2026-11-24", FIRST, **first))
    newsroom.build()
    newsroom.drop("weekly.toml", text)
    newsroom.build(after=7 * DAY)


@pytest.mark.long
@pytest.mark.parametrize("date", ["2026-11-26", "2026-12-01", '"1 December 2026"'])
def test_the_next_issue_in_the_file_of_the_last_is_noticed(newsroom: Newsroom, date: str) -> None:
    """It takes its place, and the note says so for a day, whatever is published meanwhile."""
    written_over(newsroom, issue(date))

    note = newsroom.folder / "entries/weekly.toml.problem.txt"
    assert reported(newsroom) == [("weekly.toml", "news-replaced")]
    assert newsroom.log[-1].changed == ("weekly.toml",)
    assert "replaces the news of 2026-11-24" in note.read_text(encoding="utf-8-sig")
    newsroom.drop("other.toml", entry_file())
    newsroom.build(after=DAY / 2)
    assert reported(newsroom) == [("weekly.toml", "news-replaced")]
    newsroom.build(after=DAY / 2)
    assert reported(newsroom) == []
    assert not note.exists()


@pytest.mark.long
@pytest.mark.parametrize(
    "texts",
    [
        [issue("2026-12-01")],
        [issue("2026-12-01", SECOND.replace("31", "32"))],
        [issue("2026-12-01") + "x", issue("2026-12-01")],
    ],
    ids=["saved again", "a typo", "a mistake"],
)
def test_the_note_on_the_next_issue_stays_for_its_day(newsroom: Newsroom, texts: list[str]) -> None:
    """However often the file is saved; it comes again with the issue after, for a day."""
    written_over(newsroom, issue("2026-12-01"))
    for text in texts:
        newsroom.drop("weekly.toml", text)
        newsroom.build(after=DAY / 4)
        assert ("weekly.toml", "news-replaced") in reported(newsroom)
    newsroom.drop("weekly.toml", issue("2026-12-08", FIRST))

    newsroom.build(after=7 * DAY)

    assert reported(newsroom) == [("weekly.toml", "news-replaced")]
    newsroom.build(after=DAY / 2)
    assert reported(newsroom) == [("weekly.toml", "news-replaced")]
    newsroom.build(after=DAY / 2)
    assert reported(newsroom) == []


@pytest.mark.long
@pytest.mark.parametrize(
    "text",
    [
        issue("2026-11-24", FIRST),
        issue("2026-12-01", correction='"There were 31, not 12."'),
        issue("2026-12-01", status='"retracted"', retraction='"Not ours."'),
    ],
    ids=["put back", "a correction", "a retraction"],
)
def test_the_note_on_the_next_issue_ends_once_it_is_followed(newsroom: Newsroom, text: str) -> None:
    """Or once the file says that it is the same news."""
    written_over(newsroom, issue("2026-12-01"))
    newsroom.drop("weekly.toml", text)

    newsroom.build(after=DAY / 4)

    assert reported(newsroom) == []


@pytest.mark.long
def test_the_note_on_a_retraction_stays_for_its_day(newsroom: Newsroom) -> None:
    """However often the file is saved, until the retraction is back."""
    retraction = {"status": '"retracted"', "retraction": '"Not ours."'}
    for text in (entry_file(), entry_file(**retraction), entry_file(), entry_file()):
        newsroom.drop("a.toml", text)
        newsroom.build()
    assert reported(newsroom) == [("a.toml", "retraction-undone")]
    newsroom.drop("a.toml", entry_file("Lebanon: a report"))
    newsroom.build(after=DAY / 2)
    assert reported(newsroom) == [("a.toml", "retraction-undone")]
    newsroom.drop("a.toml", entry_file(**retraction))

    newsroom.build()

    assert reported(newsroom) == []


@pytest.mark.long
@pytest.mark.parametrize(
    "text",
    [
        issue("2026-11-25"),
        issue("2026-11-20"),
        issue("2026-11-24"),
        issue("2026-12-01", FIRST),
        issue("2026-11-24", title="Figures of this week"),
        issue("2026-12-01", correction='"There were 31, not 12."'),
        issue("2026-12-01", updated="2026-12-01"),
        issue("2026-12-01", status='"retracted"', retraction='"Not ours."'),
    ],
)
def test_an_edit_that_is_no_next_issue_is_not_noticed(newsroom: Newsroom, text: str) -> None:
    """A date that is corrected, a text alone, and what says that it is the same."""
    written_over(newsroom, text)

    assert reported(newsroom) == []


def test_the_id_says_that_it_is_the_same(newsroom: Newsroom) -> None:
    """So do files that were imported."""
    written_over(newsroom, issue("2026-12-01", id='"urn:x:1"'), id='"urn:x:1"')

    assert reported(newsroom) == []


@pytest.mark.long
def test_an_answer_that_it_is_the_same_is_believed(newsroom: Newsroom) -> None:
    """Staff were asked, since the texts have nothing in common."""
    newsroom.drop("weekly.toml", issue("2026-11-24", LONG))
    newsroom.build()
    newsroom.drop("weekly.toml", issue("2026-12-01", OTHER))
    newsroom.build(after=7 * DAY)
    code = next(str(one.wanted) for one in newsroom.log[-1].problems if one.code == "other-news")

    newsroom.build(approval=Approval(code=code, keep=True))

    assert reported(newsroom) == []
    assert newsroom.log[-1].changed == ("weekly.toml",)


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "is_new"),
    [
        (issue("2026-12-01"), True),
        (issue("2026-12-01", FIRST), False),
        (issue("2026-12-01", correction='"There were 31, not 12."'), False),
        (issue("2026-11-24"), False),
        (issue("2026-12-01", FIRST.replace("In ", "Late in ")), False),
    ],
    ids=["the next issue", "its date alone", "a correction", "its text alone", "a word"],
)
def test_the_next_issue_in_the_file_of_a_withdrawn_one_is_new(
    newsroom: Newsroom, text: str, *, is_new: bool
) -> None:
    """It has its own moment, and the withdrawn one stays withdrawn; an edit brings that back."""
    newsroom.drop("weekly.toml", issue("2026-11-24", FIRST))
    newsroom.drop("other.toml", entry_file())
    newsroom.build()
    before = ids(newsroom)
    (newsroom.folder / "entries/weekly.toml").unlink()
    newsroom.build()
    newsroom.build(after=timedelta(minutes=11))
    assert TITLE not in ids(newsroom)
    newsroom.drop("weekly.toml", text)

    newsroom.build(after=7 * DAY)
    newsroom.build(after=DAY)

    assert reported(newsroom) == []
    assert (ids(newsroom)[TITLE] != before[TITLE]) == is_new
    (item,) = (one for one in newsroom.items() if one["title"] == TITLE)
    assert item["date_published"].startswith("2026-12-01" if is_new else "2026-11-24")


@pytest.mark.long
def test_a_former_version_of_withdrawn_news_with_a_later_date_is_that_entry(
    newsroom: Newsroom,
) -> None:
    """As `dateline restore` brings it back."""
    newsroom.drop("weekly.toml", issue("2026-11-24", FIRST))
    newsroom.drop("other.toml", entry_file())
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("weekly.toml", issue("2026-11-18", SECOND))
    newsroom.build()
    (newsroom.folder / "entries/weekly.toml").unlink()
    newsroom.build()
    newsroom.build(after=timedelta(minutes=11))
    assert TITLE not in ids(newsroom)

    newsroom.drop("weekly.toml", issue("2026-11-24", FIRST))
    newsroom.build()

    assert (reported(newsroom), ids(newsroom)) == ([], before)


@pytest.mark.long
@pytest.mark.parametrize("is_new_first", [True, False])
def test_the_note_on_the_next_issue_can_be_followed(
    newsroom: Newsroom, *, is_new_first: bool
) -> None:
    """Both are news of their own then, in whatever order the files were saved."""
    written_over(newsroom, issue("2026-12-01"))
    files = {
        "weekly-49.toml": issue("2026-12-01", title="Figures of week 49"),
        "weekly.toml": issue("2026-11-24", FIRST),
    }
    before = ids(newsroom)
    for path in sorted(files, reverse=not is_new_first):
        newsroom.drop(path, files[path])
        newsroom.build(after=timedelta(minutes=5))

    assert reported(newsroom) == []
    assert before.items() < ids(newsroom).items()
    assert ids(newsroom).keys() == {TITLE, "Figures of week 49"}


@pytest.mark.long
def test_an_old_copy_that_undoes_a_retraction_is_noticed(newsroom: Newsroom) -> None:
    """It may come from a backup; the note names the moment of the retraction, for a day."""
    newsroom.drop("a.toml")
    newsroom.build()
    newsroom.drop("a.toml", entry_file(status='"retracted"', retraction='"Not ours."'))
    newsroom.build()
    assert reported(newsroom) == []
    newsroom.drop("a.toml")

    newsroom.build(after=DAY)

    note = newsroom.folder / "entries/a.toml.problem.txt"
    assert reported(newsroom) == [("a.toml", "retraction-undone")]
    assert "2026-11-2" in note.read_text(encoding="utf-8-sig")
    newsroom.build(after=DAY)
    assert reported(newsroom) == []
    assert not note.exists()
    newsroom.drop("a.toml", entry_file(status='"retracted"', retraction='"Not ours."'))
    newsroom.build()
    assert reported(newsroom) == []
