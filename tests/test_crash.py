"""Killed at any instruction, the next start finishes the job."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from conftest import CONFIG, NOW, Newsroom, entry_file
from PIL import Image

from dateline.shelf import Shelf

KILLED = Path(__file__).parent / "killed.py"
KILLS = 24


def newsroom_at(folder: Path) -> Newsroom:
    """Give a newsroom that has published, and has changes waiting."""
    (folder / "entries").mkdir(parents=True)
    (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
    room = Newsroom(folder)
    room.drop("a.toml", entry_file(date="2026-10-01", categories='["Lebanon"]'))
    room.drop("b.toml", entry_file("Toolkit", "2026-10-02"))
    room.build()
    return room


def change(room: Newsroom) -> None:
    """Retitle an entry, add one with a picture, and drop a file that is held."""
    buffer = BytesIO()
    Image.new("RGB", (8, 6), "navy").save(buffer, "PNG")
    room.drop("photo.png", buffer.getvalue())
    room.drop("a.toml", entry_file("Retitled", "2026-10-01", categories='["Lebanon"]'))
    room.drop("c.toml", entry_file("New", "2026-10-03", image='"photo.png"', image_alt='"Blue"'))
    room.drop("d.toml", entry_file(body='""'))


def run(room: Newsroom, line: int) -> subprocess.CompletedProcess[str]:
    """Build in another process that dies at a line, or lives."""
    clock = datetime.now(UTC) + timedelta(seconds=2)
    words = [room.folder / "config.toml", room.now + timedelta(minutes=1), clock, line]
    return subprocess.run(
        [sys.executable, KILLED, *map(str, words)],
        env=os.environ | {"PYTHONPATH": str(KILLED.parent.parent)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Give a newsroom with changes that nobody has published yet."""
    room = newsroom_at(tmp_path_factory.mktemp("crash") / "room")
    change(room)
    return room


@pytest.fixture(scope="module")
def finished(prepared: Newsroom) -> tuple[dict[str, bytes], int]:
    """Give what the changes become without an accident, and in how many lines."""
    room = copy_of(prepared, prepared.folder.parent / "finished")
    done = run(room, 0)
    return documents(room), int(done.stdout)


def copy_of(room: Newsroom, folder: Path) -> Newsroom:
    """Copy a newsroom; its publisher sees other files with the same times."""
    shutil.copytree(room.folder, folder)
    return Newsroom(folder, now=room.now)


def documents(room: Newsroom) -> dict[str, bytes]:
    """Give the bytes of every public file."""
    return {path: data for path, (data, _) in room.feeds().items() if not path.startswith(".")}


@pytest.mark.parametrize("kill", range(1, KILLS + 1))
def test_a_kill_leaves_whole_documents_and_is_made_good(
    kill: int, prepared: Newsroom, finished: tuple[dict[str, bytes], int], tmp_path: Path
) -> None:
    """Each document is the old one or the new one, is served, and the next run finishes."""
    room = copy_of(prepared, tmp_path / "room")
    old, (new, lines) = documents(prepared), finished

    killed = run(room, lines * kill // (KILLS + 1))

    assert killed.returncode == -signal.SIGKILL
    left = {p: d for p, d in documents(room).items() if not p.startswith(".new/")}
    assert all(data in (old.get(path), new[path]) for path, data in left.items())
    assert left.keys() >= old.keys()
    shelf = Shelf(room.folder / "feeds")
    served = {path: shelf.get(path) for path in old}
    assert all(copy and copy.data in (old[path], new[path]) for path, copy in served.items())

    room.now = NOW + timedelta(hours=1)
    room.build()

    assert documents(room) == new
    assert room.log[-1].states["d.toml"] == "hold"
    assert room.build().documents == ()
