"""A newsroom moves in from the tool that it had, and nobody who subscribed notices.

The sites are made by the tools themselves, 500 entries each. A reader subscribes at the old feed's
address; then that machine runs Dateline, with the lines that the import said, and it asks again.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from outside.polling import READERS, Seen, old_server
from outside.programs import output
from outside.sites import MAKERS, Made
from support.publication import PUBLICATION
from support.serving import PUBLISHER, free_port, serve

pytestmark = pytest.mark.outside

COUNT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A site that was made and imported into `folder`; `said` is what the import printed."""

    made: Made
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
    """Run a command, and give what it prints."""
    config = here / "config.toml"
    return output([sys.executable, PUBLISHER, *words, "--config", config], folder=here)


def configure(here: Path, said: str, made: Made) -> None:
    """Write what the import said into the configuration: which address moved, and the window."""
    path = here / "config.toml"
    head, feed = path.read_text("utf-8").split("[[feed]]")
    rule = next(line for line in said.splitlines() if line.startswith(f'"{made.path}" = '))
    window = [line for line in said.splitlines() if line.startswith(("entries = ", "days = "))]
    wanted = "\n".join(window) or f"entries = {COUNT}\ndays = 0"
    path.write_text(f"{head}[moved]\n{rule}\n\n[[feed]]{feed}{wanted}\n", encoding="utf-8")


def test_every_entry_comes_over(move: Move) -> None:
    """All of them, and no second time."""
    again = publisher(move.folder, "import", str(move.made.source), "--yes", *move.made.options)

    assert f"0 new, {COUNT}" in again or f"0 new, {COUNT + 1}" in again  # one is a draft
    assert len(list((move.folder / "entries").rglob("*.toml"))) in {COUNT, COUNT + 1}
    assert "held until" not in move.said


def test_five_kinds_of_readers_see_no_difference(move: Move) -> None:
    """By whatever they know an item again: nothing is new, changed or gone."""
    seen = publisher(move.folder, "import", "--verify", str(move.made.feed))

    assert seen.count("see nothing new, changed or gone") == 5, seen[-2_000:]


@pytest.mark.parametrize("reader", READERS)
def test_a_reader_that_had_subscribed_sees_no_difference(
    reader: str, move: Move, tmp_path: Path
) -> None:
    """None twice, none lost, none with another title, address, moment or byline."""
    data = move.made.feed.read_bytes()
    address = f"http://127.0.0.1:{move.port}/{move.made.path}"
    with ExitStack() as stack:
        with old_server(move.port, move.made.path, data):
            poll = stack.enter_context(READERS[reader](tmp_path / "reader", address))
            before = poll()
        with serve(move.folder, port=move.port):
            after = poll()

    assert len(before) > 5
    assert [with_byline(one) for one in before] == [with_byline(one) for one in after]


def test_the_feed_alone_is_enough_for_what_it_shows(move: Move, tmp_path: Path) -> None:
    """Where the files are lost; and its readers see no difference either."""
    text = (move.folder / "config.toml").read_text("utf-8")
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    publisher(tmp_path, "import", str(move.made.feed), "--yes")
    publisher(tmp_path, "build")

    seen = publisher(tmp_path, "import", "--verify", str(move.made.feed))

    assert seen.count("see nothing new, changed or gone") == 5, seen[-2_000:]


def with_byline(seen: Seen) -> Seen:
    """Give an item with the house's name where its feed had none: Dateline's always has one."""
    return (*seen[:4], seen[4] or "Press office")
