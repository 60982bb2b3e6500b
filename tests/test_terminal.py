"""What staff see in a terminal, and machines on its other end."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from dateline import terminal
from dateline.errors import Problem
from dateline.model import Report

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
    """Give the lines that are printed."""
    (folder / "b.toml").write_text('title = "العدد"\ndate = "30 February 2026"\n', "utf-8")
    out = StringIO()
    terminal.show(REPORT, folder, Console(file=out, width=300, soft_wrap=True))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_the_place_is_marked_in_its_line(tmp_path: Path) -> None:
    """The line of the file stands under the message, the mark under what is meant."""
    lines = shown(tmp_path)

    assert lines[2] == "HOLD      b.toml: Line 2: there is no 30 February. Correct the date."
    assert lines[3:5] == [
        '    2 | date = "30 February 2026"',
        "                ^^^^^^^^^^^",
    ]


def test_a_line_that_is_not_there_is_not_shown(tmp_path: Path) -> None:
    """A file may be mended or gone before the report is read."""
    lines = shown(tmp_path)

    assert lines[:2] == ["published a.toml", "published c.toml"]
    assert [line.split()[0] for line in lines[5:]] == ["WARN", "WARN", "1"]


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (Report(problems=(), states={}), "Nothing changed.\n"),
        (Report(problems=(), states={}, withdrawn=("a.toml",)), "withdrawn a.toml\n"),
        (Report(problems=(), states={}, published=("a.toml",)), "published a.toml\n"),
    ],
)
def test_what_happened_is_not_called_nothing(tmp_path: Path, report: Report, said: str) -> None:
    """Documents that changed a moment before wait, and are told in the next run."""
    out = StringIO()
    terminal.show(report, tmp_path, Console(file=out, width=300, soft_wrap=True))

    assert out.getvalue() == said


def test_a_check_claims_nothing_that_did_not_happen(tmp_path: Path) -> None:
    """Nothing is published by looking."""
    out = StringIO()

    terminal.show_check(REPORT, tmp_path, Console(file=out, width=300, soft_wrap=True))

    assert "published" not in out.getvalue()
    assert out.getvalue().splitlines()[-1] == "3 files looked at, 1 held."


def test_machines_get_a_row_for_each_problem_and_each_fine_file() -> None:
    """Rows are in the order of the files; the record of a run goes into JSON as it is."""
    rows = terminal.rows(REPORT)

    assert [(row["file"], row["state"], row["line"]) for row in rows] == [
        ("a.toml", "accept", None),
        ("b.toml", "hold", 2),
        ("c.toml", "warn", 9),
        ("d.toml", "warn", None),
    ]
    assert json.loads(json.dumps(terminal.record(REPORT)))["files"] == rows


def test_a_pull_request_is_marked_where_it_is_wrong() -> None:
    """What GitHub's command syntax would take for its own signs is escaped."""
    commands = list(terminal.workflow_commands(REPORT, Path("/x/entries"), Path("/x")))

    assert commands[0] == (
        "::error file=entries/b.toml,line=2,title=date-no-such-day::"
        "Line 2: there is no 30 February. Correct the date."
    )
    assert commands[1].startswith("::warning file=entries/c.toml,line=9,")
