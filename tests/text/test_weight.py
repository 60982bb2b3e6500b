"""Feeds stay small enough for readers, however long a text is."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.model import Correction, Edition
from dateline.text.weight import LARGEST, fitting, weight
from support.often import one_of_each
from support.publication import Newsroom, entry_file
from support.samples import documents, sample_edition, sample_entry, sample_feed

SIGNS = st.text(st.sampled_from('&<>"\\\n a\u00e9\u6f22\U0001f600'), min_size=1, max_size=300)
NO_MORE = 3  # entries of a feed, whatever their size


def long(text: str, size: int) -> str:
    """Return the TOML of a body of this length."""
    return f"'''\n{(text * (size // len(text) + 1))[:size]}\n'''"


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom whose feed has few entries, and archives after a few."""
    config = newsroom.folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    size = f'description = "Everything"\nentries = {NO_MORE}\ndays = 0'
    config.write_text(text.replace('description = "Everything"', size, 1), encoding="utf-8")
    return newsroom


def sizes(room: Newsroom) -> dict[str, int]:
    """Return the size of every document of a feed, archives included."""
    return {
        path: len(data)
        for path, (data, _) in room.feeds().items()
        if path.endswith((".rss", ".atom", ".json"))
    }


@given(texts=st.lists(SIGNS, min_size=6, max_size=6), html=SIGNS, count=st.integers(0, 3))
def test_an_entry_is_never_larger_than_its_weight(texts: list[str], html: str, count: int) -> None:
    """No format and no character makes it larger."""
    title, summary, place, category, author, correction = texts
    entry = sample_entry(
        title=title,
        summary=summary,
        place=place,
        categories=(category,) * count,
        authors=(author,) * count,
        html=html * 20,
        corrections=tuple(
            Correction(moment=sample_entry().updated, text=correction) for _ in range(count)
        ),
    )
    empty = Edition(feed=sample_feed(), entries=(), updated=entry.updated)

    frames = {form: len(one.data) for form, one in documents(edition=empty).items()}
    whole = {form: len(one.data) for form, one in documents(entry).items()}

    most = weight(entry.story, [one.text for one in entry.corrections])
    assert max(whole[form] - frames[form] for form in whole) <= most


@pytest.mark.long
@pytest.mark.parametrize("text", one_of_each('<漢&"a\\'))
def test_a_text_too_long_for_a_feed_is_left_out_of_it(room: Newsroom, text: str) -> None:
    """The summary and a link to the page stay, and staff are informed."""
    room.drop("b.toml", entry_file("Before"))
    room.build()
    room.drop(
        "a.toml",
        entry_file(
            "Long", summary='"In short & <plain>."', body=long(text, 900_000 // len(text.encode()))
        ),
    )
    report = room.build()

    assert {path: size for path, size in sizes(room).items() if size > LARGEST} == {}
    items: dict[str, Any] = {item["title"]: item for item in room.items()}
    (page,) = (room.folder / "feeds").rglob("long.html")
    shown = items["Long"]["content_html"]
    assert items.keys() == {"Long", "Before"}
    assert [one.code for one in report.problems] == ["text-heavy"]
    assert items["Before"]["content_html"] == "<p>Text of the report.</p>"
    assert page.stat().st_size > 450_000
    if text in "&<":
        address = f"http://127.0.0.1:8000/{page.relative_to(room.folder / 'feeds')}"
        link = f'<p><a href="{address}">The whole text</a></p>'
        assert shown == f"<p>In short &amp; &lt;plain&gt;.</p>\n{link}"
    else:
        assert len(shown) >= 300_000


@pytest.mark.long
def test_the_longest_texts_are_shortened_and_no_entry_is_missing(room: Newsroom) -> None:
    """Entries in no archive yet stay in the feed, and feed and archives have all entries."""
    for number, size in enumerate((900_000, 300_000, 400_000, 10_000, 500_000)):
        room.drop(
            f"{number}.toml",
            entry_file(f"N {number}", f"2026-11-{10 + number}", body=long("ab ", size)),
        )
        room.build()

    assert max(sizes(room).values()) < LARGEST
    feed = json.loads((room.folder / "feeds/news.json").read_bytes())
    titles = [item["title"] for item in feed["items"]]
    archived = [
        item["title"]
        for path, (data, _) in room.feeds().items()
        if re.fullmatch(r"archive/news/\d+\.json", path)
        for item in json.loads(data)["items"]
    ]
    assert {*titles, *archived} == {f"N {number}" for number in range(5)}


def test_as_few_texts_as_possible_are_left_out() -> None:
    """The longest are left out first, and only from entries that the feed must have."""
    entries = {
        name: sample_entry(id=name, html=f"<p>{'a' * size}</p>")
        for name, size in (("a", 900_000), ("b", 1_200_000), ("c", 50_000), ("d", 1_950_000))
    }

    shown, shortened = fitting(entries, {"a", "b", "c"})
    assert ([*shown], shortened) == (["a", "b", "c"], frozenset("b"))
    shown, shortened = fitting(entries, {"d"})
    assert ([*shown], shortened) == (["a", "d"], frozenset("d"))  # no gap before what is older


def test_a_shortened_entry_keeps_everything_but_its_text() -> None:
    """Picture, files, corrections, id and dates are in every format."""
    entry = sample_entry()
    edition = sample_edition(entry, shortened=frozenset({entry.id}))

    (whole,) = json.loads(documents(entry)["json"].data)["items"]
    (short,) = json.loads(documents(edition=edition)["json"].data)["items"]

    assert {key for key in whole if whole[key] != short[key]} == {"content_html"}
    assert short.keys() == whole.keys()
    assert (
        '<a href="https://news.example.org/2008/harbour-opens.html">The whole text</a>'
        in short["content_html"]
    )
    assert all(part in short["content_html"] for part in ("<figure>", "<ul>", "Correction"))
