"""What do staff see, and what may they allow, while the publisher runs?

A small application in the publisher's own process, at an address of its own: never in a web
worker, never in `feeds/`. Without its token there is nothing to be found.
"""

from __future__ import annotations

from dateline.newsroom.pages import create_app
from dateline.newsroom.room import Newsroom
from dateline.newsroom.serving import placed, serving

__all__ = ["Newsroom", "create_app", "placed", "serving"]
