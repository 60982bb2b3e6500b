"""Run an empty job on a schedule, and print the time of each run.

Usage: ticking.py CONFIG
"""

from __future__ import annotations

import sys
import threading
from datetime import datetime
from pathlib import Path

from dateline import config
from dateline.publish import schedule
from dateline.publish.run import GiveWay
from dateline.publish.schedule.wake import ChangedPaths


def tick(now: datetime, _changed: ChangedPaths, _give_way: GiveWay) -> None:
    """Do one run."""
    sys.stdout.write(f"{now.isoformat()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    config_read = config.load(Path(sys.argv[1]))
    schedule.run_forever(config_read, tick, lambda _now, _late: None, threading.Event())
