"""Applies the faults of `mutants.toml`, one at a time, and reports which of them the tests notice.

Usage: python tests/mutants.py [WORD ...] [--limit SECONDS] [--trust]. Words select the faults whose
file or text contains one of them. First all tests run without a fault, unless they are trusted;
then the tests that must notice a fault run in a copy of the tree. Exits with 1 if fewer than nine
of ten faults are noticed.
"""

from __future__ import annotations

import argparse
import importlib
import os
import shutil
import signal
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent
LIST = HERE / "mutants.toml"
WANTED = 0.9
_NOT_COPIED = frozenset({".git", ".cache", ".venv", "__pycache__"})
_PUBLISHED = frozenset({"feeds", "state"})  # at the top level only
# Imported once, since each run is a copy of this process.
_LIBRARIES = (
    "PIL.Image", "alembic", "babel", "bs4", "feedgen.feed", "flask", "html5lib", "httpx",
    "hypothesis", "icalendar", "jinja2", "lxml.etree", "pikepdf", "pydantic", "rich", "sqlalchemy",
)  # fmt: skip
_OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
_TICK = 0.05  # seconds
_FAILED = frozenset({1, 2})  # tests, and modules that cannot be imported


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One fault: `text`, which occurs once in a file, is replaced; `tests` must notice it."""

    file: str
    text: str
    instead: str
    tests: tuple[str, ...]

    def applied(self, source: str) -> str:
        """Return a source with the fault. Raises `ValueError` if the list is out of date."""
        found = source.count(self.text)
        if found != 1:
            raise ValueError(f"{self.file} has this {found} times: {self.text}")
        return source.replace(self.text, self.instead)


def mutants() -> list[Mutant]:
    """Return all faults, in the order of the list."""
    listed = tomllib.loads(LIST.read_text("utf-8"))["fault"]
    return [Mutant(**{**one, "tests": tuple(one["tests"])}) for one in listed]


def _not_copied(folder: str, names: Sequence[str]) -> set[str]:
    """Return the names in a folder of the tree that a copy does not need."""
    return {*names} & (_NOT_COPIED | _PUBLISHED if Path(folder) == ROOT else _NOT_COPIED)


def outcome(tree: Path, tests: Sequence[str], limit: float) -> str:
    """Run tests in a copy of this process: `passed`, `failed`, `slow`, or `error` otherwise."""
    child = os.fork()
    if not child:
        _run(tree, tests)
    ends = monotonic() + limit
    while monotonic() < ends:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return "passed" if code == 0 else "failed" if code in _FAILED else "error"
        sleep(_TICK)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "slow"


def _run(tree: Path, tests: Sequence[str]) -> None:
    os.setsid()
    os.chdir(tree)
    os.environ["PYTHONPATH"] = str(tree)
    sys.path[:0] = [str(tree), str(tree / "tests")]
    silent = os.open(tree / "output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    code = 3
    try:
        code = int(pytest.main([*_OPTIONS, *tests]))
    finally:
        os._exit(code)


def noticed(tree: Path, number: int, mutant: Mutant, limit: float) -> str:
    """Apply a fault in a copy of the tree, run its tests, and restore the file."""
    path = tree / mutant.file
    source = path.read_text("utf-8")
    times = path.stat()
    path.write_text(mutant.applied(source), "utf-8")
    # Python recognises compiled modules by the time in seconds and the size of their sources.
    os.utime(path, (number, number))
    try:
        return outcome(tree, mutant.tests, limit)
    finally:
        path.write_text(source, "utf-8")
        os.utime(path, (times.st_atime, times.st_mtime))


def tried(chosen: Sequence[Mutant], limit: float, *, trust: bool) -> Iterator[tuple[Mutant, str]]:
    """Yield each fault with the outcome of its tests; slow tests count as having noticed it."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=_not_copied)
        tests = sorted({test for one in chosen for test in one.tests})
        if not trust and (found := outcome(tree, tests, limit * len(tests))) != "passed":
            print((tree / "output").read_text("utf-8", "replace"))
            sys.exit(f"Without a fault the tests end as {found}: no fault was tried.")
        for number, one in enumerate(chosen, start=1_000_000_000):
            yield one, noticed(tree, number, one, limit)


def main(words: Sequence[str] = ()) -> int:
    """Apply the chosen faults, print a line for each, and return the exit code."""
    parser = argparse.ArgumentParser(description="Try deliberate faults, one at a time.")
    parser.add_argument("words", nargs="*")
    parser.add_argument("--limit", type=float, default=120.0)
    parser.add_argument("--trust", action="store_true")
    options = parser.parse_args(words or None)
    for name in _LIBRARIES:
        importlib.import_module(name)
    chosen = [
        one
        for one in mutants()
        if not options.words or any(word in f"{one.file} {one.text}" for word in options.words)
    ]
    counts = {"passed": 0, "failed": 0, "slow": 0, "error": 0}
    for one, found in tried(chosen, options.limit, trust=options.trust):
        counts[found] += 1
        said = {"passed": "NOT NOTICED", "error": "NOT RUN"}.get(found, "noticed")
        print(f"{said:12} {one.file}: {' '.join(one.instead.split()) or 'nothing'}", flush=True)
    total, seen = len(chosen), counts["failed"] + counts["slow"]
    print(f"{seen} of {total} faults were noticed; the tests of {counts['error']} did not run.")
    return int(seen < WANTED * total)


if __name__ == "__main__":
    sys.exit(main())
