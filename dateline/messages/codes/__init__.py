"""Table of all message codes: the state that each puts a file in, and its English text."""

from __future__ import annotations

from collections.abc import Mapping

from dateline.messages.codes import dates, entries, fields, files, lines, media
from dateline.messages.codes.phrases import PHRASES
from dateline.messages.message import Message

__all__ = ["CATALOGUE", "PHRASES"]

CATALOGUE: Mapping[str, Message] = (
    files.MESSAGES
    | lines.MESSAGES
    | fields.MESSAGES
    | media.MESSAGES
    | entries.MESSAGES
    | dates.MESSAGES
)
