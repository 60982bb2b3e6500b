"""The news that a saved page lists, each under its date.

A page is read as a person reads it. A list item, a table row or an article with a date in it is
one piece of news. Elsewhere a line that begins with a date starts one. A date on a line of its own
applies to what follows, and a year on a line of its own to days without a year. A date that cannot
be a day of publication becomes a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from itertools import groupby

from dateline.entries.fields import TITLE_LENGTH
from dateline.importing.fetch import FetchedPage, is_web
from dateline.importing.items import ImportedItem, ImportSource
from dateline.importing.sources.web_page import lines as page_lines
from dateline.importing.sources.web_page.date_lines import DatedLine, DateReader
from dateline.importing.sources.web_page.lines import PageLine
from dateline.messages import shown
from dateline.text.expressions import regex
from dateline.text.language import tag_of
from dateline.text.urls import web_address

_YEAR = regex(r"(?:19|20)\d\d")
_SCRIPTS = (("ar", "\u0600-\u06ff"), ("zh", "\u4e00-\u9fff"), ("ru", "\u0400-\u04ff"))
_MONTHS = {
    "fr": "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre",
    "es": "enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre"
    "|diciembre",
    "en": "january|february|march|april|may|june|july|august|september|october|november|december",
}


def read(page: FetchedPage, date_reader: DateReader, site: str) -> ImportSource:
    """Return the news on a saved page; links are resolved against `site`, else its own address."""
    saved = page_lines.read(page.data)
    base = site or saved.address or (page.place if is_web(page.place) else "")
    reader = _Reader(date_reader, web_address(base) or "")
    items = tuple(reader.items(saved.lines))
    return ImportSource(kind="saved page", items=items)


class _Reader:
    """Reader of the lines of one page; `base` is its address, or empty."""

    def __init__(self, date_reader: DateReader, base: str) -> None:
        self._date_reader = date_reader
        self._base = base
        self._year: int | None = None

    def items(self, lines: Sequence[PageLine]) -> Iterator[ImportedItem]:
        """Yield the news on the page."""
        above: tuple[DatedLine, PageLine] | None = None  # the last date outside lists
        loose: list[PageLine] = []  # the lines under it so far, outside lists
        for container, group in groupby(self._in_order(lines), key=lambda line: line.container):
            if container:
                contained = list(group)
                if own := self._contained(contained):
                    yield from self._under(above, loose)
                    above, loose = None, []
                    yield own
                elif above:
                    yield self._item(above[0], above[1], contained)
                    loose = []
                    above = (above[0], replace(above[1], text=""))
                continue
            for line in group:
                if _YEAR.fullmatch(line.text):
                    self._year = int(line.text)
                    continue
                dated = self._begins(line, is_headline=_is_bare(above) and not loose)
                if dated is None:
                    loose += [line] if above else []
                    continue
                yield from self._under(above, loose)
                above, loose = (dated, line), []
        yield from self._under(above, loose)

    def _in_order(self, lines: Sequence[PageLine]) -> list[PageLine]:
        """Return the lines with each date before its headline.

        A page has dates below headlines if more of the dates on lines of their own follow a
        headline than precede one.
        """
        alone = [
            (at, before, after)
            for at, (before, line, after) in enumerate(_neighbours(lines))
            if not line.container and self._is_alone(line)
        ]
        above = sum(_is_head(after) for _, _, after in alone)
        below = sum(_is_head(before) for _, before, _ in alone)
        found = list(lines)
        if below > above:
            for at, before, _ in alone:
                if before and _is_head(before):
                    found[at - 1 : at + 1] = [lines[at], before]
        return found

    def _is_alone(self, line: PageLine) -> bool:
        dated = self._date_reader.at_start(line.text, self._year)
        return dated is not None and not dated.rest

    def _begins(self, line: PageLine, *, is_headline: bool) -> DatedLine | None:
        """Return the date at the start of a line; the line after a bare date is its headline."""
        dated = self._date_reader.at_start(line.text, self._year)
        if dated and is_headline and dated.question and dated.rest:
            return None
        return dated

    def _under(
        self, above: tuple[DatedLine, PageLine] | None, loose: Sequence[PageLine]
    ) -> Iterator[ImportedItem]:
        if above and (above[0].rest or loose or above[1].text):
            yield self._item(*above, loose)

    def _contained(self, lines: list[PageLine]) -> ImportedItem | None:
        """Return the news in a container: its date is alone, at the start or the end of a line."""
        dated = [(line, self._date_reader.at_start(line.text, self._year)) for line in lines]
        alone = [(line, found) for line, found in dated if found and not found.rest]
        ahead = [(line, found) for line, found in dated if found]
        behind = [(line, self._date_reader.at_end(line.text)) for line in lines if not ahead]
        for line, found in (*alone, *ahead, *behind):
            if found:
                return self._item(found, line, [other for other in lines if other is not line])
        return None

    def _item(self, dated: DatedLine, line: PageLine, others: Sequence[PageLine]) -> ImportedItem:
        lines = [replace(line, text=dated.rest), *others] if dated.rest else list(others)
        head = next((one for one in lines if one.is_heading), None)
        head = head or next((one for one in lines if one.link), None)
        head = head or (lines[0] if lines else None)
        texts = [one.text for one in lines if one is not head]
        if head and len(head.text) > TITLE_LENGTH:  # a text without a title
            head, texts = replace(head, text=""), [head.text, *texts]
        link = next((one.link for one in (head, line, *others) if one and one.link), "")
        address = web_address(link, self._base, fragment=True) if link else None
        losses = [f"leads to {link}, from a page whose address is not known: add --site"]
        return ImportedItem(
            origin=f"line {line.number} ({shown((head or line).text)})",
            title=head.text if head else "",
            date=dated.day if lines else None,
            question=_question(dated, has_text=bool(lines)),
            link=address or "",
            html="".join(f"<p>{escape(text, quote=False)}</p>" for text in texts),
            language=_language(head or line, dated),
            losses=tuple(losses) if link and not address else (),
        )


def _neighbours(
    lines: Sequence[PageLine],
) -> Iterator[tuple[PageLine | None, PageLine, PageLine | None]]:
    return zip((None, *lines), lines, (*lines[1:], None), strict=False)


def _is_head(line: PageLine | None) -> bool:
    """Return whether a line looks like a headline: a heading or a link, and not a year."""
    return bool(line and (line.is_heading or line.link) and not _YEAR.fullmatch(line.text))


def _is_bare(above: tuple[DatedLine, PageLine] | None) -> bool:
    return above is not None and not above[0].rest


def _question(dated: DatedLine, *, has_text: bool) -> str:
    if dated.question is None:
        return "" if has_text else f"has a date, {dated.words}, and no headline"
    text = dated.question.as_problem("date", "en").message
    if dated.question.kind == "ambiguous-day-month":
        text += " Or add --order DMY, or MDY, for the whole page."
    return text


def _language(line: PageLine, dated: DatedLine) -> str:
    """Return the language: as the page states it, by its script, or by the name of the month."""
    if line.language and (tag := tag_of(line.language)):
        return tag
    for language, letters in _SCRIPTS:
        if re.search(f"[{letters}]", line.text or dated.words):
            return language
    for language, months in _MONTHS.items():
        if re.search(rf"\b(?:{months})\b", dated.words, re.IGNORECASE):
            return language
    return ""
