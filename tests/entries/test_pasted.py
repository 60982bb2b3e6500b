"""Pasted text reaches readers as staff see it: in feeds, on pages, in six languages.

`data/pasted/cases.toml` has the cases: the text `pasted` into a body (or the name of a file that
has the content of a clipboard), the `html` that readers get, and the codes of messages (`told`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from time import process_time
from typing import Any

import html5lib
import pytest
import tomli

from dateline import config as configuration
from dateline.entries import pasted as body
from dateline.render.entry_html import scrollable
from dateline.render.pages.body import at_home
from support.paths import DATA
from support.publication import CONFIG, Newsroom

DATA = DATA / "pasted"
CASES: list[dict[str, Any]] = tomli.loads((DATA / "cases.toml").read_text(encoding="utf-8"))["case"]
SITE = "http://127.0.0.1:8000/"
LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")
ALL = "".join(
    f'\n[[feed]]\nname = "all-{tag}"\ntitle = "All {tag}"\ndescription = "x"\n'
    f'language = "{tag}"\nentries = 500\n'
    for tag in LANGUAGES
)


def pasted(case: Mapping[str, Any]) -> str:
    """Return the body of a case."""
    if "file" in case:
        return (DATA / str(case["file"])).read_bytes().decode().strip("\n")
    return str(case["pasted"])


def entry(case: Mapping[str, Any], number: int) -> str:
    """Return the file of a case."""
    body = pasted(case).replace("\\", "\\\\")
    link = f'link = "{case["link"]}"\n' if "link" in case else ""
    return (
        f'title = "Case {number}"\ndate = 2026-11-24\nlanguage = "{case["language"]}"\n{link}'
        f'body = """\n{body}\n"""\n'
    )


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """Publish all cases in one run."""
    folder = tmp_path_factory.mktemp("pasted")
    (folder / "config.toml").write_text(CONFIG + ALL, encoding="utf-8")
    room = Newsroom(folder)
    room.drop("report final (2).csv", "Year,Cases\n2007,60\n")
    for number, case in enumerate(CASES):
        room.drop(f"case{number:03}.toml", entry(case, number))
    room.build()
    yield room
    assert configuration.load(folder / "config.toml")


def reported(room: Newsroom, number: int) -> list[str]:
    """Return the codes of the messages about a case."""
    name = f"case{number:03}.toml"
    return [problem.code for problem in room.log[-1].problems if problem.file == name]


def html_in(room: Newsroom, number: int) -> str:
    """Return the HTML of a case in a feed."""
    language = CASES[number]["language"]
    items = json.loads((room.folder / f"feeds/all-{language}.json").read_bytes())["items"]
    (item,) = [item for item in items if item["title"] == f"Case {number}"]
    whole = str(item["content_html"])
    return (
        whole.removeprefix('<div dir="rtl">\n').removesuffix("\n</div>")
        if (language == "ar")
        else whole
    )


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda n: CASES[n]["name"])
def test_pasted_text_reaches_readers(published: Newsroom, number: int) -> None:
    """Feeds and page have the same text, and repairs are reported."""
    case = CASES[number]

    html = html_in(published, number)

    assert (html, reported(published, number)) == (case["html"].strip("\n"), case["told"])
    (page,) = (published.folder / "feeds/2026/11").glob(f"case-{number}.html")
    assert scrollable(at_home(html, SITE, "../../")) in page.read_text(encoding="utf-8")
    atom = (published.folder / f"feeds/all-{case['language']}.atom").read_text(encoding="utf-8")
    assert "".join(html.split()) in "".join(unescape(atom).split())


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda n: CASES[n]["name"])
def test_a_page_has_one_h1_and_unique_ids(published: Newsroom, number: int) -> None:
    """Pasted markup is valid below the page's title, for an HTML5 parser."""
    page = (published.folder / f"feeds/2026/11/case-{number}.html").read_text(encoding="utf-8")
    strict = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)

    tree = strict.parse(page)

    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(list(tree.iter("h1"))) == 1
    assert len(ids) == len(set(ids))


def test_there_are_cases_in_every_language() -> None:
    """Each has at least ten, and names are unique."""
    count = {tag: sum(case["language"] == tag for case in CASES) for tag in LANGUAGES}
    names = [case["name"] for case in CASES]

    assert len(CASES) >= 100
    assert min(count.values()) >= 10
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "text",
    [
        "Text.\n\n- one\n- *two*\n- a) three\n\nText.",
        "* a  b\n* c  d\n\n+ e",
    ],
)
def test_lists_in_markdown_stay_as_they_are(text: str) -> None:
    """They are not searched for marks of word processors, and nothing is reported."""
    reported: list[tuple[str, str]] = []

    assert body.read(text, lambda *found: reported.append(found)) == text
    assert reported == []


@pytest.mark.parametrize(
    "evil",
    [
        "<p style='mso-list:l0 level1'><span " + "mso-list:ignore " * 10_000 + "</p>",
        "a" + "\u3000" * 50_000 + "b\nc",
        "<p style='mso-hide:all'>" * 10_000 + "<span display" + ":\t" * 20_000,
        "<p hidden>" * 10_000 + "\n~~~" * 9_999 + "<p '" + ' hidden"' * 9_999 + ">",
    ],
)
def test_no_body_takes_long(evil: str) -> None:
    """A body that repeats something is read as quickly as another; else it takes minutes."""
    began = process_time()

    body.read(evil, lambda *_: None)

    assert process_time() - began < 2


def test_entry_files_are_not_written(published: Newsroom) -> None:
    """Repairs are made in memory only."""
    for number, case in enumerate(CASES):
        path = published.folder / f"entries/case{number:03}.toml"
        assert path.read_text(encoding="utf-8") == entry(case, number)


def test_pasted_code_of_programs_leaves_no_trace(published: Newsroom) -> None:
    """No style, condition, prefix or class of a word processor reaches readers."""
    for number, case in enumerate(CASES):
        if "file" in case:
            html = html_in(published, number)
            assert not re.search(r"mso|Mso|<o:|\[if|endif|style|class|font|StartFragment", html)
