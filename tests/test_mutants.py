"""The list of deliberate faults follows the code (`make mutants`)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mutants import ROOT, Mutant, mutants

FAULTS = mutants()


@pytest.mark.long
def test_each_fault_can_be_applied() -> None:
    """Its text occurs once in its file, and the file with the fault compiles."""
    sources = {one.file: (ROOT / one.file).read_text("utf-8") for one in FAULTS}
    for one in FAULTS:
        changed = one.applied(sources[one.file])

        assert changed != sources[one.file]
        if one.file.endswith(".py"):
            compile(changed, one.file, "exec")


@pytest.mark.long
def test_the_tests_of_each_fault_exist() -> None:
    """A renamed test would notice nothing."""
    tests = ROOT / "tests"
    known = {str(path.relative_to(tests)): _names(path) for path in tests.glob("**/test_*.py")}
    for one in FAULTS:
        assert one.tests, one.text
        for test in one.tests:
            file, _, name = test.removeprefix("tests/").partition("::")

            assert file in known, test
            assert not name or name.partition("[")[0] in known[file], test


def test_no_fault_is_listed_twice() -> None:
    """A duplicate would distort the figures."""
    assert len({(one.file, one.text, one.instead) for one in FAULTS}) == len(FAULTS)


def test_an_outdated_list_is_an_error() -> None:
    """A fault that cannot be applied does not count as noticed."""
    mutant = Mutant(file="a.py", text="b", instead="c", tests=("d",))

    for source in ("", "bb"):
        with pytest.raises(ValueError, match=r"a\.py has this [02] times: b"):
            mutant.applied(source)
    assert mutant.applied("abc") == "acc"


def _names(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}
