"""Shortcodes and blocks in the posts of a WordPress export."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dateline.importing.sources import restricted
from dateline.text.expressions import regex

# ---- Parts for some readers alone

_CLOSING = regex(r"\[/([\w-]++)\]")
_COMMAND = regex(r"<!--\s*+wp:(?P<name>[\w/-]++)(?P<more>[^<>]*+)")


def for_some(text: str) -> Iterator[str]:
    """Yield what keeps a part of a text from some readers, or from all: shortcodes, blocks."""
    yield from (f"[{name}]" for name in restricted.restricting(_CLOSING.findall(text)))
    blocks = list(_COMMAND.finditer(text))
    names = restricted.restricting(block["name"] for block in blocks)
    yield from (f"the block {name}" for name in names)
    if any(restricted.is_hiding(block["more"]) for block in blocks):
        yield "a hidden block"
    if any(restricted.is_hiding(word["more"]) for word in _SHORTCODE.finditer(text)):
        yield "a part that its page builder hides"


def dynamic(text: str) -> Iterator[str]:
    """Yield the losses of blocks without text: WordPress or a plugin makes it for each reader."""
    blocks = _COMMAND.finditer(text)
    names = dict.fromkeys(block["name"] for block in blocks if block["more"].endswith("/--"))
    yield from (
        f"has {'a shared pattern' if name == 'block' else f'the block {name}'}, which is left out"
        for name in names
    )


def unknown(text: str) -> Iterator[str]:
    """Yield a loss for each shortcode around a part of a text that is none of those below."""
    names = dict.fromkeys(_CLOSING.findall(text))
    known = {*restricted.restricting(names), *(n for n in names if _SHORTCODE.match(f"[{n}]"))}
    for name in names:
        if name not in known:
            yield f"has [{name}], which stands as it is: may all readers see what it holds?"


# ---- Shortcodes

_BLOCK = regex(
    r"<(?:/?(?:address|article|aside|blockquote|d[dlt]|div|figcaption|figure|footer|form|h[1-6]"
    r"|header|hr|iframe|li|ol|p|pre|script|section|style|table|tbody|td|tfoot|th|thead|tr|ul)\b|!--)",
    re.IGNORECASE,
)
# An unclosed element extends to the end, as in browsers, so matching takes linear time.
_PRE = regex(
    r"(<(?:pre|script|style)\b.*?(?:</(?:pre|script|style)>|\Z))", re.DOTALL | re.IGNORECASE
)
_COMMENT = regex(r"<!--.*?(?:-->|\Z)", re.DOTALL)
# The shortcodes of WordPress and its most used plugins; other brackets are text.
_SHORTCODE = regex(
    r"\[(?P<slash>/?)(?P<name>caption|embed|gallery|playlist|audio|video|contact-form(?:-7)?"
    r"|gravityform|googlemaps|youtube|vimeo|vc_\w+|et_pb_\w+|su_\w+|fusion_\w+"
    r"|elementor-template|wpforms|ninja_form|sc_\w+)\b(?P<more>[^\[\]]*)\]",
    re.IGNORECASE,
)
# Begins the names of those of page builders that stand around a paragraph or more.
_APART = ("et_pb_", "fusion_builder", "fusion_text", "fusion_title", "vc_")
_FILE = regex(r"\b(?:src|mp3|mp4|m4a|ogg|webm|wav)=[\"']([^\"']+)[\"']", re.IGNORECASE)
_PICTURE = regex(r"\s*+(?:<a\b[^<>]*+>)?\s*+<img\b[^<>]*+>\s*+(?:</a>)?", re.IGNORECASE)


def to_html(text: str) -> tuple[str, list[str]]:
    """Return the HTML of a post, and its losses.

    >>> to_html("Two [gallery ids='1,2']")
    ('<p>Two </p>', ['has [gallery], which is left out'])
    """
    text = _COMMENT.sub("", text.replace("\r\n", "\n"))
    lost: dict[str, None] = {}
    parts = _PRE.split("".join(_expanded(text, lost)))
    losses = [f"has [{name}], which is left out" for name in lost]
    return "\n".join(filter(None, map(_paragraphs, parts))), losses


def _expanded(text: str, lost: dict[str, None]) -> Iterator[str]:
    """Yield a text with its shortcodes expanded; the names of the others are added to `lost`."""
    words = list(_SHORTCODE.finditer(text))
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
            yield "\n\n" * name.startswith(_APART)
            done = closing.end() if closing and name.startswith("vc_raw") else done  # in base64
    yield text[done:]


def _closes(word: re.Match[str], name: str) -> bool:
    return bool(word["slash"]) and word["name"].lower() == name


def _paragraphs(text: str) -> str:
    """Return a text with paragraphs in place of blank lines, except around block elements."""
    if _PRE.fullmatch(text):
        return text
    blocks = (block.strip("\n") for block in re.split(r"\n\s*\n", text))
    return "\n".join(
        block if _BLOCK.search(block) else f"<p>{block.replace(chr(10), '<br>')}</p>"
        for block in blocks
        if block.strip()
    )
