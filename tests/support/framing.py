"""Sending of the requests of `data/attacks/framing.toml`, and counting of the answers."""

from __future__ import annotations

import re
import socket
from contextlib import suppress

from support.attacks import Attack, whole

_WAITS = 3.0  # seconds for a connection that is kept open
_ANSWER = re.compile(rb"(?=HTTP/1\.[01] \d{3} )")


def received(
    port: int,
    attack: Attack,
    host: str,
    *,
    smuggled: str = "/smuggled",
    line: str = "X-Smuggled: 1",
    waits: float = _WAITS,
) -> bytes:
    """Send an attack to a server on this machine; return all that it answers.

    What it hides has the target `smuggled`, and a `line` of its own. A connection that is kept
    open is closed after `waits` seconds.
    """
    hidden = f"GET {smuggled} HTTP/1.1\r\nHost: {host}\r\n{line}\r\n\r\n"
    text = whole(attack["request"]).replace("{smuggled}", hidden).replace("{host}", host)
    data = text.replace("{length}", str(len(hidden))).encode("latin-1")
    heard = b""
    with (
        suppress(TimeoutError, ConnectionError),
        socket.create_connection(("127.0.0.1", port), waits) as connection,
    ):
        connection.sendall(data)
        while some := connection.recv(65536):
            heard += some
    return heard


def answers(port: int, attack: Attack, host: str) -> list[int]:
    """Send an attack; return the statuses of all answers.

    Interim ones (RFC 9110, section 15.2) do not count.
    """
    return [
        status
        for one in _ANSWER.split(received(port, attack, host))
        if one.startswith(b"HTTP/") and (status := int(one[9:12])) >= 200
    ]


def faults(attack: Attack, statuses: list[int]) -> list[str]:
    """Return what is wrong with the statuses of an attack's answers."""
    found = []
    if len(statuses) > attack["answers"]:
        found.append(f"{len(statuses)} answers: {statuses}")
    if not attack.get("fine") and any(200 <= status < 300 for status in statuses):
        found.append(f"accepted: {statuses}")
    return found
