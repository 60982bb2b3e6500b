"""The page on subscribing: the feeds, then how to receive one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bs4 import BeautifulSoup

from dateline.model import Feed, Links
from dateline.render.pages import Pages
from dateline.render.pages.navigation import BEGINNERS
from support.samples import sample_edition, sample_entry, sample_feed, sample_publication

MAIN = sample_feed(language="en")
MOST = 40  # elements at which a keyboard stops before anything is unfolded


def page(topics: int = 0, **changes: Any) -> Any:
    """Return the page for a publication with a main feed and topics, parsed."""
    others = [
        Feed(
            name=f"t{one}", title=f"T{one}", description="D", language="en", categories=(f"{one}",)
        )
        for one in range(topics)
    ]
    made = Pages(sample_publication(**changes), [MAIN, *others])
    *_, shown = made.of_feed(sample_edition(sample_entry(), feed=MAIN))
    return BeautifulSoup(shown.data, "lxml")


def test_readers_choose_a_feed_and_then_a_way() -> None:
    """The way for those who have a feed reader is unfolded."""
    shown = page(topics=2)

    assert [one.h3.text for one in shown.select(".feed")] == [MAIN.title, "T0", "T1"]
    assert [one.summary.text for one in shown.select("details.way")] == [
        "I have a feed reader",
        "I have no feed reader",
        "In my calendar",
        "Other formats",
    ]
    assert [one.has_attr("open") for one in shown.select("details.way")] == [True, *[False] * 3]


def test_beginners_find_a_reader_for_each_device() -> None:
    """On a telephone, a computer, and in a browser."""
    way = page().select("details.way")[1]

    assert [one.text for one in way.select("dt")] == ["Phone", "Computer", "Browser"]
    links = [link for programs in BEGINNERS.values() for link in programs.values()]
    assert [one["href"] for one in way.select("a")] == links


def test_the_program_of_the_device_is_the_last_way_for_a_reader() -> None:
    """Browsers without such a program show an error for `feed:`."""
    way = page(topics=2).select("details.way")[0]

    assert way.select("a")[-1]["href"] == "feed://news.example.org/news.rss"
    assert len([one for one in way.select("a") if one["href"].startswith("feed:")]) == 1


def test_a_list_of_the_organisation_is_a_way_in_its_language() -> None:
    """It follows the calendar, and is in the foot; a language without a list has the first one."""
    lists = (("en", "https://lists.example.org/news"), ("fr", "mailto:l@example.org?subject=oui"))
    shown = page(email_lists=lists)
    made = Pages(sample_publication(email_lists=lists), [MAIN, replace(MAIN, language="fr")])
    of_french, of_russian = (
        BeautifulSoup(made.entry(sample_entry(language=tag)).data, "lxml") for tag in ("fr", "ru")
    )

    way = shown.select("details.way")[3]
    assert way.summary.text == "By e-mail"
    assert [one["href"] for one in way.select("a")] == ["https://lists.example.org/news"]
    assert shown.select("footer .links a")[-1]["href"] == "https://lists.example.org/news"
    assert of_french.select("footer .links a")[-1]["href"] == "mailto:l@example.org?subject=oui"
    assert of_russian.select("footer .links a")[-1]["href"] == "https://lists.example.org/news"


def test_a_mailbox_is_named_by_its_address() -> None:
    """Those who write from another program can read it."""
    way = page(email_lists=(("en", "mailto:list@example.org?subject=yes"),)).select("details")[-2]

    assert way.a["href"] == "mailto:list@example.org?subject=yes"
    assert way.a.text == "list@example.org"


def test_a_keyboard_reaches_the_end_in_few_steps() -> None:
    """With eight topics, which the head names too, a foot of links and a list by e-mail."""
    pages = Links(about="/a.html", contact="/b.html", privacy="/c.html", accessibility="/d.html")
    shown = page(topics=8, links=pages, email_lists=(("en", "https://lists.example.org/"),))
    for folded in shown.select("details:not([open])"):
        for one in folded.find_all(recursive=False):
            if one.name != "summary":
                one.decompose()

    assert len(shown.select("a[href], button, summary")) <= MOST
