"""Which HTML do readers of WordPress see for what its editors wrote?

Its own rules, as far as exports need them: a blank line makes a paragraph (`wpautop`), and words
in square brackets are short for something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BLOCK = re.compile(
    r"<(?:/?(?:address|article|aside|blockquote|d[dlt]|div|figcaption|figure|footer|form|h[1-6]"
    r"|header|hr|iframe|li|ol|p|pre|script|section|style|table|tbody|td|tfoot|th|thead|tr|ul)\b|!--)",
    re.IGNORECASE,
)
# What is never closed goes to the end, as in browsers; so each is looked through once.
_PRE = re.compile(
    r"(<(?:pre|script|style)\b.*?(?:</(?:pre|script|style)>|\Z))", re.DOTALL | re.IGNORECASE
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# What WordPress itself and its most used plugins know; other brackets are the authors' own.
_WORD = re.compile(
    r"\[(?P<slash>/?)(?P<name>caption|embed|gallery|playlist|audio|video|contact-form(?:-7)?"
    r"|gravityform|googlemaps|youtube|vimeo|vc_\w+|et_pb_\w+|su_\w+|fusion_\w+"
    r"|elementor-template|wpforms|ninja_form|sc_\w+)\b(?P<more>[^\[\]]*)\]",
    re.IGNORECASE,
)
_FILE = re.compile(r"\b(?:src|mp3|mp4|m4a|ogg|webm|wav)=[\"']([^\"']+)[\"']", re.IGNORECASE)
_PICTURE = re.compile(r"\s*+(?:<a\b[^<>]*+>)?\s*+<img\b[^<>]*+>\s*+(?:</a>)?", re.IGNORECASE)


def to_html(text: str) -> tuple[str, list[str]]:
    """Give the HTML of a post, and what it had that is lost.

    >>> to_html("Two [gallery ids='1,2']")
    ('<p>Two </p>', ['has [gallery], which is left out'])
    """
    text = _COMMENT.sub("", text.replace("\r\n", "\n"))
    lost: dict[str, None] = {}
    parts = _PRE.split("".join(_expanded(text, lost)))
    losses = [f"has [{name}], which is left out" for name in lost]
    return "\n".join(filter(None, map(_paragraphs, parts))), losses


def _expanded(text: str, lost: dict[str, None]) -> Iterator[str]:
    """Give a text piece by piece with what its words in brackets stand for; `lost` gets others."""
    words = list(_WORD.finditer(text))
    done = 0
    in_caption = False
    for word, following in zip(words, [*words[1:], None], strict=False):
        if word.start() < done:
            continue
        yield text[done : word.start()]
        done = word.end()
        name = word["name"].lower()
        closing = following if following and _closes(following, name) else None
        inside = text[done : closing.start()] if closing else ""
        if name == "caption" and not word["slash"] and (found := _PICTURE.match(inside)):
            in_caption = True
            yield f"<figure>{found[0].strip()}<figcaption>"
            done += found.end()
        elif name == "caption":
            yield "</figcaption></figure>" * in_caption
            in_caption = False
        elif name == "embed" and closing and len(inside.split()) == 1:
            yield f'<a href="{inside.strip()}">{inside.strip()}</a>'
            done = closing.end()
        elif name in {"audio", "video"} and (file := _FILE.search(word["more"])):
            yield f'<a href="{file[1]}">{file[1]}</a>'
            done = closing.end() if closing and not inside.strip() else done
        elif name != "embed":
            lost[name] = None
    yield text[done:]


def _closes(word: re.Match[str], name: str) -> bool:
    return bool(word["slash"]) and word["name"].lower() == name


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
