"""What is here already, so that nothing comes over twice?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dateline.config import Config
from dateline.entries import scan
from dateline.entries.filenames import likenesses, name_key
from dateline.errors import TomlError
from dateline.importing.compose import Value
from dateline.ledger import Ledger, exclusive
from dateline.publish import ledger_url
from dateline.text import toml


class _Everything:
    """Takes any name for one that is there."""

    def __contains__(self, _: object) -> bool:
        return True


_EVERYTHING = _Everything()


@dataclass(slots=True, kw_only=True)
class ExistingEntries:
    """The entries that are here, and those that were.

    `files` has every file below the entries folder, in small letters as well. An entry is known
    by its id; one without an id by its title, its day and its address, as often as it is here.
    `gone` are ids that the ledger knows. `taken_for` has the names of which a file that is here
    would be taken for a copy, `alike` the files with one title and day.
    """

    zone: ZoneInfo
    files: dict[str, object]
    ids: dict[str, str] = field(default_factory=dict)
    headlines: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    taken_for: set[str] = field(default_factory=set)
    alike: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    @classmethod
    def look(cls, config: Config, ids: Iterable[str]) -> ExistingEntries:
        """Read the ids and the headlines of all entries, and which of `ids` were published."""
        config.entries.mkdir(parents=True, exist_ok=True)
        look = scan.scan_all(config.entries)
        present = cls(zone=config.publication.zone, files={})
        for path in look.files:
            present.files |= {path: None, name_key(path): None}
        for path in look.entries:
            present._remember(path, _fields(config, path))
        if config.state.is_dir():
            with exclusive(config.state), Ledger(ledger_url(config)) as ledger:
                present.gone = frozenset(id_ for id_ in ids if ledger.entries.id_of(id_))
        return present

    def _remember(self, path: str, fields: Mapping[str, Any]) -> None:
        """Remember an entry that was here before this import."""
        if id_ := str(fields.get("id", "")):
            self.ids[id_] = path
        if "title" in fields and "date" in fields:
            self.headlines.setdefault(self._headline(fields), []).append(path)
        self.add(path, fields)

    def add(self, path: str, fields: Mapping[str, Any]) -> None:
        """Remember what a file is called: no other may be taken for its copy."""
        self.files |= {path: None, name_key(path): None}
        self.alike.setdefault(self._look(fields), []).append(path)
        self.taken_for |= {
            one.original for one in likenesses(path, _EVERYTHING) if one.kind != "longer"
        }

    def is_free(self, path: str, fields: Mapping[str, Any]) -> bool:
        """Return whether an entry may be called so: no file is, and none is alike."""
        if {path, name_key(path)} & self.files.keys() or path in self.taken_for:
            return False
        like = self.alike.get(self._look(fields), ())
        if any(one.original == path for other in like for one in likenesses(other, {path})):
            return False
        return not any(
            one.kind == "conflict"
            or (one.original in (self.files if one.kind != "longer" else like))
            for one in likenesses(path, self.files)
        )

    def find(self, fields: Mapping[str, Value]) -> str:
        """Give the file that is this entry, or says that it was here; nothing for a new one.

        Of several that are alike but for their text, each is found once.
        """
        id_ = str(fields.get("id", ""))
        if id_:
            return self.ids.get(id_, "published here before" if id_ in self.gone else "")
        found = self.headlines.get(self._headline(fields))
        return found.pop() if found else ""

    def _headline(self, fields: Mapping[str, Any]) -> tuple[str, str, str]:
        title = " ".join(str(fields["title"]).split())
        return title, self._day(fields), str(fields.get("link", ""))

    def _look(self, fields: Mapping[str, Any]) -> tuple[str, str]:
        """Return what makes the publisher take two files for one: title and day, in words alone."""
        return " ".join(re.findall(r"\w+", str(fields.get("title", "")))), self._day(fields)

    def _day(self, fields: Mapping[str, Any]) -> str:
        day = fields.get("date", "")
        if isinstance(day, datetime):
            day = (day.astimezone(self.zone) if day.tzinfo else day).date()
        return day.isoformat() if isinstance(day, date) else str(day)


def _fields(config: Config, path: str) -> Mapping[str, Any]:
    """Give what an entry says; nothing of one that cannot be read, which staff are told anyway."""
    try:
        return toml.parse((config.entries / path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, TomlError):
        return {}
