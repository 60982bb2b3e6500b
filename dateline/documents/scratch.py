"""The folder in which a process writes documents before they go live.

`.new/` has one for each process that publishes, which keeps it locked. The folder of a process
that was killed is unlocked, and the next run removes it.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from functools import cache
from pathlib import Path
from secrets import token_hex

try:
    import fcntl
except ImportError:  # Windows has no such lock: staff must run one command at a time
    fcntl = None  # type: ignore[assignment]

NEW = ".new"  # in the folder of documents
_claims: dict[Path, int] = {}  # descriptors of the folders that this process has locked


class Scratch:
    """The folder called `name` in `parent`; without a name, that of this process."""

    def __init__(self, parent: Path, name: str = "") -> None:
        self._parent = parent
        self._is_own = not name
        self.name = name or _own_name()
        self._folder = parent / self.name
        # Processes that share one (`dateline.publish.produce.workers`) would contend for it.
        self.place = self._folder / f"{os.getpid()}"

    def clear(self) -> None:
        """Remove the files that this process has left, and the folders of processes that ended."""
        if not self._parent.is_dir():
            self._parent.unlink(missing_ok=True)
            return
        self._release()
        for path in [*self._parent.iterdir()]:
            if not path.is_dir():
                path.unlink(missing_ok=True)
            elif (lock := _lock(path)) is not None:
                shutil.rmtree(path, ignore_errors=True)
                os.close(lock)
        with suppress(OSError):
            self._parent.rmdir()

    def claim(self) -> None:
        """Make the folder to write in, and lock it."""
        if os.path.isdir(self.place):  # noqa: PTH112 - asked for each document, half as long
            return  # it is there while it is locked
        while self._is_own and not self._is_claimed():
            self._release()
            self._folder.mkdir(parents=True, exist_ok=True)
            # Another process may have cleared it just now.
            if (lock := _lock(self._folder)) is not None:
                _claims[self._folder] = lock
        self.place.mkdir(parents=True, exist_ok=True)

    def leave(self) -> None:
        """Remove the folder, unless it holds a file that goes live later."""
        with suppress(OSError):
            for place in self._folder.iterdir():
                place.rmdir()
            self._folder.rmdir()
            self._release()
            self._parent.rmdir()

    def _is_claimed(self) -> bool:
        lock = _claims.get(self._folder)
        try:
            return lock is not None and os.path.samestat(os.fstat(lock), self._folder.stat())
        except OSError:
            return False

    def _release(self) -> None:
        if (lock := _claims.pop(self._folder, None)) is not None:
            os.close(lock)


@cache
def _own_name() -> str:
    """Return a name that no other process has, on this machine or another."""
    return f"{os.getpid()}-{token_hex(4)}"


def _forget() -> None:
    """Forget the folder of the parent process, after a fork."""
    _own_name.cache_clear()
    _claims.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _lock(folder: Path) -> int | None:
    """Lock a folder, and return the descriptor; None if another process holds the lock."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:  # a file system without locks
        pass
    return descriptor
