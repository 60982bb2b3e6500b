"""What did staff stop before it was published?

The ledger remembers the digest of what the file said, so that no other name and no other time
lets it pass; a file that says anything else is another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from sys import maxsize

from dateline.entries.reader import ReadResult
from dateline.errors import Problem
from dateline.ledger import Ledger

_FACT = "stopped"
_DOUBTED = "unrecognised"  # files of which a recovery does not know what became of them
_REMEMBERED = 500


def stop(ledger: Ledger, data: bytes) -> None:
    """Remember that a file of these bytes is not to be published, whatever it is called."""
    _remember(ledger, _FACT, data, _REMEMBERED)


def doubt(ledger: Ledger, data: bytes) -> None:
    """Remember that a file of these bytes may have been published before the ledger was lost."""
    _remember(ledger, _DOUBTED, data, maxsize)


def _remember(ledger: Ledger, name: str, data: bytes, most: int) -> None:
    digest = hashlib.sha256(data).hexdigest()
    others = [one for one in ledger.fact(name).split() if one != digest]
    ledger.set_fact(name, " ".join([*others[1 - most :], digest]))


def without_stopped(
    judged: Sequence[ReadResult], ledger: Ledger, live: Collection[str]
) -> list[ReadResult]:
    """Hold what was stopped and says the same as then; what is `live` came out otherwise."""
    for fact, code in ((_FACT, "stopped"), (_DOUBTED, "unrecognised")):
        held = frozenset(ledger.fact(fact).split())
        judged = [
            _held(one, code) if _is_among(held, one) and one.path not in live else one
            for one in (judged if held else ())
        ] or judged
    return [*judged]


def _is_among(stopped: Collection[str], judged: ReadResult) -> bool:
    return judged.story is not None and hashlib.sha256(judged.data).hexdigest() in stopped


def _held(judged: ReadResult, code: str) -> ReadResult:
    problem = Problem(code=code, file=judged.path)
    return replace(judged, story=None, problems=(*judged.problems, problem))
