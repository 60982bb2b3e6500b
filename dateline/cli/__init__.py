"""The command line: `dateline serve`, `build`, `check` and others.

Each command reads `config.toml`, calls one function, and prints the result. Its module is
imported when the command is called: the help of all commands needs none of the libraries that
publishing does.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
import traceback
from collections.abc import Callable
from io import BufferedWriter, FileIO, TextIOWrapper
from pkgutil import resolve_name
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem, get_completion_class

from dateline import __version__
from dateline.errors import REFUSALS, DatelineError, advice_on_disk, refused_file
from dateline.messages import program

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# Exit codes of every command; 1 is for what is held or found wrong, and each command's own.
_REFUSED = 2
_FAILED = 3
_INTERRUPTED = 130  # as shells say of a program that Ctrl+C (SIGINT) ended
_NO_RIGHT = frozenset({errno.EACCES, errno.EPERM})
_LASTING = frozenset({"serve", "hub"})  # commands that are started again after a failure
_LOGGING = _LASTING | {"desk", "follow", "replica"}  # and the processes of serve
# New objects before Python searches for garbage. Imports make many, and nearly all of them stay:
# with the usual 700, the search takes a twentieth of the time of a short command.
_NEW_OBJECTS = 20_000
# Libraries that only an extra brings, with the extra's name.
_EXTRAS = {
    **dict.fromkeys(("aiohttp", "yarl"), "hub"),
    **dict.fromkeys(("bs4", "feedparser", "yaml"), "import"),
    "obstore": "s3",
    "psycopg": "postgresql",
}

# Each command: where it is defined, and the first sentence of its help (a test compares them).
COMMANDS = {
    "allow": ("decisions:allow", "Allow, once, what is held under CODE."),
    "build": ("build:build", "Publish what is new or changed, once."),
    "check": ("build:check", "Check the entries, and write nothing."),
    "cluster": ("observe:cluster", "Report the nodes of the cluster."),
    "completion": (":completion", "Print a script for completion in a shell."),
    "date": ("entries:date", "Show how a date is read."),
    "deploy": ("observe:deploy", "Copy the site to a folder, bucket or host."),
    "doctor": ("observe:doctor", "Test a feed from outside, as readers do."),
    "front": ("observe:front", "Print the configuration of nginx or Caddy."),
    "history": ("entries:history", "List, print or compare versions of ENTRY."),
    "hub": ("serve:hub", "Run the hub as a process of its own."),
    "import": ("importing:import_", "Import what was published elsewhere."),
    "init": ("init:init", "Start a publication of your own in FOLDER."),
    "keep": ("decisions:keep", "Keep what is held under CODE as it is."),
    "ledger": ("ledger:ledger", "Move, check, recover or claim the ledger."),
    "move": ("decisions:move", "Preview a move of the site, or move it."),
    "new": ("entries:new", "Write a new entry file to fill in."),
    "newsroom": ("init:newsroom", "Add a person to the staff pages."),
    "readers": ("observe:readers", "Report subscribers, programs and traffic."),
    "restore": ("entries:restore", "Bring VERSION of ENTRY back as a file."),
    "serve": ("serve:serve", "Publish, serve, and watch for changes."),
    "store": ("observe:store", "Check or sweep an object store."),
    "takedown": ("decisions:takedown", "Delete ENTRY everywhere, for good."),
}
_HIDDEN = {
    "desk": ("follow:desk", ""),
    "follow": ("follow:follow", ""),
    "replica": ("serve:replica", ""),
}  # `serve` starts them
# What people may type after the name of the program; the help of each command ends with its lines.
EXAMPLES = {
    "allow": ("allow many-gone-0a1b2c",),
    "build": ("build", "build --all", "build --config /srv/news/config.toml --json"),
    "check": ("check", "check entries/harbour.toml", "check entries/2026 --format github"),
    "cluster": ("cluster", "cluster --json", "cluster step-down"),
    "completion": ("completion bash",),
    "date": ('date "1 - 3 May 2026"', 'date "7/8/2026" --order DMY --json'),
    "deploy": ("deploy public --for netlify", "deploy s3://bucket/news --dry-run"),
    "doctor": ("doctor https://www.example.org/news.rss",),
    "front": ("front nginx --port 8080", "front caddy"),
    "history": ("history harbour.toml", "history harbour.toml 2 --diff"),
    "hub": ("hub", "hub --config /srv/news/config.toml"),
    "import": ("import https://www.example.org/feed/", "import export.xml --yes"),
    "init": ("init news",),
    "keep": ("keep many-gone-0a1b2c",),
    "ledger": ("ledger check", "ledger export ledger.jsonl"),
    "move": ("move --to https://news.example.org/",),
    "new": ('new "Harbour opens"', 'new "Open day" --kind event'),
    "newsroom": ('newsroom add "Night desk" --role editor',),
    "readers": ("readers", "readers /var/log/nginx/dateline.log --json"),
    "restore": ("restore harbour.toml 2",),
    "serve": ("serve", "serve --port 8080 --newsroom 127.0.0.1:8001"),
    "store": ("store check s3://bucket/news", "store check /mnt/share/news", "store sweep"),
    "takedown": ("takedown harbour.toml",),
}


class _Text(click.types.StringParamType):
    """A text, which has characters alone: the ledger and files take no bytes that are no UTF-8."""

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the text of an argument; others refuse the command."""
        text: str = super().convert(value, param, ctx)
        if text.encode(errors="replace") != text.encode(errors="surrogatepass"):
            self.fail(f"{text!r} is not saved as UTF-8.", param, ctx)
        return text


def _with_texts(command: click.Command) -> click.Command:
    """Return a command that refuses bytes where it takes text; paths may have any."""
    for param in command.params:
        if param.type is click.STRING:
            param.type = _Text()
    for one in command.commands.values() if isinstance(command, click.Group) else ():
        _with_texts(one)
    return command


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
        if not place:
            return None
        module = "dateline.cli" if place.startswith(":") else "dateline.cli."
        command: click.Command = _with_texts(resolve_name(module + place))
        if not gc.isenabled():  # as `run` begins: what imports make is no garbage
            gc.freeze()
            gc.enable()
        if lines := EXAMPLES.get(cmd_name):
            shown = "".join(f"\n  {program.name()} {line}" for line in lines)
            command.epilog = f"\b\nExamples:{shown}"
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is called. Raises `click.UsageError`, with the nearest name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches  # noqa: PLC0415 - for a mistake alone

            near = get_close_matches(args[0], COMMANDS, n=1)
            if not near:
                raise
            text = f"{error.message.rstrip('.')}. Did you mean {near[0]}?"
            raise click.UsageError(text, error.ctx) from error

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; a question that is answered with no refuses it, and Ctrl+C stops it."""
        try:
            return super().invoke(ctx)
        except click.Abort as error:
            raise DatelineError("Stopped: nothing was changed.") from error
        except KeyboardInterrupt as error:
            click.echo("\nStopped.", err=True)
            raise click.exceptions.Exit(_INTERRUPTED) from error

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands that begin with `incomplete`, without importing any."""
        del ctx
        rows = COMMANDS.items()
        return [
            CompletionItem(name, help=text)
            for name, (_, text) in rows
            if name.startswith(incomplete)
        ]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dateline", message="%(prog)s %(version)s")
def main() -> None:
    """Publish an organisation's news: TOML files in, feeds and pages out.

    Exit codes: 0 when it is done, 1 when something is held or found wrong, 2 when the command was
    refused (the reason says what to type), 3 when Dateline itself failed, 130 when it was stopped
    with Ctrl+C.
    """


@main.command()
@click.argument("shell", type=click.Choice(["bash", "fish", "zsh"]))
def completion(shell: str) -> None:
    """Print a script for completion in a shell.

    Load it where the shell starts. In an environment of its own, write the whole path of dateline.

    \b
    ~/.bashrc:  eval "$(dateline completion bash)"
    ~/.zshrc:   eval "$(dateline completion zsh)"
    ~/.config/fish/config.fish:  dateline completion fish | source
    """  # noqa: D301 - click takes the character itself
    if script := get_completion_class(shell):  # each of the choices has one
        click.echo(script(main, {}, "dateline", "_DATELINE_COMPLETE").source())


def run() -> None:
    """Run the command that the arguments of this process name, and exit."""
    program.started(sys.argv[0])
    gc.set_threshold(_NEW_OBJECTS)
    gc.disable()  # until the command is imported
    if isinstance(sys.stdout, TextIOWrapper):  # as on stderr: a file's name may be no text
        sys.stdout.reconfigure(errors="backslashreplace")
    if not _LOGGING.isdisjoint(sys.argv[1:2]):
        _log_if_possible()
    # Its plugins are for other programs, and searching every installed package for them takes time.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        _guarded(lambda: main(prog_name=program.name()))
    finally:
        gc.freeze()  # or Python searches all that is left once more before it ends


class _Log(FileIO):
    """A file that takes all that is written to it, also where the system does not."""

    def write(self, data: ReadableBuffer, /) -> int:
        """Write data, or drop it: on a full disk, or if the program that reads it has ended."""
        try:
            return super().write(data)
        except OSError:
            return memoryview(data).nbytes


def _log_if_possible() -> None:
    """Make what this process prints something that it can go on without."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, TextIOWrapper):
            log = BufferedWriter(_Log(stream.fileno(), "wb", closefd=False))
            is_lines = stream.line_buffering
            words = (stream.encoding, stream.errors)
            setattr(sys, name, TextIOWrapper(log, *words, line_buffering=is_lines))


def _guarded(command: Callable[[], None]) -> None:
    """Run a command, and turn the error that ends it into a sentence and an exit code.

    2 where the sentence says what to do; 3, with a traceback, for a bug; 130 for Ctrl+C.
    """
    try:
        command()
    except KeyboardInterrupt:  # before a command is invoked, or after it
        sys.exit(_INTERRUPTED)
    except DatelineError as error:
        click.echo(str(error), err=True)
        sys.exit(_REFUSED)
    except ModuleNotFoundError as error:
        click.echo(_missing(error), err=True)
        sys.exit(_REFUSED)
    except Exception as error:  # noqa: BLE001 - any other exit code would mean something else
        if sentence := _refusal(error):
            click.echo(sentence, err=True)
            sys.exit(_FAILED if _is_lasting() else _REFUSED)
        traceback.print_exc()
        click.echo(
            "This is a bug in Dateline. Send these lines to the people who run it.", err=True
        )
        sys.exit(_FAILED)


def _is_lasting() -> bool:
    """Return whether this process is kept running: a full disk may have room in a moment."""
    from dateline.system.supervisor import SUPERVISOR  # noqa: PLC0415 - after a failure alone

    return SUPERVISOR in os.environ or not _LASTING.isdisjoint(sys.argv[1:2])


def _refusal(error: Exception) -> str:
    """Return the sentence for a file that the system refuses, or nothing for any other error."""
    if isinstance(error, FileNotFoundError) and not error.filename:  # of `os.getcwd`
        return "The current folder was deleted. Change to the publication's, and type it again."
    if not isinstance(error, OSError) or error.errno not in REFUSALS:
        return ""
    begin = refused_file(error)
    if not begin:  # of a file that is open, such as the output
        return f"The output, or another file, cannot be written: {error.strerror}."
    if error.errno in _NO_RIGHT:
        return f"{begin} Type the command as the user that runs serve."
    return f"{begin}{advice_on_disk(error)}"


def _missing(error: ModuleNotFoundError) -> str:
    """Return the sentence that names the library, and what to type."""
    extra = _EXTRAS.get((error.name or "").partition(".")[0])
    if extra:
        return (
            f"This command needs more libraries ({error}). Type: pip install 'dateline[{extra}]'; "
            "in a clone, type make setup."
        )
    return (
        f"A library of Dateline's is not installed ({error}). In a clone, type make setup; "
        "elsewhere, install Dateline again."
    )
