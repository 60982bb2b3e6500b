"""What entries are filed under has pages, which change only with the entries on them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from dateline import publish
from dateline.documents import manifest
from dateline.errors import ConfigError
from dateline.ledger import Ledger
from dateline.model import Report
from dateline.rules import taxonomy
from dateline.rules.guards import Approval
from support.filing import drop, former, titles, touched
from support.publication import Newsroom, entry_file

FEW = 3  # entries on a full page


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Close a page of a term at three entries."""
    monkeypatch.setattr(taxonomy, "PAGE", FEW)


def pages_of_terms(report: Report) -> list[str]:
    """Return the pages of terms and years that changed in a run."""
    found = touched(report, "20", "topics", "authors", "archive")
    return [path for path in found if not re.search(r"^archive/news|/number-", path)]


@pytest.mark.usefixtures("small")
def test_a_full_page_never_changes_again(newsroom: Newsroom) -> None:
    """A month is cut into pages from the oldest entry; its newest page keeps its address."""
    drop(newsroom, *range(1, 8))
    newsroom.build()
    drop(newsroom, 8)

    report = newsroom.build()

    assert titles(newsroom, "archive/2026/10/1.html") == ["Number 3", "Number 2", "Number 1"]
    assert titles(newsroom, "2026/10/index.html") == ["Number 8", "Number 7", "Number 6"]
    assert touched(report, "2026", "archive/2026/") == [
        "2026/10/index.html",
        "2026/10/number-7.html",  # leads to the new one
        "2026/10/number-8.html",
        "2026/index.html",
    ]


@pytest.mark.usefixtures("small")
def test_a_correction_changes_the_pages_that_its_entry_is_on(newsroom: Newsroom) -> None:
    """No other page of the month changes, and none of another month."""
    drop(newsroom, *range(1, 8))
    drop(newsroom, 1, month="2026-09")
    newsroom.build()
    drop(newsroom, 2, correction='"The number was wrong."')

    report = newsroom.build()

    assert touched(report, "2026", "archive/2026/") == [
        "2026/10/number-2.html",
        "archive/2026/10/1.html",
    ]


@pytest.mark.long
@pytest.mark.usefixtures("small")
def test_a_month_without_entries_has_no_page_until_one_returns(newsroom: Newsroom) -> None:
    """Its pages are gone (410) while all is withdrawn, those that were full as well."""
    drop(newsroom, *range(1, 5), month="2026-11")
    drop(newsroom, 1)
    newsroom.build()
    before = {path: data for path, (data, _) in newsroom.feeds().items() if "/11/" in path}
    files = {path: path.read_bytes() for path in (newsroom.folder / "entries").glob("2026-11*")}
    for path in files:
        path.unlink()
    newsroom.build()
    newsroom.build(after=timedelta(hours=1))
    gone = newsroom.feeds()
    for path, data in files.items():
        path.write_bytes(data)
    newsroom.build()

    assert not [path for path in gone if "/11/" in path]
    assert "/2026/11/" not in gone["sitemap-pages.xml"][0].decode()
    assert "2026/11/" not in gone["2026/index.html"][0].decode()
    assert {path: data for path, (data, _) in newsroom.feeds().items() if "/11/" in path} == before


@pytest.mark.long
@pytest.mark.usefixtures("small")
def test_all_generated_again_is_as_it_was(newsroom: Newsroom) -> None:
    """Step by step or at once, the pages have the same bytes and validators."""
    drop(newsroom, *range(1, 5))
    newsroom.build()
    drop(newsroom, *range(5, 9))
    newsroom.build()
    drop(newsroom, 9, language='"ar"')
    newsroom.build()
    before = newsroom.feeds()

    newsroom.now += timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(seconds=2)
    request = publish.RunRequest(now=newsroom.now, clock=clock, rebuild=True)
    publish.build(newsroom.config, request)

    assert newsroom.feeds() == before


@pytest.mark.long
@pytest.mark.usefixtures("small")
def test_pages_survive_a_lost_ledger(newsroom: Newsroom) -> None:
    """Which page an entry is on is recovered from the manifest."""
    drop(newsroom, *range(1, 5), month="2026-11")
    newsroom.build()
    drop(newsroom, 5, month="2026-09")
    drop(newsroom, 6, month="2026-09", language='"ar"')
    (newsroom.folder / "entries/2026-11-02.toml").unlink()
    newsroom.build()
    newsroom.build(after=timedelta(hours=1))
    before = newsroom.feeds()
    for path in (newsroom.folder / "state").glob("*.sqlite*"):
        path.unlink()

    newsroom.build()

    assert newsroom.feeds() == before


# ---- Categories, places and authors


def listed(newsroom: Newsroom, path: str) -> dict[str, str]:
    """Return the titles on a page that lists terms, with their addresses."""
    page = newsroom.feeds()[path][0].decode()
    found = re.search(r'<ul class="contents">(.*?)</ul>', page, re.DOTALL)
    links = re.findall(r'<a href="(.*?)">(.*?)</a>', found[1] if found else "")
    return {title: address.replace("../", "") for address, title in links}


def test_what_entries_name_has_a_page_and_each_entry_leads_to_it(newsroom: Newsroom) -> None:
    """An index leads to all of a kind; two names with one slug have two pages."""
    drop(newsroom, 1, categories='["C", "Human rights"]', authors='["李伟", "李玮"]')
    drop(newsroom, 2, categories='["C++", "human rights"]', event="2026-12-01", place='"Vienna"')

    newsroom.build()

    assert titles(newsroom, "topics/human-rights.html") == ["Number 2", "Number 1"]
    assert [*listed(newsroom, "topics/index.html")] == ["C", "C++", "Human rights", "Lebanon"]
    assert listed(newsroom, "places/index.html") == {"Vienna": "places/vienna.html"}
    for title, path in listed(newsroom, "authors/index.html").items():
        assert titles(newsroom, path) == ["Number 1"]
        assert title in newsroom.feeds()[path][0].decode()
    page = newsroom.feeds()["2026/10/number-2.html"][0].decode()
    for path in ("topics/human-rights.html", "places/vienna.html"):
        assert f'href="../../{path}"' in page
    sitemap = newsroom.feeds()["sitemap-pages.xml"][0].decode()
    assert all(f"/{path}</loc>" in sitemap for path in ("topics/", "places/vienna.html"))


@pytest.mark.long
def test_a_topic_with_a_feed_keeps_the_page_of_the_feed(newsroom: Newsroom) -> None:
    """The index leads to it; a topic that gets a feed later redirects to it."""
    drop(newsroom, 1, categories='["Lebanon", "Syria"]')
    newsroom.build()
    assert listed(newsroom, "topics/index.html") == {
        "Lebanon": "lebanon.html",
        "Syria": "topics/syria.html",
    }
    page = newsroom.feeds()["2026/10/number-1.html"][0].decode()
    assert 'href="../../lebanon.html"' in page

    feed = '\n[[feed]]\nname = "syria"\ntitle = "Syria"\ncategories = ["Syria"]\n'
    config = newsroom.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + feed, "utf-8")
    newsroom.build()

    assert not [path for path in newsroom.feeds() if path.startswith("topics/")]
    assert former(newsroom, "topics/syria.html") == "syria.html"


def test_a_topic_that_has_the_title_of_a_feed_is_named_once(newsroom: Newsroom) -> None:
    """The page of an entry leads to the feed, as its head does."""
    feed = '\n[[feed]]\nname = "reports"\ntitle = "Reports"\nkinds = ["news"]\n'
    config = newsroom.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + feed, "utf-8")
    drop(newsroom, 1, categories='["reports", "Syria"]')
    newsroom.build()

    page = newsroom.feeds()["2026/10/number-1.html"][0].decode()
    topics = re.findall(r'class="p-category" href="../../(.*?)">(.*?)<', page)

    assert topics == [("reports.html", "Reports"), ("topics/syria.html", "Syria")]


def test_entries_in_another_language_have_pages_of_their_own(newsroom: Newsroom) -> None:
    """They are below the language, in its words, and no entry is on a page of another one."""
    drop(newsroom, 1, categories='["Peace"]')
    drop(newsroom, 2, categories='["Peace"]', language='"fr"')
    newsroom.build()

    assert titles(newsroom, "topics/peace.html") == ["Number 1"]
    assert titles(newsroom, "topics/fr/peace.html") == ["Number 2"]
    assert '<html lang="fr"' in newsroom.feeds()["topics/fr/peace.html"][0].decode()
    index = newsroom.feeds()["topics/index.html"][0].decode()
    assert '<a href="../topics/fr/">' in index
    assert '<link rel="alternate" hreflang="fr" href="http://127.0.0.1:8000/topics/fr/">' in index
    labels = re.findall(r'<nav [^>]*aria-label="(.*?)"', index)
    assert sorted({*labels}) == sorted(labels)


@pytest.mark.long
@pytest.mark.usefixtures("small")
def test_an_entry_changes_only_the_pages_that_it_is_on(newsroom: Newsroom) -> None:
    """They are as many with forty entries as with four; the newest page lists the years."""
    named = {"categories": '["Peace"]', "authors": '["Anna Weber"]'}
    drop(newsroom, *range(1, 5), **named)
    newsroom.build()
    drop(newsroom, 5, **named)
    few = len(pages_of_terms(newsroom.build()))
    drop(newsroom, *range(1, 5), month="2026-09", **named)
    for month, days in {"2025-05": 9, "2025-06": 9, "2026-07": 9, "2026-08": 4}.items():
        drop(newsroom, *range(1, days + 1), month=month, **named)
    newsroom.build()
    drop(newsroom, 5, month="2026-09", **named)

    report = newsroom.build()

    assert len(pages_of_terms(report)) == few
    assert touched(report, "topics", "archive/topics") == ["topics/peace.html"]
    page = newsroom.feeds()["topics/peace.html"][0].decode()
    years = re.findall(r"archive/topics/peace/(\d+)\.html\">(\d{4})<", page)
    assert years == [("13", "2026"), ("8", "2025")]


@pytest.mark.long
def test_a_topic_goes_with_its_last_entry_and_comes_back_with_it(newsroom: Newsroom) -> None:
    """So does the index of all topics; a takedown leaves no word of it."""
    drop(newsroom, 1, month="2026-11", categories='["Zzqxtopic"]')
    drop(newsroom, 2, month="2026-11")
    newsroom.build()
    before = newsroom.feeds()
    file = newsroom.folder / "entries/2026-11-01.toml"
    text = file.read_bytes()
    file.unlink()
    newsroom.build()
    newsroom.build(after=timedelta(hours=1))
    gone = newsroom.feeds()
    file.write_bytes(text)
    newsroom.build()

    assert not [path for path, (data, _) in gone.items() if b"zzqxtopic" in data.lower()]
    assert not [path for path in gone if path.startswith("topics/")]
    assert newsroom.feeds()["topics/zzqxtopic.html"][0] == before["topics/zzqxtopic.html"][0]


def test_an_expired_entry_leads_to_no_term_that_went_with_it(newsroom: Newsroom) -> None:
    """Its page stays, and names what it was filed under."""
    filed = {"place": '"Linz"', "authors": '["Ann Author"]', "expires": '"25 November 2026"'}
    newsroom.drop(
        "a.toml", entry_file("A", categories='["Walrus"]', event='"1 December 2026"', **filed)
    )
    newsroom.drop("b.toml", entry_file("B"))
    newsroom.build()
    before = newsroom.feeds()["2026/11/a.html"][0].decode()

    newsroom.build(after=timedelta(days=1))

    after = newsroom.feeds()["2026/11/a.html"][0].decode()
    assert {*terms(before)} == {"topics/walrus.html", "places/linz.html", "authors/ann-author.html"}
    assert terms(after) == []
    assert "Ann Author" in after
    assert "topics/walrus.html" not in newsroom.feeds()


def terms(page: str) -> list[str]:
    """Return the pages of terms to which a page leads."""
    return re.findall(r'href="\.\./\.\./((?:topics|places|authors)/[a-z-]+\.html)"', page)


@pytest.mark.long
def test_pages_can_be_switched_off(newsroom: Newsroom) -> None:
    """Those that are published are then gone, and entries lead to none."""
    drop(newsroom, 1, categories='["Peace"]')
    newsroom.build()
    config = newsroom.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + "\n[topics]\npages = false\n", "utf-8")

    newsroom.build()

    kept = [path for path in newsroom.feeds() if re.match(r"topics|2026/(\d\d/)?index|arch", path)]
    assert kept == []
    assert b"topics/" not in newsroom.feeds()["2026/10/number-1.html"][0]


@pytest.mark.long
def test_a_run_lists_only_the_numbers_that_it_emptied(newsroom: Newsroom) -> None:
    """A site that has switched off thousands of pages does not pay for them with each entry."""
    drop(newsroom, 1, 2, categories='["Peace"]')
    newsroom.build()
    drop(newsroom, 2, categories='["War"]')
    newsroom.build()
    assert _listed_in_manifest(newsroom) == _listed_in_ledger(newsroom)

    config = newsroom.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + "\n[topics]\npages = false\n", "utf-8")
    newsroom.build()

    assert len([one for one in _listed_in_ledger(newsroom) if one.entry is None]) > 2
    assert _listed_in_manifest(newsroom) == _listed_in_ledger(newsroom)
    assert _listed_in_ledger(newsroom, []) == []


def _listed_in_manifest(newsroom: Newsroom) -> list[manifest.MemberListing]:
    return [*manifest.members(newsroom.folder / "feeds")]


def _listed_in_ledger(
    newsroom: Newsroom, ids: Sequence[str] | None = None
) -> list[manifest.MemberListing]:
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        return [*ledger.members.listings(ids)]


@pytest.mark.long
@pytest.mark.usefixtures("small")
def test_topics_have_feeds_where_they_are_wanted(newsroom: Newsroom) -> None:
    """With archives, in each format, and no hub; they end once staff allow it."""
    config = newsroom.folder / "config.toml"
    plain = config.read_text("utf-8").replace('author = "', 'hubs = ["https://a.org/"]\nauthor = "')
    config.write_text(f"{plain}\n[topics]\nfeeds = true\n", "utf-8")
    drop(newsroom, *range(1, 5), categories='["Peace"]')
    newsroom.build()

    newest = [item["title"] for item in newsroom.items("topics/peace")]
    assert newest == ["Number 4", "Number 3", "Number 2", "Number 1"][: len(newest)]
    older = [item["title"] for item in newsroom.items("archive/topics/peace/1")]
    assert older == ["Number 3", "Number 2", "Number 1"]
    feeds = newsroom.feeds()
    assert b"a.org" not in feeds["topics/peace.atom"][0]
    assert b"/topics/peace.rss" in feeds["topics/peace.html"][0]
    assert newsroom.build().documents == ()

    config.write_text(plain, "utf-8")
    for number in (5, 6):
        drop(newsroom, number, categories='["Peace"]')
        newsroom.build()
        assert newsroom.codes() == ["topic-feeds-removed"]
        assert newsroom.items("topics/peace")[0]["title"] == f"Number {number}"
    shutil.rmtree(newsroom.folder / "state")
    newsroom.build()
    assert newsroom.codes() == ["topic-feeds-removed"]

    approval = Approval(code=str(newsroom.log[-1].problems[0].wanted))
    moment = newsroom.now + timedelta(minutes=1)
    publish.build(
        newsroom.config,
        publish.RunRequest(now=moment, clock=moment + timedelta(days=9999), approval=approval),
    )
    newsroom.build()

    assert newsroom.codes() == []
    kept = [path for path in newsroom.feeds() if "topics/" in path]
    assert "topics/peace.html" in kept
    assert [path for path in kept if not path.endswith(".html")] == []
    assert former(newsroom, "topics/peace.rss") == ""


@pytest.mark.long
@pytest.mark.usefixtures("small")
def test_the_feed_of_a_topic_leads_to_the_feed_that_the_topic_gets(newsroom: Newsroom) -> None:
    """In the same format, or in the first that it has; its archives lead there, too."""
    config = newsroom.folder / "config.toml"
    plain = f"{config.read_text('utf-8')}\n[topics]\nfeeds = true\n"
    config.write_text(plain, "utf-8")
    drop(newsroom, *range(1, 5), categories='["Peace"]')
    newsroom.build()
    paths = [path for path in newsroom.feeds() if re.search(r"topics/(?!index)", path)]
    feed = '\n[[feed]]\nname = "peace"\ntitle = "Peace"\ncategories = ["Peace"]\n'
    config.write_text(f'{plain}{feed}formats = ["atom", "rss"]\n', "utf-8")

    newsroom.build()

    assert {path: former(newsroom, path) for path in paths} == {
        f"{stem}.{ending}": f"peace.{target}"
        for stem in ("topics/peace", "archive/topics/peace/1")
        for ending, target in (
            ("html", "html"),
            ("rss", "rss"),
            ("atom", "atom"),
            ("json", "atom"),
        )
    }


@pytest.mark.long
def test_topics_of_all_languages_lead_to_a_feed_of_all_languages(newsroom: Newsroom) -> None:
    """A feed of one language is led to by the topics in that language alone."""
    config = newsroom.folder / "config.toml"
    plain = f"{config.read_text('utf-8')}\n[topics]\nfeeds = true\n"
    config.write_text(plain, "utf-8")
    drop(newsroom, 1, categories='["Peace", "Quays"]')
    drop(newsroom, 2, categories='["Peace", "Quays"]', language='"fr"')
    newsroom.build()
    for name, language in (("peace", "*"), ("quays", "fr")):
        plain += f'\n[[feed]]\nname = "{name}"\ntitle = "{name}"\ncategories = ["{name}"]\n'
        plain += f'language = "{language}"\n'
    config.write_text(plain, "utf-8")

    newsroom.build()

    assert former(newsroom, "topics/peace.rss") == "peace.rss"
    assert former(newsroom, "topics/fr/peace.rss") == "peace.rss"
    assert former(newsroom, "topics/fr/peace.html") == "peace.html"
    assert former(newsroom, "topics/fr/quays.atom") == "quays.atom"
    assert "topics/quays.rss" in newsroom.feeds()


@pytest.mark.parametrize("name", ["topics", "authors", "places", "search", "hub", "drop", "2026"])
def test_a_feed_cannot_have_the_name_of_a_folder(newsroom: Newsroom, name: str) -> None:
    """The message has the lines to type, for a feed that is published as well."""
    config = newsroom.folder / "config.toml"
    text = config.read_text("utf-8").replace('name = "lebanon"', f'name = "{name}"')
    config.write_text(text, "utf-8")

    with pytest.raises(ConfigError) as error:
        _ = newsroom.config

    assert f'add {name} = "{name}-news" under [moved]' in str(error.value)


@pytest.mark.parametrize("name", ["404", "410-fr", "503", "503-fr"])
def test_a_feed_cannot_have_the_name_of_an_error_page(newsroom: Newsroom, name: str) -> None:
    """Its page would take the place of the other."""
    config = newsroom.folder / "config.toml"
    text = config.read_text("utf-8").replace('name = "lebanon"', f'name = "{name}"')
    config.write_text(text, "utf-8")

    with pytest.raises(ConfigError, match=name):
        _ = newsroom.config
