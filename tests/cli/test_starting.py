"""Each command imports only the libraries that it needs, and names those that are missing."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from time import sleep
from types import MappingProxyType

import click
import pytest
from click.testing import CliRunner

from dateline.cli import _EXTRAS, COMMANDS, EXAMPLES, main
from support.paths import ROOT
from support.publication import Newsroom, entry_file
from test_architecture import DOORS

PUBLISHER = ROOT / "publisher.py"
HEAVY = {"sqlalchemy", "flask", "pydantic", "lxml", "PIL", "apscheduler"}
# Libraries that each take a few milliseconds: for compression, TOML and the words of Dateline.
LIGHT = {
    "brotli", "click", "deflate", "gettext", "tomli", "zstandard",
}  # fmt: skip
# Modules of the command line that hold no command.
SHARED = {"", "claim", "options", "output", "output.progress_bar"}
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
# Prints the exit code of the help of each command.
HELPS = """
import json
from click.testing import CliRunner
from dateline.cli import COMMANDS, main
print(json.dumps({name: CliRunner().invoke(main, [name, "--help"]).exit_code for name in COMMANDS}))
"""


def start(
    *words: str | Path,
    program: str | Path = PUBLISHER,
    missing: str = "",
    variables: Mapping[str, str] = MappingProxyType({}),
) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """Run a program in a child process; return its result, and the modules that it imported."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, missing, program, *words],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, **variables},
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
    assert "  takedown    Delete ENTRY everywhere, for good.\n" in done.stdout
    assert modules & HEAVY == parts(modules) == set()


@pytest.mark.parametrize(
    ("command", "module"),
    [
        ("build", "build"),
        ("date", "entries"),
        pytest.param("import", "importing", marks=pytest.mark.long),
        pytest.param("ledger", "ledger", marks=pytest.mark.long),
        pytest.param("readers", "observe", marks=pytest.mark.long),
        pytest.param("takedown", "decisions", marks=pytest.mark.long),
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


@pytest.mark.parametrize("door", ["-m dateline", "publisher.py", "installed"])
def test_an_interrupt_during_imports_ends_quietly(door: str, tmp_path: Path) -> None:
    """Ctrl+C in the first moment of a command ends it with 130, without a traceback."""
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt\n", encoding="utf-8")
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    module, _, function = scripts["dateline"].partition(":")
    typed = {
        "-m dateline": ["-m", "dateline"],
        "publisher.py": [str(PUBLISHER)],
        "installed": ["-c", f"from {module} import {function}; {function}()"],
    }[door]
    found = subprocess.run(
        [sys.executable, *typed, "--help"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        check=False,
        text=True,
    )

    assert (found.returncode, found.stdout, found.stderr) == (130, "", "")


@pytest.mark.long
def test_a_missing_library_of_a_command_is_named() -> None:
    """This holds even though the list of commands does not need it."""
    done, _ = start("build", missing="sqlalchemy")

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "sqlalchemy" in done.stderr
    assert "type make setup" in done.stderr


@pytest.mark.long
def test_what_an_extra_brings_is_named_with_its_extra() -> None:
    """The sentence has the line to type."""
    done, _ = start("import", "docs/feeds.xml", missing="feedparser")

    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "Type: pip install 'dateline[import]'; in a clone, type make setup." in done.stderr


@pytest.mark.long
def test_a_ledger_in_postgresql_needs_its_extra(newsroom: Newsroom) -> None:
    """The sentence has the line to type."""
    path = newsroom.folder / "config.toml"
    url = "postgresql://dateline@127.0.0.1:1/news"
    path.write_text(f"{path.read_text('utf-8')}[ledger]\nurl = '{url}'\n", "utf-8")

    done, _ = start("build", "--config", path, missing="psycopg")

    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "Type: pip install 'dateline[postgresql]'; in a clone" in done.stderr


def test_an_extra_brings_what_its_modules_alone_import() -> None:
    """The libraries of an extra have no door outside the modules that are to be without them."""
    places = ("importing.", "documents.objects.bucket", "hub.")
    own = {
        library for library, doors in DOORS.items() if all(one.startswith(places) for one in doors)
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]

    assert own | {"psycopg"} == set(_EXTRAS)  # SQLAlchemy imports that one
    assert {
        name: [re.split("[<>=]", line)[0] for line in lines] for name, lines in extras.items()
    } == {
        "hub": ["aiohttp", "yarl"],
        "import": ["beautifulsoup4", "feedparser", "pyyaml"],
        "postgresql": ["psycopg[binary]"],
        "s3": ["obstore"],
    }


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["completion", "zsh"]])
def test_what_reads_no_publication_needs_no_large_library(words: list[str]) -> None:
    """No command's module either, nor what only Unix systems have, nor what unpacks archives."""
    done, modules = start(*words, missing="resource,fcntl")

    assert (done.returncode, done.stderr) == (0, "")
    assert modules & {*HEAVY, "importlib.resources", "zipfile"} == parts(modules) == set()


@pytest.mark.long
@pytest.mark.parametrize("words", [["date", "1 May 2026"], ["new", "Harbour opens"]])
def test_what_needs_no_ledger_starts_without(words: list[str], newsroom: Newsroom) -> None:
    """Of the large libraries, the configuration's is enough, and no terminal is drawn."""
    done, modules = start(*words, "--config", newsroom.folder / "config.toml")

    assert (done.returncode, done.stderr) == (0, "")
    assert modules & {*HEAVY, "rich", "jinja2", "httpx"} == {"pydantic"}


@pytest.mark.long
def test_a_build_with_nothing_new_imports_neither_what_reads_nor_what_renders(
    newsroom: Newsroom,
) -> None:
    """Of the outside libraries, those of the configuration, the ledger and the manifest are enough.

    No progress is drawn, nothing is scheduled, and no module is imported that parses a file, or
    that serves another kind of database. Of the ledger's queries, those for documents stay out.
    """
    newsroom.drop("good.toml", entry_file())
    words = ("build", "--config", newsroom.folder / "config.toml")
    start(*words)

    done, modules = start(*words)

    assert done.stdout.splitlines()[0] == "Nothing changed."
    assert modules & DOORS.keys() == {*LIGHT, "pydantic", "sqlalchemy"}
    own = ("entries.normalise", "entries.parse", "entries.pasted", "entries.dates", "render")
    queries = (f"ledger.queries.{name}" for name in ("editions", "events", "overview"))
    assert modules & {f"dateline.{name}" for name in (*own, *queries)} == set()
    assert "sqlalchemy.dialects.postgresql" not in modules


@pytest.mark.long
def test_a_build_with_one_entry_imports_nothing_for_other_kinds_of_files(
    newsroom: Newsroom,
) -> None:
    """Nothing that tells old encodings apart, reads PDF or pasted text, draws, or asks servers.

    Nothing that finds the line of a fault, or answers searches, either.
    """
    words = ("build", "--config", newsroom.folder / "config.toml")
    start(*words)
    newsroom.drop("good.toml", entry_file())
    sleep(1)  # what changed in this second is written in the next, with all that is drawn

    done, modules = start(*words)

    assert done.stdout.startswith("Entries: 1 published.")
    assert "dateline.entries.reader" in modules
    others = {"http.client", "httpx", "PIL", "pikepdf", "rich", "apscheduler", "flask"}
    others |= {"tree_sitter", "tree_sitter_toml"}
    own = (
        "entries.parse.encoding_western", "entries.pasted.blocks", "publish.recovery.restore",
        "render.pages.search",
    )  # fmt: skip
    assert modules & {*others, *(f"dateline.{name}" for name in own)} == set()


@pytest.mark.long
def test_a_short_command_is_not_slowed_by_searches_for_garbage() -> None:
    """There are none while the command is imported, and none when the process ends."""
    reported = "print(len(found), gc.isenabled(), gc.get_freeze_count() > 0)"
    child = (
        f"import atexit, gc; found = []; atexit.register(lambda: {reported}); "
        "from dateline.cli import run; gc.callbacks.append(lambda *_: found.append(1)); run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", child, "build", "--help"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "0 True True"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_ends_with_examples(name: str) -> None:
    """Each can be typed: the command takes the words."""
    command = main.get_command(click.Context(main), name)

    assert command
    for line in EXAMPLES[name]:
        first, *words = shlex.split(line)
        assert first == name
        assert command.make_context(name, words).command is command
        assert f"  dateline {line}\n" in command.get_help(click.Context(command)) + "\n"


def test_a_shell_completes_commands_without_importing_them() -> None:
    """Nothing is slower at the key than the help."""
    words = {"_DATELINE_COMPLETE": "bash_complete", "COMP_WORDS": "dateline re", "COMP_CWORD": "1"}
    done, modules = start(program="dateline", variables={"DATELINE_PROGRAM": "dateline", **words})

    assert done.stdout.splitlines()[:2] == ["plain,readers", "plain,restore"]
    assert modules & HEAVY == parts(modules) == set()


@pytest.mark.long
def test_serving_needs_a_unix_system(newsroom: Newsroom) -> None:
    """On other systems, one sentence says so before anything is written."""
    done, _ = start("serve", "--config", newsroom.folder / "config.toml", missing="resource,fcntl")

    assert done.returncode == 2
    assert done.stderr.startswith(
        "serve needs Linux, macOS or another Unix: type python publisher.py build"
    )
    assert len(done.stderr.splitlines()) == 1
    assert not (newsroom.folder / "state").exists()


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["check"], marks=pytest.mark.long),
        pytest.param(["date", "1 May 2026"], marks=pytest.mark.long),
        ["new", "Harbour opens"],
        ["build"],
    ],
)
def test_entries_are_written_and_published_without_unix_modules(
    words: list[str], newsroom: Newsroom
) -> None:
    """Locking and limits are skipped on systems without them."""
    newsroom.drop("good.toml", entry_file())

    done, _ = start(*words, "--config", newsroom.folder / "config.toml", missing="resource,fcntl")

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.long
def test_the_help_of_each_command_works_without_unix_modules(tmp_path: Path) -> None:
    """Each command describes itself on any system; one process asks them all."""
    program = tmp_path / "helps.py"
    program.write_text(HELPS, "utf-8")

    done, _ = start(program=program, missing="resource,fcntl")

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout.splitlines()[0]) == dict.fromkeys(COMMANDS, 0)


def test_a_mistyped_command_is_answered_with_the_nearest() -> None:
    """Exit code 2, as for other refusals."""
    done = CliRunner().invoke(main, ["serv"])

    assert done.exit_code == 2
    assert "Did you mean serve?" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["history", "\udcff"],
        ["new", "\udcff"],
        ["new", "Harbour", "--folder", "\udcff"],
        ["date", "\udcff"],
        ["takedown", "\udcff"],
    ],
)
def test_bytes_that_are_not_utf_8_are_refused_as_text(words: list[str]) -> None:
    """This holds for every argument but paths."""
    done = CliRunner().invoke(main, words)

    assert done.exit_code == 2
    assert "'\\udcff' is not saved as UTF-8." in done.stderr


@pytest.mark.long
def test_a_folder_of_any_name_is_shown(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are printed as an escape."""
    folder = tmp_path / "\udcff"

    done, _ = start("init", "--yes", folder)

    assert (done.returncode, done.stderr) == (0, "")
    assert f"{tmp_path}/\\udcff/config.toml\n" in done.stdout
    assert (folder / "config.toml").is_file()
