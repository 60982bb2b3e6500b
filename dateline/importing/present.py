"""What is here already, so that nothing comes over twice?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dateline import intake, toml
from dateline.config import Config
from dateline.errors import TomlError
from dateline.importing.compose import Value
from dateline.ledger import Ledger, exclusive
from dateline.naming import name_key
from dateline.pipeline import ledger_url


@dataclass(slots=True, kw_only=True)
class Present:
    """The entries that are here, and those that were.

    `files` has every file below the entries folder, in small letters as well. An entry is known
    by its id; one without an id by its title, its day and its address. `gone` are ids that the
    ledger knows.
    """

    zone: ZoneInfo
    files: dict[str, object]
    ids: dict[str, str] = field(default_factory=dict)
    headlines: dict[tuple[str, str, str], str] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    @classmethod
    def look(cls, config: Config, ids: Iterable[str]) -> Present:
        """Read the ids and the headlines of all entries, and which of `ids` were published."""
        config.entries.mkdir(parents=True, exist_ok=True)
        look = intake.look(config.entries)
        present = cls(zone=config.publication.zone, files={})
        for path in look.files:
            present.files |= {path: None, name_key(path): None}
        for path in look.entries:
            present.add(path, _fields(config, path))
        if config.state.is_dir():
            with exclusive(config.state), Ledger(ledger_url(config)) as ledger:
                present.gone = frozenset(id_ for id_ in ids if ledger.id_of(id_))
        return present

    def add(self, path: str, fields: Mapping[str, Any]) -> None:
        """Remember an entry that is here now."""
        self.files.setdefault(path, None)
        if id_ := str(fields.get("id", "")):
            self.ids[id_] = path
        if "title" in fields and "date" in fields:
            self.headlines[self._headline(fields)] = path

    def find(self, fields: Mapping[str, Value]) -> str:
        """Give the file that is this entry, or says that it was here; nothing for a new one."""
        id_ = str(fields.get("id", ""))
        if id_:
            return self.ids.get(id_, "published here before" if id_ in self.gone else "")
        return self.headlines.get(self._headline(fields), "")

    def _headline(self, fields: Mapping[str, Any]) -> tuple[str, str, str]:
        day = fields["date"]
        if isinstance(day, datetime):
            day = (day.astimezone(self.zone) if day.tzinfo else day).date()
        stated = day.isoformat() if isinstance(day, date) else str(day)
        return " ".join(str(fields["title"]).split()), stated, str(fields.get("link", ""))


def _fields(config: Config, path: str) -> Mapping[str, Any]:
    """Give what an entry says; nothing of one that cannot be read, which staff are told anyway."""
    try:
        return toml.parse((config.entries / path).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, TomlError):
        return {}
