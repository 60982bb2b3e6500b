"""The finished looks in `docs/themes` work with this release, and the guide shows them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from dateline.config.colours import DARK_PAPER, ENOUGH, contrast
from support.paths import ROOT
from support.publication import CONFIG, Newsroom, entry_file

THEMES = sorted(path for path in (ROOT / "docs/themes").iterdir() if path.is_dir())


@pytest.mark.long
@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_an_example_theme_is_published(theme: Path, newsroom: Newsroom) -> None:
    """Its style follows Dateline's, and its templates pass the checks of every theme."""
    shutil.copytree(theme / "templates", newsroom.folder / "templates")
    look = (theme / "look.toml").read_text("utf-8")
    (newsroom.folder / "config.toml").write_text(f"{CONFIG}\n{look}", encoding="utf-8")
    newsroom.drop("a.toml", entry_file(event="2026-12-01", categories='["Lebanon"]'))
    newsroom.build()
    feeds = newsroom.feeds()
    own = (theme / "templates/style.css").read_bytes()

    assert feeds["style.css"][0].endswith(own)
    for path in ("index.html", "2026/11/report-on-lebanon.html", "subscribe.html", "404.html"):
        text = feeds[path][0].decode()
        assert ('class="strip"' in text) == (theme / "templates/base.html").exists()


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_an_example_theme_can_be_read_on_its_own_paper(theme: Path) -> None:
    """It changes `--paper`, so its accent and its ink are checked against that."""
    look = (theme / "look.toml").read_text("utf-8")
    papers = re.findall(r"--paper: (#\w+)", (theme / "templates/style.css").read_text("utf-8"))
    accents = re.findall(r'^accent\w* = "(#\w+)"', look, re.MULTILINE)

    light, dark = (one if len(one) > 4 else "#" + "".join(2 * x for x in one[1:]) for one in papers)
    assert contrast(accents[0], light) >= ENOUGH
    assert contrast(accents[1], dark) >= ENOUGH
    assert contrast("#595959", light) >= ENOUGH
    assert contrast("#a8a8a8", dark) >= ENOUGH
    assert contrast(dark, DARK_PAPER) < 1.2


def test_the_guide_shows_each_example() -> None:
    """With a picture, and the folder of its files."""
    guide = (ROOT / "docs/look.md").read_text("utf-8")

    for theme in THEMES:
        assert f"themes/{theme.name}" in guide
        assert f"(look-{theme.name}.png)" in guide
        assert (ROOT / f"docs/look-{theme.name}.png").stat().st_size < 150_000
