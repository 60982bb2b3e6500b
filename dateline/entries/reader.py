"""From a new or changed file to its story, or to its problems.

The steps `parse` and `normalise` for one file at a time: a fault in one file affects no other.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path, PurePosixPath

from dateline.entries import scan
from dateline.entries.duplicates import find_original, text_of
from dateline.entries.media.nearby import NearbyFiles, PageOf, no_page
from dateline.entries.media.picture_store import PictureOf, as_it_is
from dateline.entries.normalise import day_of, normalise
from dateline.entries.parse import parse
from dateline.entries.scan import ARRIVING, ChangedError, FileStamp, Scan
from dateline.errors import EntryError, Problem, State
from dateline.messages.values import Phrase, phrase
from dateline.model import Document, Draft, Publication, Source, Story
from dateline.system import heartbeat
from dateline.text.expressions import regex

_log = logging.getLogger(__name__)
_ARRIVING = ARRIVING // timedelta(microseconds=1) * 1000  # nanoseconds
_PROGRAMS = {
    "fodt": "libreoffice-document",
    "gdoc": "google-document",
    "odt": "libreoffice-document",
    "ott": "libreoffice-document",
    "pages": "pages-document",
}
# The fields that make an entry an event or a publication, as `dateline new` begins them; and a
# pattern that finds quickly a line that may begin with one.
_LEFT_EMPTY = {"event": "event-empty", "attachments": "attachments-empty"}
_WORDS = [name.encode() for name in _LEFT_EMPTY]
_MAY_BE_EMPTY = regex(rb"(?:\A|[\r\n])[^\w#\r\n]*(?:event|attachments)\b", re.IGNORECASE | re.ASCII)
# A bare date that follows lines of plain text at most, as new entries have it: nothing before it
# can make it part of another value.
_TEXT = rb'"[^"\\\r\n]*"'
_BARE_DATE = regex(
    rb"(?:(?:(?:title|language|kind|summary|link|place|editor) *= *%s)? *(?:#[^\r\n]*)?\r?\n)*"
    rb"date *= *([0-9]{4}-[0-9]{2}-[0-9]{2}) *(?:#[^\r\n]*)?\r?\n" % _TEXT
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult:
    """A file and its story, which is None where it cannot be published as it stands.

    `beside` has the stamps of the files that it names, `documents` what they become, `lines`
    the lines of its fields. `due` is when one that waits for its files stops waiting.
    """

    path: str
    stamp: FileStamp
    data: bytes
    story: Story | None
    problems: tuple[Problem, ...] = ()
    lines: Mapping[str, int]
    beside: Mapping[str, FileStamp | None]
    documents: tuple[Document, ...] = ()
    due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryReader:
    """Reader of the files of one scan of `folder`.

    `now` is the moment of publication. `clock` and `settled` are nanoseconds since 1970: the moment
    of the scan, and that before which a file must have been left alone. `known` has for each entry
    the stamps of files that are settled whatever their times. An entry that has just changed
    `waits` for the files that it names, as does one of which a file has just gone (`losing`),
    unless it has `waited`. `page_of` knows the pages of entries that are out, `picture_of` what
    becomes of a picture. `endless` are the files in which the ledger has that a publisher hung.
    Of the files whose names are alike, those in `own` have live entries, and those `apart` waited
    or were drafts before, as they are; `lost` has the SHA-256 of each file that is gone and whose
    entry is live.
    Files that are only checked, and not saved yet, have their bytes in `unsaved`.
    """

    folder: Path
    scan: Scan
    publication: Publication
    now: datetime
    clock: int
    settled: int
    page_of: PageOf = no_page
    picture_of: PictureOf = as_it_is
    known: Mapping[str, Mapping[str, FileStamp]] = field(default_factory=dict)
    waits: bool = False
    waited: Collection[str] = ()
    losing: Collection[str] = ()
    endless: Mapping[str, FileStamp] = field(default_factory=dict)
    unsaved: Mapping[str, bytes] = field(default_factory=dict)
    own: Collection[str] = ()
    apart: Collection[str] = ()
    lost: Collection[str] = ()

    def read(self, path: str) -> ReadResult:
        """Return what one file means; a fault of the program holds that file alone."""
        if self._is_endless(path):
            return self._held(path, b"", Problem(code="file-endless", file=path))
        try:
            return self._result(path)
        except Exception:  # noqa: BLE001 - one file must not keep the others from being published
            _log.exception("%s is held, for a reason that Dateline does not know.", path)
            return self._held(path, b"", Problem(code="file-fault", file=path))

    def _result(self, path: str) -> ReadResult:
        stamp = self.scan.files[path]
        if code := self.scan.strays.get(path):
            return self._held(path, b"", _stray(path, code))
        if stamp.changed > self.settled and self._known(path).get(path) != stamp:
            return self._held(path, b"", Problem(code="file-changing", file=path))
        try:
            source = self._read(path)
            copied = find_original(source, self.scan, self._read, partial(self._is_other, source))
        except ChangedError:
            return self._held(path, b"", Problem(code="file-changing", file=path))
        except OSError:
            return self._held(path, b"", Problem(code="file-unreadable", file=path))
        compared = {name: self.scan.files[name] for name in copied.compared}
        if copied.problem:
            return self._held(path, source.data, copied.problem, beside=compared)
        with heartbeat.reading(path, stamp):
            judged = self.meaning(source)
        return replace(judged, beside={**compared, **judged.beside}) if compared else judged

    def day(self, path: str) -> date:
        """Return the day of a file's news; of one that cannot be read, the earliest day."""
        try:
            stamp = self.scan.files[path]
            if self._is_endless(path):
                return date.min
            source = self._read(path)
            if day := _bare_date(source.data):  # ten times as fast as to parse it
                return day
            with heartbeat.reading(path, stamp):
                draft = parse(source, today=self._here.date(), now=self._here)
        except (EntryError, OSError):
            return date.min
        return day_of(draft, publication=self.publication, now=self.now) or date.min

    def _is_other(self, source: Source, original: str) -> bool:
        """Return whether a file has an entry, and the one that it may be a copy of is none of it.

        A file that was moved to where its name is taken has got the name of a copy.
        """
        if source.path in self.own:
            return True
        is_known = original in self.own or original in self.apart
        is_original = is_known or self._is_moved(self._read(original))
        return is_original and self._is_moved(source)

    def _is_moved(self, source: Source) -> bool:
        """Return whether a file is that of a live entry, which is gone from its place."""
        return bool(self.lost) and hashlib.sha256(source.data).hexdigest() in self.lost

    def _is_endless(self, path: str) -> bool:
        """Return whether a publisher hung while it read this file, as it still is."""
        stamp, found = self.scan.files[path], heartbeat.endless_files()
        return self.endless.get(path) == stamp if found is None else (path, *stamp) in found

    def _known(self, path: str) -> Mapping[str, FileStamp]:
        return self.known.get(path, {})

    def _read(self, path: str) -> Source:
        if path in self.unsaved:
            data = self.unsaved[path][: scan.MAX_SIZE + 1]
            return Source(path=path, data=data, age=scan.CUT_AFTER)
        return scan.read(self.folder, path, self.scan.files[path], clock=self.clock)

    def meaning(self, source: Source) -> ReadResult:
        """Return what the bytes of a file mean, without a check for copies."""
        try:
            draft = parse(source, today=self._here.date(), now=self._here)
        except EntryError as error:
            files = self._files(source.path)
            files.note(text_of(source))
            return self._held(source.path, source.data, *error.problems, beside=files.used)
        return self._story(draft, source)

    @property
    def _here(self) -> datetime:
        return self.now.astimezone(self.publication.zone)

    def _files(self, path: str) -> NearbyFiles:
        return NearbyFiles(
            folder=self.folder,
            entry=path,
            scan=self.scan,
            url=self.publication.url,
            settled=self.settled,
            known=self._known(path),
            is_awaiting=self._is_patient(path)
            and (path in self.losing or self._left(path) > timedelta()),
            arriving=self.clock - _ARRIVING if self._is_patient(path) else 2**63,
            page_of=self.page_of,
            picture_of=self.picture_of,
        )

    def _story(self, draft: Draft, source: Source) -> ReadResult:
        files, data = self._files(draft.path), source.data
        if "status" in draft.fields:  # a retracted entry shows no files
            files.note(text_of(source))
        empty = tuple(_left_empty(draft, data))
        note = _draft_note(draft)
        try:
            story, problems = normalise(
                draft, publication=self.publication, files=files, now=self.now
            )
        except EntryError as error:
            faults = (*empty, *error.problems, *note)
            return self._held(draft.path, data, *faults, lines=draft.lines, beside=files.used)
        if any(problem.state == State.HOLD for problem in empty):
            kept = (problem for problem in (*empty, *problems) if problem.state != State.ACCEPT)
            return self._held(draft.path, data, *kept, *note, lines=draft.lines, beside=files.used)
        return ReadResult(
            path=draft.path,
            stamp=self.scan.files[draft.path],
            data=data,
            story=story,
            problems=(*empty, *problems),
            lines=draft.lines,
            beside=files.used,
            documents=tuple(files.documents),
        )

    def _held(
        self,
        path: str,
        data: bytes,
        *problems: Problem,
        lines: Mapping[str, int] | None = None,
        beside: Mapping[str, FileStamp | None] | None = None,
    ) -> ReadResult:
        return ReadResult(
            path=path,
            stamp=self.scan.files[path],
            data=data,
            story=None,
            problems=problems,
            lines=lines or {},
            beside=beside or {},
            due=self._due(path) if any(one.code == "file-awaited" for one in problems) else None,
        )

    def _is_patient(self, path: str) -> bool:
        return self.waits and path not in self.waited

    def _left(self, path: str) -> timedelta:
        """Return for how long an entry still waits for the files that it names."""
        if not self._is_patient(path):
            return timedelta()
        age = timedelta(microseconds=(self.clock - self.scan.files[path].changed) / 1e3)
        return min(ARRIVING - age, ARRIVING)

    def _due(self, path: str) -> datetime:
        """Return from when an entry waits no longer: the ledger keeps whole seconds."""
        left = self._left(path)  # nothing where a file changed later than the entry that names it
        moment = self.now + (left if left > timedelta() else ARRIVING)
        return moment.replace(microsecond=0) + timedelta(seconds=bool(moment.microsecond))


def _bare_date(data: bytes) -> date | None:
    """Return the date of a file if its first lines have it as TOML has dates."""
    found = _BARE_DATE.match(data)
    with suppress(ValueError):  # there is no such day
        return date.fromisoformat(found[1].decode()) if found else None
    return None


def _draft_note(draft: Draft) -> list[Problem]:
    """Return the note that a file is a draft, which one that cannot be read has as well.

    Not if it says so in another field, which is asked about.
    """
    is_draft = draft.fields.get("draft") is True
    is_sure = is_draft and not any(fault.code == "field-misspelt" for fault in draft.faults)
    return [Problem(code="draft", file=draft.path, field="draft")] if is_sure else []


def _left_empty(draft: Draft, data: bytes) -> Iterator[Problem]:
    """Yield a problem for each empty field that would make it another kind of entry.

    An entry with a status is not held for that.
    """
    plain = data.replace(b"\0", b"") if b"\0" in data else data
    lower = plain.lower()  # most files have neither word, and a search for both is quick
    if not any(word in lower for word in _WORDS):
        return
    if "status" in draft.fields or not _MAY_BE_EMPTY.search(plain):
        return
    wrong = {fault.field for fault in draft.faults}
    for name, code in _LEFT_EMPTY.items():
        if name not in draft.fields and name in draft.lines and name not in wrong:
            yield Problem(code=code, file=draft.path, line=draft.lines[name], field=name)


def _stray(path: str, code: str) -> Problem:
    """Return the problem of a file that is no entry by its name."""
    if code == "file-word":
        return Problem(code="file-word", file=path, found=_kind_of(path))
    if code == "name-of-notes":
        return Problem(code="name-of-notes", file=path, wanted=_entry_name(path))
    return Problem(code=code, file=path)


def _entry_name(path: str) -> str:
    """Return the name of the entry that a file would be."""
    return PurePosixPath(path).with_suffix(".toml").name


def _kind_of(path: str) -> Phrase:
    """Return the kind of document, by the end of the name."""
    extension = PurePosixPath(path).suffix.lower().lstrip(".")
    return phrase(_PROGRAMS.get(extension, "word-document"))
