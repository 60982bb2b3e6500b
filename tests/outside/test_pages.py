"""Every kind of public page, in a real browser and for programs that read pages.

Publications in three languages are served by Dateline's own server. With `PICTURES=1`, pictures
stay in `.cache/outside/pages/`, for people to look at: LANGUAGE-PAGE-WIDTH-SCHEME.png.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from lxml import html  # type: ignore[import-untyped]  # lxml carries no types

from dateline import config as configuration
from outside.browsing import DESK, TELEPHONE, WINDOWS, Browser, chromium, faults_of
from outside.programs import BROUGHT
from outside.reading_pages import Found, faults_in, found_on
from outside.shipped import publish
from outside.specimen import LANGUAGES, WORDLESS, Specimen, specimen
from outside.specimen import words as spoken
from support.paths import ROOT
from support.publication import Newsroom
from support.serving import PATIENCE, free_port, granian

pytestmark = pytest.mark.outside

NARROW, TABLET, PAPER = 320, 768, 794
STATUSES = {"404": 404, "410": 410}
PICTURES = BROUGHT / "pages"
RETRACTED = {"en": "Retracted:", "fr": "Rétracté\u00a0:", "ar": "سُحب:"}
WEIGHT = 80_000  # bytes of a page and its files, before compression
# axe checks the target size of WCAG 2.2 only on request.
AXE = {"rules": {"target-size": {"enabled": True}}}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Yield a browser."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session", params=LANGUAGES)
def published(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Specimen]:
    """Yield a publication in a language, with a page of every kind."""
    language: str = request.param
    with specimen(tmp_path_factory.mktemp("specimen") / language, language) as published:
        yield published


# ---- In a browser


def test_every_page_is_accessible(published: Specimen, browser: Browser) -> None:
    """No horizontal scrolling or remote request; neither axe nor Chromium finds a fault."""
    (width, scheme), faults = WINDOWS[published.language], list[str]()
    browser.do("open", width, scheme, True)  # noqa: FBT003 - a step's word
    for kind in published.pages:
        go(browser, published, kind, faults)
        picture(browser, published, f"{kind}-{width}-{scheme}")
        note(faults, kind, browser.do("judge", AXE))
        if browser.do("unfold"):
            note(faults, kind, browser.do("overflow"), browser.do("judge", AXE, "details"))
        note(faults, kind, messages(browser, published, kind))

    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("theme", ["gazette", "signal"])
def test_an_example_theme_is_accessible(theme: str, tmp_path: Path, browser: Browser) -> None:
    """From right to left, in both schemes: no horizontal scrolling, and axe finds nothing."""
    faults = list[str]()
    with specimen(tmp_path, "ar", theme=ROOT / "docs/themes" / theme) as published:
        for width, scheme in ((DESK, "light"), (TELEPHONE, "dark")):
            browser.do("open", width, scheme, True)  # noqa: FBT003
            for kind in ("front", "entry-event", "subscribe"):
                go(browser, published, kind, faults)
                picture(browser, published, f"{theme}-{kind}-{width}-{scheme}")
                note(faults, kind, browser.do("judge", AXE))
        browser.do("resize", NARROW)
        browser.do("unfold")
        note(faults, "narrow, unfolded", browser.do("overflow"))

    assert not faults, "\n".join(faults)


def test_a_long_word_widens_no_page(newsroom: Newsroom, browser: Browser) -> None:
    """It is divided, in cards, links to older and newer news, topics and lists of places."""
    word = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz"
    named = f'categories = ["{word}"]\nplace = "{word}{word}"\n'
    faults = list[str]()
    for day in range(1, 7):
        newsroom.drop(
            f"{day}.toml", f'title = "{word} {day}"\ndate = 2024-05-0{day}\n{named}body = "Text"\n'
        )
    newsroom.build()
    feeds = newsroom.folder / "feeds"
    lists = [feeds / name / "index.html" for name in ("topics", "places")]
    pages = [feeds / "index.html", next(feeds.glob("2024/05/*-3.html")), *lists]
    for width in (TELEPHONE, TABLET, DESK):
        browser.do("open", width, "light", True)  # noqa: FBT003
        for page in pages:
            browser.do("go", page.as_uri(), "load")
            note(faults, f"{page.parent.name} at {width}", browser.do("overflow"))

    assert not faults, "\n".join(faults)


def test_every_page_fits_small_screens_large_letters_and_paper(
    published: Specimen, browser: Browser
) -> None:
    """On 320 pixels (WCAG 2.2, 1.4.10), with letters twice as large (1.4.4), and on paper."""
    faults = list[str]()
    browser.do("open", TELEPHONE, "dark", True)  # noqa: FBT003
    for kind in published.pages:
        browser.do("resize", TELEPHONE)
        go(browser, published, kind, faults)
        browser.do("letters", "200%")
        for width in (TELEPHONE, DESK):
            browser.do("resize", width)
            note(faults, f"{kind} large", browser.do("overflow"))
            picture(browser, published, f"{kind}-{width}-large")
        browser.do("letters", "")
        browser.do("resize", PAPER)
        browser.do("medium", "print")
        note(faults, f"{kind} on paper", browser.do("cut", "pre"))
        picture(browser, published, f"{kind}-{PAPER}-print")
        browser.do("medium", None)
        browser.do("resize", NARROW)
        note(faults, f"{kind} narrow", browser.do("overflow"))
        browser.do("unfold")
        note(faults, f"{kind} narrow, unfolded", browser.do("overflow"))

    assert not faults, "\n".join(faults)


def test_a_page_needs_no_scripts(published: Specimen, browser: Browser) -> None:
    """Without them the text is the same, and no button is there that would do nothing."""
    faults, texts = list[str](), dict[tuple[str, bool], str]()
    for runs in (False, True):
        browser.do("open", DESK, "light", runs)
        for kind in published.pages:
            go(browser, published, kind, faults)
            if not runs:
                note(faults, kind, ["a button"] * browser.do("count", "button:not(form *)"))
            texts[kind, runs] = browser.do("text")

    assert not faults, "\n".join(faults)
    for kind in published.pages:
        assert texts[kind, False] == texts[kind, True]
        assert texts[kind, False]


def test_a_button_copies_an_address_and_confirms_it(published: Specimen, browser: Browser) -> None:
    """Visibly, and for screen readers (WCAG 2.2, 4.1.3)."""
    browser.do("open", TELEPHONE, "light", True)  # noqa: FBT003
    browser.do("permit", "clipboard-read", "clipboard-write")
    go(browser, published, "subscribe", list[str]())
    button = "#quays button >> nth=0"
    before = browser.do("see", button)
    browser.do("click", button)
    after = browser.do("until_other", button, before)

    assert browser.do("clipboard") == f"{published.served.url}quays.rss"
    assert browser.do("told") == after
    assert browser.do("until_other", button, after) == before


def test_an_address_that_cannot_be_copied_is_selected(
    published: Specimen, browser: Browser
) -> None:
    """And the page says so; without a clipboard there is no button."""
    faults = list[str]()
    browser.do("open", TELEPHONE, "light", True)  # noqa: FBT003
    browser.do("before", "navigator.clipboard.writeText = () => Promise.reject(new Error('no'))")
    go(browser, published, "subscribe", faults)
    button = "#quays button >> nth=0"
    before = browser.do("see", button)
    browser.do("click", button)
    after = browser.do("until_other", button, before)

    assert browser.do("marked_text") == f"{published.served.url}quays.rss"
    assert browser.do("told") == after
    assert browser.do("until_other", button, after) == before

    browser.do("open", TELEPHONE, "light", True)  # noqa: FBT003
    browser.do("before", "delete Navigator.prototype.clipboard")
    go(browser, published, "subscribe", faults)
    assert browser.do("count", "button:not(form *)") == 0
    assert not faults + messages(browser, published, "subscribe")


def test_links_to_languages_are_on_one_line(published: Specimen, browser: Browser) -> None:
    """Whatever the line height of each script."""
    browser.do("open", DESK, "light", True)  # noqa: FBT003
    for kind in ("front", "other", "entry-full"):
        go(browser, published, kind, list[str]())

        assert len(set(browser.do("lines", "nav.languages li > *"))) == 1


def test_coming_events_follow_the_lead_on_a_telephone(
    published: Specimen, browser: Browser
) -> None:
    """They are no use after a long list; topics come last."""
    browser.do("open", TELEPHONE, "light", True)  # noqa: FBT003
    go(browser, published, "front", list[str]())
    parts = (".lead .p-name", ".events h2", ".rest .p-name", "#topics h2")
    places = [browser.do("lines", part)[0] for part in parts]

    assert places == sorted(places)


def test_a_browser_that_opens_a_feed_is_shown_how_to_subscribe(
    published: Specimen, browser: Browser
) -> None:
    """On the page in the feed's language, at that feed; from an archive too."""
    browser.do("open", DESK, "light", True)  # noqa: FBT003
    url, other = published.served.url, published.other
    for path, page, name in (
        ("news.rss", "subscribe.html", "news"),
        ("quays.atom", "subscribe.html", "quays"),
        ("corrections.json", "subscribe.html", "corrections"),
        (f"news-{other}.rss", f"subscribe-{other}.html", f"news-{other}"),
        ("archive/news/1.atom", "subscribe.html", "news"),
    ):
        led = browser.do("follow", f"{url}{path}")

        assert led == {"statuses": [303, 200], "address": f"{url}{page}#{name}", "target": name}


def test_the_shipped_publication_fits(tmp_path: Path, browser: Browser) -> None:
    """In both directions of writing."""
    port = free_port()
    publish(tmp_path, f"http://127.0.0.1:{port}/")
    config = configuration.load(tmp_path / "config.toml")
    faults = list[str]()
    with granian(config, port) as served:
        pages = {"shipped-front": "", "shipped-ar": "news-ar.html"}
        for path in (tmp_path / "feeds").glob("20*/**/*.html"):
            pages[f"shipped-{path.stem}"] = str(path.relative_to(tmp_path / "feeds"))
        published = Specimen(language="en", served=served, pages=pages, feeds={}, words={})
        for width in (TELEPHONE, DESK):
            browser.do("open", width, "light", True)  # noqa: FBT003
            for kind in pages:
                go(browser, published, kind, faults)
                picture(browser, published, f"{kind}-{width}-light")
                note(faults, kind, messages(browser, published, kind))

    assert not faults, "\n".join(faults)


def go(browser: Browser, published: Specimen, kind: str, faults: list[str]) -> None:
    """Open a page, and note its immediate faults."""
    browser.do("forget")
    status = browser.do("go", published.address(kind), "load")
    if status != STATUSES.get(kind, 200):
        note(faults, kind, [str(status)])
    note(faults, kind, browser.do("overflow"))


def note(faults: list[str], where: str, *found: list[str]) -> None:
    """Add findings to the list of faults."""
    faults.extend(f"{where}: {fault}" for some in found for fault in some)


def messages(browser: Browser, published: Specimen, kind: str) -> list[str]:
    """Return the browser's warnings, and its remote requests."""
    found = browser.do("said")
    # It logs each 404.
    expected = f"Failed to load resource: the server responded with a status of {kind} "
    complaints = [one for one in found["complaints"] if not one.startswith(expected)]
    own = (published.served.url, "data:,")
    return complaints + [address for address, _ in found["asked"] if not address.startswith(own)]


def picture(browser: Browser, published: Specimen, name: str) -> None:
    """Keep a picture of a page, if pictures are wanted."""
    if "PICTURES" not in os.environ:
        return
    PICTURES.mkdir(parents=True, exist_ok=True)
    browser.do("picture", str(PICTURES / f"{published.language}-{name}.png"))


# ---- For programs that read pages


def test_pages_are_valid(published: Specimen, tmp_path: Path) -> None:
    """The Nu HTML checker finds no fault and no warning, in the style sheet either."""
    files = []
    for kind, path in {**published.pages, "style": "style.css"}.items():
        answer = published.served.get(path.partition("#")[0])
        assert answer.status_code == STATUSES.get(kind, 200)
        assert ("Content-Security-Policy" in answer.headers) == (kind != "style")
        file = tmp_path / f"{kind}.{'css' if kind == 'style' else 'html'}"
        file.write_bytes(answer.content)
        files.append(file)

    assert faults_of(*files) == []


def test_pages_are_small(published: Specimen) -> None:
    """With all their files except pictures, before compression."""
    weights = sizes_of(published)

    assert {kind: weight for kind, weight in weights.items() if weight > WEIGHT} == {}


def test_two_hundred_feeds_make_no_page_large(tmp_path: Path, browser: Browser) -> None:
    """Pages then describe each feed less, and stay accessible."""
    faults = list[str]()
    with specimen(tmp_path / "many", "en", topics=200) as published:
        weights = sizes_of(published)
        browser.do("open", TELEPHONE, "light", True)  # noqa: FBT003
        for kind in ("front", "topic", "entry-full", "subscribe"):
            go(browser, published, kind, faults)
            note(faults, kind, browser.do("judge", AXE), messages(browser, published, kind))

    assert not faults, "\n".join(faults)
    assert {kind: weight for kind, weight in weights.items() if weight > WEIGHT} == {}


def sizes_of(published: Specimen) -> dict[str, int]:
    """Return how many bytes each page needs."""
    get, weights = published.served.get, dict[str, int]()
    for kind, path in published.pages.items():
        page = get(path.partition("#")[0])
        needed = re.findall(r'(?:href|src)="([^"]*\.(?:css|js))"', page.text)
        parts = [httpx.get(urljoin(str(page.url), address), timeout=PATIENCE) for address in needed]
        assert len(parts) >= 1
        weights[kind] = sum(len(part.content) for part in (page, *parts))
    return weights


@pytest.fixture
def found(published: Specimen, tmp_path: Path) -> dict[str, Found]:
    """Return the metadata of each existing page, by its kind."""
    pages = {
        kind: published.served.get(path.partition("#")[0])
        for kind, path in published.pages.items()
        if kind not in STATUSES
    }
    by_address = found_on({str(page.url): page.text for page in pages.values()}, tmp_path)
    return {kind: by_address[str(page.url)] for kind, page in pages.items()}


def test_articles_follow_schema_org(
    published: Specimen, found: dict[str, Found], tmp_path: Path
) -> None:
    """Each entry's page has one NewsArticle in JSON-LD, and no other page has any."""
    articles = {kind: one.linked for kind, one in found.items() if one.linked}
    words, url = published.words, published.address("entry-full")

    assert [*articles] == [kind for kind in published.pages if kind.startswith("entry-")]
    assert {len(some) for some in articles.values()} == {1}
    assert faults_in([some[0] for some in articles.values()], tmp_path) == []
    (full,), (corrected,), (retracted,) = (
        articles[f"entry-{name}"] for name in ("full", "corrected", "retracted")
    )
    assert (full["@id"], full["url"]) == (f"{url}#article", url)
    assert full["headline"] == words["full"]
    assert full["inLanguage"] == published.language
    assert full["description"] == words["summary"]
    assert [one["name"] for one in full["author"]] == [words["author"], words["office"]]
    assert full["keywords"] == [words["quays"], words["safety"], words["category"]]
    assert full["image"][0]["caption"] == words["alt"]
    assert full["about"][0]["location"] == {"@type": "Place", "name": words["place"]}
    assert full["about"][0]["eventStatus"] == "https://schema.org/EventScheduled"
    assert full["workTranslation"][0]["url"] == published.address("entry-other")
    assert corrected["correction"][0]["text"] == words["correction"]
    assert retracted["creativeWorkStatus"] == "Retracted"
    assert retracted["headline"] == f"{RETRACTED[published.language]} {words['retracted']}"
    assert retracted["correction"][0]["text"] == retracted["description"] == words["retraction"]


def test_faults_against_schema_org_are_found(tmp_path: Path) -> None:
    """This shows that the check works."""
    right = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": "A"}
    wrong: list[dict[str, object]] = [
        {"headlin": "A"},
        {"datePublished": {"@type": "Event"}},
        {"publisher": {"@type": "Organization", "birthDate": "2008-10-20"}},
        {"image": [{"@type": "ImageObject", "width": 8}]},
    ]

    faults = faults_in([right, *(right | one for one in wrong)], tmp_path)

    lines = {int(found[1]) for fault in faults if (found := re.search(r"\.ts\((\d+),", fault))}
    assert lines == {3, 4, 5, 6}  # below the import and the right one


def test_microformats_equal_the_content_of_a_page(
    published: Specimen, found: dict[str, Found]
) -> None:
    """An entry's page has an h-entry, and a list an h-feed of them (microformats.org)."""
    words, url = published.words, published.address
    (entry,) = found["entry-full"].items
    full = entry["properties"]
    (content,) = full["content"]

    assert entry["type"] == ["h-entry"]
    assert full["name"] == [words["full"]]
    assert full["url"] == [url("entry-full")]
    assert [one["properties"]["name"] for one in full["author"]] == [
        [words["author"]],
        [words["office"]],
    ]
    assert full["published"] == [f"{published.day(1)}T11:00:01Z"]
    named = [published.feeds[name] for name in ("quays", "safety", "events")]
    assert full["category"] == [*named, words["category"]]
    assert f'alt="{words["alt"]}"' in content["html"]
    assert words["category"] not in content["value"]

    corrected = found["entry-corrected"].items[0]["properties"]
    assert corrected["updated"] > corrected["published"]

    for kind, name in (("front", "news"), ("topic", "quays"), ("archive-first", "news")):
        (feed,) = [item for item in found[kind].items if item["type"] == ["h-feed"]]
        assert feed["properties"]["name"] == [published.feeds[name]]
        assert feed["properties"]["url"] == [url(kind)]
        for child in feed["children"]:
            assert child["type"] == ["h-entry"]
            assert child["properties"].keys() >= {"name", "url", "published"}
    (agenda,) = [item for item in found["events"].items if item["type"] == ["h-feed"]]
    aside = [item for item in found["front"].items if item["type"] == ["h-event"]]
    for events in (aside, agenda["children"]):
        assert [event["properties"]["name"][0] for event in events] == [
            words[name] for name in ("event_day", "event_days", "full", "event_month")
        ]
        assert {place for event in events for place in event["properties"]["location"]} == {
            words["place"]
        }
    (event,) = [item for item in found["other"].items if item["type"] == ["h-event"]]
    assert event["properties"]["name"] == [spoken(published.other)["full"]]


def test_open_graph_equals_the_content_of_a_page(
    published: Specimen, found: dict[str, Found]
) -> None:
    """Shared links have a title, a picture and a text (ogp.me)."""
    words, full = published.words, found["entry-full"].graph
    front = found["front"].graph

    assert full["ogType"] == "article"
    assert full["ogLocale"] == {"en": "en_US", "fr": "fr_FR", "ar": "ar_EG"}[published.language]
    retracted = f"{RETRACTED[published.language]} {words['retracted']}"
    assert found["entry-retracted"].graph["ogTitle"] == retracted
    assert full["ogTitle"] == words["full"]
    assert full["ogDescription"] == words["summary"]
    assert full["ogSiteName"] == words["title"]
    assert full["ogImage"][0]["alt"] == words["alt"]
    assert (full["ogImage"][0]["width"], full["ogImage"][0]["height"]) == ("1200", "630")
    assert full["articlePublishedTime"] == f"{published.day(1)}T11:00:01Z"
    assert (front["ogType"], front["ogTitle"]) == ("website", published.feeds["news"])
    assert found["entry-plain"].graph["ogUrl"] == published.address("entry-plain")
    (card,) = found["entry-plain"].graph["ogImage"]
    assert card["url"] == f"{published.served.url}card.png"


def test_a_page_names_its_address_its_feeds_and_its_translations(published: Specimen) -> None:
    """The main feed comes first; translations name each other, and themselves."""
    links = {kind: links_of(published, kind) for kind in published.pages}
    feeds = {kind: feeds_named(published, some) for kind, some in links.items()}
    other = f"news-{published.other}"

    for kind in published.pages:
        assert feeds[kind][:3] == ["news.rss", "news.atom", "news.json"]
        assert len(set(feeds[kind])) == len(feeds[kind])
    every = [f"{name}.rss" for name in [*published.feeds][1:]]
    assert feeds["front"][3:] == feeds["subscribe"][3:] == feeds["404"][3:] == every
    assert feeds["topic"][3:] == ["quays.rss"]
    assert feeds["archive-middle"][3:] == []
    assert feeds["entry-full"][3:] == ["quays.rss", "safety.rss", "events.rss"]
    assert feeds["entry-corrected"][3:] == ["safety.rss", "corrections.rss"]
    assert feeds["entry-other"][3:] == [f"{other}.rss"]

    for kind, some in links.items():
        own = published.words["link"] if kind == "entry-full" else published.address(kind)
        named = [one["href"] for one in some if one["rel"] == "canonical"]
        if kind != "entry-other":
            assert named == ([] if kind in STATUSES else [own.partition("#")[0]])

    tongues = {
        kind: {one["hreflang"]: one["href"] for one in some if one["hreflang"]}
        for kind, some in links.items()
    }
    both = {
        published.language: published.address("entry-full"),
        published.other: published.address("entry-other"),
    }
    assert tongues["entry-full"] == tongues["entry-other"] == both
    pages = {
        published.language: published.address("subscribe").partition("#")[0],
        published.other: published.address("subscribe-other"),
        WORDLESS: published.address("subscribe-wordless"),
    }
    for kind in ("subscribe", "subscribe-other", "subscribe-wordless"):
        assert tongues[kind] == pages
    fronts = {
        published.language: published.address("front"),
        published.other: published.address("other"),
        WORDLESS: published.address("wordless"),
    }
    for kind in ("front", "other", "wordless"):
        assert tongues[kind] == fronts
    for kind in ("entry-plain", "events", "topic", "archive-last"):
        assert tongues[kind] == {}


def links_of(published: Specimen, kind: str) -> list[dict[str, str]]:
    """Return the links in the head of a page, with whole addresses."""
    page = published.served.get(published.pages[kind].partition("#")[0])
    found = html.fromstring(page.content).iterfind("head/link")
    names = ("rel", "type", "title", "hreflang", "href")
    links = [{name: one.get(name, "") for name in names} for one in found]
    return [{**one, "href": urljoin(str(page.url), one["href"])} for one in links]


def feeds_named(published: Specimen, links: Sequence[dict[str, str]]) -> list[str]:
    """Return the feeds that a page names, in order, as programs find them."""
    return [
        one["href"].removeprefix(published.served.url)
        for one in links
        if one["rel"] == "alternate" and one["type"] and one["title"]
    ]
