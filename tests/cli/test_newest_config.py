"""What a running publisher takes over from a changed `config.toml`, and what needs SIGHUP."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dateline import config as configuration
from dateline.cli.follow import NewestConfig
from dateline.cli.serve import _require_ledger
from dateline.config import Config
from dateline.errors import DatelineError
from support.publication import CONFIG, Newsroom

TABLES = "[search]\nenabled = true\n[hub]\nenabled = true\n"
SOURCE = '[source]\nurl = "git+file:///srv/a.git"\n'
LINE = "to apply it, type systemctl reload dateline (SIGHUP)"


@pytest.mark.parametrize("begun", [True, False])
def test_a_search_and_a_hub_begin_and_end_with_a_signal(
    begun: bool,  # noqa: FBT001
    newsroom: Newsroom,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Otherwise pages have a search box, and feeds name a hub, at addresses answered with 404."""
    path = newsroom.folder / "config.toml"
    texts = [f"{CONFIG}{TABLES}", CONFIG] if begun else [CONFIG, f"{CONFIG}{TABLES}"]
    path.write_text(texts[0], "utf-8")
    newest = NewestConfig(newsroom.config, "")
    first = newest.read()
    assert LINE not in caplog.text

    path.write_text(texts[1].replace("Example news", "Other news"), "utf-8")
    config = newest.read()
    newest.read()

    assert config.publication.title == "Other news"
    assert config.has_search is first.has_search is begun
    assert (config.hub, config.publication.hubs) == (first.hub, first.publication.hubs)
    assert bool(config.hub) is begun
    assert caplog.text.count(LINE) == 1

    path.write_text(texts[0], "utf-8")

    assert newest.read() == first
    assert caplog.text.count(LINE) == 1


@pytest.mark.parametrize(
    ("table", "is_theirs"),
    [
        ("[serve]\nlog_days = 5", True),
        ("[schedule]\ninterval = 5", True),
        ('[moved]\n"old" = "news"', False),
        ('[look.allow]\nframes = ["https://frames.example.org"]', True),
        ('[[cdn]]\nkind = "varnish"\nurl = "http://127.0.0.1:6081/"', True),
        ("[intake]\ngrace = 5", False),
        ('[alarm]\nwebhook = "https://chat.example.org/"', False),
    ],
)
def test_settings_of_the_web_workers_are_said_to_need_a_signal(
    table: str,
    is_theirs: bool,  # noqa: FBT001
    newsroom: Newsroom,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """They read them when they start; an administrator sees nothing else of it."""
    newest = NewestConfig(newsroom.config, "")
    (newsroom.folder / "config.toml").write_text(f"{CONFIG}\n{table}\n", "utf-8")

    newest.read()

    assert (LINE in caplog.text) is is_theirs


@pytest.mark.parametrize("texts", [(CONFIG, f"{CONFIG}{SOURCE}"), (f"{CONFIG}{SOURCE}", CONFIG)])
def test_another_source_needs_a_restart(
    texts: tuple[str, str], newsroom: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing fetches the new one until then, and nothing may be published from elsewhere."""
    path = newsroom.folder / "config.toml"
    path.write_text(texts[0], "utf-8")
    first = configuration.load(path)
    newest = NewestConfig(first, "")

    path.write_text(texts[1].replace("Example news", "Other news"), "utf-8")
    config = newest.read()
    newest.read()

    assert config.publication.title == "Other news"
    assert (config.source, config.entries) == (first.source, first.entries)
    assert config.problem_files == first.problem_files
    assert caplog.text.count("[source] in config.toml has changed") == 1

    path.write_text(texts[0], "utf-8")

    assert newest.read() == first
    assert caplog.text.count("[source] in config.toml has changed") == 1


def exchanged(folder: Path) -> tuple[Config, Config]:
    """Return the configuration of the release `first`, and what is read after `second` came."""
    link = folder / "current"
    link.symlink_to("first")
    first = configuration.load(link / "config.toml")
    newest = NewestConfig(first, "")
    (folder / "new").symlink_to("second")
    (folder / "new").replace(link)
    return first, newest.read()


def test_a_source_stays_when_a_link_leads_to_another_release(tmp_path: Path) -> None:
    """The other release has a folder of its own for the state, and another source."""
    for name, table in (("first", SOURCE), ("second", SOURCE.replace("a.git", "b.git"))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.toml").write_text(f"{CONFIG}{table}", "utf-8")

    first, config = exchanged(tmp_path)

    assert (config.source, config.entries) == (first.source, first.entries)


def test_a_publisher_keeps_its_folders_when_a_link_leads_to_another_release(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """There is no ledger there, so everything would be published again, under other ids."""
    for name in ("first", "second"):
        (tmp_path / name / "entries").mkdir(parents=True)
        text = CONFIG.replace("Example news", f"The {name}")
        (tmp_path / name / "config.toml").write_text(text, "utf-8")

    first, config = exchanged(tmp_path)

    assert (config.publication.title, config.entries) == ("The second", tmp_path / "second/entries")
    assert (config.state, config.feeds_folder) == (first.state, first.feeds_folder)
    assert LINE in caplog.text


@pytest.mark.long
def test_a_signal_takes_up_no_state_without_the_ledger(newsroom: Newsroom) -> None:
    """One that has none yet may be another, and so may one to which the ledger was moved."""
    before = newsroom.config
    other = replace(before, state=newsroom.folder / "other")
    _require_ledger([], other)
    _require_ledger([before], other)
    newsroom.build()

    with pytest.raises(DatelineError, match="where there is no ledger"):
        _require_ledger([before], other)

    before.state.rename(other.state)
    _require_ledger([before], other)
