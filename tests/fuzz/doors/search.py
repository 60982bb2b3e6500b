"""Searches: whatever is asked for, the page is whole and harmless, and has what has the words.

The data is a request's head, as for `requests`; it is answered as by the process of searches.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import html5lib
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from dateline.serve.cache import DocumentResponse
from dateline.serve.search.process import SearchProcess
from dateline.serve.search.requests import SearchRequest, parsed
from dateline.text.search_terms import MOST_CHARACTERS, of_query, terms
from fuzz.doors.requests import head_of
from fuzz.folders import temporary
from fuzz.inputs import pieces
from support.publication import CONFIG, Newsroom, entry_file
from support.reading import ATOM_SCHEMA

LONGEST = 2048  # characters of a query that a web worker passes on
ATOM = "{http://www.w3.org/2005/Atom}"
PATHS = ("search", "search.atom")
ENTRIES = {  # titles, with other fields
    "Harbour & port < 3": {"categories": '["Lebanon"]'},
    "Événement à Цюрих": {"language": '"fr"'},
    "مكافحة الاتجار": {"language": '"ar"'},
    "打击人口贩运": {"language": '"zh"'},
    'Terms "OR" NEAR': {},
}
QUERIES = (
    "harbour", "HARB", "evenement", "цюрих", "الإتجار", "贩运", "人",
    'harbour" OR "terms', "NEAR(a b)", "terms:a", "a*", "-harbour", "' -- ;", "<script>", "\u202e",
    "\0", "a b c d e f g h i", "x" * 101,
)  # fmt: skip
NARROWED: tuple[Mapping[str, str], ...] = (
    {}, {"lang": "fr"}, {"lang": "*"}, {"topic": "Lebanon"}, {"topic": "news"}, {"year": "2026"},
    {"page": "2"}, {"page": "0"},
)  # fmt: skip
WORDS = pieces("search", *map(quote, QUERIES))


@cache
def publication() -> tuple[SearchProcess, Mapping[str, frozenset[str]]]:
    """Return what answers searches, and the terms of each entry by its title."""
    folder = temporary("search")
    (folder / "config.toml").write_text(f"{CONFIG}\n[search]\nenabled = true\n", "utf-8")
    room = Newsroom(folder)
    for number, (title, fields) in enumerate(ENTRIES.items()):
        room.drop(f"{number}.toml", entry_file(title.replace('"', '\\"'), body='"Text"', **fields))
    room.build()
    process = SearchProcess(room.config.path)
    found = {
        title: frozenset(terms(f"{title} Text {fields.get('categories', '')}"))
        for title, fields in ENTRIES.items()
    }
    return process, found


def seeds() -> Iterator[bytes]:
    """Yield each query, and each way to narrow one."""
    for path in PATHS:
        for words in QUERIES:
            yield f"GET /{path}?{urlencode({'q': words})} HTTP/1.1\r\n\r\n".encode()
        for more in NARROWED:
            query = urlencode({"q": "harbour", **more})
            fields = 'Accept-Language: fr-CH, ar;q=0.9, *;q=0.5\r\nIf-None-Match: W/"a", *'
            yield f"GET /{path}?{query} HTTP/1.1\r\n{fields}\r\n\r\n".encode()
    yield b"GET /search HTTP/1.1\r\n\r\n"


def request_in(data: bytes) -> dict[str, str] | None:
    """Return a request as a web worker passes it on, or None for one that it does not."""
    found = head_of(data)
    if found is None:
        return None
    _, target, fields = found
    path, _, query = target.removeprefix("/").partition("?")
    if path not in PATHS or len(query) > LONGEST:
        return None
    own = {f"HTTP_{one.upper().replace('-', '_')}": fields.get(one, "") for one in _FIELDS}
    passed: dict[str, str] = json.loads(json.dumps({"path": path, "QUERY_STRING": query, **own}))
    return passed


_FIELDS = ("accept-language", "if-none-match")


def fed(data: bytes) -> DocumentResponse | None:
    """Answer a request, and check nothing."""
    request = request_in(data)
    return publication()[0].answer(request) if request else None


def tried(data: bytes) -> None:
    """Answer a request twice, and check the answers."""
    request, answer = request_in(data), fed(data)
    if request is None or answer is None:
        return
    assert answer == fed(data)
    status = int(answer.status[:3])
    assert status in {200, 304, 400}, answer.status
    fields = {name.lower(): value for name, value in answer.fields}
    for value in fields.values():
        assert value.isprintable()
        assert value.encode("latin-1")
    wanted = parsed(request["QUERY_STRING"])
    first = parsed(wanted.query())
    assert first == parsed(first.query()), (wanted, first)
    assert (status == 304) == (not answer.data and "content-length" not in fields)
    if status == 304:
        tags = request["HTTP_IF_NONE_MATCH"]
        assert tags.strip() == "*" or fields["etag"] in tags
    elif request["path"] == "search":
        check_page(answer.data, wanted, status)
    elif status == 200:
        check_feed(answer.data, wanted)


def check_page(data: bytes, wanted: SearchRequest, status: int) -> None:
    """Check a page of results as a browser reads it."""
    assert (status == 400) == wanted.is_too_long
    page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(data.decode())
    assert not [one for one in page.iter("script") if one.get("type") != "application/ld+json"]
    assert not [name for one in page.iter() for name in one.attrib if str(name).startswith("on")]
    (field,) = [one for one in page.iter("input") if one.get("type") == "search"]
    assert field.get("value", "") == wanted.words[:MOST_CHARACTERS]
    shown = [
        "".join(link.itertext()) for link in page.findall(".//main//li/a")
        if not str(link.get("href")).startswith("./search")
    ]  # fmt: skip
    check_hits(shown, wanted)


def check_feed(data: bytes, wanted: SearchRequest) -> None:
    """Check a feed of results against its schema."""
    root: Any = etree.fromstring(data)
    ATOM_SCHEMA.assertValid(root)
    check_hits([one.findtext(f"{ATOM}title") for one in root.iter(f"{ATOM}entry")], wanted)


def check_hits(shown: list[str], wanted: SearchRequest) -> None:
    """Check that what is shown has all words, and that no such entry is missing."""
    query, (_, entries) = of_query(wanted.words), publication()
    matching = [
        title
        for title, own in entries.items()
        if not query.is_empty
        and own.issuperset(query.whole)
        and (not query.beginning or any(one.startswith(query.beginning) for one in own))
    ]
    is_whole = not (wanted.language or wanted.topic or wanted.year or wanted.is_too_long)
    assert {*shown} <= {*matching}, (shown, matching)
    assert len({*shown}) == len(shown)
    if is_whole and wanted.page == 1:
        assert {*shown} == {*matching}, (shown, matching)
