"""The days, moments and spans of a draft's fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice, product

from dateline.entries import dates
from dateline.entries.dates import vocabulary
from dateline.entries.normalise.embargo_ends import EDGES, EmbargoEnds, day_of, words
from dateline.entries.normalise.field_problems import FieldProblems
from dateline.entries.normalise.not_public.staff_notes import (
    consists_of_notes,
    has_time,
    names_moment,
    names_weekday,
)
from dateline.errors import DateError, Problem
from dateline.messages import shown
from dateline.messages.values import Value
from dateline.model import Publication, Span, Story
from dateline.text import withheld
from dateline.text.expressions import regex
from dateline.text.moments import moment_of

_YEAR = regex(r"(?:19|20)\d\d")
_UNTIL = regex(
    r"\b(?:until|till|to|pending|before|jusqu\w*|avant|hasta|antes|até|fino|bis|vor|до)\b|حتى|قبل|[至到前]",
    re.IGNORECASE,
)
_ONE_DAY = regex(r"\D*\b\d\d?\b\D{1,20}\b(?P<year>(?:19|20)\d\d)\b\D*")
_LABEL = regex(r"\b(?:date|fecha|data|datum|дата)\b|تاريخ", re.IGNORECASE)
_DIGIT = regex(r"\d")
_TIME = regex(r"\d[:.h]\d\d(?!\d)")
_LONGEST_LINE = 200  # characters, of an embargo
_A_YEAR = range(335, 396)
_PART = regex(r"[^,;()–—|]*[^\W\d_][^,;()–—|]*")
_MOST_PARTS = 8
_UNREAD = frozenset({"not-a-date", "two-dates", "unknown-word", "vague"})
# Behind a day; before it, the word says what the day is.
_EMBARGOED = regex(r"\d\D*\b(?P<word>embarg\w*)\D*\Z", re.IGNORECASE)
_DOUBT = regex(
    r"\b(?:approv\w+|confiden\w+|embarg\w*|not (?:final|for|yet)|provisional|review"
    r"|t\.?b\.?[acd]|tentative|unconfirmed|wait\w*|"
    + withheld.alternatives(withheld.STATES | withheld.EMBARGO | withheld.EMBARGO_LINE)
    + r")\b",
    re.IGNORECASE,
)


@dataclass(slots=True, kw_only=True)
class DateFields:
    """Reader of the dates of one draft in `language`."""

    fields: FieldProblems
    publication: Publication
    language: str
    now: datetime

    def span(self, name: str) -> Span | None:
        """Read a field as a day, a moment or a span; None where it is absent, or none."""
        value = self.fields.draft.fields.get(name)
        if value is None:
            return None
        try:
            span = self._read(name, value)
        except DateError as error:
            wanted = error.wanted
            if name == "date" and (doubt := _doubt(error, value)):
                self._report_doubt(doubt)
                return None
            if error.kind == "no-year":
                wanted = self._with_year(name, value) or wanted
            self.fields.report(f"date-{error.kind}", name, found=error.found, wanted=wanted)
            return None
        is_day = name == "date" and span.precision == "day"
        if is_day and (embargo := _EMBARGOED.search(str(value))):
            self._report_doubt(embargo["word"])
            return None
        if name == "event":
            self._report_words_beside(str(value), span)
        return span

    def _report_words_beside(self, text: str, span: Span) -> None:
        """Report what an event says beside its moment, such as its place."""
        place = str(self.fields.draft.fields.get("place", "")).casefold()
        parts = [*islice(_PART.finditer(text), _MOST_PARTS)]
        beside = [part[0].strip() for part in parts if self._is_beside_moment(text, part, span)]
        if unseen := [one for one in beside if one.casefold() not in place]:
            self.fields.report("event-more", "event", found=shown(", ".join(unseen)))

    def _is_beside_moment(self, text: str, part: re.Match[str], span: Span) -> bool:
        """Return whether a part of a text is no day, time or zone, but other words."""
        said = vocabulary.fold(part[0].strip())
        if consists_of_notes(said) and said not in vocabulary.cities():
            return False
        try:
            rest = text[: part.start()].rstrip(EDGES + " ") + text[part.end() :].lstrip(")")
            return self._read("event", rest.strip(EDGES + " ")) == span
        except DateError:
            return False

    def _report_doubt(self, word: str) -> None:
        later = self.later_moment(str(self.fields.draft.fields["date"]), (), None)
        self.fields.report("not-public-date", "date", found=shown(word), wanted=later)

    def moment(self, name: str, of_day: time) -> datetime | None:
        """Read a field that is one moment; a bare day means `of_day` in the site's zone."""
        span = self.span(name)
        if span is None:
            return None
        last = Span(
            start=span.end,
            end=span.end,
            precision="day" if span.precision == "month" else span.precision,
        )
        if span != last:
            found = shown(str(self.fields.draft.fields[name]))
            self.fields.report("expires-is-long", name, found=found, wanted=dates.words(last))
        return moment_of(span.end, of_day, self.publication.zone)

    def is_over(self, embargo: str, published: date) -> bool:
        """Return whether a line of old news names no day to come.

        News of the last thirteen months may have the wrong year. A line that is a day of years
        before its date is one of history there, as in “Embargo lifted: 5 March 1994”.
        """
        if not self._is_recent(published):
            return not any(self._today <= day for day in self._named_days(embargo, published))
        history = _ONE_DAY.fullmatch(embargo) if len(embargo) <= _LONGEST_LINE else None
        if history is None or int(history["year"]) >= published.year - 1:
            return False
        is_open = _UNTIL.search(embargo) or has_time(embargo) or names_weekday(embargo)
        return not is_open and consists_of_notes(embargo)

    def is_ahead(self, release: str, written: Span) -> bool:
        """Return whether a line names a day to come after the date, or a time of today to come.

        Beside a date with a time, only what can be read for sure counts. A time without a day is
        of the date.
        """
        published = written.first_day
        ends = self._likely_ends(release, published)
        if isinstance(written.start, datetime):
            moments = [*map(self._begin, ends)]
            is_same = published in ends or written.start in moments
            return not is_same and max(moments, default=self.now) > max(written.start, self.now)
        is_timed = has_time(release) or bool(_TIME.search(" ".join(words(release))))
        if ends and (is_timed or any(isinstance(one, datetime) for one in ends)):
            return any(self._is_still_to_come(one, published) for one in ends)
        if self._is_history(release, published):
            return False
        named = {*self._named_days(release, published)} or {published}
        if is_timed:
            return any(self._is_to_come(day, published) for day in named)
        return any(
            self._today < day and self._is_to_come(day, published)
            for day in named
            if published < day
        )

    def _is_history(self, release: str, published: date) -> bool:
        """Return whether a line is the day of an older report, as in its box of facts."""
        found = _ONE_DAY.fullmatch(release) if len(release) <= _LONGEST_LINE else None
        is_label = bool(_LABEL.search(release)) and consists_of_notes(release)
        return found is not None and is_label and int(found["year"]) < published.year - 1

    def is_pending(self, embargo: str, published: date) -> bool:
        """Return whether an embargo names a day to come, or in recent news one that is not read."""
        ends = self._likely_ends(embargo, published)
        if any(self._is_still_to_come(one, published) for one in ends if isinstance(one, datetime)):
            return True  # the day is over here, not where the embargo ends
        days = [*self._named_days(embargo, published)]
        if days:
            return any(self._is_to_come(day, published) for day in days)
        is_open = has_time(embargo) or names_moment(_DIGIT.sub("", embargo))
        return is_open and self._is_recent(published)

    def _is_recent(self, published: date) -> bool:
        """Return whether a date is to come, or less than thirteen months ago by a slip."""
        return (self._today - published).days < _A_YEAR.stop

    @property
    def _today(self) -> date:
        """The day of this moment in the site's zone."""
        return self.now.astimezone(self.publication.zone).date()

    def _ends(self, near: date) -> EmbargoEnds:
        return EmbargoEnds(
            read=lambda text, year, order: self._read("date", text, year, order),
            near=near,
            order=self.publication.date_order,
        )

    def _likely_ends(self, line: str, published: date) -> frozenset[date]:
        """Return the readings of a line, or those of the day of the date, if it may be that."""
        ends = self._ends(published).of(line)
        return frozenset(one for one in ends if day_of(one) == published) or ends

    def _begin(self, day: date) -> datetime:
        return moment_of(day, time.min, self.publication.zone)

    def later_moment(self, embargo: str, more: Sequence[str], written: Span | None) -> str:
        """Return the moment to wait for, as staff type it: that of an embargo, if it is sure.

        It is that of the date if the embargo names none, or may mean that one. Otherwise it is an
        example that is later than the date, and than the days that the embargo names.
        """
        near = written.first_day if written else self._today
        ends = {*self._ends(near).of(embargo, more)}
        if not ends and near in {*self._named_days(" ".join(more), near)}:  # of a dateline
            ends = {*self._ends(near).of(embargo)}
        sure = self._begin(min(ends)) if len(ends) == 1 else self.now
        if sure > self.now:
            if isinstance(min(ends), datetime):
                return self._minute(sure)
            return f"{min(ends)} 09:00"
        named = " ".join((embargo, *more))
        names_none = not (names_moment(named) or has_time(named))
        start = written.start if written and isinstance(written.start, datetime) else self.now
        if start > self.now and (names_none or start in map(self._begin, ends)):
            return self._minute(start)
        days = {*map(day_of, ends)} or {*self._named_days(named, near)}
        days = {one for one in days if self._is_to_come(one, near)}
        last = [self.now, self._begin(near), *map(self._begin, days)]
        if not days and names_moment(named):  # it may be a day of this week
            last.append(self.now + timedelta(days=6))
        return a_later_moment(max(last), self.publication)

    def _is_to_come(self, day: date, published: date) -> bool:
        return self._today <= day < published + timedelta(days=_A_YEAR.start)

    def _is_still_to_come(self, end: date, published: date) -> bool:
        last = published + timedelta(days=_A_YEAR.start)
        return self.now < self._begin(end) < self._begin(last)

    def _named_days(self, line: str, published: date) -> Iterator[date]:
        """Yield the days that a line names, that of the date if it may be.

        Without a year they are of that of the date and of the next one.
        """
        said = words(line) if len(line) <= _LONGEST_LINE else []
        last = published + timedelta(days=_A_YEAR.start)
        order = self.publication.date_order
        ways = [*product(sorted({published.year, last.year}), (order,) if order else dates.ORDERS)]
        for end in range(1, len(said) + 1):
            days = {self._day_in(said[:end], *way) for way in ways}
            yield from (published,) if published in days else sorted(filter(None, days))

    def _day_in(
        self,
        said: Sequence[str],
        year: int | None = None,
        order: dates.Order | None = None,
    ) -> date | None:
        """Return the day that the last words of some are, of a year where they have none."""
        for number in (5, 4, 3, 2, 1):
            written = " ".join(said[-number:]).strip(EDGES)
            if _DIGIT.search(written):
                with suppress(DateError):
                    return self._read("date", written, year, order).first_day
        return None

    def check_order(self, story: Story) -> None:
        """Mark an end or a change before the beginning, and a change that has not been yet."""
        if story.updated is None and story.expires is None:
            return
        start = moment_of(story.date.start, time.min, self.publication.zone)
        for name in ("updated", "expires"):
            moment = getattr(story, name)
            if moment is None or moment >= start:
                continue
            found, wanted = self._day(moment), self._day(start)
            day = start.astimezone(self.publication.zone).date()
            noon = moment_of(day, time(12), self.publication.zone)
            if found == wanted:
                found, wanted = self._minute(moment), self._minute(start)
            if name == "expires" or moment != noon:  # a bare day is its noon
                self.fields.report(f"{name}-before-date", name, found=found, wanted=wanted)
        if story.updated is not None and self._day(story.updated) > self._day(self.now):
            self.fields.report("updated-ahead", "updated", found=self._day(story.updated))

    def _read(
        self,
        name: str,
        value: object,
        year: int | None = None,
        order: dates.Order | None = None,
    ) -> Span:
        return dates.read(
            value,
            use="date" if name in {"date", "updated"} else "event",
            zone=self.publication.zone,
            today=self._today,
            language=self.language,
            order=order or self.publication.date_order,
            year=year,
        )

    def _with_year(self, name: str, value: object) -> Value:
        """Return the text to type for a day without a year: the one nearest to `date`."""
        if name == "date" or "date" not in self.fields.draft.fields:
            return ""
        found: list[Span] = []
        with suppress(DateError):
            near = self._read("date", self.fields.draft.fields["date"]).first_day
            for year in (near.year - 1, near.year, near.year + 1):
                with suppress(DateError):  # it is another day of the week, or no leap year
                    found.append(self._read(name, value, year))
            if name in {"expires", "updated"}:
                found = [one for one in found if one.first_day >= near]
            found.sort(key=lambda one: abs(one.first_day - near))
        return dates.words(found[0]) if found else ""

    def _day(self, moment: datetime) -> str:
        """Return the day of a moment in the site's zone, as staff would write it."""
        return moment.astimezone(self.publication.zone).date().isoformat()

    def _minute(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.publication.zone):%Y-%m-%d %H:%M}"


def a_later_moment(now: datetime, publication: Publication) -> str:
    """Return the example of a moment to wait for: tomorrow at nine."""
    return f"{now.astimezone(publication.zone).date() + timedelta(days=1)} 09:00"


def _doubt(error: DateError, value: object) -> str:
    """Return the word of a date by which the news may not appear yet, or nothing."""
    found = _DOUBT.search(value) if isinstance(value, str) else None
    return found[0] if found and error.kind in _UNREAD else ""


def completed(note: Problem, story: Story) -> Problem:
    """Return a note with the reading of a date without quotes, which is known only now."""
    if note.code != "date-read":
        return note
    span = getattr(story, note.field or "date")
    if isinstance(span, datetime):
        return replace(note, wanted=span.date().isoformat())
    whole_day = span.precision == "day" and span.start == span.end
    return replace(note, wanted=span.start.isoformat() if whole_day else dates.words(span))
