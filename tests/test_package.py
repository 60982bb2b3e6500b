"""The wheel, the source distribution and their bill of materials; and that the wheel works."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

import bill_of_materials
import dateline
from support import packages
from support.paths import ROOT

pytestmark = pytest.mark.long
RELEASE = ROOT / ".cache/release"
FOLDERS = ("dateline", "docs", "entries", "requirements", "tests")  # of the source distribution


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the wheel and the source distribution of this tree."""
    return packages.build(ROOT, tmp_path_factory.mktemp("package") / "dist")


def files_of(folder: str) -> set[str]:
    """Return the files below a folder of the tree, but for compiled code."""
    paths = (ROOT / folder).rglob("*")
    return {
        path.relative_to(ROOT).as_posix()
        for path in paths
        if path.is_file() and path.parent.name != "__pycache__"
    }


def test_another_checkout_gives_the_same_bytes(built: tuple[Path, Path], tmp_path: Path) -> None:
    """They depend on the files alone: not on place, dates, rights, language, zone or hashing."""
    tree = packages.copy_of_tree(tmp_path / "tree", closed=True)
    elsewhere = {"LC_ALL": "C", "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7", "USER": "other"}
    again = packages.build(tree, tmp_path / "dist", **elsewhere)

    assert [path.name for path in again] == [path.name for path in built]
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in built]


def test_the_wheel_of_the_source_distribution_is_the_same(
    built: tuple[Path, Path], tmp_path: Path
) -> None:
    """An installation from source is the same as any other."""
    wheel, source = built

    assert packages.wheel_of(source, tmp_path / "dist").read_bytes() == wheel.read_bytes()


def test_the_wheel_holds_the_package_and_all_its_data(built: tuple[Path, Path]) -> None:
    """Every file of dateline/ is in it, and nothing else but what describes it."""
    names = set(zipfile.ZipFile(built[0]).namelist())
    own = {name for name in names if ".dist-info/" not in name}
    about = {name.partition("/")[2] for name in names - own}

    assert own == files_of("dateline")
    assert about == {
        "METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE", "licenses/NOTICE",
    }  # fmt: skip


def test_the_source_distribution_holds_what_tests_and_docs_need(built: tuple[Path, Path]) -> None:
    """With it alone, `make test` can be run; nothing that was generated is in it."""
    with tarfile.open(built[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}

    assert {name for name in names if name.startswith(FOLDERS)} == set().union(
        *map(files_of, FOLDERS)
    )
    assert names > {
        "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile", "NOTICE", "README.md",
        "config.toml", "publisher.py", "pyproject.toml",
    }  # fmt: skip
    assert not any(name.startswith((".venv", ".cache", "feeds", "state")) for name in names)


@pytest.fixture(scope="module")
def bill(built: tuple[Path, Path]) -> str:
    """Return the bill of materials of these packages."""
    assert (RELEASE / "cyclonedx_py").is_dir(), "Type make dist once."
    return bill_of_materials.bill(built)


def test_the_bill_of_materials_fits_the_schema(bill: str) -> None:
    """The strict one of CycloneDX 1.6, which refuses what a bill must not hold."""
    bill_of_materials.validate(bill)
    with pytest.raises(subprocess.CalledProcessError):
        bill_of_materials.validate('{"bomFormat": "CycloneDX", "specVersion": "1.6", "kind": ""}')


def test_the_bill_of_materials_is_the_same_again(
    built: tuple[Path, Path], bill: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has no moment and no random number, in another folder and another zone neither."""
    monkeypatch.chdir(built[0].parent)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")

    assert bill_of_materials.bill(built) == bill


def test_the_bill_of_materials_names_every_library(bill: str) -> None:
    """Those of extras as optional, with the hashes of the lock and what requires each."""
    made = json.loads(bill)
    scopes = {part["name"]: part["scope"] for part in made["components"]}
    hashes = {
        digest["content"]
        for part in made["components"]
        for file in part["externalReferences"]
        for digest in file["hashes"]
    }
    locked = (ROOT / "requirements/run.txt").read_text("utf-8")
    graph = {one["ref"].partition("@")[0]: one.get("dependsOn", []) for one in made["dependencies"]}

    assert {*re.findall(r"(?m)^([\w.-]+)==", locked)} == {
        name for name, scope in scopes.items() if scope == "required"
    }
    assert {"feedparser", "obstore", "psycopg", "psycopg-binary"} <= {
        name for name, scope in scopes.items() if scope == "optional"
    }
    assert {*re.findall(r"sha256:(\w+)", locked)} <= hashes
    assert any(one.startswith("pkg:pypi/werkzeug@") for one in graph["pkg:pypi/flask"])
    assert any(one.startswith("pkg:pypi/obstore@") for one in graph["pkg:pypi/dateline"])


def test_the_bill_of_materials_belongs_to_these_packages(
    built: tuple[Path, Path], bill: str
) -> None:
    """It has their version, and the SHA-256 of each."""
    about = json.loads(bill)["metadata"]["component"]

    assert about["purl"] == f"pkg:pypi/dateline@{dateline.__version__}"
    assert {one["url"]: one["hashes"][0]["content"] for one in about["externalReferences"]} == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in built
    }


@pytest.fixture(scope="module")
def programs(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a fresh environment; give the folder of its programs."""
    return packages.install(built[0], tmp_path_factory.mktemp("installed") / "environment")


def said(command: list[str | Path], folder: Path) -> str:
    """Run a command in a folder, and return what it prints."""
    return subprocess.run(
        command, cwd=folder, check=True, capture_output=True, text=True, env={"PATH": "/usr/bin"}
    ).stdout


def test_the_installed_command_says_its_version(programs: Path, tmp_path: Path) -> None:
    """`dateline --version` names the release, from the environment's own copy."""
    place = said([programs / "python", "-c", "print(__import__('dateline').__file__)"], tmp_path)

    assert said([programs / "dateline", "--version"], tmp_path) == (
        f"dateline {dateline.__version__}\n"
    )
    assert Path(place).is_relative_to(programs.parent)


def test_the_installed_command_publishes(programs: Path, tmp_path: Path) -> None:
    """In a copy of the sample publication, far from the source."""
    shutil.copy(ROOT / "config.toml", tmp_path)
    shutil.copytree(ROOT / "entries", tmp_path / "entries")

    said([programs / "dateline", "build"], tmp_path)

    assert {"news.rss", "index.html"} <= {path.name for path in (tmp_path / "feeds").iterdir()}
