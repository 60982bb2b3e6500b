"""What are the bytes of an entry file, and what is it called?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from itertools import count

from dateline.address import slugify
from dateline.importing.compose import Composed, Value
from dateline.naming import likenesses, name_key

_ESCAPES = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): ""}
_LITERAL, _BASIC = "'''", '"""'


def text_of(composed: Composed) -> str:
    """Give the text of an entry file (`ENTRY.md`, "Fields"); the body is its last field."""
    lines = [f"{name} = {_value(value)}\n" for name, value in composed.fields.items()]
    return "".join(lines) + f"body = {_long(composed.body)}\n"


def path_of(fields: Mapping[str, Value], folder: str, taken: Mapping[str, object]) -> str:
    """Give the path below the entries folder: `2008/2008-10-20-report-on-lebanon.toml`.

    None that is `taken`, and none that looks like a copy of another.
    """
    day = fields["date"]
    if not isinstance(day, date):
        raise TypeError(day)
    stem = f"{folder}{day.year}/{day:%Y-%m-%d}-{slugify(str(fields['title']))}"
    free = (path for path in _names(stem) if not {path, name_key(path)} & taken.keys())
    return next(path for path in free if not _is_like(path, taken))


def _names(stem: str) -> Iterator[str]:
    yield f"{stem}.toml"
    # "-copy" or "conflict" at the end is what programs that synchronise write.
    yield from (f"{stem}-{number}.toml" for number in count(2))


def _is_like(path: str, taken: Mapping[str, object]) -> bool:
    return any(
        one.kind == "conflict" or (one.kind != "longer" and one.original in taken)
        for one in likenesses(path, taken)
    )


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_quoted, value))}]"
    return _quoted(value)


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _long(text: str) -> str:
    r"""Give a body in triple quotes: literal ones where a `\` is in it."""
    if _BASIC not in text and "\\" not in text and not text.endswith('"'):
        return f"{_BASIC}\n{text}\n{_BASIC}"
    if _LITERAL not in text and not text.endswith("'"):
        return f"{_LITERAL}\n{text}\n{_LITERAL}"
    escaped = re.sub('"{3,}', lambda quotes: '\\"' * len(quotes[0]), text.replace("\\", "\\\\"))
    return f"{_BASIC}\n{escaped}\n{_BASIC}"
