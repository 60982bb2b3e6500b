"""The command line starts with the libraries that a command needs, and names what is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from dateline.cli import COMMANDS, main
from support.paths import ROOT
from support.publication import Newsroom, entry_file

PUBLISHER = ROOT / "publisher.py"
HEAVY = {"sqlalchemy", "flask", "pydantic", "lxml", "PIL", "apscheduler"}
SHARED = {"", "claim", "options", "output"}  # modules of the command line that hold no command
# Run a program without some modules, and print last which modules it imported.
CHILD = """
import atexit, json, runpy, sys
missing, program, *words = sys.argv[1:]
sys.argv[1:] = words
sys.modules.update(dict.fromkeys(filter(None, missing.split(","))))
atexit.register(lambda: print(json.dumps([name for name, one in sys.modules.items() if one])))
run = runpy.run_path if program.endswith(".py") else runpy.run_module
run(program, run_name="__main__")
"""


def start(
    *words: str | Path, program: str | Path = PUBLISHER, missing: str = ""
) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """Run a program in a child process; return its result, and the modules that it imported."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, missing, program, *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    return done, set(json.loads(done.stdout.splitlines()[-1]))


def parts(modules: set[str]) -> set[str]:
    """Return which modules of the command line are among these, but for the shared ones."""
    inside = {name for name in modules if f"{name}.".startswith("dateline.cli.")}
    return {name.removeprefix("dateline.cli").lstrip(".") for name in inside} - SHARED


@pytest.mark.parametrize("program", [PUBLISHER, "dateline"])
def test_the_list_of_commands_needs_no_large_library(program: str | Path) -> None:
    """Nor what only Unix systems have, and no module of a command."""
    done, modules = start("--help", program=program, missing="resource,fcntl")

    assert (done.returncode, done.stderr) == (0, "")
    assert "  takedown  Delete ENTRY everywhere, for good.\n" in done.stdout
    assert modules & HEAVY == parts(modules) == set()


@pytest.mark.parametrize(
    ("command", "module"),
    [
        ("build", "build"),
        ("date", "entries"),
        ("import", "importing"),
        ("ledger", "ledger"),
        ("readers", "observe"),
        ("takedown", "decisions"),
    ],
)
def test_the_help_of_a_command_needs_its_own_module(command: str, module: str) -> None:
    """Commands of other modules are not imported."""
    done, modules = start(command, "--help")

    assert done.returncode == 0
    assert parts(modules) == {module}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_shows_the_first_sentence_of_a_command_s_help(name: str) -> None:
    """It fits on a line, and the command begins with it."""
    text = COMMANDS[name][1]
    command = main.get_command(click.Context(main), name)

    assert command
    assert command.name == name
    assert command.get_short_help_str(limit=100) == text
    assert len(text) < 45


def test_the_same_option_is_described_in_the_same_words() -> None:
    """Whichever command has it."""
    commands = [main.get_command(click.Context(main), name) for name in COMMANDS]
    options = {
        (option.opts[0], option.help)
        for command in commands
        if command
        for option in command.params
        if isinstance(option, click.Option) and option.opts[0] in {"--config", "--json", "--folder"}
    }

    assert len(options) == 3


def test_without_its_libraries_it_says_what_to_type() -> None:
    """In one sentence, as with a Python that is not that of `make setup`."""
    done = subprocess.run(
        [sys.executable, "-S", PUBLISHER, "build"],
        capture_output=True,
        text=True,
        check=False,
        env={},
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert "No module named 'click'" in done.stderr
    assert "type make setup, and then .venv/bin/python publisher.py" in done.stderr


def test_a_library_that_a_command_lacks_is_named() -> None:
    """Also where the list of commands was shown without it."""
    done, _ = start("build", missing="sqlalchemy")

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "sqlalchemy" in done.stderr
    assert "type make setup" in done.stderr


def test_serving_needs_a_unix_system(newsroom: Newsroom) -> None:
    """Elsewhere one sentence says so before anything is written."""
    done, _ = start("serve", "--config", newsroom.folder / "config.toml", missing="resource,fcntl")

    assert done.returncode == 2
    assert done.stderr.startswith("serve needs Linux, macOS or another Unix: type build here")
    assert len(done.stderr.splitlines()) == 1
    assert not (newsroom.folder / "state").exists()


def test_checking_needs_nothing_that_only_unix_has(newsroom: Newsroom) -> None:
    """Locks are left out where a system has none."""
    newsroom.drop("good.toml", entry_file())

    done, _ = start("check", "--config", newsroom.folder / "config.toml", missing="resource,fcntl")

    assert (done.returncode, done.stderr) == (0, "")
