"""The shipped values of constants that tests change."""

from __future__ import annotations

import ast
import sys
from datetime import timedelta
from importlib import import_module

import pytest

from support.paths import TESTS

# Each is listed with its shipped value.
SHIPPED = {
    "dateline.publish.settle._RUNS": 200,  # ends the wait for a file that never settles
    "dateline.ledger.queries.events.PART": 1000,  # a sitemap has fifty thousand addresses at most
    "dateline.serve.monitoring.mail._LEAVING": 2.0,  # seconds
    "dateline.serve.monitoring.monitor._EVERY": 1.0,
    "dateline.serve.monitoring.monitor._PROBES_EVERY": 10.0,
    "dateline.serve.monitoring.monitor._SETTLES_AFTER": 60.0,
    "dateline.publish.notify.websub._FOLLOWING": 3.0,
    "dateline.publish.notify.websub._JITTER": 1.25,
    "dateline.serve.cache.following._VERIFIED_EVERY": 60.0,
    "dateline.serve.readership._PATHS": 10_000,
    "dateline.publish.notify.delivery.checker._SETTLES": 12.0,  # seconds
    "dateline.serve.doctor.verdict.PAUSES": (4.0, 7.0, 9.0),  # seconds
    "dateline.publish.notify.cdn.AGAIN": 5,  # seconds
    "dateline.publish.notify.cdn._BURST": 25,
    "dateline.publish.notify.cdn._FOLLOWING": 2.0,  # seconds
    "dateline.publish.notify.cdn._LIMIT": 30.0,  # seconds
    "dateline.publish.sources.fetching.MOST_BYTES": 50_000_000,
    "dateline.publish.sources.fetching.MOST_LISTED": 6_000_000,
    "dateline.publish.sources.git._HISTORY": 30_000_000,
    "dateline.publish.schedule._AGAIN_AT_MOST": timedelta(minutes=1),
    "dateline.publish.schedule._AGAIN_FIRST": timedelta(seconds=2),
    "dateline.publish.schedule.wake._CHECKS_EVERY": 1000,  # milliseconds
    "dateline.publish.schedule._NEWEST": 50,
    "dateline.publish.produce.fingerprints._MEANING": 5,
    "dateline.publish.schedule._POSTPONED_FOR": 60.0,  # seconds
    "dateline.publish.schedule._POSTPONED_TIMES": 10,
    "dateline.entries.lazy_scan._MANY": 10_000,
    "dateline.publish.produce.scrub._AT_LEAST": 1000,
    "dateline.publish.produce.scrub._BYTES": 4_000_000,
    "dateline.serve.processes._RESTS": 300.0,  # seconds
    "dateline.serve.cache.REMEMBERS": 1,  # second
    "dateline.serve.cache._IDLE": 1.0,  # second
    "dateline.serve.cache.documents._SMALL": 16_000,  # bytes
    "dateline.system.supervisor._HUNG_AFTER": 60.0,
    "dateline.system.supervisor._QUICK": 5.0,
    "dateline.publish.assess.changes._FEW": 10_000,
    "dateline.ledger.queries.files._FEW": 200,
    "dateline.ledger.queries.editions._MOST_GONE": 1_000,
    "dateline.publish.assess.batches._PART": 1_250,
    "dateline.cli.output.progress_bar._LOGGED": 10.0,
    "dateline.documents.editions.packs._FEWEST": 50,
    "dateline.documents.editions.replica._BYTES": 4_000_000,
    "dateline.documents.editions.writer._INLINE": 2000,
    "dateline.documents.editions.writer._MANY": 500,
    "dateline.documents.search.update._PART": 200,
    "dateline.publish.produce._ALONE": 40,
    "dateline.publish.produce.workers._DATED": 200,
    "dateline.publish.produce.editions._MOST": 500,
    "dateline.importing.sources.archives._MOST_ITEMS": 500_000,
    "dateline.entries.media.pdf_process._MEMORY": 1 << 30,
    "dateline.entries.media.pdf_process.RUN_MODULE": (sys.executable, "-P", "-m"),
    "dateline.entries.media.pdf_process._SECONDS": 30,
    "dateline.entries.media.workshop._PATIENCE": 600,
    "dateline.entries.media.workshop._SECONDS": 30,
    "dateline.entries.media.workshop._AT_A_TIME": 8,
    "dateline.newsroom.access.passwords._PATIENCE": 5.0,
    "dateline.newsroom.write.routes._BACK": timedelta(hours=12),
    "dateline.newsroom.write.routes._MOMENT": 5.0,  # seconds
    "dateline.rules.taxonomy.PAGE": 25,
    "dateline.ledger.migrations.HEAD": "0009",
    "dateline.ledger.queries.relations.neighbours.RARE": 300,
    "dateline.ledger.queries.notices.subscriptions._PAGE": 5000,
    "dateline.hub.verify._PAUSES": (5, 30, 120, 600),  # seconds
    "dateline.hub.verify._QUIET": (0.25, 4.0),  # seconds
    "dateline.hub.client._LATE": 0.5,
    "dateline.hub.hub._LOOK_EVERY": 10.0,
    "dateline.hub.hub._MOST": 10_000,
    "dateline.hub.hub._MOST_OF_HOST": 200,
    "dateline.hub.hub._MOST_OF_SITE": 2000,
    "dateline.hub.register._PATIENCE": 5.0,
    "dateline.hub.register._SURE": 3600.0,
    "dateline.hub.register._ANSWERED_WITHIN": 7.0,
}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_constant_that_tests_change_has_its_shipped_value(name: str) -> None:
    """A test that replaces a constant does not check its value."""
    module, _, constant = name.rpartition(".")

    assert getattr(import_module(module), constant) == SHIPPED[name]


@pytest.mark.long
def test_every_constant_that_tests_change_is_listed() -> None:
    """It is found by its name in calls of `monkeypatch.setattr` and `patch`."""
    listed = {name.rpartition(".")[2] for name in SHIPPED}
    changed = {
        name for path in TESTS.glob("*/test_*.py") for name in _changed(path.read_text("utf-8"))
    }

    assert {name for name in changed if name.isupper()} - {"OTHERWISE"} == listed


def _changed(source: str) -> set[str]:
    """Return the last part of each text with which a call of `setattr` or `patch` begins."""
    found: set[str] = set()
    for one in ast.walk(ast.parse(source)):
        if isinstance(one, ast.Call) and _name(one.func) in {"setattr", "patch", "object"}:
            texts = [arg.value for arg in one.args[:2] if isinstance(arg, ast.Constant)]
            found |= {str(text).rpartition(".")[2] for text in texts}
        if isinstance(one, ast.For) and isinstance(one.iter, ast.Tuple):  # name by name
            pairs = [pair.elts[0] for pair in one.iter.elts if isinstance(pair, ast.Tuple)]
            names = [str(text.value) for text in pairs if isinstance(text, ast.Constant)]
            found |= {name for name in names if name.startswith("_") and name.isupper()}
    return found


def _name(function: ast.expr) -> str:
    """Return the last part of a function's name."""
    return getattr(function, "attr", "") or getattr(function, "id", "")
