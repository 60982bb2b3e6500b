"""The meaning of each word and phrase of a date, in each language.

Numbers in words are made from their parts. Their symbols: `D` an ordinal, which is a day; `c` a
cardinal, which may be a day, an hour or minutes; `g` an Arabic ordinal that may be an hour; `j`
Arabic minutes with their `and`; `X` a Russian hour that is half over. A hyphen between the parts of
a number may be a space.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

from dateline.entries.dates.lexicon import (
    CITIES,
    CITY_NAMES,
    MONTHS,
    WEEKDAYS,
    WORDS,
    ZONE_NAMES,
    ZONE_PHRASES,
)
from dateline.text.characters import normalised
from dateline.text.expressions import regex

Meaning = tuple[str, int]

_ALEFS = str.maketrans("أإآٱىةؤئ", "اااايهوي")
_MEANING = regex(r"(.)(\w*)")

# The words for 0 to 20, then for the tens from 20 on.
_EN = (
    (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
        "fifteen sixteen seventeen eighteen nineteen twenty"
    ),
    "twenty thirty forty fifty",
)
_EN_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_FR = (
    (
        "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
        "seize dix-sept dix-huit dix-neuf vingt"
    ),
    "vingt trente quarante cinquante",
)
_ES = (
    (
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
        "dieciséis diecisiete dieciocho diecinueve veinte"
    ),
    "veinte treinta cuarenta cincuenta",
)
_ES_ORDINALS = "primero segundo tercero cuarto quinto sexto séptimo octavo noveno décimo"
_ES_TWENTIES = "ún uno dós trés cuatro cinco séis siete ocho nueve"
_RU = (
    (
        "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать "
        "тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать "
        "двадцать"
    ),
    "двадцать тридцать сорок пятьдесят",
)
_RU_GENITIVES = (
    (
        "нуля одного двух трёх четырёх пяти шести семи восьми девяти десяти одиннадцати двенадцати "
        "тринадцати четырнадцати пятнадцати шестнадцати семнадцати восемнадцати девятнадцати "
        "двадцати"
    ),
    "двадцати тридцати сорока пятидесяти",
)
# Stems of ordinals; the third is soft. Days are neuter: the feminine is a week or a part.
_RU_STEMS = (
    "перв втор трет четвёрт пят шест седьм восьм девят десят одиннадцат двенадцат тринадцат "
    "четырнадцат пятнадцат шестнадцат семнадцат восемнадцат девятнадцат двадцат"
)
_RU_ENDINGS, _RU_SOFT = "ое ого ому ым ый ой", "ье ьего ьему ьим ий"
_AR_MEN = "أول ثاني ثالث رابع خامس سادس سابع ثامن تاسع عاشر"
_AR_WOMEN = "أولى ثانية ثالثة رابعة خامسة سادسة سابعة ثامنة تاسعة عاشرة"
_AR_UNITS = (  # as they stand with feminine and masculine nouns
    "واحدة|واحد اثنتان|اثنتين|اثنان|اثنين ثلاث|ثلاثة أربع|أربعة خمس|خمسة ست|ستة سبع|سبعة "
    "ثمان|ثماني|ثمانية تسع|تسعة عشر|عشرة"
)
_AR_TENS = "عشرون|عشرين ثلاثون|ثلاثين أربعون|أربعين خمسون|خمسين"


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """Return `word` in the form of the tables: small, without accents, plain Arabic letters.

    >>> fold("Février"), fold("إبريل")
    ('fevrier', 'ابريل')
    """
    word = word.casefold().replace("’", "'")
    if word.isascii():
        return word
    letters = normalised("NFD", word.translate(_ALEFS))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@cache
def phrases(language: str) -> Mapping[str, tuple[Meaning, ...]]:
    """Return every phrase with all its meanings.

    A phrase of `language` (a BCP 47 tag) means what it means there; one that this language
    does not have, what it means in any other.
    """
    own = language.split("-", maxsplit=1)[0].lower()
    merged: dict[str, tuple[Meaning, ...]] = {}
    for name in WORDS:
        for phrase, meaning in _meanings(name):
            known = merged.get(phrase, ())
            merged[phrase] = known if meaning in known else (*known, meaning)
    mine: dict[str, tuple[Meaning, ...]] = {}
    for phrase, meaning in _meanings(own) if own in WORDS else ():
        mine[phrase] = (*mine.get(phrase, ()), meaning)
    return merged | mine


@cache
def longest(language: str) -> Mapping[str, int]:
    """Return the words of the longest phrase, by the first word of phrases of several."""
    lengths: dict[str, int] = {}
    for phrase in phrases(language):
        words = phrase.split(" ")
        if len(words) > 1:
            lengths[words[0]] = max(len(words), lengths.get(words[0], 0))
    return lengths


@cache
def cities() -> Mapping[str, str]:
    """Return the cities of `zones.PLACES` by their names in all languages."""
    known: dict[str, str] = {}
    for names in (*(names for _, names in ZONE_PHRASES.values()), CITY_NAMES):
        known |= {
            _phrase(name).replace("-", " "): city
            for name, city in zip(names.split(), CITIES, strict=True)
            if name != "_"
        }
    return known


def chinese_words() -> tuple[str, ...]:
    """Return the Chinese words, longest first: they are written without spaces."""
    words = {phrase for phrase, _ in _meanings("zh")}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def _meanings(language: str) -> Iterator[tuple[str, Meaning]]:
    for symbol, names in (("M", MONTHS), ("W", WEEKDAYS)):
        for number, words in enumerate(names[language].split(","), start=symbol == "M"):
            yield from ((_phrase(word), (symbol, number)) for word in words.split())
    phrase, cities = ZONE_PHRASES[language]
    for number, city in enumerate(cities.split()):
        if city != "_":
            yield _phrase(phrase.format(city)), ("Z", number)
    for written, symbol, number in number_words(language):
        yield _phrase(written), (symbol, number)
    for key, words in WORDS[language].items():
        match = _MEANING.fullmatch(key)
        symbol, name = match.groups("") if match else (key, "")
        number = ZONE_NAMES.index(name.upper()) if symbol == "Z" else int(name or 0)
        yield from ((_phrase(word), (symbol, number)) for word in words.split())


def _phrase(word: str) -> str:
    return fold(word).replace("_", " ")


def number_words(language: str) -> Iterator[tuple[str, str, int]]:
    """Yield each phrase with its symbol and its number."""
    for phrase, symbol, number in _IN.get(language, _none)():
        yield phrase.replace("-", "_-_"), symbol, number
        if "-" in phrase:
            yield phrase.replace("-", "_"), symbol, number


def _none() -> Iterator[tuple[str, str, int]]:
    yield from ()


def _joined(words: tuple[str, str], joint: str, first: int = 20) -> Iterator[tuple[str, int]]:
    """Yield the cardinals to 59: the words as they are, then tens and ones with a joint."""
    ones, tens = (part.split() for part in words)
    yield from ((word, number) for number, word in enumerate(ones))
    for ten, word in enumerate(tens, start=2):
        if ten > 2:
            yield word, ten * 10
        if ten * 10 >= first:
            yield from ((word + joint + ones[one], ten * 10 + one) for one in range(1, 10))


def _english() -> Iterator[tuple[str, str, int]]:
    for word, number in _joined(_EN, "-"):
        yield word, "c", number
        if 0 < number < 10:
            yield f"oh_{word}", "c", number
    for number, word in enumerate(_EN_ORDINALS.split(), start=1):
        yield word, "D", number
        yield f"a_{word}", "v", 0  # a third of May is a fraction
        if number < 10:
            yield f"twenty-{word}", "D", 20 + number
    yield from (("twentieth", "D", 20), ("thirtieth", "D", 30), ("thirty-first", "D", 31))


def _french() -> Iterator[tuple[str, str, int]]:
    yield from (("premier", "D", 1), ("second", "D", 2))
    for word, number in _joined(_FR, "-"):
        yield word, "c", number
        if number % 10 == 1:
            yield f"{word}e", "c", number
        if 2 <= number <= 31:
            yield _french_ordinal(word), "D", number
    for ten, word in enumerate(_FR[1].split(), start=2):
        for one, symbol in (("un", "c"), ("une", "c"), ("unième", "D")):
            if symbol == "c" or ten < 4:
                yield f"{word}-et-{one}", symbol, 10 * ten + 1


def _french_ordinal(word: str) -> str:
    for end, stem in (("cinq", "cinqu"), ("neuf", "neuv")):
        if word.endswith(end):
            return f"{word.removesuffix(end)}{stem}ième"
    return word.removesuffix("e") + "ième"


def _spanish() -> Iterator[tuple[str, str, int]]:
    for word, number in _joined(_ES, "_y_", first=30):
        yield word, "c", number
        if number % 10 == 1 and number != 11:
            yield word.removesuffix("o"), "c", number
            yield word.removesuffix("o") + "a", "c", number
    for number, word in enumerate(_ES_TWENTIES.split()):
        yield f"veinti{word}", "c", 20 + max(number, 1)
    yield from (("veintiuna", "c", 21), ("primer", "D", 1), ("tercer", "D", 3))
    ordinals = [*_ES_ORDINALS.split(), *_spanish_higher(_ES_ORDINALS.split())]
    yield from ((word, "D", number) for number, word in enumerate(ordinals, start=1))


def _spanish_higher(ones: list[str]) -> Iterator[str]:
    """Yield the ordinals from 11 to 31, as one word where that is the usual form."""
    yield from ("undécimo", "duodécimo")
    yield from (f"decimo{word}" for word in ones[2:9])
    for tens, last in (("vigésimo", 9), ("trigésimo", 1)):
        yield tens
        yield from (f"{tens}_{word}" for word in ones[:last])


def _russian() -> Iterator[tuple[str, str, int]]:
    for words in (_RU, _RU_GENITIVES):
        yield from ((word, "c", number) for word, number in _joined(words, "_"))
    yield from (("одна", "c", 1), ("две", "c", 2), ("одной", "c", 1), ("одну", "c", 1))
    for ten, word in enumerate(_RU[1].split(), start=2):
        yield from ((f"{word}_одна", "c", 10 * ten + 1), (f"{word}_две", "c", 10 * ten + 2))
    for number, stem in enumerate(_RU_STEMS.split(), start=1):
        for ending in (_RU_SOFT if number == 3 else _RU_ENDINGS).split():
            yield from _russian_ordinals(stem + ending, number)
        if number <= 12:
            yield f"пол{stem}{'ьего' if number == 3 else 'ого'}", "X", number
    yield from ((f"тридцат{ending}", "D", 30) for ending in _RU_ENDINGS.split())


def _russian_ordinals(word: str, number: int) -> Iterator[tuple[str, str, int]]:
    yield word, "D", number
    if number < 10:
        yield f"двадцать_{word}", "D", 20 + number
    if number == 1:
        yield f"тридцать_{word}", "D", 31


def _arabic() -> Iterator[tuple[str, str, int]]:
    yield from (("الواحدة", "g", 1), ("فاتح", "D", 1), ("الفاتح", "D", 1))
    for symbol, words, ten in (("D", _AR_MEN, "عشر"), ("g", _AR_WOMEN, "عشرة")):
        for number, word in enumerate(words.split(), start=1):
            yield f"ال{word}", symbol, number
            if number > 2:
                yield word, symbol, number
            stem = {1: "حادي" if symbol == "D" else "حادية"}.get(number, word)
            if number < 10:
                yield f"ال{stem}_{ten}", symbol, 10 + number
                yield from _arabic_tens(f"ال{stem}", symbol, number)
    for words, number in zip(_AR_TENS.split()[:2], (20, 30), strict=True):
        yield from ((f"ال{word}", "D", number) for word in words.split("|"))
    for phrase, number in _arabic_cardinals():
        yield phrase, "c", number
        yield f"و{phrase}", "j", number


def _arabic_tens(stem: str, symbol: str, one: int) -> Iterator[tuple[str, str, int]]:
    for words, ten in zip(_AR_TENS.split()[:2], (20, 30), strict=True):
        for word in words.split("|"):
            yield f"{stem}_وال{word}", symbol, ten + one
            yield f"{stem}_و_ال{word}", symbol, ten + one


def _arabic_cardinals() -> Iterator[tuple[str, int]]:
    units = [words.split("|") for words in _AR_UNITS.split()]
    tens = [words.split("|") for words in _AR_TENS.split()]
    yield from (("إحدى_عشرة", 11), ("أحد_عشر", 11), ("اثنتا_عشرة", 12), ("اثنا_عشر", 12))
    for one, words in enumerate(units, start=1):
        for word in words:
            yield word, one
            if 1 < one < 10:
                yield from ((f"{word}_{ten}", 10 + one) for ten in ("عشر", "عشرة"))
            for ten, names in enumerate(tens, start=2):
                if one < 10:
                    yield from ((f"{word}_و{name}", 10 * ten + one) for name in names)
    for ten, names in enumerate(tens, start=2):
        yield from ((name, 10 * ten) for name in names)


_IN = {
    "en": _english,
    "fr": _french,
    "es": _spanish,
    "ru": _russian,
    "ar": _arabic,
}
