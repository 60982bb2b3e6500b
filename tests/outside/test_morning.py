"""A press officer's morning in a real browser, with scripts and without, in three languages.

A writer and an editor share a newsroom with approval. Each step is looked at in both widths, of
which a walk uses one. With `PICTURES=1`, pictures stay in `.cache/outside/morning/`.
"""

from __future__ import annotations

import os
import signal
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import sleep

import httpx
import pytest
from argon2 import PasswordHasher

from outside.browsing import Browser, chromium
from outside.programs import BROUGHT
from support.paths import DATA
from support.process_tree import child_with
from support.publication import CONFIG, Newsroom, entry_file
from support.publication import picture as drawn
from support.serving import Served, free_port, serve, until

pytestmark = pytest.mark.outside

WIDTHS = (1440, 390)
PASSWORD = "correct-horse-battery-staple"  # noqa: S105 - of a test
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
PICTURES = BROUGHT / "morning"
TITLES = {
    "en": "The harbour opens its new quay",
    "ar": "الميناء يفتتح رصيفه الجديد",
    "fr": "Le port ouvre son nouveau quai",
}
LAST_YEAR = {
    "en": "The lighthouse is lit again",
    "ar": "المنارة تضيء من جديد",
    "fr": "Le phare est rallumé",
}
WORD = (DATA / "pasted/word.html").read_text("utf-8")
# A language and whether scripts run: the width in which the walk is made, and the scheme.
# Two walks end after the writer's part, in languages whose other walk is whole.
SHORT = {("ar", False), ("fr", True)}
WALKS = {
    ("en", True): (1440, "light"),
    ("en", False): (390, "dark"),
    ("ar", True): (390, "dark"),
    ("ar", False): (1440, "light"),
    ("fr", True): (1440, "dark"),
}
OFTEN = {("en", True), ("ar", False)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield a browser."""
    with chromium() as browser:
        yield browser


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A newsroom with a writer, an editor and approval, which is served."""

    folder: Path
    port: int
    served: Served

    @property
    def url(self) -> str:
        """Return the address of the first page."""
        return f"http://127.0.0.1:{self.port}/"

    def path(self, name: str) -> Path:
        """Return the path of a file of the entries."""
        return self.folder / "entries" / name

    def speak(self, language: str) -> None:
        """Change the language of the pages, which ends all sessions."""
        (self.folder / "config.toml").write_text(tables(self.port, language), "utf-8")
        assert until(lambda: f'<html lang="{language}"' in httpx.get(f"{self.url}sign-in").text)

    def titles(self) -> set[str]:
        """Return the titles that readers have."""
        return {item["title"] for item in self.served.get("news.json").json()["items"]}


def tables(port: int, language: str) -> str:
    """Return the configuration."""
    people = "".join(
        f'[[newsroom.person]]\nname = "{role}"\nrole = "{role}"\npassword = "{HASH}"\n'
        for role in ("writer", "editor")
    )
    own = f'port = {port}\nlanguage = "{language}"\napproval = true\nmax_upload = 1_000_000\n'
    return f"{CONFIG}[newsroom]\n{own}{people}[intake]\ncooling = 0\n"


def days(number: int) -> str:
    """Return the day in so many days as it is written in a file."""
    return f"{datetime.now(UTC) + timedelta(days=number):%Y-%m-%d}"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """Yield a newsroom with news of last year and of today."""
    folder, port = tmp_path_factory.mktemp("room"), free_port()
    (folder / "entries").mkdir()
    (folder / "config.toml").write_text(tables(port, "en"), "utf-8")
    desk = Newsroom(folder, now=datetime.now(UTC) - timedelta(days=360))
    for language, title in LAST_YEAR.items():
        fields = {"date": days(-360), "language": f'"{language}"', "categories": '["Harbour"]'}
        desk.drop(f"last-year-{language}.toml", entry_file(title, **fields))
    desk.build()
    for language, runs in WALKS:
        for what in ("correct", "undo"):
            name = f"{what}-{language}-{runs}"
            desk.drop(f"{name}.toml", entry_file(f"{name} on Monday", date=days(0)))
    desk.drop("shared.toml", entry_file("Shared", date=days(0)))
    desk.now = datetime.now(UTC) - timedelta(minutes=3)
    desk.build()
    with serve(folder) as served:
        assert until(lambda: is_up(port)), served.printed()
        yield Room(folder=folder, port=port, served=served)


def is_up(port: int) -> bool:
    """Return whether a newsroom answers."""
    try:
        return httpx.get(f"http://127.0.0.1:{port}/sign-in").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@dataclass(slots=True)
class Walk:
    """The steps of a morning in a browser; `faults` is what is wrong with its pages."""

    browser: Browser
    room: Room
    language: str
    has_scripts: bool
    faults: list[str] = field(default_factory=list)
    width: int = 0
    scheme: str = ""

    @property
    def title(self) -> str:
        """Return the title of what is written."""
        return f"{TITLES[self.language]} {'1' if self.has_scripts else '2'}"

    def begin(self, width: int, scheme: str) -> None:
        """Open a browser."""
        self.browser.do("open", width, scheme, self.has_scripts)
        self.width = width
        self.scheme = scheme

    def look(self, step: str) -> None:
        """Check the page in both widths; with axe, too, in languages of both directions."""
        other = next(width for width in WIDTHS if width != self.width)
        for width in (other, self.width):
            self.browser.do("resize", width)
            found = self.browser.do("overflow")
            self.faults += [f"{step} {width}: {one}" for one in found]
            if "PICTURES" in os.environ:
                PICTURES.mkdir(parents=True, exist_ok=True)
                name = f"{step}-{self.language}-{width}-{self.scheme}.png"
                self.browser.do("picture", str(PICTURES / name))
        if self.has_scripts and self.language != "fr":
            self.faults += [f"{step}: {one}" for one in self.browser.do("judge")]

    def go(self, path: str) -> None:
        """Open a page."""
        self.browser.do("go", self.room.url + path, "domcontentloaded")

    def sign_in(self, name: str) -> None:
        """Sign in on the page that is open, or on the page to sign in."""
        self.go("")
        self.browser.do("fill", "#name", name)
        self.browser.do("fill", "#password", PASSWORD)
        self.browser.do("click", ".sign-in button")
        self.browser.do("see", ".person")

    def sign_out(self) -> None:
        """Sign out."""
        self.browser.do("click", "form[action='/sign-out'] button")
        self.browser.do("see", ".done")

    def fill(self, **values: str) -> None:
        """Fill in the form."""
        for name, text in values.items():
            self.browser.do("fill", f"#field-{name}", text)

    def press(self, action: str) -> None:
        """Press a button of the form that can be seen."""
        self.browser.do("click", f".buttons button[value={action}]")

    def paste(self) -> None:
        """Paste a text from Word; without scripts a browser pastes the plain text."""
        if self.has_scripts:
            self.browser.do("paste", "#field-body", WORD, "plain")
            assert until(lambda: "judges are trained;" in self.browser.do("value", "#field-body"))
        else:
            self.fill(body="Only 60 cases are identified every year.\n\n![B](b-False.png)")

    def add_pictures(self, folder: Path) -> None:
        """Add a picture to the entry, and one to its text."""
        first, second = (f"{name}-{self.has_scripts}.png" for name in ("a", "b"))
        for name, colour in ((first, "navy"), (second, "teal")):
            (folder / name).write_bytes(drawn(colour))
        self.browser.do("choose", "#upload", str(folder / first))
        if self.has_scripts:
            assert until(lambda: self.browser.do("value", "#field-image") == first)
            data = b64encode((folder / second).read_bytes()).decode()
            self.browser.do("drop", "#field-body", second, "image/png", data)
            assert until(lambda: f"]({second})" in self.browser.do("value", "#field-body"))
        else:
            self.browser.do("click", "button[value=upload]")
            assert self.browser.do("value", "#field-image") == first
            self.browser.do("choose", "#upload", str(folder / second))
            self.browser.do("click", "button[value=upload]")
        self.fill(image_alt=f"A {self.title}")

    def lists(self, state: str, text: str) -> bool:
        """Return whether a list has a text by now."""
        self.go(f"entries/{state}")
        return text in self.browser.do("see", "main")


@pytest.mark.parametrize(
    ("language", "has_scripts"),
    [pytest.param(*one, marks=() if one in OFTEN else pytest.mark.release) for one in WALKS],
)
def test_a_morning(
    language: str,
    has_scripts: bool,  # noqa: FBT001
    room: Room,
    browser: Browser,
    tmp_path: Path,
) -> None:
    """Everything that is done on a morning is done, and no page has a fault on the way."""
    walk = Walk(browser, room, language, has_scripts)
    room.speak(language)
    walk.begin(*WALKS[language, has_scripts])
    walk.go("")
    walk.look("sign-in")
    walk.sign_in("writer")
    written = write(walk, tmp_path)
    corrected = correct(walk)
    if (language, has_scripts) not in SHORT:
        walk.sign_out()
        walk.sign_in("editor")
        approve(walk, written, corrected)
        undo(walk)
        find(walk)
    walk.sign_out()
    walk.look("signed-out")

    assert walk.faults == []
    assert not has_scripts or browser.do("said")["complaints"] == []


def write(walk: Walk, folder: Path) -> str:
    """Write an entry with two pictures, preview and schedule it; return its file's name."""
    browser = walk.browser
    walk.go("write")
    walk.look("write")
    walk.fill(title=walk.title, date=f"{days(2)} 10:00", language=walk.language)
    walk.paste()
    walk.add_pictures(folder)
    walk.press("look")
    assert browser.do("frame", "#shown-page", "h1") == walk.title
    assert browser.do("frame", "#shown-reader", "h1") == walk.title
    walk.look("written")
    before = {path.name for path in walk.room.folder.glob("entries/*.toml")}
    walk.press("publish")
    assert browser.do("see", ".done")
    walk.look("waits")
    (name,) = {path.name for path in walk.room.folder.glob("entries/*.toml")} - before
    assert name.startswith(days(2))
    return name


def correct(walk: Walk) -> str:
    """Correct a live entry; return its file's name."""
    name = f"correct-{walk.language}-{walk.has_scripts}"
    walk.go(f"edit?file={name}.toml")
    walk.fill(title=f"{name} on Tuesday")
    walk.browser.do("click", "#more summary")
    walk.fill(correction="It was 60, not 66.")
    walk.look("correct")
    walk.press("publish")
    assert f"{name}.toml" in walk.browser.do("see", ".done")
    return name


def approve(walk: Walk, *names: str) -> None:
    """Look at what the colleague wrote, and approve it."""
    browser = walk.browser
    written, corrected = names
    assert all(until(partial(asks, walk, name, 1)) for name in names)
    walk.look("board")
    walk.go(f"preview?file={written}")
    walk.look("approve")
    assert f"{corrected} on Monday" in walk.room.titles()
    walk.go("")
    for name in names:
        guard = f"article.guard:has-text('{name}')"
        browser.do("click", f"{guard} details[id^=allow-] summary")
        walk.look("allow")
        browser.do("click", f"{guard} button[id^=sure-]")
        assert browser.do("see", ".done")
        walk.look("allowed")
        assert until(partial(asks, walk, name, 0))
    assert until(partial(walk.lists, "scheduled", walk.title))
    assert until(partial(is_out, walk.room, f"{corrected} on Tuesday"))


def asks(walk: Walk, name: str, number: int) -> bool:
    """Return whether so many notices on the first page ask about a file by now."""
    walk.go("")
    return bool(walk.browser.do("count", f"article.guard:has-text('{name}')") == number)


def undo(walk: Walk) -> None:
    """Change an entry by mistake, find the version before in its history, and bring it back."""
    name = f"undo-{walk.language}-{walk.has_scripts}"
    walk.go(f"edit?file={name}.toml")
    walk.fill(title=f"{name} on Moonday")
    walk.press("publish")
    assert walk.browser.do("see", ".done")
    assert until(lambda: f"{name} on Moonday" in walk.room.titles())
    walk.go(f"history?entry={name}.toml")
    walk.look("history")
    assert walk.browser.do("see", ".changes del bdi") == f"{name} on Monday"
    walk.browser.do("click", "a[href*='version=1']")
    walk.look("restore")
    walk.browser.do("click", "form.entry button")
    assert walk.browser.do("see", ".done")
    assert until(lambda: f"{name} on Monday" in walk.room.titles())


def find(walk: Walk) -> None:
    """Find what was published a year ago, by a word and by days."""
    browser, title = walk.browser, LAST_YEAR[walk.language]
    walk.go("")
    browser.do("fill", "#q", title.split()[1])
    browser.do("click", ".search button")
    browser.do("see", "#topic")
    assert browser.do("count", ".rows > li") == 1
    browser.do("fill", "#topic", "Harbour")
    browser.do("fill", "#from", days(-400))
    browser.do("fill", "#to", days(-300))
    browser.do("click", ".search button")
    browser.do("see", "#topic")
    assert browser.do("see", ".rows .name a") == title
    walk.look("found")


# ---- What may happen meanwhile


@pytest.mark.parametrize(
    ("language", "has_scripts"),
    [("en", True), pytest.param("ar", False, marks=pytest.mark.release)],
)
def test_two_browsers_and_a_disk_change_one_entry(
    language: str,
    has_scripts: bool,  # noqa: FBT001
    room: Room,
    browser: Browser,
) -> None:
    """Nothing of the three is lost: each difference is settled by a choice."""
    room.speak(language)
    walk, file = Walk(browser, room, language, has_scripts), room.path("shared.toml")
    file.write_text(f"# Ask the port first.\n{entry_file('Shared', date=days(0))}", "utf-8")
    walk.begin(*WALKS[language, has_scripts])
    walk.sign_in("editor")
    walk.go("edit?file=shared.toml")
    browser.do("swap")
    walk.begin(*WALKS[language, has_scripts])
    walk.sign_in("editor")
    walk.go("edit?file=shared.toml")
    walk.fill(title="Shared by the second", summary="Written by the second.")
    walk.press("publish")
    assert browser.do("see", ".done")
    browser.do("swap")
    walk.fill(title="Shared by the first", body="Text of the report.\n\nBy the first.")
    walk.press("publish")
    settle(walk, "settle", theirs="Shared by the second")
    text = file.read_text("utf-8")
    assert 'title = "Shared by the second"' in text
    assert {"Written by the second.", "By the first."} <= {*text.replace('"', "\n").split("\n")}

    walk.go("edit?file=shared.toml")
    walk.fill(title="Shared by the first")
    file.write_text(text.replace("by the second", "by the disk") + "# Added.\n", "utf-8")
    walk.press("publish")
    assert "by the disk" in browser.do("see", "main")
    file.write_text(file.read_text("utf-8").replace("by the disk", "by the disk again"), "utf-8")
    choose_own(browser)
    browser.do("click", "button[value=settle]")
    settle(walk, "settle-again", theirs="Shared by the disk again")
    text = file.read_text("utf-8")
    browser.do("swap")
    walk.begin(*WALKS[language, has_scripts])

    assert 'title = "Shared by the disk again"' in text
    assert text.startswith("# Ask the port first.\n")
    assert text.endswith("# Added.\n")
    assert walk.faults == []


def choose_own(browser: Browser) -> None:
    """Choose the own text at each difference; a form with one that is not chosen is not sent."""
    for number in range(browser.do("count", "fieldset.versions")):
        browser.do("click", f"fieldset.versions >> nth={number} >> label >> nth=0")


def settle(walk: Walk, step: str, *, theirs: str) -> None:
    """Choose the other title on the page with both versions, and the own text elsewhere."""
    choice = f"fieldset label:has(input[value=theirs]):has-text('{theirs}')"
    walk.browser.do("see", choice)
    walk.look(step)
    choose_own(walk.browser)
    walk.browser.do("click", choice)
    walk.browser.do("click", "button[value=settle]")
    assert walk.browser.do("see", ".done")


@contextmanager
def full_disk(folder: Path) -> Iterator[Path]:
    """Mount a small disk that is full; yield the file that fills it."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=True)
    try:
        (folder / "there.toml").write_text(entry_file("There", date=days(0)), "utf-8")
        ballast = folder / ".ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass
        folder.with_name(f"{folder.name}-beside").mkdir()  # noticed, as no file on a new mount is
        yield ballast
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk")
@pytest.mark.parametrize("has_scripts", [True, pytest.param(False, marks=pytest.mark.release)])
def test_a_full_disk_loses_no_text(
    has_scripts: bool,  # noqa: FBT001
    room: Room,
    browser: Browser,
    tmp_path: Path,
) -> None:
    """The page says so and has the text; with room again, the same form is saved."""
    walk, text = Walk(browser, room, "en", has_scripts), "Typed for an hour. " * 1000
    picture = tmp_path / "large.png"
    picture.write_bytes(drawn() + b"x" * 90_000)
    folder = room.path(f"full-{has_scripts}")
    room.speak("en")
    with full_disk(folder) as ballast:
        assert until(lambda: "There" in room.titles())
        walk.begin(390, "light")
        walk.sign_in("editor")
        walk.go(f"edit?file={folder.name}/there.toml")
        walk.fill(body=text)
        walk.press("publish")
        said = browser.do("see", "main .alarm")
        walk.look("full")
        kept = browser.do("value", "#field-body")
        ballast.unlink()
        walk.press("publish")
        done = browser.do("see", ".done")
        saved = (folder / "there.toml").read_text("utf-8")

    assert said == "The disk is full. Nothing was saved. Your text is still here."
    assert kept.strip() == text.strip()
    assert "is saved" in done
    assert text.strip() in saved
    assert walk.faults == []


def test_an_ended_session_and_a_large_file_lose_no_text(
    room: Room, browser: Browser, tmp_path: Path
) -> None:
    """Without scripts, from right to left: the form comes back, and is saved at last."""
    walk, text = Walk(browser, room, "ar", has_scripts=False), "كتبت لساعة. " * 200
    large = tmp_path / "large.png"
    large.write_bytes(drawn() + b"x" * 3_000_000)
    room.speak("en")
    walk.begin(390, "dark")
    walk.sign_in("writer")
    walk.go("write")
    walk.fill(title=TITLES["ar"], date=days(3), body=text)
    browser.do("choose", "#upload", str(large))
    room.speak("ar")
    walk.press("draft")
    browser.do("see", "#fault")
    walk.look("ended")
    browser.do("fill", "#name", "writer")
    browser.do("fill", "#password", PASSWORD)
    browser.do("click", ".sign-in button")
    browser.do("see", "#entry")
    walk.look("back")
    kept = [browser.do("value", "#field-body")]
    browser.do("choose", "#upload", str(large))
    walk.press("draft")
    browser.do("see", "main .alarm")
    walk.look("large")
    kept.append(browser.do("value", "#field-body"))
    walk.press("draft")
    done = browser.do("see", ".done")

    assert [one.strip() for one in kept] == [text.strip()] * 2
    assert days(3) in done
    assert walk.faults == []


def test_a_killed_publisher_loses_nothing(room: Room, browser: Browser) -> None:
    """What was saved is a file; the publisher that is started again publishes it."""
    walk = Walk(browser, room, "en", has_scripts=False)
    room.speak("en")
    walk.begin(1440, "light")
    walk.sign_in("editor")
    for number, delay in enumerate((0.0, 0.1, 0.3)):
        walk.go("write")
        walk.fill(title=f"Killed {number}", date=days(0), body="Sixty cases.")
        before = publisher_of(room.served)
        walk.press("publish")
        sleep(delay)
        os.kill(before, signal.SIGKILL)
        assert "is saved" in browser.do("see", ".done")
        assert until(partial(is_started_again, room.served, before))
        assert until(partial(is_out, room, f"Killed {number}")), room.served.printed()

    assert len(room.titles() & {f"Killed {number}" for number in range(3)}) == 3
    assert "Traceback" not in room.served.printed()


def publisher_of(served: Served) -> int:
    """Return the id of the process that publishes, or 0."""
    return child_with(served.process.pid, b"follow")


def is_started_again(served: Served, before: int) -> bool:
    """Return whether another process publishes than before."""
    return publisher_of(served) not in {0, before}


def is_out(room: Room, title: str) -> bool:
    """Return whether readers have an entry."""
    return title in room.titles()
