"""A ledger in a database on a server: what is known and said when it cannot be used."""

from __future__ import annotations

import sqlite3
import traceback
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from dateline import publish
from dateline.config import Config
from dateline.errors import LedgerAwayError, LedgerError
from dateline.ledger import Ledger
from dateline.ledger.engine import is_of_value, unusable
from dateline.newsroom.access.signatures import known_secret
from dateline.publish.check import check
from dateline.system.condition import Code, of_error
from support.publication import NOW, Newsroom
from support.serving import free_port

SECRET = "vT3_q8Zr-Lm51"  # noqa: S105 - a trial
TOKEN = f"\n[newsroom]\ntoken = '{SECRET}{SECRET}'\n"


def moved(newsroom: Newsroom) -> Config:
    """Return a configuration whose ledger is in a database that nobody serves."""
    path = newsroom.folder / "config.toml"
    url = f"postgresql://dateline@127.0.0.1:{free_port()}/news"
    path.write_text(f"{path.read_text('utf-8')}{TOKEN}[ledger]\nurl = '{url}'\n", "utf-8")
    return newsroom.config


@pytest.mark.parametrize("is_in_environment", [False, True])
def test_no_message_has_the_password(
    is_in_environment: bool,  # noqa: FBT001 - as pytest calls it
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither the sentence nor the traceback of a bug, wherever the password is from."""
    if is_in_environment:
        monkeypatch.setenv("DATELINE_LEDGER_PASSWORD", SECRET)
    own = "" if is_in_environment else f":{SECRET}"
    url = f"postgresql+psycopg://dateline{own}@127.0.0.1:{free_port()}/news"

    with pytest.raises(LedgerAwayError) as caught:
        Ledger(url)

    text = "".join(traceback.format_exception(caught.value))
    assert SECRET not in text
    assert f"dateline{':***' if own else ''}@127.0.0.1" in str(caught.value)


def test_a_server_that_does_not_answer_is_a_condition_of_its_own(newsroom: Newsroom) -> None:
    """Nothing is repaired, moved aside or created for it."""
    config = moved(newsroom)

    with pytest.raises(LedgerAwayError, match="Connection refused") as caught:
        publish.build(config, publish.RunRequest(now=NOW, clock=NOW))

    assert of_error(caught.value).code == Code.LEDGER_AWAY
    assert Code.LEDGER_AWAY.stops_news
    assert {path.name for path in config.state.iterdir()} == {".lock"}


def test_a_check_is_not_made_against_an_empty_ledger_instead(newsroom: Newsroom) -> None:
    """It would call every published entry new. The newsroom starts all the same."""
    config = moved(newsroom)

    with pytest.raises(LedgerAwayError):
        check(config, publish.RunRequest(now=NOW, clock=NOW))
    assert len(known_secret(config)) == 32


def test_a_ledger_in_a_file_beside_the_database_is_reported(newsroom: Newsroom) -> None:
    """One of the two is out of date, and only staff know which."""
    newsroom.build()
    config = moved(newsroom)

    with pytest.raises(LedgerError, match=r"two ledgers: state/ledger\.sqlite, and the database"):
        publish.build(config, publish.RunRequest(now=NOW, clock=NOW))


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (psycopg.errors.AdminShutdown, Code.LEDGER_AWAY),
        (psycopg.errors.CannotConnectNow, Code.LEDGER_AWAY),
        (psycopg.errors.ConnectionFailure, Code.LEDGER_AWAY),
        (psycopg.errors.TooManyConnections, Code.LEDGER_AWAY),
        (psycopg.OperationalError, Code.LEDGER_AWAY),
        (psycopg.errors.DiskFull, Code.DISK_FULL),
        (psycopg.errors.ReadOnlySqlTransaction, Code.NOT_WRITABLE),
        (psycopg.errors.InsufficientPrivilege, Code.NOT_WRITABLE),
        (psycopg.errors.UniqueViolation, Code.FAILED),
    ],
)
def test_an_error_of_the_server_names_the_condition(fault: type[psycopg.Error], code: Code) -> None:
    """By its SQLSTATE, or as an error of the network, which has none."""
    cause = OperationalError("SELECT 1", {}, own := fault("no"))
    cause.__cause__ = own
    error = unusable(cause)
    error.__cause__ = cause

    assert of_error(error).code == code
    assert str(error) == "The ledger cannot be used: no."


def test_a_database_is_no_file(newsroom: Newsroom, tmp_path: Path) -> None:
    """Its URL has no password, and `state/` no ledger."""
    config = moved(newsroom)

    assert publish.ledger_url(config) == config.ledger
    assert config.ledger.startswith("postgresql+psycopg://dateline@127.0.0.1:")
    assert not [*tmp_path.rglob("ledger.sqlite")]


def test_a_row_that_no_database_takes_is_the_fault_of_its_file() -> None:
    """PostgreSQL refuses a row of an index of more than some thousand bytes."""
    too_large, away = psycopg.errors.ProgramLimitExceeded(), psycopg.errors.AdminShutdown()

    assert is_of_value(OperationalError("", {}, too_large))
    assert not is_of_value(OperationalError("", {}, away))
    assert not is_of_value(OperationalError("", {}, sqlite3.OperationalError()))
