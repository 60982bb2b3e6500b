"""Files that say what an entry once said, while no file has the entry any more."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from dateline.rules.guards import Approval
from rules.test_combinations import ids, reported, run
from rules.test_moves import ONE, TWO, settled, text
from rules.test_overwritten_files import written_over
from rules.test_several_changes import published, remove
from support.publication import Newsroom, picture


def retitled(newsroom: Newsroom) -> dict[str, str]:
    """Publish an entry with two versions; return the ids by titles."""
    before = published(newsroom, a=text("Harbour opens", ONE))
    newsroom.drop("a.toml", text("Graz gets a harbour", ONE))
    newsroom.build()
    return before


@pytest.mark.long
@pytest.mark.parametrize("said", [ONE, f"{ONE} It rains."])
def test_a_former_version_of_withdrawn_news_is_asked_about(newsroom: Newsroom, said: str) -> None:
    """It is no copy of a file that does not exist; under the old name the entry comes back."""
    before = retitled(newsroom)
    remove(newsroom, "a.toml")
    settled(newsroom)
    newsroom.drop("backup.toml", text("Harbour opens", said))

    assert settled(newsroom) == [("backup.toml", "renamed-edited")]
    assert "Harbour opens" not in ids(newsroom)
    (newsroom.folder / "entries/backup.toml").rename(newsroom.folder / "entries/a.toml")
    assert settled(newsroom) == []
    assert ids(newsroom) == before


@pytest.mark.long
@pytest.mark.parametrize("said", [ONE, f"{ONE} It rains."])
def test_a_copy_of_a_former_version_is_not_published_when_its_original_is_deleted(
    newsroom: Newsroom, said: str
) -> None:
    """Although the entry has another title and another date since."""
    before = retitled(newsroom)
    newsroom.drop("copy.toml", text("Harbour opens", said))
    newsroom.drop("a.toml", text("Graz gets a harbour", ONE, date="2026-11-20"))
    newsroom.build()
    remove(newsroom, "a.toml")

    assert settled(newsroom) == [("copy.toml", "renamed-edited")]
    assert {*ids(newsroom).values()} == {*before.values()}


@pytest.mark.long
@pytest.mark.parametrize("is_there_before", [True, False])
def test_a_copy_of_the_first_version_is_held_after_the_loss_of_the_ledger(
    newsroom: Newsroom, *, is_there_before: bool
) -> None:
    """The manifest has the present text alone, but the page's address has the first title."""
    before = retitled(newsroom)
    if is_there_before:
        newsroom.drop("copy.toml", text("Harbour opens", ONE))
        assert settled(newsroom) == [("copy.toml", "copy")]

    shutil.rmtree(newsroom.folder / "state")
    newsroom.build()
    newsroom.drop("copy.toml", text("Harbour opens", ONE))

    assert settled(newsroom) == [("copy.toml", "name-copy")]
    assert {*ids(newsroom).values()} == {*before.values()}


@pytest.mark.long
def test_a_former_version_in_the_file_of_its_entry_is_no_other_news(newsroom: Newsroom) -> None:
    """As `restore` brings it back after somebody kept what had overwritten it."""
    code = written_over(newsroom, text("Crane falls into the water", TWO))
    before = ids(newsroom)
    run(newsroom, answer=Approval(code=code, keep=True))
    assert ids(newsroom) != before
    newsroom.drop("a.toml")

    assert settled(newsroom) == []
    assert ids(newsroom) == before


@pytest.mark.long
@pytest.mark.parametrize("is_there_before", [True, False])
@pytest.mark.parametrize(
    "fields", [{}, {"date": "2026-11-24"}, {"date": "2026-11-24", "correction": '"It was on 24."'}]
)
def test_a_former_version_comes_back_beside_a_copy_of_the_present_one(
    newsroom: Newsroom, fields: dict[str, str], *, is_there_before: bool
) -> None:
    """Its file is what staff restored; the copy is held as before."""
    title = "Harbour opens" if fields == {"date": "2026-11-24"} else "Graz gets a harbour"
    present = text(title, f"{ONE} It rains.", **fields)
    before = published(newsroom, a=text("Harbour opens", ONE))
    newsroom.drop("a.toml", present)
    settled(newsroom)
    newsroom.drop("spare.toml", present)
    if is_there_before:
        assert settled(newsroom) == [("spare.toml", "copy")]
    newsroom.drop("a.toml", text("Harbour opens", ONE))

    told = [one for one in settled(newsroom) if one[1] != "correction-stays"]

    assert told == [("spare.toml", "copy")]
    assert ids(newsroom) == before


@pytest.mark.long
@pytest.mark.parametrize("is_lost", [True, False])
@pytest.mark.parametrize("date", ["2026-11-23", "2026-11-23T09:30:00"])
def test_no_version_of_news_that_was_taken_down_comes_back(
    newsroom: Newsroom, date: str, *, is_lost: bool
) -> None:
    """A backup has a former title, and no word of any version is left to compare it with.

    The manifest knows the titles, too, should the ledger be lost.
    """
    said = [text(title, ONE, date=date) for title in ("Harbour opens", "A harbour", "Graz opens")]
    published(newsroom, a=said[0])
    for one in said[1:]:
        newsroom.drop("a.toml", one)
        newsroom.build()
    run(newsroom, takedown=ids(newsroom)["Graz opens"])
    remove(newsroom, "a.toml")
    settled(newsroom)
    if is_lost:
        shutil.rmtree(newsroom.folder / "state")
        settled(newsroom)
    for number, one in enumerate(said):
        newsroom.drop(f"backup{number}.toml", one)
    newsroom.drop("crane.toml", text("Crane falls", TWO, date=date))

    assert settled(newsroom) == [(f"backup{number}.toml", "taken-down") for number in range(3)]
    assert "Crane falls" in ids(newsroom)


@pytest.mark.long
def test_a_translation_does_not_name_news_that_was_taken_down_by_its_former_name(
    newsroom: Newsroom,
) -> None:
    """Digests of its names stay, so that its file does not come back."""
    published(newsroom, b=text("Crane falls", TWO), a=text("Harbour opens", ONE))
    (newsroom.folder / "entries/a.toml").rename(newsroom.folder / "entries/c.toml")
    newsroom.build()
    run(newsroom, takedown=ids(newsroom)["Harbour opens"])
    remove(newsroom, "c.toml")
    newsroom.drop("new.toml", text("Divers in Linz", TWO[:40], translation_of='"a"'))

    assert settled(newsroom) == [("new.toml", "translation-unknown")]


@pytest.mark.long
@pytest.mark.parametrize("date", ["2026-11-23", "2026-10-12"])
def test_a_question_about_a_renamed_file_waits_for_its_answer(
    newsroom: Newsroom, date: str
) -> None:
    """For months, also if the news was old when it was renamed: it would be published twice."""
    before = published(newsroom, a=text("Harbour opens", ONE, date=date))
    remove(newsroom, "a.toml")
    newsroom.drop("b.toml", text("Graz gets a harbour", ONE, date=date))
    newsroom.build()
    for number in range(1, 6):
        day = f"{newsroom.now + timedelta(days=20):%Y-%m-%d}"
        newsroom.drop(f"n{number}.toml", text(f"News {number}", str(number) * 40, date=day))
        newsroom.build(after=timedelta(days=20))

        assert reported(newsroom) == [("b.toml", "renamed-edited")]
        assert before.items() <= ids(newsroom).items()


@pytest.mark.long
def test_a_question_about_old_news_whose_file_another_took_waits_for_its_answer(
    newsroom: Newsroom,
) -> None:
    """It was asked in the run in which the files changed, and is asked in the next one, too."""
    before = published(newsroom, a=text("Harbour opens", ONE), b=text("Crane falls", TWO))
    newsroom.build(after=timedelta(days=40))
    remove(newsroom, "a.toml")
    newsroom.drop("b.toml", text("Harbour opens", ONE))
    newsroom.drop("c.toml", text("Crane falls", f"{TWO} It rained.", date="2026-12-23"))
    newsroom.build()

    assert reported(newsroom) == [("c.toml", "renamed-unnamed")]
    assert settled(newsroom) == [("c.toml", "renamed-unnamed")]
    assert ids(newsroom) == before


@pytest.mark.long
@pytest.mark.parametrize("is_lost", [True, False])
@pytest.mark.parametrize("is_asked", [True, False])
def test_a_renamed_and_retitled_file_of_news_that_is_taken_down_is_held(
    newsroom: Newsroom, *, is_asked: bool, is_lost: bool
) -> None:
    """Nobody asks whose news it is any more: it was published as new in the same run."""
    published(newsroom, a=text("Harbour opens", ONE), b=text("Crane falls", TWO))
    remove(newsroom, "a.toml")
    newsroom.drop("c.toml", text("Graz gets a harbour", f"{ONE} It rains."))
    newsroom.drop("d.toml", text("Crane falls", f"{ONE[:20]} {TWO[:30]}", date="2026-11-20"))
    if is_asked:
        newsroom.build()
    run(newsroom, takedown=ids(newsroom)["Harbour opens"])
    assert reported(newsroom) == [("c.toml", "taken-down")]
    if is_lost:
        shutil.rmtree(newsroom.folder / "state")
    newsroom.drop("c.toml", text("Graz gets a harbour", f"{ONE} It rains and snows."))

    assert settled(newsroom) == [("c.toml", "taken-down")]
    assert {"Harbour opens", "Graz gets a harbour"}.isdisjoint(ids(newsroom))


@pytest.mark.long
@pytest.mark.parametrize("said", [ONE, TWO])
def test_old_news_that_is_renamed_with_a_later_date_is_asked_about(
    newsroom: Newsroom, said: str
) -> None:
    """If it says the same, word for word; otherwise it is the next report of a series."""
    before = published(newsroom, october=text("Harbour opens", ONE, date="2026-10-12"))
    remove(newsroom, "october.toml")
    newsroom.drop("november.toml", text("Harbour opens", said, date="2026-11-12"))
    newsroom.build()

    asked = ("november.toml", "renamed-edited")
    assert reported(newsroom) == [asked if said == ONE else ("october.toml", "old-gone")]
    assert (len(newsroom.items()) == len(before)) == (said == ONE)


@pytest.mark.long
def test_news_that_is_renamed_retitled_and_retracted_is_asked_about(newsroom: Newsroom) -> None:
    """Its text is not there to be compared; a retraction is that of an entry which readers have."""
    before = published(newsroom, a=text("Harbour opens", ONE))
    remove(newsroom, "a.toml")
    fields = {"status": '"retracted"', "retraction": '"It was wrong."'}
    newsroom.drop("retracted.toml", text("Retracted: Harbour opens", ONE, **fields))

    assert settled(newsroom) == [("retracted.toml", "renamed-edited")]
    assert ids(newsroom) == before
    (newsroom.folder / "entries/retracted.toml").rename(newsroom.folder / "entries/a.toml")
    assert settled(newsroom) == []
    assert {*ids(newsroom).values()} == {*before.values()}


@pytest.mark.long
def test_a_retraction_with_a_title_of_its_own_is_not_each_other_news_of_the_day(
    newsroom: Newsroom,
) -> None:
    """Several reports of that day can be deleted while it is there."""
    published(newsroom, a=text("Harbour opens", ONE), b=text("Rain in Graz", TWO))
    fields = {"status": '"retracted"', "retraction": '"It was wrong."'}
    newsroom.drop("retracted.toml", text("Schools close", ONE, **fields))
    remove(newsroom, "a.toml")
    remove(newsroom, "b.toml")

    assert "retracted.toml" not in [name for name, _ in settled(newsroom)]
    newsroom.build(after=timedelta(days=2))
    assert {"Harbour opens", "Rain in Graz"}.isdisjoint(ids(newsroom))


@pytest.mark.long
@pytest.mark.parametrize("is_retitled", [True, False])
def test_a_copy_of_retracted_news_is_held_after_the_loss_of_the_ledger(
    newsroom: Newsroom, *, is_retitled: bool
) -> None:
    """The documents have the reason in the place of the text, so the text proves nothing."""
    before = (
        retitled(newsroom) if is_retitled else published(newsroom, a=text("Harbour opens", ONE))
    )
    title = "Graz gets a harbour" if is_retitled else "Harbour opens"
    reason = {"status": '"retracted"', "retraction": '"It was wrong."'}
    newsroom.drop("a.toml", text(title, ONE, **reason))
    newsroom.build()
    shutil.rmtree(newsroom.folder / "state")
    newsroom.build()
    newsroom.drop("copy.toml", text("Harbour opens", ONE))

    assert settled(newsroom) == [("copy.toml", "name-copy")]
    assert {*ids(newsroom).values()} == {*before.values()}


@pytest.mark.long
@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (ONE, {"image": '"pier.png"', "image_alt": '"The pier"'}),
        (ONE, {"attachments": '["pier.png"]'}),
        (f"{ONE} ![The pier](pier.png)", {}),
        (f"{ONE} [The pier](pier.png)", {}),
    ],
)
@pytest.mark.parametrize("is_meant", [True, False])
def test_news_is_moved_after_its_picture(
    newsroom: Newsroom, body: str, fields: dict[str, str], *, is_meant: bool
) -> None:
    """Not where staff took the picture out of the text: that file is a backup of before."""
    newsroom.drop("a/pier.png", picture())
    with_picture = text("Harbour opens", body, **fields)
    newsroom.drop("a/one.toml", with_picture)
    newsroom.build()
    before = ids(newsroom)
    assert "-pier.png" in str(newsroom.items())
    newsroom.drop("b/pier.png", picture())
    remove(newsroom, "a/pier.png")
    if is_meant:
        newsroom.drop("a/one.toml", text("Harbour opens", ONE))
    newsroom.build()
    assert "-pier.png" not in str(newsroom.items())
    newsroom.drop("b/one.toml", with_picture)
    remove(newsroom, "a/one.toml")

    newsroom.build()

    assert newsroom.codes() == (["copy-alone"] if is_meant else [])
    assert ("-pier.png" in str(newsroom.items())) is not is_meant
    assert ids(newsroom) == before
