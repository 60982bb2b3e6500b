"""Feeds, exports and pages of an enemy are imported without harm: `data/attacks/feeds.toml`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from dateline.cli import main
from dateline.errors import DatelineError
from dateline.importing.fetch import LARGEST, MOST_PARTS, FetchedPage
from dateline.importing.sources import feed, wordpress
from importing.test_importing import entries
from support.attacks import Attack, cases, whole
from support.often import one_of_each
from support.publication import PUBLICATION, Newsroom, picture

NOW = datetime(2026, 11, 30, tzinfo=UTC)
LONGEST = 30.0  # seconds of the processor; what is not linear takes hours
NEWS = """<rss version="2.0"><channel><title>SECRET</title><item><title>SECRET</title>
<guid>s</guid><pubDate>2024-05-06</pubDate><description>SECRET</description></item></channel></rss>"""


@pytest.fixture
def here(tmp_path: Path) -> Newsroom:
    """Return a publication without entries, with secrets around the folder of sources."""
    (tmp_path / "config.toml").write_text(PUBLICATION, encoding="utf-8")
    (tmp_path / "entries").mkdir()
    (tmp_path / "sources").mkdir()
    for name in ("secret.xml", "sources/secret.xml"):
        (tmp_path / name).write_text(NEWS, encoding="utf-8")
    (tmp_path / "secret.png").write_bytes(picture())
    return Newsroom(tmp_path)


def imported(here: Newsroom, source: Path, *words: str) -> Result:
    """Run `import` of a source."""
    config = here.folder / "config.toml"
    return CliRunner().invoke(main, ["import", str(source), *words, "--config", str(config)])


@pytest.mark.long
@pytest.mark.parametrize("attack", one_of_each(cases("feeds")))
def test_a_hostile_source_is_imported_without_harm(here: Newsroom, attack: Attack) -> None:
    """It ends with entries or a sentence, reads no other file, and is read in bounded time."""
    source = here.folder / "sources/source.xml"
    source.write_text(whole(attack["source"]), encoding="utf-8")
    before = {path for path in here.folder.rglob("*") if path.parent != here.folder / "entries"}
    begun = process_time()

    done = imported(here, source, "--yes")

    assert process_time() - begun < LONGEST
    assert done.exception is None or isinstance(done.exception, SystemExit | DatelineError)
    said = f"{done.output} {done.exception}".replace("\n", " ")
    assert attack.get("says", "") in said
    found = entries(here)
    if "imports" in attack:
        assert [one["title"] for one in found.values()] == attack["imports"]
    if "count" in attack:
        assert len(found) == attack["count"]
    check_files(here, before)
    assert "SECRET" not in said


def check_files(here: Newsroom, before: set[Path]) -> None:
    """Check that every new file is an entry or a file beside it, with names that are plain."""
    new = {path for path in here.folder.rglob("*") if path.is_file()} - before
    for path in new:
        inside = path.relative_to(here.folder)
        assert inside.parts[0] in {"entries", "state"}, inside
        assert all(len(part) < 200 and not part.startswith("..") for part in inside.parts)
        assert b"SECRET" not in path.read_bytes()


def test_a_source_that_is_too_large_is_refused(here: Newsroom) -> None:
    """It is not read into memory first, and the message says what to do."""
    source = here.folder / "sources/large.xml"
    with source.open("wb") as file:
        file.truncate(LARGEST + 1)  # without using the disk

    done = imported(here, source)

    assert f"has more than {LARGEST} bytes: split it" in str(done.exception)


@pytest.mark.parametrize(
    ("begin", "piece", "parts"),
    [
        ("<rss>", "<a/>", "tags or brackets"),
        ("<rss>", "{}", "tags or brackets"),
        ("<rss>", "[", "tags or brackets"),
        ('{"items": [', "1.5,", "tags, brackets or commas"),
    ],
)
def test_a_source_of_too_many_parts_is_refused(
    here: Newsroom, begin: str, piece: str, parts: str
) -> None:
    """They would fill the memory: they are counted before anything parses them."""
    source = here.folder / "sources/parts.xml"
    source.write_text(begin + piece * MOST_PARTS, "utf-8")

    done = imported(here, source)

    assert f"has more than {MOST_PARTS} {parts}: split it" in str(done.exception)


@pytest.mark.long
def test_a_picture_of_very_many_posts_is_read_once() -> None:
    """An attachment has as many notes as there are posts that show it."""
    note = "<wp:postmeta><wp:meta_key>a</wp:meta_key></wp:postmeta>"
    posts = (
        f"<item><title>Post {number}</title><wp:post_type>post</wp:post_type>"
        f"<link>https://old.example.org/{number}</link><wp:status>publish</wp:status>"
        "<wp:post_date_gmt>2024-05-06 10:00:00</wp:post_date_gmt><wp:postmeta>"
        "<wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>7</wp:meta_value></wp:postmeta>"
        "</item>"
        for number in range(1_500)
    )
    data = (
        '<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel>'
        "<item><wp:post_type>attachment</wp:post_type><wp:post_id>7</wp:post_id>"
        f"<guid>https://old.example.org/a.jpg</guid>{note * 1_500}</item>"
        f"{''.join(posts)}</channel></rss>"
    ).encode()
    begun = process_time()

    found = wordpress.read(FetchedPage(place="export.xml", data=data), ZoneInfo("UTC"), NOW)

    assert process_time() - begun < 4  # seconds; 7 where it is read for each post
    assert {item.image.address for item in found.items if item.image} == {
        "https://old.example.org/a.jpg"
    }
    assert len(found.items) == 1_500


def test_a_long_list_of_names_is_kept_as_it_is() -> None:
    """It is not split into name and address, as shorter ones are."""
    names = ", ".join(f"Ministry {number} of Justice" for number in range(70))
    data = NEWS.replace("<guid>", f"<author>{names}</author><guid>").encode()

    page = feed.read(FetchedPage(place="export.xml", data=data), date(2026, 11, 25))

    assert [item.authors for item in page.items] == [(names,)]
