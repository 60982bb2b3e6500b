"""A published document, and its purpose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class Role(IntEnum):
    """The purpose of a document; documents go live in this order."""

    MEDIA = 1
    PAGE = 2
    ARCHIVE = 3
    SUBSCRIPTION = 4
    DIRECTORY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Bytes to publish at a path, which is relative to `feeds/` and to the site's address.

    `links` is the whole `Link` header field, or empty. `expires` as in `Edition`.
    """

    path: str
    role: Role
    media_type: str
    data: bytes
    links: str = ""
    expires: datetime | None = None


def is_calendar_of_event(path: str) -> bool:
    """Return whether a path is that of the calendar of one event, beside its page."""
    return path.endswith(".ics") and "/" in path
