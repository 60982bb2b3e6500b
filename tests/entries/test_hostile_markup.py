"""Published attacks by markup do nothing in any text: `data/attacks/markup.toml`, by html5lib.

`tests/outside/test_hostile_pages.py` shows the same with Chromium, on real pages.
"""

from __future__ import annotations

import json

import html5lib
import pytest

from dateline.entries.normalise import markdown
from dateline.newsroom.write.pasting import markdown_of
from dateline.text.characters import sifted
from support.attacks import Attack, attacks, name_of, whole
from support.harmless import harms
from support.publication import Newsroom, entry_file

BASE = "https://news.example.org/2008/"
ALL = attacks("markup")


@pytest.mark.parametrize("attack", ALL, ids=name_of)
def test_an_attack_by_markup_is_harmless(attack: Attack) -> None:
    """As Markdown, as HTML of an import, and as HTML of a clipboard; also when cleaned twice."""
    text = sifted(whole(attack["html"]))

    imported = markdown.cleaned(text, base=BASE)
    safe = {
        "Markdown": markdown.to_html(text, base=BASE, beside=lambda _: None),
        "import": imported,
        "import again": markdown.cleaned(imported, base=BASE),
        "clipboard": markdown.to_html(markdown_of(text), base=BASE, beside=lambda _: None),
    }

    assert {way: found for way, fragment in safe.items() if (found := harms(fragment))} == {}


@pytest.mark.parametrize(
    "fragment",
    [
        "<script>a</script>", "<p onclick=a>b</p>", "<a href='javascript:a'>b</a>", "<svg></svg>",
        "<a href='java\tscript:a'>b</a>", "</article>", "<p style=a>b</p>", "<plaintext>", "<!--",
        "<img src='data:image/png,a'>", "<a href='https://a@b.example/'>c</a>", "<table><tr><td>",
    ],
)  # fmt: skip
def test_the_oracle_sees_what_is_dangerous(fragment: str) -> None:
    """Else the tests above could not fail."""
    assert harms(fragment)
    assert harms(f"<p>a</p>{fragment}")


@pytest.mark.long
def test_no_document_runs_what_any_field_has(newsroom: Newsroom) -> None:
    """Each attack is a text, and each other field of an entry; all pages are parsed."""
    for number, attack in enumerate(ALL):
        text = sifted(whole(attack["html"]))[:900]
        line = json.dumps(" ".join(text.split())[:200], ensure_ascii=False)
        body = json.dumps(f"Words {text}", ensure_ascii=False)
        newsroom.drop(f"a{number}.toml", entry_file(f"Text {number}", body=body))
        fields = {"authors": f"[{line}]", "place": line, "categories": f"[{line}]"}
        newsroom.drop(f"b{number}.toml", entry_file(f"Fields {number}", **fields))
        newsroom.drop(f"c{number}.toml", entry_file(f"Title {number} {line[1:-1]}", summary=line))
    newsroom.build()

    pages = {path: data.decode() for path, (data, _) in newsroom.feeds().items() if ".html" in path}
    assert len(pages) > 1.5 * len(ALL)
    assert {path: found for path, text in pages.items() if (found := dangers(text))} == {}


def dangers(page: str) -> list[str]:
    """Return handlers, foreign scripts and addresses of programs in a page."""
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    found = []
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "script" and "attacked" in "".join(element.itertext()):
            found += [] if element.get("type") == "application/ld+json" else ["script"]
        for name, value in element.attrib.items():
            is_address = name in {"href", "src", "action", "formaction", "data", "poster"}
            bare = "".join(value.split()).lower()
            if name.startswith("on") or (is_address and bare.startswith(("javascript:", "data:"))):
                found.append(f"{element.tag} {name}={value[:60]}")
    return found
