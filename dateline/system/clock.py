"""The clock that rules: this machine's, or in a cluster that of the database.

`SOURCE_DATE_EPOCH` sets the moment of a command where a build is to be repeatable.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from time import monotonic

CLOCK_OFF = 5.0  # seconds between a node's clock and the database's that are reported
# The ruling clock's seconds since 1970 less the monotonic ones: so what is set on this machine
# does not matter. None where its own clock rules.
_ahead_of_monotonic: float | None = None


def this_moment() -> datetime:
    """Return `SOURCE_DATE_EPOCH` as a moment, or the current time."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else now()


def now() -> datetime:
    """Return the current time by the clock that rules."""
    if _ahead_of_monotonic is None:
        return datetime.now(UTC)
    return datetime.fromtimestamp(monotonic() + _ahead_of_monotonic, UTC)


def follow(seconds: float | None) -> None:
    """Follow another clock, on which it is now so many seconds since 1970; None ends that."""
    global _ahead_of_monotonic  # noqa: PLW0603 - a process has one time
    _ahead_of_monotonic = None if seconds is None else seconds - monotonic()


def by_own(moment: datetime) -> datetime:
    """Return when a moment of the ruling clock comes by this machine's own."""
    return moment if _ahead_of_monotonic is None else moment + (datetime.now(UTC) - now())
