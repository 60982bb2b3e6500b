"""What a registry and a lawyer read: the licence, the credits, and the version."""

from __future__ import annotations

import tomllib

import dateline
from support.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_the_licence_is_stated_and_enclosed() -> None:
    """Dateline is under the Apache License, and each licence of its data is named."""
    project = PROJECT["project"]
    licence, notice = ((ROOT / name).read_text("utf-8") for name in project["license-files"])

    assert project["license"].split(" AND ") == ["Apache-2.0", "CC-BY-4.0", "Unicode-3.0"]
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
    assert "creativecommons.org/licenses/by/4.0" in notice
    assert "UNICODE LICENSE V3" in notice


def test_the_notice_credits_the_sources_of_the_places() -> None:
    """The file is named with each source that its own first line names."""
    places = "dateline/entries/dates/places.txt"
    first = (ROOT / places).read_text("utf-8").splitlines()[0]
    notice = (ROOT / "NOTICE").read_text("utf-8")

    assert places in notice
    assert [name for name in ("GeoNames", "CLDR") if name in first and name in notice] == [
        "GeoNames",
        "CLDR",
    ]


def test_the_version_stands_in_one_place() -> None:
    """The metadata take it from the package, and no other file of the package states it."""
    stated = f'"{dateline.__version__}"'
    modules = ROOT.glob("dateline/**/*.py")

    assert PROJECT["project"]["dynamic"] == ["version"]
    assert [path.name for path in modules if f"= {stated}" in path.read_text("utf-8")] == [
        "__init__.py"
    ]
