"""Questions about a text that is not read as a date."""

from __future__ import annotations

from dateline.messages.message import COUNT, DAY, TEXT, WORDS, Message

MESSAGES: dict[str, Message] = {
    # ---- Dates (`dateline.entries.dates`)
    "date-missing": Message(
        "hold", "the date is missing. Add a line: date = {wanted}.", wanted=TEXT
    ),
    "date-empty": Message(
        "hold", "{field} is empty. Write a day, as in {field} = {wanted}.", wanted=TEXT
    ),
    "date-not-a-date": Message(
        "hold",
        '"{found}" is not read as a date. Write day, month and year, like {wanted}.',
        found=TEXT,
        wanted=TEXT,
    ),
    "date-unknown-word": Message(
        "hold",
        '"{found}" in the {field} is not understood, and may change it. Write the date alone, like '
        "{wanted}.",
        found=TEXT,
        wanted=TEXT,
    ),
    "date-no-year": Message(
        "hold", 'the {field} has no year. Write "{wanted}".', found=TEXT, wanted=DAY
    ),
    "date-no-such-year": Message(
        "hold", 'the year in "{found}" is not one of four digits. Which year is it?', found=TEXT
    ),
    "date-two-digit-year": Message(
        "hold", "write the year with four digits: {wanted}.", found=TEXT, wanted=DAY
    ),
    "date-no-such-day": Message("hold", "there is no {found}. Correct the date.", found=DAY),
    "date-ambiguous-day-month": Message(
        "hold", '"{found}" may be more than one day: write {wanted}.', found=TEXT, wanted=WORDS
    ),
    "date-weekday-mismatch": Message(
        "hold",
        "the weekday does not fit: {wanted}, not {found}. Which is right?",
        found=TEXT,
        wanted=WORDS,
    ),
    "date-two-dates": Message(
        "hold",
        'there is more than one date in "{found}". Which one is it? For the first and the last '
        'day of something longer, write event = "1 - 3 May 2026".',
        found=TEXT,
    ),
    "date-vague": Message(
        "hold",
        '"{found}" does not say which day. Write a day, as in 20 October 2026; an event may also '
        'be a month ("October 2026") or have a first and a last day ("1 - 3 May 2026").',
        found=TEXT,
    ),
    "date-relative": Message(
        "hold",
        '"{found}" depends on the day when it is read. Write the day itself, as in {wanted}.',
        found=TEXT,
        wanted=TEXT,
    ),
    "date-range": Message(
        "hold",
        '{field} is one day. Put "{found}" into event = "{found}", and the day of publication into '
        "date.",
        found=TEXT,
    ),
    "date-month-only": Message(
        "hold",
        '{field} is one day. Which day? "{found}" can stand in event = "{found}".',
        found=TEXT,
    ),
    "date-ends-before-start": Message(
        "hold",
        '"{found}" ends before it starts. Correct it; where it goes on into a new year, write '
        "both years.",
        found=TEXT,
    ),
    "date-too-far": Message(
        "hold",
        "{found} is {wanted} years from now. If that is a slip, correct the year.",
        found=DAY,
        wanted=COUNT,
    ),
    "date-too-early": Message(
        "hold",
        "{found} is before {wanted}. If that is a slip, correct the year.",
        found=DAY,
        wanted=COUNT,
    ),
    "date-no-such-time": Message(
        "hold", "there is no {found}: write {wanted}.", found=WORDS, wanted=WORDS
    ),
    "date-ambiguous-time": Message(
        "hold",
        'the time "{found}" may be more than one moment. Which is it: {wanted}?',
        found=TEXT,
        wanted=WORDS,
    ),
    "date-ambiguous-zone": Message(
        "hold",
        'it is not clear which time zone "{found}" is, or whether it is one. If it is, write '
        "instead: {wanted}; if it is none, take it out.",
        found=TEXT,
        wanted=WORDS,
    ),
    "date-zone-mismatch": Message(
        "hold",
        "{found} is not in use on that day: {wanted} is. Write the time in {wanted}.",
        found=TEXT,
        wanted=WORDS,
    ),
}
