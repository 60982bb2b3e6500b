"""The process that keeps `feeds/` up to date on a machine that follows a store.

It needs the store alone: neither the entries nor the ledger.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from time import monotonic, time

from dateline.config import Config
from dateline.documents import manifest
from dateline.documents.editions import EditionMark, Replica, StoreHead, read_head
from dateline.documents.objects.opening import open_store
from dateline.errors import DatelineError
from dateline.serve import health, store_to_follow
from dateline.system import heartbeat
from dateline.system.clock import CLOCK_OFF
from dateline.system.condition import Code, Condition
from dateline.system.heartbeat import PublisherCheck

_EVERY = 0.25  # seconds between two looks at the head of the store
_AGAIN = 1.0  # seconds after one that failed
_BLANK = 20  # looks at a store that is new, until its log says so
_VERIFIED_EVERY = 60.0  # seconds between two checks of the folder itself
_NAMED = 3  # entries in a condition
_log = logging.getLogger(__name__)


class Following:
    """The folder of documents of a machine that follows the store of its publication.

    `lock` keeps others from changing the folder.
    """

    def __init__(self, config: Config, lock: Callable[[], AbstractContextManager[None]]) -> None:
        self._config = config
        self._lock = lock
        followed = store_to_follow(config)
        self._url = followed.url
        self._blank = 0  # looks, one after another, at a store without an edition
        self._store = open_store(followed.url, followed.endpoint, os.environ, is_patient=False)
        self._replica = Replica(
            self._store,
            config.feeds_folder,
            has_search=config.has_search,
            renditions=config.renditions,
        )
        self._seen: EditionMark | None = None
        self._verified = 0.0
        self._share = ""  # where the check of the manifest's rows goes on
        self._must_renew = False  # the manifest
        self._looked = (0, 0)
        self._ahead = 0.0  # seconds since the moment of the last check, when it came
        self._failed = ""
        self._reported: PublisherCheck | None = None

    def step(self) -> float:
        """Bring the folder up to date; return seconds until the next step."""
        heartbeat.beat()
        try:
            with heartbeat.failing():
                is_behind = self._follow()
        except DatelineError as error:
            if str(error) != self._failed:
                _log.warning("%s", error)
            self._failed, self._reported = str(error), None
            return _AGAIN
        check = PublisherCheck(is_good=True, conditions=self._conditions())
        if check != self._reported:
            heartbeat.report(check)
        self._failed, self._reported = "", check
        return 0.0 if is_behind else _EVERY

    def _conditions(self) -> tuple[Condition, ...]:
        """Return that the search lacks entries, if it does."""
        lacking = sorted(self._replica.unindexed)
        more = f" and {len(lacking) - _NAMED} more" if len(lacking) > _NAMED else ""
        detail = f"{', '.join(lacking[:_NAMED])}{more}"
        return (Condition(code=Code.SEARCH, detail=detail),) if lacking else ()

    def _follow(self) -> bool:
        """Follow the head of the store; return whether there is more to do at once."""
        head = read_head(self._store)
        if head is None:
            if self._seen:
                self._store.require_place()
            self._blank += 1
            if self._blank == _BLANK:
                _log.warning(
                    "There is no edition in %s yet. If news has been published, compare url under "
                    "[store] in config.toml here and on the machine that publishes.",
                    self._url,
                )
            return False
        self._blank = 0
        self._note(head)
        is_check = monotonic() > self._verified
        if is_check:
            self._seen, self._verified = None, monotonic() + _VERIFIED_EVERY
        self._must_renew |= self._is_reported() or (is_check and self._has_damaged_rows())
        if head.latest == self._seen and not (self._must_renew or self._replica.is_behind):
            return False
        with self._lock():
            self._replica.follow(head, must_renew=self._must_renew)
            self._seen, self._must_renew = head.latest, False
            if is_check and not self._replica.is_filling:
                self._replica.restore(head)
            return self._replica.fill(head)

    def _note(self, head: StoreHead) -> None:
        """Note the last check of the publisher, as if it had been here: by this machine's clock.

        Where one check after another comes as long after its moment, the clocks differ by that.
        """
        if head.looked and (head.looked, head.late) != self._looked:
            before, self._ahead = self._ahead, time() - head.looked
            ahead = self._ahead if abs(self._ahead - before) < CLOCK_OFF else 0.0
            moments = (head.looked + ahead, head.late + ahead)
            looked, late = (datetime.fromtimestamp(one, UTC) for one in moments)
            health.record(self._config.feeds_folder, looked, late)
            self._looked = (head.looked, head.late)

    def _has_damaged_rows(self) -> bool:
        """Return whether the next share of the manifest's rows is damaged."""
        folder = self._config.feeds_folder
        if self._replica.is_filling or not (folder / manifest.TABLE).exists():
            return False
        self._share, is_damaged = manifest.check_share(folder, self._share)
        return is_damaged

    def _is_reported(self) -> bool:
        """Return whether a worker has found the manifest damaged."""
        folder = self._config.feeds_folder
        with suppress(OSError):
            path = manifest.take_report(folder)
            return path is not None and manifest.is_in_doubt(folder, path)
        return False
