"""How many good files a second are read and judged, on one core?

Beside it the floor: the bare parsers that do the same work for the same files, tomli,
pyromark and nh3, with nothing asked of what they give. Both are measured in turn, for what
else the machine does slows both; the median of five rounds counts.

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
    """Write the files, then measure the floor and the line; exit with 1 below what is wanted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder)
        judged(folder)  # the first round finds cold caches
        rounds = [(per_second(bare, folder), per_second(judged, folder)) for _ in range(ROUNDS)]
    floors, rates = zip(*rounds, strict=True)
    share = median(rate / floor for floor, rate in rounds)
    sys.stdout.write(
        f"tomli, pyromark and nh3 alone {told(floors)} files a second\n"
        f"read and judged               {told(rates)} files a second, {share:.2f} of that\n"
    )
    sys.exit(0 if median(rates) >= WANTED else 1)


def write(folder: Path) -> None:
    """Write good entries, no two of the same text."""
    for number in range(FILES):
        day = (NOW - timedelta(days=number % 5_000)).date()
        link = f"https://www.example.org/{number}"
        text = ENTRY.format(number=number, day=day, link=link)
        (folder / f"{day}-report-{number}.toml").write_text(text, encoding="utf-8")


def bare(folder: Path) -> None:
    """Read each file with the outside parsers only."""
    markdown = pyromark.Markdown(options=pyromark.Options.ENABLE_TABLES)
    cleaner = nh3.Cleaner()
    for path in folder.iterdir():
        table = tomli.loads(path.read_text(encoding="utf-8"))
        cleaner.clean(markdown.html(table["body"]))


def judged(folder: Path) -> None:
    """Look at the folder, read each file and say what it means."""
    look = scan.scan_all(folder)
    judge = EntryReader(
        folder=folder,
        look=look,
        publication=PUBLICATION,
        now=NOW,
        clock=time_ns(),
        settled=time_ns(),
    )
    found = [judge.read(path) for path in look.entries]
    if not all(one.story and not one.problems for one in found):
        raise SystemExit("A good file was not read as one.")


def per_second(work: Callable[[Path], None], folder: Path) -> float:
    """Give the files a second of processor time."""
    start = process_time()
    work(folder)
    return FILES / (process_time() - start)


def told(rates: Sequence[float]) -> str:
    """Give the median, and the least and the most."""
    return f"{median(rates):8,.0f} ({min(rates):,.0f} to {max(rates):,.0f})"


if __name__ == "__main__":
    main()
