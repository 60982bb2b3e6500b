"""The commands, entries, configurations and examples that are shown are run or loaded."""

from __future__ import annotations

import doctest
import importlib
import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import tomli
from click.testing import CliRunner

import reference
from dateline import config as configuration
from dateline.cli import COMMANDS, main
from dateline.config.schema import TABLES, Tables
from dateline.serve.doctor import AGGREGATORS
from dateline.serve.doctor.aggregators.rules import load
from support import worked_example
from support.paths import ROOT
from support.publication import CONFIG, PUBLICATION, Newsroom, entry_file

PAGES = sorted(
    page
    for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md"))
    if not page.name.startswith("messages")
)
MULTILINE = re.MULTILINE | re.DOTALL
FENCE = re.compile(r"^```([a-z ]*)\n(.*?)^```$", MULTILINE)
SHELL = re.compile(r"^```sh\n(.*?)^```$|((?:^    \S.*\n)+)", MULTILINE)
SPAN = re.compile(r"`dateline ([^`…]+)`")
WITH_EXAMPLES = sorted(
    ".".join(module.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for module in ROOT.glob("dateline/**/*.py")
    if re.search(r"^ *>>> ", module.read_text("utf-8"), re.MULTILINE)
)
LASTING = {"serve", "cluster"}  # does not end by itself, and needs a database and nodes
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
        left = [*context._protected_args, *context.args]  # noqa: SLF001 - as click's own `invoke`
        if not left:
            break
        name, command, rest = context.command.resolve_command(context, left)
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


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Newsroom:
    """Return a publication with an entry, at a public address."""
    newsroom = Newsroom(tmp_path_factory.mktemp("published"))
    public = CONFIG.replace("http://127.0.0.1:8000/", "https://news.example.org/")
    (newsroom.folder / "config.toml").write_text(public, encoding="utf-8")
    newsroom.drop("pier.toml", entry_file("The north pier"))
    newsroom.build()
    return newsroom


TYPED = "correct-horse-battery-staple\n"  # the password of an example


@pytest.mark.parametrize("example", EXAMPLES, ids=called)
def test_an_example_of_a_command_runs(
    example: tuple[Path, str],
    published: Newsroom,
    newsroom: Newsroom,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It ends without an error in a publication; commands that go on are only parsed."""
    newsroom.begin_as(published)
    monkeypatch.chdir(newsroom.folder)
    words = [here(newsroom, word) for word in shlex.split(example[1].partition(" > ")[0])]
    before(newsroom, words)

    if words[0] in LASTING:
        assert parsed(words).command.name in words
        return
    done = CliRunner().invoke(main, words, input=TYPED if words[0] == "newsroom" else None)

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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_target_of_make_that_a_page_names_exists(page: Path) -> None:
    """A reader who types it is not refused."""
    named = set(re.findall(r"(?:`|^    )make ([a-z-]+)", page.read_text("utf-8"), re.MULTILINE))
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)

    assert named - {*targets} == set()


def test_the_readme_is_short() -> None:
    """It has eighty lines at most, and says how to try Dateline and how to test it."""
    text = (ROOT / "README.md").read_text("utf-8")

    assert len(text.splitlines()) <= 80
    assert {"make serve", "make test"} <= set(re.findall(r"make \w+", text))


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
    assert values.keys() <= {*Tables.model_fields}
    (newsroom.folder / "templates").mkdir()
    for name in ("logo", "icon"):
        (newsroom.folder / f"{name}.svg").write_bytes(SQUARE)
    is_whole = "title" in values.get("publication", {})
    around = "" if is_whole else CONFIG if "moved" in values else PUBLICATION
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


# ---- The worked examples of `CONTRIBUTING.md`


@pytest.mark.parametrize(("heading", "count"), [("Add a field", 3), ("Add a format", 2)])
def test_a_worked_example_fits_the_code(heading: str, count: int) -> None:
    """A field of plain text takes three places, a feed format a row and a module."""
    worked_example.apply(heading, ROOT, "--check")

    assert len(worked_example.places(heading)) == count


# ---- The reference that is made from the code


def test_the_reference_has_every_key_of_the_configuration() -> None:
    """Each has a sentence, from the comments of the shipped `config.toml`."""
    text = reference.configuration()

    for name, table in TABLES.items():
        part = re.search(rf"### `\[+{name}\]+`\n(.*?)(?=\n###|\Z)", text, re.DOTALL)
        assert part, name
        rows = dict(re.findall(r"^\| `(\w+)` \|.*\| (.*) \|$", part[1], re.MULTILINE))
        nested = {"links", "translations", "person", *({"allow"} if name == "look" else ())}
        assert rows.keys() == table.model_fields.keys() - nested
        assert [key for key, meaning in rows.items() if not meaning.strip()] == []


def test_the_reference_has_every_command_and_option() -> None:
    """It is the text of their help."""
    text = reference.commands()

    for name in COMMANDS:
        assert f"### dateline {name}\n" in text
    assert "| `--diff` | Compare with the version before. |" in text
    assert "### dateline ledger export\n" in text
    assert "```text\nExamples:\n  dateline history harbour.toml\n" in text
    assert "--help" not in text


def test_the_reference_has_every_rule_of_aggregators() -> None:
    """Each with its level and its source; the page has a section for each aggregator."""
    text = reference.aggregators()
    page = (ROOT / "docs/aggregators.md").read_text("utf-8")

    for one in map(load, AGGREGATORS):
        assert f"\n## {one.title}\n" in page
        _, _, part = text.partition(f"### Rules of {one.title}\n")
        for rule in one.rules:
            assert f"| `{rule.name}` | {rule.level} |" in part.partition("\n###")[0]
            assert f"]({rule.source.url}) |" in part


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_the_examples_of_a_docstring_are_true(name: str) -> None:
    """Each line is run, in order."""
    failed, tried = doctest.testmod(importlib.import_module(name))

    assert failed == 0
    assert tried


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
