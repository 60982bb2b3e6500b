"""The outcome of the last run, which every run leaves for the newsroom's own process.

`state/last-run.json` has the parts of a report that describe the present: what staff should act
on. It is no record: where it is missing, was written by another release or cannot be read, the
newsroom waits for the next run. A run writes it while it holds the lock of the ledger, so that no
older outcome takes the place of a newer one.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from dateline import __version__
from dateline.config import Config
from dateline.errors import State
from dateline.ledger.rows import problem_of
from dateline.messages import CATALOGUE
from dateline.model import Report
from dateline.system.condition import Code, Condition
from dateline.system.writing import replace_file

_NAME = "last-run.json"
_MODE = 0o600
_TO_ACT_ON = frozenset({State.HOLD, State.WAIT, State.WARN})
FileVersion = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """The report of a run, and its moment."""

    report: Report
    moment: datetime


def keep(config: Config, report: Report, moment: datetime) -> None:
    """Write the outcome of a run, if there is a newsroom; the caller holds the ledger's lock.

    `serve --newsroom` is unknown to the runs of other commands: where there is a file, they
    write it, too. If it cannot be written, there is none.
    """
    path = config.state / _NAME
    if not config.newsroom.is_on and not path.exists():
        return
    try:
        data = json.dumps(_as_json(report, moment), separators=(",", ":")).encode()
        replace_file(path, data, mode=_MODE, has_one_writer=True)
    except OSError:
        forget(config)


def forget(config: Config) -> None:
    """Delete the outcome of the last run, if it can be deleted."""
    with suppress(OSError):
        (config.state / _NAME).unlink(missing_ok=True)


def load(config: Config) -> RunOutcome | None:
    """Return the outcome of the last run, or None if there is none that can be used."""
    try:
        return _of_json(json.loads((config.state / _NAME).read_bytes()))
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None


def version(config: Config) -> FileVersion | None:
    """Return a value that every new outcome changes; None if there is no file."""
    try:
        found = (config.state / _NAME).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _as_json(report: Report, moment: datetime) -> dict[str, Any]:
    problems = [one for one in report.problems if one.state in _TO_ACT_ON]
    names = {(one.file, one.code) for one in problems}
    since = [[*name, began.isoformat()] for name, began in report.since.items() if name in names]
    return {
        "release": __version__,
        "moment": moment.isoformat(),
        "problems": [asdict(one) for one in problems],
        "since": since,
        "missing": report.missing,
        "conditions": [asdict(one) for one in report.conditions],
    }


def _of_json(kept: dict[str, Any]) -> RunOutcome | None:
    if kept["release"] != __version__:
        return None
    conditions = ({**one, "code": Code(one["code"])} for one in kept["conditions"])
    report = Report(
        problems=tuple(problem_of(one) for one in kept["problems"] if one["code"] in CATALOGUE),
        states={},
        missing=tuple(kept["missing"]),
        since={(file, code): _moment(began) for file, code, began in kept["since"]},
        conditions=tuple(Condition(**one) for one in conditions),
    )
    return RunOutcome(report=report, moment=_moment(kept["moment"]))


def _moment(kept: str) -> datetime:
    """Return an aware moment. Raises `ValueError`."""
    moment = datetime.fromisoformat(kept)
    if moment.tzinfo is None:
        raise ValueError(kept)
    return moment
