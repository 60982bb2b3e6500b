"""How does a value look as a row of the ledger, and back?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from dateline.documents.manifest import EntryListing
from dateline.entries.filenames import folder_of, name_key, named, stem
from dateline.entries.scan import FileStamp
from dateline.errors import Problem, State
from dateline.messages.values import of_json
from dateline.model import Correction, Entry, Headline, Original, Span, Story, Version
from dateline.rules import story_json
from dateline.rules.identify import PublishedEntry
from dateline.rules.selection import facets
from dateline.text.urls import fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """A file as it was last judged.

    `state` is `live`, `draft`, `scheduled`, or a state of `dateline.errors.State`; `due` is
    when it wants another look although it did not change. `held` is since when it is kept
    back without a break, `told` in which ways an alarm was sent of that, `since` has for each
    problem's code since when it is there: all in whole seconds. A file is changing since
    it, and what it used, looked otherwise.
    """

    stamp: FileStamp
    state: str
    due: datetime | None = None
    beside: Mapping[str, FileStamp | None]
    problems: tuple[Problem, ...] = ()
    held: datetime | None = None
    told: frozenset[str] = frozenset()
    since: Mapping[str, datetime] = field(default_factory=dict)

    def after(self, before: FileRecord | None, now: datetime) -> FileRecord:
        """Give this record with what goes on since `before`, or begins `now`.

        What began later than now did so by another clock: it begins now.
        """
        now = now.replace(microsecond=0)
        known = dict(before.since) if before else {}
        held = (before and before.held) or None
        is_held = self.state in {State.HOLD, State.WAIT}
        beside = self.beside
        if before and any(problem.code == "file-changing" for problem in self.problems):
            if before.stamp == self.stamp:  # it was not read, or not to its end
                beside = {**before.beside, **beside}
            if (before.stamp, before.beside) != (self.stamp, beside):
                known.pop("file-changing", None)
        return replace(
            self,
            beside=beside,
            held=min(held or now, now) if is_held else None,
            told=before.told if before and held and is_held else frozenset(),
            since={one.code: min(known.get(one.code, now), now) for one in self.problems},
        )


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
    codings: str = ""


def path_digest(path: str) -> str:
    """Give the digest of a file's path, in which look-alike names are the same."""
    return hashlib.sha256(name_key(path).encode()).hexdigest()


def file_name(path: str) -> str:
    """Give the name of an entry's file without its folders and its ending."""
    return stem(path).rpartition("/")[2]


def reference_digest(text: str) -> str | None:
    """Give the digest of how staff name another entry, or None where they name none."""
    return path_digest(named(text)) if text else None


def former_names(path: str) -> list[str]:
    """Give the digests by which a file is found that was called so: its path, its name alone."""
    return [path_digest(f"/{stem(path)}"), path_digest(file_name(path))] if path else []


def month(slug: str) -> str:
    """Give the beginning that an address has in common with those of its month."""
    return slug[:8]


def entry_row(found: Entry, number: int) -> dict[str, Any]:
    """Give the row of an entry whose newest version is `number`."""
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
        "content": story_json.content_digest(story),
        "headline": story_json.headline_digest(story),
        "expires": seconds(story.expires) if story.expires else None,
        "version": number,
        "revision": 0,
        "name": file_name(story.path),
        "reference": reference_digest(story.translation_of),
        "original": None,
    }


def version_row(found: Entry, number: int, file: Original, now: datetime) -> dict[str, Any]:
    """Give the row of an accepted version; `file` is what it came from."""
    return {
        "entry": found.id,
        "number": number,
        "accepted": seconds(now),
        "owner": file.owner,
        "digest": hashlib.sha256(file.data).hexdigest(),
        "data": file.data,
        "story": story_json.dump(found.story),
    }


def headline(row: Any) -> Headline:
    """Give what a list of news says of an entry."""
    title, language = story_json.headline_of(row.story)
    return Headline(
        slug=row.slug,
        title=title,
        language=language,
        published=datetime.fromtimestamp(row.published, UTC),
        updated=datetime.fromtimestamp(row.updated, UTC),
    )


def version_of(row: Any) -> Version:
    """Give an accepted version."""
    return Version(
        number=row.number,
        accepted=datetime.fromtimestamp(row.accepted, UTC),
        file=Original(data=row.data, owner=row.owner),
        story=story_json.load(row.story),
    )


def topic_rows(id_: str, story: Story) -> Iterator[dict[str, str]]:
    """Give the rows by which feeds find an entry, and by which its files are known to be used."""
    named = {**facets(story), "media": dict.fromkeys(media_of(story), "")}
    if story.event:
        named["until"] = {until(story.event): ""}
    for facet, values in named.items():
        for value, name in sorted(values.items()):
            yield {"entry": id_, "facet": facet, "value": value, "name": name}


def until(event: Span) -> str:
    """Give the last day of an event, by which calendars find it."""
    return f"{event.end:%Y-%m-%d}"


def media_of(story: Story) -> set[str]:
    """Give the paths of a story's own files under `media/`."""
    files = (*story.attachments, *story.inline, *((story.image,) if story.image else ()))
    return {media.path for media in files if media.path}


def correction_rows(id_: str, corrections: Sequence[Correction]) -> Iterator[dict[str, Any]]:
    """Give the rows of what was corrected."""
    for number, said in enumerate(corrections, start=1):
        yield {"entry": id_, "number": number, "moment": seconds(said.moment), "text": said.text}


def purged_row(row: Any, now: datetime) -> dict[str, Any]:
    """Give what remains of an entry that is taken down: what keeps it from coming back."""
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
    """Give what is remembered of an entry."""
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
        story=story_json.load(row.story) if row.story else None,
        corrections=corrections,
    )


def entry_listing(row: Any, corrections: tuple[Correction, ...]) -> EntryListing:
    """Give what the manifest says of an entry: all that readers see, and no more."""
    said = [(seconds(one.moment), one.text) for one in corrections]
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
        corrections=json.dumps(said, ensure_ascii=False),
        story=story_json.public(row.story) if row.story else "",
        revision=row.revision,
        original=row.original,
    )


def is_listed(row: Any, listing: EntryListing) -> bool:
    """Say whether the ledger has an entry as the manifest has it."""
    names = "content updated retracted kept withdrawn purged revision original"
    is_same = all(getattr(row, name) == getattr(listing, name) for name in names.split())
    return is_same and row.path_digest == listing.path


def listed_row(listing: EntryListing, number: int) -> dict[str, Any]:
    """Give the row of an entry as the manifest has it; this is version `number`."""
    values = asdict(listing)
    own = {name: values[name] for name in values if name not in {"corrections", "story"}}
    told = story_json.original_of(listing.story) if listing.story else ""
    return own | {
        "path": "",
        "path_digest": listing.path,
        "name": "",
        "reference": reference_digest(told),
        "gone": None,
        "month": month(listing.slug),
        "version": number if listing.story else 0,
    }


def listed_version(listing: EntryListing, number: int) -> dict[str, Any]:
    """Give the row of the version that the manifest has; its file went with the ledger."""
    values = {"entry": listing.id, "number": number, "accepted": listing.updated, "owner": ""}
    return values | {"digest": "", "data": b"", "story": listing.story}


def listed_corrections(listing: EntryListing) -> tuple[Correction, ...]:
    """Give the corrections of an entry that only the manifest remembers."""
    said = json.loads(listing.corrections)
    return tuple(
        Correction(moment=datetime.fromtimestamp(moment, UTC), text=text) for moment, text in said
    )


def document_record(row: Any) -> DocumentRecord:
    """Give a document as it was last committed."""
    return DocumentRecord(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping


def file_row(path: str, found: FileRecord) -> dict[str, Any]:
    """Give the row of a judged file."""
    beside = {name: stamp._asdict() if stamp else None for name, stamp in found.beside.items()}
    return {
        "path": path,
        "changed": found.stamp.changed,
        "size": found.stamp.size,
        "state": found.state,
        "due": seconds(found.due) if found.due else None,
        "held": seconds(found.held) if found.held else None,
        "told": " ".join(sorted(found.told)),
        "beside": json.dumps(beside, sort_keys=True),
        "problems": json.dumps([_problem_row(one, found.since) for one in found.problems]),
        "noted": bool(found.problems),
        "name_key": name_key(path),
        "folder": folder_of(path),
    }


def _problem_row(found: Problem, since: Mapping[str, datetime]) -> dict[str, Any]:
    moment = since.get(found.code)
    return {**asdict(found), "since": seconds(moment) if moment else None}


def file_record(row: Any) -> FileRecord:
    """Give a judged file."""
    problems = json.loads(row.problems)
    since = {problem["code"]: moment_at(problem.pop("since")) for problem in problems}
    return FileRecord(
        stamp=FileStamp(row.changed, row.size),
        state=row.state,
        due=moment_at(row.due),
        beside=stamps_of(row.beside),
        problems=tuple(map(_problem, problems)),
        held=moment_at(row.held),
        told=frozenset(row.told.split()),
        since={code: moment for code, moment in since.items() if moment},
    )


def _problem(kept: dict[str, Any]) -> Problem:
    """Return a problem; releases before typed values kept English texts in their place."""
    values = {name: of_json(kept[name]) for name in ("found", "wanted")}
    return Problem(**(kept | values))


def stamps_of(text: str) -> dict[str, FileStamp | None]:
    """Give the stamps that were written as JSON, by the names of the files."""
    return {name: FileStamp(**stamp) if stamp else None for name, stamp in json.loads(text).items()}


def seconds(moment: datetime) -> int:
    """Give a moment as the ledger keeps it."""
    return int(moment.timestamp())


def moment_at(kept: int | None) -> datetime | None:
    """Give the moment that the ledger kept."""
    return None if kept is None else datetime.fromtimestamp(kept, UTC)
