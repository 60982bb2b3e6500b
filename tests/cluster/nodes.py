"""Nodes of one publication: each a machine that runs `serve` with folders of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cluster.network import SERVICES, Machine
from outside import buckets, postgresql
from support.paths import ROOT
from support.publication import PUBLICATION

PORT = 8000
_LIMIT = 60.0  # seconds for a command
_PRIVATE = re.compile(r"^Private_\w+: +(\d+) kB", re.MULTILINE)
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

[intake]
grace = 1

[alarm]
after = {after}
webhook = "{receiver}alarm"

[hub]
enabled = true
allow = ["10.77.0.0/24"]
nodes = {nodes}
"""
SITE = f"http://{SERVICES}:8080/"
AFTER = 4  # seconds that a condition lasts before an alarm
_BALLAST = "ballast"


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

    @property
    def url(self) -> str:
        """Return the address of its web server."""
        return f"http://{self.machine.address}:{PORT}/"

    def configure(
        self, ledger: str, endpoint: str, receiver: str, nodes: Sequence[Node] = ()
    ) -> None:
        """Write its configuration; `receiver` is the address of a hub, and of alarms."""
        self.folder.mkdir(exist_ok=True)
        own = _SETTINGS.format(
            ledger=ledger,
            endpoint=endpoint,
            name=self.name,
            receiver=receiver,
            after=AFTER,
            nodes=json.dumps([one.url for one in nodes]),
        )
        text = PUBLICATION.replace("http://127.0.0.1:8000/", SITE)
        publication, _, feed = text.partition("[[feed]]")
        text = f'{publication.rstrip()}\nhubs = ["{receiver}hub"]\n\n[[feed]]{feed}{own}'
        (self.folder / "config.toml").write_text(text, "utf-8")

    def set_clock(self, ahead: int) -> None:
        """Let its clock be ahead by so many seconds from the next start on.

        The monotonic clock goes on, as where somebody sets a clock.
        """
        library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        self.variables |= {
            "LD_PRELOAD": str(library),
            "FAKETIME": f"{ahead:+d}s",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }

    def fill_disk(self) -> None:
        """Leave no room on the disk of its folder."""
        with suppress(OSError), (self.folder / _BALLAST).open("wb", buffering=0) as file:
            while True:
                file.write(b"0" * 4096)

    def make_room(self) -> None:
        """Make room again."""
        (self.folder / _BALLAST).unlink(missing_ok=True)

    def used(self) -> tuple[int, int]:
        """Return the bytes of memory that its processes have to themselves, and their files."""
        memory = files = 0
        for process in self.machine.processes():
            with suppress(OSError):
                text = Path(f"/proc/{process}/smaps_rollup").read_text("ascii")
                memory += sum(int(one) * 1024 for one in _PRIVATE.findall(text))
                files += len([*Path(f"/proc/{process}/fd").iterdir()])
        return memory, files

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
