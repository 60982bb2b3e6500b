"""Who is let past, and what happens to all others?

Who has not shown the token is told the same, whatever is asked for.
"""

from __future__ import annotations

from datetime import datetime

from flask import request
from werkzeug.wrappers import Response as AnyResponse

from dateline.newsroom.access import STAYS
from dateline.newsroom.answers import absent, message, words_of
from dateline.newsroom.room import Newsroom

COOKIE = "dateline"
_OPEN = frozenset({"problems", "shown"})  # addresses that have their own permission in them


def gate(room: Newsroom) -> AnyResponse | None:
    """Let nobody past who is not staff, or has no address of a preview."""
    now = room.clock()
    is_token = room.access.is_token(request.args.get("token", ""))
    if request.endpoint in _OPEN:
        key = (request.view_args or {}).get("key")
        is_open = is_token if key is None else room.access.previewed(key, now) is not None
        if is_open:
            return None
    elif is_token and request.endpoint and request.method in {"GET", "HEAD"}:
        return _come_in(room, now)
    if not room.access.admits(request.cookies.get(COOKIE, ""), request.host, now):
        return absent()
    if request.method == "POST" and not _is_our_form(room):
        return message(room, 403, "refused", words_of(room)("too-old"))
    return None


def _come_in(room: Newsroom, now: datetime) -> AnyResponse:
    """Give a cookie for the token, and go on from a page of ours, without the token.

    A redirect would not do: a cookie that is `Strict` is not sent along one that began elsewhere.
    """
    response = message(room, 200, "come-in", "", onward=request.path)
    response.set_cookie(
        COOKIE,
        room.access.cookie(now),
        max_age=STAYS,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure,
    )
    return response


def _is_our_form(room: Newsroom) -> bool:
    """Say whether a form comes from a page of ours, and not by another site's doing."""
    came_from = request.headers.get("Sec-Fetch-Site", "same-origin")
    return came_from == "same-origin" and room.access.is_form_word(request.form.get("word", ""))
