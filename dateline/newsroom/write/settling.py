"""The page on which somebody settles two versions of a file, and what was chosen there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from http.client import OK

from flask import g
from werkzeug.wrappers import Response as AnyResponse

from dateline.newsroom.responses import page, with_origin
from dateline.newsroom.saving import digest
from dateline.newsroom.saving.made import FormKey
from dateline.newsroom.state import Newsroom
from dateline.newsroom.write import differences
from dateline.newsroom.write.form import Notice, SentForm
from dateline.newsroom.write.form_content import FormContent, UnapprovedFile, text_of, unapproved
from dateline.text.expressions import regex

_PLACE = regex(r"(\d{1,9})-(\d{1,9})")
_KEPT = ("theirs", "live", "yours")  # of several choices, that which loses no text of others
_EACH_TIME = frozenset({"do", "word"})


def asked(
    room: Newsroom,
    content: FormContent,
    there: bytes,
    *,
    notice: Notice | None = None,
    status: int = OK,
    form: SentForm | None = None,
) -> AnyResponse:
    """Return the page on which somebody chooses from the file and what was to be saved.

    What readers do not have, and nobody has approved, is shown, too: to save it is to approve it.
    What was chosen in a `form` that comes back is chosen still.
    """
    path, yours = content.path, content.source or ""
    waiting = unapproved(room, path, digest(there))
    parts = _versions(content, there, waiting)
    chosen: Mapping[int, str] = {}
    if form:
        is_same = _is_of(form, there, waiting)
        chosen = _chosen(parts, form) if is_same else _chosen_before(parts, form)
    response = page(
        room,
        "settle.html",
        parts,
        room.clock(),
        chosen=chosen,
        path=path,
        seen=digest(there),
        yours=yours,
        notice=notice,
        waiting=waiting,
        places=" ".join(f"{start}-{end}" for start, end in differences.places(parts).values()),
    )
    response.status_code = status if response.status_code == OK else response.status_code
    return with_origin(response)


def result(room: Newsroom, content: FormContent, there: bytes, form: SentForm) -> str | None:
    """Return the text that a form has chosen.

    None where one of the versions has changed, or not every difference has a choice.
    """
    waiting = unapproved(room, content.path, digest(there))
    if not _is_of(form, there, waiting):
        return None
    parts = _versions(content, there, waiting)
    chosen = _chosen(parts, form)
    is_whole = all(chosen[one.number] in one.choices for one in parts if one.number)
    return differences.chosen(parts, chosen) if is_whole else None


def key_of(form: SentForm) -> FormKey:
    """Return the key of what somebody chose: the same for a second click, and for nothing else."""
    fields = sorted(one for one in form.items(multi=True) if one[0] not in _EACH_TIME)
    key = hashlib.sha256(repr(fields).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return FormKey(person=g.person.name, key=key)


def _is_of(form: SentForm, there: bytes, waiting: UnapprovedFile | None) -> bool:
    """Return whether the differences in a form are those of these texts, also by their numbers."""
    mark = waiting.mark if waiting else ""
    return (form.get("seen", ""), form.get("live", "")) == (digest(there), mark)


def _chosen(parts: Sequence[differences.Passage], form: SentForm) -> Mapping[int, str]:
    """Return which version of each difference a form has chosen, by number."""
    return {one.number: form.get(f"part-{one.number}", "") for one in parts if one.number}


def _chosen_before(parts: Sequence[differences.Passage], form: SentForm) -> Mapping[int, str]:
    """Return what a form of other texts has chosen at the place of each difference, by number.

    Somebody's own text is still the same, and so are the places in it.
    """
    before = [*_places_chosen(form)]
    found: dict[int, str] = {}
    for number, (start, end) in differences.places(parts).items():
        here = {
            version
            for (first, last), version in before
            if max(start, first) < min(end, last)
            or (max(start, first) == min(end, last) and (start == end or first == last))
        }
        found[number] = next((one for one in _KEPT if one in here), "")
    return found


def _places_chosen(form: SentForm) -> Iterator[tuple[tuple[int, int], str]]:
    for number, place in enumerate(_PLACE.finditer(form.get("places", "")), 1):
        yield (int(place[1]), int(place[2])), form.get(f"part-{number}", "")


def _versions(
    content: FormContent, there: bytes, waiting: UnapprovedFile | None
) -> Sequence[differences.Passage]:
    """Return the file, what was to be saved and, where nobody has approved it, the live text."""
    theirs, live = text_of(content.path, there) or "", waiting.live if waiting else None
    return differences.passages(theirs, content.source or "", live)
