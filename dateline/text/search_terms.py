"""The words of a text as the search index has them, and those that a reader searches for.

Case and diacritics are folded. Scripts without spaces between words are cut into overlapping
pairs of characters. Arabic words lose the article, and have one form of the letters that are
written in several ways.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from dateline.text.characters import UNSEEN, normalised
from dateline.text.expressions import regex

MOST_CHARACTERS = 100  # of a query
MOST_WORDS = 8
_SHORTEST_PREFIX = 3  # letters: more words begin with fewer than can be read in time
# Signs that are parts of words, and that `folded` leaves: of Thaana, of the scripts of India and
# Sri Lanka (without full stops), Thai, Lao, Tibetan, Burmese and Khmer.
SIGNS = (
    r"\u07a6-\u07b0\u0900-\u0963\u0966-\u096f\u0971-\u0df3\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc"
    r"\u0ec8-\u0ece\u0f71-\u0f84\u0f8d-\u0fbc\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064"
    r"\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d\u17b4-\u17d3\u17dd"
)
_WORD = regex(rf"(?:[^\W_]|[{SIGNS}])+")
# Han, Kana, Thai, Lao, Burmese and Khmer.
_PAIRED = regex(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    r"\U00020000-\U0003ffff]+"
)
_ARABIC = regex(r"[\u0621-\u06d3]+")
_LETTERS = str.maketrans({
    "\u0629": "\u0647", "\u0649": "\u064a", "\u0640": None,
    "\u06cc": "\u064a", "\u06a9": "\u0643",  # as on Persian keyboards
    **dict.fromkeys(f"{UNSEEN}\u200d"),
    # Unicode does not part these.
    "ı": "i", "ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ŧ": "t", "æ": "ae", "œ": "oe",
})  # fmt: skip
# "And", then the article with its prepositions (the light stemming of Larkey and others, 2002).
_ARTICLES = regex(
    r"(?:\u0648(?=.{3}))?(?:(?:[\u0641\u0628\u0643]?\u0627\u0644|\u0644\u0644)(?=.{3}))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchTerms:
    """The terms of a query, each of which an entry must have.

    `beginning` is one that a word of the entry need only begin with, or empty.
    """

    whole: tuple[str, ...]
    beginning: str = ""

    @property
    def is_empty(self) -> bool:
        """True if there is nothing to search for."""
        return not (self.whole or self.beginning)

    def has(self, word: str) -> bool:
        """Return whether one of the terms is in a word of a text."""
        own = _terms_of(word)
        return not {*own}.isdisjoint(self.whole) or bool(
            self.beginning and any(one.startswith(self.beginning) for one in own)
        )


def folded(text: str) -> str:
    """Return a text without case and diacritics.

    >>> folded("Événement à Цюрих"), folded("ﬁnal ＡＢＣ"), folded("Iğdır ve Łódź")
    ('evenement a цюрих', 'final abc', 'igdir ve lodz')
    """
    text = text.casefold()
    if text.isascii():
        return text
    decomposed = normalised("NFKD", text)
    bare = "".join(one for one in decomposed if not unicodedata.combining(one))
    return bare.translate(_LETTERS)


def terms(text: str) -> Iterator[str]:
    """Yield the terms of a text, in its order.

    >>> [*terms("L'Événement, 2026")], [*terms("打击贩运")]
    (['l', 'evenement', '2026'], ['打击', '击贩', '贩运', '运'])
    """
    for word in _WORD.findall(folded(text)):
        for part, is_paired in _parts(word):
            if is_paired:
                yield from _pairs(part)
                yield part[-1]  # so that each character begins a term
            else:
                yield _stem(part)


@lru_cache(maxsize=20_000)
def _terms_of(word: str) -> tuple[str, ...]:
    """Return the terms of one word; a publication uses few words, over and over."""
    return tuple(terms(word))


def of_query(text: str) -> SearchTerms:
    """Return the terms of what a reader typed; its last word may be the beginning of one.

    >>> of_query("Human traffick")
    SearchTerms(whole=('human',), beginning='traffick')
    """
    parts = [one for word in _WORD.findall(folded(text)) for one in _parts(word)]
    whole: dict[str, None] = {}
    beginning = ""
    for number, (part, is_paired) in enumerate(parts, start=1):
        is_last = number == len(parts) and not text[-1:].isspace()
        if is_paired and len(part) > 1:
            whole.update(dict.fromkeys(_pairs(part)))
        elif is_paired or (is_last and len(part) >= _SHORTEST_PREFIX):
            # Only one term may be a beginning: a single character before others counts whole.
            if is_last:
                beginning = _stem(part)
            else:
                whole[part] = None
        else:
            whole[_stem(part)] = None
    return SearchTerms(whole=tuple(whole), beginning=beginning)


def pairs_in(word: str, wanted: SearchTerms) -> list[tuple[int, int]]:
    """Return where the terms of a script without spaces are in a word, joined where they meet.

    >>> pairs_in("打击贩运人口", of_query("贩运"))
    [(2, 4)]
    """
    if not _PAIRED.search(word):
        return []
    signs = [(sign, place) for place, one in enumerate(word) for sign in folded(one)]
    ends = [*(place for _, place in signs[1:]), len(word)]
    found: list[tuple[int, int]] = []
    terms_of = (*wanted.whole, wanted.beginning)
    for first, (_, start) in enumerate(signs):
        for some in (signs[first : first + 2], signs[first : first + 1]):
            part = "".join(sign for sign, _ in some)
            if part in terms_of:
                end = max(ends[first + len(some) - 1], some[-1][1] + 1)
                if found and found[-1][1] >= start:
                    found[-1] = (found[-1][0], max(end, found[-1][1]))
                elif _PAIRED.fullmatch(part):
                    found.append((start, end))
    return found


def _parts(word: str) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a word, and whether each is to be cut into pairs of characters."""
    end = 0
    for run in _PAIRED.finditer(word):
        if before := word[end : run.start()]:
            yield before, False
        yield run[0], True
        end = run.end()
    if rest := word[end:]:
        yield rest, False


def _pairs(part: str) -> Iterator[str]:
    return (part[start : start + 2] for start in range(len(part) - 1))


def _stem(word: str) -> str:
    """Return an Arabic word without its article, and any other as it is."""
    found = _ARTICLES.match(word) if _ARABIC.fullmatch(word) else None
    return word[found.end() :] if found else word
