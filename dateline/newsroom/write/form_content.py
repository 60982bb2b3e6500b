"""The content of the form for writing, and the bytes of the file that it becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain, islice

from flask import g

from dateline.entries import dates
from dateline.entries.fields import DATES
from dateline.entries.filenames import is_entry
from dateline.entries.scan import MAX_SIZE
from dateline.entries.template import free_names
from dateline.errors import DateError, EntryError, Problem
from dateline.ledger import Ledger
from dateline.ledger.unapproved import is_free
from dateline.model import Span
from dateline.newsroom.access.people import Action, may
from dateline.newsroom.saving import digest
from dateline.newsroom.saving.made import FormKey, MadeFile, form_key
from dateline.newsroom.state import Newsroom
from dateline.newsroom.write.composing import (
    EntryText,
    Values,
    above_sections,
    compose,
    edited,
    edited_as_text,
    entry_text,
    plain,
    with_draft_line,
)
from dateline.newsroom.write.form import SentForm, changed_values, digests, sent_values
from dateline.system import safe_files
from dateline.text.language import tag_of
from dateline.text.localise import in_full
from dateline.text.similarity import containment, terms

_UNUSUAL = frozenset({"", ".", ".."})  # parts of a path that lead to a file by another name
MOST_ROWS = 150  # of a list: no more than 1000 inputs are read of a form
_TEXTS = ("title", "body")
_ALIKE = 0.5  # share of the words of the shorter text, from which it may be the same news
_LEAD = 5000  # characters
_NAMES = 20  # tried for a new file, if others take them at the same moment


@dataclass(frozen=True, slots=True, kw_only=True)
class FormContent:
    """Content of a form: the file (empty for a new one), its values or its text.

    `seen` is the digest of the file that was opened, `was` those of its values. `is_live` where
    readers have an entry of this file. A form for a new file has a `key`. `above` are the values
    above the sections of a file that has some, such as `[[attachments]]`, else all. `gone` is the
    path of a file of which somebody was told that it is gone, and who may save it again.
    """

    path: str
    values: Values
    source: str | None = None
    seen: str = ""
    was: Mapping[str, str]
    is_live: bool = False
    key: FormKey | None = None
    above: Values = field(default_factory=dict)
    gone: str = ""

    @property
    def may_be_retracted(self) -> bool:
        """True for a live entry whose file takes a reason without a guess."""
        return self.is_live and (self.source is None or bool(self.above))


def opened(room: Newsroom, path: str, there: bytes) -> FormContent:
    """Return a file as it is, to be edited; one that is no text has neither values nor text."""
    text = _entry_text(path, there)
    values = text.values if text else None
    if any(isinstance(one, tuple) and len(one) > MOST_ROWS for one in (values or {}).values()):
        values = None
    return FormContent(
        path=path,
        values=values or {},
        source=text_of(path, there) if values is None else None,
        seen=digest(there),
        was=digests(values or {}),
        is_live=_is_live(room, path),
        above=_above(text),
    )


def sent(
    room: Newsroom,
    form: SentForm,
    path: str,
    there: bytes | None,
    *,
    is_draft: bool = False,
    made: MadeFile | None = None,
) -> FormContent:
    """Return what a form has sent; one that has `made` its file is like one that had opened it."""
    values = sent_values(form)
    source = form.get("yours" if form.get("do") == "settle" else "source")
    was = {name: form.get(f"was.{name}", "") for name in values}
    return FormContent(
        path=path,
        values={**values, "draft": is_draft},
        source=None if source is None else source.replace("\r\n", "\n"),
        seen=made.digest if made else form.get("seen", ""),
        was=made.was if made else was,
        is_live=there is not None and _is_live(room, path),
        key=key_of(form),
        above=_above(_entry_text(path, there)) if there is not None else {},
        gone=path if there is None and form.get("gone") else "",
    )


def key_of(form: SentForm) -> FormKey | None:
    """Return the key of a form for a new entry; None for a form that names its file."""
    names_file = form.get("file") and not form.get("gone")
    return None if names_file else form_key(g.person.name, form.get("form", ""))


def made_by(room: Newsroom, form: SentForm, files: Sequence[MadeFile]) -> MadeFile | None:
    """Return the file that a form is about, of those that it has made; None for other news.

    As from a duplicated tab. With another title and another text, which are much like those of a
    file, it has not seen that file: somebody chooses from both.
    """
    if "source" in form:
        return next(iter(files), None)
    values = sent_values(form)
    own = digests(values)
    same = {name: [one for one in files if one.was.get(name) == own.get(name)] for name in _TEXTS}
    of_both = [one for one in same["title"] if one in same["body"]]
    of_one = [one for name in _TEXTS if plain(values.get(name, "")) for one in same[name]]
    if found := next(iter([*of_both, *of_one]), None):
        return found
    new = _terms(values)
    alike = (one for one in files if containment(new, _terms(_shown(room, one.path))) >= _ALIKE)
    return next((replace(one, digest="") for one in alike), None)


def _shown(room: Newsroom, path: str) -> Values:
    there = standing_file(room, path)
    text = _entry_text(path, there) if there is not None else None
    return (text and text.values) or {}


def _terms(values: Values) -> set[str]:
    return {*chain.from_iterable(terms(str(values.get(name, ""))[:_LEAD]) for name in _TEXTS)}


def file_bytes(
    room: Newsroom, content: FormContent, there: bytes | None, *, is_draft: bool
) -> bytes:
    """Return the file that would be saved.

    In a file that has changed meanwhile, only what this form changed is another. Where no form
    shows that file any more, it is a new one with all that this form has. A text with a fault is
    left as it is, but for the line that makes it a draft.
    """
    file = _entry_text(content.path, there) if there is not None else None
    if content.source is not None:
        data = _as_saved(file, content.source)
        if not is_draft:
            return data
        text = _entry_text(content.path or "new.toml", data)
        if text and _above(text):
            return edited(text, {"draft": True})
        return _as_saved(file, with_draft_line(content.source))
    if file is None or file.values is None:
        today = room.clock().astimezone(room.config.publication.zone).date()
        return compose(content.values, today=today)
    changed = changed_values(content.values, content.was)
    return edited(file, {**changed, "draft": is_draft})


def _as_saved(file: EntryText | None, source: str) -> bytes:
    return edited_as_text(file, source) if file else source.encode()


def is_draft_text(path: str, data: bytes) -> bool:
    """Return whether a file says that it is a draft, whatever else is wrong in it."""
    return _above(_entry_text(path, data)).get("draft") is True


def new_names(room: Newsroom, content: FormContent) -> Sequence[str]:
    """Return names for a new file, of its day and its title; none has a live entry that is gone."""
    values = content.values
    if content.source is not None:
        values = _above(_entry_text("new.toml", content.source.encode()))
    day, title = _day(room, values), str(plain(values.get("title", "")))
    taken = content.gone if content.gone and _is_live(room, content.gone) else ""
    try:
        names = free_names(room.config.entries, title, day)
        return list(islice((one for one in names if one != taken), _NAMES))
    except OSError:
        return [f"{day}.toml"]  # saving says what is wrong with the folder


def _day(room: Newsroom, values: Values) -> date:
    now = room.clock().astimezone(room.config.publication.zone)
    try:
        return _span(room, values, "date").first_day
    except DateError:
        return now.date()


def _above(file: EntryText | None) -> Values:
    part = above_sections(file) if file and file.values is None else file
    return part.values or {} if part else {}


def _entry_text(path: str, data: bytes) -> EntryText | None:
    try:
        return entry_text(path, data)
    except EntryError:
        return None


def standing_file(room: Newsroom, path: str) -> bytes | None:
    """Return the bytes of an entry file, or None where there is none that may be seen.

    Its path must be as the ledger has it, which knows what is hidden.
    """
    is_other = not _UNUSUAL.isdisjoint(path.split("/"))
    if not is_entry(path) or is_other or room.is_hidden(path):
        return None
    try:
        data, _ = safe_files.read(str(room.config.entries), path, MAX_SIZE + 1)
    except (OSError, ValueError):
        return None
    return data if len(data) <= MAX_SIZE else None


def version_digests(ledger: Ledger, id_: str) -> set[str]:
    """Return the digests of the files of all versions of an entry."""
    return {digest(one.file.data) for one in ledger.entries.versions(id_)}


def followed_file(room: Newsroom, path: str, seen: str) -> tuple[str, bytes | None]:
    """Return the path and the bytes of the file of a form, also where it was moved.

    A run has seen the move, and the form a version of that live entry, or the file as it is: also
    of scheduled news, no other of which has the same bytes.
    """
    there = standing_file(room, path)
    if there is not None or not is_entry(path) or not seen:
        return path, there
    with room.ledger() as ledger:
        for id_, other in ledger.translations.namings.formerly(path).items():
            there = standing_file(room, other)
            if there is not None and seen in {digest(there), *version_digests(ledger, id_)}:
                return other, there
        waiting = ledger.files.find(ledger.files.unpublished())
    for other in (path for path, one in waiting.items() if one.state == "scheduled"):
        there = standing_file(room, other)
        if there is not None and seen == digest(there):
            return other, there
    return path, None


def has_folder(room: Newsroom, path: str) -> bool:
    """Return whether a file that is gone has a folder; that of an entry's file is made again."""
    folder = (room.config.entries / path).parent
    with room.ledger() as ledger:
        is_known = ledger.entries.id_of(path) is not None
    with suppress(OSError):  # as for a name that is too long
        if is_known and room.config.entries.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
        return folder.is_dir()
    return False


def _is_live(room: Newsroom, path: str) -> bool:
    with room.ledger() as ledger:
        id_ = ledger.entries.id_of(path)
        return bool(id_ and ledger.entries.find([id_]))


def text_of(path: str, data: bytes) -> str | None:
    """Return the text of a file, or None for one that has none."""
    text = _entry_text(path, data)
    if text:
        return text.text
    try:
        return None if b"\0" in data else data.decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None


# ---- What nobody has approved


@dataclass(frozen=True, slots=True, kw_only=True)
class UnapprovedFile:
    """A file that no editor has approved; if an editor saves it, all of it counts as approved.

    `person` saved it, if that is known; `live` is the text that readers have, or None.
    """

    person: str
    live: str | None

    @property
    def mark(self) -> str:
        """The digest of what readers have, by which a form knows that this has changed."""
        return digest((self.live or "").encode())


def unapproved(room: Newsroom, path: str, seen: str) -> UnapprovedFile | None:
    """Return a file with this digest if it waits for approval, and this person may give it."""
    if not may(g.person, Action.APPROVE):
        return None
    with room.ledger() as ledger:
        found = ledger.unapproved.find(seen)
        if found is None or is_free(found, path, path):
            return None
        id_ = ledger.entries.id_of(path)
        is_live = bool(id_ and ledger.entries.find([id_]))
        versions = ledger.entries.versions(id_) if id_ and is_live else []
    live = versions[-1].file.data if versions else b""
    if digest(live) == seen:
        return None
    return UnapprovedFile(person=found.person, live=text_of(path, live) if live else None)


# ---- Dates


def readings(room: Newsroom, values: Values) -> tuple[dict[str, str], list[Problem]]:
    """Return how each date is read, in full, and the question about each that cannot be read."""
    found, problems = {}, []
    for name in sorted(DATES):
        if not plain(values.get(name, "")):
            continue
        try:
            found[name] = in_full(_span(room, values, name), room.language)
        except DateError as error:
            problems.append(error.as_problem(name, room.language))
    return found, problems


def _span(room: Newsroom, values: Values, name: str) -> Span:
    """Return how a date is read, as in a file. Raises `DateError`."""
    publication = room.config.publication
    return dates.read(
        str(plain(values.get(name, ""))),
        use="event" if name == "event" else "date",
        zone=publication.zone,
        today=room.clock().astimezone(publication.zone).date(),
        language=tag_of(str(values.get("language", ""))) or publication.language,
        order=publication.date_order,
    )
