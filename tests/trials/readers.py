"""Readers of a trial: one asks all the time, for any document, with any coding and validator."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import sleep

from trials.judge import Judge

_PAUSE = 0.02  # seconds between two requests
_CODINGS = ("identity", "gzip", "br", "zstd", "gzip, br, zstd")
_ALWAYS = ("/", "/news.json", "/news.rss", "/news.atom", "/search?q=kabo", "/lebanon.atom")
_CODED = frozenset({".gz", ".br", ".zst"})


@dataclass(slots=True, kw_only=True)
class Readers:
    """Readers of the documents in `feeds`; they remember the validators of each."""

    judge: Judge
    feeds: Path
    is_over: threading.Event = field(default_factory=threading.Event)
    _dice: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - no secret
    _tags: dict[tuple[str, str], str] = field(default_factory=dict)

    def read(self) -> None:
        """Ask until it is over."""
        while not self.is_over.wait(_PAUSE):
            path = self._dice.choice(_ALWAYS)
            if self._dice.random() < 0.5:
                path = self._dice.choice(documents(self.feeds) or [path])
            coding = self._dice.choice(_CODINGS)
            known = self._tags.get((path, coding), "") if self._dice.random() < 0.5 else ""
            answer = self.judge.read(path, known=known, coding=coding)
            if answer and answer.status == 200:
                self._tags[path, coding] = answer.tag

    def rest(self, seconds: float) -> None:
        """Let readers ask for a while."""
        sleep(seconds)


def documents(feeds: Path) -> list[str]:
    """Return the paths of all documents, which are not hidden and not coded."""
    found = []
    for path in _files(feeds):
        name = path.relative_to(feeds).as_posix()
        if path.suffix in _CODED or any(part.startswith(".") for part in name.split("/")):
            continue
        if path.is_file():
            found.append(f"/{name}")
    return sorted(found)


def _files(folder: Path) -> list[Path]:
    try:
        return list(folder.rglob("*"))
    except FileNotFoundError:  # a folder that was just removed
        return []


@contextmanager
def reading(judge: Judge, feeds: Path) -> Iterator[Readers]:
    """Run readers in a thread of their own."""
    found = Readers(judge=judge, feeds=feeds)
    thread = threading.Thread(target=found.read)
    thread.start()
    try:
        yield found
    finally:
        found.is_over.set()
        thread.join()


def free_port() -> int:
    """Return an unused port."""
    with closing(socket.socket()) as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port
