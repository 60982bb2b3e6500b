"""The publisher's last check, and whether it is late.

`feeds/.looked.json` has it for workers, with the moment at which three checks in a row will have
been missed: its readers need no schedule.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from dateline.errors import StoreError
from dateline.system.safe_files import regular_bytes
from dateline.system.writing import replace_file

_LOOKED = ".looked.json"
_PROBE = 4096  # bytes
_SKEW = 300  # seconds by which a machine's clock may be ahead of another's


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """A check of the entries by the publisher, and when it is late, in seconds since 1970."""

    looked: int
    late: int

    def as_json(self, now: float) -> dict[str, str]:
        """Return the values of the response to `/health`."""
        moment = datetime.fromtimestamp(self.looked, UTC)
        return {"status": self.status(now), "looked": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}

    def status(self, now: float) -> str:
        """Return `ok` or `late`.

        A check in the future was noted by a clock that was wrong; its moments are void.
        """
        return "late" if now > self.late or self.is_ahead(now) else "ok"

    def is_ahead(self, now: float) -> bool:
        """Return whether the check is in the future, by more than clocks of machines differ."""
        return self.looked > now + _SKEW


def record(folder: Path, looked: datetime, late: datetime) -> None:
    """Record a check of the publisher, and when it will be `late` without another one.

    Raises `StoreError`.
    """
    check = LastRun(looked=int(looked.timestamp()), late=int(late.timestamp()))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / _LOOKED, json.dumps(asdict(check)).encode())
    except OSError as error:
        raise StoreError(f"{folder / _LOOKED} cannot be written: {error.strerror}.") from error


def probe(folder: Path) -> None:
    """Write a trial file, and remove it. Raises `StoreError` where that fails."""
    trial = folder / f".probe.{os.getpid()}"
    try:
        trial.write_bytes(b"0" * _PROBE)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written to: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            trial.unlink(missing_ok=True)


def last_run(folder: Path) -> LastRun | None:
    """Return the publisher's last check; None before the first."""
    try:
        return LastRun(**json.loads(regular_bytes(folder / _LOOKED)))
    except (OSError, ValueError, TypeError):
        return None
