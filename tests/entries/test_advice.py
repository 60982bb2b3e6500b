"""Advice that is followed to the letter works: what a message says to type can be read."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from dateline.entries.fields import FIELDS, LISTS, NAMES_FILE
from dateline.entries.parse import parse
from dateline.errors import EntryError, Problem, State
from dateline.messages.codes import lines
from dateline.model import Draft, Source
from dateline.text import toml

TODAY = date(2026, 11, 25)
REST = {"title": '"Report"', "date": "2026-11-24", "body": '"Text."'}
# Faults of the line itself, after which its value is not even looked at.
UNREADABLE = lines.MESSAGES.keys() | {"field-not-text", "field-not-list", "field-not-date"}
TEXTS = sorted(one.name for one in FIELDS if one.type in {"line", "text"} and one.name != "body")
WORDS = ["Jane", "JJ", "12", "and", "report.pdf", "It was 60.", "A", "é"]
SIGNS = ['"', "'", "\\", ", ", " ", "“", "”", "‘", "«", "»", "[", "]", "(", ";", "\\\\", '\\"', "="]
VALUES = st.lists(st.sampled_from(WORDS) | st.sampled_from(SIGNS), min_size=1, max_size=9)


def with_line(line: str) -> str:
    """Return an entry in which one line is that of its field, or stands before the body."""
    name = re.split(r"\W", line, maxsplit=1)[0]
    others = {key: f"{key} = {value}" for key, value in REST.items()}
    body = others.pop("body")
    return "".join(f"{one}\n" for one in [*(others | {name: line}).values(), body])


def faults(line: str) -> list[Problem]:
    """Return what holds an entry with this line."""
    try:
        draft = parse(
            Source(path="a.toml", data=with_line(line).encode(), age=86_400.0), today=TODAY
        )
    except EntryError as error:
        return [one for one in error.problems if one.state == State.HOLD]
    return [*draft.faults]


def advised(line: str) -> str:
    """Return the line to type in place of a faulty one."""
    found = faults(line)
    typed = [str(one.wanted) for one in found if " = " in str(one.wanted)]
    assert len(typed) == 1, found
    assert typed[0] in found[0].message
    return typed[0]


ADVICE = [
    ('authors = ["Jane "JJ" Doe", "Bob"]', 'authors = ["Jane “JJ” Doe", "Bob"]'),
    ('authors = Jane "JJ" Doe', 'authors = ["Jane “JJ” Doe"]'),
    ('authors = ["Doe, Jane" "Bob"]', 'authors = ["Doe, Jane", "Bob"]'),
    ("authors = Jane Doe (Graz)", 'authors = ["Jane Doe (Graz)"]'),
    ('authors = ["Ann", 5]', 'authors = ["Ann", "5"]'),
    ('authors = ["Doe, Jane", 5]', 'authors = ["Doe, Jane", "5"]'),
    ('categories = ["a" and "b"]', 'categories = ["a", "b"]'),
    ("categories = [a, “b”, c d]", 'categories = ["a", "b", "c d"]'),
    (r'categories = ["A\B" "C"]', r'categories = ["A\\B", "C"]'),
    (r'categories = ["A\\B" "C"]', r'categories = ["A\\B", "C"]'),
    ('attachments = ["Report "final".pdf"]', "attachments = ['Report \"final\".pdf']"),
    ("attachments = report, final.pdf", 'attachments = ["report, final.pdf"]'),
    ("attachments = a.pdf, b.pdf", 'attachments = ["a.pdf", "b.pdf"]'),
    (r'attachments = ["x\a.pdf"]', 'attachments = ["x/a.pdf"]'),
    (
        'correction = ["It was "60", not 66.", "The meeting is in Graz."]',
        'correction = ["It was “60”, not 66.", "The meeting is in Graz."]',
    ),
    (
        "correction = [It was 60, not 66., The meeting is in Graz.]",
        'correction = ["It was 60, not 66.", "The meeting is in Graz."]',
    ),
    (
        'correction = "It was 60.", "The meeting is in Graz."',
        'correction = ["It was 60.", "The meeting is in Graz."]',
    ),
    ("correction = [It was 60, not 66]", 'correction = ["It was 60, not 66"]'),
    ('correction = ["It was 60.", 66]', 'correction = ["It was 60.", "66"]'),
    (r'correction = ["\"]', r'correction = ["\\"]'),
    (r"place = Room A\B", r'place = "Room A\\B"'),
    (r'place = Room A\B"', r'place = "Room A\\B"'),
    (r"place = «Room A\B»", r'place = "Room A\\B"'),
    (r"place = [Room A\B]", r'place = "Room A\\B"'),
    (r"title = AC\DC tour", r'title = "AC\\DC tour"'),
    (r"title = ['AC\DC']", r'title = "AC\\DC"'),
    (r"title = 'AC\DC' tour", r'title = "“AC\\DC” tour"'),
    (r'title: "AC\\DC"', r'title = "AC\\DC"'),
    (r'title = "He said \"no" twice', 'title = "He said “no” twice"'),
    (r'title = "He said \"no\"', 'title = "He said “no”"'),
    ("title = ['He said \"no\"']", 'title = "He said “no”"'),
    ('title = "The 12" pipe"', 'title = "The 12″ pipe"'),
    ('title = The 12" pipe', 'title = "The 12″ pipe"'),
    ('title = "A "12" pipe" here"', 'title = "A “12” pipe” here"'),
    ('title = "Stop" and "Go"', 'title = "“Stop” and “Go”"'),
    ('title = "Stop" and "Go" now', 'title = "“Stop” and “Go” now"'),
    ("title = 'Stop' and 'Go'", "title = \"'Stop' and 'Go'\""),
    ("title = «Stop» and «Go»", 'title = "«Stop» and «Go»"'),
    ("title = ”Stop” and ”Go”", 'title = "”Stop” and ”Go”"'),
    ('title = "He said "no, and left"', 'title = "He said “no, and left”"'),
    ('title = "He said "no""', 'title = "He said “no”"'),
    ('title = ""Report""', 'title = "Report"'),
    ('title = "Report".', 'title = "Report."'),
    ('title = "The "Blue Heart" campaign" # new', 'title = "The “Blue Heart” campaign"'),
    ("title = Room #5", 'title = "Room #5"'),
    ("title:", 'title = "…"'),
    ("title ==", 'title = "…"'),
    ('authors = ["Anna"], ["Bo"]', 'authors = ["Anna", "Bo"]'),
    ('authors = ["Doe, Anna"], "Bo"', 'authors = ["Doe, Anna", "Bo"]'),
    ('categories = ["a"] und ["b", "c"]', 'categories = ["a", "b", "c"]'),
    ('attachments = ["a.pdf"] ["b.pdf"]', 'attachments = ["a.pdf", "b.pdf"]'),
    ('correction = ["It was 60."], ["In Graz."]', 'correction = ["It was 60.", "In Graz."]'),
    ('summary = """', 'summary = "…"'),
    ('summary = """The report', 'summary = "The report"'),
    ('summary = """\nThe report\n\nis out.\n', 'summary = "The report is out."'),
    ("title = '''Report", 'title = "Report"'),
    ('authors = """Anna', 'authors = ["Anna"]'),
    ('date = """2026-11-24', "date = 2026-11-24"),
    ("date =", "date = 2026-11-25"),
    ("date:", "date = 2026-11-25"),
    ("event =", "event = 2026-11-25"),
    ('date = "2026-11-24', "date = 2026-11-24"),
]


@pytest.mark.parametrize(("line", "typed"), ADVICE, ids=[line for line, _ in ADVICE])
def test_the_line_to_type_is_read_as_it_was_meant(line: str, typed: str) -> None:
    """It keeps each word and sign, and there is nothing more to correct."""
    found = advised(line)

    assert found == typed
    assert faults(typed) == []


@pytest.mark.parametrize("body", ['"""\nText.\n"""', '"""Text."""', '"Text."', "'''\nText.\n'''"])
def test_a_text_without_an_end_ends_before_the_next_field(
    body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quotes with which that one begins are not its end."""
    monkeypatch.setitem(REST, "body", body)

    typed = advised('summary = """The report')

    assert typed == 'summary = "The report"'
    assert faults(typed) == []


@pytest.mark.parametrize("quotes", ['"""', "'''", "“““"])
def test_a_body_without_an_end_gets_the_quotes_that_end_it(
    quotes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are those with which it begins, if it can be read with them."""
    monkeypatch.setitem(REST, "body", f"{quotes}\nText.")
    (fault,) = faults("")
    monkeypatch.setitem(REST, "body", f"{quotes}\nText.\n{fault.wanted}")

    assert (fault.code, f"Add {fault.wanted} on a line" in fault.message) == ("body-open", True)
    assert faults("") == []


def test_a_name_among_several_files_replaces_none_of_them() -> None:
    """The advice is the name to type, not a line without the others."""
    found = faults(r'attachments = ["x\a.pdf", "b.pdf"]') + faults(
        r'attachments = ["b.pdf", "C:\x\a.pdf"]'
    )

    assert [str(one.wanted) for one in found] == ['"x/a.pdf"', '"a.pdf"']


@pytest.mark.parametrize("name", ["place", "authors", "correction", "image", "attachments"])
def test_a_line_that_is_too_long_to_show_can_be_read(name: str) -> None:
    """It is cut off with an ellipsis, and has its quotes and brackets."""
    names = [f"a name that is rather long, {number}" for number in range(40)]
    value = " ".join(f'"{one}"' for one in names)

    typed = advised(f"{name} = [{value}]")

    assert "…" in typed
    assert len(typed) < 300
    assert faults(typed) == []


@pytest.mark.parametrize(
    ("text", "typed"), [("date = true", "date = 2026-11-25;"), ("x", "date = 2026-11-25,")]
)
def test_a_date_to_type_is_the_current_day(text: str, typed: str) -> None:
    """An example of long ago would be published as old news."""
    data = text if text == "x" else with_line(text)
    source = Source(path="a.toml", data=data.encode(), age=86_400.0)
    try:
        found = parse(source, today=TODAY).faults
    except EntryError as error:
        found = error.problems

    assert typed in found[0].message


@given(name=st.sampled_from([*TEXTS, *sorted(LISTS), "correction"]), parts=VALUES)
@example(name="correction", parts=['["', "\\", '"]'])
@example(name="place", parts=["A", "\\", "A"])
@example(name="authors", parts=['["', "Jane ", '"', "JJ", '"', " A", '"]'])
@example(name="title", parts=['"', "A", '"', " and ", '"', "A", '"'])
def test_any_line_to_type_can_be_read(name: str, parts: list[str]) -> None:
    """It is no faulty line again, and has the same letters and digits in the same order."""
    line = f"{name} = {''.join(parts)}"
    found = [one for one in faults(line) if " = " in str(one.wanted)]
    assume(found)
    typed = str(found[0].wanted)

    after = [one.code for one in faults(typed) if one.code in UNREADABLE]

    value = next(iter(toml.parse(typed).values()))
    read = "".join(map(str, value)) if isinstance(value, list) else str(value)
    assert after == []
    if name not in NAMES_FILE and "and" not in parts:
        assert letters(read) == letters("".join(parts)) or "…" in read


@given(name=st.sampled_from([*TEXTS, *sorted(LISTS), "correction"]), parts=VALUES)
@example(name="title", parts=['"', "A", "\\", "JJ", '"', "A", '"'])
@example(name="place", parts=["A", "\\", "A", '"'])
def test_no_advice_leads_in_a_circle(name: str, parts: list[str]) -> None:
    r"""No line comes up twice, also where `\\` is to be typed for `\`."""
    line = f"{name} = {''.join(parts)}"
    seen = []
    while found := [one for one in faults(line) if one.code in UNREADABLE]:
        assert line not in seen
        seen.append(line)
        if found[0].code == "backslash":
            line = re.sub(r"(?<!\\)\\(?!\\)", r"\\\\", line)
        elif " = " in str(found[0].wanted):
            line = str(found[0].wanted)
        else:  # such as two fields on a line
            break

    assert len(seen) <= 3


def letters(text: str) -> list[str]:
    """Return the letters and digits of a text."""
    return re.findall(r"\w", text)


KEPT_BACK = [
    ("public = false", "draft = true"),
    ('publish = "no"', "draft = true"),
    ('visibility = "private"', "draft = true"),
    ("embargo = true", "draft = true"),
    ("is_public = false", "draft = true"),
    ('published = "24 December 2026"', 'date = "24 December 2026"'),
    ("extra.private = true", "draft = true"),
    ("embargo = 2026-12-24", "date = 2026-12-24"),
    ('release = "2026-12-24 10:00"', "date = 2026-12-24 10:00"),
    ('embargo = "24 December"', "date = 2026-12-24"),
    ('embargo = "Friday"', "date"),
    ('time = "23:00"', "date = 2026-11-25 23:00"),
    ("time = 23:00:00", "date = 2026-11-25 23:00"),
    ('live_from = "2026-11-25 18:00"', "date = 2026-11-25 18:00"),
    ("published_at = 2026-11-25T18:00:00Z", "date = 2026-11-25 18:00:00+00:00"),
    ("visible_from = 2026-11-24T23:30:00-10:00", "date = 2026-11-24 23:30:00-10:00"),
    ('visible_from = "2026-11-25 6 pm"', 'date = "2026-11-25 6 pm"'),
    ('freigabe = "nein"', "draft = true"),
    ('published = "none"', "draft = true"),
    ("public = 0", "draft = true"),
    ("visibility = false", "draft = true"),
    ('visibility = ["members"]', "draft = true"),
    ("pubdate = 2026-12-24", "date = 2026-12-24"),
]


def read(line: str, day: str = "2026-11-25") -> Draft:
    """Return a file of this line and day, as it is read at nine in the morning."""
    text = f'title = "Report"\ndate = {day}\n{line}\nbody = "Text."\n'
    source = Source(path="a.toml", data=text.encode(), age=86_400.0)
    return parse(source, today=TODAY, now=datetime(2026, 11, 25, 9, tzinfo=UTC))


@pytest.mark.parametrize(("line", "wanted"), KEPT_BACK)
def test_news_that_other_systems_keep_back_has_a_line_that_does(line: str, wanted: str) -> None:
    """The name of the field alone would publish it, as in `draft = false`."""
    found = read(line)

    assert [str(one.wanted) for one in found.faults] == [wanted]
    assert wanted == "date" or not faults(wanted)


@pytest.mark.parametrize(
    "line",
    [
        'time = "23:00"\nevent = "25 November 2026"',
        'password = "1234"\nevent = "25 November 2026"',
        'tz = "UTC"',
        'embargo = "none"',
        'Sperrfrist = "-"',
        'live_from = "2026-11-25 08:00"',
        "published_at = 2026-11-25T09:00:00+01:00",
        "publication_date = 2026-11-25",
        'publication_date = "March 2019"',
        'hide = ["toc"]',
        'private = "nein"',
        "hidden = 0",
    ],
)
def test_a_field_that_keeps_no_news_back_holds_nothing(line: str) -> None:
    """The time and the password of a meeting, the zone of a day, and moments that are over."""
    assert [*read(line).faults] == []


@pytest.mark.parametrize(
    ("day", "line", "wanted"),
    [
        ('"2026-11-25 18:00"', 'tz = "EST"', ['date = "2026-11-25 18:00 EST"']),
        ('"25 November 2026, 6 pm"', 'tz = "EST"', ['date = "25 November 2026, 6 pm EST"']),
        ('"25 November 2026"', 'time = "18:00"', ['date = "25 November 2026 18:00"']),
        ('"2026-11-25 18:00"', 'time = "18:00"', []),
        ('"2026-11-25 18:00 CET"', 'tz = "EST"', []),
        ('"2026-11-25 18:00"', 'tz = "UTC"', []),
        ('"12 March 2024"', 'time = "18:00"', []),
        ("2026-11-24", 'published = "2 May"', ["date = 2027-05-02"]),
        ("2026-05-03", 'published = "2 May"', []),
        ("2019-05-03", 'post_date = "12 March"', []),
        ("2019-05-03", 'embargo = "24 December"', ["date = 2026-12-24"]),
        ("2026-11-24", 'publication = "The Times, 4 December"', []),
        ("2026-11-24", 'release = "Friday, 4 December"', ["date = 2026-12-04"]),
        ("2026-11-24", 'release = "Fri, 4 December"', ["date = 2026-12-04"]),
        ("2026-11-24", 'release = "Wednesday, 2 December"', ["date = 2026-12-02"]),
        ("2026-11-24", 'release = "vendredi, 4 décembre"', ["date = 2026-12-04"]),
        ("2026-11-24", 'release = "December 4, 10:00"', ["date = 2026-12-04 10:00"]),
    ],
)
def test_a_time_or_zone_beside_a_date_is_a_part_of_it(
    day: str, line: str, wanted: list[str]
) -> None:
    """However the date is written; not of one that has it, of a former year, or the own zone."""
    assert [str(one.wanted) for one in read(line, day).faults] == wanted
