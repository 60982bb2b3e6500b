"""What cannot be read holds the one entry that needs it, and delays no other."""

from __future__ import annotations

import os
import signal
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import monotonic

import pytest

from dateline import publish
from dateline.config import theme
from dateline.entries.lazy_scan import scan_some
from dateline.entries.parse import parse
from dateline.entries.scan import ChangedError, Scan, contents, scan_all
from dateline.errors import LedgerError
from dateline.model import Draft, Report, Source
from dateline.publish.check import check as check_entries
from dateline.publish.history import restore
from dateline.publish.schedule import readable_at
from dateline.system import safe_files
from support.publication import CONFIG, Newsroom, entry_file, picture

_NOBODY = 65534
PICTURE = {"image": '"photo.png"', "image_alt": '"Blue"'}


@pytest.fixture(autouse=True)
def _in_time() -> Iterator[None]:
    """End a test that waits for what never comes: a pipe has no writer here."""

    def end(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@contextmanager
def somebody(folder: Path) -> Iterator[None]:
    """Let root, which may read all, be another user meanwhile, whose the folder is."""
    user = os.geteuid()
    if user == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, _NOBODY, -1, follow_symlinks=False)
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.fixture(scope="module")
def _imported(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Publish once: what is imported late may lie where another user reads nothing."""
    room = Newsroom(tmp_path_factory.mktemp("warm"))
    (room.folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    room.drop("photo.png", picture())
    room.drop("a.toml", news("One", **PICTURE))
    room.drop("b.toml", "title =")
    room.build()
    check(room)


@pytest.fixture
def room(_imported: None) -> Iterator[Newsroom]:
    """Give a newsroom below a folder that every user may pass."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
        (folder / "entries").mkdir()
        with somebody(folder):
            yield Newsroom(folder)
            if (folder / "entries/sub").exists():
                (folder / "entries/sub").chmod(0o755)


def news(title: str, **fields: str) -> str:
    """Give the text of an entry whose every word is its own."""
    return entry_file(title, body=f'"About {title}."', **fields)


def titles(room: Newsroom) -> set[str]:
    """Give the titles that readers have."""
    return {item["title"] for item in room.items()}


def listen(path: Path) -> None:
    """Put a socket where a file is expected; its path must be short."""
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(path.name)
    finally:
        os.chdir(here)


def shut(path: Path) -> None:
    """Let nobody read a file that is there."""
    path.write_bytes(picture())
    path.chmod(0)


def loop(path: Path) -> None:
    """Put a link where a file is expected, that leads to itself."""
    path.symlink_to(path.name)


def outside(path: Path) -> None:
    """Put a link where a file is expected, that leads to one outside the entries folder."""
    entries = next(above for above in path.parents if above.name == "entries")
    secret = entries.parent / "secret.png"
    secret.write_bytes(picture("red"))
    path.symlink_to(secret)


MADE: dict[str, Callable[[Path], None]] = {
    "mode 000": shut,
    "pipe": os.mkfifo,
    "socket": listen,
    "loop": loop,
    "outside": outside,
}


def anew(room: Newsroom) -> Report:
    """Do a run as `build --all` does."""
    room.now += timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(seconds=2)
    return publish.build(room.config, publish.RunRequest(now=room.now, clock=clock, rebuild=True))


def told(room: Newsroom, *paths: str) -> Report:
    """Do a run as `serve` does when it hears of some files alone."""
    room.now += timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(seconds=2)
    return publish.build(
        room.config, publish.RunRequest(now=room.now, clock=clock, changed_files=paths)
    )


def check(room: Newsroom) -> Report:
    """Look at all files, and write nothing."""
    clock = datetime.now(UTC) + timedelta(seconds=2)
    return check_entries(room.config, publish.RunRequest(now=room.now, clock=clock))


def held(report: Report) -> dict[str, list[str]]:
    """Give the codes of the problems of each file that is held."""
    return {
        path: [one.code for one in report.problems if one.file == path]
        for path, state in report.states.items()
        if state == "hold"
    }


@pytest.mark.parametrize("kind", MADE)
def test_an_entry_that_cannot_be_read_is_held_alone(kind: str, room: Newsroom) -> None:
    """In every command; it is named, and everything else goes out in the same run."""
    MADE[kind](room.folder / "entries/bad.toml")
    room.drop("a.toml", news("One"))
    code = "link-outside" if kind in {"loop", "outside"} else "file-unreadable"

    reports = [check(room), room.build(), anew(room)]
    room.drop("b.toml", news("Two"))
    reports.append(told(room, "b.toml", "bad.toml"))

    assert [held(report) for report in reports] == [{"bad.toml": [code]}] * 4
    assert titles(room) == {"One", "Two"}


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("photo.png", PICTURE),
        ("photo.png", {"attachments": '["photo.png"]'}),
        ("sub/photo.png", {"attachments": '["sub/photo.png"]'}),
    ],
)
def test_a_file_that_cannot_be_read_holds_the_entry_that_names_it(
    name: str, fields: dict[str, str], kind: str, room: Newsroom
) -> None:
    """In every command; the file is named, and everything else goes out in the same run."""
    (room.folder / "entries/sub").mkdir()
    MADE[kind](room.folder / "entries" / name)
    room.drop("a.toml", news("One"))
    room.drop("bad.toml", news("Bad", **fields))

    reports = [check(room), room.build(), anew(room)]
    room.drop("b.toml", news("Two"))
    reports.append(told(room, "b.toml", "bad.toml"))

    if kind in {"loop", "outside"}:
        assert {*reports[-1].states.values()} <= {"hold", "live"}
    else:
        assert [held(report) for report in reports] == [{"bad.toml": ["media-unreadable"]}] * 4
        said = [one.message for report in reports for one in report.problems]
        assert all(name in message for message in said)
    assert titles(room) == {"One", "Two"}
    assert list((room.folder / "feeds").glob("media/*")) == []


@pytest.mark.parametrize("kind", ["mode 000", "pipe"])
def test_a_picture_that_cannot_be_read_any_more_stays_live(kind: str, room: Newsroom) -> None:
    """Readers keep the last good version, and get the next one when it can be read again."""
    room.drop("photo.png", picture())
    room.drop("bad.toml", news("Bad", **PICTURE))
    room.build()
    before = room.feeds()
    photo = room.folder / "entries/photo.png"
    photo.unlink()
    MADE[kind](photo)

    room.drop("a.toml", news("One"))
    reports = [room.build(), anew(room), told(room, "photo.png")]

    expected = {"bad.toml": ["media-unreadable", "change-not-out"]}
    assert [held(report) for report in reports] == [expected] * 3
    assert titles(room) == {"One", "Bad"}
    media = {path for path in before if path.startswith("media/")}
    assert {path: room.feeds()[path] for path in media} == {path: before[path] for path in media}
    photo.unlink()
    room.drop("photo.png", picture("red"))
    room.build()
    assert (room.codes(), {*room.feeds()} & media) == ([], media)
    assert all(item["image"] not in str(before) for item in room.items() if "image" in item)


def test_an_entry_that_cannot_be_read_any_more_stays_live(room: Newsroom) -> None:
    """It is held, and not withdrawn, however long."""
    path = room.drop("bad.toml", news("Bad"))
    room.build()
    path.chmod(0)
    room.drop("a.toml", news("One"))

    for _ in range(3):
        room.build(after=timedelta(minutes=11))
        told(room, "bad.toml")

    assert titles(room) == {"One", "Bad"}
    path.chmod(0o644)
    room.build()
    assert room.codes() == []


def test_a_picture_in_a_folder_that_cannot_be_read_is_not_called_missing(room: Newsroom) -> None:
    """The entry that names it keeps its picture; a new one waits for it."""
    room.drop("sub/photo.png", picture())
    fields = {"image": '"sub/photo.png"', "image_alt": '"Blue"'}
    room.drop("bad.toml", news("Bad", **fields))
    room.build()
    (room.folder / "entries/sub").chmod(0)
    room.drop("new.toml", news("New", **fields))
    room.drop("a.toml", news("One"))

    reports = [room.build(), anew(room), told(room, "new.toml")]

    for report in reports:
        assert held(report)["new.toml"] == ["media-unreadable"]
    assert titles(room) == {"One", "Bad"}
    assert [bool(item.get("image")) for item in room.items() if item["title"] == "Bad"] == [True]


@pytest.mark.parametrize("mode", [0, 0o444, 0o111])
def test_a_folder_that_cannot_be_read_holds_nothing_else(mode: int, room: Newsroom) -> None:
    """Whichever of its permissions is missing: one sentence, and nothing is withdrawn."""
    room.drop("sub/deep/inside.toml", news("Inside"))
    room.drop("sub/wrong.toml", "title =")
    room.build()
    (room.folder / "entries/sub").chmod(mode)

    for number in range(3):
        room.drop(f"{number}.toml", news(f"Number {number}"))
        told(room, f"{number}.toml", "sub/wrong.toml", "sub/other.toml")
        room.build(after=timedelta(minutes=11))

    folders = [path for path in held(room.log[-1]) if not path.endswith(".toml")]
    assert folders == ["sub"]
    assert titles(room) == {"Inside", "Number 0", "Number 1", "Number 2"}
    scan_some(room.folder / "entries", ["sub/deep/inside.toml"])
    assert readable_at(room.folder / "entries", ["sub/deep/inside.toml"])


@pytest.mark.parametrize("kind", ["mode 000", "pipe", "socket", "loop", "outside"])
def test_a_note_that_cannot_be_read_stops_nothing(kind: str, room: Newsroom) -> None:
    """It may be staff's own: it is left alone."""
    room.drop("bad.toml", "title =")
    room.drop("a.toml", news("One"))
    MADE[kind](room.folder / "entries/bad.toml.problem.txt")

    room.build()

    assert titles(room) == {"One"}


@pytest.mark.parametrize("kind", MADE)
def test_what_a_copy_is_compared_with_stops_nothing(kind: str, room: Newsroom) -> None:
    """Comparing opens another file, which may be one that nobody can read."""
    MADE[kind](room.folder / "entries/report.toml")
    room.drop("report-2.toml", news("Two"))

    reports = [room.build(), anew(room), told(room, "report-2.toml")]

    assert [{*held(report)} for report in reports] == [{"report.toml"}] * 3
    assert titles(room) == {"Two"}


def test_a_fault_of_ours_holds_one_file(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever step fails on it; the log has where, and the others are published."""
    newsroom.drop("bad.toml", news("Bad"))
    newsroom.drop("a.toml", news("One"))

    def fails(source: Source, *, today: date) -> Draft:
        if source.path == "bad.toml":
            raise RecursionError
        return parse(source, today=today)

    monkeypatch.setattr("dateline.entries.reader.parse", fails)
    report = newsroom.build()

    assert held(report) == {"bad.toml": ["file-fault"]}
    assert titles(newsroom) == {"One"}
    assert "RecursionError" in caplog.text
    caplog.clear()


@pytest.mark.parametrize("kind", ["mode 000", "pipe", "loop"])
def test_a_version_is_not_written_over_what_cannot_be_read(kind: str, room: Newsroom) -> None:
    """It may be a change that was never published."""
    path = room.drop("a.toml", news("One"))
    room.build()
    path.unlink()
    MADE[kind](path)

    with pytest.raises(LedgerError, match="Move it to another folder"):
        restore(room.config, "a.toml", 1)


def test_a_pipe_in_the_folder_of_templates_is_refused(tmp_path: Path) -> None:
    """It would keep every command waiting."""
    os.mkfifo(tmp_path / "entry.html")

    assert theme.texts(tmp_path, "look") == ({}, ["look/entry.html: is no plain file."])


def test_a_file_is_read_whole_where_little_is_given_at_a_time() -> None:
    """A share may; what is asked for again is what is missing."""
    into, out = os.pipe()
    for part in (b"one ", b"two ", b"three"):
        os.write(out, part)
    os.close(out)

    assert safe_files.contents(into, 5, 100) == b"one two three"
    os.close(into)


@pytest.mark.parametrize("path", ["../secret", "a/../../secret", "a/..", "..", "link/secret"])
def test_nothing_outside_the_folder_is_opened(path: str, tmp_path: Path) -> None:
    """However it is called."""
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "in/a").mkdir(parents=True)
    (tmp_path / "in/link").symlink_to(tmp_path)

    with pytest.raises(OSError, match=r"folder|plain"):
        safe_files.read(str(tmp_path / "in"), path, 100)


def test_a_link_inside_the_folder_is_read(tmp_path: Path) -> None:
    """Staff put it there: what it leads to is theirs as well."""
    (tmp_path / "sub/deep").mkdir(parents=True)
    (tmp_path / "sub/a").write_text("text")
    (tmp_path / "sub/deep/b").symlink_to("../a")
    seen: Scan = scan_all(tmp_path)

    assert contents(tmp_path, "sub/deep/b", seen.files["sub/deep/b"], 100) == b"text"


def test_a_file_that_was_changed_since_it_was_looked_at_is_not_read(tmp_path: Path) -> None:
    """What was found to hold still is what is published."""
    (tmp_path / "a.toml").write_text("one")
    seen = scan_all(tmp_path).files["a.toml"]
    (tmp_path / "a.toml").write_text("other")

    with pytest.raises(ChangedError):
        contents(tmp_path, "a.toml", seen, 100)


@contextmanager
def swapping(path: Path, swapped: Callable[[Path], None]) -> Iterator[None]:
    """Swap what is at `path` for something else and back, as fast as can be."""
    ours, theirs = path.with_name(f".{path.name}.ours"), path.with_name(f".{path.name}.theirs")
    swapped(theirs)
    stop = Event()

    def swap() -> None:
        while not stop.is_set():
            path.rename(ours)
            theirs.rename(path)
            path.rename(theirs)
            ours.rename(path)

    thread = Thread(target=swap)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("swapped", ["2026/a.toml", "2026/photo.csv", "2026"])
def test_no_link_that_is_swapped_in_publishes_what_is_outside(
    swapped: str, newsroom: Newsroom
) -> None:
    """A file, a picture or a whole folder: it is refused, however often it is tried."""
    secret = newsroom.folder / "secret"
    secret.mkdir()
    (secret / "a.toml").write_text(news("SECRET"))
    (secret / "photo.csv").write_text("SECRET,\n")
    newsroom.drop("2026/photo.csv", "a,b\n")
    newsroom.drop("2026/a.toml", news("One", attachments='["photo.csv"]'))
    target = secret if swapped == "2026" else secret / Path(swapped).name

    with swapping(newsroom.folder / "entries" / swapped, lambda path: path.symlink_to(target)):
        for rounds in range(8):
            newsroom.drop("b.toml", news(f"Round {rounds}"))
            newsroom.build()
            for path in newsroom.folder.glob("feeds/media/*"):
                assert b"SECRET" not in path.read_bytes()
            assert "SECRET" not in titles(newsroom)

    assert "Round 7" in titles(newsroom)


@pytest.mark.parametrize("swapped", ["sub/a", "sub"])
def test_what_is_opened_is_inside_or_nothing(swapped: str, tmp_path: Path) -> None:
    """Between any two calls of the system."""
    (tmp_path / "in/sub").mkdir(parents=True)
    (tmp_path / "in/sub/a").write_text("ours")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a").write_text("SECRET")
    target = tmp_path / "out" / swapped.removeprefix("sub").removeprefix("/")
    end, read = monotonic() + 2, Counter[bytes]()

    with swapping(tmp_path / "in" / swapped, lambda path: path.symlink_to(target)):
        while monotonic() < end:
            try:
                read[safe_files.read(str(tmp_path / "in"), "sub/a", 100)[0]] += 1
            except OSError:
                read[b""] += 1

    assert read.keys() == {b"ours", b""}
