"""An entry that is to leave or to come back, with its files and addresses."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote

from dateline.config import Config
from dateline.entries.filenames import is_entry
from dateline.entries.scan import MAX_SIZE, loose
from dateline.ledger import Ledger
from dateline.model import Entry
from dateline.newsroom.preview import preview
from dateline.newsroom.saving import digest
from dateline.newsroom.state import Newsroom
from dateline.newsroom.write.form_content import standing_file, text_of
from dateline.publish import history
from dateline.system import safe_files

_MOST = 40  # addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """An entry that is to leave or to come back, as a page shows it.

    `path` is that of its file, `seen` the file's digest, or empty where it is gone. `files` are
    that file and those beside it that no other entry uses; `addresses` are those at which readers
    have the entry. A file that `is_unsent` has a text that no version has, one that
    `is_taken` is that of other news. `held` is a file that may be the entry's own under another
    name. `version` is the latest.
    """

    id: str
    title: str
    language: str
    path: str
    seen: str
    files: tuple[str, ...]
    addresses: tuple[str, ...]
    is_live: bool
    is_unsent: bool
    is_taken: bool
    held: str
    version: int


def unsent(room: Newsroom, path: str) -> Removal | None:
    """Return the entry of a file which says more than readers have; None for any other file."""
    found = found_removal(room, path, of_latest=True)
    return found if found and found.is_live and found.is_unsent and found.path == path else None


def found_removal(room: Newsroom, name: str, *, of_latest: bool = False) -> Removal | None:
    """Return the entry whose file or id is called `name`, if any.

    With `of_latest`, a text that only an earlier version has is unsent, too.
    """
    with room.ledger() as ledger:
        id_ = ledger.entries.id_of(name) if name else None
        versions = ledger.entries.versions(id_) if id_ else []
        if not id_ or not versions:
            return None
        live = ledger.entries.find([id_]).get(id_)
        last = live.story if live else versions[-1].story
        path = history.file_of(versions)
        is_there = os.path.lexists(room.config.entries / path)
        is_own = ledger.entries.has_file(id_, path, is_there=is_there)
        there = standing_file(room, path) if is_own else None
        asked = history.renamed_to(ledger, id_, path, room.config)
        known = {one.file.data for one in (versions[-1:] if of_latest else versions)}
        return Removal(
            id=id_,
            title=last.title,
            language=last.language,
            path=path,
            seen=digest(there) if there is not None else "",
            files=tuple(_files(room, ledger, path)) if there is not None else (),
            addresses=tuple(_addresses(room.config, ledger, live))[:_MOST] if live else (),
            is_live=live is not None,
            is_unsent=there is not None and _is_unsent(room, ledger, path, there, known),
            is_taken=not is_own,
            held=next((one.file for one in asked), ""),
            version=versions[-1].number,
        )


def _files(room: Newsroom, ledger: Ledger, path: str) -> Iterator[str]:
    """Yield the file of an entry, and the files beside it that no other one uses."""
    yield path
    record = ledger.files.find([path]).get(path)
    beside = sorted(record.beside.items()) if record else ()
    own = [
        used
        for used, stamp in beside
        if stamp and not is_entry(used) and ledger.files.users([used]) == [path]
    ]
    # A file with a mistake in it uses nothing as long as nobody can read what it names.
    for other in ledger.files.unpublished(held_alone=True) if own else ():
        text = _loose_text(room, other) if own and other != path else ""
        own = [used for used in own if loose(PurePosixPath(used).name) not in text]
    yield from own


def _loose_text(room: Newsroom, path: str) -> str:
    """Return the text of a file as names are compared; empty where it cannot be read."""
    try:
        data, _ = safe_files.read(str(room.config.entries), path, MAX_SIZE + 1)
    except OSError:
        return ""
    return loose(unquote(text_of(path, data) or data.decode("latin-1")))


def _addresses(config: Config, ledger: Ledger, live: Entry) -> Iterator[str]:
    """Yield the addresses at which readers have an entry: its page, and the feeds with it."""
    yield f"{config.publication.url}{live.slug}.html"
    names = ledger.members.of([live.id]).feeds
    for feed in config.feeds:
        if feed.name in names:
            yield from (f"{config.publication.url}{path}" for path in feed.paths)


def _is_unsent(
    room: Newsroom, ledger: Ledger, path: str, there: bytes, known: Collection[bytes]
) -> bool:
    """Return whether a file has a text that is not `known`, but for comments."""
    if there in known:
        return False
    # Of these very bytes: `room.preview` may be of an earlier text.
    found = preview(path, room.config, ledger, room.clock(), unsaved=there)
    return found is None or found.new is None or found.live != found.new
