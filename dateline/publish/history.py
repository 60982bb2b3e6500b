"""The published versions of an entry, and the return of an old one.

A version comes back as a file, which is then published like any other.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import datetime
from difflib import get_close_matches, unified_diff
from itertools import groupby
from operator import itemgetter
from pathlib import Path, PurePosixPath

from dateline.config import Config
from dateline.entries.filenames import name_key
from dateline.entries.parse.encoding import decode
from dateline.errors import EntryError, LedgerError, Problem
from dateline.ledger import Ledger, exclusive
from dateline.messages import program
from dateline.model import Source, Story, Version
from dateline.model.acts import Act, ActRecord
from dateline.publish.recovery import ledger_url
from dateline.publish.recovery.writer import refuse_lost
from dateline.rules.story_json import as_dropped
from dateline.system import safe_files
from dateline.system.writing import create_file, exchange_file, replace_file

_LARGEST = 100_000_000  # bytes: no version is as large
# Asked of a file that may be that of an entry under another name.
_RENAMED = frozenset({"rename-unclear", "renamed-edited", "renamed-unnamed"})
_WORDS = {"html": "body", "path": "file name", "kind": "", "inline": "", "retraction": "status"}


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChange:
    """One version as staff see it; `accepted` is in the site's zone, `what` has the fields."""

    number: int
    accepted: datetime
    owner: str
    editor: str
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Called:
    """An entry's names: its file and page now, and when a version last had each file name."""

    id: str
    path: str
    page: str
    names: Mapping[str, datetime]


def history(config: Config, name: str) -> list[VersionChange]:
    """Return the versions of the entry whose file, page or id is or was `name`, oldest first.

    Raises `LedgerError` where no such entry was published, or the ledger is of another publication.
    """
    return list(_changes(_versions(config, name), config))


def record(config: Config, name: str) -> list[VersionChange | ActRecord]:
    """Return the versions of an entry and what staff did with it, oldest first.

    All moments are in the site's zone. Raises `LedgerError` like `history`.
    """
    with _found(config, name) as (ledger, id_):
        versions = ledger.entries.versions(id_)
        paths = sorted({version.story.path for version in versions})
        acts = ledger.acts.of_entry(id_, paths)
    zone = config.publication.zone
    local = [replace(act, moment=act.moment.astimezone(zone)) for act in acts]
    return sorted([*local, *_changes(versions, config)], key=_moment)


def _moment(row: VersionChange | ActRecord) -> datetime:
    return row.accepted if isinstance(row, VersionChange) else row.moment


def restore(
    config: Config, name: str, number: int, *, now: datetime, person: str = "", over: str = ""
) -> Path:
    """Write a version's file in the place of the newest, and return its path.

    That `person` did this is recorded; the name is empty on the command line. A file with the
    SHA-256 `over` is replaced even if its content was never published.
    Raises `LedgerError` if there is no such version, if its file was lost with an earlier ledger,
    if the file is that of other news now, if a held file may be that of the entry, or if the file
    has content that was never published and so would be lost; `DatelineError` where entries come
    from a source; `OSError` where the file cannot be written.
    """
    config.require_own_entries(f"Restore {name}")
    with _found(config, name) as (ledger, id_):
        versions = ledger.entries.versions(id_)
        wanted = _whole(_numbered(versions, name, number), name)
        file = file_of(versions)
        path = config.entries / file
        _verify_own(ledger, id_, file, config)
        _verify_not_renamed(ledger, id_, file, config)
        present = _present(path, versions, config, over)
        ledger.acts.record(
            moment=now, person=person, act=Act.RESTORED, path=file, entry_id=id_, detail=str(number)
        )
        ledger.confirm()
        if not _write(path, wanted.file.data, present):
            raise LedgerError(f"{path.name} was changed just now. Nothing was written: try again.")
        ledger.commit()
    return path


def file_of(versions: Sequence[Version]) -> str:
    """Return the last known path of an entry's file: a version from a manifest has none."""
    return next((one.story.path for one in reversed(versions) if one.story.path), "")


def _verify_own(ledger: Ledger, id_: str, path: str, config: Config) -> None:
    """Raise `LedgerError` where the file of an entry has become that of other news."""
    if ledger.entries.has_file(id_, path, is_there=os.path.lexists(config.entries / path)):
        return
    live = ledger.entries.find(ledger.entries.ids_of([path]))
    title = next((f", {entry.story.title!r}" for entry in live.values()), "")
    folder = config.entries.name
    raise LedgerError(
        f"{folder}/{path} is the file of other news now{title}. Give that file another name in "
        f"{folder}/, which changes nothing for readers, and restore this entry then."
    )


def _verify_not_renamed(ledger: Ledger, id_: str, path: str, config: Config) -> None:
    """Raise `LedgerError` where a held file may be that of an entry under another name."""
    folder = config.entries.name
    for held in renamed_to(ledger, id_, path, config):
        code = f", or, if it is other news, type: {program.name()} allow {held.wanted}"
        raise LedgerError(
            f"{folder}/{held.file} seems to be the file of this entry under another name, and "
            f"would be published as second news. Move it out of {folder}/ first"
            f"{code if held.wanted else '.'}"
        )


def renamed_to(ledger: Ledger, id_: str, path: str, config: Config) -> Iterator[Problem]:
    """Yield the questions whether a held file is that of an entry whose own is gone."""
    noted = ledger.files.noted() if not os.path.lexists(config.entries / path) else {}
    for name, record in sorted(noted.items()):
        for problem in record.problems:
            is_asked = problem.code in _RENAMED and problem.found in {id_, path}
            if is_asked and os.path.lexists(config.entries / name):
                yield problem


def _present(path: Path, versions: Sequence[Version], config: Config, over: str) -> bytes | None:
    """Return the file that a version's file would replace, or None where there is none.

    Raises `LedgerError` if no version has its content, and its digest is not `over`.
    """
    present = _read(path, config) if os.path.lexists(path) else None
    known = {one.file.data for one in versions}
    if present is not None and present not in known and _digest(present) != over:
        raise LedgerError(
            f"{path.name} has changes that were never published. Move it out of "
            f"{config.entries.name}/ first."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.parent.resolve().is_relative_to(config.entries):
        raise LedgerError(f"{path.parent} leads out of {config.entries}. Nothing was written.")
    return present


def _write(path: Path, data: bytes, present: bytes | None) -> bool:
    """Write a file in the place of the present one, or of a link to it.

    Return whether the file was still there.
    """
    if path.is_symlink():
        replace_file(path, data, is_synced=True)
        return True
    if present is not None:
        return exchange_file(path, data, _digest(present))
    try:
        create_file(path, data)
    except FileExistsError:
        return False
    return True


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def text(config: Config, name: str, number: int) -> str:
    """Return the file of a version of the entry called `name`. Raises `LedgerError`."""
    ((_, found),) = texts(config, name, number)
    return found


def diff(config: Config, name: str, number: int | None) -> str:
    """Return how a version, or each, differs from the one before, as a unified diff.

    Raises `LedgerError` where there is no such version.
    """
    return "".join(found for _, found in texts(config, name, number, is_compared=True))


def texts(
    config: Config, name: str, number: int | None, *, is_compared: bool = False
) -> list[tuple[VersionChange, str]]:
    """Return a version, or each, with its file, or with its difference from the one before.

    Raises `LedgerError` where there is no such version.
    """
    versions = _versions(config, name)
    wanted = versions if number is None else [_numbered(versions, name, number)]
    if number is not None and not is_compared:
        _whole(wanted[0], name)
    changes = {change.number: change for change in _changes(versions, config)}
    return [
        (changes[one.number], _difference(versions, one) if is_compared else _text(one))
        for one in wanted
    ]


def _difference(versions: Sequence[Version], version: Version) -> str:
    earlier = [one for one in versions if one.number < version.number]
    before = earlier[-1] if earlier else None
    lines = unified_diff(
        _text(before).splitlines() if before else [],
        _text(version).splitlines(),
        f"version {before.number}" if before else "nothing",
        f"version {version.number}",
        lineterm="",
    )
    return "".join(f"{line}\n" for line in lines)


def _numbered(versions: Sequence[Version], name: str, number: int) -> Version:
    for version in versions:
        if version.number == number:
            return version
    numbers = ", ".join(str(version.number) for version in versions) or "none"
    raise LedgerError(f"There is no version {number} of {name}, only {numbers}.")


def _whole(version: Version, name: str) -> Version:
    """Return a version that has its file. Raises `LedgerError` for one that was recovered."""
    if not version.file.data:
        raise LedgerError(
            f"The file of version {version.number} of {name} was lost with an earlier ledger: only "
            "what readers have is known of it. Restore the file from a backup."
        )
    return version


def _text(version: Version) -> str:
    """Return the text of a file of any encoding."""
    source = Source(path=version.story.path, data=version.file.data, age=0)
    try:
        return decode(source).text
    except EntryError:  # it was published, so a later release reads fewer encodings
        return version.file.data.decode("utf-8", "replace")


def _read(path: Path, config: Config) -> bytes:
    """Read the file that would be written over. Raises `LedgerError`."""
    try:
        return safe_files.read(
            str(config.entries), str(path.relative_to(config.entries)), _LARGEST
        )[0]
    except OSError as error:
        raise LedgerError(
            f"{path.name} cannot be opened ({error.strerror}). Move it out of "
            f"{config.entries.name}/ first."
        ) from error


def id_of(config: Config, name: str) -> str:
    """Return the id of the entry whose file, page or id is `name` now.

    Raises `LedgerError` if there is none; a former name is not enough.
    """
    inside = _inside(name, config)
    with _opened(config) as ledger:
        if id_ := ledger.entries.id_of(inside):
            return id_
        called = _called(ledger)
    before = _once_called(inside, called)  # runs need not wait while names are compared
    raise _unknown(name, before.path if before else _nearest(inside, called), config)


def _versions(config: Config, name: str) -> list[Version]:
    """Return the versions of the entry that is `name`, or was the last of that name."""
    with _found(config, name) as (ledger, id_):
        return ledger.entries.versions(id_)


@contextmanager
def _opened(config: Config) -> Iterator[Ledger]:
    """Open the ledger, alone. Raises `LedgerError` if it was lost, or is another's."""
    with exclusive(config.state), Ledger(ledger_url(config)) as ledger:
        refuse_lost(config, ledger)
        yield ledger


@contextmanager
def _found(config: Config, name: str) -> Iterator[tuple[Ledger, str]]:
    """Open the ledger, alone, with the id of the entry that is `name` or was the last so called."""
    inside = _inside(name, config)
    with _opened(config) as ledger:
        if id_ := ledger.entries.id_of(inside):
            yield ledger, id_
            return
        called = _called(ledger)
        if before := _once_called(inside, called):
            yield ledger, before.id
            return
    raise _unknown(name, _nearest(inside, called), config)


def _inside(name: str, config: Config) -> str:
    """Return the ledger's name for a path, or for the address of a page."""
    # The ledger holds no half of a surrogate pair, and names of bytes that are no UTF-8 have one.
    name = name.encode(errors="backslashreplace").decode()
    for start in (config.publication.url, f"{config.publication.path}"):
        if len(start) > 1 and name.startswith(start):
            return name.removeprefix(start).partition("#")[0].partition("?")[0]
    return name.removeprefix("./").removeprefix(f"{config.entries.name}/").removeprefix("/")


def _called(ledger: Ledger) -> list[_Called]:
    """Return every entry that has a version, with all its names."""
    return [
        _Called(
            id=id_,
            path=next((path for _, _, path, _ in reversed(named) if path), ""),
            page=f"{named[-1][1]}.html",
            names={name_key(path): accepted for _, _, path, accepted in named if path},
        )
        for id_, rows in groupby(ledger.entries.names(), key=itemgetter(0))
        if (named := list(rows))
    ]


def _once_called(name: str, called: Sequence[_Called]) -> _Called | None:
    """Return the entry that was the last to have a file of this name."""
    wanted = name_key(name)
    had = [entry for entry in called if wanted in entry.names]
    return max(had, key=lambda entry: entry.names[wanted], default=None)


def _nearest(name: str, called: Sequence[_Called]) -> str:
    """Return the file or page whose name is most like `name`, or nothing."""
    known = {
        name_key(whole if "/" in name else PurePosixPath(whole).name): whole
        for entry in called
        for whole in filter(None, (entry.page, entry.path))
    }
    return next((known[near] for near in get_close_matches(name_key(name), known, n=1)), "")


def _unknown(name: str, near: str, config: Config) -> LedgerError:
    folder = config.entries.name
    instead = f"Name its file as it lies in {folder}/, or its id."
    hint = f"Did you mean {near}?" if near else instead
    return LedgerError(f"No entry called {name} was published. {hint}")


def _changes(versions: Sequence[Version], config: Config) -> Iterator[VersionChange]:
    before: Story | None = None
    for version in versions:
        yield VersionChange(
            number=version.number,
            accepted=version.accepted.astimezone(config.publication.zone),
            owner=version.file.owner,
            editor=version.story.editor,
            what=_what(before, version.story),
        )
        before = version.story


def _what(before: Story | None, after: Story) -> tuple[str, ...]:
    """Return the fields that a version changed; it is published again if nothing else differs."""
    return (differences(before, after) if before else ()) or ("published",)


def differences(before: Story, after: Story) -> tuple[str, ...]:
    """Return the fields in which two versions differ, in staff's words."""
    return tuple(word for _, word in changed_fields(before, after))


def changed_fields(before: Story, after: Story) -> tuple[tuple[str, str], ...]:
    """Return the fields of `Story` in which two versions differ, each with staff's word for it."""
    before, after = as_dropped(before), as_dropped(after)
    differ = (f.name for f in fields(Story) if getattr(before, f.name) != getattr(after, f.name))
    named = ((name, _WORDS.get(name, name)) for name in differ)
    return tuple((name, word) for name, word in named if word)
