"""The page on which an editor takes an entry back, after reading what readers will see."""

from __future__ import annotations

from datetime import datetime
from http.client import CONFLICT, OK, SERVICE_UNAVAILABLE, UNPROCESSABLE_ENTITY
from urllib.parse import urlencode

from flask import abort, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from dateline.errors import HELD, DatelineError, RunAtWorkError, State
from dateline.newsroom.responses import page, with_origin
from dateline.newsroom.saving import NotSaved, save_as
from dateline.newsroom.saving.refusals import ANSWERS
from dateline.newsroom.state import Newsroom
from dateline.newsroom.views import said
from dateline.newsroom.write.composing import edited, entry_text
from dateline.newsroom.write.form import SentForm
from dateline.newsroom.write.form_content import FormContent, opened, standing_file
from dateline.newsroom.write.removal import unsent
from dateline.publish.check import foresee

_RETRACTED = "retracted"


def ask(room: Newsroom) -> AnyResponse:
    """Return the page that says what readers, feeds and hubs will see."""
    path = request.args.get("file", "")
    return _page(room, path, _content(room, path))


def retract(room: Newsroom) -> AnyResponse:
    """Write the reason into the file, unless the file has changed since the page was made.

    Nor into a file that says more than readers have: that would go out with the reason. A second
    click finds that it is done. While it cannot be checked, the page comes back with the reason.
    """
    try:
        return _retracted(room)
    except DatelineError as error:
        since = error.since if isinstance(error, RunAtWorkError) else None
        path, word = request.form.get("file", ""), "unsaved-run" if since else "unsaved-busy"
        status = SERVICE_UNAVAILABLE
        return _page(room, path, _content(room, path), word=word, since=since, status=status)


def _retracted(room: Newsroom) -> AnyResponse:
    path, reason = request.form.get("file", ""), request.form.get("reason", "")
    content = _content(room, path)
    if _is_done(content, reason):
        return _to_form(path)
    if content.seen != request.form.get("seen", ""):
        return _page(room, path, content, word="unsaved-changed", status=CONFLICT)
    if unsent(room, path):
        return _page(room, path, content, status=CONFLICT)
    file = entry_text(path, standing_file(room, path) or b"")
    data = edited(file, {"status": _RETRACTED, "retraction": reason})
    found = foresee(room.config, path, data, room.clock())
    texts = said([one for one in found.problems if one.state is State.HOLD], room.language)
    if found.state in HELD or not reason.strip():
        return _page(room, path, content, said_of_it=texts, status=UNPROCESSABLE_ENTITY)
    done = save_as(g.person, room.config, path, data, seen=content.seen, now=room.clock())
    if isinstance(done, NotSaved):
        word = ANSWERS[done.reason].word
        return _page(room, path, content, word=word, status=CONFLICT)
    return _to_form(path)


def _to_form(path: str) -> AnyResponse:
    return redirect(f"/edit?{urlencode({'file': path, 'done': 'live'})}", 303)


def _is_done(content: FormContent, reason: str) -> bool:
    """Return whether a file gives this reason for its retraction."""
    values = content.values or content.above
    there = str(values.get("retraction", "")).split()
    return bool(there) and there == reason.split() and values.get("status") == _RETRACTED


def brought_back(
    room: Newsroom, form: SentForm, word: str, *, status: int = OK
) -> AnyResponse | None:
    """Return the page with the reason that somebody has sent; None where nothing is to retract."""
    path = form.get("file", "")
    content = _live_content(room, path)
    return _page(room, path, content, form, word=word, status=status) if content else None


def _content(room: Newsroom, path: str) -> FormContent:
    return _live_content(room, path) or abort(404)


def _live_content(room: Newsroom, path: str) -> FormContent | None:
    """Return what is in the file of a live entry; None for any other file."""
    there = standing_file(room, path)
    content = opened(room, path, there) if there is not None else None
    return content if content is not None and content.may_be_retracted else None


def _page(
    room: Newsroom,
    path: str,
    content: FormContent,
    form: SentForm | None = None,
    *,
    said_of_it: tuple[str, ...] = (),
    word: str = "",
    since: datetime | None = None,
    status: int = OK,
) -> AnyResponse:
    waiting = unsent(room, path)
    response = page(
        room,
        "retract.html",
        said_of_it,
        room.clock(),
        path=path,
        title=str((content.values or content.above).get("title", "")),
        seen=content.seen,
        reason=(form or request.form).get("reason", ""),
        word=word or ("retract-unsent" if waiting else ""),
        since=since,
        waiting=waiting,
    )
    response.status_code = status
    return with_origin(response)
