"""Sockets in the place of files."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def bind_socket(path: Path) -> None:
    """Put a socket where a file is expected; its path must be short."""
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(path.name)
    finally:
        os.chdir(here)
