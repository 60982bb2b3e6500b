"""Options that several commands have, in the same words everywhere."""

from __future__ import annotations

from pathlib import Path

import click

config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    default=Path("config.toml"),
    show_default=True,
    help="Configuration file; entries/, feeds/ and state/ are beside it.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
newsroom_option = click.option(
    "--newsroom",
    "room",
    default="",
    metavar="off|HOST:PORT",
    help="Address of the staff pages (HOST:PORT), or off. [default: from config.toml]",
)
folder_option = click.option(
    "--folder", default="", help="Subfolder of the entries folder to write to."
)
order_option = click.option(
    "--order",
    type=click.Choice(["DMY", "MDY"]),
    help="Order of day and month in dates like 7/8/2008. [default: from config.toml]",
)
