"""The pages for writing: a new entry, an entry that is there, and two versions to settle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from http.client import CONFLICT, FORBIDDEN, OK, SERVICE_UNAVAILABLE, UNPROCESSABLE_ENTITY
from urllib.parse import urlencode

from flask import abort, g, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from dateline.entries.filenames import is_entry
from dateline.entries.scan import MAX_SIZE
from dateline.errors import HELD, DatelineError, Problem, RunAtWorkError, State
from dateline.newsroom.access.people import Action, may
from dateline.newsroom.responses import message, page, with_origin, words_of
from dateline.newsroom.saving import NotSaved, Refusal, Saved, digest, save_as
from dateline.newsroom.saving.made import FormKey, MadeFile, form_key, new_key
from dateline.newsroom.saving.refusals import ANSWERS
from dateline.newsroom.state import Newsroom
from dateline.newsroom.write import settling
from dateline.newsroom.write.composing import plain
from dateline.newsroom.write.form import Notice, Remarks, SentForm, digests, entry_form
from dateline.newsroom.write.form_content import (
    MOST_ROWS,
    FormContent,
    file_bytes,
    followed_file,
    has_folder,
    is_draft_text,
    key_of,
    made_by,
    new_names,
    opened,
    readings,
    sent,
    standing_file,
    text_of,
    unapproved,
    version_digests,
)
from dateline.newsroom.write.uploads import has_file, taken
from dateline.publish.assess.status import ON_LIVE
from dateline.publish.check import Foreseen, foresee
from dateline.publish.settle import ASKED

_OFFERED = 300
_SAVING = frozenset({"draft", "publish"})
_DONE = frozenset({"live", "scheduled", "draft", "held", "waits"})
_EXPLAINED = frozenset({"scheduled", "held"})  # by what is said of the file
_BACK = timedelta(hours=12)  # in which somebody goes back to a form, and comes to no bookmark
_MOMENT = 5.0  # seconds that a check, and the page about a saved file, wait for a run


# ---- Pages


def write(room: Newsroom) -> AnyResponse:
    """Return the form for a new entry, at an address with a key of its own.

    So a browser that goes back asks for the same form, which may have made its file meanwhile. A
    bookmark of it leads to another one, as does the browser once the file is gone.
    """
    key = form_key(g.person.name, request.args.get("form", ""))
    if key is None:
        return redirect(f"/write?{urlencode({'form': new_key()})}", 303)
    for made in room.made.of(key)[:1]:
        is_back = room.clock() - made.moment < _BACK and standing_file(room, made.path) is not None
        onward = ("edit", {"file": made.path}) if is_back else ("write", {"form": new_key()})
        return redirect(f"/{onward[0]}?{urlencode(onward[1])}", 303)
    today = room.clock().astimezone(room.config.publication.zone).date()
    return _page(room, FormContent(path="", values={"date": today.isoformat()}, was={}, key=key))


def edit(room: Newsroom) -> AnyResponse:
    """Return the form of a file that is there."""
    path = request.args.get("file", "")
    there = standing_file(room, path)
    if there is None:
        abort(404)
    content = opened(room, path, there)
    if not content.values and content.source is None:
        text = words_of(room)("no-text", file=path)
        return message(room, UNPROCESSABLE_ENTITY, "refused", text)
    done = request.args.get("done", "")
    if done not in _DONE:
        return _page(room, content)
    found = None
    with suppress(DatelineError):  # it is saved, whatever a run does meanwhile
        if done in _EXPLAINED:
            found = foresee(room.config, path, there, room.clock(), patience=_MOMENT)
    said = "to-approve" if done == "waits" and may(g.person, Action.APPROVE) else done
    notice = Notice(word=f"saved-{said}", file=path, is_good=done != "held")
    return _page(room, content, found, notice=notice)


def send(room: Newsroom) -> AnyResponse:
    """Check, preview or save what a form sends; whatever happens, the form has it again.

    A form that asks for something unknown, or to settle versions of no file, is only checked.
    """
    action = request.form.get("do", "look")
    settled = settling.key_of(request.form) if action == "settle" else None
    key = settled or key_of(request.form)
    with room.made.turn(None if action == "look" else key) as has_turn:
        made = None if settled else made_by(room, request.form, room.made.of(key))
        path = made.path if made else request.form.get("file", "")
        seen = made.digest if made else request.form.get("seen", "")
        path, there = followed_file(room, path, seen)
        if path and there is None and not is_entry(path):
            abort(404)
        is_draft = action == "draft"
        content = sent(room, request.form, path, there, is_draft=is_draft, made=made)
        if not has_turn or not room.checks.acquire(blocking=False):
            return _busy(room, content, there)
        try:
            if settled and there is not None:
                return _settle(room, content, there, settled)
            return _checked(room, content, there, action)
        except RunAtWorkError as error:
            return _busy(room, content, there, error.since)
        except DatelineError:
            return _busy(room, content, there)
        finally:
            room.checks.release()


def brought_back(
    room: Newsroom, form: SentForm, word: str, *, status: int = OK
) -> AnyResponse | None:
    """Return the form that somebody has sent, of which nothing was saved; None without its file."""
    path, there = followed_file(room, form.get("file", ""), form.get("seen", ""))
    if path and there is None and not is_entry(path):
        return None
    content = sent(room, form, path, there)
    notice = Notice(word=_busy_word(form) if word == "unsaved-busy" else word)
    if form.get("do") == "settle" and there is not None:
        return settling.asked(room, content, there, notice=notice, status=status, form=form)
    return _page(room, content, notice=notice, status=status)


def _busy(
    room: Newsroom, content: FormContent, there: bytes | None, since: datetime | None = None
) -> AnyResponse:
    """Return the form as it was sent, where it cannot be checked now.

    Nor in a while if a run has been at work `since` a moment.
    """
    notice, status = Notice(word=_busy_word(request.form, since), moment=since), SERVICE_UNAVAILABLE
    if request.form.get("do") == "settle" and there is not None:
        form = request.form
        return settling.asked(room, content, there, notice=notice, status=status, form=form)
    return _page(room, content, notice=notice, status=status)


def _busy_word(form: SentForm, since: datetime | None = None) -> str:
    """Return the key of what is said of a form that cannot be checked, as what was asked for."""
    if form.get("do", "look") == "look":
        return "unchecked-run" if since else "unchecked-busy"
    return "unsaved-run" if since else "unsaved-busy"


def _checked(room: Newsroom, content: FormContent, there: bytes | None, action: str) -> AnyResponse:
    path = content.path
    if action == "upload" or has_file():
        return _with_file(room, content)
    if path and there is None:
        if not content.gone or _is_withdrawn(room, content):
            return _gone(room, content)
        if action == "draft":  # what is gone stays so
            path, content = "", replace(content, path="", seen="")
    if action == "draft" and content.is_live and content.key and not request.form.get("gone"):
        action = "look"  # its form was for a new entry, and readers have it since
    new = file_bytes(room, content, there, is_draft=action == "draft")
    name = path or next(iter(new_names(room, content)), "")
    if not name:
        return _page(room, content, notice=Notice(word="unsaved-name"), status=UNPROCESSABLE_ENTITY)
    if action not in _SAVING:
        return _looked(room, content, name, new)
    found = foresee(room.config, name, new, room.clock())
    if action == "draft" and found.state not in {"draft", *HELD}:
        return _page(room, content, found, notice=Notice(word="unsaved-busy"), status=CONFLICT)
    return _saved_unless_held(room, content, new, found, is_draft=action == "draft")


def _saved_unless_held(
    room: Newsroom, content: FormContent, new: bytes, found: Foreseen, *, is_draft: bool
) -> AnyResponse:
    """Save a file that would not be held, or a draft, which may be unfinished."""
    # A file that is too large could not be edited here any more.
    is_kept = is_draft and not content.is_live and len(new) <= MAX_SIZE
    if _is_refused(found) and not is_kept:
        held = Notice(word="would-be-held")
        return _page(room, content, found, notice=held, status=UNPROCESSABLE_ENTITY)
    return _saved(room, content, new, found)


def _looked(room: Newsroom, content: FormContent, name: str, new: bytes) -> AnyResponse:
    """Return what would become of a file, with its preview; while a run is at work, that alone."""
    try:
        found = foresee(room.config, name, new, room.clock(), patience=_MOMENT)
    except RunAtWorkError as error:
        notice, status = Notice(word="unchecked-run", moment=error.since), SERVICE_UNAVAILABLE
        trial = room.trial(name, new)
        return _page(room, content, trial=trial, notice=notice, status=status)
    outlook = _outlook(room, found, is_live=content.is_live)
    return _page(room, content, found, trial=room.trial(name, new), notice=outlook)


def _is_refused(found: Foreseen) -> bool:
    """Return whether a file would be held for more than a question that staff can answer then."""
    codes = {one.code for one in found.problems if one.state is State.HOLD}
    return found.state in HELD and not (codes and codes - ON_LIVE <= ASKED)


def _saved(room: Newsroom, content: FormContent, new: bytes, found: Foreseen) -> AnyResponse:
    """Save a file under its name, or a new one under the first that is free."""
    if found.changes_retraction and not may(g.person, Action.RETRACT):
        return _page(room, content, notice=Notice(word="unsaved-role"), status=FORBIDDEN)
    if _may_not_return(room, found):
        return _page(room, content, notice=Notice(word="unsaved-withdrawn"), status=FORBIDDEN)
    is_named = content.path and not (content.gone and not has_folder(room, content.path))
    names = [content.path] if is_named else new_names(room, content)
    done: Saved | NotSaved = NotSaved(reason=Refusal.NAME)
    for name in names:
        seen = "" if content.gone else content.seen
        done = save_as(g.person, room.config, name, new, seen=seen, now=room.clock())
        if isinstance(done, Saved):
            state = "held" if found.state in HELD else found.state
            waits = (done.waits or found.waits) and state not in {"draft", "held"}
            said = "waits" if waits else state if state in _DONE else "scheduled"
            was = digests(content.values)
            made = MadeFile(
                path=done.path, digest=done.digest, was=was, state=said, moment=room.clock()
            )
            room.made.remember(content.key, made)
            return _to_form(made)
        if is_named or done.reason not in {Refusal.THERE, Refusal.ALIKE}:
            break
    assert isinstance(done, NotSaved)  # noqa: S101 - else it was returned
    is_changed = bool(content.path) and done.reason in {Refusal.CHANGED, Refusal.THERE}
    if is_changed and (there := standing_file(room, content.path)) is not None:
        return settling.asked(room, replace(content, source=text_of(content.path, new)), there)
    notice = Notice(word="unsaved-gone" if is_changed else ANSWERS[done.reason].word)
    content = replace(content, gone=content.path if is_changed else content.gone)
    return _page(room, content, found, notice=notice, status=CONFLICT)


def _may_not_return(room: Newsroom, found: Foreseen) -> bool:
    """Return whether a file brings back a withdrawn entry, and nobody would be asked first."""
    is_asked = room.config.newsroom.approval or found.state == "draft"
    return found.returns and not (is_asked or may(g.person, Action.RESTORE))


def _gone(room: Newsroom, content: FormContent) -> AnyResponse:
    """Return the form of a file that is gone; nothing was saved.

    If it is sent again, that saves the file under its name, so that its entry goes on; that of a
    withdrawn entry publishes nothing.
    """
    if _is_withdrawn(room, content):
        return _page(room, content, notice=Notice(word="unsaved-withdrawn"), status=FORBIDDEN)
    room.made.forget(content.key, content.path)
    return _page(room, replace(content, gone=content.path), notice=Notice(word="unsaved-gone"))


def _is_withdrawn(room: Newsroom, content: FormContent) -> bool:
    """Return whether a form is of a withdrawn entry that nobody would be asked about."""
    if room.config.newsroom.approval or may(g.person, Action.RESTORE):
        return False
    with room.ledger() as ledger:
        id_ = ledger.entries.id_of(content.path)
        if id_ is None or ledger.entries.find([id_]):
            return False
        return content.seen in version_digests(ledger, id_)


def _to_form(made: MadeFile) -> AnyResponse:
    return redirect(f"/edit?{urlencode({'file': made.path, 'done': made.state})}", 303)


def _with_file(room: Newsroom, content: FormContent) -> AnyResponse:
    """Save a file that was sent with the form, and name it there."""
    done = taken(room, content.path)
    if not done.name:
        problems = (done.problem,) if done.problem else ()
        notice = Notice(word=done.word) if done.word else None
        status = UNPROCESSABLE_ENTITY
        return _page(room, content, notice=notice, problems=problems, status=status)
    values = dict(content.values)
    if done.is_picture and not plain(values.get("image", "")):
        values["image"] = done.name
        word = "uploaded"
    else:
        before = values.get("attachments", ())
        values["attachments"] = (*(before if isinstance(before, tuple) else ()), done.name)
        word = "uploaded-document"
    notice = Notice(word=word, file=done.name, is_good=True)
    return _page(room, replace(content, values=values), notice=notice)


def _settle(room: Newsroom, content: FormContent, there: bytes, key: FormKey) -> AnyResponse:
    """Save the text that somebody chose, if all is chosen and no version has changed once more.

    A second click finds that it is done.
    """
    path = content.path
    for made in room.made.of(key):
        if made.digest == digest(there):
            return _to_form(made)
    text = settling.result(room, content, there, request.form)
    if text is None:
        return settling.asked(room, content, there, form=request.form)
    content = replace(opened(room, path, there), source=text, key=key)
    new = file_bytes(room, content, there, is_draft=False)
    found = foresee(room.config, path, new, room.clock())
    return _saved_unless_held(room, content, new, found, is_draft=is_draft_text(path, new))


# ---- The page of the form


def _page(
    room: Newsroom,
    content: FormContent,
    found: Foreseen | None = None,
    *,
    notice: Notice | None = None,
    problems: Sequence[Problem] = (),
    trial: str = "",
    status: int = OK,
) -> AnyResponse:
    reads, unread = readings(room, content.values)
    told = tuple(found.problems if found else problems)
    if content.source is None:  # a form has boxes, and no lines
        told = tuple(replace(one, line=None) for one in told)
    named = {problem.field for problem in told}
    remarks = Remarks(
        problems=(*told, *(one for one in unread if one.field not in named)),
        reads=reads,
        language=room.language,
    )
    form = entry_form(content.values, content.was, _offered(room), remarks)
    now = room.clock()
    response = page(
        room,
        "write.html",
        form,
        now,
        content=content,
        notice=notice,
        waiting=unapproved(room, content.path, content.seen) if content.path else None,
        limit=room.config.newsroom.max_upload,
        rows=MOST_ROWS,
        form_key=_form_key(content),
        key=room.access.preview(trial, now) if trial else "",
    )
    response.status_code = status if response.status_code == OK else response.status_code
    return with_origin(response)


def _form_key(content: FormContent) -> str:
    """Return the key of a form that makes a file, so that a second click makes no other."""
    if content.path and not content.gone:
        return ""
    return content.key.key if content.key else new_key()


def _outlook(room: Newsroom, found: Foreseen, *, is_live: bool) -> Notice:
    """Return what would become of a file if it were published."""
    if found.state in HELD:
        return Notice(word="would-be-held" if _is_refused(found) else "would-ask")
    if _may_not_return(room, found):
        return Notice(word="unsaved-withdrawn")
    is_asked = room.config.newsroom.approval and not may(g.person, Action.APPROVE)
    if is_asked or found.waits:
        return Notice(word="would-be-asked", is_good=True)
    if found.due:
        return Notice(word="would-wait", moment=found.due, is_good=True)
    return Notice(word="would-change" if is_live else "would-appear", is_good=True)


def _offered(room: Newsroom) -> Mapping[str, Sequence[str]]:
    """Return what other entries have in fields that repeat."""

    def make() -> dict[str, list[str]]:
        with room.ledger() as ledger:
            names = {"categories": "category", "place": "place", "authors": "author"}
            found = {
                name: ledger.overview.spellings(facet, _OFFERED) for name, facet in names.items()
            }
            own = room.config.publication.language
            return {**found, "language": sorted({own, *ledger.directory.languages()})}

    return room.once("offered", make)
