"""The log of `serve` has a line for each change of a file, and each problem once."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from subprocess import Popen

import pytest

from dateline.cli.follow import RunLog
from support.process_tree import children
from support.publication import Newsroom, entry_file
from support.serving import PUBLISHER, fetch, free_port, is_there, until

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


@pytest.mark.long
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


@pytest.mark.long
@pytest.mark.parametrize("is_full", [True, False])
def test_a_log_that_cannot_be_written_stops_nothing(newsroom: Newsroom, *, is_full: bool) -> None:
    """Its disk may be full, or the program that reads it gone; readers get news all the same."""
    port = free_port()
    command = [sys.executable, str(PUBLISHER), "serve", "--port", str(port)]
    log = os.open("/dev/full", os.O_WRONLY) if is_full else _pipe_without_reader()
    newsroom.drop("a.toml", entry_file())
    with (
        closing(os.fdopen(log, "wb")) as full,
        Popen(command, cwd=newsroom.folder, stdout=full, stderr=full) as served,
    ):
        try:
            feed = f"http://127.0.0.1:{port}/news.json"
            assert until(lambda: is_there(feed))
            processes = children(served.pid)
            newsroom.drop("b.toml", entry_file("Two harbours open"))
            newsroom.drop("bad.toml", BAD)
            assert until(lambda: "Two harbours open" in fetch(feed).text)
            assert until((newsroom.folder / "entries/bad.toml.problem.txt").exists)
            newsroom.drop("c.toml", entry_file("Three harbours open"))
            assert until(lambda: "Three harbours open" in fetch(feed).text)

            assert set(processes) <= set(children(served.pid))
        finally:
            served.terminate()

    assert served.returncode == 0


def _pipe_without_reader() -> int:
    """Return the end to write to of a pipe whose other end is closed."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing
