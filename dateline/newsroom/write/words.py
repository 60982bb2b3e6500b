"""English words of the pages for writing, and of those on which entries leave or come back."""

from __future__ import annotations

from collections.abc import Mapping

WRITING: Mapping[str, str] = {
    "write": "Write",
    "edit": "Edit",
    "edit-of": "Edit {file}",
    "field-title": "Title",
    "field-date": "Date",
    "field-event": "Days of the event",
    "field-place": "Place",
    "field-attachments": "Attachments",
    "field-summary": "Summary",
    "field-link": "Page on your own site",
    "field-categories": "Topics",
    "field-authors": "Authors",
    "field-editor": "Whom to ask in the house",
    "field-language": "Language",
    "field-translation_of": "Translation of",
    "field-image": "Picture",
    "field-image_alt": "What the picture shows",
    "field-image_caption": "Caption of the picture",
    "field-image_credit": "Who took the picture",
    "field-expires": "Last day in feeds",
    "field-id": "Old id",
    "field-correction": "Correction",
    "field-updated": "Day of a change that readers should notice",
    "field-status": "Status",
    "field-retraction": "Reason for the retraction",
    "field-body": "Text",
    "field-file": "File or web address",
    "help-date": "The day of publication, as you would write it, with a time or without. Before it "
    "nobody sees the entry.",
    "help-body": "In Markdown: **bold**, *italics*, ## heading, - list, "
    "[words](https://example.org).",
    "help-summary": "One or two sentences. Without them, feeds show the beginning of the text.",
    "help-categories": "One in each box.",
    "help-image": "The name of a file in the same folder, or a web address.",
    "help-image_alt": "For people who cannot see it.",
    "help-correction": "What was wrong and is now right, one sentence a line. Readers see it.",
    "rarely": "More fields",
    "required": "required",
    "as-read": "Read as {span}.",
    "look": "Check and preview",
    "save-draft": "Save as draft",
    "publish": "Publish",
    "save-change": "Save the change",
    "change-means": "Readers get the new text at the same address, and feeds keep its id. Feeds "
    "and hubs mark it as updated only with a correction, or with the day of a change.",
    "publish-means": "Nobody outside sees a draft. What is published appears as soon as its date "
    "allows it.",
    "would-appear": "Nothing keeps it from being published. It would appear in a moment.",
    "would-wait": "Nothing keeps it from being published. It would appear on {moment}.",
    "would-change": "Nothing keeps it from being published. Readers would get the change in a "
    "moment.",
    "would-be-asked": "Nothing keeps it from being published, once an editor has approved it.",
    "would-be-held": "Nothing was saved. What is said below keeps it from being published.",
    "would-ask": "Nothing was saved. If you save it, it is held until the question below is "
    "answered on the first page.",
    "saved-live": "{file} is saved. Readers have it in a moment.",
    "saved-scheduled": "{file} is saved. It appears at its moment.",
    "saved-draft": "{file} is saved as a draft. Nobody outside sees it.",
    "saved-waits": "{file} is saved. It waits until an editor approves it.",
    "saved-to-approve": "{file} is saved. It waits for your approval: Allow is on the overview.",
    "saved-held": "{file} is saved, and held for the reason below.",
    "unsaved-name": "A file cannot have this name. Nothing was saved.",
    "unsaved-full": "The disk is full. Nothing was saved. Your text is still here.",
    "unsaved-closed": "Dateline may not write into the entries folder. Nothing was saved. Your "
    "text is still here.",
    "unsaved-source": "Entries come from a repository or a bucket. Nothing was saved: change the "
    "file there.",
    "unsaved-busy": "The file could not be written. Nothing was saved. Try again.",
    "unsaved-run": "Dateline has been at work on other changes since {moment}. Nothing was saved. "
    "Your text is still here: save it when they are done.",
    "unchecked-busy": "The text could not be checked. It is still here: try again.",
    "unchecked-run": "Dateline has been at work on other changes since {moment}. Your text can be "
    "checked when they are done: try again then.",
    "unsaved-changed": "Somebody changed the file meanwhile. Nothing was saved. Look at it, and "
    "try again.",
    "unsaved-role": "Only an editor may retract an entry, or undo that. Nothing was saved.",
    "retract": "Retract…",
    "retract-of": "Retract {file}",
    "retract-means": "The reason replaces the text in every feed and on the page, and the title "
    "says that the entry was retracted. Its address and its id stay, its pictures and attachments "
    "go. Feeds and hubs show it as updated.",
    "retract-unsent": "The file has changes that readers do not have, and they would go out with "
    "the reason. Publish them or take them back first.",
    "retract-it": "Retract the entry",
    "leave-it": "Leave it as it is",
    # ---- Removing
    "withdraw": "Withdraw…",
    "withdraw-of": "Withdraw {file}",
    "withdraw-means": "The entry leaves every feed and list at once, and its page says that it was "
    "withdrawn. Readers’ programs are told to remove it, as far as they follow that; what others "
    "copied stays. Hubs are notified. The file is removed from the folder, its pictures and "
    "attachments stay there, and Dateline keeps every version: the entry can be restored.",
    "withdraw-it": "Withdraw the entry",
    "withdrawn-now": "The entry is withdrawn. It can be restored below.",
    "withdrawn-soon": "The file is removed. The entry is withdrawn as soon as the other changes in "
    "the folder are done.",
    "unsent": "The file has changes that readers do not have, and they would be lost. Publish them "
    "or take them back first.",
    "take-back-means": "If you take them back, the file becomes what readers have, and the changes "
    "in it are lost in the folder, too. The preview shows them beside each other.",
    "take-back-it": "Take the changes back",
    "taken-back": "The changes are taken back: the file is what readers have.",
    "taken": "{file} is the file of other news now. Give that file another name in the folder, "
    "which changes nothing for readers. Then this entry can be restored.",
    "renamed": "{held} seems to be the file of this entry under another name, and is held. Answer "
    "the question about it first, or move it out of the folder.",
    "ask": "Ask to withdraw…",
    "ask-of": "Ask to withdraw {file}",
    "ask-means": "Readers have the entry until an editor decides. Your name and the reason are on "
    "the first page and in the feed of problems, and in alarms if nobody decides for long.",
    "ask-it": "Ask an editor",
    "reason": "Reason",
    "no-reason": "Nothing was done. Give the reason.",
    "asked-now": "An editor is asked to withdraw the entry.",
    "restore": "Restore…",
    "restore-of": "Restore version {number} of {title}",
    "restore-means": "The entry comes back to its feeds and to its address, with its id and its "
    "dates as before: readers’ programs that know it do not show it as new, and hubs are notified "
    "of the change of the feeds alone.",
    "restore-it": "Restore this version",
    "restored-now": "The file is in the folder again. Readers have this version in a moment.",
    "take-down": "Take down…",
    "take-down-of": "Take down {title}",
    "take-down-means": "The text, the pictures, the page, the files below and every version are "
    "deleted at once, for good: nothing brings them back. The entry leaves every feed, and its "
    "page answers that it is gone. What readers, search engines and caches copied, only they can "
    "delete. If the entry may come back one day, withdraw it instead.",
    "take-down-sure": "I have read this, and it is to be deleted for good.",
    "take-down-it": "Delete it for good",
    "taken-down": "The entry is taken down, and its page answers that it is gone.",
    "not-sure": "Nothing was deleted. Confirm that you have read this.",
    "files-concerned": "Files in the folder",
    "addresses-concerned": "Addresses at which readers have it",
    "unsaved-gone": "The file is gone: somebody deleted, moved or withdrew it. Nothing was saved. "
    "If you publish now, readers get your text.",
    "unsaved-withdrawn": "This entry was withdrawn, and only an editor can bring it back. "
    "Nothing was saved. Your text is still here.",
    "edited-as-text": "This file is edited as text, since a form cannot show it.",
    "upload": "Add a picture or a document",
    "upload-help": "It is saved in the folder of the entry. With scripts, files can also be "
    "dropped into the text.",
    "upload-do": "Add",
    "uploaded": "{file} is saved. Describe what it shows.",
    "uploaded-document": "{file} is saved, and named among the attachments.",
    "no-file": "Nothing was saved. Choose a file first.",
    "unsaved-kind": "Pictures and documents of this kind, or with this name, cannot be published. "
    "Nothing was saved.",
    "unsaved-long": "The file is too large. Nothing was saved.",
    "unsaved-many": "The form has room for {count} attachments. This file was not added.",
    "no-text": "{file} is no text that can be edited here.",
    "settle": "{file} was changed meanwhile",
    "settle-why": "Somebody changed the file after you opened it. Nothing was saved yet. Choose "
    "what stands in each place.",
    "not-approved": "No editor has approved this file yet. If you change it and publish it, all of "
    "it counts as approved, and readers get it.",
    "theirs": "The file now",
    "yours": "Your text",
    "nothing-there": "Nothing",
    "settle-save": "Save the result",
    "kept-here": "This browser has a text that was not saved.",
    "bring-back": "Bring it back",
    "discard": "Discard it",
    "bold": "Bold",
    "italics": "Italics",
    "heading": "Heading",
    "item": "List",
    "quotation": "Quotation",
    "web-link": "Link",
}
