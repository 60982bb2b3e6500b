"""Commands for `config.toml`: `init` writes one, `newsroom add` a person for it."""

from __future__ import annotations

import locale
import os
import re
import secrets
import shlex
import sys
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import click
import tzlocal

from dateline.config import StaffRole, starter
from dateline.config.newsroom import person_name
from dateline.errors import ConfigError, DatelineError
from dateline.messages import program
from dateline.system.addresses import NO_DOMAIN
from dateline.system.clock import this_moment
from dateline.text.language import tag_of
from dateline.text.toml import quoted
from dateline.text.urls import slugify

_HERE = "http://127.0.0.1:8000/"
_QUESTIONS = {
    "title": "Title of the publication",
    "url": "Address that readers use",
    "language": "Language of the entries",
    "tag": "Domain that you own, and a date on which you owned it (every id begins with them)",
    "time_zone": "Time zone",
}
_SHOWN_ONCE = """
The token, which is shown this once:
  {token}
In a browser, open the address of the newsroom with /?token= and the token behind it, once.
In a script, send it in a header field: Authorization: Bearer TOKEN"""
_WHERE = "Add these lines at the end of config.toml, then restart serve or send it SIGHUP."


@click.command()
@click.option("--title", help="Title of the publication. [default: the folder's name]")
@click.option("--url", help=f"Address that readers use. [default: {_HERE}]")
@click.option("--language", help="Language of the entries. [default: the system's]")
@click.option(
    "--tag",
    metavar="DOMAIN,DATE",
    help="Beginning of every id, such as example.org,2026. [default: from the address, today]",
)
@click.option("--time-zone", help="Time zone, such as Europe/Vienna. [default: the system's]")
@click.option("--yes", is_flag=True, help="Do not ask; take the defaults.")
@click.argument("folder", type=click.Path(path_type=Path))
def init(*, folder: Path, yes: bool, **options: str | None) -> None:
    """Start a publication of your own in FOLDER.

    Asks for what is not given. FOLDER may exist; nothing in it is replaced.
    """
    starter.verify_is_free(folder)
    values = _given(options)
    for key, question in _QUESTIONS.items():
        if key not in values:
            default = _default(key, folder, values)
            values[key] = default if yes else _answer(key, question, default)
    today = this_moment().astimezone(ZoneInfo(values["time_zone"])).date()
    names = starter.write(folder, starter.StarterValues(**values), today)
    click.echo(_done(folder, values, names))


def _given(options: dict[str, str | None]) -> dict[str, str]:
    """Return the values of the options. Raises `ConfigError` with a sentence for each bad one."""
    values, faults = {}, []
    for key, text in options.items():
        if text is not None:
            try:
                values[key] = starter.checked(key, text)
            except ValueError as error:
                faults.append(f'--{key.replace("_", "-")} "{text}" {error}.')
    if faults:
        raise ConfigError(faults)
    return values


def _answer(key: str, question: str, default: str) -> str:
    """Ask until the answer is valid."""

    def checked(text: str) -> str:
        try:
            return starter.checked(key, text)
        except ValueError as error:
            raise click.UsageError(f'"{text}" {error}.') from error

    try:
        answer: str = click.prompt(question, default=default, value_proc=checked)
    except click.Abort as error:
        if sys.stdin.isatty():
            raise
        option = key.replace("_", "-")
        raise DatelineError(
            f"There is no answer to: {question}. Nothing was written. Give --{option}, or --yes "
            "for the defaults."
        ) from error
    return answer


def _default(key: str, folder: Path, values: dict[str, str]) -> str:
    """Return what is probably meant; every default is valid."""
    if key == "title":
        name = folder.resolve().name
        return _valid(key, " ".join(re.split(r"[\s_-]+", name)).strip().capitalize(), "News")
    if key == "url":
        return _HERE
    if key == "language":
        return _language()
    if key == "tag":
        return _tag(values["url"], slugify(folder.resolve().name))
    return _zone()


def _valid(key: str, text: str, otherwise: str) -> str:
    try:
        return starter.checked(key, text)
    except ValueError:
        return otherwise


def _language() -> str:
    """Return the language of the system: of its messages (POSIX), else of its locale."""
    names = [os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    for name in filter(None, (*names, locale.getlocale()[0])):
        tag = tag_of(re.split(r"[_.@-]", name)[0])  # fr_FR.UTF-8, English_United States
        if tag:
            return tag
    return "en"


def _zone() -> str:
    try:
        return _valid("time_zone", tzlocal.get_localzone_name(), "UTC")
    except (LookupError, ValueError, OSError):  # TZ names none
        return "UTC"


def _tag(url: str, name: str) -> str:
    """Return the domain of the address with today's date, or a placeholder.

    RFC 4151 means the start of the day in UTC, and it must be over.
    """
    today = this_moment().astimezone(UTC).date()
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    placeholder = f"{name}{NO_DOMAIN},{today}"
    is_address = re.search(r"[\d\]]$", host)  # of a machine (RFC 1123, section 2.1)
    return placeholder if is_address else _valid("tag", f"{host},{today}", placeholder)


def _done(folder: Path, values: dict[str, str], names: tuple[str, ...]) -> str:
    """Return what was written, and what to type next."""
    written = "\n".join(f"  {os.path.join(folder, name)}" for name in names)  # noqa: PTH118
    name = program.elsewhere()
    steps = [f"cd {shlex.quote(str(folder))}"] if folder.resolve() != Path.cwd() else []
    steps.append(f"{name} serve")
    lines = [
        f"Written:\n{written}",
        "Next, type:\n" + "\n".join(f"  {step}" for step in steps),
        f'Then open {_HERE}. To write an entry, type: {name} new "A title"',
    ]
    if values["url"] == _HERE or NO_DOMAIN in values["tag"]:
        lines.append(
            "Before others read it, set url and tag in config.toml: an address and a domain of "
            "your own."
        )
    return "\n\n".join(lines)


# ---- People of the newsroom


@click.group()
def newsroom() -> None:
    """Add a person to the staff pages."""


@newsroom.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in StaffRole]),
    default=StaffRole.WRITER.value,
    show_default=True,
    help="A reader sees, a writer also writes and stops, an editor also decides.",
)
@click.option("--token", is_flag=True, help="Make a token too, which signs in without a password.")
@click.option(
    "--no-password", is_flag=True, help="Ask for none: a token or single sign-on is enough."
)
def add(*, name: str, role: str, token: bool, no_password: bool) -> None:
    """Print the table of NAME for config.toml.

    Asks for the password, or reads it from standard input. The table has hashes alone. A token is
    shown once, on standard error.
    """
    from dateline.newsroom.access import passwords  # noqa: PLC0415 - init needs none of it
    from dateline.newsroom.access.people import token_hash  # noqa: PLC0415

    name = _valid_name(name)
    lines = ["[[newsroom.person]]", f"name = {quoted(name)}", f'role = "{role}"']
    if not no_password:
        password = _password(lambda given: passwords.weakness(given, name))
        lines.append(f'password = "{passwords.hashed(password)}"')
    made = secrets.token_urlsafe(32) if token else ""
    if made:
        lines.append(f'token = "{token_hash(made)}"')
    click.echo("\n".join(lines))
    click.echo(f"\n{_WHERE}", err=True)
    if made:
        click.echo(_SHOWN_ONCE.format(token=made), err=True)


def _valid_name(name: str) -> str:
    try:
        return person_name(name)
    except ValueError as error:
        raise DatelineError(f"The name {error}.") from error


def _password(weakness: Callable[[str], str]) -> str:
    """Ask for a password, or read it from a pipe. Raises `DatelineError` where it is weak."""
    if sys.stdin.isatty():
        password: str = click.prompt(
            "Password", hide_input=True, confirmation_prompt="The same again", err=True
        )
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if reason := weakness(password):
        raise DatelineError(
            f"This password {reason}. Take four or more words that have nothing to do with each "
            "other, or let a password manager make one."
        )
    return password
