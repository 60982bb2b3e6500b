"""The lines of the fields of a text, and of the files in their lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from dateline.entries.fields import BODY_TEXT, FILES, canonical_name
from dateline.entries.parse.statements import lines
from dateline.text import toml


def line_key(name: str, number: int) -> str:
    """Return the key of the line of a file in the list of a field, counted from 0."""
    return f"{name}[{number}]"


class FieldLines(Mapping[str, int]):
    """The line of each field, found at the first use: valid files never need it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __getitem__(self, name: str) -> int:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @cached_property
    def _found(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for (name, *inner), line in self._paths.items():
            if not inner:
                found[name] = line
                found.setdefault(canonical_name(name) or name, line)
            elif canonical_name(name) in FILES and canonical_name(inner[0]) == "body":
                found.setdefault("body", line)
        if found.keys() & FILES.keys():
            found |= self._files()
        if "body" in found:
            found[BODY_TEXT] = found["body"] + self._opens_alone(found["body"])
        return found

    def text_of(self, line: int) -> str:
        """Return the text of a line, counted from 1."""
        return self._rows[line - 1]

    @cached_property
    def of_values(self) -> Mapping[toml.Path, int]:
        """The line of each value and of each part of it, by its path."""
        return toml.lines(self._text)

    @cached_property
    def within(self) -> Mapping[str, Mapping[str, int]]:
        """The lines of the fields below the name of each section, by both names."""
        found: dict[str, dict[str, int]] = {}
        for (name, *inner), line in self._paths.items():
            found.setdefault(name, {}).update((first, line) for first in inner)
        return found

    @cached_property
    def _rows(self) -> Sequence[str]:
        return self._text.split("\n")

    @cached_property
    def _paths(self) -> Mapping[tuple[str, ...], int]:
        return lines(self._text)

    def _files(self) -> dict[str, int]:
        return {
            line_key(canonical_name(str(name)), rest[0]): line
            for (name, *rest), line in self.of_values.items()
            if len(rest) == 1 and isinstance(rest[0], int)
        }

    def _opens_alone(self, line: int) -> bool:
        """Return whether the quotes of the body stand alone on their line; TOML drops its end."""
        return self.text_of(line).rstrip(" \t").endswith(('"""', "'''"))
