"""Notes beside the files that staff have to check."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dateline import publish
from dateline.errors import Problem
from dateline.model import Report
from dateline.publish.check import check
from dateline.publish.notify import problem_files
from support.faults import full_disk
from support.publication import CONFIG, NOW, Newsroom, entry_file
from support.serving import serve, until
from support.users import as_other_user

BAD = entry_file().replace("2026-11-24", '"30 February 2026"')


def note(newsroom: Newsroom, name: str = "bad.toml") -> str:
    """Return the note beside a file; empty if there is none."""
    path = newsroom.folder / f"entries/{name}.problem.txt"
    return path.read_bytes().decode() if path.exists() else ""


def names(newsroom: Newsroom) -> list[str]:
    """Return the names of all files in the entries folder."""
    return sorted(path.name for path in (newsroom.folder / "entries").iterdir())


def report(*problems: Problem, since: datetime = NOW) -> Report:
    """Return the report of a run that found problems."""
    return Report(
        problems=problems,
        states={problem.file: problem.state.value for problem in problems},
        since={(problem.file, problem.code): since for problem in problems},
    )


def test_a_held_file_gets_a_note_readable_in_notepad(newsroom: Newsroom) -> None:
    """It has the state and the text to type instead, and shows the line."""
    newsroom.drop("bad.toml", BAD)
    newsroom.build()

    assert note(newsroom).split("\r\n") == [
        "\ufeffDateline: bad.toml is not published as it is now.",
        "",
        "Line 2: there is no 30 February 2026. Correct the date.",
        '    2 | date = "30 February 2026"',
        "",
        "This note disappears once the problem is fixed.",
        "",
    ]


def test_a_file_published_with_a_warning_gets_a_note(newsroom: Newsroom) -> None:
    """The note says that the entry is published."""
    newsroom.drop("odd.toml", entry_file(colour='"blue"'))
    newsroom.build()

    assert "odd.toml should be checked. This does not stop" in note(newsroom, "odd.toml")


def test_a_valid_file_and_a_stray_file_get_no_note(newsroom: Newsroom) -> None:
    """A repaired file needs no attention, and neither does a draft."""
    newsroom.drop("good.toml", entry_file().replace('"Report on Lebanon"', "“Report”"))
    newsroom.drop("draft.toml", entry_file(draft="true"))
    newsroom.drop("~$good.toml", "lock")
    newsroom.build()

    assert names(newsroom) == ["draft.toml", "good.toml", "~$good.toml"]


def test_a_note_disappears_when_the_file_is_correct(newsroom: Newsroom) -> None:
    """Staff have nothing to tidy up."""
    newsroom.drop("bad.toml", BAD)
    newsroom.build()
    newsroom.drop("bad.toml", entry_file())
    newsroom.build()

    assert names(newsroom) == ["bad.toml"]


def test_a_note_disappears_with_its_file(newsroom: Newsroom) -> None:
    """This also holds in a subfolder, and after a rename."""
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


def test_a_note_is_written_only_when_it_changes(newsroom: Newsroom) -> None:
    """A watched folder becomes idle; a new problem is reported at once."""
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
    """Dateline changes and deletes only notes that it wrote."""
    newsroom.drop("bad.toml", BAD)
    newsroom.drop("bad.toml.problem.txt", "Ask Ann.")
    newsroom.drop("water.problem.txt", "A text on a problem.")
    newsroom.build()

    assert note(newsroom) == "Ask Ann."
    assert note(newsroom, "water") == "A text on a problem."


def test_a_note_is_never_written_through_a_link(newsroom: Newsroom) -> None:
    """A link in place of a note, or of its temporary file, is not followed."""
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


def test_a_waiting_file_gets_a_note_after_ten_minutes(tmp_path: Path) -> None:
    """A file that is being copied is no problem; until then an older note stays."""
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


def test_many_missing_files_are_reported_in_their_folder(newsroom: Newsroom) -> None:
    """One note in the folder says what is held."""
    for number in range(6):
        newsroom.drop(f"{number}.toml", entry_file(f"Report {number}"))
    newsroom.build()
    for number in range(6):
        (newsroom.folder / f"entries/{number}.toml").unlink()
    newsroom.build()

    assert names(newsroom) == ["entries.problem.txt"]
    assert "6 of 6 published files are gone" in note(newsroom, "entries")


def test_a_check_writes_no_note(newsroom: Newsroom) -> None:
    """A check changes nothing."""
    newsroom.drop("bad.toml", BAD)

    check(
        newsroom.config, publish.RunRequest(now=NOW, clock=datetime.now(UTC) + timedelta(seconds=5))
    )

    assert names(newsroom) == ["bad.toml"]


def test_notes_can_be_switched_off(newsroom: Newsroom) -> None:
    """Existing notes are removed."""
    newsroom.drop("bad.toml", BAD)
    newsroom.build()
    text = CONFIG + "\n[intake]\nproblem_files = false\n"
    (newsroom.folder / "config.toml").write_text(text, encoding="utf-8")
    newsroom.build()

    assert names(newsroom) == ["bad.toml"]
    assert newsroom.log[-1].remarks == ()


def test_a_read_only_folder_is_reported_once_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence for all files says what can be done."""
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o555)
    monkeypatch.chdir(folder)
    found = report(*(Problem(code="date-missing", file=f"{n}.toml") for n in "abc"))

    with as_other_user():
        said = problem_files.put(Path(), found, (), NOW)

    assert len(said) == 1
    assert said[0].startswith("a.toml.problem.txt and 2 more cannot be written (Permission denied)")
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_reported_and_keeps_the_old_note(tmp_path: Path) -> None:
    """No partly written note is left."""
    problem_files.put(tmp_path, report(Problem(code="date-missing", file="a.toml")), (), NOW)
    before = (tmp_path / "a.toml.problem.txt").read_bytes()

    with full_disk():
        said = problem_files.put(
            tmp_path, report(Problem(code="body-missing", file="a.toml")), (), NOW
        )

    assert "a.toml.problem.txt cannot be written (File too large)" in said[0]
    assert [path.name for path in tmp_path.iterdir()] == ["a.toml.problem.txt"]
    assert (tmp_path / "a.toml.problem.txt").read_bytes() == before


def test_a_note_that_cannot_be_written_stops_no_publication(newsroom: Newsroom) -> None:
    """Something is in the place of its temporary file."""
    newsroom.drop("bad.toml", BAD)
    (newsroom.folder / "entries/.bad.toml.problem.txt.new").mkdir()
    newsroom.drop("good.toml", entry_file())
    report = newsroom.build()

    assert report.published == ("good.toml",)
    assert len(report.remarks) == 1


@pytest.mark.parametrize("data", [BAD.encode("utf-16"), BAD.replace("\n", "\r").encode()])
def test_a_line_is_quoted_from_any_encoding(newsroom: Newsroom, data: bytes) -> None:
    """Whatever the encoding and line ends of the file, the note has its own."""
    newsroom.drop("bad.toml", data)
    newsroom.build()

    assert '    2 | date = "30 February 2026"\r\n' in note(newsroom)


@pytest.mark.long
def test_a_note_triggers_no_endless_runs(newsroom: Newsroom) -> None:
    """A watching publisher runs once for its own note, and then waits for its schedule."""
    ledger, config = newsroom.folder / "state/ledger.sqlite", newsroom.folder / "config.toml"
    config.write_text(f"{config.read_text('utf-8')}\n[schedule]\ninterval = 3600\n", "utf-8")
    newsroom.drop("good.toml", entry_file())

    def rests() -> bool:
        before = ledger_files(ledger)
        time.sleep(3)
        return ledger_files(ledger) == before

    with serve(newsroom.folder, "--json") as served:
        assert until((newsroom.folder / "feeds/news.rss").exists), served.printed()
        newsroom.drop("bad.toml", BAD)
        assert until(lambda: note(newsroom) != ""), served.printed()
        assert until(rests)
        newsroom.drop("bad.toml", entry_file("Mended"))
        assert until(lambda: note(newsroom) == ""), served.printed()


def ledger_files(ledger: Path) -> list[tuple[int, int]]:
    """Return the times and sizes of the files of the ledger, which every run changes."""
    files = [ledger, ledger.with_name("ledger.sqlite-wal")]
    return [(p.stat().st_mtime_ns, p.stat().st_size) for p in files if p.exists()]


@pytest.mark.parametrize("name", ["a" * 250, "ж" * 125])
def test_the_note_of_a_long_name_begins_like_it(newsroom: Newsroom, name: str) -> None:
    """The whole name would be too long; another file that begins like it has its own note."""
    files = [f"2026/{name[:-1]}{last}.toml" for last in "zy"]
    for path in files:
        newsroom.drop(path, entry_file(title=path[-6]).replace("2026-11-24", '"30 February 2026"'))
    report = newsroom.build()
    folder = newsroom.folder / "entries/2026"
    notes = sorted(folder.glob("*.problem.txt"))

    assert report.remarks == ()
    assert [path.name[:100] for path in notes] == [name[:100]] * 2
    assert sum(f"{name[:-1]}z.toml" in path.read_text("utf-8") for path in notes) == 1
    newsroom.drop(files[0], entry_file())
    newsroom.build()
    assert len([*folder.glob("*.problem.txt")]) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("body =", 'status = "retracted"\nretraction = "Wrong."\nbody ='),
        ('"Minutes"', '"The "minutes" of May"'),
        ('"""\n', '"""\n\0'),
    ],
    ids=["retracted", "quotes", "binary"],
)
@pytest.mark.parametrize("partly", [False, True])
def test_documents_of_an_entry_that_shows_none_of_them_are_not_taken_for_news(
    newsroom: Newsroom, old: str, new: str, *, partly: bool
) -> None:
    """A retraction, or a mistake in the entry, does not advise to publish its Word document."""
    for name in ("press release.docx", "list.txt", "form.rtf"):
        newsroom.drop(name, b"{\\rtf PK")
    files = '["press release.docx", {file = "list.txt"}]'
    body = '"""\nSee [the form](form.rtf).\n"""'
    text = entry_file("Minutes", attachments=files, body=body)
    newsroom.drop("minutes.toml", text)
    newsroom.build()
    newsroom.drop("minutes.toml", text.replace(old, new, 1))
    report = newsroom.build(changed_files=["minutes.toml"] if partly else None)

    assert {problem.file for problem in report.problems} <= {"minutes.toml"}
    assert not any(note(newsroom, name) for name in ("press release.docx", "list.txt", "form.rtf"))
