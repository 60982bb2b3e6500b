"""taplo, with which editors check TOML, judges entries as the schema intends.

It is the newest that npm has, `@taplo/cli` 0.7.0, which is taplo 0.9.0.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from dateline.entries import fields, template
from dateline.model import Kind
from outside.programs import BROUGHT, output, refusal
from outside.shipped import ENTRIES

pytestmark = pytest.mark.outside

TAPLO = BROUGHT / "node_modules/.bin/taplo"
TODAY = date(2026, 11, 25)
# Changes to a valid entry, and the message about each.
FAULTS: list[tuple[dict[str, str], str]] = [
    ({"sumary": '"One."'}, "'sumary' was unexpected"),
    ({"title": ""}, '"title" is a required property'),
    ({"date": ""}, '"date" is a required property'),
    ({"body": '""'}, '"" does not match'),
    ({"title": f'"{"x" * 201}"'}, "is longer than 200 characters"),
    ({"title": "5"}, '5 is not of type "string"'),
    ({"date": "2008"}, "2008 is not valid under any of the schemas"),
    ({"draft": '"yes"'}, '"yes" is not of type "boolean"'),
    ({"authors": '"Press office"'}, 'is not of type "array"'),
    ({"status": '"withdrawn"', "retraction": '"Wrong."'}, '"retracted" was expected'),
    ({"status": '"retracted"'}, '"retraction" is a required property'),
    ({"retraction": '"Wrong."'}, '"status" is a required property'),
]


@pytest.fixture
def entries(tmp_path: Path) -> Path:
    """Return an entries folder with the schema, whose name needs quoting in an address."""
    folder = tmp_path / "entrées de presse"
    folder.mkdir()
    fields.write_schema(folder)
    return folder


def dropped(entries: Path, text: str, name: str = "a.toml") -> Path:
    """Write an entry that names the schema, and return its path."""
    path = entries / name
    path.write_text(f"#:schema ./{fields.SCHEMA_NAME}\n{text}", encoding="utf-8")
    return path


def filled(**values: str) -> str:
    """Return the lines of an entry; an empty value removes its field."""
    lines = {"title": '"Report"', "date": "2008-10-20", "body": '"Text."'} | values
    lines["body"] = lines.pop("body")
    return "".join(f"{name} = {value}\n" for name, value in lines.items() if value)


def test_every_shipped_entry_fits_the_schema() -> None:
    """They name no schema themselves, as those that `new` writes do."""
    schema = (ENTRIES / fields.SCHEMA_NAME).as_uri()

    output([TAPLO, "check", "--schema", schema, *sorted(ENTRIES.glob("*.toml"))])


def test_every_new_entry_fits_the_schema_that_it_names(entries: Path) -> None:
    """In a folder of any depth."""
    paths = [
        template.write(entries, 'A "new" one', kind=kind, today=TODAY, within=within)
        for kind in get_args(Kind)
        for within in ("", "2026", "2026/Réunions à Vienne")
    ]

    output([TAPLO, "check", *paths])


def test_a_new_entry_in_a_folder_below_is_judged_by_that_schema(entries: Path) -> None:
    """A fault is found there as well, so the schema is in use."""
    path = template.write(entries, "Report", kind="event", today=TODAY, within="2026/events")
    path.write_text(path.read_text(encoding="utf-8").replace("place =", "plaice ="), "utf-8")

    assert "'plaice' was unexpected" in refusal([TAPLO, "check", path])


def test_every_example_of_the_guide_fits_the_schema(entries: Path) -> None:
    """Editors underline no recommended text."""
    path = dropped(entries, "".join(f"{field.name} = {field.example}\n" for field in fields.FIELDS))

    output([TAPLO, "check", path])


def test_a_date_is_one_of_toml_or_a_text(entries: Path) -> None:
    """Every form that the publisher reads is accepted."""
    forms = ("2008-10-20", "2008-10-20 09:30:00", "2008-10-20T09:30:00Z", '"20 October 2008"')
    paths = [
        dropped(entries, filled(date=form, event=form, expires=form), f"{number}.toml")
        for number, form in enumerate(forms)
    ]

    output([TAPLO, "check", *paths])


def test_a_faulty_entry_is_refused(entries: Path) -> None:
    """Editors show the fault while staff write."""
    paths = [
        dropped(entries, filled(**fault), f"{number}.toml")
        for number, (fault, _) in enumerate(FAULTS)
    ]

    said = refusal([TAPLO, "check", *paths])

    # "error: MESSAGE", and on the next line the place.
    reported = set(re.findall(r"^error: (.*)\n.*?([0-9]+\.toml):", said, re.MULTILINE))
    unsaid = [
        words
        for path, (_, words) in zip(paths, FAULTS, strict=True)
        if not any(words in error and name == path.name for error, name in reported)
    ]
    assert unsaid == []
