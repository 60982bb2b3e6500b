"""A running publisher, with the times of its runs.

As a program it is `publisher.py follow`, the publisher's part of `serve`, which writes a line of
JSON about each run to a given descriptor: when it began, when the head of the manifest was renamed
into place (the last rename), and when it ended. As a module it starts that program.
"""

from __future__ import annotations

import functools
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from bench.spent import FailedError
from dateline import cli, publish
from dateline.config import Config
from dateline.documents.manifest import HEAD
from dateline.model import Report

_ROOT = Path(__file__).parent.parent.parent
_PATIENCE = 600.0  # seconds
_QUIET = 1.5  # seconds without a run


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Times on the machine's monotonic clock, in seconds; `renamed` is 0 if nothing was.

    `told` is the number of given files, or -1 for a full scan.
    """

    begun: float
    renamed: float
    ended: float
    told: int
    published: int
    documents: tuple[str, ...]


class Resident:
    """A running publisher that reports its runs; `look` was its last full scan."""

    def __init__(self, pid: int, pipe: int) -> None:
        self.pid = pid
        self._pipe = pipe
        self._left = b""
        self.look = self._settled()

    def runs(self, quiet: float) -> Iterator[Run]:
        """Yield runs as they end, until none has ended for this many seconds."""
        while True:
            while b"\n" in self._left:
                line, _, self._left = self._left.partition(b"\n")
                yield Run(**json.loads(line))
            if not select.select([self._pipe], [], [], quiet)[0]:
                return
            data = os.read(self._pipe, 65536)
            if not data:
                raise FailedError("The publisher ended.")
            self._left += data

    def until_published(self, count: int) -> list[Run]:
        """Return all runs until this many entries were published."""
        runs = []
        for run in self.runs(_PATIENCE):
            runs.append(run)
            count -= run.published
            if count <= 0:
                return runs
        raise FailedError("The publisher did not publish.")

    def _settled(self) -> Run:
        """Wait for the first run and what follows; return the last full scan."""
        runs = [next(self.runs(_PATIENCE)), *self.runs(_QUIET)]
        return [run for run in runs if run.told < 0][-1]


@contextmanager
def resident(config: Path) -> Iterator[Resident]:
    """Start a publisher for the publication of `config`, and wait until it is idle."""
    ours, theirs = os.pipe()
    command = [sys.executable, "-m", "bench.resident", str(config), str(theirs)]
    process = subprocess.Popen(command, cwd=_ROOT, pass_fds=[theirs], stdout=subprocess.DEVNULL)
    os.close(theirs)
    try:
        yield Resident(process.pid, ours)
    finally:
        process.terminate()
        process.wait()
        os.close(ours)


def main(config: str, descriptor: int) -> None:
    """Publish as `follow` does, and report each run."""
    renamed = 0.0

    def hear(event: str, values: tuple[Any, ...]) -> None:
        nonlocal renamed
        if event == "os.rename" and str(values[1]).endswith(HEAD):
            renamed = monotonic()

    @functools.wraps(publish.build)
    def build(config: Config, request: publish.RunRequest) -> Report:
        nonlocal renamed
        told, renamed, begun = request.changed_files, 0.0, monotonic()
        report = _build(config, request)
        run = Run(
            begun=begun,
            renamed=renamed,
            ended=monotonic(),
            told=-1 if told is None else len(told),
            published=len(report.published),
            documents=report.documents if told is not None else (),
        )
        os.write(descriptor, json.dumps(asdict(run)).encode() + b"\n")
        return report

    _build = publish.build
    sys.addaudithook(hear)
    publish.build = build
    cli.main(["follow", "--config", config], standalone_mode=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
