"""The reasons for a run: a dropped file, changed settings, a clock that was set, damage."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, time

from dateline.config import Config
from dateline.config.theme import stamps
from dateline.documents import manifest
from dateline.entries import scan
from dateline.entries.lazy_scan import is_reached, may_be_read, scan_some
from dateline.publish.sources.polling import Follow, poll
from dateline.system import heartbeat
from dateline.system.writing import is_temporary

_STEP = 10  # milliseconds: watchfiles' own pace would lose a tenth of a second
_CHECKS_EVERY = 1000  # milliseconds: of the identity of the folder
_CALM = 60.0  # seconds: a watch that lasts so long has nothing to do with the errors before it
_READS_CLOCK_EVERY = 0.05  # seconds
_STEADY = 0.02  # seconds that the clock may deviate without having been set
_READS_REPORTS_EVERY = 0.1  # seconds
BEATS_EVERY = 5.0  # seconds while it waits; the supervisor expects one a minute
_log = logging.getLogger(__name__)

ChangedPaths = frozenset[str] | None
Later = Callable[[Callable[[], None], datetime], object]


class Wake:
    """The request for the next run: for some files, for all, or for both.

    `later` calls a function at a moment. A run that checks all files leaves those that were asked
    for to the next one: it may give way to them, or have read them too early.
    """

    def __init__(self, later: Later) -> None:
        self._later = later
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._paths: set[str] = set()
        self._is_waiting = False  # for a moment that is known
        self.has_news = False  # files, and a run was asked for
        self.is_of_all = True

    def of(self, paths: Iterable[str]) -> None:
        """Ask for a run that checks these files."""
        self._keep(paths)
        self._event.set()

    def of_young(self, paths: Iterable[str], moment: datetime) -> None:
        """Ask for a run that checks these files at `moment`: none can be read before.

        If a run was asked for already, that one checks them.
        """
        with self._lock:
            self._paths.update(paths)
            was_waiting, self._is_waiting = self._is_waiting, True
        if not was_waiting:
            self._later(lambda: self.of(()), moment)

    def of_all(self) -> None:
        """Ask for a run that checks every file."""
        self.is_of_all = True
        self._event.set()

    def fail(self, paths: Iterable[str]) -> None:
        """Make the next runs, whenever they are, check these files again, and every file."""
        self._keep(paths)
        self.is_of_all = True

    def _keep(self, paths: Iterable[str]) -> None:
        with self._lock:
            self._paths.update(paths)
            self.has_news = bool(self._paths)

    def wait(
        self, feeds: Path | None, is_due: Callable[[], bool], meanwhile: Callable[[], None]
    ) -> None:
        """Wait until a run is asked for or due, or a worker reports damage in the folder `feeds`.

        Heartbeats prove meanwhile that this thread does not hang.
        """
        heartbeat.beat()
        beaten = monotonic()
        while not self._event.wait(_READS_REPORTS_EVERY):
            meanwhile()
            if is_due():
                return
            if feeds and manifest.is_reported(feeds):
                return
            if monotonic() - beaten >= BEATS_EVERY:
                heartbeat.beat()
                beaten = monotonic()

    def begin(self) -> None:
        """Begin a run: what is asked for from now on is for another one, or for both."""
        self._event.clear()

    def take(self) -> frozenset[str]:
        """Return the files to check, in a run that checks these alone."""
        with self._lock:
            paths, self._paths = frozenset(self._paths), set()
            self.has_news = self._is_waiting = False
        return paths

    def take_all(self) -> None:
        """Take the request for all files, and leave that for some to the next run."""
        self.is_of_all = self._is_waiting = False
        if self.has_news:
            self._event.set()


@contextmanager
def watching(
    config: Config,
    wake: Wake,
    stop: threading.Event,
    follow: Follow,
    entries_now: Callable[[], Path],
) -> Iterator[threading.Event]:
    """Wake as soon as a file, the configuration or the clock changes, beside the schedule.

    `entries_now` returns the name of the entries folder, which the configuration may change.
    The event is set once that folder has followed its source, or could not.
    """
    is_followed = threading.Event()

    def unblock() -> None:
        stop.wait()
        wake.of(())

    if config.source is None:
        is_followed.set()
        entries = threading.Thread(target=_follow, args=(entries_now, wake, stop), daemon=True)
    else:
        words = (config, follow, wake.of, stop, is_followed)
        entries = threading.Thread(target=poll, args=words, daemon=True)
    threads = [
        entries,
        threading.Thread(target=_follow_settings, args=(config.files, wake, stop), daemon=True),
        threading.Thread(target=_follow_clock, args=(_ahead(), wake, stop), daemon=True),
        threading.Thread(target=unblock, daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        yield is_followed
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=5)


def _follow_settings(files: Sequence[Path], wake: Wake, stop: threading.Event) -> None:
    """Wake when the configuration, or a file of the theme, is changed."""
    known = stamps(files)
    while not stop.wait(_CHECKS_EVERY / 1000):
        if (now := stamps(files)) != known:
            known = now
            wake.of_all()


def _follow_clock(known: float, wake: Wake, stop: threading.Event) -> None:
    """Wake when the clock was set, or went on while the machine slept.

    Waits are measured by a clock that does neither, and an embargo would end late.
    """
    while not stop.wait(_READS_CLOCK_EVERY):
        ahead = _ahead()
        if abs(ahead - known) > _STEADY:
            known = ahead
            wake.of_all()


def _ahead() -> float:
    """Return how far the clock is ahead of the one that is never set (slewing moves both).

    Read again if this thread was interrupted in between: that would seem a clock that was set.
    """
    before, now = monotonic(), time()
    while monotonic() - before > _STEADY / 4:
        before, now = monotonic(), time()
    return now - before


def _follow(entries_now: Callable[[], Path], wake: Wake, stop: threading.Event) -> None:
    """Watch the folder, and the one that takes its place; without a folder, wait for one.

    A change of a name that is no UTF-8 ends a watch of watchfiles, and another one begins: one
    check of all files finds what changed between. If more such changes follow, another one is due
    only if folders came or went.
    """
    logged, pause, cut_off = "", _CHECKS_EVERY / 1000, 0  # watches in a row
    places: tuple[list[str], bool] = [], True
    while not stop.is_set():
        entries, begun = entries_now(), monotonic()
        try:
            before, places = places, _places(entries)
            checks_all = cut_off <= 1 or places != before
            _watch_one(entries, places, entries_now, wake, stop, checks_all=checks_all)
            logged, cut_off = "", 0
        except (OSError, RuntimeError) as error:  # the second is watchfiles' own
            lasted = monotonic() - begun
            if isinstance(error, OSError):
                cut_off = 0
            elif lasted >= pause:
                cut_off = 1 if lasted >= _CALM else cut_off + 1
            if lasted < pause and str(error) != logged:
                _log.warning("%s is not watched, only checked on schedule: %s", entries, error)
                logged = str(error)
            stop.wait(max(0.0, pause - lasted))


def _watch_one(
    entries: Path,
    watched: tuple[list[str], bool],
    entries_now: Callable[[], Path],
    wake: Wake,
    stop: threading.Event,
    *,
    checks_all: bool,
) -> None:
    """Wake at each change in the folder until another one has its name, or its place.

    `watched` is as `_places` returns it. With `checks_all` the first wake-up is for what changed
    before the watch began.
    """
    from watchfiles import Change, watch  # noqa: PLC0415

    folder = _identity(entries)
    places, is_whole = watched
    is_first = True
    for changes in watch(
        *places,
        recursive=is_whole,
        step=_STEP,
        debounce=50,
        stop_event=stop,
        rust_timeout=_CHECKS_EVERY,
        yield_on_timeout=True,
    ):
        # A note that cannot be written, as on a full disk, would lead to a run, and to itself. So
        # would what runs write, where a folder with a link to it was moved here.
        paths = {os.path.relpath(path, entries) for _, path in changes if not is_temporary(path)}
        paths = {path for path in paths if is_reached(entries, path)}
        if is_first and checks_all:
            wake.of_all()
        elif paths:
            wake.of_young(paths, readable_at(entries, paths))
        if not is_whole and (
            (is_first and _places(entries)[0] != places)
            or _has_new(changes, places)
            or any((Change.deleted, place) in changes for place in places)  # it may come again
        ):
            return
        is_first = False
        # Neither alone is enough: a new folder may get the old one's number.
        if (Change.deleted, str(entries)) in changes or _identity(entries) != folder:
            return
        if entries_now() != entries:
            return


def _places(entries: Path) -> tuple[list[str], bool]:
    """Return the folders to watch, and True if that is one, with all that are below it.

    watchfiles follows links, watches no other folders after one that it may not read, and ends
    with one whose name is no UTF-8. Where there are such, or others that a scan does not enter,
    each folder that it reads is watched by itself.
    """
    whole, places, others = f"{entries}", [], []

    def note(error: OSError) -> None:
        if error.filename == whole:
            raise error
        others.append(error.filename)

    for above, below, _ in os.walk(whole, onerror=note):
        places.append(above)
        others += [
            name
            for name in below
            if not may_be_read(name) or os.path.islink(f"{above}/{name}")  # noqa: PTH114
        ]
        below[:] = filter(may_be_read, below)
    return (places, False) if others else ([whole], True)


def _has_new(changes: Iterable[tuple[object, str]], places: Sequence[str]) -> bool:
    """Return whether there is a folder among the changes that is not watched."""
    return any(path not in places and may_be_read(path) and _is_folder(path) for _, path in changes)


def _is_folder(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)  # noqa: PTH112, PTH114


def readable_at(entries: Path, paths: Iterable[str]) -> datetime:
    """Return the moment at which all entries among these files can be read.

    Until then a run would only see that they are being written. Other files wait for nothing: a
    picture that is being copied must not delay news.
    """
    seen, now = scan_some(entries, paths), datetime.now(UTC)
    changed = max((seen.files[path].changed for path in seen.entries), default=0) if seen else 0
    pause = scan.holds_still_after(entries)
    left = pause - (now - datetime.fromtimestamp(changed / 1e9, UTC))
    return now + min(max(left, timedelta()), pause)


def _identity(folder: Path) -> tuple[int, int]:
    stat = folder.stat()
    return stat.st_dev, stat.st_ino
