"""Text pasted from word processors, mails and PDF files, as the Markdown that it means.

What can only mean one thing is read: bullets and numbers as lists, the lines of an address as
lines, rows with tabs as a table, words divided at the end of a line as words. Lines of code, HTML
and what is Markdown already stay. Each function takes time in proportion to the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable

ReportReading = Callable[[str, str], None]
"""Takes the code of a reading other than what is written, and the text that it is about."""

_LINE_ENDS = re.compile("[\x0b\x85\u2028]")  # Word's Shift+Enter, and Unicode's
_PARAGRAPH_ENDS = re.compile("[\x0c\u2029]")  # the end of a page, and Unicode's
_OTHER_ENDS = "\x0b\x0c\x85\u2028\u2029"
BARE_NUMBER = re.compile(r"([.)])(?<=\d.)(?=\s)")  # its end is rarer than figures: quick to find
_ITEM = re.compile(r"[*+-] [^\s\d]")
# Characters of pasted text, and how its line begins in a paragraph of one line.
_HINTS = ("\t", "\u00ad", "\u3000", "<")
_STARTS = re.compile(
    r"\s|[*+-][^ *+-]|o[ \u00a0]|\d|\w{1,4}[.)\]）、．º°-]"
    "|(?![\\w#>|*\"“«¿¡‘'„\\[_~`!])[^\\s]"
)


def with_line_ends(text: str) -> str:
    """Return a text in which the ends of lines and pages of word processors are Markdown's."""
    if not any(end in text for end in _OTHER_ENDS):  # quicker to find than by an expression
        return text
    return _LINE_ENDS.sub("\\\\\n", _PARAGRAPH_ENDS.sub("\n\n", text))


def read(text: str, report: ReportReading) -> str:
    """Return a body as the Markdown that it means; each other reading is reported."""
    if not _may_be_pasted(text):  # as most are not
        return text
    from dateline.entries.pasted.blocks import as_markdown  # noqa: PLC0415 - most texts need none

    return as_markdown(text, report)


def _may_be_pasted(text: str) -> bool:
    if any(hint in text for hint in _HINTS):
        return True
    before, is_after_item, has_list = "", False, False
    for line in text.split("\n"):
        is_item = bool(_ITEM.match(line))
        if line and (before or _STARTS.match(line)):
            # A list in Markdown stays as it is.
            if not is_item or (before and not is_after_item):
                return True
            has_list = True
        before, is_after_item = line, is_item
    return has_list and bool(BARE_NUMBER.search(text))
