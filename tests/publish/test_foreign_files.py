"""A folder with files that Dateline did not write is not overwritten by a first run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from dateline.cli import ledger as bookkeeping
from dateline.cli.build import build, check
from dateline.errors import StoreError
from dateline.ledger import Ledger
from dateline.model import is_media
from dateline.publish.recovery import foreign_files
from support.publication import CONFIG, Newsroom, entry_file, lose_all, picture

MANIFEST = (".manifest.json", ".manifest.previous.json", ".manifest.sqlite", ".looked.json")
HARMLESS = ("CNAME", ".gitkeep", ".well-known/security.txt", "wp.php", "media/logo.png")


def write(folder: Path, *names: str) -> None:
    """Write files of somebody else."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("precious", encoding="ascii")


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all files in a folder."""
    return {f"{one}": one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}


@pytest.mark.parametrize(
    "name",
    ["index.html", "style.css", "robots.txt", "news.rss", "2026/11/report.html", "topics/a.html"],
)
def test_the_files_of_others_stay(newsroom: Newsroom, name: str) -> None:
    """Each command says which they are, and nothing is written beside them."""
    folder = newsroom.folder / "feeds"
    newsroom.drop("a.toml")
    write(folder, name, *HARMLESS)
    before, config = contents(folder), ["--config", str(newsroom.folder / "config.toml")]
    for command, words in ((build, ()), (check, ()), (bookkeeping.recover, ())):
        with pytest.raises(StoreError, match=f"did not write and would overwrite: {name}. Name"):
            CliRunner().invoke(command, [*config, *words], catch_exceptions=False)
        (folder / ".incidents.json").unlink(missing_ok=True)
    assert contents(folder) == before

    (folder / name).unlink()
    assert newsroom.build().published == ("a.toml",)
    assert before.items() - contents(folder).items() == {(f"{folder / name}", b"precious")}


def test_a_publication_that_moves_to_the_folder_of_others_is_refused(newsroom: Newsroom) -> None:
    """Its ledger knows that all was published, to another folder."""
    newsroom.drop("a.toml")
    newsroom.build()
    config = newsroom.folder / "config.toml"
    text = config.read_text("utf-8")
    config.write_text(f'{text}\n[paths]\nfeeds = "site"\n', encoding="utf-8")
    write(newsroom.folder / "site", "index.html", "about.html")
    with pytest.raises(StoreError, match=r"overwrite: index\.html\."):
        newsroom.build()
    (newsroom.folder / "site/index.html").unlink()
    newsroom.build()

    assert "<title>" in (newsroom.folder / "site/index.html").read_text("utf-8")
    assert (newsroom.folder / "site/about.html").read_bytes() == b"precious"


def _keep(folder: Path, *names: str) -> None:
    for path in [*folder.rglob("*")]:
        if path.is_file() and path.name not in names:
            path.unlink()


def _lose_manifest(folder: Path) -> None:
    for name in MANIFEST:
        (folder / name).unlink(missing_ok=True)


@pytest.mark.long
@pytest.mark.parametrize("is_ledger_lost", [False, True])
@pytest.mark.parametrize(
    "lose",
    [_lose_manifest, lambda folder: _keep(folder, "news.rss"), lambda one: _keep(one, "a.html")],
)
def test_documents_without_a_manifest_are_known(
    newsroom: Newsroom,
    lose: Callable[[Path], None],
    is_ledger_lost: bool,  # noqa: FBT001 - a case
) -> None:
    """They are recovered as always, also beside files that others put there."""
    newsroom.drop("a.toml", entry_file("A"))
    newsroom.build()
    before = newsroom.items()
    lose(newsroom.folder / "feeds")
    write(newsroom.folder / "feeds", "index.html", *HARMLESS)
    if is_ledger_lost:
        shutil.rmtree(newsroom.folder / "state")
    newsroom.build()

    assert newsroom.items() == before


def test_a_run_that_was_killed_goes_on(newsroom: Newsroom) -> None:
    """It had put documents in place that only its ledger knows."""
    newsroom.drop("a.toml")
    newsroom.build()
    _keep(newsroom.folder / "feeds", "icon.png")
    newsroom.build()

    assert len(newsroom.items()) == 1


@pytest.mark.parametrize("left", ["style.css", "feeds.opml", "410.html", "sitemap.xml", "news.ics"])
def test_each_document_is_known_by_its_content(newsroom: Newsroom, left: str) -> None:
    """One alone shows that there were others, whose loss is reported as such."""
    newsroom.drop("a.toml", entry_file("A"))
    newsroom.build()
    lose_all(newsroom, f"feeds/{left}")
    with Ledger("sqlite://") as ledger:
        foreign_files.refuse_foreign_files(newsroom.config, ledger)
        (newsroom.folder / "feeds" / left).write_text("precious", encoding="ascii")
        with pytest.raises(StoreError, match=left):
            foreign_files.refuse_foreign_files(newsroom.config, ledger)


@pytest.mark.long
def test_every_document_has_a_name_that_is_known(newsroom: Newsroom) -> None:
    """None of them overwrites a file of others."""
    terms = "\n[topics]\nfeeds = true\n"
    (newsroom.folder / "config.toml").write_text(f"{CONFIG}{terms}", encoding="utf-8")
    fields = {"categories": '["Port", "Lebanon"]', "authors": '["A"]', "place": '"Beirut"'}
    newsroom.drop("a.toml", entry_file("A", **fields))
    newsroom.drop("b.toml", entry_file("B", language='"ar"', **fields))
    newsroom.drop("c.toml", entry_file("C", event='"2026-12-01"', image='"c.png"'))
    newsroom.drop("c.png", picture())
    newsroom.build()
    paths = {path for path in newsroom.feeds() if not is_media(path)}

    assert {"2026/11/c.ics", "topics/port.rss", "2026/ar/11/index.html"} <= paths
    assert paths - {*foreign_files.in_the_way(newsroom.config)} == set()
