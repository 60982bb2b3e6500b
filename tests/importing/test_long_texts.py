"""The cost of importing grows linearly with the length of a text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from dateline.entries.normalise import markdown
from dateline.entries.pasted import html_to_markdown
from dateline.importing.fetch import FetchedPage
from dateline.importing.items import ImportedItem
from dateline.importing.media import linked, pictured
from dateline.importing.sources import web_page
from dateline.importing.sources.archives import read
from dateline.importing.sources.sites import front_matter
from dateline.importing.sources.sites.shortcodes import Commands, resolved
from dateline.importing.sources.web_page.date_lines import DateReader
from dateline.importing.sources.wordpress import shortcodes
from support.processor import is_linear, seconds

pytestmark = pytest.mark.long

TODAY = date(2026, 11, 25)
DATE_READER = DateReader(zone=ZoneInfo("UTC"), today=TODAY, language="en", order=None)
SHORT, TIMES = 4_000, 8  # characters, and the ratio of the longer text to it
TOO_MUCH = 32  # ratio of costs; a quadratic algorithm has 64, masking the longer text alone 20
NOTHING = 0.03  # seconds, below which a measurement is noise


def from_html(text: str) -> object:
    """Convert the text of an item."""
    return html_to_markdown.from_html(
        markdown.cleaned(f"<p>{text}</p>", base="https://x.example/"), {}
    )


def rss(text: str) -> object:
    """Read a feed of one item."""
    item = f"<item><title>a</title><description><![CDATA[{text}]]></description></item>"
    whole = f"<rss version='2.0'><channel>{item}</channel></rss>"
    return read(FetchedPage(place="x", data=whole.encode()), TODAY)


def page(text: str) -> object:
    """Read a saved page."""
    return web_page.read(
        FetchedPage(place="x", data=text.encode()), DATE_READER, "https://x.example/"
    )


PARTS = [
    "&", "<", "[", "{%", "{{", " ", "!", "*", "_", "`", "\n", "![", "![](", "](", "<br>", "<br> ",
    "<p>", "<b>", "<pre>", "<ul><li>", "<blockquote>", "<!--", "[caption ", "[caption]<img ",
    "[caption]", "[embed]", "[video ", "[video src='a' ", "<img src='a' ", "<img ", "![a](b ",
    "&amp;", "---\n", "==\n", "\n \n", "3 May ", "<video ", "<video>", "<iframe src='a'>",
    "[a](x-dateline-page:", "{% raw %}", "{{< highlight >}}", "{{ a ", "```\n", "<object data=a>",
    "<noscript>", "<img ", "<img>", " data-src=", " src='", "<noscript><img src=a></noscript>",
]  # fmt: skip


BLANKS = [" ", "\t", "\n", "\r", " \n", "\n ", "&nbsp;", "&#9;", "<br>", "\\"]
BETWEEN = ["<p>a{}b</p>", "<pre>a{}b</pre>", "<pre><code>a{}b</code></pre>", "<li>a<b>{}</b>b"]


def commands(text: str) -> object:
    """Expand the commands of generators."""
    return [Commands(kind=kind, url="").expand(text) for kind in ("Hugo", "Eleventy")]


def players(text: str) -> object:
    """Replace players with links, and make other links absolute."""
    item = linked(ImportedItem(origin="x", markdown=text, html=text, base="https://x.example/"))
    return html_to_markdown.absolute_in_markdown(item.markdown, "https://x.example/")


STEPS: dict[str, Callable[[str], object]] = {
    "from_html": from_html,
    "to_text": markdown.to_text,
    "shortcodes": shortcodes.to_html,
    "pictures": html_to_markdown.pictures_in_markdown,
    "front matter": lambda text: front_matter.split(f"---\ntitle: x\n---\n{text}".encode(), "x.md"),
    "unfinished": lambda text: front_matter.split(f"---\ntitle: x\n{text}".encode(), "x.md"),
    "rss": rss,
    "commands": commands,
    "players": players,
    "lazy pictures": lambda text: pictured(ImportedItem(origin="x", html=text)),
    "links": lambda text: resolved(text, lambda _: None),
    "page": page,
}
SLOW = {"from_html", "page"}

# The beginning of a text, and what is repeated in it.
LISTS_AND_TABLES = [
    ("<ol>", "<li>x"), ("<ol start=5>", "<li><p>x"), ("<table><thead>", "<tr><td>x"),
    ("<table>", "<tbody><tr><td>x"), ("<table>", "<tr><td>x"), ("<table><tr>", "<td colspan=99>x"),
    ("", "<table><tr><td colspan=99>x"), ("<table><tr><td>" * 50, "<td>x"),
]  # fmt: skip


def assert_linear(run: Callable[[str], object], start: str, part: str, end: str = "") -> None:
    """Check that eight times a part costs about eight times as much."""
    text = part * (SHORT // len(part))
    short, long = (start + one + end for one in (text, text * TIMES))
    time = partial(seconds, run)
    assert is_linear(time, short, long, most=TOO_MUCH, brief=NOTHING), start + part + end


@pytest.mark.parametrize(
    "step",
    [pytest.param(one, marks=pytest.mark.release if one in SLOW else ()) for one in STEPS],
)
def test_the_cost_of_a_text_is_linear_in_its_length(step: str) -> None:
    """Eight times the length costs about eight times as much, whatever is repeated."""
    run = STEPS[step]
    run("x")
    for part in PARTS:
        assert_linear(run, "", part)


@pytest.mark.parametrize("step", STEPS)
def test_the_cost_of_blanks_is_linear_in_their_number(step: str) -> None:
    """Wherever they are between words."""
    run = STEPS[step]
    run("x")
    for around in BETWEEN:
        start, end = around.split("{}")
        for blank in BLANKS:
            assert_linear(run, start, blank, end)


@pytest.mark.release
def test_the_cost_of_lists_and_tables_is_linear_in_their_length() -> None:
    """However many items, rows and columns they have, and tables are in them."""
    from_html("<ol><li>x")
    for start, part in LISTS_AND_TABLES:
        assert_linear(from_html, start, part)


def test_a_table_of_very_many_columns_takes_no_time() -> None:
    """Markdown would repeat each of them, and in a table within it once more for each level."""
    text = "<table><tr><td colspan=1000>x" * 300

    assert seconds(from_html, text) < 2
    assert len(str(from_html("<table><tr>" + "<td colspan=1000>x" * 300))) < 50_000


@pytest.mark.parametrize("character", ["@", "_", "a.", "("])
def test_a_name_is_read_in_linear_time(character: str) -> None:
    """The name of an author, after an address, is found however many characters look like one."""
    author = character * 50_000
    item = f"<item><title>a</title><author>{author}</author></item>"
    whole = f"<rss version='2.0'><channel>{item}</channel></rss>"

    assert seconds(lambda data: read(FetchedPage(place="x", data=data.encode()), TODAY), whole) < 2


def test_very_many_empty_elements_take_no_time_at_each_end() -> None:
    """Beautiful Soup looked at all of them for each end of another element."""
    short, long = "__<hr>" * 5_000, "__<hr>" * 40_000

    assert is_linear(partial(seconds, from_html), short, long, most=TOO_MUCH, brief=NOTHING)
