"""What does every answer of the newsroom have in common?

Nothing is kept by a cache; a page that would say the same is answered by 304 to whoever names it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from http.client import NOT_FOUND

from flask import Response, g, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from dateline import __version__
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
    """Keep an answer from caches, search engines, other sites, and whoever is led on.

    One that says that there is nothing is like any other such: there is nothing to protect.
    """
    is_nothing = response.status_code == NOT_FOUND and not g.get("is_staff")
    fields = _UNKEPT if is_nothing else _EVERYWHERE
    for name, value in fields.items():
        response.headers.setdefault(name, value)
    return response


def absent() -> AnyResponse:
    """Say that there is nothing, which says nothing else."""
    return Response("Not found\n", "404 Not Found", content_type="text/plain; charset=utf-8")


def words_of(room: Newsroom) -> Words:
    """Give the words of a newsroom."""
    return Words(room.language)


def page(
    room: Newsroom, template: str, data: object, now: datetime, **values: object
) -> AnyResponse:
    """Give a page of this data, or say that it is the one that is known already."""
    made_of = (__version__, template, data, sorted(values.items()), room.access.form_word())
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
        form_word=room.access.form_word(),
        **values,
    )


def message(
    room: Newsroom, status: int, title: str, text: str, *, onward: str = "", language: str = ""
) -> AnyResponse:
    """Give a page that says one thing, and goes on by itself where it is told to.

    `language` is that of its text, where it is not the newsroom's.
    """
    values = {"title": title, "text": text, "onward": onward, "language": language}
    is_staff = bool(g.get("is_staff"))
    made = _text(room, "message.html", room.clock(), is_staff=is_staff, **values)
    return Response(made, status)
