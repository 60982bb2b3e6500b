"""Sentences name Dateline as people started it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys

import pytest

from dateline.cli import main
from dateline.messages import program, say
from support.paths import ROOT


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/opt/dateline/.venv/bin/dateline", "dateline"),
        ("C:/Dateline/Scripts/dateline.exe", "dateline"),
        ("publisher.py", "python publisher.py"),
        ("/srv/dateline/publisher.py", "python publisher.py"),
        ("/srv/dateline/dateline/__main__.py", "python -m dateline"),
    ],
)
def test_a_message_names_what_was_started(
    path: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever folder it is in."""
    monkeypatch.setenv("DATELINE_PROGRAM", "")
    monkeypatch.delenv("DATELINE_PROGRAM")

    program.started(path)

    assert say("old-gone", "en", wanted="old-gone-1").count(f"Type: {name} allow old-gone-1") == 1
    assert (
        say("old-gone", "fr", wanted="old-gone-1").count(f"Tapez\u00a0: {name} allow old-gone-1")
        == 1
    )


def test_a_process_that_serve_starts_names_what_people_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is started as a module, which nobody typed."""
    monkeypatch.setenv("DATELINE_PROGRAM", "")
    monkeypatch.delenv("DATELINE_PROGRAM")

    program.started("publisher.py")
    program.started("/srv/dateline/dateline/__main__.py")

    assert program.name() == "python publisher.py"


@pytest.mark.parametrize(
    ("words", "name"),
    [(["publisher.py"], "python publisher.py"), (["-m", "dateline"], "python -m dateline")],
)
def test_the_help_names_what_was_started(words: list[str], name: str) -> None:
    """The line of its usage can be typed as it is."""
    variables = {key: value for key, value in os.environ.items() if key != "DATELINE_PROGRAM"}
    done = subprocess.run(
        [sys.executable, *words, "--help"],
        cwd=ROOT, env=variables, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert done.stdout.startswith(f"Usage: {name} [OPTIONS] COMMAND")


def test_no_sentence_names_it_by_hand() -> None:
    """The package has the names in one place."""
    named = {
        path.relative_to(ROOT).as_posix()
        for path in (*ROOT.glob("dateline/**/*.py"), *ROOT.glob("dateline/**/*.po"))
        if re.search(r"publisher\.py|type:? dateline ", path.read_text("utf-8"), re.IGNORECASE)
    }

    assert named == {"dateline/messages/program.py"}


@pytest.mark.long
def test_no_sentence_names_a_command_alone() -> None:
    """What is to be typed begins with the name of the program."""
    commands = "|".join(main.commands)
    alone = re.compile(rf"(?:\btype:?|\bquotes:|, or:?) (?:{commands})\b(?! of)", re.IGNORECASE)

    found = {
        path.relative_to(ROOT).as_posix(): sentence[0]
        for path in (*ROOT.glob("dateline/**/*.py"), *ROOT.glob("dateline/**/*.po"))
        for sentence in alone.finditer(path.read_text("utf-8"))
    }

    assert found == {}


def test_a_file_is_named_by_its_whole_path_for_another_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So can the commands be typed that `init` prints."""
    monkeypatch.setattr(sys, "argv", ["publisher.py"])
    monkeypatch.setenv("DATELINE_PROGRAM", "python publisher.py")
    assert program.elsewhere() == shlex.join([sys.executable, os.path.abspath("publisher.py")])  # noqa: PTH100

    monkeypatch.setenv("DATELINE_PROGRAM", "dateline")
    assert program.elsewhere() == "dateline"


@pytest.mark.parametrize("text", ["", "dateline\nType: rm", "\x1b[31mdateline"])
def test_only_known_names_are_taken_from_the_environment(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else reaches a sentence that people copy into a terminal."""
    monkeypatch.setenv("DATELINE_PROGRAM", text)
    before = program.name()

    program.started("publisher.py")

    assert (before, program.name()) == ("dateline", "python publisher.py")
