"""Each command imports only the libraries that it needs, and names those that are missing."""

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
# Runs a program without some modules, and prints in the end which modules it imported.
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
    """Return the modules of the command line among these, without the shared ones."""
    inside = {name for name in modules if f"{name}.".startswith("dateline.cli.")}
    return {name.removeprefix("dateline.cli").lstrip(".") for name in inside} - SHARED


@pytest.mark.parametrize("program", [PUBLISHER, "dateline"])
def test_the_list_of_commands_needs_no_large_library(program: str | Path) -> None:
    """It imports no module of a command, and none that only Unix systems have."""
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
def test_the_help_of_a_command_imports_only_its_own_module(command: str, module: str) -> None:
    """Modules of other commands are not imported."""
    done, modules = start(command, "--help")

    assert done.returncode == 0
    assert parts(modules) == {module}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_shows_the_first_sentence_of_each_command_s_help(name: str) -> None:
    """The sentence fits on a line, and the command's own help begins with it."""
    text = COMMANDS[name][1]
    command = main.get_command(click.Context(main), name)

    assert command
    assert command.name == name
    assert command.get_short_help_str(limit=100) == text
    assert len(text) < 45


def test_an_option_has_the_same_description_in_all_commands() -> None:
    """The description is independent of the command that has it."""
    commands = [main.get_command(click.Context(main), name) for name in COMMANDS]
    options = {
        (option.opts[0], option.help)
        for command in commands
        if command
        for option in command.params
        if isinstance(option, click.Option) and option.opts[0] in {"--config", "--json", "--folder"}
    }

    assert len(options) == 3


def test_a_missing_installation_is_explained() -> None:
    """One sentence says what to type; it also covers a Python other than that of `make setup`."""
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


def test_a_missing_library_of_a_command_is_named() -> None:
    """This holds even though the list of commands does not need it."""
    done, _ = start("build", missing="sqlalchemy")

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "sqlalchemy" in done.stderr
    assert "type make setup" in done.stderr


def test_serving_needs_a_unix_system(newsroom: Newsroom) -> None:
    """On other systems, one sentence says so before anything is written."""
    done, _ = start("serve", "--config", newsroom.folder / "config.toml", missing="resource,fcntl")

    assert done.returncode == 2
    assert done.stderr.startswith("serve needs Linux, macOS or another Unix: type build here")
    assert len(done.stderr.splitlines()) == 1
    assert not (newsroom.folder / "state").exists()


def test_checking_works_without_unix_modules(newsroom: Newsroom) -> None:
    """Locking is skipped on systems without locks."""
    newsroom.drop("good.toml", entry_file())

    done, _ = start("check", "--config", newsroom.folder / "config.toml", missing="resource,fcntl")

    assert (done.returncode, done.stderr) == (0, "")
