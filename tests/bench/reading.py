"""Measures how many valid files a second are read and assessed on one core.

The lower limit is measured as well: only the parsers for the same files, tomli, pyromark and nh3,
with their results unused. Both take turns, since other load of the machine slows both; the median
of five rounds counts.
    python -m bench.reading
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import process_time, time_ns
from zoneinfo import ZoneInfo

import nh3
import pyromark
import tomli

from dateline.entries import scan
from dateline.entries.reader import EntryReader
from dateline.model import Publication

FILES = 10_000
WANTED = 5_000
ROUNDS = 5
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
PUBLICATION = Publication(
    title="News",
    description="News",
    url="https://news.example.org/",
    home="https://example.org/",
    language="en",
    tag="example.org,2008",
    author="Example",
    email="news@example.org",
    zone=ZoneInfo("Europe/Vienna"),
)
ENTRY = '''\
title = "UNODC launches report number {number} on trafficking in Lebanon"
date = {day}
summary = "Only {number} cases are officially identified every year."
link = "https://news.example.org/2008/lebanon-report-{number}"
categories = ["human trafficking", "Lebanon"]
body = """
According to a **newly released** national report, only {number} cases involving victims of
human trafficking are identified every year – most of them in the [capital]({link}).

- The report was written with the Ministry of Justice.
- It recommends a hotline, shelters, and the training of judges.

"We can do more", said the Minister.
"""
'''


def main() -> None:
    """Write the files, then measure both; exit with 1 below the required rate."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder)
        assess(folder)  # the first round starts with cold caches
        rounds = [
            (per_second(parse_only, folder), per_second(assess, folder)) for _ in range(ROUNDS)
        ]
    floors, rates = zip(*rounds, strict=True)
    share = median(rate / floor for floor, rate in rounds)
    sys.stdout.write(
        f"tomli, pyromark and nh3 alone {summary(floors)} files a second\n"
        f"read and judged               {summary(rates)} files a second, {share:.2f} of that\n"
    )
    sys.exit(0 if median(rates) >= WANTED else 1)


def write(folder: Path) -> None:
    """Write valid entries, each with a different text."""
    for number in range(FILES):
        day = (NOW - timedelta(days=number % 5_000)).date()
        link = f"https://www.example.org/{number}"
        text = ENTRY.format(number=number, day=day, link=link)
        (folder / f"{day}-report-{number}.toml").write_text(text, encoding="utf-8")


def parse_only(folder: Path) -> None:
    """Read each file with the outside parsers only."""
    markdown = pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES)
    cleaner = nh3.Cleaner()
    for path in folder.iterdir():
        table = tomli.loads(path.read_text(encoding="utf-8"))
        cleaner.clean(markdown.html(table["body"]))


def assess(folder: Path) -> None:
    """Scan the folder, read each file and interpret it."""
    look = scan.scan_all(folder)
    judge = EntryReader(
        folder=folder,
        scan=look,
        publication=PUBLICATION,
        now=NOW,
        clock=time_ns(),
        settled=time_ns(),
    )
    found = [judge.read(path) for path in look.entries]
    if not all(one.story and not one.problems for one in found):
        raise SystemExit("A good file was not read as one.")


def per_second(work: Callable[[Path], None], folder: Path) -> float:
    """Return the number of files per second of processor time."""
    start = process_time()
    work(folder)
    return FILES / (process_time() - start)


def summary(rates: Sequence[float]) -> str:
    """Return the median, the minimum and the maximum."""
    return f"{median(rates):8,.0f} ({min(rates):,.0f} to {max(rates):,.0f})"


if __name__ == "__main__":
    main()
