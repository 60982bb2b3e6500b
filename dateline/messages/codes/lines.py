"""Messages about a line that cannot be read, or that was repaired."""

from __future__ import annotations

from dateline.messages.message import DAY, TEXT, WORDS, Message

MESSAGES: dict[str, Message] = {
    # ---- Lines that cannot be read (`dateline.entries.parse.diagnose`)
    "file-not-toml": Message(
        "hold",
        'this line cannot be read: "{found}". A line is a name, an equals sign and a text between '
        'quotes, like title = "Report on Lebanon".',
        found=TEXT,
    ),
    "body-open": Message(
        "hold",
        "the body starts with {wanted} but never ends. Add {wanted} on a line of its own at the "
        "end of the file.",
        found=TEXT,
        wanted=TEXT,
    ),
    "text-open": Message(
        "hold",
        "three quotes begin the {field}, and nothing ends it. Write {wanted}.",
        wanted=TEXT,
    ),
    "quotes-hidden": Message(
        "hold",
        'the \\ before the last """ hides it, so the {field} never ends. Delete that \\, or '
        'put the """ on a line of its own.',
    ),
    "body-ends-otherwise": Message(
        "hold",
        "the {field} ends here in other quotes ({found}) than it began with. Type {wanted} on a "
        "line of its own instead.",
        found=TEXT,
        wanted=TEXT,
    ),
    "body-one-quote": Message(
        "hold",
        'the body needs three quotes at its start and three at its end: body = """ … """.',
    ),
    "body-ended": Message(
        "hold",
        'the body ended above ("""), so this line is outside it: "{found}". Move the """ to the '
        "very end of the file.",
        found=TEXT,
    ),
    "quotes-three": Message(
        "hold",
        "three quotes in a row end the {field} too early. Use single quotes or curly quotes inside "
        "the text.",
        found=TEXT,
        wanted=TEXT,
    ),
    "quotes-three-line": Message(
        "hold",
        "there is text after the three quotes that end the {field}. Remove it, or move it before "
        "them; inside the text use single or curly quotes.",
        found=TEXT,
        wanted=TEXT,
    ),
    "quotes-missing": Message("hold", "put the {field} between quotes: {wanted}.", wanted=TEXT),
    "quote-open-missing": Message(
        "hold",
        'the {field} has no opening quote ("). Add one right after the equals sign: {wanted}.',
        wanted=TEXT,
    ),
    "quote-close-missing": Message(
        "hold", 'the {field} has no closing quote ("). Add one at the end: {wanted}.', wanted=TEXT
    ),
    "quotes-rest": Message(
        "hold",
        "there is text after the closing quote of the {field}. Put all of it between one pair of "
        "quotes: {wanted}.",
        wanted=TEXT,
    ),
    "quotes-inside": Message(
        "hold",
        'quotes (") inside the {field} end it too early. Inside, use curly quotes (“ ”) or single '
        "ones: {wanted}.",
        wanted=TEXT,
    ),
    "quote-apostrophe": Message(
        "hold",
        "an apostrophe inside the {field} ends it too early. Put double quotes round it: {wanted}.",
        wanted=TEXT,
    ),
    "quotes-differ": Message(
        "hold",
        'the quotes around the {field} are not a pair: {found}. Put plain quotes (") at both ends: '
        "{wanted}.",
        found=WORDS,
        wanted=TEXT,
    ),
    "quotes-other": Message(
        "hold",
        'put the {field} between plain quotes ("), not {found}: {wanted}. Inside the quotes '
        "{found} are fine.",
        found=TEXT,
        wanted=TEXT,
    ),
    "two-on-a-line": Message(
        "hold", "{field} begins on a line that another field began. Give each a line of its own."
    ),
    "comment-sign": Message(
        "hold", "{found} has no meaning here. A note to yourselves begins with #.", found=TEXT
    ),
    "text-two-lines": Message(
        "hold",
        "the {field} goes over more than one line. Write it on one line: {wanted}.",
        wanted=TEXT,
    ),
    "no-equals": Message(
        "hold",
        "write one equals sign between the name and the text: {wanted}.",
        found=TEXT,
        wanted=TEXT,
    ),
    "value-missing": Message(
        "hold",
        "there is no value after {field}. Write {wanted}; a field that is not needed can be "
        "removed.",
        wanted=TEXT,
    ),
    "section": Message(
        "hold",
        "lines in square brackets are not used here: {found}. Take this line out; a line is a "
        'name, an equals sign and a text, like title = "…".',
        found=TEXT,
    ),
    "section-swallows": Message(
        "hold",
        "{field} and the lines after it belong to {found} now. Take the {found} part out from "
        "above{wanted}.",
        found=TEXT,
        wanted=WORDS,
    ),
    "control-sign": Message(
        "hold",
        'an invisible control sign stands here, after "{found}". Delete it, or type this place '
        "again by hand.",
        found=WORDS,
    ),
    "own-computer": Message(
        "hold",
        '"{found}" is a place on your own computer. Put that file beside this one and write '
        "{wanted}.",
        found=TEXT,
        wanted=TEXT,
    ),
    "link-own-computer": Message(
        "hold",
        'the link points to a file on your own computer ("{found}"). Give a web address; or put '
        "the file beside this one and write {wanted}.",
        found=TEXT,
        wanted=TEXT,
    ),
    "backslash-place": Message(
        "hold", "use / and not \\ in file names: {wanted}.", found=TEXT, wanted=TEXT
    ),
    "backslash": Message(
        "hold",
        "the sign \\ has a meaning of its own here ({found}). Write \\\\ for one \\, or use /.",
        found=TEXT,
    ),
    "list": Message(
        "hold",
        "{field} is a list: square brackets around it, each name between quotes, commas between "
        "them: {wanted}.",
        wanted=TEXT,
    ),
    "texts": Message(
        "hold",
        "{field} may have several texts: square brackets around them, each between quotes, commas "
        "between them: {wanted}.",
        wanted=TEXT,
    ),
    "brackets": Message(
        "hold", "the {field} is one text, not a list. Write {wanted}.", wanted=TEXT
    ),
    # ---- Repairs (`dateline.entries.parse.repairs`); invisible ones only for programs
    "unseen-read": Message("accept", ""),
    "quotes-read": Message(
        "accept",
        'the curly quotes around the {field} were read as straight quotes ("); nothing to do.',
    ),
    "width-read": Message(
        "accept",
        "full-width {found} were read as {wanted}; nothing to do.",
        found=TEXT,
        wanted=TEXT,
    ),
    "end-ignored": Message(
        "accept", "the {found} at the end was ignored; nothing to do.", found=WORDS
    ),
    "quotes-ignored": Message(
        "accept",
        "the {field} begins and ends with three quotes; what is more ({found}) was ignored; "
        "nothing to do.",
        found=TEXT,
    ),
    "draft-read": Message(
        "accept",
        '"{found}" was read as draft = {wanted} (in small letters); nothing to do.',
        found=TEXT,
        wanted=TEXT,
    ),
    "date-read": Message(
        "accept", "the {field} was read as {wanted}; nothing to do.", found=TEXT, wanted=DAY
    ),
    "list-read": Message(
        "accept", '"{found}" was read as {wanted}; nothing to do.', found=TEXT, wanted=TEXT
    ),
    "key-read": Message(
        "accept", '"{found}" was read as {field}; nothing to do.', found=TEXT, wanted=TEXT
    ),
}
