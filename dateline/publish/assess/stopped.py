"""What did staff stop before it was published?

The ledger remembers the digest of what the file said, so that no other name and no other time
lets it pass; a file that says anything else is another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace

from dateline.entries.reader import ReadResult
from dateline.errors import Problem
from dateline.ledger import Ledger


def stop(ledger: Ledger, data: bytes) -> None:
    """Remember that a file of these bytes is not to be published, whatever it is called."""
    ledger.state.add_stopped(_digest(data))


def doubt(ledger: Ledger, data: bytes) -> None:
    """Remember that a file of these bytes may have been published before the ledger was lost."""
    ledger.state.add_unrecognised(_digest(data))


def without_stopped(
    judged: Sequence[ReadResult], ledger: Ledger, live: Collection[str]
) -> list[ReadResult]:
    """Hold what was stopped and says the same as then; what is `live` came out otherwise."""
    state = ledger.state
    for held, code in (
        (state.stopped_digests, "stopped"),
        (state.unrecognised_digests, "unrecognised"),
    ):
        judged = [
            _held(one, code) if _is_among(held, one) and one.path not in live else one
            for one in (judged if held else ())
        ] or judged
    return [*judged]


def _is_among(stopped: Collection[str], judged: ReadResult) -> bool:
    return judged.story is not None and _digest(judged.data) in stopped


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _held(judged: ReadResult, code: str) -> ReadResult:
    problem = Problem(code=code, file=judged.path)
    return replace(judged, story=None, problems=(*judged.problems, problem))
