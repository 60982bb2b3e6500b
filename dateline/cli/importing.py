"""How does what was published elsewhere come here, from the command line?"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click

from dateline import config as configuration
from dateline.cli import output
from dateline.cli.entries import config_option
from dateline.errors import DatelineError
from dateline.publish.settle import this_moment


@click.command("import")
@config_option
@click.argument("source", required=False)
@click.option("--yes", is_flag=True, help="Write the entries; without it, only say what would be.")
@click.option("--folder", default="", help="A folder below the entries folder to write them into.")
@click.option(
    "--feed", "old", help="The old feed, for ids and dates where SOURCE is a folder or an export."
)
@click.option(
    "--site", default="", help="The address of the old site, where SOURCE does not say it."
)
@click.option("--order", type=click.Choice(["DMY", "MDY"]), help="How 7/8/2008 is meant in SOURCE.")
@click.option(
    "--private",
    multiple=True,
    metavar="HOST[:PORT]",
    help="A machine with a private address that may be asked; at ports 80 and 443 unless given.",
)
@click.option("--verify", metavar="OLD_FEED", help="Compare the old feed with ours, as readers do.")
@click.option(
    "--into",
    default="",
    metavar="NAME",
    help="Our feed that takes the old one's place; the first unless given.",
)
def import_(
    *,
    config_path: Path,
    source: str | None,
    yes: bool,
    folder: str,
    old: str | None,
    site: str,
    order: Literal["DMY", "MDY"] | None,
    private: tuple[str, ...],
    verify: str | None,
    into: str,
) -> None:
    """Bring over what was published elsewhere: its entries, ids, moments, pictures and files.

    SOURCE is a feed (address or file), a WordPress export, the folder of a Hugo, Jekyll, Eleventy
    or Pelican site, or a saved page that lists news. Nothing is written without --yes, and what
    is here already is never touched. Exits with 1 where something is to be answered or mended.
    """
    # The libraries that only an import needs take longer to load than many a command takes.
    from dateline.importing import command  # noqa: PLC0415

    config = configuration.load(config_path)
    asked = command.asked_of(
        config, this_moment(), private=private, order=order, site=site, feed=old or ""
    )
    if verify:
        lines, is_well = command.verify(verify, asked, config, into, output.progress)
    elif source:
        lines, is_well = command.bring_over(
            source, asked, config, into, output.progress, folder=folder, yes=yes
        )
    else:
        raise DatelineError("Name a source: an address, a file, or a folder.")
    for line in lines:
        click.echo(output.plain(line))  # what a source says may be any bytes
    sys.exit(int(not is_well))


COMMANDS = (import_,)
