"""Tables of files, `{file = "annex.pdf", title = "Annex"}` or sections `[[attachments]]`.

TOML gives all lines below `[[attachments]]` to that table, the body as well. That can only be the
body of the entry, so it is read as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from dateline.entries.fields import FILES, NAMES, Field, canonical_name, nearest
from dateline.entries.parse.field_lines import FieldLines
from dateline.entries.parse.suggestions import line_with


class FileFault(NamedTuple):
    """A fault in the table of a file: the code of its message, and the line of the text."""

    code: str
    line: int
    found: str = ""
    wanted: str = ""


def unfolded(table: Mapping[str, object]) -> dict[str, object]:
    """Return a text's table with the body below `[[attachments]]` as a field of its own.

    >>> unfolded({"attachments": [{"file": "a.pdf", "body": "Text"}]})
    {'attachments': [{'file': 'a.pdf'}], 'body': 'Text'}
    """
    found = dict(table)
    has_body = any(canonical_name(name) == "body" for name in table)
    for name, value in table.items():
        tables = [value] if isinstance(value, dict) else value
        if canonical_name(name) not in FILES or not isinstance(tables, list):
            continue
        found[name] = tables
        if tables and isinstance(last := tables[-1], dict) and not has_body:
            bodies = {key: last[key] for key in last if canonical_name(key) == "body"}
            own = {key: last[key] for key in last if key not in bodies}
            found[name] = [*tables[:-1], own]
            found |= bodies
    return found


def is_section_of_files(name: str, section: object) -> bool:
    """Return whether a section can only be that of a file, though no field is called so."""
    if not isinstance(section, dict) or canonical_name(name):
        return False
    return nearest(name, ()) in FILES and any(map(_means_file, section))


def known_keys(name: str, files: list[object]) -> list[object]:
    """Return the files of a field with the keys that a file has, by their canonical names."""
    names = {key.name for key in FILES[name]}
    return [
        {meant: text for key, text in one.items() if (meant := canonical_name(key, names))}
        if isinstance(one, dict)
        else one
        for one in files
    ]


def faults(name: str, files: list[object], found_on: FieldLines) -> Iterator[FileFault]:
    """Yield the faults of the tables among the files of a field, with their lines."""
    tables = [(number, one) for number, one in enumerate(files) if isinstance(one, dict)]
    lines = found_on.of_values if tables else {}
    keys = FILES[canonical_name(name)]
    for number, table in tables:
        # One table alone is read as a list of one.
        own = (name, number) if (name, number) in lines else (name,)
        for key, value in table.items():
            if found := _fault(key, value, keys):
                yield found._replace(line=lines.get((*own, key), 0))
        if not any(map(_means_file, table)):
            wanted = f"file = {keys[0].example}"
            yield FileFault("file-missing", lines.get(own, 0), wanted=wanted)


def _means_file(key: str) -> bool:
    return any(nearest(key, (), keys) == "file" or key == "file" for keys in FILES.values())


def _fault(key: str, value: object, keys: tuple[Field, ...]) -> FileFault | None:
    """Return the fault of one key of a file; its line is still to be found."""
    names = [one.name for one in keys]
    meant = canonical_name(key, names)
    if not meant and (near := nearest(key, (), keys)):
        return FileFault("file-key-misspelt", 0, key, near)
    if not meant and canonical_name(key) in NAMES:
        return FileFault("file-key-of-entry", 0, key)
    if not meant:
        return FileFault("file-key-unknown", 0, key, ", ".join(names))
    if not isinstance(value, str):
        return FileFault("file-key-not-text", 0, key, line_with(meant, _words(value)))
    if not value.strip() and meant != "language":
        example = next(one.example for one in keys if one.name == meant)
        return FileFault("file-key-empty", 0, key, f"{meant} = {example}")
    return None


def _words(value: object) -> str:
    return "…" if isinstance(value, list | dict) else str(value)
