"""Entry files made from a form: what is written is read back, and all else stays."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given, reject, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from dateline.entries import template
from dateline.entries.fields import FIELDS, NAMES
from dateline.entries.parse import parse
from dateline.errors import EntryError
from dateline.model import Source
from dateline.newsroom.write.composing import (
    Values,
    compose,
    edited,
    edited_as_text,
    entry_text,
    plain,
)
from dateline.newsroom.write.form import sent_values
from publication.test_cases import CASES

TODAY = date(2026, 11, 25)
BY_HAND = """\
#:schema ./entry.schema.json
# For Anna: the figures are those of October.
  title   = 'Report on "Lebanon"' # agreed
date = 2008-10-20  # the day of publication; before it nobody sees the entry
summary = "Sixty cases."  # from the annex

categories = [ "prevention",   # first
  'Lebanon' ]
# place = "Vienna, Austria"                   # where it takes place
# the text
body = '''
Sixty cases \\o/ in one year.
'''
"""
ENCODINGS = {
    "utf-8": lambda text: text.encode(),
    "with a mark": lambda text: text.encode("utf-8-sig"),
    "utf-16": lambda text: text.encode("utf-16"),
    "windows": lambda text: text.encode("cp1252"),
    "windows ends": lambda text: text.replace("\n", "\r\n").encode(),
    "mixed ends": lambda text: text.replace("\n", "\r\n", 3).encode(),
    "no last end": lambda text: text.rstrip("\n").encode(),
}
LINES = st.text(st.characters(blacklist_categories=["Cs"]), max_size=40)
QUOTES = ('"""', "'''", "\\", '\\"', "\\\\n", '"' * 5, "'" * 4)
OTHERS = (
    "\n",
    "\r\n",
    "\t",
    "\x00",
    "\x1b",
    "🗞️",
    "تقرير",
    "\u202e",
    "#",
    "[a]",
    "a = 1",
    "é" * 3000,
)
WILD = st.sampled_from([*QUOTES, *OTHERS])
TEXTS = st.one_of(LINES, st.lists(st.one_of(WILD, LINES), max_size=4).map("".join))
VALUES = {
    "line": TEXTS,
    "text": TEXTS,
    "texts": st.lists(TEXTS, max_size=3).map(tuple),
    "list": st.lists(TEXTS, max_size=3).map(tuple),
    "files": st.lists(
        st.one_of(TEXTS, st.fixed_dictionaries({"file": TEXTS, "title": TEXTS})), max_size=3
    ).map(tuple),
    "date": st.one_of(TEXTS, st.sampled_from(["2026-11-25", "25 November 2026"])),
    "flag": st.booleans(),
}
FORMS = st.lists(st.sampled_from(FIELDS), max_size=4, unique_by=lambda field: field.name).flatmap(
    lambda fields: st.fixed_dictionaries({one.name: VALUES[one.type] for one in fields})
)


def read(data: bytes) -> dict[str, object]:
    """Return the values of a file as they are compared, without the empty ones."""
    try:
        found = entry_text("a.toml", data)
    except EntryError:  # letters that look spoilt are refused in any file
        reject()
    assert found.values is not None
    return known(found.values)


def known(values: Values) -> dict[str, object]:
    """Return values as they are compared, without the empty ones; others are on one line."""
    found = {name: plain(value) for name, value in values.items()}
    return {
        name: value if name == "body" or not isinstance(value, str) else " ".join(value.split())
        for name, value in found.items()
        if value not in ("", (), False)
    }


# ---- New files


@pytest.mark.long
@given(values=FORMS)
@example(values={"title": "T", "body": 'Ends in a "quote"'})
@example(values={"title": "T", "body": "\\ and ''' and \"\"\" at the end '"})
def test_what_is_composed_is_read_back(values: Values) -> None:
    """Any text, with quotes, backslashes, controls and other alphabets; nothing is added."""
    data = compose(values, today=TODAY)

    assert read(data) == known(values)


@given(body=st.text(st.characters(blacklist_categories=["Cs", "Cc", "Cn", "Co"]), min_size=1))
def test_the_reader_of_entries_finds_the_same_text(body: str) -> None:
    """Nothing in it is repaired, except what is held for its content."""
    values = {"title": "Report", "date": "2026-11-25", "body": body}
    try:
        draft = parse(Source(path="a.toml", data=compose(values, today=TODAY), age=60), today=TODAY)
    except EntryError as error:
        codes = {one.code for one in error.problems}
        assert codes <= {"file-mojibake", "file-lost-letters"}
        return

    if draft.faults:
        assert {one.code for one in draft.faults} <= {"body-missing", "body-empty"}
    else:
        assert plain(str(draft.fields["body"])) == plain(body)


def test_line_ends_and_hyphens_of_word_are_kept() -> None:
    """PowerPoint and Word copy them as control characters; no two words become one."""
    values = {"title": "News of the pier\x0bCOVID\x1e19", "body": "First line\x0bsecond line"}
    data = compose({"date": "2026-11-25", **values}, today=TODAY)

    assert read(data) == {
        "title": "News of the pier COVID\u201119",
        "date": "2026-11-25",
        "body": "First line\u2028second line",
    }


def test_a_sentence_of_word_is_one_correction() -> None:
    """Its control characters end no line of the form."""
    sent = MultiDict({"correction": "COVID\x1e19, not flu.\r\nIn May,\x0bnot in June."})

    assert sent_values(sent)["correction"] == (
        "COVID\x1e19, not flu.",
        "",
        "In May,\x0bnot in June.",
    )


def test_a_new_file_looks_as_new_writes_it() -> None:
    """Title, day and text apart, and fields that are filled in where they are offered."""
    values = {"title": "Report", "date": "2026-11-25", "body": template.BODY}

    plain_one = compose(values, today=TODAY, depth=1).decode()
    full = compose({**values, "summary": "Sixty."}, today=TODAY, depth=1).decode()

    assert plain_one == template.template("Report", kind="news", today=TODAY, depth=1)
    differing = set(full.splitlines()) ^ set(plain_one.splitlines())
    assert {line.partition("=")[0] for line in differing} == {"summary ", "# summary "}


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("2026-11-25", "2026-11-25"),
        (" 2026-11-25 09:30 ", '"2026-11-25 09:30"'),
        ("2026-11-25 09:30:00", "2026-11-25 09:30:00"),
        ("2026-11-25T09:30:00+01:00", "2026-11-25T09:30:00+01:00"),
        ("25 November 2026", '"25 November 2026"'),
        ("2026-02-30", '"2026-02-30"'),
    ],
)
def test_a_date_is_written_as_it_was_typed(typed: str, written: str) -> None:
    """Without quotes only where TOML 1.0 has such a date; the form shows the file again."""
    data = compose({"title": "T", "date": typed, "body": "B"}, today=TODAY)

    assert f"\ndate = {written}  #" in data.decode()
    assert entry_text("a.toml", data).values is not None


# ---- Files that are there


@pytest.mark.parametrize("coding", ENCODINGS)
@settings(max_examples=20)
@given(form=FORMS)
def test_an_edit_changes_its_fields_alone(coding: str, form: Values) -> None:
    """Each field then has its new value, and every other one the value of before."""
    data = ENCODINGS[coding](BY_HAND)
    file = entry_text("a.toml", data)
    assert file.values is not None

    new = edited(file, form)

    assert read(new) == known({**file.values, **form})


@pytest.mark.parametrize("coding", ENCODINGS)
def test_a_form_that_is_unchanged_changes_no_byte(coding: str) -> None:
    """As a browser sends it back: with its own line ends, and without those around the text."""
    data = ENCODINGS[coding](BY_HAND)
    file = entry_text("a.toml", data)
    assert file.values is not None
    sent = {
        name: value.strip("\n").replace("\n", "\r\n") if isinstance(value, str) else value
        for name, value in file.values.items()
    }

    assert edited(file, sent) == data
    assert edited_as_text(file, file.text.replace("\n", "\r\n")) == data


@pytest.mark.parametrize("coding", ENCODINGS)
def test_comments_order_and_quotes_survive(coding: str) -> None:
    """A changed value is replaced in its place; a new one stands where it was offered."""
    new = edited(
        entry_text("a.toml", ENCODINGS[coding](BY_HAND)),
        {"date": "21 October 2008", "place": "Tyre", "summary": "", "draft": True},
    )

    expected = BY_HAND.replace(BY_HAND.splitlines()[8], 'place = "Tyre"')
    for old, text in {
        "2008-10-20": '"21 October 2008"',
        'summary = "Sixty cases."  #': "#",
        "'Lebanon' ]\n": "'Lebanon' ]\ndraft = true\n",
    }.items():
        expected = expected.replace(old, text)
    assert entry_text("a.toml", new).text.rstrip() == expected.rstrip()
    assert coding == "mixed ends" or new == ENCODINGS[coding](expected)


def test_letters_that_windows_lacks_make_it_utf_8() -> None:
    """No letter is lost."""
    file = entry_text("a.toml", ENCODINGS["windows"](BY_HAND.replace("Sixty", "Soixante é à")))

    new = edited(file, {"place": "Łódź, بيروت"})

    assert 'place = "Łódź, بيروت"' in new.decode()


CASE_FILES = sorted(
    file for file in CASES.glob("*/entries/**/*.toml") if not file.name.startswith(".")
)


def test_any_file_of_the_cases_survives_a_form() -> None:
    """Unchanged forms leave every byte, and one new title changes one line."""
    edited_files = 0
    for path in CASE_FILES:
        data = path.read_bytes()
        try:
            file = entry_text(path.name, data)
        except EntryError:
            continue
        assert edited_as_text(file, file.text) == data
        if file.values is None:
            continue
        edited_files += 1
        assert edited(file, file.values) == data
        new = edited(file, {"title": "Another"})
        assert read(new) == {**known(file.values), "title": "Another"}
        assert abs(new.count(b"\n") - data.count(b"\n")) <= 1

    assert edited_files > 20


@pytest.mark.parametrize(
    "text",
    [
        'title = "x',
        'title = 7\ndate = 2026-11-25\nbody = "B"\n',
        'title = "A"\nTitle = "B"\nbody = "B"\n',
        'title = "A"\n[[attachments]]\nfile = "a.pdf"\nbody = "B"\n',
        'title = "A"\ncategories = "a, b"\na.b = 1\nbody = "B"\n',
    ],
)
def test_a_file_with_faults_is_edited_as_text(text: str) -> None:
    """Nothing is guessed; lines around the change keep their ends."""
    file = entry_text("a.toml", text.replace("\n", "\r\n").encode())

    new = edited_as_text(file, text.replace("A", "C"))

    assert file.values is None
    assert new == text.replace("A", "C").replace("\n", "\r\n").encode()


@given(
    lines=st.lists(st.sampled_from(["a\n", "a\r\n", "b\n", "b\r\n", "\r"]), max_size=6),
    text=st.lists(st.sampled_from(["a", "b", ""]), max_size=6).map("\n".join),
)
def test_a_text_is_saved_as_it_was_typed(lines: list[str], text: str) -> None:
    """Whatever its line ends were."""
    data = ("# x\n" + "".join(lines)).encode()
    file = entry_text("a.toml", data)

    assert edited_as_text(file, file.text) == data
    again = entry_text("a.toml", edited_as_text(file, "# x\n" + text))
    assert again.text == "# x\n" + text


def test_every_field_has_a_kind_of_value() -> None:
    """A new type of field has to be known here."""
    assert {field.name for field in FIELDS} == NAMES
    assert all(field.type in VALUES for field in FIELDS)
