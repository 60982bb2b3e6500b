"""Words that Markdown would leave out, or change, reach readers."""

from __future__ import annotations

import time

import pytest

from dateline.entries.normalise.markdown import to_html, to_text
from dateline.entries.normalise.nothing_lost import with_all_words

SEEN = [
    ("| Year | Cases |\n|---|---|\n| 2007 | 60 | new |", "Year Cases 2007 60 new"),
    ("Year | Cases\n--- | ---\n2007 | 60 | new | one", "Year Cases 2007 60 new one"),
    ("| Year | |\n|:-|-:|\n| 2007 | 60 | new |", "Year 2007 60 new"),
    ("Text.\n\n###\n\nPress office", "Text. ### Press office"),
    ("Text.\n###\nPress office", "Text. ### Press office"),
    ("[Report]: https://example.org/report", "[Report]: https://example.org/report"),
    ("See.\n\n[1]: https://example.org/a", "See. [1]: https://example.org/a"),
    ("Text.\n\n[//]: # (A (long) comment.)\n\n[comment]: <> (Another.)", "Text."),
    ("Text.\n[//]: # (A comment.)\nMore.", "Text. More."),
    ("The box is 3*4*5 cm.", "The box is 3*4*5 cm."),
    ("The value is\n> 5 percent.", "The value is > 5 percent."),
    ("The phone is\n+ 43 1 26060.", "The phone is + 43 1 26060."),
    ("Die Messe beginnt am\n1. Dezember 2026.", "Die Messe beginnt am 1. Dezember 2026."),
]
AS_BEFORE = [
    "| Year | Cases |\n|---|---|\n| 2007 | 60 | |",
    "| a \\| b | c |\n|---|---|\n| 1 \\| 2 | 3 |",
    "See [1], [the *report*][R].\n\n[1]: https://example.org/a\n[r]: https://example.org/b",
    "![A][pic]\n\n[pic]: https://example.org/c.png",
    "```\n###\n3*4*5\n[a]: b\n```",
    "<div>\n###\n3*4*5\n[a]: https://example.org/\n</div>",
    "    ###\n\n`3*4*5` <https://example.org/3*4*5>",
    "# Heading\n\n**3**4 *5* 6\n\n[^1]: A note.",
    "Text[^1]\n\n[^1]: A note.",
    "She wrote:\n> 5 people came.\n> 6 left.",
    "Text.\n\n1. Dezember\n2. Jänner\n\n+ 43\n+ 44",
    "The list\n1. First\n2. Second",
]


def seen(text: str) -> str:
    """Return what readers see of a Markdown text."""
    return to_text(to_html(text, base="https://example.org/", beside=lambda _: None))


@pytest.mark.parametrize(("text", "words"), SEEN)
def test_all_words_are_seen(text: str, words: str) -> None:
    """Cells beyond the head, addresses that nothing refers to, signs that stand alone."""
    assert seen(with_all_words(text)).split() == words.split()


@pytest.mark.parametrize("text", AS_BEFORE)
def test_what_loses_nothing_stays(text: str) -> None:
    """Code, HTML, notes, and references that are used."""
    assert with_all_words(text) == text


@pytest.mark.parametrize(
    "text",
    ["|" * 90_000 + "\n|-|", "[a]:\n" * 30_000, "[" * 90_000, "###\n" * 30_000, "1*" * 50_000],
)
def test_no_text_takes_long(text: str) -> None:
    """The time grows with the length alone."""
    start = time.process_time()
    with_all_words(text)

    assert time.process_time() - start < 1
