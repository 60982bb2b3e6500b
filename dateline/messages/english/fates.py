"""What is staff told of what became of an entry, or will?"""

from __future__ import annotations

from dateline.messages.message import Message

FATES: dict[str, Message] = {
    # ---- Which entry is this? (`dateline.decide`)
    "draft": Message("accept", "this entry is a draft and is not published."),
    "scheduled": Message("accept", "this entry appears on {wanted}, not before."),
    "cooling": Message(
        "accept", "this entry appears on {wanted}; until then change or delete the file freely."
    ),
    "change-not-out": Message(
        "hold", "your change of {found} is not out yet; the version before it stays live."
    ),
    "many-gone": Message(
        "hold",
        "{found} published files are gone at once; their entries stay live. Put the files back, or "
        "let the publisher see the folder again.",
    ),
    # ---- What will happen (`dateline.outlook`)
    "will-appear": Message("accept", "this is new: it appears on {wanted}."),
    "will-change": Message("accept", "this is live, and the new text goes out without a notice."),
    "will-correct": Message("accept", "this is live; readers are told of the correction."),
    "will-retract": Message("accept", "this is live; the reason takes the place of the text."),
    "is-live": Message("accept", "this is live since {wanted}, and nothing changes."),
    "in-feeds": Message("accept", "it is in the feeds {found}."),
    "at-address": Message("accept", "its page is {found}."),
    "dated-otherwise": Message(
        "accept",
        "feeds say {wanted}, so that no reader misses it; the page says {found}, as you wrote.",
    ),
    "old-news": Message(
        "accept", "it is more than a week old: many readers put it far down or do not show it."
    ),
    "draft-live": Message(
        "hold",
        "this entry is live; draft = true does not take it back. Take the line out. "
        'To withdraw it, add status = "retracted" and a retraction.',
    ),
    "date-ahead-live": Message(
        "hold",
        "this entry is live, and its date is now in the future ({found}). Put the old date back.",
    ),
    "copy": Message(
        "hold",
        "this is a second copy of {found} with the same text. Delete it, or give it its own title "
        "and date.",
    ),
    "other-news": Message(
        "hold",
        "this file was published as {found}, and now has another title and another date. If it is "
        "other news, give the file another name; if not, change the title and the date one after "
        "the other.",
    ),
    "rename-unclear": Message(
        "hold",
        "{found} is gone, and more than one new file could be it. Keep one of the new files, or "
        "give each its own title and date.",
    ),
    "id-taken": Message(
        "hold",
        'the id "{wanted}" is already used by {found}. If this replaces it, edit that file; else '
        "remove the id line.",
    ),
    "id-changed": Message(
        "hold",
        "this entry is live as {found}; its id cannot change any more. Take the id line out.",
    ),
    "file-gone": Message(
        "warn",
        "this file is gone; its entry stays live. To take it back, put the file here again with "
        'status = "retracted" and a retraction.',
    ),
    "feed-none": Message(
        "warn", "no feed takes this entry (language {found}); it has a page only."
    ),
}
