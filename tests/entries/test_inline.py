"""Files that a text names are published as media, like `image` and `attachments`."""

from __future__ import annotations

import json
import shutil
import unicodedata
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image

from dateline import publish
from dateline.ledger import Ledger
from dateline.publish.move_site import Move, rewritten
from dateline.rules import story_json
from support.publication import MEDIA, Newsroom, entry_file, lost_media, picture

TEXTS = [
    "![The pier](photo.jpg)",
    '![The pier](photo.jpg "By night")',
    "![The pier](<photo.jpg>)",
    "![The pier][1]\n\n[1]: photo.jpg",
    "[a link](photo.jpg)",
    "[a link](photo.jpg#top)",
    "[a link](photo.jpg?raw=1)",
    '[a link][it]\n\n[it]: photo.jpg "Title"',
    '<p>Text <img src="photo.jpg" alt="The pier"></p>',
    '<a href="photo.jpg">a link</a>',
    "[![The pier](photo.jpg)](https://example.org/)",
    "[![The pier](photo.jpg)](photo.jpg)",
    "![The pier](./photo.jpg)",
    "![The pier](PHOTO.JPG)",
    "![The pier](phot%6F.jpg)",
    "| a |\n|---|\n| ![The pier](photo.jpg) |",
    "- one\n- ![The pier](photo.jpg)",
]


def located() -> bytes:
    """Return a photograph with its place in EXIF."""
    exif = Image.Exif()
    exif[0x010E] = "SECRET PLACE"
    buffer = BytesIO()
    Image.new("RGB", (8, 6), "navy").save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def about(body: str, title: str = "Report", **fields: str) -> str:
    """Return the text of an entry with this body."""
    return entry_file(title, body=f'"""\n{body}\n"""', **fields)


def media(room: Newsroom) -> set[str]:
    """Return the files that are published under media/."""
    return {path for path in room.feeds() if path.startswith("media/")}


def named(room: Newsroom, *but: str) -> dict[str, set[str]]:
    """Return the names of media in each document, except in some documents."""
    found = {
        name: {one.decode() for one in MEDIA.findall(data)}
        for name, (data, _) in room.feeds().items()
        if not name.startswith(("media/", *but))
    }
    return {name: files for name, files in found.items() if files}


@pytest.mark.long
def test_a_file_that_the_text_names_is_published(newsroom: Newsroom) -> None:
    """In any form of a link or picture; clean, in every feed and on the page."""
    newsroom.drop("photo.jpg", located())
    for number, body in enumerate(TEXTS):
        newsroom.drop(f"{number}.toml", about(body, f"Text {number}"))

    newsroom.build()

    (path,) = media(newsroom)
    assert b"SECRET" not in newsroom.feeds()[path][0]
    assert newsroom.codes() == []
    naming = named(newsroom)
    pages = {f"2026/11/text-{number}.html": {path} for number in range(len(TEXTS))}
    assert {name: naming.get(name) for name in pages} == pages
    assert {"news.rss", "news.atom", "news.json"} <= naming.keys()
    for form in ("rss", "atom", "json"):
        shown = newsroom.feeds()[f"news.{form}"][0].count(path.encode())
        assert shown >= len(TEXTS), form
    assert lost_media(newsroom) == set()


@pytest.mark.parametrize(
    ("entry", "file", "name"),
    [
        ("2026/a.toml", "2026/photo.png", "photo.png"),
        ("2026/a.toml", "photo.png", "photo.png"),
        ("2026/a.toml", "photos/1/photo.png", "../photos/1/photo.png"),
        ("2026/a.toml", "2026/photos/photo.png", "photos/photo.png"),
        ("a.toml", "a b (1).png", "a%20b%20%281%29.png"),
        ("a.toml", "50%20off.png", "50%2520off.png"),
        ("a.toml", "50%20off.png", "50%20off.png"),
        ("a.toml", "Who is it?.png", "Who%20is%20it?.png"),
        ("a.toml", unicodedata.normalize("NFD", "é.png"), "é.png"),
        ("a.toml", "é.png", unicodedata.normalize("NFD", "é.png")),
        ("a.toml", "تقرير.png", "تقرير.png"),
        ("a.toml", "a#2.png", "a#2.png"),
        ("a.toml", 'the "pier" (2).png', '<the "pier" (2).png>'),
        ("a.toml", "#2 (b).png", "<#2 (b).png>"),
        ("a.toml", "50% #1?.png", "<50% #1?.png>"),
    ],
)
def test_a_file_is_found_under_any_spelling(
    entry: str, file: str, name: str, newsroom: Newsroom
) -> None:
    """In a text as in a field: from the entry's folder, then from the top."""
    newsroom.drop(file, picture())
    newsroom.drop(entry, about(f"![Pier]({name})"))
    field = about("Text.", "Field", image=f"'{name.strip('<>')}'", image_alt='"Pier"')
    newsroom.drop(entry.replace("a.toml", "field.toml"), field)

    newsroom.build()

    shown = {item["title"]: MEDIA.findall(json.dumps(item).encode()) for item in newsroom.items()}
    assert newsroom.codes() == []
    assert {title: len({*files}) for title, files in shown.items()} == {"Report": 1, "Field": 1}
    assert len(media(newsroom)) == 1


@pytest.mark.parametrize(
    ("file", "body"),
    [
        ("a b.png", "![Pier](a b.png)"),
        ("trail .png", "![Pier](trail .png)"),
        ("a b.png", "![Pier]( a b.png ) and ![Pier](a b.png)"),
        ("a b.png", '![Pier](a b.png "By night")'),
        ('the "pier" (2).png', '![Pier](the "pier" (2).png)'),
        ("Pier #2 (b).png", "![Pier](Pier #2 (b).png)"),
    ],
)
def test_a_name_with_spaces_is_read_and_reported(file: str, body: str, newsroom: Newsroom) -> None:
    """Readers see no Markdown, wherever the spaces are."""
    newsroom.drop(file, picture())
    newsroom.drop("a.toml", about(body))

    report = newsroom.build()

    html = newsroom.items()[0]["content_html"]
    assert [(one.code, one.found) for one in report.problems] == [("body-link-read", file)]
    assert html.count("<img") == body.count("![")
    assert "](" not in html


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("[see](Report #3 (final).csv)", "Report #3 (final).csv"),
        ("![see](<Report #3.csv>)", "Report #3.csv"),
        ("[see](<the annex>)", "the annex"),
        ("[see](<décès>)", "décès"),
    ],
)
def test_a_name_that_leads_nowhere_is_reported_once_as_written(
    body: str, found: str, newsroom: Newsroom
) -> None:
    """With its `#` and its spaces, on the line on which it stands."""
    newsroom.drop("a.toml", about(f"Text.\n\n{body}"))

    report = newsroom.build()

    warned = [one for one in report.problems if one.state == "warn"]
    assert [(one.line, one.found) for one in warned] == [(6, found)]


@pytest.mark.parametrize("body", ["![Pier](../secret.png)", "[x](../../secret.png)"])
def test_a_path_out_of_the_folder_is_held(body: str, newsroom: Newsroom) -> None:
    """This does not depend on what is there."""
    (newsroom.folder / "secret.png").write_bytes(picture())
    newsroom.drop("a.toml", about(body))

    newsroom.build()

    assert (newsroom.codes(), newsroom.items()) == (["file-outside"], [])


def test_a_picture_in_the_text_has_its_true_size(newsroom: Newsroom) -> None:
    """It is upright, and a browser reserves the right space."""
    newsroom.drop("photo.png", picture())
    newsroom.drop("a.toml", about('![The "pier"](photo.png "By night")'))

    newsroom.build()

    html = newsroom.items()[0]["content_html"]
    assert 'alt="The &quot;pier&quot;" width="8" height="6"><figcaption>By night<' in html


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ("![](photo.png)", ["picture-no-alt"]),
        ("![ ](photo.png) ![](photo.png)", ["picture-no-alt"]),
        ("[a link](photo.png)", []),
        ("![](https://example.org/a.png)", []),
        ("![Pier](missing.png)", ["image-not-there"]),
        ("[x](missing.pdf)", ["image-not-there"]),
        ("![Pier](broken.png)", ["media-broken"]),
    ],
)
def test_a_faulty_file_in_the_text_is_reported(
    body: str, codes: list[str], newsroom: Newsroom
) -> None:
    """On the line that names it; a missing file is left out of the text."""
    newsroom.drop("photo.png", picture())
    newsroom.drop("broken.png", picture()[:40])
    newsroom.drop("a.toml", about(f"Text.\n\n{body}"))

    report = newsroom.build()

    assert newsroom.codes() == codes
    assert {problem.line for problem in report.problems} <= {6}
    assert "missing" not in newsroom.items()[0]["content_html"]


@pytest.mark.parametrize("body", ["![The prices](a.csv)", "[![The prices](a.csv)](a.csv)"])
def test_a_document_shown_as_a_picture_becomes_a_link(body: str, newsroom: Newsroom) -> None:
    """No reader shows a broken picture."""
    newsroom.drop("a.csv", "a,b\n")
    newsroom.drop("a.toml", about(body))

    newsroom.build()

    html = newsroom.items()[0]["content_html"]
    assert (html.count("<a "), html.count("<img"), "The prices</a>" in html) == (1, 0, True)


def test_files_of_unpublished_entries_are_not_published(newsroom: Newsroom) -> None:
    """Files of drafts and of embargoed entries are published with them."""
    newsroom.drop("photo.png", picture())
    newsroom.drop("other.png", picture("red"))
    newsroom.drop("a.toml", about("![Pier](photo.png)", draft="true"))
    newsroom.drop(
        "b.toml", entry_file("Later", "2026-11-25T12:00:00+01:00", body='"[x](other.png)"')
    )

    newsroom.build()
    before = media(newsroom)
    newsroom.build(after=timedelta(hours=2))

    assert (before, [path[-9:] for path in media(newsroom)]) == (set(), ["other.png"])


def take_down(room: Newsroom, id_: str) -> None:
    """Take an entry down in one run."""
    room.now += timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(seconds=2)
    publish.build(room.config, publish.RunRequest(now=room.now, clock=clock, takedown=id_))


@pytest.mark.long
@pytest.mark.parametrize("is_forgotten", [False, True])
def test_a_takedown_removes_the_files_of_the_text(
    newsroom: Newsroom, *, is_forgotten: bool
) -> None:
    """Those of every version, even with a lost ledger; files that others show stay."""
    newsroom.drop("photo.png", picture())
    newsroom.drop("report.csv", "a,b\n")
    newsroom.drop("shared.png", picture("red"))
    newsroom.drop("a.toml", about("![Pier](photo.png) [x](report.csv) ![Both](shared.png)"))
    newsroom.drop("b.toml", about("![Both](shared.png)", "Other"))
    newsroom.build()
    id_ = next(item["id"] for item in newsroom.items() if item["title"] == "Report")
    if is_forgotten:
        shutil.rmtree(newsroom.folder / "state")
        newsroom.build()

    take_down(newsroom, id_)

    assert [path.partition("-")[2] for path in media(newsroom)] == ["shared.png"]


@pytest.mark.long
def test_a_withdrawal_removes_the_files_of_the_text(newsroom: Newsroom) -> None:
    """A retraction does so too, at once."""
    newsroom.drop("photo.png", picture())
    newsroom.drop("other.png", picture("red"))
    newsroom.drop("a.toml", about("![Pier](photo.png)"))
    newsroom.drop("b.toml", about("![Pier](other.png)", "Other"))
    newsroom.build()

    (newsroom.folder / "entries/a.toml").unlink()
    newsroom.drop(
        "b.toml", about("![Pier](other.png)", "Other", status='"retracted"', retraction='"No."')
    )
    newsroom.build()
    left = {path.partition("-")[2] for path in media(newsroom)}
    newsroom.build(after=timedelta(minutes=11))

    assert (left, media(newsroom)) == ({"photo.png"}, set())


@pytest.mark.parametrize("wrong", ["missing.png", "photo.png", "../secret.png"])
def test_a_faulty_file_does_not_delay_a_retraction(wrong: str, newsroom: Newsroom) -> None:
    """The reason is published, and shows no file."""
    newsroom.drop("photo.png", picture()[:40])
    newsroom.drop("a.toml", about("Text."))
    newsroom.build()
    fields = {"status": '"retracted"', "retraction": '"It was wrong."', "image": f'"{wrong}"'}
    newsroom.drop("a.toml", about(f"![Pier]({wrong})", **fields))

    newsroom.build()

    assert "It was wrong." in newsroom.items()[0]["content_html"]
    assert newsroom.codes() == []


def test_a_changed_picture_has_a_new_address(newsroom: Newsroom) -> None:
    """The entry is published again if the file changes, and only then."""
    newsroom.drop("photo.png", picture())
    newsroom.drop("a.toml", about("![Pier](photo.png)"))
    newsroom.build()
    before = newsroom.items()[0]["content_html"]
    assert newsroom.build().documents == ()
    newsroom.drop("photo.png", picture("red"))

    newsroom.build()

    assert newsroom.items()[0]["content_html"] != before


@pytest.mark.long
def test_a_moved_site_shows_files_at_the_new_address(newsroom: Newsroom) -> None:
    """The change takes effect at once."""
    newsroom.drop("photo.png", picture())
    newsroom.drop("a.toml", about("![Pier](photo.png)"))
    newsroom.build()
    config = newsroom.folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(
        rewritten(text, Move.to("https://news.example.net/", newsroom.config)), encoding="utf-8"
    )

    newsroom.build()

    assert 'src="https://news.example.net/media/' in newsroom.items()[0]["content_html"]


def test_a_story_without_files_keeps_its_digest(newsroom: Newsroom) -> None:
    """An upgrade from an earlier release changes no entry."""
    newsroom.drop("photo.png", picture())
    newsroom.drop("a.toml", about("![Pier](photo.png)"))
    newsroom.drop("b.toml", about("Text.", "Other"))
    newsroom.build()

    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        stories = {entry.story.title: entry.story for entry in ledger.entries.live()}

    written = {title: story_json.dump(story) for title, story in stories.items()}
    assert ("inline" in written["Report"], "inline" in written["Other"]) == (True, False)
    assert {title: story_json.load(text) for title, text in written.items()} == stories


@pytest.mark.long
def test_a_file_that_arrives_under_another_spelling_is_shown(newsroom: Newsroom) -> None:
    """In a run over all files, and in one over this file alone."""
    newsroom.drop("2026/A/a.toml", about("![Pier](Photo One.png)", "One"))
    newsroom.drop("2026/A/b.toml", about("![Pier](Photo%20Two.png)", "Two"))
    newsroom.drop("2026/A/c.toml", about("![Pier](Photo%20Three.png)", "Three"))
    newsroom.build()

    newsroom.drop("2026/A/photo one.PNG", picture())
    newsroom.build()
    newsroom.drop("photo two.png", picture("red"))
    newsroom.build(changed_files=["photo two.png"])

    shown = {item["title"] for item in newsroom.items() if "<img" in item["content_html"]}
    assert shown == {"One", "Two"}
