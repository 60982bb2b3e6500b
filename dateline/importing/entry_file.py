"""What are the bytes of an entry file, and what is it called?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from dateline.entries.filenames import names_of
from dateline.importing.compose import Composed, Value
from dateline.importing.existing import ExistingEntries
from dateline.text.urls import slugify

_ESCAPES = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): ""}
_LITERAL, _BASIC = "'''", '"""'


def text_of(composed: Composed) -> str:
    """Give the text of an entry file (`docs/entries.md`, "Fields"); the body is its last field."""
    lines = [f"{name} = {_value(value)}\n" for name, value in composed.fields.items()]
    return "".join(lines) + f"body = {_long(composed.body)}\n"


def path_of(fields: Mapping[str, Value], folder: str, present: ExistingEntries) -> str:
    """Give the path below the entries folder: `2008/2008-10-20-report-on-lebanon.toml`.

    None that another file has, and none by which the publisher would take this entry or another
    for a copy (`dateline.entries.duplicates`): two of one day with one title are two entries.
    """
    day = fields["date"]
    if not isinstance(day, date):
        raise TypeError(day)
    names = names_of(day, slugify(str(fields["title"])))
    paths = (f"{folder}{day.year}/{name}" for name in names)
    return next(path for path in paths if present.is_free(path, fields))


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
