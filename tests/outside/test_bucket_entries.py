"""Entries come from a bucket of a real server that speaks S3."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest
from obstore.store import S3Store

from dateline.documents.objects.signing import Credentials
from outside.buckets import READER, bucket_at, server, variables
from support.paths import ROOT
from support.publication import CONFIG, Newsroom, entry_file, picture
from support.serving import serve, until

pytestmark = pytest.mark.outside

WRONG = Credentials(key=READER.key, secret="wrong-secret-31d8")  # noqa: S106


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of an S3 server, which all tests of the module share."""
    with server(tmp_path_factory.mktemp("seaweedfs")) as address:
        yield address


@pytest.fixture
def bucket(newsroom: Newsroom, endpoint: str, request: pytest.FixtureRequest) -> S3Store:
    """Return the prefix from which the newsroom has its entries; there is one."""
    prefix = request.node.name.replace("_", "-")
    store = bucket_at(endpoint, prefix)
    obstore.put(store, "old.toml", entry_file("Old").encode())
    source = f'[source]\nurl = "s3://newsroom/{prefix}"\nendpoint = "{endpoint}"\ninterval = 1\n'
    (newsroom.folder / "config.toml").write_text(f"{CONFIG}\n{source}", encoding="utf-8")
    return store


def build(room: Newsroom, own: Credentials = READER) -> str:
    """Run `build` with these credentials; return what it printed, in which there is no secret."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [ROOT / ".venv/bin/python", ROOT / "publisher.py", "build", "--verbose"],
        cwd=room.folder,
        env={**clean, **variables(own), "HOME": str(room.folder)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    printed = done.stdout + done.stderr
    assert own.secret not in printed
    return printed


def pages(room: Newsroom) -> set[str]:
    """Return the names of the pages of entries."""
    return {path.name for path in Path(room.folder, "feeds/2026/11").glob("*.html")} - {
        "index.html"
    }


def test_objects_are_published_with_what_they_name(newsroom: Newsroom, bucket: S3Store) -> None:
    """Credentials that only read are enough; a second run fetches what has changed."""
    obstore.put(bucket, "2026/pier.png", picture())
    entry = entry_file(image='"pier.png"', image_alt='"A pier"')
    obstore.put(bucket, "2026/a.toml", entry.encode())
    build(newsroom)
    first = pages(newsroom)
    obstore.put(bucket, "b.toml", entry_file("Second report").encode())
    build(newsroom)

    assert first == {"old.html", "report-on-lebanon.html"}
    assert pages(newsroom) == {*first, "second-report.html"}
    assert [*Path(newsroom.folder, "feeds/media").glob("*")] != []


def test_a_store_that_refuses_leaves_what_was_published(
    newsroom: Newsroom, bucket: S3Store
) -> None:
    """The reason names the key to correct, and no secret."""
    build(newsroom)
    obstore.delete(bucket, "old.toml")
    printed = build(newsroom, WRONG)

    assert "the secret key is wrong" in printed
    assert pages(newsroom) == {"old.html"}


def test_serve_publishes_a_new_object_within_seconds(newsroom: Newsroom, bucket: S3Store) -> None:
    """The list of the store is asked for again and again."""
    own = {"AWS_ACCESS_KEY_ID": READER.key, "AWS_SECRET_ACCESS_KEY": READER.secret}
    with serve(newsroom.folder, says_port=True, port=0, **own):
        assert until(lambda: pages(newsroom) == {"old.html"})
        obstore.put(bucket, "a.toml", entry_file().encode())

        assert until(lambda: "report-on-lebanon.html" in pages(newsroom))
