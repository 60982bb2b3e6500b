"""Output of the commands, for people and for programs."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from dateline.cli import output
from dateline.errors import Problem
from dateline.model import Report
from dateline.publish.history import VersionChange
from support.publication import NOW

REPORT = Report(
    problems=(
        Problem(code="date-no-such-day", file="b.toml", line=2, field="date", found="30 February"),
        Problem(code="image-no-alt", file="c.toml", line=9, field="image"),
        Problem(code="file-gone", file="d.toml"),
    ),
    states={"a.toml": "live", "b.toml": "hold", "c.toml": "live"},
    published=("a.toml", "c.toml"),
    documents=("news.rss",),
)


def shown(folder: Path) -> list[str]:
    """Return the lines that are printed."""
    (folder / "b.toml").write_text('title = "العدد"\ndate = "30 February 2026"\n', "utf-8")
    out = StringIO()
    output.show(REPORT, folder, Console(file=out, width=300, soft_wrap=True))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_the_faulty_text_is_marked_in_its_line(tmp_path: Path) -> None:
    """The line of the file follows the message, with the mark below the faulty text."""
    lines = shown(tmp_path)

    said = "HOLD      b.toml: Line 2: there is no 30 February. Correct the date."
    assert lines[2] == f"{said} [date-no-such-day]"
    assert lines[3:5] == [
        '    2 | date = "30 February 2026"',
        "                ^^^^^^^^^^^",
    ]


def test_a_missing_line_is_not_shown(tmp_path: Path) -> None:
    """A file may be changed or deleted before the report is printed."""
    lines = shown(tmp_path)

    assert lines[:2] == ["published a.toml", "published c.toml"]
    assert [line.split()[0] for line in lines[5:]] == ["WARN", "WARN", "1"]


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (Report(problems=(), states={}), "Nothing changed.\n"),
        (Report(problems=(), states={}, withdrawn=("a.toml",)), "withdrawn a.toml\n"),
        (Report(problems=(), states={}, published=("a.toml",)), "published a.toml\n"),
        (
            Report(problems=(), states={}, renamed=(("a.toml", "b.toml"),)),
            "renamed   a.toml to b.toml\n",
        ),
    ],
)
def test_a_summary_names_everything_that_happened(
    tmp_path: Path, report: Report, said: str
) -> None:
    """Documents that wait for the next second are reported by the next run."""
    out = StringIO()
    output.show(report, tmp_path, Console(file=out, width=300, soft_wrap=True))

    assert out.getvalue() == said


def test_a_summary_counts_entries_below_the_problems(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Entries and documents are counted in the last line, and no entry has a line of its own."""
    report = replace(REPORT, changed=("e.toml",), documents=("news.rss", "news.atom"))

    output.print_report(report, tmp_path, as_json=False, is_short=True)

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["HOLD", "WARN", "WARN"]
    assert lines[-1] == "Entries: 2 published, 1 changed. 2 documents changed."


def test_a_check_reports_no_publication(tmp_path: Path) -> None:
    """A check publishes nothing."""
    out = StringIO()

    output.show_check(REPORT, tmp_path, Console(file=out, width=300, soft_wrap=True))

    assert "published" not in out.getvalue()
    assert out.getvalue().splitlines()[-1] == "3 files checked, 1 held."


def test_lines_are_printed_without_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Some programs that start others set `COLUMNS` to 0."""
    monkeypatch.setenv("COLUMNS", "0")

    output.show_check(REPORT, tmp_path)

    assert capsys.readouterr().out.splitlines()[-1] == "3 files checked, 1 held."


def test_json_has_a_row_for_each_problem_and_each_valid_file() -> None:
    """Rows are in the order of the files; the record of a run becomes JSON unchanged."""
    rows = output.rows(REPORT)

    assert [(row["file"], row["state"], row["line"]) for row in rows] == [
        ("a.toml", "accept", None),
        ("b.toml", "hold", 2),
        ("c.toml", "warn", 9),
        ("d.toml", "warn", None),
    ]
    assert json.loads(json.dumps(output.record(REPORT)))["files"] == rows


def test_annotations_of_a_pull_request_are_escaped() -> None:
    """Characters that GitHub's command syntax would interpret are escaped."""
    commands = list(output.workflow_commands(REPORT, Path("/x/entries"), Path("/x")))

    assert commands[0] == (
        "::error file=entries/b.toml,line=2,title=date-no-such-day::"
        "Line 2: there is no 30 February. Correct the date."
    )
    assert commands[1].startswith("::warning file=entries/c.toml,line=9,")


# Names and texts by staff that markup or terminals could interpret.
TYPED = ["[/b] x", "[bold]x[/bold]", ":smile:", "[link=a]x[/link]", "[", "\\[b]"]
CONTROLS = ["\x1b[31mred", "\x1b]0;title\x07", "a\rb", "\u202egnp.exe", "\x9b2J"]


@pytest.mark.parametrize("text", TYPED)
def test_text_of_staff_is_printed_unchanged(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """This covers problems, quoted lines, remarks, histories, findings and answers."""
    (tmp_path / "b.toml").write_text(f'date = "{text}"\n', "utf-8")
    problem = Problem(code="date-no-such-day", file="b.toml", line=1, field="date", found=text)
    report = Report(
        problems=(problem, Problem(code="file-gone", file=text)),
        states={},
        published=(text,),
        renamed=((text, text),),
        remarks=(f"{text} cannot be written",),
    )
    change = VersionChange(number=1, accepted=NOW, owner=text, editor=text, what=(text,))

    output.show(report, tmp_path)
    output.show_check(report, tmp_path)
    output.show_answer(text, report, tmp_path, [])
    output.show_finding("bad", "hub", text)
    output.show_history([change])

    assert capsys.readouterr().out.count(text) >= 20


@pytest.mark.parametrize("text", CONTROLS)
def test_no_text_of_staff_controls_a_terminal(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Unprintable characters are shown as marks."""
    report = Report(
        problems=(Problem(code="file-gone", file=text),), states={}, remarks=(text,),
        published=(text,), renamed=((text, text),),
    )  # fmt: skip
    change = VersionChange(number=1, accepted=NOW, owner=text, editor=text, what=(text,))

    output.show(report, tmp_path)
    output.show_answer(text, report, tmp_path, [])
    output.show_finding("bad", "hub", text)
    output.show_history([change])

    printed = capsys.readouterr().out
    assert not {*"\x1b\x07\r\x9b\u202e"} & {*printed}
    assert "\ufffd" in printed


def test_held_files_are_listed_before_repaired_ones(tmp_path: Path) -> None:
    """The order is independent of the file names."""
    out = StringIO()
    problems = (
        Problem(code="end-ignored", file="a.toml", line=1, found=";"),
        Problem(code="image-no-alt", file="b.toml", line=1, field="image"),
        Problem(code="date-missing", file="c.toml", line=1, field="date"),
    )
    report = Report(problems=problems, states={})
    output.show(report, tmp_path, Console(file=out, width=300, soft_wrap=True))

    states = [line.split()[0] for line in out.getvalue().splitlines() if line.strip()]
    assert states == ["HOLD", "WARN", "ACCEPT"]


def test_an_answer_is_printed_first_and_other_files_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Many lines about other files would hide it."""
    others = [Problem(code="date-missing", file=f"{n}.toml", line=1) for n in range(20)]
    own = Problem(code="image-no-alt", file="own.toml", line=1, field="image")
    report = Report(problems=(*others, own), states={}, changed=("own.toml",))

    output.show_answer("Allowed.", report, tmp_path, [])

    lines = capsys.readouterr().out.splitlines()
    assert (lines[0], lines[1].split(), lines[-1]) == (
        "Allowed.",
        ["changed", "own.toml"],
        "Other files: 20 HOLD. Type dateline check to see them.",
    )
    assert len(lines) == 4
