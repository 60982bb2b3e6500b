"""Translations that name no entry, or more than one, and the entry that may be meant."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from dateline.entries.filenames import is_entry, named, stem
from dateline.errors import Problem
from dateline.ledger import Ledger
from dateline.ledger.queries.relations.references import Naming
from dateline.ledger.rows import FileRecord, file_name
from dateline.messages import shown
from dateline.text.expressions import regex

if TYPE_CHECKING:  # it imports all that parsing needs
    from dateline.entries.reader import ReadResult

_CODES = frozenset(
    {
        "translation-gone", "translation-language", "translation-near", "translation-self",
        "translation-unclear", "translation-unknown",
    }
)  # fmt: skip
_LONGEST = 255  # characters of a file's name
_LIKE = 0.75  # names with the same date are half the same
_ENDING = regex(r"\.toml(?:\.txt)?$", re.IGNORECASE)


def with_doubts(
    read: Sequence[ReadResult], live: Collection[str], ledger: Ledger
) -> list[ReadResult]:
    """Add problems of `translation_of` to files; the ledger has all that are `live`."""
    namings = [
        Naming(path=one.path, text=one.story.translation_of)
        for one in read
        if one.story and one.story.translation_of
    ]
    languages = {one.path: one.story.language for one in read if one.story}
    problems = _of_own_language(namings, languages, ledger)
    problems |= _doubts(namings, _unpublished(read, live), ledger)
    return [
        replace(one, problems=(*one.problems, problems[one.path])) if one.path in problems else one
        for one in read
    ]


def doubted_before(
    noted: Mapping[str, FileRecord],
    read: Sequence[ReadResult],
    ledger: Ledger,
    *,
    live: Mapping[str, str],
    former: Iterable[str],
    now: datetime,
) -> dict[str, FileRecord]:
    """Return the files, but those `read`, whose `translation_of` has another problem, or none.

    What those with a problem translate may be among the files `read`, or had its name until now
    (`former`). A translation of an entry in `live`, which has ids by path, may have its language.
    """
    own = {one.path for one in read}
    doubted = {
        path: problem
        for path, record in noted.items()
        for problem in record.problems
        if problem.code in _CODES and path not in own
    }
    translations = [
        path for path in ledger.translations.files_of([*live.values()]) if path not in own
    ]
    records = {**noted, **ledger.files.find(translations)}
    concerned = {path for path in translations if path in records and records[path].state == "live"}
    if not doubted and not concerned:  # as nearly always
        return {}
    names, ids = {file_name(path) for path in (*own, *former)}, {*live.values()}
    concerned |= {
        path
        for path, problem in doubted.items()
        if _name(str(problem.found)) in names or problem.found in ids
    }
    known = ledger.entries.live_at(sorted(concerned))
    stories = {one.path: one.story for one in known if one.story}
    namings = [
        Naming(path=path, text=str(problem.found) if problem else stories[path].translation_of)
        for path in sorted(concerned)
        if (problem := doubted.get(path)) or path in stories
    ]
    languages = {path: story.language for path, story in stories.items()}
    problems = _of_own_language(namings, languages, ledger)
    problems |= _doubts(namings, _unpublished(read, live), ledger)
    found = {}
    for path in (one.path for one in namings):
        before = doubted.get(path)
        others = [one for one in records[path].problems if one.code not in _CODES]
        new = problems.get(path)
        if new and before:
            new = replace(new, line=before.line)
        if new != before:
            record = replace(records[path], problems=(*others, *filter(None, [new])))
            found[path] = record.after(records[path], now)
    return found


def _unpublished(read: Sequence[ReadResult], live: Collection[str]) -> list[str]:
    return [one.path for one in read if one.path not in live]


def _of_own_language(
    namings: Sequence[Naming], languages: Mapping[str, str], ledger: Ledger
) -> dict[str, Problem]:
    """Return the problems of entries with the language of what they translate, by path."""
    if not namings:
        return {}
    names = ledger.translations.namings
    meant = names.meant_by(namings) | names.known(namings)
    originals = ledger.entries.find([*meant.values()])
    return {
        one.path: Problem(
            code="translation-language",
            file=one.path,
            field="translation_of",
            found=shown(one.text, _LONGEST),
        )
        for one in namings
        if (original := originals.get(meant.get(one, "")))
        and original.story.path != one.path
        and original.story.language == languages.get(one.path)
    }


def _doubts(
    namings: Sequence[Naming], unpublished: Sequence[str], ledger: Ledger
) -> dict[str, Problem]:
    """Return the problems by path: none if an unpublished file is meant that may come out."""
    doubted = ledger.translations.namings.doubted(namings) if namings else {}
    if not doubted:
        return {}
    there = {path for path in (*unpublished, *ledger.files.unpublished()) if is_entry(path)}
    stems, names = {stem(path) for path in there}, Counter(map(file_name, there))
    gone = ledger.translations.namings.taken_down(one for one in namings if one.path in doubted)
    found = {}
    for one in namings:
        own = {stem(one.path)} if one.path in there else set()
        is_called_so = own and file_name(one.path) == one.name
        is_there = not (stems - own).isdisjoint(one.stems) or names[one.name] > bool(is_called_so)
        if one in gone and not doubted[one.path]:
            text = shown(one.text, _LONGEST)
            found[one.path] = Problem(
                code="translation-gone", file=one.path, field="translation_of", found=text
            )
        elif one.path in doubted and not is_there:
            found[one.path] = _doubt(one, doubted[one.path], ledger)
    return found


def _doubt(naming: Naming, meant: Sequence[str], ledger: Ledger) -> Problem:
    problem = partial(
        Problem,
        file=naming.path,
        field="translation_of",
        found=shown(naming.text, _LONGEST),
    )
    if meant:
        return problem(code="translation-unclear", wanted=_written(meant[0]))
    is_own = stem(naming.path) in naming.stems or file_name(naming.path) == naming.name
    if is_own or naming.text == ledger.entries.id_of(naming.path):
        return problem(code="translation-self")
    if near := _near(naming, ledger):
        return problem(code="translation-near", wanted=near)
    return problem(code="translation-unknown")


def _near(naming: Naming, ledger: Ledger) -> str:
    """Return the name of the entry that may be meant, or nothing; its folder only if needed."""
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
