"""The newsroom's responses: pages, messages, and the header fields that all of them have.

Only browsers keep any of them, small pictures; a page that would be the same is answered by 304 to
its ETag.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from http.client import NOT_FOUND

from flask import Response, g, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from dateline import __version__
from dateline.newsroom.access.people import Action, may
from dateline.newsroom.language import Words
from dateline.newsroom.state import Newsroom

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_UNKEPT = {"Cache-Control": "no-store"}
_EVERYWHERE = {
    **_UNKEPT,
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}


def private(response: AnyResponse) -> AnyResponse:
    """Add the fields that keep a response from caches, search engines and other sites.

    A 404 to outsiders is like that of any server: there is nothing to protect.
    """
    is_nothing = response.status_code == NOT_FOUND and not g.get("person")
    fields = _UNKEPT if is_nothing else _EVERYWHERE
    for name, value in fields.items():
        response.headers.setdefault(name, value)
    return response


def absent() -> AnyResponse:
    """Return the 404 for outsiders, which is the same for every address."""
    return Response("Not found\n", "404 Not Found", content_type="text/plain; charset=utf-8")


def words_of(room: Newsroom) -> Words:
    """Return the words of the newsroom's language."""
    return Words(room.language)


def page(
    room: Newsroom, template: str, data: object, now: datetime, **values: object
) -> AnyResponse:
    """Return a page of this data, or a 304 where the browser has it already."""
    who = (g.person, bool(g.get("session")), _word(room))
    made_of = (__version__, template, data, sorted(values.items()), who)
    digest = hashlib.sha256(repr(made_of).encode()).hexdigest()[:32]
    if digest in request.if_none_match.as_set(include_weak=True):
        response: AnyResponse = Response(status=304)
    else:
        response = Response(_text(room, template, now, data=data, etag=digest, **values))
    response.set_etag(digest, weak=True)  # what is left until a moment goes on
    return response


def _text(room: Newsroom, template: str, now: datetime, **values: object) -> str:
    config = room.config
    return render_template(
        template,
        say=words_of(room),
        publication=config.publication,
        now=now,
        zone=config.publication.zone,
        form_word=_word(room),
        person=g.get("person"),
        has_session=bool(g.get("session")),
        may=_may,
        has_source=config.source is not None,
        who_may=lambda action: ", ".join(room.access.people.who_may(Action(action))),
        **values,
    )


def _word(room: Newsroom) -> str:
    """Return the word of the forms of this person."""
    person = g.get("person")
    return room.access.form_word(person) if person else ""


def _may(action: str) -> bool:
    """Return whether this person may do something, by the name of the action."""
    person = g.get("person")
    return bool(person) and may(person, Action(action))


def form(room: Newsroom, template: str, status: int, **values: object) -> AnyResponse:
    """Return a page that is made for this request alone."""
    return Response(_text(room, template, room.clock(), **values), status)


def with_origin(response: AnyResponse) -> AnyResponse:
    """Return the response of a page whose form says which site it comes from.

    Over plain HTTP browsers have nothing else for this, and with `no-referrer` it is `null`.
    """
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def message(
    room: Newsroom, status: int, title: str, text: str, *, onward: str = "", language: str = ""
) -> AnyResponse:
    """Return a page with one message, which goes on by itself to `onward`.

    `language` is that of its text, where it is not the newsroom's.
    """
    values = {"title": title, "text": text, "onward": onward, "language": language}
    is_staff = bool(g.get("person"))
    made = _text(room, "message.html", room.clock(), is_staff=is_staff, **values)
    return Response(made, status)
