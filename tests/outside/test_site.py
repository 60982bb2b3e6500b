"""Sphinx builds the documentation site without a warning."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import lxml.html  # type: ignore[import-untyped]  # lxml carries no types
import pytest

from support.paths import ROOT

pytestmark = pytest.mark.outside
LIBRARIES = ROOT / ".cache/docs"


def test_the_documentation_site_is_built_without_a_warning(tmp_path: Path) -> None:
    """Every page is in a table of contents, and every link within the site leads to a file."""
    assert (LIBRARIES / "sphinx").is_dir(), "Type make docs once."
    site = tmp_path / "site"

    done = subprocess.run(
        [
            sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-n",
            "-d", tmp_path / "doctrees", "docs", site,
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(LIBRARIES)},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    broken = {
        (page.name, link)
        for page in site.rglob("*.html")
        if "{%" not in page.read_text("utf-8")  # a template of a finished look, to download
        for link in local_links(page)
        if not (page.parent / link).exists()
    }
    assert broken == set()
    text = (site / "commands.html").read_text("utf-8")
    assert "or compared one by one (--diff)" in text


def local_links(page: Path) -> set[str]:
    """Return the paths of links and pictures of a page that stay within the site."""
    links = (urlsplit(link) for _, _, link, _ in lxml.html.parse(page).getroot().iterlinks())
    return {link.path for link in links if link.path and not link.scheme and not link.netloc}
