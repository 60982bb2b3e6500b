"""The examples with curl in `docs/newsroom.md` work as they are written."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest

from dateline.newsroom import serving
from support.paths import ROOT
from support.publication import Newsroom, entry_file, photo
from support.serving import free_port
from support.staff import WORD, configure

pytestmark = pytest.mark.outside
PAGE = ROOT / "docs/newsroom.md"


def test_files_are_sent_and_replaced_with_curl(newsroom: Newsroom, tmp_path: Path) -> None:
    """A large picture first, then its entry, then another version of that."""
    text = PAGE.read_text("utf-8")
    blocks = [one.partition("```")[0] for one in text.split("```sh\n")[1:]]
    port = free_port()
    configure(newsroom, own=f'token = "{WORD}"\nport = {port}')
    (tmp_path / "token.txt").write_text(f"Authorization: Bearer {WORD}\n", encoding="utf-8")
    (tmp_path / "harbour.jpg").write_bytes(photo((4000, 3000)) + b"\0" * 2_000_000)
    entry = entry_file("A title", image='"harbour.jpg"', image_alt='"A harbour"')
    (tmp_path / "report.toml").write_text(entry, encoding="utf-8")
    with serving(newsroom.config, lambda: newsroom.now) as room:
        room.show(newsroom.build(), newsroom.now)
        for block in blocks:
            script = f"set -e\n{block}".replace("8001", str(port))
            script = script.replace("curl ", "curl --silent --show-error --fail-with-body ")
            subprocess.run(["sh", "-c", script], cwd=tmp_path, check=True)

    saved = newsroom.folder / "entries/report.toml"
    assert len(blocks) == 2
    assert tomllib.loads(saved.read_text("utf-8"))["title"] == "Another title"
    assert (saved.parent / "harbour.jpg").stat().st_size > 2_000_000
