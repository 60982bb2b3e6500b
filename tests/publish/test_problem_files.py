"""What lies beside a file that staff should look at."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dateline import publish
from dateline.errors import Problem
from dateline.model import Report
from dateline.publish.check import check
from dateline.publish.notify import problem_files
from support.publication import CONFIG, NOW, Newsroom, entry_file
from support.serving import serve, until

BAD = entry_file().replace("2026-11-24", '"30 February 2026"')
NOBODY = 65534


def note(newsroom: Newsroom, name: str = "bad.toml") -> str:
    """Give what lies beside a file, or nothing."""
    path = newsroom.folder / f"entries/{name}.problem.txt"
    return path.read_bytes().decode() if path.exists() else ""


def names(newsroom: Newsroom) -> list[str]:
    """Give the names of all that lies in the entries folder."""
    return sorted(path.name for path in (newsroom.folder / "entries").iterdir())


def report(*problems: Problem, since: datetime = NOW) -> Report:
    """Give the report of a run that found problems."""
    return Report(
        problems=problems,
        states={problem.file: problem.state.value for problem in problems},
        since={(problem.file, problem.code): since for problem in problems},
    )


def test_a_held_file_gets_a_note_that_notepad_shows(newsroom: Newsroom) -> None:
    """It says the state, what to type instead, and shows the line."""
    newsroom.drop("bad.toml", BAD)
    newsroom.build()

    assert note(newsroom).split("\r\n") == [
        "\ufeffDateline: bad.toml is not published as it is now.",
        "",
        "Line 2: there is no 30 February 2026. Correct the date.",
        '    2 | date = "30 February 2026"',
        "",
        "This file goes by itself when all is well.",
        "",
    ]


def test_a_file_that_is_published_with_a_warning_gets_one_too(newsroom: Newsroom) -> None:
    """It says that the entry is out."""
    newsroom.drop("odd.toml", entry_file(colour='"blue"'))
    newsroom.build()

    assert "odd.toml should be looked at. This does not stop" in note(newsroom, "odd.toml")


def test_a_good_file_and_one_that_is_no_entry_get_none(newsroom: Newsroom) -> None:
    """A repair that was made and said is nothing to look at; a draft is none either."""
    newsroom.drop("good.toml", entry_file().replace('"Report on Lebanon"', "“Report”"))
    newsroom.drop("draft.toml", entry_file(draft="true"))
    newsroom.drop("~$good.toml", "lock")
    newsroom.build()

    assert names(newsroom) == ["draft.toml", "good.toml", "~$good.toml"]


def test_a_note_goes_when_the_file_is_mended(newsroom: Newsroom) -> None:
    """Nothing is left to be tidied up."""
    newsroom.drop("bad.toml", BAD)
    newsroom.build()
    newsroom.drop("bad.toml", entry_file())
    newsroom.build()

    assert names(newsroom) == ["bad.toml"]


def test_a_note_goes_with_its_file(newsroom: Newsroom) -> None:
    """Also one in a folder of its own, and after a rename."""
    newsroom.drop("2026/bad.toml", BAD)
    newsroom.build()
    folder = newsroom.folder / "entries/2026"
    (folder / "bad.toml").rename(folder / "worse.toml")
    newsroom.build()
    renamed = sorted(path.name for path in folder.iterdir())
    (folder / "worse.toml").unlink()
    newsroom.build()

    assert renamed == ["worse.toml", "worse.toml.problem.txt"]
    assert list(folder.iterdir()) == []


def test_a_note_is_written_only_when_it_says_something_else(newsroom: Newsroom) -> None:
    """A watched folder comes to rest; a new fault is told at once."""
    path = newsroom.drop("bad.toml", BAD).with_name("bad.toml.problem.txt")
    newsroom.build()
    before = path.stat()
    newsroom.build()
    after = path.stat()
    newsroom.drop("bad.toml", BAD.replace("30 February", "31 February"))
    newsroom.build()

    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert "31 February" in note(newsroom)


def test_a_file_of_staff_with_such_a_name_is_left_alone(newsroom: Newsroom) -> None:
    """What Dateline did not write it neither changes nor deletes."""
    newsroom.drop("bad.toml", BAD)
    newsroom.drop("bad.toml.problem.txt", "Ask Ann.")
    newsroom.drop("water.problem.txt", "A text on a problem.")
    newsroom.build()

    assert note(newsroom) == "Ask Ann."
    assert note(newsroom, "water") == "A text on a problem."


def test_nothing_is_written_through_a_link(newsroom: Newsroom) -> None:
    """A link in the place of a note, or of its first copy, leads nowhere."""
    target = newsroom.folder / "precious.txt"
    target.write_text("\ufeffDateline: precious", encoding="utf-8")
    newsroom.drop("bad.toml", BAD)
    newsroom.drop("worse.toml", BAD)
    (newsroom.folder / "entries/bad.toml.problem.txt").symlink_to(target)
    (newsroom.folder / "entries/.worse.toml.problem.txt").symlink_to(target)
    newsroom.build()

    assert target.read_text("utf-8") == "\ufeffDateline: precious"
    assert "30 February" in note(newsroom, "worse.toml")
    assert "30 February" not in note(newsroom)


def test_a_file_that_waits_gets_a_note_after_ten_minutes_only(tmp_path: Path) -> None:
    """A copy under way is no problem; until then an older note stays as it is."""
    waits = report(Problem(code="file-changing", file="a.toml"))
    (tmp_path / "a.toml").touch()
    path = tmp_path / "a.toml.problem.txt"

    problem_files.put(tmp_path, waits, (), NOW + timedelta(minutes=9))
    early = path.exists()
    problem_files.put(tmp_path, waits, (), NOW + timedelta(minutes=10))
    late = path.read_text("utf-8")
    problem_files.put(tmp_path, waits, [path.name], NOW + timedelta(minutes=9))

    assert not early
    assert "a.toml is still not published." in late
    assert path.read_text("utf-8") == late


def test_many_files_gone_at_once_are_told_in_the_folder(newsroom: Newsroom) -> None:
    """Where the files were, one note says what is held."""
    for number in range(6):
        newsroom.drop(f"{number}.toml", entry_file(f"Report {number}"))
    newsroom.build()
    for number in range(6):
        (newsroom.folder / f"entries/{number}.toml").unlink()
    newsroom.build()

    assert names(newsroom) == ["entries.problem.txt"]
    assert "6 of 6 published files are gone" in note(newsroom, "entries")


def test_a_check_writes_no_note(newsroom: Newsroom) -> None:
    """Who only asks changes nothing."""
    newsroom.drop("bad.toml", BAD)

    check(
        newsroom.config, publish.RunRequest(now=NOW, clock=datetime.now(UTC) + timedelta(seconds=5))
    )

    assert names(newsroom) == ["bad.toml"]


def test_notes_can_be_switched_off(newsroom: Newsroom) -> None:
    """Those that are there go."""
    newsroom.drop("bad.toml", BAD)
    newsroom.build()
    text = CONFIG + "\n[intake]\nproblem_files = false\n"
    (newsroom.folder / "config.toml").write_text(text, encoding="utf-8")
    newsroom.build()

    assert names(newsroom) == ["bad.toml"]
    assert newsroom.log[-1].remarks == ()


@contextmanager
def as_nobody() -> Iterator[None]:
    """Do something as a user to whom folders can be closed."""
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)


@contextmanager
def full() -> Iterator[None]:
    """Do something while no file can have even one byte more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_read_only_folder_is_said_once_and_in_no_ones_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence for all files says what can be done."""
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o555)
    monkeypatch.chdir(folder)
    found = report(*(Problem(code="date-missing", file=f"{n}.toml") for n in "abc"))

    with as_nobody():
        said = problem_files.put(Path(), found, (), NOW)

    assert len(said) == 1
    assert said[0].startswith("a.toml.problem.txt and 2 more cannot be written (Permission denied)")
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_said_and_leaves_the_old_note(tmp_path: Path) -> None:
    """Half a note is no note."""
    problem_files.put(tmp_path, report(Problem(code="date-missing", file="a.toml")), (), NOW)
    before = (tmp_path / "a.toml.problem.txt").read_bytes()

    with full():
        said = problem_files.put(
            tmp_path, report(Problem(code="body-missing", file="a.toml")), (), NOW
        )

    assert "a.toml.problem.txt cannot be written (File too large)" in said[0]
    assert [path.name for path in tmp_path.iterdir()] == ["a.toml.problem.txt"]
    assert (tmp_path / "a.toml.problem.txt").read_bytes() == before


def test_a_note_that_cannot_be_written_stops_no_publication(newsroom: Newsroom) -> None:
    """The name of this one would be too long for any file system."""
    newsroom.drop(f"{'a' * 245}.toml", BAD)
    newsroom.drop("good.toml", entry_file())
    report = newsroom.build()

    assert report.published == ("good.toml",)
    assert len(report.remarks) == 1


@pytest.mark.parametrize("data", [BAD.encode("utf-16"), BAD.replace("\n", "\r").encode()])
def test_the_line_is_quoted_from_any_kind_of_file(newsroom: Newsroom, data: bytes) -> None:
    """Whatever the file's letters and line ends, the note has its own."""
    newsroom.drop("bad.toml", data)
    newsroom.build()

    assert '    2 | date = "30 February 2026"\r\n' in note(newsroom)


def test_a_watching_publisher_comes_to_rest_after_its_own_note(newsroom: Newsroom) -> None:
    """Its note wakes it once; then nothing runs until the schedule says so."""
    ledger, config = newsroom.folder / "state/ledger.sqlite", newsroom.folder / "config.toml"
    config.write_text(f"{config.read_text('utf-8')}\n[schedule]\ninterval = 3600\n", "utf-8")
    newsroom.drop("good.toml", entry_file())

    def rests() -> bool:
        before = runs(ledger)
        time.sleep(2)
        return runs(ledger) == before

    with serve(newsroom.folder, "--json") as served:
        assert until((newsroom.folder / "feeds/news.rss").exists), served.printed()
        newsroom.drop("bad.toml", BAD)
        assert until(lambda: note(newsroom) != ""), served.printed()
        assert until(rests)
        before = runs(ledger)
        time.sleep(3)
        after = runs(ledger)
        newsroom.drop("bad.toml", entry_file("Mended"))
        assert until(lambda: note(newsroom) == ""), served.printed()

    assert after == before


def runs(ledger: Path) -> list[tuple[int, int]]:
    """Give what each run changes: every one tells the ledger of the files that are held."""
    files = [ledger, ledger.with_name("ledger.sqlite-wal")]
    return [(p.stat().st_mtime_ns, p.stat().st_size) for p in files if p.exists()]
