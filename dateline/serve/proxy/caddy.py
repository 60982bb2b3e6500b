"""The configuration of Caddy."""

from __future__ import annotations

import re
import string
from urllib.parse import quote

from dateline.documents.compression import PACKED_FROM
from dateline.serve.cache import EVERY_ANSWER
from dateline.serve.proxy.site import HTTPS, DocumentGroup, ProxySite, filled

# Header fields that identify a reader, from clients and from proxies before Caddy.
_PRIVATE = (
    "Authorization",
    "Cf-Connecting-Ip",
    "Cf-Connecting-Ipv6",
    "Client-Ip",
    "Cookie",
    "Fastly-Client-Ip",
    "Fly-Client-Ip",
    "Forwarded",
    "From",
    "Proxy-Authorization",
    "Referer",
    "True-Client-Ip",
    "X-Api-Key",
    "X-Appengine-User-Ip",
    "X-Azure-Clientip",
    "X-Client-Ip",
    "X-Cluster-Client-Ip",
    "X-Forwarded",
    "X-Forwarded-For",
    "X-Original-Forwarded-For",
    "X-Real-Ip",
)
# For HEAD of a page that it compresses, Caddy would send the length of an empty body in gzip
# (RFC 9110, 8.6).
_PACKED = "\t\theader @head -Content-Length\n"
_PACKED += f"\t\tencode @get gzip {{\n\t\t\tminimum_length {PACKED_FROM}\n\t\t}}\n"
# The tag by which caches find a document: its address without its ending.
_TAGS = "\tmap {path} {dateline_tag} {\n\t\t~^/all[.] /all\n\t\t~^/([^.]+)[.] ${1}\n\t}\n"
_ASCII = string.printable.replace("%", "")
_PREFERRED = ("br", "gzip", "zstd")


def caddy(site: ProxySite) -> str:
    """Return the sites of a Caddyfile."""
    bind = f"\tbind {site.host}\n" if site.host else ""
    mixed = [group.types for group in site.groups if len(group.types) > 1]
    types = {ending: kind for some in mixed for ending, kind in some.items()}
    return filled(
        "Caddyfile",
        address=_address(site, site.name, site.port, is_plain=site.is_plain),
        bind=bind,
        feeds=_quoted(str(site.feeds)),
        log=_quoted(site.log),
        private="".join(f"\t\t\t\trequest>headers>{name} delete\n" for name in _PRIVATE),
        tags=_TAGS if site.is_tagged else "",
        types="".join(f'\t\t~\\.{ending}$ "{kind}"\n' for ending, kind in types.items()),
        plain=_quoted(site.plain_prefix),
        folder=_quoted(re.escape(site.plain_prefix)),
        strip=_prefix(site),
        documents="".join(_handle(group) for group in site.groups),
        serve=site.serve,
        former="".join(_former(site, name, bind) for name in site.former),
        newsroom=_newsroom(site, bind),
        body="2m" if site.newsroom else "15s",
    )


def _prefix(site: ProxySite) -> str:
    """Return the lines that strip the path of the publication's address."""
    if not site.prefix:
        return ""
    own = _quoted(site.plain_prefix)
    # `redir` compares what was decoded; `uri` each byte, and what is not ASCII as it was sent.
    sent = _quoted(quote(site.plain_prefix, safe=_ASCII))
    below = _quoted(f"{site.plain_prefix}/*")  # `/news.rss` has the path as its beginning, too
    return f'\tredir "{own}" {site.prefix}/ 301\n\turi "{below}" strip_prefix "{sent}"\n'


def _former(site: ProxySite, name: str, bind: str) -> str:
    """Return the site that passes a former machine on to Dateline."""
    hidden = "\trespond /metrics 404\n"
    address = _address(site, name, site.port, is_plain=site.is_plain)
    return f"\n{address} {{\n{bind}{hidden}\treverse_proxy {site.serve}\n}}\n"


def _newsroom(site: ProxySite, bind: str) -> str:
    """Return the site that passes staff on to the newsroom."""
    own = site.newsroom
    if own is None:
        return ""
    address = _address(site, own.name, own.port, is_plain=own.is_plain)
    removal = " {\n\t\theader_up -%s\n\t}"
    return own.block("Caddyfile-newsroom", place=f"{address} {{\n{bind}", removal=removal)


def _address(site: ProxySite, name: str, port: int, *, is_plain: bool) -> str:
    """Return the address of a site; one in plain HTTP takes every name that no other has."""
    if not is_plain:
        return f"https://{name}:{port}" if port != HTTPS else f"https://{name}"
    return f"http://{'' if name == site.name else name}:{port}"


def _handle(group: DocumentGroup) -> str:
    own = [*group.types.values()]
    media_type = own[0] if len(own) == 1 else "{dateline_type}"
    fields = [("Content-Type", media_type), *group.fields, *EVERY_ANSWER]
    return filled(
        "Caddyfile-document",
        name=group.name,
        pattern=group.pattern,
        person="\t\tnot header Sec-Fetch-Dest document\n" if group.is_feed else "",
        range="" if group.has_ranges else "\t\trequest_header -Range\n",
        fields="".join(_field(group, *pair) for pair in fields if pair[0] != "Vary"),
        last=_last(group),
        packed=_PACKED if group.is_packed else "",
        forms=_forms(group),
    )


def _forms(group: DocumentGroup) -> str:
    """Return the codings of which Caddy looks for a form beside the document."""
    names = " ".join(coding for coding in _PREFERRED if coding in group.codings)
    return f" {{\n\t\t\tprecompressed {names}\n\t\t}}" if names else ""


def _last(group: DocumentGroup) -> str:
    """Return the fields that have to wait until Caddy has set its own."""
    fields = [f"\t\t\t{name} `{value}`\n" for name, value in group.fields if name == "Vary"]
    if group.is_packed:  # one validator for both forms
        fields.append('\t\t\tEtag "^\\"" "W/\\""\n')
    if not group.has_ranges:
        fields.append("\t\t\t-Accept-Ranges\n")
    return f"\t\theader {{\n{''.join(fields)}\t\t\tdefer\n\t\t}}\n" if fields else ""


def _field(group: DocumentGroup, name: str, value: str) -> str:
    for found in ("feed", "number"):
        value = value.replace(f"{{{found}}}", f"{{re.{group.name}.{found}}}")
    value = value.replace("{tag}", "{dateline_tag}")
    return f"\t\t\t{name} `{value}`\n"


def _quoted(text: str) -> str:
    return text.replace('"', '\\"')
