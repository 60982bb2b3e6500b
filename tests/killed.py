"""Builds a publication, and dies like a power cut at the line of the publisher that is asked for.

Usage: killed.py CONFIG NOW CLOCK LINE; with LINE 0 it lives, and prints how many lines it ran.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from types import FrameType

from dateline import config, pipeline

WRITERS = {"pipeline.py", "press.py", "store.py", "manifest.py", "ledger.py"}


class Killer:
    """Counts the lines that the writers run."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.lines = 0

    def __call__(self, frame: FrameType, event: str, _: object) -> Killer | None:
        """Follow the frames of the writers; kill this process at the last line."""
        if Path(frame.f_code.co_filename).name not in WRITERS:
            return None
        self.lines += event == "line"
        if self.lines == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        return self


if __name__ == "__main__":
    read = config.load(Path(sys.argv[1]))
    now, clock = map(datetime.fromisoformat, sys.argv[2:4])
    killer = Killer(int(sys.argv[4]) or -1)
    sys.settrace(killer)
    pipeline.build(read, now=now, clock=clock)
    sys.settrace(None)
    print(killer.lines)  # noqa: T201 - the answer
