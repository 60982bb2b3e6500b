"""The sites that the publication was at before, by machine and path."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from dateline.text.expressions import regex

_MACHINE = regex(r"(\[.*\]|[^:]*?)\.?(?::(\d*))?")
_PORTS = frozenset({"80", "443"})


def moved_to(
    sites: Mapping[str, str], host: str, path: str, above: str = ""
) -> tuple[str, str] | None:
    """Return the present address of the site at this `Host`, and the path below it, or None.

    `sites` has the address of each, by its machine and path, without a slash at the end. `path` and
    what was removed `above` it are as in WSGI. A path that is not below that of the former site is
    kept: a proxy may have removed it.

    >>> moved_to({"example.org/news": "https://new.example.org/"}, "example.org", "/news/a.rss")
    ('https://new.example.org/', '/a.rss')
    """
    machine, found = _machine(host), dict[str, str]()
    for site, address in sites.items():
        own, slash, folder = site.partition("/")
        if machine is not None and _machine(own) == machine:
            found[unquote_to_bytes(slash + folder).decode("latin-1")] = address  # PEP 3333
    if not found:
        return None
    whole = above + path
    for folder in sorted(filter(None, found), key=len, reverse=True):
        if whole == folder or whole.startswith(f"{folder}/"):
            return found[folder], whole.removeprefix(folder)
    return found[min(found, key=len)], path


def _machine(host: str) -> tuple[str, str] | None:
    """Return name and port; a final dot, and the ports of http and https, change nothing.

    RFC 3986, section 6.2.3.
    """
    found = _MACHINE.fullmatch(host.lower())
    if found is None:
        return None
    port = found[2] or ""
    return found[1], "" if port in _PORTS else port
