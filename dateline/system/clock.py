"""The moment of a command, which `SOURCE_DATE_EPOCH` sets where a build is to be repeatable."""

from __future__ import annotations

import os
from datetime import UTC, datetime


def this_moment() -> datetime:
    """Return `SOURCE_DATE_EPOCH` as a moment, or the current time."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
