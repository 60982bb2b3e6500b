"""What does an entry mean?

A `Draft` becomes a `Story`: dates are moments or spans, Markdown is safe HTML, addresses are
absolute, the language is a tag, texts are in NFC without control characters.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Protocol
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo

from dateline import dates, markup, template
from dateline.address import web_address
from dateline.errors import DateError, EntryError, Problem, State
from dateline.fields import BODY_TEXT, PLAIN_TEXTS
from dateline.guide import TITLE_LENGTH
from dateline.language import near_language, tag_of
from dateline.letters import sifted, tidy
from dateline.links import Link, leads_indoors, link_of, names_a_file
from dateline.media import media_type_of
from dateline.messages import shown
from dateline.model import Draft, Kind, Media, Publication, Span, Story
from dateline.wanted import is_on_a_computer, own_place, typed

_TURNS_TEXT = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Files(Protocol):
    """The files beside an entry (`dateline.beside.Beside`)."""

    def take(self, name: str) -> Media | None:
        """Publish the file called `name`; None where there is none."""

    def names(self, wanted: str) -> str:
        """Say which files are there that `wanted` could mean."""


def normalise(
    draft: Draft, *, publication: Publication, files: Files, now: datetime
) -> tuple[Story, tuple[Problem, ...]]:
    """Give what `draft` means, and what staff should know about it.

    Raises `EntryError` with every problem of the file at once.
    """
    reader = _Reader(draft=draft, publication=publication, files=files, now=now)
    story = reader.story()
    reader.check()
    return story, (*(_completed(note, story) for note in draft.notes), *reader.problems)


def _completed(note: Problem, story: Story) -> Problem:
    """Say how a date without quotes was read, which only is known now."""
    if note.code != "date-read":
        return note
    span = getattr(story, note.field or "date")
    if isinstance(span, datetime):
        return replace(note, wanted=span.date().isoformat())
    whole_day = span.precision == "day" and span.start == span.end
    return replace(note, wanted=span.start.isoformat() if whole_day else dates.words(span))


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Reads the fields of one draft, gathering what is wrong with them."""

    draft: Draft
    publication: Publication
    files: Files
    now: datetime
    problems: list[Problem] = field(default_factory=list)

    def story(self) -> Story:
        language = self._language()
        link = self._link()
        date_written = self._span("date", language)
        whole = partial(
            Story,
            path=self.draft.path,
            title=self._title(),
            html=self._html("body", base=link or self.publication.url),
            summary=self._line("summary"),
            language=language,
            kind=self._kind(),
            link=link,
            categories=self._categories(),
            authors=self._names("authors"),
            editor=self._line("editor"),
            image=self._image(),
            attachments=self._attachments(),
            event=self._span("event", language),
            place=self._line("place"),
            translation_of=self._line("translation_of"),
            draft=self.draft.fields.get("draft") is True,
            expires=self._moment("expires", language, time.max),
            updated=self._moment("updated", language, time(12)),
            correction=self._line("correction"),
            retraction=self._retraction(),
            id=self._id(),
        )
        self._check_markup()
        self.check()
        if date_written is None:
            raise AssertionError  # what is not read as a date is a problem
        story = whole(date=date_written)
        self._check_order(story)
        return _retracted(story) if story.retraction else story

    # ---- Texts

    def _text(self, name: str) -> str:
        written = self.draft.fields.get(name)
        return tidy(str(written)).strip() if written is not None else ""

    def _line(self, name: str) -> str:
        return " ".join(self._text(name).split()) if name in self.draft.fields else ""

    def _id(self) -> str | None:
        """Give the id as it was published elsewhere, with all its spaces, on one line."""
        written = self._text("id") if "id" in self.draft.fields else ""
        return re.sub(r"[\t\n\r]", " ", written) or None

    def _title(self) -> str:
        title = self._text("title")
        if not any(map(markup.is_seen, title)):
            self._say("title-invisible", "title")
        if title == template.TITLE:
            self._say("title-template", "title")
        if "\n" in title:
            self._say("title-lines", "title")
        if len(title) > TITLE_LENGTH:
            self._say("title-too-long", "title", found=str(len(title)))
        if not title.isprintable() and _TURNS_TEXT.search(title):
            self._say("title-direction", "title")
        return self._line("title")

    def _html(self, name: str, *, base: str) -> str:
        text = self._text(name)
        if template.BODY in text and template.BODY in text.splitlines():
            self._say("body-template", name)
        text = markup.joined(text, self._spaced)
        whole = markup.to_html(text, base=base, beside=self._address_beside)
        if "&#" in text:  # Markdown's character references bring back what the text lost
            whole = sifted(whole)
        if not (markup.has_text(whole) or "<img" in whole):
            self._say("body-invisible", name)
        return whole

    def _spaced(self, name: str) -> None:
        self._say_in_body("body-link-read", name)

    def _address_beside(self, name: str) -> str | None:
        """Give where readers find a file of this name: nothing where it is missing."""
        bare = unquote(name.partition("?")[0])
        if not names_a_file(bare):
            return None
        told = len(self.problems)
        taken = self._take(bare, "body")
        if taken is None and len(self.problems) == told:
            self._say_in_body("image-not-there", bare, wanted=self.files.names(bare))
        self.problems[told:] = [
            replace(problem, line=self._line_in_body(bare)) for problem in self.problems[told:]
        ]
        return taken.url if taken else ""

    def _say_in_body(self, code: str, found: str, wanted: str = "") -> None:
        self._say(code, "body", found=shown(found), wanted=wanted)
        self.problems[-1] = replace(self.problems[-1], line=self._line_in_body(found))

    def _line_in_body(self, found: str) -> int | None:
        """Give the line of the file on which `found` stands in the body."""
        text = str(self.draft.fields.get("body", ""))
        at = max(text.find(found), text.find(quote(found)))
        first = self.draft.lines.get(BODY_TEXT)
        return (
            first + text.count("\n", 0, at) if first and at >= 0 else self.draft.lines.get("body")
        )

    def _check_markup(self) -> None:
        """Hold texts with markup in them: some readers would show it, others obey it."""
        for name, given in self.draft.fields.items():
            if name not in PLAIN_TEXTS:
                continue
            text = " ".join(given) if isinstance(given, list) else str(given)
            # In a title, some readers obey whatever stands between < and >.
            if found := markup.markup_in(text, any_name=name == "title"):
                self._say("text-markup", name, found=shown(found))

    def _retraction(self) -> str:
        status, reason = self._line("status"), self._line("retraction")
        if status.casefold() in {"draft", "brouillon", "borrador"}:
            self._say("status-draft", "status", found=shown(status))
        elif status and status != "retracted":
            self._say("status-unknown", "status", found=shown(status))
        elif status and not reason:
            self._say("retraction-missing", "status")
        elif reason and not status:
            self._say("retraction-alone", "retraction")
        return reason

    # ---- Names

    def _names(self, name: str) -> tuple[str, ...]:
        given = self.draft.fields.get(name)
        if not given:
            return ()
        values = given if isinstance(given, list) else []
        names = (" ".join(tidy(str(value)).split()) for value in values)
        first: dict[str, str] = {}
        for found in names:
            first.setdefault(found.casefold(), found)
        return tuple(found for found in first.values() if found)

    def _categories(self) -> tuple[str, ...]:
        categories = self._names("categories")
        for category in categories:
            if "," in category or "|" in category:
                self._say("category-sign", "categories", found=shown(category))
        return categories

    def _language(self) -> str:
        written = self._line("language")
        if not written:
            return self.publication.language
        tag = tag_of(written)
        if tag is None:
            near = near_language(written)
            code = "language-misspelt" if near else "language-unknown"
            self._say(code, "language", found=shown(written), wanted=near)
        elif tag.casefold() != written.casefold():
            self._say("language-read", "language", found=shown(written), wanted=tag)
        return tag or self.publication.language

    def _kind(self) -> Kind:
        if "event" in self.draft.fields:
            return "event"
        return "publication" if "attachments" in self.draft.fields else "news"

    # ---- Addresses and files

    def _link(self) -> str | None:
        written = self._line("link")
        if not written:
            return None
        link = link_of(written)
        if link.address and leads_indoors(link.address, self.publication.url):
            link = Link(None, "link-indoors")
        if link.code:
            self._say(link.code, "link", found=shown(written), wanted=link.wanted)
        return link.address

    def _on_a_computer(self, name: str, written: str) -> None:
        code, wanted = own_place(name, written)
        self._say(code, name, found=shown(written), wanted=wanted)

    def _image(self) -> Media | None:
        written = self._line("image")
        if written and not media_type_of(unquote(written)).startswith(
            ("image/", media_type_of(""))
        ):
            wanted = typed("attachments", written)
            self._say("image-no-picture", "image", found=shown(written), wanted=wanted)
            return None
        image = self._media(written, "image") if written else None
        if image is None:
            return None
        if not self._line("image_alt"):
            self._say("image-no-alt", "image")
        return replace(image, alt=self._line("image_alt"), credit=self._line("image_credit"))

    def _attachments(self) -> tuple[Media, ...]:
        found = (self._media(name, "attachments") for name in self._names("attachments"))
        return tuple(media for media in found if media)

    def _media(self, written: str, name: str) -> Media | None:
        """Give a file beside the entry, or one that stays at its web address."""
        address = web_address(written)
        if address:
            title = tidy(unquote(urlsplit(address).path.rsplit("/", 1)[1]))
            return Media(
                url=address, path=None, media_type=media_type_of(title), length=0, title=title
            )
        if is_on_a_computer(written):
            self._on_a_computer(name, written)
            return None
        told = len(self.problems)
        taken = self._take(written, name)
        if taken is None and len(self.problems) == told:
            wanted = self.files.names(written)
            self._say("image-not-there", name, found=shown(written), wanted=wanted)
        return taken

    def _take(self, written: str, name: str) -> Media | None:
        try:
            return self.files.take(written)
        except EntryError as error:
            line = self.draft.lines.get(name)
            self.problems += [replace(problem, line=line, field=name) for problem in error.problems]
            return None

    # ---- Dates

    def _span(self, name: str, language: str) -> Span | None:
        value = self.draft.fields.get(name)
        if value is None:
            return None
        try:
            return self._read(name, value, language)
        except DateError as error:
            wanted = error.wanted
            if error.kind == "no-year":
                wanted = self._with_year(name, value, language) or wanted
            self._say(f"date-{error.kind}", name, found=error.found, wanted=wanted)
            return None

    def _read(self, name: str, value: object, language: str, year: int | None = None) -> Span:
        return dates.read(
            value,
            use="date" if name in {"date", "updated"} else "event",
            zone=self.publication.zone,
            today=self._today,
            language=language,
            order=self.publication.date_order,
            year=year,
        )

    def _with_year(self, name: str, value: object, language: str) -> str:
        """Give the text to type for a date without a year: the year of `date` is likely."""
        if name == "date":
            return ""
        try:
            year = self._read("date", self.draft.fields["date"], language).start.year
            return dates.words(self._read(name, value, language, year))
        except DateError:
            return ""

    @property
    def _today(self) -> date:
        return self.now.astimezone(self.publication.zone).date()

    def _moment(self, name: str, language: str, of_day: time) -> datetime | None:
        """Read a field that is one moment; a bare day means `of_day` in the site's zone."""
        span = self._span(name, language)
        return moment_of(span.end, of_day, self.publication.zone) if span else None

    def _check_order(self, story: Story) -> None:
        if story.updated is None and story.expires is None:
            return
        start = moment_of(story.date.start, time.min, self.publication.zone)
        for name in ("updated", "expires"):
            moment = getattr(story, name)
            if moment is not None and moment < start:
                self._say(
                    f"{name}-before-date", name, found=self._day(moment), wanted=self._day(start)
                )
        if story.updated is not None and story.updated.date() > self.now.date():
            self._say("updated-ahead", "updated", found=self._day(story.updated))

    def _day(self, moment: datetime) -> str:
        """Give the day of a moment in the site's zone, as staff would write it."""
        return moment.astimezone(self.publication.zone).date().isoformat()

    def check(self) -> None:
        """Raise `EntryError` where something keeps the entry from being published."""
        if any(problem.state in {State.HOLD, State.WAIT} for problem in self.problems):
            raise EntryError(*(p for p in self.problems if p.state != State.ACCEPT))

    def _say(self, code: str, name: str, *, found: str = "", wanted: str = "") -> None:
        line = self.draft.lines.get(name)
        self.problems.append(
            Problem(
                code=code, file=self.draft.path, line=line, field=name, found=found, wanted=wanted
            )
        )


def moment_of(day: date | datetime, of_day: time, zone: ZoneInfo) -> datetime:
    """Give a moment in UTC; a bare day means `of_day` in `zone`, in whole seconds."""
    if not isinstance(day, datetime):
        day = datetime.combine(day, of_day, zone)
    return day.astimezone(UTC).replace(microsecond=0)


def _retracted(story: Story) -> Story:
    """Put the reason in the place of the text (`ENTRY.md`, `retraction`)."""
    return replace(
        story,
        html=f"<p>{html.escape(story.retraction, quote=False)}</p>",
        summary="",
        image=None,
        attachments=(),
    )
