"""Which plain characters does a text consist of?"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 200

_INVISIBLE = re.compile(
    "[\u00ad\u0300-\u036f\u0640\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_DASHES = re.compile("[\u2010-\u2015\u2212\u2e3a\u2e3b]")
_DIGIT = re.compile(r"[^\D0-9]")
_ORDINAL = re.compile(r"(?<=[0-9])\.?[º°ª]")
_WAVE = re.compile(r"(?<=[0-9日号月])\s*~\s*(?=[0-9])")
_EVEN = str.maketrans(
    {"،": ",", "؛": ",", "、": "&", "。": ".", "’": "'", "‘": "'", "ʼ": "'", "○": "〇"}
)


def even(text: str) -> str:
    r"""Give `text` with ASCII digits, plain dashes and apostrophes, nothing invisible.

    A number that is no digit (`²`, `½`) stays out of it: it becomes `\\0`.
    """
    if not text.isascii():
        text = "".join("\0" if unicodedata.category(c) == "No" else c for c in text)
        text = unicodedata.normalize("NFKC", _ORDINAL.sub("", text))
        text = _DASHES.sub("-", _INVISIBLE.sub("", text)).translate(_EVEN)
        text = _DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text)
    return " ".join(_WAVE.sub("-", text).split()) if "~" in text else " ".join(text.split())
