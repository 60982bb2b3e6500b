"""The verdict on delivery: what was found often enough to be true.

A front that restarts, or a lost packet, is no news. A fault counts when each of several rounds
found it, and is over when two rounds did not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dateline.serve.doctor.replies import DeliveryFault

PAUSES = (4.0, 7.0, 9.0)  # seconds between the rounds that confirm a fault
_SURE = len(PAUSES) + 1  # rounds
_WELL = 2  # rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The fault that is confirmed, or None, and how often something else was found since.

    Nothing `is_known` before the first rounds, nor while this machine cannot ask.

    >>> from dateline.system.condition import Code
    >>> stale = DeliveryFault(code=Code.STALE, detail="https://news.example.org/news.rss")
    >>> verdict = Verdict()
    >>> for _ in range(4):
    ...     verdict = verdict.after(stale)
    >>> verdict.fault is stale, verdict.after(None).fault is stale
    (True, True)
    >>> verdict.after(None).after(None).fault is None
    True
    """

    is_known: bool = False
    fault: DeliveryFault | None = None
    doubts: int = 0

    @property
    def pause(self) -> float | None:
        """Seconds until the next round that may change the verdict; None if none is urgent."""
        return PAUSES[min(self.doubts, len(PAUSES)) - 1] if self.doubts else None

    def after(self, found: DeliveryFault | None) -> Verdict:
        """Return the verdict after another round."""
        if found is None and (self.fault is None):
            return Verdict(is_known=True)
        if found and self.fault and found.code is self.fault.code:
            return replace(self, fault=found, is_known=True, doubts=0)
        doubts = self.doubts + 1
        if doubts >= (_SURE if found else _WELL):
            return Verdict(is_known=True, fault=found)
        return replace(self, doubts=doubts)

    def unknown(self) -> Verdict:
        """Return the verdict while this machine cannot ask: nothing begins, and nothing ends."""
        return Verdict(fault=self.fault)
