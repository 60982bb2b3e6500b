"""From a `Draft`, what a file says, to a `Story`, what it means.

Dates become moments or spans (`date_fields`), addresses absolute, names of files the files
(`file_references`), Markdown safe HTML (`markdown`), the language a tag; texts are in NFC without
control characters. Problems are collected on the way (`field_problems`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from dateline.entries import pasted, template
from dateline.entries.fields import (
    FIELD_LENGTH,
    FILES,
    INDEXED,
    LINES,
    LIST_LENGTH,
    NAMES,
    PLAIN,
    TITLE_LENGTH,
)
from dateline.entries.normalise import elements, markdown, not_public, nothing_lost, numbers
from dateline.entries.normalise.date_fields import DateFields, completed
from dateline.entries.normalise.field_problems import FieldProblems
from dateline.entries.normalise.file_references import FileReferences, FileSource
from dateline.entries.normalise.links import leads_indoors, unwrapped, with_file_names, with_spaced
from dateline.entries.normalise.not_public.lines_below import below
from dateline.entries.normalise.not_public.plain import without_code
from dateline.entries.parse.kept_back import is_not_public
from dateline.errors import MarkupError, Problem, State
from dateline.messages import CATALOGUE, shown
from dateline.model import Draft, Kind, Publication, Span, Story
from dateline.text.characters import OVERRIDES, TURNS_TEXT, clean_text, sifted
from dateline.text.expressions import regex
from dateline.text.weight import HEAVY, weight
from dateline.text.withheld import alternatives

__all__ = ["FileSource", "day_of", "normalise"]

# Texts that are shown on one line, beside other texts.
_IN_LINES = PLAIN | {"editor", "retraction"}
_SENTENCES = frozenset({"correction", "image_alt", "image_caption", "image_credit", "summary"})
_OUTER = 3  # lines at either end of a text
_FIELD = regex(
    rf"""^[ ]{{0,3}}(?:{alternatives(NAMES)}[ \t]*=[ \t]*(?:"[^"]*"|'[^']*'|[“„][^“”]*[“”]|\[.*\]"""
    r"|true|yes|\d{4}-\d\d-\d\d[\d:T Z+-]*)|draft[ \t]*:[ \t]*true)[ \t]*[,;]?[ \t]*(?:#.*)?$",
    re.IGNORECASE | re.MULTILINE,
)
_STRAY_QUOTES = regex(r'\A"{1,2}[ \t]*\n|\n[ \t]*"{1,2}\Z')  # of four or five in place of three
_LINE_SPACES = regex(r"[\t\n\r]")


def normalise(
    draft: Draft, *, publication: Publication, files: FileSource, now: datetime
) -> tuple[Story, tuple[Problem, ...]]:
    """Return the story of `draft`, and the problems that staff should know about.

    Raises `EntryError` with every problem of the file at once.
    """
    fields = FieldProblems(draft=draft, problems=[*draft.faults])
    is_retracted = fields.line("status") == "retracted" and bool(fields.line("retraction"))
    places = FileReferences(
        fields=fields,
        files=files,
        url=publication.url,
        home=publication.home,
        is_retracted=is_retracted,
    )
    story = _Reader(fields=fields, places=places, publication=publication, now=now).story()
    fields.check()
    notes = [completed(note, story) for note in draft.notes]
    return story, (*notes, *fields.problems)


def day_of(draft: Draft, *, publication: Publication, now: datetime) -> date | None:
    """Return the day of `draft` in the publication's zone; None where none can be read."""
    fields = FieldProblems(draft=draft, problems=[*draft.faults])
    language = _language(fields, publication)
    span = DateFields(fields=fields, publication=publication, language=language, now=now).span(
        "date"
    )
    start = span.start if span else None
    return start.astimezone(publication.zone).date() if isinstance(start, datetime) else start


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Reads the fields of one draft."""

    fields: FieldProblems
    places: FileReferences
    publication: Publication
    now: datetime
    _ways: set[str] = field(default_factory=set)
    _date: Span | None = None
    _moments: DateFields = field(init=False)

    def story(self) -> Story:
        self._check_lengths()
        fields, places = self.fields, self.places
        language = _language(fields, self.publication)
        link = places.link()
        moments = DateFields(
            fields=fields, publication=self.publication, language=language, now=self.now
        )
        written = self._date = moments.span("date")
        self._moments = moments
        story = Story(
            path=fields.draft.path,
            title=self._title(),
            html=self._html(base=link or self.publication.url),
            language=language,
            kind=self._kind(),
            link=link,
            categories=self._categories(),
            authors=fields.names("authors"),
            image=places.image(),
            attachments=places.attachments(),
            inline=places.inline,
            event=moments.span("event"),
            draft=fields.draft.fields.get("draft") is True,
            expires=moments.moment("expires", time.max),
            updated=moments.moment("updated", time(12)),
            correction=fields.lines("correction"),
            retraction=self._retraction(),
            id=self._id(),
            **{name: fields.line(name) for name in LINES},
            date=self._sure(written),  # last, for it raises where anything is wrong
        )
        moments.check_order(story)
        story = _retracted(story) if story.retraction else story
        if (bytes_ := weight(story)) > HEAVY:
            self.fields.report("text-heavy", "body", found=bytes_ // 1000)
        return story

    def _sure(self, written: Span | None) -> Span:
        """Return the date, once no problem holds the entry."""
        self._check_markup()
        self._check_name(has_moment=written is not None and isinstance(written.start, datetime))
        self.fields.check()
        if written is None:
            raise AssertionError  # what is not read as a date is a problem
        return written

    def _id(self) -> str | None:
        """Return the id as it was published elsewhere, with all its spaces, on one line."""
        written = self.fields.text("id")
        return _LINE_SPACES.sub(" ", written) if written else None

    def _title(self) -> str:
        title = self.fields.text("title")
        if not any(map(markdown.is_seen, title)):
            self.fields.report("title-invisible", "title")
        if title == template.TITLE:
            self.fields.report("title-template", "title")
        if "\n" in title:
            self.fields.report("title-lines", "title")
        if len(title) > TITLE_LENGTH:  # held in any case, so that no time is spent on its words
            self.fields.report("title-too-long", "title", found=str(len(title)))
        elif not self._is_kept() and (found := not_public.part_of_title(title)):
            wanted = self._moments.later_moment(found, (), self._date)
            self.fields.report("not-public-title", "title", found=shown(found), wanted=wanted)
        if not title.isprintable() and TURNS_TEXT.search(title):
            self.fields.report("title-direction", "title")
        return " ".join(title.split())

    def _html(self, *, base: str) -> str:
        text = self._body()
        if template.BODY in text and template.BODY in text.splitlines():
            self.fields.report("body-template", "body")
        if not text.isascii() and OVERRIDES.search(text):
            self.fields.report_in_body("body-direction", OVERRIDES.findall(text)[0])
            text = OVERRIDES.sub("", text)
        self._check_public("body", text)
        if _FIELD.search(text):
            self._check_fields(text)
        text = unwrapped(
            text, lambda address: self.fields.report_in_body("link-unwrapped", address)
        )
        text = pasted.read(elements.without_open(with_spaced(text)), self._report_reading)
        text = numbers.as_written(nothing_lost.with_all_words(text))
        text = with_file_names(text, self._spaced)
        try:
            whole = markdown.to_html(
                text, base=base, beside=self.places.beside, lost=self.places.report_lost
            )
        except MarkupError:
            self.fields.report("body-too-hard", "body")
            return ""
        whole = self.places.with_pictures(whole)
        self._check_body(whole)
        if "&" in text:  # Markdown's character references bring back what the text lost
            whole = OVERRIDES.sub("", sifted(whole))
        if not (markdown.has_text(whole) or "<img" in whole or self._hides_text()):
            self.fields.report("body-invisible", "body")
        return whole

    def _is_kept(self) -> bool:
        """Return whether a text may say what it likes: drafts, imports, retracted entries."""
        fields = self.fields.draft.fields
        return fields.get("draft") is True or "id" in fields or self.places.is_retracted

    def _check_public(self, name: str, text: str) -> None:
        """Hold a text with parts that are not for readers, such as an embargo line."""
        if self._is_kept():
            return
        written, moments = self._date, self._moments
        found = not_public.parts(
            text,
            has_moment=written is not None and isinstance(written.start, datetime),
            is_over=lambda line: bool(written and moments.is_over(line, written.first_day)),
            is_pending=lambda line: bool(written and moments.is_pending(line, written.first_day)),
            is_ahead=lambda line: bool(written and moments.is_ahead(line, written)),
            language=moments.language,
        )
        wanted = moments.later_moment(found[0], below(found[0], text), written) if found else ""
        for part in found:
            if name == "body":
                self.fields.report_in_body("not-public", part, wanted)
            elif name != "image_credit" or not_public.is_of_all_news(part):
                self.fields.report("not-public", name, found=shown(part), wanted=wanted)

    def _check_fields(self, text: str) -> None:
        """Hold a text with a line above or below it that is meant as a field."""
        lines = [one for one in without_code(text).split("\n") if one.strip()]
        found = filter(_FIELD.match, dict.fromkeys([*lines[:_OUTER], *lines[-_OUTER:]]))
        for line in () if self._is_kept() else found:
            self.fields.report_in_body("body-field", line.strip())

    def _check_name(self, *, has_moment: bool) -> None:
        """Hold a file whose name, or folder, says that it is a draft."""
        path = self.fields.draft.path
        if not (has_moment or self._is_kept()) and (found := not_public.part_of_name(path)):
            wanted = self._moments.later_moment(found, (), self._date)
            self.fields.problems.append(
                Problem(code="name-not-public", file=path, found=shown(found), wanted=wanted)
            )

    def _hides_text(self) -> bool:
        """Return whether a file that the body names is the reason that nothing can be seen."""
        return self.places.is_retracted or self.fields.is_held("body")

    def _body(self) -> str:
        """Return the body as it stands, with plain ends of lines, and no quote too many around."""
        text = clean_text(
            pasted.with_line_ends(str(self.fields.draft.fields.get("body", "")))
        ).strip()
        if '"' in {text[:1], text[-1:]} and (found := _STRAY_QUOTES.findall(text)):
            self.fields.report("quotes-ignored", "body", found=found[0].strip())
            text = _STRAY_QUOTES.sub("", text).strip()
        return text

    def _check_body(self, whole: str) -> None:
        """Report footnotes that are not there, and links to private addresses."""
        if "[^" in whole:
            for sign in markdown.notes_missing(whole):
                self.fields.report_in_body("body-note-missing", sign)
        if "://" in whole:
            for address in markdown.links_of(whole):
                if leads_indoors(address, self.publication.url):
                    self.fields.report_in_body("body-link-indoors", address)

    def _report_reading(self, code: str, found: str) -> None:
        """Report what was read otherwise than written: each way once, each warning always."""
        if CATALOGUE[code].state == State.WARN or code not in self._ways:
            self._ways.add(code)
            self.fields.report_in_body(code, found)

    def _spaced(self, name: str) -> None:
        self.fields.report_in_body("body-link-read", name)

    def _check_lengths(self) -> None:
        """Hold fields that are too long for the lists and feeds that repeat them, or an index.

        No time is spent on the words of such a file, which is read in each run.
        """
        for name, given in self.fields.draft.fields.items():
            length, most = _length(given), LIST_LENGTH if name == "attachments" else FIELD_LENGTH
            code = "text-too-long"
            if length <= most and name in INDEXED:
                each = given if isinstance(given, list) else [given]
                length, most = max(map(_length, each), default=0), INDEXED[name]
                code = "item-too-long" if len(each) > 1 else code
            if name not in {"body", "title"} and length > most:
                self.fields.report(code, name, found=str(length), wanted=str(most))
                self.fields.check()

    def _check_markup(self) -> None:
        """Hold texts with markup in them: some readers would show it, others obey it."""
        for name, text, line in self._texts_in_lines():
            if name != "title" and not text.isprintable() and TURNS_TEXT.search(text):
                self.fields.report("text-direction", name, line=line)
            if name not in PLAIN and name not in FILES:
                continue
            if name in _SENTENCES:
                self._check_public(name, text)
            # Some readers interpret text between < and > in a title.
            if found := markdown.markup_in(text, any_name=name == "title"):
                self.fields.report("text-markup", name, found=shown(found), line=line)

    def _texts_in_lines(self) -> Iterator[tuple[str, str, int | None]]:
        """Yield each text that is shown on one line: its field, itself, and its line."""
        for name, given in self.fields.draft.fields.items():
            if name in _IN_LINES:
                yield name, " ".join(given) if isinstance(given, list) else str(given), None
        for name in () if self.places.is_retracted else FILES:
            yield from ((name, one.title, one.line) for one in self.fields.files(name))

    def _retraction(self) -> str:
        status, reason = self.fields.line("status"), self.fields.line("retraction")
        if is_not_public(status):
            self.fields.report("status-draft", "status", found=shown(status))
        elif status and status != "retracted":
            self.fields.report("status-unknown", "status", found=shown(status))
        elif status and not reason and not self.fields.is_held("retraction"):
            self.fields.report("retraction-missing", "status")
        elif reason and not status and not self.fields.is_held("status"):
            self.fields.report("retraction-alone", "retraction")
        return reason

    def _categories(self) -> tuple[str, ...]:
        categories = self.fields.names("categories")
        for category in categories:
            if "," in category or "|" in category:
                self.fields.report("category-sign", "categories", found=shown(category))
        return categories

    def _kind(self) -> Kind:
        if "event" in self.fields.draft.fields:
            return "event"
        return "publication" if "attachments" in self.fields.draft.fields else "news"


def _length(given: object) -> int:
    """Return the characters of a text, or of all texts in a list or a table."""
    if isinstance(given, dict | list):
        return sum(_length(one) for one in (given.values() if isinstance(given, dict) else given))
    return len(given) if isinstance(given, str) else 0


def _retracted(story: Story) -> Story:
    """Put the reason in the place of the text (`docs/entries.md`)."""
    return replace(
        story,
        html=f"<p>{html.escape(story.retraction, quote=False)}</p>",
        summary="",
        image=None,
        attachments=(),
        inline=(),
    )


def _language(fields: FieldProblems, publication: Publication) -> str:
    written = fields.line("language")
    if not written:
        return publication.language
    return fields.tag("language", written) or publication.language
