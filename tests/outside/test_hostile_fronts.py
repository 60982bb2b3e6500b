"""Attacks on the wire through nginx and Caddy, as `front` prints them: `data/attacks/framing.toml`.

`tests/outside/test_front.py` shows that paths reach nothing but documents there.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from outside.fronting import proxy
from support import probes
from support.attacks import Attack, attacks, name_of, whole
from support.framing import received
from support.serving import PATIENCE, Served, exchange, free_port, is_there, serve, until

pytestmark = pytest.mark.outside

STALLED = 200  # of the 256 connections that the tests give to a worker of nginx
HEAD = b"GET /news.rss HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yield Dateline, with metrics."""
    folder: Path = tmp_path_factory.mktemp("front")
    probes.publish(folder)
    port = free_port()
    with (folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n[serve]\nport = {port}\nmetrics = true\n")
    with serve(folder, port=port) as served:
        assert until(lambda: is_there(f"{served.url}news.rss"))
        yield served


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def front(request: pytest.FixtureRequest, behind: Served) -> Iterator[Served]:
    """Yield a proxy with Dateline behind it."""
    folder = behind.output.parent
    with proxy(request.param, folder / "config.toml", folder / f"{request.param}.log") as served:
        yield served


@pytest.mark.parametrize("attack", attacks("framing"), ids=name_of)
def test_no_request_hides_in_another_behind_a_front(front: Served, attack: Attack) -> None:
    """What a proxy blocks does not reach Dateline inside another request, nor the next answer.

    Metrics are blocked there, and sent by Dateline itself.
    """
    heard = received(front.port, attack, "x", smuggled="/metrics")

    after = [exchange(front.port, HEAD) for _ in range(3)]
    assert b"dateline_" not in b"".join((heard, *after))
    assert all(one.startswith(b"HTTP/1.1 200") and b"<rss" in one for one in after)


def test_metrics_are_sent_by_dateline_alone(front: Served, behind: Served) -> None:
    """Else the tests above could not fail."""
    ask = b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    assert until(lambda: b"dateline_" in exchange(behind.port, ask), 90)
    assert b"dateline_" not in exchange(front.port, ask)


def test_a_document_is_sent_meanwhile(front: Served) -> None:
    """Connections that send a byte of a head, or read none of an answer, keep nobody out."""
    stalled = []
    try:
        for number in range(STALLED):
            one = socket.create_connection(("127.0.0.1", front.port), PATIENCE)
            one.sendall(HEAD if number % 2 else b"GET")
            stalled.append(one)
        assert exchange(front.port, HEAD).startswith(b"HTTP/1.1 200")
    finally:
        for one in stalled:
            one.close()


@pytest.mark.parametrize("attack", attacks("paths"), ids=name_of)
def test_no_path_leads_out_behind_a_front(front: Served, attack: Attack) -> None:
    """No spelling of a path reaches a file that is no document."""
    request = f"GET {whole(attack['target'])} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

    answer = exchange(front.port, request.encode("latin-1"))

    assert not answer.startswith(b"HTTP/1.1 2"), answer[:200]
    assert b"[publication]" not in answer
