"""Folders of sites that an enemy made are imported without harm: `data/attacks/sites.toml`."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from importing.test_importing import entries, import_source
from support.attacks import Attack, cases, whole
from support.often import one_of_each
from support.publication import PUBLICATION, Newsroom

NEWS = "---\ntitle: Secret\ndate: 2024-05-06\n---\nSECRET\n"
PELICAN = "Title: Secret\nDate: 2024-05-06\n\nSECRET\n"
LONGEST = 20.0  # seconds of the processor; without limits these take minutes, or all memory
MEMORY = 4 << 30  # bytes of address space


@pytest.fixture
def here(tmp_path: Path) -> Newsroom:
    """Return a publication without entries, beside a folder with secrets."""
    (tmp_path / "config.toml").write_text(PUBLICATION, encoding="utf-8")
    (tmp_path / "entries").mkdir()
    (tmp_path / "private/_posts").mkdir(parents=True)
    for name in ("secret.md", "_posts/2024-05-06-secret.md"):
        (tmp_path / "private" / name).write_text(NEWS, encoding="utf-8")
    (tmp_path / "private/pelican.md").write_text(PELICAN, encoding="utf-8")
    return Newsroom(tmp_path)


def laid(here: Newsroom, attack: Attack) -> Path:
    """Write the folder of a site, and what somebody has put into ours before."""
    folder = here.folder / "site"
    if own := attack.get("entries"):
        put(here, here.folder / "entries", own)
    put(here, folder, attack)
    return folder


def put(here: Newsroom, folder: Path, attack: Attack) -> None:
    """Write files, links and pipes into a folder."""
    files = {name: whole(text) for name, text in attack.get("files", {}).items()}
    for name in (*files, *attack.get("links", {}), *attack.get("pipes", ())):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text.replace("{above}", str(here.folder)), encoding="utf-8")
    for name, target in attack.get("links", {}).items():
        (folder / name).symlink_to(target.replace("{above}", str(here.folder)))
    for name in attack.get("pipes", ()):
        os.mkfifo(folder / name)


@pytest.mark.long
@pytest.mark.parametrize("attack", one_of_each(cases("sites")))
def test_a_hostile_site_is_imported_without_harm(here: Newsroom, attack: Attack) -> None:
    """Nothing outside it is read, and no few lines of it take all time or memory."""
    folder = laid(here, attack)
    private = sorted((here.folder / "private").rglob("*"))
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
    begun = os.times()
    try:
        done = import_source(here, folder, "--yes", *attack.get("options", ()))
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    spent = os.times().user - begun.user

    assert sorted(str(one["title"]) for one in entries(here).values()) == attack["imports"]
    assert b"SECRET" not in b"".join(path.read_bytes() for path in here.folder.rglob("2*.toml"))
    assert "SECRET" not in done.output
    assert sorted((here.folder / "private").rglob("*")) == private
    assert spent < LONGEST
