"""Single values of a publication are typed, and stored in the format of every release."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dateline.ledger import Ledger
from dateline.ledger.queries.state import AlarmState, Cursor, Fingerprint, PublicationState
from dateline.rules.withdrawals import LatestRun

NOW = datetime(2026, 11, 26, 12, 0, 0, 600_000, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
LAST_RUN = LatestRun(moment=NOW.replace(microsecond=0), leapt=NOW.replace(microsecond=0))
ALARM = AlarmState(failures=3, retry=NOW.replace(microsecond=0), reported=("a.toml", "ب.toml"))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Return a new ledger."""
    with Ledger(f"sqlite:///{tmp_path}/ledger.sqlite") as opened:
        yield opened


def stored(folder: Path) -> dict[str, str]:
    """Return the values in the table, by name."""
    with closing(sqlite3.connect(folder / "ledger.sqlite")) as tables:
        return dict(tables.execute("SELECT name, value FROM fact"))


def fill(state: PublicationState) -> None:
    """Set every value."""
    state.founded = NOW
    state.url = "https://news.example.org/"
    state.tag = "tag:news.example.org,2026:"
    state.note_readings(["Europe/Vienna en https://news.example.org/", "UTC"])
    state.note_readings(["UTC", "Asia/Tokyo"])
    state.newsroom_secret = b"\x00\xff"
    state.generation = 7
    state.last_change = NOW
    state.latest_run = LAST_RUN
    state.set_embargo(NOW)
    state.sitemap_changes = {2: 20, 1: 10}
    state.held_feeds = ["lebanon", "syria"]
    state.has_translations = True
    state.add_stopped("aa")
    state.add_unrecognised(["bb"])
    state.is_file_ahead = True
    state.set_alarm("mail", ALARM)
    for kind in Fingerprint:
        state.set_fingerprint(kind, f"of {kind.name}")
    for check in Cursor:
        state.set_cursor(check, f"at {check.name}")


def test_values_are_stored_in_the_format_of_the_first_release(
    ledger: Ledger, tmp_path: Path
) -> None:
    """Names and texts in the table stay as every existing ledger has them."""
    fill(ledger.state)

    ledger.commit()

    assert stored(tmp_path) == {
        "founded": f"{SECONDS}",
        "url": "https://news.example.org/",
        "tag": "tag:news.example.org,2026:",
        "readings": "Europe/Vienna en https://news.example.org/\nUTC\nAsia/Tokyo",
        "newsroom-secret": "00ff",
        "generation": "7",
        "moment": f"{SECONDS}",
        "last-run": f"{SECONDS} {SECONDS}",
        "embargo": f"{SECONDS}",
        "sitemaps": "10 20",
        "emptied": "lebanon syria",
        "translations": "1",
        "stopped": "aa",
        "unrecognised": "bb",
        "file-ahead": "1",
        "alarm-mail": f"3 {SECONDS}",
        "alarm-mail-told": r'["a.toml", "\u0628.toml"]',
        "fingerprint": "of DOCUMENTS",
        "judged": "of FILES",
        "paged": "of PAGES",
        "coded": "of CODINGS",
        "checked": "at MANIFEST",
        "scrubbed": "at SIZES",
        "scrubbed-digests": "at DIGESTS",
    }


def test_values_are_loaded_as_they_were_set(ledger: Ledger) -> None:
    """Each has its type, and moments are whole seconds."""
    fill(ledger.state)
    ledger.commit()

    with Ledger(ledger.url) as opened:
        state = opened.state

        assert state.is_founded
        assert state.founded == state.last_change == state.embargo == NOW.replace(microsecond=0)
        assert state.latest_run == LAST_RUN
        assert (state.url, state.generation) == ("https://news.example.org/", 7)
        assert state.newsroom_secret == b"\x00\xff"
        assert state.sitemap_changes == {1: 10, 2: 20}
        assert state.held_feeds == ("lebanon", "syria")
        assert state.stopped_digests == ("aa",)
        assert state.unrecognised_digests == ("bb",)
        assert state.has_translations
        assert state.is_file_ahead
        assert state.alarm("mail") == ALARM
        assert state.fingerprint(Fingerprint.PAGES) == "of PAGES"
        assert state.cursor(Cursor.MANIFEST) == "at MANIFEST"


def test_a_new_ledger_has_no_values(ledger: Ledger, tmp_path: Path) -> None:
    """All are empty, and reading them stores nothing."""
    state = ledger.state

    assert not state.is_founded
    assert (state.url, state.tag, state.generation, state.newsroom_secret) == ("", "", 0, b"")
    assert (state.embargo, state.last_change, state.sitemap_changes) == (None, None, {})
    assert (state.alarm("mail"), state.latest_run) == (AlarmState(), LatestRun())
    ledger.commit()
    assert stored(tmp_path) == {}


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state.set_embargo(None),
        lambda state: state.set_alarm("mail", AlarmState()),
        lambda state: setattr(state, "held_feeds", ()),
        lambda state: setattr(state, "sitemap_changes", {}),
    ],
)
def test_a_value_can_be_emptied(
    change: Callable[[PublicationState], None], ledger: Ledger, tmp_path: Path
) -> None:
    """Its text is empty then, and the other values stay."""
    fill(ledger.state)
    ledger.commit()
    before = stored(tmp_path)

    change(ledger.state)
    ledger.commit()

    changed = {name: text for name, text in stored(tmp_path).items() if text != before[name]}
    assert changed
    assert {*changed.values()} == {""}


def test_the_embargo_reports_whether_it_changed(ledger: Ledger) -> None:
    """A difference of less than a second is no change."""
    assert not ledger.state.set_embargo(None)
    assert ledger.state.set_embargo(NOW)
    assert not ledger.state.set_embargo(NOW.replace(microsecond=0))
    assert ledger.state.set_embargo(NOW + timedelta(seconds=1))
    assert ledger.state.set_embargo(None)


def test_the_last_five_hundred_stopped_files_are_remembered(ledger: Ledger) -> None:
    """A file stopped again counts as new; those that were not recognised are all kept."""
    for number in range(501):
        ledger.state.add_stopped(f"{number}")
        ledger.state.add_unrecognised([f"{number}"])
        ledger.state.add_stopped("0")

    assert {*ledger.state.stopped_digests} == {"0", *map(str, range(2, 501))}
    assert len(ledger.state.unrecognised_digests) == 501


def test_an_unreadable_secret_is_replaced(ledger: Ledger, tmp_path: Path) -> None:
    """A damaged value leads to a new secret, and to no error."""
    ledger.commit()
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as tables, tables:
        tables.execute("INSERT INTO fact VALUES ('newsroom-secret', 'xyz')")

    assert ledger.state.newsroom_secret == b""
