"""The page on which people sign in, and signing out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import abort, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from dateline.errors import DatelineError
from dateline.newsroom.access import passwords
from dateline.newsroom.access.forms import (
    BUSY,
    WAITING,
    KeptForm,
    is_own_page,
    kept_form,
    sign_in_page,
)
from dateline.newsroom.access.gate import client_address, warn_of_guesses, with_cookie
from dateline.newsroom.access.people import Person, folded
from dateline.newsroom.responses import message, words_of
from dateline.newsroom.state import Newsroom

_LONGEST_NAME = 100
_WRONG = "wrong-password"


def sign_in(
    room: Newsroom, bring_back: Callable[[Newsroom, KeptForm], AnyResponse | None]
) -> AnyResponse:
    """Show the page, or sign somebody in who has sent it.

    `bring_back` returns the page of a form that was sent when its session had ended.
    """
    if not room.access.people:
        abort(404)
    onward = _onward(request.values.get("next", ""))
    if request.method != "POST":
        return redirect(onward, 303) if g.person else sign_in_page(room, onward)
    name, now = request.form.get("name", "")[:_LONGEST_NAME], room.clock()
    found = _checked(room, name, request.form.get("password", ""), now)
    kept = kept_form(request.form) if is_own_page(room) else None
    if not isinstance(found, Person):
        return sign_in_page(room, onward, name=name, fault=found, kept=kept)
    cookie = room.access.cookie(found, now)
    g.person, g.session = found, room.access.session(cookie, now)
    page = bring_back(room, kept) if kept else None
    return with_cookie(room, page or redirect(onward, 303), cookie)


def _checked(room: Newsroom, name: str, password: str, now: datetime) -> Person | str:
    """Return the person of a name and a password, or the word for what is wrong.

    An unknown name takes as long as a known one, and has the same answer. A password that was
    wrong before is not checked again until the person has another.
    """
    address, key = client_address(room), folded(name)
    if not is_own_page(room):
        return _WRONG
    with passwords.turn() as has_turn:
        if room.limit.waits(address, now, key):
            return WAITING
        if not has_turn:
            return BUSY
        person, own = room.access.claimed(name)
        given = f"{own} {password}"
        is_known = room.limit.is_known(address, given, key)
        is_right = False if is_known else passwords.is_right(password, own)
        if is_right and person:
            room.limit.right(address, key)
            return person
        if is_right is not None and not is_known and room.limit.wrong(address, given, now, key):
            warn_of_guesses(address)
    return BUSY if is_right is None else _WRONG


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
    access = room.access
    response.delete_cookie(
        access.cookie_name, httponly=True, samesite="Strict", secure=access.is_secure
    )
    return response
