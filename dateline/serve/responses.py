"""Responses to requests for documents, and those in their place (RFC 9110, RFC 9111)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from time import time
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug.http import parse_date

from dateline.model import Role
from dateline.serve.cache import (
    EVERY_ANSWER,
    REMEMBERS,
    CachedDocument,
    DocumentResponse,
    Field,
    Fields,
    Variant,
)
from dateline.serve.cache.conditional import has, has_strongly, part_of
from dateline.serve.cache.error_pages import ErrorPage

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

METHODS = "GET, HEAD, OPTIONS"
# What is not among these is not implemented (RFC 9110, section 9.1; RFC 5789).
KNOWN = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})
NOT_KEPT: Fields = (*EVERY_ANSWER, ("Cache-Control", "no-store"))
_KEPT: Fields = (*EVERY_ANSWER, ("Cache-Control", "max-age=86400"))
_FEEDS = frozenset({Role.SUBSCRIPTION, Role.ARCHIVE})


PREFLIGHT = DocumentResponse(
    "204 No Content",
    (
        ("Allow", METHODS),
        ("Access-Control-Allow-Methods", METHODS),
        # Not every browser knows the star.
        ("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since, A-IM, *"),
        ("Access-Control-Max-Age", "86400"),
        *EVERY_ANSWER,
    ),
)


def document(
    environ: WSGIEnvironment,
    copy: CachedDocument,
    embargo: int | None,
    explained: Mapping[str, str] = MappingProxyType({}),
) -> DocumentResponse:
    """Return the response to a GET or HEAD of a document (RFC 9110, section 13.2.2).

    All but media are fresh until the next `embargo` at most, in seconds since 1970: which of them
    it concerns stays secret before its moment. A browser that opens a feed is redirected to
    the page by which it is `explained` (`dateline.documents.manifest.Head`).
    """
    if environ.get("HTTP_SEC_FETCH_DEST") == "document" and copy.listing.role in _FEEDS:
        return refusal("303 See Other", ("Location", _explanation(copy, explained)))
    # The plain case first: one call takes a twentieth of the time of all this.
    accept, known = environ.get("HTTP_ACCEPT_ENCODING"), environ.get("HTTP_IF_NONE_MATCH")
    form = copy.chosen.get(accept) or copy.form(accept)
    is_conditional = "HTTP_IF_MATCH" in environ or "HTTP_IF_UNMODIFIED_SINCE" in environ
    if is_conditional and not _is_expected(environ, copy, form):
        return refusal("412 Precondition Failed")
    is_known = known == form.etag or _is_known(known, environ, copy, form)
    answer = form.unchanged if is_known else form.whole
    ends = copy.listing.expires
    if embargo is not None and copy.listing.role != Role.MEDIA:
        ends = embargo if ends is None else min(ends, embargo)
    if ends is not None:
        answer = _cut(answer, copy, ends - time())
    return answer if is_known else _with_data(environ, copy, form, answer)


def page(status: str, found: ErrorPage, policy: Field, *own: Field) -> DocumentResponse:
    """Return a page in place of a document, which nobody caches; it has its `own` fields, too."""
    content = (
        *own,
        policy,
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(found.data))),
        ("Vary", "Accept-Language"),
        *((("Content-Language", found.language),) if found.language else ()),
    )
    return DocumentResponse(status, (*NOT_KEPT, *content), found.data)


def moved(environ: WSGIEnvironment, target: str, *own: Field) -> DocumentResponse:
    """Redirect to `target`, an address or a path below the site's; it has its `own` fields, too."""
    up = "" if "://" in target else "../" * environ["PATH_INFO"].lstrip("/").count("/")
    return refusal("301 Moved Permanently", ("Location", f"{up}{target}"), *own, others=_KEPT)


def moved_site(environ: WSGIEnvironment, address: str, path: str) -> DocumentResponse:
    """Redirect to the same path at the address that the site has now."""
    path = quote(path.encode("latin-1").lstrip(b"/"), safe="/~")
    query = environ.get("QUERY_STRING", "")
    wanted = quote(f"?{query}", safe="?%=&+/:;,@!$'()*~-._") if query else ""
    return refusal("301 Moved Permanently", ("Location", f"{address}{path}{wanted}"), others=_KEPT)


def sentence(status: str, own: Fields, text: str) -> DocumentResponse:
    """Return a response of one sentence in plain text, or of nothing, which nobody caches."""
    data = f"{text}\n".encode() if text else b""
    content = (
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(data))),
    )
    return DocumentResponse(status, (*NOT_KEPT, *(content if data else ()), *own), data)


def refusal(status: str, *own: tuple[str, str], others: Fields = NOT_KEPT) -> DocumentResponse:
    """Return a response without a document, which nobody caches unless `others` allow it."""
    data = f"{status}\n".encode()
    content = (
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(data))),
    )
    return DocumentResponse(status, (*others, *content, *own), data)


def _cut(answer: DocumentResponse, copy: CachedDocument, left: float) -> DocumentResponse:
    """Limit the lifetime of a response, which may be repeated, to the next change that is known.

    Readers wait for that, and ask most in the last minutes before it.
    """
    left -= REMEMBERS
    if left > copy.listing.max_age:
        return answer
    lifetime = ("Cache-Control", f"max-age={max(0, int(left))}")
    return replace(answer, fields=(lifetime, *answer.fields[1:]), lasts=answer.lasts and left > 0)


def _is_known(
    tags: str | None, environ: WSGIEnvironment, copy: CachedDocument, form: Variant
) -> bool:
    """Return whether a client with these `tags` has these bytes already.

    Sections 13.1.2 and 13.1.3.
    """
    if tags is not None:
        return has(tags, form.etag)
    if "HTTP_IF_MODIFIED_SINCE" not in environ:
        return False
    since = _moment(environ["HTTP_IF_MODIFIED_SINCE"])
    return since is not None and copy.listing.changed <= since


def _is_expected(environ: WSGIEnvironment, copy: CachedDocument, form: Variant) -> bool:
    """Return whether the document is what the client expects (sections 13.1.1 and 13.1.4)."""
    if "HTTP_IF_MATCH" in environ:
        return has_strongly(environ["HTTP_IF_MATCH"], form.etag)
    if "HTTP_IF_UNMODIFIED_SINCE" not in environ:
        return True
    since = _moment(environ["HTTP_IF_UNMODIFIED_SINCE"])
    return since is None or copy.listing.changed <= since


def _moment(text: str) -> float | None:
    """Return an HTTP date in seconds since 1970, or None (RFC 9110, section 5.6.7).

    Several dates are invalid (section 13.1.3).
    """
    if text.count(",") > 1:
        return None
    try:
        found = parse_date(text)
    except OverflowError:  # werkzeug 3.1 lets it through, for a zone of many digits
        return None
    return found.timestamp() if found else None


def _with_data(
    environ: WSGIEnvironment, copy: CachedDocument, form: Variant, whole: DocumentResponse
) -> DocumentResponse:
    """Return the 200 with its bytes, or the requested range of a file (section 14)."""
    part = _part(environ, copy, form) if "HTTP_RANGE" in environ else None
    if part is None:
        is_read = form.place is not None and environ["REQUEST_METHOD"] == "GET"
        return replace(whole, data=form.data) if is_read else whole
    if not part:
        return refusal("416 Range Not Satisfiable", ("Content-Range", f"bytes */{form.size}"))
    data = form.part(part)
    fields = (field for field in whole.fields if field[0] != "Content-Length")
    own = (
        ("Content-Length", str(len(data))),
        ("Content-Range", f"bytes {part.start}-{part.stop - 1}/{form.size}"),
    )
    return DocumentResponse("206 Partial Content", (*fields, *own), data)


def _part(environ: WSGIEnvironment, copy: CachedDocument, form: Variant) -> range | None:
    """Return the bytes that a `Range` asks for, or None where the whole is sent."""
    is_same = environ.get("HTTP_IF_RANGE") in {None, form.etag, copy.last_modified}
    if not (form.has_ranges and form.size and is_same and environ["REQUEST_METHOD"] == "GET"):
        return None
    return part_of(environ["HTTP_RANGE"], form.size)


def _explanation(copy: CachedDocument, explained: Mapping[str, str]) -> str:
    """Return the address, from the feed's, of the page on how to subscribe.

    That of a topic, place or author is its own page. The address is relative, so that it works
    under any prefix at which this is mounted or proxied.
    """
    path = copy.listing.path
    up, name = "../" * path.count("/"), path.rpartition(".")[0]
    if name.startswith("archive/"):
        name = name.removeprefix("archive/").rpartition("/")[0]
    if "/" in name:
        return f"{up}{name}.html#subscribe"
    return f"{up}{explained.get(name, 'subscribe.html')}#{name}"
