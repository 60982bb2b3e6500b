"""The faults of `config.toml`: one sentence each, with line and dotted path."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dateline.config.schema import TABLES, Tables
from dateline.errors import TomlError
from dateline.text import toml
from dateline.text.expressions import regex

# By pydantic's names of errors; other errors keep pydantic's message.
_SENTENCES = {
    "missing": 'this key is missing. Add a line: {key} = "…".',
    "string_type": 'must be text between quotes, like {key} = "…".',
    "strings_type": 'must be text between quotes, like {key} = ["…"].',
    "bool_type": "must be true or false, without quotes.",
    "int_type": "must be a whole number without quotes, like {key} = 5.",
    "dict_type": "must be tables, like [{key}.fr].",
    "list_type": 'must be a list in square brackets, like {key} = ["…"].',
    "model_type": "must be a table, like [{key}].",
    "too_short": "must not be empty.",
    "string_too_short": "must not be empty.",
    "greater_than_equal": "must be at least {ge}.",
    "less_than_equal": "must be at most {le}.",
    "literal_error": "must be {expected}.",
    "value_error": "{error}.",
}

_HEADER = regex(r"\[\[?\s*([^\]]*?)\s*\]")
_TABLE = regex(r"\[(\w+)\]: ")
_LISTS = frozenset({"feed", "cdn"})  # of tables


def faults(name: str, text: str, error: ValidationError) -> Iterator[str]:
    """Yield a sentence for each fault, in the order of the lines."""
    errors = error.errors()
    meant = {(*e["loc"][:-1], near) for e in errors if (near := _near(e))}
    found = [
        (one["loc"], _sentence(one))
        for one in errors
        if not (one["type"] == "missing" and one["loc"] in meant)
    ]
    yield from located(name, text, found)


def located(name: str, text: str, found: Iterable[tuple[toml.Path, str]]) -> Iterator[str]:
    """Yield each fault (a key and what is wrong with it) with its place, in the order of lines."""
    lines = toml.lines(text)
    sentences = (
        (_line(lines, loc or _named(wrong)), f"{_dotted(loc)}: {wrong}".removeprefix(": "))
        for loc, wrong in found
    )
    for line, sentence in sorted(sentences):
        yield f"{name}, line {line}, {sentence}"


def repeated(text: str, error: TomlError) -> str:
    """Return a table or key that is there twice, and what to do, or an empty text."""
    if not error.reason.startswith("Cannot "):
        return ""
    line = text.split("\n")[error.line - 1].strip()
    header = _HEADER.match(line)
    if header is None:
        key = line.partition("=")[0].strip()
        return f"{key}: is there twice. Keep one of the two lines."
    if (name := header[1]) in _LISTS:
        return f"{name}: each needs two brackets, [[{name}]], the first one as well."
    return f"{name}: [{name}] is there twice. Write all its lines below the first one."


def _named(wrong: str) -> toml.Path:
    """Return the table with which a sentence about the whole file begins, if there is one."""
    named = _TABLE.match(wrong)
    return (named[1],) if named else ()


def _line(lines: Mapping[toml.Path, int], loc: toml.Path) -> int:
    """Return the line of a key, or of the table in which it is missing."""
    return next((lines[loc[:n]] for n in range(len(loc), 0, -1) if loc[:n] in lines), 1)


def _dotted(loc: toml.Path) -> str:
    """Return a dotted path, like `feed[0].name`."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in loc).lstrip(".")


def _sentence(error: ErrorDetails) -> str:
    key, kind = error["loc"][-1] if error["loc"] else "", error["type"]
    if isinstance(key, int) and kind == "string_type":  # in a list
        key, kind = error["loc"][-2], "strings_type"
    if error["type"] == "extra_forbidden":
        near = _near(error)
        return f'there is no key "{key}" here.' + (f" Did you mean {near}?" if near else "")
    if error["loc"] == ("feed",) and error["type"] in {"missing", "list_type", "too_short"}:
        return "at least one feed is needed, under [[feed]] with two brackets."
    if len(error["loc"]) == 1 and error["type"] == "missing":
        return f"this table is missing. Add [{key}]."
    sentence = _SENTENCES.get(kind)
    context = error.get("ctx", {})
    return sentence.format(key=key, **context) if sentence else f"{error['msg']}."


def _near(error: ErrorDetails) -> str:
    """Return the known key most like an unknown one, or an empty text."""
    if error["type"] != "extra_forbidden":
        return ""
    *above, key = (part for part in error["loc"] if isinstance(part, str))
    keys = (TABLES[_table(above)] if above else Tables).model_fields
    return "".join(difflib.get_close_matches(key.lower(), keys, n=1))


def _table(above: Sequence[str]) -> str:
    """Return the name in `TABLES` of the table at a path: each language has the same tables."""
    match above:
        case ["publication", "translations", _, *rest]:
            return ".".join(["publication", *(rest or ["translations", "fr"])])
        case ["subscribe", "translations", _]:
            return "subscribe"
        case ["feed", "translations", _]:
            return "feed.translations.fr"
    return ".".join(above)
