"""The check of each request: who sends it, and whether this person may do what it asks for.

Outsiders get the same answer whatever they ask for: it reveals nothing. In a newsroom with people,
the pages lead them to the page on which they sign in.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlencode

from flask import g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from dateline.newsroom.access.forms import is_own_page, is_same_site, sent_too_late
from dateline.newsroom.access.people import HOUSE, Action, Person, may
from dateline.newsroom.access.sessions import STAYS, SignedIn
from dateline.newsroom.responses import absent, message, words_of
from dateline.newsroom.state import Newsroom

_LONGEST_NAME = 100
_KEYED = frozenset({"problems", "shown"})  # addresses that have their own permission in them
_log = logging.getLogger(__name__)


def gate(room: Newsroom, actions: Mapping[str, Action]) -> AnyResponse | None:
    """Refuse those who are not staff and have no key, and those whose role is not enough.

    `actions` has the action of each endpoint; what it lacks is refused.
    """
    now = room.clock()
    if not room.access.is_called(request.host):
        return absent()
    endpoint = request.endpoint or ""
    if endpoint in _KEYED:
        g.feed_reader = _feed_reader(room, now) if endpoint == "problems" else None
        if g.feed_reader or _is_previewed(room, now):
            return None
    elif endpoint and request.method in {"GET", "HEAD"} and (owner := _owner(room, now)):
        return _with_token(room, owner, now)
    name = _name_in_header(room)
    g.session = None if name else _session(room, now)
    g.person = _person(room, name)
    if endpoint == "sign_in" and room.access.people:
        return None
    if g.person is None:
        return _outside(room, endpoint, actions, name)
    return _refused(room, g.person, actions.get(endpoint, Action.TAKE_DOWN))


def _person(room: Newsroom, name: str) -> Person | None:
    if name:
        return room.access.people.named(name)
    if room.access.is_open:
        return HOUSE
    return g.session.person if g.session else None


def _session(room: Newsroom, now: datetime) -> SignedIn | None:
    return room.access.session(request.cookies.get(room.access.cookie_name, ""), now)


def _name_in_header(room: Newsroom) -> str:
    """Return the name that a trusted server in front has put into the header, or an empty text."""
    field = room.access.header
    if not field or field not in request.headers:
        return ""
    if not room.access.is_trusted(request.remote_addr or ""):
        room.access.report_untrusted(request.remote_addr or "")
        return ""
    name = request.headers[field]
    with suppress(UnicodeError):  # WSGI reads bytes as Latin-1, servers mostly write UTF-8
        name = name.encode("latin-1").decode()
    return name.strip()[:_LONGEST_NAME]


def _outside(
    room: Newsroom, endpoint: str, actions: Mapping[str, Action], name: str
) -> AnyResponse | None:
    """Answer somebody who has not signed in."""
    if room.access.people and endpoint == "static_file":
        return None
    if name:
        return message(room, 403, "refused", words_of(room)("stranger", name=name))
    if not room.access.people or endpoint not in actions or endpoint in _KEYED:
        return absent()
    if request.method not in {"GET", "HEAD"}:
        return sent_too_late(room)
    wanted = request.full_path.rstrip("?")
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        # A `Strict` cookie is not sent with a link of another site: a page of ours asks again.
        return message(room, 200, "come-in", "", onward=wanted)
    return redirect("/sign-in" + (f"?{urlencode({'next': wanted})}" if wanted != "/" else ""), 303)


def _refused(room: Newsroom, person: Person, action: Action) -> AnyResponse | None:
    """Return the page about a form that is not ours, or a role that is not enough, or None."""
    if request.method == "POST" and not _is_our_form(room, person):
        g.is_old_form = is_own_page(room)
        return message(room, 403, "refused", words_of(room)("too-old"))
    if not request.endpoint or may(person, action):
        return None
    names = ", ".join(room.access.people.who_may(action))
    text = words_of(room)("not-allowed", names=names) if names else words_of(room)("nobody-may")
    return message(room, 403, "refused", text)


# ---- Keys, tokens and forms


def _is_previewed(room: Newsroom, now: datetime) -> bool:
    """Return whether the address has a valid key of a preview in it."""
    return room.access.previewed((request.view_args or {}).get("key", ""), now) is not None


def _feed_reader(room: Newsroom, now: datetime) -> Person | None:
    """Return the person whose key of the feed of problems is in the address.

    Feed readers that know the feed by its former address show the token instead: it reads the
    feed, and sets no cookie.
    """
    return room.access.feed_reader(request.args.get("key", "")) or _owner(room, now)


def _owner(room: Newsroom, now: datetime) -> Person | None:
    """Return the person whose token is in the address."""
    return owner_of(room, request.args.get("token", ""), now)


def owner_of(room: Newsroom, token: str, now: datetime) -> Person | None:
    """Return the person of a token; after wrong ones it is refused for a while."""
    given, address = token, client_address(room)
    if not given or room.limit.waits(address, now):
        return None
    owner = room.access.owner(given)
    if owner:
        room.limit.right(address)
    elif room.limit.wrong(address, given, now):
        warn_of_guesses(address)
    return owner


def warn_of_guesses(address: str) -> None:
    """Report that somebody tries tokens or passwords."""
    _log.warning(
        "The newsroom: many wrong tokens or passwords, the last one from %s. Further ones have to "
        "wait for longer and longer; everybody who is signed in stays so.",
        address,
    )


def client_address(room: Newsroom) -> str:
    """Return the address of the client, which a proxy passes on."""
    address = request.remote_addr or ""
    passed = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(passed)) if room.access.is_proxy(address) else address
    except ValueError:
        return address


def _with_token(room: Newsroom, owner: Person, now: datetime) -> AnyResponse:
    """Sign in the owner of a token in the address; a page of ours goes on without it.

    A redirect would not do: a `Strict` cookie is not sent with one that began on another site. So a
    link of another site leads to the same address first: somebody who is signed in as another
    person stays so, and does not act as the one who made the link.
    """
    site = request.headers.get("Sec-Fetch-Site", "")
    if site in {"cross-site", "same-site"}:
        return message(room, 200, "come-in", "", onward=request.full_path)
    session = _session(room, now)
    if site == "same-origin" and session and session.person != owner:
        return redirect(request.path, 303)
    response = message(room, 200, "come-in", "", onward=request.path)
    return with_cookie(room, response, room.access.cookie(owner, now))


def with_cookie(room: Newsroom, response: AnyResponse, cookie: str) -> AnyResponse:
    """Return a response that sets the cookie of a session."""
    response.set_cookie(
        room.access.cookie_name,
        cookie,
        max_age=STAYS,
        httponly=True,
        samesite="Strict",
        secure=room.access.is_secure,
    )
    return response


def _is_our_form(room: Newsroom, person: Person) -> bool:
    """Return whether a form comes from a page of ours, and not from another site."""
    return is_same_site() and room.access.is_form_word(request.form.get("word", ""), person)
