"""Dateline, nginx and Caddy answer rightly under load, while news, a reload and a restart go on.

For hours: `make wire HOURS=2`.
"""

from __future__ import annotations

import pytest

from wire.model import OWN
from wire.running import Plan, Run

pytestmark = [pytest.mark.outside, pytest.mark.long]

# A tenth of the load of a long run, since other tests run at the same time.
PLAN = Plan(
    seconds=50,
    rate=1000,
    connections=16,
    segment=10,
    drop_every=3,
    reload_every=2,
    restart_every=4,
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run of about a minute."""
    run = Run(tmp_path_factory.mktemp("wire") / "news", PLAN)
    assert [*run]
    return run


def test_no_answer_is_wrong_and_no_request_is_lost(run: Run) -> None:
    """Bytes, validators and embargoes; also on connections that a reload or a restart ends."""
    outcome = run.outcome

    assert outcome.broken == [], "\n".join(outcome.broken[:20])
    assert outcome.reloads >= 1 <= outcome.restarts
    assert outcome.news > 5
    assert outcome.answers > 100


def test_all_servers_answered_the_load(run: Run) -> None:
    """Each in each part of the run, so that the figures are of what they seem to be."""
    for segment in run.outcome.segments:
        for name, load in segment.loads.items():
            assert load.requests > 0, name
            assert 0 < load.median <= load.p99, name
    assert {name for one in run.outcome.segments for name in one.loads} == {OWN, "nginx", "Caddy"}


def test_open_files_do_not_grow(run: Run) -> None:
    """Beyond one for each connection; memory needs hours to show a slope."""
    usage = run.outcome.usage

    assert {"supervisor", "publisher", "web", "nginx", "Caddy"} <= usage.samples.keys()
    for kind, samples in usage.samples.items():
        first, last = usage.levels(kind)
        assert last.files <= first.files + 2 * PLAN.connections, (kind, samples)
        assert samples[-1].memory > 0
