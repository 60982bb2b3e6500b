"""The values of a TOML text, the line and the place of each, and values as text.

One dialect everywhere, TOML 1.1 (https://toml.io/en/v1.1.0), whatever Python is running.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import tomli

from dateline.errors import TomlError
from dateline.text.expressions import regex

if TYPE_CHECKING:
    from tree_sitter import Language, Node

Path = tuple[str | int, ...]
Value = str | bool | date | tuple[str | Mapping[str, str], ...]

_ESCAPES = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): ""}
_KEYS = {"bare_key", "quoted_key", "dotted_key"}
_TABLES = {"table", "table_array_element"}
_LITERAL, _BASIC = "'''", '"""'
_KEY = regex(r"(?:\A|\n)([A-Za-z0-9_-]+)[ \t]*=[ \t]*\Z")
_LONG_NUMBER = regex("0[box][0-9A-Fa-f_]{1000}")
_STAND_IN = "\ufde0"  # a noncharacter, which texts do not hold


class Place(NamedTuple):
    """Where a pair of the top level stands in a text in UTF-8: all of it, and its value."""

    start: int
    value: int
    end: int


def parse(text: str) -> dict[str, Any]:
    """Return `text` as a table. Raises `TomlError`."""
    with suppress(ValueError, RecursionError):  # reported below, with the place
        if table := _around_a_long_text(text):
            return table
    try:
        return _loads(text)
    except tomli.TOMLDecodeError as error:
        raise TomlError(error.lineno, error.colno, error.msg) from error
    except ValueError as error:  # more digits than Python turns into a number
        raise TomlError(1, 1, "Too long a number") from error
    except RecursionError as error:
        raise TomlError(1, 1, "Too many brackets within brackets") from error


def _loads(text: str) -> dict[str, Any]:
    """Return `text` as a table. Raises `ValueError`, also for a number that no message can show."""
    table = tomli.loads(text)
    if _LONG_NUMBER.search(text):
        repr(table)
    return table


def _around_a_long_text(text: str) -> dict[str, Any] | None:
    """Return `text` as a table, read without the one long text in it, which stays as it is.

    tomli takes 30 ns for each character of a string. None where the text may have another meaning:
    with escapes, other strings of several lines, or characters that TOML refuses.
    """
    if text.count(_BASIC) != 2 or _LITERAL in text:  # noqa: PLR2004 - where it begins and ends
        return None
    text = text.replace("\r\n", "\n")
    before, whole, after = text.split(_BASIC)
    key = _KEY.search(before)
    if not key or after[:1] == '"' or "\\" in whole or _STAND_IN in text or "\r" in text:
        return None
    if not whole.replace("\n", "").replace("\t", "").isprintable():
        return None
    table = _loads(f'{before}"{_STAND_IN}"{after}')
    if table.get(key[1]) != _STAND_IN:
        return None
    table[key[1]] = whole.removeprefix("\n")
    return table


def quoted(text: str) -> str:
    """Return a text as a string on one line (https://toml.io/en/v1.1.0#string)."""
    return f'"{text.translate(_ESCAPES)}"'


def value_of(value: Value) -> str:
    """Return a value as TOML on one line.

    >>> value_of(("a.pdf", {"file": "b.pdf", "title": "B"}))
    '["a.pdf", {file = "b.pdf", title = "B"}]'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_listed, value))}]"
    return quoted(value)


def _listed(value: str | Mapping[str, str]) -> str:
    if isinstance(value, str):
        return quoted(value)
    return f"{{{', '.join(f'{key} = {quoted(text)}' for key, text in value.items())}}}"


def block(text: str) -> str:
    r"""Return a text of several lines in triple quotes, in literal ones if it contains a `\`."""
    if _BASIC not in text and "\\" not in text and not text.endswith('"'):
        return f"{_BASIC}\n{text}\n{_BASIC}"
    if _LITERAL not in text and not text.endswith("'"):
        return f"{_LITERAL}\n{text}\n{_LITERAL}"
    escaped = re.sub('"{3,}', lambda quotes: '\\"' * len(quotes[0]), text.replace("\\", "\\\\"))
    return f"{_BASIC}\n{escaped}\n{_BASIC}"


def places(text: str) -> dict[str, Place] | None:
    """Return the place of each pair of a text that has nothing but pairs and comments.

    None where it has a table, a dotted key, or what this grammar does not know (TOML 1.1).
    """
    root = _tree(text)
    nodes = [node for node in root.named_children if node.type != "comment"]
    if root.has_error or any(node.type != "pair" for node in nodes):
        return None
    found: dict[str, Place] = {}
    for node in nodes:
        key, value = (part for part in node.named_children if part.type != "comment")
        name, *deeper = _names(key)
        if deeper:
            return None
        found[name] = Place(node.start_byte, value.start_byte, value.end_byte)
    return found


def before_tables(text: str) -> str:
    r"""Return the part of a text before its first table.

    >>> before_tables('a = 1\n[b]\nc = 2')
    'a = 1\n'
    """
    tables = (one for one in _tree(text).named_children if one.type in _TABLES)
    first = next(tables, None)
    return text if first is None else text.encode()[: first.start_byte].decode()


def lines(text: str) -> dict[Path, int]:
    r"""Return the line, from 1, of every key of a text that `parse` accepts.

    A key's path goes through tables and arrays, which count from 0.

    >>> lines('[[feed]]\nname = "a"')
    {('feed',): 1, ('feed', 0): 1, ('feed', 0, 'name'): 2}
    """
    found: dict[Path, int] = {}
    arrays: Counter[Path] = Counter()
    for path, node in _document(_tree(text), arrays):
        found.setdefault(path, node.start_point.row + 1)
    return found


def _tree(text: str) -> Node:
    from tree_sitter import Parser  # noqa: PLC0415 - few texts need lines or places

    return Parser(_language()).parse(text.encode()).root_node


@cache
def _language() -> Language:
    import tree_sitter_toml  # noqa: PLC0415
    from tree_sitter import Language  # noqa: PLC0415

    return Language(tree_sitter_toml.language())


def _document(root: Node, arrays: Counter[Path]) -> Iterator[tuple[Path, Node]]:
    for node in root.named_children:
        if node.type == "pair":
            yield from _pair((), node)
        elif node.type in _TABLES:
            header, *pairs = (n for n in node.named_children if n.type in _KEYS | {"pair"})
            path: Path = ()
            for name in _names(header):
                path = _newest((*path, name), arrays)
            if node.type == "table_array_element":
                array = path[:-1] if isinstance(path[-1], int) else path
                path = (*array, arrays[array])
                arrays[array] += 1
            yield from _prefixes(path, node)
            for pair in pairs:
                yield from _pair(path, pair)


def _newest(path: Path, arrays: Counter[Path]) -> Path:
    """Return the path of the last element, where `path` names an array of tables."""
    return (*path, arrays[path] - 1) if arrays[path] else path


def _pair(above: Path, pair: Node) -> Iterator[tuple[Path, Node]]:
    key, value = (node for node in pair.named_children if node.type != "comment")
    path = (*above, *_names(key))
    yield from _prefixes(path, key)
    yield from _value(path, value)


def _value(path: Path, value: Node) -> Iterator[tuple[Path, Node]]:
    if value.type == "inline_table":
        for pair in value.named_children:
            if pair.type == "pair":
                yield from _pair(path, pair)
    elif value.type == "array":
        elements = [node for node in value.named_children if node.type != "comment"]
        for index, element in enumerate(elements):
            yield (*path, index), element
            yield from _value((*path, index), element)


def _prefixes(path: Path, node: Node) -> Iterator[tuple[Path, Node]]:
    for length in range(1, len(path) + 1):
        yield path[:length], node


def _names(key: Node) -> Iterator[str]:
    """Return the names in a key, as the parser reads them."""
    if key.type == "dotted_key":
        for part in key.named_children:
            yield from _names(part)
    else:
        text = (key.text or b"").decode()
        yield next(iter(tomli.loads(f"{text} = 0"))) if key.type == "quoted_key" else text
