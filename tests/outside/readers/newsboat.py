"""Print what newsboat (C++) reads in one feed file: `newsboat.py FILE`.

newsboat fetches the feed as its users' do, and what it understood stands in its cache. It
keeps no categories, and of an enclosure the address and the type.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
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


with tempfile.TemporaryDirectory() as home:
    folder = Path(home)
    (folder / "urls").write_text(Path(sys.argv[1]).resolve().as_uri())
    (folder / "config").write_text("suppress-first-reload yes\n")
    files = ["-u", f"{home}/urls", "-c", f"{home}/cache.db", "-C", f"{home}/config"]
    environment = {"HOME": home, "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    subprocess.run(["newsboat", *files, "-x", "reload"], env=environment, check=True)
    for row in sqlite3.connect(folder / "cache.db").execute(ITEMS):
        print(json.dumps(item(row)))
