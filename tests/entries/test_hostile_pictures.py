"""Pictures of very many parts cost no more than others: `data/attacks/parts.toml`."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path
from time import process_time

import pytest
from PIL import Image

from dateline.entries.media import clean, metadata
from dateline.entries.media.picture_store import PictureStore
from dateline.errors import MediaError
from support.attacks import Attack, attacks, name_of

LENGTH = 12_000_000  # bytes
SECONDS = 1.0  # of the processor, also on a busy machine; each took from three to ten
SIZE = (600, 400)  # pixels, so that it would have renditions


def hostile(attack: Attack) -> bytes:
    """Return the picture of an attack."""
    out = BytesIO()
    Image.new("RGB", SIZE, "red").save(out, attack["kind"])
    whole, at = out.getvalue(), int(attack["at"])
    before, piece, after = (
        str(attack.get(key, "")).encode("latin-1") for key in ("before", "piece", "after")
    )
    parts = before + piece * (LENGTH // len(piece)) + after
    data = whole[:at] + parts + whole[at:]
    if attack["kind"] == "WEBP":
        data = data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
    return data


@pytest.mark.parametrize("attack", attacks("parts", "picture"), ids=name_of)
def test_a_picture_of_very_many_parts_is_refused_at_once(attack: Attack, tmp_path: Path) -> None:
    """Nothing reads on after the first twenty thousand: at every door one sentence says so."""
    data = hostile(attack)
    store = PictureStore(folder=tmp_path / "kept", live=tmp_path / "live")

    begun = process_time()
    for take in (clean, store.picture):
        with pytest.raises(MediaError) as caught:
            take(data, "photo.jpg")
        assert (caught.value.code, caught.value.found) == ("media-too-hard", "photo.jpg")
    assert process_time() - begun < SECONDS


@pytest.mark.long
@pytest.mark.parametrize("kind", ["GIF", "JPEG", "PNG", "WEBP"])
def test_a_picture_of_large_parts_is_accepted(kind: str) -> None:
    """Programs write them: here about two million bytes of noise."""
    out = BytesIO()
    Image.effect_noise((2000, 1200), 200).save(out, kind, quality=100)
    assert len(out.getvalue()) > 1_000_000

    assert clean(out.getvalue(), "noise.png").width == 2000


@pytest.mark.parametrize("between", [b"\0\0\0\0", b"\xff\xff\xff", b"\xff\xe1\0\0"])
def test_a_jpeg_with_padding_between_its_segments_is_accepted(between: bytes) -> None:
    """Decoders accept a little of it, too; it is removed."""
    out = BytesIO()
    Image.new("RGB", (40, 20), "red").save(out, "JPEG")
    data = out.getvalue()

    assert clean(data[:20] + between + data[20:], "a.jpg").data == clean(data, "a.jpg").data


def test_a_jpeg_without_a_marker_where_one_must_stand_is_refused() -> None:
    """Also where the last byte of the segment before looks like the beginning of one."""
    out = BytesIO()
    Image.new("RGB", (40, 20), "red").save(out, "JPEG")
    data = out.getvalue()
    comment = b"\xff\xfe\0\3\xff"
    assert clean(data[:20] + comment + data[20:], "a.jpg").data == clean(data, "a.jpg").data

    with pytest.raises(ValueError, match="no JPEG marker"):
        metadata.jpeg(data[:20] + comment + b"\xe0\0\2" + data[20:])


def test_an_animation_of_many_frames_is_accepted() -> None:
    """A GIF may have 20,000 frames, each with its delay."""
    out = BytesIO()
    Image.new("P", (8, 8)).save(out, "GIF")
    data = out.getvalue()
    frame = b"!\xf9\4\0\5\0\0\0" + data[data.index(b",") : -1]
    animation = data[:-1] + frame * 15_000 + b";"

    metadata.check_parts(animation)
    assert metadata.gif(animation) == animation
