"""Of a large file, a worker reads what it sends; each file is whole in each coding."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dateline.documents.compression import ENDINGS
from dateline.entries.media import media_types
from dateline.serve.app import create_app
from dateline.system.decompression import decoded
from fuzz.doors.requests import asked, environ_of
from support import probes
from support.publication import Newsroom, entry_file

LARGE = 3_000_000  # bytes
LITTLE = 500_000  # bytes, of code and of the manifest
TEXT = b"".join(b"line %06d\n" % number for number in range(2000))
TEXTS = sorted(one for one, media_type in media_types().items() if media_type.startswith("text/"))
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


@pytest.mark.long
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


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish an attachment of each kind that is text, and return their folder."""
    folder = tmp_path_factory.mktemp("texts")
    room = probes.publish(folder)
    for extension in TEXTS:
        room.drop(f"text.{extension}", TEXT)
    names = [f"text.{extension}" for extension in TEXTS]
    room.drop("texts.toml", entry_file("Texts", attachments=json.dumps(names)))
    room.build()
    return folder / "feeds/media"


@pytest.mark.parametrize("coding", ["identity", *ENDINGS])
@pytest.mark.parametrize("extension", TEXTS)
def test_an_attachment_is_whole_in_each_coding(extension: str, coding: str, texts: Path) -> None:
    """Length, ranges and bytes are those of the form that is sent."""
    app = create_app(Newsroom(texts.parent.parent).config).wsgi_app
    (file,) = texts.glob(f"*.{extension}")
    path = f"/media/{file.name}"
    sent = {"host": "a", "accept-encoding": coding}
    status, fields, whole = asked(app, environ_of("GET", path, sent))
    _, head, _ = asked(app, environ_of("HEAD", path, sent))
    size = len(whole)
    answers = [
        asked(app, environ_of("GET", path, {**sent, "range": wanted, "if-range": fields["etag"]}))
        for wanted in ("bytes=0-9", "bytes=10-", f"bytes={size}-")
    ]

    used = fields.get("content-encoding", "")
    assert status == 200
    assert used in {"", coding}
    assert bool(used) == file.with_name(f"{file.name}{ENDINGS.get(coding, '.none')}").exists()
    assert decoded(used, whole) == TEXT
    assert head == fields
    assert fields["content-length"] == str(size)
    assert [status for status, _, _ in answers] == [206, 206, 416]
    for (_, own, part), first in zip(answers[:2], (0, 10), strict=True):
        assert own["content-length"] == str(len(part))
        assert own["content-range"] == f"bytes {first}-{first + len(part) - 1}/{size}"
        assert (own["etag"], own.get("content-encoding", "")) == (fields["etag"], used)
    assert answers[0][2] + answers[1][2] == whole
    assert answers[2][1]["content-range"] == f"bytes */{size}"


def test_attachments_have_compressed_forms(texts: Path) -> None:
    """So the codings above are tested; calendars have none, as those of single events."""
    found = {coding: {*texts.glob(f"*{ending}")} for coding, ending in ENDINGS.items()}

    assert {coding: len(forms) for coding, forms in found.items()} == dict.fromkeys(ENDINGS, 3)
