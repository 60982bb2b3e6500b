"""The enemy of a newsroom: requests that no reader and no member of staff sends."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trials.trial import Trial

_ATTACKS = (
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /.manifest.json HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /%2e%2e/state/ledger.sqlite HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /.new/x HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"POST /news.rss HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"GET /search?q=" + b"a" * 5000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /news.rss HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1,2-3,4-\r\n\r\n",
    b"GET /news.rss HTTP/1.1\r\nHost: a\r\nIf-None-Match: " + b'"a",' * 900 + b"\r\n\r\n",
)
_SECRET = (b"root:x:", b"SQLite format", b'"generation"')


def attack(trial: Trial, line: dict[str, Any]) -> None:
    """Send what no reader sends, and half of it, to both ports."""
    attack = _ATTACKS[line["which"] % len(_ATTACKS)]
    for port in (trial.judge.port, trial.newsroom_port):
        for request in (attack, attack[: len(attack) // 2]):
            answer = _exchange(port, request)
            if found := [one for one in _SECRET if one in answer]:
                trial.broken(f"an enemy got {found} from {request[:60]!r}")
    trial.count("attacks")


def guess(trial: Trial, _: dict[str, Any]) -> None:
    """Try a wrong token at the newsroom."""
    answer = _exchange(
        trial.newsroom_port,
        b"GET /drop/news1.toml HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
        b"trial-wrong-wrong-wrong\r\nConnection: close\r\n\r\n",
    )
    if b" 200 " in answer[:20]:
        trial.broken("a wrong token was accepted")
    trial.count("attacks")


def _exchange(port: int, request: bytes) -> bytes:
    answer = b""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as connection:
        connection.settimeout(0.5)
        connection.sendall(request)
        while len(answer) < 1_000_000 and (some := connection.recv(65536)):
            answer += some
    return answer
