"""A small publication in a real folder, which runs with a clock that the test sets."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from dateline import config as configuration
from dateline import publish
from dateline.config import Config
from dateline.documents.compression import ENDINGS
from dateline.model import Report

PUBLICATION = """
[publication]
title = "Example news"
description = "What happens at Example"
url = "http://127.0.0.1:8000/"
home = "https://example.org/"
language = "en"
tag = "example.org,2008"
author = "Example"
time_zone = "Europe/Vienna"

[[feed]]
name = "news"
title = "All news"
description = "Everything"
"""  # and other entries of the main feed
CONFIG = f"""{PUBLICATION}
[[feed]]
name = "news-ar"
title = "الأخبار"
description = "كل الأخبار"
language = "ar"

[[feed]]
name = "lebanon"
title = "Lebanon"
description = "News of Lebanon"
categories = ["Lebanon"]
formats = ["atom"]
"""
MEDIA = re.compile(rb"\bmedia/[0-9a-f]{16}-[\w.-]+")
COMMENT = b"for the newsroom alone"
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def entry_file(title: str = "Report on Lebanon", date: str = "2026-11-24", **fields: str) -> str:
    """Return the text of an entry file; `fields` are TOML values."""
    body = fields.pop("body", '"""\nText of the report.\n"""')
    others = "".join(f"{name} = {value}\n" for name, value in fields.items())
    return f'title = "{title}"\ndate = {date}\n{others}body = {body}\n'


def picture(colour: str = "navy", kind: str = "PNG") -> bytes:
    """Return a small picture."""
    buffer = BytesIO()
    Image.new("RGB", (8, 6), colour).save(buffer, kind)
    return buffer.getvalue()


def photo(size: tuple[int, int] = (1700, 460), colour: str = "navy", kind: str = "JPEG") -> bytes:
    """Return a picture of which renditions are made, with a comment that is not for readers."""
    image = Image.radial_gradient("L").resize(size).convert("RGB")
    image.paste(colour, (0, 0, 40, 40))
    image.info = {"comment": COMMENT}
    buffer = BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


@dataclass
class Newsroom:
    """A publication in a folder; each `build` is a minute after the one before."""

    folder: Path
    now: datetime = NOW
    log: list[Report] = field(default_factory=list)

    def begin_as(self, other: Newsroom) -> Newsroom:
        """Take over the files of another newsroom and its clock; return this one."""
        shutil.copytree(other.folder, self.folder, dirs_exist_ok=True)
        self.now, self.log = other.now, [*other.log]
        return self

    @property
    def config(self) -> Config:
        """Read the current configuration."""
        return configuration.load(self.folder / "config.toml")

    def drop(self, name: str, text: str | bytes | None = None) -> Path:
        """Write a file under `entries/`, as one that has settled."""
        path = self.folder / "entries" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = entry_file() if text is None else text
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def build(self, *, after: timedelta = timedelta(minutes=1), **asked: Any) -> Report:
        """Do one run, when all files have settled; `asked` is the rest of its `RunRequest`."""
        self.now += after
        clock = datetime.now(UTC) + timedelta(seconds=2)
        request = publish.RunRequest(now=self.now, clock=clock, **asked)
        report = publish.build(self.config, request)
        self.log.append(report)
        return report

    def feeds(self) -> dict[str, tuple[bytes, int]]:
        """Return the bytes and the modification time of every public file in its plain form."""
        root = self.folder / "feeds"
        return {
            str(path.relative_to(root)): (path.read_bytes(), int(path.stat().st_mtime))
            for path in sorted(root.rglob("*"))
            if path.suffix not in ENDINGS.values()
            and not any(part.startswith(".") for part in path.relative_to(root).parts)
            and path.is_file()
        }

    def items(self, name: str = "news") -> list[dict[str, Any]]:
        """Return the items of a JSON Feed."""
        feed = json.loads((self.folder / f"feeds/{name}.json").read_bytes())
        items: list[dict[str, Any]] = feed["items"]
        return items

    def codes(self) -> list[str]:
        """Return the codes of the last run's problems."""
        return [problem.code for problem in self.log[-1].problems]


def lost_media(room: Newsroom) -> set[str]:
    """Return the addresses of pictures and files in documents that do not exist."""
    documents = room.feeds() if (room.folder / "feeds").exists() else {}
    named = {found.decode() for data, _ in documents.values() for found in MEDIA.findall(data)}
    return named - documents.keys()


def lose_all(room: Newsroom, *left: str) -> None:
    """Delete ledger and documents, but for what is `left`."""
    kept = {name: (room.folder / name).read_bytes() for name in left}
    for folder in ("state", "feeds"):
        shutil.rmtree(room.folder / folder)
    for name, data in kept.items():
        (room.folder / name).parent.mkdir(exist_ok=True)
        (room.folder / name).write_bytes(data)
