"""The fuzzers run: each door for some seconds, guided by coverage. `make fuzz` runs them longer."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import runs
from fuzz.inputs import DOORS
from support.paths import ROOT

pytestmark = pytest.mark.outside

SECONDS = 3
LIMIT = 600  # seconds, on a busy machine
SHORT = ("dates", "logs", "search")  # which start soonest


@pytest.mark.parametrize(
    "door",
    [pytest.param(one, marks=() if one in SHORT else pytest.mark.release) for one in DOORS],
)
def test_a_short_run_of_a_fuzzer_breaks_no_promise(door: str, tmp_path: Path) -> None:
    """It tries some of the seeds and of what was fixed, and changes; it is kept with its door."""
    (tmp_path / "reliability.md").write_text("## Long runs\n", encoding="utf-8")
    paths = [ROOT / ".cache/fuzz/atheris", ROOT, ROOT / "tests"]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "fuzz",
            door,
            "--seconds",
            str(SECONDS),
            "--sample",
            "--record",
            f"{tmp_path}/runs",
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        timeout=LIMIT,
        check=False,
    )

    assert done.returncode == 0, done.stderr.decode(errors="replace")[-3000:]
    (run,) = runs.runs(tmp_path / "runs")["fuzz"]
    assert run["doors"] == {door: run["inputs"]}
    assert run["inputs"] > 1
