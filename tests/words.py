"""Catalogues of all languages, kept in step with the sentences of the source (`make words`)."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

import message_pages
from dateline.config import starter
from dateline.messages import CATALOGUE, PHRASES, spoken_languages
from dateline.messages.codes.words import WORDS
from dateline.messages.message import Counted
from dateline.newsroom.language import ENGLISH
from support.paths import ROOT

FOLDER = ROOT / "dateline" / "messages" / "catalogue"
TEMPLATE = FOLDER / "dateline.pot"
_TEMPLATES = "dateline/render/pages/templates"
# Header lines that differ from day to day and from machine to machine.
_UNSTABLE = re.compile(
    r'^"(?:Project|Report|POT|PO-|Last-Translator|Language-Team|Generated).*\n', re.MULTILINE
)
Sentence = tuple[str, str | tuple[str, str], str]
"""A context, an English text (or two: of one, of many), and the file in which it stands."""


def sentences() -> Iterator[Sentence]:
    """Yield every sentence for readers or staff, with each of its places."""
    yield from _of_pages()
    for key, text in ENGLISH.items():
        yield f"newsroom.{key}", text, "dateline/newsroom/language.py"
    for code, message in CATALOGUE.items():
        if message.text:
            yield f"message.{code}", message.text, "dateline/messages/codes"
    for key, phrase in PHRASES.items():
        forms = (phrase.one, phrase.many) if isinstance(phrase, Counted) else phrase
        yield f"phrase.{key}", forms, "dateline/messages/codes/phrases.py"
    for key, text in starter.ENGLISH.items():
        yield f"welcome.{key}", text, "dateline/config/starter.py"
    for key, text in WORDS.items():
        yield f"word.{key}", text, "dateline/messages/codes/words.py"


def _of_pages() -> Iterator[Sentence]:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]
    mappings = {mapping["pattern"]: mapping for mapping in options["mappings"]}
    found = extract_from_dir(
        ROOT / _TEMPLATES,
        method_map=[(pattern, mapping["method"]) for pattern, mapping in mappings.items()],
        options_map=mappings,
    )
    for name, _, text, _, _ in sorted(found, key=lambda one: (one[0], one[1])):
        forms = text if isinstance(text, str) else (text[0], text[1])
        yield "page", forms, f"{_TEMPLATES}/{name}"


def template() -> Catalog:
    """Return the catalogue that translators start from."""
    made = Catalog(fuzzy=False)
    for context, text, place in sentences():
        made.add(text, context=context, locations=[(place, 0)])
    return made


def read(path: Path) -> Catalog:
    """Read a catalogue as it is in the repository."""
    with path.open("rb") as file:
        return read_po(file, locale=None if path == TEMPLATE else path.stem)


def updated(path: Path) -> str:
    """Return a language's catalogue with the current sentences; obsolete ones are removed."""
    catalogue = read(path)
    comment = catalogue.header_comment
    catalogue.update(template(), no_fuzzy_matching=True)
    catalogue.header_comment = comment
    return written(catalogue)


def written(catalogue: Catalog) -> str:
    """Return a catalogue as text that is the same on every day and machine."""
    made = io.BytesIO()
    write_po(
        made, catalogue, width=0, ignore_obsolete=True, include_lineno=False,
        omit_header=catalogue.locale is None,
    )  # fmt: skip
    return _UNSTABLE.sub("", made.getvalue().decode())


def main() -> None:
    """Write the template, the catalogue of each language, and the pages of all messages."""
    TEMPLATE.write_text(written(template()), encoding="utf-8")
    for path in sorted(FOLDER.glob("*.po")):
        path.write_text(updated(path), encoding="utf-8")
    for language in spoken_languages():
        page = ROOT / "docs" / message_pages.name(language)
        page.write_text(message_pages.page(language), encoding="utf-8")


if __name__ == "__main__":
    main()
