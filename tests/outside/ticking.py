"""Runs on schedule a line that does nothing; prints the moment of each run.

Usage: ticking.py CONFIG
"""

from __future__ import annotations

import sys
import threading
from datetime import datetime
from pathlib import Path

from dateline import config, schedule


def tick(now: datetime, _: schedule.Told) -> None:
    """Do one run."""
    sys.stdout.write(f"{now.isoformat()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    schedule.run_forever(config.load(Path(sys.argv[1])), tick, threading.Event())
