"""Staff can ask how a date is read, with the acceptance set's own words."""

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
    """Return the acceptance set."""
    with DATES.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_the_acceptance_set_is_answered(row: dict[str, str], newsroom: Newsroom) -> None:
    """Start, end and precision, or the kind of refusal and the question to answer."""
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
def test_people_get_words(words: list[str], expected: str, newsroom: Newsroom) -> None:
    """The weekday shows a slip at once."""
    assert ask(newsroom, *words) == (0, f"{expected}\n")


def test_the_words_are_in_the_newsroom_s_language(newsroom: Newsroom) -> None:
    """As all that staff are told."""
    config = newsroom.folder / "config.toml"
    config.write_text(f'[newsroom]\nlanguage = "fr"\n{config.read_text("utf-8")}', "utf-8")

    assert ask(newsroom, "3 mai 2026 à 15 h") == (0, "dimanche 3 mai 2026, 15:00 UTC+2\n")


def test_a_refusal_is_the_question_that_publishing_would_ask(newsroom: Newsroom) -> None:
    """As a date of publication a span is none."""
    code, said = ask(newsroom, "--as", "date", "1 - 3 May 2026")

    assert code == 1
    assert said.startswith("Date is one day.")


@pytest.mark.parametrize(
    ("text", "expected"), [("", "Date is empty."), ("Nov 25", "The date has no year.")]
)
def test_a_text_alone_is_a_date(text: str, expected: str, newsroom: Newsroom) -> None:
    """Nobody named a field, so none is named to them."""
    code, said = ask(newsroom, text)

    assert code == 1
    assert said.startswith(expected)
