"""A publication: its publisher, its texts in each language, its look and its links."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dateline.model.documents import Document
from dateline.model.media import Media


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The logo, icon, colours, templates and style that a publication gives its pages.

    `accent` and `accent_dark` are colours like `#0b5394`, on light and on dark paper, or empty.
    `templates` are texts by name, which override Dateline's; `style` is CSS that follows
    Dateline's. `documents` are the pictures; `digest` is that of the templates and the style.
    """

    logo: Media | None = None
    icon: Media | None = None
    accent: str = ""
    accent_dark: str = ""
    digest: str = ""
    templates: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    style: bytes = field(default=b"", repr=False)
    documents: tuple[Document, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The pages about the publication that the foot of each page leads to; each may be empty.

    Each is an address, or a path on the site without a slash at its beginning.
    """

    about: str = ""
    contact: str = ""
    privacy: str = ""
    accessibility: str = ""

    def or_those_of(self, others: Links) -> Links:
        """Return these links, with those of `others` in place of empty ones.

        >>> Links(about="a").or_those_of(Links(about="b", contact="c")).contact
        'c'
        """
        own = {one.name: getattr(self, one.name) for one in fields(self)}
        return replace(others, **{name: address for name, address in own.items() if address})


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The texts of a publication in another language, with as many of its links as are given."""

    language: str
    title: str
    description: str
    author: str
    rights: str = ""
    links: Links = Links()


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """The sites that pages may use: for frames, as targets of forms, and for scripts.

    Each is an origin like `https://www.example.org`. Scripts may also send requests to theirs.
    """

    frames: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()

    @property
    def policy(self) -> str:
        """The `Content-Security-Policy` of pages: everything else is the site's own.

        >>> Allowed(frames=("https://video.example",)).policy.partition("; ")[0]
        "default-src 'none'"
        """
        rules = {
            "default-src": ("'none'",),
            "script-src": ("'self'", *self.scripts),
            "connect-src": ("'self'", *self.scripts),  # Lighthouse reads robots.txt from a page
            "style-src": ("'self'",),
            "font-src": ("'self'",),
            "img-src": ("'self'", "data:"),
            "media-src": ("'self'",),
            "frame-src": self.frames,
            "manifest-src": ("'self'",),
            "base-uri": ("'none'",),
            "form-action": ("'self'", *self.forms),
            "frame-ancestors": ("'none'",),
        }
        return "; ".join(f"{name} {' '.join(sites)}" for name, sites in rules.items() if sites)


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregatorSettings:
    """What single aggregators read in feeds that name them; each setting may be empty.

    Logos are addresses, `feedly_analytics` is an id of Google Analytics, and `smartnews_analytics`
    a piece of HTML. `feedly_related` asks Feedly to show related stories as cards.
    """

    feedly_logo: str = ""
    feedly_related: bool = False
    feedly_analytics: str = ""
    smartnews_logo: str = ""
    smartnews_dark_logo: str = ""
    smartnews_analytics: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A publication: its publisher, its address and the settings of all its feeds.

    `url` ends in a slash. `home` is the organisation's own page. `tag` is the authority of RFC
    4151 (`example.org,2008`) that every new id starts with; it stays when the site moves.
    `max_age` is in seconds. Title, description, author, rights and links are in its `language`;
    `translations` has them in others. `has_terms` is true if there are pages of what entries are
    filed under (`dateline.rules.taxonomy`), `has_term_feeds` if these have feeds, too. If it
    `has_search`, its pages have a search box. `email_lists` has the addresses at which readers
    subscribe by e-mail, each with its language.
    """

    title: str
    description: str
    url: str
    home: str
    language: str
    tag: str
    author: str
    email: str
    zone: ZoneInfo
    rights: str = ""
    icon: str = ""
    logo: str = ""
    date_order: Literal["DMY", "MDY"] | None = None
    hubs: tuple[str, ...] = ()
    max_age: int = 300
    links: Links = Links()
    translations: tuple[Translation, ...] = ()
    allowed: Allowed = Allowed()
    has_terms: bool = True
    has_term_feeds: bool = False
    theme: Theme = Theme()
    has_search: bool = False
    email_lists: tuple[tuple[str, str], ...] = ()
    aggregators: AggregatorSettings = AggregatorSettings()

    @property
    def path(self) -> str:
        """The path of its address, from a slash to a slash."""
        return urlsplit(self.url).path

    @property
    def look(self) -> Theme:
        """The theme, by the name that templates have for it."""
        return self.theme

    @property
    def authors(self) -> tuple[str, ...]:
        """The name of its author in each language, its own first."""
        return (self.author, *(one.author for one in self.translations))

    def in_language(self, tag: str) -> Publication:
        """Return it with its texts in a language, or unchanged where they are not translated.

        A text in `zh` serves `zh-Hant-HK` where there is none in `zh-Hant`; `language` is that of
        the texts.
        """
        known = {one.language: one for one in self.translations}
        found = known.get(nearest(tag, (self.language, *known)))
        return self._translated(found) if found else self

    def email_list(self, tag: str) -> str:
        """Return the address at which readers of a language subscribe by e-mail, or nothing.

        Where a language has none, it is that of the publication's own.
        """
        known = dict(self.email_lists)
        return known.get(nearest(tag, known)) or known.get(self.language, "")

    def _translated(self, into: Translation) -> Publication:
        return replace(
            self,
            language=into.language,
            title=into.title,
            description=into.description,
            author=into.author,
            rights=into.rights,
            links=into.links.or_those_of(self.links),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Cdn:
    """A cache in front of the site that is told which documents have changed.

    `service` is that of Fastly, `url` the address that takes purges, `command` a program with its
    arguments. `token_file` has the token, if the environment does not.
    """

    kind: Literal["fastly", "varnish", "command"]
    service: str = ""
    url: str = ""
    command: tuple[str, ...] = ()
    token_file: Path | None = None

    @property
    def name(self) -> str:
        """The name by which staff know it, and the ledger.

        >>> Cdn(kind="varnish", url="http://192.0.2.1:6081/").name
        'varnish http://192.0.2.1:6081/'
        """
        own = {"fastly": self.service, "varnish": self.url, "command": self.command[:1]}[self.kind]
        return f"{self.kind} {own if isinstance(own, str) else ''.join(own)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSettings:
    """The publication's own hub (WebSub).

    It is `separate` if it runs as `dateline hub` in place of within the publisher. `allow` has the
    private addresses and networks that callbacks may have, `signature` the name of the algorithm
    by which deliveries are signed. `lease` is how long a subscription lasts, in seconds, unless the
    subscriber asks for something between `lease_min` and `lease_max`. It keeps `most`
    subscriptions, of callbacks on one host `most_per_host`. `nodes` are the addresses at which the
    nodes of a cluster pass requests on to each other.
    """

    separate: bool = False
    allow: tuple[str, ...] = ()
    signature: Literal["sha1", "sha256", "sha384", "sha512"] = "sha256"
    lease: int = 864_000
    lease_min: int = 3600
    lease_max: int = 2_592_000
    most: int = 1_000_000
    most_per_host: int = 100_000
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """Where entries come from in place of a folder: a git repository, or a bucket.

    `url` begins with `git+` or names a bucket; `branch` and `folder` are of a repository,
    `endpoint` is that of a server that speaks S3. It is asked every `interval` seconds.
    """

    url: str
    branch: str = ""
    folder: str = ""
    endpoint: str = ""
    interval: int = 5

    @property
    def is_git(self) -> bool:
        """True if it is a git repository."""
        return self.url.startswith("git+")

    @property
    def key(self) -> str:
        """The name of the folder that follows it: another source has another."""
        own = f"{self.url}\n{self.branch}\n{self.folder}\n{self.endpoint}"
        return hashlib.sha256(own.encode()).hexdigest()[:12]


def nearest(tag: str, known: Iterable[str]) -> str:
    """Return the language among those `known` that a language is, or is a kind of, or nothing.

    >>> nearest("zh-Hant-HK", ["fr", "zh", "zh-hant"]), nearest("zh", ["zh-hant"])
    ('zh-hant', '')
    """
    by_name = {one.lower(): one for one in known}
    wanted = tag.lower()
    while wanted and wanted not in by_name:
        wanted = wanted.rpartition("-")[0]
    return by_name.get(wanted, "")
