"""Of a large file, a worker reads what it sends."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dateline.serve.app import create_app
from fuzz.doors.requests import asked, environ_of
from support import probes
from support.publication import Newsroom, entry_file

LARGE = 3_000_000  # bytes
LITTLE = 500_000  # bytes, of code and of the manifest
DATA = b"PK\x03\x04" + os.urandom(LARGE - 4)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Publish a large attachment, and return its file."""
    room = probes.publish(tmp_path)
    room.drop("large.zip", DATA)
    room.drop("large.toml", entry_file("Large", attachments='["large.zip"]'))
    room.build()
    (found,) = (tmp_path / "feeds/media").glob("*.zip")
    return found


def bytes_read() -> int:
    """Return how many bytes this process has read (proc_pid_io(5))."""
    return int(Path("/proc/self/io").read_text("ascii").split()[1])


def test_only_what_is_sent_of_a_large_file_is_read(large: Path) -> None:
    """A request for a byte costs no more than for one of a small document."""
    app = create_app(Newsroom(large.parent.parent.parent).config).wsgi_app
    path = f"/media/{large.name}"
    plain = {"host": "a"}
    _, fields, whole = asked(app, environ_of("GET", path, plain))
    before = bytes_read()
    answers = [
        asked(app, environ_of(method, path, {**plain, **sent}))
        for method, sent in (
            ("HEAD", {}),
            ("GET", {"range": "bytes=4-4"}),
            ("GET", {"range": "bytes=-10"}),
            ("GET", {"range": f"bytes={LARGE}-"}),
            ("GET", {"if-none-match": fields["etag"]}),
            ("GET", {"if-match": '"other"'}),
        )
    ]
    read = bytes_read() - before

    assert whole == DATA
    assert [status for status, _, _ in answers] == [200, 206, 206, 416, 304, 412]
    assert [body for _, _, body in answers[:3]] == [b"", DATA[4:5], DATA[-10:]]
    assert answers[0][1]["content-length"] == str(LARGE)
    assert read < LITTLE


def test_a_large_file_that_was_cut_off_is_not_sent(large: Path) -> None:
    """Nor a part of it: its size is compared first."""
    app = create_app(Newsroom(large.parent.parent.parent).config).wsgi_app
    os.truncate(large, LARGE - 1)

    for sent in ({}, {"range": "bytes=0-0"}):
        status, _, _ = asked(app, environ_of("GET", f"/media/{large.name}", {"host": "a", **sent}))
        assert status == 503
