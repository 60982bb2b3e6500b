"""Outputs of programs that `tests/outside/install` installs."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
BROUGHT = HERE.parents[1] / ".cache/outside"
PATIENCE = 600


def output(
    command: Sequence[str | Path],
    *,
    folder: Path = HERE,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run a command in `folder` and return its output.

    A test fails if any of the programs is missing, or if this one fails.
    """
    done = _run(command, folder, environment)
    if done.returncode:
        said = done.stderr.decode(errors="replace")
        pytest.fail(f"{command[0]} ended with {done.returncode}: {said}", pytrace=False)
    return done.stdout.decode()


def refusal(command: Sequence[str | Path], *, folder: Path = HERE) -> str:
    """Run a command that must fail, and return its error message."""
    done = _run(command, folder, None)
    if not done.returncode:
        pytest.fail(f"{command[0]} took what it must refuse", pytrace=False)
    return done.stderr.decode()


def _run(
    command: Sequence[str | Path], folder: Path, environment: Mapping[str, str] | None
) -> subprocess.CompletedProcess[bytes]:
    if sentence := missing():
        pytest.fail(sentence, pytrace=False)
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )


@cache
def missing() -> str:
    """Return one sentence on the missing programs and how to install them; empty if none is."""
    asked = subprocess.run(
        [HERE / "install", "--missing"], stdout=subprocess.PIPE, text=True, check=False
    )
    names = ", ".join(asked.stdout.split("\n")[:-1]) or "Debian's dpkg"
    if asked.returncode == 0 and not asked.stdout:
        return ""
    return f"This test needs {names}: run tests/outside/install, which brings it."
