"""The thread that asks a source for changes, every few seconds."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from time import monotonic

from dateline.config import Config

Follow = Callable[[Config], frozenset[str]]
_PART = 0.05  # of the time may be spent on questions
_log = logging.getLogger(__name__)


def follow_nothing(_: Config) -> frozenset[str]:
    """Follow no source."""
    return frozenset()


def poll(
    config: Config,
    follow: Follow,
    changed: Callable[[frozenset[str]], None],
    stop: threading.Event,
    is_followed: threading.Event,
) -> None:
    """Call `changed` with the paths of each change, until `stop` is set.

    Once the source has answered, or could not, `is_followed` is set: the run that comes then
    checks every file anyway.
    """
    assert config.source is not None  # noqa: S101 - the caller knows
    pause = 0.0
    while not stop.wait(pause):
        begun = monotonic()
        paths: frozenset[str] = frozenset()
        try:
            paths = follow(config)
        except Exception:  # noqa: BLE001 - a fault of ours must not end publishing
            _log.exception("The source was not asked, for a reason that Dateline does not know.")
        if paths and is_followed.is_set():
            changed(paths)
        is_followed.set()
        pause = max(config.source.interval, (monotonic() - begun) / _PART)
