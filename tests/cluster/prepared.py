"""Clusters of many entries begin with what one node published earlier, in `.cache/bench`.

To publish 100,000 entries takes long, and so does a copy of everything for each node. Later runs
begin with the same entries, documents, objects and ledger. A release that makes other documents
of them publishes these first, as on any machine.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from support.paths import ROOT

FOLDER = ROOT / ".cache/bench"


def prepared(entries: int, publish: Callable[[Path], None]) -> Path:
    """Return the folder of so many entries; `publish` fills it if there is none."""
    made = FOLDER / f"cluster-{entries}"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with Path(f"{made}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of clusters that run at once, one publishes
        if not made.exists():
            part = Path(f"{made}.part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            publish(part)
            part.rename(made)
    return made


@contextmanager
def laid_over(source: Path, target: Path) -> Iterator[None]:
    """Let a folder have the files of another, and what is changed in it for itself.

    A copy or a link would be another file to Dateline, which would read all of them again.
    """
    own = [target.with_name(f"{target.name}-{name}") for name in ("changed", "work")]
    for folder in (target, *own):
        folder.mkdir()
    options = "lowerdir={},upperdir={},workdir={}".format(source, *own)
    subprocess.run(["mount", "-t", "overlay", "-o", options, "none", target], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", target], check=False)


def copy(source: Path, target: Path) -> None:
    """Copy a folder of documents: these are replaced, and never written over, so they are linked.

    Names with a dot are of databases, and of what else changes in place.
    """
    shutil.copytree(source, target, copy_function=_linked)


def _linked(source: str, target: str) -> None:
    if Path(source).name.startswith("."):
        shutil.copy2(source, target)
        return
    try:
        os.link(source, target)
    except OSError:  # on another disk
        shutil.copy2(source, target)
