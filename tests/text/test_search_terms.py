"""The terms of texts and of queries, in the six languages of the United Nations."""

from __future__ import annotations

import pytest

from dateline.text.search_terms import SearchTerms, of_query, pairs_in, terms

# The beginnings of article 4 of the Universal Declaration of Human Rights, and words to find it by.
SLAVERY = {
    "en": ("No one shall be held in slavery or servitude.", "SLAVERY", "servitud"),
    "fr": ("Nul ne sera tenu en esclavage ni en servitude ; l’esclavage…", "l'esclavage", "ténu"),
    "es": ("Nadie estará sometido a esclavitud ni a servidumbre.", "estara", "Esclavitúd"),
    "ru": ("Никто не должен содержаться в рабстве, её формы…", "РАБСТВЕ", "ее"),
    "ar": ("لا يجوز استرقاق أو استعباد أي شخص، ويحظر الاسترقاق", "اسْتِرقاق", "واستعباد"),
    "zh": ("任何人不得使为奴隶或奴役。", "奴隶", "奴"),
}


def finds(query: str, text: str) -> bool:
    """Return whether a text has all terms of a query, as the index compares them."""
    wanted, there = of_query(query), {*terms(text)}
    begins = any(one.startswith(wanted.beginning) for one in there)
    return there.issuperset(wanted.whole) and begins


@pytest.mark.parametrize("language", SLAVERY)
def test_words_are_found_without_regard_to_case_and_diacritics(language: str) -> None:
    """In each language a text is found by its words, as people type them."""
    text, *queries = SLAVERY[language]

    assert [query for query in queries if not finds(query, text)] == []


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Iğdır, ışık", "ığdır"),
        ("IĞDIR", "ığdır"),
        ("İstanbul", "istanbul"),
        ("Łódź", "lodz"),
        ("Sørensen i Tromsø", "tromso"),
        ("Đorđe", "dorde"),
        ("Cœur", "coeur"),
        ("Straße", "STRASSE"),
        ("کتاب فارسی", "كتاب"),
    ],
)
def test_letters_that_unicode_does_not_part_are_found_as_people_type_them(
    text: str, query: str
) -> None:
    """The dotless i has the capital of another letter; others have a stroke, or are two in one."""
    assert finds(query, text)


@pytest.mark.parametrize("language", SLAVERY)
def test_another_word_is_not_found(language: str) -> None:
    """A word that a text does not have does not lead to it."""
    other = {"zh": "和平", "ar": "السلام", "ru": "мир"}.get(language, "peace")

    assert not finds(other, SLAVERY[language][0])


def test_the_last_word_may_be_a_beginning() -> None:
    """It is a beginning from three letters on, unless a space follows; no other word is."""
    assert of_query("human traf") == SearchTerms(whole=("human",), beginning="traf")
    assert of_query("human traf ") == SearchTerms(whole=("human", "traf"))
    assert of_query("human tr") == SearchTerms(whole=("human", "tr"))


def test_chinese_is_cut_into_pairs() -> None:
    """Two characters in a row are a term, and a single one is the beginning of such terms."""
    assert [*terms("打击贩运")] == ["打击", "击贩", "贩运", "运"]
    assert of_query("打击贩运") == SearchTerms(whole=("打击", "击贩", "贩运"))
    assert of_query("贩") == SearchTerms(whole=(), beginning="贩")
    assert not finds("击打", "打击贩运")


def test_an_arabic_word_is_found_with_and_without_the_article() -> None:
    """The article, "and", and prepositions that are written with it make no difference."""
    forms = ("الاتجار", "اتجار", "والاتجار", "بالاتجار", "للاتجار")

    assert {of_query(form).beginning for form in forms} == {"اتجار"}
    assert of_query("إتجار") == of_query("اتجار")


@pytest.mark.parametrize("query", ["", "  ", "?!", '"" * ( )', "-"])
def test_a_query_without_words_is_empty(query: str) -> None:
    """Punctuation alone asks for nothing."""
    assert of_query(query).is_empty


def test_terms_are_letters_and_digits() -> None:
    """No term has a character that SQLite's queries give a meaning."""
    text = 'a"b NEAR(c) d* e:f ^g -h NOT i OR j {k} l+m'

    assert all(term.isalnum() for term in terms(text))
    assert all(term.isalnum() for term in of_query(text).whole)


def test_a_word_of_a_text_is_compared_by_its_terms() -> None:
    """A word has a term of the query if they are equal, or if it has its beginning."""
    wanted = of_query("événement traffick")

    assert [word for word in ("Evenement", "traffickers", "traffic", "l") if wanted.has(word)] == [
        "Evenement",
        "traffickers",
    ]


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("\u0926\u093f\u0928", "\u0926\u093e\u0928"),  # Hindi: day, gift
        ("\u09a6\u09bf\u09a8", "\u09a6\u09be\u09a8"),  # Bengali
        ("\u0bae\u0bb2\u0bc8", "\u0bae\u0bbe\u0bb2\u0bc8"),  # Tamil: mountain, evening
    ],
)
def test_vowel_signs_are_parts_of_words(word: str, other: str) -> None:
    """Words of the same consonants are others; the full stop after a word is no part of it."""
    assert [*terms(f"{word}\u0964")] == [word]
    assert [*terms(other)] != [*terms(word)]
    assert not of_query(f"{word} ").has(other)


@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("\u1797\u17d2\u1793\u17c6\u1796\u17c1\u1789", "\u1796\u17c1\u1789"),  # Khmer
        ("\u1019\u103c\u1014\u103a\u1019\u102c", "\u1019\u102c"),  # Burmese
        ("\u0e17\u0e35\u0e48\u0e1b\u0e23\u0e30\u0e0a\u0e38\u0e21", "\u0e17\u0e35\u0e48"),  # Thai
    ],
)
def test_vowel_signs_are_in_the_pairs_of_scripts_without_spaces(word: str, part: str) -> None:
    """A part of such a word is found by its signs, not by its consonants alone."""
    wanted = of_query(f"{part} ")

    assert {*wanted.whole} <= {*terms(word)}
    assert all(len(one) == len("ab") for one in wanted.whole)
    assert [word[start:end] for start, end in pairs_in(word, wanted)] == [part]


@pytest.mark.parametrize("sign", ["\u00ad", "\u200b", "\u2060", "\ufeff", "\u200e", "\u061c"])
def test_characters_that_nobody_sees_divide_no_words(sign: str) -> None:
    """As soft hyphens in long words that were pasted."""
    assert [*terms(f"Donau{sign}dampf")] == ["donaudampf"]
    assert of_query(f"Donau{sign}dampf").beginning == "donaudampf"
