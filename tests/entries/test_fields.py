"""One table names every field, and adding one takes three places (`CONTRIBUTING.md`)."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dateline.entries import fields
from dateline.model import Story
from support import worked_example
from support.ledgers import opened
from support.paths import ROOT
from support.publication import CONFIG, entry_file

# Fields of entries, and the field of `Story` that holds each.
HELD_BY = {
    "body": "html",
    **dict.fromkeys(("image_alt", "image_caption", "image_credit"), "image"),
    "status": "retraction",
}
# Fields of `Story` that come from the file itself, or from several fields.
DERIVED = {"path", "kind", "inline"}


def test_stories_and_the_table_name_the_same_fields() -> None:
    """Every field of a file has a place in `Story`, and no other does."""
    named = {HELD_BY.get(name, name) for name in fields.NAMES}

    assert named == {field.name for field in dataclasses.fields(Story)} - DERIVED


def test_a_field_of_plain_text_is_a_text_of_story() -> None:
    """It is empty unless the file has the field."""
    defaults = {field.name: (field.type, field.default) for field in dataclasses.fields(Story)}

    for name in fields.LINES - {"summary"}:
        assert defaults[name] == ("str", "")


def test_a_name_means_one_field() -> None:
    """No alias belongs to two fields, or is the name of one."""
    aliases = [alias for field in fields.FIELDS for alias in field.aliases.split()]

    assert len(aliases) == len(set(aliases))
    assert not fields.NAMES & set(aliases)


# ---- The worked example of `CONTRIBUTING.md`


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the source with a publication in it, and with the example's field."""
    folder = tmp_path_factory.mktemp("tree")
    without = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "dateline", folder / "dateline", ignore=without)
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=without)
    shutil.copytree(ROOT / "docs", folder / "docs")
    for name in ("publisher.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "entries").mkdir()
    worked_example.apply("Add a field", folder)
    return folder


def run(tree: Path, *arguments: str, code: int = 0) -> str:
    """Return the output of a command of the copied tree that exits with `code`."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def stories(tree: Path) -> list[dict[str, Any]]:
    """Return the stories of all versions in the ledger, oldest first."""
    with opened(tree / "state/ledger.sqlite") as ledger:
        rows = ledger.execute("SELECT unpacked(story) FROM version ORDER BY number").fetchall()
    return [json.loads(story) for (story,) in rows]


@pytest.mark.long
def test_an_added_field_makes_the_round_trip(tree: Path) -> None:
    """It goes from the file to the ledger, to `history` and to the page."""
    entry = tree / "entries/report.toml"
    entry.write_text(entry_file(), encoding="utf-8")
    run(tree, "publisher.py", "build")
    entry.write_text(entry_file(contact='"Ann,  1234"'), encoding="utf-8")
    run(tree, "publisher.py", "build")

    first, second = stories(tree)
    pages = "".join(page.read_text("utf-8") for page in (tree / "feeds").glob("**/*.html"))

    assert "contact" not in first
    assert second["contact"] == "Ann, 1234"
    assert "contact" in run(tree, "publisher.py", "history", "report.toml")
    assert '<p class="contact">Ann, 1234</p>' in pages


@pytest.mark.long
def test_an_added_field_is_in_template_schema_and_guide(tree: Path) -> None:
    """`--rewrite` writes the guide."""
    new = tree / run(tree, "publisher.py", "new", "A talk").splitlines()[0]
    rewrite = ("tests/entries/test_template.py", "--rewrite", "-k", "describes or shipped")
    run(tree, "-m", "pytest", "-q", *rewrite)

    template = new.read_text(encoding="utf-8")
    schema = json.loads((tree / "entries" / fields.SCHEMA_NAME).read_text(encoding="utf-8"))
    guide = (tree / "docs/for-staff.md").read_text(encoding="utf-8")

    assert "\n# contact = " in template
    assert schema["properties"]["contact"]["type"] == "string"
    assert "\n| `contact` | " in guide


@pytest.mark.long
@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("contact = 7", 'contact = "7"'),
        ('contact = "Ann <b>Example</b>"', "<b>"),
        ('press_contact = "Ann"', "contact"),
    ],
)
def test_an_added_field_is_checked(tree: Path, written: str, message: str) -> None:
    """Its type, markup and spelling are checked like those of all others."""
    entry = tree / "entries/wrong.toml"
    entry.write_text(f"{written}\n{entry_file()}", encoding="utf-8")

    problems = run(tree, "publisher.py", "check", "entries/wrong.toml", code=1)

    assert message in problems
    entry.unlink()
