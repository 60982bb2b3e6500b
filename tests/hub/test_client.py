"""Web workers pass requests for the hub on: to its process, or to the node that has it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from dateline.hub import client as hub_client
from dateline.hub.client import HubClient
from support.callbacks import form, subscriber
from support.publication import Newsroom
from support.serving import free_port, until
from support.serving_hub import gets, served_hub

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def posted(data: dict[str, str], **more: str) -> WSGIEnvironment:
    """Return the request that sends a form."""
    body = urlencode(data).encode()
    return {
        "REQUEST_METHOD": "POST",
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "wsgi.input": BytesIO(body),
        **more,
    }


@pytest.mark.long
def test_a_node_without_the_hub_passes_requests_on(newsroom: Newsroom, tmp_path: Path) -> None:
    """Over nodes that are away to the one that leads, whose answer it returns."""
    away = f"http://127.0.0.1:{free_port()}/"
    with served_hub(newsroom) as served, subscriber() as own:
        client = HubClient(tmp_path / "other", [away, served.url])
        request = form(f"{served.url}news.rss", own.url("a"))
        sent = "202 Accepted", (), "The subscriber is asked next."
        assert until(lambda: client.answer(posted(request)) == sent)
        assert until(lambda: bool(own.questions(path="a")))
        gets(newsroom, own, "Harbour")

        wrong = client.answer(posted(form("", "")))
        again = client.answer(posted(request, HTTP_DATELINE_PASSED_ON="1"))

    assert wrong[0] == "400 Bad Request"
    assert wrong[2]
    assert again[:2] == ("503 Service Unavailable", (("Retry-After", "5"),))


@pytest.mark.long
def test_without_a_leader_requests_come_later(newsroom: Newsroom, tmp_path: Path) -> None:
    """Nodes that know of none do not ask each other without end."""
    with served_hub(newsroom, "separate = true") as served:  # nothing takes requests there
        client = HubClient(tmp_path / "other", [served.url, served.url])

        answer = client.answer(posted(form(f"{served.url}news.rss", "http://127.0.0.1:9/")))

    assert answer[:2] == ("503 Service Unavailable", (("Retry-After", "5"),))


@pytest.mark.parametrize(("late", "cut"), [(0.0, ["192.0.2.1"]), (60.0, [])])
def test_only_requests_that_are_late_make_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: float, cut: list[str]
) -> None:
    """A request that has just begun to arrive is not cut off because others want its place."""
    monkeypatch.setattr(hub_client, "_LATE", late)
    began, is_over = Barrier(5), Event()
    found: list[str] = []

    class Slow(BytesIO):
        def read(self, *_: Any) -> bytes:
            began.wait(10)
            is_over.wait(10)
            return b""

    def cut_off(address: str, number: int) -> None:
        assert number == 4
        found.append(address)
        is_over.set()

    client = HubClient(tmp_path, cut_off=cut_off)
    slow = {**posted(form("", "")), "REMOTE_ADDR": "192.0.2.1"}
    threads = [Thread(target=client.answer, args=({**slow, "wsgi.input": Slow()},)) for _ in "1234"]
    for one in threads:
        one.start()
    began.wait(10)

    client.answer(posted(form("", "")))
    is_over.set()
    for one in threads:
        one.join()

    assert found == cut
