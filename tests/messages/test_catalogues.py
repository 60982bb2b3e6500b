"""Every sentence is translated, complete and in use; a language is one file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages import Message

import words
from dateline.messages.catalogues import languages, translated

PATHS = [words.TEMPLATE, *sorted(words.FOLDER.glob("*.po"))]
TRANSLATED = sorted(set(languages()) - {"en"})
# Pages are in every language, messages in some.
WHOLE = ("es", "fr")
SCRIPTS = {"ar": r"[\u0621-\u064a]", "ru": r"[а-яё]", "zh": r"[\u4e00-\u9fff]"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
# Words that every language writes in Latin letters.
NAMES = re.compile(r"\b(?:OPML|Dateline|TOML|date|event|draft = true)\b")


def texts(message: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    """Return the forms of a message: one, or one for each number of things, or none."""
    return (message,) if isinstance(message, str) else tuple(message or ())


def part_of(message: Message) -> str:
    """Return the part of a catalogue to which a message belongs."""
    return (message.context or "").partition(".")[0]


def messages(language: str) -> list[Message]:
    """Return the messages of a language's catalogue that it has to translate."""
    found = words.read(words.FOLDER / f"{language}.po")
    assert not found.obsolete
    needed = {"page", "newsroom", "welcome"} | (
        {"message", "phrase", "word"} if language in WHOLE else set()
    )
    return [message for message in found if message.id and part_of(message) in needed]


def test_every_language_has_a_catalogue() -> None:
    """The six languages of the United Nations are English and those with a catalogue."""
    assert languages() == ("ar", "en", "es", "fr", "ru", "zh")


@pytest.mark.long
@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_of_the_source_is_translated(language: str) -> None:
    """A catalogue has the sentences of the source, and nothing else. `make words` updates it."""
    path = words.FOLDER / f"{language}.po"

    assert words.updated(path) == path.read_text("utf-8")


def test_translators_find_every_sentence_in_the_template_of_catalogues() -> None:
    """`dateline.pot` is as new as the source. `make words` updates it."""
    assert words.written(words.template()) == words.TEMPLATE.read_text("utf-8")


def test_each_pair_of_context_and_text_is_unique() -> None:
    """A code has one wording; pages and words may repeat theirs."""
    named = [context for context, _, _ in words.sentences() if "." in context]

    assert len(named) == len(set(named))


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translation_is_whole(language: str) -> None:
    """No translation is missing, doubtful, or without the values put into it."""
    for message in messages(language):
        assert not message.fuzzy, message.id
        assert texts(message.string), message.id
        for text in texts(message.string):
            assert text.strip(), message.id
            original = texts(message.id)[0]
            assert [end.isspace() for end in (text[0], text[-1])] == [
                end.isspace() for end in (original[0], original[-1])
            ], message.id
            for original in texts(message.id):
                assert set(PLACEHOLDER.findall(original)) == set(PLACEHOLDER.findall(text))


@pytest.mark.parametrize("language", SCRIPTS)
def test_no_english_is_left_in_other_scripts(language: str) -> None:
    """Arabic, Russian and Chinese have no word in Latin letters but names."""
    for message in messages(language):
        if part_of(message) == "page":
            for text in texts(message.string):
                assert re.search(SCRIPTS[language], text, re.IGNORECASE), text
                plain = NAMES.sub("", PLACEHOLDER.sub("", text))
                assert not re.search("[A-Za-z]", plain), text


@pytest.mark.parametrize("language", WHOLE)
def test_no_message_is_left_in_english(language: str) -> None:
    """Each message and phrase differs from its source."""
    assert [
        message.context
        for message in messages(language)
        if part_of(message) in {"message", "phrase"} and message.string == message.id
    ] == ["phrase.page-columns"] * (language == "fr")


def test_french_punctuation_follows_french_rules() -> None:
    """High punctuation follows a no-break space, and apostrophes are curved."""
    for message in messages("fr"):
        if part_of(message) == "page":
            for text in texts(message.string):
                wrong = r"(^|[^\u00a0\u202f])[:;!?»]|'|«(?![\u00a0\u202f])"
                assert not re.search(wrong, text), (
                    "Type U+00A0 before : ; ! ? » and after «, and ’ as apostrophe: " + text
                )


@pytest.mark.parametrize("path", PATHS, ids=[path.name for path in PATHS])
def test_catalogues_are_reproducible(path: Path) -> None:
    """`make words` writes the same file everywhere, without line numbers and dates."""
    text = path.read_text("utf-8")

    assert not re.search(r"^#: .*:\d|Date:|Generated-By|^#~|/tmp|/home", text, re.MULTILINE)


def test_catalogues_state_that_no_native_reader_has_reviewed_them() -> None:
    """The notice tells readers how far to trust a catalogue."""
    for language in TRANSLATED:
        found = words.read(words.FOLDER / f"{language}.po")
        assert "No native reader" in found.header_comment


@pytest.mark.parametrize(
    ("language", "expected"), [("fr", "retenue"), ("tlh", "held"), ("en", "held")]
)
def test_a_language_without_a_catalogue_falls_back_to_english(language: str, expected: str) -> None:
    """English is the source and the fallback."""
    assert translated("held", language, "newsroom.held") == expected
