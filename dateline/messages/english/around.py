"""What is said around messages, in a note, in the newsroom's feed, in an alarm?"""

from __future__ import annotations

AROUND: dict[str, str] = {
    "line": "Line {line}: {text}",
    # ---- Beside a file (`dateline.notes`)
    "note-hold": "{name} is not published as it is now.",
    "note-wait": "{name} is still not published.",
    "note-warn": "{name} should be looked at. This does not stop its publication.",
    "note-goes": "This file goes by itself when all is well.",
    # ---- In the newsroom's feed (`dateline.newsroom`)
    "feed-title": "Problems: {title}",
    "feed-hold": "not published",
    "feed-wait": "still not published",
    "feed-warn": "should be looked at",
    # ---- In an alarm (`dateline.alarm`)
    "alarm-subject": "{title}: {what} not published",
    "alarm-files": "{count} files",
    "alarm-since": "{path}, since {since}:",
    "alarm-more": "… and {count} more.",
    # ---- On the page of all messages (`dateline.messages.page`)
    "page-title": "What Dateline says about a file",
    "page-head": (
        "Each message has a code that never changes. `{{field}}` is the name of the field, "
        "`{{found}}` what stands in the file, `{{wanted}}` what to type instead. "
        'The number of the line goes before: "Line 4: …".'
    ),
    "page-hold": "Held: not published until mended. What is live of it stays live.",
    "page-wait": "Waited for: looked at again by itself.",
    "page-warn": "Published, and something should be looked at.",
    "page-accept": "Good. What was read otherwise than written is said.",
    "page-columns": "| code | message |",
}
