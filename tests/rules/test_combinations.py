"""Combinations of two actions of staff, which tests of single actions do not show."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from dateline import publish
from dateline.messages import text_of
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


def publish_others(newsroom: Newsroom, count: int = 3) -> None:
    """Publish other entries as well, so that no guard applies."""
    for number in range(count):
        newsroom.drop(f"other-{number}.toml", entry_file(f"Other news {number}"))


def ids(newsroom: Newsroom) -> dict[str, str]:
    """Return the ids of the entries in the main feed, by title."""
    return {item["title"]: item["id"] for item in newsroom.items()}


def reported(newsroom: Newsroom) -> list[tuple[str, str]]:
    """Return the files and codes that the last run reported."""
    return sorted((problem.file, problem.code) for problem in newsroom.log[-1].problems)


def run(newsroom: Newsroom, *, answer: Approval = publish.NOTHING, takedown: str = "") -> None:
    """Run with an approval, or with a takedown."""
    newsroom.now += timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(seconds=2)
    config = newsroom.config
    newsroom.log.append(
        publish.build(
            config,
            publish.RunRequest(now=newsroom.now, clock=clock, approval=answer, takedown=takedown),
        )
    )


def test_a_copy_of_a_taken_down_entry_is_held_like_its_file(newsroom: Newsroom) -> None:
    """Its text stays unpublished under every name, even while the original file is still there."""
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    run(newsroom, takedown=ids(newsroom)["Report on Lebanon"])
    newsroom.drop("b.toml", entry_file())

    report = newsroom.build()

    assert report.published == ()
    assert reported(newsroom) == [("a.toml", "taken-down"), ("b.toml", "taken-down")]


@pytest.mark.long
def test_a_withdrawn_entry_comes_back_although_a_new_draft_has_its_file_name(
    newsroom: Newsroom,
) -> None:
    """It keeps its id, so readers do not get it twice."""
    publish_others(newsroom)
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
    assert reported(newsroom) == [("a.toml", "draft")]


@pytest.mark.long
def test_a_file_renamed_to_the_name_of_a_missing_file_keeps_its_id(newsroom: Newsroom) -> None:
    """The entry of the missing file is withdrawn when its grace time ends."""
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.drop("b.toml", entry_file("Second", "2026-11-23"))
    newsroom.build()
    before = ids(newsroom)
    shutil.move(newsroom.folder / "entries/b.toml", newsroom.folder / "entries/a.toml")

    report = newsroom.build()

    assert ids(newsroom) == before
    page = "2026/11/report-on-lebanon.html"
    assert reported(newsroom) == [(page, "file-gone"), ("a.toml", "news-displaced")]
    note = newsroom.folder / "entries/a.toml.problem.txt"
    said = note.read_text("utf-8-sig")
    assert f"the news {page}, which is withdrawn 10 min" in said
    assert f"dateline history {page}" in said
    assert report.next == newsroom.now + GRACE

    newsroom.build(after=GRACE)

    assert before.keys() - ids(newsroom).keys() == {"Report on Lebanon"}
    assert (reported(newsroom), note.exists()) == ([], False)


@pytest.mark.long
def test_news_whose_file_was_written_over_by_a_rename_goes_on_once_its_text_is_back(
    newsroom: Newsroom,
) -> None:
    """The other file gets another name first, as the note says; then there is no note."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.drop("b.toml", entry_file("Second", "2026-11-23"))
    newsroom.build()
    before = ids(newsroom)
    shutil.move(newsroom.folder / "entries/b.toml", path)
    newsroom.build()
    path.rename(path.with_name("c.toml"))
    newsroom.drop("a.toml", entry_file())

    newsroom.build(after=GRACE / 2)
    assert (reported(newsroom), ids(newsroom)) == ([], before)
    newsroom.build(after=GRACE)
    assert (reported(newsroom), ids(newsroom)) == ([], before)


@pytest.mark.long
@pytest.mark.parametrize("case", ["old", "withdrawn", "renumbered"])
def test_only_news_that_loses_its_file_to_a_renamed_one_is_told_of(
    newsroom: Newsroom, case: str
) -> None:
    """Not old news, which stays; nor news that was withdrawn before, or that moves on itself."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file(date="2026-10-01" if case == "old" else "2026-11-24"))
    newsroom.drop("b.toml", entry_file("Second", "2026-11-23"))
    newsroom.build()
    if case == "withdrawn":
        path.unlink()
        newsroom.build()
        newsroom.build(after=GRACE)
    if case == "renumbered":
        path.rename(path.with_name("c.toml"))
    shutil.move(newsroom.folder / "entries/b.toml", path)

    newsroom.build()

    assert "news-displaced" not in {code for _, code in reported(newsroom)}


def test_a_renamed_file_keeps_its_id_when_other_news_takes_its_old_name(newsroom: Newsroom) -> None:
    """This holds even if its text changed between the same two runs."""
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("b.toml", entry_file(body='"Other text."'))
    newsroom.drop("a.toml", entry_file("New", "2026-11-25"))

    newsroom.build()

    assert before.items() <= ids(newsroom).items()
    assert ids(newsroom).keys() - before.keys() == {"New"}
    assert reported(newsroom) == []


_LONG = (
    "The authority opened the pier on Monday. Anna Gruber, the mayor, said that 400 ships "
    "from Norway, Sweden and Denmark will moor there in its first year. A festival follows."
)


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "edited"),
    [
        (entry_file(), entry_file("Another title")),
        (entry_file(), entry_file(date="2026-11-20", body='"Other text."')),
        (
            entry_file(body=f'"{_LONG}"'),
            entry_file("Another title", body=f'"{_LONG.replace("Monday", "Tuesday")}"'),
        ),
    ],
    ids=["the text is the same", "the title is the same", "one word of the text differs"],
)
def test_a_file_renamed_and_edited_at_once_needs_an_approval(
    newsroom: Newsroom, text: str, edited: str
) -> None:
    """Readers do not get the entry twice, and it stays live until staff answer."""
    publish_others(newsroom)
    newsroom.drop("a.toml", text)
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
    assert reported(newsroom) == []


@pytest.mark.long
def test_other_news_of_one_template_and_day_needs_one_approval(newsroom: Newsroom) -> None:
    """Only if the file of other such news has vanished, and however many have."""
    publish_others(newsroom)
    countries = ("Norway", "Sweden", "Denmark", "Finland", "Iceland")
    texts = {
        country: entry_file(country, body=f'"{_LONG.replace("Norway, Sweden and ", country)}"')
        for country in countries
    }
    paths = [newsroom.drop(f"{country}.toml", texts[country]) for country in countries[:3]]
    newsroom.build()
    newsroom.drop("Finland.toml", texts["Finland"])
    newsroom.build()
    assert (reported(newsroom), {*countries[:4]} <= {*ids(newsroom)}) == ([], True)

    paths[0].unlink()
    paths[1].unlink()
    newsroom.drop("Iceland.toml", texts["Iceland"])
    newsroom.build()
    newsroom.build(after=2 * GRACE)
    (problem,) = newsroom.log[-1].problems
    assert (problem.code, {*countries[:4]} <= {*ids(newsroom)}) == ("renamed-edited", True)

    newsroom.build(approval=Approval(code=str(problem.wanted)))
    newsroom.build(after=2 * GRACE)

    assert reported(newsroom) == []
    assert {*countries} & {*ids(newsroom)} == {*countries[2:]}


@pytest.mark.long
@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_an_imported_file_renamed_and_edited_at_once_stays_its_entry(
    newsroom: Newsroom, *, is_withdrawn: bool
) -> None:
    """Its id tells which one it is, also once the entry was withdrawn."""
    publish_others(newsroom)
    own = {"id": '"https://old.example.org/?p=7"'}
    path = newsroom.drop("a.toml", entry_file(**own))
    newsroom.build()
    before = ids(newsroom)
    path.unlink()
    if is_withdrawn:
        newsroom.build()
        newsroom.build(after=2 * GRACE)
        assert ids(newsroom) != before
    newsroom.drop("b.toml", entry_file("Another title", body='"Other words."', **own))

    newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert reported(newsroom) == []
    assert {*ids(newsroom).values()} == {*before.values()}


@pytest.mark.long
@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_an_imported_file_renamed_to_a_former_name_and_edited_stays_its_entry(
    newsroom: Newsroom, *, is_withdrawn: bool
) -> None:
    """The entry that had the name is withdrawn, before or after."""
    publish_others(newsroom)
    first = newsroom.drop("1.toml", entry_file("First", id='"urn:1"'))
    own = {"date": "2026-11-20", "id": '"urn:2"'}
    second = newsroom.drop("2.toml", entry_file("Second", body='"Words."', **own))
    newsroom.build()
    if is_withdrawn:
        first.unlink()
        newsroom.build()
        newsroom.build(after=2 * GRACE)
    second.unlink()
    newsroom.drop("1.toml", entry_file("Second, edited", body='"Other words."', **own))

    newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert reported(newsroom) == []
    assert ids(newsroom)["Second, edited"] == "urn:2"
    assert "urn:1" not in ids(newsroom).values()


def test_of_two_files_with_one_id_the_one_that_keeps_it_is_the_entry(newsroom: Newsroom) -> None:
    """Another title and date alone do not help; the message says so."""
    publish_others(newsroom)
    own = {"id": '"urn:1"'}
    path = newsroom.drop("a.toml", entry_file(**own))
    newsroom.build()
    path.unlink()
    newsroom.drop("b.toml", entry_file("Second", body='"Words."', **own))
    newsroom.drop("c.toml", entry_file("Third", "2026-10-20", body='"More words."', **own))
    newsroom.build()
    held = [("b.toml", "rename-unclear"), ("c.toml", "rename-unclear")]
    assert reported(newsroom) == held
    assert "the same id, remove it from all but one" in text_of("rename-unclear", "en")
    newsroom.drop("c.toml", entry_file("Third", "2026-10-20", body='"More words."'))

    newsroom.build()

    assert reported(newsroom) == []
    assert ids(newsroom)["Second"] == "urn:1"
    assert "Third" in ids(newsroom)


@pytest.mark.long
def test_an_entry_stays_live_while_two_files_could_be_it(newsroom: Newsroom) -> None:
    """The file was copied twice and deleted; once one copy is left, that is its file."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = ids(newsroom)
    copies = [newsroom.drop(f"{name}/a.toml", entry_file()) for name in ("x", "y")]
    path.unlink()

    newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert reported(newsroom) == [("x/a.toml", "rename-unclear"), ("y/a.toml", "rename-unclear")]
    assert ids(newsroom) == before
    copies[0].unlink()
    newsroom.build(after=2 * GRACE)
    assert (ids(newsroom), reported(newsroom)) == (before, [])


def test_two_entries_of_one_title_and_date_move_while_one_is_edited(newsroom: Newsroom) -> None:
    """As translations may: the one whose content is the same cannot be the other."""
    publish_others(newsroom)
    texts = {"en": entry_file("COVID-19"), "fr": entry_file("COVID-19", body='"En bref."')}
    old = [newsroom.drop(f"{name}.toml", text) for name, text in texts.items()]
    newsroom.build()
    before = sorted(item["id"] for item in newsroom.items())
    for path in old:
        path.unlink()
    newsroom.drop("2026/en.toml", texts["en"])
    newsroom.drop("2026/fr.toml", entry_file("COVID-19", body='"Plus long."'))

    newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert reported(newsroom) == []
    assert sorted(item["id"] for item in newsroom.items()) == before


@pytest.mark.parametrize("fields", [{"draft": "true"}, {"id": '"https://example.org/2"'}])
def test_an_entry_stays_live_whose_file_is_renamed_and_held(
    newsroom: Newsroom, fields: dict[str, str]
) -> None:
    """What holds the file says that the entry is live."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = ids(newsroom)
    path.unlink()
    newsroom.drop("later/a.toml", entry_file(**fields))

    newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert [path for path, _ in reported(newsroom)] == ["later/a.toml"]
    assert ids(newsroom) == before


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("a (Ann's conflicted copy 2026-11-24).toml", ("", "")),
        ("a.sync-conflict-20261124-101112-ABCDEFG.toml", ("", "")),
        ("a.txt", ("", "")),
        ("b.toml", ("date = 2026-11-24", 'date = "the 42nd of May"')),
        ("b.toml", ('title = "Report on Lebanon"', 'title = "Report on Lebanon')),
        ("b.toml", ("title =", "titel =")),
        ("b.toml", ("date =", 'language = "Klingon"\ndate =')),
        ("b.toml", ('Text of the report.\n"""', "Text of")),
    ],
)
def test_an_entry_stays_live_whose_file_is_renamed_and_cannot_be_read(
    newsroom: Newsroom, name: str, changed: tuple[str, str]
) -> None:
    """Until staff mend the file, which then is the entry, or delete it."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = ids(newsroom)
    path.unlink()
    renamed = newsroom.drop(name, entry_file().replace(*changed))

    newsroom.build()
    newsroom.build(after=2 * GRACE)

    assert {file for file, _ in reported(newsroom)} == {name}
    assert ids(newsroom) == before
    renamed.unlink()
    newsroom.drop("c.toml", entry_file())
    newsroom.build()
    assert (reported(newsroom), ids(newsroom)) == ([], before)
    newsroom.drop(name, entry_file().replace(*changed))
    run(newsroom, takedown=before["Report on Lebanon"])
    assert before["Report on Lebanon"] not in ids(newsroom).values()


def test_an_entry_without_a_file_is_withdrawn_although_other_news_is_held(
    newsroom: Newsroom,
) -> None:
    """Held files count only with its title in one of their lines."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    path.unlink()
    newsroom.drop("b.toml", entry_file("Not the Report on Lebanon", "the 42nd of May"))
    newsroom.build()

    newsroom.build(after=2 * GRACE)

    assert "Report on Lebanon" not in ids(newsroom)


@pytest.mark.long
def test_a_file_renamed_and_edited_after_the_ledger_was_lost_is_asked_about(
    newsroom: Newsroom,
) -> None:
    """Nobody knows the old name any more; the entry stays live, and its id is named."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = ids(newsroom)
    (newsroom.folder / "state/ledger.sqlite").unlink()
    path.unlink()
    newsroom.drop("b.toml", entry_file("Another title"))

    newsroom.build()
    newsroom.build(after=2 * GRACE)

    (problem,) = [one for one in newsroom.log[-1].problems if one.code == "renamed-unnamed"]
    assert ids(newsroom) == before
    newsroom.drop("b.toml", entry_file("Another title", id=f'"{problem.found}"'))
    newsroom.build()
    assert {*ids(newsroom).values()} == {*before.values()}
    assert reported(newsroom) == []


@pytest.mark.long
def test_a_file_that_resembles_a_missing_one_is_published_after_approval(
    newsroom: Newsroom,
) -> None:
    """The entry of the missing file is then withdrawn as usual."""
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("b.toml", entry_file("Another title"))
    (newsroom.folder / "entries/a.toml").unlink()
    (code,) = (str(p.wanted) for p in newsroom.build().problems if p.code == "renamed-edited")

    run(newsroom, answer=Approval(code=code))
    newsroom.build(after=2 * GRACE)

    assert ids(newsroom).keys() ^ before.keys() == {"Another title", "Report on Lebanon"}


@pytest.mark.long
def test_a_changed_id_makes_a_new_entry_after_approval(newsroom: Newsroom) -> None:
    """Nothing changes until then; then the old entry is withdrawn and the new one is published."""
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("a.toml", entry_file(id='"urn:x:other"'))

    (said,) = newsroom.build().problems[:1]
    assert (said.code, ids(newsroom)) == ("id-changed", before)

    run(newsroom, answer=Approval(code=str(said.wanted)))
    newsroom.build(after=2 * GRACE)
    newsroom.build(after=2 * GRACE)

    assert ids(newsroom) == before | {"Report on Lebanon": "urn:x:other"}
    assert before["Report on Lebanon"] in (newsroom.folder / "feeds/news.atom").read_text("utf-8")
    assert reported(newsroom) == []


@pytest.mark.long
def test_keep_applies_only_once_to_a_file_that_comes_back_and_goes_again(
    newsroom: Newsroom,
) -> None:
    """The approval is asked for again, also after the ledger is lost."""
    publish_others(newsroom)
    path = newsroom.drop("old.toml", entry_file("Old", "2026-10-01"))
    newsroom.build()
    path.unlink()
    code = str(newsroom.build().problems[0].wanted)
    run(newsroom, answer=Approval(code=code, keep=True))
    assert reported(newsroom) == []
    newsroom.drop("old.toml", entry_file("Old", "2026-10-01"))
    newsroom.build()
    path.unlink()

    newsroom.build()

    assert reported(newsroom) == [("old.toml", "old-gone")]
    shutil.rmtree(newsroom.folder / "state")
    newsroom.build()
    assert [code for _, code in reported(newsroom)] == ["old-gone"]


@pytest.mark.long
def test_a_future_date_on_a_live_entry_applies_at_its_moment(newsroom: Newsroom) -> None:
    """The held edit is published at that moment, by a run scheduled for it."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    newsroom.drop("a.toml", entry_file(date="2026-11-25T12:00:00Z", body='"Text of noon."'))

    report = newsroom.build()

    assert report.next == datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert "noon" not in newsroom.items()[0]["content_html"]

    newsroom.now = report.next
    newsroom.build(after=timedelta())

    assert "noon" in newsroom.items()[0]["content_html"]


@pytest.mark.long
def test_an_entry_that_expired_by_a_wrong_clock_comes_back(newsroom: Newsroom) -> None:
    """It is in the feeds again once the clock is corrected."""
    newsroom.drop("a.toml", entry_file(expires="2026-11-26T00:00:00Z"))
    newsroom.build()
    newsroom.build(after=timedelta(days=3))
    assert newsroom.items() == []

    newsroom.build(after=-timedelta(days=3))

    assert list(ids(newsroom)) == ["Report on Lebanon"]


@pytest.mark.long
def test_a_copy_is_held_under_the_name_of_a_withdrawn_entry(newsroom: Newsroom) -> None:
    """A rebuild without the ledger decides the same."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", entry_file("Withdrawn", "2026-11-20"))
    newsroom.drop("b.toml", entry_file())
    newsroom.build()
    path.unlink()
    newsroom.build()
    newsroom.build(after=GRACE)
    before = ids(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    assert reported(newsroom) == [("a.toml", "copy")]
    shutil.rmtree(newsroom.folder / "state")

    newsroom.build()

    assert reported(newsroom) == [("a.toml", "copy")]
    assert ids(newsroom) == before


@pytest.mark.long
def test_a_lost_ledger_does_not_confuse_a_renamed_file_with_a_missing_one(
    newsroom: Newsroom,
) -> None:
    """Editing the renamed file does not change the entry whose file is missing."""
    publish_others(newsroom)
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
    assert reported(newsroom) == [("2026/11/report-on-lebanon.html", "file-gone")]


@pytest.mark.long
def test_a_restored_backup_restarts_the_grace_time_of_a_missing_file(newsroom: Newsroom) -> None:
    """The backup cannot know that the file came back after it was made."""
    publish_others(newsroom)
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


@pytest.mark.long
def test_a_page_that_waits_for_the_next_second_is_written_then(newsroom: Newsroom) -> None:
    """This holds even if its feeds did not wait, because the clock was set back."""
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


@pytest.mark.long
def test_the_last_retraction_can_be_reversed(newsroom: Newsroom) -> None:
    """The feed of corrections is then empty, and no guard applies."""
    with (newsroom.folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write(ERRATA)
    newsroom.drop("a.toml", entry_file(status='"retracted"', retraction='"Wrong."'))
    newsroom.build()
    assert len(newsroom.items("errata")) == 1
    newsroom.drop("a.toml", entry_file())

    newsroom.build()

    assert reported(newsroom) == [("a.toml", "retraction-undone")]
    assert newsroom.items("errata") == []


@pytest.mark.long
@pytest.mark.parametrize("is_renamed", [False, True])
def test_news_that_is_renamed_and_retitled_while_other_news_gets_its_name_is_asked_about(
    newsroom: Newsroom, *, is_renamed: bool
) -> None:
    """Readers do not get it twice, also once the other news got a name of its own."""
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file(body=f'"{_LONG}"'))
    newsroom.build()
    before = ids(newsroom)
    edited = {"title": "Another title", "body": f'"{_LONG.replace("Monday", "Tuesday")}"'}
    newsroom.drop("b.toml", entry_file(**edited))
    path = newsroom.drop("a.toml", entry_file("Prize", "2026-11-25", body='"Essays are due."'))
    (id_,) = [p.found for p in newsroom.build().problems if p.code == "renamed-unnamed"]
    assert ids(newsroom) == before
    if is_renamed:
        path.rename(path.with_name("c.toml"))
        newsroom.build()
        newsroom.build(after=2 * GRACE)
        assert reported(newsroom) == [("b.toml", "renamed-edited")]

    newsroom.drop("b.toml", entry_file(**edited, id=f'"{id_}"'))
    newsroom.build()

    assert reported(newsroom) == []
    assert ids(newsroom)["Another title"] == before["Report on Lebanon"]
    assert len(ids(newsroom)) == len(before) + 1


@pytest.mark.long
def test_one_answer_is_enough_for_a_file_like_a_vanished_and_an_overwritten_one(
    newsroom: Newsroom,
) -> None:
    """It is one question about both, and the answer holds for both."""
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file(body=f'"{_LONG}"'))
    path = newsroom.drop("old.toml", entry_file("Another title", "2026-11-25"))
    newsroom.build()
    before = ids(newsroom)
    path.unlink()
    newsroom.drop("a.toml", entry_file("Prize", "2026-11-25", body='"Essays are due."'))
    newsroom.drop("b.toml", entry_file("Another title", body=f'"{_LONG} Edited."'))
    (asked,) = [p for p in newsroom.build().problems if p.file == "b.toml"]
    like = ("renamed-unnamed", before["Report on Lebanon"])  # of the other it has the title alone
    assert (asked.code, asked.found, ids(newsroom)) == (*like, before)

    run(newsroom, answer=Approval(code=str(asked.wanted)))
    newsroom.build()

    assert "b.toml" not in {file for file, _ in reported(newsroom)}
    assert len(newsroom.items()) == len(before) + 1


@pytest.mark.long
def test_a_copy_that_was_made_before_an_edit_is_held(newsroom: Newsroom) -> None:
    """The file keeps its entry, whether it was edited in the same run or earlier."""
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("old/a.toml", entry_file())
    newsroom.drop("a.toml", entry_file(body='"Edited."'))

    for _ in range(2):
        newsroom.build()
        assert (ids(newsroom), reported(newsroom)) == (before, [("old/a.toml", "copy")])
    newsroom.drop("a.toml", entry_file(body='"Edited again."'))
    newsroom.build()

    assert (ids(newsroom), reported(newsroom)) == (before, [("old/a.toml", "copy")])


@pytest.mark.long
def test_an_id_may_change_again_after_approval(newsroom: Newsroom) -> None:
    """The entries that had the ids before it do not hold the file."""
    publish_others(newsroom)
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    for id_ in ("urn:x:1", "urn:x:2"):
        newsroom.drop("a.toml", entry_file(id=f'"{id_}"'))
        run(newsroom, answer=Approval(code=str(newsroom.build().problems[0].wanted)))
        newsroom.build(after=2 * GRACE)

        assert ids(newsroom)["Report on Lebanon"] == id_
    newsroom.build(after=2 * GRACE)
    assert reported(newsroom) == []
