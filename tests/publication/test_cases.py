"""Does a small publication give exactly these bytes?

A case is a folder in `data/cases`: `config.toml` and `entries/` go in, and every file of
`feeds/` comes out when they are built at `conftest.NOW`. `refused.txt` has what is said of
the files that are held. To add a case, make such a folder with what goes in, and have the
rest written:

    pytest tests/publication/test_cases.py --rewrite

The same command writes all cases anew where output changes on purpose: read the difference
before it is committed. `@VERSION@` stands for this release in Atom's `generator`; what is a
file of `dateline/render/pages/static` word for word is not repeated.
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


def came_out(newsroom: Newsroom) -> dict[str, bytes]:
    """Give every public file of a newsroom that is made, not copied."""
    static = {path.read_bytes() for path in STATIC.iterdir()}
    return {name: data for name, (data, _) in newsroom.feeds().items() if data not in static}


def refused(newsroom: Newsroom) -> str:
    """Give what was said of each file that is held, a line for each problem."""
    problems = newsroom.log[-1].problems
    held = [problem for problem in problems if problem.state == State.HOLD]
    return "".join(f"{problem.file}: {problem.message}\n" for problem in held)


def expected(case: Path) -> dict[str, bytes]:
    """Give the files that a case should give."""
    root = case / "feeds"
    return {
        path.relative_to(root).as_posix(): path.read_bytes().replace(PLACEHOLDER, VERSION)
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def rewrite(case: Path, files: Mapping[str, bytes], problems: str) -> None:
    """Write what came out as what should."""
    shutil.rmtree(case / "feeds", ignore_errors=True)
    for name, data in files.items():
        path = case / "feeds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.replace(VERSION, PLACEHOLDER))
    (case / "refused.txt").unlink(missing_ok=True)
    if problems:
        (case / "refused.txt").write_text(problems, encoding="utf-8")


def lines(data: bytes) -> list[str]:
    """Give bytes as lines, so that a difference can be read; none is lost."""
    return data.decode(errors="surrogateescape").splitlines(keepends=True)


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_a_publication_gives_exactly_these_bytes(
    case: Path, newsroom: Newsroom, pytestconfig: pytest.Config
) -> None:
    """Feeds, pages and files are what the case says, byte for byte, and so is what staff read."""
    shutil.copy(case / "config.toml", newsroom.folder)
    shutil.copytree(case / "entries", newsroom.folder / "entries", dirs_exist_ok=True)

    newsroom.build()

    files, problems = came_out(newsroom), refused(newsroom)
    if pytestconfig.getoption("rewrite"):
        rewrite(case, files, problems)
    wanted = expected(case)
    told = case / "refused.txt"
    assert sorted(files) == sorted(wanted)
    for name, data in files.items():
        assert lines(data) == lines(wanted[name]), name
    assert problems == (told.read_text(encoding="utf-8") if told.exists() else "")
