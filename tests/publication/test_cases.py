"""A small publication becomes exactly the expected bytes.

A case is a folder in `data/cases`: `config.toml` and `entries/` go in, and every file of `feeds/`
comes out when they are built at `conftest.NOW`. `refused.txt` has the messages about the files that
are held. To add a case, make such a folder with the input, and generate the rest:
    pytest tests/publication/test_cases.py --rewrite
The same command rewrites all cases after an intended change of the output: read the difference
before you commit it. `@VERSION@` stands for this release in Atom's `generator`; files copied
unchanged from `dateline/render/pages/static` are not repeated, nor is the drawn card.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

import dateline
from dateline.errors import State
from support.paths import DATA
from support.publication import Newsroom

CASES = DATA / "cases"
STATIC = Path(dateline.__file__).parent / "render/pages/static"
VERSION = f'version="{dateline.__version__}">Dateline<'.encode()
PLACEHOLDER = b'version="@VERSION@">Dateline<'


def generated(newsroom: Newsroom) -> dict[str, bytes]:
    """Return every public file of a newsroom that is generated, not copied."""
    static = {path.read_bytes() for path in STATIC.iterdir()}
    return {
        name: data
        for name, (data, _) in newsroom.feeds().items()
        if data not in static and name != "card.png"
    }


def refused(newsroom: Newsroom) -> str:
    """Return the messages about files that are held, one line for each problem."""
    problems = newsroom.log[-1].problems
    held = [problem for problem in problems if problem.state == State.HOLD]
    return "".join(f"{problem.file}: {problem.message}\n" for problem in held)


def expected(case: Path) -> dict[str, bytes]:
    """Return the files that a case expects."""
    root = case / "feeds"
    return {
        path.relative_to(root).as_posix(): path.read_bytes().replace(PLACEHOLDER, VERSION)
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def rewrite(case: Path, files: Mapping[str, bytes], problems: str) -> None:
    """Write the actual output as the expected output."""
    shutil.rmtree(case / "feeds", ignore_errors=True)
    for name, data in files.items():
        path = case / "feeds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.replace(VERSION, PLACEHOLDER))
    (case / "refused.txt").unlink(missing_ok=True)
    if problems:
        (case / "refused.txt").write_text(problems, encoding="utf-8")


def lines(data: bytes) -> list[str]:
    """Split bytes into lines, so that a difference is readable."""
    return data.decode(errors="surrogateescape").splitlines(keepends=True)


@pytest.mark.long
@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_a_case_becomes_exactly_the_expected_bytes(
    case: Path, newsroom: Newsroom, pytestconfig: pytest.Config
) -> None:
    """Feeds, pages, other files and messages to staff match the case byte for byte."""
    shutil.copy(case / "config.toml", newsroom.folder)
    shutil.copytree(case / "entries", newsroom.folder / "entries", dirs_exist_ok=True)

    newsroom.build()

    files, problems = generated(newsroom), refused(newsroom)
    if pytestconfig.getoption("rewrite"):
        rewrite(case, files, problems)
    wanted = expected(case)
    told = case / "refused.txt"
    assert sorted(files) == sorted(wanted)
    for name, data in files.items():
        assert lines(data) == lines(wanted[name]), name
    assert problems == (told.read_text(encoding="utf-8") if told.exists() else "")
