"""The rows of the ledger from values, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from dateline.documents.manifest import EntryListing
from dateline.entries.filenames import folder_of, name_key, named, stem
from dateline.entries.scan import FileStamp
from dateline.errors import Problem, State
from dateline.ledger.tables import document
from dateline.messages import CATALOGUE
from dateline.messages.values import of_json
from dateline.model import Correction, Entry, Headline, Original, Span, Story, Version
from dateline.rules import story_json
from dateline.rules.identity.published import PublishedEntry
from dateline.rules.selection import facets, keys
from dateline.rules.taxonomy import values as values_of
from dateline.text.urls import fingerprint

_DOCUMENT = document.c.keys()
_of_document = attrgetter(*_DOCUMENT)
_PROBLEM = frozenset(one.name for one in fields(Problem))


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """A file as it was last read and assessed.

    `state` is `live`, `draft`, `scheduled`, or a state of `dateline.errors.State`; `due` is
    when it must be read again although it did not change. `held` is when it began to be held
    without interruption, except for a draft of which readers have nothing; `alarmed` names the
    channels that sent an alarm about that, and `since` has the moment at which each problem began,
    by its code; all are in whole seconds. The problem that a file is changing begins again with
    each change of the file or of the files that it uses (`beside`).
    """

    stamp: FileStamp
    state: str
    due: datetime | None = None
    beside: Mapping[str, FileStamp | None]
    problems: tuple[Problem, ...] = ()
    held: datetime | None = None
    alarmed: frozenset[str] = frozenset()
    since: Mapping[str, datetime] = field(default_factory=dict)

    def after(self, before: FileRecord | None, now: datetime) -> FileRecord:
        """Return this record with the moments of what goes on since `before` or begins `now`.

        A moment later than now came from another clock, and becomes now.
        """
        now = now.replace(microsecond=0)
        known = dict(before.since) if before else {}
        held = (before and before.held) or None
        codes = {problem.code for problem in self.problems}
        is_unfinished = "draft" in codes and not codes & {"change-not-out", "still-live"}
        is_held = self.state in {State.HOLD, State.WAIT} and not is_unfinished
        beside = self.beside
        if before and "file-changing" in codes:
            if before.stamp == self.stamp:  # it was not read to its end
                beside = {**before.beside, **beside}
            if (before.stamp, before.beside) != (self.stamp, beside):
                known.pop("file-changing", None)
        return replace(
            self,
            beside=beside,
            held=min(held or now, now) if is_held else None,
            alarmed=before.alarmed if before and held and is_held else frozenset(),
            since={one.code: min(known.get(one.code, now), now) for one in self.problems},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRecord:
    """A document as it was last committed; if `live`, its bytes are in place."""

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
    codings: str = ""


@lru_cache(maxsize=8192)
def path_digest(path: str) -> str:
    """Return the digest of a file's path, which is the same for look-alike names."""
    return hashlib.sha256(name_key(path).encode()).hexdigest()


def file_name(path: str) -> str:
    """Return the name of an entry's file without its folders and its ending."""
    return stem(path).rpartition("/")[2]


def reference_digest(text: str) -> str | None:
    """Return the digest of the name that staff give another entry, or None for no name."""
    return path_digest(named(text)) if text else None


def former_names(path: str) -> list[str]:
    """Return the digests by which a renamed file is found: of its path and of its name."""
    return [path_digest(f"/{stem(path)}"), path_digest(file_name(path))] if path else []


def month(slug: str) -> str:
    """Return the beginning of a slug that all slugs of its month have in common."""
    return slug[:8]


def entry_row(found: Entry, number: int, content: str) -> dict[str, Any]:
    """Return the row of an entry whose newest version is `number`; `content` is its digest."""
    story = found.story
    return {
        "id": found.id,
        "sequence": found.sequence,
        "slug": found.slug,
        "month": month(found.slug),
        "published": seconds(found.published),
        "updated": seconds(found.updated),
        "retracted": seconds(found.retracted) if found.retracted else None,
        "path": story.path,
        "path_digest": path_digest(story.path),
        "gone": None,
        "kept": False,
        "withdrawn": None,
        "purged": False,
        "content": content,
        "headline": story_json.headline_digest(story),
        "expires": seconds(story.expires) if story.expires else None,
        "version": number,
        "revision": 0,
        "name": file_name(story.path),
        "reference": reference_digest(story.translation_of),
        "original": None,
    }


def continued(row: dict[str, Any], before: Any) -> dict[str, Any]:
    """Return a new row of an entry whose revision and original go on from the row before."""
    if before is None:
        return row
    is_another = row["content"] != before.content or before.withdrawn is not None
    original = before.original if row["reference"] == before.reference else None
    return row | {"revision": before.revision + is_another, "original": original}


def version_row(
    record: story_json.StoryRecord, entry: str, number: int, file: Original, now: datetime
) -> dict[str, Any]:
    """Return the row of an accepted version of an entry, which was read from `file`."""
    return {
        "entry": entry,
        "number": number,
        "accepted": seconds(now),
        "owner": file.owner,
        "digest": hashlib.sha256(file.data).hexdigest(),
        "data": file.data,
        "story": record.text,
    }


def headline(row: Any) -> Headline:
    """Return the headline of an entry for lists of news."""
    title, language = story_json.headline_of(row.story)
    return Headline(
        slug=row.slug,
        title=title,
        language=language,
        published=datetime.fromtimestamp(row.published, UTC),
        updated=datetime.fromtimestamp(row.updated, UTC),
    )


def version_of(row: Any) -> Version:
    """Return an accepted version from its row."""
    return Version(
        number=row.number,
        accepted=datetime.fromtimestamp(row.accepted, UTC),
        file=Original(data=row.data, owner=row.owner),
        story=story_json.load(row.story),
    )


def topic_rows(id_: str, story: Story) -> Iterator[dict[str, str]]:
    """Yield the rows by which feeds select an entry, and its own media files are found."""
    named = {**facets(story), "media": dict.fromkeys(media_of(story), "")}
    named["place"] = {key: name for name in values_of(story, "place") for key in keys(name)}
    if story.editor:
        named["editor"] = dict.fromkeys(keys(story.editor), story.editor)
    if story.event:
        named["until"] = {until(story.event): ""}
    for facet, values in named.items():
        for value, name in sorted(values.items()):
            yield {"entry": id_, "facet": facet, "value": value, "name": name}


def until(event: Span) -> str:
    """Return the last day of an event, by which calendars select it."""
    return f"{event.end:%Y-%m-%d}"


def media_of(story: Story) -> set[str]:
    """Return the paths of a story's own files under `media/`."""
    files = (*story.attachments, *story.inline, *((story.image,) if story.image else ()))
    return {path for media in files for path in media.paths}


def correction_rows(id_: str, corrections: Sequence[Correction]) -> Iterator[dict[str, Any]]:
    """Yield the rows of an entry's corrections."""
    for number, one in enumerate(corrections, start=1):
        yield {"entry": id_, "number": number, "moment": seconds(one.moment), "text": one.text}


def purged_row(row: Any, now: datetime) -> dict[str, Any]:
    """Return the row that remains of an entry taken down, and keeps it from coming back."""
    address = fingerprint(f"{row.slug}.html")
    return {
        **row._mapping,  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
        "slug": row.slug if row.purged else address,
        "path": "",
        "name": "",
        "reference": None,
        "original": None,
        "gone": None,
        "withdrawn": row.withdrawn or seconds(now),
        "purged": True,
        "expires": None,
        "retracted": None,
        "version": 0,
    }


def known_of(row: Any, corrections: tuple[Correction, ...]) -> PublishedEntry:
    """Return a published entry, as the rules identify files by it, from its row."""
    return PublishedEntry(
        id=row.id,
        sequence=row.sequence,
        slug=row.slug,
        published=datetime.fromtimestamp(row.published, UTC),
        updated=datetime.fromtimestamp(row.updated, UTC),
        path=row.path,
        content=row.content,
        headline=row.headline,
        retracted=moment_at(row.retracted),
        is_missing=row.gone is not None or row.withdrawn is not None,
        is_withdrawn=row.withdrawn is not None,
        is_purged=row.purged,
        is_kept=row.kept,
        story=story_json.load(row.story) if row.story else None,
        corrections=corrections,
    )


def entry_listing(row: Any, corrections: tuple[Correction, ...]) -> EntryListing:
    """Return the manifest's row for an entry, which has nothing that readers do not see."""
    dated = [(seconds(one.moment), one.text) for one in corrections]
    return EntryListing(
        id=row.id,
        sequence=row.sequence,
        slug=row.slug,
        path=row.path_digest,
        content=row.content,
        headline=row.headline,
        published=row.published,
        updated=row.updated,
        retracted=row.retracted,
        kept=row.kept,
        withdrawn=row.withdrawn,
        purged=row.purged,
        expires=row.expires,
        corrections=json.dumps(dated, ensure_ascii=False) if dated else "[]",
        story=story_json.public(row.story) if row.story else "",
        revision=row.revision,
        original=row.original,
    )


def is_listed(row: Any, listing: EntryListing) -> bool:
    """Return whether an entry is the same in the ledger and in the manifest."""
    names = "content updated retracted kept withdrawn purged revision original"
    is_same = all(getattr(row, name) == getattr(listing, name) for name in names.split())
    return is_same and row.path_digest == listing.path


def listed_row(listing: EntryListing, number: int) -> dict[str, Any]:
    """Return the row of version `number` of an entry from the manifest."""
    values = asdict(listing)
    own = {name: values[name] for name in values if name not in {"corrections", "story"}}
    original = story_json.original_of(listing.story) if listing.story else ""
    return own | {
        "path": "",
        "path_digest": listing.path,
        "name": "",
        "reference": reference_digest(original),
        "gone": None,
        "month": month(listing.slug),
        "version": number if listing.story else 0,
    }


def listed_version(listing: EntryListing, number: int) -> dict[str, Any]:
    """Return the row of a version from the manifest, without its file."""
    values = {"entry": listing.id, "number": number, "accepted": listing.updated, "owner": ""}
    return values | {"digest": "", "data": b"", "story": listing.story}


def document_row(found: DocumentRecord) -> dict[str, Any]:
    """Return the row of a document; `asdict` would copy each value."""
    return dict(zip(_DOCUMENT, _of_document(found), strict=True))


def document_record(row: Any) -> DocumentRecord:
    """Return a document from its row."""
    return DocumentRecord(**dict(zip(_DOCUMENT, row, strict=True)))


def file_row(path: str, found: FileRecord) -> dict[str, Any]:
    """Return the row of a file."""
    beside = {name: stamp._asdict() if stamp else None for name, stamp in found.beside.items()}
    return {
        "path": path,
        "changed": found.stamp.changed,
        "size": found.stamp.size,
        "state": found.state,
        "due": seconds(found.due) if found.due else None,
        "held": seconds(found.held) if found.held else None,
        "told": " ".join(sorted(found.alarmed)),
        "beside": json.dumps(beside, sort_keys=True) if beside else "{}",
        "problems": _problems(found),
        "noted": bool(found.problems),
        "name_key": name_key(path),
        "folder": folder_of(path),
    }


def _problems(found: FileRecord) -> str:
    """Return the problems of a file as JSON: most have none."""
    if not found.problems:
        return "[]"
    return json.dumps([_problem_row(one, found.since) for one in found.problems])


def _problem_row(found: Problem, since: Mapping[str, datetime]) -> dict[str, Any]:
    moment = since.get(found.code)
    return {**asdict(found), "since": seconds(moment) if moment else None}


def file_record(row: Any) -> FileRecord:
    """Return a file from its row."""
    problems = [one for one in json.loads(row.problems) if one["code"] in CATALOGUE]
    since = {problem["code"]: moment_at(problem.pop("since")) for problem in problems}
    return FileRecord(
        stamp=FileStamp(row.changed, row.size),
        state=row.state,
        due=moment_at(row.due),
        beside=stamps_of(row.beside),
        problems=tuple(map(problem_of, problems)),
        held=moment_at(row.held),
        alarmed=frozenset(row.told.split()),
        since={code: moment for code, moment in since.items() if moment},
    )


def problem_of(kept: dict[str, Any]) -> Problem:
    """Return a problem from its JSON, without what only a later release knows of it.

    Releases before typed values kept English texts in their place.
    """
    values = {name: of_json(kept[name]) for name in ("found", "wanted")}
    return Problem(**story_json.known(_PROBLEM, kept | values))


def stamps_of(text: str) -> dict[str, FileStamp | None]:
    """Return stamps from JSON, by the paths of the files."""
    return {name: FileStamp(**stamp) if stamp else None for name, stamp in json.loads(text).items()}


def seconds(moment: datetime) -> int:
    """Return a moment as the ledger stores it: in whole seconds since 1970."""
    return int(moment.timestamp())


def moment_at(kept: int | None) -> datetime | None:
    """Return a moment from the seconds that the ledger stores."""
    return None if kept is None else datetime.fromtimestamp(kept, UTC)
