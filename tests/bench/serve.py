"""Measures how many requests one core answers, beside nginx, Caddy and other ways from Python.

Publishes fifty entries as a feed of about 150 KB, starts each server in turn on one core, and sends
requests from the other with wrk over 64 connections: for the feed in gzip, and for it with its
current validator (304). Prints requests a second, the median and the 99th percentile of the
response time, and the processor time of the server per thousand requests: medians of alternating
rounds, with their spread.
    python -m bench.serve --rounds 5 --seconds 4
It needs wrk, nginx and caddy (Debian packages); gunicorn and whitenoise are installed in
.cache/bench, a folder of its own. Missing programs are left out and reported.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, monotonic_ns, sleep

from bench.contenders import BARE_NAME, ROOT, Contender, contenders, install_peers
from bench.newsroom import CONFIG, drop
from bench.spent import processor

SERVER_CORE, CLIENT_CORE = "0", "1"
FEED = "/news.rss"
TASKSET = shutil.which("taskset") or "taskset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Requests a second, milliseconds, and processor milliseconds per thousand requests."""

    rate: float
    median: float
    late: float
    cost: float
    errors: int


def publish(folder: Path) -> Path:
    """Publish fifty entries of about three kilobytes; return the folder of the documents."""
    (folder / "entries").mkdir(parents=True)
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    for number in range(50):
        day = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(days=number)
        words = " ".join(f"word{(number * 7919 + n * 104_729) % 4999}" for n in range(330))
        text = f'title = "Report {number}"\ndate = {day:%Y-%m-%d}\nbody = """\n{words}\n"""\n'
        (folder / f"entries/{number:02}.toml").write_text(text, encoding="utf-8")
    sleep(0.5)
    command = [sys.executable, str(ROOT / "publisher.py"), "build", "--config"]
    command.append(str(folder / "config.toml"))
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / "feeds"


@contextmanager
def running(contender: Contender, port: int, folder: Path) -> Iterator[int]:
    """Start a contender on its core and wait until it responds; yield its process id."""
    process = subprocess.Popen(
        [TASKSET, "-c", SERVER_CORE, *contender.command],
        cwd=folder,
        env=os.environ | contender.variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        end = monotonic() + 20
        while True:
            try:
                validator(port)
                break
            except OSError:
                if monotonic() > end or process.poll() is not None:
                    raise SystemExit(f"{contender.name} does not answer") from None
                sleep(0.1)
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def changes(folder: Path | None) -> Iterator[None]:
    """Drop a new entry into a publication every second meanwhile; without a folder, do nothing."""
    over = threading.Event()

    def write() -> None:
        while folder is not None and not over.wait(1):
            drop(folder, f"New {monotonic_ns()}", f"{datetime.now(UTC):%Y-%m-%d}")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


def validator(port: int) -> str:
    """Return the ETag of the feed in gzip."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", FEED, headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.getheader("ETag") or ""


def load(port: int, fields: Mapping[str, str], seconds: int, connections: int) -> tuple[str, int]:
    """Request the feed repeatedly with wrk; return its output."""
    command = [TASKSET, "-c", CLIENT_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    command += ["--latency", *(word for pair in fields.items() for word in ("-H", ": ".join(pair)))]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{FEED}"], capture_output=True, text=True, check=True
    )
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
    lost = re.search(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", done.stdout
    )
    errors = (int(wrong[1]) if wrong else 0) + sum(map(int, lost.groups()) if lost else ())
    return done.stdout, errors


def measure(
    pid: int, port: int, fields: Mapping[str, str], seconds: int, connections: int
) -> Result:
    """Measure one contender under one load."""
    load(port, fields, 1, connections)
    before = processor(pid)
    said, errors = load(port, fields, seconds, connections)
    spent = processor(pid) - before
    (rate,) = map(float, re.findall(r"Requests/sec:\s+([\d.]+)", said))
    count = int(re.findall(r"(\d+) requests in", said)[0])
    return Result(
        rate=rate,
        median=milliseconds(re.findall(r"50%\s+([\d.]+\w+)", said)[0]),
        late=milliseconds(re.findall(r"99%\s+([\d.]+\w+)", said)[0]),
        cost=spent * 1e6 / max(1, count),
        errors=errors,
    )


def milliseconds(text: str) -> float:
    """Parse a time as wrk writes it: 812.00us, 1.20ms, 3.00s."""
    number, unit = re.findall(r"([\d.]+)(us|ms|s)", text)[0]
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def spread(values: Sequence[float], form: str = ",.0f") -> str:
    """Return the median, the minimum and the maximum."""
    return f"{statistics.median(values):{form}} ({min(values):{form}}-{max(values):{form}})"


def main() -> None:
    """Measure everything in alternating rounds, and print a table for each load."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=int, default=4)
    options.add_argument("--connections", type=int, default=64)
    options.add_argument("--only", nargs="*", default=[], help="contenders whose names begin so")
    options.add_argument("--port", type=int, default=8799)
    chosen = options.parse_args()
    install_peers()
    results: dict[tuple[str, str], list[Result]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)  # nginx's worker is another user
        feeds = publish(folder)
        publish(folder / "changing")
        size = [(feeds / f"news.rss{ending}").stat().st_size for ending in ("", ".gz")]
        print(f"news.rss: {size[0]:,} bytes, {size[1]:,} in gzip; {chosen.connections} connections")
        for _ in range(chosen.rounds):
            for contender in contenders(folder, feeds, chosen.port):
                if chosen.only and not contender.name.startswith(tuple(chosen.only)):
                    continue
                with running(contender, chosen.port, folder) as pid:
                    gzip = {"Accept-Encoding": "gzip", "User-Agent": "bench"}
                    known = {**gzip, "If-None-Match": validator(chosen.port)}
                    for kind, fields in (("304", known), ("200 gzip", gzip)):
                        with changes(contender.changing):
                            found = measure(
                                pid, chosen.port, fields, chosen.seconds, chosen.connections
                            )
                        results.setdefault((kind, contender.name), []).append(found)
    show(results)


def show(results: Mapping[tuple[str, str], Sequence[Result]]) -> None:
    """Print a line for each load and contender."""
    for (kind, name), rounds in sorted(results.items()):
        rates = [one.rate for one in rounds]
        bare = results.get((kind, BARE_NAME), ())
        share = (
            statistics.median(rates) / statistics.median(one.rate for one in bare) if bare else 0
        )
        print(
            f"{kind:9} {name:31} {spread(rates):>28} /s  {share:5.2f} of bare"
            f"  p50 {spread([one.median for one in rounds], '.2f')} ms"
            f"  p99 {spread([one.late for one in rounds], '.2f')} ms"
            f"  {statistics.median(one.cost for one in rounds):6.1f} ms cpu/1000"
            f"  {sum(one.errors for one in rounds)} errors"
        )


if __name__ == "__main__":
    main()
