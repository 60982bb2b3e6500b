"""Notes beside the files that staff should check: `NAME.toml.problem.txt`.

A note is text for Notepad, and is removed when the problem is fixed. It is written only when its
text changes, so that a watched folder comes to rest.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from dateline.entries.filenames import folder_of
from dateline.entries.scan import CUT_AFTER, MAX_SIZE
from dateline.errors import EntryError, Problem, State
from dateline.messages import around
from dateline.model import Report, Source
from dateline.system import safe_files
from dateline.system.writing import replace_file

ENDING = ".problem.txt"

# A file without this beginning is not changed: staff may have given it such a name.
_OURS = (
    "\ufeffDateline: "  # older programs of Windows read a file without a BOM in their own encoding
)
_LOST = "\0"  # or nothing: the note was being written when the power went
_MARK = 8  # hexadecimal digits
_NO_FILE = "no file"
_REPORTED = frozenset({State.HOLD, State.WARN, State.WAIT})
TOO_LONG = timedelta(seconds=CUT_AFTER)  # to wait for a file
_SHOWN = 100  # characters of a line
LAST = 10**9  # a problem without a line is reported after those with one
# The most severe first, wherever problems are listed.
SEVERITY = {
    state: number
    for number, state in enumerate((State.HOLD, State.WAIT, State.WARN, State.ACCEPT, State.SKIP))
}


def put(
    folder: Path,
    report: Report,
    notes: Sequence[str],
    now: datetime,
    *,
    only: Collection[str] | None = None,
) -> tuple[str, ...]:
    """Update the notes under `folder`; return a remark if one cannot be written.

    `notes` are the paths of those that exist; with `only`, the notes of these files and of the
    folder are updated. A file that waits keeps its note, and gets one after ten minutes.
    """
    problems = {path: list(found) for path, found in groupby(_sorted(report), lambda one: one.file)}
    if only is not None:
        problems = {path: problems[path] for path in problems if path in only or path.endswith("/")}
        notes = [_name(folder, path) for path in (*only, f"{folder.name}/")]
    waiting = {
        _name(folder, path) for path in problems if _is_young(path, problems[path], report, now)
    }
    texts = {_name(folder, path): _text(folder, path, found) for path, found in problems.items()}
    failed: dict[str, OSError] = {}
    for name in sorted({*texts, *notes} - waiting):
        try:
            _put(folder / name, texts.get(name, ""))
        except OSError as error:
            failed[name] = error
    return tuple(_remarks(failed))


def remove(folder: Path, notes: Sequence[str]) -> None:
    """Remove the existing notes, if problem files are switched off."""
    for name in notes:
        with suppress(OSError):
            _put(folder / name, "")


def beside(path: str) -> str:
    """Return the path of the note of a file; it has the beginning of a name that is too long.

    >>> beside("2026/pier.toml")
    '2026/pier.toml.problem.txt'
    """
    name = path[len(folder_of(path)) :].encode(errors="surrogateescape")
    if len(name) + len(ENDING) <= safe_files.LONGEST_NAME:
        return f"{path}{ENDING}"
    mark = hashlib.sha256(name).hexdigest()[:_MARK]  # other names may begin in the same way
    fits = safe_files.LONGEST_NAME - len(f"-{mark}{ENDING}")
    begun = name[:fits].decode(errors="ignore")
    return f"{folder_of(path)}{begun}-{mark}{ENDING}"


def names(folder: Path, report: Report) -> list[str]:
    """Return the paths of the notes of all files with problems."""
    return sorted({_name(folder, problem.file) for problem in report.problems})


def quoted(folder: Path, problem: Problem) -> str:
    """Return the line of a problem with its number, or nothing if it has none."""
    if not problem.line:
        return ""
    try:
        data, _ = safe_files.read(str(folder), problem.file, MAX_SIZE)
        line = written(problem.file, data)[problem.line - 1]
    except (OSError, IndexError):
        return ""
    line = "".join(one if one.isprintable() else " " for one in line[: 2 * _SHOWN])
    return f"{problem.line:>5} | {line[:_SHOWN].rstrip()}"


def written(path: str, data: bytes) -> list[str]:
    """Return the lines of a file as staff wrote them, even if its encoding is unclear."""
    from dateline.entries.parse.encoding import decode  # noqa: PLC0415 - only where a line is shown

    try:
        text = decode(Source(path=path, data=data, age=CUT_AFTER)).text
    except EntryError:  # a text of unclear encoding can still be shown
        text = data.decode(errors="replace")
    return text.split("\n")


def _sorted(report: Report) -> list[Problem]:
    """Return the problems of existing files, by file, the most severe first, and by line."""
    problems = [
        one for one in report.problems if one.state in _REPORTED and one.file in report.states
    ]
    return sorted(problems, key=lambda one: (one.file, SEVERITY[one.state], one.line or LAST))


def _name(folder: Path, path: str) -> str:
    return beside(folder.name) if path.endswith("/") else beside(path)


def _state(found: Sequence[Problem]) -> State:
    states = {problem.state for problem in found}
    return next(state for state in (State.HOLD, State.WAIT, State.WARN) if state in states)


def is_request(found: Sequence[Problem]) -> bool:
    """Return whether a file is published as it is, and only a withdrawal is asked for."""
    return {one.code for one in found if one.state is State.HOLD} == {"withdrawal-asked"}


def _is_young(path: str, found: Sequence[Problem], report: Report, now: datetime) -> bool:
    if _state(found) is not State.WAIT:
        return False
    codes = {problem.code for problem in found if problem.state is State.WAIT}
    return now - min(report.since.get((path, code), now) for code in codes) < TOO_LONG


def _text(folder: Path, path: str, found: Sequence[Problem]) -> str:
    name, language = path.rstrip("/").rpartition("/")[2], found[0].language
    word = "asked" if is_request(found) else _state(found)
    lines = [_OURS + around(f"note-{word}", language, name=name), ""]
    for problem in found:
        lines += [problem.message, *filter(None, [quoted(folder, problem)]), ""]
    return "".join(f"{line}\r\n" for line in [*lines, around("note-goes", language)])


def _put(path: Path, text: str) -> None:
    """Write a note, or remove it if the text is empty; leave the files of staff alone."""
    before = _read(path)
    is_ours = not before or before.startswith((_OURS, _LOST))
    if not is_ours or (text and text == before):
        return
    if text:
        replace_file(path, text.encode(), has_one_writer=True)
    elif before is not None:
        path.unlink(missing_ok=True)


def _read(path: Path) -> str | None:
    """Return the text of a note, None if there is none, and `_NO_FILE` for a folder or a link."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        return _NO_FILE
    data, _ = safe_files.read(str(path.parent), path.name, MAX_SIZE)
    return data.decode(errors="replace")


def _remarks(failed: Mapping[str, OSError]) -> Iterator[str]:
    """Yield one remark for all notes that cannot be written, with the reason of the first."""
    for name, error in list(failed.items())[:1]:
        others = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
        yield (
            f"{name}{others} cannot be written ({error.strerror}). Let the publisher write into "
            "the entries folder, or set problem_files = false under [intake] in config.toml."
        )
