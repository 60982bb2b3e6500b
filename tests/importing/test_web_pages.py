"""Every date of a saved page is read correctly, or asked about."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.entries.normalise import markdown
from dateline.entries.pasted import html_to_markdown
from dateline.importing.fetch import FetchedPage
from dateline.importing.items import ImportedItem
from dateline.importing.sources import web_page
from dateline.importing.sources.web_page.date_lines import DateReader
from dateline.importing.sources.wordpress import shortcodes
from support.paths import DATA

DATES = DATA / "dates.tsv"
NOT_PLAIN = {"kind", "context"}
SITE = "https://www.example.org/news/"
LINES = """\
Latest news

20 October 2008, UNODC released report on trafficking in Lebanon
30 November - 3 December, UNODC holds Expert Group Meeting to
15 November 2008: Colloquium: the second
20 octobre 2008 – L'ONUDC publie un rapport
20 de octubre de 2008, La ONUDD publica un informe
20 октября 2008 года Доклад о торговле людьми
20 تشرين الأول/أكتوبر 2008 تقرير عن لبنان
2008年10月20日 黎巴嫩报告
2013-03-27 15:06:17.0 News of a database
22/01/2016 News with strokes
09/07/2012 - News of July or of September
19 October 2020
A headline below its date
And its text.
18 October 2020
"""
TABLE = """\
<html><head><link rel="canonical" href="https://www.example.org/news/"></head><body>
<nav><ul><li><a href="/">Home</a></li><li>1 May 2020</li></ul></nav>
<table><tr><td>2013-03-27 15:06:17.0</td><td><a href="a.html">In a table</a></td></tr></table>
<ul>
  <li><a href="b.html">Headline above its date</a><br>3 May 2011</li>
  <li lang="fr"><time>4 mai 2011</time> <a href="/c">Une nouvelle</a></li>
</ul>
<article><h2><a href="d.html">An article</a></h2><p>5 May 2011</p><p>It has a text.</p></article>
<h3>19 October 2020</h3>
<ul><li><a href="e.html">Two on one day</a></li><li><a href="f.html">The second</a></li></ul>
<h2>2007</h2>
<p>20 October – <a href="g.html">In a section of a year</a></p>
<script>document.write("1 May 2020, Not this")</script>
<footer><ul><li>Contact</li></ul></footer></body></html>
"""


def date_reader(language: str = "en", order: Any = None) -> DateReader:
    """Return a reader of dates for a newsroom in Vienna."""
    zone = ZoneInfo("Europe/Vienna")
    return DateReader(zone=zone, today=date(2026, 11, 25), language=language, order=order)


def listed(text: str, order: Any = None, site: str = SITE) -> list[ImportedItem]:
    """Read a saved page."""
    page = FetchedPage(place="saved.html", data=text.encode())
    return list(web_page.read(page, date_reader(order=order), site).items)


def test_lines_with_a_date_before_the_headline_are_read() -> None:
    """In six languages in one list; a date that is unclear is asked about."""
    found = listed(LINES)

    moment = datetime(2013, 3, 27, 14, 6, 17, tzinfo=UTC)
    day = date(2008, 10, 20)
    assert [(one.date, one.title, one.language) for one in found] == [
        (day, "UNODC released report on trafficking in Lebanon", "en"),
        (None, "UNODC holds Expert Group Meeting to", "en"),
        (date(2008, 11, 15), "Colloquium: the second", "en"),
        (day, "L'ONUDC publie un rapport", "fr"),
        (day, "La ONUDD publica un informe", "es"),
        (day, "Доклад о торговле людьми", "ru"),
        (day, "تقرير عن لبنان", "ar"),
        (day, "黎巴嫩报告", "zh"),
        (moment, "News of a database", ""),
        (date(2016, 1, 22), "News with strokes", ""),
        (None, "News of July or of September", ""),
        (date(2020, 10, 19), "A headline below its date", "en"),
        (None, "", "en"),
    ]
    assert found[11].html == "<p>And its text.</p>"
    assert "2012-07-09" in found[10].question
    assert "--order DMY" in found[10].question
    assert "30 November - 3 December" in found[1].question
    assert found[12].question == "has a date, 18 October 2020, and no headline"


@pytest.mark.long
@pytest.mark.parametrize(("order", "month"), [("DMY", 7), ("MDY", 9)])
def test_the_order_of_days_and_months_is_asked_for_once(order: str, month: int) -> None:
    """For the whole page; unambiguous dates keep their meaning."""
    found = {one.title: one.date for one in listed(LINES, order)}

    assert found["News of July or of September"] == date(2012, month, 9 if month == 7 else 7)
    assert found["News with strokes"] == date(2016, 1, 22)


def test_lists_tables_and_articles_are_read_with_their_links() -> None:
    """Other parts of the page are left out."""
    found = [(str(one.date)[:10], one.title, one.link.removeprefix(SITE)) for one in listed(TABLE)]

    assert found == [
        ("2013-03-27", "In a table", "a.html"),
        ("2011-05-03", "Headline above its date", "b.html"),
        ("2011-05-04", "Une nouvelle", "https://www.example.org/c"),
        ("2011-05-05", "An article", "d.html"),
        ("2020-10-19", "Two on one day", "e.html"),
        ("2020-10-19", "The second", "f.html"),
        ("2007-10-20", "In a section of a year", "g.html"),
    ]


def test_a_page_with_its_own_address_needs_no_site() -> None:
    """Otherwise `--site` is needed for relative links."""
    assert listed(TABLE, site="")[0].link == f"{SITE}a.html"
    bare = listed("<ul><li>3 May 2011 <a href='b.html'>News</a></li></ul>", site="")
    assert bare[0].link == ""
    assert "add --site" in bare[0].losses[0]


def test_a_date_below_a_headline_belongs_to_it() -> None:
    """Also outside lists."""
    card = "<div><h3><a href='{n}'>News {n}</a></h3><span>{n} May 2011</span>{text}</div>"
    for text in ("", "<p>A text.</p>"):
        cards = "".join(card.format(n=n, text=text) for n in (3, 2, 1)).replace("span", "p")
        found = listed(f"<h1>Latest news</h1>{cards}")

        assert [(one.title, one.date) for one in found] == [
            (f"News {n}", date(2011, 5, n)) for n in (3, 2, 1)
        ]


def test_an_untitled_text_stays_untitled() -> None:
    """Its title is made later, and that is reported."""
    (found,) = listed(f"3 May 2011, {'Something happened in Vienna. ' * 10}")

    assert (found.title, found.html.startswith("<p>Something")) == ("", True)


def rows() -> list[dict[str, str]]:
    """Return the dates of real listings, with their meanings."""
    with DATES.open(encoding="utf-8") as file:
        found = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [row for row in found if row["kind"] == "text" and not row["context"]]


@pytest.mark.parametrize("behind", ["", ", A headline", " – 12 people held", " 5 May is near"])
def test_no_date_of_a_real_list_is_misread(behind: str) -> None:
    """It is read as meant, or asked about, whatever follows it."""
    for row in rows():
        found = date_reader(row["lang"]).at_start(row["input"] + behind, None)

        if found and found.day:
            assert f"{found.day:%Y-%m-%d}" == row["start"][:10] == row["end"][:10], row["id"]


@given(st.text(max_size=200))
def test_any_page_is_read(text: str) -> None:
    """No content raises an exception."""
    listed(text)
    listed(f"<ul><li>{text}</li></ul><p>{text}</p>")


PIECES = st.sampled_from(
    ["a", "*", "_", "**", "`", "~~", "[x]", "(y)", "<", "&", "&amp;", "#", "- ", "1. ", "+", ">",
     "|", "\\", "!", "\n", " ", "é", "عن", "<br>", "<b>bold</b>", "<em>x</em>", "<code>c`d</code>",
     "<a href='https://x.example/a_(b)'>link</a>", "<img src='https://x.example/i.png' alt='i'>",
     "<p>", "</p>", "<ul><li>", "</li></ul>", "<blockquote>", "<h2>h</h2>", "<hr>",
     "<pre>p\n\n q</pre>",
     "<table><tr><td>1</td></tr></table>", "<script>s</script>", "<sub>2</sub>", "=", "---", "    "]
)  # fmt: skip


@given(st.lists(PIECES, max_size=14).map("".join))
def test_markdown_keeps_the_content_of_the_html(fragment: str) -> None:
    """Every word, link and picture, and no other; what Markdown lacks stays HTML."""
    clean = markdown.cleaned(fragment, base="https://x.example/")

    shown = html_to_markdown.shown(html_to_markdown.from_html(clean, {}))

    assert "".join(markdown.to_text(shown).split()) == "".join(markdown.to_text(clean).split())
    assert html_to_markdown.pictures_in_html(shown) == html_to_markdown.pictures_in_html(clean)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("![a](b.png)", ["b.png"]),
        ("![a [b] c](d_(e).png \"t\") ![](<f.png> 'u')", ["d_(e).png", "f.png"]),
        ("<img alt='x' src='g.png'/> <img alt='no source'>", ["g.png"]),
        ("![a]( h.png ) ![a](i.png (j)) ![a](", ["h.png", "i.png"]),
    ],
)
def test_the_pictures_of_a_markdown_text_are_found(text: str, names: list[str]) -> None:
    """In each notation; and they can be renamed there."""
    assert html_to_markdown.pictures_in_markdown(text) == names
    renamed = html_to_markdown.renamed_in_markdown(text, lambda name: f"x/{name}")
    assert html_to_markdown.pictures_in_markdown(renamed) == [f"x/{name}" for name in names]


@pytest.mark.parametrize(
    ("text", "html", "lost"),
    [
        ("[embed] https://x.example/v [/embed]", '<p><a href="{0}">{0}</a></p>', []),
        ('[video mp4="https://x.example/v"][/video]', '<p><a href="{0}">{0}</a></p>', []),
        ("[audio mp3='https://x.example/v'] end", '<p><a href="{0}">{0}</a> end</p>', []),
        ("[audio id='1'] [gallery] [gallery]", "", ["audio", "gallery"]),
        ("[caption]<img src='a'> b[/caption]", "<figure>", []),
        ("[caption]no picture[/caption] [note]", "<p>no picture [note]</p>", []),
        ("a <!-- never closed", "<p>a </p>", []),
    ],
)
def test_wordpress_shortcodes_are_expanded(text: str, html: str, lost: list[str]) -> None:
    """Those with an address become links; the others are named."""
    found, losses = shortcodes.to_html(text)

    assert html.format("https://x.example/v") in found
    assert [loss.split("]")[0] for loss in losses] == [f"has [{name}" for name in lost]
