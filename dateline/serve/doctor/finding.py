"""What does the doctor find?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: `state` is ok, look (better mended) or bad."""

    state: str
    about: str
    text: str


def ok(about: str, text: str) -> Finding:
    """Say that all is well."""
    return Finding(state="ok", about=about, text=text)


def look(about: str, text: str) -> Finding:
    """Say that it works, and could be better."""
    return Finding(state="look", about=about, text=text)


def bad(about: str, text: str) -> Finding:
    """Say that readers are hurt."""
    return Finding(state="bad", about=about, text=text)
