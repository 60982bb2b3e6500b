"""A name that leads to another machine at each question opens no private one (DNS rebinding)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.paths import ROOT

pytestmark = [
    pytest.mark.outside,
    pytest.mark.skipif(os.geteuid() != 0, reason="a network of its own needs root"),
]
SCRIPT = """
ip link set lo up
mount --bind {folder}/resolv.conf /etc/resolv.conf
mount --bind {folder}/nsswitch.conf /etc/nsswitch.conf
exec {command}
"""


def fetched(folder: Path, *words: str) -> dict[str, Any]:
    """Run `rebinding.py` in a network and a mount of its own; return what it prints."""
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    (folder / "nsswitch.conf").write_text("hosts: dns\n")
    command = f"{sys.executable} {ROOT}/tests/outside/rebinding.py {' '.join(words)}"
    done = subprocess.run(
        ["unshare", "--mount", "--net", "sh", "-ec", SCRIPT.format(folder=folder, command=command)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_name_that_changes_opens_no_private_machine(tmp_path: Path) -> None:
    """It is looked up once; the connection goes to the address that was checked."""
    found = fetched(tmp_path, "http://rebind.example/a", "http://inside.example/b", "--private")

    assert found["heard"] == []
    assert "SECRET" not in found["results"]
    assert "private address" in found["results"][1]
    assert found["asked"] == 2


def test_the_server_inside_can_be_reached(tmp_path: Path) -> None:
    """Else the test above could not fail: staff may allow the machine."""
    found = fetched(tmp_path, "http://inside.example/b", "--private", "inside.example")

    assert found == {"results": ["SECRET"], "heard": ["/b"], "asked": 1}
