"""Measures whether one new entry costs the same among a thousand and among a million.

Fills publications with the given numbers of entries (the newest of three kilobytes: feeds of 150),
each once, by one command, and keeps them in .cache/bench/scale. Then it measures:
- entry: new entries, one at a time, dropped where a publisher watches. `seconds` is its work from
  the notice to the last rename, without the 0.3 s that the file needs to settle; `drop` is from
  the file's `close()` to that rename, including them. It also measures peak memory.
- feeds: the same with one feed, of which an entry makes about eight documents, and with 200.
- terms: the same with one feed, where categories, months and years have no pages, have pages, and
  have feeds as well: an entry makes the pages that it is on. With `--topics 20`, as many topics
  have feeds of their own.
- build: `publisher.py build` from a cold process with nothing changed, in turn with a program that
  starts (imports everything that `build` does), reads the state of every file once, and ends; and
  with one new entry.
    python -m bench.scale --entries 1000 10000 100000 1000000 --rounds 30
    python -m bench.scale --entries 1000 --only entry
    python -m bench.scale --among 100000 --only terms
    python -m bench.scale --among 100000 --only terms --terms none --topics 20 --results /tmp/21
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep, time_ns

from bench.contenders import ROOT
from bench.resident import Resident, Run, resident
from bench.results import CACHE, RESULTS, Results
from bench.spent import size, spend
from bench.work import TOPICS, WINDOW, News, configuration, entry, news, write
from dateline import config as configured
from dateline.config import Config
from dateline.publish import settle

_LONG, _SHORT = 270, 12  # words: the newest entries make feeds of 150 kB
_APART = 1.2  # seconds: a second change within one second waits for the next
_TERMS = {
    "none": "\n[topics]\npages = false\n",
    "pages": "",
    "pages and feeds": "\n[topics]\nfeeds = true\n",
}
_STILL = 0.5  # seconds after which a file is read
_SCHEDULE = "\n[schedule]\ninterval = 86400\n"  # no full scan during the measurement
_BARE = """\
import os, sys
sys.path.insert(0, {root!r})
import dateline.cli.build
folders, count = [{folder!r}], 0
while folders:
    for item in os.scandir(folders.pop()):
        if item.is_dir(follow_symlinks=False):
            folders.append(item.path)
        else:
            count += item.stat(follow_symlinks=False).st_mtime_ns > 0
"""


def main(words: Sequence[str] | None = None) -> None:
    """Measure, and store the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    sizes = [1000, 10_000, 100_000, 1_000_000]
    options.add_argument("--entries", type=int, nargs="+", default=sizes)
    options.add_argument(
        "--feeds", type=int, nargs="+", default=[1, 200], help="for the part called feeds"
    )
    options.add_argument("--terms", nargs="+", default=[*_TERMS], help="for the part called terms")
    options.add_argument("--topics", type=int, default=0, help="with feeds; for the same part")
    options.add_argument("--among", type=int, default=100_000, help="entries, for these parts")
    options.add_argument("--rounds", type=int, default=30, help="new entries; a tenth of builds")
    options.add_argument("--only", nargs="*", default=["entry", "feeds", "terms", "build"])
    options.add_argument("--folder", type=Path, default=CACHE / "scale", help="kept")
    options.add_argument("--results", type=Path, default=RESULTS)
    chosen = options.parse_args(words)
    results = Results("scale", {}, chosen.results)
    cases = [(count, TOPICS + 1) for count in chosen.entries if {*chosen.only} & {"entry", "build"}]
    cases += [(chosen.among, feeds) for feeds in chosen.feeds if "feeds" in chosen.only]
    for count, feeds in cases:
        config = _filled(chosen.folder.resolve() / f"{count}-{feeds}", count, feeds - 1)
        os.sync()
        about = {"entries": count, "feeds": feeds}
        if feeds != TOPICS + 1 or "entry" in chosen.only:
            _entries(config, chosen.rounds, about, results)
        if feeds == TOPICS + 1 and "build" in chosen.only:
            _builds(config, max(1, chosen.rounds // 10), about, results)
    for terms in chosen.terms if "terms" in chosen.only else ():
        name = f"{chosen.among}-{chosen.topics + 1}-{terms.replace(' ', '-')}"
        folder = chosen.folder.resolve() / name
        config = _filled(folder, chosen.among, chosen.topics, _TERMS[terms])
        os.sync()
        _entries(config, chosen.rounds, {"entries": chosen.among, "terms": terms}, results)


# ---- Filling


def _filled(folder: Path, count: int, topics: int, settings: str = "") -> Config:
    """Return a publication with this many entries, existing or new."""
    write(folder / "config.toml", configuration(topics, _SCHEDULE + settings))
    (folder / "entries").mkdir(exist_ok=True)
    config = configured.load(folder / "config.toml")
    filled = folder / "filled"
    if not filled.exists():
        for number in range(count):
            piece = _piece(number, count, topics)
            write(config.entries / _path(piece), entry(piece))
        sleep(_STILL)
        subprocess.run(_build(config), check=True)
        filled.touch()
    settle.until_settled(
        config, settle.request_now()
    )  # render this release's documents, in case another release filled it
    return config


def _piece(number: int, count: int, topics: int) -> News:
    topics = max(topics, 1)  # a topic that no feed selects
    is_shown = number >= count - (WINDOW + 1) * topics
    return news(number, count, topics=topics, words=_LONG if is_shown else _SHORT)


def _path(piece: News) -> str:
    return f"{piece.day.year}/{piece.name}.toml"


def _new(count: int) -> News:
    """Return a new piece, newer than all others, on the first topic."""
    piece = news(count, count, topics=1, words=_LONG)
    name = f"{time_ns()}"
    return News(name=name, title=f"New {name}", day=piece.day, topic=piece.topic, body=piece.body)


# ---- Measuring


def _entries(config: Config, rounds: int, about: Mapping[str, str | int], results: Results) -> None:
    """Drop new entries where a publisher watches."""
    count = int(about["entries"])
    with resident(config.path) as publisher:
        look = publisher.look
        results.add(**about, what="look", seconds=look.ended - look.begun)
        results.add(**about, what="memory since start", bytes=_peak(publisher.pid))
        Path(f"/proc/{publisher.pid}/clear_refs").write_text("5")  # reset the peak
        for _ in range(rounds):
            sleep(_APART)
            results.add(**about, what="entry", **_one(config, publisher, count))
        results.add(**about, what="memory of entries", bytes=_peak(publisher.pid))


def _one(config: Config, publisher: Resident, count: int) -> dict[str, float]:
    """Drop an entry; return seconds, the number of documents, and the largest one's bytes."""
    piece = _new(count)
    write(config.entries / _path(piece), entry(piece))
    closed = monotonic()
    *before, last = publisher.until_published(1)
    return {
        "seconds": sum(map(_lasted, before)) + last.renamed - last.begun,
        "drop": last.renamed - closed,
        "documents": len(last.documents),
        "largest": max((config.feeds_folder / path).stat().st_size for path in last.documents),
    }


def _lasted(run: Run) -> float:
    return run.ended - run.begun


def _peak(pid: int) -> int:
    return size(pid, "status", "VmHWM")


def _builds(config: Config, rounds: int, about: dict[str, int], results: Results) -> None:
    """Build with nothing changed, scan files without building, and build with one new entry."""
    for _ in range(rounds):
        for what, command in _commands(config, about["entries"]):
            if (spent := spend(command, folder=config.path.parent)) is not None:
                results.add(**about, what=what, seconds=spent.seconds, memory=spent.memory)


def _commands(config: Config, count: int) -> Iterator[tuple[str, Sequence[str]]]:
    bare = _BARE.format(root=str(ROOT), folder=str(config.entries))
    yield "bare scan", [sys.executable, "-c", bare]
    yield "build, nothing new", _build(config)
    piece = _new(count)
    write(config.entries / _path(piece), entry(piece))
    sleep(_STILL)
    yield "build, one new", _build(config)


def _build(config: Config) -> Sequence[str]:
    return [sys.executable, str(ROOT / "publisher.py"), "build", "--config", str(config.path)]


if __name__ == "__main__":
    main()
