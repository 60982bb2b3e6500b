"""The findings of the doctor."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one check: `state` is ok, look (works, and could be better) or bad.

    A finding of a rule of an aggregator has the name of the `rule`, and its `source`: the address
    of the page that states it.
    """

    state: str
    about: str
    text: str
    rule: str = ""
    source: str = ""

    def by(self, rule: str, source: str) -> Finding:
        """Return it as the finding of a rule of an aggregator."""
        return replace(self, rule=rule, source=source)


def ok(about: str, text: str) -> Finding:
    """Return a finding without fault."""
    return Finding(state="ok", about=about, text=text)


def improvable(about: str, text: str) -> Finding:
    """Return a finding that works, and could be better."""
    return Finding(state="look", about=about, text=text)


def bad(about: str, text: str) -> Finding:
    """Return a finding that harms readers."""
    return Finding(state="bad", about=about, text=text)
