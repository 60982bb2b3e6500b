"""The page of an entry: its picture, its files, and the state of its event."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup

from dateline.model import Headline, Media, Neighbours
from dateline.render.pages import Pages
from support.publication import Newsroom, entry_file
from support.samples import UPDATED, sample_entry, sample_feed, sample_picture, sample_publication

SITE = "https://news.example.org/media/"
PAPER = Media(
    url=f"{SITE}a-report.pdf",
    path="media/a-report.pdf",
    media_type="application/pdf",
    length=1_234_567,
    title="The report",
)
SPEECH = replace(PAPER, url=f"{SITE}s.mp3", path="media/s.mp3", media_type="audio/mpeg", length=0)
FILM = replace(SPEECH, url="https://a.org/f.mp4", path=None, media_type="video/mp4")


def page(now: datetime | None = None, **changes: Any) -> Any:
    """Return the page of an entry with these fields, parsed."""
    made = Pages(sample_publication(), [sample_feed()]).entry(sample_entry(**changes), (), now)
    return BeautifulSoup(made.data, "lxml")


def test_a_file_has_its_title_kind_and_size() -> None:
    """In the language of the page; what is on another site has its host."""
    found = page(attachments=(PAPER, FILM)).select(".documents li")

    assert [" ".join(one.text.split()) for one in found] == [
        "The report PDF · 1.2 MB",
        "The report MP4 · a.org",
    ]


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "Les ports PDF · 1.2 MB · 12 pages · Français"),
        ("ru", "Les ports PDF · 1,2 МБ · 12 страниц · Français"),
        ("sw", "Les ports PDF · MB 1.2 · 12 pages · Français"),
        ("fr-CA", "Les ports PDF · 1,2 Mo · 12 pages"),
    ],
)
def test_a_document_has_its_own_title_pages_and_language(language: str, shown: str) -> None:
    """The language where it is not the page's, and then on the link, too."""
    paper = replace(PAPER, title="r.pdf", pages=12, own_title="Les ports", own_language="fr-FR")
    (found,) = page(attachments=(paper,), language=language).select(".documents li")

    assert " ".join(found.text.split()) == shown
    assert (found.a.get("hreflang"), found.a.get("lang")) == (
        ("fr-FR", "fr-FR") if language != "fr-CA" else (None, None)
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [("r.pdf", "PDF"), ("get.ashx?id=1", ""), ("a.php?f=r.pdf", ""), ("annual.report-final", "")],
)
def test_the_kind_of_a_document_is_not_that_of_a_program(name: str, kind: str) -> None:
    """Nor is it whatever follows a dot in an address."""
    address = f"https://e.org/{name}"
    file = Media(url=address, path=None, media_type="text/html", length=0, title="Minutes")
    (found,) = page(attachments=(file,)).select(".documents li .when")

    assert found.text == " · ".join(filter(None, [kind, "e.org"]))


def test_a_document_has_the_language_that_staff_wrote() -> None:
    """Its title in the language of the page is not marked as being in that of the document."""
    paper = replace(PAPER, language="ar", own_language="en")
    (link,) = page(attachments=(paper,)).select(".documents a")

    assert (link["hreflang"], link.get("lang")) == ("ar", None)


def test_a_recording_of_the_site_can_be_played() -> None:
    """Nothing is loaded before; one on another site is a link."""
    shown = page(attachments=(SPEECH, FILM))

    (player,) = shown.select("audio, video")
    assert (player.name, player["src"], player["preload"]) == ("audio", "../media/s.mp3", "none")
    assert shown.select_one(".documents a[href='https://a.org/f.mp4']")


def test_a_picture_has_its_credit_as_caption() -> None:
    """It is loaded first; pictures in the text wait."""
    html = f'<p><img src="{SITE}b.png" alt="B"></p>'
    shown = page(image=sample_picture(), html=html)

    assert shown.figure.figcaption.text == "Photograph: A. Photographer & Sons"
    assert [one.get("loading") for one in shown.select(".e-content img")] == [None, "lazy"]


def test_a_picture_has_its_caption_above_its_credit() -> None:
    """Search engines get the caption, and beside it what the picture shows."""
    shown = page(image=sample_picture(caption="At <dawn>", alt="A pier"))
    (image,) = json.loads(shown.select_one("script[type='application/ld+json']").text)["image"]

    credit = "Photograph: A. Photographer & Sons"
    assert [*shown.figure.figcaption.stripped_strings] == ["At <dawn>", credit]
    assert (image["caption"], image["description"]) == ("At <dawn>", "A pier")


def test_the_summary_of_staff_is_the_standfirst() -> None:
    """A summary that is taken from the text is not said twice."""
    assert page(summary="In short.").select_one(".standfirst").text == "In short."
    assert page(summary="").select(".standfirst") == []


@pytest.mark.parametrize(
    ("days", "state"), [(-9, "Coming"), (0, "Under way"), (9, "Past")], ids=lambda one: f"{one}"
)
def test_an_event_says_whether_it_is_coming(days: int, state: str) -> None:
    """A cancelled one says so instead, and a page without a moment nothing."""
    now = datetime(2008, 10, 20, 12, tzinfo=UTC) + timedelta(days=days)
    event = sample_entry().story.date

    assert page(now, event=event).select_one(".event .mark").text == state
    assert page(now, event=event, retracted=UPDATED).select(".event .mark") == []
    assert page(event=event).select(".event .mark") == []


@pytest.mark.long
def test_the_page_of_an_event_changes_when_it_begins_and_ends(newsroom: Newsroom) -> None:
    """By itself, and without any other page."""
    newsroom.drop("a.toml", entry_file("A day", event="2026-11-27"))
    newsroom.build()
    path, found = newsroom.folder / "feeds/2026/11/a-day.html", list[str]()
    for day in (26, 27, 28):
        newsroom.now = datetime(2026, 11, day, 12, tzinfo=UTC)
        newsroom.build(after=timedelta())
        mark = BeautifulSoup(path.read_bytes(), "lxml").select_one(".event .mark")
        found.append(mark.text if mark else "")

    assert found == ["Coming", "Under way", "Past"]


def test_a_page_depends_on_no_other_page() -> None:
    """What pages of one language share is made once, and is the same for each."""
    feeds = [sample_feed(), replace(sample_feed(), name="arabic", language="ar")]
    known = sample_entry()
    near = Neighbours(previous=known, following=None, related=(known,))
    entries = [
        sample_entry(language=language, title=title, event=event, authors=(title,))
        for language in ("en", "ar")
        for title, event in (("A", None), ("B", known.story.date))
    ]
    others = replace(near, following=entries[0], related=(*entries, known))
    arabic = [
        Headline(slug=slug, title="A", language="ar", published=UPDATED, updated=UPDATED)
        for slug in ("2008/10/a&b", "2008/10/c")
    ]
    pages = Pages(sample_publication(), feeds)

    for entry in entries:
        for shown, neighbours in (((), near), (arabic[:1], others), (arabic[1:], near)):
            made = pages.entry(entry, shown, neighbours=neighbours)
            alone = Pages(sample_publication(), feeds).entry(entry, shown, neighbours=neighbours)
            assert made.data == alone.data
            links = BeautifulSoup(made.data, "lxml").select("header [hreflang=ar]")
            if entry.story.language == "en":
                assert [link["href"] for link in links] == [
                    f"../{shown[0].slug if shown else 'arabic'}.html"
                ]


def test_a_link_can_be_copied() -> None:
    """To the page itself; without a script there is no button."""
    (button,) = page().select("article button")

    assert button["data-copy"] == f"https://news.example.org/{sample_entry().slug}.html"
    assert button.has_attr("hidden")
    assert (
        json.loads(page().select_one("[type='application/ld+json']").text)["url"]
        == (button["data-copy"])
    )
