"""A small publication in a real folder, run with a clock that the test sets."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from random import Random, randrange
from typing import Any

import pytest
from hypothesis import settings
from PIL import Image

from dateline import config as configuration
from dateline import publish
from dateline.config import Config
from dateline.documents.compression import ENDINGS
from dateline.model import Report

# Machines are shared: no example fails for the time that it took.
settings.register_profile("untimed", settings(), deadline=None)
settings.load_profile("untimed")

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
"""  # and what else the main feed has
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
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def entry_file(title: str = "Report on Lebanon", date: str = "2026-11-24", **fields: str) -> str:
    """Give the text of an entry file; `fields` are TOML values."""
    body = fields.pop("body", '"""\nText of the report.\n"""')
    others = "".join(f"{name} = {value}\n" for name, value in fields.items())
    return f'title = "{title}"\ndate = {date}\n{others}body = {body}\n'


def picture(colour: str = "navy", kind: str = "PNG") -> bytes:
    """Give a small picture."""
    buffer = BytesIO()
    Image.new("RGB", (8, 6), colour).save(buffer, kind)
    return buffer.getvalue()


@dataclass
class Newsroom:
    """A publication in a folder. Each `build` is a minute after the last."""

    folder: Path
    now: datetime = NOW
    log: list[Report] = field(default_factory=list)

    @property
    def config(self) -> Config:
        """Read the configuration as it is now."""
        return configuration.load(self.folder / "config.toml")

    def drop(self, name: str, text: str | bytes | None = None) -> Path:
        """Write a file under `entries/`, as one that was left alone since."""
        path = self.folder / "entries" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = entry_file() if text is None else text
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def build(self, *, after: timedelta = timedelta(minutes=1)) -> Report:
        """Do one run, when all files hold still."""
        self.now += after
        clock = datetime.now(UTC) + timedelta(seconds=2)
        report = publish.build(self.config, now=self.now, clock=clock)
        self.log.append(report)
        return report

    def feeds(self) -> dict[str, tuple[bytes, int]]:
        """Give the bytes and the modification time of every public file in its plain form."""
        root = self.folder / "feeds"
        return {
            str(path.relative_to(root)): (path.read_bytes(), int(path.stat().st_mtime))
            for path in sorted(root.rglob("*"))
            if path.is_file()
            and not any(part.startswith(".") for part in path.relative_to(root).parts)
            and path.suffix not in ENDINGS.values()
        }

    def items(self, name: str = "news") -> list[dict[str, Any]]:
        """Give the items of a JSON Feed."""
        feed = json.loads((self.folder / f"feeds/{name}.json").read_bytes())
        items: list[dict[str, Any]] = feed["items"]
        return items

    def codes(self) -> list[str]:
        """Give the codes of the last run's problems."""
        return [problem.code for problem in self.log[-1].problems]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let output that changed on purpose be written into the cases (`test_cases.py`)."""
    parser.addoption("--rewrite", action="store_true", help="write what the cases should give")
    parser.addoption("--shuffle", type=int, help="run in an order that this number makes; 1: any")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, Any, Any]:
    """Choose the number of an order before workers are started, which all have the same."""
    if config.option.shuffle == 1:
        config.option.shuffle = randrange(2, 100_000)  # noqa: S311 - no secret
    return (yield)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say in which order the tests run."""
    return _order(config)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say it again at the end, for who reads of a failure there."""
    if said := _order(config):
        terminalreporter.write_line(said)


def _order(config: pytest.Config) -> str | None:
    number = config.option.shuffle
    return f"The order of these tests: --shuffle {number}" if number else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let files, and the tests of each file, run in another order: none may rest on it.

    Tests of a file stay together, since they share what took long to make.
    """
    if number := config.option.shuffle:
        shuffled = Random(number)  # noqa: S311 - no secret
        places = {path: shuffled.random() for path in sorted({item.path for item in items})}
        own = {item.nodeid: shuffled.random() for item in sorted(items, key=lambda i: i.nodeid)}
        items.sort(key=lambda item: (places[item.path], own[item.nodeid]))


@pytest.fixture(autouse=True)
def _no_fault(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail where a file was held by a fault of ours, which publishing itself survives."""
    yield
    faults = [one for one in caplog.get_records("call") if one.name == "dateline.entries.reader"]
    assert faults == []


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    """Give an empty newsroom; after the test, no document holds what it must never hold."""
    (tmp_path / "entries").mkdir()
    (tmp_path / "config.toml").write_text(CONFIG, encoding="utf-8")
    room = Newsroom(tmp_path)
    yield room
    leaks = [
        name
        for name, (data, _) in (room.feeds() if (tmp_path / "feeds").exists() else {}).items()
        if b"EMBARGOED" in data or os.fsencode(tmp_path) in data
    ]
    assert leaks == []
    assert lost_media(room) == set()


def lost_media(room: Newsroom) -> set[str]:
    """Give the addresses of pictures and files that a document names, and that lead nowhere."""
    documents = room.feeds() if (room.folder / "feeds").exists() else {}
    named = {found.decode() for data, _ in documents.values() for found in MEDIA.findall(data)}
    return named - documents.keys()
