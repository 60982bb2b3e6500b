"""The lines of a text in Markdown or HTML, without its code and markup."""

from __future__ import annotations

import re

from dateline.entries.pasted.hints import CODE
from dateline.text.expressions import regex

COMMENT = ("<!--", "-->")
_CODE = regex(CODE, re.MULTILINE)
_SHOWN = regex(r"<(code|kbd|samp)\b[^<>]*>[^<]*</\1>", re.IGNORECASE)
_ITEM = regex(r"<(?:td|th|li|dd|dt)\b(?!@)[^<>]*>(?:\s*<(?:p|div)\b[^<>]*>)*", re.IGNORECASE)
_BLOCK = regex(r"</?(?:p|div|tr|h[1-6]|br|blockquote|table|ul|ol|hr)\b(?!@)[^<>]*>", re.IGNORECASE)
_TAG = regex(r"</?[a-z](?![^<>\s]*@[^<>\s]*>)[^<>]*>", re.IGNORECASE)  # no address


def without_code(text: str) -> str:
    """Return a text without what readers see as it is written."""
    return _CODE.sub("", text) if "`" in text or "~~~" in text else text


def without_markup(plain: str) -> str:
    r"""Return a text without comments and tags; each cell of a table is an item.

    >>> without_markup("<tr><td>Embargo</td><td>3 May</td></tr>")
    '- Embargo\n- 3 May'
    """
    if "<" not in plain:
        return plain
    begin, end = COMMENT
    *commented, last = plain.split(end)
    plain = "".join([*(part.partition(begin)[0] for part in commented), last])
    plain = _SHOWN.sub("", plain)
    return _TAG.sub("", _BLOCK.sub("\n", _ITEM.sub("\n- ", plain))).strip()
