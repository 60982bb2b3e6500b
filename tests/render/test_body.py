"""A page shows what is on the site, and leads to what is elsewhere; feeds have it as it is."""

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
            '<p><img src="../media/a.png" alt="A"></p>',
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
def test_a_text_asks_for_nothing_elsewhere(text: str, expected: str) -> None:
    """What is on the site is named from where the page is; a link is never put into another."""
    assert at_home(text, SITE, "../") == expected


def test_a_page_leads_to_pictures_elsewhere_and_feeds_have_them() -> None:
    """Both the entry's own and those in its text; what is shared keeps the address as well."""
    picture = sample_picture(url=ELSEWHERE, path=None)
    html = f'<p>Look: <img src="{ELSEWHERE.replace("&", "&amp;")}" alt="A crane"></p>'
    entry = sample_entry(image=picture, html=html)

    page = Pages(sample_publication(), [sample_feed()]).entry(entry).data.decode()

    escaped = ELSEWHERE.replace("&", "&amp;")
    assert FETCHED.findall(page) == []
    assert page.count(f'<a href="{escaped}">') == 2
    assert "(<bdi>upload.example.net</bdi>)" in page
    assert f'<meta property="og:image" content="{escaped}">' in page
    for form, document in documents(entry).items():
        assert b"upload.example.net" in document.data, form
        assert b"bdi" not in document.data, form


def test_own_pictures_and_files_are_named_from_the_page() -> None:
    """So that they are there at whichever address the page is read."""
    page = Pages(sample_publication(), [sample_feed()]).entry(sample_entry()).data.decode()

    assert FETCHED.findall(page) == ["../media/5f2c-harbour.jpg"]
    assert '<a href="../media/77aa-report.pdf"' in page


def test_what_was_wrong_is_told_once_in_the_words_and_dates_of_the_page() -> None:
    """At its head, all of it; no date is left as programs write it."""
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
