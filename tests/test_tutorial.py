"""The tutorial is followed line by line, up to a feed reader that shows the entry."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import feedparser
import httpx
import pytest

from support.paths import ROOT
from support.serving import free_port, until

TUTORIAL = ROOT / "docs/tutorial.md"
FENCE = re.compile(r"^```([a-z ]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SAVED = re.compile(r"Save this as `([\w./-]+)`")


@dataclass
class Terminal:
    """The folder and the programs of somebody who follows the tutorial, at a free port."""

    folder: Path
    environment: dict[str, str]
    port: int
    serving: subprocess.Popen[bytes] | None = None
    said: str = ""

    def type(self, line: str) -> None:
        """Type a line into the terminal."""
        if line.startswith("cd "):
            self.folder /= line.removeprefix("cd ")
        elif line == "dateline serve":
            self.serving = subprocess.Popen(
                [*shlex.split(line)], cwd=self.folder, env=self.environment
            )
            assert until(lambda: self.title_of_front_page() == "Harbour news", 60)
        else:
            line = line.replace(":8000", f":{self.port}")
            done = subprocess.run(
                shlex.split(line),
                cwd=self.folder,
                env=self.environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, (line, done.stdout, done.stderr)
            self.said = done.stdout
        if line.startswith("dateline init"):
            self.move_port()

    def move_port(self) -> None:
        """Serve at a free port instead of 8000."""
        config = self.folder / "../harbour/config.toml"
        text = config.read_text("utf-8").replace(":8000", f":{self.port}")
        config.write_text(f"{text}\n[serve]\nport = {self.port}\n", encoding="utf-8")

    def save(self, name: str, text: str) -> None:
        """Save a file as an editor does."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def title_of_front_page(self) -> str:
        """Return the title of the front page; an empty text as long as nobody answers."""
        try:
            page = httpx.get(f"http://127.0.0.1:{self.port}/").text
        except httpx.TransportError:
            return ""
        found = re.search("<title>(.*?)</title>", page)
        return found[1] if found else ""

    def entries(self) -> dict[str, str]:
        """Return the titles by id, as a feed reader has them."""
        feed = feedparser.parse(httpx.get(f"http://127.0.0.1:{self.port}/news.atom").content)
        return {entry.id: entry.title for entry in feed.entries}

    def shows(self, titles: set[str]) -> bool:
        """Wait until a feed reader has exactly these titles; return whether it does."""
        return until(lambda: set(self.entries().values()) == titles)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """Return a terminal with the command `dateline` of this tree, and stop what it serves."""
    command = tmp_path / "bin/dateline"
    command.parent.mkdir()
    command.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT)!r})\n"
        "from dateline.cli import run\nrun()\n"
    )
    command.chmod(0o755)
    path = f"{command.parent}:{os.environ['PATH']}"
    clone = tmp_path / "clone"
    clone.mkdir()
    one = Terminal(clone, {**os.environ, "PATH": path}, free_port())
    yield one
    if one.serving:
        one.serving.terminate()
        one.serving.wait(30)


@pytest.mark.long
def test_the_tutorial_leads_to_a_reader_that_shows_the_entry(terminal: Terminal) -> None:
    """Its lines are typed and its files are saved as they stand; its note is word for word."""
    title, wider = "The north pier is open again", "The north pier is open again, and wider"
    seen: set[str] = set()
    steps = TUTORIAL.read_text("utf-8").split("\n## ")
    assert "make setup" in steps[1]
    for step in steps[2:]:
        name = SAVED.search(step)
        for kind, text in FENCE.findall(step):
            if kind == "sh":
                for line in text.splitlines():
                    terminal.type(line)
            elif kind == "text":
                note = terminal.folder / "entries/pier.toml.problem.txt"
                assert until(note.exists)
                assert note.read_text("utf-8-sig") == text
            elif name:
                terminal.save(name[1], text)
                expected = {"toml faulty": {"Welcome"}}.get(kind, {"Welcome", title})
                expected = {"Welcome", wider} if wider in text else expected
                assert terminal.shows(expected)
                seen |= terminal.entries().keys()
    assert len(seen) == 2
    versions = re.findall(r"^ (\d) .* (\w+) *$", terminal.said, re.MULTILINE)
    assert versions == [("1", "published"), ("2", "title")]
