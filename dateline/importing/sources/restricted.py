"""Parts of a text that its site showed to some readers alone, by the names of its commands."""

from __future__ import annotations

from collections.abc import Iterable

from dateline.text.expressions import regex

# Without "-", "_" and "/": of plugins for memberships, passwords and paid texts.
_NAME = regex(
    r"encrypt|loggedin|membercontent|membership|passw|paywall|premiumcontent|privatecontent|protect"
    r"|restrict|subscriber|^members?(?:access|only)?$|^mepr|^pmpro|^ppwp|^private|^s2if|^swpm|^wcm"
    r"|^wlm"
)
_JOINTS = str.maketrans("", "", "-_/")


def restricting(names: Iterable[str]) -> list[str]:
    """Return which commands show what they hold to some readers alone, each once.

    >>> restricting(["gallery", "members_only", "team_member"])
    ['members_only']
    """
    return list(dict.fromkeys(name for name in names if _NAME.search(_plain(name))))


def loss(what: str) -> str:
    """Return the message about a part that only some readers saw."""
    return f"has {what}, for some readers only: it is a draft, so take out what is not public"


def _plain(name: str) -> str:
    return name.lower().translate(_JOINTS)
