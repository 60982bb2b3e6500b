"""The members of each feed: which entries join it, and which leave it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dateline.config import Config
from dateline.errors import Problem
from dateline.ledger import Ledger
from dateline.ledger.queries.members import MemberPart, Memberships
from dateline.ledger.rows import seconds
from dateline.ledger.session import batches
from dateline.model import Feed
from dateline.publish.produce.redirects import retire
from dateline.publish.run import Run
from dateline.rules.corrections import part_of
from dateline.rules.guards import Approval, code_of
from dateline.rules.selection import concerned
from dateline.rules.taxonomy import Taxonomy, derived


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
    if ids is None:
        ledger.members.add_comparable()
    known = ledger.members.of(ids or [])
    feeds, archives = known.feeds, known.archives
    held = ledger.state.held_feeds
    guarded = []
    moved: set[str] = set()
    for feed in _concerned(config, ledger, ids, {*feeds, *held}):
        some = None if feed.name in held else ids
        enrolled = ledger.members.enrolled(feed) if some is None else known.of(feed)
        parts, touched, problem = _update(feed, ledger, some, enrolled, run.approval)
        moved |= {part.entry for part in parts}
        feeds |= {feed.name} if parts else set()
        archives |= {(feed.name, number) for number in touched}
        guarded += [problem] if problem else []
    for name, numbers in update_terms(config, ledger, ids, known).items():
        feeds |= {name}
        archives |= {(name, number) for number in numbers}
    ledger.state.held_feeds = [str(one.found) for one in guarded]
    is_takedown = bool(run.request.takedown)
    if is_takedown:
        feeds |= ledger.members.forget_terms()
    guarded += retire(
        config, ledger, is_full=ids is None, rebuild=run.rebuild, is_takedown=is_takedown
    )
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
    """Return the feeds with these names, and those that may select any of these entries."""
    if ids is None:
        return config.feeds
    stories = [found.story for found in ledger.entries.find(ids).values()]
    chosen = names | {feed.name for feed in concerned(config.feeds, stories)}
    return [feed for feed in config.feeds if feed.name in chosen]


def _update(
    feed: Feed,
    ledger: Ledger,
    ids: Sequence[str] | None,
    enrolled: Mapping[MemberPart, int | None],
    approval: Approval,
) -> tuple[set[MemberPart], set[int], Problem | None]:
    """Return the joined and left members and the numbers of changed archives, or the problem."""
    members = ledger.members
    belonging = members.belonging(feed, ids)
    joining, leaving = _differences(belonging, enrolled)
    empties = leaving and not joining and members.count(feed) == len(leaving)
    if empties and _is_shown(leaving, ledger):
        code = code_of("feed-emptied", [feed.name, *(part.entry for part in leaving)])
        if approval.code != code:
            return set(), set(), Problem(code="feed-emptied", file="", found=feed.name, wanted=code)
    left = {enrolled[part] for part in leaving}
    return {*joining, *leaving}, _change(feed, ledger, joining, leaving, left), None


def _differences(
    belonging: Mapping[MemberPart, int], enrolled: Mapping[MemberPart, int | None]
) -> tuple[dict[MemberPart, int], list[MemberPart]]:
    """Return what joins, with its moments, and what leaves."""
    joining = {part: moment for part, moment in belonging.items() if part not in enrolled}
    return joining, [part for part in enrolled if part not in belonging]


def _change(
    feed: Feed,
    ledger: Ledger,
    joining: dict[MemberPart, int],
    leaving: Sequence[MemberPart],
    left: set[int | None],
) -> set[int]:
    """Change the members of a feed; return the numbers of changed archives, `left` among them."""
    ledger.members.leave(feed, leaving)
    closed = ledger.members.join(feed, joining) if joining else []
    # The archive before a new one leads to it.
    return {number for number in {*left, *closed, *(n - 1 for n in closed[:1])} if number}


def update_terms(
    config: Config, ledger: Ledger, ids: Sequence[str] | None, known: Memberships
) -> dict[str, set[int]]:
    """Update the members of all terms for these entries, whose members are `known`, or for all.

    Return the names of the terms that changed, with the numbers of their changed archives.
    """
    taxonomy = Taxonomy(config.publication, config.feeds)
    changed: dict[str, set[int]] = {}
    is_on = config.publication.has_terms or ids is not None
    has_any = is_on or bool(ledger.members.terms())
    for some in batches(ledger.entries.ids()) if ids is None else [ids]:
        if ids is None and ledger.state.last_change:
            ledger.entries.locate([*ledger.entries.find(some).values()])
        if not has_any:
            continue
        enrolled = (ledger.members.of(some) if ids is None else known).of_terms()
        for name, numbers in _update_terms(taxonomy, ledger, some, enrolled).items():
            changed.setdefault(name, set()).update(numbers)
    return changed


def _update_terms(
    taxonomy: Taxonomy,
    ledger: Ledger,
    ids: Sequence[str],
    enrolled: Mapping[str, Mapping[MemberPart, int | None]],
) -> dict[str, set[int]]:
    belonging: dict[str, dict[MemberPart, int]] = {}
    found = ledger.entries.find(ids) if taxonomy.is_on else {}
    for entry in sorted(found.values(), key=lambda one: one.sequence):
        for name in taxonomy.terms(entry):
            part = MemberPart(entry.id, 0)
            belonging.setdefault(name, {})[part] = seconds(entry.published)
    changed = {}
    for name in sorted({*belonging, *enrolled}):
        known = enrolled.get(name, {})
        joining, leaving = _differences(belonging.get(name, {}), known)
        if joining or leaving:
            left = {known[part] for part in leaving}
            changed[name] = _change(derived(name), ledger, joining, leaving, left)
    return changed


def _is_shown(parts: Sequence[MemberPart], ledger: Ledger) -> bool:
    """Return whether any part could be shown: a retraction that was undone could not."""
    whole = ledger.entries.find([part.entry for part in parts])
    return any(part_of(whole[part.entry], part.part) for part in parts)
