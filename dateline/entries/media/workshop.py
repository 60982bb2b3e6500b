"""Renditions of large pictures, made one after another in a process of their own.

Other entries are published meanwhile. The process has little memory and little time, and reads one
picture: what breaks a decoder ends it, and nothing else.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections import OrderedDict
from pathlib import Path
from queue import SimpleQueue
from typing import NoReturn

from dateline.entries.media.limits import limit
from dateline.errors import MediaError
from dateline.system import start_thread
from dateline.system.supervisor import RUN_MODULE, module_environment
from dateline.system.writing import make_private_folder, replace_file

_log = logging.getLogger(__name__)
_MEMORY = 2 << 30  # bytes of addresses: a picture of 60 million pixels takes half of it
_SECONDS = 30  # of processor time
_PATIENCE = 20 * _SECONDS  # of elapsed time, on a busy machine; the next pictures wait meanwhile
_AT_A_TIME = 8  # pictures whose bytes are in memory
_REMEMBERED = 10_000  # a held file is read again in each run
_BROKEN = 3  # the exit status for a picture that cannot be decoded
_NICENESS = 5  # the processes that serve readers go before


class PictureWorkshop:
    """Makes renditions beside the publication of entries."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[tuple[str, bytes, Path]] = SimpleQueue()
        self._begun: set[str] = set()
        self._refused: OrderedDict[str, str] = OrderedDict()
        self._finished = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self, source: str, data: bytes, name: str, path: Path) -> NoReturn:
        """Begin to write the pack of a picture, with the digest `source`, at a path.

        Raises `MediaError`: it is not there yet, or cannot be made.
        """
        with self._lock:
            if code := self._refused.get(source):
                raise MediaError(code, found=name)
            if source not in self._begun and len(self._begun) < _AT_A_TIME:
                self._begun.add(source)
                self._waiting.put((source, data, path))
            if self._thread is None:
                self._thread = start_thread(self._work)
        raise MediaError("picture-in-work", found=name)

    @property
    def has_finished(self) -> bool:
        """True if a picture was finished since the last run for news began."""
        return self._finished.is_set()

    def begin_run(self) -> None:
        """Note that a run for news begins, which sees what is finished."""
        self._finished.clear()

    def _work(self) -> None:
        while True:
            source, data, path = self._waiting.get()
            try:
                code = _make(data, path)
            except OSError as error:  # the next run begins again
                _log.error("No renditions can be kept: %s", error)
                with self._lock:
                    self._begun.discard(source)
                continue
            with self._lock:
                self._begun.discard(source)
                if code:
                    self._refused[source] = code
                if len(self._refused) > _REMEMBERED:
                    self._refused.popitem(last=False)
            self._finished.set()


def _make(data: bytes, path: Path) -> str:
    """Write the pack of a picture; return the code of the problem with it, or nothing.

    Raises `OSError`.
    """
    command = [*RUN_MODULE, __name__, str(_SECONDS)]
    try:
        done = subprocess.run(  # noqa: S603, PLW1510 - ours
            command,
            input=data,
            env=module_environment(),
            capture_output=True,
            timeout=_PATIENCE,
        )
        if not done.returncode:
            make_private_folder(path.parent)
            replace_file(path, done.stdout)
            return ""
    except subprocess.TimeoutExpired:
        return "media-too-hard"
    return "media-broken" if done.returncode == _BROKEN else "media-too-hard"


def _main() -> None:
    """Read a picture from the standard input, and write its pack to the standard output."""
    if hasattr(os, "nice"):  # not on Windows
        os.nice(_NICENESS)
    limit(_MEMORY, int(sys.argv[1]))
    from dateline.entries.media.picture_store import packed  # noqa: PLC0415 - within the limits
    from dateline.entries.media.renditions import renditions  # noqa: PLC0415

    try:
        sys.stdout.buffer.write(packed(renditions(sys.stdin.buffer.read(), "")))
    except MediaError:
        raise SystemExit(_BROKEN) from None


if __name__ == "__main__":
    _main()
