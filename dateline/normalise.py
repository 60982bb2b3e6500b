"""What does an entry mean?

A `Draft` becomes a `Story`: dates are moments or spans, Markdown is safe HTML, addresses are
absolute, the language is a tag, texts are in NFC without control characters.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Protocol
from zoneinfo import ZoneInfo

from dateline import dates, markup
from dateline.address import web_address
from dateline.errors import DateError, EntryError, Problem, State
from dateline.language import tag_of
from dateline.media import media_type_of
from dateline.model import Draft, Kind, Media, Publication, Span, Story

_NOT_IN_XML = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)
    )
    + "]"
)
_TURNS_TEXT = re.compile("[\u202a-\u202e\u2066-\u2069]")
_LOOKS_LIKE_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|<!--|&(?:#\d+|#x[0-9A-Fa-f]+|[A-Za-z]+\d*);")
_TEMPLATE_TITLE = "Write the title here"
_TITLE_LENGTH = 200


class Files(Protocol):
    """The files beside an entry (`dateline.beside.Beside`)."""

    def take(self, name: str) -> Media | None:
        """Publish the file called `name`; None where there is none."""

    def names(self) -> str:
        """Say which files are there."""


def normalise(
    draft: Draft, *, publication: Publication, files: Files, now: datetime
) -> tuple[Story, tuple[Problem, ...]]:
    """Give what `draft` means, and what staff should know about it.

    Raises `EntryError` with every problem of the file at once.
    """
    reader = _Reader(draft=draft, publication=publication, files=files, now=now)
    story = reader.story()
    if any(problem.state in {State.HOLD, State.WAIT} for problem in reader.problems):
        raise EntryError(*reader.problems)
    return story, (*draft.notes, *reader.problems)


def tidy(text: str) -> str:
    """Give `text` in NFC, without characters that XML 1.0 (section 2.2) or readers refuse."""
    return _NOT_IN_XML.sub("", unicodedata.normalize("NFC", text))


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
            id=self._line("id") or None,
        )
        if date_written is None:
            raise EntryError(*self.problems)
        story = whole(date=date_written)
        self._check_order(story)
        return _retracted(story) if story.retraction else story

    # ---- Texts

    def _text(self, name: str) -> str:
        return tidy(str(self.draft.fields.get(name, ""))).strip()

    def _line(self, name: str) -> str:
        return " ".join(self._text(name).split())

    def _title(self) -> str:
        title = self._text("title")
        if title == _TEMPLATE_TITLE:
            self._say("title-template", "title")
        if "\n" in title:
            self._say("title-lines", "title")
        if len(title) > _TITLE_LENGTH:
            self._say("title-too-long", "title", found=str(len(title)))
        if markup_found := _LOOKS_LIKE_MARKUP.search(title):
            self._say("title-markup", "title", found=markup_found[0])
        if _TURNS_TEXT.search(title):
            self._say("title-direction", "title")
        return self._line("title")

    def _html(self, name: str, *, base: str) -> str:
        return markup.to_html(self._text(name), base=base, beside=self._address_beside)

    def _address_beside(self, name: str) -> str | None:
        taken = self._take(name, "body")
        return taken.url if taken else None

    def _retraction(self) -> str:
        status, reason = self._line("status"), self._line("retraction")
        if status and status != "retracted":
            self._say("status-unknown", "status", found=status)
        elif status and not reason:
            self._say("retraction-missing", "status")
        elif reason and not status:
            self._say("retraction-alone", "retraction")
        return reason

    # ---- Names

    def _names(self, name: str) -> tuple[str, ...]:
        given = self.draft.fields.get(name, [])
        values = given if isinstance(given, list) else []
        names = (" ".join(tidy(str(value)).split()) for value in values)
        return tuple({found.casefold(): found for found in names if found}.values())

    def _categories(self) -> tuple[str, ...]:
        categories = self._names("categories")
        for category in categories:
            if "," in category or "|" in category:
                self._say("category-sign", "categories", found=category)
        return categories

    def _language(self) -> str:
        written = self._line("language")
        if not written:
            return self.publication.language
        tag = tag_of(written)
        if tag is None:
            self._say("language-unknown", "language", found=written)
        elif tag.casefold() != written.casefold():
            self._say("language-read", "language", found=written, wanted=tag)
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
        link = web_address(written)
        if link is None:
            self._say("link-not-web", "link", found=written)
        return link

    def _image(self) -> Media | None:
        written = self._line("image")
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
            title = address.rsplit("/", 1)[1]
            return Media(
                url=address, path=None, media_type=media_type_of(title), length=0, title=title
            )
        taken = self._take(written, name)
        if taken is None:
            wanted = self.files.names()
            self._say("image-not-there", name, found=written, wanted=wanted)
        return taken

    def _take(self, written: str, name: str) -> Media | None:
        try:
            return self.files.take(written)
        except EntryError as error:
            line = self.draft.lines.get(name)
            self.problems += [replace(problem, line=line) for problem in error.problems]
            return None

    # ---- Dates

    def _span(self, name: str, language: str) -> Span | None:
        value = self.draft.fields.get(name)
        if value is None:
            return None
        try:
            return dates.read(
                value,
                use="date" if name in {"date", "updated"} else "event",
                zone=self.publication.zone,
                today=self.now.astimezone(self.publication.zone).date(),
                language=language,
                order=self.publication.date_order,
            )
        except DateError as error:
            self._say(f"date-{error.kind}", name, found=error.found, wanted=error.wanted)
            return None

    def _moment(self, name: str, language: str, of_day: time) -> datetime | None:
        """Read a field that is one moment; a bare day means `of_day` in the site's zone."""
        span = self._span(name, language)
        return moment_of(span.end, of_day, self.publication.zone) if span else None

    def _check_order(self, story: Story) -> None:
        start = moment_of(story.date.start, time.min, self.publication.zone)
        for name in ("updated", "expires"):
            moment = getattr(story, name)
            if moment is not None and moment < start:
                self._say(
                    f"{name}-before-date",
                    name,
                    found=f"{moment:%Y-%m-%d}",
                    wanted=f"{start:%Y-%m-%d}",
                )
        if story.updated is not None and story.updated.date() > self.now.date():
            self._say("updated-ahead", "updated", found=f"{story.updated:%Y-%m-%d}")

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
