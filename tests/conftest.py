"""Fixtures of all tests, and the order in which tests run."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from random import Random, randrange
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import settings

from dateline.ledger import migrations
from outside.postgresql import DatabaseServer, database_server
from support import compiled_queries, compiled_routes, compiled_templates, new_ledgers
from support.publication import CONFIG, Newsroom, lost_media

# On shared machines, no example fails because of its duration.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")
settings.register_profile("quick", settings.get_profile("untimed"), max_examples=30)
compiled_queries.share()
compiled_routes.share()
compiled_templates.share()
new_ledgers.share()
# Files whose tests take longest, in this order, so that no worker begins one of them last. The
# first three wait nearly all the time, while other workers have the processors.
_LONGEST = (
    "trials/test_trials",
    "outside/test_lying_fronts",
    "outside/test_quiet_day",
    "outside/test_kills",
    "outside/test_pages",
    "cluster/test_failing_leaders",
    "outside/test_newsroom_pages",
    "outside/test_morning",
    "outside/test_moving_in",
    "outside/test_hostile_fronts",
    "outside/test_front",
    "outside/test_clock",
    "outside/test_failing_disk",
)

MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder of its own there
ROOM = 3 << 30  # bytes: several times what the folders of all workers hold


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add options that rewrite the expected output of cases, and shuffle the tests."""
    parser.addoption("--rewrite", action="store_true", help="write what the cases should give")
    parser.addoption("--shuffle", type=int, help="run in an order that this number makes; 1: any")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, Any, Any]:
    """Choose the number of an order before workers start, so that all use the same."""
    if config.option.shuffle == 1:
        config.option.shuffle = randrange(2, 100_000)  # noqa: S311 - no secret
    return (yield)


def pytest_configure(config: pytest.Config) -> None:
    """Try fewer examples in a quick run, in folders in memory: a disk takes processor time, too."""
    if "not long" in config.option.markexpr:
        settings.load_profile("quick")
        if "TMPDIR" not in os.environ and _has_room(MEMORY):
            os.environ["TMPDIR"] = str(MEMORY)
            tempfile.tempdir = None  # read again


def _has_room(folder: Path) -> bool:
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM


def pytest_report_header(config: pytest.Config) -> str | None:
    """Show the order of the tests."""
    return _order(config)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Show the order again at the end, next to the failures."""
    if said := _order(config):
        terminalreporter.write_line(said)


def _order(config: pytest.Config) -> str | None:
    number = config.option.shuffle
    return f"The order of these tests: --shuffle {number}" if number else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Shuffle the files, and the tests of each file, since no test may depend on the order.

    Tests of a file stay together, since they share expensive fixtures. Where all tests run, files
    that take long come first.
    """
    if "not long" not in config.option.markexpr:
        marked = {item.path for item in items if {"outside", "long"} & {*item.keywords}}
        items.sort(key=lambda item: (_place(item.path), item.path not in marked))
    if number := config.option.shuffle:
        shuffled = Random(number)  # noqa: S311 - no secret
        places = {path: shuffled.random() for path in sorted({item.path for item in items})}
        own = {item.nodeid: shuffled.random() for item in sorted(items, key=lambda i: i.nodeid)}
        items.sort(key=lambda item: (places[item.path], own[item.nodeid]))


def _place(path: Path) -> int:
    """Return the place of a file among the longest, or the place after them."""
    name = f"{path.parent.name}/{path.stem}"
    return _LONGEST.index(name) if name in _LONGEST else len(_LONGEST)


def pytest_collection_finish() -> None:
    """Keep ten thousand tests and their modules from being searched for garbage all the time."""
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_fault(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail if a file was held by an internal error, which publishing itself survives."""
    yield
    faults = [one for one in caplog.get_records("call") if one.name == "dateline.entries.reader"]
    assert faults == []


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    """Return an empty newsroom; after the test, check that no document leaks anything."""
    (tmp_path / "entries").mkdir()
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    room = Newsroom(tmp_path)
    yield room
    leaks = [
        name
        for name, (data, _) in (room.feeds() if (tmp_path / "feeds").exists() else {}).items()
        if b"EMBARGOED" in data or os.fsencode(tmp_path) in data
    ]
    assert leaks == []
    assert lost_media(room) == set()


@pytest.fixture(scope="session")
def _server() -> Iterator[DatabaseServer]:
    """Run a PostgreSQL with the tables of a ledger in its database `original`."""
    with database_server() as own:
        own.say("CREATE DATABASE original")
        engine = sa.create_engine(own.url_of("original"), poolclass=sa.NullPool)
        with engine.connect() as connection:
            migrations.upgrade(connection)
            connection.commit()
        yield own


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.outside)])
def database(request: pytest.FixtureRequest) -> str:
    """Return the URL of a ledger without rows in PostgreSQL, or nothing: it is to be a file."""
    if request.param == "sqlite":
        return ""
    own, name = request.getfixturevalue("_server"), f"t{uuid4().hex}"
    own.say(f"CREATE DATABASE {name} TEMPLATE original")
    return str(own.url_of(name))
