"""A publication as a reverse proxy serves it: addresses, folders, and groups of documents."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from string import Template
from urllib.parse import unquote, urlsplit

from dateline.config import Config
from dateline.config.svg import MEDIA_TYPE as SVG_TYPE
from dateline.documents.compression import codings_of
from dateline.entries.media import media_types
from dateline.model import Document, Edition, Feed, Role
from dateline.model.formats import Format
from dateline.render import opml, render, render_term, sitemap
from dateline.render.feeds.common import CALENDAR_TYPE
from dateline.render.pages import STATIC, icons
from dateline.render.pages.default_card import CARD
from dateline.rules.taxonomy import FOLDERS, TERM, derived
from dateline.serve.cache import IMMUTABLE, Fields, lifetime, policy_of, tags

# Only Dateline knows when a document changes next: what changes by time alone is fresh for a
# minute, when a proxy sends it.
# The newsroom passes over a file that is too large, and keeps the text that came with it.
_TIMES = 10  # the largest file that may be sent
_AROUND = 4_000_000  # bytes of a form
_AT_MOST = 60
HTTPS = 443
HTML = "text/html; charset=utf-8"
_HTML = {"html": HTML}
_SAMPLE = "dateline-sample"
# The pages of months, years and terms, which lie beside those of entries, and of older news.
_LISTS = rf"^/(?:[^.]+/index|(?:archive|{'|'.join(FOLDERS.values())})/[^.]+)\.html$"


class _Text(Template):
    delimiter = "%"


def filled(name: str, /, **values: object) -> str:
    """Return the template called `name`, with these values for `%{name}` in it."""
    text = resources.files("dateline.serve.proxy").joinpath("templates", name).read_text("utf-8")
    return _Text(text).substitute(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentGroup:
    """Documents that are served alike: those whose path matches `pattern`.

    `types` maps extensions to media types. In `links`, their `Link` field, `{feed}` and
    `{number}` stand for what the pattern finds. Forms in `codings` may lie beside the document;
    where `is_packed`, the proxy compresses it. `paths` maps each feed to its path, where all are
    known; where `is_feed`, browsers are led to a page. Pages have a `policy`. Documents that are
    `is_tagged` have the tags by which caches purge them: `{tag}` is the path without its ending.
    """

    name: str
    pattern: str
    types: Mapping[str, str]
    lifetime: str
    links: str = ""
    paths: Mapping[str, str] = field(default_factory=dict)
    codings: tuple[str, ...] = ()
    is_packed: bool = False
    is_feed: bool = False
    has_ranges: bool = False
    policy: Fields = ()
    is_tagged: bool = False

    @property
    def fields(self) -> Iterator[tuple[str, str]]:
        """Yield the header fields of the documents, which errors in their place do not have."""
        yield "Cache-Control", self.lifetime
        if self.codings or self.is_packed:
            yield "Vary", "Accept-Encoding"
        if self.links:
            yield "Link", self.links
        yield "Access-Control-Expose-Headers", "ETag, Link"
        yield from self.policy
        if self.is_tagged:
            yield from tags("{tag}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxiedNewsroom:
    """A newsroom behind a reverse proxy: at the machine `name`, passed on to `serve`.

    `limit` is the size of the largest body, in bytes. `header` is the field in which the newsroom
    finds the name of a person who has signed in elsewhere, or empty.
    """

    name: str
    port: int
    is_plain: bool
    serve: str
    limit: int
    header: str

    @classmethod
    def of(cls, config: Config, port: int | None) -> ProxiedNewsroom | None:
        """Return the newsroom; None where it is off, or has no machine of its own for staff."""
        own, url = config.newsroom, urlsplit(config.newsroom.url)
        is_plain = url.scheme == "http" or port is not None
        if not own.is_on or url.hostname in {None, urlsplit(config.publication.url).hostname}:
            return None
        return cls(
            name=url.hostname or "",
            port=port or url.port or (80 if is_plain else HTTPS),
            is_plain=is_plain,
            serve=f"{_reached(own.host)}:{own.port}",
            limit=_TIMES * own.max_upload + _AROUND,
            header=own.header,
        )

    def block(self, template: str, *, place: str, removal: str) -> str:
        """Return the block of the proxy's configuration that passes staff on to the newsroom.

        It begins with `place`, where the proxy listens. `removal` is the line that removes a
        field, `%s`, from requests: the newsroom believes what the proxy says in its own.
        """
        removed = removal % self.header if self.header else ""
        values = {"place": place, "name": self.name, "serve": self.serve, "limit": self.limit}
        return filled(template, removed=removed, **values)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySite:
    """A publication behind a reverse proxy.

    `serve` is where Dateline listens, `former` are machines that the site was at. `host` is
    empty where the proxy listens at every address; `is_plain` is HTTP without TLS.
    """

    name: str
    prefix: str
    host: str
    port: int
    is_plain: bool
    feeds: Path
    log: str
    serve: str
    former: tuple[str, ...]
    newsroom: ProxiedNewsroom | None
    codings: tuple[str, ...]
    groups: tuple[DocumentGroup, ...]

    @classmethod
    def of(cls, config: Config, *, host: str, port: int | None, log: str) -> ProxySite:
        """Return the site for a proxy that listens at `port`, or where the address leads."""
        url = urlsplit(config.publication.url)
        is_plain = url.scheme == "http" or port is not None
        newsroom = ProxiedNewsroom.of(config, port)
        served = {url.hostname, newsroom.name if newsroom else None}
        return cls(
            name=url.hostname or "",
            prefix=config.publication.path.removesuffix("/"),
            host=host,
            port=port or url.port or (80 if is_plain else HTTPS),
            is_plain=is_plain,
            feeds=config.feeds_folder,
            log=log,
            serve=f"{_reached(config.host)}:{config.port}",
            former=_machines(config.former_hosts, served),
            newsroom=newsroom,
            codings=config.codings,
            groups=tuple(replace(group, is_tagged=bool(config.cdns)) for group in _groups(config)),
        )

    @property
    def is_tagged(self) -> bool:
        """True if documents have tags, by which caches are purged."""
        return any(group.is_tagged for group in self.groups)

    @property
    def identifier(self) -> str:
        """The name of what this site alone has where several share a configuration.

        A digest, since nginx refuses variables with long names.
        """
        place = f"{self.name}:{self.port}{self.prefix}"
        return f"dateline_{hashlib.sha256(place.encode()).hexdigest()[:8]}"

    @property
    def plain_prefix(self) -> str:
        """The path below which the site is, as servers compare it: without escapes."""
        return unquote(self.prefix)


def _reached(host: str) -> str:
    """Return the address of a server that listens at `host`."""
    own = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - never bound
    return f"[{own}]" if ":" in own else own


def _machines(former: Iterable[str], served: Collection[str | None]) -> tuple[str, ...]:
    """Return the names of the machines of former sites, each once, but for those `served`.

    A site may have been at another port of the same machine.
    """
    found = (urlsplit(f"//{site}").hostname or "" for site in former)
    names = (name for name in found if name not in served)
    return tuple(dict.fromkeys(f"[{name}]" if ":" in name else name for name in names))


def _groups(config: Config) -> Iterator[DocumentGroup]:
    """Yield every group of documents; of those that match a path, the first counts."""
    passing = f"max-age={min(config.publication.max_age, _AT_MOST)}"
    lasting = lifetime(config.publication.max_age)
    for group in _feeds(config):
        yield replace(group, lifetime=passing)
    yield from _pages(config, passing, lasting)
    for group in _directory(config):
        yield replace(group, lifetime=passing)
    yield from _fixed(config, lasting)
    yield from _media(config)


def _pages(config: Config, passing: str, lasting: str) -> Iterator[DocumentGroup]:
    """Yield the pages of the publication, lists, those of entries, and the events beside them."""
    # One for each language, beside that of the publication.
    of_languages = "(?:subscribe|404|410|503)(?:-[a-z0-9-]+)?"
    pages = "|".join(["index", of_languages, *(feed.name for feed in config.feeds)])
    policy = (policy_of(config.publication),)
    yield DocumentGroup(
        name="page",
        pattern=rf"^/(?:{pages})\.html$",
        types=_HTML,
        lifetime=passing,
        codings=config.codings,
        policy=policy,
    )
    entry = DocumentGroup(
        name="entry",
        pattern=r"^/[^.]+/[^./]+\.html$",
        types=_HTML,
        lifetime=lasting,
        is_packed="gzip" in config.codings,
        policy=policy,
    )
    yield replace(entry, name="list", pattern=_LISTS, lifetime=passing)
    yield entry
    yield DocumentGroup(
        name="event",
        pattern=r"^/[0-9]{4}/[0-9]{2}/[^./]+\.ics$",
        types={"ics": CALENDAR_TYPE},
        lifetime=lasting,
    )


def _fixed(config: Config, lasting: str) -> Iterator[DocumentGroup]:
    """Yield the style, the icons and the card, which each have a path of their own."""
    for path, media_type in {**STATIC, **icons.TYPES, CARD.path: CARD.media_type}.items():
        name, _, ending = path.partition(".")
        sample = Document(path=path, role=Role.MEDIA, media_type=media_type, data=b"")
        yield DocumentGroup(
            name=f"{name}_{ending}",
            pattern=rf"^/{name}\.{ending}$",
            types={ending: media_type},
            lifetime=lasting,
            codings=codings_of(sample, config.codings),
        )


def _feeds(config: Config) -> Iterator[DocumentGroup]:
    """Yield the feeds that have the same formats, those of terms, and their archives, by format."""
    alike: dict[tuple[Format, ...], list[Feed]] = {}
    for feed in config.feeds:
        alike.setdefault(feed.formats, []).append(feed)
    for number, feeds in enumerate(alike.values(), 1):
        sample = replace(feeds[0], name=_SAMPLE)
        for group in _forms(config, sample, "|".join(feed.name for feed in feeds), f"{number}"):
            (form,) = group.types
            known = (
                {}
                if group.name.startswith("archive")
                else {feed.name: f"/{feed.name}.{form}" for feed in feeds}
            )
            yield replace(group, paths=known)
    if config.publication.has_term_feeds:
        sample = derived(f"topics/{_SAMPLE}", has_feeds=True)
        yield from _forms(config, sample, TERM, "term")


def _forms(config: Config, sample: Feed, names: str, mark: str) -> Iterator[DocumentGroup]:
    """Yield the documents in each format of feeds like `sample` whose names match `names`."""
    make = render_term if sample.is_term else render
    for archive, prefix in ((0, ""), (1, "archive/")):
        edition = Edition(
            feed=sample, entries=(), updated=datetime.fromtimestamp(0, UTC), archive=archive
        )
        for document in make(config.publication, edition):
            form = document.path.rpartition(".")[2]
            tail = "/(?P<number>[0-9]+)" if archive else ""
            links = document.links.replace(sample.name, "{feed}")
            yield DocumentGroup(
                name=f"{prefix.strip('/') or 'feed'}_{form}_{mark}",
                pattern=rf"^/{prefix}(?P<feed>{names}){tail}\.{form}$",
                types={form: document.media_type},
                lifetime="",
                links=links.replace("archive/{feed}/1", "archive/{feed}/{number}"),
                codings=codings_of(document, config.codings),
                is_feed=True,
            )


def _directory(config: Config) -> Iterator[DocumentGroup]:
    """Yield the documents that lead to all others, grouped by extension."""
    calendars = [feed.name for feed in config.feeds if feed.calendar]
    kinds = {
        "opml": (["feeds"], opml.MEDIA_TYPE),
        "xml": (["sitemap(?:-(?:news|pages|[0-9]+))?"], sitemap.MEDIA_TYPE),
        "txt": (["robots"], sitemap.ROBOTS_TYPE),
        "ics": (calendars, CALENDAR_TYPE),
    }
    for ending, (names, media_type) in kinds.items():
        if names:
            yield DocumentGroup(
                name=ending,
                pattern=rf"^/(?:{'|'.join(names)})\.{ending}$",
                types={ending: media_type},
                lifetime="",
                codings=config.codings if ending != "txt" else (),
            )


def _media(config: Config) -> Iterator[DocumentGroup]:
    """Yield pictures and attachments, which are named by content and never change."""
    plain = {}
    for ending, media_type in (*media_types().items(), ("svg", SVG_TYPE)):
        path = f"media/sample.{ending}"
        sample = Document(path=path, role=Role.MEDIA, media_type=media_type, data=b"")
        if not (codings := codings_of(sample, config.codings)):
            plain[ending] = media_type
            continue
        yield DocumentGroup(
            name=f"media_{ending}",
            pattern=rf"^/media/[^/.]+\.{ending}$",
            types={ending: media_type},
            lifetime=lifetime(IMMUTABLE),
            codings=codings,
            has_ranges=True,
        )
    yield DocumentGroup(
        name="media",
        pattern=rf"^/media/[^/.]+\.(?:{'|'.join(plain)})$",
        types=plain,
        lifetime=lifetime(IMMUTABLE),
        has_ranges=True,
    )
