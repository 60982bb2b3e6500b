"""The pages to withdraw, restore or take down an entry, and to ask for a withdrawal.

Each says first what readers, feeds and hubs will see, with the files and addresses that this is
about, and has the safe choice beside the other one.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import CONFLICT, OK, SERVICE_UNAVAILABLE, UNPROCESSABLE_ENTITY
from pathlib import PurePosixPath
from urllib.parse import unquote, urlencode

from flask import abort, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from dateline.config import Config
from dateline.entries.filenames import is_entry
from dateline.entries.scan import MAX_SIZE, loose
from dateline.errors import DatelineError, LedgerError
from dateline.ledger import Ledger
from dateline.model import Entry
from dateline.model.acts import WithdrawalRequest
from dateline.newsroom.preview import preview
from dateline.newsroom.responses import page, with_origin
from dateline.newsroom.saving import digest, digest_of
from dateline.newsroom.state import Newsroom
from dateline.newsroom.write.form import SentForm
from dateline.newsroom.write.form_content import standing_file, text_of
from dateline.publish import history
from dateline.system import safe_files
from dateline.text.characters import on_one_line

_MOST = 40  # addresses
_LONGEST = 500  # characters of a reason


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


# ---- Withdrawing


def ask_withdraw(room: Newsroom) -> AnyResponse:
    """Return the page that says what a withdrawal does."""
    return _withdrawing(room, _live(room, request.args.get("file", "")))


def withdraw(room: Newsroom) -> AnyResponse:
    """Remove the file and withdraw its entry, unless the file has changed since the page.

    Where a copy takes the file's place, its page follows: readers still have the entry. A second
    click finds that it is done.
    """
    path, seen = request.form.get("file", ""), request.form.get("seen", "")
    if gone := _gone(room, path):
        return gone
    found = _live(room, path)
    if found.is_unsent or found.seen != seen:
        return _withdrawing(room, found, "unsaved-changed", CONFLICT)
    try:
        report = room.withdraw(found.path, seen, g.person.name)
    except DatelineError:  # with the file removed, the next run goes on
        if gone := _gone(room, path):
            return gone
        raise
    if report is None:
        return _gone(room, path) or _withdrawing(room, found, "unsaved-changed", CONFLICT)
    if copy := dict(report.renamed).get(found.path):
        return redirect(f"/withdraw?{urlencode({'file': copy})}", 303)
    done = "withdrawn-now" if found.path in report.withdrawn else "withdrawn-soon"
    return _to_history(found, done)


def _gone(room: Newsroom, path: str) -> AnyResponse | None:
    """Return the way to the history of an entry whose file is gone; None for any other file."""
    found = _found(room, path)
    if found is None or found.seen or found.is_taken or found.path != path:
        return None
    return _to_history(found, "withdrawn-soon" if found.is_live else "withdrawn-now")


def _withdrawing(room: Newsroom, found: Removal, word: str = "", status: int = OK) -> AnyResponse:
    return _page(room, "withdraw", found, word="unsent" if found.is_unsent else word, status=status)


def _live(room: Newsroom, path: str) -> Removal:
    """Return the live entry of a file that is there, or end with 404."""
    return _found_live(room, path) or abort(404)


def _found_live(room: Newsroom, path: str) -> Removal | None:
    found = _found(room, path)
    return found if found and found.is_live and found.seen and found.path == path else None


def ask(room: Newsroom) -> AnyResponse:
    """Return the page on which a writer asks for a withdrawal."""
    return _page(room, "ask", _live(room, request.args.get("file", "")))


def send_request(room: Newsroom) -> AnyResponse:
    """Ask an editor to withdraw the entry of a file, for a reason.

    While that cannot be recorded, the page comes back with the reason.
    """
    found = _live(room, request.form.get("file", ""))
    reason = on_one_line(request.form.get("reason", ""))[:_LONGEST]
    if not reason:
        return _page(room, "ask", found, word="no-reason", status=UNPROCESSABLE_ENTITY)
    try:
        is_asked = room.ask_withdrawal(found.path, reason, g.person.name)
    except DatelineError:  # once it is recorded, the next run goes on
        is_asked = _is_asked(room, found.id, reason)
        if not is_asked:
            status = SERVICE_UNAVAILABLE
            return _page(room, "ask", found, word="unsaved-busy", status=status, reason=reason)
    return _to_history(found, "asked-now" if is_asked else "")


def _is_asked(room: Newsroom, id_: str, reason: str) -> bool:
    """Return whether this person's request to withdraw an entry is recorded."""
    own = WithdrawalRequest(entry_id=id_, person=g.person.name, reason=reason)
    with room.ledger() as ledger:
        return own in ledger.state.withdrawal_requests


def brought_back(
    room: Newsroom, form: SentForm, word: str, *, status: int = OK
) -> AnyResponse | None:
    """Return the page with the reason that somebody has sent; None where nothing is live."""
    found = _found_live(room, form.get("file", ""))
    reason = form.get("reason", "")[:_LONGEST]
    return _page(room, "ask", found, word=word, status=status, reason=reason) if found else None


# ---- Restoring


def ask_restore(room: Newsroom) -> AnyResponse:
    """Return the page that says what the return of a version does."""
    found = _removal(room, request.args.get("entry", ""))
    number = request.args.get("version", found.version, int)
    return _restoring(room, found, number)


def restore(room: Newsroom) -> AnyResponse:
    """Write the file of a version, unless the file has changed since the page.

    A text that no version has is never replaced. A second click finds that it is done.
    """
    found = _removal(room, request.form.get("entry", ""))
    number = request.form.get("version", 0, int)
    if not found.is_taken and found.seen and found.seen == _digest_of(room, found.id, number):
        return _to_history(found, "restored-now")
    if found.is_taken or found.held or request.form.get("seen", "") != found.seen:
        return _restoring(room, found, number, "unsaved-changed", CONFLICT)
    if refused := _not_written(room, found, number):
        return _restoring(room, found, number, *refused)
    return _to_history(found, "restored-now")


def _not_written(
    room: Newsroom, found: Removal, number: int, over: str = ""
) -> tuple[str, int] | None:
    """Write the file of a version; return the word that says why it was not, with a status.

    Raises `DatelineError` where the system does not write it.
    """
    now, person = room.clock(), g.person.name
    try:
        history.restore(room.config, found.id, number, now=now, person=person, over=over)
    except LedgerError:  # somebody saved it in this moment
        return "unsaved-changed" if over else "unsent", CONFLICT
    except OSError as error:
        text = f"{found.path} cannot be written ({error.strerror}). Nothing was changed."
        raise DatelineError(text) from error
    return None


def _digest_of(room: Newsroom, id_: str, number: int) -> str:
    """Return the digest of the file of a version; empty if it has none, as in a new ledger."""
    with room.ledger() as ledger:
        versions = ledger.entries.versions(id_)
    files = (one.file.data for one in versions if one.number == number)
    return next(map(digest, filter(None, files)), "")


def _restoring(
    room: Newsroom, found: Removal, number: int, word: str = "", status: int = OK
) -> AnyResponse:
    if not _digest_of(room, found.id, number):
        abort(404)
    word = "unsent" if found.is_unsent else "renamed" if found.held else word
    word = "taken" if found.is_taken else word
    return _page(room, "restore", found, word=word, status=status, number=number)


def take_back(room: Newsroom) -> AnyResponse:
    """Make the file of a live entry what readers have, unless it has changed since the page."""
    found = _removal(room, request.form.get("entry", ""))
    seen = request.form.get("seen", "")
    if not (found.is_live and found.seen) or found.seen != seen:
        return _restoring(room, found, found.version, "unsaved-changed", CONFLICT)
    if refused := _not_written(room, found, found.version, seen):
        return _restoring(room, found, found.version, *refused)
    return _to_history(found, "taken-back")


# ---- Taking down


def ask_take_down(room: Newsroom) -> AnyResponse:
    """Return the page that says what a takedown does."""
    return _page(room, "take-down", _removal(room, request.args.get("entry", "")))


def take_down(room: Newsroom) -> AnyResponse:
    """Delete an entry everywhere, with the files that only it uses.

    A second click finds that it is done.
    """
    id_ = request.form.get("entry", "")
    found = _found(room, id_)
    if found is None and _is_taken_down(room, id_):
        return _to_overview()
    found = found or abort(404)
    if request.form.get("seen", "") != found.seen:
        return _page(room, "take-down", found, word="unsaved-changed", status=CONFLICT)
    if request.form.get("sure") != "yes":
        return _page(room, "take-down", found, word="not-sure", status=CONFLICT)
    room.take_down(found.id, g.person.name, _digests(room, found))
    return _to_overview()


def _to_overview() -> AnyResponse:
    return redirect(f"/?{urlencode({'done': 'taken-down'})}", 303)


def _is_taken_down(room: Newsroom, id_: str) -> bool:
    """Return whether an entry with this id was taken down: no version of it is left."""
    with room.ledger() as ledger:
        return bool(id_) and ledger.entries.id_of(id_) == id_ and not ledger.entries.versions(id_)


def _digests(room: Newsroom, found: Removal) -> Mapping[str, str]:
    """Return the files to delete with their digests; one that cannot be read keeps nothing back."""
    own: dict[str, str] = {}
    for path in found.files:
        with suppress(OSError):
            own[path] = digest_of(room.config.entries / path)
    return own


# ---- The entry


def _removal(room: Newsroom, name: str) -> Removal:
    """Return the entry whose file or id is called `name`, or end with 404."""
    return _found(room, name) or abort(404)


def unsent(room: Newsroom, path: str) -> Removal | None:
    """Return the entry of a file which says more than readers have; None for any other file."""
    found = _found(room, path, of_latest=True)
    return found if found and found.is_live and found.is_unsent and found.path == path else None


def _found(room: Newsroom, name: str, *, of_latest: bool = False) -> Removal | None:
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


# ---- Pages


def _to_history(found: Removal, done: str) -> AnyResponse:
    return redirect(f"/history?{urlencode({'entry': found.id, 'done': done})}", 303)


def _page(
    room: Newsroom,
    deed: str,
    found: Removal,
    *,
    word: str = "",
    status: int = OK,
    number: int = 0,
    reason: str = "",
) -> AnyResponse:
    values = {"deed": deed, "word": word, "version": number, "reason": reason}
    response = page(room, "remove.html", found, room.clock(), **values)
    response.status_code = status if response.status_code == OK else response.status_code
    return with_origin(response)
