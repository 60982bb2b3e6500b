"""The benchmarks of growth run, and store results that the report shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from bench import failing_report
from bench.results import Results
from bench.spent import spend

pytestmark = pytest.mark.long

ROOT = Path(__file__).parent.parent.parent
SMALL = {
    "build": "--entries 3 --rounds 1 --drops 1 --only Dateline --folder {0}/build",
    "scale": "--entries 3 --among 3 --rounds 1 --folder {0}/scale --only entry build terms "
    "--terms pages",
    "fresh": "--entries 1 --files 1 --burst 3 --rounds 1 --rate 0",
}
TIMED = {
    "build": ["cold", "again", "watching"] * 3,
    "scale": [
        "look",
        "entry",
        "bare scan",
        "build, nothing new",
        "build, one new",
        "look",
        "entry",
    ],
    "fresh": ["drop", "burst"],
}


def start(name: str, *options: str) -> subprocess.Popen[bytes]:
    """Start a module of bench."""
    return subprocess.Popen(
        [sys.executable, "-m", f"bench.{name}", *options],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "tests")},
    )


@pytest.mark.release
def test_the_report_shows_what_benchmarks_measured(tmp_path: Path) -> None:
    """It has a time for each measurement, and names the machine."""
    kept = ["--results", f"{tmp_path}/results"]
    benches = [start(name, *text.format(tmp_path).split(), *kept) for name, text in SMALL.items()]
    ended = [bench.wait() for bench in benches]
    written = start("report", *kept, "--folder", str(tmp_path)).wait()

    assert [*ended, written] == [0, 0, 0, 0]
    text = (tmp_path / "benchmarks.md").read_text()
    for name, wanted in TIMED.items():
        lines = (tmp_path / f"results/{name}.jsonl").read_text().splitlines()
        first, *figures = map(json.loads, lines)
        assert [one["what"] for one in figures if one.get("seconds", 0) > 0] == wanted
        assert f"{name}, {first['run']}: {first['machine']}" in text
    assert "| 3 | Dateline, everything | 0.0 MB |" in text
    assert "## Cost of the pages of terms" in text
    assert etree.parse(tmp_path / "benchmarks.svg").getroot().tag.endswith("svg")


@pytest.mark.release
def test_searching_is_measured_with_the_size_of_the_index(tmp_path: Path) -> None:
    """There is a time for each search and each change, and the share of the text."""
    words = "--entries 20 --rounds 2 --only index --results"
    ended = start("search", *words.split(), str(tmp_path)).wait()

    assert ended == 0
    _, first, *figures = map(json.loads, (tmp_path / "search.jsonl").read_text().splitlines())
    assert first["share"] > 0
    assert [one["what"] for one in figures] == ["find", "find", "add", "add", "remove", "remove"]
    text = _report(tmp_path)
    assert "| entries | size | add | remove | search | 99 of 100 |" in text
    assert f"| 20 | {first['share']:.2f} |" in text


@pytest.mark.release
def test_deliveries_are_measured(tmp_path: Path) -> None:
    """To all subscribers, also where hosts are out of order, and the hub is killed."""
    words = "--subscribers 40 --hosts 20 --rounds 1 --results"
    ended = start("hub", *words.split(), str(tmp_path)).wait()

    assert ended == 0
    _, *figures = map(json.loads, (tmp_path / "hub.jsonl").read_text().splitlines())
    measured = [one for one in figures if "p99" in one]
    assert [one["what"] for one in measured] == ["alone", "dead", "killed"]
    assert all(0 < one["seconds"] <= one["p99"] <= one["last"] for one in measured)
    assert all(one["lost"] == one["wrong"] == 0 for one in measured)
    assert measured[2]["kills"] > 0
    text = _report(tmp_path)
    assert "| 40 | dead |" in text
    assert "- The same during a delivery: " in text


@pytest.mark.release
def test_starting_is_measured_beside_click(tmp_path: Path) -> None:
    """Each command has its processor time, that of click, and how many times it may take."""
    ended = start("start", "--rounds", "1", "--results", str(tmp_path)).wait()

    assert ended == 0
    _, *figures = map(json.loads, (tmp_path / "start.jsonl").read_text().splitlines())
    assert [one["what"] for one in figures] == [
        "help", "version", "completion", "date", "build, nothing new", "new",
    ]  # fmt: skip
    assert all(one["limit"] > 1 and one["seconds"] > 0 < one["click"] for one in figures)
    assert "| build, nothing new |" in _report(tmp_path)


def test_the_failures_of_all_runs_add_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The greatest time is shown of few, and of a hundred also what 99 do not exceed."""
    for run in range(2):
        results = Results("failing", {}, tmp_path)
        for number in range(50):
            results.add(what="cut off", seconds=float(number), entries=1000, faults=run)
        results.add(what="power off", seconds=3.5, entries=1000, faults=0)

    failing_report.main(["--results", str(tmp_path)])

    text = capsys.readouterr().out
    assert "| cut off | 100 | 100 | 24.50 s | 49.00 s | 49.00 s | 6 s | 50 |" in text
    assert "| power off | 2 | 2 | 3.50 s | – | 3.50 s | 6 s | 0 |" in text
    assert (
        "| any failure of the leader | 102 | 102 | 24.00 s | 49.00 s | 49.00 s | 6 s | 50 |" in text
    )


def _report(results: Path) -> str:
    """Return the page that the results make."""
    options = ("--results", str(results), "--folder", str(results))
    assert start("report", *options).wait() == 0
    return (results / "benchmarks.md").read_text()


def test_a_command_finds_its_modules_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an installed Dateline has them, also where Python may not keep compiled modules."""
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    kept = "import sys; sys.exit(sys.dont_write_bytecode)"

    assert spend([sys.executable, "-c", kept], folder=tmp_path)
