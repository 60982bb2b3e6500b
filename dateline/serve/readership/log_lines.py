"""What does a line of an access log say: ours, nginx's as `front` sets it up, or Caddy's own?"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

_LONGEST = 256 * 1024  # bytes of a line, of which a request's head has 64 kB at most


class _File(Protocol):
    def readline(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """Equal requests: `count` of them, each answered with `size` bytes.

    `moment` is in seconds since 1970, `path` without a query, `coding` empty where none was
    used or none is told.
    """

    moment: float
    method: str
    path: str
    status: int
    size: int
    agent: str
    coding: str
    count: int = 1


def read(line: bytes) -> LoggedRequest | None:
    """Read one line; None where it is none of these."""
    try:
        record = json.loads(line)
        return _caddys(record) if "request" in record else _ours(record)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def of_file(path: Path) -> Iterator[LoggedRequest | None]:
    """Read the lines of a file, which may be compressed by gzip. Raises `OSError`."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        for line in each(file):
            if line.strip():
                yield read(line)


def each(file: _File) -> Iterator[bytes]:
    """Return the lines of a file; of one longer than any log's, the beginning alone."""
    while line := file.readline(_LONGEST):
        yield line
        while len(line) == _LONGEST and not line.endswith(b"\n"):
            line = file.readline(_LONGEST)


def _ours(record: Mapping[str, Any]) -> LoggedRequest:
    return LoggedRequest(
        moment=_moment(record["time"]),
        method=str(record["method"]),
        path=_path(record["path"]),
        status=int(record["status"]),
        size=int(record["bytes"]),
        agent=_said(record.get("agent")),
        coding=_said(record.get("coding")),
        count=int(record.get("count", 1)),
    )


def _caddys(record: Mapping[str, Any]) -> LoggedRequest:
    request = record["request"]
    return LoggedRequest(
        moment=_moment(record["ts"]),
        method=str(request["method"]),
        path=_path(request["uri"]),
        status=int(record["status"]),
        size=int(record["size"]),
        agent=_field(request.get("headers"), "User-Agent"),
        coding=_field(record.get("resp_headers"), "Content-Encoding"),
    )


def _moment(value: str | float) -> float:
    if not isinstance(value, str):
        return float(value)
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _path(text: str) -> str:
    return text.partition("?")[0]


def _said(text: str | None) -> str:
    """Give a text; nginx writes a hyphen for none."""
    return "" if text in {None, "-"} else str(text)


def _field(fields: Mapping[str, Any] | None, name: str) -> str:
    return "".join((fields or {}).get(name) or [""][:1])
