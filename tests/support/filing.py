"""Files of entries for pages of terms and months, and what these pages show."""

from __future__ import annotations

import re

from dateline.documents.manifest import ManifestReader
from dateline.model import Report
from support.publication import Newsroom, entry_file


def drop(newsroom: Newsroom, *numbers: int, month: str = "2026-10", **fields: str) -> None:
    """Drop files, one for each day of a month."""
    for number in numbers:
        text = entry_file(f"Number {number}", f"{month}-{number:02}", **fields)
        newsroom.drop(f"{month}-{number:02}.toml", text)


def titles(newsroom: Newsroom, path: str) -> list[str]:
    """Return the titles of the entries on a page, in their order."""
    page = newsroom.feeds()[path][0].decode()
    return re.findall(r'class="p-name u-url" href="[^"]*html">(.*?)</a>', page)


def former(newsroom: Newsroom, path: str) -> str | None:
    """Return where an address leads that is no longer there; an empty text is gone for good."""
    return ManifestReader(newsroom.folder / "feeds").former(path)


def touched(report: Report, *starts: str) -> list[str]:
    """Return the documents that changed in a run, and begin like this."""
    return sorted(path for path in report.documents if path.startswith(starts))
