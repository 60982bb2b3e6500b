"""Staff who come to a node that follows read which node leads."""

from __future__ import annotations

import dataclasses
import http.client
import logging
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from time import process_time
from types import MappingProxyType

import pytest

from dateline.config import ClusterSettings, Config
from dateline.serve.monitoring.referral import referring
from support.publication import CONFIG, Newsroom
from support.serving import free_port
from support.staff import WORD

NO_FIELDS: Mapping[str, str] = MappingProxyType({})
SENTENCE = "This node only serves readers at present. The newsroom is on web2: open it there.\n"


@pytest.fixture
def node(tmp_path: Path) -> Config:
    """Return the configuration of a node with a newsroom."""
    text = f'[newsroom]\ntoken = "{WORD}"\nport = {free_port()}\n'
    (tmp_path / "config.toml").write_text(f"{CONFIG}\n{text}", "utf-8")
    settings = ClusterSettings(name="web1", lead=True, lease=4)
    return dataclasses.replace(Newsroom(tmp_path).config, cluster=settings)


def ask(
    config: Config, method: str = "GET", body: str = "", fields: Mapping[str, str] = NO_FIELDS
) -> tuple[int, str, str]:
    """Send a request to the newsroom's address; return status, Retry-After and text."""
    place = config.newsroom.host, config.newsroom.port
    with closing(http.client.HTTPConnection(*place, timeout=10)) as connection:
        connection.request(method, "/", body, dict(fields))
        answer = connection.getresponse()
        return answer.status, answer.headers["Retry-After"], answer.read().decode()


def test_the_leader_is_named(node: Config) -> None:
    """With 503, so that a server in front tries the next node; also for what staff send."""
    with referring(node, lambda: "web2"):
        asked = [ask(node), ask(node, "POST", "text")]
        head = ask(node, "HEAD")

    assert asked == [(503, "2", SENTENCE)] * 2
    assert head == (503, "2", "")


def test_no_request_takes_long_to_read(node: Config) -> None:
    """A field with many parameters took seconds, in which nobody else was answered."""
    with referring(node, lambda: "web2"):
        begun = process_time()
        found = ask(node, fields={"Content-Type": f'multipart/x; a="{60_000 * ";"}'})
        took = process_time() - begun

    assert found == (503, "2", SENTENCE)
    assert took < 1


def test_nobody_is_named_where_nobody_leads(node: Config) -> None:
    """In the language of the newsroom."""
    own = dataclasses.replace(node.newsroom, language="es")
    config = dataclasses.replace(node, newsroom=own)

    with referring(config, lambda: ""):
        status, _, text = ask(config)

    assert (status, text[:26]) == (503, "Ningún nodo dirige por aho")


def test_a_port_in_use_keeps_no_node_from_following(
    node: Config, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, and free again afterwards."""
    with (
        caplog.at_level(logging.WARNING),
        referring(node, lambda: "web2"),
        referring(node, lambda: "web3"),
    ):
        assert "web2" in ask(node)[2]
    with referring(node, lambda: "web3"):
        assert "web3" in ask(node)[2]

    assert [one.message for one in caplog.records] == [
        f"Staff get no answer at 127.0.0.1:{node.newsroom.port}: Address already in use."
    ]


def test_a_machine_by_itself_refers_to_nobody(node: Config) -> None:
    """Its own newsroom has the port."""
    alone = dataclasses.replace(node, cluster=None)

    with referring(alone, lambda: "web2"), pytest.raises(ConnectionRefusedError):
        ask(node)
