"""Days, hours and parts of the day in words, and words beside a date, in six languages."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.entries.dates.neighbours import is_known, places
from dateline.entries.dates.tokens import even, tokens
from dateline.entries.dates.vocabulary import phrases
from entries.test_dates import MONTHS, outcome

# The days of a month as the language's press writes them.
ORDINALS = {
    "en": "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth "
    "twenty-first twenty-second twenty-third twenty-fourth twenty-fifth twenty-sixth "
    "twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first",
    "fr": "premier deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze "
    "seize dix-sept dix-huit dix-neuf vingt vingt_et_un vingt-deux vingt-trois vingt-quatre "
    "vingt-cinq vingt-six vingt-sept vingt-huit vingt-neuf trente trente_et_un",
    "es": "primero dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
    "dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés "
    "veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve treinta "
    "treinta_y_uno",
    "ru": "первого второго третьего четвёртого пятого шестого седьмого восьмого девятого десятого "
    "одиннадцатого двенадцатого тринадцатого четырнадцатого пятнадцатого шестнадцатого "
    "семнадцатого восемнадцатого девятнадцатого двадцатого двадцать_первого двадцать_второго "
    "двадцать_третьего двадцать_четвёртого двадцать_пятого двадцать_шестого двадцать_седьмого "
    "двадцать_восьмого двадцать_девятого тридцатого тридцать_первого",
    "ar": "الأول الثاني الثالث الرابع الخامس السادس السابع الثامن التاسع العاشر الحادي_عشر "
    "الثاني_عشر الثالث_عشر الرابع_عشر الخامس_عشر السادس_عشر السابع_عشر الثامن_عشر التاسع_عشر "
    "العشرين الحادي_والعشرين الثاني_والعشرين الثالث_والعشرين الرابع_والعشرين "
    "الخامس_والعشرين السادس_والعشرين السابع_والعشرين الثامن_والعشرين التاسع_والعشرين "
    "الثلاثين الحادي_والثلاثين",
    "zh": "一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九 二十 "
    "二十一 二十二 "
    "二十三 二十四 二十五 二十六 二十七 二十八 二十九 三十 三十一",
}
DATED = {
    "en": ("the {d} of {m} {y}", "{m} the {d}, {y}", "{m} {d}, {y}"),
    "fr": ("le {d} {m} {y}", "{d} {m} {y}"),
    "es": ("el {d} de {m} de {y}", "{d} de {m} de {y}"),
    "ru": ("{d} {m} {y} года", "{d} {m} {y}"),
    "ar": ("{d} من {m} {y}", "{d} من شهر {m} عام {y}", "في {d} {m} {y}"),
    "zh": ("{y}年{m}{d}日", "{y}年{m}{d}号"),
}
# Other ways to write some of the days: gender, case, hamza, vowels, hyphens.
OTHER_FORMS = [
    ("ar", "الاول من مايو 2026", 1),
    ("ar", "الأوَّلُ مِن مايو 2026", 1),
    ("ar", "الفاتح من مايو 2026", 1),
    ("ar", "الثالثُ من أيّار 2026", 3),
    ("ar", "الحادى عشر من مايو 2026", 11),
    ("ar", "الخامس و العشرون من مايو 2026", 25),
    ("ar", "الحادي والثلاثون من مايو 2026", 31),
    ("ar", "الثلاثون من مايو 2026", 30),
    ("ar", "الأحد الثالث من مايو 2026", 3),
    ("ar", "يوم الأحد الثالث من أيار/مايو 2026", 3),
    ("ar", "بيروت، الثالث من أيار 2026", 3),
    ("es", "primer de mayo de 2026", 1),
    ("es", "domingo tres de mayo de 2026", 3),
    ("es", "veintiún de mayo de 2026", 21),
    ("fr", "vingt-et-un mai 2026", 21),
    ("fr", "trente-et-un mai 2026", 31),
    ("fr", "dimanche trois mai 2026", 3),
    ("fr", "TROIS MAI 2026", 3),
    ("en", "twenty first of May 2026", 21),
    ("en", "Sunday, the third of May 2026", 3),
    ("en", "May Third, 2026", 3),
    ("ru", "третье мая 2026 г.", 3),
    ("ru", "двадцать первое мая 2026 г.", 21),
    ("ru", "тридцатое мая 2026 г.", 30),
    ("ru", "четвертого мая 2026 года", 4),
    ("ru", "воскресенье, третье мая 2026 г.", 3),
    ("zh", "2026年五月廿一日", 21),
    ("zh", "二〇二六年5月三号", 3),
    ("zh", "二零二六年五月3日", 3),
]
# Hours of 3 May 2026, in the afternoon unless the words say otherwise.
HOURS = [
    ("en", "at three in the afternoon", "15:00"),
    ("en", "at half past three in the afternoon", "15:30"),
    ("en", "at a quarter past three p.m.", "15:15"),
    ("en", "at quarter to four in the afternoon", "15:45"),
    ("en", "at ten past three p.m.", "15:10"),
    ("en", "at ten minutes past three p.m.", "15:10"),
    ("en", "at twenty minutes to four p.m.", "15:40"),
    ("en", "at three thirty p.m.", "15:30"),
    ("en", "at three o'clock in the afternoon", "15:00"),
    ("en", "at quarter to one p.m.", "12:45"),
    ("en", "at ten at night", "22:00"),
    ("en", "at 10 00 a.m.", "10:00"),
    ("en", "from three to five p.m.", "15:00-17:00"),
    ("fr", "à trois heures de l'après-midi", "15:00"),
    ("fr", "à quinze heures", "15:00"),
    ("fr", "à 15 heures et demie", "15:30"),
    ("fr", "à quinze heures et quart", "15:15"),
    ("fr", "à seize heures moins le quart", "15:45"),
    ("fr", "à seize heures moins dix", "15:50"),
    ("fr", "à quinze heures trente", "15:30"),
    ("fr", "à dix heures du matin", "10:00"),
    ("fr", "à dix heures et demie du matin", "10:30"),
    ("fr", "à huit heures et quart du soir", "20:15"),
    ("fr", "à une heure de l'après-midi", "13:00"),
    ("fr", "à vingt et une heures", "21:00"),
    ("fr", "à midi et demi", "12:30"),
    ("fr", "de 9 h à 17 h", "09:00-17:00"),
    ("fr", "de quinze heures à dix-sept heures", "15:00-17:00"),
    ("es", "a las tres de la tarde", "15:00"),
    ("es", "las tres de la tarde", "15:00"),
    ("es", "a las tres y media de la tarde", "15:30"),
    ("es", "a las tres y cuarto de la tarde", "15:15"),
    ("es", "a las cuatro menos cuarto de la tarde", "15:45"),
    ("es", "a las cuatro menos diez de la tarde", "15:50"),
    ("es", "a las diez y veinte de la noche", "22:20"),
    ("es", "a la una de la tarde", "13:00"),
    ("es", "a las quince horas", "15:00"),
    ("es", "a las diez de la mañana", "10:00"),
    ("es", "de tres a cinco de la tarde", "15:00-17:00"),
    ("ru", "в три часа дня", "15:00"),
    ("ru", "в половине четвёртого дня", "15:30"),
    ("ru", "в полчетвёртого дня", "15:30"),
    ("ru", "в четверть четвёртого дня", "15:15"),
    ("ru", "без четверти четыре дня", "15:45"),
    ("ru", "без десяти четыре дня", "15:50"),
    ("ru", "в десять минут четвёртого дня", "15:10"),
    ("ru", "в час дня", "13:00"),
    ("ru", "в пятнадцать часов тридцать минут", "15:30"),
    ("ru", "в десять часов утра", "10:00"),
    ("ru", "в одиннадцать вечера", "23:00"),
    ("ru", "с трёх до пяти часов дня", "15:00-17:00"),
    ("ar", "الساعة الثالثة بعد الظهر", "15:00"),
    ("ar", "الساعة الثالثة والنصف بعد الظهر", "15:30"),
    ("ar", "الساعة الثالثة والربع عصرا", "15:15"),
    ("ar", "الساعة الثالثة والثلث عصرا", "15:20"),
    ("ar", "الساعة الرابعة إلا ربعا عصرا", "15:45"),
    ("ar", "الساعة الرابعة إلا الربع عصراً", "15:45"),
    ("ar", "الساعة الرابعة إلا خمس دقائق عصرا", "15:55"),
    ("ar", "الساعة الثالثة وعشر دقائق مساء", "15:10"),
    ("ar", "الساعة الثالثة و10 دقائق مساء", "15:10"),
    ("ar", "الساعة العاشرة صباحا", "10:00"),
    ("ar", "في تمام الساعة العاشرة صباحًا", "10:00"),
    ("ar", "الساعة العاشرة والنصف قبل الظهر", "10:30"),
    ("ar", "الساعة الثانية عشرة ظهرا", "12:00"),
    ("ar", "الساعة الواحدة ظهرا", "13:00"),
    ("ar", "الساعة الحادية عشرة ليلا", "23:00"),
    ("ar", "من الساعة الثالثة إلى الخامسة مساء", "15:00-17:00"),
    ("zh", "下午三点", "15:00"),
    ("zh", "下午三点一刻", "15:15"),
    ("zh", "下午三點一刻", "15:15"),
    ("zh", "下午3点三刻", "15:45"),
    ("zh", "下午三点半", "15:30"),
    ("zh", "下午差一刻四点", "15:45"),
    ("zh", "下午三点差五分", "14:55"),
    ("zh", "下午三点零五分", "15:05"),
    ("zh", "下午三点十分", "15:10"),
    ("zh", "下午两点", "14:00"),
    ("zh", "十五时三十分", "15:30"),
    ("zh", "上午十点整", "10:00"),
    ("zh", "早上八点钟", "08:00"),
    ("zh", "晚八点", "20:00"),
    ("zh", "夜里十一点", "23:00"),
    ("zh", "零时", "00:00"),
    ("zh", "下午三点至五点", "15:00-17:00"),
]
DAY = {
    "en": "3 May 2026, {}",
    "fr": "3 mai 2026, {}",
    "es": "3 de mayo de 2026, {}",
    "ru": "3 мая 2026 г., {}",
    "ar": "3 مايو 2026، {}",
    "zh": "2026年5月3日{}",
}
# Hours from one to twelve without a part of the day, or minutes in figures.
EITHER_HALF = [
    ("en", "at three"),
    ("en", "at 10"),
    ("en", "at half past three"),
    ("en", "three o'clock"),
    ("en", "ten to three p.m."),  # 2:50, or from 10 to 3
    ("fr", "à dix heures"),
    ("fr", "à 10 heures"),
    ("fr", "à 10 h"),
    ("fr", "à dix heures et demie"),
    ("fr", "de 9 h à 12 h"),
    ("es", "a las tres"),
    ("es", "a las tres y media"),
    ("es", "a las 10 horas"),
    ("ru", "в три часа"),
    ("ru", "в 10 часов"),
    ("ru", "в половине четвёртого"),
    ("ar", "الساعة الثالثة"),
    ("ar", "الساعة الثالثة والنصف"),
    ("ar", "الساعة 3"),
    ("zh", "三点"),
    ("zh", "10时"),
    ("zh", "三点一刻"),
    ("zh", "3点半"),
]
# Pairs of a text that is read, and the same with one changed word, which is refused.
PAIRS = [
    ("ar", "الثالث من مايو 2026", "الأسبوع الثالث من مايو 2026"),
    ("ar", "الثالث من مايو 2026", "اليوم الثالث من مايو 2026"),
    ("ar", "الثالث من مايو 2026", "النصف الثاني من مايو 2026"),
    ("ar", "الثالث من مايو 2026", "ثالث أيام مايو 2026"),
    ("ar", "الثالث من مايو 2026", "ثلاثة أيام من مايو 2026"),
    ("ar", "الثالث من مايو 2026", "الثالث من رمضان 2026"),
    ("ar", "الثالث من مايو 2026", "الثالث أو الرابع من مايو 2026"),
    ("ar", "الثالث من مايو 2026", "قبل الثالث من مايو 2026"),
    ("ar", "الثالث من مايو 2026", "ليس الثالث من مايو 2026"),
    ("ar", "الثالث من مايو 2026", "من الثالث من مايو 2026"),
    ("ar", "الثالث من مايو 2026", "الأحد الثاني من مايو 2026"),
    ("ar", "3 مايو 2026 م", "3 مايو 2026 هـ"),
    ("ar", "بيروت، 3 مايو 2026", "تقريبا، 3 مايو 2026"),
    ("ar", "بيروت، 3 مايو 2026", "متأخرا، 3 مايو 2026"),
    ("zh", "2026年5月3日", "2026年5月第3天"),
    ("zh", "2026年5月3日", "2026年5月第三个星期日"),
    ("zh", "2026年5月", "2026年5月第一周"),
    ("zh", "2026年5月", "2026年5月中"),
    ("zh", "2026年5月", "2026年5月上半月"),
    ("zh", "2026年5月", "2026年5月以来"),
    ("zh", "2026年5月3日", "2026年农历5月3日"),
    ("zh", "公元2026年5月3日", "公元前2026年5月3日"),
    ("zh", "2026年5月3日", "不是2026年5月3日"),
    ("zh", "2026年5月3日", "约2026年5月3日"),
    ("zh", "维也纳，2026年5月3日", "暂定，2026年5月3日"),
    ("zh", "2026年5月3日下午3时", "2026年5月3日3小时"),
    ("en", "the third of May 2026", "the third week of May 2026"),
    ("en", "the third of May 2026", "the third Sunday of May 2026"),
    ("en", "the third of May 2026", "the third day of May 2026"),
    ("en", "the third of May 2026", "not the third of May 2026"),
    ("en", "3 May 2026", "3 days in May 2026"),
    ("en", "3 May 2026", "by 3 May 2026"),
    ("en", "3 May 2026", "Around 3 May 2026"),
    ("en", "3 May 2026", "Hopefully 3 May 2026"),
    ("en", "Vienna, 3 May 2026", "Hopefully, 3 May 2026"),
    ("en", "3 May 2026 (Vienna)", "3 May 2026 (hopefully)"),
    ("en", "3 May 2026 (Vienna)", "3 May 2026 (Planned)"),
    ("en", "3 May 2026, Vienna", "3 May 2026, give or take three days"),
    ("en", "3 May 2026", "3 May 2026 BC"),
    ("en", "3 May 2026", "3 May 2026 AH"),
    ("en", "3 May 2026", "3 May 2026 (Old Style)"),
    ("en", "3 May 2026, 10:00", "3 May 2026, around 10:00"),
    ("en", "3 May 2026, 10:00", "3 May 2026, by 10:00"),
    ("fr", "le trois mai 2026", "la troisième semaine de mai 2026"),
    ("fr", "le trois mai 2026", "troisième dimanche de mai 2026"),
    ("fr", "le trois mai 2026", "trois jours de mai 2026"),
    ("fr", "le trois mai 2026", "au plus tard le trois mai 2026"),
    ("fr", "Vienne, le 3 mai 2026", "Probablement le 3 mai 2026"),
    ("fr", "3 mai 2026", "3 mai 2026 av. J.-C."),
    ("es", "el tres de mayo de 2026", "tres días de mayo de 2026"),
    ("es", "el tres de mayo de 2026", "tercer domingo de mayo de 2026"),
    ("es", "el tres de mayo de 2026", "el tres o el cuatro de mayo de 2026"),
    ("es", "el tres de mayo de 2026", "sobre el tres de mayo de 2026"),
    ("es", "el tres de mayo de 2026", "desde el tres de mayo de 2026"),
    ("es", "3 de mayo de 2026", "3 de mayo de 2026 a. C."),
    ("ru", "третьего мая 2026 года", "третья неделя мая 2026 года"),
    ("ru", "третьего мая 2026 года", "третье воскресенье мая 2026 года"),
    ("ru", "третьего мая 2026 года", "к третьему мая 2026 года"),
    ("ru", "третьего мая 2026 года", "третий день мая 2026 года"),
    ("ru", "3 мая 2026 г.", "не 3 мая 2026 г."),
    ("ru", "3 мая 2026 г.", "3 мая 2026 г. до н. э."),
    ("ru", "3 мая 2026 г.", "3 мая 2026 г. по старому стилю"),
    ("ru", "в Вене, 3 мая 2026 г.", "3 мая 2026 г., предположительно"),
]
WORDS = st.one_of(
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=9),
    st.text("абвгдежзиклмнопрстуфхцчшщыэюя", min_size=2, max_size=9),
    st.text("ابتثجحخدذرزسشصضطظعغفقكلمنهوي", min_size=2, max_size=9),
    st.text([chr(code) for code in range(0x4E00, 0x5400)], min_size=1, max_size=4),
    st.text("אבגדהוזחטיכלמנ", min_size=2, max_size=6),
    st.text("กขคงจฉชซ", min_size=2, max_size=6),
)
BESIDE = {
    "en": ("{} 3 May 2026", "3 May 2026 {}", "3 {} May 2026", "{}, 3 May 2026", "3 May 2026 ({})"),
    "ar": ("{} 3 مايو 2026", "3 مايو 2026 {}", "3 {} مايو 2026", "{}، 3 مايو 2026"),
    "zh": (
        "{}2026年5月3日",
        "2026年5月3日{}",
        "2026年{}5月3日",
        "2026年5月{}3日",
        "{}，2026年5月3日",
    ),
    "ru": ("{} 3 мая 2026 г.", "3 мая 2026 г. {}", "3 {} мая 2026 г.", "{}, 3 мая 2026 г."),
}


@pytest.mark.parametrize("language", ORDINALS)
def test_each_day_of_a_month_is_read_in_words(language: str) -> None:
    """All 31 days in every form of their language, in every month that has them."""
    names = [word.replace("_", " ") for word in ORDINALS[language].split()]
    months = MONTHS[language].split("|")
    wrong = []
    for number in (1, 5, 8, 10, 12):
        for day, name in enumerate(names, start=1):
            for form in DATED[language]:
                text = form.format(d=name, m=months[number - 1], y=2026)
                right = f"2026-{number:02}-{day:02}"
                if outcome(text, language=language) != (right, right, "day"):
                    wrong.append((text, right, outcome(text, language=language)))

    assert [] == wrong


@pytest.mark.parametrize(("language", "text", "day"), OTHER_FORMS)
def test_other_forms_of_a_day(language: str, text: str, day: int) -> None:
    """Gender, case, hamza, vowels and hyphens do not matter."""
    right = f"{date(2026, 5, day)}"

    assert outcome(text, language=language) == (right, right, "day")


@pytest.mark.parametrize(("language", "words", "right"), HOURS)
def test_hours_in_words(language: str, words: str, right: str) -> None:
    """Quarters, halves, minutes and parts of the day, after the day and before it."""
    start, _, end = right.partition("-")
    moments = tuple(f"2026-05-03T{time}:00+02:00" for time in (start, end or start))

    found = outcome(DAY[language].format(words), language=language)

    assert (*moments, "minute") == found


@pytest.mark.parametrize(("language", "words"), EITHER_HALF)
def test_an_hour_without_its_half_of_the_day_is_refused(language: str, words: str) -> None:
    """From one to twelve, in words or figures."""
    text = DAY[language].format(words)

    assert outcome(text, language=language) == ("ERROR:ambiguous-time",)


@pytest.mark.parametrize(("language", "read", "refused"), PAIRS)
def test_one_changed_word_makes_a_text_unclear(language: str, read: str, refused: str) -> None:
    """The first text is read; the one with an added or changed word is refused."""
    outcomes = [outcome(text, language=language) for text in (read, refused)]

    assert [3, 1] == [len(found) for found in outcomes]


@pytest.mark.parametrize("language", BESIDE)
@given(word=WORDS)
def test_an_unknown_word_beside_a_date_is_refused(language: str, word: str) -> None:
    """In any script, before, after and within a date, adjacent or set apart."""
    if any(token.symbol != "w" for token in tokens(even(word), language)):
        return
    if is_known(tokens(even(word), language)) or word == "份":  # 5月份 is May
        return
    texts = [form.format(word) for form in BESIDE[language]]

    read = [text for text in texts if len(outcome(text, language=language)) == 3]

    assert [] == read


@given(word=st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=9).map(str.title))
def test_a_capital_at_the_start_of_a_text_marks_no_name(word: str) -> None:
    """Every text starts with one, so a name there must be known, or set apart."""
    if any(token.symbol != "w" for token in tokens(word, "en")) or is_known(tokens(word, "en")):
        return

    assert len(outcome(f"{word} 3 May 2026")) == 1


def test_the_known_places_are_names() -> None:
    """No known place is a word of dates."""
    known: dict[str, Any] = {}
    for language in ORDINALS:
        known |= phrases(language)

    assert set() == places() & set(known)
