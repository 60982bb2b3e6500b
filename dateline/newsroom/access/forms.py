"""Forms: those that come from a page of ours, and those sent after the end of a session.

The page to sign in has such a form in hidden inputs, and sends it along: nothing is kept here, and
what somebody has typed comes back without scripts, too. A file that was chosen cannot come back.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from flask import g, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from dateline.entries.scan import MAX_SIZE
from dateline.newsroom.access.people import Action
from dateline.newsroom.access.turns import PATIENCE, CostlyWork
from dateline.newsroom.responses import form, with_origin
from dateline.newsroom.state import Newsroom

LONGEST_FORM = 4 * MAX_SIZE  # bytes: the text, and what was changed meanwhile
_LONGEST_KEPT = MAX_SIZE * 5 // 4  # characters: an entry, and the small fields
MULTIPART = "multipart/form-data"
# The forms that come back, with what their pages need permission for, and the pages.
KEPT = {"send": Action.WRITE, "retracted": Action.RETRACT, "asked": Action.ASK}
_PAGES = {"retracted": "/retract", "asked": "/ask"}
WAITING, BUSY = "many-attempts", "busy"
_STATUSES = {"": 200, WAITING: 429, BUSY: 503}
_RETRY_AFTER = {WAITING: "60", BUSY: "5"}
_PREFIX = "kept."
_ENDPOINT, _FILE = "to", "has-file"
_AT_ONCE = 2
_PATIENCE = PATIENCE  # seconds
_turns = CostlyWork(_AT_ONCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptForm:
    """A form that was sent: its endpoint, its fields, and whether a file was with it."""

    endpoint: str
    fields: tuple[tuple[str, str], ...]
    had_file: bool = False

    @property
    def values(self) -> MultiDict[str, str]:
        """Return the fields as a form."""
        return MultiDict(self.fields)

    @property
    def inputs(self) -> tuple[tuple[str, str], ...]:
        """Return the names and values of the hidden inputs."""
        own = ((_ENDPOINT, self.endpoint), *(((_FILE, "1"),) if self.had_file else ()))
        return (*own, *((f"{_PREFIX}{name}", value) for name, value in self.fields))


# ---- Where a form comes from


def is_same_site() -> bool:
    """Return whether a form was not sent by another site, as far as the browser says."""
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def is_own_page(room: Newsroom) -> bool:
    """Return whether a form that needs no session comes from our page, as far as browsers say.

    Over plain HTTP browsers leave out `Sec-Fetch-Site`; they send `Origin` with every form.
    """
    if "Sec-Fetch-Site" in request.headers or "Origin" not in request.headers:
        return is_same_site()
    own = {request.host, urlsplit(room.access.address(request.host)).netloc}
    return request.headers["Origin"].partition("://")[2] in own


# ---- A form that was sent too late


def sent_too_late(room: Newsroom) -> AnyResponse:
    """Return the page to sign in, after which the form of this request comes back."""
    kept = _sent_form(room)
    if kept is None:
        return redirect("/sign-in", 303)
    return sign_in_page(room, _page_of(kept), fault="session-ended", kept=kept)


def _sent_form(room: Newsroom) -> KeptForm | None:
    """Return the form that somebody sends who is not signed in; None for one to be lost.

    Any of its files is thrown away.
    """
    if request.endpoint not in KEPT or not is_own_page(room):
        return None
    g.largest_file = 0
    try:
        fields = [*request.form.items(multi=True)]
    except RequestEntityTooLarge:
        return None
    had_file = any(one.filename for one in request.files.values())
    found = tuple(field for field in fields if field[0] not in {"word", None})  # a part may lack it
    return _bounded(KeptForm(endpoint=request.endpoint, fields=found, had_file=had_file))


def _bounded(kept: KeptForm) -> KeptForm | None:
    """Return a form, or None for one that could not be saved either: its page would be large."""
    length = sum(len(name) + len(text) - text.count("\r\n") for name, text in kept.fields)
    return kept if length <= _LONGEST_KEPT else None


def kept_form(sent: MultiDict[str, str]) -> KeptForm | None:
    """Return the form that the page to sign in has sent along, or None."""
    endpoint = sent.get(_ENDPOINT, "")
    if endpoint not in KEPT:
        return None
    fields = tuple(
        (name.removeprefix(_PREFIX), text)
        for name, text in sent.items(multi=True)
        if name.startswith(_PREFIX)
    )
    return _bounded(KeptForm(endpoint=endpoint, fields=fields, had_file=_FILE in sent))


def _page_of(kept: KeptForm) -> str:
    """Return the address of the page that has such a form."""
    path = kept.values.get("file", "")
    page = _PAGES.get(kept.endpoint, "/edit" if path else "/write")
    return f"{page}?{urlencode({'file': path})}" if path else page


def sign_in_page(
    room: Newsroom,
    onward: str,
    *,
    name: str = "",
    fault: str = "",
    kept: KeptForm | None = None,
) -> AnyResponse:
    """Return the page on which people sign in, with a form that comes back then.

    Only two pages with a form, which may be large, are made at a time. Nobody holds a turn while a
    slow client sends or receives: strangers would keep others from having their forms back.
    """
    done = "signed-out" if "out" in request.args else ""
    with _turns.turn(_PATIENCE) if kept else nullcontext(enter_result=True) as has_turn:
        kept, fault = (kept, fault) if has_turn else (None, BUSY)
        values = {"onward": onward, "name": name, "fault": fault, "done": done, "kept": kept}
        response = form(room, "sign_in.html", _STATUSES.get(fault, 403), **values)
    if fault in _RETRY_AFTER:
        response.headers["Retry-After"] = _RETRY_AFTER[fault]
    return with_origin(response)
