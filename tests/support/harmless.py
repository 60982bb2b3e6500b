"""The oracle for HTML that others wrote: what a browser's parser makes of it harms nobody."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import html5lib

from dateline.entries.normalise import markdown

ATTRIBUTES = frozenset(
    {"href", "src", "title", "alt", "lang", "dir", "start", "colspan", "rowspan"}
)
ELEMENTS = frozenset(markdown._TAGS)  # noqa: SLF001
SCHEMES = frozenset({"http", "https", "mailto", "tel"})
PICTURES = frozenset({"http", "https"})
_AROUND = "<!doctype html><title>x</title><main><article>{}<hr id=in></article><hr id=after></main>"
_CONTROLS = re.compile("[\x00-\x20\x7f-\x9f]")


def harms(fragment: str) -> list[str]:
    """Return what is dangerous or misplaced in a fragment of HTML within a page, by html5lib.

    Each element, attribute and address is one that a text may have, and what stands behind the
    fragment in the page is still there, and outside it.
    """
    page = html5lib.parse(_AROUND.format(fragment), namespaceHTMLElements=False)
    main = page.find("body/main")
    if (
        main is None
        or [one.tag for one in main] != ["article", "hr"]
        or main[0][-1].get("id") != "in"
    ):
        return ["it does not end where it should"]
    found = [] if len(page.find("head") or ()) == 1 else ["something is in the head"]
    for element in main[0].iter():
        if element in {main[0], main[0][-1]}:
            continue
        if element.tag not in ELEMENTS:
            found.append(f"the element {element.tag}")
        found += [f"{element.tag} {name}" for name in element.attrib if name not in ATTRIBUTES]
        for name in {"href", "src"} & {*element.attrib}:
            found += _harms_of(str(element.get(name)), is_picture=name == "src")
    return found


def _harms_of(address: str, *, is_picture: bool) -> list[str]:
    """Return what is dangerous in an address, which browsers strip of controls before they read."""
    if _CONTROLS.sub("", address) != address:
        return [f"control characters in {address!r}"]
    try:
        parts = urlsplit(address)
    except ValueError:
        return [f"the address {address!r}"]
    if parts.scheme not in (SCHEMES if not is_picture else PICTURES):
        return [f"the address {address!r}"]
    return [f"a name in {address!r}"] if "@" in parts.netloc else []
