"""How is an entry put together from its rows?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from dateline.ledger.rows import moment_at
from dateline.ledger.session import Session, batches, one_of
from dateline.ledger.tables import correction, entry, version
from dateline.model import Correction, Entry
from dateline.rules import story_json
from dateline.system.memo import remembered

WITH_VERSION = entry.outerjoin(
    version, sa.and_(version.c.entry == entry.c.id, version.c.number == entry.c.version)
)
# What readers are to see: not withdrawn, not taken down.
IS_LIVE = sa.and_(entry.c.version > 0, entry.c.withdrawn.is_(None))
WHOLE = sa.select(entry, version.c.story).select_from(WITH_VERSION)
SOME = WHOLE.where(one_of(entry.c.id))
_CORRECTIONS = sa.select(correction).where(one_of(correction.c.entry)).order_by(correction.c.number)

_story = remembered(len)(story_json.load)


def live_entries(
    session: Session, column: sa.Column[Any], values: Sequence[str]
) -> Iterator[Entry]:
    """Give the live entries whose `column` is one of `values`."""
    for row, said in corrected(session, _live(column), values):
        yield entry_of(row, said)


def corrected(
    session: Session, query: sa.Select[Any], values: Sequence[str]
) -> Iterator[tuple[sa.Row[Any], tuple[Correction, ...]]]:
    """Give the rows of entries as `Session.among` does, each with what was corrected in it."""
    for some in batches(values):
        rows = [*session.among(query, some)]
        said = _corrections(session, [row.id for row in rows])
        for row in rows:
            yield row, said.get(row.id, ())


@cache
def _live(column: sa.Column[Any]) -> sa.Select[Any]:
    return WHOLE.where(IS_LIVE, one_of(column)).order_by(entry.c.sequence)


def entry_of(row: Any, said: tuple[Correction, ...]) -> Entry:
    """Give an entry from its row, with its story, and what was corrected in it."""
    return Entry(
        story=_story(row.story),
        id=row.id,
        sequence=row.sequence,
        slug=row.slug,
        published=datetime.fromtimestamp(row.published, UTC),
        updated=datetime.fromtimestamp(row.updated, UTC),
        corrections=said,
        retracted=moment_at(row.retracted),
    )


def _corrections(session: Session, ids: Sequence[str]) -> dict[str, tuple[Correction, ...]]:
    """Give what was corrected in entries, in order."""
    found: dict[str, tuple[Correction, ...]] = {}
    for row in session.among(_CORRECTIONS, ids):
        said = Correction(moment=datetime.fromtimestamp(row.moment, UTC), text=row.text)
        found[row.entry] = (*found.get(row.entry, ()), said)
    return found
