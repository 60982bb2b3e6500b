"""Titles, and names of files and folders, that say that the news is not for readers."""

from __future__ import annotations

import re

from dateline.entries.normalise.not_public import staff_notes
from dateline.text import withheld
from dateline.text.expressions import regex

DRAFT = withheld.alternatives(withheld.DRAFT)
DRAFT_CAPITALS = DRAFT.upper()
UNCASED = withheld.alternatives(withheld.DRAFT_UNCASED)
BLANK = regex("[\u00a0\u2000-\u200a\u202f\u205f\u3000]|&(?:nbsp|#160|#8239);")
_OF_DRAFTS = (
    rf"(?:{DRAFT_CAPITALS}|CONFIDENTIAL|NOT FOR (?:RELEASE|PUBLICATION)|DO NOT PUBLISH"
    r"|NE PAS (?:PUBLIER|DIFFUSER)|NO PUBLICAR|NÃO (?:PUBLICAR|DIVULGAR)|NICHT VERÖFFENTLICHEN"
    r"|НЕ ПУБЛИКОВАТЬ|محظور النشر|(?:(?:UNDER|SOUS|BAJO|SOB|ПОД)\s)?(?:EMBARGO(?:ED)?|ЭМБАРГО)"
    r"|SPERRFRIST)"
)
_IN_BRACKETS = (
    rf"(?i:[(\[（【〔](?:{DRAFT}|{UNCASED}|内部|禁发"
    r"|(?:(?:under|sous|bajo|sob|под) )?(?:embarg(?:o(?:ed)?|ad[oa])|эмбарго)\b[^)\]）】〕]*"
    r"|confidential|not for (?:release|publication)|do not publish|não publicar"
    r"|à valider)[)\]）】〕])"
)
_IN_TITLE = regex(
    rf"^\W*(?:{_OF_DRAFTS}|{UNCASED}|(?:EMBARGOED|EMBARGAD[OA]|SPERRFRIST)\b[^:–—：]{{0,60}}"
    r"|EMBARGO\s(?:ATÉ|BIS|HASTA|UNTIL)\b[^:–—]{0,60})\s?(?:[\])]|[:：–—]|\s-\s)"
    r"|^\W*EMBARGOED\s(?:UNTIL|TILL)\s(?!\d{4}\b|NOW\b)\S+"
    r"|^(?i:sperrfrist)\s\d{1,2}\.\s?\d[\d.]*(?:,?\s\d[\w:. ]{0,15}?)?\s?(?:[:–—]|\s-\s|$)"
    r"|^(?i:sperrfrist)\s\d{1,2}\.\s?\d[\d.]*(?!.*\babgelaufen)"
    r"|^(?:EMBARGO(?:ED)?|SPERRFRIST)\s(?!\d{4}\s|\d\.0|\d+\s(?i:years?|ans|años|jahre)\b)\d[\d.:/-]*"
    r"|^EMBARGAD[OA]\s(?:ATÉ|HASTA)\b"
    rf"|^{DRAFT_CAPITALS}\s(?=\w*[a-zà-ÿа-я])|^\s*{_IN_BRACKETS}|{_IN_BRACKETS}\W*$"
    rf"|\s[–—/|-]\s?{_OF_DRAFTS}(?:\sv?\d[\d.]*)?\W*$|(?<![A-ZÀ-Ý])\sUNDER EMBARGO\W*$"
    r"|(?<=.{20})\s[–—|-]\s(?i:embargoed|(?:under|sous|bajo|sob|под)\s(?:embargo|эмбарго))\W*$"
    r"|\s[–—-]\s?(?:(?i:embargoed until)|EMBARGO (?i:até|bis|hasta|until)"
    r"|[Ee]mbargo (?:até|bis|hasta|until)(?=.{0,60}(?:\d[:.h]\d\d|noon|midnight"
    r"|\d\s?(?i:[ap]\.?m|h|uhr|gmt|utc|ce?s?t)\b)))\b"
    r"(?:[^:–—]|(?<=\d):(?=\d)){0,60}$"
)
_BEGIN_OF_TITLE = regex(
    r"^\s*[(\[（【〔]([^()\[\]（）【】〔〕]+)[)\]）】〕]"
    r"|^\W*((?:[^\W\d_a-zà-ÿа-яё]{2,}\W+){2,6})(?=\w*[a-zà-ÿа-яё])"
    r"|^(?P<beside>.{2,100}?)(?::\s|[：–—]|\s-\s)"
)
_END_OF_TITLE = regex(
    r"[(\[（【〔]([^()\[\]（）【】〔〕]+)[)\]）】〕]\W*$"
    r"|(?:[–—|]\s?|\s-\s)(?P<beside>(?:(?!\s-\s)[^–—|]){4,100})$"
)
_OF_DAY = regex(r"(?<!\d)\d{1,2}(?!\d)")
_IN_NAME = regex(
    rf"(?:^|.*[\W_])(?P<word>{DRAFT_CAPITALS}|EMBARGO(?:ED)?|EMBARGAD[OA]|SPERRFRIST"
    r"|N[ÃA]O[ _-]PUBLICAR|NO[ _-]PUBLICAR|NE[ _-]PAS[ _-](?:PUBLIER|DIFFUSER)"
    r"|CONFIDENTIAL|NOT[ _-]FOR[ _-](?:RELEASE|PUBLICATION)|DO[ _-]NOT[ _-]PUBLISH"
    rf"|{UNCASED}(?=\s*+(?:[^\w\s]|_|$)))(?:[\W_].*)?"
)
_ENDING = regex(r"(?:\.toml)?(?:\.txt)?$", re.IGNORECASE)
_OF_FOLDER = regex(
    r"[\W\d_]*(?:drafts?|brouillons?|entw[uü]rfe?|borradore?s?|rascunhos?|черновики?|草稿箱?|مسود(?:ة|ات))[\W\d_]*"
    r"|embargoed\b.*"
    r"|.*\b(?:do[ _-]not[ _-]publish|not[ _-]for[ _-]publication|ne[ _-]pas[ _-]publier)\b.*",
    re.IGNORECASE,
)


def part_of_title(title: str) -> str:
    """Return what of a title says that it is not for readers, or nothing.

    >>> part_of_title("[DRAFT] Report on Lebanon"), part_of_title("Draft resolution adopted")
    ('[DRAFT]', '')
    """
    title = BLANK.sub(" ", title)
    beside = (one.search(title) for one in (_BEGIN_OF_TITLE, _END_OF_TITLE))
    found = _IN_TITLE.search(title) or next(
        (one for one in beside if one and _says_note(one)), None
    )
    return found[0].strip() if found else ""


def _says_note(part: re.Match[str]) -> bool:
    """Return whether words in brackets or capitals are a note, or an embargo beside a sign."""
    beside = part["beside"]
    if beside:
        has_day = _OF_DAY.search(beside) or staff_notes.names_weekday(beside)
        return bool(has_day) and any(one.kind == "embargo" for one in staff_notes.lines(beside))
    inner = next(filter(None, part.groups()), "")
    return staff_notes.is_order(inner) or any(staff_notes.lines(inner))


def part_of_name(path: str) -> str:
    """Return what of the name of a file or its folders says that it is not for readers, if any.

    A name in capitals alone says nothing.

    >>> part_of_name("drafts/lebanon.toml"), part_of_name("DRAFT lebanon.toml")
    ('drafts', 'DRAFT')
    """
    *folders, name = path.split("/")
    found = _IN_NAME.fullmatch(_ENDING.sub("", name))
    if found and (any(map(str.islower, found.string)) or not found["word"].isupper()):
        return found["word"]
    return next(filter(_OF_FOLDER.fullmatch, folders), "")
