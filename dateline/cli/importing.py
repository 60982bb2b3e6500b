"""The command `import`: entries from another system, with their ids and dates."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click

from dateline import config as configuration
from dateline.cli import output
from dateline.cli.options import config_option, folder_option, order_option
from dateline.errors import DatelineError
from dateline.system.clock import this_moment


@click.command("import")
@config_option
@click.argument("source", required=False)
@click.option("--yes", is_flag=True, help="Write the entries; without it, only report.")
@folder_option
@click.option(
    "--feed", "old", help="Old feed, for ids and dates where SOURCE is a folder or an export."
)
@click.option("--site", default="", help="Address of the old site, where SOURCE does not name it.")
@order_option
@click.option(
    "--private",
    multiple=True,
    metavar="HOST[:PORT]",
    help="Private machine to allow, at ports 80 and 443 unless PORT is given.",
)
@click.option("--verify", metavar="OLD_FEED", help="Compare OLD_FEED with ours, as readers do.")
@click.option(
    "--into",
    default="",
    metavar="NAME",
    help="Feed that replaces the old one. [default: the first in config.toml]",
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
    """Import what was published elsewhere. Exits with 1 when something needs an answer or a fix.

    SOURCE is a feed (address or file), a WordPress export, the folder of a Hugo, Jekyll, Eleventy
    or Pelican site, or a saved page that lists news. Entries keep their ids, dates, pictures and
    files. Nothing is written without --yes, and existing entries are never changed.
    """
    # The help of this command needs none of the libraries that an import does.
    from dateline.importing import run  # noqa: PLC0415

    config = configuration.load(config_path)
    if yes:
        config.require_own_entries(
            "Import",
            ": with --config, name a config.toml without [source] beside a copy of the files",
        )
    request = run.request_for(
        config, this_moment(), private=private, order=order, site=site, feed=old or ""
    )
    if verify:
        lines, is_complete = run.verify(verify, request, config, into, output.progress)
    elif source:
        lines, is_complete = run.import_source(
            source, request, config, into, output.progress, folder=folder, yes=yes
        )
    else:
        raise DatelineError("Name a source: an address, a file, or a folder.")
    for line in lines:
        click.echo(output.plain(line))  # a source may hold control characters
    sys.exit(int(not is_complete))
