"""Every sentence for staff is plain, complete and in use, in each language."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import words
from dateline import publish
from dateline.cli import output
from dateline.config.newsroom import NewsroomTable
from dateline.entries import dates
from dateline.errors import DateError, Problem, State
from dateline.messages import (
    CATALOGUE,
    PHRASES,
    around,
    shown,
    spoken_languages,
    text_of,
)
from dateline.messages.catalogues import languages, translated, translated_count
from dateline.messages.codes.words import WORDS
from dateline.messages.message import Counted, Kind
from dateline.messages.values import Day, Phrase
from dateline.model import Report, Span
from dateline.newsroom import Newsroom as Room
from dateline.newsroom import create_app
from dateline.publish.check import check
from dateline.publish.notify.alarm import AlarmSender
from entries.test_dates import DAYS, TODAY, VIENNA, context
from entries.test_dates import rows as dates_of
from message_pages import name, page
from support.paths import ROOT
from support.publication import CONFIG, Newsroom, entry_file
from support.receiving import webhook

WORD = "vT3_q8Zr-Lm51xKcD"
SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "dateline").rglob("*.py"))
    if "messages" not in path.relative_to(ROOT).parts
)
# Words that only programmers use.
NOT_STAFFS = re.compile(
    r"\b(?:pars\w*|tokens?|invalid|syntax|illegal|exception|string|boolean|null|encod(?:ed|er)"
    r"|characters? class|array|delimiter|escap\w*|unicode\w* error"
    r"|syntaxe|exception|chaîne|booléen|tableau|analyse\w*|échapp\w*"
    r"|sintaxis|inválid\w*|excepción|cadena|booleano|matriz|analiz\w*)\b",
    re.IGNORECASE,
)
SAID = {code: message for code, message in CATALOGUE.items() if message.text}
LANGUAGES = ("en", "fr", "es")
OTHERS = ("fr", "es")
BOTH = pytest.mark.parametrize("language", OTHERS)
# Text to type, as in `title = "…"`: the same in every language.
TYPED = re.compile(r'[\w{}]+ = (?:""" … """|\[.*?\]|".*?"|[^\s,;.…]+)')
ENGLISH = re.compile(
    r"\b(?:the|is|this|with|and|or|of|to|for|at|by|not|file|an|from|January|February|March|April"
    r"|May|June|July|August|September|October|November|December|\w{3,6}day)\b"
)


def wording(code: str, language: str) -> str:
    """Return the wording of a code without the text to type and without names of menus."""
    return TYPED.sub("", text_of(code, language))


def slots(text: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_code_is_used() -> None:
    """The catalogue has no message that no file can cause."""
    assert [code for code in CATALOGUE if not is_used(code)] == []


def is_used(code: str) -> bool:
    """Return whether the program has a code, or the parts from which it is made."""
    made = {
        "date": code.startswith("date-") and f'"{code.removeprefix("date-")}"',
        "needed": code.endswith(("-missing", "-empty")) and f'"{code.rpartition("-")[0]}"',
        "order": code.endswith("-before-date") and f'"{code.removesuffix("-before-date")}"',
    }
    ways = [f'"{code}"', *(way for way in made.values() if way)]
    return any(way in SOURCES for way in ways)


def test_every_message_has_one_of_five_states() -> None:
    """A message says what happens to the file."""
    assert {message.state for message in CATALOGUE.values()} <= set(State)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_is_one_plain_line(language: str) -> None:
    """It starts in lower case, ends with punctuation, and has no programmers' words."""
    for code in SAID:
        text = text_of(code, language)

        assert "\n" not in text, code
        assert re.match(r"[a-zéàê\"'«{]|https:", text), code
        assert text.endswith((".", "?")) or re.search(r"\{wanted\}$", text), code
        assert not NOT_STAFFS.search(text), code
        assert "  " not in text, code


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_renders_with_its_fields(language: str) -> None:
    """Braces and percent signs in values are plain characters."""
    start = {"en": "Line 4: ", "fr": "Ligne 4\u00a0: ", "es": "Línea 4: "}[language]
    for code in CATALOGUE:
        problem = Problem(
            code=code,
            file="a.toml",
            line=4,
            field="{title}",
            found="{found} %s {",
            wanted="{0}",
            language=language,
        )

        assert slots(text_of(code, language)) <= {"field", "found", "wanted", "program"}, code
        assert problem.message == "" or problem.message.startswith(start), code
        assert problem.state == CATALOGUE[code].state, code


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "The date is missing. Add a line: date = 2026-11-25."),
        ("fr", "Il manque la date. Ajoutez une ligne\u00a0: date = 2026-11-25."),
        ("es", "Falta la fecha. Añada una línea: date = 2026-11-25."),
    ],
)
def test_a_message_of_the_whole_file_starts_with_a_capital(language: str, message: str) -> None:
    """Such a message stands alone."""
    problem = Problem(code="date-missing", file="a.toml", wanted="2026-11-25", language=language)

    assert problem.message == message


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", SAID)
def test_a_name_at_the_start_of_a_message_is_as_it_was_written(code: str, language: str) -> None:
    """With a capital it would be the name of another file."""
    kinds = {"{found}": CATALOGUE[code].found, "{wanted}": CATALOGUE[code].wanted}
    wording = text_of(code, language)

    said = Problem(code=code, file="b.toml", found="a.toml", wanted="a.toml", language=language)

    is_name = [kind for place, kind in kinds.items() if wording.startswith(place)] == [Kind.TEXT]
    assert said.message.startswith("a.toml") is is_name
    assert not said.message.startswith(("Https:", "Config.toml"))


@pytest.mark.parametrize(
    ("text", "short"),
    [("a\nb\x07c", "a b c"), ("x" * 99, "x" * 59 + "…"), (" a ", "a"), ("\u202ea", "a"), ("", "")],
)
def test_shown_values_fit_on_a_line(text: str, short: str) -> None:
    """Control characters and bidirectional controls are not repeated."""
    assert shown(text) == short


# ---- Other languages


@BOTH
def test_a_language_has_exactly_the_texts_of_the_source(language: str) -> None:
    """Every code, phrase and inserted word has a translation, and no other has."""
    found = {
        (one.context, one.id): one.string for one in words.read(words.FOLDER / f"{language}.po")
    }
    needed = {(context, text) for context, text, _ in words.sentences()}

    assert {key for key, text in found.items() if all(text or [""]) and key[1]} == needed


def forms(text: str | Counted) -> tuple[str, ...]:
    """Return the forms of a text: one, or one of one thing and one of many."""
    return (text.one, text.many) if isinstance(text, Counted) else (text,)


def forms_in(code: str, language: str) -> tuple[str, ...]:
    """Return the forms of a phrase in another language."""
    text, context = PHRASES[code], f"phrase.{code}"
    if isinstance(text, Counted):
        return tuple(
            translated_count(text.one, text.many, count, language, context) for count in (1, 2)
        )
    return (translated(text, language, context),)


@pytest.mark.parametrize(
    ("language", "count", "expected"),
    [
        ("en", 1, "1 file is held."),
        ("en", 2, "2 files are held."),
        ("fr", 1, "1 fichier est retenu."),
        ("fr", 2, "2 fichiers sont retenus."),
        ("es", 1, "1 archivo está retenido."),
        ("es", 2, "2 archivos están retenidos."),
        ("ar", 1, "1 file is held."),
    ],
)
def test_a_number_selects_its_plural_form(language: str, count: int, expected: str) -> None:
    """A language without messages uses the English forms."""
    assert around("alarm-files-held", language, about="", detail=str(count)) == expected


@BOTH
def test_a_translation_has_the_placeholders_of_the_source(language: str) -> None:
    """It names the same values and the same text to type."""
    for code, message in CATALOGUE.items():
        text = text_of(code, language)

        assert (code, slots(text)) == (code, slots(message.text))
        assert (code, set(TYPED.findall(text))) == (code, set(TYPED.findall(message.text)))
    for code, phrase in PHRASES.items():
        for form, other in zip(forms(phrase), forms_in(code, language), strict=True):
            assert slots(other) == slots(form)


@BOTH
def test_a_translation_contains_no_english(language: str) -> None:
    """No message is left untranslated."""
    left = {code: found for code in SAID if (found := ENGLISH.findall(wording(code, language)))}
    same = [code for code in SAID if text_of(code, language) == SAID[code].text]

    assert (left, same) == ({}, [])


def test_french_has_its_spaces_and_apostrophes() -> None:
    """No line begins with a colon; addresses and text to type stay as they are."""
    texts = [wording(code, "fr") for code in SAID]
    for code, text in PHRASES.items():
        places = {name for form in forms(text) for name in slots(form)}
        texts += [around(code, "fr", **dict.fromkeys(places, count)) for count in (1, 2)]

    wrong = [
        text
        for text in texts
        if re.search(r"(?<!\u00a0)(?:[;?!»]|(?<!http)(?<!https):)|«(?!\u00a0)|\w'\w", text)
    ]

    assert wrong == []


def test_a_question_in_spanish_has_both_question_marks() -> None:
    """No space precedes the second."""
    texts = [text_of(code, "es") for code in SAID]

    assert [text for text in texts if text.count("¿") != text.count("?") or " ?" in text] == []


@pytest.mark.parametrize("key", WORDS)
def test_every_translated_word_is_in_use(key: str) -> None:
    """Each word and phrase is inserted into some message."""
    values = (ROOT / "dateline/messages/values.py").read_text(encoding="utf-8")
    made = {
        "month": key.startswith("month-") and 'f"month-{',
        "weekday": key.startswith("weekday-") and 'f"weekday-{',
        "of-year": key.endswith("-of-year") and '"-of-year"',
        "letter": key.endswith("-letter") and '-letter"',
    }
    ways = [f'"{key}"', *(way for way in made.values() if way)]

    assert [way for way in ways if way in SOURCES + values]


@pytest.mark.long
@BOTH
@pytest.mark.parametrize("table", ["dates.tsv", "dates-more.tsv"])
def test_a_question_about_a_date_is_in_one_language(table: str, language: str) -> None:
    """Everything that the program adds to a message is translated."""
    asked = [problem for row in dates_of(table) for problem in _refused(row, language)]

    english = {
        problem.message
        for problem in asked
        if ENGLISH.search(TYPED.sub("", problem.message).replace(problem.field or "", ""))
    }

    assert len(asked) > 20
    assert english == set()


def _refused(row: dict[str, str], language: str) -> Iterator[Problem]:
    read = dates.read_toml if row["kind"] == "toml" else dates.read
    for use in ("event", "date"):
        given = {"use": use, "zone": VIENNA, "today": TODAY, "language": row["lang"] or "en"}
        if row["kind"] == "toml":
            given["language"] = "en"
        try:
            read(row["input"], **(given | context(row["context"])))
        except DateError as error:
            code = f"date-{error.kind}"
            is_ours = isinstance(error.found, Day | Phrase)
            found = error.found if is_ours and row["lang"] != "en" else "…"
            yield Problem(
                code=code,
                file="a.toml",
                field="updated",
                found=found,
                wanted=error.wanted,
                language=language,
            )


@given(days=st.tuples(DAYS, DAYS).map(sorted), language=st.sampled_from(OTHERS))
def test_a_date_to_type_is_read_as_the_same_date(days: list[date], language: str) -> None:
    """A date that a message suggests can be typed in the message's language."""
    span = Span(start=days[0], end=days[1], precision="day")
    wanted = dates.words(span)

    said = Problem(code="date-no-year", file="a.toml", wanted=wanted, language=language).message
    typed = said.split('"')[1]

    assert dates.read(typed, use="event", zone=VIENNA, today=TODAY, language="en") == span


@pytest.mark.long
def test_staffs_own_words_are_not_translated(newsroom: Newsroom) -> None:
    """Only texts of the program are translated, never texts of staff."""
    set_language(newsroom, "fr")
    newsroom.drop("a.toml", entry_file(image='"May or March.jpg"'))

    found = newsroom.build().problems

    assert found[0].message == (
        "Ligne 3\u00a0: May or March.jpg n’a pas été trouvé à côté de ce fichier\u00a0; il est "
        "omis. Fichiers présents\u00a0: (aucun)."
    )


def test_the_note_on_a_held_file_claims_no_publication(newsroom: Newsroom) -> None:
    """A note with faults and warnings is true of both."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    body = 'body = """\n<script>x</script>\n\nSee [the report](report.pdf).'
    newsroom.drop("a.toml", entry_file(draft="true").replace('body = """', body))

    newsroom.build()
    note = (newsroom.folder / "entries/a.toml.problem.txt").read_text(encoding="utf-8-sig")

    assert note.startswith("Dateline: a.toml is not published as it is now.")
    assert "report.pdf was not found beside this file; it is left out." in note
    assert "<script> is left out, and what is in it." in note
    assert note.count("publish") == 1


# ---- The newsroom's language


def set_language(room: Newsroom, language: str, more: str = "") -> None:
    """Set the newsroom's language."""
    text = f'{CONFIG}\n[newsroom]\nlanguage = "{language}"\n{more}'
    (room.folder / "config.toml").write_text(text, encoding="utf-8")


def test_every_catalogue_can_be_chosen() -> None:
    """`[newsroom] language` accepts each, and the languages that only pages have."""
    choice = NewsroomTable.model_json_schema()["properties"]["language"]["anyOf"][0]["enum"]

    assert {*choice} == {*languages()} > {*LANGUAGES}
    assert {*spoken_languages()} == {*LANGUAGES}


@pytest.mark.parametrize(
    ("publication", "own", "expected"),
    [
        ("en", "", "en"),
        ("fr", "", "fr"),
        ("es-MX", "", "es"),
        ("ar", "", "ar"),
        ("sw", "", "en"),
        ("fr", "es", "es"),
        ("en", "zh", "zh"),
        ("ru", "fr", "fr"),
    ],
)
def test_messages_are_in_the_newsrooms_or_the_publications_language(
    publication: str, own: str, expected: str, newsroom: Newsroom
) -> None:
    """Without a translation for the publication's language they are in English."""
    path = newsroom.folder / "config.toml"
    text = CONFIG.replace('language = "en"', f'language = "{publication}"', 1)
    path.write_text(text + (f'[newsroom]\nlanguage = "{own}"\n' if own else ""), encoding="utf-8")

    assert newsroom.config.newsroom.language == expected


def held_for_long(
    newsroom: Newsroom, language: str, more: str = ""
) -> tuple[Report, str, list[bytes]]:
    """Hold a file until an alarm is sent; return the report, the note and the alarms."""
    with webhook() as hook:
        alarm = f'{more}[alarm]\nwebhook = "http://127.0.0.1:{hook.port}/"\n'
        set_language(newsroom, language, alarm)
        newsroom.drop("a.toml", entry_file().replace("2026-11-24", '"30 February 2026"'))
        report = newsroom.build()
        newsroom.build(after=timedelta(hours=2))
        bell = AlarmSender(publish.ledger_url(newsroom.config))
        bell.ring(newsroom.config, newsroom.now)
        bell.wait()
    note = (newsroom.folder / "entries/a.toml.problem.txt").read_text(encoding="utf-8-sig")
    return report, note, hook.data


@pytest.mark.parametrize("language", ["ar", "ru", "zh"])
def test_untranslated_messages_are_english_everywhere(newsroom: Newsroom, language: str) -> None:
    """In the report, in the note beside the file, and in an alarm."""
    report, note, alarms = held_for_long(newsroom, language)
    said = "Line 2: there is no 30 February 2026. Correct the date."

    assert [problem.message for problem in report.problems] == [said]
    assert note.startswith("Dateline: a.toml is not published as it is now.")
    assert said in note
    assert json.loads(alarms[0])["text"].startswith("Example news: a.toml not published")


def test_a_message_is_the_same_everywhere(newsroom: Newsroom) -> None:
    """In the report, its JSON, the note, the feed for editors, and an alarm."""
    said = "Ligne 2\u00a0: la date «\u00a030 février 2026\u00a0» n’existe pas. Corrigez-la."
    report, note, alarms = held_for_long(newsroom, "fr", f'token = "{WORD}"\n')

    assert [problem.message for problem in report.problems] == [said]
    assert [row["message"] for row in output.rows(report)] == [said]
    assert said in note
    assert [json.loads(data)["held"][0]["messages"] for data in alarms] == [[said]]
    assert json.loads(alarms[0])["text"].startswith("Example news\u00a0: non publié (a.toml)")
    assert said in feed_of_problems(newsroom, report)


def feed_of_problems(newsroom: Newsroom, report: Report) -> str:
    """Return the feed of problems."""
    room = Room(newsroom.config, lambda: newsroom.now)
    room.show(report, newsroom.now)
    return create_app(room).test_client().get(f"/problems.atom?token={WORD}").text


def test_the_text_around_a_message_is_in_its_language(newsroom: Newsroom) -> None:
    """A note is in one language from its first line to its last."""
    set_language(newsroom, "es")
    newsroom.drop("a.toml", entry_file().replace("date", "fecha-x"))

    newsroom.build()
    note = (newsroom.folder / "entries/a.toml.problem.txt").read_text(encoding="utf-8-sig")

    assert note.startswith("Dateline: a.toml no se publica tal como está.")
    assert note.rstrip().endswith("desaparecerá cuando se corrija el problema.")


def test_the_forecast_of_check_is_in_the_newsrooms_language(newsroom: Newsroom) -> None:
    """`check` with a file's name writes dates and times in it too."""
    set_language(newsroom, "fr")
    newsroom.drop("a.toml", entry_file())
    clock = datetime.now(UTC) + timedelta(minutes=1)

    found = check(
        newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock, files=["a.toml"])
    ).problems

    assert found[1].message.startswith(
        "Ceci est nouveau\u00a0: l’entrée paraît aussitôt, datée du "
    )


def test_a_change_of_language_applies_to_files_already_held(newsroom: Newsroom) -> None:
    """The ledger keeps codes, not sentences."""
    newsroom.drop("a.toml", entry_file().replace("2026-11-24", '"30 February 2026"'))
    newsroom.drop("b.toml", entry_file("Other", language='"Englsh"'))
    before = newsroom.build()
    set_language(newsroom, "es")

    after = newsroom.build()

    assert [problem.message[:6] for problem in before.problems] == ["Line 2", "Line 3"]
    assert [problem.message[:7] for problem in after.problems] == ["Línea 2", "Línea 3"]


# ---- The page


@pytest.mark.long
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_on_one_page(language: str) -> None:
    """`make words` updates the pages in `docs/`."""
    assert (ROOT / "docs" / name(language)).read_text(encoding="utf-8") == page(language)
    assert all(f"| `{code}` |" in page(language) for code in SAID)
