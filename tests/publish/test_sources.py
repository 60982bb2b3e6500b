"""Entries come from a git repository: each commit is published whole, and is never waited for."""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from dateline import config as configuration
from dateline import publish
from dateline.cli import main
from dateline.config import ClusterSettings
from dateline.errors import ConfigError, DatelineError, IntakeError
from dateline.ledger import Ledger, session
from dateline.ledger.cluster.leadership import Fence
from dateline.model import Report
from dateline.publish import settle, sources
from dateline.publish.recovery import readable_ledger
from dateline.publish.sources import folder as source_folder
from dateline.publish.sources import written
from dateline.serve.monitoring import incidents
from support.often import one_of_each
from support.publication import CONFIG, Newsroom, entry_file, picture
from support.serving import free_port, serve, until
from support.staff import AT, WORD, Staff, seen

pytestmark = pytest.mark.long

CLEAN = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_DATE": "2026-11-20T10:00:00Z",
    "GIT_COMMITTER_DATE": "2026-11-20T10:00:00Z",
}


@dataclass
class Repository:
    """A repository in which staff commit entries."""

    folder: Path

    def git(self, *words: str, author: str = "Ana Moreno", data: bytes = b"") -> str:
        """Run git here, as somebody."""
        who = ("-c", f"user.name={author}", "-c", "user.email=staff@example.org")
        done = subprocess.run(
            ["git", *who, *words],
            cwd=self.folder,
            input=data,
            capture_output=True,
            check=True,
            env={**os.environ, **CLEAN},
        )
        return done.stdout.decode().strip()

    def commit(self, author: str = "Ana Moreno", **files: str | bytes | None) -> None:
        """Commit files, each by its path; None deletes one."""
        self.commit_all({name.replace("__", "/"): data for name, data in files.items()}, author)

    def commit_all(self, files: dict[str, str | bytes | None], author: str = "Ana Moreno") -> None:
        """Commit files as they are named."""
        for name, data in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if data is None:
                path.unlink()
            else:
                path.write_bytes(data.encode() if isinstance(data, str) else data)
        self.git("add", "--all", author=author)
        self.git("commit", "--quiet", "--message=News", author=author)


@dataclass
class Following:
    """A newsroom that follows a repository."""

    newsroom: Newsroom
    repository: Repository
    source: sources.SourceFollower

    def update(self) -> set[str]:
        """Ask the repository; return what changed."""
        return {*self.source.update(self.newsroom.config)}

    def die_in(self, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Ask the repository, and be killed in a step of `SourceFolder`."""

        def killed(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as dying:
            dying.setattr(source_folder.SourceFolder, step, killed)
            with pytest.raises(KeyboardInterrupt):
                self.update()

    def build(self) -> Report:
        """Ask the repository, and publish at this very moment."""
        self.update()
        self.newsroom.now += timedelta(minutes=1)
        request = publish.RunRequest(now=self.newsroom.now, clock=datetime.now(UTC))
        self.newsroom.log.append(publish.build(self.newsroom.config, request))
        return self.newsroom.log[-1]

    @property
    def entries(self) -> Path:
        """Return the folder that follows."""
        return self.newsroom.config.entries

    def files(self) -> set[str]:
        """Return the paths of all that is there."""
        found = (path for path in self.entries.rglob("*") if path.is_symlink() or path.is_file())
        return {path.relative_to(self.entries).as_posix() for path in found}

    def note(self) -> dict[str, written.WrittenFile] | None:
        """Return the note of what was written."""
        place = self.entries.parent
        return written.load(place, (place / "version").read_text("ascii"))

    def contents(self) -> dict[str, bytes]:
        """Return the bytes of all files that are there."""
        return {path: (self.entries / path).read_bytes() for path in self.files()}


def configure(newsroom: Newsroom, lines: str) -> None:
    """Configure the source."""
    text = f"{CONFIG}\n[source]\n{lines}\n"
    (newsroom.folder / "config.toml").write_text(text, encoding="utf-8")


@pytest.fixture
def desk(newsroom: Newsroom, tmp_path: Path) -> Following:
    """Return a newsroom that follows a repository with one entry."""
    folder = tmp_path / "repository"
    folder.mkdir()
    repository = Repository(folder)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.commit_all({"old.toml": entry_file("Old")}, "Jo Smith")
    configure(newsroom, f'url = "git+{folder.as_uri()}"')
    return Following(newsroom, repository, sources.SourceFollower({**os.environ, **CLEAN}))


# ---- Commits


def test_a_commit_is_published_at_once_and_whole(desk: Following) -> None:
    """No file waits until it has held still, and a picture is there with its entry."""
    desk.build()
    entry = entry_file(image='"pier.png"', image_alt='"A pier"')
    desk.repository.commit_all({"2026/a.toml": entry, "2026/pier.png": picture()})
    changed = desk.update()
    report = desk.build()

    assert desk.newsroom.log[0].published == ("old.toml",)
    assert changed == {"2026/a.toml", "2026/pier.png"}
    assert report.published == ("2026/a.toml",)
    assert report.problems == ()
    assert report.next is None or report.next > desk.newsroom.now + timedelta(minutes=1)
    assert desk.update() == set()


def test_the_author_of_a_commit_is_the_editor_in_the_history(desk: Following) -> None:
    """Of a repository with a past, each file has the author of its own last change."""
    desk.repository.commit_all({"a.toml": entry_file()}, "Kim Park")
    desk.build()
    desk.repository.commit_all({"a.toml": entry_file(summary='"New"')}, "Lee\x1b Wong")
    desk.build()
    config = desk.newsroom.config

    assert sources.author(config, "old.toml") == "Jo Smith"
    with readable_ledger(config) as ledger:
        owners = [
            [one.file.owner for one in ledger.entries.versions(id_)]
            for id_ in ledger.entries.ids_of(["old.toml", "a.toml"])
        ]
    assert sorted(owners) == [["Jo Smith"], ["Kim Park", "Lee Wong"]]


def test_a_deleted_file_withdraws_its_entry_with_the_usual_grace(desk: Following) -> None:
    """The guards are those of a folder."""
    desk.repository.commit_all({"a.toml": entry_file()})
    desk.build()
    desk.repository.commit_all({"a.toml": None})
    report = desk.build()

    assert desk.files() == {"old.toml"}
    assert {*report.missing} == {"a.toml"}
    assert report.withdrawn == ()


def test_one_branch_and_one_folder_are_followed(desk: Following) -> None:
    """What lies elsewhere in the repository is no entry."""
    desk.repository.git("checkout", "--quiet", "-b", "live")
    desk.repository.commit_all({"news/a.toml": entry_file(), "README.md": "Our news"})
    url = f"git+{desk.repository.folder.as_uri()}"
    configure(desk.newsroom, f'url = "{url}"\nbranch = "live"\nfolder = "news/"')
    desk.build()
    desk.repository.git("checkout", "--quiet", "main")
    desk.repository.commit_all({"news/b.toml": entry_file("Other")})

    assert desk.files() == {"a.toml"}
    assert desk.update() == set()
    assert sources.author(desk.newsroom.config, "a.toml") == "Ana Moreno"


def test_a_branch_that_was_set_back_is_followed(desk: Following) -> None:
    """After a forced push the folder is as the branch is now."""
    first = desk.repository.git("rev-parse", "HEAD")
    desk.repository.commit_all({"a.toml": entry_file(), "old.toml": entry_file("Older")})
    desk.update()
    desk.repository.git("reset", "--quiet", "--hard", first)
    desk.repository.commit_all({"b.toml": entry_file("Other")})

    assert desk.update() == {"a.toml", "b.toml", "old.toml"}
    assert desk.files() == {"b.toml", "old.toml"}
    assert "Older" not in (desk.entries / "old.toml").read_text("utf-8")
    assert sources.author(desk.newsroom.config, "old.toml") == "Jo Smith"


def test_a_file_is_gone_although_the_copy_of_the_repository_is_lost(desk: Following) -> None:
    """A file of which the new copy knows nothing would stay for ever."""
    desk.repository.commit_all({"a/b.toml": entry_file("B")})
    desk.build()
    shutil.rmtree(desk.entries.parent / "repository")
    desk.repository.commit_all({"a/b.toml": None, "c.toml": entry_file("C")})

    desk.update()

    assert desk.files() == {"old.toml", "c.toml"}


def _objects(repository: Path) -> list[Path]:
    return [path for path in (repository / "objects").rglob("*") if path.is_file()]


def _empty_head(repository: Path) -> None:
    (repository / "HEAD").write_bytes(b"")


def _delete_refs(repository: Path) -> None:
    shutil.rmtree(repository / "refs")


def _flip_refs(repository: Path) -> None:
    for path in (repository / "refs/dateline").iterdir():
        path.write_text("0123456789" * 4 + "\n", "ascii")


def _delete_objects(repository: Path) -> None:
    for path in _objects(repository):
        path.unlink()


def _flip_objects(repository: Path) -> None:
    for path in _objects(repository):
        path.chmod(0o600)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)


def _break_settings(repository: Path) -> None:
    (repository / "config").write_bytes(b"\0[")


def _leave_lock(repository: Path) -> None:
    (repository / "refs/dateline/new.lock").touch()


@pytest.mark.parametrize(
    "damage",
    [
        _empty_head,
        _delete_refs,
        _flip_refs,
        _delete_objects,
        _flip_objects,
        _break_settings,
        _leave_lock,
    ],
)
def test_a_damaged_copy_of_the_repository_is_fetched_again(
    desk: Following, damage: Callable[[Path], None]
) -> None:
    """The next commit is published, and what is live stays live until it is there."""
    desk.repository.commit_all({"a.toml": entry_file("A"), "b.toml": entry_file("B")})
    desk.build()
    damage(desk.entries.parent / "repository")
    new = entry_file("Bees", "2026-11-23", body='"They are back on the roof."')
    desk.repository.commit_all({"a.toml": None, "c.toml": new})
    away = desk.repository.folder.rename(desk.repository.folder.with_name("away"))
    desk.update()
    assert (desk.source.condition is not None, desk.files()) == (
        True,
        {"old.toml", "a.toml", "b.toml"},
    )

    away.rename(desk.repository.folder)
    assert (desk.build().published, desk.source.condition) == (("c.toml",), None)
    assert desk.files() == {"old.toml", "b.toml", "c.toml"}
    assert sources.author(desk.newsroom.config, "c.toml") == "Ana Moreno"


def test_one_damaged_file_of_the_repository_withdraws_nothing(desk: Following) -> None:
    """A file that is lost from the copy counted as one that is too large."""
    desk.repository.commit_all({"a.toml": entry_file("A")})
    desk.build()
    repository = desk.entries.parent / "repository"
    desk.repository.commit_all({"b.toml": entry_file("B")})
    blob = desk.repository.git("rev-parse", "HEAD:old.toml")
    for path in _objects(repository):
        if path.parent.name + path.name == blob or path.suffix in {".pack", ".idx", ".rev"}:
            path.unlink()
    (desk.entries.parent / "authors.sqlite").unlink()

    assert desk.build().published == ("b.toml",)
    assert desk.files() == {"old.toml", "a.toml", "b.toml"}


def test_a_source_that_refuses_is_not_taken_for_damage(
    desk: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy of the repository stays."""
    desk.update()
    repository = desk.entries.parent / "repository"
    before = repository.stat().st_ino
    desk.repository.commit_all({"a.toml": entry_file("A")})
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "fetch.unpackLimit")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "none")
    desk.source = sources.SourceFollower(os.environ)
    desk.update()
    assert desk.source.condition is not None

    monkeypatch.delenv("GIT_CONFIG_COUNT")
    desk.update()
    assert repository.stat().st_ino == before
    assert "a.toml" in desk.files()


def test_a_fetch_that_is_cut_off_is_not_taken_for_damage(desk: Following, tmp_path: Path) -> None:
    """All objects would be read again, which takes minutes in a large repository."""
    desk.update()
    desk.repository.commit_all({"a.toml": entry_file("A")})
    typed, git = tmp_path / "typed", tmp_path / "bin/git"
    git.parent.mkdir()
    git.write_text(
        f'#!/bin/sh\necho "$@" >> {typed}\n'
        'case "$*" in *" fetch "*) echo "fatal: early EOF" >&2; exit 128;; esac\n'
        f'exec {shutil.which("git")} "$@"\n'
    )
    git.chmod(0o755)
    path = f"{git.parent}{os.pathsep}{os.environ['PATH']}"
    desk.source = sources.SourceFollower({**os.environ, **CLEAN, "PATH": path})

    desk.update()

    assert desk.source.condition is not None
    assert desk.source.condition.detail == "early EOF"
    assert " fetch " in typed.read_text("utf-8")
    assert " fsck " not in typed.read_text("utf-8")


@pytest.mark.parametrize("data", [None, b"This is no database. " * 300])
def test_a_lost_record_of_authors_is_made_again(desk: Following, data: bytes | None) -> None:
    """With the next commit, for all files: until then it stops nothing."""
    desk.build()
    config = desk.newsroom.config
    record = config.entries.parent / "authors.sqlite"
    record.unlink()
    if data:
        record.write_bytes(data)
    before = sources.author(config, "old.toml")
    desk.repository.commit_all({"a.toml": entry_file()})

    assert desk.build().published == ("a.toml",)
    assert [before] + [sources.author(config, name) for name in ("old.toml", "a.toml")] == [
        "",
        "Jo Smith",
        "Ana Moreno",
    ]


def test_a_killed_update_is_finished_by_the_next_run(
    desk: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the repository, and before any entry is read."""
    desk.build()
    desk.repository.commit_all({"a.toml": entry_file(), "b.toml": entry_file("Other")})

    desk.die_in("sync", monkeypatch)
    (desk.entries / "b.toml").unlink()
    desk.repository.folder.rename(desk.repository.folder.with_name("gone"))
    reports = [desk.build(), desk.build()]

    assert {path for one in reports for path in one.published} == {"a.toml", "b.toml"}
    assert desk.source.condition is not None


def test_a_commit_without_the_folder_is_passed_over(desk: Following) -> None:
    """The commit before it stays published, and the next with a folder is followed."""
    url = f"git+{desk.repository.folder.as_uri()}"
    configure(desk.newsroom, f'url = "{url}"\nfolder = "news"')
    desk.repository.commit_all({"news/a.toml": entry_file()})
    first = desk.build()
    desk.repository.commit_all({"news/a.toml": None})
    second = desk.build()
    condition = desk.source.condition
    desk.repository.commit_all({"news/a.toml": entry_file(), "news/b.toml": entry_file("Other")})
    third = desk.build()

    assert (first.published, second.missing) == (("a.toml",), ())
    assert condition is not None
    assert condition.detail == "its newest commit has no folder news"
    assert third.published == ("b.toml",)
    assert desk.source.condition is None


def test_a_commit_that_cannot_be_finished_keeps_no_run_from_what_is_due(
    desk: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An embargo ends, and no entry counts as missing in half of a commit."""
    soon = desk.newsroom.now + timedelta(minutes=2)
    desk.repository.commit_all({"a.toml": entry_file(date=f'"{soon.isoformat()}"')})
    desk.build()
    before = [one["title"] for one in desk.newsroom.items()]
    desk.repository.commit_all({"old.toml": None, "new.toml": entry_file("Old")})

    desk.die_in("write", monkeypatch)
    desk.entries.with_name("repository").rename(desk.newsroom.folder / "lost")
    desk.repository.folder.rename(desk.repository.folder.with_name("gone"))
    reports = [desk.build(), desk.build()]

    assert desk.files() == {"a.toml"}
    assert before == ["Old"]
    assert [one["title"] for one in desk.newsroom.items()] == ["Report on Lebanon", "Old"]
    assert [one.missing for one in reports] == [(), ()]
    assert desk.source.condition is not None


def test_a_first_update_that_is_killed_publishes_and_withdraws_nothing(
    desk: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the files are no folder of entries."""
    desk.die_in("sync", monkeypatch)
    is_there = desk.entries.exists()
    report = desk.build()

    assert not is_there
    assert report.published == ("old.toml",)


# ---- Damage in the folder that follows


def _lose(entries: Path) -> None:
    (entries / "2026/a.toml").unlink()


def _lose_folder(entries: Path) -> None:
    shutil.rmtree(entries / "2026")


def _change(entries: Path) -> None:
    path = entries / "2026/a.toml"
    path.write_text(path.read_text("utf-8").replace("Lebanon", "the harbour"), "utf-8")


def _change_unseen(entries: Path) -> None:
    """Change a letter, and set the time of the file back."""
    path = entries / "2026/a.toml"
    before = path.stat()
    path.write_text(path.read_text("utf-8").replace("Lebanon", "Lebanom"), "utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _add(entries: Path) -> None:
    (entries / "more/deep").mkdir(parents=True)
    (entries / "more/deep/x.toml").write_text(entry_file("Extra"), "utf-8")


def _put_folder(entries: Path) -> None:
    (entries / "2026/a.toml").unlink()
    (entries / "2026/a.toml").mkdir()
    (entries / "2026/a.toml/x.toml").write_text(entry_file("Extra"), "utf-8")


def _put_link(entries: Path) -> None:
    (entries / "2026/a.toml").unlink()
    (entries / "2026/a.toml").symlink_to("../old.toml")


def _put_link_to_folder(entries: Path) -> None:
    (entries / "2026").rename(entries.with_name("2026"))
    (entries / "2026").symlink_to(entries.with_name("2026"))


def _move(entries: Path) -> None:
    (entries / "2026/a.toml").rename(entries / "b.toml")


DAMAGES = [_lose, _lose_folder, _change, _change_unseen, _add, _put_folder, _put_link, _move]
DAMAGES += [_put_link_to_folder]


@pytest.mark.parametrize("is_away", [False, True])
@pytest.mark.parametrize("damage", one_of_each(DAMAGES))
def test_damage_in_the_folder_is_undone_before_anything_is_published(
    desk: Following,
    damage: Callable[[Path], None],
    caplog: pytest.LogCaptureFixture,
    *,
    is_away: bool,
) -> None:
    """From the copy of the repository: no file is withdrawn or published, others keep their times.

    The repository itself need not be reached.
    """
    desk.repository.commit_all({"2026/a.toml": entry_file(), "2026/pier.png": picture()})
    desk.build()
    desk.build()
    before, kept = desk.contents(), (desk.entries / "old.toml").stat()
    items = desk.newsroom.items()
    damage(desk.entries)
    if is_away:
        desk.repository.folder.rename(desk.repository.folder.with_name("away"))
    report = desk.build()
    is_logged = "The copy of the source in state/ was damaged." in caplog.text
    caplog.clear()
    second = desk.build()

    assert (report.published, report.changed, report.missing) == ((), (), ())
    assert (second.published, second.changed, second.missing) == ((), (), ())
    assert {one.code for one in report.problems} <= {"file-changing"}  # written after it began
    assert second.problems == ()
    assert desk.newsroom.items() == items
    assert desk.contents() == before
    assert (desk.entries / "old.toml").stat().st_ctime_ns == kept.st_ctime_ns
    assert (is_logged, "damaged" in caplog.text) == (True, False)


def test_files_with_other_times_alone_are_not_written_again(
    desk: Following, caplog: pytest.LogCaptureFixture
) -> None:
    """As of a folder that was copied: their bytes are compared once, with no question to git."""
    desk.build()
    path = desk.entries / "old.toml"
    os.utime(path, ns=(1_700_000_000 * 10**9,) * 2)
    before = path.stat()
    shutil.rmtree(desk.entries.parent / "repository")
    desk.repository.folder.rename(desk.repository.folder.with_name("away"))
    reports = [desk.build(), desk.build()]

    assert path.stat().st_ctime_ns == before.st_ctime_ns
    assert [one.problems for one in reports] == [(), ()]
    assert desk.note() == {"old.toml": written.written_file(path, path.read_bytes())}
    assert "damaged" not in caplog.text


@pytest.mark.parametrize("note", [b"", b"This is no database. " * 300, None])
def test_a_lost_note_of_what_was_written_is_made_from_the_repository(
    desk: Following, note: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    """As after an upgrade: right files keep their times, and others are found all the same."""
    desk.repository.commit_all({"a.toml": entry_file(), "b.toml": entry_file("B")})
    desk.build()
    place = desk.entries.parent / "written.sqlite"
    first, before, kept = desk.note(), desk.contents(), (desk.entries / "old.toml").stat()
    if note is None:
        place.unlink()
    else:
        place.write_bytes(note)
    desk.build()
    is_quiet, again = "damaged" not in caplog.text, desk.note()
    place.unlink()
    (desk.entries / "a.toml").write_text(entry_file(summary='"Other"'), "utf-8")
    (desk.entries / "b.toml").unlink()
    (desk.entries / "c.toml").write_text(entry_file("C"), "utf-8")
    report = desk.build()

    assert (is_quiet, again) == (True, first)
    assert (report.published, report.changed, report.missing) == ((), (), ())
    assert desk.contents() == before
    assert (desk.entries / "old.toml").stat().st_ctime_ns == kept.st_ctime_ns


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM file WHERE path = CAST('a.toml' AS BLOB)",
        "UPDATE file SET path = CAST('A.toml' AS BLOB) WHERE path = CAST('a.toml' AS BLOB)",
        "UPDATE file SET digest = 0, size = 'x'",
        "UPDATE file SET path = 7 WHERE path = CAST('a.toml' AS BLOB)",
        "UPDATE noted SET version = 'older'",
        "DROP TABLE noted",
    ],
)
def test_a_damaged_note_of_what_was_written_removes_no_file(
    desk: Following, statement: str
) -> None:
    """A file is removed only if the repository does not have it."""
    desk.repository.commit_all({"a.toml": entry_file()})
    desk.build()
    before, note = desk.contents(), desk.note()
    times = {path: (desk.entries / path).stat().st_ctime_ns for path in before}
    with closing(sqlite3.connect(desk.entries.parent / "written.sqlite")) as table, table:
        table.execute(statement)
    report = desk.build()

    assert (report.missing, report.problems) == ((), ())
    assert (desk.contents(), desk.note()) == (before, note)
    assert {path: (desk.entries / path).stat().st_ctime_ns for path in before} == times


def test_damage_beside_a_damaged_repository_withdraws_nothing(desk: Following) -> None:
    """No file is checked until the repository has been fetched again."""
    desk.repository.commit_all({"a.toml": entry_file()})
    desk.build()
    before = desk.contents()
    (desk.entries / "a.toml").unlink()
    _flip_objects(desk.entries.parent / "repository")
    away = desk.repository.folder.rename(desk.repository.folder.with_name("away"))
    first = desk.build()
    condition = desk.source.condition
    away.rename(desk.repository.folder)
    second = desk.build()

    assert (first.missing, second.missing) == ((), ())
    assert (condition is not None, desk.source.condition) == (True, None)
    assert desk.contents() == before


@pytest.mark.parametrize("step", ["remove", "restore", "sync"])
def test_a_killed_restoration_is_finished_by_the_next_run(
    desk: Following, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even by one that checks no file."""
    desk.repository.commit_all({"a.toml": entry_file(), "b.toml": entry_file("B")})
    desk.build()
    before = desk.contents()
    (desk.entries / "a.toml").unlink()
    (desk.entries / "c.toml").write_text(entry_file("C"), "utf-8")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(source_folder.SourceFolder, step, killed)
        with pytest.raises(KeyboardInterrupt):
            desk.build()
    now = desk.newsroom.now
    publish.build(desk.newsroom.config, publish.RunRequest(now=now, clock=now, changed_files=()))

    assert desk.contents() == before
    assert desk.build().missing == ()


def _put_file(path: Path) -> None:
    path.write_bytes(b"?")


def _put_broken_link(path: Path) -> None:
    path.symlink_to("nowhere")


@pytest.mark.parametrize(
    ("name", "put"),
    [
        ("entries", _put_file),
        ("entries", _put_broken_link),
        ("filling", _put_file),
        ("repository", _put_file),
    ],
)
def test_a_file_in_the_place_of_a_folder_gives_way(
    desk: Following, name: str, put: Callable[[Path], None]
) -> None:
    """The folder is filled again, without words about a folder that staff should make."""
    desk.build()
    before = desk.contents()
    for one in {"entries", name}:
        path = desk.entries.with_name(one)
        if path.exists():
            shutil.rmtree(path)
    put(desk.entries.with_name(name))
    report = desk.build()

    assert desk.source.condition is None
    assert (report.published, report.missing) == ((), ())
    assert desk.contents() == before


def test_a_file_in_the_place_of_the_entries_is_reported_as_never_fetched(desk: Following) -> None:
    """While the source cannot be reached, the sentence names the command that fetches."""
    desk.build()
    shutil.rmtree(desk.entries)
    desk.entries.touch()
    desk.repository.folder.rename(desk.repository.folder.with_name("away"))

    with pytest.raises(IntakeError, match="No entries have been fetched from"):
        desk.build()


# ---- A repository that cannot be reached, or is hostile


def test_a_repository_that_is_away_stops_nothing_and_is_reported_once(
    desk: Following, caplog: pytest.LogCaptureFixture
) -> None:
    """What was fetched goes on being published, and the next answer ends the condition."""
    desk.build()
    away = desk.repository.folder.with_name("away")
    desk.repository.folder.rename(away)
    desk.update()
    desk.build()
    condition = desk.source.condition
    away.rename(desk.repository.folder)
    desk.repository.commit_all({"a.toml": entry_file()})
    report = desk.build()

    assert condition is not None
    assert condition.code == "source-unreachable"
    assert condition.about == f"git+{desk.repository.folder.as_uri()}"
    assert "does not appear to be a git repository" in condition.detail
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert report.published == ("a.toml",)
    assert desk.source.condition is None


def test_a_server_that_refuses_is_logged_once_however_long_each_attempt_takes(
    desk: Following, caplog: pytest.LogCaptureFixture
) -> None:
    """Git says after how many milliseconds it could not connect."""
    own = desk.newsroom.config.source
    assert own
    away = replace(own, url=f"git+http://127.0.0.1:{free_port()}/entries.git")
    config = replace(desk.newsroom.config, source=away)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            desk.source.update(config)

    condition = desk.source.condition
    assert condition
    assert "Failed to connect to 127.0.0.1" in condition.detail
    assert not re.search(r"\d m", condition.detail)
    assert len(caplog.records) == 1


def test_a_build_that_cannot_reach_the_repository_exits_with_1(desk: Following) -> None:
    """A timer notices that no news goes out; what is due is published."""
    desk.build()
    typed = ["build", "--config", str(desk.newsroom.folder / "config.toml")]
    assert CliRunner().invoke(main, typed).exit_code == 0

    desk.repository.folder.rename(desk.repository.folder.with_name("away"))

    assert CliRunner().invoke(main, typed).exit_code == 1


def test_the_alarm_for_a_source_that_was_never_fetched_says_why(desk: Following) -> None:
    """The entries are not gone; only in a cluster another node is to publish instead."""
    config = desk.newsroom.config
    own = desk.repository.folder
    own.rename(own.with_name("away"))
    typed = ["build", "--config", str(config.path)]

    assert CliRunner().invoke(main, typed).exit_code == 1

    (found,) = incidents.load(config.state)
    assert (found.condition.code, found.condition.about) == (
        "source-unreachable",
        f"git+{own.as_uri()}",
    )
    assert "does not appear to be a git repository" in found.condition.detail
    desk.update()
    clustered = replace(config, cluster=ClusterSettings(name="a", lead=True, lease=3))
    both = desk.source.conditions_of(IntakeError("No entries"), clustered)
    assert [one.code for one in both] == ["source-unreachable", "entries-gone"]
    own.with_name("away").rename(own)
    desk.build()
    (other,) = desk.source.conditions_of(IntakeError("entries is not readable"), config)
    assert other.code == "entries-gone"


def test_entries_on_a_share_that_is_lost_may_have_been_fetched(
    desk: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The alarm is the one about the entries: nobody knows whether there are any."""
    own = desk.repository.folder
    own.rename(own.with_name("away"))
    desk.update()
    config, is_dir = desk.newsroom.config, Path.is_dir

    def failing(path: Path) -> bool:
        if path == config.entries:
            raise OSError(errno.ENOTCONN, "Transport endpoint is not connected", str(path))
        return is_dir(path)

    monkeypatch.setattr(Path, "is_dir", failing)

    (found,) = desk.source.conditions_of(IntakeError("No entries"), config)
    assert found.code == "entries-gone"


@pytest.mark.parametrize("words", [["build"], ["check"], ["check", "old.toml"]])
def test_a_source_that_was_never_fetched_is_named(words: list[str], desk: Following) -> None:
    """There is no folder to make: the sentence has the command that fetches the entries."""
    own = desk.repository.folder
    own.rename(own.with_name("away"))
    typed = [*words, "--config", str(desk.newsroom.folder / "config.toml")]

    done = CliRunner().invoke(main, typed)

    assert isinstance(done.exception, IntakeError)
    assert str(done.exception).startswith(f"No entries have been fetched from git+{own.as_uri()} ")
    assert re.search(r"; without one, type \S.* build\.$", str(done.exception))


def test_nothing_of_a_repository_runs_or_leads_out(desk: Following) -> None:
    """Hooks, filters, submodules, hidden files and links that leave the folder have no effect."""
    secret = desk.newsroom.folder / "secret.toml"
    secret.write_text(entry_file("Secret"), encoding="utf-8")
    own = desk.repository.folder
    (own / "out.toml").symlink_to(secret)
    (own / "in.toml").symlink_to("old.toml")
    (own / "up").symlink_to("..")
    (own / ".gitattributes").write_text("*.toml filter=evil\n")
    hook = own / ".githooks/post-checkout"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {desk.newsroom.folder}/ran\n")
    hook.chmod(0o755)
    desk.repository.git("add", "--all")
    head = desk.repository.git("rev-parse", "HEAD")
    desk.repository.git("update-index", "--add", "--cacheinfo", f"160000,{head},module")
    desk.repository.git("commit", "--quiet", "--message=Evil")
    report = desk.build()

    assert desk.files() == {"in.toml", "old.toml", "out.toml", "up"}
    assert {one.code for one in report.problems if one.file == "out.toml"} == {"link-outside"}
    assert not any("secret" in path for path in desk.newsroom.feeds())
    assert not (desk.newsroom.folder / "ran").exists()


def test_a_path_through_a_link_is_not_written_outside(desk: Following) -> None:
    """A folder that was a link before becomes a folder."""
    outside = desk.newsroom.folder / "outside"
    outside.mkdir()
    (desk.repository.folder / "a").symlink_to(outside)
    desk.repository.git("add", "--all")
    desk.repository.git("commit", "--quiet", "--message=Link")
    desk.update()
    (desk.repository.folder / "a").unlink()
    desk.repository.commit_all({"a/b.toml": entry_file()})
    desk.update()

    assert list(outside.iterdir()) == []
    assert "a/b.toml" in desk.files()


def test_a_tree_that_names_a_folder_above_is_left_out(desk: Following) -> None:
    """Git itself would refuse it, a hostile server need not."""
    blob = desk.repository.git("hash-object", "-w", "--stdin", data=entry_file("Up").encode())
    inner = desk.repository.git("mktree", data=f"100644 blob {blob}\tup.toml\n".encode())
    entries = f"040000 tree {inner}\t..\n100644 blob {blob}\tfine.toml\n".encode()
    tree = desk.repository.git("mktree", data=entries)
    commit = desk.repository.git("commit-tree", tree, "-m", "Up")
    desk.repository.git("update-ref", "refs/heads/main", commit)
    desk.update()

    assert desk.source.condition is None
    assert desk.files() == {"fine.toml"}
    assert not (desk.entries.parent / "up.toml").exists()


def test_a_file_with_the_name_of_a_folder_is_left_out(desk: Following) -> None:
    """Each check put one in the place of the other, so that news came and went."""
    git = desk.repository.git
    blob = git("hash-object", "-w", "--stdin", data=entry_file("In it").encode())
    inner = git("mktree", data=f"100644 blob {blob}\tin.toml\n".encode())
    parts = ((b"100644", b"a", blob), (b"40000", b"a", inner), (b"100644", b"fine.toml", blob))
    data = b"".join(b"%b %b\0%b" % (mode, name, bytes.fromhex(id_)) for mode, name, id_ in parts)
    tree = git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", data=data)
    git("update-ref", "refs/heads/main", git("commit-tree", tree, "-m", "Both"))

    for _ in range(3):
        desk.build()
        assert desk.files() == {"a/in.toml", "fine.toml"}

    assert desk.source.condition is None


@pytest.mark.parametrize("name", [f"{'n' * 300}.toml", f"{'n' * 300}/a.toml"])
def test_a_name_that_is_too_long_here_stops_no_other_news(desk: Following, name: str) -> None:
    """Other systems have longer ones; nothing is amiss where such a file is deleted either."""
    desk.build()
    blob = desk.repository.git("hash-object", "-w", "--stdin", data=entry_file().encode())
    for mode in ("100644", "0"):
        line = f"{mode} {blob}\t{name}\n"
        desk.repository.git("update-index", "--index-info", data=line.encode())
        desk.repository.git("commit", "--quiet", "--message=Long")
        desk.update()
        (desk.entries.parent / "written.sqlite").unlink()  # each file is compared then
        desk.build()
        assert desk.source.condition is None
    desk.repository.commit_all({"new.toml": entry_file("New")})

    assert desk.build().published == ("new.toml",)
    assert desk.files() == {"new.toml", "old.toml"}


def test_a_commit_of_far_too_many_files_stops_no_later_one(
    desk: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten trees, each of which has the next one ten times, name millions of millions of files."""
    git = desk.repository.git
    desk.build()
    inner = git("rev-parse", "HEAD^{tree}")
    for _ in range(10):
        lines = "".join(f"040000 tree {inner}\td{number}\n" for number in range(10))
        inner = git("mktree", data=lines.encode())
    before = git("rev-parse", "HEAD")
    with monkeypatch.context() as small:
        small.setattr("dateline.publish.sources.fetching.MOST_LISTED", 10_000)
        small.setattr("dateline.publish.sources.git._HISTORY", 10_000)
        bomb = git("commit-tree", inner, "-p", before, "-m", "Bomb")
        git("update-ref", "refs/heads/main", bomb)
        desk.build()
        condition = desk.source.condition
        blob = git("hash-object", "-w", "--stdin", data=entry_file("New").encode())
        lines = f"100644 blob {blob}\tnew.toml\n{git('ls-tree', before)}\n"
        tree = git("mktree", data=lines.encode())
        git("update-ref", "refs/heads/main", git("commit-tree", tree, "-p", bomb, "-m", "Mended"))
        report = desk.build()

    assert condition is not None
    assert condition.detail == "it has a commit with far too many files"
    assert (report.published, desk.source.condition) == (("new.toml",), None)


def test_a_file_that_is_too_large_is_left_out(
    desk: Following, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is named in the log."""
    monkeypatch.setattr("dateline.publish.sources.git.MOST_BYTES", 2000)
    desk.repository.commit_all({"a.toml": entry_file(), "film.mp4": b"x" * 2001})
    desk.update()

    assert desk.files() == {"a.toml", "old.toml"}
    assert "film.mp4 of the source has 2001 bytes, and is left out." in caplog.text


def test_a_file_that_grows_too_large_leaves_no_old_version(
    desk: Following, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As with a bucket, it is removed and named in the log."""
    monkeypatch.setattr("dateline.publish.sources.git.MOST_BYTES", 2000)
    desk.repository.commit_all({"film.mp4": b"x" * 2000})
    desk.update()
    assert desk.files() == {"film.mp4", "old.toml"}

    desk.repository.commit_all({"film.mp4": b"x" * 2001})
    desk.update()
    assert desk.files() == {"old.toml"}
    assert "film.mp4 of the source has 2001 bytes, and is left out." in caplog.text


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        ('url = "https://git.example.org/news.git"', "must start with git+https://"),
        ('url = "git+ext::sh -c id"', "must start with git+https://"),
        ('url = "git+https://a:b@git.example.org/x"', "must be without a password"),
        ('url = "git+ssh://git:b@git.example.org/x"', "must be without a password"),
        ('url = "git+file:///x"\nbranch = "--upload-pack=id"', "must be the name of a branch"),
        ('url = "git+file:///x"\nfolder = "../x"', "must be a folder of the repository"),
        ('url = "s3://news"\nbranch = "main"', "needs no branch and no folder"),
        ('branch = "main"', "needs a line like url ="),
    ],
)
def test_a_source_that_cannot_be_is_refused(newsroom: Newsroom, lines: str, wrong: str) -> None:
    """No password is repeated."""
    configure(newsroom, lines)

    with pytest.raises(ConfigError) as refused:
        configuration.load(newsroom.folder / "config.toml")

    assert wrong in str(refused.value)
    assert ":b@" not in str(refused.value)


def test_no_note_is_written_where_only_git_writes(desk: Following) -> None:
    """Staff see problems in the newsroom, and in its feed."""
    desk.repository.commit_all({"a.toml": "title = 1\n"})
    report = desk.build()

    assert {one.file for one in report.problems} == {"a.toml"}
    assert desk.files() == {"a.toml", "old.toml"}


def test_another_source_has_a_folder_of_its_own(desk: Following) -> None:
    """That of the one before is removed once the new one is whole."""
    desk.build()
    before = desk.entries.parent
    desk.repository.git("branch", "live")
    configure(desk.newsroom, f'url = "git+{desk.repository.folder.as_uri()}"\nbranch = "live"')
    desk.build()

    assert not before.exists()
    assert desk.newsroom.log[-1].problems == ()


# ---- Several nodes


def test_a_node_that_takes_over_publishes_no_older_commit(desk: Following) -> None:
    """Its copy may be of an epoch long ago: it waits until it has reached the repository."""
    desk.build()
    url = publish.ledger_url(desk.newsroom.config)
    node = ClusterSettings(name="web2", lead=True, lease=4)
    config = replace(desk.newsroom.config, cluster=node, ledger=url)
    other = f"{config.source.key if config.source else ''} {'0' * 40}"
    away = desk.repository.folder.with_name("away")
    try:
        with Ledger(url) as ledger:
            session.fence(url, Fence(1, "web1"))
            sources.SourceFollower({**os.environ, **CLEAN}).update(config)
            ledger.state.source = other
            sources.verify(config, ledger)  # it has reached the repository
            ledger.state.source = other
            session.fence(url, Fence(3, "web2"))
            desk.repository.folder.rename(away)
            follower = sources.SourceFollower({**os.environ, **CLEAN})
            for _ in range(2):  # also before it has asked
                with pytest.raises(IntakeError, match="has not been reached since another node"):
                    sources.verify(config, ledger)
                follower.update(config)
            away.rename(desk.repository.folder)
            follower.update(config)
            sources.verify(config, ledger)
            commit = desk.repository.git("rev-parse", "HEAD")
            assert ledger.state.source.endswith(f" {commit}")
    finally:
        session.fence(url, None)


# ---- Staff


def test_the_newsroom_saves_and_removes_nothing_that_git_has(desk: Following) -> None:
    """It says where to change a file, and keeps the text that was typed."""
    (desk.newsroom.folder / "entries").mkdir(exist_ok=True)
    url = f"git+{desk.repository.folder.as_uri()}"
    staff = Staff.of(desk.newsroom, f'[source]\nurl = "{url}"')
    desk.build()
    staff.room.show(desk.newsroom.log[-1], desk.newsroom.now, desk.newsroom.config)
    form = {"title": "Harbour", "date": "2026-11-24", "body": "Text", "do": "publish"}
    answer = staff.post("/write", **form)
    headers = {"Authorization": f"Bearer {WORD}"}
    dropped = staff.client.put("/drop/x.toml", base_url=AT, data=entry_file(), headers=headers)

    assert answer.status_code == 409
    assert "Nothing was saved: change the file there." in seen(answer.text)
    assert "Harbour" in answer.text
    assert dropped.status_code == 403
    assert dropped.json is not None
    assert dropped.json["message"] == f"Entries come from {url}. Change the file there."
    with pytest.raises(DatelineError, match=r"Delete old\.toml there"):
        settle.withdraw(desk.newsroom.config, "old.toml", "", person="", now=desk.newsroom.now)
    assert desk.files() == {"old.toml"}


def test_a_takedown_leaves_the_file_to_git(desk: Following) -> None:
    """Readers lose the entry at once; its file is held while the repository has it."""
    desk.build()
    id_ = desk.newsroom.items()[0]["id"]
    digest = hashlib.sha256((desk.entries / "old.toml").read_bytes()).hexdigest()
    settle.take_down(desk.newsroom.config, id_, settle.request_now(), files={"old.toml": digest})

    assert desk.newsroom.items() == []
    assert desk.files() == {"old.toml"}


def test_serve_publishes_a_commit_within_seconds(desk: Following) -> None:
    """The first run waits for the repository, and every commit is asked for."""
    lines = f'url = "git+{desk.repository.folder.as_uri()}"\ninterval = 1'
    configure(desk.newsroom, lines)
    page = desk.newsroom.folder / "feeds/2026/11/report-on-lebanon.html"
    with serve(desk.newsroom.folder, GIT_CONFIG_GLOBAL=os.devnull):
        is_first = until((page.parent / "old.html").exists)
        desk.repository.commit_all({"a.toml": entry_file()})
        is_second = until(page.exists)

    assert (is_first, is_second) == (True, True)
