"""The commands of `docs/deploy.md`, typed as they stand, with rsync and git."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.paths import ROOT
from support.publication import Newsroom, entry_file

pytestmark = pytest.mark.outside

Env = Mapping[str, str]
SERVER = "www@news.example.org:/var/www/news"
REPOSITORY = "git@github.com:example/news.git"


def commands(heading: str) -> list[str]:
    """Return the indented lines below a heading of the page, or those above all headings."""
    text = (ROOT / "docs/deploy.md").read_text("utf-8")
    part = text.partition(f"\n## {heading}")[2] if heading else text
    return [line.strip() for line in part.partition("\n## ")[0].splitlines() if line[:4] == "    "]


def run(words: list[str | Path], folder: Path = ROOT, environment: Env = os.environ) -> str:
    """Run a command and return its output; a test fails with what the command reports."""
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.fail(f"{words[0]} ended with {done.returncode}: {done.stderr}", pytrace=False)
    return done.stdout


def typed(lines: list[str], room: Newsroom, **instead: Path) -> str:
    """Run the lines in the folder of a publication; `instead` stands for SERVER and REPOSITORY."""
    text = "\n".join(lines)
    text = text.replace(SERVER, str(instead.get("server"))).replace(
        REPOSITORY, str(instead.get("repository"))
    )
    own = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    own |= {"PYTHONPATH": str(ROOT)}
    for role in ("AUTHOR", "COMMITTER"):
        own |= {f"GIT_{role}_NAME": "Desk", f"GIT_{role}_EMAIL": "desk@example.org"}
    return run(["bash", "-euc", text], folder=room.folder, environment=own)


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return a publication with one entry."""
    newsroom.drop("a.toml", entry_file())
    return newsroom


def tree(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """Return bytes, inode and time of each file that rsync brings."""
    return {
        str(one.relative_to(folder)): (one.read_bytes(), one.stat().st_ino, one.stat().st_mtime_ns)
        for one in folder.rglob("*")
        if one.is_file() and one.name[0] not in "._"
    }


def test_rsync_brings_what_is_new_and_removes_what_is_gone(room: Newsroom, tmp_path: Path) -> None:
    """The server has every document; after a second run its files are the same ones.

    The page of an entry that was taken down is deleted there, too.
    """
    server = tmp_path / "server/news"
    server.mkdir(parents=True)
    lines = [*commands(""), *commands("Your own web server")]
    typed(lines, room, server=server)
    first = tree(server)

    again = typed([*lines, lines[-1].replace("rsync ", "rsync --stats ")], room, server=server)

    public = tree(room.folder / "public")
    assert {name: data for name, (data, _, _) in first.items()} == {
        name: data for name, (data, _, _) in public.items()
    }
    assert tree(server) == first
    assert "0 copied, 0 deleted" in again
    assert "Number of regular files transferred: 0" in again
    assert not [one.name for one in server.iterdir() if one.name[0] in "._"]
    (page,) = server.glob("2026/*/[!i]*.html")  # not index.html
    typed([f"dateline takedown --yes {page.relative_to(server)}", *lines[1:]], room, server=server)
    assert not page.exists()
    assert (server / "news.rss").exists()


def test_a_clone_for_github_pages_takes_each_copy(room: Newsroom, tmp_path: Path) -> None:
    """The branch has the documents after the push, and after a second one the news."""
    repository, seed = tmp_path / "news.git", tmp_path / "seed"
    env = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull}
    begun: tuple[list[str | Path], ...] = (
        ["git", "init", "--quiet", "--bare", "--initial-branch=gh-pages", repository],
        ["git", "clone", "--quiet", repository, seed],
        ["git", "-C", seed, "-c", "user.name=Desk", "-c", "user.email=desk@example.org",
         "commit", "--quiet", "--allow-empty", "--message=Begin"],
        ["git", "-C", seed, "push", "--quiet", "origin", "HEAD:gh-pages"],
    )  # fmt: skip
    for words in begun:
        run(words, environment=env)
    lines = commands("GitHub Pages")
    typed(["dateline build", *lines], room, repository=repository)
    room.drop("b.toml", entry_file("Second report"))

    typed(["dateline build", *lines[1:]], room, repository=repository)

    names = run(["git", "-C", repository, "ls-tree", "-r", "--name-only", "gh-pages"])
    assert {".nojekyll", "404.html", "news.rss"} <= {*names.split()}
    feed = run(["git", "-C", repository, "show", "gh-pages:news.rss"])
    assert "Second report" in feed
