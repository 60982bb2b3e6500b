"""Values of messages are written in the reader's language, and survive the ledger."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime

import pytest

from dateline.errors import Problem
from dateline.messages.values import Day, Value, at, either, in_language, of_json, phrase

VALUES: list[tuple[Value, str, str, str]] = [
    ("May or March.jpg", "May or March.jpg", "May or March.jpg", "May or March.jpg"),
    (6, "6", "6", "6"),
    (Day(1, 5, 2026), "1 May 2026", "1er mai 2026", "1 de mayo de 2026"),
    (Day(30, 2), "30 February", "30 février", "30 de febrero"),
    (Day(None, 10, 2008), "October 2008", "octobre 2008", "octubre de 2008"),
    (Day(5, 13, 2008), "5 month 13 2008", "5 mois 13 2008", "5 mes 13 2008"),
    (at(datetime(2026, 11, 24, 9, 30, tzinfo=UTC)), "2026-11-24 at 09:30",
     "2026-11-24 à 09:30", "2026-11-24 a las 09:30"),
    (either(["3 April", "4 March"]), "3 April or 4 March", "3 April ou 4 March",
     "3 April o 4 March"),
    (phrase("for-day", text="2008-10-01", day=Day(1, 10, 2008)), "2008-10-01 for 1 October 2008",
     "2008-10-01 pour le 1er octobre 2008", "2008-10-01 para el 1 de octubre de 2008"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "english", "french", "spanish"), VALUES)
def test_a_value_is_written_in_the_readers_language(
    value: Value, english: str, french: str, spanish: str
) -> None:
    """Only texts of the program are translated: text of a file stays as it is."""
    written = [in_language(value, language) for language in ("en", "fr", "es")]

    assert (written, str(value)) == ([english, french, spanish], english)


@pytest.mark.parametrize("value", [value for value, *_ in VALUES])
def test_a_value_survives_the_ledger(value: Value) -> None:
    """A problem is stored as JSON, and reads back equal."""
    problem = Problem(code="date-no-such-day", file="a.toml", found=value)

    kept = json.loads(json.dumps(asdict(problem)))

    assert of_json(kept["found"]) == value


@pytest.mark.parametrize(
    ("values", "expected"), [([], ""), (["a"], "a"), (["a", "b", "a"], "a or b")]
)
def test_choices_are_joined_with_or(values: list[str], expected: str) -> None:
    """Each choice is named once."""
    assert str(either(values)) == expected
