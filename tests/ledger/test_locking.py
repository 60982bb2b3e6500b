"""Only one process at a time writes to the ledger; the others wait, and then continue."""

from __future__ import annotations

import errno
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dateline import publish
from dateline.errors import LedgerError
from dateline.ledger import Ledger, exclusive
from dateline.ledger.session import _unusable
from dateline.newsroom.state import stop_cooling
from dateline.publish import history
from dateline.publish.check import check, foresee
from dateline.rules.guards import Approval
from support.publication import Newsroom, entry_file

LATER = timedelta(minutes=5)
HELD = 0.5  # seconds


def _build(room: Newsroom) -> object:
    clock = datetime.now(UTC) + timedelta(seconds=2)
    return publish.build(
        room.config, publish.RunRequest(now=room.now + LATER, clock=clock)
    ).published == ("b.toml",)


def _take_down(room: Newsroom) -> object:
    clock = datetime.now(UTC) + timedelta(seconds=2)
    id_ = history.id_of(room.config, "a.toml")
    publish.build(room.config, publish.RunRequest(now=room.now + LATER, clock=clock, takedown=id_))
    return "Report on Lebanon" not in str(room.items())


def _answer(room: Newsroom) -> object:
    clock = datetime.now(UTC) + timedelta(seconds=2)
    return publish.build(
        room.config,
        publish.RunRequest(now=room.now, clock=clock, approval=Approval(code="x-123456")),
    )


def _check(room: Newsroom) -> object:
    clock = datetime.now(UTC) + timedelta(seconds=2)
    return check(room.config, publish.RunRequest(now=room.now, clock=clock)).published == (
        "b.toml",
    )


def _stop(room: Newsroom) -> object:
    return stop_cooling(room.config, "b.toml", room.now, room.now) is None


def _name(room: Newsroom) -> object:
    return history.id_of(room.config, "a.toml").startswith("tag:")


@pytest.mark.parametrize("act", [_build, _take_down, _answer, _check, _stop, _name])
def test_a_second_writer_waits(newsroom: Newsroom, act: Callable[[Newsroom], object]) -> None:
    """Nothing is written while another process holds the ledger; then the action completes."""
    newsroom.drop("a.toml")
    newsroom.build()
    newsroom.drop("b.toml", entry_file("Other"))
    before = newsroom.feeds()
    with ThreadPoolExecutor() as threads:
        with exclusive(newsroom.config.state):
            acting = threads.submit(act, newsroom)
            waiting = wait([acting], HELD).not_done
            meanwhile = newsroom.feeds()

        assert acting.result(60)
    assert waiting == {acting}
    assert meanwhile == before


def test_a_folder_of_another_user_is_said_to_be_one(tmp_path: Path) -> None:
    """A command may have been typed by root, or by staff who may not enter it."""
    refused = PermissionError(errno.EACCES, "Permission denied")

    assert str(_unusable(tmp_path, refused)) == (
        f"The ledger in {tmp_path} cannot be used: Permission denied. Let the user that runs serve "
        "write there, or type the command as that user."
    )


def test_reading_never_waits_for_a_writer(newsroom: Newsroom) -> None:
    """The newsroom's pages are shown at once."""
    newsroom.drop("a.toml")
    newsroom.build()
    with (
        exclusive(newsroom.config.state),
        Ledger(publish.ledger_url(newsroom.config)) as ledger,
    ):
        assert ledger.entries.count() == 1


def test_somebody_who_sends_a_file_waits_for_a_while(newsroom: Newsroom) -> None:
    """They learn that a run is at work, and what to do; afterwards the file is checked."""
    newsroom.drop("a.toml")
    newsroom.build()
    config, text = newsroom.config, entry_file("Other").encode()
    with (
        exclusive(config.state),
        pytest.raises(LedgerError, match="A run is at work"),
    ):
        foresee(config, "b.toml", text, newsroom.now, patience=0.05)

    assert foresee(config, "b.toml", text, newsroom.now).state == "live"
