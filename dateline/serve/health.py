"""When did the publisher last look, and is it late?

`feeds/.looked.json` says so to workers. It has the moment at which three looks in a row will
have been missed, so whoever reads it needs no schedule.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from dateline.errors import StoreError

_LOOKED = ".looked.json"
_PROBE = 4096  # bytes
_SKEW = 300  # seconds by which a machine's clock may be ahead of another's


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """A look of the publisher at its entries, and when it is late, in seconds since 1970."""

    looked: int
    late: int

    def as_json(self, now: float) -> dict[str, str]:
        """Give what `/health` answers."""
        moment = datetime.fromtimestamp(self.looked, UTC)
        return {"status": self.status(now), "looked": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}

    def status(self, now: float) -> str:
        """Say `ok` or `late`.

        A look in the future was noted by a clock that was wrong, and what it promised is void.
        """
        return "late" if now > self.late or self.is_ahead(now) else "ok"

    def is_ahead(self, now: float) -> bool:
        """Return whether it is in the future, by more than clocks of machines differ."""
        return self.looked > now + _SKEW


def record(folder: Path, looked: datetime, late: datetime) -> None:
    """Say that the publisher has looked, and that it will be `late` without another look.

    Raises `StoreError`.
    """
    temporary = folder / f"{_LOOKED}.{os.getpid()}.new"  # `build` may run beside `serve`
    look = LastRun(looked=int(looked.timestamp()), late=int(late.timestamp()))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(asdict(look)), encoding="utf-8")
        temporary.replace(folder / _LOOKED)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise StoreError(f"{folder / _LOOKED} cannot be written: {error.strerror}.") from error


def probe(folder: Path) -> None:
    """See whether anything can be written here. Raises `StoreError`."""
    trial = folder / f".probe.{os.getpid()}"
    try:
        trial.write_bytes(b"0" * _PROBE)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written to: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            trial.unlink(missing_ok=True)


def last_look(folder: Path) -> LastRun | None:
    """Give the publisher's last look; None before the first."""
    try:
        return LastRun(**json.loads((folder / _LOOKED).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
