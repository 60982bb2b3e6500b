"""Which HTML do readers of WordPress see for what its editors wrote?

Its own rules, as far as exports need them: a blank line makes a paragraph (`wpautop`), and words
in square brackets are short for something.
"""

from __future__ import annotations

import re

_BLOCK = re.compile(
    r"<(?:/?(?:address|article|aside|blockquote|d[dlt]|div|figcaption|figure|footer|form|h[1-6]"
    r"|header|hr|iframe|li|ol|p|pre|script|section|style|table|tbody|td|tfoot|th|thead|tr|ul)\b|!--)",
    re.IGNORECASE,
)
_PRE = re.compile(r"(<(?:pre|script|style)\b.*?</(?:pre|script|style)>)", re.DOTALL | re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CAPTION = re.compile(
    r"\[caption\b[^\]]*\]\s*(?P<picture>(?:<a\b[^>]*>)?\s*<img\b[^>]*>\s*(?:</a>)?)"
    r"(?P<words>.*?)\[/caption\]",
    re.DOTALL | re.IGNORECASE,
)
_EMBED = re.compile(r"\[embed\b[^\]]*\]\s*(\S+?)\s*\[/embed\]", re.IGNORECASE)
_PLAYER = re.compile(
    r"\[(?:audio|video)\b[^\]]*?(?:src|mp3|mp4|m4a|ogg|webm|wav)=[\"']([^\"']+)[\"'][^\]]*\]"
    r"(?:\s*\[/(?:audio|video)\])?",
    re.IGNORECASE,
)
# What WordPress itself and its most used plugins know; other brackets are the authors' own.
_OTHER = re.compile(
    r"\[/?(gallery|playlist|audio|video|contact-form(?:-7)?|gravityform|googlemaps|youtube|vimeo"
    r"|vc_\w+|et_pb_\w+|su_\w+|fusion_\w+|elementor-template|wpforms|ninja_form|sc_\w+)\b[^\]]*\]",
    re.IGNORECASE,
)


def to_html(text: str) -> tuple[str, list[str]]:
    """Give the HTML of a post, and what it had that is lost.

    >>> to_html("Two [gallery ids='1,2']")
    ('<p>Two </p>', ['has [gallery], which is left out'])
    """
    text = _COMMENT.sub("", text.replace("\r\n", "\n"))
    text = _CAPTION.sub(r"<figure>\g<picture><figcaption>\g<words></figcaption></figure>", text)
    text = _EMBED.sub(r'<a href="\1">\1</a>', text)
    text = _PLAYER.sub(r'<a href="\1">\1</a>', text)
    names = dict.fromkeys(found.lower() for found in _OTHER.findall(text))
    losses = [f"has [{name}], which is left out" for name in names]
    parts = _PRE.split(_OTHER.sub("", text))
    return "\n".join(filter(None, map(_paragraphs, parts))), losses


def _paragraphs(text: str) -> str:
    """Make paragraphs of what blank lines part, where no element does so already."""
    if _PRE.fullmatch(text):
        return text
    blocks = (block.strip("\n") for block in re.split(r"\n\s*\n", text))
    return "\n".join(
        block if _BLOCK.search(block) else f"<p>{block.replace(chr(10), '<br>')}</p>"
        for block in blocks
        if block.strip()
    )
