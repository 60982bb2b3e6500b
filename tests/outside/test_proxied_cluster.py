"""The newsroom of a cluster, behind nginx and Caddy as the documentation configures them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from dateline.config import ClusterSettings, Config
from dateline.newsroom import serving
from dateline.serve.monitoring.referral import referring
from outside.documented import STAFF, cluster
from outside.fronting import configured
from support.publication import CONFIG, Newsroom
from support.serving import PATIENCE, free_port, until
from support.staff import WORD

pytestmark = pytest.mark.outside

TABLES = f"""
[newsroom]
token = "{WORD}"
url = "https://{STAFF}"
trusted = ["127.0.0.1"]
header = "Remote-User"
[[newsroom.person]]
name = "Desk"
role = "editor"
"""


@contextmanager
def leading(newsroom: Newsroom, config: Config) -> Iterator[None]:
    """Have the newsroom at the address of a node that leads."""
    with serving(config, lambda: newsroom.now) as room:
        room.show(newsroom.build(), newsroom.now)
        yield


@pytest.mark.parametrize("program", ["nginx", "caddy"])
def test_staff_reach_the_node_that_leads(tmp_path: Path, program: str) -> None:
    """By the proxy, also what they send; one node follows, one is away, and the lead changes."""
    newsroom = Newsroom(tmp_path)
    (tmp_path / "entries").mkdir(exist_ok=True)
    (tmp_path / "config.toml").write_text(CONFIG + TABLES, "utf-8")
    settings = ClusterSettings(name="web1", lead=True, lease=4)
    base = replace(newsroom.config, cluster=settings)
    port, *ports = (free_port() for _ in range(4))
    first, second = (replace(base, newsroom=replace(base.newsroom, port=own)) for own in ports[:2])
    address = f"http://127.0.0.1:{port}/"

    def ask(method: str = "GET") -> int:
        data = {"name": "a"} if method == "POST" else None
        headers, query = {"Host": STAFF}, {"token": WORD}
        answer = httpx.request(
            method, address, params=query, headers=headers, data=data, timeout=PATIENCE
        )
        return answer.status_code

    with configured(program, cluster(program, port=port, nodes=ports), tmp_path / program, port):
        with referring(first, lambda: "web2"), leading(newsroom, second):
            assert until(lambda: ask() < 500)
            found = {ask() for _ in range(8)}
            sent = {ask("POST") for _ in range(4)}
        with leading(newsroom, first), referring(second, lambda: "web1"):
            assert until(lambda: ask() < 500)
            after = {ask() for _ in range(8)}

    assert found == after == {200}
    assert not (found | sent) & {502, 503, 504}
