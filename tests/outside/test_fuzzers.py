"""The fuzzers run: each door for some seconds, guided by coverage. `make fuzz` runs them longer."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from fuzz.inputs import DOORS
from support.paths import ROOT

pytestmark = pytest.mark.outside

SECONDS = 5
LIMIT = 600  # seconds, on a busy machine


@pytest.mark.parametrize("door", DOORS)
def test_a_short_run_of_a_fuzzer_breaks_no_promise(door: str) -> None:
    """It tries the seeds, what was found before, and changes of both."""
    paths = [ROOT / ".cache/fuzz/atheris", ROOT, ROOT / "tests"]
    done = subprocess.run(
        [sys.executable, "-m", "fuzz", door, "--seconds", str(SECONDS)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        timeout=LIMIT,
        check=False,
    )
    said = done.stderr.decode(errors="replace")

    assert done.returncode == 0, said[-3000:]
    tried = re.search(r"number_of_executed_units: (\d+)", said)
    assert tried
    assert int(tried[1]) > 20
