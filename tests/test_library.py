"""The library: `dateline.open()`, its values and errors, and the page that describes it."""

from __future__ import annotations

import doctest
import json
import os
import re
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import dateline
from dateline.config import starter
from dateline.errors import (
    ConfigError,
    DatelineError,
    EntryError,
    IntakeError,
    LedgerError,
    Problem,
)
from dateline.model import Entry, Report, Story
from dateline.publish.history import VersionChange
from dateline.site import Site
from support.paths import ROOT

PAGE = (ROOT / "docs/library.md").read_text("utf-8")
WELCOME = "2026-11-27-welcome.toml"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Return a new publication in the folder `news` of the current folder, at noon."""
    noon = datetime(2026, 11, 27, 12, tzinfo=UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(noon.timestamp())))
    monkeypatch.chdir(tmp_path)
    beginning = starter.StarterValues(
        title="Harbour news",
        url="https://news.example.org/",
        language="en",
        tag="example.org,2008",
        time_zone="Europe/Vienna",
    )
    starter.write(Path("news"), beginning, date(2026, 11, 27))
    return dateline.open("news")


@pytest.mark.long
@pytest.mark.usefixtures("site")
def test_the_examples_of_the_page_are_true() -> None:
    """Each line is run, in order."""
    text = re.sub(r"(?m)^```.*$", "", PAGE)
    test = doctest.DocTestParser().get_doctest(text, {}, "library.md", None, 0)

    failed, tried = doctest.DocTestRunner().run(test)

    assert failed == 0
    assert tried > 15


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
def test_a_name_that_no_file_can_have_is_an_error_like_others(site: Site, name: str) -> None:
    """This covers a null character and half of a surrogate pair."""
    with pytest.raises(ConfigError):
        dateline.open(name)
    with pytest.raises(IntakeError):
        site.read(name)
    with pytest.raises(LedgerError):
        site.history(name)


@pytest.mark.parametrize(
    "name", ["nothere.toml", f"news/entries/{WELCOME}", f"entries/{WELCOME}", "../config.toml", ""]
)
def test_a_check_of_no_entry_file_is_an_error(site: Site, name: str) -> None:
    """An empty report would say that there is nothing wrong with it."""
    with pytest.raises(IntakeError):
        site.check(name)
    assert site.check(WELCOME).states == {WELCOME: "live"}


@pytest.mark.long
def test_a_script_without_a_main_guard_can_build(site: Site) -> None:
    """The processes that help to render do not run the script again."""
    with site.config.path.open("a", encoding="utf-8") as file:
        for number in range(20):
            file.write(f'\n[[feed]]\nname = "f{number}"\ncategories = ["{number}"]\n')
    script = Path("script.py")
    script.write_text('import dateline\nprint(len(dateline.open("news").build().published))\n')
    done = subprocess.run(
        [sys.executable, script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.stdout, done.stderr, done.returncode) == ("1\n", "", 0)


def test_the_page_names_the_fields_of_its_values() -> None:
    """What is promised to stay is there."""
    rows = re.findall(r"(?m)^\| `(\w+)` \|[^|]*\| (.*) \|$", PAGE)
    for value in (Report, Problem, Entry, Story, VersionChange, Site):
        (named,) = (text for name, text in rows if name == value.__name__)
        known = {one.name for one in fields(value)} | set(vars(value))

        assert set(re.findall(r"`(\w+)`", named)) <= known


def test_import_dateline_imports_nothing_else() -> None:
    """No module of the package or of another library, until a publication is opened."""
    code = "import sys; old = set(sys.modules); import dateline, json; print(json.dumps("
    code += "[name for name in sys.modules if name not in old]))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    new = {name.partition(".")[0] for name in json.loads(done.stdout)} - sys.stdlib_module_names
    assert new == {"dateline"}
    assert [one for one in json.loads(done.stdout) if one.startswith("dateline.")] == []


def test_a_publication_is_opened_by_its_folder_or_its_configuration(site: Site) -> None:
    """Both are the same, and cannot be changed."""
    assert dateline.open(Path("news/config.toml")) == site
    with pytest.raises(FrozenInstanceError):
        site.config = site.config  # type: ignore[misc]  # that is what is tried


def test_nothing_is_made_by_looking(site: Site) -> None:
    """A publication that was never built has no entries; a file of it can be read."""
    assert site.entries() == ()
    assert site.check().published == (WELCOME,)
    assert site.read(WELCOME).title == "Welcome"
    assert sorted(one.name for one in Path("news").iterdir()) == [
        ".gitignore",
        "config.toml",
        "entries",
    ]


def test_what_is_not_there_is_an_error_of_dateline(site: Site) -> None:
    """A file, an entry, and a held file with its problems in the staff's language."""
    site.build()
    Path("news/entries/bad.toml").write_text('title = "A"\nbody = "B"\n', "utf-8")

    with pytest.raises(IntakeError, match=r"There is no entry file no\.toml in "):
        site.read("no.toml")
    with pytest.raises(IntakeError):
        site.read("../config.toml")
    with pytest.raises(LedgerError):
        site.history("no.toml")
    with pytest.raises(EntryError, match="The date is missing"):
        site.read("bad.toml")
    assert issubclass(EntryError, DatelineError)
