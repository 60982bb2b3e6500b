"""Which entries join or leave which feed, and which feeds does nobody promise any more?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dateline.config import Config
from dateline.errors import Problem
from dateline.ledger import Ledger
from dateline.ledger.queries.members import MemberPart
from dateline.model import Feed
from dateline.publish.run import Run
from dateline.rules.corrections import part_of
from dateline.rules.guards import Approval, code_of
from dateline.rules.selection import concerned
from dateline.text.urls import explanations


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipChange:
    """The `ids` of entries that joined or left feeds, and the documents that changed by it.

    `feeds` are names, `archives` names with numbers; `guarded` is what is held.
    """

    ids: frozenset[str]
    feeds: frozenset[str]
    archives: frozenset[tuple[str, int]]
    guarded: tuple[Problem, ...]


def update_membership(run: Run, ids: Sequence[str] | None) -> MembershipChange:
    """Update the members of all feeds for these entries, or for all.

    A feed that would lose its last members keeps them until staff confirm it; so does a feed that
    is no longer configured and has no redirect.
    """
    config, ledger = run.config, run.ledger
    feeds = ledger.members.feeds(ids or [])
    archives = ledger.members.archives(ids or [])
    held = ledger.state.held_feeds
    guarded = []
    moved: set[str] = set()
    for feed in _concerned(config, ledger, ids, {*feeds, *held}):
        some = None if feed.name in held else ids
        parts, touched, problem = _update(feed, ledger, some, run.approval)
        moved |= {part.entry for part in parts}
        feeds |= {feed.name} if parts else set()
        archives |= {(feed.name, number) for number in touched}
        guarded += [problem] if problem else []
    ledger.state.held_feeds = [str(one.found) for one in guarded]
    guarded += _retire(config, ledger)
    if ids is None:  # the feeds are the same otherwise
        _retire_explanations(config, ledger)
        _retire_page(config.feeds[0], ledger)
    return MembershipChange(
        ids=frozenset(moved),
        feeds=frozenset(feeds),
        archives=frozenset(archives),
        guarded=tuple(
            Problem(code=one.code, file=run.folder_name, found=one.found, wanted=one.wanted)
            for one in guarded
        ),
    )


def _concerned(
    config: Config, ledger: Ledger, ids: Sequence[str] | None, names: set[str]
) -> Sequence[Feed]:
    """Give the feeds with these names, and those that may select any of these entries."""
    if ids is None:
        return config.feeds
    stories = [found.story for found in ledger.entries.find(ids).values()]
    chosen = names | {feed.name for feed in concerned(config.feeds, stories)}
    return [feed for feed in config.feeds if feed.name in chosen]


def _update(
    feed: Feed, ledger: Ledger, ids: Sequence[str] | None, approval: Approval
) -> tuple[set[MemberPart], set[int], Problem | None]:
    """Give what joined or left, and the numbers of the archives that changed; or what is held."""
    members = ledger.members
    belonging, enrolled = members.belonging(feed, ids), members.enrolled(feed, ids)
    joining = {part: moment for part, moment in belonging.items() if part not in enrolled}
    leaving = [part for part in enrolled if part not in belonging]
    empties = leaving and not joining and members.count(feed) == len(leaving)
    if empties and _is_still_said(leaving, ledger):
        code = code_of("feed-emptied", [feed.name, *(part.entry for part in leaving)])
        if approval.code != code:
            return set(), set(), Problem(code="feed-emptied", file="", found=feed.name, wanted=code)
    members.leave(feed, leaving)
    members.join(feed, joining)
    closed = members.close(feed) if joining else []
    left = {enrolled[part] for part in leaving}
    # The archive before a new one leads to it.
    numbers = {n for n in {*left, *closed, *(n - 1 for n in closed[:1])} if n}
    return {*joining, *leaving}, numbers, None


def _is_still_said(parts: Sequence[MemberPart], ledger: Ledger) -> bool:
    """Say whether any of it could be shown: a retraction that was taken back could not."""
    whole = ledger.entries.find([part.entry for part in parts])
    return any(part_of(whole[part.entry], part.part) for part in parts)


def _retire(config: Config, ledger: Ledger) -> Iterator[Problem]:
    """Take back the documents of feeds that went or ended; keep those of which nothing is said."""
    promised = {path for feed in config.feeds for path in (*feed.paths, f"{feed.name}.html")}
    lost = [path for path in ledger.documents.subscriptions() if path not in promised]
    for path in lost:
        target = config.former.get(path)
        if target is None:
            yield Problem(code="feed-removed", file="", found=path)
            continue
        name, _, ending = path.rpartition(".")
        archived = ledger.documents.under(f"archive/{name}/", f".{ending}")
        ledger.documents.retire([path, *archived], target)
    pages = {path.rpartition(".")[0] for path in lost if path in config.former}
    for name in sorted(pages - {feed.name for feed in config.feeds}):
        page = f"{name}.html"
        there = [
            *ledger.documents.find([page]),
            *ledger.documents.under(f"archive/{name}/", ".html"),
        ]
        if there:
            ledger.documents.retire(there, config.former.get(page, ""))
    _retire_calendars(config, ledger)


def _retire_explanations(config: Config, ledger: Ledger) -> None:
    """Lead from pages on how to subscribe in a language that no feed has now to the main one."""
    promised = {*explanations(config.feeds, config.publication.language).values()}
    there = ledger.documents.under("subscribe-", ".html")
    ledger.documents.retire([path for path in there if path not in promised], "subscribe.html")


def _retire_page(main: Feed, ledger: Ledger) -> None:
    """Lead from the page of a feed that is the main feed now to the front page."""
    if there := [*ledger.documents.find([f"{main.name}.html"])]:
        ledger.documents.retire(there, "index.html")


def _retire_calendars(config: Config, ledger: Ledger) -> None:
    """Take back the calendars of feeds that went or ended, and of those without events now."""
    promised = {feed.calendar for feed in config.feeds}
    for path in ledger.documents.directory():
        name, _, ending = path.rpartition(".")
        if ending != "ics" or path in promised:
            continue
        if path in config.former or name in {feed.name for feed in config.feeds}:
            ledger.documents.retire([path], config.former.get(path, ""))
