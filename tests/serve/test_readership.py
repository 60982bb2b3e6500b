"""Who reads is known, and nobody by name: real servers, their logs, and those of others."""

from __future__ import annotations

import gzip
import json
import os
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
from support.paths import DATA
from support.publication import CONFIG, Newsroom, entry_file
from support.serving import PATIENCE, PUBLISHER, Served, exchange, granian, serve, until

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
    """Give a publication with an entry that is out, a draft, and one that is still to come."""
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


def ask(served: Served, path: str, agent: str, **fields: str) -> httpx.Response:
    """Ask as a program does."""
    headers = {"User-Agent": agent, "Accept-Encoding": "gzip"}
    headers |= {name.replace("_", "-"): value for name, value in fields.items()}
    return httpx.get(served.url + path, headers=headers, timeout=PATIENCE)


def logged(folder: Path) -> list[dict[str, Any]]:
    """Give the lines of a log, those that differ in time only as one."""
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
    command = [sys.executable, str(PUBLISHER), "readers", *words]
    return subprocess.run(
        command, cwd=room.folder, capture_output=True, text=True, check=False, timeout=60
    )


def asked(agent: str = "curl/8.7.1", path: str = "/news.rss", **other: Any) -> LoggedRequest:
    """Give one request."""
    default: dict[str, Any] = {
        "moment": NOON,
        "method": "GET",
        "status": 200,
        "size": 1000,
        "coding": "",
    }
    return LoggedRequest(agent=agent, path=path, **(default | other))


def tallied(*requests: LoggedRequest | None, prefix: str = "/") -> Tally:
    """Sum up requests for two feeds, of 5,000 bytes plain and 1,000 at the smallest."""
    feeds = {"news.rss": "news", "news.atom": "news", "events.rss": "events"}
    tally = Tally(feeds, lambda path: (5000, 1000) if path in feeds else (0, 0), prefix=prefix)
    for one in requests:
        tally.add(one)
    return tally


def subscribers(tally: Tally) -> dict[str, int]:
    """Give the number of each feed."""
    return {part.name: part.subscribers for part in tally.readership().feeds}


# ---- User-Agents


@pytest.mark.parametrize("line", AGENTS)
def test_a_user_agent_is_a_program_and_a_number_of_subscribers(line: str) -> None:
    """As services, readers and browsers really write them."""
    name, feed, number, agent = line.split("\t")

    assert user_agents.read(agent) == user_agents.Agent(
        name=name, feed=feed, subscribers=int(number) if number else None
    )


def test_a_name_can_do_nothing_to_a_terminal() -> None:
    """What is not printable is no name, and a long one is cut."""
    assert user_agents.read("\x1b[31mRed/1.0").name == user_agents.NAMELESS
    assert len(user_agents.read("x" * 5000).name) == 40


# ---- Lines


def test_the_logs_of_three_servers_say_the_same() -> None:
    """Nginx's as `front` has it, Caddy's own, and ours, which has a count as well."""
    expected = asked(coding="gzip", size=10900)

    ours = {**NGINX, "time": "2026-11-25T12:00:00Z", "count": 1}
    del ours["seconds"]
    for record in (CADDY, NGINX, ours, {**NGINX, "path": "/news.rss?x=1"}):
        assert log_lines.read(json.dumps(record).encode()) == expected


def test_nginx_writes_a_hyphen_for_nothing() -> None:
    """Neither a coding nor an agent is called so."""
    found = log_lines.read(json.dumps({**NGINX, "agent": "-", "coding": "-"}).encode())

    assert found == asked(agent="", size=10900)


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "7", '"x"', "{}", '{"request": 1}', '{"time": "x"}', "\udcff"]
)
def test_a_line_that_is_none_of_these_is_passed_over(line: str) -> None:
    """And counted by the tally."""
    found = log_lines.read(line.encode("utf-8", "surrogateescape"))

    assert found is None
    assert tallied(found).readership().unread == 1


# ---- Sums


def test_of_a_service_and_a_feed_the_newest_figure_counts() -> None:
    """Whatever the order of the lines, and of another release of the service too."""
    newer = asked("BazQux/2.5 (7 subscribers)", moment=NOON + 60)
    older = asked("BazQux/2.4 (9 subscribers)", moment=NOON)

    assert subscribers(tallied(older, newer)) == {"news": 7, "events": 0}
    assert subscribers(tallied(newer, older)) == {"news": 7, "events": 0}


def test_services_addresses_and_their_own_numbers_for_them_add_up() -> None:
    """Each has subscribers of its own; who asks directly is not counted."""
    tally = tallied(
        asked(FEEDLY.format("1,234")),
        asked(FEEDLY.format(6), "/news.atom", status=304, size=0),
        asked(FEEDBIN.format(1, 20)),
        asked(FEEDBIN.format(2, 3)),
        asked(FEEDLY.format(40), "/events.rss"),
        asked("NetNewsWire (RSS Reader; https://netnewswire.com/)", count=50),
    )

    assert subscribers(tally) == {"news": 1263, "events": 40}
    assert tally.readership().programs[0] == RequestShare(
        name="Feedly", subscribers=1280, requests=3, unchanged=1
    )


def test_who_got_no_feed_has_no_subscribers() -> None:
    """Neither at another address, nor by an error, nor a month ago."""
    tally = tallied(
        asked(FEEDLY.format(9), "/index.html"),
        asked(FEEDLY.format(9), status=410),
        asked(FEEDLY.format(9), moment=NOON - 31 * DAY),
        asked("Evil/1.0 (9999999999 subscribers)"),
    )

    assert subscribers(tally) == {"news": 0, "events": 0}


def test_what_was_saved_is_what_compression_and_304_left_unsent() -> None:
    """Of documents whose size is known, and of nothing else."""
    tally = tallied(
        asked(coding="gzip", size=1200, count=10),
        asked(coding="", size=5000),
        asked(status=304, size=0, count=100),
        asked(status=304, size=0, method="HEAD"),
        asked(status=304, size=0, path="/gone.css"),
    )

    found = tally.readership()
    assert (found.sent, found.saved) == (10 * 1200 + 5000, 10 * 3800 + 100 * 1000)
    assert (found.requests, found.unchanged) == (113, 102)
    assert found.feeds[0] == RequestShare(name="news", subscribers=0, requests=112, unchanged=101)


def test_a_site_below_a_folder_has_the_same_feeds() -> None:
    """As a server in front logs them, and as ours does."""
    tally = tallied(
        asked(FEEDLY.format(5), "/press/news.rss"),
        asked(FEEDBIN.format(1, 2), "/news.rss"),
        prefix="/press/",
    )

    assert subscribers(tally)["news"] == 7


def test_many_made_up_programs_are_told_as_one() -> None:
    """So that a log cannot fill the memory; and their figures do not count."""
    made_up = (asked(f"p{number}x (1 subscribers)") for number in range(10_050))
    tally = tallied(*made_up)

    found = tally.readership()
    assert len(found.programs) == 10_001
    assert {part.name: part.requests for part in found.programs}[OTHERS] == 50
    assert subscribers(tally)["news"] == 10_000


# ---- The log


def test_what_a_server_answered_is_in_its_log_when_it_has_ended(room: Newsroom) -> None:
    """Every status, by path and program; no query, no client's address, no mail address."""
    with granian(room.config) as served:
        tag = ask(served, "news.rss", FEEDLY.format(12)).headers["ETag"]
        for _ in range(3):
            ask(served, "news.rss?for=somebody", FEEDLY.format(12), If_None_Match=tag)
        ask(served, "to/desk@example.org%3Ffor=somebody", "Path/1.0")
        ask(served, "nowhere.rss", "Dreamwidth Studios (webmaster@dreamwidth.org; 2 readers)")
        ask(served, "health", "Probe/1.0")

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


def test_several_workers_write_one_log_and_lose_nothing(room: Newsroom) -> None:
    """The counts add up to what was asked, and every line is whole."""
    configured(room, "workers = 2")
    with granian(room.config) as served:
        for number in range(60):  # each on a connection of its own, so that both get some
            ask(served, "news.atom", f"Reader{number % 7}/1.0 {'x' * (number + 1)}")

    found = [one for one in logged(room.config.log) if one["agent"].startswith("Reader")]
    assert sum(one["count"] for one in found) == 60


def counted(folder: Path, code: str) -> list[dict[str, Any]]:
    """Run a process that has a `log`, to its end; give what it wrote."""
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


def test_threads_lose_no_count(tmp_path: Path) -> None:
    """Eight at once, on the same kind of answer."""
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


def test_what_is_asked_while_a_minute_is_written_is_not_lost_at_the_end(tmp_path: Path) -> None:
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


def test_whoever_makes_up_names_fills_neither_memory_nor_disk(tmp_path: Path) -> None:
    """Long ones are cut, and beyond 5,000 kinds only status and method are told."""
    found = counted(
        tmp_path / "log",
        "for n in range(6000):\n"
        "    next(log['GET', f'/{n}' + 'p' * 9000, '404 Not Found', '', 0, 'a' * 9000])\n",
    )

    assert sum(one["count"] for one in found) == 6000
    assert 5001 <= len(found) <= 6000  # a minute that began meanwhile has kinds of its own
    assert max(len(one["path"]) + len(one["agent"]) for one in found) == 400


def test_signs_that_control_a_terminal_stay_letters(tmp_path: Path) -> None:
    """And a name that is no UTF-8 does no harm."""
    (found,) = counted(
        tmp_path / "log", "next(log['GET', '/\\xc3\\xa9', '200 OK', '', 0, '\\x1b[31m\\n\\xff'])\n"
    )
    (file,) = (tmp_path / "log").glob("*")

    assert (found["path"], found["agent"]) == ("/é", "\x1b[31m\n�")
    assert b"\x1b" not in file.read_bytes()


def test_old_files_go_and_others_stay(tmp_path: Path) -> None:
    """A week is kept here; what another program put there is not ours."""
    today = datetime.now(UTC).date()
    days = [f"access-{today - timedelta(days=days)}.jsonl" for days in (9, 6, 1)]
    for name in (*days, "nginx.jsonl", "access-notes.jsonl"):
        (tmp_path / name).write_text("", encoding="ascii")

    counted(tmp_path, "next(log['GET', '/', '200 OK', '', 0, ''])\n")

    kept = {path.name for path in tmp_path.iterdir()}
    assert kept >= {*days[1:], "nginx.jsonl", "access-notes.jsonl"}
    assert days[0] not in kept


def test_readers_are_answered_where_nothing_can_be_logged(room: Newsroom) -> None:
    """It is said once, by a server that goes on."""
    (room.folder / "state/log").write_text("in the way", encoding="ascii")

    with granian(room.config) as served:
        answered = ask(served, "news.rss", "curl/8")
        process = served.process
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)
        said = served.printed()

    assert answered.status_code == 200
    assert said.count("Who reads cannot be logged") == 1
    assert "Traceback" not in said


def test_without_days_there_is_no_log(room: Newsroom) -> None:
    """And the command says what to do."""
    configured(room, "log_days = 0")
    with granian(room.config) as served:
        ask(served, "news.rss", "curl/8")

    assert not (room.folder / "state/log").exists()
    with pytest.raises(DatelineError, match=r"There is no log in .*state/log yet"):
        readership(room.config)


@pytest.mark.parametrize("folder", ["feeds", "feeds/log", "entries/log"])
def test_a_log_among_documents_is_refused(room: Newsroom, folder: str) -> None:
    """It would be read by the world."""
    configured(room, f'log = "{folder}"')

    with pytest.raises(ConfigError, match=r"\[serve\]: log cannot be in"):
        configuration.load(room.folder / "config.toml")


# ---- The command


def test_staff_see_who_reads(room: Newsroom) -> None:
    """From the log of a server that ran, in a table and as JSON."""
    with granian(room.config) as served:
        tag = ask(served, "news.rss", FEEDLY.format("1,200")).headers["ETag"]
        ask(served, "news.rss", FEEDBIN.format(7, 4), If_None_Match=tag)
        ask(served, "lebanon.atom", "NetNewsWire (RSS Reader; https://netnewswire.com/)")

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
    """Together, with what is none of theirs passed over and told."""
    plain = room.folder / "caddy.log"
    plain.write_text(json.dumps(CADDY) + "\nnothing\n", encoding="utf-8")
    packed = room.folder / "nginx.log.1.gz"
    packed.write_bytes(gzip.compress(json.dumps(NGINX).encode() + b"\n"))

    done = run(room, "--json", str(plain), str(packed))

    found = json.loads(done.stdout)
    assert (found["requests"], found["unread"]) == (2, 1)
    assert (found["since"], found["until"]) == (NOON, NOON)


def test_a_line_longer_than_any_is_passed_over_in_little_memory(tmp_path: Path) -> None:
    """A log of 60 kB may unpack to one line of 60 MB."""
    file = tmp_path / "bomb.gz"
    line = json.dumps(NGINX).encode() + b"\n"
    file.write_bytes(gzip.compress(line + bytes(60_000_000) + b"\n" + line))
    tracemalloc.start()

    read = list(log_lines.of_file(file))

    assert [bool(one) for one in read] == [True, False, True]
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("data", [None, b"no gzip", gzip.compress(b"x" * 999, mtime=0)[:20]])
def test_a_file_that_cannot_be_read_is_told(room: Newsroom, data: bytes | None) -> None:
    """In one sentence."""
    file = room.folder / "some.gz"
    if data is not None:
        file.write_bytes(data)

    done = run(room, str(file))

    assert done.returncode == 2
    (said,) = done.stderr.splitlines()
    assert said.startswith(f"{file} cannot be read")


# ---- Health


def test_health_is_red_before_the_first_look_and_after_three_missed(room: Newsroom) -> None:
    """Green between; never kept by a cache, and in no log."""
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


def test_health_names_what_stops_no_news_and_stays_green(room: Newsroom) -> None:
    """A worker that answers is alive in any case: whoever restarts it goes by that."""
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


def test_health_is_red_where_nothing_is_there_for_readers(room: Newsroom) -> None:
    """Also while the publisher looks in time."""
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


def test_a_look_by_a_clock_that_was_a_year_ahead_is_not_believed(room: Newsroom) -> None:
    """Neither by `/health`, nor by the next `build`, which takes its place."""
    feeds, now = room.folder / "feeds", datetime.now(UTC)
    ahead = now + timedelta(days=365)
    health.record(feeds, ahead, ahead + timedelta(minutes=3))
    with granian(room.config) as served:
        answer = served.get("health")
    done = build(room)

    assert (answer.status_code, answer.json()["status"]) == (503, "late")
    assert done.stderr == ""
    assert health.last_look(feeds) == health.LastRun(looked=int(NOON), late=int(NOON) + 180)


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (Schedule(interval=60), timedelta(seconds=180)),
        (Schedule(cron="*/5 * * * *"), timedelta(minutes=15)),
        (Schedule(cron="0 6 * * *"), timedelta(days=2, hours=18)),
    ],
)
def test_three_looks_are_the_schedules(plan: Schedule, expected: timedelta) -> None:
    """A cron line that is met at noon means the next three times."""
    noon = datetime.fromtimestamp(NOON, UTC)

    found = schedule.third_full_run(plan, noon)

    assert abs(found - noon - expected) < timedelta(seconds=1)


def build(room: Newsroom) -> subprocess.CompletedProcess[str]:
    """Run `publisher.py build` at noon."""
    return subprocess.run(
        [sys.executable, str(PUBLISHER), "build"],
        cwd=room.folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(int(NOON))},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_build_is_a_look_at_its_own_moment(room: Newsroom) -> None:
    """One that is to be repeatable leaves the same bytes here, too."""
    done = build(room)

    look = health.last_look(room.folder / "feeds")
    assert done.stderr == ""
    assert look == health.LastRun(looked=int(NOON), late=int(NOON) + 180)


def test_a_build_leaves_what_serve_said_of_its_own_looks(room: Newsroom) -> None:
    """Whose next look may be long after, where the last one took long."""
    feeds = room.folder / "feeds"
    moment = datetime.fromtimestamp(NOON, UTC)
    health.record(feeds, moment - timedelta(minutes=1), moment + timedelta(hours=1))

    done = build(room)

    assert done.stderr == ""
    assert health.last_look(feeds) == health.LastRun(looked=int(NOON), late=int(NOON) + 3600)


def test_a_look_that_cannot_be_noted_is_told_after_all_else(room: Newsroom) -> None:
    """In plain words, of the command and of serve."""
    (room.folder / "feeds/.looked.json").mkdir()
    room.drop("new.toml", entry_file("New"))

    done = build(room)
    with serve(room.folder) as served:
        assert until(lambda: ".looked.json cannot be written" in served.printed())
        room.drop("newer.toml", entry_file("Newer"))
        assert until(lambda: "published newer.toml" in served.printed())

    assert (done.returncode, "published new.toml" in done.stdout) == (2, True)
    assert done.stderr.endswith(".looked.json cannot be written: Is a directory.\n")
    assert "does not know" not in served.printed()
    assert not list((room.folder / "feeds").glob(".looked.json.*"))


def test_many_can_note_a_look_at_once(tmp_path: Path) -> None:
    """`build` beside `serve`, say."""
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


def test_another_schedule_is_no_promise_before_it_is_kept(room: Newsroom) -> None:
    """What runs keeps its own until it is started anew."""
    path, feeds = room.folder / "config.toml", room.folder / "feeds"
    path.write_text(f"{CONFIG}\n[schedule]\ninterval = 3600\n", encoding="utf-8")
    with serve(room.folder):
        assert until(lambda: health.last_look(feeds) is not None)
        path.write_text(f"{CONFIG}\n[schedule]\ninterval = 1\n", encoding="utf-8")
        (feeds / ".looked.json").unlink()
        room.drop("new.toml", entry_file("New"))
        assert until(lambda: health.last_look(feeds) is not None)
        look = health.last_look(feeds)

    assert look
    assert look.late - look.looked > 2 * 3600


def test_what_is_not_a_look_is_none(tmp_path: Path) -> None:
    """A file of another release, or half of one, is as none: late."""
    for text in ("", "{", "[]", '{"looked": 1}', '{"looked": 1, "late": 2, "more": 3}'):
        (tmp_path / ".looked.json").write_text(text, encoding="utf-8")

        assert health.last_look(tmp_path) is None


# ---- Metrics


def values(text: str) -> dict[str, float]:
    """Read Prometheus' text format, strictly; give each value by its name and labels."""
    sample = r'(dateline_[a-z_]+(?:\{[a-z]+="[a-z0-9-]+"\})?) ([0-9]+)'
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
        found[matched[1]] = int(matched[2])
    return found


def written(room: Newsroom) -> dict[str, float]:
    """Give what `/metrics` would answer."""
    return values((room.folder / "state/log/metrics.prom").read_text("utf-8"))


def append(room: Newsroom, *records: dict[str, Any], end: str = "\n") -> None:
    """Add lines to a log."""
    folder = room.folder / "state/log"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "access-2026-11-25.jsonl").open("a", encoding="utf-8") as file:
        file.write("\n".join(map(json.dumps, records)) + end)


# What a front that knows `/metrics` alone would hand on.
HIDDEN = ["//metrics", "///metrics", "/%2fmetrics", "/metrics/", "/x/../metrics", "/./metrics"]


def test_metrics_are_nobodys_business_unless_asked_for(room: Newsroom) -> None:
    """404 by default; 503 while there are none yet; then what the publisher wrote."""
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
    assert values(answer.text) == written(room)


def test_metrics_follow_the_log_from_where_they_began(room: Newsroom) -> None:
    """Counters begin at 0, subscribers are those known from before, half a line waits."""
    old = {**NGINX, "agent": FEEDLY.format(12)}
    append(room, old)
    meter = Meter(room.config)
    meter.write()
    first = written(room)

    append(room, {**NGINX, "status": 304, "bytes": 0, "count": 5}, old)
    append(room, {**NGINX, "status": 500}, end="")
    meter.write()
    second = written(room)
    append(room)
    meter.write()

    assert first['dateline_feed_subscribers{feed="news"}'] == 12
    assert first['dateline_requests_total{status="200"}'] == 0
    assert second['dateline_requests_total{status="200"}'] == 1
    assert second['dateline_requests_total{status="304"}'] == 5
    assert second["dateline_sent_bytes_total"] == NGINX["bytes"]
    assert 'dateline_requests_total{status="500"}' not in second
    assert written(room)['dateline_requests_total{status="500"}'] == 1


def test_what_was_saved_is_counted_by_the_size_of_the_day(room: Newsroom) -> None:
    """A document that grew saves more."""
    sums, saved, sizes = tally(room.config), [], []
    for number in range(2):
        room.drop(f"{number}.toml", entry_file(f"More {number}"))
        room.build()
        sums.add(asked(status=304, size=0))
        saved.append(sums.saved)
        listing = ManifestReader(room.folder / "feeds").find("news.rss")
        assert listing
        sizes.append(min(listing.size, *listing.sizes.values()))

    assert saved == [sizes[0], sizes[0] + sizes[1]]
    assert sizes[1] > sizes[0]


def test_only_the_latest_sizes_are_known(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for what is not there, a million times, fills no memory."""
    monkeypatch.setattr(readers, "_PATHS", 2, raising=False)
    sums = tally(room.config)
    sums.add(asked(status=304, size=0))
    first = sums.saved
    small = [replace(one, size=1, codings="") for one in documents(room.folder / "feeds")]
    with closing(sqlite3.connect(room.folder / "feeds/.manifest.sqlite")) as tables, tables:
        for table in DOCUMENTS.tables:  # and the head is the same
            rows = [(DOCUMENTS.values(one)[-1], one.path) for one in small]
            tables.executemany(
                f"UPDATE {table} SET size = 1, codings = '', checksum = ? WHERE path = ?",  # noqa: S608
                rows,
            )

    sums.add(asked(status=304, size=0))
    known = sums.saved - first
    for path in ("/nothing", "/nothing-else"):
        sums.add(asked(status=304, size=0, path=path))
    sums.add(asked(status=304, size=0))

    assert (known, sums.saved) == (first, 2 * first + 1)


def test_metrics_count_what_is_published_and_nothing_else(room: Newsroom) -> None:
    """Neither a draft nor what is to come; and the last look, and the last change."""
    now = datetime.now(UTC)
    health.record(room.folder / "feeds", now, now)
    Meter(room.config).write()

    found = written(room)
    assert found["dateline_entries"] == 1
    assert found["dateline_looked_timestamp_seconds"] == int(now.timestamp())
    changed = (room.folder / "feeds/.manifest.json").stat().st_mtime
    assert found["dateline_published_timestamp_seconds"] == int(changed)


@pytest.fixture
def running(room: Newsroom) -> Iterator[Served]:
    """Give the whole of `serve`, with metrics."""
    configured(room, "metrics = true")
    with serve(room.folder) as served:
        yield served


def test_serve_looks_measures_and_logs(room: Newsroom, running: Served) -> None:
    """Health turns green by itself, metrics come by themselves, and the log at the end."""
    assert until(lambda: running.get("health").status_code == 200)
    assert until(lambda: running.get("metrics").status_code == 200)
    assert ask(running, "news.rss", FEEDLY.format(3)).status_code == 200
    found = values(running.get("metrics").text)
    running.process.terminate()
    running.process.wait(PATIENCE)

    assert found['dateline_feed_subscribers{feed="news"}'] == 0
    assert FEEDLY.format(3) in [one["agent"] for one in logged(room.config.log)]
    assert "Traceback" not in running.printed()
