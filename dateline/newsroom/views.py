"""The contents of the newsroom's pages, as values.

A page that would be the same is recognised by them before it is rendered; the time that is left
until a moment is computed when the page is rendered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from dateline.config import Config
from dateline.errors import Problem
from dateline.ledger import Ledger
from dateline.ledger.queries.overview import OF_ENTRIES, OF_FILES, EntryChange, EntrySummary
from dateline.ledger.rows import FileRecord
from dateline.model import Report
from dateline.model.media import Media
from dateline.newsroom.board.deliveries import DeliveryRow, deliveries
from dateline.newsroom.preview.source import NEVER, headline
from dateline.newsroom.problems import ProblemNotice, notices
from dateline.publish.history import differences
from dateline.serve import health
from dateline.serve.monitoring import incidents
from dateline.system.condition import Code

STATES = (*OF_FILES, *OF_ENTRIES)
_SHOWN = 50  # rows of a page
_NEXT = 20  # of what is about to appear


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An entry, or a file that is not an entry yet, with all its states, the gravest first.

    `until` is when it appears, `moment` when it appeared or went; `said` are messages. `file`
    is its name under `entries/`, or empty where that is not known; `id` is that of an entry,
    `picture` the path of its picture under `feeds/`, small, if it is live.
    """

    title: str
    file: str
    states: tuple[str, ...]
    address: str = ""
    language: str = ""
    moment: datetime | None = None
    until: datetime | None = None
    said: tuple[str, ...] = ()
    id: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An event of an entry: `what` is a key of the words, `who` are the people that are known."""

    moment: datetime
    what: str
    fields: tuple[str, ...]
    title: str
    file: str
    address: str
    language: str
    who: tuple[str, ...]
    id: str
    delivery: DeliveryRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The first page; `problems` counts all notices, of which some are shown."""

    notices: tuple[ProblemNotice, ...]
    problems: int
    late: datetime | None
    conditions: tuple[tuple[str, datetime | None], ...]
    counts: Mapping[str, int]
    coming: tuple[Row, ...]
    happened: tuple[Happened, ...]


def front(config: Config, ledger: Ledger, report: Report, now: datetime) -> Front:
    """Return the contents of the first page."""
    found, count = notices(report, config.entries, now, patience=config.alarm.after, limit=_SHOWN)
    check = health.last_run(config.feeds_folder)
    is_late = check is not None and check.status(now.timestamp()) != "ok"
    coming = {
        path: record
        for state in ("cooling", "scheduled")
        for path, record in ledger.overview.files(state, page=1, size=_NEXT).items()
    }
    today = now.astimezone(config.publication.zone).date()
    midnight = datetime.combine(today, time.min, config.publication.zone)
    changes = ledger.overview.changes(midnight, _SHOWN)
    seen = deliveries(config, ledger, {one.entry for one in changes}, now)
    rows = sorted(file_rows(coming, config), key=lambda row: (row.until or now, row.file))
    return Front(
        notices=tuple(found),
        problems=count,
        late=datetime.fromtimestamp(check.looked, now.tzinfo) if check and is_late else None,
        conditions=_conditions(config, report),
        counts=ledger.overview.counts(now),
        coming=tuple(rows[:_NEXT]),
        happened=tuple(happened(one, config, seen.get((one.entry, one.number))) for one in changes),
    )


def _conditions(config: Config, report: Report) -> tuple[tuple[str, datetime | None], ...]:
    """Return what keeps news from readers, and since when: by the last run and by alarms."""
    found: dict[tuple[str, str], tuple[str, datetime | None]] = {}
    for one in report.conditions:
        found[one.key] = (one.message(config.newsroom.language), None)
    for known in incidents.load(config.state):
        condition = known.condition
        if known.closed is None and condition.code is not Code.HELD:
            found[condition.key] = (condition.message(config.newsroom.language), known.opened)
    return tuple(found.values())


# ---- Rows


def said(problems: Sequence[Problem], language: str) -> tuple[str, ...]:
    """Return the messages of problems in the newsroom's language, each once."""
    spoken = (replace(problem, language=language).message for problem in problems)
    return tuple(dict.fromkeys(message for message in spoken if message))


def file_rows(records: Mapping[str, FileRecord], config: Config) -> list[Row]:
    """Return the rows of files, by their names."""
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


def entry_row(found: EntrySummary, config: Config, now: datetime, *, is_held: bool) -> Row:
    """Return the row of an entry; `is_held` where a change of it is held."""
    states = {
        "held-too": is_held,
        "withdrawn": found.withdrawn,
        "retracted": found.retracted,
        "expired": found.expires and found.expires <= now,
        "corrected": found.is_corrected,
    }
    present = tuple(state for state, holds in states.items() if holds)
    is_out = not {"withdrawn", "retracted", "expired"} & {*present}
    return Row(
        title=found.title or found.path or found.slug,
        file=found.path,
        states=(*present, "live") if is_out else present,
        address="" if found.withdrawn else f"{config.publication.url}{found.slug}.html",
        language=found.language,
        moment=found.withdrawn or found.published,
        id=found.id,
        picture=_smallest(found.image) if found.image and is_out else "",
    )


def _smallest(image: Media) -> str:
    """Return the path of the narrowest rendition of a picture, or of a picture without any."""
    narrowest = min(image.renditions, key=lambda one: one.width, default=None)
    return narrowest.path if narrowest else image.path or ""


def happened(one: EntryChange, config: Config, delivery: DeliveryRow | None) -> Happened:
    """Return the row of an event."""
    story = one.after or one.before
    who = [one.owner, story.editor if story else ""]
    changes = differences(one.before, one.after) if one.before and one.after else ()
    what = "was-changed" if changes else "was-published"  # again, if it was withdrawn
    return Happened(
        moment=one.moment,
        what=what if one.after else "was-withdrawn",
        fields=changes,
        title=story.title if story else one.slug,
        file=one.path,
        address=f"{config.publication.url}{one.slug}.html" if one.after else "",
        language=story.language if story else "",
        who=tuple(dict.fromkeys(filter(None, who))),
        id=one.entry,
        delivery=delivery,
    )
