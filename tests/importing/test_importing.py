"""Importing from other tools, without a change for subscribers."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from dateline import config as configuration
from dateline.cli import main
from dateline.errors import DatelineError, FetchError
from dateline.importing.fetch import FetchedPage
from dateline.importing.sources import archives
from dateline.importing.sources.archives import read
from support.commands import PUBLISHER, publisher
from support.exporting import SITE, Post, export, feed
from support.publication import PUBLICATION, Newsroom, picture
from support.serving import until
from system.test_addresses import site

RSS = """\
<?xml version="1.0"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Old news</title><link>https://old.example.org/</link><description>All</description>
<atom:link rel="self" href="https://old.example.org/feed/"/>{links}{items}</channel></rss>
"""
ITEM = """\
<item><title>{title}</title><guid isPermaLink="false">{id}</guid>
<link>https://old.example.org/{id}/</link><pubDate>{date}</pubDate>
<dc:creator>Ada Example</dc:creator><category>Lebanon</category>
<content:encoded><![CDATA[{text}]]></content:encoded></item>
"""
Known = dict[str, tuple[int, dict[str, str], bytes]]
DATES = ("Thu, 06 Mar 2025 14:00:07 EST", "Wed, 05 Mar 2025 09:30:00 +0100", "2025-03-04T00:00:00Z")


@pytest.fixture
def here(tmp_path: Path) -> Newsroom:
    """Return a publication without entries."""
    (tmp_path / "config.toml").write_text(PUBLICATION, encoding="utf-8")
    (tmp_path / "entries").mkdir()
    return Newsroom(tmp_path)


def item(number: int, text: str = "<p>Text.</p>", title: str = "") -> str:
    """Return one item of the old feed."""
    date = DATES[number % len(DATES)]
    return ITEM.format(title=title or f"News {number}", id=f"n{number}", date=date, text=text)


def old_feed(folder: Path, *items: str, name: str = "old.xml", links: str = "") -> Path:
    """Write the old feed into a file."""
    path = folder / name
    path.write_text(RSS.format(items="".join(items), links=links), encoding="utf-8")
    return path


def import_source(here: Newsroom, source: object, *options: str) -> Result:
    """Import, and return what is printed; exceptions that are not ours are raised."""
    words = ["import", str(source), "--config", str(here.folder / "config.toml"), *options]
    return CliRunner().invoke(main, words, catch_exceptions=False)


def entries(here: Newsroom) -> dict[str, dict[str, object]]:
    """Return the content of each entry file, by path."""
    folder = here.folder / "entries"
    return {
        path.relative_to(folder).as_posix(): tomllib.loads(path.read_text("utf-8"))
        for path in sorted(folder.rglob("*.toml"))
        if path.is_file()
    }


def verify(here: Newsroom, old: object) -> Result:
    """Compare an old feed with ours."""
    words = ["import", "--verify", str(old), "--config", str(here.folder / "config.toml")]
    return CliRunner().invoke(main, words, catch_exceptions=False)


def test_a_feed_becomes_entry_files(here: Newsroom) -> None:
    """With ids, addresses, times to the second, bylines and topics."""
    text = '<p>Only <b>60</b> "cases" &amp; more:</p><ul><li>one</li></ul>'
    old = old_feed(here.folder, item(0, text, "Q&amp;amp;A on Lebanon"))

    done = import_source(here, old, "--yes")

    assert done.exit_code == 0, done.output
    assert (here.folder / "entries/2025/2025-03-06-q-a-on-lebanon.toml").read_text("utf-8") == (
        'title = "Q&A on Lebanon"\n'
        "date = 2025-03-06T20:00:07+01:00\n"
        'link = "https://old.example.org/n0/"\n'
        'categories = ["Lebanon"]\n'
        'authors = ["Ada Example"]\n'
        'id = "n0"\n'
        'body = """\n'
        'Only **60** "cases" & more:\n\n- one\n'
        '"""\n'
    )


def test_what_drupal_repeats_beside_a_text_is_left_out(here: Newsroom) -> None:
    """Its moment is that of an item without another."""
    field = '<span class="field field--name-{} field--label-hidden">{}</span>\n'
    moment = '<time datetime="2025-09-10T10:25:31+02:00" class="datetime">10 September</time>'
    named = field.format("title", "Rules").strip()
    text = (
        field.format("title", "News 1")
        + field.format("uid", "<span>webmaster</span>")
        + field.format("created", moment)
        + '<div class="clearfix field field--name-body"><p>Sixty <span>cases</span>.</p>'
        + f'<p>See <a href="https://old.example.org/7/">{named}</a>.</p></div>'
    )
    dated, undated = item(1, text), item(2, text).replace(f"<pubDate>{DATES[2]}</pubDate>", "")
    undated = undated.replace("content:encoded", "description")
    done = import_source(here, old_feed(here.folder, dated, undated), "--yes")

    found = entries(here)
    body = "Sixty cases.\n\nSee [Rules](https://old.example.org/7/).\n"
    assert [one["body"] for one in found.values()] == [body] * 2
    assert "2025/2025-09-10-news-2.toml" in found
    assert done.exit_code == 0


def test_without_confirmation_nothing_is_written(here: Newsroom) -> None:
    """The preview lists what would be written."""
    done = import_source(here, old_feed(here.folder, item(0)))

    assert list((here.folder / "entries").iterdir()) == []
    assert "new       2025/2025-03-06-news-0.toml" in done.output
    assert "Nothing is written yet." in done.output


def test_subscribers_see_nothing_new_changed_or_gone(here: Newsroom) -> None:
    """By any of five rules for recognising items; differences are named."""
    old = old_feed(here.folder, item(0), item(1), item(2))
    import_source(here, old, "--yes")
    here.build()

    assert verify(here, old).exit_code == 0

    other = old_feed(here.folder, item(0, title="Else"), item(3), item(1), item(2), name="b.xml")
    seen = verify(here, other)
    assert seen.exit_code == 1
    assert "Readers that go by id see 0 new, 1 changed, 1 gone:" in seen.output
    assert 'changed  News 0: title (was "Else")' in seen.output
    assert "gone     News 3" in seen.output
    assert "Readers that go by id, address and title see 1 new, 0 changed, 2 gone:" in seen.output


def test_a_second_import_adds_only_new_items(here: Newsroom) -> None:
    """Entries that staff edited, renamed or withdrew stay as they are."""
    old = old_feed(here.folder, item(0), item(1), item(2))
    import_source(here, old, "--yes")
    here.build()
    folder = here.folder / "entries/2025"
    edited = folder / "2025-03-06-news-0.toml"
    edited.write_text(edited.read_text().replace("News 0", "Staff's own"))
    (folder / "2025-03-05-news-1.toml").rename(folder / "another.toml")
    (folder / "2025-03-04-news-2.toml").unlink()
    before = entries(here)

    done = import_source(here, old_feed(here.folder, item(0), item(1), item(2), item(3)), "--yes")

    assert "1 new, 3 here already" in done.output
    assert {
        **before,
        "2025/2025-03-06-news-3.toml": entries(here)["2025/2025-03-06-news-3.toml"],
    } == entries(here)


@pytest.mark.parametrize("id_", ["2025/2025-03-06-news-0.toml", "2025/03/news-0"])
def test_an_id_that_is_the_name_of_another_entry_is_new(here: Newsroom, id_: str) -> None:
    """Some systems have the path of a page for an id; it names no file or page here."""
    import_source(here, old_feed(here.folder, item(0)), "--yes")
    here.build()

    done = import_source(here, old_feed(here.folder, item(1).replace(">n1<", f">{id_}<")), "--yes")

    assert "1 new, 0 here already" in done.output


def test_an_item_imported_late_keeps_its_time(here: Newsroom) -> None:
    """Newer entries may be published already, but its subscribers know it by that time."""
    here.drop("today.toml", 'title = "Today"\ndate = 2026-11-25\nbody = "Text."\n')
    here.build()
    recent = item(0).replace(DATES[0], "Mon, 23 Nov 2026 08:00:00 GMT")
    import_source(here, old_feed(here.folder, recent), "--yes")
    here.build()

    assert {one["id"]: one["date_published"] for one in here.items()}[
        "n0"
    ] == "2026-11-23T08:00:00Z"


def test_an_item_that_is_shown_before_its_moment_is_named(here: Newsroom) -> None:
    """The old feed has it already; here it would be missed until then."""
    early = item(0).replace(DATES[0], "Mon, 23 Nov 2940 08:00:00 GMT")

    done = import_source(here, old_feed(here.folder, early, item(1)))

    assert done.output.count("is in the old feed already, and appears here on 2940-11-23") == 1


def test_a_date_at_the_end_of_time_ends_no_import(here: Newsroom) -> None:
    """In Vienna it is a day of the year 10000, which there is none."""
    never = item(0).replace(DATES[0], "Fri, 31 Dec 9999 23:59:59 GMT")

    done = import_source(here, old_feed(here.folder, never, item(1)))

    assert "2025/2025-03-05-news-1.toml" in done.output
    assert "n0/: it cannot be read: date value out of range" in done.output


def test_archives_of_a_feed_have_nothing_that_was_updated_lately(here: Newsroom) -> None:
    """It would be in the new feed; the first document has what the old one shows."""
    lately = f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}"
    updated = f"<atom:updated>{lately}</atom:updated></item>"
    old_feed(here.folder, item(1).replace("</item>", updated), name="archive.xml")
    links = '<atom:link rel="prev-archive" href="archive.xml"/>'
    source = old_feed(here.folder, item(0).replace("</item>", updated), links=links)

    import_source(here, source, "--yes")

    assert {one["id"]: "updated" in one for one in entries(here).values()} == {
        "n0": True,
        "n1": False,
    }


def test_archives_are_followed(here: Newsroom) -> None:
    """RFC 5005 on the web and on disk; each item once, from the newest document."""
    newest = RSS.format(
        links='<atom:link rel="prev-archive" href="/old.xml"/>',
        items=item(0, title="Corrected") + item(1),
    )
    # A document that names itself as the previous one ends the sequence.
    oldest = RSS.format(
        links='<atom:link rel="prev-archive" href="/old.xml"/>', items=item(0) + item(2)
    )
    pages: Known = {"feed": (200, {}, newest.encode()), "old.xml": (200, {}, oldest.encode())}
    with site(**pages) as (url, asked):
        done = import_source(here, f"{url}feed", "--yes", "--private", urlsplit(url).netloc)

    assert asked == ["/feed", "/old.xml"]
    assert "3 new" in done.output
    assert [one["title"] for one in entries(here).values()] == ["News 2", "News 1", "Corrected"]


def test_all_pages_of_a_json_feed_are_imported(here: Newsroom) -> None:
    """`next_url` is followed, here on a disk."""

    def page(number: int, **more: str) -> None:
        items = [
            {
                "id": number, "url": f"https://old.example.org/{number}", "title": f"News {number}",
                "content_text": "a < b", "date_published": f"2025-03-0{number}T10:00:00+01:00",
                "authors": [{"name": "Ada"}, {"name": "Bob"}], "tags": ["x, y"],
            }
        ]  # fmt: skip
        whole = {"version": "https://jsonfeed.org/version/1", "title": "Old", "items": items}
        (here.folder / f"page{number}.json").write_text(json.dumps({**whole, **more}))

    page(1, next_url="page2.json")
    page(2, next_url="../../../etc/passwd")
    import_source(here, here.folder / "page1.json", "--yes")

    found = entries(here)
    assert list(found) == ["2025/2025-03-01-news-1.toml", "2025/2025-03-02-news-2.toml"]
    first = found["2025/2025-03-01-news-1.toml"]
    assert (first["id"], first["authors"], first["categories"]) == ("1", ["Ada", "Bob"], ["x", "y"])
    assert first["body"] == "a < b\n"


def test_an_import_of_very_many_items_is_continued_by_the_next(
    here: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is a limit for all documents of a feed together; the report says where to go on."""
    monkeypatch.setattr(archives, "_MOST_ITEMS", 2)
    for number in range(1, 6):
        one = {
            "id": str(number), "title": f"News {number}", "content_text": f"Text of {number}",
            "date_published": f"2025-03-0{number}T10:00:00+01:00",
        }  # fmt: skip
        further = {"next_url": f"page{number + 1}.json"} if number < 5 else {}
        whole = {"version": "https://jsonfeed.org/version/1.1", "items": [one], **further}
        (here.folder / f"page{number}.json").write_text(json.dumps(whole))
    seen, place = [], here.folder / "page1.json"

    while place.name:
        done = import_source(here, place, "--yes")
        seen.append(len(entries(here)))
        place = Path(done.output.partition("When this is written, import ")[2].partition("\n")[0])

    assert seen == [2, 4, 5]


@pytest.mark.parametrize(
    "name",
    [
        "../beyond.json", "%2e%2e/beyond.json", "archive/../../beyond.json", "file:{beyond}",
        "file://{beyond}", "{beyond}", "link.json", "folder/beyond.json", "/next.json",
        "{folder}/next.json", "next:page.json",
    ],
)  # fmt: skip
def test_a_local_feed_reads_no_file_outside_its_folder(here: Newsroom, name: str) -> None:
    """Neither by a name nor by a link; nor by an address, even if a file has that name."""
    folder, beyond = here.folder / "old", here.folder / "beyond.json"
    (folder / "archive").mkdir(parents=True)
    (folder / "link.json").symlink_to(beyond)
    (folder / "folder").symlink_to(here.folder)
    for path, title in (
        (beyond, "Secret"), (folder / "next.json", "Next"), (folder / "next:page.json", "Next"),
        (folder / "first.json", "First"),
    ):  # fmt: skip
        one = {"id": title, "title": title, "date_published": DATES[2], "content_text": "Text"}
        further = name.format(beyond=beyond, folder=folder) if title == "First" else "none.json"
        whole = {"version": "https://jsonfeed.org/version/1.1", "next_url": further, "items": [one]}
        path.write_text(json.dumps(whole))

    done = import_source(here, folder / "first.json", "--yes")

    assert (done.exit_code, "beyond" in done.output) == (0, False)
    assert list(entries(here)) == ["2025/2025-03-04-first.toml"]


def test_the_older_of_two_equal_titles_has_the_plain_name(here: Newsroom) -> None:
    """Items are imported in order of publication, whatever the order of the source."""
    whole = {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {
                "id": f"{hour}", "title": "Statement", "content_text": f"Text of {hour}:00",
                "date_published": f"2025-03-04T{hour}:00:00+01:00",
            }
            for hour in (17, 9, 12)
        ],
    }  # fmt: skip
    (here.folder / "old.json").write_text(json.dumps(whole).replace("T9:", "T09:"))

    import_source(here, here.folder / "old.json", "--yes")

    moments = [one["date"] for one in entries(here).values()]
    assert len(moments) == 3
    assert str(entries(here)["2025/2025-03-04-statement.toml"]["id"]) == "9"


def test_pictures_and_files_are_saved_beside_the_entries(here: Newsroom) -> None:
    """Each once; a file that cannot be fetched keeps its address, and is reported."""
    media: Known = {"photo.png": (200, {}, picture()), "odd.png": (200, {}, b"no picture")}
    with site(**media) as (url, asked):
        text = f'<p><img src="{url}photo.png" alt="A pier"> <img src="{url}odd.png"></p>'
        enclosure = f'<enclosure url="{url}photo.png" type="image/png" length="1"/></item>'
        items = item(0, text).replace("</item>", enclosure), item(1, text)
        done = import_source(
            here, old_feed(here.folder, *items), "--yes", "--private", urlsplit(url).netloc
        )
        here.build()

    assert sorted(asked) == ["/odd.png", "/photo.png"]
    folder = here.folder / "entries/2025"
    assert (folder / "photo.png").read_bytes() == picture()
    first = entries(here)["2025/2025-03-06-news-0.toml"]
    assert "image" not in first  # it is in the text
    assert first["body"] == f"![A pier](photo.png) ![]({url}odd.png)\n"
    assert "odd.png stays where it is: is no kind of file that is published" in done.output
    assert 'src="http://127.0.0.1:8000/media/' in here.items()[0]["content_html"]


def test_private_addresses_in_a_feed_are_not_fetched(here: Newsroom) -> None:
    """Neither private addresses nor local files are read."""
    with site(secret=(200, {}, picture())) as (url, asked):
        links = f'<atom:link rel="prev-archive" href="{url}secret"/>'
        text = f'<img src="{url}secret"><img src="file:///etc/passwd">'
        done = import_source(here, old_feed(here.folder, item(0, text), links=links), "--yes")

    assert asked == []
    assert done.output.count("add --private 127.0.0.1:") == 2
    assert "etc/passwd" not in "".join(str(one) for one in entries(here).values())


@pytest.mark.long
def test_hostile_html_and_titles_become_harmless(here: Newsroom) -> None:
    """Scripts are removed with their content; a text of nothing else is empty."""
    text = (
        "<script>alert(1)</script><p onclick='x()'>Text <a href='javascript:x()'>link</a>"
        "<iframe src='https://x.example/'></iframe></p>" + "<div>" * 5000
    )
    old = old_feed(here.folder, item(0, text, "Right \u202e turned"), item(1, "<script>x</script>"))

    import_source(here, old, "--yes")
    report = here.build()

    assert [one["body"] for one in entries(here).values()] == [
        "News 1\n", "Text link\n\n<https://x.example/>\n"
    ]  # fmt: skip
    assert not [one for one in report.problems if one.state == "hold"]


@pytest.mark.long
def test_nested_entities_are_not_expanded(here: Newsroom) -> None:
    """A few lines cannot become a billion words."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "boom">{levels}]>'
    whole = RSS.format(links="", items=item(0, title="&l9;")).replace('<?xml version="1.0"?>', bomb)
    (here.folder / "bomb.xml").write_text(whole)
    outside = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    stolen = RSS.format(links="", items=item(1, title="&x;")).replace("?>", f"?>{outside}", 1)
    (here.folder / "secret.xml").write_text(stolen)

    import_source(here, here.folder / "bomb.xml", "--yes")
    import_source(here, here.folder / "secret.xml", "--yes")

    assert all(len(str(one)) < 2_000 and "root:" not in str(one) for one in entries(here).values())


def test_an_unknown_source_is_refused(here: Newsroom) -> None:
    """One sentence says why, and nothing is written."""
    (here.folder / "notes.xml").write_text("<rss version='2.0'")
    (here.folder / "empty.xml").write_bytes(b"")
    (here.folder / "random.xml").write_bytes(bytes(range(256)) * 9)
    sources = ("notes.xml", "missing.xml", "http://127.0.0.1:9/feed", "empty.xml", "random.xml")
    for source in sources:
        place = source if "://" in source else str(here.folder / source)
        config = str(here.folder / "config.toml")
        done = publisher("import", place, "--config", config, cwd=here.folder)
        assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
        assert done.stderr.replace("\n", "").isprintable()
    assert entries(here) == {}


@pytest.mark.long
def test_the_next_import_completes_a_killed_one(here: Newsroom) -> None:
    """Every file is whole, and no item is imported twice."""
    old = old_feed(here.folder, *(item(n) for n in range(300)))
    config = str(here.folder / "config.toml")
    command = [sys.executable, str(PUBLISHER), "import", str(old), "--yes", "--config", config]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        assert until(lambda: len(list((here.folder / "entries").rglob("*.toml"))) > 5)
        os.kill(process.pid, signal.SIGKILL)
    half = entries(here)  # each is whole, since it is valid TOML

    import_source(here, old, "--yes")

    assert 5 < len(half) < 300
    assert len(entries(here)) == len({one["id"] for one in entries(here).values()}) == 300


def test_printed_lines_for_old_addresses_work_in_the_configuration(here: Newsroom) -> None:
    """Also for WordPress, whose feed has the address of a folder."""
    done = import_source(here, old_feed(here.folder, item(0)))
    lines = done.output.split("[moved]\n")[1].split("They work")[0]
    path = here.folder / "config.toml"
    head, feed_table = path.read_text().split("[[feed]]")
    path.write_text(f"{head}[moved]\n{lines}\n[[feed]]{feed_table}")

    config = configuration.load(path)

    assert config.former["feed/"] == "news.rss"
    assert config.former_hosts["old.example.org"] == "http://127.0.0.1:8000/"
    assert "entries = 1\ndays = 0" in done.output


# ---- WordPress


def wordpress_posts() -> list[Post]:
    """Return posts of all kinds."""
    moment = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    text = (
        "<!-- wp:paragraph -->\n<p>A <strong>block</strong>.</p>\n<!-- /wp:paragraph -->\n\n"
        '[caption id="a"]<img src="{url}in.png" alt="Inside"> Said below[/caption]'
        "\n\nOld style,\ntwo lines.\n\n[gallery ids='1']"
    )
    return [
        Post(number=7, title="Q&A “one”", moment=moment, text=text, categories=["Lebanon"],
             meta=[("_thumbnail_id", "9")]),
        Post(number=8, title="Draft", moment=moment, text="Text", status="draft"),
        Post(number=9, title="photo", moment=moment, text="", status="inherit", kind="attachment",
             file="{url}photo.png", meta=[("_wp_attachment_image_alt", "A pier")]),
        Post(number=10, title="About", moment=moment, text="Us", kind="page"),
        Post(number=11, title="Hidden", moment=moment, text="Text", password="x"),  # noqa: S106
        Post(number=12, title="Later", moment=moment.replace(year=2027, month=1), text="Text",
             status="future"),
    ]  # fmt: skip


def test_a_wordpress_export_is_imported(here: Newsroom) -> None:
    """Posts with pictures, drafts as drafts, scheduled ones at their time; no pages."""
    with site(**{"in.png": (200, {}, picture()), "photo.png": (200, {}, picture("red"))}) as (
        url,
        _,
    ):
        export_file = here.folder / "export.xml"
        export_file.write_bytes(export(wordpress_posts()).replace(b"{url}", url.encode()))
        done = import_source(here, export_file, "--yes", "--private", urlsplit(url).netloc)

    found = entries(here)
    assert list(found) == [
        "2024/2024-05-06-draft.toml", "2024/2024-05-06-q-a-one.toml", "2027/2027-01-06-later.toml"
    ]  # fmt: skip
    post = found["2024/2024-05-06-q-a-one.toml"]
    assert post.pop("body") == (
        "A **block**.\n\n![Inside](in.png)\n\nSaid below\n\nOld style,\\\ntwo lines.\n"
    )
    assert post == {
        "title": "Q&A “one”",
        "date": datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
        "link": f"{SITE}/2024/05/06/post-7/",
        "categories": ["Lebanon"],
        "authors": ["Ada Example"],
        "image": "photo.png",
        "image_alt": "A pier",
        "id": f"{SITE}/?p=7",
    }
    assert found["2024/2024-05-06-draft.toml"]["draft"] is True
    assert "has [gallery], which is left out" in done.output
    assert "1 posts (with a password) are not public" in done.output
    assert "1 of the kind page are no news" in done.output


def test_subscribers_of_a_wordpress_feed_see_no_difference(here: Newsroom) -> None:
    """Ids, times, bylines, titles and addresses are those of its feed."""
    moment = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    posts = [
        Post(number=n, title=f"News {n}", moment=moment.replace(day=n), text="T")
        for n in range(1, 9)
    ]
    (here.folder / "export.xml").write_bytes(export(posts))
    (here.folder / "feed.xml").write_bytes(feed(posts))

    import_source(here, here.folder / "export.xml", "--yes")
    here.build()

    assert verify(here, here.folder / "feed.xml").exit_code == 0


# ---- Content folders


def hugo(folder: Path) -> Path:
    """Write a Hugo site, with each kind of front matter."""
    pages = {
        "hugo.toml": 'baseURL = "https://old.example.org/"\ntimeZone = "Europe/Vienna"\n',
        "content/_index.md": "---\ntitle: Home\n---\n",
        "content/about.md": "---\ntitle: About\n---\nNo news.\n",
        "content/news/One Two.md": "---\ntitle: 'One: two'\ndate: 2024-05-06 07:08:09\n"
        "tags: [a, b]\nlastmod: 2024-05-07\n---\nText ![A pier](/img/p.png)\n",
        "content/news/toml.md": '+++\ntitle = "In TOML"\ndate = 2024-05-07\ndraft = true\n'
        "+++\nText\n",
        "content/news/json.md": '{"title": "In JSON", "date": "2027-05-08T10:00:00Z", '
        '"slug": "own"}\n\nText {{< x y >}}\n',
        "content/news/bundle/index.md": "---\ntitle: Bundle\ndate: 2024-05-09\n---\n![x](y.png)\n",
        "content/news/broken.md": "---\ntitle: [\n---\n",
    }
    for name, text in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "static/img").mkdir(parents=True)
    (folder / "static/img/p.png").write_bytes(picture())
    (folder / "content/news/bundle/y.png").write_bytes(picture("red"))
    return folder


def test_the_folder_of_a_site_is_imported(here: Newsroom) -> None:
    """With the ids of its feed, drafts, scheduled posts, and files on its disk."""
    done = import_source(here, hugo(here.folder / "site"), "--yes")

    found = entries(here)
    assert {path: (one.get("id"), one.get("draft", False)) for path, one in found.items()} == {
        "2024/2024-05-06-one-two.toml": ("https://old.example.org/news/one-two/", False),
        "2024/2024-05-07-in-toml.toml": (None, True),
        "2024/2024-05-09-bundle.toml": ("https://old.example.org/news/bundle/", False),
        "2027/2027-05-08-in-json.toml": ("https://old.example.org/news/own/", False),
    }
    one = found["2024/2024-05-06-one-two.toml"]
    assert one["date"] == datetime(2024, 5, 6, 5, 8, 9, tzinfo=UTC)
    assert one["body"] == "Text ![A pier](p.png)\n"
    assert (here.folder / "entries/2024/p.png").read_bytes() == picture()
    assert (here.folder / "entries/2024/y.png").read_bytes() == picture("red")
    assert "1 pages have no date" in done.output
    assert "news/json.md: has {{< x >}}, which is left out" in done.output
    assert "news/broken.md: broken.md: what stands above the text cannot be read" in done.output


def test_the_old_feed_overrides_files(here: Newsroom) -> None:
    """`--feed` gives ids, titles, times and bylines; items that only it has are imported too."""
    folder = here.folder / "site"
    (folder / "_posts").mkdir(parents=True)
    (folder / "_config.yml").write_text("url: https://old.example.org\n")
    (folder / "_posts/2025-03-05-n1.md").write_text(
        '---\ntitle: "What\'s new"\npermalink: /n1/\n---\nFrom {{ site.title }}\n'
    )
    shown = item(1, "<p>From Example</p>", "What’s new")
    import_source(here, folder, "--yes", "--feed", str(old_feed(here.folder, shown, item(2))))
    here.build()

    assert verify(here, here.folder / "old.xml").exit_code == 0
    assert [one["body"] for one in entries(here).values()] == ["Text.\n", "From Example\n"]


def test_a_draft_without_a_date_is_imported_once(here: Newsroom) -> None:
    """Also when imported on another day; no file of staff is overwritten."""
    folder = here.folder / "site/_drafts"
    folder.mkdir(parents=True)
    (folder.parent / "_config.yml").write_text("url: https://old.example.org\n")
    (folder / "idea.md").write_text("---\ntitle: Idea\n---\nText\n")
    os.utime(folder / "idea.md", (1_700_000_000, 1_700_000_000))
    mine = here.drop("2023/2023-11-14-IDEA.toml", 'title = "Mine"\ndate = 2023-11-14\nbody = "x"\n')

    import_source(here, folder.parent, "--yes")
    again = import_source(here, folder.parent, "--yes")

    assert "0 new, 1 here already" in again.output
    assert "Mine" in mine.read_text()
    assert entries(here)["2023/2023-11-14-2-idea.toml"]["draft"] is True


def test_a_site_without_an_address_needs_one(here: Newsroom) -> None:
    """Ids depend on the address."""
    folder = here.folder / "site"
    folder.mkdir()
    (folder / "eleventy.config.js").write_text("")
    (folder / "one.md").write_text("---\ntitle: One\ndate: 2024-01-02\ntags: posts\n---\nText\n")

    refused = publisher("import", folder, cwd=here.folder)
    import_source(here, folder, "--site", "https://old.example.org/blog", "--yes")

    assert (refused.returncode, "--site ADDRESS" in refused.stderr) == (2, True)
    assert entries(here)["2024/2024-01-02-one.toml"]["id"] == "https://old.example.org/blog/one/"


def test_a_saved_page_is_imported_once(here: Newsroom) -> None:
    """Unclear items wait; a second import adds nothing."""
    page = here.folder / "saved.txt"
    page.write_text(
        "20 October 2008, Report on Lebanon\n9/7/2012, Which month?\n30 November, No year\n"
    )

    done = import_source(here, page, "--yes")
    assert done.exit_code == 1
    assert "1 new, 0 here already, 2 to be asked about" in done.output
    assert "line 3 (No year):" in done.output
    again = import_source(here, page, "--yes", "--order", "DMY")

    assert "1 new, 1 here already, 1 to be asked about" in again.output
    assert list(entries(here)) == [
        "2008/2008-10-20-report-on-lebanon.toml",
        "2012/2012-07-09-which-month.toml",
    ]
    assert here.build().published == tuple(entries(here))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"TITLE: A\nSTATUS: Draft\nDATE: 01/20/2026 10:00:00 AM\n-----\nBODY:\nA\n", "Movable"),
        ("3 May 2024: News".encode("utf-16"), "unpack it, or save it as UTF-8"),
        (b"3 May 2024: the STATUS: draft of a law", ""),
    ],
)
def test_what_is_no_page_is_refused(here: Newsroom, data: bytes, reason: str) -> None:
    """Its drafts and comments would be taken for lines of news."""
    (here.folder / "old.txt").write_bytes(data)
    config = str(here.folder / "config.toml")

    done = publisher("import", str(here.folder / "old.txt"), "--config", config, cwd=here.folder)

    assert (done.returncode, "1 new" in done.stdout) == ((2, False) if reason else (0, True))
    assert reason in " ".join(done.stderr.split())


@pytest.mark.parametrize("name", ["feed.xml", "feed.json", "export.xml", "page.html", "site/a.md"])
def test_a_truncated_source_is_read_as_far_as_possible(here: Newsroom, name: str) -> None:
    """Cut at any byte, it is read so far, or refused with a sentence."""
    whole = {
        "feed.xml": RSS.format(links="", items=item(0) + item(1)).encode(),
        "feed.json": b'{"version": "https://jsonfeed.org/version/1", "items": [{"id": 1}, 7, []]}',
        "export.xml": export(wordpress_posts()[:2]),
        "page.html": b"<ul><li>3 May 2011 <a href='x'>News</a></li></ul>",
        "site/a.md": b"---\ntitle: &a [x, x]\ndate: 2024-01-02\ntags: [*a, *a]\n---\nText\n",
    }[name]
    (here.folder / "site").mkdir()
    (here.folder / "site/_config.yml").write_text("url: https://old.example.org\n")
    (here.folder / "site/_posts").mkdir()
    path = here.folder / name.replace("site/", "site/_posts/2024-01-02-")
    for cut in range(0, len(whole), max(1, len(whole) // 25)):
        path.write_bytes(whole[:cut])
        source = here.folder / "site" if name.startswith("site") else path
        with contextlib.suppress(DatelineError):
            import_source(here, source)


@pytest.mark.long
@given(st.binary(max_size=80), st.integers(0, 600))
def test_any_bytes_in_a_feed_are_read_or_refused(some: bytes, place: int) -> None:
    """No other exception is raised."""
    feed_ = RSS.format(links="", items=item(0) + item(1)).encode()
    for data in (some, feed_[:place] + some + feed_[place:]):
        with contextlib.suppress(FetchError):
            read(FetchedPage(place="feed", data=data), date(2026, 11, 25))


def test_an_address_without_its_scheme_is_named(here: Newsroom) -> None:
    """It is taken for a file, which is not there."""
    with pytest.raises(FetchError, match="If it is an address, begin it with https://"):
        import_source(here, "www.example.org/feed")
