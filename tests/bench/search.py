"""Measures the search index, and what a flood of searches costs those who read feeds.

- index: an index of the given numbers of entries, in texts of six alphabets whose words are as
  frequent as in real ones (Zipf). `share` is its size as a share of the text, `seconds` is the time
  to make it.
- find: searches of one to three words, common and rare, the last of them a beginning.
- add, remove: one entry more, and one less, with a commit.
- flood: the response time of a feed while nobody searches, and while eight clients do all the time.
    python -m bench.search --entries 1000 10000 100000 --rounds 200
    python -m bench.search --only flood
"""

from __future__ import annotations

import argparse
import http.client
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import accumulate
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

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
_CLIENTS = 8


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
            for what in ("alone", "flooded"):
                with closing(_Flood(served, _CLIENTS if what == "flooded" else 0)) as flood:
                    times = [*_asked(served, rounds)]
                for seconds in times:
                    results.add(what=what, seconds=seconds, searches=flood.count)
                print(f"a feed, {what}: {_spread(times)}; {flood.count} searches")


def _asked(served: Served, rounds: int) -> Iterator[float]:
    with closing(http.client.HTTPConnection("127.0.0.1", served.port)) as connection:
        for _ in range(rounds):
            begun = perf_counter()
            connection.request("GET", "/news.rss")
            connection.getresponse().read()
            yield perf_counter() - begun


class _Flood:
    """Clients that search all the time; `count` is the number of their searches."""

    def __init__(self, served: Served, clients: int) -> None:
        self.count = 0
        self._served = served
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._search) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End the searches."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _search(self) -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", self._served.port)) as connection:
            while not self._over.is_set():
                connection.request("GET", f"/search?q=report+{self.count}")
                connection.getresponse().read()
                self.count += 1


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
