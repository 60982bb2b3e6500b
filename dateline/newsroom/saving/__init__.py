"""Files of staff, written into `entries/` whole, and never over what somebody else wrote.

A file is there with all its bytes or not at all: they are written to a temporary file in the same
folder, which a run ignores, synced, and then given the name (`create_file` has the exception of
shares where no name can be given or changed). What has the name already is replaced only if it is
still what the writer saw, by its digest.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from dateline.config import Config
from dateline.entries.filenames import folder_of, is_entry, is_plain, is_skipped
from dateline.entries.lazy_scan import is_reached
from dateline.entries.media import media_types
from dateline.entries.scan import loose, scan_all
from dateline.ledger import Ledger, exclusive
from dateline.ledger.unapproved import is_free
from dateline.model.acts import Act
from dateline.newsroom.access.people import Action, Person, may
from dateline.publish.assess.approvals import submission
from dateline.publish.check import PATIENCE
from dateline.publish.recovery import ledger_url
from dateline.system import safe_files
from dateline.system.writing import create_file, exchange_file
from dateline.text.characters import normalised
from dateline.text.expressions import regex

_LONGEST = 240  # bytes of a name: `.problem.txt` still fits behind it
_ELSEWHERE = regex(r'[<>:"|?*\\/\0]|[. ]$')  # no name on Windows, or on a share of it
_DEVICES = regex(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_KINDS = frozenset({"toml", "jpeg", "jfif", *media_types()})
_ERRORS = {
    errno.EEXIST: "there",
    errno.ENOENT: "no-folder",
    errno.ENOTDIR: "no-folder",
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "closed"),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "full"),
}


class Refusal(StrEnum):
    """The reason for which a file is not saved."""

    NAME = "name"
    THERE = "there"
    """A file is there, and the writer has not seen it."""
    ALIKE = "alike"
    """A file is there whose name differs only in case, composition or spaces."""
    CHANGED = "changed"
    """The file is no longer what the writer saw, or is gone."""
    FULL = "full"
    CLOSED = "closed"
    NO_FOLDER = "no-folder"
    SOURCE = "source"
    """Entries come from a source, and are changed there."""
    BUSY = "busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A file that is on disk: its path below `entries/`, the SHA-256 of its bytes.

    `is_new` where no file had that name, `is_same` where one with these very bytes had it. One that
    `waits` is not published before an editor approves it.
    """

    path: str
    digest: str
    is_new: bool = False
    is_same: bool = False
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSaved:
    """A file that was not written; `other` is the name of the file that is there instead.

    `digest` is that file's, or empty where it has none that can be known.
    """

    reason: Refusal
    other: str = ""
    digest: str = ""


def clean_name(name: str) -> str:
    """Return the name under which a file is saved, or an empty text for one that cannot be.

    It is one component, without a leading dot, of a kind that an entry is or can name.
    """
    name = normalised("NFC", name)
    is_bad = (
        not is_plain(name)
        or is_skipped(name)
        or len(name.encode(errors="replace")) > _LONGEST
        or bool(_ELSEWHERE.search(name) or _DEVICES.fullmatch(name))
        or name != name.strip()
    )
    is_kind = name.lower().rpartition(".")[2] in _KINDS and not name.startswith(".")
    is_second = is_entry(name) and not name.lower().endswith(".toml")
    return "" if is_bad or not is_kind or is_second else name


def save(folder: Path, path: str, data: bytes, seen: str = "") -> Saved | NotSaved:
    """Write a file below the entries folder, and return what came of it.

    `seen` is the digest of the file that these bytes replace; without one, only a new file is
    written. The same bytes again are no change, whatever was seen. Its folder must be there, and
    not behind a link. The permissions are those of any new file, or of the one that it replaces.
    """
    path = _clean_path(folder, path, seen)
    try:
        if found := standing(folder, path, data, seen):
            return found
        own = digest(data)
        if not seen:
            create_file(folder / path, data)
        elif not exchange_file(folder / path, data, seen):
            return NotSaved(reason=Refusal.CHANGED, other=path, digest=digest_of(folder / path))
        return Saved(path=path, digest=own, is_new=not seen)
    except OSError as error:
        reason = reason_of(error)
        if seen and reason is Refusal.NO_FOLDER:  # it was there a moment ago
            reason = Refusal.CHANGED
        return NotSaved(reason=reason, other=path if reason is Refusal.THERE else "")


def save_as(
    person: Person, config: Config, path: str, data: bytes, *, seen: str = "", now: datetime
) -> Saved | NotSaved:
    """Write a file like `save`; that a `person` saved an entry is recorded in the ledger.

    What waits for an editor (`[newsroom] approval`) is in the ledger before the file has its name.
    The rest is recorded before, and committed after: where it fails, nothing is written, except in
    the commit itself. That pictures and documents were saved is not recorded. Nothing is saved if
    entries come from a source. Raises `DatelineError`.
    """
    if config.source:
        return NotSaved(reason=Refusal.SOURCE, other=config.source.url)
    waits = config.newsroom.approval and not may(person, Action.APPROVE)
    if not (waits or is_entry(path)):
        return save(config.entries, path, data, seen)
    with exclusive(config.state, patience=PATIENCE), Ledger(ledger_url(config)) as ledger:
        with suppress(OSError):  # `save` will say why
            if there := standing(config.entries, path, data, seen):
                return _still_waiting(there, ledger) if isinstance(there, Saved) else there
        found = submission(path, data, person=person.name, now=now)
        if waits:
            ledger.unapproved.add(found, _same(config.entries, data))
            ledger.commit()
        if is_entry(path):
            ledger.acts.record(
                moment=now, person=person.name, act=Act.SAVED, path=path, detail=found.digest
            )
        ledger.confirm()
        done = save(config.entries, path, data, seen)
        if isinstance(done, Saved) and not done.is_same:
            ledger.commit()
    return replace(done, waits=waits) if isinstance(done, Saved) else done


def _same(folder: Path, data: bytes) -> Iterator[str]:
    """Yield the paths of the files that have these bytes already, as far as they can be read."""
    own = digest(data)
    for path, stamp in scan_all(folder).files.items():
        with suppress(OSError):
            if stamp.size == len(data) and digest_of(folder / path) == own:
                yield path


def _still_waiting(there: Saved, ledger: Ledger) -> Saved:
    """Return a file that was there already; it may wait for an editor, whoever sends it again."""
    found = ledger.unapproved.find(there.digest)
    waits = found is not None and not is_free(found, there.path, there.path)
    return replace(there, waits=waits)


def standing(folder: Path, path: str, data: bytes, seen: str = "") -> Saved | NotSaved | None:
    """Return what is there instead of a file to write, or None where it can be written.

    Raises `OSError` where the folder, or the file there, cannot be read.
    """
    path = _clean_path(folder, path, seen)
    if not path or not is_reached(folder, path):
        return NotSaved(reason=Refusal.NAME)
    if alike := next(_alike(folder, path), ""):
        return NotSaved(reason=Refusal.ALIKE, other=alike)
    own, there = digest(data), digest_of(folder / path)
    if there == own:
        return Saved(path=path, digest=own, is_same=True)
    if seen:
        is_changed = there != seen
        return NotSaved(reason=Refusal.CHANGED, other=path, digest=there) if is_changed else None
    is_there = os.path.lexists(folder / path)
    return NotSaved(reason=Refusal.THERE, other=path, digest=there) if is_there else None


def reason_of(error: OSError) -> Refusal:
    """Return why a file could not be written, by what the system says."""
    return Refusal(_ERRORS.get(error.errno or 0, "busy"))


def digest(data: bytes) -> str:
    """Return the digest by which a file is known again: the SHA-256 of its bytes."""
    return hashlib.sha256(data).hexdigest()


def digest_of(path: Path) -> str:
    """Return the digest of a file; empty where there is none, or none that is regular.

    Raises `OSError` where it cannot be read.
    """
    try:
        return safe_files.digest_of(path)
    except FileNotFoundError:
        return ""


def _clean_path(folder: Path, path: str, seen: str) -> str:
    """Return the path at which a file is saved, or an empty text for one that cannot be.

    An entry that the writer has seen keeps its name, also one that no new file may have: on a
    share, in the form of a Mac, or as Windows has none.
    """
    above = folder_of(path)
    name = path[len(above) :]
    if not (seen and _is_standing_entry(folder, path, name)):
        name = clean_name(name)
    is_bad = any(not part or is_skipped(part) for part in above.split("/")[:-1])
    return "" if is_bad or not name else above + name


def _is_standing_entry(folder: Path, path: str, name: str) -> bool:
    is_known = is_entry(name) and is_plain(name) and not is_skipped(name)
    return is_known and len(name.encode()) <= _LONGEST and os.path.lexists(folder / path)


def _alike(folder: Path, path: str) -> Iterator[str]:
    """Yield the files whose names would be taken for this one."""
    prefix, own = folder_of(path), loose(path)
    with os.scandir(folder / prefix) as items:
        for item in items:
            other = prefix + item.name
            if other != path and loose(other) == own:
                yield other
