"""The data of all published documents: entries, members of feeds, withdrawn ids.

Each id and moment is in several documents; if they disagree, the majority decides, and that is
reported.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from dateline.config import Config
from dateline.documents import manifest
from dateline.documents.manifest import EntryListing, MemberListing
from dateline.errors import StoreError
from dateline.ledger import Ledger
from dateline.ledger.rows import DocumentRecord, seconds
from dateline.model import Feed, Publication, Role, Span, Story
from dateline.publish.recovery.feed_parser import READABLE, ShownDocument, ShownItem, shown
from dateline.publish.recovery.page_parser import ShownPage, inline_files, page
from dateline.rules import story_json
from dateline.rules.taxonomy import shown_at
from dateline.system.safe_files import regular_bytes
from dateline.text.expressions import regex
from dateline.text.urls import PAGES_OF_ENTRIES, page_stem

_URI = regex(r"[A-Za-z][A-Za-z0-9+.-]*:([A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedData:
    """The data of the documents. Entries have neither file names nor content digests.

    `unknown` are the pages of entries whose id is nowhere; `unreadable` are other damaged
    documents; `disagreements` are the pages of entries on which documents disagree.
    """

    entries: tuple[EntryListing, ...] = ()
    members: tuple[MemberListing, ...] = ()
    unknown: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    disagreements: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    """All data of one entry in the documents."""

    page: ShownPage | None = None
    items: list[ShownItem] = field(default_factory=list)


def published(config: Config) -> PublishedData:
    """Read all pages of entries and all documents of feeds."""
    folder, publication = config.feeds_folder, config.publication
    pages = {
        path.relative_to(folder).as_posix().removesuffix(".html"): _read(path)
        for path in sorted(folder.glob(PAGES_OF_ENTRIES))
        if not shown_at(path.relative_to(folder).as_posix())
    }
    read = {slug: page(slug, data, publication) for slug, data in pages.items()}
    documents = {feed.name: list(_documents(folder, feed)) for feed in config.feeds}
    every = [doc for docs in documents.values() for doc in docs]
    aliases = {_former_uri(one.id, publication.tag): one.id for one in read.values() if one}
    data = _gathered(read, every, aliases, publication)
    listings = {slug: _listing(slug, one, publication) for slug, one in data.items()}
    found = [one for one in listings.values() if one]
    gone = {aliases.get(id_, id_): moment for doc in every for id_, moment in doc.gone.items()}
    entries = (*_numbered(found), *_withdrawn(gone, {one.id for one, _ in found}, len(found)))
    known = {one.id for one in entries}
    return PublishedData(
        entries=entries,
        members=tuple(
            member
            for feed in config.feeds
            for member in _members(feed, documents[feed.name], aliases, known)
        ),
        unknown=tuple(f"{slug}.html" for slug, one in listings.items() if one is None),
        unreadable=tuple(doc.stem for doc in every if doc.is_lost),
        disagreements=tuple(f"{one.slug}.html" for one, agree in found if not agree),
    )


def is_newer(config: Config, ledger: Ledger) -> bool:
    """Return whether documents without a manifest are newer than the ledger.

    They are if they have an entry that it lacks. So is a document of a feed with a later time than
    in the ledger, unless the times are those of a copy: then no document has the time it should.
    """
    documents = [*manifest.documents_on_disk(config.feeds_folder)]
    known = ledger.documents.find([one.path for one in documents])
    pairs = [(one, known[one.path]) for one in documents if one.path in known]
    later = (one.changed > before.changed for one, before in pairs if one.role == Role.SUBSCRIPTION)
    if any(one.changed == before.changed for one, before in pairs) and any(later):
        return True
    ids = {*ledger.entries.ids()}
    return any(one.id not in ids and not one.withdrawn for one in published(config).entries)


def records(folder: Path, known: Iterable[str]) -> Iterator[DocumentRecord]:
    """Yield the documents of the folder that are not among those `known`.

    Raises `StoreError` for one that cannot be read.
    """
    seen = {*known}
    for one in manifest.documents_on_disk(folder):
        if one.path not in seen:
            yield DocumentRecord(
                path=one.path,
                role=one.role,
                media_type=one.media_type,
                size=one.size,
                digest=_digest(folder / one.path),
                changed=one.changed,
                source="",
                links="",
                expires=None,
                live=True,
                codings=one.codings,
            )


def _digest(path: Path) -> str:
    try:
        return sha256(regular_bytes(path)).hexdigest()
    except OSError as error:
        raise StoreError(f"{path} was published and cannot be read: {error.strerror}.") from error


# ---- Reading


def _former_uri(entry_id: str, tag: str) -> str:
    """Return how Atom feeds of before 27 November 2026 had an id that is no URI."""
    return entry_id if _URI.fullmatch(entry_id) else f"tag:{tag}:id/{quote(entry_id, safe='')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """A document of a feed in all its formats; `archive` is its number, or None."""

    stem: str
    archive: int | None
    forms: tuple[ShownDocument, ...]
    is_lost: bool

    @property
    def gone(self) -> Mapping[str, datetime]:
        return {id_: moment for form in self.forms for id_, moment in form.gone.items()}


def _documents(folder: Path, feed: Feed) -> Iterator[_Document]:
    archives = folder / "archive" / feed.name
    numbers = {int(one.stem) for one in archives.glob("*.*") if one.stem.isdecimal()}
    for archive, stem in [
        *((number, f"archive/{feed.name}/{number}") for number in sorted(numbers)),
        (None, feed.name),
    ]:
        files = {form: folder / f"{stem}.{form}" for form in READABLE}
        there = {form: path for form, path in files.items() if path.exists()}
        read = [shown(form, _read(path)) for form, path in there.items()]
        forms = tuple(one for one in read if one)
        yield _Document(stem=stem, archive=archive, forms=forms, is_lost=bool(there and not forms))


def _read(path: Path) -> bytes:
    try:
        return regular_bytes(path)
    except OSError:
        return b""


def _gathered(
    pages: Mapping[str, ShownPage | None],
    documents: Sequence[_Document],
    aliases: Mapping[str, str],
    publication: Publication,
) -> dict[str, _Found]:
    """Return the data of each entry, by the address of its page."""
    data: dict[str, _Found] = defaultdict(_Found)
    for slug, one in pages.items():
        data[slug].page = one
    slugs = {one.id: slug for slug, one in pages.items() if one}
    items = [item for document in documents for form in document.forms for item in form.items]
    items = [replace(one, id=aliases.get(one.id, one.id)) for one in items]
    slugs = {one.id: one.slug for one in items if one.slug} | slugs
    for item in items:
        day = item.published.astimezone(publication.zone).date()
        slug = item.slug or slugs.get(item.id) or page_stem(day, item.title)
        if item.part == 0:
            data[slug].items.append(item)
    return dict(sorted(data.items()))


# ---- Results


def _listing(slug: str, data: _Found, publication: Publication) -> tuple[EntryListing, bool] | None:
    """Return an entry, and whether all documents agree on it; None if none has data."""
    sources: list[ShownPage | ShownItem] = [*([data.page] if data.page else []), *data.items]
    if not sources:
        return None
    id_ = Counter(one.id for one in sources).most_common(1)[0][0]
    published = Counter(one.published for one in sources).most_common(1)[0][0]
    updated = Counter(one.updated for one in sources).most_common(1)[0][0]
    agree = len({(one.id, one.published) for one in sources}) == 1
    page = data.page
    story = page.story if page else _story(data.items[0], publication)
    corrections = [(seconds(one.moment), one.text) for one in page.corrections] if page else []
    listing = EntryListing(
        id=id_,
        sequence=0,
        slug=slug,
        path="",
        content="",
        headline=story_json.headline_digest(story),
        published=seconds(published),
        updated=seconds(updated),
        retracted=seconds(page.retracted) if page and page.retracted else None,
        kept=True,
        withdrawn=None,
        purged=False,
        expires=None,
        corrections=json.dumps(corrections, ensure_ascii=False),
        story=story_json.dump(story),
    )
    return listing, agree


def _story(item: ShownItem, publication: Publication) -> Story:
    day = item.published.astimezone(publication.zone).date()
    return Story(
        path="",
        title=item.title,
        date=Span(start=day, end=day, precision="day"),
        html=item.html,
        summary="",
        language=item.language or publication.language,
        categories=item.categories,
        inline=tuple(inline_files(item.html, publication)),
    )


def _numbered(found: Iterable[tuple[EntryListing, bool]]) -> Iterator[EntryListing]:
    """Yield entries, numbered in the order in which they were published."""
    listings = sorted((one for one, _ in found), key=lambda one: (one.published, one.slug))
    for number, one in enumerate(listings, start=1):
        yield replace(one, sequence=number)


def _withdrawn(gone: Mapping[str, datetime], known: set[str], last: int) -> Iterator[EntryListing]:
    """Yield the withdrawn entries: their ids and moments are all that is known."""
    for number, (id_, moment) in enumerate(sorted(gone.items()), start=last + 1):
        if id_ in known or "/correction/" in id_ or id_.endswith("/retraction"):
            continue
        digest = sha256(id_.encode()).hexdigest()
        yield EntryListing(
            id=id_,
            sequence=number,
            slug=digest,
            path="",
            content="",
            headline="",
            published=seconds(moment),
            updated=seconds(moment),
            retracted=None,
            kept=False,
            withdrawn=seconds(moment),
            purged=False,
            expires=None,
            corrections="[]",
            story="",
        )


def _members(
    feed: Feed, documents: Sequence[_Document], aliases: Mapping[str, str], known: set[str]
) -> Iterator[MemberListing]:
    """Yield the members of a feed, numbered; those of the oldest archive first."""
    seen: set[tuple[str, int]] = set()
    number = 0
    for document in documents:
        items = document.forms[0].items if document.forms else ()
        parts = [(one.published, aliases.get(one.id, one.id), one.part) for one in items]
        parts += [(moment, aliases.get(id_, id_), 0) for id_, moment in document.gone.items()]
        for published, id_, part in sorted(parts):
            if (id_, part) in seen or id_ not in known:
                continue
            seen.add((id_, part))
            number += 1
            yield MemberListing(
                feed=feed.name,
                number=number,
                entry=id_,
                part=part,
                published=seconds(published),
                archive=document.archive,
            )
