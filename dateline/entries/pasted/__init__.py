"""Text pasted from word processors, mails and PDF files, as the Markdown that it means.

What can only mean one thing is read: bullets and numbers as lists, the lines of an address as
lines, rows with tabs as a table, words divided at the end of a line as words. Lines of code, HTML
and what is Markdown already stay. Each function takes time in proportion to the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dateline.entries.pasted.hints import may_be_pasted
from dateline.text.expressions import regex

if TYPE_CHECKING:  # most texts need none of it
    from dateline.entries.pasted.blocks import ReportReading

_LINE_ENDS = regex("[\x0b\x85\u2028]")  # Word's Shift+Enter, and Unicode's
_PARAGRAPH_ENDS = regex("[\x0c\u2029]")  # the end of a page, and Unicode's
# As keyboards make it where the key for the sign is still held down.
_HEADING = regex("^( {0,3}#{1,6})[\u00a0\u202f]", re.MULTILINE)
_OTHER_ENDS = "\x0b\x0c\x85\u2028\u2029"


def with_line_ends(text: str) -> str:
    """Return a text with Markdown's line ends, and its space between `#` and a heading.

    Word processors have others for lines and pages.
    """
    if "#\u00a0" in text or "#\u202f" in text:
        text = _HEADING.sub(r"\1 ", text)
    if not any(end in text for end in _OTHER_ENDS):  # quicker to find than by an expression
        return text
    return _LINE_ENDS.sub("\\\\\n", _PARAGRAPH_ENDS.sub("\n\n", text))


def read(text: str, report: ReportReading) -> str:
    """Return a body as the Markdown that it means; each other reading is reported."""
    if not may_be_pasted(text):  # as most are not
        return text
    from dateline.entries.pasted.blocks import as_markdown  # noqa: PLC0415 - most texts need none

    return as_markdown(text, report)
