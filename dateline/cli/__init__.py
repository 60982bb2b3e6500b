"""The command line: `dateline serve`, `build`, `check` and others.

Each command reads `config.toml`, calls one function, and prints the result. Its module is
imported when the command is called: the help of all commands needs none of the libraries that
publishing does.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from pkgutil import resolve_name

import click

from dateline import __version__
from dateline.errors import DatelineError
from dateline.messages import program

_CRASHED = 70  # EX_SOFTWARE of sysexits.h

# Each command: where it is defined, and the first sentence of its help (a test compares them).
COMMANDS = {
    "allow": ("decisions:allow", "Allow, once, what is held under CODE."),
    "build": ("build:build", "Publish what is new or changed, once."),
    "check": ("build:check", "Check the entries, and write nothing."),
    "date": ("entries:date", "Show how a date is read."),
    "doctor": ("observe:doctor", "Test a feed from outside, as readers do."),
    "front": ("observe:front", "Print the configuration of nginx or Caddy."),
    "history": ("entries:history", "List, print or compare versions of ENTRY."),
    "import": ("importing:import_", "Import what was published elsewhere."),
    "init": ("init:init", "Start a publication of your own in FOLDER."),
    "keep": ("decisions:keep", "Keep what is held under CODE as it is."),
    "ledger": ("ledger:ledger", "Export, import, check or recover the ledger."),
    "move": ("decisions:move", "Preview a move of the site, or move it."),
    "new": ("entries:new", "Write a new entry file to fill in."),
    "readers": ("observe:readers", "Report subscribers, programs and traffic."),
    "restore": ("entries:restore", "Bring VERSION of ENTRY back as a file."),
    "serve": ("serve:serve", "Publish, serve, and watch for changes."),
    "takedown": ("decisions:takedown", "Delete ENTRY everywhere, for good."),
}
_HIDDEN = {"follow": ("serve:follow", "")}  # `serve` starts it


class LazyGroup(click.Group):
    """A group that imports a command when it is called.

    As in click's documentation (Lazily Loading Subcommands), but for the list of commands in the
    group's own help: click would import each of them for its text.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the help."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; return None where there is none of that name."""
        del ctx
        place, _ = {**COMMANDS, **_HIDDEN}.get(cmd_name, ("", ""))
        command: click.Command | None = resolve_name(f"dateline.cli.{place}") if place else None
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dateline", message="%(prog)s %(version)s")
def main() -> None:
    """Publish an organisation's news: TOML files in, feeds and pages out."""


def run() -> None:
    """Run the command that the arguments of this process name, and exit."""
    program.started(sys.argv[0])
    _guarded(lambda: main(prog_name=program.name()))


def _guarded(command: Callable[[], None]) -> None:
    """Run a command, and turn the error that ends it into a sentence and an exit code.

    2 where the sentence says what to do; 70, with a traceback, for a bug.
    """
    try:
        command()
    except DatelineError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except ModuleNotFoundError as error:
        click.echo(
            f"A library of Dateline's is not installed ({error}). In a clone, type make setup; "
            "elsewhere, install Dateline again.",
            err=True,
        )
        sys.exit(2)
    except Exception:  # noqa: BLE001 - any other exit code would mean something else
        traceback.print_exc()
        click.echo(
            "This is a bug in Dateline. Send these lines to the people who run it.", err=True
        )
        sys.exit(_CRASHED)
