"""Publishes in a process of its own, which is interrupted in a chosen way.

Reads jobs, each a line of JSON, and writes a line for each: how the process ended, and its output
if it had any. The process is a copy of this one, so that nothing is left to import.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import resource
import select
import signal
import sys
import traceback
from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from types import FrameType
from typing import Any
from unittest.mock import patch

import dateline
from dateline import config
from dateline import publish as pipeline
from dateline.documents import store
from dateline.errors import DatelineError
from support import compiled_queries
from support.crashing import add, begin, configure, correct, take_down
from support.faults import Faults
from support.publication import CONFIG, Newsroom

HOME = Path(dateline.__file__).parent
# The run itself, and everything that writes.
WRITERS = {
    str(HOME / name)
    for name in (
        "documents/manifest/head.py",
        "documents/manifest/table.py",
        "documents/store.py",
        "ledger/session.py",
        "publish/__init__.py",
        "publish/notify/problem_files.py",
        "publish/produce/__init__.py",
        "publish/produce/golive.py",
        "system/writing.py",
    )
}
SHIM = {"count": 0, "fail": 1, "full": 2, "kill": 3, "tear": 4}  # as in failing.c

Job = dict[str, Any]
Said = dict[str, Any]


class Killer:
    """Counts the instructions of publishing, and kills this process at number `last`."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.count = 0

    def stop(self) -> int:
        """Stop counting, and return the number of instructions."""
        sys.settrace(None)
        return self.count

    def __call__(self, frame: FrameType, event: str, _: object) -> Killer | None:
        """Trace the frames of functions that write, and of the run itself."""
        if event == "call":
            if frame.f_code.co_filename not in WRITERS:
                return None
            frame.f_trace_opcodes = True
        if event == "opcode":
            self.count += 1
            if self.count == self.last:
                os.kill(os.getpid(), signal.SIGKILL)
        return self


def publish(job: Job) -> Said:
    """Build at each of the moments of a job; an error is reported as the command reports it."""
    read = config.load(Path(job["folder"]) / "config.toml")
    clock = datetime.now(UTC) + timedelta(seconds=2)
    said: Said = {"documents": [], "remarks": [], "trace": "", "error": ""}
    report = harm(job)
    try:
        for moment in job["moments"]:
            now = datetime.fromisoformat(moment)
            done = pipeline.build(
                read, pipeline.RunRequest(now=now, clock=clock, takedown=job["takedown"])
            )
            said["documents"].append(done.documents)
            said["remarks"] += done.remarks
    except DatelineError as error:
        said["error"] = str(error)
    except BaseException:  # noqa: BLE001 - whatever comes, it should have been one of ours
        said["trace"] = traceback.format_exc()
    return said | {"trail": report()}


def harm(job: Job) -> Callable[[], Any]:
    """Set up the interruption of the job; return a function that tells how far it came."""
    way, at = job["way"], job["at"]
    if way == "instruction":
        killer = Killer(at)
        sys.settrace(killer)
        return killer.stop
    if way == "refusal":
        faults = Faults(Path(job["folder"]), at)
        faults.arm()
        return lambda: faults.trail
    if way == "size":
        resource.setrlimit(resource.RLIMIT_FSIZE, (at, at))
    if way in SHIM:
        shim = ctypes.CDLL(None)
        shim.failing_trail.restype = ctypes.c_char_p
        shim.failing_arm(job["folder"].encode(), ctypes.c_long(at), SHIM[way])
        return lambda: shim.failing_trail().decode().splitlines()
    return lambda: None


def run(job: Job) -> Said:
    """Do a job in a copy of this process; kill it after `at` seconds, if that is the way."""
    mine, its = os.pipe()
    start = monotonic()
    child = os.fork()
    if not child:
        os.write(its, json.dumps(publish(job)).encode())
        os._exit(0)
    os.close(its)
    if job["way"] == "delay" and not select.select([mine], [], [], job["at"])[0]:
        os.kill(child, signal.SIGKILL)
    with os.fdopen(mine, "rb") as pipe:
        said = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    seconds = monotonic() - start
    return {"status": status, "seconds": seconds, **(json.loads(said) if said else {})}


def warm() -> None:
    """Publish a day here, so that all copies share what is imported and compiled only once."""
    with TemporaryDirectory() as folder:
        room = Newsroom(Path(folder))
        (room.folder / "config.toml").write_text(CONFIG, encoding="utf-8")
        room.drop("a.toml")
        room.build()
        for act in (begin, add, correct, take_down, configure):
            act(room)
            room.build()
        room.build()
    gc.freeze()


class AtOnce(Executor):
    """Runs tasks at once and in a constant order, in place of threads: calls are counted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a task, and keep its result or exception."""
        done = Future[Any]()
        try:
            done.set_result(fn(*args, **kwargs))
        except OSError as error:
            done.set_exception(error)
        return done


if __name__ == "__main__":
    compiled_queries.share()
    with patch.object(store, "threads", AtOnce):
        warm()
        for line in sys.stdin:
            print(json.dumps(run(json.loads(line))), flush=True)  # noqa: T201 - the answer
