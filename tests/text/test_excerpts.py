"""The part of a text around the words of a search."""

from __future__ import annotations

import pytest

from dateline.text import excerpts
from dateline.text.excerpts import excerpt
from dateline.text.search_terms import SearchTerms, of_query, pairs_in

LONG = " ".join(f"word{number}" for number in range(400))


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("evenement", "Un Événement à Paris", ["Événement"]),
        ("nairobi trial", "A trial in Nairobi.", ["trial", "Nairobi"]),
        ("traff", "Traffickers and traffic", ["Traffickers", "traffic"]),
        ("贩运", "打击人口贩运行动", ["贩运"]),
        ("人口贩运", "打击人口贩运行动", ["人口贩运"]),
        ("贩", "打击人口贩运行动", ["贩"]),
        ("اتجار", "مكافحة الاتجار بالأشخاص", ["الاتجار"]),
        ("рабстве", "Никто не должен содержаться в рабстве.", ["рабстве"]),
        (
            "\u0926\u093f\u0928",
            "\u0926\u093e\u0928 \u0926\u093f\u0928\u0964",
            ["\u0926\u093f\u0928"],
        ),
        ("donaudampf", "Die Donau\u00addampf\u200b.", ["Donau\u00addampf\u200b"]),
        ("absent", "A trial in Nairobi.", []),
    ],
)
def test_the_words_that_were_searched_for_are_marked(
    query: str, text: str, marked: list[str]
) -> None:
    """As they stand in the text, whose other parts are as they were."""
    pieces = excerpt(text, of_query(query))

    assert [part for part, is_found in pieces if is_found] == marked
    assert "".join(part for part, _ in pieces) == text


def test_a_long_text_is_cut_around_the_first_word() -> None:
    """It begins and ends at a space, with marks where something is left out."""
    pieces = excerpt(LONG, of_query("word200 "))

    text = "".join(part for part, _ in pieces)
    assert text.startswith("… word")
    assert text.endswith(" …")
    assert "word200" in text
    assert len(text) < 300


def test_a_text_without_the_words_shows_its_beginning() -> None:
    """The words may be in the title alone."""
    text = "".join(part for part, _ in excerpt(LONG, of_query("title")))

    assert text.startswith("word0 word1")


def test_marks_that_turn_text_round_are_left_out() -> None:
    """A cut text could leave the rest of the page turned round."""
    assert excerpt("\u202ea trial", of_query("trial")) == (("a ", False), ("trial", True))


@pytest.mark.parametrize("gap", [" ", "，", ", é "])
def test_a_long_text_is_not_looked_at_word_by_word(
    gap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of results has twenty of them."""
    text = gap.join(f"word{number}" for number in range(20_000))
    words: list[str] = []

    def counted(word: str, wanted: SearchTerms) -> object:
        words.append(word)
        return pairs_in(word, wanted)

    monkeypatch.setattr(excerpts, "pairs_in", counted)

    excerpt(text, of_query("title"))
    assert words == []
    assert ("word19999", True) in excerpt(text, of_query("word19999 "))
    assert 0 < len(words) < 200
