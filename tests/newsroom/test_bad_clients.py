"""Very many slow and broken clients keep no staff out: `data/attacks/clients.toml`.

Of those that flood a newsroom with whole requests there are fewer: it has no limit on these.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from dateline.newsroom.server import LIMIT
from support.attacks import Attack, attacks, name_of
from support.hostile_clients import many_files, opened
from support.process_tree import descendants
from support.publication import Newsroom
from support.serving import PATIENCE, Served, exchange, free_port, is_there, serve, until
from support.staff import WORD, configure

pytestmark = pytest.mark.long

FEWER, FLOOD = 3, 100  # times fewer clients than at `serve`, which has more processes
TARGET = f"/?token={WORD}"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, int]]:
    """Yield a server, and the port of its newsroom."""
    port = free_port()
    newsroom = Newsroom(tmp_path_factory.mktemp("clients"))
    newsroom.drop("good.toml")
    configure(newsroom, own=f'token = "{WORD}"\nport = {port}')
    most = max(attack["clients"] for attack in attacks("clients"))
    with many_files(most), serve(newsroom.folder) as served:
        assert until(lambda: is_there(f"http://127.0.0.1:{port}{TARGET}"))
        yield served, port


@pytest.mark.parametrize("attack", attacks("clients"), ids=name_of)
def test_a_thousand_bad_clients_keep_no_staff_out(
    served: tuple[Served, int], attack: Attack
) -> None:
    """While they are there, staff are answered; when they have gone, all is as before."""
    server, port = served
    asked = f"GET {TARGET} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    before = threads_of(server)
    clients = attack["clients"] // (FLOOD if attack.get("floods") else FEWER)
    with ExitStack() as stack:
        found = opened(port, {**attack, "clients": clients}, stack, pause=0.03)
        answers = [exchange(port, asked) for _ in range(20)]
        for one in found[:: max(1, len(found) // 50)] if not attack.get("breaks") else ():
            with suppress(OSError):
                one.sendall(b"a")
        answers += [exchange(port, asked) for _ in range(20)]
        more = threads_of(server) - before

    answers.append(exchange(port, asked))
    assert {one.partition(b"\r\n")[0] for one in answers} == {b"HTTP/1.1 200 OK"}
    assert more <= 2 * LIMIT  # those that were cut off end a moment later
    assert until(lambda: threads_of(server) <= before + 2, PATIENCE)
    assert server.process.poll() is None


def threads_of(server: Served) -> int:
    """Return the number of the threads of a server's processes."""
    processes = (server.process.pid, *descendants(server.process.pid))
    return sum(len([*Path(f"/proc/{one}/task").iterdir()]) for one in processes)
