"""Translations of everything that Dateline says, one gettext file (`.po`) for each language.

English stands in the source and is the fallback. A file has several parts, each with contexts
(`msgctxt`) of its own: `page` (pages for readers), `newsroom.KEY`, `welcome.KEY` (the first entry),
`message.CODE`, `phrase.KEY` and `word`. A part is parsed when its language is first needed.
"""

from __future__ import annotations

import gettext
import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ENGLISH = "en"
_FOLDER = Path(__file__).parent / "catalogue"


@cache
def languages() -> tuple[str, ...]:
    """Return English and the languages that have a catalogue, in order."""
    names = (file.name for file in _FOLDER.iterdir())
    return tuple(sorted({ENGLISH, *(n.removesuffix(".po") for n in names if n.endswith(".po"))}))


def translated(text: str, language: str, context: str) -> str:
    """Return an English text of the source in another language, or as it is.

    >>> translated("held", "fr", "newsroom.held"), translated("held", "tlh", "newsroom.held")
    ('retenue', 'held')
    """
    if language == ENGLISH:
        return text
    return _part(language, context.partition(".")[0]).texts.pgettext(context, text)


def translated_count(one: str, many: str, count: int, language: str, context: str) -> str:
    """Return the form of an English text that a language has for a number of things.

    >>> translated_count("{count} file", "{count} files", 1, "en", "phrase.alarm-files")
    '{count} file'
    """
    if language == ENGLISH:
        return one if count == 1 else many
    return _part(language, context.partition(".")[0]).texts.npgettext(context, one, many, count)


@cache
def has(language: str, part: str) -> bool:
    """Return whether a language has at least one translation in a part of its catalogue."""
    return language == ENGLISH or _part(language, part).is_translated


def endonym(language: str) -> str:
    """Return the name that a language has in itself.

    >>> endonym("fr"), endonym("es")
    ('français', 'español')
    """
    from babel import Locale  # noqa: PLC0415

    return Locale.parse(language).get_display_name() or language


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    texts: gettext.NullTranslations
    is_translated: bool


@cache
def _part(language: str, part: str) -> _Part:
    if language not in languages():
        return _Part(texts=gettext.NullTranslations(), is_translated=False)
    # English does without Babel, and so does every command that says nothing.
    from babel.messages.mofile import write_mo  # noqa: PLC0415
    from babel.messages.pofile import read_po  # noqa: PLC0415

    text = (_FOLDER / f"{language}.po").read_text(encoding="utf-8")
    header, *entries = text.split("\n\n")
    # Babel takes 0.2 ms for an entry, and the other parts may be needed by nobody.
    needed = [entry for entry in entries if f'msgctxt "{part}' in entry]
    catalogue = read_po(io.StringIO("\n\n".join([header, *needed])), locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return _Part(
        texts=gettext.GNUTranslations(compiled),
        is_translated=any(message.id and any(message.string or ()) for message in catalogue),
    )
