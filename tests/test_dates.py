"""What `dateline.dates` promises: the words are read as they are meant, or refused."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dateline import dates
from dateline.errors import DateError

VIENNA = ZoneInfo("Europe/Vienna")
TODAY = date(2026, 11, 25)


def rows(name: str) -> list[dict[str, str]]:
    """Give the rows of a table in `tests/data/`."""
    path = Path(__file__).parent / "data" / name
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def context(text: str) -> dict[str, Any]:
    """Give what is known besides the text: `year=2008;zone=Europe/Vienna`."""
    given: dict[str, Any] = dict(pair.split("=") for pair in text.split(";") if pair)
    if "year" in given:
        given["year"] = int(given["year"])
    if "zone" in given:
        given["zone"] = ZoneInfo(given["zone"])
    return given


def outcome(text: str, *, toml: bool = False, **given: Any) -> tuple[str, ...]:
    """Give start, end and precision of `text` read as an event, or the kind of refusal."""
    asked: dict[str, Any] = {"use": "event", "zone": VIENNA, "today": TODAY} | given
    try:
        span = (dates.read_toml if toml else dates.read)(text, **asked)
    except DateError as error:
        return (f"ERROR:{error.kind}",)
    return span.start.isoformat(), span.end.isoformat(), span.precision


@pytest.mark.parametrize("row", rows("dates.tsv"), ids=lambda row: row["id"])
def test_acceptance(row: dict[str, str]) -> None:
    """Each text that staff or the world wrote is read, or refused for the reason stated."""
    toml = row["kind"] == "toml"
    language = "en" if toml else row["lang"]

    found = outcome(row["input"], toml=toml, language=language, **context(row["context"]))

    right = (
        (row["start"], row["end"], row["precision"]) if row["status"] == "OK" else (row["status"],)
    )
    assert right == found
