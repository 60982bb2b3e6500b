"""Long runs that are kept in the repository add up, and the documentation has their sums."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

import pytest

from bench import failing, failing_report, runs
from support.paths import ROOT

_PAGE = "# Reliability\n\n## Long runs\n\nOld.\n\n## Not tried\n\n- Much.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder of runs, beside a page."""
    (tmp_path / "reliability.md").write_text(_PAGE, encoding="utf-8")
    return tmp_path / "runs"


def test_the_documentation_has_the_sums_of_all_runs() -> None:
    """If this fails after a change by hand: python -m bench.runs."""
    assert runs.section(runs.runs()) in (ROOT / "docs/reliability.md").read_text("utf-8")


def test_the_documentation_has_the_failures_of_all_clusters() -> None:
    """If this fails after a change by hand: python -m bench.failing_report --write."""
    text = failing_report.section(runs.runs().get(failing_report.RUNS, ()))
    assert text in (ROOT / "docs/scale.md").read_text("utf-8")


def test_each_promise_that_was_broken_names_what_mended_it() -> None:
    """The person who commits a run with a broken promise fills it in."""
    found = [one for some in runs.runs().values() for run in some for one in run["broken"]]

    assert [one["what"] for one in found if not one["mended"]] == []


def test_runs_add_up(folder: Path) -> None:
    """A run is a line in the file of its name; the page has the sums of each name, and of all."""
    figures = {"hours": 1.5, "requests": 1200, "kills": 3}
    runs.record("trials", seeds="1 to 9", figures=figures, folder=folder)
    runs.record("trials", seeds="10 to 20", figures=figures, folder=folder)
    runs.record("wire", seeds="–", figures={"hours": 2}, broken=["a | b"], folder=folder)

    text = (folder.parent / "reliability.md").read_text("utf-8")
    assert "| trials | 2 | 3.0 | – | – | 2,400 | – | 6 | – | – | 0 | 0 |\n" in text
    assert "| all | 3 | 5.0 | – | – | 2,400 | – | 6 | – | – | 1 | 0 |\n" in text
    assert "| a \\| b | wire, " in text
    assert text.startswith("# Reliability\n\n## Long runs\n\n`docs/runs/`")
    assert text.endswith("|\n\n## Not tried\n\n- Much.\n")


def test_the_latest_run_of_each_kind_is_described(folder: Path) -> None:
    """With its versions, its machine, and the first of its seeds."""
    seeds = ", ".join(str(31_000 + one) for one in range(30))
    runs.record("trials", seeds="1", figures={"hours": 1}, broken=["old"], folder=folder)
    runs.record("trials", seeds=seeds, figures={"hours": 4}, folder=folder)

    text = (folder.parent / "reliability.md").read_text("utf-8")
    (row,) = (line for line in text.splitlines() if line.startswith("| trials | 20"))
    assert f"Python {platform.python_version()}, " in row
    assert row.endswith(" | 4.0 | 31000, 31001, 31002, 31003, 31004, … | 0 |")


def test_a_wrong_report_is_no_broken_promise() -> None:
    """A test that was itself at fault is counted apart."""
    broken = [{"what": "a", "mended": "b"}, {"what": "c", "mended": "d", "is_wrong": True}]
    run = {"date": "2026-11-29", "commit": "1", "machine": "m", "seeds": "1", "broken": broken}

    text = runs.section({"trials": [run]})

    assert "| trials | 1 | 0.0 | – | – | – | – | – | – | – | 1 | 1 |\n" in text
    assert "| a | trials, 2026-11-29 | 1 | b |\n" in text
    assert "| c |" not in text


def test_the_failures_of_clusters_add_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page has a table for each number of entries, and what each run was like.

    Times are of a cluster that ran alone, and of the latest version.
    """
    page = folder.parent / "scale.md"
    page.write_text("# Scale\n\n## Failures of a cluster\n\nOld.\n\n## On paper\n", "utf-8")
    lines = [{"what": "cut off", "seconds": one / 10, "faults": 0} for one in range(60)]
    slow = [{**one, "seconds": 70} for one in lines]
    same: dict[str, Any] = {"seeds": "7", "figures": {}, "folder": folder}
    same |= {"delay": 0, "loss": 0, "load": 0.1, "busy": 0.6}
    with monkeypatch.context() as earlier:
        earlier.setattr(runs, "_commit", lambda: "earlier")
        runs.record("cluster", **same, entries=1000, at_once=1, lines=slow)
    for number, at_once, measured in [(1000, 1, lines), (1000, 2, slow), (100_000, 1, lines)]:
        runs.record("cluster", **same, entries=number, at_once=at_once, lines=measured)
    failing_report.write_section(folder)

    text = page.read_text("utf-8")
    assert "so far there were 180 and 60.\n" in text
    assert "| cut off | 180 | 60 | 2.95 s | – | 5.90 s | 6 s | 0 |\n" in text
    assert "| cut off | 60 | 60 | 2.95 s | – | 5.90 s | 6 s | 0 |\n" in text
    assert text.count("60 among 1,000 entries, of 2 clusters at once; load in the minute") == 1
    assert text.endswith(".\n\n## On paper\n")


def test_clusters_at_once_share_failures_and_outages() -> None:
    """Each failure is in one of them, and each outage; the first alone measures the rest."""
    found = [failing.chosen_of(["--failures=3", "--at-once=2", f"--share={at}"]) for at in (1, 2)]

    assert [(one.first, one.failures, one.outages) for one in found] == [
        (1, 2, ["ledger-away"]),
        (3, 1, ["store-away"]),
    ]
    assert [one.drops > 0 for one in found] == [True, False]


def test_a_run_tells_how_it_is_repeated(folder: Path) -> None:
    """It has the commit, the machine, the command and the seeds."""
    runs.record("trials", seeds="1 to 9", figures={}, folder=folder)

    (run,) = runs.runs(folder)["trials"]
    assert run["seeds"] == "1 to 9"
    assert run["command"].startswith("python ")
    assert "cores" in run["machine"]
    assert run["commit"]
