"""Previews: a file as it will look once it is out, beside what readers have now.

The file is read and decided as in a run, at the moment at which it would appear, and rendered
by what renders the pages that readers get. Nothing is remembered or published.
"""

from __future__ import annotations

import hashlib
from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time

from dateline.config import Config
from dateline.entries import scan
from dateline.entries.filenames import is_entry
from dateline.entries.lazy_scan import scan_some
from dateline.entries.reader import EntryReader, ReadResult
from dateline.entries.scan import FileStamp, Scan
from dateline.errors import IntakeError, Problem, State
from dateline.ledger import Ledger
from dateline.ledger.queries.relations.translations import ALONE
from dateline.model import Document, Entry, Headline, Story
from dateline.newsroom.preview.source import NEVER, SourceLine, lines, without_faults
from dateline.publish.assess.batches import knowing_entries
from dateline.publish.assess.forecast import reads
from dateline.publish.assess.held_files import overwritten
from dateline.render.pages import Pages
from dateline.rules.decide import decide
from dateline.rules.guards import Approval
from dateline.rules.identity.published import LedgerSnapshot
from dateline.rules.withdrawals import withdrawals
from dateline.text.moments import moment_of

_NOBODY_KNOWN = LedgerSnapshot(by_path={}, ids={}, slugs=frozenset(), moments=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A file: what readers have of it (`live`), what it says now (`new`), and its problems.

    Either may be None; both are the same where the file has no change. A file that cannot be
    published as it is has its `lines`, and `new` is without the fields at fault (`is_partial`).
    Where the file `is_gone`, its entry `leaves` at a moment, if that is known. `is_draft` is the
    file's own statement: `new` is the entry that it would be otherwise. `documents` are the files
    that the new one shows, by the paths that they will have; `translations` are those of each,
    under `live` and `new`.
    """

    path: str
    live: Entry | None
    new: Entry | None
    problems: tuple[Problem, ...]
    documents: Mapping[str, Document]
    translations: Mapping[str, Sequence[Headline]] = field(default_factory=dict)
    lines: tuple[SourceLine, ...] = ()
    is_partial: bool = False
    is_draft: bool = False
    is_gone: bool = False
    leaves: datetime | None = None


def preview(
    path: str, config: Config, ledger: Ledger, now: datetime, unsaved: bytes | None = None
) -> Preview | None:
    """Return the preview of the file `path` under `entries/`, or None where there is none.

    It is previewed as if it had the bytes `unsaved`, if they are given.
    """
    scanned = _scan(path, config) if is_entry(path) else None
    if scanned and unsaved is not None:
        scanned = _with_unsaved(scanned, path, unsaved, now)
    id_ = ledger.entries.id_of(path)
    live = ledger.entries.find([id_]).get(id_) if id_ else None
    if scanned is None or path not in scanned.entries:
        is_gone = scanned is not None and path not in scanned.files
        none = Preview(
            path=path,
            live=live,
            new=None,
            problems=(),
            documents={},
            translations=_translations(live, None, "", ledger, now),
            is_gone=is_gone,
            leaves=_leaves(path, config, ledger, now) if is_gone else None,
        )
        return none if live else None
    judge = _judge(scanned, path, config, ledger, now)
    if unsaved is not None:
        judge = replace(judge, unsaved={path: unsaved})
    judged = judge.read(path)
    shown = judged if judged.story else without_faults(judge, judged, _day(live, judge)) or judged
    new, problems = _entry(shown, config, ledger, now)
    is_lost = any(problem.code in NEVER for problem in problems)
    record = ledger.files.find([path]).get(path)
    is_known = record is not None and record.stamp == judged.stamp
    return Preview(
        path=path,
        live=live,
        new=new,
        problems=record.problems if record and is_known else (*judged.problems, *problems),
        documents={document.path: document for document in shown.documents} if new else {},
        translations=_translations(live, new, id_ or "", ledger, now),
        lines=() if judged.story or is_lost else lines(judged),
        is_partial=shown is not judged,
        is_draft=shown.story is not None and shown.story.draft,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The contents of a page with a preview; `digests` are those of what it shows, or empty.

    `titles` are the title that readers have and the file's, where a change is held. `reads` are
    the fields with dates, and how each was read.

    It has no moments: the page of a file that appears at once would change every second.
    """

    path: str
    digests: Mapping[str, str]
    is_same: bool
    titles: tuple[str, str] | None
    is_partial: bool
    is_draft: bool
    is_gone: bool
    leaves: datetime | None
    lines: tuple[SourceLine, ...]
    reads: tuple[tuple[str, str], ...]


def summed(found: Preview, language: str) -> Summary:
    """Return what is the same as long as the preview would look the same."""
    entries = {"live": found.live, "new": found.new}
    return Summary(
        path=found.path,
        digests={
            which: _digest(entry, found.translations.get(which, ())) if entry else ""
            for which, entry in entries.items()
        },
        is_same=found.live is not None and found.live == found.new,
        titles=_titles(found),
        is_partial=found.is_partial,
        is_draft=found.is_draft,
        is_gone=found.is_gone,
        leaves=found.leaves,
        lines=found.lines,
        reads=_reads(found, language),
    )


def _titles(found: Preview) -> tuple[str, str] | None:
    """Return the title that readers have, and the file's, where a change is held; else None."""
    is_held = any(problem.state is State.HOLD for problem in found.problems)
    if not (is_held and found.live and found.new) or found.is_draft or found.live == found.new:
        return None
    return found.live.story.title, found.new.story.title


def _reads(found: Preview, language: str) -> tuple[tuple[str, str], ...]:
    """Return how the dates of a file were read, except one at fault, which is replaced."""
    faults = {problem.field for problem in found.problems if problem.state == State.HOLD}
    if found.new is None:
        return ()
    return tuple(pair for pair in reads(found.new.story, language) if pair[0] not in faults)


def _digest(entry: Entry, translations: Sequence[Headline]) -> str:
    seen = repr((entry.story, entry.slug, tuple(translations)))
    return hashlib.sha256(seen.encode()).hexdigest()[:16]


def page(entry: Entry, config: Config, translations: Sequence[Headline] = ()) -> bytes:
    """Return the page of an entry, as readers get it."""
    pages = Pages(config.publication, config.feeds, root=config.publication.url)
    return pages.entry(entry, translations).data


def _translations(
    live: Entry | None, new: Entry | None, id_: str, ledger: Ledger, now: datetime
) -> dict[str, Sequence[Headline]]:
    found: dict[str, Sequence[Headline]] = {}
    if live:
        siblings = ledger.translations.of([live.slug], now).get(live.slug, ALONE)
        found["live"] = siblings.headlines
    if new:
        found["new"] = ledger.translations.once_out(new.story, id_, now).headlines
    return found


def _leaves(path: str, config: Config, ledger: Ledger, now: datetime) -> datetime | None:
    """Return the moment at which the entry of a file that is gone is withdrawn.

    None where staff decide that, or where no run has missed the file yet.
    """
    gone = withdrawals(
        ledger.entries.missing(overwritten(ledger)),
        ledger.entries.count_with_files,
        grace=config.grace,
        approval=Approval(),
        folder="",
        now=now,
    )
    begun = [since for one, since in gone.notices if (one.file, one.code) == (path, "file-gone")]
    return begun[0] + config.grace if begun else None


def _judge(scan: Scan, path: str, config: Config, ledger: Ledger, now: datetime) -> EntryReader:
    """Return the reader of entries, which also reads a file saved a moment ago."""
    nanoseconds = int(now.timestamp() * 1e9)
    reader = EntryReader(
        folder=config.entries,
        scan=scan,
        publication=config.publication,
        now=now,
        clock=max(nanoseconds, scan.files[path].changed),
        settled=2**63,
        page_of=ledger.translations.namings.page_of(config.publication.url),
    )
    return knowing_entries(reader, [path], ledger)


def _day(live: Entry | None, judge: EntryReader) -> date:
    """Return the day of an entry, or today for one that is not out yet."""
    today = judge.now.astimezone(judge.publication.zone).date()
    return live.story.date.start if live else today


def _scan(path: str, config: Config) -> Scan | None:
    try:
        return scan_some(config.entries, [path]) or scan.scan_all(config.entries)
    except (IntakeError, ValueError):
        return None


def _with_unsaved(scanned: Scan, path: str, data: bytes, now: datetime) -> Scan:
    """Return a scan as if a file with these bytes were there."""
    stamp = FileStamp(int(now.timestamp() * 1e9), len(data))
    files = ChainMap({path: stamp}, scanned.files)  # type: ignore[arg-type]  # only read
    return replace(scanned, files=files, entries=(path,))


def _entry(
    judged: ReadResult, config: Config, ledger: Ledger, now: datetime
) -> tuple[Entry | None, tuple[Problem, ...]]:
    """Return the entry of a file when it appears, as if it were no draft, and its problems."""
    if judged.story is None:
        return None, ()
    decided = decide(
        [judged.story],
        ledger.entries.snapshot([judged.story]),
        publication=config.publication,
        now=now,
    )
    if any(problem.code in NEVER for problem in decided.problems):
        return None, decided.problems
    story = replace(judged.story, draft=False)
    moment = max(now, _stated(story, config))
    for memory in (ledger.entries.snapshot([story]), _NOBODY_KNOWN):
        later = decide([story], memory, publication=config.publication, now=moment)
        if memory is not _NOBODY_KNOWN and _is_held(later.problems):
            continue  # what is decided then is what readers have, and not what the file says
        for entry in later.entries:
            return entry, decided.problems
    return None, decided.problems


def _is_held(problems: Sequence[Problem]) -> bool:
    return any(problem.state is State.HOLD for problem in problems)


def _stated(story: Story, config: Config) -> datetime:
    """Return the moment from which a story may appear."""
    day = story.date.start
    zone = config.publication.zone
    stated = moment_of(day, time.min, zone)
    return stated.astimezone(UTC)
