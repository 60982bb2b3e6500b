"""A ledger, or a folder, of another publication is refused before anything of it is published."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dateline.cli import ledger as bookkeeping
from dateline.cli import main
from dateline.cli.build import build, check
from dateline.documents import manifest
from dateline.documents.manifest.head import read_head
from dateline.errors import DatelineError, LedgerError, RecoveryError
from dateline.rules.guards import Approval
from support.publication import PUBLICATION, Newsroom, entry_file

OTHER = PUBLICATION.replace("127.0.0.1:8000", "news.other.org").replace(
    "example.org,2008", "o.org,2026"
)


@pytest.fixture
def other(newsroom: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return another publication, with another address and tag; both have published."""
    room = Newsroom(tmp_path_factory.mktemp("other"))
    (room.folder / "config.toml").write_text(OTHER, encoding="utf-8")
    room.drop("foreign.toml", entry_file("FOREIGN"))
    newsroom.drop("own.toml", entry_file("Own"))
    room.build(after=timedelta(hours=1))
    newsroom.build()
    return room


def command(room: Newsroom, *words: str | Path) -> Result:
    """Run a command about the ledger; a refusal is raised."""
    typed = [str(words[0]), "--config", str(room.folder / "config.toml"), *map(str, words[1:])]
    return CliRunner().invoke(bookkeeping.ledger, typed, catch_exceptions=False)


def change(room: Newsroom, **settings: str) -> None:
    """Change settings of `config.toml`."""
    path = room.folder / "config.toml"
    lines = path.read_text("utf-8").splitlines()
    lines = [
        next((f'{name} = "{new}"' for name, new in settings.items() if line.startswith(name)), line)
        for line in lines
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.mark.long
@pytest.mark.parametrize("is_without_documents", [False, True])
def test_a_foreign_ledger_publishes_nothing(
    newsroom: Newsroom,
    other: Newsroom,
    is_without_documents: bool,  # noqa: FBT001 - a case
) -> None:
    """It was copied from another publication by mistake; each command says so."""
    shutil.rmtree(newsroom.folder / "state")
    shutil.copytree(other.folder / "state", newsroom.folder / "state")
    if is_without_documents:
        shutil.rmtree(newsroom.folder / "feeds")
    before = newsroom.feeds() if not is_without_documents else {}
    config = str(newsroom.folder / "config.toml")
    said = r"another publication, https?://news\.other\.org/ with the tag o\.org,2026"
    for name in (build, check):
        with pytest.raises(LedgerError, match=said):
            CliRunner().invoke(name, ["--config", config], catch_exceptions=False)
    with pytest.raises(LedgerError, match=said):
        command(newsroom, "recover")
    assert (newsroom.feeds() if not is_without_documents else {}) == before
    assert (newsroom.folder / "feeds/news.rss").exists() is not is_without_documents

    shutil.rmtree(newsroom.folder / "state")
    if not is_without_documents:
        newsroom.build()
        assert newsroom.feeds() == before


@pytest.mark.long
@pytest.mark.parametrize("typed", ["history", "restore"])
def test_no_version_of_a_foreign_ledger_is_shown_or_restored(
    newsroom: Newsroom, other: Newsroom, typed: str
) -> None:
    """It would be taken for one of this publication."""
    shutil.rmtree(newsroom.folder / "state")
    shutil.copytree(other.folder / "state", newsroom.folder / "state")
    config = str(newsroom.folder / "config.toml")
    with pytest.raises(LedgerError, match="another publication"):
        CliRunner().invoke(
            main,
            [typed, "--config", config, "foreign.toml", "1"],
            standalone_mode=False,
            catch_exceptions=False,
        )

    assert not (newsroom.folder / "entries/foreign.toml").exists()


@pytest.mark.long
def test_a_foreign_ledger_is_exported_with_a_warning(newsroom: Newsroom, other: Newsroom) -> None:
    """It may be the only one that the other publication has."""
    own = command(newsroom, "export")
    shutil.copytree(other.folder / "state", newsroom.folder / "state", dirs_exist_ok=True)
    foreign = command(newsroom, "export")

    assert (own.exit_code, own.stderr) == (0, "")
    assert "another publication, http://news.other.org/, not" in foreign.stderr
    assert "FOREIGN" in foreign.stdout


@pytest.mark.long
def test_a_foreign_export_is_not_imported(newsroom: Newsroom, other: Newsroom) -> None:
    """Nothing is left of the attempt, and the next run fills a ledger from `feeds/`."""
    text = other.folder / "ledger.jsonl"
    command(other, "export", text)
    shutil.rmtree(newsroom.folder / "state")
    before = newsroom.feeds()
    with pytest.raises(LedgerError, match="another publication"):
        command(newsroom, "import", text)

    assert [*newsroom.folder.glob("state/ledger*")] == []
    assert newsroom.build().published == ()
    assert newsroom.feeds() == before


@pytest.mark.long
def test_a_refused_import_leaves_nothing(newsroom: Newsroom, other: Newsroom) -> None:
    """`recover` would move an empty ledger aside as a damaged one."""
    shutil.rmtree(newsroom.folder / "state")
    text = newsroom.folder / "cut.jsonl"
    command(other, "export", text)
    text.write_bytes(text.read_bytes()[:-200])
    with pytest.raises(DatelineError):
        command(newsroom, "import", text)
    assert [*newsroom.folder.glob("state/ledger*")] == []

    (newsroom.folder / "state/ledger.sqlite").touch()  # of an import that was killed
    assert "feeds/" in command(newsroom, "recover").output
    assert [*newsroom.folder.glob("state/ledger.damaged*")] == []


@pytest.mark.long
def test_a_publication_may_change_its_address_and_tag_at_once(newsroom: Newsroom) -> None:
    """It is known by what it has published; the new tag waits for staff as before."""
    newsroom.drop("own.toml", entry_file("Own"))
    newsroom.build()
    change(newsroom, url="https://news.example.org/", tag="news.example.org,2026")
    newsroom.build()

    assert newsroom.codes() == ["tag-changed"]
    assert newsroom.items()[0]["url"].startswith("https://news.example.org/")


def test_an_unused_publication_may_change_its_address_and_tag(newsroom: Newsroom) -> None:
    """It has published nothing that could be another's."""
    newsroom.build()
    change(newsroom, url="https://news.example.org/", tag="news.example.org,2026")
    newsroom.build()

    assert newsroom.codes() == ["tag-changed"]


@pytest.mark.long
def test_an_export_from_before_a_move_is_imported(newsroom: Newsroom) -> None:
    """Its address has changed since, and its tag has not."""
    newsroom.drop("own.toml", entry_file("Own"))
    newsroom.build()
    text = newsroom.folder / "ledger.jsonl"
    command(newsroom, "export", text)
    change(newsroom, url="https://news.example.org/")
    shutil.rmtree(newsroom.folder / "state")
    command(newsroom, "import", text)

    assert newsroom.build().published == ()
    assert newsroom.codes() == []


@pytest.mark.long
def test_a_ledger_of_another_course_says_what_to_do(newsroom: Newsroom) -> None:
    """It is older than what is published, and has another entry under the same number."""
    newsroom.build()
    shutil.copytree(newsroom.folder / "state", newsroom.folder / "aside")
    newsroom.drop("one.toml", entry_file("One"))
    newsroom.build()
    newsroom.drop("two.toml", entry_file("Two"))
    newsroom.build()
    before = newsroom.feeds()
    newest = newsroom.folder / "newest"
    shutil.copytree(newsroom.folder / "feeds", newest)
    shutil.rmtree(newsroom.folder / "state")
    shutil.rmtree(newsroom.folder / "feeds")
    (newsroom.folder / "aside").rename(newsroom.folder / "state")
    (newsroom.folder / "entries/one.toml").unlink()
    newsroom.build()
    shutil.rmtree(newsroom.folder / "feeds")
    newest.rename(newsroom.folder / "feeds")

    for step in (newsroom.build, lambda: command(newsroom, "recover")):
        with pytest.raises(RecoveryError, match=r"move state/ledger\.sqlite away"):
            step()
    assert newsroom.feeds() == before

    (newsroom.folder / "state/ledger.sqlite").unlink()
    newsroom.drop("one.toml", entry_file("One"))
    assert newsroom.build().published == ()


# ---- The documents of another publication


@pytest.mark.long
@pytest.mark.parametrize("is_new", [False, True])
@pytest.mark.parametrize("left", ["*", ".manifest.json", ".manifest.sqlite"])
def test_documents_of_another_publication_are_neither_restored_over_nor_taken_over(
    newsroom: Newsroom,
    other: Newsroom,
    left: str,
    is_new: bool,  # noqa: FBT001 - a case
) -> None:
    """Its folder is named by mistake; whatever is left of the manifest says whose it is."""
    if is_new:
        shutil.rmtree(newsroom.folder / "state")
    for path in (other.folder / "feeds").glob(".manifest*"):
        if left not in {"*", path.name}:
            path.unlink()
    before = other.feeds()
    path = newsroom.folder / "config.toml"
    text = path.read_text("utf-8")
    path.write_text(f'{text}\n[paths]\nfeeds = "{other.folder / "feeds"}"\n', encoding="utf-8")
    said = r"manifest in feeds/ is that of another publication, http://news\.other\.org/ with the"
    for name in (build, check):
        with pytest.raises(LedgerError, match=said):
            CliRunner().invoke(name, ["--config", str(path)], catch_exceptions=False)
    with pytest.raises(LedgerError, match=said):
        command(newsroom, "recover")

    assert other.feeds() == before


@pytest.mark.long
def test_a_manifest_of_before_gets_the_name_of_its_publication(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is accepted, also without a ledger."""
    write, folder = manifest.write, newsroom.folder / "feeds"
    with monkeypatch.context() as before:
        before.setattr(
            manifest,
            "write",
            lambda folder, head, *rest, **more: write(
                folder, replace(head, url="", tag=""), *rest, **more
            ),
        )
        newsroom.drop("own.toml", entry_file("Own"))
        newsroom.build()
    assert manifest_head(folder) == ("", "")
    shutil.rmtree(newsroom.folder / "state")
    newsroom.build()

    assert manifest_head(folder) == ("http://127.0.0.1:8000/", "example.org,2008")


def manifest_head(folder: Path) -> tuple[str, str]:
    """Return the address and the tag in the head of a manifest."""
    head = read_head(folder)
    assert head is not None
    return head.url, head.tag


@pytest.mark.long
def test_an_older_copy_of_the_folder_is_known_by_its_entries(newsroom: Newsroom) -> None:
    """Address and tag have changed since, one after the other."""
    newsroom.drop("own.toml", entry_file("Own"))
    newsroom.build()
    shutil.copytree(newsroom.folder / "feeds", newsroom.folder / "backup")
    change(newsroom, url="https://news.example.org/", tag="news.example.org,2026")
    problem = newsroom.build().problems[0]
    newsroom.build(approval=Approval(code=str(problem.wanted)))
    shutil.rmtree(newsroom.folder / "feeds")
    shutil.move(newsroom.folder / "backup", newsroom.folder / "feeds")
    newsroom.build()

    assert newsroom.codes() == []
    assert manifest_head(newsroom.folder / "feeds")[1] == "news.example.org,2026"


@pytest.mark.long
@pytest.mark.parametrize("moved", ["", '\n[moved]\n"http://127.0.0.1:8000/" = "{url}"\n'])
def test_without_a_ledger_one_of_the_two_is_known(newsroom: Newsroom, moved: str) -> None:
    """Or the address that the site has moved from; else the old tag comes first."""
    newsroom.drop("own.toml", entry_file("Own"))
    newsroom.build()
    url = "https://news.example.org/"
    change(newsroom, url=url, tag="news.example.org,2026")
    path = newsroom.folder / "config.toml"
    path.write_text(path.read_text("utf-8") + moved.format(url=url), encoding="utf-8")
    shutil.rmtree(newsroom.folder / "state")
    if not moved:
        with pytest.raises(LedgerError, match="put the old tag back"):
            newsroom.build()
        change(newsroom, tag="example.org,2008")

    assert newsroom.build().published == ()
