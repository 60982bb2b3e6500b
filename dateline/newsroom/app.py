"""The routes of the newsroom: its pages, and what staff may do there."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http.client import INTERNAL_SERVER_ERROR, METHOD_NOT_ALLOWED, NOT_FOUND
from importlib import resources

from flask import Flask, Response, abort, g, request
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from dateline.documents import manifest
from dateline.entries.filenames import is_entry
from dateline.errors import DatelineError
from dateline.model.media import is_media
from dateline.newsroom import views
from dateline.newsroom.access.forms import KEPT, LONGEST_FORM, MULTIPART, KeptForm
from dateline.newsroom.access.gate import gate
from dateline.newsroom.access.people import Action, Person, may
from dateline.newsroom.access.signing_in import sign_in, sign_out
from dateline.newsroom.board import answers, charts, history, lists, month
from dateline.newsroom.language import number
from dateline.newsroom.preview import routes, summed
from dateline.newsroom.problems import question
from dateline.newsroom.responses import absent, message, page, private, words_of
from dateline.newsroom.saving import drop
from dateline.newsroom.state import Newsroom
from dateline.newsroom.write import pasting, removing, retracting, uploads
from dateline.newsroom.write import routes as writing
from dateline.publish.notify.last_run import RunOutcome
from dateline.system import safe_files
from dateline.text.language import direction

_DONE = frozenset(
    {
        "allowed",
        "kept",
        "kept-as-same",
        "not-waiting",
        "stopped",
        "not-cooling",
        "taken-down",
        "declined",
    }
)
_REMOVED = frozenset(
    {
        "withdrawn-now",
        "withdrawn-soon",
        "restored-now",
        "saved-to-approve",
        "taken-back",
        "asked-now",
    }
)
_STATIC = {
    "newsroom.css": "text/css",
    "newsroom.js": "text/javascript",
    "sign-out.js": "text/javascript",
    "write.js": "text/javascript",
}
_LONG = frozenset({"send", "upload", "paste", "retracted", "sign_in"})
_PASSED_OVER = 10  # times the largest file: so much is read for the text in a form
_PICTURES = frozenset({"image/gif", "image/jpeg", "image/png", "image/webp"})
_LARGEST_PICTURE = 20_000_000  # bytes
_LONGEST = 10_000  # bytes of a form


@dataclass(frozen=True, slots=True)
class _Route:
    """An address, the action for which somebody needs permission, and the function for it."""

    rule: str
    name: str
    action: Action
    view: Callable[..., AnyResponse]
    methods: tuple[str, ...] = ("GET",)


def create_app(room: Newsroom) -> Flask:
    """Return the application that serves a newsroom; pages answer 503 until a run is done."""
    app = Flask("dateline.newsroom", static_folder=None, template_folder="templates")
    app.request_class = uploads.StaffRequest
    app.url_map.merge_slashes = False  # a redirect would have the host that was sent
    app.config["MAX_CONTENT_LENGTH"] = _LONGEST
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.jinja_env.globals.update(
        direction=direction,
        has_page=partial(_has_page, room),
        number=number,
        states=views.STATES,
    )
    app.before_request(partial(_bound, room))
    app.before_request(partial(_gate, room, {one.name: one.action for one in ROUTES}))
    app.after_request(private)
    for status in (404, 405, 413, 500):
        app.register_error_handler(status, partial(_wrong, room))
    app.register_error_handler(DatelineError, partial(_failed, room))
    for one in ROUTES:
        app.add_url_rule(one.rule, one.name, partial(one.view, room), methods=one.methods)
    app.add_url_rule(drop.RULE, "drop", drop.Drop(room).answer, methods=["GET", "PUT"])
    return app


def _has_page(room: Newsroom, path: str) -> bool:
    """Return whether a file has pages; one whose name cannot be shown has none."""
    place = room.config.entries / path
    # A name of which bytes cannot be shown may be too long with the letters in their place.
    return is_entry(path) and ("\ufffd" not in path or os.path.exists(place))  # noqa: PTH110


def _bound(room: Newsroom) -> None:
    """Raise the limit of a request for the forms that send an entry, a reason, or a file.

    The form for writing comes back with a file that is too large, too, but without this file; the
    page to sign in has such a form in it. All of them are multipart: of other forms the parser
    reads any number of fields, each of which takes far more memory than its few bytes.
    """
    if request.mimetype != MULTIPART or request.endpoint not in _LONG:
        return
    is_text = request.endpoint in {"retracted", "sign_in"}
    most = 0 if is_text else room.config.newsroom.max_upload
    times = _PASSED_OVER if request.endpoint == "send" else 1
    request.max_content_length = LONGEST_FORM + times * most
    request.max_form_memory_size = LONGEST_FORM
    g.largest_file = most


def _gate(room: Newsroom, actions: Mapping[str, Action]) -> AnyResponse | None:
    """Admit people with a cookie, and programs with a token in a header field."""
    if request.path.startswith(drop.PREFIX):
        return drop.gate(room)
    refused = gate(room, actions)
    if g.get("is_old_form") and request.endpoint in KEPT and may(g.person, KEPT[request.endpoint]):
        back = _BACK[request.endpoint](room, request.form, "unsaved-old-page", status=403)
        return back or refused
    return refused


# ---- Pages


def _front(room: Newsroom) -> AnyResponse:
    now = room.clock()

    def make() -> views.Front:
        found = _last_run(room)  # not earlier: the result of a run in between would be missed
        with room.ledger() as ledger:
            return views.front(room.config, ledger, found.report, now)

    data = room.once("front", make)
    done = request.args.get("done", "")
    what = {"done": done if done in _DONE else "", "about": request.args.get("about", "")[:200]}
    return page(room, "front.html", data, now, feed=_feed_address(room, g.person), **what)


def _listing(room: Newsroom, state: str) -> AnyResponse:
    if state not in lists.LISTS:
        abort(404)
    now = room.clock()
    wanted = min(request.args.get("page", 1, int), 10**9)
    fields = lists.asked(state, request.args)

    def make() -> lists.Listing:
        _last_run(room)
        with room.ledger() as ledger:
            return lists.listing(room.config, ledger, state, fields, now, page=wanted)

    data = room.once((state, wanted, *fields.values()), make)
    return page(room, "list.html", data, now)


def _coming(room: Newsroom) -> AnyResponse:
    now = room.clock()
    first = month.month_of(
        request.args.get("month", ""), now.astimezone(room.config.publication.zone)
    )

    def make() -> month.ComingMonth:
        _last_run(room)
        with room.ledger() as ledger:
            return month.coming_month(room.config, ledger, first, now)

    return page(room, "month.html", room.once(("coming", first), make), now)


def _history(room: Newsroom) -> AnyResponse:
    _last_run(room)
    name = request.args.get("entry") or abort(404)
    with room.ledger() as ledger:
        data = history.entry_history(room.config, ledger, name, words_of(room), room.clock())
    done = request.args.get("done", "")
    done = done if done in _REMOVED else ""
    return page(room, "history.html", data or abort(404), room.clock(), done=done)


def _figures(room: Newsroom) -> AnyResponse:
    _last_run(room)
    config, now = room.config, room.clock()
    known = room.readers.figures(now) if config.log_days else None
    weeks = request.args.get("weeks", charts.USUAL, int)
    weeks = weeks if weeks in charts.RANGES else charts.USUAL
    days = request.args.get("days", charts.USUAL_READ, int)
    days = days if days in charts.READ_RANGES else charts.USUAL_READ
    pages = room.page_readers[days].figures(now) if config.log_days else None
    with room.ledger() as ledger:
        data = charts.charts(config, ledger, known, words_of(room), now, pages=pages, weeks=weeks)
    values = {"has_log": bool(config.log_days), "ranges": charts.RANGES, "range": weeks}
    logged = min(days, config.log_days)
    read = {"read_ranges": charts.READ_RANGES, "read_range": days, "logged": logged}
    return page(room, "figures.html", data, now, **values, **read)


def _preview(room: Newsroom) -> AnyResponse:
    last_run = _last_run(room)
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
        notice=question(last_run.report, path),
        key=key,
        until=until,
        form="reader" if request.args.get("as") == "reader" else "page",
        outside=room.access.address(request.host),
    )


def _sign_in(room: Newsroom) -> AnyResponse:
    return sign_in(room, _brought_back)


def _brought_back(room: Newsroom, kept: KeptForm) -> AnyResponse | None:
    """Return the page of a form that was sent too late; None for those who may not send it."""
    if not may(g.person, KEPT[kept.endpoint]):
        return None
    word = "back-without-file" if kept.had_file else "back-again"
    return _BACK[kept.endpoint](room, kept.values, word)


def _writing(view: Callable[[Newsroom], AnyResponse]) -> Callable[[Newsroom], AnyResponse]:
    """Return a view that needs a run that is done; without one, a form comes back as it was."""

    def viewed(room: Newsroom) -> AnyResponse:
        back = None
        if room.last_run is None and request.endpoint in KEPT:
            with suppress(DatelineError):
                back = _BACK[request.endpoint](room, request.form, "unsaved-busy", status=503)
        if back is None:
            _last_run(room)
        return back or view(room)

    return viewed


def _last_run(room: Newsroom) -> RunOutcome:
    found = room.last_run
    if found is None:
        response = message(room, 503, "newsroom", words_of(room)("not-yet"), onward=request.path)
        response.headers["Retry-After"] = "2"
        abort(response)
    return found


def _wrong(room: Newsroom, error: HTTPException) -> AnyResponse:
    """Answer an error to staff with a page, and to anybody else with 404."""
    status = error.code or INTERNAL_SERVER_ERROR
    if not g.get("person"):
        return Response(status=status) if status == INTERNAL_SERVER_ERROR else absent()
    if request.path.startswith(drop.PREFIX):
        return drop.refused(status)
    if status in {NOT_FOUND, METHOD_NOT_ALLOWED}:
        return message(room, NOT_FOUND, "no-page", words_of(room)("no-page-why"))
    text = "fault" if status == INTERNAL_SERVER_ERROR else "too-large"
    return message(room, status, "refused", words_of(room)(text))


def _failed(room: Newsroom, error: DatelineError) -> AnyResponse:
    return message(room, 503, "refused", str(error), language="en")


# ---- The rest


def _problems(room: Newsroom) -> AnyResponse:
    if room.last_run is None:
        abort(503)
    data = room.feed.document(_feed_address(room, g.feed_reader or g.person))
    return Response(data, content_type="application/atom+xml; charset=utf-8")


def _feed_address(room: Newsroom, reader: Person) -> str:
    """Return the feed's address, with the reader's key, which only reads it."""
    key = room.access.feed_key(reader)
    return f"{room.access.address(request.host)}/problems.atom?key={key}"


def _static(_: Newsroom, name: str) -> AnyResponse:
    if name not in _STATIC:
        abort(404)
    data = resources.files("dateline.newsroom").joinpath("static", name).read_bytes()
    return Response(data, content_type=f"{_STATIC[name]}; charset=utf-8")


def _thumbnail(room: Newsroom, name: str) -> AnyResponse:
    """Return a picture that readers can see at this moment; a name is made of its content."""
    folder = room.config.feeds_folder
    listing = manifest.ManifestReader(folder).find(name) if is_media(name) else None
    if listing is None or listing.media_type not in _PICTURES:
        abort(404)
    try:
        data, _ = safe_files.read(str(folder), listing.path, _LARGEST_PICTURE)
    except OSError:  # it was withdrawn a moment ago
        abort(404)
    response = Response(data, content_type=listing.media_type)
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response


_BACK = {
    "send": writing.brought_back,
    "retracted": retracting.brought_back,
    "asked": removing.brought_back,
}
ROUTES = (
    _Route("/", "front", Action.SEE, _front),
    _Route("/entries/<state>", "listing", Action.SEE, _listing),
    _Route("/coming", "coming", Action.SEE, _coming),
    _Route("/history", "history", Action.SEE, _history),
    _Route("/figures", "figures", Action.SEE, _figures),
    _Route("/preview", "preview", Action.SEE, _preview),
    _Route("/write", "write", Action.WRITE, _writing(writing.write)),
    _Route("/write", "send", Action.WRITE, _writing(writing.send), ("POST",)),
    _Route("/paste", "paste", Action.WRITE, pasting.paste, ("POST",)),
    _Route("/upload", "upload", Action.WRITE, _writing(uploads.upload), ("POST",)),
    _Route("/edit", "edit", Action.EDIT, _writing(writing.edit)),
    _Route("/retract", "retract", Action.RETRACT, _writing(retracting.ask)),
    _Route("/retract", "retracted", Action.RETRACT, _writing(retracting.retract), ("POST",)),
    _Route("/withdraw", "ask_withdraw", Action.WITHDRAW, _writing(removing.ask_withdraw)),
    _Route("/withdraw", "withdraw", Action.WITHDRAW, _writing(removing.withdraw), ("POST",)),
    _Route("/ask", "ask", Action.ASK, _writing(removing.ask)),
    _Route("/ask", "asked", Action.ASK, _writing(removing.send_request), ("POST",)),
    _Route("/decline", "decline", Action.WITHDRAW, answers.decline, ("POST",)),
    _Route("/restore", "ask_restore", Action.RESTORE, _writing(removing.ask_restore)),
    _Route("/restore", "restore", Action.RESTORE, _writing(removing.restore), ("POST",)),
    _Route("/take-back", "take_back", Action.RESTORE, _writing(removing.take_back), ("POST",)),
    _Route("/take-down", "ask_take_down", Action.TAKE_DOWN, _writing(removing.ask_take_down)),
    _Route("/take-down", "take_down", Action.TAKE_DOWN, _writing(removing.take_down), ("POST",)),
    _Route("/allow", "allow", Action.ALLOW, answers.allow, ("POST",)),
    _Route("/keep", "keep", Action.KEEP, answers.keep, ("POST",)),
    _Route("/stop", "stop", Action.STOP, answers.stop, ("POST",)),
    _Route("/sign-in", "sign_in", Action.SEE, _sign_in, ("GET", "POST")),
    _Route("/sign-out", "sign_out", Action.SEE, sign_out, ("POST",)),
    _Route("/problems.atom", "problems", Action.SEE, _problems),
    _Route("/static/<name>", "static_file", Action.SEE, _static),
    _Route("/thumbnail/<path:name>", "thumbnail", Action.SEE, _thumbnail),
    _Route("/shown/<key>/<path:name>", "shown", Action.SEE, routes.document),
)
