"""Signs of text that was pasted, which are quick to find. Most texts have none."""

from __future__ import annotations

import re

from dateline.text.expressions import regex

# Code that readers see as it is: between fences, or between backticks on one line.
CODE = r"^ {0,3}(?:```|~~~)[\s\S]*?^ {0,3}(?:```|~~~)[^\n]*$|`[^`\n]*`"
BARE_NUMBER = regex(r"^((?:[ \t>]|[*+-][ \t]+)*+\d{1,9})([.)])(?=\s)", re.MULTILINE)
_ITEM = regex(r"[*+-] [^\s\d]")
# Characters of pasted text, and how its line begins in a paragraph of one line.
_HINTS = ("\t", "\u00ad", "\u3000", "<")
_STARTS = regex(
    r"\s|[*+-][^ *+-]|o[ \u00a0]|\d|\w{1,4}[.)\]）、．º°-]"
    "|(?![\\w#>|*\"“«¿¡‘'„\\[_~`!])[^\\s]"
)


def may_be_pasted(text: str) -> bool:
    """Return whether a text may mean something else than what is written."""
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
