"""The words that may stand beside a date without being part of it.

A word is known (a label such as `Published`, an agency, a place), or plainly a name: in scripts
with capitals, a capital where none has to be. A capital at the start of a text proves nothing, so a
name there must be set apart from the date, by a comma or a dash. In Arabic, Chinese and other
scripts without capitals only known words may stand there. Anything else is refused: it may change
the date.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from dateline.entries.dates.symbols import ROOM, Token
from dateline.entries.dates.vocabulary import cities, fold, phrases
from dateline.entries.dates.zones import ZONES, zone_in
from dateline.errors import DateError
from dateline.text import withheld
from dateline.text.expressions import regex

# `_` is a space; as in `lexicon`, all languages are known in each.
_KNOWN = (
    # labels
    "date dated day publication_date posted published publication updated released issued uploaded "
    "press_release release for_immediate_release immediate_release embargo embargoed news "
    "event when where venue place deadline created modified copyright photo source "
    "publié publiée publiés mis_ligne mise_ligne posté paru parue fait communiqué "
    "communiqué_presse "
    "actualités lieu quand "
    "fecha publicado publicada actualizado actualizada comunicado comunicado_prensa nota_prensa "
    "hecho lugar cuándo "
    "дата опубликовано размещено обновлено дата_публикации пресс_релиз место когда "
    "بتاريخ التاريخ تاريخ تاريخ_النشر نشر نشرت بيان بيان_صحفي المكان الفترة "
    "日期 发布 发布日期 发布时间 發布 发表 时间 地点 電 电 电讯 讯 訊 消息 报道 據 据 在 记者 "
    "本报 本报讯 新闻稿 "
    # rooms and houses, and what they are for
    "conference centre center library theatre theater hotel university institute museum embassy "
    "headquarters meeting main press plenary via zoom "
    "presse conférence conférences siège hôtel université centre théâtre bibliothèque plénière "
    "prensa conferencia conferencias sede hotel universidad centro teatro biblioteca plenaria "
    "заседаний конференц пресс_центр пресс_конференция гостиница университет центр актовый "
    "المؤتمرات الاجتماعات مركز فندق جامعة مقر قصر "
    "会场 會場 会议厅 会议室 报告厅 新闻发布厅 礼堂 大厦 酒店 宾馆 大学 中心 总部 会议中心 "
    "国际会议中心 "
    # agencies
    "reuters afp ap efe dpa irin unodc prnewswire upi tass "
    "رويترز وكالات أ_ف_ب فرانس_برس د_ب_أ سانا وفا الأناضول الأمم_المتحدة "
    "рейтер тасс риа_новости интерфакс оон "
    "新华社 新華社 路透社 法新社 美联社 中新社 中新网 新华网 塔斯社 中央社 联合国 联合国总部 "
    "人民日报 "
    # how it takes place
    "online virtual hybrid webinar livestream in_person onsite "
    "ligne en_ligne virtuel présentiel hybride línea virtual_presencial presencial híbrido "
    "онлайн офлайн очно الإنترنت عبر_الإنترنت حضوريا افتراضي 线上 線上 线下 在线 现场 "
    # the parts of postal names
    "d_c u_s u_k u_s_a n_y"
)
_PARTICLES = frozenset(
    [
        "of",
        "de",
        "la",
        "le",
        "del",
        "der",
        "die",
        "das",
        "und",
        "van",
        "von",
        "den",
        "di",
        "da",
        "do",
        "dos",
        "das",
        "al",
        "el",
        "bin",
        "ibn",
        "et",
        "and",
        "for",
        "the",
        "y",
        "e",
        "sur",
        "sous",
        "lès",
        "na",
        "над",
        "на",
        "upon",
        "am",
        "an",
        "im",
        "zu",
        "zur",
        "zum",
        "to",
        "&",
        "au",
        "aux",
        "à",
        "os",
    ]
)
_ADVERB = regex(r".{3,}(?:ly|ment|mente|ement|ельно)")
_NO_ADVERBS = frozenset(
    [
        "assembly",
        "family",
        "rally",
        "italy",
        "sicily",
        "supply",
        "reply",
        "anomaly",
        "monopoly",
        "department",
        "parliament",
        "government",
        "development",
        "environment",
        "statement",
        "document",
        "announcement",
        "management",
        "agreement",
        "settlement",
        "movement",
        "employment",
        "element",
        "monument",
        "moment",
        "treatment",
        "parlement",
        "gouvernement",
        "developpement",
        "environnement",
        "document",
        "departement",
        "evenement",
        "reglement",
    ]
)
# What looks like a name by its capital, and says when of the day, or that it is not certain.
_NO_NAMES = frozenset(
    {
        "abend", "abends", "breakfast", "dusk", "evening", "feierabend", "mittag", "mittags",
        "morgens", "nachmittag", "nachts", "provisional", "review", "sunrise", "sunset", "tba",
        "tbc", "tbd", "tentative", "unconfirmed", "vormittag",
    }
)  # fmt: skip
# And in no name of several words either.
_NO_PART = frozenset(
    {
        "approval", "approved", "close", "closing", "cob", "dinner", "embargado", "eob", "eod",
        "lunch", "lunchtime", "wait", "waiting", "эмбарго",
    }
).union(withheld.STATES, withheld.EMBARGO_LINE)  # fmt: skip
_LONGEST = 5
_HAN = regex("[\u4e00-\u9fff]")
_LONGEST_HAN = 9


def check_neighbours(segments: Iterable[tuple[Sequence[Token], bool, bool]], text: str) -> None:
    """Refuse a text with words beside its date that may be part of it.

    Each segment is the tokens between two commas, with whether it is set apart from the date, and
    whether a capital shows there that it is a name. Raises `DateError` `unknown-word`.
    """
    for tokens, apart, telling in segments:
        words = [token for token in tokens if token.symbol == "w"]
        if words and not (
            is_known(tokens) or ((apart or telling) and _is_name(words, apart=apart))
        ):
            raise DateError("unknown-word", found=_unknown(words), wanted=text)


def starts_headline(token: Token) -> bool:
    """Return whether a headline may begin with this word."""
    return token.symbol == "w" and _has_capital(token) and fold(token.text) not in _NO_PART


def _unknown(words: Sequence[Token]) -> str:
    """Return the word to ask about: the first that is not known; Chinese characters together."""
    asked = [word.text for word in words if not is_known([word])] or [words[0].text]
    return "".join(asked) if all(map(_HAN.match, asked)) else asked[0]


def _is_name(words: Sequence[Token], *, apart: bool) -> bool:
    """Return whether capitals mark the words as a name, not an adverb or two initials."""
    if not any(map(_has_capital, words)) or any(fold(one.text) in _NO_PART for one in words):
        return False
    if not all(_has_capital(word) or is_known([word]) for word in (words[0], words[-1])):
        return False
    if not apart and all(len(word.text) == 1 for word in words):
        return False
    if len(words) == 1:
        word = fold(words[0].text)
        if words[0].text.upper() in ZONES and not words[0].text.isupper():
            return False  # `Est.` is estimated, or a zone
        return word not in _NO_NAMES and (not _ADVERB.fullmatch(word) or word in _NO_ADVERBS)
    return all(
        _has_capital(word) or fold(word.text) in _PARTICLES or is_known([word]) for word in words
    )


def _has_capital(word: Token) -> bool:
    return word.text[0].isupper()


def is_known(tokens: Sequence[Token]) -> bool:
    """Return whether known phrases cover all of the tokens."""
    words = _units(tokens)
    reached = {0}
    for end in range(1, len(words) + 1):
        starts = range(max(0, end - _LONGEST), end)
        if any(at in reached and _covers(words[at:end]) for at in starts):
            reached.add(end)
    return len(words) in reached


def _covers(words: list[str]) -> bool:
    phrase = " ".join(words)
    if phrase in _labels() or phrase in places() or phrase in cities() or zone_in(phrase):
        return True
    if len(words) == 1 and _HAN.match(phrase):
        return _is_known_run(phrase)
    bare = phrase.removeprefix("ب")  # in, written as one with the name
    return bare != phrase and bare in places()


def _is_known_run(run: str) -> bool:
    """Return whether known words cover a run of Chinese characters."""
    reached = {0}
    for end in range(1, len(run) + 1):
        starts = range(max(0, end - _LONGEST_HAN), end)
        if any(at in reached and _is_one(run[at:end]) for at in starts):
            reached.add(end)
    return len(run) in reached


def _is_one(word: str) -> bool:
    return word in _labels() or word in places() or word in cities()


def _units(tokens: Sequence[Token]) -> list[str]:
    """Return the words in the form of the tables, Chinese characters that touch as one."""
    units: list[str] = []
    for token in tokens:
        if ROOM in token.meanings:
            continue
        word = fold(token.text)
        if units and _HAN.match(word) and _HAN.match(units[-1]):
            units[-1] += word
        elif word != "-":
            units += word.split()
    return units


@cache
def _labels() -> frozenset[str]:
    return frozenset(fold(word).replace("_", " ") for word in _KNOWN.split())


@cache
def places() -> frozenset[str]:
    """Return the names of places, with and without their articles."""
    lines = files(__package__).joinpath("places.txt").read_text(encoding="utf-8").splitlines()
    names = {line for line in lines if not line.startswith("#")}
    silent = {phrase for phrase, meanings in phrases("").items() if ("o", 0) in meanings}
    short = {" ".join(word for word in name.split() if word not in silent) for name in names}
    return frozenset((names | short) - {""})
