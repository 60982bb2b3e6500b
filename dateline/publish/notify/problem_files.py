"""What lies beside a file that staff should look at?

`NAME.toml.problem.txt`, in words that Notepad shows, and gone when all is well. It is written
only when it says something else, so that a folder that is watched comes to rest.
"""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from dateline.entries.parse.encoding import CUT_AFTER, decode
from dateline.entries.scan import MAX_SIZE
from dateline.errors import EntryError, Problem, State
from dateline.messages import around
from dateline.model import Report, Source
from dateline.system import safe_files

ENDING = ".problem.txt"

# Nothing without this start is ours to change: staff may have given a file such a name.
_OURS = (
    "\ufeffDateline: "  # Windows' older programs take a file without a BOM for their own letters
)
_TOLD = frozenset({State.HOLD, State.WARN, State.WAIT})
TOO_LONG = timedelta(seconds=CUT_AFTER)  # to wait for a file
_SHOWN = 100  # characters of a line
LAST = 10**9  # what is about no line is told after all lines


def put(
    folder: Path,
    report: Report,
    notes: Sequence[str],
    now: datetime,
    *,
    only: Collection[str] | None = None,
) -> tuple[str, ...]:
    """Bring the notes under `folder` up to date; give what to say where one cannot be written.

    `notes` are the paths of those that are there; or it is `only` the notes of these files, and
    of the folder. A file that waits keeps the note that it has, and gets one when it waited for
    ten minutes.
    """
    told = {path: list(found) for path, found in groupby(_sorted(report), lambda one: one.file)}
    if only is not None:
        told = {path: told[path] for path in told if path in only or path.endswith("/")}
        notes = [_name(folder, path) for path in (*only, f"{folder.name}/")]
    waiting = {_name(folder, path) for path in told if _is_young(path, told[path], report, now)}
    texts = {_name(folder, path): _text(folder, path, found) for path, found in told.items()}
    failed: dict[str, OSError] = {}
    for name in sorted({*texts, *notes} - waiting):
        try:
            _put(folder / name, texts.get(name, ""))
        except OSError as error:
            failed[name] = error
    return tuple(_remarks(failed))


def remove(folder: Path, notes: Sequence[str]) -> None:
    """Take away the notes that are there, where none are wanted any more."""
    for name in notes:
        with suppress(OSError):
            _put(folder / name, "")


def beside(path: str) -> str:
    """Give the path of the note of a file."""
    return f"{path}{ENDING}"


def names(folder: Path, report: Report) -> list[str]:
    """Give the paths of the notes of all files of which something is said."""
    return sorted({_name(folder, problem.file) for problem in report.problems})


def quoted(folder: Path, problem: Problem) -> str:
    """Give the line that a problem is about, with its number; nothing where none is known."""
    if not problem.line:
        return ""
    try:
        data, _ = safe_files.read(str(folder), problem.file, MAX_SIZE)
        line = written(problem.file, data)[problem.line - 1]
    except (OSError, IndexError):
        return ""
    line = "".join(sign if sign.isprintable() else " " for sign in line[: 2 * _SHOWN])
    return f"{problem.line:>5} | {line[:_SHOWN].rstrip()}"


def written(path: str, data: bytes) -> list[str]:
    """Give the lines of a file as staff wrote them, also of one that is held for its letters."""
    try:
        text = decode(Source(path=path, data=data, age=CUT_AFTER)).text
    except EntryError:  # what cannot be read for sure can still be shown
        text = data.decode(errors="replace")
    return text.split("\n")


def _sorted(report: Report) -> list[Problem]:
    """Give what is to be told of the files that are there, by file and line."""
    told = [one for one in report.problems if one.state in _TOLD and one.file in report.states]
    return sorted(told, key=lambda one: (one.file, one.line or LAST))


def _name(folder: Path, path: str) -> str:
    return beside(folder.name) if path.endswith("/") else beside(path)


def _state(found: Sequence[Problem]) -> State:
    states = {problem.state for problem in found}
    return next(state for state in (State.HOLD, State.WAIT, State.WARN) if state in states)


def _is_young(path: str, found: Sequence[Problem], report: Report, now: datetime) -> bool:
    if _state(found) is not State.WAIT:
        return False
    codes = {problem.code for problem in found if problem.state is State.WAIT}
    return now - min(report.since.get((path, code), now) for code in codes) < TOO_LONG


def _text(folder: Path, path: str, found: Sequence[Problem]) -> str:
    name, language = path.rstrip("/").rpartition("/")[2], found[0].language
    lines = [_OURS + around(f"note-{_state(found)}", language, name=name), ""]
    for problem in found:
        lines += [problem.message, *filter(None, [quoted(folder, problem)]), ""]
    return "".join(f"{line}\r\n" for line in [*lines, around("note-goes", language)])


def _put(path: Path, text: str) -> None:
    """Write a note, or take it away where it has no text; leave what is none of ours."""
    before = _read(path)
    is_ours = before is None or before.startswith(_OURS)
    if not is_ours or text == (before or ""):
        return
    if text:
        _write(path, text.encode())
    else:
        path.unlink(missing_ok=True)


def _read(path: Path) -> str | None:
    """Give what a note says, or None where there is none; of what is no file, nothing."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        return ""
    data, _ = safe_files.read(str(path.parent), path.name, MAX_SIZE)
    return data.decode(errors="replace")


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}")  # intake leaves alone what starts with a dot
    temporary.unlink(missing_ok=True)
    try:
        with temporary.open("xb") as file:  # never through somebody's link to elsewhere
            file.write(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _remarks(failed: Mapping[str, OSError]) -> Iterator[str]:
    """Say once for all files that their notes are not up to date, and why for the first."""
    for name, error in list(failed.items())[:1]:
        others = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
        yield (
            f"{name}{others} cannot be written ({error.strerror}). Let the publisher write into "
            "the entries folder, or set problem_files = false under [intake] in config.toml."
        )
