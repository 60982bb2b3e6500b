"""Parts of a text that its site showed to some readers alone, by the names of its commands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from dateline.entries.parse import kept_back
from dateline.text.expressions import regex

# Without "-", "_" and "/": of plugins for memberships, passwords and paid texts, of notes to staff,
# and of conditions.
_NAME = regex(
    r"contentcontrol|encrypt|groups(?:can|member)|hidecontent|loggedin|membercontent|membership"
    r"|passster|passw|patreon(?!button)|paywall|premiumcontent|privatecontent|protect|restrict|showcontent"
    r"|subscriber|^access$|^(?:case|if|unless)$|^drafts?$|^eyesonly|^hidden|^hide(?:this)?$|^ihc"
    r"|^internal(?:notes?|only)?$|^is(?:not)?paid|^iump|^(?:su)?members?(?:access|only)?$|^mepr"
    r"|^mm(?:access|member)|^pmpro|^ppwp|^premium$|^(?:su)?private|^rcp|^s2if|^secrets?$|^swpm"
    r"|^todo$|^wcm|^wlm"
)
# Settings in blocks and shortcodes of WordPress that hide a part, or show it at times or to some:
# its own, and those of Block Visibility, Content Control, Kadence, Newspack, Otter, Spectra,
# Stackable, WPBakery (`disable_element`), Divi (`disabled`) and Avada (`status`).
_HIDES = regex(
    r'"blockVisibility"\s*+:\s*+false|"(?:hideBlock|loggedInShow)"\s*+:\s*+true'
    r'|"schedules"\s*+:\s*+\[\s*+\{|"visibilityByRole"\s*+:\s*+"(?!all"|public")'
    r'|"(?:uag|otter|stk|block|display|visibility)\w*conditions?"\s*+:\s*+'
    r'(?:"(?!none"|")|[\[{]++\s*+[^\s\]\[{}])'
    r'|"newspackAccessControl(?:Rules|GateIds)"\s*+:\s*+[\[{]\s*+[^\s\]}]'
    r'|"contentControls?"\s*+:\s*+\{\s*+"enabled"\s*+:\s*+true'
    r'|"disabledOn"\s*+:\s*+\{(?:"\w++":\{"value":"on"\},?){3}'
    r"""|\b(?:disable_element=["']yes|disabled=["']on|disabled_on=["']on\|on\|on)["']"""
    r"""|\bstatus=["'](?:draft|publish_after|published_until)["']"""
    r"""|\b(?:display_conditions|render_logics)=["'](?!W10=)[^"']""",
    re.IGNORECASE,
)
# Fields by which plugins of WordPress keep a whole post from some readers, and their other values.
# Two mark the copy in which staff prepare another version of a public post.
_FIELDS = (
    "_dp_is_rewrite_republish_copy", "_is_paid", "_llms_is_restricted", "_rvy_base_post_id",
    "_wpmem_block", "groups-groups_read_post", "groups-read", "ihc_mb_who", "memberful_acl",
    "passster_activate_protection", "patreon-level", "rcp_access_level", "rcp_subscription_level",
    "rcp_user_level",
)  # fmt: skip
_OPEN = frozenset({"", "0", "a:0:{}", "all", "everybody", "false", "no", "none", "off"})
# Of Ultimate Member: settings of this post's own, for members.
_OWN = regex(r'"_um_custom_access_settings";(?:s:1:"1"|[bi]:1);')
_FOR_MEMBERS = regex(r'"_um_accessible";(?:s:1:"2"|i:2);')
# What shops and calendars say of their goods and events.
_OF_SHOPS = frozenset({"active", "available", "enabled", "live", "online", "ready", "release"})
_OF_ACF = "field_"  # begins what Advanced Custom Fields keeps under the name of a field with `_`
_IN_ELEMENTOR = regex(r'"e_display_conditions"\s*+:[\s\["\\{]*+condition')
_JOINTS = str.maketrans("", "", "-_/")


def restricting(names: Iterable[str]) -> list[str]:
    """Return which commands show what they hold to some readers alone, each once.

    >>> restricting(["gallery", "members_only", "team_member", "internal-link", "if"])
    ['members_only', 'if']
    """
    return list(dict.fromkeys(name for name in names if _NAME.search(_plain(name))))


def is_hiding(settings: str) -> bool:
    """Return whether the settings of a block or a shortcode keep a part from readers.

    >>> is_hiding('disable_element="yes"'), is_hiding('{"otterConditions":[]}')
    (True, False)
    """
    return bool(_HIDES.search(settings))


def by_fields(fields: Mapping[str, str]) -> Iterator[str]:
    """Yield what keeps a whole post of WordPress from some readers, by its custom fields."""
    if role := fields.get("_members_access_role"):
        yield f"the role {role}"
    if fields.get("_jetpack_newsletter_access", "").lower() not in _OPEN:
        yield "subscribers of a newsletter"
    yield from (
        f"the field {name}" for name in _FIELDS if fields.get(name, "").lower() not in _OPEN
    )
    yield from (
        f"the field {name}"
        for name, value in fields.items()
        if not value.startswith(_OF_ACF)
        and _plain(name) not in _OF_SHOPS
        and kept_back.is_hidden(name, value)
    )
    if _IN_ELEMENTOR.search(fields.get("_elementor_data", "")):
        yield "display conditions of Elementor"
    settings = fields.get("um_content_restriction", "")
    if _OWN.search(settings) and _FOR_MEMBERS.search(settings):
        yield "the field um_content_restriction"


def loss(what: str) -> str:
    """Return the message about a part that only some readers saw."""
    return f"has {what}, for some readers only: it is a draft, so take out what is not public"


def _plain(name: str) -> str:
    return name.lower().translate(_JOINTS)
