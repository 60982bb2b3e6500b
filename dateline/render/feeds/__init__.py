"""Feeds: one module for each format, which turns a `FeedView` into the bytes of a document.

The formats are the rows of `dateline.model.formats`; a row names its function here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

from dateline.model.formats import FORMATS, Format
from dateline.render.feeds.common import FeedView


@cache
def renderer(form: Format) -> Callable[[FeedView], bytes]:
    """Return the function that renders a format. Its module is imported when it is first used."""
    module, _, name = FORMATS[form].renderer.partition(":")
    found: Callable[[FeedView], bytes] = getattr(import_module(f"{__name__}.{module}"), name)
    return found
