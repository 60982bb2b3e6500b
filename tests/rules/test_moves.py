"""Files that move in one run: each entry stays with its news, or staff are asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dateline.ledger import Ledger
from dateline.newsroom.preview import preview
from dateline.publish import ledger_url
from dateline.rules.guards import Approval
from dateline.rules.withdrawals import gone_code
from dateline.site import open_site
from rules.test_combinations import ids, publish_others, reported, run
from support.publication import Newsroom, entry_file

GRACE = timedelta(minutes=10)
ONE = (
    "On Monday the harbour opens with a speech of the minister of transport. "
    "Three hundred guests are invited, and ships of eleven countries arrive until noon."
)
TWO = (
    "Nobody was hurt when a crane fell into the water early on Sunday morning. "
    "Divers recovered its cabin, and engineers examine why the brakes failed."
)
DAY = "2026-11-23"


def text(title: str, body: str, **fields: str) -> str:
    """Return a file of one day."""
    return entry_file(title, fields.pop("date", DAY), body=f'"{body}"', **fields)


def report(number: int, cases: int, **fields: str) -> str:
    """Return one of several reports that differ in little."""
    said = f"Until this morning, {cases} cases of trafficking were reported by the ports. "
    rest = "The ministry publishes these figures every day, with those of the week before."
    return text(f"Situation report {number}", said + rest, **fields)


def figures(received: int, answered: int, *others: int) -> str:
    """Return a file of figures, of which two have much in common."""
    calls, visits, letters = others
    said = f"In week 37 the office received {received} requests and answered {answered} of them."
    items = f"* Calls: {calls}\n* Visits: {visits}\n* Letters: {letters}"
    rest = "The office is open from 9 to 16. Telephone 0316 85550."
    return entry_file("Figures", DAY, body=f'"""\n{said}\n\n{items}\n\n{rest}\n"""')


def settled(newsroom: Newsroom) -> list[tuple[str, str]]:
    """Build until what is gone would be withdrawn, and return what was reported."""
    newsroom.build()
    newsroom.build(after=2 * GRACE)
    newsroom.build(after=2 * GRACE)
    return reported(newsroom)


@pytest.mark.long
@pytest.mark.parametrize("first", ["renamed", "renamed at once", "broken", "gone"])
@pytest.mark.parametrize("fields", [{}, {"language": '"en-GB"'}])
def test_other_news_of_the_title_and_day_of_an_entry_does_not_take_it(
    newsroom: Newsroom, first: str, fields: dict[str, str]
) -> None:
    """Whether its file is renamed and retitled, renamed with a mistake, or gone."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", text("Press release", ONE))
    newsroom.build()
    (entry,) = (id_ for title, id_ in ids(newsroom).items() if title == "Press release")
    path.unlink()
    if first.startswith("renamed"):
        newsroom.drop("c.toml", text("Harbour of Graz opens", ONE))
    if first == "broken":
        newsroom.drop("c.toml", text("Press release", ONE).replace("date =", "datum ="))
    if first != "renamed at once":
        assert settled(newsroom) != [] or first == "gone"
    newsroom.drop("b.toml", text("Press release", TWO, **fields))

    said = settled(newsroom)

    shown = {item["id"]: item["content_html"] for item in newsroom.items()}
    assert "crane" not in shown.get(entry, "")
    assert sum("harbour" in one for one in shown.values()) <= 1
    if first == "gone":
        assert said == []
        assert sum("crane" in one for one in shown.values()) == 1
    else:
        assert entry in shown
        assert ("b.toml", "renamed-edited") in said


@pytest.mark.long
@pytest.mark.parametrize("is_copied_over", [True, False])
def test_news_that_is_moved_and_retitled_while_another_takes_its_file_is_asked_about(
    newsroom: Newsroom, *, is_copied_over: bool
) -> None:
    """Its entry stays live meanwhile."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", text("Harbour opens", ONE))
    newsroom.drop("b.toml", text("Crane falls", TWO))
    newsroom.build()
    before = ids(newsroom)
    path.with_name("b.toml").rename(path)
    moved = "b.toml" if is_copied_over else "c.toml"
    newsroom.drop(moved, text("Graz gets a harbour", ONE))

    assert settled(newsroom) == [(moved, "renamed-unnamed")]
    assert ids(newsroom) == before
    id_ = before["Harbour opens"]
    newsroom.drop(moved, text("Graz gets a harbour", ONE, id=f'"{id_}"'))
    assert settled(newsroom) == []
    assert ids(newsroom)["Graz gets a harbour"] == id_
    assert {*ids(newsroom).values()} == {*before.values()}


@pytest.mark.long
@pytest.mark.parametrize("has_ids", [True, False])
def test_edited_reports_that_change_files_keep_their_entries(
    newsroom: Newsroom, *, has_ids: bool
) -> None:
    """Two that are swapped, and some that make room for another; id lines move along."""
    publish_others(newsroom)
    own = {number: {"id": f'"urn:x:{number}"'} if has_ids else {} for number in range(11, 15)}
    newsroom.drop("s1.toml", report(12, 66, **own[12]))
    newsroom.drop("s2.toml", report(13, 71, **own[13]))
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("s1.toml", report(13, 72, **own[13]))
    newsroom.drop("s2.toml", report(12, 67, **own[12]))
    assert (settled(newsroom), ids(newsroom)) == ([], before)

    newsroom.drop("s1.toml", report(11, 60, **own[11]))
    newsroom.drop("s2.toml", report(13, 73, **own[13]))
    newsroom.drop("s3.toml", report(12, 68, **own[12]))

    assert settled(newsroom) == []
    after = ids(newsroom)
    assert before.items() <= after.items()
    assert after.keys() - before.keys() == {"Situation report 11"}


@pytest.mark.long
@pytest.mark.parametrize("cases", [66, 67])
def test_an_id_is_that_of_a_retitled_report_in_the_file_of_another(
    newsroom: Newsroom, cases: int
) -> None:
    """Its own file is gone, and the other report, which is much alike, has a new name."""
    publish_others(newsroom)
    newsroom.drop("s1.toml", report(12, 66, id='"urn:x:12"'))
    path = newsroom.drop("s2.toml", report(13, 71, id='"urn:x:13"'))
    newsroom.build()
    path.unlink()
    newsroom.drop("s3.toml", report(12, cases, id='"urn:x:12"'))
    newsroom.drop("s1.toml", report(13, 71, id='"urn:x:13"').replace("report 13", "report 13 a"))

    newsroom.build()

    assert reported(newsroom) == []
    after = ids(newsroom)
    assert after["Situation report 12"] == "urn:x:12"
    assert after["Situation report 13 a"] == "urn:x:13"


@pytest.mark.long
def test_an_id_is_that_of_a_retitled_report_whose_file_another_has(newsroom: Newsroom) -> None:
    """The other moved there word for word."""
    publish_others(newsroom)
    newsroom.drop("s1.toml", report(12, 66, id='"urn:x:12"'))
    path = newsroom.drop("s2.toml", report(13, 71, id='"urn:x:13"'))
    newsroom.build()
    path.rename(path.with_name("s1.toml"))
    newsroom.drop("s3.toml", report(12, 66, id='"urn:x:12"').replace("report 12", "report 12 a"))

    newsroom.build()

    assert reported(newsroom) == []
    after = ids(newsroom)
    assert after["Situation report 12 a"] == "urn:x:12"
    assert after["Situation report 13"] == "urn:x:13"


@pytest.mark.long
@pytest.mark.parametrize("name", ["n.toml", "a-longer-name-than-the-other.toml"])
def test_a_copy_without_its_id_is_held_whatever_its_name(newsroom: Newsroom, name: str) -> None:
    """Also if both files are new."""
    newsroom.drop("report-01.toml", text("Harbour opens", ONE, id='"urn:x:1"'))
    newsroom.drop(name, text("Harbour opens", ONE))

    assert settled(newsroom) == [(name, "name-copy")]
    assert ids(newsroom) == {"Harbour opens": "urn:x:1"}


@pytest.mark.long
def test_staff_withdraw_an_entry_that_a_held_file_may_be(newsroom: Newsroom) -> None:
    """Their answer counts more than a copy of what it once said."""
    publish_others(newsroom)
    newsroom.drop("a.toml", text("Harbour opens", ONE))
    newsroom.build()
    id_ = ids(newsroom)["Harbour opens"]
    newsroom.drop("b.toml", text("Harbour opens", ONE))
    path = newsroom.drop("a.toml", text("Graz gets a harbour", ONE, correction='"In Graz."'))
    newsroom.build()
    path.unlink()

    run(newsroom, answer=Approval(code=gone_code(id_)))
    settled(newsroom)

    assert id_ not in ids(newsroom).values()
    assert "Harbour opens" not in ids(newsroom)


@pytest.mark.long
def test_an_edited_copy_beside_a_retitled_file_is_asked_about(newsroom: Newsroom) -> None:
    """The copy has the old title and nearly the old text."""
    publish_others(newsroom)
    newsroom.drop("a.toml", text("Harbour opens", ONE))
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("saved.toml", text("Harbour opens", f"{ONE} It rains."))
    newsroom.drop("a.toml", text("Graz gets a harbour", ONE))

    assert ("a.toml", "other-news") in settled(newsroom)
    assert ("saved.toml", "name-copy") in reported(newsroom)
    assert ids(newsroom) == before
    (newsroom.folder / "entries/saved.toml").unlink()
    assert settled(newsroom) == []
    assert {*ids(newsroom).values()} == {*before.values()}


@pytest.mark.long
def test_a_copy_is_held_although_its_original_is_held_as_a_draft(newsroom: Newsroom) -> None:
    """The original is live, as it was."""
    publish_others(newsroom)
    newsroom.drop("a.toml", text("Harbour opens", ONE))
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("a.toml", text("Harbour opens", ONE, draft="true"))
    newsroom.drop("b.toml", text("Harbour opens", f"{ONE} It rains."))

    assert ("b.toml", "name-copy") in settled(newsroom)
    assert ids(newsroom) == before


@pytest.mark.long
def test_an_entry_stays_live_whose_file_is_moved_over_another_with_a_mistake(
    newsroom: Newsroom,
) -> None:
    """Both entries stay, until staff mend the file."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", text("Harbour opens", ONE))
    newsroom.drop("b.toml", text("Crane falls", TWO))
    newsroom.build()
    before = ids(newsroom)
    path.unlink()
    newsroom.drop("b.toml", text("Harbour opens", ONE).replace("date =", "datum ="))

    settled(newsroom)

    assert ids(newsroom) == before


@pytest.mark.long
def test_an_id_is_that_of_a_new_file_although_another_took_over_its_former_text(
    newsroom: Newsroom,
) -> None:
    """Each entry is in one file, and the other one is a copy: two would end each run."""
    publish_others(newsroom)
    newsroom.drop("a.toml", text("Harbour opens", ONE))
    newsroom.drop("b.toml", text("Crane falls", TWO))
    newsroom.build()
    before = ids(newsroom)
    newsroom.drop("a.toml", text("Crane falls", TWO))
    newsroom.drop("b.toml", text("Harbour opens", ONE))
    newsroom.drop(
        "c.toml", text("Harbour opens", f"{ONE} It rains.", id=f'"{before["Harbour opens"]}"')
    )

    assert settled(newsroom) == [("b.toml", "copy")]
    assert ids(newsroom) == before
    assert "It rains" in str(newsroom.items())


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["b-2.toml", "b (conflicted copy 2026-11-25).toml", "saved/x.toml"]
)
def test_a_deleted_report_is_withdrawn_although_a_copy_of_another_one_is_held(
    newsroom: Newsroom, name: str
) -> None:
    """Reports of a series have much in common; a copy is that of the file which is there."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", report(11, 12))
    newsroom.drop("b.toml", report(12, 14))
    newsroom.build()
    newsroom.drop(name, report(12, 14))
    newsroom.build()
    path.unlink()

    newsroom.build()
    assert ("a.toml", "file-gone") in reported(newsroom)
    assert [file for file, _ in settled(newsroom)] == [name]
    assert "Situation report 11" not in ids(newsroom)
    assert "Situation report 12" in ids(newsroom)


@pytest.mark.long
def test_a_deleted_report_is_withdrawn_although_a_copy_of_one_of_its_title_is_held(
    newsroom: Newsroom,
) -> None:
    """Reports of a series may all have one title, and differ in their dates."""
    publish_others(newsroom)
    earlier = report(11, 12, date="2026-11-17").replace("Situation report 11", "Figures")
    path = newsroom.drop("a.toml", earlier)
    newsroom.drop("b.toml", report(12, 14).replace("Situation report 12", "Figures"))
    newsroom.build()
    before = len(newsroom.items())
    newsroom.drop("b - Copy.toml", (newsroom.folder / "entries/b.toml").read_bytes())
    newsroom.build()
    path.unlink()

    newsroom.build()
    assert ("a.toml", "file-gone") in reported(newsroom)
    assert settled(newsroom) == [("b - Copy.toml", "name-copy")]
    assert len(newsroom.items()) == before - 1


@pytest.mark.long
def test_a_deleted_report_is_withdrawn_although_the_file_of_one_taken_down_is_there(
    newsroom: Newsroom,
) -> None:
    """Reports of a series have much in common, and that file may stay for ever."""
    publish_others(newsroom)
    path = newsroom.drop("a.toml", report(11, 12))
    newsroom.drop("b.toml", report(12, 14))
    newsroom.build()
    newsroom.build(takedown=ids(newsroom)["Situation report 12"])
    path.unlink()

    newsroom.build()
    assert ("a.toml", "file-gone") in reported(newsroom)
    assert settled(newsroom) == [("b.toml", "taken-down")]
    assert "Situation report 11" not in ids(newsroom)


@pytest.mark.long
@pytest.mark.parametrize(("number", "day"), [(2, DAY), (1, "2026-11-16")])
@pytest.mark.parametrize("is_later", [False, True])
def test_a_file_that_moves_to_where_its_name_is_taken_stays_its_entry(
    newsroom: Newsroom, number: int, day: str, *, is_later: bool
) -> None:
    """It gets the name of a copy, and may be corrected there, and read again."""
    publish_others(newsroom)
    first = newsroom.drop("week-10/bulletin.toml", report(1, 31, date=day))
    newsroom.build()
    second = newsroom.drop("week-11/bulletin.toml", report(number, 45))
    newsroom.build()
    before = [(item["id"], item["url"]) for item in newsroom.items()]
    archive = newsroom.folder / "entries/archive"
    archive.mkdir()
    first.rename(archive / "bulletin.toml")
    if is_later:  # the share deletes, and writes later
        second.unlink()
        newsroom.build()
        newsroom.drop("archive/bulletin (2).toml", report(number, 45))
    else:
        second.rename(archive / "bulletin (2).toml")

    assert settled(newsroom) == []
    assert [(item["id"], item["url"]) for item in newsroom.items()] == before

    newsroom.drop("archive/bulletin (2).toml", report(number, 46))
    newsroom.build(rebuild=True)

    assert reported(newsroom) == []
    assert [(item["id"], item["url"]) for item in newsroom.items()] == before
    assert "46 cases" in str(newsroom.items())


@pytest.mark.long
@pytest.mark.parametrize("name", ["bulletin (2).toml", "bulletin-2.toml", "bulletin_v2.toml"])
@pytest.mark.parametrize("fields", [{"draft": "true"}, {"date": "2026-11-30"}])
def test_a_file_that_moves_beside_one_that_waits_stays_its_entry(
    newsroom: Newsroom, name: str, fields: dict[str, str]
) -> None:
    """Its name is taken there, by a draft or by news with an embargo."""
    publish_others(newsroom)
    path = newsroom.drop("bulletin.toml", text("Bulletin", ONE))
    said = ONE.replace("noon", "evening")
    newsroom.drop("archive/bulletin.toml", text("Bulletin", said, **fields))
    newsroom.build()
    before = newsroom.items()
    path.rename(newsroom.folder / "entries/archive" / name)

    assert [path for path, _ in settled(newsroom)] == ["archive/bulletin.toml"]
    assert newsroom.items() == before


@pytest.mark.long
@pytest.mark.parametrize("fields", [{"draft": "true"}, {"date": "2026-11-30"}])
def test_a_file_with_the_old_text_beside_one_that_became_a_draft_is_a_copy(
    newsroom: Newsroom, fields: dict[str, str]
) -> None:
    """The draft was no draft in the run before: it may be the news under another name."""
    publish_others(newsroom)
    path = newsroom.drop("bulletin.toml", text("Bulletin", ONE))
    newsroom.build()
    before = newsroom.items()
    path.unlink()
    newsroom.drop("news.toml", text("Bulletin", f"{ONE} It rains.", **fields))
    newsroom.drop("news (1).toml", text("Bulletin", ONE))
    newsroom.build()

    assert ("news (1).toml", "name-copy") in reported(newsroom)
    assert newsroom.items() == before


@pytest.mark.long
def test_a_file_moves_beside_news_of_its_title_and_day_that_waits(newsroom: Newsroom) -> None:
    """What waited before is not its file under another name, whatever it says."""
    publish_others(newsroom)
    day = f"{newsroom.now:%Y-%m-%d}"
    path = newsroom.drop("a.toml", text("Harbour opens", ONE, date=day))
    later = ONE.replace("noon", "evening")
    newsroom.drop("b.toml", text("Harbour opens", later, date=f"{day}T20:00:00"))
    newsroom.build()
    before = newsroom.items()
    path.rename(newsroom.folder / "entries/c.toml")
    newsroom.build()

    assert reported(newsroom) == [("b.toml", "scheduled")]
    assert newsroom.items() == before


@pytest.mark.long
def test_a_published_file_may_have_the_name_of_a_copy_of_another(newsroom: Newsroom) -> None:
    """What comes later under the plain name is no original of it."""
    newsroom.drop("notice (1).toml", report(1, 31))
    newsroom.build()
    newsroom.drop("notice.toml", text("Crane", TWO))
    newsroom.build()
    path = newsroom.drop("notice (1).toml", report(1, 32))
    newsroom.build()

    assert reported(newsroom) == []
    assert len(newsroom.items()) == 2

    newsroom.drop("notice.toml", report(1, 33))
    newsroom.build()
    assert open_site(newsroom.folder).read("notice (1).toml").title == "Situation report 1"
    edited = report(1, 34).encode()
    with Ledger(ledger_url(newsroom.config)) as ledger:
        shown = preview(path.name, newsroom.config, ledger, newsroom.now, edited)
    assert shown is not None
    assert [one.code for one in shown.problems] == []


@pytest.mark.long
@pytest.mark.parametrize("end", [" old", " (1)", "-LAPTOP-AB12"])
def test_the_old_text_beside_a_file_that_moved_does_not_take_its_entry(
    newsroom: Newsroom, end: str
) -> None:
    """Its corrected text has the plain name, and no entry had that."""
    publish_others(newsroom)
    path = newsroom.drop("repotr.toml", report(1, 31))
    newsroom.build()
    (entry,) = (id_ for title, id_ in ids(newsroom).items() if title == "Situation report 1")
    path.unlink()
    newsroom.drop(f"report{end}.toml", report(1, 31))
    newsroom.drop("report.toml", report(1, 32))

    held = settled(newsroom)

    assert [file for file, _ in held] == [f"report{end}.toml"]
    assert ids(newsroom)["Situation report 1"] == entry
    assert "32 cases" in str(newsroom.items())


@pytest.mark.long
def test_a_published_file_with_the_text_of_its_neighbour_is_a_copy(newsroom: Newsroom) -> None:
    """The message names that one."""
    newsroom.drop("notice (1).toml", report(1, 31))
    newsroom.build()
    newsroom.drop("notice.toml", text("Crane", TWO))
    newsroom.build()
    newsroom.drop("notice (1).toml", text("Crane", TWO))
    newsroom.build()

    assert ("notice (1).toml", "name-copy") in reported(newsroom)
    assert len(newsroom.items()) == 2


@pytest.mark.long
@pytest.mark.parametrize("path", ["archive/second.toml", "other.toml"])
@pytest.mark.parametrize("is_taken_down", [False, True])
def test_a_copy_does_not_take_the_entry_of_withdrawn_news_of_its_title_and_day(
    newsroom: Newsroom, path: str, *, is_taken_down: bool
) -> None:
    """Nor does what was taken down: its text is not public again under another id."""
    publish_others(newsroom)
    morning = newsroom.drop("first.toml", figures(412, 388, 120, 77, 31))
    newsroom.build()
    newsroom.drop("second.toml", figures(530, 401, 222, 93, 18))
    newsroom.build()
    assert reported(newsroom) == []
    morning.unlink()
    settled(newsroom)
    (entry,) = (one["id"] for one in newsroom.items() if one["title"] == "Figures")
    if is_taken_down:
        newsroom.build(takedown=entry)
    before = [one["id"] for one in newsroom.items()]

    newsroom.drop(path, newsroom.folder.joinpath("entries/second.toml").read_bytes())
    newsroom.build()

    assert (path, "taken-down" if is_taken_down else "copy") in reported(newsroom)
    assert [one["id"] for one in newsroom.items()] == before
