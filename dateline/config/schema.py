"""What may stand in `config.toml`, and what does it mean? The one door to pydantic."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
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

from dateline.config.colours import DARK_PAPER, ENOUGH, PAPER, contrast, nearest, shown
from dateline.config.token import HOW_TO_MAKE, hard_to_guess
from dateline.messages.catalogues import languages
from dateline.model import Asked, Feed, Publication
from dateline.model.formats import DEFAULTS, FORMATS
from dateline.text.characters import tidy
from dateline.text.language import tag_of
from dateline.text.urls import web_address

ALL_LANGUAGES = "*"
_RESERVED = frozenset({"404", "410", "index", "subscribe"})  # pages that every publication has


def _one_line(text: str) -> str:
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if not line or line != tidy(line):
        raise ValueError("must be a line of text")
    return line


def _address(text: str) -> str:
    address = web_address(text)
    if address is None:
        raise ValueError("must start with https:// or http://")
    return address


def _logo(text: str) -> str:
    if not re.search(r"\.(gif|jpe?g|png)(\?.*)?\Z", text, re.IGNORECASE):
        raise ValueError("must be the address of a GIF, JPEG or PNG")
    return text


def folder_address(text: str) -> str:
    """Give the address of a folder, with a slash at its end; raises `ValueError`."""
    address = _address(text)
    if "?" in address or "#" in text:
        raise ValueError("must be the address of a folder, without ? or #")
    return address.removesuffix("/") + "/"


def _language(text: str) -> str:
    tag = tag_of(text)
    if tag is None:
        raise ValueError('must be a language tag, like "en", "fr" or "zh-Hant"')
    return tag


def _feed_language(text: str) -> str:
    return text if text == ALL_LANGUAGES else _language(text)


def _tag(text: str) -> str:
    date = r"\d{4}(-\d\d(-\d\d)?)?"
    name = r"([a-z0-9._-]+@)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+"
    if not re.fullmatch(f"{name},{date}", text):
        raise ValueError(
            "must be a domain that was yours on a day, and that day (RFC 4151), like "
            '"example.org,2008"'
        )
    return text


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError) as error:  # OSError: a folder of zones
        raise ValueError('must be a time zone\'s name, like "Europe/Vienna"') from error


def _cron(text: str) -> str:
    try:
        CronTrigger.from_crontab(text)
    except ValueError as error:
        raise ValueError(f"is no cron line of five fields ({error})") from error
    return text


def _email(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", text):
        raise ValueError('must be an address like "news@example.org"')
    return text


def _origin(text: str) -> str:
    parts = urlsplit(_address(text))
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        raise ValueError("must be a name alone, without a path, like https://staff.example.org")
    return f"{parts.scheme}://{parts.netloc}"


def is_own_machine(host: str) -> bool:
    """Say whether only this machine itself reaches what listens at `host`."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _mail_server(text: str) -> str:
    found = re.fullmatch(r"(?:[^\s:/]+|\[[0-9A-Fa-f:]+\]):(\d{1,5})", text)
    if not found or not 0 < int(found[1]) < 65536:  # noqa: PLR2004
        raise ValueError('must be a machine and a port, like "127.0.0.1:25"')
    return text


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text):
        raise ValueError("must be made of small letters, digits and single hyphens")
    if text in _RESERVED or text.startswith("subscribe-"):  # one for each language
        raise ValueError(f'cannot be "{text}": that page is there for something else')
    return text


def _path(text: str) -> str:
    path = text.removeprefix("/")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._~/-]*", path) or ".." in path:
        raise ValueError(
            'must be a feed\'s name, like "old", or an address without its beginning, like '
            '"old.rss"'
        )
    return path


def _former(text: str) -> str:
    return folder_address(text) if "://" in text else _path(text)


def _target(text: str) -> str:
    return _address(text) if "://" in text else _path(text)


def _format(value: object) -> str:
    if not isinstance(value, str) or value not in FORMATS:
        *names, last = map(repr, FORMATS)
        raise ValueError(f"must be {', '.join(names)} or {last}")
    return value


def _colour(text: str, paper: str) -> str:
    found = re.fullmatch(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})", text.lower())
    if not found:
        raise ValueError('must be a colour like "#0b5394"')
    colour = found[0] if len(found[0]) > 4 else "#" + "".join(2 * one for one in found[0][1:])  # noqa: PLR2004
    ratio = contrast(colour, paper)
    if ratio < ENOUGH:
        raise ValueError(
            f"has a contrast of {shown(ratio)} on paper of {paper}, and cannot be read below "
            f'{ENOUGH}:1 (WCAG 2.2, 1.4.3). "{nearest(colour, paper)}" would do'
        )
    return colour


def _on_light(text: str) -> str:
    return _colour(text, PAPER)


def _on_dark(text: str) -> str:
    return _colour(text, DARK_PAPER)


_Line = Annotated[str, AfterValidator(_one_line)]
_Address = Annotated[str, AfterValidator(_address)]
_Folder = Annotated[str, Field(min_length=1)]
_Format = Annotated[str, PlainValidator(_format)]
_Email = Annotated[str, AfterValidator(_email)]


class Table(BaseModel):
    """A table in which every key is known, and of its own type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class PublicationTable(Table):
    """`[publication]`: who speaks."""

    title: _Line
    description: _Line
    url: Annotated[str, AfterValidator(folder_address)]
    home: _Address
    language: Annotated[str, AfterValidator(_language)]
    tag: Annotated[str, AfterValidator(_tag)]
    author: _Line
    email: _Email | None = None
    time_zone: Annotated[str, AfterValidator(_zone)]
    rights: _Line | None = None
    icon: _Address | None = None
    logo: Annotated[_Address, AfterValidator(_logo)] | None = None
    date_order: Literal["DMY", "MDY"] | None = None
    hubs: list[_Address] = []
    max_age: int = Field(default=300, ge=0, le=86400)

    def value(self) -> Publication:
        """Give who speaks."""
        fields = dict(self)
        for name in ("email", "rights", "icon", "logo"):
            fields[name] = fields[name] or ""
        hubs = tuple(dict.fromkeys(fields.pop("hubs")))
        return Publication(zone=fields.pop("time_zone"), hubs=hubs, **fields)


class LookTable(Table):
    """`[look]`: what the pages have of the newsroom's own."""

    logo: _Folder | None = None
    icon: _Folder | None = None
    accent: Annotated[str, AfterValidator(_on_light)] | None = None
    accent_dark: Annotated[str, AfterValidator(_on_dark)] | None = None
    templates: _Folder | None = None


class PathsTable(Table):
    """`[paths]`: where things lie."""

    entries: _Folder = "entries"
    feeds: _Folder = "feeds"
    state: _Folder = "state"


class IntakeTable(Table):
    """`[intake]`: how files are taken in."""

    cooling: int = Field(default=0, ge=0, le=86400)
    grace: int = Field(default=600, ge=0, le=86400)
    problem_files: bool = True


class ScheduleTable(Table):
    """`[schedule]`: when the line runs."""

    interval: int = Field(default=60, ge=1, le=86400)
    cron: Annotated[str, AfterValidator(_cron)] | None = None


# Languages of the newsroom's pages: those that have a catalogue (`dateline.messages.catalogues`).
if TYPE_CHECKING:
    Tongue = str
else:
    Tongue = Literal[languages()]


class NewsroomTable(Table):
    """`[newsroom]`: in which language staff read, and what they alone may, and where."""

    language: Tongue | None = None
    token: Annotated[str, AfterValidator(hard_to_guess)] | None = None
    without_token: bool = False
    host: _Line = "127.0.0.1"
    port: int = Field(default=8001, ge=1, le=65535)
    url: Annotated[str, AfterValidator(_origin)] | None = None

    @field_validator("host", mode="after")
    @classmethod
    def _within_reach(cls, host: str, read: ValidationInfo) -> str:
        needs_token = read.data.get("without_token") and not read.data.get("token")
        if needs_token and not is_own_machine(host):
            raise ValueError("must be 127.0.0.1 where nobody needs a token")
        return host

    @field_validator("url", mode="after")
    @classmethod
    def _with_token(cls, url: str | None, read: ValidationInfo) -> str | None:
        if url and read.data.get("without_token") and not read.data.get("token"):
            raise ValueError(f"is for a newsroom with a token. {HOW_TO_MAKE}")
        return url


class AlarmTable(Table):
    """`[alarm]`: who is told when something is wrong for long."""

    after: int = Field(default=3600, ge=1, le=31_536_000)
    webhook: _Address | None = None
    mail_to: list[_Email] = []
    mail_from: _Email | None = None
    smtp: Annotated[str, AfterValidator(_mail_server)] = "127.0.0.1:25"
    heartbeat: _Address | None = None


class ServeTable(Table):
    """`[serve]`: where it listens."""

    host: _Line = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    log: _Folder = "state/log"
    log_days: int = Field(default=30, ge=0, le=3660)
    metrics: bool = False


class FeedTable(Table):
    """`[[feed]]`: what a feed shows."""

    name: Annotated[str, AfterValidator(_name)]
    title: _Line
    description: _Line
    language: Annotated[str, AfterValidator(_feed_language)] | None = None
    categories: list[_Line] = []
    authors: list[_Line] = []
    kinds: list[Asked] = []
    entries: int = Field(default=50, ge=1, le=1000)
    days: int = Field(default=30, ge=0, le=3660)
    formats: Annotated[list[_Format], Field(min_length=1)] = list(DEFAULTS)

    def value(self, publication: PublicationTable) -> Feed:
        """Give the feed; without a language of its own it has the publication's."""
        fields = dict(self)
        language = fields.pop("language") or publication.language
        for name in ("categories", "authors", "kinds", "formats"):
            fields[name] = tuple(dict.fromkeys(fields[name]))
        return Feed(language=None if language == ALL_LANGUAGES else language, **fields)


class GoneTable(Table):
    """`[gone]`: what answers that it is gone for good (410)."""

    addresses: list[Annotated[str, AfterValidator(_path)]] = []


class Tables(Table):
    """The whole file; `[moved]` names old addresses and where each is now (301)."""

    publication: PublicationTable
    look: LookTable = LookTable()
    paths: PathsTable = PathsTable()
    schedule: ScheduleTable = ScheduleTable()
    intake: IntakeTable = IntakeTable()
    newsroom: NewsroomTable = NewsroomTable()
    alarm: AlarmTable = AlarmTable()
    serve: ServeTable = ServeTable()
    moved: dict[
        Annotated[str, AfterValidator(_former)], Annotated[str, AfterValidator(_target)]
    ] = {}
    gone: GoneTable = GoneTable()
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
    def _moved_elsewhere(self) -> Tables:
        own = urlsplit(self.publication.url).netloc
        for before, now in self.moved.items():
            if before == now or urlsplit(before).netloc == own:
                raise ValueError(f'[moved]: "{before}" cannot move to itself')
            if "://" in before and not (now.startswith("http") and now.endswith("/")):
                raise ValueError(f'[moved]: "{before}" needs another address that ends in /')
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

    @field_validator("paths", mode="after")
    @classmethod
    def _apart(cls, paths: PathsTable) -> PathsTable:
        folders = [Path("/", folder).resolve() for _, folder in paths]
        if any(a.is_relative_to(b) for a in folders for b in folders if a is not b):
            raise ValueError("must be three folders, none inside another")
        return paths


TABLES: Mapping[str, type[Table]] = {
    "publication": PublicationTable,
    "look": LookTable,
    "paths": PathsTable,
    "schedule": ScheduleTable,
    "intake": IntakeTable,
    "newsroom": NewsroomTable,
    "alarm": AlarmTable,
    "serve": ServeTable,
    "gone": GoneTable,
    "feed": FeedTable,
}
