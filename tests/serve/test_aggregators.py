"""`doctor --for` judges feeds by the documented rules of aggregators."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from time import process_time
from typing import Any
from urllib.parse import urlsplit

import pytest
import tomli
from click.testing import CliRunner

from dateline.cli import main
from dateline.errors import FetchError
from dateline.serve.app import create_app
from dateline.serve.doctor import AGGREGATORS, Finding, aggregators, examine_for
from dateline.serve.doctor.aggregators.checks import CHECKS
from dateline.serve.doctor.aggregators.crawling import may_fetch
from dateline.serve.doctor.aggregators.rules import AggregatorRule, load
from dateline.system.http import Reply
from support.paths import ROOT, TESTS
from support.publication import Newsroom, entry_file, photo
from support.serving import serving

DATA = TESTS / "data" / "aggregators"
FOLDER = ROOT / "dateline" / "serve" / "doctor" / "aggregators"
FAULTS: Mapping[str, Mapping[str, Any]] = tomli.loads((DATA / "faults.toml").read_text("utf-8"))
NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
LONG = "The report describes what has happened in the year, and what is to be done. " * 4
TYPES = {"rss": "application/rss+xml; charset=utf-8", "atom": "application/atom+xml"}
ROBOTS = "User-agent: *\nAllow: /\n\nSitemap: https://news.example.org/sitemap-index.xml\n"
INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://news.example.org/pages.xml</loc></sitemap>
<sitemap><loc>https://news.example.org/sitemap.xml</loc></sitemap></sitemapindex>"""
PAGES = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>'
CONTENT = re.compile(r"\n *<(content)[: ].*?</content(:encoded)?>")
PICTURES = re.compile(r"\n *<media:[^>]*>|&lt;img [^&]*&gt;")
ALWAYS = {"rss": set(), "atom": {"flipboard/format"}}


def document(name: str, fault: Mapping[str, Any], kind: str, items: int) -> str:
    """Return the text of a feed or sitemap with a fault, and with so many items."""
    text = (DATA / name).read_text("utf-8")
    if (change := fault.get(kind)) is not None:
        assert change[0] in text
        text = text.replace(*change)
    if kind != "sitemap" and "and_no_content" in fault:
        text = CONTENT.sub("", text)
    if kind != "sitemap" and "and_no_pictures" in fault:
        text = PICTURES.sub("", text)
    head, _, rest = text.partition("<!-- items -->\n")
    item, _, foot = rest.partition("<!-- end -->\n")
    numbered = [
        item.replace("{number}", f"{number}").replace("{second}", f"{number % 60:02}")
        for number in range(10, 10 + items)
    ]
    return (head + "".join(numbered) + foot).replace("{long}", LONG)


def findings(fault: Mapping[str, Any], kind: str, names: tuple[str, ...]) -> list[Finding]:
    """Return the findings of a feed with a fault, without those that need no change."""
    text = document(f"feed.{kind}", fault, kind, fault.get("items", 24))
    text += f"<!--{'x' * fault['filler']}-->" if "filler" in fault else ""
    if "old_item" in fault:
        text = text.replace("27 Nov 2026 12:00:11", "26 Nov 2025 12:00:11")
        text = text.replace("<published>2026-11-27T12:00:11", "<published>2025-11-26T12:00:11")
    if "long_item" in fault:
        text = text.replace("The ", "x" * fault["long_item"], 1)
    answers = {
        "/robots.txt": fault.get("robots", ROBOTS),
        "/sitemap-index.xml": INDEX,
        "/pages.xml": PAGES,
        "/sitemap.xml": document("sitemap.xml", fault, "sitemap", fault.get("sitemap_items", 24)),
    }

    def ask(address: str, _fields: object) -> Reply:
        path = urlsplit(address).path
        if path not in answers:
            raise FetchError(f"{address} was not expected")
        return replied(address, answers[path])

    address = f"{fault.get('address', 'https://news.example.org/news')}.{kind}"
    first = replied(address, text, fault.get("type", TYPES[kind]))
    found = aggregators.examine(first, kind, names, NOW, ask)
    return [one for one in found if one.rule]


def replied(address: str, text: str, media_type: str = "text/plain") -> Reply:
    """Return a reply with this text."""
    fields = {"content-type": media_type}
    return Reply(address=address, status=200, fields=fields, data=text.encode(), seconds=0.1)


def broken(fault: Mapping[str, Any], kind: str) -> set[str]:
    """Return the rules that a feed with a fault breaks, as NAME/RULE."""
    return {f"{one.about}/{one.rule}" for one in findings(fault, kind, AGGREGATORS)}


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_a_feed_can_satisfy_all_aggregators(kind: str) -> None:
    """Their rules do not contradict each other; Flipboard describes RSS alone."""
    assert broken({}, kind) == ALWAYS[kind]


def cases() -> Iterator[tuple[str, str]]:
    """Yield each fault with each format in which it can be made."""
    for name, fault in FAULTS.items():
        in_formats = {"rss", "atom"} & fault.keys() or {"rss", "atom"}
        yield from ((name, kind) for kind in sorted(in_formats))


def expected(name: str, kind: str) -> set[str]:
    """Return the rules that a fault breaks in a format, as the data has them."""
    fault = FAULTS[name]
    listed = fault.get(f"{kind}_breaks", fault["breaks"])
    return {*listed} | ALWAYS[kind]


@pytest.mark.parametrize(("name", "kind"), [*cases()])
def test_a_fault_breaks_exactly_the_rules_that_it_concerns(name: str, kind: str) -> None:
    """Each rule is broken by a feed that differs in this alone, and no other is."""
    assert broken(FAULTS[name], kind) == expected(name, kind)


RULES = {f"{name}/{rule.name}": rule for name in AGGREGATORS for rule in load(name).rules}


def test_every_rule_is_broken_by_a_fault_in_each_kind_of_document() -> None:
    """A rule that nothing breaks would be no rule."""
    shown = {(rule, kind) for name, kind in cases() for rule in expected(name, kind)}
    wanted = {
        (name, kind)
        for name, rule in RULES.items()
        for kind in ({"rss", "atom"} & rule.paths.keys() or {"rss", "atom"})
    }

    assert wanted - shown == set()


def test_faults_name_rules_that_exist() -> None:
    """A renamed rule is renamed in the data, too."""
    named = {rule for name, kind in cases() for rule in expected(name, kind)}

    assert named - RULES.keys() == set()


def test_each_file_of_rules_is_known() -> None:
    """The command offers what the folder has."""
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == [*AGGREGATORS]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_is_complete(rule: AggregatorRule) -> None:
    """It has a source that was read, a check that exists, and sentences."""
    by_engine = {"robots", "found", "count", "size", "picture", "host"}

    assert rule.level in {"required", "recommended"}
    assert rule.of in {"feed", "items", "newest", "sitemap", "urls"}
    assert rule.check in CHECKS.keys() | by_engine
    assert rule.source.url.startswith("https://")
    assert date(2026, 11, 1) <= rule.source.read
    assert rule.wants.endswith(".")
    assert rule.remedy.endswith(".")
    assert rule.setting == "" or rule.setting.endswith(".")
    assert not re.search(r"[][]|Dateline|entries", rule.remedy), "it is for every feed"


@pytest.mark.parametrize("name", AGGREGATORS)
def test_names_of_rules_are_unique(name: str) -> None:
    """A program that reads `--json` finds a rule by its name."""
    names = [rule.name for rule in load(name).rules]

    assert len({*names}) == len(names)


def test_a_finding_names_the_first_item_and_the_source() -> None:
    """Staff read what is wanted, where it is missing, and what to do."""
    (found,) = findings({"rss": ["<dc:creator>Example</dc:creator>", ""]}, "rss", ("flipboard",))

    assert found.state == "look"
    assert found.text == (
        "Recommended: Each item names its author. This is not so for 24 of 24, such as "
        "“Report number 10 is published today”. Name the author in dc:creator."
    )
    assert found.source.startswith("https://flipboard.helpshift.com/")


def test_settings_are_named_for_feeds_of_this_program_alone() -> None:
    """Others learn what the feed needs."""
    fault = FAULTS["it has no logo for Feedly"]
    logo, _ = fault["rss"]
    own = {"rss": [logo, "<generator>Dateline 1.0</generator>"]}
    (of_others,) = findings(fault, "rss", ("feedly",))
    found = findings(own, "rss", ("feedly",))

    assert of_others.text.endswith(" Add the address of a logo.")
    assert [one.text.endswith(" in aggregators of the feed.") for one in found] == [True]


def test_only_a_required_rule_makes_a_feed_bad() -> None:
    """The command exits with 1 for these alone."""
    found = findings({"address": "http://news.example.org/news", "items": 31}, "rss", ("msn",))

    assert {(one.rule, one.state) for one in found} == {("https", "bad"), ("few-items", "look")}


def test_what_a_feed_does_not_tell_is_no_fault() -> None:
    """Sizes of pictures are often left out."""
    found = findings(FAULTS["nobody knows how large pictures are"], "rss", ("msn",))

    assert [(one.rule, one.state) for one in found] == [("picture-size", "look")]
    assert "does not tell" in found[0].text


def test_robots_that_cannot_be_read_are_no_fault() -> None:
    """A server that fails says nothing about what it allows."""

    def ask(_address: str, _fields: object) -> Reply:
        raise FetchError("it did not answer")

    first = replied("https://news.example.org/news.rss", document("feed.rss", {}, "rss", 24))
    found = [*aggregators.examine(first, "rss", ("google",), NOW, ask)]

    assert {one.rule: one.state for one in found if one.rule} == {
        "robots": "look",
        "sitemap": "look",
    }


@pytest.mark.parametrize(("status", "expected"), [(404, set()), (410, set()), (503, {"robots"})])
def test_a_site_without_robots_allows_everything(status: int, expected: set[str]) -> None:
    """If its server fails instead, nobody knows (RFC 9309, section 2.3.1)."""

    def ask(address: str, _fields: object) -> Reply:
        return replace(replied(address, "User-agent: *\nDisallow: /\n"), status=status)

    first = replied("https://news.example.org/news.rss", document("feed.rss", {}, "rss", 24))
    found = [*aggregators.examine(first, "rss", ("google",), NOW, ask)]

    assert {one.rule for one in found if one.rule} == {"sitemap"} | expected


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("", "/news.rss", True),
        ("User-agent: *\nDisallow: /\nAllow: /news.rss\n", "/news.rss", True),
        ("User-agent: *\nAllow: /\nDisallow: /news\n", "/news.rss", False),
        ("User-agent: *\nDisallow: /news\nAllow: /news\n", "/news.rss", True),
        ("User-agent: *\nDisallow: /*.rss\n", "/a/news.rss?b", False),
        ("User-agent: *\nDisallow: /*.rss$\n", "/a/news.rss", False),
        ("User-agent: *\nDisallow: /*.rss$\n", "/a/news.rss?b", True),
        ("User-agent: *\nDisallow: /a*b*a$\n", "/aba", False),
        ("User-agent: *\nDisallow: /aba*ba$\n", "/aba", True),
        ("User-agent: *\nDisallow: /$\n", "/news.rss", True),
        ("User-agent: *\nDisallow: /$\n", "/", False),
        ("User-agent: *\n\nDisallow: /\n", "/news.rss", False),
        ("user-AGENT : * # all\r\ndisALLOW :/ # everything\r\n", "/news.rss", False),
        ("User-agent: *\nDisallow:\n", "/news.rss", True),
        ("Disallow: /\n", "/news.rss", True),
        ("User-agent: a\nUser-agent: GoogleBot/2.1\nDisallow: /\n", "/news.rss", False),
        ("User-agent: *\nDisallow: /\nUser-agent: googlebot\nDisallow:\n", "/news.rss", True),
        ("User-agent: Googlebot-News\nUser-agent: Google\nDisallow: /\n", "/news.rss", True),
        ("User-agent: a\nSitemap: b\nUser-agent: *\nDisallow: /\n", "/news.rss", False),
        ("User-agent: Googlebot\nAllow: /a\nUser-agent: Googlebot\nDisallow: /\n", "/b", False),
        ("User-agent: *\nDisallow: /größe\n", "/gr%c3%b6%C3%9Fe.rss", False),
        ("User-agent: *\nDisallow: /%7Ea%2fb\n", "/~a%2Fb", False),
        ("User-agent: *\nDisallow: /a%2A\n", "/a*b", False),
        ("User-agent: *\nDisallow: /a%2A\n", "/ab", True),
        (f"User-agent: *\nDisallow: /{'a*' * 2000}b\n", f"/{'a' * 4000}", True),
    ],
)
def test_robots_are_read_as_crawlers_read_them(text: str, path: str, expected: bool) -> None:  # noqa: FBT001
    """RFC 9309: the longest rule counts, with `*` and `$`, for all groups of a crawler."""
    assert may_fetch(text, "Googlebot", f"https://news.example.org{path}") is expected


@pytest.mark.parametrize("name", ["a", "Googlebot", "*"])
def test_robots_with_many_names_and_rules_are_read_at_once(name: str) -> None:
    """Each rule is read once, whatever the number of crawlers that it is for."""
    text = f"User-agent: {name}\n" * 2500 + "Disallow: /a\n" * 2900
    begun = process_time()

    assert may_fetch(text, "Googlebot", "https://news.example.org/")
    assert process_time() - begun < 2


def test_robots_may_begin_with_a_mark_of_their_coding() -> None:
    """As some editors write it, before the first line."""

    def ask(address: str, _fields: object) -> Reply:
        return replied(address, "\ufeffUser-agent: *\nDisallow: /\n")

    first = replied("https://news.example.org/news.rss", document("feed.rss", {}, "rss", 24))
    found = [*aggregators.examine(first, "rss", ("google",), NOW, ask)]

    assert ("robots", "bad") in {(one.rule, one.state) for one in found}


def test_the_newest_item_is_that_with_the_latest_date() -> None:
    """Wherever it stands in the feed."""
    text = document("feed.rss", {}, "rss", 24).replace("27 Nov 2026", "27 Nov 2024")
    last = text.rpartition("<pubDate>")
    mixed = f"{last[0]}<pubDate>{last[2].replace('27 Nov 2024', '27 Nov 2026', 1)}"
    old, new = (
        {
            one.rule
            for one in aggregators.examine(
                replied("https://news.example.org/news.rss", one_text, TYPES["rss"]),
                "rss", ("msn",), NOW, lambda *_: replied("https://news.example.org/", ""),
            )
        }
        for one_text in (text, mixed)
    )  # fmt: skip

    assert "newest-item" in old
    assert "newest-item" not in new
    assert "old-items" in new


def test_a_json_feed_is_refused() -> None:
    """No aggregator documents that it reads one."""
    first = replied("https://news.example.org/news.json", "{}")
    (found,) = aggregators.examine(first, "json", AGGREGATORS, NOW, lambda *_: first)

    assert (found.state, found.about) == ("bad", "format")


def test_marks_that_are_cut_off_are_passed_over() -> None:
    """Python's own parser fails on some of them."""
    fault = {"rss": ["&lt;p&gt;", "&lt;p&gt;&lt;![&lt;![&lt;"]}

    assert {one.rule for one in findings(fault, "rss", ("msn",))} <= {"picture"}


@pytest.mark.long
def test_a_feed_that_decompresses_to_too_much_is_not_judged() -> None:
    """It would take minutes."""
    text = document("feed.rss", {}, "rss", 24) + f"<!--{'x' * 20_000_000}-->"
    plain = replied("https://news.example.org/news.rss", text)
    fields = {"content-type": TYPES["rss"], "content-encoding": "gzip"}
    first = replace(plain, fields=fields, data=gzip.compress(plain.data))
    (found,) = aggregators.examine(first, "rss", AGGREGATORS, NOW, lambda *_: first)

    assert found.text == "It cannot be judged: it unpacks to more than 20000000 bytes."


def test_a_loop_of_sitemaps_ends() -> None:
    """An index may list itself."""
    asked = []

    def ask(address: str, _fields: object) -> Reply:
        asked.append(address)
        loop = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>'
        text = f"{loop}{address}</loc></sitemap></sitemapindex>"
        return replied(address, ROBOTS if "robots" in address else text)

    first = replied("https://news.example.org/news.rss", document("feed.rss", {}, "rss", 24))
    found = [*aggregators.examine(first, "rss", ("google",), NOW, ask)]

    assert [one.rule for one in found if one.rule] == ["sitemap"]
    assert len(asked) < 30


def test_xhtml_in_atom_is_read() -> None:
    """Its pictures are elements of the document."""
    xhtml = (
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
        '<img src="/a.jpg" width="800" height="800"/></div></content>'
    )
    text = CONTENT.sub(xhtml, document("feed.atom", {}, "atom", 24))
    first = replied("https://news.example.org/news.atom", text)
    found = aggregators.examine(first, "atom", ("msn",), NOW + timedelta(hours=1), lambda *_: first)

    assert "pictures-absolute" in {one.rule for one in found}


@pytest.fixture
def published(newsroom: Newsroom) -> Iterator[tuple[Newsroom, str]]:
    """Yield a publication that is not built yet, with the address at which it will be served."""
    config = newsroom.folder / "config.toml"

    def as_it_is_now(environ: Any, start_response: Any) -> Any:
        return create_app(newsroom.config)(environ, start_response)

    with serving(as_it_is_now) as address:
        text = config.read_text("utf-8").replace("http://127.0.0.1:8000/", address)
        config.write_text(text, encoding="utf-8")
        newsroom.now = datetime.now(UTC) - timedelta(minutes=5)
        yield newsroom, address


def wanted(address: str, kind: str, name: str = "news") -> dict[str, str]:
    """Return the rules that a feed does not meet, as NAME/RULE, each with its level."""
    found = examine_for(f"{address}{name}.{kind}", AGGREGATORS, datetime.now(UTC))
    return {
        f"{one.about}/{one.rule}": one.text.partition(":")[0]
        for one in found
        if one.rule or one.state == "bad"
    }


@pytest.mark.long
@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_a_feed_of_this_program_satisfies_all_that_is_required(
    published: tuple[Newsroom, str], kind: str
) -> None:
    """News of today needs only a language with a country, and TLS."""
    newsroom, address = published
    config = newsroom.folder / "config.toml"
    text = config.read_text("utf-8").replace('language = "en"', 'language = "en-GB"', 1)
    config.write_text(text, encoding="utf-8")
    day = newsroom.now.date().isoformat()
    newsroom.drop("photo.jpg", photo((900, 800)))
    for number in range(24):
        title = f"Report number {number} on trafficking in persons"
        newsroom.drop(f"{number}.toml", entry_file(title, day, image='"photo.jpg"'))
    newsroom.build()
    seen = wanted(address, kind)

    assert {name for name, level in seen.items() if level == "Required"} == {"msn/https"}
    assert "google/sitemap" not in seen


FOR_ALL = """
[[feed]]
name = "partners"
title = "Example news"
description = "News of Example"
aggregators = ["feedly", "msn", "smartnews"]
entries = 24
days = 0

[aggregators]
feedly_logo = "https://example.org/logo.svg"
smartnews_logo = "https://example.org/logo.png"

[look]
accent = "#0b5394"
"""
OWN = """language = "en-GB"
icon = "https://example.org/icon.png"
logo = "https://example.org/logo.png"
hubs = ["http://127.0.0.1:9/"]
"""


@pytest.mark.long
@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_a_feed_that_names_aggregators_satisfies_all_rules(
    published: tuple[Newsroom, str], kind: str
) -> None:
    """With the settings and texts that they recommend."""
    newsroom, address = published
    config = newsroom.folder / "config.toml"
    text = config.read_text("utf-8").replace('language = "en"\n', OWN, 1)
    config.write_text(text + FOR_ALL, encoding="utf-8")
    day = newsroom.now.date().isoformat()
    newsroom.drop("photo.jpg", photo((900, 800)))
    for number in range(24):
        title = f"Report number {number} on trafficking in persons"
        file = entry_file(title, day, image='"photo.jpg"', summary=f'"{LONG.strip()}"')
        newsroom.drop(f"{number}.toml", file)
    newsroom.build()

    assert wanted(address, kind, "partners").keys() == {"msn/https"} | ALWAYS[kind]


@pytest.mark.long
@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_the_sample_publication_lacks_what_only_staff_can_give(
    published: tuple[Newsroom, str], kind: str
) -> None:
    """Its entries are of 2008, its language has no country, and the test has no TLS."""
    newsroom, address = published
    text = (ROOT / "config.toml").read_text("utf-8")
    text = text.replace("http://127.0.0.1:8000/", address)
    (newsroom.folder / "config.toml").write_text(text, encoding="utf-8")
    for path in (ROOT / "entries").glob("*.toml"):
        newsroom.drop(path.name, path.read_bytes())
    newsroom.build()
    required = {name for name, level in wanted(address, kind).items() if level == "Required"}

    assert required == {"apple-news/feed-locale", "msn/https", "msn/newest-item"}


def test_the_command_prints_findings_with_their_source(published: tuple[Newsroom, str]) -> None:
    """Its exit code is 1 if a required rule is not met, and 0 if a recommended one is not."""
    newsroom, address = published
    newsroom.drop("a.toml")
    newsroom.build()
    run = CliRunner().invoke
    as_json = run(main, ["doctor", "--for", "msn", "--json", f"{address}news.rss"])
    shown = run(main, ["doctor", "--for", "feedly", f"{address}news.rss"])
    (of_https,) = (one for one in json.loads(as_json.output) if one["rule"] == "https")

    assert (as_json.exit_code, shown.exit_code) == (1, 0)
    assert of_https["state"] == "bad"
    assert of_https["source"].startswith("https://support.microsoft.com/")
    assert "See https://blog.feedly.com/" in " ".join(shown.output.split())
    assert "Feedly: 1 of 5 recommended rules are met." in " ".join(shown.output.split())
