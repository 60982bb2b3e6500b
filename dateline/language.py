"""Which language is meant, and how is it written?

Language tags are BCP 47 in its canonical form (RFC 5646, section 4.5): `fr`, `zh-Hant`,
`pt-BR`.
"""

from __future__ import annotations

import re
import unicodedata

_NAMES = {
    "ar": ("arabic", "arabe", "árabe", "العربية", "عربي", "арабский", "阿拉伯语", "阿拉伯文"),
    "en": ("english", "anglais", "inglés", "الإنجليزية", "английский", "英语", "英文"),
    "es": ("spanish", "espagnol", "español", "castellano", "الإسبانية", "испанский", "西班牙语"),
    "fr": ("french", "français", "francés", "الفرنسية", "французский", "法语", "法文"),
    "ru": ("russian", "russe", "ruso", "الروسية", "русский", "俄语", "俄文"),
    "zh": ("chinese", "chinois", "chino", "الصينية", "китайский", "中文", "汉语"),
}
_RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_RIGHT_TO_LEFT_SCRIPTS = frozenset({"Adlm", "Arab", "Hebr", "Nkoo", "Syrc", "Thaa"})
_TAG = re.compile(
    r"[a-z]{2,3}(-[a-z]{4})?(-(?:[a-z]{2}|\d{3}))?(-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*"
)


def tag_of(text: str) -> str | None:
    """Give the tag of a language that was written as a tag or by its name, or None.

    >>> tag_of("Français"), tag_of("ZH-hant"), tag_of("Klingonese")
    ('fr', 'zh-Hant', None)
    """
    word = unicodedata.normalize("NFC", text).strip().casefold()
    for tag, names in _NAMES.items():
        if word in names:
            return tag
    word = word.replace("_", "-")
    return _canonical(word) if _TAG.fullmatch(word) else None


def direction(tag: str) -> str:
    """Say whether a language is written `ltr` or `rtl`."""
    language, *rest = tag.split("-")
    script = next((part for part in rest if _is_script(part)), "")
    if script:
        return "rtl" if script in _RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


def matches(tag: str, wanted: str) -> bool:
    """Say whether `tag` is `wanted` or a kind of it (RFC 4647, section 3.3.1)."""
    return f"{tag}-".lower().startswith(f"{wanted}-".lower())


def _is_script(subtag: str) -> bool:
    return len(subtag) == len("Arab") and subtag.isalpha()


def _canonical(word: str) -> str:
    language, *rest = word.split("-")
    cased = [
        part.title() if _is_script(part) else part.upper() if len(part) == len("BR") else part
        for part in rest
    ]
    return "-".join((language, *cased))
