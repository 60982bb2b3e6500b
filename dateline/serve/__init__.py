"""Published documents over HTTP, and the processes that serve them."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from dateline.errors import DatelineError
from dateline.system.writing import replace_file

if TYPE_CHECKING:  # the process that searches does without
    from dateline.config import Config, StoreSettings

TAKEN_UP = "DATELINE_TAKEN_UP"  # names the copy of the configuration that `serve` took up last
_NEWEST = "newest.json"  # beside it: the copy of the newest valid one


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeCommands:
    """The commands of the processes that `serve` starts, and the `parts` of it that run here.

    These are of `publish`, with the newsroom, `follow` and `web`.
    """

    publisher: Sequence[str]
    newsroom: Sequence[str]
    replica: Sequence[str]
    parts: Collection[str] = ("publish", "follow", "web")


class Membership(Protocol):
    """The membership of a node in its cluster (`dateline.ledger.cluster.membership`)."""

    @property
    def epoch(self) -> int | None:
        """The epoch that this node holds; None while it does not lead."""

    @property
    def ahead(self) -> float:
        """Seconds by which this machine's clock is ahead of the database's."""

    @property
    def away(self) -> str:
        """The reason why the database cannot be reached, or an empty text."""

    def note_ability(self, *, is_able: bool) -> None:
        """Note whether this node could publish: it reaches the store, and its disk has room."""

    def let_others_try(self, seconds: float) -> None:
        """Leave the lead once, and come second for so many seconds: publishing has failed here."""

    def may_send(self) -> bool:
        """Return whether this node leads, by what the database says now."""

    def start(self) -> None:
        """Join the cluster, and go on in a thread."""

    def stop(self) -> None:
        """Step down, and leave the cluster."""


def try_templates(config: Config) -> None:
    """Raise `TemplateError` where a template of the theme fails."""
    if config.publication.theme.templates:
        from dateline.render.pages.trial import trial  # noqa: PLC0415 - `serve` does without

        trial(config.publication, config.feeds)


def keep_taken_up(config: Config) -> None:
    """Keep a copy of the configuration that `serve` has taken up, for processes that it starts.

    Where none can be written, they read the file itself.
    """
    if place := os.environ.get(TAKEN_UP):
        _keep(config, Path(place))
        keep_newest(config)


def keep_newest(config: Config) -> None:
    """Keep a copy of the newest valid configuration, which may need no signal to be used."""
    if place := os.environ.get(TAKEN_UP):
        _keep(config, Path(place).with_name(_NEWEST))


def _keep(config: Config, place: Path) -> None:
    data = json.dumps({"path": str(config.path), "text": config.text}).encode("ascii")
    try:
        replace_file(place, data, mode=0o600)
    except OSError:  # an older copy would be worse than none
        with suppress(OSError):
            place.unlink(missing_ok=True)


def _kept(place: Path, *, with_theme: bool = False) -> Config | None:
    """Read a copy of a configuration, whose paths are relative to its file; None without one.

    Another version of Dateline, which was installed while `serve` runs, may have written another.
    """
    from dateline import config as configuration  # noqa: PLC0415 - many import no more than a name

    try:
        copy = json.loads(place.read_bytes())
        path, text = Path(copy["path"]), str(copy["text"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return configuration.parse(path, text, with_theme=with_theme)


def configured() -> Config:
    """Read the configuration that the environment names for a process of the site.

    In a process of `serve` it is what that took up, whatever the file has become: a worker that is
    replaced must not fail because the file is invalid now, or go on with other folders than the
    others. The files that `[look]` names are not read.
    """
    from dateline import config as configuration  # noqa: PLC0415 - many import no more than a name

    place = os.environ.get(TAKEN_UP)
    if place and (kept := _kept(Path(place))):
        return kept
    path = Path(os.environ.get("DATELINE_CONFIG", "config.toml"))
    return configuration.load(path, with_theme=False)


def taken_up(path: Path, *, with_theme: bool = True) -> Config:
    """Read the configuration at `path`, in the folders of the one that `serve` took up last."""
    from dateline import config as configuration  # noqa: PLC0415 - many import no more than a name

    config = configuration.load(path, with_theme=with_theme)
    return in_folders_of(configured(), config) if os.environ.get(TAKEN_UP) else config


def last_valid(path: Path, *, with_theme: bool = True) -> Config:
    """Read the configuration at `path` as `taken_up` does; if it is invalid, the last valid one.

    That has no stamps, so that a watcher reads the file again, and logs what is wrong.
    """
    try:
        return taken_up(path, with_theme=with_theme)
    except DatelineError:
        place = os.environ.get(TAKEN_UP)
        config = _kept(Path(place).with_name(_NEWEST), with_theme=with_theme) if place else None
        if config is None:
            raise
    named = path.absolute()
    config = replace(config, named=named, files=(named, *config.files[1:]), stamps=())
    return in_folders_of(configured(), config)


def in_folders_of(first: Config, config: Config) -> Config:
    """Return a configuration with the state, the output and the log of another one."""
    if config.source and config.state != first.state:
        copied = first.state / config.entries.relative_to(config.state)
        config = replace(config, entries=copied, named_entries=copied)
    return replace(config, state=first.state, feeds_folder=first.feeds_folder, log=first.log)


def store_to_follow(config: Config) -> StoreSettings:
    """Return the store that a machine follows. Raises `DatelineError` where none is configured."""
    if config.store is None:
        raise DatelineError(
            "There is no store to follow: write its url under [store] in config.toml."
        )
    return config.store
