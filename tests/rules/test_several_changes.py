"""Several things that staff do to one file, or to files that take each other's place, at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules.test_combinations import ids, publish_others, reported
from rules.test_moves import DAY, ONE, TWO, settled, text
from support.publication import Newsroom

MISTAKE = ("date =", "datum =")
REWRITTEN = (
    "On Monday the harbour opens with songs of choirs from Linz. "
    "Five hundred people are awaited, and boats of eleven countries arrive until noon."
)
RETITLED = text("Graz gets a harbour", f"{ONE} It rains.")


def published(newsroom: Newsroom, **files: str) -> dict[str, str]:
    """Publish some files, with others so that no guard applies; return the ids by titles."""
    publish_others(newsroom)
    for name, said in files.items():
        newsroom.drop(f"{name}.toml", said)
    newsroom.build()
    return ids(newsroom)


def remove(newsroom: Newsroom, *names: str) -> None:
    """Delete files."""
    for name in names:
        (newsroom.folder / "entries" / name).unlink()


@pytest.mark.long
def test_news_that_is_renamed_retitled_and_given_a_mistake_stays(newsroom: Newsroom) -> None:
    """Once the mistake is mended, staff are asked which news it is."""
    before = published(newsroom, a=text("Harbour opens", ONE))
    remove(newsroom, "a.toml")
    newsroom.drop("b.toml", RETITLED.replace(*MISTAKE))
    settled(newsroom)
    assert ids(newsroom) == before

    newsroom.drop("b.toml", RETITLED)
    assert settled(newsroom) == [("b.toml", "renamed-edited")]
    (newsroom.folder / "entries/b.toml").rename(newsroom.folder / "entries/a.toml")
    assert settled(newsroom) == []
    assert ids(newsroom)["Graz gets a harbour"] == before["Harbour opens"]


@pytest.mark.long
@pytest.mark.parametrize("held", [RETITLED, RETITLED.replace(*MISTAKE)])
def test_the_time_until_withdrawal_begins_when_no_held_file_may_have_the_news(
    newsroom: Newsroom, held: str
) -> None:
    """Also where the entry was without its own file for hours."""
    before = published(newsroom, a=text("Harbour opens", ONE))
    remove(newsroom, "a.toml")
    newsroom.drop("b.toml", held)
    newsroom.build()
    newsroom.build(after=timedelta(hours=3))
    remove(newsroom, "b.toml")

    newsroom.build(after=timedelta(hours=1))
    assert reported(newsroom) == [("a.toml", "file-gone")]
    assert ids(newsroom) == before
    settled(newsroom)
    assert "Harbour opens" not in ids(newsroom)


@pytest.mark.long
@pytest.mark.parametrize("change", ["rewritten", "retitled"])
def test_news_is_found_where_a_file_with_a_mistake_was_moved_over_its_own(
    newsroom: Newsroom, change: str
) -> None:
    """It goes on in its new file, or staff are asked; the other stays live."""
    before = published(newsroom, a=text("Harbour opens", ONE), b=text("Crane falls", TWO))
    rest = TWO.replace("Sunday", "Monday").replace("water", "river").replace("fell", "tumbled")
    newsroom.drop("c.toml", text("Crane falls" if change == "rewritten" else "Big crane", rest))
    remove(newsroom, "a.toml")
    newsroom.drop("b.toml", text("Harbour opens", ONE).replace(*MISTAKE))
    settled(newsroom)

    if change == "retitled":
        assert ids(newsroom) == before
        assert ("c.toml", "renamed-unnamed") in reported(newsroom)
        newsroom.drop("c.toml", text("Big crane", rest, id=f'"{before["Crane falls"]}"'))
    newsroom.drop("b.toml", text("Harbour opens", ONE))
    assert settled(newsroom) == []
    assert {*ids(newsroom).values()} == {*before.values()}
    shown = {item["id"]: item["content_html"] for item in newsroom.items()}
    assert "river" in shown[before["Crane falls"]]


@pytest.mark.parametrize("body", [ONE, "Text."])
def test_news_with_the_words_of_a_live_file_that_has_a_mistake_is_new(
    newsroom: Newsroom, body: str
) -> None:
    """The live entry is not sought elsewhere: its file has much of its text, or it had little."""
    published(newsroom, a=text("Harbour opens", body))
    newsroom.drop("a.toml", text("Graz gets a harbour", body).replace(*MISTAKE))
    newsroom.drop("b.toml", text("Welcome", body))

    newsroom.build()

    assert newsroom.log[-1].published == ("b.toml",)


@pytest.mark.long
@pytest.mark.parametrize("is_own", [True, False])
def test_news_is_withdrawn_beside_a_held_file_of_other_news_with_its_text(
    newsroom: Newsroom, *, is_own: bool
) -> None:
    """Both were made of one template. A held file without its own title may be the one deleted."""
    publish_others(newsroom)
    known = published(newsroom, a=text("Harbour opens", ONE), b=text("Pier opens", ONE))
    title = "Harbour opens" if is_own else "Pier opens"
    newsroom.drop("a.toml", text(title, f"{ONE} It rained.").replace(*MISTAKE))
    remove(newsroom, "b.toml")
    newsroom.build()
    newsroom.build(after=timedelta(minutes=11))

    assert len(known) - len({one["id"] for one in newsroom.items()} & {*known.values()}) == is_own


@pytest.mark.long
def test_of_two_files_of_one_title_and_day_each_keeps_its_news(newsroom: Newsroom) -> None:
    """Where one is renamed to the other, which was renamed and rewritten."""
    publish_others(newsroom)
    newsroom.drop("a.toml", text("Figures", ONE))
    newsroom.drop("b.toml", text("Figures", TWO))
    newsroom.build()
    before = {item["content_html"][:30]: item["id"] for item in newsroom.items()}
    remove(newsroom, "a.toml")
    newsroom.drop("b.toml", text("Figures", ONE))
    newsroom.drop("c.toml", text("Figures", f"{TWO} It rained."))

    assert settled(newsroom) == []
    assert {item["content_html"][:30]: item["id"] for item in newsroom.items()} == before


@pytest.mark.long
def test_news_that_is_retitled_where_three_files_change_places_is_asked_about(
    newsroom: Newsroom,
) -> None:
    """Also if another one with its former title took its file."""
    publish_others(newsroom)
    newsroom.drop("a.toml", text("Crane falls", TWO))
    newsroom.drop("b.toml", text("Figures", ONE))
    newsroom.drop("c.toml", text("Figures", "Fishermen of Graz sell whales at pier seven."))
    newsroom.build()
    before = {item["id"] for item in newsroom.items()}
    newsroom.drop("a.toml", text("Graz gets a harbour", f"{ONE} It rains."))
    newsroom.drop("b.toml", text("Figures", "Fishermen of Graz sell whales at pier seven."))
    newsroom.drop("c.toml", text("Crane falls", TWO))

    assert settled(newsroom) == [("a.toml", "renamed-unnamed")]
    assert {item["id"] for item in newsroom.items()} == before


@pytest.mark.long
@pytest.mark.parametrize(
    "changed",
    [
        RETITLED,
        text("Harbour opens", f"{ONE} It rains.", date="2026-11-20"),
        text("Harbour opens", REWRITTEN),
    ],
)
def test_a_copy_beside_news_that_is_renamed_and_changed_does_not_take_it(
    newsroom: Newsroom, changed: str
) -> None:
    """Both files could be it: staff keep one, or say that the other is news of its own."""
    before = published(newsroom, a=text("Harbour opens", ONE))
    newsroom.drop("copy.toml", text("Harbour opens", ONE))
    newsroom.build()
    remove(newsroom, "a.toml")
    newsroom.drop("b.toml", changed)

    code = "rename-unclear" if changed == text("Harbour opens", REWRITTEN) else "renamed-edited"
    assert settled(newsroom) == [("b.toml", code), ("copy.toml", "rename-unclear")]
    assert ids(newsroom) == before
    remove(newsroom, "copy.toml")
    (newsroom.folder / "entries/b.toml").rename(newsroom.folder / "entries/a.toml")
    assert settled(newsroom) == []
    assert {*ids(newsroom).values()} == {*before.values()}


@pytest.mark.long
def test_the_report_of_another_day_is_new_beside_the_one_that_was_renamed(
    newsroom: Newsroom,
) -> None:
    """It has the title and much of the text, and a later date: nobody is asked."""
    before = published(newsroom, a=text("Figures", ONE))
    (newsroom.folder / "entries/a.toml").rename(newsroom.folder / "entries/b.toml")
    newsroom.drop("c.toml", text("Figures", f"{ONE} It rains.", date="2026-11-24"))

    assert settled(newsroom) == []
    assert {*before.values()} < {item["id"] for item in newsroom.items()}


@pytest.mark.long
@pytest.mark.parametrize("is_renamed", [True, False])
def test_the_next_report_of_a_series_is_new_whatever_happens_to_the_one_before(
    newsroom: Newsroom, *, is_renamed: bool
) -> None:
    """Its text is nearly that of the one that is renamed or deleted in the same run."""
    before = published(newsroom, a=text("Report 34", f"{ONE} There were 12 cases."))
    path = newsroom.folder / "entries/a.toml"
    path.rename(path.with_name("old.toml")) if is_renamed else path.unlink()
    newsroom.drop("b.toml", text("Report 35", f"{ONE} There were 14 cases.", date="2026-11-24"))

    newsroom.build()

    assert reported(newsroom) == ([] if is_renamed else [("a.toml", "file-gone")])
    assert ids(newsroom).keys() - before.keys() == {"Report 35"}


@pytest.mark.long
def test_a_backup_beside_news_whose_date_is_corrected_does_not_take_it(
    newsroom: Newsroom,
) -> None:
    """A date that is put back is a correction; a later one is that of the next report."""
    before = published(newsroom, a=text("Harbour opens", ONE))
    newsroom.drop("saved.toml", text("Harbour opens", ONE))
    newsroom.drop("a.toml", text("Harbour opens", f"{ONE} It rains.", date="2026-11-20"))

    assert ("a.toml", "other-news") in settled(newsroom)
    assert ids(newsroom) == before


@pytest.mark.long
@pytest.mark.parametrize("is_at_once", [True, False])
def test_a_message_names_the_file_of_which_another_is_a_copy_as_it_is_called_now(
    newsroom: Newsroom, *, is_at_once: bool
) -> None:
    """It was renamed in the same run, or later."""
    published(newsroom, a=text("Harbour opens", ONE))
    newsroom.drop("copy.toml", text("Harbour opens", f"{ONE} It rains."))
    if not is_at_once:
        newsroom.build()
    (newsroom.folder / "entries/a.toml").rename(newsroom.folder / "entries/b.toml")

    newsroom.build()

    (problem,) = newsroom.log[-1].problems
    assert (problem.file, problem.found) == ("copy.toml", "b.toml")


@pytest.mark.long
def test_old_news_that_is_renamed_and_retitled_is_asked_about(newsroom: Newsroom) -> None:
    """Although its entry stays live whatever happens to its file."""
    before = published(newsroom, a=text("Harbour opens", ONE, date="2026-09-01"))
    remove(newsroom, "a.toml")
    newsroom.drop("b.toml", text("Graz gets a harbour", f"{ONE} It rains.", date="2026-09-01"))
    newsroom.drop("c.toml", text("Harbour opens", TWO))

    assert settled(newsroom) == [("b.toml", "renamed-edited")]
    assert {*before.values()} < {item["id"] for item in newsroom.items()}
    assert len(newsroom.items()) == len(before) + 1


@pytest.mark.long
def test_news_with_another_name_title_and_date_is_asked_about(newsroom: Newsroom) -> None:
    """If nearly the text of a file that is gone is in it."""
    before = published(newsroom, a=text("Harbour opens", ONE))
    remove(newsroom, "a.toml")
    newsroom.drop("b.toml", text("Graz gets a harbour", f"{ONE} It rains.", date="2026-11-20"))

    assert settled(newsroom) == [("b.toml", "renamed-edited")]
    assert ids(newsroom) == before


@pytest.mark.long
def test_nearly_a_former_version_of_an_entry_is_a_copy_of_it(newsroom: Newsroom) -> None:
    """Like one that lay there with a mistake while its original got another title and date."""
    published(newsroom, a=text("Harbour opens", ONE))
    newsroom.drop("a.toml", text("Graz gets a harbour", ONE))
    newsroom.build()
    newsroom.drop("a.toml", text("Graz gets a harbour", ONE, date="2026-11-20"))
    newsroom.build()
    newsroom.drop("copy.toml", text("Harbour opens", f"{ONE} It rains."))

    assert settled(newsroom) == [("copy.toml", "name-copy")]


@pytest.mark.long
@pytest.mark.parametrize("said", [ONE, f"{ONE} It rains."])
def test_a_copy_of_a_version_in_between_is_held_in_every_run(newsroom: Newsroom, said: str) -> None:
    """It has neither the title that the entry has now nor the one in its address."""
    published(newsroom, a=text("Harbour", ONE))
    newsroom.drop("a.toml", text("Harbour opens", ONE))
    newsroom.build()
    newsroom.drop("copy.toml", text("Harbour opens", said))
    newsroom.drop("a.toml", text("Graz gets a harbour", ONE, correction='"It is in Graz."'))

    found = settled(newsroom)
    assert found == [("copy.toml", "copy" if said == ONE else "name-copy")]


@pytest.mark.long
def test_news_of_an_overwritten_file_is_recognised_with_another_date(newsroom: Newsroom) -> None:
    """Although the entry stays as it is since the file with the other news got another name."""
    before = published(newsroom, a=text("Harbour opens", ONE))
    newsroom.drop("a.toml", text("Crane falls", TWO))
    newsroom.drop("b.toml", text("Harbour opens", f"{ONE} It rains.", date="2026-11-20"))
    newsroom.build()
    (newsroom.folder / "entries/a.toml").rename(newsroom.folder / "entries/c.toml")

    assert ("b.toml", "renamed-edited") in settled(newsroom)
    assert ids(newsroom)["Harbour opens"] == before["Harbour opens"]
    assert DAY in next(
        item["date_published"] for item in newsroom.items() if item["title"] == "Harbour opens"
    )


@pytest.mark.long
def test_news_with_a_correction_is_found_in_the_file_of_other_news(newsroom: Newsroom) -> None:
    """A correction says that a file is the same news only where that news went nowhere else."""
    corrected = {"correction": '"It is a crane."'}
    before = published(
        newsroom, a=text("Harbour opens", ONE), b=text("Crane falls", TWO, date="2026-11-20")
    )
    newsroom.drop("c.toml", text("Harbour opens", f"{ONE} It rains."))
    newsroom.drop("a.toml", text("Crane falls", TWO, date="2026-11-20", **corrected))
    remove(newsroom, "b.toml")

    assert settled(newsroom) == []
    assert ids(newsroom) == before


@pytest.mark.long
def test_news_is_asked_about_whose_file_other_news_with_a_correction_takes(
    newsroom: Newsroom,
) -> None:
    """The other news is recognised by all that it says."""
    corrected = text("Crane falls", TWO, date="2026-11-20", correction='"It is a crane."')
    before = published(newsroom, a=text("Harbour opens", ONE), b=corrected)
    newsroom.drop("c.toml", text("Harbour opens", f"{ONE} It rains.", date="2026-11-19"))
    newsroom.drop("a.toml", corrected)
    remove(newsroom, "b.toml")

    assert settled(newsroom) == [("c.toml", "renamed-unnamed")]
    assert ids(newsroom) == before


@pytest.mark.long
@pytest.mark.parametrize("said", [ONE, f"{ONE} It rains."])
def test_a_copy_of_a_former_version_stays_held_when_the_file_is_renamed(
    newsroom: Newsroom, said: str
) -> None:
    """The entry goes on in the renamed file, and with it all that it said."""
    published(newsroom, a=text("Harbour opens", ONE))
    newsroom.drop("copy.toml", text("Harbour opens", said))
    newsroom.drop("a.toml", text("Harbour opens", REWRITTEN, correction='"They sing."'))
    newsroom.build()
    (newsroom.folder / "entries/a.toml").rename(newsroom.folder / "entries/b.toml")

    assert settled(newsroom) == [("copy.toml", "copy" if said == ONE else "name-copy")]


@pytest.mark.long
def test_kept_news_is_recognised_with_other_words_and_an_earlier_date(newsroom: Newsroom) -> None:
    """Other news with its title, or the next report, is not asked about."""
    published(newsroom, a=text("Harbour opens", ONE))
    newsroom.drop("a.toml", text("Crane falls", TWO))
    newsroom.build()
    (newsroom.folder / "entries/a.toml").rename(newsroom.folder / "entries/c.toml")
    newsroom.build()

    newsroom.drop("b.toml", text("Harbour opens", REWRITTEN, date="2026-11-20"))
    assert settled(newsroom) == [("b.toml", "renamed-edited")]
    newsroom.drop("b.toml", text("Harbour opens", REWRITTEN, date="2026-11-24"))
    assert settled(newsroom) == []


@pytest.mark.long
def test_news_stays_that_is_in_a_file_which_is_held_for_other_news(newsroom: Newsroom) -> None:
    """It was renamed and retitled, and then exchanged with that file."""
    before = published(newsroom, a=text("Harbour opens", ONE), b=text("Crane falls", TWO))
    remove(newsroom, "a.toml")
    newsroom.drop("c.toml", RETITLED)
    newsroom.build()
    newsroom.drop("c.toml", text("Crane falls", f"{TWO} It rained."))
    newsroom.drop("b.toml", RETITLED)

    settled(newsroom)

    assert {*before.values()} <= {*ids(newsroom).values()}


def test_the_question_is_about_the_entry_that_a_file_is_likest(newsroom: Newsroom) -> None:
    """Of two reports of a series that are gone, the one with its title and all its words."""
    rest = "The ministry publishes these figures every day, with those of the week before."
    reports = {n: f"Until {n} o'clock, {n}7 cases were reported. {rest}" for n in (3, 4)}
    published(newsroom, **{f"r{n}": text(f"Report {n}", said) for n, said in reports.items()})
    remove(newsroom, "r3.toml", "r4.toml")
    newsroom.drop("new.toml", text("Report 4", reports[4], date="2026-11-20", summary='"Cases"'))

    (problem,) = (p for p in newsroom.build().problems if p.file == "new.toml")

    assert (problem.code, problem.found) == ("renamed-edited", "r4.toml")
