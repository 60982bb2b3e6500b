"""Messages about pictures and attachments."""

from __future__ import annotations

from dateline.messages.message import COUNT, TEXT, WORDS, Message

MESSAGES: dict[str, Message] = {
    # ---- Pictures and attachments beside the entry (`dateline.entries.media.nearby`)
    "image-not-there": Message(
        "warn",
        "{found} was not found beside this file; it is left out. {wanted}",
        found=TEXT,
        wanted=WORDS,
    ),
    "file-awaited": Message(
        "wait",
        "{found} is not here yet (still copying?). Dateline waits ten seconds for it, then "
        "publishes without it.",
        found=TEXT,
    ),
    "picture-in-work": Message(
        "wait",
        "{found} is being made smaller for readers. The entry is published within seconds.",
        found=TEXT,
    ),
    "image-no-alt": Message(
        "warn",
        'the picture has no description for people who cannot see it. Add image_alt = "…".',
    ),
    "picture-no-alt": Message(
        "warn",
        "{found} has no description for people who cannot see it. Write it between the brackets: "
        "![what it shows]({found}).",
        found=TEXT,
    ),
    "image-no-picture": Message(
        "warn",
        "{found} is not a picture; it is left out. To offer it to readers, write {wanted}.",
        found=TEXT,
        wanted=TEXT,
    ),
    "file-outside": Message(
        "hold",
        "{found} is outside the entries folder. Put the file beside this one, and write its name "
        "alone: {wanted}.",
        found=TEXT,
        wanted=TEXT,
    ),
    "media-unreadable": Message(
        "hold",
        "{found} cannot be opened. Close it in other programs, copy it here again, or let the "
        "publisher read it.",
        found=TEXT,
    ),
    # ---- Pictures and attachments (`dateline.entries.media`)
    "media-unknown-type": Message(
        "warn",
        "{found} is of a kind that is not published here; it is left out. Save a picture as "
        "JPEG or PNG, a text as PDF.",
        found=TEXT,
    ),
    "media-not-what-its-name-says": Message(
        "warn",
        "{found} is not what its name says; it is left out. Open it and save it again in "
        "that format.",
        found=TEXT,
    ),
    "text-heavy": Message(
        "warn",
        "this text takes up to {found} kB in a feed, and feeds hold 1,900 kB of all news: their "
        "readers may get the summary alone, with a link to the page. Put long lists and tables "
        "into a file beside the entry, and name it in attachments.",
        found=COUNT,
    ),
    "media-broken": Message(
        "warn",
        "{found} is damaged; it is left out. Copy it again from where it came from.",
        found=TEXT,
    ),
    "media-locked": Message(
        "warn",
        "{found} has a password; it is left out. Save a copy without a password.",
        found=TEXT,
    ),
    "media-too-large": Message(
        "warn", "{found} is larger than 50 MB; it is left out. Put a smaller one here.", found=TEXT
    ),
    "media-too-hard": Message(
        "warn",
        "{found} needs too much time or memory; it is left out. Save it again as JPEG: 2,000 "
        "pixels across are plenty.",
        found=TEXT,
    ),
    "pdf-too-hard": Message(
        "warn",
        "{found} needs too much time or memory; it is left out. Print it to a new PDF, or split it "
        "into several.",
        found=TEXT,
    ),
    "media-too-many-pixels": Message(
        "warn",
        "{found} has more than 60 million pixels; it is left out. Save it smaller: 2,000 "
        "pixels across are plenty.",
        found=TEXT,
    ),
}
