"""Sitemaps, OPML and the directory list each document, and nothing else."""

from __future__ import annotations

import operator
import re
from datetime import UTC, datetime, timedelta

import pytest

from dateline import publish
from dateline.documents import manifest
from dateline.ledger import Ledger
from dateline.ledger.queries import events as ledger_directory
from dateline.model import Headline, Role
from dateline.render import sitemap
from support import directing
from support.publication import CONFIG, NOW, Newsroom, entry_file
from support.samples import sample_publication

SITE = "http://127.0.0.1:8000/"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limit a sitemap to three addresses."""
    monkeypatch.setattr(ledger_directory, "PART", 3)


def read(newsroom: Newsroom, path: str) -> bytes:
    """Return the bytes of a document."""
    return (newsroom.folder / "feeds" / path).read_bytes()


def drop_many(newsroom: Newsroom, count: int, start: int = 0) -> None:
    """Drop files, the oldest first."""
    for number in range(start, start + count):
        day = datetime(2026, 8, 1, tzinfo=UTC) + timedelta(days=number)
        newsroom.drop(f"{number:02}.toml", entry_file(f"Number {number}", f"{day:%F}"))


def listed(newsroom: Newsroom) -> dict[str, str]:
    """Return all addresses that a crawler finds from `robots.txt` on, without the news sitemap."""
    robots = read(newsroom, "robots.txt").decode()
    (index,) = re.findall(r"(?m)^Sitemap: (.*)$", robots)
    sitemaps = directing.sitemap(read(newsroom, index.removeprefix(SITE)), kind="sitemap")
    found: dict[str, str] = {}
    for address in sitemaps:
        if not address.endswith("news.xml"):
            addresses = directing.sitemap(read(newsroom, address.removeprefix(SITE)))
            if [*addresses] != [SITE]:  # which is there if nothing else is
                assert not found.keys() & addresses.keys()
                found |= addresses
    return found


def pages(newsroom: Newsroom) -> set[str]:
    """Return the addresses of all pages with content."""
    paths = {path for path in newsroom.feeds() if path.endswith(".html")}
    return {
        SITE + path.removesuffix("index.html")
        for path in paths
        if not path.startswith(("404", "410"))
    }


# ---- Sitemaps


@pytest.mark.usefixtures("small")
def test_a_crawler_finds_every_page_once(newsroom: Newsroom) -> None:
    """robots.txt leads to the index, which has the time of change of each sitemap."""
    drop_many(newsroom, 7)
    newsroom.build()

    assert listed(newsroom).keys() == pages(newsroom)
    index = directing.sitemap(read(newsroom, "sitemap.xml"), kind="sitemap")
    assert [*index] == [f"{SITE}sitemap-{n}.xml" for n in ("pages", 1, 2, 3, "news")]
    for number in (1, 2, 3):
        changed = directing.sitemap(read(newsroom, f"sitemap-{number}.xml")).values()
        assert index[f"{SITE}sitemap-{number}.xml"] == max(changed)
    updated = {item["url"]: item["date_modified"] for item in newsroom.items()}
    assert updated.items() <= listed(newsroom).items()


@pytest.mark.usefixtures("small")
def test_a_new_entry_changes_no_full_sitemap(newsroom: Newsroom) -> None:
    """Only the last sitemap, the index and the listings of the newest entries change."""
    drop_many(newsroom, 7)
    newsroom.build()
    drop_many(newsroom, 1, start=7)

    report = newsroom.build()

    touched = {
        path for path in report.documents if path.endswith((".xml", ".opml", ".txt", ".ics"))
    }
    assert touched == {"sitemap-3.xml", "sitemap.xml"}


@pytest.mark.long
@pytest.mark.usefixtures("small")
def test_a_correction_changes_the_sitemap_of_its_entry(newsroom: Newsroom) -> None:
    """A silent edit changes no sitemap, since `updated` stays."""
    drop_many(newsroom, 7)
    newsroom.build()
    newsroom.drop("01.toml", entry_file("Number 1", "2026-08-02", body='"Other text."'))
    assert not [path for path in newsroom.build().documents if "sitemap" in path]

    text = entry_file("Number 1", "2026-08-02", body='"Other text."', correction='"It was so."')
    newsroom.drop("01.toml", text)
    report = newsroom.build()

    assert {path for path in report.documents if "sitemap" in path} == {
        "sitemap-1.xml",
        "sitemap.xml",
    }
    assert listed(newsroom)[f"{SITE}2026/08/number-1.html"] == f"{newsroom.now:%FT%TZ}"


@pytest.mark.long
@pytest.mark.usefixtures("small")
def test_a_removed_entry_is_in_no_sitemap(newsroom: Newsroom) -> None:
    """It is withdrawn or taken down; others keep their places, and an empty sitemap is valid."""
    drop_many(newsroom, 6)
    recent = newsroom.drop("recent.toml", entry_file("Recent", "2026-11-20"))
    newsroom.build()
    recent.unlink()
    newsroom.build()
    newsroom.build(after=timedelta(minutes=11))
    assert newsroom.log[-1].withdrawn == ("recent.toml",)

    assert listed(newsroom).keys() == pages(newsroom)
    assert [*directing.sitemap(read(newsroom, "sitemap-3.xml"))] == [SITE]
    index = directing.sitemap(read(newsroom, "sitemap.xml"), kind="sitemap")
    assert index[f"{SITE}sitemap-3.xml"] == f"{newsroom.now:%FT%TZ}"

    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        id_ = ledger.entries.id_of("2026/08/number-2.html")
    assert id_
    now = newsroom.now + timedelta(minutes=1)
    report = publish.build(
        newsroom.config, publish.RunRequest(now=now, clock=datetime.now(UTC), takedown=id_)
    )

    assert {path for path in report.documents if "sitemap" in path} == {
        "sitemap-1.xml",
        "sitemap.xml",
    }
    assert f"{SITE}2026/08/number-2.html" not in listed(newsroom)
    assert listed(newsroom).keys() == pages(newsroom)


@pytest.mark.usefixtures("small")
@pytest.mark.long
def test_incremental_runs_equal_a_complete_build(newsroom: Newsroom) -> None:
    """Neither a rebuild nor a lost ledger changes a byte or a time."""
    for number in range(8):
        drop_many(newsroom, 1, start=number)
        text = entry_file(f"Day {number}", "2026-11-24", event=f"2026-12-{number + 1:02}")
        newsroom.drop(f"event-{number}.toml", text)
        newsroom.build()
    newsroom.drop("event-3.toml", entry_file("Day 3", "2026-11-24", event="2027-01-01"))
    newsroom.build()
    before = newsroom.feeds()

    newsroom.now += timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(days=1)
    publish.build(newsroom.config, publish.RunRequest(now=newsroom.now, clock=clock, rebuild=True))
    assert newsroom.feeds() == before

    for path in (newsroom.folder / "state").rglob("*"):
        path.unlink()
    newsroom.build()
    assert newsroom.feeds() == before
    assert "SEQUENCE:1" in read(newsroom, "news.ics").decode()


def test_a_million_addresses_are_within_all_limits() -> None:
    """Sitemaps.org allows 50,000 addresses and 50 MB per file; slugs may be long."""
    publication = sample_publication()
    million, part = 1_000_000, ledger_directory.PART
    moment = int(datetime(2026, 11, 25, tzinfo=UTC).timestamp())
    slugs = [(f"2026/11/{'x' * 200}-{number}", moment) for number in range(part)]

    addresses = directing.sitemap(sitemap.sitemap(publication, 1, slugs).data)
    changed = dict.fromkeys(range(1, million // part + 1), moment)
    index = directing.sitemap(sitemap.index(publication, changed).data, kind="sitemap")

    assert len(addresses) == part
    assert len(index) == million // part + 2


# ---- News


def test_news_is_listed_for_two_days(newsroom: Newsroom) -> None:
    """The next run, at the announced moment, removes it from the list."""
    newsroom.drop("a.toml", entry_file("Fresh & new", "2026-11-25 10:00:00Z", language='"zh-Hant"'))
    newsroom.drop("b.toml", entry_file("Old", "2026-11-20"))
    report = newsroom.build()

    (address,) = directing.news(read(newsroom, "sitemap-news.xml")).items()
    published = newsroom.now - timedelta(minutes=1)
    assert address == (
        f"{SITE}2026/11/fresh-new.html",
        ("zh-tw", f"{published:%FT%TZ}", "Fresh & new"),
    )
    assert report.next == published + timedelta(days=2)

    newsroom.now = report.next - timedelta(seconds=1)
    assert newsroom.build(after=timedelta()).documents == ()
    newsroom.now += timedelta(seconds=1)
    assert newsroom.build(after=timedelta()).documents == ("sitemap-news.xml",)
    assert directing.news(read(newsroom, "sitemap-news.xml")) == {}
    assert [*directing.sitemap(read(newsroom, "sitemap-news.xml"))] == [SITE]


@pytest.mark.long
def test_retracted_news_is_not_listed(newsroom: Newsroom) -> None:
    """Expired news is not listed either."""
    newsroom.drop("a.toml", entry_file("Wrong", "2026-11-25"))
    newsroom.drop("b.toml", entry_file("Brief", "2026-11-25", expires="2026-11-25T11:00:00Z"))
    newsroom.build()
    assert len(directing.news(read(newsroom, "sitemap-news.xml"))) == 2

    text = entry_file("Wrong", "2026-11-25", status='"retracted"', retraction='"It was wrong."')
    newsroom.drop("a.toml", text)
    report = newsroom.build()
    assert report.next == datetime(2026, 11, 25, 11, tzinfo=UTC)
    newsroom.now = report.next
    newsroom.build(after=timedelta())

    assert directing.news(read(newsroom, "sitemap-news.xml")) == {}


@pytest.mark.long
def test_at_most_a_thousand_news_are_listed(newsroom: Newsroom) -> None:
    """The newest are listed; the oldest of them is the first to leave."""
    for number in range(1003):
        moment = newsroom.now - timedelta(minutes=number + 1)
        newsroom.drop(f"{number}.toml", entry_file(f"N{number}", f"{moment:%FT%TZ}"))
    newsroom.build()

    found = directing.news(read(newsroom, "sitemap-news.xml"))
    assert len(found) == 1000
    assert {title for _, _, title in found.values()} == {f"N{number}" for number in range(1000)}


# ---- Feeds


def test_an_opml_reader_finds_every_feed(newsroom: Newsroom) -> None:
    """Each is listed once, in its first format, with its own title."""
    newsroom.build()

    found = directing.feeds(read(newsroom, "feeds.opml"))

    assert found == {
        f"{SITE}news.rss": "Example news",
        f"{SITE}news-ar.rss": "الأخبار – Example news",
        f"{SITE}lebanon.atom": "Lebanon – Example news",
    }


def test_people_find_every_feed_and_calendar(newsroom: Newsroom) -> None:
    """The page of each language lists them, in full for its own; the OPML file lists all."""
    newsroom.build()
    pages = [read(newsroom, f"subscribe{language}.html").decode() for language in ("", "-ar")]

    for path in newsroom.feeds():
        if path.endswith((".rss", ".atom", ".json", ".ics", ".opml")):
            whole = [f">{SITE}{path}</code>" in page for page in pages]
            linked = [f' href="./{path}">' in page for page in pages]
            assert True in whole or path == "feeds.opml"
            assert all(map(operator.or_, whole, linked)) or path == "feeds.opml", path
    assert all('href="./feeds.opml"' in page for page in pages)
    for page in pages:
        for words in ("All news", "Everything", "الأخبار", "كل الأخبار", "Lebanon"):
            assert f">{words}<" in page


def test_robots_may_read_everything(newsroom: Newsroom) -> None:
    """Nothing is disallowed, and there is one sitemap index."""
    newsroom.build()

    assert read(newsroom, "robots.txt").decode() == (
        f"User-agent: *\nAllow: /\n\nSitemap: {SITE}sitemap.xml\n"
    )


# ---- Unpublished entries


@pytest.mark.long
def test_an_unpublished_entry_is_in_no_listing(newsroom: Newsroom) -> None:
    """This covers drafts and embargoed events; at its moment an event is in all of them."""
    event = {"event": "2026-12-24", "place": '"EMBARGOED place"'}
    newsroom.drop("draft.toml", entry_file("EMBARGOED draft", draft="true", **event))
    newsroom.drop("held.toml", entry_file("EMBARGOED held", body='""', **event))
    newsroom.drop("cool.toml", entry_file("Open", event="2026-12-25"))
    newsroom.build()
    before = newsroom.feeds()
    later = entry_file("EMBARGOED later", "2026-11-25T13:00:00", **event)
    newsroom.drop("later.toml", later)

    report = newsroom.build()

    assert newsroom.feeds() == before
    lists = {path: data for path, (data, _) in before.items() if path.endswith((".ics", ".xml"))}
    assert {"news.ics", "sitemap-1.xml", "sitemap-news.xml", "sitemap.xml"} <= lists.keys()
    assert not [path for path, data in lists.items() if b"embargoed" in data.lower()]

    assert report.next
    newsroom.now = report.next
    newsroom.build(after=timedelta())
    for path in ("news.ics", "sitemap-1.xml", "sitemap-news.xml"):
        assert b"embargoed" in read(newsroom, path).lower(), path
    newsroom.drop("later.toml", later.replace("EMBARGOED", "no more"))
    newsroom.build()


def test_listings_are_as_fresh_as_a_feed(newsroom: Newsroom) -> None:
    """No cached copy of any of them outlives an embargo."""
    newsroom.build()

    roles = {one.path: one.role for one in manifest.documents(newsroom.folder / "feeds")}

    assert {path for path, role in roles.items() if role == Role.DIRECTORY} == {
        "feeds.opml", "lebanon.ics", "news-ar.ics", "news.ics", "robots.txt",
        "sitemap-news.xml", "sitemap-pages.xml", "sitemap.xml",
    }  # fmt: skip


# ---- Added and removed feeds


def configure(newsroom: Newsroom, text: str) -> None:
    """Change the configuration."""
    (newsroom.folder / "config.toml").write_text(text, encoding="utf-8")


def test_a_calendar_is_removed_with_its_feed(newsroom: Newsroom) -> None:
    """It moves or disappears with its feed; until that is configured, it stays."""
    newsroom.build()
    without = CONFIG[: CONFIG.index('[[feed]]\nname = "lebanon"')]
    configure(newsroom, without)
    newsroom.build()
    assert "lebanon.ics" in newsroom.feeds()

    configure(newsroom, f'{without}[moved]\n"lebanon" = "news"\n')
    newsroom.build()

    assert "lebanon.ics" not in newsroom.feeds()
    reader = manifest.ManifestReader(newsroom.folder / "feeds")
    assert reader.former("lebanon.ics") == "news.ics"
    assert f"{SITE}lebanon.atom" not in directing.feeds(read(newsroom, "feeds.opml"))
    assert f"{SITE}lebanon.html" not in listed(newsroom)


def test_a_feed_without_events_has_no_calendar(newsroom: Newsroom) -> None:
    """A calendar that existed before is removed."""
    newsroom.build()
    configure(newsroom, CONFIG.replace('["Lebanon"]', '["Lebanon"]\nkinds = ["news"]'))
    newsroom.build()

    assert "lebanon.ics" not in newsroom.feeds()
    assert manifest.ManifestReader(newsroom.folder / "feeds").former("lebanon.ics") == ""
    assert b"lebanon.ics" not in read(newsroom, "subscribe.html")


def test_corrected_news_has_its_time_of_change() -> None:
    """Crawlers fetch again what has changed since."""
    moment = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    one = Headline(
        slug="2026/11/report",
        title="A & B",
        language="en",
        published=moment,
        updated=moment + timedelta(hours=3),
    )
    data = sitemap.news(sample_publication(), [one]).data

    assert b"<lastmod>2026-11-25T13:00:00Z</lastmod>" in data
    assert b"<news:publication_date>2026-11-25T10:00:00Z</news:publication_date>" in data
    assert b"<news:title>A &amp; B</news:title>" in data


@pytest.mark.parametrize(
    ("tag", "known"),
    [
        ("zh", "zh-cn"),
        ("zh-CN", "zh-cn"),
        ("zh-TW", "zh-tw"),
        ("zh-HK", "zh-tw"),
        ("zh-Hant-HK", "zh-tw"),
        ("zh-Hans-HK", "zh-cn"),
        ("pt-BR", "pt"),
    ],
)
def test_google_knows_the_language_of_news(tag: str, known: str) -> None:
    """It has a tag for each script of Chinese, and no other script or region."""
    one = Headline(slug="2026/11/a", title="A", language=tag, published=NOW, updated=NOW)

    document = sitemap.news(sample_publication(), [one])
    assert f"<news:language>{known}</news:language>" in document.data.decode()


@pytest.mark.long
def test_a_sitemap_of_pages_has_no_more_than_search_engines_read() -> None:
    """One with more than 50,000 addresses is refused as a whole."""
    document = sitemap.pages(sample_publication(), [f"topics/{n}.html" for n in range(50_001)])

    assert document.data.count(b"<url>") == 50_000
