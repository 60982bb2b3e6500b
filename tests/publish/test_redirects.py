"""Guessed feed addresses redirect to the main feed."""

from __future__ import annotations

import pytest

from dateline.documents.manifest import ManifestReader
from dateline.model import Feed
from dateline.model.formats import Format
from dateline.publish.produce.redirects import guesses
from support.publication import PUBLICATION, Newsroom, entry_file
from support.serving import granian


def feed(*formats: Format) -> Feed:
    """Return a feed in these formats."""
    return Feed(name="all", title="All", description="All", language=None, formats=formats)


@pytest.mark.parametrize(
    ("formats", "rss", "atom", "json"),
    [
        (("rss", "atom", "json"), "all.rss", "all.atom", "all.json"),
        (("atom", "json"), "all.atom", "all.atom", "all.json"),
        (("rss",), "all.rss", "all.rss", "all.rss"),
    ],
)
def test_a_guess_redirects_to_the_matching_format(
    formats: tuple[Format, ...], rss: str, atom: str, json: str
) -> None:
    """Without a matching format, it redirects to the first one."""
    assert guesses(feed(*formats)) == {
        "all.html": "index.html",
        "feed": rss,
        "feed/": rss,
        "rss": rss,
        "rss.xml": rss,
        "feed.xml": rss,
        "index.xml": rss,
        "atom.xml": atom,
        "feed.json": json,
    }


@pytest.mark.long
def test_guesses_redirect_unless_the_address_is_in_use(newsroom: Newsroom) -> None:
    """A document at the address, or its line in the configuration, has priority."""
    file = newsroom.folder / "config.toml"
    text = file.read_text("utf-8").replace('name = "lebanon"', 'name = "feed"')
    text = text.replace('formats = ["atom"]', 'formats = ["json"]')
    file.write_text(f'{text}[moved]\n"rss.xml" = "news-ar.rss"\n', encoding="utf-8")
    newsroom.drop("a.toml")
    newsroom.build()

    with granian(newsroom.config) as served:
        answers = {path: served.get(path) for path in guesses(newsroom.config.feeds[0])}

    assert {path: one.headers.get("location", "") for path, one in answers.items()} == {
        "news.html": "index.html",
        "feed": "news.rss",
        "feed/": "../news.rss",
        "rss": "news.rss",
        "rss.xml": "news-ar.rss",
        "feed.xml": "news.rss",
        "index.xml": "news.rss",
        "atom.xml": "news.atom",
        "feed.json": "",
    }
    assert answers["feed.json"].status_code == 200


@pytest.mark.long
def test_a_former_folder_is_known_by_its_index(newsroom: Newsroom) -> None:
    """A proxy asks for it, and the redirect fits the address that its client asked for."""
    file = newsroom.folder / "config.toml"
    more = '[moved]\n"2020/05/old/" = "news.html"\n[gone]\naddresses = ["2020/ended/"]\n'
    file.write_text(file.read_text("utf-8") + more, encoding="utf-8")
    newsroom.drop("a.toml")
    newsroom.build()
    paths = ("feed/", "2020/05/old/", "2020/ended/", "2020/nothing/")

    with granian(newsroom.config) as served:
        answers = {path: [served.get(path), served.get(f"{path}index.html")] for path in paths}

    assert {path: [one.status_code for one in both] for path, both in answers.items()} == {
        "feed/": [301, 301],
        "2020/05/old/": [301, 301],
        "2020/ended/": [410, 410],
        "2020/nothing/": [404, 404],
    }
    for path in paths[:2]:
        first, second = (one.headers["location"] for one in answers[path])
        assert first == second


@pytest.mark.long
def test_guesses_follow_the_main_feed(newsroom: Newsroom) -> None:
    """This also holds after the ledger was lost and restored from the manifest."""
    newsroom.drop("a.toml")
    newsroom.build()
    for path in (newsroom.folder / "state").iterdir():
        path.unlink()
    newsroom.build()
    file = newsroom.folder / "config.toml"
    text = file.read_text("utf-8")
    file.write_text(
        text.replace('name = "news"', 'name = "all"') + '[moved]\n"news" = "all"\n', "utf-8"
    )
    newsroom.build()

    with granian(newsroom.config) as served:
        assert served.get("feed").headers["location"] == "all.rss"


@pytest.mark.long
def test_the_page_of_a_new_main_feed_redirects_to_the_front_page(newsroom: Newsroom) -> None:
    """It is a page again once another feed is the main feed."""
    file = newsroom.folder / "config.toml"
    text = file.read_text("utf-8")
    head, *feeds = text.split("[[feed]]")
    turned = "[[feed]]".join([head, *(f"{one.rstrip()}\n\n" for one in reversed(feeds))])
    newsroom.drop("a.toml")
    newsroom.build()
    main, last = newsroom.config.feeds[0].name, newsroom.config.feeds[-1].name
    with granian(newsroom.config) as served:
        before = served.get(f"{main}.html"), served.get(f"{last}.html")
        file.write_text(turned, encoding="utf-8")
        newsroom.build()
        after = served.get(f"{main}.html"), served.get(f"{last}.html")
        file.write_text(text, encoding="utf-8")
        newsroom.build()
        again = served.get(f"{main}.html"), served.get(f"{last}.html")

    assert [one.status_code for one in (*before, *after, *again)] == [301, 200, 200, 301, 301, 200]
    assert after[1].headers["location"] == "index.html"


@pytest.mark.long
def test_a_feed_can_be_without_archives(newsroom: Newsroom) -> None:
    """Their feeds are gone and their pages lead to the feed's; they come back as they were."""
    file = newsroom.folder / "config.toml"
    with_archives = f"{PUBLICATION}entries = 2\ndays = 0\n\n[topics]\npages = false\n"
    file.write_text(with_archives, "utf-8")
    for number in range(5):
        newsroom.drop(f"{number}.toml", entry_file(f"N {number}"))
    newsroom.build()
    before = {path: data for path, (data, _) in newsroom.feeds().items()}

    file.write_text(with_archives.replace("days = 0", "days = 0\narchives = false"), "utf-8")
    newsroom.build()
    newsroom.drop("new.toml", entry_file("New"))
    newsroom.build()
    reader = ManifestReader(newsroom.folder / "feeds")
    without = {path: data for path, (data, _) in newsroom.feeds().items()}
    gone = [reader.former(f"archive/news/1.{ending}") for ending in ("rss", "json", "html")]
    (newsroom.folder / "entries/new.toml").unlink()
    file.write_text(f"{with_archives}[intake]\ngrace = 0\n", "utf-8")
    newsroom.build()
    after = {path: data for path, (data, _) in newsroom.feeds().items()}

    assert gone == ["", "", "index.html"]
    assert not [path for path, data in without.items() if "archive/" in path or b"archive/" in data]
    assert [item["title"] for item in newsroom.items()] == ["N 4", "N 3"]
    first = {path: data for path, data in before.items() if path.startswith("archive/news/1.")}
    assert {path: after.get(path) for path in first} == first
    assert "archive/news/3.rss" in after  # which "New" has filled
