"""Measures the search index, and what a flood of searches costs those who read feeds.

- index: an index of the given numbers of entries, in texts of six alphabets whose words are as
  frequent as in real ones (Zipf). `share` is its size as a share of the text, `seconds` is the time
  to make it.
- find: searches of one to three words, common and rare, the last of them a beginning.
- add, remove: one entry more, and one less, with a commit.
- flood: the response time of a feed while nobody searches, while eight clients ask for missing
  pages, and while they search, both 400 times a second.
    python -m bench.search --entries 1000 10000 100000 --rounds 200
    python -m bench.search --only flood
"""

from __future__ import annotations

import argparse
import http.client
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import accumulate
from multiprocessing import get_context
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

from bench.results import RESULTS, Results, spread
from bench.work import write
from dateline.documents.search import INDEX, IndexedEntry, SearchIndex, SearchReader
from dateline.text.search_terms import of_query, terms
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import Served, serve, until

_ALPHABETS = {
    "Latin": "eeeeaaaiiioonnrrttssllccuuddppmmhgbfvyqxzjkw",
    "Cyrillic": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэф",
    "Arabic": "ايلمونرتبةعدسفهكقحجشطصخزضذثغظ",
}
_MIX = {"Latin": 70, "Cyrillic": 10, "Arabic": 10, "Han": 10}
_WORDS, _HAN = 40_000, 3500
_CLIENTS, _RATE = 8, 400  # of a flood, in requests a second
_PAUSE = 0.005  # seconds between two requests for a feed
_FLOODS = {
    "alone": "",
    f"beside {_RATE} requests a second for missing pages": "/missing?",
    f"beside {_RATE} searches a second": "/search?q=report+",
}


class _Texts:
    """Texts of words, the n-th of which is as frequent as 1/n."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random = Random(seed)  # noqa: S311 - no secret
        self._words = {
            name: [
                "".join(random.choices(letters, k=random.randint(2, 4) + int(n**0.2)))
                for n in range(1, _WORDS + 1)
            ]
            for name, letters in _ALPHABETS.items()
        }
        self._words["Han"] = [chr(0x4E00 + n) for n in range(_HAN)]
        self._weights = {
            name: [*accumulate(1 / (n + 2.7) for n in range(len(words)))]
            for name, words in self._words.items()
        }

    def text(self) -> str:
        """Return a text of a kilobyte or two."""
        name = self._random.choices([*_MIX], [*_MIX.values()])[0]
        joined = "" if name == "Han" else " "
        return joined.join(self._chosen(name, self._random.randint(150, 400)))

    def query(self) -> str:
        """Return one to three words of a language."""
        return " ".join(self._chosen("Latin", self._random.randint(1, 3)))

    def _chosen(self, name: str, count: int) -> list[str]:
        return self._random.choices(self._words[name], cum_weights=self._weights[name], k=count)


def _entry(number: int, text: str) -> IndexedEntry:
    found = dict.fromkeys(terms(text))
    return IndexedEntry(sequence=number, id=f"tag:example.org,2008:{number}", terms=" ".join(found))


def _index(count: int, rounds: int, results: Results) -> None:
    texts, size = _Texts(), 0

    def entries() -> Iterator[IndexedEntry]:
        nonlocal size
        for number in range(1, count + 1):
            text = texts.text()
            size += len(text.encode())
            yield _entry(number, text)

    with TemporaryDirectory() as name, SearchIndex(Path(name)) as index:
        folder = Path(name)
        begun = perf_counter()
        index.rebuild(entries(), generation=1, moment=1)
        seconds = perf_counter() - begun
        share = (folder / INDEX).stat().st_size / size
        results.add(what="index", entries=count, seconds=seconds, share=share)
        reader = SearchReader(folder)
        found: dict[str, list[float]] = {"find": [], "add": [], "remove": []}
        for number in range(count + 1, count + rounds + 1):
            one = _entry(number, texts.text())
            query = of_query(texts.query())
            begun = perf_counter()
            reader.find(query, {}, limit=20)
            found["find"].append(perf_counter() - begun)
            for what, before, after in (("add", [], [one]), ("remove", [one], [])):
                begun = perf_counter()
                index.update(before, after, ids=[one.id], generation=number, moment=1)
                found[what].append(perf_counter() - begun)
        for what, times in found.items():
            for seconds in times:
                results.add(what=what, entries=count, seconds=seconds)
            print(f"{what} among {count}: {_spread(times)}")


def _spread(times: Sequence[float]) -> str:
    ordered = sorted(times)
    last = ordered[int(len(ordered) * 0.99)]
    return f"{spread([1000 * one for one in times], '.2f')} ms, p99 {1000 * last:.2f} ms"


def _flood(rounds: int, results: Results) -> None:
    with TemporaryDirectory() as name:
        room = Newsroom(Path(name))
        write(room.folder / "config.toml", CONFIG + "\n[search]\nenabled = true\n")
        texts = _Texts()
        for number in range(200):
            room.drop(f"{number}.toml", entry_file(f"Report {number}", body=f'"{texts.text()}"'))
        room.build()
        with serve(room.folder) as served:
            until(lambda: served.get("search?q=report").status_code == 200)
            for what, path in _FLOODS.items():
                with _flooded(served.port, path) as count:
                    times = [*_asked(served, rounds)]
                for seconds in times:
                    results.add(what=what, seconds=seconds, requests=count.value)
                print(f"a feed, {what}: {_spread(times)}; {count.value} other requests")


def _asked(served: Served, rounds: int) -> Iterator[float]:
    with closing(http.client.HTTPConnection("127.0.0.1", served.port)) as connection:
        for _ in range(rounds):
            begun = perf_counter()
            connection.request("GET", "/news.rss")
            connection.getresponse().read()
            yield perf_counter() - begun
            sleep(_PAUSE)


@contextmanager
def _flooded(port: int, path: str) -> Iterator[Synchronized[int]]:
    """Ask for a path, in a process of its own; yield the number of the responses."""
    context = get_context("spawn")
    count = context.Value("q", 0)
    process = context.Process(target=_clients, args=(port, path, count))
    if path:
        process.start()
        until(lambda: count.value > 0)
    yield count
    if path:
        process.kill()
        process.join()


def _clients(port: int, path: str, count: Synchronized[int]) -> None:
    """Ask for a path `_RATE` times a second, by `_CLIENTS` clients, until the process ends."""
    os.nice(10)  # the one that measures goes first

    def ask() -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
            following = perf_counter()
            while True:
                connection.request("GET", f"{path}{count.value}")
                connection.getresponse().read()
                with count.get_lock():
                    count.value += 1
                following = max(following + _CLIENTS / _RATE, perf_counter())
                sleep(max(following - perf_counter(), 0))

    for _ in range(_CLIENTS):
        threading.Thread(target=ask).start()


def main(words: Sequence[str] | None = None) -> None:
    """Measure, store the figures, and print the medians."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--entries", type=int, nargs="+", default=[1000, 10_000, 100_000])
    options.add_argument("--rounds", type=int, default=200)
    options.add_argument("--only", nargs="*", default=["index", "flood"])
    options.add_argument("--results", type=Path, default=RESULTS)
    chosen = options.parse_args(words)
    results = Results("search", {}, chosen.results)
    for count in chosen.entries if "index" in chosen.only else ():
        _index(count, chosen.rounds, results)
    if "flood" in chosen.only:
        _flood(chosen.rounds, results)


if __name__ == "__main__":
    main()
