"""Short lines by which staff keep news back, whatever the order of their words.

A line is one if it has no other words than those that such lines consist of (`withheld`) and
those of days and times: news always says something more. No list of shapes is needed. Above and
below a text, a short line is one too if a clause of it begins as an order of staff.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import islice
from typing import Literal, NamedTuple

from dateline.entries.dates import vocabulary
from dateline.entries.dates.zones import ZONES
from dateline.text import withheld
from dateline.text.characters import normalised
from dateline.text.expressions import regex

# An embargo ends at a moment, a release may be over, a note stands above or below a text.
Kind = Literal["embargo", "release", "note", "always"]

_LINE = regex(r"^[^\n]{2,250}$", re.MULTILINE)
# A line and the next one, which may be a paragraph, or a heading, of its own.
_TWO_LINES = regex(
    r"(?!\s*[-+>•·])([^\n]{2,80})\n\s{0,8}(?![-+>•·]|\*[ \t][^\n]*[^*\s]\s*$)([^\n]{2,120})$",
    re.MULTILINE,
)
# The same where the first line is but a label, or a heading or the head of a table.
_LABEL_AND_ITEM = regex(
    r"([^\w\n]{0,6}[^\n]{2,40})\n(?:[|:\s-]*\n)?\s{0,8}([-+>•·|*]?[^\n]{2,80})$", re.MULTILINE
)
_WORD = regex(r"\d+|[^\W\d_](?:[^\W\d_]|[\u0300-\u036f\u064b-\u065f\u0670])*")
_CHINESE = regex(r"[\u3007\u3400-\u9fff]+")
# Of a word in Arabic: what is written together with it.
_JOINED = regex(r"[وف]?((?:[بلك]?ال|لل|[بلك])?(\w{2,}))")
_LABEL = regex(r"(?=[:：])")
_TIME = regex(
    rf"{withheld.TIME_OF_DAY}|\d[:.hч]\s?\d\d|\d{{1,2}}[./-]\d|\d\s?(?:h\b|ч\b|час)"
    r"|[\d一二三四五六七八九十]\s?[日号时点]",
    re.IGNORECASE,
)
_HAS_TIME = regex(withheld.TIME_OF_DAY, re.IGNORECASE)
# "No. 12" denies nothing, what is "without restriction" is for all, and 未经审核 is "unaudited".
_DENIES_NOTHING = regex(
    r"未[经經][审審]核\W*$|\bnos?\b(?=[.:°º]{0,2}\s?\d)|\b(?:sans|sin|without)\s(?:aucune\s)?(?:restri|limit)\w+",
    re.IGNORECASE,
)
_ZONE = regex(rf"((?i:{withheld.TIME_OF_DAY})\.?\s?\(?)(?:{withheld.alternatives(ZONES)})\b")
_SIMPLE = str.maketrans(
    "發報導開佈嚴請內資傳轉機絕聞時間審確認後於點將經準註編輯刪補據數緩暫務職實單稱東號對須僅處",
    "发报导开布严请内资传转机绝闻时间审确认后于点将经准注编辑删补据数缓暂务职实单称东号对须仅处",
)
_NO_DATES = frozenset("vKE")  # meanings of words of dates that are no part of a moment
_LONGEST_ORDER = 140
_LEAST_WEEKDAY = 4
_ASIDE = regex(r"\[[^\[\]\n]{4,140}\](?![(\[:])|【[^【】\n]{3,140}】")
_MOST_ASIDES = 300
# Where clauses begin: not within quotation marks, in brackets only if nothing comes after these.
_CLAUSE = (
    r"(?:^[^\w\"'“”„«»‘’「」『』]*|[:;,.!?¡¿—–：，；。！、،؛]\s*|\s-\s"
    r"|[(\[（【](?=[^()\[\]（）【】]*[)\]）】]\W*(?:[:：]|$)))"
)
_CLAUSE_END = r"\W*$|\s?[,.;:!?)\]،؛，。；：！）】—–]|\s-\s"
# What comes after the comma is a sentence of news, and not one to colleagues.
_TO_STAFF = "please|pls|thanks|do|don|not?|merci|svp|ne|pas|por favor|gracias|لا|يرجى"
_NO_NEWS = rf"(?![^\n,،:]*[,،:] ?(?!(?:{_TO_STAFF})\b)(?:\w+ ){{2}}\w)"
# In verbose expressions.
END_OF_SPEECH = (
    r"(?:(?:until|till|against)\ delivery|(?:until|till)(?:\ the)?\ end\ of(?:\ the)?"
    r"\ (?:press\ (?:conference|briefing)|meeting|speech|statement)"
    r"|jusqu['’]à\ la\ fin\ (?:de\ la\ (?:conférence\ de\ presse|réunion)|du\ discours)"
    r"|hasta\ el\ final\ (?:de\ la\ (?:rueda\ de\ prensa|reunión)|del\ discurso))"
)
_HAN = r"\u3400-\u9fff"
_QUOTED = regex('["“„«「][^"“”„«»「」]{12}')
# Of a meeting, and no note: "Venue: awaiting confirmation".
_OPEN_YET = regex(
    r"^\W*(?:venue|place|location|program(?:me)?|agenda|speakers?|lieu|orateurs|lugar|programa"
    r"|ponentes|место|программа|повестка|المكان|البرنامج|地点|议程)\s?[:：]\s?"
    r"(?=awaiting|en attente|en cours|pendiente|жд[её]м|на согласов|بانتظار|في انتظار|قيد|等待)\S+",
    re.IGNORECASE,
)
_SPACES = regex(r"\s+")
_VOWELS = regex(r"[\u064b-\u065f\u0640\u0670\u200e\u200f*]+")
_BRACKETS = regex(
    r"[\[【〔]([^\[\]【】〔〕\n:=]{2,60})[\]】〕](?![(\[:])|[(（]([^()（）\n]{4,60})[)）]"
)
_UNKNOWN_DAY = regex(r"\b[XХ]{2}\s(?:de\s)?(\w{3,20})|(?<![A-ZХ×])[XХ×]{1,2}月[XХ×]{1,2}日")


class Found(NamedTuple):
    """A line, where it is, and what it says of the news."""

    match: re.Match[str]
    kind: Kind

    @property
    def is_loud(self) -> bool:
        """True if several words are in capitals."""
        return self.match[0].isupper() and " " in self.match[0].strip("#* ")


def lines(text: str) -> Iterator[Found]:
    r"""Yield the lines that have no other words than those of notes and of moments.

    >>> [(one.match[0], one.kind) for one in lines("Sixty cases.\nНе публиковать до 3 мая")]
    [('Не публиковать до 3 мая', 'embargo')]
    """
    for one in _LINE.finditer(text):
        says = _said(one[0])
        if kind := _kind_of_line(one[0], says):
            yield Found(one, kind)
        if kind != "embargo" and _keeps_back(says) and (two := _with_moment(one, says)):
            yield Found(two, "embargo")
        if not says and {"internal", "note"} <= _said(_LABEL.split(one[0])[0]):
            yield Found(one, "always")


def orders(text: str, is_note: Callable[[re.Match[str]], bool]) -> Iterator[Found]:
    r"""Yield what is an order of staff, whatever else it says: lines where notes stand, brackets.

    >>> text = "Не публиковать до звонка Анны\n\nSixty [Anna, check before publishing] cases."
    >>> [(one.match[0], one.kind) for one in orders(text, lambda line: not line.start())]
    [('Не публиковать до звонка Анны', 'note'), ('[Anna, check before publishing]', 'always')]
    """
    for one in _LINE.finditer(text):
        if len(one[0]) <= _LONGEST_ORDER and is_note(one) and is_order(one[0]):
            yield Found(one, "embargo" if _ends_at_moment(one[0]) else "note")
    for one in islice(_ASIDE.finditer(text), _MOST_ASIDES):
        if not one[0].isupper() and is_order(one[0][1:-1]):
            yield Found(one, "embargo" if _ends_at_moment(one[0]) else "always")


def is_order(line: str) -> bool:
    """Return whether a clause of a line begins as those by which staff keep news back."""
    plain = _OPEN_YET.sub("", _SPACES.sub(" ", _VOWELS.sub("", line)))
    begins, aside, before, to_do = _orders()
    if begins.search(plain) or (before.search(plain) and to_do.search(plain)):
        return True
    return not _QUOTED.search(plain) and bool(aside.search(plain))


def names_moment(line: str) -> bool:
    """Return whether a line has digits, or words of days and times.

    >>> names_moment("Embargo bis Donnerstag"), names_moment("Embargoed until delivery")
    (True, False)
    """
    words = (word[0] for word in _WORD.finditer(line) if len(word[0]) >= _LEAST_WEEKDAY)
    return any(map(str.isdecimal, line)) or any("moment" in _groups(word) for word in words)


def names_weekday(line: str) -> bool:
    """Return whether a line has the name of a day of the week.

    >>> names_weekday("Embargo: Friday, 4 August"), names_weekday("Embargo: 4 August")
    (True, False)
    """
    return any("W" in _dates(_plain(word[0])) for word in _WORD.finditer(line))


def is_moment(line: str) -> bool:
    """Return whether a line is the day or time of an embargo that stands above it.

    >>> is_moment("10:00 a.m. CET"), is_moment("10:00 Press conference at the port")
    (True, False)
    """
    says = _said(line)
    return bool(says and ("moment" in says or _TIME.search(line)) and not _keeps_back(says))


def forbids(line: str) -> bool:
    """Return whether a line forbids to publish news before a moment.

    >>> forbids("do not publish before 26 November"), forbids("Embargo: 26 November")
    (True, False)
    """
    says = _said(line)
    return {"not", "publish"} <= says and _kind_of_line(line, says) == "embargo"


def has_time(line: str) -> bool:
    """Return whether a line names a time of day."""
    return bool(_HAS_TIME.search(line))


def consists_of_notes(text: str) -> bool:
    """Return whether a text has no other words than those of notes, days, times and zones.

    >>> consists_of_notes("3 December, 10:00 CET"), consists_of_notes("3 December, Harbour")
    (True, False)
    """
    return bool(_said(text))


def gaps(text: str) -> Iterator[str]:
    """Yield what stands for words that are still to be filled in.

    >>> [*gaps("Hay [completar cifra] casos desde el XX de mayo.")]
    ['[completar cifra]', 'XX de mayo']
    """
    for one in _BRACKETS.finditer(text):
        inner, beside = one.groups()
        says = [_gap(word[0]) for word in _WORD.finditer(inner or beside)]
        if all(says) and ("todo" in says or (inner and "missing" in says)):
            yield one[0]
    for one in _UNKNOWN_DAY.finditer(text):
        if one[1] is None or "M" in _dates(_plain(one[1])):
            yield one[0]


def _ends_at_moment(line: str) -> bool:
    """Return whether a line names the moment of an order; `mon` may be Monday only with a day."""
    least = 1 if any(map(str.isdecimal, line)) else _LEAST_WEEKDAY
    words = (word[0] for word in _WORD.finditer(line) if len(word[0]) >= least)
    says = frozenset[str]().union(*map(_groups, words))
    return bool({"before", "after", "embargo"} & says and ("moment" in says or _TIME.search(line)))


@cache
def _orders() -> tuple[re.Pattern[str], ...]:
    """Return how orders begin, what says before publication, and how things to do begin."""
    leads, following, before, to_do = map(
        _alternatives, (withheld.LEADS, withheld.FOLLOWING, withheld.BEFORE, withheld.TO_DO)
    )
    begin = rf"{_CLAUSE}(?:(?:{leads})[,: ]*){{0,3}}"
    orders, aside = (
        _alternatives(words)
        .replace(">", rf"(?={_CLAUSE_END}|\s?(?:{following}))")
        .replace("~", _NO_NEWS)
        for words in (withheld.ORDERS, withheld.ASIDES)
    )
    return (
        re.compile(rf"{begin}(?:{orders})(?![^\W\d{_HAN}])", re.IGNORECASE),
        re.compile(rf"(?<![^\W{_HAN}])(?:{aside})", re.IGNORECASE),
        re.compile(before, re.IGNORECASE),
        re.compile(
            rf"{begin}(?:{to_do})|(?:{to_do}) ?(?:{before})"
            rf"|(?:{before})(?: |请?\w{{0,3}})(?:{to_do})",
            re.IGNORECASE,
        ),
    )


def _alternatives(words: str) -> str:
    return "".join(map(str.strip, words.splitlines())).replace("@", r"[\w’']*")


def _said(line: str) -> set[str]:
    """Return the groups of all words of a line, none if one is not among those of notes."""
    says: set[str] = set()
    for word in _WORD.finditer(_ZONE.sub(r"\1", _DENIES_NOTHING.sub("", line))):
        groups = _groups(word[0])
        if not groups:
            return set()
        says |= groups
    return says


def _kind_of_line(line: str, says: set[str]) -> Kind | Literal[""]:
    has_moment = "moment" in says or bool(_TIME.search(line))
    return _kind(says, has_moment=has_moment) if says else ""


def _keeps_back(says: set[str]) -> bool:
    return "embargo" in says or {"not", "publish"} <= says


def _with_moment(line: re.Match[str], says: set[str]) -> re.Match[str] | None:
    """Return a line and the next one if that is the moment at which an embargo ends."""
    two = _TWO_LINES.match(line.string, line.start())
    if two and (not two[1].startswith("#") or two[1].isupper()) and _ends_in(two[2], says):
        return two
    two = _LABEL_AND_ITEM.match(line.string, line.start())
    is_label = two and (has_time(two[2]) or two[1].rstrip("* ").endswith(":"))
    return two if two and is_label and _ends_in(two[2], says) else None


def _ends_in(line: str, says: set[str]) -> bool:
    """Return whether a line is the moment at which an embargo ends that the one above `says`."""
    more = _said(line)
    is_only_moment = bool(more) and not _keeps_back(more)
    return is_only_moment and _kind_of_line(line, says | more) == "embargo"


def _kind(says: set[str], *, has_moment: bool) -> Kind | Literal[""]:
    """Return what a line says whose words are of the groups in `says`, or nothing."""
    if "reproduce" in says and has_moment:
        says = says | {"publish"}
    elif "reproduce" in says and says & {"approve", "after"}:  # about the rights of who wrote it
        says = says - {"approve", "publish"}
    if {"remove", "before", "publish"} <= says:
        return "always"
    if has_moment and (
        "embargo" in says
        or ("publish" in says and says & {"not", "after"})
        or {"confidential", "before"} <= says
    ):
        return "embargo"
    if has_moment and "publish" in says and says & {"order", "date"}:
        return "" if "next" in says else "release"
    is_note = (
        {"not", "publish"} <= says
        or "draft" in says
        or ("confidential" in says and "before" not in says)
        or ("internal" in says and len(says) > 1)
        or ("approve" in says and says & {"pending", "not"})
        or {"project", "release"} <= says
        or ({"embargo", "release"} <= says and "over" not in says)
    )
    return "note" if is_note else ""


@lru_cache(maxsize=8192)
def _groups(word: str) -> frozenset[str]:
    """Return the groups of a word, none if it is not among those of notes; those of all parts."""
    return frozenset({"digit"}) if word.isdecimal() else _notes().groups(_plain(word))


@lru_cache(maxsize=8192)
def _gap(word: str) -> str:
    """Return what a word says in brackets: `missing`, `todo`, something else, or nothing."""
    groups = _gaps().groups(plain := _plain(word)) or _notes().groups(plain)
    return next((one for one in ("todo", "missing") if one in groups), "beside" if groups else "")


class _Words:
    """The groups of words of a table, some of which have any ending."""

    def __init__(self, groups: Mapping[str, Iterable[str]]) -> None:
        self._whole: dict[str, frozenset[str]] = {}
        self._stems: dict[str, frozenset[str]] = {}
        for name, words in groups.items():
            for word in words:
                known = self._stems if word.endswith("*") else self._whole
                plain = _plain(word.rstrip("*"))
                known[plain] = known.get(plain, frozenset()) | {name}
        chinese = filter(_CHINESE.fullmatch, self._whole)
        self._parts = re.compile(withheld.alternatives(chinese))

    def groups(self, word: str) -> frozenset[str]:
        """Return the groups of a plain word, none if it has a part that is not in the table."""
        if _CHINESE.fullmatch(word):
            parts = self._parts.findall(word)
            whole = sum(map(len, parts)) == len(word)
            return frozenset().union(*(self._whole[one] for one in parts if whole))
        joined = _JOINED.fullmatch(word)
        bare = (word, *joined.groups()) if joined else (word,)
        return next(filter(None, map(self._of_one, bare)), frozenset())

    def _of_one(self, word: str) -> frozenset[str]:
        stems = (self._stems.get(word[:end], frozenset()) for end in range(3, len(word) + 1))
        return self._whole.get(word, frozenset()).union(*stems)


@lru_cache(maxsize=8192)
def _plain(word: str) -> str:
    if word.isascii():
        return word.casefold()
    return vocabulary.fold(normalised("NFKC", word).replace("ـ", "")).translate(_SIMPLE)


@cache
def _notes() -> _Words:
    """Return the words of notes, and those of days, times and zones."""
    dates: dict[str, list[str]] = {"day": [], "moment": []}
    for phrase in vocabulary.phrases(""):
        means = _dates(phrase)
        if means - _NO_DATES:
            dates["moment" if means & {"M", "W"} else "day"] += phrase.split()
    dates["day"] += " ".join(vocabulary.cities()).split()
    # "First" and "second", which end names of months, are no moments by themselves.
    dates["moment"] = [one for one in dates["moment"] if one not in {"اول", "ثاني", "أول"}]
    notes = {name: words.split() for name, words in withheld.NOTES.items()}
    return _Words(notes | {name: words + notes.get(name, []) for name, words in dates.items()})


@cache
def _gaps() -> _Words:
    return _Words({name: words.split() for name, words in withheld.GAPS.items()})


def _dates(word: str) -> frozenset[str]:
    return frozenset(symbol for symbol, _ in vocabulary.phrases("").get(word, ()))
