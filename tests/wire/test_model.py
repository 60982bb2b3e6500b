"""The model of the wire takes true answers, and notices each kind of wrong one."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from time import monotonic

import pytest

from bench.results import Results
from wire import report
from wire.load import parsed
from wire.model import Exchange, Model
from wire.running import Outcome, Plan
from wire.use import Usage, Use, used

FIRST, SECOND = 1_790_000_000, 1_790_000_060
PAGE = b"<!doctype html><p>One</p></html>"
OTHER = PAGE.replace(b"One", b"Two")


def tag(moment: int, data: bytes) -> str:
    """Return a validator as nginx makes it."""
    return f'"{moment:x}-{len(data):x}"'


def answer(data: bytes = PAGE, moment: int = FIRST, *, began: float = 0.0) -> Exchange:
    """Return a true answer."""
    return Exchange(
        server="nginx",
        path="index.html",
        known="",
        began=began,
        ended=began + 0.01,
        status=200,
        fields={
            "etag": tag(moment, data),
            "last-modified": formatdate(moment, usegmt=True),
            "content-length": f"{len(data)}",
        },
        data=data,
    )


def unchanged(of: Exchange, *, began: float = 0.0) -> Exchange:
    """Return a true 304 to a client that has an answer."""
    return replace(of, status=304, data=b"", known=of.tag, began=began, fields={"etag": of.tag})


def coded(data: bytes, moment: int = FIRST) -> Exchange:
    """Return a true answer in gzip."""
    made = answer(gzip.compress(data), moment)
    return replace(made, fields={**made.fields, "content-encoding": "gzip"})


def faults(tmp_path: Path, *exchanges: Exchange) -> list[str]:
    """Return what a model finds wrong."""
    model = Model(feeds=tmp_path)
    for one in exchanges:
        model.take(one)
    return model.faults


def test_true_answers_are_right(tmp_path: Path) -> None:
    """By several servers, coded and plain, new and known, with a version between."""
    one, two = answer(), answer(OTHER, SECOND, began=10)
    late = coded(OTHER, SECOND)

    assert (
        faults(
            tmp_path,
            one,
            replace(one, server="Caddy"),
            coded(PAGE),
            unchanged(one),
            two,
            replace(one, began=12),  # another server, some seconds later
            replace(late, fields={**late.fields, "last-modified": one.changed}),
            unchanged(two, began=30),
        )
        == []
    )


WRONG: dict[str, tuple[Callable[[], list[Exchange]], str]] = {
    "an error": (lambda: [replace(answer(), status=502)], "is answered 502"),
    "a part": (lambda: [replace(answer(), data=PAGE[:9])], "is cut short"),
    "half a page": (lambda: [answer(PAGE[:20])], "is not whole"),
    "broken gzip": (
        lambda: [replace(coded(PAGE), data=coded(PAGE).data[:-9] + bytes(9))],
        "is not whole",
    ),
    "an unknown coding": (
        lambda: [replace(answer(), fields={**answer().fields, "content-encoding": "x"})],
        "nobody asked for x",
    ),
    "other bytes": (lambda: [answer(), replace(answer(), data=OTHER)], "has other bytes under"),
    "other content in another coding": (
        lambda: [answer(), coded(OTHER)],
        "has other content under",
    ),
    "a later date on older bytes": (
        lambda: [
            replace(
                answer(),
                fields={**answer().fields, "last-modified": formatdate(SECOND, usegmt=True)},
            )
        ],
        "has the validator of an older one",
    ),
    "no validator": (
        lambda: [replace(answer(), fields={"content-length": f"{len(PAGE)}"})],
        "has no validators",
    ),
    "what the client has": (
        lambda: [answer(), replace(answer(), known=answer().tag)],
        "is sent although",
    ),
    "an old version": (
        lambda: [answer(OTHER, SECOND), answer(began=30)],
        "a newer one was sent 30.0 s before",
    ),
    "a 304 for an old version": (
        lambda: [answer(), answer(OTHER, SECOND, began=10), unchanged(answer(), began=40)],
        "a newer one was sent",
    ),
    "a 304 for another version": (
        lambda: [answer(), replace(unchanged(answer()), known='"1-1"')],
        'which is not "1-1"',
    ),
    "a 304 that nobody asked for": (
        lambda: [answer(), replace(unchanged(answer()), known="")],
        "which is not asked",
    ),
    "a 304 for what was never sent": (lambda: [unchanged(answer())], "which nobody has sent"),
    "a 304 with content": (lambda: [answer(), replace(unchanged(answer()), data=b"x")], "content"),
}  # fmt: skip


@pytest.mark.parametrize("way", WRONG)
def test_a_wrong_answer_is_noticed(way: str, tmp_path: Path) -> None:
    """And named by server and path."""
    made, words = WRONG[way]
    found = faults(tmp_path, *made())

    assert len(found) >= 1
    assert any(words in one and one.startswith("nginx: index.html ") for one in found), found


def test_validators_of_caddy_have_the_same_moment(tmp_path: Path) -> None:
    """As numbers with the base 36, without a dash."""
    one = answer()
    own = replace(one, fields={**one.fields, "etag": '"tlpwu8w"'})

    assert faults(tmp_path, one, own) == []
    assert "has other content" in faults(tmp_path, one, replace(own, data=OTHER))[0]


def test_an_answer_that_is_not_the_file_is_noticed(tmp_path: Path) -> None:
    """The file of that moment is on disk."""
    file = tmp_path / "index.html"
    file.write_bytes(PAGE)
    os.utime(file, (FIRST, FIRST))

    assert faults(tmp_path, answer()) == []
    assert "is not the file" in " ".join(faults(tmp_path, answer(OTHER)))
    assert faults(tmp_path, answer(OTHER, SECOND)) == []  # replaced meanwhile


WRK = """\
Running 10s test @ http://127.0.0.1:8000/
  2 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.20ms    3.01ms  60.12ms   95.11%
    Req/Sec     0.50k    12.00     0.60k    70.00%
  Latency Distribution
     50%  870.00us
     75%    1.00ms
     90%    1.50ms
     99%    1.10s
  9981 requests in 10.01s, 1.20MB read
  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 5
Requests/sec:    997.10
Transfer/sec:    122.75KB
"""


def test_the_report_of_wrk_is_read() -> None:
    """With and without errors, which wrk leaves out if there are none."""
    found = parsed(WRK)
    lines = WRK.splitlines()
    clean = parsed("\n".join(one for one in lines if not re.search("errors|Non-2xx", one)))

    assert (found.requests, found.rate, found.median, found.p99) == (9981, 997.1, 0.87, 1100)
    assert (found.refused, found.unread, found.timed_out, found.others) == (1, 5, 4, 5)
    assert (clean.refused, clean.unread, clean.timed_out, clean.others) == (0, 0, 0, 0)


def test_use_that_grows_has_a_slope() -> None:
    """By the hour, without the time in which everything is loaded."""
    usage = Usage()
    usage.samples["web"] = [
        Use(n * 60.0, 10**6 * max(n, 20), 7, (1,) if n < 90 else (2,)) for n in range(100)
    ]

    memory, files = usage.slopes("web")

    assert (round(memory / 10**6), files) == (60, 0)
    first, last = usage.levels("web")
    assert first.memory < last.memory


@pytest.mark.parametrize(("make", "ending"), [(answer, ""), (coded, ".gz")])
def test_caddy_may_send_the_newer_file_with_the_older_validator(
    tmp_path: Path, make: Callable[[bytes, int], Exchange], ending: str
) -> None:
    """It reads the time of a file before it opens it; older bytes, or any by others, are wrong."""
    one, two = make(PAGE, FIRST), make(OTHER, SECOND)
    file = tmp_path / f"index.html{ending}"
    file.write_bytes(two.data)
    os.utime(file, (SECOND, SECOND))
    ahead = replace(one, server="Caddy 1", data=two.data, fields={**two.fields, "etag": one.tag})

    assert faults(tmp_path, one, ahead, two, replace(two, known=one.tag)) == []
    assert any("other content" in each for each in faults(tmp_path, one, replace(ahead, server="")))
    os.utime(file, (FIRST, FIRST))
    assert any("other content" in each for each in faults(tmp_path, one, ahead))


def test_a_new_connection_may_be_refused_while_serve_restarts(tmp_path: Path) -> None:
    """Any other 503 is a request that is lost: before and after, on a kept one, of a front."""
    model = Model(feeds=tmp_path)
    before = monotonic()
    with model.restarting():
        refused = replace(
            answer(b"", began=monotonic()), server="Dateline 1", status=503, is_first=True,
            is_last=True,
        )  # fmt: skip
        during = model.is_refusal(refused)
    late = monotonic() + 1

    assert during
    assert model.is_refusal(refused)
    for other in (
        replace(refused, began=before - 2, ended=before - 1),
        replace(refused, began=late, ended=late),
        replace(refused, is_first=False),
        replace(refused, is_last=False),
        replace(refused, server="nginx 1"),
        replace(refused, status=502),
    ):
        assert not model.is_refusal(other), other
    model.take(replace(refused, is_first=False))
    assert model.faults == ["Dateline 1: index.html is answered 503"]


@pytest.mark.parametrize(
    ("memory", "files", "words"),
    [
        (4.9, 1.9, []),
        (5.1, 0, ["web grows by 5.1 MB and 0.0 open files an hour"]),
        (0, 2.1, ["web grows by 0.0 MB and 2.1 open files an hour"]),
    ],
)
def test_growth_is_wrong_in_a_long_run(memory: float, files: float, words: list[str]) -> None:
    """Beyond 5 MB or 2 open files an hour, through reloads; half an hour is too short for it."""
    outcome = Outcome(seconds=3600)
    outcome.usage.samples["web"] = [
        Use(
            10.0 * n,
            round(memory * 1e6 * (n % 60) / 360),
            100_000 + files * (n % 60) / 360,  # type: ignore[arg-type]  # not rounded
            (n // 60,),
        )
        for n in range(360)
    ]

    assert outcome.broken == words
    outcome.seconds = 1800
    assert outcome.broken == []


def test_a_restart_is_no_slope() -> None:
    """What a process used before it was replaced is not compared with its successor's."""
    usage = Usage()
    for process, level in ((1, 10), (2, 90)):
        usage.samples["web"] += [Use(n + 60.0 * process, level, 7, (process,)) for n in range(30)]

    assert usage.slopes("web") == (0, 0)


def test_the_figures_of_all_runs_add_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Requests and losses are sums, late answers the worst of all, use that of the last run."""
    for run in (1, 2):
        results = Results("wire", {}, tmp_path)
        figures = {"rate": 100.0 * run, "median": 1.0, "p99": 10.0 * run, "lost": run}
        results.add(what="load", server="nginx", **figures)
        counts = {"requests": 1000, "answers": 50, "news": 3, "reloads": 1, "restarts": 1}
        results.add(what="run", seconds=3600.0, broken=run, late=0.5 * run, **counts)
        use = {"memory": 10**6 * run, "memory_before": 10**6, "files": 9, "memory_hour": 5e5}
        results.add(what="use", kind="web", **use)

    report.main(["--results", str(tmp_path)])

    text = capsys.readouterr().out
    assert "| 2.00 | 2,000 | 100 | 6 | 2 | 2 | 3 |" in text
    assert "99 came within 1.00 s" in text
    assert "| nginx | 150 | 1.00 ms | 15.0 ms | 20.0 ms | 3 |" in text
    assert "| web | 2.0 MB | +1.0 MB | +0.5 MB | 9 | +0.0 |" in text


def test_long_runs_leave_time_between_restarts() -> None:
    """Of two hours, each quarter of an hour is without a reload."""
    short, long = (Plan.of(seconds, rate=1, connections=1) for seconds in (300, 7200))

    assert (short.reload_every, short.restart_every) == (5, 15)
    assert (long.reload_every, long.restart_every) == (30, 120)


def test_the_use_of_a_process_is_read() -> None:
    """Of this one; of one that has ended there is none."""
    found = used(os.getpid())

    assert found
    assert min(found) > 0
    assert used(2**22 + 1) is None
