"""One dialect of TOML, and the line of every key."""

from __future__ import annotations

from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from dateline.errors import TomlError
from dateline.text import toml

TEXT = """\
title = "x"
a.b = 1

[table."two words"]
inline = { c = 1, list = [
  1,
  { d = 2 },
] }

[[feed]]
name = "first"
[[feed]]  # another
name = "second"
[feed.window]
days = 3
[[feed.rule]]
x = 1
[[feed.rule]]
x = 2
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 1),
        (("a",), 2),
        (("a", "b"), 2),
        (("table", "two words"), 4),
        (("table", "two words", "inline", "c"), 5),
        (("table", "two words", "inline", "list", 0), 6),
        (("table", "two words", "inline", "list", 1, "d"), 7),
        (("feed", 0), 10),
        (("feed", 0, "name"), 11),
        (("feed", 1), 12),
        (("feed", 1, "name"), 13),
        (("feed", 1, "window", "days"), 15),
        (("feed", 1, "rule", 0, "x"), 17),
        (("feed", 1, "rule", 1, "x"), 19),
    ],
)
def test_each_key_has_its_line(path: toml.Path, line: int) -> None:
    """Tables, dotted keys, arrays and inline tables are all covered."""
    assert toml.lines(TEXT)[path] == line


def paths(value: Any, above: toml.Path = ()) -> set[toml.Path]:
    """Yield the path of every key and item of a parsed value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found: set[toml.Path] = set()
    for name, part in inner:
        found.add((*above, name))
        if isinstance(part, dict | list):
            found |= paths(part, (*above, name))
    return found


def test_keys_with_lines_equal_the_parsed_keys() -> None:
    """Both parsers of the text find the same keys."""
    assert set(toml.lines(TEXT)) == paths(toml.parse(TEXT))


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("a = 1\nb = ", 2, 5), ("a = 1\na = 2", 2, 6), ('a = "x', 1, 7), ("a = " + "[" * 9999, 1, 1)],
)
def test_a_fault_has_a_line_and_a_column(text: str, line: int, column: int) -> None:
    """They are numbers, not words in a sentence."""
    with pytest.raises(TomlError) as caught:
        toml.parse(text)

    assert (caught.value.line, caught.value.column) == (line, column)


def test_toml_1_1_is_read_on_every_python() -> None:
    """An inline table may have line breaks and a trailing comma."""
    assert toml.parse('a = {\n  b = "\\e",\n}') == {"a": {"b": "\x1b"}}


@given(st.text())
def test_any_text_is_a_table_or_a_fault(text: str) -> None:
    """Only `TomlError` is raised, and a parsed text has lines."""
    try:
        table = toml.parse(text)
    except TomlError:
        return
    assert {path[0] for path in toml.lines(text)} == set(table)


LONG = [
    'title = "A"\nbody = """\nOne "two" é.\n\n\tThree.\n"""\ndraft = true\n',
    'body = """One\r\ntwo"""\r\n[table]\nbody = "x"\n',
    'body = """\nIt is "so""""\n',  # a quotation mark belongs to the text
    'body = """a\\nb"""\n',
    '# """\nbody = """\n',
    '[table]\nbody = """\nx"""\n',
    "body = '''\n\"\"\"a\"\"\"'''\n",
    'a.body = """\nx"""\nb = 1\n',
    '"body" = """\nx"""\n',
    'body = """\nx\x07"""\n',
    'body = """\nx"""\nbody = 2\n',
    '\r\r\nbody = """\nx"""\n',
    'body = """\nx""" y\n',
    'body = "\ufde0"\ntitle = """\nx"""\n',
]


@pytest.mark.parametrize("text", LONG)
def test_a_long_text_has_the_value_that_toml_gives_it(text: str) -> None:
    """It is set aside while the rest is read, and changes neither values, order nor faults."""
    try:
        expected: object = [*tomli.loads(text).items()]
    except tomli.TOMLDecodeError as error:
        expected = (error.lineno, error.colno)
    try:
        found: object = [*toml.parse(text).items()]
    except TomlError as error:
        found = (error.line, error.column)

    assert found == expected


@pytest.mark.parametrize("number", ["1" * 5_000, "0x" + "f" * 5_000, f"[{{a = 0b{'1' * 20_000}}}]"])
@pytest.mark.parametrize("rest", ["", '\nbody = """a"""\n'])
def test_a_number_that_is_too_long_is_a_fault(number: str, rest: str) -> None:
    """Python converts at most 4,300 digits to a number, or a number to so many."""
    with pytest.raises(TomlError):
        toml.parse(f"title = {number}{rest}")
