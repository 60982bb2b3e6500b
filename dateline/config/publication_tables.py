"""The tables of `config.toml` about the publication: texts, languages, links, feeds, store."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
    field_validator,
    model_validator,
)

from dateline.config.values import (
    ALL_LANGUAGES,
    address_of,
    email_address,
    feed_format,
    feed_language,
    feed_name,
    feed_text,
    folder_address,
    language_tag,
    link_address,
    list_address,
    logo_address,
    one_line,
    private_network,
    store_address,
    store_endpoint,
    tag_authority,
    zone_of,
)
from dateline.model import (
    Addressee,
    AggregatorSettings,
    Asked,
    Feed,
    FeedTexts,
    HubSettings,
    Links,
    MediaShown,
    Publication,
    Translation,
)
from dateline.model.formats import DEFAULTS, FORMATS
from dateline.text.urls import machine

Line = Annotated[str, AfterValidator(one_line)]
Address = Annotated[str, AfterValidator(address_of)]
Email = Annotated[str, AfterValidator(email_address)]
_Link = Annotated[str, AfterValidator(link_address)]
_Format = Annotated[str, PlainValidator(feed_format)]
_List = Annotated[str, AfterValidator(list_address)]
_ENDINGS = frozenset({*FORMATS, "html", "ics"})
LanguageTag = Annotated[str, AfterValidator(language_tag)]


class Table(BaseModel):
    """A table that refuses unknown keys and values of another type."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)


class LinksTable(Table):
    """`[publication.links]`: the links in the foot of every page."""

    about: _Link | None = None
    contact: _Link | None = None
    privacy: _Link | None = None
    accessibility: _Link | None = None

    def value(self) -> Links:
        """Return the links; one that is left out is empty."""
        return Links(**{name: address or "" for name, address in self})


class TranslationTable(Table):
    """`[publication.translations.fr]`: the texts of the publication in another language."""

    title: Line
    description: Line | None = None
    author: Line | None = None
    rights: Line | None = None
    links: LinksTable = LinksTable.model_construct()

    def value(self, language: str) -> Translation:
        """Return the texts; the title stands for the description and author that are left out."""
        return Translation(
            language=language,
            title=self.title,
            description=self.description or self.title,
            author=self.author or self.title,
            rights=self.rights or "",
            links=self.links.value(),
        )


class SubscribeTranslationTable(Table):
    """`[subscribe.translations.fr]`: the list or form for readers of another language."""

    email: _List


class SubscribeTable(Table):
    """`[subscribe]`: where readers subscribe by e-mail, on a list or form of your own."""

    email: _List | None = None
    translations: dict[LanguageTag, SubscribeTranslationTable] = {}

    def value(self, own: str) -> tuple[tuple[str, str], ...]:
        """Return each language that has an address, the publication's `own` first."""
        others = ((tag, one.email) for tag, one in self.translations.items())
        return (*([(own, self.email)] if self.email else []), *others)


class PublicationTable(Table):
    """`[publication]`: the publication and its publisher."""

    title: Line
    description: Line | None = None
    url: Annotated[str, AfterValidator(folder_address)]
    home: Address | None = None
    language: LanguageTag
    tag: Annotated[str, AfterValidator(tag_authority)]
    author: Line | None = None
    email: Email | None = None
    time_zone: Annotated[str, AfterValidator(zone_of)]
    rights: Line | None = None
    icon: Address | None = None
    logo: Annotated[Address, AfterValidator(logo_address)] | None = None
    date_order: Literal["DMY", "MDY"] | None = None
    hubs: list[Address] = []
    max_age: int = Field(default=300, ge=0, le=86400)
    links: LinksTable = LinksTable.model_construct()
    translations: dict[LanguageTag, TranslationTable] = {}

    def value(self) -> Publication:
        """Return the publication; title and address stand for texts that the table leaves out."""
        texts = {"description": self.title, "author": self.title, "home": self.url}
        fields = dict(self) | {name: getattr(self, name) or own for name, own in texts.items()}
        for name in ("email", "rights", "icon", "logo"):
            fields[name] = fields[name] or ""
        fields["hubs"] = tuple(dict.fromkeys(self.hubs))
        fields["links"] = self.links.value()
        fields["translations"] = tuple(one.value(tag) for tag, one in self.translations.items())
        return Publication(zone=fields.pop("time_zone"), **fields)

    @model_validator(mode="after")
    def _whole_translations(self) -> PublicationTable:
        for tag, texts in self.translations.items():
            if tag == self.language:
                raise ValueError(
                    f"has its texts in {tag} itself; take out [publication.translations.{tag}]"
                )
            for name in ("description", "author", "rights"):
                if getattr(self, name) and not getattr(texts, name):
                    raise ValueError(
                        f"has {name}, so [publication.translations.{tag}] needs a line like "
                        f'{name} = "…"'
                    )
        return self


class AggregatorsTable(Table):
    """`[aggregators]`: what single aggregators read, in the feeds that name them."""

    feedly_logo: Address | None = None
    feedly_related: bool = False
    feedly_analytics: Line | None = None
    smartnews_logo: Address | None = None
    smartnews_dark_logo: Address | None = None
    smartnews_analytics: Annotated[str, AfterValidator(feed_text)] | None = None

    def value(self) -> AggregatorSettings:
        """Return the settings; one that is left out is empty."""
        return AggregatorSettings(**{name: value for name, value in self if value is not None})


class StoreTable(Table):
    """`[store]`: the object store by which several machines serve the same documents."""

    url: Annotated[str, AfterValidator(store_address)] = ""
    endpoint: Annotated[str, AfterValidator(store_endpoint)] = ""

    @field_validator("endpoint", mode="after")
    @classmethod
    def _of_a_bucket(cls, endpoint: str, read: ValidationInfo) -> str:
        if endpoint and not read.data.get("url", "").startswith("s3://"):
            raise ValueError('is for buckets of S3: it needs a line like url = "s3://bucket/news"')
        return endpoint


class HubTable(Table):
    """`[hub]`: the publication's own hub; leases in seconds."""

    enabled: bool = False
    separate: bool = False
    allow: list[Annotated[str, AfterValidator(private_network)]] = []
    signature: Literal["sha1", "sha256", "sha384", "sha512"] = "sha256"
    lease: int = Field(default=864_000, ge=60, le=31_536_000)
    lease_min: int = Field(default=3600, ge=60, le=31_536_000)
    lease_max: int = Field(default=2_592_000, ge=60, le=31_536_000)
    most: int = Field(default=1_000_000, ge=1, le=100_000_000)
    most_per_host: int = Field(default=100_000, ge=1, le=100_000_000)
    nodes: list[Address] = []

    def value(self) -> HubSettings | None:
        """Return the settings of the hub; None if there is none."""
        if not self.enabled:
            return None
        own = {name: value for name, value in self if name not in {"enabled", "allow", "nodes"}}
        allow, nodes = (tuple(dict.fromkeys(one)) for one in (self.allow, self.nodes))
        return HubSettings(**own, allow=allow, nodes=nodes)

    @model_validator(mode="after")
    def _in_order(self) -> HubTable:
        if not self.lease_min <= self.lease <= self.lease_max:
            raise ValueError("needs a lease that is neither below lease_min nor above lease_max")
        return self


class DeliveryTable(Table):
    """`[delivery]`: the proof that news reaches readers; `interval` in seconds."""

    enabled: bool = True
    private: bool = False
    interval: int = Field(default=600, ge=1, le=86400)


class FeedTranslationTable(Table):
    """`[feed.translations.fr]`: the texts of a feed of all languages on pages of another."""

    title: Line
    description: Line | None = None

    def value(self, language: str) -> FeedTexts:
        """Return the texts; the title stands for a description that is left out."""
        described = self.description or self.title
        return FeedTexts(language=language, title=self.title, description=described)


class FeedTable(Table):
    """`[[feed]]`: the entries that a feed shows, and its formats."""

    name: Annotated[str, AfterValidator(feed_name)]
    title: Line | None = None
    description: Line | None = None
    language: Annotated[str, AfterValidator(feed_language)] | None = None
    translations: dict[LanguageTag, FeedTranslationTable] = {}
    categories: list[Line] = []
    authors: list[Line] = []
    kinds: list[Asked] = []
    entries: int = Field(default=50, ge=1, le=1000)
    days: int = Field(default=30, ge=0, le=3660)
    formats: Annotated[list[_Format], Field(min_length=1)] = list(DEFAULTS)
    archives: bool = True
    aggregators: list[Addressee] = []
    media: MediaShown = "picture"

    def value(self, publication: Publication) -> Feed:
        """Return the feed; the publication has the language and texts that the table leaves out."""
        fields = dict(self)
        language = fields.pop("language") or publication.language
        own = publication.in_language(language)
        fields["title"] = self.title or own.title
        fields["description"] = self.description or self.title or own.description
        fields["translations"] = tuple(one.value(tag) for tag, one in self.translations.items())
        for name in ("categories", "authors", "kinds", "formats", "aggregators"):
            fields[name] = tuple(dict.fromkeys(fields[name]))
        return Feed(language=None if language == ALL_LANGUAGES else language, **fields)

    @field_validator("translations", mode="after")
    @classmethod
    def _of_all_languages(
        cls, translations: dict[str, FeedTranslationTable], read: ValidationInfo
    ) -> dict[str, FeedTranslationTable]:
        if translations and read.data.get("language") != ALL_LANGUAGES:
            raise ValueError('needs language = "*": other feeds are on pages of one language')
        return translations


def verify_moves(moved: Mapping[str, str], url: str, feeds: Collection[str]) -> None:
    """Raise `ValueError` if an address of `[moved]` leads back to itself, or to no site or feed."""
    own, names = machine(url), {*feeds, *moved}
    for before, now in moved.items():
        if before == now or ("://" in before and machine(before) == own):
            raise ValueError(f'[moved]: "{before}" cannot move to itself')
        if "://" in before and not (now.startswith("http") and now.endswith("/")):
            raise ValueError(f'[moved]: "{before}" needs another address that ends in /')
        if _is_name(before) and _is_name(now) and now not in names:
            known = ", ".join(sorted(feeds))
            raise ValueError(f'[moved]: no feed is called "{now}"; the feeds here are {known}')
        if _leads_back(before, moved, url):
            raise ValueError(f'[moved]: "{before}" leads back to itself, so that it leads nowhere')


def _is_name(address: str) -> bool:
    return "." not in address and "/" not in address


def _leads_back(before: str, moved: Mapping[str, str], url: str) -> bool:
    """Return whether an address moves to itself, at once or over others that moved."""
    own = {before, *(f"{before}.{ending}" for ending in _ENDINGS if _is_name(before))}
    at, seen = moved[before].removeprefix(url), set[str]()
    while at not in own and at not in seen:
        seen.add(at)
        name, _, ending = at.rpartition(".")
        if name in moved and ending in _ENDINGS:  # a name stands for all documents of a feed
            to = moved[name]
            at = moved.get(at, to if "." in to else f"{to}.{ending}").removeprefix(url)
        else:
            at = moved.get(at, "").removeprefix(url)
    return at in own
