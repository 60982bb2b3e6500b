"""The log of `serve` has a line for each change of a file, and each problem once."""

from __future__ import annotations

import os

import pytest

from dateline.cli.follow import RunLog
from support.publication import Newsroom, entry_file

BAD = entry_file().replace("2026-11-24", '"30 February 2026"')


def test_a_file_that_is_no_longer_held_is_reported(
    newsroom: Newsroom, capsys: pytest.CaptureFixture[str]
) -> None:
    """This holds even where readers see nothing new: the live version was right."""
    log = RunLog(as_json=False)
    newsroom.drop("pier.toml", entry_file())
    log.add(newsroom.build(), newsroom.config)
    newsroom.drop("pier.toml", BAD)
    log.add(newsroom.build(), newsroom.config)
    assert "HOLD" in capsys.readouterr().out

    newsroom.drop("pier.toml", entry_file())
    log.add(newsroom.build(), newsroom.config)
    log.add(newsroom.build(), newsroom.config)

    assert capsys.readouterr().out == "fixed     pier.toml\n"


def test_a_file_that_goes_from_one_fault_to_another_is_not_fixed(
    newsroom: Newsroom, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither while it is empty or being written, nor when it has another one."""
    log = RunLog(as_json=False)
    begun = entry_file()[:-7]
    for text in (BAD, "", begun, entry_file(title="")):
        path = newsroom.drop("pier.toml", text)
        log.add(newsroom.build(), newsroom.config)
    os.utime(path, (path.stat().st_mtime + 60,) * 2)  # seems to be written at present
    log.add(newsroom.build(), newsroom.config)
    assert "fixed" not in capsys.readouterr().out

    newsroom.drop("pier.toml", entry_file())
    log.add(newsroom.build(), newsroom.config)

    assert capsys.readouterr().out.startswith("fixed     pier.toml\n")


def test_a_renamed_file_is_reported(newsroom: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    """The line has both names; no document changes."""
    log = RunLog(as_json=False)
    before = newsroom.drop("pier.toml", entry_file())
    log.add(newsroom.build(), newsroom.config)
    capsys.readouterr()

    before.rename(before.with_name("north-pier.toml"))
    log.add(newsroom.build(), newsroom.config)

    assert "renamed   pier.toml to north-pier.toml\n" in capsys.readouterr().out
