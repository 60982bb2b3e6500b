"""What somebody copied in Word, in Google Docs or on a web page, as Markdown for the form."""

from __future__ import annotations

import re
from http.client import REQUEST_ENTITY_TOO_LARGE

from flask import Response, abort, request
from werkzeug.wrappers import Response as AnyResponse

from dateline.entries.normalise import markdown
from dateline.entries.pasted import office
from dateline.errors import MarkupError
from dateline.newsroom.state import Newsroom
from dateline.text.expressions import regex

_LONGEST = 300_000  # characters of HTML, without style sheets and the like
_BASE = "https://nowhere.invalid/"
# Parts that are no text, and text that was deleted while changes were tracked.
_LEFT_OUT = (
    ("<head", "</head>"), ("<del", "</del>"), ("<script", "</script>"), ("<style", "</style>"),
)  # fmt: skip
# Pictures, whose addresses are those of the clipboard or of another site; the start of a link
# within the document, such as to a footnote.
_TAGS = regex(
    r"<img\b[^<>]*>|<v:imagedata\b[^<>]*>|<a\b(?=[^<>]*\bhref=[\"']?#)(?![^<>]*(?:msocom|#cmnt))[^<>]*>",
    re.IGNORECASE,
)
_EMPTY = regex(
    r"<(?P<name>b|strong|i|em|u|span)\b[^<>]*>(?P<text>(?:\s|&nbsp;)*+)</(?P=name)>",
    re.IGNORECASE,
)


def paste(_: Newsroom) -> AnyResponse:
    """Return the HTML of a clipboard as Markdown; 413 for too much."""
    html = shortened(request.form.get("html", ""))
    if len(html) > _LONGEST:
        abort(REQUEST_ENTITY_TOO_LARGE)
    try:
        text = markdown_of(html)
    except MarkupError:
        abort(REQUEST_ENTITY_TOO_LARGE)
    return Response(text, content_type="text/plain; charset=utf-8")


def markdown_of(html: str) -> str:
    """Return the HTML of a clipboard as Markdown: its words, links, lists and tables.

    >>> markdown_of("<p class=MsoNormal>Sixty <b style='mso-bidi-font-weight:normal'>cases</b></p>")
    'Sixty **cases**'
    """
    from dateline.entries.pasted import html_to_markdown  # noqa: PLC0415 - only where it is needed

    html = _TAGS.sub("", shortened(html))
    plain = _EMPTY.sub(r"\g<text>", office.plain(html, lambda *_: None))
    return html_to_markdown.from_html(markdown.cleaned(plain, base=_BASE), {})


def shortened(html: str) -> str:
    """Return HTML without style sheets, scripts and text that was deleted."""
    for start, end in _LEFT_OUT:
        html = office.without(html, start, end)
    return html
