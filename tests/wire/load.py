"""The load: wrk, with requests for several documents, half of them with a current validator."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from support.serving import PATIENCE
from wire.clients import PATHS

_SCRIPT = """\
local requests, pause, at = {requests}, {pause}, 0
request = function()
  at = at % #requests + 1
  return requests[at]
end
delay = function() return pause end
"""
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}  # milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What wrk reports: requests, milliseconds, and the answers and connections that failed.

    `unread` are answers that a connection did not bring: the requests that were lost. `refused`
    connections were not opened; where nobody listens, wrk counts most of them as `unread`.
    `others` have a status that is neither 2xx nor 3xx.
    """

    requests: int
    rate: float
    median: float
    p99: float
    refused: int
    unread: int
    timed_out: int
    others: int


class Load:
    """wrk, which sends `rate` requests a second to a port over kept connections."""

    def __init__(self, port: int, rate: int, connections: int, seconds: int, folder: Path) -> None:
        script = folder / f"load-{port}.lua"
        pause = max(1, round(1000 * connections / rate)) if rate else 0
        requests = ", ".join(_quoted(one) for one in _requests(port))
        script.write_text(_SCRIPT.format(requests=f"{{{requests}}}", pause=pause), "utf-8")
        threads = min(2, connections)
        words = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency"]
        words += ["--timeout", "20s", "-s", str(script), f"http://127.0.0.1:{port}/"]
        self._process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def end(self) -> Loaded:
        """Wait for the end, and return what was reported."""
        said, _ = self._process.communicate()
        assert self._process.returncode == 0, said
        return parsed(said)

    def stop(self) -> None:
        """Stop before the end."""
        if self._process.returncode is None:
            self._process.kill()
            self._process.communicate()


def parsed(said: str) -> Loaded:
    """Read what wrk printed."""
    lost = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    refused, unread, unsent, timed_out = map(int, lost.groups()) if lost else (0, 0, 0, 0)
    others = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    (count,) = re.findall(r"(\d+) requests in", said)
    (rate,) = re.findall(r"Requests/sec:\s+([\d.]+)", said)
    return Loaded(
        requests=int(count),
        rate=float(rate),
        median=_percentile(said, 50),
        p99=_percentile(said, 99),
        refused=refused,
        unread=unread + unsent,
        timed_out=timed_out,
        others=int(others[1]) if others else 0,
    )


def _percentile(said: str, part: int) -> float:
    found = re.search(rf"\s{part}%\s+([\d.]+)(us|ms|s|m)", said)
    return float(found[1]) * _UNITS[found[2]] if found else 0.0


def _requests(port: int) -> Sequence[str]:
    """Return requests as they are sent: each document whole, in gzip, and with its validator."""
    found = []
    for path in dict.fromkeys(PATHS):
        for fields in ({}, {"If-None-Match": _tag(port, path)}):
            lines = [f"GET /{path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "User-Agent: wrk"]
            lines += ["Accept-Encoding: gzip", *(f"{name}: {fields[name]}" for name in fields)]
            found.append("\r\n".join([*lines, "", ""]))
    return found


def _tag(port: int, path: str) -> str:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request("GET", f"/{path}", headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        answer.read()
        return answer.getheader("ETag", '"none"')


def _quoted(text: str) -> str:
    return json.dumps(text)
