"""What developers and the repository's host read: workflows, forms, hooks."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.paths import ROOT

WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
FILES = [*sorted(ROOT.glob(".github/**/*.yml")), ROOT / ".pre-commit-config.yaml"]
PINNED = re.compile(r"^[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
TARGETS = re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"))
# What each job may do beside reading the repository, and why.
MORE = {
    "attest": {"attestations": "write", "id-token": "write"},  # signs as the workflow
    "publish": {"id-token": "write"},  # trusted publishing
    "announce": {"contents": "write"},  # makes the release
}


def loaded(path: Path) -> Any:
    """Return what a YAML file holds."""
    return yaml.safe_load(path.read_text("utf-8"))


def name_of(path: Path) -> str:
    """Return the name of a file in the repository, as the name of a case."""
    return path.relative_to(ROOT).as_posix()


def steps(path: Path) -> Iterator[dict[str, Any]]:
    """Yield each step of a workflow."""
    for job in loaded(path)["jobs"].values():
        yield from job.get("steps", ())


def commands(path: Path) -> list[str]:
    """Return the commands of a workflow."""
    return [step["run"] for step in steps(path) if "run" in step]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_is_yaml_that_names_no_registry(path: Path) -> None:
    """Addresses of registries are those that the clients have."""
    text = path.read_text("utf-8")

    assert isinstance(loaded(path), dict)
    assert re.findall(r"index-url|repository-url|registry-url|https?://", text) == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_every_action_is_pinned_to_a_commit(path: Path) -> None:
    """A tag can be moved; the version stands beside the hash, for people and for Dependabot."""
    used = re.findall(r"(?m)^ *(?:- )?uses: (.*)$", path.read_text("utf-8"))

    assert [one for one in used if not one.startswith("./") and not PINNED.match(one)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_workflows_have_the_least_rights(path: Path) -> None:
    """Each job states its own, and a copy of the repository keeps no password."""
    workflow = loaded(path)

    assert workflow["permissions"] == {}
    assert {name: job["permissions"] for name, job in workflow["jobs"].items()} == {
        name: MORE.get(name, {"contents": "read"}) for name in workflow["jobs"]
    }
    assert all(
        step["with"]["persist-credentials"] is False
        for step in steps(path)
        if step.get("uses", "").startswith("actions/checkout@")
    )


@pytest.mark.parametrize("path", WORKFLOWS, ids=name_of)
def test_no_command_of_a_workflow_holds_a_value_from_outside(path: Path) -> None:
    """A branch or a title would be run as a command; values come by variables."""
    assert [one for one in commands(path) if "${{" in one] == []


def test_workflows_name_targets_of_make() -> None:
    """The targets exist, and those that check a change are among them."""
    named = {
        target
        for path in WORKFLOWS
        for command in commands(path)
        for target in re.findall(r"\bmake ([a-z-]+)", command)
    }

    assert {"audit", "check", "test", "dist"} <= named <= {*TARGETS}


def test_every_supported_python_is_tested() -> None:
    """They are those that the package names."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(project["classifiers"]))
    tested = loaded(ROOT / ".github/workflows/test.yml")["jobs"]["test"]["strategy"]["matrix"]

    assert tested["python"] == named


def test_hooks_for_developers_use_programs_of_the_environment() -> None:
    """So `make check` and a commit agree, and nothing is downloaded."""
    [repository] = loaded(ROOT / ".pre-commit-config.yaml")["repos"]
    programs = [hook["entry"].split()[0] for hook in repository["hooks"]]

    assert repository["repo"] == "local"
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}
    assert programs == [f".venv/bin/{name}" for name in ("ruff", "ruff", "mypy", "dateline")]


def test_how_to_report_a_weakness_is_said() -> None:
    """The page names the private way, and no address that nobody has."""
    page = (ROOT / "SECURITY.md").read_text("utf-8")

    assert "Report a vulnerability" in page
    assert re.findall(r"\S+@\S+", page) == []
