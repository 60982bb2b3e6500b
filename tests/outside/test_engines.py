"""A ledger moves between database engines unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dateline import publish
from dateline.errors import LedgerError
from dateline.ledger import Ledger
from dateline.ledger.dump import export, import_
from dateline.ledger.session import open_session
from outside.postgresql import server
from outside.programs import missing
from support.publication import NOW, Newsroom, entry_file

pytestmark = pytest.mark.outside

# A dictionary sorts them in another order.
NAMES = ["B.toml", "a.toml", "a/b.toml", "a_b.toml", "é.toml", "ﬀ.toml", "تقرير.toml", "🚢.toml"]


@pytest.fixture
def postgresql() -> Iterator[str]:
    """Yield the URL of an empty PostgreSQL."""
    if sentence := missing():
        pytest.fail(sentence, pytrace=False)
    with server() as url:
        yield url


@pytest.fixture
def text(newsroom: Newsroom) -> str:
    """Return the text of a ledger whose newsroom has published, corrected, and holds a file."""
    for number, name in enumerate(NAMES):
        newsroom.drop(name, entry_file(f"Report {number}", categories=f'["{name}", "Lebanon"]'))
    newsroom.build()
    newsroom.drop(NAMES[0], entry_file("Retitled", correction='"It said Report."'))
    newsroom.drop("held.toml", entry_file(body='""'))
    newsroom.build()
    return exported(publish.ledger_url(newsroom.config))


def exported(url: str) -> str:
    """Return the text of a ledger."""
    with closing(open_session(url)) as session:
        return "".join(export(session))


def fill(url: str, text: str) -> None:
    """Fill a ledger from its text."""
    with closing(open_session(url)) as session:
        import_(session, text.splitlines())
        session.commit()


def test_a_ledger_moves_to_postgresql_and_back(text: str, postgresql: str, tmp_path: Path) -> None:
    """Its text stays the same, although PostgreSQL sorts differently."""
    back = f"sqlite:///{tmp_path}/back.sqlite"

    fill(postgresql, text)
    fill(back, exported(postgresql))

    assert exported(postgresql) == text
    assert exported(back) == text


def test_an_import_leaves_the_tables_of_postgresql_as_it_found_them(
    text: str, postgresql: str
) -> None:
    """Indexes and foreign keys are off while the rows come; at the end, all rows must fit."""
    before = schema(postgresql)
    id_ = text.split('"table":"version","row":', 1)[1].split('"entry":"', 1)[1].split('"', 1)[0]
    wrong = text.replace(f'"entry":"{id_}"', '"entry":"nobody"').splitlines()
    wrong[0] = wrong[0].replace('"digest":"sha256",', "")

    with closing(open_session(postgresql)) as session, pytest.raises(LedgerError) as refused:
        import_(session, wrong)
    after_refusal = schema(postgresql)
    fill(postgresql, text)

    assert "do not fit together: insert or update on table" in str(refused.value)
    assert after_refusal == before
    assert schema(postgresql) == before


def schema(url: str) -> list[str]:
    """Return the indexes and the constraints of a ledger in PostgreSQL."""
    with closing(open_session(url)) as session:
        rows = session.connection.exec_driver_sql(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' UNION "
            "SELECT conname || ' ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        )
        return sorted(text for (text,) in rows)


def test_a_publication_continues_from_a_ledger_in_postgresql(
    text: str, postgresql: str, newsroom: Newsroom
) -> None:
    """Nothing is published again, and new entries are."""
    before = newsroom.feeds()
    fill(postgresql, text)

    with Ledger(postgresql) as ledger:
        same = publish.publish(
            newsroom.config, ledger, publish.RunRequest(now=newsroom.now, clock=NOW)
        )
    fed = newsroom.feeds()
    newsroom.drop("new.toml", entry_file("New"))
    with Ledger(postgresql) as ledger:
        clock = datetime.now(UTC) + timedelta(seconds=2)
        new = publish.publish(
            newsroom.config, ledger, publish.RunRequest(now=newsroom.now, clock=clock)
        )

    assert (same.published, same.documents) == ((), ())
    assert fed == before
    assert new.published == ("new.toml",)


def test_documents_about_all_entries_are_the_same_from_both(
    postgresql: str, newsroom: Newsroom
) -> None:
    """Sitemaps, news and calendars, byte for byte."""
    for number in range(3):
        text = entry_file(f"Event {number}", "2026-11-24", event=f"2026-12-{number + 1:02}")
        newsroom.drop(f"{number}.toml", text)
    newsroom.build()
    before = newsroom.feeds()
    for path in (newsroom.folder / "feeds").rglob(".manifest*"):
        path.unlink()

    with Ledger(postgresql) as ledger:
        clock = datetime.now(UTC) + timedelta(seconds=2)
        publish.publish(newsroom.config, ledger, publish.RunRequest(now=newsroom.now, clock=clock))

    assert newsroom.feeds() == before
    assert b"Event 2" in before["news.ics"][0]


def test_translations_are_the_same_from_both(postgresql: str, newsroom: Newsroom) -> None:
    """Pages, byte for byte, and the message about a missing translation."""
    newsroom.drop("en/lebanon.toml", entry_file("Lebanon"))
    french = entry_file("Liban", translation_of='"lebanon"', language='"fr"')
    newsroom.drop("fr/lebanon.toml", french)
    newsroom.drop("ar.toml", entry_file("لبنان", translation_of='"Lebanom"'))
    said = newsroom.build().problems
    before = newsroom.feeds()
    for path in (newsroom.folder / "feeds").rglob(".manifest*"):
        path.unlink()

    with Ledger(postgresql) as ledger:
        clock = datetime.now(UTC) + timedelta(seconds=2)
        report = publish.publish(
            newsroom.config, ledger, publish.RunRequest(now=newsroom.now, clock=clock)
        )
    same = newsroom.feeds()
    (newsroom.folder / "entries/en/lebanon.toml").rename(newsroom.folder / "entries/a.toml")
    newsroom.drop("ar.toml", entry_file("لبنان", translation_of='"en/lebanon"', language='"ar"'))
    with Ledger(postgresql) as ledger:
        clock = datetime.now(UTC) + timedelta(seconds=2)
        later = newsroom.now + timedelta(minutes=1)
        publish.publish(newsroom.config, ledger, publish.RunRequest(now=later, clock=clock))
        found = ledger.translations.of(ledger.entries.slugs(), later)

    assert report.problems == said
    assert [one.wanted for one in said if one.code == "translation-near"] == ["lebanon"]
    assert same == before
    assert {len(one.headlines) for one in found.values()} == {2}
    assert len(found) == 3


def test_postgresql_refuses_values_that_do_not_fit(text: str, postgresql: str) -> None:
    """With one sentence."""
    lines = text.splitlines()

    with pytest.raises(LedgerError, match="does not fit: duplicate key value violates"):
        fill(postgresql, "\n".join([lines[0], lines[1], *lines[1:]]))
