"""Parts of a text that are not for readers: embargo lines, notes of staff, heads of mails.

Press releases have them above or below the text. They are found by forms that no news has: whole
lines, capitals, signs of programs. Each expression takes time in proportion to the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from dateline.entries.normalise.not_public import staff_notes
from dateline.entries.normalise.not_public.plain import COMMENT, without_code, without_markup
from dateline.entries.normalise.not_public.titles import (
    BLANK,
    DRAFT,
    DRAFT_CAPITALS,
    UNCASED,
    part_of_name,
    part_of_title,
)
from dateline.text import withheld
from dateline.text.expressions import Expression, regex

__all__ = ["is_of_all_news", "part_of_name", "part_of_title", "parts"]

_LINE = withheld.alternatives(withheld.EMBARGO_LINE)
# Quick to find in most texts, which have none of it.
_MAY_BE = regex(
    rf"{DRAFT}|{UNCASED}|{_LINE}"
    r"|embarg|эмбарго"
    r"|\bnot (?:yet )?for\b|\bdo not\b|hold for|confiden|vertraulich|intern(?:[ao]|en?\b)"
    r"|nicht |n[ãa]o |pro[hi]+bid|divulgar|frei|publica[rç]|publish|publier|diffus|go live"
    r"|not before|provisoire|à valider|ne pas |no (?:publi|difun)|todo|fixme|\btk\b|<!|%%"
    r"|[{][>#/+~%-]|ins[eé]r|einfüg|ergänz|à co(?:mpl|nf)|примечание|release|hold until|gesperrt"
    r"|请[于在]"
    r"|subject|betreff|objet|asunto|тема|主题|message|nachricht|mensaje|сообщение|邮件|wrote|schrieb"
    r"|écrit|escribi|escreve|scritto|@|lorem ipsum|comment|kommenti?[ae]r|coment[aá]"
    r"|assunto|mensagem|пересыла|переадрес|批注|写道|بواسطة|الموضوع|رسالة|sujet|主旨|note interne"
    r"|dienstgebrauch|document interne|not yet approved|\[(?:insert|add|check|quote|date|contact "
    r"|company |phone |email |xx|à |pendiente|por |bitte|noch |fecha|complet|faltan?\b)",
    re.IGNORECASE,
)
_MOST_READ = 100  # lines whose day is read, which takes some thousandths of a second
_LONG_LINE = 250  # characters
_START = r"^[^\w\n%{]{0,12}"
_UNTIL = r"(?:until|till|jusqu\S*|hasta|até|bis|до)\b"
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|f[ée]v|avr|mai|juin|juil|ao[uû]t|d[ée]c"
    r"|ene|abr|ago|dic|mär|setem|outub|okt|dez|янв|фев|апр|мая|июн|июл|авг|сен|окт|ноя|дек)"
)
# A day or a time of day, not a year or a number alone.
_MOMENT = (
    r"(?=[^\n]{0,120}?(?:\d[:.h]\d\d|\d[ ]?(?:[ap]\.?m\b|uhr\b|h\b|hrs?\b|gmt|utc|ce?s?t\b)"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th|er|º)?\.?[ ](?:of[ ]|de[ ])?{_MONTH}"
    rf"|{_MONTH}\w*\.?[ ]?\d{{1,2}}(?:st|nd|rd|th)?\b"
    r"|\d[./-]\d{1,2}[./-]\d|(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|lundi|mardi|mercredi|jeudi|vendredi|samedi"
    r"|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
    r"|(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?\b|понедельник|вторник|сред[ыу]|четверг"
    r"|пятниц|суббот|воскресень))"
)
_SHORT = r"(?=[^\n]{0,60}$)"
_NO_SENTENCE = r"(?=[^\n]{0,120}(?:(?<![.!?…])|(?<=[ap]\.m\.)|(?<=[ap]\.[ ]m\.))$)"
_BEFORE_UNTIL = r"[ \t]*+[:–—-]?(?:[^\w\n]{0,6}\n\s{0,8}[^\w\n]{0,6}|[ \t]*)"
# An embargo until a moment that the date does not have, with words that `staff_notes` has not.
_EMBARGO = regex(
    rf"""{_START}(?:
        (?:(?:strict(?:ly)?|under(?:\ strict|\ an)?|sous|bajo|sob|unter)[ \t])?
          (?:(?-i:EMBARGOED|EMBARGAD[OA])[ \t]*+[:–—-]?[ \t]*(?:[:–—-]|{_UNTIL}|(?:to|for|before)\b)
            |(?:embargoed|embargad[oa]){_BEFORE_UNTIL}{_UNTIL}(?!\ \d{{4}}\b)
            |embargo{_BEFORE_UNTIL}{_NO_SENTENCE}{_UNTIL}{_MOMENT}
            |(?:embargoed|embargad[oa]|embargo)[ \t]*+[:–—-]?[ \t]*
              (?:(?<=[:–—-])|[:–—-]|{_UNTIL}){_MOMENT})[^\n]*
      | (?:es\ gilt\ das\ gesprochene\ wort\W{{1,4}})?{_LINE}
          (?:[ \t]*[:–—-]|[ \t]+(?:bis|endet|beachten|redebeginn|\d))[^\n]*
      | (?:(?:строг\w+|под|полн\w+)[ \t]){{0,2}}эмбарго[ \t]*(?:[:–—-]|до\b|снима\w+)
          (?=[^\n]{{0,80}}(?:\d:\d\d|\d\ ?(?:ч\b|час)|\.\d\d\ (?:мск|по)\b))[^\n]*
      | (?:gesperrt\ bis|hold\ until|publicar\ em|divulgar\ em)\b{_SHORT}{_MOMENT}[^\n]*
      | embargo(?:ed)?[ \t]*+[:–—-]?[ \t]*{staff_notes.END_OF_SPEECH}[^\w\n]*$
      | hold\ for\ release\b[^\n]*
      | (?-i:NOT\ FOR\ (?:PUBLICATION|RELEASE|BROADCAST|DISTRIBUTION|USE)
          [ \t](?:UNTIL|TILL|BEFORE)\b)[^\n]*
    )""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_UNDER_EMBARGO = r"(?:EMBARGOED|EMBARGAD[OA]|(?:UNDER|SOUS|BAJO|SOB)\ EMBARGO|ПОД\ ЭМБАРГО)"
# A day of release is one that keeps news back only if it is to come.
_RELEASE = regex(
    rf"{_START}(?:(?:for )?(?:immediate )?release(?: date)?"
    r"(?:[ \t]*:|[ \t](?:on|at|after|from|not before))"
    r"|(?:for release|to be published|publish on|go live|not before"
    rf"|(?:[àa] )?(?:diffuser|publier) le|publicar el)(?:\b|(?=\d))){_SHORT}[^\n]*\d[^\n]*"
    rf"|{_START}请[于在](?=[^\n]*\d)[\d年月日号时点分:：上下中午早晚后\s]{{2,30}}(?:发布|刊发|播发)[^\w\n]*$"
    r"|^\W{0,12}for release(?: on delivery| at)?\W{0,4}\n"
    rf"\s{{0,8}}(?=[^\n]*\d){_SHORT}{_MOMENT}[^\n]*"
    rf"(?:\n[ \t]*(?=[^\n]*\d){_SHORT}{_MOMENT}[^\n]*)?",
    re.IGNORECASE | re.MULTILINE,
)
# An embargo on goods has no time of day.
_EMBARGOED = (
    r"(?:(?:strictly )?embarg(?:oed|ad[oa])|(?:under|sous|bajo|sob|strict(?:ly)?) embargo"
    rf"|embargo(?=[^\n]{{0,80}}{withheld.TIME_OF_DAY}))"
)
_IS_NONE = regex(
    rf"{_START}(?:embargo|{_LINE})[ \t]*[:–—-][ \t]*"
    r"(?:none|keine?|aucune?|ningun[oa]|nenhum|nessun[oa]?|нет|无|無)\b",
    re.IGNORECASE,
)
# Behind other words of a line; it keeps news back only if its day is to come.
_BEHIND = regex(
    rf"(?<=\S)[^\w\n\"“”„«'‘’]{{1,6}}(?-i:(?:STRICTLY |UNDER |SOUS |BAJO |SOB )?"
    rf"EMBARG(?:O(?:ED)?|AD[OA]) (?=[A-ZÀ-Ÿ])){_UNTIL}[^\n]{{3,80}}"
    rf"|[(\[]{_EMBARGOED} {_UNTIL}[^()\[\]\n]{{3,80}}[)\]](?!\()"
    r"(?=[^\w\n.]*$|[ \t]*[:–—-])"
    rf"|[ \t][–—-][ ]{_EMBARGOED} {_UNTIL}[^\n–—]{{3,60}}(?<![.!?])$"
    rf"|[ \t][(–—-] ?{_LINE}(?::| bis\b)(?=[^\n]{{0,60}}(?:\d:\d\d|\d ?uhr\b))[^\n]{{3,60}}$",
    re.IGNORECASE | re.MULTILINE,
)
_NOT_PUBLIC = regex(
    rf"""\A[*_(\[]{{0,3}}(?:{DRAFT}|{UNCASED})[*_.:!)\]]{{0,4}}[ \t]*(?=\n)
    | {_START}(?:
        (?-i:{DRAFT_CAPITALS})
          (?:[ \t]v?\.?\d[\d./-]{{0,9}}(?:[ \t]*[-:–—(/,][^\n]*)?|[ \t]*[-:–—(/,][^\n]*)[^\w\n]*$
      | (?-i:TODO|FIXME|TK)[ \t]?:[ \t]*\w[^\n]*
      | lorem\ ipsum\ dolor[^\n]*
      | (?:comment|commented|kommentar|kommentiert|commentaire|comentario|comentado
          |comentário|примечание|批注)
          \ ?\[(?-i:[A-ZА-Я]{{1,5}}\d{{1,3}})\][^\n]*
      | -{{2,}}[ \t]*(?:original\ message|forwarded\ message|ursprüngliche\ nachricht
          |weitergeleitete\ nachricht|message\ (?:d.origine|transféré)
          |mensaje\ (?:original|reenviado)|mensagem\ (?:original|encaminhada)
          |(?:исходное|пересылаемое|переадресованное)\ сообщение|原始邮件|转发邮件
          |رسالة\ معاد\ توجيهها|الرسالة\ الأصلية)[^\n]*
    )
    | ^(?![ \t]*>)[^\w\n%{{]{{0,12}}(?:from|von|de|от|[发寄]件[人者]|من|المرسل)[ \t]?[:：]
        (?![ \t]*\d)[^\n]*(?=(?:\n(?:[^\w\n]*|[^\n:：]{{1,20}}[:：][^\n]*)){{0,9}}?\n[^\w\n]{{0,12}}
          (?:subject|betreff|objet|sujet|asunto|assunto|тема|主[题旨]|الموضوع)[ \t]?[:：])
    | ^(?![ \t]*>)(?=[^\n]{{0,160}}?\d:\d\d)(?=[^\n]{{0,160}}?\b20\d\d)
        [^\n]{{0,160}}(?:<|&lt;)[^<>\s@]+@[^<>\s]+(?:>|&gt;)[^\n]{{0,25}}[:：][ \t]*$
    | ^(?![ \t]*>)[^\n]{{0,20}}\d{{1,2}}\ [а-я]{{3,8}}\.?\ \d{{4}}\ г\.(?:\ в)?,?\ \d{{1,2}}:\d\d
        (?=[^\n]*@)[^\n]{{2,100}}:[ \t]*$
    | ^(?![ \t]*>)[^\w\n%{{]{{0,12}}(?:on|am|le|el|em|il)\b
        (?=[^\n]{{0,160}}?(?:@[\w-]+\.\w|\d:\d\d))(?=[^\n]{{0,160}}?(?:@|\b\d{{4}}\b|[./]\d\d\b))
        [^\n]{{5,160}}(?<!\bhe)(?<!\bthey)(?<!\bil)(?<!\belle)(?<!\bél)(?<!\bella)(?<!\bel[ea])[ ]
        (?:wrote|a\ écrit|escribió|escreveu|ha\ scritto
          |schrieb(?!\ (?:er|sie)\b)[^\n]{{0,80}})[ \t]?:[ \t]*$
    | ^(?![ \t]*>)[^\n]{{0,100}}于\d{{4}}年[^\n]{{3,40}}写道[:：][ \t]*$
    | ^(?![ \t]*>)[^\n]{{0,100}}تمت\ كتابة\ ما\ يلي\ بواسطة[^\n]*
    | [(\[][ \t]*not\ for\ (?:publication|release|broadcast)[ \t]*[)\]](?=[^\w\n]*$|[ \t]*[:–—-])
    | \[(?-i:TODO|TK|FIXME)\b[^\]\n]{{0,200}}\](?![(\[:])
    | \[(?:(?-i:QUOTE|DATE|Date|INTERNAL|XX+|FECHA|COMPLETAR)
        |(?:contact|company)\ name|phone\ number|email\ address)\](?![(\[:])
    | \[(?:insert\ |add\ (?:contact|date|figure|link|logo|name|number|photo|picture|quote)
        |check\ (?:date|figure|name|number|spelling|with)
        |(?:à|por|bitte|noch\ zu)\ (?:compl[ée]t|confirm|v[ée]rifi|valid|ins[ée]r|ergänzen|prüfen
          |einfügen)|ins[ée]r(?:er|tar|ir)\ |pendiente\ de\ |a\ confirmar
        |[^\]\n]{{1,60}}\ (?:einfügen|ergänzen|à\ (?:insérer|compléter|confirmer|valider))
        |faltan?\ (?:cita|datos?|cifras?|fechas?|fotos?|nombres?)\b|einfügen)
          [^\]\n]{{0,200}}\](?![(\[:])
    | (?<!\S)%%[^%\n]+%%(?!\S) | ^[ \t]*%%[ \t]*$
    | \{{>>[^\n}}]* | \{{(?:--|\+\+|~~)[^\n{{}}]+(?:--|\+\+|~~)\}}
    | \{{/\*[^\n]* | \{{\#[ \t][^\n]* | \{{%-?[ \t]*comment\b[^\n]*
    | \{{\{{[<%]?[ \t]*/\*[^\n]*
    | <!(?!--)[ \t]?[-–—−][^\n]*""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
# Notes in words that news has as well, in its lists and quotations. One or two words that are not
# in capitals stand above or below a text.
_NOTE = regex(
    rf"""{_START}(?P<note>
        not\ (?:yet\ )?for\ (?:publication|release|broadcast|distribution)
          (?:[ \t]*[-:–—(][^\n]{{0,80}})?[^\w\n]*$
      | not\ yet\ approved[^\w\n]*$
      | (?:news|information|informations|communiqué|texte|document|información|informação
          |notícia|texto|material)
          \ (?:under|sous|bajo|sob)\ embargo(?:[ \t]*[-:–—(][^\n]{{0,80}})?[^\w\n]*$
      | do\ not\ (?:publish|circulate|distribute|release)
          (?:[ \t](?:before|this|till|until|yet|without)\b[^\n]{{0,80}})?[^\w\n]*$
      | (?:strictly\ |private\ (?:and|&)\ )?(?:confidential|confidentiel|confidencial|vertraulich)
          (?:[ \t]*[-:–—(/,][ \t]*(?:not\ for|internal|do\ not|draft|ne\ pas|nicht|no)\b
            [^\n]{{0,80}})?[^\w\n]*$
      | (?:for\ )?internal\ (?:use|circulation|only)(?:\ only)?[^\w\n]*$
      | interne\ (?:notiz|anmerkung)[ \t]*:[ \t]*\w[^\n]{{0,80}}$
      | (?:version\ provisoire|projet)[ \t]*[-–—,:(][ \t]*(?:à\ valider|ne\ pas\ diffuser)
          \b[^\n]{{0,80}}$
      | (?:noch\ nicht\ (?:freigegeben|abgestimmt)|freigabe\ ausstehend)[^\w\n]*$
      | (?:{UNCASED})[ \t]*[-–—:：（(][^\n]{{1,30}}$
      | (?:(?:à\ )?usage\ interne|(?:(?:somente|apenas|só|exclusivo)\ )?(?:para\ )?uso\ interno
          |nur\ für\ den\ (?:internen\ |dienst)gebrauch
          |document\ interne|documento\ interno|internes\ (?:dokument|papier)|interner\ entwurf)
          (?:[ \t]*[-:–—(,/][ \t]*(?:ne\ pas|no\ (?:difundir|distribuir|publicar)|n[ãa]o|nicht)
            \b[^\n]{{0,60}})?[^\w\n]*$
      | {DRAFT}\ v\d{{1,2}}(?:[ \t]*[-–—,(/][^\n]{{0,40}})?[^\w\n]*$
      | (?:final|working|internal|first|rough)\ draft[^\w\n]*$
      | (?:(?:à\ )?ne\ pas\ (?:diffuser|publier)|no\ (?:publicar|difundir)
          |n[ãa]o\ (?:é\ para\ )?(?:publicar|publicação|divulgar|divulgação)
          |proibida\ a\ (?:divulgação|publicação|veiculação)
          |prohibida\ (?:su|la)\ (?:difusión|publicación)
          |nicht\ zur\ veröffentlichung(?:\ bestimmt)?|nicht\ veröffentlichen)
          (?:[ \t]*(?:[-:–—(：（]|(?:avant|jusqu\w*|sans|antes|hasta|sin|até|sem|vor|bis|ohne)\b)
            [^\n]{{0,80}})?[^\w\n]*$
      | {DRAFT}(?:\ v?\d{{1,2}})?(?:[ \t]*[-:–—(,/][ \t]*(?:(?:do\ not|not\ for)
          \ (?:\w+ion|\w*publish|\w*release|circulate|distribute|quote|cite)
          |for\ (?:review|comments?|approval|internal)|nicht\ (?:zur|für|veröff)|noch\ nicht
          |zur\ (?:abstimmung|freigabe|prüfung)|ne\ pas|à\ valider|no\ (?:publicar|difundir)
          |pendiente|não\ (?:publicar|divulgar)|para\ aprova)
          \w*[^\n]*
          |[ \t]for\ (?:review|comments?|approval)[^\w\n]*$)
      | (?-i:(?P<embargo>(?:STRICT(?:LY)?\ |UNDER\ |SOUS\ |BAJO\ |SOB\ )?EMBARGO(?:ED)?
            (?:\ (?:PRESS|NEWS|MEDIA)\ RELEASE)?|(?:ПОД\ )?ЭМБАРГО
            |(?:[^\n]{{1,80}}?[-–—:|(\[/][^\w\n]{{0,4}})??{_UNDER_EMBARGO})
          |(?P<draft>{DRAFT_CAPITALS}))[^\w\n]*$
      | (?P<small>(?i:{_UNDER_EMBARGO}))[^\w\n]*$
      | (?P<frist>{_LINE})[^\w\n]*$
    )""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
# Lines that go on in the next one, whatever it says, or if it says more than notes do.
_ARTICLE = regex(
    r"\b(?:an?|are|arms|das|de|del|ein|el|is|its?|la|le|les|nach|o|on|son|su|the|um|un|was)"
    r"[ \t]?\n\Z",
    re.IGNORECASE,
)
_SENTENCE = regex(r"\w[.!?][ \t]*(?:\n|$)|[^\n]{100}")
_GOES_ON = regex(r"[^\n]{40}[^\W_],?[ \t]?\n\Z")
_LISTED_OR_QUOTED = regex(r"[ \t]*(?:[-*+•·][ \t]|[>|\"“„«])")
_LISTED = regex(r"[ \t]*(?:[-*+•·][ \t]|\|)")
_HEAD = regex(r"(?:\s*\S[^\n]*){0,3}")  # the lines above a text where notes stand
_PARAGRAPH_END = regex(r"[ \t]*(?:\n[ \t]*\n|\n?\Z)")
_TODO_IS_ALL = frozenset({"es", "gl", "pt"})  # there TODO is a word
# What programs for sites have above a text: `---`, lines with names of fields, `---`.
_FRONT_MATTER = regex(
    r"(?:---|\+\+\+)[ \t]*\n(?P<lines>(?:(?!---)(?:[\w-]+[ \t]*[:=]|[ \t-])[^\n]*\n)++)"
    r"(?:---|\+\+\+)[ \t]*(?:\n|$)"
)
_OF_SITES = regex(
    r"^(?:categories|date|draft|layout|published|slug|status|tags|title)[ \t]*[:=][^\n]*",
    re.IGNORECASE | re.MULTILINE,
)
_OF_ALL_NEWS = regex(
    rf"(?-i:\b{DRAFT_CAPITALS}\b)|{UNCASED}|{_LINE}|embarg|эмбарго|禁发|حظر|解禁", re.IGNORECASE
)


def parts(
    text: str,
    *,
    has_moment: bool,
    is_over: Callable[[str], bool] = lambda _: False,
    is_pending: Callable[[str], bool] = lambda _: False,
    is_ahead: Callable[[str], bool] = lambda _: False,
    language: str = "",
) -> list[str]:
    r"""Return what is not for readers in the Markdown or HTML of a body in `language`.

    The line of an embargo is, unless it `is_over`; so is one behind other words that `is_pending`,
    and a day of release that `is_ahead` of the date. Where the date has a time, only what is above
    the text says when that is released; elsewhere, items of lists below it do not.

    >>> parts("EMBARGOED UNTIL 1 May\n\nSixty cases.", has_moment=False)
    ['EMBARGOED UNTIL 1 May']
    """
    text = BLANK.sub(" ", text)  # French sets one that breaks no line before a colon
    plain = without_code(text)
    found = [*_of_programs(text, plain)]
    plain = without_markup(plain)
    is_outside = _outside(plain)
    lines = [*staff_notes.lines(plain)]
    lines += staff_notes.orders(plain, lambda one: _is_note(one, is_outside))
    found += (
        one.match[0].strip()
        for one in lines
        if one.kind == "always"
        or (one.kind == "note" and (one.is_loud or _is_note(one.match, is_outside)))
    )
    found += staff_notes.gaps(plain)
    may_be = bool(_MAY_BE.search(text))
    embargoes = [
        one.match for one in lines if one.kind == "embargo" and not _follows(one.match, _ARTICLE)
    ]
    if may_be:
        short = {one.match.end() for one in lines}
        embargoes += (
            one
            for one in _EMBARGO.finditer(plain)
            if not _follows(one, _ARTICLE)
            and (one.end() in short or staff_notes.has_time(one[0]) or not _follows(one, _GOES_ON))
        )
    embargoes.sort(key=re.Match.end)
    embargoes = [*{one.start(): one for one in embargoes}.values()]  # the longest
    whole = {one.start() for one in embargoes}
    behind = [one for one in _BEHIND.finditer(plain) if _begin(one) not in whole] if may_be else []
    releases = [one.match for one in lines if one.kind == "release"]
    releases += _RELEASE.finditer(plain) if may_be else ()
    found += _until(embargoes, lambda line: bool(_IS_NONE.match(line)) or is_over(line))
    found += _from(behind, is_pending)
    releases = [one for one in releases if _is_above(one) or not (has_moment or _is_listed(one))]
    found += _from(releases, is_ahead)
    if may_be:
        is_all = language.partition("-")[0] in _TODO_IS_ALL
        marks = (one[0].strip() for one in _NOT_PUBLIC.finditer(plain))
        found += (one for one in marks if not (is_all and "TODO" in one))
        found += _notes(plain, is_outside, is_over)
    return [*dict.fromkeys(found)]


def is_of_all_news(part: str) -> bool:
    """Return whether a part is an embargo, or the mark of a draft, and not about rights alone.

    >>> is_of_all_news("EMBARGOED until Friday"), is_of_all_news("Do not publish without credit")
    (True, False)
    """
    return bool(_OF_ALL_NEWS.search(part))


def _of_programs(text: str, plain: str) -> Iterator[str]:
    """Yield a field of a program for sites above a text, and a comment that is never closed."""
    head = _FRONT_MATTER.match(text) if text.startswith(("---", "+++")) else None
    if head and (line := _OF_SITES.search(head["lines"])):
        yield line[0]
    begin, end = COMMENT
    if begin in plain and plain.rfind(begin) > plain.rfind(end):
        yield plain[plain.rfind(begin) :].split("\n", 1)[0]


def _until(found: Iterable[re.Match[str]], is_over: Callable[[str], bool]) -> Iterator[str]:
    """Yield the embargo lines that are not over."""
    lines = dict.fromkeys(one[0].strip() for one in found)
    read = {*islice(lines, _MOST_READ)}
    yield from (one for one in lines if one not in read or not is_over(one))


def _from(found: Iterable[re.Match[str]], is_ahead: Callable[[str], bool]) -> Iterator[str]:
    """Yield the lines with days of release, or ends of an embargo, that are to come."""
    lines = dict.fromkeys(one[0].strip() for one in found)
    yield from (one for one in islice(lines, _MOST_READ) if is_ahead(one))


def _is_above(line: re.Match[str]) -> bool:
    """Return whether a line is among the first ones, before any sentence."""
    before = line.string[: line.start()]
    return len(before) < _LONG_LINE and not _SENTENCE.search(before)


def _is_listed(line: re.Match[str]) -> bool:
    """Return whether a line is an item or a row, as in a calendar of what is released next."""
    begin = line.string.rfind("\n", 0, line.start()) + 1
    return bool(_LISTED.match(line.string, begin))


def _begin(part: re.Match[str]) -> int:
    """Return where the line of a part begins."""
    begin = part.string.rfind("\n", max(0, part.start() - _LONG_LINE), part.start())
    return part.start() if begin < 0 and part.start() > _LONG_LINE else begin + 1


def _follows(line: re.Match[str], before: Expression[str]) -> bool:
    """Return whether a line is the rest of a sentence that begins in the line before."""
    above = line.string[max(0, line.start() - 80) : line.start()]
    return line[0][:1].islower() and bool(before.search(above))


def _outside(text: str) -> Callable[[re.Match[str]], bool]:
    """Return a test of whether a line is one of the first or last three of a text."""
    found = _HEAD.match(text)
    top, above = found.end() if found else 0, text
    for _ in range(3):
        above = above.rstrip().rpartition("\n")[0]
    return lambda one: one.end() <= top or one.start() >= len(above)


def _notes(
    text: str, is_outside: Callable[[re.Match[str]], bool], is_over: Callable[[str], bool]
) -> Iterator[str]:
    """Yield the notes of staff, in words that news may have as well, if they stand as notes do."""
    for one in _NOTE.finditer(text):
        embargo = one["embargo"] or one["small"]
        if embargo and is_over(embargo):
            continue
        is_heading = one["embargo"] or one["draft"]  # even in capitals
        if (
            (one["note"][:8].isupper() and not is_heading)
            or (len(one[0].split()) > 2 and not _LISTED_OR_QUOTED.match(one[0]))  # noqa: PLR2004
            or (is_outside(one) and _is_paragraph(one))
        ):
            yield one[0].strip()


def _is_note(line: re.Match[str], is_outside: Callable[[re.Match[str]], bool]) -> bool:
    return is_outside(line) and not line[0].lstrip().startswith("#") and _is_paragraph(line)


def _is_paragraph(note: re.Match[str]) -> bool:
    """Return whether a note is a paragraph, or a heading, and no item of a list."""
    before = note.string[: note.start()].rstrip(" \t")
    is_begun = not before or before.endswith("\n\n")
    is_ended = _PARAGRAPH_END.match(note.string, note.end())
    return is_begun and bool(is_ended) and not _LISTED_OR_QUOTED.match(note[0])
