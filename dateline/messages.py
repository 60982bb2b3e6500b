"""What exactly is staff told, and with which code?

Every sentence that a member of staff can meet stands here once, under a code that never
changes. `{field}` is the field's name as staff write it, `{found}` what stands in the
file, `{wanted}` what to type instead. A sentence starts in lower case: "Line 4: " may
go before it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Message:
    """The state that a problem puts its file in, and its wording."""

    state: str
    text: str


CATALOGUE: dict[str, Message] = {
    # ---- The file as a whole (`dateline.parse`)
    "file-empty": Message(
        "wait",
        "this file is empty so far. If it stays empty for 10 minutes, copy it again.",
    ),
    "file-still-empty": Message("hold", "this file is empty. Copy it again."),
    "file-changing": Message(
        "wait", "this file is still being written; it is read as soon as it holds still."
    ),
    "file-cut": Message(
        "wait",
        "the file ends in the middle (still copying?). It is tried again as soon as it changes; "
        "if it stays like this, copy it again.",
    ),
    "file-unreadable": Message(
        "hold", "this file cannot be opened. Close it in other programs, or copy it again."
    ),
    "file-too-large": Message(
        "hold", "this file is larger than 1 MB. Put only text here; pictures go beside the file."
    ),
    "file-encoding": Message(
        "hold", "this file is not saved as UTF-8. In Save As, choose the encoding UTF-8."
    ),
    "file-not-toml": Message(
        "hold",
        "this line cannot be read: {found}. A line is a name, an equals sign and a text between "
        'quotes, like title = "Report on Lebanon".',
    ),
    "body-open": Message(
        "hold",
        'the body starts with """ but never ends. Add """ on a line of its own at the end of the '
        "file.",
    ),
    # ---- Fields (`dateline.parse`)
    "title-missing": Message("hold", 'the title is missing. Add a line: title = "…".'),
    "body-missing": Message(
        "hold", 'the body is missing. Put the text at the end of the file: body = """ … """.'
    ),
    "field-not-text": Message("hold", "the {field} must be text between quotes: {wanted}."),
    "field-not-list": Message(
        "hold", "{field} must be a list of texts in square brackets: {wanted}."
    ),
    "field-not-date": Message("hold", "{field} must be a date, like {field} = 2008-10-20."),
    "draft-not-bool": Message("hold", "draft is true or false, without quotes: draft = true."),
    "field-after-body": Message(
        "hold", "{field} stands after the body. Move it above body, so that the body is last."
    ),
    "field-misspelt": Message("hold", 'there is no field "{field}". Did you mean {wanted}?'),
    "field-unknown": Message("warn", '"{field}" is not a field we use; it was ignored.'),
    # ---- Texts, addresses and languages (`dateline.normalise`)
    "title-too-long": Message(
        "hold", "the title has {found} characters. Shorten it to 200 or fewer."
    ),
    "title-lines": Message("hold", "the title has more than one line. Write it on one line."),
    "title-markup": Message(
        "hold", "the title has the markup {found} in it. Write the title as plain text."
    ),
    "title-direction": Message(
        "hold",
        "the title has invisible characters that turn text round. Type the title again by hand.",
    ),
    "title-template": Message("hold", "the template text is still there. Write your own title."),
    "link-not-web": Message("hold", "the link must start with https:// or http://."),
    "language-unknown": Message(
        "hold", 'we do not know the language "{found}". Write language = "en", or "fr", "ar", ….'
    ),
    "language-read": Message("accept", '"{found}" was read as {wanted}.'),
    "category-sign": Message(
        "hold", 'the category "{found}" has a comma or a | in it. Make two categories of it.'
    ),
    "expires-before-date": Message(
        "hold", "expires ({found}) is before date ({wanted}). Correct one of them."
    ),
    "updated-before-date": Message(
        "hold", "updated ({found}) is before date ({wanted}). Correct one of them."
    ),
    "updated-ahead": Message("hold", "updated ({found}) has not come yet. Correct it."),
    "status-unknown": Message(
        "hold", 'status can only be "retracted". Take the line out, or write status = "retracted".'
    ),
    "retraction-missing": Message(
        "hold", 'a retracted entry needs the reason. Add a line: retraction = "…".'
    ),
    "retraction-alone": Message(
        "hold", 'retraction goes with status = "retracted". Add that line, or take this one out.'
    ),
    # ---- Pictures and attachments beside the entry (`dateline.beside`)
    "image-not-there": Message(
        "warn", "{found} was not found beside this file; published without it. {wanted}"
    ),
    "image-no-alt": Message(
        "warn",
        'the picture has no description for people who cannot see it. Add image_alt = "…".',
    ),
    "file-outside": Message(
        "hold", "{found} is outside the entries folder. Put it beside this file."
    ),
    # ---- Pictures and attachments (`dateline.media`)
    "media-unknown-type": Message(
        "warn",
        "{found} is of a kind that is not published here; published without it. Save a picture as "
        "JPEG or PNG, a text as PDF.",
    ),
    "media-not-what-its-name-says": Message(
        "warn",
        "{found} is not what its name says; published without it. Open it and save it again in "
        "that format.",
    ),
    "media-broken": Message(
        "warn", "{found} is damaged; published without it. Copy it again from where it came from."
    ),
    "media-locked": Message(
        "warn", "{found} has a password; published without it. Save a copy without a password."
    ),
    "media-too-large": Message(
        "warn", "{found} is larger than 50 MB; published without it. Put a smaller one here."
    ),
    "media-too-many-pixels": Message(
        "warn",
        "{found} has more than 60 million pixels; published without it. Save it smaller: 2,000 "
        "pixels across are plenty.",
    ),
    # ---- Which entry is this? (`dateline.decide`)
    "draft": Message("accept", "this entry is a draft and is not published."),
    "scheduled": Message("accept", "this entry appears on {wanted}, not before."),
    "draft-live": Message(
        "hold",
        "this entry is live; draft = true does not take it back. Take the line out. "
        'To withdraw it, delete the file or write status = "retracted".',
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
    # ---- Dates (`dateline.dates`)
    "date-missing": Message("hold", "the date is missing. Add a line: date = {wanted}."),
    "date-empty": Message("hold", "{field} is empty. Write a day, as in {field} = {wanted}."),
    "date-not-a-date": Message(
        "hold",
        '"{found}" is not read as a date. Write day, month and year: {wanted}.',
    ),
    "date-no-year": Message("hold", 'the {field} has no year. Write "{wanted}".'),
    "date-no-such-year": Message(
        "hold", 'the year in "{found}" is not one of four digits. Which year is it?'
    ),
    "date-two-digit-year": Message("hold", "write the year with four digits: {wanted}."),
    "date-no-such-day": Message("hold", "there is no {found}. Correct the date."),
    "date-ambiguous-day-month": Message(
        "hold", '"{found}" may be more than one day: write {wanted}.'
    ),
    "date-weekday-mismatch": Message(
        "hold", "the weekday does not fit: {wanted}, not {found}. Which is right?"
    ),
    "date-two-dates": Message(
        "hold",
        'there is more than one date in "{found}". Which one is it? For the first and the last '
        'day of something longer, write event = "1 - 3 May 2026".',
    ),
    "date-vague": Message(
        "hold",
        '"{found}" does not say which day. Write a day, as in 20 October 2026; an event may also '
        'be a month ("October 2026") or have a first and a last day ("1 - 3 May 2026").',
    ),
    "date-relative": Message(
        "hold",
        '"{found}" means another day tomorrow. Write the day itself, with month and year.',
    ),
    "date-range": Message(
        "hold",
        'date is the day of publication (one day). Put "{found}" into event = "…".',
    ),
    "date-month-only": Message(
        "hold",
        'date is the day of publication (one day). Which day? "{found}" can stand in event = "…".',
    ),
    "date-ends-before-start": Message(
        "hold",
        '"{found}" ends before it starts. Correct it; where it goes on into a new year, write '
        "both years.",
    ),
    "date-too-far": Message(
        "hold", "{found} is {wanted} years from now. If that is a slip, correct the year."
    ),
    "date-too-early": Message(
        "hold", "{found} is before {wanted}. If that is a slip, correct the year."
    ),
    "date-no-such-time": Message("hold", "there is no {found}: write {wanted}."),
    "date-ambiguous-time": Message(
        "hold", 'the time "{found}" may be more than one moment. Which is it: {wanted}?'
    ),
    "date-ambiguous-zone": Message(
        "hold", "{found} may be more than one time zone. Write the offset instead: {wanted}."
    ),
    "date-zone-mismatch": Message(
        "hold", "{found} is not in use on that day: {wanted} is. Which is meant?"
    ),
}
