"""Copies that stay held, files that wait, and files that are held for a fault of Dateline."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from dateline import publish
from dateline.ledger import Ledger
from dateline.model import Story
from dateline.publish.check import check, foresee
from dateline.publish.recovery import ledger_url
from dateline.rules.decide import Decision, decide
from dateline.rules.guards import Approval
from support.publication import Newsroom, entry_file

SAID = "\n\n".join(
    f"Sentence {number} is about traffickers in Lebanon, prosecutors, shelters and victims who "
    f"were freed by officers last winter near harbour {number}."
    for number in range(4)
)
OTHER = "\n\n".join(
    f"Paragraph {number} is about fisheries, quotas, vessels, inspectors, satellites and coasts "
    f"of Ghana in season {number}."
    for number in range(4)
)


def text(title: str, said: str, *, days: int = 0, **fields: str) -> str:
    """Return an entry of the day of the tests, or of so many days later."""
    return entry_file(title, f"2026-11-{25 + days}", body=f'"""\n{said}\n"""', **fields)


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom with other news."""
    newsroom.drop("old.toml", text("Old", "Some old news."))
    newsroom.build()
    return newsroom


@pytest.mark.long
def test_news_that_is_written_into_a_file_that_waits_is_asked_about(room: Newsroom) -> None:
    """The file waited with other news: it may be the deleted one under another name now."""
    report = room.drop("a.toml", text("Report on Lebanon", SAID))
    room.drop("b.toml", text("Fisheries", OTHER, days=4))
    room.build()
    report.unlink()
    room.drop("b.toml", text("Report from Lebanon", SAID.replace("freed", "saved")))

    room.build()
    room.build(after=timedelta(minutes=15))

    assert room.codes() == ["renamed-edited"]
    assert {one["title"] for one in room.items()} == {"Old", "Report on Lebanon"}


@pytest.mark.long
def test_an_issue_of_a_series_that_waits_is_no_copy_of_the_next_one(room: Newsroom) -> None:
    """Although both have much the same text: its backup comes out, if that alone is left."""
    issue = room.drop("48.toml", text("Weekly bulletin 48", SAID, days=2))
    room.drop("49.toml", text("Weekly bulletin 49", f"{SAID}\n\nIn week 49.", days=5))
    room.build()
    room.drop("48 (1).toml", issue.read_text("utf-8"))
    room.build()
    issue.unlink()
    room.build()

    room.build(after=timedelta(days=3))

    assert "Weekly bulletin 48" in {one["title"] for one in room.items()}


@pytest.mark.long
@pytest.mark.parametrize("is_deleted", [False, True])
@pytest.mark.parametrize("keep", [False, True])
def test_the_next_issue_in_the_file_of_the_last_is_asked_about_beside_its_copy(
    room: Newsroom, *, keep: bool, is_deleted: bool
) -> None:
    """The copy was held in a run before: as other news, it takes the entry of the last issue.

    If it is deleted, as the message about it says, the question stays.
    """
    first, second = (
        f"{count} ships came in with {cargo} for the north, and six went out with cars for the "
        f"islands. The port office expects {weather} from the east in the night."
        for count, cargo, weather in ((12, "wood and grain", "wind"), (19, "coal", "fog"))
    )
    issue = room.drop("bulletin.toml", text("Ships", first))
    copy = room.drop("copy-of-bulletin.toml", issue.read_bytes())
    room.build()
    before = {one["title"]: one["id"] for one in room.items()}
    room.drop("bulletin.toml", text("Ships", second, days=1))
    room.build(after=timedelta(days=1))
    if is_deleted:
        copy.unlink()
        room.build()
        room.build(after=timedelta(hours=1))
        room.drop("bulletin.toml", text("Ships", f"{second} It rains.", days=1))
        room.build()
    asked = next(one for one in room.log[-1].problems if one.code == "other-news")
    assert not any("fog" in one["content_html"] for one in room.items())

    room.build(approval=Approval(code=str(asked.wanted), keep=keep))

    said = {one["id"]: "fog" in one["content_html"] for one in room.items()}
    assert said.pop(before["Ships"]) == keep
    assert sum(said.values()) == (0 if keep else 1)


@pytest.mark.long
@pytest.mark.parametrize("case", ["copied", "renamed", "copy deleted", "and a mistake made"])
@pytest.mark.parametrize("keep", [False, True])
def test_other_news_with_the_title_and_day_of_the_last_is_asked_about_beside_its_copy(
    room: Newsroom, *, case: str, keep: bool
) -> None:
    """The copy was held before, or the file was renamed as the other news took its place."""
    path = room.drop("latest.toml", text("Press release", SAID))
    room.build()
    before = {one["title"]: one["id"] for one in room.items()}
    copy = path.with_name("archive.toml")
    path.rename(copy) if case == "renamed" else shutil.copy(path, copy)
    if case != "renamed":
        room.build()
    room.drop("latest.toml", text("Press release", OTHER))
    room.build()
    if case in {"copy deleted", "and a mistake made"}:
        copy.unlink()
        room.build()
    if case == "and a mistake made":
        room.drop("latest.toml", text("Press release", OTHER).rstrip().removesuffix('"""'))
        room.build()
        room.drop("latest.toml", text("Press release", OTHER))
    room.build(after=timedelta(hours=1))
    asked = next(one for one in room.log[-1].problems if one.code == "other-news")
    assert (asked.file, {one["title"]: one["id"] for one in room.items()}) == (
        "latest.toml",
        before,
    )
    assert not any("Ghana" in one["content_html"] for one in room.items())

    room.build(approval=Approval(code=str(asked.wanted), keep=keep))
    room.build(after=timedelta(hours=1))

    said = {one["id"]: "Ghana" in one["content_html"] for one in room.items()}
    assert said.pop(before["Press release"]) == keep
    assert sum(said.values()) == (0 if keep else 1)
    held = [("archive.toml", "copy")] if keep and copy.exists() else []
    assert [(one.file, one.code) for one in room.log[-1].problems] == held


@pytest.mark.long
@pytest.mark.parametrize(
    "edited",
    [
        SAID.replace("traffickers", "trafickers"),
        f"{SAID}\n\n{OTHER[:150]}",
        SAID.replace(SAID[:130], OTHER[:110]),
        f"{OTHER}\n\n{SAID}",
    ],
)
def test_an_edit_beside_a_copy_that_was_forgotten_is_published(room: Newsroom, edited: str) -> None:
    """A typing error, further paragraphs or another lead are no other news."""
    path = room.drop("latest.toml", text("Press release", SAID))
    room.build()
    shutil.copy(path, path.with_name("archive.toml"))
    room.build()
    room.drop("latest.toml", text("Press release", edited))

    report = room.build()

    assert report.changed == ("latest.toml",)
    assert "other-news" not in room.codes()


@pytest.mark.long
def test_a_copy_that_was_edited_is_not_to_be_renamed_over_other_news(room: Newsroom) -> None:
    """The copy is the former news, which has no other file; its file's name has other news."""
    latest = room.drop("latest.toml", text("Ships", SAID))
    room.build()
    latest.rename(latest.with_name("archive.toml"))
    before = {one["id"] for one in room.items()}
    room.drop("latest.toml", text("Ships", OTHER))
    room.build()
    asked = next(one for one in room.log[-1].problems if one.code == "other-news")
    room.drop("archive.toml", text("Ships", f"{SAID} It rains."))
    room.build()
    room.build(approval=Approval(code=str(asked.wanted)))

    said = [(one.code, one.file) for one in room.log[-1].problems]
    assert ("copy-alone", "archive.toml") not in said
    assert ("renamed-unnamed", "archive.toml") in said
    assert before < {one["id"] for one in room.items()}


@pytest.mark.long
def test_files_that_are_exchanged_beside_a_copy_of_one_keep_their_entries(room: Newsroom) -> None:
    """The copy, whose name comes first, is the same word for word, and takes none of them."""
    texts = [text("Report", SAID), text("Fisheries", OTHER)]
    for name, said in zip(("b.toml", "c.toml", "a-spare.toml"), (*texts, texts[1]), strict=True):
        room.drop(name, said)
    room.build()
    before = {one["title"]: one["id"] for one in room.items()}
    for name, said in zip(("c.toml", "b.toml"), texts, strict=True):
        room.drop(name, said)

    room.build()

    assert {one["title"]: one["id"] for one in room.items()} == before
    assert {one.file for one in room.log[-1].problems} == {"a-spare.toml"}


@pytest.mark.long
def test_a_copy_that_is_held_alone_stays_held_when_all_files_are_copied(room: Newsroom) -> None:
    """As from a backup, by which all their times change."""
    report = room.drop("a.toml", text("Report", SAID))
    room.build()
    room.drop("b.toml", report.read_text("utf-8"))
    room.build()
    saved = text("Report", SAID.replace("freed", "saved"), correction='"They were saved."')
    room.drop("a.toml", saved)
    room.build()
    report.unlink()
    room.build()
    before = room.codes()
    entries = room.folder / "entries"
    shutil.copytree(entries, room.folder / "others")
    shutil.rmtree(entries)
    (room.folder / "others").rename(entries)

    room.build()

    assert "copy-alone" in before
    assert all("freed" not in one["content_html"] for one in room.items())


def postponed(room: Newsroom) -> str:
    """Publish news that was postponed beside a backup; return the text of that."""
    first = text("Mary Smith freed", SAID, days=2)
    room.drop("mary-smith.toml", first)
    room.build()
    backup = room.drop("backup/old.toml", first)
    room.build()
    room.drop("mary-smith.toml", text("Mary Smith freed", SAID, days=5))
    room.build()
    backup.unlink()
    room.build(after=timedelta(days=6))
    return first


@pytest.mark.long
def test_a_takedown_leaves_nothing_of_copies_that_were_held(room: Newsroom) -> None:
    """No name of a file is in the ledger, and what the copy said is not published again."""
    first = postponed(room)
    (gone,) = [one["id"] for one in room.items() if one["title"] == "Mary Smith freed"]
    (room.folder / "entries/mary-smith.toml").unlink()
    room.build(takedown=gone)
    with sqlite3.connect(room.folder / "state/ledger.sqlite") as ledger:
        facts = ledger.execute("SELECT name, value FROM fact").fetchall()
    room.drop("again.toml", first)

    room.build(after=timedelta(minutes=20))

    assert [row for row in facts if "mary-smith" in repr(row)] == []
    assert "taken-down" in room.codes()
    assert "Mary Smith freed" not in {one["title"] for one in room.items()}


@pytest.mark.parametrize("damaged", ['{"a": "b', "[1]", "7"])
def test_damage_in_what_copies_said_stops_nothing(room: Newsroom, damaged: str) -> None:
    """Then nothing is known of them."""
    with Ledger(ledger_url(room.config)) as ledger:
        ledger.state.copies = damaged
        ledger.commit()
    room.drop("new.toml", text("New", "Some new news."))

    assert room.build().published == ("new.toml",)


def test_scheduled_files_are_read_beside_others_if_they_are_few(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of very many each would cost milliseconds, with each new entry."""
    monkeypatch.setattr("dateline.ledger.queries.files._FEW", 2)
    counts = []
    for number in range(3):
        room.drop(f"later/{number}.toml", text(f"Later {number} is news", SAID, days=4))
        room.build()
        with Ledger(ledger_url(room.config)) as ledger:
            found = ledger.files.concerned(["new.toml"], room.now), ledger.files.waiting(room.now)
            beside = ledger.files.waiting(room.now, beside_others=True)
        counts.append([len(paths) for paths in (*found, beside)])

    assert counts == [[1, 0, 1], [2, 0, 2], [0, 0, 0]]


@pytest.mark.long
def test_check_and_preview_go_on_beside_a_file_that_cannot_be_decided_on(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """They hold what the last run held, and the next run looks for it first."""
    decisions = []

    def fails(stories: Sequence[Story], *others: Any, **named: Any) -> Decision:
        decisions.append(len(stories))
        if any(one.title == "Faulty" for one in stories):
            raise RecursionError
        return decide(stories, *others, **named)

    monkeypatch.setattr("dateline.publish.assess.decide", fails)
    room.drop("faulty.toml", text("Faulty", "Some bad news."))
    room.drop("good.toml", text("Good", "Some good news."))
    room.build()
    now = room.now + timedelta(minutes=1)

    checked = check(room.config, publish.RunRequest(now=now, clock=now))
    new = text("New", "Some new news.").encode()
    seen = foresee(room.config, "new.toml", new, now)
    decisions.clear()
    for number in range(9):
        room.drop(f"{number}.toml", text(f"News {number}", f"Something else, {number}."))
    room.build()

    assert checked.states["faulty.toml"] == "hold"
    assert seen.state == "live"
    assert len(decisions) <= 3
    caplog.clear()


RETRACTED = text("Report", SAID, status='"retracted"', retraction='"Nothing was true."')


@pytest.mark.long
@pytest.mark.parametrize("said", [SAID, SAID.replace("winter", "summer")])
@pytest.mark.parametrize("wait", [0, 1, 20])
def test_a_former_version_under_another_name_is_not_published_again(
    room: Newsroom, wait: int, said: str
) -> None:
    """The file of the entry is deleted in the same run, before, or long ago."""
    report = room.drop("a.toml", text("Report", SAID))
    room.build()
    room.drop("a.toml", RETRACTED)
    room.build()
    report.unlink()
    if wait:
        room.build()
        room.build(after=timedelta(minutes=wait))
    room.drop("backup.toml", text("Report", said))

    room.build()

    assert [(one.code, one.found) for one in room.log[-1].problems] == [("copy-alone", "a.toml")]
    assert all("freed" not in one["content_html"] for one in room.items())


@pytest.mark.long
def test_a_copy_that_is_held_alone_stays_held_under_another_name(room: Newsroom) -> None:
    """It was a copy of what has been retracted since, and is moved away after that is gone."""
    report = room.drop("a.toml", text("Report", SAID))
    copy = room.drop("b.toml", text("Report", SAID))
    room.build()
    room.drop("a.toml", RETRACTED)
    room.build()
    report.unlink()
    room.build()
    (room.folder / "entries/old").mkdir()
    copy.rename(room.folder / "entries/old/report.toml")

    room.build()

    assert room.codes() == ["copy-alone"]
    assert "Retracted: Report" in {one["title"] for one in room.items()}


@pytest.mark.parametrize(
    "own", [{}, {"place": '"Beirut"'}, {"attachments": '["https://example.org/a.pdf"]'}]
)
def test_a_retraction_in_a_second_file_is_held(room: Newsroom, own: dict[str, Any]) -> None:
    """It would be another entry, and the text would stay live beside it."""
    room.drop("a.toml", text("Report", SAID, **own))
    room.build()
    room.drop("b.toml", RETRACTED)

    room.build()

    assert [(one.code, one.found) for one in room.log[-1].problems] == [("name-copy", "a.toml")]
    assert {one["title"] for one in room.items()} == {"Old", "Report"}


def test_a_retraction_is_held_that_comes_with_its_news(room: Newsroom) -> None:
    """Both would be out."""
    room.drop("a.toml", text("Report", SAID))
    room.drop("b.toml", RETRACTED)

    room.build()

    assert [(one.code, one.found) for one in room.log[-1].problems] == [("name-copy", "a.toml")]


@pytest.mark.long
def test_a_retraction_of_another_place_is_published(room: Newsroom) -> None:
    """It is of other news, which was retracted before the newsroom moved here."""
    room.drop("a.toml", text("Report", SAID, place='"Beirut"'))
    room.build()
    room.drop("b.toml", RETRACTED.replace("status", 'place = "Tyre"\nstatus'))

    room.build()

    assert room.codes() == []
    assert {one["title"] for one in room.items()} == {"Old", "Report", "Retracted: Report"}


FALSE: dict[str, Any] = {"status": '"retracted"', "retraction": '"It was false."'}
ID: dict[str, Any] = {"id": '"tag:example.org,2008:7"'}


@pytest.mark.long
@pytest.mark.parametrize("before", [{"days": 1}, {"draft": "true"}])
@pytest.mark.parametrize("keeps", [False, True])
def test_a_retraction_of_news_to_come_is_held(
    room: Newsroom, before: dict[str, Any], *, keeps: bool
) -> None:
    """Readers would learn its title, at once or at its moment: no edit of the file lets it out."""
    room.drop("a.toml", text("Mayor accused", SAID, **before))
    room.build()
    room.drop("a.toml", text("Mayor accused", SAID, **(before if keeps else {}), **FALSE))
    room.build()
    assert room.codes() == ["retraction-early"]
    room.build(after=timedelta(days=2))
    room.drop("a.toml", text("Mayor accused", SAID, place='"Graz"', **FALSE))
    room.build()
    assert room.codes() == ["retraction-early"]
    assert [one["title"] for one in room.items()] == ["Old"]

    room.drop("a.toml", text("Mayor cleared", SAID))
    room.build()

    assert {one["title"] for one in room.items()} == {"Old", "Mayor cleared"}


@pytest.mark.parametrize(
    ("name", "title", "said", "fields"),
    [
        ("a.toml", "Mayor accused", f"EMBARGOED UNTIL 5 December\n\n{SAID}", {}),
        ("DRAFT a.toml", "Mayor accused", SAID, {}),
        ("a.toml", "DRAFT: Mayor accused", SAID, {}),
        ("a.toml", "Mayor accused", SAID, {"date": '"25 November 2026, embargoed"'}),
    ],
)
def test_a_retraction_of_news_that_was_not_for_readers_is_held(
    room: Newsroom, name: str, title: str, said: str, fields: dict[str, Any]
) -> None:
    """An embargo line or a mark of a draft kept it back; readers would learn its title."""
    text_of = entry_file(title, "2026-11-25", body=f'"""\n{said}\n"""', **FALSE)
    room.drop(name, entry_file(title, body=f'"""\n{said}\n"""', **{"date": "2026-11-25", **fields}))
    room.build()
    room.drop(name, text_of)

    room.build()

    assert room.codes() == ["retraction-early"]
    assert [one["title"] for one in room.items()] == ["Old"]


@pytest.mark.long
def test_a_retraction_of_news_that_was_out_before_it_was_held_is_published(room: Newsroom) -> None:
    """Readers know its title."""
    room.drop("a.toml", text("Mayor accused", SAID))
    room.build()
    room.drop("a.toml", text("Mayor accused", f"NOT FOR PUBLICATION\n\n{SAID}"))
    room.build()
    room.drop("a.toml", text("Mayor accused", SAID, **FALSE))

    room.build()

    assert room.codes() == []
    assert "Retracted: Mayor accused" in {one["title"] for one in room.items()}


@pytest.mark.long
@pytest.mark.parametrize("before", [None, {"draft": "true", **ID}])
def test_a_retraction_of_news_from_elsewhere_is_published(
    room: Newsroom, before: dict[str, Any] | None
) -> None:
    """A new file, or one with the id by which readers know the news."""
    if before:
        room.drop("a.toml", text("Mayor accused", SAID, **before))
        room.build()
    room.drop("a.toml", text("Mayor accused", SAID, **(ID if before else {}), **FALSE))

    room.build()

    assert room.codes() == []
    assert "Retracted: Mayor accused" in {one["title"] for one in room.items()}


def test_two_retractions_of_one_title_are_published_on_a_first_run(room: Newsroom) -> None:
    """Neither is of the other, nor of news that comes with it."""
    room.drop("a.toml", text("Report", SAID, place='"Beirut"'))
    room.drop(
        "b.toml", text("Report", SAID, status='"retracted"', retraction='"Not so."', place='"Tyre"')
    )
    room.drop("c.toml", RETRACTED)

    room.build()

    assert room.codes() == []
    assert [one["title"] for one in room.items()].count("Retracted: Report") == 2


@pytest.mark.long
def test_files_that_are_exchanged_while_one_is_as_before_its_edit_are_asked_about(
    room: Newsroom,
) -> None:
    """The name of its file is taken by the other news, which a rename would write over."""
    for name, said in {"a.toml": SAID, "b.toml": OTHER}.items():
        room.drop(name, text(name, said))
    room.build()
    room.drop("a.toml", text("a.toml", f"{SAID} Edited."))
    room.build()
    room.drop("b.toml", text("a.toml", SAID))
    room.drop("a.toml", text("b.toml", OTHER))

    room.build()

    problem = next(one for one in room.log[-1].problems if one.code != "change-not-out")
    assert (problem.code, problem.file) == ("renamed-unnamed", "b.toml")
    before = {one["title"]: one["id"] for one in room.items()}
    room.drop("b.toml", text("a.toml", SAID, id=f'"{problem.found}"'))
    room.build()
    assert {one["title"]: one["id"] for one in room.items()} == before
    assert (room.codes(), len(before)) == ([], 3)


@pytest.mark.long
def test_a_former_title_under_another_name_is_asked_about(room: Newsroom) -> None:
    """The same text went on under a corrected title: an old backup would bring the other back."""
    report = room.drop("a.toml", text("Report", SAID))
    room.build()
    room.drop("a.toml", text("Report on Lebanon", SAID))
    room.build()
    report.unlink()
    room.drop("backup.toml", text("Report", SAID))

    room.build()

    assert room.codes() == ["renamed-edited"]
    assert {one["title"] for one in room.items()} == {"Old", "Report on Lebanon"}


@pytest.mark.long
def test_one_answer_is_enough_where_a_former_version_may_be_two_entries(room: Newsroom) -> None:
    """Other news has the name of the one, and the other has much of the text, and no file."""
    room.drop("a.toml", text("Bulletin, morning", SAID))
    evening = room.drop("c.toml", text("Bulletin, evening", SAID.replace("winter", "summer")))
    room.build()
    room.drop("a.toml", text("Bulletin, morning", f"{SAID} Edited."))
    room.build()
    room.drop("a.toml", text("Fish", OTHER, days=-1))
    room.build()
    asked = next(one for one in room.log[-1].problems if one.code == "other-news")
    room.build(approval=Approval(code=str(asked.wanted)))
    evening.unlink()
    room.drop("b.toml", text("Bulletin, morning", SAID))
    room.build()
    asked = next(one for one in room.log[-1].problems if one.file == "b.toml")

    room.build(approval=Approval(code=str(asked.wanted)))

    assert asked.code == "renamed-unnamed"
    assert room.log[-1].published == ("b.toml",)
