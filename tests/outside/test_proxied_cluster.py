"""The newsroom of a cluster, behind nginx and Caddy as the documentation configures them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from dateline.config import ClusterSettings, Config
from dateline.newsroom import serving
from dateline.serve.monitoring.referral import referring
from outside.fronting import configured
from support.paths import ROOT
from support.publication import CONFIG, Newsroom
from support.serving import PATIENCE, free_port, until

pytestmark = pytest.mark.outside

SECTION = (ROOT / "docs/scale.md").read_text("utf-8").partition("### The newsroom of a")[2]
BLOCKS: list[str] = re.findall(r"```(?:nginx|text)\n(.*?)```", SECTION, re.DOTALL)
NGINX, CADDY = BLOCKS[:2]
STAFF = "staff.example.org"
TABLES = f"""
[newsroom]
url = "https://{STAFF}"
trusted = ["127.0.0.1"]
header = "Remote-User"
[[newsroom.person]]
name = "Desk"
role = "editor"
"""


def placed(program: str, port: int, nodes: list[int]) -> str:
    """Return the documented configuration at a port of this machine, with these nodes."""
    text = NGINX.replace("443 ssl", f"127.0.0.1:{port}") if program == "nginx" else CADDY
    if program == "caddy":
        text = "\n{\n}\n" + text.replace(f"{STAFF} {{\n    rev", f"http://:{port} {{\n    rev")
    for number, own in enumerate(nodes, start=1):
        text = text.replace(f"web{number}.example.org:8001", f"127.0.0.1:{own}")
    return text


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
        headers = {"Host": STAFF, "Remote-User": "Desk" if program == "nginx" else ""}
        data = {"name": "a"} if method == "POST" else None
        answer = httpx.request(method, address, headers=headers, data=data, timeout=PATIENCE)
        return answer.status_code

    with configured(program, placed(program, port, ports), tmp_path / program, port):
        with referring(first, lambda: "web2"), leading(newsroom, second):
            assert until(lambda: ask() < 500)
            found = {ask() for _ in range(8)}
            sent = {ask("POST") for _ in range(4)}
        with leading(newsroom, first), referring(second, lambda: "web1"):
            assert until(lambda: ask() < 500)
            after = {ask() for _ in range(8)}

    assert found == after
    assert not (found | sent) & {502, 503, 504}
