"""The audit for known vulnerabilities asks about every locked version, and never hides a gap."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

import audit
from audit import Outcome, report
from support import locks
from support.paths import ROOT

LOCK = """\
click==8.4.1 \\
    --hash=sha256:aa
    # via
    #   -c requirements/dev.txt
    #   dateline (pyproject.toml)
    #   flask
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:bb
    # via click
flask==3.1.3 \\
    --hash=sha256:cc
    # via dateline (pyproject.toml:test)
soup==2.1 ; python_full_version < '3.12' \\
    --hash=sha256:dd
    # via colorama
soup==3.0 ; python_full_version >= '3.12' \\
    --hash=sha256:ee
    # via colorama
"""
NPM_ADVISORY = {
    "id": 1,
    "title": "An example",
    "severity": "high",
    "vulnerable_versions": "<99",
    "url": "https://example.org/1",
}
OSV_ADVISORY = {
    "id": "EXAMPLE-1",
    "summary": "An example",
    "affected": [
        {
            "package": {"name": "soup", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.2"}]}],
        }
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two locks that share versions."""
    (tmp_path / "run.txt").write_text(LOCK, "utf-8")
    (tmp_path / "more.txt").write_text(LOCK.partition("colorama")[0], "utf-8")
    return tmp_path


def test_each_version_of_a_lock_is_read(folder: Path) -> None:
    """With its platforms, and the libraries that require it."""
    found = [*locks.read(folder / "run.txt")]

    assert [(one.name, one.version) for one in found] == [
        ("click", "8.4.1"), ("colorama", "0.4.6"), ("flask", "3.1.3"), ("soup", "2.1"),
        ("soup", "3.0"),
    ]  # fmt: skip
    assert found[0].required_by == ("dateline (pyproject.toml)", "flask")
    assert found[1].marker == "sys_platform == 'win32'"


def test_what_the_project_requires_is_found(folder: Path) -> None:
    """By way of others too, but not what only a group such as `test` requires."""
    found = locks.required(locks.PROJECT, [*locks.read(folder / "run.txt")])

    assert [f"{one.name} {one.version}" for one in found] == [
        "click 8.4.1", "colorama 0.4.6", "soup 2.1", "soup 3.0",
    ]  # fmt: skip


def test_a_lock_without_hashes_is_an_error(tmp_path: Path) -> None:
    """A version that is read wrong would not be asked about."""
    (tmp_path / "run.txt").write_text("click==8.4.1\nflask>=3\n", "utf-8")

    with pytest.raises(ValueError, match=r"run\.txt has a line that is no locked version: click"):
        [*locks.read(tmp_path / "run.txt")]


def test_every_lock_of_the_repository_is_read() -> None:
    """Each list of what is wanted has a lock, and so have the project's extras and groups."""
    found = {lock.stem: [*locks.read(lock)] for lock in locks.FOLDER.glob("*.txt")}

    assert found.keys() == {one.stem for one in locks.FOLDER.glob("*.in")} | {
        "dev", "docs", "image", "run"
    }  # fmt: skip
    assert all(found.values())
    assert {(one.name, one.version) for one in found["run"]} <= {
        (one.name, one.version) for one in found["dev"]
    }


def test_the_image_has_the_libraries_of_every_extra() -> None:
    """A container has no installer; what only tests need is not in it."""
    image, dev = ([*locks.read(locks.FOLDER / name)] for name in ("image.txt", "dev.txt"))
    wanted = locks.required(locks.PROJECT, dev)

    assert {(one.name, one.version) for one in image} == {(one.name, one.version) for one in wanted}


def test_every_list_of_npm_packages_is_audited() -> None:
    """A new folder with a lock has to be named."""
    found = {path.parent for path in ROOT.glob("tests/**/package-lock.json")}

    assert found == {ROOT / folder for folder in audit.PROGRAMS}


def test_an_audit_without_answers_is_no_success() -> None:
    """It ends with 2, and says what is unknown; a vulnerability counts more."""
    quiet = Outcome(asked="3 versions of requirements/")
    silent = Outcome(asked="package-lock.json", unanswered=("package-lock.json: refused",))
    known = Outcome(asked="1 version of requirements/", known=("soup 2.1 (run.txt): X, not fixed",))

    assert report([quiet]) == ("3 versions of requirements/: 0 known vulnerabilities", 0)
    text, status = report([quiet, silent])
    assert status == 2
    assert "No answer: package-lock.json: refused\n" in text
    assert text.endswith("no answer about 1, so this audit is incomplete")
    text, status = report([known, silent])
    assert status == 1
    assert text.startswith("Known vulnerability: soup 2.1 (run.txt): X, not fixed\n")


# ---- pip-audit and npm themselves, with a service on this machine


class Advisories(BaseHTTPRequestHandler):
    """Answers as osv.dev and npm do: each knows one vulnerability."""

    asked: list[dict[str, Any]]

    def do_POST(self) -> None:
        """Answer a question about one version, or about all packages of npm."""
        question = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path.startswith("/-/npm/"):
            return self._answer({"feedme": [NPM_ADVISORY]})
        package = json.loads(question)
        self.asked.append(package)
        is_known = (package["package"]["name"], package["version"]) == ("soup", "2.1")
        return self._answer({"vulns": [OSV_ADVISORY]} if is_known else {})

    def _answer(self, values: object) -> None:
        body = json.dumps(values).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def advisories() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Run the service; give its address and the versions that it was asked about."""
    Advisories.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Advisories) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/", Advisories.asked
        server.shutdown()


@pytest.fixture(scope="module")
def tool() -> None:
    """Expect pip-audit."""
    assert (ROOT / ".cache/audit/pip_audit").is_dir(), "Type make audit once."


@pytest.mark.long
@pytest.mark.usefixtures("tool")
def test_a_vulnerable_version_is_named(folder: Path) -> None:
    """With its locks and the version that is safe; each version is asked about once."""
    with advisories() as (address, asked):
        outcome = audit.of_libraries(folder, address)

    assert outcome.known == ("soup 2.1 (run.txt): EXAMPLE-1, fixed in 2.2",)
    assert outcome.unanswered == ()
    assert sorted((one["package"]["name"], one["version"]) for one in asked) == [
        ("click", "8.4.1"), ("colorama", "0.4.6"), ("flask", "3.1.3"), ("soup", "2.1"),
        ("soup", "3.0"),
    ]  # fmt: skip


@pytest.mark.long
@pytest.mark.usefixtures("tool")
def test_a_service_that_is_away_leaves_every_version_unanswered(folder: Path) -> None:
    """None of them counts as safe."""
    with advisories() as (address, _):
        pass
    outcome = audit.of_libraries(folder, address)

    assert outcome.known == ()
    assert sorted(line.partition(": ")[0] for line in outcome.unanswered) == [
        "click 8.4.1 (more.txt, run.txt)", "colorama 0.4.6 (run.txt)", "flask 3.1.3 (run.txt)",
        "soup 2.1 (run.txt)", "soup 3.0 (run.txt)",
    ]  # fmt: skip


@pytest.mark.outside
def test_a_vulnerable_package_of_npm_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """And where npm's service is away, the list of packages is unanswered."""
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with advisories() as (address, _):
        monkeypatch.setenv("npm_config_registry", address)
        answered = audit.of_programs("tests/outside")
    away = audit.of_programs("tests/outside")

    assert answered.unanswered == ()
    assert [line.partition(" ")[0] for line in answered.known] == ["feedme"]
    assert answered.known[0].endswith("(tests/outside/package-lock.json): An example")
    assert away.known == ()
    assert len(away.unanswered) == 1
