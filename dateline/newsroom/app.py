"""The routes of the newsroom, and the check that lets nobody but staff in."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from http.client import INTERNAL_SERVER_ERROR, METHOD_NOT_ALLOWED, NOT_FOUND
from importlib import resources
from ipaddress import ip_address
from urllib.parse import urlencode

from flask import Flask, Response, abort, g, redirect, request
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from dateline.config import is_own_machine
from dateline.errors import DatelineError
from dateline.newsroom import views
from dateline.newsroom.auth import STAYS
from dateline.newsroom.language import number
from dateline.newsroom.preview import routes, summed
from dateline.newsroom.problems import question
from dateline.newsroom.responses import absent, message, page, private, words_of
from dateline.newsroom.state import Newsroom, RunOutcome
from dateline.rules.guards import Approval
from dateline.text.language import direction

_DONE = frozenset({"allowed", "kept", "not-waiting", "stopped", "not-cooling"})
_STATIC = {"newsroom.css": "text/css", "newsroom.js": "text/javascript"}
COOKIE = "dateline"
_OPEN = frozenset({"problems", "shown"})  # addresses that have their own permission in them
_LONGEST = 10_000  # bytes of a form
_log = logging.getLogger(__name__)


def create_app(room: Newsroom) -> Flask:
    """Return the application that serves a newsroom; pages answer 503 until a run is done."""
    app = Flask("dateline.newsroom", static_folder=None, template_folder="templates")
    app.config["MAX_CONTENT_LENGTH"] = _LONGEST
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.globals.update(direction=direction, number=number, states=views.STATES)
    app.before_request(partial(_gate, room))
    app.after_request(private)
    for status in (404, 405, 413, 500):
        app.register_error_handler(status, partial(_wrong, room))
    app.register_error_handler(DatelineError, partial(_failed, room))
    app.add_url_rule("/", "front", partial(_front, room))
    app.add_url_rule("/entries/<state>", "listing", partial(_listing, room))
    app.add_url_rule("/figures", "figures", partial(_figures, room))
    app.add_url_rule("/preview", "preview", partial(_preview, room))
    app.add_url_rule("/allow", "allow", partial(_allow, room), methods=["POST"])
    app.add_url_rule("/keep", "keep", partial(_keep, room), methods=["POST"])
    app.add_url_rule("/stop", "stop", partial(_stop, room), methods=["POST"])
    app.add_url_rule("/problems.atom", "problems", partial(_problems, room))
    app.add_url_rule("/static/<name>", "static_file", _static)
    app.add_url_rule("/shown/<key>/<path:name>", "shown", partial(routes.document, room))
    return app


# ---- Who is let in


def _gate(room: Newsroom) -> AnyResponse | None:
    """Refuse everybody who is not staff and has no key for the address.

    The answer is the same whatever is asked for: it reveals nothing.
    """
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
    """Return whether the address has a valid key in it.

    Feed readers that know the feed of problems by its former address show the token instead: it
    reads the feed, and sets no cookie.
    """
    key = (request.view_args or {}).get("key")
    if key is not None:
        return room.access.previewed(key, now) is not None
    return room.access.is_feed_key(request.args.get("key", "")) or _has_token(room, now)


def _has_token(room: Newsroom, now: datetime) -> bool:
    """Return whether the token is in the address; after wrong ones it is refused for a while."""
    given, address = request.args.get("token", ""), _address()
    if not given or room.limit.waits(address, now):
        return False
    if room.access.is_token(given):
        room.limit.right(address)
        return True
    if room.limit.wrong(address, given, now):
        _log.warning(
            "The newsroom: many wrong tokens, the last one from %s. Further ones have to wait for "
            "longer and longer; everybody who is signed in stays so.",
            address,
        )
    return False


def _address() -> str:
    """Return the address of the client, which a proxy on this machine passes on."""
    address = request.remote_addr or ""
    passed = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(passed)) if is_own_machine(address) else address
    except ValueError:
        return address


def _come_in(room: Newsroom, now: datetime) -> AnyResponse:
    """Set the cookie, and go on from a page of ours to the address without the token.

    A redirect would not do: a `Strict` cookie is not sent with one that began on another site.
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
    """Return whether a form comes from a page of ours, and not from another site."""
    came_from = request.headers.get("Sec-Fetch-Site", "same-origin")
    return came_from == "same-origin" and room.access.is_form_word(request.form.get("word", ""))


# ---- Pages


def _front(room: Newsroom) -> AnyResponse:
    now = room.clock()

    def make() -> views.Front:
        found = _last_run(room)  # not earlier: the result of a run in between would be missed
        with room.ledger() as ledger:
            return views.front(found.config, ledger, found.report, now)

    data = room.once("front", make)
    done = request.args.get("done", "")
    what = {"done": done if done in _DONE else "", "about": request.args.get("about", "")[:200]}
    return page(room, "front.html", data, now, feed=_feed_address(room), **what)


def _listing(room: Newsroom, state: str) -> AnyResponse:
    if state not in views.STATES:
        abort(404)
    now = room.clock()
    wanted = min(request.args.get("page", 1, int), 10**9)

    def make() -> views.Listing:
        found = _last_run(room)
        with room.ledger() as ledger:
            return views.listing(found.config, ledger, state, wanted, now)

    data = room.once((state, wanted), make)
    return page(room, "list.html", data, now)


def _figures(room: Newsroom) -> AnyResponse:
    config, now = _last_run(room).config, room.clock()
    known = room.readers.figures(now) if config.log_days else None
    with room.ledger() as ledger:
        data = views.charts(config, ledger, known, words_of(room), now)
    return page(room, "figures.html", data, now, has_log=bool(config.log_days))


def _preview(room: Newsroom) -> AnyResponse:
    _last_run(room)
    path = request.args.get("file", "")
    found = room.preview(path)
    if found is None:
        abort(404)
    now = room.clock()
    key = room.access.preview(path, now)
    _, until = room.access.previewed(key, now) or ("", now)
    return page(
        room,
        "preview.html",
        summed(found, room.language),
        now,
        said=views.said(found.problems, room.language),
        notice=question(room.last_run.report, path) if room.last_run else None,
        key=key,
        until=until,
        form="reader" if request.args.get("as") == "reader" else "page",
        outside=room.access.address(request.host),
    )


def _last_run(room: Newsroom) -> RunOutcome:
    if room.last_run is None:
        response = message(room, 503, "newsroom", words_of(room)("not-yet"), onward=request.path)
        response.headers["Retry-After"] = "2"
        abort(response)
    return room.last_run


def _wrong(room: Newsroom, error: HTTPException) -> AnyResponse:
    """Answer an error to staff with a page, and to anybody else with 404."""
    status = error.code or INTERNAL_SERVER_ERROR
    if not g.get("is_staff"):
        return Response(status=status) if status == INTERNAL_SERVER_ERROR else absent()
    if status in {NOT_FOUND, METHOD_NOT_ALLOWED}:
        return message(room, NOT_FOUND, "no-page", words_of(room)("no-page-why"))
    text = "fault" if status == INTERNAL_SERVER_ERROR else "too-large"
    return message(room, status, "refused", words_of(room)(text))


def _failed(room: Newsroom, error: DatelineError) -> AnyResponse:
    return message(room, 503, "refused", str(error), language="en")


# ---- What staff may do


def _allow(room: Newsroom) -> AnyResponse:
    code = request.form.get("code", "")
    return _done("allowed" if room.answer(Approval(code=code)) else "not-waiting", code)


def _keep(room: Newsroom) -> AnyResponse:
    code = request.form.get("code", "")
    is_kept = room.answer(Approval(code=code, keep=True))
    return _done("kept" if is_kept else "not-waiting", code)


def _stop(room: Newsroom) -> AnyResponse:
    path = request.form.get("file", "")
    return _done("stopped" if room.stop(path) else "not-cooling", path)


def _done(done: str, about: str) -> AnyResponse:
    return redirect(f"/?{urlencode({'done': done, 'about': about})}", 303)


# ---- The rest


def _problems(room: Newsroom) -> AnyResponse:
    if not room.feed.data:
        abort(503)
    data = room.feed.document(_feed_address(room))
    return Response(data, content_type="application/atom+xml; charset=utf-8")


def _feed_address(room: Newsroom) -> str:
    """Return the feed's address, with the key that only reads it."""
    key = room.access.feed_key()
    return f"{room.access.address(request.host)}/problems.atom?key={key}"


def _static(name: str) -> AnyResponse:
    if name not in _STATIC:
        abort(404)
    data = resources.files("dateline.newsroom").joinpath("static", name).read_bytes()
    return Response(data, content_type=f"{_STATIC[name]}; charset=utf-8")
