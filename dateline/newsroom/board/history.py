"""The history of an entry: its versions with their differences, and what staff did with it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from itertools import pairwise

from dateline.config import Config
from dateline.entries.normalise.markdown import to_text
from dateline.ledger import Ledger
from dateline.model import Span, Story, Version
from dateline.model.acts import Act, ActRecord
from dateline.model.media import Media
from dateline.newsroom.board.deliveries import DeliveryRow, deliveries
from dateline.newsroom.language import Words
from dateline.publish.history import changed_fields, file_of
from dateline.text.expressions import regex
from dateline.text.localise import written

_SHOWN = 50  # versions and acts, the latest
_LINES = 1000  # of a text that is compared
_END = regex(r"</(?:p|h\d|li|tr|dt|dd|pre|blockquote|figcaption)>|<br>")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """What a field had before and has after, or the changed `lines` of a text with their signs."""

    name: str
    before: str = ""
    after: str = ""
    lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """A version with its number, or an act; `what` is a key of the words.

    A version that `is_lost` has no file: it is from before its ledger.
    """

    moment: datetime
    what: str
    number: int = 0
    is_lost: bool = False
    who: tuple[str, ...] = ()
    detail: str = ""
    changes: tuple[FieldChange, ...] = ()
    delivery: DeliveryRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryHistory:
    """The rows of an entry, the latest first, of which `earlier` are not shown.

    `file` is the name of its file now, and empty while there is none; `version` is the latest,
    and `is_lost` if it has no file.
    """

    id: str
    title: str
    language: str
    file: str
    address: str
    version: int
    is_lost: bool
    rows: tuple[HistoryRow, ...]
    earlier: int


def entry_history(
    config: Config, ledger: Ledger, name: str, words: Words, now: datetime
) -> EntryHistory | None:
    """Return the history of the entry whose id, file or page is called `name`.

    None where there is no such entry, or it was taken down.
    """
    entry_id = ledger.entries.id_of(name) or ""
    versions = ledger.entries.versions(entry_id)
    if not versions:
        return None
    known = ledger.entries.find([entry_id]).get(entry_id)
    last = known.story if known else versions[-1].story
    file = file_of(versions)
    is_own = ledger.entries.has_file(entry_id, file)  # other news may have got its name
    # `Path.is_file` raises an error where a share is away.
    is_there = is_own and os.path.isfile(config.entries / file)  # noqa: PTH113
    paths = sorted({version.story.path for version in versions})
    happened: list[Version | ActRecord] = [*versions, *ledger.acts.of_entry(entry_id, paths)]
    happened = sorted(happened, key=_moment)[::-1]  # of one second, the last comes first, too
    seen = deliveries(config, ledger, [entry_id], now)
    before = {later.number: one for one, later in pairwise(versions)}
    return EntryHistory(
        id=entry_id,
        version=versions[-1].number,
        is_lost=not versions[-1].file.data,
        title=last.title,
        language=last.language,
        file=file if known and is_there else "",
        address=f"{config.publication.url}{known.slug}.html" if known else "",
        rows=tuple(
            _version_row(one, before.get(one.number), words, seen.get((entry_id, one.number)))
            if isinstance(one, Version)
            else _act_row(one)
            for one in happened[:_SHOWN]
        ),
        earlier=max(0, len(happened) - _SHOWN),
    )


def _moment(one: Version | ActRecord) -> datetime:
    return one.accepted if isinstance(one, Version) else one.moment


def _version_row(
    version: Version, before: Version | None, words: Words, delivery: DeliveryRow | None
) -> HistoryRow:
    who = (version.file.owner, version.story.editor)
    changes = tuple(_changes(before.story, version.story, words)) if before else ()
    return HistoryRow(
        moment=version.accepted,
        what="was-changed" if changes else "was-published",  # again, if there is one before
        number=version.number,
        is_lost=not version.file.data,
        who=tuple(dict.fromkeys(filter(None, who))),
        changes=changes,
        delivery=delivery,
    )


def _act_row(act: ActRecord) -> HistoryRow:
    is_digest = act.act in {Act.SAVED, Act.APPROVED}
    return HistoryRow(
        moment=act.moment,
        what=f"act-{act.act}",
        who=(act.person,) if act.person else (),
        detail="" if is_digest else act.detail,
    )


def _changes(before: Story, after: Story, words: Words) -> Iterator[FieldChange]:
    for name, word in changed_fields(before, after):
        old, new = (getattr(story, name) for story in (before, after))
        if name == "html":
            yield FieldChange(name=word, lines=tuple(_compared(_lines(old), _lines(new))))
        else:
            yield FieldChange(name=word, before=_shown(old, words), after=_shown(new, words))


def _lines(html: str) -> list[str]:
    found = (to_text(part) for part in _END.split(html)[:_LINES])
    return [line for line in found if line]


def _compared(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the lines that differ, with `+` or `-`, each place between lines that are the same."""
    for line in [*unified_diff(before, after, lineterm="", n=1)][3:]:
        yield ("…", "") if line.startswith("@@") else (line[0], line[1:])


def _shown(value: object, words: Words) -> str:
    """Return the value of a field in words."""
    match value:
        case None | False:
            text = ""
        case Span():
            text = written(value, words.language)
        case Media():
            text = " · ".join(filter(None, (value.title or value.url, value.alt, value.caption)))
        case datetime():
            text = words.moment(value)
        case tuple():
            text = ", ".join(_shown(one, words) for one in value)
        case _:
            text = str(value)
    return text
