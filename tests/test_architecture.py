"""The layout of the package: its layers, the doors to outside libraries, and the clock."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

pytestmark = pytest.mark.long  # make check has them

ROOT = Path(__file__).parent.parent
MODULES = sorted([*ROOT.glob("dateline/**/*.py"), ROOT / "publisher.py"])

# From the lowest to the highest: a module imports only from its own layer and those below it.
LAYERS = (
    "messages",
    "errors",
    "system",
    "model",
    "text",
    "entries",
    "rules",
    "documents",
    "config",
    "ledger",
    "hub",
    "render",
    "serve",
    "publish",
    "site",
    "importing",
    "newsroom",
    "cli",
)
# Layers that are below some layers, but that these must not import.
NOT_BELOW = {
    "rules": {"system"},
    "render": {"ledger"},
    "serve": {"ledger"},
    "newsroom": {"importing"},
}

# Each outside library, with the only modules or folders that import it.
DOORS = {
    "aiohttp": {"hub.sending"},
    "alembic": {"ledger.migrations"},
    "anyascii": {"text.urls"},
    "apscheduler": {"config.values", "publish.schedule"},
    "argon2": {"newsroom.access.passwords"},
    "babel": {"messages.catalogues", "text.localise"},
    "brotli": {"documents.compression", "system.decompression"},
    "bs4": {"importing.sources.web_page"},
    "click": {"cli"},
    "dateutil": {"entries.dates"},
    "deflate": {"documents.compression"},
    "feedgen": {"render.feeds"},
    "feedparser": {"importing.sources.feed"},
    "flask": {"newsroom", "serve.app", "serve.processes"},
    "gettext": {"messages.catalogues"},
    "granian": {"serve.workers.draining"},
    "httpx": {"system.http"},
    "icalendar": {"render.calendar"},
    "jinja2": {"config.templates", "newsroom", "render.pages"},
    "lxml": {"config.svg", "importing", "publish.recovery", "render"},
    "markdownify": {"entries.pasted.html_to_markdown"},
    "nh3": {"entries.normalise.markdown"},
    "obstore": {"documents.objects.bucket"},
    "pikepdf": {"entries.media.pdf"},
    "PIL": {"entries.media"},
    "pydantic": {"config"},
    "pyromark": {"entries.normalise.markdown"},
    "rich": {"cli.output"},
    "sqlalchemy": {"ledger"},
    "tomli": {"text.toml"},
    "tree_sitter": {"text.toml"},
    "tree_sitter_toml": {"text.toml"},
    "tzlocal": {"cli.init"},
    "watchfiles": {"publish.schedule.wake"},
    "werkzeug": {"newsroom", "serve.app", "serve.responses"},
    "yaml": {"importing.sources.sites.front_matter"},
    "yarl": {"hub.sending"},
    "zstandard": {"documents.compression", "system.decompression"},
}
READS_CLOCK = re.compile(
    r"(.*\.)?(datetime\.now|\w*\.today|utcnow|time_ns|monotonic|perf_counter|time\.time)"
)
# Serving reads the time to say how long a response is fresh; it decides nothing by it. The hub
# measures how long it waits.
CLOCKS = {
    "cli",
    "hub",
    "newsroom.server",
    "publish.schedule",
    "publish.settle",
    "publish.sources.polling",
    "publish.schedule.wake",
    "serve",
    "system",
}


def name_of(path: Path) -> str:
    """Return a module's dotted name without `dateline`."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part not in {"__init__", "dateline"}) or "dateline"


@cache
def tree_of(path: Path) -> ast.Module:
    """Return a module's syntax tree, which is read once."""
    return ast.parse(path.read_text(encoding="utf-8"))


NAMES = {name_of(path): path for path in MODULES}


def imports_of(path: Path) -> Iterator[str]:
    """Yield the dotted name of each module that a module imports."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name.removeprefix("dateline.") in NAMES else node.module


@cache
def all_imports() -> dict[str, set[str]]:
    """Return the names that each module imports."""
    return {name: set(imports_of(path)) for name, path in NAMES.items()}


@cache
def inside() -> dict[str, set[str]]:
    """Return the modules of the package that each one imports."""
    return {
        name: {one.removeprefix("dateline.") for one in imports if one.startswith("dateline.")}
        for name, imports in all_imports().items()
    }


def layer_of(name: str) -> str:
    """Return the layer that a module belongs to."""
    return name.partition(".")[0]


def is_within(name: str, places: set[str]) -> bool:
    """Return whether a module is one of these, or within one of these folders."""
    return any(name == place or name.startswith(f"{place}.") for place in places)


def test_every_module_belongs_to_a_layer() -> None:
    """The package consists of its layers, and of the public name of its WSGI application."""
    layers = {layer_of(name) for name in NAMES} - {"dateline", "__main__", "publisher", "web"}

    assert layers == set(LAYERS)


def test_imports_only_go_down() -> None:
    """A module imports from its own layer and from those below it."""
    upward = [
        f"{name} imports {other}"
        for name, others in inside().items()
        if layer_of(name) in LAYERS
        for other in sorted(others)
        if LAYERS.index(layer_of(other)) > LAYERS.index(layer_of(name))
    ]

    assert upward == []


def test_layers_import_only_what_they_need() -> None:
    """Decisions use no machine, rendering and serving no ledger, the newsroom no import."""
    known = {
        f"{name} imports {other}"
        for name, others in inside().items()
        for other in others
        if layer_of(other) in NOT_BELOW.get(layer_of(name), ())
    }

    assert known == set()


def test_modules_have_no_cycles() -> None:
    """Modules can be put in an order in which each imports only those before it."""
    order = list(TopologicalSorter(inside()).static_order())

    assert set(NAMES) - {"dateline"} <= set(order)


def test_each_outside_library_has_one_door() -> None:
    """A library is imported only by the modules listed for it."""
    misplaced = [
        f"{name} imports {library}"
        for name, imports in all_imports().items()
        for library in sorted({one.partition(".")[0] for one in imports} & set(DOORS))
        if not is_within(name, DOORS[library])
    ]

    assert misplaced == []


@pytest.mark.parametrize("place", sorted({place for places in DOORS.values() for place in places}))
def test_each_door_exists(place: str) -> None:
    """Every module in the list of doors exists."""
    assert place in NAMES


def test_only_the_edge_reads_the_clock() -> None:
    """Below the edge, `now` is an argument."""
    reading = {
        (name, call)
        for name, path in NAMES.items()
        if not is_within(name, CLOCKS)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        if READS_CLOCK.fullmatch(call := ast.unparse(node.func))
    }

    assert reading == set()


def test_every_module_has_a_docstring() -> None:
    """A module begins with a docstring."""
    assert [name for name, path in NAMES.items() if not ast.get_docstring(tree_of(path))] == []


def test_single_values_are_stored_in_one_place() -> None:
    """Only `ledger.queries.state` names the table of single values, tables and revisions aside."""
    in_sql = re.compile(r"\b(FROM|INTO|UPDATE) fact\b")
    named = {
        name
        for name, path in NAMES.items()
        if not name.startswith("ledger.migrations")
        for node in ast.walk(tree_of(path))
        if "fact" in {getattr(node, field, "") for field in ("id", "attr", "name")}
        or (isinstance(node, ast.Constant) and in_sql.search(repr(node.value)))
    }

    assert named == {"ledger.queries.state", "ledger.tables"}


# ---- Size and names

MOST_ENTRIES = {"dateline": 20}  # entries of one folder; all others have 12
FEWEST_LINES = 40
MOST_LINES = 400
MOST_COLUMNS = 90
# Templates, static files and catalogues are not counted.
NOT_COUNTED = {"__init__.py", "__pycache__", "templates", "static", "catalogue", "py.typed"}
NO_STATEMENT = re.compile(r"(Give|Say|Tell|Let|Whether|Look)\b|.*\?$")


def folders() -> Iterator[tuple[str, Path]]:
    """Yield each folder of the package with its dotted name."""
    for path in (ROOT / "dateline", *sorted((ROOT / "dateline").glob("**/"))):
        if (path / "__init__.py").exists():
            yield name_of(path / "__init__.py"), path


def test_a_folder_has_at_most_twelve_entries() -> None:
    """A folder can be taken in at a glance."""
    crowded = {
        name
        for name, path in folders()
        if len([one for one in path.iterdir() if one.name not in NOT_COUNTED])
        > MOST_ENTRIES.get(name, 12)
    }

    assert crowded == set()


def test_a_module_has_at_most_four_hundred_lines() -> None:
    """A module can be read in one sitting."""
    long = {
        name
        for name, path in NAMES.items()
        if len(path.read_text("utf-8").splitlines()) > MOST_LINES
    }

    assert long == set()


def test_a_small_module_is_shared() -> None:
    """A module of a few lines is imported by two others, or is a part of one of them."""
    importers = Counter(other for others in inside().values() for other in others)
    small = {
        name
        for name, path in NAMES.items()
        if path.name not in {"__init__.py", "__main__.py"}
        and not name.startswith(("ledger.migrations", "messages"))
        and name not in {"publisher", "web"}
        and len(path.read_text("utf-8").splitlines()) < FEWEST_LINES
        and importers[name] < 2
    }

    assert small == set()


def test_no_module_compiles_a_pattern_when_it_is_imported() -> None:
    """Patterns at the head of a module are compiled when they are used: see `text.expressions`."""
    compiled = {
        f"{name}, line {node.lineno}"
        for name, path in NAMES.items()
        for part in tree_of(path).body
        if not isinstance(part, ast.FunctionDef | ast.ClassDef)
        for node in ast.walk(part)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile"
    }

    assert compiled == set()


def test_a_class_name_means_one_thing() -> None:
    """No two public classes of the package have one name."""
    names = Counter(
        node.name
        for path in NAMES.values()
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )

    assert [name for name, count in names.items() if count > 1] == []


def test_docstrings_begin_with_a_statement() -> None:
    """The first line of a docstring is a statement of one line that ends with a full stop."""
    found = [
        (name, first)
        for name, path in NAMES.items()
        if name != "dateline"
        for node in ast.walk(tree_of(path))
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and (text := ast.get_docstring(node))
        for first in [text.splitlines()[0]]
        if NO_STATEMENT.match(first) or not first.endswith(".") or len(first) > MOST_COLUMNS
    ]

    assert found == []


# ---- Documentation

# Every page that people wrote: `docs/messages*.md` are made from the messages.
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
    if not path.name.startswith("messages")
)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
NAMED_PAGE = re.compile(r"\b(?:docs/[\w./-]+|[A-Z]+)\.md\b")
NAMED_PATH = re.compile(r"`((?:dateline|docs|requirements|tests)/[\w./-]*)`")
NAMED_MODULE = re.compile(r"`dateline\.([a-z_.]+)[`:]")


def prose_of(page: Path) -> str:
    """Return the text of a page without its examples."""
    return re.sub(r"(?ms)^```.*?^```$|^    .*?$", "", page.read_text("utf-8"))


def is_there(path: Path) -> bool:
    """Return whether a path is a file, or a folder with one that is not only compiled code."""
    files = (one for one in path.rglob("*") if one.is_file())
    return path.is_file() or any(one.parent.name != "__pycache__" for one in files)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_of_the_documentation_names_what_is_there(page: Path) -> None:
    """Every link leads to a file, and every path and module that a page names exists."""
    prose = prose_of(page)
    links = LINK.findall(re.sub(r"`[^`]*`", "", prose))
    paths = [*NAMED_PATH.findall(prose), *NAMED_PAGE.findall(prose)]
    missing = [name for name in links if not is_there(page.parent / name)]
    missing += [
        name for name in paths if not any(is_there(at / name) for at in (ROOT, page.parent))
    ]
    missing += set(NAMED_MODULE.findall(prose)) - set(NAMES)

    assert missing == []


def test_the_code_names_pages_that_are_there() -> None:
    """Every page of the documentation that the code names is a file of the repository."""
    named = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (*MODULES, ROOT / "Makefile", ROOT / "config.toml", ROOT / "pyproject.toml")
        for name in NAMED_PAGE.findall(path.read_text("utf-8"))
        if not (ROOT / name).exists()
    }

    assert named == set()


def test_comments_name_modules_that_are_there() -> None:
    """A dotted name in a docstring or a comment is a module, a folder, or a name in a module."""
    named = {
        f"{path.relative_to(ROOT)}: dateline.{name}"
        for path in MODULES
        for name in re.findall(r"`dateline\.([a-z_0-9.]+)`", path.read_text("utf-8"))
        if not (is_there(ROOT / "dateline" / name.replace(".", "/")) or is_defined(name))
    }

    assert named == set()


def is_defined(name: str) -> bool:
    """Return whether a dotted name is a module, or a word of the module before its last dot."""
    module, _, word = name.rpartition(".")
    return name in NAMES or (
        module in NAMES and bool(re.search(rf"\b{word}\b", NAMES[module].read_text("utf-8")))
    )


def test_no_two_test_modules_have_the_same_name() -> None:
    """The test tree is no package: pytest would refuse to collect the second."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]

    assert [name for name in {*names} if names.count(name) > 1] == []
