"""Applies a worked example of `CONTRIBUTING.md` to a copy of the program."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from support.paths import ROOT


def apply(heading: str, tree: Path) -> None:
    """Apply the diff below a heading to a tree; line numbers may differ, the context may not."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    _, _, section = text.partition(f"\n## {heading}\n")
    found = re.search(r"^```diff\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found, heading
    done = subprocess.run(
        ["git", "apply"], cwd=tree, input=found[1], text=True, check=False, capture_output=True
    )
    assert done.returncode == 0, (
        f'The diff below "{heading}" in CONTRIBUTING.md no longer fits the code: bring its '
        f"context up to date. {done.stderr}"
    )
