"""The coded forms of documents follow `[serve] codings`, and plain forms stay as they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from dateline.documents import manifest
from dateline.documents.compression import ENDINGS
from dateline.serve.app import create_app
from dateline.serve.proxy import Server, front
from dateline.system.decompression import decoded
from support.publication import PUBLICATION, Newsroom, entry_file

SIZED = f"{PUBLICATION}entries = 4\ndays = 0\n"
Forms = Mapping[str, Mapping[str, tuple[bytes, int]]]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return a newsroom with an archive, and a table among its media."""
    room = Newsroom(tmp_path_factory.mktemp("coded"))
    configure(room)
    for number in range(6):
        room.drop(f"{number}.toml", entry_file(f"N {number}"))
    text = Random(1).randbytes(30_000).hex()  # noqa: S311 - repeatable, and longer than gzip's window
    text = " ".join(text[start : start + 9] for start in range(0, len(text), 9))
    room.drop("long.toml", entry_file("Long", body=f'"""\n{text}\n\n{text}\n"""'))
    (room.folder / "entries/table.csv").write_text("a,b\n" * 2000, encoding="utf-8")
    room.drop("with.toml", entry_file("With", attachments='["table.csv"]'))
    room.build()
    return room


def configure(room: Newsroom, codings: str = "") -> None:
    """Write the configuration."""
    own = f"\n[serve]\ncodings = {codings}\n" if codings else ""
    (room.folder / "config.toml").write_text(SIZED + own, encoding="utf-8")


def forms(room: Newsroom) -> Forms:
    """Return the coded forms on disk with their times, by document and coding."""
    feeds, found = room.folder / "feeds", defaultdict[str, dict[str, tuple[bytes, int]]](dict)
    for coding, ending in ENDINGS.items():
        for path in feeds.rglob(f"*{ending}"):
            name = path.relative_to(feeds).as_posix().removesuffix(ending)
            found[name][coding] = (path.read_bytes(), path.stat().st_mtime_ns)
    return found


def sizes(folder: Path) -> dict[str, dict[str, int]]:
    """Return the sizes of coded forms in the manifest."""
    return {one.path: one.sizes for one in manifest.documents(folder / "feeds") if one.codings}


@pytest.mark.long
def test_archives_have_gzip_alone(published: Newsroom) -> None:
    """Feeds have each form that saves a tenth over gzip."""
    found = forms(published)

    assert {*found["archive/news/1.rss"]} == {"gzip"}
    assert {*found["news.rss"]} == {"gzip", "br", "zstd"}
    for some in found.values():
        gzip = len(some["gzip"][0])
        others = [len(form) for coding, (form, _) in some.items() if coding != "gzip"]
        assert all(size <= 0.9 * gzip and size <= gzip - 200 for size in others)


@pytest.mark.long
@pytest.mark.parametrize("codings", ['["gzip"]', '["br"]', "[]"])
def test_a_change_of_the_codings_writes_forms_again(
    published: Newsroom, newsroom: Newsroom, codings: str
) -> None:
    """No plain form, moment or form that stays changes; the setting of before brings all back."""
    room = newsroom.begin_as(published)
    before, plain = forms(room), room.feeds()
    kept = {coding for coding in ENDINGS if f'"{coding}"' in codings}

    configure(room, codings)
    report = room.build()
    after, listed = forms(room), sizes(room.folder)
    configure(room)
    room.build()

    assert report.documents == ()
    assert {coding for some in after.values() for coding in some} == kept
    for path, some in after.items():
        assert listed[path] == {coding: len(form) for coding, (form, _) in some.items()}
        assert {decoded(coding, form) for coding, (form, _) in some.items()} == {plain[path][0]}
        assert not [c for c in some.keys() & before[path].keys() if some[c] != before[path][c]]
    assert listed.keys() == after.keys()
    assert any(path.startswith("media/") for path in after) == bool(kept)
    assert forms(room) == before
    assert room.feeds() == plain


@pytest.mark.long
def test_a_document_is_sent_while_a_form_is_being_removed(
    published: Newsroom, newsroom: Newsroom
) -> None:
    """A run removes forms a moment before the manifest says so."""
    room = newsroom.begin_as(published)
    (room.folder / "feeds/archive/news/1.rss.gz").unlink()
    client = create_app(replace(room.config, log_days=0)).test_client()

    answer = client.get("/archive/news/1.rss", headers={"Accept-Encoding": "gzip"})

    assert (answer.status_code, "Content-Encoding" in answer.headers) == (200, False)
    assert answer.data == (room.folder / "feeds/archive/news/1.rss").read_bytes()


@pytest.mark.long
def test_without_codings_nothing_is_compressed(published: Newsroom, newsroom: Newsroom) -> None:
    """No answer depends on the coding then, and none says so."""
    room = newsroom.begin_as(published)
    configure(room, "[]")
    room.build()
    client = create_app(replace(room.config, log_days=0)).test_client()

    for path in ("/news.rss", "/archive/news/1.rss", "/2026/11/n-0.html", "/style.css"):
        answer = client.get(path, headers={"Accept-Encoding": "gzip, br, zstd"})
        assert answer.status_code == 200
        assert not {"Vary", "Content-Encoding"} & {*dict(answer.headers)}


@pytest.mark.parametrize("program", ["nginx", "caddy"])
def test_a_proxy_sends_the_configured_codings(published: Newsroom, program: Server) -> None:
    """It looks for no other form, and for none but gzip of an archive."""
    everything = front(published.config, program, port=80)
    gzip = front(replace(published.config, codings=("gzip",)), program, port=80)
    nothing = front(replace(published.config, codings=()), program, port=80)

    if program == "nginx":
        assert '"gzip, deflate, br" .br;' in everything
        assert ".page" in nothing
        named = [" .br;", " .zst;"]
        packed = "gzip on;"
    else:
        assert "precompressed br gzip zstd" in everything
        assert "precompressed gzip\n" in everything
        named = ["precompressed br", " zstd"]
        packed = "encode @get gzip"
    assert not [one for one in named if one in gzip]
    assert not [one for one in (*named, " .gz;", "Accept-Encoding'", packed) if one in nothing]
    assert packed in gzip
