"""Table of all message codes: the state that each puts a file in, and its English text."""

from __future__ import annotations

from collections.abc import Mapping

from dateline.messages.codes.dates import DATES
from dateline.messages.codes.entries import ENTRIES
from dateline.messages.codes.fields import FIELDS
from dateline.messages.codes.files import FILES
from dateline.messages.codes.lines import LINES
from dateline.messages.codes.phrases import PHRASES
from dateline.messages.message import Message

__all__ = ["CATALOGUE", "PHRASES"]

CATALOGUE: Mapping[str, Message] = FILES | LINES | FIELDS | ENTRIES | DATES
