"""Messages about a file as a whole: its name, its kind, its encoding."""

from __future__ import annotations

from dateline.messages.message import TEXT, WORDS, Message

MESSAGES: dict[str, Message] = {
    # ---- Its name, and where it lies (`entries.filenames`, `entries.scan`, `entries.duplicates`)
    "name-not-toml": Message(
        "hold",
        "the name of this file does not end in .toml, so it is not read. If it is news, give it a "
        "name like report.toml (in Explorer: View, File name extensions).",
    ),
    "name-of-notes": Message(
        "hold",
        "this file has a title, a date and a body, but by its name it is no entry, so it is not "
        "read. If it is news, call it {wanted}.",
        wanted=TEXT,
    ),
    "name-txt": Message(
        "accept",
        "the name ends in .toml.txt; it was read as .toml. To see how names end, in Explorer: "
        "View, File name extensions.",
    ),
    "name-not-public": Message(
        "hold",
        '"{found}" in the name of the file, or of its folder, seems to say that the news is not '
        "for readers yet. If it must wait, add a line: draft = true, or give its moment, as in "
        "date = {wanted}. If not, give the file a name without it, or put it into another folder.",
        found=TEXT,
        wanted=TEXT,
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
    "link-folder": Message(
        "hold",
        "this is a link to another folder of entries, whose files are read there. Delete the link.",
    ),
    "link-outside": Message(
        "hold",
        "this is a link to a place outside the entries folder, or to nothing; it is not followed. "
        "Copy the file itself here.",
    ),
    "name-conflict": Message(
        "hold",
        "this looks like a conflict copy of {found}, as if two people had changed it at the same "
        "time. Keep the right text in one file and delete the other; or, if it is news of its own, "
        "give it its own file name and title.",
        found=TEXT,
    ),
    "name-conflict-alone": Message(
        "hold",
        "this looks like a conflict copy of {found}, which is not there. If this is the right "
        "text, rename it to {found}; else delete it.",
        found=TEXT,
    ),
    "name-copy": Message(
        "hold",
        "this is a second copy of {found} with nearly the same text. Delete it; if its text is the "
        "right one, save that in {found} first. If it is news of its own, give it its own file "
        "name, title and date.",
        found=TEXT,
    ),
    "name-version": Message(
        "hold",
        "by its name and text, this is another version of {found}. If it is the same news, replace "
        "{found} with it, or delete it; if it is news of its own, give the file a name that does "
        'not begin or end in a word such as "new", "update" or "v2".',
        found=TEXT,
    ),
    "file-skipped": Message("skip", ""),
    # ---- The file as a whole (`dateline.entries.parse.encoding`, `dateline.entries.parse`)
    "file-word": Message(
        "hold",
        "this is a {found}, not plain text. If it is an attachment, name it in its entry; if it "
        'is news, copy its text into a new entry file ({program} new "Title" makes one), or in '
        "Word choose Save As, Plain text (.txt), encoding UTF-8, and name it like report.toml.",
        found=WORDS,
    ),
    "file-mail": Message(
        "hold",
        "this is a mail message, not plain text. Copy its text into a new entry file "
        '({program} new "Title" makes one).',
    ),
    "file-rich-text": Message(
        "hold",
        "this is rich text (WordPad, TextEdit), not plain text. In TextEdit choose Format, Make "
        "Plain Text, and save it again; in WordPad choose Save as plain text document.",
    ),
    "file-web-page": Message(
        "hold",
        "this is a web page or an export (HTML, XML), not plain text. Copy its text into a "
        'new entry file ({program} new "Title" makes one).',
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
        "this is not plain text. Copy its text into a new entry file ({program} "
        'new "Title" makes one), or copy the file again if it was plain text before.',
    ),
    "file-json": Message(
        "hold",
        'on each line, write a name, an equals sign and a text between quotes, like title = "…"; '
        "the {{ }} and the colons go.",
    ),
    "file-not-entry": Message(
        "hold",
        'there is no title, date or body here. Write title = "…" on the first line, then '
        'date = {wanted}, and last body = """ … """.',
        wanted=TEXT,
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
        found=TEXT,
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
        found=TEXT,
        wanted=TEXT,
    ),
    "file-lost-letters": Message(
        "hold",
        "letters were lost here when this was saved; only {found} is left of them. Type "
        "them again, and save the file as UTF-8.",
        found=TEXT,
    ),
    "front-matter": Message(
        "hold",
        'remove the {found} lines, and put the text into body = """ … """ at the end.',
        found=TEXT,
    ),
    "two-versions": Message(
        "hold",
        "two versions of the text stand here one below the other, between lines of <<<<<<<, "
        "======= and >>>>>>>. Keep the right one; delete the other and these three lines.",
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
        "hold",
        "this file cannot be opened. Close it in other programs, copy it here again, or let the "
        "publisher read it.",
    ),
    "file-endless": Message(
        "hold",
        "this file stopped Dateline twice while it was read, so it is held until it changes. Send "
        "it to the people who run Dateline; everything else is published.",
    ),
    "file-fault": Message(
        "hold",
        "this file is held by a fault in Dateline itself. Send it to the people who run Dateline; "
        "everything else is published.",
    ),
    "folder-unreadable": Message(
        "hold",
        "this folder cannot be opened. What is published from it stays, and no deleted file "
        "withdraws anything until then: let the publisher read the folder.",
    ),
    "folder-too-deep": Message(
        "hold",
        "the path of this folder is too long, so the files in it are not read. Move the folder "
        "up, or give the folders shorter names.",
    ),
    "file-too-large": Message(
        "hold", "this file is larger than 1 MB. Put only text here; pictures go beside the file."
    ),
    "file-encoding": Message(
        "hold",
        "the letters here are saved in a way that is not known for sure. Open the file where it "
        "looks right and save it again with the encoding UTF-8 (in Notepad: Save As, Encoding).",
    ),
    # ---- Tables in a list of files (`dateline.entries.parse.file_tables`)
    "file-key-misspelt": Message(
        "hold",
        'a file in {field} has no "{found}". Did you mean {wanted}?',
        found=TEXT,
        wanted=TEXT,
    ),
    "file-key-unknown": Message(
        "warn",
        '"{found}" is not used for a file in {field}; it was ignored. There are: {wanted}.',
        found=TEXT,
        wanted=TEXT,
    ),
    "file-key-of-entry": Message(
        "hold",
        "{found} is a field of the entry, and stands in a file of {field}. Move it above {field}.",
        found=TEXT,
    ),
    "file-key-not-text": Message(
        "hold",
        "{found} of a file in {field} must be text between quotes: {wanted}.",
        found=TEXT,
        wanted=TEXT,
    ),
    "file-key-empty": Message(
        "hold",
        "{found} of a file in {field} is empty. Write it, as in {wanted}.",
        found=TEXT,
        wanted=TEXT,
    ),
    "file-missing": Message(
        "hold",
        "a file in {field} is not named. Write which file it is, as in {wanted}.",
        wanted=TEXT,
    ),
    "file-brackets": Message(
        "hold",
        "there are several files, and each has a line with two brackets above it: {wanted}.",
        wanted=TEXT,
    ),
    "file-twice": Message(
        "warn", "{found} is in {field} twice; readers see it once. Take one out.", found=TEXT
    ),
}
