"""Months and years have pages in each language, which lead to one another."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from dateline.model import Report
from support.filing import drop, former, titles, touched
from support.publication import CONFIG, Newsroom


def test_a_month_has_a_page_of_its_entries_and_a_year_one_of_its_months(newsroom: Newsroom) -> None:
    """They are at the folders of the entries' addresses, and the front page leads to them."""
    drop(newsroom, 1, 2)
    drop(newsroom, 3, month="2025-02")
    newsroom.build()

    feeds = newsroom.feeds()
    assert titles(newsroom, "2026/10/index.html") == ["Number 2", "Number 1"]
    assert '<a href="../2026/10/">October 2026</a>' in feeds["2026/index.html"][0].decode()
    assert '<a href="../2025/">2025</a>' in feeds["2026/index.html"][0].decode()
    assert '<a href="./2026/">' in feeds["index.html"][0].decode()
    sitemap = feeds["sitemap-pages.xml"][0].decode()
    assert all(f"/{path}/</loc>" in sitemap for path in ("2025", "2025/02", "2026", "2026/10"))


def test_an_expired_entry_leaves_its_month(newsroom: Newsroom) -> None:
    """The page of a month goes when its last entry expires, and so does that of the year."""
    drop(newsroom, 1, month="2025-10", expires="2026-11-26T00:00:00Z")
    drop(newsroom, 2)
    newsroom.build()
    assert titles(newsroom, "2025/10/index.html") == ["Number 1"]

    newsroom.build(after=timedelta(days=2))

    assert not {"2025/10/index.html", "2025/index.html"} & newsroom.feeds().keys()
    assert "2025" not in newsroom.feeds()["2026/index.html"][0].decode()


@pytest.mark.long
def test_a_retracted_entry_that_expires_stays_in_its_year_and_month(newsroom: Newsroom) -> None:
    """Both pages show it for the notice period, and go at its end."""
    fields = {"month": "2025-10", "language": '"fr"', "expires": "2026-11-26T00:00:00Z"}
    drop(newsroom, 1, **fields)
    drop(newsroom, 2)
    newsroom.build()
    drop(newsroom, 1, **fields, status='"retracted"', retraction='"It was wrong."')
    newsroom.build()
    paths = {"2025/fr/index.html", "2025/fr/10/index.html"}

    newsroom.build(after=timedelta(days=2))

    assert paths <= newsroom.feeds().keys()
    assert "(1)" in page(newsroom, "2025/fr/index.html")
    newsroom.build(after=timedelta(days=27))
    assert paths <= newsroom.feeds().keys()
    newsroom.build(after=timedelta(days=3))
    assert not paths & newsroom.feeds().keys()


# ---- In each language


def page(newsroom: Newsroom, path: str) -> str:
    """Return a page as text."""
    return newsroom.feeds()[path][0].decode()


def alternates(newsroom: Newsroom, path: str) -> dict[str, str]:
    """Return the addresses of a page in each language, below the site's."""
    found = re.findall(r'hreflang="(.*?)" href="http://127.0.0.1:8000/(.*?)"', page(newsroom, path))
    return dict(found)


def pages(report: Report) -> list[str]:
    """Return the pages of months and years that changed in a run."""
    return [path for path in touched(report, "20") if path.endswith("index.html")]


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return a publication in English and Arabic, with an entry in French."""
    room = Newsroom(tmp_path_factory.mktemp("mixed"))
    (room.folder / "config.toml").write_text(CONFIG, "utf-8")
    drop(room, 1, 2)
    drop(room, 3, language='"ar"')
    drop(room, 4, language='"fr-CA"')
    drop(room, 5, month="2025-02", language='"ar"')
    drop(room, 6, month="2026-09")
    room.build()
    return room


def test_a_month_and_a_year_have_nothing_of_another_language(mixed: Newsroom) -> None:
    """They are in the words of their language, and each front page leads to its own.

    A language that no feed is for has them, too.
    """
    assert titles(mixed, "2026/10/index.html") == ["Number 2", "Number 1"]
    assert titles(mixed, "2026/ar/10/index.html") == ["Number 3"]
    assert titles(mixed, "2026/fr/10/index.html") == ["Number 4"]
    arabic, year = page(mixed, "2026/ar/10/index.html"), page(mixed, "2026/ar/index.html")
    assert '<html lang="ar" dir="rtl">' in arabic
    assert "<h1>أكتوبر 2026</h1>" in arabic
    assert '<a rel="up" href="../../../2026/ar/">' in arabic
    assert 'أكتوبر 2026</a> <span class="when">(1)</span>' in year
    assert '<a href="../../2025/ar/">2025</a>' in year
    assert "2025" not in page(mixed, "2026/index.html")
    assert 'href="./2026/"' in page(mixed, "index.html")
    assert 'href="./2026/ar/"' in page(mixed, "news-ar.html")
    sitemap = page(mixed, "sitemap-pages.xml")
    paths = ("2026/", "2026/10/", "2026/ar/", "2026/ar/10/", "2026/fr/10/", "2025/ar/02/")
    assert all(f"8000/{path}</loc>" in sitemap for path in paths)
    assert "8000/2025/</loc>" not in sitemap


def test_a_month_leads_to_the_same_month_in_other_languages(mixed: Newsroom) -> None:
    """Where a language has nothing in it, the head leads to the front page of that language."""
    months = {"ar": "2026/ar/10/", "en": "2026/10/", "fr": "2026/fr/10/"}
    years = {"ar": "2026/ar/", "en": "2026/", "fr": "2026/fr/"}
    assert alternates(mixed, "2026/ar/10/index.html") == months
    assert alternates(mixed, "2026/index.html") == years
    assert alternates(mixed, "2026/09/index.html") == {}
    assert 'hreflang="ar" href="../../2026/ar/10/"' in page(mixed, "2026/10/index.html")
    assert 'hreflang="ar" href="../2026/ar/"' in page(mixed, "2026/index.html")
    assert 'hreflang="ar" href="../../news-ar.html"' in page(mixed, "2026/09/index.html")


@pytest.mark.long
def test_a_language_of_the_site_may_have_a_region(newsroom: Newsroom) -> None:
    """Pages are in the language of the feed, and lead to its front page; addresses stay short."""
    config = newsroom.folder / "config.toml"
    text = config.read_text("utf-8").replace('language = "ar"', 'language = "fr-CA"')
    config.write_text(text, "utf-8")
    drop(newsroom, 1)
    drop(newsroom, 2, language='"fr-CA"', categories='["Pêche"]')
    newsroom.build()

    for path in ("2026/fr/10/index.html", "2026/fr/index.html", "topics/fr/peche.html"):
        found = page(newsroom, path)
        assert '<html lang="fr-CA"' in found
        assert re.search(r'<p class="publication"><a href="[./]*/news-ar.html">', found)
        assert 'aria-current="true">Français' in found
    own = {"en": "2026/10/", "fr-CA": "2026/fr/10/"}
    assert alternates(newsroom, "2026/10/index.html") == own
    assert 'hreflang="fr-CA" href="../../2026/fr/10/"' in page(newsroom, "2026/10/index.html")


@pytest.mark.long
def test_an_entry_changes_the_month_and_the_year_of_its_language_alone(newsroom: Newsroom) -> None:
    """The first entry of a month in a language also changes the pages that lead to it now."""
    drop(newsroom, 1)
    newsroom.build()
    drop(newsroom, 2, language='"ar"')
    first = newsroom.build()
    drop(newsroom, 3, language='"ar"')
    second = newsroom.build()

    arabic = ["2026/ar/10/index.html", "2026/ar/index.html"]
    assert pages(first) == ["2026/10/index.html", *arabic, "2026/index.html"]
    assert pages(second) == arabic


@pytest.mark.long
def test_an_entry_that_changes_its_language_moves_to_another_month(newsroom: Newsroom) -> None:
    """A month without entries is gone (410), and no other leads to it."""
    drop(newsroom, 1)
    drop(newsroom, 2, language='"ar"')
    newsroom.build()
    drop(newsroom, 2)
    newsroom.build()

    assert titles(newsroom, "2026/10/index.html") == ["Number 2", "Number 1"]
    assert not [path for path in newsroom.feeds() if path.startswith("2026/ar/")]
    assert former(newsroom, "2026/ar/10/index.html") == ""
    assert former(newsroom, "2026/ar/index.html") == ""
    for path in ("2026/10/index.html", "2026/index.html", "sitemap-pages.xml"):
        assert "2026/ar/" not in page(newsroom, path)


@pytest.mark.long
def test_a_withdrawn_entry_was_the_last_of_its_language_in_a_month(newsroom: Newsroom) -> None:
    """The month and the year in that language are gone (410), in the others they stay."""
    drop(newsroom, 1, 2, month="2026-11")
    drop(newsroom, 3, month="2026-11", language='"ar"')
    drop(newsroom, 4, month="2025-11", language='"ar"')
    newsroom.build()
    (newsroom.folder / "entries/2026-11-03.toml").unlink()
    newsroom.build()
    newsroom.build(after=timedelta(hours=1))

    assert former(newsroom, "2026/ar/11/index.html") == ""
    assert former(newsroom, "2026/ar/index.html") == ""
    assert "2026" not in page(newsroom, "2025/ar/index.html").partition('<ul class="contents">')[2]
    assert alternates(newsroom, "2026/11/index.html") == {}
    assert titles(newsroom, "2026/11/index.html") == ["Number 2", "Number 1"]
