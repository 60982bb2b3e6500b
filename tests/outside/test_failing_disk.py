"""A failing disk or lost share, at each call and for each kind of file."""

from __future__ import annotations

import errno
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from support.commands import publisher
from support.publication import Newsroom, entry_file, picture
from support.serving import serve, until

pytestmark = pytest.mark.outside

SOURCE = Path(__file__).parent / "unreadable.c"
CASES = [
    (call, number, name)
    for call, number in (("look", errno.ESTALE), ("open", errno.EACCES), ("read", errno.EIO))
    for name in ("bad.toml", "photo.png", "report.csv", "inline.png")
]
CASES += [("list", number, "sub") for number in (errno.EIO, errno.ESTALE)]


@dataclass(frozen=True, slots=True)
class Room:
    """A newsroom, and the library that makes calls fail."""

    newsroom: Newsroom
    library: Path

    def command(self, *words: str, refused: str = "") -> tuple[int, Any]:
        """Run a command while calls fail; return its exit code and its JSON."""
        folder, library = self.newsroom.folder, str(self.library)
        done = publisher(*words, "--json", cwd=folder, preloaded=library, UNREADABLE=refused)
        assert "Traceback" not in done.stderr
        return done.returncode, json.loads(done.stdout)

    def shows(self, title: str) -> bool:
        """Return whether an entry with this title is published."""
        return title in self.titles()

    def titles(self) -> set[str]:
        """Return the published titles."""
        return {item["title"] for item in self.newsroom.items()}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the library."""
    made = tmp_path_factory.mktemp("unreadable") / "unreadable.so"
    compiler = ["cc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([*compiler, "-o", made, SOURCE, "-ldl"], check=True)
    return made


@pytest.fixture
def room(newsroom: Newsroom, library: Path) -> Iterator[Room]:
    """Return a newsroom with an entry that names a file of each kind, and one in a folder."""
    newsroom.drop("photo.png", picture())
    newsroom.drop("inline.png", picture("red"))
    newsroom.drop("report.csv", "a,b\n")
    fields = {"image": '"photo.png"', "image_alt": '"Blue"', "attachments": '["report.csv"]'}
    body = '"Bad. ![Red](inline.png)"'
    newsroom.drop("bad.toml", entry_file("Bad", body=body, **fields))
    newsroom.drop("sub/in.toml", entry_file("In", body='"In."'))
    yield Room(newsroom, library)
    left = {path.name for path in (newsroom.folder / "entries").rglob("*")}
    assert {"bad.toml", "photo.png", "report.csv", "inline.png", "in.toml"} <= left


# Each call and each file is tried with live entries and without, though not each pair of them.
@pytest.mark.parametrize(
    ("call", "number", "name", "is_live"),
    [(*case, turn % 2 == turn // 4 % 2) for turn, case in enumerate(CASES)],
)
def test_a_failing_disk_holds_only_the_entries_that_need_it(
    call: str, number: int, name: str, room: Room, *, is_live: bool
) -> None:
    """In each command: others are published, live ones stay, and later all is well."""
    if is_live:
        room.command("build")
    before = room.titles() if is_live else set()
    refused = f"{call}:{number}:{name}"
    room.newsroom.drop("one.toml", entry_file("One", body='"One."'))

    checked = room.command("check", refused=refused)
    built = room.command("build", refused=refused)
    room.newsroom.drop("two.toml", entry_file("Two", body='"Two."'))
    rebuilt = room.command("build", "--all", refused=refused)

    hidden = "In" if name == "sub" else "Bad"
    shown = {"One", "Two", "In", "Bad"} - ({hidden} - before)
    notices = int(not is_live or call in {"look", "list"})  # an unchanged file is not read again
    assert [code for code, _ in (checked, built, rebuilt)] == [notices, notices, 1]
    assert room.titles() == shown
    assert room.command("build")[0] == 0
    assert room.titles() == {"One", "Two", "In", "Bad"}


@pytest.mark.parametrize(("call", "name"), [("look", "photo.png"), ("read", "bad.toml")])
def test_serve_goes_on_while_a_disk_fails(call: str, name: str, room: Room) -> None:
    """New files are published at once."""
    refused = f"{call}:{errno.EIO}:{name}"
    library = str(room.library)
    with serve(room.newsroom.folder, LD_PRELOAD=library, UNREADABLE=refused) as served:
        feed = room.newsroom.folder / "feeds/news.json"
        assert until(lambda: feed.exists() and "In" in room.titles())
        for number in range(3):
            room.newsroom.drop(f"{number}.toml", entry_file(f"{number}", body=f'"About {number}."'))
            assert until(partial(room.shows, f"{number}")), served.printed()

    assert "Bad" not in room.titles()
    assert "Traceback" not in served.printed()
