"""Texts around messages: in a note, in the feed of the newsroom, in an alarm."""

from __future__ import annotations

from dateline.messages.message import Counted

PHRASES: dict[str, str | Counted] = {
    "line": "Line {line}: {text}",
    # ---- Beside a file (`dateline.publish.notify.problem_files`)
    "note-hold": "{name} is not published as it is now.",
    "note-wait": "{name} is still not published.",
    "note-warn": "{name} should be checked. This does not stop its publication.",
    "note-asked": "{name} is published, and somebody asks to withdraw it.",
    "note-goes": "This note disappears once the problem is fixed.",
    # ---- In the newsroom's feed (`dateline.newsroom`)
    "feed-title": "Problems: {title}",
    "feed-hold": "not published",
    "feed-wait": "still not published",
    "feed-warn": "should be checked",
    "feed-asked": "withdrawal asked for",
    # ---- In an alarm (`dateline.publish.notify.alarm`)
    "alarm-subject": "{title}: {what} not published",
    "alarm-files": Counted("{count} file", "{count} files", by="count"),
    "alarm-since": "{path}, since {since}:",
    "alarm-more": Counted("… and {count} more.", "… and {count} more.", by="count"),
    "alarm-over": "{title}: {what} no longer held",
    "alarm-file-over": "{path} is no longer held, since {moment}.",
    # ---- At the newsroom's address on a node that follows (`serve.monitoring.referral`)
    "newsroom-elsewhere": (
        "This node only serves readers at present. The newsroom is on {node}: open it there."
    ),
    "newsroom-nowhere": (
        "No node leads at present, so there is no newsroom. Try again in a few seconds."
    ),
    # ---- In an alarm that is about no file (`system.condition`, `serve.monitoring`)
    "alarm-trouble": "{title}: news does not go out as it should",
    "alarm-well": "{title}: in order again",
    "alarm-condition": "Since {moment}: {text}",
    "alarm-condition-over": "Over since {moment}. It was: {text}",
    "alarm-publisher-hung": (
        "The publisher gave no sign of life for {detail} seconds and was started again; no news "
        "goes out. If this goes on, read the log of serve."
    ),
    "alarm-publisher-crashing": (
        "The publisher ends by itself (code {detail}), is started again and ends again; no news "
        "goes out. The log of serve says why."
    ),
    "alarm-check-late": (
        "The publisher has missed three checks without saying why; no news may go out. If a long "
        "build is running, wait for it; else restart serve."
    ),
    "alarm-run-failed": "Every check fails, and no news goes out: {detail}.",
    "alarm-disk-full": "The disk is full, and no news goes out: {detail}. Make room.",
    "alarm-folder-not-writable": (
        "The publisher cannot write where it must, and no news goes out: {detail}. Let its account "
        "write there."
    ),
    "alarm-entries-gone": (
        "The entries folder is gone or cannot be read, and no news goes out: {detail}."
    ),
    "alarm-source-unreachable": (
        "Entries cannot be fetched from {about}, and no news goes out: {detail}. Readers keep what "
        "was published."
    ),
    "alarm-ledger-damaged": (
        "The ledger is damaged, and no news goes out: {detail}. Readers get what was published. "
        "Type: {program} ledger check"
    ),
    "alarm-ledger-away": (
        "The database of the ledger cannot be reached, and no news goes out until it can: {detail}."
    ),
    "alarm-manifest-damaged": (
        "The list of what is published is damaged: {detail}. Type: {program} build --all"
    ),
    "alarm-documents-lost": (
        "Published pages or pictures are missing or cut off: {detail}. Copy them back from a "
        "backup, or put the files back from which they were made."
    ),
    "alarm-search-incomplete": (
        "The search of this machine does not find {detail}, whose text it cannot read. Install the "
        "release of Dateline here that the machine which publishes has."
    ),
    "alarm-hub-refuses": (
        "The hub {about} does not take what is new ({detail}); subscribers hear of news late. Ask "
        "those who run it, or take it out of hubs in config.toml."
    ),
    "alarm-hub-stopped": (
        "The hub of this publication does not run ({detail}). Nobody can subscribe to it until it "
        "does, and its subscribers hear of news late."
    ),
    "alarm-store-away": (
        "The object store cannot be reached, and no news goes out until it can: {detail}."
    ),
    "alarm-cdn-refuses": (
        "The cache {about} does not take purges ({detail}); its readers get old pages until their "
        "copies expire. Correct [[cdn]] in config.toml, or ask those who run it."
    ),
    "alarm-clock-off": (
        "By the clock of this machine the newest file or entry is from the future ({detail}): the "
        "clock is behind, or was ahead then. Set it right; embargoes and dates go by it."
    ),
    "alarm-node-clock-off": (
        "The clock of this machine is {detail} off that of the database, by which it publishes. "
        "Set it right."
    ),
    "alarm-not-served": (
        "The web workers do not answer, and readers get nothing. Read the log of serve, and "
        "restart it."
    ),
    "alarm-address-unreachable": (
        "Readers cannot reach {about}: {detail}. Check that the server or CDN at this address runs."
    ),
    "alarm-certificate-invalid": (
        "Readers do not trust the certificate of {about}, and get nothing: {detail}. Renew it, or"
        " install the one for this name."
    ),
    "alarm-certificate-ending": (
        "The certificate of {about} ends on {detail}. Renew it: after that day readers get nothing."
    ),
    "alarm-readers-blocked": (
        "A check for robots, or a firewall, keeps feed readers away from {about} ({detail}). "
        "Exempt feeds and pages from it in the settings of the CDN or server."
    ),
    "alarm-readers-get-errors": (
        "Readers get an error from {about} ({detail}), while Dateline serves the document. Read "
        "the log of the CDN or server in front."
    ),
    "alarm-address-redirects": (
        "The address of a document leads elsewhere ({detail}). Take the redirect of {about} out, "
        "or write the new address into url in config.toml."
    ),
    "alarm-media-type-wrong": (
        "{about} sends a document with a wrong Content-Type ({detail}), and readers may refuse "
        "it. Let the CDN or server in front pass that of Dateline."
    ),
    "alarm-copy-altered": (
        "What readers get from {about} is not what was published ({detail}). Switch off whatever "
        "rewrites documents in the CDN or server in front."
    ),
    "alarm-copy-stale": (
        "Readers of {about} still get an old copy ({detail}). Purge the cache, and let it keep "
        "documents no longer than their Cache-Control allows."
    ),
    "alarm-false-not-modified": (
        "{about} answers 304 (Not Modified) to readers whose copy is old, and they get no news "
        "({detail}). Let the CDN or server in front compare ETag and Last-Modified with the new "
        "copy."
    ),
    "alarm-coding-missing": (
        "{about} sends a document in another coding than readers ask for ({detail}). Let the CDN "
        "or server in front pass Accept-Encoding and keep one copy for each, or take the coding "
        "out of codings in config.toml."
    ),
    "alarm-files-held": Counted("{detail} file is held.", "{detail} files are held.", by="detail"),
    # ---- On the page of all messages (`make words`)
    "page-title": "What Dateline says about a file",
    "page-head": (
        "Each message has a code that never changes. `{{field}}` is the name of the field, "
        "`{{found}}` what the file contains, `{{wanted}}` what to type instead. "
        'A message begins with the number of the line, if there is one: "Line 4: …".'
    ),
    "page-hold": "Held: not published until fixed. A version that is live stays live.",
    "page-wait": "Waiting: checked again automatically.",
    "page-warn": "Published, and something should be checked.",
    "page-accept": (
        "Accepted. A message says if something was read differently from the way it is written."
    ),
    "page-columns": "| code | message |",
}
