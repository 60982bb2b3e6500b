"""The files under `.github/` fit the schemas that their host publishes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from outside.programs import BROUGHT, output
from support.paths import ROOT

pytestmark = pytest.mark.outside
GITHUB = ROOT / ".github"
FORMS = sorted(GITHUB.glob("ISSUE_TEMPLATE/*.yml"))
SCHEMAS = {
    "github-workflows": sorted(GITHUB.glob("workflows/*.yml")),
    "dependabot": [GITHUB / "dependabot.yml"],
    "github-issue-config": [GITHUB / "ISSUE_TEMPLATE/config.yml"],
    "github-issue-forms": [path for path in FORMS if path.name != "config.yml"],
}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_fit_their_schema(schema: str) -> None:
    """check-jsonschema carries the schemas with it."""
    command: list[str | Path] = [sys.executable, "-m", "check_jsonschema"]
    command += [f"--builtin-schema=vendor.{schema}", *SCHEMAS[schema]]
    variables = {**os.environ, "PYTHONPATH": str(BROUGHT / "package")}

    assert output(command, environment=variables) == "ok -- validation done\n"
