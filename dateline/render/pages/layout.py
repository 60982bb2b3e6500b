"""What all pages have in common: templates, their values, navigation and feed links."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache, partial
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, Protocol
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from dateline.config.colours import DARK_PAPER, accent_on_light
from dateline.config.templates import rendered
from dateline.entries.normalise.markdown import summary_of
from dateline.model import Document, Feed, Media, Neighbours, Publication, Role, Span
from dateline.model.formats import MEDIA_TYPES, TITLES
from dateline.render.feeds.common import stamp
from dateline.render.pages.body import body, text_alone
from dateline.render.pages.default_card import CARD
from dateline.render.pages.navigation import Navigation, by_program, in_calendars, in_readers
from dateline.render.pages.pictures import WHOLE, picture
from dateline.rules.labels import headline, label
from dateline.rules.taxonomy import Taxonomy, folder_of
from dateline.system.memo import get_or_create
from dateline.text.expressions import regex
from dateline.text.language import direction, is_alike, matches, without_region
from dateline.text.localise import (
    counted_in,
    endonym,
    locale_of,
    machine,
    moment,
    month,
    size,
    spoken,
    words_of,
    written,
)
from dateline.text.urls import ICONS

_HTML = "text/html; charset=utf-8"
_WHOLE = 20  # entries of a list that have a summary; the others have their title alone
_HEADS = 1_000  # of pages that are remembered, and feet
_FRAMES = 64  # languages and depths of pages whose values are remembered
_KIND = regex(r"[A-Z0-9]{2,5}")
_PROGRAMS = frozenset({"ASHX", "ASP", "ASPX", "CFM", "CGI", "DO", "JSP", "PHP", "PL"})
_TOPICS = 12  # at the head of every page; where there are more, the front page lists them


class Layout:
    """Renders the pages of a publication.

    `root` is the address that links on a page are relative to, where that is not the page's own.
    `site` knows which feeds belong on which page, `taxonomy` which lists nobody configures.
    """

    def __init__(self, publication: Publication, feeds: Sequence[Feed], root: str = "") -> None:
        self.publication = publication
        self.site = Navigation(publication, feeds)
        self.taxonomy = Taxonomy(publication, feeds)
        self._root = root
        # Many pages share these parts, which grow with the number of feeds.
        self._alternates = lru_cache(_HEADS)(self._alternates_of)
        self._explanation = lru_cache(_FRAMES)(self.site.explanation)
        self._head = lru_cache(_HEADS)(self._navigation_of)
        self._footer = lru_cache(_HEADS)(self._footer_of)
        self._everywhere = lru_cache(_FRAMES)(self._everywhere_of)
        # Those of entry pages depend on nothing else, unless they are a theme's.
        self._macros: dict[tuple[str, str], dict[str, Any]] = {}

    def page(
        self,
        path: str,
        template: str,
        language: str,
        alternates: Sequence[Feed],
        ends: Sequence[datetime | None] = (),
        *,
        current: str | None = None,
        translated: Mapping[str, str] = MappingProxyType({}),
        **values: object,
    ) -> Document:
        """Render a page in a language.

        It names the feeds in `alternates` for feed readers, and expires at the first of `ends`.
        Its head marks the link to the path `current` as the current one, and leads to the paths of
        the page's translations, by language.
        """
        publication = self.publication
        speech = spoken(language, otherwise=publication.language)
        # The page of a missing document is sent at any depth.
        is_anywhere = template == "absent.html"
        root = publication.path if is_anywhere and not self._root else self.root(path)
        are_shared = template == "entry.html" and not publication.theme.templates
        text = rendered(
            publication.theme,
            template,
            {
                **self._everywhere(language, speech, root),
                "macros": self._macros.setdefault((language, root), {}) if are_shared else None,
                "current": current,
                "alternates": self._alternates(tuple(alternates)),
                "navigation": self._navigation(language, speech, root, current, translated),
                "footer": self._footer(language, speech, root, current),
                **values,
            },
        )
        return document(path, text, min((end for end in ends if end), default=None))

    def beside(self, neighbours: Neighbours, language: str, path: str) -> str:
        """Return what the page of an entry leads to, after a page like it has been rendered."""
        if not (neighbours.related or neighbours.previous or neighbours.following):
            return ""
        parts = self._macros[language, self.root(path)]["parts.html"]
        return str(parts.beside(neighbours))

    def root(self, path: str) -> str:
        """Return the way from a page to the site, like `../../`."""
        return self._root or "../" * path.count("/") or "./"

    def _everywhere_of(self, language: str, speech: str, root: str) -> Mapping[str, object]:
        """Return the values that every template has."""
        zone = self.publication.zone
        tongue = tongue_of(language, speech)
        own = _foreign(tongue, language)
        return {
            "publication": self.publication.in_language(language),
            "email_list": self.publication.email_list(language),
            "language": language,
            "tongue": tongue,
            "root": root,
            "is_preview": bool(self._root),
            "withdrawn_on": _withdrawn_on,
            "theme_colours": (accent_on_light(self.publication.theme), DARK_PAPER),
            "page": self.site.page,
            "reached": self.taxonomy.reached,
            "folder_of": folder_of,
            "explained": self.site.explained,
            "subscribe": self._explanation(language),
            "language_of": self.site.language,
            "texts_of": partial(self.site.texts, language=language),
            "direction": direction,
            "endonym": endonym,
            "locale_of": locale_of,
            "media_types": MEDIA_TYPES,
            "format_titles": TITLES,
            "summary_of": summary_of,
            "headline": headline,
            "label": label,
            "spoken": spoken,
            "full_text": lambda entry: body(entry, self.publication.url, root),
            "default_card": CARD,
            "own_icons": ICONS,
            "text_alone": lambda entry: text_alone(entry, self.publication.url, root),
            "kind_of_file": _kind_of_file,
            "size": partial(size, language=language),
            "language_of_file": partial(_language_of_file, language=language),
            "name_of_language": lambda tag: endonym(without_region(tag)),
            "ngettext": counted_in(speech),
            "is_recording": _is_recording,
            "are_recordings": lambda files: all(map(_is_recording, files)),
            "whole_picture": WHOLE,
            "picture_of": lambda image, sizes, is_first: picture(
                image, root, sizes, is_first=is_first
            ),
            "machine": machine,
            "stamp": stamp,
            "whole": _WHOLE,
            "_": words_of(speech),
            "foreign": lambda tag, here=language: _foreign(tag, here),
            "own": lambda: own,
            "written": partial(written, language=language),
            "span": partial(span, language=language),
            "day": lambda value: moment(value, language, zone),
            "month": lambda value: month(value, language, zone),
            "again": _remembering(self.publication),
            "time": lambda value: _time(stamp(value), moment(value, language, zone)),
            "in_readers": in_readers,
            "in_calendars": in_calendars,
            "by_program": by_program,
        }

    def _alternates_of(self, feeds: tuple[Feed, ...]) -> str:
        return self._part("alternates.html", feeds=feeds)

    def _navigation(
        self,
        language: str,
        speech: str,
        root: str,
        current: str | None,
        translated: Mapping[str, str],
    ) -> str:
        """Return the head of a page: that of pages like it, with the paths of its translations."""
        if self.publication.theme.templates:  # which may do anything with a path
            return self._head(language, speech, root, current, (*translated.items(),))
        places = {tag: f"\0{tag}\0" for tag in translated}
        text = self._head(language, speech, root, current, (*places.items(),))
        for tag, place in places.items():
            text = text.replace(place, escape(translated[tag]))
        return text

    def _navigation_of(
        self,
        language: str,
        speech: str,
        root: str,
        current: str | None,
        translated: Sequence[tuple[str, str]],
    ) -> str:
        topics = self.site.topics(language)
        return self._part(
            "navigation.html",
            **self._everywhere(language, speech, root),
            languages=self.site.languages(),
            translated=dict(translated),
            current=current,
            topics=topics,
            has_room=len(topics) <= _TOPICS,
        )

    def _footer_of(self, language: str, speech: str, root: str, current: str | None) -> str:
        values = self._everywhere(language, speech, root)
        return self._part("footer.html", **values, current=current)

    def _part(self, template: str, **values: object) -> str:
        known = {"publication": self.publication, "media_types": MEDIA_TYPES}
        return rendered(self.publication.theme, template, {**known, **values})


def document(path: str, text: str, expires: datetime | None = None) -> Document:
    """Return a page as a document."""
    return Document(
        path=path, role=Role.PAGE, media_type=_HTML, data=text.encode(), expires=expires
    )


class Macro(Protocol):
    """A macro of `parts.html`."""

    name: str

    def __call__(self, *values: object) -> str:
        """Return the HTML that the macro makes of these values."""


def _remembering(publication: Publication) -> Callable[..., str]:
    """Return a function that renders a macro with values, or remembers it from another page.

    A theme's own template may put anything in a macro, so those are not remembered.
    """
    if publication.theme.templates:
        return lambda make, *values: make(*values)
    known = OrderedDict[Hashable, str]()

    def again(make: Macro, *values: Hashable) -> str:
        return get_or_create(known, (make.name, *values), lambda: make(*values))

    return again


@lru_cache(maxsize=1024)  # the days of entries that are near each other recur on their pages
def span(value: Span, language: str) -> Markup:
    """Return a day, a moment or a stretch of them as an element, in a language."""
    return _time(machine(value), written(value, language))


def tongue_of(language: str, speech: str) -> str:
    """Return the tag of Dateline's own words on a page in `language` that uses `speech`."""
    return language if matches(language, speech) else speech


@cache
def _foreign(tag: str, here: str = "") -> Markup:
    """Return `lang` and `dir` of an element, unless its language is that around it (`here`)."""
    attributes = Markup(' lang="{}" dir="{}"')
    return Markup() if tag == here else attributes.format(tag, direction(tag))


def _withdrawn_on(tag: str, sentence: str) -> Markup:
    """Return the place for the day of a withdrawal (`dateline.serve.cache.error_pages`)."""
    return Markup("<!--withdrawn {}: {}-->").format(tag, sentence)


def _is_recording(file: Media) -> bool:
    return file.media_type.startswith(("audio/", "video/"))


def _language_of_file(file: Media, language: str) -> str:
    """Return the language of a file, or nothing where it is that of the page."""
    found = file.language or file.own_language
    return "" if not found or is_alike(found, language) else found


def _kind_of_file(file: Media) -> str:
    """Return the kind of a file, as the end of its name says: `PDF`; empty if it says none.

    The end of an address may be that of the program that sends the file.
    """
    kind = PurePosixPath(urlsplit(file.url).path).suffix[1:].upper()
    return kind if _KIND.fullmatch(kind) and kind not in _PROGRAMS else ""


def _time(machine_readable: str, text: str) -> Markup:
    return Markup(f'<time datetime="{escape(machine_readable)}">{escape(text)}</time>')  # noqa: S704 - escaped
