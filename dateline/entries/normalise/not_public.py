"""Parts of a text that are not for readers: embargo lines, notes of staff, heads of mails.

Press releases have them above or below the text. They are found by forms that no news has: whole
lines, capitals, signs of programs. Each expression takes time in proportion to the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dateline.entries.pasted.hints import CODE
from dateline.text.expressions import regex

# Quick to find in most texts, which have none of it.
_MAY_BE = regex(
    r"embarg|эмбарго|sperr(?:frist|vermerk)|\bnot (?:yet )?for\b|\bdo not\b|hold for|confiden"
    r"|vertraulich|internal|interne?\b|interno|draft|entwurf|brouillon|borrador|черновик|nicht "
    r"|ne pas |no (?:publi|difun)|не для|не публ|конфиденц|todo|fixme|\btk\b|<!|%%|[{][>#/+~%-]"
    r"|subject|betreff|objet|asunto|тема|主题|message|nachricht|mensaje|сообщение|邮件|wrote|schrieb|écrit|escribi|@|禁止发布|不得发布|حظر",
    re.IGNORECASE,
)
_CODE = regex(CODE, re.MULTILINE)
_BLOCK = regex(r"</?(?:p|div|td|th|tr|li|h[1-6]|br|blockquote|table|hr)\b[^<>]*>", re.IGNORECASE)
_TAG = regex(r"</?[a-z][^<>]*>", re.IGNORECASE)
_START = r"^[^\w\n%{]{0,12}"
_UNTIL = r"(?:until|till|to|for|before|jusqu\S*|hasta|bis|до)\b"
# A moment that the date does not have.
_EMBARGO = regex(
    rf"""{_START}(?:
        (?:(?:strict(?:ly)?|under(?:\ strict|\ an)?|sous|bajo|unter)[ \t])?
          (?:embargoed|embargad[oa])(?:[ \t]*[:–—-]?[ \t]*{_UNTIL}|[ \t]*[:–—-])[^\n]*
      | (?:(?:strict|under(?:\ strict|\ an)?|sous|bajo|unter|под)[ \t])?
          (?:embargo|эмбарго)
          (?:[ \t]*[:–—-]?[ \t]*(?:until|till|jusqu\S*|hasta|bis|до)\b|[ \t]*:)[^\n\d]*\d[^\n]*
      | (?:(?-i:(?:STRICT(?:LY)?\ |UNDER\ |SOUS\ |BAJO\ )?EMBARGO(?:ED)?)[^\w\n]*$)
      | sperr(?:frist|vermerk)\b[^\n]*
      | hold\ for\ release\b[^\n]*
      | not\ for\ (?:publication|release|broadcast)[ \t](?:until|till|before)\b[^\n]*
    )""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_NOT_PUBLIC = regex(
    rf"""{_START}(?:
        not\ (?:yet\ )?for\ (?:publication|release|broadcast)
          (?:[ \t]*[-:–—(][^\n]{{0,80}})?[^\w\n]*$
      | do\ not\ (?:publish|circulate|distribute|release)
          (?:[ \t](?:before|this|till|until|yet|without)\b[^\n]{{0,80}})?[^\w\n]*$
      | (?:strictly\ |private\ (?:and|&)\ )?(?:confidential|confidentiel|confidencial|vertraulich
          |конфиденциально)
          (?:[ \t]*[-:–—(/,][ \t]*(?:not|for|internal|do|draft)\b[^\n]{{0,80}})?[^\w\n]*$
      | (?:for\ )?internal\ (?:use|circulation)(?:\ only)?[^\w\n]*$
      | (?:(?:à\ )?usage\ interne|uso\ interno|nur\ für\ den\ internen\ gebrauch)[^\w\n]*$
      | (?:ne\ pas\ (?:diffuser|publier)|no\ (?:publicar|difundir)|nicht\ zur\ veröffentlichung
          |nicht\ veröffentlichen|не\ для\ (?:печати|публикации)|не\ публиковать|禁止发布|不得发布
          |حظر\ النشر)\b[^\n]{{0,80}}$
      | (?-i:DRAFT|ENTWURF|BROUILLON|BORRADOR|ЧЕРНОВИК)(?:[ \t]v?\.?\d[\d.]{{0,4}})?
          (?:[ \t]*[-:–—(/,][^\n]*)?[^\w\n]*$
      | draft\W{{1,3}}(?:do\ not|not\ for|for\ (?:review|comments?|approval|internal))\b[^\n]*
      | (?-i:TODO|FIXME|TK)[ \t]?:[^\n]*
      | -{{2,}}[ \t]*(?:original\ message|forwarded\ message|ursprüngliche\ nachricht
          |weitergeleitete\ nachricht|message\ (?:d.origine|transféré)
          |mensaje\ (?:original|reenviado)|исходное\ сообщение|原始邮件|转发邮件)[^\n]*
      | (?:on|am|le|el)\b(?=[^\n]*(?:@|\d:\d\d))[^\n]{{5,160}}
          \b(?:wrote|schrieb|écrit|escribió)\b[^\n]{{0,80}}:[ \t]*$
      | (?:from|von|de|от|发件人)[ \t]?:[^\n]*(?=(?:\n[^\n]*){{1,5}}?
          \n[ \t]*(?:subject|betreff|objet|asunto|тема|主题)[ \t]?:)
    )
    | [(\[][ \t]*not\ for\ (?:publication|release|broadcast)[ \t]*[)\]]
    | \[(?-i:TODO|TK|FIXME)\b[^\]\n]{{0,200}}\]
    | (?<!\S)%%[^%\n]+%%(?!\S) | ^[ \t]*%%[ \t]*$
    | \{{>>[^\n}}]* | \{{(?:--|\+\+|~~)[^\n{{}}]+(?:--|\+\+|~~)\}}
    | \{{/\*[^\n]* | \{{\#[ \t][^\n]* | \{{%-?[ \t]*comment\b[^\n]*
    | \{{\{{[<%]?[ \t]*/\*[^\n]*
    | <!(?!--)[ \t]?[-–—−][^\n]*""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
# What programs for sites have above a text: `---`, lines with names of fields, `---`.
_FRONT_MATTER = regex(
    r"(?:---|\+\+\+)[ \t]*\n(?P<lines>(?:(?!---)(?:[\w-]+[ \t]*[:=]|[ \t-])[^\n]*\n)++)"
    r"(?:---|\+\+\+)[ \t]*(?:\n|$)"
)
_OF_SITES = regex(
    r"^(?:categories|date|draft|layout|published|slug|status|tags|title)[ \t]*[:=][^\n]*",
    re.IGNORECASE | re.MULTILINE,
)
_COMMENT = ("<!--", "-->")
_IN_TITLE = regex(
    r"^\W*(?:DRAFT|ENTWURF|BROUILLON|BORRADOR|EMBARGO|(?:EMBARGOED|SPERRFRIST)\b[^:–—]{0,60}"
    r"|CONFIDENTIAL|NOT FOR RELEASE|NOT FOR PUBLICATION|DO NOT PUBLISH)\s?(?:[\])]|[:–—]|\s-\s)"
    r"|(?i:[(\[](?:draft|entwurf|brouillon|borrador|embargo(?:ed)?\b[^)\]]*|confidential"
    r"|not for (?:release|publication)|do not publish)[)\]]\W*$)"
)


def parts(text: str, *, has_moment: bool) -> Iterator[str]:
    r"""Yield what is not for readers in the Markdown or HTML of a body.

    An embargo is none of it where the date has a time: that is its moment.

    >>> list(parts("EMBARGOED UNTIL 1 May\n\nSixty cases.", has_moment=False))
    ['EMBARGOED UNTIL 1 May']
    """
    head = _FRONT_MATTER.match(text) if text.startswith(("---", "+++")) else None
    if head and (line := _OF_SITES.search(head["lines"])):
        yield line[0]
    if not _MAY_BE.search(text):
        return
    plain = _CODE.sub("", text) if "`" in text or "~~~" in text else text
    begin, end = _COMMENT
    if begin in plain and plain.rfind(begin) > plain.rfind(end):
        yield plain[plain.rfind(begin) :].split("\n", 1)[0]
    if "<" in plain:
        plain = _TAG.sub("", _BLOCK.sub("\n", plain))
    for expression in (_NOT_PUBLIC,) if has_moment else (_EMBARGO, _NOT_PUBLIC):
        yield from (one[0].strip() for one in expression.finditer(plain))


def part_of_title(title: str) -> str:
    """Return what of a title says that it is not for readers, or nothing.

    >>> part_of_title("[DRAFT] Report on Lebanon"), part_of_title("Draft resolution adopted")
    ('[DRAFT]', '')
    """
    found = _IN_TITLE.search(title)
    return found[0].strip() if found else ""
