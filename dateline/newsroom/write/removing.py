"""The pages to withdraw, restore or take down an entry, and to ask for a withdrawal.

Each says first what readers, feeds and hubs will see, with the files and addresses that this is
about, and has the safe choice beside the other one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from http.client import CONFLICT, OK, SERVICE_UNAVAILABLE, UNPROCESSABLE_ENTITY
from urllib.parse import urlencode

from flask import abort, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from dateline.errors import DatelineError, LedgerError
from dateline.model.acts import WithdrawalRequest
from dateline.newsroom.responses import page, with_origin
from dateline.newsroom.saving import digest, digest_of
from dateline.newsroom.state import Newsroom
from dateline.newsroom.write.form import SentForm
from dateline.newsroom.write.form_content import unapproved
from dateline.newsroom.write.removal import Removal, found_removal
from dateline.publish import history
from dateline.text.characters import on_one_line

_LONGEST = 500  # characters of a reason


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
    found = found_removal(room, path)
    if found is None or found.seen or found.is_taken or found.path != path:
        return None
    return _to_history(found, "withdrawn-soon" if found.is_live else "withdrawn-now")


def _withdrawing(room: Newsroom, found: Removal, word: str = "", status: int = OK) -> AnyResponse:
    return _page(room, "withdraw", found, word="unsent" if found.is_unsent else word, status=status)


def _live(room: Newsroom, path: str) -> Removal:
    """Return the live entry of a file that is there, or end with 404."""
    return _found_live(room, path) or abort(404)


def _found_live(room: Newsroom, path: str) -> Removal | None:
    found = found_removal(room, path)
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
    seen = request.form.get("seen", "")
    is_changed = found.is_taken or bool(found.held) or found.seen != seen
    return _written(room, found, number, "restored-now", is_changed=is_changed)


def _written(
    room: Newsroom, found: Removal, number: int, done: str, *, is_changed: bool, over: str = ""
) -> AnyResponse:
    """Write the file of a version, unless the file `is_changed` since the page."""
    if _is_back(room, found, number):
        return _to_history(found, _said_of(room, found, number, done))
    if is_changed:
        return _restoring(room, found, number, "unsaved-changed", CONFLICT)
    refused = _not_written(room, found, number, over)
    if refused and not _is_back(room, _removal(room, found.id), number):
        return _restoring(room, found, number, *refused)
    return _to_history(found, _said_of(room, found, number, done))


def _said_of(room: Newsroom, found: Removal, number: int, done: str) -> str:
    """Return what is said of a version that is `done`; it may be what a writer saved, too."""
    waits = unapproved(room, found.path, _digest_of(room, found.id, number))
    return "saved-to-approve" if waits else done


def _is_back(room: Newsroom, found: Removal, number: int) -> bool:
    """Return whether the file of an entry is that of a version, as after a first click."""
    is_own = bool(found.seen) and not found.is_taken
    return is_own and found.seen == _digest_of(room, found.id, number)


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
    """Make the file of a live entry what readers have, unless it has changed since the page.

    A second click finds that it is done.
    """
    found = _removal(room, request.form.get("entry", ""))
    if not found.is_live:
        return _restoring(room, found, found.version, "unsaved-changed", CONFLICT)
    seen = request.form.get("seen", "")
    is_changed = not found.seen or found.seen != seen
    return _written(room, found, found.version, "taken-back", is_changed=is_changed, over=seen)


# ---- Taking down


def ask_take_down(room: Newsroom) -> AnyResponse:
    """Return the page that says what a takedown does."""
    return _page(room, "take-down", _removal(room, request.args.get("entry", "")))


def take_down(room: Newsroom) -> AnyResponse:
    """Delete an entry everywhere, with the files that only it uses.

    A second click finds that it is done.
    """
    id_ = request.form.get("entry", "")
    found = found_removal(room, id_)
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


# ---- Pages


def _removal(room: Newsroom, name: str) -> Removal:
    """Return the entry whose file or id is called `name`, or end with 404."""
    return found_removal(room, name) or abort(404)


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
