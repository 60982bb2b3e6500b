"""Print what the parser of GNOME Feeds (C++) reads in feed files: `gnome-feeds.py FILE…`.

It keeps no identifier, categories or time of change, of files only audio and video, and
leaves dates as they are written.
"""

import json
import sys

import syndom  # type: ignore[import-not-found]  # Debian's Python has it

for name in sys.argv[1:]:
    items = [
        {
            "title": found.get_title(),
            "link": found.get_url(),
            "author": found.get_author_name(),
            "text": found.get_content(),
        }
        for found in syndom.Feed(name).get_items()
    ]
    print(json.dumps(items))
