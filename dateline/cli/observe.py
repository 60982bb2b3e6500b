"""Commands about the site as others get it, and about the nodes that serve it.

`deploy`, `doctor`, `readers`, `front`, `store` and `cluster`.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from dateline import config as configuration
from dateline.cli import claim, output
from dateline.cli.options import config_option, json_option
from dateline.documents.objects.check import examine as examine_store
from dateline.documents.objects.opening import open_store
from dateline.documents.static_copy import CopyResult
from dateline.errors import DatelineError
from dateline.serve import proxy
from dateline.serve.doctor import AGGREGATORS, examine, examine_for
from dateline.serve.proxy import Server, deployment
from dateline.serve.proxy.deployment import Deployment
from dateline.serve.proxy.static_host import Host
from dateline.serve.readership import readership
from dateline.system.addresses import may_be_public
from dateline.text.urls import web_address

if TYPE_CHECKING:
    from dateline.ledger.cluster.status import ClusterStatus


@click.command()
@json_option
@click.option(
    "--for",
    "aggregator",
    type=click.Choice([*AGGREGATORS, "all"]),
    help="Test the feed by the documented rules of an aggregator instead, or of all.",
)
@click.argument("address")
def doctor(address: str, aggregator: str | None, *, as_json: bool) -> None:
    """Test a feed from outside, as readers do. Exits with 1 when readers are affected.

    ADDRESS is the address of the feed. With --for, exits with 1 when a required rule is not met.
    """
    now, findings = datetime.now(UTC), []
    address = address if address.isascii() else web_address(address) or address
    names = AGGREGATORS if aggregator == "all" else (aggregator,) if aggregator else ()
    found = examine_for(address, names, now) if names else examine(address, now)
    for finding in output.awaited(found, "Testing", quiet=as_json):
        findings.append(finding)
        if not as_json:
            see = f" See {finding.source}" if finding.source else ""
            output.show_finding(finding.state, finding.about, f"{finding.text}{see}")
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(one) for one in findings], indent=1))
    sys.exit(int(any(finding.state == "bad" for finding in findings)))


@click.command()
@config_option
@json_option
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
def readers(config_path: Path, files: tuple[Path, ...], *, as_json: bool) -> None:
    """Report subscribers, programs and traffic.

    FILES are access logs of Dateline, nginx or Caddy, also as .gz. [default: the logs that serve
    keeps] Subscribers are the numbers that services such as Feedly state when they fetch a feed.
    """
    config = configuration.load(config_path)
    with output.progress("Reading", quiet=as_json):
        found = readership(config, files)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(found), ensure_ascii=False, indent=1))
    else:
        output.show_readers(found)


@click.command()
@config_option
@click.option("--host", default="", help="Address to listen on. [default: all addresses]")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="Port to listen on, for plain HTTP. [default: the port of url in config.toml]",
)
@click.option("--log", default="", help="File for the access log. [default: in /var/log]")
@click.argument("program", type=click.Choice(["nginx", "caddy"]))
def front(config_path: Path, program: Server, host: str, port: int | None, log: str) -> None:
    """Print the configuration of nginx or Caddy.

    The server then answers readers in front of serve.
    """
    config = configuration.load(config_path)
    click.echo(proxy.front(config, program, host=host, port=port, log=log), nl=False)


@click.command()
@config_option
@json_option
@click.option(
    "--for",
    "host",
    type=click.Choice(["any", "netlify", "cloudflare", "github"]),
    default="any",
    show_default=True,
    help="The static host that the folder is for.",
)
@click.option(
    "--endpoint", default="", metavar="URL", help="Server that speaks S3, for buckets elsewhere."
)
@click.option("--gzip", "is_packed", is_flag=True, help="Store texts in gzip, for buckets.")
@click.option("--dry-run", is_flag=True, help="Print what would be done, and write nothing.")
@click.argument("target")
def deploy(
    config_path: Path,
    host: Host,
    endpoint: str,
    target: str,
    *,
    is_packed: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Copy the site to a folder, bucket or host.

    TARGET is a folder, a bucket such as s3://bucket/news, or a folder that rsync reaches, such as
    www@host:/srv/news or rsync://host/news. It must be new, empty, or written by deploy before.
    Copies what has changed since the last time, and deletes what is gone. Credentials come from
    the environment. Exits with 1 when a document is damaged.
    """
    config = configuration.load(config_path)
    order = Deployment(
        target=target,
        host=host,
        endpoint=endpoint,
        is_packed=is_packed,
        is_trial=dry_run,
        environment=os.environ,
    )
    with output.portion("Copying", quiet=as_json or not sys.stderr.isatty()) as progress:
        found = deployment.deploy(config, order, progress)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(found), ensure_ascii=False))
    else:
        _show_copy(found, is_trial=dry_run)
    if not may_be_public(urlsplit(config.publication.url).hostname or ""):
        click.echo(
            f"{config.publication.url} leads nowhere from another machine. Set url in "
            f"{config.path.name} to the address of the host, and build and deploy again.",
            err=True,
        )
    sys.exit(int(bool(found.damaged)))


def _show_copy(found: CopyResult, *, is_trial: bool) -> None:
    for path in found.damaged:
        click.echo(f"damaged   {path}: build makes it again, if it can")
    for word, paths in (("copy", found.copied), ("delete", found.deleted)) if is_trial else ():
        for path in paths:
            click.echo(f"{word:<10}{path}")
    copied, deleted = ("to copy", "to delete") if is_trial else ("copied", "deleted")
    numbers = f"{len(found.copied):,} {copied}, {len(found.deleted):,} {deleted}"
    click.echo(f"{numbers}, {found.unchanged:,} unchanged.")


@click.group()
def store() -> None:
    """Check or sweep an object store."""


@store.command("sweep")
@config_option
@json_option
def sweep_store(config_path: Path, *, as_json: bool) -> None:
    """Delete from [store] what no edition needs any more.

    Old editions, and documents that only they had, are deleted; all of the last hour stays. Type it
    on the machine that publishes, now and then or from a timer.
    """
    from dateline import publish  # noqa: PLC0415 - other commands do without
    from dateline.publish.produce import editions  # noqa: PLC0415

    config = claim.writer(config_path)
    found = editions.sweep_store(config, publish.ledger_url(config), datetime.now(UTC))
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(found)))
    else:
        click.echo(f"{found.deleted:,} objects deleted, {found.kept:,} kept.")


@store.command("check")
@json_option
@click.option(
    "--endpoint", default="", metavar="URL", help="Server that speaks S3, for buckets elsewhere."
)
@click.argument("address")
def check_store(address: str, endpoint: str, *, as_json: bool) -> None:
    """Check that a store keeps the conditions that deploy relies on.

    ADDRESS is that of a bucket, such as s3://bucket/news, or a folder. Writes one small object and
    deletes it. Exits with 1 when the store cannot be used.
    """
    findings = []
    for finding in examine_store(open_store(address, endpoint, os.environ)):
        findings.append(finding)
        if not as_json:
            output.show_finding("ok" if finding.is_ok else "bad", finding.about, finding.text)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(one) for one in findings], indent=1))
    sys.exit(int(not all(finding.is_ok for finding in findings)))


@click.group(invoke_without_command=True)
@config_option
@json_option
@click.pass_context
def cluster(context: click.Context, config_path: Path, *, as_json: bool) -> None:
    """Report the nodes of the cluster.

    Exits with 1 when nobody leads, or a node is far behind, not seen or has a wrong clock or
    another bucket as its store than the leader.
    """
    from dateline.ledger.cluster import status  # noqa: PLC0415 - the others need no ledger

    if context.invoked_subcommand:
        return
    found = status.read(_shared(config_path))
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    else:
        for state, about, text in _findings(found):
            output.show_finding(state, about, text)
    sys.exit(int(not found.is_well))


@cluster.command("step-down")
@config_option
def step_down(config_path: Path) -> None:
    """Have another node lead.

    The one that leads ends its lease. It leads again only if no other node does.
    """
    from dateline.ledger.cluster import status  # noqa: PLC0415 - as above

    click.echo(f"{status.step_down(_shared(config_path))} leads no longer.")


def _findings(found: ClusterStatus) -> Iterator[tuple[str, str, str]]:
    """Yield a line for the leadership and for each node: `ok` or `bad`, the subject, the text."""
    leads = f"{found.leader} leads" if found.leader else "nobody leads"
    text = f"{leads}, epoch {found.epoch}, newest generation {found.generation}"
    yield "ok" if found.leader else "bad", "cluster", text
    for one in found.nodes:
        parts = [f"serves generation {one.generation}"]
        if one.lag:
            parts.append(f"{one.lag:,.0f} s behind")
        if not one.is_alive:
            parts.append(f"not seen for {one.unseen:,.0f} s")
        if one.is_clock_off:
            word = "ahead of" if one.ahead > 0 else "behind"
            parts.append(f"its clock is {abs(one.ahead):,.0f} s {word} the database's")
        is_elsewhere = found.is_elsewhere(one)
        if is_elsewhere:
            parts.append(f"its [store] is {one.store} and the leader's is {found.store}")
        is_well = one.is_well and not is_elsewhere
        yield "ok" if is_well else "bad", one.name, ", ".join(parts)


def _shared(config_path: Path) -> str:
    """Return the URL of the ledger that the nodes share. Raises `DatelineError` without one."""
    config = configuration.load(config_path)
    if config.cluster is None:
        raise DatelineError(
            "This publication has no cluster: config.toml has no [cluster] (docs/scale.md)."
        )
    return config.ledger
