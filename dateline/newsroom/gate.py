"""Who is let past, and what happens to all others?

Who has not shown the token is told the same, whatever is asked for.
"""

from __future__ import annotations

import logging
from datetime import datetime
from ipaddress import ip_address

from flask import g, request
from werkzeug.wrappers import Response as AnyResponse

from dateline.config import is_own_machine
from dateline.newsroom.auth import STAYS
from dateline.newsroom.responses import absent, message, words_of
from dateline.newsroom.state import Newsroom

_log = logging.getLogger(__name__)
COOKIE = "dateline"
_OPEN = frozenset({"problems", "shown"})  # addresses that have their own permission in them


def gate(room: Newsroom) -> AnyResponse | None:
    """Let nobody past who is not staff, or has no address of a preview."""
    now = room.clock()
    if not room.access.is_called(request.host):
        return absent()
    if request.endpoint in _OPEN:
        if _is_open(room, now):
            return None
    elif request.endpoint and request.method in {"GET", "HEAD"} and _has_token(room, now):
        return _come_in(room, now)
    if not room.access.admits(request.cookies.get(COOKIE, ""), now):
        return absent()
    g.is_staff = True
    if request.method == "POST" and not _is_our_form(room):
        return message(room, 403, "refused", words_of(room)("too-old"))
    return None


def _is_open(room: Newsroom, now: datetime) -> bool:
    """Say whether an address has its own permission in it."""
    key = (request.view_args or {}).get("key")
    if key is not None:
        return room.access.previewed(key, now) is not None
    return room.access.is_feed_key(request.args.get("key", "")) or _has_token(room, now)


def _has_token(room: Newsroom, now: datetime) -> bool:
    """Say whether the token is in the address; wrong ones are looked at more and more seldom."""
    given, address = request.args.get("token", ""), _address()
    if not given or room.limit.waits(address, now):
        return False
    if room.access.is_token(given):
        room.limit.right(address)
        return True
    if room.limit.wrong(address, given, now):
        _log.warning(
            "The newsroom: many wrong tokens, the last one from %s. They are looked at less and "
            "less often; nobody who is in is sent out.",
            address,
        )
    return False


def _address() -> str:
    """Return from where a request comes; a server in front, on this machine, says that."""
    address = request.remote_addr or ""
    passed = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(passed)) if is_own_machine(address) else address
    except ValueError:
        return address


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
        secure=room.access.is_secure,
    )
    return response


def _is_our_form(room: Newsroom) -> bool:
    """Say whether a form comes from a page of ours, and not by another site's doing."""
    came_from = request.headers.get("Sec-Fetch-Site", "same-origin")
    return came_from == "same-origin" and room.access.is_form_word(request.form.get("word", ""))
