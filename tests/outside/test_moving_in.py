"""A newsroom moves in from another tool, and no subscriber notices.

The sites are made by the tools themselves, each with 60 entries of four years. A reader
subscribes at the old feed's address; then that machine runs Dateline, with the lines that the
import printed, and it polls again.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from outside.polling import READERS, Seen, old_server
from outside.sites import MAKERS, BuiltSite
from support import commands
from support.publication import PUBLICATION
from support.serving import free_port, serve

pytestmark = pytest.mark.outside

COUNT = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A site that was made and imported into `folder`; `said` is the import's output."""

    made: BuiltSite
    folder: Path
    port: int
    said: str


@pytest.fixture(scope="module", params=MAKERS)
def move(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Move:
    """Make a site, and import it, as its owner would."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    made = MAKERS[request.param](folder / "old", COUNT)
    port = free_port()
    here = folder / "here"
    here.mkdir()
    text = PUBLICATION.replace("http://127.0.0.1:8000/", f"http://127.0.0.1:{port}/")
    text = text.replace('author = "Example"', 'author = "Press office"')
    (here / "config.toml").write_text(f'{text}language = "*"\n', encoding="utf-8")
    said = publisher(here, "import", str(made.source), "--yes", *made.options)
    configure(here, said, made)
    publisher(here, "build")
    return Move(made=made, folder=here, port=port, said=said)


def publisher(here: Path, *words: str) -> str:
    """Run a command, and return its output."""
    done = commands.publisher(*words, "--config", here / "config.toml", cwd=here)
    assert done.returncode == 0, done.stderr
    return done.stdout


def configure(here: Path, said: str, made: BuiltSite) -> None:
    """Write the import's lines into the configuration: moved addresses, and the window."""
    path = here / "config.toml"
    head, feed = path.read_text("utf-8").split("[[feed]]")
    rule = next(line for line in said.splitlines() if line.startswith(f'"{made.path}" = '))
    window = [line for line in said.splitlines() if line.startswith(("entries = ", "days = "))]
    wanted = "\n".join(window) or f"entries = {COUNT}\ndays = 0"
    path.write_text(f"{head}[moved]\n{rule}\n\n[[feed]]{feed}{wanted}\n", encoding="utf-8")


def test_every_entry_is_imported(move: Move) -> None:
    """Exactly once."""
    again = publisher(move.folder, "import", str(move.made.source), "--yes", *move.made.options)

    assert f"0 new, {COUNT}" in again or f"0 new, {COUNT + 1}" in again  # one is a draft
    assert len(list((move.folder / "entries").rglob("*.toml"))) in {COUNT, COUNT + 1}
    assert "held until" not in move.said


def test_five_kinds_of_readers_see_no_difference(move: Move) -> None:
    """By any rule for recognising items, nothing is new, changed or gone."""
    seen = publisher(move.folder, "import", "--verify", str(move.made.feed))

    assert seen.count("see nothing new, changed or gone") == 5, seen[-2_000:]


def test_subscribed_readers_see_no_difference(move: Move, tmp_path: Path) -> None:
    """No item is duplicated, lost, or has another title, address, time or byline."""
    data = move.made.feed.read_bytes()
    address = f"http://127.0.0.1:{move.port}/{move.made.path}"
    with ExitStack() as stack:
        with old_server(move.port, move.made.path, data):
            polls = {
                name: stack.enter_context(subscribed(tmp_path / name, address))
                for name, subscribed in READERS.items()
            }
            before = {name: poll() for name, poll in polls.items()}
        with serve(move.folder, port=move.port):
            after = {name: poll() for name, poll in polls.items()}

    for name in READERS:
        assert len(before[name]) > 5
        assert [*map(with_byline, before[name])] == [*map(with_byline, after[name])], name


def test_the_feed_alone_is_enough_for_its_items(move: Move, tmp_path: Path) -> None:
    """If the files are lost, its readers see no difference either."""
    text = (move.folder / "config.toml").read_text("utf-8")
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    publisher(tmp_path, "import", str(move.made.feed), "--yes")
    publisher(tmp_path, "build")

    seen = publisher(tmp_path, "import", "--verify", str(move.made.feed))

    assert seen.count("see nothing new, changed or gone") == 5, seen[-2_000:]


def with_byline(seen: Seen) -> Seen:
    """Return an item with the organisation as byline if its feed had none, as Dateline adds it."""
    return (*seen[:4], seen[4] or "Press office")
