"""The groups of entries that are translations of each other.

A group is all that can be reached from an entry by way of originals and their translations,
withdrawn or not. The original that staff name is searched for until an entry has that name; from
then on it is stored by its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from dateline.entries.filenames import named, tails
from dateline.ledger.queries.entries import IS_LIVE, WHOLE
from dateline.ledger.queries.relations.references import Naming, Namings
from dateline.ledger.queries.state import PublicationState
from dateline.ledger.rows import former_names, headline, moment_at, seconds
from dateline.ledger.session import Session, one_of
from dateline.ledger.tables import entry, renamed
from dateline.model import Headline, Story

_BY_SLUG = sa.select(entry.c.id, entry.c.slug).where(one_of(entry.c.slug))
_FORMER = sa.select(renamed.c.name, renamed.c.entry).where(one_of(renamed.c.entry))
_NEAR = sa.select(entry.c.id, entry.c.original).where(
    sa.or_(one_of(entry.c.id), one_of(entry.c.original))
)
_LIVE = WHOLE.where(IS_LIVE, one_of(entry.c.id))
_FILES = sa.select(entry.c.path).where(IS_LIVE, one_of(entry.c.original))


@dataclass(frozen=True, slots=True, kw_only=True)
class Siblings:
    """The newest public entry of a group in each other language, by language.

    One that was retracted is there only if the group has no other in that language.
    `expires` is the moment at which the first of them expires, or None.
    """

    headlines: tuple[Headline, ...] = ()
    expires: datetime | None = None


ALONE = Siblings()


class _Live(NamedTuple):
    """A live entry, and when it expires, in seconds since 1970."""

    headline: Headline
    expires: int | None
    is_retracted: bool


class Translations:
    """The groups of a publication's entries; `namings` finds the originals that staff name.

    No query runs as long as no entry has ever named an original.
    """

    def __init__(self, session: Session, state: PublicationState) -> None:
        self._session = session
        self.namings = Namings(session)
        self._state = state
        self._changed: set[str] = set()

    # ---- Groups

    def of(self, slugs: Sequence[str], now: datetime) -> dict[str, Siblings]:
        """Return the public translations of these entries by slug, of those that have any."""
        if not self._is_used:
            return {}
        rows = [*self._session.among(_BY_SLUG, slugs)]
        groups = self._groups([row.id for row in rows])
        live = self._live({id_ for group in groups.values() for id_ in group})
        apart = {id(group): group for group in groups.values()}
        newest = {key: _newest(group, live, now) for key, group in apart.items()}
        found = {
            row.slug: _siblings(newest[id(groups[row.id])], live[row.id].headline.language)
            for row in rows
            if row.id in live
        }
        return {slug: siblings for slug, siblings in found.items() if siblings.headlines}

    def once_out(self, story: Story, id_: str, now: datetime) -> Siblings:
        """Return the translations that a story will have; `id_` is its entry's, if any."""
        if not (self._is_used or story.translation_of):
            return ALONE
        ids = {*self._session.scalars(sa.select(entry.c.id).where(entry.c.original == id_))}
        ids |= {one.id for one in self.namings.waiting(tails(story.path))}
        if story.translation_of:
            naming = Naming(path=story.path, text=story.translation_of, id=id_)
            ids |= {*(self.namings.known([naming]) or self.namings.meant_by([naming])).values()}
        group = self._groups(ids - {id_}, without=id_)
        return _siblings(_newest(group, self._live(group), now), story.language)

    def concerned(self, ids: Sequence[str]) -> list[str]:
        """Return the ids of all entries in the groups of these, and in groups that have changed.

        A group counts as changed until the first call after its change.
        """
        if not self._is_used:
            return []
        changed, self._changed = self._changed, set()
        groups = self._groups({*ids, *changed})
        return sorted(changed.union(*(group for group in groups.values() if len(group) > 1)))

    def files_of(self, originals: Sequence[str]) -> list[str]:
        """Return the files of the live entries that translate these, which are given by id."""
        if not self._is_used:
            return []
        return [row.path for row in self._session.among(_FILES, originals)]

    # ---- What changes

    def begin(self) -> None:
        """Record that an entry has named an original."""
        self._state.has_translations = True

    def leave(self, ids: Sequence[str]) -> None:
        """Note the entries whose groups change when these leave them."""
        if ids and self._is_used:
            self._changed.update(self._groups(ids))

    def part(self, rows: Sequence[Mapping[str, Any]], known: Mapping[str, Any]) -> None:
        """Note the entries whose groups change when `known` rows are replaced by new ones."""
        found = [(row, known[row["id"]]) for row in rows if row["id"] in known]
        self.leave([old.id for row, old in found if old.original and not row["original"]])

    def link(
        self,
        rows: Sequence[Mapping[str, Any]],
        known: Mapping[str, Any],
        stories: Mapping[str, Story],
    ) -> None:
        """Find the originals of these entries, by their new rows, and translations of them."""
        before = {row["id"]: known[row["id"]].path for row in rows if row["id"] in known}
        moved = {row["id"]: before[row["id"]] for row in rows if _is_moved(row, before)}
        self.rename(moved)
        new = [row for row in rows if row["reference"] and not row["original"]]
        if new:
            self.begin()
        if not self._is_used:
            return
        keys = {key for row in rows for key in (*tails(row["path"]), named(row["id"]))}
        keys |= {key for path in moved.values() for key in tails(path)}
        texts = {row["id"]: stories[row["id"]].translation_of for row in new}
        namings = [Naming(path=row["path"], text=texts[row["id"]], id=row["id"]) for row in new]
        self.settle(keys, namings)

    def rename(self, paths: Mapping[str, str]) -> None:
        """Store the former paths of these entries, by id."""
        self.add_former_names({id_: former_names(path) for id_, path in paths.items()})

    def add_former_names(self, names: Mapping[str, Iterable[str]]) -> None:
        """Store digests of what these entries or their files were called, by id."""
        rows = {(name, id_) for id_, some in names.items() for name in some}
        rows -= {(row.name, row.entry) for row in self._session.among(_FORMER, [*names])}
        self._session.insert(renamed, [{"name": name, "entry": id_} for name, id_ in sorted(rows)])

    def settle(self, keys: Iterable[str] | None = None, namings: Sequence[Naming] = ()) -> None:
        """Find the originals of these, and of the entries that wait for one with these `keys`.

        `keys` are as in `dateline.entries.filenames.stem`; None is for all that wait.
        """
        if not self._is_used:
            return
        waiting = {one.id: one for one in (*self.namings.waiting(keys), *namings)}
        found = self.namings.meant_by([*waiting.values()])
        if found:
            change = sa.update(entry).where(entry.c.id == sa.bindparam("_id"))
            self._session.execute(
                change.values(original=sa.bindparam("_original")),
                [{"_id": one.id, "_original": id_} for one, id_ in found.items()],
            )
        self._changed.update(one.id for one in found)

    # ---- Queries

    @property
    def _is_used(self) -> bool:
        return self._state.has_translations

    def _groups(self, ids: Iterable[str], without: str = "") -> dict[str, set[str]]:
        """Return the group of each entry that can be reached from these, but not by `without`."""
        groups = {id_: {id_} for id_ in ids}
        new = [*groups]
        while new:
            reached = []
            for row in self._session.among(_NEAR, sorted(new)):
                if row.original and without not in {row.id, row.original}:
                    reached += [one for one in (row.id, row.original) if one not in groups]
                    _join(groups, row.id, row.original)
            new = reached
        return groups

    def _live(self, ids: Iterable[str]) -> dict[str, _Live]:
        """Return the live entries among these, by id."""
        rows = self._session.among(_LIVE, sorted(ids))
        return {
            row.id: _Live(headline(row), row.expires, row.retracted is not None) for row in rows
        }


def _is_moved(row: Mapping[str, Any], before: Mapping[str, str]) -> bool:
    path = before.get(row["id"])
    return bool(path) and path != row["path"]


def _join(groups: dict[str, set[str]], one: str, other: str) -> None:
    """Merge the groups of two entries."""
    group = groups.setdefault(one, {one})
    more = groups.setdefault(other, {other})
    if group is not more:
        small, large = sorted((group, more), key=len)
        large |= small
        groups.update(dict.fromkeys(small, large))


def _newest(ids: Iterable[str], live: Mapping[str, _Live], now: datetime) -> dict[str, _Live]:
    """Return the newest public entry in each language of a group, which may have very many.

    One that was not retracted comes before all that were.
    """
    own = [live[id_] for id_ in ids if id_ in live]
    public = [one for one in own if one.expires is None or one.expires > seconds(now)]
    public.sort(key=lambda one: (not one.is_retracted, one.headline.published, one.headline.slug))
    return {one.headline.language: one for one in public}


def _siblings(newest: Mapping[str, _Live], language: str) -> Siblings:
    """Return the entries in other languages than this one."""
    others = [newest[name] for name in sorted(newest) if name != language]
    expires = min((one.expires for one in others if one.expires), default=None)
    return Siblings(headlines=tuple(one.headline for one in others), expires=moment_at(expires))
