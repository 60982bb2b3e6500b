"""What stands in a row: an entry, a file that is none yet, or what happened to one?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dateline.config import Config
from dateline.errors import Problem
from dateline.ledger.queries.overview import Changed, Listed
from dateline.ledger.rows import FileRecord
from dateline.newsroom.preview.source import NEVER, headline
from dateline.publish.history import differences


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An entry, or a file that is none yet, with all its states, the gravest first.

    `until` is when it appears, `moment` when it appeared or went; `said` are messages. `file`
    is its name under `entries/`, or empty where that is not known.
    """

    title: str
    file: str
    states: tuple[str, ...]
    address: str = ""
    language: str = ""
    moment: datetime | None = None
    until: datetime | None = None
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What happened to an entry: `what` is a key of the words, `who` those who are known."""

    moment: datetime
    what: str
    fields: tuple[str, ...]
    title: str
    file: str
    address: str
    language: str
    who: tuple[str, ...]


def said(problems: Sequence[Problem], language: str) -> tuple[str, ...]:
    """Give messages in the newsroom's language, which the ledger does not know."""
    spoken = (replace(problem, language=language).message for problem in problems)
    return tuple(dict.fromkeys(message for message in spoken if message))


def file_rows(records: Mapping[str, FileRecord], config: Config) -> list[Row]:
    """Give the rows of files, by their names."""
    return [_file_row(path, record, config) for path, record in records.items()]


def _file_row(path: str, record: FileRecord, config: Config) -> Row:
    is_lost = any(problem.code in NEVER for problem in record.problems)
    title, language = ("", "") if is_lost else headline(path, config)
    return Row(
        title=title or path,
        file=path,
        states=(_state_of(record),),
        language=language if title else "",
        until=record.due if record.state == "scheduled" else None,
        moment=record.held,
        said=said(record.problems, config.newsroom.language),
    )


def _state_of(record: FileRecord) -> str:
    is_cooling = any(problem.code == "cooling" for problem in record.problems)
    return "cooling" if is_cooling else record.state


def entry_row(found: Listed, config: Config, now: datetime, *, is_held: bool) -> Row:
    """Give the row of an entry; a change of it `is_held` or not."""
    states = {
        "held-too": is_held,
        "withdrawn": found.withdrawn,
        "retracted": found.retracted,
        "expired": found.expires and found.expires <= now,
        "corrected": found.is_corrected,
    }
    told = tuple(state for state, holds in states.items() if holds)
    is_out = not {"withdrawn", "retracted", "expired"} & {*told}
    return Row(
        title=found.title or found.path or found.slug,
        file=found.path,
        states=(*told, "live") if is_out else told,
        address="" if found.withdrawn else f"{config.publication.url}{found.slug}.html",
        language=found.language,
        moment=found.withdrawn or found.published,
    )


def happened(one: Changed, config: Config) -> Happened:
    """Give the row of what happened."""
    story = one.after or one.before
    who = [one.owner, story.editor if story else ""]
    what = "was-published" if one.before is None else "was-changed"
    return Happened(
        moment=one.moment,
        what=what if one.after else "was-withdrawn",
        fields=differences(one.before, one.after) if one.before and one.after else (),
        title=story.title if story else one.slug,
        file=one.path,
        address=f"{config.publication.url}{one.slug}.html" if one.after else "",
        language=story.language if story else "",
        who=tuple(dict.fromkeys(filter(None, who))),
    )
