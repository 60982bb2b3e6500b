"""The publication of `config.toml` and `entries/` of this repository."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from outside.programs import output

ROOT = Path(__file__).parents[2]
ENTRIES = ROOT / "entries"
_CONFIG = (ROOT / "config.toml").read_text(encoding="utf-8")
_SETTINGS = tomllib.loads(_CONFIG)
FEEDS: list[str] = [feed["name"] for feed in _SETTINGS["feed"]]
URL: str = _SETTINGS["publication"]["url"]


def publish(folder: Path, url: str = URL) -> Path:
    """Publish it at `url`, in a folder of its own, and return the folder of documents."""
    config = folder / "config.toml"
    config.write_text(_CONFIG.replace(f'"{URL}"', f'"{url}"'), encoding="utf-8")
    (folder / "entries").symlink_to(ENTRIES)
    output([sys.executable, "publisher.py", "build", "--config", config], folder=ROOT)
    return folder / "feeds"
