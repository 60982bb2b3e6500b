"""The ledger returns what it stored, on a real database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from dateline.entries.scan import FileStamp
from dateline.errors import LedgerError, Problem
from dateline.ledger import Ledger, migrations
from dateline.ledger.engine import unusable
from dateline.ledger.queries.editions import EditionContent
from dateline.ledger.queries.events import Directory
from dateline.ledger.queries.members import MemberPart, Members
from dateline.ledger.rows import DocumentRecord, FileRecord
from dateline.ledger.session import open_session
from dateline.ledger.tables import metadata, unapproved
from dateline.model import Entry, Feed, Original, Span
from dateline.text.urls import fingerprint
from support import new_ledgers
from support.samples import (
    UPDATED,
    sample_entry,
    sample_entry_in_arabic,
    sample_entry_plain,
    sample_feed,
)

NOW = datetime(2008, 11, 1, tzinfo=UTC)
FULL, PLAIN, ARABIC = sample_entry(), sample_entry_plain(), sample_entry_in_arabic()
ARABIC = replace(ARABIC, story=replace(ARABIC.story, path="arabic.toml"))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Return a ledger with three entries."""
    with Ledger(f"sqlite:///{tmp_path}/ledger.sqlite") as opened:
        accept(opened, FULL, PLAIN, ARABIC)
        yield opened


def accept(ledger: Ledger, *entries: Entry) -> None:
    """Store entries in the ledger, and commit."""
    ledger.entries.accept(
        entries, {entry.story.path: Original(data=b"title") for entry in entries}, NOW
    )
    ledger.commit()


@pytest.mark.usefixtures("ledger")
def test_the_migrations_create_the_described_tables(tmp_path: Path) -> None:
    """A ledger built by migrations has the tables that the code describes."""
    engine = sa.create_engine(f"sqlite:///{tmp_path}/ledger.sqlite")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()

    assert differences == []


def content_of(ledger: sqlite3.Connection) -> list[str]:
    """Return the statements that would create all tables and rows of a ledger again."""
    return sorted("".join(statement.split()) for statement in ledger.iterdump())


def created(create: Callable[[sa.Connection], None]) -> sqlite3.Connection:
    """Return a new ledger in memory."""
    ledger = sqlite3.connect(":memory:", factory=new_ledgers.Original)
    with sa.create_engine("sqlite://", creator=lambda: ledger).begin() as connection:
        create(connection)
    return ledger


def test_a_new_ledger_has_what_all_revisions_create(pytestconfig: pytest.Config) -> None:
    """The same statements stand in `newest.sql`; `--rewrite` writes them after a new revision."""
    with closing(created(migrations.revise)) as revised:
        if pytestconfig.getoption("--rewrite"):
            rewrite(revised)
        expected = content_of(revised)

    with closing(created(migrations.upgrade)) as new:
        assert content_of(new) == expected
    assert any(migrations.HEAD in statement for statement in expected)


def rewrite(revised: sqlite3.Connection) -> None:
    """Write the statements that created the tables of a ledger."""
    newest = Path(migrations.__file__).with_name("newest.sql")
    named = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
    lines = ";\n".join(sql for (sql,) in revised.execute(named)).splitlines()
    newest.write_text("\n".join([line.rstrip().replace("\t", "    ") for line in lines] + [""]))


@pytest.mark.usefixtures("ledger")
def test_a_ledger_of_a_development_version_is_refused(tmp_path: Path) -> None:
    """No release wrote its tables; the message gives the command that creates a new one."""
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as tables, tables:
        tables.execute("UPDATE alembic_version SET version_num = '0004'")

    with pytest.raises(LedgerError, match=r"0004.*type\s+dateline ledger recover"):
        Ledger(f"sqlite:///{tmp_path}/ledger.sqlite")


def test_nobody_recovers_a_ledger_that_the_machine_refuses(tmp_path: Path) -> None:
    """A full disk or a missing right is no damage: the message says what helps instead."""
    (tmp_path / "ledger.sqlite").mkdir()

    with pytest.raises(LedgerError, match=r"Make room on the disk.* their folder\.$"):
        Ledger(f"sqlite:///{tmp_path}/ledger.sqlite")


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (sqlite3.SQLITE_READONLY, "let the user that runs serve read and write the ledger's file"),
        (sqlite3.SQLITE_FULL, "Make room on the disk"),
        (sqlite3.SQLITE_BUSY, "Another program uses it: type this again"),
        (sqlite3.SQLITE_CONSTRAINT, ""),
    ],
)
def test_a_statement_that_the_machine_refuses_names_what_helps(code: int, advice: str) -> None:
    """As where the ledger cannot be opened: a file may be read and not written."""
    cause = sqlite3.OperationalError("attempt")
    cause.sqlite_errorcode = code

    said = str(unusable(sa.exc.OperationalError("COMMIT", {}, cause)))

    assert said.startswith("The ledger cannot be used: attempt.")
    assert (advice in said, said.endswith("attempt.")) == (True, not advice)


def test_an_entry_is_loaded_as_it_was_stored(ledger: Ledger) -> None:
    """Every field of every kind is kept, in any order of queries."""
    ids = [ARABIC.id, FULL.id, PLAIN.id]

    assert ledger.entries.find(ids) == {entry.id: entry for entry in (FULL, PLAIN, ARABIC)}


def test_uncommitted_changes_are_discarded(tmp_path: Path) -> None:
    """A run that fails leaves the ledger unchanged."""
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    with Ledger(url) as first:
        first.state.url = "https://a.example/"
        first.commit()
        first.state.url = "https://b.example/"

    with Ledger(url) as second:
        assert second.state.url == "https://a.example/"


def test_a_changed_entry_gets_a_new_version_and_keeps_the_old_one(
    ledger: Ledger, tmp_path: Path
) -> None:
    """Stored versions are never overwritten."""
    accept(ledger, replace(PLAIN, story=replace(PLAIN.story, title="Another")))

    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as tables, tables:
        rows = tables.execute("SELECT number FROM version WHERE entry = ?", (PLAIN.id,)).fetchall()
    assert rows == [(1,), (2,)]
    assert ledger.entries.find([PLAIN.id])[PLAIN.id].story.title == "Another"


def shown(ledger: Ledger, feed: Feed, now: datetime = NOW) -> EditionContent:
    """Add matching entries to a feed, and return what it shows."""
    members = ledger.members
    there = members.enrolled(feed)
    belonging = members.belonging(feed, None)
    members.join(feed, {part: at for part, at in belonging.items() if part not in there})
    return ledger.editions.subscription(feed, now)


def test_the_oldest_members_fill_archives_as_they_join(ledger: Ledger) -> None:
    """At once, or with those that were in no archive before."""
    feed, other = (sample_feed(name=name, entries=2) for name in ("once", "twice"))
    members = ledger.members
    (first, *rest) = members.belonging(feed, None).items()

    closed = [members.join(feed, dict([first, *rest]))]
    closed += [members.join(other, dict(some)) for some in ([first], rest)]
    found = [sorted(members.enrolled(one).values(), key=str) for one in (feed, other)]
    assert closed == [[1], [], [1]]
    assert found == [[1, 1, None], [1, 1, None]]


def test_a_feed_selects_its_entries_newest_first(ledger: Ledger) -> None:
    """It selects by language, category and kind, and takes all entries without any of these."""
    asked = [
        sample_feed(name="a"),
        sample_feed(name="b", language="en"),
        sample_feed(name="c", language="ar", categories=("lebanon",)),
        sample_feed(name="d", kinds=("news",)),
        sample_feed(name="e", authors=("ann author",), language="en"),
        sample_feed(name="f", categories=("nothing",)),
    ]

    found = [[entry.id[-1] for entry in shown(ledger, feed).entries] for feed in asked]

    assert found == [["3", "2", "1"], ["2", "1"], ["3"], ["2"], ["1"], []]


def test_the_window_is_the_newest_entries_or_the_last_days_whichever_is_larger(
    ledger: Ledger,
) -> None:
    """The window also has the moment at which time alone removes an entry."""
    accept(ledger, *(replace(one, updated=one.published) for one in (FULL, PLAIN, ARABIC)))
    narrow = sample_feed(name="narrow", entries=1, days=0)
    days = sample_feed(name="days", entries=1, days=12)

    shown(ledger, narrow), shown(ledger, days)

    assert [e.id for e in shown(ledger, narrow).entries] == [ARABIC.id]
    wide = shown(ledger, days)
    assert [entry.id for entry in wide.entries] == [ARABIC.id, PLAIN.id, FULL.id]
    assert wide.changes == FULL.published + timedelta(days=12)
    assert len(shown(ledger, days, FULL.published + timedelta(days=12)).entries) == 2


def test_a_corrected_entry_is_shown_again_for_thirty_days(ledger: Ledger) -> None:
    """This holds at any age of the entry; the feed has the moment at which it ends."""
    accept(ledger, *(replace(one, updated=one.published) for one in (PLAIN, ARABIC)))
    feed = sample_feed(entries=1, days=0)
    shown(ledger, feed)

    found = shown(ledger, feed)

    assert [entry.id for entry in found.entries] == [ARABIC.id, FULL.id]
    assert found.changes == FULL.updated + timedelta(days=30)
    assert len(shown(ledger, feed, FULL.updated + timedelta(days=30)).entries) == 1


def test_an_entry_leaves_when_it_expires(ledger: Ledger) -> None:
    """It is in no feed from that moment on, and until then the feed has the moment."""
    expires = NOW + timedelta(hours=1)
    accept(ledger, replace(PLAIN, story=replace(PLAIN.story, expires=expires)))

    before, after = shown(ledger, sample_feed()), shown(ledger, sample_feed(), expires)

    assert (len(before.entries), before.changes, len(after.entries)) == (3, expires, 2)


def test_a_missing_file_is_remembered_until_it_comes_back(ledger: Ledger) -> None:
    """A new file with the same text is compared with its entry."""
    moved = replace(PLAIN.story, path="moved.toml")
    ledger.entries.mark_gone([FULL.story.path, ARABIC.story.path], None, NOW)

    assert [(one.path, one.since) for one in ledger.entries.missing()] == [(PLAIN.story.path, NOW)]
    assert [known.id for known in ledger.entries.snapshot([moved]).missing] == [PLAIN.id]

    ledger.entries.mark_gone([FULL.story.path, ARABIC.story.path, PLAIN.story.path], None, NOW)

    assert ledger.entries.missing() == []
    assert [known.path for known in ledger.entries.snapshot([moved]).alike] == [PLAIN.story.path]


def test_a_path_is_found_in_any_case_and_unicode_form(ledger: Ledger) -> None:
    """A shared folder of another system may spell a name differently."""
    accept(ledger, replace(PLAIN, story=replace(PLAIN.story, path="Zürich.toml")))
    same = replace(PLAIN.story, path="zu\u0308rich.TOML")

    assert ledger.entries.snapshot([same]).by_path["zu\u0308rich.TOML"].id == PLAIN.id


def test_a_snapshot_contains_what_is_already_used(ledger: Ledger) -> None:
    """It has ids, slugs of the month, moments near the day, and the last of each."""
    new = replace(
        PLAIN.story,
        path="new.toml",
        title="New",
        id=FULL.id,
        date=Span(start=date(2008, 10, 20), end=date(2008, 10, 20), precision="day"),
    )

    memory = ledger.entries.snapshot([new])

    assert memory.ids == {FULL.id: FULL.story.path}
    assert memory.moments == {FULL.published, PLAIN.published}
    assert (memory.newest, memory.sequence) == (ARABIC.published, 3)


def test_a_snapshot_has_the_entry_that_a_new_or_changed_file_names_alone(ledger: Ledger) -> None:
    """A file that is unchanged is known by its path: no entry is loaded for its id."""
    own = replace(FULL.story, id=FULL.id)
    accept(ledger, replace(FULL, story=own))
    ledger.entries.mark_gone([PLAIN.story.path, ARABIC.story.path], None, NOW)
    edited = replace(own, title="Edited")
    renamed = replace(edited, path="new.toml")

    found = [ledger.entries.snapshot([of]).missing for of in (own, edited, renamed)]

    assert [[one.id for one in missing] for missing in found] == [[], [FULL.id], [FULL.id]]


def test_a_snapshot_has_the_moments_near_each_day(ledger: Ledger) -> None:
    """Days that are near each other are asked about together, others by themselves."""
    moments = [datetime(2007, month, day, 12, tzinfo=UTC) for month, day in ((1, 5), (6, 5))]
    others = [
        replace(
            PLAIN,
            id=f"tag:{number}",
            slug=f"2007/{number}",
            sequence=10 + number,
            published=moment,
            story=replace(PLAIN.story, path=f"{number}.toml"),
        )
        for number, moment in enumerate(moments)
    ]
    accept(ledger, *others)
    days = [date(2007, 1, 4), date(2008, 10, 1), date(2008, 10, 20)]
    stories = [
        replace(
            PLAIN.story,
            path=f"{day}.toml",
            title=f"{day}",
            date=Span(start=day, end=day, precision="day"),
        )
        for day in days
    ]

    found = ledger.entries.snapshot(stories).moments

    assert found >= {moments[0], FULL.published, PLAIN.published}
    assert moments[1] not in found
    assert ledger.entries.snapshot(stories[:1]).moments == {moments[0]}


def test_a_lost_ledger_is_restored_from_the_manifest(ledger: Ledger, tmp_path: Path) -> None:
    """Identity, address, moments and text are restored; the newsroom's own data is not."""
    listings = list(ledger.entries.listings())

    with Ledger(f"sqlite:///{tmp_path}/other.sqlite") as restored:
        restored.entries.restore(listings)
        known = restored.entries.snapshot([FULL.story]).by_path[FULL.story.path]

    assert (known.id, known.sequence, known.slug) == (FULL.id, 1, FULL.slug)
    assert (known.published, known.updated) == (FULL.published, UPDATED)
    assert known.corrections == FULL.corrections
    assert known.story == replace(FULL.story, path="", editor="")


def test_files_and_documents_are_loaded_as_they_were_stored(ledger: Ledger) -> None:
    """Storing one again replaces it, and forgetting one deletes it."""
    file = FileRecord(
        stamp=FileStamp(5, 6),
        state="hold",
        due=NOW,
        beside={"a": None, "b.png": FileStamp(1, 2)},
        problems=(Problem(code="date-missing", file="a.toml", line=3, wanted="2026"),),
        held=NOW - timedelta(hours=1),
        alarmed=frozenset({"mail", "webhook"}),
        since={"date-missing": NOW - timedelta(hours=2)},
    )
    page = DocumentRecord(
        path="a.html", role=2, media_type="text/html", size=1, digest="d", changed=7, source="s",
        links="", expires=9, live=False,
    )  # fmt: skip
    ledger.files.set({"a.toml": file})
    ledger.documents.set([page])

    assert ledger.files.find(["a.toml", "b.toml"]) == {"a.toml": file}
    assert ledger.documents.find(["a.html", "b.html"]) == {"a.html": page}
    assert ledger.documents.unfinished() == {"a.html"}
    assert ledger.horizon(NOW - timedelta(days=1)).due == NOW

    ledger.documents.mark_live(["a.html"])
    ledger.files.forget(["a.toml"])

    assert ledger.documents.unfinished() == set()
    assert ledger.files.find(["a.toml"]) == {}


def assessed(state: str, *codes: str) -> FileRecord:
    """Return the record of a file that was assessed again."""
    problems = tuple(Problem(code=code, file="a.toml") for code in codes)
    return FileRecord(stamp=FileStamp(5, 6), state=state, beside={}, problems=problems)


def test_a_file_counts_as_held_until_it_is_published() -> None:
    """Each of its problems has its own start, for as long as it lasts."""
    later = NOW + timedelta(seconds=1.5)
    first = assessed("hold", "date-missing", "body-missing").after(None, NOW)
    told = replace(first, alarmed=frozenset({"mail"}))

    waits = assessed("wait", "file-changing", "body-missing").after(told, later)
    out = assessed("live", "image-no-alt").after(waits, later)
    again = assessed("hold", "date-missing").after(out, later)

    assert (first.held, first.alarmed) == (NOW, frozenset())
    assert (waits.held, waits.alarmed) == (NOW, frozenset({"mail"}))
    assert waits.since == {"file-changing": NOW + timedelta(seconds=1), "body-missing": NOW}
    assert (out.held, out.alarmed) == (None, frozenset())
    assert (again.held, again.alarmed) == (NOW + timedelta(seconds=1), frozenset())


def test_a_changing_file_has_the_time_of_its_last_change() -> None:
    """Files that it uses count as well; a file that was not checked has not changed."""
    moments = [NOW + timedelta(seconds=number) for number in range(5)]
    looks = [
        (FileStamp(5, 6), {}),
        (FileStamp(5, 7), {}),
        (FileStamp(5, 7), {"a.png": FileStamp(5, 8)}),
        (FileStamp(5, 7), {}),
        (FileStamp(5, 7), {"a.png": FileStamp(5, 8)}),
    ]
    begun, before = [], None
    for (stamp, beside), now in zip(looks, moments, strict=True):
        found = replace(assessed("wait", "file-changing"), stamp=stamp, beside=beside)
        before = found.after(before, now)
        begun.append(before.since["file-changing"])

    assert begun == [*moments[:3], moments[2], moments[2]]


def test_no_start_is_in_the_future() -> None:
    """A future moment comes from another clock, and is replaced by now."""
    ahead = assessed("hold", "date-missing").after(None, NOW + timedelta(days=365))

    found = assessed("hold", "date-missing").after(ahead, NOW)

    assert (found.held, found.since) == (NOW, {"date-missing": NOW})


def test_files_held_for_long_are_listed_longest_first(ledger: Ledger) -> None:
    """The result also has the moment since which the next one is held."""
    held = {
        "b.toml": assessed("hold").after(None, NOW - timedelta(hours=1)),
        "a.toml": assessed("wait").after(None, NOW),
        "c.toml": assessed("hold").after(None, NOW + timedelta(hours=1)),
        "d.toml": assessed("live").after(None, NOW),
    }
    ledger.files.set(held)

    assert list(ledger.files.held(NOW)) == ["b.toml", "a.toml"]
    assert ledger.files.held(NOW)["a.toml"] == held["a.toml"]
    assert ledger.files.next_held(NOW) == NOW + timedelta(hours=1)
    assert ledger.files.next_held(NOW + timedelta(hours=1)) is None


@pytest.mark.long
def test_many_values_at_once_are_accepted(ledger: Ledger) -> None:
    """Queries stay below the database's limit of values in one statement."""
    many = [
        replace(PLAIN, id=f"tag:x.org,2008:{n}", sequence=n, slug=f"{n}",
                story=replace(PLAIN.story, path=f"{n}.toml"))
        for n in range(10, 1700)
    ]  # fmt: skip
    accept(ledger, *many)

    assert len(ledger.entries.find([entry.id for entry in many])) == len(many)
    assert len(ledger.entries.snapshot([entry.story for entry in many]).by_path) == len(many)


@pytest.mark.parametrize("are_expected", [True, False])
def test_many_new_rows_that_are_expected_are_written_once(
    tmp_path: Path,
    are_expected: bool,  # noqa: FBT001 - as pytest calls it
) -> None:
    """Else pages of indexes go to the log before the commit, which gives the memory back."""
    path, log = tmp_path / "ledger.sqlite", tmp_path / "ledger.sqlite-wal"
    empty = {"size": 1, "path": "", "person": "", "moment": 0, "uses": ""}
    rows = [{"digest": fingerprint(f"{number}"), **empty} for number in range(20_000)]
    with closing(open_session(f"sqlite:///{path}")) as session:
        if are_expected:
            session.expect_many()
        before = log.stat().st_size
        session.insert(unapproved, rows)
        is_written_once = log.stat().st_size == before
        session.commit()
        kept = session.scalar(sa.text("PRAGMA cache_size"))

    assert is_written_once == are_expected
    assert kept == -2000


@pytest.mark.usefixtures("ledger")
def test_a_ledger_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    """An older release reports it, and changes nothing."""
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as tables, tables:
        tables.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(LedgerError, match="newer release"):
        Ledger(f"sqlite:///{tmp_path}/ledger.sqlite")


def test_a_file_that_is_not_a_ledger_is_reported(tmp_path: Path) -> None:
    """The file is not overwritten."""
    (tmp_path / "ledger.sqlite").write_bytes(b"something else" * 100)

    with pytest.raises(LedgerError, match="cannot be opened"):
        Ledger(f"sqlite:///{tmp_path}/ledger.sqlite")
    assert (tmp_path / "ledger.sqlite").read_bytes().startswith(b"something else")


@pytest.mark.usefixtures("ledger")
def test_a_tampered_ledger_is_reported(tmp_path: Path) -> None:
    """An error of the database during a run becomes one of Dateline's errors."""
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as tables, tables:
        tables.execute("DROP TABLE correction")

    with (
        pytest.raises(LedgerError, match="cannot be used"),
        Ledger(f"sqlite:///{tmp_path}/ledger.sqlite") as opened,
    ):
        opened.entries.find([FULL.id])


_MANY_ENTRIES = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
INSERT INTO entry (id, sequence, slug, month, published, updated, path, path_digest, kept, purged,
                   content, headline, version)
SELECT i, i, i, (2024 + i % 3) || '/05', i, i, i, i, 0, 0, i, i, 1 FROM n
"""
_MEMBERS_OF_TWO_YEARS = """
INSERT INTO member (feed, number, entry, part, published) SELECT month, id, id, 0, id FROM entry
WHERE month < '2026'
"""


def test_years_are_found_without_a_pass_through_all_entries(tmp_path: Path) -> None:
    """Each new entry asks for them, however many there are."""
    steps: list[int] = []
    with closing(open_session(f"sqlite:///{tmp_path}/ledger.sqlite")) as session:
        for statement in (_MANY_ENTRIES, _MEMBERS_OF_TWO_YEARS):
            session.connection.exec_driver_sql(statement)
        driver: Any = session.connection.connection.driver_connection
        driver.set_progress_handler(lambda: steps.append(1), 1000)
        years = Directory(session).years("/", NOW)

    assert years == ["2024", "2025"]
    assert len(steps) < 5


def test_years_are_found_although_an_entry_has_none(tmp_path: Path) -> None:
    """The search for the next one goes on, and ends."""
    with closing(open_session(f"sqlite:///{tmp_path}/ledger.sqlite")) as session:
        for statement in (_MANY_ENTRIES, _MEMBERS_OF_TWO_YEARS):
            session.connection.exec_driver_sql(statement)
        session.connection.exec_driver_sql("UPDATE entry SET month = 'a1b2c3d' WHERE id = '1'")

        assert Directory(session).years("/", NOW) == ["2024", "2025"]


_ARCHIVED = """
INSERT INTO member (feed, number, entry, part, published, archive)
SELECT 'news', id, id, 0, id, id / 50 FROM entry WHERE id + 0 < 2950
"""


def test_an_entry_joins_a_feed_without_a_pass_through_its_archives(tmp_path: Path) -> None:
    """However many there are, as long as few are in none; nor does the list of its years."""
    steps: list[int] = []
    feed = Feed(name="news", title="News", description="", language="en", entries=50)
    with closing(open_session(f"sqlite:///{tmp_path}/ledger.sqlite")) as session:
        for statement in (_MANY_ENTRIES, _ARCHIVED):
            session.connection.exec_driver_sql(statement)
        driver: Any = session.connection.connection.driver_connection
        driver.set_progress_handler(lambda: steps.append(1), 1000)
        closed = Members(session).join(feed, {MemberPart("2999", 0): 1})
        begins = Members(session).begins(feed)

    assert closed == []
    assert [one.timestamp() for one in begins] == [*range(1, 2950, 50)]
    assert len(steps) < 10


def test_the_files_that_one_used_are_read_in_one_pass(ledger: Ledger) -> None:
    """A text can name very many, and the stamps of all were read again for each of them."""
    beside = dict.fromkeys((f"{number}.png" for number in range(6000)), FileStamp(1, 2))
    ledger.files.set({"a.toml": replace(assessed("live"), beside=beside)})
    began = process_time()

    assert dict(ledger.files.used_within("")) == beside
    assert process_time() - began < 2  # it took half a minute
