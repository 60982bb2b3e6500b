"""What do staff type: to begin an entry, to ask about a date, to see old versions?

These commands publish nothing; `publisher.py` adds them to its own.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import click

from dateline import config as configuration
from dateline.cli import output
from dateline.entries import dates, template
from dateline.errors import DateError, DatelineError
from dateline.model import Kind
from dateline.publish import history as versions
from dateline.publish.settle import this_moment
from dateline.serve.doctor import examine
from dateline.serve.readership import readership
from dateline.text.localise import in_full

config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    default=Path("config.toml"),
    show_default=True,
    help="The configuration; entries/, feeds/ and state/ lie beside it.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print for machines.")


@click.command()
@config_option
@click.argument("title")
@click.option("--kind", type=click.Choice(["event", "publication"]), help="Ask for its fields.")
@click.option("--folder", default="", help="A folder below the entries folder to write it into.")
def new(config_path: Path, title: str, kind: Kind | None, folder: str) -> None:
    """Write a new entry with today's date, for you to fill in. Nothing is written over."""
    config = configuration.load(config_path)
    today = this_moment().astimezone(config.publication.zone).date()
    path = template.write(config.entries, title, kind=kind or "news", today=today, within=folder)
    click.echo(f"{os.path.relpath(path)}\n{template.NEXT}")


@click.command()
@config_option
@click.argument("text")
@click.option(
    "--as",
    "use",
    type=click.Choice(["event", "date"]),
    default="event",
    show_default=True,
    help="As which field it is read: an event may be a span or a month.",
)
@click.option("--toml", "is_toml", is_flag=True, help="TEXT is what stands behind `date =`.")
@click.option("--language", help="In which language; the publication's unless given.")
@click.option("--order", type=click.Choice(["DMY", "MDY"]), help="How 7/8/2008 is meant.")
@click.option("--zone", help="A time zone like Europe/Vienna; the publication's unless given.")
@click.option("--year", type=int, help="The year of a text without one.")
@json_option
def date(
    *,
    config_path: Path,
    text: str,
    use: Literal["event", "date"],
    language: str | None,
    order: Literal["DMY", "MDY"] | None,
    zone: str | None,
    year: int | None,
    is_toml: bool,
    as_json: bool,
) -> None:
    """Say how a date is read before it is published. Exits with 1 when it is refused."""
    config = configuration.load(config_path)
    site = _zone(zone) if zone else config.publication.zone
    try:
        span = (dates.read_toml if is_toml else dates.read)(
            text,
            use=use,
            zone=site,
            today=this_moment().astimezone(site).date(),
            language=language or config.publication.language,
            order=order or config.publication.date_order,
            year=year,
        )
    except DateError as error:
        message = error.as_problem("date", config.newsroom.language).message
        refused = {"error": error.kind, "message": message}
        click.echo(json.dumps(refused, ensure_ascii=False) if as_json else message)
        sys.exit(1)
    words = in_full(span, config.newsroom.language)
    click.echo(json.dumps(output.record_of(span)) if as_json else words)


@click.command()
@config_option
@json_option
@click.option("--diff", "is_compared", is_flag=True, help="Show what changed since the one before.")
@click.argument("entry")
@click.argument("version", type=int, required=False)
def history(
    config_path: Path, entry: str, version: int | None, *, as_json: bool, is_compared: bool
) -> None:
    """List the published versions of ENTRY: its file under entries/, its page, or its id.

    With VERSION, print the file as it was then; with --diff, how it differs from the one before,
    or each version from the one before it.
    """
    config = configuration.load(config_path)
    if is_compared:
        click.echo(output.plain_lines(versions.diff(config, entry, version)), nl=False)
    elif version is not None:
        click.echo(output.plain_lines(versions.text(config, entry, version)), nl=False)
    elif as_json:
        rows = [dataclasses.asdict(change) for change in versions.history(config, entry)]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1, default=str))
    else:
        output.show_history(versions.history(config, entry))


@click.command()
@config_option
@click.argument("entry")
@click.argument("version", type=int)
def restore(config_path: Path, entry: str, version: int) -> None:
    """Bring VERSION of ENTRY back as a file, which is then published as any other."""
    path = versions.restore(configuration.load(config_path), entry, version)
    click.echo(f"{os.path.relpath(path)} is version {version} again.")


@click.command()
@json_option
@click.argument("address")
def doctor(address: str, *, as_json: bool) -> None:
    """Look at the feed at ADDRESS from outside, as readers do. Exits with 1 when they are hurt."""
    found = []
    for finding in examine(address, datetime.now(UTC)):
        found.append(finding)
        if not as_json:
            output.show_finding(finding.state, finding.about, finding.text)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(one) for one in found], indent=1))
    sys.exit(int(any(finding.state == "bad" for finding in found)))


@click.command()
@config_option
@json_option
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def readers(config_path: Path, files: tuple[Path, ...], *, as_json: bool) -> None:
    """Say who reads: subscribers, programs, and what the feeds cost.

    FILES are access logs, ours or nginx's or Caddy's, also as .gz; without them, those that
    `serve` keeps. A subscriber is counted where a service says for how many it fetches.
    """
    found = readership(configuration.load(config_path), files)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(found), ensure_ascii=False, indent=1))
    else:
        output.show_readers(found)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise DatelineError(
            f"There is no time zone {name}. Write one like Europe/Vienna."
        ) from error


COMMANDS = (new, date, history, restore, doctor, readers)
