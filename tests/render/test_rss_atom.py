"""RSS and Atom follow their specifications and suit readers."""

from __future__ import annotations

import html
import json
from dataclasses import replace

import pytest
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from dateline.model import Theme
from dateline.render import full_text
from dateline.render.feeds import rss_atom
from dateline.render.feeds.common import FeedView
from dateline.render.feeds.patterns import filled, shape_of
from support.reading import ATOM_SCHEMA, NAMESPACES, texts
from support.samples import (
    documents,
    sample_edition,
    sample_entry,
    sample_entry_plain,
    sample_picture,
    sample_publication,
)


@pytest.mark.parametrize("form", ["rss", "atom"])
@pytest.mark.parametrize("archive", [0, 1])
def test_inserted_entries_are_indented_like_a_whole_feed(form: str, archive: int) -> None:
    """The result equals the output of lxml."""
    tricky = sample_entry(title="<entry> & <!--entries-->")
    edition = sample_edition(tricky, sample_entry_plain(), archive=archive)
    data = documents(edition=edition)[form].data
    tree = etree.fromstring(data, etree.XMLParser(remove_blank_text=True))
    written = etree.tostring(
        tree.getroottree(), pretty_print=True, encoding="UTF-8", xml_declaration=True
    )

    assert len(tree.findall(".//{*}entry") or tree.findall(".//item")) == 2
    assert (
        data.replace(b"&#x26;", b"&amp;").replace(b"&#x3C;", b"&lt;").replace(b"&#x3E;", b"&gt;")
        == written
    )
    assert b"<!--" not in data


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("summary", ["", 'A & B <c> "d"'])
@pytest.mark.parametrize("categories", [(), ('a & <b> "q"',), ("x", "é ☃")])
@pytest.mark.parametrize("link", [None, 'https://example.org/?a=1&b="2"'])
def test_an_item_by_a_pattern_is_as_feedgen_writes_it(
    language: str, summary: str, categories: tuple[str, ...], link: str | None
) -> None:
    """Its bytes are the same in both formats, whatever its texts contain."""
    entry = sample_entry_plain()
    story = replace(
        entry.story,
        title='<entry> & "x" > é 😀',
        html='<p title="&quot;">a &amp; b &lt; c\u00a0"q"\r\n\ud7ff</p>\n<p>…</p>',
        language=language,
        summary=summary,
        categories=categories,
        authors=('Z & "Y" <z>',),
        link=link,
    )
    entry = replace(entry, story=story, id=link or entry.id)
    view = FeedView.of(sample_publication(), sample_edition(entry), page="")
    shape = shape_of(view.items[0])

    assert shape is not None
    assert filled(view.items[0], rss_atom.patterns(shape)) == rss_atom.written(view.items[0])


def test_an_item_with_files_or_an_event_has_no_pattern() -> None:
    """Its elements depend on more than its texts: feedgen writes it."""
    place = sample_entry(image=None, attachments=(), event=None, place="Harbour")
    entries = (sample_entry(), sample_entry(image=None, attachments=()), place)
    view = FeedView.of(sample_publication(), sample_edition(*entries), page="")

    assert [*map(shape_of, view.items)] == [None, None, None]


def test_a_feed_without_entries_has_no_placeholder() -> None:
    """It has the metadata alone."""
    shown = documents(edition=sample_edition(entries=()))

    assert all(b"<!--" not in shown[form].data for form in ("rss", "atom"))


# ---- RSS


def test_plain_text_in_rss_has_hexadecimal_references() -> None:
    """As the RSS profile recommends, in plain texts only."""
    data = documents()["rss"].data.decode()

    assert '<title>Harbour opens: "3 &#x3C; 4" &#x26; more &#x3E;</title>' in data
    assert "<category>Ports &#x26; piers</category>" in data
    assert "<description>The harbour opens at 9 &amp;amp; closes" in data
    assert "hub?a=1&amp;b=2" in data


def test_rss_dates_are_in_gmt_and_english() -> None:
    """Every date has the form that all readers parse."""
    data = documents()["rss"].data

    assert texts(data, "//channel/pubDate") == ["Wed, 22 Oct 2008 09:30:00 GMT"]
    assert texts(data, "//lastBuildDate") == ["Thu, 23 Oct 2008 14:00:00 GMT"]
    assert texts(data, "//item[3]/pubDate") == ["Mon, 20 Oct 2008 09:30:00 GMT"]


def test_metadata_of_the_channel_comes_before_its_items() -> None:
    """A reader that stops at the first item misses nothing."""
    names = [child.tag for child in etree.fromstring(documents()["rss"].data)[0]]

    assert names[-3:] == ["item"] * 3
    assert "item" not in names[:-3]


def test_the_full_text_follows_the_summary() -> None:
    """`content:encoded` is always there, after the summary or the first sentences."""
    long = sample_entry(summary="", html=f"<p>{'One &lt; two &amp; more. ' * 40}</p>")
    bare = sample_entry(summary="", html='<img src="https://example.org/a.png" alt="">', title="A<")
    entries = (sample_entry(), sample_entry_plain(), long, bare)
    data = documents(*entries)["rss"].data

    descriptions = texts(data, "//item/description")
    assert texts(data, "//item/description/following-sibling::content:encoded") == [
        full_text(entry) for entry in entries
    ]
    assert descriptions[:2] == [
        'The harbour opens at 9 &amp; closes at 5, "as &lt;always&gt;".',
        "Only a body.",
    ]
    assert descriptions[2].startswith("One &lt; two &amp; more. One")
    assert len(html.unescape(descriptions[2])) <= 280
    assert descriptions[3] == "A&lt;"


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_picture_has_its_credit(form: str) -> None:
    """With it or, if it is the enclosure, with the entry."""
    credit = "Photograph: A. Photographer & Sons"
    beside = documents(sample_entry())[form].data
    alone = documents(sample_entry(attachments=()))[form].data
    unnamed = documents(sample_entry(image=sample_picture(credit="")))[form].data

    assert texts(beside, "//media:content/media:credit") == texts(beside, "//media:credit")
    assert texts(beside, "//media:credit") == texts(alone, "//media:credit") == [credit]
    assert texts(unnamed, "//media:credit") == []


def test_atom_has_an_enclosure_of_unknown_length() -> None:
    """An attachment at a remote address; the picture stays beside it."""
    here, elsewhere = sample_entry().story.attachments
    for attachments, address in (
        ((elsewhere, here), here.url),
        ((elsewhere,), elsewhere.url),
        ((), sample_picture().url),
    ):
        shown = documents(sample_entry(attachments=attachments))
        data = shown["atom"].data
        (found,) = etree.fromstring(data).iterfind(".//{*}link[@rel='enclosure']")
        assert found.get("href") == address
        assert ("length" in found.attrib) == (address != elsewhere.url)
        assert found.get("type")
        assert bool(texts(data, "//media:content")) == bool(attachments)
        ATOM_SCHEMA.assertValid(etree.fromstring(data))
    assert texts(shown["rss"].data, "//enclosure/@url") == [sample_picture().url]


def test_atom_has_title_and_language_of_an_enclosure() -> None:
    """Those that staff wrote: the name of a file is no title, and feeds stay as they were."""
    here = sample_entry().story.attachments[0]
    own = {"pages": 12, "own_title": "Own", "own_language": "fr"}
    for changes, expected in (
        ({"title": 'Annex "A" & <B>', "language": "ar"}, ('Annex "A" & <B>', "ar")),
        ({"title": "Report 2.PDF", **own}, (None, None)),
    ):
        data = documents(sample_entry(attachments=(replace(here, **changes),)))["atom"].data
        (found,) = etree.fromstring(data).iterfind(".//{*}link[@rel='enclosure']")
        assert (found.get("title"), found.get("hreflang")) == expected
        assert ('hreflang="ar"' in texts(data, "//atom:content")[0]) == bool(expected[1])
        ATOM_SCHEMA.assertValid(etree.fromstring(data))


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_feedly_has_its_elements(form: str) -> None:
    """Icon, cover, logo and accent colour, by address or by file; archives stay unchanged."""
    picture = sample_picture(url="https://news.example.org/media/own.svg")
    own = Theme(logo=picture, icon=picture, accent="#990000")
    names = "*[namespace-uri() = 'http://webfeeds.org/rss/1.0']"
    named = documents(publication=sample_publication(theme=own))[form].data
    filed = documents(publication=sample_publication(theme=own, icon="", logo=""))[form].data
    none = documents(publication=sample_publication(icon="", logo=""))[form].data
    archive = documents(
        publication=sample_publication(theme=own), edition=sample_edition(archive=1)
    )[form].data

    assert texts(named, f"/*/{names}/@image | /*/*/{names}/@image") == [
        "https://news.example.org/media/logo.png"
    ]
    assert texts(named, f"//{names}") == [None, "https://news.example.org/media/icon.png", "990000"]
    assert texts(filed, f"//{names}/@image") == [picture.url]
    assert texts(filed, f"//{names}") == [None, picture.url, "990000"]
    assert b"webfeeds" not in none + archive
    assert named.index(b"<webfeeds:cover") < named.index(
        {"rss": b"<item>", "atom": b"<entry>"}[form]
    )


def test_a_guid_is_a_permalink_only_if_it_is_the_link() -> None:
    """It is always there, and states whether it is one."""
    link = "https://www.example.org/old/1"
    data = documents(sample_entry(id=link, link=link), sample_entry_plain())["rss"].data

    assert texts(data, "//guid") == [link, "tag:example.org,2008:entry/2"]
    assert texts(data, "//guid/@isPermaLink") == ["true", "false"]


def test_ttl_is_in_whole_minutes_and_at_least_one() -> None:
    """It follows the base of `max-age`."""
    for seconds, minutes in ((300, "5"), (119, "1"), (5, "1")):
        data = documents(publication=sample_publication(max_age=seconds))["rss"].data
        assert [minutes] == texts(data, "//ttl")


def test_without_an_email_no_editor_is_named() -> None:
    """A publication without `email` has no address in its feeds."""
    shown = documents(sample_entry(), publication=sample_publication(email=""))

    assert texts(shown["rss"].data, "//managingEditor | //webMaster") == []
    assert texts(shown["atom"].data, "//atom:email") == []


@pytest.mark.parametrize(
    ("author", "name"),
    [("Office (Port)", "Office (Port)"), ("Office :)", "Office :"), (")Office(", "Office")],
)
def test_the_editors_name_has_balanced_parentheses(author: str, name: str) -> None:
    """An unbalanced parenthesis would make the address unreadable."""
    shown = documents(publication=sample_publication(author=author))

    assert texts(shown["rss"].data, "//managingEditor") == [f"news@example.org ({name})"]
    assert texts(shown["atom"].data, "/atom:feed/atom:author/atom:name") == [author]


# ---- Atom


def test_atom_is_valid() -> None:
    """It follows RFC 4287's schema, and defines no prefix of its own."""
    data = documents()["atom"].data

    ATOM_SCHEMA.assertValid(etree.fromstring(data))
    assert b"xmlns:atom" not in data
    assert data.count(b"xmlns:media") == 1


def test_the_schema_refuses_a_feed_without_an_id() -> None:
    """This shows that the schema is really checked."""
    root = etree.fromstring(documents()["atom"].data)
    root.remove(root.find("atom:id", NAMESPACES))

    assert not ATOM_SCHEMA.validate(root)


def test_a_feed_keeps_its_id_when_the_site_moves() -> None:
    """The id depends on the tag authority, not on the address."""
    moved = documents(publication=sample_publication(url="https://elsewhere.example.net/"))

    assert texts(moved["atom"].data, "/atom:feed/atom:id") == ["tag:example.org,2008:feed/news"]


@pytest.mark.parametrize(
    "carried_over",
    [
        "https://old.example.org/?p=4&lang=en",
        "HTTP://Old.Example.org",
        "blog:naïve",
        "tag:example.com,2004:blog-5",
        "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
        "4711",
        "5 at https://example.org",
        "100% news",
        "feed/news",
    ],
)
def test_an_imported_id_is_equal_in_every_format(carried_over: str) -> None:
    """Character by character, even if it is no URI, since readers compare ids as text."""
    shown = documents(sample_entry(id=carried_over))

    assert texts(shown["rss"].data, "//guid") == [carried_over]
    assert json.loads(shown["json"].data)["items"][0]["id"] == carried_over
    assert texts(shown["atom"].data, "//atom:entry/atom:id") == [carried_over]


def test_the_alternate_link_comes_before_the_enclosure() -> None:
    """An entry has one page, with its type, and then its files."""
    data = documents(sample_entry())["atom"].data

    assert texts(data, "//atom:entry/atom:link/@rel") == ["alternate", "enclosure"]
    assert texts(data, "//atom:entry/atom:link/@type") == ["text/html", "application/pdf"]
