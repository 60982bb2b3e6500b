"""Commands that change what is published: `allow`, `keep`, `takedown`, `move`.

Each of the first three publishes in one run, in which the decision takes effect.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import click

from dateline import config as configuration
from dateline import publish
from dateline.cli import claim, output
from dateline.cli.options import config_option
from dateline.config import Config
from dateline.ledger import Ledger, exclusive
from dateline.messages import program
from dateline.publish import history, move_site
from dateline.publish.move_site import Move
from dateline.publish.settle import request_now, settle, take_down
from dateline.rules.guards import Approval
from dateline.system.writing import replace_file


@click.command()
@config_option
@click.argument("code")
def allow(config_path: Path, code: str) -> None:
    """Allow, once, what is held under CODE.

    Only exactly this change passes; a later one is held again.
    """
    _answer(claim.writer(config_path), Approval(code=code))


@click.command()
@config_option
@click.argument("code")
def keep(config_path: Path, code: str) -> None:
    """Keep what is held under CODE as it is.

    Entries whose files are gone stay live; a file that was written over is still the same entry.
    """
    _answer(claim.writer(config_path), Approval(code=code, keep=True))


@click.command()
@config_option
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.argument("entry")
def takedown(config_path: Path, entry: str, *, yes: bool) -> None:
    """Delete ENTRY everywhere, for good.

    ENTRY is the name of its file below entries/, the address of its page, or its id. Its text,
    pictures, page and all versions are deleted at once, and it is never published again.
    """
    config = configuration.load(config_path)
    id_ = history.id_of(config, entry)
    if not yes:  # before the claim: in a cluster, nobody else could lead meanwhile
        click.confirm(
            f"{entry} ({id_}) will be deleted everywhere, with every version. Nothing brings it "
            "back. Take it down?",
            abort=True,
        )
    config = claim.writer(config_path)
    with output.portion("Building") as progress:
        report = take_down(config, id_, replace(request_now(), progress=progress))
    about = [
        problem.file
        for problem in report.problems
        if problem.found == id_ or problem.code in {"feed-taken-down", "taken-down"}
    ]
    held = (problem.file for problem in report.problems if problem.code == "taken-down")
    links = (path for path in held if (config.entries / path).is_symlink())
    also = "".join(f"{path} is a symbolic link: delete its target as well. " for path in links)
    output.show_answer(
        f"{entry} is taken down, and its page answers 410. If its file is still in "
        f"{config.entries.name}/, delete it. {also}What readers, search engines and caches copied, "
        "only they can delete: ask them.",
        report,
        config.entries,
        about=about,
    )


@click.command()
@config_option
@click.option("--to", "address", required=True, help="New address of the site.")
@click.option("--yes", is_flag=True, help="Write the new address into config.toml.")
def move(config_path: Path, address: str, *, yes: bool) -> None:
    """Preview a move of the site, or move it.

    Prints what subscribers will see. With --yes, also changes config.toml.
    """
    config = configuration.load(config_path)
    plan = Move.to(address, config)
    with (
        output.progress("Reading"),
        exclusive(config.state),
        Ledger(publish.ledger_url(config)) as ledger,
    ):
        lines = [*move_site.outcome(plan, config, ledger)]
    click.echo("\n".join(lines))
    if not yes:
        click.echo("\nNothing is changed yet. To move, type the same with --yes.")
        return
    text = move_site.rewritten(config.path.read_text(encoding="utf-8-sig"), plan)
    configuration.parse(config.path, text)
    replace_file(config.path, text.encode(), like=config.path.stat(), is_synced=True)
    click.echo(
        "\nconfig.toml is changed. A running serve uses it at once; without one, type "
        f"{program.name()} build."
    )
    if urlsplit(plan.after).path != urlsplit(plan.before).path:
        click.echo(
            "The path is another: have serve answer there, with systemctl reload dateline "
            "(SIGHUP), and print the configuration of a server in front again."
        )


def _answer(config: Config, answer: Approval) -> None:
    """Apply an answer to what a guard holds, and print the result."""
    with output.progress("Building"):
        answered, report = settle(config, answer)
    files = list(dict.fromkeys(problem.file for problem in answered))
    if answer.keep:
        result = f"Kept: what {answer.code} is about stays as it is ({', '.join(files)})."
    else:
        result = f"Allowed, this once: {answer.code} ({', '.join(files)})."
    output.show_answer(result, report, config.entries, about=files)
