"""Similarity of two texts in any language: the same news in other words, or other news.

Compared are *terms*: numbers, acronyms, the stems of long words, and pairs of characters where a
script sets no spaces. Short words are left out: every text of a language has the same. The share
of the smaller text's terms that the other has is its containment (Broder, "On the resemblance and
containment of documents", 1997). `tests/data/written-over.toml` holds the cases that the limits
below were chosen by, with 500 pairs of real texts of one organisation.
"""

from __future__ import annotations

import html
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import islice

from dateline.model import Story
from dateline.text.characters import normalised
from dateline.text.expressions import regex

_LEAD = 1200  # characters: news has its subject at its beginning
_SHORT_LEAD = 300
_TIMES = 4  # as long a lead as the other text is compared at most: long texts have all words
_FEW = 8  # terms: of less, all words are compared
_ENOUGH = 12  # terms, where the title says that it is the same news
_A_SENTENCE = 5  # words that are not found together by chance
_LONG = 5  # letters that make a word worth comparing
_STEM = 6
_DIGITS = 100  # of a number that are compared: `int` reads a few thousand at most
# Below this containment two texts have next to nothing in common. Of two unrelated texts in one
# language 19 in 20 are below it; a translation has names and numbers in common, and no words.
_IN_ONE_LANGUAGE = 0.27
_IN_FEW_WORDS = 0.34
_IN_TWO_LANGUAGES = 0.1
_IN_TWO_SCRIPTS = 0.25
_REWRITTEN = 0.5  # of the measured texts, other news is below 0.15; of one template it may be above
_KEPT = 0.3  # share of the paragraphs that were kept, by which a text is the same
_KEPT_AT_THE_END = 0.75  # there it may be the paragraph on the organisation below all its news
_REWORDED = 0.75
_COMPARED = 150  # words in their order, whose comparison can take the cube of their number

_WORD = regex(r"\w+")
_BLOCK_END = regex(r"</(?:p|li|h[1-6]|tr|dd|dt|blockquote|figcaption)>|<br ?/?>")
_TAG = regex(r"<[^>]*>")
# Thai, Lao, Burmese, Khmer, Japanese and Chinese: words are not set apart.
_DENSE = regex(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)
_SEMITIC = regex("[\u0590-\u06ff\u0750-\u077f]")
_ARTICLE = regex("^[وفبلك]?(?:ال|لل)")
_YEAR = regex(r"(?:19|20)\d\d")


def is_other_news(before: Story, after: Story) -> bool:
    """Return whether `after` has next to nothing in common with `before`, in title and text.

    A new headline over the same text, a text that was added to or rewritten about the same
    people, places and figures, and a translation are the same news. So is an entry with a
    retraction or a new correction. The same title means the same news, unless the date has changed
    and both texts are long enough to compare.
    """
    is_dated_alike = before.date.start == after.date.start
    if before.title == after.title and is_dated_alike:
        return False  # decided at once, for nearly all
    is_called_alike = _folded(before.title).casefold() == _folded(after.title).casefold()
    is_declared = after.retraction or {*after.correction} - {*before.correction}
    old, new = _paragraphs(before.html), _paragraphs(after.html)
    if is_declared or (is_called_alike and is_dated_alike) or old == new or _is_kept(old, new):
        return False
    if is_called_alike:
        leads = _leads(old, new)
        if min(len(_topics(lead)) for lead in leads) < _ENOUGH:
            return False
    else:
        leads = _leads([before.title, *old], [after.title, *new])
    is_same = _is_same(*leads, is_translation=len(_languages(before, after)) > 1)
    return not (is_dated_alike if is_same is None else is_same)


def is_other_text(before: Story, after: Story) -> bool:
    """Return whether two texts, under any titles, are long enough to compare, and not alike."""
    old, new = _paragraphs(before.html), _paragraphs(after.html)
    if old == new or _is_kept(old, new):
        return False
    leads = _leads(old, new)
    if min(len(_topics(lead)) for lead in leads) < _FEW:
        return False
    return _is_same(*leads, is_translation=len(_languages(before, after)) > 1) is False


def is_rewritten(before: Story, after: Story) -> bool:
    """Return whether two texts of one day and language say much the same, under any titles.

    Paragraphs at the end that both have count alone if they are most of the shorter text;
    otherwise for nothing: they may be about the organisation.
    """
    if before.date.first_day != after.date.first_day or len(_languages(before, after)) > 1:
        return False
    old, new = _paragraphs(before.html), _paragraphs(after.html)
    if _ends_alike(old, new):
        return True
    one, other = _leads([before.title, *old], [after.title, *new])
    some, others = _topics(one), _topics(other)
    if min(len(some), len(others)) >= _ENOUGH:
        return containment(some, others) >= _REWRITTEN
    words = {*_words(one)}, {*_words(other)}
    return min(map(len, words)) >= _ENOUGH and containment(*words) >= _REWORDED


def shares_words(before: Story, after: Story) -> bool:
    """Return whether two titles have a term in common."""
    return not terms(before.title).isdisjoint(terms(after.title))


def likeness(before: Story, after: Story) -> float:
    """Return the share of the words of the shorter of two stories that the other has, 0 to 1."""
    texts = ["\n".join((one.title, *_paragraphs(one.html))) for one in (before, after)]
    return containment(*({*_words(text[:_LEAD])} for text in texts))


def is_nearly_same(before: str, after: str) -> bool:
    """Return whether two texts, as HTML, are the same or have nearly all words in common.

    Not if one has no words.
    """
    old, new = _paragraphs(before), _paragraphs(after)
    if old and (old == new or _ends_alike(old, new)):
        return True
    words = [{*_words(lead)} for lead in _leads(old, new)]
    return containment(*words) >= _REWORDED


def has_same_words(before: str, after: str) -> bool:
    """Return whether two texts, as HTML, differ in nothing but tags, such as those of pictures."""
    return _paragraphs(before) == _paragraphs(after)


def has_words(fragment: str, number: int) -> bool:
    """Return whether a text, as HTML, has so many words, of which no more are read.

    Every character counts where a script sets none apart.
    """
    words = (word for text in _texts(fragment) for word in _words(text))
    return sum(1 for _ in islice(words, number)) == number


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The terms and the words of some text, such as that of a file with a mistake."""

    terms: set[str]
    words: set[str]

    @classmethod
    def of(cls, text: str) -> Vocabulary:
        """Return the vocabulary of a text, to be compared with several stories."""
        return cls(terms(text), {*_words(text)})

    def has_much_of(self, story: Story) -> bool:
        """Return whether the text has much of a story."""
        some, words = _beginning(story.html)
        if len(some) >= _ENOUGH:
            return len(some & self.terms) >= _REWRITTEN * len(some)
        shared = len(words & self.words)
        if len(words) >= _ENOUGH:
            return shared >= _REWORDED * len(words)
        return shared == len(words) >= _A_SENTENCE

    def has_nothing_of(self, story: Story) -> bool:
        """Return whether the text has next to nothing of a story; not if that has few words."""
        _, words = _beginning(story.html)
        shared = len(words & self.words)
        return len(words) >= _A_SENTENCE and shared < _IN_FEW_WORDS * len(words)


def is_reworded(before: str, after: str) -> bool:
    """Return whether two sentences say the same in other words; not if all numbers differ.

    >>> is_reworded("There were 60 cases, not 66.", "There were 60 cases in Lebanon, not 66.")
    True
    >>> is_reworded("It was on 12 May, not 13 May.", "It was in Graz, not in Vienna.")
    False
    """
    numbers = [{term for term in terms(text) if term.isdigit()} for text in (before, after)]
    if all(numbers) and numbers[0].isdisjoint(numbers[1]):
        return False
    one, other = (list(islice(_words(text), _COMPARED)) for text in (before, after))
    if SequenceMatcher(None, one, other, autojunk=False).ratio() >= _REWORDED:
        return True
    shared = terms(before), terms(after)
    return min(map(len, shared)) > 2 and containment(*shared) >= _REWORDED  # noqa: PLR2004


def containment(one: set[str], other: set[str]) -> float:
    """Return the share of the smaller set that the other has, from 0 to 1."""
    return len(one & other) / max(1, min(len(one), len(other)))


def terms(text: str) -> set[str]:
    """Return the numbers, acronyms, stems of long words and pairs of characters in a text."""
    found: set[str] = set()
    for word in _WORD.findall(_folded(text)):
        for run in _DENSE.findall(word):
            found |= {run[at : at + 2] for at in range(max(1, len(run) - 1))}
        for part in _DENSE.sub(" ", word).split():
            found |= {*_term(part)}
    return found


def _term(word: str) -> Iterator[str]:
    if word.isdecimal():
        if len(word) > 1:
            yield str(int(word[:_DIGITS]))
    elif _SEMITIC.search(word):
        stem = _ARTICLE.sub("", word)
        if len(stem) >= _LONG - 1:
            yield stem[: _STEM - 1]
    elif len(word) >= _LONG or (len(word) > 1 and word.isupper()):
        yield word.casefold()[:_STEM]


def _words(text: str) -> Iterator[str]:
    """Every word of a text, and every character where a script sets none apart."""
    for word in _WORD.findall(_folded(text).casefold()):
        yield from word if _DENSE.search(word) else (word,)


def _folded(text: str) -> str:
    """Return a text without accents, vowel signs and lengthened letters."""
    plain = normalised("NFKD", text).replace("\u0640", "")
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def _languages(*stories: Story) -> set[str]:
    """Return the languages of stories, without their regions."""
    return {story.language.partition("-")[0] for story in stories}


def _paragraphs(fragment: str) -> list[str]:
    """Return the text of each paragraph of some HTML, on one line."""
    return [*_texts(fragment)]


def _texts(fragment: str) -> Iterator[str]:
    """Yield the text of each paragraph of some HTML, on one line."""
    for block in _blocks(fragment):
        if text := " ".join(html.unescape(_TAG.sub("", block)).split()):
            yield text


def _blocks(fragment: str) -> Iterator[str]:
    start = 0
    for end in _BLOCK_END.finditer(fragment):
        yield fragment[start : end.start()]
        start = end.end()
    yield fragment[start:]


@lru_cache(maxsize=1)  # that of one entry, which is compared with many files
def _beginning(fragment: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the topics and the words at the beginning of a text, as HTML."""
    lead = ""
    for text in _texts(fragment):
        lead += f"\n{text}"
        if len(lead) > _LEAD:
            break
    lead = lead[1 : _LEAD + 1]
    return frozenset(_topics(lead)), frozenset(_words(lead))


def _leads(old: Sequence[str], new: Sequence[str]) -> tuple[str, str]:
    """Return the beginnings of two texts, without the paragraphs at the end that both have."""
    tail = _common_tail(old, new)
    one, other = "\n".join(old[: len(old) - tail]), "\n".join(new[: len(new) - tail])
    longest = min(_LEAD, max(_SHORT_LEAD, _TIMES * min(len(one), len(other))))
    return one[:longest], other[:longest]


def _is_kept(old: Sequence[str], new: Sequence[str]) -> bool:
    """Return whether a text has the other's paragraphs, or enough of them above its end."""
    tail = _common_tail(old, new)
    if tail:
        if tail in {len(old), len(new)} or _share(old[-tail:], old) >= _KEPT_AT_THE_END:
            return True
        old, new = old[:-tail], new[:-tail]
    there = {*new}
    return _share([text for text in old if text in there], old) >= _KEPT


def _ends_alike(old: Sequence[str], new: Sequence[str]) -> bool:
    """Return whether the paragraphs at the end that both have are most of the shorter text."""
    tail = old[len(old) - _common_tail(old, new) :]
    return max(_share(tail, old), _share(tail, new)) >= _KEPT_AT_THE_END


def _common_tail(old: Sequence[str], new: Sequence[str]) -> int:
    """Count the paragraphs at the end that both texts have."""
    pairs = zip(reversed(old), reversed(new), strict=False)
    return next(
        (n for n, (one, other) in enumerate(pairs) if one != other), min(len(old), len(new))
    )


def _share(some: Sequence[str], paragraphs: Sequence[str]) -> float:
    return sum(map(len, some)) / max(1, sum(map(len, paragraphs)))


def _is_same(one: str, other: str, *, is_translation: bool) -> bool | None:
    """Return whether two leads are of the same news; None if there is too little text."""
    if _script(one) != _script(other):
        return _has_same_numbers(one, other)
    return _is_translated(one, other) if is_translation else _is_about_the_same(one, other)


def _is_about_the_same(one: str, other: str) -> bool:
    some, others = _topics(one), _topics(other)
    if min(len(some), len(others)) < _FEW:
        return containment({*_words(one)}, {*_words(other)}) >= _IN_FEW_WORDS
    return containment(some, others) >= _IN_ONE_LANGUAGE


def _is_translated(one: str, other: str) -> bool | None:
    """Return whether texts in two languages have terms in common; None if they are too short."""
    some, others = _topics(one), _topics(other)
    if containment(some, others) >= _IN_TWO_LANGUAGES:
        return True
    return None if min(len(some), len(others)) < _FEW else False


def _has_same_numbers(one: str, other: str) -> bool | None:
    """Return whether two texts in different scripts share figures; None if one of them has none."""
    some, others = ({term for term in _topics(text) if term.isdigit()} for text in (one, other))
    return containment(some, others) >= _IN_TWO_SCRIPTS if some and others else None


def _topics(text: str) -> set[str]:
    """Return the terms of a text without its years, which most news of a year has."""
    return {term for term in terms(text) if not _YEAR.fullmatch(term)}


def _script(text: str) -> str:
    """Name the script that most letters of a text are of, as Unicode names them: `LATIN`, `CJK`."""
    letters = Counter(
        unicodedata.name(sign, "").partition(" ")[0] for sign in text if sign.isalpha()
    )
    return max(letters, key=lambda name: letters[name], default="")
