"""Messages to staff: every sentence under a code that never changes, in each language.

English and the state of each code stand in `dateline.messages.codes`, the other languages in
`dateline.messages.catalogue`. `{field}` is the field's name as staff write it, `{found}` the
text that stands in the file, `{wanted}` the text to type instead, `{program}` what starts
Dateline. A sentence starts in lower case: "Line 4: " may precede it. Text to type stands between
straight quotes, and is the same in every language.
"""

from __future__ import annotations

from functools import cache

from dateline.messages import program
from dateline.messages.catalogues import (
    ENGLISH,
    has,
    languages,
    translated,
    translated_count,
)
from dateline.messages.codes import CATALOGUE, PHRASES
from dateline.messages.message import Counted, Kind, Message
from dateline.messages.values import Value, in_language

__all__ = [
    "CATALOGUE", "PHRASES", "Message", "around", "say", "shown", "spoken", "spoken_languages",
    "text_of",
]  # fmt: skip

_SHOWN = 60


def shown(text: str, longest: int = _SHOWN) -> str:
    """Return as much of `text` as fits into a message, on one line."""
    text = text[: 4 * longest]
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"


def spoken(language: str) -> str:
    """Return the language of the messages to staff who read `language`.

    >>> spoken("fr"), spoken("ar")
    ('fr', 'en')
    """
    return language if has(language, "message") else ENGLISH


@cache
def spoken_languages() -> tuple[str, ...]:
    """Return the languages that have messages, English first."""
    return (ENGLISH, *(one for one in languages() if one != ENGLISH and has(one, "message")))


def text_of(code: str, language: str) -> str:
    """Return the wording of a code, with its places (`{field}`, `{found}`, …) still open."""
    text = CATALOGUE[code].text
    return translated(text, language, f"message.{code}") if text else ""


def around(code: str, language: str, **values: object) -> str:
    """Return a text around messages: of a note, the newsroom's feed, or an alarm."""
    text, context = PHRASES[code], f"phrase.{code}"
    language = language if has(language, "phrase") else ENGLISH
    if isinstance(text, Counted):
        number = f"{values[text.by]}"
        count = int(number) if number.isdecimal() else 0
        form = translated_count(text.one, text.many, count, language, context)
    else:
        form = translated(text, language, context)
    return form.format_map({"program": program.name(), **values})


def say(
    code: str,
    language: str,
    *,
    line: int | None = None,
    field: str = "",
    found: Value = "",
    wanted: Value = "",
) -> str:
    """Return one plain sentence or two: the place, the fault, and the text to type instead."""
    language = spoken(language)
    values = {"found": in_language(found, language), "wanted": in_language(wanted, language)}
    wording = text_of(code, language)
    text = wording.format(field=field, program=program.name(), **values)
    if not text:
        return ""  # what nobody can see is reported to programs only
    if line:
        return around("line", language, line=line, text=text)
    return text if _begins_as_written(code, wording) else text[:1].upper() + text[1:]


def _begins_as_written(code: str, wording: str) -> bool:
    """Return whether a sentence begins with an address or a name: `a.toml` is not `A.toml`."""
    message = CATALOGUE[code]
    kinds = {"{found}": message.found, "{wanted}": message.wanted}
    kinds |= dict.fromkeys(("https:", "config.toml"), Kind.TEXT)
    return any(kind == Kind.TEXT and wording.startswith(start) for start, kind in kinds.items())
