"""Pages that say how something is ensured name modules and tests that exist."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from support.paths import ROOT

PAGES = [ROOT / "docs/security.md", ROOT / "docs/reliability.md"]
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
SHOWN = re.compile(r"\| (?:`tests/[^`]+::\w+`(?:, )?)+ \|$")
PLACE = re.compile(r"`((?:dateline|docs|requirements|tests|\.github)/[\w./-]*)`")


@cache
def names_in(file: str) -> frozenset[str]:
    """Return the names of the tests in a file; none if there is no such file."""
    path = ROOT / file
    found = re.findall(r"(?m)^def (test_\w+)\(", path.read_text("utf-8") if path.is_file() else "")
    return frozenset(found)


def claims(page: Path) -> Iterator[str]:
    """Yield each row of the tables of a page that have a column for tests."""
    table = ""
    for line in page.read_text("utf-8").splitlines():
        table = "" if not line.startswith("|") else table or line
        if table.endswith("| test |") and line != table and not line.startswith("| ---"):
            yield line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_test_and_module_that_a_page_names_exists(page: Path) -> None:
    """A renamed test would leave a promise that nothing shows."""
    text = page.read_text("utf-8")
    tests, places = TEST.findall(text), PLACE.findall(text)

    assert [(file, name) for file, name in tests if name not in names_in(file)] == []
    assert [place for place in places if not (ROOT / place).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_claim_names_a_test(page: Path) -> None:
    """Its row ends with the tests that show it."""
    found = [*claims(page)]

    assert len(found) > 5
    assert [row for row in found if not SHOWN.search(row)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_row_stands_twice(page: Path) -> None:
    """Neither with the same first cell, nor in other words with the same module and tests."""
    cells = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in claims(page)]
    firsts = Counter(one[0] for one in cells)
    rests = Counter((one[-2], frozenset(TEST.findall(one[-1]))) for one in cells)

    assert [first for first, count in firsts.items() if count > 1] == []
    assert [rest for rest, count in rests.items() if count > 1] == []
