"""Every sentence that staff can meet is plain, whole and in use, in each language."""

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
from dateline.config.schema import NewsroomTable
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
from dateline.messages.message import Counted
from dateline.messages.reference import name, page
from dateline.messages.values import Day, Phrase
from dateline.model import Report, Span
from dateline.newsroom import Newsroom as Room
from dateline.newsroom import create_app
from dateline.publish.check import check
from dateline.publish.notify.alarm import AlarmSender
from entries.test_dates import DAYS, TODAY, VIENNA, context
from entries.test_dates import rows as dates_of
from support.paths import ROOT
from support.publication import CONFIG, Newsroom, entry_file
from support.receiving import webhook

WORD = "vT3_q8Zr-Lm51xKcD"
SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "dateline").rglob("*.py"))
    if "messages" not in path.relative_to(ROOT).parts
)
# What nobody but a programmer says.
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
# What is typed, as in `title = "…"`: the same in every language.
TYPED = re.compile(r'[\w{}]+ = (?:""" … """|\[.*?\]|".*?"|[^\s,;.…]+)')
ENGLISH = re.compile(
    r"\b(?:the|is|this|with|and|or|of|to|for|at|by|not|file|an|from|January|February|March|April"
    r"|May|June|July|August|September|October|November|December|\w{3,6}day)\b"
)


def wording(code: str, language: str) -> str:
    """Give the wording of a code without what is typed, and without names of menus."""
    return TYPED.sub("", text_of(code, language))


def slots(text: str) -> set[str]:
    """Give the names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_code_is_used(code: str) -> None:
    """Nothing stands in the catalogue that no file can bring about."""
    made = {
        "date": code.startswith("date-") and f'"{code.removeprefix("date-")}"',
        "needed": code.endswith(("-missing", "-empty")) and f'"{code.rpartition("-")[0]}"',
        "order": code.endswith("-before-date") and f'"{code.removesuffix("-before-date")}"',
    }
    ways = [f'"{code}"', *(way for way in made.values() if way)]

    assert [way for way in ways if way in SOURCES]


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_state_is_one_of_five(code: str) -> None:
    """What happens to the file is said with the sentence."""
    assert CATALOGUE[code].state in set(State)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", SAID)
def test_a_message_is_one_plain_line(code: str, language: str) -> None:
    """It starts in lower case, ends with its mark, and has no word of programmers."""
    text = text_of(code, language)

    assert "\n" not in text
    assert re.match(r"[a-zéàê\"'«{]|https:", text)
    assert text.endswith((".", "?")) or re.search(r"\{wanted\}$", text)
    assert not NOT_STAFFS.search(text)
    assert "  " not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CATALOGUE)
def test_a_message_renders_with_its_fields(code: str, language: str) -> None:
    """Whatever stands in the file: braces and percent signs are only signs."""
    problem = Problem(
        code=code,
        file="a.toml",
        line=4,
        field="{title}",
        found="{found} %s {",
        wanted="{0}",
        language=language,
    )
    start = {"en": "Line 4: ", "fr": "Ligne 4\u00a0: ", "es": "Línea 4: "}[language]

    assert slots(text_of(code, language)) <= {"field", "found", "wanted"}
    assert problem.message == "" or problem.message.startswith(start)
    assert problem.state == CATALOGUE[code].state


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "The date is missing. Add a line: date = 2026-11-25."),
        ("fr", "Il manque la date. Ajoutez une ligne\u00a0: date = 2026-11-25."),
        ("es", "Falta la fecha. Añada una línea: date = 2026-11-25."),
    ],
)
def test_a_message_of_the_whole_file_starts_with_a_capital(language: str, message: str) -> None:
    """It stands alone."""
    problem = Problem(code="date-missing", file="a.toml", wanted="2026-11-25", language=language)

    assert problem.message == message


@pytest.mark.parametrize(
    ("text", "short"),
    [("a\nb\x07c", "a b c"), ("x" * 99, "x" * 59 + "…"), (" a ", "a"), ("\u202ea", "a"), ("", "")],
)
def test_what_is_shown_fits_on_a_line(text: str, short: str) -> None:
    """Control signs and signs that turn text round are not repeated."""
    assert shown(text) == short


# ---- Other languages


@BOTH
def test_a_language_says_all_and_no_more(language: str) -> None:
    """Every code, every sentence around messages, every word that the program puts in."""
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
def test_a_number_has_its_form(language: str, count: int, expected: str) -> None:
    """One thing, or many; in English where a language has no messages."""
    assert around("alarm-files-held", language, about="", detail=str(count)) == expected


@BOTH
def test_a_translation_has_the_places_of_the_original(language: str) -> None:
    """Nothing that a message names is lost, and what is typed stays what it is."""
    for code, message in CATALOGUE.items():
        text = text_of(code, language)

        assert (code, slots(text)) == (code, slots(message.text))
        assert (code, set(TYPED.findall(text))) == (code, set(TYPED.findall(message.text)))
    for code, phrase in PHRASES.items():
        for form, other in zip(forms(phrase), forms_in(code, language), strict=True):
            assert slots(other) == slots(form)


@BOTH
def test_a_translation_has_no_english_in_it(language: str) -> None:
    """Nor is anything left as it was."""
    left = {code: found for code in SAID if (found := ENGLISH.findall(wording(code, language)))}
    same = [code for code in SAID if text_of(code, language) == SAID[code].text]

    assert (left, same) == ({}, [])


def test_french_has_its_spaces_and_apostrophes() -> None:
    """No line begins with a colon; an address and what is typed stay as they are."""
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


def test_a_question_in_spanish_has_both_its_marks() -> None:
    """And no space before the second."""
    texts = [text_of(code, "es") for code in SAID]

    assert [text for text in texts if text.count("¿") != text.count("?") or " ?" in text] == []


@pytest.mark.parametrize("key", WORDS)
def test_a_word_that_is_translated_is_one_that_is_said(key: str) -> None:
    """Every word and phrase is put into a message somewhere."""
    values = (ROOT / "dateline/messages/values.py").read_text(encoding="utf-8")
    made = {
        "month": key.startswith("month-") and 'f"month-{',
        "weekday": key.startswith("weekday-") and 'f"weekday-{',
        "of-year": key.endswith("-of-year") and '"-of-year"',
        "letter": key.endswith("-letter") and '-letter"',
    }
    ways = [f'"{key}"', *(way for way in made.values() if way)]

    assert [way for way in ways if way in SOURCES + values]


@BOTH
@pytest.mark.parametrize("table", ["dates.tsv", "dates-more.tsv"])
def test_a_question_about_a_date_is_in_one_language(table: str, language: str) -> None:
    """Whatever stands in the file: what the program adds to a message is translated."""
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
    """Staff type what they are told, in the language in which they are told."""
    span = Span(start=days[0], end=days[1], precision="day")
    wanted = dates.words(span)

    said = Problem(code="date-no-year", file="a.toml", wanted=wanted, language=language).message
    typed = said.split('"')[1]

    assert dates.read(typed, use="event", zone=VIENNA, today=TODAY, language="en") == span


def test_a_name_with_a_word_of_ours_in_it_stays(newsroom: Newsroom) -> None:
    """Only what the program wrote is translated, never what staff did."""
    configure(newsroom, "fr")
    newsroom.drop("a.toml", entry_file(image='"May or March.jpg"'))

    found = newsroom.build().problems

    assert found[0].message == (
        "Ligne 3\u00a0: May or March.jpg n’a pas été trouvé à côté de ce fichier\u00a0; il est "
        "omis. Fichiers présents\u00a0: (aucun)."
    )


def test_a_held_file_says_of_nothing_that_it_was_published(newsroom: Newsroom) -> None:
    """What is wrong and what is left out stand in one note, and both are true."""
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


def configure(room: Newsroom, language: str, more: str = "") -> None:
    """Let the newsroom speak a language."""
    text = f'{CONFIG}\n[newsroom]\nlanguage = "{language}"\n{more}'
    (room.folder / "config.toml").write_text(text, encoding="utf-8")


def test_the_catalogues_are_among_those_that_can_be_chosen() -> None:
    """`[newsroom] language` takes the name of each, and of those that the pages alone speak."""
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
def test_the_newsroom_speaks_its_own_language_or_the_publications(
    publication: str, own: str, expected: str, newsroom: Newsroom
) -> None:
    """English, where the newsroom has no words in the publication's."""
    path = newsroom.folder / "config.toml"
    text = CONFIG.replace('language = "en"', f'language = "{publication}"', 1)
    path.write_text(text + (f'[newsroom]\nlanguage = "{own}"\n' if own else ""), encoding="utf-8")

    assert newsroom.config.newsroom.language == expected


def held_for_long(
    newsroom: Newsroom, language: str, more: str = ""
) -> tuple[Report, str, list[bytes]]:
    """Let a file be held until an alarm is sent; give the report, the note, and the alarms."""
    with webhook() as hook:
        alarm = f'{more}[alarm]\nwebhook = "http://127.0.0.1:{hook.port}/"\n'
        configure(newsroom, language, alarm)
        newsroom.drop("a.toml", entry_file().replace("2026-11-24", '"30 February 2026"'))
        report = newsroom.build()
        newsroom.build(after=timedelta(hours=2))
        bell = AlarmSender(publish.ledger_url(newsroom.config))
        bell.ring(newsroom.config, newsroom.now)
        bell.wait()
    note = (newsroom.folder / "entries/a.toml.problem.txt").read_text(encoding="utf-8-sig")
    return report, note, hook.data


@pytest.mark.parametrize("language", ["ar", "ru", "zh"])
def test_where_there_are_no_messages_they_are_english(newsroom: Newsroom, language: str) -> None:
    """In the report, beside the file, and in an alarm."""
    report, note, alarms = held_for_long(newsroom, language)
    said = "Line 2: there is no 30 February 2026. Correct the date."

    assert [problem.message for problem in report.problems] == [said]
    assert note.startswith("Dateline: a.toml is not published as it is now.")
    assert said in note
    assert json.loads(alarms[0])["text"].startswith("Example news: a.toml not published")


def test_a_message_is_the_same_wherever_it_is_read(newsroom: Newsroom) -> None:
    """In the report, for machines, beside the file, in the feed for editors, in an alarm."""
    said = "Ligne 2\u00a0: la date «\u00a030 février 2026\u00a0» n’existe pas. Corrigez-la."
    report, note, alarms = held_for_long(newsroom, "fr", f'token = "{WORD}"\n')

    assert [problem.message for problem in report.problems] == [said]
    assert [row["message"] for row in output.rows(report)] == [said]
    assert said in note
    assert [json.loads(data)["held"][0]["messages"] for data in alarms] == [[said]]
    assert json.loads(alarms[0])["text"].startswith("Example news\u00a0: non publié (a.toml)")
    assert said in shown_to_editors(newsroom, report)


def shown_to_editors(newsroom: Newsroom, report: Report) -> str:
    """Give the feed of problems."""
    room = Room(newsroom.config, lambda: newsroom.now)
    room.show(report, newsroom.now)
    return create_app(room).test_client().get(f"/problems.atom?token={WORD}").text


def test_what_is_said_around_a_message_is_in_its_language(newsroom: Newsroom) -> None:
    """A note is all of one piece, from its first line to its last."""
    configure(newsroom, "es")
    newsroom.drop("a.toml", entry_file().replace("date", "fecha-x"))

    newsroom.build()
    note = (newsroom.folder / "entries/a.toml.problem.txt").read_text(encoding="utf-8-sig")

    assert note.startswith("Dateline: a.toml no se publica tal como está.")
    assert note.rstrip().endswith("desaparecerá por sí solo cuando todo esté bien.")


def test_what_will_happen_is_told_in_the_newsrooms_language(newsroom: Newsroom) -> None:
    """`check` with the name of a file speaks it too, and says the moment in it."""
    configure(newsroom, "fr")
    newsroom.drop("a.toml", entry_file())
    clock = datetime.now(UTC) + timedelta(minutes=1)

    found = check(
        newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock, files=["a.toml"])
    ).problems

    assert found[1].message.startswith(
        "Ceci est nouveau\u00a0: l’entrée paraît aussitôt, datée du "
    )


def test_a_change_of_language_reaches_what_is_held_already(newsroom: Newsroom) -> None:
    """The ledger keeps codes, not sentences."""
    newsroom.drop("a.toml", entry_file().replace("2026-11-24", '"30 February 2026"'))
    newsroom.drop("b.toml", entry_file("Other", language='"Englsh"'))
    before = newsroom.build()
    configure(newsroom, "es")

    after = newsroom.build()

    assert [problem.message[:6] for problem in before.problems] == ["Line 2", "Line 3"]
    assert [problem.message[:7] for problem in after.problems] == ["Línea 2", "Línea 3"]


# ---- The page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_stands_on_one_page(language: str) -> None:
    """`docs/` has what `dateline.messages.reference` gives. (Else: `make words`.)"""
    assert (ROOT / "docs" / name(language)).read_text(encoding="utf-8") == page(language)
    assert all(f"| `{code}` |" in page(language) for code in SAID)
