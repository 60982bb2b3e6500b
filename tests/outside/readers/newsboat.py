"""Print what newsboat (C++) reads in feed files: `newsboat.py FILE…`.

newsboat fetches the feed as its users' do, and stores the result in its cache. It
keeps no categories, and of an enclosure the address and the type.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

ITEMS = """
    SELECT guid, title, url, pubDate, author, enclosure_url, enclosure_type, content
    FROM rss_item ORDER BY id DESC
"""


def item(row: tuple[str, str, str, int, str, str, str, str]) -> dict[str, object]:
    """Read one row of newsboat's cache."""
    guid, title, link, when, author, url, kind, text = row
    return {
        "id": guid,
        "title": title,
        "link": link,
        "published": datetime.fromtimestamp(when, UTC).isoformat().replace("+00:00", "Z"),
        "author": author,
        "enclosure": {"url": url, "type": kind} if url else None,
        "text": text,
    }


def items(feed: Path, home: Path) -> list[dict[str, object]]:
    """Fetch one feed with newsboat, in a home of its own."""
    (home / "urls").write_text(feed.resolve().as_uri())
    (home / "config").write_text("suppress-first-reload yes\n")
    files = ["-u", f"{home}/urls", "-c", f"{home}/cache.db", "-C", f"{home}/config"]
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    subprocess.run(["newsboat", *files, "-x", "reload"], env=environment, check=True)
    with closing(sqlite3.connect(home / "cache.db")) as cache:
        return [item(row) for row in cache.execute(ITEMS)]


for name in sys.argv[1:]:
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(items(Path(name), Path(folder))))
