"""Pages show files of the site and link to remote ones; feeds have texts as they are."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from dateline.render.pages import Pages
from dateline.render.pages.body import at_home
from support.samples import documents, sample_entry, sample_feed, sample_picture, sample_publication

SITE = "https://news.example.org/"
ELSEWHERE = "https://upload.example.net/a.png?b=1&c=2"
AT = "(<bdi>a.org</bdi>)"
FETCHED = re.compile(r'<(?:img|script|source|audio|video|iframe)\b[^>]* src="([^"]*)"')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>a</p>", "<p>a</p>"),
        (
            f'<p><img src="{SITE}media/a.png" alt="A"></p>',
            '<p><img src="../media/a.png" alt="A" fetchpriority="high"></p>',
        ),
        (
            f'<a title="{SITE}" href="{SITE}media/a.pdf">a</a>',
            f'<a title="{SITE}" href="../media/a.pdf">a</a>',
        ),
        (f'<a href="{SITE}">{SITE}</a>', f'<a href="../">{SITE}</a>'),
        (
            '1 <img src="https://a.org/b?c=1&amp;d=2" alt="&quot;A&quot; & <b>"> 2',
            f'1 <a href="https://a.org/b?c=1&amp;d=2">&quot;A&quot; &amp; &lt;b&gt;</a> {AT} 2',
        ),
        (
            '<img src="https://a.org/b.png" alt="">',
            '<a href="https://a.org/b.png"><bdi>a.org</bdi></a>',
        ),
        (
            '<img title="T" src="https://a.org:8443/b.png">',
            '<a href="https://a.org:8443/b.png">T</a> (<bdi>a.org:8443</bdi>)',
        ),
        (
            '<a href="https://b.org/"><em><img src="https://a.org/b.png" alt="A"></em></a>',
            '<a href="https://b.org/"><em>A (<bdi>a.org</bdi>)</em></a>',
        ),
        (
            '<a href="https://b.org/">b</a><img src="https://a.org/b.png" alt="A">',
            '<a href="https://b.org/">b</a><a href="https://a.org/b.png">A</a> (<bdi>a.org</bdi>)',
        ),
        (
            '<img src="https://news.example.org.uk/b" alt="A">',
            '<a href="https://news.example.org.uk/b">A</a> (<bdi>news.example.org.uk</bdi>)',
        ),
        ('<abbr title="<img src=x>">a</abbr>', '<abbr title="<img src=x>">a</abbr>'),
    ],
)
def test_a_text_loads_nothing_remote(text: str, expected: str) -> None:
    """Files of the site have relative addresses; a link is never nested in another."""
    assert at_home(text, SITE, "../") == expected


def test_pages_link_to_remote_pictures_and_feeds_include_them() -> None:
    """Those of the entry and those in its text; Open Graph keeps the address too."""
    picture = sample_picture(url=ELSEWHERE, path=None)
    html = f'<p>Look: <img src="{ELSEWHERE.replace("&", "&amp;")}" alt="A crane"></p>'
    entry = sample_entry(image=picture, html=html)

    page = Pages(sample_publication(), [sample_feed()]).entry(entry).data.decode()

    escaped = ELSEWHERE.replace("&", "&amp;")
    assert FETCHED.findall(page) == ["../copy.js"]
    assert page.count(f'<a href="{escaped}">') == 2
    assert "(<bdi>upload.example.net</bdi>)" in page
    assert f'<meta property="og:image" content="{escaped}">' in page
    for form, document in documents(entry).items():
        assert b"upload.example.net" in document.data, form
        assert b"bdi" not in document.data, form


def test_own_files_have_relative_addresses() -> None:
    """They work at whichever address the page is read."""
    page = Pages(sample_publication(), [sample_feed()]).entry(sample_entry()).data.decode()

    assert FETCHED.findall(page) == ["../copy.js", "../media/5f2c-harbour.jpg"]
    assert '<a href="../media/77aa-report.pdf"' in page


def test_corrections_are_shown_once_in_the_language_of_the_page() -> None:
    """All at its head; no date stays in ISO format."""
    entry = sample_entry(language="ar", title="a", html="<p>b</p>")
    made = Pages(sample_publication(), [sample_feed()])

    page = made.entry(entry).data.decode()
    retracted = made.entry(replace(entry, retracted=entry.updated)).data.decode()

    (notice,) = re.findall(r'<p class="notice">(.*?)</p>', page, re.DOTALL)
    assert "<strong>صُحّح</strong>" in notice
    assert ">21 أكتوبر 2008</time>" in notice
    assert "three" in notice
    assert ">2008-10-21<" not in page
    assert page.count("but three.") == 2  # on the page, and in JSON-LD
    assert len(re.findall("أُلغي</strong>", retracted)) == 1
    assert "سحب" not in retracted
