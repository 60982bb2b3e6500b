"""Stories as JSON text, for the ledger and for digests.

The keys are sorted: the same story has the same bytes on every machine.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

from dateline.model import Media, Rendition, Span, Story
from dateline.model.media import undescribed
from dateline.rules.labels import label
from dateline.text.expressions import regex

# The fields that every record has. One that `Story` got later is left out while it has its default:
# the digest of an entry stays the same for all of its life.
_ALWAYS = frozenset(
    {
        "path", "title", "date", "html", "summary", "language", "kind", "link", "categories",
        "authors", "editor", "image", "attachments", "event", "place", "translation_of", "draft",
        "expires", "updated", "correction", "retraction", "id",
    }
)  # fmt: skip
_LATER = {field.name: field.default for field in fields(Story) if field.name not in _ALWAYS}
_ZONES = [timezone(timedelta(minutes=offset)) for offset in range(-12 * 60, 14 * 60 + 1, 15)]
_STORY = frozenset(field.name for field in fields(Story))
_MEDIA = frozenset(field.name for field in fields(Media))
_RENDITION = frozenset(field.name for field in fields(Rendition))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRecord:
    """A story as JSON, and the digest of its content."""

    text: str
    content: str

    @classmethod
    def of(cls, story: Story) -> StoryRecord:
        """Return what the ledger keeps of a story."""
        text = dump(story)
        return cls(text=text, content=content_digest(story, text))


def dump(story: Story) -> str:
    """Return a story as JSON."""
    return _WRITER.encode(story)


def load(text: str) -> Story:
    """Return the story that `dump` wrote, without fields that only a later release knows."""
    record: dict[str, Any] = json.loads(text)
    record |= {name: _span(record[name]) for name in ("date", "event")}
    record |= {name: _moment(record[name]) for name in ("expires", "updated")}
    record |= {name: tuple(record[name]) for name in ("categories", "authors")}
    given = record["correction"]
    record["correction"] = tuple(given) if isinstance(given, list) else (given,) if given else ()
    record["image"] = _media(record["image"]) if record["image"] else None
    for name in ("attachments", "inline"):
        record[name] = tuple(map(_media, record.get(name, ())))
    return Story(**known(_STORY, record))


def rebased(text: str, before: str, after: str) -> str:
    """Return the text that `dump` wrote with own pictures and files at another address."""
    return text.replace(f"{before}media/", f"{after}media/")


def known(names: frozenset[str], record: dict[str, Any]) -> dict[str, Any]:
    """Return a record without the fields that only a later release has."""
    return record if record.keys() <= names else {n: record[n] for n in record.keys() & names}


def path_of(text: str) -> str:
    """Return the file name of the story that `dump` wrote."""
    return str(json.loads(text)["path"])


def original_of(text: str) -> str:
    """Return the `translation_of` of the story that `dump` wrote."""
    return str(json.loads(text)["translation_of"])


def headline_of(text: str) -> tuple[str, str]:
    """Return title and language of the story that `dump` wrote, as `labels.headline` does."""
    record = json.loads(text)
    title, language = str(record["title"]), str(record["language"])
    if record["retraction"]:
        title = f"{label(language, is_event=bool(record['event']))} {title}"
    return title, language


def public(text: str) -> str:
    """Return the text that `dump` wrote without the newsroom's own data: file name and editor."""
    if text.count('"path": ') == 1:  # files have paths, too
        return _OWN.sub(r'"\1": ""', text)
    return _WRITER.encode(json.loads(text) | {"path": "", "editor": ""})


def content_digest(story: Story, text: str = "") -> str:
    """Return the digest of a story's content, without the place of its file.

    The same file is the same content, whatever a release derives from it. If `text`, which `dump`
    wrote, is known, it is not made again.
    """
    dropped = as_dropped(story)
    if dropped is not story or not text:
        text = dump(dropped)
    # The last of these keys, since those of files come before it.
    before, _, after = text.rpartition(f'"path": {_WRITER.encode(story.path)}')
    return hashlib.sha256(f'{before}"path": ""{after}'.encode()).hexdigest()


def as_dropped(story: Story) -> Story:
    """Return a story without what is derived from its pictures and files.

    An upgrade may change that, and is no change of the entry.
    """
    if not (story.image or story.attachments or story.inline):
        return story
    return replace(
        story,
        image=story.image and undescribed(story.image),
        attachments=tuple(map(undescribed, story.attachments)),
        inline=tuple(map(undescribed, story.inline)),
    )


def headline_digest(story: Story) -> str:
    """Return the digest of title and date, which identifies an edited and renamed file."""
    return _headline_digest(story.title, story.date.start)


def headlines_elsewhere(story: Story) -> frozenset[str]:
    """Return the digests of title and date in all time zones, if the date has a time.

    The publication's may have been another when the same words were published.
    """
    start = story.date.start
    if not isinstance(start, datetime):
        return frozenset()
    return frozenset(_headline_digest(story.title, start.replace(tzinfo=zone)) for zone in _ZONES)


def _headline_digest(title: str, start: date) -> str:
    return hashlib.sha256(f"{title}\n{start}".encode()).hexdigest()


def _plain(value: object) -> object:
    """Return a value that JSON has no type for: a moment as text, a value by its fields."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Story):
        return _record(value)
    if isinstance(value, Media):
        return {n: getattr(value, n) for n in value.__slots__ if getattr(value, n) or n in _FIRST}
    if isinstance(value, Span | Rendition):  # `asdict` would copy all, and take longer
        return {name: getattr(value, name) for name in value.__slots__}
    raise TypeError(type(value).__name__)


def _record(story: Story) -> dict[str, Any]:
    record = {name: getattr(story, name) for name in story.__slots__}
    for name, default in _LATER.items():
        if record[name] == default:
            del record[name]
    # As it was written when there was one correction at most.
    given = story.correction
    return record | {"correction": given[0] if len(given) == 1 else [*given] or ""}


# The fields of a file that every record has.
_FIRST = frozenset(
    {"url", "path", "media_type", "length", "title", "width", "height", "alt", "credit"}
)
# Quotation marks within texts are escaped, so that these are keys.
_OWN = regex(r'"(editor|path)": "(?:[^"\\]|\\.)*"')
_WRITER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=_plain)


def _media(record: dict[str, Any]) -> Media:
    record = known(_MEDIA, record)
    if "renditions" in record:
        record["renditions"] = tuple(map(_rendition, record["renditions"]))
    if "card" in record:
        record["card"] = _rendition(record["card"])
    return Media(**record)


def _rendition(record: dict[str, Any]) -> Rendition:
    return Rendition(**known(_RENDITION, record))


def _span(record: dict[str, Any] | None) -> Span | None:
    if record is None:
        return None
    read = datetime.fromisoformat if "T" in record["start"] else date.fromisoformat
    return Span(start=read(record["start"]), end=read(record["end"]), precision=record["precision"])


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
