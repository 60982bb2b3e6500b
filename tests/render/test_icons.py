"""Icons and the web manifest, with and without an icon of the publication's own."""

from __future__ import annotations

import json
import re
from io import BytesIO

import pytest
from lxml import etree  # type: ignore[import-untyped]  # it carries no types
from PIL import Image

from dateline.config.colours import PAPER, contrast
from dateline.entries.media import tile
from dateline.render.pages import icons
from dateline.serve.app import create_app
from dateline.serve.proxy import front
from support.publication import CONFIG, Newsroom, entry_file
from support.samples import sample_publication

SQUARE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h7v7z"/></svg>'


def configure(room: Newsroom, look: str) -> None:
    """Give the newsroom a `[look]`."""
    (room.folder / "config.toml").write_text(f"{CONFIG}\n[look]\n{look}\n", encoding="utf-8")


def picture(side: int, colour: str) -> bytes:
    """Return a square PNG of one colour."""
    buffer = BytesIO()
    Image.new("RGB", (side, side), colour).save(buffer, "PNG")
    return buffer.getvalue()


def links(room: Newsroom, path: str = "index.html") -> dict[str, str]:
    """Return the files that a page's head names, by their relations."""
    text = room.feeds()[path][0].decode()
    found = re.findall(r'<link rel="(icon|apple-touch-icon|manifest)" href="([^"]*)">', text)
    return dict(found)


def test_a_publication_without_an_icon_has_one_of_its_first_letter(newsroom: Newsroom) -> None:
    """It is in the accent colour: a drawing, a bitmap for telephones, and `favicon.ico`."""
    configure(newsroom, 'accent = "#990000"')
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    made = {path: data for path, (data, _) in newsroom.feeds().items() if path in icons.TYPES}

    drawing = etree.fromstring(made["icon.svg"])
    bitmaps = [Image.open(BytesIO(made[name])) for name in ("icon.png", "favicon.ico")]

    assert drawing.findtext("{*}text") == "E"
    assert drawing.find("{*}rect").get("fill") == "#990000"
    assert [(one.format, one.size) for one in bitmaps] == [("PNG", (512, 512)), ("ICO", (48, 48))]
    assert {one.convert("RGB").getpixel((1, 1)) for one in bitmaps} == {(0x99, 0, 0)}
    assert links(newsroom, "2026/11/report-on-lebanon.html") == {
        "icon": "../../icon.svg",
        "apple-touch-icon": "../../icon.png",
        "manifest": "../../manifest.webmanifest",
    }


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "data", "touch"),
    [("icon.svg", SQUARE, False), ("icon.png", picture(64, "navy"), True)],
)
def test_an_icon_of_its_own_replaces_the_one_that_was_made(
    name: str, data: bytes, newsroom: Newsroom, *, touch: bool
) -> None:
    """The addresses of the one before redirect to it, and `favicon.ico` shows a bitmap."""
    newsroom.drop("a.toml", entry_file())
    newsroom.build()
    (newsroom.folder / name).write_bytes(data)
    configure(newsroom, f'icon = "{name}"')
    newsroom.build()
    client = create_app(newsroom.config).test_client()
    own = newsroom.config.publication.theme.icon

    favicon = Image.open(BytesIO(client.get("/favicon.ico").data)).convert("RGB")

    assert own
    assert links(newsroom).get("icon") == f"./{own.path}"
    assert ("apple-touch-icon" in links(newsroom)) == touch
    assert client.get("/icon.svg").headers["Location"] == own.path
    assert favicon.getpixel((1, 1)) == ((0, 0, 128) if touch else (0x0B, 0x53, 0x94))
    assert json.loads(client.get("/manifest.webmanifest").data)["icons"] == [
        {"src": own.path, "sizes": "64x64" if touch else "any", "type": own.media_type}
    ]


def test_the_manifest_has_the_names_and_colours_of_the_publication(newsroom: Newsroom) -> None:
    """Its addresses are relative, so that it holds below any path."""
    configure(newsroom, 'accent_dark = "#ff9999"')
    newsroom.build()

    found = json.loads(newsroom.feeds()["manifest.webmanifest"][0])

    colour = found.pop("theme_color")
    assert contrast(colour, PAPER) >= 4.5
    assert found == {
        "name": "Example news",
        "description": "What happens at Example",
        "lang": "en",
        "dir": "ltr",
        "start_url": "./",
        "display": "browser",
        "background_color": "#ffffff",
        "icons": [
            {"src": "icon.svg", "sizes": "any", "type": "image/svg+xml"},
            {"src": "icon.png", "sizes": "512x512", "type": "image/png"},
        ],
    }
    page = newsroom.feeds()["index.html"][0].decode()
    assert re.findall(r'<meta name="theme-color" media="([^"]*)" content="([^"]*)">', page) == [
        ("(prefers-color-scheme: light)", colour),
        ("(prefers-color-scheme: dark)", "#161616"),
    ]


@pytest.mark.parametrize("title", ["Harbour", "مرفأ", "« écho »", "…", "<b>", "ß", "港口"])
def test_every_title_has_an_icon(title: str) -> None:
    """The drawing is well formed, and the bitmap shows something on its ground."""
    made = {one.path: one.data for one in icons.documents(sample_publication(title=title))}

    drawing = etree.fromstring(made["icon.svg"])
    colours = Image.open(BytesIO(made["icon.png"])).getcolors(100_000)

    letters = "".join(one for one in title.upper() if one.isalnum())
    assert drawing.findtext("{*}text").strip() == letters[:1]
    assert colours
    assert len(colours) > 1


def test_the_same_letter_and_colour_give_the_same_bytes() -> None:
    """A run without changes publishes no icon again."""
    pairs = [(tile.painted("H", "#0b5394", 64), tile.favicon("H", "#0b5394", 48)) for _ in "ab"]

    assert pairs[0] == pairs[1]


@pytest.mark.parametrize("program", ["nginx", "caddy"])
def test_proxies_serve_the_icons_themselves(program: str, newsroom: Newsroom) -> None:
    """Each has its media type, which browsers may not guess."""
    printed = front(newsroom.config, program, port=80)  # type: ignore[arg-type]  # one of both

    for path, media_type in icons.TYPES.items():
        assert path.replace(".", "\\.") in printed
        assert media_type in printed
