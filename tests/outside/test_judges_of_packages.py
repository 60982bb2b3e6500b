"""twine, check-wheel-contents and pyroma find nothing wrong with the packages."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from outside.programs import BROUGHT, output
from support import packages
from support.paths import ROOT

pytestmark = pytest.mark.outside
PYROMA = "import pyroma; pyroma.main()"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the wheel and the source distribution of this tree."""
    return packages.build(ROOT, tmp_path_factory.mktemp("package") / "dist")


def judged(*command: str | Path) -> str:
    """Return what a judge says, which fails the test where it is not content."""
    variables = {**os.environ, "PYTHONPATH": str(BROUGHT / "package"), "NO_COLOR": "1"}
    return output([sys.executable, *command], folder=ROOT, environment=variables)


def test_twine_would_upload_them(built: tuple[Path, Path]) -> None:
    """A registry can render the description, and every field is as it wants it."""
    assert judged("-m", "twine", "check", "--strict", *built).count("PASSED") == len(built)


def test_the_wheel_has_the_usual_contents(built: tuple[Path, Path]) -> None:
    """check-wheel-contents has no remark."""
    assert judged("-m", "check_wheel_contents", built[0]).splitlines()[-1].endswith(": OK")


def test_only_an_address_and_a_mail_address_are_missing() -> None:
    """The judge pyroma misses what nobody has decided yet, and nothing else."""
    said = judged("-c", PYROMA, "--min=8", ROOT)

    missed = re.findall(r"^Your package .*", said, re.MULTILINE)
    assert [re.findall(r"author-email|'url'", line) for line in missed] == [
        ["author-email"],
        ["'url'"],
    ]
