"""What one act of staff does not show, and two of them do."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from dateline import publish
from dateline.rules.guards import Approval
from support.publication import Newsroom, entry_file

GRACE = timedelta(minutes=10)
ERRATA = """
[[feed]]
name = "errata"
title = "Errata"
description = "What was wrong"
kinds = ["correction"]
"""


def with_others(newsroom: Newsroom, count: int = 3) -> None:
    """Publish other news beside, so that no guard is in the way."""
    for number in range(count):
        newsroom.drop(f"other-{number}.toml", entry_file(f"Other news {number}"))


def ids(newsroom: Newsroom) -> dict[str, str]:
    """Give the ids of what the main feed has by their titles."""
    return {item["title"]: item["id"] for item in newsroom.items()}


def told(newsroom: Newsroom) -> list[tuple[str, str]]:
    """Give the files of which the last run says anything, and the codes."""
    return sorted((problem.file, problem.code) for problem in newsroom.log[-1].problems)


def ask(newsroom: Newsroom, *, answer: Approval = publish.NOTHING, takedown: str = "") -> None:
    """Do a run in which staff answer a guard, or take something down."""
    newsroom.now += timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(seconds=2)
    config = newsroom.config
    newsroom.log.append(
        publish.build(
            config,
            publish.RunRequest(now=newsroom.now, clock=clock, approval=answer, takedown=takedown),
        )
    )


def test_a_copy_of_what_was_taken_down_is_held_like_its_file(newsroom: Newsroom) -> None:
    """Its text is published under no name, also while its file is still there."""
    with_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    ask(newsroom, takedown=ids(newsroom)["Report on Lebanon"])
    newsroom.drop("b.toml", entry_file())

    report = newsroom.build()

    assert report.published == ()
    assert told(newsroom) == [("a.toml", "taken-down"), ("b.toml", "taken-down")]


def test_what_was_withdrawn_comes_back_while_its_name_is_another_draft(newsroom: Newsroom) -> None:
    """It is the same entry: nobody is told of it under another id."""
    with_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = ids(newsroom)
    path.unlink()
    newsroom.build()
    newsroom.build(after=GRACE)
    newsroom.drop("a.toml", entry_file("Not yet", "2026-11-20", draft="true"))
    newsroom.drop("b.toml", entry_file(body='"Other text."'))

    newsroom.build()

    assert ids(newsroom) == before
    assert told(newsroom) == [("a.toml", "draft")]


def test_a_file_that_gets_the_name_of_one_that_went_stays_what_it_is(newsroom: Newsroom) -> None:
    """The other is missed from then on, and is withdrawn when its grace ends."""
    with_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.drop("b.toml", entry_file("Second", "2026-11-23"))
    newsroom.build()
    before = ids(newsroom)
    shutil.move(newsroom.folder / "entries/b.toml", newsroom.folder / "entries/a.toml")

    report = newsroom.build()

    assert ids(newsroom) == before
    assert told(newsroom) == [("2026/11/report-on-lebanon.html", "file-gone")]
    assert report.next == newsroom.now + GRACE

    newsroom.build(after=GRACE)

    assert before.keys() - ids(newsroom).keys() == {"Report on Lebanon"}


def test_a_renamed_file_stays_what_it_is_when_its_name_is_other_news(newsroom: Newsroom) -> None:
    """Also when its text changed on the way, within one look at the folder."""
    with_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("b.toml", entry_file(body='"Other text."'))
    newsroom.drop("a.toml", entry_file("New", "2026-11-25"))

    newsroom.build()

    assert before.items() <= ids(newsroom).items()
    assert ids(newsroom).keys() - before.keys() == {"New"}
    assert told(newsroom) == []


@pytest.mark.parametrize(
    "edited",
    [entry_file("Another title"), entry_file(date="2026-11-20", body='"Other text."')],
    ids=["the text is the same", "the title is the same"],
)
def test_a_file_renamed_and_edited_at_once_is_asked_about(newsroom: Newsroom, edited: str) -> None:
    """Nobody is told of it twice, and the entry stays up until staff answer."""
    with_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("b.toml", edited)
    (newsroom.folder / "entries/a.toml").unlink()

    said = newsroom.build()
    later = newsroom.build(after=2 * GRACE)

    assert [problem.code for problem in said.problems] == ["renamed-edited"]
    assert [problem.code for problem in later.problems] == ["renamed-edited"]
    assert ids(newsroom) == before

    path = newsroom.folder / "entries/b.toml"
    path.rename(path.with_name("a.toml"))
    newsroom.build()

    assert set(ids(newsroom).values()) == set(before.values())
    assert told(newsroom) == []


def test_a_file_that_only_looks_like_another_is_published_when_staff_say_so(
    newsroom: Newsroom,
) -> None:
    """Then what is gone is withdrawn as ever."""
    with_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("b.toml", entry_file("Another title"))
    (newsroom.folder / "entries/a.toml").unlink()
    (code,) = (str(p.wanted) for p in newsroom.build().problems if p.code == "renamed-edited")

    ask(newsroom, answer=Approval(code=code))
    newsroom.build(after=2 * GRACE)

    assert ids(newsroom).keys() ^ before.keys() == {"Another title", "Report on Lebanon"}


def test_another_id_is_another_entry_when_staff_say_so(newsroom: Newsroom) -> None:
    """Until then nothing changes; then the old one is withdrawn, and the new one is there."""
    with_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("a.toml", entry_file(id='"urn:x:other"'))

    (said,) = newsroom.build().problems[:1]
    assert (said.code, ids(newsroom)) == ("id-changed", before)

    ask(newsroom, answer=Approval(code=str(said.wanted)))
    newsroom.build(after=2 * GRACE)
    newsroom.build(after=2 * GRACE)

    assert ids(newsroom) == before | {"Report on Lebanon": "urn:x:other"}
    assert before["Report on Lebanon"] in (newsroom.folder / "feeds/news.atom").read_text("utf-8")
    assert told(newsroom) == []


def test_what_was_kept_and_came_back_is_asked_about_when_it_goes_again(newsroom: Newsroom) -> None:
    """A lost ledger does not keep it either."""
    with_others(newsroom)
    path = newsroom.drop("old.toml", entry_file("Old", "2026-10-01"))
    newsroom.build()
    path.unlink()
    code = str(newsroom.build().problems[0].wanted)
    ask(newsroom, answer=Approval(code=code, keep=True))
    assert told(newsroom) == []
    newsroom.drop("old.toml", entry_file("Old", "2026-10-01"))
    newsroom.build()
    path.unlink()

    newsroom.build()

    assert told(newsroom) == [("old.toml", "old-gone")]
    shutil.rmtree(newsroom.folder / "state")
    newsroom.build()
    assert [code for _, code in told(newsroom)] == ["old-gone"]


def test_a_date_ahead_of_what_is_live_counts_from_its_moment(newsroom: Newsroom) -> None:
    """What was held for it is looked at then, and not at some later time."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    newsroom.drop("a.toml", entry_file(date="2026-11-25T12:00:00Z", body='"Text of noon."'))

    report = newsroom.build()

    assert report.next == datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert "noon" not in newsroom.items()[0]["content_html"]

    newsroom.now = report.next
    newsroom.build(after=timedelta())

    assert "noon" in newsroom.items()[0]["content_html"]


def test_what_expired_by_a_wrong_clock_is_there_again(newsroom: Newsroom) -> None:
    """When the clock is put right, so is what readers see."""
    newsroom.drop("a.toml", entry_file(expires="2026-11-26T00:00:00Z"))
    newsroom.build()
    newsroom.build(after=timedelta(days=3))
    assert newsroom.items() == []

    newsroom.build(after=-timedelta(days=3))

    assert list(ids(newsroom)) == ["Report on Lebanon"]


def test_a_copy_is_no_news_whatever_its_name_was_before(newsroom: Newsroom) -> None:
    """A rebuild, with the ledger or without, makes no other choice."""
    with_others(newsroom)
    path = newsroom.drop("a.toml", entry_file("Withdrawn", "2026-11-20"))
    newsroom.drop("b.toml", entry_file())
    newsroom.build()
    path.unlink()
    newsroom.build()
    newsroom.build(after=GRACE)
    before = ids(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    assert told(newsroom) == [("a.toml", "copy")]
    shutil.rmtree(newsroom.folder / "state")

    newsroom.build()

    assert told(newsroom) == [("a.toml", "copy")]
    assert ids(newsroom) == before


def test_a_lost_ledger_knows_which_of_two_has_the_name_now(newsroom: Newsroom) -> None:
    """An edit of the one that was renamed is no news of the one that went."""
    with_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.drop("b.toml", entry_file("Second", "2026-11-23"))
    newsroom.build()
    before = ids(newsroom)
    shutil.move(newsroom.folder / "entries/b.toml", newsroom.folder / "entries/a.toml")
    newsroom.build()
    shutil.rmtree(newsroom.folder / "state")
    newsroom.drop("a.toml", entry_file("Second", "2026-11-23", body='"Other text."'))

    newsroom.build()

    assert ids(newsroom) == before
    assert told(newsroom) == [("2026/11/report-on-lebanon.html", "file-gone")]


def test_a_ledger_from_before_does_not_know_since_when_a_file_is_gone(newsroom: Newsroom) -> None:
    """Its grace begins anew: the file was there in between."""
    with_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    path.unlink()
    newsroom.build()
    shutil.copytree(newsroom.folder / "state", newsroom.folder / "backup")
    newsroom.drop("a.toml", entry_file())
    newsroom.drop("new.toml", entry_file("New"))
    newsroom.build(after=timedelta(days=1))
    path.unlink()
    shutil.rmtree(newsroom.folder / "state")
    shutil.move(newsroom.folder / "backup", newsroom.folder / "state")

    report = newsroom.build()

    assert report.withdrawn == ()
    assert report.next == newsroom.now + GRACE


def test_a_page_that_waits_for_the_next_second_is_written_then(newsroom: Newsroom) -> None:
    """Also when its feeds did not wait, because the clock was put back behind them."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    newsroom.drop("a.toml", entry_file(categories='["Health"]'))
    newsroom.build(after=timedelta(minutes=10))
    newsroom.drop("a.toml", entry_file("Retitled", categories='["Health"]'))

    report = newsroom.build(after=-timedelta(minutes=10))

    assert report.next == newsroom.now + timedelta(seconds=1)
    assert b"Retitled" in newsroom.feeds()["news.atom"][0]

    newsroom.build(after=timedelta(seconds=1))

    assert b"Retitled" in newsroom.feeds()["index.html"][0]


def test_the_last_retraction_may_be_taken_back(newsroom: Newsroom) -> None:
    """The feed of corrections is empty then, and no guard asks about it."""
    with (newsroom.folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write(ERRATA)
    newsroom.drop("a.toml", entry_file(status='"retracted"', retraction='"Wrong."'))
    newsroom.build()
    assert len(newsroom.items("errata")) == 1
    newsroom.drop("a.toml", entry_file())

    newsroom.build()

    assert told(newsroom) == []
    assert newsroom.items("errata") == []
