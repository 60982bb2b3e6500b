"""The entry that staff mean when they name the original of a translation.

It is the first that exists of: the entry with that id, the file in the same folder, the file with
that path from `entries/`, the only file of that name, the entry whose file had that name before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dateline.entries.filenames import ENDINGS, named, stem
from dateline.ledger.queries.entries import IS_LIVE, WITH_VERSION
from dateline.ledger.rows import path_digest, reference_digest
from dateline.ledger.session import Session, batches, one_of
from dateline.ledger.tables import entry, renamed, version
from dateline.rules import story_json

_NEAR = 20  # names before and after an unknown one
_PAGES = sa.select(entry.c.slug, entry.c.path, entry.c.withdrawn).where(
    entry.c.version > 0, entry.c.purged.is_(False), one_of(entry.c.id)
)
_NAMED = sa.select(entry.c.id, entry.c.path, entry.c.path_digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """The original (`text`) that the file at `path` names; `id` is its own entry's, if any."""

    path: str
    text: str
    id: str = ""

    @property
    def stems(self) -> list[str]:
        """The possible stems of the original (`filenames.stem`), that in the same folder first."""
        folder = self.path.rpartition("/")[0]
        return [*dict.fromkeys((named(self.text, folder), named(self.text)))]

    @property
    def name(self) -> str:
        """The name of the original in any folder; empty if `text` has a folder."""
        return "" if "/" in named(self.text) else named(self.text)

    @property
    def places(self) -> list[str]:
        """The digests of the possible paths of the original."""
        return [path_digest(f"{one}{end}") for one in self.stems for end in ENDINGS]

    @property
    def former(self) -> list[str]:
        """The digests of the names that the file of the original may have had."""
        return [path_digest(one) for one in (*(f"/{one}" for one in self.stems), self.name) if one]


class Namings:
    """The names of entries, present and former, as the ledger remembers them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def doubted(self, namings: Sequence[Naming]) -> dict[str, list[str]]:
        """Return the unclear ones by path, each with the paths that may be meant.

        There are none of these if no entry but its own has that name.
        """
        known = self.known(namings)
        meant = self._meant([one for one in namings if one not in known])
        unclear = {one: rows for one, rows in meant.items() if len(rows) != 1}
        return {one.path: [row.path for row in rows] for one, rows in unclear.items()}

    def page_of(self, url: str) -> Callable[[str, str], tuple[str, str, bool] | None]:
        """Return a function that finds the entry which the file at a path names in a text.

        It returns the address of the entry's page at the site `url`, its file, and whether it is
        live, or was withdrawn; None where no entry came out that has that name now or had it
        before, and empty texts for one that was taken down. A file may name itself.
        """

        def page(path: str, name: str) -> tuple[str, str, bool] | None:
            naming = Naming(path=path, text=name)
            id_ = self._own(naming) or self.meant_by([naming]).get(naming, "")
            id_ = id_ or self._own(naming, is_former=True)
            row = next(iter(self._session.among(_PAGES, [id_])), None) if id_ else None
            if row:
                return f"{url}{row.slug}.html", row.path, row.withdrawn is None
            return ("", "", False) if not id_ and self.taken_down([naming]) else None

        return page

    def _own(self, naming: Naming, *, is_former: bool = False) -> str:
        """Return the id of the entry of the naming file, if it names itself, or is empty."""
        own = path_digest(naming.path)
        query = sa.select(entry.c.id).where(entry.c.path_digest == own, entry.c.purged.is_(False))
        if is_former:
            query = query.join(renamed).where(renamed.c.name.in_(naming.former))
        elif own not in naming.places:
            return ""
        return self._session.scalars(query.order_by(entry.c.withdrawn.is_not(None))).first() or ""

    def taken_down(self, namings: Iterable[Naming]) -> set[Naming]:
        """Return those whose original was taken down: nothing comes out under its name."""
        keys = {one: {*one.places, one.text} for one in namings}
        gone: set[str] = set()
        for some in batches(sorted({key for own in keys.values() for key in own})):
            is_named = sa.or_(entry.c.path_digest.in_(some), entry.c.id.in_(some))
            for row in self._session.execute(_NAMED.where(entry.c.purged, is_named)):
                gone |= {row.path_digest, row.id}
        return {one for one, own in keys.items() if own & gone}

    def near(self, name: str) -> list[str]:
        """Return the files of live entries whose names are next to one in the alphabet."""
        query = sa.select(entry.c.path).where(IS_LIVE, entry.c.path != "").limit(_NEAR)
        after = query.where(entry.c.name >= name).order_by(entry.c.name)
        before = query.where(entry.c.name < name).order_by(entry.c.name.desc())
        return [*self._session.scalars(after), *self._session.scalars(before)]

    def formerly(self, path: str) -> dict[str, str]:
        """Return the files of the live entries, by id, whose files had this path before."""
        query = sa.select(entry.c.id, entry.c.path).join(renamed).where(IS_LIVE, entry.c.path != "")
        rows = self._session.execute(query.where(renamed.c.name == path_digest(f"/{stem(path)}")))
        return {row.id: row.path for row in rows}

    def waiting(self, keys: Iterable[str] | None) -> Iterator[Naming]:
        """Yield the entries that name an original with one of `keys`, or any, not found yet."""
        query = sa.select(entry.c.id, entry.c.path, version.c.story).select_from(WITH_VERSION)
        query = query.where(entry.c.reference.is_not(None), entry.c.original.is_(None))
        if keys is None:
            queries = [query]
        else:
            digests = sorted({path_digest(key) for key in keys})
            queries = [query.where(entry.c.reference.in_(some)) for some in batches(digests)]
        for one in queries:
            for row in self._session.execute(one).all():
                yield Naming(path=row.path, text=story_json.original_of(row.story), id=row.id)

    def known(self, namings: Sequence[Naming]) -> dict[Naming, str]:
        """Return the ids of the originals that were found before."""
        wanted = {(path_digest(one.path), reference_digest(one.text)): one for one in namings}
        query = sa.select(entry.c.path_digest, entry.c.reference, entry.c.original)
        rows = (
            row
            for some in batches(sorted({digest for digest, _ in wanted}))
            for row in self._session.execute(query.where(entry.c.path_digest.in_(some)))
        )
        return {
            wanted[row.path_digest, row.reference]: row.original
            for row in rows
            if row.original and (row.path_digest, row.reference) in wanted
        }

    def meant_by(self, namings: Sequence[Naming]) -> dict[Naming, str]:
        """Return the ids of the originals of these, where they are clear."""
        meant = self._meant(namings)
        return {one: rows[0].id for one, rows in meant.items() if len(rows) == 1}

    def _meant(self, namings: Sequence[Naming]) -> dict[Naming, list[Any]]:
        """Return the rows of the entries that each may mean: none, one, or two of several."""
        placed = self._by_place(namings)
        return {one: placed[one] or self._by_name(one) or self._renamed(one) for one in namings}

    def _by_place(self, namings: Sequence[Naming]) -> dict[Naming, list[Any]]:
        """Return the entries named by id, by path from the same folder, or from `entries/`."""
        query = _NAMED.where(entry.c.purged.is_(False))
        found: dict[str, Any] = {}
        for column, values in (
            (entry.c.id, {one.text for one in namings}),
            (entry.c.path_digest, {place for one in namings for place in one.places}),
        ):
            for some in batches(sorted(values)):
                for row in self._session.execute(query.where(column.in_(some))):
                    found[row.id] = found[row.path_digest] = row
        return {one: [*_others(one, found)][:1] for one in namings}

    def _by_name(self, naming: Naming) -> list[Any]:
        """Return the entries of that name in any folder, first those that are originals.

        A translation that names the same original is not meant.
        """
        if not naming.name:
            return []
        query = _NAMED.where(entry.c.name == naming.name, _is_other(naming)).limit(2)
        reference = entry.c.reference
        for chosen in (reference.is_(None), reference != path_digest(naming.name)):
            if found := self._session.execute(query.where(chosen)).all():
                return [*found]
        return []

    def _renamed(self, naming: Naming) -> list[Any]:
        """Return the entries whose files had that name before."""
        query = _NAMED.join(renamed).where(_is_other(naming)).limit(2)
        for name in naming.former:
            if found := self._session.execute(query.where(renamed.c.name == name)).all():
                return [*found]
        return []


def _is_other(naming: Naming) -> sa.ColumnElement[bool]:
    """Return the condition that an entry is not the naming file's own."""
    return sa.and_(entry.c.id != naming.id, entry.c.path_digest != path_digest(naming.path))


def _others(naming: Naming, found: Mapping[str, Any]) -> Iterator[Any]:
    own = path_digest(naming.path)
    for key in (naming.text, *naming.places):
        row = found.get(key)
        if row and row.id != naming.id and row.path_digest != own:
            yield row
