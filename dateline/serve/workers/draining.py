"""Workers that drain their connections before they end.

A kept connection that is closed just as its client sends a request costs that request. So workers
that are about to end get a signal some seconds before, and send `Connection: close` with each
response (RFC 9112, section 9.6): busy clients have gone elsewhere by the time that the workers
end. The only module that imports granian.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from select import select
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import granian.cli
from granian.net import SocketSpec
from granian.server.mp import MPServer, WorkerProcess

from dateline.serve.workers.sockets import network_sockets

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Ignored by default, so it harms no worker that has only begun.
_LEAVE = signal.SIGWINCH
_FAREWELL = 1.0  # seconds for clients to get a last response
_TICK = 0.02  # seconds
_ATTACH_FILTER = 26  # SO_ATTACH_FILTER of <asm-generic/socket.h>
# Steps of a classic BPF program (code, jumps and operand in eight bytes) over a segment's header.
_NO_SYN = tuple(
    int.from_bytes(struct.pack("=HBBI", *step), sys.byteorder)
    for step in (
        (0x30, 0, 0, 13),  # take the flags (RFC 9293, section 3.1)
        (0x54, 0, 0, 0x12),  # of them SYN and ACK
        (0x15, 0, 1, 0x02),  # where it is SYN alone
        (0x06, 0, 0, 0),  # drop it
        (0x06, 0, 0, 0xFFFFFFFF),  # else take all of it
    )
)
_ESTABLISHED = "01"  # proc_pid_net(5)
_AWAY = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nCache-Control: no-store\r\n"
    b"Connection: close\r\nContent-Length: 0\r\n\r\n"
)


def run() -> None:
    """Run granian's command with servers that drain their connections."""
    granian.cli.Server = DrainingServer
    granian.cli.entrypoint()


def taking_leave(application: WSGIApplication) -> WSGIApplication:
    """Wrap an application to send `Connection: close` once its process is about to end."""
    is_leaving = False

    def leave(*_: object) -> None:
        nonlocal is_leaving
        is_leaving = True
        _accept_no_more()

    def answered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not is_leaving:
            return application(environ, start_response)

        def start(status: str, fields: list[tuple[str, str]], *rest: Any) -> Callable[..., object]:
            return start_response(status, [*fields, ("Connection", "close")], *rest)

        return application(environ, start)

    signal.signal(_LEAVE, leave)
    return answered


def _accept_no_more() -> None:
    """Stop accepting connections, which are left to the replacement of this process.

    The descriptor at which granian listens becomes another socket, to which nobody connects; the
    true one lives on in the parent process. Where the system does not show which it is, nothing
    changes.
    """
    with suppress(OSError), socket.socket(socket.AF_UNIX) as unused:
        unused.bind("")  # a name that the system chooses (unix(7), autobind)
        unused.listen(1)
        unused.setblocking(False)  # noqa: FBT003 - its only argument
        for number, found in network_sockets():
            with suppress(OSError):
                if found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    os.dup2(unused.fileno(), number, inheritable=False)


class DrainingServer(MPServer):  # type: ignore[misc]  # which has no types
    """Granian's server, with a listening socket for each worker that its replacement takes over.

    So a connection that waits to be accepted is answered by the next worker, and at the very end
    by this process, with a 503.
    """

    _held: list[tuple[Any, socket.socket]]

    def _init_shared_socket(self) -> None:
        self._held = []
        if self.bind_uds or sys.platform != "linux":
            super()._init_shared_socket()
            return
        self._ssp: Any = None
        self._sso: Any = None
        for _ in range(self.workers):
            holder = SocketSpec(self.bind_addr, self.bind_port, self.backlog).build()
            own = socket.socket(fileno=holder.get_fd())
            own.setblocking(False)  # noqa: FBT003 - its only argument
            own.set_inheritable(True)
            self._held.append((holder, own))

    def _drop_shared_socket(self) -> None:
        """Keep the sockets until the workers have ended."""
        if not self._held:
            super()._drop_shared_socket()

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> WorkerProcess:
        if self._held:
            self._shd, self._sso = self._held[idx]
        return super()._spawn_worker(idx, target, callback_loader)

    def _respawn_workers(
        self, workers: list[int], spawn_target: Any, target_loader: Any, delay: float = 0
    ) -> None:
        """Replace workers one after another; a new one is at work before the old one drains."""
        for idx in workers:
            self.respawned_wrks[idx] = monotonic()
            old, new = self.wrks[idx], self._spawn_worker(idx, spawn_target, target_loader)
            new.start()
            self.wrks[idx] = new
            sleep(delay)
            if old.is_alive():
                self._announce([old])
                sleep(_FAREWELL)
            self._end(old)

    def _end(self, worker: WorkerProcess) -> None:
        worker.terminate()
        worker.join(self.workers_kill_timeout)
        if worker.is_alive():
            worker.kill()
            worker.join()

    def _stop_workers(self) -> None:
        for _, own in self._held:
            _refuse_new(own)
        sleep(_TICK)  # for connections from before
        self._announce(self.wrks)
        end = monotonic() + _FAREWELL
        while monotonic() < end and _has_connections(self.bind_port):
            sleep(_TICK)
        over = threading.Event()
        refusing = threading.Thread(target=self._turn_away, args=(over,), daemon=True)
        for worker in self.wrks:
            worker.terminate()
        refusing.start()
        super()._stop_workers()
        over.set()
        refusing.join()
        for _, own in self._held:
            own.close()

    def _announce(self, workers: Iterable[WorkerProcess]) -> None:
        for worker in workers:
            if worker.is_alive():
                with suppress(ProcessLookupError):
                    os.kill(worker._id(), _LEAVE)  # noqa: SLF001 - of the class that this extends

    def _turn_away(self, over: threading.Event) -> None:
        """Refuse new connections, while the workers finish what they have begun."""
        listening = [own for _, own in self._held]
        is_last = False
        while listening and not is_last:
            is_last = over.is_set()
            for own in select(listening, (), (), 0 if is_last else _TICK)[0]:
                with suppress(OSError):
                    while True:  # until none waits: it does not block
                        _send_away(own.accept()[0])


def _refuse_new(listening: socket.socket) -> None:
    """Drop requests for new connections: those that exist can finish, and the queue ends.

    Clients' systems try again after a second, when the next `serve` may be there; they are refused
    when this one is gone. Where the system has no filters (`SO_ATTACH_FILTER` of socket(7)), the
    queue is answered as it is.
    """
    steps = (ctypes.c_uint64 * len(_NO_SYN))(*_NO_SYN)
    program = struct.pack("HP", len(_NO_SYN), ctypes.addressof(steps))
    with suppress(OSError):
        listening.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, program)


def _send_away(reader: socket.socket) -> None:
    with reader:
        reader.settimeout(_TICK)
        with suppress(OSError):
            reader.recv(65536)  # unread, it would turn the answer into a reset
        reader.sendall(_AWAY)
        reader.shutdown(socket.SHUT_WR)


def _has_connections(port: int) -> bool:
    """Return whether anybody is connected to a port; True where the system does not show it."""
    try:
        tables = [Path(f"/proc/self/net/{name}").read_text("ascii") for name in ("tcp", "tcp6")]
    except OSError:
        return True
    rows = (row.split() for table in tables for row in table.splitlines()[1:])
    return any(row[1].endswith(f":{port:04X}") and row[3] == _ESTABLISHED for row in rows)
