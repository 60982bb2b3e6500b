"""REDbot finds no fault and no warning, in every kind of document."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator

import pytest

from dateline.documents import manifest
from outside.programs import BROUGHT, output
from support import probes
from support.serving import Served, serve, until

pytestmark = pytest.mark.outside


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, list[str]]]:
    """Yield a server, and each kind of address that it answers, by status or by ending."""
    folder = tmp_path_factory.mktemp("redbot")
    probes.publish(folder)
    paths = ["", "old.rss", "dead.rss", "nothing", "health"]
    kinds = {one.path.rpartition(".")[2]: one.path for one in manifest.documents(folder / "feeds")}
    pages = ["index.html", "subscribe.html", "404.html"]
    with serve(folder) as served:
        assert until(lambda: served.get("health").status_code == 200)
        yield served, [*paths, *pages, *kinds.values()]


def notes(url: str) -> list[tuple[str, str]]:
    """Return the level and the name of each note of REDbot on an address."""
    variables = {**os.environ, "PYTHONPATH": str(BROUGHT / "wire")}
    command = [sys.executable, "-m", "redbot.cli", "--output-format=har", url]
    (entry,) = json.loads(output(command, environment=variables))["log"]["entries"]
    return [(note["level"], note["note_id"]) for note in entry["_red_messages"]]


def test_redbot_finds_no_fault(served: tuple[Served, list[str]]) -> None:
    """In feeds, pages, pictures, styles, redirects, 410 and 404."""
    server, paths = served

    said = {path: notes(server.url + path) for path in paths}

    assert {path.rpartition(".")[2] for path in paths} >= {
        "rss", "atom", "json", "html", "css", "png",
    }  # fmt: skip
    assert all(("GOOD", "CL_CORRECT") in found for found in said.values())
    complaints = {
        path: [name for level, name in found if level in {"WARN", "BAD"}]
        for path, found in said.items()
    }
    assert {path: names for path, names in complaints.items() if names} == {}
