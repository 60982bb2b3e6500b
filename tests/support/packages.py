"""The wheel and the source distribution of this tree, and an environment that has the wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from support.paths import ROOT

EPOCH = "1767225600"  # the moment that a package names as that of its files
_HOOKS = """
import sys
from flit_core import buildapi
buildapi.build_wheel(sys.argv[1])
buildapi.build_sdist(sys.argv[1])
"""
_LEFT_OUT = (".*cache", ".venv", ".git", ".hypothesis", "__pycache__", "feeds", "state", "wt")


def copy_of_tree(folder: Path, *, closed: bool = False) -> Path:
    """Copy the tree to `folder`, as another checkout: its files have other dates.

    With `closed`, only the owner may read them, as after `umask 077`.
    """
    ignored = shutil.ignore_patterns(*_LEFT_OUT)

    def left_out(parent: str, names: list[str]) -> set[str]:
        return ignored(parent, names) if Path(parent) == ROOT else {*names} & {"__pycache__"}

    shutil.copytree(ROOT, folder, ignore=left_out, copy_function=shutil.copy)
    for path in folder.rglob("*") if closed else ():
        path.chmod(path.stat().st_mode & 0o700)
    return folder


def build(tree: Path, folder: Path, **variables: str) -> tuple[Path, Path]:
    """Build the wheel and the source distribution of a tree into a folder; return both."""
    folder.mkdir()
    _run([sys.executable, "-c", _HOOKS, folder], tree, **variables)
    (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, source


def wheel_of(source: Path, folder: Path) -> Path:
    """Build the wheel of a source distribution, as pip does."""
    _run(
        [*_pip(), "wheel", "--no-deps", "--no-build-isolation", "-w", folder, source], folder.parent
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """Install a wheel into a fresh environment; return the environment's folder of programs.

    The libraries are those of the environment that the tests run in.
    """
    _run([sys.executable, "-m", "venv", "--without-pip", folder], folder.parent)
    python = folder / "bin/python"
    own = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    (own / "libraries.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    _run([*_pip(), "--python", python, "install", "--no-deps", "--no-index", wheel], folder)
    return python.parent


def _pip() -> list[str]:
    return [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]


def _run(command: list[str | Path], folder: Path, **others: str) -> None:
    variables = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, **others}
    subprocess.run(command, cwd=folder, env=variables, check=True, capture_output=True)


if __name__ == "__main__":
    build(ROOT, ROOT / sys.argv[1])
