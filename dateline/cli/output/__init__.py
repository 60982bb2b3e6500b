"""What the commands print: text for a terminal, and rows for programs. The door to rich."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

from dateline.cli.output.progress_bar import awaited, portion, progress
from dateline.errors import Problem, State
from dateline.messages import program
from dateline.model import Report
from dateline.model.acts import ActRecord
from dateline.publish.notify.problem_files import LAST, SEVERITY, quoted
from dateline.text.characters import TURNS_TEXT
from dateline.text.expressions import regex

# What is drawn is imported where something is drawn.
if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from dateline.publish.history import VersionChange
    from dateline.serve.readership import Readership

__all__ = ["awaited", "portion", "progress"]

Row: TypeAlias = dict[str, str | int | None]

_COLOURS = {
    State.ACCEPT: "green",
    State.WARN: "yellow",
    State.HOLD: "red",
    State.WAIT: "blue",
    State.SKIP: "dim",
}
_COUNTED = (State.HOLD, State.WAIT, State.WARN)  # those that staff should act on
_CONTROLS = regex("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]|" + TURNS_TEXT.pattern)
_RESULTS = ("published", "changed", "renamed", "withdrawn")
_WIDTH = 10  # of the first column
_NOTHING = "Nothing changed."
_PROGRAMS = 20  # that are listed, those with most subscribers first


def rows(report: Report) -> list[Row]:
    """Return a row for each problem and for each file without one, by file and line."""
    reported = {problem.file for problem in report.problems}
    fine: Row = {"state": State.ACCEPT.value, "line": None, "code": None, "message": ""}
    found = [problem.as_json() for problem in report.problems]
    found += [{"file": path, **fine} for path in report.states if path not in reported]
    return sorted(found, key=lambda row: (str(row["file"]), row["line"] or LAST))


def record(report: Report) -> dict[str, object]:
    """Return the object that `--json` prints for a run."""
    return {
        "files": rows(report),
        "published": report.published,
        "changed": report.changed,
        "renamed": report.renamed,
        "withdrawn": report.withdrawn,
        "documents": report.documents,
        "next": report.next.isoformat() if report.next else None,
        "remarks": report.remarks,
    }


def print_report(report: Report, entries: Path, *, as_json: bool, is_short: bool = False) -> None:
    """Print a report, as one line of JSON or for people; `is_short` counts entries."""
    if as_json:
        click.echo(json.dumps(record(report), ensure_ascii=False))
    elif not _has_results(report):
        click.echo(_NOTHING)
    elif is_short:
        show_summary(report, entries)
    else:
        show(report, entries)


def show(report: Report, entries: Path, console: Console | None = None) -> None:
    """Print a report: the result for each file, and the line that a problem is about."""
    console = console or _console()
    for word in ("published", "changed", "withdrawn"):
        for path in getattr(report, word):
            console.print(_row(word, "green", path))
    for before, after in report.renamed:
        console.print(_row("renamed", "green", f"{before} to {after}"))
    _show_problems(report, entries, console)
    if report.documents:
        console.print(_changed(report))
    elif not _has_results(report):
        console.print(_NOTHING)


def show_summary(report: Report, entries: Path) -> None:
    """Print the problems of a report, then in one line the numbers of entries and documents."""
    if report.problems or report.remarks:
        _show_problems(report, entries, _console())
    counts = {word: len(getattr(report, word)) for word in _RESULTS}
    parts = [f"{number:,} {word}" for word, number in counts.items() if number]
    said = [f"Entries: {', '.join(parts)}."] if parts else []
    said += [_changed(report)] if report.documents else []
    if said:
        click.echo(" ".join(said))


def _changed(report: Report) -> str:
    count = len(report.documents)
    return f"{count:,} document{'' if count == 1 else 's'} changed."


def show_fixed(paths: Iterable[str]) -> None:
    """Print the files that are no longer held."""
    for path in paths:
        _console().print(_row("fixed", "green", path))


def _has_results(report: Report) -> bool:
    """Return whether there is anything to print about a run."""
    changed = (getattr(report, word) for word in _RESULTS)
    return any((*changed, report.documents, report.problems, report.remarks))


def show_check(report: Report, entries: Path, console: Console | None = None) -> None:
    """Print the problems that a run would find, without its results: it has not happened."""
    console = console or _console()
    _show_problems(report, entries, console)
    count = len(report.states)
    held = sum(state == State.HOLD for state in report.states.values())
    console.print(f"{count} file{'' if count == 1 else 's'} checked, {held} held.")


def _show_problems(report: Report, entries: Path, console: Console) -> None:
    """Print problems, the most severe first, then remarks that concern no file."""
    with_text = (problem for problem in report.problems if problem.message)
    for problem in sorted(with_text, key=_order):
        code = problem.code if problem.state in _COUNTED else ""
        console.print(
            _row(
                problem.state.upper(), _COLOURS[problem.state], problem.file, problem.message, code
            )
        )
        for line in _quoted(problem, entries):
            console.print(_text(line, "dim"))
    for remark in report.remarks:
        console.print(_text(remark))


def _order(problem: Problem) -> tuple[int, str, int]:
    """Return what problems are sorted by; those of one file are as in its problem file."""
    return SEVERITY[problem.state], problem.file, problem.line or LAST


def show_answer(
    answer: str,
    report: Report,
    entries: Path,
    about: Collection[str],
) -> None:
    """Print the result of a decision that staff made.

    First the `answer`, then the results of the run and the problems of the files that it is
    `about`; of other files only the number of problems.
    """
    console = _console()
    console.print(_text(answer))
    concerned = {*about, *report.published, *report.changed, *report.withdrawn}
    own = [one for one in report.problems if one.file in concerned and one.state in _COUNTED]
    show(replace(report, problems=tuple(own)), entries, console)
    others = [one for one in report.problems if one.file not in concerned]
    counts = {state: sum(one.state == state for one in others) for state in _COUNTED}
    parts = [f"{number} {state.upper()}" for state, number in counts.items() if number]
    if parts:
        console.print(f"Other files: {', '.join(parts)}. Type {program.name()} check to see them.")


def show_history(rows: Iterable[VersionChange | ActRecord]) -> None:
    """Print the versions of an entry, and what staff did with it, as a table."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table("version", "moment", "owner of the file", "editor", "what changed", box=None)
    for row in rows:
        if isinstance(row, ActRecord):
            cells = ("", f"{row.moment:%Y-%m-%d %H:%M}", "", "", row.summary)
        else:
            moment = f"{row.accepted:%Y-%m-%d %H:%M}"
            cells = (str(row.number), moment, row.owner, row.editor, ", ".join(row.what))
        table.add_row(*map(_text, cells))
    Console(highlight=False).print(table)


def _traffic(found: Readership) -> str:
    """Return the period, the requests and the bytes in a sentence."""
    if not found.requests:
        return "Nobody asked for anything."
    moments = (datetime.fromtimestamp(one, UTC) for one in (found.since, found.until))
    days = dict.fromkeys(f"{moment:%-d %B %Y}" for moment in moments)
    return (
        f"{' to '.join(days)}: {found.requests:,} requests, for "
        f"{_share(found.unchanged, found.requests) or '0%'} of which there was nothing new (304). "
        f"{_size(found.sent)} sent, {_size(found.saved)} saved."
    )


def show_readers(found: Readership) -> None:
    """Print the traffic in a sentence, then tables of the feeds and of the programs."""
    from rich.table import Table  # noqa: PLC0415

    console = _console()
    console.print(_traffic(found))
    if found.unread:
        console.print(f"{found.unread:,} lines could not be read.", style="yellow")
    for title, parts in (("feed", found.feeds), ("program", found.programs[:_PROGRAMS])):
        table = Table(title, box=None)
        for column in ("subscribers", "requests", "304"):
            table.add_column(column, justify="right")
        for part in parts:
            people = f"at least {part.subscribers:,}" if part.subscribers else ""
            share = _share(part.unchanged, part.requests)
            table.add_row(_text(part.name), people, f"{part.requests:,}", share)
        console.print()
        console.print(table)
    if len(found.programs) > _PROGRAMS:
        console.print(f"… and {len(found.programs) - _PROGRAMS:,} other programs (--json).")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else ""


def _size(number: float) -> str:
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1000:  # noqa: PLR2004 - kilo
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:,.3g} TB"


def show_finding(state: str, about: str, text: str) -> None:
    """Print one finding of the doctor."""
    colours = {"ok": "green", "look": "yellow", "bad": "red"}
    line = _text(state.ljust(_WIDTH), colours[state])
    line.append(plain(f"{about.ljust(12)}{text}"), "default")
    _console().print(line)


def workflow_commands(report: Report, entries: Path, root: Path) -> Iterable[str]:
    """Yield GitHub's workflow commands, which mark the lines of a pull request."""
    levels = {State.HOLD: "error", State.WAIT: "error", State.WARN: "warning"}
    for problem in filter(lambda one: one.message, report.problems):
        level = levels.get(problem.state, "notice")
        about = entries if problem.file.endswith("/") else entries / problem.file
        path = about.relative_to(root)
        name = _escaped(path.as_posix(), "%\r\n:,")
        where = f"file={name},line={problem.line or 1},title={problem.code}"
        yield f"::{level} {where}::{_escaped(problem.message, '%')}"


def plain_lines(text: str) -> str:
    """Return several lines, with `\ufffd` for characters that control a terminal."""
    return "".join(plain(line.rstrip("\r\n")) + "\n" for line in text.splitlines())


def _row(word: str, colour: str, path: str, message: str = "", code: str = "") -> Text:
    row = _text(word.ljust(_WIDTH), colour)
    row.append(plain(path), "default")
    row.append(f": {plain(message)}" if message else "", "default")
    return row.append(f" [{code}]" if code else "", "dim")


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415

    # With no columns, as some schedulers say, rich would print nothing.
    width = 80 if os.environ.get("COLUMNS") == "0" else None

    class Lasting(Console):
        """A console that goes on without output: the exit code is that of the command."""

        def on_broken_pipe(self) -> None:
            self.quiet = True
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, sys.stdout.fileno())
            os.close(nothing)

    return Lasting(soft_wrap=True, highlight=False, width=width)


def _text(text: str, style: str = "") -> Text:
    """Return a text of others, in which rich reads no markup."""
    from rich.text import Text  # noqa: PLC0415

    return Text(plain(text), style)


def plain(text: str) -> str:
    """Return a text with `\ufffd` for characters that control a terminal or turn its text."""
    return text if text.isprintable() else _CONTROLS.sub("\ufffd", text)


def _quoted(problem: Problem, entries: Path) -> list[str]:
    """Return the line that a problem is about, and carets below the place, where it is known."""
    line = quoted(entries, problem)
    place = line.find(str(problem.found)) if problem.found else -1
    if place < 0:
        return [line] if line else []
    blank = " " * _text(line[:place]).cell_len
    return [line, blank + "^" * _text(str(problem.found)).cell_len]


def _escaped(text: str, characters: str) -> str:
    return "".join(f"%{ord(one):02X}" if one in characters else one for one in text)
