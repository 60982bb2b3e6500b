"""The feed for staff: real requests to a real port."""

from __future__ import annotations

import os
import re
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import monotonic, process_time
from typing import TYPE_CHECKING

import feedparser
import httpx
import pytest
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from dateline.errors import Problem
from dateline.model import Report
from dateline.newsroom import Newsroom as Room
from dateline.newsroom import serving
from dateline.newsroom.access.people import token_hash
from dateline.newsroom.server import HEADER_SECONDS, LIMIT, BoundedServer
from dateline.serve.monitoring.request_head import LONGEST_HEAD
from support.process_tree import child_with
from support.publication import CONFIG, NOW, Newsroom, entry_file
from support.reading import ATOM_SCHEMA
from support.serving import PATIENCE, Served, exchange, fetch, free_port, serve, until

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

WORD = "vT3_q8Zr-Lm51xKcD"
BAD = entry_file().replace("2026-11-24", '"30 February <2026> & more"')


@pytest.fixture
def port(newsroom: Newsroom) -> int:
    """Return the port of the newsroom's own pages."""
    port = free_port()
    table = f'\n[newsroom]\ntoken = "{WORD}"\nport = {port}\n'
    (newsroom.folder / "config.toml").write_text(CONFIG + table, encoding="utf-8")
    return port


@pytest.fixture
def room(newsroom: Newsroom, port: int) -> Iterator[Room]:
    """Return a newsroom whose pages are served."""
    assert port
    with serving(newsroom.config, lambda: newsroom.now) as room:
        yield room


def get(port: int, query: str = f"?token={WORD}", path: str = "problems.atom") -> httpx.Response:
    """Request the feed."""
    return fetch(f"http://127.0.0.1:{port}/{path}{query}")


def entries(port: int) -> list[feedparser.FeedParserDict]:
    """Return the entries of the feed, as feedparser reads them."""
    read = feedparser.parse(get(port).content)
    assert not read.bozo
    found: list[feedparser.FeedParserDict] = read.entries
    return found


def test_each_problem_is_an_entry_of_a_valid_feed(
    newsroom: Newsroom, room: Room, port: int
) -> None:
    """With file, remedy, time and line; good files have none."""
    newsroom.drop("bad.toml", BAD)
    newsroom.drop("odd.toml", entry_file("Odd", colour='"blue"'))
    newsroom.drop("good.toml", entry_file("Good"))
    room.show(newsroom.build(), newsroom.now)

    answer = get(port)

    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert ATOM_SCHEMA.validate(etree.fromstring(answer.content)), ATOM_SCHEMA.error_log
    assert [entry.title for entry in entries(port)] == [
        "bad.toml: not published",
        "odd.toml: should be checked",
    ]
    text = entries(port)[0].content[0].value
    assert text.startswith("<p>Line 2: ")
    assert text.endswith(
        "<pre>    2 | date = &quot;30 February &lt;2026&gt; &amp; more&quot;</pre>"
    )
    assert entries(port)[0].updated == "2026-11-25T10:01:00Z"


def test_an_entry_keeps_its_id_and_its_time(newsroom: Newsroom, room: Room, port: int) -> None:
    """Readers see nothing new while the same problem remains."""
    newsroom.drop("bad.toml", BAD)
    room.show(newsroom.build(), newsroom.now)
    before = get(port).content
    first = entries(port)[0]
    room.show(newsroom.build(), newsroom.now)
    after = get(port).content
    newsroom.drop("worse.toml", BAD.replace("Report", "Worse"))
    room.show(newsroom.build(), newsroom.now)
    second = entries(port)[1]

    assert before == after
    assert (first.id, first.updated) == (second.id, second.updated)
    assert first.id.startswith("tag:example.org,2008:problems/")


def test_no_two_entries_have_the_same_time(room: Room, port: int) -> None:
    """Even if one run finds several; a later one does not move them."""
    names = ["a.toml", "b.toml", "c.toml", "d.toml"]
    wrong = [Problem(code="date-missing", file=name) for name in names]
    since = {(one.file, one.code): NOW for one in wrong}

    room.show(Report(problems=(*wrong[1:],), states={}, since=since), NOW)
    before = {entry.id: entry.updated for entry in entries(port)}
    room.show(Report(problems=(*wrong,), states={}, since=since), NOW)
    after = {entry.id: entry.updated for entry in entries(port)}

    assert len({*before.values()}) == len(before) == 3
    assert len({*after.values()}) == len(after) == 4
    assert before.items() <= after.items()


@pytest.mark.long
def test_very_many_problems_of_one_moment_take_no_time(newsroom: Newsroom) -> None:
    """Each keeps a moment of its own; the search for it took the square of their number."""
    room = Room(newsroom.config, lambda: NOW)
    problems = tuple(Problem(code="date-missing", file=f"{number}.toml") for number in range(6000))
    since = {(problem.file, problem.code): NOW for problem in problems}
    some = replace(Report(problems=problems[::2], states={}), since=since)

    started = process_time()
    room.feed.show(some, NOW)
    before = stamps(room)
    room.feed.show(replace(some, problems=problems), NOW)

    after = stamps(room)
    assert process_time() - started < 10
    assert before.items() <= after.items()
    assert len({*after.values()}) == 6000
    assert min(after.values()) == f"{NOW - timedelta(seconds=5999):%Y-%m-%dT%H:%M:%SZ}"


def stamps(room: Room) -> dict[str, str]:
    """Return the moment of each entry of the feed."""
    found = re.findall(rb"<id>([^<]+)</id><title>[^<]+</title><updated>([^<]+)", room.feed.data)
    return {id_.decode(): moment.decode() for id_, moment in found if b"problems/" in id_}


def test_the_feeds_own_address_only_reads_it(room: Room, port: int) -> None:
    """Readers that follow it have access, and its key allows no change."""
    room.show(Report(problems=(), states={}), NOW)

    answer = get(port, f"?token={WORD}")
    found = feedparser.parse(answer.content, sanitize_html=False)
    (link,) = (link for link in found.feed.links if link.rel == "self")
    key = link.href.partition("?key=")[2]
    again = get(port, f"?key={key}")
    others = [
        get(port, f"?{name}={key}", path).status_code
        for name in ("key", "token")
        for path in ("", "figures", "allow", "preview")
    ]
    cookie = fetch(f"http://127.0.0.1:{port}/", {"Cookie": f"dateline={key}"}).status_code

    assert link.href == f"http://127.0.0.1:{port}/problems.atom?key={key}"
    assert WORD not in answer.text
    assert (again.status_code, again.content) == (200, answer.content)
    assert get(port, f"?key={key[:-1]}").status_code == 404
    assert {*others, cookie} == {404}


def test_corrected_problems_disappear(newsroom: Newsroom, room: Room, port: int) -> None:
    """An empty feed is valid."""
    newsroom.drop("bad.toml", BAD)
    room.show(newsroom.build(), newsroom.now)
    newsroom.drop("bad.toml", entry_file())
    room.show(newsroom.build(), newsroom.now)

    assert entries(port) == []
    assert ATOM_SCHEMA.validate(etree.fromstring(get(port).content))


def test_a_missing_file_is_reported_and_an_unfinished_copy_is_not(room: Room, port: int) -> None:
    """A problem that solves itself in a moment would be noise."""
    gone = Problem(code="file-gone", file="gone.toml")
    waits = Problem(code="file-changing", file="new.toml")
    since = {("gone.toml", gone.code): NOW, ("new.toml", waits.code): NOW}
    report = Report(problems=(gone, waits), states={"new.toml": "wait"}, since=since)

    room.show(report, NOW + timedelta(minutes=9))
    early = [entry.title for entry in entries(port)]
    room.show(report, NOW + timedelta(minutes=10))

    assert early == ["gone.toml: should be checked"]
    assert "new.toml: still not published" in [entry.title for entry in entries(port)]


def test_characters_that_xml_forbids_do_no_harm(room: Room, port: int) -> None:
    """A file's name may contain any."""
    problem = Problem(code="date-missing", file="a\x01\ufffe<.toml")

    room.show(Report(problems=(problem,), states={}), NOW)

    assert [entry.title for entry in entries(port)] == ["a<.toml: not published"]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("", "problems.atom"),
        ("?token=", "problems.atom"),
        (f"?token={WORD}x", "problems.atom"),
        ("?token=%C3%A9", "problems.atom"),
        (f"?token={WORD}", "nothing"),
        (f"?token={WORD}", "static"),
    ],
)
def test_without_the_token_there_is_nothing(room: Room, port: int, query: str, path: str) -> None:
    """The response is that of any missing address."""
    room.show(Report(states={}), NOW)

    answer = get(port, query, path)

    assert answer.status_code == 404
    assert answer.content == get(port, "", "nothing").content
    assert without_date(answer) == without_date(get(port, "", "nothing"))


def test_nothing_is_cached_or_indexed(room: Room, port: int) -> None:
    """Caches and search engines are told not to."""
    room.show(Report(states={}), NOW)

    headers = get(port).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"
    assert "Server" not in headers


def test_a_missing_page_is_a_plain_404(room: Room, port: int) -> None:
    """Nobody caches it, and nothing in it identifies this program."""
    room.show(Report(states={}), NOW)

    answer = get(port, "")

    assert {name for name, _ in without_date(answer)} == {
        "cache-control",
        "connection",
        "content-length",
        "content-type",
    }
    assert (answer.reason_phrase, answer.headers["Cache-Control"]) == ("Not Found", "no-store")


@pytest.mark.usefixtures("room")
def test_before_the_first_run_the_feed_is_missing(port: int) -> None:
    """An empty feed would mean that there are no problems."""
    assert get(port).status_code == 503


@pytest.mark.long
def test_hundreds_of_unfinished_requests_stop_nothing(
    newsroom: Newsroom, room: Room, port: int
) -> None:
    """An unfinished request soon loses its thread, and publishing goes on."""
    room.show(Report(states={}), NOW)
    threads = threading.active_count()
    with ExitStack() as stack:
        halves = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
            for _ in range(300)
        ]
        for half in halves:
            with suppress(OSError):
                half.sendall(b"GET /prob")
        start = monotonic()
        answers = [get(port).status_code for _ in range(20)]
        newsroom.drop("good.toml", entry_file("Good"))
        room.show(newsroom.build(), newsroom.now)
        took, more = monotonic() - start, threading.active_count() - threads

    assert answers == [200] * 20
    assert took < HEADER_SECONDS
    assert more <= LIMIT
    assert any("good" in name for name in newsroom.feeds())


@pytest.mark.long
def test_answers_that_nobody_reads_keep_nobody_out(newsroom: Newsroom, port: int) -> None:
    """A stranger who sends forms and reads no answer is cut off for somebody else."""
    person = f'[[newsroom.person]]\nname = "Desk"\nrole = "editor"\ntoken = "{token_hash(WORD)}"\n'
    table = f"\n[newsroom]\nport = {port}\n{person}"
    (newsroom.folder / "config.toml").write_text(CONFIG + table, encoding="utf-8")
    part = 'Content-Disposition: form-data; name="text"\r\n\r\n'
    body = f"--b\r\n{part}{'<' * 1_000_000}\r\n--b--\r\n".encode()
    at = f"127.0.0.1:{port}"
    head = (
        f"POST /write HTTP/1.1\r\nHost: {at}\r\nOrigin: http://{at}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    with serving(newsroom.config, lambda: newsroom.now) as own, ExitStack() as stack:
        own.show(Report(states={}), NOW)
        for _ in range(LIMIT):
            silent = stack.enter_context(socket.socket())
            silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            silent.settimeout(PATIENCE)
            silent.connect(("127.0.0.1", port))
            silent.sendall(head + body)
            assert silent.recv(12) == b"HTTP/1.1 403"
        start = monotonic()
        found = [get(port).status_code for _ in range(LIMIT + 1)]
        took = monotonic() - start

    assert found == [200] * (LIMIT + 1)
    assert took < HEADER_SECONDS / 2


@pytest.mark.parametrize("lines", [1, 90])
def test_no_head_takes_long_to_read(room: Room, port: int, lines: int) -> None:
    """A field of a multipart body with many parameters, or a folded one, took minutes."""
    room.show(Report(states={}), NOW)
    field = "\r\n ".join([f'multipart/x; a="{60_000 * ";"}', *[60_000 * ";"] * (lines - 1)])
    head = f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {field}\r\n\r\n".encode()
    begun = process_time()
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as one:
        with suppress(ConnectionError):
            one.sendall(head)
            answer = one.recv(12)
        took = process_time() - begun

    assert took < 1
    assert lines > 1 or answer == b"HTTP/1.1 404"


def test_a_head_is_read_up_to_its_limit(room: Room, port: int) -> None:
    """One byte more ends the connection, like anything that is no request."""
    room.show(Report(states={}), NOW)
    head = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: {}\r\nB: {}\r\n\r\n"
    rest = LONGEST_HEAD - len(head.format("", "")) - 30_000
    heads = (head.format("a" * 30_000, "b" * (rest + more)).encode() for more in (0, 1))

    assert [exchange(port, one)[:12] for one in heads] == [b"HTTP/1.1 404", b""]


def test_a_thread_that_goes_on_keeps_its_place(port: int) -> None:
    """A connection that is closed for another one counts until its thread has ended."""
    is_over = threading.Event()
    begun = threading.Semaphore(0)

    def app(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        begun.release()
        while environ["wsgi.input"].read(1000):
            pass
        is_over.wait(PATIENCE)
        start("200 OK", [])
        return []

    before = {*threading.enumerate()}  # one of an earlier test may end
    half = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\na"
    with socket.create_server(("127.0.0.1", port)) as listening, ExitStack() as stack:
        server = BoundedServer("127.0.0.1", port, app, fd=listening.fileno())
        thread = threading.Thread(target=server.serve_forever, args=(0.1,))
        thread.start()
        for number in range(LIMIT + 2):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
            one.sendall(half)
            assert number >= LIMIT or begun.acquire(timeout=PATIENCE)
        last = one.recv(1)
        threads = len({*threading.enumerate()} - before)
        is_over.set()
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE)

    assert (last, threads) == (b"", LIMIT + 1)  # one listens


@pytest.mark.long
def test_a_slow_request_is_given_up(room: Room, port: int) -> None:
    """Each byte is in time, the whole is not."""
    room.show(Report(states={}), NOW)
    start = monotonic()
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as slow:
        slow.sendall(b"GET /problems.atom HTTP/1.1\r\nA: ")
        slow.settimeout(0.5)
        is_open = True
        while is_open and monotonic() - start < 3 * HEADER_SECONDS:
            try:
                slow.sendall(b"x")
                is_open = slow.recv(1) != b""
            except TimeoutError:
                continue
            except OSError:
                is_open = False

    assert not is_open


def test_a_body_that_stops_arriving_leaves_no_traceback(
    room: Room, port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The client is answered, and goes; no fault is logged that an outsider could repeat."""
    monkeypatch.setattr("dateline.newsroom.server._Handler.timeout", 0.2)
    room.show(Report(states={}), NOW)
    head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {WORD}\r\nContent-Length: 5000\r\n\r\n"
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
            connection.sendall(f"PUT /drop/new.toml HTTP/1.1\r\n{head}title".encode())
            assert connection.recv(12) == b"HTTP/1.1 408"

    assert get(port).status_code == 200
    assert "Error on request" not in caplog.text


def test_a_port_in_use_is_logged_and_stops_nothing(
    newsroom: Newsroom, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    """The publisher goes on without its newsroom."""
    with socket.create_server(("127.0.0.1", port)), serving(newsroom.config, lambda: NOW) as room:
        room.show(Report(states={}), NOW)

    assert f"The newsroom cannot be had at 127.0.0.1:{port} (Address already in use)" in caplog.text


@pytest.mark.parametrize("host", ["news..example.org", "*"])
def test_a_host_that_is_no_name_is_logged_and_stops_nothing(
    host: str, newsroom: Newsroom, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    """The publisher goes on without its newsroom."""
    own = replace(newsroom.config.newsroom, host=host)
    with serving(replace(newsroom.config, newsroom=own), lambda: NOW) as room:
        room.show(Report(states={}), NOW)

    assert f"had at {host}:{port} (it is not a valid host name)" in caplog.text


@pytest.mark.long
def test_a_process_of_its_own_serves_it_and_the_web_workers_do_not(
    newsroom: Newsroom, port: int
) -> None:
    """If it is killed, another one takes its place, and knows the last run.

    Nothing of it is in `feeds/`, and its address is in no output.
    """
    newsroom.drop("bad.toml", BAD)
    newsroom.drop("good.toml", entry_file())
    with serve(newsroom.folder) as served:
        assert until(lambda: is_up(port)), served.printed()
        first = desk(served)
        titles = [entry.title for entry in entries(port)]
        os.kill(first, signal.SIGKILL)
        assert until(lambda: desk(served) not in {0, first} and is_up(port)), served.printed()
        again = [entry.title for entry in entries(port)]
        public = served.get(f"problems.atom?token={WORD}").status_code
        printed = served.printed()

    assert titles == again == ["bad.toml: not published"]
    assert public == 404
    assert WORD not in printed
    assert not any("problem" in path.name for path in Path(newsroom.folder / "feeds").rglob("*"))
    assert not answers(port)


@pytest.mark.long
def test_a_newsroom_in_trouble_delays_nothing(newsroom: Newsroom, port: int) -> None:
    """Half-sent requests, or one that hangs, stop neither publishing nor serving nor the end."""
    with serve(newsroom.folder) as served, ExitStack() as stack:
        assert until(lambda: is_up(port)), served.printed()
        for _ in range(1000):
            with suppress(OSError):
                half = socket.create_connection(("127.0.0.1", port), PATIENCE)
                stack.enter_context(half).sendall(b"GET /prob")
        newsroom.drop("one.toml", entry_file("One"))
        assert until(lambda: "published one.toml" in served.printed()), served.printed()
        assert get(port).status_code == 200
        memory, threads = of_status(desk(served), "VmRSS"), of_status(desk(served), "Threads")
        os.kill(desk(served), signal.SIGSTOP)
        newsroom.drop("two.toml", entry_file("Two"))
        assert until(lambda: "published two.toml" in served.printed()), served.printed()
        assert until(lambda: "Two" in served.get("news.json").text), served.printed()
        start = monotonic()
        served.process.terminate()
        code = served.process.wait(PATIENCE)

    assert code == 0
    assert monotonic() - start < PATIENCE / 2
    assert threads < LIMIT + 20
    assert memory < 300_000  # kB
    assert not answers(port)


@pytest.mark.long
def test_a_running_newsroom_follows_the_configuration(newsroom: Newsroom, port: int) -> None:
    """Token, port and switch, within seconds; a port in use is tried again."""
    config, other, taken = newsroom.folder / "config.toml", free_port(), free_port()
    text = config.read_text("utf-8")
    with serve(newsroom.folder) as served:
        assert until(lambda: is_up(port)), served.printed()
        process = desk(served)
        config.write_text(text.replace(WORD, WORD[::-1]), "utf-8")
        assert until(lambda: get(port, f"?token={WORD[::-1]}").status_code == 200)
        old = get(port).status_code
        config.write_text(text.replace(str(port), str(other)), "utf-8")
        assert until(lambda: is_up(other)), served.printed()
        moved = answers(port)
        with socket.create_server(("127.0.0.1", taken)):
            config.write_text(text.replace(str(port), str(taken)), "utf-8")
            assert until(lambda: "cannot be had" in served.printed()), served.printed()
        assert until(lambda: is_up(taken)), served.printed()
        config.write_text(f"{text}\nwrong", "utf-8")
        assert until(lambda: "from before goes on" in served.printed()), served.printed()
        faulty = is_up(taken)
        config.write_text(CONFIG, "utf-8")
        assert until(lambda: not answers(taken))
        same = desk(served) == process
        os.kill(served.process.pid, signal.SIGHUP)
        assert until(lambda: not desk(served)), served.printed()
        config.write_text(text, "utf-8")
        os.kill(served.process.pid, signal.SIGHUP)
        assert until(lambda: is_up(port)), served.printed()
        printed = served.printed()

    assert (old, moved, faulty, same) == (404, False, True, True)
    assert printed.count("cannot be had") == printed.count("from before goes on") == 1


@pytest.mark.long
def test_a_run_that_staff_start_is_printed_like_others(newsroom: Newsroom, port: int) -> None:
    """Once, in the output of `serve`."""
    for number in range(3):
        newsroom.drop(f"{number}.toml", entry_file(f"News {number}"))
    with (
        serve(newsroom.folder) as served,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client,
    ):
        assert until(lambda: "published 2.toml" in served.printed()), served.printed()
        assert until(lambda: answers(port)), served.printed()
        for path in (newsroom.folder / "entries").iterdir():
            path.unlink()
        assert until(lambda: "allow many-gone-" in served.printed()), served.printed()
        client.get(f"/?token={WORD}")
        page = client.get("/").text
        found = [re.search(f'name="{name}" value="([^"]+)"', page) for name in ("word", "code")]
        word, code = [one[1] if one else "" for one in found]
        answer = client.post("/allow", data={"word": word, "code": code})
        # The publisher's own next run may write them first, and print that.
        assert until(lambda: served.printed().count("documents changed") >= 2)
        printed = served.printed()

    assert answer.status_code == 303
    assert [printed.count(f"withdrawn {number}.toml") for number in range(3)] == [1, 1, 1]
    assert "Nothing changed" not in printed


def without_date(answer: httpx.Response) -> list[tuple[str, str]]:
    """Return the fields of a response without `Date`."""
    return [(name, value) for name, value in answer.headers.items() if name != "date"]


def desk(served: Served) -> int:
    """Return the process of the newsroom; 0 if none runs."""
    return child_with(served.process.pid, b"\0desk\0")


def of_status(process: int, name: str) -> int:
    """Return a number that Linux reports of a process."""
    lines = Path(f"/proc/{process}/status").read_text("utf-8").splitlines()
    (found,) = [line for line in lines if line.startswith(f"{name}:")]
    return int(found.split()[1])


def is_up(port: int) -> bool:
    """Return whether the port answers, and knows of a run."""
    return answers(port) and get(port).status_code == 200


def answers(port: int) -> bool:
    """Return whether the port answers."""
    try:
        get(port)
    except httpx.TransportError:
        return False
    return True
