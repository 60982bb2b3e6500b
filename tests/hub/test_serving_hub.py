"""`serve` is a hub: a subscriber subscribes, gets each change, renews, and leaves."""

from __future__ import annotations

import hashlib
import hmac
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import pytest

from dateline.publish.check import check
from dateline.publish.settle import request_now
from dateline.serve.doctor import examine
from support.callbacks import subscriber
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import PATIENCE, PUBLISHER, Served, until
from support.serving_hub import ask, gets, has, served_hub, subscribe

pytestmark = pytest.mark.long

SIGNING, LATER = "a shared secret", "another one"


def test_a_subscriber_gets_each_change(newsroom: Newsroom) -> None:
    """With the type, the links and the signature of WebSub, sections 7 and 8."""
    with served_hub(newsroom) as served, subscriber() as own:
        subscribe(served, own, secret=SIGNING)

        first = gets(newsroom, own, "Harbour")

        answer = served.get("news.rss")
        digest = hmac.new(SIGNING.encode(), first.data, hashlib.sha256).hexdigest()
        assert first.headers["x-hub-signature"] == f"sha256={digest}"
        assert first.headers["content-type"] == answer.headers["Content-Type"]
        assert f'<{served.url}hub>; rel="hub"' in first.headers["link"]
        assert f'<{served.url}news.rss>; rel="self"' in first.headers["link"]

        subscribe(served, own, secret=LATER)
        second = gets(newsroom, own, "Lighthouse")
        digest = hmac.new(LATER.encode(), second.data, hashlib.sha256).hexdigest()
        assert second.headers["x-hub-signature"] == f"sha256={digest}"

        subscribe(served, own)
        assert "x-hub-signature" not in gets(newsroom, own, "Pier").headers

        assert ask(served, own, mode="unsubscribe") == 202
        assert until(lambda: bool(own.questions("unsubscribe")))
        subscribe(served, own, "b")
        gets(newsroom, own, "Quay", "b")
        assert not any(has(one, "Quay") for one in own.deliveries("a"))


@pytest.mark.parametrize("first", [b"", b"GET /news.rss HTTP/1.1\r\nHost: a\r\n\r\n"])
def test_half_sent_requests_keep_nobody_from_the_hub(newsroom: Newsroom, first: bytes) -> None:
    """Whoever sends one makes room for others, and is cut off after some seconds."""
    head = first + b"POST /hub HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n"
    with served_hub(newsroom) as served, subscriber() as own, ExitStack() as stack:
        assert until(lambda: ask(served, own) == 202)
        place, own_address = ("127.0.0.1", served.port), ("127.0.0.2", 0)
        half = [socket.create_connection(place, 5, own_address) for _ in range(12)]
        for one in half:
            stack.enter_context(one)
            one.sendall(head)
        sleep(1.5)  # they are late after 0.5 s, and are cut off after 3 s
        assert [ask(served, own, name) for name in "bcdefg"] == [202] * 6
        assert served.get("news.rss").status_code == 200

        began = monotonic()
        assert until(lambda: all(is_closed(one) for one in half))
        assert monotonic() - began < 12  # granian may let one wait for another


def is_closed(connection: socket.socket) -> bool:
    """Return whether the server has closed a connection."""
    connection.settimeout(0)
    try:
        while connection.recv(65536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def test_nothing_under_embargo_is_delivered(newsroom: Newsroom) -> None:
    """Neither the text nor the title; the change that comes meanwhile is."""
    with served_hub(newsroom) as served, subscriber() as own:
        subscribe(served, own)
        newsroom.drop("later.toml", entry_file("EMBARGOED", "2099-12-24"))

        gets(newsroom, own, "Harbour")

        assert not any(has(one, "EMBARGOED") for one in own.deliveries())


def test_a_new_publisher_takes_over_what_waits(newsroom: Newsroom) -> None:
    """Subscriptions are in the ledger: a publisher that is killed loses none."""
    with served_hub(newsroom) as served, subscriber() as own:
        subscribe(served, own)
        gets(newsroom, own, "Harbour")
        (publisher,) = (id_ for id_, name in children_of(served.process.pid) if "follow" in name)
        os.kill(publisher, signal.SIGKILL)

        gets(newsroom, own, "Lighthouse")
        subscribe(served, own, "b")
        gets(newsroom, own, "Pier", "b")


def children_of(parent: int) -> list[tuple[int, str]]:
    """Return the processes that one has started, with their commands."""
    listed = subprocess.run(
        ["ps", "--ppid", str(parent), "-o", "pid=,args="],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [(int(line.split()[0]), line) for line in listed.splitlines()]


@dataclass(frozen=True, slots=True)
class HubProcess:
    """A hub that runs as a process of its own, and the file with what it prints."""

    process: subprocess.Popen[bytes]
    output: Path

    def printed(self) -> str:
        """Return what it has printed so far."""
        return self.output.read_text("utf-8")


@contextmanager
def hub_process(newsroom: Newsroom) -> Iterator[HubProcess]:
    """Run the hub of a newsroom until it is told to stop; one that does not stop is killed."""
    output = newsroom.folder / "hub.txt"
    config = str(newsroom.folder / "config.toml")
    command = [sys.executable, str(PUBLISHER), "hub", "--config", config]
    with output.open("wb") as file:
        process = subprocess.Popen(command, stdout=file)
    try:
        yield HubProcess(process, output)
        process.terminate()
        process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()


def test_the_hub_is_a_process_of_its_own(newsroom: Newsroom) -> None:
    """With `separate`, `dateline hub` takes requests and delivers; without it nobody does."""
    with served_hub(newsroom, "separate = true") as served, subscriber() as own:
        assert ask(served, own) == 503
        with hub_process(newsroom) as hub:
            sentence = f"The hub takes requests for {served.url}"
            assert until(lambda: sentence in hub.printed()), hub.printed()
            subscribe(served, own)
            gets(newsroom, own, "Harbour")
            second = subprocess.run(hub.process.args, capture_output=True, text=True, check=False)
            assert "The hub of this publication runs in another process." in second.stderr
        assert hub.process.returncode == 0
        assert ask(served, own) == 503


def test_a_hub_that_is_switched_off_goes_on_until_it_is_stopped(newsroom: Newsroom) -> None:
    """Feeds name it until SIGHUP: with `enabled = false`, the process ended with a traceback."""
    path = newsroom.folder / "config.toml"
    text = CONFIG.replace("[[feed]]", "[hub]\nenabled = true\nseparate = true\n[[feed]]", 1)
    path.write_text(text, "utf-8")
    newsroom.build()
    with hub_process(newsroom) as hub:
        assert until(lambda: "The hub takes requests for " in hub.printed()), hub.printed()
        path.write_text(text.replace("enabled = true", "enabled = false"), "utf-8")
        assert until(lambda: "config.toml has no hub for this process any more" in hub.printed())
    assert hub.process.returncode == 0


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("enabled = false", "There is no hub: write enabled = true under [hub] in config.toml."),
        ("enabled = true", "serve runs the hub: to run it here, write separate = true"),
    ],
)
def test_the_command_says_what_to_change(newsroom: Newsroom, table: str, sentence: str) -> None:
    """Where the configuration wants no process of its own."""
    text = CONFIG.replace("[[feed]]", f"[hub]\n{table}\n[[feed]]", 1)
    path = newsroom.folder / "config.toml"
    path.write_text(text, "utf-8")
    command = [sys.executable, str(PUBLISHER), "hub", "--config", str(path)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    assert sentence in done.stderr


def test_the_doctor_asks_whether_the_hub_takes_requests(newsroom: Newsroom) -> None:
    """It sends an empty form, which is refused; while no hub runs, it says what has to."""
    with served_hub(newsroom) as served, subscriber() as own:
        subscribe(served, own)
        assert findings(served) == [("ok", f"{served.url}hub takes requests.")]
        path = newsroom.folder / "config.toml"
        separate = path.read_text("utf-8").replace("[hub]\n", "[hub]\nseparate = true\n")
        path.write_text(separate, encoding="utf-8")
        newsroom.drop("second.toml")
        assert until(lambda: findings(served)[0][0] == "bad"), findings(served)

        sentence = f"{served.url}hub takes no requests: serve, or dateline hub, has to run."
        assert findings(served) == [("bad", sentence)]


def findings(served: Served) -> list[tuple[str, str]]:
    """Return what the doctor finds about the hub."""
    seen = examine(f"{served.url}news.rss", datetime.now(UTC))
    return [(one.state, one.text) for one in seen if one.about == "hub"]


@pytest.mark.parametrize(
    ("url", "allow", "hubs"),
    [
        ("http://127.0.0.1:8000/", "", ["http://127.0.0.1:8000/hub"]),
        ("http://192.168.7.7/", "", ["http://192.168.7.7/hub"]),
        ("http://news.test/", "", ["http://news.test/hub"]),
        ("https://news.example.org/", "", []),
        ("http://127.0.0.1:8000/", 'allow = ["127.0.0.0/8"]', []),
    ],
)
def test_check_tells_of_an_address_that_nobody_reaches(
    newsroom: Newsroom, url: str, allow: str, hubs: list[str]
) -> None:
    """A hub at a private address is for a private network, which `allow` then names."""
    text = CONFIG.replace("http://127.0.0.1:8000/", url)
    path = newsroom.folder / "config.toml"
    path.write_text(
        text.replace("[[feed]]", f"[hub]\nenabled = true\n{allow}\n[[feed]]", 1), "utf-8"
    )

    report = check(newsroom.config, request_now())

    found = [one for one in report.problems if one.code == "hub-private"]
    assert [one.found for one in found] == hubs
    assert {one.code for one in newsroom.build().problems} >= {one.code for one in found}
