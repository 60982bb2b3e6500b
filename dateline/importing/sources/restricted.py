"""Parts of a text that its site showed to some readers alone, by the names of its commands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from dateline.text.expressions import regex

# Without "-", "_" and "/": of plugins for memberships, passwords and paid texts, of notes to staff,
# and of conditions.
_NAME = regex(
    r"encrypt|groupsmember|loggedin|membercontent|membership|passster|passw|paywall|premiumcontent"
    r"|privatecontent|protect|restrict|showcontent|subscriber|^access$|^(?:case|if|unless)$"
    r"|^drafts?$|^hidden|^hide(?:content)?$|^ihc|^internal(?:notes?|only)?$|^is(?:not)?paid|^iump"
    r"|^members?(?:access|only)?$|^mepr|^mmmember|^pmpro|^ppwp|^private|^rcp|^s2if|^secrets?$|^swpm"
    r"|^todo$|^wcm|^wlm"
)
# Fields by which plugins of WordPress keep a whole post from some readers, and their other values.
_FIELDS = (
    "_is_paid", "ihc_mb_who", "memberful_acl", "passster_activate_protection", "rcp_access_level",
    "rcp_subscription_level", "rcp_user_level",
)  # fmt: skip
_OPEN = frozenset({"", "0", "a:0:{}", "all", "everybody", "false", "no", "none", "off"})
# Of Ultimate Member: settings of this post's own, for members.
_OWN = regex(r'"_um_custom_access_settings";(?:s:1:"1"|[bi]:1);')
_FOR_MEMBERS = regex(r'"_um_accessible";(?:s:1:"2"|i:2);')
_JOINTS = str.maketrans("", "", "-_/")


def restricting(names: Iterable[str]) -> list[str]:
    """Return which commands show what they hold to some readers alone, each once.

    >>> restricting(["gallery", "members_only", "team_member", "internal-link", "if"])
    ['members_only', 'if']
    """
    return list(dict.fromkeys(name for name in names if _NAME.search(_plain(name))))


def by_fields(fields: Mapping[str, str]) -> Iterator[str]:
    """Yield what keeps a whole post of WordPress from some readers, by its custom fields."""
    if role := fields.get("_members_access_role"):
        yield f"the role {role}"
    if fields.get("_jetpack_newsletter_access", "").lower() not in _OPEN:
        yield "subscribers of a newsletter"
    yield from (
        f"the field {name}" for name in _FIELDS if fields.get(name, "").lower() not in _OPEN
    )
    settings = fields.get("um_content_restriction", "")
    if _OWN.search(settings) and _FOR_MEMBERS.search(settings):
        yield "the field um_content_restriction"


def loss(what: str) -> str:
    """Return the message about a part that only some readers saw."""
    return f"has {what}, for some readers only: it is a draft, so take out what is not public"


def _plain(name: str) -> str:
    return name.lower().translate(_JOINTS)
