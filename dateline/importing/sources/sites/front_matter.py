"""Front matter: the fields above the text of a page. The one door to PyYAML."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

from dateline.errors import FetchError, TomlError
from dateline.text import toml
from dateline.text.expressions import regex

_FENCES = {"---": "yaml", "+++": "toml", "---json": "json", "---toml": "toml"}
_PELICAN = regex(r"([A-Za-z][A-Za-z_-]*):[ \t]*(.*)")
_YES = frozenset({"1", "t", "true"})  # of texts and numbers, for Hugo
_LONGEST_NUMBER = 100  # characters; PyYAML takes the square of the length for `1:1:1…`
_MOST_VALUES = 100_000  # of one table, each counted as often as it is named
# What PyYAML raises for a value that is not of the type that it has by its tag.
_BAD_VALUE = (AttributeError, LookupError, OverflowError, TypeError)
_RST_FIELD = regex(r":([A-Za-z_-]+):[ \t]*(.*)")
_ORG_FIELD = regex(r"^#\+([A-Za-z_]+):[ \t]*(.*)$", re.MULTILINE)
# A comment of reStructuredText with the lines that are indented further; no directive, target,
# footnote or substitution. An empty one ends with its line.
_RST_COMMENT = regex(
    r"^([ \t]*+)\.\.(?!\S)(?:[ \t]*+\n(?=[ \t]*+(?:\n|\Z))"
    r"|(?![ \t]++(?:[\w+.-]++(?::[\w+.-]++)*+::|[_\[|]))[^\n]*+"
    r"(?:\n(?:[ \t]*+(?=\n|\Z)|\1[ \t]++\S[^\n]*+))*+)",
    re.MULTILINE,
)
_RST_RULE = regex(r"([=\-~#*^\"'`+])\1{2,}")


class Matter(NamedTuple):
    """The fields above a text, under lower-case names, and the text."""

    fields: Mapping[str, Any]
    text: str


def split(data: bytes, name: str, *, is_needed: bool = True) -> Matter | None:
    """Split a page into fields and text; None if it has no fields and one `is_needed`.

    Raises `FetchError`.
    """
    text = data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
    try:
        found = _fenced(text) or _in_braces(text)
    except (ValueError, yaml.YAMLError, TomlError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise FetchError(f"{name}: what stands above the text cannot be read: {reason}") from error
    if found is None and name.endswith(".org"):
        found = Matter(dict(_ORG_FIELD.findall(text)), text)
    if found is None:
        found = _restructured(text) if name.endswith(".rst") else _pelican(text)
    if found is None:
        return None if is_needed else Matter({}, text)
    return Matter(lower_keys(found.fields), found.text)


def settings(data: bytes, name: str) -> Mapping[str, Any]:
    """Read a file of settings in YAML, TOML or JSON; one that cannot be read is empty."""
    text = data.decode("utf-8-sig", errors="replace")
    try:
        if name.endswith(".toml"):
            found: Any = toml.parse(text)
        elif name.endswith(".json"):
            found = json.loads(text)
        else:
            found = _yaml(text)
    except (ValueError, yaml.YAMLError, TomlError, RecursionError):
        return {}
    return lower_keys(table(found))


def lower_keys(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields under lower-case names."""
    return {str(name).lower(): value for name, value in fields.items()}


def table(value: object) -> Mapping[str, Any]:
    """Return a value if it is a table, otherwise an empty table."""
    return value if isinstance(value, dict) else {}


def is_true(value: object) -> bool:
    """Return whether a value stands for yes, also as a number or a text, which Hugo converts.

    >>> is_true("true"), is_true(1), is_true("no"), is_true(None)
    (True, True, False, False)
    """
    return value is True or str(value).strip().lower() in _YES


def line(value: object) -> str:
    """Return a value as one line of text; a table or a list is empty."""
    if value is None or isinstance(value, bool | dict | list):
        return ""
    return " ".join(str(value).split())


def lines(value: object, apart: str = "") -> tuple[str, ...]:
    """Return the values of a list, or of one text whose parts `apart` separates."""
    if isinstance(value, list):
        found = [line(one.get("name")) if isinstance(one, dict) else line(one) for one in value]
    elif isinstance(value, dict):
        found = [line(value.get("name"))]
    else:
        found = [part.strip() for part in (line(value).split(apart) if apart else [line(value)])]
    return tuple(dict.fromkeys(filter(None, found)))


def _fenced(text: str) -> Matter | None:
    first, _, rest = text.lstrip().partition("\n")  # Hugo skips blank lines
    kind = _FENCES.get(first.strip())
    if kind is None:
        return None
    fence = first.strip()[:3]
    also = r"|\.\.\." if kind == "yaml" else ""
    end = re.search(rf"^(?:{re.escape(fence)}{also})[ \t]*$", rest, re.MULTILINE)
    if end is None:
        return None
    return Matter(_table(rest[: end.start()], kind), rest[end.end() :].lstrip("\n"))


def _table(text: str, kind: str) -> Mapping[str, Any]:
    read: Any = {"yaml": _yaml, "toml": toml.parse, "json": json.loads}[kind]
    found = read(text) if text.strip() else {}
    if not isinstance(found, dict):
        raise ValueError("it is no table of fields")  # noqa: TRY004 - the file is at fault
    return found


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # either
    """The safe loader, by libyaml if available, which is ten times as fast.

    A number of more characters than any has is a text.
    """


def _number(loader: Any, node: yaml.ScalarNode) -> Any:
    if len(node.value) > _LONGEST_NUMBER:
        return loader.construct_scalar(node)
    is_whole = node.tag.endswith(":int")
    return loader.construct_yaml_int(node) if is_whole else loader.construct_yaml_float(node)


for _tag in ("int", "float"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _number)


def _yaml(text: str) -> Any:
    """Return the values of a YAML document.

    Raises `ValueError` for values of a wrong type, and for names (`*a`) that stand for too many.
    """
    try:
        found = yaml.load(text, Loader=_Loader)  # noqa: S506 - it is safe
    except _BAD_VALUE as error:
        raise ValueError(f"a value is not of its type: {error}") from error
    _count(found)
    return found


def _count(found: Any) -> None:
    """Raise `ValueError` where a document has too many values, or one that contains itself."""
    left, waiting = _MOST_VALUES, [found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict | list):
            left -= len(value) + 1
            waiting += value.values() if isinstance(value, dict) else value
        if left < 0:
            raise ValueError(f"it has more than {_MOST_VALUES} values")


def _in_braces(text: str) -> Matter | None:
    if not text.startswith("{") or text.startswith(("{%", "{{", "{#")):
        return None
    found, end = json.JSONDecoder().raw_decode(text)
    return Matter(found, text[end:].lstrip("\n"))


def _pelican(text: str) -> Matter | None:
    """Read the lines `Title: …` at the start of a Pelican page."""
    fields: dict[str, list[str]] = {}
    name = ""
    rest = text.split("\n")
    count = 0
    for count, each in enumerate([*rest, ""]):  # noqa: B007 - where the fields end
        if not each.strip():
            break
        if found := _PELICAN.fullmatch(each):
            name = found[1].lower()
            fields[name] = [found[2].strip()]
        elif each.startswith("    ") and name:
            fields[name].append(each.strip())
        else:
            break
    if "title" not in fields:
        return None
    joined = {name: ", ".join(parts) for name, parts in fields.items()}
    return Matter(joined, "\n".join(rest[count:]).lstrip("\n"))


def _restructured(text: str) -> Matter | None:
    """Read the title and the fields of a page in reStructuredText."""
    fields: dict[str, str] = {}
    kept: list[str] = []
    for each in text.split("\n"):
        if found := _RST_FIELD.fullmatch(each):
            fields[found[1].lower()] = found[2].strip()
        elif "title" not in fields and _RST_RULE.fullmatch(each.strip()) and kept:
            fields["title"] = kept.pop().strip()
        elif not _RST_RULE.fullmatch(each.strip()) or "title" in fields:
            kept.append(each)
    text = _RST_COMMENT.sub("", "\n".join(kept)).strip()
    return Matter(fields, text) if "title" in fields else None
