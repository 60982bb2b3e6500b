"""A running hub (`hub.py`), with the notifications that it received and what it could read then."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from support.serving import until

SCRIPT = Path(__file__).with_name("hub.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One POST: its fields, its time, and the digest of the document at that time."""

    fields: dict[str, str]
    moment: float
    digest: str

    @property
    def path(self) -> str:
        """Return the path of the document."""
        return urlsplit(self.fields["hub.url"]).path.removeprefix("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """A running hub."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}/hub?a=1&b=2"

    def answers(self, what: str, beginning: str = "", otherwise: str = "") -> None:
        """Set the answer, also for requests that hang; paths with `beginning` get `otherwise`."""
        new = self.folder / "answer.new"
        lines = [what, f"{beginning} {otherwise}"] if beginning else [what]
        new.write_text("\n".join(lines), encoding="ascii")
        new.replace(self.folder / "answer")

    @property
    def told(self) -> list[Told]:
        """Return the notifications received so far."""
        lines = (self.folder / "told").read_text(encoding="utf-8").split("\n")[:-1]
        return [Told(**json.loads(line)) for line in lines]

    @property
    def paths(self) -> list[str]:
        """Return the sorted paths of the documents in the notifications so far."""
        return sorted(told.path for told in self.told)


@contextmanager
def hub(folder: Path, feeds: Path) -> Iterator[Hub]:
    """Run a hub that reads the published documents in `feeds`."""
    folder.mkdir()
    (folder / "answer").write_text("202", encoding="ascii")
    (folder / "told").touch()
    with subprocess.Popen([sys.executable, "-S", SCRIPT, folder, feeds]) as process:
        try:
            port = folder / "port"
            assert until(port.exists)
            yield Hub(folder=folder, port=int(port.read_text(encoding="ascii")))
        finally:
            process.kill()
