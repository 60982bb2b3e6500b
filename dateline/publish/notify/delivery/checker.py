"""The thread that proves delivery beside publishing, which it never delays."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from dateline.config import Config
from dateline.documents import manifest
from dateline.errors import DatelineError, FetchError, LedgerAwayError
from dateline.ledger.queries.notices.deliveries import EntryDelivery
from dateline.publish.notify.delivery.notes import DeliveryNotes
from dateline.publish.notify.delivery.selection import Freshness, Selection, select
from dateline.serve.doctor import delivery
from dateline.serve.doctor.delivery import LIMIT, PROOF, DeliveryReaders
from dateline.serve.doctor.obstacles import Obstacle, obstacle, obstacle_to
from dateline.serve.doctor.replies import DeliveryFault, ExpectedDocument
from dateline.serve.doctor.verdict import Verdict
from dateline.system import http, start_thread
from dateline.system.addresses import may_be_public
from dateline.system.condition import DELIVERY, Code, Condition
from dateline.system.http import Reply
from dateline.system.safe_files import regular_bytes
from dateline.system.writing import file_stamp

_TICK = 0.25  # seconds after which new documents are noticed
_SHORT_EVERY = 15.0  # seconds between two short questions, at most
_ENDS_WITHIN = 1.0  # seconds; after that a request under way is left alone
_PUSH_EVERY = 1.0  # seconds, while the hub still has subscribers to reach
_SETTLES = 12.0  # seconds for the first requests for new documents
_PAUSES = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0)  # seconds between these
_OF_BYTES = frozenset({Code.STALE, Code.ALTERED, Code.FALSE_304})
_OK = 200
_log = logging.getLogger(__name__)


class DeliveryChecker:
    """Asks the public address of a publication, and knows what is wrong there.

    It begins with the first run that it is told of. `clock` returns the present moment.
    """

    def __init__(self, url: str, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._notes = DeliveryNotes(url, clock)
        self._readers = DeliveryReaders(self._fetch)
        self._freshness = Freshness()
        self._verdict = Verdict()
        self._config: Config | None = None
        self._thread: threading.Thread | None = None
        self._told = threading.Event()
        self._over = threading.Event()
        self._has_news = False
        self._stamp: tuple[int, int] | None = None
        self._is_new = False
        self._url = ""
        self._public = ""  # the address that was found to be
        self._until_full = self._until_short = 0.0
        self._was_served = False
        self._logged = ""

    def tell(self, config: Config) -> None:
        """Take up the configuration of a run that went well."""
        self._config = config
        self._told.set()
        if self._thread is None:
            self._thread = start_thread(self._run)

    def close(self) -> None:
        """Ask for nothing more."""
        self._over.set()
        self._told.set()
        if self._thread:
            self._thread.join(_ENDS_WITHIN)

    @property
    def has_news(self) -> bool:
        """True if something was found since the last run for news began."""
        return self._has_news

    def begin_run(self) -> None:
        """Note that a run for news begins, which sees what was found."""
        self._has_news = False

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What keeps news from readers at the public address: the gravest of it."""
        config, fault = self._config, self._verdict.fault
        if config is None or fault is None:
            return ()
        about = urlsplit(config.publication.url).netloc
        return (Condition(code=fault.code, about=about, detail=fault.detail),)

    @property
    def unknown(self) -> tuple[Code, ...]:
        """The kinds of conditions of which nobody knows at present whether they hold."""
        return () if self._verdict.is_known else DELIVERY

    # ---- The thread

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                self._wait()
                if self._config and not self._over.is_set():
                    self._step(self._config)
                self._logged = ""
            except LedgerAwayError:
                _log.debug("Deliveries are noted later.", exc_info=True)
            except (DatelineError, OSError) as error:
                self._log_once(str(error))
            except Exception as error:  # noqa: BLE001 - a fault of ours must not end publishing
                if self._log_once(repr(error)):
                    _log.debug("The proof of delivery failed.", exc_info=True)

    def _log_once(self, text: str) -> bool:
        is_new, self._logged = text != self._logged, text
        if is_new:
            _log.warning("The delivery of news could not be checked: %s", text)
        return is_new

    def _wait(self) -> None:
        """Wait until something is to be asked, or new documents are live."""
        while not self._over.is_set():
            if self._config and (stamp := _stamp(self._config)) != self._stamp:
                self._stamp, self._is_new = stamp, True
                return
            if min(self._until_short, self._until_full) <= 0:
                return
            self._told.wait(_TICK)
            self._told.clear()
            self._until_short -= _TICK
            self._until_full -= _TICK

    def _step(self, config: Config) -> None:
        short = min(_SHORT_EVERY, config.delivery.interval / 4)
        self._until_short = short
        if not self._is_asked(config):
            self._until_full = float(config.delivery.interval)
            return
        pending = self._notes.pending(config)
        self._readers.came |= {*pending.came} & {*config.codings}
        now = self._clock().timestamp()
        ids = {slug: one.entry for slug, one in pending.waiting.items()}
        selection = select(
            config, self._freshness, ids, now, is_purged=pending.is_purged, gone=pending.gone
        )
        if not selection.documents:
            return
        waiting: Mapping[str, EntryDelivery] = {one.entry: one for one in pending.waiting.values()}
        is_new, self._is_new = self._is_new, False
        if is_new:
            waiting = self._follow(config, selection, waiting)
        is_urgent = is_new or self._verdict.pause or self._verdict.fault
        if is_urgent or self._until_full <= 0 or not self._verdict.is_known:
            self._ask_all(config, selection, waiting)
        else:
            self._ask_shortly(config, selection, waiting)
        changed, is_pushing = self._notes.push(config)
        self._has_news |= changed
        quick = min(_PUSH_EVERY, short) if is_pushing else short
        self._until_short = self._verdict.pause or quick
        self._until_full = max(self._until_full, self._verdict.pause or 0)

    def _is_asked(self, config: Config) -> bool:
        """Return whether the address is one that readers elsewhere can reach, as far as known.

        A name that was never resolved is none; one that is not resolved now says nothing.
        """
        own, url = config.delivery, config.publication.url
        if not (own.enabled and (own.private or may_be_public(urlsplit(url).hostname or ""))):
            self._conclude(Verdict(is_known=True))
            return False
        if url != self._url:  # what readers remember is of another site
            self._url, self._verdict = url, Verdict()
            self._readers = DeliveryReaders(self._fetch)
        if own.private or _proxy(url) or (self._public == url and self._until_full > 0):
            return True
        found = obstacle_to(url)
        if found is None:
            self._public = url
        elif found is Obstacle.NAME:
            self._conclude(self._verdict.unknown())
        else:
            self._conclude(Verdict(is_known=True))
        return found is None or (found is Obstacle.NAME and self._public == url)

    # ---- Rounds

    def _follow(
        self, config: Config, selection: Selection, waiting: Mapping[str, EntryDelivery]
    ) -> Mapping[str, EntryDelivery]:
        """Ask for new documents until they are here and at readers, or for some seconds.

        Return what still waits.
        """
        served: dict[str, float] = {}
        reached: dict[str, float] = {}
        begun = self._clock().timestamp()
        with suppress(FetchError):  # the rounds that follow judge it
            for pause in _PAUSES:
                self._seek(config, selection.documents, served, reached)
                is_over = len(reached) == len(selection.documents) or self._over.is_set()
                is_late = not 0 <= self._clock().timestamp() - begun < _SETTLES
                if is_over or is_late or _stamp(config) != self._stamp:
                    break
                self._over.wait(pause)
        return self._keep(config, selection, waiting, served, reached)

    def _seek(
        self,
        config: Config,
        documents: Collection[ExpectedDocument],
        served: dict[str, float],
        reached: dict[str, float],
    ) -> None:
        """Ask once for the documents that were not seen. Raises `FetchError`."""
        for document in documents:
            path = document.path
            if path not in served and self._serves(config, document):
                served[path] = self._clock().timestamp()
            if path in served and path not in reached and self._readers.arrives(document):
                reached[path] = self._clock().timestamp()

    def _ask_all(
        self, config: Config, selection: Selection, waiting: Mapping[str, EntryDelivery]
    ) -> None:
        """Ask for all documents in all ways."""
        self._until_full = float(config.delivery.interval)
        now = self._clock()
        reached: dict[str, float] = {}
        faults: list[DeliveryFault] = []
        try:
            for document in selection.documents:
                found = self._readers.examine(document, now.timestamp())
                if found.fault and _is_still(config, document, found.fault):
                    faults.append(found.fault)
                elif found.has_arrived:
                    reached[document.path] = self._clock().timestamp()
            if not _proxy(config.publication.url):
                ending = delivery.certificate(config.publication.url, now)
                faults += [ending] if ending else []
        except FetchError as error:
            self._take_failure(config, error)
            return
        fault = delivery.gravest(faults)
        if fault and not all(self._serves(config, one) for one in selection.documents):
            self._conclude(self._verdict.unknown())  # this machine does not do its part
        else:
            self._conclude(self._verdict.after(fault))
        self._keep(config, selection, waiting, {}, reached)

    def _ask_shortly(
        self, config: Config, selection: Selection, waiting: Mapping[str, EntryDelivery]
    ) -> None:
        """Ask whether documents have changed; if anything is odd, ask for all in all ways.

        They are the main feed, and those of entries that wait.
        """
        now = self._clock().timestamp()
        reached: dict[str, float] = {}
        try:
            for document in _awaited(selection):
                found = self._readers.unchanged(document, now)
                if found.has_arrived:
                    reached[document.path] = self._clock().timestamp()
                elif found.fault:
                    self._ask_all(config, selection, waiting)
                    return
        except FetchError as error:
            self._take_failure(config, error)
            return
        self._keep(config, selection, waiting, {}, reached)

    def _take_failure(self, config: Config, error: FetchError) -> None:
        """Conclude from an address that gave no response."""
        if obstacle(error) is Obstacle.PRIVATE:
            self._conclude(Verdict(is_known=True))
            return
        fault = delivery.fault_of(error, config.publication.url)
        is_own = fault is None or (fault.code is Code.UNREACHABLE and not _is_online(config))
        self._conclude(self._verdict.unknown() if is_own else self._verdict.after(fault))

    def _conclude(self, verdict: Verdict) -> None:
        before, self._verdict = self._verdict.fault, verdict
        after = verdict.fault
        self._has_news |= (before and before.code) != (after and after.code)

    def _keep(
        self,
        config: Config,
        selection: Selection,
        waiting: Mapping[str, EntryDelivery],
        served: Mapping[str, float],
        reached: Mapping[str, float],
    ) -> Mapping[str, EntryDelivery]:
        """Record which entries were seen, in the documents that show them; return all."""
        after = {}
        for id_, one in waiting.items():
            paths = [path for path, shown in selection.shows.items() if id_ in shown]
            there = one.reached or _first(paths, reached)
            after[id_] = replace(
                one,
                served=one.served or _first(paths, served) or there,  # it came from here
                reached=there,
                topics=selection.topics.get(id_, {}) if config.hub else {},
            )
        changed = [one for id_, one in after.items() if one != waiting[id_]]
        self._has_news |= self._notes.keep(config, changed, self._readers.came)
        return after

    # ---- Requests

    def _fetch(self, address: str, fields: dict[str, str]) -> Reply:
        """Ask the public address; it is checked to be public unless staff allow another."""
        is_trusted = self._config is not None and self._config.delivery.private
        own = None if is_trusted or _proxy(address) else ""
        return http.ask(address, fields, limit=LIMIT, own=own)

    def _serves(self, config: Config, document: ExpectedDocument) -> bool:
        """Return whether the web workers of this machine answer with a document, if it has any."""
        parts = urlsplit(document.address)
        host = f"[{config.host}]" if ":" in config.host else config.host
        here = parts._replace(scheme="http", netloc=f"{host}:{config.port}").geturl()
        try:
            reply = http.ask(here, {**PROOF, "Host": parts.netloc}, limit=LIMIT, is_here=True)
        except FetchError:
            return not self._was_served
        self._was_served = True
        return reply.status != _OK if document.is_gone else reply.data == document.data


def _is_still(config: Config, document: ExpectedDocument, fault: DeliveryFault) -> bool:
    """Return whether a fault is about what is still live: a newer copy is no wrong one."""
    if fault.code not in _OF_BYTES:
        return True
    path = config.feeds_folder / document.path
    try:
        return not path.exists() if document.is_gone else regular_bytes(path) == document.data
    except OSError:
        return False


def _awaited(selection: Selection) -> Iterator[ExpectedDocument]:
    """Yield the main feed, and the documents that show entries that wait."""
    for number, document in enumerate(selection.documents):
        if number == 0 or selection.shows[document.path]:
            yield document


def _stamp(config: Config) -> tuple[int, int] | None:
    """Return a value that every change of the manifest changes."""
    return file_stamp(config.feeds_folder / manifest.HEAD)


def _first(paths: Collection[str], seen: Mapping[str, float]) -> int | None:
    """Return when the first of some documents was seen, in milliseconds."""
    moments = [seen[path] for path in paths if path in seen]
    return int(min(moments) * 1000) if moments else None


def _proxy(address: str) -> str:
    """Return the proxy of this machine for an address; empty for one that `no_proxy` names, too."""
    parts = urlsplit(address)
    return "" if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme, "")


def _is_online(config: Config) -> bool:
    """Return whether another machine that is configured can be reached, or none is."""
    own = urlsplit(config.publication.url)
    known = [*config.outside_hubs, config.alarm.webhook, config.alarm.heartbeat]
    known += [one.url for one in config.cdns]
    others = {_place(one) for one in known if one} - {_place(own.geturl())}
    if _proxy(config.publication.url):
        return False  # nobody knows whether it is the proxy
    return not others or any(map(_is_open, others))


def _place(address: str) -> tuple[str, int]:
    parts = urlsplit(address)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _is_open(place: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(place, LIMIT):
            return True
    except OSError:
        return False
