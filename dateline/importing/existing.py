"""The entries that exist already, so that nothing is imported twice."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from dateline.config import Config
from dateline.entries import dates, scan
from dateline.entries.filenames import likenesses, name_key, names_of
from dateline.errors import DateError, TomlError
from dateline.ledger import Ledger, exclusive
from dateline.publish import ledger_url
from dateline.system import safe_files
from dateline.text import toml
from dateline.text.toml import Value


class _Everything:
    """Container that holds every name."""

    def __contains__(self, _: object) -> bool:
        return True


_EVERYTHING = _Everything()


@dataclass(slots=True)
class _AlikeFiles:
    """The files that share a title and a day, and the names of which they look like copies."""

    paths: set[str] = field(default_factory=set)
    _originals: set[str] = field(default_factory=set)
    _unread: list[str] = field(default_factory=list)

    def add(self, path: str) -> None:
        self.paths.add(path)
        self._unread.append(path)

    def has_copy_of(self, path: str) -> bool:
        """Return whether one of the files looks like a copy of `path`; each is read once."""
        while self._unread:
            found = likenesses(self._unread.pop(), _EVERYTHING)
            self._originals |= {one.original for one in found}
        return path in self._originals


@dataclass(slots=True, kw_only=True)
class ExistingEntries:
    """The entries below the entries folder, and the ids that the ledger knows.

    `files` has every file below the entries folder, under its name and in lower case. `ids` and
    `headlines` map entries to their files: by id, and by title, day and address for entries
    without one. `published` are the ids of the source that the ledger knows. `originals` are the
    names of which a file here would be taken for a copy, `alike` the files that share a title and
    a day, `namesakes` the one of them that the source did not bring, `texts` the one that has a
    title, a day and a text, that the source did not bring, and that is no draft. `drafts` has by
    their titles those that are drafts, `moments` the dates of files, and `names` the names that
    are still to be tried for a folder, a day and a title.
    """

    zone: ZoneInfo
    files: dict[str, object]
    ids: dict[str, str] = field(default_factory=dict)
    headlines: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    published: frozenset[str] = frozenset()
    originals: set[str] = field(default_factory=set)
    alike: dict[tuple[str, str], _AlikeFiles] = field(default_factory=dict)
    texts: dict[tuple[str, str, str], str] = field(default_factory=dict)
    namesakes: dict[tuple[str, str], str] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    moments: dict[str, object] = field(default_factory=dict)
    names: dict[tuple[str, ...], Iterator[str]] = field(default_factory=dict)

    @classmethod
    def load(cls, config: Config, ids: Collection[str], today: date) -> ExistingEntries:
        """Return the entries of a publication, and which of `ids` were published before."""
        config.entries.mkdir(parents=True, exist_ok=True)
        found = scan.scan_all(config.entries)
        existing = cls(zone=config.publication.zone, files={})
        for path in found.files:
            existing.files |= {path: None, name_key(path): None}
        for path in found.entries:
            existing._load(path, _fields(config, path, today), ids)
        if config.state.is_dir():
            with exclusive(config.state), Ledger(ledger_url(config)) as ledger:
                existing.published = frozenset(
                    id_
                    for id_ in ids
                    if ledger.entries.id_of(id_) == id_  # no page or file
                )
        return existing

    def _load(self, path: str, fields: Mapping[str, Any], ids: Collection[str]) -> None:
        """Add an entry that existed before this import, of a source with these `ids`."""
        id_ = str(fields.get("id", ""))
        if id_:
            self.ids[id_] = path
            self.moments[path] = fields.get("date")
        if id_ not in ids:
            self.namesakes[self._likeness(fields)] = path
            if fields.get("draft"):
                self.drafts[self._likeness(fields)[0]] = path
        if id_ not in ids and not fields.get("draft"):
            self.texts[self._text(fields, str(fields.get("body", "")))] = path
        if "title" in fields and "date" in fields:
            self.headlines.setdefault(self._headline(fields), []).append(path)
        self.add(path, fields)

    def add(self, path: str, fields: Mapping[str, Any]) -> None:
        """Add the name of an entry file, so that no other is taken for its copy."""
        self.files |= {path: None, name_key(path): None}
        self.alike.setdefault(self._likeness(fields), _AlikeFiles()).add(path)
        self.originals |= {
            one.original for one in likenesses(path, _EVERYTHING) if one.kind != "longer"
        }

    def free_name(self, folder: str, day: date, words: str, fields: Mapping[str, Any]) -> str:
        """Return the path of the first name (`names_of`) in a folder that is free for an entry.

        What is not free never becomes so: an entry with the same title and day goes on from there.
        """
        likeness = self._likeness(fields)
        key = (folder, f"{day:%Y-%m-%d}", words, *likeness)
        names = self.names.setdefault(key, names_of(day, words))
        return next(path for name in names if self._is_free(path := folder + name, likeness))

    def _is_free(self, path: str, likeness: tuple[str, str]) -> bool:
        """Return whether a name is free and makes no two entries look like copies."""
        if {path, name_key(path)} & self.files.keys() or path in self.originals:
            return False
        similar = self.alike.get(likeness, _AlikeFiles())
        if similar.has_copy_of(path):
            return False
        return not any(
            one.kind == "conflict"
            or (one.original in (self.files if one.kind != "longer" else similar.paths))
            for one in likenesses(path, self.files)
        )

    def find(self, fields: Mapping[str, Value]) -> str:
        """Return the file of an entry, or a note that it was published; empty for a new one.

        Of several entries that differ only in their text, each is found once.
        """
        id_ = str(fields.get("id", ""))
        if id_:
            return self.ids.get(id_, "published here before" if id_ in self.published else "")
        found = self.headlines.get(self._headline(fields))
        return found.pop() if found else ""

    def twin(self, fields: Mapping[str, Value], body: str) -> str:
        """Return the file with the title, day and words of an entry; empty if there is none.

        Two items of the source that are alike are two entries.
        """
        return self.texts.get(self._text(fields, body), "")

    def namesake(self, fields: Mapping[str, Value]) -> str:
        """Return the file with the title and day of an entry; empty if there is none."""
        return self.namesakes.get(self._likeness(fields), "")

    def draft(self, fields: Mapping[str, Value]) -> str:
        """Return the draft with the title of an entry that is no draft; empty for none."""
        return "" if fields.get("draft") else self.drafts.get(self._likeness(fields)[0], "")

    def has_another_moment(self, path: str, moment: date | None, now: datetime) -> bool:
        """Return whether a file has another date than its item, and one of them is to come."""
        here = self.moments.get(path)
        if not (isinstance(here, date) and moment):
            return False
        both = {self._moment(here), self._moment(moment)}
        return len(both) > 1 and max(both) > now.timestamp()

    def _moment(self, day: date) -> int:
        """Return a date in seconds since 1970, of a bare day the first."""
        found = day if isinstance(day, datetime) else datetime.combine(day, time.min)
        return int((found if found.tzinfo else found.replace(tzinfo=self.zone)).timestamp())

    def _text(self, fields: Mapping[str, Any], body: str) -> tuple[str, str, str]:
        return *self._likeness(fields), " ".join(_words(body))

    def _headline(self, fields: Mapping[str, Any]) -> tuple[str, str, str]:
        title = " ".join(str(fields["title"]).split())
        return title, self._day(fields), str(fields.get("link", ""))

    def _likeness(self, fields: Mapping[str, Any]) -> tuple[str, str]:
        """Return the title, reduced to its words, and the day: equal for copies of one entry."""
        return " ".join(_words(fields.get("title", ""))), self._day(fields)

    def _day(self, fields: Mapping[str, Any]) -> str:
        day = fields.get("date", "")
        if isinstance(day, datetime):
            day = (day.astimezone(self.zone) if day.tzinfo else day).date()
        return day.isoformat() if isinstance(day, date) else str(day)


def _words(text: object) -> list[str]:
    return re.findall(r"\w+", str(text))


def _fields(config: Config, path: str, today: date) -> Mapping[str, Any]:
    """Return the fields of an entry; none if it cannot be read, which publishing reports."""
    try:
        data, _ = safe_files.read(str(config.entries), path, scan.MAX_SIZE)
        fields = toml.parse(data.decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError, TomlError):
        return {}
    with suppress(DateError, KeyError):
        found = dates.read(
            fields["date"],
            use="date",
            zone=config.publication.zone,
            today=today,
            language=str(fields.get("language", config.publication.language)),
            order=config.publication.date_order,
        )
        return {**fields, "date": found.start}
    return fields
