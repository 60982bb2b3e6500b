"""What exactly is staff told, with which code, in which language?

Every sentence that a member of staff can meet stands here once in each language, under a code
that never changes. `{field}` is the field's name as staff write it, `{found}` what stands in
the file, `{wanted}` what to type instead. A sentence starts in lower case: "Line 4: " may
go before it. What is to be typed stands between straight quotes, and is the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from dateline.messages import english, french, spanish
from dateline.messages.message import Message
from dateline.messages.words import IN_FOUND, IN_WANTED, translated

__all__ = ["CATALOGUE", "LANGUAGES", "Message", "around", "say", "shown", "spoken", "text_of"]

CATALOGUE: Mapping[str, Message] = english.MESSAGES
LANGUAGES = ("en", "fr", "es")

_SHOWN = 60


def shown(text: str, longest: int = _SHOWN) -> str:
    """Give as much of `text` as fits into a message, on one line."""
    text = text[: 4 * longest]
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"


def spoken(language: str) -> str:
    """Give the language in which messages are said where staff read `language`.

    >>> spoken("fr"), spoken("ar")
    ('fr', 'en')
    """
    return language if language in LANGUAGES else LANGUAGES[0]


@cache
def text_of(code: str, language: str) -> str:
    """Give the wording of a code, with its `{field}`, `{found}` and `{wanted}` still open."""
    if tongue := _OTHERS.get(language):
        return tongue.typeset(tongue.messages[code])
    return CATALOGUE[code].text


def around(code: str, language: str, **values: object) -> str:
    """Give what is said around messages: in a note, in the newsroom's feed, in an alarm."""
    if tongue := _OTHERS.get(language):
        return tongue.typeset(tongue.around[code]).format(**values)
    return english.AROUND[code].format(**values)


def say(
    code: str,
    language: str,
    *,
    line: int | None = None,
    field: str = "",
    found: str = "",
    wanted: str = "",
) -> str:
    """Give one plain sentence or two: where, what, and what to type instead."""
    if tongue := _OTHERS.get(language):
        found = tongue.reword(found, IN_FOUND.get(code, ()))
        wanted = tongue.reword(wanted, IN_WANTED.get(code, ()))
    text = text_of(code, language).format(field=field, found=found, wanted=wanted)
    if not text:
        return ""  # what nobody can see is told to machines only
    return around("line", language, line=line, text=text) if line else text[:1].upper() + text[1:]


def _as_it_is(text: str) -> str:
    return text


def _typeset_french(text: str) -> str:
    """Put the spaces and apostrophes of French where only plain ones are typed in the source."""
    text = re.sub(r" (?=[:;?!»])|(?<=«) ", "\u00a0", text)
    return re.sub(r"(?<=\w)'(?=\w)", "’", text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tongue:
    """A language other than English, and how it is set."""

    messages: Mapping[str, str]
    around: Mapping[str, str]
    words: Mapping[str, str]
    touches: tuple[tuple[str, str], ...]
    typeset: Callable[[str], str] = _as_it_is

    def reword(self, text: str, words: tuple[str, ...]) -> str:
        """Give what the program put into a message, in this language."""
        meant = {word: self.typeset(self.words[word]) for word in words}
        other = translated(text, words, meant)
        if other != text:
            for pattern, better in self.touches:
                other = re.sub(pattern, better, other)
        return other


_OTHERS: Mapping[str, _Tongue] = {
    "fr": _Tongue(
        messages=french.MESSAGES,
        around=french.AROUND,
        words=french.WORDS,
        touches=french.TOUCHES,
        typeset=_typeset_french,
    ),
    "es": _Tongue(
        messages=spanish.MESSAGES,
        around=spanish.AROUND,
        words=spanish.WORDS,
        touches=spanish.TOUCHES,
    ),
}
