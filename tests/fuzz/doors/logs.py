"""User-Agents and lines of logs: any bytes are requests or nothing, and fill no memory.

An even first byte begins a User-Agent, an odd one a line of a log.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from dateline.serve.access_log import without_mail
from dateline.serve.readership import Tally, log_lines, user_agents
from dateline.serve.readership.log_lines import LoggedRequest
from fuzz.inputs import pieces
from support.paths import DATA

WORDS = pieces("logs")
OURS = {
    "time": "2026-11-25T10:00:00Z", "method": "GET", "path": "/news.rss", "status": 200,
    "bytes": 100, "agent": "Feedbin feed-id:1 - 2 subscribers", "coding": "gzip", "count": 3,
}  # fmt: skip
CADDYS = {
    "ts": 1.5, "status": 304, "size": 0, "resp_headers": {"Content-Encoding": ["gzip"]},
    "request": {"method": "GET", "uri": "/news.rss?a", "headers": {"User-Agent": ["curl/8"]}},
}  # fmt: skip


def seeds() -> Iterator[bytes]:
    """Yield real User-Agents, and a line of each server."""
    for line in (DATA / "agents.tsv").read_text("utf-8").splitlines()[1:]:
        yield b"\0" + line.split("\t")[3].encode()
    yield from (b"\1" + json.dumps(one).encode() for one in (OURS, CADDYS))


def tried(data: bytes) -> None:
    """Read it, and add it to the sums."""
    way, rest = data[0] % 2 if data else 0, data[1:]
    found = log_lines.read(rest) if way else _request(rest.decode("utf-8", "replace"))
    if found is None:
        return
    check_agent(user_agents.read(found.agent))
    assert math.isfinite(found.moment)
    assert "?" not in found.path
    tally = Tally({"news.rss": "news"}, lambda _: (200, 100))
    tally.add(found)
    sums = tally.readership()
    assert sums.requests == (0 if found.agent == user_agents.DELIVERY else found.count)
    assert json.dumps([sums.sent, sums.saved, [one.name for one in sums.programs]])
    assert "@" not in without_mail(found.agent)


def _request(agent: str) -> LoggedRequest:
    return LoggedRequest(
        moment=1.0, method="GET", path="/news.rss", status=200, size=1, agent=agent, coding=""
    )


def check_agent(agent: user_agents.Agent) -> None:
    """Check that a name is short and printable, and a number one of people."""
    assert 0 < len(agent.name) <= 40
    assert agent.name.isprintable()
    assert agent.subscribers is None or 0 <= agent.subscribers < 10**9
    assert agent.feed == "" or agent.feed.isprintable()
