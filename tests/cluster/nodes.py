"""Nodes of one publication: each a machine that runs `serve` with folders of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cluster.network import Machine
from outside import buckets, postgresql
from support.paths import ROOT
from support.publication import PUBLICATION, entry_file
from support.serving import until

PORT = 8000
_LIMIT = 60.0  # seconds for a command
_SETTINGS = """
[paths]
entries = "../entries"

[ledger]
url = "{ledger}"

[store]
url = "s3://ready/news"
endpoint = "{endpoint}"

[cluster]
name = "{name}"

[serve]
host = "0.0.0.0"
"""


@dataclass(slots=True, kw_only=True)
class Node:
    """A machine that publishes and serves; its name is that of its folder.

    `variables` are added to the environment of its programs.
    """

    machine: Machine
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        """Return the name in the cluster."""
        return self.folder.name

    @property
    def feeds(self) -> Path:
        """Return the folder of its copy."""
        return self.folder / "feeds"

    def configure(self, ledger: str, endpoint: str, more: str = "") -> None:
        """Write its configuration."""
        self.folder.mkdir(exist_ok=True)
        own = _SETTINGS.format(ledger=ledger, endpoint=endpoint, name=self.name)
        (self.folder / "config.toml").write_text(PUBLICATION + own + more, "utf-8")

    def start(self) -> None:
        """Start to serve."""
        with (self.folder / "output.txt").open("ab") as output:
            self.process = self.machine.start(
                self._words("serve"), output, folder=self.folder, environment=self.environment
            )

    def stop(self) -> None:
        """Ask it to end, and wait for that."""
        if self.process:
            self.process.terminate()
            self.process.wait(_LIMIT)

    def lose_power(self) -> None:
        """End it at once, with all that it runs."""
        self.machine.power_off()
        if self.process:
            self.process.wait(_LIMIT)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command on it."""

        def run() -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                self._words(*words),
                cwd=self.folder,
                env=self.environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=_LIMIT,
            )

        return self.machine.inside(run)

    def report(self) -> dict[str, Any]:
        """Return what it says of the cluster, which may not be well."""
        done = self.command("cluster", "--json")
        assert done.stdout, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def printed(self) -> str:
        """Return its output so far."""
        return (self.folder / "output.txt").read_text("utf-8")

    def _words(self, *words: str) -> list[str]:
        first, *others = words
        program = [sys.executable, str(ROOT / "publisher.py"), first]
        return [*program, "--config", str(self.folder / "config.toml"), *others]

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables of its programs; the only place that has its secrets."""
        secrets = {**buckets.variables(), "DATELINE_LEDGER_PASSWORD": postgresql.PASSWORD}
        return {**os.environ, **secrets, **self.variables}


def drop(entries: Path, number: int, **fields: str) -> str:
    """Write the file of an entry as staff do; return its title."""
    title = f"Report {number} of the harbour"
    made = entries.parent / f".{number}.part"
    made.write_text(entry_file(title, **fields), "utf-8")
    made.replace(entries / f"report-{number}.toml")
    return title


def leader(nodes: list[Node], seconds: float = 30.0) -> Node:
    """Return the node that leads, as one of them reports; wait until one does."""
    found: list[Node] = []

    def is_known() -> bool:
        for one in nodes:
            done = one.command("cluster", "--json")
            name = json.loads(done.stdout)["leader"] if done.stdout else None
            found[:] = [node for node in nodes if node.name == name]
            if found:
                return True
        return False

    assert until(is_known, seconds), "nobody leads"
    return found[0]
