"""Markdown becomes HTML that is safe and does not mislead."""

from __future__ import annotations

import re
from html import escape
from time import process_time

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.entries.normalise import markdown
from support.publication import Newsroom, entry_file

BASE = "https://news.example.org/2008/"
MAIL_LINK = '<a href="mailto:info@example.org">info@example.org</a>'
FILES = {"photo.jpg": "https://news.example.org/media/1-photo.jpg"}


def shown(text: str) -> str:
    """Return the HTML of a text beside which one picture lies."""
    return markdown.to_html(text, base=BASE, beside=FILES.get)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Plain *and* **bold**", "<p>Plain <em>and</em> <strong>bold</strong></p>"),
        ("~~gone~~", "<p><del>gone</del></p>"),
        ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>"),
        ("&eacute; &#233; &amp;lt;", "<p>é é &amp;lt;</p>"),
        ("[a](b.html)", f'<p><a href="{BASE}b.html">a</a></p>'),
        ("[a](/b)", '<p><a href="https://news.example.org/b">a</a></p>'),
        ("[a](//example.com/b)", '<p><a href="https://example.com/b">a</a></p>'),
        ("[a](photo.jpg)", f'<p><a href="{FILES["photo.jpg"]}">a</a></p>'),
        ("![a](photo.jpg)", f'<p><img src="{FILES["photo.jpg"]}" alt="a"></p>'),
        ("[a](mailto:a@example.org)", '<p><a href="mailto:a@example.org">a</a></p>'),
        ("[a](a@example.org)", '<p><a href="mailto:a@example.org">a</a></p>'),
        ("o'hara@example.org, j.o’neill@example.org",
         "<p>o'hara@example.org, j.o’neill@example.org</p>"),
        ("À l'info@example.org, d’info@example.org",
         f"<p>À l'{MAIL_LINK}, d’{MAIL_LINK}</p>"),
        ("[a](https:/example.org/b)", '<p><a href="https://example.org/b">a</a></p>'),
        ("[a](tel:+43123)", '<p><a href="tel:+43123">a</a></p>'),
        ("[a](#top)", "<p><a>a</a></p>"),
        ("[a](HTTP://Example.ORG)", '<p><a href="http://example.org/">a</a></p>'),
        ("[a](https://example.org/?q=1&r=2)",
         '<p><a href="https://example.org/?q=1&amp;r=2">a</a></p>'),
        ("[a](https://example.org/#b)", '<p><a href="https://example.org/#b">a</a></p>'),
        ("[a](https://example.org/ 'x \"y\" <z>')",
         '<p><a href="https://example.org/" title="x &quot;y&quot; &lt;z&gt;">a</a></p>'),
        ("<https://example.org/é>",
         '<p><a href="https://example.org/%C3%A9">https://example.org/é</a></p>'),
        ('<p lang="ar" dir="rtl">x</p>', '<p lang="ar" dir="rtl">x</p>'),
        ('<p lang="a b" dir="up" class="c" id="d" style="color:red">x</p>', "<p>x</p>"),
    ],
)  # fmt: skip
def test_harmless_markup_is_kept(text: str, html: str) -> None:
    """Addresses become absolute, entities become characters, attributes stay."""
    assert shown(text) == html


@pytest.mark.parametrize(
    ("text", "address", "around"),
    [
        ("{}", "https://www.instagram.com/_harbour_/", "<p>{}</p>"),
        ("{}", "www.instagram.com/_harbour_/", "<p>{}</p>"),
        ("{} and {}", "https://youtu.be/_dQw4w9WgXc_", "<p>{} and {}</p>"),
        ("{}", "https://example.org/?_gl=1*abc*_ga*MTI", "<p>{}</p>"),
        ("{}", "https://example.org/?a=1&__cft__[0]=AZ&__tn__=-UC", "<p>{}</p>"),
        ("{}&", "https://example.org/?a=1", "<p>{}&amp;</p>"),
        ("**{}**", "https://example.org/_a_", "<p><strong>{}</strong></p>"),
        ("_{}_", "https://example.org/a_b", "<p><em>{}</em></p>"),
        ("*See {}*, **{}**.", "https://example.org/~a/_b_",
         "<p><em>See {}</em>, <strong>{}</strong>.</p>"),
        ("~~{}~~", "https://example.org/", "<p><del>{}</del></p>"),
        ("[{}]({})", "https://example.org/_a_", "<p>{}</p>"),
        ("<{}>", "https://example.org/*a*_b_", "<p>{}</p>"),
    ],
)  # fmt: skip
def test_signs_in_a_bare_address_mark_no_words(text: str, address: str, around: str) -> None:
    """As those of Instagram and YouTube have them."""
    full = address if "://" in address else f"https://{address}"
    href = escape(full).replace("[", "%5B").replace("]", "%5D")
    link = f'<a href="{href}">{escape(address)}</a>'

    assert shown(text.format(address, address)) == around.format(link, link)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Leser*innen und ein*e Leiter*in", "Leser*innen und ein*e Leiter*in"),
        ("61%*, in the city 55%*, in the country 70%*.",
         "61%*, in the city 55%*, in the country 70%*."),
        ("adults (from 18)*, students (with card)*", "adults (from 18)*, students (with card)*"),
        ("*Leser*, **Leser*innen** und Leser*innen",
         "<em>Leser</em>, <strong>Leser*innen</strong> und Leser*innen"),
        ("*Hamlet*s Vater und *l’Express*", "<em>Hamlet</em>s Vater und <em>l’Express</em>"),
        ("l’*Express*, „*so*“", "l’<em>Express</em>, „<em>so</em>“"),
        ("*) nur Leser*innen und Hörer*innen", "*) nur Leser*innen und Hörer*innen"),
        ("请*务必*登记", "请<em>务必</em>登记"),
        ("*one* and\n*two* of `a*b*c`", "<em>one</em> and\n<em>two</em> of <code>a*b*c</code>"),
        ("2*3*4", "2*3*4"),
        ("»*Hamlet*«, ”*Nej*”", "»<em>Hamlet</em>«, ”<em>Nej</em>”"),
        ("***Note:** call* us", "<em><strong>Note:</strong> call</em> us"),
        ("*© WFP* and *#hope*", "<em>© WFP</em> and <em>#hope</em>"),
        ("ข่าว*สำคัญ*วันนี้", "ข่าว<em>สำคัญ</em>วันนี้"),
        ("ب*خبر*", "ب<em>خبر</em>"),
    ],
)  # fmt: skip
def test_stars_within_words_and_behind_figures_stay(text: str, html: str) -> None:
    """As people write who mean all genders, or add a footnote; emphasis is as before."""
    assert shown(text) == f"<p>{html}</p>"


def test_signs_in_an_address_within_code_stay() -> None:
    """So do those in the address of a picture."""
    said = "https://example.org/_a_*b*"

    assert shown(f"`{said}`") == f"<p><code>{said}</code></p>"
    assert shown(f"![a]({said})") == f'<p><img src="{said}" alt="a"></p>'


@pytest.mark.parametrize("tag", ["<img>", "<img src='d:/a.jpg'>", '<img alt="b src=">'])
def test_a_picture_without_an_address_is_removed(tag: str) -> None:
    """Readers see no frame of a missing picture."""
    assert shown(f"A{tag}B") == "<p>AB</p>"


@pytest.mark.parametrize("tag", ["h2", "ol", "q", "a", "b"])
def test_language_and_direction_are_checked_on_every_element(tag: str) -> None:
    """Invalid values are removed."""
    html = shown(f'<{tag} lang="fr" dir="up">x</{tag}>')

    assert html.removeprefix("<p>").startswith(f'<{tag} lang="fr">')


def test_a_markdown_table_becomes_a_table() -> None:
    """It has a head and a body."""
    html = shown("| a | b |\n|---|---|\n| 1 | 2 |")

    assert html.replace("\n", "") == (
        "<table><thead><tr><th>a</th><th>b</th></tr></thead>"
        "<tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<SCRIPT SRC=https://x.example/x.js></SCRIPT>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)><script>alert(1)</script></svg>",
        "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
        "<iframe src='https://x.example/'></iframe>",
        "<object data='x'></object><embed src='x'>",
        "<style>p { display: none }</style>",
        "<form action='https://x.example/'><input name='a'><button>b</button></form>",
        "<a href='javascript:alert(1)'>x</a>",
        "<a href='JaVaScRiPt:alert(1)'>x</a>",
        "<a href=' javascript:alert(1)'>x</a>",
        "<a href='java\nscript:alert(1)'>x</a>",
        "<a href='&#106;avascript:alert(1)'>x</a>",
        "[x](javascript:alert(1))",
        "[x](vbscript:x)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](data:image/svg+xml,%3Csvg/onload=alert(1)%3E)",
        "<a href='https://u:p@example.org/'>x</a>",
        "<base href='https://x.example/'>",
        "<meta http-equiv='refresh' content='0;url=https://x.example/'>",
        "<link rel=stylesheet href=https://x.example/x.css>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
        "<p title='\"><script>alert(1)</script>'>x</p>",
        "<a title='\"><img src=x onerror=alert(1)>' href='https://example.org/'>x</a>",
        "<!-- <img src='--><img src=x onerror=alert(1)//'>",
        "<table background='javascript:alert(1)'><td background='x'>x</table>",
    ],
)
def test_dangerous_markup_is_removed(text: str) -> None:
    """A browser's parser finds no active element, attribute or address."""
    assert_harmless(shown(text))


SCHEMES = (
    "sms", "javascript", "data", "vbscript", "file", "ftp", "blob", "intent", "geo", "callto",
    "whatsapp", "ms-word", "view-source", "x-apple.systempreferences", "ws", "about", "SMS", "smſ",
)  # fmt: skip


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    "form", ["[x]({0}:+43123)", "<a href='{0}:+43123'>x</a>", "<{0}:+43123>", "![x]({0}:+43123)"]
)
def test_links_have_only_web_mail_and_telephone_schemes(form: str, scheme: str) -> None:
    """No other scheme can start a program of the reader."""
    tree = html5lib.parseFragment(
        shown(form.format(scheme)), treebuilder="etree", namespaceHTMLElements=False
    )

    led = [value for element in tree.iter() for value in map(element.get, ("href", "src")) if value]
    assert all(value.startswith("https://news.example.org/") for value in led), led


@pytest.mark.parametrize("scheme", ["sms", "javascript", "data", "ftp"])
def test_no_document_has_another_scheme(newsroom: Newsroom, scheme: str) -> None:
    """Feeds, pages and calendars have none, whichever field it was typed in."""
    body = f'"""\n[x]({scheme}:+4312) and <a href=\'{scheme}:+4312\'>y</a>.\n"""'
    newsroom.drop("a.toml", entry_file(body=body))
    newsroom.drop("b.toml", entry_file("Other", link=f'"{scheme}:+4312"'))
    newsroom.build()

    documents = newsroom.feeds()
    assert len(newsroom.items()) == 1
    for path, (data, _) in documents.items():
        text = data.decode("latin-1")
        address = rf"""(?:href|src|url)["']?\s*[=:]\s*\\?["']?{scheme}:.4312"""
        assert not re.search(address, text), path
        assert f"<{scheme}:" not in text


ADDRESSES = st.sampled_from(["https://example.org/a?b=c&d", "javascript:x", "photo.jpg", "é", '"'])
SNIPPETS = st.lists(
    st.one_of(
        st.text(max_size=6),
        ADDRESSES.map(lambda address: f"[x]({address})"),
        ADDRESSES.map(lambda address: f'<a title="&quot;><img src=y>" href="{address}">'),
        ADDRESSES.map(lambda address: f"<img alt='>' src='{address}' onerror=x>"),
        st.sampled_from(
            ["<p>", "</p>", "<table><td>", "<script>", "<svg>", "<a", "\n\n", "```", ">"]
        ),
    ),
    max_size=8,
)


@given(SNIPPETS)
def test_any_mixture_of_markup_is_harmless(snippets: list[str]) -> None:
    """Cleaning is idempotent, too."""
    html = shown("".join(snippets))

    assert_harmless(html)


def assert_harmless(fragment: str) -> None:
    """Check every element as a browser would build it."""
    tree = html5lib.parseFragment(fragment, treebuilder="etree", namespaceHTMLElements=False)
    for element in tree.iter():
        assert element.tag == "DOCUMENT_FRAGMENT" or element.tag in markdown._TAGS  # noqa: SLF001
        for name, value in element.attrib.items():
            assert name in {
                "alt", "colspan", "dir", "href", "lang", "reversed", "rowspan", "src", "start",
                "title", "type", "value",
            }  # fmt: skip
            if name in {"href", "src"}:
                assert value.startswith(("https://", "http://", "mailto:", "tel:"))
                assert "@" not in value.partition("://")[2].partition("/")[0]


@pytest.mark.parametrize(
    ("fragment", "text"),
    [
        ("<p>a</p><p>b</p>", "a b"),
        ("<p>a<br>b &amp; &lt;c&gt;</p>", "a b & <c>"),
        ("<ul>\n<li>a</li><li>b</li>\n</ul>", "a b"),
        ("<p>a<em>b</em>c</p>", "abc"),
    ],
)
def test_words_of_different_blocks_stay_apart(fragment: str, text: str) -> None:
    """Plain text has a space between them."""
    assert markdown.to_text(fragment) == text


@pytest.mark.parametrize(
    ("fragment", "has"),
    [("<p>a</p>", True), ("<p>报</p>", True), ("<p>\u200b</p>", False), ("<p> </p>", False),
     ("<hr>", False), ("<p>&amp;</p>", True), ("", False), ("<p>ab</p>", True)],
)  # fmt: skip
def test_invisible_characters_are_no_text(fragment: str, has: bool) -> None:  # noqa: FBT001
    """Spaces and zero-width characters do not count."""
    assert markdown.has_text(fragment) is has


def test_a_summary_ends_with_a_sentence_or_a_word() -> None:
    """It has at most 280 characters."""
    words = f"<p>{'word ' * 100}</p>"
    sentences = f"<p>{'This sentence has a few words more. ' * 12}</p>"

    assert markdown.summary_of("<p>Short.</p>") == "Short."
    assert markdown.summary_of(words).endswith("word…")
    assert markdown.summary_of(sentences).endswith("more.")
    assert max(len(markdown.summary_of(text)) for text in (words, sentences)) <= 280


def test_a_summary_of_a_script_without_spaces_ends_with_a_sentence_or_a_character() -> None:
    """A space at the start of a Chinese text is not where it is cut."""
    sentences = f"<p>UNODC {'今天在维也纳发布了关于黎巴嫩人口贩运的报告。' * 20}</p>"
    words = f"<p>2026年 {'今天在维也纳发布了报告，' * 30}</p>"
    mixed = f"<p>2026年 {'今' * 270}UNODC {'今' * 30}</p>"

    assert markdown.summary_of(sentences).endswith("报告。")
    assert markdown.summary_of(words).endswith("…")
    assert markdown.summary_of(mixed) == f"2026年 {'今' * 270}…"
    assert all(250 < len(markdown.summary_of(text)) <= 280 for text in (sentences, words, mixed))


@pytest.mark.parametrize(
    "fragment",
    [
        '<p>a <a href="https://a.org/" title="1 > 0">b</a>, c<br>d</p>',
        "<p>AT&amp;T &amp;amp; 1 &lt; 2&nbsp;m</p>",
        "<h2>a</h2>\n<ul>\n<li>b</li><li>c</li>\n</ul><dl><dt>d</dt><dd>e</dd></dl>",
        '<p>a</p><img src="https://a.org/b.png" alt="c <d>">',
    ],
)
def test_a_summary_has_the_words_alone(fragment: str) -> None:
    """They are those that the parser of HTML finds."""
    text = f"{fragment}\n<p>{'b ' * 500}</p>"

    assert markdown.summary_of(text) == f"{markdown.to_text(text)[:279].rsplit(' ', 1)[0]}…"


@pytest.mark.parametrize("shown", [0, 10, 276, 280, 281, 2000])
def test_a_summary_has_as_many_words_after_long_addresses(shown: int) -> None:
    """Paragraphs may hold much HTML and few words."""
    links = f'<p><a href="https://a.org/{"b" * 900}">c</a></p>\n' * 2
    text = f"{links}<p>{'d' * shown}</p>\n<p>e</p>"

    expected = " ".join(f"c c {'d' * shown} e".split())
    assert markdown.summary_of(text) == (expected if len(expected) <= 280 else "c c…")


@pytest.mark.long
def test_tags_without_an_end_are_fast() -> None:
    """They are not searched for an end from each of their starts; else it takes minutes."""
    begun = process_time()

    markdown.cleaned("<style" * 20_000, base="https://x.example/")

    assert process_time() - begun < 2


def test_a_summary_leaves_no_direction_open() -> None:
    """An unclosed direction would reverse the rest of a page or a list."""
    assert markdown.summary_of("<p>\u202bab\u202c \u2067c\u2069</p>") == "ab c"


@pytest.mark.long
@pytest.mark.parametrize("marks", ["> ", ">>", "1. ", "- > ", "<ul><li>", "<div>", "<ul></div>"])
def test_deep_nesting_is_fast(marks: str) -> None:
    """Below a hundred levels markup is removed and text stays; shallow markup is unchanged."""
    text = f"{marks * 20_000}Words"
    begun = process_time()

    whole = shown(text)

    assert process_time() - begun < 5  # without a limit it takes minutes
    assert "Words" in whole
    assert shown("> a\n\n" * 200).count("<blockquote>") == 200


def test_a_summary_has_no_cells_of_tables_unless_there_is_nothing_else() -> None:
    """Headings of columns are no sentence that says what news is about."""
    table = (
        "<table><thead><tr><th>Port</th></tr></thead><tbody><tr><td>60</td></tr></tbody></table>"
    )

    assert markdown.summary_of(f"<p>The figures.</p>{table}<p>More.</p>") == "The figures. More."
    assert markdown.summary_of(table) == "Port 60"
