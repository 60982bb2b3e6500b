"""Terms: the epoch under which this process writes to the ledger that its cluster shares.

The children of a `serve` that leads adopt its epoch, and so does the process of a hub. A command
works under the epoch of the `serve` on its own node, or leads for as long as it runs where nobody
does.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import sleep

import sqlalchemy as sa

from dateline.config import ClusterSettings
from dateline.errors import LeadershipError, LedgerError
from dateline.ledger.cluster.leadership import (
    Fence,
    claim,
    create,
    current,
    present,
    refuse,
    release,
    renew,
)
from dateline.ledger.session import fence, fence_at
from dateline.messages import program
from dateline.system import clock

_READS_CLOCK_EVERY = 10.0  # seconds
_log = logging.getLogger(__name__)


def require(url: str) -> None:
    """Refuse each commit to the ledger at `url` until this process has an epoch."""
    if fence_at(url) is None:
        fence(url, refuse)


def adopt(url: str, epoch: int, name: str) -> None:
    """Write under an epoch that another process of this node renews, until this one ends.

    Meanwhile the database's clock rules.
    """
    fence(url, Fence(epoch, name))
    with present(url) as connection:
        clock.follow(_seconds(connection))
    threading.Thread(target=_follow_clock, args=(url,), daemon=True).start()


def adopt_own(url: str, settings: ClusterSettings) -> None:
    """Adopt the epoch of this node, for a process that goes on: it must not lead by itself.

    Raises `LeadershipError` if this node does not lead.
    """
    with present(url) as connection:
        create(connection)
        state = current(connection)
    if not state.is_held:
        raise LeadershipError("Nobody leads the cluster: this runs beside the serve that leads it.")
    if state.holder != settings.name:
        raise _elsewhere(state.holder)
    adopt(url, state.epoch, settings.name)


@contextmanager
def term(url: str, settings: ClusterSettings) -> Iterator[int]:
    """Work under the epoch of this node, which is yielded; where nobody leads, begin one.

    Raises `LeadershipError` if another node leads.
    """
    with present(url) as connection:
        create(connection)
        epoch, is_own = _entered(connection, settings)
        clock.follow(_seconds(connection))
        connection.commit()
    over = threading.Event()
    renewing = threading.Thread(target=_renew, args=(url, epoch, settings, over), daemon=True)
    fence(url, Fence(epoch, settings.name))
    try:
        if is_own:
            renewing.start()
        yield epoch
    finally:
        over.set()
        fence(url, refuse)
        clock.follow(None)
        if is_own:
            renewing.join()
            _end(url, epoch, settings.name)


def _entered(connection: sa.Connection, settings: ClusterSettings) -> tuple[int, bool]:
    """Return the epoch of a command, and whether it is its own. Raises `LeadershipError`."""
    state = current(connection)
    if state.is_held and state.holder == settings.name:
        return state.epoch, False
    if not state.is_held and not settings.lead:
        raise LeadershipError(
            "Nobody leads the cluster, and this node only serves: type this on a node without "
            "lead = false under [cluster] in config.toml."
        )
    epoch = None if state.is_held else claim(connection, settings.name, settings.lease)
    if epoch is None:
        raise _elsewhere(current(connection).holder)
    return epoch, True


def _elsewhere(holder: str) -> LeadershipError:
    return LeadershipError(
        f"{holder} leads the cluster: type this on that node, or type "
        f"{program.name()} cluster step-down first."
    )


def _follow_clock(url: str) -> None:
    """Read the database's clock now and then: no two clocks run at quite the same pace."""
    while True:
        sleep(_READS_CLOCK_EVERY)
        with suppress(LedgerError), present(url) as connection:
            clock.follow(_seconds(connection))


def _seconds(connection: sa.Connection) -> float:
    """Return the database's clock, in seconds since 1970."""
    return current(connection).moment / 1000


def _renew(url: str, epoch: int, settings: ClusterSettings, over: threading.Event) -> None:
    """Renew the lease until the work is done, or the epoch is over."""
    while not over.wait(settings.pause):
        try:
            with present(url) as connection:
                if not renew(connection, epoch, settings.name, settings.lease):
                    return
                connection.commit()
        except LedgerError:
            _log.debug("The lease was not renewed.", exc_info=True)


def _end(url: str, epoch: int, name: str) -> None:
    with suppress(LedgerError), present(url) as connection:
        release(connection, epoch, name)
        connection.commit()
