"""The findings of the doctor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one check: `state` is ok, look (works, and could be better) or bad."""

    state: str
    about: str
    text: str


def ok(about: str, text: str) -> Finding:
    """Return a finding without fault."""
    return Finding(state="ok", about=about, text=text)


def improvable(about: str, text: str) -> Finding:
    """Return a finding that works, and could be better."""
    return Finding(state="look", about=about, text=text)


def bad(about: str, text: str) -> Finding:
    """Return a finding that harms readers."""
    return Finding(state="bad", about=about, text=text)
