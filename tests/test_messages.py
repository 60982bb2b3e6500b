"""Every sentence that staff can meet is plain, whole and in use."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from dateline.errors import Problem, State
from dateline.messages import CATALOGUE, page, shown

ROOT = Path(__file__).parent.parent
SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "dateline").rglob("*.py"))
    if path.name != "messages.py"
)
# What nobody but a programmer says.
NOT_STAFFS = re.compile(
    r"\b(?:pars\w*|tokens?|invalid|syntax|illegal|exception|string|boolean|null|encod(?:ed|er)"
    r"|characters? class|array|delimiter|escap\w*|unicode\w* error)\b",
    re.IGNORECASE,
)
SAID = {code: message for code, message in CATALOGUE.items() if message.text}
KINDS_OF_DATES = {code for code in CATALOGUE if code.startswith("date-")}


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_code_is_used(code: str) -> None:
    """Nothing stands in the catalogue that no file can bring about."""
    made = {
        "date": code.startswith("date-") and f'"{code.removeprefix("date-")}"',
        "needed": code.endswith(("-missing", "-empty")) and f'"{code.rpartition("-")[0]}"',
        "order": code.endswith("-before-date") and f'"{code.removesuffix("-before-date")}"',
    }
    ways = [f'"{code}"', *(way for way in made.values() if way)]

    assert [way for way in ways if way in SOURCES]


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_state_is_one_of_five(code: str) -> None:
    """What happens to the file is said with the sentence."""
    assert CATALOGUE[code].state in set(State)


@pytest.mark.parametrize("code", SAID)
def test_a_message_is_one_plain_line(code: str) -> None:
    """It starts in lower case, ends with its mark, and has no word of programmers."""
    text = SAID[code].text

    assert "\n" not in text
    assert re.match(r"[a-z\"'{]|https:|this", text)
    assert text.endswith((".", "?")) or re.search(r"\{wanted\}$", text)
    assert not NOT_STAFFS.search(text)
    assert "  " not in text


@pytest.mark.parametrize("code", CATALOGUE)
def test_a_message_renders_with_its_fields(code: str) -> None:
    """Whatever stands in the file: braces and percent signs are only signs."""
    problem = Problem(
        code=code, file="a.toml", line=4, field="{title}", found="{found} %s {", wanted="{0}"
    )
    fields = {name for _, name, _, _ in string.Formatter().parse(CATALOGUE[code].text) if name}

    assert fields <= {"field", "found", "wanted"}
    assert problem.message == "" or problem.message.startswith("Line 4: ")
    assert problem.state == CATALOGUE[code].state


def test_a_message_of_the_whole_file_starts_with_a_capital() -> None:
    """It stands alone."""
    problem = Problem(code="date-missing", file="a.toml", wanted="2026-11-25")

    assert problem.message == "The date is missing. Add a line: date = 2026-11-25."


@pytest.mark.parametrize(
    ("text", "short"),
    [("a\nb\x07c", "a b c"), ("x" * 99, "x" * 59 + "…"), (" a ", "a"), ("\u202ea", "a"), ("", "")],
)
def test_what_is_shown_fits_on_a_line(text: str, short: str) -> None:
    """Control signs and signs that turn text round are not repeated."""
    assert shown(text) == short


def test_every_message_stands_on_one_page() -> None:
    """`docs/messages.md` is what `dateline.messages.page` gives; write it anew after a change."""
    assert (ROOT / "docs/messages.md").read_text(encoding="utf-8") == page()
    assert all(f"| `{code}` |" in page() for code in SAID)
