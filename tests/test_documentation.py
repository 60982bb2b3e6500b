"""The commands, entries and configurations that the documentation shows are run or loaded."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import feedparser
import httpx
import pytest
import tomli
from click.testing import CliRunner

import reference
from dateline import config as configuration
from dateline.cli import COMMANDS, main
from dateline.config.schema import TABLES
from support.paths import ROOT
from support.publication import CONFIG, PUBLICATION, Newsroom, entry_file
from support.serving import free_port, until

PAGES = sorted(
    page
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"))
    if not page.name.startswith("messages")
)
MULTILINE = re.MULTILINE | re.DOTALL
FENCE = re.compile(r"^```([a-z ]*)\n(.*?)^```$", MULTILINE)
SHELL = re.compile(r"^```sh\n(.*?)^```$|((?:^    \S.*\n)+)", MULTILINE)
SPAN = re.compile(r"`dateline ([^`…]+)`")
SAVED = re.compile(r"Save this as `([\w./-]+)`")
LASTING = {"serve"}  # does not end by itself
OF_STAFF = "for-staff.md"  # tests/entries/test_template.py publishes its examples
TUTORIAL = ROOT / "docs/tutorial.md"


def shown(page: Path) -> Iterator[str]:
    """Give each line of a page's examples that begins with the command."""
    for fenced, indented in SHELL.findall(page.read_text("utf-8")):
        for line in (fenced or indented).splitlines():
            if line.strip().startswith("dateline "):
                yield line.strip().removeprefix("dateline ")


def named(page: Path) -> Iterator[str]:
    """Give each use of the command within a sentence of a page."""
    yield from SPAN.findall(FENCE.sub("", page.read_text("utf-8")))


EXAMPLES = [(page, line) for page in PAGES if page != TUTORIAL for line in shown(page)]
MENTIONS = sorted({(page, words) for page in PAGES for words in named(page)})


def called(page_and_words: tuple[Path, str]) -> str:
    """Return the name of a case."""
    page, words = page_and_words
    return f"{page.name}: {words}"


def parsed(words: list[str]) -> click.Context:
    """Parse the words after `dateline`, and return the context of the command that they call."""
    context = main.make_context("dateline", list(words))
    while isinstance(context.command, click.Group):
        name, command, rest = context.command.resolve_command(
            context,
            [*context._protected_args, *context.args],  # noqa: SLF001 - as click's own `invoke`
        )
        assert command, words
        context = command.make_context(name, rest, parent=context)
    return context


@pytest.mark.parametrize("mention", MENTIONS, ids=called)
def test_a_command_that_a_sentence_names_exists(mention: tuple[Path, str]) -> None:
    """Its options exist too; `dateline history` alone names the command without arguments."""
    words = shlex.split(mention[1])
    command: click.Command | None = main
    for word in words:
        if not isinstance(command, click.Group):
            break
        command = command.get_command(click.Context(command), word)

    assert command
    options = {name for one in command.params for name in one.opts} | {"--help", "--version"}
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("example", EXAMPLES, ids=called)
def test_an_example_of_a_command_runs(
    example: tuple[Path, str], newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends without an error in a publication; commands that go on are only parsed."""
    monkeypatch.chdir(newsroom.folder)
    public = CONFIG.replace("http://127.0.0.1:8000/", "https://news.example.org/")
    (newsroom.folder / "config.toml").write_text(public, encoding="utf-8")
    newsroom.drop("pier.toml", entry_file("The north pier"))
    newsroom.build()
    words = [here(newsroom, word) for word in shlex.split(example[1].partition(" > ")[0])]
    before(newsroom, words)

    if words[0] in LASTING:
        assert parsed(words).command.name == words[0]
        return
    done = CliRunner().invoke(main, words)

    assert done.exit_code == 0, done.output


def here(newsroom: Newsroom, word: str) -> str:
    """Return a word of an example with this publication's files for those of the example."""
    if word.startswith("https://www.example.org/feed"):
        return str(newsroom.folder / "feeds/news.rss")
    if word.startswith("/var/log/"):
        log = newsroom.folder / "access.log"
        log.write_text("", encoding="utf-8")
        return str(log)
    return word.replace("/var/backups", str(newsroom.folder))


def before(newsroom: Newsroom, words: list[str]) -> None:
    """Do what comes before an example: readers that ask, or a ledger that is lost."""
    if words == ["readers"]:
        (newsroom.folder / "state/log").mkdir()
        (newsroom.folder / "state/log/access-2026-11-24.jsonl").touch()
    if words[:2] == ["ledger", "import"]:
        CliRunner().invoke(main, ["ledger", "export", words[2]])
        (newsroom.folder / "state").rename(newsroom.folder / "state-before")


# ---- TOML

BLOCKS = [
    (page, text)
    for page in PAGES
    if page.name not in {OF_STAFF, TUTORIAL.name}
    for kind, text in FENCE.findall(page.read_text("utf-8"))
    if kind == "toml"
]


def numbered(block: tuple[Path, str]) -> str:
    """Return the name of a case."""
    return f"{block[0].name}: {block[1].splitlines()[0]}"


@pytest.mark.parametrize("block", BLOCKS, ids=numbered)
def test_an_example_in_toml_is_valid(block: tuple[Path, str], newsroom: Newsroom) -> None:
    """An entry is published; tables of `config.toml` are loaded, with a publication around them."""
    values = tomli.loads(block[1])
    if "title" in values:
        newsroom.drop("example.toml", block[1])
        assert newsroom.build().published == ("example.toml",)
        return
    assert values.keys() <= {*TABLES, "moved"}
    (newsroom.folder / "templates").mkdir()
    for name in ("logo", "icon"):
        (newsroom.folder / f"{name}.svg").write_bytes(SQUARE)
    around = "" if "publication" in values else CONFIG if "moved" in values else PUBLICATION
    text = block[1].replace('"…"', '"' + "4k9Zq-u8_Rr2Xw6t" + '"')
    (newsroom.folder / "config.toml").write_text(f"{around}\n{text}", encoding="utf-8")

    configuration.load(newsroom.folder / "config.toml")


SQUARE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 1h7v7z"/></svg>'


def test_the_message_of_the_readme_is_word_for_word(newsroom: Newsroom) -> None:
    """Its example with a day that does not exist is reported like this."""
    text = (ROOT / "README.md").read_text("utf-8")
    (_, entry), *_ = FENCE.findall(text)
    said = re.findall(r"(?:^    (?:HOLD|  +).*\n)+", text, re.MULTILINE)
    newsroom.drop("my-first-entry.toml", entry.replace("2008-10-20", '"30 February 2008"'))

    done = CliRunner().invoke(main, ["check", "--config", str(newsroom.folder / "config.toml")])

    assert len(said) == 1
    assert done.output.startswith(textwrap.dedent(said[0]))


# ---- The reference that is made from the code


def test_the_reference_has_every_key_of_the_configuration() -> None:
    """Each has a sentence, from the comments of the shipped `config.toml`."""
    text = reference.configuration()

    for name, table in TABLES.items():
        part = re.search(rf"### `\[+{name}\]+`\n(.*?)(?=\n###|\Z)", text, re.DOTALL)
        assert part, name
        rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", part[1], re.MULTILINE))
        assert rows.keys() == table.model_fields.keys()
        assert [key for key, meaning in rows.items() if not meaning.strip()] == []


def test_the_reference_has_every_command_and_option() -> None:
    """It is the text of their help."""
    text = reference.commands()

    for name in COMMANDS:
        assert f"### dateline {name}\n" in text
    assert "| `--diff` | Compare with the version before. |" in text
    assert "### dateline ledger export\n" in text


def test_links_out_of_the_folder_lead_to_pages_of_the_site() -> None:
    """`CONTRIBUTING.md` and `CHANGELOG.md` are pages of the site; other files are words."""
    text = "[a](../../CHANGELOG.md#added) [b](../look.md) [c](../../config.toml) [d](moments.md)"

    assert reference.complete(text, "design/identity") == (
        "[a](../changelog.md#added) [b](../look.md) c [d](moments.md)"
    )


def test_every_page_is_in_a_table_of_contents() -> None:
    """`docs/index.md` and `docs/design/README.md` name them; Sphinx would warn of another."""
    docs = ROOT / "docs"
    listed = {
        (page.parent / re.sub(r".*<(.*)>$", r"\1", line)).relative_to(docs).as_posix()
        for page in (docs / "index.md", docs / "design/README.md")
        for tree in re.findall(r"^```{toctree}\n(.*?)^```$", page.read_text("utf-8"), MULTILINE)
        for line in tree.splitlines()
        if line and not line.startswith(":")
    }
    pages = {page.relative_to(docs).with_suffix("").as_posix() for page in docs.rglob("*.md")}

    assert listed == pages - {"index"}


# ---- The tutorial


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
        config = self.folder / "harbour/config.toml"
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
    one = Terminal(tmp_path, {**os.environ, "PATH": path}, free_port())
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
