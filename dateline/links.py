"""Where does a link lead, and if nowhere, what would staff type instead?"""

from __future__ import annotations

import re
from typing import NamedTuple

from dateline.address import web_address
from dateline.media import media_type_of
from dateline.wanted import is_on_a_computer, own_place, typed

_BARE_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,24}(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)
_ALMOST = re.compile(
    r"h?h?t{0,3}ps?\s?(?:[:;.]\s?[/\\]{0,3}|[/\\]{2}|\s)(?=[\w-]+\.\w)", re.IGNORECASE
)
_MAIL = re.compile(r"(?:mailto:)?[\w.+-]+@[\w-]+\.[\w.-]+", re.IGNORECASE)
_INSIDE = re.compile(r"https?://[^\s<>()\[\]\"“”]+", re.IGNORECASE)


class Link(NamedTuple):
    """The address that readers follow, or None; what to say of it, and what to type instead."""

    address: str | None
    code: str = ""
    wanted: str = ""


def link_of(written: str) -> Link:
    """Read what stands behind `link`, where there is anything.

    >>> link_of("www.example.org")
    Link(address='https://www.example.org/', code='link-completed', wanted='https://www.example.org/')
    """
    bare = written.rstrip(".,;")
    if _BARE_HOST.fullmatch(bare) and "@" not in bare.partition("/")[0]:
        return _completed(bare)
    if address := web_address(written):
        return Link(address)
    if is_on_a_computer(written):
        return Link(None, *own_place("link", written))
    if _MAIL.fullmatch(written):
        return Link(None, "link-mail", written.removeprefix("mailto:"))
    if meant := _meant(written):
        return Link(None, "link-misspelt", meant)
    return Link(None, "link-not-web")


def _completed(bare: str) -> Link:
    """Add what is missing before the name of a site; the name of a file is none."""
    if "/" not in bare and media_type_of(bare) != media_type_of(""):
        return Link(None, "link-file", typed("attachments", bare))
    address = web_address(f"https://{bare}")
    return Link(address, "link-completed" if address else "link-not-web", address or "")


def _meant(written: str) -> str:
    """Find the address in what is not quite one: misspelt, in brackets, or one of two."""
    almost = _ALMOST.match(written)
    if almost and (address := web_address(f"https://{written[almost.end() :]}")):
        return address
    inside = _INSIDE.search(written)
    return (web_address(inside[0].rstrip(".,;")) or "") if inside else ""
