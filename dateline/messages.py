"""What exactly is staff told, and with which code?

Every sentence that a member of staff can meet stands here once, under a code that never
changes. `{field}` is the field's name as staff write it, `{found}` what stands in the
file, `{wanted}` what to type instead. A sentence starts in lower case: "Line 4: " may
go before it.
"""

from __future__ import annotations

from dataclasses import dataclass

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Message:
    """The state that a problem puts its file in, and its wording."""

    state: str
    text: str


def shown(text: str, longest: int = _SHOWN) -> str:
    """Give as much of `text` as fits into a message, on one line."""
    text = text[: 4 * longest]
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"


CATALOGUE: dict[str, Message] = {
    # ---- Its name, and where it lies (`dateline.naming`, `dateline.intake`, `dateline.copies`)
    "name-not-toml": Message(
        "hold",
        "the name of this file does not end in .toml, so it is not read. If it is news, give it a "
        "name like report.toml (in Explorer: View, File name extensions).",
    ),
    "name-txt": Message(
        "accept",
        "the name ends in .toml.txt; it was read as .toml. To see how names end, in Explorer: "
        "View, File name extensions.",
    ),
    "name-shortcut": Message(
        "hold", "this is a shortcut, not the file itself. Copy the file here instead."
    ),
    "name-not-plain": Message(
        "hold",
        "the name has signs in it that cannot be shown (here: \ufffd). Rename it with plain "
        "letters and digits, like report.toml.",
    ),
    "name-twice": Message(
        "hold",
        "another file here has the same name but for capitals or accents, which Windows and macOS "
        "take for one file. Rename one of them, or delete it.",
    ),
    "link-outside": Message(
        "hold",
        "this is a link to a place outside the entries folder, or to nothing; it is not followed. "
        "Copy the file itself here.",
    ),
    "name-conflict": Message(
        "hold",
        "this looks like a conflict copy of {found}: two people changed it at the same time. Keep "
        "the right text in one file and delete the other.",
    ),
    "name-conflict-alone": Message(
        "hold",
        "this looks like a conflict copy of {found}, which is not there. If this is the right "
        "text, rename it to {found}; else delete it.",
    ),
    "name-copy": Message(
        "hold",
        "this is a second copy of {found} with nearly the same text. Delete it, or, if it is news "
        "of its own, give it its own file name, title and date.",
    ),
    "file-skipped": Message("skip", ""),
    # ---- The file as a whole (`dateline.decode`, `dateline.parse`)
    "file-word": Message(
        "hold",
        "this is a {found}, not plain text. Copy the text into a copy of template.toml; or in "
        "Word choose Save As, Plain text (.txt), encoding UTF-8, and name it like report.toml.",
    ),
    "file-rich-text": Message(
        "hold",
        "this is rich text (WordPad, TextEdit), not plain text. In TextEdit choose Format, Make "
        "Plain Text, and save it again; in WordPad choose Save as plain text document.",
    ),
    "file-web-page": Message(
        "hold", "this is a web page, not plain text. Copy the text into a copy of template.toml."
    ),
    "file-pdf": Message(
        "hold",
        "this is a PDF, not plain text. Give it a name that ends in .pdf, and name it in an entry: "
        'attachments = ["report.pdf"].',
    ),
    "file-picture": Message(
        "hold",
        "this is a picture, not plain text. Give it a name that ends in .jpg or .png, and name it "
        'in an entry: image = "photo.jpg".',
    ),
    "file-binary": Message(
        "hold",
        "this is not plain text. Copy the text into a copy of template.toml, or copy the file "
        "again if it was plain text before.",
    ),
    "file-json": Message(
        "hold",
        'on each line, write a name, an equals sign and a text between quotes, like title = "…"; '
        "the {{ }} and the colons go.",
    ),
    "file-not-entry": Message(
        "hold",
        'there is no title, date or body here. Write title = "…" on the first line, then '
        'date = 2008-10-20, and last body = """ … """.',
    ),
    "file-ends-early": Message(
        "hold",
        "the file ends in the middle. Copy it again; if nothing is missing, add "
        '""" on a line of its own at the end.',
    ),
    "file-utf16": Message(
        "accept",
        'the file is saved as "{found}", not as UTF-8; it was read correctly. Next time choose '
        "UTF-8 in Save As.",
    ),
    "file-windows": Message(
        "accept",
        'the file is saved as "ANSI" (Windows-1252); it was read as that. Next time choose UTF-8 '
        "in Save As.",
    ),
    "file-mojibake": Message(
        "hold",
        'some letters were spoilt when this was saved: "{found}" stands here, probably for '
        '"{wanted}". Copy the text again from where it came from, and save it as UTF-8.',
    ),
    "file-lost-letters": Message(
        "hold",
        "a letter here was lost when this was saved; only \ufffd is left of it. Type it again, and "
        "save the file as UTF-8.",
    ),
    "front-matter": Message(
        "hold",
        'remove the {found} lines, and put the text into body = """ … """ at the end.',
    ),
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
    "body-cut": Message(
        "wait",
        'the body starts with """ but has not ended yet (still copying?). It is tried again as '
        'soon as the file changes; if nothing is missing, add """ on a line of its own at the '
        "end of the file.",
    ),
    "file-unreadable": Message(
        "hold", "this file cannot be opened. Close it in other programs, or copy it again."
    ),
    "file-too-large": Message(
        "hold", "this file is larger than 1 MB. Put only text here; pictures go beside the file."
    ),
    "file-encoding": Message(
        "hold",
        "the letters here are saved in a way that is not known for sure. Open the file where it "
        "looks right and save it again with the encoding UTF-8 (in Notepad: Save As, Encoding).",
    ),
    # ---- Lines that cannot be read (`dateline.diagnose`)
    "file-not-toml": Message(
        "hold",
        'this line cannot be read: "{found}". A line is a name, an equals sign and a text between '
        'quotes, like title = "Report on Lebanon".',
    ),
    "body-open": Message(
        "hold",
        'the body starts with """ but never ends. Add """ on a line of its own at the end of the '
        "file.",
    ),
    "body-ends-otherwise": Message(
        "hold",
        "the {field} ends here in other quotes ({found}) than it began with. Type {wanted} on a "
        "line of its own instead.",
    ),
    "body-one-quote": Message(
        "hold",
        'the body needs three quotes at its start and three at its end: body = """ … """.',
    ),
    "body-ended": Message(
        "hold",
        'the body ended above ("""), so this line is outside it: "{found}". Move the """ to the '
        "very end of the file.",
    ),
    "quotes-three": Message(
        "hold",
        "three quotes in a row end the {field} too early. Use single quotes or curly quotes inside "
        "the text.",
    ),
    "quotes-three-line": Message(
        "hold",
        "something stands behind the three quotes that end the {field}. Leave nothing behind "
        "them; inside the text use single or curly quotes.",
    ),
    "quotes-missing": Message("hold", "put the {field} between quotes: {wanted}."),
    "quote-open-missing": Message(
        "hold",
        'the {field} has no opening quote ("). Add one right after the equals sign: {wanted}.',
    ),
    "quote-close-missing": Message(
        "hold", 'the {field} has no closing quote ("). Add one at the end: {wanted}.'
    ),
    "quotes-rest": Message(
        "hold",
        "something stands behind the closing quote of the {field}. Put all of it between one pair "
        "of quotes: {wanted}.",
    ),
    "quotes-inside": Message(
        "hold",
        'quotes (") inside the {field} end it too early. Inside, use curly quotes (“ ”) or single '
        "ones: {wanted}.",
    ),
    "quote-apostrophe": Message(
        "hold",
        "an apostrophe inside the {field} ends it too early. Put double quotes round it: {wanted}.",
    ),
    "quotes-differ": Message(
        "hold",
        'the quotes around the {field} are not a pair: {found}. Put plain quotes (") at both ends: '
        "{wanted}.",
    ),
    "quotes-other": Message(
        "hold",
        'put the {field} between plain quotes ("), not {found}: {wanted}. Inside the quotes '
        "{found} are fine.",
    ),
    "two-on-a-line": Message(
        "hold", "{field} begins on a line that another field began. Give each a line of its own."
    ),
    "comment-sign": Message(
        "hold", "{found} has no meaning here. A note to yourselves begins with #."
    ),
    "text-two-lines": Message(
        "hold", "the {field} goes over more than one line. Write it on one line: {wanted}."
    ),
    "no-equals": Message("hold", "write one equals sign between the name and the text: {wanted}."),
    "value-missing": Message(
        "hold",
        "nothing stands behind {field}. Write it between quotes, or take the line out.",
    ),
    "section": Message(
        "hold",
        "lines in square brackets are not used here: {found}. Take this line out; a line is a "
        'name, an equals sign and a text, like title = "…".',
    ),
    "section-swallows": Message(
        "hold",
        "{field} and the lines after it belong to {found} now. Take the {found} part out from "
        "above{wanted}.",
    ),
    "control-sign": Message(
        "hold",
        'an invisible control sign stands here, after "{found}". Delete it, or type this place '
        "again by hand.",
    ),
    "own-computer": Message(
        "hold",
        '"{found}" is a place on your own computer. Put that file beside this one and write '
        "{wanted}.",
    ),
    "link-own-computer": Message(
        "hold",
        'the link points to a file on your own computer ("{found}"). Give a web address; or put '
        "the file beside this one and write {wanted}.",
    ),
    "backslash-place": Message("hold", "use / and not \\ in file names: {wanted}."),
    "backslash": Message(
        "hold",
        "the sign \\ has a meaning of its own here ({found}). Write \\\\ for one \\, or use /.",
    ),
    "list": Message(
        "hold",
        "{field} is a list: square brackets around it, each name between quotes, commas between "
        "them: {wanted}.",
    ),
    "brackets": Message("hold", "the {field} is one text, not a list. Write {wanted}."),
    # ---- Repairs (`dateline.repair`); what nobody can see is told to machines only
    "unseen-read": Message("accept", ""),
    "quotes-read": Message(
        "accept",
        'the curly quotes around the {field} were read as straight quotes ("); nothing to do.',
    ),
    "width-read": Message("accept", "full-width {found} were read as {wanted}; nothing to do."),
    "end-ignored": Message("accept", "the {found} at the end was ignored; nothing to do."),
    "draft-read": Message(
        "accept", '"{found}" was read as draft = {wanted} (in small letters); nothing to do.'
    ),
    "date-read": Message("accept", "the {field} was read as {wanted}; nothing to do."),
    "key-read": Message("accept", '"{found}" was read as {field}; nothing to do.'),
    # ---- Fields (`dateline.parse`)
    "key-letters": Message(
        "hold",
        'the word "{field}" has a letter of another alphabet in it ({found}). Type {wanted} again '
        "with the Latin keyboard.",
    ),
    "body-link-lost": Message(
        "warn",
        'the link to "{found}" leads nowhere for readers; only its words were published. Put that '
        "file beside this one and link to its name, or give a web address.",
    ),
    "field-twice": Message("hold", "{field} is given twice ({found}). Keep one."),
    "title-empty": Message("hold", 'the title is empty. Write it between the quotes: title = "…".'),
    "body-empty": Message("hold", "the body is empty. Write the text between the quotes."),
    "title-missing": Message("hold", 'the title is missing. Add a line: title = "…".'),
    "body-missing": Message(
        "hold", 'the body is missing. Put the text at the end of the file: body = """ … """.'
    ),
    "field-not-text": Message("hold", "the {field} must be text between quotes: {wanted}."),
    "field-not-list": Message(
        "hold",
        "{field} is a list: square brackets around it, each name between quotes, commas between "
        "them: {wanted}.",
    ),
    "field-not-date": Message(
        "hold",
        "{field} must be a date, like {field} = 2008-10-20; an event may also be like "
        'event = "30 November - 3 December 2008".',
    ),
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
    "title-invisible": Message(
        "hold", "the title has nothing in it that can be seen. Type it again by hand."
    ),
    "body-invisible": Message(
        "hold", "the body has nothing in it that can be seen. Write the text between the quotes."
    ),
    "body-template": Message("hold", "the template text is still there. Write your own text."),
    "link-not-web": Message("hold", "the link must start with https:// or http://."),
    "link-misspelt": Message(
        "hold", 'this is not quite a web address. Did you mean link = "{wanted}"?'
    ),
    "link-mail": Message(
        "hold",
        "the link must be a web address (https://…), not a mail address. Put {wanted} into body.",
    ),
    "link-file": Message(
        "hold",
        "the link must be a web address (https://…), and {found} is a file. To publish a file that "
        "lies beside this one, write {wanted}.",
    ),
    "link-completed": Message("accept", "https:// was added to the link; check it: {wanted}."),
    "language-unknown": Message(
        "hold", 'we do not know the language "{found}". Write language = "en", or "fr", "ar", ….'
    ),
    "language-misspelt": Message(
        "hold",
        'we do not know the language "{found}". Did you mean {wanted}?',
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
        '"{found}" depends on the day when it is read. Write the day itself, with month and year.',
    ),
    "date-range": Message(
        "hold",
        '{field} is one day. Put "{found}" into event = "{found}", and the day of publication into '
        "date.",
    ),
    "date-month-only": Message(
        "hold",
        '{field} is one day. Which day? "{found}" can stand in event = "{found}".',
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
        "hold", "{found} is not in use on that day: {wanted} is. Write the time in {wanted}."
    ),
}


def page() -> str:
    """Give the page on which every message stands, in Markdown (`docs/messages.md`)."""
    states = {
        "hold": "Held: not published until mended. What is live of it stays live.",
        "wait": "Waited for: looked at again by itself.",
        "warn": "Published, and something should be looked at.",
        "accept": "Good. What was read otherwise than written is said.",
    }
    lines = ["# What Dateline says about a file", "", _PAGE_HEAD]
    for state, meaning in states.items():
        lines += ["", f"## {state.upper()}", "", meaning, "", "| code | message |", "| --- | --- |"]
        lines += [
            f"| `{code}` | {_in_a_cell(message.text)} |"
            for code, message in sorted(CATALOGUE.items())
            if message.state == state and message.text
        ]
    return "\n".join(lines) + "\n"


_PAGE_HEAD = (
    "Each message has a code that never changes. `{field}` is the name of the field, `{found}` "
    "what stands in the file, `{wanted}` what to type instead. "
    'The number of the line goes before: "Line 4: …".'
)


def _in_a_cell(text: str) -> str:
    return text[:1].upper() + text[1:].replace("{{", "{").replace("}}", "}").replace("|", "\\|")
