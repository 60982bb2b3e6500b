"""Lines of access logs: Dateline's, nginx's as `front` sets it up, and Caddy's own."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

_LONGEST = 256 * 1024  # bytes of a line, of which a request's head has 64 kB at most
# What a line that no server writes can make the functions below raise.
_BAD_LINE = (
    ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError,
)  # fmt: skip


class _File(Protocol):
    def readline(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """Equal requests: `count` of them, each answered with `size` bytes.

    `moment` is in seconds since 1970, `path` without a query, `coding` empty where none was
    used or logged.
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
    """Return the requests of one line, or None where it is of no known format."""
    try:
        # Nginx writes the bytes of a field as they came, and some programs have a name in Latin-1.
        record = json.loads(line.decode(errors="replace"))
        return _caddys(record) if "request" in record else _ours(record)
    except _BAD_LINE:
        return None


def of_file(path: Path) -> Iterator[LoggedRequest | None]:
    """Yield the lines of a file, which may be compressed by gzip. Raises `OSError`."""
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        for line in each(file):
            if line.strip():
                yield read(line)


def each(file: _File) -> Iterator[bytes]:
    """Yield the lines of a file; of one longer than any log's, only the beginning."""
    while line := file.readline(_LONGEST):
        yield line
        while len(line) == _LONGEST and not line.endswith(b"\n"):
            line = file.readline(_LONGEST)


class LogFollower:
    """Follows the logs in a folder: those that are named `since` or later, a file a day."""

    def __init__(self, folder: Path, since: str = "") -> None:
        self._folder = folder
        self._since = since
        self._read: dict[Path, int] = {}

    def news(self) -> Iterator[LoggedRequest | None]:
        """Yield each whole line that is new, None for one that cannot be read.

        A file that is shorter than before is another one. Raises `OSError`.
        """
        for path in sorted(self._folder.glob("*.jsonl")):
            if path.name < self._since:
                continue
            begin = self._read.get(path, 0)
            if path.stat().st_size < begin:
                begin = 0
            with path.open("rb") as file:
                file.seek(begin)
                for line in each(file):
                    if line.endswith(b"\n"):
                        begin = file.tell()
                        yield read(line)
            self._read[path] = begin


def _ours(record: Mapping[str, Any]) -> LoggedRequest:
    return LoggedRequest(
        moment=_moment(record["time"]),
        method=str(record["method"]),
        path=_path(record["path"]),
        status=int(record["status"]),
        size=int(record["bytes"]),
        agent=_text(record.get("agent")),
        coding=_text(record.get("coding")),
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
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not math.isfinite(value):
        raise ValueError("a moment is a number")
    return float(value)


def _path(text: str) -> str:
    return text.partition("?")[0]


def _text(text: str | None) -> str:
    """Return a text; nginx writes a hyphen for none."""
    return "" if text in {None, "-"} else str(text)


def _field(fields: Mapping[str, Any] | None, name: str) -> str:
    return "".join((fields or {}).get(name) or [""][:1])
