"""An entry's text has everything that belongs to it, as safe HTML."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dateline.model import Correction, Media
from dateline.render.entry_html import full_text
from support.samples import sample_entry, sample_entry_plain

PICTURE = Media(
    url="https://example.org/a.png?x=1&y=2",
    path="media/a.png",
    media_type="image/png",
    length=1,
    width=3,
    height=2,
    alt='"A" & <b>',
)


def test_a_body_alone_is_the_whole_text() -> None:
    """Nothing is added to it."""
    assert full_text(sample_entry_plain()) == "<p>Only a body.</p>"


def test_the_picture_goes_before_the_body() -> None:
    """It has its size, so that nothing jumps, and its alternative text, escaped."""
    entry = sample_entry(image=PICTURE, html="<p>Body.</p>", attachments=(), corrections=())

    assert full_text(entry) == (
        '<p><img src="https://example.org/a.png?x=1&amp;y=2" '
        'alt="&quot;A&quot; &amp; &lt;b&gt;" width="3" height="2"></p>\n<p>Body.</p>'
    )


def test_a_credit_makes_the_picture_a_figure() -> None:
    """The credit is its caption."""
    picture = Media(
        url="https://example.org/a.png",
        path=None,
        media_type="image/png",
        length=0,
        credit="Photo: A & B",
    )
    entry = sample_entry(image=picture, html="<p>Body.</p>", attachments=(), corrections=())

    assert full_text(entry) == (
        '<figure><img src="https://example.org/a.png" alt="">'
        "<figcaption>Photo: A &amp; B</figcaption></figure>\n<p>Body.</p>"
    )


def test_a_caption_goes_before_the_credit() -> None:
    """Each on a line of its own; a picture with a caption alone is a figure, too."""
    both = replace(PICTURE, caption="The <pier>", credit="Photo: A")
    alone = replace(both, credit="")

    shown = [full_text(sample_entry(image=one)) for one in (both, alone)]

    assert "<figcaption>The &lt;pier&gt;<br>Photo: A</figcaption></figure>" in shown[0]
    assert "<figcaption>The &lt;pier&gt;</figcaption></figure>" in shown[1]


def test_attachments_are_a_list_after_the_body() -> None:
    """A file without a title has its address as text."""
    files = (
        Media(url="https://a.example/a.pdf", path=None, media_type="application/pdf", length=0),
        Media(
            url="https://example.org/b.pdf",
            path="media/b.pdf",
            media_type="application/pdf",
            length=9,
            title="B & C",
        ),
    )
    entry = sample_entry(image=None, html="<p>Body.</p>", attachments=files, corrections=())

    assert full_text(entry).splitlines() == [
        "<p>Body.</p>",
        "<ul>",
        '<li><a href="https://a.example/a.pdf" type="application/pdf">https://a.example/a.pdf</a></li>',
        '<li><a href="https://example.org/b.pdf" type="application/pdf">B &amp; C</a></li>',
        "</ul>",
    ]


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Correction"), ("fr-CH", "Correction"), ("ru", "Исправление")]
)
def test_corrections_come_last_and_are_dated(language: str, word: str) -> None:
    """Each has its date, in the entry's language."""
    moments = (datetime(2008, 10, 21, tzinfo=UTC), datetime(2008, 10, 22, tzinfo=UTC))
    entry = sample_entry(
        image=None,
        html="<p>Body.</p>",
        attachments=(),
        language=language,
        corrections=tuple(Correction(moment=moment, text="3 < 4.") for moment in moments),
    )

    assert full_text(entry).splitlines() == [
        "<p>Body.</p>",
        f'<p><strong>{word} (<time dir="ltr">2008-10-21</time>):</strong> 3 &lt; 4.</p>',
        f'<p><strong>{word} (<time dir="ltr">2008-10-22</time>):</strong> 3 &lt; 4.</p>',
    ]


@pytest.mark.parametrize("language", ["ar", "he", "fa", "ur", "az-Arab"])
def test_right_to_left_text_has_its_direction(language: str) -> None:
    """Readers that ignore `lang` know `dir`."""
    entry = sample_entry(
        image=None, html="<p>Body.</p>", attachments=(), corrections=(), language=language
    )

    assert full_text(entry) == '<div dir="rtl">\n<p>Body.</p>\n</div>'
