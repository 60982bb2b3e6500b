"""The command `serve`, which starts the processes that publish and serve.

It needs neither the ledger nor what renders: `follow`, which does, is a module of its own.
"""

from __future__ import annotations

import dataclasses
import os
import signal
import threading
from _thread import start_new_thread
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from dateline import config as configuration
from dateline.cli import claim
from dateline.cli.options import config_option, json_option, newsroom_option
from dateline.config import Config, is_own_machine
from dateline.documents import manifest
from dateline.documents.objects.opening import is_bucket
from dateline.errors import DatelineError, LedgerError
from dateline.serve import (
    TAKEN_UP,
    NodeCommands,
    in_folders_of,
    last_valid,
    processes,
    store_to_follow,
)
from dateline.system.addresses import bare_host
from dateline.system.ports import probe
from dateline.system.safe_files import is_certainly_gone
from dateline.system.supervisor import RUN_MODULE
from dateline.system.writing import temporary_folder

if TYPE_CHECKING:
    from dateline.ledger.cluster.membership import ClusterMember


@click.command()
@config_option
@click.option("--host", help="Address to listen on. [default: from config.toml]")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port to listen on. [default: from config.toml]"
)
@newsroom_option
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(["publish", "follow", "web"]),
    help="Run only a part: publish, with the staff pages; follow a store; answer readers.",
)
@json_option
def serve(
    config_path: Path,
    host: str | None,
    port: int | None,
    room: str,
    only: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Publish, serve, and watch for changes.

    Publishes again on schedule, and as soon as a file is dropped or an entry falls due. --only may
    be given more than once.
    """
    processes.require_unix()
    claims = claim.Claims()

    def read() -> Config:
        config = placed(configuration.load(config_path), room)
        listening = bare_host(host or "") or config.host
        config = dataclasses.replace(config, host=listening, port=port or config.port)
        _require_store(config, only)
        _require_ledger(taken, config)
        if member is not None:  # SIGHUP
            member.store = _bucket(config)
        if writes:
            claims.take(config, claim.described(config))
        taken[:] = [config]
        return config

    taken: list[Config] = []
    member: ClusterMember | None = None
    writes = not only or {*only} != {"web"}
    config = read()
    if not only or "web" in only:
        probe(config.host, config.port)
    os.environ["DATELINE_CONFIG"] = str(config.named)
    stop = stop_on_signals()
    parts = only or _parts(config)
    _announce(config, parts)
    words = ["--config", str(config.named), *(["--newsroom", room] if room else [])]
    more = ["--json"] if as_json else []
    publisher, newsroom, replica = (
        [*RUN_MODULE, "dateline", name, *words, *own]
        for name, own in (("follow", more), ("desk", more), ("replica", []))
    )
    commands = NodeCommands(publisher=publisher, newsroom=newsroom, replica=replica, parts=parts)
    again = _on_hangup(stop)
    member = _membership(config, parts) if writes else None
    with temporary_folder(config.state) as own, claims.kept(stop), _metering(config, member):
        os.environ[TAKEN_UP] = str(Path(own, "config.json"))
        processes.serve(commands, read, stop, again, member=member)


def _parts(config: Config) -> tuple[str, ...]:
    """Return the parts of a node: without a cluster it publishes, and follows nobody."""
    return ("publish", "follow", "web") if config.cluster else ("publish", "web")


def _require_store(config: Config, only: tuple[str, ...]) -> None:
    """Raise `DatelineError` where a node shall follow, and has no store, or publishes, too."""
    if "follow" in only:
        store_to_follow(config)
    if {"publish", "follow"} <= {*only} and config.cluster is None:
        raise DatelineError(
            "A machine publishes or follows: type --only publish or --only follow. With [cluster] "
            "in config.toml it does what its turn is."
        )


def _require_ledger(before: Iterable[Config], now: Config) -> None:
    """Raise `DatelineError` if `serve` would go on in another folder, where its ledger is not.

    Everything would be published again, and what staff changed meanwhile under other ids.
    """
    for config in before:
        if now.ledger or now.state == config.state:
            continue
        from dateline.publish.recovery import ledger_path  # noqa: PLC0415 - `serve` does without

        is_left = not is_certainly_gone(ledger_path(config))
        if is_left and is_certainly_gone(ledger_path(now)):
            raise DatelineError(
                f"state would be {now.state}, where there is no ledger: all news would be "
                f'published again. Write state = "{config.state}" under [paths] in config.toml, '
                "and the whole path of feeds, too; or move the folder there while serve is stopped."
            )


def _membership(config: Config, parts: tuple[str, ...]) -> ClusterMember | None:
    """Return the membership of this node, which has not joined its cluster yet.

    A node without the part that publishes never leads.
    """
    if config.cluster is None:
        return None
    from dateline.ledger.cluster.membership import ClusterMember  # noqa: PLC0415 - few have one

    served = _served(config.feeds_folder)
    leads = config.cluster.lead and "publish" in parts
    settings = dataclasses.replace(config.cluster, lead=leads)
    return ClusterMember(config.ledger, settings, served, store=_bucket(config))


def _bucket(config: Config) -> str:
    """Return the address of a node's store, or nothing for a folder: mounts have any name."""
    url = config.store.url if config.store else ""
    return url.rstrip("/") if is_bucket(url) else ""


def _served(folder: Path) -> Callable[[], int]:
    """Return a function that returns the generation in a folder, 0 while it lacks documents.

    It is called often, and reads a head once, which may name thousands of documents.
    """
    from dateline.documents.editions.replica import kept_mark  # noqa: PLC0415 - few have a cluster

    seen: tuple[int, int] | None = None
    generation = 0

    def served() -> int:
        nonlocal seen, generation
        try:
            stat = (folder / manifest.HEAD).stat()
        except OSError:
            return 0
        if seen != (stat.st_mtime_ns, stat.st_ino):
            head = manifest.read_head(folder)
            generation, seen = head.generation if head else 0, (stat.st_mtime_ns, stat.st_ino)
        return 0 if kept_mark(folder)[1] else generation

    return served


def _metering(config: Config, member: ClusterMember | None) -> AbstractContextManager[None]:
    """Return what keeps the metrics of a node up to date; else its publisher or replica does."""
    if member is None:
        return nullcontext()
    from dateline.serve.readership import metrics  # noqa: PLC0415 - what reads logs

    return metrics.metering(config, member.figures)


@click.command(hidden=True)
@config_option
@newsroom_option
def replica(config_path: Path, room: str) -> None:
    """Follow the editions in the store, as a process of serve."""
    from dateline.ledger import exclusive  # noqa: PLC0415 - `serve` itself does without
    from dateline.serve.cache.following import Following  # noqa: PLC0415 - what reads texts
    from dateline.serve.monitoring.referral import referring  # noqa: PLC0415 - a server
    from dateline.serve.readership import metrics  # noqa: PLC0415 - what reads logs

    config = placed(last_valid(config_path, with_theme=False), room)
    stop = stop_on_signals()
    processes.attend(stop)
    following = Following(config, lambda: exclusive(config.state))
    pause = 0.0
    own = nullcontext() if config.cluster else metrics.metering(config)
    with referring(config, lambda: _leader(config)), own:
        while not stop.wait(pause):
            pause = following.step()


@click.command()
@config_option
def hub(config_path: Path) -> None:
    """Run the hub as a process of its own.

    That is for very many subscribers, with separate = true under [hub] in config.toml.
    """
    from dateline.config.watcher import ConfigWatcher  # noqa: PLC0415 - `serve` does without these
    from dateline.hub.hub import Hub  # noqa: PLC0415
    from dateline.ledger.engine import keep_connections  # noqa: PLC0415
    from dateline.publish import ledger_url  # noqa: PLC0415
    from dateline.system import clock  # noqa: PLC0415

    config = claim.companion(config_path)
    _require_separate_hub(config)
    stop = stop_on_signals()
    keep_connections()
    own = Hub(config, ledger_url(config), clock.now)
    own.start()
    click.echo(f"The hub takes requests for {config.publication.hubs[0]} (stop with Ctrl+C)")
    watcher, was_wanted, lost = ConfigWatcher(config), True, None
    try:
        while not (stop.wait(1.0) or own.fault) and (lost := own.lost) is None:
            newest = in_folders_of(config, watcher.read())
            if is_wanted := bool(newest.hub and newest.hub.separate):
                own.follow(newest)
            elif was_wanted:  # until SIGHUP, feeds name it
                click.echo(
                    "config.toml has no hub for this process any more: stop it after SIGHUP."
                )
            was_wanted = is_wanted
            own.look_for_socket()
    finally:
        own.stop()
    if lost is not None:
        raise lost
    if own.fault:
        raise DatelineError(f"The hub has stopped: {own.fault}.")


def _require_separate_hub(config: Config) -> None:
    """Raise `DatelineError` where there is no hub, or `serve` runs it."""
    if config.hub is None:
        raise DatelineError("There is no hub: write enabled = true under [hub] in config.toml.")
    if not config.hub.separate:
        raise DatelineError(
            "serve runs the hub: to run it here, write separate = true under [hub] in config.toml."
        )


def _leader(config: Config) -> str:
    """Return the name of the node that leads; an empty text if none does, or nobody knows."""
    from dateline.ledger.cluster import status  # noqa: PLC0415 - few have a cluster

    try:
        return status.read(config.ledger).leader or ""
    except LedgerError:
        return ""


def placed(config: Config, place: str) -> Config:
    """Return the configuration with its newsroom at `place`: `off`, HOST:PORT, or unchanged.

    Raises `DatelineError` where others could come in without a token.
    """
    own = config.newsroom
    if not place:
        return config
    if place == "off":
        off = dataclasses.replace(own, token="", people=(), without_token=False)
        return dataclasses.replace(config, newsroom=off)
    host, _, port = place.rpartition(":")
    host = bare_host(host)
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:  # noqa: PLR2004
        raise DatelineError(f"{place} is no HOST:PORT, like 127.0.0.1:8001, and not off.")
    if not own.needs_sign_in and not is_own_machine(host):
        raise DatelineError(
            f"Anyone who can reach {place} could read unpublished entries. Write a token under "
            "[newsroom] in config.toml, or type: --newsroom 127.0.0.1:8001"
        )
    own = own if own.needs_sign_in else dataclasses.replace(own, without_token=True, url="")
    own = dataclasses.replace(own, host=host, port=int(port))
    return dataclasses.replace(config, newsroom=own)


def stop_on_signals() -> threading.Event:
    """Return an event that is set by a signal to end."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _set_from_handler(stop))
    return stop


def _set_from_handler(event: threading.Event) -> None:
    """Set an event for which the main thread, in which handlers run, may be waiting.

    It then has the lock of the event for some moments, which no thread takes twice: `set` would
    never return. A thread of `threading` takes such a lock at its start, too.
    """
    try:
        start_new_thread(event.set, ())
    except RuntimeError:  # there is no memory for another thread
        event.set()


def _on_hangup(stop: threading.Event) -> threading.Event:
    """Return the event that SIGHUP sets; with a terminal that was closed it sets `stop`.

    After `nohup`, which ignores SIGHUP, the end of the terminal ends nothing.
    """
    again = threading.Event()
    had_terminal = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN and _has_terminal()

    def take(*_: object) -> None:
        _set_from_handler(stop if had_terminal and not _has_terminal() else again)

    signal.signal(signal.SIGHUP, take)
    return again


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return False
    return True


def _announce(config: Config, parts: Collection[str]) -> None:
    """Print the addresses of the site and of the newsroom, or the part that runs here."""
    site = urlsplit(config.publication.url)
    if "web" in parts and site.hostname == config.host and site.port != config.port:
        click.echo(f"Links lead to {config.publication.url}: write this port in url, config.toml.")
    doing = f"Serving {_address(config.host, config.port)}{site.path.removeprefix('/')}"
    if "web" not in parts:
        doing = (
            f"Publishing to {config.feeds_folder}" if "publish" in parts else "Following the store"
        )
    click.echo(f"{doing} (stop with Ctrl+C)")
    if config.newsroom.is_on and "publish" in parts:
        click.echo(f"Newsroom: {_address(config.newsroom.host, config.newsroom.port)}")


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
