"""A publication whose ledger is in PostgreSQL: publishing, outages, moving, wrong settings."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import httpx
import pytest
import sqlalchemy as sa

from dateline import publish
from dateline.config import ClusterSettings
from dateline.errors import LedgerAwayError, LedgerError
from dateline.ledger import Ledger, engine
from dateline.ledger.cluster import status
from dateline.ledger.session import open_session
from dateline.ledger.tables import document, former
from dateline.publish.recovery.writer import refuse_others
from outside.postgresql import PASSWORD, DatabaseServer, database_server, pooler
from outside.programs import missing
from support.hubs import hub
from support.often import one_of_each
from support.publication import Newsroom, entry_file
from support.serving import PUBLISHER, Served, busy, free_port, serve, until

pytestmark = pytest.mark.outside
TOKEN = "vT3_q8Zr-Lm51xKcD"  # noqa: S105 - a trial
ENTRIES = 3000


@pytest.fixture(scope="module")
def server() -> Iterator[DatabaseServer]:
    """Run a PostgreSQL that also listens at an address, where a password is needed."""
    if sentence := missing():
        pytest.fail(sentence, pytrace=False)
    with database_server("127.0.0.1", free_port()) as own:
        yield own


@pytest.fixture
def database(server: DatabaseServer) -> Iterator[str]:
    """Yield the URL of an empty database."""
    server.say("CREATE DATABASE news")
    yield server.url_of("news")
    server.say("DROP DATABASE news WITH (FORCE)")


def keep_in(newsroom: Newsroom, url: str, more: str = "") -> None:
    """Add a database to the configuration."""
    path = newsroom.folder / "config.toml"
    path.write_text(f"{path.read_text('utf-8')}\n{more}\n[ledger]\nurl = '{url}'\n", "utf-8")


def on_another_machine(newsroom: Newsroom, folder: Path) -> Newsroom:
    """Return a publication with its database on a machine that has not published it yet."""
    other = Newsroom(folder / "other").begin_as(newsroom)
    shutil.rmtree(other.folder / "state")
    return other


def run(newsroom: Newsroom, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the folder of the publication."""
    return subprocess.run(
        [sys.executable, str(PUBLISHER), *words],
        cwd=newsroom.folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def fails(newsroom: Newsroom) -> str:
    """Return why nothing can be published."""
    with pytest.raises(LedgerError) as caught:
        newsroom.build()
    return str(caught.value)


def test_the_server_plans_for_many_rows_that_are_not_committed(database: str) -> None:
    """Without a count of them, a first run of 20,000 entries reads all for each of them."""
    with closing(open_session(database)) as opened:

        def has_counted() -> bool:
            found = sa.text("SELECT 1 FROM pg_stats WHERE tablename = 'former'")
            return opened.scalar(found) is not None

        rows = [{"digest": f"{at}", "path": f"{at}.html", "target": "/"} for at in range(5000)]
        opened.insert(former, rows[:-1])
        before = has_counted()
        opened.insert(former, rows[-1:])

        assert (before, has_counted()) == (False, True)


def test_the_server_plans_for_documents_that_have_gone_live(database: str) -> None:
    """Taken for rare, they would all be read for each notice that waits."""
    paths = [f"{at}.html" for at in range(5000)]
    text = {"media_type": "text/html", "digest": "1", "source": "", "links": "", "codings": ""}
    row = {"role": 1, "size": 1, "changed": 1, "expires": None, "live": False, **text}
    with closing(open_session(database)) as opened:
        opened.insert(document, [{"path": path, **row} for path in paths])
        opened.connection.commit()
    with Ledger(database) as ledger:
        ledger.documents.mark_live(paths)
        ledger.commit()
    with closing(open_session(database)) as opened:
        found = sa.text("SELECT most_common_vals FROM pg_stats WHERE attname = 'live'")
        assert opened.scalar(found) == "{t}"


def test_deliveries_are_noted(newsroom: Newsroom, database: str) -> None:
    """As in SQLite: what waits, what was seen, and what was pushed."""
    keep_in(newsroom, database)
    newsroom.drop("a.toml")
    newsroom.build()
    with Ledger(database) as ledger:
        id_ = ledger.entries.id_of("a.toml") or ""
        (new,) = ledger.deliveries.note({(id_, 1)}, 1_800_000_000_450)
        waiting = ledger.deliveries.waiting(1_800_000_000_000, 9)
        seen = dataclasses.replace(
            new, served=new.noted + 1, reached=new.noted + 9, topics={"news.rss": 1_800_000_000}
        )
        ledger.deliveries.set([seen])
        ledger.commit()

    with Ledger(database) as ledger:
        assert [*waiting.values()] == [new]
        assert ledger.deliveries.of([id_]) == {(id_, 1): seen}
        assert ledger.deliveries.waiting(1_800_000_000_000, 9) == {}
        assert ledger.deliveries.pushing(1_800_000_000_000, 9) == [seen]


class Desk(httpx.Client):
    """A member of staff's browser at the port of a newsroom, which may still be starting."""

    def __init__(self, port: int) -> None:
        super().__init__(base_url=f"http://127.0.0.1:{port}", timeout=20)

    def status(self, path: str) -> int:
        """Return the status of a page, or 0 without an answer."""
        with suppress(httpx.TransportError):
            return self.get(path).status_code
        return 0


def conditions(served: Served) -> set[str]:
    """Return the conditions at `/health`."""
    return {one["condition"] for one in served.get("health").json().get("conditions", ())}


@pytest.mark.parametrize("is_pooled", one_of_each([True, False]))
def test_serve_and_the_newsroom_work_on_a_database(
    server: DatabaseServer,
    newsroom: Newsroom,
    is_pooled: bool,  # noqa: FBT001 - as pytest calls it
    database: str,
) -> None:
    """Also through PgBouncer; the password is in no log. A restart signs nobody out."""
    pooled, desk = free_port(), free_port()
    port = pooled if is_pooled else server.port
    url = f"postgresql://postgres@127.0.0.1:{port}/news"
    keep_in(newsroom, url, f"[newsroom]\ntoken = '{TOKEN}'\nport = {desk}")
    newsroom.drop("a.toml", entry_file("First"))
    with pooler(server, pooled), Desk(desk) as staff:
        with serve(newsroom.folder, DATELINE_LEDGER_PASSWORD=PASSWORD) as served:
            assert until(lambda: "First" in served.get().text)
            newsroom.drop("b.toml", entry_file("Second"))
            assert until(lambda: "Second" in served.get().text)
            newsroom.drop("held.toml", entry_file(body='""'))
            assert until(lambda: staff.status(f"/?token={TOKEN}") == 200)
            assert until(lambda: "held.toml" in staff.get("/").text)
            assert until(lambda: _has_secret(database))
            said = served.printed()
        with serve(newsroom.folder, DATELINE_LEDGER_PASSWORD=PASSWORD) as served:
            assert until(lambda: staff.status("/") == 200 and "held.toml" in staff.get("/").text)
            said += served.printed()

    assert PASSWORD not in said
    assert not (newsroom.folder / "state/ledger.sqlite").exists()


def _has_secret(url: str) -> bool:
    with Ledger(url) as ledger:
        return bool(ledger.state.newsroom_secret)


def test_an_outage_is_no_readers_matter(
    server: DatabaseServer, newsroom: Newsroom, database: str
) -> None:
    """They get every answer, staff learn of it, and news goes out seconds after its end."""
    keep_in(newsroom, database)
    newsroom.drop("a.toml", entry_file("First"))
    with serve(newsroom.folder) as served:
        assert until(lambda: "First" in served.get().text)
        with busy(served.port, 2) as readers:
            server.stop()
            newsroom.drop("b.toml", entry_file("Second"))
            is_reported = until(lambda: "ledger-away" in conditions(served))
            before = served.get().text
            server.start()
            begun = monotonic()
            is_out = until(lambda: "Second" in served.get().text)
            took = monotonic() - begun
        is_over = until(lambda: not conditions(served))
        said = served.printed()

    assert is_reported
    assert "Second" not in before
    assert is_out
    assert took < 30  # as after other faults it would be a minute
    assert is_over
    assert [one.lost for one in readers] == [[], []]
    assert {status for one in readers for status in one.answered} == {200}
    assert said.count("It is tried again every two seconds.") == 1
    assert said.count("The database of the ledger can be reached again.") == 1
    assert "Traceback" not in said


def test_a_connection_that_is_cut_loses_nothing(
    server: DatabaseServer, newsroom: Newsroom, database: str
) -> None:
    """The next run publishes what the interrupted one did not."""
    keep_in(newsroom, database)
    newsroom.drop("a.toml", entry_file("First"))
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'news'"
    stop = threading.Event()

    def go_on() -> None:
        while not stop.is_set():
            server.say(cut)

    with ThreadPoolExecutor(1) as pool:
        cutting = pool.submit(go_on)
        with pytest.raises(LedgerAwayError):
            newsroom.build()
        stop.set()
        cutting.result()
    report = newsroom.build()

    assert report.published == ("a.toml",)


def test_a_ledger_moves_to_a_database_and_nothing_is_announced(
    newsroom: Newsroom, database: str
) -> None:
    """No byte and no time in `feeds/` changes."""
    with hub(newsroom.folder / "hub", newsroom.folder / "feeds") as told:
        path = newsroom.folder / "config.toml"
        listed = f'[publication]\nhubs = ["{told.url}"]'
        path.write_text(path.read_text("utf-8").replace("[publication]", listed, 1), "utf-8")
        for number in range(ENTRIES):
            day = 1 + number % 28
            text = entry_file(
                f"Report {number}", f"20{10 + number % 15}-0{1 + number % 9}-{day:02}"
            )
            newsroom.drop(f"{number}.toml", text)
        assert run(newsroom, "build").returncode == 0
        before, pings = newsroom.feeds(), len(told.told)
        export = run(newsroom, "ledger", "export", "ledger.jsonl")
        keep_in(newsroom, database)
        two = run(newsroom, "build")
        shutil.move(newsroom.folder / "state/ledger.sqlite", newsroom.folder / "old.sqlite")
        moved = run(newsroom, "ledger", "import", "ledger.jsonl")
        again = run(newsroom, "build")
        back = run(newsroom, "ledger", "export", "back.jsonl")

        assert (export.returncode, moved.returncode, again.returncode) == (0, 0, 0)
        assert two.returncode == 2
        assert "There are two ledgers" in two.stderr
        assert "Nothing changed." in again.stdout
        assert newsroom.feeds() == before
        assert len(told.told) == pings
    assert back.returncode == 0
    assert _rows(newsroom, "back.jsonl") >= _rows(newsroom, "ledger.jsonl") > ENTRIES


def _rows(newsroom: Newsroom, name: str) -> int:
    return len((newsroom.folder / name).read_text("utf-8").splitlines())


@pytest.fixture
def kept(database: str) -> Iterator[str]:
    """Keep connections to an empty database, as the publisher does; yield its URL."""
    before = engine._pool  # noqa: SLF001 - a process that goes on never does otherwise again
    engine.keep_connections()
    yield database
    engine.engine_at(database).dispose()
    engine.engine_at.cache_clear()
    engine._pool = before  # noqa: SLF001


def test_a_connection_is_kept_until_it_fails(server: DatabaseServer, kept: str) -> None:
    """The next session has it again, sees what others committed, and outlives a restart."""
    first = _backend(kept)
    second = _backend(kept)
    done = subprocess.run(
        [sys.executable, "-c", _WRITES.format(url=kept)], check=False, capture_output=True
    )
    with Ledger(kept) as ledger:
        generation = ledger.state.generation
    server.say(f"SELECT pg_terminate_backend({first})")
    third = _backend(kept)
    server.stop()
    with pytest.raises(LedgerAwayError):
        Ledger(kept)
    server.start()

    assert first == second != third
    assert (done.returncode, generation) == (0, 5)
    assert _backend(kept)


def test_a_kept_connection_is_read_only_no_longer_than_the_database(
    server: DatabaseServer, kept: str
) -> None:
    """It has the setting with which it was opened, as while a provider's disk was full."""
    Ledger(kept).__exit__(None, None, None)
    engine.engine_at(kept).dispose()
    server.say("ALTER DATABASE news SET default_transaction_read_only = on")
    with pytest.raises(LedgerAwayError), Ledger(kept) as ledger:
        ledger.refuse_read_only()

    server.say("ALTER DATABASE news SET default_transaction_read_only = off")

    with Ledger(kept) as ledger:
        ledger.refuse_read_only()


_WRITES = """
from dateline.ledger import Ledger
with Ledger({url!r}) as ledger:
    ledger.state.generation = 5
    ledger.commit()
"""


def _backend(url: str) -> int:
    """Return the number of the server's process that answers a session."""
    with closing(open_session(url)) as session:
        return int(session.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


def test_a_wrong_password_is_in_no_message(server: DatabaseServer, newsroom: Newsroom) -> None:
    """Nor is anything written."""
    keep_in(newsroom, f"postgresql://postgres@127.0.0.1:{server.port}/postgres")

    done = run(newsroom, "build", DATELINE_LEDGER_PASSWORD=f"not-{PASSWORD}")

    assert done.returncode == 2
    assert "password authentication failed" in done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    assert not (newsroom.folder / "feeds/news.rss").exists()


def test_a_database_without_an_encoding_keeps_every_text(
    server: DatabaseServer, newsroom: Newsroom
) -> None:
    """A server that was made without a language has SQL_ASCII, whatever it is asked for."""
    server.say(
        "CREATE DATABASE plain ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' "
        "TEMPLATE template0"
    )
    keep_in(newsroom, server.url_of("plain"))
    newsroom.drop("hafen-größe.toml", entry_file("أخبار الميناء 🚢"))

    assert newsroom.build().published == ("hafen-größe.toml",)

    assert run(newsroom, "ledger", "check").returncode == 0
    engine.engine_at(server.url_of("plain")).dispose()
    assert newsroom.build().documents == ()
    server.say("DROP DATABASE plain WITH (FORCE)")


def test_a_read_only_database_is_refused_before_anything_is_written(
    server: DatabaseServer, newsroom: Newsroom, database: str
) -> None:
    """It is tried again, as a standby may take over."""
    keep_in(newsroom, database)
    newsroom.build()
    newsroom.drop("a.toml", entry_file("First"))
    before = newsroom.feeds()
    server.say("ALTER DATABASE news SET default_transaction_read_only = on")

    assert fails(newsroom) == "The database of the ledger is read-only at present."
    assert newsroom.feeds() == before
    server.say("ALTER DATABASE news SET default_transaction_read_only = off")
    assert newsroom.build().published == ("a.toml",)


def test_two_machines_do_not_write_to_one_database(
    newsroom: Newsroom, database: str, tmp_path: Path
) -> None:
    """The second is refused until it claims the ledger; then the first is."""
    keep_in(newsroom, database)
    newsroom.build()
    other = on_another_machine(newsroom, tmp_path)
    other.drop("a.toml", entry_file("First"))

    refused = fails(other)
    claimed = run(other, "ledger", "claim")
    published = other.build().published

    assert f"writes to the ledger, with {newsroom.folder}/state." in refused
    assert "type dateline ledger claim here" in refused
    assert claimed.stdout.startswith("This machine writes to the ledger from now on, and no long")
    assert published == ("a.toml",)
    assert f"writes to the ledger, with {other.folder}/state." in fails(newsroom)


def test_a_machine_without_a_cluster_does_not_write_beside_one(
    newsroom: Newsroom, database: str
) -> None:
    """It has no epoch, so nothing would keep it from publishing at the same time."""
    keep_in(newsroom, database)
    newsroom.build()
    cluster = ClusterSettings(name="web1", lead=True, lease=4)
    with Ledger(database) as ledger:
        refuse_others(dataclasses.replace(newsroom.config, cluster=cluster), ledger)
        ledger.commit()

    assert "A cluster writes to the ledger, with the node that leads." in fails(newsroom)


def test_a_state_that_is_lost_goes_on_in_its_place(newsroom: Newsroom, database: str) -> None:
    """The database knows the machine and the folder."""
    keep_in(newsroom, database)
    newsroom.build()
    shutil.rmtree(newsroom.folder / "state")
    newsroom.drop("a.toml", entry_file("First"))

    assert newsroom.build().published == ("a.toml",)


@pytest.mark.parametrize("has_entries", [True, False])
@pytest.mark.parametrize("has_state", [True, False])
def test_the_ledger_of_another_publication_is_refused(
    newsroom: Newsroom, database: str, tmp_path: Path, *, has_entries: bool, has_state: bool
) -> None:
    """A claim and a check of it, too, also where its `state/` was copied along."""
    keep_in(newsroom, database)
    if has_entries:
        newsroom.drop("a.toml", entry_file("First"))
    newsroom.build()
    other = on_another_machine(newsroom, tmp_path)
    path = other.folder / "config.toml"
    text = path.read_text("utf-8").replace("http://127.0.0.1:8000/", "https://other.example/")
    path.write_text(text.replace("example.org,2008", "other.example,2026"), "utf-8")
    shutil.rmtree(other.folder / "feeds", ignore_errors=True)
    if has_state:
        shutil.rmtree(other.folder / "state", ignore_errors=True)
        shutil.copytree(newsroom.folder / "state", other.folder / "state")
    said = "The ledger in the database is that of another publication, http://127.0.0.1:8000/ with"

    assert said in fails(other)
    assert said in run(other, "ledger", "claim").stderr
    assert said in run(other, "check").stderr


def test_the_tables_of_a_newer_release_are_refused(
    server: DatabaseServer, newsroom: Newsroom, database: str
) -> None:
    """Only a file is recovered from `feeds/`."""
    keep_in(newsroom, database)
    newsroom.build()
    server.say("UPDATE alembic_version SET version_num = '9999'", "news")

    said = fails(newsroom)

    assert "written by a newer release of Dateline (9999). Install that one." in said
    assert "recover" not in said


def test_processes_that_open_an_empty_database_at_once_create_it_once(database: str) -> None:
    """The others wait for the first."""

    def open_one(_: int) -> bool:
        with Ledger(database) as ledger:
            return ledger.state.is_founded

    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(open_one, range(8))] == [False] * 8


def test_nodes_that_start_at_once_create_the_tables_of_a_cluster_once(database: str) -> None:
    """No revision of the ledger has them."""
    with ThreadPoolExecutor(8) as pool:
        found = [*pool.map(status.read, [database] * 8)]

    assert [one.epoch for one in found] == [0] * 8


def test_all_that_a_reader_of_the_ledger_sees_is_of_one_moment(database: str) -> None:
    """Between two questions, another commits."""
    with Ledger(database) as writer:
        writer.state.generation = 1
        writer.commit()
    with Ledger(database) as reader:
        assert reader.entries.count() == 0
        with Ledger(database) as writer:
            writer.state.generation = 2
            writer.commit()
        assert reader.state.generation == 1


def test_a_text_that_was_taken_down_is_in_no_table(
    server: DatabaseServer, newsroom: Newsroom, database: str
) -> None:
    """Neither as a row nor as what a deleted row leaves in a file of the server."""
    keep_in(newsroom, database)
    for number in range(20):
        newsroom.drop(f"{number}.toml", entry_file(f"Report {number}"))
    newsroom.drop("a.toml", entry_file("Report", body='"To be taken down"'))
    newsroom.build()
    server.say("CHECKPOINT")
    with closing(open_session(database)) as session:
        query = "SELECT version.story FROM version JOIN entry ON entry.id = entry WHERE path = %s"
        stored = bytes(session.connection.exec_driver_sql(query, ("a.toml",)).scalar_one())
    before = _files_with(server, stored)
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        [taken] = ledger.entries.ids_of(["a.toml"])
    (newsroom.folder / "entries/a.toml").unlink()

    now = newsroom.now + timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(seconds=2)
    publish.build(newsroom.config, publish.RunRequest(now=now, clock=clock, takedown=taken))
    server.say("CHECKPOINT")

    assert before
    assert _files_with(server, stored) == []


@pytest.mark.parametrize("is_refused", [False, True])
def test_a_text_stays_in_no_table_if_the_server_could_not_write_them_again(
    server: DatabaseServer,
    newsroom: Newsroom,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_refused: bool,
) -> None:
    """The run was killed after its commit, or a backup used the tables: a later run does it."""
    keep_in(newsroom, database)
    newsroom.drop("a.toml", entry_file("Report", body='"To be taken down"'))
    newsroom.drop("b.toml", entry_file("Another"))
    newsroom.build()
    server.say("CHECKPOINT")
    with closing(open_session(database)) as session:
        query = "SELECT version.story FROM version JOIN entry ON entry.id = entry WHERE path = %s"
        stored = bytes(session.connection.exec_driver_sql(query, ("a.toml",)).scalar_one())
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        [taken] = ledger.entries.ids_of(["a.toml"])
    (newsroom.folder / "entries/a.toml").unlink()

    if is_refused:
        with closing(open_session(database)) as backup:
            backup.connection.exec_driver_sql("SELECT count(*) FROM version")
            newsroom.build(takedown=taken)
            newsroom.build()
            begun = monotonic()
            newsroom.build()  # does not wait for the backup
            assert monotonic() - begun < 9
    else:
        with monkeypatch.context() as killed:
            killed.setattr("dateline.ledger.session.rewrite", lambda _: None)
            newsroom.build(takedown=taken)
    server.say("CHECKPOINT")
    left = _files_with(server, stored)
    newsroom.build(after=timedelta(hours=is_refused))
    server.say("CHECKPOINT")

    assert left
    assert _files_with(server, stored) == []
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        assert ledger.state.rewrite_due is None


def _files_with(server: DatabaseServer, value: bytes) -> list[str]:
    """Return the files of tables that contain a value."""
    files = Path(server.home, "data/base").rglob("*")
    return [one.name for one in files if one.is_file() and value in one.read_bytes()]


def test_damage_is_reported_and_left_to_the_database(
    server: DatabaseServer, newsroom: Newsroom, database: str
) -> None:
    """`ledger check` reads every value; `ledger recover` moves nothing aside."""
    keep_in(newsroom, database)
    newsroom.drop("a.toml", entry_file("First"))
    newsroom.build()
    sound = run(newsroom, "ledger", "check")
    server.say("UPDATE version SET story = '{'", "news")
    damaged = run(newsroom, "ledger", "check")
    recovered = run(newsroom, "ledger", "recover")

    assert sound.returncode == 0
    assert damaged.returncode == 1
    assert "BAD  version.story is not what it should be" in damaged.stdout
    assert recovered.returncode == 2
    assert "Restore the database from its backup" in recovered.stderr
