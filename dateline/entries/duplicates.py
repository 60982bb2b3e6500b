"""Copies of entries, made by hand or by a program that synchronises.

Names raise the suspicion, the texts decide it. Only a file with a name that no person would choose
is held whatever its text is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from dateline.entries.filenames import Likeness, likenesses
from dateline.entries.parse.encoding import decode
from dateline.entries.scan import ChangedError, Scan
from dateline.errors import EntryError, Problem
from dateline.model import Source
from dateline.text.expressions import regex

_CODES = {"copy": "name-copy", "same": "name-copy", "version": "name-version"}
_ENOUGH = 2
_NEARLY_ALL = 0.8
_FIELDS = 60  # lines, among which the fields of an entry stand
_WORDS = regex(r"\w+")
_HEADLINE = regex(r"^[^\S\n]*(title|date|language)[^\S\n]*=(.*)$", re.MULTILINE | re.IGNORECASE)


class Suspicion(NamedTuple):
    """The problem of a copy, and the paths of the files that it was compared with."""

    problem: Problem | None
    compared: tuple[str, ...]


def find_original(
    source: Source,
    scan: Scan,
    read: Callable[[str], Source],
    is_other: Callable[[str], bool] = lambda _: False,
) -> Suspicion:
    """Return the file of which `source` is a copy; `read` reads another file of the folder.

    A file that `is_other` news for sure is only the original of a file with just its text.
    Where `read` raises `OSError`, the other file is not compared. Raises `ChangedError` where it
    does: they can be compared in a moment.
    """
    compared: list[str] = []
    alone = ""
    for likeness in likenesses(source.path, scan.files):
        original = likeness.original
        if original not in scan.files:
            alone = alone or (original if likeness.kind == "conflict" else "")
            continue
        compared.append(original)
        if problem := _problem(source, likeness, read, is_other):
            return Suspicion(problem, tuple(compared))
    if alone:
        problem = Problem(code="name-conflict-alone", file=source.path, found=_name(alone))
        return Suspicion(problem, tuple(compared))
    return Suspicion(None, tuple(compared))


def values(source: Source) -> frozenset[str]:
    """Return what the lines of a file give to some field, whatever is wrong with the file.

    As the words alone: a title is found whose quotes or field are misspelt.
    """
    given = (line.partition("=")[2] for line in text_of(source).splitlines()[:_FIELDS])
    return frozenset(words for value in given if (words := plain(value)))


def plain(text: str) -> str:
    """Return the words of a text with one space between them."""
    return " ".join(_WORDS.findall(text))


def _problem(
    source: Source,
    likeness: Likeness,
    read: Callable[[str], Source],
    is_other: Callable[[str], bool],
) -> Problem | None:
    kind = likeness.kind
    if kind not in {"conflict", "same"}:
        try:
            text, other = text_of(source), text_of(read(likeness.original))
        except ChangedError:
            raise
        except OSError:
            return None
        if text != other and (is_other(likeness.original) or not _is_alike(text, other, kind)):
            return None
        kind = "same" if text == other else kind
    return Problem(
        code=_CODES.get(kind, "name-conflict"), file=source.path, found=_name(likeness.original)
    )


def _is_alike(text: str, other: str, kind: str) -> bool:
    one, two = _headline(text), _headline(other)
    if one.get("language") != two.get("language"):
        return False
    title, day = (one.get(name) == two.get(name) for name in ("title", "date"))
    if kind == "longer":
        return title and day
    return title + day + (_likeness(text, other) >= _NEARLY_ALL) >= _ENOUGH


def _headline(text: str) -> dict[str, str]:
    """Return title, date and language as they are written, without quotes and spaces."""
    return {name.lower(): re.sub(r"\W+", " ", value) for name, value in _HEADLINE.findall(text)}


def _likeness(text: str, other: str) -> float:
    """Return the share of the words that both texts have, from 0 to 1."""
    one, two = Counter(_words(text)), Counter(_words(other))
    return 2 * (one & two).total() / max(1, one.total() + two.total())


def _words(text: str) -> Iterator[str]:
    """Yield the words of a text without its comments, which new entries have in common."""
    for line in text.split("\n"):
        if not line.lstrip().startswith("#"):
            yield from line.split()


def text_of(source: Source) -> str:
    """Return the text of a file, however it is encoded."""
    try:
        return decode(source).text
    except EntryError:
        return source.data.decode("latin-1")


def _name(path: str) -> str:
    return PurePosixPath(path).name
