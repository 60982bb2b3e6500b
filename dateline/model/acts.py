"""What people did with entries, as the ledger records it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Act(StrEnum):
    """One thing that people do with entries."""

    SAVED = "saved"
    APPROVED = "approved"
    ALLOWED = "allowed"
    KEPT = "kept"
    STOPPED = "stopped"
    RETRACTED = "retracted"
    ASKED = "asked"
    """For a withdrawal."""
    DECLINED = "declined"
    WITHDREW = "withdrew"
    RESTORED = "restored"
    TOOK_DOWN = "took-down"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRecord:
    """One act: who did what, and when.

    `person` is empty for the command line, and in a newsroom whose staff share a token. `path` is
    that of the entry's file, or empty for the whole publication and after a takedown; `entry_id`
    is empty before publication. `detail` is the digest of what was saved or approved, the code
    that was allowed or kept, or the number of the version that was restored.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
    >>> ActRecord(moment=noon, person="Editor", act=Act.STOPPED, path="report.toml").act.value
    'stopped'
    """

    moment: datetime
    person: str
    act: Act
    path: str = ""
    entry_id: str = ""
    detail: str = ""

    @property
    def summary(self) -> str:
        """Return the act in a few words, with a code or a number, but without a digest."""
        done = f"{self.act} by {self.person}" if self.person else self.act.value
        detail = "" if self.act in {Act.SAVED, Act.APPROVED} else self.detail
        return f"{done}: {detail}" if detail else done


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalRequest:
    """A request of a `person` to withdraw an entry, for a reason, until it is decided.

    >>> WithdrawalRequest(entry_id="tag:example.org,2026:a", person="Writer", reason="Not ours.")
    WithdrawalRequest(entry_id='tag:example.org,2026:a', person='Writer', reason='Not ours.')
    """

    entry_id: str
    person: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A content that a writer saved at a path, and that waits for an editor.

    `digest` is the SHA-256 of its bytes, `size` their number. `path` is empty if it was saved in
    several places. `person` is empty where it is not known who saved it, after the loss of a
    ledger. In its `approved` uses it waits no more.
    """

    digest: str
    size: int
    path: str
    person: str
    moment: datetime
    approved: frozenset[str] = frozenset()
