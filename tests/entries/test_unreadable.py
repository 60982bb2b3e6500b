"""An unreadable file holds only the entry that needs it, and delays no other."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import monotonic
from typing import Any

import pytest

from dateline import publish
from dateline.config import theme
from dateline.entries.lazy_scan import scan_some
from dateline.entries.parse import parse
from dateline.entries.scan import ChangedError, Scan, contents, scan_all, stamp_now
from dateline.errors import LedgerError, RenderFault
from dateline.model import Document, Draft, Entry, Report, Source, Story
from dateline.model.formats import Format
from dateline.publish.assess.faults import DecisionFault
from dateline.publish.check import check as check_entries
from dateline.publish.history import restore
from dateline.publish.schedule.wake import readable_at
from dateline.render.feeds import renderer
from dateline.render.feeds.common import FeedView
from dateline.render.pages import Pages
from dateline.rules.decide import Decision, decide
from dateline.system import heartbeat, safe_files
from dateline.text.similarity import Vocabulary
from support.local_sockets import bind_socket
from support.publication import CONFIG, Newsroom, entry_file, picture
from support.serving import PATIENCE
from support.users import NOBODY, as_other_user

pytestmark = pytest.mark.long

PICTURE = {"image": '"photo.png"', "image_alt": '"Blue"'}


@pytest.fixture(autouse=True)
def _in_time() -> Iterator[None]:
    """Stop a test that waits forever: a pipe has no writer here."""

    def end(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@contextmanager
def as_ordinary_user(folder: Path) -> Iterator[None]:
    """Act as another user than root, who owns this folder."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, -1, follow_symlinks=False)
    with as_other_user():
        yield


@pytest.fixture(scope="module")
def _imported(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Publish once: modules that are imported late may be unreadable for another user."""
    room = Newsroom(tmp_path_factory.mktemp("warm"))
    (room.folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    room.drop("photo.png", picture())
    room.drop("a.toml", news("One", **PICTURE))
    room.drop("b.toml", "title =")
    room.build()
    check(room)


@pytest.fixture
def room(_imported: None) -> Iterator[Newsroom]:
    """Yield a newsroom below a folder that every user may enter."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
        (folder / "entries").mkdir()
        with as_ordinary_user(folder):
            yield Newsroom(folder)
            if (folder / "entries/sub").exists():
                (folder / "entries/sub").chmod(0o755)


def news(title: str, **fields: str) -> str:
    """Return the text of an entry whose every word is its own."""
    return entry_file(title, body=f'"About {title}."', **fields)


def titles(room: Newsroom) -> set[str]:
    """Return the published titles."""
    return {item["title"] for item in room.items()}


def deny_reading(path: Path) -> None:
    """Write a file that nobody may read."""
    path.write_bytes(picture())
    path.chmod(0)


def link_to_itself(path: Path) -> None:
    """Put a link where a file is expected, that leads to itself."""
    path.symlink_to(path.name)


def link_to_outside(path: Path) -> None:
    """Put a link where a file is expected, that leads to one outside the entries folder."""
    entries = next(above for above in path.parents if above.name == "entries")
    secret = entries.parent / "secret.png"
    secret.write_bytes(picture("red"))
    path.symlink_to(secret)


MADE: dict[str, Callable[[Path], None]] = {
    "mode 000": deny_reading,
    "pipe": os.mkfifo,
    "socket": bind_socket,
    "loop": link_to_itself,
    "outside": link_to_outside,
}


def rebuild(room: Newsroom) -> Report:
    """Do a run as `build --all` does."""
    return room.build(rebuild=True)


def build_changed(room: Newsroom, *paths: str) -> Report:
    """Do a run as `serve` does when it is notified of some files."""
    return room.build(changed_files=paths)


def check(room: Newsroom) -> Report:
    """Check all files, and write nothing."""
    clock = datetime.now(UTC) + timedelta(seconds=2)
    return check_entries(room.config, publish.RunRequest(now=room.now, clock=clock))


def held(report: Report) -> dict[str, list[str]]:
    """Return the codes of the problems of each file that is held."""
    return {
        path: [one.code for one in report.problems if one.file == path]
        for path, state in report.states.items()
        if state == "hold"
    }


@pytest.mark.parametrize("kind", MADE)
def test_an_unreadable_entry_is_held_alone(kind: str, room: Newsroom) -> None:
    """Every command names it, and publishes everything else in the same run."""
    MADE[kind](room.folder / "entries/bad.toml")
    room.drop("a.toml", news("One"))
    code = "link-outside" if kind in {"loop", "outside"} else "file-unreadable"

    reports = [check(room), room.build(), rebuild(room)]
    room.drop("b.toml", news("Two"))
    reports.append(build_changed(room, "b.toml", "bad.toml"))

    assert [held(report) for report in reports] == [{"bad.toml": [code]}] * 4
    assert titles(room) == {"One", "Two"}


NAMING = {
    "shown.toml": ("photo.png", PICTURE),
    "attached.toml": ("photo.png", {"attachments": '["photo.png"]'}),
    "below.toml": ("sub/photo.png", {"attachments": '[{file = "sub/photo.png", title = "P"}]'}),
}


@pytest.mark.parametrize("kind", MADE)
def test_an_unreadable_file_holds_the_entries_that_name_it(kind: str, room: Newsroom) -> None:
    """Every command names the file, and publishes everything else in the same run."""
    (room.folder / "entries/sub").mkdir()
    for name in {name for name, _ in NAMING.values()}:
        MADE[kind](room.folder / "entries" / name)
    room.drop("a.toml", news("One"))
    for file, (_, fields) in NAMING.items():
        room.drop(file, news(file, **fields))

    reports = [check(room), room.build(), rebuild(room)]
    room.drop("b.toml", news("Two"))
    reports.append(build_changed(room, "b.toml", *NAMING))

    if kind in {"loop", "outside"}:
        assert {*reports[-1].states.values()} <= {"hold", "live"}
    else:
        expected = {file: ["media-unreadable"] for file in NAMING}
        assert [held(report) for report in reports] == [expected] * 4
        said = [(one.file, one.message) for report in reports for one in report.problems]
        assert all(NAMING[file][0] in message for file, message in said)
    assert titles(room) == {"One", "Two"}
    assert list((room.folder / "feeds").glob("media/*")) == []


@pytest.mark.parametrize("kind", ["mode 000", "pipe"])
def test_a_picture_that_becomes_unreadable_stays_live(kind: str, room: Newsroom) -> None:
    """Readers keep the last good version, and get the next when the file is readable again."""
    room.drop("photo.png", picture())
    room.drop("bad.toml", news("Bad", **PICTURE))
    room.build()
    before = room.feeds()
    photo = room.folder / "entries/photo.png"
    photo.unlink()
    MADE[kind](photo)

    room.drop("a.toml", news("One"))
    reports = [room.build(), rebuild(room), build_changed(room, "photo.png")]

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


def test_an_entry_that_becomes_unreadable_stays_live(room: Newsroom) -> None:
    """It is held, and never withdrawn."""
    path = room.drop("bad.toml", news("Bad"))
    room.build()
    path.chmod(0)
    room.drop("a.toml", news("One"))

    for _ in range(3):
        room.build(after=timedelta(minutes=11))
        build_changed(room, "bad.toml")

    assert titles(room) == {"One", "Bad"}
    path.chmod(0o644)
    room.build()
    assert room.codes() == []


def test_a_picture_in_an_unreadable_folder_does_not_count_as_missing(room: Newsroom) -> None:
    """A live entry keeps its picture; a new one waits for it."""
    room.drop("sub/photo.png", picture())
    fields = {"image": '"sub/photo.png"', "image_alt": '"Blue"'}
    room.drop("bad.toml", news("Bad", **fields))
    room.build()
    (room.folder / "entries/sub").chmod(0)
    room.drop("new.toml", news("New", **fields))
    room.drop("a.toml", news("One"))

    reports = [room.build(), rebuild(room), build_changed(room, "new.toml")]

    for report in reports:
        assert held(report)["new.toml"] == ["media-unreadable"]
    assert titles(room) == {"One", "Bad"}
    assert [bool(item.get("image")) for item in room.items() if item["title"] == "Bad"] == [True]


@pytest.mark.parametrize("mode", [0, 0o444, 0o111])
def test_an_unreadable_folder_holds_nothing_else(mode: int, room: Newsroom) -> None:
    """With any permission missing, one message is shown and nothing is withdrawn."""
    room.drop("sub/deep/inside.toml", news("Inside"))
    room.drop("sub/wrong.toml", "title =")
    room.build()
    (room.folder / "entries/sub").chmod(mode)

    for number in range(3):
        room.drop(f"{number}.toml", news(f"Number {number}"))
        build_changed(room, f"{number}.toml", "sub/wrong.toml", "sub/other.toml")
        room.build(after=timedelta(minutes=11))

    folders = [path for path in held(room.log[-1]) if not path.endswith(".toml")]
    assert folders == ["sub"]
    assert titles(room) == {"Inside", "Number 0", "Number 1", "Number 2"}
    scan_some(room.folder / "entries", ["sub/deep/inside.toml"])
    assert readable_at(room.folder / "entries", ["sub/deep/inside.toml"])


@pytest.mark.parametrize("kind", ["mode 000", "pipe", "socket", "loop", "outside"])
def test_an_unreadable_note_stops_nothing(kind: str, room: Newsroom) -> None:
    """It may be a file of staff, and stays."""
    room.drop("bad.toml", "title =")
    room.drop("a.toml", news("One"))
    MADE[kind](room.folder / "entries/bad.toml.problem.txt")

    room.build()

    assert titles(room) == {"One"}


@pytest.mark.parametrize("kind", MADE)
def test_an_unreadable_original_of_a_copy_stops_nothing(kind: str, room: Newsroom) -> None:
    """Comparing opens a second file, which may be unreadable."""
    MADE[kind](room.folder / "entries/report.toml")
    room.drop("report-2.toml", news("Two"))

    reports = [room.build(), rebuild(room), build_changed(room, "report-2.toml")]

    assert [{*held(report)} for report in reports] == [{"report.toml"}] * 3
    assert titles(room) == {"Two"}


def test_a_bug_holds_one_file(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whichever step fails, the log has the place, and the others are published."""
    newsroom.drop("bad.toml", news("Bad"))
    newsroom.drop("a.toml", news("One"))

    def fails(source: Source, *, today: date, now: datetime) -> Draft:
        if source.path == "bad.toml":
            raise RecursionError
        return parse(source, today=today, now=now)

    monkeypatch.setattr("dateline.entries.reader.parse", fails)
    report = newsroom.build()

    assert held(report) == {"bad.toml": ["file-fault"]}
    assert titles(newsroom) == {"One"}
    assert "RecursionError" in caplog.text
    caplog.clear()


FAULTY = '"Faulty."'


def rendering_fails(patch: pytest.MonkeyPatch) -> None:
    """Let the page of each entry with a certain summary fail."""
    whole = Pages.entry

    def fails(self: Pages, entry: Entry, *others: Any) -> Document:
        if entry.story.summary == FAULTY.strip('"'):
            raise IndexError(entry.story.path)
        return whole(self, entry, *others)

    patch.setattr(Pages, "entry", fails)


def feeds_fail(patch: pytest.MonkeyPatch) -> None:
    """Let each feed fail that has an entry with a certain summary."""

    def failing(form: Format) -> Callable[[FeedView], bytes]:
        def fails(view: FeedView) -> bytes:
            if any(one.story.summary == FAULTY.strip('"') for one in view.edition.entries):
                raise IndexError(view.edition.feed.name)
            return renderer(form)(view)

        return fails

    patch.setattr("dateline.render.renderer", failing)


@pytest.mark.parametrize("fails", [rendering_fails, feeds_fail])
def test_an_entry_that_cannot_be_rendered_is_held(
    newsroom: Newsroom,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fails: Callable[[pytest.MonkeyPatch], None],
) -> None:
    """The others are published, and an earlier version stays live; without the fault, it is out."""
    newsroom.drop("live.toml", news("Before"))
    newsroom.build()
    with monkeypatch.context() as faulty:
        fails(faulty)
        newsroom.drop("bad.toml", news("Bad", summary=FAULTY))
        newsroom.drop("live.toml", news("Before", summary=FAULTY))
        newsroom.drop("a.toml", news("One"))
        report = newsroom.build()
        again = newsroom.build()

    assert report.published == ("a.toml",)
    assert [one.file for one in report.problems if one.code == "file-fault"] == [
        "bad.toml",
        "live.toml",
    ]
    assert (titles(newsroom), again.published) == ({"One", "Before"}, ())
    assert "bad.toml cannot be rendered. It is held." in caplog.text
    assert "IndexError" in caplog.text
    caplog.clear()
    assert newsroom.build(rebuild=True).published == ("bad.toml",)
    assert newsroom.codes() == []


@pytest.mark.parametrize("fails", [rendering_fails, feeds_fail])
def test_an_entry_that_cannot_be_rendered_is_held_in_a_rebuild(
    newsroom: Newsroom,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fails: Callable[[pytest.MonkeyPatch], None],
) -> None:
    """A setting may change while it is held: its ledger is committed before all is rendered."""
    newsroom.drop("live.toml", news("Before"))
    newsroom.build()
    monkeypatch.setattr("dateline.publish.produce._ALONE", 1)
    fails(monkeypatch)
    newsroom.drop("bad.toml", news("Bad", summary=FAULTY))
    newsroom.build()
    settings = newsroom.folder / "config.toml"
    settings.write_text(settings.read_text().replace("Example news", "Other news"))
    newsroom.drop("a.toml", news("One"))

    assert newsroom.build().published == ("a.toml",)
    assert newsroom.codes() == ["file-fault"]
    assert "Other news" in (newsroom.folder / "feeds/index.html").read_text()
    caplog.clear()


@pytest.mark.parametrize(
    ("number", "error"), [(1, "RecursionError"), (5, "RecursionError"), (5, "IntegrityError")]
)
def test_an_entry_that_cannot_be_decided_on_is_held(
    newsroom: Newsroom,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    number: int,
    error: str,
) -> None:
    """Among any others, which are published; an earlier version stays live."""
    newsroom.drop("live.toml", news("Before"))
    newsroom.build()

    def fails(stories: Sequence[Story], *others: Any, **named: Any) -> Decision:
        if any(one.summary == FAULTY.strip('"') for one in stories):
            raise RecursionError
        return decide(stories, *others, **named)

    def doubles(stories: Sequence[Story], *others: Any, **named: Any) -> Decision:
        decision = decide(stories, *others, **named)
        if not any(one.summary == FAULTY.strip('"') for one in stories):
            return decision
        bad = [one for one in decision.entries if one.story.summary == FAULTY.strip('"')]
        return replace(decision, arrived=(*decision.arrived, *bad))

    with monkeypatch.context() as faulty:
        faulty.setattr(
            "dateline.publish.assess.decide", fails if error == "RecursionError" else doubles
        )
        newsroom.drop("bad.toml", news("Bad", summary=FAULTY))
        newsroom.drop("live.toml", news("Before", summary=FAULTY))
        for count in range(number):
            newsroom.drop(f"{count}.toml", news(f"News {count}"))
        report = newsroom.build()
        again = newsroom.build()

    assert report.published == tuple(f"{count}.toml" for count in range(number))
    assert held(report) == {
        "bad.toml": ["file-fault"],
        "live.toml": ["file-fault", "change-not-out"],
    }
    assert (len(titles(newsroom)), again.published) == (number + 1, ())
    assert "bad.toml cannot be decided on. It is held." in caplog.text
    assert error in caplog.text
    caplog.clear()
    assert newsroom.build(rebuild=True).published == ("bad.toml",)


def test_a_fault_of_no_file_holds_none(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be decided without a file either, the run ends."""
    newsroom.drop("a.toml", news("One"))

    def fails(*_: Any, **__: Any) -> Decision:
        raise RecursionError

    with monkeypatch.context() as faulty:
        faulty.setattr("dateline.publish.assess.decide", fails)
        with pytest.raises(DecisionFault):
            newsroom.build()

    assert newsroom.build().published == ("a.toml",)


def test_a_held_file_that_cannot_be_compared_withdraws_nothing(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It may be the entry whose file is gone; other news goes out."""
    newsroom.drop("gone.toml", news("Gone"))
    newsroom.drop("bad.toml", "title =")
    newsroom.build()

    def fails(_: str) -> Vocabulary:
        raise RecursionError

    monkeypatch.setattr(Vocabulary, "of", fails)
    (newsroom.folder / "entries/gone.toml").unlink()
    newsroom.drop("a.toml", news("One"))
    newsroom.build()
    newsroom.now += timedelta(days=30)
    newsroom.build()

    assert titles(newsroom) == {"One", "Gone"}
    assert "bad.toml cannot be compared" in caplog.text
    caplog.clear()


def test_many_files_with_a_fault_become_held_one_after_the_other(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has each once, and other news goes out."""
    rendering_fails(monkeypatch)
    for number in range(8):
        newsroom.drop(f"{number}.toml", news(f"News of {number}", summary=FAULTY))
        newsroom.build()
    newsroom.drop("a.toml", news("One"))

    assert newsroom.build().published == ("a.toml",)
    assert newsroom.codes() == ["file-fault"] * 8
    assert caplog.text.count("cannot be rendered") == 8
    caplog.clear()


def test_no_picture_of_an_entry_that_cannot_be_rendered_is_left(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody would remove it: the ledger knows nothing of it."""
    newsroom.drop("a.toml", news("One"))
    newsroom.build()
    rendering_fails(monkeypatch)
    newsroom.drop("photo.png", picture())
    newsroom.drop("bad.toml", news("Bad", summary=FAULTY, **PICTURE))

    newsroom.build()

    assert newsroom.codes() == ["file-fault"]
    assert not [*newsroom.folder.glob("feeds/media/*")]
    caplog.clear()


def test_a_fault_of_very_many_entries_holds_none(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is not theirs: the run ends, and nothing is published."""
    for number in range(10):
        newsroom.drop(f"{number}.toml", news(f"News of {number}", summary=FAULTY))
    rendering_fails(monkeypatch)

    with pytest.raises(RenderFault):
        newsroom.build()

    assert not (newsroom.folder / "feeds/news.rss").exists()
    caplog.clear()


def test_a_file_in_which_a_publisher_hung_is_held_by_others(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that was not told of it goes by the ledger, until the file changes."""
    newsroom.drop("a.toml", entry_file("Endless"))
    newsroom.drop("b.toml", entry_file("Harbour"))
    stamp = stamp_now(newsroom.config.entries, "a.toml")
    assert stamp
    with monkeypatch.context() as told:
        told.setattr(heartbeat, "endless_files", lambda: {("a.toml", *stamp)})
        newsroom.build()

    again = newsroom.build()
    newsroom.drop("a.toml", entry_file("A text with an end"))
    changed = newsroom.build()

    assert [(one.file, one.code) for one in again.problems] == [("a.toml", "file-endless")]
    assert changed.problems == ()
    assert sorted(item["title"] for item in newsroom.items()) == ["A text with an end", "Harbour"]


@pytest.mark.parametrize("kind", ["mode 000", "pipe", "loop"])
def test_restoring_does_not_overwrite_an_unreadable_file(kind: str, room: Newsroom) -> None:
    """It may have a change that was never published."""
    path = room.drop("a.toml", news("One"))
    room.build()
    path.unlink()
    MADE[kind](path)

    with pytest.raises(LedgerError, match="Move it out of entries/ first"):
        restore(room.config, "a.toml", 1, now=room.now)


def test_a_pipe_in_the_folder_of_templates_is_refused(tmp_path: Path) -> None:
    """Reading it would block every command."""
    os.mkfifo(tmp_path / "entry.html")

    assert theme.texts(tmp_path, "look") == ({}, ["look/entry.html: is no plain file."])


def test_short_reads_are_continued() -> None:
    """Network shares may return fewer bytes than requested."""
    into, out = os.pipe()
    for part in (b"one ", b"two ", b"three"):
        os.write(out, part)
    os.close(out)

    assert safe_files.contents(into, 5, 100) == b"one two three"
    os.close(into)


@pytest.mark.parametrize("path", ["../secret", "a/../../secret", "a/..", "..", "link/secret"])
def test_nothing_outside_the_folder_is_opened(path: str, tmp_path: Path) -> None:
    """No spelling of a path leads outside."""
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "in/a").mkdir(parents=True)
    (tmp_path / "in/link").symlink_to(tmp_path)

    with pytest.raises(OSError, match=r"folder|plain"):
        safe_files.read(str(tmp_path / "in"), path, 100)


def test_a_link_inside_the_folder_is_read(tmp_path: Path) -> None:
    """Its target belongs to staff as well."""
    (tmp_path / "sub/deep").mkdir(parents=True)
    (tmp_path / "sub/a").write_text("text")
    (tmp_path / "sub/deep/b").symlink_to("../a")
    seen: Scan = scan_all(tmp_path)

    assert contents(tmp_path, "sub/deep/b", seen.files["sub/deep/b"], 100) == b"text"


def test_a_file_changed_since_the_scan_is_not_read(tmp_path: Path) -> None:
    """Only a settled version is published."""
    (tmp_path / "a.toml").write_text("one")
    seen = scan_all(tmp_path).files["a.toml"]
    (tmp_path / "a.toml").write_text("other")

    with pytest.raises(ChangedError):
        contents(tmp_path, "a.toml", seen, 100)


@contextmanager
def swapping(path: Path, swapped: Callable[[Path], None]) -> Iterator[None]:
    """Swap the file at `path` for another one and back, as fast as possible."""
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


@pytest.mark.parametrize(
    "swapped",
    [
        "2026/a.toml",
        *(pytest.param(one, marks=pytest.mark.long) for one in ("2026/photo.csv", "2026")),
    ],
)
def test_swapping_in_a_link_publishes_nothing_from_outside(
    swapped: str, newsroom: Newsroom
) -> None:
    """A file, a picture or a whole folder is refused at every attempt."""
    secret = newsroom.folder / "secret"
    secret.mkdir()
    (secret / "a.toml").write_text(news("SECRET"))
    (secret / "photo.csv").write_text("SECRET,\n")
    newsroom.drop("2026/photo.csv", "a,b\n")
    newsroom.drop("2026/a.toml", news("One", attachments='["photo.csv"]'))
    target = secret if swapped == "2026" else secret / Path(swapped).name

    with swapping(newsroom.folder / "entries" / swapped, lambda path: path.symlink_to(target)):
        for rounds in range(4):
            newsroom.drop("b.toml", news(f"Round {rounds}"))
            newsroom.build()
            for path in newsroom.folder.glob("feeds/media/*"):
                assert b"SECRET" not in path.read_bytes()
            assert "SECRET" not in titles(newsroom)

    assert "Round 3" in titles(newsroom)


@pytest.mark.parametrize("swapped", ["sub/a", "sub"])
def test_an_opened_file_is_always_inside_the_folder(swapped: str, tmp_path: Path) -> None:
    """Even if paths change between two system calls."""
    (tmp_path / "in/sub").mkdir(parents=True)
    (tmp_path / "in/sub/a").write_text("ours")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a").write_text("SECRET")
    target = tmp_path / "out" / swapped.removeprefix("sub").removeprefix("/")
    end, read = monotonic() + 1, Counter[bytes]()

    with swapping(tmp_path / "in" / swapped, lambda path: path.symlink_to(target)):
        while monotonic() < end or (len(read) < 2 and monotonic() < end + PATIENCE):
            try:
                read[safe_files.read(str(tmp_path / "in"), "sub/a", 100)[0]] += 1
            except OSError:
                read[b""] += 1

    assert read.keys() == {b"ours", b""}
