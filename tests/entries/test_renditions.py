"""A picture becomes smaller files, which are upright, plain and never wider than it."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from dateline.entries import media
from dateline.entries.media import Rendered, metadata
from dateline.entries.media.renditions import (
    WIDTHS,
    pixels,
    renditions,
    restored,
)
from dateline.errors import MediaError
from dateline.model.media import CARD_SIZE

ORIENTATION = 0x0112


def drawn(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """Draw a picture with some detail: red on the left, blue on the right."""
    image = Image.radial_gradient("L").resize(size).convert("RGB")
    half = size[0] // 2
    image.paste(
        Image.new("RGB", (half, size[1]), "red"),
        (0, 0),
        image.convert("L").crop((0, 0, half, size[1])),
    )
    image.paste("blue", (half, 0, *size))
    return image.convert(mode)


def saved(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """Return the bytes of a picture."""
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def made(image: Image.Image, kind: str = "JPEG", **options: object) -> tuple[Rendered, ...]:
    """Return the renditions of a picture saved as `kind`."""
    return renditions(saved(image, kind, **options), "a.jpg")


def widths(files: tuple[Rendered, ...], extension: str) -> list[int]:
    """Return the widths of the files in a format, without the card."""
    return [one.width for one in files if one.extension == extension and one.part != "card"]


def opened(one: Rendered) -> Image.Image:
    """Open a rendition with Pillow."""
    return Image.open(BytesIO(one.data))


def test_a_wide_picture_is_replaced() -> None:
    """The original is not among its files; the widest one takes its place."""
    files = made(drawn((2400, 420)))

    assert [one.part for one in files] == ["whole", *["rendition"] * 5]
    assert widths(files, "jpg") == widths(files, "webp") == [1600, 960, 480]
    assert [one.height for one in files[:3]] == [280, 168, 84]


def test_a_narrower_picture_stays() -> None:
    """It has narrower files in its own format, and WebP in its own width as well."""
    files = made(drawn((1200, 60)))

    assert "whole" not in {one.part for one in files}
    assert widths(files, "jpg") == [960, 480]
    assert widths(files, "webp") == [1200, 960, 480]


@pytest.mark.parametrize(
    ("kind", "mode", "extensions"),
    [
        ("JPEG", "L", {"jpg", "webp"}),
        ("JPEG", "CMYK", {"jpg", "webp"}),
        ("PNG", "RGBA", {"png", "webp", "jpg"}),
        ("PNG", "P", {"png", "webp", "jpg"}),
        ("PNG", "1", {"png", "webp", "jpg"}),
        ("PNG", "LA", {"png", "webp", "jpg"}),
        ("WEBP", "RGB", {"webp", "jpg"}),
    ],
)
def test_every_kind_of_picture_can_be_scaled(kind: str, mode: str, extensions: set[str]) -> None:
    """Each file has the format and the size that it says; the card is always a JPEG."""
    files = made(
        drawn((1700, 60)).convert("L").convert(mode) if mode == "LA" else drawn((1700, 60), mode),
        kind,
    )

    assert {one.extension for one in files} <= extensions
    assert files[0].width == 1600
    for one in files:
        with opened(one) as image:
            assert image.size == (one.width, one.height)
            assert image.format == {"jpg": "JPEG"}.get(one.extension, one.extension.upper())
            assert image.mode != "CMYK"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_renditions_are_upright_and_carry_no_metadata(orientation: int) -> None:
    """As `clean` turns the picture, so its renditions are; EXIF and the profile are left out."""
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = saved(drawn((600, 500)), exif=tags, icc_profile=profile, comment=b"secret")
    whole = media.clean(data, "a.jpg")

    files = renditions(data, "a.jpg")

    small = next(one for one in files if one.width == 480)
    expected = Image.open(BytesIO(whole.data)).convert("L").resize((8, 8))
    actual = opened(small).convert("L").resize((8, 8))
    assert abs(small.height - whole.height * 480 / whole.width) < 1
    pairs = zip(expected.tobytes(), actual.tobytes(), strict=True)
    assert max(abs(a - b) for a, b in pairs) < 30
    for one in files:
        assert dict(opened(one).getexif()) == {}
        assert not {"icc_profile", "comment", "exif"} & {*opened(one).info}


def test_colours_of_another_space_are_converted() -> None:
    """A picture looks the same without its profile; here that takes red for blue."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    other = profile.replace(b"rXYZ", b"?").replace(b"bXYZ", b"rXYZ").replace(b"?", b"bXYZ")

    (small, *_) = made(Image.new("RGB", (500, 9), "red"), "PNG", icc_profile=other)

    red, _, blue = opened(small).convert("RGB").tobytes()[:3]
    assert blue > red + 100


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (drawn((480, 900)), "JPEG"),
        (drawn((900, 700)), "GIF"),
        (Image.new("I;16", (900, 700)), "PNG"),
    ],
)
def test_some_pictures_stay_as_they_are(image: Image.Image, kind: str) -> None:
    """Narrow ones, GIF, and those with 16 bits a channel have no renditions."""
    assert pixels(saved(image, kind)) == 0


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "GIF"])
def test_animated_pictures_stay_as_they_are(kind: str) -> None:
    """A rendition would not move."""
    frames = [drawn((900, 20)), drawn((900, 20)).rotate(180)]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:])

    assert pixels(data) == 0


@pytest.mark.parametrize("end", [400, 2_000])
def test_a_damaged_picture_is_refused(end: int) -> None:
    """Half a file is not published, not even small."""
    with pytest.raises(MediaError, match="media-broken"):
        renditions(saved(drawn((1700, 60)))[:end], "a.jpg")


def test_a_picture_with_very_many_scans_is_refused() -> None:
    """Each scan takes as long as a whole picture: a small file could take hours."""
    data = saved(drawn((900, 700)), progressive=True)
    start = data.index(b"\xff\xda")

    with pytest.raises(MediaError, match="media-broken"):
        media.clean(data[:start] + data[start:-2] * 60 + data[-2:], "a.jpg")


def test_a_picture_with_a_video_behind_it_is_as_one_without() -> None:
    """Phones put a video behind a photograph, in which the signs of a scan stand by chance."""
    data = saved(drawn((900, 60)))
    video = b"\0\0\0\x18ftypmp42" + 101 * b"\xff\xda" + b"\0" * 30

    assert media.clean(data + video, "a.jpg") == media.clean(data, "a.jpg")
    assert renditions(data + video, "a.jpg") == renditions(data, "a.jpg")
    assert metadata.jpeg(data + video) == metadata.jpeg(data)


@pytest.mark.parametrize(
    "hidden", [b"\xff\x01\xff\xfe\0\4\xff\xd9", b"\xff\xd0\0\2\xff\xd9", b"abc"]
)
def test_scans_are_counted_behind_what_looks_like_the_end(hidden: bytes) -> None:
    """Decoders go on behind some signs that are no end for them."""
    data = saved(drawn((900, 60)), progressive=True)
    start = data.index(b"\xff\xda")
    many = data[:start] + hidden + data[start:-2] * 60 + data[-2:]

    for take in (media.clean, renditions):
        with pytest.raises(MediaError, match="media-broken"):
            take(many, "a.jpg")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize(
    "size", [(500, 17_000), pytest.param((1700, 18_000), marks=pytest.mark.long)]
)
def test_a_picture_too_tall_for_webp_has_files_in_its_own_format(
    kind: str, size: tuple[int, int]
) -> None:
    """WebP has at most 16,383 pixels a side; narrower WebP files alone would be shown blurred."""
    files = renditions(saved(Image.new("RGB", size, "red"), kind), "a.jpg")

    assert widths(files, kind.lower().replace("jpeg", "jpg")) == [
        width for width in reversed(WIDTHS) if width < size[0]
    ]
    assert not widths(files, "webp")


@pytest.mark.long
def test_the_card_fits_social_networks() -> None:
    """It is cut from the picture, whatever its shape; a small picture has none."""
    for size in ((1300, 430), (800, 900)):
        card = made(drawn(size))[-1]
        assert (card.part, card.extension, (card.width, card.height)) == ("card", "jpg", CARD_SIZE)
    assert made(drawn((700, 700)))[-1].part == "rendition"


@settings(max_examples=5, deadline=None)
@given(
    width=st.integers(1, 2000), height=st.integers(1, 100), kind=st.sampled_from(["JPEG", "PNG"])
)
def test_no_rendition_is_wider_or_heavier_than_the_picture(
    width: int, height: int, kind: str
) -> None:
    """The narrower one is smaller; the same bytes become the same files."""
    data = saved(drawn((width + 1, height)), kind)
    if not pixels(data):
        assert width + 1 <= WIDTHS[0]
        return

    files = renditions(data, "a.jpg")

    assert files == renditions(data, "a.jpg")
    for extension in ("jpg", "png", "webp"):
        series = [one for one in files if one.extension == extension and one.part != "card"]
        assert [len(one.data) for one in series] == sorted(
            {len(one.data) for one in series}, reverse=True
        )
    assert all(one.width <= min(width + 1, WIDTHS[-1]) for one in files if one.part != "card")


@pytest.mark.parametrize("size", [(2000, 70), (1600, 60), (900, 430), (500, 300)])
def test_published_files_are_as_good_as_new_ones(size: tuple[int, int]) -> None:
    """In any order they are what was made; where one is missing, all are made again."""
    data = saved(drawn(size))
    files = renditions(data, "a.jpg")
    found = [
        Rendered(
            part="card" if one.part == "card" else "rendition",
            extension=one.extension,
            width=one.width,
            height=one.height,
            data=one.data,
        )
        for one in files
    ]

    assert restored(found[::-1], data) == files
    assert restored(found[1:], data) == ()
