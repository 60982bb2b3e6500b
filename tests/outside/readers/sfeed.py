"""Print what sfeed (C) reads in feed files: `sfeed.py FILE…`.

sfeed writes one line an item, with tabs between fields and C escapes in the text
(sfeed(5)). Of an enclosure it keeps the address.
"""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path


def unescaped(text: str) -> str:
    """Undo sfeed's own escapes."""
    parts = text.split("\\\\")
    return "\\".join(part.replace(r"\n", "\n").replace(r"\t", "\t") for part in parts)


def item(line: str) -> dict[str, object]:
    """Read one line of sfeed's output."""
    when, title, link, text, _kind, guid, author, enclosure, categories = line.split("\t")[:9]
    moment = datetime.fromtimestamp(int(when), UTC) if when else None
    return {
        "id": guid,
        "title": title,
        "link": link,
        "published": moment and moment.isoformat().replace("+00:00", "Z"),
        "author": author,
        "categories": categories.split("|") if categories else [],
        "enclosure": {"url": enclosure} if enclosure else None,
        "text": unescaped(text),
    }


for name in sys.argv[1:]:
    with Path(name).open("rb") as feed:
        done = subprocess.run(["sfeed"], stdin=feed, stdout=subprocess.PIPE, check=True, text=True)
    print(json.dumps([item(line) for line in done.stdout.split("\n") if line]))
