"""Which translations name no entry, or more than one, and what may be meant?"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from dateline.entries.filenames import is_entry, named, stem
from dateline.entries.reader import ReadResult
from dateline.errors import Problem
from dateline.ledger import Ledger
from dateline.ledger.queries.references import Naming
from dateline.ledger.rows import FileRecord, file_name
from dateline.messages import shown

_CODES = frozenset(
    {"translation-near", "translation-self", "translation-unclear", "translation-unknown"}
)
_LONGEST = 255  # signs of a file's name
_LIKE = 0.75  # names with the same date are half the same
_ENDING = re.compile(r"\.toml(?:\.txt)?$", re.IGNORECASE)


def with_doubts(
    judged: Sequence[ReadResult], live: Collection[str], ledger: Ledger
) -> list[ReadResult]:
    """Add to files what is to be said of what they translate; the ledger has all that is `live`."""
    namings = [
        Naming(path=one.path, text=one.story.translation_of)
        for one in judged
        if one.story and one.story.translation_of
    ]
    told = _doubts(namings, _not_out(judged, live), ledger)
    return [
        replace(one, problems=(*one.problems, told[one.path])) if one.path in told else one
        for one in judged
    ]


def doubted_before(
    noted: Mapping[str, FileRecord],
    judged: Sequence[ReadResult],
    ledger: Ledger,
    *,
    live: Mapping[str, str],
    former: Iterable[str],
    now: datetime,
) -> dict[str, FileRecord]:
    """Give those of the files `noted` before of which another thing is to be said now, or none.

    What they translate may be among what is `judged` now, or was called so until now (`former`);
    `live` has the ids of entries by path.
    """
    own = {one.path for one in judged}
    names, ids = {file_name(path) for path in (*own, *former)}, {*live.values()}
    said = {
        path: problem
        for path, record in noted.items()
        for problem in record.problems
        if problem.code in _CODES
        and path not in own
        and (_name(str(problem.found)) in names or problem.found in ids)
    }
    namings = [Naming(path=path, text=str(problem.found)) for path, problem in said.items()]
    told = _doubts(namings, _not_out(judged, live), ledger)
    found = {}
    for path, before in said.items():
        others = [one for one in noted[path].problems if one.code not in _CODES]
        new = [replace(told[path], line=before.line)] if path in told else []
        if new != [before]:
            record = replace(noted[path], problems=(*others, *new))
            found[path] = record.after(noted[path], now)
    return found


def _not_out(judged: Sequence[ReadResult], live: Collection[str]) -> list[str]:
    return [one.path for one in judged if one.path not in live]


def _doubts(
    namings: Sequence[Naming], not_out: Sequence[str], ledger: Ledger
) -> dict[str, Problem]:
    """Give what is to be said, by path: nothing where a file is meant that is not out yet."""
    doubted = ledger.translations.namings.doubted(namings) if namings else {}
    if not doubted:
        return {}
    there = {path for path in (*not_out, *ledger.files.unpublished()) if is_entry(path)}
    stems, names = {stem(path) for path in there}, Counter(map(file_name, there))
    found = {}
    for one in namings:
        own = {stem(one.path)} if one.path in there else set()
        is_called_so = own and file_name(one.path) == one.name
        is_there = not (stems - own).isdisjoint(one.stems) or names[one.name] > bool(is_called_so)
        if one.path in doubted and not is_there:
            found[one.path] = _doubt(one, doubted[one.path], ledger)
    return found


def _doubt(naming: Naming, meant: Sequence[str], ledger: Ledger) -> Problem:
    said = partial(
        Problem,
        file=naming.path,
        field="translation_of",
        found=shown(naming.text, _LONGEST),
    )
    if meant:
        return said(code="translation-unclear", wanted=_written(meant[0]))
    is_own = stem(naming.path) in naming.stems or file_name(naming.path) == naming.name
    if is_own or naming.text == ledger.entries.id_of(naming.path):
        return said(code="translation-self")
    near = _near(naming, ledger)
    return said(code="translation-near" if near else "translation-unknown", wanted=near)


def _near(naming: Naming, ledger: Ledger) -> str:
    """Give how staff name the entry that may be meant, or nothing: with its folder where needed."""
    paths = {*ledger.translations.namings.near(_name(naming.text))} - {naming.path}
    by_name = {file_name(path): _written(path) for path in sorted(paths, reverse=True)}
    for name in difflib.get_close_matches(_name(naming.text), by_name, n=1, cutoff=_LIKE):
        alone = by_name[name].rpartition("/")[2]
        is_clear = not ledger.translations.namings.doubted([Naming(path=naming.path, text=alone)])
        return alone if naming.name and is_clear else by_name[name]
    return ""


def _name(text: str) -> str:
    return named(text).rpartition("/")[2][:_LONGEST]


def _written(path: str) -> str:
    return _ENDING.sub("", path)
