"""Serving survives the end of its processes, and ends on a signal: real processes, killed."""

from __future__ import annotations

import errno
import os
import pty
import re
import resource
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from time import monotonic

import httpx
import pytest

from dateline import config as configuration
from dateline.cli import claim
from dateline.errors import ConfigError, DatelineError
from dateline.serve import NodeCommands, processes
from dateline.serve.processes import environment
from dateline.system import supervisor
from dateline.system.heartbeat import HeartbeatReader
from dateline.system.ports import probe
from dateline.system.supervisor import Child, supervise
from support import commands
from support.process_tree import child_with, children, descendants, runs, words
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import (
    PATIENCE,
    PUBLISHER,
    Served,
    busy,
    exchange,
    free_port,
    running,
    serve,
    until,
)

FEED = "news.rss"
CLOSING = b"GET /news.rss HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
WHOLE = b"GET /news.rss HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = b"HEAD /news.rss HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def folder(newsroom: Newsroom) -> Path:
    """Return a publication with published documents."""
    newsroom.drop("good.toml", entry_file())
    newsroom.build()
    return newsroom.folder


@pytest.fixture
def served(folder: Path) -> Iterator[Served]:
    """Yield that publication, served, with all processes at work."""
    with serve(folder) as served:
        assert until(lambda: served.get(FEED).status_code == 200)
        assert until(lambda: 0 not in {publisher(served), web(served)})
        yield served


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yield a served publication for tests after which it is served as before."""
    room = Newsroom(tmp_path_factory.mktemp("lasting"))
    (room.folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    room.drop("good.toml")
    room.build()
    with serve(room.folder) as served:
        yield served


@pytest.fixture
def shared(lasting: Served) -> Served:
    """Return that publication, with all processes at work."""
    assert until(lambda: lasting.answers(FEED) and lasting.get(FEED).status_code == 200)
    assert until(lambda: 0 not in {publisher(lasting), web(lasting)})
    assert until(lambda: len(children(web(lasting))) == 1)
    return lasting


def publisher(served: Served) -> int:
    """Return the process that publishes."""
    return child_with(served.process.pid, b"\0follow\0")


def web(served: Served) -> int:
    """Return the process that has the web workers."""
    return child_with(served.process.pid, b"\0dateline.serve.processes\0")


def has_read(reader: socket.socket) -> bool:
    """Return whether a worker has received everything that this connection sent."""
    served, asking = reader.getpeername()[1], reader.getsockname()[1]
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        if (local[-4:], remote[-4:]) == (f"{served:04X}", f"{asking:04X}"):
            return int(queues.partition(":")[2], 16) == 0
    return False


# ---- What runs


@pytest.mark.long
def test_all_processes_run_on_this_python_and_readers_have_priority(shared: Served) -> None:
    """The publisher's nice value is higher by ten."""
    workers = [web(shared), *children(web(shared))]

    assert len(workers) == 2
    assert {words(one).split(b"\0")[0] for one in (publisher(shared), *workers)} == {
        sys.executable.encode()
    }
    niceness = [os.getpriority(os.PRIO_PROCESS, one) for one in workers]
    assert until(
        lambda: os.getpriority(os.PRIO_PROCESS, publisher(shared)) == min(max(niceness) + 10, 19)
    )


@pytest.mark.long
def test_the_process_that_watches_the_others_has_loaded_little(shared: Served) -> None:
    """Neither the ledger's libraries nor those that read and render: it starts at once."""
    large = {"/sqlalchemy/", "/lxml/"}

    assert until(lambda: loaded(publisher(shared), large) == large)
    assert loaded(shared.process.pid, large | {"/PIL/"}) == set()


def loaded(process: int, names: set[str]) -> set[str]:
    """Return those of these folders of libraries from which a process has mapped a file."""
    maps = Path(f"/proc/{process}/maps").read_text("utf-8")
    return {name for name in names if name in maps}


def test_serve_can_be_started_from_any_folder(shared: Served) -> None:
    """The working folder is the publication's, and the code is elsewhere."""
    assert Path(f"/proc/{shared.process.pid}/cwd").resolve() == shared.output.parent
    assert shared.get(FEED).status_code == 200


# ---- Crashes


@pytest.mark.long
def test_serve_runs_no_code_of_the_current_folder(folder: Path) -> None:
    """A file there may have the name of a module that a process of `serve` imports."""
    folder.joinpath("json.py").write_text("open('ran', 'w').close()\nraise SystemExit(1)\n")
    with serve(folder) as served:
        assert until(lambda: len(children(served.process.pid)) >= 2)

    assert not folder.joinpath("ran").exists()


def test_a_killed_worker_is_replaced(shared: Served) -> None:
    """Another process answers on the port."""
    (worker,) = children(web(shared))

    os.kill(worker, signal.SIGKILL)

    assert until(lambda: shared.answers(FEED))
    assert shared.get(FEED).status_code == 200
    assert worker not in children(web(shared))


@pytest.mark.long
def test_no_process_goes_on_in_other_folders_because_of_a_link(newsroom: Newsroom) -> None:
    """A worker or publisher that is replaced after a deployment goes on like the others."""
    for number in "12":
        shutil.copytree(
            newsroom.folder, newsroom.folder / number, ignore=shutil.ignore_patterns("[12]")
        )
        (newsroom.folder / number / "entries/a.toml").write_text(entry_file(), "utf-8")
        with (newsroom.folder / number / "config.toml").open("a", encoding="utf-8") as settings:
            settings.write("[search]\nenabled = true\n")
    link, new = newsroom.folder / "current", newsroom.folder / "new"
    link.symlink_to("1")
    with serve(link) as served:
        assert until(lambda: served.answers(FEED) and served.get(FEED).status_code == 200)
        (worker,), before = children(web(served)), publisher(served)
        new.symlink_to("2")
        new.replace(link)

        os.kill(worker, signal.SIGKILL)
        os.kill(before, signal.SIGKILL)

        assert until(lambda: publisher(served) not in {0, before} and served.answers(FEED))
        assert served.get(FEED).status_code == 200
        later = entry_file("Harbour", "2026-11-23")
        (newsroom.folder / "2/entries/b.toml").write_text(later, "utf-8")
        assert until(lambda: "Harbour" in served.get(FEED).text)
        assert until(lambda: "Harbour" in served.get("search?q=harbour").text)
    assert not (newsroom.folder / "2/state").exists()


def test_a_killed_publisher_is_replaced(shared: Served) -> None:
    """Workers answer all the while."""
    killed = publisher(shared)
    statuses = set()

    def is_replaced() -> bool:
        statuses.add(shared.get(FEED).status_code)
        return publisher(shared) not in {0, killed}

    os.kill(killed, signal.SIGKILL)

    assert until(is_replaced)
    assert statuses == {200}


@pytest.mark.long
def test_a_killed_granian_is_replaced_and_leaves_no_worker(served: Served) -> None:
    """An orphan would share the port and serve old documents."""
    killed = [web(served), *children(web(served))]

    os.kill(killed[0], signal.SIGKILL)

    assert len(killed) == 2
    assert until(lambda: not any(map(runs, killed)))
    assert until(lambda: served.answers(FEED))
    assert web(served) not in {0, killed[0]}


@pytest.mark.long
def test_a_killed_supervisor_leaves_no_process(served: Served) -> None:
    """They end soon, even if its parent has not reaped it, and its folders are free."""
    config = configuration.load(served.output.parent / "config.toml")
    assert claim.is_claimed(config)
    orphans = descendants(served.process.pid)

    os.kill(served.process.pid, signal.SIGKILL)

    assert len(orphans) == 3
    assert until(lambda: not any(map(runs, orphans))), served.printed()
    assert not served.answers()
    assert not claim.is_claimed(config)


# ---- Signals


@pytest.mark.parametrize(
    "number", [signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.long)]
)
def test_a_signal_ends_everything(served: Served, number: signal.Signals) -> None:
    """The exit code is 0; half a request and an idle connection delay the end little.

    A request under way gets the whole document.
    """
    everybody = descendants(served.process.pid)
    with (
        socket.create_connection(("127.0.0.1", served.port)) as idle,
        socket.create_connection(("127.0.0.1", served.port)) as slow,
        socket.create_connection(("127.0.0.1", served.port)) as reader,
    ):
        idle.sendall(b"HEAD /news.rss HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(100).startswith(b"HTTP/1.1 200")
        slow.sendall(b"GET /news.rss HTTP/1.1\r\nHo")
        reader.sendall(CLOSING[:-2])
        assert until(lambda: has_read(slow) and has_read(reader))

        os.kill(served.process.pid, number)
        reader.sendall(CLOSING[-2:])

        answer = b"".join(iter(lambda: reader.recv(65536), b""))
        assert served.process.wait(PATIENCE) == 0
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"</rss>" in answer[-20:]
    assert not any(map(runs, everybody))
    assert "Traceback" not in served.printed()


@pytest.mark.long
@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_a_signal_at_any_moment_of_waiting_is_heeded(number: str) -> None:
    """An event has a lock for moments of each wait, and handlers run in the thread that waits."""
    code = f"""
import os, signal, threading
from dateline.cli import serve

stop = serve.stop_on_signals()
event = serve._on_hangup(stop) if {number!r} == "SIGHUP" else stop
with event._cond:  # as `wait` has it
    os.kill(os.getpid(), signal.{number})
assert event.wait({PATIENCE})
"""
    # In a session of its own it has no terminal, whose end SIGHUP may mean.
    command = [sys.executable, "-c", code]
    subprocess.run(command, check=True, timeout=2 * PATIENCE, start_new_session=True)


@pytest.mark.long
def test_ctrl_c_in_a_terminal_ends_everything(served: Served) -> None:
    """The signal reaches the whole process group, also a child that is just starting."""
    everybody = descendants(served.process.pid)
    groups = [os.getpgid(one) for one in everybody]

    os.killpg(served.process.pid, signal.SIGINT)

    assert served.process.wait(PATIENCE) == 0
    assert served.process.pid not in groups
    assert not any(map(runs, everybody))
    assert "Traceback" not in served.printed()


@pytest.mark.long
@pytest.mark.parametrize(
    ("part", "says"),
    [("publish", "Publishing to {folder}/feeds"), ("follow", "Following the store")],
)
def test_a_part_that_answers_nobody_names_no_address(folder: Path, part: str, says: str) -> None:
    """Nor does it give advice about the port."""
    config = folder / "config.toml"
    config.write_text(
        f'{config.read_text("utf-8")}[store]\nurl = "file://{folder}/store"\n', "utf-8"
    )
    command = [sys.executable, str(PUBLISHER), "serve", "--only", part, "--config", str(config)]

    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=folder, text=True) as process:
        assert process.stdout
        said = process.stdout.readline()
        process.terminate()

    assert said == f"{says.format(folder=folder)} (stop with Ctrl+C)\n"
    assert process.returncode == 0


# ---- Faults at start


def test_a_port_in_use_is_reported_in_one_sentence(folder: Path) -> None:
    """With the text to type; nothing is started."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = commands.publisher("serve", "--port", str(port), cwd=folder)

    (said,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert said.startswith(f"Another program has port {port} on 127.0.0.1: stop it, or type: ")
    instead = int(said.rpartition(" type: python publisher.py serve --port ")[2])
    probe("127.0.0.1", instead)


def test_a_second_serve_on_the_same_folders_is_refused(shared: Served) -> None:
    """The message names the first one, even on another port; `build` is allowed."""
    before = descendants(shared.process.pid)
    folder = shared.output.parent
    done = commands.publisher("serve", "--port", str(free_port()), cwd=folder)
    beside = commands.publisher("build", cwd=folder)

    (said,) = done.stderr.splitlines()
    place = f"process {shared.process.pid} at http://127.0.0.1:{shared.port}/"
    assert (done.returncode, done.stdout, beside.returncode) == (2, "", 0)
    assert said.startswith(f"Dateline is already serving {folder / 'state'} ({place}).")
    assert descendants(shared.process.pid) == before
    assert shared.get(FEED).status_code == 200


@pytest.mark.long
def test_a_second_serve_is_refused_after_folders_were_deleted(served: Served) -> None:
    """The first one claims them again, and publishes on."""
    folder = served.output.parent
    assert until(lambda: served.get(FEED).status_code == 200)
    for name in ("state", "feeds"):
        shutil.rmtree(folder / name, ignore_errors=True)
    assert until((folder / "feeds/.serve").exists)

    done = commands.publisher("serve", "--port", str(free_port()), cwd=folder)

    assert done.returncode == 2
    assert f"(process {served.process.pid} at " in done.stderr
    assert until(lambda: served.get(FEED).status_code == 200)


@pytest.mark.long
def test_folders_are_free_after_serve_ends(served: Served) -> None:
    """Even if it was killed."""
    os.kill(served.process.pid, signal.SIGKILL)
    assert until(lambda: not served.answers())

    with serve(served.output.parent) as again:
        assert again.get(FEED).status_code == 200


@pytest.mark.parametrize(
    "host", ["203.0.113.1", "no such host", "host.invalid", "news..example.org", "n" * 64, "*"]
)
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    """The message names one that works everywhere."""
    with pytest.raises(DatelineError, match=r"--host 127\.0\.0\.1$"):
        probe(host, free_port())


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost", "::1", "::"])  # noqa: S104
def test_any_name_of_this_machine_is_accepted(host: str) -> None:
    """IPv4, IPv6 and names."""
    if ":" in host and not socket.has_ipv6:
        return

    probe(host, free_port())


@pytest.mark.long
@pytest.mark.parametrize("host", ["localhost", "0", "127.1", "[::ffff:127.0.0.1]"])
def test_a_host_is_served_in_any_form(host: str, folder: Path) -> None:
    """The web server itself takes plain addresses alone."""
    with serve(folder, "--host", host) as served:
        assert served.get(FEED).status_code == 200


@pytest.mark.long
def test_an_invalid_configuration_does_not_stop_serving(served: Served, folder: Path) -> None:
    """The fault is logged; processes that are started again go on with the last valid one."""
    config = folder / "config.toml"
    good = config.read_text("utf-8").replace("Example news", "Harbour news")
    config.write_text(good, "utf-8")
    assert until(lambda: "Harbour news" in served.get("").text)
    config.write_text(good.replace("title =", "titel =", 1), "utf-8")
    with pytest.raises(ConfigError) as caught:
        configuration.load(config)
    (worker,) = children(web(served))

    os.kill(worker, signal.SIGKILL)

    assert until(lambda: {worker} != {*children(web(served))} and served.answers(FEED))

    for one in (publisher(served), web(served)):
        os.kill(one, signal.SIGKILL)
    (folder / "entries/back.toml").write_text(entry_file("Back again"), "utf-8")

    assert until(lambda: shows(served, "Back again") and shows(served, "Harbour news"))
    assert caught.value.faults[0] in served.printed()
    assert served.process.poll() is None
    assert "Traceback" not in served.printed()

    config.write_text(good.replace("Harbour", "Island"), "utf-8")

    assert until(lambda: "Island news" in served.get("").text)


def shows(served: Served, text: str) -> bool:
    """Return whether the front page has a text; a worker that ends now may give no answer."""
    try:
        return text in served.get("").text
    except httpx.TransportError:
        return False


@pytest.mark.long
def test_a_publisher_that_cannot_start_again_does_not_stop_serving(folder: Path) -> None:
    """As with a template that was broken meanwhile; it runs once that is repaired."""
    config, template = folder / "config.toml", folder / "look/_page.html"
    template.parent.mkdir()
    template.write_text("{% block top %}Our harbour{% endblock %}", "utf-8")
    text = config.read_text("utf-8")
    config.write_text(f'{text}[look]\ntemplates = "look"\n', "utf-8")
    with serve(folder) as served:
        assert until(lambda: publisher(served) > 0 and served.answers(FEED))
        before = publisher(served)
        template.write_text("{% broken", "utf-8")
        os.kill(before, signal.SIGKILL)

        assert until(lambda: "publisher ended with code 2" in served.printed())
        assert served.get(FEED).status_code == 200
        template.write_text("", "utf-8")
        (folder / "entries/back.toml").write_text(entry_file("Back again"), "utf-8")
        assert until(lambda: "Back again" in served.get("").text)


# ---- The supervisor alone


def supervised(commands: Sequence[Sequence[str]]) -> tuple[threading.Event, threading.Thread]:
    """Supervise commands in a thread."""
    stop = threading.Event()
    children = [Child(command, name="child") for command in commands]
    thread = threading.Thread(target=supervise, args=(children, stop))
    thread.start()
    return stop, thread


def test_a_child_that_keeps_ending_is_restarted_with_growing_pauses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Each is longer than the last, and at least as long as logged."""
    monkeypatch.setattr(supervisor, "_QUICK", PATIENCE)  # also on a slow machine
    log = tmp_path / "starts"
    stop, thread = supervised([["sh", "-c", f"date +%s.%N >> '{log}'; exit 1"]])

    reached = until(lambda: log.exists() and len(log.read_text("ascii").split()) >= 5)
    stop.set()
    thread.join(PATIENCE)

    starts = [float(moment) for moment in log.read_text("ascii").split()[:5]]
    said = re.findall(r"child ended with code 1; it starts again in (\S+) s\.", caplog.text)
    pauses = [float(seconds) for seconds in said][:4]
    kept = [after - before for before, after in pairwise(starts)]
    assert reached
    assert pauses == sorted({*pauses})
    assert pauses[-1] > 1.5
    assert all(real > said for real, said in zip(kept, pauses, strict=True))


FAILING = """
import sys
from dateline.system import heartbeat
heartbeat.attach()
heartbeat.report(heartbeat.PublisherCheck(is_good=len(sys.argv) > 1))
sys.exit(3)
"""


@pytest.mark.parametrize(("is_good", "grows"), [(False, True), (True, False)])
def test_a_child_that_fails_later_is_restarted_with_growing_pauses_until_it_is_well(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, *, is_good: bool, grows: bool
) -> None:
    """As a publisher in which every run fails: it lives longer than one that cannot start."""
    monkeypatch.setattr(supervisor, "_QUICK", -1.0)
    pulse = HeartbeatReader()
    command = [sys.executable, "-c", FAILING, *["good"] * is_good]
    child = Child(command, environment(), name="child", pulse=pulse)

    def tended() -> bool:
        child.tend()
        return caplog.text.count("ended with code 3") >= 3

    try:
        assert until(tended)
    finally:
        child.kill()
        pulse.close()

    said = re.findall(r"it starts again in (\S+) s\.", caplog.text)
    assert said == (["0.2", "0.4", "0.8"] if grows else ["0.1"] * 3)


def test_a_child_with_exit_code_2_ends_the_others() -> None:
    """At once, and an error is raised."""
    begun = monotonic()

    with pytest.raises(DatelineError):
        supervise(
            [Child(["sleep", "60"], name="first"), Child(["sh", "-c", "exit 2"], name="second")],
            threading.Event(),
        )

    assert monotonic() - begun < PATIENCE


def test_a_program_that_cannot_be_started_does_not_end_the_others(tmp_path: Path) -> None:
    """It is tried again, like one that ended."""
    there = tmp_path / "there"
    stop, thread = supervised([[str(tmp_path / "missing")], ["sh", "-c", f"touch '{there}'"]])

    assert until(there.exists)
    assert thread.is_alive()
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


# What a child that is held does: it notes that it is ready, and then the epoch that it is given.
HELD = """
import os, sys, threading
from dateline.system.supervisor import wait_for_epoch

def note(text):
    with open(sys.argv[1], "a") as file:
        file.write(f"{os.getpid()} {text}\\n")

if wait_for_epoch(threading.Event(), lambda: note("ready")):
    note(os.environ["DATELINE_EPOCH"])
    threading.Event().wait(60)
"""


@pytest.mark.long
def test_a_held_child_works_under_the_epoch_that_it_is_given(tmp_path: Path) -> None:
    """It is the process that waited; one that ends while it waits is replaced."""
    log = tmp_path / "log"
    child = Child([sys.executable, "-c", HELD, str(log)], environment(), name="child")

    def noted(number: int) -> list[str]:
        def has_come() -> bool:
            child.tend()
            return log.exists() and len(log.read_text("ascii").splitlines()) >= number

        assert until(has_come)
        return log.read_text("ascii").split()

    child.hold()
    try:
        killed = noted(1)[0]
        os.kill(int(killed), signal.SIGKILL)
        waiting = noted(2)[2]
        child.go(7)
        found = noted(3)
        child.kill()
        child.hold()
        after = noted(4)
    finally:
        child.end()
        child.wait()

    assert waiting != killed
    assert found == [killed, "ready", waiting, "ready", waiting, "7"]
    assert after[6] != waiting
    assert after[7] == "ready"


# A replica: the file that is its argument keeps it waiting, as a store that does not answer does.
REPLICA = """
import os, pathlib, sys, time
from dateline.system import heartbeat
heartbeat.attach()
while os.getppid() == int(os.environ["DATELINE_SUPERVISOR"]):
    if not pathlib.Path(sys.argv[1]).exists():
        heartbeat.beat()
    time.sleep(0.1)
"""


@dataclass
class Follower:
    """The membership of a node with an epoch; `abilities` is what it was told of itself."""

    epoch: int | None = None
    ahead: float = 0.0
    away: str = ""
    abilities: list[bool] = field(default_factory=list)
    rests: list[float] = field(default_factory=list)

    def let_others_try(self, seconds: float) -> None:
        """Note it."""
        self.rests.append(seconds)

    def note_ability(self, *, is_able: bool) -> None:
        """Note it."""
        self.abilities.append(is_able)

    def may_send(self) -> bool:
        """Return that it does not lead."""
        return False

    def start(self) -> None:
        """Join nothing."""

    def stop(self) -> None:
        """Leave nothing."""


def test_a_node_whose_replica_waits_for_the_store_could_not_lead(tmp_path: Path) -> None:
    """The cluster knows it before the store has been given up."""
    shared = f"[ledger]\nurl = 'postgresql:///news'\n[store]\nurl = 'file://{tmp_path}/store'\n"
    (tmp_path / "config.toml").write_text(f"{CONFIG}{shared}[cluster]\n", "utf-8")
    config = configuration.load(tmp_path / "config.toml")
    waits = tmp_path / "waits"
    replica = [sys.executable, "-c", REPLICA, str(waits)]
    node = NodeCommands(publisher=(), newsroom=(), replica=replica, parts=("follow",))
    member, stop = Follower(), threading.Event()
    words = (node, lambda: config, stop, threading.Event())
    thread = threading.Thread(target=processes.serve, args=words, kwargs={"member": member})
    thread.start()
    try:
        is_able = until(lambda: member.abilities[-1:] == [True])
        waits.touch()
        is_unable = until(lambda: not member.abilities[-1])
        waits.unlink()
        is_able_again = until(lambda: member.abilities[-1])
    finally:
        stop.set()
        thread.join()

    assert (is_able, is_unable, is_able_again) == (True, True, True)


# A replica whose first step lasts until a file is there.
FOLLOWING = """
import os, pathlib, sys, time
from dateline.system import heartbeat
heartbeat.attach()
while not pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.05)
heartbeat.report(heartbeat.PublisherCheck(is_good=True))
while os.getppid() == int(os.environ["DATELINE_SUPERVISOR"]):
    time.sleep(0.2)
"""


@pytest.mark.long
def test_a_machine_answers_nobody_before_it_has_followed_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its folder is from before it was away, and may have what was taken down since."""
    port = free_port()
    shared = f"[store]\nurl = 'file://{tmp_path}/store'\n[serve]\nport = {port}\n"
    (tmp_path / "config.toml").write_text(f"{CONFIG}{shared}", "utf-8")
    monkeypatch.setenv("DATELINE_CONFIG", str(tmp_path / "config.toml"))
    config = configuration.load(tmp_path / "config.toml")
    has_followed = tmp_path / "followed"
    replica = [sys.executable, "-c", FOLLOWING, str(has_followed)]
    node = NodeCommands(publisher=(), newsroom=(), replica=replica, parts=("follow", "web"))
    stop = threading.Event()
    words = (node, lambda: config, stop, threading.Event())
    thread = threading.Thread(target=processes.serve, args=words)

    def is_open() -> bool:
        with closing(socket.socket()) as client:
            return client.connect_ex(("127.0.0.1", port)) == 0

    thread.start()
    try:
        was_open = until(is_open, 3)
        has_followed.touch()
        is_open_then = until(is_open)
    finally:
        stop.set()
        thread.join()

    assert (was_open, is_open_then) == (False, True)


# A publisher that finds no entries folder, twice.
LACKING = """
import os, time
from dateline.system import heartbeat
from dateline.system.condition import Code, Condition
heartbeat.attach()
gone = (Condition(code=Code.ENTRIES_GONE, about="entries"),)
heartbeat.report(heartbeat.PublisherCheck(is_good=False, conditions=gone))
time.sleep(2)
heartbeat.report(heartbeat.PublisherCheck(is_good=False, conditions=gone))
time.sleep(1)
heartbeat.report(heartbeat.PublisherCheck(is_good=True))
while os.getppid() == int(os.environ["DATELINE_SUPERVISOR"]):
    time.sleep(0.2)
"""


def test_a_leader_without_its_entries_lets_other_nodes_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time it comes second for longer; it could lead all the time, if others could not."""
    monkeypatch.setattr(processes, "_RESTS", 0.1)
    shared = f"[ledger]\nurl = 'postgresql:///news'\n[store]\nurl = 'file://{tmp_path}/store'\n"
    (tmp_path / "config.toml").write_text(f"{CONFIG}{shared}[cluster]\n", "utf-8")
    config = configuration.load(tmp_path / "config.toml")
    publisher = [sys.executable, "-c", LACKING]
    node = NodeCommands(publisher=publisher, newsroom=(), replica=(), parts=("publish",))
    member, stop = Follower(epoch=1), threading.Event()
    words = (node, lambda: config, stop, threading.Event())
    thread = threading.Thread(target=processes.serve, args=words, kwargs={"member": member})

    thread.start()
    try:
        has_failed_twice = until(lambda: member.rests == [0.1, 0.2])
    finally:
        stop.set()
        thread.join()

    assert has_failed_twice
    assert all(member.abilities)


def test_a_child_that_cannot_be_held_is_started_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A machine without free files ends no other process."""

    def refuse() -> tuple[int, int]:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    child = Child([sys.executable, "-c", "0"], name="child")
    child.hold()
    monkeypatch.setattr(os, "pipe", refuse)

    child.tend()

    assert "it starts again" in caplog.messages[-1]


def test_a_held_child_may_start_later(tmp_path: Path) -> None:
    """An epoch starts it at once all the same."""
    log = tmp_path / "log"
    child = Child([sys.executable, "-c", HELD, str(log)], environment(), name="child")
    child.hold(after=60)
    try:
        child.tend()
        waits = child._process is None  # noqa: SLF001 - no process, so nothing else to see
        child.go(7)
        child.tend()
        assert until(lambda: log.exists() and "7" in log.read_text("ascii").split())
    finally:
        child.end()
        child.wait()

    assert waits


def test_a_held_child_ends_with_its_supervisor(tmp_path: Path) -> None:
    """It does not begin to work: its standard input is at its end."""
    log = tmp_path / "log"

    done = subprocess.run(
        [sys.executable, "-c", HELD, str(log)],
        env={**environment(), supervisor.EPOCH: "waits"},
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
        check=False,
    )

    assert done.returncode == 0
    assert log.read_text("ascii").split()[1:] == ["ready"]


# ---- Many connections


def are_replaced(served: Served, before: Sequence[int], number: int) -> bool:
    """Return whether all workers have been replaced."""
    now = children(web(served))
    return len(now) == number and not {*now} & {*before}


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.long
def test_busy_readers_lose_no_request_when_workers_are_replaced(folder: Path, workers: int) -> None:
    """Their connections are closed in order, and they open new ones."""
    config = folder / "config.toml"
    text = f"{config.read_text('utf-8')}\n[serve]\nworkers = {workers}\n"
    config.write_text(text, "utf-8")
    with serve(folder) as served, busy(served.port, 12) as readers:
        assert until(lambda: all(reader.answered for reader in readers))
        before = children(web(served))
        config.write_text(f"{text}log_days = 2\n", "utf-8")
        os.kill(served.process.pid, signal.SIGHUP)

        assert until(lambda: are_replaced(served, before, workers))

    assert [reader.lost for reader in readers] == [[]] * 12
    assert {status for reader in readers for status in reader.answered} == {200}


@pytest.mark.long
def test_busy_readers_lose_no_request_at_the_end(served: Served) -> None:
    """Requests under way are answered; later connections are refused at once."""
    with busy(served.port, 12) as readers:
        assert until(lambda: all(reader.answered for reader in readers))
        os.kill(served.process.pid, signal.SIGTERM)

        assert served.process.wait(PATIENCE) == 0

    assert [reader.lost for reader in readers] == [[]] * 12
    assert {status for reader in readers for status in reader.answered} <= {200, 503}


@pytest.mark.parametrize("limit", [64, 256, 300])
@pytest.mark.long
def test_serve_works_with_a_low_limit_of_open_files(folder: Path, limit: int) -> None:
    """Containers often have a low hard limit."""
    hard = f"import os, resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, ({limit},) * 2)"
    place = free_port()
    command = [sys.executable, "-c", f"{hard}; os.execv(sys.argv[1], sys.argv[1:])"]
    command += [sys.executable, str(PUBLISHER), "serve", "--port", str(place)]
    with running(command, place, folder, {**os.environ}) as served:
        assert until(lambda: 0 not in {publisher(served), web(served)})
        assert served.get(FEED).status_code == 200


@pytest.mark.long
def test_too_low_a_limit_of_open_files_is_reported(folder: Path) -> None:
    """In one sentence with the text to type, before anything is started."""
    hard = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))"
    command = [sys.executable, "-c", f"{hard}; os.execv(sys.argv[1], sys.argv[1:])"]
    command += [sys.executable, str(PUBLISHER), "serve", "--port", str(free_port())]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    (said,) = done.stderr.splitlines()
    assert done.returncode == 2
    assert said.startswith("A process may open 40 files here, and serve needs 64 at least")
    assert "ulimit -n 1024" in said


@contextmanager
def connections(served: Served, number: int, sends: bytes) -> Iterator[list[socket.socket]]:
    """Open this many connections, and send something over each."""
    with ExitStack() as stack:
        place = ("127.0.0.1", served.port)
        opened = [
            stack.enter_context(socket.create_connection(place, PATIENCE)) for _ in range(number)
        ]
        for one in opened:
            one.sendall(sends)
        yield opened


@pytest.mark.parametrize("sent", [b"", b"GET /news.rss HTTP/1.1\r\nHos", WHOLE])
def test_sixty_stalled_connections_block_nobody(shared: Served, sent: bytes) -> None:
    """Idle, with half a request, or with an unread response."""
    with connections(shared, 60, sent):
        answer = exchange(shared.port, CLOSING)

    assert answer.startswith(b"HTTP/1.1 200")


def test_more_idle_connections_than_granians_default_block_nobody(shared: Served) -> None:
    """The default of 1,024 per worker would make further clients wait for half a minute."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2000:
        pytest.skip("this machine lets nobody have so many connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2000), hard))
    try:
        with connections(shared, 1100, b"GET /news.rss HTTP/1.1\r\nHos"):
            answer = exchange(shared.port, CLOSING)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.long
def test_512_connections_are_served_fairly(shared: Served) -> None:
    """Each sends twenty requests; when the first is done, all have had a response."""
    unanswered = None
    with connections(shared, 512, HEAD) as opened, selectors.DefaultSelector() as selector:
        for one in opened:
            selector.register(one, selectors.EVENT_READ, one)
        left = dict.fromkeys(opened, 20)
        while any(left.values()):
            ready = [key.data for key, _ in selector.select(PATIENCE)]
            assert ready, "nobody is answered any more"
            for one in ready:
                assert one.recv(65536).startswith(b"HTTP/1.1 200")
                left[one] -= 1
                if left[one]:
                    one.sendall(HEAD)
            if unanswered is None and not all(left.values()):
                unanswered = list(left.values()).count(20)

    assert unanswered == 0


# ---- SIGHUP


@pytest.mark.long
def test_sighup_reloads_the_configuration_without_a_gap(shared: Served) -> None:
    """The publisher restarts at once and workers are replaced; readers notice nothing."""
    before, worker = publisher(shared), children(web(shared))
    earlier = shared.printed()
    assert shared.get("metrics").status_code == 404
    statuses = []

    def is_taken_up() -> bool:
        statuses.append(shared.get(FEED).status_code)
        return publisher(shared) != before and not set(worker) & set(children(web(shared)))

    with appended(shared, "[serve]\nmetrics = true"):
        os.kill(shared.process.pid, signal.SIGHUP)

        assert until(is_taken_up)
    assert {*statuses} == {200}
    assert shared.get("metrics").status_code != 404
    assert publisher(shared) not in {0, before}
    assert "ended with code" not in shared.printed().removeprefix(earlier)


@pytest.mark.long
def test_workers_start_again_with_what_was_taken_up(served: Served) -> None:
    """Neither a change that waits for a signal nor one that was refused reaches one of them."""
    ledger = '[ledger]\nurl = "postgresql+psycopg://127.0.0.1/news"'

    with appended(served, f"[serve]\nmetrics = true\n{ledger}"):
        os.kill(served.process.pid, signal.SIGHUP)
        assert until(lambda: "A change of [ledger] or [cluster]" in served.printed())
        (worker,) = children(web(served))
        os.kill(worker, signal.SIGKILL)

        assert until(lambda: {worker} != {*children(web(served))} and served.answers(FEED))
        assert served.get("metrics").status_code == 404


@pytest.mark.long
def test_sighup_can_change_the_port(folder: Path) -> None:
    """The old one is free afterwards."""
    config = folder / "config.toml"
    old, new = free_port(), free_port()
    text = config.read_text("utf-8")
    config.write_text(f"{text}\n[serve]\nport = {old}\n", "utf-8")
    with serve(folder, port=old, says_port=False) as served:
        config.write_text(f"{text}\n[serve]\nport = {new}\n", "utf-8")

        os.kill(served.process.pid, signal.SIGHUP)

        moved = replace(served, port=new)
        assert until(lambda: moved.answers(FEED))
        assert not served.answers(FEED)


@pytest.mark.parametrize("fault", ["titel = 1", '[serve]\nhost = "203.0.113.1"'])
def test_sighup_with_an_invalid_configuration_changes_nothing(shared: Served, fault: str) -> None:
    """The fault is logged; publisher and workers go on."""
    before = [publisher(shared), *children(web(shared))]
    earlier = shared.printed()

    with appended(shared, fault):
        os.kill(shared.process.pid, signal.SIGHUP)

        note = "The configuration from before goes on."
        assert until(lambda: note in shared.printed().removeprefix(earlier))
        assert [publisher(shared), *children(web(shared))] == before
        assert shared.get(FEED).status_code == 200


@pytest.mark.long
def test_sighup_with_a_template_that_fails_changes_nothing(newsroom: Newsroom) -> None:
    """Only its trial refuses it: it is a valid template."""
    entry = newsroom.folder / "t/entry.html"
    entry.parent.mkdir()
    entry.write_text("{{ entry.story.title }}, in our look", "utf-8")
    newsroom.drop("a.toml", entry_file("Harbour"))
    with (newsroom.folder / "config.toml").open("a", encoding="utf-8") as settings:
        settings.write('[look]\ntemplates = "t"\n[schedule]\ninterval = 1\n')
    with serve(newsroom.folder) as served:
        assert until(lambda: "Harbour" in served.get("news.json").text)
        before = publisher(served)
        note = "The configuration from before goes on."
        entry.write_text("{{ nothing.at.all() }}", "utf-8")
        assert until(lambda: served.printed().count(note) == 1)

        os.kill(served.process.pid, signal.SIGHUP)

        assert until(lambda: served.printed().count(note) == 2)
        newsroom.drop("b.toml", entry_file("Northgate"))
        assert until(lambda: "Northgate" in served.get("news.json").text)
        place = served.get("news.json").json()["items"][0]["url"].split("/", 3)[3]
        assert served.get(place).text.endswith(", in our look")
        assert publisher(served) == before


@pytest.mark.long
def test_sighup_does_not_take_the_port_of_another_program(shared: Served) -> None:
    """Nor does it on another host: `serve` would answer nowhere."""
    before = [publisher(shared), *children(web(shared))]
    earlier = shared.printed()
    with socket.create_server(("127.0.0.2", shared.port)):
        with appended(shared, '[serve]\nhost = "127.0.0.2"'):
            os.kill(shared.process.pid, signal.SIGHUP)

            taken = f"Another program has port {shared.port} on 127.0.0.2"
            assert until(lambda: taken in shared.printed().removeprefix(earlier))
        assert [publisher(shared), *children(web(shared))] == before
        assert shared.get(FEED).status_code == 200


@contextmanager
def appended(served: Served, text: str) -> Iterator[None]:
    """Append lines to the configuration, and take them away at the end."""
    config = served.output.parent / "config.toml"
    good = config.read_text("utf-8")
    config.write_text(f"{good}\n{text}\n", "utf-8")
    try:
        yield
    finally:
        config.write_text(good, "utf-8")


@pytest.mark.long
@pytest.mark.parametrize("ignores", [False, True])
def test_closing_the_terminal_ends_everything(
    ignores: bool,  # noqa: FBT001
    folder: Path,
) -> None:
    """As users expect; not so after `nohup`, where SIGHUP still has `config.toml` read again."""
    port = free_port()
    terminal, inside = pty.openpty()
    takes_terminal = "import fcntl, os, signal, sys, termios; "
    takes_terminal += "fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    takes_terminal += f"signal.signal(signal.SIGHUP, signal.SIG_{'IGN' if ignores else 'DFL'}); "
    command = [sys.executable, str(PUBLISHER), "serve", "--port", str(port)]
    process = subprocess.Popen(
        [sys.executable, "-c", f"{takes_terminal} os.execv(sys.argv[1], sys.argv[1:])", *command],
        cwd=folder,
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
    )
    os.close(inside)
    served = Served(process=process, port=port, output=folder / "none")
    assert until(lambda: served.answers(FEED))
    everybody = descendants(process.pid)

    os.close(terminal)

    if ignores:
        assert until(lambda: descendants(process.pid) != everybody)  # the publisher is another
        assert until(lambda: served.answers(FEED))
        process.terminate()
    assert process.wait(PATIENCE) == 0
    assert everybody
    assert not any(map(runs, everybody))


# Hangs without a file, then hangs or is killed twice in one; a check ends, and it hangs again.
HANGING = """
import os, pathlib, sys, time
from dateline.system import heartbeat
log = pathlib.Path(sys.argv[1])
heartbeat.attach()
count = len(log.read_text().splitlines())
with log.open("a") as out:
    print(os.environ.get(heartbeat.ALONE), os.environ.get(heartbeat.ENDLESS), file=out)
with heartbeat.reading("done.toml", (1, 2)):
    pass
if count in {1, 2}:
    with heartbeat.reading("b.toml", (3, 4)):
        heartbeat.beat()
        {ends}
if count == 3:
    heartbeat.report(heartbeat.PublisherCheck(is_good=True))
    sys.exit()
time.sleep(60)
"""


@pytest.mark.long
@pytest.mark.parametrize("ends", ["time.sleep(60)", "os.kill(os.getpid(), 9)"])
def test_the_next_process_learns_in_which_file_one_hung_or_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    """It works alone until a check ends, and holds a file in which two ended from then on."""
    monkeypatch.setattr(supervisor, "_HUNG_AFTER", 2.0)
    monkeypatch.setattr(supervisor, "_PAUSES", (0.0, 0.0))
    log = tmp_path / "log"
    log.touch()
    pulse = HeartbeatReader()
    command = [sys.executable, "-c", HANGING.replace("{ends}", ends), str(log)]
    child = Child(command, environment(), name="child", pulse=pulse)

    def tended() -> bool:
        child.tend()
        return len(log.read_text().splitlines()) == 5

    try:
        assert until(tended)
    finally:
        child.kill()
        pulse.close()

    file = '[["b.toml", 3, 4]]'
    assert log.read_text().splitlines() == [
        "None None",
        "1 None",
        "1 None",
        f"1 {file}",
        f"None {file}",
    ]
