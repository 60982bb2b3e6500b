"""No page of the newsroom runs what entries, names, logs and forms of an enemy have.

Each attack of `data/attacks/markup.toml` is in every field of an entry, in names of files and of
readers, in what is searched for, and in a form that comes back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

import html5lib
import pytest
from lxml import etree  # type: ignore[import-untyped]  # lxml carries no types

from dateline.config import StaffRole
from dateline.ledger.queries.overview import OF_ENTRIES, OF_FILES
from dateline.newsroom import create_app
from dateline.newsroom.access.people import Person, token_hash
from dateline.newsroom.app import ROUTES
from support.attacks import attacks, whole
from support.publication import Newsroom, entry_file
from support.staff import AT, Staff, configure

TEXTS = [" ".join(whole(attack["html"]).split())[:150] for attack in attacks("markup")]
SOME = 8  # files of which all pages are read
COOLING = "[intake]\ncooling = 600"
SVG = "{http://www.w3.org/2000/svg}"
EVE = "Eve <img src=x onerror=attacked()>"
OUTSIDE = frozenset({("link", "data:,")})
ELEMENTS = frozenset(
    (  # noqa: SIM905 - it can be read
        "html head meta title link script noscript body a header nav ul ol li p bdi b strong em "
        "span form input button textarea select option label fieldset legend main section article "
        "aside h1 h2 h3 h4 table caption thead tbody tr th td time details summary dl dt dd iframe "
        "pre code svg g rect text tspan path line pattern defs circle img div datalist footer "
        "small br figure figcaption mark del ins"
    ).split()
)


@pytest.fixture
def staff(newsroom: Newsroom) -> Staff:
    """Return staff of a publication whose people, entries and readers are hostile."""
    configure(newsroom, COOLING, own=f'[[newsroom.person]]\nname = "{EVE}"\nrole = "editor"\n'
              f'token = "{token_hash("x" * 43)}"\n')  # fmt: skip
    staff = Staff(newsroom)
    folder = newsroom.folder / "entries"
    for number, text in enumerate(TEXTS):
        line = json.dumps(text, ensure_ascii=False)
        fields = dict.fromkeys(("place", "correction", "image", "image_alt", "colour"), line)
        fields |= dict.fromkeys(("categories", "authors"), f"[{line}]")
        newsroom.drop(f"t{number}.toml", entry_file(f"{number} {line[1:-1]}", summary=line))
        newsroom.drop(f"f{number}.toml", entry_file(f"Fields {number}", **fields))
        newsroom.drop(f"d{number}.toml", entry_file("Held", date=line, body=line))
        if "/" not in text and "\0" not in text and text.isprintable():
            (folder / f"{text[:80]}.toml").write_text(entry_file("Named"), "utf-8")
    log = newsroom.config.log
    log.mkdir(parents=True)
    rows = [{"time": "2026-11-25T08:00:00Z", "method": "GET", "path": "/news.atom", "status": 200,
             "bytes": 9, "agent": f"{text} 12 subscribers", "coding": "", "count": 9}
            for text in TEXTS]  # fmt: skip
    (log / "access-2026-11-25.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    return staff


@pytest.mark.long
def test_no_page_runs_what_it_shows(staff: Staff) -> None:
    """Every address that can be read, and the form that comes back with what was sent."""
    staff.build()
    eve, now = Person(EVE, StaffRole.EDITOR), staff.newsroom.now
    fields = {"Cookie": f"dateline={staff.room.access.cookie(eve, now)}"}
    client = create_app(staff.room).test_client(use_cookies=False)
    client.get("/figures", base_url=AT, headers=fields)
    staff.room.readers.wait()
    word = staff.room.access.form_word(eve)

    pages = {path: client.get(path, base_url=AT, headers=fields) for path in addresses(staff)} | {
        f"form {number}": client.post("/write", base_url=AT, headers=fields, data={
            "word": word, "do": "look", "title": text, "date": text, "body": text, "place": text,
            "image": text, "categories": [text, text], "file": text, "seen": text})
        for number, text in enumerate(TEXTS[::4])
    }  # fmt: skip

    assert {one.status_code for one in pages.values()} <= {200, 303, 404}
    assert sum(one.status_code == 200 for one in pages.values()) > len(TEXTS) / 2
    assert "attacked" in pages["/"].text
    assert "attacked" in pages["/figures"].text
    found = {path: harms(one.text) for path, one in pages.items() if one.mimetype == "text/html"}
    assert {path: some for path, some in found.items() if some} == {}
    atom = pages[f"/problems.atom?key={staff.room.access.feed_key(eve)}"].data
    assert etree.fromstring(atom).tag.endswith("feed")


def addresses(staff: Staff) -> Iterator[str]:
    """Yield the addresses of pages: lists, and for some files all that there is about them."""
    reads = {one.rule for one in ROUTES if "GET" in one.methods and "<" not in one.rule}
    yield from reads
    yield f"/problems.atom?key={staff.room.access.feed_key(Person(EVE, StaffRole.EDITOR))}"
    for text in TEXTS[::4]:
        yield f"/?done=allowed&about={quote(text)}"
        yield f"/entries/all?q={quote(text)}&person={quote(text)}&topic={quote(text)}"
    for state in (*OF_FILES, *OF_ENTRIES, "all"):
        yield f"/entries/{state}"
    files = sorted(path.name for path in (staff.newsroom.folder / "entries").iterdir())
    for name in files[:: len(files) // SOME]:
        for path in reads - {"/problems.atom"}:
            yield f"{path}?file={quote(name)}&entry={quote(name)}"


def harms(page: str) -> list[str]:
    """Return what is in a page that no template has: elements, handlers, addresses, scripts."""
    found = []
    for element in html5lib.parse(page, namespaceHTMLElements=False).iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag.removeprefix(SVG) not in ELEMENTS or (
            element.tag == "script" and element.text
        ):
            found.append(f"the element {element.tag}")
        for name, value in element.attrib.items():
            is_away = name in {"href", "src", "action"} and not value.startswith(("/", "#", "?"))
            if name.startswith("on") or (is_away and (element.tag, value) not in OUTSIDE):
                found.append(f"{element.tag} {name}={value[:60]}")
            if name in {"href", "src", "action"} and value.startswith(("//", "/\\")):
                found.append(f"{element.tag} {name}={value[:60]}")
    return found


def test_the_oracle_sees_what_is_hostile() -> None:
    """Else the test above could not fail."""
    assert not harms('<p><a href="/figures">a</a></p><script src="/static/write.js"></script>')
    hostile = (
        "<script>attacked()</script>", "<b onclick=a>", "<a href='javascript:a'>", "<base>",
        "<img src=//attack.example/a.png>", "<form action=https://attack.example/>",
    )  # fmt: skip
    for text in hostile:
        assert harms(f"<p>{text}</p>")
