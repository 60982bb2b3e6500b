"""Writes docs/benchmarks.md and docs/benchmarks.svg from the measured figures.

Reads the results of the benchmarks that it names; missing measurements are left out.
    python -m bench.report
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench import notes
from bench.contenders import ROOT
from bench.plot import Panel, plot
from bench.results import RESULTS, Line, newest, spread
from bench.work import TOPICS, WINDOW

_KEYS = {
    "build": ("tool", "entries"),
    "scale": ("entries", "feeds", "terms", "what"),
    "fresh": (),
    "search": ("what", "entries"),
    "hub": ("what", "subscribers"),
    "start": ("what",),
}
_STATES = ("alone", "dead", "killed")  # of hosts, and of the hub
_STILL = 0.3  # seconds that a file needs to settle
_BUILDS = f"""
Each tool publishes the same news of about a kilobyte: a page each, and the {WINDOW} newest of \
all and of {TOPICS} topics as feeds, in the formats that the tool or its own plugin supports.
*Dateline* makes more than the others: three formats of each feed with archives and a page of its \
own, sitemaps, everything but entry pages compressed as well, and all of it synced to disk \
(`syncfs`).
*Dateline, documents as Hugo* makes RSS and pages, without archives and compressed forms; \
*Dateline, everything* has a page and feeds for each topic and month, and an index for searches.
Dateline cannot make feeds without pages, so *Hugo, feeds alone* has no counterpart.
*Cold* is the tool's command with no earlier result; *one more* is the same command after one \
new entry; *watching* is the time from the `close()` of a new entry's file until the main feed \
and the entry's page show it, while the tool watches (this includes the {_STILL} s that \
Dateline waits until the file has settled).
Memory is the peak of all processes of the cold build together.
"""
_DISK = """
After a cold build, in multiples of the bytes of the entry files: the state (the ledger), the \
compressed forms and the manifest, which are parts of `feeds/`, and all of `feeds/`.
"""
_SCALE = f"""
One new entry, dropped where a publisher watches; the newest entries have three kilobytes, so \
the feeds have about 150 kB.
*Work* is from the notification to the last rename, without the {_STILL} s until the file has \
settled; *drop* is from the file's `close()` to that rename, and includes them.
A full scan comes in addition: on schedule, and at most a twentieth of the time.
*Memory* is the publisher's peak: while entries arrive, and since its start, which includes a \
full scan.
"""
_TERMS = """
The same with one feed: where the months, years and categories that an entry is in have no pages \
(`[topics] pages = false`), have pages, and have feeds as well (`feeds = true`).
"""
_SEARCH = """
The texts are in six alphabets, with words as frequent as in real ones, and have a kilobyte or two.
*Size* is the size of the index as a share of the text. A search has one to three words, and \
returns the twenty latest results; 99 of 100 searches do not exceed the time in the last column.
*Add* and *remove* are the times to add one entry to the index, and to remove one and overwrite \
every word of it in the file.
"""
_HUB = """
All subscribers have one feed, each with a secret, at 1,000 addresses of this machine; they share \
its processors with the hub (`dateline hub`). Only the new entry is sent, which has 25 kB.
*Half*, *99 of 100* and *all* are the times, from the rename that published the entry, until so \
many subscribers had it; each is the median of several deliveries. *Lost*, *twice* and *wrong* \
count the subscribers who did not get it, who got it more than once, and who got something else or \
a wrong signature. *Processor* is the hub's processor time for each delivery.
*Dead*: a tenth of the hosts refuse connections, never answer, answer a byte at a time, or never \
accept; only the others are measured. *Killed*: the hub is killed (`kill -9`) and restarted again \
and again.
"""
_START = """
Processor time of commands that have little to do, compared with `python -c 'import click'`, which \
ran before each of them; *limit* is how many times as much a command may take.
"""
_BENCH = "PYTHONPATH=tests .venv/bin/python -m bench"
_AGAIN = (
    "tests/outside/install",
    f"{_BENCH}.build --entries 1000 10000 100000 --rounds 3",
    f"{_BENCH}.scale --entries 1000 10000 100000 1000000 --rounds 30",
    f"{_BENCH}.fresh --files 100 --rate 10000",
    f"{_BENCH}.search --entries 1000 10000 100000 --rounds 200",
    f"{_BENCH}.hub --subscribers 1000 100000 --rounds 5",
    f"{_BENCH}.start --rounds 15",
    f"{_BENCH}.report",
)
_COLD = """
`dateline build` as a command of its own, compared with a program that imports the same modules, \
scans every file once (`scandir` and `stat`), and ends.
"""
_FRESH = """
From the `close()` of a dropped file until a client that asks `serve` over HTTP every few \
milliseconds has it, while wrk requests another document.
"""


def main(words: Sequence[str] | None = None) -> None:
    """Write both."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--results", type=Path, default=RESULTS)
    options.add_argument("--folder", type=Path, default=ROOT / "docs")
    chosen = options.parse_args(words)
    found = {name: newest(name, keys, chosen.results) for name, keys in _KEYS.items()}
    lines = {name: kept for name, (_, kept) in found.items()}
    text = [
        "# Benchmarks",
        "",
        "Medians, with the least and the greatest value. To measure again (a few hours):",
        "",
        *(f"    {line}" for line in _AGAIN),
        "",
        "![Cost over the number of entries](benchmarks.svg)",
        *_section(
            "Building, compared with other generators",
            _BUILDS,
            _builds(lines["build"]),
            notes.BUILDS,
        ),
        *_section("Disk", _DISK, _disk(lines["build"])),
        *_section("Goals", "", iter(notes.GOALS.strip().splitlines())),
        *_section(
            "Growth of the cost of one entry", _SCALE, _entries(lines["scale"]), notes.ENTRIES
        ),
        *_section("Cost of the pages of terms", _TERMS, _terms(lines["scale"])),
        *_section("A command with nothing to do", _COLD, _commands(lines["scale"])),
        *_section("From a dropped file to the wire", _FRESH, _fresh(lines["fresh"])),
        *_section("Searches", _SEARCH, _searches(lines["search"])),
        *_section("Deliveries to subscribers of the hub", _HUB, _deliveries(lines["hub"])),
        *_section("The start of a command", _START, _starts(lines["start"])),
        *_section("Machine and versions", "", _setups(found)),
    ]
    chosen.folder.mkdir(exist_ok=True)
    (chosen.folder / "benchmarks.md").write_text("\n".join(text) + "\n", encoding="utf-8")
    (chosen.folder / "benchmarks.svg").write_text(_plot(lines), encoding="utf-8")


def _section(title: str, about: str, rows: Iterator[str], note: str = "") -> list[str]:
    if not (found := list(rows)):
        return []
    return [
        "",
        f"## {title}",
        *about.rstrip().splitlines(),
        "",
        *found,
        *note.rstrip().splitlines(),
    ]


def _grouped(lines: Sequence[Line], *keys: str) -> dict[tuple[object, ...], list[Line]]:
    groups: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        groups.setdefault(tuple(line.get(key) for key in keys), []).append(line)
    return groups


def _values(lines: Sequence[Line], name: str = "seconds") -> list[float]:
    return [float(line[name] or 0) for line in lines if line.get(name) is not None]


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _head(*cells: str) -> Iterator[str]:
    yield _row(*cells)
    yield _row(*("---" for _ in cells))


def _some(lines: Sequence[Line], form: str = ".2f") -> str:
    """Return seconds and their spread; state where it took too long, or was not measured."""
    found = _values(lines)
    return f"{spread(found, form)} s" if found else "over the limit" if lines else "–"


def _megabytes(lines: Sequence[Line], name: str) -> str:
    found = [value / 1e6 for value in _values(lines, name)]
    return f"{spread(found, '.0f')} MB" if found else "–"


# ---- Tables


def _builds(lines: Sequence[Line]) -> Iterator[str]:
    groups = _grouped(lines, "entries", "tool", "makes")
    yield from (
        _head("entries", "tool", "makes", "cold", "memory", "one more", "watching")
        if groups
        else ()
    )
    for (count, tool, makes), some in sorted(groups.items(), key=lambda group: _count(group[0])):
        of = _grouped(some, "what")
        cold, again, watching = (of.get((what,), []) for what in ("cold", "again", "watching"))
        fails = " (fails)" if ("failed",) in of and not watching else ""
        memory = _megabytes(cold, "memory")
        cells = (_some(cold), memory, _some(again), _some(watching, ".3f") + fails)
        yield _row(f"{count:,}", tool, makes, *cells)


def _disk(lines: Sequence[Line]) -> Iterator[str]:
    groups = _grouped(_of(lines, "disk"), "entries", "tool")
    names = ("state", "coded", "manifest", "feeds")
    if groups:
        yield from _head("entries", "tool", "files", "state", "compressed", "manifest", "feeds")
    for (count, tool), some in sorted(groups.items(), key=lambda group: _count(group[0])):
        plain = statistics.median(_values(some, "plain"))
        cells = (f"{statistics.median(_values(some, name)) / plain:.2f}" for name in names)
        yield _row(f"{int(_count((count,))):,}", tool, f"{plain / 1e6:.1f} MB", *cells)


def _count(key: tuple[object, ...]) -> float:
    return float(str(key[0]))


def _entries(lines: Sequence[Line]) -> Iterator[str]:
    groups = _grouped([line for line in lines if "feeds" in line], "entries", "feeds")
    groups = {key: some for key, some in groups.items() if _of(some, "entry")}
    yield from (
        _head(
            "entries",
            "feeds",
            "work",
            "p95",
            "drop",
            "documents",
            "memory",
            "since start",
            "full scan",
        )
        if groups
        else ()
    )
    for (count, feeds), some in groups.items():
        entries = _of(some, "entry")
        made, largest = (max(_values(entries, name)) for name in ("documents", "largest"))
        yield _row(
            f"{count:,}",
            feeds,
            _milliseconds(entries, "seconds"),
            f"{1000 * _quantile(_values(entries), 0.95):.0f} ms",
            _milliseconds(entries, "drop"),
            f"{made:.0f}, to {largest / 1000:.0f} kB",
            _megabytes(_of(some, "memory of entries"), "bytes"),
            _megabytes(_of(some, "memory since start"), "bytes"),
            _some(_of(some, "look")),
        )


def _terms(lines: Sequence[Line]) -> Iterator[str]:
    some = [line for line in _of(lines, "entry") if "terms" in line]
    yield from (
        _head("entries", "pages and feeds of terms", "work", "drop", "documents") if some else ()
    )
    for (count, terms), entries in _grouped(some, "entries", "terms").items():
        work, drop = (_milliseconds(entries, name) for name in ("seconds", "drop"))
        yield _row(f"{count:,}", terms, work, drop, f"{max(_values(entries, 'documents')):.0f}")


def _of(lines: Sequence[Line], what: str) -> list[Line]:
    return [line for line in lines if line.get("what") == what]


def _milliseconds(lines: Sequence[Line], name: str) -> str:
    return f"{spread([1000 * value for value in _values(lines, name)], '.0f')} ms"


def _quantile(values: Sequence[float], part: float) -> float:
    return sorted(values)[math.ceil(part * len(values)) - 1]


def _commands(lines: Sequence[Line]) -> Iterator[str]:
    groups = _grouped([line for line in lines if _is_command(line)], "entries")
    names = ("bare scan", "build, nothing new", "build, one new")
    yield from (
        _head("entries", *names, "as many times the scan", "memory, one new") if groups else ()
    )
    for (count,), some in groups.items():
        bare, nothing, one = (_of(some, name) for name in names)
        times = statistics.median(_values(nothing)) / statistics.median(_values(bare))
        memory = _megabytes(one, "memory")
        yield _row(f"{count:,}", _some(bare), _some(nothing), _some(one), f"{times:.2f}", memory)


def _is_command(line: Line) -> bool:
    return str(line["what"]).startswith(("bare", "build"))


def _fresh(lines: Sequence[Line]) -> Iterator[str]:
    drops, bursts, rates = (_of(lines, what) for what in ("drop", "burst", "rate"))
    if rates:
        asked = statistics.fmean(_values(rates, "requests"))
        wrong = sum(_values(rates, "errors"))
        yield f"- Answered meanwhile: {asked:,.0f} requests a second; wrong or lost: {wrong:.0f}."
    if drops:
        took = _values(drops)
        yield (
            f"- {len(took)} files dropped one at a time among {drops[0]['entries']:,} entries: "
            f"{spread(took, '.3f')} s, p99 {_quantile(took, 0.99):.3f} s."
        )
    if bursts:
        runs = [int(value) for value in _values(bursts, "runs")]
        yield (
            f"- {bursts[0]['files']:,} files dropped at once went live in "
            f"{', '.join(map(str, runs))} runs (a number for each burst), "
            f"{_some(bursts)} after the last."
        )


def _searches(lines: Sequence[Line]) -> Iterator[str]:
    groups = _grouped([line for line in lines if line.get("entries")], "entries")
    yield from _head("entries", "size", "add", "remove", "search", "99 of 100") if groups else ()
    for (count,), some in groups.items():
        more, less, searched = (_few(_of(some, what)) for what in ("add", "remove", "find"))
        longest = 1000 * _quantile(_values(_of(some, "find")), 0.99)
        share = f"{_values(_of(some, 'index'), 'share')[0]:.2f}"
        yield _row(f"{count:,}", share, more, less, searched, f"{longest:.1f} ms")
    feeds = _grouped([line for line in lines if "requests" in line], "what")
    yield from [""] if feeds else []
    for (what,), some in feeds.items():
        longest = 1000 * _quantile(_values(some), 0.99)
        yield f"- A feed, {what}: {_few(some)}, 99 of 100 within {longest:.1f} ms."


def _deliveries(lines: Sequence[Line]) -> Iterator[str]:
    groups = _grouped([line for line in lines if "p99" in line], "subscribers", "what")
    names = ("subscribers", "hosts", "half", "99 of 100", "all", "processor", "memory")
    yield from _head(*names, "lost", "twice", "wrong") if groups else ()
    for (count, what), some in groups.items():
        times = [f"{spread(_values(some, name), '.2f')} s" for name in ("seconds", "p99", "last")]
        cost, memory = _values(some, "cost"), _values(some, "memory")
        use = [f"{spread(cost, '.0f')} µs", f"{max(memory):.0f} MB"] if cost else ["", ""]
        faults = [f"{sum(_values(some, name)):.0f}" for name in ("lost", "twice", "wrong")]
        yield _row(f"{count:,}", what, *times, *use, *faults)
    runs = {what: some for (what,), some in _grouped(lines, "what").items() if what not in _STATES}
    yield from [""] if runs else []
    for what, some in runs.items():
        yield f"- {str(what).capitalize()}: {_few(some)}."
    kills = sum(_values(_of(lines, "killed"), "kills"))
    if kills:
        yield f"- The hub was killed {kills:.0f} times."


def _few(lines: Sequence[Line]) -> str:
    return f"{spread([1000 * value for value in _values(lines)], '.1f')} ms"


def _starts(lines: Sequence[Line]) -> Iterator[str]:
    groups = _grouped(lines, "what")
    yield from _head("command", "processor time", "times click", "limit") if groups else ()
    for (what,), some in groups.items():
        ratios = [a / b for a, b in zip(_values(some), _values(some, "click"), strict=True)]
        limit = _values(some, "limit")[0]
        yield _row(what, _some(some), spread(ratios, ".1f"), f"{limit:.0f}")


def _setups(found: Mapping[str, tuple[list[Line], list[Line]]]) -> Iterator[str]:
    for name, (setups, _) in found.items():
        for setup in setups:
            pairs: dict[str, str] = dict(setup["versions"])  # type: ignore[arg-type]  # JSON
            versions = ", ".join(f"{key} {value}" for key, value in pairs.items())
            yield f"- {name}, {setup['run']}: {setup['machine']}. {versions}."


# ---- Plot


def _plot(lines: Mapping[str, Sequence[Line]]) -> str:
    cold, new = (_lines(_of(lines["build"], what), "tool") for what in ("cold", "watching"))
    small = [line for line in _of(lines["scale"], "entry") if line.get("feeds") == TOPICS + 1]
    dropped = [{**line, "tool": "Dateline", "seconds": line["drop"]} for line in small]
    new |= _lines(dropped, "tool")
    return plot(
        [
            Panel(title="One new entry while it watches", lines=new),
            Panel(title="Cold build", lines=cold),
        ]
    )


def _lines(lines: Sequence[Line], name: str) -> dict[str, list[tuple[float, float]]]:
    """Return the medians over the sizes, by the name of what was measured."""
    groups = _grouped([line for line in lines if line.get("seconds")], name, "entries")
    drawn: dict[str, list[tuple[float, float]]] = {}
    for (who, count), some in groups.items():
        point = (float(str(count)), statistics.median(_values(some)))
        drawn.setdefault(str(who), []).append(point)
    return drawn


if __name__ == "__main__":
    main()
