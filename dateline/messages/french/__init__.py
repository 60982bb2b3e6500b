"""What is said in French?"""

from __future__ import annotations

from collections.abc import Mapping

from dateline.messages.french.around import AROUND
from dateline.messages.french.dates import DATES
from dateline.messages.french.fates import FATES
from dateline.messages.french.fields import FIELDS
from dateline.messages.french.files import FILES
from dateline.messages.french.lines import LINES
from dateline.messages.french.words import TOUCHES, WORDS

__all__ = ["AROUND", "MESSAGES", "TOUCHES", "WORDS"]

MESSAGES: Mapping[str, str] = FILES | LINES | FIELDS | FATES | DATES
