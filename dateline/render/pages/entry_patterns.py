"""Pages and list items of entries by pattern: those that differ in their texts alone.

Pictures, files, events, corrections and links make an entry that the templates render themselves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count

from markupsafe import Markup

from dateline.entries.normalise.markdown import summary_of
from dateline.model import Document, Entry, Headline, Kind, Neighbours, Span, Story
from dateline.render.feeds.common import stamp
from dateline.render.pages.body import text_alone
from dateline.render.pages.json_ld import HEADLINE
from dateline.render.pages.layout import Layout, span
from dateline.render.patterns import DAYS, PUBLISHED, UPDATED, Pattern, Patterns, escaped, mark
from dateline.text.localise import machine, written

Render = Callable[[str, Entry, Sequence[Headline]], Document]
"""Renders the page of an entry at a path, with its translations."""

Item = Callable[[Entry, str], str]
"""Renders an entry in a list, in one of the forms of `parts.html`."""

_BESIDE = "</main>\n<footer>"  # before it is what the page leads to
# As Jinja's filter `tojson` writes these in a script.
_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "'": "\\u0027"}


@dataclass(frozen=True, slots=True)
class _Page:
    """The properties of an entry that decide what its page has, aside from its texts."""

    language: str
    kind: Kind
    depth: int
    categories: tuple[str, ...]
    authors: tuple[str, ...]
    has_summary: bool
    others: tuple[str, ...]


class EntryPatterns:
    """The patterns of the pages of one publication; `render` makes a whole page."""

    def __init__(self, layout: Layout, render: Render) -> None:
        self._layout = layout
        self._render = render
        self._pages = Patterns[_Page]()
        self._beside = Patterns[tuple[object, ...]]()

    def page(
        self, entry: Entry, others: Sequence[Headline], summary: str, neighbours: Neighbours
    ) -> str | None:
        """Return the page of an entry; None if it has to be rendered by itself."""
        shape = None if self._layout.publication.theme.templates else shape_of(entry, others)
        pattern = self._pages.find(shape, lambda: self._pattern(shape)) if shape else None
        if not (shape and pattern):
            return None
        return pattern.filled(self._texts(shape, entry, others, summary, neighbours))

    def _pattern(self, shape: _Page) -> Pattern:
        (entry, others), layout = _stand_in(shape), self._layout
        path = f"{'-/' * shape.depth}-.html"
        known = {
            "body": text_alone(entry, layout.publication.url, layout.root(path)),
            "day": span(DAYS[0], shape.language),
            "published": stamp(PUBLISHED),
            "updated": stamp(UPDATED),
        }
        whole = self._render(path, entry, others).data.decode()
        before, found, after = whole.rpartition(_BESIDE)
        return Pattern.of(f"{before}{mark('beside')}{found}{after}", known)

    def _texts(
        self,
        shape: _Page,
        entry: Entry,
        others: Sequence[Headline],
        summary: str,
        neighbours: Neighbours,
    ) -> dict[str, str]:
        path, layout, story = f"{entry.slug}.html", self._layout, entry.story
        texts = {
            "title": story.title,
            "lead": summary,
            "slug": entry.slug,
            "id": entry.id,
        }
        for number, one in enumerate(others):
            texts |= {f"title {number}": one.title, f"slug {number}": one.slug}
        return {
            **{name: escaped(text) for name, text in texts.items()},
            **{f"${name}": _in_script(name, text) for name, text in texts.items()},
            "published": stamp(entry.published),
            "updated": stamp(entry.updated),
            "day": span(story.date, shape.language),
            "body": text_alone(entry, layout.publication.url, layout.root(path)),
            "beside": self._leading(neighbours, shape.language, path),
        }

    # ---- What a page leads to

    def _leading(self, neighbours: Neighbours, language: str, path: str) -> str:
        """Return the entries that a page leads to, by a pattern if they have texts alone."""
        near = (neighbours.previous, neighbours.following, *neighbours.related)
        some = [one for one in near if one]
        if len(neighbours.related) >= len(DAYS) or not all(map(_is_plain, some)):
            return self._layout.beside(neighbours, language, path)
        shape = (language, path.count("/"), *(one and one.story.language for one in near))
        pattern = self._beside.find(shape, lambda: self._pattern_beside(neighbours, language, path))
        if not pattern:
            return self._layout.beside(neighbours, language, path)
        texts: dict[str, str] = {}
        for number, one in enumerate(some):
            texts[f"title {number}"] = escaped(one.story.title)
            texts[f"slug {number}"] = escaped(one.slug)
            texts[f"day {number}"] = span(one.story.date, language)
        return pattern.filled(texts)

    def _pattern_beside(self, neighbours: Neighbours, language: str, path: str) -> Pattern:
        numbers = count()
        stand_in = Neighbours(
            previous=neighbours.previous and _marked(neighbours.previous, next(numbers)),
            following=neighbours.following and _marked(neighbours.following, next(numbers)),
            related=tuple(_marked(one, next(numbers)) for one in neighbours.related),
        )
        days = {f"day {number}": span(day, language) for number, day in enumerate(DAYS)}
        return Pattern.of(self._layout.beside(stand_in, language, path), days)


class ItemPatterns:
    """The patterns of the items of lists in one language, at one depth."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._patterns = Patterns[tuple[object, ...]]()

    def item(self, make: Item, entry: Entry, form: str, topic: Hashable) -> str:
        """Return an item in one of the forms of `parts.html`; it names this topic."""
        if not _is_plain(entry):
            return make(entry, form)
        shape = (form, entry.story.language, topic)
        pattern = self._patterns.find(shape, lambda: self._pattern(make, entry, form))
        if not pattern:
            return make(entry, form)
        story = entry.story
        lead = "" if form == "line" else story.summary or summary_of(story.html)
        texts = {
            "title": escaped(story.title),
            "slug": escaped(entry.slug),
            "lead": escaped(lead),
            "day": _day(story.date, self._language),
            "published": stamp(entry.published),
        }
        return Markup(pattern.filled(texts))  # noqa: S704 - escaped

    def _pattern(self, make: Item, entry: Entry, form: str) -> Pattern:
        story = replace(
            entry.story, title=mark("title"), summary=mark("lead"), html="", date=DAYS[0]
        )
        stand_in = replace(entry, story=story, slug=mark("slug"), published=PUBLISHED)
        known = {"day": _day(DAYS[0], self._language), "published": stamp(PUBLISHED)}
        return Pattern.of(make(stand_in, form), known)


@lru_cache(maxsize=1024)
def _day(day: Span, language: str) -> str:
    return f'{escaped(machine(day))}">{escaped(written(day, language))}'


def _marked(entry: Entry, number: int) -> Entry:
    """Return an entry whose texts are marks with this number."""
    story = replace(entry.story, title=mark(f"title {number}"), date=DAYS[number])
    return replace(entry, story=story, slug=mark(f"slug {number}"))


def _is_plain(entry: Entry) -> bool:
    """Return whether an entry has texts and topics alone."""
    story = entry.story
    has_more = entry.retracted or entry.corrections or story.event or story.attachments
    return not (has_more or story.image or story.link)


def shape_of(entry: Entry, others: Sequence[Headline]) -> _Page | None:
    """Return the shape of an entry's page; None if it has more than texts and topics."""
    story, languages = entry.story, tuple(one.language for one in others)
    if not _is_plain(entry) or len({*languages, story.language}) <= len(languages):
        return None
    return _Page(
        story.language,
        story.kind,
        entry.slug.count("/"),
        story.categories,
        story.authors,
        bool(story.summary),
        languages,
    )


def _stand_in(shape: _Page) -> tuple[Entry, list[Headline]]:
    """Return an entry of this shape whose texts are marks, and its translations."""
    story = Story(
        path="",
        title=mark("title"),
        date=DAYS[0],
        html=f"<p>{mark('lead')}</p>",
        summary=mark("lead") if shape.has_summary else "",
        language=shape.language,
        kind=shape.kind,
        categories=shape.categories,
        authors=shape.authors,
    )
    entry = Entry(
        story=story,
        id=mark("id"),
        sequence=0,
        slug=mark("slug"),
        published=PUBLISHED,
        updated=UPDATED,
    )
    others = [
        Headline(
            slug=mark(f"slug {number}"),
            title=mark(f"title {number}"),
            language=language,
            published=PUBLISHED,
            updated=UPDATED,
        )
        for number, language in enumerate(shape.others)
    ]
    return entry, others


def _in_script(name: str, text: str) -> str:
    written = json.dumps(text[:HEADLINE] if name.startswith("title") else text)[1:-1]
    for character, reference in _IN_SCRIPT.items():
        written = written.replace(character, reference)
    return written
