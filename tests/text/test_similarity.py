"""The same news in other words is recognised, and other news is not mistaken for it."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from time import process_time
from typing import Any

import pytest

from dateline.entries.normalise import markdown
from dateline.model import Span, Story
from dateline.text.similarity import (
    Vocabulary,
    has_words,
    is_nearly_same,
    is_other_news,
    is_other_text,
    is_reworded,
    is_rewritten,
    terms,
)
from support.paths import DATA

CASES = tomllib.loads((DATA / "written-over.toml").read_text(encoding="utf-8"))["case"]
DAY = date(2026, 11, 24)


def story(case: dict[str, Any], now: str = "") -> Story:
    """Return the story of a file, with the values of a row or with those named `now_`."""
    day = case.get(f"{now}day", DAY + timedelta(days=bool(now and case.get("moved"))))
    return Story(
        path="a.toml",
        title=case[f"{now}title"],
        date=Span(start=day, end=day, precision="day"),
        html=markdown.to_html(
            case[f"{now}body"], base="https://example.org/", beside=lambda _: None
        ),
        summary="",
        language=case.get(f"{now}language", "en"),
        correction=case.get(f"{now}correction", ""),
        retraction=case.get(f"{now}retraction", ""),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_other_news_is_distinguished_from_other_words(case: dict[str, Any]) -> None:
    """In any language, a rewritten text is the same news, and unrelated text is not."""
    assert is_other_news(story(case), story(case, "now_")) == case["other"]


PIER = """The harbour authority opened the new pier on Monday. Three ships from Norway were first.

The mayor, Anna Gruber, said that it cost 12 million euros and will serve 400 ships a year.

A festival follows on Saturday."""
LATER = (
    """At noon.

"""
    + PIER
)
MEASLES = """The ministry reported 12 new cases of measles in Austria on Tuesday, according to the
weekly bulletin of the agency. Vaccination centres in all districts stay open until Sunday."""
WHALE = """A whale was seen near the lighthouse on Sunday morning. Biologists of the museum say that
it is a humpback, and ask captains to keep a distance of 300 metres.

A festival follows on Saturday."""


@pytest.mark.parametrize(
    ("title", "body", "moved", "expected"),
    [
        ("New pier opens", PIER.replace("Saturday", "Sunday"), False, True),
        ("Pier 7 opens", PIER.replace(" and will serve 400 ships a year", ""), False, True),
        ("New pier opens", PIER.replace("Saturday", "Sunday"), True, False),
        ("New pier opens", LATER, False, True),
        ("New pier opens", PIER.partition("\n\n")[2], False, True),
        ("A whale in the harbour", WHALE, False, False),
        ("Opened", "Pier.", False, False),
    ],
    ids=[
        "one word",
        "a sentence",
        "another day",
        "a paragraph before it",
        "the first paragraph taken out",
        "the same end",
        "too little",
    ],
)
def test_much_of_a_text_on_one_day_is_the_same_news(
    title: str, body: str, *, moved: bool, expected: bool
) -> None:
    """Under any title; a short paragraph that ends both says nothing."""
    case = {"title": "Opening of the new pier", "body": PIER, "moved": moved}
    case |= {"now_title": title, "now_body": body}

    assert is_rewritten(story(case), story(case, "now_")) == expected


def test_the_first_paragraph_may_be_another_if_all_others_are_kept() -> None:
    """In texts of any length: what follows is most of the text."""
    case = {"title": "Opening of the new pier", "body": f"Norderney.\n\n{PIER}"}
    case |= {"now_title": "Ships may come", "now_body": f"By our reporter\n\n{PIER}"}

    assert is_rewritten(story(case), story(case, "now_"))


def test_the_time_of_the_day_and_the_region_of_a_language_do_not_matter() -> None:
    """Another day, or another language, does."""
    at = datetime(2026, 11, 24, 23, 30, tzinfo=timezone(timedelta(hours=1)))
    case = {"title": "Opening of the new pier", "body": PIER, "day": at}
    case |= {"now_title": "New pier opens", "now_body": PIER.replace("Saturday", "Sunday")}

    for changes, expected in (
        ({"now_day": at + timedelta(minutes=5), "now_language": "en-GB"}, True),
        ({"now_day": at.date()}, True),
        ({"now_day": at + timedelta(hours=1)}, False),
        ({"now_day": at, "now_language": "fr"}, False),
    ):
        assert is_rewritten(story(case), story(case | changes, "now_")) == expected, changes


def test_two_news_of_one_day_and_template_cannot_be_distinguished() -> None:
    """Staff are asked about the second one if the file of the first has vanished."""
    case = {"title": "Measles: Austria", "body": MEASLES, "now_title": "Measles: Germany"}
    case["now_body"] = MEASLES.replace("Austria", "Germany").replace("12", "40")

    assert is_rewritten(story(case), story(case, "now_"))


def test_no_other_news_counts_as_rewritten() -> None:
    """Even if it were of the same day and in the same language; see above for templates."""
    for case in (case for case in CASES if case["other"]):
        same = case | {"moved": False, "now_language": case.get("language", "en")}
        assert not is_rewritten(story(same), story(same, "now_")), case["name"]


@pytest.mark.long
def test_texts_of_very_many_paragraphs_are_compared_at_once() -> None:
    """Else a run takes hours over one changed file, and nothing else is published meanwhile."""
    texts = ["".join(f"<p>{word}{number}</p>" for number in range(40_000)) for word in ("a", "b")]
    base = story({"title": "Report", "body": "Sixty cases."})
    before = replace(base, html=texts[0])
    after = replace(base, title="Harbour", html=texts[1])
    begun = process_time()

    for compared in (is_other_news, is_other_text, is_rewritten):
        compared(before, after)
    is_nearly_same(*texts)

    assert process_time() - begun < 10


def test_a_long_text_is_compared_with_many_files_at_once() -> None:
    """Else news waits for minutes where many files are held and long texts are gone."""
    html = "<p>the harbour of Graz opens on a day</p>" * 20_000
    long = replace(story({"title": "Report", "body": "Sixty cases."}), html=html)
    files = [Vocabulary.of(f"Small text {number}.") for number in range(300)]
    begun = process_time()

    found = [one for one in files if one.has_much_of(long) or not one.has_nothing_of(long)]

    assert found == []
    assert has_words(html, 30)
    assert process_time() - begun < 2


@pytest.mark.parametrize(
    ("html", "number"),
    [("", 0), ("a &amp; b<br>c", 3), ("<p>a</p>\n<p></p>b", 2), ("<p>港口开放</p>", 4)],
)
def test_words_are_counted_as_far_as_wanted(html: str, number: int) -> None:
    """In all paragraphs."""
    assert has_words(html, number)
    assert not has_words(html, number + 1)


def test_sentences_of_any_length_are_compared() -> None:
    """Thousands of words that are repeated take no longer than others; else it takes minutes."""
    begun = process_time()

    found = is_reworded("a b " * 4000, "b a a c " * 2000)

    assert not found
    assert process_time() - begun < 2


def test_numbers_of_any_length_are_compared() -> None:
    """Python reads no number of more than 4300 digits."""
    number = "9" * 5000

    assert terms(f"{number} 0012") == {"9" * 100, "12"}
    assert is_reworded(f"There were {number} cases.", f"There were {number} cases in all.")
