"""What is said in English, which every other language follows?"""

from __future__ import annotations

from collections.abc import Mapping

from dateline.messages.english.around import AROUND
from dateline.messages.english.dates import DATES
from dateline.messages.english.fates import FATES
from dateline.messages.english.fields import FIELDS
from dateline.messages.english.files import FILES
from dateline.messages.english.lines import LINES
from dateline.messages.message import Message

__all__ = ["AROUND", "MESSAGES"]

MESSAGES: Mapping[str, Message] = FILES | LINES | FIELDS | FATES | DATES
