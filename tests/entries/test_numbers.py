"""Items of lists have the numbers that are written."""

from __future__ import annotations

import re
import time

import pytest

from dateline.entries.normalise.markdown import to_html
from dateline.entries.normalise.numbers import as_written

NUMBERS = [
    ("1. A\n2. B\n2. C\n4. D", "1 A 2 B 2 C 4 D"),
    ("Results:\n1. A\n1. B\n3. C", "1 A 1 B 3 C"),
    ("1. Eins\n2. Zwei\n24. Dezember", "1 Eins 2 Zwei 24 Dezember"),
    ("1. A\n2. B\n\n1. C\n2. D", "1 A 2 B 1 C 2 D"),
    ("1. A\n   1. X\n   3. Z\n2. B", "1 A 1 X 3 Z 2 B"),
    ("1) A\n2) B\n2) C", "1 A 2 B 2 C"),
]
AS_BEFORE = [
    "1. A\n1. B\n1. C",
    "0. A\n1. B\n2. C",
    "- A\n  1. X\n  2. Y\n- B\n  1. Z\n  2. W",
    "1. A\n\n   More.\n\n2. B",
    "1. A\n\nMore.\n\n1. B\n2. C",
    "1. A\n2. B\n- C\n\n1. D\n2. E",
    "The best year was\n2026. It was good.\n2027. Better.",
    "```\n1. A\n5. B\n```",
    "<div>\n1. A\n5. B\n</div>",
    "Text.\n\n    1. A\n    5. B",
]


def seen(text: str) -> str:
    """Return the numbers and words of the lists of a text, in their order."""
    found: list[str] = []
    counts: list[int] = []
    html = to_html(text, base="https://example.org/", beside=lambda _: None)
    for tag, start, word in re.findall(r"<(/?(?:ol|li))(?: start=.(\d+).)?>|(\w+)", html):
        if tag == "ol":
            counts.append(int(start or 1))
        elif tag == "/ol":
            counts.pop()
        elif tag == "li":
            found.append(str(counts[-1]))
            counts[-1] += 1
        elif word[:1].isupper():
            found.append(word)
    return " ".join(one for one in found if one != "Results")


@pytest.mark.parametrize(("text", "expected"), NUMBERS)
def test_items_have_the_numbers_that_are_written(text: str, expected: str) -> None:
    """Shared ranks, numbers that are left out, days, lists that begin anew."""
    assert seen(as_written(text)) == expected


def test_a_line_of_an_item_that_begins_with_a_day_stays_in_it() -> None:
    """Where the number that follows is the next, "24. Dezember" is no item."""
    text = as_written("1. Eins\n2. Wieder am\n24. Dezember\n3. Drei")

    assert text == "1. Eins\n2. Wieder am\n24\\. Dezember\n3. Drei"


@pytest.mark.parametrize("text", AS_BEFORE)
def test_what_markdown_counts_rightly_stays(text: str) -> None:
    """Also lists of which each item has the number 1, and code."""
    assert as_written(text) == text


@pytest.mark.parametrize(
    "text",
    ["1. A\n" * 30_000, "2. A\n" * 30_000, "".join(f"{' ' * n}1. A\n" for n in range(400))],
)
def test_long_texts_take_little_time(text: str) -> None:
    """Time grows with the text alone."""
    started = time.process_time()

    as_written(text)

    assert time.process_time() - started < 2
