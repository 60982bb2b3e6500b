"""The configuration: `config.toml`, read and checked.

The `config.toml` that Dateline ships describes the keys. Unknown keys are refused. All faults are
reported at once, each with its line and its dotted path; the files that `[look]` names are read
once the rest is valid.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from socket import gethostname

from pydantic import ValidationError

from dateline.config import theme
from dateline.config.faults import faults, located, repeated
from dateline.config.newsroom import NewsroomSettings, PersonSettings, StaffRole
from dateline.config.schema import AlarmTable, ClusterTable, LookTable, Tables
from dateline.config.values import is_own_machine
from dateline.errors import ConfigError, DatelineError, TomlError
from dateline.model import Cdn, Feed, HubSettings, Publication, SourceSettings, Theme
from dateline.model.formats import FORMATS
from dateline.system.addresses import bare_host
from dateline.text import toml
from dateline.text.urls import HUB

__all__ = [
    "Alarm",
    "ClusterSettings",
    "Config",
    "DeliverySettings",
    "NewsroomSettings",
    "PersonSettings",
    "Schedule",
    "StaffRole",
    "StoreSettings",
    "is_own_machine",
    "load",
]

_LINE = (
    "A line is a name, an equals sign and a value; a text stands between straight quotes, like "
    'title = "…".'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When Dateline checks for changes: every `interval` seconds, or by a `cron` line in UTC."""

    interval: int = 60
    cron: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Where an alarm is sent when a fault lasts longer than `after`.

    `webhook` is an address or empty; `smtp` is the host and port of the mail server.
    `heartbeat` is the address that is requested after each good check, or empty.
    """

    after: timedelta = timedelta(hours=1)
    webhook: str = ""
    mail_to: tuple[str, ...] = ()
    mail_from: str = ""
    smtp: tuple[str, int] = ("127.0.0.1", 25)
    heartbeat: str = ""

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that are set: `webhook`, `mail`, both, or none."""
        known = {"webhook": self.webhook, "mail": self.mail_to}
        return tuple(name for name, target in known.items() if target)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySettings:
    """The proof that news reaches readers: whether it is on, and a full round each `interval`.

    An address in a private network is asked only if it may be `private`.
    """

    enabled: bool = True
    private: bool = False
    interval: int = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSettings:
    """This node in its cluster: its `name`, whether it may `lead`, and the `lease` in seconds.

    >>> ClusterSettings(name="web1", lead=True, lease=3).pause
    0.75
    """

    name: str
    lead: bool
    lease: int

    @property
    def pause(self) -> float:
        """Seconds between two turns."""
        return self.lease / 4  # so three may fail


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """The object store of a publication on several machines: its address, and its endpoint."""

    url: str
    endpoint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A valid configuration; every path is absolute.

    `path` is the file itself, and `named` and `named_entries` are the names of it and of the
    entries folder, which may be symbolic links that lead elsewhere one day. `files` are the files
    and folders that it was read from, `stamps` the stamps of these just before. `ledger` is the
    SQLAlchemy URL of a database, without a password, or empty for a file in `state`. `former` maps
    each address that is no longer served, relative to the site, to its new one, or to an empty text
    where it is gone for good; `former_hosts` maps each former host of the site, with the path that
    it had there, to its address now. `cdns` are caches in front of the site. With a `source`,
    `entries` is a copy of it in the state. `cluster` is None where this machine publishes alone.
    With a `hub` of the publication's own, feeds name it as the first. `text` is that of the file.
    """

    path: Path
    named: Path
    files: tuple[Path, ...]
    publication: Publication
    feeds: tuple[Feed, ...]
    entries: Path
    named_entries: Path
    feeds_folder: Path
    state: Path
    ledger: str
    cooling: timedelta
    grace: timedelta
    schedule: Schedule
    problem_files: bool
    newsroom: NewsroomSettings
    alarm: Alarm
    host: str
    port: int
    workers: int
    log: Path
    log_days: int
    metrics: bool
    codings: tuple[str, ...]
    former: Mapping[str, str]
    former_hosts: Mapping[str, str]
    cdns: tuple[Cdn, ...] = ()
    cluster: ClusterSettings | None
    store: StoreSettings | None = None
    source: SourceSettings | None = None
    hub: HubSettings | None = None
    delivery: DeliverySettings = DeliverySettings()
    stamps: tuple[theme.Stamp, ...] = field(default=(), compare=False, repr=False)
    text: str = field(default="", compare=False, repr=False)

    @property
    def has_search(self) -> bool:
        """True if readers can search."""
        return self.publication.has_search

    @property
    def outside_hubs(self) -> tuple[str, ...]:
        """The hubs of others that feeds name, which are notified of changes."""
        named = self.publication.hubs
        return named[1:] if self.hub else named

    @property
    def renditions(self) -> Path:
        """The folder in the state in which the renditions of pictures are kept."""
        return self.state / "renditions"

    def require_own_entries(self, act: str, how: str = "") -> None:
        """Raise `DatelineError` where entries come from a source, since `act` is done there.

        The next fetch may remove what is written here, and no other machine has it. `how` ends the
        sentence.
        """
        if self.source:
            raise DatelineError(f"Entries come from {self.source.url}. {act} there{how}.")


def load(path: Path, *, with_theme: bool = True) -> Config:
    """Read a configuration; raises `ConfigError` with every fault.

    Without `with_theme` the files that `[look]` names are not read: web workers render no page,
    and a broken template must not stop serving.
    """
    named = path.absolute()
    try:
        path = _real(path)
    except ValueError as error:  # a null character, or half of a surrogate pair
        raise ConfigError([f"{str(path)!r} can be no path. Name another with --config."]) from error
    own = theme.stamps([named])
    config = parse(path, _text(path), with_theme=with_theme)
    files, seen = (named, *config.files[1:]), (*own, *config.stamps)
    return replace(config, named=named, files=files, stamps=seen)


def parse(path: Path, text: str, *, with_theme: bool = True) -> Config:
    """Read the text of the configuration at `path`; raises `ConfigError` as `load` does."""
    try:
        table = toml.parse(text)
    except TomlError as error:
        twice = repeated(text, error)
        wrong = f", {twice}" if twice else f": {error.reason}. {_LINE}"
        raise ConfigError([f"{path.name}, line {error.line}{wrong}"]) from error
    try:
        read = Tables.model_validate(table)
    except ValidationError as error:
        raise ConfigError(list(faults(path.name, text, error))) from error
    config = _config(path, read)
    config = replace(config, stamps=theme.stamps(config.files[1:]), text=text)
    if overlap := _overlapping(config):
        raise ConfigError([*located(path.name, text, [overlap])])
    if not with_theme:
        return config
    own = _theme(path, text, read)
    return replace(config, publication=replace(config.publication, theme=own))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}. Name another with --config."]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path.name} is not saved as UTF-8. Save it as UTF-8."]) from error


def _real(path: Path) -> Path:
    """Return where a path leads; of links in a circle, for which `resolve` fails, one of them."""
    return Path(os.path.realpath(path))


def _config(path: Path, read: Tables) -> Config:
    folder = path.parent
    state = _real(folder / read.paths.state)
    source = read.source.value()
    entries = state / "source" / source.key / "entries" if source else folder / read.paths.entries
    own, hub = read.publication.value(), read.hub.value()
    publication = replace(
        own,
        hubs=tuple(dict.fromkeys([f"{own.url}{HUB}", *own.hubs])) if hub else own.hubs,
        allowed=read.look.allow.value(),
        has_search=read.search.enabled,
        has_terms=read.topics.pages,
        has_term_feeds=read.topics.feeds,
        email_lists=read.subscribe.value(read.publication.language),
        aggregators=read.aggregators.value(),
    )
    feeds = tuple(feed.value(publication) for feed in read.feed)
    return Config(
        path=path,
        named=path,
        files=(path, *(folder / name for name in _named(read.look))),
        publication=publication,
        feeds=feeds,
        entries=_real(entries),
        named_entries=entries,
        feeds_folder=_real(folder / read.paths.feeds),
        state=state,
        ledger=read.ledger.url or "",
        cooling=timedelta(seconds=read.intake.cooling),
        grace=timedelta(seconds=read.intake.grace),
        schedule=Schedule(interval=read.schedule.interval, cron=read.schedule.cron),
        problem_files=read.intake.problem_files and source is None,
        newsroom=read.newsroom.value(read.publication.language),
        alarm=_alarm(read.alarm),
        host=read.serve.host,
        port=read.serve.port,
        workers=read.serve.workers,
        log=_real(folder / read.serve.log),
        log_days=read.serve.log_days,
        metrics=read.serve.metrics,
        codings=tuple(dict.fromkeys(read.serve.codings)),
        former=_former(read, feeds),
        former_hosts={
            before.partition("://")[2].removesuffix("/"): now
            for before, now in read.moved.items()
            if "://" in before
        },
        source=source,
        cdns=tuple(one.value(folder) for one in read.cdn),
        cluster=_cluster(read.cluster),
        hub=hub,
        delivery=DeliverySettings(**dict(read.delivery)),
        store=StoreSettings(url=read.store.url, endpoint=read.store.endpoint)
        if read.store.url
        else None,
    )


def _overlapping(config: Config) -> tuple[tuple[str, ...], str] | None:
    """Return the table and the fault of folders inside one another, by whatever names or links."""
    own = [config.feeds_folder, config.state, *([] if config.source else [config.entries])]
    if any(a.is_relative_to(b) for a in own for b in own if a is not b):
        return ("paths",), "must be three folders, none inside another."
    if any(config.log.is_relative_to(one) for one in (config.feeds_folder, config.entries)):
        return ("serve",), "log cannot be in the folder of entries or of documents."
    return None


def _cluster(read: ClusterTable | None) -> ClusterSettings | None:
    """Return the settings of a node, which has the machine's name unless it is given one."""
    if read is None:
        return None
    return ClusterSettings(name=read.name or gethostname(), lead=read.lead, lease=read.lease)


def _named(look: LookTable) -> list[str]:
    """Return the files and folders that `[look]` names."""
    return [name for name in (look.logo, look.icon, look.templates) if name]


def _theme(path: Path, text: str, read: Tables) -> Theme:
    own = read.look
    plain = Theme(accent=own.accent or "", accent_dark=own.accent_dark or "")
    if not _named(own):
        return plain
    found, wrong = theme.read(
        path.parent,
        read.publication.url,
        plain,
        logo=own.logo or "",
        icon=own.icon or "",
        templates=own.templates or "",
    )
    if wrong:
        of_keys = [(("look", key), sentence) for key, sentence in wrong if key]
        of_files = [sentence for key, sentence in wrong if not key]
        raise ConfigError([*located(path.name, text, of_keys), *of_files])
    return found


def _former(read: Tables, feeds: Sequence[Feed]) -> dict[str, str]:
    """Return each former address with its new one; a feed's name stands for all its documents.

    A path with a dot or a slash is no name: `feed/` is where WordPress has its feed.
    """
    moves = {before: now for before, now in read.moved.items() if "://" not in before}
    former: dict[str, str] = {}
    for before, now in (dict.fromkeys(read.gone.addresses, "") | moves).items():
        is_feed = bool(now) and "." not in now
        if not is_feed:
            former[before] = now
        target = next((feed for feed in feeds if feed.name == now), None)
        if "." in before or "/" in before:
            former[before] = _document(target, before, feeds[0]) if target else now
            continue
        for ending in (*FORMATS, "html", "ics"):
            path = f"{now}.{ending}" if is_feed else now
            former[f"{before}.{ending}"] = _nearest(target, path, feeds[0]) if target else path
    return former


def _document(feed: Feed, before: str, main: Feed) -> str:
    """Return the document of a feed that takes the place of a former one: there is none `news`."""
    ending = before.rpartition(".")[2]
    known = ending if ending in {*FORMATS, "html", "ics"} else feed.formats[0]
    path = _nearest(feed, f"{feed.name}.{known}", main)
    return feed.name if path == before else path  # it is there, and needs no redirect


def _nearest(feed: Feed, path: str, main: Feed) -> str:
    """Return a path if a feed has a document there, else the most similar one that it has."""
    page = "index.html" if feed == main else f"{feed.name}.html"
    ending = path.rpartition(".")[2]
    if path in {*feed.paths, feed.calendar}:
        return path
    return feed.paths[0] if ending in FORMATS else page


def _alarm(read: AlarmTable) -> Alarm:
    machine, _, port = read.smtp.rpartition(":")
    return Alarm(
        after=timedelta(seconds=read.after),
        webhook=read.webhook or "",
        mail_to=tuple(dict.fromkeys(read.mail_to)),
        mail_from=read.mail_from or "",
        smtp=(bare_host(machine), int(port)),
        heartbeat=read.heartbeat or "",
    )
