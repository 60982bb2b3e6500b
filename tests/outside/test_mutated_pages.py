"""Texts stay harmless when Chromium parses again what it has made of them (mutation).

Each attack of `data/attacks/markup.toml` is in every field of an entry, on its page, in the
newsroom's preview and among the results of a search; as HTML of a feed it is put into a page, as
readers of feeds do; and pieces of the attacks are mixed by chance. A quarter of the pages is
opened, or all with EVERY=1 in the environment.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from random import Random

import httpx
import pytest
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from dateline.entries.normalise import markdown
from dateline.text.characters import sifted
from outside.browsing import WATCH, Browser, chromium, is_own
from support.attacks import attacks, whole
from support.harmless import ATTRIBUTES, ELEMENTS, PICTURES, SCHEMES
from support.publication import CONFIG, Newsroom, entry_file, picture
from support.serving import free_port, is_there, serve, until
from support.staff import WORD

pytestmark = pytest.mark.outside

TEXTS = [sifted(whole(attack["html"])) for attack in attacks("markup")]
# A field with whole markup or entities is held; a tag without its end is not, and runs as well.
LINES = [
    " ".join(f"\"'{one}" for one in re.sub(r">|&|!--", "", text[:120]).split())[:150]
    for text in TEXTS
]
PLAIN = "harbour"
SIMPLE = "words\n\n![a pier](harbour.png)\n\n| a | b |\n| - | - |\n| c | d |\n\n    code"
BODIES = dict(zip(LINES, TEXTS, strict=True)) | {PLAIN: SIMPLE}
EVERY = int(os.environ.get("EVERY", "4"))  # page: all take two minutes
TIMES = 2  # that all is parsed again
MIXTURES, SEED = 500, 1
FEED = 'name = "news"\nentries = 1000\ndays = 0\n'
USUAL = ("plain", "held")  # names of entries without attacks
CONTENT = "{http://www.w3.org/2005/Atom}content"


@dataclass(frozen=True, kw_only=True)
class Places:
    """A publication with entries whose fields are attacks, and a plain one."""

    folder: Path
    site: str
    staff: str

    def pages(self) -> list[str]:
        """Return the addresses of the pages of entries, that of the plain one first."""
        files = self.folder.glob("feeds/2026/11/fields-*.html")
        names = sorted((one.name for one in files), key=lambda name: "-plain-" not in name)
        return [f"{self.site}2026/11/{name}" for name in [names[0], *names[1::EVERY]]]

    def previews(self) -> list[str]:
        """Return the addresses of the previews of entries, those of plain ones first."""
        names = [*USUAL, *map(str, range(0, len(LINES), EVERY))]
        return [f"{self.staff}preview?file={name}.toml" for name in names]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield a browser that runs scripts, without regard to the policies of pages."""
    with chromium() as browser:
        browser.do("open", 1280, "light", *(True, True))
        browser.do("before", WATCH)
        yield browser


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """Yield a publication and its newsroom, which are served."""
    folder, port, own = tmp_path_factory.mktemp("mutated"), free_port(), free_port()
    room = Newsroom(folder)
    table = f'[search]\nenabled = true\n[newsroom]\ntoken = "{WORD}"\nport = {own}\n'
    text = CONFIG.replace("http://127.0.0.1:8000/", f"http://127.0.0.1:{port}/")
    text = text.replace('name = "news"\n', FEED) + f"{table}[serve]\nport = {port}\n"
    (folder / "config.toml").write_text(text, encoding="utf-8")
    room.drop("held.toml", entry_file("Held", place='"<b>Held</b>"'))
    room.drop("harbour.png", picture())
    room.drop("list.csv", "port,ships\n")
    for number, line in enumerate([*LINES, PLAIN]):
        name = str(number) if number < len(LINES) else "plain"
        room.drop(f"{name}.toml", fields(name, line))
    with serve(folder, port=port) as served:
        last = f"2026/11/fields-plain-{PLAIN}.html"
        assert until(lambda: is_there(f"{served.url}{last}"), 120)
        staff = f"http://127.0.0.1:{own}/"
        assert until(lambda: is_there(f"{staff}?token={WORD}"), 60)
        yield Places(folder=folder, site=served.url, staff=staff)


def fields(name: str, line: str) -> str:
    """Return the file of an entry in which each field that has words has these."""
    text, body = json.dumps(line, ensure_ascii=False), BODIES.get(line, line)
    # Without an id, comments that never end would be held.
    lines = {
        "id": f'"urn:fields:{name}"',
        "image": '"harbour.png"',
        "categories": f"[{text}]",
        "authors": f"[{text}]",
    }
    lines |= dict.fromkeys(("image_alt", "image_caption", "image_credit", "place"), text)
    lines |= {"attachments": f'[{{file = "list.csv", title = {text}}}]', "event": "2026-11-26"}
    lines |= dict.fromkeys(("summary", "correction"), text)
    title = f"Fields {name} {text[1:-1]}"
    return entry_file(title, body=json.dumps(f"Words {body}", ensure_ascii=False), **lines)


def allowed(names: Iterable[str], *, also: Iterable[str] = ()) -> list[str]:
    """Return those names that neither a text may have nor a plain page has."""
    harmless = {*also}
    found = []
    for name in {*names} - harmless:
        element, _, rest = name.partition(" ")
        attribute, _, scheme = rest.partition(" ")
        schemes = PICTURES if attribute == "src" else SCHEMES
        is_fine = element in ELEMENTS and (not attribute or attribute in ATTRIBUTES)
        if not is_fine or (scheme and scheme.removesuffix(":") not in schemes):
            found.append(name)
    return sorted(found)


def asked_elsewhere(browser: Browser) -> list[str]:
    """Return the addresses of other machines that the browser has asked for."""
    return [one for one, _ in browser.do("said")["asked"] if not is_own(one)]


def answers(browser: Browser, address: str) -> bool:
    """Open a page of results; return whether it is one, or a query was too long.

    A busy machine refuses a search at times.
    """
    status = browser.do("go", address, "load")
    assert status in {200, 400, 503}, address
    return bool(status != 503)


@pytest.mark.parametrize("where", ["page", "preview"])
def test_no_field_harms_when_it_is_parsed_again(
    browser: Browser, places: Places, where: str
) -> None:
    """Each page has the elements and attributes of a plain one, and those of texts."""
    addresses = places.pages() if where == "page" else places.previews()
    assert len(addresses) > 0.9 * len(LINES) / EVERY
    if where == "preview":
        browser.do("go", f"{places.staff}?token={WORD}")
        browser.do("arrive", places.staff)
    usual: list[str] = []
    hurt = {}
    for address in addresses:
        browser.do("forget")
        assert browser.do("go", address, "load") == 200
        names = browser.do("reparsed", TIMES)
        if any(f"{name}.toml" in address or f"-{name}-" in address for name in USUAL):
            usual += names
        found = allowed(names, also=usual) + asked_elsewhere(browser)
        if found or browser.do("anywhere", "hit") or browser.do("address") != address:
            hurt[address] = found

    assert hurt == {}


def test_no_result_of_a_search_harms_when_it_is_parsed_again(
    browser: Browser, places: Places
) -> None:
    """All results, and the words that were searched for."""
    pages = [f"{places.site}search?q=fields&page={number}" for number in range(1, 99)]
    browser.do("forget")
    usual, shown = ["a rel"], 0  # to the next page
    for words in (PLAIN, "a" * 1000):  # which is too long
        browser.do("go", f"{places.site}search?q={words}", "load")
        usual += browser.do("reparsed", TIMES)
    searches = [f"{places.site}search?{httpx.QueryParams(q=line)}" for line in LINES[::EVERY]]
    for address in chain(pages, searches):
        if address in pages and shown >= len(LINES):
            continue
        assert until(partial(answers, browser, address))
        shown += browser.do("count", "main a") if address in pages else 0
        assert allowed(browser.do("reparsed", TIMES), also=usual) == [], address
        assert not browser.do("anywhere", "hit"), address

    assert asked_elsewhere(browser) == []


@pytest.mark.parametrize("kind", ["json", "atom"])
def test_no_html_of_a_feed_harms_in_a_page(browser: Browser, places: Places, kind: str) -> None:
    """As readers of feeds show it, also when they parse it again."""
    data = httpx.get(f"{places.site}news.{kind}").content
    if kind == "json":
        fragments = [item["content_html"] for item in json.loads(data)["items"]]
    else:
        fragments = [one.text for one in etree.fromstring(data).iter(CONTENT)]

    assert len(fragments) > 0.9 * len(LINES)
    (plain,) = (one for one in fragments if "<p>Words words</p>" in one)
    browser.do("go", f"{places.site}robots.txt", "load")
    (usual,) = browser.do("placed", [plain], TIMES)
    assert harmed(browser, places, fragments, usual) == {}


def test_no_mixture_of_attacks_harms_in_a_page(browser: Browser, places: Places) -> None:
    """Pieces of attacks in any order, as Markdown and as HTML of an import."""
    chance = Random(SEED)  # noqa: S311 - repeatable
    pieces = [one for text in TEXTS for one in re.findall(r"<[^<>]*>?|[^<]+", text[:2000])]
    mixed = ["".join(chance.choices(pieces, k=chance.randrange(2, 12))) for _ in range(MIXTURES)]
    base = "https://news.example.org/"
    fragments = [
        markdown.to_html(text, base=base, beside=lambda _: None)
        if number % 2
        else markdown.cleaned(text, base=base)
        for number, text in enumerate(mixed)
    ]

    assert harmed(browser, places, fragments) == {}


def harmed(
    browser: Browser, places: Places, fragments: list[str], usual: Iterable[str] = ()
) -> dict[str, list[str]]:
    """Return what is wrong with fragments of HTML in one page, beside what is `usual`."""
    browser.do("go", f"{places.site}robots.txt", "load")
    browser.do("forget")
    found = browser.do("placed", fragments, TIMES)
    hurt = {
        text: bad
        for text, names in zip(fragments, found, strict=True)
        if (bad := allowed(names, also=usual))
    }
    if browser.do("anywhere", "hit"):
        hurt["a script"] = ["ran"]
    return hurt


@pytest.mark.parametrize(
    "fragment",
    [
        "<svg></svg>",
        "<p onclick=a>b</p>",
        "<a href='javascript:a'>b</a>",
        "<img src=x onerror=attacked()>",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=attacked()>",
        "<p>a<!--",
    ],
)
def test_the_browser_sees_what_harms(browser: Browser, places: Places, fragment: str) -> None:
    """Else the tests above could not fail."""
    assert harmed(browser, places, [fragment])
