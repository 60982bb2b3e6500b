"""Languages by tag and by name.

Tags are BCP 47 in its canonical form (RFC 5646, section 4.5): `fr`, `zh-Hant`,
`pt-BR`.
"""

from __future__ import annotations

import difflib

from dateline.text.characters import normalised
from dateline.text.expressions import regex

_NAMES = {
    "ar": ("arabic", "arabe", "árabe", "العربية", "عربي", "арабский", "阿拉伯语", "阿拉伯文"),
    "bn": ("bengali", "bangla", "বাংলা"),
    "de": ("german", "allemand", "alemán", "deutsch", "немецкий", "德语"),
    "el": ("greek", "grec", "griego", "ελληνικά"),
    "en": ("english", "anglais", "inglés", "الإنجليزية", "английский", "英语", "英文"),
    "es": ("spanish", "espagnol", "español", "castellano", "الإسبانية", "испанский", "西班牙语"),
    "fa": ("persian", "farsi", "persan", "persa", "فارسی"),
    "fr": ("french", "français", "francés", "الفرنسية", "французский", "法语", "法文"),
    "he": ("hebrew", "hébreu", "hebreo", "עברית"),
    "hi": ("hindi", "हिन्दी"),
    "id": ("indonesian", "bahasa indonesia"),
    "it": ("italian", "italien", "italiano"),
    "ja": ("japanese", "japonais", "japonés", "日本語"),
    "km": ("khmer", "ខ្មែរ"),
    "ko": ("korean", "coréen", "coreano", "한국어"),
    "my": ("burmese", "myanmar"),
    "nl": ("dutch", "néerlandais", "neerlandés", "nederlands"),
    "pl": ("polish", "polonais", "polaco", "polski"),
    "ps": ("pashto", "pachto", "پښتو"),
    "pt": ("portuguese", "portugais", "portugués", "português"),
    "ro": ("romanian", "roumain", "rumano", "română"),
    "ru": ("russian", "russe", "ruso", "الروسية", "русский", "俄语", "俄文"),
    "sq": ("albanian", "albanais", "albanés", "shqip"),
    "sw": ("swahili", "kiswahili"),
    "th": ("thai", "thaï", "tailandés", "ไทย"),
    "tr": ("turkish", "turc", "turco", "türkçe"),
    "uk": ("ukrainian", "ukrainien", "ucraniano", "українська"),
    "ur": ("urdu", "ourdou", "اردو"),
    "vi": ("vietnamese", "vietnamien", "vietnamita", "tiếng việt"),
    "zh": ("chinese", "chinois", "chino", "الصينية", "китайский", "中文", "汉语"),
    "zh-Hans": ("simplified chinese", "chinese (simplified)", "简体中文"),
    "zh-Hant": ("traditional chinese", "chinese (traditional)", "繁體中文"),
}
# Every language code of two letters (ISO 639-1).
_CODES = """
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy
    da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht
    hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky
    la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny
    oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr
    ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi
    yo za zh zu
"""
# Codes of three letters that have a shorter one (RFC 5646, section 2.2.1: the shorter is meant).
_SHORTER = {
    "ara": "ar", "chi": "zh", "deu": "de", "eng": "en", "fra": "fr", "fre": "fr", "ger": "de",
    "por": "pt", "rus": "ru", "spa": "es", "zho": "zh",
}  # fmt: skip
_RIGHT_TO_LEFT = frozenset({
    "acm", "aeb", "afb", "ajp", "apc", "apd", "ar", "arc", "ary", "arz", "ayl",
    "azb", "bal", "ckb", "dv", "fa", "glk", "he", "khw", "ks", "lrc", "mzn",
    "nqo", "pnb", "prs", "ps", "rhg", "sd", "skr", "syr", "ug", "ur", "yi",
})  # fmt: skip
_RIGHT_TO_LEFT_SCRIPTS = frozenset({"Adlm", "Arab", "Hebr", "Nkoo", "Syrc", "Thaa"})
_LONGEST = 35  # characters of a tag (RFC 5646, section 4.4.1)
_TAG = regex(r"[a-z]{2,3}(-[a-z]{4})?(-(?:[a-z]{2}|\d{3}))?(-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*")


def tag_of(text: str) -> str | None:
    """Return the tag of a language that was written as a tag or by its name, or None.

    >>> tag_of("Français"), tag_of("ZH-hant"), tag_of("Klingonese")
    ('fr', 'zh-Hant', None)
    """
    word = normalised("NFC", text).strip().casefold()
    if word in _BY_NAME:
        return _BY_NAME[word]
    word = word.replace("_", "-")
    return _canonical(word) if len(word) <= _LONGEST and _TAG.fullmatch(word) else None


def near_language(text: str) -> str:
    """Return the name of the language that was probably meant, or nothing.

    >>> near_language("Englsh")
    'English'
    """
    word = normalised("NFC", text).strip().casefold()[:40]
    return "".join(difflib.get_close_matches(word, _BY_NAME, n=1, cutoff=0.75)).capitalize()


def direction(tag: str) -> str:
    """Return the direction of a language, `ltr` or `rtl`."""
    language, *rest = tag.split("-")
    script = next((part for part in rest if _is_script(part)), "")
    if script:
        return "rtl" if script in _RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


def matches(tag: str, wanted: str) -> bool:
    """Return whether `tag` is `wanted` or a kind of it (RFC 4647, section 3.3.1)."""
    return f"{tag}-".lower().startswith(f"{wanted}-".lower())


def is_alike(tag: str, other: str) -> bool:
    """Return whether two languages are the same, or differ by region alone.

    >>> is_alike("en-US", "en-GB"), is_alike("zh-Hans", "zh-Hant"), is_alike("fr", "en")
    (True, False, False)
    """
    (name, script), (name_2, script_2) = _name_and_script(tag), _name_and_script(other)
    return name == name_2 and (script == script_2 or not (script and script_2))


def without_region(tag: str) -> str:
    """Return a tag with its language and script alone.

    >>> without_region("fr-CA"), without_region("zh-Hant-TW")
    ('fr', 'zh-Hant')
    """
    return "-".join(filter(None, _name_and_script(tag)))


def _name_and_script(tag: str) -> tuple[str, str]:
    name, *rest = tag.split("-")
    return name.lower(), next((part.title() for part in rest if _is_script(part)), "")


def _is_script(subtag: str) -> bool:
    return len(subtag) == len("Arab") and subtag.isalpha()


def _canonical(word: str) -> str | None:
    language, *rest = word.split("-")
    language = _SHORTER.get(language, language)
    if len(language) == len("en") and language not in _CODES:
        return None
    cased = [
        part.title() if _is_script(part) else part.upper() if len(part) == len("BR") else part
        for part in rest
    ]
    return "-".join((language, *("GB" if part == "UK" else part for part in cased)))


_BY_NAME = {name: tag for tag, names in _NAMES.items() for name in names}
