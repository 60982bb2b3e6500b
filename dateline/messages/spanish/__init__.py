"""What is said in Spanish?"""

from __future__ import annotations

from collections.abc import Mapping

from dateline.messages.spanish.around import AROUND
from dateline.messages.spanish.dates import DATES
from dateline.messages.spanish.fates import FATES
from dateline.messages.spanish.fields import FIELDS
from dateline.messages.spanish.files import FILES
from dateline.messages.spanish.lines import LINES
from dateline.messages.spanish.words import TOUCHES, WORDS

__all__ = ["AROUND", "MESSAGES", "TOUCHES", "WORDS"]

MESSAGES: Mapping[str, str] = FILES | LINES | FIELDS | FATES | DATES
