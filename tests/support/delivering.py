"""Subscriptions as the hub has them once their subscribers have agreed, and deliveries to them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from time import time
from urllib.parse import urlsplit

from dateline import publish
from dateline.config import Config
from dateline.hub.delivery import DistributionSettings, Distributor
from dateline.ledger import Ledger
from dateline.ledger.queries.notices.requests import Mode, SubscriptionRequest, subscription_digest
from dateline.ledger.queries.notices.subscriptions import Behind, HubFigures, Subscription
from support.subscribers import secret_of

FEED = "news.rss"
_YEAR = timedelta(days=365)
_EVER = 2**40


def subscribe(
    config: Config,
    callbacks: Iterable[str],
    *,
    path: str = FEED,
    lease: timedelta = _YEAR,
    is_signed: bool = True,
) -> None:
    """Store subscriptions to the live edition of a feed, with the secrets of `secret_of`.

    They were confirmed as soon as it was live, whatever the clock of the publication.
    """
    now = int(time())
    with Ledger(publish.ledger_url(config)) as ledger:
        edition = ledger.requests.edition(path)
        assert edition
        for callback in callbacks:
            parts = urlsplit(callback)
            request = SubscriptionRequest(
                mode=Mode.SUBSCRIBE,
                path=path,
                callback=callback,
                host=parts.hostname or "",
                secret=secret_of(parts.path) if is_signed else "",
                lease=int(lease.total_seconds()) + now - edition,
                challenge="agreed",
                received=now,
                edition=edition,
            )
            ledger.requests.ask([request])
            assert ledger.requests.confirm(request, edition)
        ledger.commit()


def figures(config: Config) -> HubFigures:
    """Return the figures of the hub."""
    with Ledger(publish.ledger_url(config)) as ledger:
        return ledger.subscriptions.figures(int(time()))


def subscription(config: Config, callback: str, path: str = FEED) -> Subscription | None:
    """Return a subscription as the ledger has it, or None."""
    with Ledger(publish.ledger_url(config)) as ledger:
        rows = ledger.subscriptions.some([subscription_digest(callback, path)], int(time()))
    return rows[0] if rows else None


def behind(config: Config, callback: str, path: str = FEED) -> Behind:
    """Return what the ledger has of the next delivery to a subscriber."""
    own = subscription_digest(callback, path)
    with Ledger(publish.ledger_url(config)) as ledger:
        found = [*ledger.subscriptions.behind(path, _EVER, 0)]
    return next(one for one in found if one.digest == own)


def settings(config: Config, **values: object) -> DistributionSettings:
    """Return the settings of deliveries to subscribers on this machine."""
    own: dict[str, object] = {
        "feeds": config.feeds_folder,
        "state": config.state,
        "ledger": publish.ledger_url(config),
        "url": config.publication.url,
        "hub": f"{config.publication.url}hub",
        "algorithm": "sha256",
        "may_reach": lambda address: address.startswith("127."),
    }
    return DistributionSettings(**(own | values))  # type: ignore[arg-type]  # by name


@contextmanager
def delivering(
    config: Config,
    *,
    after: timedelta = timedelta(),
    enter: Callable[[], None] = lambda: None,
    **values: object,
) -> Iterator[Distributor]:
    """Deliver in a thread, which may `enter` a namespace first, `after` a time from now."""
    own = Distributor(settings(config, **values), lambda: datetime.now(UTC) + after)

    def run() -> None:
        enter()
        own.run()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield own
    finally:
        own.stop()
        thread.join()
