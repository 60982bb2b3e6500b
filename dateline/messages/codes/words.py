"""Words and phrases that the program itself puts into the places of a message."""

from __future__ import annotations

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

WORDS: dict[str, str] = {
    # ---- Days (`dateline.messages.values`)
    **{f"month-{number}": name for number, name in enumerate(_MONTHS, 1)},
    **{f"weekday-{number}": name for number, name in enumerate(_WEEKDAYS)},
    "first-of-month": "1",
    "day": "{day} {month}",
    "day-of-year": "{day} {month} {year}",
    "month-of-year": "{month} {year}",
    "no-such-month": "{day} month {month}",
    "no-such-month-of-year": "{day} month {month} {year}",
    "weekday-and-day": "{weekday} {day}",
    "timed-day": "{day}, {times}",
    "stretch": "{first} - {last}",
    "moment": "{day} at {time}",
    # ---- Choices
    "or": "{first} or {second}",
    "and": "{first} and {second}",
    "commas": "{first}, {second}",
    "for-day": "{text} for {day}",
    "for-place": "{text} for {place}",
    # ---- Times of day (`dateline.entries.dates`)
    "24-hours": "morning or evening (by a clock of 24 hours, such as 09:00 or 21:00)",
    "only-days": "only the days, or times at both ends, such as 1 May 2026, 09:00 - 3 May 2026, "
    "17:00",
    "clocks-forward": "{moment}, as the clocks go forward then",
    "before-or-after": "a time before or after that",
    "any-time": "a time from 00:00 to 24:00",
    "an-offset": "an offset such as {offset}",
    # ---- Places whose clocks an abbreviation may mean (`dateline.entries.dates.zones`)
    "America/Chicago": "the US Centre",
    "America/Denver": "the US Mountains",
    "America/Halifax": "the Atlantic",
    "America/Havana": "Cuba",
    "America/Los_Angeles": "the US West",
    "America/New_York": "the US East",
    "Asia/Dhaka": "Bangladesh",
    "Asia/Dubai": "the Gulf",
    "Asia/Jerusalem": "Israel",
    "Asia/Karachi": "Pakistan",
    "Asia/Kolkata": "India",
    "Asia/Kuala_Lumpur": "Malaysia",
    "Asia/Manila": "the Philippines",
    "Asia/Riyadh": "Arabia",
    "Asia/Shanghai": "China",
    "Asia/Singapore": "Singapore",
    "Asia/Yangon": "Myanmar",
    "Australia/Perth": "Western Australia",
    "Australia/Sydney": "Australia's East",
    "Europe/Chisinau": "Moldova",
    "Europe/Dublin": "Ireland",
    "Europe/London": "Britain",
    "Pacific/Apia": "Samoa",
    "Pacific/Guam": "Guam",
    "Pacific/Pago_Pago": "Samoa",
    # ---- Files (`dateline.entries.parse.encoding`, `dateline.entries.media.nearby`)
    "word-document": "Word document",
    "libreoffice-document": "LibreOffice document",
    "pages-document": "Pages document",
    "google-document": "link to a Google document",
    "files-here": "Files here: {names}.",
    "no-files-here": "Files here: (none).",
    "part-of-all": "{count} of {all}",
    # ---- Lines (`dateline.entries.parse`)
    "two-lines": "lines {first} and {second}",
    "comma": "comma",
    "start": "the start",
    "cyrillic-letter": "Cyrillic {letter}",
    "greek-letter": "Greek {letter}",
    "as-one-line": " and write it as one line, {line}",
}
