"""What staff answer on the first page: allow, keep, stop and decline.

A second click, and that of a colleague at the same moment, is answered as the first.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from dateline.model.acts import Act
from dateline.newsroom.problems import name_of
from dateline.newsroom.state import Newsroom
from dateline.rules.guards import Approval
from dateline.rules.identity.overwritten import WRITTEN_OVER

_ANSWERS = frozenset({Act.ALLOWED, Act.APPROVED, Act.KEPT})


def allow(room: Newsroom) -> AnyResponse:
    """Allow what waits for a code."""
    return _answer(room, "allowed", keep=False)


def keep(room: Newsroom) -> AnyResponse:
    """Keep what waits for a code as it is, or say that a file is the entry that it was."""
    return _answer(room, _kept(request.form.get("code", "")), keep=True)


def _kept(code: str) -> str:
    return "kept-as-same" if code.startswith(WRITTEN_OVER) else "kept"


def _answer(room: Newsroom, done: str, *, keep: bool) -> AnyResponse:
    """Answer a question; its name is that before the answer, after which nothing asks any more."""
    code, before = request.form.get("code", ""), room.last_run
    about = name_of(before.report, code) if before else code
    if room.answer(Approval(code=code, keep=keep, person=g.person.name)):
        return _to_overview(done, about)
    earlier = [one for one in room.lately() if code and one.detail == code and one.act in _ANSWERS]
    if not earlier:
        return _to_overview("not-waiting", about)
    files = {one.path for one in earlier}
    about = next(iter(files)) or code if len(files) == 1 else code
    return _to_overview(_kept(code) if earlier[0].act is Act.KEPT else "allowed", about)


def stop(room: Newsroom) -> AnyResponse:
    """Stop a file that is about to appear."""
    path = request.form.get("file", "")
    is_done = room.stop(path, g.person.name) or _is_stopped(room, path)
    return _to_overview("stopped" if is_done else "not-cooling", path)


def decline(room: Newsroom) -> AnyResponse:
    """Decline to withdraw the entry of a file."""
    path = request.form.get("file", "")
    is_done = room.decline_withdrawal(path, g.person.name) or _is_latest(room, path, Act.DECLINED)
    return _to_overview("declined" if is_done else "not-waiting", path)


def _is_stopped(room: Newsroom, path: str) -> bool:
    """Return whether staff stopped a file, and it has not changed since."""
    report = room.last_run.report if room.last_run else None
    held = {one.file for one in report.problems if one.code == "stopped"} if report else set()
    return path in held and _is_latest(room, path, Act.STOPPED)


def _is_latest(room: Newsroom, path: str, act: Act) -> bool:
    """Return whether this is what staff did last with a file."""
    acts = (one.act for one in room.lately() if path and one.path == path)
    return next(acts, None) is act


def _to_overview(done: str, about: str) -> AnyResponse:
    return redirect(f"/?{urlencode({'done': done, 'about': about})}", 303)
