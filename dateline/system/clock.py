"""The clock that rules: this machine's, or in a cluster that of the database.

`SOURCE_DATE_EPOCH` sets the moment of a command where a build is to be repeatable.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from time import monotonic

from dateline.errors import DatelineError
from dateline.messages import shown

_VARIABLE = "SOURCE_DATE_EPOCH"
_DIGITS = 12
_END = 221_845_392_000  # the year 9000: what is some years ahead of any moment is still a date
_SHOWN = 40  # characters
CLOCK_OFF = 5.0  # seconds between a node's clock and the database's that are reported
# The ruling clock's seconds since 1970 less the monotonic ones: so what is set on this machine
# does not matter. None where its own clock rules.
_ahead_of_monotonic: float | None = None


def this_moment() -> datetime:
    """Return `SOURCE_DATE_EPOCH` as a moment, or the current time.

    Raises `DatelineError` if it is no number of seconds, or one that no calendar has room for.
    """
    epoch = os.environ.get(_VARIABLE)
    if not epoch:
        return now()
    is_number = epoch.isascii() and epoch.isdecimal() and len(epoch) <= _DIGITS
    if not is_number or int(epoch) >= _END:
        raise DatelineError(
            f"{_VARIABLE} is {shown(epoch, _SHOWN)}. It must be a time in whole seconds since "
            f"1970, like {datetime.now(UTC).timestamp():.0f}, or not be set."
        )
    return datetime.fromtimestamp(int(epoch), UTC)


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
