"""The code of the earlier release, from which a trial upgrades.

It is the newest tag of the repository, or without tags the commit that gave the changelog its
newest heading. Without a repository, trials do not upgrade.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

ROOT = Path(__file__).parent.parent.parent
_CACHE = ROOT / ".cache" / "trials"


def is_known() -> bool:
    """Return whether there is an earlier release to upgrade from."""
    return bool(_revision())


def is_code(folder: Path) -> bool:
    """Return whether a folder has the code of an earlier release."""
    return folder.parent == _CACHE


@cache
def code() -> Path:
    """Return the folder of its code, as a wheel that is built of it installs it."""
    revision = _revision()
    folder = _CACHE / f"wheel-{revision[:12]}"
    if not folder.exists():
        _CACHE.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=_CACHE) as place, ZipFile(_wheel(revision, place)) as wheel:
            wheel.extractall(f"{place}/installed")  # noqa: S202 - our own
            Path(place, "installed").rename(folder)
    return folder


def _wheel(revision: str, place: str) -> str:
    """Return the path of a wheel of a revision, built in a folder with the tool that it names."""
    with tarfile.open(fileobj=BytesIO(_git("archive", revision))) as tar:
        tar.extractall(f"{place}/source", filter="data")
    builds = "from flit_core import buildapi; print(buildapi.build_wheel('..'))"
    done = subprocess.run(
        [sys.executable, "-c", builds],
        cwd=f"{place}/source",
        check=True,
        capture_output=True,
        text=True,
    )
    return f"{place}/{done.stdout.split()[-1]}"


@cache
def _revision() -> str:
    tags = _git("tag", "--list", "v*", "--sort=-version:refname").decode().split()
    if tags:
        return tags[0]
    headings = re.findall(r"(?m)^## (\d\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    if not headings:
        return ""
    heading = f"## {headings[0]}"
    return _git("log", "--format=%H", "-1", f"-S{heading}", "--", "CHANGELOG.md").decode().strip()


def _git(*words: str) -> bytes:
    try:
        return subprocess.run(["git", "-C", ROOT, *words], check=True, capture_output=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return b""
