"""What the feeds of a settled trial must have: the same entries in every format, whole lists.

A walk goes from a feed through its archives (RFC 5005), as a reader does that was away for long.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from time import monotonic, sleep
from typing import TYPE_CHECKING

from trials.judge import entries
from trials.model import Fate, Piece
from trials.texts import MARK, Seen

if TYPE_CHECKING:
    from trials.trial import Trial

_RETRY = 0.3  # seconds
_TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
_NOTICED = 29 * 86400.0  # seconds for which a feed has a tombstone, at least
_COMPARED = ("id", "address", "title", "published", "updated", "marks")


@dataclass(slots=True, kw_only=True)
class Walk:
    """The newest version of each entry by its news number, and the ids that are deleted.

    `faults` are entries that no walk may find: a second one of the same news.
    """

    seen: dict[int, Seen] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def take(self, item: Seen) -> None:
        """Note an entry; of two versions the newer one counts."""
        mark = MARK.search(item.title)
        if mark is None:
            self.faults.append(f"an entry has the title {item.title!r}")
            return
        number = int(mark[2])
        known = self.seen.get(number)
        if known and known.id != item.id:
            self.faults.append(f"news {number} is two entries, {known.id} and {item.id}")
        if known is None or item.updated > known.updated:
            self.seen[number] = item


def walk(trial: Trial, name: str) -> Walk | None:
    """Return what a walk from a feed through its archives finds; None if a document is missing."""
    path, found, walked = name, Walk(), set[str]()
    while path:
        answer = trial.judge.read(f"/{path}")
        if answer is None or answer.status != 200 or path in walked:
            return None
        walked.add(path)
        items, path_before = entries(path, answer.data)
        if len({item.id for item in items}) < len(items):
            found.faults.append(f"{path} has an entry twice")
        for item in items:
            found.take(item)
        if path.endswith(".atom"):
            root = ET.fromstring(answer.data)  # noqa: S314 - our own
            found.deleted |= {one.attrib["ref"] for one in root.iter(_TOMBSTONE)}
        path = path_before
    return found


def check(trial: Trial) -> None:
    """Check that all formats have the same entries, and lists and tombstones what they must."""
    for form in ("atom", "rss"):
        _check(trial, f"news.{form} and news.json differ", partial(_formats, trial, form))
    for form in ("atom", "json"):
        _check(trial, f"lebanon.{form} is wrong", partial(_lebanon, trial, form))
    _check(trial, "news.atom is wrong", partial(_tombstones, trial))


def _check(trial: Trial, what: str, differences: Callable[[], list[str]]) -> None:
    """Wait until there are none: a change of a category shows nowhere else, and takes its time."""
    ends = monotonic() + trial.patience
    while found := differences():
        if monotonic() > ends:
            trial.broken(f"{what}: {found[:3]}")
            return
        sleep(_RETRY)


def _formats(trial: Trial, form: str) -> list[str]:
    one, two = walk(trial, f"news.{form}"), walk(trial, "news.json")
    if one is None or two is None:
        return ["it cannot be walked"]
    return [*one.faults, *two.faults, *differences(one.seen, two.seen)]


def differences(one: Mapping[int, Seen], two: Mapping[int, Seen]) -> Iterator[str]:
    """Yield what two formats of a feed say otherwise."""
    for number in sorted({*one, *two}):
        first, second = one.get(number), two.get(number)
        if first is None or second is None:
            yield f"only one has news {number}"
            continue
        for name in _COMPARED:
            here, there = getattr(first, name), getattr(second, name)
            if here != there:
                yield f"the {name} of news {number} is {here} and {there}"


def _lebanon(trial: Trial, form: str) -> list[str]:
    some, all_ = walk(trial, f"lebanon.{form}"), walk(trial, "news.json")
    if some is None or all_ is None:
        return ["it cannot be walked"]
    found = [*some.faults]
    for number, item in some.seen.items():
        found += differences(
            {number: item}, {n: one for n, one in all_.seen.items() if n == number}
        )
    wanted = dict(about_lebanon(trial))
    if not any(wanted.values()):  # a feed that has entries is not emptied until staff say so
        return found
    found += [
        f"it {'lacks' if is_wanted else 'has'} news {number}"
        for number, is_wanted in wanted.items()
        if number in all_.seen and is_wanted != (number in some.seen)
    ]
    return found


def about_lebanon(trial: Trial) -> Iterator[tuple[int, bool]]:
    """Yield whether each piece of news is about Lebanon, if that is certain.

    It is not where the file is held or gone: no mark tells which text readers have, if no other
    news was about Lebanon when it was changed.
    """
    for piece, fate, texts in trial.model.fates(trial.now):
        if fate is Fate.LIVE and texts == [piece.text] and not piece.is_version_open:
            yield piece.number, texts[0].is_about_lebanon


def _tombstones(trial: Trial) -> list[str]:
    found = walk(trial, "news.atom")
    if found is None:
        return ["it cannot be walked"]
    alive = {one.id for one in found.seen.values()}
    gone = [one for one in trial.model.pieces.values() if _is_lately_gone(trial, one)]
    missing = {one.number for one in gone if one.first and one.first.id not in found.deleted}
    return [
        *(f"it has no tombstone of news {number}" for number in sorted(missing)),
        *(f"it has a tombstone of {one}, which is live" for one in sorted(alive & found.deleted)),
    ]


def _is_lately_gone(trial: Trial, piece: Piece) -> bool:
    """Return whether a piece was seen to go, not long ago, and is recorded."""
    if piece.is_live or piece.is_unknown or piece.left is None:
        return False
    return trial.model.latest < piece.left + _NOTICED
