"""Which entries are translations of each other, and what their files are and were called."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from dateline.ledger.rows import file_name, former_names, reference_digest

revision = "0004"
down_revision = "0003"

_ENTRY = sa.table("entry", *map(sa.column, ("id", "path", "version", "name", "reference")))
_VERSION = sa.table("version", *map(sa.column, ("entry", "number", "story")))
_FACT = sa.table("fact", *map(sa.column, ("name", "value")))
_RENAMED = sa.table("renamed", *map(sa.column, ("name", "entry")))


def upgrade() -> None:
    """Add columns and a table, fill them from what is known, and let all be made anew."""
    op.add_column("entry", sa.Column("name", sa.Text, nullable=False, server_default=""))
    op.add_column("entry", sa.Column("reference", sa.String(64)))
    op.add_column("entry", sa.Column("original", sa.Text))
    op.create_table(
        "renamed",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("entry", sa.Text, sa.ForeignKey("entry.id"), primary_key=True, index=True),
    )
    _fill()
    op.create_index("entry_name", "entry", ["name", "reference"])
    for name, column, chosen in (
        ("entry_original", "original", "original IS NOT NULL"),
        ("entry_waiting", "reference", "reference IS NOT NULL AND original IS NULL"),
    ):
        where = sa.text(chosen)
        op.create_index(name, "entry", [column], sqlite_where=where, postgresql_where=where)
    op.execute("DELETE FROM fact WHERE name = 'fingerprint'")


def _fill() -> None:
    ledger = op.get_bind()
    rows = ledger.execute(sa.select(_ENTRY.c.id, _ENTRY.c.path).where(_ENTRY.c.path != ""))
    paths = {row.id: row.path for row in rows}
    _update("name", {id_: file_name(path) for id_, path in paths.items()})
    told = {}
    for row in _stories(_VERSION.c.number == _ENTRY.c.version, '%"translation_of": ""%'):
        told[row.entry] = reference_digest(json.loads(row.story)["translation_of"])
    _update("reference", told)
    if told:
        op.bulk_insert(_FACT, [{"name": "translations", "value": "1"}])
    former = set()
    for row in _stories(_VERSION.c.number < _ENTRY.c.version, '%"path": ""%'):
        own = former_names(paths.get(row.entry, ""))
        before = former_names(json.loads(row.story)["path"])
        former |= {(name, row.entry) for name in {*before} - {*own}}
    op.bulk_insert(_RENAMED, [{"name": name, "entry": id_} for name, id_ in sorted(former)])


def _stories(chosen: sa.ColumnElement[bool], says_nothing: str) -> sa.CursorResult[Any]:
    """Give the versions `chosen` that say something, with their entries."""
    joined = sa.join(_VERSION, _ENTRY, sa.and_(_VERSION.c.entry == _ENTRY.c.id, chosen))
    query = sa.select(_VERSION.c.entry, _VERSION.c.story).select_from(joined)
    return op.get_bind().execute(query.where(_VERSION.c.story.not_like(says_nothing)))


def _update(name: str, values: dict[str, Any]) -> None:
    if values:
        change = sa.update(_ENTRY).where(_ENTRY.c.id == sa.bindparam("_id"))
        rows = [{"_id": id_, name: value} for id_, value in values.items()]
        op.get_bind().execute(change.values({name: sa.bindparam(name)}), rows)
