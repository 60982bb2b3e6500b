"""What somebody has typed comes back without scripts, whatever keeps it from being saved."""

from __future__ import annotations

import re
import threading
import tracemalloc
from html import unescape
from io import BytesIO

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from dateline.newsroom import create_app
from dateline.newsroom.access import forms
from dateline.newsroom.saving import digest
from dateline.publish.notify import last_run
from support.publication import Newsroom, entry_file, picture
from support.staff import AT, Staff, configure, seen

PASSWORD = "correct-horse-battery-staple"  # noqa: S105 - of a test
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
BODY = "First\r\n\r\n<Second> & 'third'"
TYPED = {"do": "publish", "title": "Typed for an hour", "date": "25 November 2026", "body": BODY}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """Return a newsroom with a person of each role, and news."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "entries").mkdir()
    newsroom = Newsroom(folder)
    people = (
        f'[[newsroom.person]]\nname = "{role}"\nrole = "{role}"\npassword = "{HASH}"\n'
        for role in ("reader", "writer", "editor")
    )
    configure(newsroom, own="max_upload = 1_000_000\n" + "".join(people))
    newsroom.drop("old.toml", entry_file("Old"))
    staff = Staff(newsroom)
    staff.build()
    return staff


@pytest.fixture
def browser(desk: Staff) -> FlaskClient:
    """Return a browser that is not signed in."""
    return create_app(desk.room).test_client()


def send(browser: FlaskClient, address: str = "/write", **values: object) -> TestResponse:
    """Send a form as the page for writing has it."""
    boundary, data = encode_multipart({"word": "ended", **values})
    kind = f"multipart/form-data; boundary={boundary}"
    return browser.post(address, base_url=AT, data=data, content_type=kind)


def file(data: bytes) -> FileStorage:
    """Return a file as it is chosen in a form."""
    return FileStorage(BytesIO(data), "quay.png")


def sign_in(
    browser: FlaskClient, page: TestResponse, name: str, password: str = PASSWORD
) -> TestResponse:
    """Fill in the page to sign in that was the answer to a form, and send it."""
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    fields = {key: unescape(value) for key, value in hidden}
    return send(browser, "/sign-in", **fields, name=name, password=password)


def typed(page: TestResponse) -> dict[str, str]:
    """Return what the form for writing has in it."""
    areas = re.findall(r'<textarea id="field-(\w+)"[^>]*>\n(.*?)</textarea>', page.text, re.DOTALL)
    lines = re.findall(r'<input id="field-(\w+)"[^>]* value="([^"]*)"', page.text)
    return {name: unescape(text) for name, text in (*areas, *lines) if text}


def word(page: TestResponse) -> str:
    """Return the word of the forms of a page."""
    found = re.search(r'name="word" value="([^"]+)"', page.text)
    assert found
    return found[1]


def files(desk: Staff) -> set[str]:
    """Return the names of the files in the folder of entries."""
    return {path.name for path in (desk.newsroom.folder / "entries").iterdir()}


def test_what_was_typed_comes_back_after_signing_in_again(
    desk: Staff, browser: FlaskClient
) -> None:
    """After a wrong password, too; nothing is saved before the form is sent once more."""
    ended = send(browser, **TYPED)
    wrong = sign_in(browser, ended, "writer", "wrong")
    back = sign_in(browser, wrong, "writer")
    before = files(desk)
    saved = send(browser, **{**TYPED, **typed(back), "word": word(back)})
    written = "2026-11-25-typed-for-an-hour.toml"
    text = (desk.newsroom.folder / "entries" / written).read_text("utf-8")

    assert (ended.status_code, wrong.status_code, back.status_code) == (403, 403, 200)
    assert "You are not signed in any more. Nothing was saved." in seen(ended.text)
    assert "You are signed in again. Nothing was saved yet" in seen(back.text)
    assert typed(back) == {name: TYPED[name] for name in ("title", "date", "body")}
    assert "Sign out" in back.text
    assert before == {"old.toml"}
    assert saved.status_code == 303
    assert "First\n\n<Second> & 'third'" in text


def test_a_file_has_to_be_chosen_again(desk: Staff, browser: FlaskClient) -> None:
    """Nobody who is not signed in has a file kept; the page says what to do."""
    ended = send(browser, **TYPED, upload=file(picture()))
    back = sign_in(browser, ended, "writer")

    assert "choose the file again" in seen(back.text)
    assert typed(back)["title"] == "Typed for an hour"
    assert "quay.png" not in files(desk)


def test_an_edit_and_a_reason_come_back(browser: FlaskClient) -> None:
    """As the page of the same file; a form of two versions shows them again."""
    edit = sign_in(browser, send(browser, file="old.toml", **TYPED), "editor")
    browser.delete_cookie("dateline", domain="127.0.0.1")
    seen_now = {"seen": digest(entry_file("Old").encode()), "part-1": "theirs"}
    settle = send(browser, file="old.toml", do="settle", yours='title = "Mine"\n', **seen_now)
    settled = sign_in(browser, settle, "editor")
    browser.delete_cookie("dateline", domain="127.0.0.1")
    asked = send(browser, "/retract", file="old.toml", reason="A wrong figure.")
    retract = sign_in(browser, asked, "editor")
    browser.delete_cookie("dateline", domain="127.0.0.1")
    request = send(browser, "/ask", file="old.toml", reason="A name must go.")
    ask = sign_in(browser, request, "editor")

    assert "Edit old.toml" in edit.text
    assert typed(edit)["body"] == BODY
    assert "old.toml was changed meanwhile" in seen(settled.text)
    assert "Mine" in seen(settled.text)
    assert 'name="part-1" value="theirs" checked' in settled.text
    assert "Retract old.toml" in seen(retract.text)
    assert "A wrong figure." in seen(retract.text)
    assert ">A name must go.</textarea>" in ask.text


def test_a_reason_for_an_entry_that_is_gone_hinders_nobody(browser: FlaskClient) -> None:
    """Its editor is signed in all the same; an old page of it is refused, and does nothing."""
    locations, pages = [], []
    for address in ("/retract", "/ask"):
        sent = send(browser, address, file="gone.toml", reason="A wrong figure.")
        locations.append(sign_in(browser, sent, "editor").location)
        pages.append(browser.get("/", base_url=AT).text)
        browser.delete_cookie("dateline", domain="127.0.0.1")
    sign_in(browser, send(browser, **TYPED), "editor")
    old = [
        *(send(browser, address, file="gone.toml", reason="X") for address in ("/retract", "/ask")),
        send(browser, file="no-entry.png", **TYPED),
    ]

    assert locations == ["/retract?file=gone.toml", "/ask?file=gone.toml"]
    assert all("Sign out" in page for page in pages)
    assert [one.status_code for one in old] == [403, 403, 403]
    assert all("too old" in seen(one.text) for one in old)


def test_what_was_typed_comes_back_while_no_run_is_done(desk: Staff, browser: FlaskClient) -> None:
    """As for a moment while an entry is taken down, and after an upgrade."""
    own = {**TYPED, "title": "Typed meanwhile"}
    sent = {**own, "word": word(sign_in(browser, send(browser, **own), "writer"))}
    last_run.forget(desk.newsroom.config)
    back = send(browser, **sent)
    desk.build()
    saved = send(browser, **{**sent, **typed(back), "word": word(back)})

    assert (back.status_code, saved.status_code) == (503, 303)
    assert "Nothing was saved. Try again." in seen(back.text)
    assert typed(back)["body"] == TYPED["body"]
    assert "http-equiv" not in back.text


def test_who_may_not_write_gets_nothing_to_send(browser: FlaskClient) -> None:
    """The page that follows says who may."""
    answer = sign_in(browser, send(browser, **TYPED), "reader")

    assert (answer.status_code, answer.location) == (303, "/write")
    assert "writer, editor" in browser.get("/write", base_url=AT).text


@pytest.mark.parametrize(
    "fields",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8001"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_no_other_site_puts_text_into_the_form(
    browser: FlaskClient, fields: dict[str, str]
) -> None:
    """Its form is answered as any form of somebody who is not signed in, also that to sign in."""
    data = {**TYPED, "word": "x"}
    kept = {"to": "send", "name": "writer", "password": "x", "kept.title": "Typed"}
    answer = browser.post("/write", base_url=AT, data=data, headers=fields)
    page = browser.post("/sign-in", base_url=AT, data=kept, headers=fields)

    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert page.status_code == 403
    assert "Typed" not in answer.text + page.text


def test_what_is_kept_is_bounded(browser: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither endless texts, nor endless files, nor many at once, and only forms with text."""
    monkeypatch.setattr(forms, "_PATIENCE", 0.01)
    long = [send(browser, body="x" * size) for size in (1_250_001, forms.LONGEST_FORM + 1)]
    whole = send(browser, body="y\r\n" * 500_000)
    back = send(browser, "/sign-in", **{"to": "send", "kept.body": "y" * 1_250_001})
    large = send(browser, upload=file(b"x" * (forms.LONGEST_FORM + 10_000_001)))
    other = send(browser, "/allow", code="x")
    with forms._turns.turn(), forms._turns.turn():  # noqa: SLF001 - as for two others
        full = send(browser, **TYPED)

    assert {one.location for one in (*long, large, other)} == {"/sign-in"}
    assert [("yy" if one is back else "y\r\n") in one.text for one in (whole, back)] == [
        True,
        False,
    ]
    assert (full.status_code, "Typed" in full.text) == (503, False)
    plain = browser.post("/sign-in", base_url=AT, data={"kept.body": "x" * 20_000})
    assert plain.status_code in {404, 413}


@pytest.mark.long
def test_a_form_of_very_many_fields_costs_little(browser: FlaskClient) -> None:
    """Each would be an object in memory, and an input in the page: only its names count there."""
    kind = "application/x-www-form-urlencoded"
    empty = {"data": b"a&" * 500_000, "content_type": kind}
    tracemalloc.start()
    answers = [browser.post(path, base_url=AT, **empty) for path in ("/write", "/sign-in")]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    named = send(browser, **{f"{number}{'n' * 3000}": "" for number in range(500)})

    assert [one.status_code for one in answers] == [303, 404]
    assert all(len(one.data) < 1000 for one in answers)
    assert most < 10_000_000
    assert (named.status_code, named.location) == (303, "/sign-in")


@pytest.mark.parametrize(("what", "parts"), [(b"\r\nA:", 1), (b"\r\nA:", 400), (b";a=b", 1)])
def test_a_form_with_much_before_its_parts_costs_little(
    browser: FlaskClient, what: bytes, parts: int
) -> None:
    """Each line or parameter would be an object, too, and those before a file would stay."""
    name = b'Content-Disposition: form-data; name="upload"; filename="a"'
    part = b"--x\r\n" + name + what * (400_000 // parts) + b"\r\n\r\n\r\n"
    long = {"data": part * parts + b"--x--\r\n", "content_type": "multipart/form-data; boundary=x"}
    tracemalloc.start()
    answer = browser.post("/write", base_url=AT, **long)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 16_000_000
    assert len(answer.data) < 5000
    assert answer.status_code == 303


def test_the_fields_of_a_form_are_bounded_together(browser: FlaskClient) -> None:
    """Nobody fills the memory with many of them; a large file beside them counts as a file."""
    boundary, data = encode_multipart({f"{number}": "x" * 1_000_000 for number in range(13)})
    kind = f"multipart/form-data; boundary={boundary}"
    tracemalloc.start()
    stranger = browser.post("/write", base_url=AT, data=data, content_type=kind)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    with_file = send(browser, **TYPED, upload=file(b"x" * (forms.LONGEST_FORM + 1_000_000)))
    back = sign_in(browser, with_file, "writer")
    writer = browser.post("/write", base_url=AT, data=data, content_type=kind)

    assert (stranger.status_code, stranger.location) == (303, "/sign-in")
    assert most < 2 * forms.LONGEST_FORM
    assert typed(back)["body"] == BODY
    assert writer.status_code == 413


def test_strangers_who_send_slowly_keep_nobody_from_a_form(
    desk: Staff, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many forms are under way, that of another comes back at once."""
    monkeypatch.setattr(forms, "_PATIENCE", 0.01)
    begun, end = threading.Semaphore(0), threading.Event()

    class Slow(BytesIO):
        def readinto(self, _: object) -> int:
            begun.release()
            end.wait(5)
            return 0

    def dawdle() -> None:
        stranger = create_app(desk.room).test_client()
        kind = "multipart/form-data; boundary=b"
        stranger.post("/write", base_url=AT, input_stream=Slow(b"x" * 1000), content_type=kind)

    strangers = [threading.Thread(target=dawdle) for _ in range(3)]
    for one in strangers:
        one.start()
        assert begun.acquire(timeout=5)
    answer = send(browser, **TYPED)
    end.set()
    for one in strangers:
        one.join()

    assert "Typed for an hour" in answer.text


def test_what_no_browser_sends_is_no_fault(desk: Staff, browser: FlaskClient) -> None:
    """A part of a form without a name is left out, and a cookie in another encoding is none."""
    boundary, data = encode_multipart({"word": "ended", **TYPED})
    nameless = b"--%b\r\nContent-Disposition: form-data\r\n\r\nx\r\n" % boundary.encode()
    kind = f"multipart/form-data; boundary={boundary}"

    answer = browser.post("/write", base_url=AT, data=nameless + data, content_type=kind)
    odd = create_app(desk.room).test_client(use_cookies=False)
    other = odd.get("/sign-in", base_url=AT, environ_overrides={"HTTP_COOKIE": "dateline=\xff"})

    assert (answer.status_code, other.status_code) == (403, 200)
    assert "Typed for an hour" in answer.text


def test_a_form_of_an_old_page_comes_back(desk: Staff, browser: FlaskClient) -> None:
    """As when somebody else has signed in in the same browser meanwhile."""
    back = sign_in(browser, send(browser, **TYPED), "writer")
    before = files(desk)
    old = send(browser, **TYPED)
    foreign = [
        browser.post("/write", base_url=AT, data=TYPED, headers=fields)
        for fields in ({"Sec-Fetch-Site": "same-site"}, {"Origin": "http://other.example"})
    ]

    assert {one.status_code for one in (old, *foreign)} == {403}
    assert "The page was too old. Nothing was saved. Your text is still here" in seen(old.text)
    assert typed(old)["body"] == BODY
    assert word(old) == word(back)
    assert not any("Typed" in one.text for one in foreign)
    assert files(desk) == before


def test_a_file_that_is_too_large_leaves_the_text(desk: Staff, browser: FlaskClient) -> None:
    """Whatever the button was; up to ten times the limit is read for it."""
    back = sign_in(browser, send(browser, **TYPED), "writer")
    before = files(desk)
    answers = [
        send(browser, **{**TYPED, "do": do}, word=word(back), upload=file(data))
        for do, data in (("upload", picture() + b"x" * 1_000_000), ("publish", b"x" * 9_000_000))
    ]

    assert {one.status_code for one in answers} == {422}
    assert all("The file is too large. Nothing was saved." in seen(one.text) for one in answers)
    assert [typed(one)["body"] for one in answers] == [BODY, BODY]
    assert files(desk) == before


def test_pages_with_forms_say_where_a_form_comes_from(browser: FlaskClient) -> None:
    """To this site alone: over plain HTTP a browser sends `Origin: null` otherwise."""
    sign_in(browser, send(browser, **TYPED), "editor")
    paths = ("/write", "/retract?file=old.toml", "/ask?file=old.toml", "/")
    pages = [browser.get(path, base_url=AT, follow_redirects=True) for path in paths]

    policies = [page.headers["Referrer-Policy"] for page in pages]
    assert policies == ["same-origin", "same-origin", "same-origin", "no-referrer"]
