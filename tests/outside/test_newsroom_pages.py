"""The staff's pages in a real browser: layout, accessibility and actions.

With `PICTURES=1`, pictures stay in `.cache/outside/newsroom/`, for people to look at.
"""

from __future__ import annotations

import json
import os
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import sleep

import httpx
import pytest
from argon2 import PasswordHasher

from dateline.ledger import Ledger
from dateline.publish import ledger_url
from outside.browsing import DESK, TELEPHONE, WINDOWS, Browser, chromium, faults_of
from outside.programs import BROUGHT
from support.paths import DATA
from support.publication import CONFIG, Newsroom, entry_file
from support.publication import picture as drawn
from support.receiving import answering
from support.serving import PATIENCE, free_port, serve, until

pytestmark = pytest.mark.outside

WORD = "vT3_q8Zr-Lm51xKcD"
PASSWORD = "correct-horse-battery-staple"  # noqa: S105 - of a test
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
PICTURES = BROUGHT / "newsroom"
NEW_FORM = f"write?form={'0' * 32}"
PAGES = {
    "front": "",
    "held": "entries/held",
    "live": "entries/live",
    "scheduled": "entries/scheduled",
    "search": "entries/all?q=news&topic=x",
    "coming": "coming",
    "history": "history?entry=right.toml",
    "figures": "figures",
    "year": "figures?weeks=52",
    "preview": "preview?file=a.toml",
    "preview-reader": "preview?file=a.toml&as=reader",
    "preview-draft": "preview?file=draft.toml",
    "preview-partial": "preview?file=wrong.toml",
    "preview-written": "preview?file=markup.toml",
    "write": NEW_FORM,
    "edit": "edit?file=a.toml",
    "retract": "retract?file=old-1.toml",
    "withdraw": "withdraw?file=old-1.toml",
    "restore": "restore?entry=right.toml&version=1",
    "take-down": "take-down?entry=old-1.toml",
    "ask": "ask?file=old-1.toml",
    "edit-text": "edit?file=broken.toml",
    "404": "entries/nowhere",
}
STATUSES = {"404": 404, "faulty": 422, "old-page": 403, "refused": 403, "ended": 403}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield a browser."""
    with chromium() as browser:
        yield browser


class Room:
    """A publication that is served, with something in every state, and its newsroom."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        (folder / "entries").mkdir(parents=True)
        self.speak("en")

    def speak(self, language: str) -> None:
        """Set the language of the pages, from the next start on."""
        self.language = language
        tables = (
            f'[newsroom]\ntoken = "{WORD}"\nport = {self.port}\nlanguage = "{language}"\n'
            f'[[newsroom.person]]\nname = "Desk"\nrole = "editor"\npassword = "{HASH}"\n'
            "[intake]\ncooling = 0\n[alarm]\nafter = 1\n"
        )
        self.config = CONFIG + tables
        (self.folder / "config.toml").write_text(self.config, encoding="utf-8")

    def drop(self, name: str, title: str, **fields: str) -> None:
        """Write an entry; its date is today unless `fields` have another."""
        fields.setdefault("date", f"{datetime.now(UTC):%Y-%m-%d}")
        (self.folder / "entries" / name).write_text(entry_file(title, **fields), encoding="utf-8")

    def wait(self, address: str, text: str) -> None:
        """Wait until a page contains a text."""
        with httpx.Client(base_url=self.url) as staff:
            assert until(lambda: self._says(staff, f"?token={WORD}")), "there is no newsroom"
            assert until(lambda: self._says(staff, address, text)), f"{address}: {text}"

    def _says(self, staff: httpx.Client, address: str, text: str = "") -> bool:
        try:
            answer = staff.get(address)
        except httpx.TransportError:
            return False
        return answer.status_code == httpx.codes.OK and text in answer.text

    def cool(self) -> None:
        """Make new entries wait before publication from now on."""
        cooling = self.config.replace("cooling = 0", "cooling = 600")
        (self.folder / "config.toml").write_text(cooling, encoding="utf-8")


@pytest.fixture(scope="module")
def filled_room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """Return a newsroom with content in every list: published, changed, and published again."""
    room = Room(tmp_path_factory.mktemp("room"))
    desk = Newsroom(room.folder, now=datetime.now(UTC) - timedelta(minutes=3))
    filled(room)
    desk.build()
    changed(room)
    desk.build()
    deliver(desk)
    return room


@pytest.fixture(scope="module")
def spoken(request: pytest.FixtureRequest, filled_room: Room) -> Iterator[Room]:
    """Yield it, served in a language."""
    room = filled_room
    room.speak(request.param)
    with serve(room.folder) as served:
        for name in ("a.toml", "wrong.toml", "markup.toml"):
            room.wait("entries/held", name)
        room.wait("entries/retracted", "back.html")
        room.wait("figures", "102")
        served.printed()
        yield room


def filled(room: Room) -> None:
    """Write entries in every state, and a log."""
    (room.folder / "entries/p.png").write_bytes(drawn())
    for number in range(60):
        room.drop(f"old-{number}.toml", f"Old news {number}", date=f"2026-{number % 10 + 1:02}-11")
    room.drop("a.toml", "Report on trafficking in Lebanon", image='"p.png"', image_alt='"A"')
    room.drop("long.toml", "كل الأخبار", language='"ar"', categories='["Lebanon"]')
    room.drop("draft.toml", "A draft with a picture", draft="true", image='"p.png"')
    room.drop("later.toml", "Later", date=soon(timedelta(hours=3)))
    room.drop("odd-name-" + "x" * 60 + ".toml", "Odd", colour='"blue"')
    room.drop("held.toml", "Held", date='"30 February"')
    room.drop("wrong.toml", "A conference in Beirut")
    room.drop("markup.toml", "To be made bold")
    room.drop("back.toml", "Taken back")
    room.drop("broken.toml", 'Not "closed')
    room.drop("right.toml", "To be corrected")
    log(room.folder / "state/log")


def soon(after: timedelta) -> str:
    """Return a time as it is written in a file."""
    return f"{datetime.now(UTC) + after:%Y-%m-%dT%H:%M:%SZ}"


def deliver(desk: Newsroom) -> None:
    """Note that readers had an entry, and have not had another."""
    noted = int(datetime.now(UTC).timestamp() * 1000)
    with Ledger(ledger_url(desk.config)) as ledger:
        ids = [ledger.entries.id_of(name) or "" for name in ("right.toml", "old-1.toml")]
        versions = {(one, 2 - number) for number, one in enumerate(ids)}
        for one in ledger.deliveries.note(versions, noted):
            is_through = one.entry == ids[0]
            seen = replace(one, served=noted + 450, pushed=8120, subscribers=8150)
            ledger.deliveries.set([replace(seen, reached=noted + 2190 if is_through else None)])
        ledger.commit()


def log(folder: Path) -> None:
    """Write an access log of a fortnight."""
    folder.mkdir(parents=True)
    for number in range(14):
        day = f"{datetime.now(UTC) - timedelta(days=number):%Y-%m-%d}"
        with (folder / f"access-{day}.jsonl").open("w", encoding="utf-8") as file:
            for path, status, count in (
                ("/news.atom", 200, 900 + 61 * number),
                ("/news.atom", 304, 4000 + 237 * (number % 5)),
                (f"/2026/01/old-news-{number // 10}0.html", 200, 10 + number),
            ):
                line = {"time": f"{day}T08:00:00Z", "method": "GET", "path": path,
                        "status": status, "bytes": 9, "coding": "", "count": count,
                        "agent": "Feedbin feed-id:1697787 - 1,102 subscribers"}  # fmt: skip
                file.write(f"{json.dumps(line)}\n")


def changed(room: Room) -> None:
    """Change entries, so that some are held, withdrawn or corrected."""
    room.drop("a.toml", "Report on human trafficking in Lebanon", draft="true")
    room.drop("back.toml", "Taken back", status='"retracted"', retraction='"Wrong."')
    room.drop("right.toml", "To be corrected", correction='"It was 60."')
    room.drop("wrong.toml", "A conference in Tyre", event='"32 December"')
    room.drop("markup.toml", "To be made <b>bold</b>")


@pytest.mark.parametrize("spoken", WINDOWS, indirect=True)
def test_a_page_fits_its_window_and_is_accessible(spoken: Room, browser: Browser) -> None:
    """No horizontal scrolling, no fault found by axe, and no remote request."""
    (width, scheme), faults = WINDOWS[spoken.language], list[str]()
    browser.do("open", width, scheme, True)  # noqa: FBT003 - a step's word
    sign_in_by_link(browser, spoken)
    for name, address in [*PAGES.items(), ("sign-in", "sign-in")]:
        if name == "sign-in":
            browser.do("open", width, scheme, True)  # noqa: FBT003 - without the cookie
        browser.do("forget")
        status = browser.do("go", spoken.url + address)
        picture(browser, f"{name}-{spoken.language}-{width}-{scheme}")
        found = [] if status == STATUSES.get(name, 200) else [str(status)]
        found += browser.do("overflow") + browser.do("judge") + messages(browser, spoken, name)
        faults += [f"{name}: {fault}" for fault in found]

    assert not faults, "\n".join(faults)


def sign_in_by_link(browser: Browser, room: Room) -> None:
    """Sign in by the link with the word of the house, and wait for the first page."""
    browser.do("go", f"{room.url}?token={WORD}")
    browser.do("arrive", room.url)


def messages(browser: Browser, room: Room, name: str) -> list[str]:
    """Return the browser's warnings, and its remote requests."""
    said = browser.do("said")
    # Chromium logs each 404.
    expected = f"Failed to load resource: the server responded with a status of {name} "
    complaints = [one for one in said["complaints"] if not one.startswith(expected)]
    own = (room.url, "data:,")
    return complaints + [address for address, _ in said["asked"] if not address.startswith(own)]


def picture(browser: Browser, name: str) -> None:
    """Keep a picture of a page, if pictures are wanted."""
    if "PICTURES" not in os.environ:
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    browser.do("picture", str(PICTURES / f"{name}.png"))


@pytest.mark.parametrize("spoken", ["en", "ar", "zh"], indirect=True)
def test_pages_are_valid(tmp_path: Path, spoken: Room) -> None:
    """The Nu HTML checker finds no fault in pages and styles, in three scripts."""
    with httpx.Client(base_url=spoken.url, timeout=PATIENCE) as staff:
        come_in = staff.get(f"?token={WORD}")
        pages = {name: staff.get(address) for name, address in PAGES.items()}
        pages |= answers(staff)
        pages["sign-in"] = httpx.get(f"{spoken.url}sign-in", timeout=PATIENCE)
        pages["style"] = staff.get("static/newsroom.css")
    files = []
    for name, page in {**pages, "come-in": come_in}.items():
        assert page.status_code == STATUSES.get(name, 200)
        file = tmp_path / f"{name}.{'css' if name == 'style' else 'html'}"
        file.write_bytes(page.content)
        files.append(file)

    assert faults_of(*files) == []
    assert max(len(page.content) for page in pages.values()) < 60_000


def answers(staff: httpx.Client) -> dict[str, httpx.Response]:
    """Return pages that answer forms; none of them saves anything."""
    found = re.search(r'name="word" value="([^"]+)"', staff.get(NEW_FORM).text)
    assert found
    form = {"title": "A <b>title</b>", "date": "30 February", "body": "Text", "do": "publish"}
    own = {**form, "word": found[1]}
    there = {**own, "title": "To be corrected again", "file": "right.toml", "seen": "x"}
    del there["date"], there["body"]
    return {
        "faulty": staff.post("write", data=own),
        "settle": staff.post("write", data=there),
        "old-page": staff.post("write", data=form),
        "refused": staff.post("allow", data={"code": "x"}),
        "ended": httpx.post(f"{staff.base_url}write", data=form, timeout=PATIENCE),
    }


def test_staff_preview_wait_and_allow(tmp_path: Path, browser: Browser) -> None:
    """From the token to a withdrawal, in one browser, without reloading."""
    room = Room(tmp_path)
    for number in range(3):
        room.drop(f"{number}.toml", f"News {number}")
    room.drop("draft.toml", "A draft", draft="true")
    room.drop("later.toml", "Later", date=soon(timedelta(minutes=50)))
    with serve(tmp_path) as served:
        room.wait("entries/draft", "draft.toml")
        browser.do("open", DESK, "light", True)  # noqa: FBT003
        sign_in_by_link(browser, room)
        left = browser.do("see", ".left")
        later = browser.do("until_other", ".left", left)
        browser.do("mark")
        for number in range(3):
            (tmp_path / f"entries/{number}.toml").unlink()
        held = browser.do("see", "article.guard")
        is_same_page = browser.do("marked")
        code = held.rpartition("allow ")[2].split()[0] if "allow " in held else ""
        browser.do("click", "article.guard details[id^=allow-] summary")
        browser.do("click", "article.guard button[id^=sure-]")
        done = browser.do("see", ".done")
        assert until(lambda: b'"items": []' in served.get("news.json").content.replace(b"\n", b""))
        said = browser.do("said")

    assert left.startswith("in 49 min")
    assert later != left
    assert "3 of 3 published files are gone" in held
    assert is_same_page
    assert "was allowed" in done
    assert code
    assert said["complaints"] == []
    assert [one for one in said["asked"] if WORD in one[1]] == []


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_staff_send_a_preview_to_a_colleague(spoken: Room, browser: Browser) -> None:
    """Both versions are side by side; the colleague's browser has no cookie and no other access."""
    browser.do("open", DESK, "light", True)  # noqa: FBT003
    sign_in_by_link(browser, spoken)
    browser.do("go", f"{spoken.url}preview?file=a.toml")
    versions = [browser.do("frame", f"iframe >> nth={n}", "h1") for n in (0, 1)]
    address = browser.do("see", ".address code")
    browser.do("open", TELEPHONE, "light", True)  # noqa: FBT003
    status = browser.do("go", address)
    title = browser.do("see", "h1")
    picture(browser, "colleague")
    browser.do("go", spoken.url)
    front = browser.do("address")

    assert versions == [
        "Report on trafficking in Lebanon",
        "Report on human trafficking in Lebanon",
    ]
    assert (status, title) == (200, versions[1])
    assert front == f"{spoken.url}sign-in"


def test_a_saved_file_appears_in_its_preview(tmp_path: Path, browser: Browser) -> None:
    """By itself, at the same scroll position; an unchanged frame is not reloaded."""
    room = Room(tmp_path)
    text = '"""\n' + "One more paragraph.\n\n" * 200 + '"""'
    room.drop("a.toml", "Out", body=text)
    with serve(tmp_path):
        room.wait("entries/live", "Out")
        room.drop("a.toml", "First", draft="true", body=text)
        browser.do("open", DESK, "light", True)  # noqa: FBT003
        sign_in_by_link(browser, room)
        browser.do("go", f"{room.url}preview?file=a.toml")
        live, new = (f"iframe >> nth={number}" for number in (0, 1))
        before = [browser.do("scrolled", frame, 700) for frame in (live, new)]
        sleep(11)
        loaded = pages_loaded(browser)
        room.drop("a.toml", "Second", event='"32 December"', body=text)
        assert until(lambda: browser.do("frame", new, "h1") == "Second")
        assert until(lambda: browser.do("scrolled", new) == 700)
        said = browser.do("see", "mark")
        again = pages_loaded(browser)
        stays = browser.do("scrolled", live)
        complaints = browser.do("said")["complaints"]

    assert before == [700, 700]
    assert loaded == {"live-page": 1, "new-page": 1}
    assert "32 December" in said
    assert again == {"live-page": 1, "new-page": 2}
    assert stays == 700
    assert complaints == []


def pages_loaded(browser: Browser) -> Counter[str]:
    """Return how often each page was loaded into a preview."""
    names = (address.rpartition("/")[2] for address, _ in browser.do("said")["asked"])
    return Counter(name for name in names if name.endswith("-page"))


def test_a_link_in_a_preview_opens_on_the_site(tmp_path: Path, browser: Browser) -> None:
    """In a tab of its own; the preview, which may show no other page, stays."""
    room = Room(tmp_path)
    room.drop("a.toml", "Out")
    with serve(tmp_path) as served:
        room.wait("entries/live", "Out")
        link = f"[Where news is]({served.url}index.html)"
        room.drop("b.toml", "A draft", draft="true", body=f'"""\n{link}\n"""')
        browser.do("open", DESK, "light", True)  # noqa: FBT003
        sign_in_by_link(browser, room)
        browser.do("go", f"{room.url}preview?file=b.toml")
        opened = browser.do("opened", "iframe", "text=Where news is")
        title = browser.do("frame", "iframe", "h1")
        complaints = browser.do("said")["complaints"]

    assert opened == f"{served.url}index.html"
    assert title == "A draft"
    assert complaints == []


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_staff_write_with_scripts(spoken: Room, browser: Browser, tmp_path: Path) -> None:
    """Pasted from Word, with pictures; a text that was not saved comes back after a crash."""
    entries = spoken.folder / "entries"
    (tmp_path / "pier.png").write_bytes(drawn("red"))
    word = (DATA / "pasted/word.html").read_text("utf-8")
    browser.do("open", TELEPHONE, "light", True)  # noqa: FBT003
    sign_in_by_link(browser, spoken)
    browser.do("go", f"{spoken.url}write")
    browser.do("type", "#field-title", "Written at the desk")
    browser.do("fill", "#field-date", "tomorrow")
    refused = browser.do("see", "#said-date .wrong")
    browser.do("fill", "#field-date", f"{datetime.now(UTC):%d %B %Y}")
    reads = browser.do("see", "#said-date .reads")
    browser.do("paste", "#field-body", word, "plain")
    assert until(lambda: "- judges are trained;" in browser.do("value", "#field-body"))
    browser.do("choose", "#upload", str(tmp_path / "pier.png"))
    assert until(lambda: browser.do("value", "#field-image") == "pier.png")
    quay = b64encode(drawn("green")).decode()
    browser.do("drop", "#field-body", "quay.png", "image/png", quay)
    assert until(lambda: "](quay.png)" in browser.do("value", "#field-body"))
    browser.do("fill", "#field-image_alt", "A pier")
    shown = browser.do("frame", "#shown-page", "h1")
    browser.do("go", f"{spoken.url}write")
    browser.do("click", "#bring-back")
    back = browser.do("value", "#field-title")
    browser.do("click", "button.safe >> text=Publish")
    done = browser.do("see", ".done")
    complaints = browser.do("said")["complaints"]
    name = f"{datetime.now(UTC):%Y-%m-%d}-written-at-the-desk.toml"
    spoken.wait("entries/live", name)

    assert "tomorrow" in refused
    assert reads.startswith("Read as ")
    assert (back, shown) == ("Written at the desk", "Written at the desk")
    assert done == f"{name} is saved. Readers have it in a moment."
    assert 'image_alt = "A pier"' in (entries / name).read_text("utf-8")
    assert (entries / "quay.png").read_bytes() == drawn("green")
    assert complaints == []


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_a_button_waits_for_the_files_that_are_being_sent(spoken: Room, browser: Browser) -> None:
    """An entry that is published meanwhile has its picture."""
    browser.do("open", DESK, "light", True)  # noqa: FBT003
    sign_in_by_link(browser, spoken)
    browser.do("go", f"{spoken.url}write")
    send = "XMLHttpRequest.prototype.send"
    later = "function (...all) { setTimeout(() => send.apply(this, all), 1000); }"
    browser.do("before", f"const send = {send}; {send} = {later};")
    browser.do("go", f"{spoken.url}write")
    browser.do("fill", "#field-title", "Dredging begins")
    browser.do("fill", "#field-body", "Two ships dredge.")
    sent = b64encode(drawn("blue")).decode()
    browser.do("drop", "#field-image", "dredger.png", "image/png", sent)
    browser.do("click", "button.safe >> text=Publish")
    browser.do("see", ".done")

    (file,) = (spoken.folder / "entries").glob("*dredging-begins.toml")
    assert 'image = "dredger.png"' in file.read_text("utf-8")


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_of_files_dropped_at_once_each_refusal_stays(spoken: Room, browser: Browser) -> None:
    """Above what is saved: it is why a button that was pressed meanwhile does nothing."""
    browser.do("open", DESK, "light", True)  # noqa: FBT003
    sign_in_by_link(browser, spoken)
    send = "XMLHttpRequest.prototype.send"
    later = "function (...all) { setTimeout(() => send.apply(this, all), 500); }"
    browser.do("before", f"const send = {send}; {send} = {later};")
    browser.do("go", f"{spoken.url}write")
    browser.do("fill", "#field-title", "Two of three")
    files = [("a.xyz", "", "YQ=="), ("mole.png", "image/png", b64encode(drawn("red")).decode())]
    browser.do("drop", "#field-body", *(part for one in (*files, files[0]) for part in one))
    browser.do("click", "button.safe >> text=Publish")
    assert until(lambda: browser.do("see", "#progress").count("\n") == 2)
    lines = browser.do("see", "#progress.alarm").splitlines()
    text = browser.do("value", "#field-body")
    browser.do("drop", "#field-body", "mole.png", "image/png", files[1][2])
    assert until(lambda: browser.do("see", "#progress") == lines[2])

    refusal = "a.xyz – Pictures and documents of this kind, or with this name, cannot be published."
    assert lines[0] == lines[1] == f"{refusal} Nothing was saved."
    assert (lines[2], "](mole.png)" in text) == ("mole.png is saved. Describe what it shows.", True)
    assert not [*(spoken.folder / "entries").glob("*two-of-three*")]
    assert browser.do("count", "#progress.alarm") == 0


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_a_file_that_is_added_after_a_session_asks_to_sign_in(
    spoken: Room, browser: Browser
) -> None:
    """With the text of the form."""
    browser.do("open", DESK, "light", True)  # noqa: FBT003
    browser.do("go", f"{spoken.url}sign-in")
    browser.do("fill", "[name=name]", "Desk")
    browser.do("fill", "[name=password]", PASSWORD)
    browser.do("click", "form button")
    browser.do("arrive", spoken.url)
    browser.do("go", f"{spoken.url}write")
    browser.do("fill", "#field-title", "Dredging ends")
    browser.do("leave")
    sent = b64encode(drawn("blue")).decode()
    browser.do("drop", "#field-image", "dredger.png", "image/png", sent)
    browser.do("fill", "[name=name]", "Desk")
    browser.do("fill", "[name=password]", PASSWORD)
    browser.do("click", "form button")

    assert until(lambda: browser.do("value", "#field-title") == "Dredging ends")


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
@pytest.mark.parametrize("has_scripts", [True, False])
def test_the_way_back_leads_to_the_same_entry(
    spoken: Room, browser: Browser, *, has_scripts: bool
) -> None:
    """Two clicks make one file, which a correction after the browser's Back changes."""
    title = f"Twice {has_scripts}".lower()
    browser.do("open", DESK, "light", has_scripts)
    browser.do("go", f"{spoken.url}?token={WORD}")
    browser.do("go", spoken.url)
    browser.do("go", f"{spoken.url}write")
    browser.do("fill", "#field-title", title)
    browser.do("fill", "#field-body", "Sixty csaes.")
    browser.do("click_twice", "button.safe >> text=Publish")
    browser.do("see", ".done")
    spoken.wait("entries/live", title)
    browser.do("back")
    browser.do("fill", "#field-body", "Sixty cases.")
    browser.do("click", "[name=do][value=publish]")
    said = browser.do("see", ".done")

    (file,) = (spoken.folder / "entries").glob(f"*{title.replace(' ', '-')}*.toml")
    assert said == f"{file.name} is saved. Readers have it in a moment."
    assert "Sixty cases." in file.read_text("utf-8")


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_unsaved_text_is_its_writers_alone(spoken: Room, browser: Browser) -> None:
    """The next person at the browser does not see it, and signing out discards one's own."""

    def sign_in() -> None:
        browser.do("go", f"{spoken.url}sign-in")
        browser.do("fill", "#name", "Desk")
        browser.do("fill", "#password", PASSWORD)
        browser.do("click", "button")
        browser.do("arrive", spoken.url)

    def is_offered() -> bool:
        browser.do("go", f"{spoken.url}write")
        found: int = browser.do("count", "#kept:not([hidden])")
        return found == 1

    browser.do("open", DESK, "light", True)  # noqa: FBT003
    sign_in()
    browser.do("go", f"{spoken.url}write")
    browser.do("type", "#field-title", "Of Desk alone")
    own = is_offered()
    sign_in_by_link(browser, spoken)
    of_another = is_offered()
    browser.do("type", "#field-title", "Of the house")
    browser.do("click", "text=Sign out")
    browser.do("see", "h1")
    sign_in()
    again = is_offered()
    browser.do("click", "text=Sign out")
    browser.do("see", ".done")
    sign_in()
    after = is_offered()
    sign_in_by_link(browser, spoken)
    of_the_house = is_offered()

    assert (own, of_another, again, after, of_the_house) == (True, False, True, False, False)


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
@pytest.mark.parametrize("address", ["write", "edit?file=old-2.toml"])
def test_unsaved_text_outlives_other_text_that_is_saved(
    spoken: Room, browser: Browser, address: str
) -> None:
    """Whoever leaves the question open, and writes and saves something else, still has it."""
    offer, publish = "#kept:not([hidden])", "[name=do][value=publish]"
    browser.do("open", DESK, "light", True)  # noqa: FBT003
    sign_in_by_link(browser, spoken)
    browser.do("go", spoken.url + address)
    browser.do("fill", "#field-summary", "Not saved before the crash.")
    browser.do("go", spoken.url + address)
    is_offered = browser.do("count", offer)
    browser.do("fill", "#field-title", f"Saved in its place by {address[:4]}")
    browser.do("fill", "#field-body", f"This text of the harbour is saved by {address[:4]}.")
    browser.do("click", publish)
    browser.do("see", ".done")
    browser.do("go", spoken.url + address)
    browser.do("click", "#bring-back")
    back = browser.do("value", "#field-summary")
    browser.do("go", spoken.url + address)
    again = browser.do("count", offer)
    browser.do("click", "#discard")
    browser.do("go", spoken.url + address)

    assert (is_offered, back, again) == (1, "Not saved before the crash.", 1)
    assert browser.do("count", offer) == 0
    assert browser.do("said")["complaints"] == []


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_each_file_that_is_added_is_an_attachment(spoken: Room, browser: Browser) -> None:
    """However many there are; all are there again with a text that was not saved."""
    browser.do("open", DESK, "light", True)  # noqa: FBT003
    sign_in_by_link(browser, spoken)
    browser.do("go", f"{spoken.url}write")
    browser.do("fill", "#field-title", "Tables of the year")
    browser.do("fill", "#field-body", "Four tables.")
    for number in range(1, 5):
        sent = b64encode(b"year,ships\n2026,60\n").decode()
        browser.do("drop", "#field-image", f"table{number}.csv", "text/csv", sent)
        box = f".row >> nth={number - 1} >> input >> nth=0"
        assert until(lambda: browser.do("value", box).startswith("table"))  # noqa: B023
    text = browser.do("value", "#field-body")
    browser.do("go", f"{spoken.url}write")
    browser.do("click", "#bring-back")
    browser.do("click", "button.safe >> text=Publish")
    browser.do("see", ".done")

    (file,) = (spoken.folder / "entries").glob("*tables-of-the-year.toml")
    wanted = 'attachments = ["table1.csv", "table2.csv", "table3.csv", "table4.csv"]'
    assert (text, wanted in file.read_text("utf-8")) == ("Four tables.", True)


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_a_form_takes_no_more_files_than_it_can_send(spoken: Room, browser: Browser) -> None:
    """With more inputs, all that was written would be refused; a sentence says so."""
    named = ", ".join(f'"https://a.example/{number}.pdf"' for number in range(149))
    spoken.drop("full.toml", "Many papers", attachments=f"[{named}]", draft="true")
    browser.do("open", DESK, "light", True)  # noqa: FBT003
    sign_in_by_link(browser, spoken)
    browser.do("go", f"{spoken.url}edit?file=full.toml")
    sent = b64encode(b"year,ships\n2026,60\n").decode()
    for number in range(2):
        browser.do("drop", "#field-image", f"paper{number}.csv", "text/csv", sent)
        said = "named among" if not number else "has room for 150 attachments"
        assert until(lambda: said in browser.do("told"))  # noqa: B023
    browser.do("click", "button.safe >> text=Publish")
    browser.do("see", ".done")

    text = (spoken.folder / "entries/full.toml").read_text("utf-8")
    assert (text.count("a.example"), "paper0.csv" in text, "paper1" in text) == (149, True, False)


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_text_that_is_written_after_saving_is_kept(spoken: Room, browser: Browser) -> None:
    """The page that says that a draft is saved may be loaded again."""
    browser.do("open", DESK, "light", True)  # noqa: FBT003
    sign_in_by_link(browser, spoken)
    browser.do("go", f"{spoken.url}write")
    browser.do("fill", "#field-title", "Written in two parts")
    browser.do("fill", "#field-body", "The first part.")
    browser.do("click", "[name=do][value=draft]")
    browser.do("see", ".done")
    browser.do("fill", "#field-body", "The first and the second part.")
    browser.do("reload")
    browser.do("click", "#bring-back")

    assert browser.do("value", "#field-body") == "The first and the second part."


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_text_is_kept_where_its_file_is_shown_in_another_form(
    spoken: Room, browser: Browser
) -> None:
    """It comes back in the form in which it was written."""
    spoken.drop("shared.toml", "Shared by two")
    spoken.wait("entries/live", "Shared by two")
    file = spoken.folder / "entries/shared.toml"
    browser.do("open", DESK, "light", True)  # noqa: FBT003
    sign_in_by_link(browser, spoken)
    browser.do("go", f"{spoken.url}edit?file=shared.toml")
    browser.do("fill", "#field-body", "An hour of writing.")
    file.write_text(
        file.read_text("utf-8") + "\n[[attachments]]\nfile = 'https://a.example/1.pdf'\n"
    )
    browser.do("go", f"{spoken.url}edit?file=shared.toml")
    browser.do("click", "#bring-back")
    browser.do("see", "#field-body")

    assert browser.do("value", "#field-body") == "An hour of writing."
    browser.do("go", f"{spoken.url}edit?file=shared.toml")
    assert browser.do("count", "#kept:not([hidden])") == 1


def test_everything_works_without_scripts(tmp_path: Path, browser: Browser) -> None:
    """Signing in and out, and stopping an entry; the page reloads by itself."""
    room = Room(tmp_path)
    room.drop("old.toml", "Old")
    with serve(tmp_path) as served:
        room.wait("entries/live", "Old")
        room.cool()
        room.drop("new.toml", "New")
        room.wait("entries/cooling", "new.toml")
        browser.do("open", TELEPHONE, "dark", False)  # noqa: FBT003
        browser.do("go", room.url)
        browser.do("fill", "#name", "Desk")
        browser.do("fill", "#password", PASSWORD)
        browser.do("click", "button")
        browser.do("arrive", room.url)
        wait = browser.do("see", ".left")
        picture(browser, "cooling")
        browser.do("click", "text=Stop")
        done = browser.do("see", ".done")
        assert done.startswith("new.toml is stopped.")
        held = browser.do("see", "article.notice")  # an alarm after a second
        picture(browser, "stopped")
        browser.do("click", "text=Write")
        browser.do("fill", "#field-title", "Written without scripts")
        browser.do("fill", "#field-date", "2026-02-30")
        browser.do("fill", "#field-body", "Sixty cases.")
        browser.do("click", "text=Publish")
        faulty = browser.do("see", "#said-date .wrong")
        browser.do("fill", "#field-date", "2026-11-02")
        browser.do("click", "button.plain >> text=Check and preview")
        preview = browser.do("frame", "#shown-page", "h1")
        browser.do("click", "text=Save as draft")
        written = browser.do("see", ".done")
        browser.do("click", "text=Sign out")
        out = browser.do("see", ".done")
        page = httpx.get(f"{room.url}?token={WORD}", timeout=PATIENCE)
        items = served.get("news.json").json()["items"]

    assert wait.startswith(("in 9 min", "in 10 min"))
    assert "was stopped in the newsroom" in held
    assert "30 February" in faulty or "2026-02-30" in faulty
    assert preview == "Written without scripts"
    assert written.startswith("2026-11-02-written-without-scripts.toml is saved as a draft.")
    assert out == "You are signed out."
    assert [item["title"] for item in items] == ["Old"]
    assert page.status_code == 200


@pytest.mark.parametrize("spoken", ["en"], indirect=True)
def test_another_site_cannot_send_forms(spoken: Room, browser: Browser) -> None:
    """A browser does not send its cookie from another site: `SameSite=Strict`."""
    browser.do("open", DESK, "light", True)  # noqa: FBT003
    sign_in_by_link(browser, spoken)
    with evil(spoken) as address:
        browser.do("go", address)
        browser.do("click", "button")
        browser.do("arrive", f"{spoken.url}sign-in")
        text = browser.do("see", "h1")

    assert text.strip() == "Sign in"


@contextmanager
def evil(room: Room) -> Iterator[str]:
    """Serve a page that sends a form of its own to the newsroom; yield its address."""
    folder = room.folder / "evil"
    folder.mkdir()
    form = f'<form method="post" action="{room.url}allow"><button>Win</button></form>'
    (folder / "index.html").write_text(form, encoding="utf-8")
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    with answering(server):
        yield f"http://localhost:{server.server_port}/"
