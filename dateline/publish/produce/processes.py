"""A pool of other processes, one for each further core, which wait for what they work with."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Generic, TypeVar

from dateline.system import heartbeat
from dateline.system.supervisor import end_with_parent

if TYPE_CHECKING:  # it takes long, and most runs need no other process
    from multiprocessing.queues import Queue

_NEW_OBJECTS = 20_000  # before Python searches for garbage, as in `dateline.cli`
# Seconds for which a thread keeps the interpreter. Another one receives what the processes send,
# in parts: they would wait for this one, by Python's own setting 5 ms for each part.
_TURN = 0.0005
_hiding = threading.Lock()
_Seed = TypeVar("_Seed")
_Part = TypeVar("_Part")
_Made = TypeVar("_Made")


class Processes(Generic[_Seed]):
    """Other processes, which work once each has been given a seed (`take` is called with it).

    One that is spawned imports for half a second what this process has imported. One that is
    forked has it at once, but also the locks of threads and the connections of this process.
    """

    def __init__(self, take: Callable[[_Seed], None], *, method: str = "spawn") -> None:
        import multiprocessing  # noqa: PLC0415
        from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415

        self.count = self._unseeded = further_cores()
        self._turn_before = sys.getswitchinterval()
        sys.setswitchinterval(_TURN)
        context = multiprocessing.get_context(method)
        # A thread fills the queue. This one would wait until the others have imported all.
        self._seeds: Queue[_Seed | None] = context.Queue()
        self._seeds.cancel_join_thread()
        self._pool = ProcessPoolExecutor(
            self.count, mp_context=context, initializer=_begin, initargs=(self._seeds, take)
        )
        self._ending: threading.Thread | None = None
        try:
            self.call(_do_nothing)
        except BaseException:  # also Ctrl+C: nobody else has them yet, to end them in order
            self.close()
            raise

    @property
    def has_ended(self) -> bool:
        """True once they have begun to end."""
        return self._ending is not None

    def seed(self, seed: _Seed | None) -> None:
        """Seed each of them, unless that was done."""
        for _ in range(self._unseeded):
            self._seeds.put(seed)
        self._unseeded = 0

    def submit(self, function: Callable[[_Part], _Made], part: _Part) -> Future[_Made]:
        """Call a function in the first of them that is free."""
        with _uninterrupted(), without_main():
            return self._pool.submit(function, part)

    def call(self, function: Callable[[int], None]) -> None:
        """Call a function in each of them, without waiting for it."""
        for number in range(self.count):
            self.submit(function, number)

    def end(self) -> None:
        """Begin to end them, without what they have not begun."""
        if not self._ending:
            sys.setswitchinterval(self._turn_before)
            self.seed(None)
            end = partial(self._pool.shutdown, cancel_futures=True)
            self._ending = threading.Thread(target=end)
            self._ending.start()

    def close(self) -> None:
        """End them, and wait until they have ended."""
        self.end()
        if self._ending:
            self._ending.join()
        self._seeds.close()


def further_cores() -> int:
    """Return how many processes may work beside this one.

    There is none after one hung: only this process tells the supervisor which file it reads.
    """
    return 0 if heartbeat.is_after_hang() else (os.cpu_count() or 1) - 1


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl+C back: a process that is being started would read half of what it runs."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def without_main() -> Iterator[None]:
    """Hide the main module: each process would run the program that publishes once more.

    One thread at a time does: another would put the substitute back, and not the module.
    """
    with _hiding:
        main = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = main


# ---- In another process


def _begin(seeds: Queue[_Seed | None], take: Callable[[_Seed], None]) -> None:
    gc.set_threshold(_NEW_OBJECTS)
    atexit.register(gc.freeze)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the run, which ends this
    end_with_parent()  # a killed run writes nothing more
    if (seed := seeds.get()) is not None:
        take(seed)


def _do_nothing(number: int) -> None:
    """Start the process."""
