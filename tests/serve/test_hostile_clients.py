"""Slow and broken clients by the thousand keep nobody out: `data/attacks/clients.toml`.

Nor do those that ask for a large document and read it slowly.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from time import monotonic, sleep

import pytest

from support import probes
from support.attacks import Attack, attacks, name_of
from support.hostile_clients import many_files, opened
from support.process_tree import descendants
from support.publication import entry_file
from support.serving import Served, exchange, is_there, serve, until
from wire.use import used

pytestmark = pytest.mark.long

ASKED = b"GET /news.rss HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
LARGE, READERS = 4_000_000, 1000  # bytes of a document, and its readers: together 4 GB
MEMORY = 2500 << 20  # bytes of all processes of `serve`


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yield a server; this process may have as many connections as the attacks need."""
    most = max(attack["clients"] for attack in attacks("clients"))
    folder: Path = tmp_path_factory.mktemp("clients")
    room = probes.publish(folder)
    room.drop("large.zip", b"PK\x03\x04" + os.urandom(LARGE))
    room.drop("large.toml", entry_file("Large", attachments='["large.zip"]'))
    room.build()
    with many_files(most), serve(folder) as served:
        assert until(lambda: is_there(f"{served.url}news.rss"))
        yield served


@pytest.mark.parametrize("attack", attacks("clients"), ids=name_of)
def test_thousands_of_bad_clients_keep_nobody_out(served: Served, attack: Attack) -> None:
    """While they are there, others are answered; when they have gone, all is as before."""
    with ExitStack() as stack:
        clients = opened(served.port, attack, stack)
        answers = [exchange(served.port, ASKED) for _ in range(20)]
        for one in clients[:: max(1, len(clients) // 50)] if not attack.get("breaks") else ():
            with suppress(OSError):
                one.sendall(b"a")
        answers += [exchange(served.port, ASKED) for _ in range(20)]

    answers.append(exchange(served.port, ASKED))
    assert {one.partition(b"\r\n")[0] for one in answers} == {b"HTTP/1.1 200 OK"}
    assert served.process.poll() is None


def used_by(served: Served) -> tuple[int, int]:
    """Return the memory and the open files of all processes of a server."""
    found = (used(one) or (0, 0) for one in (served.process.pid, *descendants(served.process.pid)))
    memory, files = zip(*found, strict=True)
    return sum(memory), sum(files)


@pytest.mark.parametrize("reads", [0, 1], ids=["nothing", "a byte a second"])
def test_slow_clients_fill_no_memory(served: Served, reads: int) -> None:
    """Those of a large document are cut off once they are many; others are answered meanwhile."""
    (large,) = served.output.parent.glob("feeds/media/*.zip")
    sends = f"GET /media/{large.name} HTTP/1.1\r\nHost: x\r\n\r\n"
    before, most, answers = used_by(served), 0, []
    with ExitStack() as stack:
        clients = opened(served.port, {"sends": sends, "clients": READERS}, stack)
        end = monotonic() + 4
        while monotonic() < end:
            for one in clients if reads else ():
                with suppress(OSError):
                    one.recv(reads)
            answers.append(exchange(served.port, ASKED).partition(b"\r\n")[0])
            most = max(most, used_by(served)[0])
            sleep(1)

    assert {*answers} == {b"HTTP/1.1 200 OK"}
    assert most < MEMORY
    assert until(lambda: used_by(served)[1] <= before[1] + 10)
    whole = exchange(served.port, sends.replace("x\r\n", "x\r\nConnection: close\r\n").encode())
    assert whole.endswith(large.read_bytes())
