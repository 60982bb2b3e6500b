"""The head of the manifest: one JSON object that begins with the checksum of all the rest.

The head of the previous run stays beside it, for a worker that starts while this one is damaged.
No bytes, whatever they are, raise an exception here: the result is a `ManifestFault`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from dateline.documents.manifest.records import DocumentListing, Head
from dateline.system.safe_files import regular_bytes
from dateline.system.writing import replace_file
from dateline.text.expressions import regex

HEAD = ".manifest.json"
PREVIOUS = ".manifest.previous.json"
FORMAT = 7
_WITHOUT_DIGEST = 6  # the format until 26 November 2026, also of the table
_BEGINNING = regex(rb'\{"digest": "([0-9a-f]{64})", ')
# Fields since a later release.
_LATER = frozenset({"unrecognised", "readings", "taken_down", "url", "tag"})
_TYPES: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "str | None": (str, type(None)),
    "bool": (bool,),
    "int": (int,),
    "int | None": (int, type(None)),
    "int | str | None": (int, str, type(None)),
}
_T = TypeVar("_T")


class ManifestFault(StrEnum):
    """The reason why a part of the manifest cannot be used."""

    MISSING = "missing"
    DAMAGED = "damaged"
    FOREIGN = "of another release"
    OLDER = "of an older format"
    OTHER = "of another run"
    UNREADABLE = "unreadable"


def read_head(folder: Path) -> Head | None:
    """Return the head of the manifest in `folder`, or None if there is none to use."""
    found = open_head(folder)
    return found if isinstance(found, Head) else None


def open_head(folder: Path, name: str = HEAD) -> Head | ManifestFault:
    """Return the head of the manifest in `folder`, or the fault for which it cannot be used."""
    try:
        data = regular_bytes(folder / name)
    except FileNotFoundError:
        return ManifestFault.MISSING
    except OSError:
        return ManifestFault.UNREADABLE
    return head_of_bytes(data)


def head_of_bytes(data: bytes) -> Head | ManifestFault:
    """Return the head in `data`, or the fault for which there is none."""
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        return ManifestFault.DAMAGED
    if not isinstance(record, dict):
        return ManifestFault.DAMAGED
    number = record.get("format")
    if number == _WITHOUT_DIGEST and "digest" not in record:
        return _head(record)
    if not _is_whole(data):
        is_other = isinstance(number, int) and number < _WITHOUT_DIGEST
        return (
            ManifestFault.FOREIGN if is_other and "digest" not in record else ManifestFault.DAMAGED
        )
    return _head(record) if number == FORMAT else ManifestFault.FOREIGN


def content_of(head: Head) -> str:
    """Return a head without its documents as JSON, for the table."""
    record = _shallow(head) | {"documents": {}, "table": ""}
    return json.dumps(record, ensure_ascii=False, sort_keys=True, default=dict)


def head_of_content(text: str) -> Head | ManifestFault:
    """Return the head that `content_of` wrote."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return ManifestFault.DAMAGED
    return _head(record) if isinstance(record, dict) else ManifestFault.DAMAGED


def write_head(folder: Path, head: Head) -> None:
    """Put a head in place, which publishes it; the one before stays as `PREVIOUS`."""
    documents = {path: _shallow(listing) for path, listing in head.documents.items()}
    record = _shallow(head) | {"format": FORMAT, "documents": documents}
    # `indent` and `dump` run in Python, ten times as slowly.
    content = json.dumps(record, ensure_ascii=False, sort_keys=True, default=dict).encode()
    rest = content[1:]
    _keep_previous(folder / HEAD)
    whole = b'{"digest": "%s", ' % _digest(rest) + rest
    replace_file(folder / HEAD, whole, is_synced=True, has_one_writer=True)


def mend_previous(folder: Path) -> None:
    """Replace a `PREVIOUS` that cannot be used by the current head; where that fails, leave it."""
    if previous_fault(folder):
        with suppress(OSError):
            _keep_previous(folder / HEAD)


def previous_fault(folder: Path) -> ManifestFault | None:
    """Return why `PREVIOUS` cannot be used, None if it can or does not exist."""
    found = open_head(folder, PREVIOUS)
    return None if isinstance(found, Head) or found is ManifestFault.MISSING else found


def _keep_previous(path: Path) -> None:
    """Link an intact head to a second name, which stays when its own is replaced."""
    if path.is_file():
        data = regular_bytes(path)
        if isinstance(head_of_bytes(data), ManifestFault):
            return
        previous = path.with_name(PREVIOUS)
        temporary = path.with_name(f"{PREVIOUS}.new")
        temporary.unlink(missing_ok=True)
        try:
            temporary.hardlink_to(path)
        except OSError:  # a file system without links
            replace_file(previous, data, is_synced=True, has_one_writer=True)
            return
        try:
            temporary.replace(previous)
        finally:  # if both are names of one file, `replace` does nothing (rename(2))
            temporary.unlink(missing_ok=True)


def _is_whole(data: bytes) -> bool:
    beginning = _BEGINNING.match(data)
    return beginning is not None and beginning[1] == _digest(data[beginning.end() :])


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()


def _head(record: dict[str, Any]) -> Head | ManifestFault:
    """Return the head of a record, if each value has its type: old heads have no checksum."""
    try:
        documents = {
            path: typed(DocumentListing(**one)) for path, one in record["documents"].items()
        }
        if any(path != listing.path for path, listing in documents.items()):
            return ManifestFault.DAMAGED
        return Head(
            generation=_of_type(record["generation"], int),
            founded=_of_type(record["founded"], int),
            documents=documents,
            former_hosts=_texts(record["former_hosts"]),
            explained=_texts(record["explained"]),
            embargo=_of_type(record["embargo"], int, type(None)),
            unrecognised=tuple(_of_type(one, str) for one in record.get("unrecognised", ())),
            readings=tuple(_of_type(one, str) for one in record.get("readings", ())),
            taken_down=tuple(_of_type(one, str) for one in record.get("taken_down", ())),
            url=_of_type(record.get("url", ""), str),
            tag=_of_type(record.get("tag", ""), str),
            table=_of_type(record.get("table", ""), str),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return ManifestFault.DAMAGED


def typed(row: _T) -> _T:
    """Return a row if its values have their types, else raise `TypeError`."""
    kind: Any = type(row)
    for name, types in _columns(kind):
        if not isinstance(value := getattr(row, name), types):
            raise TypeError(value)
    return row


@cache
def _columns(kind: type[Any]) -> Sequence[tuple[str, tuple[type, ...]]]:
    """Return the name and the types of each field of a dataclass."""
    return [(one.name, _TYPES[str(one.type)]) for one in fields(kind)]


def _of_type(value: Any, *types: type) -> Any:
    if not isinstance(value, types):
        raise TypeError(value)
    return value


def _texts(record: Mapping[str, Any]) -> dict[str, str]:
    return {_of_type(name, str): _of_type(value, str) for name, value in record.items()}


def _shallow(value: Head | DocumentListing) -> dict[str, object]:
    """Return the fields by name; a head mentions nothing empty."""
    found = {field.name: getattr(value, field.name) for field in fields(value)}
    return {name: one for name, one in found.items() if name not in _LATER or one}
