"""A changed setting leads to the documents that depend on it, and to no others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from dateline import config, publish
from dateline.entries.reader import EntryReader
from dateline.publish.produce import fingerprints
from dateline.render import render
from dateline.render.pages import Pages
from support.publication import CONFIG, Newsroom, entry_file, picture

Edit = Callable[[str], str]


def replacing(before: str, after: str) -> Edit:
    """Return the edit that replaces a text that occurs once."""

    def edit(text: str) -> str:
        assert before in text
        return text.replace(before, after, 1)

    return edit


def publication(line: str) -> Edit:
    """Return the edit that adds a line to the publication's table."""
    return replacing('author = "Example"', f'author = "Example"\n{line}')


def appending(text: str) -> Edit:
    """Return the edit that appends a text."""
    return lambda before: before + text


FEED = '\n[[feed]]\nname = "more"\ntitle = "More"\ndescription = "More"\ncategories = ["Field"]\n'
# Settings that affect no file: neither what staff meant, nor which feeds select it.
SHOWN = {
    "title": replacing('title = "Example news"', 'title = "Other news"'),
    "description": replacing('description = "What happens at Example"', 'description = "Other"'),
    "home": replacing("https://example.org/", "https://example.org/home"),
    "author": replacing('author = "Example"', 'author = "Another"'),
    "email": publication('email = "press@example.org"'),
    "rights": publication('rights = "© Example"'),
    "icon": publication('icon = "https://example.org/icon.png"'),
    "hubs": publication('hubs = ["https://hub.example.org/"]'),
    "max_age": publication("max_age = 60"),
    "feed title": replacing('title = "Lebanon"', 'title = "Beirut"'),
    "feed description": replacing('description = "News of Lebanon"', 'description = "Of Beirut"'),
    "window": replacing(
        'description = "Everything"', 'description = "Everything"\nentries = 3\ndays = 0'
    ),
    "formats": replacing('formats = ["atom"]', 'formats = ["atom", "rss"]'),
    "accent": appending('\n[look]\naccent = "#990000"\n'),
    "accent_dark": appending('\n[look]\naccent_dark = "#ff9999"\n'),
    "former": appending('\n[moved]\n"old.html" = "news.html"\n'),
}
# No page of an entry shows it, since there are as many pages as entries.
UNPAGED = {"hubs", "max_age", "window", "former"}
# The feeds that depend on it, if not all do.
FED = {
    "feed title": {"lebanon"},
    "feed description": {"lebanon"},
    "window": {"news"},
    "formats": {"lebanon"},
    "accent_dark": set[str](),
    "former": set[str](),
}
# Settings that affect files.
MEANT = {
    "url": replacing("http://127.0.0.1:8000/", "http://127.0.0.1:8000/news/"),
    "language": replacing('language = "en"\ntag', 'language = "fr"\ntag'),
    "zone": replacing("Europe/Vienna", "Asia/Beirut"),
    "date_order": publication('date_order = "DMY"'),
    "categories": replacing('categories = ["Lebanon"]', 'categories = ["Field"]'),
    "another feed": appending(FEED),
    "feed language": replacing('language = "ar"', 'language = "fr"'),
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return a newsroom with news in every feed, a picture, archives, and a held file."""
    newsroom = Newsroom(tmp_path_factory.mktemp("published"))
    (newsroom.folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    for number in range(8):
        newsroom.drop(f"{number}.toml", entry_file(f"N {number}", categories='["Lebanon"]'))
    newsroom.drop("ar.toml", entry_file("خبر", language='"ar"', categories='["Field"]'))
    newsroom.drop("shown.toml", entry_file("Shown", image='"p.png"', image_alt='"Blue"'))
    newsroom.drop("event.toml", entry_file("Day", event='"30 November 2026"'))
    newsroom.drop("held.toml", entry_file("Held", body='"<<"', event='"never"'))
    (newsroom.folder / "entries/p.png").write_bytes(picture())
    newsroom.build()
    return newsroom


@pytest.fixture
def room(published: Newsroom, newsroom: Newsroom) -> Newsroom:
    """Return a copy of that newsroom, which has read its own files."""
    newsroom.begin_as(published).build()
    return newsroom


def configure(room: Newsroom, edit: Edit) -> None:
    """Change the configuration."""
    text = edit(CONFIG)
    assert text != CONFIG
    (room.folder / "config.toml").write_text(text, encoding="utf-8")


# A quick run has every third.
SETTINGS = [
    pytest.param(name, marks=pytest.mark.long if number % 3 else ())
    for number, name in enumerate((*SHOWN, *MEANT))
]


@pytest.mark.long
@pytest.mark.parametrize("name", SETTINGS)
def test_only_documents_that_depend_on_a_setting_are_rendered(room: Newsroom, name: str) -> None:
    """A complete rebuild afterwards changes nothing more."""
    configure(room, {**SHOWN, **MEANT}[name])

    with (
        patch.object(EntryReader, "read", autospec=True, side_effect=EntryReader.read) as judge,
        patch.object(Pages, "entry", autospec=True, side_effect=Pages.entry) as entry,
        patch(
            "dateline.publish.produce.render_jobs.render", autospec=True, side_effect=render
        ) as rendered,
    ):
        room.build()
    after = room.feeds()
    judged = {call.args[1] for call in judge.call_args_list}
    fed = {call.args[1].feed.name for call in rendered.call_args_list}

    if name in MEANT:
        assert {"0.toml", "ar.toml", "event.toml"} <= judged
    else:
        assert judged <= {"held.toml"}  # which waits for the next scan
        assert bool(entry.call_count) == (name not in UNPAGED)
        assert fed == FED.get(name, {"news", "news-ar", "lebanon"})
    room.now += timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(days=1)
    publish.build(room.config, publish.RunRequest(now=room.now, clock=clock, rebuild=True))
    assert room.feeds() == after


def test_each_fingerprint_covers_its_own_settings(tmp_path: Path) -> None:
    """The folders of documents and the address of the server affect no document."""

    def read(edit: Edit) -> config.Config:
        path = tmp_path / "config.toml"
        path.write_text(edit(CONFIG), encoding="utf-8")
        return config.load(path)

    before = read(lambda text: text)
    moved = read(appending('\n[serve]\nport = 9000\n[paths]\nstate = "elsewhere"\n'))
    retitled = read(SHOWN["feed title"])

    assert fingerprints.of_all(moved) == fingerprints.of_all(before)
    assert fingerprints.of_all(retitled) != fingerprints.of_all(before)
    assert fingerprints.of_files(retitled) == fingerprints.of_files(before)
    assert fingerprints.of_pages(retitled) != fingerprints.of_pages(before)
    changed = [
        feed.name
        for feed, other in zip(before.feeds, retitled.feeds, strict=True)
        if fingerprints.of_feed(before, feed) != fingerprints.of_feed(retitled, other)
    ]
    assert changed == ["lebanon"]
