"""Ids and addresses equal those of the generators' own feeds, with any settings.

The sites are made by the tools themselves; every item of their feeds must be recognised by its
id and its address, from the folder alone.
"""

from __future__ import annotations

import os
import sys
from calendar import timegm
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import feedparser
import pytest

from dateline.importing import sources
from dateline.importing.fetch import SourceFetcher
from dateline.importing.items import ImportSource
from outside.programs import BROUGHT, output
from outside.sites import URL, fenced

pytestmark = pytest.mark.outside

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
NAMES = ("first-news", "Second News", "q-a_and-more", "été")
TITLES = ("First news", "What's new: 5 > 4?", "Q&A and “more”", "Été à Vienne")


def read(source: Path, site: str = "") -> ImportSource:
    """Read a folder as an import does."""
    asked = sources.ImportRequest(
        fetcher=SourceFetcher(), now=NOW, zone=ZoneInfo("Europe/Vienna"), language="en", site=site
    )
    return sources.read(str(source), asked, lambda _: None)


def shown(*feeds: Path) -> set[tuple[str, str, str]]:
    """Return id, address and time of each item of feeds, as readers have them."""
    return {
        (entry.get("id", ""), entry.link, stamp(entry))
        for feed in feeds
        for entry in feedparser.parse(feed.read_bytes()).entries
    }


def stamp(entry: feedparser.FeedParserDict) -> str:
    """Return the time of an item, to the second."""
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    return datetime.fromtimestamp(timegm(moment), UTC).isoformat()


def expected(past: ImportSource) -> set[tuple[str, str, str]]:
    """Return the same of imported items."""
    return {
        (item.id, item.link, item.date.astimezone(UTC).isoformat())
        for item in past.items
        if isinstance(item.date, datetime) and not item.draft
    }


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def pages(folder: str, end: str = ".md", tags: str = "") -> Iterator[tuple[str, str]]:
    """Return pages with dates, with and without a slug of their own."""
    for n, (name, title) in enumerate(zip(NAMES, TITLES, strict=True)):
        fields = {"title": title, "date": f"2024-0{n + 1}-09T0{n}:30:00+02:00"}
        fields |= {"tags": tags} if tags else {}
        yield f"{folder}/{name}{end}", fenced(fields, f"Text {n}.\n")


# ---- Hugo

LAYOUTS = {
    "layouts/_default/single.html": "{{ .Content }}",
    "layouts/_default/list.html": "{{ .Title }}",
}
DEFAULT = "config/_default/"
HUGO: dict[str, tuple[dict[str, str], list[str]]] = {
    "config/_default/hugo.toml": ({f"{DEFAULT}hugo.toml": f'baseURL = "{URL}"\n'}, [""]),
    "split": (
        {
            f"{DEFAULT}config.yaml": "baseURL: https://wrong.example/\ntitle: x\n",
            "config/production/config.yaml": f"baseURL: {URL}\n",
            f"{DEFAULT}permalinks.toml": 'posts = "/:year/:month/:day/:slug/"\n',
            f"{DEFAULT}params.toml": 'x = "y"\n',
        },
        [""],
    ),
    "page": (
        {"hugo.toml": f'baseURL = "{URL}b/"\n[permalinks.page]\nposts = "/n/:yearday/:filename"\n'},
        [""],
    ),
    "sections": (
        {
            "hugo.toml": f'baseURL = "{URL}"\n[permalinks]\n'
            'posts = "/:sections/:2006/:Jan/:title.html"\n'
        },
        [""],
    ),
    "ugly": ({"hugo.toml": f'baseURL = "{URL}"\nuglyURLs = true\n'}, [""]),
    "rss": (
        {
            "hugo.toml": f'baseURL = "{URL}"\ncontentDir = "texts"\ndisablePathToLower = true\n'
            '[outputFormats.RSS]\nbaseName = "feed"\n'
        },
        [""],
    ),
    "languages": (
        {
            f"{DEFAULT}hugo.toml": f'baseURL = "{URL}"\ndefaultContentLanguage = "en"\n',
            f"{DEFAULT}languages.toml": '[en]\nweight = 1\n[fr]\ncontentDir = "content/fr"\n'
            '[fr.permalinks]\nposts = "/nouvelles/:slug/"\n',
            f"{DEFAULT}languages.en.toml": 'contentDir = "content/en"\n',
        },
        ["", "fr/"],
    ),
    "suffixes": (
        {
            "hugo.toml": f'baseURL = "{URL}"\ndefaultContentLanguage = "de"\n'
            "defaultContentLanguageInSubdir = true\n[languages.de]\nweight = 1\n[languages.fr]\n"
        },
        ["de/", "fr/"],
    ),
    "one language in its folder": (
        {"hugo.toml": f'baseURL = "{URL}"\ndefaultContentLanguageInSubdir = true\n'},
        ["en/"],
    ),
}
PLACES = {
    "rss": ("texts/posts",),
    "languages": ("content/en/posts", "content/fr/posts"),
}


@pytest.mark.parametrize("kind", HUGO)
def test_a_hugo_site_keeps_its_ids(kind: str, tmp_path: Path) -> None:
    """In the root, in a folder of settings, in several languages, with its own addresses."""
    settings, prefixes = HUGO[kind]
    for place in PLACES.get(kind, ("content/posts",)):
        write(tmp_path, dict(pages(place)))
        bundle = fenced({"title": "Bundle", "date": "2024-07-01T00:00:00Z"}, "Text.\n")
        part = fenced({"title": "Part", "date": "2024-07-02T00:00:00Z"}, "No page.\n")
        deep = fenced({"title": "Deep", "date": "2024-08-01T00:00:00Z", "slug": "Own Slug"}, "T\n")
        later = {
            "title": "L",
            "date": "2024-08-02T00:00:00Z",
            "publishDate": "2024-08-03T00:00:00Z",
        }
        own = {"title": "U", "date": "2024-08-04T00:00:00Z", "url": "/own/place"}
        write(
            tmp_path,
            {
                f"{place}/a-bundle/index.md": bundle,
                f"{place}/a-bundle/part.md": part,
                f"{place}/deep/er/one.md": deep,
                f"{place}/deep/_index.md": "---\ntitle: Deep\n---\n",
                f"{place}/later.md": fenced(later, "T\n"),
                f"{place}/own.md": fenced(own, "T\n"),
            },
        )
    if kind == "suffixes":
        write(tmp_path, dict(pages("content/posts", ".fr.md")))
    write(tmp_path, LAYOUTS | settings)
    output(["hugo", "--quiet"], folder=tmp_path)
    name = "feed.xml" if kind == "rss" else "index.xml"

    past = read(tmp_path)

    assert expected(past) == shown(*(tmp_path / "public" / each / name for each in prefixes))
    assert past.doubts == ()
    base = f"{URL}b/" if kind == "page" else URL
    assert [feed.address for feed in past.feeds] == [f"{base}{each}{name}" for each in prefixes]


# ---- Jekyll

JEKYLL: dict[str, str] = {
    "usual": "",
    "collection": "permalink: pretty\ncollections:\n  posts:\n    permalink: /n/:year/:slug/\n",
    "defaults": "defaults:\n- scope: {path: region, type: posts}\n"
    "  values: {permalink: '/:categories/:i_day/:title.html', categories: [news]}\n"
    "- scope: {path: '', type: posts}\n  values: {permalink: '/wide/:title'}\n",
    "weekdate": "permalink: weekdate\ntimezone: America/New_York\n",
    "words": "permalink: /:slugified_categories/:short_year-:y_day/:slug:output_ext\n",
    "source": "source: src\nbaseurl: /blog\npermalink: none\n",
    "feed": "permalink: ordinal\n",
}


@pytest.mark.parametrize("kind", JEKYLL)
def test_a_jekyll_site_keeps_its_ids(kind: str, tmp_path: Path) -> None:
    """With permalinks of the site, of a collection, of defaults and of a page."""
    place = "src/" if kind == "source" else ""
    head = f"title: Example\nurl: {URL.rstrip('/')}\nplugins: [jekyll-feed]\n"
    posts = {
        f"{place}{folder}_posts/2024-0{n + 1}-09-{name}.md": fenced(
            {"title": title, "categories": ["Top News", "Été"][: n % 3]}, "Text.\n"
        )
        for folder in ("", "region/")
        for n, (name, title) in enumerate(zip(NAMES, TITLES, strict=True))
    }
    own = fenced({"permalink": "/own/:title/", "slug": "My Slug", "date": "2024-05-01 23:30"}, "T")
    posts[f"{place}_posts/2024-05-01-own.md"] = own
    path = "news/all.xml" if kind == "feed" else "feed.xml"
    feed = f"feed: {{path: {path}, posts_limit: 99}}\n"
    write(tmp_path, {**posts, "_config.yml": f"{head}{feed}{JEKYLL[kind]}"})
    output(["jekyll", "build", "--quiet"], folder=tmp_path)

    past = read(tmp_path)

    assert expected(past) == shown(tmp_path / "_site" / path)
    assert past.doubts == ()
    base = f"{URL}blog/" if kind == "source" else URL
    assert [feed.address for feed in past.feeds] == [f"{base}{path}"]


# ---- Eleventy

FEED = """
import {{ feedPlugin }} from "{modules}/@11ty/eleventy-plugin-rss/.eleventy.js";
export default function (config) {{
  config.addPlugin(feedPlugin, {{
    type: "atom", outputPath: "/news/atom.xml", collection: {{ name: "posts", limit: 0 }},
    metadata: {{ language: "en", title: "Example", subtitle: "", base: "{url}",
                author: {{ name: "Press office", email: "" }} }},
  }});
}}
"""
ELEVENTY: dict[str, tuple[dict[str, str], str]] = {
    "like Jekyll's": ({}, "_posts"),
    "data of the folder": (
        {"posts/posts.json": '{"permalink": "/n/{{ page.fileSlug }}/", "tags": "posts"}'},
        "posts",
    ),
    "data of a folder above": (
        {
            "news/news.11tydata.json": """{"permalink":
            "/{{ page.date | date: '%Y/%m' }}/{{ page.fileSlug }}.html"}"""
        },
        "news/posts",
    ),
    "input": ({"input": "src"}, "src/posts"),
}


@pytest.mark.parametrize("kind", ELEVENTY)
def test_an_eleventy_site_keeps_its_ids(kind: str, tmp_path: Path) -> None:
    """Also one with `_posts`; its feed and its address are read from its program."""
    files, place = ELEVENTY[kind]
    modules = BROUGHT / "eleventy/node_modules"
    program = FEED.format(modules=modules, url=URL)
    if "input" in files:
        program += 'export const config = { dir: { input: "src" } };\n'
        files = {}
    more = {"tags": "posts"}
    posts = dict(pages(place, tags="posts"))
    posts[f"{place}/2024-06-01-dated.md"] = fenced({"title": "Dated", **more}, "T\n")
    posts[f"{place}/own.md"] = fenced(
        {"title": "Own", "date": "2024-07-01T00:00:00Z", "permalink": "/own/", **more}, "T\n"
    )
    posts = {
        name.replace("été", "ete").replace("Second News", "second"): text
        for name, text in posts.items()
    }
    write(tmp_path, {**posts, **files, "eleventy.config.mjs": program})
    output(["node", modules / "@11ty/eleventy/cmd.cjs", "--quiet"], folder=tmp_path)

    past = read(tmp_path)

    assert {(id_, link) for id_, link, _ in expected(past)} == {
        (id_, link) for id_, link, _ in shown(tmp_path / "_site/news/atom.xml")
    }
    assert past.doubts == ()
    assert [feed.address for feed in past.feeds] == [f"{URL}news/atom.xml"]


# ---- Pelican

HEAD = """\
import os
AUTHOR = 'Press office'
SITENAME = 'Example'
SITEURL = 'http://localhost:8000'
PATH = 'content'
TIMEZONE = 'America/New_York'
DEFAULT_LANG = 'en'
FEED_ALL_ATOM = None
CATEGORY_FEED_ATOM = None
TRANSLATION_FEED_ATOM = None
AUTHOR_FEED_ATOM = None
AUTHOR_FEED_RSS = None
"""
PUBLISH = """\
import os
import sys
sys.path.append(os.curdir)
from pelicanconf import *
HOST = 'www.example.org'
SITEURL = f'https://{HOST}' if not os.environ.get('LOCAL') else 'http://localhost'
FEED_ALL_ATOM = 'atom.xml'
FEED_MAX_ITEMS = 99
"""
PELICAN: dict[str, str] = {
    "usual": "",
    "dated": "ARTICLE_URL = 'blog/' + '{date:%Y}/{date:%m}/{slug}/'\n"
    "ARTICLE_SAVE_AS = ARTICLE_URL + 'index.html'\n",
    "category": "ARTICLE_URL = '{category}/{slug}.html'\nARTICLE_SAVE_AS = ARTICLE_URL\n",
    "basename": "SLUGIFY_SOURCE = 'basename'\nARTICLE_URL = '{category}-{slug}'\n"
    "ARTICLE_SAVE_AS = ARTICLE_URL\nARTICLE_LANG_URL = 'x-{slug}'\n"
    "FILENAME_METADATA = '(?P<date>\\\\d{4}-\\\\d{2}-\\\\d{2})-.*'\n",
}


@pytest.mark.parametrize("kind", PELICAN)
def test_a_pelican_site_keeps_its_ids(kind: str, tmp_path: Path) -> None:
    """As published: by `publishconf.py`, which imports the other, in the site's zone."""
    articles = {
        f"content/{folder}{name}.md": (
            f"Title: {title} {folder[:1]}\nDate: 2024-0{n + 1}-09 0{n}:30\n\nT.\n"
        )
        for folder in ("", "Top News/")
        for n, (name, title) in enumerate(zip(NAMES, TITLES, strict=True))
    }
    articles["content/2024-06-01-dated.md"] = "Title: Dated\n\nText.\n"
    articles["content/lang.md"] = "Title: Langue\nLang: fr\nDate: 2024-06-02\n\nTexte.\n"
    write(
        tmp_path,
        {**articles, "pelicanconf.py": HEAD + PELICAN[kind], "publishconf.py": PUBLISH},
    )
    environment = os.environ | {"PYTHONPATH": str(BROUGHT / "sites")}
    command = [sys.executable, "-m", "pelican", "--quiet", "-s", "publishconf.py"]
    output(command, folder=tmp_path, environment=environment)

    past = read(tmp_path)

    assert expected(past) == shown(tmp_path / "output/atom.xml")
    assert past.doubts == ()
    assert [feed.address for feed in past.feeds] == [f"{URL}atom.xml"]
