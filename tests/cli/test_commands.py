"""The command: what is typed, what is printed, and with which code it ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from time import sleep

import click
import pytest

from dateline.cli import COMMANDS, _guarded, main
from support.paths import ROOT
from support.publication import Newsroom, entry_file
from support.receiving import webhook

PUBLISHER = ROOT / "publisher.py"


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
    """Return the folder of a newsroom with one good file."""
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


def test_check_marks_the_lines_of_a_pull_request(newsroom: Newsroom, folder: Path) -> None:
    """Files are named from the repository's folder, and what needs no word has none."""
    newsroom.drop("bad.toml", entry_file().replace("2026-11-24", '"24 November"'))
    newsroom.drop("~$good.toml", "lock")

    done = publisher("check", "--format", "github", cwd=folder)

    (line,) = done.stdout.splitlines()
    assert line.startswith("::error file=entries/bad.toml,line=2,title=date-no-year::Line 2: ")
    assert done.returncode == 1


@pytest.mark.parametrize("words", [["--format", "json"], ["--json"], ["--json", "bad.toml"]])
def test_check_has_one_form_for_machines(
    words: list[str], newsroom: Newsroom, folder: Path
) -> None:
    """However it is asked for."""
    newsroom.drop("bad.toml", entry_file().replace("2026-11-24", '"24 November"'))

    rows = json.loads(publisher("check", *words, cwd=folder).stdout)

    assert rows[0]["code"] == "date-no-year"


def test_the_hook_checks_before_a_commit(newsroom: Newsroom, folder: Path) -> None:
    """Its command is that of an installed Dateline; a bad file ends it with 1."""
    lines = (PUBLISHER.parent / ".pre-commit-hooks.yaml").read_text("utf-8").splitlines()
    hook = dict(line.lstrip("- ").split(": ", 1) for line in lines if not line.startswith("#"))
    program, *words = hook["entry"].split()
    variables = os.environ | {"PYTHONPATH": str(PUBLISHER.parent)}

    def check() -> int:
        return subprocess.run(
            [sys.executable, *words], cwd=folder, env=variables, capture_output=True, check=False
        ).returncode

    good = check()
    newsroom.drop("bad.toml", entry_file().replace("2026-11-24", '"24 November"'))

    assert (program, hook["pass_filenames"]) == ("python", "false")
    assert re.search(hook["files"], "entries/2026/a.toml")
    assert not re.search(hook["files"], "pyproject.toml")
    assert (good, check()) == (0, 1)


def test_a_build_writes_notes_and_tells_of_what_is_held(newsroom: Newsroom, folder: Path) -> None:
    """One run by hand or by cron does all that `serve` does of that."""
    newsroom.drop("bad.toml", entry_file().replace("2026-11-24", '"24 November"'))
    with webhook() as received:
        alarm = f'[alarm]\nafter = 1\nwebhook = "http://127.0.0.1:{received.port}/"\n'
        with (folder / "config.toml").open("a", encoding="utf-8") as file:
            file.write(alarm)
        publisher("build", cwd=folder)
        sleep(1.1)
        done = publisher("build", cwd=folder)

    assert (done.returncode, done.stderr) == (1, "")
    assert (folder / "entries/bad.toml.problem.txt").exists()
    assert [json.loads(data)["held"][0]["file"] for data in received.data] == ["bad.toml"]


def test_what_is_about_no_file_is_printed_too(newsroom: Newsroom, folder: Path) -> None:
    """A note that cannot be written is said to people and to machines."""
    newsroom.drop(f"{'a' * 245}.toml", entry_file(body='""'))

    people = publisher("build", cwd=folder).stdout
    machines = json.loads(publisher("build", "--json", cwd=folder).stdout)

    assert people.count("cannot be written") == 1
    assert "cannot be written" in machines["remarks"][0]


def test_build_prints_one_object_for_machines(folder: Path) -> None:
    """What was published, what changed, which documents, when next."""
    report = json.loads(publisher("build", "--json", cwd=folder).stdout)

    assert report["published"] == ["good.toml"]
    assert report["files"][0]["state"] == "accept"
    assert "news.rss" in report["documents"]
    # For two days it is in the sitemap of news.
    assert report["next"] in {"2026-11-26T11:00:00+00:00", None}


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


def test_a_fault_of_ours_has_a_code_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    """1 would say that an entry was held."""

    def fails() -> None:
        raise ZeroDivisionError

    with pytest.raises(SystemExit) as ended:
        _guarded(fails)

    assert ended.value.code == 70
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_an_entries_folder_that_is_not_there_is_told(folder: Path) -> None:
    """Nothing is published of nothing, and nothing is withdrawn."""
    (folder / "entries").rename(folder / "elsewhere")

    done = publisher("build", cwd=folder)

    assert done.returncode == 2
    assert "entries" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_readme_says_which_commands_take_which_options(pytestconfig: pytest.Config) -> None:
    """`--config` and `--json`, as the commands have them."""
    text = (pytestconfig.rootpath / "README.md").read_text("utf-8")
    (said,) = re.findall(
        r"^Each but (.*) takes `--config PATH`; (.*) take `--json`;", text, re.MULTILINE
    )
    named = [set(re.findall(r"`(\w+)`", words)) for words in said]

    commands = {name: main.get_command(click.Context(main), name) for name in COMMANDS}
    options = {
        name: {word for param in command.params for word in param.opts}
        for name, command in commands.items()
        if command and not isinstance(command, click.Group)
    }
    without = {name for name, words in options.items() if "--config" not in words}
    machines = {name for name, words in options.items() if "--json" in words}
    assert named == [without, machines]


def test_the_readme_names_every_command(pytestconfig: pytest.Config) -> None:
    """Each command that staff type is a row of its table, or is explained in one."""
    text = (pytestconfig.rootpath / "README.md").read_text("utf-8")
    rows = "".join(re.findall(r"^\| `python publisher\.py .*\n", text, re.MULTILINE))

    named = set(re.findall(r"`(?:python publisher\.py )?(\w+)", rows))

    assert set(main.list_commands(click.Context(main))) - named == set()
