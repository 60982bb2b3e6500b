"""The loss of ledger and documents together never passes for a new publication."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dateline.cli import ledger as bookkeeping
from dateline.cli.build import build
from dateline.errors import RecoveryError
from dateline.publish.recovery import traces
from dateline.publish.recovery.page_parser import page
from support.publication import Newsroom, entry_file, lose_all
from support.serving import serve, until

ADVICE = "ledger recover --accept-loss"


@pytest.fixture
def published(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom with one published entry."""
    newsroom.drop("a.toml", entry_file("Published"))
    newsroom.build()
    return newsroom


def command(room: Newsroom, *words: str) -> Result:
    """Run a command about the ledger."""
    config = ["--config", str(room.folder / "config.toml")]
    return CliRunner().invoke(bookkeeping.ledger, [words[0], *config, *words[1:]])


@pytest.mark.long
@pytest.mark.parametrize(
    "left", ["state/.published", "feeds/style.css", "feeds/feeds.opml", "feeds/410.html"]
)
def test_a_trace_of_entries_holds_everything(published: Newsroom, left: str) -> None:
    """Readers would get all news again; staff can accept that."""
    lose_all(published, left)
    for _ in range(2):
        with pytest.raises(RecoveryError, match=ADVICE) as raised:
            published.build()
        assert left in str(raised.value)
        assert not (published.folder / "feeds/news.rss").exists()
    assert ADVICE in str(command(published, "recover").exception)

    assert "new to readers" in command(published, "recover", "--accept-loss").output
    assert published.build().published == ("a.toml",)
    assert published.build().published == ()


def test_documents_without_entries_are_a_trace(published: Newsroom) -> None:
    """A run between the deletion of two files finds a feed, and no entry that was in it."""
    lose_all(published, "feeds/style.css")
    (published.folder / "feeds/news.rss").write_bytes(b"<rss/>")
    with pytest.raises(RecoveryError, match=ADVICE):
        published.build()

    assert (published.folder / "feeds/news.rss").read_bytes() == b"<rss/>"


def test_the_outcome_of_the_last_run_is_a_trace(published: Newsroom) -> None:
    """An earlier release left it, where there is a newsroom."""
    (published.folder / "state/last-run.json").write_text("{}", encoding="ascii")
    lose_all(published, "state/last-run.json")

    with pytest.raises(RecoveryError, match=ADVICE):
        published.build()


def test_where_nothing_is_left_a_publication_is_new(published: Newsroom) -> None:
    """Nothing tells it from one that begins."""
    lose_all(published)

    assert published.build().published == ("a.toml",)


def test_a_publication_without_entries_leaves_no_trace(newsroom: Newsroom) -> None:
    """It has no reader who would get anything twice."""
    newsroom.build()

    assert not (newsroom.folder / "state/.published").exists()


@pytest.mark.long
def test_either_of_the_two_is_enough(published: Newsroom) -> None:
    """The ledger or the documents alone hold nothing."""
    before = published.items()
    for folder in ("state", "feeds"):
        shutil.rmtree(published.folder / folder)
        assert published.build().published == ()
        assert published.items() == before


def test_a_publication_of_an_earlier_release_gets_its_trace(published: Newsroom) -> None:
    """The next run leaves it."""
    (published.folder / "state/.published").unlink()
    published.build()

    assert (published.folder / "state/.published").exists()


def test_a_trace_that_cannot_be_written_is_reported(
    published: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The news is out, and the next run writes it."""
    (published.folder / "state/.published").unlink()
    with monkeypatch.context() as full:
        full.setattr(traces, "replace_file", _fail)
        published.drop("b.toml", entry_file("Next"))
        report = published.build()
    assert (report.published, report.remarks) == (
        ("b.toml",),
        ("state/.published cannot be written: No space left on device.",),
    )

    assert published.build().remarks == ()
    assert (published.folder / "state/.published").exists()


def _fail(*_: object, **__: object) -> None:
    """Fail as a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_process_that_goes_on_keeps_the_trace(published: Newsroom) -> None:
    """It is there again for the process that follows, whatever was deleted."""
    published.build(serving=True)
    shutil.rmtree(published.folder / "state")
    shutil.rmtree(published.folder / "feeds")
    with pytest.raises(RecoveryError, match=ADVICE):
        published.build()
    traces.keep()

    assert (published.folder / "state/.published").exists()


@pytest.mark.long
def test_serve_holds_everything_when_all_is_deleted(published: Newsroom) -> None:
    """Its log says what to type, readers keep the feeds, and the next process holds, too."""
    published.drop("b.toml", entry_file("Next"))
    with serve(published.folder) as served:
        assert until(lambda: b"Next" in served.get("news.rss").content)
        before = served.get("news.rss").content
        for folder in ("state", "feeds"):
            shutil.rmtree(published.folder / folder, ignore_errors=True)
        published.drop("c.toml", entry_file("Later"))

        assert until(lambda: ADVICE in served.printed()), served.printed()
        assert served.get("news.rss").content == before
        assert until((published.folder / "state/.published").exists)

    config = ["--config", str(published.folder / "config.toml")]
    assert ADVICE in str(CliRunner().invoke(build, config).exception)
    assert not Path(published.folder / "feeds/news.rss").exists()


def test_a_trace_that_a_failing_disk_does_not_show_stops_nothing(
    published: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It counts as there: nothing begins again, and the publisher goes on."""
    trace, stat = published.folder / "state/.published", os.stat

    def failing(path: Path, **options: bool) -> os.stat_result:
        if path == trace:
            raise OSError(errno.EIO, "Input/output error", str(path))
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", failing)
    traces.learn(published.config)
    traces.keep()
    published.drop("b.toml", entry_file("Another"))
    assert published.build().published == ("b.toml",)

    lose_all(published, "state/.published")
    with pytest.raises(RecoveryError, match=ADVICE):
        published.build()


@pytest.mark.parametrize(
    "place",
    ["Vienna", "Online", "https://meet.example.org/a?b=1&c=2", "Vienna & online", '"R&D" <hall>'],
)
def test_events_are_read_from_their_pages(newsroom: Newsroom, place: str) -> None:
    """The data of a page have no name for an online place, and two places for a hybrid one."""
    newsroom.drop("a.toml", entry_file("Talk", place=f"'{place}'", event='"3 December 2026"'))
    newsroom.build()
    (file,) = newsroom.folder.glob("feeds/20*/*/talk.html")

    found = page("2026/11/talk", file.read_bytes(), newsroom.config.publication)

    assert found
    assert found.story.place == place
