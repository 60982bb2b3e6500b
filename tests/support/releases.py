"""Publications as earlier releases wrote them, unpacked from `tests/data/releases`."""

from __future__ import annotations

import json
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from support.paths import DATA
from support.publication import Newsroom

FOLDER = DATA / "releases"
ENTRY_COLUMNS = "id, sequence, slug, published, updated, retracted, withdrawn, purged, kept"
# Of configured feeds: the names of the others have a slash (`dateline.rules.taxonomy`).
MEMBER_QUERY = (
    "SELECT feed, number, entry, part, archive FROM member WHERE feed NOT LIKE '%/%'"
    " ORDER BY feed, number"
)
RELEASES = sorted(path.name.removesuffix(".tar.gz") for path in FOLDER.glob("*.tar.gz"))


@dataclass(frozen=True, slots=True)
class Written:
    """A publication that an earlier release wrote, and what that release knew of it."""

    room: Newsroom
    entries: tuple[dict[str, Any], ...]
    members: tuple[tuple[str, int, str | None, int, int | None], ...]

    @property
    def live(self) -> list[dict[str, Any]]:
        """Return the entries that readers see."""
        return [one for one in self.entries if one["withdrawn"] is None and not one["purged"]]


def unpack(release: str, folder: Path) -> Written:
    """Unpack what a release wrote; the next build is a minute after its last."""
    with tarfile.open(FOLDER / f"{release}.tar.gz") as tar:
        tar.extractall(folder, filter="data")
    known = json.loads((folder / "expected.json").read_bytes())
    room = Newsroom(folder, datetime.fromtimestamp(known["built"], UTC))
    members = tuple(tuple(one) for one in known["members"])
    return Written(room, tuple(known["entries"]), members)
