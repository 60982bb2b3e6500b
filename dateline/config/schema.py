"""The tables of `config.toml`: their keys, types, defaults and ranges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from dateline.config.colours import colour_on_dark, colour_on_light
from dateline.config.newsroom import NewsroomTable, PersonTable
from dateline.config.publication_tables import (
    Address,
    AggregatorsTable,
    DeliveryTable,
    Email,
    FeedTable,
    FeedTranslationTable,
    HubTable,
    Line,
    LinksTable,
    PublicationTable,
    StoreTable,
    SubscribeTable,
    Table,
    TranslationTable,
    verify_moves,
)
from dateline.config.values import (
    allowed_site,
    branch_name,
    cron_line,
    file_path,
    former_address,
    ledger_address,
    mail_server,
    node_name,
    plain_address,
    service_id,
    site_path,
    source_address,
    source_folder,
    target_address,
)
from dateline.model import Allowed, Cdn, SourceSettings

FASTLY = "https://api.fastly.com/"


def _own_path(text: str) -> str:
    if text == "~" or text.startswith(("~/", "$")):
        raise ValueError("must be a path from / or from config.toml on, without ~ and $")
    return file_path(text)


_Folder = Annotated[str, Field(min_length=1), AfterValidator(_own_path)]
_Site = Annotated[str, AfterValidator(allowed_site)]
_Former = Annotated[str, AfterValidator(former_address)]
_Target = Annotated[str, AfterValidator(target_address)]


class AllowTable(Table):
    """`[look.allow]`: other sites that pages may use."""

    frames: list[_Site] = []
    forms: list[_Site] = []
    scripts: list[_Site] = []

    def value(self) -> Allowed:
        """Return the sites, each once."""
        return Allowed(**{name: tuple(dict.fromkeys(sites)) for name, sites in self})


class LookTable(Table):
    """`[look]`: the theme of the pages."""

    logo: _Folder | None = None
    icon: _Folder | None = None
    accent: Annotated[str, AfterValidator(colour_on_light)] | None = None
    accent_dark: Annotated[str, AfterValidator(colour_on_dark)] | None = None
    templates: _Folder | None = None
    allow: AllowTable = AllowTable.model_construct()


class PathsTable(Table):
    """`[paths]`: the folders, relative to `config.toml`."""

    entries: _Folder = "entries"
    feeds: _Folder = "feeds"
    state: _Folder = "state"


class LedgerTable(Table):
    """`[ledger]`: the database that keeps the ledger, if it is not a file in the state."""

    url: Annotated[str, AfterValidator(ledger_address)] | None = None


class IntakeTable(Table):
    """`[intake]`: how entry files are read; times in seconds."""

    cooling: int = Field(default=0, ge=0, le=86400)
    grace: int = Field(default=600, ge=0, le=86400)
    problem_files: bool = True


class SourceTable(Table):
    """`[source]`: where entries come from, if not from a folder; `interval` in seconds."""

    url: Annotated[str, AfterValidator(source_address)] | None = None
    branch: Annotated[str, AfterValidator(branch_name)] | None = None
    folder: Annotated[str, AfterValidator(source_folder)] | None = None
    endpoint: Annotated[str, AfterValidator(plain_address)] | None = None
    interval: int = Field(default=5, ge=1, le=3600)

    def value(self) -> SourceSettings | None:
        """Return the source; None without an address."""
        if self.url is None:
            return None
        return SourceSettings(
            url=self.url,
            branch=self.branch or "",
            folder=self.folder or "",
            endpoint=self.endpoint or "",
            interval=self.interval,
        )

    @model_validator(mode="after")
    def _fitting(self) -> SourceTable:
        own = self.value()
        if own is None and (self.branch or self.folder or self.endpoint):
            raise ValueError('needs a line like url = "git+https://git.example.org/news.git"')
        if own and own.is_git and own.endpoint:
            raise ValueError("needs no endpoint: that is for buckets")
        if own and not own.is_git and (own.branch or own.folder):
            raise ValueError("needs no branch and no folder: those are for git")
        return self


class ScheduleTable(Table):
    """`[schedule]`: when Dateline checks for changes; `interval` in seconds, `cron` in UTC."""

    interval: int = Field(default=60, ge=1, le=86400)
    cron: Annotated[str, AfterValidator(cron_line)] | None = None


class AlarmTable(Table):
    """`[alarm]`: where alarms are sent when a fault lasts longer than `after` seconds."""

    after: int = Field(default=3600, ge=1, le=31_536_000)
    webhook: Address | None = None
    mail_to: list[Email] = []
    mail_from: Email | None = None
    smtp: Annotated[str, AfterValidator(mail_server)] = "127.0.0.1:25"
    heartbeat: Address | None = None


class ServeTable(Table):
    """`[serve]`: address, workers and logs of the web server."""

    host: Line = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    log: _Folder = "state/log"
    log_days: int = Field(default=30, ge=0, le=3660)
    metrics: bool = False
    codings: list[Literal["gzip", "br", "zstd"]] = ["gzip", "br", "zstd"]


class SearchTable(Table):
    """`[search]`: the search of readers."""

    enabled: bool = False


class CdnTable(Table):
    """`[[cdn]]`: a cache in front of the site, which is told of each change."""

    kind: Literal["fastly", "varnish", "command"]
    service: Annotated[str, AfterValidator(service_id)] | None = None
    url: Annotated[str, AfterValidator(plain_address)] | None = None
    command: list[Annotated[str, AfterValidator(file_path)]] = []
    token_file: _Folder | None = None

    def value(self, folder: Path) -> Cdn:
        """Return the cache; the file of its token is relative to `folder`."""
        return Cdn(
            kind=self.kind,
            service=self.service or "",
            url=self.url or (FASTLY if self.kind == "fastly" else ""),
            command=tuple(self.command),
            token_file=folder / self.token_file if self.token_file else None,
        )

    @model_validator(mode="after")
    def _reachable(self) -> CdnTable:
        needed = {"fastly": "service", "varnish": "url", "command": "command"}[self.kind]
        if not getattr(self, needed):
            example = {
                "service": 'service = "SU1Z0isxPaozGVKXdv0eY"',
                "url": 'url = "http://127.0.0.1:6081/"',
                "command": 'command = ["/usr/local/bin/purge"]',
            }[needed]
            raise ValueError(f"of the kind {self.kind} needs a line like {example}")
        return self


class TopicsTable(Table):
    """`[topics]`: the pages of categories, places, authors, months and years, and their feeds."""

    pages: bool = True
    feeds: bool = False

    @field_validator("feeds", mode="after")
    @classmethod
    def _with_pages(cls, feeds: bool, read: ValidationInfo) -> bool:  # noqa: FBT001 - as pydantic calls it
        if feeds and not read.data.get("pages", True):
            raise ValueError("needs the pages: take out pages = false")
        return feeds


class ClusterTable(Table):
    """`[cluster]`: this node among those that share a ledger and a store."""

    name: Annotated[str, AfterValidator(node_name)] | None = None
    lead: bool = True
    lease: int = Field(default=3, ge=2, le=30)


class GoneTable(Table):
    """`[gone]`: addresses that are answered with 410 (Gone)."""

    addresses: list[Annotated[str, AfterValidator(site_path)]] = []


class Tables(Table):
    """The whole file; `[moved]` maps old addresses to new ones (301)."""

    publication: PublicationTable
    look: LookTable = LookTable.model_construct()
    paths: PathsTable = PathsTable.model_construct()
    ledger: LedgerTable = LedgerTable.model_construct()
    schedule: ScheduleTable = ScheduleTable.model_construct()
    intake: IntakeTable = IntakeTable.model_construct()
    source: SourceTable = SourceTable.model_construct()
    newsroom: NewsroomTable = NewsroomTable.model_construct()
    alarm: AlarmTable = AlarmTable.model_construct()
    serve: ServeTable = ServeTable.model_construct()
    search: SearchTable = SearchTable.model_construct()
    store: StoreTable = StoreTable.model_construct()
    hub: HubTable = HubTable.model_construct()
    delivery: DeliveryTable = DeliveryTable.model_construct()
    moved: dict[
        Annotated[str, AfterValidator(former_address)],
        Annotated[str, AfterValidator(target_address)],
    ] = {}
    topics: TopicsTable = TopicsTable.model_construct()
    subscribe: SubscribeTable = SubscribeTable.model_construct()
    aggregators: AggregatorsTable = AggregatorsTable.model_construct()
    gone: GoneTable = GoneTable.model_construct()
    cdn: list[CdnTable] = []
    cluster: ClusterTable | None = None
    feed: Annotated[list[FeedTable], Field(min_length=1)]

    @field_validator("schedule", mode="after")
    @classmethod
    def _one_schedule(cls, schedule: ScheduleTable) -> ScheduleTable:
        if {"interval", "cron"} <= schedule.model_fields_set:
            raise ValueError("cannot have both interval and cron; take one of them out")
        return schedule

    @field_validator("alarm", mode="after")
    @classmethod
    def _has_a_sender(cls, alarm: AlarmTable) -> AlarmTable:
        if alarm.mail_to and not alarm.mail_from:
            raise ValueError('has mail_to, so it needs a line like mail_from = "news@example.org"')
        return alarm

    @model_validator(mode="after")
    def _cluster_shares(self) -> Tables:
        shared = {"ledger": self.ledger.url, "store": self.store.url}
        if self.cluster and not all(shared.values()):
            missing = " and ".join(f"[{name}]" for name, url in shared.items() if not url)
            raise ValueError(f"[cluster]: its nodes share a ledger and a store; set url: {missing}")
        return self

    @model_validator(mode="after")
    def _moved_elsewhere(self) -> Tables:
        verify_moves(self.moved, self.publication.url, {feed.name for feed in self.feed})
        return self

    @model_validator(mode="after")
    def _own_language_aside(self) -> Tables:
        own = self.publication.language
        if own in self.subscribe.translations:
            raise ValueError(
                f"[subscribe]: email is the list in {own}; take out [subscribe.translations.{own}]"
            )
        if any(own in feed.translations for feed in self.feed):
            raise ValueError(
                f"[[feed]]: title is the title in {own}; take out [feed.translations.{own}]"
            )
        return self

    @model_validator(mode="after")
    def _aggregators_named(self) -> Tables:
        named = {name for feed in self.feed for name in feed.aggregators}
        for key, value in self.aggregators:
            if value and (name := key.partition("_")[0]) not in named:
                raise ValueError(
                    f'[aggregators]: {key} is for feeds with a line like aggregators = ["{name}"]'
                )
        return self

    @model_validator(mode="after")
    def _one_place(self) -> Tables:
        if self.source.url and "entries" in self.paths.model_fields_set:
            raise ValueError("[source]: entries come from there; take entries out of [paths]")
        return self

    @model_validator(mode="after")
    def _templates_apart(self) -> Tables:
        own = Path("/", self.look.templates or "").resolve()
        folders = [Path("/", folder).resolve() for _, folder in self.paths]
        near = (a.is_relative_to(b) for f in folders for a, b in ((own, f), (f, own)))
        if self.look.templates and any(near):
            raise ValueError('[look]: templates must be a folder of its own, such as "templates"')
        return self

    @model_validator(mode="after")
    def _log_apart(self) -> Tables:
        log = Path("/", self.serve.log).resolve()
        for folder in (self.paths.entries, self.paths.feeds):
            if log.is_relative_to(Path("/", folder).resolve()):
                raise ValueError(f'[serve]: log cannot be in "{folder}"')
        return self

    @field_validator("feed", mode="after")
    @classmethod
    def _distinct_names(cls, feeds: list[FeedTable]) -> list[FeedTable]:
        twice = [name for name, count in Counter(f.name for f in feeds).items() if count > 1]
        if twice:
            raise ValueError(f"has more than one feed with the name {', '.join(twice)}")
        return feeds

    @field_validator("cdn", mode="after")
    @classmethod
    def _distinct_caches(cls, cdn: list[CdnTable]) -> list[CdnTable]:
        names = Counter(one.value(Path()).name for one in cdn)
        if twice := [name for name, count in names.items() if count > 1]:
            raise ValueError(f"has {twice[0]} more than once")
        return cdn

    @field_validator("paths", mode="after")
    @classmethod
    def _apart(cls, paths: PathsTable) -> PathsTable:
        folders = [Path("/", folder).resolve() for _, folder in paths]
        if any(a.is_relative_to(b) for a in folders for b in folders if a is not b):
            raise ValueError("must be three folders, none inside another")
        return paths


TABLES: Mapping[str, type[Table]] = {
    "publication": PublicationTable,
    "publication.links": LinksTable,
    "publication.translations.fr": TranslationTable,
    "look": LookTable,
    "look.allow": AllowTable,
    "paths": PathsTable,
    "ledger": LedgerTable,
    "schedule": ScheduleTable,
    "intake": IntakeTable,
    "source": SourceTable,
    "newsroom": NewsroomTable,
    "newsroom.person": PersonTable,
    "alarm": AlarmTable,
    "serve": ServeTable,
    "search": SearchTable,
    "store": StoreTable,
    "hub": HubTable,
    "delivery": DeliveryTable,
    "topics": TopicsTable,
    "subscribe": SubscribeTable,
    "aggregators": AggregatorsTable,
    "gone": GoneTable,
    "cdn": CdnTable,
    "cluster": ClusterTable,
    "feed": FeedTable,
    "feed.translations.fr": FeedTranslationTable,
}
