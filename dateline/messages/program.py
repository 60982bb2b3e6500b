"""The name under which Dateline was started: sentences that say what to type begin with it."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

_VARIABLE = "DATELINE_PROGRAM"  # the processes that `serve` starts inherit it
_NAME = "dateline"
_NAMES = {"publisher.py": "python publisher.py", "__main__.py": "python -m dateline"}


def name() -> str:
    """Return what people type before the name of a command.

    >>> name()
    'dateline'
    """
    found = os.environ.get(_VARIABLE, _NAME)
    return found if found in _NAMES.values() else _NAME


def elsewhere() -> str:
    """Return what people type in another folder: a file by its whole path."""
    if not name().endswith(".py"):
        return name()
    return shlex.join([sys.executable, str(Path(sys.argv[0]).resolve())])


def started(path: str) -> None:
    """Take the name from the file that was started, unless a parent process has set it."""
    if os.environ.get(_VARIABLE) not in (_NAME, *_NAMES.values()):
        os.environ[_VARIABLE] = _NAMES.get(Path(path).name, _NAME)
