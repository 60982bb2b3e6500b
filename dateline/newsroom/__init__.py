"""What do staff see, and what may they allow, while the publisher runs?

A small application in the publisher's own process, at an address of its own: never in a web
worker, never in `feeds/`. Without its token there is nothing to be found.
"""

from __future__ import annotations

from dateline.newsroom.app import create_app
from dateline.newsroom.server import placed, serving
from dateline.newsroom.state import Newsroom

__all__ = ["Newsroom", "create_app", "placed", "serving"]
