"""Two nodes over PostgreSQL: one publishes, the other takes over, and nothing of old counts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import sleep

import pytest

from outside.postgresql import database_server, server
from outside.programs import missing
from support.process_tree import children, descendants, runs
from support.publication import PUBLICATION, entry_file
from support.receiving import Received, webhook
from support.serving import PUBLISHER, Served, serve, until

pytestmark = pytest.mark.outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A node with folders of its own, and its `serve`."""

    name: str
    folder: Path
    served: Served

    def publishes(self) -> bool:
        """Return whether a process of this node publishes."""
        return self.publisher() != 0 and not self.waits()

    def publisher(self) -> int:
        """Return the process that publishes or waits for its turn, 0 if there is none."""
        for child in children(self.served.process.pid):
            with suppress(OSError):
                if b"\0follow\0" in Path(f"/proc/{child}/cmdline").read_bytes():
                    return child
        return 0

    def waits(self) -> bool:
        """Return whether the publisher waits: its supervisor can still write to it."""
        with suppress(OSError):
            read = Path(f"/proc/{self.publisher()}/fd/0").readlink()
            opened = Path(f"/proc/{self.served.process.pid}/fd").iterdir()
            return read in {one.readlink() for one in opened if one.name != "0"}
        return False

    def has(self, title: str) -> bool:
        """Return whether the feed of this node lists an entry."""
        return title in self.served.get("news.json").text

    def send(self, number: signal.Signals) -> None:
        """Send a signal to each process of the node."""
        process = self.served.process.pid
        for one in (process, *descendants(process)):
            with suppress(ProcessLookupError):  # it has ended a moment ago
                os.kill(one, number)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command on this node."""
        command = [sys.executable, str(PUBLISHER), *words, "--config", "config.toml"]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)


def config(name: str, url: str, entries: Path, hook: Received) -> str:
    """Return the configuration of a node."""
    first, feed = PUBLICATION.split("[[feed]]")
    return f"""{first.rstrip()}
hubs = ["http://127.0.0.1:{hook.port}/hub-{name}"]

[paths]
entries = "{entries}"

[intake]
problem_files = false

[alarm]
after = 1
webhook = "http://127.0.0.1:{hook.port}/{name}"

[ledger]
url = "{url}"

[store]
url = "file://{entries.parent}/store"

[cluster]
name = "{name}"

[[feed]]{feed}"""


@contextmanager
def cluster(folder: Path, database: str = "") -> Iterator[tuple[Node, Node, Received]]:
    """Serve a publication from two nodes, whose alarms a server receives."""
    (entries := folder / "entries").mkdir()
    (entries / "first.toml").write_text(entry_file("First"), encoding="utf-8")
    with ExitStack() as running:
        url = database or running.enter_context(server())
        hook = running.enter_context(webhook())
        nodes = []
        for name in ("web1", "web2"):
            (folder / name).mkdir()
            (folder / name / "config.toml").write_text(config(name, url, entries, hook))
            served = running.enter_context(serve(folder / name, "--newsroom", "off"))
            nodes.append(Node(name=name, folder=folder / name, served=served))
        yield nodes[0], nodes[1], hook


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Node, Received]]:
    """Yield two nodes, which all tests share."""
    if sentence := missing():
        pytest.fail(sentence, pytrace=False)
    with cluster(tmp_path_factory.mktemp("cluster")) as nodes:
        yield nodes


@pytest.fixture
def nodes(lasting: tuple[Node, Node, Received]) -> tuple[Node, Node, Received]:
    """Return the node that leads, the other one, and what receives the alarms."""
    first, second, hook = lasting
    assert until(lambda: first.publishes() != second.publishes())
    leader, other = (first, second) if first.publishes() else (second, first)
    assert until(lambda: leader.has("First"))
    return leader, other, hook


def status(node: Node) -> dict[str, object]:
    """Return what `cluster --json` prints on a node."""
    found: dict[str, object] = json.loads(node.command("cluster", "--json").stdout)
    return found


def drop(node: Node, title: str, **fields: str) -> None:
    """Write an entry file."""
    path = node.folder.parent / f"entries/{title.lower()}.toml"
    path.write_text(entry_file(title, **fields), encoding="utf-8")


def test_one_node_publishes(nodes: tuple[Node, Node, Received]) -> None:
    """The other one has no publisher, and `cluster` names the first on both."""
    leader, other, _ = nodes

    drop(leader, "News")

    assert until(lambda: leader.has("News"))
    assert not other.publishes()
    for one in (leader, other):
        found = status(one)
        assert found["leader"] == leader.name
        assert isinstance(found["nodes"], list)
        assert [row["name"] for row in found["nodes"]] == ["web1", "web2"]


def test_commands_work_on_the_node_that_leads(nodes: tuple[Node, Node, Received]) -> None:
    """On another one they are refused in one sentence, which names it."""
    leader, other, _ = nodes

    done, refused = leader.command("build"), other.command("build")

    assert (done.returncode, done.stderr) == (0, "")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"{leader.name} leads the cluster: type this on that node")


def test_a_node_can_be_asked_to_step_down(nodes: tuple[Node, Node, Received]) -> None:
    """The other one leads within seconds, and publishes by the process that has waited for it."""
    leader, other, _ = nodes
    epoch = status(leader)["epoch"]
    assert until(other.waits)
    waited = other.publisher()
    assert until(lambda: "/psycopg" in Path(f"/proc/{waited}/maps").read_text("utf-8"))

    said = other.command("cluster", "step-down").stdout
    drop(other, f"Stepped {epoch}")

    assert said == f"{leader.name} leads no longer.\n"
    assert until(other.publishes)
    assert until(lambda: other.has(f"Stepped {epoch}"))
    assert other.publisher() == waited
    assert not leader.publishes()
    assert status(other)["epoch"] == epoch + 1  # type: ignore[operator]  # a number


def test_a_leader_that_was_stopped_does_nothing_when_it_goes_on(
    nodes: tuple[Node, Node, Received],
) -> None:
    """Its successor publishes within seconds; no alarm, notice and document of its own follows."""
    leader, other, hook = nodes
    leader.send(signal.SIGSTOP)
    drop(other, "Held", body='""')
    drop(other, "Stopped")
    taken = until(other.publishes)
    alarmed = until(lambda: f"/{other.name}" in hook.paths)
    sent = [path for path in hook.paths if path.endswith(leader.name)]
    sleep(3)

    leader.send(signal.SIGCONT)
    sleep(4)

    assert taken
    assert alarmed
    assert other.has("Stopped")
    assert until(lambda: f"/hub-{other.name}" in hook.paths)
    assert [path for path in hook.paths if path.endswith(leader.name)] == sent
    assert until(lambda: leader.has("Stopped"))  # which it follows from now on
    feeds = [(one.folder / "feeds/news.atom").read_bytes() for one in (leader, other)]
    assert feeds[0] == feeds[1]
    assert not leader.publishes()
    assert other.publishes()


def test_a_second_node_of_a_name_is_refused(nodes: tuple[Node, Node, Received]) -> None:
    """It says what to change, and the first one goes on."""
    leader, _, _ = nodes
    copy = leader.folder.parent / "copy"
    copy.mkdir()
    text = (leader.folder / "config.toml").read_text("utf-8")
    (copy / "config.toml").write_text(text, encoding="utf-8")
    command = [sys.executable, str(PUBLISHER), "serve", "--port", "1024"]

    refused = subprocess.run(
        command, cwd=copy, capture_output=True, text=True, timeout=20, check=False
    )

    assert refused.returncode == 2
    assert refused.stderr.startswith(f"Another node of the cluster is called {leader.name}.")
    assert leader.publishes()


def test_a_leader_that_ends_is_followed_at_once(nodes: tuple[Node, Node, Received]) -> None:
    """It steps down before it ends, so nobody waits for its lease."""
    leader, other, _ = nodes

    leader.served.process.terminate()

    assert until(other.publishes, 4)
    leader.served.process.wait(20)


def test_a_leader_that_is_killed_in_a_run_is_followed(tmp_path: Path) -> None:
    """All its processes end, and the other node publishes what it did not."""
    with cluster(tmp_path) as (first, second, _):
        assert until(lambda: first.publishes() != second.publishes())
        leader, other = (first, second) if first.publishes() else (second, first)
        started = descendants(leader.served.process.pid)
        for number in range(20):
            drop(leader, f"Many {number}")

        os.kill(leader.served.process.pid, signal.SIGKILL)

        assert until(other.publishes)
        assert until(lambda: all(other.has(f"Many {number}") for number in range(20)))
        assert until(lambda: not any(map(runs, started)))


def test_nobody_publishes_while_the_database_is_away(tmp_path: Path) -> None:
    """Readers notice nothing, `/health` says why, and one node publishes again afterwards."""
    with database_server() as own, cluster(tmp_path, own.url) as (first, second, _):
        assert until(lambda: first.publishes() != second.publishes())
        leader = first if first.publishes() else second
        assert until(lambda: leader.has("First"))

        own.stop()
        drop(leader, "Meanwhile")
        ended = until(lambda: not leader.publishes())
        reported = until(lambda: "ledger-away" in leader.served.get("health").text)
        answered = leader.served.get("news.rss").status_code
        own.start()

        assert ended
        assert reported
        assert answered == 200
        assert until(lambda: first.has("Meanwhile") or second.has("Meanwhile"))
