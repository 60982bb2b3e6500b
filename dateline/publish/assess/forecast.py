"""The forecast for a good file: what becomes of it, when, and where it will be seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from dateline.errors import Problem
from dateline.ledger import Ledger
from dateline.messages.values import at
from dateline.model import Entry, Feed, Story
from dateline.publish.assess.outcome import Assessment, FileOutcome
from dateline.publish.run import Run
from dateline.rules.decide import LATE, decide
from dateline.rules.selection import takes


def outlook(path: str, assessment: Assessment, run: Run) -> Iterator[Problem]:
    """Yield what a run makes of the file at `path`; nothing if it is held."""
    config, ledger, now = run.config, run.ledger, run.now
    outcome = assessment.outcomes.get(path)
    if outcome is None:
        return
    problem = partial(Problem, file=path)
    for field, text in reads(outcome.story, config.newsroom.language):
        yield problem(code="date-reads", field=field, wanted=text)
    entry = entry_of(outcome, run)
    if entry is None:
        return
    zone = config.publication.zone
    moment = entry.published.astimezone(zone)
    if not outcome.moment:  # a scheduled one has been reported with its moment
        yield problem(code=_code(entry, outcome), wanted=at(moment))
    feeds = [feed.name for feed in config.feeds if _shows(feed, entry, outcome, ledger, now)]
    if feeds:
        yield problem(code="in-feeds" if feeds[1:] else "in-feed", found=", ".join(feeds))
    yield problem(code="at-address", found=f"{config.publication.url}{entry.slug}.html")
    if outcome.before:
        return
    written = entry.story.date.start
    if isinstance(written, datetime):
        differs = written != entry.published
    else:
        differs = written != moment.date()
    if differs:
        yield problem(code="dated-otherwise", found=f"{written}", wanted=at(moment))
    if now - entry.published > LATE:
        yield problem(code="old-news")


def reads(story: Story, language: str) -> Iterator[tuple[str, str]]:
    """Yield `date` and `event` with how each was read, in full, so that mistakes show."""
    from dateline.text.localise import in_full  # noqa: PLC0415 - Babel: only where it is shown

    for field in ("date", "event"):
        span = getattr(story, field)
        if span is not None:
            yield field, in_full(span, language)


def _shows(feed: Feed, entry: Entry, outcome: FileOutcome, ledger: Ledger, now: datetime) -> bool:
    """Return whether a feed will show an entry: an unpublished one will be new then."""
    if outcome.moment:
        return takes(feed, entry.story)
    return entry.id in {one.id for one in ledger.editions.subscription(feed, now).entries}


def entry_of(outcome: FileOutcome, run: Run) -> Entry | None:
    """Return the entry that the file is, or will be at its moment."""
    if outcome.entry or not outcome.moment:
        return outcome.entry
    memory = run.ledger.entries.snapshot([outcome.story])
    publication = run.config.publication
    later = decide([outcome.story], memory, publication=publication, now=outcome.moment)
    return later.arrived[0] if later.arrived else None


def _code(entry: Entry, outcome: FileOutcome) -> str:
    before = outcome.before
    if before is None:
        return "will-appear"
    if entry.story.retraction and entry.story.retraction != before.story.retraction:
        return "will-retract"
    if entry.corrections != before.corrections:
        return "will-correct"
    is_same = entry == replace(
        before, story=replace(before.story, correction=entry.story.correction)
    )
    return "is-live" if is_same else "will-change"
