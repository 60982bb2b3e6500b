"""How does a value look as a row of the ledger, and back?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from dateline import record
from dateline.errors import Problem
from dateline.facets import facets
from dateline.identify import Known
from dateline.intake import Stamp, name_key
from dateline.manifest import EntryListing
from dateline.model import Correction, Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """A file as it was last judged.

    `state` is `live`, `draft`, `scheduled`, or a state of `dateline.errors.State`; `due` is
    when it wants another look although it did not change.
    """

    stamp: Stamp
    state: str
    due: datetime | None = None
    beside: Mapping[str, Stamp | None]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRecord:
    """A document as it was last committed; its bytes are in place where `live` is true."""

    path: str
    role: int
    media_type: str
    size: int
    digest: str
    changed: int
    source: str
    links: str
    expires: int | None
    live: bool


def path_digest(path: str) -> str:
    """Give the digest of a file's path, in which look-alike names are the same."""
    return hashlib.sha256(name_key(path).encode()).hexdigest()


def entry_row(found: Entry, number: int) -> dict[str, Any]:
    """Give the row of an entry whose newest version is `number`."""
    story = found.story
    return {
        "id": found.id,
        "sequence": found.sequence,
        "slug": found.slug,
        "published": seconds(found.published),
        "updated": seconds(found.updated),
        "path": story.path,
        "path_digest": path_digest(story.path),
        "gone": None,
        "content": record.content_digest(story),
        "headline": record.headline_digest(story),
        "expires": seconds(story.expires) if story.expires else None,
        "version": number,
    }


def version_row(found: Entry, number: int, data: bytes, now: datetime) -> dict[str, Any]:
    """Give the row of an accepted version; `data` is its file."""
    return {
        "entry": found.id,
        "number": number,
        "accepted": seconds(now),
        "digest": hashlib.sha256(data).hexdigest(),
        "data": data,
        "story": record.dump(found.story),
    }


def topic_rows(found: Entry) -> Iterator[dict[str, str]]:
    """Give the rows by which feeds find an entry."""
    for facet, values in facets(found.story).items():
        for value in sorted(values):
            yield {"entry": found.id, "facet": facet, "value": value}


def correction_rows(found: Entry) -> Iterator[dict[str, Any]]:
    """Give the rows of what was corrected."""
    for number, said in enumerate(found.corrections, start=1):
        moment = seconds(said.moment)
        yield {"entry": found.id, "number": number, "moment": moment, "text": said.text}


def known_of(row: Any, corrections: tuple[Correction, ...]) -> Known:
    """Give what is remembered of an entry."""
    return Known(
        id=row.id,
        sequence=row.sequence,
        slug=row.slug,
        published=datetime.fromtimestamp(row.published, UTC),
        updated=datetime.fromtimestamp(row.updated, UTC),
        path=row.path,
        content=row.content,
        headline=row.headline,
        story=record.load(row.story) if row.story else None,
        corrections=corrections,
    )


def entry_listing(row: Any) -> EntryListing:
    """Give what the manifest says of an entry."""
    return EntryListing(
        id=row.id,
        sequence=row.sequence,
        slug=row.slug,
        path=row.path_digest,
        content=row.content,
        published=row.published,
        updated=row.updated,
    )


def document_record(row: Any) -> DocumentRecord:
    """Give a document as it was last committed."""
    return DocumentRecord(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def file_row(path: str, found: FileRecord) -> dict[str, Any]:
    """Give the row of a judged file."""
    beside = {name: asdict(stamp) if stamp else None for name, stamp in found.beside.items()}
    return {
        "path": path,
        "changed": found.stamp.changed,
        "size": found.stamp.size,
        "state": found.state,
        "due": seconds(found.due) if found.due else None,
        "beside": json.dumps(beside, sort_keys=True),
        "problems": json.dumps([asdict(problem) for problem in found.problems]),
    }


def file_record(row: Any) -> FileRecord:
    """Give a judged file."""
    beside = json.loads(row.beside)
    return FileRecord(
        stamp=Stamp(row.changed, row.size),
        state=row.state,
        due=moment_at(row.due),
        beside={name: Stamp(**stamp) if stamp else None for name, stamp in beside.items()},
        problems=tuple(Problem(**problem) for problem in json.loads(row.problems)),
    )


def seconds(moment: datetime) -> int:
    """Give a moment as the ledger keeps it."""
    return int(moment.timestamp())


def moment_at(kept: int | None) -> datetime | None:
    """Give the moment that the ledger kept."""
    return None if kept is None else datetime.fromtimestamp(kept, UTC)
