"""The whole text of an entry as HTML: picture, body, attachments, corrections.

It is a valid fragment that can stand alone in a feed reader or an e-mail, or below the heading of
a page.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from dateline.entries.normalise.markdown import summary_of
from dateline.model import Correction, Entry, Media, Story
from dateline.rules.labels import CORRECTION, WHOLE, taken_back, word
from dateline.text.expressions import regex
from dateline.text.language import direction, is_alike

_BEGINNING = 20_000  # characters of a long text that hold its first sentences
# A picture alone in its paragraph, with a title.
_TITLED = regex(
    r'<p>(<img(?: (?!title=)[a-z]+="[^"]*")*) title="([^"]+)"((?: [a-z]+="[^"]*")*>)</p>'
)
# A whole tag; the values of attributes may hold `<` and `>`.
_WIDE = regex(r'<(/?)(table|pre)?(?:"[^"]*"|[^">])*>')


def full_text(entry: Entry) -> str:
    """Return the whole text of an entry as an HTML fragment (WHATWG HTML, section 13.4)."""
    story = entry.story
    parts = [
        _picture(story.image) if story.image else "",
        _retracted(entry.retracted, story) if entry.retracted else _captioned(story.html),
        _attachments(story.attachments, story.language) if story.attachments else "",
        *(_correction(correction, story.language) for correction in entry.corrections),
    ]
    return _directed("\n".join(part for part in parts if part), story.language)


def text_alone(story: Story) -> str:
    """Return the text of a story as `full_text` does, without its picture and files."""
    return _directed(_captioned(story.html), story.language)


def _directed(text: str, language: str) -> str:
    return f'<div dir="rtl">\n{text}\n</div>' if direction(language) == "rtl" else text


def shortened(entry: Entry, site: str) -> Entry:
    """Return an entry with its summary in place of its text, and a link to its page.

    For feeds that have no room for the text (`dateline.text.weight`).
    """
    story = entry.story
    summary = story.summary or summary_of(story.html[:_BEGINNING])
    link = f'<a href="{escaped(f"{site}{entry.slug}.html")}">{word(WHOLE, story.language)}</a>'
    return replace(entry, story=replace(story, html=f"<p>{escaped(summary)}</p>\n<p>{link}</p>"))


def scrollable(text: str) -> str:
    """Make elements that may be wider than a page scrollable by keyboard (WCAG 2.2, 2.1.1).

    >>> scrollable('<pre>a  b</pre>')
    '<pre tabindex="0">a  b</pre>'
    """
    return _WIDE.sub(_focusable, text) if "<table" in text or "<pre" in text else text


def _focusable(tag: re.Match[str]) -> str:
    end, name = tag.groups()
    if name == "table":
        return f"{tag[0]}</div>" if end else f'<div class="wide" tabindex="0">{tag[0]}'
    return f'{tag[0][:-1]} tabindex="0">' if name and not end else tag[0]


def escaped(text: str) -> str:
    """Escape `text` for HTML, also inside double quotes, without numeric references."""
    return html.escape(text, quote=False).replace('"', "&quot;")


def _picture(image: Media) -> str:
    size = f' width="{image.width}" height="{image.height}"' if image.width and image.height else ""
    picture = f'<img src="{escaped(image.url)}" alt="{escaped(image.alt)}"{size}>'
    caption = "<br>".join(escaped(text) for text in (image.caption, image.credit) if text)
    if not caption:
        return f"<p>{picture}</p>"
    return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>"


def _captioned(text: str) -> str:
    """Return a text in which pictures that stand alone have their titles as captions.

    >>> _captioned('<p><img src="a.png" alt="A" title="By night" width="8"></p>')
    '<figure><img src="a.png" alt="A" width="8"><figcaption>By night</figcaption></figure>'
    """
    return _TITLED.sub(_figure, text) if ' title="' in text else text


def _figure(found: re.Match[str]) -> str:
    caption = escaped(html.unescape(found[2]))
    return f"<figure>{found[1]}{found[3]}<figcaption>{caption}</figcaption></figure>"


def _attachments(files: Iterable[Media], language: str) -> str:
    lines = (
        f'<li><a href="{escaped(media.url)}" type="{escaped(media.media_type)}"'
        f"{_hreflang(media.language, language)}>{escaped(media.title or media.url)}</a></li>"
        for media in files
    )
    return "\n".join(("<ul>", *lines, "</ul>"))


def _hreflang(tag: str, language: str) -> str:
    return f' hreflang="{tag}"' if tag and not is_alike(tag, language) else ""


def _retracted(moment: datetime, story: Story) -> str:
    """Return the reason for a retraction, which replaces the text, after its label."""
    label = f"<p><strong>{taken_back(story)} ({_day(moment)}):</strong> "
    return label + story.html.removeprefix("<p>")


def _correction(correction: Correction, language: str) -> str:
    label = f"{word(CORRECTION, language)} ({_day(correction.moment)}):"
    return f"<p><strong>{label}</strong> {escaped(correction.text)}</p>"


def _day(moment: datetime) -> str:
    # Between right-to-left words a date without `dir` is shown back to front.
    return f'<time dir="ltr">{moment:%Y-%m-%d}</time>'
