"""Words of the newsroom's pages: English, and the way to the other languages.

The program's own values stand in braces. Those of the pages for writing are in
`dateline.newsroom.write.words`, translations in `dateline.messages.catalogue`, messages about files
in `dateline.messages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from markupsafe import Markup

from dateline.messages import spoken
from dateline.messages.catalogues import translated
from dateline.newsroom.write.words import WRITING
from dateline.text.language import direction
from dateline.text.localise import (
    day_and_time,
    day_of_year,
    exact_time_of_day,
    moment,
    month,
    time_of_day,
    weekdays,
)

_THIN = "\u202f"

ENGLISH: Mapping[str, str] = {
    "title": "Newsroom: {publication}",
    "newsroom": "Newsroom",
    "overview": "Overview",
    "figures": "Figures",
    "skip": "To the content",
    "silent": "The newsroom does not answer. What you see may be out of date.",
    "days": "d",
    "hours": "h",
    "minutes": "min",
    "seconds": "s",
    # ---- States
    "states": "Entries by state",
    "all": "all",
    "live": "live",
    "corrected": "corrected",
    "retracted": "retracted",
    "expired": "expired",
    "withdrawn": "withdrawn",
    "held": "held",
    "wait": "held",
    "hold": "held",
    "cooling": "cooling",
    "scheduled": "scheduled",
    "draft": "draft",
    "held-too": "a change is held",
    # ---- The front page
    "problems": "What is wrong",
    "well": "All is well.",
    "more": "… and {count} more.",
    "rank-guard": "Guard",
    "rank-alarm": "Alarm: held for long",
    "rank-hold": "Held",
    "rank-wait": "Still not published",
    "rank-warn": "Look at it",
    "alike": "{count} files",
    "which-files": "The files",
    "since": "since {moment}",
    "late": "The publisher has not checked the entries since {moment}. Ask the person who runs it.",
    "allow": "Allow…",
    "allow-sure": "This was meant: allow {code}",
    "allowed": "{code} was allowed.",
    "kept": "{code} was kept: what it is about stays as it is.",
    "kept-as-same": "{code} is the same entry: readers get the new text at the old address.",
    "keep": "Keep",
    "concerns": "This is about {count} files:",
    "keep-many-gone": "The entries stay as they are, and readers notice nothing.",
    "keep-old-gone": "The entry stays as it is, and readers notice nothing.",
    "keep-other-news": "It is the same entry: readers get the new text at the old address.",
    "allow-many-gone": "Readers lose these entries: they leave the feeds, and their pages say "
    "that they are gone.",
    "allow-old-gone": "Readers lose this entry: it leaves the feeds, and its page says that it "
    "is gone.",
    "allow-other-news": "Readers get a new entry, and the old one stays as it is.",
    "allow-other-news-id": "It is the same entry: readers get the new text at the old address.",
    "allow-many-updated": "Readers are shown each of these entries again as updated.",
    "allow-feed-emptied": "Readers of this feed find it empty.",
    "allow-tag-changed": "Feeds get other ids: readers are shown every entry again.",
    "allow-topic-feeds-removed": "The feeds of all topics, places and authors end, and programs "
    "stop asking for them for good.",
    "allow-renamed-edited": "Readers get a new entry. The old one is withdrawn if its file "
    "stays away.",
    "allow-renamed-unnamed": "Readers get a new entry. The old one is withdrawn if its file "
    "stays away.",
    "allow-id-changed": "Readers get a new entry, and the old one is withdrawn.",
    "allow-unapproved": "Readers get exactly this text, with these pictures: at once, or at its "
    "own moment.",
    "allow-unapproved-unknown": "Readers get exactly this text, with these pictures: at once, or "
    "at its own moment.",
    "allow-date-slip-corrected": "Readers are shown the news again under its right date, and "
    "the old address leads there.",
    "allow-date-slip-held": "Readers are shown the news at once, among that of last year.",
    "held-change": "Readers have “{before}”. The file says “{after}”, and is held for this reason:",
    "no-page": "There is no such page",
    "no-page-why": "Nothing is at this address, or not any more.",
    "too-large": "More was sent than a form has.",
    "fault": "This failed, for a reason that Dateline does not know. The program’s log has it.",
    "all-files": "… and {count} more",
    "not-waiting": "Nothing waits for {code} any more.",
    "decline": "Decline",
    "declined": "{file} stays as it is: its withdrawal was declined.",
    "coming": "About to appear",
    "nothing-coming": "Nothing is waiting for its moment.",
    "appears": "appears {moment}",
    "left": "in {left}",
    "stop": "Stop",
    "stopped": "{file} is stopped. It is held until somebody changes the file.",
    "not-cooling": "{file} is not waiting any more, so it was not stopped.",
    "today": "Changed today",
    "nothing-today": "Nothing was published, changed or withdrawn today.",
    "was-published": "published",
    "was-changed": "changed: {fields}",
    "was-withdrawn": "withdrawn",
    "delivery-served": "out {moment}",
    "delivery-cdn": "through the CDN {moment}",
    "delivery-reached": "at readers {moment}",
    "delivery-cdn-waits": "not yet through the CDN",
    "delivery-waits": "not yet at readers",
    "delivery-pushed": "pushed to {pushed} of {subscribers}",
    "feed-for": "All problems in a feed reader (this address reads, and allows nothing):",
    # ---- Lists
    "search": "Search",
    "search-words": "Words of the title or the file’s name",
    "person": "Person",
    "topic": "Topic",
    "from-day": "From",
    "to-day": "Until",
    "no-search": "Without a search",
    "page-number": "Page {page}",
    "none": "None.",
    "preview": "Preview",
    "preview-of": "Preview of {file}",
    "pages": "Pages",
    "page-of": "Page {page} of {pages}",
    "newer": "Newer",
    "older": "Older",
    "before": "Before",
    "after": "After",
    # ---- The month
    "month": "What is coming in a month",
    "coming-in": "What is coming in {month}",
    "month-before": "Month before",
    "month-after": "Month after",
    "this-month": "This month",
    "event": "event",
    "nothing-in-month": "Nothing is coming in this month.",
    "too-much": "More is coming than is shown here.",
    # ---- History
    "history": "History",
    "history-of": "History of {title}",
    "version": "version {number}",
    "empty-before": "It was empty.",
    "empty-after": "It is now empty.",
    "act-saved": "saved",
    "act-approved": "approved",
    "act-allowed": "allowed",
    "act-kept": "kept",
    "act-stopped": "stopped",
    "act-retracted": "retracted",
    "act-asked": "asked for a withdrawal",
    "act-declined": "withdrawal declined",
    "act-withdrew": "withdrawn",
    "act-restored": "restored",
    "act-took-down": "taken down",
    # ---- Figures
    "range": "Range",
    "weeks-4": "4 weeks",
    "weeks-13": "13 weeks",
    "weeks-52": "A year",
    "days-7": "7 days",
    "days-30": "30 days",
    "days-90": "90 days",
    "total": "In all: {count}.",
    "trend": "In the last four weeks: {count}; in the four weeks before: {before}.",
    "day-total": "In all: {count}, of which {unchanged} were 304.",
    "most-read": "Entries that are read most",
    "most-read-note": "Requests for the pages of entries in the last {count} days. Those of search "
    "engines count, too.",
    "week-chart": "Entries a week",
    "week-note": "How many entries were published in each of the last {count} weeks.",
    "week-of": "Week of",
    "entries": "Entries",
    "feed-chart": "Subscribers of each feed",
    "feed-note": "At least so many, as far as services say for how many people they ask. "
    "Who asks directly is not counted.",
    "feed": "Feed",
    "subscribers": "Subscribers",
    "day-chart": "Requests a day",
    "day-note": "Hatched: those that were told in a few bytes that nothing is new (304).",
    "day": "Day",
    "requests": "Requests",
    "unchanged": "Nothing new (304)",
    "share": "{share} % 304",
    "as-table": "As a table",
    "hub": "Your hub",
    "hub-note": "Programs that are sent each change of a feed at once. They are counted, and named "
    "nowhere.",
    "hub-none": "Nobody has subscribed to it yet.",
    "hub-subscriptions": "Subscriptions",
    "hub-hosts": "Servers of subscribers",
    "hub-behind": "Still to get the newest edition",
    "hub-since": "since {moment}",
    "hub-failing": "Do not accept it at present",
    "hub-failing-hosts": "on servers: {count}",
    "counting": "The log is being read. The figures come in a moment.",
    "no-log": "There is no log yet.",
    # ---- Preview
    "as-page": "As a page",
    "in-reader": "In a feed reader",
    "is-live": "What readers have",
    "will-be": "What the file says now",
    "not-readable": "The file cannot be shown as it is. What to fix is listed above.",
    "gone": "The file is gone.",
    "gone-until": "The file is gone. Readers have its entry until {moment}.",
    "partly": "This is the file without the parts that have to be fixed.",
    "date-reads": "The date is read as {span}.",
    "event-reads": "The event is read as {span}.",
    "as-written": "The file as it was written",
    "same": "The file says what readers have.",
    "same-draft": "But for draft = true, the file says what readers have.",
    "colleague": "For a colleague, without any token, until {moment}:",
    "alone": "Open alone",
    **WRITING,
    # ---- Around
    "come-in": "Come in",
    "sign-in": "Sign in",
    "sign-out": "Sign out",
    "signed-out": "You are signed out.",
    "signed-out-why": "To come back, open the address that has the token in it.",
    "name": "Name",
    "password": "Password",
    "wrong-password": "The name or the password is wrong.",
    "many-attempts": "There were too many wrong attempts. Wait for a while, then try again.",
    "busy": "Too many people are signing in. Try again in a few seconds.",
    "role-reader": "reader",
    "role-writer": "writer",
    "role-editor": "editor",
    "not-allowed": "Your role does not allow this. These people may do it: {names}.",
    "nobody-may": "Your role does not allow this. Ask the person who runs Dateline.",
    "stranger": "“{name}” is not one of the people of this newsroom. "
    "Ask the person who runs Dateline.",
    "decides": "These people may decide: {names}.",
    "refused": "This was not done",
    "too-old": "The page was too old. Load it again, and try once more.",
    "session-ended": "You are not signed in any more. Nothing was saved. Sign in here: your text "
    "comes back.",
    "back-again": "You are signed in again. Nothing was saved yet: check your text, and send it "
    "once more.",
    "back-without-file": "You are signed in again. Nothing was saved yet: choose the file again, "
    "and send your text once more.",
    "unsaved-old-page": "The page was too old. Nothing was saved. Your text is still here: send it "
    "once more.",
    "back": "Back to the overview",
    "not-yet": "The first look at the entries is under way.",
}


class Words:
    """Words and dates of the newsroom's pages in one language.

    `foreign` is the language of messages where that is another one, or empty.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self.direction = direction(language)
        messages = spoken(language)
        self.foreign = messages if messages != language else ""

    def __call__(self, key: str, **values: object) -> Markup:
        """Return a text with these values in their places, safe in HTML.

        From right to left, the name of a file would be shown with its parts in another order:
        texts are isolated (https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates).
        """
        if self.direction == "rtl":
            values = {name: _isolated(value) for name, value in values.items()}
        return Markup(self.text(key)).format(**values)  # noqa: S704 - ours, without markup

    def text(self, key: str) -> str:
        """Return a text with its places still open."""
        return translated(ENGLISH[key], self.language, f"newsroom.{key}")

    def moment(self, value: datetime) -> str:
        """Return the day and the time of a moment, in its own zone."""
        return day_and_time(value, self.language)

    def time(self, value: datetime) -> str:
        """Return the time of a moment, in its own zone."""
        return time_of_day(value, self.language)

    def exact_time(self, value: datetime) -> str:
        """Return the time of a moment to a tenth of a second, in its own zone."""
        return exact_time_of_day(value, self.language)

    def day(self, value: date) -> str:
        """Return a day in few letters, without its year."""
        return day_of_year(value, self.language)

    def full_day(self, value: datetime) -> str:
        """Return the day of a moment in its own zone, with its year."""
        return moment(value, self.language, value.tzinfo or UTC)

    def month(self, value: datetime) -> str:
        """Return the month of a moment in its own zone, with its year."""
        return month(value, self.language, value.tzinfo or UTC)

    def weekdays(self) -> tuple[tuple[str, str], ...]:
        """Return the days of a week from Monday on, in few letters and in full."""
        return weekdays(self.language)

    def left(self, seconds: float) -> str:
        """Return how long something takes, in its two largest units.

        >>> Words("en").left(93784)
        '1 d 2 h'
        """
        whole = max(0, int(seconds))
        units = (("days", 86400), ("hours", 3600), ("minutes", 60), ("seconds", 1))
        sizes = [number for number, (_, unit) in enumerate(units) if whole >= unit] or [3]
        parts = []
        for key, unit in units[sizes[0] : sizes[0] + 2]:
            parts.append(f"{whole // unit} {self(key)}")
            whole %= unit
        return " ".join(parts)


def _isolated(value: object) -> object:
    return f"\u2068{value}\u2069" if type(value) is str else value


def number(value: int) -> str:
    """Return a number as all languages can read it, in groups that no line breaks."""
    return f"{value:,}".replace(",", _THIN)
