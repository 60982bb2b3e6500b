"""Commands about single entries: `new`, `date`, `history`, `restore`. None publishes.

The ledger is imported where a command reads it: `new` and `date` start without.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import click

from dateline import config as configuration
from dateline.cli.options import config_option, folder_option, json_option, order_option
from dateline.entries import dates, template
from dateline.errors import DateError, DatelineError
from dateline.model import Kind, Span
from dateline.system.clock import this_moment


@click.command()
@config_option
@click.argument("title")
@click.option(
    "--kind", type=click.Choice(["event", "publication"]), help="Add the fields of this kind."
)
@folder_option
def new(config_path: Path, title: str, kind: Kind | None, folder: str) -> None:
    """Write a new entry file to fill in.

    It has today's date and TITLE. An existing file is never replaced.
    """
    config = configuration.load(config_path)
    config.require_own_entries("Write the new file")
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
    help="Field to read it as; an event may also be a span of days or a month.",
)
@click.option("--toml", "is_toml", is_flag=True, help="Read TEXT as a TOML value.")
@click.option("--language", help="Language of TEXT. [default: from config.toml]")
@order_option
@click.option("--zone", help="Time zone, such as Europe/Vienna. [default: from config.toml]")
@click.option("--year", type=int, help="Year of a date without one.")
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
    """Show how a date is read. Exits with 1 when it is refused."""
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
    if as_json:
        click.echo(json.dumps(_record(span)))
        return
    from dateline.text.localise import in_full  # noqa: PLC0415

    click.echo(in_full(span, config.newsroom.language))


@click.command()
@config_option
@json_option
@click.option("--diff", "is_compared", is_flag=True, help="Compare with the version before.")
@click.argument("entry")
@click.argument("version", type=int, required=False)
def history(
    config_path: Path, entry: str, version: int | None, *, as_json: bool, is_compared: bool
) -> None:
    """List, print or compare versions of ENTRY.

    ENTRY is the name of its file below entries/, the address of its page, or its id. Without
    VERSION, all published versions are listed, or compared one by one (--diff). With VERSION, the
    file is printed as it was then, or compared with the version before (--diff). With --json, the
    file is under text, and the comparison under diff.
    """
    from dateline.cli import output  # noqa: PLC0415
    from dateline.publish import history as versions  # noqa: PLC0415

    config = configuration.load(config_path)
    if as_json:
        found: object
        if version is None and not is_compared:
            found = [dataclasses.asdict(row) for row in versions.record(config, entry)]
        else:
            named = "diff" if is_compared else "text"
            texts = versions.texts(config, entry, version, is_compared=is_compared)
            rows = [{**dataclasses.asdict(row), named: text} for row, text in texts]
            found = rows if version is None else rows[0]
        click.echo(json.dumps(found, ensure_ascii=False, indent=1, default=str))
    elif is_compared:
        click.echo(output.plain_lines(versions.diff(config, entry, version)), nl=False)
    elif version is not None:
        click.echo(output.plain_lines(versions.text(config, entry, version)), nl=False)
    else:
        output.show_history(versions.record(config, entry))


@click.command()
@config_option
@click.argument("entry")
@click.argument("version", type=int)
def restore(config_path: Path, entry: str, version: int) -> None:
    """Bring VERSION of ENTRY back as a file.

    ENTRY is the name of its file below entries/, the address of its page, or its id. The file is
    then published like any other.
    """
    from dateline.cli import claim  # noqa: PLC0415
    from dateline.publish import history as versions  # noqa: PLC0415

    config = claim.writer(config_path)
    path = versions.restore(config, entry, version, now=this_moment())
    click.echo(f"{os.path.relpath(path)} is version {version} again.")


def _record(span: Span) -> dict[str, str]:
    """Return the object that `date --json` prints."""
    return {
        "start": span.start.isoformat(),
        "end": span.end.isoformat(),
        "precision": span.precision,
    }


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise DatelineError(
            f"There is no time zone {name}. Write one such as Europe/Vienna."
        ) from error
