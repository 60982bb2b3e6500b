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
    r"|НЕ ПУБЛИКОВАТЬ|محظور النشر|(?:(?:STRICT(?:LY)?|UNDER|SOUS|BAJO|SOB|ПОД)\s)?"
    r"(?:EMBARGO(?:ED)?|EMBARGAD[OA]|ЭМБАРГО)|SPERRFRIST)"
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
_PAIR = r"[(\[（【〔]([^()\[\]（）【】〔〕]+)[)\]）】〕]"  # of brackets
_BESIDE_TITLE = regex(
    rf"^\s*{_PAIR}|{_PAIR}\W*$"
    r"|^\W*((?:[^\W\d_a-zà-ÿа-яё]{2,}\W+){2,6})(?=\w*[a-zà-ÿа-яё])"
    r"|^(.{2,100}?)(?::\s|[：–—]|\s-\s)|(?:[–—|]\s?|\s-\s)([^–—|]{4,100})$"
)
_ORDER_BEHIND = regex(
    r"(?:[–—]\s?|\s-\s)((?:do not (?:broadcast|circulate|distribute|publish|release)"
    r"|not for (?:broadcast|publication|release|use)|ne pas (?:diffuser|publier)"
    r"|no (?:difundir|publicar)|não (?:divulgar|publicar)|не публиковать)\b[^–—|]{4,80})$",
    re.IGNORECASE,
)
_BRACKETS_BEHIND = regex(rf"{_PAIR}\W*$")
# With a colon or a time, or in capitals; an embargo on goods is until, or from, a day.
_EMBARGO = (
    rf"(?:(?i:(?:embargo|эмбарго|sperrfrist|sperrvermerk)(?=\s?:|.{{2,60}}{withheld.TIME_OF_DAY}))"
    r"|EMBARG(?:O|OED|AD[OA])|ЭМБАРГО|SPERRFRIST"
    r"|(?i:(?:strictly\s)?embargoed|(?:strict|under|sous|bajo|sob|под)\s(?:embargo|эмбарго)))"
)
_EMBARGO_BESIDE = regex(
    rf"^(?P<before>{_EMBARGO}\b.{{2,80}}?)\s?(?:[–—|]|-\s)"
    rf"|(?:[–—|]\s?|\s-\s)(?P<behind>{_EMBARGO}\b[^–—|]{{2,80}})$"
)
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
    found = (
        _IN_TITLE.search(title)
        or next(filter(_says_note, _BESIDE_TITLE.finditer(title)), None)
        or next(filter(_says_embargo, _EMBARGO_BESIDE.finditer(title)), None)
        or next(filter(_forbids, _ORDER_BEHIND.finditer(title)), None)
        or next(filter(_says_more, _BRACKETS_BEHIND.finditer(title)), None)
    )
    return found[0].strip() if found else ""


def _says_note(part: re.Match[str]) -> bool:
    """Return whether words in brackets or capitals are a note, or an embargo beside a sign."""
    inner, beside = part[1] or part[2] or part[3] or "", part[4] or part[5] or ""
    notes = (one for one in staff_notes.lines(inner or beside) if inner or one.kind == "embargo")
    return staff_notes.is_order(inner) or any(notes)


def _says_embargo(part: re.Match[str]) -> bool:
    words = part["before"] or part["behind"]
    return any(one.kind == "embargo" for one in staff_notes.lines(words))


def _forbids(order: re.Match[str]) -> bool:
    """Return whether words behind a dash forbid to publish before a moment."""
    return staff_notes.forbids(order[1])


def _says_more(brackets: re.Match[str]) -> bool:
    """Return whether words in brackets are a note that says more than a day of release."""
    notes = (one for one in staff_notes.lines(brackets[1]) if one.kind != "release")
    return staff_notes.is_order(brackets[1]) or any(notes)


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
