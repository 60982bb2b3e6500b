"""The addresses of links, and what to type in place of one that leads nowhere."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import parse_qs, quote, urlsplit

from dateline.entries.media import media_type_of
from dateline.entries.parse.suggestions import is_on_a_computer, line_with, own_place
from dateline.entries.pasted.hints import CODE
from dateline.text.expressions import regex
from dateline.text.urls import AddressFault, fault_of, web_address, without_fault

_LONGEST = 4_000  # far above any that works everywhere; patterns take long on more
_BARE_HOST = regex(r"(?:[\w-]+\.)+[a-z]{2,24}(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE)
_ALMOST = regex(
    r"h?h?(?:t{0,3}|xx)ps?\s?(?:[:;.]\s?[/\\]{0,3}|[/\\]{2}|\s)(?=[\w-]+\.\w)", re.IGNORECASE
)
_MAIL = regex(r"(?:mailto:)?[\w.+-]+@[\w-]+\.[\w.-]+", re.IGNORECASE)
# Files that are not published here, but may well lie beside an entry.
_NO_MEDIA = regex(
    r"\.(?:avif|bmp|doc|heic|heif|key|mov|pages|ppt|rtf|svg|tiff?|xls)", re.IGNORECASE
)
# Names that resemble a site's, and are none.
_PAGE = regex(
    r"[^/?#]+\.(?:html?|xhtml|php\d?|aspx?|jsp|docm?|rtf|pages|xls|ppt)(?:[?#].*)?", re.IGNORECASE
)
# Two addresses: one behind the other, or the start of one twice.
_SEVERAL = regex(r"\S[\s,;]+https?:/|^https?:/+https?:/", re.IGNORECASE)
_ADDRESSES = regex(r"[\s,;]+(?=https?:/)", re.IGNORECASE)
_TWICE = regex(r"^https?:/+(?=https?:/)", re.IGNORECASE)
_INDOORS = regex(
    r"(?:https?://)?(?:[^/]*\.)?(?:localhost|127(?:\.\d+){3}|10(?:\.\d+){3}|192\.168(?:\.\d+){2}"
    r"|172\.(?:1[6-9]|2\d|3[01])(?:\.\d+){2}|\[::1\]|[\w-]+\.(?:local|lan|internal|home\.arpa)"
    r"|(?<=//)[\w-]+)(?::\d+)?(?:[/?#].*)?",
    re.IGNORECASE,
)
_ITSELF = regex(r"(?:.*\.)?localhost|127\..*|::1")
_OPENED = regex(r"\]\(")
_NAME = regex(r'(?P<name>.*\S\s*\.[A-Za-z0-9]{2,5})(?P<title>\s+"[^"]*")?')
_LONGEST_NAME = 255
_MOST_BRACKETS = 3  # of a name, within each other
_FAULTS = {
    AddressFault.SCHEME: "link-not-web",
    AddressFault.SIGN_IN: "link-sign-in",
    AddressFault.HOST: "link-host",
    AddressFault.PORT: "link-port",
}
# Addresses that Outlook and Google put around those in a mail or a document. Outlook's also name
# the mailbox that received it.
_IN_ADDRESS = r"[^\s<>\"'()\[\]\\]"
_AROUND = regex(
    r"https://(?:(?:[\w-]+\.){1,4}safelinks\.protection\.outlook\.com/|www\.google\.com/url\?)"
    rf"(?:{_IN_ADDRESS}|\({_IN_ADDRESS}*\))*",
    re.IGNORECASE,
)
# As mail programs write links in plain text: `our site<https://example.org/>`.
_BEHIND = regex(
    rf"(?P<code>{CODE})|<(?P<address>(?:https?://|mailto:)[^\s<>]+)>", re.IGNORECASE | re.MULTILINE
)
_SCHEME = regex(r"https?://|mailto:", re.IGNORECASE)
_WORD_START = regex(r"[\s(\[<\"“„«'*_]|:(?![/\d])")
_INSIDE = regex(r"https?://[^\s<>()\[\]\"“”]+", re.IGNORECASE)
# A bare address in Markdown, up to what ends one there, and signs that mark words in Markdown.
_BARE = regex(
    r"(?<![A-Za-z0-9@._~/=&;+%-])(?:https?://|www\.)"
    r"(?:[^\s<>\[\]{}|\\^`\"]|\[[^\s<>\[\]{}|\\^`\"]*\])+",
    re.IGNORECASE,
)
_SIGN = regex(r"[*_~]")
_RUNS = {sign: regex(rf"\{sign}+") for sign in "*_~"}
_ENDS = "*_~.,;:!?')]"
# One star or three, or the end of a paragraph; one behind what is here, a letter or a figure marks
# no words behind it.
_STAR = regex(r"\n[ \t]*\n|(?<![\\*])\*(?:\*\*)?(?!\*)")
_NOT_BEFORE_MARKED = frozenset(")]%€$£²³°§")
# Noncharacters, which no text holds, and as they are in the address of a link.
_SIGN_MASKS = {"*": "\U0002fffe", "_": "\U0002ffff", "~": "\U0003fffe"}
_SIGN_OF = {mask: sign for sign, mask in _SIGN_MASKS.items()} | {
    quote(mask): sign for sign, mask in _SIGN_MASKS.items()
}
_SIGN_MASK = regex("|".join(_SIGN_OF))


class Link(NamedTuple):
    """The address for readers, or None; the code of the message, and what to type instead."""

    address: str | None
    code: str = ""
    wanted: str = ""


def names_a_file(place: str) -> bool:
    """Return whether a relative address in a text is the name of a file, not of a page."""
    known = media_type_of(place) != media_type_of("")
    return known or bool(_NO_MEDIA.fullmatch(PurePosixPath(place).suffix))


def leads_indoors(address: str, publication: str) -> bool:
    """Return whether an address is private: on this computer or in an internal network.

    `publication` is the address of the publication itself: one within an internal network may link
    to other places in it.

    >>> leads_indoors("http://intranet/report", "https://news.example.org/")
    True
    """
    return _leads_indoors("/".join(address.split("/", 3)[:3]), publication)


@lru_cache(maxsize=1_024)
def _leads_indoors(site: str, publication: str) -> bool:
    """Return it for a whole site: staff link to the same few again and again."""
    if not _INDOORS.fullmatch(site):
        return False
    own = urlsplit(publication).hostname or ""
    in_house = _INDOORS.fullmatch(publication) and not _ITSELF.fullmatch(own)
    return not in_house and urlsplit(site).hostname != own


def with_masked_signs(text: str) -> str:
    """Return Markdown in which signs mark no words that are parts of words or of addresses.

    These are stars behind a letter or a figure, as in "Leser*innen" and "61%*, 55%*", where none
    before has begun to mark words, and all signs within bare addresses.

    >>> without_masks(with_masked_signs("**https://example.org/_a_**"))
    '**https://example.org/_a_**'
    """
    if not _SIGN.search(text):
        return text
    if "://" in text or "www." in text.lower():
        text = _with_masked_addresses(text)
    return _with_masked_stars(text) if text.count("*") > 1 else text


def _with_masked_stars(text: str) -> str:
    is_begun = False

    def star_or_mask(found: re.Match[str]) -> str:
        nonlocal is_begun
        start, end = found.span()
        if found[0][0] != "*":
            is_begun = False
            return found[0]
        before, after = text[start - 1 : start] or " ", text[end : end + 1] or " "
        is_letter = before.upper() != before.lower() or before.isdigit()
        may_begin = not is_letter and before not in _NOT_BEFORE_MARKED
        if found[0] == "***":
            is_begun = may_begin and not after.isspace()
        elif may_begin or is_begun:
            is_begun = may_begin and not after.isspace() and after != ")"
        else:
            return _SIGN_MASKS["*"]
        return found[0]

    return _STAR.sub(star_or_mask, text)


def _with_masked_addresses(text: str) -> str:
    at, begun = 0, set[str]()

    def masked(found: re.Match[str]) -> str:
        nonlocal at
        address, before = found[0], text[at : found.start()]
        if (paragraph := before.rfind("\n\n")) >= 0:
            before = before[paragraph:]
            begun.clear()
        for sign, runs in _RUNS.items():
            if len(runs.findall(before)) % 2:
                begun.symmetric_difference_update(sign)
        last = len(address.rstrip(_ENDS))
        at = found.start() + last

        def sign_or_mask(sign: re.Match[str]) -> str:
            may_end = sign[0] == "*" or sign.start() >= last
            return sign[0] if may_end and sign[0] in begun else _SIGN_MASKS[sign[0]]

        return _SIGN.sub(sign_or_mask, address)

    return _BARE.sub(masked, text)


def without_masks(whole: str) -> str:
    """Return HTML that was made of Markdown `with_masked_signs`, with the signs."""
    return _SIGN_MASK.sub(lambda found: _SIGN_OF[found[0]], whole)


def unwrapped(text: str, report: Callable[[str], None]) -> str:
    """Return a text whose addresses lead to their pages, not by Outlook or Google; each is told.

    >>> unwrapped("https://www.google.com/url?q=https://example.org/a&sa=D", lambda address: None)
    'https://example.org/a'
    """

    def page(found: re.Match[str]) -> str:
        try:
            query = parse_qs(urlsplit(html.unescape(found[0])).query)
        except ValueError:
            return found[0]
        address = next(iter(query.get("url") or query.get("q") or ()), "")
        if not address.startswith(("https://", "http://")):
            return found[0]
        address = quote(address, safe="/:?#@!$&*+,;=%~")
        report(found[0])
        return html.escape(address) if "&amp;" in found[0] else address

    return _AROUND.sub(page, text) if "safelinks" in text or "/url?" in text else text


def with_file_names(text: str, report: Callable[[str], None]) -> str:
    """Return a Markdown text in which names of files with spaces are links that work.

    Each is reported. CommonMark wants such an address between < and >.
    """
    if "](" not in text:
        return text
    parts, at = [], 0
    for opened in _OPENED.finditer(text):
        named = _spaced_name(text, opened.end()) if opened.start() >= at else None
        if named:
            report(named["name"])
            parts += [text[at : opened.end()], f"<{named['name']}>{named['title'] or ''}"]
            at = text.index(named[0], opened.end()) + named.end()
    return "".join((*parts, text[at:]))


def _spaced_name(text: str, start: int) -> re.Match[str] | None:
    """Return the name of a file with spaces between balanced brackets, and its title."""
    depth = 0
    for end in range(start, min(start + _LONGEST_NAME, len(text))):
        character = text[end]
        if character == ")" and not depth:
            found = _NAME.fullmatch(text[start:end].strip())
            return found if found and " " in found["name"] else None
        if character in "\n<>" or depth > _MOST_BRACKETS:
            return None
        depth += (character == "(") - (character == ")")
    return None


def with_spaced(text: str) -> str:
    """Return a text with a space before each address in angle brackets that follows a word.

    One that follows itself is left out: the word is a link already.

    >>> with_spaced("our site<https://example.org/>, press@example.org<mailto:press@example.org>")
    'our site <https://example.org/>, press@example.org'
    """

    def stands(found: re.Match[str]) -> str:
        if found["code"]:
            return found[0]
        address = found["address"]
        bare = _SCHEME.sub("", address, count=1).rstrip("/").lower()
        before = text[max(0, found.start() - len(address) - 1) : found.start()]
        word = _WORD_START.split(before.removesuffix("/"))[-1].lower()
        if _SCHEME.sub("", word) == bare and ("@" in word or word.startswith(("www.", "http"))):
            return ""  # the word is a link by itself
        gap = " " if before[-1:].isalnum() or before[-1:] in {*"”’»).:;,!?%/"} else ""
        return f"{gap}<{address.removeprefix('mailto:')}>"

    return _BEHIND.sub(stands, text) if "<http" in text or "<mailto:" in text else text


def link_of(written: str) -> Link:
    """Return the link that staff wrote.

    >>> link_of("www.example.org")
    Link(address='https://www.example.org/', code='link-completed', wanted='https://www.example.org/')
    """
    return _read(written) if len(written) <= _LONGEST else Link(None, "link-not-web")


def _read(written: str) -> Link:
    if not written.startswith(("https://", "http://")):  # as most do
        bare = written.rstrip(".,;")
        if _BARE_HOST.fullmatch(bare) and "@" not in bare.partition("/")[0]:
            return _completed(bare)
    several = "http" in written[1:].lower() and _SEVERAL.search(written)
    if not several and (address := web_address(written, fragment=True)):
        return Link(None, "link-cut") if _ends_in_dots(written) else Link(address)
    if is_on_a_computer(written):
        return Link(None, *own_place("link", written))
    if _MAIL.fullmatch(written):
        return Link(None, "link-mail", written.removeprefix("mailto:"))
    if meant := _meant(written):
        return Link(None, "link-misspelt", meant)
    return _faulty(written)


def _completed(bare: str) -> Link:
    """Return a link to a site that was named without `https://`; a file's name is none."""
    if _PAGE.fullmatch(bare):
        return Link(None, "link-not-web")
    if "/" not in bare and media_type_of(bare) != media_type_of(""):
        return Link(None, "link-file", line_with("attachments", bare))
    address = web_address(whole := f"https://{bare}", fragment=True)
    return Link(address, "link-completed", address) if address else _faulty(whole)


def _faulty(written: str) -> Link:
    """Return the reason why a link is no web address, and the line without its fault."""
    code = _FAULTS[fault_of(written)]
    wanted = (without_fault(written) or "") if code in {"link-sign-in", "link-port"} else ""
    if wanted:
        return Link(None, code, line_with("link", wanted))
    return Link(None, "link-host" if code == "link-sign-in" else code)


def _ends_in_dots(written: str) -> bool:
    return "…" in written or written.endswith("...")


def _meant(written: str) -> str:
    """Return the address in a text that is not quite one: misspelt, or one of two."""
    if len(several := [part for part in _ADDRESSES.split(written) if "." in part]) > 1:
        written = several[0]
    almost = _ALMOST.match(written)
    if almost and (address := web_address(f"https://{written[almost.end() :]}", fragment=True)):
        return address
    inside = _INSIDE.search(_TWICE.sub("", written))
    return (web_address(inside[0].rstrip(".,;"), fragment=True) or "") if inside else ""
