"""Temporary folders of the doors, one for each use."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def temporary(use: str) -> Path:
    """Return an empty folder for this use; it is the same at each call of this process."""
    folder = Path(tempfile.mkdtemp(prefix=f"fuzz-{use}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
