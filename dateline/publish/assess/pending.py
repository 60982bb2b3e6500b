"""Which files want to be judged in this run, and which are gone?

Where somebody told which files changed, only these are looked at, and what waits; else all.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from dateline.config import Config
from dateline.entries import scan
from dateline.entries.filenames import is_entry
from dateline.entries.lazy_scan import glance
from dateline.entries.scan import Scan, loose
from dateline.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingFiles:
    """One look: what is `there`, what of it is `due`, and what was judged once and is `gone`.

    Of what is due, `changed` is what is another than it was, new, or waits.
    A folder that cannot be read has what it had.
    """

    look: Scan
    there: tuple[str, ...]
    due: tuple[str, ...]
    changed: Collection[str]
    gone: tuple[str, ...]


def survey(
    config: Config,
    ledger: Ledger,
    *,
    now: datetime,
    anew: bool,
    asked: Collection[str],
    told: Collection[str] | None,
) -> PendingFiles:
    """Look at the files that were `told` to have changed, or at all where None was told.

    All are due `anew`; those that are `asked` for are due though they did not change.
    """
    if told is not None and not anew and (found := _glanced(config, ledger, told, now)):
        return found
    look = scan.look(config.entries)
    others, absent = {*look.files}, []  # others than they were, and gone
    for path, stamp in ledger.files.stamps():
        if path not in look.files:
            absent.append(path)
        elif look.files[path] == stamp:
            others.discard(path)
    again = {*asked, *ledger.files.waiting(now)}
    again |= {
        path
        for path, beside in ledger.files.beside().items()
        if any(look.is_other(name, stamp) for name, stamp in beside.items())
    }
    hidden = [path for path in absent if look.is_out_of_sight(path)]
    return PendingFiles(
        look=look,
        there=(*look.entries, *hidden),
        due=tuple(path for path in look.entries if anew or path in again or path in others),
        changed=others | again,
        gone=tuple(sorted({*absent} - {*hidden})),
    )


def _glanced(
    config: Config, ledger: Ledger, told: Collection[str], now: datetime
) -> PendingFiles | None:
    """Look at what was told alone; None where that is not enough."""
    files = ledger.files
    users = files.users(sorted({*told, *map(loose, told)}))
    wanted = {*told, *files.waiting(now), *users}
    wanted |= {*files.alike([path for path in wanted if is_entry(path)])}
    look = glance(config.entries, wanted)
    if look is None:
        return None
    absent = [path for path in sorted(wanted) if path not in look.files]
    known = files.find(absent)
    if any(path not in known and files.has_under(path) for path in absent):
        return None
    entries = look.entries
    return PendingFiles(look=look, there=entries, due=entries, changed=entries, gone=tuple(known))
