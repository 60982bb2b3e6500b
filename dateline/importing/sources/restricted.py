"""Parts of a text that its site showed to some readers alone, by the names of its commands."""

from __future__ import annotations

from collections.abc import Iterable

from dateline.text.expressions import regex

# Without "-", "_" and "/": of plugins for memberships, passwords and paid texts, of notes to staff,
# and of conditions.
_NAME = regex(
    r"encrypt|groupsmember|loggedin|membercontent|membership|passster|passw|paywall|premiumcontent"
    r"|privatecontent|protect|restrict|showcontent|subscriber|^access$|^(?:case|if|unless)$|^draft"
    r"|^hidden|^hide(?:content)?$|^i[hu]mp|^ihc|^internal|^is(?:not)?paid|^members?(?:access|only)?$"
    r"|^mepr|^mmmember|^pmpro|^ppwp|^private|^rcp|^s2if|^secret|^swpm|^todo$|^wcm|^wlm"
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
