"""Messages about the fields of an entry."""

from __future__ import annotations

from dateline.messages.message import DAY, TEXT, WORDS, Message

MESSAGES: dict[str, Message] = {
    # ---- Fields (`dateline.entries.parse`)
    "key-letters": Message(
        "hold",
        'the word "{field}" has a letter of another alphabet in it ({found}). Type {wanted} again '
        "with the Latin keyboard.",
        found=WORDS,
        wanted=TEXT,
    ),
    "body-link-lost": Message(
        "warn",
        'the link to "{found}" leads nowhere for readers; only its words are kept. Put that file '
        "beside this one and link to its name, or give a web address.",
        found=TEXT,
    ),
    "link-unwrapped": Message(
        "accept",
        '"{found}" leads by way of Outlook or Google; readers get the address of the page itself.',
        found=TEXT,
    ),
    "body-picture-lost": Message(
        "warn",
        'readers cannot see the picture "{found}"; it is left out. Save the picture beside this '
        "file, and write its name in place of this address.",
        found=TEXT,
    ),
    "body-shortcode": Message(
        "warn",
        '"{found}" is a sign of the program of a site; readers see it as it stands here. Take such '
        "signs out, or copy the text from the page that the site shows.",
        found=TEXT,
    ),
    "body-dropped": Message(
        "warn",
        "{found} is left out, and what is in it. For a film, a map or a form, give a link to "
        "its page.",
        found=TEXT,
    ),
    "body-hidden": Message(
        "warn",
        '"{found}" is left out, with all else that the HTML hides from readers. If they should see '
        "it, take away what hides it: the word hidden, or a style.",
        found=TEXT,
    ),
    "body-link-read": Message(
        "accept",
        'the file name "{found}" was read as one, spaces and all; nothing to do.',
        found=TEXT,
    ),
    "text-direction": Message(
        "hold",
        "there are invisible characters in {field} that turn text round. Type "
        "{field} again by hand.",
    ),
    "body-direction": Message(
        "warn",
        "invisible characters that turn text round were taken out of the body. "
        "Check how this line reads now.",
        found=TEXT,
    ),
    "body-list-read": Message(
        "accept",
        'the lines from "{found}" on were read as a list.',
        found=TEXT,
    ),
    "body-breaks-read": Message(
        "accept",
        'the lines from "{found}" on stay lines of their own, as in an '
        "address. To make one paragraph of them, write them on one line.",
        found=TEXT,
    ),
    "body-paragraphs-read": Message(
        "accept",
        'each line from "{found}" on was read as a paragraph.',
        found=TEXT,
    ),
    "body-table-read": Message(
        "accept",
        'the lines from "{found}" on, with tabs between their parts, were read as a table.',
        found=TEXT,
    ),
    "body-indent-read": Message(
        "accept",
        '"{found}" is set in; it was read as a paragraph.',
        found=TEXT,
    ),
    "body-hyphens-read": Message(
        "accept",
        '"{found}" was divided at the end of a line; it was joined.',
        found=TEXT,
    ),
    "body-hyphen": Message(
        "warn",
        '"{found}" was divided at the end of a line; it was joined to one '
        "word. If the hyphen belongs there, write the word on one line.",
        found=TEXT,
    ),
    "body-office-read": Message(
        "accept",
        "the text has what Word or a like program puts around it; only the "
        "text, its paragraphs, lists, tables and links were read.",
    ),
    "not-public": Message(
        "hold",
        '"{found}" in the {field} seems not to be for readers. Take it out, with all that belongs '
        "to it. If the news must wait, add a line: draft = true, or give its moment, as in "
        "date = {wanted}. If readers should see it as it is, put it between two backticks (`); in "
        "HTML, between <code> and </code>.",
        found=TEXT,
        wanted=TEXT,
    ),
    "not-public-title": Message(
        "hold",
        '"{found}" in the title seems to say that the news is not for readers yet. Take it out. If '
        "the news must wait, add a line: draft = true, or give its moment, as in date = {wanted}. "
        "If it belongs to the headline, write it in small letters and without brackets.",
        found=TEXT,
        wanted=TEXT,
    ),
    "not-public-date": Message(
        "hold",
        '"{found}" in the date seems to say that the news is not for readers yet. If the news must '
        "wait, add a line: draft = true, or give its moment, as in date = {wanted}. If not, leave "
        "only the date there.",
        found=TEXT,
        wanted=TEXT,
    ),
    "body-note-missing": Message(
        "warn",
        "there is no note {found}; readers see only these signs. Write "
        '"{found}: " and the note on a line of its own.',
        found=TEXT,
    ),
    "body-link-nowhere": Message(
        "warn",
        'the link to "{found}" leads nowhere for readers; only its words are '
        "kept. Give the whole web address, with https://.",
        found=TEXT,
    ),
    "body-link-completed": Message(
        "accept",
        'the link to "{found}" was read from the page of the field link; check it: {wanted}.',
        found=TEXT,
        wanted=TEXT,
    ),
    "body-link-indoors": Message(
        "warn",
        'the link to "{found}" leads to a computer in your own house, where no '
        "reader comes. Give its public address.",
        found=TEXT,
    ),
    "body-entry-early": Message(
        "accept",
        'the entry "{found}" is not out yet; the link to it appears when it is.',
        found=TEXT,
    ),
    "body-entry-gone": Message(
        "warn",
        'the entry "{found}" was taken down for good; only the words of the link are kept. Link to '
        "another entry, or write the words alone.",
        found=TEXT,
    ),
    "body-entry-missing": Message(
        "warn",
        'no entry "{found}" is out, and no such file is there; only the words '
        "of the link are kept. Write the name of its file, or its web address. "
        "{wanted}",
        found=TEXT,
        wanted=WORDS,
    ),
    "body-entry-withdrawn": Message(
        "warn",
        'the entry "{found}" was withdrawn, and the link leads to a page that says so. Link to '
        "another entry, or write the words alone.",
        found=TEXT,
    ),
    "field-twice": Message("hold", "{field} is given twice ({found}). Keep one.", found=WORDS),
    "title-empty": Message("hold", 'the title is empty. Write it between the quotes: title = "…".'),
    "body-empty": Message("hold", "the body is empty. Write the text between the quotes."),
    "title-missing": Message("hold", 'the title is missing. Add a line: title = "…".'),
    "body-missing": Message(
        "hold", 'the body is missing. Put the text at the end of the file: body = """ … """.'
    ),
    "field-not-text": Message(
        "hold", "the {field} must be text between quotes: {wanted}.", found=TEXT, wanted=TEXT
    ),
    "field-not-list": Message(
        "hold",
        "{field} is a list: square brackets around it, each name between quotes, commas between "
        "them: {wanted}.",
        found=TEXT,
        wanted=TEXT,
    ),
    "field-not-date": Message(
        "hold",
        "{field} must be a date, like {field} = {wanted}; an event may also be like "
        'event = "30 November - 3 December 2008".',
        found=TEXT,
        wanted=TEXT,
    ),
    "draft-not-bool": Message(
        "hold", "draft is true or false, without quotes: draft = true.", found=TEXT
    ),
    "field-after-body": Message(
        "hold", "{field} stands after the body. Move it above body, so that the body is last."
    ),
    "field-misspelt": Message(
        "hold",
        'there is no field "{field}". Did you mean {wanted}? If not, take the line out.',
        wanted=TEXT,
    ),
    "field-unknown": Message("warn", '"{field}" is not a field we use; it was ignored.'),
    # ---- Texts, addresses and languages (`dateline.entries.normalise`)
    "title-too-long": Message(
        "hold", "the title has {found} characters. Shorten it to 200 or fewer.", found=TEXT
    ),
    "list-too-long": Message(
        "hold", "{field} has {found} texts. Keep 100 of them or fewer.", found=TEXT
    ),
    "text-too-long": Message(
        "hold",
        "{field} has {found} characters. Shorten it to {wanted} or fewer.",
        found=TEXT,
        wanted=TEXT,
    ),
    "item-too-long": Message(
        "hold",
        "one item of {field} has {found} characters. Shorten it to {wanted} or fewer, or write it "
        "as several.",
        found=TEXT,
        wanted=TEXT,
    ),
    "title-lines": Message("hold", "the title has more than one line. Write it on one line."),
    "text-markup": Message(
        "hold",
        "there is the markup {found} in {field}. Write plain text there.",
        found=TEXT,
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
    "body-too-hard": Message(
        "hold",
        "the text would become far more HTML than it is long, as by a link that has no end or by "
        "marks within marks. Paste it again without formatting.",
    ),
    "body-field": Message(
        "hold",
        "this line stands within the text, where readers would see it: {found}. Move it above "
        "the line body = …; or, if readers are to see it, put it between backticks.",
        found=TEXT,
    ),
    "body-template": Message("hold", "the template text is still there. Write your own text."),
    "event-empty": Message(
        "hold",
        "{field} is empty, and without it this is plain news. Write the day or days between the "
        'quotes, as in event = "30 November - 3 December 2008", or take the line away.',
    ),
    "event-more": Message(
        "warn",
        '{field} is for days and times alone: readers do not see "{found}". For where it takes '
        'place, add a line such as place = "Vienna, Austria"; or say it in the text.',
        found=TEXT,
    ),
    "attachments-empty": Message(
        "warn",
        "{field} is empty, and without it this is plain news. Write the file between the "
        'brackets, as in attachments = ["report.pdf"], or take the line away.',
    ),
    "link-not-web": Message("hold", "the link must start with https:// or http://.", found=TEXT),
    "link-sign-in": Message(
        "hold",
        "the link has a name or a password before its host, which everybody would see. Write "
        "{wanted}.",
        found=TEXT,
        wanted=TEXT,
    ),
    "link-port": Message(
        "hold",
        "the port of the link must be from 1 to 65535. Correct it, or write {wanted}.",
        found=TEXT,
        wanted=TEXT,
    ),
    "link-host": Message(
        "hold",
        'there is no site at "{found}". After https:// there must be a host, like www.example.org.',
        found=TEXT,
    ),
    "link-misspelt": Message(
        "hold",
        'this is not quite a web address. Did you mean link = "{wanted}"?',
        found=TEXT,
        wanted=TEXT,
    ),
    "link-mail": Message(
        "hold",
        "the link must be a web address (https://…), not a mail address. Put {wanted} into body.",
        found=TEXT,
        wanted=TEXT,
    ),
    "link-file": Message(
        "hold",
        "the link must be a web address (https://…), and {found} is a file. To publish a file that "
        "lies beside this one, write {wanted}.",
        found=TEXT,
        wanted=TEXT,
    ),
    "link-indoors": Message(
        "hold",
        'the link leads to your own computer or network ("{found}"), where no reader comes. '
        "Give the address of a public page, or take the line out.",
        found=TEXT,
    ),
    "link-cut": Message(
        "hold",
        'the link is cut off ("{found}"). Copy the whole address again.',
        found=TEXT,
    ),
    "link-completed": Message(
        "accept", "https:// was added to the link; check it: {wanted}.", found=TEXT, wanted=TEXT
    ),
    "language-unknown": Message(
        "hold",
        'we do not know the language "{found}". Write language = "en", or "fr", "ar", ….',
        found=TEXT,
    ),
    "language-misspelt": Message(
        "hold",
        'we do not know the language "{found}". Did you mean {wanted}?',
        found=TEXT,
        wanted=TEXT,
    ),
    "language-read": Message("accept", '"{found}" was read as {wanted}.', found=TEXT, wanted=TEXT),
    "category-near": Message(
        "warn",
        'the category "{found}" is not known yet. Did you mean "{wanted}"? It stays as it stands.',
        found=TEXT,
        wanted=TEXT,
    ),
    "category-sign": Message(
        "hold",
        'the category "{found}" has a comma or a | in it. Make two categories of it.',
        found=TEXT,
    ),
    "expires-is-long": Message(
        "hold",
        'expires is one day or moment. For the end of "{found}", write expires = "{wanted}".',
        found=TEXT,
        wanted=DAY,
    ),
    "expires-before-date": Message(
        "hold",
        "expires ({found}) is before date ({wanted}). Correct one of them.",
        found=TEXT,
        wanted=TEXT,
    ),
    "updated-before-date": Message(
        "hold",
        "updated ({found}) is before date ({wanted}). Correct one of them.",
        found=TEXT,
        wanted=TEXT,
    ),
    "updated-ahead": Message("hold", "updated ({found}) has not come yet. Correct it.", found=TEXT),
    "status-unknown": Message(
        "hold",
        'status can only be "retracted". Take the line out, or write status = "retracted".',
        found=TEXT,
    ),
    "status-draft": Message(
        "hold",
        'for a draft, write draft = true instead of this line; status can only be "retracted".',
        found=TEXT,
    ),
    "retraction-missing": Message(
        "hold", 'a retracted entry needs the reason. Add a line: retraction = "…".'
    ),
    "retraction-alone": Message(
        "hold", 'retraction goes with status = "retracted". Add that line, or take this one out.'
    ),
}
