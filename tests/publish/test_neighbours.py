"""Each page leads to the entries before and after it and to related ones, whatever changes."""

from __future__ import annotations

import random
import re
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from dateline import publish
from dateline.ledger import Ledger
from dateline.ledger.queries.relations import neighbours
from dateline.model import Neighbours, Report
from dateline.rules.taxonomy import topical
from support.publication import Newsroom, entry_file

_LINK = re.compile(r'<a (?:rel="(prev|next)")?[^>]*href="(?:\.\./)+\d{4}/\d\d/([^"]+)\.html"')
_TITLE = re.compile(
    r'<a[^>]*href="(?:\.\./)+(\d{4}/\d\d/[^"]+)\.html">'
    r"(?:<span[^>]*>[^<]*</span> )?(?:<strong.*</strong> <s>)?([^<]+)"
)
_GRACE = timedelta(minutes=11)


def drop(newsroom: Newsroom, title: str, topics: str = "", **fields: str) -> None:
    """Drop an entry in a file of its name, with these topics."""
    named = ", ".join(f'"{topic}"' for topic in topics.split())
    newsroom.drop(f"{title}.toml", entry_file(title, categories=f"[{named}]", **fields))


def leads(newsroom: Newsroom) -> dict[str, str]:
    """Return where each page leads, by title: `previous < related | related > next`."""
    found = {}
    for path, (data, _) in newsroom.feeds().items():
        if re.fullmatch(r"\d{4}/\d\d/(?!index\.html).+\.html", path):
            *_, foot = data.decode().partition('<nav class="beside"')
            links = [(rel, slug) for rel, slug in _LINK.findall(foot)]
            ends = {rel: slug for rel, slug in links if rel}
            related = " ".join(slug for rel, slug in links if not rel)
            shown = f"{ends.get('prev', '')} < {related} > {ends.get('next', '')}"
            found[path.rpartition("/")[2].removesuffix(".html")] = shown.strip()
    return found


def pages(report: Report) -> list[str]:
    """Return the entries whose pages a run changed."""
    pages = [path for path in report.documents if re.match(r"\d{4}/\d\d/(?!index)", path)]
    return sorted(path.rpartition("/")[2].removesuffix(".html") for path in pages)


def again(newsroom: Newsroom, *, takedown: str = "") -> Report:
    """Render everything again at the moment of the last run, or take an entry down."""
    clock = datetime.now(UTC) + timedelta(seconds=2)
    request = publish.RunRequest(
        now=newsroom.now, clock=clock, rebuild=not takedown, takedown=takedown
    )
    return publish.build(newsroom.config, request)


def id_of(newsroom: Newsroom, name: str) -> str:
    """Return the id of the entry of a file."""
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        found = ledger.entries.id_of(name)
    assert found
    return found


@pytest.fixture
def three(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom with three entries about one topic, one after the other."""
    for title in ("one", "two", "three"):
        drop(newsroom, title, "Lebanon", date="2026-11-25")
        newsroom.build()
    return newsroom


@pytest.mark.long
def test_a_page_leads_to_its_neighbours_in_time_and_in_its_language(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A region is no other language; what has the same topics comes first, up to three.

    It makes no difference how many entries a language has.
    """
    drop(newsroom, "a", "Water", date="2026-11-10")
    drop(newsroom, "b", "Water Health", date="2026-11-11", place='"Beirut"')
    drop(newsroom, "c", "Water", date="2026-11-12", language='"fr"')
    drop(newsroom, "d", "Health", date="2026-11-13", language='"en-GB"')
    drop(newsroom, "e", "Water", date="2026-11-14")
    drop(newsroom, "f", "Water", date="2026-11-15", status='"retracted"', retraction='"No"')
    drop(newsroom, "g", "Water", date="2026-11-16")
    drop(newsroom, "h", "Schools", date="2026-11-17")
    drop(newsroom, "i", "Water Health", date="2026-11-18", place='"Beirut"')
    newsroom.build()

    assert leads(newsroom) == {
        "a": "<  > b",
        "b": "a <  > d",
        "c": "<  >",
        "d": "b <  > e",
        "e": "d < b a > f",
        "f": "e < b a > g",
        "g": "f < e b a > h",
        "h": "g <  > i",
        "i": "h < b g e >",
    }
    monkeypatch.setattr(neighbours, "RARE", 0)
    assert again(newsroom).documents == ()


@pytest.mark.long
def test_a_new_entry_changes_one_older_page(three: Newsroom) -> None:
    """One that is dated back also changes the page after it."""
    before = leads(three)
    assert before == {"one": "<  > two", "two": "one <  > three", "three": "two < one >"}

    drop(three, "four", "Lebanon", date="2026-11-25")
    report = three.build()
    assert pages(report) == ["four", "three"]
    assert leads(three)["four"] == "three < two one >"

    drop(three, "zero", "Lebanon", date="2026-11-02")
    report = three.build()
    assert pages(report) == ["one", "zero"]
    assert leads(three)["zero"] == "< four three two > one"
    assert again(three).documents == ()


@pytest.mark.long
def test_another_title_appears_on_the_pages_that_lead_there(three: Newsroom) -> None:
    """Another text changes the page of the entry alone."""
    drop(three, "four", "Lebanon", date="2026-11-25")
    three.build()
    three.drop("two.toml", entry_file("two more", "2026-11-25", categories='["Lebanon"]'))
    assert pages(three.build()) == ["four", "one", "three", "two"]
    assert again(three).documents == ()

    three.drop(
        "two.toml", entry_file("two more", "2026-11-25", categories='["Lebanon"]', body='"New"')
    )
    assert pages(three.build()) == ["two"]


@pytest.mark.long
def test_no_page_leads_to_a_page_that_is_gone(three: Newsroom) -> None:
    """Neighbours close the gap, and open it when the file is back; nor to one taken down."""
    whole = leads(three)
    text = (three.folder / "entries/two.toml").read_bytes()
    (three.folder / "entries/two.toml").unlink()
    three.build()
    report = three.build(after=_GRACE)
    assert report.withdrawn == ("two.toml",)
    assert leads(three) == {"one": "<  > three", "three": "one <  >"}
    assert again(three).documents == ()

    three.drop("two.toml", text)
    three.build()
    assert leads(three) == whole
    assert again(three).documents == ()

    three.now += timedelta(minutes=1)
    again(three, takedown=id_of(three, "two.toml"))
    assert leads(three) == {"one": "<  > three", "three": "one <  >"}


@pytest.mark.long
def test_another_topic_makes_other_neighbours(three: Newsroom) -> None:
    """So does another language."""
    drop(three, "four", "Lebanon", date="2026-11-25")
    three.build()
    drop(three, "one", "Water", date="2026-11-25")
    three.build()
    assert leads(three)["four"] == "three < two >"
    assert again(three).documents == ()

    drop(three, "two", "Lebanon", date="2026-11-25", language='"fr"')
    three.build()
    assert leads(three) == {
        "one": "<  > three",
        "two": "<  >",
        "three": "one <  > four",
        "four": "three <  >",
    }
    assert again(three).documents == ()


@pytest.mark.long
def test_an_expired_entry_is_no_neighbour(three: Newsroom) -> None:
    """At its moment the others close the gap."""
    moment = three.now + timedelta(hours=1)
    drop(three, "two", "Lebanon", date="2026-11-25", expires=f"{moment:%Y-%m-%dT%H:%M:%SZ}")
    three.build()

    report = three.build(after=moment - three.now)

    assert pages(report) == ["one", "three", "two"]
    assert leads(three) == {"one": "<  > three", "two": "<  >", "three": "one <  >"}
    assert again(three).documents == ()


@pytest.mark.long
def test_a_draft_and_an_embargoed_entry_are_no_neighbours(three: Newsroom) -> None:
    """Nothing of them is seen before their time."""
    before = leads(three)
    drop(three, "draft", "Lebanon", date="2026-11-25", draft="true")
    drop(three, "later", "Lebanon", date="2026-11-30T10:00:00Z")
    three.build()

    assert leads(three) == before


@pytest.mark.long
def test_the_neighbours_are_the_same_after_the_loss_of_the_ledger(three: Newsroom) -> None:
    """The documents remember enough."""
    (three.folder / "entries/two.toml").unlink()
    three.build()
    three.build(after=_GRACE)
    drop(three, "four", "Lebanon", date="2026-11-02")
    three.build()
    before = three.feeds()

    shutil.rmtree(three.folder / "state")
    three.build(after=timedelta())
    again(three)

    assert three.feeds() == before


# ---- Any history


@pytest.mark.long
def test_a_theme_may_show_anything_of_a_neighbour(newsroom: Newsroom) -> None:
    """What its template shows follows each change, such as that of a text."""
    config = newsroom.folder / "config.toml"
    config.write_text(f'{config.read_text("utf-8")}\n[look]\ntemplates = "t"\n', encoding="utf-8")
    (newsroom.folder / "t").mkdir()
    (newsroom.folder / "t/entry.html").write_text(
        '{% extends "dateline/entry.html" %}{% block main %}{{ super() }}'
        "{% for one in (neighbours.previous, neighbours.following) if one %}"
        "{{ summary_of(one.story.html) }}{{ one.story.authors | join }}"
        "{% endfor %}{% endblock %}",
        encoding="utf-8",
    )
    drop(newsroom, "before", date="2026-11-23", body='"""\nSixty cases.\n"""')
    drop(newsroom, "after", date="2026-11-24")
    newsroom.build()
    drop(newsroom, "before", date="2026-11-23", body='"""\nSix cases.\n"""', authors='["Press"]')

    newsroom.build()

    page = newsroom.feeds()["2026/11/after.html"][0].decode()
    assert "Six cases.Press" in page
    assert again(newsroom).documents == ()


def is_current(newsroom: Newsroom) -> bool:
    """Return whether each page leads where the ledger says, with the titles of now."""
    known = newsroom.feeds()
    with Ledger(publish.ledger_url(newsroom.config)) as ledger:
        slugs = ledger.entries.slugs()
        found = ledger.neighbours(topical(newsroom.config.feeds), newsroom.now).of(slugs)
    for slug in slugs:
        near = found.get(slug, Neighbours())
        ends = [one for one in (near.previous, near.following) if one]
        *others, foot = known[f"{slug}.html"][0].decode().partition('<nav class="beside"')
        shown = [f"{slug}: {title}" for slug, title in _TITLE.findall(foot if any(others) else "")]
        wanted = [f"{one.slug}: {one.story.title}" for one in (*near.related, *ends)]
        if shown != wanted:
            return False
    return True


def change(newsroom: Newsroom, chance: random.Random, texts: dict[str, bytes]) -> None:
    """Make a change at random; `texts` has those of files that are gone."""
    title = f"t{chance.randrange(6)}"
    path = newsroom.folder / "entries" / f"{title}.toml"
    if path.exists() and chance.random() < 0.3:
        texts[title] = path.read_bytes()
        path.unlink()
        newsroom.build()
        newsroom.build(after=_GRACE)
        return
    if title in texts:
        newsroom.drop(path.name, texts.pop(title))
    else:
        before = path.read_text("utf-8") if path.exists() else ""
        found = re.search(r"^date = (\S+)", before, re.MULTILINE)
        date = found[1] if found else f"2026-11-{chance.choice([2, 3, 25, 25])}"
        fields = {"language": '"fr"'} if chance.random() < 0.2 else {}
        if found and chance.random() < 0.2:
            fields |= {"status": '"retracted"', "retraction": '"Not so"'}
        if chance.random() < 0.2:
            moment = newsroom.now + timedelta(minutes=chance.choice([-5, 2, 15]))
            fields["expires"] = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        topics = ", ".join(f'"{one}"' for one in chance.sample(["Water", "Lebanon", "Work"], 2))
        text = entry_file(
            f"{title} {chance.randrange(3)}", date, categories=f"[{topics}]", **fields
        )
        newsroom.drop(path.name, text)
    newsroom.build()


@pytest.mark.long
@pytest.mark.parametrize(("seed", "rare"), [(1, neighbours.RARE), (2, 0), (3, 0)])
def test_every_page_follows_every_change(
    seed: int, rare: int, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run renders every page that leads elsewhere than before."""
    monkeypatch.setattr(neighbours, "RARE", rare)
    chance = random.Random(seed)  # noqa: S311 - no secret
    texts: dict[str, bytes] = {}
    for _ in range(25):
        change(newsroom, chance, texts)
        assert is_current(newsroom)
    assert again(newsroom).documents == ()
