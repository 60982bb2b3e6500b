"""Measures a build from nothing, and one new entry, beside other generators.

Writes the same news for each tool (a page each, the fifty newest of all and of twenty topics as
feeds), and measures in rounds in which the tools take turns:
- cold: the tool's command, without results of an earlier one; its time, and the peak memory of
  its processes;
- again: the same command after one new piece;
- watching: from the `close()` of a new piece's file until the feeds of all and its page have it,
  while the tool watches. For Dateline: until the last rename, that of the manifest's head, with
  the 0.3 s that a file needs to settle.
Dateline is measured in three configurations: with the documents of 26 November 2026 (neither
search nor pages of terms), with those that Hugo makes, and with everything switched on. Of each
it is stored what it has on disk after a cold build.
A tool that needs more than --patience seconds for a run is not measured further at that size.
    python -m bench.build --entries 1000 10000 100000 --rounds 5
    python -m bench.build --entries 10000 --only "Dateline, documents" Hugo
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from bench.contenders import ROOT
from bench.peers import Peer, peers
from bench.resident import resident
from bench.results import CACHE, RESULTS, Results
from bench.spent import FailedError, Spent, spend, wait_until_idle
from bench.work import News, configuration, entry, news, write
from dateline.documents.compression import ENDINGS

_LOOKS_EVERY = 0.01  # seconds
_STILL = 0.5  # seconds after which Dateline reads a file
_APART = 1.5  # seconds between two pieces, since HTTP times have whole seconds

Out = Callable[[News], float]
"""Waits until a new piece is out; gives the moment, in seconds of the monotonic clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One generator to be measured, in its `folder`.

    `path` and `text` give a piece's file and its content; `build` runs the command, with a limit in
    seconds; a cold build starts without `built`. `disk` returns what lies there, in bytes by name.
    """

    name: str
    makes: str
    version: str
    folder: Path
    set_up: Callable[[], None]
    path: Callable[[News], str]
    text: Callable[[News], str]
    build: Callable[[float], Spent | None]
    watch: Callable[[float], AbstractContextManager[Out]]
    built: Sequence[str]
    disk: Callable[[], Mapping[str, float]] | None = None

    def write(self, piece: News) -> None:
        """Write a piece, and close the file."""
        write(self.folder / self.path(piece), self.text(piece))


def main(words: Sequence[str] | None = None) -> None:
    """Measure, and store the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--entries", type=int, nargs="+", default=[1000, 10_000, 100_000])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--drops", type=int, default=3, help="new pieces a round, while watching")
    options.add_argument("--only", nargs="*", default=[], help="tools whose names begin so")
    options.add_argument("--patience", type=float, default=300, help="seconds for one run")
    options.add_argument("--folder", type=Path, default=CACHE / "build", help="emptied before")
    options.add_argument("--results", type=Path, default=RESULTS)
    chosen = options.parse_args(words)
    chosen.folder = chosen.folder.resolve()
    wanted = [
        find
        for find in (*map(_of_dateline, _CONFIGURATIONS), *map(_of_peer, _peers(chosen.only)))
        if find(chosen.folder).name.startswith(tuple(chosen.only) or "")
    ]
    versions = {tool.name: tool.version for tool in (find(chosen.folder) for find in wanted)}
    results = Results("build", {k: v for k, v in versions.items() if v}, chosen.results)
    for count in chosen.entries:
        with _emptied(chosen.folder):
            tools = [find(chosen.folder) for find in wanted]
            for tool in tools:
                _prepare(tool, count)
            for _ in range(chosen.rounds):
                tools = [tool for tool in tools if _goes_on(tool, count, chosen, results)]


def _peers(only: Sequence[str]) -> Iterator[Peer]:
    """Yield the peers, if any is selected."""
    if not only or any(not "Dateline".startswith(name) for name in only):
        yield from peers()


@contextmanager
def _emptied(folder: Path) -> Iterator[None]:
    """Start and end without the folder, and with everything synced: one sync would wait for all."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.sync()


def _prepare(tool: Tool, count: int) -> None:
    print(f"{tool.name}: {count} files are written", file=sys.stderr, flush=True)
    tool.folder.mkdir(parents=True)
    tool.set_up()
    for number in range(count):
        tool.write(news(number, count))
    os.sync()
    sleep(_STILL)


def _goes_on(tool: Tool, count: int, chosen: argparse.Namespace, results: Results) -> bool:
    """Do one round; return whether the tool is to be measured again."""
    about: dict[str, str | float | None] = {
        "tool": tool.name,
        "makes": tool.makes,
        "entries": count,
    }
    try:
        for what, seconds, memory in _measured(tool, count, chosen):
            results.add(**about, what=what, seconds=seconds, memory=memory)
            if what == "cold" and tool.disk:
                results.add(**about, what="disk", **tool.disk())
            if seconds is None:
                return False
    except FailedError as error:
        print(error, file=sys.stderr)
        results.add(**about, what="failed", seconds=None)
        return False
    return True


def _measured(
    tool: Tool, count: int, chosen: argparse.Namespace
) -> Iterator[tuple[str, float | None, int | None]]:
    """Return the measurement, in seconds and bytes; without seconds if it took too long."""
    # Not deleted: after many deletions, ext4 creates files slowly for minutes.
    aside = Path(tempfile.mkdtemp(dir=chosen.folder))
    for name in tool.built:
        with suppress(FileNotFoundError):
            (tool.folder / name).rename(aside / name)
    os.sync()
    new = [
        News(name=f"new-{n}", title=f"New {n}", day=piece.day, topic=piece.topic, body=piece.body)
        for n in range(chosen.drops + 1)
        for piece in (news(count + n, count),)
    ]
    for what in ("cold", "again"):
        if what == "again":
            tool.write(new[0])
            sleep(_STILL)
        spent = tool.build(chosen.patience)
        yield what, spent.seconds if spent else None, spent.memory if spent else None
    with tool.watch(chosen.patience) as out:
        for piece in new[1:]:
            sleep(_APART)
            tool.write(piece)
            begun = monotonic()
            yield "watching", out(piece) - begun, None
    for piece in new:
        (tool.folder / tool.path(piece)).unlink()


# ---- Dateline


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What a publication makes: its tables beside the feeds, and the lines of each feed."""

    name: str
    makes: str
    tables: str
    of_feeds: str = ""


_CONFIGURATIONS = (
    Configuration(
        name="Dateline",
        makes="RSS, Atom, JSON, pages, archives",
        tables="\n[topics]\npages = false\n\n[search]\nenabled = false\n",
    ),
    Configuration(
        name="Dateline, documents as Hugo",
        makes="RSS, pages",
        tables="\n[topics]\npages = false\n\n[serve]\ncodings = []\n",
        of_feeds='formats = ["rss"]\narchives = false\n',
    ),
    Configuration(
        name="Dateline, everything",
        makes="RSS, Atom, JSON, pages, archives, topics and months, search",
        tables="\n[topics]\nfeeds = true\n\n[search]\nenabled = true\n",
    ),
)


def _of_dateline(own: Configuration) -> Callable[[Path], Tool]:
    return lambda within: _dateline(own, within / own.name.lower().replace(", ", "-"))


def _dateline(own: Configuration, folder: Path) -> Tool:
    config = folder / "config.toml"
    command = [sys.executable, str(ROOT / "publisher.py"), "build", "--config", str(config)]

    @contextmanager
    def watch(_: float) -> Iterator[Out]:
        with resident(config) as publisher:
            yield lambda _: publisher.until_published(1)[-1].renamed

    return Tool(
        name=own.name,
        makes=own.makes,
        version="",
        folder=folder,
        set_up=lambda: write(config, configuration(tables=own.tables, of_feeds=own.of_feeds)),
        path=lambda piece: f"entries/{piece.day.year}/{piece.name}.toml",
        text=entry,
        build=lambda patience: spend(command, folder=folder, patience=patience),
        watch=watch,
        built=("feeds", "state"),
        disk=lambda: _on_disk(folder),
    )


def _on_disk(folder: Path) -> dict[str, float]:
    """Return the bytes of the entries, of the state, and of `feeds/` and two parts of it."""
    feeds = [*_files(folder / "feeds")]
    coded = [path for path in feeds if path.suffix in ENDINGS.values()]
    manifest = [path for path in feeds if path.name.startswith(".manifest")]
    parts = {
        "plain": _files(folder / "entries"),
        "state": _files(folder / "state"),
        "coded": coded,
        "manifest": manifest,
        "feeds": feeds,
    }
    return {name: sum(path.stat().st_size for path in some) for name, some in parts.items()}


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


# ---- Peers


def _of_peer(peer: Peer) -> Callable[[Path], Tool]:
    def tool(within: Path) -> Tool:
        folder = within / peer.name.lower().replace(", ", "-").replace(" ", "-")
        return Tool(
            name=peer.name,
            makes=peer.makes,
            version=peer.version,
            folder=folder,
            set_up=lambda: peer.set_up(folder),
            path=peer.path,
            text=peer.text,
            build=lambda patience: spend(
                peer.command, folder=folder, variables=peer.variables, patience=patience
            ),
            watch=lambda patience: _watching(peer, folder, patience),
            built=peer.built,
        )

    return tool


@contextmanager
def _watching(peer: Peer, folder: Path, patience: float) -> Iterator[Out]:
    """Run a peer that watches its site, once it has built it."""

    def out(piece: News) -> float:
        end = monotonic() + patience
        wanted = [folder / name for name in peer.made(piece)]
        while wanted:
            if monotonic() > end:
                raise FailedError(f"{peer.name} does not make {wanted[0]}")
            sleep(_LOOKS_EVERY)
            wanted = [path for path in wanted if not _shows(path, piece.title)]
        return monotonic()

    process = subprocess.Popen(
        peer.watch,
        cwd=folder,
        env=os.environ | dict(peer.variables),
        stdin=subprocess.PIPE,  # some end when their input is closed
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        if not wait_until_idle(process.pid, patience=patience) or process.poll() is not None:
            raise FailedError(f"{peer.name} does not watch")
        yield out
    finally:
        os.killpg(process.pid, 9)
        process.communicate()


def _shows(path: Path, title: str) -> bool:
    """Return whether a document contains the title; a feed of fifty is read completely."""
    try:
        data = path.read_bytes()
    except OSError:
        return False
    return any(f"{title}{end}".encode() in data for end in ("<", '"', "]"))


if __name__ == "__main__":
    main()
