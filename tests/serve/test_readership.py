"""Anonymous readership: real servers, their logs, and those of proxies."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import httpx
import pytest

from dateline import config as configuration
from dateline.config import Schedule
from dateline.documents.manifest import ManifestReader, documents
from dateline.documents.manifest.row_format import DOCUMENTS
from dateline.errors import ConfigError, DatelineError
from dateline.publish import schedule
from dateline.serve import health
from dateline.serve import readership as readers
from dateline.serve.monitoring import incidents
from dateline.serve.monitoring.incidents import Incident
from dateline.serve.readership import (
    OTHERS,
    RequestShare,
    Tally,
    log_lines,
    readership,
    tally,
    user_agents,
)
from dateline.serve.readership.log_lines import LoggedRequest
from dateline.serve.readership.metrics import Meter
from dateline.system.condition import Code, Condition
from support.commands import PUBLISHER, publisher
from support.paths import DATA
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import PATIENCE, Served, exchange, fetch, granian, serve, until

FEEDLY = "Feedly/1.0 (+http://www.feedly.com/fetcher.html; {} subscribers; like FeedFetcher-Google)"
FEEDBIN = "Feedbin feed-id:{} - {} subscribers"
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()
DAY = 24 * 3600.0
AGENTS = (DATA / "agents.tsv").read_text("utf-8").splitlines()[1:]
CADDY = {
    "level": "info",
    "ts": NOON,
    "logger": "http.log.access.log0",
    "msg": "handled request",
    "request": {
        "proto": "HTTP/2.0",
        "method": "GET",
        "host": "example.org",
        "uri": "/news.rss?from=somebody",
        "headers": {"User-Agent": ["curl/8.7.1"], "Accept": ["*/*"]},
    },
    "bytes_read": 0,
    "duration": 0.000929675,
    "size": 10900,
    "status": 200,
    "resp_headers": {"Content-Encoding": ["gzip"], "Server": ["Caddy"]},
}
NGINX = {
    "time": "2026-11-25T13:00:00+01:00",
    "method": "GET",
    "path": "/news.rss",
    "status": 200,
    "bytes": 10900,
    "seconds": 0.001,
    "agent": "curl/8.7.1",
    "coding": "gzip",
}


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return a publication with a published entry, a draft, and a scheduled one."""
    newsroom.now = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    newsroom.drop("good.toml", entry_file())
    newsroom.drop("draft.toml", entry_file("EMBARGOED", draft="true"))
    later = newsroom.now + timedelta(days=2)
    newsroom.drop("later.toml", entry_file("EMBARGOED too", f"{later:%FT%TZ}"))
    newsroom.build()
    return newsroom


def configured(room: Newsroom, *serve: str) -> None:
    """Write lines below `[serve]`."""
    text = "\n".join(["[serve]", *serve, "", CONFIG])
    (room.folder / "config.toml").write_text(text, encoding="utf-8")


def get(served: Served, path: str, agent: str, **fields: str) -> httpx.Response:
    """Send a request as a program does."""
    headers = {"User-Agent": agent, "Accept-Encoding": "gzip"}
    headers |= {name.replace("_", "-"): value for name, value in fields.items()}
    return fetch(served.url + path, headers)


def logged(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of a log, with equal ones of different times merged."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text("ascii").splitlines():
            record = json.loads(line)
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", record.pop("time"))
            count = record.pop("count")
            known = found.setdefault(json.dumps(record), {**record, "count": 0})
            known["count"] += count
    return list(found.values())


def run(room: Newsroom, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `publisher.py readers`."""
    return publisher("readers", *words, cwd=room.folder)


def request_line(agent: str = "curl/8.7.1", path: str = "/news.rss", **other: Any) -> LoggedRequest:
    """Return one logged request."""
    default: dict[str, Any] = {
        "moment": NOON,
        "method": "GET",
        "status": 200,
        "size": 1000,
        "coding": "",
    }
    return LoggedRequest(agent=agent, path=path, **(default | other))


def tallied(*requests: LoggedRequest | None, prefix: str = "/") -> Tally:
    """Count requests for two feeds, of 5,000 bytes plain and 1,000 at the smallest."""
    feeds = {"news.rss": "news", "news.atom": "news", "events.rss": "events"}
    tally = Tally(feeds, lambda path: (5000, 1000) if path in feeds else (0, 0), prefix=prefix)
    for one in requests:
        tally.add(one)
    return tally


def subscribers(tally: Tally) -> dict[str, int]:
    """Return the subscribers of each feed."""
    return {part.name: part.subscribers for part in tally.readership().feeds}


# ---- User-Agents


@pytest.mark.parametrize("line", AGENTS)
def test_a_user_agent_is_a_program_and_a_number_of_subscribers(line: str) -> None:
    """As real services, readers and browsers write them."""
    name, feed, number, agent = line.split("\t")

    assert user_agents.read(agent) == user_agents.Agent(
        name=name, feed=feed, subscribers=int(number) if number else None
    )


def test_program_names_are_printable_and_short() -> None:
    """They cannot control a terminal."""
    assert user_agents.read("\x1b[31mRed/1.0").name == user_agents.NAMELESS
    assert len(user_agents.read("x" * 5000).name) == 40


@pytest.mark.parametrize("part", ["a", "a/", "1,", " 1", "-1.1", "compatible;", " ", "x feed-id:"])
def test_a_long_user_agent_takes_no_time(part: str) -> None:
    """Caddy logs a megabyte of one, and the time was the square of its length."""
    begun = process_time()

    user_agents.read(f"Mozilla/5.0 {part * 300_000}")

    assert process_time() - begun < 1


def test_invented_numbers_of_a_service_are_forgotten() -> None:
    """Anyone can send the name of a service with any number; the latest hundred count."""
    tally = Tally({"news.rss": "news"}, lambda _: (0, 0))
    for number in range(1000):
        tally.add(replace(request_line(), agent=FEEDBIN.format(number, 1)))

    assert subscribers(tally) == {"news": 100}


# ---- Lines


@pytest.mark.parametrize(
    "line",
    [
        '{"time": "2026-01-01", "method": "GET", "path": "/", "status": 1e999, "bytes": 1}',
        '{"time": 1e999, "method": "GET", "path": "/", "status": 200, "bytes": 1}',
        '{"time": NaN, "method": "GET", "path": "/", "status": 200, "bytes": 1}',
        "[" * 100_000,
        '{"request": ' * 50_000,
    ],
)
def test_a_line_that_no_server_writes_is_unread(line: str) -> None:
    """It stops neither the command nor the metrics."""
    assert log_lines.read(line.encode()) is None


def test_the_logs_of_three_servers_are_read_alike() -> None:
    """Nginx's as configured by `front`, Caddy's own, and ours, which has counts."""
    expected = request_line(coding="gzip", size=10900)

    ours = {**NGINX, "time": "2026-11-25T12:00:00Z", "count": 1}
    del ours["seconds"]
    for record in (CADDY, NGINX, ours, {**NGINX, "path": "/news.rss?x=1"}):
        assert log_lines.read(json.dumps(record).encode()) == expected


def test_the_proof_of_delivery_is_no_reader() -> None:
    """What Dateline itself asks for all the time would hide how few people read."""
    request = LoggedRequest(
        moment=NOON,
        method="GET",
        path="/news.rss",
        status=200,
        size=9,
        coding="",
        agent="Dateline-Delivery",
    )
    counted = Tally({"news.rss": "news"}, lambda _: (9, 9))
    counted.add(request)
    counted.add(replace(request, agent="curl/8.14.1"))
    found = counted.readership()

    assert found.requests == 1
    assert [one.name for one in found.programs] == ["curl"]


def test_a_name_that_is_not_utf_8_costs_no_line() -> None:
    """Nginx writes the bytes of a User-Agent as they came."""
    line = json.dumps({**NGINX, "agent": "Leser f?r Nachrichten"}).encode().replace(b"?", b"\xfc")

    found = log_lines.read(line)

    assert found == request_line("Leser f\ufffdr Nachrichten", coding="gzip", size=10900)


def test_a_hyphen_in_nginxs_log_means_empty() -> None:
    """Neither a coding nor a User-Agent has that name."""
    found = log_lines.read(json.dumps({**NGINX, "agent": "-", "coding": "-"}).encode())

    assert found == request_line(agent="", size=10900)


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "7", '"x"', "{}", '{"request": 1}', '{"time": "x"}', "\udcff"]
)
def test_an_unknown_line_is_skipped(line: str) -> None:
    """The tally counts it."""
    found = log_lines.read(line.encode("utf-8", "surrogateescape"))

    assert found is None
    assert tallied(found).readership().unread == 1


# ---- Sums


def test_the_newest_figure_of_a_service_and_a_feed_counts() -> None:
    """In any order of lines, and across releases of the service."""
    newer = request_line("BazQux/2.5 (7 subscribers)", moment=NOON + 60)
    older = request_line("BazQux/2.4 (9 subscribers)", moment=NOON)

    assert subscribers(tallied(older, newer)) == {"news": 7, "events": 0}
    assert subscribers(tallied(newer, older)) == {"news": 7, "events": 0}


def test_subscribers_of_services_feeds_and_ids_add_up() -> None:
    """Each has its own; direct clients are not counted."""
    tally = tallied(
        request_line(FEEDLY.format("1,234")),
        request_line(FEEDLY.format(6), "/news.atom", status=304, size=0),
        request_line(FEEDBIN.format(1, 20)),
        request_line(FEEDBIN.format(2, 3)),
        request_line(FEEDLY.format(40), "/events.rss"),
        request_line("NetNewsWire (RSS Reader; https://netnewswire.com/)", count=50),
    )

    assert subscribers(tally) == {"news": 1263, "events": 40}
    assert tally.readership().programs[0] == RequestShare(
        name="Feedly", subscribers=1280, requests=3, unchanged=1
    )


def test_only_requests_that_got_a_feed_count() -> None:
    """Not those at another address, with an error, or a month ago."""
    tally = tallied(
        request_line(FEEDLY.format(9), "/index.html"),
        request_line(FEEDLY.format(9), status=410),
        request_line(FEEDLY.format(9), moment=NOON - 31 * DAY),
        request_line("Evil/1.0 (9999999999 subscribers)"),
    )

    assert subscribers(tally) == {"news": 0, "events": 0}


def test_savings_are_the_bytes_that_compression_and_304_avoided() -> None:
    """For documents whose size is known."""
    tally = tallied(
        request_line(coding="gzip", size=1200, count=10),
        request_line(coding="", size=5000),
        request_line(status=304, size=0, count=100),
        request_line(status=304, size=0, method="HEAD"),
        request_line(status=304, size=0, path="/gone.css"),
    )

    found = tally.readership()
    assert (found.sent, found.saved) == (10 * 1200 + 5000, 10 * 3800 + 100 * 1000)
    assert (found.requests, found.unchanged) == (113, 102)
    assert found.feeds[0] == RequestShare(name="news", subscribers=0, requests=112, unchanged=101)


def test_a_site_below_a_path_has_the_same_feeds() -> None:
    """In a proxy's log and in ours."""
    tally = tallied(
        request_line(FEEDLY.format(5), "/press/news.rss"),
        request_line(FEEDBIN.format(1, 2), "/news.rss"),
        prefix="/press/",
    )

    assert subscribers(tally)["news"] == 7


@pytest.mark.long
def test_many_invented_programs_are_counted_as_one() -> None:
    """A log cannot fill the memory, and their figures do not count."""
    made_up = (request_line(f"p{number}x (1 subscribers)") for number in range(10_050))
    tally = tallied(*made_up)

    found = tally.readership()
    assert len(found.programs) == 10_001
    assert {part.name: part.requests for part in found.programs}[OTHERS] == 50
    assert subscribers(tally)["news"] == 10_000


# ---- The log


@pytest.mark.long
def test_all_responses_are_logged_when_a_server_ends(room: Newsroom) -> None:
    """By status, path and program, without queries, client addresses and mail addresses."""
    with granian(room.config) as served:
        tag = get(served, "news.rss", FEEDLY.format(12)).headers["ETag"]
        for _ in range(3):
            get(served, "news.rss?for=somebody", FEEDLY.format(12), If_None_Match=tag)
        get(served, "to/desk@example.org%3Ffor=somebody", "Path/1.0")
        get(served, "nowhere.rss", "Dreamwidth Studios (webmaster@dreamwidth.org; 2 readers)")
        get(served, "health", "Probe/1.0")

    found = {(one["agent"], one["status"]): one for one in logged(room.config.log)}
    size = (room.folder / "feeds/news.rss.gz").stat().st_size
    assert found[FEEDLY.format(12), 200] == {
        "method": "GET",
        "path": "/news.rss",
        "status": 200,
        "bytes": size,
        "agent": FEEDLY.format(12),
        "coding": "gzip",
        "count": 1,
    }
    unchanged = found[FEEDLY.format(12), 304]
    assert (unchanged["count"], unchanged["bytes"], unchanged["path"]) == (3, 0, "/news.rss")
    assert found["Path/1.0", 404]["path"] == "/to/(mail)"
    missing = found["Dreamwidth Studios ((mail); 2 readers)", 404]
    assert missing["bytes"] == (room.folder / "feeds/404.html").stat().st_size
    text = json.dumps(logged(room.config.log))
    assert not re.search(r"somebody|127\.0\.0\.1|@|Probe", text)


@pytest.mark.long
def test_several_workers_write_one_log_and_lose_nothing(room: Newsroom) -> None:
    """The counts are exact, and every line is complete."""
    configured(room, "workers = 2")
    with granian(room.config) as served:
        for number in range(60):  # each on a connection of its own, so that both workers get some
            get(served, "news.atom", f"Reader{number % 7}/1.0 {'x' * (number + 1)}")

    found = [one for one in logged(room.config.log) if one["agent"].startswith("Reader")]
    assert sum(one["count"] for one in found) == 60


def counted(folder: Path, code: str) -> list[dict[str, Any]]:
    """Run a process that has a `log`, until its end; return the log's content."""
    begin = (
        "import sys, threading; from pathlib import Path\n"
        "from dateline.serve.access_log import AccessLog\n"
        "log = AccessLog(Path(sys.argv[1]), 7)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", begin + code, str(folder)],
        cwd=PUBLISHER.parent,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    return logged(folder)


@pytest.mark.long
def test_threads_lose_no_count(tmp_path: Path) -> None:
    """Eight at once, with the same kind of response."""
    found = counted(
        tmp_path / "log",
        "kind = ('GET', '/news.rss', '200 OK', 'gzip', 7, 'curl/8')\n"
        "def ask():\n"
        "    for _ in range(20_000): next(log[kind])\n"
        "threads = [threading.Thread(target=ask) for _ in range(8)]\n"
        "for one in threads: one.start()\n"
        "for one in threads: one.join()\n",
    )

    assert sum(one["count"] for one in found) == 160_000


@pytest.mark.long
def test_requests_during_writing_are_not_lost_at_the_end(tmp_path: Path) -> None:
    """A process may end just then."""
    found = counted(
        tmp_path / "log",
        "from dateline.serve import access_log\n"
        "from time import sleep\n"
        "access_log._EVERY, access_log._UNDER_WAY = 0.2, 1\n"
        "next(log['GET', '/news.rss', '200 OK', '', 7, 'first'])\n"
        "while log: sleep(0.01)\n"
        "next(log['GET', '/news.rss', '200 OK', '', 7, 'last'])\n",
    )

    assert [one["agent"] for one in found] == ["first", "last"]


@pytest.mark.long
def test_invented_names_fill_neither_memory_nor_disk(tmp_path: Path) -> None:
    """Long ones are cut; beyond 5,000 kinds only status and method are logged."""
    found = counted(
        tmp_path / "log",
        "for n in range(6000):\n"
        "    next(log['GET', f'/{n}' + 'p' * 9000, '404 Not Found', '', 0, 'a' * 9000])\n",
    )

    assert sum(one["count"] for one in found) == 6000
    assert 5001 <= len(found) <= 6000  # a minute that began meanwhile counts its own kinds
    assert max(len(one["path"]) + len(one["agent"]) for one in found) == 400


@pytest.mark.long
def test_invented_methods_fill_no_memory_either(tmp_path: Path) -> None:
    """Beyond 5,000 kinds, those that the server does not know are counted together."""
    found = counted(
        tmp_path / "log",
        "for n in range(12_000): next(log[f'M{n}', '/', '501 Not Implemented', '', 0, ''])\n",
    )

    assert sum(one["count"] for one in found) == 12_000
    assert len(found) <= 2 * 5001  # a minute that began meanwhile counts its own kinds
    assert {one["status"] for one in found if not one["method"]} == {501}


@pytest.mark.long
def test_a_day_of_invented_names_fills_no_disk(tmp_path: Path) -> None:
    """Once its file is large, of all responses only status and method are logged."""
    found = counted(
        tmp_path / "log",
        "from dateline.serve import access_log\n"
        "from time import sleep\n"
        "access_log._EVERY, access_log._UNDER_WAY, access_log._MOST = 0.2, 0.01, 3000\n"
        "def ask():\n"
        "    for n in range(100): next(log['GET', f'/{n}', '404 Not Found', '', 7, f'{n}'])\n"
        "    while log: sleep(0.01)\n"
        "ask()\n"
        "sleep(0.5)\n"
        "ask()\n",
    )

    assert sum(one["count"] for one in found) == 200
    assert len(found) <= 102
    last = {name: value for name, value in found[-1].items() if name != "count"}
    assert last == {
        "method": "GET", "path": "", "status": 404, "bytes": 0, "agent": "", "coding": "",
    }  # fmt: skip


@pytest.mark.long
def test_control_characters_are_escaped_in_the_log(tmp_path: Path) -> None:
    """Names that are no UTF-8 do no harm either."""
    (found,) = counted(
        tmp_path / "log", "next(log['GET', '/\\xc3\\xa9', '200 OK', '', 0, '\\x1b[31m\\n\\xff'])\n"
    )
    (file,) = (tmp_path / "log").glob("*")

    assert (found["path"], found["agent"]) == ("/é", "\x1b[31m\n�")
    assert b"\x1b" not in file.read_bytes()


@pytest.mark.long
def test_old_logs_are_deleted_and_other_files_stay(tmp_path: Path) -> None:
    """A week is kept here; files of other programs are not ours."""
    today = datetime.now(UTC).date()
    days = [f"access-{today - timedelta(days=days)}.jsonl" for days in (9, 6, 1)]
    for name in (*days, "nginx.jsonl", "access-notes.jsonl"):
        (tmp_path / name).write_text("", encoding="ascii")

    counted(tmp_path, "next(log['GET', '/', '200 OK', '', 0, ''])\n")

    kept = {path.name for path in tmp_path.iterdir()}
    assert kept >= {*days[1:], "nginx.jsonl", "access-notes.jsonl"}
    assert days[0] not in kept


@pytest.mark.long
def test_a_log_that_cannot_be_written_does_not_stop_serving(room: Newsroom) -> None:
    """The fault is logged once."""
    (room.folder / "state/log").write_text("in the way", encoding="ascii")

    with granian(room.config) as served:
        answered = get(served, "news.rss", "curl/8")
        process = served.process
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        said = served.printed()

    assert answered.status_code == 200
    assert said.count("Who reads cannot be logged") == 1
    assert "Traceback" not in said


@pytest.mark.long
def test_without_days_there_is_no_log(room: Newsroom) -> None:
    """The command's message has the remedy."""
    configured(room, "log_days = 0")
    with granian(room.config) as served:
        get(served, "news.rss", "curl/8")

    assert not (room.folder / "state/log").exists()
    with pytest.raises(DatelineError, match=r"There is no log in .*state/log yet"):
        readership(room.config)


@pytest.mark.parametrize("folder", ["feeds", "feeds/log", "entries/log"])
def test_a_log_among_documents_is_refused(room: Newsroom, folder: str) -> None:
    """It would be public."""
    configured(room, f'log = "{folder}"')

    with pytest.raises(ConfigError, match=r"\[serve\]: log cannot be in"):
        configuration.load(room.folder / "config.toml")


# ---- The command


@pytest.mark.long
def test_the_command_shows_readership(room: Newsroom) -> None:
    """From the log of a server, as a table and as JSON."""
    with granian(room.config) as served:
        tag = get(served, "news.rss", FEEDLY.format("1,200")).headers["ETag"]
        get(served, "news.rss", FEEDBIN.format(7, 4), If_None_Match=tag)
        get(served, "lebanon.atom", "NetNewsWire (RSS Reader; https://netnewswire.com/)")

    table, machine = run(room), run(room, "--json")

    assert (table.returncode, table.stderr) == (0, "")
    assert re.search(r"^ news +at least 1,204 +2 +50% *$", table.stdout, re.MULTILINE)
    assert re.search(r"^ NetNewsWire +1 +0% *$", table.stdout, re.MULTILINE)
    found = json.loads(machine.stdout)
    assert {part["name"]: part["subscribers"] for part in found["feeds"]} == {
        "news": 1204,
        "lebanon": 0,
        "news-ar": 0,
    }
    assert found["statuses"]["304"] == 1
    assert found["saved"] > 0


def test_logs_of_other_servers_are_read_also_compressed(room: Newsroom) -> None:
    """Together; unknown lines are skipped and counted."""
    plain = room.folder / "caddy.log"
    plain.write_text(json.dumps(CADDY) + "\nnothing\n", encoding="utf-8")
    packed = room.folder / "nginx.log.1.gz"
    packed.write_bytes(gzip.compress(json.dumps(NGINX).encode() + b"\n"))

    done = run(room, "--json", str(plain), str(packed))

    found = json.loads(done.stdout)
    assert (found["requests"], found["unread"]) == (2, 1)
    assert (found["since"], found["until"]) == (NOON, NOON)


@pytest.mark.long
def test_an_overlong_line_is_skipped_in_little_memory(tmp_path: Path) -> None:
    """A log of 60 kB may decompress to one line of 60 MB."""
    file = tmp_path / "bomb.gz"
    line = json.dumps(NGINX).encode() + b"\n"
    file.write_bytes(gzip.compress(line + bytes(60_000_000) + b"\n" + line))
    tracemalloc.start()

    read = list(log_lines.of_file(file))

    assert [bool(one) for one in read] == [True, False, True]
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("data", [None, b"no gzip", gzip.compress(b"x" * 999, mtime=0)[:20]])
def test_an_unreadable_file_is_reported(room: Newsroom, data: bytes | None) -> None:
    """In one sentence."""
    file = room.folder / "some.gz"
    if data is not None:
        file.write_bytes(data)

    done = run(room, str(file))

    assert done.returncode == 2
    (said,) = done.stderr.splitlines()
    assert said.startswith(f"{file} cannot be read")


# ---- Health


@pytest.mark.long
def test_health_is_red_before_the_first_check_and_after_three_missed(room: Newsroom) -> None:
    """Green in between; never cached, and in no log."""
    feeds = room.folder / "feeds"
    now = datetime.now(UTC)
    with granian(room.config) as served:
        before = served.get("health")
        health.record(feeds, now, now + timedelta(minutes=3))
        fine = served.get("health")
        health.record(feeds, now - timedelta(minutes=3), now - timedelta(seconds=1))
        late = served.get("health")

    looked = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    none: dict[str, object] = {"conditions": []}
    assert (before.status_code, before.json()) == (503, {"status": "late", "looked": None, **none})
    assert (fine.status_code, fine.json()) == (200, {"status": "ok", "looked": looked, **none})
    assert (late.status_code, late.json()["status"]) == (503, "late")
    assert {one.headers["Cache-Control"] for one in (before, fine, late)} == {"no-store"}
    assert "/health" not in [one["path"] for one in logged(room.config.log)]


@pytest.mark.long
def test_health_stays_green_with_conditions_that_stop_no_news(room: Newsroom) -> None:
    """A worker that answers is alive, so nobody restarts it for these."""
    feeds, now = room.folder / "feeds", datetime.now(UTC)
    hub = Condition(code=Code.HUB, about="https://hub.example.org/")
    with granian(room.config) as served:
        dead = served.get("health/live"), served.get("health/lively")
        health.record(feeds, now, now + timedelta(minutes=3))
        incidents.publish(feeds, [Incident(condition=hub, opened=now)])
        named = served.get("health")
        incidents.publish(feeds, [])
        over = served.get("health")

    since = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    assert [one.status_code for one in dead] == [200, 404]
    assert dead[0].json() == {"status": "ok"}
    assert named.status_code == 200
    assert named.json()["conditions"] == [{"condition": "hub-refuses", "since": since}]
    assert over.json()["conditions"] == []
    assert "/health/live" not in [one["path"] for one in logged(room.config.log)]


@pytest.mark.long
def test_health_is_red_without_documents(room: Newsroom) -> None:
    """Even while the publisher checks in time."""
    feeds, now = room.folder / "feeds", datetime.now(UTC)
    for path in feeds.glob(".manifest*"):
        path.unlink()
    health.record(feeds, now, now + timedelta(minutes=3))
    with granian(room.config) as served:
        without = served.get("health")
    shutil.rmtree(feeds)
    health.record(feeds, now, now + timedelta(minutes=3))
    with granian(room.config) as served:
        answer, alive = served.get("health"), served.get("health/live")

    assert (without.status_code, without.json()["status"]) == (200, "ok")
    assert (answer.status_code, answer.json()["status"]) == (503, "empty")
    assert alive.status_code == 200


@pytest.mark.long
def test_a_check_with_a_future_time_does_not_count(room: Newsroom) -> None:
    """Neither for `/health` nor for the next `build`, which replaces it."""
    feeds, now = room.folder / "feeds", datetime.now(UTC)
    ahead = now + timedelta(days=365)
    health.record(feeds, ahead, ahead + timedelta(minutes=3))
    with granian(room.config) as served:
        answer = served.get("health")
    done = build(room)

    assert (answer.status_code, answer.json()["status"]) == (503, "late")
    assert done.stderr == ""
    assert health.last_run(feeds) == health.LastRun(looked=int(NOON), late=int(NOON) + 180)


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (Schedule(interval=60), timedelta(seconds=180)),
        (Schedule(cron="*/5 * * * *"), timedelta(minutes=15)),
        (Schedule(cron="0 6 * * *"), timedelta(days=2, hours=18)),
    ],
)
def test_three_checks_are_those_of_the_schedule(plan: Schedule, expected: timedelta) -> None:
    """A cron line for noon means the next three noons."""
    noon = datetime.fromtimestamp(NOON, UTC)

    found = schedule.third_full_run(plan, noon)

    assert abs(found - noon - expected) < timedelta(seconds=1)


def build(room: Newsroom) -> subprocess.CompletedProcess[str]:
    """Run `publisher.py build` at noon."""
    return publisher("build", cwd=room.folder, SOURCE_DATE_EPOCH=str(int(NOON)))


def test_a_build_is_a_check_at_its_own_time(room: Newsroom) -> None:
    """A reproducible build writes the same bytes here, too."""
    done = build(room)

    last = health.last_run(room.folder / "feeds")
    assert done.stderr == ""
    assert last == health.LastRun(looked=int(NOON), late=int(NOON) + 180)


@pytest.mark.long
def test_a_build_keeps_serves_promise_of_its_next_check(room: Newsroom) -> None:
    """It may be much later, if the last check took long."""
    feeds = room.folder / "feeds"
    moment = datetime.fromtimestamp(NOON, UTC)
    health.record(feeds, moment - timedelta(minutes=1), moment + timedelta(hours=1))

    done = build(room)

    assert done.stderr == ""
    assert health.last_run(feeds) == health.LastRun(looked=int(NOON), late=int(NOON) + 3600)


@pytest.mark.long
def test_a_check_that_cannot_be_recorded_is_reported_last(room: Newsroom) -> None:
    """In plain words, by the command and by serve."""
    (room.folder / "feeds/.looked.json").mkdir()
    room.drop("new.toml", entry_file("New"))

    done = build(room)
    with serve(room.folder) as served:
        assert until(lambda: ".looked.json cannot be written" in served.printed())
        room.drop("newer.toml", entry_file("Newer"))
        assert until(lambda: "published newer.toml" in served.printed())

    assert (done.returncode, "Entries: 1 published" in done.stdout) == (2, True)
    assert done.stderr.endswith(".looked.json cannot be written: Is a directory.\n")
    assert "does not know" not in served.printed()
    assert not list((room.folder / "feeds").glob(".looked.json.*"))


@pytest.mark.long
def test_several_processes_can_record_checks_at_once(tmp_path: Path) -> None:
    """`build` beside `serve`, for example."""
    script = (
        "import sys, datetime, pathlib; from dateline.serve import health;"
        "now = datetime.datetime(2026, 11, 25, tzinfo=datetime.UTC);"
        "[health.record(pathlib.Path(sys.argv[1]), now, now) for _ in range(3000)]"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    both = [
        subprocess.Popen(command, cwd=PUBLISHER.parent, stderr=subprocess.PIPE) for _ in range(2)
    ]

    assert [one.communicate(timeout=60)[1] for one in both] == [b"", b""]
    assert [path.name for path in tmp_path.iterdir()] == [".looked.json"]


@pytest.mark.long
def test_a_changed_schedule_applies_after_a_restart(room: Newsroom) -> None:
    """The running publisher keeps its own until then."""
    path, feeds = room.folder / "config.toml", room.folder / "feeds"
    path.write_text(f"{CONFIG}\n[schedule]\ninterval = 3600\n", encoding="utf-8")
    with serve(room.folder):
        assert until(lambda: health.last_run(feeds) is not None)
        path.write_text(f"{CONFIG}\n[schedule]\ninterval = 1\n", encoding="utf-8")
        (feeds / ".looked.json").unlink()
        room.drop("new.toml", entry_file("New"))
        assert until(lambda: health.last_run(feeds) is not None)
        last = health.last_run(feeds)

    assert last
    assert last.late - last.looked > 2 * 3600


def test_an_invalid_record_of_a_check_counts_as_none(tmp_path: Path) -> None:
    """A file of another release, or half of one, means late."""
    for text in ("", "{", "[]", '{"looked": 1}', '{"looked": 1, "late": 2, "more": 3}'):
        (tmp_path / ".looked.json").write_text(text, encoding="utf-8")

        assert health.last_run(tmp_path) is None


# ---- Metrics


def values(text: str) -> dict[str, float]:
    """Parse Prometheus' text format strictly; return each value by its name and labels."""
    sample = r'(dateline_[a-z_]+(?:\{[a-z]+="[a-z0-9-]+"\})?) (-?[0-9.]+)'
    found: dict[str, float] = {}
    kinds: dict[str, str] = {}
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# "):
            assert re.fullmatch(r"# (HELP dateline_[a-z_]+ .+|TYPE \S+ (counter|gauge))", line)
            if line.startswith("# TYPE"):
                _, _, name, kind = line.split()
                kinds[name] = kind
            continue
        matched = re.fullmatch(sample, line)
        assert matched, line
        name = matched[1].partition("{")[0]
        assert (kinds[name] == "counter") == name.endswith("_total")
        found[matched[1]] = float(matched[2])
    return found


def metrics(room: Newsroom) -> dict[str, float]:
    """Return the values that the publisher wrote for `/metrics`."""
    return values((room.folder / "state/log/metrics.prom").read_text("utf-8"))


def append(room: Newsroom, *records: dict[str, Any], end: str = "\n") -> None:
    """Add lines to a log."""
    folder = room.folder / "state/log"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "access-2026-11-25.jsonl").open("a", encoding="utf-8") as file:
        file.write("\n".join(map(json.dumps, records)) + end)


# The path that a proxy passes on if it knows only `/metrics`.
HIDDEN = ["//metrics", "///metrics", "/%2fmetrics", "/metrics/", "/x/../metrics", "/./metrics"]


@pytest.mark.long
def test_metrics_are_off_by_default(room: Newsroom) -> None:
    """404 by default; 503 before the first ones; then those of the publisher."""
    with granian(room.config) as served:
        assert served.get("metrics").status_code == 404
    configured(room, "metrics = true")
    with granian(room.config) as served:
        early = served.get("metrics")
        Meter(room.config).write()
        answer = served.get("metrics")
        others = [exchange(served.port, f"GET {path} HTTP/1.0\r\n\r\n".encode()) for path in HIDDEN]
        changed = httpx.delete(f"{served.url}metrics")

    assert (early.status_code, early.text) == (503, "503 Service Unavailable\n")
    assert (changed.status_code, changed.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert {one.headers["Cache-Control"] for one in (early, changed)} == {"no-store"}
    assert [one.split()[1] for one in others] == [b"404"] * len(HIDDEN)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert values(answer.text) == metrics(room)


def test_metrics_have_the_figures_of_a_node(room: Newsroom) -> None:
    """Whether it leads, for instance."""
    figures = {"leads": 1, "epoch": 3, "generation": 7, "lag_seconds": 0.5}

    Meter(room.config, lambda: figures).write()

    assert (
        metrics(room).items()
        >= {f"dateline_{name}": value for name, value in figures.items()}.items()
    )


def test_metrics_follow_the_log_from_their_start(room: Newsroom) -> None:
    """Counters begin at 0, known subscribers are kept, and half a line waits."""
    old = {**NGINX, "agent": FEEDLY.format(12)}
    append(room, old)
    meter = Meter(room.config)
    meter.write()
    first = metrics(room)

    append(room, {**NGINX, "status": 304, "bytes": 0, "count": 5}, old)
    append(room, {**NGINX, "status": 500}, end="")
    meter.write()
    second = metrics(room)
    append(room)
    meter.write()

    assert first['dateline_feed_subscribers{feed="news"}'] == 12
    assert first['dateline_requests_total{status="200"}'] == 0
    assert second['dateline_requests_total{status="200"}'] == 1
    assert second['dateline_requests_total{status="304"}'] == 5
    assert second["dateline_sent_bytes_total"] == NGINX["bytes"]
    assert 'dateline_requests_total{status="500"}' not in second
    assert metrics(room)['dateline_requests_total{status="500"}'] == 1


def test_a_log_that_is_rotated_is_read_on(room: Newsroom) -> None:
    """As by logrotate for the log of nginx: nothing is counted twice, the command reads both."""
    folder = room.folder / "state/log"
    append(room, NGINX, NGINX)
    meter = Meter(room.config)
    append(room, {**NGINX, "status": 304})
    meter.write()

    (log,) = folder.glob("*.jsonl")
    (folder / f"{log.name}.1.gz").write_bytes(gzip.compress(log.read_bytes()))
    log.write_bytes(b"")
    append(room, {**NGINX, "status": 500})
    meter.write()

    found = metrics(room)
    assert found['dateline_requests_total{status="304"}'] == 1
    assert found['dateline_requests_total{status="500"}'] == 1
    assert readership(room.config).statuses == {200: 2, 304: 1, 500: 1}


@pytest.mark.long
def test_savings_are_counted_by_the_current_size(room: Newsroom) -> None:
    """A document that grew saves more."""
    sums, saved, sizes = tally(room.config), [], []
    for number in range(2):
        room.drop(f"{number}.toml", entry_file(f"More {number}"))
        room.build()
        sums.add(request_line(status=304, size=0))
        saved.append(sums.saved)
        listing = ManifestReader(room.folder / "feeds").find("news.rss")
        assert listing
        sizes.append(min(listing.size, *listing.sizes.values()))

    assert saved == [sizes[0], sizes[0] + sizes[1]]
    assert sizes[1] > sizes[0]


def test_only_the_latest_sizes_are_remembered(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million requests for missing documents fill no memory."""
    monkeypatch.setattr(readers, "_PATHS", 2, raising=False)
    sums = tally(room.config)
    sums.add(request_line(status=304, size=0))
    first = sums.saved
    small = [replace(one, size=1, codings="") for one in documents(room.folder / "feeds")]
    with closing(sqlite3.connect(room.folder / "feeds/.manifest.sqlite")) as tables, tables:
        for table in DOCUMENTS.tables:  # and the head is the same
            rows = [(DOCUMENTS.values(one)[-1], one.path) for one in small]
            tables.executemany(
                f"UPDATE {table} SET size = 1, codings = '', checksum = ? WHERE path = ?",  # noqa: S608
                rows,
            )

    sums.add(request_line(status=304, size=0))
    known = sums.saved - first
    for path in ("/nothing", "/nothing-else"):
        sums.add(request_line(status=304, size=0, path=path))
    sums.add(request_line(status=304, size=0))

    assert (known, sums.saved) == (first, 2 * first + 1)


def test_metrics_count_published_entries_only(room: Newsroom) -> None:
    """No drafts and no scheduled ones; and the times of the last check and change."""
    now = datetime.now(UTC)
    health.record(room.folder / "feeds", now, now)
    Meter(room.config).write()

    found = metrics(room)
    assert found["dateline_entries"] == 1
    assert found["dateline_looked_timestamp_seconds"] == int(now.timestamp())
    changed = (room.folder / "feeds/.manifest.json").stat().st_mtime
    assert found["dateline_published_timestamp_seconds"] == int(changed)


@pytest.fixture
def running(room: Newsroom) -> Iterator[Served]:
    """Yield the whole of `serve`, with metrics."""
    configured(room, "metrics = true")
    with serve(room.folder) as served:
        yield served


@pytest.mark.long
def test_serve_checks_measures_and_logs(room: Newsroom, running: Served) -> None:
    """Health turns green, metrics appear, and the log is written at the end."""
    assert until(lambda: running.get("health").status_code == 200)
    assert until(lambda: running.get("metrics").status_code == 200)
    assert get(running, "news.rss", FEEDLY.format(3)).status_code == 200
    found = values(running.get("metrics").text)
    running.process.terminate()
    running.process.wait(PATIENCE)

    assert found['dateline_feed_subscribers{feed="news"}'] == 0
    assert FEEDLY.format(3) in [one["agent"] for one in logged(room.config.log)]
    assert "Traceback" not in running.printed()
