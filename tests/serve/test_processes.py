"""Serving goes on whatever ends, and ends when it is told to: real processes, killed."""

from __future__ import annotations

import os
import pty
import re
import resource
import selectors
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest

from dateline import config as configuration
from dateline.errors import ConfigError, DatelineError
from dateline.system import supervisor
from dateline.system.ports import probe
from dateline.system.supervisor import Child, supervise
from support.publication import Newsroom, entry_file
from support.serving import (
    PATIENCE,
    PUBLISHER,
    Served,
    busy,
    children,
    descendants,
    exchange,
    free_port,
    running,
    runs,
    serve,
    until,
)

FEED = "news.rss"
CLOSING = b"GET /news.rss HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
WHOLE = b"GET /news.rss HTTP/1.1\r\nHost: x\r\n\r\n"
HEAD = b"HEAD /news.rss HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def folder(newsroom: Newsroom) -> Path:
    """Give a publication that was published before."""
    newsroom.drop("good.toml", entry_file())
    newsroom.build()
    return newsroom.folder


@pytest.fixture
def served(folder: Path) -> Iterator[Served]:
    """Give that publication, served, with both halves at work."""
    with serve(folder) as served:
        assert until(lambda: served.get(FEED).status_code == 200)
        assert until(lambda: 0 not in {publisher(served), web(served)})
        yield served


def words(process: int) -> bytes:
    """Give what a process was started with; nothing where it is gone."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def half(served: Served, word: bytes) -> int:
    """Give the child with a word in its command; 0 where none runs."""
    found = [child for child in children(served.process.pid) if word in words(child)]
    return found[0] if found else 0


def publisher(served: Served) -> int:
    """Give the half that publishes."""
    return half(served, b"\0follow\0")


def web(served: Served) -> int:
    """Give the half that has the web workers."""
    return half(served, b"\0dateline.serve.processes\0")


def has_read(reader: socket.socket) -> bool:
    """Tell whether a worker took in all that this connection sent, as the kernel counts it."""
    served, asking = reader.getpeername()[1], reader.getsockname()[1]
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        if (local[-4:], remote[-4:]) == (f"{served:04X}", f"{asking:04X}"):
            return int(queues.partition(":")[2], 16) == 0
    return False


# ---- What runs


def test_both_halves_run_on_this_python_and_readers_come_first(served: Served) -> None:
    """The publisher is nicer than the workers by ten."""
    workers = [web(served), *children(web(served))]

    assert len(workers) == 2
    assert {words(one).split(b"\0")[0] for one in (publisher(served), *workers)} == {
        sys.executable.encode()
    }
    niceness = [os.getpriority(os.PRIO_PROCESS, one) for one in workers]
    assert until(
        lambda: os.getpriority(os.PRIO_PROCESS, publisher(served)) == min(max(niceness) + 10, 19)
    )


def test_it_can_be_started_from_anywhere(served: Served, folder: Path) -> None:
    """The working folder is the publication's here, and its code lies elsewhere."""
    assert Path(f"/proc/{served.process.pid}/cwd").resolve() == folder
    assert served.get(FEED).status_code == 200


# ---- What ends by accident


def test_a_worker_that_is_killed_is_replaced(served: Served) -> None:
    """The port answers on, from another process."""
    (worker,) = children(web(served))

    os.kill(worker, signal.SIGKILL)

    assert until(lambda: served.answers(FEED))
    assert served.get(FEED).status_code == 200
    assert worker not in children(web(served))


def test_a_publisher_that_is_killed_is_replaced_and_readers_do_not_notice(served: Served) -> None:
    """Workers answer all the while."""
    killed = publisher(served)
    statuses = set()

    def is_replaced() -> bool:
        statuses.add(served.get(FEED).status_code)
        return publisher(served) not in {0, killed}

    os.kill(killed, signal.SIGKILL)

    assert until(is_replaced)
    assert statuses == {200}


def test_granian_that_is_killed_leaves_no_worker_and_is_replaced(served: Served) -> None:
    """An orphan would share the port and answer with what is old."""
    killed = [web(served), *children(web(served))]

    os.kill(killed[0], signal.SIGKILL)

    assert len(killed) == 2
    assert until(lambda: not any(map(runs, killed)))
    assert until(lambda: served.answers(FEED))
    assert web(served) not in {0, killed[0]}


def test_a_supervisor_that_is_killed_leaves_nobody(served: Served) -> None:
    """Soon, also while nobody has taken note of its death."""
    orphans = descendants(served.process.pid)

    os.kill(served.process.pid, signal.SIGKILL)

    assert len(orphans) == 3
    assert until(lambda: not any(map(runs, orphans))), served.printed()
    assert not served.answers()


# ---- What ends on purpose


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything(served: Served, number: signal.Signals) -> None:
    """The code is 0; a half-sent request and an idle connection hold nothing up for long."""
    everybody = descendants(served.process.pid)
    with (
        socket.create_connection(("127.0.0.1", served.port)) as idle,
        socket.create_connection(("127.0.0.1", served.port)) as slow,
    ):
        idle.sendall(b"HEAD /news.rss HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(100).startswith(b"HTTP/1.1 200")
        slow.sendall(b"GET /news.rss HTTP/1.1\r\nHo")

        os.kill(served.process.pid, number)

        assert served.process.wait(PATIENCE) == 0
    assert not any(map(runs, everybody))
    assert "Traceback" not in served.printed()


def test_ctrl_c_in_a_terminal_ends_everything(served: Served) -> None:
    """There the signal reaches the whole group, but a child that just begins must not trip."""
    everybody = descendants(served.process.pid)
    groups = [os.getpgid(one) for one in everybody]

    os.killpg(served.process.pid, signal.SIGINT)

    assert served.process.wait(PATIENCE) == 0
    assert served.process.pid not in groups
    assert not any(map(runs, everybody))
    assert "Traceback" not in served.printed()


def test_a_request_under_way_is_answered_before_the_end(served: Served) -> None:
    """Whoever asked before the signal gets the whole document."""
    with socket.create_connection(("127.0.0.1", served.port)) as reader:
        reader.sendall(b"GET /news.rss HTTP/1.1\r\nHost: x\r\nConnection: close\r\n")
        assert until(lambda: has_read(reader))
        os.kill(served.process.pid, signal.SIGTERM)
        reader.sendall(b"\r\n")
        answer = b"".join(iter(lambda: reader.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"</rss>\n") or b"</rss>" in answer[-20:]


# ---- What cannot work


def test_a_port_that_another_program_has_is_told_in_one_sentence(folder: Path) -> None:
    """With what to type instead; and nothing is started."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        command = [sys.executable, str(PUBLISHER), "serve", "--port", str(port)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    (said,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "")
    assert said.startswith(f"Another program has port {port} on 127.0.0.1: stop it, or type: ")
    instead = int(said.rpartition("python publisher.py serve --port ")[2])
    probe("127.0.0.1", instead)


def test_a_second_serve_on_the_same_folders_is_refused_in_one_sentence(served: Served) -> None:
    """With who has them, also for another port; the first goes on, and `build` is let in."""
    before = descendants(served.process.pid)
    folder = served.output.parent
    command = [sys.executable, str(PUBLISHER), "serve", "--port", str(free_port())]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    command[2:] = ["build"]
    beside = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    (said,) = done.stderr.splitlines()
    place = f"process {served.process.pid} at http://127.0.0.1:{served.port}/"
    assert (done.returncode, done.stdout, beside.returncode) == (2, "", 0)
    assert said.startswith(f"Dateline serves {folder / 'state'} already ({place}), and goes on.")
    assert descendants(served.process.pid) == before
    assert served.get(FEED).status_code == 200


def test_folders_are_free_again_however_their_serve_ended(served: Served) -> None:
    """Killed, it has no time to say so."""
    os.kill(served.process.pid, signal.SIGKILL)
    assert until(lambda: not served.answers())

    with serve(served.output.parent) as again:
        assert again.get(FEED).status_code == 200


@pytest.mark.parametrize("host", ["203.0.113.1", "no such host", "host.invalid"])
def test_an_address_of_another_machine_is_told(host: str) -> None:
    """With one that works everywhere."""
    with pytest.raises(DatelineError, match=r"--host 127\.0\.0\.1$"):
        probe(host, free_port())


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost", "::1", "::"])  # noqa: S104
def test_any_way_to_name_this_machine_will_do(host: str) -> None:
    """Both families, and names."""
    if ":" in host and not socket.has_ipv6:
        return

    probe(host, free_port())


def test_a_configuration_that_was_broken_since_leaves_readers_served(
    served: Served, folder: Path
) -> None:
    """What to mend is said, and once it is mended the publisher is back."""
    assert until(lambda: served.get("news.json").status_code == 200)
    config = folder / "config.toml"
    good = config.read_text("utf-8")
    config.write_text(good.replace("title =", "titel =", 1), "utf-8")

    os.kill(publisher(served), signal.SIGKILL)

    with pytest.raises(ConfigError) as caught:
        configuration.load(config)
    assert until(lambda: caught.value.faults[0] in served.printed())
    assert served.process.poll() is None
    assert served.get("news.json").status_code == 200
    assert "Traceback" not in served.printed()

    config.write_text(good, "utf-8")

    (folder / "entries/back.toml").write_text(entry_file("Back again"), "utf-8")
    assert until(lambda: "Back again" in served.get("news.json").text)


# ---- The supervisor by itself


def supervised(commands: Sequence[Sequence[str]]) -> tuple[threading.Event, threading.Thread]:
    """Supervise commands in a thread."""
    stop = threading.Event()
    children = [Child(command, name="child") for command in commands]
    thread = threading.Thread(target=supervise, args=(children, stop))
    thread.start()
    return stop, thread


def test_a_child_that_keeps_ending_is_started_ever_more_slowly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Each pause is longer than the last, and as long at least as is said."""
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


def test_one_that_refuses_ends_the_others() -> None:
    """By exit code 2, and at once."""
    begun = monotonic()

    with pytest.raises(DatelineError):
        supervise(
            [Child(["sleep", "60"], name="first"), Child(["sh", "-c", "exit 2"], name="second")],
            threading.Event(),
        )

    assert monotonic() - begun < PATIENCE


def test_a_program_that_cannot_be_started_does_not_end_the_others(tmp_path: Path) -> None:
    """It is tried again, as one that ended."""
    there = tmp_path / "there"
    stop, thread = supervised([[str(tmp_path / "missing")], ["sh", "-c", f"touch '{there}'"]])

    assert until(there.exists)
    assert thread.is_alive()
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


# ---- Many connections


def are_replaced(served: Served, before: Sequence[int], number: int) -> bool:
    """Say whether all workers are others than before."""
    now = children(web(served))
    return len(now) == number and not {*now} & {*before}


@pytest.mark.parametrize("workers", [1, 2])
def test_busy_readers_lose_no_request_when_workers_are_replaced(folder: Path, workers: int) -> None:
    """They hear that their connection ends, and go on with another one."""
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


def test_busy_readers_lose_no_request_when_all_ends(served: Served) -> None:
    """What was asked is answered; who comes later is refused, and waits for no answer."""
    with busy(served.port, 12) as readers:
        assert until(lambda: all(reader.answered for reader in readers))
        os.kill(served.process.pid, signal.SIGTERM)

        assert served.process.wait(PATIENCE) == 0

    assert [reader.lost for reader in readers] == [[]] * 12
    assert {status for reader in readers for status in reader.answered} <= {200, 503}


@pytest.mark.parametrize("limit", [64, 256, 300])
def test_few_files_are_enough_to_serve(folder: Path, limit: int) -> None:
    """A machine's hard limit is often small in containers."""
    hard = f"import os, resource, sys; resource.setrlimit(resource.RLIMIT_NOFILE, ({limit},) * 2)"
    place = free_port()
    command = [sys.executable, "-c", f"{hard}; os.execv(sys.argv[1], sys.argv[1:])"]
    command += [sys.executable, str(PUBLISHER), "serve", "--port", str(place)]
    with running(command, place, folder, {**os.environ}) as served:
        assert until(lambda: 0 not in {publisher(served), web(served)})
        assert served.get(FEED).status_code == 200


def test_too_few_files_are_told_with_what_to_type(folder: Path) -> None:
    """In one sentence, before anything is started."""
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
    """Have so many connections, over each of which something was sent."""
    with ExitStack() as stack:
        place = ("127.0.0.1", served.port)
        opened = [
            stack.enter_context(socket.create_connection(place, PATIENCE)) for _ in range(number)
        ]
        for one in opened:
            one.sendall(sends)
        yield opened


@pytest.mark.parametrize("sent", [b"", b"GET /news.rss HTTP/1.1\r\nHos", WHOLE])
def test_sixty_connections_that_hold_on_block_nobody(served: Served, sent: bytes) -> None:
    """Silent, with half a request, or with an answer that is never read."""
    with connections(served, 60, sent):
        answer = exchange(served.port, CLOSING)

    assert answer.startswith(b"HTTP/1.1 200")


def test_more_idle_connections_than_granian_takes_by_itself_block_nobody(served: Served) -> None:
    """Its default is 1,024 a worker; who comes after them waited for half a minute."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 2000:
        pytest.skip("this machine lets nobody have so many connections")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2000), hard))
    try:
        with connections(served, 1100, b"GET /news.rss HTTP/1.1\r\nHos"):
            answer = exchange(served.port, CLOSING)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert answer.startswith(b"HTTP/1.1 200")


def test_of_512_connections_each_has_its_turn(served: Served) -> None:
    """Each asks twenty times; when the first is done, no other is still without an answer."""
    unanswered = None
    with connections(served, 512, HEAD) as opened, selectors.DefaultSelector() as selector:
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


def test_sighup_takes_up_the_configuration_without_a_gap(served: Served, folder: Path) -> None:
    """The publisher starts anew at once, new workers take over; readers notice nothing."""
    before, worker = publisher(served), children(web(served))
    config = folder / "config.toml"
    config.write_text(f"{config.read_text('utf-8')}\n[serve]\nmetrics = true\n", "utf-8")
    assert served.get("metrics").status_code == 404
    statuses = []

    os.kill(served.process.pid, signal.SIGHUP)

    def is_taken_up() -> bool:
        statuses.append(served.get(FEED).status_code)
        return publisher(served) != before and not set(worker) & set(children(web(served)))

    assert until(is_taken_up)
    assert {*statuses} == {200}
    assert served.get("metrics").status_code != 404
    assert publisher(served) not in {0, before}
    assert "ended with code" not in served.printed()


def test_sighup_moves_to_another_port(folder: Path) -> None:
    """The old one is free after that."""
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
def test_sighup_with_what_cannot_be_is_told_and_changes_nothing(folder: Path, fault: str) -> None:
    """Publisher and workers go on as they are."""
    config = folder / "config.toml"
    with serve(folder) as served:
        assert until(lambda: 0 not in {publisher(served), web(served)})
        before = [publisher(served), *children(web(served))]
        config.write_text(f"{config.read_text('utf-8')}\n{fault}\n", "utf-8")

        os.kill(served.process.pid, signal.SIGHUP)

        assert until(lambda: "The configuration from before goes on." in served.printed())
        assert [publisher(served), *children(web(served))] == before
        assert served.get(FEED).status_code == 200


def test_a_terminal_that_is_closed_ends_everything(folder: Path) -> None:
    """As whoever closes a window expects."""
    port = free_port()
    terminal, inside = pty.openpty()
    takes_terminal = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
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

    assert process.wait(PATIENCE) == 0
    assert everybody
    assert not any(map(runs, everybody))
