"""Which words mean what in a date, in each language?

A word's meaning is a sign, one letter that the grammar is written in, and a number:

====  ==========================================================================
M W   month (1 to 12); weekday (Monday is 0)
t q   to; to or at (Spanish `a`, French `à`)
f b   from; between
a |   and; or
@ H   at; at the hour of (a clock time must follow)
h k   hours of a 24-hour clock; hours of a clock that may be one of 12
m     minutes
A p   part of the day (`PARTS`); the same, or nothing at all
N     noon (12) or midnight (0)
Z z   a named zone; words that speak of a zone without naming it
v V   vague; vague even where a headline follows the date
r     relative to the day of reading
o     says nothing
====  ==========================================================================

Phrases are written with `_`, alternatives with a space, months and days with `,`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

Meaning = tuple[str, int]

AM, PM, MORNING, AFTERNOON, EVENING, NIGHT, MIDDAY, LATE = range(1, 9)

_MONTHS = {
    "en": "january jan,february feb,march mar,april apr,may,june jun,july jul,august aug,"
    "september sept sep,october oct,november nov,december dec",
    "fr": "janvier janv jan,fevrier fevr fev,mars mar,avril avr,mai,juin,juillet juil jul,aout,"
    "septembre sept sep,octobre oct,novembre nov,decembre dec",
    "es": "enero ene,febrero feb,marzo mar,abril abr,mayo may,junio jun,julio jul,agosto ago,"
    "septiembre setiembre sept sep set,octubre oct,noviembre nov,diciembre dic",
    "ru": "январь января январе янв,февраль февраля феврале фев февр,март марта марте мар,"
    "апрель апреля апреле апр,май мая мае,июнь июня июне июн,июль июля июле июл,"
    "август августа августе авг,сентябрь сентября сентябре сент сен,"
    "октябрь октября октябре окт,ноябрь ноября ноябре нояб ноя,"
    "декабрь декабря декабре дек",
    "ar": "يناير كانون_الثاني جانفي,فبراير شباط فيفري,مارس آذار,أبريل إبريل نيسان أفريل,"
    "مايو أيار ماي نوار,يونيو يونيه حزيران جوان,يوليو يوليه تموز جويلية يوليوز,"
    "أغسطس آب أوت غشت,سبتمبر أيلول شتنبر,أكتوبر تشرين_الأول,"
    "نوفمبر تشرين_الثاني نونبر,ديسمبر كانون_الأول دجنبر",
    "zh": "元月,,,,,,,,,,,",
}

_WEEKDAYS = {
    "en": "monday mon,tuesday tue tues,wednesday wed weds,thursday thu thur thurs,friday fri,"
    "saturday sat,sunday sun",
    "fr": "lundi lun,mardi mar,mercredi mer,jeudi jeu,vendredi ven,samedi sam,dimanche dim",
    "es": "lunes lun,martes mar,miercoles mie mier,jueves jue,viernes vie,sabado sab,domingo dom",
    "ru": "понедельник понедельника пн,вторник вторника вт,среда среду среды ср,"
    "четверг четверга чт,пятница пятницу пятницы пт,суббота субботу субботы сб,"
    "воскресенье воскресенья вс",
    "ar": "الاثنين الإثنين,الثلاثاء,الأربعاء,الخميس,الجمعة,السبت,الأحد",
    "zh": "星期一 周一 礼拜一,星期二 周二 礼拜二,星期三 周三 礼拜三,星期四 周四 礼拜四,"
    "星期五 周五 礼拜五,星期六 周六 礼拜六,星期日 星期天 周日 周天 礼拜日 礼拜天",
}

_WORDS = {
    "en": {
        "o": "of the on in day dated",
        "t": "to until till through thru",
        "f": "from",
        "b": "between",
        "a": "and",
        "|": "or",
        "@": "at",
        "h": "h hr hrs hs hour hours",
        "k": "o'clock",
        "m": "min mins minutes",
        f"A{MORNING}": "morning in_the_morning",
        f"A{AFTERNOON}": "afternoon in_the_afternoon",
        f"A{EVENING}": "evening in_the_evening",
        "N12": "noon midday",
        "N0": "midnight",
        "z": "time local",
        "v": "early late mid middle end beginning start half quarter q week weeks weekend about "
        "around circa approximately approx before after since by spring summer autumn "
        "winter fall onwards onward later ongoing earliest latest sometime soon",
        "V": "bc bce tbc tbd tba tentative tentatively provisional provisionally confirmed "
        "announced",
        "r": "today tomorrow yesterday tonight next last this current coming now ago inst ult "
        "present previous following",
    },
    "fr": {
        "o": "de du des d le la les en jour dans l",
        "t": "au aux jusqu'au",
        "q": "à",
        "f": "des_le",
        "b": "entre",
        "a": "et",
        "|": "ou",
        "h": "h heures hrs",
        "m": "min mn minutes",
        f"A{MORNING}": "matin du_matin",
        f"A{AFTERNOON}": "apres-midi de_l'apres-midi l'apres-midi",
        f"A{EVENING}": "soir du_soir",
        "N12": "midi",
        "N0": "minuit",
        "z": "heure locale",
        "v": "début mi fin moitié trimestre semestre semaine vers environ avant après depuis "
        "printemps été automne hiver courant_du jusqu'à partir",
        "V": "provisoire confirmer",
        "r": "aujourd'hui demain hier prochain prochaine dernier dernière courant ce cette "
        "maintenant passé",
    },
    "es": {
        "o": "de del el la los las en día días",
        "t": "al hasta",
        "q": "a",
        "f": "desde",
        "b": "entre",
        "a": "y e",
        "|": "o u",
        "@": "a_las a_la",
        "h": "h hs hrs horas",
        "m": "min minutos",
        f"A{MORNING}": "de_la_mañana",
        f"A{AFTERNOON}": "de_la_tarde",
        f"A{EVENING}": "de_la_noche",
        f"A{NIGHT}": "de_la_madrugada",
        "N12": "mediodía",
        "N0": "medianoche",
        "z": "hora",
        "v": "principios comienzos inicios mediados finales fines fin mitad trimestre semestre "
        "semana hacia alrededor antes después primavera verano otoño invierno partir",
        "V": "provisional confirmar",
        "r": "hoy mañana ayer próximo próxima pasado pasada corriente presente en_curso este_mes "
        "este_año esta_semana actual ahora",
    },
    "ru": {
        "o": "года год году г гг на",
        "t": "по до",
        "f": "с со",
        "b": "между",
        "a": "и",
        "|": "или",
        "@": "в во",
        "k": "ч час часа часов",
        "m": "мин минут минуты",
        f"A{MORNING}": "утра",
        f"A{AFTERNOON}": "дня",
        f"A{EVENING}": "вечера",
        f"A{NIGHT}": "ночи",
        "N12": "полдень",
        "N0": "полночь",
        "Zmsk": "мск",
        "z": "время времени",
        "v": "начало начале середина середине конец конце половина половине квартал квартале "
        "неделя неделе неделю около примерно ориентировочно после весна весной лето летом "
        "осень осенью зима зимой",
        "V": "предварительно уточняется",
        "r": "сегодня завтра вчера текущего текущий этого следующего будущего прошлого сего "
        "с_г т_г нынешнего сейчас",
    },
    "ar": {
        "o": "يوم في من عام سنة لعام الموافق شهر أيام يومي",
        "t": "إلى الى حتى",
        "b": "بين",
        "a": "و",
        "|": "أو",
        "H": "الساعة",
        "m": "دقيقة",
        f"A{AM}": "ص",
        f"A{MORNING}": "صباحا صباح",
        f"A{LATE}": "مساء",
        f"p{PM}": "م",
        f"A{AFTERNOON}": "بعد_الظهر",
        f"A{MIDDAY}": "ظهرا",
        "Zgmt": "بتوقيت_غرينتش بتوقيت_جرينتش بتوقيت_غرينيتش غرينتش",
        "z": "بتوقيت توقيت",
        "v": "أوائل أواخر منتصف بداية نهاية مطلع حوالي نحو قبل بعد منذ أسبوع الربع النصف "
        "الربيع الصيف الخريف الشتاء",
        "r": "اليوم غدا أمس الجاري الحالي الماضي المقبل القادم الماضية المقبلة القادمة هذا",
    },
    "zh": {
        "t": "至 到",
        "a": "和 及 与 與",
        "|": "或",
        f"A{MORNING}": "上午 早上 早晨 清晨",
        f"A{AFTERNOON}": "下午",
        f"A{EVENING}": "晚上 傍晚 晚",
        f"A{NIGHT}": "凌晨",
        f"A{MIDDAY}": "中午",
        "N12": "正午",
        "N0": "午夜 半夜",
        "Zbeijing": "北京时间",
        "Zgmt": "格林尼治时间 格林威治时间",
        "z": "当地时间 时间",
        "v": "上旬 中旬 下旬 月初 月中 月底 年初 年底 年中 左右 大约 前后 之前 之后 以前 "
        "以后 季度 上半年 下半年 周末 春季 夏季 秋季 冬季 春天 夏天 秋天 冬天",
        "V": "待定 暂定",
        "r": "今天 明天 昨天 后天 前天 今年 明年 去年 本月 上月 下月 上周 下周 本周 今日 明日 昨日 "
        "上个月 下个月 本年",
    },
}

_ALEFS = str.maketrans("أإآٱىةؤئ", "ااااىهوي")
_MEANING = re.compile(r"(.)(\w*)")
ZONE_NAMES = ("GMT", "MSK", "BEIJING")


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """Give `word` as it is looked up: small, without accents, Arabic letters evened out.

    >>> fold("Février"), fold("إبريل")
    ('fevrier', 'ابريل')
    """
    word = word.casefold().replace("’", "'")
    if word.isascii():
        return word
    letters = unicodedata.normalize("NFD", word.translate(_ALEFS))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@cache
def phrases(language: str) -> Mapping[str, tuple[Meaning, ...]]:
    """Give every phrase with all its meanings.

    A phrase of `language` (a BCP 47 tag) means what it means there; one that this language
    does not have, what it means in any other.
    """
    own = language.split("-", maxsplit=1)[0].lower()
    merged: dict[str, tuple[Meaning, ...]] = {}
    for name in _WORDS:
        for phrase, meaning in _meanings(name):
            known = merged.get(phrase, ())
            merged[phrase] = known if meaning in known else (*known, meaning)
    mine: dict[str, tuple[Meaning, ...]] = {}
    for phrase, meaning in _meanings(own) if own in _WORDS else ():
        mine[phrase] = (*mine.get(phrase, ()), meaning)
    return merged | mine


@cache
def longest(language: str) -> Mapping[str, int]:
    """Give, for each word that a phrase of several words begins with, how many at most."""
    lengths: dict[str, int] = {}
    for phrase in phrases(language):
        words = phrase.split(" ")
        if len(words) > 1:
            lengths[words[0]] = max(len(words), lengths.get(words[0], 0))
    return lengths


def chinese_words() -> tuple[str, ...]:
    """Give the Chinese words, longest first: nothing else stands between them."""
    words = {phrase for phrase, _ in _meanings("zh")}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def _meanings(language: str) -> Iterator[tuple[str, Meaning]]:
    for sign, names in (("M", _MONTHS), ("W", _WEEKDAYS)):
        for number, words in enumerate(names[language].split(","), start=sign == "M"):
            yield from ((_phrase(word), (sign, number)) for word in words.split())
    for key, words in _WORDS[language].items():
        match = _MEANING.fullmatch(key)
        sign, name = match.groups("") if match else (key, "")
        number = ZONE_NAMES.index(name.upper()) if sign == "Z" else int(name or 0)
        yield from ((_phrase(word), (sign, number)) for word in words.split())


def _phrase(word: str) -> str:
    return fold(word).replace("_", " ")
