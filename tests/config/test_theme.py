"""A newsroom's own logo, colours and templates on its pages, and their safety."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from dateline import config as configuration
from dateline.config import templates
from dateline.config.colours import (
    ACCENT,
    DARK_PAPER,
    ENOUGH,
    PAPER,
    colours,
    contrast,
    nearest,
    shown,
)
from dateline.config.svg import drawing
from dateline.config.watcher import ConfigWatcher
from dateline.errors import ConfigError, DatelineError, TemplateError
from dateline.model import Theme
from dateline.publish.produce import fingerprints
from dateline.render.pages import Pages
from dateline.render.pages.trial import trial
from dateline.serve.app import create_app
from dateline.serve.cache import policy_of
from dateline.serve.proxy import front
from support.paths import ROOT
from support.publication import CONFIG, Newsroom, entry_file, picture
from support.samples import sample_entry, sample_feed, sample_publication
from support.serving import serve, until

STATIC = ROOT / "dateline/render/pages/static"
TEMPLATES = STATIC.parent / "templates"
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'viewBox="0 0 120 40"{}>{}</svg>'
)
LOGO = SVG.format("", '<path d="M0 0h120v40z" fill="#0b5394"/>')
ICON = LOGO.replace("120 40", "40 40")
BASE = """{% extends "dateline/base.html" %}
{% block meta %}<meta name="house" content="ours">{% endblock %}
{% block footer %}{{ super() }}<p>Our own foot</p>{% endblock %}
"""


def write_theme(
    folder: Path, look: str = "", files: Mapping[str, str | bytes] | None = None
) -> None:
    """Write a configuration with these lines under `[look]`, and files beside it."""
    for name, text in (files or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (folder / "config.toml").write_text(f"{CONFIG}\n[look]\n{look}\n", encoding="utf-8")


def faults(folder: Path) -> list[str]:
    """Return the messages about an invalid configuration."""
    with pytest.raises(ConfigError) as caught:
        configuration.load(folder / "config.toml")
    return list(caught.value.faults)


def page(room: Newsroom, name: str = "index.html") -> str:
    """Return a published page."""
    return (room.folder / "feeds" / name).read_text("utf-8")


def entry_page(room: Newsroom) -> str:
    """Return the path of the only entry's page."""
    (found,) = (room.folder / "feeds/2026").rglob("[!i]*.html")  # not index.html
    return found.relative_to(room.folder / "feeds").as_posix()


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom with an entry."""
    newsroom.drop("report.toml", entry_file())
    return newsroom


# ---- Colours


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#767676", "#ffffff", 4.54),  # the lightest grey that passes on white
        ("#777777", "#ffffff", 4.48),
        ("#949494", "#ffffff", 3.03),
        ("#ff0000", "#ffffff", 4.0),
        ("#0000ff", "#ffffff", 8.59),
        ("#ffff00", "#ffffff", 1.07),
        ("#00ff00", "#000000", 15.3),
    ],
)
def test_contrast_follows_wcag(one: str, other: str, expected: float) -> None:
    """Contrast is the same whichever colour is named first."""
    assert round(contrast(one, other), 2) == pytest.approx(expected)
    assert contrast(one, other) == contrast(other, one)


def test_a_contrast_is_rounded_down() -> None:
    """4.499 fails, so it is not shown as 4.5."""
    assert [shown(4.499), shown(4.5), shown(21)] == ["4.49:1", "4.5:1", "21:1"]


@pytest.mark.parametrize("paper", [PAPER, DARK_PAPER])
@pytest.mark.parametrize("colour", ["#ffd700", "#1e90ff", "#ff0000", "#808080", "#000000", "#fff"])
def test_the_suggested_shade_is_the_nearest_that_passes(colour: str, paper: str) -> None:
    """A colour with enough contrast stays as it is."""
    colour = colour if len(colour) > 4 else "#ffffff"

    found = nearest(colour, paper)

    assert contrast(found, paper) >= ENOUGH
    assert (found == colour) == (contrast(colour, paper) >= ENOUGH)
    assert found == colour or contrast(found, paper) < ENOUGH + 0.15


def test_the_colours_for_contrast_are_those_of_the_style_sheet() -> None:
    """Contrast is calculated with the colours that browsers paint."""
    style = (STATIC / "style.css").read_text("utf-8")
    papers, accents = (
        [one if len(one) > 4 else re.sub("([0-9a-f])", r"\1\1", one) for one in found[:2]]
        for found in (re.findall(rf"--{name}: (#\w+)", style) for name in ("paper", "accent"))
    )

    assert papers == [PAPER, DARK_PAPER]
    assert accents[0] == ACCENT
    assert all(contrast(*pair) >= ENOUGH for pair in zip(accents, papers, strict=True))


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        ({}, []),
        ({"accent": "#990000", "accent_dark": "#ff9999"}, ["#990000", "#ff9999"]),
        ({"accent": "#990000"}, ["#990000", nearest("#990000", DARK_PAPER)]),
        ({"accent_dark": "#ff9999"}, [nearest("#ff9999", PAPER), "#ff9999"]),
    ],
)
def test_colours_are_set_for_light_and_for_dark(look: dict[str, str], expected: list[str]) -> None:
    """One colour gives the other; both are set where a page has no style of its own."""
    assert re.findall(r"--accent: (#\w+)", colours(Theme(**look)).decode()) == expected  # type: ignore[arg-type]  # of text


# ---- Faults


@pytest.mark.parametrize(
    ("look", "files", "expected"),
    [
        ('logo = ""', {}, "look.logo: must not be empty."),
        ("logo = 5", {}, "look.logo: must be text between quotes, like logo ="),
        ('lgoo = "x.svg"', {}, 'look.lgoo: there is no key "lgoo" here. Did you mean logo?'),
        ('logo = "logo.svg"', {}, "look.logo: there is no file logo.svg beside config.toml (No su"),
        ('logo = "a\\u0000b"', {}, "look.logo: "),
        ('logo = "entries"', {}, "look.logo: there is no file entries beside config.toml (Is a d"),
        ('logo = "l.png"', {"l.png": b"\x89PNG\r\n\x1a\n"}, "l.png is no SVG, PNG, JPEG or WebP"),
        ('logo = "l.gif"', {"l.gif": picture(kind="GIF")}, "l.gif must be an SVG, PNG, JPEG or W"),
        ('logo = "l.pdf"', {"l.pdf": "%PDF-1.7"}, "l.pdf is no SVG, PNG, JPEG or WebP picture"),
        ('logo = "l.svg"', {"l.svg": LOGO + " " * 10**6}, "l.svg is larger than 1 MB; it is on ev"),
        ('logo = "l.svg"', {"l.svg": "\n<svg>"}, "look.logo: l.svg is no SVG that can be read: i"),
        ('icon = "i.svg"', {"i.svg": LOGO}, "look.icon: i.svg has 120 x 40 pixels; an icon must "),
        ('icon = "i.png"', {"i.png": picture()}, "look.icon: i.png has 8 x 6 pixels; an icon mus"),
        ('accent = "blue"', {}, 'look.accent: must be a colour like "#0b5394".'),
        ('accent = "#12345"', {}, 'look.accent: must be a colour like "#0b5394".'),
        (
            'accent = "#1E90FF"',
            {},
            (
                "look.accent: has a contrast of 3.23:1 on paper of #ffffff, and cannot be read "
                'below 4.5:1 (WCAG 2.2, 1.4.3). "#1977d3" would do.'
            ),
        ),
        (
            'accent_dark = "#900"',
            {},
            "look.accent_dark: has a contrast of 2.02:1 on paper of #161616, and cannot be read",
        ),
        ('templates = "nowhere"', {}, "look.templates: there is no folder nowhere beside config"),
        ('templates = "config.toml"', {}, "look.templates: there is no folder config.toml besid"),
        ('templates = "entries/t"', {}, "[look]: templates must be a folder of its own, such as"),
        ('templates = "."', {}, "[look]: templates must be a folder of its own, such as"),
    ],
)
def test_a_fault_has_a_line_and_a_remedy(
    look: str, files: Mapping[str, str | bytes], expected: str, newsroom: Newsroom
) -> None:
    """Each fault is one sentence, with the line of the key."""
    write_theme(newsroom.folder, look, files)

    (said,) = faults(newsroom.folder)

    assert expected in said
    assert re.match(r"config\.toml, line \d+, .*[.?]$", said)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("list.html", "\n{% for x in %}", "t/list.html, line 2: Expected an expression, got 'end"),
        ("entry.html", "{% block main %}", "t/entry.html, line 1: Unexpected end of template"),
        ("entry.html", "{{ entry | shout }}", "t/entry.html, line 1: No filter named 'shout'."),
        ("parts/a.html", '\n{% include "b.html" %}', 'a.html, line 2: there is no template "b.h'),
        (
            "base.html",
            '{% extends "base.html" %}',
            't/base.html, line 1: it leads to itself; Dateline\'s own is "dateline/base.html".',
        ),
        ("list.html", b"\xff\xfe", "t/list.html: is not saved as UTF-8: save it as UTF-8."),
        ("list.html", "x" * 1_000_001, "t/list.html: is larger than 1 MB."),
        ("style.css", b"\xe9", "t/style.css: is not saved as UTF-8: save it as UTF-8."),
    ],
)
def test_an_invalid_template_is_reported_before_rendering(
    name: str, text: str | bytes, expected: str, newsroom: Newsroom
) -> None:
    """The message names the file, the line and the fault."""
    write_theme(newsroom.folder, 'templates = "t"', {f"t/{name}": text})

    (said,) = faults(newsroom.folder)

    assert expected in said
    assert said.endswith(".")


def test_all_faults_of_theme_files_are_reported_at_once(newsroom: Newsroom) -> None:
    """Faults of `config.toml` come first, in order, then those of templates."""
    write_theme(
        newsroom.folder,
        'templates = "t"\nicon = "no.svg"\nlogo = "no.png"',
        {"t/a.html": "{% x %}", "t/b.html": "{{", "t/c.html": "{{ fine }}"},
    )

    said = faults(newsroom.folder)

    assert [re.match(r"config.toml, line \d+, look.\w+|[^:]+", one)[0] for one in said] == [  # type: ignore[index]
        "config.toml, line 32, look.icon",
        "config.toml, line 33, look.logo",
        "t/a.html, line 1",
        "t/b.html, line 1",
    ]


def test_a_symlink_out_of_the_template_folder_is_not_followed(newsroom: Newsroom) -> None:
    """Writing in that folder gives no way to read the rest of the machine."""
    write_theme(newsroom.folder, 'templates = "t"', {"t/real.html": "fine", "secret": "EMBARGOED"})
    (newsroom.folder / "t/own.html").symlink_to("real.html")
    (newsroom.folder / "t/style.css").symlink_to("../secret")

    assert faults(newsroom.folder) == [
        "t/style.css: leads out of the folder: put the file itself there."
    ]


def test_a_folder_with_too_many_files_is_refused(newsroom: Newsroom) -> None:
    """A template folder with a thousand files is probably a mistake."""
    write_theme(newsroom.folder, 'templates = "t"', {f"t/{n}.txt": "" for n in range(1_001)})

    (said,) = faults(newsroom.folder)

    assert said.endswith("look.templates: t has more than 1,000 files: is it the right folder.")


def test_files_of_text_editors_are_ignored(newsroom: Newsroom) -> None:
    """Backup and swap files are no templates, whatever is in them."""
    others = ("t/.list.html.swp", "t/list.html~", "t/.git/a.html", "t/notes.md", "t/x/style.css")
    write_theme(newsroom.folder, 'templates = "t"', dict.fromkeys(others, "{% x %}"))

    assert newsroom.config.publication.theme.templates == ()
    assert newsroom.config.publication.theme.style == b""


# ---- Drawings


@pytest.mark.parametrize(
    ("attributes", "content", "expected"),
    [
        ("", "<script>alert(1)</script>", "has <script> at line 1"),
        ("", '<h:script xmlns:h="http://www.w3.org/1999/xhtml"/>', "has <script> at line 1"),
        (' onload="alert(1)"', "", "has a script at line 1 (onload"),
        ("", '\n<g ONCLICK="alert(1)"/>', "has a script at line 2 (onclick"),
        ("", '<path xlink:onfocus="x"/>', "has a script at line 1"),
        ("", "<foreignObject/>", "has <foreignObject> at line 1"),
        ("", "<handler/>", "has <handler> at line 1"),
        ("", '<a href="#x"/>', "has <a> at line 1"),
        ("", '<set attributeName="href" to="javascript:alert(1)"/>', "has <set> at line 1"),
        ("", '<animate attributeName="x"/>', "has <animate> at line 1"),
        ("", '<image href="https://a.org/x.png"/>', "outside itself at line 1 (https://a.org/x.pn"),
        ("", '<image xlink:href="//a.org/x.png"/>', "outside itself at line 1 (//a.org/x.png)"),
        ("", '<use href="other.svg#a"/>', "outside itself at line 1 (other.svg#a)"),
        ("", '<use href=" java&#10;script:alert(1)"/>', "outside itself"),
        ("", '<use href="data:image/svg+xml;base64,PHN2Zy8+#x"/>', "outside itself"),
        ("", '<image href="data:text/html,&lt;script>"/>', "outside itself"),
        (' xml:base="https://a.org/"', '<use href="#a"/>', "outside itself"),
        ("", '<path fill="url(https://a.org/#g)"/>', "outside itself at line 1 (url(https"),
        ("", "<path style=\"cursor: URL( '//a.org/c' )\"/>", "outside itself"),
        ("", '<style>@import "//a.org/a.css";</style>', "outside itself at line 1 (@import"),
        ("", "<style>@im<!-- -->port url(a.css);</style>", "outside itself"),
        ("", "<style>path { fill: u\\72l(//a.org/x) }</style>", "outside itself"),
        ("", '<style>svg { background: image-set("//a.org/x" 1x) }</style>', "outside itself"),
        ("", "<style>@font-face { src: url(//a.org/f.woff2) }</style>", "outside itself"),
        ("", "<style><![CDATA[ path { mask: url(x.svg#m) } ]]></style>", "outside itself"),
        ("", '<g xmlns=""><path/></g>', "has <g> at line 1"),
    ],
)
def test_an_active_drawing_is_refused(attributes: str, content: str, expected: str) -> None:
    """A logo has an address of its own, where scripts in it would run."""
    with pytest.raises(ValueError, match=re.escape(expected)):
        drawing(SVG.format(attributes, content).encode())


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ('<!DOCTYPE svg [<!ENTITY x "<script/>">]>', "has entities"),
        ('<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "has entities"),
        (
            "<!DOCTYPE svg [<!ENTITY a0 'aaaaaaaaaa'>"
            + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
            + "<!ENTITY x '&a9;'>]>",
            "has entities|cannot be read|can be read",
        ),
        ('<!DOCTYPE svg SYSTEM "http://127.0.0.1:1/a.dtd">', "has entities"),
        ('<?xml-stylesheet href="https://a.org/a.css"?>', "has a style sheet of its own elsewhere"),
    ],
)
def test_a_drawings_prolog_cannot_load_anything(before: str, expected: str) -> None:
    """No local file and no address is read for a DTD, an entity or a style sheet."""
    text = before + SVG.format("", "<text>&x;</text>" if "xml-style" not in before else "")

    with pytest.raises(ValueError, match=expected):
        drawing(text.encode())


@pytest.mark.parametrize(
    "content",
    [
        '<defs><linearGradient id="g"><stop/></linearGradient></defs><path fill="url(#g)"/>',
        "<style>path { fill: url('#g') }</style>",
        "<style>@font-face { src: url(data:font/woff2;base64,AAAA) }</style>",
        '<image href="data:image/png;base64,AAAA"/><use xlink:href="#a"/>',
        '<filter id="f"><feGaussianBlur stdDeviation="2"/></filter>',
        '<text xml:lang="fr" xml:space="preserve">Un <tspan>deux</tspan> trois</text>',
    ],
)
def test_a_self_contained_drawing_is_published_unchanged(content: str) -> None:
    """A drawing that holds all that it needs keeps its content."""
    drawn, *_ = drawing(SVG.format("", content).encode())

    assert content.replace("'#g'", "'#g'").encode() in drawn


def test_metadata_of_a_drawing_is_removed() -> None:
    """Comments, metadata and the paths of a drawing program are private."""
    noted = SVG.format(
        ' xmlns:i="http://www.inkscape.org/namespaces/inkscape" i:file="/home/maria/logo.svg"',
        "<!-- by Maria --><?noted by Maria?><metadata>Maria</metadata><i:view name='Maria'/>"
        "<text>a<!-- Maria -->b</text>",
    )

    drawn, *_ = drawing(f"<!-- Maria -->\n{noted}<!-- Maria -->".encode("utf-16"))

    assert b"Maria" not in drawn
    assert b"maria" not in drawn
    assert b"<text>ab</text>" in drawn
    assert drawing(drawn) == (drawn, 120, 40)


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('viewBox="0 0 120 40"', (120, 40)),
        ('viewBox="-10,-10,120,40"', (120, 40)),
        ('viewBox="0 0 120 40" width="60"', (60, 20)),
        ('viewBox="0 0 120 40" height="80px"', (240, 80)),
        ('viewBox="0 0 120 40" width="100%" height="100%"', (120, 40)),
        ('viewBox="0 0 120 40" width="2em" height="1em"', (120, 40)),
        ('width="1in" height="36pt"', (96, 48)),
        ('width="2.54cm" height="25.4mm"', (96, 96)),
        ('width="0.2" height="0.1"', (1, 1)),
        ('width="100%"', None),
        ('viewBox="0 0 0 40"', None),
        ('viewBox="0 0 nan 40"', None),
        ('viewBox="0 0 1e999 40"', None),
        ('width="1e9" height="1"', None),
        ("", None),
    ],
)
def test_a_drawing_must_have_a_size(attributes: str, expected: tuple[int, int] | None) -> None:
    """Pages reserve space for a logo, and every published drawing can be scaled."""
    text = f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}/>'.encode()

    if expected is None:
        with pytest.raises(ValueError, match="does not say how large it is"):
            drawing(text)
    else:
        drawn, *size = drawing(text)
        assert tuple(size) == expected
        assert b"viewBox" in drawn


# ---- Pages


def test_a_logo_and_an_icon_are_on_every_page(room: Newsroom) -> None:
    """They are media files, named by their content, and pages state their sizes."""
    write_theme(
        room.folder, 'logo = "logo.svg"\nicon = "icon.svg"', {"logo.svg": LOGO, "icon.svg": ICON}
    )

    room.build()

    look = room.config.publication.theme
    assert look.logo
    assert look.icon
    assert re.fullmatch(r"media/[0-9a-f]{16}-logo\.svg", look.logo.path or "")
    for path in ("index.html", "404.html", "news-ar.html", entry_page(room)):
        root = "/" if path == "404.html" else "../" * path.count("/")
        head = page(room, path)
        assert f'<img src="{root or "./"}{look.logo.path}"' in head
        assert 'width="120" height="40"' in head
        assert f'<link rel="icon" href="{root or "./"}{look.icon.path}">' in head
    drawn = (room.folder / "feeds" / (look.logo.path or "")).read_bytes()
    assert (drawn, 120, 40) == drawing(LOGO.encode())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_bitmap_logo_loses_its_metadata(kind: str, room: Newsroom) -> None:
    """A bitmap logo is cleaned like the pictures of entries."""
    exif = Image.Exif()
    exif[0x010E] = "Maria's telephone"
    taken = BytesIO()
    Image.new("RGB", (64, 32)).save(taken, kind, exif=exif)
    write_theme(room.folder, 'logo = "our logo.bin"', {"our logo.bin": taken.getvalue()})

    room.build()

    logo = room.config.publication.theme.logo
    assert logo
    assert (logo.width, logo.height) == (64, 32)
    assert b"Maria" in taken.getvalue()
    assert b"Maria" not in (room.folder / "feeds" / (logo.path or "")).read_bytes()


def test_colours_and_rules_follow_the_style_sheet(room: Newsroom) -> None:
    """Pages have no inline styles, which their strict policy would block."""
    rules = "body { font-family: serif }\n"
    write_theme(room.folder, 'accent = "#900"\ntemplates = "t"', {"t/style.css": rules})

    room.build()

    style = page(room, "style.css")
    own = (STATIC / "style.css").read_text("utf-8")
    look = room.config.publication.theme
    assert style == own + colours(look).decode() + rules
    assert "--accent: #990000" in style
    assert "style=" not in page(room)


@pytest.mark.long
def test_a_template_of_the_newsroom_overrides_datelines_and_may_extend_it(room: Newsroom) -> None:
    """Dateline's entry page extends the newsroom's base, which extends Dateline's."""
    files = {"t/base.html": BASE, "t/absent.html": "Nothing here, says {{ publication.author }}.\n"}
    write_theme(room.folder, 'templates = "t"', files)

    room.build()

    for path in ("index.html", "subscribe.html", entry_page(room)):
        assert '<meta name="house" content="ours"></head>' in page(room, path).replace("\n", "")
        assert "<p>Our own foot</p>" in page(room, path)
        assert '<main id="content">' in page(room, path)
    assert page(room, "404.html") == "Nothing here, says Example.\n"


@pytest.mark.long
def test_a_foot_of_the_newsroom_replaces_datelines(room: Newsroom) -> None:
    """It is that of every page, and has the values of every template."""
    foot = "<p>{{ publication.author }} in {{ endonym(language) }}</p>\n"
    write_theme(room.folder, 'templates = "t"', {"t/footer.html": foot})

    room.build()

    for path in ("index.html", "404.html", entry_page(room)):
        found = re.search("<footer>(.*?)</footer>", page(room, path), re.DOTALL)
        assert found
        assert found[1].strip() == "<p>Example in English</p>"


def test_macros_of_the_newsroom_may_use_all_values_of_a_page() -> None:
    """They are made for each page."""
    macro = "{% macro titled(one) %}{{ one.slug }} on {{ entry.slug }}{% endmacro %}\n"
    theme = Theme(templates=(("parts.html", macro),))
    pages = Pages(replace(sample_publication(), theme=theme), [sample_feed()])

    for slug in ("2026/11/a", "2026/11/b"):
        made = pages.entry(replace(sample_entry(), slug=slug)).data.decode()
        assert f"{slug} on {slug}" in made


@pytest.mark.long
def test_an_unchanged_theme_publishes_nothing_again(room: Newsroom) -> None:
    """A second run writes nothing, and files keep their times."""
    files = {"logo.svg": LOGO, "t/base.html": BASE, "t/style.css": "a { color: red }"}
    write_theme(room.folder, 'logo = "logo.svg"\ntemplates = "t"\naccent = "#900"', files)
    room.build()
    before = room.feeds()

    again = room.build()
    write_theme(room.folder, 'logo = "logo.svg"\ntemplates = "t"\naccent = "#990000"', files)
    same = room.build()

    assert again.documents == same.documents == ()
    assert room.feeds() == before


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("t/base.html", BASE.replace("ours", "new"), {".html"}),
        ("t/style.css", "a { color: green }", {".css"}),
        ("logo.svg", LOGO.replace("0b5394", "990000"), {".html", ".svg", ".rss", ".atom"}),
        ("t/unused.html", "new", set()),
    ],
)
def test_a_changed_theme_renders_only_what_it_affects(
    name: str, text: str, expected: set[str], room: Newsroom
) -> None:
    """Feeds keep their bytes and times; a logo that caches still show stays."""
    look = 'logo = "logo.svg"\ntemplates = "t"'
    files = {"logo.svg": LOGO, "t/base.html": BASE, "t/style.css": "a { color: red }"}
    write_theme(room.folder, look, files)
    room.build()
    before = room.feeds()

    write_theme(room.folder, look, {name: text})
    report = room.build()

    after = room.feeds()
    changed = {path for path in after if after[path] != before.get(path)}
    assert changed == {*report.documents}
    assert {Path(path).suffix for path in changed} == expected
    assert ".html" not in expected or changed >= {path for path in after if path.endswith(".html")}
    assert before.keys() <= after.keys()


@pytest.mark.long
def test_removing_the_theme_restores_datelines_pages(room: Newsroom) -> None:
    """The pages are what they were before."""
    room.build()
    plain = {path: data for path, (data, _) in room.feeds().items()}
    write_theme(
        room.folder, 'logo = "l.svg"\ntemplates = "t"', {"l.svg": LOGO, "t/base.html": BASE}
    )
    room.build()

    write_theme(room.folder)
    room.build()

    after = {
        path: data for path, (data, _) in room.feeds().items() if not path.startswith("media/")
    }
    assert after == plain


# ---- Faults while pages are rendered


@pytest.mark.long
@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            "\n{{ entry.story.titel }}",
            "entry.html, line 2: 'dateline.model.Story object' has no at",
        ),
        ("{{ nobody }}", "entry.html, line 1: 'nobody' is undefined."),
        ("{{ 1 // 0 }}", "entry.html, line 1: integer division or modulo by zero."),
        ("{{ entry.story.image.url }}", "entry.html, line 1: 'None' has no attribute 'url'."),
        ("{% include entry.id ~ '.html' %}", 'entry.html, line 1: there is no template "a.html".'),
        ("{% include 'a.html' %}", "templates lead to each other in a circle."),
        ("{{ ''.__class__.__mro__ }}", "entry.html, line 1: access to attribute '__class__' of '"),
        ("{{ publication.__init__.__globals__ }}", "entry.html, line 1: access to attribute '__i"),
        ("{% for n in range(10**9) %}{% endfor %}", "entry.html, line 1: Range too big."),
        ("{{ entry.story.categories.append(1) }}", "entry.html, line 1: "),
    ],
)
def test_a_failing_template_leaves_the_live_pages(
    template: str, expected: str, room: Newsroom
) -> None:
    """Templates are tried before rendering; a fault has its line, and no code runs."""
    room.build()
    before = room.feeds()
    circle = '{% include "b.html" %}'
    files = {"t/entry.html": template}
    if "'a.html'" in template:
        files |= {"t/a.html": circle, "t/b.html": circle.replace("b.html", "a.html")}
    write_theme(room.folder, 'templates = "t"', files)
    room.drop("other.toml", entry_file("Other"))

    with pytest.raises(TemplateError) as caught:
        room.build()

    assert expected in str(caught.value)
    assert room.feeds() == before


@pytest.mark.long
def test_a_template_on_how_to_subscribe_may_show_the_newest_entries(room: Newsroom) -> None:
    """It has them anew with each entry; Dateline's own shows none, and stays as it is."""
    title = "{% block title %}{% for one in entries[:1] %}{{ one.story.title }}{% endfor %}"
    text = f'{{% extends "dateline/subscribe.html" %}}{title}{{% endblock %}}'
    write_theme(room.folder, 'templates = "t"', {"t/subscribe.html": text})
    room.build()
    room.drop("newer.toml", entry_file("Newer"))

    assert "subscribe.html" in room.build().documents

    assert "<title>Newer</title>" in page(room, "subscribe.html")
    write_theme(room.folder)
    room.build()
    room.drop("newest.toml", entry_file("Newest"))
    assert "subscribe.html" not in room.build().documents


@pytest.mark.long
def test_the_run_after_a_template_is_corrected_publishes_what_waited(room: Newsroom) -> None:
    """A failing template loses no entry."""
    write_theme(room.folder, 'templates = "t"', {"t/entry.html": "{{ nobody }}"})
    with pytest.raises(TemplateError):
        room.build()

    write_theme(room.folder, 'templates = "t"', {"t/entry.html": "{{ entry.story.title }}"})
    room.build()

    assert page(room, entry_page(room)) == "Report on Lebanon"


@pytest.mark.long
def test_a_template_that_fails_for_one_entry_is_reported(room: Newsroom) -> None:
    """The trial cannot cover every title."""
    wrong = '{% if entry.story.title == "Other" %}{{ nobody }}{% endif %}'
    write_theme(room.folder, 'templates = "t"', {"t/entry.html": wrong})
    room.build()
    before = room.feeds()
    room.drop("other.toml", entry_file("Other"))

    with pytest.raises(TemplateError, match="'nobody' is undefined"):
        room.build()

    assert room.feeds() == before


@pytest.mark.long
def test_the_trial_includes_a_page_of_events(room: Newsroom) -> None:
    """A feed of events has a page of its own kind."""
    wrong = "{% if feed.is_agenda %}{{ nobody }}{% endif %}"
    write_theme(room.folder, 'templates = "t"', {"t/list.html": wrong})
    first, last = room.config.feeds[0], room.config.feeds[-1]
    trial(room.config.publication, [first, last])

    with pytest.raises(TemplateError, match="'nobody' is undefined"):
        trial(room.config.publication, [first, replace(first, name="e", kinds=("event",)), last])


# ---- While Dateline runs


@pytest.fixture
def newest(room: Newsroom) -> ConfigWatcher:
    """Return a watcher of a configuration with a theme."""
    write_theme(
        room.folder, 'logo = "logo.svg"\ntemplates = "t"', {"logo.svg": LOGO, "t/a.html": "a"}
    )
    return ConfigWatcher(room.config, lambda one: trial(one.publication, one.feeds))


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("logo.svg", LOGO.replace("0b5394", "990000")),
        ("t/a.html", "b"),
        ("t/base.html", BASE),
        ("t/style.css", "a { color: red }"),
    ],
)
def test_a_changed_theme_file_is_read_again(
    name: str, text: str, newest: ConfigWatcher, room: Newsroom
) -> None:
    """Theme files are watched like `config.toml`."""
    before = newest.read()
    assert newest.read() is before

    (room.folder / name).write_text(text, encoding="utf-8")

    assert fingerprints.of_pages(newest.read()) != fingerprints.of_pages(before)
    assert newest.read() is newest.read()


@pytest.mark.long
def test_a_changed_file_of_equal_size_and_time_is_noticed(
    newest: ConfigWatcher, room: Newsroom
) -> None:
    """Unpacking an archive restores the times of its files."""
    before = newest.read()
    path = room.folder / "t/a.html"
    times = path.stat()

    path.write_text("b", encoding="utf-8")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    assert fingerprints.of_pages(newest.read()) != fingerprints.of_pages(before)


def test_deleting_a_template_restores_datelines(newest: ConfigWatcher, room: Newsroom) -> None:
    """A deleted file counts as a change."""
    (room.folder / "t/a.html").unlink()

    assert newest.read().publication.theme.templates == ()


@pytest.mark.long
@pytest.mark.parametrize("text", ["{% x %}", "{{ nobody }}"])
def test_an_invalid_template_keeps_the_last_valid_theme(
    text: str, newest: ConfigWatcher, room: Newsroom, caplog: pytest.LogCaptureFixture
) -> None:
    """The fault is logged once until it is corrected, and news is published meanwhile."""
    before = newest.read()
    path = room.folder / "t/entry.html"
    path.write_text(text, encoding="utf-8")

    assert newest.read() is before
    assert newest.read() is before
    path.write_text("corrected", encoding="utf-8")

    assert newest.read().publication.theme.templates == (
        ("a.html", "a"),
        ("entry.html", "corrected"),
    )
    assert caplog.text.count("entry.html, line 1: ") == 1


def test_a_file_that_arrives_after_its_key_is_noticed(
    newest: ConfigWatcher, room: Newsroom
) -> None:
    """Staff may edit `config.toml` before they add the picture."""
    write_theme(room.folder, 'icon = "icon.svg"')
    assert newest.read().publication.theme.icon is None

    (room.folder / "icon.svg").write_text(ICON, encoding="utf-8")

    assert newest.read().publication.theme.icon


@pytest.mark.long
def test_a_running_serve_takes_up_a_template(room: Newsroom) -> None:
    """A template is read at the next check, without a signal, and an invalid one stops no page."""
    write_theme(
        room.folder, 'templates = "t"\n[schedule]\ninterval = 1', {"t/absent.html": "first"}
    )
    path = room.folder / "t/absent.html"

    with serve(room.folder) as served:
        assert until(lambda: served.get("nowhere").text == "first")
        path.write_text("second", encoding="utf-8")
        assert until(lambda: served.get("nowhere").text == "second")
        path.write_text("{{ nobody }}", encoding="utf-8")
        assert until(lambda: "absent.html, line 1: 'nobody' is undefined." in served.printed())
        room.drop("other.toml", entry_file("Other"))
        assert until(lambda: "Other" in served.get("news.json").text)

        assert served.get("nowhere").text == "second"


def test_an_invalid_theme_does_not_stop_serving(room: Newsroom) -> None:
    """Web workers render no pages: a new one serves what is published."""
    room.build()
    write_theme(room.folder, 'templates = "t"', {"t/base.html": "{% x %}"})
    with pytest.raises(DatelineError):
        configuration.load(room.folder / "config.toml")

    plain = configuration.load(room.folder / "config.toml", with_theme=False)

    assert create_app(plain).test_client().get("/").status_code == 200


def test_proxies_know_the_type_of_a_drawing(newsroom: Newsroom) -> None:
    """Browsers may not guess, so they need the media type to show it."""
    assert "image/svg+xml" in front(newsroom.config, "nginx", port=80)
    assert "image/svg+xml" in front(newsroom.config, "caddy", port=80)


def test_proxies_send_datelines_policy_for_pages(newsroom: Newsroom) -> None:
    """What a page may load is the same whichever server answers."""
    name, policy = policy_of(newsroom.config.publication)

    for program in ("nginx", "caddy"):
        printed = front(newsroom.config, program, port=80)
        said = [line.replace("\\'", "'") for line in printed.splitlines() if name in line]
        assert said
        assert all(policy in line for line in said)


def test_each_template_and_its_values_are_documented() -> None:
    """Writing a template needs no reading of Dateline's code."""
    described = (ROOT / "docs/look.md").read_text("utf-8")
    templates = {path.name: path.read_text("utf-8") for path in TEMPLATES.glob("*.html")}
    _, of_templates, of_values = re.split(r"(?m)^\| (?:template|value) \|.*\n", described)
    values = re.findall(r"`(\w+)", "".join(re.findall(r"(?m)^\| (`.*?) \|", of_values)))

    assert {*re.findall(r"(?m)^\| `([\w.]+)` \|", of_templates)} == {*templates}
    assert [one for one in values if not re.search(rf"\b{one}\b", str(templates))] == []


@pytest.mark.parametrize("damage", [b"", b"no template"])
def test_datelines_templates_are_compiled_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    """Another process reads what the first one compiled, unless it is damaged."""
    monkeypatch.setattr(templates.__spec__, "cached", str(tmp_path / "templates.pyc"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    made = templates.environment.__wrapped__
    assert made(Theme()).get_template("absent.html").name == "absent.html"
    [kept] = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes().replace(b"absent.html", b"ABSENT.html"))
    assert made(Theme()).get_template("absent.html").name == "ABSENT.html"

    kept.write_bytes(damage)
    assert made(Theme()).get_template("absent.html").name == "absent.html"


def test_templates_of_a_theme_are_compiled_by_each_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They run in a sandbox, which compiles Dateline's in another way as well."""
    monkeypatch.setattr(templates.__spec__, "cached", str(tmp_path / "templates.pyc"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    theme = Theme(templates=(("footer.html", "Foot"),))
    made = templates.environment.__wrapped__(theme)

    assert made.get_template("footer.html").render() == "Foot"
    assert made.get_template("absent.html").name == "absent.html"
    assert [*tmp_path.iterdir()] == []
