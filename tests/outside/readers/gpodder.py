"""Print what gPodder's podcastparser (Python) reads in feed files: `gpodder.py FILE…`.

It sorts by date, and keeps no author, no categories, and no time of change.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import podcastparser  # type: ignore[import-not-found]  # Debian's Python has it


def item(found: dict[str, Any]) -> dict[str, object]:
    """Read one of gPodder's episodes."""
    file = next(iter(found["enclosures"]), None)
    return {
        "id": found["guid"],
        "title": found["title"],
        "link": found["link"],
        "published": f"{datetime.fromtimestamp(found['published'], UTC):%Y-%m-%dT%H:%M:%SZ}",
        "enclosure": file
        and {"url": file["url"], "length": str(file["file_size"]), "type": file["mime_type"]},
        "text": found["description_html"],
    }


for name in sys.argv[1:]:
    with Path(name).open("rb") as stream:
        feed = podcastparser.parse("http://localhost/", stream)
    print(json.dumps([item(found) for found in feed["episodes"]]))
