"""The folders of a publication belong to one `serve`, also after they were deleted."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest
from click.testing import CliRunner

from dateline import config as configuration
from dateline.cli import claim
from dateline.cli.claim import Claims, is_claimed
from dateline.cli.decisions import takedown
from dateline.config import Config
from dateline.errors import DatelineError
from support.publication import Newsroom

Serves = Callable[[], Claims]


@pytest.fixture
def config(newsroom: Newsroom) -> Config:
    """Return the configuration of a publication."""
    return configuration.load(newsroom.folder / "config.toml")


@pytest.fixture
def serves() -> Iterator[Serves]:
    """Return a function that returns the claims of one more process, which ends with the test."""
    made: list[Claims] = []

    def make() -> Claims:
        made.append(Claims())
        return made[-1]

    yield make
    for one in made:
        end(one)


def end(claims: Claims) -> None:
    """Close all files, as the end of a process does."""
    for file in claims._files.values():  # noqa: SLF001 - as the end of its process
        file.close()


def delete(*folders: Path) -> None:
    """Delete folders with all that is in them."""
    for folder in folders:
        shutil.rmtree(folder)


@pytest.mark.parametrize("is_all", [False, True], ids=["state", "state and feeds"])
def test_deleted_folders_stay_claimed(config: Config, serves: Serves, *, is_all: bool) -> None:
    """Another `serve` is refused, as before, and told whose they are."""
    claims = serves()
    claims.take(config, "process 7")
    delete(config.state, *([config.feeds_folder] if is_all else []))

    claims.keep()

    assert is_claimed(config)
    with pytest.raises(DatelineError, match=r"already serving .*state \(process 7\)"):
        serves().take(config, "process 8")
    assert config.state.stat().st_mode & 0o777 == 0o700


def test_a_damaged_claim_is_a_claim(config: Config, serves: Serves) -> None:
    """The name of who holds it is shown as far as it can be read."""
    serves().take(config, "process 7")
    (file,) = {*config.state.iterdir()} - {config.state / "ledger.sqlite"}
    file.write_bytes(b"process \xb7\n")

    with pytest.raises(DatelineError, match=r"already serving .*state \(process \ufffd\)"):
        serves().take(config, "process 8")


def test_a_serve_ends_if_another_was_faster(config: Config, serves: Serves) -> None:
    """Two publishers never go on together."""
    claims, other = serves(), serves()
    claims.take(config, "process 7")
    delete(config.state, config.feeds_folder)
    other.take(config, "process 8")

    with pytest.raises(DatelineError, match=r"already serving .*state \(process 8\)"):
        claims.keep()
    other.keep()


def test_a_serve_that_lost_its_folders_stops(config: Config, serves: Serves) -> None:
    """The reason is raised at its end."""
    claims, stop = serves(), threading.Event()
    claims.take(config, "process 7")

    def lose() -> None:
        with claims.kept(stop):
            with claims._lock:  # noqa: SLF001 - so that it is slower
                delete(config.state, config.feeds_folder)
                serves().take(config, "process 8")
            assert stop.wait(10)

    with pytest.raises(DatelineError, match=r"\(process 8\)"):
        lose()


def test_a_share_that_hangs_does_not_keep_a_serve_from_ending(
    config: Config, serves: Serves, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows whether its file is still there, until the share answers."""
    claims, asked, answers = serves(), threading.Event(), threading.Event()
    claims.take(config, "process 7")

    def hang(*_: object) -> bool:
        asked.set()
        return not answers.wait(60)

    monkeypatch.setattr(claim, "_is_gone", hang)
    begun = monotonic()
    with claims.kept(threading.Event()):
        assert asked.wait(10)
    assert monotonic() - begun < 30
    answers.set()
    with claims._lock:  # noqa: SLF001 - the thread has ended
        pass


def test_a_serve_goes_on_while_another_is_refused(config: Config, serves: Serves) -> None:
    """One that finds a deleted folder free is refused the other folder, and gives up the first."""
    claims, other = serves(), serves()
    claims.take(config, "process 7")
    delete(config.state)
    with pytest.raises(DatelineError, match=r"already serving .*feeds \(process 7\)"):
        other.take(config, "process 8")

    claims.keep()
    end(other)
    claims.keep()

    with pytest.raises(DatelineError, match=r"already serving .*state \(process 7\)"):
        serves().take(config, "process 9")


@pytest.mark.long
def test_a_question_that_waits_for_its_answer_claims_nothing(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a cluster that nobody led, no node led before somebody had answered."""
    newsroom.drop("good.toml")
    newsroom.build()
    claimed = list[Path]()
    monkeypatch.setattr(claim, "writer", claimed.append)
    words = ["--config", str(newsroom.folder / "config.toml"), "good.toml"]

    done = CliRunner().invoke(takedown, words, input="n\n")

    assert "Take it down?" in done.output
    assert claimed == []
