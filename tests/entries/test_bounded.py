"""What becomes of a text in HTML is limited, whatever marks it has and however they are mixed."""

from __future__ import annotations

import os
from contextlib import suppress
from random import Random
from time import process_time

import pytest

from dateline.entries.normalise import bounded, markdown
from dateline.errors import MarkupError
from entries.test_linear_time import MARKS
from entries.test_normalise import codes
from publication.test_linear import ATOMS
from support.processor import is_linear

COUNT = int(os.environ.get("BOUNDED_CASES", "30"))
SHORT = 20_000  # characters
TIMES = 10  # as long for a text of four times the length, on a busy machine
BRIEF = 0.75  # seconds that are not compared: the longer text may be read in a process of its own
LONG = "a" * 300
WORDS = (
    *ATOMS, *MARKS, f'<a href="https://example.org/{LONG}">', f'<a title="<{LONG}>">',
    f"<font face='>{LONG}'>", f'<div lang="{LONG}">', "<i a%d>", "<nobr>", "</i>", "</a>", "<br>",
    "<hr>", "<table>", "</table>", "<tr>", "<caption>", "<select>", "<button>", "<p>", "x", "\n\n",
)  # fmt: skip


def made(text: str) -> str:
    """Return the HTML of a text, as of an entry."""
    return markdown.to_html(text, base="https://news.example.org/", beside=lambda _: None)


def seconds(text: str) -> float:
    """Return the time of a processor that HTML takes, also in other processes; check its size."""
    begun, others = process_time(), os.times()
    with suppress(MarkupError):
        assert len(made(text)) <= 12 * len(text) + 600_000  # with addresses that are escaped
    own = os.times()
    spent = own.children_user + own.children_system
    return process_time() - begun + spent - others.children_user - others.children_system


def repeated(word: str, length: int) -> str:
    """Return a word again and again, with a number where it has a place for one."""
    count = max(1, length // len(word))
    if "%d" not in word:
        return word * count
    return "".join(word.replace("%d", str(number)) for number in range(count))


def mixed(chance: Random, depth: int = 2) -> str:
    """Return the pattern of a text: some words, of which `|` parts those that repeat by themselves.

    A pattern repeats as a whole, or each of its halves does, the one before the other.
    """
    words = [chance.choice(WORDS) for _ in range(chance.randint(1, 3))]
    if depth and chance.random() < 0.5:
        words.insert(chance.randint(0, len(words)), "\0" + mixed(chance, depth - 1))
    return "".join(words)


def text_of(pattern: str, length: int) -> str:
    """Return a text of about a length of a pattern."""
    parts = [part for part in pattern.split("\0") if part]
    return " x ".join(repeated(part, length // len(parts)) for part in parts)


@pytest.mark.long
@pytest.mark.parametrize(
    "seed",
    [pytest.param(one, marks=pytest.mark.release if one > 9 else ()) for one in range(COUNT)],
)
def test_time_and_size_grow_with_the_length_of_any_mixture(seed: int) -> None:
    """The HTML of four times as much takes four times as long, or is refused."""
    pattern = mixed(Random(seed))  # noqa: S311 - repeatable, not secret

    few, many = text_of(pattern, SHORT), text_of(pattern, 4 * SHORT)

    assert is_linear(seconds, few, many, most=TIMES, brief=BRIEF), pattern


@pytest.mark.parametrize("length", [6_000, pytest.param(30_000, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    ("head", "block"),
    [
        ('<a href="https://example.org/{}">', "<p>x</p>"),
        ('<a href="https://example.org/?<{}">', "<p>x</p>"),
        ('<p><a title=">{}">', "<p>x"),
        ("<ul><li><a title='<{}'>", "<li>x"),
        ('<div lang="{}">', "x<br><br>"),
        ("<b> <p>y</p>\u00a0" * 2000, "<p>x</p>"),
        ("".join(f"<i b{number}>" for number in range(1000)), "<p>x</p>"),
    ],
)
def test_marks_around_very_many_blocks_hold_a_text(head: str, block: str, length: int) -> None:
    """A file of a megabyte became gigabytes; an import refuses it, and the other items go on."""
    text = head.replace("{}", "a" * length) + block * (length // 5)

    with pytest.raises(MarkupError):
        made(text)
    with pytest.raises(MarkupError):
        markdown.cleaned(text, base="https://news.example.org/")


@pytest.mark.long
def test_a_text_that_is_held_says_why() -> None:
    """The message has what to do."""
    body = f'<a title="<{"a" * 20_000}">' + "<p>x</p>" * 2500

    assert codes(body=body) == ["body-too-hard"]


@pytest.mark.parametrize("count", [300, pytest.param(3000, marks=pytest.mark.long)])
def test_a_text_that_was_refused_is_not_tried_again(count: int) -> None:
    """A held file is read in each run, and news would wait for it each time."""
    text = f'<a title="<{"a" * 20_000}">' + "<p>x</p>" * count
    tried = []

    def clean(whole: str, /, *, is_mixed: bool) -> str:
        tried.append(whole)
        return markdown.clean(whole, is_mixed=is_mixed)

    clean.__module__ = markdown.__name__
    with pytest.raises(MarkupError):
        bounded.cleaned(text, clean, is_mixed=True)
    tried.clear()
    before = os.times()

    with pytest.raises(MarkupError):
        bounded.cleaned(text, clean, is_mixed=True)

    assert (os.times().children_user, tried) == (before.children_user, [])


def test_marks_around_many_blocks_are_in_each() -> None:
    """What is no attack has all of them."""
    assert made(f"<b>{'<p>x</p>' * 1000}</b>").count("<b>x") == 1000


@pytest.mark.long
@pytest.mark.parametrize("text", ["<p>a & b", "<b>x</b> y ", "| a | b |<br>\n", "<ul><li>a\u00a0"])
def test_a_megabyte_of_plain_markup_is_the_same_in_a_process_of_its_own(text: str) -> None:
    """There is room for the largest file."""
    whole = text * (900_000 // len(text))

    assert bounded.cleaned(whole, markdown.clean, is_mixed=True) == markdown.clean(
        whole, is_mixed=True
    )
