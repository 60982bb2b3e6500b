"""The same publication always becomes the same bytes, on any machine and in any folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from dateline.documents import manifest
from dateline.errors import Problem
from dateline.publish.assess import batches
from support.paths import DATA, ROOT
from support.publication import NOW, Newsroom

PUBLISHER = ROOT / "publisher.py"
CASES = DATA / "cases"
MACHINES = [
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "LANG": "C", "TZ": "UTC"},
    {
        "PYTHONHASHSEED": "4711",
        "LC_ALL": "tr_TR.UTF-8",  # if installed; the lower case of "I" is not "i" in it
        "LANG": "ar_EG.UTF-8",
        "TZ": "Asia/Kathmandu",
    },
    {"PYTHONHASHSEED": "7", "LC_ALL": "C.UTF-8", "LANG": "fr_FR.UTF-8", "TZ": "Pacific/Apia"},
]


def dropped(case: Path, folder: Path, *, backwards: bool = False) -> Path:
    """Copy the files of a case into a folder, in the order of their names or in reverse."""
    folder.mkdir(parents=True)
    for path in sorted([case / "config.toml", *(case / "entries").rglob("*")], reverse=backwards):
        if path.is_file():
            target = folder / path.relative_to(case)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    return folder


def manifest_of(folder: Path) -> dict[str, Any]:
    """Return the content of the manifest: the head, each document and each entry."""
    head = manifest.read_head(folder / "feeds")
    assert head
    return {
        "head": asdict(head),
        "documents": [asdict(one) for one in manifest.documents(folder / "feeds")],
        "entries": [asdict(one) for one in manifest.entries(folder / "feeds")],
    }


@contextmanager
def batch_size(files: int) -> Iterator[None]:
    """Set the number of files in a batch; files of one day stay together."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "_PART", files)
        yield


def reported(newsroom: Newsroom) -> list[tuple[str, str, str]]:
    """Return the reported problems."""
    return sorted((one.file, one.code, _line(one)) for one in newsroom.log[-1].problems)


def _line(problem: Problem) -> str:
    return f"{problem.line} {problem.found} {problem.wanted}"


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            marks=pytest.mark.long if case.name in {"every-field", "languages"} else (),
            id=case.name,
        )
        for case in sorted(CASES.iterdir())
    ],
)
def test_two_builds_are_identical(case: Path, tmp_path: Path) -> None:
    """Location, the order of dropped files, and batches of assessed files have no effect.

    Ids, addresses, moments, places in feeds and archives, and messages are the same.
    """
    here = Newsroom(dropped(case, tmp_path / "here"))
    there = Newsroom(dropped(case, tmp_path / "further/away/there", backwards=True))

    here.build()
    with batch_size(1):
        there.build()

    assert here.feeds() == there.feeds()
    assert manifest_of(here.folder) == manifest_of(there.folder)
    assert reported(here) == reported(there)
    assert here.log[-1].states == there.log[-1].states
    assert here.log[-1].published == there.log[-1].published


@pytest.mark.long
def test_processes_in_different_environments_are_identical(tmp_path: Path) -> None:
    """Hash seed, locale and time zone have no effect; SOURCE_DATE_EPOCH sets the moment."""
    rooms = [
        Newsroom(dropped(CASES / "every-field", tmp_path / machine["PYTHONHASHSEED"]))
        for machine in MACHINES
    ]

    for room, machine in zip(rooms, MACHINES, strict=True):
        subprocess.run(
            [sys.executable, PUBLISHER, "build"],
            cwd=room.folder,
            env={**os.environ, **machine, "SOURCE_DATE_EPOCH": str(int(NOW.timestamp()))},
            check=True,
            capture_output=True,
        )

    first, *others = rooms
    for other in others:
        assert first.feeds() == other.feeds()
        assert manifest_of(first.folder) == manifest_of(other.folder)
    assert {changed for _, changed in first.feeds().values()} == {int(NOW.timestamp())}
