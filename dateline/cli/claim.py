"""What a command claims before it writes: folders, and the leadership of a cluster.

A running `serve` locks its folders, since a second one would interfere with it. That is a lock on
the file `.serve` in `state/` and in `feeds/`, which ends with the process, however that ends. The
file names its holder. Its own module, because `build` checks it without what `serve` imports.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import sleep
from typing import TextIO

import click

try:
    import fcntl
except ImportError:  # Windows has no such lock
    fcntl = None  # type: ignore[assignment]

from dateline import config as configuration
from dateline.config import Config
from dateline.errors import DatelineError
from dateline.system import heartbeat
from dateline.system.supervisor import EPOCH
from dateline.system.writing import make_private_folder, widen_mask

_NAME = ".serve"
_TRIES = 5  # to lock it: a `build` that checks the claim holds the lock for a moment
_PAUSE = 0.05  # seconds between two tries
_BEAT = 0.1  # seconds between two checks that the claimed folders are still there


def writer(config_path: Path) -> Config:
    """Return the configuration of a command that writes, which leads its cluster from now on.

    Raises `LeadershipError`, with the name of the node, where another one leads.
    """
    config = configuration.load(config_path)
    widen_mask(config.feeds_folder)
    if config.cluster is not None:
        from dateline.ledger.cluster.terms import term  # noqa: PLC0415 - few have a cluster

        click.get_current_context().with_resource(term(config.ledger, config.cluster))
    return config


def companion(config_path: Path) -> Config:
    """Return the configuration of a process that writes beside a `serve`, and goes on.

    Raises `LeadershipError` where this node does not lead its cluster.
    """
    config = configuration.load(config_path)
    widen_mask(config.feeds_folder)
    if config.cluster is not None:
        from dateline.ledger.cluster.terms import adopt_own  # noqa: PLC0415 - few have a cluster

        adopt_own(config.ledger, config.cluster)
    return config


def adopt(config: Config) -> None:
    """Write under the epoch of the `serve` that started this process, if it has a cluster.

    Raises `DatelineError` if only one of the two has.
    """
    widen_mask(config.feeds_folder)
    epoch = os.environ.get(EPOCH)
    if (config.cluster is None) == bool(epoch):
        raise DatelineError("[cluster] in config.toml has changed: stop serve, and start it again.")
    if epoch and config.cluster:
        from dateline.ledger.cluster import terms  # noqa: PLC0415 - few have a cluster

        with heartbeat.failing():  # the database may have no connection for this process
            terms.adopt(config.ledger, int(epoch), config.cluster.name)


class Claims:
    """The folders that this process has claimed, until it ends."""

    def __init__(self) -> None:
        self._files: dict[Path, TextIO] = {}
        self._private: set[Path] = set()
        self._holder = ""
        self._lock = threading.Lock()

    def take(self, config: Config, holder: str) -> None:
        """Claim a publication's folders; another `serve` names this one by `holder`.

        Raises `DatelineError` where another process has claimed one. A folder that cannot be
        written to is not claimed.
        """
        with self._lock:
            self._private.add(config.state)
            self._holder = holder
            for folder in (config.state, config.feeds_folder):
                if folder not in self._files:
                    self._take(folder)

    @contextmanager
    def kept(self, stop: threading.Event) -> Iterator[None]:
        """Claim folders again as soon as they, or their files, are deleted.

        This sets `stop`, and raises `DatelineError` at the end, once another process has claimed
        all of them. One that has claimed a part is refused the rest, and gives it up. A thread of
        its own asks for the files: one on a share that hangs holds up nothing else.
        """
        over, faults = threading.Event(), list[DatelineError]()

        def keep() -> None:
            while not (over.wait(_BEAT) or faults):
                try:
                    self.keep()
                except DatelineError as error:
                    faults.append(error)
                    stop.set()

        threading.Thread(target=keep, daemon=True).start()
        try:
            yield
        finally:
            over.set()
        if faults:
            raise faults[0]

    def keep(self) -> None:
        """Claim again what was deleted. Raises `DatelineError` if others have claimed all of it."""
        with self._lock:
            lost = [path for path, file in self._files.items() if _is_gone(path / _NAME, file)]
            for folder in lost:
                before = self._files[folder]
                try:
                    self._take(folder)
                except DatelineError:
                    if len(lost) == len(self._files):
                        raise
                if self._files[folder] is not before:
                    before.close()

    def _take(self, folder: Path) -> None:
        if folder in self._private:
            with suppress(OSError):
                make_private_folder(folder)
        if (file := _opened(folder)) is None:
            return
        if not _lock_soon(file):
            other = "another process"
            with closing(file), suppress(OSError):
                file.seek(0)
                other = file.read().strip() or other
            raise DatelineError(
                f"Dateline is already serving {folder} ({other}). Stop that one "
                "first, or send it SIGHUP to take up a changed config.toml. To serve another "
                "publication, name other folders under [paths] in config.toml."
            )
        self._files[folder] = file
        with suppress(OSError):  # on a full disk it is claimed without a name
            file.truncate(0)
            file.write(f"{self._holder}\n")
            file.flush()


def is_claimed(config: Config) -> bool:
    """Return whether a `serve` runs on a publication's folders."""
    for folder in (config.state, config.feeds_folder):
        if (folder / _NAME).exists() and (file := _opened(folder)) is not None:
            with closing(file):
                if not _lock(file):
                    return True
    return False


def _opened(folder: Path) -> TextIO | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / _NAME).open("a+", encoding="utf-8", errors="replace")
    except OSError:
        return None


def _is_gone(path: Path, file: TextIO) -> bool:
    """Return whether a path leads no longer to an open file; not if that cannot be known."""
    try:
        return not os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _lock_soon(file: TextIO) -> bool:
    for _ in range(_TRIES):
        if _lock(file):
            return True
        sleep(_PAUSE)
    return False


def _lock(file: TextIO) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def described(config: Config) -> str:
    """Return the words by which another `serve` names this one."""
    host = f"[{config.host}]" if ":" in config.host else config.host
    return f"process {os.getpid()} at http://{host}:{config.port}/"
