"""Addresses that every reader can follow.

Addresses are absolute `http` or `https` URIs in ASCII (RFC 3986): lower-case host, a path
that is never empty, no tracking parameters. Slugs are lower-case ASCII words.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from dateline.model import Feed
from dateline.text.expressions import regex

_PATH = "/%:@!$&'()*+,;=-._~"
_QUERY = _PATH + "?"
_WEB = frozenset({"http", "https"})
# Most addresses; to take the others apart costs ten times as much.
_AS_IT_SHOULD_BE = regex(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z]{2,24}/[A-Za-z0-9/._~-]*"
)
_LONGEST_HOST = 253  # characters of a name (RFC 1035, section 2.3.4)
_LONGEST = 4_000  # characters of an address beyond ASCII: quoted, they are more than servers take
_SLUG_LENGTH = 60
PAGES_OF_ENTRIES = "[0-9][0-9][0-9][0-9]/[0-9][0-9]/*.html"
"""Matches the files of all pages of entries below `feeds/`, and those of months."""

EVERYTHING = "all"
"""The tag that caches know every document by."""


def web_address(text: str, base: str = "", *, fragment: bool = False) -> str | None:
    """Return `text`, an IRI or a reference relative to `base`, as an absolute URI.

    None where it is no web address: another scheme, no host, an impossible port. The
    fragment is dropped unless `fragment` asks for it; `utm_` parameters always are.

    >>> web_address("HTTPS://Example.org/naïve page?utm_source=x")
    'https://example.org/na%C3%AFve%20page'
    """
    if _AS_IT_SHOULD_BE.fullmatch(text) and "/." not in text:
        return text
    if _is_too_long(text):
        return None
    try:
        parts = urlsplit(urljoin(base, text.strip()))
        host = _host(parts.hostname or "")
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return None
    if parts.scheme not in _WEB or not host or parts.username is not None:
        return None
    return urlunsplit(
        (
            parts.scheme,
            host + port,
            _quoted(parts.path or "/", _PATH),
            _without_tracking(_quoted(parts.query, _QUERY)),
            _quoted(parts.fragment, _QUERY) if fragment else "",
        )
    )


class AddressFault(StrEnum):
    """The reason why a text is no web address."""

    SCHEME = "scheme"
    SIGN_IN = "sign-in"
    HOST = "host"
    PORT = "port"


def fault_of(text: str) -> AddressFault:
    """Return the reason why a text is no web address.

    >>> fault_of("https://example.org:99999/").name
    'PORT'
    """
    return _fault_and_host(text)[0]


def address_fault(text: str) -> str:
    """Return what is wrong with a text that is no web address, as the end of a sentence.

    >>> address_fault("https://example.org:99999/")
    'must have a port from 1 to 65535, or none'
    """
    fault, host = _fault_and_host(text)
    wrong = f'cannot have the host "{host}"' if host else "must have a host after ://"
    return {
        AddressFault.SCHEME: "must start with https:// or http://",
        AddressFault.SIGN_IN: "must have no name and no password before the host",
        AddressFault.HOST: f'{wrong}. A host is like "news.example.org"',
        AddressFault.PORT: "must have a port from 1 to 65535, or none",
    }[fault]


def without_fault(text: str) -> str | None:
    """Return a web address without a sign-in or an impossible port; None where it is none then.

    >>> without_fault("https://me:secret@example.org:99999/a")
    'https://example.org/a'
    """
    scheme, _, rest = text.partition("://")
    place, slash, path = rest.partition("/")
    host = place.rpartition("@")[2]
    tries = (host, host.rpartition(":")[0])
    addresses = (web_address(f"{scheme}://{one}{slash}{path}", fragment=True) for one in tries)
    return next(filter(None, addresses), None)


def _fault_and_host(text: str) -> tuple[AddressFault, str]:
    if _is_too_long(text):
        return AddressFault.HOST, ""
    try:
        parts = urlsplit(text.strip())
        scheme, place, host = parts.scheme, parts.netloc, parts.hostname or ""
    except ValueError:  # brackets that do not match
        scheme, place, host = text.strip().partition(":")[0].lower(), "", ""
    if scheme not in _WEB:
        return AddressFault.SCHEME, host
    if "@" in place:
        return AddressFault.SIGN_IN, host
    try:
        usable = host and _host(host)
    except ValueError:
        usable = ""
    return AddressFault.PORT if usable else AddressFault.HOST, host


def joined(base: str, reference: str) -> str:
    """Return a reference resolved against `base`, or the reference if it is malformed."""
    if _is_too_long(reference):
        return reference
    try:
        return urljoin(base, reference)
    except ValueError:
        return reference


def machine(address: str) -> tuple[str, int | None]:
    """Return the host and port of an address: what differs there is another site.

    The ports of http and https change nothing, as in `dateline.serve.cache.former_sites`. Raises
    `ValueError` for a port that is none.

    >>> machine("https://Example.org:443/"), machine("http://example.org:8000/news/")
    (('example.org', None), ('example.org', 8000))
    """
    parts = urlsplit(address)
    port = None if parts.port in {80, 443} else parts.port
    return (parts.hostname or "").removesuffix("."), port


@lru_cache(maxsize=2048)  # each title of a batch of new entries is asked for twice
def slugify(text: str) -> str:
    """Return the words of `text` in any script as a slug of at most 60 characters.

    It is never `index`, the name of a folder's own page.

    >>> slugify("L’ONUDC lance une boîte à outils")
    'l-onudc-lance-une-boite-a-outils'
    """
    from anyascii import anyascii  # noqa: PLC0415 - only where there is a new entry

    words = re.findall(r"[a-z0-9]+", anyascii(text).lower())
    slug = ""
    for word in words:
        longer = f"{slug}-{word}" if slug else word[:_SLUG_LENGTH]
        if len(longer) > _SLUG_LENGTH:
            break
        slug = longer
    return "entry" if slug in {"", "index"} else slug


def page_stem(day: date, title: str) -> str:
    """Return the usual address of a page, relative to the site's.

    >>> page_stem(date(2008, 10, 3), "Human trafficking: a crime")
    '2008/10/human-trafficking-a-crime'
    """
    return f"{day:%Y/%m}/{slugify(title)}"


def fingerprint(path: str) -> str:
    """Return the digest of an address below the site's, which stands for one that is gone."""
    return hashlib.sha256(path.encode()).hexdigest()


def cache_tag(path: str) -> str:
    """Return the tag by which caches find a document: its path without its ending.

    All forms of a feed have one tag, and so have the page of an event and its calendar. That of a
    feed called `all` has a slash, as no path begins with one.

    >>> cache_tag("news.rss"), cache_tag("2026/11/report.html"), cache_tag("archive/news/3.atom")
    ('news', '2026/11/report', 'archive/news/3')
    >>> cache_tag("all.rss")
    '/all'
    """
    own = path.partition(".")[0]
    return f"/{own}" if own == EVERYTHING else own


def _is_too_long(text: str) -> bool:
    """Return whether the signs beyond ASCII in an address would take long to be read."""
    return len(text) > _LONGEST and not text.isascii()


def _host(host: str) -> str:
    if ":" in host:
        return f"[{host}]"
    name = unquote(host, errors="strict")  # Markdown quotes it (RFC 3986, section 3.2.2)
    if len(name) > _LONGEST_HOST:
        return ""
    ascii_host = name.encode("idna").decode("ascii").lower()
    return ascii_host if re.fullmatch(r"[a-z0-9._-]+", ascii_host) else ""


def _quoted(text: str, safe: str) -> str:
    """Quote what may not stand as it is; a lone `%` is quoted, an escape stays."""
    return re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", quote(text, safe=safe))


def _without_tracking(query: str) -> str:
    return "&".join(one for one in query.split("&") if not one.startswith("utm_"))


HUB = "hub"
SEARCH = "search"  # the path of the page of results
ICONS = ("icon.svg", "icon.png")  # the paths of the icons of a publication without one


def error_page(status: int, language: str = "") -> str:
    """Return the path of an error page: that in all languages, or in one.

    >>> error_page(404), error_page(410, "zh-Hant")
    ('404.html', '410-zh-hant.html')
    """
    return f"{status}-{language.lower()}.html" if language else f"{status}.html"


def explanations(feeds: Sequence[Feed], language: str) -> dict[str, str]:
    """Return the path of the page that explains each of `feeds`, one for a language, by name.

    `language` is that of feeds that have none of their own.
    """
    own = {feed.name: feed.language or language for feed in feeds}
    main = own[feeds[0].name]
    return {
        name: "subscribe.html" if tag == main else f"subscribe-{tag.lower()}.html"
        for name, tag in own.items()
    }
