"""What does each field mean, in staff's words, and what may their editor know of it?

The template of a new entry, the JSON Schema that editors read, and the table in
`docs/for-staff.md` are made of `FIELDS`.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dateline.entries import fields
from dateline.system import safe_files

SCHEMA_NAME = "entry.schema.json"
TITLE_LENGTH = 200

# taplo takes every TOML date for a string; tombi asks for a format that fits.
_DATE_FORMATS = ("date", "date-time", "date-time-local")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: its name, a value that it may have, as TOML, and what it means.

    >>> Field(name="place", example='"Vienna, Austria"', meaning="where it takes place").name
    'place'
    """

    name: str
    example: str
    meaning: str


FIELDS = tuple(
    Field(name=name, example=example, meaning=meaning)
    for name, example, meaning in (
        ("title", '"Report on Lebanon"', "one line of plain text, at most 200 characters"),
        ("date", "2008-10-20", "the day of publication; before it nobody sees the entry"),
        ("event", '"30 November - 3 December 2008"', "the day or days on which it takes place"),
        ("place", '"Vienna, Austria"', "where it takes place"),
        ("attachments", '["report.pdf"]', "files beside this one, or web addresses"),
        ("summary", '"Sixty cases in one year."', "one or two sentences; else the text's first"),
        ("link", '"https://example.org/report"', "the page about it on your own site"),
        ("categories", '["prevention", "Lebanon"]', "its topics"),
        ("authors", '["Press office"]', "who wrote it; readers see this"),
        ("editor", '"Press office"', "whom to ask in the house; never published"),
        ("language", '"fr"', "the language, where it is not the usual one"),
        ("translation_of", '"2008-10-20-lebanon"', "the file, without .toml, that it translates"),
        ("image", '"photo.jpg"', "a picture beside this file, or its web address"),
        ("image_alt", '"Judges at a table"', "what it shows, for people who cannot see it"),
        ("image_credit", '"Press office"', "who took the picture"),
        ("draft", "true", "nobody outside sees it until this line goes"),
        ("expires", "2008-11-20", "the last day on which feeds show it"),
        ("id", '"tag:example.org,2008:7"', "the old id of what was published elsewhere before"),
        ("correction", '"It was 60, not 66."', "what was wrong and is now right; readers see it"),
        ("updated", "2008-10-21", "the day of another change that readers should notice"),
        ("status", '"retracted"', "takes the text back; the reason stands in its place"),
        ("retraction", '"The figures were wrong."', "the reason; goes with status"),
        ("body", '"""\nSixty cases …\n"""', "the text, in Markdown; the last field of the file"),
    )
)


def schema() -> str:
    """Give the JSON Schema (draft 7) of an entry, as text."""
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A news entry",
        "type": "object",
        "additionalProperties": False,
        "required": list(fields.NEEDED),
        "dependencies": {"status": ["retraction"], "retraction": ["status"]},
        "properties": {
            field.name: {"description": field.meaning, **_type(field.name)} for field in FIELDS
        },
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def write_schema(folder: Path) -> None:
    """Bring the schema in `folder` up to date; one that is stays untouched.

    Raises `OSError` where it cannot be written.
    """
    path, new = folder / SCHEMA_NAME, schema().encode()
    with suppress(OSError):
        if safe_files.read(str(folder), SCHEMA_NAME, len(new) + 1)[0] == new:
            return
    unfinished = path.with_name(f".{SCHEMA_NAME}.tmp")
    unfinished.write_bytes(new)
    unfinished.replace(path)


def _type(name: str) -> dict[str, object]:
    text: dict[str, object] = {"type": "string"}
    if name in fields.NEEDED:
        text["pattern"] = r"\S"
    if name == "title":
        return text | {"maxLength": TITLE_LENGTH}
    if name == "status":
        return {"const": "retracted"}
    if name in fields.DATES:
        return {"anyOf": [*({"type": "string", "format": form} for form in _DATE_FORMATS), text]}
    if name == "correction":
        return {"anyOf": [text, {"type": "array", "items": text}]}
    if name in fields.LISTS:
        return {"type": "array", "items": text}
    return text if name in fields.TEXTS else {"type": "boolean"}
