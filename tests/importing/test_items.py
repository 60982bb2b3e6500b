"""Incomplete and repeated items are imported or named, and do not stop the others."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dateline.importing.compose import compose
from dateline.importing.existing import ExistingEntries
from dateline.importing.items import File, ImportedItem, ImportSource
from dateline.importing.sources.duplicate_ids import distinct
from dateline.importing.write import path_of, text_of
from dateline.text import toml
from importing.test_importing import entries, import_source
from support.exporting import SITE, Post, export
from support.publication import PUBLICATION, Newsroom
from support.samples import sample_publication

MOMENT = datetime(2024, 5, 3, 8, 0, tzinfo=UTC)
PICTURE = '<img src="https://x.invalid/a.png">'
OLD = "https://old.example.org/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Parts of one item; each may be missing."""

    title: str = ""
    text: str = ""
    id: str = ""
    link: str = ""
    is_dated: bool = True


PARTS = st.lists(
    st.builds(
        Part,
        title=st.sampled_from(["", "Report", " ", "\u200b", "Report copy", "2"]),
        text=st.sampled_from(["", "<p>Text.</p>", PICTURE, "<script>x</script>", "<p>\u200b</p>"]),
        id=st.sampled_from(["", "a", "b"]),
        link=st.sampled_from(["", f"{OLD}a", f"{OLD}b"]),
        is_dated=st.sampled_from([True, True, True, False]),
    ),
    min_size=1,
    max_size=7,
)


def element(name: str, text: str) -> str:
    """Return an element; an empty text gives nothing."""
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def rss(folder: Path, parts: list[Part]) -> Path:
    """Write an RSS feed."""
    items = "".join(
        f"<item>{element('title', part.title)}{element('description', part.text)}"
        f"{element('link', part.link)}{element('guid', part.id)}"
        f"{element('pubDate', format_datetime(MOMENT) if part.is_dated else '')}</item>"
        for part in parts
    )
    path = folder / "old.xml"
    path.write_text(f'<rss version="2.0"><channel><title>Old</title>{items}</channel></rss>')
    return path


def atom(folder: Path, parts: list[Part]) -> Path:
    """Write an Atom feed."""
    items = "".join(
        f"<entry>{element('title', part.title)}"
        f'<content type="html">{escape(part.text)}</content>{element("id", part.id)}'
        + (f'<link href="{part.link}"/>' if part.link else "")
        + f"{element('updated', MOMENT.isoformat() if part.is_dated else '')}</entry>"
        for part in parts
    )
    path = folder / "old.atom"
    path.write_text(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Old</title>{items}</feed>')
    return path


def json_feed(folder: Path, parts: list[Part]) -> Path:
    """Write a JSON Feed."""
    items = [
        {
            "title": part.title, "content_html": part.text, "id": part.id, "url": part.link,
            "date_published": MOMENT.isoformat() if part.is_dated else None,
        }
        for part in parts
    ]  # fmt: skip
    path = folder / "old.json"
    path.write_text(json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}))
    return path


def wordpress(folder: Path, parts: list[Part]) -> Path:
    """Write an export; all its posts have an address."""
    posts = [
        Post(number=n, title=part.title, moment=MOMENT, text=part.text)
        for n, part in enumerate(parts)
    ]
    whole = export(posts).decode()
    for n, part in enumerate(parts):
        whole = whole.replace(f"{SITE}/?p={n}<", f"{escape(part.id)}<")
        if not part.is_dated:
            whole = whole.replace("2024-05-03 08:00:00", "0000-00-00 00:00:00", 2)
    path = folder / "export.xml"
    path.write_text(whole)
    return path


def pages(mark: str, settings_: str, place: str) -> Callable[[Path, list[Part]], Path]:
    """Return a writer of a site's folder, with one page in YAML for each item."""

    def write(folder: Path, parts: list[Part]) -> Path:
        site = folder / "site"
        (site / place).mkdir(parents=True)
        (site / mark).write_text(settings_)
        for n, part in enumerate(parts):
            fields = {"title": part.title, "slug": part.id, "url": part.link}
            stated = {name: value for name, value in fields.items() if value}
            dated: dict[str, object] = {"date": MOMENT} if part.is_dated else {}
            above = yaml.safe_dump({**stated, **dated})
            (site / place / f"2024-05-03-n{n}.md").write_text(f"---\n{above}---\n{part.text}\n")
        return site

    return write


def pelican(folder: Path, parts: list[Part]) -> Path:
    """Write the folder of a Pelican site, which has no pages without a title."""
    content = folder / "site/content"
    content.mkdir(parents=True)
    (folder / "site/pelicanconf.py").write_text(f"SITEURL = {OLD!r}\nPATH = 'content'\n")
    for n, part in enumerate(parts):
        fields = {"Title": part.title or "Untitled", "Slug": part.id}
        fields |= {"Date": "2024-05-03"} if part.is_dated else {}
        above = "".join(f"{name}: {value}\n" for name, value in fields.items() if value)
        (content / f"n{n}.md").write_text(f"{above}\n{part.text}\n")
    return folder / "site"


def saved(folder: Path, parts: list[Part]) -> Path:
    """Write a saved page."""
    items = "".join(
        f'<li>{"3 May 2024" if part.is_dated else ""} <a href="{part.link}">{part.title}</a>'
        f"<div>{part.text}</div></li>"
        for part in parts
    )
    path = folder / "saved.html"
    path.write_text(f"<html><body><ul>{items}</ul></body></html>")
    return path


SOURCES: dict[str, Callable[[Path, list[Part]], Path]] = {
    "rss": rss,
    "atom": atom,
    "json": json_feed,
    "wordpress": wordpress,
    "hugo": pages("hugo.toml", f'baseURL = "{OLD}"\n', "content/news"),
    "jekyll": pages("_config.yml", f"url: {OLD}\n", "_posts"),
    "eleventy": pages("eleventy.config.js", "", "posts"),
    "pelican": pelican,
    "saved": saved,
}


@contextmanager
def newsroom() -> Iterator[Newsroom]:
    """Return a publication without entries."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.toml").write_text(PUBLICATION, encoding="utf-8")
        (folder / "entries").mkdir()
        yield Newsroom(folder)


@pytest.fixture
def here(tmp_path: Path) -> Newsroom:
    """Return a publication without entries."""
    (tmp_path / "config.toml").write_text(PUBLICATION, encoding="utf-8")
    (tmp_path / "entries").mkdir()
    return Newsroom(tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("kind", SOURCES)
@settings(max_examples=4, phases=[Phase.explicit, Phase.generate])  # shrinking takes minutes
@given(parts=PARTS)
def test_an_incomplete_item_stops_no_other(kind: str, parts: list[Part]) -> None:
    """It is imported and published, or named; none counts as imported before.

    One without an id is held as a copy beside another of its title, day and text.
    """
    with newsroom() as here:
        source = SOURCES[kind](here.folder, [*parts, Part(title="Last", text="Whole.", id="c")])
        done = import_source(here, source, "--site", OLD, "--yes")
        found = entries(here)
        report = here.build()
        again = import_source(here, source, "--site", OLD, "--yes")

    assert "Last" in {one["title"] for one in found.values()}
    assert f"{len(found)} new, 0 here already" in done.output
    held = [one for one in report.problems if one.state == "hold"]
    assert {one.code for one in held} <= {"name-copy"}
    assert [one.file for one in held if found[one.file].get("id")] == []
    drafts = [one for one in found.values() if one.get("draft")]
    assert len(report.published) == len(found) - len(drafts) - len(held)
    assert f"0 new, {len(found)} here already" in again.output


def test_an_untitled_picture_is_titled_by_its_day(here: Newsroom) -> None:
    """In its language, or by its alternative text; likewise a file and a bare address."""
    shown = '<img src="https://x.invalid/a.png" alt="A pier">'
    items: list[dict[str, object]] = [
        {"id": "1", "content_html": PICTURE},
        {"id": "2", "content_html": PICTURE, "language": "ar"},
        {"id": "3", "content_html": shown},
        {"id": "4", "attachments": [{"url": "https://x.invalid/a.pdf"}], "language": "fr"},
        {"id": "5", "url": f"{OLD}5"},
        {"id": "6", "content_text": "A status of a few words."},
        {"id": "7"},
        {"id": "8", "title": "Last"},
    ]
    dated = [{**one, "date_published": "2026-05-03T10:00:00Z"} for one in items]
    whole = {"version": "https://jsonfeed.org/version/1.1", "items": dated}
    (here.folder / "old.json").write_text(json.dumps(whole))

    done = import_source(here, here.folder / "old.json", "--yes")

    assert {one["id"]: one["title"] for one in entries(here).values()} == {
        "1": "Picture of 3 May 2026",
        "2": "صورة 3 مايو 2026",
        "3": "A pier",
        "4": "Fichier du 3 mai 2026",
        "5": "News of 3 May 2026",
        "6": "A status of a few words.",
        "8": "Last",
    }
    assert "7: has no title, text, picture, file or address: left out" in done.output
    assert "1 left out: nothing to publish." in done.output


@pytest.mark.parametrize(
    ("address", "is_twice"),
    [("a.jpg?format=1500w", False), ("a.jpg", False), ("b.jpg", True), ("a.jpg/?n=1", True)],
)
def test_a_picture_of_the_text_is_not_shown_above_it_too(
    here: Newsroom, address: str, *, is_twice: bool
) -> None:
    """Nor if the feed gives it in another size, as Squarespace does."""
    site = "https://pictures.invalid/"
    place = here.folder / "old.json"
    place.write_text(json.dumps({
        "version": "https://jsonfeed.org/version/1.1", "title": "Old",
        "items": [{"id": "a", "title": "Quay", "date_published": "2026-03-01",
                   "content_html": f'<p>Text <img src="{site}a.jpg"></p>',
                   "image": f"{site}{address}"}],
    }))  # fmt: skip

    import_source(here, place, "--yes")

    assert ["image" in one for one in entries(here).values()] == [is_twice]


def test_an_attachment_keeps_its_title_and_language() -> None:
    """Unless the title is only its name, or holds markup."""
    address = "https://x.invalid/an%20annex.pdf"
    files = (
        File(address=address, title='Annex: "figures"', language="FR"),
        File(address="https://x.invalid/b.pdf", title="B.pdf", language="Klingonese"),
        File(address="https://x.invalid/c.pdf", title="<b>C</b>"),
    )
    item = ImportedItem(origin="1", title="A", html="<p>A</p>", date=MOMENT, attachments=files)

    composed = compose(item, {address: "an annex.pdf"}, sample_publication(), MOMENT)

    assert toml.parse(text_of(composed))["attachments"] == [
        {"file": "an annex.pdf", "title": 'Annex: "figures"', "language": "fr"},
        "https://x.invalid/b.pdf",
        "https://x.invalid/c.pdf",
    ]


def test_items_that_share_an_id_stay_separate(here: Newsroom) -> None:
    """The newest keeps the id, the others have their addresses; both are named."""
    item = (
        "<item><title>{0}</title><guid isPermaLink='false'>same</guid><link>{1}</link>"
        "<pubDate>0{2} Mar 2025 14:00:00 GMT</pubDate><description>{0}</description></item>"
    )
    items = [("One", f"{OLD}1", 4), ("Two", f"{OLD}2", 6), ("Three", f"{OLD}2", 5)]
    whole = "".join(item.format(*one) for one in [*items, items[0]])
    path = here.folder / "old.xml"
    path.write_text(f"<rss version='2.0'><channel>{whole}</channel></rss>")

    done = import_source(here, path, "--yes")
    again = import_source(here, path, "--yes")

    assert [(one["title"], one.get("id")) for one in entries(here).values()] == [
        ("One", f"{OLD}1"), ("Three", None), ("Two", "same")
    ]  # fmt: skip
    assert '  has the id of "Two", same, and gets its own (2):' in done.output
    assert "entries = 3\n" in done.output
    assert "1 items stand in the source twice, word for word: taken once." in done.output
    assert "3 new, 0 here already" in done.output
    assert "0 new, 3 here already" in again.output


def test_an_older_version_of_an_item_is_named_and_left_out(here: Newsroom) -> None:
    """Readers identify items with equal id, address and title."""
    item = (
        "<item><title>One</title><guid>{0}1</guid><link>{0}1</link>"
        "<pubDate>0{1} Mar 2025 14:00:00 GMT</pubDate><description>{1}</description></item>"
    )
    path = here.folder / "old.xml"
    both = item.format(OLD, 4) + item.format(OLD, 5)
    path.write_text(f"<rss version='2.0'><channel>{both}</channel></rss>")

    done = import_source(here, path, "--yes")

    assert [one["body"] for one in entries(here).values()] == ["5\n"]
    assert f"{OLD}1 stands in the source in several versions: the newest is taken." in done.output


def test_very_many_items_with_one_id_take_no_longer_than_others() -> None:
    """Each is compared with all others at once."""
    items = tuple(
        ImportedItem(
            origin=f"{number}", id="one", title=f"{number % 3000}", html=f"{number % 4000}",
            link=f"{OLD}{number % 3000}", date=MOMENT - timedelta(minutes=number),
        )
        for number in range(5000)
    )  # fmt: skip
    began = process_time()

    source = distinct(ImportSource(kind="RSS", items=items))

    assert process_time() - began < 2
    assert [one.title for one in source.items] == [f"{number}" for number in range(3000)]
    assert len({one.id for one in source.items}) == 3000
    assert len(source.remarks) == 2000


@pytest.mark.parametrize(
    "titles",
    [
        ["Report", "Report", "Report"],
        ["Report: one", "Report – one"],
        ["Report copy", "Report", "Report copy 2"],
        ["Report", "Report copy"],
        ["2", "2", "2"],
        ["Report conflict-20240503-080000", "Report conflicted copy 2", "Report conflicted copy"],
        ["Report", "Report pc", "Report PC-7"],
    ],
)
def test_an_imported_item_is_never_held_as_a_copy(here: Newsroom, titles: list[str]) -> None:
    """Two items of one day and title are two entries, even if their names suggest a copy."""
    text = "<p>The same words stand in all of these entries, as a form letter has them.</p>"
    parts = [Part(title=title, text=text, id=f"n{n}") for n, title in enumerate(titles)]

    done = import_source(here, rss(here.folder, parts), "--yes")
    report = here.build()

    assert done.exit_code == 0
    assert [one for one in report.problems if one.state == "hold"] == []
    assert len(report.published) == len(titles)


def test_an_import_avoids_existing_names(here: Newsroom) -> None:
    """An entry of staff with the same day and title is no copy either."""
    here.drop("2024/2024-05-03-report.toml", 'title = "Report"\ndate = 2024-05-03\nbody = "x"\n')
    here.drop("2024/2024-05-03-2-report-of.toml", 'title = "Re"\ndate = 2024-05-03\nbody = "x"\n')

    import_source(here, rss(here.folder, [Part(title="Report", text="y", id="a")]), "--yes")
    report = here.build()

    assert [one for one in report.problems if one.state == "hold"] == []
    assert len(report.published) == 3


@pytest.mark.parametrize("form", ["rss", "atom", "WordPress"])
@pytest.mark.parametrize("lost", [30, 60, 90])
def test_the_item_within_which_a_source_ends_waits(here: Newsroom, form: str, lost: int) -> None:
    """As after a download that broke off: a later import would not complete its text."""
    text = f"<p>{'A sentence of the text. ' * 20}</p>"
    parts = [Part(title=title, text=text, id=title) for title in ("First", "Last")]
    posts = [
        Post(number=at, title=one.title, text=text, moment=MOMENT) for at, one in enumerate(parts)
    ]
    if form == "WordPress":
        path = here.folder / "old.xml"
        path.write_bytes(export(posts))
    else:
        path = {"rss": rss, "atom": atom}[form](here.folder, parts)
    whole = path.read_bytes()
    tag = b"</entry" if form == "atom" else b"</item"
    path.write_bytes(whole[: whole.rfind(tag) - lost])

    broken = import_source(here, path, "--yes")
    first = [one["title"] for one in entries(here).values()]
    path.write_bytes(whole)
    again = import_source(here, path, "--yes")

    assert (first, broken.exit_code) == (["First"], 1)
    assert "the last item: the source ends within it" in broken.output
    assert again.exit_code == 0
    assert {one["title"]: len(str(one["body"])) > 400 for one in entries(here).values()} == {
        "First": True,
        "Last": True,
    }


@pytest.mark.long
def test_very_many_items_with_one_title_and_day_take_no_longer_than_others() -> None:
    """The name of each is found at once, and makes none look like a copy of another."""
    existing = ExistingEntries(zone=ZoneInfo("UTC"), files={})
    fields: dict[str, toml.Value] = {"title": "Press release", "date": MOMENT}
    began = process_time()

    for _ in range(1000):
        existing.add(path_of(fields, "", existing), fields)

    assert process_time() - began < 5
    assert "2024/2024-05-03-1000-press-release.toml" in existing.files


@pytest.mark.parametrize("written", ["2024-05-03", '"3 May 2024"'])
@pytest.mark.parametrize("id_", ["", 'id = "ours"\n'])
def test_news_that_is_here_under_another_id_is_left_out(
    here: Newsroom, written: str, id_: str
) -> None:
    """Readers would get it twice; the report names its file, and other news is imported."""
    text = 'Only **60** "cases".'
    here.drop("a.toml", f"title = \"A report\"\ndate = {written}\n{id_}body = '{text}'\n")
    here.build()
    html = "<p>Only <b>60</b> \u201ccases\u201d.</p>"
    parts = [Part(title="A report", text=html, id="a"), Part(title="A report", text="B", id="b")]

    done = import_source(here, rss(here.folder, parts), "--yes")
    report = here.build()

    assert "has the title, day and text of a.toml: left out\n" in done.stdout
    assert "1 new, 1 here already" in done.stdout
    assert len(report.published) == 1
    assert len(here.items()) == 2


def test_a_draft_here_keeps_no_news_out(here: Newsroom) -> None:
    """The old site published it meanwhile, so it has an id by now; the report names the draft."""
    here.drop("a.toml", 'title = "A"\ndate = 2024-05-03\ndraft = true\nbody = "Text of A"\n')

    source = rss(here.folder, [Part(title="A", text="Text of A", id="a")])
    done = import_source(here, source, "--yes")
    again = import_source(here, source, "--yes")
    here.build()

    assert [one["id"] for one in here.items()] == ["a"]
    assert "has the title and day of a.toml: is it the same news?\n" in done.stdout
    assert "a.toml" not in again.stdout


@pytest.mark.parametrize("kind", ["json", "atom"])
def test_a_date_that_cannot_be_read_is_named(here: Newsroom, kind: str) -> None:
    """The moment of the item's last change stands in its place."""
    place = here.folder / "old"
    place.write_text(
        json.dumps({
            "version": "https://jsonfeed.org/version/1.1", "title": "Old",
            "items": [{"id": "a", "title": "Quay", "content_text": "Text.",
                       "date_published": "soon", "date_modified": "2026-03-01T09:00:00Z"}],
        })
        if kind == "json" else
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Old</title><id>f</id><entry><id>a</id>'
        "<title>Quay</title><content>Text.</content><published>soon</published>"
        "<updated>2026-03-01T09:00:00Z</updated></entry></feed>"
    )  # fmt: skip

    done = import_source(here, place, "--yes")

    assert [str(one["date"]) for one in entries(here).values()] == ["2026-03-01 10:00:00+01:00"]
    assert "2026-03-01 09:00 UTC was taken, when it was changed" in done.output


def test_held_items_are_listed_with_the_reason(here: Newsroom) -> None:
    """Once for all that are held for the same reason."""
    parts = [Part(title=f"<b>{n}</b>", text="x", id=f"n{n}") for n in range(3)]

    done = import_source(here, json_feed(here.folder, parts), "--yes")

    assert done.exit_code == 1
    lines = done.output.split("3 of the new ones are held until they are fixed:\n")[1].splitlines()
    assert re.fullmatch(r"  there is the markup <b> in title.* \(3\):", lines[0])
    assert lines[1] == "    2024/2024-05-03-b-0-b.toml, line 1"


def test_text_of_a_source_is_printed_without_control_characters(here: Newsroom) -> None:
    """It cannot move the cursor, colour the text or ring the bell."""
    parts = [Part(title="Red", link="http://[", id="\x1b]0;t\x07", is_dated=False)]
    folder = here.folder / "site"
    (folder / "content").mkdir(parents=True)
    (folder / "hugo.toml").write_text(f'baseURL = "{OLD}"\n')
    (folder / "content/\x1b]0;t\x07.md").write_text("---\ntitle: Red\ndate: soon\n---\n")

    done = import_source(here, json_feed(here.folder, parts))
    of_site = import_source(here, folder)

    assert done.output.replace("\n", "").isprintable()
    assert of_site.output.replace("\n", "").isprintable()
    assert "\ufffd" in of_site.output


def test_a_fault_on_several_lines_is_reported_once(here: Newsroom) -> None:
    """With the number of each line."""
    folder = here.folder / "site"
    (folder / "_posts").mkdir(parents=True)
    (folder / "_config.yml").write_text(f"url: {OLD}\n")
    for n, blank in enumerate(["", "\n\n", "\n\n\n\n"]):
        text = f"---\ntitle: T{n}\n---\nText.{blank}\n\n<form>f</form>\n"
        (folder / f"_posts/2024-05-0{n + 1}-t.md").write_text(text)

    done = import_source(here, folder)

    reported = [line for line in done.output.splitlines() if "<form>" in line]
    assert len(reported) == 1
    assert reported[0].endswith("(3):")
    assert re.search(r"    _posts/2024-05-01-t\.md, line \d+\n", done.output)


def test_a_summary_that_is_too_long_for_an_entry_is_left_out() -> None:
    """Its entry would be held."""
    item = ImportedItem(
        origin="a", title="A", date=MOMENT, html="<p>Text.</p>", summary="word " * 5000
    )

    found = compose(item, {}, sample_publication(), MOMENT)

    assert "summary" not in found.fields
    assert found.losses == ("has a summary of 24999 characters, which is left out",)
