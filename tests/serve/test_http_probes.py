"""HTTP in detail: each probe of `data/http_probes.tsv`, on a raw socket, against `serve`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from support import probes
from support.probes import Probe, Subject
from support.serving import PUBLISHER, serve, until

ALL = list(probes.probes())
SHOWN = PUBLISHER.parent / "docs/http.md"


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    """Yield a served publication with everything that the probes need."""
    folder = tmp_path_factory.mktemp("http")
    probes.publish(folder)
    with serve(folder) as served:
        assert until(lambda: served.get("news.rss").status_code == 200)
        yield probes.subject(("127.0.0.1", served.port))


@pytest.mark.parametrize("probe", ALL, ids=lambda probe: f"{probe.rule}, {probe.title}")
def test_a_probe_is_answered_as_required(probe: Probe, subject: Subject) -> None:
    """By the RFCs for decisions of the application, by the documentation for granian's."""
    assert probes.faults(probe, subject) == []


def test_there_are_many_probes_and_each_names_its_rule() -> None:
    """Each has a level, the section of an RFC, and a unique name."""
    assert sum(probe.by == "application" for probe in ALL) > 150
    assert {probe.level for probe in ALL} == set(probes.WEIGHTS)
    assert {probe.by for probe in ALL} == {"application", "granian"}
    assert all(re.fullmatch(r"(\d{4}|Fetch) [\d.]+", probe.rule) for probe in ALL)
    assert [title for title, n in Counter(probe.title for probe in ALL).items() if n > 1] == []


@pytest.mark.long
def test_decisions_of_granian_are_documented() -> None:
    """`docs/http.md` has a line for each."""
    _, _, section = SHOWN.read_text("utf-8").partition("## What granian decides\n")
    shown = [line for line in section.splitlines() if line.startswith("| ")]

    assert shown[2:] == probes.decided_by_granian()
