"""Editors withdraw, restore and take down entries in the newsroom."""

from __future__ import annotations

import errno
import os
import re
import shutil
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from werkzeug.test import TestResponse

from dateline import publish
from dateline.errors import DatelineError
from dateline.ledger import exclusive
from dateline.model.acts import Act
from dateline.newsroom.access.forms import MULTIPART
from dateline.newsroom.access.people import token_hash
from dateline.newsroom.language import ENGLISH
from dateline.newsroom.saving import digest
from dateline.publish import settle
from dateline.publish.check import foresee
from dateline.publish.run import RunRequest
from dateline.publish.settle import take_down
from dateline.rules.guards import Approval
from rules.test_combinations import run
from support.packed import with_texts
from support.publication import Newsroom, entry_file, picture
from support.staff import AT, WORD, Staff, configure, inputs, seen

SECRET = entry_file("Zqlost", body='"Zqtext."', image='"zqpier.png"', image_alt='"Zqpier."')
OTHERS = {"other.toml": entry_file("Other"), "third.toml": entry_file("Third")}
WORDS = re.compile(rb"zqlost|zqtext|zqmore|zqpier")
OTHER_NEWS = entry_file("Essay prize opens", "2026-11-25", body='"Students may hand in essays."')
KEY = "a" * 20 + "Zq7-Lm51x_KcD83rTvW"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return a publication with an entry of two versions and a picture, and others."""
    room = Newsroom(tmp_path_factory.mktemp("removing"))
    configure(room)
    room.drop("zqpier.png", picture())
    for name, text in {"zqlost.toml": SECRET, **OTHERS}.items():
        room.drop(name, text)
    room.build()
    room.drop("zqlost.toml", SECRET.replace("Zqtext.", "Zqmore."))
    room.build()
    return room


@pytest.fixture
def desk(published: Newsroom, newsroom: Newsroom) -> Staff:
    """Return an editor of a copy of that publication."""
    newsroom.begin_as(published)
    staff = Staff(newsroom)
    staff.come_in()
    staff.room.show(newsroom.log[-1], newsroom.now)
    return staff


def fields(page: str) -> dict[str, str]:
    """Return the hidden fields of the form of a page."""
    main = page.partition("<main")[2]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', main))


def word_of(staff: Staff) -> str:
    """Return the word of the forms of a person."""
    return fields(staff.get("/take-down?entry=other.toml").text)["word"]


def send(staff: Staff, address: str, form: dict[str, str]) -> TestResponse:
    """Send a form."""
    return staff.client.post(address, base_url=AT, data=form)


def followed(staff: Staff, answer: TestResponse) -> str:
    """Return the text of the page to which a form leads."""
    assert answer.status_code == 303, seen(answer.text)
    return staff.text(answer.headers["Location"])


def entry_of(answer: TestResponse) -> str:
    """Return the id of the entry to whose history a form leads."""
    return parse_qs(urlsplit(answer.headers["Location"]).query)["entry"][0]


def acts(staff: Staff, count: int = 2) -> list[tuple[Act, str, str]]:
    """Return the latest acts with their files and details, the newest first."""
    with staff.room.ledger() as ledger:
        return [(one.act, one.path, one.detail) for one in ledger.acts.latest(count)]


def lines(values: dict[str, str]) -> str:
    """Return the lines of a file that set these fields."""
    return "".join(f"{name} = {value}\n" for name, value in values.items())


def titles(staff: Staff) -> list[str]:
    """Return the titles in the feed."""
    return sorted(item["title"] for item in staff.newsroom.items())


# ---- Withdrawing and restoring


@pytest.mark.long
def test_an_entry_is_withdrawn_and_restored_as_it_was(desk: Staff) -> None:
    """At once, with what readers will see first; id, address and dates come back unchanged."""
    file, before = desk.newsroom.folder / "entries/zqlost.toml", desk.newsroom.items()
    data = file.read_bytes()
    page = desk.get("/withdraw?file=zqlost.toml").text

    gone = send(desk, "/withdraw", fields(page))
    said, titles_then, is_there = followed(desk, gone), titles(desk), file.exists()
    back = desk.get(f"/restore?entry={entry_of(gone)}").text
    done = followed(desk, send(desk, "/restore", fields(back)))
    desk.build()

    assert "Its file" not in seen(page)
    assert "its page says that it was withdrawn" in seen(page)
    assert re.search(
        r"Files in the folder zqlost.toml Addresses .*zqlost.html .*news.rss", seen(page)
    )
    assert "The entry is withdrawn. It can be restored below." in said
    assert (titles_then, is_there) == (["Other", "Third"], False)
    assert "with its id and its dates as before" in seen(back)
    assert "Readers have this version in a moment." in done
    assert file.read_bytes() == data
    assert desk.newsroom.items() == before
    assert acts(desk) == [
        (Act.RESTORED, "zqlost.toml", "2"),
        (Act.WITHDREW, "zqlost.toml", ""),
    ]


@pytest.mark.long
def test_an_older_version_is_restored_while_the_entry_is_live(desk: Staff) -> None:
    """It replaces the file, and readers get its text at the same address.

    The history leads to the form as well.
    """
    history = desk.get("/history?entry=zqlost.toml").text
    (address,) = re.findall(r'href="(/restore\?[^"]+)"', history)
    page = desk.get(address.replace("&amp;", "&")).text

    done = send(desk, "/restore", fields(page))
    desk.build()

    assert 'href="/edit?file=zqlost.toml"' in history
    assert "Restore version 1 of Zqlost" in seen(page)
    assert "Readers get the new text at the same address" in seen(page)
    assert done.status_code == 303
    assert "Zqtext." in (desk.newsroom.folder / "entries/zqlost.toml").read_text("utf-8")
    assert (
        "Zqtext."
        in {item["title"]: item for item in desk.newsroom.items()}["Zqlost"]["content_html"]
    )


def test_an_old_page_restores_nothing_over_a_newer_version(desk: Staff) -> None:
    """What others published since the page was made stays with readers."""
    form = fields(desk.get("/restore?entry=zqlost.toml&version=1").text)
    file = desk.newsroom.drop("zqlost.toml", SECRET.replace("Zqtext.", "Corrected."))
    desk.build()

    answer = send(desk, "/restore", form)

    assert answer.status_code == 409
    assert "Somebody changed the file meanwhile." in seen(answer.text)
    assert "Corrected." in file.read_text("utf-8")


def test_a_version_that_cannot_be_written_says_why(
    desk: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file stays as it is."""
    file = desk.newsroom.folder / "entries/zqlost.toml"
    restore = fields(desk.get("/restore?entry=zqlost.toml&version=1").text)
    before = file.read_bytes()
    file.write_bytes(pending := before + b"# A note.\n")
    back = {**restore, "seen": digest(pending)}
    opened = os.open

    def failing(path: str | Path, *values: int, **others: int) -> int:
        if str(path).endswith(".new") and Path(path).parent == file.parent:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return opened(path, *values, **others)

    with monkeypatch.context() as disk:
        disk.setattr(os, "open", failing)
        taken = send(desk, "/take-back", back)
        after = file.read_bytes()
        file.write_bytes(before)
        restored = send(desk, "/restore", restore)

    assert (taken.status_code, restored.status_code) == (503, 503)
    assert (after, file.read_bytes()) == (pending, before)
    said = "zqlost.toml cannot be written (No space left on device). Nothing was changed."
    assert said in seen(taken.text)
    assert said in seen(restored.text)


def test_a_history_leads_only_to_a_file_that_is_there(desk: Staff) -> None:
    """Where it was deleted by hand, nothing leads to a page that does not exist."""
    (desk.newsroom.folder / "entries/zqlost.toml").unlink()

    history = desk.get("/history?entry=zqlost.toml").text

    assert "zqlost.html" in history
    assert not re.search(r'href="/(withdraw|edit|preview)\?', history)


@pytest.mark.long
@pytest.mark.parametrize("more", [{}, {"draft": "true"}])
def test_an_entry_whose_file_has_other_news_does_not_lead_to_them(
    desk: Staff, more: dict[str, str]
) -> None:
    """Not from its history, and its takedown leaves that file alone, published or not."""
    with desk.room.ledger() as ledger:
        id_ = ledger.entries.id_of("zqlost.toml") or ""
    file = desk.newsroom.drop("zqlost.toml", OTHER_NEWS.replace("\n", "\n" + lines(more), 1))
    report = desk.build()
    code = next(str(one.wanted) for one in report.problems if one.code == "other-news")
    run(desk.newsroom, answer=Approval(code=code))
    desk.build()

    history = desk.get(f"/history?entry={id_}").text
    page = desk.get(f"/take-down?entry={id_}").text
    send(desk, "/take-down", fields(page) | {"sure": "yes"})

    assert "Zqlost" in seen(history)
    assert "zqlost.toml" not in history
    assert not re.search(r'href="/(withdraw|ask|edit|preview)\?', history)
    assert "zqlost.toml" not in seen(page)
    assert "Essay prize" in file.read_text("utf-8")


@pytest.mark.long
def test_a_file_name_that_other_news_has_is_named(desk: Staff) -> None:
    """The withdrawn entry cannot come back there; its page says so at once, and what to do."""
    gone = send(desk, "/withdraw", fields(desk.get("/withdraw?file=zqlost.toml").text))
    form = fields(desk.get(f"/restore?entry={entry_of(gone)}").text)
    file = desk.newsroom.drop("zqlost.toml", OTHER_NEWS)
    desk.build()

    page = desk.get(f"/restore?entry={entry_of(gone)}").text
    answer = send(desk, "/restore", form)

    for text in (page, answer.text):
        assert "zqlost.toml is the file of other news now." in seen(text)
        assert "changes that readers do not have" not in text
        assert not re.search(r'action="/restore"|href="/edit', text)
    assert answer.status_code == 409
    assert file.read_text("utf-8") == OTHER_NEWS


@pytest.mark.long
def test_a_file_name_that_nothing_has_is_free(published: Newsroom, newsroom: Newsroom) -> None:
    """The ledger is a backup, from which an entry's file was renamed, and deleted."""
    newsroom.begin_as(published)
    folder = newsroom.folder
    shutil.copytree(folder / "state", folder / "backup")
    file = folder / "entries/zqlost.toml"
    new = file.rename(file.with_name("zqnew.toml"))
    newsroom.build()
    new.unlink()
    shutil.rmtree(folder / "state")
    (folder / "backup").rename(folder / "state")
    newsroom.build()
    staff = Staff(newsroom)
    staff.come_in()
    with staff.room.ledger() as ledger:
        (id_,) = (one.id for one in ledger.entries.live() if one.story.title == "Zqlost")

    page = staff.get(f"/restore?entry={id_}&version=1").text
    send(staff, "/restore", fields(page))

    assert "is the file of other news now" not in seen(page)
    assert file.exists()


def test_an_entry_is_not_restored_beside_its_renamed_file(desk: Staff) -> None:
    """Its page names the file that is held, and leads to no form."""
    file = desk.newsroom.folder / "entries/zqlost.toml"
    form = fields(desk.get("/restore?entry=zqlost.toml").text)
    file.unlink()
    desk.newsroom.drop("renamed.toml", SECRET.replace("Zqtext.", "Edited.").replace("-24", "-20"))
    desk.build()

    page = desk.get("/restore?entry=zqlost.toml").text
    answer = send(desk, "/restore", form)

    for text in (page, answer.text):
        assert "renamed.toml seems to be the file of this entry" in seen(text)
        assert not re.search(r'action="/restore"|href="/edit', text)
    assert (answer.status_code, file.exists()) == (409, False)


@pytest.mark.long
def test_a_text_that_readers_lack_is_not_lost(desk: Staff) -> None:
    """A file with unpublished changes is neither withdrawn nor written over."""
    form = fields(desk.get("/withdraw?file=zqlost.toml").text)
    file = desk.newsroom.drop("zqlost.toml", SECRET.replace("Zqtext.", "Unpublished."))

    page = desk.get("/withdraw?file=zqlost.toml").text
    answers = [
        send(desk, "/withdraw", form),
        send(desk, "/restore", {**form, "version": "1"}),
    ]

    assert 'action="/withdraw"' not in page
    assert [one.status_code for one in answers] == [409, 409]
    assert all("changes that readers do not have" in seen(one.text) for one in answers)
    assert "Unpublished." in file.read_text("utf-8")
    assert acts(desk) == []


@pytest.mark.long
@pytest.mark.parametrize("title", ["", "Another title"])
@pytest.mark.parametrize("is_asked", [False, True])
def test_a_writer_brings_back_nothing_that_was_withdrawn(
    desk: Staff, title: str, *, is_asked: bool
) -> None:
    """A form that was open still has its text; with approval, an editor is asked."""
    writer, editor = staff_of(desk.newsroom, f"approval = {str(is_asked).lower()}")
    forms = [inputs(one.get("/edit?file=zqlost.toml").text) for one in (writer, editor)]
    send(editor, "/withdraw", fields(editor.get("/withdraw?file=zqlost.toml").text))

    before = len([*(desk.newsroom.folder / "entries").rglob("*.toml")])

    def sent(staff: Staff, do: str, form: dict[str, list[str]]) -> TestResponse:
        data = form | {"body": ["Typed for an hour."], "do": [do]}
        data |= {"title": [title]} if title else {}
        return staff.client.post("/write", base_url=AT, data=data, content_type=MULTIPART)

    gone = sent(writer, "publish", forms[0])
    looked, again = (sent(writer, do, inputs(gone.text)) for do in ("look", "publish"))
    files = [*(desk.newsroom.folder / "entries").rglob("*.toml")]
    of_editor = sent(editor, "publish", forms[1])

    said = [ENGLISH["unsaved-withdrawn"] in seen(one.text) for one in (gone, looked, again)]
    assert said == [not is_asked] * 3
    assert (again.status_code, len(files) - before) == ((303, 1) if is_asked else (403, 0))
    assert is_asked or inputs(again.text)["body"] == ["Typed for an hour."]
    assert is_asked or ENGLISH["unsaved-gone"] in seen(of_editor.text)
    assert is_asked or sent(editor, "publish", inputs(of_editor.text)).status_code == 303


@pytest.mark.long
def test_an_editor_takes_back_what_a_writer_changed(desk: Staff) -> None:
    """It waits for approval; the file becomes what readers have, and can then be withdrawn."""
    writer, editor = staff_of(desk.newsroom, "approval = true")
    file = desk.newsroom.folder / "entries/zqlost.toml"
    before = file.read_bytes()
    form = inputs(writer.get("/edit?file=zqlost.toml").text)
    form |= {"title": ["Zqlost again"], "do": ["publish"]}
    saved = writer.client.post("/write", base_url=AT, data=form, content_type=MULTIPART)
    desk.newsroom.drop("zqlost.toml", pending := file.read_text("utf-8"))
    editor.build()
    waits = [one.code for one in desk.newsroom.log[-1].problems]

    page = editor.get("/withdraw?file=zqlost.toml").text
    restoring = editor.get("/restore?entry=zqlost.toml&version=1").text
    refused = send(writer, "/take-back", fields(page))
    stale = send(editor, "/take-back", {**fields(page), "seen": "0" * 64})
    still = file.read_text("utf-8")
    said = followed(editor, send(editor, "/take-back", fields(page)))
    again = followed(editor, send(editor, "/take-back", fields(page)))
    after = file.read_bytes()
    desk.newsroom.drop("zqlost.toml", after.decode())
    editor.build()
    gone = send(editor, "/withdraw", fields(editor.get("/withdraw?file=zqlost.toml").text))

    assert saved.location.endswith("done=waits")
    assert "unapproved" in waits
    assert 'action="/take-back"' in page
    assert 'action="/take-back"' in restoring
    assert (refused.status_code, stale.status_code, still) == (403, 409, pending)
    assert "The changes are taken back: the file is what readers have." in said
    assert (again, after) == (said, before)
    assert desk.newsroom.codes() == []
    assert "The entry is withdrawn." in followed(editor, gone)
    assert [act for act, *_ in acts(editor)] == [Act.WITHDREW, Act.RESTORED]


@pytest.mark.long
def test_a_version_that_a_writer_saved_again_waits_for_approval(desk: Staff) -> None:
    """To restore it approves nothing, and the page says what an editor has to do."""
    writer, editor = staff_of(desk.newsroom, "approval = true")
    file = desk.newsroom.folder / "entries/zqlost.toml"
    for staff, summary in ((editor, "Zqtwo."), (writer, "")):
        form = inputs(staff.get("/edit?file=zqlost.toml").text)
        form |= {"summary": [summary], "do": ["publish"]}
        staff.client.post("/write", base_url=AT, data=form, content_type=MULTIPART)
        desk.newsroom.drop("zqlost.toml", file.read_text("utf-8"))
        editor.build()
    waits = desk.newsroom.codes()
    address = "/restore?entry=zqlost.toml&version=2"

    said = [followed(editor, send(editor, "/restore", fields(editor.get(address).text)))]
    page = editor.get("/withdraw?file=zqlost.toml").text
    back = followed(editor, send(editor, "/take-back", fields(page)))
    said.append(followed(editor, send(editor, "/restore", fields(editor.get(address).text))))

    assert "unapproved" in waits
    assert "The changes are taken back" in back
    assert all("zqlost.toml is saved. It waits for your approval" in one for one in said)


@pytest.mark.long
def test_a_retraction_takes_no_unapproved_change_with_it(desk: Staff) -> None:
    """It is approved or taken back first."""
    writer, editor = staff_of(desk.newsroom, "approval = true")
    file = desk.newsroom.folder / "entries/zqlost.toml"
    form = inputs(writer.get("/edit?file=zqlost.toml").text)
    form |= {"title": ["Zqlost slander"], "do": ["publish"]}
    writer.client.post("/write", base_url=AT, data=form, content_type=MULTIPART)
    desk.newsroom.drop("zqlost.toml", changed := file.read_text("utf-8"))
    editor.build()
    page = editor.get("/retract?file=zqlost.toml").text
    reason = {"file": "zqlost.toml", "reason": "It was wrong."}

    refused = send(editor, "/retract", {**fields(page), **reason})
    still = file.read_text("utf-8")
    taken = send(editor, "/take-back", fields(page))
    retract = fields(editor.get("/retract?file=zqlost.toml").text) | reason
    done = send(editor, "/retract", retract)

    assert "slander" in changed
    assert "they would go out with the reason" in seen(page)
    assert (refused.status_code, still) == (409, changed)
    assert (taken.status_code, done.status_code) == (303, 303)
    assert 'title = "Zqlost"' in file.read_text("utf-8")


def test_an_older_text_in_the_file_is_not_retracted(desk: Staff) -> None:
    """It is no loss that a version has it, but readers would get it again."""
    file = desk.newsroom.drop("zqlost.toml", SECRET)

    page = desk.get("/retract?file=zqlost.toml").text
    answer = send(desk, "/retract", fields(page) | {"file": "zqlost.toml", "reason": "Wrong."})

    assert 'action="/take-back"' in page
    assert (answer.status_code, file.read_text("utf-8")) == (409, SECRET)


def test_a_file_that_changed_since_the_page_stays(desk: Staff) -> None:
    """Even if only a comment was added."""
    form = fields(desk.get("/withdraw?file=zqlost.toml").text)
    file = desk.newsroom.folder / "entries/zqlost.toml"
    file.write_bytes(file.read_bytes() + b"# Call before noon\n")

    answer = send(desk, "/withdraw", form)

    assert answer.status_code == 409
    assert file.exists()
    assert titles(desk) == ["Other", "Third", "Zqlost"]


def test_a_text_saved_after_a_preview_is_not_lost(desk: Staff) -> None:
    """Even if the preview of a moment ago, which is kept, still shows the one before."""
    form = fields(desk.get("/withdraw?file=zqlost.toml").text)
    desk.get("/preview?file=zqlost.toml")
    file = desk.newsroom.drop("zqlost.toml", SECRET.replace("Zqtext.", "Unpublished."))

    answer = send(desk, "/withdraw", {**form, "seen": digest(file.read_bytes())})

    assert answer.status_code == 409
    assert "Unpublished." in file.read_text("utf-8")


@pytest.mark.long
def test_the_only_entry_and_an_old_one_go_at_once(newsroom: Newsroom) -> None:
    """An editor who names an entry is not asked again, nor has to wait."""
    staff = Staff.of(newsroom)
    newsroom.drop("only.toml", entry_file("Only"))
    staff.build()
    staff.newsroom.now += timedelta(days=40)
    staff.build()
    staff.come_in()

    said = followed(
        staff, send(staff, "/withdraw", fields(staff.get("/withdraw?file=only.toml").text))
    )

    assert "The entry is withdrawn." in said
    assert newsroom.items() == []


@pytest.mark.long
def test_a_second_click_says_what_the_first_one_did(desk: Staff) -> None:
    """Browsers show the answer to it alone; nothing is done twice."""
    said, kinds = [], []
    for page, more in (
        ("/retract?file=other.toml", {"reason": "The figures\r\nwere wrong."}),
        ("/withdraw?file=zqlost.toml", {}),
        ("/restore?entry=zqlost.toml&version=1", {}),
        ("/take-down?entry=third.toml", {"sure": "yes"}),
    ):
        form = {**fields(desk.get(page).text), **more}
        send(desk, page.partition("?")[0], form)
        said.append(followed(desk, send(desk, page.partition("?")[0], form)))
        kinds.append(acts(desk, 1)[0][0])

    assert "other.toml is saved." in said[0]
    assert "The entry is withdrawn." in said[1]
    assert "The file is in the folder again." in said[2]
    assert "The entry is taken down" in said[3]
    assert kinds[1:] == [Act.WITHDREW, Act.RESTORED, Act.TOOK_DOWN]


def test_a_run_that_fails_does_not_deny_that_a_file_is_removed(
    desk: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a full disk: the file is gone, and the entry follows."""
    form = fields(desk.get("/withdraw?file=zqlost.toml").text)

    def failing(*_: object) -> None:
        raise DatelineError("No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(settle, "until_settled", failing)
        answer = send(desk, "/withdraw", form)

    assert not (desk.newsroom.folder / "entries/zqlost.toml").exists()
    assert ENGLISH["withdrawn-soon"] in followed(desk, answer)


@pytest.mark.long
def test_a_copy_of_the_file_is_asked_about_next(desk: Staff) -> None:
    """Readers have the entry until that file is gone, too, and no page says otherwise."""
    folder = desk.newsroom.folder / "entries"
    (folder / "copy.toml").write_bytes((folder / "zqlost.toml").read_bytes())
    desk.build()

    first = send(desk, "/withdraw", fields(desk.get("/withdraw?file=zqlost.toml").text))
    before, page = titles(desk), desk.get(first.location).text
    said = followed(desk, send(desk, "/withdraw", fields(page)))

    assert before == ["Other", "Third", "Zqlost"]
    assert seen(page).startswith("Withdraw copy.toml")
    assert "The entry is withdrawn." in said
    assert titles(desk) == ["Other", "Third"]


# ---- Taking down


@pytest.mark.long
def test_a_takedown_leaves_nothing_of_an_entry(desk: Staff) -> None:
    """Its file and its own picture go too, and no page of the newsroom has its words."""
    folder = desk.newsroom.folder
    for address in ("/", "/entries/live", "/preview?file=zqlost.toml"):
        desk.get(address)
    page = desk.get("/take-down?entry=zqlost.toml").text

    unsure = send(desk, "/take-down", fields(page))
    there = (folder / "entries/zqlost.toml").exists()
    said = followed(desk, send(desk, "/take-down", fields(page) | {"sure": "yes"}))
    left = [one.name for one in folder.rglob("*") if WORDS.search(holds(one).lower())]

    assert "zqlost.toml zqpier.png Addresses" in seen(page)
    assert "for good: nothing brings them back" in seen(page)
    assert (unsure.status_code, there) == (409, True)
    assert "Confirm that you have read this." in seen(unsure.text)
    assert said.startswith("Overview The entry is taken down")
    assert "Zq" not in said
    assert left == []
    assert titles(desk) == ["Other", "Third"]
    assert acts(desk, 1) == [(Act.TOOK_DOWN, "", "")]


def holds(path: Path) -> bytes:
    """Return a file's name with its bytes, and the texts in them."""
    return path.name.encode() + (with_texts(path) if path.is_file() else b"")


@pytest.mark.long
def test_a_picture_that_cannot_be_read_does_not_hinder_a_takedown(desk: Staff) -> None:
    """The entry goes, and its file too."""
    folder = desk.newsroom.folder / "entries/zqfolder"
    folder.mkdir()
    (folder / "zqpier.png").write_bytes(picture("red"))
    text = entry_file("Pictured", image='"zqfolder/zqpier.png"', image_alt='"Red."')
    file = desk.newsroom.drop("pictured.toml", text)
    desk.build()
    (folder / "zqpier.png").unlink()
    folder.rmdir()
    folder.write_text("No folder any more.", encoding="utf-8")

    form = fields(desk.get("/take-down?entry=pictured.toml").text) | {"sure": "yes"}
    answer = send(desk, "/take-down", form)

    assert answer.status_code == 303
    assert not file.exists()
    assert titles(desk) == ["Other", "Third", "Zqlost"]


@pytest.mark.long
def test_a_shared_picture_and_a_withdrawn_entry(desk: Staff) -> None:
    """What another entry uses stays; an entry whose file is gone is taken down all the same."""
    desk.newsroom.drop(
        "other.toml", entry_file("Other", image='"zqpier.png"', image_alt='"A pier."')
    )
    desk.build()
    gone = send(desk, "/withdraw", fields(desk.get("/withdraw?file=zqlost.toml").text))
    page = desk.get(f"/take-down?entry={entry_of(gone)}").text

    send(desk, "/take-down", fields(page) | {"sure": "yes"})

    assert "Files in the folder" not in page
    assert (desk.newsroom.folder / "entries/zqpier.png").exists()
    assert desk.get(f"/history?entry={entry_of(gone)}").status_code == 404


@pytest.mark.long
@pytest.mark.parametrize(
    "text",
    [
        'title = "Pier\ndate = 2026-11-24\nimage = "zqpier.png"\nbody = "Text."\n',
        entry_file("Pier", link='"ZqPier.png"'),
        entry_file("Pier", body='"![Pier](zqpier%2Epng)').rstrip("\n"),
    ],
    ids=["no quote", "no address", "cut off"],
)
def test_a_takedown_leaves_the_picture_that_a_file_with_a_mistake_names(
    desk: Staff, text: str
) -> None:
    """It is needed once the mistake is corrected, and nobody could bring it back."""
    desk.newsroom.drop("pier.toml", text)
    desk.build()
    page = desk.get("/take-down?entry=zqlost.toml").text

    answer = send(desk, "/take-down", fields(page) | {"sure": "yes"})

    assert answer.status_code == 303
    assert desk.newsroom.codes()
    assert "zqpier.png" not in page
    assert (desk.newsroom.folder / "entries/zqpier.png").exists()
    assert not (desk.newsroom.folder / "entries/zqlost.toml").exists()


@pytest.mark.long
def test_nobody_reads_the_picture_of_an_entry_that_was_taken_down(desk: Staff) -> None:
    """At `/drop`, while its file still lies in the folder; one that is used elsewhere, they do."""
    desk.newsroom.drop("second.png", picture("red"))
    desk.newsroom.drop("other.toml", entry_file("Other", image='"second.png"', image_alt='"Red."'))
    desk.build()
    with desk.room.ledger() as ledger:
        id_ = ledger.entries.id_of("zqlost.toml") or ""
    down(desk, id_)
    desk.build()

    def status(name: str) -> int:
        fields = {"Authorization": f"Bearer {WORD}"}
        return desk.get(f"/drop/{name}", **fields).status_code

    assert desk.newsroom.codes() == ["taken-down"]
    assert (desk.newsroom.folder / "entries/zqpier.png").exists()
    assert [status(name) for name in ("zqlost.toml", "zqpier.png", "second.png")] == [404, 404, 200]


def down(staff: Staff, id_: str) -> None:
    """Take an entry down as the command does."""
    now = staff.newsroom.now
    take_down(staff.newsroom.config, id_, RunRequest(now=now, clock=now))


# ---- Asking for a withdrawal


@pytest.mark.long
def test_a_writer_asks_and_an_editor_declines(desk: Staff) -> None:
    """The request waits on the board, in the feed and in alarms; readers notice nothing."""
    writer, editor = staff_of(desk.newsroom)
    page = writer.get("/ask?file=zqlost.toml").text
    before = desk.newsroom.feeds()

    empty = send(writer, "/ask", fields(page) | {"reason": " "})
    asked = followed(writer, send(writer, "/ask", fields(page) | {"reason": "Not\n ours."}))
    board, feed = writer.text("/"), writer.room.feed.data.decode()
    note = (desk.newsroom.folder / "entries/zqlost.toml.problem.txt").read_text("utf-8")
    with writer.room.ledger() as ledger:
        held = [*ledger.files.held(desk.newsroom.now)]
    changed = foresee(editor.newsroom.config, "zqlost.toml", SECRET.encode(), desk.newsroom.now)
    form = editor.get("/").text
    done = followed(editor, send(editor, "/decline", fields(form) | {"file": "zqlost.toml"}))
    again = followed(editor, send(editor, "/decline", fields(form) | {"file": "zqlost.toml"}))
    history = editor.text("/history?entry=zqlost.toml")
    desk.build()

    assert (empty.status_code, "Give the reason." in seen(empty.text)) == (422, True)
    assert "An editor is asked to withdraw the entry." in asked
    said = 'Writer asks to withdraw this entry ("Not ours.").'
    assert f"Guard zqlost.toml {said}" in board
    assert "These people may decide: Editor." in board
    assert said in unescape(unescape(feed))
    assert "<title>zqlost.toml: withdrawal asked for</title>" in feed
    assert note.startswith("\ufeffDateline: zqlost.toml is published, and somebody asks")
    assert held == ["zqlost.toml"]
    assert changed.state == "live"
    assert 'action="/decline"' in form
    assert done.startswith("Overview zqlost.toml stays as it is: its withdrawal was declined.")
    assert said not in done
    assert again == done
    assert re.search("withdrawal declined .* Editor.* asked for a withdrawal Not ours.", history)
    assert desk.newsroom.codes() == []
    assert desk.newsroom.feeds() == before


def test_a_reason_comes_back_while_a_run_is_at_work(
    desk: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the request is recorded, and only the run after it fails, nothing has to be done."""
    writer, _ = staff_of(desk.newsroom)
    form = fields(writer.get("/ask?file=zqlost.toml").text) | {"reason": "A name must go."}

    def failing(*_: object) -> None:
        raise DatelineError("No space left on device")

    with monkeypatch.context() as patient, exclusive(desk.newsroom.config.state):
        patient.setattr(settle, "exclusive", lambda folder, **_: exclusive(folder, patience=0.1))
        busy = send(writer, "/ask", form)
    before = acts(writer, 1)
    with monkeypatch.context() as disk:
        disk.setattr(publish, "build", failing)
        recorded = send(writer, "/ask", form)

    assert busy.status_code == 503
    assert ENGLISH["unsaved-busy"] in seen(busy.text)
    assert ">A name must go.</textarea>" in busy.text
    assert before == []
    assert "An editor is asked to withdraw the entry." in followed(writer, recorded)
    assert acts(writer, 1) == [(Act.ASKED, "zqlost.toml", "A name must go.")]


@pytest.mark.long
def test_a_request_ends_with_its_entry(desk: Staff) -> None:
    """Nobody declines it then, a restored entry is not asked about, and no word of it is left."""
    writer, editor = staff_of(desk.newsroom)
    form = fields(writer.get("/ask?file=zqlost.toml").text) | {"reason": "Zqlost."}
    send(writer, "/ask", form)
    gone = send(editor, "/withdraw", fields(editor.get("/withdraw?file=zqlost.toml").text))
    stale = followed(editor, send(editor, "/decline", form | {"word": word_of(editor)}))
    send(editor, "/restore", fields(editor.get(f"/restore?entry={entry_of(gone)}").text))
    desk.build()
    codes = desk.newsroom.codes()
    send(writer, "/ask", form)
    page = editor.get("/take-down?entry=zqlost.toml").text
    send(editor, "/take-down", fields(page) | {"sure": "yes"})

    assert stale.startswith("Overview Nothing waits for zqlost.toml any more.")
    assert codes == []
    assert b"zqlost" not in (desk.newsroom.folder / "state/ledger.sqlite").read_bytes().lower()


# ---- Who may


def person(name: str, key: str) -> str:
    """Return the table of a person who is called like the role."""
    own = {"name": name, "role": name.lower(), "token": token_hash(key)}
    return "\n".join(["[[newsroom.person]]", *(f'{key} = "{text}"' for key, text in own.items())])


def staff_of(newsroom: Newsroom, setting: str = "") -> tuple[Staff, Staff]:
    """Return a writer and an editor, who are signed in."""
    keys = {"Writer": KEY, "Editor": f"b{KEY}"}
    people = (person(name, key) for name, key in keys.items())
    configure(newsroom, own="\n".join([setting, *people]))
    writer, editor = Staff(newsroom), Staff(newsroom)
    for one, key in zip((writer, editor), keys.values(), strict=True):
        one.client.get(f"/?token={key}", base_url=AT)
    writer.build()
    return writer, editor


@pytest.mark.long
def test_only_editors_remove_entries(desk: Staff) -> None:
    """A writer sees no button, and reads who decides; forms of a writer do nothing."""
    staff, _ = staff_of(desk.newsroom)
    history = staff.get("/history?entry=zqlost.toml").text
    word = re.search(r'name="word" value="([^"]+)"', history)
    form = {"word": word[1] if word else "", "file": "zqlost.toml", "entry": "zqlost.toml"}
    addresses = ("/withdraw", "/restore", "/take-down", "/decline")

    answers = [send(staff, address, {**form, "sure": "yes"}) for address in addresses]
    at = "?file=zqlost.toml&entry=zqlost.toml"
    pages = [staff.get(f"{address}{at}") for address in addresses[:3]]

    assert {one.status_code for one in (*answers, *pages)} == {403}
    assert not any(f'href="{address}' in history for address in addresses)
    assert "These people may decide: Editor." in seen(history)
    assert (staff.newsroom.folder / "entries/zqlost.toml").exists()


def test_what_is_not_there_is_not_removed(desk: Staff) -> None:
    """An unknown file, entry or version has no page."""
    files = ("", "no.toml", "../config.toml")
    addresses = [
        *(f"/withdraw?file={file}" for file in files),
        *(f"/take-down?entry={file}" for file in files),
        "/restore?entry=no",
        "/restore?entry=zqlost.toml&version=3",
    ]

    assert {desk.get(address).status_code for address in addresses} == {404}


def test_a_version_without_its_file_is_not_offered(desk: Staff) -> None:
    """A new ledger knows what readers have, and no file: an empty one would be written."""
    before = desk.get("/history?entry=zqlost.toml").text
    shutil.rmtree(desk.newsroom.folder / "state")
    desk.build()

    history = desk.get("/history?entry=zqlost.toml").text
    answer = desk.get("/restore?entry=zqlost.toml&version=1")

    assert ["version=1" in page for page in (before, history)] == [True, False]
    assert answer.status_code == 404


@pytest.mark.long
def test_an_entry_is_restored_after_its_ledger_came_back_from_a_backup(desk: Staff) -> None:
    """The ledger knows a later version from the manifest alone, which has no name of a file."""
    state, backup = desk.newsroom.folder / "state", desk.newsroom.folder / "backup"
    shutil.copytree(state, backup)
    file = desk.newsroom.drop("zqlost.toml", SECRET.replace("Zqtext.", "Zqlater."))
    desk.build()
    gone = send(desk, "/withdraw", fields(desk.get("/withdraw?file=zqlost.toml").text))
    shutil.rmtree(state)
    backup.rename(state)
    desk.build()

    page = desk.get(f"/restore?entry={entry_of(gone)}&version=2").text
    done = followed(desk, send(desk, "/restore", fields(page)))
    desk.build()

    assert "Readers have this version in a moment." in done
    assert "Zqmore." in file.read_text("utf-8")
    assert titles(desk) == ["Other", "Third", "Zqlost"]
    assert 'href="/edit?file=zqlost.toml"' in desk.get("/history?entry=zqlost.toml").text


def test_what_a_source_has_is_neither_withdrawn_nor_restored(desk: Staff) -> None:
    """No page leads there; a takedown is still possible."""
    pages = ("/history?entry=zqlost.toml", "/edit?file=zqlost.toml")
    before = "".join(desk.get(address).text for address in pages)
    configure(desk.newsroom, '[source]\nurl = "git+file:///srv/news"')
    entries = desk.newsroom.config.entries
    shutil.copytree(desk.newsroom.folder / "entries", entries)
    desk.room.follow(desk.newsroom.config)
    after = "".join(desk.get(address).text for address in pages)
    sent = fields(desk.get("/restore?entry=zqlost.toml&version=1").text)
    answer = send(desk, "/restore", sent)

    assert [f'href="/{word}?' in before for word in ("withdraw", "restore", "take-down")] == [
        True
    ] * 3
    assert [f'href="/{word}?' in after for word in ("withdraw", "restore", "take-down")] == [
        False, False, True,
    ]  # fmt: skip
    assert "Entries come from git+file:///srv/news. Restore" in seen(answer.text)
