"""`deploy` and `store check` with a real server that speaks S3."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import obstore
import pytest

from dateline.documents.object_copy import OBJECT_RECORD
from dateline.documents.objects.opening import open_store
from dateline.documents.objects.signing import Credentials
from dateline.errors import StoreAwayError
from outside.buckets import READER, WRITER, Proxy, bucket_at, proxy, server, variables
from support.paths import ROOT
from support.publication import CONFIG, Newsroom, entry_file, picture

pytestmark = pytest.mark.outside

SITE = "https://news.example.org/"
WRONG = Credentials(key=WRITER.key, secret="wrong-secret-31d8")  # noqa: S106
UNKNOWN = Credentials(key="UNKNOWNKEY", secret="unknown-secret-5e0f")  # noqa: S106


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of an S3 server, which all tests of the module share."""
    with server(tmp_path_factory.mktemp("seaweedfs")) as address:
        yield address


@pytest.fixture
def front(endpoint: str) -> Iterator[Proxy]:
    """Return a proxy in front of that server."""
    with proxy(endpoint) as found:
        yield found


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom that has published an entry with a picture, and another."""
    text = CONFIG.replace("http://127.0.0.1:8000/", SITE) + '\n[moved]\n"old" = "news"\n'
    (newsroom.folder / "config.toml").write_text(text, "utf-8")
    newsroom.drop("pier.png", picture())
    newsroom.drop("a.toml", entry_file(image='"pier.png"', image_alt='"A pier"'))
    newsroom.drop("b.toml", entry_file("Second report"))
    newsroom.build()
    return newsroom


def command(room: Newsroom, *words: str, own: Credentials = WRITER) -> subprocess.Popen[str]:
    """Start a command in the folder of a publication."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.Popen(
        [ROOT / ".venv/bin/python", ROOT / "publisher.py", *words],
        cwd=room.folder,
        env={**clean, **variables(own), "HOME": str(room.folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(room: Newsroom, *words: str, own: Credentials = WRITER) -> tuple[int, str]:
    """Run a command; return its exit code and what it printed, in which there is no secret."""
    with command(room, *words, own=own) as process:
        printed = "".join(process.communicate(timeout=120))
    for one in (own.secret, own.key):
        assert one not in printed
    return process.returncode, printed


def deployed(room: Newsroom, target: str, endpoint: str) -> dict[str, list[str]]:
    """Deploy, and return what `--json` prints."""
    code, printed = run(room, "deploy", target, "--endpoint", endpoint, "--json")
    assert code == 0, printed
    found: dict[str, list[str]] = json.loads(printed.splitlines()[0])
    return found


class Objects:
    """What is in a bucket below a prefix, asked for without Dateline."""

    def __init__(self, endpoint: str, prefix: str) -> None:
        self._store = bucket_at(endpoint, prefix)

    def keys(self) -> set[str]:
        """Return all keys but that of the record."""
        return {one["path"] for some in obstore.list(self._store) for one in some} - {OBJECT_RECORD}

    def get(self, key: str) -> tuple[bytes, dict[str, str]]:
        """Return the bytes and the fields of an object."""
        found = obstore.get(self._store, key)
        return bytes(found.bytes()), {str(name): one for name, one in found.attributes.items()}


@pytest.fixture
def target(endpoint: str, request: pytest.FixtureRequest) -> str:
    """Return the address of a prefix of this test alone; the first use makes the bucket."""
    prefix = request.node.name.partition("[")[0].replace("_", "-")
    obstore.put(Objects(endpoint, "seed")._store, "file", b"1")  # noqa: SLF001
    return f"s3://newsroom/{prefix}"


@pytest.fixture
def objects(endpoint: str, target: str) -> Objects:
    """Return the objects at that address."""
    return Objects(endpoint, target.rpartition("/")[2])


def test_a_bucket_has_every_document_with_its_fields(
    room: Newsroom, target: str, objects: Objects, front: Proxy
) -> None:
    """The same bytes as `feeds/`; what is former redirects where the bucket is a website."""
    found = deployed(room, target, front.endpoint)

    feeds = {path: data for path, (data, _) in room.feeds().items()}
    copied = {*found["copied"]}
    assert objects.keys() == copied >= {*feeds, "old.rss", "feed/index.html"}
    assert "feed" not in copied  # beside feed/, this server could not keep it
    assert {path: objects.get(path)[0] for path in feeds} == feeds
    _, fields = objects.get("news.rss")
    assert fields["Content-Type"].startswith("application/rss+xml")
    assert fields["Cache-Control"] == "max-age=300"
    (media,) = [path for path in feeds if path.startswith("media/")][:1]
    assert objects.get(media)[1]["Cache-Control"] == "max-age=31536000, immutable"
    sent = {path: fields for method, path, fields in front.log if method == "PUT"}
    (former,) = [fields for path, fields in sent.items() if path.endswith("/old.rss")]
    assert former["x-amz-website-redirect-location"] == f"{SITE}news.rss"


def test_a_second_run_uploads_nothing(
    room: Newsroom, target: str, front: Proxy, objects: Objects
) -> None:
    """A build uploads its news alone; a withdrawn page is deleted after all uploads."""
    deployed(room, target, front.endpoint)
    front.log.clear()
    again = deployed(room, target, front.endpoint)
    assert (again["copied"], front.writes) == ([], [])

    (room.folder / "entries/b.toml").unlink()
    room.build()
    room.build(after=timedelta(hours=1))
    news = deployed(room, target, front.endpoint)

    assert [path for path in news["deleted"] if path.endswith("second-report.html")]
    assert len(news["copied"]) < len(objects.keys()) / 2
    assert objects.keys().isdisjoint(news["deleted"])
    kinds = [method for method, path in front.writes if OBJECT_RECORD not in path]
    assert {*kinds[kinds.index("POST") :]} == {"POST"}


def test_a_killed_run_is_finished_by_the_next(
    room: Newsroom, target: str, endpoint: str, objects: Objects
) -> None:
    """What is there at any moment can be read, and no list leads to a missing page."""
    deployed(room, target, endpoint)
    for number in range(30):
        room.drop(f"more-{number}.toml", entry_file(f"More of it {number}"))
    room.build()
    with proxy(endpoint) as slow:
        with command(room, "deploy", target, "--endpoint", slow.endpoint) as process:
            while len(slow.writes) < 15 and process.poll() is None:
                sleep(0.005)
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
    front_page = objects.get("index.html")[0].decode()
    if "More of it" in front_page:
        assert [key for key in objects.keys() if "more-of-it" in key]  # noqa: SIM118 - no mapping

    deployed(room, target, endpoint)

    feeds = {path: data for path, (data, _) in room.feeds().items()}
    assert {path: objects.get(path)[0] for path in feeds} == feeds
    assert deployed(room, target, endpoint)["copied"] == []


def test_a_dry_run_writes_nothing(room: Newsroom, target: str, front: Proxy) -> None:
    """It prints each path."""
    code, printed = run(room, "deploy", target, "--endpoint", front.endpoint, "--dry-run")

    assert code == 0
    assert "copy      news.rss\n" in printed
    assert (front.writes, [row for row in front.log if row[0] != "GET"]) == ([], [])


def test_texts_in_gzip_are_marked_as_such(
    room: Newsroom, target: str, endpoint: str, objects: Objects
) -> None:
    """Readers unpack them by the field."""
    code, _ = run(room, "deploy", target, "--endpoint", endpoint, "--gzip")

    data, fields = objects.get("news.rss")
    assert (code, data[:2], fields["Content-Encoding"]) == (0, b"\x1f\x8b", "gzip")


@pytest.mark.parametrize(
    ("own", "bucket", "text"),
    [
        (WRONG, "newsroom", "the secret key is wrong"),
        (UNKNOWN, "newsroom", "the access key is unknown there"),
        (READER, "newsroom", "permission is missing"),
        (WRITER, "absent", "there is no such bucket"),
    ],
)
def test_wrong_settings_are_reported_before_anything_is_written(
    room: Newsroom, front: Proxy, own: Credentials, bucket: str, text: str
) -> None:
    """One sentence, in which nothing is secret."""
    address = f"s3://{bucket}/none"
    code, printed = run(room, "deploy", address, "--endpoint", front.endpoint, own=own)
    checked, _ = run(room, "store", "check", address, "--endpoint", front.endpoint, own=own)

    assert (code, checked, len(printed.splitlines())) == (2, 2, 1)
    assert text in printed
    assert [path for method, path in front.writes if method == "PUT"] == []


def test_a_server_that_cannot_be_reached_is_reported(room: Newsroom) -> None:
    """With its address."""
    code, printed = run(room, "deploy", "s3://newsroom/x", "--endpoint", "http://127.0.0.1:1")

    assert code == 2
    assert printed == (
        "s3://newsroom/x at http://127.0.0.1:1: it cannot be reached: correct the endpoint, or "
        "try again later.\n"
    )


def test_a_store_that_ignores_conditions_is_refused(
    room: Newsroom, target: str, front: Proxy, objects: Objects
) -> None:
    """By `store check`, and by `deploy` before it writes anything."""
    good, _ = run(room, "store", "check", target, "--endpoint", front.endpoint)
    front.drops = True

    bad, printed = run(room, "store", "check", target, "--endpoint", front.endpoint)
    refused, reason = run(room, "deploy", target, "--endpoint", front.endpoint)

    assert (good, bad, refused) == (0, 1, 2)
    assert "bad       create" in printed
    assert "cannot be used: it replaces an object that may only be created" in reason
    assert objects.keys() == set()


def test_a_store_that_fails_halfway_is_reported(
    room: Newsroom, target: str, front: Proxy, objects: Objects, endpoint: str
) -> None:
    """The next run goes on."""
    front.fails = 12

    code, printed = run(room, "deploy", target, "--endpoint", front.endpoint)

    assert (code, "it answered with 503" in printed) == (2, True)
    assert 0 < len(objects.keys()) < 20
    assert deployed(room, target, endpoint)["damaged"] == []
    assert {*room.feeds()} <= objects.keys()


def test_credentials_come_from_a_file_too(room: Newsroom, target: str, endpoint: str) -> None:
    """As for other programs that use S3."""
    folder = room.folder / ".aws"
    folder.mkdir()
    keys = f"aws_access_key_id = {WRITER.key}\naws_secret_access_key = {WRITER.secret}\n"
    (folder / "credentials").write_text(f"[default]\n{keys}", "utf-8")
    nobody = Credentials(key="", secret="")

    with command(room, "store", "check", target, "--endpoint", endpoint, own=nobody) as process:
        process.communicate(timeout=60)

    assert process.returncode == 0


def test_the_folder_of_a_share_is_a_store(room: Newsroom, tmp_path: Path) -> None:
    """It keeps both conditions."""
    code, printed = run(room, "store", "check", f"file://{tmp_path}/share")

    assert (code, printed.count("ok  ")) == (0, 5)


_LISTED = (
    """<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{}</ListBucketResult>"""
)
_OBJECT = (
    "<Contents><Key>{}</Key><LastModified>2026-11-30T10:00:00.000Z</LastModified>"
    "<ETag>&quot;d41d&quot;</ETag><Size>{}</Size></Contents>"
)


class _Listing(BaseHTTPRequestHandler):
    """A server of S3 whose list has what a console makes for a folder."""

    def do_GET(self) -> None:
        """Answer with the list."""
        sizes = {"news/": 0, "news/2026/": 0, "news/2026/a.toml": 5}
        data = _LISTED.format("".join(_OBJECT.format(*one) for one in sizes.items())).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def test_the_folder_of_a_store_is_no_object_in_it() -> None:
    """Consoles make an object for a folder; in one that is new, there is nothing else."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Listing) as listening:
        Thread(target=listening.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{listening.server_address[1]}"
        store = open_store("s3://newsroom/news", address, variables(), is_patient=False)
        found = [(one.key, one.size) for one in store.objects()]
        listening.shutdown()

    assert found == [("2026", 0), ("2026/a.toml", 5)]


def test_a_store_that_falls_silent_is_given_up_after_seconds() -> None:
    """By a process that tries again by itself: another node may reach the store meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        store = open_store("s3://newsroom/news", address, variables(), is_patient=False)
        begun = monotonic()

        with pytest.raises(StoreAwayError):
            store.read("head.json")

    assert monotonic() - begun < 15
