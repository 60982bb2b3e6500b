"""The ledger keeps when versions of entries were seen by readers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from dateline.ledger import Ledger
from dateline.ledger.dump import export, import_
from dateline.ledger.queries.notices.deliveries import EntryDelivery
from dateline.ledger.session import open_session
from dateline.publish import ledger_url
from support.publication import NOW, Newsroom, entry_file

NOTED = 1_800_000_000_000


@pytest.fixture
def ledger(newsroom: Newsroom) -> Iterator[Ledger]:
    """Return a ledger with two entries, the first in two versions."""
    newsroom.drop("a.toml")
    newsroom.drop("b.toml", entry_file("Another"))
    newsroom.build()
    newsroom.drop("a.toml", entry_file(body='"Other text"'))
    newsroom.build()
    with Ledger(ledger_url(newsroom.config)) as opened:
        yield opened


def ids(ledger: Ledger) -> list[str]:
    """Return the ids of the entries, by their files' names."""
    return [ledger.entries.id_of(name) or "" for name in ("a.toml", "b.toml")]


@pytest.mark.long
def test_a_version_is_noted_once(ledger: Ledger) -> None:
    """It keeps the moment at which it was noted first, and what is known of its delivery."""
    first, _ = ids(ledger)
    new = ledger.deliveries.note({(first, 2)}, NOTED)
    known = replace(new[0], served=NOTED + 400, reached=NOTED + 2100, topics={"news.rss": 7})
    ledger.deliveries.set([known])

    again = ledger.deliveries.note({(first, 2), (first, 1)}, NOTED + 9)

    assert new == [EntryDelivery(entry=first, version=2, noted=NOTED)]
    assert [(one.version, one.noted) for one in again] == [(1, NOTED + 9)]
    assert ledger.deliveries.of([first])[first, 2] == known


def test_what_has_not_reached_readers_waits(ledger: Ledger) -> None:
    """Of an entry the newest version waits, and nothing from before the moment. Then none does."""
    first, second = ids(ledger)
    ledger.deliveries.note({(first, 1), (first, 2)}, NOTED)
    ledger.deliveries.note({(second, 1)}, NOTED - 1)

    waiting = ledger.deliveries.waiting(NOTED, 10)
    all_ = ledger.deliveries.waiting(NOTED - 1, 10)
    ledger.deliveries.set([replace(one, reached=NOTED) for one in waiting.values()])

    assert [(one.entry, one.version) for one in waiting.values()] == [(first, 2)]
    assert [(one.entry, one.version) for one in all_.values()] == [(first, 2), (second, 1)]
    assert [slug.rpartition("/")[2] for slug in all_] == ["report-on-lebanon", "another"]
    left = ledger.deliveries.waiting(NOTED - 1, 10).values()
    assert [(one.entry, one.version) for one in left] == [(second, 1)]


def test_a_withdrawn_entry_waits_no_more(ledger: Ledger) -> None:
    """Nothing of it is at the address where readers would find it."""
    first, second = ids(ledger)
    ledger.deliveries.note({(first, 2), (second, 1)}, NOTED)
    ledger.entries.withdraw([first], NOW)

    assert [one.entry for one in ledger.deliveries.waiting(NOTED, 10).values()] == [second]


def test_what_feeds_list_is_pushed(ledger: Ledger) -> None:
    """Only what has reached readers is asked about, where a feed lists it."""
    first, second = ids(ledger)
    new = ledger.deliveries.note({(first, 2), (second, 1)}, NOTED)
    listed = replace(new[0], reached=NOTED, topics={"news.rss": 7, "news.atom": 8})
    ledger.deliveries.set([listed, replace(new[1], reached=NOTED)])
    ledger.deliveries.set([pushed := replace(listed, pushed=812, subscribers=815)])

    assert ledger.deliveries.pushing(NOTED, 10) == [pushed]


def test_a_takedown_leaves_nothing(newsroom: Newsroom, ledger: Ledger) -> None:
    """The delivery of an entry is deleted with its versions."""
    first, _ = ids(ledger)
    ledger.deliveries.note({(first, 1), (first, 2)}, NOTED)

    ledger.entries.purge(first, newsroom.now)

    assert ledger.deliveries.of([first]) == {}


@pytest.mark.long
def test_an_export_has_all_deliveries(ledger: Ledger, tmp_path: Path) -> None:
    """An import brings them back as they were."""
    first, _ = ids(ledger)
    new = ledger.deliveries.note({(first, 2)}, NOTED)
    ledger.deliveries.set([replace(new[0], served=NOTED, topics={"news.rss": 7})])
    ledger.state.proof_begun = datetime.fromtimestamp(NOTED / 1000, NOW.tzinfo)
    ledger.state.codings_seen = {"gzip", "br"}
    ledger.commit()
    with closing(open_session(ledger.url)) as session:
        lines = [*export(session)]

    other = f"sqlite:///{tmp_path}/other.sqlite"
    with closing(open_session(other)) as session:
        import_(session, lines)
        session.commit()

    with Ledger(other) as copy:
        assert copy.deliveries.of([first]) == ledger.deliveries.of([first])
        assert copy.state.proof_begun == ledger.state.proof_begun
        assert copy.state.codings_seen == ("br", "gzip")
