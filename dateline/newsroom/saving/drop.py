"""The door for programs: `PUT /drop/NAME` writes a file into `entries/`, `GET` returns it.

Only the `Authorization` field counts here, never a cookie, so no page of another site can use
it. What an upload would do is checked first, with all that is published; what would be held is
refused, and then nothing is written. A body is in memory until it is whole: one that is cut off
leaves nothing anywhere.
"""

from __future__ import annotations

import errno
import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from http.client import (
    BAD_REQUEST,
    CREATED,
    FORBIDDEN,
    LENGTH_REQUIRED,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    OK,
    REQUEST_ENTITY_TOO_LARGE,
    REQUEST_TIMEOUT,
    SERVICE_UNAVAILABLE,
    UNAUTHORIZED,
    UNPROCESSABLE_ENTITY,
    UNSUPPORTED_MEDIA_TYPE,
)
from urllib.parse import quote

from flask import Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from dateline.entries import media
from dateline.entries.filenames import is_entry
from dateline.errors import HELD, DatelineError, MediaError, Problem, State
from dateline.newsroom.access.gate import owner_of
from dateline.newsroom.access.people import HOUSE, Action, may
from dateline.newsroom.access.turns import CostlyWork
from dateline.newsroom.responses import absent
from dateline.newsroom.saving import (
    NotSaved,
    Refusal,
    Saved,
    clean_name,
    digest,
    digest_of,
    reason_of,
    save_as,
    standing,
)
from dateline.newsroom.saving.refusals import ANSWERS
from dateline.newsroom.state import Newsroom
from dateline.publish.check import foresee
from dateline.system import safe_files

PREFIX = "/drop/"
RULE = f"{PREFIX}<path:name>"
AT_ONCE = 4  # large files, each of which is in memory
_SMALL = 100_000  # bytes: larger files are large
_AGAIN = "5"  # seconds, in Retry-After
_NO_FILE = "0" * 64  # the digest of no file
_MISSING = frozenset({"image-not-there"})  # a picture or attachment
_MANY = "Too many files are being sent at once. Nothing was written."
_WRONG = "Nothing was written. Correct the file, and send it again."
_WAITS = "It is saved, and is not published before an editor approves it."
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_OTHERS = {
    NOT_FOUND: "There is no such file.",
    METHOD_NOT_ALLOWED: "Use PUT to write a file, and GET to read it.",
    REQUEST_ENTITY_TOO_LARGE: "The file is larger than [newsroom] max_upload allows.",
}


class Drop:
    """The address of every file that programs write and read."""

    def __init__(self, room: Newsroom) -> None:
        self._room = room
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._work = CostlyWork(1)  # one file at a time is checked and written, and few wait

    def answer(self, name: str) -> AnyResponse:
        """Answer a request of somebody who may write."""
        clean = clean_name(name)
        if not clean:
            return _refused(NotSaved(reason=Refusal.NAME))
        if request.method == "PUT":
            return self._put(clean)
        return self._get(clean)

    def _get(self, name: str) -> AnyResponse:
        if self._room.is_hidden(name):
            return refused(NOT_FOUND)
        folder = self._room.config.entries
        try:
            data, _ = safe_files.read(str(folder), name, media.MAX_SIZE + 1)
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ENOTDIR}:
                return refused(NOT_FOUND)
            return _refused(NotSaved(reason=reason_of(error)))
        if len(data) > media.MAX_SIZE:
            text = f"The file is larger than {media.MAX_SIZE} bytes, and cannot be published."
            return _json(REQUEST_ENTITY_TOO_LARGE, message=text)
        kind = "application/toml" if is_entry(name) else media.media_type_of(name)
        response = Response(data, content_type=kind)
        response.set_etag(digest(data))
        return response.make_conditional(request)

    def _put(self, name: str) -> AnyResponse:
        if wrong := self._wrong_head():
            return wrong
        is_small = (request.content_length or 0) <= _SMALL
        if not is_small and not self._places.acquire(blocking=False):
            return _busy("Too many large files are being sent at once.")
        try:
            return self._taken(name)
        finally:
            if not is_small:
                self._places.release()

    def _taken(self, name: str) -> AnyResponse:
        """Take the body, and write it."""
        data = _body()
        if data is None:
            return _json(REQUEST_TIMEOUT, message="The file did not arrive whole.")
        try:
            with self._work.turn() as has_turn:
                return self._written(name, data) if has_turn else _busy(_MANY)
        except OSError as error:
            return _refused(NotSaved(reason=reason_of(error)))
        except DatelineError as error:
            return _busy(str(error))

    def _wrong_head(self) -> AnyResponse | None:
        """Return the answer to a request whose body need not be read."""
        if request.mimetype in _FORMS or request.headers.get("Content-Encoding"):
            text = "Send the file itself, as curl --upload-file does, and no form."
            return _json(UNSUPPORTED_MEDIA_TYPE, message=text)
        if request.headers.get("Content-Range"):
            return _json(BAD_REQUEST, message="Send the whole file.")
        if request.if_match.star_tag:
            text = "If-Match needs the ETag of the file that you saw."
            return _json(BAD_REQUEST, message=text)
        if request.content_length is None:
            return _json(LENGTH_REQUIRED, message="Send the length of the file.")
        limit = self._room.config.newsroom.max_upload
        if request.content_length > limit:
            text = f"The file is larger than the {limit} bytes of [newsroom] max_upload."
            return _json(REQUEST_ENTITY_TOO_LARGE, message=text)
        request.max_content_length = limit
        return _busy("The first run is not done yet.") if self._room.last_run is None else None

    def _written(self, name: str, data: bytes) -> AnyResponse:
        config = self._room.config
        seen = self._seen(name)
        there = standing(config.entries, name, data, seen)
        if isinstance(there, NotSaved):
            return _refused(there)
        if there and request.if_none_match.star_tag:
            return _refused(NotSaved(reason=Refusal.CHANGED, other=name, digest=there.digest))
        told = self._entry(name, data) if is_entry(name) else self._medium(name, data)
        if wrong := told.pop("wrong", None):
            return _json(UNPROCESSABLE_ENTITY, file=name, message=_WRONG, problems=wrong)
        if told.pop("changes_retraction", False) and not may(g.person, Action.RETRACT):
            return _json(FORBIDDEN, message="Only an editor may retract an entry, or undo that.")
        done = save_as(g.person, config, name, data, seen=seen, now=self._room.clock())
        waits = bool(told.pop("waits", False)) or (isinstance(done, Saved) and done.waits)
        if waits and told.get("state") != "draft":
            told |= {"state": State.HOLD.value, "due": None, "message": _WAITS}
        return _refused(done) if isinstance(done, NotSaved) else _done(done, told)

    def _seen(self, name: str) -> str:
        """Return the digest of the file that the writer saw, or empty where there was none."""
        if "If-Match" not in request.headers:
            return ""
        there = digest_of(self._room.config.entries / name)
        return there if there in request.if_match.as_set() else _NO_FILE

    def _entry(self, name: str, data: bytes) -> dict[str, object]:
        """Return what becomes of an entry, or under `wrong` why it would not be published whole.

        Under `changes_retraction` is whether it retracts an entry or undoes that, under `waits`
        whether its bytes, or a file that it uses, wait for an editor already. A person who drops a
        file may drop its picture a moment later; a program sends that first.
        """
        found = foresee(self._room.config, name, data, self._room.clock())
        codes = {problem.code for problem in found.problems}
        if found.state in HELD or codes & _MISSING:
            return {"wrong": _problems(found.problems)}
        return {
            "file": name,
            "state": found.state,
            "address": found.address or None,
            "due": found.due.isoformat() if found.due else None,
            "problems": _problems(found.problems),
            "changes_retraction": found.changes_retraction,
            "waits": found.waits,
        }

    def _medium(self, name: str, data: bytes) -> dict[str, object]:
        """Return what readers would get of a picture or a document."""
        try:
            found = media.clean(data, name)
        except MediaError as error:
            problem = Problem(code=error.code, file=name, found=name)
            problem = replace(problem, language=self._room.language)
            return {"wrong": _problems([problem])}
        return {
            "file": name,
            "media_type": found.media_type,
            "width": found.width or None,
            "height": found.height or None,
            "problems": [],
        }


# ---- Who may write


def gate(room: Newsroom) -> AnyResponse | None:
    """Refuse those without a token in the header, and those whose role is not enough.

    On a machine where nobody needs a token, programs need none either; pages of other sites, which
    a browser marks, are refused.
    """
    if not room.access.is_called(request.host):
        return absent()
    is_marked = "Origin" in request.headers or "Sec-Fetch-Site" in request.headers
    is_open = room.access.is_open and not is_marked
    g.person = HOUSE if is_open else owner_of(room, _token(), room.clock())
    if g.person is None:
        return _unauthorised()
    if may(g.person, Action.WRITE if request.method == "PUT" else Action.SEE):
        return None
    return _json(FORBIDDEN, message="A reader may not write. Ask for the role of a writer.")


def _token() -> str:
    """Return the token in the `Authorization` field (RFC 6750, section 2.1), or an empty text."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""


def refused(status: int) -> AnyResponse:
    """Return the answer to a request that leads to nothing."""
    response = _json(status, message=_OTHERS.get(status, "Something went wrong."))
    if status == METHOD_NOT_ALLOWED:
        response.headers["Allow"] = "GET, HEAD, PUT"
    return response


def _unauthorised() -> AnyResponse:
    """Return the answer to a request without a token, or with a wrong one."""
    text = "Send the token of the newsroom: Authorization: Bearer TOKEN."
    response = _json(UNAUTHORIZED, message=text)
    response.headers["WWW-Authenticate"] = 'Bearer realm="newsroom"'
    return response


# ---- Requests and answers


def _body() -> bytes | None:
    """Return the whole body, or None where it ended early or took too long."""
    try:
        data = request.stream.read()
    except (OSError, HTTPException):
        return None
    return data if len(data) == request.content_length else None


def _done(done: Saved, told: dict[str, object]) -> AnyResponse:
    response = _json(CREATED if done.is_new else OK, **told)
    response.set_etag(done.digest)
    response.headers["Location"] = PREFIX + quote(done.path)
    return response


def _refused(found: NotSaved) -> AnyResponse:
    answer = ANSWERS[found.reason]
    text = answer.text.format(other=found.other)
    response = _json(answer.status, code=found.reason.value, message=text)
    if found.digest:
        response.set_etag(found.digest)
    if answer.status == SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = _AGAIN
    return response


def _busy(text: str) -> AnyResponse:
    response = _json(SERVICE_UNAVAILABLE, message=text)
    response.headers["Retry-After"] = _AGAIN
    return response


def _json(status: int, **values: object) -> AnyResponse:
    text = json.dumps(values, ensure_ascii=False, indent=1) + "\n"
    return Response(text, status, content_type="application/json")


def _problems(problems: Sequence[Problem]) -> list[dict[str, str | int | None]]:
    """Return what staff have to know; not what is as it should be."""
    shown = (one for one in problems if one.state is not State.ACCEPT)
    return [{**one.as_json(), "field": one.field} for one in shown]
