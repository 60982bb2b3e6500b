"""Retracted claims and cancelled events are marked wherever they are named."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from bs4 import BeautifulSoup

from dateline.model import Entry
from dateline.render.pages import Pages
from dateline.render.pages.json_ld import news_article
from support.publication import CONFIG, Newsroom, entry_file
from support.samples import UPDATED, sample_entry, sample_feed, sample_publication

ROOM = f"""{CONFIG}
[[feed]]
name = "events"
title = "Events"
description = "What takes place"
kinds = ["event"]

[[feed]]
name = "wrong"
title = "Corrections"
description = "What was wrong"
kinds = ["correction"]
language = "*"
"""
REASON = "It was <never> true & is withdrawn."
WORDS = {  # labels of a retracted and of a cancelled entry
    "en": ("Retracted:", "Cancelled:"),
    "fr": ("Rétracté\u00a0:", "Annulé\u00a0:"),
    "ar": ("سُحب:", "أُلغي:"),
    "zh": ("已撤稿：", "已取消："),
    "sw": ("Retracted:", "Cancelled:"),
}


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom with a retracted and a cancelled entry in two languages."""
    (newsroom.folder / "config.toml").write_text(ROOM, encoding="utf-8")
    for language in ("en", "ar"):
        news = {"language": f'"{language}"', "categories": '["Lebanon"]'}
        event = {**news, "event": "2026-12-01", "place": '"Pier 3"'}
        news |= {"translation_of": '"news-en"'} if language != "en" else {}
        newsroom.drop(f"news-{language}.toml", entry_file(f"Claim {language}", **news))
        newsroom.drop(f"event-{language}.toml", entry_file(f"Hearing {language}", **event))
        newsroom.build()
        back = {"status": '"retracted"', "retraction": f'"{REASON}"'}
        newsroom.drop(f"news-{language}.toml", entry_file(f"Claim {language}", **news, **back))
        newsroom.drop(f"event-{language}.toml", entry_file(f"Hearing {language}", **event, **back))
    newsroom.build()
    return newsroom


def as_read(data: bytes) -> str:
    """Return a document without tags and escapes."""
    text = re.sub(r"<[^>]*>", "", data.decode(errors="ignore"))
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


@pytest.mark.long
def test_no_document_has_the_title_without_its_label(room: Newsroom) -> None:
    """In feeds, lists, metadata, calendars, sitemaps and links to translations.

    An event of schema.org has its plain name, beside its status.
    """
    found = 0
    for path, (data, _) in room.feeds().items():
        for before in re.findall(r"(.{0,16})\b(?:Claim|Hearing) (?:en|ar)\b", as_read(data)):
            found += 1
            is_said = before.endswith(("Retracted: ", "Cancelled: ", "سُحب: ", "أُلغي: "))
            is_notice = before.endswith(("Retraction: ", "Cancellation: ", "سحب: ", "إلغاء: "))
            assert (
                is_said
                or (is_notice and path.startswith("wrong."))
                or (before.endswith('"name": "') and "EventCancelled" in data.decode())
            ), (path, before)

    assert found > 60


def page_of(entry: Entry) -> Any:
    """Return the page of an entry, parsed."""
    made = Pages(sample_publication(), [sample_feed()]).entry(entry)
    return BeautifulSoup(made.data, "lxml")


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("is_event", [False, True])
def test_a_page_has_the_label_in_its_title_and_the_reason_in_a_box(
    language: str, *, is_event: bool
) -> None:
    """The box differs from that of a correction, and the text is nowhere else."""
    entry = retracted(language=language, **({} if is_event else {"event": None, "place": ""}))

    page = page_of(entry)

    title = f"{WORDS[language][is_event]} A claim"
    (box,) = page.select(".retraction")
    assert page.title.text.startswith(f"{title} – ")
    assert page.select_one("[property='og:title']")["content"] == title
    assert page.h1.text == title
    assert box.select_one(".e-content").text.strip() == REASON
    assert len(page.select(".e-content")) == 1
    assert page.select_one("[name=description]")["content"] == REASON
    assert bool(page.select(".event s")) == is_event


def retracted(**changes: Any) -> Entry:
    """Return an entry that is retracted, as `entries.normalise` and `rules.decide` leave it."""
    text = {"html": "<p>It was &lt;never&gt; true &amp; is withdrawn.</p>", "retraction": REASON}
    kept = {"title": "A claim", "summary": "", "image": None, "attachments": (), "corrections": ()}
    return sample_entry(**{**kept, **text, "retracted": UPDATED, **changes})


def test_the_page_is_marked_for_machines() -> None:
    """By `headline`, `correction` and `creativeWorkStatus`, and by the event's status."""
    said: Any = news_article(retracted(), sample_publication(), summary=REASON)

    assert said["headline"] == "Cancelled: A claim"
    assert said["creativeWorkStatus"] == "Retracted"
    assert [one["text"] for one in said["correction"]] == [REASON]
    (event,) = said["about"]
    assert (event["name"], event["startDate"]) == ("A claim", "2008-11-30")
    assert event["eventStatus"] == "https://schema.org/EventCancelled"


@pytest.mark.long
def test_feeds_have_the_reason_in_one_paragraph_with_its_label(room: Newsroom) -> None:
    """And a title with the label."""
    shown = {item["title"]: item["content_html"] for item in room.items()}

    assert {"Retracted: Claim en", "Cancelled: Hearing en"} <= shown.keys()
    text = BeautifulSoup(shown["Retracted: Claim en"], "lxml")
    assert text.get_text() == f"Retraction (2026-11-25): {REASON}"
    assert len(text.find_all("p")) == 1


@pytest.mark.long
def test_an_undone_retraction_leaves_no_trace(room: Newsroom) -> None:
    """The title is as before."""
    room.drop("news-en.toml", entry_file("Claim en", language='"en"', categories='["Lebanon"]'))
    room.build()

    assert "Claim en" in [item["title"] for item in room.items()]
    assert json.loads((room.folder / "feeds/news.json").read_bytes())["items"]
