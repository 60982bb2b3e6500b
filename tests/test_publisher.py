"""The command: what is typed, what is printed, and with which code it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Newsroom, entry_file

PUBLISHER = Path(__file__).parent.parent / "publisher.py"


def publisher(*words: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder, as staff do."""
    return subprocess.run(
        [sys.executable, PUBLISHER, *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(newsroom: Newsroom) -> Path:
    """Give the folder of a newsroom with one good file."""
    newsroom.drop("good.toml", entry_file())
    return newsroom.folder


def test_build_publishes_and_says_what(folder: Path) -> None:
    """One line for each file, one for the documents; the code is 0."""
    done = publisher("build", cwd=folder)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "published good.toml"
    assert "Report on Lebanon" in (folder / "feeds/news.rss").read_text(encoding="utf-8")


def test_build_waits_for_a_file_that_was_just_dropped(folder: Path) -> None:
    """A script that writes a file and builds gets it published."""
    publisher("build", cwd=folder)
    (folder / "entries/late.toml").write_text(entry_file("Just now"), encoding="utf-8")

    done = publisher("build", cwd=folder)

    assert "published late.toml" in done.stdout


def test_a_held_entry_is_told_and_makes_the_code_1(newsroom: Newsroom, folder: Path) -> None:
    """The good ones are out all the same."""
    newsroom.drop("bad.toml", entry_file().replace("2026-11-24", '"24 November"'))

    done = publisher("build", cwd=folder)

    assert done.returncode == 1
    assert "HOLD      bad.toml: Line 2: the date has no year." in done.stdout
    assert "published good.toml" in done.stdout


def test_check_prints_rows_for_machines_and_writes_nothing(
    newsroom: Newsroom, folder: Path
) -> None:
    """One object for each problem or fine file, in order of the files."""
    newsroom.drop("bad.toml", entry_file().replace("2026-11-24", '"24 November"'))

    done = publisher("check", "--json", cwd=folder)

    rows = json.loads(done.stdout)
    assert done.returncode == 1
    assert [(row["file"], row["state"], row["line"], row["code"]) for row in rows] == [
        ("bad.toml", "hold", 2, "date-no-year"),
        ("good.toml", "accept", None, None),
    ]
    assert sorted(path.name for path in folder.iterdir()) == ["config.toml", "entries"]


def test_build_prints_one_object_for_machines(folder: Path) -> None:
    """What was published, what changed, which documents, when next."""
    report = json.loads(publisher("build", "--json", cwd=folder).stdout)

    assert report["published"] == ["good.toml"]
    assert report["files"][0]["state"] == "accept"
    assert "news.rss" in report["documents"]
    assert report["next"] is None


def test_a_configuration_elsewhere_has_its_folders_beside_it(folder: Path) -> None:
    """`--config` alone says where everything lies."""
    done = publisher("build", "--config", folder / "config.toml", cwd=Path("/"))

    assert done.returncode == 0
    assert (folder / "feeds/news.rss").exists()


@pytest.mark.parametrize("command", ["build", "check", "serve"])
def test_a_faulty_configuration_stops_before_anything_is_written(
    command: str, folder: Path
) -> None:
    """Every fault is one line, the code is 2, and there is no trace."""
    path = folder / "config.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("title =", "titel ="), "utf-8")

    done = publisher(command, cwd=folder)

    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 4
    assert all(line.startswith("config.toml, line ") for line in done.stderr.splitlines())
    assert sorted(path.name for path in folder.iterdir()) == ["config.toml", "entries"]


def test_an_entries_folder_that_is_not_there_is_told(folder: Path) -> None:
    """Nothing is published of nothing, and nothing is withdrawn."""
    (folder / "entries").rename(folder / "elsewhere")

    done = publisher("build", cwd=folder)

    assert done.returncode == 2
    assert "entries" in done.stderr
    assert "Traceback" not in done.stderr
