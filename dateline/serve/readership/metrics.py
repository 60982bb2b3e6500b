"""The response to `/metrics`, in Prometheus' text format, version 0.0.4.

A thread of the publisher reads the new lines of the logs once a minute, and puts the whole
response beside them; workers only send it. So every worker answers the same, and no reader waits.
In a cluster it is a thread of each node's supervisor: nodes that do not lead have no publisher.
On a machine that only follows a store, it is one of the process that does.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dateline.config import Config
from dateline.documents import manifest
from dateline.serve import health
from dateline.serve.access_log import METRICS
from dateline.serve.readership import Readership, tally
from dateline.serve.readership.log_lines import LogFollower
from dateline.system.writing import replace_file

_EVERY = 60.0  # seconds
_log = logging.getLogger(__name__)


Figures = Callable[[], Mapping[str, float]]
_OF_NODE = {
    "leads": "1 if this node leads its cluster.",
    "epoch": "The epoch of the cluster that this node knows of.",
    "generation": "The generation that this node serves.",
    "lag_seconds": "For how long a newer generation has been published.",
    "hub_subscriptions": "Subscriptions of the publication's own hub.",
    "hub_behind": "Subscriptions that lack the newest edition.",
    "hub_failing": "Subscriptions whose last delivery failed.",
    "hub_lag_seconds": "The age of the oldest change that a subscription lacks.",
    "clock_ahead_seconds": "By how much the clock of this node is ahead of the database's.",
}


def _none() -> Mapping[str, float]:
    return {}


class Meter:
    """Follows the logs of one publication; counters begin at 0 when it does.

    `of_node` returns the figures of a node of a cluster, or those of the publication's own hub.
    """

    def __init__(self, config: Config, of_node: Figures = _none) -> None:
        self._config = config
        self._of_node = of_node
        self._tally = tally(config)
        self._follower = LogFollower(config.log)
        self._follow()
        self._before = self._tally.readership()

    def write(self) -> None:
        """Read new lines, and write the response to `/metrics`. Raises `OSError`."""
        self._follow()
        folder = self._config.log
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / METRICS, "".join(self._lines()).encode())

    def _follow(self) -> None:
        for asked in self._follower.news():
            self._tally.add(asked)

    def _lines(self) -> Iterator[str]:
        now, before = self._tally.readership(), self._before
        answers = {
            f'{{status="{status}"}}': number - before.statuses.get(status, 0)
            for status, number in now.statuses.items()
        }
        yield from _family("requests_total", "counter", "Requests, by status.", answers)
        for name, text in (("sent", "Bytes sent."), ("saved", "Bytes not sent: 304, codings.")):
            number = getattr(now, name) - getattr(before, name)
            yield from _family(f"{name}_bytes_total", "counter", text, {"": number})
        yield from _family(
            "feed_subscribers", "gauge", "Subscribers of services: a lower bound.", _by_feed(now)
        )
        last = health.last_run(self._config.feeds_folder)
        if last:
            text = "When the publisher last checked the entries."
            yield from _family("looked_timestamp_seconds", "gauge", text, {"": last.looked})
        yield from _of_manifest(self._config.feeds_folder)
        for name, value in self._of_node().items():
            yield from _family(name, "gauge", _OF_NODE[name], {"": value})


@contextmanager
def metering(config: Config, of_node: Figures = _none) -> Iterator[None]:
    """Keep the metrics up to date, where the configuration asks for them."""
    if not config.metrics:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_meter, args=(config, of_node, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(1)


def _meter(config: Config, of_node: Figures, stop: threading.Event) -> None:
    meter = None
    is_reported = False
    while not stop.is_set():
        try:
            meter = meter or Meter(config, of_node)
            meter.write()
            is_reported = False
        except (OSError, sqlite3.Error) as error:
            if not is_reported:
                _log.warning("The metrics are not up to date: %s", error)
            is_reported = True
        stop.wait(_EVERY)


def _by_feed(now: Readership) -> dict[str, int]:
    return {f'{{feed="{part.name}"}}': part.subscribers for part in now.feeds}


def _of_manifest(folder: Path) -> Iterable[str]:
    written = folder / manifest.HEAD
    if not written.exists():
        return
    text = "When documents last changed."
    yield from _family(
        "published_timestamp_seconds", "gauge", text, {"": int(written.stat().st_mtime)}
    )
    entries = manifest.ManifestReader(folder).count_entries()
    yield from _family("entries", "gauge", "Entries that are published.", {"": entries})


def _family(name: str, kind: str, text: str, values: Mapping[str, float]) -> Iterator[str]:
    """Yield the lines of a metric, whose values are by labels that need no escaping."""
    yield f"# HELP dateline_{name} {text}\n# TYPE dateline_{name} {kind}\n"
    for labels, value in values.items():
        yield f"dateline_{name}{labels} {value}\n"
