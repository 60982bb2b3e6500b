"""What does `config.toml` say: who speaks, which feeds are there, when does the line run?

The keys are described in the `config.toml` that Dateline ships. Every fault is told at once,
each with its line and its dotted path; nothing that is unknown is passed over. The files that
`[look]` names are looked at when the rest is without a fault.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from dateline.config.faults import faults, told
from dateline.config.schema import AlarmTable, LookTable, Tables, is_own_machine
from dateline.config.theme_files import stamps
from dateline.errors import ConfigError, DatelineError, TomlError
from dateline.messages.catalogues import languages
from dateline.model import Feed, Publication, Theme
from dateline.model.formats import FORMATS
from dateline.text import toml

__all__ = [
    "Alarm",
    "Config",
    "ConfigWatcher",
    "NewsroomSettings",
    "Schedule",
    "is_own_machine",
    "load",
]

_LINE = (
    "A line is a name, an equals sign and a value; a text stands between straight quotes, like "
    'title = "…".'
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When the line runs by itself: every `interval` seconds, or by a `cron` line in UTC."""

    interval: int = 60
    cron: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsroomSettings:
    """In which `language` staff read, and where they alone may.

    Nowhere, unless there is a `token`, or this machine may come in `without_token`.
    `url` is where staff reach it behind a server with TLS, without a slash at its end, or empty.
    """

    language: str = "en"
    token: str = ""
    without_token: bool = False
    host: str = "127.0.0.1"
    port: int = 8001
    url: str = ""

    @property
    def is_on(self) -> bool:
        """Say whether it is to be served."""
        return bool(self.token) or self.without_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Who is told of what is wrong for longer than `after`.

    `webhook` is an address or empty; `smtp` is the mail server, a machine and its port.
    `heartbeat` is the address that is asked for after each good check, or empty.
    """

    after: timedelta = timedelta(hours=1)
    webhook: str = ""
    mail_to: tuple[str, ...] = ()
    mail_from: str = ""
    smtp: tuple[str, int] = ("127.0.0.1", 25)
    heartbeat: str = ""

    @property
    def channels(self) -> tuple[str, ...]:
        """Give the ways in which to tell: `webhook`, `mail`, both, or none."""
        ways = {"webhook": self.webhook, "mail": self.mail_to}
        return tuple(name for name, place in ways.items() if place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A configuration that can be used; every path is absolute.

    `files` are the files and folders that it was read from.
    `former` has each address that is no more, seen from the site's, and where it went or an
    empty text; `former_hosts` each machine that the site was at, and the address it has now.
    """

    path: Path
    files: tuple[Path, ...]
    publication: Publication
    feeds: tuple[Feed, ...]
    entries: Path
    feeds_folder: Path
    state: Path
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
    former: Mapping[str, str]
    former_hosts: Mapping[str, str]


def load(path: Path, *, looks: bool = True) -> Config:
    """Read a configuration; raises `ConfigError` with every fault.

    Whoever makes no page `looks` at none of the files that `[look]` names: what is wrong with
    them is no reason not to serve.
    """
    path = path.resolve()
    text = _text(path)
    try:
        table = toml.parse(text)
    except TomlError as error:
        reason = f"{path.name}, line {error.line}: {error.reason}. {_LINE}"
        raise ConfigError([reason]) from error
    try:
        read = Tables.model_validate(table)
    except ValidationError as error:
        raise ConfigError(list(faults(path.name, text, error))) from error
    config = _config(path, read)
    if not looks:
        return config
    look = _look(path, text, read)
    return replace(config, publication=replace(config.publication, look=look))


class ConfigWatcher:
    """A configuration that is read again when any of its files changes, if it can be used.

    `trial` raises `DatelineError` for one that cannot. What is wrong with a newer one is logged
    once, and the last good one goes on.
    """

    def __init__(self, config: Config, trial: Callable[[Config], None] = lambda _: None) -> None:
        self._config = config
        self._trial = trial
        self._stamps = stamps(config.files)
        self._wrong = ""

    def read(self) -> Config:
        """Give the newest configuration that can be used."""
        now = stamps(self._config.files)
        # One that is wrong may be so for a file that this one does not name.
        if now != self._stamps or self._wrong:
            self._stamps = now
            self._take()
        return self._config

    def _take(self) -> None:
        try:
            config = load(self._config.path)
            self._trial(config)
        except DatelineError as error:
            if self._wrong != str(error):
                _log.warning("%s\nThe configuration from before goes on.", error)
            self._wrong = str(error)
        else:
            self._config, self._wrong = config, ""


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}. Name another with --config."]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path.name} is not saved as UTF-8. Save it as UTF-8."]) from error


def _config(path: Path, read: Tables) -> Config:
    folder = path.parent
    feeds = tuple(feed.value(read.publication) for feed in read.feed)
    return Config(
        path=path,
        files=(path, *(folder / name for name in _named(read.look))),
        publication=read.publication.value(),
        feeds=feeds,
        entries=(folder / read.paths.entries).resolve(),
        feeds_folder=(folder / read.paths.feeds).resolve(),
        state=(folder / read.paths.state).resolve(),
        cooling=timedelta(seconds=read.intake.cooling),
        grace=timedelta(seconds=read.intake.grace),
        schedule=Schedule(interval=read.schedule.interval, cron=read.schedule.cron),
        problem_files=read.intake.problem_files,
        newsroom=_newsroom(read),
        alarm=_alarm(read.alarm),
        host=read.serve.host,
        port=read.serve.port,
        workers=read.serve.workers,
        log=(folder / read.serve.log).resolve(),
        log_days=read.serve.log_days,
        metrics=read.serve.metrics,
        former=_former(read, feeds),
        former_hosts={
            urlsplit(before).netloc.lower(): now
            for before, now in read.moved.items()
            if "://" in before
        },
    )


def _named(look: LookTable) -> list[str]:
    """Give the files and folders that `[look]` names."""
    return [name for name in (look.logo, look.icon, look.templates) if name]


def _look(path: Path, text: str, read: Tables) -> Theme:
    own = read.look
    plain = Theme(accent=own.accent or "", accent_dark=own.accent_dark or "")
    if not _named(own):
        return plain
    from dateline.config import theme  # noqa: PLC0415 - Pillow and lxml: web workers do without

    look, wrong = theme.read(
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
        raise ConfigError([*told(path.name, text, of_keys), *of_files])
    return look


def _former(read: Tables, feeds: Sequence[Feed]) -> dict[str, str]:
    """Give each address that is no more with where it went; a feed's name means all of its.

    What has a dot or a slash is no name: `feed/` is where WordPress has its feed.
    """
    moves = {before: now for before, now in read.moved.items() if "://" not in before}
    former: dict[str, str] = {}
    for before, now in (dict.fromkeys(read.gone.addresses, "") | moves).items():
        is_feed = bool(now) and "." not in now
        if not is_feed:
            former[before] = now
        if "." in before or "/" in before:
            former[before] = now
            continue
        target = next((feed for feed in feeds if feed.name == now), None)
        for ending in (*FORMATS, "html", "ics"):
            path = f"{now}.{ending}" if is_feed else now
            former[f"{before}.{ending}"] = _nearest(target, path, feeds[0]) if target else path
    return former


def _nearest(feed: Feed, path: str, main: Feed) -> str:
    """Give what a feed has at this path or, where it has nothing there, what is most like it."""
    page = "index.html" if feed == main else f"{feed.name}.html"
    ending = path.rpartition(".")[2]
    if path in {*feed.paths, feed.calendar}:
        return path
    return feed.paths[0] if ending in FORMATS else page


def _newsroom(read: Tables) -> NewsroomSettings:
    own = read.publication.language.partition("-")[0]
    return NewsroomSettings(
        language=read.newsroom.language or (own if own in languages() else "en"),
        token=read.newsroom.token or "",
        without_token=read.newsroom.without_token and not read.newsroom.token,
        host=read.newsroom.host,
        port=read.newsroom.port,
        url=read.newsroom.url or "",
    )


def _alarm(read: AlarmTable) -> Alarm:
    machine, _, port = read.smtp.rpartition(":")
    return Alarm(
        after=timedelta(seconds=read.after),
        webhook=read.webhook or "",
        mail_to=tuple(dict.fromkeys(read.mail_to)),
        mail_from=read.mail_from or "",
        smtp=(machine.strip("[]"), int(port)),
        heartbeat=read.heartbeat or "",
    )
