"""A page without a picture has the card of its publication in social networks."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from dateline.entries.media.cards import card
from dateline.render.pages import Pages
from support.publication import picture
from support.samples import sample_entry, sample_feed, sample_publication

PUBLICATION = sample_publication()


def opened(title: str, site: str = "news.example.org", logo: bytes = b"") -> Image.Image:
    """Draw a card and open it."""
    return Image.open(BytesIO(card(title, site, "#0b5394", logo))).convert("RGB")


def test_a_page_without_a_picture_names_the_card() -> None:
    """It is among the fixed documents, under the address that pages have."""
    pages = Pages(PUBLICATION, [sample_feed()])

    page = pages.entry(sample_entry(image=None)).data.decode()

    (document,) = [one for one in pages.fixed() if one.path == "card.png"]
    assert f'<meta property="og:image" content="{PUBLICATION.url}{document.path}">' in page
    assert '<meta property="og:image:width" content="1200">' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page
    assert "og:image:alt" not in page
    with Image.open(BytesIO(document.data)) as image:
        assert (image.format, image.size) == ("PNG", (1200, 630))


def test_the_card_has_the_accent_colour_and_letters() -> None:
    """White letters stand on it; the same card has the same bytes."""
    image = opened("Harbour news")

    colours = {colour for _, colour in image.getcolors(9999) or []}
    assert image.getpixel((5, 5)) == (0x0B, 0x53, 0x94)
    assert (255, 255, 255) in colours
    card.cache_clear()
    assert opened("Harbour news").tobytes() == image.tobytes()


@pytest.mark.long
def test_a_title_in_another_script_is_replaced_by_the_name_of_the_site() -> None:
    """Pillow's font has no letters for it."""
    assert opened("أخبار المرفأ").tobytes() == opened("news.example.org").tobytes()
    assert opened("Météo").tobytes() == opened("news.example.org").tobytes()
    assert opened("Weather").tobytes() != opened("news.example.org").tobytes()


def test_a_long_title_is_within_the_margins() -> None:
    """Its letters are smaller, and what does not fit is left out."""
    image = opened("Organisation for the Protection of Harbours " * 6)

    edge = image.crop((0, 0, 60, 630)).tobytes() + image.crop((1140, 0, 1200, 630)).tobytes()
    assert edge == bytes((0x0B, 0x53, 0x94)) * (len(edge) // 3)


def test_a_logo_stands_above_the_title() -> None:
    """On white, so that it can be seen whatever its colour."""
    image = opened("Harbour news", logo=picture("red"))

    assert image.getpixel((84, 84)) == (255, 255, 255)
    assert image.getpixel((107, 106)) == (255, 0, 0)
