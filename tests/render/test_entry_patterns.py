"""Pages of entries that follow a pattern are as the template renders them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from dateline.model import Entry, Feed, Headline, Neighbours, Span, Theme
from dateline.render.pages import Pages
from dateline.render.pages.entry_patterns import shape_of
from support.samples import (
    UPDATED,
    sample_edition,
    sample_entry,
    sample_entry_plain,
    sample_feed,
    sample_publication,
)

FEEDS = [
    sample_feed(),
    sample_feed(name="ports", title="Ports", categories=("a & <b>",)),
    sample_feed(name="corrections", title="Corrections", kinds=("correction",)),
]
HTML = (
    '<p>{} &amp; b &lt; c\u00a0"q"</p>\n<pre>x</pre>'
    '<p><img src="https://a.org/x.png" alt="y"><a href="https://news.example.org/a.html">l</a></p>'
)
NEAR = Neighbours(previous=sample_entry_plain(), related=(sample_entry(),))


@pytest.fixture(scope="module")
def pages() -> Pages:
    """Return pages whose patterns are made in the course of the tests."""
    return Pages(sample_publication(), FEEDS)


def entry(number: int, slug: str = "2008/10/a", **changes: Any) -> Entry:
    """Return an entry of texts alone."""
    plain = sample_entry_plain()
    story = replace(
        plain.story,
        title=f"<e{number}> & \"x\" '>' é 😀 {'long ' * 40 * number}",
        html=HTML.format(number),
        **changes,
    )
    return replace(plain, story=story, slug=f"{slug}{number}", id=f"tag:<{number}>&'")


def headline(language: str, number: int) -> Headline:
    """Return a translation."""
    return Headline(
        slug=f"2008/{language}{number}",
        title=f"O & <{number}> \"'{'long ' * 30}",
        language=language,
        published=UPDATED,
        updated=UPDATED,
    )


@pytest.mark.parametrize("language", ["en", "ar", "zh"])
@pytest.mark.parametrize("summary", ["", "A & B <c> \"d\" 'e'"])
@pytest.mark.parametrize("categories", [(), ("a & <b>", "é ☃")])
@pytest.mark.parametrize("others", [(), ("ru", "es")])
def test_a_page_by_a_pattern_is_as_the_template_renders_it(
    pages: Pages, language: str, summary: str, categories: tuple[str, ...], others: tuple[str, ...]
) -> None:
    """Its bytes are the same for the first entry of a shape and for all after it."""
    for number, near in enumerate((NEAR, Neighbours(), NEAR)):
        one = entry(number, language=language, summary=summary, categories=categories)
        translations = [headline(tag, number) for tag in others]
        alone = Pages(sample_publication(), FEEDS)

        assert shape_of(one, translations) is not None
        assert pages.entry(one, translations, UPDATED, near) == alone.entry(
            one, translations, UPDATED, near
        )


@pytest.mark.parametrize("html", ["", "<p></p>", '<p><img src="https://a.org/x.png" alt=""></p>'])
def test_a_page_without_words_is_the_same_by_a_pattern(pages: Pages, html: str) -> None:
    """Its description is its title, as there is nothing else to say of it."""
    pages.entry(entry(0))
    one = entry(0)
    one = replace(one, story=replace(one.story, title="A chart", html=html))
    made = pages.entry(one)

    assert made == Pages(sample_publication(), FEEDS).entry(one)
    assert b'<meta name="description" content="A chart">' in made.data


def test_pages_at_another_depth_have_another_pattern(pages: Pages) -> None:
    """Their links lead up as far as they must."""
    for slug in ("a", "2008/a", "2008/10/a"):
        *_, last = [pages.entry(entry(number, slug)).data.decode() for number in range(3)]

        assert f'href="{"../" * slug.count("/") or "./"}style.css"' in last


def test_what_has_more_than_texts_has_no_pattern() -> None:
    """Pictures, files, events, corrections and links are rendered by the template."""
    plain, whole = sample_entry_plain(), sample_entry()
    fields = ("image", "attachments", "event", "link")
    stories = [replace(plain.story, **{one: getattr(whole.story, one)}) for one in fields]
    others = [
        replace(plain, corrections=whole.corrections),
        replace(plain, retracted=UPDATED),
        *(replace(plain, story=story) for story in stories if story != plain.story),
    ]

    assert len(others) > 4
    assert [shape_of(one, ()) for one in others] == [None] * len(others)
    assert shape_of(plain, [headline("es", 1), headline("es", 2)]) is None


def test_pages_of_a_theme_with_templates_have_no_pattern() -> None:
    """Its template may show anything of an entry: the place, say."""
    template = "{{ entry.story.place }}/{{ entry.sequence }}"
    theme = Theme(templates=(("entry.html", template),))
    pages = Pages(sample_publication(theme=theme), FEEDS)
    shown = [pages.entry(replace(entry(1), sequence=number)).data for number in range(3)]

    assert shown == [b"/0", b"/1", b"/2"]


# ---- Items of lists


@pytest.mark.parametrize("archive", [0, 1])
@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.name)
def test_items_by_a_pattern_are_as_the_template_renders_them(
    pages: Pages, archive: int, feed: Feed
) -> None:
    """A list is the same whether its items follow a pattern or are rendered one by one."""
    theme = Theme(templates=(("copy.html", ""),))  # with templates of its own, there is no pattern
    alone = Pages(sample_publication(theme=theme), FEEDS)
    months = [Span(start=date(2008, 10, 1), end=date(2008, 10, 31), precision="month")]
    some = [
        entry(number, language=language, summary=summary, categories=topics, date=span)
        for number in range(2)
        for language in ("en", "ar")
        for summary in ("", "A & B <c> \"d\" 'e'")
        for topics in ((), ("a & <b>", "é ☃"))
        for span in (sample_entry_plain().story.date, *months)
    ]
    edition = sample_edition(*some, sample_entry(), feed=feed, archive=archive)

    assert [one.data for one in pages.of_feed(edition)] == [
        one.data for one in alone.of_feed(edition)
    ]


def test_equal_moments_are_written_in_their_own_zones(pages: Pages) -> None:
    """On the pages of their entries, and in lists: what is remembered of one is not the other's."""
    moments = [
        datetime(2008, 10, 21, 10, tzinfo=UTC),
        datetime(2008, 10, 21, 12, tzinfo=timezone(timedelta(hours=2))),
    ]
    some = [
        entry(number, date=Span(start=moment, end=moment, precision="minute"))
        for number, moment in enumerate(moments)
    ]
    listed = b"".join(one.data for one in pages.of_feed(sample_edition(*some, feed=FEEDS[0])))

    for one, moment in zip(some, moments, strict=True):
        written = f'datetime="{moment.isoformat(timespec="minutes")}"'.encode()
        assert written in pages.entry(one).data
        assert written in listed
