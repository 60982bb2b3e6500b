"""A file becomes a draft, or is held with the reasons."""

from __future__ import annotations

from datetime import date
from itertools import product
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dateline.entries.fields import BODY_TEXT, NAMES
from dateline.entries.parse import parse
from dateline.entries.parse.encoding import decode
from dateline.entries.scan import MAX_SIZE
from dateline.errors import EntryError, Problem, State
from dateline.model import Draft, Source
from support.paths import DATA

TODAY = date(2026, 11, 25)
GOOD = (DATA / "bad_entries/2008-10-20-lebanon.toml.txt").read_bytes()
A_DAY = 86_400.0
CODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]


def read(data: bytes | str, *, age: float = A_DAY, path: str = "a.toml") -> Draft:
    """Read the bytes, or the text, of a file."""
    data = data.encode() if isinstance(data, str) else data
    draft = parse(Source(path=path, data=data, age=age), today=TODAY)
    if draft.faults:
        raise EntryError(*draft.faults)
    return draft


def problems(data: bytes | str, *, age: float = A_DAY) -> tuple[Problem, ...]:
    """Return the problems of a file, faults or hints."""
    try:
        return read(data, age=age).notes
    except EntryError as error:
        return error.problems


def test_a_valid_file_is_read_into_fields() -> None:
    """Each value is under its name, and nothing is reported."""
    draft = read(GOOD)

    assert (draft.fields["date"], draft.fields["categories"], draft.notes) == (
        date(2008, 10, 20),
        ["human trafficking", "Lebanon"],
        (),
    )


def test_each_field_has_its_line() -> None:
    """Also after fields of several lines, and after lines that are no field."""
    draft = read('\n# note\ntitle = "x"\ncategories = [\n "a",\n]\n\ndate = 2008-10-20\nbody = "x"')

    assert dict(draft.lines) == {"title": 3, "categories": 4, "date": 8, "body": 9, BODY_TEXT: 9}


def test_lines_are_those_on_disk_after_a_repair() -> None:
    """A repair keeps the number of lines, so that messages point to the right one."""
    text = "title = “x”\r\ncategories = [\r\n “a”,\r\n “b”]\r\ndate = 20 October 2008\r\nbody = ''"

    assert [(p.code, p.line) for p in problems(text)] == [("body-empty", 6)]


@pytest.mark.long
@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_no_truncation_that_lost_text_is_accepted(coding: str, end: str) -> None:
    """A file cut at any byte is held or waited for, unless all its text is there."""
    text = GOOD.decode().replace("Only", "Només à Genève").replace("\n", end)
    data = text.encode(coding)
    kept = text.rstrip()

    for length in range(len(data)):
        try:
            read(data[:length])
        except EntryError:
            continue
        assert decode(Source(path="", data=data[:length], age=0)).text.split() == kept.split()


@pytest.mark.parametrize(
    "opening", ["“““", '"“”', "'''", '"""  '], ids=["curly", "mixed", "single", "spaces"]
)
def test_no_truncation_of_a_file_in_need_of_repair_is_accepted(opening: str) -> None:
    """A repair never completes a truncated file."""
    text = GOOD.decode().replace('body = """', f"body = {opening}").replace("date =", "date=“")
    text = text.replace("“ 2008-10-20", "“20 October 2008”")
    text = text[: text.rindex('"""')] + opening.strip()
    assert read(text).fields["body"]

    for length in range(len(text.encode())):
        with pytest.raises(EntryError):
            read(text.encode()[:length])


@pytest.mark.parametrize("age", [0.0, 599.0])
def test_a_young_file_that_ends_inside_its_body_is_waited_for(age: float) -> None:
    """It may still be uploading."""
    found = problems(GOOD[:-7], age=age)

    assert [(problem.code, problem.state) for problem in found] == [("file-cut", State.WAIT)]


def test_a_young_truncated_file_is_waited_for_or_lacks_its_body() -> None:
    """No fault is reported in a line that is only incomplete."""
    due = {"file-cut", "body-cut", "body-missing", "date-missing", "title-missing", "body-empty"}
    for length in range(1, len(GOOD) - 4):
        codes = {problem.code for problem in problems(GOOD[:length], age=1.0)}

        assert codes <= due, length


@pytest.mark.parametrize("end", ["”””\n", "'''\n", '"""\nMore\n', "```"])
def test_a_young_complete_file_with_a_faulty_end_is_held_at_once(end: str) -> None:
    """Its closing quotes were typed wrongly."""
    text = GOOD.decode().removesuffix('"""\n') + end

    assert [problem.state for problem in problems(text, age=1.0)] == [State.HOLD]


def test_all_invalid_lines_are_reported_at_once() -> None:
    """Staff correct a file in one go."""
    text = 'title = UNODC\ndate = 2008-10-20\nsummary = "x\nlink = y\nbody = "x"\n'

    assert [(p.code, p.line) for p in problems(text)] == [
        ("quotes-missing", 1),
        ("quote-close-missing", 3),
        ("quotes-missing", 4),
    ]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("title = UNODC\n", ["quotes-missing", "date-missing", "body-missing"]),
        ("title: UNODC\n", ["no-equals", "date-missing", "body-missing"]),
        ('title = "UNODC\n', ["quote-close-missing", "date-missing", "body-missing"]),
        ("date = 2008-10-20\nSixty cases.\n", ["file-not-toml", "title-missing", "body-missing"]),
        ('titre = UNODC\nbody = "x"\n', ["quotes-missing", "date-missing"]),
        ('Title = UNODC\n"date" = 2008-10-20\nbody = "x"\n', ["quotes-missing"]),
        ("---\ntitle: UNODC\n---\nText\n", ["front-matter"]),
        ("Dear colleagues,\nplease publish this.\n", ["file-not-entry"]),
    ],
)
def test_missing_fields_are_reported_with_invalid_lines(text: str, codes: list[str]) -> None:
    """No fault waits for a second run."""
    assert [problem.code for problem in problems(text)] == codes


def test_all_faulty_fields_are_reported_at_once() -> None:
    """Missing, misspelt and mistyped ones."""
    found = problems('titel = "x"\ncategories = 3\ndraft = 3\nbody = "x"\n')

    assert [(p.code, p.line) for p in found] == [
        ("field-misspelt", 1),
        ("date-missing", None),
        ("field-not-list", 2),
        ("draft-not-bool", 3),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file-still-empty"),
        (b" \r\n\t", "file-still-empty"),
        (b"\xef\xbb\xbf", "file-still-empty"),
        (b"\xff\xfe", "file-still-empty"),
        (b"\0" * 4096, "file-still-empty"),
        (b"#" * (MAX_SIZE + 1), "file-too-large"),
        (b"\x0b\x0c", "title-missing"),
        (b"# only a note\n", "title-missing"),
        (b"Dear colleagues,\nplease publish this.\n", "file-not-entry"),
        (b"%PDF-1.7 x", "file-pdf"),
        (b"\xff\xd8\xff\xe0", "file-picture"),
        (b"\x89PNG\r\n\x1a\n", "file-picture"),
        (b"<!DOCTYPE html><html>", "file-web-page"),
        (b"\n <html lang='en'>", "file-web-page"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "file-word"),
        (b"PK\x03\x04\x14\0\0\0\0\0mimetypeapplication/vnd.oasis.opendocument.text", "file-word"),
        (b'title = "a\0b"', "file-binary"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_binary_file_is_reported_with_its_kind(data: bytes, code: str) -> None:
    """The message names the kind of file and a remedy."""
    assert problems(data)[0].code == code


def test_a_body_may_contain_any_text() -> None:
    """Text inside the quotes is never repaired."""
    text = 'date = 20/10/2008\ntitle = “x”\nbody = """\ndate = “x”;\n+++\ntitel: True,\n"""\n'

    assert read(text).fields["body"] == "date = “x”;\n+++\ntitel: True,\n"


@given(data=st.binary(max_size=300), age=st.sampled_from([0.0, A_DAY]))
@example(data=b"\xff\xfe\x00", age=0.0)
@example(data=b"title = " + b"[" * 5000, age=0.0)
@example(data=b"title" + b".a" * 5000 + b" = 1", age=0.0)
def test_any_bytes_are_an_entry_or_a_problem(data: bytes, age: float) -> None:
    """Only `EntryError` is raised, and each message can be shown."""
    for problem in problems(data, age=age):
        assert "\n" not in problem.message


PIECES = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ['"', '"""', "'", "“", "”", "‘", "’", "＂", "＝", "=", "[", "]", "{", "}", ",", ";", "\\",
         "#", "\n", "\r", "\0", "\u00a0", "\u2028", "\ufeff", "title", "body =", "date", "+++",
         "20 October", "True", "[event]", "\x0b", "\ud83d", "é", "Ã©", "\u202e", "{found}", "%s"]
    ),
)  # fmt: skip


@pytest.mark.long
@settings(max_examples=400)
@given(
    edits=st.lists(
        st.tuples(st.integers(0, len(GOOD)), st.integers(0, 12), PIECES), min_size=1, max_size=4
    ),
    coding=st.sampled_from(CODINGS),
)
def test_an_edited_file_is_read_or_held(edits: list[tuple[int, int, str]], coding: str) -> None:
    """In short time; messages have lines and names of the file."""
    text = GOOD.decode()
    for at, removed, piece in edits:
        text = text[:at] + piece + text[at + removed :]
    count = len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    start = process_time()

    found = problems(text.encode(coding, "replace"))

    assert process_time() - start < 1
    assert all(1 <= (problem.line or 1) <= count for problem in found)
    assert all("\n" not in problem.message for problem in found)


HEAD = 'title = "x"\ndate = 2008-10-20\n'


def spellings(name: str) -> list[str]:
    """Return other spellings of a name: each letter is small or a capital."""
    return ["".join(one) for one in product(*((c, c.upper()) for c in name))][1:]


LARGE: dict[str, str | bytes] = {
    "spaces": " " * MAX_SIZE,
    "spaces behind a name": "title" + " " * (MAX_SIZE - 9),
    "curly quotes": "title = " + "“" * 300_000,
    "curly quotes in a list": "categories = [" + "“" * 300_000,
    "escaped quotes in a list": "categories = [" + '\\"' * 490_000,
    "quotes": "title = " + '"' * (MAX_SIZE - 10),
    "texts that end at once": 'a = """x"""\n' * 80_000,
    "open texts": "a = '''\n'''\n" * 80_000 + "b = “",
    "open lists": "a = [\n" * 160_000,
    "brackets": "[" * (MAX_SIZE - 10),
    "deep lists": "a = " + "[" * 400_000 + "]" * 400_000,
    "colons": "a:" * 490_000,
    "commas": "title = x" + "," * 900_000,
    "notes": "title = x" + " #" * 490_000,
    "backslashes": 'body = """' + "\\" * 900_000,
    "words": "word " * 190_000,
    "lines": "\n" * 900_000 + "x",
    "fields": "".join(f"a{n} = “x”\n" for n in range(58_000)),
    "twice": "title = 1\n" * 90_000,
    "mojibake": 'title = "' + "Â" * 400_000,
    "accents": "title = " + "é" * 400_000,
    "lists in a text": f"{HEAD}tags = [{{a = '''\n"
    + "y = [{\n" * 139_000
    + "'''}] # '\nbody = \"a\\\\b\"\n",
    "lists within braces in a text": f"{HEAD}tags = [{{a = '''\n"
    + "y = [{\n{a = [\n" * 70_000
    + "'''}] # '\nbody = \"a\\\\b\"\n",
    "marks of one version": f'{HEAD}body = """\n' + "<<<<<<<\n" * 124_000 + '"""',
    "ends of quotations": "title = ‘" + "’ " * 249_000 + "x’",
    "full-width characters": "］‘=" * 140_000,
    "names that nearly are those of files": HEAD
    + "".join(f'atachments{n} = {{file = "x"}}\n' for n in range(29_000)),
    "empty sections": f'{HEAD}body = "x"\n' + "".join(f"[a{n}]\n" for n in range(110_000)),
    "sections with an escaped name": HEAD
    + "".join(f'[a{n}]\n"t\\u0069tle" = 1\n' for n in range(38_000)),
    "lists of files": HEAD
    + "".join(f'{name} = [{{file = "x"}}]\n' for name in spellings("attachments")),
    "spellings of a name": HEAD
    + "".join(f'{name} = "x"\n' for name in spellings("translation_of")),
    "Danish endings": f'title = "øe{"rne" * 330_000}x"\n'.encode("cp1252"),
}
# The others take two seconds at most.
SLOW = {
    "texts that end at once", "open texts", "empty sections", "fields", "lists in a text",
    "lists within braces in a text", "names that nearly are those of files",
    "sections with an escaped name",
}  # fmt: skip
PATIENCE = 30  # seconds of a processor, for a slow machine


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, id=name, marks=pytest.mark.release if name in SLOW else ())
        for name, text in LARGE.items()
    ],
)
def test_the_largest_file_takes_seconds_at_most(text: str | bytes) -> None:
    """No text makes the publisher hang."""
    assert len(text if isinstance(text, bytes) else text.encode()) <= MAX_SIZE + 10
    start = process_time()

    problems(text)

    assert process_time() - start < PATIENCE


@pytest.mark.parametrize(
    ("last", "code"), [('statuss = "retracted"', "field-misspelt"), ('Title = "B"', "field-twice")]
)
def test_many_unknown_fields_hide_no_fault(last: str, code: str) -> None:
    """An entry that says it is retracted, or has two titles, is held whatever else is in it."""
    unknown = "".join(f"custom_{number} = 1\n" for number in range(150))

    found = problems(f'title = "A"\ndate = 2026-11-25\n{unknown}{last}\nbody = "A"\n')

    assert [one.line for one in found if one.code == code] == [153]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_names_of_fields_may_be_in_capitals(name: str) -> None:
    """Every field is recognised."""
    lists = dict.fromkeys(("categories", "authors", "attachments"), '["a"]')
    value = {"draft": "true", **lists}.get(name, '"x"')
    text = f"{name.title().replace('_', '-')} = {value}\n"

    codes = {problem.code for problem in problems(text)}

    assert "field-misspelt" not in codes
    assert f"{name}-missing" not in codes
