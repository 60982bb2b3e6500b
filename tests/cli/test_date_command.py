"""The `date` command shows how a date is read; the cases are those of the date tests."""

from __future__ import annotations

import csv
import json
from itertools import chain
from typing import Any

import pytest
from click.testing import CliRunner

from dateline import cli
from support.paths import DATA
from support.publication import Newsroom

DATES = DATA / "dates.tsv"


def ask(newsroom: Newsroom, *words: str) -> tuple[int, Any]:
    """Return the exit code and the output, parsed if it is JSON."""
    config = str(newsroom.folder / "config.toml")
    done = CliRunner().invoke(cli.main, ["date", "--config", config, *words])
    return done.exit_code, json.loads(done.output) if "--json" in words else done.output


def rows() -> list[dict[str, str]]:
    """Return the cases of the date tests."""
    with DATES.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_every_case_of_the_date_tests_is_answered(row: dict[str, str], newsroom: Newsroom) -> None:
    """The answer has start, end and precision, or the kind of refusal and its question."""
    words = [f"--{pair.replace('=', ' ', 1)}".split() for pair in row["context"].split(";") if pair]
    words.append(["--toml"] if row["kind"] == "toml" else ["--language", row["lang"]])

    code, said = ask(newsroom, "--json", *chain(*words), "--", row["input"])

    if row["status"] == "OK":
        assert (code, said) == (
            0,
            {"start": row["start"], "end": row["end"], "precision": row["precision"]},
        )
    else:
        assert (code, f"ERROR:{said['error']}") == (1, row["status"])
        assert said["message"].endswith((".", "?"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["3 - 5 May 2009"], "Sunday, 3 May 2009\u2009–\u2009Tuesday, 5 May 2009"),
        (["20 October 2008, 10:00"], "Monday, 20 October 2008, 10:00 GMT+2"),
        (["--zone", "Asia/Beirut", "2008-10-20T10:00"], "Monday, 20 October 2008, 10:00 GMT+3"),
        (["--as", "date", "20 October 2008"], "Monday, 20 October 2008"),
        (["--order", "MDY", "7/8/2008"], "Tuesday, 8 July 2008"),
        (["--year", "2008", "20 October"], "Monday, 20 October 2008"),
        (["May 2026"], "May 2026"),
    ],
)
def test_a_date_is_explained_in_words(words: list[str], expected: str, newsroom: Newsroom) -> None:
    """The weekday makes a slip visible at once."""
    assert ask(newsroom, *words) == (0, f"{expected}\n")


def test_the_answer_is_in_the_newsroom_s_language(newsroom: Newsroom) -> None:
    """Its language is that of all messages to staff."""
    config = newsroom.folder / "config.toml"
    config.write_text(f'[newsroom]\nlanguage = "fr"\n{config.read_text("utf-8")}', "utf-8")

    assert ask(newsroom, "3 mai 2026 à 15 h") == (0, "dimanche 3 mai 2026, 15:00 UTC+2\n")


def test_a_refusal_asks_what_publishing_would_ask(newsroom: Newsroom) -> None:
    """A span is refused as a date of publication."""
    code, said = ask(newsroom, "--as", "date", "1 - 3 May 2026")

    assert code == 1
    assert said.startswith("Date is one day.")


@pytest.mark.parametrize(
    ("text", "expected"), [("", "Date is empty."), ("Nov 25", "The date has no year.")]
)
def test_a_text_without_a_field_is_read_as_a_date(
    text: str, expected: str, newsroom: Newsroom
) -> None:
    """The answer names no field either."""
    code, said = ask(newsroom, text)

    assert code == 1
    assert said.startswith(expected)
