"""What the commands print: text for a terminal, and rows for programs. The door to rich."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from dateline.errors import Problem, State
from dateline.model import Report
from dateline.publish.history import VersionChange
from dateline.publish.notify.problem_files import LAST, quoted
from dateline.serve.readership import Readership
from dateline.text.characters import TURNS_TEXT

Row: TypeAlias = dict[str, str | int | None]

_COLOURS = {
    State.ACCEPT: "green",
    State.WARN: "yellow",
    State.HOLD: "red",
    State.WAIT: "blue",
    State.SKIP: "dim",
}
_SEVERITY = {
    state: number
    for number, state in enumerate((State.HOLD, State.WAIT, State.WARN, State.ACCEPT, State.SKIP))
}
_COUNTED = (State.HOLD, State.WAIT, State.WARN)  # those that staff should act on
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]|" + TURNS_TEXT.pattern)
_WIDTH = 10  # of the first column
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


def print_report(report: Report, entries: Path, *, as_json: bool) -> None:
    """Print a report, as one line of JSON or for people."""
    if as_json:
        click.echo(json.dumps(record(report), ensure_ascii=False))
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
    count = len(report.documents)
    if count:
        console.print(f"{count} document{'' if count == 1 else 's'} changed.")
    elif not any(
        (
            report.problems,
            report.published,
            report.changed,
            report.renamed,
            report.withdrawn,
            report.remarks,
        )
    ):
        console.print("Nothing changed.")


def show_check(report: Report, entries: Path, console: Console | None = None) -> None:
    """Print the problems that a run would find, without its results: it has not happened."""
    console = console or _console()
    _show_problems(report, entries, console)
    count = len(report.states)
    held = sum(state == State.HOLD for state in report.states.values())
    console.print(f"{count} file{'' if count == 1 else 's'} looked at, {held} held.")


def _show_problems(report: Report, entries: Path, console: Console) -> None:
    """Print problems, the most severe first, then remarks that concern no file."""
    with_text = (problem for problem in report.problems if problem.message)
    for problem in sorted(with_text, key=lambda one: _SEVERITY[one.state]):
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


def show_answer(
    answer: str,
    report: Report,
    entries: Path,
    about: Collection[str],
    console: Console | None = None,
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
        console.print(f"Other files: {', '.join(parts)}. Type check to see them.")


def show_history(changes: Iterable[VersionChange], console: Console | None = None) -> None:
    """Print the versions of an entry as a table."""
    table = Table("version", "published", "file of", "editor", "what changed", box=None)
    for change in changes:
        moment = f"{change.accepted:%Y-%m-%d %H:%M}"
        cells = (moment, change.owner, change.editor, ", ".join(change.what))
        table.add_row(str(change.number), *map(_text, cells))
    (console or Console(highlight=False)).print(table)


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


def show_readers(found: Readership, console: Console | None = None) -> None:
    """Print the traffic in a sentence, then tables of the feeds and of the programs."""
    console = console or _console()
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


def show_finding(state: str, about: str, text: str, console: Console | None = None) -> None:
    """Print one finding of the doctor."""
    colours = {"ok": "green", "look": "yellow", "bad": "red"}
    line = Text(state.ljust(_WIDTH), colours[state])
    line.append(plain(f"{about.ljust(12)}{text}"), "default")
    (console or _console()).print(line)


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


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[], None]]:
    """Show progress on standard error; yield the function to call after each step.

    Without a `total`, the steps are counted.
    """
    with _bar(Console(stderr=True)) as shown:
        task = shown.add_task(what, total=total)
        yield lambda: shown.advance(task)


@contextmanager
def portion(what: str, console: Console | None = None) -> Iterator[Callable[[int, int], None]]:
    """Show the parts that are done, of all: a bar in a terminal, lines of ten per cent in a log.

    Yields the function to call with both numbers; it need not be called to the end.
    """
    console = console or Console(stderr=True)
    with _bar(console, is_seen=console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        tenths = 0

        def update(done: int, total: int) -> None:
            nonlocal tenths
            bar.update(task, completed=done, total=total)
            if not console.is_terminal and 10 * done // total > tenths:
                tenths = 10 * done // total
                console.print(f"{what}: {10 * tenths} %, {done:,} of {total:,}", highlight=False)

        yield update


def _bar(console: Console, *, is_seen: bool = True) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=console, transient=True, disable=not is_seen)


def _row(word: str, colour: str, path: str, message: str = "", code: str = "") -> Text:
    row = Text(word.ljust(_WIDTH), colour)
    row.append(plain(path), "default")
    row.append(f": {plain(message)}" if message else "", "default")
    return row.append(f" [{code}]" if code else "", "dim")


def _console() -> Console:
    return Console(soft_wrap=True, highlight=False)


def _text(text: str, style: str = "") -> Text:
    """Return a text of others, in which rich reads no markup."""
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
    blank = " " * Text(line[:place]).cell_len
    return [line, blank + "^" * Text(str(problem.found)).cell_len]


def _escaped(text: str, characters: str) -> str:
    return "".join(f"%{ord(one):02X}" if one in characters else one for one in text)
