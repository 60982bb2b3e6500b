"""A large picture delays its own entry for a moment, and no other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest

from dateline import publish
from dateline.entries.media import workshop
from dateline.entries.media.workshop import PictureWorkshop
from dateline.errors import MediaError
from dateline.model import Report
from support.faults import no_threads
from support.process_tree import children
from support.publication import Newsroom, entry_file, photo
from support.serving import until

FIELDS = {"image": '"pier.jpg"', "image_alt": '"The pier"'}
LARGE = (2600, 1600)  # pixels that are left to the workshop


@pytest.fixture
def room(newsroom: Newsroom) -> Newsroom:
    """Return a newsroom that has published before."""
    newsroom.drop("old.toml", entry_file("Old", body='"Old."'))
    newsroom.build()
    return newsroom


def run(room: Newsroom, pictures: PictureWorkshop) -> Report:
    """Run as `serve` does, for files that have settled."""
    room.now += timedelta(minutes=1)
    clock = datetime.now(UTC) + timedelta(minutes=1)
    pictures.begin_run()
    request = publish.RunRequest(now=room.now, clock=clock, serving=True, workshop=pictures)
    report = publish.build(room.config, request)
    room.log.append(report)
    return report


def finish(pictures: PictureWorkshop) -> None:
    """Wait until a picture is finished."""
    end = monotonic() + 60
    while not pictures.has_finished:
        assert monotonic() < end
        sleep(0.05)


def titles(room: Newsroom) -> set[str]:
    """Return the published titles."""
    return {item["title"] for item in room.items()}


@pytest.mark.long
def test_other_entries_do_not_wait_for_a_picture(room: Newsroom) -> None:
    """The entry with the picture is published once, by the run after it is finished."""
    pictures = PictureWorkshop()
    room.drop("pier.jpg", photo(LARGE))
    room.drop("a.toml", entry_file("Pier", **FIELDS))
    room.drop("b.toml", entry_file("Two", body='"Two."'))

    first = run(room, pictures)
    meanwhile = titles(room)
    finish(pictures)
    second = run(room, pictures)

    assert [problem.code for problem in first.problems] == ["picture-in-work"]
    assert meanwhile == {"Old", "Two"}
    assert titles(room) == {"Old", "Two", "Pier"}
    assert second.problems == ()
    assert not pictures.has_finished


@pytest.mark.long
def test_a_picture_is_made_after_a_thread_could_not_start(room: Newsroom) -> None:
    """The machine had no memory for a moment."""
    pictures = PictureWorkshop()
    path = room.folder / "a.pack"
    with no_threads():
        pictures.begin("a", photo(LARGE), "pier.jpg", path)

    with pytest.raises(MediaError, match="picture-in-work"):
        pictures.begin("a", photo(LARGE), "pier.jpg", path)
    finish(pictures)

    assert path.exists()


@pytest.mark.long
def test_a_picture_that_is_too_hard_is_left_out(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its entry is published without it, with a warning, and it is not tried again."""
    monkeypatch.setattr(workshop, "_PATIENCE", 0.01)
    pictures = PictureWorkshop()
    room.drop("pier.jpg", photo(LARGE))
    room.drop("a.toml", entry_file("Pier", **FIELDS))

    run(room, pictures)
    finish(pictures)
    run(room, pictures)

    assert room.codes() == ["media-too-hard"]
    assert titles(room) == {"Old", "Pier"}


@pytest.mark.long
def test_a_picture_may_wait_for_a_processor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only time in which it is worked on makes it too hard."""
    monkeypatch.setattr(workshop, "_SECONDS", 10)
    pictures = PictureWorkshop()
    before = set(children(os.getpid()))
    with pytest.raises(MediaError, match="picture-in-work"):
        pictures.begin("pier", photo(LARGE), "pier.jpg", tmp_path / "pier")
    assert until(lambda: set(children(os.getpid())) > before)
    (process,) = set(children(os.getpid())) - before
    os.kill(process, signal.SIGSTOP)
    sleep(11)
    os.kill(process, signal.SIGCONT)
    finish(pictures)

    assert (tmp_path / "pier").exists()


@pytest.mark.long
def test_a_damaged_picture_ends_its_process_alone(room: Newsroom) -> None:
    """The message is the same as for a small one."""
    pictures = PictureWorkshop()
    room.drop("pier.jpg", photo(LARGE)[:20_000])
    room.drop("a.toml", entry_file("Pier", **FIELDS))

    run(room, pictures)
    finish(pictures)
    run(room, pictures)

    assert room.codes() == ["media-broken"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
def test_a_lower_limit_of_the_system_stays() -> None:
    """A service with limits of its own reads large pictures, too."""
    program = (
        "import resource\n"
        "from dateline.entries.media.limits import limit\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (20, 20))\n"
        "limit(1 << 40, 30)\n"
        "print(resource.getrlimit(resource.RLIMIT_CPU))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )

    assert said.stdout == "(20, 20)\n"


@pytest.mark.long
def test_few_pictures_are_in_memory_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are begun by later runs."""
    monkeypatch.setattr(workshop, "_AT_A_TIME", 1)
    pictures = PictureWorkshop()
    for name in ("one", "two"):
        with pytest.raises(MediaError, match="picture-in-work"):
            pictures.begin(name, photo((500, 9)), "a.jpg", tmp_path / name)

    finish(pictures)

    assert [path.name for path in tmp_path.iterdir()] == ["one"]
