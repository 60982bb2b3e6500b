"""Commands that run in copies of a process which has already imported everything.

A command is a process as staff start it: its arguments, folder, environment, output and exit code
are its own. Only Python and the libraries are not loaded again, which takes most of its time.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from pkgutil import resolve_name
from tempfile import TemporaryDirectory
from typing import Any

from dateline.cli import COMMANDS, run
from support import compiled_queries
from support.paths import ROOT, TESTS
from support.publication import CONFIG, Newsroom

PUBLISHER = ROOT / "publisher.py"


def publisher(
    *words: str | Path, cwd: Path, preloaded: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run `publisher.py` with these words in a folder, with these variables added.

    A library may be `preloaded` before all others.
    """
    with TemporaryDirectory() as folder:
        command = [str(PUBLISHER), *map(str, words)]
        job = {
            "words": command,
            "cwd": str(cwd),
            "variables": {**os.environ, **variables},
            "output": folder,
        }
        status = _ask(job, preloaded)
        return subprocess.CompletedProcess(
            command,
            status,
            Path(folder, "stdout").read_text("utf-8"),
            Path(folder, "stderr").read_text("utf-8"),
        )


def _ask(job: dict[str, Any], preloaded: str) -> int:
    process = _warmed(preloaded)
    assert process.stdin
    assert process.stdout
    process.stdin.write(f"{json.dumps(job)}\n")
    process.stdin.flush()
    return int(process.stdout.readline())


@cache
def _warmed(preloaded: str) -> subprocess.Popen[str]:
    """Start the process that is copied; it ends with this one."""
    loader = {"LD_PRELOAD": preloaded} if preloaded else {}
    process = subprocess.Popen(
        [sys.executable, "-m", "support.commands"],
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{TESTS}"} | loader,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.communicate)
    return process


# ---- In the process that is copied


def serve() -> None:
    """Run each job of the standard input in a copy, and print its exit code."""
    _warm()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _become(json.loads(line))
            run()
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201


def _warm() -> None:
    """Import every command, and publish once, so that what is imported late is there too."""
    compiled_queries.share()
    for place, _ in COMMANDS.values():
        resolve_name("dateline.cli" + ("" if place.startswith(":") else ".") + place)
    with TemporaryDirectory() as folder:
        room = Newsroom(Path(folder))
        (room.folder / "config.toml").write_text(CONFIG, encoding="utf-8")
        room.drop("a.toml")
        room.build()
        room.build()
    gc.freeze()


def _become(job: dict[str, Any]) -> None:
    """Take over the arguments, folder, variables and output of a job."""
    sys.argv = job["words"]
    os.chdir(job["cwd"])
    os.environ.clear()
    os.environ.update(job["variables"])
    flags = os.O_WRONLY | os.O_CREAT
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(os.open(Path(job["output"], "stdout"), flags), 1)
    os.dup2(os.open(Path(job["output"], "stderr"), flags), 2)


if __name__ == "__main__":
    serve()
