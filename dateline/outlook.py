"""What will happen to a good file, when, and where will it be seen?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from dateline.config import Config
from dateline.decide import LATE, decide
from dateline.errors import Problem
from dateline.examine import MOMENT, Examined
from dateline.facets import takes
from dateline.ledger import Ledger
from dateline.model import Entry, Feed


def outlook(
    path: str, examined: Examined, ledger: Ledger, *, config: Config, now: datetime
) -> Iterator[Problem]:
    """Say what a run at `now` would make of the file at `path`; nothing if it is held."""
    entry = _entry(path, examined, ledger, config=config)
    if entry is None:
        return
    zone = config.publication.zone
    tell = partial(Problem, file=path)
    moment = entry.published.astimezone(zone)
    yield tell(code=_code(entry, examined), wanted=f"{moment:{MOMENT}}")
    feeds = [feed.name for feed in config.feeds if _shows(feed, entry, examined, ledger, now)]
    if feeds:
        yield tell(code="in-feeds", found=", ".join(feeds))
    yield tell(code="at-address", found=f"{config.publication.url}{entry.slug}.html")
    if entry.id in examined.before:
        return
    written = entry.story.date.start
    if isinstance(written, datetime):
        differs = written != entry.published
    else:
        differs = written != moment.date()
    if differs:
        yield tell(code="dated-otherwise", found=f"{written}", wanted=f"{moment:{MOMENT}}")
    if now - entry.published > LATE:
        yield tell(code="old-news")


def _shows(feed: Feed, entry: Entry, examined: Examined, ledger: Ledger, now: datetime) -> bool:
    """Say whether a feed will show an entry: one that is not out yet will be new then."""
    if entry.story.path in examined.decision.scheduled:
        return takes(feed, entry.story)
    return entry.id in {one.id for one in ledger.members.subscription(feed, now).entries}


def _entry(path: str, examined: Examined, ledger: Ledger, *, config: Config) -> Entry | None:
    """Give the entry that the file is or will be; one that waits is looked at in its moment."""
    found = [entry for entry in examined.decision.entries if entry.story.path == path]
    if not found and (moment := examined.decision.scheduled.get(path)):
        stories = [story for story in examined.stories if story.path == path]
        memory = ledger.memory(stories)
        later = decide(stories, memory, publication=config.publication, now=moment)
        found = list(later.arrived)
    return found[0] if found else None


def _code(entry: Entry, examined: Examined) -> str:
    before = examined.before.get(entry.id)
    if before is None:
        return "will-appear"
    if entry.story.retraction and entry.story.retraction != before.story.retraction:
        return "will-retract"
    if entry.corrections != before.corrections:
        return "will-correct"
    return "is-live" if entry == before else "will-change"
