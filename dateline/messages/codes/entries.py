"""Messages about what became of an entry, or what will."""

from __future__ import annotations

from dateline.messages.message import COUNT, MOMENT, TEXT, WORDS, Message

MESSAGES: dict[str, Message] = {
    # ---- Which entry is this? (`dateline.rules.decide`)
    "draft": Message("accept", "this entry is a draft and is not published."),
    "scheduled": Message("accept", "this entry appears on {wanted}, not before.", wanted=MOMENT),
    "cooling": Message(
        "accept",
        "this entry appears on {wanted}; until then change or delete the file freely.",
        wanted=MOMENT,
    ),
    "unrecognised": Message(
        "hold",
        "the ledger was lost, and no published entry has this title and date. If this is new, "
        "change anything in the file, a space will do; if it was taken down, delete it.",
    ),
    "unapproved": Message(
        "hold",
        "{found} saved this, and an editor must approve it before it is published: in the "
        "newsroom, or type: {program} allow {wanted}",
        found=TEXT,
        wanted=TEXT,
    ),
    "withdrawal-asked": Message(
        "hold",
        '{found} asks to withdraw this entry ("{wanted}"). An editor decides in the newsroom; '
        "until then readers have it.",
        found=TEXT,
        wanted=TEXT,
    ),
    "unapproved-unknown": Message(
        "hold",
        "the ledger was lost, so nobody knows whether an editor approved this. Approve it in the "
        "newsroom, or type: {program} allow {wanted}",
        wanted=TEXT,
    ),
    "stopped": Message(
        "hold",
        "this entry was stopped in the newsroom before it was published. To publish it after all, "
        "change the file; else delete it.",
    ),
    "change-not-out": Message(
        "hold",
        "your change of {found} is not out yet; the version before it stays live.",
        found=TEXT,
    ),
    "still-live": Message(
        "hold",
        "this file has not changed since it was published, and what readers have stays live.",
    ),
    "many-gone": Message(
        "hold",
        "{found} published files are gone at once; their entries stay live. Put the files back, or "
        "let the publisher see the folder again. If it was meant, type: {program} allow "
        "{wanted} to withdraw them, or: {program} keep {wanted} to leave them as they are.",
        found=WORDS,
        wanted=TEXT,
    ),
    "many-updated": Message(
        "hold",
        "{found} entries say at once that they were updated, and every reader would get each of "
        "them again; so none of them is. Take the updated lines out. If it was meant, type: "
        "{program} allow {wanted}.",
        found=COUNT,
        wanted=TEXT,
    ),
    "updated-held": Message(
        "hold",
        "this change waits, because too many entries say at once that they were updated. Take the "
        "updated line out.",
    ),
    "feed-emptied": Message(
        "hold",
        "no entry of the feed {found} belongs there any more, so its readers keep what they have. "
        "Look at its categories, authors, kinds and language in config.toml. If it was meant, "
        "type: {program} allow {wanted}.",
        found=TEXT,
        wanted=TEXT,
    ),
    "tag-changed": Message(
        "hold",
        "the tag in config.toml was {found}, and feeds would get other ids, so the old tag goes "
        "on. Put it back. If it was meant, type: {program} allow {wanted}.",
        found=TEXT,
        wanted=TEXT,
    ),
    "topic-feeds-removed": Message(
        "hold",
        "config.toml has no feeds of topics, places and authors any more, and their readers would "
        "get no more news, so these feeds go on. Put feeds = true back under [topics]. If it was "
        "meant, type: {program} allow {wanted}.",
        wanted=TEXT,
    ),
    "feed-removed": Message(
        "hold",
        "config.toml has no feed any more for {found}, so its readers keep what they have, also "
        "what is corrected or withdrawn later. Put the feed back, or write the address under "
        "[gone], or under [moved] with the feed that takes its place.",
        found=TEXT,
    ),
    "feed-taken-down": Message(
        "warn",
        "{found}, of a feed that config.toml no longer has, was deleted: it could show what was "
        "taken down. Put the feed back, or write the address under [moved] with the feed that "
        "takes its place.",
        found=TEXT,
    ),
    "hub-refuses": Message(
        "warn",
        "the hub {found} refuses to be told of changes (it answers {wanted}), so its subscribers "
        "get news late. Correct hubs in config.toml, or ask the operator of the hub.",
        found=TEXT,
        wanted=TEXT,
    ),
    "hub-silent": Message(
        "warn",
        "the hub {found} could not be told of changes for {wanted} days, so its subscribers get "
        "news late. Correct hubs in config.toml, or ask the operator of the hub.",
        found=TEXT,
        wanted=COUNT,
    ),
    "hub-private": Message(
        "warn",
        "the hub is at {found}, which nobody on the internet can reach. Write the public address "
        "as url under [publication], or, if all subscribers are in your own network, that network "
        "as allow under [hub].",
        found=TEXT,
    ),
    # ---- What will happen (`dateline.publish.assess.forecast`)
    "date-reads": Message("accept", "the {field} is read as {wanted}.", wanted=TEXT),
    "will-appear": Message(
        "accept", "this is new: it appears at once, dated {wanted}.", wanted=MOMENT
    ),
    "will-change": Message(
        "accept", "this is live, and the new text goes out without a notice.", wanted=MOMENT
    ),
    "will-correct": Message(
        "accept", "this is live; readers are told of the correction.", wanted=MOMENT
    ),
    "will-retract": Message(
        "accept", "this is live; the reason takes the place of the text.", wanted=MOMENT
    ),
    "is-live": Message(
        "accept", "this has been live since {wanted}, and nothing changes.", wanted=MOMENT
    ),
    "in-feed": Message("accept", "it is in the feed {found}.", found=TEXT),
    "in-feeds": Message("accept", "it is in the feeds {found}.", found=TEXT),
    "at-address": Message("accept", "its page is {found}.", found=TEXT),
    "dated-otherwise": Message(
        "accept",
        "feeds say {wanted}, so that no reader misses it; the page says {found}, as you wrote.",
        found=TEXT,
        wanted=MOMENT,
    ),
    "old-news": Message(
        "accept", "it is more than a week old: many readers put it far down or do not show it."
    ),
    "date-slip": Message(
        "warn",
        "{found} is about a year ago. Feeds have this date too, and many readers do not show old "
        "entries. If the year is wrong, write date = {wanted}; if it is right, change nothing.",
        found=TEXT,
        wanted=TEXT,
    ),
    "date-slip-corrected": Message(
        "warn",
        "the page has the new date, but readers got this entry as old news, and feeds keep the "
        "old date. To announce it as new, type: {program} allow {wanted}; the old entry "
        "is withdrawn, and who has it already has it twice.",
        wanted=TEXT,
    ),
    "date-slip-held": Message(
        "hold",
        "the date is about a year ago, and {found} is still to come, so this is not published. If "
        "that is meant, write date = {found}. If the old date is right, type: {program} allow "
        "{wanted}",
        found=TEXT,
        wanted=TEXT,
    ),
    "date-far-ahead": Message(
        "warn",
        "{found} is about a year ahead, and nobody sees this entry before. If the year is wrong, "
        "write date = {wanted}.",
        found=TEXT,
        wanted=TEXT,
    ),
    "correction-stays": Message(
        "warn",
        'readers still see the correction "{found}": what they were told is not unsaid by taking '
        "it out of the file. If it was wrong, say so in another correction.",
        found=TEXT,
    ),
    "news-replaced": Message(
        "warn",
        "this replaces the news of {found}: readers see the new text at the old address, and "
        "nothing new is announced. If it is other news, save it in a new file with another title, "
        "and put the former text back into this file; if it is the same, change nothing.",
        found=TEXT,
    ),
    "news-displaced": Message(
        "warn",
        "this file took the place of that of the news {found}, which is withdrawn {wanted} min "
        "later unless it is in another file by then. To keep it, give this file another name, "
        "which changes nothing for readers, and put the other file back: {program} history {found} "
        "lists its versions, and {program} restore {found} with the number of the last one writes "
        "that. If it is to go, change nothing.",
        found=TEXT,
        wanted=COUNT,
    ),
    "retraction-undone": Message(
        "warn",
        "this was retracted ({wanted}), and readers see it again as news. If that is not meant, "
        "put the lines status and retraction back.",
        wanted=MOMENT,
    ),
    "draft-live": Message(
        "hold",
        "this entry is live; draft = true does not take it back. Take the line out. "
        'To withdraw it, delete the file, or add status = "retracted" and a retraction.',
    ),
    "retraction-early": Message(
        "hold",
        "readers never had this news, and its retraction would tell them of it. Delete the file, "
        "or take the lines status and retraction out.",
    ),
    "clock-behind-live": Message(
        "hold",
        "this entry is live, and by the clock of the publishing machine ({found}) its date is "
        "still to come: that clock looks wrong. Leave the file as it is, and ask those who look "
        "after the machine to set the clock; the entry stays live.",
        found=TEXT,
    ),
    "date-ahead-live": Message(
        "hold",
        "this entry is live, and its date is now in the future ({found}). Put the old date back.",
        found=TEXT,
    ),
    "copy": Message(
        "hold",
        "this is a second copy of {found} with the same text. Delete it, or give it its own title "
        "and date.",
        found=TEXT,
    ),
    "copy-alone": Message(
        "hold",
        "this is a copy of {found}, which is gone, or an older version. If this is the right text, "
        "rename it to {found}; if it is other news, change its title or date; else delete it.",
        found=TEXT,
    ),
    "copy-kept": Message(
        "hold",
        "this was a copy of {found}, which has since been changed or deleted. If it is news of "
        "its own, change its title, date or text; if it takes the place of {found}, rename it to "
        "that; else delete it.",
        found=TEXT,
    ),
    "other-news": Message(
        "hold",
        "this file was published as {found}, and now says something else. If it is other news, "
        "give the file another name, or type: {program} allow {wanted}; the old entry "
        "then stays as it is. If it is the same entry, add a correction, or type: "
        "{program} keep {wanted}.",
        found=TEXT,
        wanted=TEXT,
    ),
    "other-news-id": Message(
        "hold",
        "this file has the id of {found}, and now says something else. If it is other news, take "
        "the id line out and give the file another name; the old entry then stays as it is. If "
        "it is the same entry, type: {program} allow {wanted}",
        found=TEXT,
        wanted=TEXT,
    ),
    "rename-unclear": Message(
        "hold",
        "{found} is gone, and more than one new file could be it. Keep one of the new files, or "
        "give each its own title and date. If they have the same id, remove it from all but one.",
        found=TEXT,
    ),
    "renamed-edited": Message(
        "hold",
        "this file has much of the text, or the title, of {found}, which is gone, and whose entry "
        "stays live until you answer. If it is the same news, rename this file to {found}; if it "
        "is other news, type: {program} allow {wanted}",
        found=TEXT,
        wanted=TEXT,
    ),
    "renamed-unnamed": Message(
        "hold",
        "this file has the title or much of the text of the entry {found}, which has "
        'no file now. If it is the same news, add the line id = "{found}"; if it is other news, '
        "type: {program} allow {wanted}",
        found=TEXT,
        wanted=TEXT,
    ),
    "id-taken": Message(
        "hold",
        'the id "{wanted}" is already used by {found}. If this replaces it, edit that file; else '
        "remove the id line.",
        found=TEXT,
        wanted=TEXT,
    ),
    "id-changed": Message(
        "hold",
        "this entry is live as {found}; with another id it would be another entry, and readers "
        "get it twice. Take the id line out; if that is meant, type: {program} allow "
        "{wanted}",
        found=TEXT,
        wanted=TEXT,
    ),
    "file-gone": Message(
        "warn",
        "this file is gone; its entry is withdrawn {wanted} min after it went. To keep it, put the "
        "file back.",
        wanted=COUNT,
    ),
    "clock-behind-gone": Message(
        "warn",
        "this file is gone, and by the clock of the publishing machine ({found}) the date of its "
        "entry is still to come: that clock looks wrong. Ask those who look after the machine to "
        "set the clock; until then the entry stays live.",
        found=TEXT,
    ),
    "old-gone": Message(
        "warn",
        "this file is gone; its entry stays live, as it is dated more than 30 days ago or the file "
        "had other news. Type: {program} allow {wanted} to withdraw it, or: {program} keep "
        "{wanted} to leave it as it is.",
        wanted=TEXT,
    ),
    "taken-down": Message(
        "hold",
        "what this file says was taken down for good. Delete the file; if it is other news, give "
        "it another name and title.",
    ),
    # ---- Which entry does it translate? (`dateline.publish.assess.translation_checks`)
    "translation-near": Message(
        "warn",
        'there is no entry {found}. Did you mean translation_of = "{wanted}"?',
        found=TEXT,
        wanted=TEXT,
    ),
    "translation-unknown": Message(
        "warn",
        "there is no entry {found}. Write the name of the file that this one translates, without "
        '.toml, as in translation_of = "2008-10-20-lebanon".',
        found=TEXT,
    ),
    "translation-gone": Message(
        "warn",
        "the entry {found} was taken down for good. Take this line out, or write the name of "
        "another file.",
        found=TEXT,
    ),
    "translation-unclear": Message(
        "warn",
        "more than one entry is called {found}. Write the folder too, as in "
        'translation_of = "{wanted}".',
        found=TEXT,
        wanted=TEXT,
    ),
    "translation-self": Message(
        "warn",
        "this entry says that it translates itself. Write the name of the other file, or take the "
        "line out.",
        found=TEXT,
    ),
    "translation-language": Message(
        "warn",
        "this has the language of {found}, which it translates. Correct language in one of the two "
        "files, or take the line translation_of out.",
        found=TEXT,
    ),
    "feed-none": Message(
        "warn", "no feed takes this entry (language {found}); it has a page only.", found=TEXT
    ),
}
