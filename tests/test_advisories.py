"""An audit by files of OSV finds what affects a version, and never hides what it cannot judge."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from packaging.version import Version

import audit
from advisories import Advisories, semver
from support import locks
from support.paths import ROOT

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
LOCK = "soup==2.1 \\\n    --hash=sha256:aa\nfew-words==1.0 \\\n    --hash=sha256:bb\n"
Event = dict[str, str]


def advisory(
    *events: Event, name: str = "soup", ecosystem: str = "PyPI", **more: Any
) -> dict[str, Any]:
    """Return an advisory about a package; `more` are fields of the advisory, or `versions`."""
    part: dict[str, Any] = {"package": {"name": name, "ecosystem": ecosystem}}
    kind = "ECOSYSTEM" if ecosystem == "PyPI" else "SEMVER"
    part["ranges"] = [{"type": "GIT", "events": [{"introduced": "0"}]}]
    part["ranges"] += [{"type": kind, "events": [*events]}] if events else []
    part["versions"] = more.pop("versions", [])
    return {"id": "A-1", "modified": "2026-11-20T10:00:00.123456Z", "affected": [part], **more}


def published(folder: Path, *advisories: dict[str, Any], ecosystem: str = "PyPI") -> Path:
    """Write the file of an ecosystem, and return the folder."""
    (folder / ecosystem).mkdir(parents=True)
    with ZipFile(folder / ecosystem / "all.zip", "w") as file:
        for number, one in enumerate(advisories):
            file.writestr(f"{one['id']}-{number}.json", json.dumps(one))
    return folder


def about(folder: Path, one: dict[str, Any], version: str) -> list[str]:
    """Return what is known about a version if there is one advisory."""
    ecosystem, name = one["affected"][0]["package"]["ecosystem"], "soup"
    found = Advisories(published(folder, one, ecosystem=ecosystem), ecosystem, [name])
    return [str(each) for each in found.about(name, version)]


FROM, FIXED, LAST = {"introduced": "1.0"}, {"fixed": "2.2"}, {"last_affected": "2.2"}
ALL = {"introduced": "0"}


@pytest.mark.parametrize(
    ("events", "version", "is_affected"),
    [
        ([ALL, FIXED], "2.1", True),
        ([ALL, FIXED], "0.1.dev1", True),
        ([ALL, FIXED], "2.2", False),
        ([ALL, FIXED], "2.2rc1", True),
        ([ALL, FIXED], "2.10", False),
        ([ALL], "99", True),
        ([FROM, FIXED], "0.9", False),
        ([FROM, FIXED], "1", True),
        ([FIXED, FROM], "2.1", True),
        ([FROM, LAST], "2.2.0", True),
        ([FROM, LAST], "2.2.post1", False),
        ([ALL, {"fixed": "1.0"}, {"introduced": "2.0"}, FIXED], "1.5", False),
        ([ALL, {"fixed": "1.0"}, {"introduced": "2.0"}, FIXED], "2.1", True),
        ([ALL, {"limit": "2.0"}], "1.9", True),
        ([ALL, {"limit": "2.0"}], "2.1", False),
        ([ALL, {"limit": "*"}], "2.1", True),
        ([], "2.1", False),
    ],
)
def test_a_version_in_a_range_is_affected(
    events: list[Event], version: str, *, is_affected: bool, tmp_path: Path
) -> None:
    """By PEP 440, whatever the order of the events."""
    assert bool(about(tmp_path, advisory(*events), version)) == is_affected


@pytest.mark.parametrize(
    ("events", "version", "is_affected"),
    [
        ([ALL, {"fixed": "2.10.0"}], "2.9.0", True),
        ([ALL, {"fixed": "2.10.0"}], "2.10.0-rc.1", True),
        ([ALL, {"fixed": "2.10.0"}], "2.10.0", False),
        ([{"introduced": "2.0.0-beta.2"}, {"fixed": "2.10.0"}], "2.0.0-beta.10", True),
        ([{"introduced": "2.0.0-beta.2"}, {"fixed": "2.10.0"}], "2.0.0-alpha.3", False),
        ([ALL, {"last_affected": "2.9.0"}], "2.9.0+build.5", True),
    ],
)
def test_a_version_of_npm_in_a_range_is_affected(
    events: list[Event], version: str, *, is_affected: bool, tmp_path: Path
) -> None:
    """By semantic versioning."""
    assert bool(about(tmp_path, advisory(*events, ecosystem="npm"), version)) == is_affected


def test_semantic_versions_have_an_order() -> None:
    """That of semver.org, section 11."""
    ordered = [
        "0", "1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta",
        "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2",
        "1.10.0", "v2",
    ]  # fmt: skip

    assert sorted([*ordered[::2], *ordered[1::2]], key=semver) == ordered
    assert semver("1.0.0+a") == semver("1.0.0+b")
    with pytest.raises(ValueError, match="'latest' is no version"):
        semver("latest")


def test_a_listed_version_is_affected(tmp_path: Path) -> None:
    """However it is written, and beside versions that PEP 440 does not know."""
    one = advisory(versions=["0.9-old_2", "2.1.0"])

    assert about(tmp_path, one, "2.1") == ["A-1, not fixed"]
    assert about(tmp_path / "other", one, "2.2") == []


def test_only_advisories_in_force_about_the_package_count(tmp_path: Path) -> None:
    """Names of PyPI have many spellings; the same name elsewhere is another package."""
    folder = published(
        tmp_path,
        advisory(ALL, id="A-1", withdrawn="2026-11-21T00:00:00Z"),
        advisory(ALL, id="A-2", name="soups"),
        advisory(ALL, id="A-3", ecosystem="npm"),
        advisory(ALL, FIXED, id="A-4", name="Few.Words", aliases=["CVE-1"]),
        advisory(ALL, id="A-5", name="few_words", aliases=["CVE-1"]),
        advisory(id="A-6", name="few-words"),
    )
    found = Advisories(folder, "PyPI", ["soup", "few-words"])

    assert found.about("soup", "2.1") == []
    assert [str(one) for one in found.about("few-words", "2.1")] == ["A-4, fixed in 2.2"]
    assert found.newest == datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a lock."""
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks/run.txt").write_text(LOCK, "utf-8")
    return tmp_path


def test_an_audit_by_data_names_what_is_affected(folder: Path) -> None:
    """With its locks, the version that is safe, and the age of the data."""
    data = published(folder / "data", advisory(ALL, FIXED))
    published(data, advisory(ALL, name="feedme", ecosystem="npm", id="A-2"), ecosystem="npm")

    text, status = audit.report(audit.by_data(data, NOW, folder / "locks"))

    age = " (newest advisory of 2026-11-20, 9 days old)"
    assert status == 1
    assert text.splitlines() == [
        "Known vulnerability: soup 2.1 (run.txt): A-1, fixed in 2.2",
        "Known vulnerability: feedme 2.0.2 (tests/outside/package-lock.json): A-2, not fixed",
        f"2 versions of locks/{age}: 1 known vulnerabilities",
        f"tests/outside/package-lock.json{age}: 1 known vulnerabilities",
        f"tests/outside/eleventy/package-lock.json{age}: 0 known vulnerabilities",
    ]


def test_every_version_of_the_locks_can_be_compared(tmp_path: Path) -> None:
    """Of the repository's own; with advisories about other packages, none is known."""
    data = published(tmp_path, advisory(ALL, name="no-such-package"))
    published(data, advisory(ALL, name="no-such-package", ecosystem="npm"), ecosystem="npm")

    text, status = audit.report(audit.by_data(data, NOW))

    assert status == 0, text
    assert all(Version(version) for _, version in audit._versions(locks.FOLDER))  # noqa: SLF001
    for program in audit.PROGRAMS:
        found = [*audit._packages(ROOT / program / "package-lock.json")]  # noqa: SLF001
        assert len(found) > 50
        assert all(semver(version) for _, version in found)


@pytest.mark.parametrize("content", [None, b"", b"no archive"])
def test_data_that_is_missing_is_no_answer(content: bytes | None, folder: Path) -> None:
    """Nor is what cannot be read, or has no advisories."""
    data = published(folder / "data", ecosystem="npm")
    if content is not None:
        (data / "PyPI").mkdir()
        (data / "PyPI/all.zip").write_bytes(content)

    outcomes = [*audit.by_data(data, NOW, folder / "locks")]

    assert audit.report(outcomes)[1] == 2
    assert [one.known for one in outcomes] == [(), (), ()]
    assert all(len(one.unanswered) == 1 for one in outcomes)
    assert "has no advisories" in outcomes[1].unanswered[0]


def test_a_version_that_cannot_be_compared_is_no_answer(folder: Path) -> None:
    """Of an advisory, for the package that it is about."""
    data = published(folder / "data", advisory(ALL, {"fixed": "2.x"}))

    outcome, *_ = audit.by_data(data, NOW, folder / "locks")

    assert outcome.known == ()
    assert [line.partition(": ")[0] for line in outcome.unanswered] == ["soup 2.1 (run.txt)"]
