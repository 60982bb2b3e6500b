"""What did staff stop before it was published?

The ledger remembers the digest of what the file said, so that no other name and no other time
lets it pass; a file that says anything else is another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace

from dateline.errors import Problem
from dateline.judge import Judged
from dateline.ledger import Ledger

_FACT = "stopped"
_REMEMBERED = 500


def stop(ledger: Ledger, data: bytes) -> None:
    """Remember that a file of these bytes is not to be published, whatever it is called."""
    digest = hashlib.sha256(data).hexdigest()
    others = [one for one in ledger.fact(_FACT).split() if one != digest]
    ledger.set_fact(_FACT, " ".join([*others[1 - _REMEMBERED :], digest]))


def without_stopped(
    judged: Sequence[Judged], ledger: Ledger, live: Collection[str]
) -> list[Judged]:
    """Hold what was stopped and says the same as then; what is `live` came out otherwise."""
    stopped = frozenset(ledger.fact(_FACT).split())
    if not stopped:
        return list(judged)
    return [
        _held(one) if _is_among(stopped, one) and one.path not in live else one for one in judged
    ]


def _is_among(stopped: Collection[str], judged: Judged) -> bool:
    return judged.story is not None and hashlib.sha256(judged.data).hexdigest() in stopped


def _held(judged: Judged) -> Judged:
    problem = Problem(code="stopped", file=judged.path)
    return replace(judged, story=None, problems=(*judged.problems, problem))
