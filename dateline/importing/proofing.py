"""What will the publisher say of an entry file that came over?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from dateline.entries.media import media_type_of
from dateline.entries.normalise import normalise
from dateline.entries.parse import parse
from dateline.errors import EntryError, Problem, State
from dateline.model import Media, Publication, Source

_LEFT_ALONE = 3600.0  # seconds: no file that is still being written


@dataclass(frozen=True, slots=True)
class _Expected:
    """The files that came over with an entry, or will."""

    there: Collection[str]

    def take(self, *names: str) -> Media | None:
        """Say that a file is there where it came over."""
        name = next((one for one in names if one in self.there), None)
        if name is None:
            return None
        address = f"https://x.invalid/{quote(name)}"
        return Media(url=address, path=name, media_type=media_type_of(name), length=1)

    def page(self, name: str) -> tuple[str, bool]:
        """Return no address: which entries come over with this one is not known yet."""
        return "", name in self.there

    def names(self, wanted: str) -> str:
        """Say nothing more: staff look into the folder."""
        return f"{wanted} did not come over."


def proof(
    path: str, text: str, there: Collection[str], publication: Publication, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return for what an entry file is held, and what else is to be looked at in it."""
    source = Source(path=path, data=text.encode(), age=_LEFT_ALONE)
    today = now.astimezone(publication.zone).date()
    found: tuple[Problem, ...]
    try:
        draft = parse(source, today=today)
        _, found = normalise(draft, publication=publication, files=_Expected(there), now=now)
    except EntryError as error:
        found = error.problems
    held = (problem.message for problem in found if problem.state == State.HOLD)
    said = (f"{one.state}: {one.message}" for one in found if one.state == State.WARN)
    return tuple(held), tuple(said)
