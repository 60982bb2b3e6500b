"""Writing in the browser: what staff send becomes a file, and nothing of theirs is lost."""

from __future__ import annotations

import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from html import unescape
from pathlib import Path
from time import process_time

import pytest
from werkzeug.test import TestResponse, encode_multipart

from dateline import publish
from dateline.config import StaffRole
from dateline.entries.fields import FIELDS
from dateline.errors import RunAtWorkError
from dateline.ledger import Ledger, exclusive
from dateline.model.acts import Act
from dateline.newsroom import create_app
from dateline.newsroom.access.forms import MULTIPART
from dateline.newsroom.access.people import HOUSE, Person, token_hash
from dateline.newsroom.language import ENGLISH
from dateline.newsroom.saving import save_as
from dateline.newsroom.saving.made import form_key
from dateline.newsroom.write import differences, retracting, routes
from dateline.publish.check import foresee
from support.publication import Newsroom, entry_file, picture
from support.staff import AT, Staff, configure, inputs, seen

AREA = re.compile(r'<textarea [^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', re.DOTALL)
FORM = {"title": "Report on Lebanon", "date": "25 November 2026", "body": "Sixty cases."}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """Return staff of a publication with some news, for tests that write other files."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "entries").mkdir()
    newsroom = Newsroom(folder)
    staff = Staff.of(newsroom)
    for number in range(2):
        fields = {"categories": '["Lebanon"]', "place": '"Tyre"'}
        newsroom.drop(f"old-{number}.toml", entry_file(f"Old {number}", **fields))
    staff.build()
    return staff


def entries(staff: Staff) -> Path:
    """Return the folder of entries."""
    return staff.newsroom.folder / "entries"


def file_of(answer: TestResponse) -> tuple[str, str]:
    """Return the name of the file that was saved, and what is said of it."""
    assert answer.status_code == 303, seen(answer.text)
    found = re.fullmatch(r"/edit\?file=(.+)&done=(\w+)", unescape(answer.headers["Location"]))
    assert found
    return found[1], found[2]


def send(staff: Staff, do: str, fields: dict[str, list[str]], **values: str) -> TestResponse:
    """Send a form with these values and button."""
    data = {**fields, **{name: [value] for name, value in values.items()}, "do": [do]}
    data["word"] = [staff.room.access.form_word(HOUSE)]
    return staff.client.post("/write", base_url=AT, data=data, content_type=MULTIPART)


def new_form(staff: Staff) -> TestResponse:
    """Return the page with the form for a new entry."""
    answer = staff.client.get("/write", base_url=AT, follow_redirects=True)
    assert answer.status_code == 200, seen(answer.text)
    return answer


def opened(staff: Staff, path: str) -> dict[str, list[str]]:
    """Return the form of a file."""
    answer = staff.get(f"/edit?file={path}")
    assert answer.status_code == 200, seen(answer.text)
    return inputs(answer.text)


# ---- New entries


@pytest.mark.long
def test_what_is_written_is_published(newsroom: Newsroom) -> None:
    """The file is named and looks as `dateline new` writes it, and a run publishes it."""
    staff = Staff.of(newsroom)
    staff.build()

    path, done = file_of(send(staff, "publish", {}, **FORM))
    text = newsroom.drop(path, (entries(staff) / path).read_bytes()).read_text("utf-8")
    newsroom.build()

    assert (path, done) == ("2026-11-25-report-on-lebanon.toml", "live")
    assert text.startswith("#:schema ./entry.schema.json\n")
    assert '\ndate = "25 November 2026"  #' in text
    assert [item["title"] for item in newsroom.items()] == ["Report on Lebanon"]
    assert "is saved. Readers have it in a moment." in staff.text(f"/edit?file={path}&done=live")


@pytest.mark.parametrize("do", ["", "save", "PUBLISH", "settle"])
def test_a_form_that_asks_for_something_unknown_is_only_checked(desk: Staff, do: str) -> None:
    """Not published; two versions are those of a file."""
    page = send(desk, do, {}, **FORM)

    assert page.status_code == 200
    assert [*entries(desk).glob("*report-on-lebanon*")] == []


@pytest.mark.long
def test_a_check_adds_no_empty_boxes(desk: Staff) -> None:
    """However often a form is checked, a list has two that are empty."""
    page = send(desk, "look", {"categories": ["", "Lebanon", "", "", ""]}, **FORM)
    found = inputs(send(desk, "look", inputs(page.text)).text)

    assert found["categories"] == ["Lebanon", "", ""]
    assert found["attachments.file"] == ["", ""]


@pytest.mark.parametrize(
    ("do", "date", "done"),
    [("draft", "25 November 2026", "draft"), ("publish", "27 November 2026", "scheduled")],
)
def test_what_is_not_out_yet_is_reported(desk: Staff, do: str, date: str, done: str) -> None:
    """A draft is a draft, and a future date an embargo."""
    path, said = file_of(send(desk, do, {}, **{**FORM, "title": f"A {done}", "date": date}))

    assert said == done
    assert ("\ndraft = true\n" in (entries(desk) / path).read_text("utf-8")) == (do == "draft")


def test_a_reason_comes_back_while_a_run_is_at_work_for_long(
    desk: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have taken as long to write as an entry."""
    soon = partial(foresee, patience=0.1)
    page = desk.get("/retract?file=old-1.toml").text
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    form["reason"] = "The figures were wrong."

    with monkeypatch.context() as patient, exclusive(desk.newsroom.config.state):
        patient.setattr(retracting, "foresee", soon)
        back = desk.client.post("/retract", base_url=AT, data=form, content_type=MULTIPART)

    assert back.status_code == 503
    assert "at work on other changes since " in seen(back.text)
    assert "Nothing was saved." in seen(back.text)
    assert "The figures were wrong." in back.text


def test_a_check_says_since_when_a_run_is_at_work(
    desk: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text is previewed and still in the form; others who wait do not change the moment."""
    monkeypatch.setattr(routes, "_MOMENT", 0.1)
    folder = desk.newsroom.config.state
    before = sorted(entries(desk).iterdir())

    with exclusive(folder):
        begun = datetime(2026, 12, 1, 9, 30, tzinfo=UTC).timestamp()
        os.utime(folder / ".lock", (begun, begun))
        with pytest.raises(RunAtWorkError), exclusive(folder, patience=0):
            pass
        page = send(desk, "look", {}, **{**FORM, "title": "Asked at noon"})

    assert page.status_code == 503
    assert 'datetime="2026-12-01T' in page.text
    assert "Your text can be checked when they are done: try again then." in seen(page.text)
    assert "Nothing was saved" not in seen(page.text)
    assert inputs(page.text)["title"] == ["Asked at noon"]
    assert "<iframe" in page.text
    assert sorted(entries(desk).iterdir()) == before


@pytest.mark.parametrize("do", ["publish", "draft"])
def test_a_text_comes_back_unsaved_while_a_run_is_at_work_for_long(
    do: str, desk: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says since when, and that nothing was saved; the file is not written later."""
    before = sorted(entries(desk).iterdir())

    with monkeypatch.context() as patient, exclusive(desk.newsroom.config.state):
        patient.setattr(routes, "foresee", partial(foresee, patience=0.1))
        page = send(desk, do, {}, **{**FORM, "title": "Sent at noon"})

    assert page.status_code == 503
    assert "at work on other changes since " in seen(page.text)
    assert "Your text is still here: save it when they are done." in seen(page.text)
    assert inputs(page.text)["title"] == ["Sent at noon"]
    assert sorted(entries(desk).iterdir()) == before


def test_where_nothing_was_to_be_written_no_page_says_that_it_could_not_be(desk: Staff) -> None:
    """As while all who check are at work."""
    with ExitStack() as others:
        while desk.room.checks.acquire(blocking=False):
            others.callback(desk.room.checks.release)
        looked, sent = (send(desk, do, {}, **FORM) for do in ("look", "publish"))

    assert (looked.status_code, sent.status_code) == (503, 503)
    assert ENGLISH["unchecked-busy"] in seen(looked.text)
    assert ENGLISH["unsaved-busy"] in seen(sent.text)


def test_a_long_run_does_not_deny_that_an_entry_is_saved(
    desk: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says so without what a check would say of it."""
    monkeypatch.setattr(routes, "_MOMENT", 0.1)
    text = {**FORM, "title": "Much later", "date": "27 December 2026"}
    saved = send(desk, "publish", {}, **text)

    with exclusive(desk.newsroom.config.state):
        page = desk.text(unescape(saved.headers["Location"]))

    assert file_of(saved)[1] == "scheduled"
    assert "2026-12-27-much-later.toml is saved." in page


def test_an_entry_with_a_fault_is_not_saved(desk: Staff) -> None:
    """The sentence of `check` stands at its field, and what was typed is still there."""
    before = sorted(entries(desk).iterdir())

    answer = send(desk, "publish", {}, **{**FORM, "date": "30 February 2026", "title": "<Faulty>"})

    assert answer.status_code == 422
    assert sorted(entries(desk).iterdir()) == before
    at_date = answer.text.partition('<div id="said-date">')[2].partition("</div>")[0]
    assert "30 February" in unescape(at_date)
    assert 'aria-invalid="true"' in answer.text
    sent = inputs(answer.text)
    assert (sent["title"], sent["date"]) == (["<Faulty>"], ["30 February 2026"])
    assert sent["body"] == ["Sixty cases."]


def test_a_date_is_shown_as_it_is_read(desk: Staff) -> None:
    """Also that of an event, in the words of the entry's language."""
    page = send(desk, "look", {}, **FORM, event="3-5 décembre 2026", language="fr").text

    assert "Read as Wednesday" in seen(page)
    assert "3" in page.partition('id="said-event"')[2].partition("</div>")[0]


def test_a_preview_shows_what_is_not_saved(desk: Staff) -> None:
    """As a page and in a feed reader, and no file is written."""
    before = sorted(entries(desk).iterdir())

    page = send(desk, "look", {}, **{**FORM, "body": "**Sixty** cases."}).text
    frames = [unescape(one) for one in re.findall(r'<iframe [^>]*src="([^"]+)"', page)]
    shown = [desk.get(address) for address in frames]

    assert "Nothing keeps it from being published" in seen(page)
    assert [one.status_code for one in shown] == [200, 200]
    assert all("<strong>Sixty</strong>" in one.text for one in shown)
    assert "script" not in shown[0].headers["Content-Security-Policy"]
    assert sorted(entries(desk).iterdir()) == before


def test_a_second_entry_of_one_title_has_a_name_of_its_own(desk: Staff) -> None:
    """No file is overwritten."""
    first, _ = file_of(send(desk, "draft", {}, **{**FORM, "title": "Twice"}))
    kept = (entries(desk) / first).read_bytes()

    second, _ = file_of(send(desk, "draft", {}, **{**FORM, "title": "Twice", "body": "Other."}))

    assert (first, second) == ("2026-11-25-twice.toml", "2026-11-25-2-twice.toml")
    assert (entries(desk) / first).read_bytes() == kept


# ---- A form that is sent again


@pytest.mark.long
def test_a_form_that_is_sent_again_is_about_the_same_file(desk: Staff) -> None:
    """A second click changes nothing; a correction after the browser's Back edits the file."""
    form = inputs(new_form(desk).text)
    text = {**FORM, "title": "Sent again", "summary": "Short."}
    first = file_of(send(desk, "publish", form, **text))
    made = (entries(desk) / first[0]).read_bytes()
    desk.run_now()
    second = file_of(send(desk, "publish", form, **text))
    same = (entries(desk) / first[0]).read_bytes()
    third = file_of(send(desk, "publish", form, **{**text, "body": "Sixty-one.", "summary": ""}))
    desk.run_now()
    page = desk.get(f"/write?form={form['form'][0]}")

    assert first == second == third == ("2026-11-25-sent-again.toml", "live")
    assert made == same
    changed = (entries(desk) / first[0]).read_text("utf-8")
    assert ("Sixty-one." in changed, "Short." in changed) == (True, False)
    assert [item["title"] for item in desk.newsroom.items()].count("Sent again") == 1
    assert (page.status_code, page.location) == (303, f"/edit?file={first[0]}")


def test_other_news_of_a_duplicated_tab_is_a_file_of_its_own(desk: Staff) -> None:
    """It has the same form; each tab goes on with its own file, also after a second click."""
    form = inputs(new_form(desk).text)
    one = {**FORM, "title": "Interview with the mayor", "body": "Four hundred words of notes."}
    other = {**FORM, "title": "Crane inspection", "body": "The cranes were seen on Tuesday."}

    names = [file_of(send(desk, "draft", form, **text))[0] for text in (one, other, other, one)]
    looked = inputs(send(desk, "look", form, **{**FORM, "title": "Tugs", "body": "Race."}).text)
    better = {**one, "body": "Five hundred words, corrected."}
    names.append(file_of(send(desk, "draft", form, **better))[0])
    texts = [(entries(desk) / name).read_text("utf-8") for name in names[:2]]

    assert names == [
        "2026-11-25-interview-with-the-mayor.toml",
        "2026-11-25-crane-inspection.toml",
        "2026-11-25-crane-inspection.toml",
        "2026-11-25-interview-with-the-mayor.toml",
        "2026-11-25-interview-with-the-mayor.toml",
    ]
    assert (looked["file"], looked["form"]) == ([""], form["form"])
    assert ["Five hundred" in texts[0], "seen on Tuesday" in texts[1]] == [True, True]


def test_much_the_same_text_under_another_title_is_asked_about(desk: Staff) -> None:
    """It may be a correction after the browser's Back, or other news of a duplicated tab."""
    form = inputs(new_form(desk).text)
    text = "The ferry to Tyre starts on Monday at nine, with forty passengers"
    one = {**FORM, "title": "Ferry to Tyre starts", "body": f"{text}."}
    other = {**FORM, "title": "Ferry to Tyre is late", "body": f"{text} on board."}
    path, _ = file_of(send(desk, "draft", form, **one))

    looked = inputs(send(desk, "look", form, **other).text)
    answers = [send(desk, "draft", some, **other) for some in (form, looked)]

    assert all("was changed meanwhile" in seen(one.text) for one in answers)
    assert "Ferry to Tyre starts" in (entries(desk) / path).read_text("utf-8")
    assert [one.name for one in entries(desk).glob("*ferry*.toml")] == [path]


@pytest.mark.parametrize("is_gone", [False, True])
def test_an_old_address_of_a_form_leads_to_a_new_one(
    desk: Staff, monkeypatch: pytest.MonkeyPatch, *, is_gone: bool
) -> None:
    """As a bookmark does, and the browser's Back once the file is gone."""
    form = inputs(new_form(desk).text)
    text = {**FORM, "title": f"Bookmark {is_gone}"}
    path, _ = file_of(send(desk, "draft", form, **text))
    address = f"/write?form={form['form'][0]}"
    at_once = desk.get(address)
    if is_gone:
        (entries(desk) / path).unlink()
    else:
        monkeypatch.setattr(routes, "_BACK", timedelta())

    later = desk.get(address)
    page = desk.get(later.location)

    assert at_once.location == f"/edit?file={path}"
    assert later.location.startswith("/write?form=")
    assert later.location != address
    assert page.status_code == 200


@pytest.mark.long
def test_two_clicks_at_once_make_one_file(desk: Staff) -> None:
    """Both are answered alike."""
    form = {**inputs(new_form(desk).text), **{name: [text] for name, text in FORM.items()}}
    form |= {"title": ["Clicked twice"], "do": ["publish"]}
    form["word"] = [desk.room.access.form_word(HOUSE)]
    cookie = {"Cookie": f"dateline={desk.room.access.cookie(HOUSE, desk.room.clock())}"}

    def click(_: int) -> TestResponse:
        browser = create_app(desk.room).test_client(use_cookies=False)
        return browser.post(
            "/write", base_url=AT, data=dict(form), headers=cookie, content_type=MULTIPART
        )

    with ThreadPoolExecutor(4) as pool:
        answers = [file_of(one) for one in pool.map(click, range(4))]

    assert {*answers} == {("2026-11-25-clicked-twice.toml", "live")}
    assert [one.name for one in entries(desk).glob("*clicked*.toml")] == [answers[0][0]]


def test_a_form_that_is_sent_again_overwrites_nobody(desk: Staff) -> None:
    """A change that somebody made since is shown beside that of the form."""
    form = inputs(new_form(desk).text)
    path, _ = file_of(send(desk, "publish", form, **{**FORM, "title": "Changed since"}))
    file = entries(desk) / path
    file.write_text(file.read_text("utf-8").replace("Sixty", "Seventy"), "utf-8")

    answer = send(desk, "publish", form, **{**FORM, "title": "Changed since", "body": "Sixty-one."})

    assert answer.status_code == 200
    assert "Sixty-one." in seen(answer.text)
    assert "Seventy cases." in file.read_text("utf-8")


def test_a_form_whose_file_is_gone_makes_another_one(desk: Staff) -> None:
    """Once somebody has read that it is gone."""
    form = inputs(new_form(desk).text)
    text = {**FORM, "title": "Gone since", "body": "It was withdrawn by hand."}
    path, _ = file_of(send(desk, "draft", form, **text))
    (entries(desk) / path).unlink()

    answer = send(desk, "draft", form, **text)
    again, _ = file_of(send(desk, "draft", inputs(answer.text), **text))

    assert ENGLISH["unsaved-gone"] in seen(answer.text)
    assert again == path


def test_the_form_of_another_person_or_of_none_makes_a_new_file(desk: Staff) -> None:
    """A key counts for the person who has opened the form, and a text that is no key for nobody."""
    text = {**FORM, "title": "Of nobody"}
    form = {"form": ["x" * 32]}

    names = [
        file_of(send(desk, "draft", form, **{**text, "body": body})) for body in ("One.", "2.")
    ]

    assert len({*names}) == 2
    assert form_key("Editor", "a" * 32) != form_key("Writer", "a" * 32)


def test_a_draft_that_is_too_large_stays_in_the_form(desk: Staff) -> None:
    """Its file could not be opened here any more."""
    before = sorted(entries(desk).iterdir())
    values = {**FORM, "body": "word " * 250_000, "do": "draft"}
    # The client would leave a temporary file open.
    mark, data = encode_multipart({**values, "word": desk.room.access.form_word(HOUSE)})
    kind = f"{MULTIPART}; boundary={mark}"
    answer = desk.client.post("/write", base_url=AT, data=data, content_type=kind)

    assert answer.status_code == 422
    assert "Nothing was saved." in seen(answer.text)
    assert "This file is larger than 1 MB." in seen(answer.text)
    assert "word word" in answer.text
    assert sorted(entries(desk).iterdir()) == before


def test_a_draft_of_an_old_form_takes_nothing_back(desk: Staff) -> None:
    """The form that comes back has no button for it; readers have had the entry since."""
    form = inputs(new_form(desk).text)
    text = {**FORM, "title": "No draft any more"}
    path, _ = file_of(send(desk, "publish", form, **text))
    desk.run_now()
    before = (entries(desk) / path).read_bytes()

    answer = send(desk, "draft", form, **text)

    assert answer.status_code == 200
    assert (entries(desk) / path).read_bytes() == before
    assert 'value="draft"' not in answer.text


def test_topics_and_places_are_offered(desk: Staff) -> None:
    """Those of other entries."""
    page = new_form(desk).text

    for name, value in {"categories": "Lebanon", "place": "Tyre", "language": "en"}.items():
        offered = page.partition(f'<datalist id="known-{name}">')[2].partition("</datalist>")[0]
        assert f'value="{value}"' in offered


def test_every_field_of_the_table_is_in_the_form(desk: Staff) -> None:
    """With a label in the language of the newsroom; drafts have a button."""
    names = set(inputs(new_form(desk).text))

    expected = {one.name for one in FIELDS} - {"draft", "attachments"}
    assert expected | {"attachments.file", "attachments.title", "attachments.language"} <= names
    assert all(f"field-{one.name}" in ENGLISH for one in FIELDS if one.name != "draft")


# ---- Entries that are there


def test_an_edit_keeps_what_it_does_not_change(desk: Staff) -> None:
    """Comments and quotes survive; the form sent back as it is changes no byte."""
    text = "# For Anna\ntitle = 'By hand' # agreed\ndate = 2026-11-24\nbody = '''\nOne.\n'''\n"
    file = desk.newsroom.drop("by-hand.toml", text)

    same = file_of(send(desk, "publish", opened(desk, "by-hand.toml")))
    unchanged = file.read_text("utf-8")
    form = opened(desk, "by-hand.toml") | {"place": ["Tyre"], "categories": ["Law", "", "Lebanon"]}
    send(desk, "publish", form, body="Two.\r\n\r\nThree.")

    assert (same, unchanged) == (("by-hand.toml", "live"), text)
    assert file.read_text("utf-8") == (
        "# For Anna\ntitle = 'By hand' # agreed\ndate = 2026-11-24\nplace = \"Tyre\"\n"
        'categories = ["Law", "Lebanon"]\nbody = """\nTwo.\n\nThree.\n"""\n'
    )


def test_words_of_a_field_of_several_lines_stay_apart(desk: Staff) -> None:
    """A browser takes the line ends out of it: the form has it on one line, and leaves the file's.

    It is written on one line once somebody changes it.
    """
    fields = {"image_alt": '"""\nA ship in\nthe harbour"""', "place": '"""Vienna,\nAustria"""'}
    text = entry_file("Lines", body='"Text."', **fields)
    file = desk.newsroom.drop("lines.toml", text.replace('"Lines"', '"""\nRows\nand rows"""'))
    send(desk, "draft", opened(desk, "lines.toml"), body="New.")

    after = file.read_text("utf-8")
    assert 'title = """\nRows\nand rows"""\n' in after
    assert 'image_alt = """\nA ship in\nthe harbour"""\n' in after

    form = opened(desk, "lines.toml")
    assert form["place"] == ["Vienna, Austria"]
    send(desk, "draft", form, place="Vienna, Austria, Europe")
    assert 'place = "Vienna, Austria, Europe"\n' in file.read_text("utf-8")


def test_a_change_made_meanwhile_is_never_overwritten(desk: Staff) -> None:
    """Both versions are shown; what somebody chooses is saved, and the rest stays."""
    file = desk.newsroom.drop("both.toml", entry_file("Both", place='"Tyre"'))
    form = opened(desk, "both.toml")
    file.write_text(entry_file("Both changed", place='"Sidon"'), "utf-8")
    theirs = file.read_bytes()

    answer = send(desk, "publish", form, place="Beirut")
    after = file.read_bytes()
    settle = {"file": ["both.toml"], "seen": inputs_of(answer.text, "seen")}
    settle["yours"] = [unescape(text) for _, text in AREA.findall(answer.text)]
    numbers = re.findall(r'name="part-(\d+)" value="yours"', answer.text)
    file_of(send(desk, "settle", settle, **{f"part-{number}": "yours" for number in numbers}))

    assert "both.toml was changed meanwhile" in seen(answer.text)
    assert after == theirs
    assert file.read_text("utf-8") == entry_file("Both changed", place='"Beirut"')


def test_the_form_of_a_new_entry_leaves_what_a_colleague_added(desk: Staff) -> None:
    """Somebody goes back in the browser to it, and changes a word."""
    form = inputs(new_form(desk).text)
    path, _ = file_of(send(desk, "publish", form, **{**FORM, "title": "Twice"}))
    more = {"categories": "Lebanon", "correction": "Not 61.", "attachments.file": "https://a.at/b"}
    file_of(send(desk, "publish", opened(desk, path), **more))

    page = send(desk, "publish", form, **{**FORM, "title": "Twice", "body": "Sixty-two."}).text
    (yours,) = (unescape(text) for _, text in AREA.findall(page))

    assert "\nSixty-two.\n" in yours
    assert '\ncategories = ["Lebanon"]' in yours
    assert '\ncorrection = "Not 61."' in yours
    assert '\nattachments = ["https://a.at/b"]' in yours


@pytest.mark.parametrize("number", [150, 250, 400])
def test_no_attachment_is_lost_however_many_there_are(desk: Staff, number: int) -> None:
    """A form of some hundred rows would be too large, so the file is edited as text."""
    files = ", ".join(f'"https://a.example/{one}.pdf"' for one in range(number))
    text = entry_file(f"Session {number}", body='"Papers."', attachments=f"[{files}]")
    file = desk.newsroom.drop(f"session-{number}.toml", text)
    form = opened(desk, file.name)
    changed = {"source": [text.replace("Papers.", "All papers.")]} if number > 150 else {}
    file_of(send(desk, "draft", form | changed, **({} if changed else {"body": "All papers."})))

    after = file.read_text("utf-8")
    assert ("All papers." in after, after.count("a.example")) == (True, number)


@pytest.mark.parametrize("do", ["publish", "draft"])
@pytest.mark.parametrize(
    "theirs",
    [
        'title = "Pier"\ndate = 2026-11-24\n[[attachments]]\nfile = "a.png"\nbody = "Theirs."\n',
        'title = "Pier\ndate = 2026-11-24\nbody = "Theirs."\n',
    ],
)
def test_a_form_that_no_longer_shows_its_file_loses_no_text(
    newsroom: Newsroom, do: str, theirs: str
) -> None:
    """Somebody gave the file a section or a fault meanwhile; both versions are shown."""
    staff = Staff.of(newsroom)
    (newsroom.folder / "entries/a.png").write_bytes(picture())
    file = newsroom.drop("pier.toml", entry_file("Pier", draft="true"))
    staff.build()
    form = opened(staff, "pier.toml")
    file.write_text(theirs, "utf-8")

    answer = send(staff, do, form, body="An hour of writing.")

    assert "pier.toml was changed meanwhile" in seen(answer.text)
    assert "An hour of writing." in seen(answer.text)
    assert file.read_text("utf-8") == theirs


def inputs_of(page: str, name: str) -> list[str]:
    """Return the values of inputs of one name, of any form."""
    return re.findall(rf'name="{name}" value="([^"]*)"', page)


def test_a_third_change_is_not_overwritten_either(desk: Staff) -> None:
    """Choosing takes time, too."""
    file = desk.newsroom.drop("third.toml", entry_file("Third"))
    form = {"file": ["third.toml"], "seen": ["0" * 64], "yours": [entry_file("Mine")]}

    answer = send(desk, "settle", form, **{"part-1": "yours"})

    assert "third.toml was changed meanwhile" in seen(answer.text)
    assert file.read_text("utf-8") == entry_file("Third")


def to_settle(staff: Staff, name: str) -> dict[str, list[str]]:
    """Return the form for two versions of a file, of which one was written in the newsroom."""
    file = staff.newsroom.drop(name, entry_file(name))
    form = opened(staff, name)
    file.write_text(entry_file(name, place='"Tyre"'), "utf-8")
    page = send(staff, "publish", form, body="An hour of writing.").text
    yours = [unescape(text) for _, text in AREA.findall(page)]
    chosen = {part: ["yours"] for part in re.findall(r'name="(part-\d+)"', page)}
    return {"file": [name], "seen": inputs_of(page, "seen"), "yours": yours, **chosen}


def test_a_text_is_not_lost_while_two_versions_are_settled(desk: Staff) -> None:
    """Neither where its file goes away, nor where all who check are at work."""
    form = to_settle(desk, "settled.toml")
    with ExitStack() as others:
        while desk.room.checks.acquire(blocking=False):
            others.callback(desk.room.checks.release)
        busy = send(desk, "settle", form)
    again = send(desk, "settle", form)
    form = to_settle(desk, "away.toml")
    (entries(desk) / "away.toml").unlink()
    gone = send(desk, "settle", form)

    assert (busy.status_code, again.status_code) == (503, 303)
    assert "An hour of writing." in seen(busy.text)
    assert ENGLISH["unsaved-busy"] in unescape(busy.text)
    assert "The file is gone: somebody deleted, moved or withdrew it." in seen(gone.text)
    assert form["yours"] == inputs(gone.text)["source"]


@pytest.mark.long
@pytest.mark.parametrize("places", [400, 1100])
def test_texts_that_differ_in_very_many_places_can_be_settled(desk: Staff, places: int) -> None:
    """Each place is an input, of which a form has few; then all of them are one place."""
    name, numbered = f"places-{places}.toml", range(places)
    old = "".join(f"{one}. Old.\nSame {one}.\n" for one in numbered)
    file = desk.newsroom.drop(name, entry_file(name, body=f'"""\n{old}"""', draft="true"))
    form = opened(desk, name)
    file.write_text(file.read_text("utf-8").replace("Old", "Other"), "utf-8")

    page = send(desk, "draft", form, body=old.replace("Old", "New")).text
    numbers = re.findall(r'name="(part-\d+)" value="yours"', page)
    settle = {"file": [name], "seen": inputs_of(page, "seen")}
    settle["yours"] = [unescape(text) for _, text in AREA.findall(page)]
    file_of(send(desk, "settle", settle, **dict.fromkeys(numbers, "yours")))

    assert (len(numbers) > 1) == (places == 400)
    assert file.read_text("utf-8").count("New.") == places


@pytest.mark.long
@pytest.mark.parametrize("name", ["gone.toml", "2026-11-24-gone.toml"])
def test_a_draft_of_a_file_that_is_gone_is_a_new_file(newsroom: Newsroom, name: str) -> None:
    """The text is still there; an entry whose file staff deleted gets none by a draft."""
    desk = Staff.of(newsroom)
    newsroom.drop("other.toml", entry_file("Other", body='"Rain."'))
    file = newsroom.drop(name, entry_file("Gone"))
    desk.build()
    form = opened(desk, name)
    file.unlink()

    answer = send(desk, "publish", form)
    again = inputs(answer.text)
    path, _ = file_of(send(desk, "draft", again))

    assert "The file is gone: somebody deleted, moved or withdrew it." in seen(answer.text)
    assert not file.exists()
    assert path == f"2026-11-24-{'2-' if name != 'gone.toml' else ''}gone.toml"
    assert file_of(send(desk, "draft", again))[0] == path


@pytest.mark.long
@pytest.mark.parametrize("title", ["", "New title"])
@pytest.mark.parametrize(
    ("back", "is_seen"),
    [
        ("", False),
        ("gone.toml", False),
        ("gone.toml", True),
        ("2026/gone.toml", False),
        ("2026/gone.toml", True),
        ("", True),
    ],
)
def test_a_form_whose_file_was_gone_is_about_its_entry(
    newsroom: Newsroom, back: str, title: str, *, is_seen: bool
) -> None:
    """Whether the file comes back before the second click, a run sees that, or it was withdrawn."""
    staff = Staff.of(newsroom)
    text = entry_file("Gone", body='"Some words of news."')
    file = newsroom.drop("gone.toml", text)
    newsroom.drop("other.toml", entry_file("Other", body='"Rain."'))
    staff.build()
    (id_,) = (one["id"] for one in newsroom.items() if one["title"] == "Gone")
    form = opened(staff, "gone.toml") | {"body": ["Some words of the news."]}
    form |= {"title": [title]} if title else {}
    file.unlink()
    gone = send(staff, "publish", form)
    if back:
        newsroom.drop(back, text)
    if is_seen:
        for _ in range(1 if back else 2):
            newsroom.build(after=timedelta(minutes=11))

    path, done = file_of(send(staff, "publish", inputs(gone.text)))
    newsroom.drop(
        path.replace("%2F", "/"), (entries(staff) / path.replace("%2F", "/")).read_bytes()
    )
    newsroom.build()
    newsroom.build(after=timedelta(minutes=11))
    newsroom.build(after=timedelta(minutes=11))

    assert ENGLISH["unsaved-gone"] in seen(gone.text)
    assert done == "live"
    (found,) = (one for one in newsroom.items() if one["title"] != "Other")
    is_asked = title and back == "2026/gone.toml" and not is_seen  # no run saw that it was moved
    assert found["id"] == id_
    assert ("other-news" in newsroom.codes()) == bool(is_asked)
    assert found["title"] == ("Gone" if is_asked else title or "Gone")
    assert ("the news" in found["content_html"]) != bool(is_asked)


@pytest.mark.long
@pytest.mark.parametrize("is_known", [True, False])
def test_a_form_whose_folder_is_gone_is_saved(newsroom: Newsroom, *, is_known: bool) -> None:
    """With the folder of an entry that readers have or had; else as a new file."""
    staff = Staff.of(newsroom)
    newsroom.drop("other.toml", entry_file("Other", body='"Rain."'))
    date = "2026-11-24" if is_known else "2026-11-27"
    newsroom.drop("2026/gone.toml", entry_file("Gone", date, body='"Some words of news."'))
    staff.build()
    before = {one["id"] for one in newsroom.items()}
    form = opened(staff, "2026/gone.toml") | {"title": ["New title"]}
    shutil.rmtree(entries(staff) / "2026")
    newsroom.build()
    gone = send(staff, "publish", form)

    path, _ = file_of(send(staff, "publish", inputs(gone.text)))
    path = path.replace("%2F", "/")
    newsroom.drop(path, (entries(staff) / path).read_bytes())
    newsroom.build()

    assert path == ("2026/gone.toml" if is_known else f"{date}-new-title.toml")
    assert {one["id"] for one in newsroom.items()} == before


@pytest.mark.long
def test_a_form_follows_scheduled_news_that_a_colleague_moves(newsroom: Newsroom) -> None:
    """It is postponed, and not out at the first moment as well."""
    staff = Staff.of(newsroom)
    newsroom.drop("old.toml", entry_file("Old"))
    text = entry_file("Waits", "2026-11-27", body='"Of Friday."')
    file = newsroom.drop("waits.toml", text)
    staff.build()
    form = opened(staff, "waits.toml")
    file.unlink()
    newsroom.drop("2026/waits.toml", text)
    newsroom.build()

    saved = file_of(send(staff, "publish", form, date="2026-11-29"))

    assert saved == ("2026%2Fwaits.toml", "scheduled")
    assert len([*entries(staff).rglob("*.toml")]) == 2


@pytest.mark.long
def test_a_form_follows_a_live_file_that_a_colleague_moves(newsroom: Newsroom) -> None:
    """So no reader gets the news twice; if the file was edited, too, both versions are shown."""
    staff = Staff.of(newsroom)
    names = ("moved.toml", "edited.toml")
    files = [newsroom.drop(name, entry_file(name, body=f'"Of {name}."')) for name in names]
    staff.build()
    forms = [opened(staff, name) for name in names]
    (entries(staff) / "2026").mkdir()
    for file in files:
        file.rename(entries(staff) / "2026" / file.name)
    newsroom.drop("2026/edited.toml", entry_file("edited.toml", body='"Of a colleague."'))
    ids = {one["title"]: one["id"] for one in newsroom.items()}
    staff.build()

    saved = file_of(send(staff, "publish", forms[0], title="New title"))
    both = send(staff, "publish", forms[1], title="New title")
    other = send(staff, "publish", {**forms[0], "seen": ["0" * 64]})
    staff.build()

    assert saved == ("2026%2Fmoved.toml", "live")
    assert "2026/edited.toml was changed meanwhile" in seen(both.text)
    assert "Of a colleague." in seen(both.text)
    assert ENGLISH["unsaved-gone"] in seen(other.text)  # that form was for a file of other news
    after = {one["title"]: one["id"] for one in newsroom.items()}
    assert after["New title"] == ids["moved.toml"]
    assert sorted(after.values()) == sorted(ids.values())


def test_a_text_whose_file_is_gone_is_written_again(desk: Staff) -> None:
    """As it stands, with its comments, under its name."""
    text = entry_file("As text", body='"""\nOne.\n"""', place="= 2")
    file = desk.newsroom.drop("text.toml", text)
    form = opened(desk, "text.toml")
    file.unlink()

    whole = text.replace("= = 2", '= "Tyre"  # for Anna').replace("One.", "Two.")
    answer = send(desk, "publish", form, source=whole)
    path, done = file_of(send(desk, "publish", inputs(answer.text)))

    assert "readers get your text" in seen(answer.text)
    assert (path, done) == ("text.toml", "live")
    assert (entries(desk) / path).read_text("utf-8") == whole


def test_a_problem_in_a_form_has_no_line(desk: Staff) -> None:
    """The file has lines, which nobody sees there."""
    answer = send(desk, "look", {}, **(FORM | {"date": "31 June 2026"}))

    assert "There is no 31 June 2026. Correct the date." in seen(answer.text)


def test_a_file_with_a_fault_is_edited_as_text(desk: Staff) -> None:
    """With what is wrong; line ends and all other lines stay."""
    text = entry_file("Faulty").replace('title = "Faulty"', 'title = "Faulty').replace("\n", "\r\n")
    file = desk.newsroom.drop("faulty.toml", text)
    form = opened(desk, "faulty.toml")

    held = send(desk, "publish", form)
    form["source"] = [form["source"][0].replace('"Faulty', '"Mended"')]
    done = file_of(send(desk, "publish", form))

    assert held.status_code == 422
    assert "Line 1" in seen(held.text)
    assert done == ("faulty.toml", "live")
    assert file.read_bytes() == text.replace('"Faulty', '"Mended"').encode()


def test_a_missing_folder_loses_nothing(desk: Staff) -> None:
    """A folder that takes no file is reported, with the text still in the form."""
    folder = entries(desk)
    moved = folder.rename(folder.with_name("moved"))
    try:
        answer = send(desk, "draft", {}, **{**FORM, "title": "Nowhere"})
    finally:
        moved.rename(folder)

    assert answer.status_code in {409, 503}
    assert "Nothing was" in seen(answer.text) or "folder" in seen(answer.text)


@pytest.mark.parametrize(
    "path",
    [
        "../config.toml", "nowhere.toml", "/etc/passwd", "p.png", "", "./old-1.toml",
        "../entries/old-1.toml", "/old-1.toml", ".//old-1.toml",
    ],
)  # fmt: skip
def test_no_other_file_is_opened(desk: Staff, path: str) -> None:
    """Only entries can be edited, each under the one name that it has in the ledger."""
    assert desk.get(f"/edit?file={path}").status_code == 404


def test_outsiders_write_nothing(desk: Staff) -> None:
    """Without the cookie, and from another site."""
    before = sorted(entries(desk).iterdir())
    other = Staff(desk.newsroom).client.post("/write", base_url=AT, data={"do": "publish", **FORM})

    forged = desk.post("/write", word="x", **FORM)

    assert (other.status_code, forged.status_code) == (404, 403)
    assert sorted(entries(desk).iterdir()) == before


def writer_of(newsroom: Newsroom, own: str = "", role: str = "writer") -> Staff:
    """Return a writer, or somebody of another role, who is signed in."""
    key = "a" * 20 + "Zq7-Lm51x_KcD83rTvW"
    table = f'[[newsroom.person]]\nname = "{role.title()}"\nrole = "{role}"\ntoken = '
    configure(newsroom, own=f'{own}{table}"{token_hash(key)}"')
    staff = Staff(newsroom)
    staff.client.get(f"/?token={key}", base_url=AT)
    staff.build()
    return staff


@pytest.mark.long
def test_what_a_writer_publishes_waits_for_an_editor(newsroom: Newsroom) -> None:
    """With `approval`, and the page says so; who saved it is in the ledger."""
    staff = writer_of(newsroom, "approval = true\n")
    form = inputs(new_form(staff).text) | {name: [text] for name, text in FORM.items()}

    looked = staff.client.post("/write", base_url=AT, data={**form, "do": "look"})
    path, done = file_of(staff.client.post("/write", base_url=AT, data={**form, "do": "publish"}))
    newsroom.build()

    assert "once an editor has approved it" in seen(looked.text)
    assert done == "waits"
    assert "It waits until an editor approves it." in staff.text(f"/edit?file={path}&done=waits")
    assert "unapproved" in newsroom.codes()
    assert newsroom.items() == []
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        (act,) = ledger.acts.of_entry("", [path])
    assert (act.person, act.act) == ("Writer", Act.SAVED)


@pytest.mark.long
def test_what_an_editor_publishes_waits_with_the_picture_of_a_writer(newsroom: Newsroom) -> None:
    """The page says so before and after it is saved."""
    staff = writer_of(newsroom, "approval = true\n", "editor")
    writer = Person("Writer", StaffRole.WRITER)
    save_as(writer, newsroom.config, "pier.png", picture(), now=newsroom.now)
    fields = FORM | {"image": "pier.png", "image_alt": "A pier"}
    form = inputs(new_form(staff).text) | {name: [text] for name, text in fields.items()}

    looked = staff.client.post("/write", base_url=AT, data={**form, "do": "look"})
    path, done = file_of(staff.client.post("/write", base_url=AT, data={**form, "do": "publish"}))
    newsroom.build()

    assert "once an editor has approved it" in seen(looked.text)
    assert done == "waits"
    assert "It waits for your approval" in staff.text(f"/edit?file={path}&done=waits")
    assert "unapproved" in newsroom.codes()


@pytest.mark.long
def test_an_editor_approves_a_file_by_its_name(newsroom: Newsroom) -> None:
    """Codes of approvals have forty digits, which nobody reads."""
    newsroom.now = datetime.now(UTC)
    keys = {role: f"{role * 4}Zq7-Lm51x_KcD83rTvW" for role in ("writer", "editor")}
    people = [
        f'[[newsroom.person]]\nname = "{role}"\nrole = "{role}"\ntoken = "{token_hash(key)}"'
        for role, key in keys.items()
    ]
    configure(newsroom, *people, own="approval = true")
    writer, editor = Staff(newsroom), Staff(newsroom)
    writer.build()
    writer.client.get(f"/?token={keys['writer']}", base_url=AT)
    form = inputs(new_form(writer).text) | {name: [text] for name, text in FORM.items()}
    sent = writer.client.post("/write", base_url=AT, data={**form, "do": "publish"})
    path, _ = file_of(sent)
    editor.run_now()
    editor.client.get(f"/?token={keys['editor']}", base_url=AT)
    problems = editor.room.last_run.report.problems if editor.room.last_run else ()
    (code,) = [str(one.wanted) for one in problems if one.code == "unapproved"]

    twice = [writer.client.post("/write", base_url=AT, data={**form, "do": "publish"})]
    again_sent = inputs(editor.get(f"/edit?file={path}").text) | {"do": ["publish"]}
    twice.append(editor.client.post("/write", base_url=AT, data=again_sent))
    asked = editor.text("/")
    done = editor.text(editor.post("/allow", code=code).headers["Location"])
    again = editor.text(editor.post("/allow", code=code).headers["Location"])

    assert [file_of(one) for one in twice] == [(path, "waits")] * 2
    assert f"This was meant: allow {path}" in asked
    assert f"Allow… {path}" in asked
    assert f"{path} was allowed." in done
    assert code not in done
    assert file_of(editor.client.post("/write", base_url=AT, data=again_sent)) == (path, "live")
    assert again == done
    assert len(newsroom.items()) == 1


@pytest.mark.long
def test_what_a_guard_asks_about_is_saved_and_held(newsroom: Newsroom) -> None:
    """Its code is in force then, and the first page has the question; a check says so."""
    newsroom.now = datetime.now(UTC)
    staff = Staff.of(newsroom)
    newsroom.drop("old.toml", entry_file("Old"))
    staff.build()
    form = opened(staff, "old.toml")
    other = {"title": "Harbour ferry sold", "body": "A buyer paid for it on Monday."}

    looked = seen(send(staff, "look", form, **other).text)
    path, done = file_of(send(staff, "publish", form, **other))
    page = staff.text(f"/edit?file={path}&done={done}")
    staff.run_now()
    problems = staff.room.last_run.report.problems if staff.room.last_run else ()
    (code,) = [str(one.wanted) for one in problems if one.code == "other-news"]
    kept = staff.text(staff.post("/keep", code=code).headers["Location"])

    assert "it is held until the question below is answered on the first page" in looked
    assert "is not out yet" not in looked
    assert done == "held"
    assert f"keep {code}" in page
    assert "old.toml is the same entry: readers get the new text at the old address." in kept
    assert [item["title"] for item in newsroom.items()] == ["Harbour ferry sold"]


def test_a_date_of_a_year_ago_is_asked_about_where_it_is_saved(desk: Staff) -> None:
    """There is a minute to correct it before anybody sees the entry."""
    path, done = file_of(send(desk, "publish", {}, **FORM | {"date": "2025-11-25"}))

    page = desk.text(f"/edit?file={path}&done={done}")

    assert done == "scheduled"
    assert "2025-11-25 is about a year ago." in page


# ---- Retracting


def test_an_editor_retracts_an_entry_with_a_reason(desk: Staff) -> None:
    """The page says what readers will see; the file keeps its text, and the reason is published."""
    file = entries(desk) / "old-0.toml"
    before = file.read_text("utf-8")
    page = desk.get("/retract?file=old-0.toml").text
    form = {name: inputs_of(page, name) for name in ("word", "file", "seen")}

    empty = desk.client.post("/retract", base_url=AT, data={**form, "reason": " "})
    unchanged = file.read_text("utf-8")
    done = desk.client.post("/retract", base_url=AT, data={**form, "reason": "It was wrong."})
    again = desk.client.post("/retract", base_url=AT, data={**form, "reason": "Twice."})

    assert "The reason replaces the text in every feed and on the page" in seen(page)
    assert (empty.status_code, unchanged) == (422, before)
    assert file_of(done) == ("old-0.toml", "live")
    assert 'status = "retracted"\nretraction = "It was wrong."\n' in file.read_text("utf-8")
    assert again.status_code == 409
    assert "Somebody changed the file meanwhile." in seen(again.text)


def test_a_reason_may_be_long_in_any_letters(desk: Staff) -> None:
    """As the browser sends it, each of them took six bytes or more."""
    page = desk.get("/retract?file=old-1.toml").text
    form = {name: inputs_of(page, name) for name in ("word", "file", "seen")}
    way = re.search('action="/retract" enctype="([^"]*)"', page)
    assert way

    reason = "Сообщение отозвано. " * 120
    sent = {**form, "reason": reason}
    done = desk.client.post("/retract", base_url=AT, data=sent, content_type=way[1])

    assert file_of(done) == ("old-1.toml", "live")
    assert reason.strip() in (entries(desk) / "old-1.toml").read_text("utf-8")


@pytest.mark.long
@pytest.mark.parametrize("own", ["", 'correction = "It is old."\n'])
def test_an_entry_with_sections_is_retracted_above_them(desk: Staff, own: str) -> None:
    """Below `[[attachments]]` each line would be of that file."""
    head, tail = 'title = "Minutes"\ndate = 2026-11-20\n', '[[attachments]]\nfile = "a.png"\n'
    text = f'{head}{own}\n{tail}# status = "draft"\nbody = """\nThe text.\n"""\n'
    (entries(desk) / "a.png").write_bytes(picture())
    desk.newsroom.drop("minutes.toml", text)
    desk.build()
    page = desk.get("/retract?file=minutes.toml").text
    form = {name: inputs_of(page, name) for name in ("word", "file", "seen")}

    done = desk.client.post("/retract", base_url=AT, data={**form, "reason": "It was wrong."})

    assert 'href="/retract?file=minutes.toml"' in desk.get("/edit?file=minutes.toml").text
    assert "Minutes" in seen(page)
    assert file_of(done) == ("minutes.toml", "live")
    above, _, below = (entries(desk) / "minutes.toml").read_text("utf-8").partition(tail)
    assert 'status = "retracted"\nretraction = "It was wrong."\n' in above
    assert f"{tail}{below}" == text[text.index(tail) :]
    desk.build()
    (item,) = [one for one in desk.newsroom.items() if "Minutes" in one["title"]]
    assert "It was wrong." in item["content_html"]


def test_a_writer_retracts_nothing(newsroom: Newsroom) -> None:
    """Neither on the page, nor by the fields of the form."""
    file = newsroom.drop("out.toml", entry_file("Out"))
    staff = writer_of(newsroom)
    form = inputs(staff.get("/edit?file=out.toml").text)
    form |= {"status": ["retracted"], "retraction": ["Mine."], "do": ["publish"]}

    answers = [
        staff.client.post("/write", base_url=AT, data=form),
        staff.client.post("/retract", base_url=AT, data=form),
        staff.get("/retract?file=out.toml"),
    ]

    assert [one.status_code for one in answers] == [403, 403, 403]
    assert "Only an editor may retract an entry, or undo that." in seen(answers[0].text)
    assert file.read_text("utf-8") == entry_file("Out")


@pytest.mark.long
def test_a_writer_undoes_no_retraction(newsroom: Newsroom) -> None:
    """The text that was taken back is not read again; that of the retraction may be changed."""
    status = {"status": '"retracted"', "retraction": '"It was wrong."'}
    file = newsroom.drop("out.toml", entry_file("Out", **status))
    staff = writer_of(newsroom)
    form = inputs(staff.get("/edit?file=out.toml").text) | {"do": ["publish"]}

    undone = form | {"status": [""], "retraction": [""]}
    answer = staff.client.post("/write", base_url=AT, data=undone)
    assert answer.status_code == 403
    assert file.read_text("utf-8") == entry_file("Out", **status)

    more = form | {"retraction": ["It was wrong, and is replaced."]}
    assert staff.client.post("/write", base_url=AT, data=more).status_code == 303


# ---- Differences


def test_a_text_is_put_together_from_two() -> None:
    """Each difference is chosen for itself."""
    parts = differences.passages("a\nb\nc\nd", "a\nB\nc\nD\ne")
    numbers = [part.number for part in parts if part.number]

    yours = dict.fromkeys(numbers, "yours")
    assert differences.chosen(parts, yours) == "a\nB\nc\nD\ne"
    assert differences.chosen(parts, {}) == "a\nb\nc\nd"
    assert differences.chosen(parts, {numbers[0]: "yours"}) == "a\nB\nc\nd"


def test_a_text_is_put_together_from_three() -> None:
    """Also where only the text that readers have is another one; equal ones are one choice."""
    parts = differences.passages("a\nW\nx\nc\nY", "a\nW\nx\nC\nY", "a\nx\nc\nZ")
    choices = [dict(part.choices) for part in parts if part.number]

    assert choices == [
        {"theirs": ("W",), "live": ()},
        {"yours": ("C", "Y"), "theirs": ("c", "Y"), "live": ("c", "Z")},
    ]
    assert differences.chosen(parts, {}) == "a\nW\nx\nc\nY"
    assert differences.chosen(parts, {1: "yours", 2: "yours"}) == "a\nW\nx\nC\nY"
    assert differences.chosen(parts, {1: "live", 2: "live"}) == "a\nx\nc\nZ"


LONG = "\n".join(f"{number}\n" for number in range(400))


@pytest.mark.parametrize(
    ("theirs", "yours", "count"),
    [
        ("", "", 0),
        (LONG, LONG, 0),
        ("a\na", "a\na\na", 1),
        (LONG, f"x\n{LONG}\ny", 2),
        (f"x\n{LONG}\nx", LONG.replace("200\n", "200\nz\n"), 3),
        ("a\nb\n" * 450, "b\nb\na\na\n" * 2000, 1),
        ("\n" * 900, "\n" * 100_000, 1),
    ],
)
def test_texts_of_any_length_are_compared(theirs: str, yours: str, count: int) -> None:
    """Texts that repeat one line are compared as quickly as others; else they take minutes."""
    began = process_time()

    parts = differences.passages(theirs, yours)

    numbers = [part.number for part in parts if part.number]
    assert len(numbers) == count
    assert differences.chosen(parts, {}) == theirs
    assert differences.chosen(parts, dict.fromkeys(numbers, "yours")) == yours
    assert process_time() - began < 2
