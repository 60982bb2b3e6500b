"""The house keeps its order: who may import whom, and who has which door."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted([*ROOT.glob("dateline/**/*.py"), ROOT / "publisher.py"])

# The steps in the order in which an entry travels; a module may import what stands above it.
ORDER = [
    "dateline",
    "dateline.messages",
    "dateline.errors",
    "dateline.condition",
    "dateline.pulse",
    "dateline.model",
    "dateline.weight",
    "dateline.address",
    "dateline.language",
    "dateline.letters",
    "dateline.remembered",
    "dateline.beneath",
    "dateline.private",
    "dateline.unpacking",
    "dateline.toml",
    "dateline.strip",
    "dateline.pdf",
    "dateline.media",
    "dateline.look",
    "dateline.config",
    "dateline.naming",
    "dateline.intake",
    "dateline.glance",
    "dateline.fields",
    "dateline.guide",
    "dateline.template",
    "dateline.western",
    "dateline.decode",
    "dateline.copies",
    "dateline.statements",
    "dateline.repair",
    "dateline.wanted",
    "dateline.causes",
    "dateline.diagnose",
    "dateline.mend",
    "dateline.parse",
    "dateline.dates",
    "dateline.pasted",
    "dateline.fragment",
    "dateline.markup",
    "dateline.links",
    "dateline.beside",
    "dateline.normalise",
    "dateline.judge",
    "dateline.notices",
    "dateline.record",
    "dateline.similarity",
    "dateline.corrections",
    "dateline.facets",
    "dateline.guard",
    "dateline.slips",
    "dateline.identify",
    "dateline.decide",
    "dateline.withdraw",
    "dateline.codings",
    "dateline.manifest",
    "dateline.ledger",
    "dateline.stopped",
    "dateline.survey",
    "dateline.tree",
    "dateline.originals",
    "dateline.stillness",
    "dateline.standing",
    "dateline.parts",
    "dateline.examined",
    "dateline.examine",
    "dateline.enrol",
    "dateline.wording",
    "dateline.outlook",
    "dateline.edition",
    "dateline.render",
    "dateline.scratch",
    "dateline.store",
    "dateline.guesses",
    "dateline.directory",
    "dateline.attached",
    "dateline.basis",
    "dateline.printer",
    "dateline.crew",
    "dateline.scrub",
    "dateline.press",
    "dateline.recovery",
    "dateline.notes",
    "dateline.whereabouts",
    "dateline.fetch",
    "dateline.notification",
    "dateline.alarm",
    "dateline.push",
    "dateline.soundness",
    "dateline.pipeline",
    "dateline.settle",
    "dateline.schedule",
    "dateline.versions",
    "dateline.accesslog",
    "dateline.health",
    "dateline.incident",
    "dateline.monitor",
    "dateline.readers",
    "dateline.terminal",
    "dateline.doctor",
    "dateline.negotiate",
    "dateline.shelf",
    "dateline.answer",
    "dateline.web",
    "dateline.systemd",
    "dateline.supervisor",
    "dateline.port",
    "dateline.claim",
    "dateline.draining",
    "dateline.server",
    "dateline.front",
    "dateline.desk",
    "dateline.moving",
    "dateline.acts",
    "dateline.newsroom",
    "dateline.bookkeeping",
    "dateline.importing",
    "dateline.takeover",
    "publisher",
]

DOORS = {
    "alembic": {"dateline.ledger"},
    "anyascii": {"dateline.address"},
    "babel": {"dateline.wording"},
    "bs4": {"dateline.importing"},
    "brotli": {"dateline.codings", "dateline.unpacking"},
    "apscheduler": {"dateline.config", "dateline.schedule"},
    "click": {
        "publisher",
        "dateline.acts",
        "dateline.bookkeeping",
        "dateline.desk",
        "dateline.takeover",
    },
    "dateutil": {"dateline.dates"},
    "deflate": {"dateline.codings"},
    "feedgen": {"dateline.render"},
    "feedparser": {"dateline.importing"},
    "flask": {"dateline.web", "dateline.server", "dateline.newsroom"},
    "gettext": {"dateline.wording"},
    "granian": {"dateline.draining"},
    "httpx": {"dateline.fetch"},
    "icalendar": {"dateline.render"},
    "jinja2": {"dateline.look", "dateline.newsroom", "dateline.render"},
    "lxml": {"dateline.importing", "dateline.look", "dateline.recovery", "dateline.render"},
    "markdownify": {"dateline.importing"},
    "nh3": {"dateline.markup"},
    "pikepdf": {"dateline.pdf"},
    "PIL": {"dateline.media"},
    "pydantic": {"dateline.config"},
    "pyromark": {"dateline.markup"},
    "rich": {"dateline.terminal"},
    "sqlalchemy": {"dateline.ledger"},
    "tomli": {"dateline.toml"},
    "tree_sitter": {"dateline.toml"},
    "tree_sitter_toml": {"dateline.toml"},
    "yaml": {"dateline.importing"},
    "watchfiles": {"dateline.schedule"},
    "werkzeug": {"dateline.answer", "dateline.newsroom", "dateline.web"},
}
# The wire tells time to say how long an answer is fresh; it decides nothing by it.
READS_CLOCK = re.compile(
    r"(.*\.)?(datetime\.now|\w*\.today|utcnow|time_ns|monotonic|perf_counter|time\.time)"
)
CLOCKS = {
    "publisher",
    "dateline.accesslog",
    "dateline.settle",
    "dateline.desk",
    "dateline.fetch",
    "dateline.schedule",
    "dateline.answer",
    "dateline.shelf",
    "dateline.web",
    "dateline.monitor",
    "dateline.newsroom.connections",
    "dateline.supervisor",
    "dateline.draining",
    "dateline.server",
}


def name_of(path: Path) -> str:
    """Give a module's dotted name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def step_of(module: str) -> str:
    """Give the step that a module belongs to: itself, or the package it is part of."""
    return ".".join(module.split(".")[:2])


def imports_of(path: Path) -> set[str]:
    """Give the dotted names of everything that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            if node.module == "dateline":
                found |= {f"dateline.{alias.name}" for alias in node.names}
    return {name for name in found if name not in {"dateline.__version__", "dateline"}}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_an_entry_travels_down_the_line_and_never_back_up(path: Path) -> None:
    """A module imports only steps that stand before its own."""
    step = step_of(name_of(path))
    steps = {step_of(name) for name in imports_of(path) if name.startswith("dateline.")}

    later = {other for other in steps if ORDER.index(other) > ORDER.index(step)}

    assert later == set()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_each_outside_library_has_one_door(path: Path) -> None:
    """A library is imported only where it is let in."""
    step = step_of(name_of(path))
    outside = {name.split(".")[0] for name in imports_of(path)} & set(DOORS)

    misplaced = {library for library in outside if step not in DOORS[library]}

    assert misplaced == set()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_clock_is_read_at_the_edge_only(path: Path) -> None:
    """Below the edge, `now` is an argument."""
    if name_of(path) in CLOCKS:
        return
    calls = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    }

    assert {call for call in calls if READS_CLOCK.fullmatch(call)} == set()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_module_says_which_question_it_answers(path: Path) -> None:
    """A module begins with a docstring."""
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_the_order_names_every_module() -> None:
    """No module stands outside the line."""
    steps = {step_of(name_of(path)) for path in MODULES}

    assert steps == set(ORDER)
