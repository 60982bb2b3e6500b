"""How often an entry said something else, and when an event is over: what calendars need."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column, find the last day of each event, and let all be made anew."""
    op.add_column("entry", sa.Column("revision", sa.Integer, nullable=False, server_default="0"))
    entry, topic, version = (
        sa.table(table, *(sa.column(name) for name in names.split()))
        for table, names in (
            ("entry", "id version"),
            ("topic", "entry facet value name"),
            ("version", "entry number story"),
        )
    )
    newest = sa.and_(version.c.entry == entry.c.id, version.c.number == entry.c.version)
    is_event = sa.and_(topic.c.entry == entry.c.id, topic.c.value == "event")
    rows = op.get_bind().execute(
        sa.select(entry.c.id, version.c.story)
        .join_from(entry, version, newest)
        .join(topic, sa.and_(is_event, topic.c.facet == "kind"))
    )
    found = [(row.id, json.loads(row.story)["event"]) for row in rows.all()]
    days = [
        {"entry": id_, "facet": "until", "value": event["end"][:10], "name": ""}
        for id_, event in found
        if event
    ]
    op.bulk_insert(topic, days)
    op.execute("DELETE FROM fact WHERE name = 'fingerprint'")
