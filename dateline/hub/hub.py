"""The hub as one object: it takes requests at its socket, and asks their subscribers."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import socket
import threading
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from time import monotonic
from typing import TYPE_CHECKING, Any, TextIO

try:
    import fcntl
except ImportError:  # Windows has no such lock, and no `serve`
    fcntl = None  # type: ignore[assignment]

from dateline.config import Config
from dateline.errors import DatelineError, LeadershipError, LedgerError
from dateline.hub import verify
from dateline.hub.client import is_running, short_address, socket_path
from dateline.hub.lookups import Lookups
from dateline.hub.register import LATER, Register
from dateline.hub.request import HubAnswer, judge
from dateline.hub.verify import Consent, Verifier
from dateline.ledger import Ledger
from dateline.ledger.queries.notices.requests import SubscriptionRequest
from dateline.model import HubSettings
from dateline.system import start_thread
from dateline.system.addresses import is_reachable
from dateline.system.condition import Code, Condition
from dateline.system.writing import make_private_folder

if TYPE_CHECKING:  # it imports what an extra brings
    from dateline.hub.delivery import Distributor

INSTALL = "pip install 'dateline[hub]'"
_LOCK = ".lock"
_LINE = 65536  # bytes of a message at the socket
_PATIENCE = 2.0  # seconds for one to arrive, and for the hub to start
_ENDING = 10.0  # seconds for what waits to be written
_LOOK_EVERY = 10.0  # seconds between looks at what has become of the hub, beside runs
_BACKLOG = 256  # connections
_MOST = 10_000  # requests whose subscribers have not answered
_MOST_OF_HOST = 200
_MOST_OF_SITE = 2000
_RESOLVERS = 32  # threads that look up names: some take seconds
_WOKEN = HubAnswer(status="200 OK", text="")
_log = logging.getLogger(__name__)


class Hub:
    """The hub of the publication `config`, on the ledger at `url`, in threads of its own.

    `clock` returns the present moment. `lost` is the reason why this process may not write any
    more, if another node leads the cluster. `fault` is the reason why a part of it has ended by
    itself, or is empty: then it has to be stopped, and another one started.
    """

    def __init__(self, config: Config, url: str, clock: Callable[[], datetime]) -> None:
        self._config = config
        self._url = url
        self._clock = clock
        self._register = Register(url, config.state, self._now, self._accept, self._send_again)
        self._delivery: Distributor | None = None
        self._delivering: threading.Thread | None = None
        self._registering: threading.Thread | None = None
        self._looping: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._verifier: Verifier | None = None
        self._lookups = Lookups(_RESOLVERS)
        self._lock: TextIO | None = None
        self.fault = ""

    @property
    def lost(self) -> LeadershipError | None:
        """The reason why this process may not write any more, if there is one."""
        delivery = self._delivery
        return self._register.lost or (delivery.lost if delivery else None)

    def start(self) -> None:
        """Begin to take requests, and to deliver.

        Raises `DatelineError` where another process is the hub, or a library is missing, and
        `OSError` where no file can be opened.
        """
        _require_library()
        folder = socket_path(self._config.state).parent
        make_private_folder(folder)
        self._lock = (folder / _LOCK).open("w")
        try:
            self._begin(self._lock)
        except (DatelineError, OSError):
            self.stop()
            raise

    def _begin(self, lock: TextIO) -> None:
        if not _take(lock):
            raise DatelineError("The hub of this publication runs in another process.")
        ready = threading.Event()
        self._loop = loop = asyncio.new_event_loop()
        self._looping = start_thread(self._run, loop, ready)
        ready.wait(_PATIENCE)
        if self.fault:
            raise DatelineError(f"The hub takes no requests: {self.fault}.")
        self._registering = start_thread(self._watched, self._register.run)
        self._deliver()

    def _watched(self, run: Callable[[], None]) -> None:
        """Run a part of the hub."""
        try:
            run()
        except Exception as error:  # noqa: BLE001 - a fault of ours must not go unnoticed
            self._note(error)

    def _note(self, error: Exception) -> None:
        """Take the reason why a part of the hub has ended by itself."""
        self.fault = str(error).rstrip(".") or type(error).__name__
        if not isinstance(error, OSError):
            _log.error("A part of the hub has ended, for an unknown reason.", exc_info=error)

    def look_for_socket(self) -> None:
        """Note a fault if nobody can reach the socket, as after `state/` was deleted."""
        if not self.fault and not is_running(self._config.state):
            self.fault = "its socket is gone"

    def follow(self, config: Config) -> None:
        """Go on with a changed configuration."""
        is_same = config == self._config
        self._config = config
        if not is_same:
            self._stop_delivering()
            try:
                self._deliver()
            except DatelineError as error:
                self.fault = str(error).rstrip(".")

    def wake(self) -> None:
        """Take notice of the end of a run, for feeds that have changed, or are no more."""
        self._register.care()
        self._send_again()

    def stop(self) -> None:
        """Write what waits, and end."""
        self._stop_delivering()
        self._register.stop()
        if self._registering:
            self._registering.join(_ENDING)
        if self._looping and self._loop:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._loop.stop)
            self._looping.join(_ENDING)
        elif self._loop:
            self._loop.close()
        if self._lock is not None:
            self._lock.close()

    def _now(self) -> int:
        return int(self._clock().timestamp())

    def _send_again(self) -> None:
        """Deliver what is due: a change, or what somebody lacks who is there again."""
        if delivery := self._delivery:
            delivery.wake()

    def _deliver(self) -> None:
        """Deliver in a thread of its own."""
        from dateline.hub.delivery import DistributionSettings, Distributor  # noqa: PLC0415 - an extra

        config, own = self._config, self._config.hub or HubSettings()
        settings = DistributionSettings(
            feeds=config.feeds_folder,
            state=config.state,
            ledger=self._url,
            url=config.publication.url,
            hub=config.publication.hubs[0],
            algorithm=own.signature,
            may_reach=partial(is_reachable, allowed=own.allow),
        )
        delivery = Distributor(settings, self._clock)
        self._delivering = start_thread(self._watched, delivery.run)
        self._delivery = delivery

    def _stop_delivering(self) -> None:
        delivery, self._delivery = self._delivery, None
        if delivery and self._delivering:
            delivery.stop()
            self._delivering.join(_ENDING)

    # ---- In the event loop

    def _run(self, loop: asyncio.AbstractEventLoop, ready: threading.Event) -> None:
        try:
            server = loop.run_until_complete(self._open())
            ready.set()
            loop.run_forever()
            server.close()
        except Exception as error:  # noqa: BLE001 - as above
            self._note(error)
        finally:
            ready.set()
            loop.run_until_complete(_end_tasks())
            self._lookups.close()
            loop.close()

    async def _open(self) -> asyncio.Server:
        self._verifier = Verifier(self._put, self._register.settle, self._now)
        path = socket_path(self._config.state)
        path.unlink(missing_ok=True)
        with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as door:
            with short_address(path) as address:
                door.bind(address)
            # Since Python 3.13, `start_unix_server` looks for the name of the socket, which may be
            # short only while it is bound, and removes the file of that name at the end.
            return await asyncio.start_server(
                self._serve, sock=door.dup(), backlog=_BACKLOG, limit=_LINE
            )

    async def _put(self, request: SubscriptionRequest) -> Consent:
        config = self._config
        return await verify.ask(
            request, config.publication.url, config.hub or HubSettings(), self._lookups
        )

    def _accept(self, requests: Sequence[SubscriptionRequest]) -> None:
        """Ask the subscribers of requests that are in the ledger; called in another thread."""
        if requests and self._verifier and self._loop:
            with suppress(RuntimeError):  # it is over: the next start asks them
                self._loop.call_soon_threadsafe(self._verifier.add, requests)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one message at the socket (`dateline.hub.client`)."""
        with closing(writer), suppress(OSError, ValueError, KeyError):
            async with asyncio.timeout(_PATIENCE):
                message = json.loads(await reader.readline())
            answer = await self._answer(message)
            writer.write(json.dumps(asdict(answer)).encode())
            await writer.drain()

    async def _answer(self, message: dict[str, Any]) -> HubAnswer:
        if message.get("wake"):
            self.wake()
            return _WOKEN
        config = self._config
        if config.hub is None:
            return LATER
        body, challenge = b64decode(message["body"]), secrets.token_urlsafe()
        found = judge(
            body, message["type"], config, config.hub, now=self._now(), challenge=challenge
        )
        if isinstance(found, HubAnswer):
            return found
        if self._verifier is None:
            return LATER
        is_busy = self._is_busy(self._verifier, found.host)
        answer = self._register.ask(found, config.hub, is_busy=is_busy)
        return await asyncio.wrap_future(answer)

    @staticmethod
    def _is_busy(verifier: Verifier, host: str) -> bool:
        of_host, of_site = verifier.count_near(host)
        is_crowded = of_host >= _MOST_OF_HOST or of_site >= _MOST_OF_SITE
        return is_crowded or verifier.count >= _MOST


class OwnHub:
    """The hub within the publisher, while the configuration asks for one there."""

    def __init__(self, url: str, clock: Callable[[], datetime]) -> None:
        self._url, self._clock = url, clock
        self._hub: Hub | None = None
        self._fault = ""
        self._separate: Config | None = None
        self._next_look = 0.0

    @property
    def has_news(self) -> bool:
        """True if a run would find the hub in another state; it is looked at now and then."""
        if monotonic() < self._next_look:
            return False
        self._next_look = monotonic() + _LOOK_EVERY
        if self._separate:
            return is_running(self._separate.state) is bool(self._fault)
        if self._hub is None:
            return False
        self._hub.look_for_socket()
        return bool(self._hub.fault)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The reason why the hub does not run although the configuration asks for it."""
        fault = self._fault or (self._hub.fault if self._hub else "")
        return (Condition(code=Code.OWN_HUB, detail=fault),) if fault else ()

    def keep(self, config: Config) -> Config:
        """Start or stop the hub, as the configuration has it, which is returned."""
        if self._hub is not None and self._hub.fault:
            self._note(f"The hub has stopped: {self._hub.fault}.")
            self._hub.stop()
            self._hub = None
        if config.hub is None or config.hub.separate:
            self.close()
            self._separate = config if config.hub else None
            if config.hub and not is_running(config.state):
                self._fault = "dateline hub is not running on this machine"
        elif self._hub is None:
            self._start(Hub(config, self._url, self._clock))
        else:
            self._hub.follow(config)
        return config

    def close(self) -> None:
        """Stop the hub, if it runs."""
        if self._hub is not None:
            self._hub.stop()
            self._hub = None
        self._fault, self._separate = "", None

    def _start(self, hub: Hub) -> None:
        try:
            hub.start()
        except (DatelineError, OSError) as error:  # each run tries again
            self._note(str(error))
        else:
            self._hub, self._fault = hub, ""

    def _note(self, fault: str) -> None:
        if not self._fault:
            _log.warning("%s", fault)
        self._fault = fault


def figures(config: Config, url: str, now: datetime) -> Mapping[str, float]:
    """Return what the hub owes, for metrics: nothing without a hub, or while there is no ledger."""
    if config.hub is None:
        return {}
    moment = int(now.timestamp())
    try:
        with Ledger(url) as ledger:
            found = ledger.subscriptions.figures(moment)
    except LedgerError:
        return {}
    return {
        "hub_subscriptions": found.subscriptions,
        "hub_behind": found.behind,
        "hub_failing": found.failing,
        "hub_lag_seconds": max(0, moment - found.oldest) if found.oldest else 0,
    }


def _require_library() -> None:
    """Raise `DatelineError` where the extra for hubs is not installed."""
    if find_spec("aiohttp") is None:
        raise DatelineError(f"The hub needs more libraries. Type: {INSTALL}")


async def _end_tasks() -> None:
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)  # connections end; one that was just accepted has its task


def _take(lock: TextIO) -> bool:
    """Lock a file until it is closed; return whether no other process has."""
    if fcntl is not None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
