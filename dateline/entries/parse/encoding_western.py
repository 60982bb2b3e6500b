"""The test that a text read in Windows' Western letters (1252) is Western for certain.

Windows' Central European letters (1250) are for the most part the same bytes, but its `ř` is the
Western `ø`, its `č` the `è`, its `ő` the `õ`. So each of these must stand as it does in a Western
language: `Español`, not `pañstwo`; `très`, not `poèet`.
"""

from __future__ import annotations

import re

from dateline.text.expressions import regex

# The characters of Western European languages beyond ASCII.
_WESTERN = frozenset(
    "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüŒœ¡¿«»‘’‚“”„–—…·•€£©®°§ºª½\u00a0"
)
_LONE = frozenset("àáèéêíóôúyåöøæÀÁÈÉÓÚÍÅÖØÆ")
# Patterns that no Western word has: they arise where letters of an old Macintosh, or of DOS
# ("r‚sum‚"), are read as those of Windows.
_NO_WORD = regex("[a-zß-öø-ÿ][À-ÖØ-Þ]|[a-z]–[a-z]|[A-Za-z][‚„“”¡¿£©ª][a-z]|[a-z]{2}‚(?!\\w)")
_FOREIGN_RUN = regex("[À-ÖØ-öø-ÿŒœ]{3}")
# 张 in the letters of China is ÕÅ; no Western word has accented letters alone, but one.
_FOREIGN_WORD = regex(r"(?<![^\W\d_])[À-ÖØ-öø-ÿŒœ]{2}(?![^\W\d_])")
_LONE_LETTER = regex(r"(?<![^\W\d_])[À-ÖØ-öø-ÿŒœ](?![^\W\d_])")

_VOWEL = "[aeiouyáéíóúýàèìòùâêîôûäëïöüãõ]"
_STARTS, _ENDS = r"(?<!\w)", r"(?!\w)"


def _words(*words: str) -> str:
    return rf"{_STARTS}(?:{'|'.join(words)}){_ENDS}"


# Words of most texts in a language, and of none in Central Europe or in English.
_FRENCH = _words("les", "des", "une", "dans", "du", "pour", "sur", "avec")
_ITALIAN = _words("il", "gli", "della", "che", "di", "una", "nel", "dei", "delle", "sono", "anche")
_CATALAN = _words("els", "amb", "dels", "pels", "també", "és")
_SPANISH, _DUTCH = _words("los", "las", "por"), _words("het", "een", "van", "niet")
_PORTUGUESE = rf"[áâãàçéèíîôõú]|{_words('que', 'um', 'uma', 'de', 'em', 'os')}"  # or French
_NORDIC = _words("og", "det", "til", "på", "ikke", "fra", "eller", "er", "av", "af", "har")
_SOUTHERN = f"{_ITALIAN}|{_CATALAN}|{_SPANISH}"
_NOTHING = r"(?!)"
_ELIDED = rf"(?:{_STARTS}[cld]|ell|all)['’]"
_ITALIAN_TOO = rf"{_ELIDED}|{_words('la', 'lo', 'un', 'non', 'per', 'con', 'del', 'si', 'da')}"
_ALBANIAN = _words("të", "për", "dhe", "një", "është", "në")
_LUXEMBOURGISH = _words("vun", "ass", "déi", "fir", "mat", "gëtt")
# Where a letter stands in few Western words or none, which one it is then, and by what a text
# shows that it is Western all the same.
_DOUBTS = tuple(
    (regex(doubt, re.IGNORECASE), regex(witness, re.IGNORECASE))
    for doubt, witness in (
        # č: člověk, počet. In French a mute e follows è (mère, siècle), or an s (près).
        (
            (
                rf"è(?!s?{_ENDS}|(?:[bcdfghlmnpqrstvxz]{{1,3}}|qu|gu)e)|[aeáéíóúýìù]è(?!rent)"
                rf"|{_STARTS}è(?!(?:res?|s|ve|){_ENDS})|(?<=\w)(?<!cio)è{_ENDS}"
            ),
            f"{_SOUTHERN}|{_DUTCH}",
        ),
        # č as a word, or и: "č. 5", "Wien и Moskva"
        (rf"{_STARTS}è{_ENDS}", f"{_SOUTHERN}|{_ITALIAN_TOO}"),
        # ň: daň.
        (rf"ò{_VOWEL}|[aeoyáéíóúý]ò|[aeou]ò(?=\w)", _SOUTHERN),
        # ě, ů: město, lidé. Italian: così, più, può.
        (
            (
                rf"[ìù](?=\w)|(?<!\bo)(?<!\bpi)(?<!\bgi)ù{_ENDS}"
                rf"|(?<!\bpu)(?<!\bci)(?<!\bper)ò{_ENDS}|(?<!\bcos)(?<!\bs)ì{_ENDS}"
            ),
            _SOUTHERN,
        ),
        # ď: teď. French has a vowel before ï.
        (rf"(?<![aeiouéyà])ï|(?:e|(?<!o)u)ï{_ENDS}", _FRENCH),
        # ř: Dvořák, při, moře. Danish: øer, søens, miljøet.
        (
            rf"[aeioyáéíóúýìùåäöæø]ø|\wuø|ø[aiouáíéóúýìùåäöæ]|øe(?!(?:ne|[dnrst])+{_ENDS})|pøe",
            _NORDIC,
        ),
        # ć: być, Petrović
        (rf"[aeioyáéíóúýìù]æ|\wuæ|œæ|{_STARTS}æ{_VOWEL}", _NORDIC),
        # ś: świat.
        (rf"{_VOWEL}œ|œw|œc(?![uo])|{_STARTS}œ(?:[klmprtw]|n(?!o))", _NOTHING),
        # ę: będzie, się
        (
            r"ê(?:[bdgkwz]|c(?!h)|p(?![er])|s[tz])|iê(?!n)|[jkwz]ê(?!-)|(?<!\bvoc)ê(?![\w-])",
            _PORTUGUESE,
        ),
        # ű: műsor, gyűlés
        (
            (
                rf"û(?:[bdfgkpsvyzj]|{_VOWEL})|[zyjgkv]û|(?<!e)ûn|(?<![or])ûl|{_STARTS}û"
                rf"|(?<![\W_]d)(?<![\W_]m)(?<![\W_]cr)û{_ENDS}"
            ),
            _FRENCH,
        ),
        # ő: következő. Estonian has it too, where Hungarian would have accents.
        (rf"õ(?!e[sm]?{_ENDS})", r"\A(?=[^\0]*[äü])(?![^\0]*(?:[áéíóú]|õ\b))"),
        # ă: băiat; `ã` at an end is Portuguese as well.
        (r"ã(?![oe]|s?\b|zinh)", _NOTHING),
        (r"ãs?\b", "[ãõ][oe]"),
        # ń: państwo. Spanish has a vowel after ñ.
        (r"ñ(?![aeiouáéíóúü])", _NOTHING),
        # ş: aşa. Spanish has a number before º.
        (r"(?<!\d)[ºª](?=[a-zà-ÿ])|[^\W\d_]{3}[ºª]", _NOTHING),
        # ż, Ł: też, Łódź
        (r"\w[¿£]|£[a-zà-ÿ]{3}", _NOTHING),
        # ė in Windows' Baltic letters: teisės. In the West a vowel stands before ë.
        (r"[bcdfghjklmnpqrstvwxz]ë", f"{_ALBANIAN}|{_LUXEMBOURGISH}"),
        # The genitive of many, with ų.
        (rf"\w\w[bcfghklnprtvz]ø{_ENDS}", rf"{_NORDIC}|{_words('kommune', 'fylke')}"),
        # ā, ī, ū: Rīgā. In the West none of these ends a word; Turkish has them as Windows has.
        (rf"(?<=\w)[âî]{_ENDS}|î[bdfgjkpvz]", _NOTHING),
        # į, ķ, š, ž: within words of letters that no Western word has side by side
        (r"[áí][bcdfghjklmnpqrstvwxz]*[ëæø]|[ëæø][bcdfghjklmnpqrstvwxz]*[áíû]", _NOTHING),
        # ē in Windows' Baltic letters; Albanian
        ("ç[bcdfghjklmnpqrstvxz]", "ë"),
    )
)


def is_western(text: str) -> bool:
    """Return whether `text` has accents here and there, each where a language has it."""
    foreign = {one for one in text if not one.isascii()}
    letters = sum(one.isalpha() for one in text)
    accented = sum(one.isalpha() and not one.isascii() for one in text)
    lone = {found[0] for found in _LONE_LETTER.finditer(text)}
    return (
        bool(foreign)
        and foreign <= _WESTERN
        and accented * 4 <= letters
        and lone <= _LONE
        and not _NO_WORD.search(text)
        and not _FOREIGN_RUN.search(text)
        and not _FOREIGN_WORD.search(text)
        and not _is_central(text)
    )


def _is_central(text: str) -> bool:
    """Return whether the text may be one of Central Europe, misread."""
    if text.count("¿") > text.count("?"):
        return True
    return any(doubt.search(text) and not witness.search(text) for doubt, witness in _DOUBTS)
