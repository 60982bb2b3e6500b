"""Two people change one file: both texts are shown, and what nobody approved is not hidden."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from html import unescape

import pytest
from werkzeug.test import TestResponse

from dateline.config import StaffRole
from dateline.ledger import exclusive
from dateline.newsroom import create_app
from dateline.newsroom.access.forms import MULTIPART
from dateline.newsroom.access.people import Person, token_hash
from dateline.newsroom.language import ENGLISH
from dateline.newsroom.saving import Saved, save_as
from dateline.newsroom.write import form_content, routes
from dateline.publish.check import foresee
from support.publication import Newsroom, entry_file
from support.staff import AT, Staff, configure, inputs, seen

KEYS = {name: f"{name * 4}Zq7-Lm51x_KcD83rTvW" for name in ("writer", "second", "editor")}
WRITER = Person("second", StaffRole.WRITER)
BODY = '"""\nOne.\n\nTwo.\n\nThree.\n\nFour.\n\nFive.\n"""'
MORE = "One.\n\nTwo.\n\nThree.\n\nNobody approved this.\n\nFour.\n\nFive."
RADIO = re.compile(r'<input type="radio" name="(part-\d+)" value="(\w+)"( checked)? required>')
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
YOURS = re.compile(r'<textarea name="yours" hidden>\n(.*?)</textarea>', re.DOTALL)


@pytest.fixture
def team(newsroom: Newsroom) -> dict[str, Staff]:
    """Return two writers and an editor, each signed in, of a newsroom with approval."""
    newsroom.now = datetime.now(UTC)
    people = [
        f'[[newsroom.person]]\nname = "{name}"\nrole = "{name.replace("second", "writer")}"\n'
        f'token = "{token_hash(key)}"'
        for name, key in KEYS.items()
    ]
    configure(newsroom, *people, own="approval = true")
    newsroom.drop("pier.toml", entry_file("Pier", body=BODY))
    team = {name: Staff(newsroom) for name in KEYS}
    team["editor"].build()
    for name, staff in team.items():
        staff.room.refresh()
        staff.client.get(f"/?token={KEYS[name]}", base_url=AT)
    return team


def opened(staff: Staff, path: str) -> dict[str, list[str]]:
    """Return the form of a file."""
    return inputs(staff.get(f"/edit?file={path}").text)


def send(staff: Staff, do: str, form: dict[str, list[str]], **values: str) -> TestResponse:
    """Send a form with these values and button."""
    data = {**form, **{name: [value] for name, value in values.items()}, "do": [do]}
    return staff.client.post("/write", base_url=AT, data=data, content_type=MULTIPART)


def settling(page: TestResponse) -> dict[str, list[str]]:
    """Return the form of the page of two versions, with one's own text where none is chosen."""
    form = page.text.partition("<main")[2]
    found = {name: [unescape(value)] for name, value in HIDDEN.findall(form)}
    for name, value, checked in RADIO.findall(form):
        found[name] = [value] if checked else found.get(name, [value])
    return found | {"yours": [unescape(text) for text in YOURS.findall(form)]}


def shown(page: TestResponse) -> str:
    """Return what somebody reads on the page of two versions."""
    assert "was changed meanwhile" in seen(page.text)
    return seen(YOURS.sub("", page.text))


def text_of(staff: Staff, path: str = "pier.toml") -> str:
    """Return the text of a file."""
    return (staff.newsroom.folder / "entries" / path).read_text("utf-8")


def public(staff: Staff) -> str:
    """Return all that readers have."""
    staff.run_now()
    return str(staff.newsroom.items())


def codes(staff: Staff) -> list[str]:
    """Return the codes of the problems of the last run."""
    found = staff.room.last_run
    return [one.code for one in found.report.problems] if found else []


# ---- What nobody has approved


@pytest.mark.long
def test_what_an_editor_would_publish_with_a_change_is_shown(team: dict[str, Staff]) -> None:
    """A writer saved it after the editor had opened the form; each of it can be left out."""
    editor, writer = team["editor"], team["writer"]
    old = opened(editor, "pier.toml")
    send(writer, "publish", opened(writer, "pier.toml"), body=MORE)
    waiting = text_of(editor)

    page = send(editor, "publish", old, place="Tyre")
    form = settling(page)
    added = {name for name, value, _ in RADIO.findall(page.text) if value == "live"}
    saved = send(editor, "settle", form, **dict.fromkeys(added, "live"))

    assert "Nobody approved this." in shown(page)
    assert f"{ENGLISH['not-approved']} saved · writer Preview" in shown(page)
    assert ENGLISH["is-live"] in shown(page)
    assert "Nobody approved this." in waiting
    assert (saved.status_code, len(added)) == (303, 1)
    assert text_of(editor) == entry_file("Pier", place='"Tyre"', body=BODY)
    assert "Nobody approved this." not in public(editor)


@pytest.mark.long
def test_an_editor_who_leaves_it_as_it_is_approves_it(team: dict[str, Staff]) -> None:
    """Nothing that the writer wrote is lost."""
    editor, writer = team["editor"], team["writer"]
    old = opened(editor, "pier.toml")
    send(writer, "publish", opened(writer, "pier.toml"), body=MORE)

    page = send(editor, "publish", old, place="Tyre", title="The pier")
    send(editor, "settle", settling(page))

    assert "Nobody approved this." in text_of(editor)
    assert 'place = "Tyre"' in text_of(editor)
    assert "Nobody approved this." in public(editor)


@pytest.mark.long
def test_all_three_texts_of_a_place_can_be_chosen(team: dict[str, Staff]) -> None:
    """Where both changed a line that readers have."""
    editor, writer = team["editor"], team["writer"]
    old = opened(editor, "pier.toml")
    send(writer, "publish", opened(writer, "pier.toml"), title="Pier sinks")

    page = send(editor, "publish", old, title="Pier opens")
    found = [value for _, value, _ in RADIO.findall(page.text)]

    assert found == ["yours", "theirs", "live"]
    assert all(f'title = "Pier{end}"' in shown(page) for end in (" sinks", " opens", ""))


@pytest.mark.long
def test_of_an_entry_that_nobody_has_all_is_shown(team: dict[str, Staff]) -> None:
    """Also what stands far from the editor's change."""
    editor, writer = team["editor"], team["writer"]
    text = entry_file("Quay", body=BODY)
    editor.newsroom.drop("quay.toml", text.replace("One.", "Once."))
    send(writer, "publish", opened(writer, "quay.toml"), body=MORE)
    old = opened(editor, "quay.toml")
    send(writer, "publish", opened(writer, "quay.toml"), body=MORE.replace("this", "that"))

    page = send(editor, "publish", old, place="Tyre")

    assert ENGLISH["not-approved"] in shown(page)
    assert "Nobody approved that." in shown(page)
    assert "…" not in shown(page)


@pytest.mark.long
def test_a_text_that_was_approved_meanwhile_is_compared_again(team: dict[str, Staff]) -> None:
    """What readers have is another text then, and so are the numbers of the differences."""
    editor, writer = team["editor"], team["writer"]
    old = opened(editor, "pier.toml")
    send(writer, "publish", opened(writer, "pier.toml"), body=MORE)
    page = send(editor, "publish", old, place="Tyre")
    editor.run_now()
    problems = editor.room.last_run.report.problems if editor.room.last_run else ()
    editor.post("/allow", code=str(problems[0].wanted))

    again = send(editor, "settle", settling(page))
    saved = send(editor, "settle", settling(again))

    assert "Nobody approved this." not in shown(again)
    assert ENGLISH["not-approved"] not in shown(again)
    assert (again.status_code, saved.status_code) == (200, 303)
    assert "Nobody approved this." in text_of(editor)
    assert 'place = "Tyre"' in text_of(editor)


@pytest.mark.long
def test_the_form_of_a_file_that_waits_says_so_to_editors(team: dict[str, Staff]) -> None:
    """Not to the writer, nor once it is approved, by whatever way."""
    editor, writer = team["editor"], team["writer"]
    before = editor.text("/edit?file=pier.toml")
    send(writer, "publish", opened(writer, "pier.toml"), body=MORE)
    of_writer, of_editor = (one.text("/edit?file=pier.toml") for one in (writer, editor))
    checked = seen(send(editor, "look", opened(editor, "pier.toml"), place="Tyre").text)
    send(editor, "publish", opened(editor, "pier.toml"), place="Tyre")
    after = editor.text("/edit?file=pier.toml")

    said = f"{ENGLISH['not-approved']} saved · writer"
    assert [said in one for one in (before, of_writer, of_editor, checked, after)] == [
        False, False, True, True, False,
    ]  # fmt: skip
    assert "Nobody approved this." in public(editor)


@pytest.mark.long
def test_a_writer_settles_two_versions_as_ever(team: dict[str, Staff]) -> None:
    """An editor is asked about the result."""
    writer, second = team["writer"], team["second"]
    old = opened(second, "pier.toml")
    send(writer, "publish", opened(writer, "pier.toml"), body=MORE)

    page = send(second, "publish", old, place="Tyre")
    send(second, "settle", settling(page))

    assert {value for _, value, _ in RADIO.findall(page.text)} == {"yours", "theirs"}
    assert ENGLISH["not-approved"] not in shown(page)
    assert "Nobody approved this." in text_of(writer)
    assert "Nobody approved this." not in public(writer)
    assert "unapproved" in codes(writer)


@pytest.mark.long
def test_a_text_that_readers_have_again_is_nothing_to_approve(team: dict[str, Staff]) -> None:
    """A writer took the change back by hand."""
    editor, writer = team["editor"], team["writer"]
    send(writer, "publish", opened(writer, "pier.toml"), body=MORE)
    back = MORE.replace("Nobody approved this.\n\n", "")
    send(writer, "publish", opened(writer, "pier.toml"), body=back)

    assert text_of(writer) == entry_file("Pier", body=BODY)
    assert ENGLISH["not-approved"] not in editor.text("/edit?file=pier.toml")


@pytest.mark.long
def test_a_text_that_was_there_before_a_writer_saved_it_is_the_editors(
    team: dict[str, Staff],
) -> None:
    """The form of the editor's file says nothing of approval."""
    room = team["editor"].newsroom
    later = entry_file("Ferry", "2099-01-01").encode()
    room.drop("later.toml", later)
    writer = Person("writer", StaffRole.WRITER)
    saved = save_as(writer, room.config, "copy.toml", later, now=room.now)
    own, other = (team["editor"].text(f"/edit?file={name}.toml") for name in ("later", "copy"))

    assert isinstance(saved, Saved)
    assert [ENGLISH["not-approved"] in one for one in (own, other)] == [False, True]


# ---- What was chosen


@pytest.mark.long
@pytest.mark.parametrize("chosen", [None, "", "mine"])
def test_nothing_is_saved_where_a_difference_has_no_choice(
    team: dict[str, Staff], chosen: str | None
) -> None:
    """A browser asks for one; a program that sends the form has the page again."""
    editor = team["editor"]
    old = opened(editor, "pier.toml")
    send(editor, "publish", opened(editor, "pier.toml"), place="Tyre")
    form = settling(send(editor, "publish", old, place="Sidon"))
    missing = next(name for name in form if name.startswith("part-"))
    rest = {name: value for name, value in form.items() if name != missing}
    before = text_of(editor)

    page = send(editor, "settle", rest | ({missing: [chosen]} if chosen is not None else {}))

    assert "Nothing was saved yet." in shown(page)
    assert text_of(editor) == before
    assert "Sidon" in settling(page)["yours"][0]


def test_nothing_is_chosen_on_the_page_of_two_versions(team: dict[str, Staff]) -> None:
    """A single click would undo what a colleague changed; without a choice it stays."""
    editor, writer = team["editor"], team["writer"]
    old = opened(editor, "pier.toml")
    send(writer, "publish", opened(writer, "pier.toml"), title="Pier sinks")

    page = send(editor, "publish", old, place="Tyre")
    form = settling(page)
    asked = {name for name in form if name.startswith("part-")}
    send(editor, "settle", {name: one for name, one in form.items() if name not in asked})

    assert asked
    assert not any(checked for _, _, checked in RADIO.findall(page.text))
    assert 'title = "Pier sinks"' in text_of(editor)


@pytest.mark.long
@pytest.mark.parametrize("is_changed", [False, True])
def test_what_was_chosen_is_chosen_where_the_page_comes_back(
    team: dict[str, Staff], monkeypatch: pytest.MonkeyPatch, *, is_changed: bool
) -> None:
    """As while a run is at work; also where a text has changed, by the places in one's own."""
    editor, writer = team["editor"], team["writer"]
    old = opened(editor, "pier.toml")
    send(writer, "publish", opened(writer, "pier.toml"), title="Pier sinks", body=MORE)
    form = settling(send(editor, "publish", old, title="Pier opens", place="Tyre"))
    parts = [name for name in form if name.startswith("part-")]
    chosen = dict(zip(parts, ["theirs", "yours", "live"], strict=True))
    if is_changed:
        send(writer, "publish", opened(writer, "pier.toml"), title="Pier sank")

    with monkeypatch.context() as patient, exclusive(editor.newsroom.config.state):
        patient.setattr(routes, "foresee", partial(foresee, patience=0.1))
        busy = send(editor, "settle", form, **chosen)
        again = send(editor, "settle", settling(busy), **({} if is_changed else chosen))
    back = settling(again)

    assert "was changed meanwhile" in seen(again.text)
    assert (busy.status_code, again.status_code) == (200 if is_changed else 503, 503)
    assert {name: back[name] for name in parts} == {name: [one] for name, one in chosen.items()}
    send(editor, "settle", back)
    title = "Pier sank" if is_changed else "Pier sinks"
    assert text_of(editor) == entry_file(title, place='"Tyre"', body=BODY)


def of_two(team: dict[str, Staff]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Return the page of two versions of a second writer, who chooses one line of each."""
    writer, second = team["writer"], team["second"]
    old = opened(second, "pier.toml")
    body = old["body"][0]
    send(writer, "publish", opened(writer, "pier.toml"), body=body.replace("Four", "IV"))
    page = send(second, "publish", old, body=body.replace("Two", "II"))
    return settling(page), {"part-1": "yours", "part-2": "theirs"}


@pytest.mark.long
def test_a_second_click_says_what_the_first_one_did(team: dict[str, Staff]) -> None:
    """Also at the same moment; nothing is asked, and the colleague's text stays."""
    second = team["second"]
    form, chosen = of_two(team)
    data = {**form, **{name: [one] for name, one in chosen.items()}, "do": ["settle"]}
    cookie = {"Cookie": f"dateline={second.room.access.cookie(WRITER, second.room.clock())}"}

    def click(_: int) -> TestResponse:
        browser = create_app(second.room).test_client(use_cookies=False)
        return browser.post(
            "/write", base_url=AT, data=dict(data), headers=cookie, content_type=MULTIPART
        )

    with ThreadPoolExecutor(3) as pool:
        answers = [*pool.map(click, range(3))]
    answers.append(send(second, "settle", form, **chosen))

    assert {one.location for one in answers} == {"/edit?file=pier.toml&done=waits"}
    assert ("II." in text_of(second), "IV." in text_of(second)) == (True, True)


@pytest.mark.long
def test_another_choice_on_the_same_page_is_no_second_click(team: dict[str, Staff]) -> None:
    """The file is the result of the first, so it is asked about again."""
    second = team["second"]
    form, chosen = of_two(team)
    send(second, "settle", form, **chosen)

    again = send(second, "settle", form, **{**chosen, "part-2": "yours"})

    assert "was changed meanwhile" in seen(again.text)
    assert RADIO.findall(again.text) == [("part-1", "yours", " checked"), ("part-1", "theirs", "")]


@pytest.mark.long
def test_a_second_click_after_a_restart_undoes_nothing(team: dict[str, Staff]) -> None:
    """What was chosen is chosen still: the colleague's text."""
    second = team["second"]
    form, chosen = of_two(team)
    send(second, "settle", form, **chosen)
    saved = text_of(second)
    second.room.made.forget()

    again = send(second, "settle", form, **chosen)
    send(second, "settle", settling(again))

    assert "was changed meanwhile" in seen(again.text)
    assert text_of(second) == saved


@pytest.mark.long
def test_a_second_click_after_another_change_asks_about_it(team: dict[str, Staff]) -> None:
    """It does not say that all is saved."""
    writer, second = team["writer"], team["second"]
    form, chosen = of_two(team)
    send(second, "settle", form, **chosen)
    body = opened(writer, "pier.toml")["body"][0].replace("IV", "4")
    send(writer, "publish", opened(writer, "pier.toml"), body=body)

    again = send(second, "settle", form, **chosen)
    send(second, "settle", settling(again))

    assert "was changed meanwhile" in seen(again.text)
    assert ("II." in text_of(second), "4." in text_of(second)) == (True, True)


# ---- Drafts


def unfinished(team: dict[str, Staff]) -> str:
    """Return the name of a draft whose date nobody knows yet."""
    page = team["writer"].client.get("/write", base_url=AT, follow_redirects=True)
    values = {"title": "Strike", "date": "day of the vote, to come", "body": "Notes."}
    answer = send(team["writer"], "draft", inputs(page.text), **values)
    return unescape(answer.headers["Location"]).partition("file=")[2].partition("&")[0]


@pytest.mark.long
def test_an_unfinished_draft_of_two_people_is_saved(team: dict[str, Staff]) -> None:
    """As that of one; it stays a draft."""
    writer, second = team["writer"], team["second"]
    path = unfinished(team)
    old = opened(second, path)
    send(writer, "draft", opened(writer, path), body="Notes.\n\nWhat the union says.")

    page = send(second, "draft", old, place="Tyre")
    saved = send(second, "settle", settling(page))
    text = text_of(writer, path)

    assert (page.status_code, saved.status_code) == (200, 303)
    assert "What the union says." in text
    assert 'place = "Tyre"' in text
    assert "\ndraft = true\n" in text


@pytest.mark.long
def test_what_is_to_be_published_is_refused_with_a_fault(team: dict[str, Staff]) -> None:
    """The form of the text that follows can save it as a draft."""
    writer, second = team["writer"], team["second"]
    path = unfinished(team)
    old = opened(second, path)
    send(writer, "draft", opened(writer, path), body="Notes.\n\nWhat the union says.")

    form = settling(send(second, "draft", old, place="Tyre"))
    form["yours"] = [form["yours"][0].replace("draft = true\n", "")]
    refused = send(second, "settle", form, **{f"part-{number}": "yours" for number in "1234"})
    before = text_of(writer, path)
    saved = send(second, "draft", inputs(refused.text))

    assert (refused.status_code, saved.status_code) == (422, 303)
    assert "Tyre" not in before
    assert 'value="draft">Save as draft' in refused.text
    assert "\ndraft = true\n" in text_of(writer, path)
    assert 'place = "Tyre"' in text_of(writer, path)


CURLY = 'title = “A”\ndate = 2026-11-24\nbody = "T."\n'


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "done", "line"),
    [
        ('title = "A"\ndate = "x"\nbody = "T."\n[[attachments]]\nfile = "a.pdf"\n', "held", 2),
        ('title = "A\ndate = 2026-11-24\nbody = "T."\n', "held", 0),
        ('title = "A"\ndate = 2026-11-24\nbody = """\nT.\n', "held", 0),
        (CURLY, "draft", 0),
        (CURLY.replace("\n", "\r\n"), "draft", 0),
        (f"\ufeff{CURLY}", "draft", 0),
        ('title = "A",\ndraft = no  # yet\ndate = 2026-11-24\nbody = "T."\n', "draft", 1),
        ('title = "A"\ndate = 2026-11-24\nplace = ["Tyre"]\nbody = "T."\n', "held", 0),
    ],
)
def test_a_text_is_saved_as_a_draft(
    team: dict[str, Staff], text: str, done: str, line: int
) -> None:
    """Also with a fault; with the line that makes it a draft, where a run would repair it."""
    editor = team["editor"]
    editor.newsroom.drop("text.toml", text)
    form = opened(editor, "text.toml")

    answer = send(editor, "draft", form, source=form["source"][0].replace("T.", "Text."))
    saved = (editor.newsroom.folder / "entries/text.toml").read_bytes()

    assert answer.location.endswith(f"done={done}"), seen(answer.text)
    assert "Text." in saved.decode()
    assert saved.decode("utf-8-sig").splitlines()[line].startswith("draft = true")
    assert saved.count(b"\r\n") in {0, saved.count(b"\n")}
    assert "Text." not in public(editor)


@pytest.mark.long
@pytest.mark.parametrize("text", ["---\ntitle: A\n---\nT.\n", "T.\n", '{"title": "T."}\n'])
def test_what_is_no_entry_is_saved_as_it_is(team: dict[str, Staff], text: str) -> None:
    """The message about its first line says what to do."""
    editor = team["editor"]
    editor.newsroom.drop("text.toml", text)

    answer = send(editor, "draft", opened(editor, "text.toml"))

    assert answer.location.endswith("done=held"), seen(answer.text)
    assert text_of(editor, "text.toml") == text
    assert "T." not in public(editor)


def test_a_text_that_would_come_out_is_not_saved_as_a_draft(
    team: dict[str, Staff], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says that nothing was saved."""
    editor = team["editor"]
    editor.newsroom.drop("text.toml", CURLY)
    form = opened(editor, "text.toml")

    monkeypatch.setattr(form_content, "with_draft_line", str)
    answer = send(editor, "draft", form, source=form["source"][0].replace("T.", "Text."))

    assert answer.status_code == 409
    assert "Nothing was saved." in seen(answer.text)
    assert text_of(editor, "text.toml") == CURLY
