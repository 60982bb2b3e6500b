"""Applies a worked example of `CONTRIBUTING.md` to a copy of the program."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from support.paths import ROOT


def apply(heading: str, tree: Path, *options: str) -> None:
    """Apply the diff below a heading to a tree; line numbers may differ, the context may not.

    With the option `--check`, nothing is written.
    """
    command, diff = ["git", "apply", *options], _diff(heading)
    done = subprocess.run(
        command, cwd=tree, input=diff, text=True, check=False, capture_output=True
    )
    assert done.returncode == 0, (
        f'The diff below "{heading}" in CONTRIBUTING.md no longer fits the code: bring its '
        f"context up to date. {done.stderr}"
    )


def places(heading: str) -> list[str]:
    """Return the paths of the files that the diff below a heading changes or adds."""
    return re.findall(r"^\+\+\+ b/(.+)$", _diff(heading), re.MULTILINE)


def _diff(heading: str) -> str:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    _, _, section = text.partition(f"\n## {heading}\n")
    found = re.search(r"^```diff\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]
