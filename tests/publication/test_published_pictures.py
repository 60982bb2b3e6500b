"""Pictures are published in the sizes that readers need, and leave with their entries."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from PIL import Image

from dateline import publish
from dateline.documents import manifest
from dateline.entries.media import renditions
from dateline.errors import StoreError
from dateline.model import is_media
from dateline.publish.check import check
from dateline.publish.produce.golive import LiveDocuments
from support.publication import COMMENT, Newsroom, entry_file, lost_media, photo

FIELDS = {"image": '"pier.jpg"', "image_alt": '"The pier"'}


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom that has published an entry with a wide picture."""
    for name in "bcd":
        newsroom.drop(f"{name}.toml", entry_file(name, body=f'"{name}"'))
    newsroom.drop("pier.jpg", photo())
    newsroom.drop("a.toml", entry_file("Pier", **FIELDS))
    newsroom.build()
    return newsroom


def pier(room: Newsroom) -> dict[str, Any]:
    """Return the item of the entry with the picture."""
    return next(item for item in room.items() if item["title"] == "Pier")


def media(room: Newsroom) -> dict[str, bytes]:
    """Return the published pictures and files, by name."""
    return {
        path.name: path.read_bytes() for path in sorted((room.folder / "feeds/media").iterdir())
    }


def packs(room: Newsroom) -> list[Path]:
    """Return the files of kept renditions."""
    return sorted((room.folder / "state/renditions").iterdir())


def kinds(room: Newsroom) -> list[str]:
    """Return the sizes and formats that are published: the ends of the names."""
    return sorted(re.sub(r"-[0-9a-f]{10}\.", ".", name.partition("-")[2]) for name in media(room))


@pytest.mark.long
def test_a_wide_picture_is_published_in_sizes(room: Newsroom) -> None:
    """The original is not; every file is named by its own bytes and carries no metadata."""
    assert kinds(room) == [
        "pier-1600.jpg",
        "pier-1600.webp",
        "pier-480.jpg",
        "pier-480.webp",
        "pier-960.jpg",
        "pier-960.webp",
        "pier-card.jpg",
    ]
    for name, data in media(room).items():
        assert name.startswith(hashlib.sha256(data).hexdigest()[:16])
        assert COMMENT not in data
    assert lost_media(room) == set()


@pytest.mark.long
def test_feeds_get_at_most_1600_pixels(room: Newsroom) -> None:
    """The address, size and length in feeds are those of the widest file."""
    item = pier(room)

    assert re.search(r"pier-1600-[0-9a-f]{10}\.jpg$", item["image"])
    assert 'width="1600" height="433"' in item["content_html"]
    assert "pier-480" not in str(item)


def test_an_attached_picture_is_offered_whole(newsroom: Newsroom) -> None:
    """It is there to be downloaded; metadata is removed all the same."""
    newsroom.drop("pier.jpg", photo())
    newsroom.drop("a.toml", entry_file("Pier", attachments='["pier.jpg"]'))

    newsroom.build()

    (data,) = media(newsroom).values()
    assert COMMENT not in data
    with Image.open(BytesIO(data)) as image:
        assert image.size == (1700, 460)


@pytest.mark.long
def test_a_rebuild_that_fails_loses_no_picture(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its ledger is committed before it renders; the file is then as it was, and read again."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    settings = newsroom.folder / "config.toml"
    settings.write_text(settings.read_text().replace("Example news", "Other news"))
    newsroom.drop("b.jpg", photo())
    newsroom.drop("b.toml", entry_file("Pier", image='"b.jpg"', image_alt='"A pier"'))
    monkeypatch.setattr("dateline.publish.produce._ALONE", 1)
    with monkeypatch.context() as failing:
        failing.setattr(LiveDocuments, "update", Mock(side_effect=StoreError("It is away.")))
        with pytest.raises(StoreError):
            newsroom.build()

    newsroom.build()

    feeds = newsroom.folder / "feeds"
    listed = {one.path for one in manifest.documents(feeds) if is_media(one.path)}
    assert listed == {f"media/{path.name}" for path in (feeds / "media").iterdir()}
    assert len(listed) > 1
    newsroom.build()
    assert newsroom.log[-1].documents == ()


@pytest.mark.long
def test_pictures_in_a_text_have_no_card(newsroom: Newsroom) -> None:
    """Each has its sizes, in the order of the text; only `image` is cut for social networks."""
    newsroom.drop("a.jpg", photo((700, 450)))
    newsroom.drop("b.png", photo((900, 450), kind="PNG"))
    newsroom.drop("a.toml", entry_file("Two", body='"![A](a.jpg) and ![B](b.png \\"Caption\\")."'))

    newsroom.build()

    assert not [name for name in kinds(newsroom) if "card" in name]
    page = (newsroom.folder / "feeds/2026/11/two.html").read_text()
    assert page.count("srcset=") >= 3
    assert lost_media(newsroom) == set()


@pytest.mark.long
def test_renditions_are_made_once(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build of everything reads them again, until the picture changes."""
    before = media(room)
    monkeypatch.setattr(renditions, "renditions", lambda *_: pytest.fail("made again"))
    room.drop("a.toml", entry_file("Pier", body='"Another text."', **FIELDS))

    room.build()

    assert media(room) == before


@pytest.mark.long
def test_another_original_has_other_renditions(room: Newsroom) -> None:
    """Those of the former one stay for cached pages, until the entry is withdrawn."""
    before = media(room)
    room.drop("pier.jpg", photo(colour="red"))

    room.build()

    assert len(media(room)) == 2 * len(before)
    (room.folder / "entries/a.toml").unlink()
    room.build()
    room.build(after=timedelta(hours=1))
    assert media(room) == {}
    assert packs(room) == []


@pytest.mark.long
def test_a_takedown_leaves_no_rendition(room: Newsroom) -> None:
    """Neither in public nor in the state."""
    item = pier(room)
    (room.folder / "entries/a.toml").unlink()

    publish.build(
        room.config,
        publish.RunRequest(now=room.now + timedelta(hours=1), clock=room.now, takedown=item["id"]),
    )

    assert media(room) == {}
    assert packs(room) == []


@pytest.mark.long
def test_a_picture_under_embargo_is_made_early_and_published_in_time(newsroom: Newsroom) -> None:
    """Its renditions wait in the state, where no reader reaches them."""
    newsroom.drop("pier.jpg", photo())
    newsroom.drop("a.toml", entry_file("Pier", date='"2026-11-25T12:00:00Z"', **FIELDS))

    newsroom.build()

    assert len(packs(newsroom)) == 1
    assert not (newsroom.folder / "feeds/media").exists() or media(newsroom) == {}
    newsroom.build(after=timedelta(hours=3))
    assert len(media(newsroom)) == 7


@pytest.mark.long
@pytest.mark.parametrize("name", ["state", "state/renditions"])
def test_a_lost_state_changes_no_rendition(
    name: str, room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are taken from the published ones: another version of Pillow makes other bytes."""
    before, id_ = media(room), pier(room)["id"]
    monkeypatch.setattr(renditions, "renditions", lambda *_: pytest.fail("made again"))
    shutil.rmtree(room.folder / name)
    room.drop("a.toml", entry_file("Pier", body='"Another text."', **FIELDS))

    room.build()

    assert media(room) == before
    assert pier(room)["id"] == id_
    assert len(packs(room)) == 1


@pytest.mark.long
def test_a_damaged_pack_is_not_used(room: Newsroom) -> None:
    """Its renditions are taken from the published ones."""
    before = media(room)
    (pack,) = packs(room)
    whole = pack.read_bytes()
    pack.write_bytes(whole[:-1] + b"?")
    room.drop("a.toml", entry_file("Pier", body='"Another text."', **FIELDS))

    room.build()

    assert media(room) == before
    assert pack.read_bytes() == whole


@pytest.mark.long
def test_renditions_are_the_same_on_every_machine(room: Newsroom) -> None:
    """Without state and documents, the same picture has the same files."""
    before = media(room)
    shutil.rmtree(room.folder / "state")
    shutil.rmtree(room.folder / "feeds")

    room.build()

    assert media(room) == before


@pytest.mark.long
def test_renditions_of_pictures_that_were_never_published_are_deleted(room: Newsroom) -> None:
    """A build of everything deletes them a month later; those of published ones stay."""
    room.drop("draft.jpg", photo(colour="red"))
    room.drop("d.toml", entry_file("D", draft="true", image='"draft.jpg"', image_alt='"D"'))
    room.build()
    published, draft = sorted(packs(room), key=lambda path: path.stat().st_mtime_ns)
    (room.folder / "entries/d.toml").unlink()
    for pack in (published, draft):
        os.utime(pack, (0, 0))

    publish.build(
        room.config,
        publish.RunRequest(
            now=room.now + timedelta(minutes=1), clock=datetime.now(UTC), rebuild=True
        ),
    )

    assert packs(room) == [published]


@pytest.mark.long
def test_renditions_that_cannot_be_kept_are_published(newsroom: Newsroom) -> None:
    """They are made again each time."""
    (newsroom.folder / "state").mkdir()
    (newsroom.folder / "state/renditions").write_text("in the way")
    newsroom.drop("pier.jpg", photo())
    newsroom.drop("a.toml", entry_file("Pier", **FIELDS))

    newsroom.build()

    assert len(media(newsroom)) == 7


def test_a_check_keeps_nothing(newsroom: Newsroom) -> None:
    """It only reads."""
    newsroom.drop("pier.jpg", photo())
    newsroom.drop("a.toml", entry_file("Pier", **FIELDS))

    check(newsroom.config, publish.RunRequest(now=newsroom.now, clock=newsroom.now))

    assert not (newsroom.folder / "state/renditions").exists()
