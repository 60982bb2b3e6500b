"""The page on which people sign in, and signing out."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from flask import abort, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from dateline.errors import DatelineError
from dateline.newsroom.access import passwords
from dateline.newsroom.access.gate import (
    COOKIE,
    admitted,
    client_address,
    is_same_site,
    warn_of_guesses,
)
from dateline.newsroom.access.people import Person, folded
from dateline.newsroom.responses import form, message, words_of
from dateline.newsroom.state import Newsroom

_LONGEST_NAME = 100
_WAITING, _BUSY, _WRONG = "many-attempts", "busy", "wrong-password"
_STATUSES = {_WAITING: 429, _BUSY: 503, _WRONG: 403}
_RETRY_AFTER = {_WAITING: "60", _BUSY: "5"}


def sign_in(room: Newsroom) -> AnyResponse:
    """Show the page, or sign somebody in who has sent it."""
    if not room.access.people:
        abort(404)
    onward = _onward(request.values.get("next", ""))
    if request.method != "POST":
        return redirect(onward, 303) if g.person else _page(room, onward)
    name, now = request.form.get("name", "")[:_LONGEST_NAME], room.clock()
    found = _checked(room, name, request.form.get("password", ""), now)
    if isinstance(found, Person):
        return admitted(room, found, redirect(onward, 303), now)
    return _page(room, onward, name=name, fault=found)


def _checked(room: Newsroom, name: str, password: str, now: datetime) -> Person | str:
    """Return the person of a name and a password, or the word for what is wrong.

    An unknown name takes as long as a known one, and has the same answer.
    """
    address, key = client_address(), folded(name)
    if not _is_own_page(room):
        return _WRONG
    with passwords.turn() as has_turn:
        if room.limit.waits(address, now, key):
            return _WAITING
        if not has_turn:
            return _BUSY
        person, own = room.access.claimed(name)
        if passwords.is_right(password, own) and person:
            room.limit.right(address, key)
            return person
        if room.limit.wrong(address, password, now, key):
            warn_of_guesses(address)
    return _WRONG


def _is_own_page(room: Newsroom) -> bool:
    """Return whether the name and the password come from our page, as far as the browser says.

    Over plain HTTP browsers leave out `Sec-Fetch-Site`; they send `Origin` with every form.
    """
    if "Sec-Fetch-Site" in request.headers or "Origin" not in request.headers:
        return is_same_site()
    own = {request.host, urlsplit(room.access.address(request.host)).netloc}
    return request.headers["Origin"].partition("://")[2] in own


def _page(room: Newsroom, onward: str, *, name: str = "", fault: str = "") -> AnyResponse:
    done = "signed-out" if "out" in request.args else ""
    status = _STATUSES.get(fault, 200)
    response = form(room, "sign_in.html", status, onward=onward, name=name, fault=fault, done=done)
    response.headers["Referrer-Policy"] = "same-origin"  # else browsers send `Origin: null`
    if fault in _RETRY_AFTER:
        response.headers["Retry-After"] = _RETRY_AFTER[fault]
    return response


def _onward(wanted: str) -> str:
    """Return a path of this newsroom; another site's address is replaced by the first page."""
    is_path = wanted.startswith("/") and not wanted.startswith(("//", "/\\", "/sign-"))
    return wanted if is_path and wanted.isprintable() else "/"


def sign_out(room: Newsroom) -> AnyResponse:
    """End the session of a browser; its cookie is never valid again."""
    session, now = g.session, room.clock()
    if session is None:
        return redirect("/", 303)
    response: AnyResponse = redirect("/sign-in?out", 303)
    try:
        room.access.end(session, now)
    except DatelineError as error:
        response = message(room, 503, "refused", str(error), language="en")
    else:
        if not room.access.people:
            g.person = None
            response = message(room, 200, "signed-out", words_of(room)("signed-out-why"))
    response.delete_cookie(COOKIE, httponly=True, samesite="Strict", secure=room.access.is_secure)
    return response
