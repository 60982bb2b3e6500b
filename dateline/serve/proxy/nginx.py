"""The configuration of nginx.

It names the coded file itself, without `gzip_static`: so Brotli and Zstandard need no module,
and nginx makes the validator of the very file that it sends. Where that file is missing, Dateline
answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from dateline.documents.compression import ENDINGS, PACKED_FROM
from dateline.serve.cache import EVERY_ANSWER
from dateline.serve.proxy.site import HTML, HTTPS, DocumentGroup, ProxySite, filled

# Named in the list and not refused (`q=0`) there (RFC 9110, section 12.5.3).
_ACCEPTED = r"(?:^|,)\s*(?:%s)\s*(?:;\s*q\s*=\s*(?!0(?:\.0*)?\s*(?:,|$))[0-9.]+\s*)?(?:,|$)"
# nginx's own validator of what it packs is weak, as Dateline's is.
_ACCEPTING = {"br": _ACCEPTED % "br", "gzip": _ACCEPTED % "x-gzip|gzip", "zstd": _ACCEPTED % "zstd"}
# What browsers and readers send most often.
_COMMON = ("gzip, deflate, br, zstd", "gzip, deflate, br", "gzip, deflate", "gzip")
_PACKED = (
    f'        gzip on;\n        gzip_types "{HTML}";\n        gzip_proxied any;\n'
    f"        gzip_comp_level 6;\n        gzip_min_length {PACKED_FROM};\n"
)
# Of the file that was found: a form has one ending more.
_TAGS = """
# The tag by which caches find a document: its address without its ending. All have `all`.
map $uri $%(own)s_tag {
    default "";
    "~^/all[.]" /all;
    "~^/(?<%(own)s_stem>[^.]+)[.]" $%(own)s_stem;
}
"""


def nginx(site: ProxySite) -> str:
    """Return the configuration that nginx includes within `http`."""
    listen = _listen(site, site.name, site.port, is_plain=site.is_plain)
    return filled(
        "nginx.conf",
        own=site.identifier,
        serve=site.serve,
        listen=listen,
        name=site.name,
        log=_quoted(site.log),
        forms=_choices(site.codings),
        gzip=_choices([one for one in site.codings if one == "gzip"]),
        tags=_TAGS % {"own": site.identifier} if site.is_tagged else "",
        prefix=_prefix(site),
        documents="".join(block for group in site.groups for block in _locations(site, group)),
        former=_former(site) + _newsroom(site),
    )


def _choices(codings: Sequence[str]) -> str:
    """Return the lines of a map from `Accept-Encoding` to the ending of a form.

    Brotli comes first, as the smallest. What is sent most often is matched as a whole.
    """
    known = [coding for coding in _ACCEPTING if coding in codings]
    lines = []
    for field in _COMMON:
        chosen = next((coding for coding in known if coding in field.split(", ")), None)
        if chosen:
            lines.append(f'    "{field}" {ENDINGS[chosen]};\n')
    lines += [f'    "~*{_ACCEPTING[coding]}" {ENDINGS[coding]};\n' for coding in known]
    return "".join(lines)


def _prefix(site: ProxySite) -> str:
    """Return the lines that strip the path of the publication's address."""
    if not site.prefix:
        return ""
    own = _quoted(re.escape(site.plain_prefix))
    target = quote(site.plain_prefix, safe="/~")  # nginx reads $ and ; otherwise
    return (
        f'    absolute_redirect off;\n    rewrite "^{own}$" {target}/ permanent;\n'
        f'    rewrite "^{own}(/.*)$" $1;\n'
    )


def _listen(site: ProxySite, name: str, port: int, *, is_plain: bool) -> str:
    """Return where the proxy listens for the machine `name`."""
    if site.host:
        host = f"[{site.host}]" if ":" in site.host else site.host
        return f"    listen {host}:{port};"
    own = port if is_plain else 80
    lines = [f"    listen {own};", f"    listen [::]:{own};"]
    if not is_plain:
        other = "" if port == HTTPS else f"--https-port {port} "
        lines.insert(0, f"    # Then, for https: certbot --nginx {other}--domain {name}")
    return "\n".join(lines)


def _locations(site: ProxySite, group: DocumentGroup) -> Iterator[str]:
    """Yield a block for each known path, which nginx finds at once, or one for the pattern.

    A pattern that finds the feed costs about a twentieth of what a 304 does.
    """
    for feed, path in group.paths.items():
        yield _location(site, group, f"= {path}", path, feed)
    if not group.paths:
        yield _location(site, group, f'~ "{group.pattern}"', "$uri", "$feed")


def _location(site: ProxySite, group: DocumentGroup, where: str, path: str, feed: str) -> str:
    types = list(group.types.items())
    return filled(
        "nginx-document.conf",
        where=where,
        types=" ".join(f"{kind} {ending};" for ending, kind in types) if len(types) > 1 else "",
        type=types[0][1] if len(types) == 1 else "application/octet-stream",
        file=_file(site, group, path),
        ranges=int(group.has_ranges),
        packed=_PACKED if group.is_packed else "",
        fields="".join(_fields(site, group, feed)),
    )


def _file(site: ProxySite, group: DocumentGroup, path: str) -> str:
    """Return the lines that name the file: of a coded document the form in the chosen coding.

    Where that was not kept, gzip's or the plain one replaces it, and where there is none of them,
    as for a person who opens a feed, Dateline answers.
    """
    feeds, own = _quoted(str(site.feeds)), site.identifier
    if not group.codings and not group.is_feed:
        return f'        alias "{feeds}{path}";\n'
    found = f"{path}${own}_person" if group.is_feed else path
    forms = (f"${own}_form", f"${own}_gzip", "") if group.codings else ("",)
    names = " ".join(f"{found}{form}" for form in forms)
    return f'        root "{feeds}";\n        try_files {names} =404;\n'


def _fields(site: ProxySite, group: DocumentGroup, feed: str) -> list[str]:
    own = site.identifier
    lines = [
        f"        add_header {name} '{_with_found(value, feed, own)}';\n"
        for name, value in group.fields
    ]
    if group.codings:
        lines.append(f"        add_header Content-Encoding ${own}_coding;\n")
    return [*lines, *(f"        add_header {n} '{v}' always;\n" for n, v in EVERY_ANSWER)]


def _with_found(value: str, feed: str, own: str) -> str:
    """Return a value with the feed's name, and nginx's variable for what the pattern found."""
    value = value.replace("$", "%24").replace("'", r"\'")
    value = value.replace("{feed}", feed).replace("{number}", "$number")
    return value.replace("{tag}", f"${own}_tag")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _former(site: ProxySite) -> str:
    """Return the block that passes former machines on to Dateline."""
    if not site.former:
        return ""
    names, domains = " ".join(site.former), " --domain ".join(site.former)
    listen = _listen(site, domains, site.port, is_plain=site.is_plain)
    return filled("nginx-former.conf", own=site.identifier, listen=listen, names=names)


def _newsroom(site: ProxySite) -> str:
    """Return the block that passes staff on to the newsroom."""
    own = site.newsroom
    if own is None:
        return ""
    listen = _listen(site, own.name, own.port, is_plain=own.is_plain)
    removal = '        proxy_set_header %s "";\n'
    return own.block("nginx-newsroom.conf", place=listen, removal=removal)
