"""The newsroom: the pages on which staff see the state of all entries, and answer questions.

A small application in a process of its own, at an address of its own: never in a web worker, never
in `feeds/`. Without its token every address answers 404.
"""

from __future__ import annotations

from dateline.newsroom.app import create_app
from dateline.newsroom.server import run, serving
from dateline.newsroom.state import Newsroom

__all__ = ["Newsroom", "create_app", "run", "serving"]
